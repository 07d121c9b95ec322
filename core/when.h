/* when.h: three kinds of time that cannot be mixed up: instants, local days, monotonic time. */
#ifndef CORE_WHEN_H
#define CORE_WHEN_H

#include "core/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An instant: whole seconds since 1970-01-01T00:00:00Z. The law counts in
 * seconds: a fraction in the input is dropped. INSTANT_NONE is "not said". */
struct instant { int64_t s; };
/* A local calendar day: days since 1970-01-01. Which zone is in its context. */
struct day { int32_t n; };
/* Monotonic time: nanoseconds since some start; for waiting, never for the law. */
struct mono { int64_t ns; };

#define INSTANT_NONE ((struct instant){ 0 })
#define INSTANT_MIN  ((struct instant){ 1 })
#define INSTANT_MAX  ((struct instant){ 4102444799 })   /* 2099-12-31T23:59:59Z: accepted range ends here */
#define INSTANT_TEXT 32                                 /* bytes for instant_format */

static inline bool instant_is_set(struct instant t) { return t.s != 0; }
static inline bool instant_in_range(struct instant t) { return t.s >= INSTANT_MIN.s && t.s <= INSTANT_MAX.s; }
static inline bool instant_before(struct instant a, struct instant b) { return a.s < b.s; }
static inline bool instant_after(struct instant a, struct instant b) { return a.s > b.s; }
static inline bool instant_same(struct instant a, struct instant b) { return a.s == b.s; }
static inline struct instant instant_min(struct instant a, struct instant b) { return a.s < b.s ? a : b; }
static inline struct instant instant_max(struct instant a, struct instant b) { return a.s > b.s ? a : b; }
static inline struct instant instant_add(struct instant t, int64_t seconds) { return (struct instant){ t.s + seconds }; }

static inline struct day day_add(struct day d, int days) { return (struct day){ d.n + days }; }
static inline bool day_before(struct day a, struct day b) { return a.n < b.n; }
static inline bool day_same(struct day a, struct day b) { return a.n == b.n; }
int day_of_week(struct day d);                          /* 0 Monday .. 6 Sunday */
struct day day_from_ymd(int year, int month, int mday); /* proleptic Gregorian; month 1-12 */
void day_to_ymd(struct day d, int *ret_year, int *ret_month, int *ret_mday);
/* "2026-11-14", exactly ten bytes, a real date: E_MALFORMED else. */
enum err day_parse(const char *p, size_t n, struct day *ret) MUST_USE;
void day_format(struct day d, char ret[11]);            /* "2026-11-14" */

/* RFC 3339 with offset ("2026-11-14T09:00:00Z", "+01:00", fraction dropped, a
 * space for the T allowed). E_MALFORMED, or E_RANGE outside INSTANT_MIN..MAX. */
enum err instant_parse(const char *p, size_t n, struct instant *ret) MUST_USE;
/* "2026-11-14T09:00:00Z" */
void instant_format(struct instant t, char ret[INSTANT_TEXT]);

struct instant instant_now(void);                       /* the wall: only the clock role and logs may call it */
struct mono mono_now(void);
static inline int64_t mono_ms_since(struct mono since) { return (mono_now().ns - since.ns) / 1000000; }

#endif
