#include "processors/outbox_rows.h"

#include "core/leb.h"

#include <assert.h>
#include <string.h>

/* Each member, and what it is taken to be unless it is said, from the row before and from members above it. In order of
 * the bits of the word in front: what is said most often comes first. */
#define MEMBERS(X) \
    X(journey, before.journey) X(rule, before.rule) X(level, before.level) X(stands, now.level) X(due, before.due) X(started, before.started) \
    X(ended, 0) X(whose, before.whose) X(cause, before.cause) X(started_by, now.journey) X(ended_by, now.ended ? now.cause : 0) \
    X(raised, before.raised) X(step, 0) X(flags, before.flags) X(told, before.told) X(oic_by, now.journey) X(team_by, now.oic_by) \
    X(instance, 0) X(owner, before.owner) X(due_before, 0) X(circumstances, 0) X(victim_no, 1) X(law, before.law)

enum member {
#define X(name, guess) M_##name,
    MEMBERS(X)
#undef X
    MEMBER_COUNT
};
_Static_assert(MEMBER_COUNT <= 24, "a packed row fits into ROW_PACKED_MAX");
_Static_assert(sizeof(struct outbox_row) == 104, "a member that was added has a line above");

size_t row_pack(const struct outbox_row *row, const struct outbox_row *last, uint8_t buf[ROW_PACKED_MAX])
{
    const struct outbox_row before = *last, now = *row;
    struct outbox_row again = before;
    uint32_t said = 0;
    uint8_t *p = buf;
    size_t n;

#define X(name, guess) said |= (uint32_t)(now.name != (uint64_t)(guess)) << M_##name;
    MEMBERS(X)
#undef X
    p = leb_put(p, said);
#define X(name, guess) if (said >> M_##name & 1) p = leb_put(p, leb_fold_sign((uint64_t)now.name - (uint64_t)(guess)));
    MEMBERS(X)
#undef X
    n = (size_t)(p - buf);
    assert(row_unpack(buf, n, &again) == n && !memcmp(&again, row, sizeof again));     /* what is stored is what was told */
    return n;
}

size_t row_unpack(const uint8_t *p, size_t n, struct outbox_row *row)
{
    const struct outbox_row before = *row;
    struct outbox_row now;
    const uint8_t *from = p, *end = p + n;
    uint64_t said, v;

    memset(&now, 0, sizeof now);
    if (!(p = leb_get(p, end, &said)) || said >> MEMBER_COUNT)
        return 0;
#define X(name, guess) \
    v = (uint64_t)(guess); \
    if (said >> M_##name & 1) { \
        uint64_t d; \
        if (!(p = leb_get(p, end, &d))) \
            return 0; \
        v += leb_unfold_sign(d); \
    } \
    now.name = (__typeof__(now.name))v;
    MEMBERS(X)
#undef X
    *row = now;
    return (size_t)(p - from);
}
