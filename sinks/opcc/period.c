#include "sinks/opcc/period.h"

#include <stdio.h>

static const char *const month_name[] = { "January", "February", "March", "April", "May", "June", "July", "August",
                                          "September", "October", "November", "December" };

struct date { int year, month, mday; };

static struct date date_of(struct day d)
{
    struct date t;

    day_to_ymd(d, &t.year, &t.month, &t.mday);
    return t;
}

/* The first day of the month `months` after that of t. */
static struct day first_of(struct date t, int months)
{
    int m = t.year * 12 + t.month - 1 + months;

    return day_from_ymd(m / 12, m % 12 + 1, 1);
}

static struct day last_of(struct date t) { return day_add(first_of(t, 1), -1); }

static int length_of(struct date t) { return last_of(t).n - first_of(t, 0).n + 1; }

struct period period_month_of(struct day d)
{
    struct date t = date_of(d);

    return (struct period){ first_of(t, 0), last_of(t) };
}

static bool is_whole_months(struct period p)
{
    return date_of(p.from).mday == 1 && date_of(day_add(p.to, 1)).mday == 1;
}

struct period period_before(struct period p)
{
    struct date from = date_of(p.from), to = date_of(p.to);
    int months = (to.year - from.year) * 12 + to.month - from.month + 1;

    if (is_whole_months(p))
        return (struct period){ first_of(from, -months), day_add(p.from, -1) };
    return (struct period){ day_add(p.from, -period_days(p)), day_add(p.from, -1) };
}

struct period period_year_before(struct period p)
{
    struct date from = date_of(p.from), to = date_of(p.to);
    bool is_end = to.mday == length_of(to);

    from.year--;
    to.year--;
    if (from.mday > length_of(from))
        from.mday = length_of(from);
    if (is_end || to.mday > length_of(to))
        to.mday = length_of(to);
    return (struct period){ day_from_ymd(from.year, from.month, from.mday), day_from_ymd(to.year, to.month, to.mday) };
}

void period_months(struct period p, struct period ret[PERIOD_MONTHS])
{
    struct date t = date_of(p.to);

    for (int i = 0; i < PERIOD_MONTHS; i++) {
        struct day first = first_of(t, i - (PERIOD_MONTHS - 1));
        ret[i] = period_month_of(first);
    }
}

static void span_label(struct date a, struct date b, char ret[PERIOD_LABEL])
{
    if (a.year != b.year)
        snprintf(ret, PERIOD_LABEL, "%d %.3s %d to %d %.3s %d", a.mday, month_name[a.month - 1], a.year, b.mday,
                 month_name[b.month - 1], b.year);
    else if (a.month != b.month)
        snprintf(ret, PERIOD_LABEL, "%d %.3s to %d %.3s %d", a.mday, month_name[a.month - 1], b.mday, month_name[b.month - 1], b.year);
    else if (a.mday != b.mday)
        snprintf(ret, PERIOD_LABEL, "%d to %d %s %d", a.mday, b.mday, month_name[b.month - 1], b.year);
    else
        snprintf(ret, PERIOD_LABEL, "%d %s %d", a.mday, month_name[a.month - 1], a.year);
}

void period_label(struct period p, char ret[PERIOD_LABEL])
{
    struct date a = date_of(p.from), b = date_of(p.to);

    if (!is_whole_months(p))
        span_label(a, b, ret);
    else if (a.year != b.year)
        snprintf(ret, PERIOD_LABEL, "%s %d to %s %d", month_name[a.month - 1], a.year, month_name[b.month - 1], b.year);
    else if (a.month != b.month)
        snprintf(ret, PERIOD_LABEL, "%s to %s %d", month_name[a.month - 1], month_name[b.month - 1], b.year);
    else
        snprintf(ret, PERIOD_LABEL, "%s %d", month_name[a.month - 1], a.year);
}

void period_short_label(struct period p, char ret[PERIOD_LABEL])
{
    struct date a = date_of(p.from);

    if (is_whole_months(p) && period_same(p, period_month_of(p.from)))
        snprintf(ret, PERIOD_LABEL, "%.3s %02d", month_name[a.month - 1], a.year % 100);
    else
        period_label(p, ret);
}
