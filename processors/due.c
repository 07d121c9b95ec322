#include "processors/due.h"

#include <stdlib.h>
#include <string.h>

/* A heap of instants that have a bucket, and a table from instant to bucket. */
struct bucket { uint32_t at; uint32_t count, cap; uint32_t *slot; };

struct due {
    uint32_t *heap;                     /* indices into bucket, least instant first */
    size_t heap_count, heap_cap;
    struct bucket *bucket;
    size_t bucket_cap;
    uint32_t *unused;                   /* buckets to be used again */
    size_t unused_count;
    uint32_t *table;                    /* bucket index + 1 by instant, open addressing */
    size_t mask;
    struct bucket taken;
};

static size_t place(const struct due *d, uint32_t at)
{
    size_t i = (at * 0x9e3779b97f4a7c15ull >> 32) & d->mask;

    while (d->table[i] && d->bucket[d->table[i] - 1].at != at)
        i = (i + 1) & d->mask;
    return i;
}

static void forget(struct due *d, uint32_t at)
{
    size_t i = place(d, at), j = i;

    /* Open addressing without tombstones: pull back what would no longer be found. */
    for (;;) {
        size_t home;
        j = (j + 1) & d->mask;
        if (!d->table[j])
            break;
        home = (d->bucket[d->table[j] - 1].at * 0x9e3779b97f4a7c15ull >> 32) & d->mask;
        if (((j - home) & d->mask) >= ((j - i) & d->mask)) {
            d->table[i] = d->table[j];
            i = j;
        }
    }
    d->table[i] = 0;
}

static enum err grow(struct due *d)
{
    size_t cap = d->bucket_cap ? d->bucket_cap * 2 : 256;
    struct bucket *bucket = realloc(d->bucket, cap * sizeof *bucket);
    uint32_t *heap, *unused, *table;

    if (!bucket)
        return E_MEMORY;
    d->bucket = bucket;
    memset(bucket + d->bucket_cap, 0, (cap - d->bucket_cap) * sizeof *bucket);
    if (!(heap = realloc(d->heap, cap * sizeof *heap)))
        return E_MEMORY;
    d->heap = heap;
    if (!(unused = realloc(d->unused, cap * sizeof *unused)))
        return E_MEMORY;
    d->unused = unused;
    if (!(table = calloc(cap * 2, sizeof *table)))
        return E_MEMORY;
    free(d->table);
    d->table = table;
    d->mask = cap * 2 - 1;
    for (size_t i = 0; i < d->heap_count; i++)
        d->table[place(d, d->bucket[d->heap[i]].at)] = d->heap[i] + 1;
    for (size_t i = cap; i-- > d->bucket_cap;)
        d->unused[d->unused_count++] = (uint32_t)i;
    d->bucket_cap = cap;
    return E_OK;
}

static bool earlier(const struct due *d, size_t a, size_t b)
{
    return d->bucket[d->heap[a]].at < d->bucket[d->heap[b]].at;
}

static void swap(struct due *d, size_t a, size_t b)
{
    uint32_t t = d->heap[a];

    d->heap[a] = d->heap[b];
    d->heap[b] = t;
}

enum err due_open(struct due **ret)
{
    struct due *d = calloc(1, sizeof *d);
    enum err e;

    if (!d)
        return E_MEMORY;
    if ((e = grow(d))) {
        due_close(&d);
        return e;
    }
    *ret = d;
    return E_OK;
}

void due_close(struct due **pd)
{
    struct due *d = *pd;

    if (!d)
        return;
    for (size_t i = 0; i < d->bucket_cap; i++)
        free(d->bucket[i].slot);
    free(d->taken.slot);
    free(d->bucket);
    free(d->heap);
    free(d->unused);
    free(d->table);
    free(d);
    *pd = NULL;
}

enum err due_add(struct due *d, uint32_t at, uint32_t slot)
{
    size_t i = place(d, at);
    struct bucket *b;
    enum err e;

    if (!d->table[i]) {
        if (!d->unused_count) {
            if ((e = grow(d)))
                return e;
            i = place(d, at);
        }
        uint32_t fresh = d->unused[--d->unused_count];
        d->bucket[fresh].at = at;
        d->bucket[fresh].count = 0;
        d->table[i] = fresh + 1;
        d->heap[d->heap_count] = fresh;
        for (size_t n = d->heap_count++; n && earlier(d, n, (n - 1) / 2); n = (n - 1) / 2)
            swap(d, n, (n - 1) / 2);
    }
    b = &d->bucket[d->table[i] - 1];
    if (b->count == b->cap) {
        uint32_t cap = b->cap ? b->cap * 2 : 8, *p = realloc(b->slot, cap * sizeof *p);
        if (!p)
            return E_MEMORY;
        b->slot = p;
        b->cap = cap;
    }
    b->slot[b->count++] = slot;
    return E_OK;
}

static int by_slot(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

bool due_take(struct due *d, uint32_t until, uint32_t *ret_at, const uint32_t **ret_slots, size_t *ret_count)
{
    uint32_t top, *spare;
    struct bucket *b;
    size_t unique = 0;

    if (!d->heap_count || d->bucket[d->heap[0]].at > until)
        return false;
    top = d->heap[0];
    b = &d->bucket[top];
    forget(d, b->at);
    swap(d, 0, --d->heap_count);
    for (size_t n = 0;;) {
        size_t least = n;
        if (2 * n + 1 < d->heap_count && earlier(d, 2 * n + 1, least))
            least = 2 * n + 1;
        if (2 * n + 2 < d->heap_count && earlier(d, 2 * n + 2, least))
            least = 2 * n + 2;
        if (least == n)
            break;
        swap(d, n, least);
        n = least;
    }
    /* The bucket gives its slots away and takes the spare array of the take before. */
    spare = d->taken.slot;
    uint32_t spare_cap = d->taken.cap;
    d->taken = *b;
    *b = (struct bucket){ .slot = spare, .cap = spare_cap };
    d->unused[d->unused_count++] = top;

    qsort(d->taken.slot, d->taken.count, sizeof *d->taken.slot, by_slot);
    for (uint32_t i = 0; i < d->taken.count; i++)
        if (i == 0 || d->taken.slot[i] != d->taken.slot[i - 1])
            d->taken.slot[unique++] = d->taken.slot[i];
    *ret_at = d->taken.at;
    *ret_slots = d->taken.slot;
    *ret_count = unique;
    return true;
}
