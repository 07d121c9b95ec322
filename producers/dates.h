/* dates.h: the forms in which an extract writes its times, and the zone of those that do not say theirs. */
#ifndef PRODUCERS_DATES_H
#define PRODUCERS_DATES_H

#include "core/yaml.h"
#include "core/zone.h"

enum { DATE_FORMS_MAX = 8 };
struct dates {
    bool has_zone;
    struct zone zone;
    size_t forms;
    char form[DATE_FORMS_MAX][32];      /* "rfc3339" or as for strptime */
};

/* Of a mapping's `time_zone:` and `dates:`, either of which may be missing. Not thread-safe (zone_load). */
enum err dates_read(struct dates *d, const struct yaml *y, const struct yaml_node *zone, const struct yaml_node *forms, struct why *why) MUST_USE;
/* The first form that fits counts. A local time that autumn repeats is the first of the two. E_MALFORMED, E_RANGE
 * with why: no form fits, no such day, the hour that spring leaves out, outside 1970 to 2099. */
enum err dates_parse(const struct dates *d, const char *name, struct text value, struct instant *ret, struct why *why) MUST_USE;
/* Was a local time that autumn repeats, as dates_parse gave it: written without an offset, and the first of the two. */
bool dates_is_ambiguous(const struct dates *d, struct text value, struct instant at);
/* A calendar day, by the forms that have no time in them, or 2026-11-14: 1850 to 2099, for people are older than computers. */
enum err dates_parse_day(const struct dates *d, const char *name, struct text value, struct day *ret, struct why *why) MUST_USE;

#endif
