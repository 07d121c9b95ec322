#include "processors/outbox_rows.h"

#include "core/leb.h"

#include <assert.h>
#include <string.h>

/* A packed row: a bit for each member that is said, three bytes; for each of those the size of its value, two bits; the
 * values: how far the member is from what it is taken to be, the sign in the lowest bit. A tick says nothing but the time.
 *
 * Each member, and what it is taken to be, from what was before and from members above it. */
#define TICK_MEMBERS(X) X(cause, before->cause) X(raised, before->raised) X(law, before->law)
#define MEMBERS(X) TICK_MEMBERS(X) \
    X(journey, before->journey) X(rule, before->rule) X(level, before->level) X(stands, now->level) X(due, before->due) \
    X(started, before->started) X(ended, is_met(now->stands) ? now->raised : 0) X(whose, before->whose) X(started_by, now->journey) \
    X(ended_by, now->ended ? now->cause : 0) X(step, before->step) X(flags, before->flags) X(told, before->told) X(oic_by, now->journey) \
    X(team_by, before->team_by ? now->oic_by : 0) X(instance, 0) X(owner, before->owner) X(due_before, 0) X(circumstances, 0) \
    X(victim_no, before->victim_no)

enum member {
#define X(name, guess) M_##name,
    MEMBERS(X)
#undef X
    MEMBER_COUNT
};
enum { SAID_BYTES = 3, SIZES_A_BYTE = 4, SAYS_TICK = 1 << 23, TICK_SAID = 1 << M_cause | 1 << M_raised | 1 << M_law };
_Static_assert(MEMBER_COUNT <= 23, "and the bit of a tick");
_Static_assert(sizeof(struct outbox_row) == 104, "a member that was added has a line above");

static bool is_met(uint8_t level) { return level == LEVEL_MET || level == LEVEL_MET_LATE; }

static void move_on(struct outbox_row *before, const struct outbox_row *row)
{
    if (row_is_tick(row))
        before->cause = row->cause, before->law = row->law, before->raised = row->raised;
    else
        *before = *row;
}

/* A value takes 1, 2, 4 or 8 bytes; its size is the power of two. */
static unsigned size_of(uint64_t v) { return (unsigned)(v > UINT8_MAX) + (v > UINT16_MAX) + (v > UINT32_MAX); }
static size_t sizes_bytes(uint32_t said) { return ((size_t)__builtin_popcount(said & ~(uint32_t)SAYS_TICK) + SIZES_A_BYTE - 1) / SIZES_A_BYTE; }

static size_t pack(const struct outbox_row *now, const struct outbox_row *before, uint8_t buf[ROW_PACKED_MAX])
{
    uint64_t off[MEMBER_COUNT], sizes = 0;
    uint32_t said = 0;
    unsigned shift = 0;
    uint8_t *p;

#define X(name, guess) off[M_##name] = (uint64_t)now->name - (uint64_t)(guess), said |= (uint32_t)(off[M_##name] != 0) << M_##name;
    if (row_is_tick(now)) {
        TICK_MEMBERS(X)
        said |= SAYS_TICK;
    } else {
        MEMBERS(X)
    }
#undef X
    p = buf + SAID_BYTES + sizes_bytes(said);
    for (uint32_t left = said & ~(uint32_t)SAYS_TICK; left; left &= left - 1, shift += 2) {
        uint64_t v = leb_fold_sign(off[__builtin_ctz(left)]);
        unsigned size = size_of(v);
        memcpy(p, &v, sizeof v);            /* the next one is written over what is too much */
        p += (size_t)1 << size;
        sizes |= (uint64_t)size << shift;
    }
    memcpy(buf, &said, SAID_BYTES);
    memcpy(buf + SAID_BYTES, &sizes, sizes_bytes(said));
    return (size_t)(p - buf);
}

/* The value in 1 << size bytes at p, where there are `room` to be read; *ret_bad if it does not end there. */
static uint64_t value_at(const uint8_t *p, size_t room, unsigned size, bool *ret_bad)
{
    uint64_t v = 0;
    size_t n = (size_t)1 << size;

    if (room >= sizeof v) {
        memcpy(&v, p, sizeof v);
        return v & UINT64_MAX >> (64 - 8 * n);
    }
    *ret_bad |= room < n;
    memcpy(&v, p, room < n ? room : n);
    return v;
}

static size_t unpack(const uint8_t *p, size_t n, const struct outbox_row *before, struct outbox_row *now)
{
    uint64_t off[MEMBER_COUNT] = { 0 }, sizes = 0;
    uint32_t said = 0;
    size_t at = SAID_BYTES;
    bool is_tick, bad = false;

    if (n < SAID_BYTES)
        return 0;
    memcpy(&said, p, SAID_BYTES);
    is_tick = said & SAYS_TICK;
    said &= ~(uint32_t)SAYS_TICK;
    if (said >> MEMBER_COUNT || (is_tick && said & ~(uint32_t)TICK_SAID) || n - at < sizes_bytes(said))
        return 0;
    memcpy(&sizes, p + at, sizes_bytes(said));
    at += sizes_bytes(said);
    for (; said; said &= said - 1, sizes >>= 2) {
        off[__builtin_ctz(said)] = leb_unfold_sign(value_at(p + at, n - at, sizes & 3, &bad));
        if (bad)
            return 0;
        at += (size_t)1 << (sizes & 3);
    }
    memset(now, 0, sizeof *now);
#define X(name, guess) now->name = (__typeof__(now->name))((uint64_t)(guess) + off[M_##name]);
    if (is_tick) {
        TICK_MEMBERS(X)
        now->level = ROW_TICK;
    } else {
        MEMBERS(X)
        if (row_is_tick(now))
            return 0;
    }
#undef X
    return at;
}

size_t row_pack(const struct outbox_row *row, struct outbox_row *before, uint8_t buf[ROW_PACKED_MAX])
{
    size_t n = pack(row, before, buf);
    struct outbox_row again;

    assert(unpack(buf, n, before, &again) == n && !memcmp(&again, row, sizeof again));     /* what is stored is what was told */
    move_on(before, row);
    return n;
}

size_t row_unpack(const uint8_t *p, size_t n, struct outbox_row *before, struct outbox_row *ret)
{
    struct outbox_row now;
    size_t used = unpack(p, n, before, &now);

    if (used) {
        move_on(before, &now);
        *ret = now;
    }
    return used;
}
