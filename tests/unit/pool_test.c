#include "core/pool.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <time.h>

enum { BLOCKS = 3000 };
struct block { uint8_t *p; size_t n; uint8_t is; };

static void check(const struct block *b)
{
    for (size_t i = 0; i < b->n; i++)
        if (b->p[i] != b->is)
            cr_assert_fail("byte %zu of %zu", i, b->n);
}

static void resize(struct pool *pool, struct block *b, size_t n)
{
    size_t kept = b->n < n ? b->n : n;

    b->p = pool_resize(pool, b->p, b->n, n);
    cr_assert(!n == !b->p && (uintptr_t)b->p % 16 == 0);
    b->n = kept;
    check(b);
    if (n)
        memset(b->p, b->is, n);
    b->n = n;
}

Test(pool, keeps_what_a_block_held_whatever_becomes_of_the_others)
{
    static struct block block[BLOCKS];
    unsigned seed = (unsigned)time(NULL);
    struct pool *pool;

    cr_log_info("seed %u", seed);
    srand(seed);
    cr_assert(pool_open(&pool) == E_OK);
    for (int step = 0; step < 200000; step++) {
        struct block *b = &block[rand() % BLOCKS];
        size_t n = rand() % 20 ? (size_t)rand() % 600 : (size_t)rand() % 20000;
        check(b);
        if (!b->n)
            b->is = (uint8_t)rand();
        resize(pool, b, rand() % 4 ? n : 0);
    }
    for (int i = 0; i < BLOCKS; i++)
        check(&block[i]);
    pool_close(&pool);
    cr_assert(pool == NULL);
    pool_close(&pool);
}

/* All reports of a year come first, then all that was done: every block grows through every size. */
Test(pool, what_all_have_outgrown_serves_again)
{
    enum { MANY = 30000, LAST = 480 };
    static struct block block[MANY];
    struct pool *pool;

    cr_assert(pool_open(&pool) == E_OK);
    for (size_t n = 20; n <= LAST; n += 20)
        for (int i = 0; i < MANY; i++)
            resize(pool, &block[i], n);
    cr_assert(pool_held(pool) < (size_t)MANY * LAST * 5 / 4, "%zu held for %d bytes", pool_held(pool), MANY * LAST);
    for (int i = 0; i < MANY; i++)
        resize(pool, &block[i], 0);
    cr_assert(pool_held(pool) < (size_t)MANY * LAST * 5 / 4);
    for (int i = 0; i < MANY; i++)
        resize(pool, &block[i], LAST);
    cr_assert(pool_held(pool) < (size_t)MANY * LAST * 5 / 4, "what was given back is taken first");
    pool_close(&pool);
}

/* What is kept comes as zeros, stays as it is written, and what it leaves of a region serves as blocks. */
Test(pool, keeps_whole_pages_beside_its_blocks)
{
    enum { KEPT = 40, EACH = 448 << 10, SMALL = 4000 };
    static uint8_t *kept[KEPT], *block[SMALL];
    struct pool *pool;
    size_t held;

    cr_assert(pool_open(&pool) == E_OK);
    for (int i = 0; i < KEPT; i++) {
        cr_assert((kept[i] = pool_keep(pool, EACH)) != NULL && (uintptr_t)kept[i] % 64 == 0);
        for (size_t at = 0; at < EACH; at++)
            if (kept[i][at])
                cr_assert_fail("byte %zu is not zero", at);
        memset(kept[i], i + 1, EACH);
        for (int k = i * (SMALL / KEPT); k < (i + 1) * (SMALL / KEPT); k++) {
            cr_assert((block[k] = pool_resize(pool, NULL, 0, 200)) != NULL);
            memset(block[k], 0xee, 200);
        }
    }
    for (int i = 0; i < KEPT; i++)
        cr_assert(kept[i][0] == i + 1 && kept[i][EACH / 2] == i + 1 && kept[i][EACH - 1] == i + 1);
    for (int k = 0; k < SMALL; k++)
        cr_assert(block[k][0] == 0xee && block[k][199] == 0xee);
    held = pool_held(pool);
    cr_assert(held >= (size_t)KEPT * EACH + SMALL * 200 && held < (size_t)KEPT * EACH * 5 / 4 + SMALL * 300, "%zu", held);
    pool_close(&pool);
}
