#include "processors/due.h"

#include <stdlib.h>
#include <string.h>

/* A radix heap. Instants are seconds of 32 bits. All entries after `reached` are in the bucket of the highest digit in which
 * they differ from it and of their value there: the bucket of the lowest such digit and the least value holds the earliest.
 * When time comes to it, its least instant is reached and its entries spread over lower digits. An entry moves at most once
 * a digit, and each move is to the end of a list: nothing is searched, and memory is walked in its order. */
enum { DIGIT_BITS = 3, DIGIT = 1 << DIGIT_BITS, DIGITS = (32 + DIGIT_BITS - 1) / DIGIT_BITS };
enum { REACHED = 0, BUCKETS = DIGITS * DIGIT };     /* a lowest digit of 0 is never ahead: that bucket is for what is not */
enum { WORDS = (BUCKETS + 63) / 64, FEW = 48 };

/* An entry is a number that sorts as it should: the instant above, the slot below. */
enum { CHUNK = 512, CHUNK_ENTRIES = (CHUNK - 16) / sizeof(uint64_t) };
struct chunk { struct chunk *next; uint32_t count; uint64_t entry[CHUNK_ENTRIES]; };
_Static_assert(sizeof(struct chunk) == CHUNK, "a block of its size, wholly used");

struct bucket { struct chunk *chunk; uint32_t least; };     /* the first chunk alone may have room; least: the earliest instant */

struct due {
    struct pool *pool;
    uint32_t reached;
    uint64_t filled[WORDS];                  /* a bit for each bucket that has entries */
    struct bucket bucket[BUCKETS];
    uint64_t *ready;                         /* taken out of the bucket of what is reached, sorted; behind them room for as many */
    size_t ready_at, ready_count, ready_cap;
};

/* The first bucket that has entries; BUCKETS: none has. */
static size_t first_filled(const struct due *d)
{
    for (size_t w = 0; w < WORDS; w++)
        if (d->filled[w])
            return w * 64 + (size_t)__builtin_ctzll(d->filled[w]);
    return BUCKETS;
}

static struct bucket *bucket_of(struct due *d, uint32_t at)
{
    unsigned digit;

    if (at <= d->reached)
        return &d->bucket[REACHED];
    digit = (31 - (unsigned)__builtin_clz(at ^ d->reached)) / DIGIT_BITS;
    return &d->bucket[digit * DIGIT + (at >> digit * DIGIT_BITS) % DIGIT];
}

static enum err put(struct due *d, uint64_t entry)
{
    uint32_t at = (uint32_t)(entry >> 32);
    struct bucket *b = bucket_of(d, at);
    struct chunk *c = b->chunk;

    if (!c || c->count == CHUNK_ENTRIES) {
        if (!(c = pool_resize(d->pool, NULL, 0, sizeof *c)))
            return E_MEMORY;
        c->next = b->chunk;
        c->count = 0;
        b->least = b->chunk ? b->least : at;
        b->chunk = c;
        d->filled[(b - d->bucket) / 64] |= (uint64_t)1 << (b - d->bucket) % 64;
    }
    b->least = at < b->least ? at : b->least;
    c->entry[c->count++] = entry;
    return E_OK;
}

static struct chunk *drop(struct due *d, struct chunk *c)
{
    struct chunk *next = c->next;

    pool_resize(d->pool, c, sizeof *c, 0);
    return next;
}

enum err due_open(struct pool *pool, struct due **ret)
{
    struct due *d = calloc(1, sizeof *d);

    if (!d)
        return E_MEMORY;
    d->pool = pool;
    *ret = d;
    return E_OK;
}

void due_close(struct due **pd)
{
    struct due *d = *pd;

    if (!d)
        return;
    for (size_t i = 0; i < BUCKETS; i++)
        while (d->bucket[i].chunk)
            d->bucket[i].chunk = drop(d, d->bucket[i].chunk);
    free(d->ready);
    free(d);
    *pd = NULL;
}

enum err due_add(struct due *d, uint32_t at, uint32_t slot) { return put(d, (uint64_t)at << 32 | slot); }

/* Few by insertion, many by their bytes from the least: those alone in which they differ, of one instant some two of eight. */
static void sort(uint64_t *entry, uint64_t *spare, size_t n)
{
    uint64_t *from = entry, *to = spare, *swap, differ = 0;

    if (n <= FEW) {
        for (size_t i = 1; i < n; i++) {
            uint64_t is = entry[i];
            size_t k = i;
            for (; k && entry[k - 1] > is; k--)
                entry[k] = entry[k - 1];
            entry[k] = is;
        }
        return;
    }
    for (size_t i = 1; i < n; i++)
        differ |= entry[i] ^ entry[0];
    for (unsigned shift = 0; shift < 64; shift += 8) {
        size_t at[256] = { 0 }, sum = 0;
        if (!(differ >> shift & 255))
            continue;
        for (size_t i = 0; i < n; i++)
            at[from[i] >> shift & 255]++;
        for (unsigned b = 0; b < 256; b++) {
            size_t count = at[b];
            at[b] = sum;
            sum += count;
        }
        for (size_t i = 0; i < n; i++)
            to[at[from[i] >> shift & 255]++] = from[i];
        swap = from, from = to, to = swap;
    }
    if (from != entry)
        memcpy(entry, from, n * sizeof *entry);
}

/* What is in the bucket of the reached becomes ready, beside what is. */
static enum err make_ready(struct due *d)
{
    struct bucket *b = &d->bucket[REACHED];
    size_t left = d->ready_count - d->ready_at, count = left;

    for (const struct chunk *c = b->chunk; c; c = c->next)
        count += c->count;
    if (count > d->ready_cap) {
        uint64_t *p = realloc(d->ready, 2 * count * sizeof *p);
        if (!p)
            return E_MEMORY;
        d->ready = p;
        d->ready_cap = count;
    }
    memmove(d->ready, d->ready + d->ready_at, left * sizeof *d->ready);
    d->ready_at = 0;
    d->ready_count = left;
    for (; b->chunk; b->chunk = drop(d, b->chunk)) {
        memcpy(&d->ready[d->ready_count], b->chunk->entry, b->chunk->count * sizeof *d->ready);
        d->ready_count += b->chunk->count;
    }
    d->filled[REACHED / 64] &= ~((uint64_t)1 << REACHED % 64);
    sort(d->ready, d->ready + count, count);
    return E_OK;
}

/* Reaches the least instant of this bucket, which is the first that has entries. */
static enum err reach(struct due *d, struct bucket *b)
{
    struct chunk *c = b->chunk;
    enum err e = E_OK;

    d->reached = b->least;
    b->chunk = NULL;
    d->filled[(b - d->bucket) / 64] &= ~((uint64_t)1 << (b - d->bucket) % 64);
    for (; c; c = drop(d, c))
        for (uint32_t i = 0; !e && i < c->count; i++)
            e = put(d, c->entry[i]);
    return e;
}

enum err due_take(struct due *d, uint32_t until, uint32_t *ret_at, uint32_t *ret_slot)
{
    uint64_t entry;
    enum err e = E_OK;

    while (!e && (d->ready_at == d->ready_count || d->bucket[REACHED].chunk)) {
        size_t i = first_filled(d);
        if (i == BUCKETS || (i != REACHED && d->bucket[i].least > until))
            return E_AGAIN;
        e = i == REACHED ? make_ready(d) : reach(d, &d->bucket[i]);
    }
    if (e)
        return e;
    entry = d->ready[d->ready_at];
    if (entry >> 32 > until)
        return E_AGAIN;
    while (d->ready_at < d->ready_count && d->ready[d->ready_at] == entry)
        d->ready_at++;
    *ret_at = (uint32_t)(entry >> 32);
    *ret_slot = (uint32_t)entry;
    return E_OK;
}

bool due_ahead(const struct due *d, size_t entries, uint32_t *ret_slot)
{
    if (entries >= d->ready_count - d->ready_at)
        return false;
    *ret_slot = (uint32_t)d->ready[d->ready_at + entries];
    return true;
}
