/* await.c: when time alone could next change how the obligations of a journey stand: what waits for the clock, and what for a source. */
#include "processors/fold.h"

static uint32_t next_by(const struct told *o, enum clock clock) { return clock == BY_TICK ? o->next_tick : o->next_frontier; }

enum err await_next(struct track *t, uint32_t slot, size_t i, size_t there, enum clock clock)
{
    struct journey *v = journey_at(t->journeys, slot);
    const uint32_t next = next_by(&v->told[i], clock);
    enum err e;

    if (!next)
        return E_OK;
    if (clock == BY_FRONTIER && next <= t->furthest.s) {
        if (v->behind)
            return E_OK;
        v->behind = true;
        return (e = slots_add(&t->behind, slot)) ? e : mark_journey(t, slot);
    }
    for (size_t k = 0; k < there; k++)
        if (k != i && next_by(&v->told[k], clock) == next)
            return E_OK;
    return due_add(clock == BY_TICK ? t->by_tick : t->by_frontier, next, slot);
}

enum err await_all(struct track *t, uint32_t slot)
{
    const struct journey *v = journey_at(t->journeys, slot);
    enum err e = E_OK;

    for (size_t i = 0; !e && i < v->told_count; i++)
        if (!(e = await_next(t, slot, i, i, BY_TICK)))
            e = await_next(t, slot, i, i, BY_FRONTIER);
    return e;
}

enum err await_due(struct track *t, uint32_t slot)
{
    const struct journey *v = journey_at(t->journeys, slot);
    struct rule_set due = { { 0 } };
    struct concern concern;
    bool any = false;
    enum err e = E_OK;

    for (size_t i = 0; i < v->told_count; i++) {
        const struct told *o = &v->told[i];
        if ((o->next_tick && o->next_tick <= t->fresh.tick.s) || (o->next_frontier && o->next_frontier <= t->frontier[o->rule].s))
            rules_add(&due, o->rule), any = true;
    }
    if (any)
        e = tell_concern(t, slot, law_concern_of_rules(t->law, &due, &concern), 0);
    for (size_t i = 0; !e && i < v->told_count; i++)
        if (v->told[i].next_frontier && v->told[i].next_frontier <= t->furthest.s)
            e = await_next(t, slot, i, 0, BY_FRONTIER);
    return e;
}
