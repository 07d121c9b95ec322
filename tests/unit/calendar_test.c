#include "rules/calendar.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct calendar *calendar;
static char json[64 * 1024];
static size_t json_bytes;

static void load(void)
{
    FILE *f = fopen("rules/calendars/england-and-wales.json", "r");
    struct why why = { "" };

    cr_assert(f);
    json_bytes = fread(json, 1, sizeof json, f);
    fclose(f);
    cr_assert_eq(calendar_open(json, json_bytes, "england-and-wales", &calendar, &why), E_OK, "%s", why.text);
}

static void unload(void)
{
    calendar_close(&calendar);
}

TestSuite(calendar, .init = load, .fini = unload);

static struct day date(const char *s)
{
    struct day d = { 0 };
    cr_assert_eq(day_parse(s, 10, &d), E_OK, "%s", s);
    return d;
}

static const char *after(const char *from, int n)
{
    static char text[11];
    struct day d;

    cr_assert_eq(calendar_add_working(calendar, date(from), n, &d), E_OK);
    day_format(d, text);
    return text;
}

Test(calendar, counts_the_worked_cases)
{
    cr_assert_str_eq(after("2026-12-24", 1), "2026-12-29");     /* Christmas Day, its substitute for Boxing Day */
    cr_assert_str_eq(after("2026-12-24", 5), "2027-01-05");
    cr_assert_str_eq(after("2026-04-02", 1), "2026-04-07");     /* Easter */
    cr_assert_str_eq(after("2026-04-02", 5), "2026-04-13");
    cr_assert_str_eq(after("2026-11-14", 1), "2026-11-16");     /* a Saturday */
    cr_assert_str_eq(after("2026-11-14", 5), "2026-11-20");
}

Test(calendar, counts_backwards)
{
    cr_assert_str_eq(after("2027-01-05", -5), "2026-12-24");
    cr_assert_str_eq(after("2026-11-16", -1), "2026-11-13");
    cr_assert_str_eq(after("2026-11-14", -1), "2026-11-13");
    cr_assert_str_eq(after("2026-11-14", 0), "2026-11-14");
}

Test(calendar, knows_a_holiday_proclaimed_ten_days_ahead)
{
    cr_assert(!calendar_is_working(calendar, date("2022-09-19")));
    cr_assert_str_eq(calendar_holiday(calendar, date("2022-09-19")), "Bank Holiday for the State Funeral of Queen Elizabeth II");
    cr_assert_null(calendar_holiday(calendar, date("2022-09-20")));
}

Test(calendar, never_guesses_beyond_its_last_year)
{
    struct day d;

    cr_assert(day_same(calendar_first_day(calendar), date("2012-01-01")));
    cr_assert(day_same(calendar_last_day(calendar), date("2028-12-31")));
    cr_assert_eq(calendar_add_working(calendar, date("2028-12-28"), 1, &d), E_OK);
    cr_assert_eq(calendar_add_working(calendar, date("2028-12-29"), 1, &d), E_RANGE);
    cr_assert_eq(calendar_add_working(calendar, date("2029-01-01"), 1, &d), E_RANGE);
    cr_assert_eq(calendar_add_working(calendar, date("2012-01-03"), -1, &d), E_RANGE);
    cr_assert(!calendar_covers(calendar, date("2029-01-01")));
    cr_assert_null(calendar_holiday(calendar, date("2029-01-01")));
}

Test(calendar, agrees_with_walking_day_by_day)
{
    for (int n = date("2019-11-01").n; n < date("2023-03-01").n; n++) {
        for (int k = 1; k <= 40; k++) {
            struct day slow = { n }, fast;
            for (int left = k; left > 0;) {
                slow = day_add(slow, 1);
                left -= calendar_is_working(calendar, slow);
            }
            cr_assert_eq(calendar_add_working(calendar, (struct day){ n }, k, &fast), E_OK);
            cr_assert(day_same(slow, fast));
            cr_assert_eq(calendar_count_working(calendar, (struct day){ n }, slow), k);
        }
    }
}

static enum err opens(const char *text, struct why *why)
{
    struct calendar *c = NULL;
    enum err e = calendar_open(text, strlen(text), "england-and-wales", &c, why);
    calendar_close(&c);
    return e;
}

Test(calendar, refuses_a_list_that_cannot_be_whole)
{
    struct why why = { "" };

    cr_assert_neq(opens("{", &why), E_OK);
    cr_assert_eq(opens("{\"scotland\":{\"events\":[]}}", &why), E_MALFORMED);
    cr_assert_eq(opens("{\"england-and-wales\":{\"events\":[]}}", &why), E_MALFORMED);
    cr_assert_eq(opens("{\"england-and-wales\":{\"events\":[{\"title\":\"x\",\"date\":\"2026-02-30\"}]}}", &why), E_MALFORMED);
    cr_assert_eq(opens("{\"england-and-wales\":{\"events\":[{\"title\":\"x\",\"date\":\"2024-12-25\"},"
                       "{\"title\":\"x\",\"date\":\"2026-12-25\"}]}}", &why), E_RANGE);
    cr_assert(strstr(why.text, "2025"), "%s", why.text);
}

Test(calendar, takes_the_file_of_one_division_too)
{
    struct why why = { "" };

    cr_assert_eq(opens("{\"division\":\"england-and-wales\",\"events\":[{\"title\":\"x\",\"date\":\"2026-12-25\"}]}", &why), E_OK);
}
