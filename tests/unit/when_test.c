#include "core/when.h"

#include <criterion/criterion.h>
#include <string.h>
#include <time.h>

static struct instant parsed(const char *s)
{
    struct instant t = { 0 };
    cr_assert_eq(instant_parse(s, strlen(s), &t), E_OK, "%s", s);
    return t;
}

static enum err parse_error(const char *s)
{
    struct instant t;
    return instant_parse(s, strlen(s), &t);
}

Test(when, days_agree_with_the_c_library_from_1900_to_2199)
{
    for (int n = day_from_ymd(1900, 1, 1).n; n <= day_from_ymd(2199, 12, 31).n; n++) {
        int y, m, d;
        time_t t = (time_t)n * 86400;
        struct tm tm;
        gmtime_r(&t, &tm);
        day_to_ymd((struct day){ n }, &y, &m, &d);
        cr_assert(y == tm.tm_year + 1900 && m == tm.tm_mon + 1 && d == tm.tm_mday, "day %d", n);
        cr_assert_eq(day_from_ymd(y, m, d).n, n);
        cr_assert_eq(day_of_week((struct day){ n }), (tm.tm_wday + 6) % 7);
    }
}

Test(when, a_date_is_ten_bytes_and_real)
{
    static const char *const bad[] = { "2026-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "2026-04-00",
                                       "2026-4-1", "26-04-01", "2026/04/01", "2026-04-0a", "" };
    struct day d;
    char text[11];

    cr_assert_eq(day_parse("2028-02-29", 10, &d), E_OK);
    day_format(d, text);
    cr_assert_str_eq(text, "2028-02-29");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_assert_eq(day_parse(bad[i], strlen(bad[i]), &d), E_MALFORMED, "%s", bad[i]);
}

Test(when, an_instant_is_read_with_its_offset)
{
    cr_assert_eq(parsed("1970-01-01T00:00:01Z").s, 1);
    cr_assert_eq(parsed("2026-11-14T09:00:00Z").s, parsed("2026-11-14T10:00:00+01:00").s);
    cr_assert_eq(parsed("2026-11-14T09:00:00Z").s, parsed("2026-11-14 03:30:00-05:30").s);
    cr_assert_eq(parsed("2026-11-14T09:00:00Z").s, parsed("2026-11-14T09:00:00.999Z").s);
}

Test(when, what_is_no_instant_is_refused)
{
    static const char *const bad[] = { "2026-11-14T09:00:00", "2026-11-14T09:00Z", "2026-11-14T24:00:00Z",
        "2026-11-14T09:60:00Z", "2026-11-14T09:00:61Z", "2026-11-14T09:00:00+0100", "2026-11-14T09:00:00.Z",
        "2026-11-14T09:00:00ZZ", "2026-11-31T09:00:00Z", "2026-11-14T09:00:00.5", "2026-11-14T09:00:00+01:60" };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_assert_eq(parse_error(bad[i]), E_MALFORMED, "%s", bad[i]);
    cr_assert_eq(parse_error("1970-01-01T00:00:00Z"), E_RANGE, "zero means not said");
    cr_assert_eq(parse_error("2100-01-01T00:00:00Z"), E_RANGE);
    cr_assert_eq(parse_error("1969-12-31T23:59:59Z"), E_RANGE);
}

Test(when, an_instant_is_written_as_it_is_read)
{
    static const char *const same[] = { "1970-01-01T00:00:01Z", "2000-02-29T23:59:59Z", "2099-12-31T23:59:59Z" };
    char text[INSTANT_TEXT];

    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        instant_format(parsed(same[i]), text);
        cr_assert_str_eq(text, same[i]);
    }
}
