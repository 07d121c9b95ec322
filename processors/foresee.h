/* foresee.h: what will be told if nothing more comes to be known: the fold goes on alone, tick by tick, as if every source stayed
 * complete. Nothing is written; a tracker may run on the folder meanwhile. */
#ifndef PROCESSORS_FORESEE_H
#define PROCESSORS_FORESEE_H

#include "processors/folder.h"
#include "core/wire.h"

/* First every row behind `after` that was told already, as it was told; then what is foreseen up to the end of the local day that
 * is `days` after the last tick's. A tick comes every five minutes. The telling lives until the next. */
enum err foresee_folder(const struct folder *f, uint64_t after, int days, enum err (*visit)(void *ctx, const struct telling *t), void *ctx,
                        struct why *why) MUST_USE;

#endif
