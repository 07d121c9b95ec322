/* Chance by name: the same name and number, the same draws; another name, others. */
#include "producers/simulate/draws.h"

#include <criterion/criterion.h>

Test(draws, depend_on_seed_name_and_number_alone)
{
    struct draws a = draws_of(7, "victims", 3), b = draws_of(7, "victims", 3);
    uint64_t first;

    cr_assert(draws_next(&a) == draws_next(&b));
    a = draws_of(7, "victims", 4), b = draws_of(7, "victims", 3);
    cr_assert(draws_next(&a) != draws_next(&b));
    a = draws_of(7, "people", 3), b = draws_of(7, "victims", 3);
    cr_assert(draws_next(&a) != draws_next(&b));
    a = draws_of(8, "victims", 3), b = draws_of(7, "victims", 3);
    cr_assert(draws_next(&a) != draws_next(&b));
    /* The same on every machine, for ever: who keeps a seed keeps a force. */
    a = draws_of(1, "end", 0);
    first = draws_next(&a);
    cr_assert(first == UINT64_C(0x4c93ae5869abfc62), "%llx", (unsigned long long)first);
}

Test(draws, a_rate_is_kept_within_what_chance_allows)
{
    struct draws d = draws_of(1, "rate", 0);
    int hits = 0;

    for (int i = 0; i < 100000; i++)
        hits += draws_chance(&d, 0.28);
    cr_assert(hits > 27400 && hits < 28600, "%d of 100,000 at a rate of 0.28", hits);
    for (int i = 0; i < 1000; i++) {
        cr_assert(!draws_chance(&d, 0));
        cr_assert(draws_chance(&d, 1));
    }
}

Test(draws, weights_and_spreads_are_as_said)
{
    static const uint16_t weight[] = { 1, 0, 3 };
    static const struct spread days = { { 0, 1, 2, 10, 30, 90, 200 } };
    struct draws d = draws_of(1, "weights", 0);
    int picked[3] = { 0 }, below_half = 0, below_nine_tenths = 0;

    for (int i = 0; i < 40000; i++) {
        int32_t n = draws_spread(&d, &days);
        picked[draws_pick(&d, weight, 3)]++;
        cr_assert(n >= 0 && n <= 200);
        below_half += n < 10;
        below_nine_tenths += n < 90;
    }
    cr_assert(picked[1] == 0 && picked[0] > 9600 && picked[0] < 10400, "%d %d %d", picked[0], picked[1], picked[2]);
    cr_assert(below_half > 19500 && below_half < 20500, "%d", below_half);
    cr_assert(below_nine_tenths > 35600 && below_nine_tenths < 36400, "%d", below_nine_tenths);
}
