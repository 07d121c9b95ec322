#include "processors/facts.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <time.h>

static uint64_t draw(void)
{
    uint64_t v = 0;

    for (int i = 0; i < 5; i++)
        v = v << 15 ^ (uint64_t)rand();
    return v;
}

static struct fact any_fact(uint64_t id)
{
    struct fact f = {
        .id = id, .number = draw() >> (draw() % 64), .check = (uint32_t)draw(), .kind = (kind_t)(draw() % 200),
        .age = draw() % 2 ? AGE_UNKNOWN : (uint8_t)draw(), .occurred_at.s = 1 + (int64_t)(draw() % 4000000000),
    };

    f.recorded_at.s = draw() % 2 ? f.occurred_at.s : 1 + (int64_t)(draw() % 4000000000);
    if (draw() % 2) f.supersedes = draw();
    if (draw() % 2) f.informs = draw();
    if (draw() % 2) f.names |= FACT_NAMES_OIC, f.oic = (uint32_t)draw();
    if (draw() % 2) f.names |= FACT_NAMES_TEAM, f.team = (uint32_t)draw();
    if (draw() % 2) f.flags_said = (uint8_t)(draw() | 1), f.flags = (uint8_t)draw();
    if (draw() % 2) f.who = (uint8_t)draw();
    if (draw() % 2) f.by = (uint8_t)draw();
    f.of_crime = draw() % 2;
    if (draw() % 2) f.suspect_no = (uint16_t)draw();
    if (draw() % 2) f.item_no = (uint16_t)draw();
    if (draw() % 2) f.value = (uint16_t)draw();
    if (draw() % 2) f.markers_said = 1, f.markers = (uint16_t)draw();
    if (draw() % 2) memcpy(f.outcome, "14A", 3);
    if (draw() % 2) memcpy(f.ho_class, "105/1", 5);
    if (draw() % 2) f.victim_type = (uint8_t)draw();
    if (draw() % 2) f.waives = draw();
    if (draw() % 2) f.informed_at.s = 1 + (int64_t)(draw() % 4000000000);
    if (draw() % 2) f.received_at.s = 1 + (int64_t)(draw() % 4000000000);
    if (draw() % 2) f.date.s = 1 + (int64_t)(draw() % 4000000000);
    return f;
}

static void check_same(const struct fact *a, const struct fact *b)
{
#define SAME(m) cr_assert(a->m == b->m, #m " differs");
    SAME(id) SAME(number) SAME(check) SAME(kind) SAME(age) SAME(occurred_at.s) SAME(recorded_at.s) SAME(supersedes)
    SAME(informs) SAME(names) SAME(oic) SAME(team) SAME(flags_said) SAME(flags) SAME(who) SAME(by) SAME(of_crime) SAME(suspect_no) SAME(item_no) SAME(value)
    SAME(markers_said) SAME(markers) SAME(victim_type) SAME(waives) SAME(informed_at.s) SAME(received_at.s) SAME(date.s)
#undef SAME
    cr_assert(!memcmp(a->outcome, b->outcome, sizeof a->outcome) && !memcmp(a->ho_class, b->ho_class, sizeof a->ho_class));
}

Test(facts, unpack_as_they_were_packed_whatever_they_hold)
{
    static struct fact in[FACTS_PER_JOURNEY_MAX], out[FACTS_PER_JOURNEY_MAX];
    unsigned seed = (unsigned)time(NULL);
    struct facts f = { 0 }, copy = { 0 };
    struct pool *pool;

    cr_assert(pool_open(&pool) == E_OK);
    cr_log_info("seed %u", seed);
    srand(seed);
    for (uint64_t i = 0; i < FACTS_PER_JOURNEY_MAX; i++) {
        in[i] = any_fact(i + 1);
        cr_assert(facts_add(&f, pool, &in[i]) == E_OK);
    }
    cr_assert(facts_add(&f, pool, &in[0]) == E_FULL);
    for (uint64_t i = 0; i < FACTS_PER_JOURNEY_MAX; i += 3) {
        int64_t at = facts_find(&f, i + 1);
        cr_assert(at >= 0);
        in[i] = any_fact(i + 1);
        cr_assert(facts_replace(&f, pool, (uint32_t)at, &in[i]) == E_OK);
    }
    facts_read_all(&f, out);
    for (uint64_t i = 0; i < FACTS_PER_JOURNEY_MAX; i++)
        check_same(&in[i], &out[i]);
    cr_assert(facts_find(&f, FACTS_PER_JOURNEY_MAX + 1) == -1);
    cr_assert(facts_load(&copy, pool, f.p, f.n, f.count) == E_OK && copy.n == f.n && !memcmp(copy.p, f.p, f.n));
    pool_close(&pool);
}

/* With few facts most ids show by their bit that they are not there: those that are have to be found all the same, also after a load. */
Test(facts, are_found_by_id_and_no_other_is)
{
    enum { MOST = 40, IDS = 2 * MOST };
    unsigned seed = (unsigned)time(NULL);
    struct pool *pool;

    cr_assert(pool_open(&pool) == E_OK);
    cr_log_info("seed %u", seed);
    srand(seed);
    for (int round = 0; round < 100; round++) {
        struct facts f = { 0 }, copy = { 0 };
        uint64_t id[IDS];
        int kept = 1 + (int)(draw() % MOST);
        for (int i = 0; i < IDS; i++)
            id[i] = draw();
        for (int i = 0; i < kept; i++) {
            struct fact fact = any_fact(id[i]);
            cr_assert(facts_add(&f, pool, &fact) == E_OK);
        }
        cr_assert(facts_load(&copy, pool, f.p, f.n, f.count) == E_OK && copy.count == f.count && copy.corrects == f.corrects && copy.ids == f.ids);
        for (int i = 0; i < IDS; i++) {
            int64_t at = facts_find(&f, id[i]);
            struct fact fact;
            cr_assert((at >= 0) == (i < kept) && facts_find(&copy, id[i]) == at, "seed %u", seed);
            if (at >= 0)
                facts_read(&f, (uint32_t)at, &fact);
            cr_assert(at < 0 || fact.id == id[i], "seed %u", seed);
        }
    }
    pool_close(&pool);
}

Test(facts, refuse_bytes_that_do_not_unpack)
{
    struct facts f = { 0 }, bad = { 0 };
    struct fact one = any_fact(5);
    struct pool *pool;

    cr_assert(pool_open(&pool) == E_OK);
    cr_assert(facts_add(&f, pool, &one) == E_OK);
    for (uint32_t n = 0; n < f.n; n++)
        cr_assert(facts_load(&bad, pool, f.p, n, 1) == E_CORRUPT, "cut at %u", n);
    cr_assert(facts_load(&bad, pool, f.p, f.n, 2) == E_CORRUPT);
    cr_assert(facts_load(&bad, pool, f.p, f.n, UINT16_MAX) == E_CORRUPT);
    cr_assert(facts_load(&bad, pool, f.p, ((size_t)1 << FACTS_SIZE_BITS) + f.n, 1) == E_CORRUPT);
    cr_assert(bad.p == NULL);
    pool_close(&pool);
}

/* What most facts say has its place in the head, and what they do not say takes none. */
Test(facts, that_say_little_take_little)
{
    struct fact plain = { .id = 7, .number = 1000000, .check = 9, .kind = 3, .age = AGE_UNKNOWN, .occurred_at.s = 1, .recorded_at.s = 1 }, got;
    struct fact late = plain, corrects = plain;
    struct facts f = { 0 };
    struct pool *pool;

    late.number = (uint64_t)1 << 24;
    corrects.supersedes = 7;
    cr_assert(pool_open(&pool) == E_OK);
    cr_assert(facts_add(&f, pool, &plain) == E_OK && f.n == 22);
    cr_assert(facts_add(&f, pool, &late) == E_OK && f.n == 22 + 23);
    cr_assert(!f.corrects && facts_add(&f, pool, &corrects) == E_OK && f.n == 22 + 23 + 32 && f.corrects);
    facts_read(&f, 22, &got);
    check_same(&late, &got);
    pool_close(&pool);
}
