/* whatif.h: the whole journal judged under another law beside the real one. Nothing is written. */
#ifndef PROCESSORS_WHATIF_H
#define PROCESSORS_WHATIF_H

#include "processors/folder.h"

/* One obligation that is not the same under both. Texts borrow for the call. */
struct whatif_change {
    struct text crime_ref, victim_ref;
    const char *rule;
    bool was, is;                               /* owed under the real law; under the other one */
    enum state state_before, state_after;
    struct instant due_before, due_after;       /* INSTANT_NONE: not computable */
    const struct zone *zone_before, *zone_after;
};

struct whatif_options {
    const char *const *rulebooks;               /* count 0: those of the journal */
    size_t count;
    const char *calendar;                       /* NULL: that of the journal */
    bool only_open;                             /* only what is not settled under the real law */
};
struct whatif_counts { uint64_t records, journeys, obligations, same, moved, restated, gone, added; };

/* Works beside a running tracker. `visit` is called for each change in order of the journeys; an error of its ends it.
 * progress may be NULL. E_NOT_FOUND with why: the folder has no law yet. Reads the time zone database: before any thread. */
enum err whatif_folder(const struct folder *f, const struct whatif_options *o,
                       enum err (*visit)(void *ctx, const struct whatif_change *c), void *ctx,
                       void (*progress)(uint64_t done, uint64_t all), struct whatif_counts *ret, struct why *why) MUST_USE;

#endif
