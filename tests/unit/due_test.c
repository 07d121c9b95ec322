#include "processors/due.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <time.h>

static struct pool *pool;
static struct due *d;
static uint32_t at, slot;

static void begin(void) { cr_assert(pool_open(&pool) == E_OK && due_open(pool, &d) == E_OK); }
static void end(void) { due_close(&d); cr_assert(d == NULL); pool_close(&pool); }
TestSuite(due, .init = begin, .fini = end);

static bool takes(uint32_t until, uint32_t an_at, uint32_t a_slot)
{
    return due_take(d, until, &at, &slot) == E_OK && at == an_at && slot == a_slot;
}

Test(due, gives_the_earliest_first_of_one_instant_the_least_slot_and_each_once)
{
    cr_assert(due_add(d, 20, 7) == E_OK && due_add(d, 10, 9) == E_OK && due_add(d, 10, 3) == E_OK && due_add(d, 10, 9) == E_OK);
    cr_assert(due_take(d, 9, &at, &slot) == E_AGAIN);
    cr_assert(takes(15, 10, 3) && takes(15, 10, 9));
    cr_assert(due_take(d, 15, &at, &slot) == E_AGAIN);
    cr_assert(takes(20, 20, 7));
    cr_assert(due_take(d, UINT32_MAX, &at, &slot) == E_AGAIN);
}

Test(due, what_is_added_while_an_instant_is_worked_through_is_not_lost)
{
    cr_assert(due_add(d, 10, 1) == E_OK && due_add(d, 10, 4) == E_OK && due_add(d, 11, 4) == E_OK);
    cr_assert(takes(10, 10, 1));
    cr_assert(due_add(d, 10, 2) == E_OK && due_add(d, 5, 3) == E_OK);
    cr_assert(takes(10, 5, 3) && takes(10, 10, 2) && takes(10, 10, 4));
    cr_assert(due_take(d, 10, &at, &slot) == E_AGAIN);
    cr_assert(takes(11, 11, 4));
}

Test(due, tells_ahead_who_comes_as_far_as_it_knows)
{
    uint32_t ahead;

    for (uint32_t i = 0; i < 10; i++)
        cr_assert(due_add(d, 10 + i / 6, 90 - i) == E_OK);
    cr_assert(!due_ahead(d, 0, &ahead));                /* nothing was taken yet: nothing is in order */
    cr_assert(takes(20, 10, 85));
    for (uint32_t i = 0; i < 5; i++)
        cr_assert(due_ahead(d, i, &ahead) && ahead == 86 + i);
    cr_assert(!due_ahead(d, 5, &ahead));                /* of another instant */
    for (uint32_t i = 0; i < 5; i++)
        cr_assert(takes(20, 10, 86 + i));
    cr_assert(!due_ahead(d, 0, &ahead) && takes(20, 11, 81) && due_ahead(d, 2, &ahead) && ahead == 84);
}

/* A frontier may go back when another rule book comes. */
Test(due, time_may_go_back)
{
    cr_assert(due_add(d, 1000, 1) == E_OK && due_add(d, 1000, 2) == E_OK && takes(2000, 1000, 1));
    cr_assert(due_add(d, 40, 5) == E_OK);
    cr_assert(takes(50, 40, 5));
    cr_assert(due_take(d, 50, &at, &slot) == E_AGAIN);
    cr_assert(takes(1000, 1000, 2));
    cr_assert(due_add(d, 940, 6) == E_OK && due_add(d, 990, 6) == E_OK && due_take(d, 930, &at, &slot) == E_AGAIN);
    cr_assert(due_add(d, 960, 7) == E_OK);
    cr_assert(takes(945, 940, 6) && takes(970, 960, 7));
    cr_assert(due_take(d, 970, &at, &slot) == E_AGAIN && takes(990, 990, 6));
    cr_assert(due_take(d, UINT32_MAX, &at, &slot) == E_AGAIN);
    cr_assert(due_add(d, 2000, 1) == E_OK && takes(2000, 2000, 1));
}

Test(due, holds_against_a_sorted_list_at_random)
{
    enum { N = 60000, SPAN = 3000, SLOTS = 500 };
    static uint8_t is[SPAN][SLOTS];
    unsigned seed = (unsigned)time(NULL);
    const uint32_t from = UINT32_MAX - SPAN;        /* through every digit */
    uint32_t limit = 0, next_at = 0, next_slot = 0;
    enum err e;

    cr_log_info("seed %u", seed);
    srand(seed);
    for (int i = 0; i < N; i++) {
        uint32_t when = limit + 1 + (uint32_t)rand() % (SPAN - limit - 1), which = (uint32_t)rand() % SLOTS;
        cr_assert(due_add(d, from + when, which) == E_OK);
        is[when][which] = 1;
        if (rand() % 50 && i < N - 1)
            continue;
        limit = i < N - 1 ? limit + (uint32_t)rand() % 4 : SPAN - 1;
        limit = limit < SPAN - 100 || i == N - 1 ? limit : SPAN - 100;
        while (!(e = due_take(d, from + limit, &at, &slot))) {
            for (; at != from + next_at || slot != next_slot; next_slot++ < SLOTS - 1 ? 0 : (next_at++, next_slot = 0))
                cr_assert(!is[next_at][next_slot], "%u %u is missing", next_at, next_slot);
            cr_assert(is[next_at][next_slot]);
            is[next_at][next_slot] = 0;
        }
        cr_assert(e == E_AGAIN);
    }
    for (int i = 0; i < SPAN; i++)
        for (int k = 0; k < SLOTS; k++)
            cr_assert(!is[i][k]);
}
