#include "processors/due.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <time.h>

Test(due, gives_the_earliest_bucket_with_its_slots_sorted_and_once)
{
    struct due *d;
    const uint32_t *slots;
    uint32_t at;
    size_t n;

    cr_assert(due_open(&d) == E_OK);
    cr_assert(due_add(d, 20, 7) == E_OK && due_add(d, 10, 9) == E_OK && due_add(d, 10, 3) == E_OK && due_add(d, 10, 9) == E_OK);
    cr_assert(!due_take(d, 9, &at, &slots, &n));
    cr_assert(due_take(d, 15, &at, &slots, &n) && at == 10 && n == 2 && slots[0] == 3 && slots[1] == 9);
    cr_assert(!due_take(d, 15, &at, &slots, &n));
    cr_assert(due_take(d, 20, &at, &slots, &n) && at == 20 && n == 1 && slots[0] == 7);
    due_close(&d);
    cr_assert(d == NULL);
}

Test(due, what_is_added_while_a_bucket_is_worked_through_is_not_lost)
{
    struct due *d;
    const uint32_t *slots;
    uint32_t at;
    size_t n;

    cr_assert(due_open(&d) == E_OK);
    cr_assert(due_add(d, 10, 1) == E_OK);
    cr_assert(due_take(d, 10, &at, &slots, &n) && n == 1);
    cr_assert(due_add(d, 10, 2) == E_OK && due_add(d, 5, 3) == E_OK);
    cr_assert(slots[0] == 1);
    cr_assert(due_take(d, 10, &at, &slots, &n) && at == 5 && slots[0] == 3);
    cr_assert(due_take(d, 10, &at, &slots, &n) && at == 10 && slots[0] == 2);
    due_close(&d);
}

Test(due, holds_against_a_sorted_list_at_random)
{
    enum { N = 20000, INSTANTS = 3000 };
    static uint32_t count[INSTANTS];
    unsigned seed = (unsigned)time(NULL);
    struct due *d;
    const uint32_t *slots;
    uint32_t at, last = 0, limit = 0;
    size_t n, added = 0, taken = 0;

    cr_log_info("seed %u", seed);
    srand(seed);
    cr_assert(due_open(&d) == E_OK);
    for (int i = 0; i < N; i++) {
        uint32_t when = limit + 1 + (uint32_t)rand() % (INSTANTS - limit - 1);
        cr_assert(due_add(d, when, (uint32_t)i) == E_OK);
        count[when]++;
        added++;
        if (rand() % 50 == 0 && limit < INSTANTS / 2) {
            limit += (uint32_t)rand() % 20;
            while (due_take(d, limit, &at, &slots, &n)) {
                cr_assert(at <= limit && at >= last && n == count[at], "at %u: %zu, not %u", at, n, count[at]);
                count[at] = 0;
                last = at;
                taken += n;
            }
        }
    }
    while (due_take(d, UINT32_MAX, &at, &slots, &n)) {
        cr_assert(n == count[at]);
        taken += n;
    }
    cr_assert(added == taken);
    due_close(&d);
}
