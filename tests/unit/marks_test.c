#include "processors/marks.h"

#include <criterion/criterion.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

Test(marks, are_found_again_in_order_and_no_others)
{
    enum { SLOTS = 3000 };
    static bool is[SLOTS];
    unsigned seed = (unsigned)time(NULL);
    struct marks m = { 0 };
    uint32_t at = 0;

    cr_log_info("seed %u", seed);
    srand(seed);
    cr_assert(marks_next(&m, 0) == UINT32_MAX && marks_next(&m, 700) == UINT32_MAX);
    marks_unset(&m, 9);
    for (int i = 0; i < 2000; i++) {
        uint32_t slot = (uint32_t)rand() % SLOTS;
        is[slot] = rand() % 3;
        if (is[slot])
            cr_assert(marks_set(&m, slot) == E_OK);
        else
            marks_unset(&m, slot);
    }
    for (uint32_t slot = 0; slot < SLOTS; slot++)
        if (is[slot]) {
            at = marks_next(&m, at);
            cr_assert(at == slot, "%u, not %u", at, slot);
            at++;
        }
    cr_assert(marks_next(&m, at) == UINT32_MAX);
    marks_clear(&m);
    cr_assert(marks_next(&m, 0) == UINT32_MAX);
    marks_fini(&m);
}
