/* statistics.h: how sure a figure is: intervals, ratios of rates, waiting times of which some still run, agreement.
 *
 * Pure functions of counts. All intervals are 95 %, two-sided. Nothing here decides whether a figure may be
 * shown: that is disclosure.h. */
#ifndef SINKS_OPCC_STATISTICS_H
#define SINKS_OPCC_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bounds { double low, high; };

/* Wilson's score interval of the proportion count/of, without continuity correction: it stays within 0..1 and is
 * honest for small numbers and rates near 0 or 1, where count/of ± 1.96 s.e. is not. of > 0, count <= of.
 * Source: Wilson (1927), JASA 22, 209-212. */
struct bounds wilson(uint64_t count, uint64_t of);

/* One stratum of a comparison: `count` of `of` in the group, `other_count` of `other_of` among everyone else. */
struct stratum { uint64_t count, of, other_count, other_of; };
struct ratio { double value; struct bounds interval; };

/* The group's rate over everyone else's, all strata thrown together. Interval on the log scale (Katz 1978).
 * False, ret untouched, where it cannot be said: nobody or no case on one of the sides. */
bool ratio_crude(const struct stratum *s, size_t n, struct ratio *ret);
/* The same with like compared to like: the Mantel-Haenszel rate ratio over the strata, with the variance of
 * Greenland and Robins (1985), Biometrics 41, 55-68. A stratum without anyone on one side says nothing. */
bool ratio_adjusted(const struct stratum *s, size_t n, struct ratio *ret);

/* Waiting times in whole days. Those still waiting count for as long as they have waited: leaving them out would
 * make a force that never answers look fast. */
enum { WAIT_DAYS_MAX = 400 };                       /* what took longer is counted there */
struct waits { uint32_t ended[WAIT_DAYS_MAX + 1], waiting[WAIT_DAYS_MAX + 1]; };
void waits_add(struct waits *w, unsigned days, bool ended);
uint64_t waits_count(const struct waits *w);
/* The day by which `part` (0.5: the median) had been answered, by Kaplan and Meier's estimate. False when so
 * many still wait that it has not been reached, or it lies at WAIT_DAYS_MAX or beyond. */
bool waits_quantile(const struct waits *w, double part, unsigned *ret_days);

/* Cohen's kappa: agreement of two raters beyond chance. n[i][j]: the first said i, the second j; k kinds, row by
 * row. False where chance agreement is all there could be. Source: Cohen (1960). */
bool kappa(const uint64_t *n, size_t k, double *ret);

#endif
