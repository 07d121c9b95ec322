/* fold_time.c: time moves on: whoever has to be looked at by now, in order, and who still waits for a source. */
#include "processors/draw.h"
#include "processors/fold.h"

#include <stdlib.h>

/* Does time change anything about the journey at this instant? An entry of the index is not taken back when it no longer does. */
static bool is_due(const struct journey *v, uint32_t at, enum clock clock)
{
    for (uint32_t i = 0; i < v->told_words; i = told_after(v, i))
        if (told_next(v, i, clock) == at)
            return true;
    return false;
}

/* Journeys that fall due at one instant lie far apart: their memory is asked for before their turn. */
static void look_ahead(const struct track *t, const struct due *due)
{
    uint32_t slot;

    if (due_ahead(due, LOOK_FIRST, &slot))
        look_at_slot(t->journeys, slot);
    if (due_ahead(due, LOOK_WHOLE, &slot))
        look_at_slot_whole(t->journeys, slot);
}

static enum err reach(struct track *t, struct due *due, uint32_t until, enum clock clock)
{
    uint32_t at, slot;
    enum err e;

    while (!(e = due_take(due, until, &at, &slot))) {
        const struct journey *v = journey_at(t->journeys, slot);
        look_ahead(t, due);
        if (journey_folded_to(t->journeys, slot) < t->position && is_due(v, at, clock) && (e = await_due(t, slot)))
            return e;
    }
    return e == E_AGAIN ? E_OK : e;
}

enum err fold_all_anew(struct track *t)
{
    enum err e = E_OK;
    bool fell;

    frontiers_move(t, &fell);
    for (uint32_t slot = 0; !e && slot < journeys_count(t->journeys); slot++)
        if (journey_folded_to(t->journeys, slot) < t->position && !(e = mark_journey(t, slot)) && !(e = tell_journey(t, slot)))
            e = await_all(t, slot);
    return e;
}

bool frontiers_move(struct track *t, bool *ret_fell)
{
    const char *const *expected = NULL;
    size_t count = t->law ? law_sources(t->law, &expected) : 0;
    struct instant before = t->furthest, now = INSTANT_NONE;
    uint64_t sources = 0;
    bool moved = false;

    *ret_fell = false;
    t->furthest = INSTANT_NONE;
    for (uint16_t rule = 0; t->law && rule < law_rule_count(t->law); rule++) {
        const struct instant was = t->frontier[rule];
        /* Rules come in runs with the same sources: most are as the one before. */
        if (!rule || law_rule_sources(t->law, rule) != sources) {
            sources = law_rule_sources(t->law, rule);
            now = freshness_frontier(&t->fresh, expected, count, sources);
            t->furthest = instant_max(t->furthest, now);
        }
        if (instant_same(was, now))
            continue;
        t->frontier[rule] = now;
        *ret_fell |= instant_before(now, was);
        moved |= instant_before(was, before);
    }
    return moved;
}

static int by_slot(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

/* A source that lagged came further: whoever waits for one is looked at again, and waits on if it must. */
static enum err look_behind(struct track *t)
{
    struct slots waiting = t->behind;
    enum err e = E_OK;

    t->behind = (struct slots){ 0 };
    if (waiting.count > 1)
        qsort(waiting.slot, waiting.count, sizeof *waiting.slot, by_slot);
    for (size_t i = 0; !e && i < waiting.count; i++) {
        struct journey *v = journey_at(t->journeys, waiting.slot[i]);
        if (journey_folded_to(t->journeys, waiting.slot[i]) >= t->position) {
            e = slots_add(&t->behind, waiting.slot[i]);
            continue;
        }
        v->behind = false;
        if (!(e = mark_journey(t, waiting.slot[i])))
            e = await_due(t, waiting.slot[i]);
    }
    slots_fini(&waiting);
    return e;
}

enum err fold_time(struct track *t)
{
    bool fell, moved = frontiers_move(t, &fell);
    enum err e = fell ? fold_all_anew(t) : E_OK;        /* a source nobody named is heard of, and is not so far */

    if (e || (e = reach(t, t->by_tick, (uint32_t)t->fresh.tick.s, BY_TICK)) || (e = reach(t, t->by_frontier, (uint32_t)t->furthest.s, BY_FRONTIER)))
        return e;
    return moved ? look_behind(t) : E_OK;
}

enum err fold_tick(struct track *t, struct instant at)
{
    struct instant before = t->fresh.tick;
    enum err e;

    freshness_tick(&t->fresh, at);
    if ((e = fold_time(t)) || (e = tell_tick(t, before)))
        return e;
    return t->draw ? draw_tick(t->draw, t->position, before) : E_OK;
}
