#include "sinks/opcc/period.h"
#include "sinks/opcc/statistics.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static bool near(double a, double b, double within) { return fabs(a - b) <= within; }

/* Newcombe (1998), Statistics in Medicine 17, 857-872, table I: method 3. */
Test(statistics, wilson_gives_the_published_intervals)
{
    struct bounds b;

    b = wilson(81, 263);
    cr_assert(near(b.low, 0.2553, 5e-5) && near(b.high, 0.3662, 5e-5));
    b = wilson(15, 148);
    cr_assert(near(b.low, 0.0624, 5e-5) && near(b.high, 0.1605, 5e-5));
    b = wilson(0, 20);
    cr_assert(b.low == 0 && near(b.high, 0.1611, 5e-5));
    b = wilson(1, 29);
    cr_assert(near(b.low, 0.0061, 5e-5) && near(b.high, 0.1718, 5e-5));
    b = wilson(29, 29);
    cr_assert(b.high == 1 && near(b.low, 0.8830, 5e-5));
}

/* By hand: (30/100) / (20/100) = 1.5; variance of its log 1/30 - 1/100 + 1/20 - 1/100 = 0.063333. */
Test(statistics, a_crude_ratio_is_the_one_worked_by_hand)
{
    struct stratum s = { 30, 100, 20, 100 };
    struct ratio r;

    cr_assert(ratio_crude(&s, 1, &r));
    cr_assert(near(r.value, 1.5, 1e-12));
    cr_assert(near(r.interval.low, 1.5 * exp(-1.959964 * sqrt(0.0633333)), 1e-6));
    cr_assert(near(r.interval.high, 1.5 * exp(1.959964 * sqrt(0.0633333)), 1e-6));
}

/* Women have more cases with one working day, where everyone fails more often: each stratum is fair, the
 * crude ratio is not. */
Test(statistics, like_with_like_a_false_difference_goes)
{
    struct stratum s[] = { { 400, 800, 100, 200 },      /* one working day: half missed, on both sides */
                           { 20, 200, 80, 800 } };      /* five: one in ten, on both sides */
    struct ratio crude, adjusted;

    cr_assert(ratio_crude(s, 2, &crude) && ratio_adjusted(s, 2, &adjusted));
    cr_assert(near(crude.value, 0.42 / 0.18, 1e-12) && crude.interval.low > 2);
    cr_assert(near(adjusted.value, 1, 1e-12) && adjusted.interval.low < 1 && adjusted.interval.high > 1);
}

/* R = 30*200/300 + 40*100/200, S = 20*100/300 + 25*100/200; the variance by Greenland and Robins, term by term. */
Test(statistics, the_adjusted_ratio_is_the_one_worked_by_hand)
{
    struct stratum s[] = { { 30, 100, 20, 200 }, { 40, 100, 25, 100 } };
    double r = 20 + 20, t = 20.0 / 3 + 12.5;
    double v = (50.0 * 100 * 200 - 30 * 20 * 300) / (300.0 * 300) + (65.0 * 100 * 100 - 40 * 25 * 200) / (200.0 * 200);
    double spread = 1.959963984540054 * sqrt(v / (r * t));
    struct ratio got;

    cr_assert(ratio_adjusted(s, 2, &got));
    cr_assert(near(got.value, r / t, 1e-12));
    cr_assert(near(got.interval.low, r / t * exp(-spread), 1e-12) && near(got.interval.high, r / t * exp(spread), 1e-12));
}

Test(statistics, a_ratio_that_cannot_be_said_is_not_said)
{
    struct stratum nobody = { 0, 0, 5, 10 }, no_case = { 0, 10, 5, 10 };
    struct ratio r = { .value = 7 };

    cr_assert(!ratio_crude(&nobody, 1, &r) && !ratio_adjusted(&nobody, 1, &r));
    cr_assert(!ratio_crude(&no_case, 1, &r) && !ratio_adjusted(&no_case, 1, &r));
    cr_assert(r.value == 7);
}

/* Freireich and others (1963), the 6-MP arm as printed in every textbook: weeks of remission, + still in it:
 * 6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+. Median 23. */
Test(statistics, kaplan_and_meier_find_the_textbook_median)
{
    static const int ended[] = { 6, 6, 6, 7, 10, 13, 16, 22, 23 }, waiting[] = { 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35 };
    static struct waits w;
    unsigned days;

    for (size_t i = 0; i < sizeof ended / sizeof *ended; i++)
        waits_add(&w, (unsigned)ended[i], true);
    for (size_t i = 0; i < sizeof waiting / sizeof *waiting; i++)
        waits_add(&w, (unsigned)waiting[i], false);
    cr_assert(waits_count(&w) == 21);
    cr_assert(waits_quantile(&w, 0.5, &days) && days == 23);
    cr_assert(waits_quantile(&w, 0.25, &days) && days == 13);
    cr_assert(!waits_quantile(&w, 0.9, &days));
}

Test(statistics, those_who_still_wait_make_a_force_slower_not_faster)
{
    static struct waits answered, all;
    unsigned a, b;

    for (unsigned i = 0; i < 10; i++) {
        waits_add(&answered, i, true);
        waits_add(&all, i, true);
        waits_add(&all, 20, false);
    }
    cr_assert(waits_quantile(&answered, 0.5, &a) && a == 4);
    cr_assert(waits_quantile(&all, 0.5, &b) && b == 9);
    cr_assert(!waits_quantile(&all, 0.9, &b));
}

/* Cohen's two raters: 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: 0.7 seen, 0.5 by chance, 0.4. */
Test(statistics, kappa_is_agreement_beyond_chance)
{
    uint64_t n[] = { 20, 5, 10, 15 }, alike[] = { 9, 0, 0, 0 };
    double k;

    cr_assert(kappa(n, 2, &k) && near(k, 0.4, 1e-12));
    cr_assert(!kappa(alike, 2, &k));
}

static struct period span(const char *from, const char *to)
{
    struct period p;

    cr_assert(day_parse(from, 10, &p.from) == E_OK && day_parse(to, 10, &p.to) == E_OK);
    return p;
}

static void expect(struct period p, const char *from, const char *to)
{
    char a[11], b[11];

    day_format(p.from, a);
    day_format(p.to, b);
    cr_assert_str_eq(a, from);
    cr_assert_str_eq(b, to);
}

Test(period, is_compared_with_the_one_before_and_the_same_a_year_before)
{
    expect(period_before(span("2026-03-01", "2026-03-31")), "2026-02-01", "2026-02-28");
    expect(period_before(span("2026-01-01", "2026-03-31")), "2025-10-01", "2025-12-31");
    expect(period_before(span("2026-04-02", "2026-04-09")), "2026-03-25", "2026-04-01");
    expect(period_year_before(span("2025-02-01", "2025-02-28")), "2024-02-01", "2024-02-29");
    expect(period_year_before(span("2024-02-29", "2024-03-05")), "2023-02-28", "2023-03-05");
    expect(period_year_before(span("2026-01-01", "2026-03-31")), "2025-01-01", "2025-03-31");
}

Test(period, has_thirteen_months_and_a_name)
{
    struct period months[PERIOD_MONTHS];
    char label[PERIOD_LABEL];

    period_months(span("2026-01-01", "2026-03-31"), months);
    expect(months[0], "2025-03-01", "2025-03-31");
    expect(months[12], "2026-03-01", "2026-03-31");
    period_label(span("2026-01-01", "2026-03-31"), label);
    cr_assert_str_eq(label, "January to March 2026");
    period_label(span("2026-03-01", "2026-03-31"), label);
    cr_assert_str_eq(label, "March 2026");
    period_label(span("2026-04-02", "2026-04-09"), label);
    cr_assert_str_eq(label, "2 to 9 April 2026");
    period_label(span("2025-12-24", "2026-01-05"), label);
    cr_assert_str_eq(label, "24 Dec 2025 to 5 Jan 2026");
    period_short_label(span("2026-03-01", "2026-03-31"), label);
    cr_assert_str_eq(label, "Mar 26");
}
