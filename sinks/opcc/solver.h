/* solver.h: the door to lp_solve: how far unknown counts that obey given sums can lie.
 *
 * The unknowns are real numbers from 0 up. That is what someone can work out who knows the sums and nothing else; the
 * bounds are optimal values, so they do not depend on the way the solver took to them. */
#ifndef SINKS_OPCC_SOLVER_H
#define SINKS_OPCC_SOLVER_H

#include "core/err.h"
#include <stddef.h>
#include <stdint.h>

struct solver;
struct term { uint32_t unknown; int factor; };

enum err solver_open(uint32_t unknowns, struct solver **ret) MUST_USE;
void solver_close(struct solver **s);
/* Sum of factor times unknown = value; each unknown once. Puts the terms in order. All before the first solver_bounds. E_MEMORY. */
enum err solver_add(struct solver *s, struct term *t, size_t n, double value) MUST_USE;
/* The least and the greatest value of one unknown; INFINITY when nothing stops it. E_RANGE: the sums contradict
 * each other. E_IO: the solver gave up. */
enum err solver_bounds(struct solver *s, uint32_t unknown, double *ret_low, double *ret_high) MUST_USE;
/* The least and the greatest value an unknown took in any solution met so far: no bound, but proof that it can
 * lie as far apart as that. Low is greater than high before there was one. */
void solver_seen(const struct solver *s, uint32_t unknown, double *ret_low, double *ret_high);

/* ---- the other question: at what cost can the sums be kept ---- */

void solver_limit(struct solver *s, uint32_t unknown, double low, double high);    /* INFINITY: none */
/* The values of all unknowns, into ret_value, at which the sum of cost times unknown is least. Costs are 0 or more.
 * E_RANGE: there are none. E_IO: the solver gave up. */
enum err solver_cheapest(struct solver *s, const double *cost, double *ret_value) MUST_USE;

#endif
