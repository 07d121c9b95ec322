#include "core/pool.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#define POISON(p, n) __asan_poison_memory_region(p, n)
#define UNPOISON(p, n) __asan_unpoison_memory_region(p, n)
#else
#define POISON(p, n) ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#endif

/* Blocks come in classes of size: steps of 16 bytes at first, then eight steps to each doubling, so that at most an eighth
 * is lost. A slab holds blocks of one class and is found from a block by its address. When journeys grow one after the
 * other, each class fills and empties: a slab without blocks serves any class. What is larger than a slab should hold is
 * the allocator's, in a list, so that closing finds it. */
enum { REGION = POOL_KEEP_MAX, SLAB = 64 << 10, LINE = 64, STEP = 16, FINE = 256, SLAB_BLOCK_MAX = 8192 };
enum { FINE_CLASSES = FINE / STEP, CLASSES = FINE_CLASSES + 5 * 8 };
_Static_assert(FINE << 5 == SLAB_BLOCK_MAX, "five doublings");

struct free_block { struct free_block *next; };

struct slab {
    struct slab *next, *prev;                   /* of those of its class with room; of the empty ones: next alone */
    struct free_block *free;
    uint32_t fresh;                             /* from here on never given */
    uint16_t used, most, bytes;                 /* blocks given, blocks there are, bytes of each */
    uint8_t class;
};

_Static_assert(sizeof(struct slab) <= LINE, "read at one go");

struct large { struct large *next, *prev; };

struct region { struct region *next; char *p; size_t used; };

struct pool {
    struct slab *room[CLASSES];
    struct slab *empty;
    struct large large;                         /* head of a ring */
    struct region *regions;                     /* the latest first: slabs are cut from it alone */
    size_t held;
};

static unsigned class_of(size_t n)
{
    unsigned shift;

    if (n <= FINE)
        return (unsigned)((n + STEP - 1) / STEP - 1);
    shift = 60 - (unsigned)__builtin_clzll(n - 1);      /* an eighth of the power of two below n */
    return (unsigned)(FINE_CLASSES + (shift - 5) * 8 + ((n - 1) >> shift) - 8);
}

static size_t class_bytes(unsigned class)
{
    unsigned above = class - FINE_CLASSES;

    return class < FINE_CLASSES ? (class + 1) * (size_t)STEP : (9 + above % 8) << (5 + above / 8);
}

/* Where in it a slab keeps its head: at the same place in each, all heads would compete for the same lines of a cache. */
static size_t head_of(const char *base)
{
    return (uintptr_t)base / SLAB * 37 % (SLAB / LINE) * LINE;
}

static struct slab *slab_of(const void *p)
{
    char *base = (char *)((uintptr_t)p & ~(uintptr_t)(SLAB - 1));

    return (struct slab *)(void *)(base + head_of(base));
}

static char *base_of(const struct slab *s) { return (char *)((uintptr_t)s & ~(uintptr_t)(SLAB - 1)); }

static void link_room(struct pool *pool, struct slab *s)
{
    s->prev = NULL;
    s->next = pool->room[s->class];
    if (s->next)
        s->next->prev = s;
    pool->room[s->class] = s;
}

static void unlink_room(struct pool *pool, struct slab *s)
{
    if (s->prev)
        s->prev->next = s->next;
    else
        pool->room[s->class] = s->next;
    if (s->next)
        s->next->prev = s->prev;
}

static size_t head_at(const struct slab *s) { return (size_t)((const char *)s - base_of(s)); }
static size_t past_head(const struct slab *s) { return (head_at(s) + sizeof *s + STEP - 1) / STEP * STEP; }

/* Where the next block goes, `at` at the earliest: past the head where that is in the way. */
static size_t next_fresh(const struct slab *s, size_t at)
{
    return at < head_at(s) + sizeof *s && at + s->bytes > head_at(s) ? past_head(s) : at;
}

static void begin_slab(struct slab *s, unsigned class)
{
    *s = (struct slab){ .class = (uint8_t)class, .bytes = (uint16_t)class_bytes(class) };
    s->fresh = (uint32_t)next_fresh(s, 0);
    s->most = (uint16_t)(head_at(s) / s->bytes + (SLAB - past_head(s)) / s->bytes);
}

static bool more(struct pool *pool)
{
    struct region *r = malloc(sizeof *r);
    char *p = r ? mmap(NULL, 2 * REGION, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) : MAP_FAILED;
    size_t before = r && p != MAP_FAILED ? -(uintptr_t)p & (REGION - 1) : 0;

    if (!r || p == MAP_FAILED)
        return free(r), false;
    if (before)
        munmap(p, before);
    munmap(p + before + REGION, REGION - before);
    p += before;
    madvise(p, REGION, MADV_HUGEPAGE);          /* fewer misses of the address cache; no matter if it is not to be had */
    *r = (struct region){ pool->regions, p, 0 };
    pool->regions = r;
    return true;
}

static struct slab *slab_with_room(struct pool *pool, unsigned class)
{
    struct slab *s = pool->room[class];

    if (s)
        return s;
    if ((s = pool->empty)) {
        pool->empty = s->next;
    } else {
        if ((!pool->regions || pool->regions->used == REGION) && !more(pool))
            return NULL;
        s = slab_of(pool->regions->p + pool->regions->used);
        pool->regions->used += SLAB;
        pool->held += SLAB;
    }
    begin_slab(s, class);
    link_room(pool, s);
    return s;
}

/* What was cut off a region but not taken serves as slabs. */
static void leave(struct pool *pool, char *p, size_t n)
{
    for (; n; p += SLAB, n -= SLAB) {
        struct slab *s = slab_of(p);
        s->next = pool->empty;
        pool->empty = s;
        pool->held += SLAB;
    }
}

void *pool_keep(struct pool *pool, size_t n)
{
    struct region *r = pool->regions;
    size_t whole = (n + SLAB - 1) / SLAB * SLAB;
    char *p;

    assert(n && n <= REGION);
    if (!r || r->used + whole > REGION) {
        if (!more(pool))
            return NULL;
        if (r) {
            leave(pool, r->p + r->used, REGION - r->used);
            r->used = REGION;
        }
        r = pool->regions;
    }
    p = r->p + r->used;                         /* never given, so as the system gave it: zeros */
    r->used += whole;
    pool->held += whole;
    return p;
}

static void *take_large(struct pool *pool, size_t n)
{
    struct large *l = malloc(sizeof *l + n);

    if (!l)
        return NULL;
    *l = (struct large){ pool->large.next, &pool->large };
    l->next->prev = l->prev->next = l;
    pool->held += sizeof *l + n;
    return l + 1;
}

static void give_large(struct pool *pool, void *p, size_t n)
{
    struct large *l = (struct large *)p - 1;

    l->next->prev = l->prev;
    l->prev->next = l->next;
    pool->held -= sizeof *l + n;
    free(l);
}

static void *take(struct pool *pool, size_t n)
{
    struct slab *s;
    void *p;

    if (n > SLAB_BLOCK_MAX)
        return take_large(pool, n);
    if (!(s = slab_with_room(pool, class_of(n))))
        return NULL;
    if ((p = s->free)) {
        UNPOISON(p, sizeof *s->free);
        s->free = s->free->next;
    } else {
        p = base_of(s) + s->fresh;
        s->fresh = (uint32_t)next_fresh(s, s->fresh + s->bytes);
    }
    if (++s->used == s->most)
        unlink_room(pool, s);
    POISON(p, s->bytes);
    UNPOISON(p, n);
    return p;
}

static void give(struct pool *pool, void *p, size_t n)
{
    struct slab *s;
    struct free_block *b = p;

    if (n > SLAB_BLOCK_MAX) {
        give_large(pool, p, n);
        return;
    }
    s = slab_of(p);
    assert(s->used && s->class == class_of(n));
    UNPOISON(b, sizeof *b);
    b->next = s->free;
    s->free = b;
    POISON(b, s->bytes);
    if (s->used-- == s->most)
        link_room(pool, s);
    if (s->used)
        return;
    unlink_room(pool, s);
    UNPOISON(base_of(s), SLAB);
    s->next = pool->empty;
    pool->empty = s;
}

enum err pool_open(struct pool **ret)
{
    struct pool *p = calloc(1, sizeof *p);

    if (!p)
        return E_MEMORY;
    p->large.next = p->large.prev = &p->large;
    *ret = p;
    return E_OK;
}

void pool_close(struct pool **pp)
{
    struct pool *p = *pp;

    if (!p)
        return;
    for (struct large *l = p->large.next, *next; l != &p->large; l = next) {
        next = l->next;
        free(l);
    }
    for (struct region *r = p->regions, *next; r; r = next) {
        next = r->next;
        UNPOISON(r->p, REGION);
        munmap(r->p, REGION);
        free(r);
    }
    free(p);
    *pp = NULL;
}

void *pool_resize(struct pool *pool, void *p, size_t from, size_t to)
{
    void *fresh = NULL;

    if (from && to && from <= SLAB_BLOCK_MAX && to <= SLAB_BLOCK_MAX && class_of(from) == class_of(to)) {
        POISON(p, class_bytes(class_of(to)));
        UNPOISON(p, to);
        return p;
    }
    if (to && !(fresh = take(pool, to)))
        return NULL;
    if (fresh && from)
        memcpy(fresh, p, from < to ? from : to);
    if (from)
        give(pool, p, from);
    return fresh;
}

const void *pool_head(const void *p) { return slab_of(p); }
size_t pool_held(const struct pool *p) { return p->held; }
