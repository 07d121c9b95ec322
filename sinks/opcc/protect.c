/* protect.c: secondary suppression.
 *
 * The hidden counts fall into clusters that no sum connects: most are of a few counts. For each count of a cluster the
 * solver gives the least and greatest value that the sums allow. Where they are too near each other, the solver finds the
 * cheapest other table that has the same printed sums and this count larger by its threshold; what differs in it is hidden, and
 * the cluster is looked at again. Hiding more only ever widens, so what was found safe stays safe, and it ends: at the worst
 * everything is hidden. (The idea is Kelly, Golden and Assad's, 1992; hiding one neighbour at a time, which is simpler,
 * was tried and hid nine counts in ten of a hard table.) */
#include "sinks/opcc/protect.h"

#include "sinks/opcc/solver.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#define NOWHERE UINT32_MAX
enum { NEAR = 2 };

struct work {
    struct protect_count *count;
    const struct protect_sum *sum;
    size_t counts, sums;
    uint32_t *first, *of;           /* of[first[i] .. first[i + 1]): the sums count i is in */
    uint32_t *up;                   /* the clusters: a forest */
    uint32_t *place;                /* of a count among those that move */
    uint32_t *unknown;              /* number of a hidden count within its cluster */
    bool *is_safe, *is_dropped;     /* of counts; of sums */
    uint32_t *member;               /* counts of the cluster at hand, in order */
    size_t members;
    struct term *term;
};

static bool is_hidden(const struct work *w, uint32_t i) { return w->count[i].why != SHOWN || !w->count[i].is_printed; }

/* Forests: up[i] leads towards the root of i. */
static uint32_t root_in(uint32_t *up, uint32_t i)
{
    while (up[i] != i)
        i = up[i] = up[up[i]];
    return i;
}

/* The least index leads, so that the order of work is that of the counts. */
static void join(uint32_t *up, uint32_t i, uint32_t j)
{
    uint32_t a = root_in(up, i), b = root_in(up, j);

    up[a < b ? b : a] = a < b ? a : b;
}

/* Runs over total and parts of a sum: index -1 is the total. */
static uint32_t term_of(const struct protect_sum *s, int64_t at) { return at < 0 ? s->total : s->part[at]; }

static void find_clusters(struct work *w)
{
    for (uint32_t i = 0; i < w->counts; i++)
        w->up[i] = i;
    for (size_t s = 0; s < w->sums; s++) {
        uint32_t first = NOWHERE;
        if (w->is_dropped[s])
            continue;
        for (int64_t t = -1; t < (int64_t)w->sum[s].count; t++) {
            uint32_t i = term_of(&w->sum[s], t);
            if (!is_hidden(w, i))
                continue;
            if (first == NOWHERE)
                first = i;
            join(w->up, first, i);
        }
    }
}

static const double hair = 1e-6;

static bool may_be_small(const struct protect_count *c, double low, double high)
{
    return ceil(low - hair) < c->threshold && floor(high + hair) >= 1;
}

static bool is_too_narrow(const struct protect_count *c, double low, double high)
{
    return high - low < c->threshold - hair && may_be_small(c, low, high);
}

/* E_AGAIN: one of the sums now reaches beyond the cluster, by what was hidden in this round. */
static enum err add_sums(struct work *w, struct solver *s, bool *ret_had_issued)
{
    *ret_had_issued = false;
    for (size_t m = 0; m < w->members; m++)
        for (uint32_t k = w->first[w->member[m]]; k < w->first[w->member[m] + 1]; k++) {
            const struct protect_sum *sum = &w->sum[w->of[k]];
            double value = 0;
            size_t n = 0;
            uint32_t lead = NOWHERE;
            if (w->is_dropped[w->of[k]])
                continue;
            for (int64_t t = -1; t < (int64_t)sum->count; t++) {
                uint32_t i = term_of(sum, t);
                int factor = t < 0 ? -1 : 1;
                if (is_hidden(w, i) && w->unknown[i] == NOWHERE)
                    return E_AGAIN;
                if (is_hidden(w, i)) {
                    w->term[n++] = (struct term){ w->unknown[i], factor };
                    lead = lead == NOWHERE ? i : lead;
                } else {
                    value -= factor * (double)w->count[i].value;
                }
            }
            if (lead != w->member[m])       /* once, by the first hidden count in it */
                continue;
            *ret_had_issued |= sum->was_issued;
            enum err e = solver_add(s, w->term, n, value);
            if (e)
                return e;
        }
    return E_OK;
}

/* Counts that could be moved together with count i: connected to it by at most `steps` sums, through counts that may be hidden or
 * are. Into movable, in the order they are met; w->place says where. Gives how many. */
static size_t find_movable(struct work *w, uint32_t i, unsigned steps, uint32_t *movable)
{
    size_t n = 0, from = 0;

    for (size_t k = 0; k < w->counts; k++)
        w->place[k] = NOWHERE;
    w->place[i] = (uint32_t)n;
    movable[n++] = i;
    for (; steps > 0 && from < n; steps--)
        for (size_t to = n; from < to; from++)
            for (uint32_t k = w->first[movable[from]]; k < w->first[movable[from] + 1]; k++) {
                const struct protect_sum *sum = &w->sum[w->of[k]];
                for (int64_t t = -1; t < (int64_t)sum->count && !w->is_dropped[w->of[k]]; t++) {
                    uint32_t j = term_of(sum, t);
                    if (w->place[j] != NOWHERE || (!is_hidden(w, j) && !w->count[j].may_hide))
                        continue;
                    w->place[j] = (uint32_t)n;
                    movable[n++] = j;
                }
            }
    return n;
}

/* What it costs to hide a count, for each unit it has to move: many small ones before a total, 0 only in need. */
static double price(const struct work *w, uint32_t i)
{
    uint64_t v = w->count[i].value;

    if (is_hidden(w, i))
        return 0;
    return v == 0 ? 4 : 1 + (v < 2000 ? (double)v : 2000) / 500;
}

/* Moves: unknown 2n is how far up the n-th movable count goes, 2n + 1 how far down. */
static enum err add_moves(struct work *w, struct solver *s, const uint32_t *movable, size_t n)
{
    for (size_t m = 0; m < n; m++)
        for (uint32_t k = w->first[movable[m]]; k < w->first[movable[m] + 1]; k++) {
            const struct protect_sum *sum = &w->sum[w->of[k]];
            size_t terms = 0;
            uint32_t lead = NOWHERE;
            for (int64_t t = -1; t < (int64_t)sum->count && !w->is_dropped[w->of[k]]; t++) {
                uint32_t i = term_of(sum, t), at = w->place[i];
                if (at == NOWHERE)
                    continue;
                w->term[terms++] = (struct term){ 2 * at, t < 0 ? -1 : 1 };
                w->term[terms++] = (struct term){ 2 * at + 1, t < 0 ? 1 : -1 };
                lead = lead == NOWHERE ? i : lead;
            }
            if (lead != movable[m])
                continue;
            enum err e = solver_add(s, w->term, terms, 0);
            if (e)
                return e;
        }
    return E_OK;
}

/* The cheapest way, through `steps` sums, to let count i be larger by its threshold without any printed sum noticing; what has to
 * move with it is hidden. E_RANGE: there is no way. ret_count: how many were looked at. */
static enum err hide_cheapest(struct work *w, uint32_t i, unsigned steps, size_t *ret_count)
{
    uint32_t *movable = malloc((w->counts + 1) * sizeof *movable);
    double *cost = NULL, *move = NULL;
    struct solver *s = NULL;
    size_t n = 0;
    bool any = false;
    enum err e = E_MEMORY;

    if (!movable)
        return E_MEMORY;
    n = *ret_count = find_movable(w, i, steps, movable);
    cost = malloc(2 * n * sizeof *cost);
    move = malloc(2 * n * sizeof *move);
    if (!cost || !move || (e = solver_open((uint32_t)(2 * n), &s)) || (e = add_moves(w, s, movable, n)))
        goto end;
    for (size_t m = 0; m < n; m++) {
        cost[2 * m] = cost[2 * m + 1] = price(w, movable[m]);
        solver_limit(s, (uint32_t)(2 * m + 1), 0, (double)w->count[movable[m]].value);
    }
    solver_limit(s, 0, w->count[i].threshold, w->count[i].threshold);
    solver_limit(s, 1, 0, 0);
    if ((e = solver_cheapest(s, cost, move)))
        goto end;
    for (size_t m = 0; m < n; m++)
        if (!is_hidden(w, movable[m]) && move[2 * m] + move[2 * m + 1] > hair) {
            w->count[movable[m]].why = HIDDEN_BESIDE;
            any = true;
        }
    e = any ? E_OK : E_RANGE;
end:
    solver_close(&s);
    free(movable);
    free(cost);
    free(move);
    return e;
}

/* Something printed in a sum of count i that may still be hidden: not the total if it can be helped, the smallest
 * that is not 0. NOWHERE: nothing is left. */
static uint32_t companion(const struct work *w, uint32_t i)
{
    uint32_t best = NOWHERE;

    for (uint32_t k = w->first[i]; k < w->first[i + 1]; k++) {
        const struct protect_sum *sum = &w->sum[w->of[k]];
        for (int64_t t = -1; t < (int64_t)sum->count && !w->is_dropped[w->of[k]]; t++) {
            uint32_t j = term_of(sum, t);
            if (is_hidden(w, j) || !w->count[j].may_hide)
                continue;
            if (best == NOWHERE) {
                best = j;
                continue;
            }
            uint64_t a = w->count[j].value, b = w->count[best].value;
            if ((b == 0 && a > 0) || (a > 0 && a < b) || (a == b && j < best))
                best = j;
        }
    }
    return best;
}

/* Hides what protects count i. False: nothing in its cluster can. */
static bool hide_beside(struct work *w, uint32_t i)
{
    size_t before = 0;
    uint32_t best;

    /* Near by first: a small programme finds what a large one would, in most cases, and in a fraction of the time. */
    for (unsigned steps = NEAR; ; steps++) {
        size_t count = 0;
        enum err e = hide_cheapest(w, i, steps, &count);
        if (e == E_OK)
            return true;
        if (e != E_RANGE || count == before)
            break;
        before = count;
    }
    best = companion(w, i);
    for (size_t m = 0; m < w->members && best == NOWHERE; m++)
        best = companion(w, w->member[m]);
    if (best == NOWHERE)
        return false;
    w->count[best].why = HIDDEN_BESIDE;
    return true;
}

/* What earlier reports said no longer fits what is true: it can be believed no more. */
static bool drop_issued(struct work *w)
{
    bool any = false;

    for (size_t m = 0; m < w->members; m++)
        for (uint32_t k = w->first[w->member[m]]; k < w->first[w->member[m] + 1]; k++)
            if (w->sum[w->of[k]].was_issued && !w->is_dropped[w->of[k]])
                any = w->is_dropped[w->of[k]] = true;
    return any;
}

/* Looks at the cluster at hand. Sets *ret_again if something was hidden or dropped. */
static enum err settle(struct work *w, bool *ret_again)
{
    struct solver *s;
    bool had_issued;
    enum err e = solver_open((uint32_t)w->members, &s);

    if (e)
        return e;
    if ((e = add_sums(w, s, &had_issued))) {
        if (e == E_AGAIN)
            *ret_again = true, e = E_OK;
        goto end;
    }
    for (size_t m = 0; m < w->members; m++) {
        uint32_t i = w->member[m];
        struct protect_count *c = &w->count[i];
        double low, high;
        if (w->is_safe[i])
            continue;
        solver_seen(s, (uint32_t)m, &low, &high);
        if (low <= high && !is_too_narrow(c, low, high) && high - low >= c->threshold) {
            w->is_safe[i] = true;
            continue;
        }
        e = solver_bounds(s, (uint32_t)m, &low, &high);
        if (e == E_RANGE && had_issued && drop_issued(w)) {
            *ret_again = true;
            e = E_OK;
            goto end;
        }
        if (e == E_MEMORY)
            goto end;
        /* A solver that gave up proves nothing: hide more. */
        if (e == E_OK && !is_too_narrow(c, low, high)) {
            w->is_safe[i] = true;
            continue;
        }
        if (hide_beside(w, i)) {
            *ret_again = true;
            e = E_OK;
            goto end;
        }
        w->is_safe[i] = true;
        c->is_exposed = e != E_OK || may_be_small(c, low, high);
        e = E_OK;
    }
end:
    solver_close(&s);
    return e;
}

static int by_cluster(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

/* One round over all clusters that hold something not known to be safe. */
static enum err go_round(struct work *w, uint64_t *order, bool *ret_again)
{
    size_t n = 0;
    enum err e = E_OK;

    find_clusters(w);
    for (uint32_t i = 0; i < w->counts; i++) {
        w->unknown[i] = NOWHERE;
        if (is_hidden(w, i))
            order[n++] = (uint64_t)root_in(w->up, i) << 32 | i;
    }
    qsort(order, n, sizeof *order, by_cluster);
    *ret_again = false;
    for (size_t from = 0, to; from < n && !e; from = to) {
        bool is_safe = true;
        w->members = 0;
        for (to = from; to < n && order[to] >> 32 == order[from] >> 32; to++) {
            uint32_t i = (uint32_t)order[to];
            w->unknown[i] = (uint32_t)w->members;
            w->member[w->members++] = i;
            is_safe &= w->is_safe[i];
        }
        if (!is_safe)
            e = settle(w, ret_again);
        for (size_t m = 0; m < w->members; m++)
            w->unknown[w->member[m]] = NOWHERE;
    }
    return e;
}

static void index_sums(struct work *w)
{
    for (size_t s = 0; s < w->sums; s++)
        for (int64_t t = -1; t < (int64_t)w->sum[s].count; t++)
            w->first[term_of(&w->sum[s], t) + 1]++;
    for (size_t i = 0; i < w->counts; i++)
        w->first[i + 1] += w->first[i];
    for (size_t s = 0; s < w->sums; s++)
        for (int64_t t = -1; t < (int64_t)w->sum[s].count; t++)
            w->of[w->up[term_of(&w->sum[s], t)]++ + w->first[term_of(&w->sum[s], t)]] = (uint32_t)s;
}

/* What follows from counts that were issued is known, and hiding it would protect nothing: a quarter of which every
 * month is out. */
static void find_known(struct work *w)
{
    for (bool found = true; found;) {
        found = false;
        for (size_t s = 0; s < w->sums; s++) {
            uint32_t open = 0, last = NOWHERE;
            for (int64_t t = -1; t < (int64_t)w->sum[s].count; t++) {
                uint32_t i = term_of(&w->sum[s], t);
                if (is_hidden(w, i) || w->count[i].may_hide) {
                    open++;
                    last = i;
                }
            }
            if (open == 1 && !is_hidden(w, last)) {
                w->count[last].may_hide = false;
                found = true;
            }
        }
    }
}

enum err protect(struct protect_count *count, size_t counts, const struct protect_sum *sum, size_t sums)
{
    struct work w = { .count = count, .sum = sum, .counts = counts, .sums = sums };
    uint64_t *order = malloc((counts + 1) * sizeof *order);
    size_t terms = 0, longest = 0;
    bool again = true;
    enum err e = E_MEMORY;

    for (size_t s = 0; s < sums; s++) {
        terms += sum[s].count + 1;
        longest = sum[s].count + 1 > longest ? sum[s].count + 1 : longest;
    }
    w.first = calloc(counts + 2, sizeof *w.first);
    w.of = malloc((terms + 1) * sizeof *w.of);
    w.up = calloc(counts + 1, sizeof *w.up);
    w.place = malloc((counts + 1) * sizeof *w.place);
    w.unknown = calloc(counts + 1, sizeof *w.unknown);
    w.is_safe = calloc(counts + 1, sizeof *w.is_safe);
    w.is_dropped = calloc(sums + 1, sizeof *w.is_dropped);
    w.member = malloc((counts + 1) * sizeof *w.member);
    w.term = malloc(2 * (longest + 1) * sizeof *w.term);
    if (!order || !w.first || !w.of || !w.up || !w.place || !w.unknown || !w.is_safe || !w.is_dropped || !w.member || !w.term)
        goto end;
    for (size_t i = 0; i < counts; i++)
        w.is_safe[i] = count[i].is_harmless;
    index_sums(&w);
    find_known(&w);
    for (e = E_OK; again && !e;)
        e = go_round(&w, order, &again);
end:
    free(order);
    free(w.first);
    free(w.of);
    free(w.up);
    free(w.place);
    free(w.unknown);
    free(w.is_safe);
    free(w.is_dropped);
    free(w.member);
    free(w.term);
    return e;
}
