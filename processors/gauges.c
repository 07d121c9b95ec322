#include "processors/gauges.h"

#include <stdio.h>
#include <stdlib.h>

/* It rests fifty times what the last sweep took: a small folder is counted again after a moment, a large one costs no more of the fold. */
enum { SLICE = 1000, REST_TIMES = 50, REST_LEAST_MS = 500, REST_MOST_MS = 15000, BUSY_REST_MS = 60000 };

struct gauges {
    struct gauge *rule;
    size_t rules;
    uint64_t law, position;             /* of the sweep: the law's number, the record it began at */
    uint32_t next;                      /* slot to judge next */
    bool is_open, was_ever;
    struct mono began, ended;
    int64_t took_ms;
};

enum err gauges_open(struct gauges **ret)
{
    struct gauges *g = calloc(1, sizeof *g);

    if (!g)
        return E_MEMORY;
    *ret = g;
    return E_OK;
}

void gauges_close(struct gauges **pg)
{
    if (!*pg)
        return;
    free((*pg)->rule);
    free(*pg);
    *pg = NULL;
}

/* False: there is no memory for it now; it is tried again. */
static bool begin(struct gauges *g, const struct track *t)
{
    const struct law *law = track_law(t);
    size_t rules = law_rule_count(law);
    struct gauge *p = calloc(rules ? rules : 1, sizeof *p);

    if (!p)
        return false;
    free(g->rule);
    g->rule = p;
    g->rules = rules;
    for (uint16_t i = 0; i < rules; i++) {
        const struct rule *r = law_rule(law, i);
        snprintf(p[i].rule, sizeof p[i].rule, "%s", r->id);
        snprintf(p[i].edition, sizeof p[i].edition, "%s", law_edition(law, r->edition)->name);
        p[i].basis = basis_name(r->basis);
    }
    g->law = track_law_number(t);
    g->position = track_position(t);
    g->next = 0;
    g->began = mono_now();
    g->is_open = true;
    return true;
}

static void count(struct gauges *g, struct track *t, uint32_t slot)
{
    const struct judgement *j = track_judge(t, slot);

    for (size_t i = 0; i < j->count; i++) {
        const struct obligation *o = &j->obligation[i];
        g->rule[o->rule].count[obligation_stand(track_law(t), o, track_clocks_of(t, o->rule)).state]++;
    }
}

static int64_t rest_ms(const struct gauges *g, bool busy)
{
    int64_t ms = g->took_ms * REST_TIMES;

    if (busy)
        return BUSY_REST_MS;
    return ms < REST_LEAST_MS ? REST_LEAST_MS : ms > REST_MOST_MS ? REST_MOST_MS : ms;
}

static bool is_time(const struct gauges *g, const struct track *t, bool busy)
{
    if (!g->was_ever)
        return !busy;
    return track_position(t) != g->position && mono_ms_since(g->ended) >= rest_ms(g, busy);
}

bool gauges_step(struct gauges *g, struct track *t, bool busy, void (*whole)(void *ctx, const struct gauge *rule, size_t count), void *ctx)
{
    uint32_t all, until;

    if (!track_law(t))
        return false;
    if (g->is_open && g->law != track_law_number(t))
        g->is_open = false;             /* its rules are others now: from the beginning */
    if (!g->is_open && (!is_time(g, t, busy) || !begin(g, t)))
        return false;
    all = journeys_count(track_journeys(t));
    until = all - g->next < SLICE ? all : g->next + SLICE;
    for (; g->next < until; g->next++)
        count(g, t, g->next);
    if (g->next < all)
        return true;
    g->is_open = false;
    g->was_ever = true;
    g->took_ms = mono_ms_since(g->began);
    g->ended = mono_now();
    whole(ctx, g->rule, g->rules);
    return false;
}
