/* behind.h: who is behind the keyed ids of the compliance sink: for those inside the force who have to go to the case. */
#ifndef PROCESSORS_BEHIND_H
#define PROCESSORS_BEHIND_H

#include "core/compliance.h"
#include "processors/folder.h"

/* Walks the journal and calls visit for every journey that was ever recorded, with its keyed id and its references, which are borrowed for the
 * call; for one journey perhaps several times. Erased ones are not there any more. An error of visit ends the walk. Nothing is
 * written; a tracker may run beside it. E_NOT_FOUND with why: no compliance sink was ever switched on in this folder. */
enum err behind_each(const struct folder *f, enum err (*visit)(void *ctx, const uint8_t id[KEYED_BYTES], struct text crime_ref, struct text victim_ref),
                     void *ctx, struct why *why) MUST_USE;

#endif
