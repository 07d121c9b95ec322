/* recount.h: the rows of the compliance sink drawn again from the whole journal, as of a record: what the sink ought to hold. */
#ifndef PROCESSORS_RECOUNT_H
#define PROCESSORS_RECOUNT_H

#include "core/compliance.h"
#include "processors/folder.h"

/* Folds the journal up to and with `record` and draws every journey and crime as of then. Nothing is written; a tracker may
 * run beside it. `visit` is called for each row, law and `drawn` included, as draw_taker's put; an error of its ends it. progress may be NULL.
 * E_NOT_FOUND with why: no compliance sink was ever switched on here, or the journal does not reach `record`. */
enum err recount_folder(const struct folder *f, uint64_t record, enum err (*visit)(void *ctx, const struct compliance_row *row, uint64_t *said), void *ctx,
                        void (*progress)(uint64_t done, uint64_t all), struct why *why) MUST_USE;

#endif
