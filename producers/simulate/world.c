#include "producers/simulate/world.h"

#include <assert.h>
#include <stdlib.h>

enum { EXTRACT_CLOCK = 2 * 3600, DAYS_AFTER = 1000 };

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

enum err world_init(struct world *w, uint64_t seed, const struct parameters *p, uint32_t crimes, struct day from, struct day to,
                    struct day until, struct why *why)
{
    uint64_t a_year = (uint64_t)crimes * 365 / ((uint64_t)(to.n - from.n) + 1);
    enum err e;

    assert(!day_before(to, from) && !day_before(until, to) && to.n - from.n < WORLD_DAYS_MAX);
    *w = (struct world){ .seed = seed, .parameters = *p, .from = from, .to = to, .crimes = crimes };
    if ((e = zone_load("Europe/London", &w->zone, why)) || (e = share_out(w)) ||
        (e = force_init(&w->force, seed, a_year, from, day_add(until, DAYS_AFTER)))) {
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
    w->first_of_day = NULL;
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
    struct instant t;

    (void)zone_instant(&w->zone, d, clock, &t);
    return t;
}

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
    int32_t offset = zone_offset(&w->zone, t);
    int64_t local = t.s + offset;
    struct day d = { (int32_t)(local / 86400) };
    int clock = (int)(local % 86400);
    char *at = ret;

    assert(local >= 0);
    day_format(d, at);
    at += 10;
    *at++ = ' ';
    at = two(at, clock / 3600);
    *at++ = ':';
    at = two(at, clock / 60 % 60);
    *at++ = ':';
    at = two(at, clock % 60);
    *at = 0;
    /* An hour ago, or in an hour, the clock may show the same. */
    return zone_offset(&w->zone, instant_add(t, 3600)) < offset || zone_offset(&w->zone, instant_add(t, -3600)) > offset;
}
