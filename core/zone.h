/* zone.h: a local time zone as a table of transitions, so that it can be kept with the record. */
#ifndef CORE_ZONE_H
#define CORE_ZONE_H

#include "core/when.h"

#define ZONE_TRANSITIONS_MAX 512
#define ZONE_SPANS 1960
#define ZONE_CHANGES INT32_MAX

struct zone_transition { struct instant at; int32_t offset; };  /* seconds east of UTC from `at` on */
struct zone {
    char name[64];                                              /* "Europe/London" */
    size_t count;                                               /* first row is at INSTANT_MIN */
    struct zone_transition row[ZONE_TRANSITIONS_MAX];
    bool is_indexed;                                            /* see zone_index */
    uint16_t row_of_span[ZONE_SPANS];
    int32_t offset_of_span[ZONE_SPANS];                         /* ZONE_CHANGES: within it, or within a day of it */
};
/* Makes asking quick, once the rows are there: for a zone that is asked all the time. */
void zone_index(struct zone *z);

/* Reads the machine's time zone database by way of the C library, 1970-2099.
 * Not thread-safe (it sets TZ for its duration): at start, before any thread.
 * E_UNKNOWN with why: no such zone installed. */
enum err zone_load(const char *name, struct zone *ret, struct why *why) MUST_USE;

int32_t zone_offset(const struct zone *z, struct instant t);    /* seconds east of UTC */
struct day zone_day(const struct zone *z, struct instant t);    /* the local date */
/* The local clock at t: seconds since local midnight of zone_day (0..86399). */
int zone_clock(const struct zone *z, struct instant t);
/* "17:00" on the local clock; "" at the last second of the local day, which is a deadline of whole days. */
void zone_deadline_clock(const struct zone *z, struct instant t, char ret[6]);

enum zone_fit { ZONE_ONCE, ZONE_TWICE, ZONE_NEVER };            /* ordinary, repeated hour, missing hour */
/* The instant at which the local clock shows `seconds` after midnight of `d`.
 * ZONE_TWICE: the first of the two. ZONE_NEVER: the instant of the transition. */
enum zone_fit zone_instant(const struct zone *z, struct day d, int seconds, struct instant *ret);
/* The last second of the local day: the instant before the next local midnight. */
struct instant zone_day_end(const struct zone *z, struct day d);

#endif
