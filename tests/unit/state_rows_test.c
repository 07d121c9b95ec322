#include "processors/state_rows.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <time.h>

enum { TOLD = 40 };

static uint64_t draw(void)
{
    uint64_t v = 0;

    for (int i = 0; i < 5; i++)
        v = v << 15 ^ (uint64_t)rand();
    return rand() % 3 ? v >> rand() % 64 : 0;
}

static struct state_row any_row(uint64_t handle, struct told told[TOLD])
{
    static const uint8_t facts[300] = { 7, 1, 9 };
    struct state_row row = {
        .folded_to = draw(), .crime = rand() % 2 ? handle : handle - draw() % handle,
        .behind = rand() % 2, .merged = rand() % 2, .told_count = (uint16_t)(rand() % TOLD),
        .facts_count = (uint16_t)(draw() % FACTS_PER_JOURNEY_MAX), .facts = { facts, (size_t)rand() % sizeof facts },
        .ref = { "20/1/26-and-as-long-as-a-reference-may-be", (uint32_t)(rand() % 40) },
    };

    for (int i = 0; i < TOLD; i++) {
        memset(&told[i], 0, sizeof told[i]);
        told[i].instance = draw();
        told[i].due = (uint32_t)draw();
        told[i].has_ended = draw() & 1;
        told[i].ended_or_whose = (uint32_t)draw();
        told[i].next_tick = (uint32_t)draw();
        told[i].next_frontier = (uint32_t)draw();
        told[i].rule = draw() & TOLD_RULE_MAX;
        told[i].stands = draw() & TOLD_LEVEL_MAX;
        told[i].step = draw() & TOLD_STEP_MAX;
        told[i].alerted = draw() & 1;
    }
    return row;
}

Test(state_rows, say_what_was_put_into_them_and_cut_short_are_no_rows)
{
    static uint8_t buf[STATE_ROW_MAX];
    static struct told in[TOLD], out[OBLIGATIONS_PER_JOURNEY_MAX];
    unsigned seed = (unsigned)time(NULL);

    cr_log_info("seed %u", seed);
    srand(seed);
    for (int round = 0; round < 2000; round++) {
        uint64_t handle = draw() | 1;
        struct state_row a = any_row(handle, in), b;
        size_t n = state_row_pack(&a, handle, in, buf);
        cr_assert(state_row_unpack((struct bytes){ buf, n }, handle, &b, out) == E_OK);
        cr_assert(a.folded_to == b.folded_to && a.crime == b.crime);
        cr_assert(a.behind == b.behind && a.merged == b.merged && text_same(a.ref, b.ref) && a.facts_count == b.facts_count);
        cr_assert(a.told_count == b.told_count && !memcmp(in, out, a.told_count * sizeof *in));
        cr_assert(a.facts.n == b.facts.n && (!a.facts.n || !memcmp(a.facts.p, b.facts.p, a.facts.n)));
        for (size_t cut = 0; cut < n - a.facts.n; cut++)
            cr_assert(state_row_unpack((struct bytes){ buf, cut }, handle, &b, out) == E_CORRUPT, "cut at %zu of %zu", cut, n);
        cr_assert(!a.told_count || state_row_unpack((struct bytes){ buf, n }, handle, &b, NULL) == E_CORRUPT);
    }
}
