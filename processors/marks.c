#include "processors/marks.h"

#include <stdlib.h>
#include <string.h>

void marks_fini(struct marks *m)
{
    free(m->word);
    *m = (struct marks){ 0 };
}

enum err marks_grow(struct marks *m, uint32_t slot)
{
    size_t words = slot / 64 + slot / 256 + 16;         /* a quarter more than is needed now */
    uint64_t *p = realloc(m->word, words * sizeof *p);

    if (!p)
        return E_MEMORY;
    memset(p + m->words, 0, (words - m->words) * sizeof *p);
    *m = (struct marks){ p, words };
    return E_OK;
}

void marks_clear(struct marks *m)
{
    if (m->words)
        memset(m->word, 0, m->words * sizeof *m->word);
}

uint32_t marks_next(const struct marks *m, uint32_t slot)
{
    size_t i = slot / 64;
    uint64_t word = i < m->words ? m->word[i] & ~(uint64_t)0 << slot % 64 : 0;

    while (!word && ++i < m->words)
        word = m->word[i];
    return word ? (uint32_t)(i * 64) + (uint32_t)__builtin_ctzll(word) : UINT32_MAX;
}
