/* draws.h: chance by name: what is drawn depends on a seed, a name and a number alone, so that one more draw shifts no other. */
#ifndef PRODUCERS_SIMULATE_DRAWS_H
#define PRODUCERS_SIMULATE_DRAWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Only whole numbers and comparisons of doubles: the same on every machine, in every locale. */
struct draws { uint64_t state; };

/* The draws called `name` for the thing with this number. */
struct draws draws_of(uint64_t seed, const char *name, uint64_t number);
uint64_t draws_next(struct draws *d);
uint32_t draws_below(struct draws *d, uint32_t n);              /* 0 .. n - 1; n > 0 */
int draws_between(struct draws *d, int least, int most);        /* both included */
bool draws_chance(struct draws *d, double rate);                /* 0 never, 1 always; takes one draw either way */
/* An index, each as likely as its weight; the weights must not all be 0. */
size_t draws_pick(struct draws *d, const uint16_t *weight, size_t n);

/* How something is spread: its least value, the values that a tenth, a quarter, half, three quarters and
 * nine tenths stay below, and its greatest. Between them it is even. */
struct spread { int32_t at[7]; };
int32_t draws_spread(struct draws *d, const struct spread *s);

#endif
