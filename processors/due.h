/* due.h: the due index: which journeys to look at when time reaches an instant.
 *
 * Cancelling is lazy: whoever takes an entry checks that the journey still means it. Mass expiry is the normal case: what is
 * due at one instant costs what it would cost spread over a year. */
#ifndef PROCESSORS_DUE_H
#define PROCESSORS_DUE_H

#include "core/pool.h"
#include "core/when.h"

struct due;
enum err due_open(struct pool *pool, struct due **ret) MUST_USE;        /* entries live in pool, which outlives it */
void due_close(struct due **d);
enum err due_add(struct due *d, uint32_t at, uint32_t slot) MUST_USE;
/* Takes the entry with the earliest instant at or before `until`, of one instant that with the least slot; the same twice is
 * one. E_AGAIN: none; ret_ untouched. E_MEMORY. */
enum err due_take(struct due *d, uint32_t until, uint32_t *ret_at, uint32_t *ret_slot) MUST_USE;
/* The slot of the entry so many behind the one that is taken next, as long as they are of one instant; false: not known yet. */
bool due_ahead(const struct due *d, size_t entries, uint32_t *ret_slot);

#endif
