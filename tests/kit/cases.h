/* cases.h: invented cases by the thousand, for tests of the whole pipeline. The same seed gives the same cases. */
#ifndef TESTS_KIT_CASES_H
#define TESTS_KIT_CASES_H

#include <stddef.h>
#include <stdint.h>

struct cases { char **line; size_t count, cap; uint64_t random; };

/* Events of `journeys` victims, January to June 2026, in the order they were recorded: told in time,
 * late and never; corrections, withdrawals, facts of a crime with two victims, Enhanced Rights found late. */
void cases_make(struct cases *c, uint64_t seed, size_t journeys);
void cases_free(struct cases *c);
void cases_reverse(struct cases *c);
/* Each line moves by up to `days`. */
void cases_shuffle(struct cases *c, int days);
void cases_twice(struct cases *c);      /* every line comes again, some way after */
/* Lines [from, to); behind the last one the marks that say all is complete and what time it is. */
void cases_write_from(const struct cases *c, size_t from, size_t to, const char *path);
void cases_write(const struct cases *c, const char *path);

#define CASES_SOURCE "connect"
#define CASES_END "2026-08-01T00:00:00Z"

#endif
