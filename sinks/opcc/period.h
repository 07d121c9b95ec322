/* period.h: runs of local days a report speaks of: a month, a quarter, any span, and those it is compared with. */
#ifndef SINKS_OPCC_PERIOD_H
#define SINKS_OPCC_PERIOD_H

#include "core/when.h"

enum { PERIOD_LABEL = 40, PERIOD_MONTHS = 13 };

struct period { struct day from, to; };     /* both days within */

static inline bool period_has(struct period p, struct day d) { return d.n >= p.from.n && d.n <= p.to.n; }
static inline bool period_same(struct period a, struct period b) { return a.from.n == b.from.n && a.to.n == b.to.n; }
static inline int period_days(struct period p) { return p.to.n - p.from.n + 1; }

struct period period_month_of(struct day d);
/* Whole months stay whole: the quarter before a quarter, the month before a month. Any other span: as
 * many days, ending the day before it begins. */
struct period period_before(struct period p);
/* The same a year earlier; 29 February is the 28th, and the end of a month stays the end of a month. */
struct period period_year_before(struct period p);
/* The 13 months that end with the month of its last day, earliest first. */
void period_months(struct period p, struct period ret[PERIOD_MONTHS]);
/* "March 2026", "January to March 2026", "2 to 9 April 2026": for people. */
void period_label(struct period p, char ret[PERIOD_LABEL]);
void period_short_label(struct period p, char ret[PERIOD_LABEL]);   /* "Mar 26" for a month; else as above */

#endif
