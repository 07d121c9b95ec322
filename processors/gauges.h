/* gauges.h: how many obligations of each rule are open, missed and so on now, counted in slices between steps of the fold.
 *
 * There are no running counters, which drift: every journey is judged again, a few at a time, so that no answer waits for it.
 * A count is of the time its sweep took; a new one begins when something was folded since, after a rest: a longer one while
 * the fold is busy. */
#ifndef PROCESSORS_GAUGES_H
#define PROCESSORS_GAUGES_H

#include "processors/track.h"

enum { GAUGE_STATES = STATE_NOT_COMPUTABLE + 1 };
struct gauge { char rule[REF_BYTES_MAX + 1], edition[REF_BYTES_MAX + 1]; const char *basis; uint64_t count[GAUGE_STATES]; };

struct gauges;
enum err gauges_open(struct gauges **ret) MUST_USE;
void gauges_close(struct gauges **g);
/* Some more of the sweep, by the folding thread; busy: records wait to be folded. True: it goes on. A whole one is given to `whole`, borrowed for the call. */
bool gauges_step(struct gauges *g, struct track *t, bool busy, void (*whole)(void *ctx, const struct gauge *rule, size_t count), void *ctx);

#endif
