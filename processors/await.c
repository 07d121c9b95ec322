/* await.c: when time alone could next change how the obligations of a journey stand: what waits for the clock, and what for a source. */
#include "processors/fold.h"

/* The next instant of this clock that is in the index. No source is further than the clock: where that comes first, the journey is looked
 * at then, and awaits its source from then on. */
static uint32_t awaited(const struct journey *v, uint32_t at, enum clock clock)
{
    const uint32_t next = told_next(v, at, clock), by_tick = clock == BY_TICK ? 0 : told_next(v, at, BY_TICK);

    return by_tick && by_tick <= next ? 0 : next;
}

enum err await_next(struct track *t, uint32_t slot, uint32_t at, uint32_t until, enum clock clock)
{
    struct journey *v = journey_at(t->journeys, slot);
    const uint32_t next = awaited(v, at, clock);
    enum err e;

    if (!next)
        return E_OK;
    if (clock == BY_FRONTIER && next <= t->furthest.s) {
        if (v->behind)
            return E_OK;
        v->behind = true;
        return (e = slots_add(&t->behind, slot)) ? e : mark_journey(t, slot);
    }
    for (uint32_t other = 0; other < until; other = told_after(v, other))
        if (other != at && awaited(v, other, clock) == next)
            return E_OK;
    return due_add(clock == BY_TICK ? t->by_tick : t->by_frontier, next, slot);
}

enum err await_all(struct track *t, uint32_t slot)
{
    const struct journey *v = journey_at(t->journeys, slot);
    enum err e = E_OK;

    for (uint32_t at = 0; !e && at < v->told_words; at = told_after(v, at))
        if (!(e = await_next(t, slot, at, at, BY_TICK)))
            e = await_next(t, slot, at, at, BY_FRONTIER);
    return e;
}

static bool has_come(uint32_t next, struct instant now) { return next && next <= now.s; }

enum err await_due(struct track *t, uint32_t slot)
{
    const struct journey *v = journey_at(t->journeys, slot);
    struct rule_set due = { { 0 } };
    struct concern concern;
    bool any = false;
    enum err e = E_OK;

    for (uint32_t at = 0; at < v->told_words; at = told_after(v, at)) {
        const uint16_t rule = told_at(v, at).rule;
        if (has_come(told_next(v, at, BY_TICK), t->fresh.tick) || has_come(told_next(v, at, BY_FRONTIER), t->frontier[rule]))
            rules_add(&due, rule), any = true;
    }
    if (any)
        e = tell_concern(t, slot, law_concern_of_rules(t->law, &due, &concern), 0);
    for (uint32_t at = 0; !e && at < v->told_words; at = told_after(v, at))
        if (has_come(told_next(v, at, BY_FRONTIER), t->furthest))
            e = await_next(t, slot, at, 0, BY_FRONTIER);
    return e;
}
