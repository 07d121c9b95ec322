#include "sinks/opcc/statistics.h"

#include <assert.h>
#include <math.h>

static const double z = 1.959963984540054;          /* the normal quantile at 0.975 */

struct bounds wilson(uint64_t count, uint64_t of)
{
    assert(of > 0 && count <= of);
    double n = (double)of, p = (double)count / n, zz = z * z;
    double centre = p + zz / (2 * n), spread = z * sqrt(p * (1 - p) / n + zz / (4 * n * n)), scale = 1 + zz / n;
    /* At the ends the formula gives 0 and 1 but for rounding. */
    return (struct bounds){ count == 0 ? 0 : (centre - spread) / scale, count == of ? 1 : (centre + spread) / scale };
}

static struct ratio around(double value, double log_variance)
{
    double spread = z * sqrt(log_variance);

    return (struct ratio){ value, { value * exp(-spread), value * exp(spread) } };
}

bool ratio_crude(const struct stratum *s, size_t n, struct ratio *ret)
{
    double a = 0, of = 0, b = 0, other = 0;

    for (size_t i = 0; i < n; i++) {
        a += (double)s[i].count;
        of += (double)s[i].of;
        b += (double)s[i].other_count;
        other += (double)s[i].other_of;
    }
    if (a <= 0 || b <= 0)
        return false;
    *ret = around((a / of) / (b / other), 1 / a - 1 / of + 1 / b - 1 / other);
    return true;
}

bool ratio_adjusted(const struct stratum *s, size_t n, struct ratio *ret)
{
    double r = 0, t = 0, v = 0;

    for (size_t i = 0; i < n; i++) {
        double a = (double)s[i].count, of = (double)s[i].of, b = (double)s[i].other_count, other = (double)s[i].other_of;
        double all = of + other;
        if (of <= 0 || other <= 0)
            continue;
        r += a * other / all;
        t += b * of / all;
        v += ((a + b) * of * other - a * b * all) / (all * all);
    }
    if (r <= 0 || t <= 0)
        return false;
    *ret = around(r / t, v / (r * t));
    return true;
}

void waits_add(struct waits *w, unsigned days, bool ended)
{
    uint32_t *at = ended ? w->ended : w->waiting;

    at[days < WAIT_DAYS_MAX ? days : WAIT_DAYS_MAX]++;
}

uint64_t waits_count(const struct waits *w)
{
    uint64_t n = 0;

    for (unsigned d = 0; d <= WAIT_DAYS_MAX; d++)
        n += w->ended[d] + w->waiting[d];
    return n;
}

bool waits_quantile(const struct waits *w, double part, unsigned *ret_days)
{
    uint64_t at_risk = waits_count(w);
    double still = 1;

    for (unsigned d = 0; d < WAIT_DAYS_MAX && at_risk > 0; d++) {
        still *= 1 - (double)w->ended[d] / (double)at_risk;
        at_risk -= w->ended[d] + w->waiting[d];
        /* A hair for rounding: 0.5 reached by 1 - 1/3 - 1/6 is reached. */
        if (w->ended[d] && still <= 1 - part + 1e-12) {
            *ret_days = d;
            return true;
        }
    }
    return false;
}

bool kappa(const uint64_t *n, size_t k, double *ret)
{
    double all = 0, same = 0, chance = 0;

    for (size_t i = 0; i < k * k; i++)
        all += (double)n[i];
    if (all <= 0)
        return false;
    for (size_t i = 0; i < k; i++) {
        double row = 0, column = 0;
        for (size_t j = 0; j < k; j++) {
            row += (double)n[i * k + j];
            column += (double)n[j * k + i];
        }
        same += (double)n[i * k + i] / all;
        chance += row / all * column / all;
    }
    if (1 - chance < 1e-12)
        return false;
    *ret = (same - chance) / (1 - chance);
    return true;
}
