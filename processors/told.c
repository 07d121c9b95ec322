#include "processors/told.h"

#include <assert.h>

_Static_assert(sizeof(struct told_head) == sizeof(uint32_t), "a word");
_Static_assert((int)LAW_RULES_MAX <= (int)TOLD_RULE_MAX + 1 && (int)LADDER_STEPS_MAX <= (int)TOLD_STEP_MAX, "there is room for what is told");
_Static_assert((OBLIGATIONS_PER_JOURNEY_MAX + 1) * TOLD_WORDS_MAX <= UINT16_MAX, "all there may be of a journey");

uint32_t told_read(const struct journey *v, uint32_t at, struct told *ret)
{
    const struct told_head head = told_at(v, at);
    const uint32_t *due = &v->told[at + 1 + 2 * head.waits];

    ret->instance = told_instance(v, at);
    ret->next_tick = told_next(v, at, BY_TICK);
    ret->next_frontier = told_next(v, at, BY_FRONTIER);
    ret->due = head.is_due ? due[0] : 0;
    ret->ended_or_whose = head.is_due ? due[1] : 0;
    ret->rule = head.rule;
    ret->stands = head.stands;
    ret->step = head.step;
    ret->alerted = head.alerted;
    ret->has_ended = head.has_ended;
    return at + head.words;
}

uint32_t told_place(const struct journey *v, uint32_t rule, uint64_t instance)
{
    uint32_t at = 0;

    while (at < v->told_words && told_at(v, at).rule < rule)
        at = told_after(v, at);
    while (at < v->told_words && told_at(v, at).rule == rule && told_instance(v, at) < instance)
        at = told_after(v, at);
    return at;
}

void told_get(const struct journey *v, uint32_t at, uint32_t rule, uint64_t instance, struct told *ret)
{
    if (told_is(v, at, rule, instance))
        told_read(v, at, ret);
    else
        *ret = (struct told){ .rule = rule, .instance = instance };
}

/* Makes room for `to` words where there were `from`. */
static enum err make_room(struct journey *v, struct pool *pool, uint32_t at, uint32_t from, uint32_t to)
{
    const uint32_t before = v->told_words, after = before - from + to, behind = before - at - from;
    uint32_t *p;

    assert(after <= UINT16_MAX);
    if (to < from)
        memmove(&v->told[at + to], &v->told[at + from], behind * sizeof *p);
    p = pool_resize(pool, v->told, before * sizeof *p, after * sizeof *p);
    if (!p && after)
        return E_MEMORY;
    if (to > from)
        memmove(&p[at + to], &p[at + from], behind * sizeof *p);
    v->told = p;
    v->told_words = (uint16_t)after;
    return E_OK;
}

enum err told_keep(struct journey *v, struct pool *pool, uint32_t at, const struct told *is)
{
    const uint32_t from = told_is(v, at, is->rule, is->instance) ? told_at(v, at).words : 0;
    const bool waits = is->next_tick || is->next_frontier, is_due = is->due || is->ended_or_whose, has_instance = is->instance != 0;
    const uint32_t words = 1 + 2 * ((uint32_t)waits + is_due + has_instance), to = waits || !told_is_bare(is) ? words : 0;
    const struct told_head head = {
        .rule = is->rule & TOLD_RULE_MAX, .stands = is->stands & TOLD_LEVEL_MAX, .step = is->step & TOLD_STEP_MAX, .alerted = is->alerted,
        .has_ended = is->has_ended, .waits = waits, .is_due = is_due, .has_instance = has_instance, .words = words & TOLD_WORDS_MAX,
    };
    uint32_t *w;
    enum err e;

    if (from != to && (e = make_room(v, pool, at, from, to)))
        return e;
    if (!to)
        return E_OK;
    w = &v->told[at];
    memcpy(w++, &head, sizeof head);
    if (waits)
        *w++ = is->next_tick, *w++ = is->next_frontier;
    if (is_due)
        *w++ = is->due, *w++ = is->ended_or_whose;
    if (has_instance)
        memcpy(w, &is->instance, sizeof is->instance);
    return E_OK;
}

size_t told_read_all(const struct journey *v, struct told *ret)
{
    size_t n = 0;

    for (uint32_t at = 0; at < v->told_words; n++) {
        assert(n < OBLIGATIONS_PER_JOURNEY_MAX);
        at = told_read(v, at, &ret[n]);
    }
    return n;
}
