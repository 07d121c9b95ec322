#include "processors/state_rows.h"

#include "core/leb.h"

#include <assert.h>

/* What was told of an obligation: each member, and what it is taken to be unless it is said, from the one before and from
 * members above it. A word in front has a bit for each that is said, in this order. */
#define MEMBERS(X) \
    X(rule, before.rule) X(instance, 0) X(due, before.due) X(stands, before.stands) X(has_ended, before.has_ended) \
    X(ended_or_whose, now.has_ended ? now.due : 0) X(alerted, 1) X(step, 0) X(next_tick, 0) X(next_frontier, 0)

enum member {
#define X(name, guess) M_##name,
    MEMBERS(X)
#undef X
    MEMBER_COUNT
};
_Static_assert(sizeof(struct told) == 40, "a member that was added has a place above");
enum { TOLD_MAX = LEB_BYTES_MAX * (1 + MEMBER_COUNT), HEAD_MAX = LEB_BYTES_MAX * 4 + 1 + REF_BYTES_MAX };
_Static_assert(HEAD_MAX + OBLIGATIONS_PER_JOURNEY_MAX * TOLD_MAX + FACTS_PER_JOURNEY_MAX * UINT8_MAX <= STATE_ROW_MAX, "a row fits");

static uint8_t *put_told(uint8_t *p, const struct told *last, const struct told *told)
{
    const struct told before = *last, now = *told;
    uint32_t said = 0;

#define X(name, guess) said |= (uint32_t)(now.name != (uint64_t)(guess)) << M_##name;
    MEMBERS(X)
#undef X
    p = leb_put(p, said);
#define X(name, guess) if (said >> M_##name & 1) p = leb_put(p, leb_fold_sign((uint64_t)now.name - (uint64_t)(guess)));
    MEMBERS(X)
#undef X
    return p;
}

static const uint8_t *get_told(const uint8_t *p, const uint8_t *end, const struct told *last, struct told *ret)
{
    const struct told before = *last;
    struct told now;
    uint64_t said = 0, v = 0;

    memset(&now, 0, sizeof now);
    p = leb_get(p, end, &said);
#define X(name, guess) \
    if (said >> M_##name & 1) p = leb_get(p, end, &v); \
    now.name = (uint64_t)(guess) + (said >> M_##name & 1 ? leb_unfold_sign(v) : 0);
    MEMBERS(X)
#undef X
    *ret = now;
    return now.rule <= TOLD_RULE_MAX && now.stands <= TOLD_LEVEL_MAX && now.step <= TOLD_STEP_MAX ? p : NULL;
}

size_t state_row_pack(const struct state_row *row, uint64_t handle, const struct told *told, uint8_t buf[STATE_ROW_MAX])
{
    static const struct told none;
    uint8_t *p = buf;

    assert(row->crime <= handle && row->ref.n <= REF_BYTES_MAX && row->told_count <= OBLIGATIONS_PER_JOURNEY_MAX);
    p = leb_put(p, row->folded_to);
    p = leb_put(p, handle - row->crime);
    p = leb_put(p, (uint64_t)row->told_count << 2 | (unsigned)row->behind << 1 | row->merged);
    p = leb_put(p, row->facts_count);
    *p++ = (uint8_t)row->ref.n;
    if (row->ref.n)
        memcpy(p, row->ref.p, row->ref.n);
    p += row->ref.n;
    for (uint16_t i = 0; i < row->told_count; i++)
        p = put_told(p, i ? &told[i - 1] : &none, &told[i]);
    assert(row->facts.n <= (size_t)(buf + STATE_ROW_MAX - p));
    if (row->facts.n)
        memcpy(p, row->facts.p, row->facts.n);
    return (size_t)(p - buf) + row->facts.n;
}

enum err state_row_unpack(struct bytes bytes, uint64_t handle, struct state_row *ret, struct told *told)
{
    static const struct told none;
    const uint8_t *p = bytes.p, *end = bytes.p + bytes.n;
    struct state_row row = { 0 };
    uint64_t back = 0, bits = 0, facts = 0;

    p = leb_get(p, end, &row.folded_to);
    p = leb_get(p, end, &back);
    p = leb_get(p, end, &bits);
    p = leb_get(p, end, &facts);
    if (!p || p == end || *p > REF_BYTES_MAX || *p > end - p - 1 || bits >> 2 > OBLIGATIONS_PER_JOURNEY_MAX || back > handle ||
        (bits >> 2 && !told) || facts > FACTS_PER_JOURNEY_MAX)
        return E_CORRUPT;
    row.crime = handle - back;
    row.behind = bits >> 1 & 1;
    row.merged = bits & 1;
    row.told_count = (uint16_t)(bits >> 2);
    row.facts_count = (uint16_t)facts;
    row.ref = (struct text){ (const char *)p + 1, *p };
    p += 1 + row.ref.n;
    for (uint16_t i = 0; p && i < row.told_count; i++)
        p = get_told(p, end, i ? &told[i - 1] : &none, &told[i]);
    if (!p)
        return E_CORRUPT;
    row.facts = (struct bytes){ p, (size_t)(end - p) };
    *ret = row;
    return E_OK;
}
