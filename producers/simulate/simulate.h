/* simulate.h: a force of its own making, whose record system drops its extracts into a folder: batch by batch, a million crimes
 * in bounded memory.
 *
 * Between two batches a crime is a number in a queue, and is made again when a batch has rows of it. */
#ifndef PRODUCERS_SIMULATE_SIMULATE_H
#define PRODUCERS_SIMULATE_SIMULATE_H

#include "producers/simulate/truth.h"

struct simulate_options {
    uint64_t seed;
    uint32_t crimes;
    struct day from, to, until;         /* crimes are reported from .. to, extracts go on until the night after `until` */
    int64_t every_s;                    /* between batches: whole days (in the small hours), or less */
    struct parameters parameters;
    const char *drop;                   /* the folder the batches go into */
};
enum { BATCHES_MAX = 400000 };

struct simulate;
/* E_USAGE with why: more than BATCHES_MAX batches. E_IO, E_MEMORY. Not thread-safe (time zone). */
enum err simulate_open(const struct simulate_options *o, struct simulate **ret, struct why *why) MUST_USE;
void simulate_close(struct simulate **s);
/* Writes the next batch, or leaves it out where that is its dirt. E_END: there are no more. */
enum err simulate_next(struct simulate *s, struct why *why) MUST_USE;
uint64_t simulate_batches(const struct simulate *s);    /* in all, those that never arrive included */
const struct truth *simulate_truth(const struct simulate *s);   /* whole after E_END */
const struct world *simulate_world(const struct simulate *s);

#endif
