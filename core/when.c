#include "core/when.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* Days are counted from 1 March of year 0, so that a leap day is a year's last. */
enum { DAYS_OF_400_YEARS = 146097, DAYS_TO_1970 = 719468 };

int day_of_week(struct day d)
{
    return (int)((((int64_t)d.n + 3) % 7 + 7) % 7);     /* 1 January 1970 was a Thursday */
}

struct day day_from_ymd(int year, int month, int mday)
{
    int y = year - (month <= 2);
    int era = (y >= 0 ? y : y - 399) / 400;
    int of_era = y - era * 400;
    int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + mday - 1;

    return (struct day){ era * DAYS_OF_400_YEARS + of_era * 365 + of_era / 4 - of_era / 100 + of_year - DAYS_TO_1970 };
}

void day_to_ymd(struct day d, int *ret_year, int *ret_month, int *ret_mday)
{
    int64_t z = (int64_t)d.n + DAYS_TO_1970;
    int64_t era = (z >= 0 ? z : z - (DAYS_OF_400_YEARS - 1)) / DAYS_OF_400_YEARS;
    int day_of_era = (int)(z - era * DAYS_OF_400_YEARS);
    int of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int of_year = day_of_era - (365 * of_era + of_era / 4 - of_era / 100);
    int m = (5 * of_year + 2) / 153;

    *ret_month = m < 10 ? m + 3 : m - 9;
    *ret_mday = of_year - (153 * m + 2) / 5 + 1;
    *ret_year = (int)(era * 400) + of_era + (*ret_month <= 2);
}

/* The number that the n digits at p spell, -1 if they are not all digits. */
static int digits(const char *p, int n)
{
    int v = 0;

    for (int i = 0; i < n; i++) {
        if (p[i] < '0' || p[i] > '9')
            return -1;
        v = v * 10 + (p[i] - '0');
    }
    return v;
}

enum err day_parse(const char *p, size_t n, struct day *ret)
{
    int y, m, d, back_y, back_m, back_d;
    struct day day;

    if (n != 10 || p[4] != '-' || p[7] != '-')
        return E_MALFORMED;
    y = digits(p, 4), m = digits(p + 5, 2), d = digits(p + 8, 2);
    if (y < 0 || m < 1 || m > 12 || d < 1)
        return E_MALFORMED;
    day = day_from_ymd(y, m, d);
    day_to_ymd(day, &back_y, &back_m, &back_d);
    if (back_d != d || back_m != m)                     /* 30 February comes back as 1 or 2 March */
        return E_MALFORMED;
    *ret = day;
    return E_OK;
}

void day_format(struct day d, char ret[11])
{
    int y, m, md;
    char text[40];

    day_to_ymd(d, &y, &m, &md);
    snprintf(text, sizeof text, "%04d-%02d-%02d", y, m, md);
    memcpy(ret, text, 10);
    ret[10] = '\0';
}

enum err instant_parse(const char *p, size_t n, struct instant *ret)
{
    struct day day;
    int h, m, s, offset = 0;
    size_t at = 19;
    struct instant t;

    if (n < 20 || day_parse(p, 10, &day) != E_OK || (p[10] != 'T' && p[10] != 't' && p[10] != ' '))
        return E_MALFORMED;
    if (p[13] != ':' || p[16] != ':')
        return E_MALFORMED;
    h = digits(p + 11, 2), m = digits(p + 14, 2), s = digits(p + 17, 2);
    if (h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s > 60)
        return E_MALFORMED;
    if (s == 60)                                        /* a leap second is the last of its minute */
        s = 59;
    if (p[at] == '.') {
        size_t first = ++at;
        while (at < n && p[at] >= '0' && p[at] <= '9')
            at++;
        if (at == first || at == n)
            return E_MALFORMED;
    }
    if (p[at] == 'Z' || p[at] == 'z') {
        at++;
    } else if ((p[at] == '+' || p[at] == '-') && n - at == 6 && p[at + 3] == ':') {
        int oh = digits(p + at + 1, 2), om = digits(p + at + 4, 2);
        if (oh < 0 || oh > 23 || om < 0 || om > 59)
            return E_MALFORMED;
        offset = (oh * 3600 + om * 60) * (p[at] == '-' ? -1 : 1);
        at += 6;
    } else {
        return E_MALFORMED;
    }
    if (at != n)
        return E_MALFORMED;
    t.s = (int64_t)day.n * 86400 + h * 3600 + m * 60 + s - offset;
    if (!instant_in_range(t))
        return E_RANGE;
    *ret = t;
    return E_OK;
}

void instant_format(struct instant t, char ret[INSTANT_TEXT])
{
    int64_t days = t.s / 86400 - (t.s % 86400 < 0);
    int clock = (int)(t.s - days * 86400);
    char date[11];

    day_format((struct day){ (int32_t)days }, date);
    snprintf(ret, INSTANT_TEXT, "%sT%02d:%02d:%02dZ", date, clock / 3600, clock / 60 % 60, clock % 60);
}

struct instant instant_now(void)
{
    return (struct instant){ (int64_t)time(NULL) };
}

struct mono mono_now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (struct mono){ (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec };
}
