/* due.h: the due index: which journeys to look at when time reaches an instant.
 * Mass expiry is the normal case: entries of one instant share a bucket. Cancelling is
 * lazy: whoever takes an entry checks that the journey still means it. */
#ifndef PROCESSORS_DUE_H
#define PROCESSORS_DUE_H

#include "core/when.h"

struct due;
enum err due_open(struct due **ret) MUST_USE;
void due_close(struct due **d);
enum err due_add(struct due *d, uint32_t at, uint32_t slot) MUST_USE;
/* The earliest bucket at or before `until`: its instant and slots, sorted, no slot twice. They are
 * the caller's until the next take. False: none. */
bool due_take(struct due *d, uint32_t until, uint32_t *ret_at, const uint32_t **ret_slots, size_t *ret_count);

#endif
