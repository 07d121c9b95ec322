#include "core/zone.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct zone london;

static void load(void)
{
    struct why why = { "" };
    cr_assert_eq(zone_load("Europe/London", &london, &why), E_OK, "%s", why.text);
}

TestSuite(zone, .init = load);

static struct instant at(const char *s)
{
    struct instant t = { 0 };
    cr_assert_eq(instant_parse(s, strlen(s), &t), E_OK, "%s", s);
    return t;
}

static const char *local(const char *date, int hour, int minute, enum zone_fit *ret_fit)
{
    static char text[INSTANT_TEXT];
    struct day d;
    struct instant t;

    cr_assert_eq(day_parse(date, 10, &d), E_OK);
    *ret_fit = zone_instant(&london, d, hour * 3600 + minute * 60, &t);
    instant_format(t, text);
    return text;
}

Test(zone, a_zone_nobody_installed_is_refused)
{
    struct zone z;
    struct why why = { "" };

    cr_assert_eq(zone_load("Europe/Lodnon", &z, &why), E_UNKNOWN);
    cr_assert(strstr(why.text, "Europe/Lodnon"));
    cr_assert_eq(zone_load("../../etc/passwd", &z, &why), E_UNKNOWN);
    cr_assert_eq(zone_load("", &z, &why), E_UNKNOWN);
}

Test(zone, loading_leaves_tz_as_it_was)
{
    struct zone z;

    setenv("TZ", "Asia/Tokyo", 1);
    cr_assert_eq(zone_load("Europe/London", &z, NULL), E_OK);
    cr_assert_str_eq(getenv("TZ"), "Asia/Tokyo");
    cr_assert_str_eq(z.name, "Europe/London");
}

Test(zone, london_agrees_with_the_c_library_every_twenty_minutes_until_2060)
{
    setenv("TZ", "Europe/London", 1);
    tzset();
    for (int64_t s = 1; s < 2840140800; s += 1200) {
        time_t t = (time_t)s;
        struct tm tm;
        localtime_r(&t, &tm);
        cr_assert_eq(zone_offset(&london, (struct instant){ s }), tm.tm_gmtoff, "at %lld", (long long)s);
    }
}

Test(zone, the_clocks_go_back_on_25_october_2026)
{
    enum zone_fit fit;

    cr_assert_str_eq(local("2026-10-25", 1, 30, &fit), "2026-10-25T00:30:00Z");
    cr_assert_eq(fit, ZONE_TWICE);
    cr_assert_str_eq(local("2026-10-25", 2, 0, &fit), "2026-10-25T02:00:00Z");
    cr_assert_eq(fit, ZONE_ONCE);
    cr_assert_eq(zone_clock(&london, at("2026-10-25T00:30:00Z")), 5400);
    cr_assert_eq(zone_clock(&london, at("2026-10-25T01:30:00Z")), 5400);
}

Test(zone, the_clocks_go_forward_on_29_march_2026)
{
    enum zone_fit fit;

    cr_assert_str_eq(local("2026-03-29", 1, 30, &fit), "2026-03-29T01:00:00Z");
    cr_assert_eq(fit, ZONE_NEVER);
    cr_assert_str_eq(local("2026-03-29", 2, 0, &fit), "2026-03-29T01:00:00Z");
    cr_assert_eq(fit, ZONE_ONCE);
}

Test(zone, a_summer_evening_belongs_to_the_local_date)
{
    struct day d = zone_day(&london, at("2026-07-01T23:30:00Z"));
    cr_assert(day_same(d, day_from_ymd(2026, 7, 2)));
}

Test(zone, a_day_ends_a_second_before_the_next_local_midnight)
{
    char text[INSTANT_TEXT];

    instant_format(zone_day_end(&london, day_from_ymd(2026, 3, 29)), text);
    cr_assert_str_eq(text, "2026-03-29T22:59:59Z");
    instant_format(zone_day_end(&london, day_from_ymd(2026, 10, 25)), text);
    cr_assert_str_eq(text, "2026-10-25T23:59:59Z");
}

/* Havana's clocks go back at midnight, Casablanca's change four times a year, Lord Howe's by half an hour. */
Test(zone, an_index_changes_no_answer)
{
    static const char *const names[] = { "Europe/London", "America/Havana", "Africa/Casablanca", "Australia/Lord_Howe", "Pacific/Apia" };
    static struct zone plain, indexed;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        cr_assert_eq(zone_load(names[i], &plain, NULL), E_OK);
        indexed = plain;
        zone_index(&indexed);
        for (int64_t s = -86400; s < INSTANT_MAX.s + 86400 * 30; s += 3599) {
            struct instant t = { s }, a, b;
            struct day d = zone_day(&plain, t);
            int clock = zone_clock(&plain, t);
            cr_assert_eq(zone_offset(&indexed, t), zone_offset(&plain, t), "%s at %lld", names[i], (long long)s);
            cr_assert_eq(zone_day(&indexed, t).n, d.n, "%s at %lld", names[i], (long long)s);
            cr_assert_eq(zone_instant(&indexed, d, clock, &a), zone_instant(&plain, d, clock, &b), "%s at %lld", names[i], (long long)s);
            cr_assert_eq(a.s, b.s, "%s at %lld", names[i], (long long)s);
        }
    }
}

Test(zone, every_local_quarter_hour_comes_back)
{
    static const char *const names[] = { "Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata" };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        static struct zone z;
        cr_assert_eq(zone_load(names[i], &z, NULL), E_OK);
        for (int n = day_from_ymd(2024, 1, 1).n; n < day_from_ymd(2026, 1, 1).n; n++) {
            for (int clock = 0; clock < 86400; clock += 900) {
                struct instant t;
                if (zone_instant(&z, (struct day){ n }, clock, &t) == ZONE_NEVER)
                    continue;
                cr_assert_eq(zone_day(&z, t).n, n);
                cr_assert_eq(zone_clock(&z, t), clock);
            }
        }
    }
}
