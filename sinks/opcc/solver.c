#include "sinks/opcc/solver.h"

#include <lpsolve/lp_lib.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

struct solver {
    lprec *lp;
    uint32_t unknowns;
    double *low, *high;             /* seen, from 0 */
    double *value;                  /* of one solution, in lp_solve's numbering from 1: row, then column */
    int *column;
    double *factor;
};

enum err solver_open(uint32_t unknowns, struct solver **ret)
{
    struct solver *s = calloc(1, sizeof *s);

    if (!s)
        return E_MEMORY;
    s->unknowns = unknowns;
    s->lp = make_lp(0, (int)unknowns);
    s->low = malloc(unknowns * sizeof *s->low);
    s->high = malloc(unknowns * sizeof *s->high);
    s->value = malloc(unknowns * sizeof *s->value);
    s->column = malloc(unknowns * sizeof *s->column);
    s->factor = malloc(unknowns * sizeof *s->factor);
    if (!s->lp || !s->low || !s->high || !s->value || !s->column || !s->factor) {
        solver_close(&s);
        return E_MEMORY;
    }
    for (uint32_t i = 0; i < unknowns; i++) {
        s->low[i] = INFINITY;
        s->high[i] = -INFINITY;
    }
    set_verbose(s->lp, NEUTRAL);
    set_add_rowmode(s->lp, TRUE);           /* until the first question: adding to the columns one by one is quadratic */
    *ret = s;
    return E_OK;
}

void solver_close(struct solver **ps)
{
    struct solver *s = *ps;

    if (!s)
        return;
    if (s->lp)
        delete_lp(s->lp);
    free(s->low);
    free(s->high);
    free(s->value);
    free(s->column);
    free(s->factor);
    free(s);
    *ps = NULL;
}

static int by_unknown(const void *a, const void *b)
{
    const struct term *x = a, *y = b;

    return (x->unknown > y->unknown) - (x->unknown < y->unknown);
}

enum err solver_add(struct solver *s, struct term *t, size_t n, double value)
{
    qsort(t, n, sizeof *t, by_unknown);     /* lp_solve writes past its arrays when they are not in order */
    for (size_t i = 0; i < n; i++) {
        s->column[i] = (int)t[i].unknown + 1;
        s->factor[i] = t[i].factor;
    }
    return add_constraintex(s->lp, (int)n, s->factor, s->column, EQ, value) ? E_OK : E_MEMORY;
}

static void look(struct solver *s)
{
    if (!get_variables(s->lp, s->value))
        return;
    for (uint32_t i = 0; i < s->unknowns; i++) {
        s->low[i] = fmin(s->low[i], s->value[i]);
        s->high[i] = fmax(s->high[i], s->value[i]);
    }
}

static void end_adding(struct solver *s)
{
    if (is_add_rowmode(s->lp))
        set_add_rowmode(s->lp, FALSE);
}

static enum err push(struct solver *s, uint32_t unknown, bool up, double *ret)
{
    double one = 1;
    int column = (int)unknown + 1;

    end_adding(s);
    if (!set_obj_fnex(s->lp, 1, &one, &column))
        return E_MEMORY;
    set_sense(s->lp, up);
    switch (solve(s->lp)) {
    case OPTIMAL:
    case PRESOLVED:
        look(s);
        *ret = get_objective(s->lp);
        return E_OK;
    case UNBOUNDED:
        *ret = up ? INFINITY : -INFINITY;
        return E_OK;
    case INFEASIBLE:
        return E_RANGE;
    default:
        return E_IO;
    }
}

enum err solver_bounds(struct solver *s, uint32_t unknown, double *ret_low, double *ret_high)
{
    double low, high;
    enum err e;

    if ((e = push(s, unknown, false, &low)) || (e = push(s, unknown, true, &high)))
        return e;
    *ret_low = low;
    *ret_high = high;
    return E_OK;
}

void solver_seen(const struct solver *s, uint32_t unknown, double *ret_low, double *ret_high)
{
    *ret_low = s->low[unknown];
    *ret_high = s->high[unknown];
}

void solver_limit(struct solver *s, uint32_t unknown, double low, double high)
{
    end_adding(s);
    set_bounds(s->lp, (int)unknown + 1, low, isinf(high) ? get_infinite(s->lp) : high);
}

enum err solver_cheapest(struct solver *s, const double *cost, double *ret_value)
{
    end_adding(s);
    for (uint32_t i = 0; i < s->unknowns; i++)
        if (!set_obj(s->lp, (int)i + 1, cost[i]))
            return E_MEMORY;
    set_minim(s->lp);
    switch (solve(s->lp)) {
    case OPTIMAL:
    case PRESOLVED:
        return get_variables(s->lp, ret_value) ? E_OK : E_IO;
    case INFEASIBLE:
        return E_RANGE;
    default:
        return E_IO;
    }
}
