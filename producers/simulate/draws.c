#include "producers/simulate/draws.h"

#include "core/hash.h"

#include <assert.h>
#include <string.h>

/* SplitMix64 (Steele, Lea, Flood 2014): a counter and a mixer. */
uint64_t draws_next(struct draws *d)
{
    uint64_t z = d->state += UINT64_C(0x9E3779B97F4A7C15);

    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

struct draws draws_of(uint64_t seed, const char *name, uint64_t number)
{
    struct draws d = { hash_next(seed, name, strlen(name)) ^ number * UINT64_C(0xD6E8FEB86659FD93) };

    d.state = draws_next(&d);
    return d;
}

uint32_t draws_below(struct draws *d, uint32_t n)
{
    assert(n > 0);
    return (uint32_t)((draws_next(d) >> 32) * n >> 32);
}

int draws_between(struct draws *d, int least, int most)
{
    assert(least <= most);
    return least + (int)draws_below(d, (uint32_t)(most - least) + 1);
}

bool draws_chance(struct draws *d, double rate)
{
    return (double)(draws_next(d) >> 11) * 0x1p-53 < rate;
}

size_t draws_pick(struct draws *d, const uint16_t *weight, size_t n)
{
    uint32_t sum = 0, at;

    for (size_t i = 0; i < n; i++)
        sum += weight[i];
    at = draws_below(d, sum);
    for (size_t i = 0;; i++) {
        assert(i < n);
        if (at < weight[i])
            return i;
        at -= weight[i];
    }
}

int32_t draws_spread(struct draws *d, const struct spread *s)
{
    static const uint32_t share[7] = { 0, 100000, 250000, 500000, 750000, 900000, 1000000 };
    uint32_t at = draws_below(d, share[6]);
    size_t i = 1;

    while (at >= share[i])
        i++;
    return s->at[i - 1] + (int32_t)((int64_t)(s->at[i] - s->at[i - 1]) * (at - share[i - 1]) / (share[i] - share[i - 1]));
}
