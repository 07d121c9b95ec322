/* schedule.h: the reports that come by themselves: each month and each quarter, once the 28 days after its end are over.
 *
 * Time is that of the draws, not of a clock. A report is made by `rightswatch report` in a process of its own, as known at the
 * first draw after those days: made a month later, or again, it is the same. It lies in DIR/2026-03 or DIR/2026-Q1 with its
 * SHA256SUMS; what lies there is not made again. */
#ifndef COMMANDS_SCHEDULE_H
#define COMMANDS_SCHEDULE_H

#include "sinks/opcc/holding.h"

#include <sys/types.h>

enum { SCHEDULE_AFTER_DAYS = 29, SCHEDULE_BACK_MAX = 12 };

struct schedule { const char *store, *reports, *force; struct day looked; pid_t child; char name[16]; struct day failed; };
/* reports NULL: none are made. */
void schedule_init(struct schedule *s, const char *store, const char *reports, const char *force);
/* Again and again, by the command's own thread, never waiting: begins what is due, one at a time, and says on standard error what was made. */
void schedule_look(struct schedule *s, struct holding *h);
void schedule_stop(struct schedule *s);             /* waits for the one under way */

/* The next due period that is not in `reports`, oldest first, as of what is known: its first and last day and its name. False: none. */
bool schedule_next(const char *reports, struct days_known known, struct day *ret_first, struct day *ret_last, char ret_name[16]);

#endif
