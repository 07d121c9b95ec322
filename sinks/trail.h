/* trail.h: what can be done with a trail at rest. The sink itself is trail_sink, in sink.h. */
#ifndef SINKS_TRAIL_H
#define SINKS_TRAIL_H

#include "sinks/sink.h"

/* Who is erased from it: whose lines, and what stands there instead. */
struct trail_erasing {
    void *ctx;
    bool (*names)(void *ctx, struct text crime_ref, struct text victim_ref);
    /* The notice of that version as it is rendered now. Borrowed until the next call. */
    enum err (*again)(void *ctx, uint64_t version, struct notice *ret);
};
/* Writes the file anew where a line names somebody who is erased, and lets it take the old one's place. As many lines, in the same
 * order, of the same versions. No file: nothing to do. E_IO, E_CORRUPT with why: the old one stands. */
enum err trail_erase(const char *path, const struct trail_erasing *r, uint64_t *ret_lines, struct why *why) MUST_USE;

#endif
