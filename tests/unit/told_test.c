#include "processors/told.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <time.h>

enum { RULES = 6, INSTANCES = 4, OBLIGATIONS = RULES * INSTANCES };

static uint32_t some(void) { return rand() % 3 ? (uint32_t)rand() * 3 : 0; }

static struct told any_told(int which)
{
    static const uint64_t instance[INSTANCES] = { 0, 7, (uint64_t)7 << 32, UINT64_MAX };
    struct told t = { .rule = (uint16_t)(which / INSTANCES * (TOLD_RULE_MAX / RULES)), .instance = instance[which % INSTANCES] };

    if (!(rand() % 4))
        return t;                               /* nothing to know of it */
    t.due = some(), t.ended_or_whose = some(), t.has_ended = rand() & 1, t.next_tick = some(), t.next_frontier = some();
    t.stands = rand() & TOLD_LEVEL_MAX, t.step = rand() & TOLD_STEP_MAX, t.alerted = rand() & 1;
    return t;
}

static bool is_of_use(const struct told *t) { return t->next_tick || t->next_frontier || !told_is_bare(t); }

static bool is_same(struct told a, struct told b)
{
    return a.instance == b.instance && a.next_tick == b.next_tick && a.next_frontier == b.next_frontier && a.due == b.due &&
           a.ended_or_whose == b.ended_or_whose && a.rule == b.rule && a.stands == b.stands && a.step == b.step && a.alerted == b.alerted &&
           a.has_ended == b.has_ended;
}

/* In order of (rule, instance), what is of use and nothing else, each found. */
static void look(const struct journey *v, const struct told of[OBLIGATIONS])
{
    uint32_t at = 0;

    for (int i = 0; i < OBLIGATIONS; i++) {
        const struct told nothing = { .rule = of[i].rule, .instance = of[i].instance };
        struct told is;
        cr_assert(told_place(v, of[i].rule, of[i].instance) == at);
        told_get(v, at, of[i].rule, of[i].instance, &is);
        cr_assert(is_same(is, is_of_use(&of[i]) ? of[i] : nothing));
        if (!is_of_use(&of[i]))
            continue;
        cr_assert(told_next(v, at, BY_TICK) == of[i].next_tick && told_next(v, at, BY_FRONTIER) == of[i].next_frontier);
        cr_assert(told_read(v, at, &is) == told_after(v, at) && is_same(is, of[i]));
        cr_assert(told_at(v, at).spare == 0);   /* digests take the words as they are */
        at = told_after(v, at);
    }
    cr_assert(at == v->told_words);
}

Test(told, keeps_what_there_is_to_know_in_order_and_nothing_else)
{
    struct told of[OBLIGATIONS], all[OBLIGATIONS_PER_JOURNEY_MAX];
    unsigned seed = (unsigned)time(NULL);
    struct journey v = { 0 };
    struct pool *pool;
    size_t of_use;

    cr_log_info("seed %u", seed);
    srand(seed);
    cr_assert(pool_open(&pool) == E_OK);
    for (int i = 0; i < OBLIGATIONS; i++)
        of[i] = (struct told){ .rule = any_told(i).rule, .instance = any_told(i).instance };
    for (int round = 0; round < 5000; round++) {
        int i = rand() % OBLIGATIONS;
        of[i] = any_told(i);
        cr_assert(told_keep(&v, pool, told_place(&v, of[i].rule, of[i].instance), &of[i]) == E_OK);
        look(&v, of);
    }
    of_use = told_read_all(&v, all);
    for (int i = 0; i < OBLIGATIONS; i++)
        of_use -= is_of_use(&of[i]);
    cr_assert(!of_use);
    pool_close(&pool);
}

Test(told, is_three_words_of_what_a_journey_owes_once_and_is_settled)
{
    struct journey v = { 0 };
    struct pool *pool;

    cr_assert(pool_open(&pool) == E_OK);
    cr_assert(told_keep(&v, pool, 0, &(struct told){ .rule = 4, .due = 1775001600, .ended_or_whose = 1774958400, .has_ended = true, .stands = LEVEL_MET }) == E_OK);
    cr_assert(v.told_words == 3);
    pool_close(&pool);
}
