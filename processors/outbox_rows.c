#include "processors/outbox_rows.h"

#include <assert.h>
#include <string.h>

/* A packed row: its head, in one to four bytes, which has a bit for each word of the row that is said; the size of each of those
 * less one, in two bits; and the words, each as it differs (exclusive or) from what it is taken to be, without the zeros above it. */
enum { HEAD_SIZE = 3, SAYS_TICK = 4, HEAD_BITS = 3, SIZES_A_BYTE = 4 };     /* HEAD_SIZE: the bytes of the head, less one */
_Static_assert(HEAD_BITS + ROW_WORDS <= 32 && 2 * ROW_WORDS <= 64, "bits and sizes fit");

/* A row and its words are looked at as one: the words of a pair go through a register together. */
union row_words {
    struct outbox_row row;
    uint32_t word[ROW_WORDS];
    uint64_t pair[ROW_WORDS / 2];
};
_Static_assert(sizeof(union row_words) == sizeof(struct outbox_row) && ROW_WORDS % 2 == 0, "nothing of a row is in no word");

#define WORD_OF(member) (1u << offsetof(struct outbox_row, member) / 4)
enum { TICK_SAYS = WORD_OF(cause) | WORD_OF(cause) << 1 | WORD_OF(law) | WORD_OF(law) << 1 | WORD_OF(raised) };

/* A member is taken to be what it was before, but for these: each follows from those above it, or is mostly nothing. */
#define GUESSED(X) \
    X(stands, now->level) X(ended, is_met(now->stands) ? now->raised : 0) X(started_by, now->journey) X(instance, 0) \
    X(ended_by, now->ended ? now->cause : 0) X(oic_by, now->journey) X(team_by, before->team_by ? now->oic_by : 0) X(circumstances, 0) \
    X(due_before, 0)

static bool is_met(uint8_t level) { return level == LEVEL_MET || level == LEVEL_MET_LATE; }

static struct outbox_row tick_after(const struct outbox_row *before)
{
    return (struct outbox_row){ .level = ROW_TICK, .cause = before->cause, .law = before->law, .raised = before->raised };
}

static void move_on(struct outbox_row *before, const struct outbox_row *row)
{
    if (row_is_tick(row))
        before->cause = row->cause, before->law = row->law, before->raised = row->raised;
    else
        *before = *row;
}

static void differ(const union row_words *a, const union row_words *b, union row_words *ret)
{
    for (int i = 0; i < ROW_WORDS / 2; i++)
        ret->pair[i] = a->pair[i] ^ b->pair[i];
}

/* How a row differs from what it is taken to be; and the row that differs so. */
static void take_off(const union row_words *row, const union row_words *last, union row_words *ret)
{
    const struct outbox_row *now = &row->row, *before = &last->row;

    if (row_is_tick(now)) {
        const union row_words tick = { tick_after(before) };
        differ(row, &tick, ret);
        return;
    }
    differ(row, last, ret);
#define X(name, guess) ret->row.name = now->name ^ (__typeof__(now->name))(guess);
    GUESSED(X)
#undef X
}

static void put_on(const union row_words *off, const union row_words *last, bool is_tick, union row_words *ret)
{
    struct outbox_row *now = &ret->row;
    const struct outbox_row *before = &last->row;

    if (is_tick) {
        const union row_words tick = { tick_after(before) };
        differ(off, &tick, ret);
        return;
    }
    differ(off, last, ret);
#define X(name, guess) now->name = off->row.name ^ (__typeof__(now->name))(guess);
    GUESSED(X)
#undef X
}

static size_t sizes_bytes(uint32_t said) { return ((size_t)__builtin_popcount(said) + SIZES_A_BYTE - 1) / SIZES_A_BYTE; }
/* The bytes of a word that are not zeros above it, less one; of 0 as of 1. */
static unsigned size_of(uint32_t v) { return (31 - (unsigned)__builtin_clz(v | 1)) / 8; }

static size_t pack(const union row_words *row, const union row_words *before, uint8_t buf[ROW_PACKED_MAX])
{
    union row_words off;
    uint32_t said = 0, head;
    uint64_t sizes = 0;
    unsigned shift = 0;
    uint8_t *p = buf, *sizes_end, *at;

    take_off(row, before, &off);
    for (unsigned i = 0; i < ROW_WORDS; i++)
        said |= off.word[i] ? 1u << i : 0;
    head = said << HEAD_BITS | (row_is_tick(&row->row) ? SAYS_TICK : 0);
    head |= size_of(head);
    memcpy(p, &head, sizeof head);          /* here and below: the next is written over what is too much */
    p += 1 + size_of(head);
    at = sizes_end = p + sizes_bytes(said);
    for (; said; said &= said - 1, shift += 2) {
        uint32_t v = off.word[__builtin_ctz(said)];
        unsigned size = size_of(v);
        memcpy(at, &v, sizeof v);
        at += 1 + size;
        sizes |= (uint64_t)size << shift;
    }
    for (; p < sizes_end; sizes >>= 8)
        *p++ = (uint8_t)sizes;
    return (size_t)(at - buf);
}

static uint32_t value_at(const uint8_t *p, unsigned size)
{
    static const uint32_t mask[] = { 0xff, 0xffff, 0xffffff, 0xffffffff };
    uint32_t v;

    memcpy(&v, p, sizeof v);
    return v & mask[size];
}

/* *ret may be changed though there is no whole row. */
static size_t unpack(const uint8_t *p, size_t n, const union row_words *before, union row_words *ret)
{
    uint8_t end[ROW_PACKED_MAX];
    union row_words off;
    const uint8_t *at;
    uint32_t head, said;
    uint64_t sizes;
    bool is_tick;

    if (n < ROW_PACKED_MAX) {               /* near the end: read where there is more, and refused if it needs that */
        memset(end, 0, sizeof end);
        memcpy(end, p, n);
        p = end;
    }
    head = value_at(p, *p & HEAD_SIZE);
    is_tick = head & SAYS_TICK;
    said = head >> HEAD_BITS;
    if (said >> ROW_WORDS || (is_tick && said & ~(uint32_t)TICK_SAYS))
        return 0;
    at = p + 1 + (head & HEAD_SIZE);
    memcpy(&sizes, at, sizeof sizes);
    memset(&off, 0, sizeof off);
    at += sizes_bytes(said);
    for (; said; said &= said - 1, sizes >>= 2) {
        unsigned size = sizes & 3;
        off.word[__builtin_ctz(said)] = value_at(at, size);
        at += 1 + size;
    }
    put_on(&off, before, is_tick, ret);
    return (size_t)(at - p) <= n && row_is_tick(&ret->row) == is_tick ? (size_t)(at - p) : 0;
}

size_t row_pack(const struct outbox_row *row, struct outbox_row *before, uint8_t buf[ROW_PACKED_MAX])
{
    const union row_words *now = (const union row_words *)row, *last = (const union row_words *)before;
    size_t n = pack(now, last, buf);
    union row_words again;

    assert(unpack(buf, ROW_PACKED_MAX, last, &again) == n && !memcmp(&again, row, sizeof again));   /* what is stored is what was told */
    move_on(before, row);
    return n;
}

size_t row_unpack(const uint8_t *p, size_t n, struct outbox_row *before, struct outbox_row *ret)
{
    union row_words now;
    size_t used = unpack(p, n, (const union row_words *)before, &now);

    if (used) {
        move_on(before, &now.row);
        *ret = now.row;
    }
    return used;
}
