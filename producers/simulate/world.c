#include "producers/simulate/world.h"

#include <assert.h>
#include <stdlib.h>

/* The clocks of Europe/London change before three. */
enum { NIGHT_CLOCK = 3 * 3600 };
enum { EXTRACT_CLOCK = 2 * 3600, DAYS_BEFORE = 100, DAYS_AFTER = 1000 };

/* How busy a day is, in hundredths: Monday to Sunday, January to December. */
static const uint32_t weekday[7] = { 103, 98, 98, 99, 104, 103, 95 };
static const uint32_t month_of_year[12] = { 96, 95, 98, 99, 102, 104, 106, 104, 101, 101, 97, 95 };

static uint32_t how_busy(struct day d)
{
    int year, month, mday;

    day_to_ymd(d, &year, &month, &mday);
    return weekday[day_of_week(d)] * month_of_year[month - 1];
}

static enum err share_out(struct world *w)
{
    uint32_t days = (uint32_t)(w->to.n - w->from.n) + 1;
    uint64_t sum = 0, so_far = 0;

    if (!(w->first_of_day = calloc(days + 1, sizeof *w->first_of_day)))
        return E_MEMORY;
    for (uint32_t i = 0; i < days; i++)
        sum += how_busy(day_add(w->from, (int)i));
    for (uint32_t i = 0; i < days; i++) {
        so_far += how_busy(day_add(w->from, (int)i));
        w->first_of_day[i + 1] = (uint32_t)(w->crimes * so_far / sum);
    }
    assert(w->first_of_day[days] == w->crimes);
    return E_OK;
}

/* Nearly all times are asked for by their local clock, and nearly no day has two offsets. */
static enum err tabulate(struct world *w, struct day from, struct day until)
{
    w->first_offset = from;
    w->offsets = (size_t)(until.n - from.n);
    if (!(w->offset = calloc(w->offsets, sizeof *w->offset)))
        return E_MEMORY;
    for (size_t i = 0; i < w->offsets; i++) {
        struct instant noon;
        (void)zone_instant(&w->zone, day_add(from, (int)i), 12 * 3600, &noon);
        w->offset[i] = zone_offset(&w->zone, noon);
    }
    return E_OK;
}

enum err world_init(struct world *w, uint64_t seed, const struct parameters *p, uint32_t crimes, struct day from, struct day to,
                    struct day until, struct why *why)
{
    uint64_t a_year = (uint64_t)crimes * 365 / ((uint64_t)(to.n - from.n) + 1);
    enum err e;

    assert(!day_before(to, from) && !day_before(until, to) && to.n - from.n < WORLD_DAYS_MAX);
    *w = (struct world){ .seed = seed, .parameters = *p, .from = from, .to = to, .crimes = crimes };
    if ((e = zone_load("Europe/London", &w->zone, why)) || (e = share_out(w)) ||
        (e = tabulate(w, day_add(from, -DAYS_BEFORE), day_add(until, DAYS_AFTER))) ||
        (e = force_init(&w->force, seed, a_year, from, day_add(from, WORLD_DAYS_MAX + DAYS_AFTER)))) {    /* whatever `until` is */
        world_fini(w);
        return e;
    }
    w->end = world_at(w, day_add(until, 1), EXTRACT_CLOCK);
    return E_OK;
}

void world_fini(struct world *w)
{
    force_fini(&w->force);
    free(w->first_of_day);
    free(w->offset);
    w->first_of_day = NULL;
    w->offset = NULL;
}

struct day world_day_of(const struct world *w, uint32_t crime)
{
    uint32_t low = 0, high = (uint32_t)(w->to.n - w->from.n) + 1;

    assert(crime < w->crimes);
    while (high - low > 1) {
        uint32_t middle = (low + high) / 2;
        if (w->first_of_day[middle] <= crime)
            low = middle;
        else
            high = middle;
    }
    return day_add(w->from, (int)low);
}

struct instant world_at(const struct world *w, struct day d, int clock)
{
    size_t i = (size_t)(d.n - w->first_offset.n);
    struct instant t;

    if (clock >= NIGHT_CLOCK && i < w->offsets)     /* a day before the table wraps round to a large i */
        return (struct instant){ d.n * INT64_C(86400) + clock - w->offset[i] };
    (void)zone_instant(&w->zone, d, clock, &t);
    return t;
}

int32_t world_offset(const struct world *w, struct instant t)
{
    size_t i = (size_t)(t.s / 86400 - w->first_offset.n);

    if (i > 0 && i + 1 < w->offsets && w->offset[i - 1] == w->offset[i] && w->offset[i] == w->offset[i + 1])
        return w->offset[i];
    return zone_offset(&w->zone, t);
}

struct day world_day(const struct world *w, struct instant t) { return (struct day){ (int32_t)((t.s + world_offset(w, t)) / 86400) }; }
int world_clock(const struct world *w, struct instant t) { return (int)((t.s + world_offset(w, t)) % 86400); }

bool world_is_long_night(const struct world *w, struct day d)
{
    struct instant midnight = world_at(w, d, 0), next = world_at(w, day_add(d, 1), 0);

    return next.s - midnight.s > 86400;
}

static char *two(char *at, int value)
{
    at[0] = (char)('0' + value / 10);
    at[1] = (char)('0' + value % 10);
    return at + 2;
}

bool world_print_local(const struct world *w, struct instant t, char ret[20])
{
    int32_t offset = world_offset(w, t);
    int64_t local = t.s + offset;
    int clock = (int)(local % 86400), year, month, mday;
    char *at = ret;

    assert(local >= 0);
    day_to_ymd((struct day){ (int32_t)(local / 86400) }, &year, &month, &mday);
    at = two(two(at, year / 100), year % 100);
    *at++ = '-';
    at = two(at, month);
    *at++ = '-';
    at = two(at, mday);
    *at++ = ' ';
    at = two(at, clock / 3600);
    *at++ = ':';
    at = two(at, clock / 60 % 60);
    *at++ = ':';
    at = two(at, clock % 60);
    *at = 0;
    if (clock >= NIGHT_CLOCK)
        return false;
    /* An hour ago, or in an hour, the clock may show the same. */
    return zone_offset(&w->zone, instant_add(t, 3600)) < offset || zone_offset(&w->zone, instant_add(t, -3600)) > offset;
}
