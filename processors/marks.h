/* marks.h: a mark on some of many slots: a bit each, found again in order. All zero is none marked. */
#ifndef PROCESSORS_MARKS_H
#define PROCESSORS_MARKS_H

#include "core/err.h"

#include <stddef.h>
#include <stdint.h>

struct marks { uint64_t *word; size_t words; };

void marks_fini(struct marks *m);
enum err marks_grow(struct marks *m, uint32_t slot) MUST_USE;           /* room for a mark on this slot */
void marks_clear(struct marks *m);                                      /* all of them; keeps the room */
/* The first marked slot from `slot` on; UINT32_MAX: none. */
uint32_t marks_next(const struct marks *m, uint32_t slot);

static inline enum err marks_set(struct marks *m, uint32_t slot)
{
    enum err e = slot / 64 < m->words ? E_OK : marks_grow(m, slot);

    if (!e)
        m->word[slot / 64] |= (uint64_t)1 << slot % 64;
    return e;
}

static inline void marks_unset(struct marks *m, uint32_t slot)
{
    if (slot / 64 < m->words)
        m->word[slot / 64] &= ~((uint64_t)1 << slot % 64);
}

#endif
