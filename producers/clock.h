/* clock.h: the one role that says what time it is: a tick on every minute of the wall clock.
 *
 * A tick that was journalled cannot be unsaid. So the clock never goes back, and when
 * the wall leaps ahead of the machine's own steady count by more than `leap_s` (someone
 * set it wrong) it holds its tongue and says so, until the wall is back or it is restarted. */
#ifndef PRODUCERS_CLOCK_H
#define PRODUCERS_CLOCK_H

#include "core/link.h"

enum { CLOCK_LEAP_S = 3600 };

struct clock;
enum err clock_open(int64_t leap_s, struct clock **ret) MUST_USE;
void clock_close(struct clock **c);
struct link_source clock_source(struct clock *c);
bool clock_is_held(const struct clock *c);

#endif
