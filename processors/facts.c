#include "processors/facts.h"

#include "core/leb.h"

#include <assert.h>

/* A packed fact: a head of fixed form, by which a fact is found or passed over without unpacking it; a word of presence
 * bits, then the present members in this order. Numbers are LEB128; times that follow occurred_at are zigzag
 * differences from it, since they are usually hours apart. */
struct head { uint64_t id; uint32_t check, occurred_at; uint8_t kind, bytes; } __attribute__((packed));     /* bytes: of all of it */
_Static_assert(sizeof(struct head) == 18, "stored as it is");
_Static_assert(KIND_LOCAL_FIRST + LOCAL_KINDS_MAX <= UINT8_MAX, "a kind is a byte");
enum present {
    P_SUPERSEDES = 1 << 0, P_INFORMS = 1 << 1, P_FLAGS = 1 << 2, P_OIC = 1 << 3, P_AGE = 1 << 4, P_WHO = 1 << 5,
    P_SUSPECT = 1 << 6, P_OF_CRIME = 1 << 7, P_ITEM = 1 << 8, P_VALUE = 1 << 9, P_MARKERS = 1 << 10,
    P_OUTCOME = 1 << 11, P_CLASS = 1 << 12, P_VICTIM = 1 << 13, P_WAIVES = 1 << 14, P_RECORDED = 1 << 15,
    P_INFORMED = 1 << 16, P_RECEIVED = 1 << 17, P_DATE = 1 << 18, P_BY = 1 << 19, P_TEAM = 1 << 20,
};
enum { FIRST_BYTE = 127 };                  /* of the word: what most facts have */
_Static_assert((int)P_SUSPECT <= (int)FIRST_BYTE, "facts_kind looks there");
enum { PACKED_MAX = 192 };

struct cursor { uint8_t *p; const uint8_t *end; bool bad; };

static void put_raw(struct cursor *c, const void *p, size_t n)
{
    memcpy(c->p, p, n);
    c->p += n;
}

static void put(struct cursor *c, uint64_t v) { c->p = leb_put(c->p, v); }

static void put_after(struct cursor *c, struct instant base, struct instant t)
{
    put(c, leb_fold_sign((uint64_t)t.s - (uint64_t)base.s));
}

/* What is read back from memory was packed here or checked when it came from the store: only `checked` looks where it ends. */
static inline void get_raw(struct cursor *c, bool checked, void *ret, size_t n)
{
    if (checked && (size_t)(c->end - c->p) < n) {
        c->bad = true;
        memset(ret, 0, n);
        return;
    }
    memcpy(ret, c->p, n);
    c->p += n;
}

static inline uint64_t get(struct cursor *c, bool checked)
{
    uint64_t v = 0;

    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (checked && c->p == c->end)
            break;
        uint8_t b = *c->p++;
        v |= (uint64_t)(b & 127) << shift;
        if (!(b & 128))
            return v;
    }
    c->bad = true;
    return 0;
}

static inline struct instant get_after(struct cursor *c, bool checked, struct instant base)
{
    return (struct instant){ base.s + (int64_t)leb_unfold_sign(get(c, checked)) };
}

static size_t pack(const struct fact *f, uint8_t buf[PACKED_MAX])
{
    struct cursor c = { buf, buf + PACKED_MAX, false };
    struct head head;
    uint32_t has = 0;

    assert(f->occurred_at.s >= 0 && f->occurred_at.s <= UINT32_MAX && f->kind <= UINT8_MAX);
    has |= f->supersedes ? P_SUPERSEDES : 0;
    has |= f->informs ? P_INFORMS : 0;
    has |= f->flags_said ? P_FLAGS : 0;
    has |= f->age != AGE_UNKNOWN ? P_AGE : 0;
    has |= f->who ? P_WHO : 0;
    has |= f->by ? P_BY : 0;
    has |= f->of_crime ? P_OF_CRIME : 0;
    has |= f->suspect_no ? P_SUSPECT : 0;
    has |= f->item_no ? P_ITEM : 0;
    has |= f->value ? P_VALUE : 0;
    has |= f->markers_said ? P_MARKERS : 0;
    has |= f->outcome[0] ? P_OUTCOME : 0;
    has |= f->ho_class[0] ? P_CLASS : 0;
    has |= f->victim_type ? P_VICTIM : 0;
    has |= f->waives ? P_WAIVES : 0;
    has |= f->recorded_at.s != f->occurred_at.s ? P_RECORDED : 0;
    has |= instant_is_set(f->informed_at) ? P_INFORMED : 0;
    has |= instant_is_set(f->received_at) ? P_RECEIVED : 0;
    has |= instant_is_set(f->date) ? P_DATE : 0;
    has |= f->names & FACT_NAMES_OIC ? P_OIC : 0;
    has |= f->names & FACT_NAMES_TEAM ? P_TEAM : 0;

    c.p += sizeof(struct head);
    put(&c, has);
    put(&c, f->number);
    if (has & P_SUPERSEDES) put_raw(&c, &f->supersedes, sizeof f->supersedes);
    if (has & P_INFORMS) put_raw(&c, &f->informs, sizeof f->informs);
    if (has & P_FLAGS) { put_raw(&c, &f->flags_said, 1); put_raw(&c, &f->flags, 1); }
    if (has & P_OIC) put_raw(&c, &f->oic, sizeof f->oic);
    if (has & P_AGE) put_raw(&c, &f->age, 1);
    if (has & P_WHO) put_raw(&c, &f->who, 1);
    if (has & P_SUSPECT) put(&c, f->suspect_no);
    if (has > FIRST_BYTE) {
        if (has & P_BY) put_raw(&c, &f->by, 1);
        if (has & P_ITEM) put(&c, f->item_no);
        if (has & P_VALUE) put(&c, f->value);
        if (has & P_MARKERS) put(&c, f->markers);
        if (has & P_OUTCOME) put_raw(&c, f->outcome, sizeof f->outcome);
        if (has & P_CLASS) put_raw(&c, f->ho_class, sizeof f->ho_class);
        if (has & P_VICTIM) put_raw(&c, &f->victim_type, 1);
        if (has & P_WAIVES) put(&c, f->waives);
        if (has & P_RECORDED) put_after(&c, f->occurred_at, f->recorded_at);
        if (has & P_INFORMED) put_after(&c, f->occurred_at, f->informed_at);
        if (has & P_RECEIVED) put_after(&c, f->occurred_at, f->received_at);
        if (has & P_DATE) put_after(&c, f->occurred_at, f->date);
        if (has & P_TEAM) put_raw(&c, &f->team, sizeof f->team);
    }
    assert(c.p <= c.end);
    head = (struct head){ f->id, f->check, (uint32_t)f->occurred_at.s, (uint8_t)f->kind, (uint8_t)(c.p - buf) };
    memcpy(buf, &head, sizeof head);
    return head.bytes;
}

static inline bool unpack(const uint8_t *p, size_t n, bool checked, struct fact *f, size_t *ret_used)
{
    struct cursor c = { (uint8_t *)p, p + n, false };
    struct head head;
    uint32_t has;

    *f = (struct fact){ .age = AGE_UNKNOWN };
    get_raw(&c, checked, &head, sizeof head);
    f->id = head.id;
    f->check = head.check;
    f->kind = head.kind;
    has = (uint32_t)get(&c, checked);
    f->number = get(&c, checked);
    f->occurred_at.s = head.occurred_at;
    f->recorded_at = f->occurred_at;
    f->of_crime = (has & P_OF_CRIME) != 0;
    f->markers_said = (has & P_MARKERS) != 0;
    f->names = (uint8_t)((has & P_OIC ? FACT_NAMES_OIC : 0) | (has & P_TEAM ? FACT_NAMES_TEAM : 0));
    if (has & P_SUPERSEDES) get_raw(&c, checked, &f->supersedes, sizeof f->supersedes);
    if (has & P_INFORMS) get_raw(&c, checked, &f->informs, sizeof f->informs);
    if (has & P_FLAGS) { get_raw(&c, checked, &f->flags_said, 1); get_raw(&c, checked, &f->flags, 1); }
    if (has & P_OIC) get_raw(&c, checked, &f->oic, sizeof f->oic);
    if (has & P_AGE) get_raw(&c, checked, &f->age, 1);
    if (has & P_WHO) get_raw(&c, checked, &f->who, 1);
    if (has & P_SUSPECT) f->suspect_no = (uint16_t)get(&c, checked);
    if (has > FIRST_BYTE) {
        if (has & P_BY) get_raw(&c, checked, &f->by, 1);
        if (has & P_ITEM) f->item_no = (uint16_t)get(&c, checked);
        if (has & P_VALUE) f->value = (uint16_t)get(&c, checked);
        if (has & P_MARKERS) f->markers = (uint16_t)get(&c, checked);
        if (has & P_OUTCOME) get_raw(&c, checked, f->outcome, sizeof f->outcome);
        if (has & P_CLASS) get_raw(&c, checked, f->ho_class, sizeof f->ho_class);
        if (has & P_VICTIM) get_raw(&c, checked, &f->victim_type, 1);
        if (has & P_WAIVES) f->waives = get(&c, checked);
        if (has & P_RECORDED) f->recorded_at = get_after(&c, checked, f->occurred_at);
        if (has & P_INFORMED) f->informed_at = get_after(&c, checked, f->occurred_at);
        if (has & P_RECEIVED) f->received_at = get_after(&c, checked, f->occurred_at);
        if (has & P_DATE) f->date = get_after(&c, checked, f->occurred_at);
        if (has & P_TEAM) get_raw(&c, checked, &f->team, sizeof f->team);
    }
    *ret_used = (size_t)(c.p - p);
    return !c.bad && *ret_used == head.bytes;
}

static struct head head_at(const struct facts *f, uint32_t at)
{
    struct head h;

    memcpy(&h, f->p + at, sizeof h);
    return h;
}

int64_t facts_find(const struct facts *f, uint64_t id)
{
    struct head h;

    for (uint32_t at = 0; at < f->n; at += h.bytes)
        if ((h = head_at(f, at)).id == id)
            return at;
    return -1;
}

kind_t facts_kind(const struct facts *f, uint32_t *at, bool *ret_names_suspect)
{
    struct head h = head_at(f, *at);

    *ret_names_suspect = f->p[*at + sizeof h] & P_SUSPECT;
    *at += h.bytes;
    return h.kind;
}

uint32_t facts_read(const struct facts *f, uint32_t at, struct fact *ret)
{
    size_t used;
    bool ok = unpack(f->p + at, f->n - at, false, ret, &used);

    assert(ok);
    return at + (uint32_t)used;
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
    uint8_t buf[PACKED_MAX], *p;
    size_t n;

    if (f->count >= FACTS_PER_JOURNEY_MAX)
        return E_FULL;
    n = pack(fact, buf);
    if (!(p = pool_resize(pool, f->p, f->n, f->n + n)))
        return E_MEMORY;
    memcpy(p + f->n, buf, n);
    f->p = p;
    f->n += (uint32_t)n;
    f->count++;
    f->corrects |= fact->supersedes != 0;
    return E_OK;
}

enum err facts_replace(struct facts *f, struct pool *pool, uint32_t at, const struct fact *fact)
{
    uint8_t buf[PACKED_MAX], *p = f->p;
    uint32_t next = at + head_at(f, at).bytes;
    size_t n = pack(fact, buf), all = f->n - (next - at) + n;

    if (n != next - at) {
        if (!(p = pool_resize(pool, NULL, 0, all)))
            return E_MEMORY;
        memcpy(p, f->p, at);
        memcpy(p + at + n, f->p + next, f->n - next);
        pool_resize(pool, f->p, f->n, 0);
    }
    memcpy(p + at, buf, n);
    f->p = p;
    f->n = (uint32_t)all;
    f->corrects |= fact->supersedes != 0;
    return E_OK;
}

enum err facts_load(struct facts *f, struct pool *pool, const uint8_t *p, size_t n, uint16_t count)
{
    struct facts fresh = { .n = (uint32_t)n, .count = count };
    struct fact fact;
    size_t at = 0, used;

    for (uint16_t i = 0; i < count; i++, at += used) {
        if (at >= n || !unpack(p + at, n - at, true, &fact, &used))
            return E_CORRUPT;
        fresh.corrects |= fact.supersedes != 0;
    }
    if (at != n)
        return E_CORRUPT;
    if (n && !(fresh.p = pool_resize(pool, NULL, 0, n)))
        return E_MEMORY;
    if (n)
        memcpy(fresh.p, p, n);
    *f = fresh;
    return E_OK;
}
