#include "processors/facts.h"

#include "core/leb.h"

#include <assert.h>
#include <stddef.h>

/* A packed fact: a head of fixed form, by which a fact is found or passed over without unpacking it, and which is all of most;
 * then what else it says. */
enum { NUMBER_BITS = 24 };
struct head {
    uint64_t id;
    uint32_t check, occurred_at;
    uint32_t number_bytes;                  /* the number's low part; above it, how many bytes all of it has */
    uint8_t kind, has;
} __attribute__((packed, may_alias));
_Static_assert(sizeof(struct head) == 22, "stored as it is");
static inline uint32_t low_number(uint64_t number) { return (uint32_t)number & ((1u << NUMBER_BITS) - 1); }
static inline size_t bytes_of(const struct head *h) { return h->number_bytes >> NUMBER_BITS; }
_Static_assert(KIND_LOCAL_FIRST + LOCAL_KINDS_MAX <= UINT8_MAX, "a kind is a byte");

/* What a fact may say: its bit, when it says it, how that is written, and the member. In the order in which they are written: after the
 * first six the number's high part where it has one, then a word of the bits that the head has no room for. */
#define FIRST(X) \
    X(INFORMS, f->informs, AS_IS, informs) \
    X(FLAGS, f->flags_said, FLAGS, flags) \
    X(OIC, f->names & FACT_NAMES_OIC, OIC, oic) \
    X(AGE, f->age != AGE_UNKNOWN, AS_IS, age) \
    X(SUSPECT, f->suspect_no, NUMBER, suspect_no) \
    X(RECORDED, f->recorded_at.s != f->occurred_at.s, AFTER, recorded_at)
#define MORE(X) \
    X(OF_CRIME, f->of_crime, BIT, of_crime) \
    X(MARKERS, f->markers_said, MARKERS, markers) \
    X(SUPERSEDES, f->supersedes, AS_IS, supersedes) \
    X(TEAM, f->names & FACT_NAMES_TEAM, TEAM, team) \
    X(WHO, f->who, AS_IS, who) \
    X(BY, f->by, AS_IS, by) \
    X(ITEM, f->item_no, NUMBER, item_no) \
    X(VALUE, f->value, NUMBER, value) \
    X(OUTCOME, f->outcome[0], AS_IS, outcome) \
    X(CLASS, f->ho_class[0], AS_IS, ho_class) \
    X(VICTIM, f->victim_type, AS_IS, victim_type) \
    X(WAIVES, f->waives, NUMBER, waives) \
    X(INFORMED, f->informed_at.s, AFTER, informed_at) \
    X(RECEIVED, f->received_at.s, AFTER, received_at) \
    X(DATE, f->date.s, AFTER, date)
enum said {
#define X(name, said, form, member) name,
    FIRST(X) FAR_ON, MORE_BITS, MORE(X) SAID
#undef X
};
#define HAS(name) (1u << (name))
_Static_assert((int)MORE_BITS == 7 && SAID - MORE_BITS - 1 <= 16, "a byte in the head, a word behind it");
_Static_assert(offsetof(struct fact, flags) == offsetof(struct fact, flags_said) + 1, "written as one");
enum { BYTES_MAX = 192, MEMBERS_MAX = BYTES_MAX - sizeof(struct head) };
enum { SIZE_MASK = (1 << FACTS_SIZE_BITS) - 1, COUNT_MASK = (1 << FACTS_COUNT_BITS) - 1 };
_Static_assert((int)FACTS_PER_JOURNEY_MAX * (int)BYTES_MAX <= (int)SIZE_MASK && (int)FACTS_PER_JOURNEY_MAX <= (int)COUNT_MASK, "as struct facts has room for");

/* How it is written: as it is; a number in LEB128; seconds from when it occurred, either way, since times are usually hours apart;
 * flags behind those of them that are said; nothing but its bit. Where writing goes on: p, which is NULL once reading ran over the end. */
#define PUT_AS_IS(member)   p = put_raw(p, &f->member, sizeof f->member)
#define GET_AS_IS(member)   p = get_raw(p, end, &f->member, sizeof f->member)
#define PUT_NUMBER(member)  p = leb_put(p, f->member)
#define GET_NUMBER(member)  p = get(p, end, &v), f->member = (__typeof__(f->member))v
#define PUT_AFTER(member)   p = leb_put(p, leb_fold_sign((uint64_t)f->member.s - (uint64_t)f->occurred_at.s))
#define GET_AFTER(member)   p = get(p, end, &v), f->member.s = (int64_t)((uint64_t)f->occurred_at.s + leb_unfold_sign(v))
#define PUT_OIC(member)     PUT_AS_IS(member)
#define GET_OIC(member)     GET_AS_IS(member), f->names |= FACT_NAMES_OIC
#define PUT_TEAM(member)    PUT_AS_IS(member)
#define GET_TEAM(member)    GET_AS_IS(member), f->names |= FACT_NAMES_TEAM
#define PUT_MARKERS(member) PUT_NUMBER(member)
#define GET_MARKERS(member) GET_NUMBER(member), f->markers_said = true
#define PUT_FLAGS(member)   p = put_raw(p, &f->flags_said, 2)
#define GET_FLAGS(member)   p = get_raw(p, end, &f->flags_said, 2)
#define PUT_BIT(member)     (void)0
#define GET_BIT(member)     f->member = true

static uint8_t *put_raw(uint8_t *p, const void *from, size_t n)
{
    memcpy(p, from, n);
    return p + n;
}

static inline const uint8_t *get_raw(const uint8_t *p, const uint8_t *end, void *ret, size_t n)
{
    if (!p || (size_t)(end - p) < n)
        return NULL;
    memcpy(ret, p, n);
    return p + n;
}

/* Kept apart: numbers are seldom said, and reading many of them in line would cost those who say none. */
static __attribute__((noinline)) const uint8_t *get(const uint8_t *p, const uint8_t *end, uint64_t *ret)
{
    *ret = 0;
    return leb_get(p, end, ret);
}

/* What it says: most facts nothing of MORE, which is found without telling one from the other. */
static __attribute__((noinline)) uint32_t says_more(const struct fact *f)
{
    uint32_t has = HAS(MORE_BITS);

#define X(name, said, form, member) has |= (said) ? HAS(name) : 0;
    MORE(X)
#undef X
    return has;
}

static uint32_t says(const struct fact *f)
{
    uint32_t has = f->number >> NUMBER_BITS ? HAS(FAR_ON) : 0;
    uint64_t more = 0;

#define X(name, said, form, member) has |= (said) ? HAS(name) : 0;
    FIRST(X)
#undef X
#define X(name, said, form, member) more |= (uint64_t)(said);
    MORE(X)
#undef X
    return more ? has | says_more(f) : has;
}

/* Returns how many bytes they take. */
static size_t pack_members(const struct fact *f, uint32_t has, uint8_t buf[MEMBERS_MAX])
{
    uint16_t more = (uint16_t)(has >> 8);
    uint8_t *p = buf;

#define X(name, said, form, member) if (has & HAS(name)) PUT_##form(member);
    FIRST(X)
    if (has & HAS(FAR_ON))
        p = leb_put(p, f->number >> NUMBER_BITS);
    if (has & HAS(MORE_BITS)) {
        p = put_raw(p, &more, sizeof more);
        MORE(X)
    }
#undef X
    assert(p <= buf + MEMBERS_MAX);
    return (size_t)(p - buf);
}

static bool unpack_members(const struct head *h, struct fact *f)
{
    const uint8_t *p = (const uint8_t *)(h + 1), *end = (const uint8_t *)h + bytes_of(h);
    uint32_t has = h->has;
    uint16_t more = 0;
    uint64_t v;

#define X(name, said, form, member) if (has & HAS(name)) GET_##form(member);
    FIRST(X)
    if (has & HAS(FAR_ON))
        p = get(p, end, &v), f->number |= v << NUMBER_BITS;
    if (has & HAS(MORE_BITS)) {
        p = get_raw(p, end, &more, sizeof more);
        has = (uint32_t)more << 8;
        MORE(X)
    }
#undef X
    return p == end;
}

/* What is in memory was packed here, or looked at when it came from the store: a head says truly how long the fact is. */
static inline bool unpack(const struct head *h, struct fact *f)
{
    memset(f, 0, sizeof *f);
    f->number = low_number(h->number_bytes);
    f->id = h->id;
    f->check = h->check;
    f->kind = h->kind;
    f->age = AGE_UNKNOWN;
    f->occurred_at.s = f->recorded_at.s = h->occurred_at;
    return h->has ? unpack_members(h, f) : bytes_of(h) == sizeof *h;
}

static const struct head *head_at(const struct facts *f, size_t at) { return (const struct head *)(f->p + at); }

/* A block has room for some more: with every few facts it moves, not with each. */
enum { ROOM_STEP = 64 };
static size_t room_for(size_t n) { return (n + ROOM_STEP - 1) / ROOM_STEP * ROOM_STEP; }

static void put_fact(uint8_t *to, const struct fact *f, uint32_t has, const uint8_t *members, size_t n)
{
    struct head *h = (struct head *)to;

    assert(f->occurred_at.s >= 0 && f->occurred_at.s <= UINT32_MAX && f->kind <= UINT8_MAX);
    h->id = f->id;
    h->check = f->check;
    h->occurred_at = (uint32_t)f->occurred_at.s;
    h->number_bytes = low_number(f->number) | (uint32_t)(sizeof *h + n) << NUMBER_BITS;
    h->kind = (uint8_t)f->kind;
    h->has = (uint8_t)has;
    if (n)
        memcpy(h + 1, members, n);
}

static inline uint32_t id_bit(uint64_t id) { return 1u << (id >> 59); }

int64_t facts_find(const struct facts *f, uint64_t id)
{
    const struct head *h;

    if (!(f->ids & id_bit(id)))
        return -1;
    for (size_t at = 0; at < f->n; at += bytes_of(h))
        if ((h = head_at(f, at))->id == id)
            return (int64_t)at;
    return -1;
}

kind_t facts_kind(const struct facts *f, uint32_t *at, bool *ret_names_suspect)
{
    const struct head *h = head_at(f, *at);

    *ret_names_suspect = h->has & HAS(SUSPECT);
    *at += (uint32_t)bytes_of(h);
    return h->kind;
}

uint32_t facts_read(const struct facts *f, uint32_t at, struct fact *ret)
{
    const struct head *h = head_at(f, at);
    bool ok = unpack(h, ret);

    assert(ok);
    return at + (uint32_t)bytes_of(h);
}

void facts_read_all(const struct facts *f, struct fact *ret)
{
    uint32_t at = 0;

    for (uint16_t i = 0; i < f->count; i++)
        at = facts_read(f, at, &ret[i]);
    assert(at == f->n);
}

enum err facts_add(struct facts *f, struct pool *pool, const struct fact *fact)
{
    uint32_t has = says(fact);
    uint8_t members[MEMBERS_MAX], *p = f->p;
    size_t n = has ? pack_members(fact, has, members) : 0, all = f->n + sizeof(struct head) + n;

    if (f->count >= FACTS_PER_JOURNEY_MAX)
        return E_FULL;
    if (all > room_for(f->n) && !(p = pool_resize(pool, p, room_for(f->n), room_for(all))))
        return E_MEMORY;
    put_fact(p + f->n, fact, has, members, n);
    f->p = p;
    f->n = all & SIZE_MASK;
    f->count++;
    f->corrects |= fact->supersedes != 0;
    f->ids |= id_bit(fact->id);
    return E_OK;
}

enum err facts_replace(struct facts *f, struct pool *pool, uint32_t at, const struct fact *fact)
{
    uint32_t has = says(fact), next = at + (uint32_t)bytes_of(head_at(f, at));
    uint8_t members[MEMBERS_MAX], *p = f->p;
    size_t n = pack_members(fact, has, members), after = at + sizeof(struct head) + n, all = after + f->n - next;

    if (after != next) {
        if (!(p = pool_resize(pool, NULL, 0, room_for(all))))
            return E_MEMORY;
        memcpy(p, f->p, at);
        memcpy(p + after, f->p + next, f->n - next);
        pool_resize(pool, f->p, room_for(f->n), 0);
    }
    put_fact(p + at, fact, has, members, n);
    f->p = p;
    f->n = all & SIZE_MASK;
    f->corrects |= fact->supersedes != 0;
    f->ids |= id_bit(fact->id);
    return E_OK;
}

enum err facts_load(struct facts *f, struct pool *pool, const uint8_t *p, size_t n, uint16_t count)
{
    struct facts fresh = { .n = n & SIZE_MASK, .count = count & COUNT_MASK };
    struct fact fact;
    size_t at = 0;

    if (fresh.n != n || fresh.count != count)
        return E_CORRUPT;
    for (uint16_t i = 0; i < count; i++) {
        const struct head *h = (const struct head *)(p + at);
        if (n - at < sizeof *h || bytes_of(h) < sizeof *h || n - at < bytes_of(h) || !unpack(h, &fact))
            return E_CORRUPT;
        fresh.corrects |= fact.supersedes != 0;
        fresh.ids |= id_bit(fact.id);
        at += bytes_of(h);
    }
    if (at != n)
        return E_CORRUPT;
    if (n && !(fresh.p = pool_resize(pool, NULL, 0, room_for(n))))
        return E_MEMORY;
    if (n)
        memcpy(fresh.p, p, n);
    *f = fresh;
    return E_OK;
}
