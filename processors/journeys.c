#include "processors/journeys.h"
#include "core/hash.h"

#include <assert.h>
#include <stdlib.h>

/* Slots live in blocks that never move. An index is open addressing over slots, with half of each hash kept beside the slot:
 * a hit is verified on the reference. Most crimes have one victim or two: a journey is found by walking the first few of its
 * crime, and only those after them are in an index. */
enum { BLOCK = 8192, BLOCKS_MAX = 1 << 17, NEAR = 8, LINE = 64 };
_Static_assert(sizeof(struct journey) == LINE, "looked at in one go");

struct entry { uint32_t slot_plus_1, tag; };
struct index { struct entry *entry; size_t size, used; };

struct merger { uint64_t into; uint32_t crime; };
struct gone { uint64_t crime_hash, handle; };

/* Up to which record the loaded ones were folded, by slot; of use only while those records are folded again. */
struct loaded { uint64_t *folded_to, last; uint32_t count, cap; };

struct journeys {
    struct pool *pool;
    struct journey *journeys[BLOCKS_MAX];
    struct crime *crimes[BLOCKS_MAX];
    uint32_t journey_count, crime_count;
    struct loaded loaded_journeys, loaded_crimes;
    struct index by_crime, by_victim;       /* by_victim: of the journeys after the first NEAR of a crime */
    struct merger *merger;                  /* in order of (into, crime) */
    size_t mergers, mergers_cap;
    struct gone *gone;                      /* in order of (crime_hash, handle) */
    size_t gone_count, gone_cap;
};

static enum err ref_set(struct ref *r, struct pool *pool, struct text t)
{
    char *to = r->here;

    assert(t.n <= REF_BYTES_MAX);
    r->n = (uint8_t)t.n;
    if (t.n > REF_HERE_MAX && !(to = r->p = pool_resize(pool, NULL, 0, t.n)))
        return r->n = 0, E_MEMORY;
    if (t.n)
        memcpy(to, t.p, t.n);
    return E_OK;
}

static uint64_t victim_hash(uint32_t crime, struct text victim_ref)
{
    return hash_next(crime, victim_ref.p, victim_ref.n);
}

/* Where an entry belongs follows from its tag alone, so that growing looks at no journey, and in the tags' order, so that it
 * goes through memory from end to end. */
static size_t home(const struct index *x, uint32_t tag) { return (size_t)((uint64_t)tag * x->size >> 32); }
static size_t after(const struct index *x, size_t i) { return i + 1 < x->size ? i + 1 : 0; }

static void index_put(struct index *x, uint32_t tag, uint32_t slot_plus_1)
{
    size_t i = home(x, tag);

    while (x->entry[i].slot_plus_1)
        i = after(x, i);
    x->entry[i] = (struct entry){ slot_plus_1, tag };
    x->used++;
}

/* Room for one more: a quarter at a time, since an index is as long as there are crimes. */
static enum err index_grow(struct index *x)
{
    struct index old = *x;

    if (x->used * 4 < x->size * 3)
        return E_OK;
    x->size = x->size ? x->size + x->size / 4 : 1024;
    if (!(x->entry = calloc(x->size, sizeof *x->entry)))
        return *x = old, E_MEMORY;
    x->used = 0;
    for (size_t i = 0; i < old.size; i++)
        if (old.entry[i].slot_plus_1)
            index_put(x, old.entry[i].tag, old.entry[i].slot_plus_1);
    free(old.entry);
    return E_OK;
}

static uint32_t tag_of(uint64_t hash) { return (uint32_t)(hash >> 32); }

enum err journeys_open(struct journeys **ret)
{
    struct journeys *j = calloc(1, sizeof *j);
    enum err e;

    if (!j)
        return E_MEMORY;
    if ((e = pool_open(&j->pool))) {
        free(j);
        return e;
    }
    *ret = j;
    return E_OK;
}

void journeys_close(struct journeys **pj)
{
    struct journeys *j = *pj;

    if (!j)
        return;
    pool_close(&j->pool);
    free(j->loaded_journeys.folded_to);
    free(j->loaded_crimes.folded_to);
    free(j->by_victim.entry);
    free(j->by_crime.entry);
    free(j->merger);
    free(j->gone);
    free(j);
    *pj = NULL;
}

struct pool *journeys_pool(struct journeys *j) { return j->pool; }
uint32_t journeys_count(const struct journeys *j) { return j->journey_count; }
uint32_t crimes_count(const struct journeys *j) { return j->crime_count; }

static struct journey *journey_in(const struct journeys *j, uint32_t slot) { return &j->journeys[slot / BLOCK][slot % BLOCK]; }
static struct crime *crime_in(const struct journeys *j, uint32_t slot) { return &j->crimes[slot / BLOCK][slot % BLOCK]; }

struct journey *journey_at(struct journeys *j, uint32_t slot)
{
    assert(slot < j->journey_count);
    return journey_in(j, slot);
}

struct crime *crime_at(struct journeys *j, uint32_t slot)
{
    assert(slot < j->crime_count);
    return crime_in(j, slot);
}

static uint32_t find_crime(struct journeys *j, struct text crime_ref, uint64_t hash)
{
    const struct index *x = &j->by_crime;

    for (size_t i = home(x, tag_of(hash)); x->size && x->entry[i].slot_plus_1; i = after(x, i)) {
        uint32_t slot = x->entry[i].slot_plus_1 - 1;
        if (x->entry[i].tag == tag_of(hash) && text_same(crime_ref_of(crime_at(j, slot)), crime_ref))
            return slot;
    }
    return SLOT_NONE;
}

uint32_t crime_find(struct journeys *j, struct text crime_ref) { return find_crime(j, crime_ref, hash_text(crime_ref)); }

/* Among those after the first NEAR. */
static uint32_t find_far(struct journeys *j, uint32_t crime, struct text victim_ref)
{
    uint64_t hash = victim_hash(crime, victim_ref);
    const struct index *x = &j->by_victim;

    for (size_t i = home(x, tag_of(hash)); x->size && x->entry[i].slot_plus_1; i = after(x, i)) {
        uint32_t slot = x->entry[i].slot_plus_1 - 1;
        const struct journey *v;
        if (x->entry[i].tag != tag_of(hash))
            continue;
        v = journey_at(j, slot);
        if (v->crime == crime && text_same(victim_ref_of(v), victim_ref))
            return slot;
    }
    return SLOT_NONE;
}

uint32_t journey_find(struct journeys *j, uint32_t crime, struct text victim_ref)
{
    uint32_t slot = crime_at(j, crime)->first_journey;
    const struct journey *v;

    for (unsigned n = 0; slot != SLOT_NONE && n < NEAR; n++, slot = v->next_of_crime) {
        v = journey_at(j, slot);
        if (text_same(victim_ref_of(v), victim_ref))
            return slot;
    }
    return slot == SLOT_NONE ? SLOT_NONE : find_far(j, crime, victim_ref);
}

uint32_t journey_by_handle(struct journeys *j, uint64_t handle)
{
    uint32_t low = 0, high = j->journey_count;

    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (journey_at(j, mid)->handle < handle)
            low = mid + 1;
        else
            high = mid;
    }
    return low < j->journey_count && journey_at(j, low)->handle == handle ? low : SLOT_NONE;
}

enum err crime_add(struct journeys *j, struct text crime_ref, uint64_t handle, uint32_t *ret)
{
    uint32_t slot = j->crime_count;
    struct crime **block = &j->crimes[slot / BLOCK];
    enum err e;

    assert(slot == 0 || crime_at(j, slot - 1)->handle < handle);
    assert(crime_ref.n <= REF_BYTES_MAX);
    if (slot / BLOCK >= BLOCKS_MAX)
        return E_FULL;
    if (!*block && !(*block = pool_keep(j->pool, BLOCK * sizeof **block)))
        return E_MEMORY;
    if ((e = index_grow(&j->by_crime)))
        return e;
    (*block)[slot % BLOCK] = (struct crime){
        .handle = handle, .first_journey = SLOT_NONE, .last_journey = SLOT_NONE,
    };
    if ((e = ref_set(&(*block)[slot % BLOCK].ref, j->pool, crime_ref)))
        return e;
    j->crime_count++;
    index_put(&j->by_crime, tag_of(hash_text(crime_ref)), slot + 1);
    *ret = slot;
    return E_OK;
}

/* How many were erased from a crime that began after record `from` and before `to`. */
static size_t gone_between(const struct journeys *j, struct text crime_ref, uint64_t from, uint64_t to)
{
    uint64_t hash = j->gone_count ? hash_text(crime_ref) : 0;
    size_t low = 0, high = j->gone_count, count = 0;

    while (low < high) {
        size_t mid = (low + high) / 2;
        if (j->gone[mid].crime_hash < hash || (j->gone[mid].crime_hash == hash && j->gone[mid].handle <= from))
            low = mid + 1;
        else
            high = mid;
    }
    for (; low < j->gone_count && j->gone[low].crime_hash == hash && j->gone[low].handle < to; low++)
        count++;
    return count;
}

static uint16_t next_victim_no(struct journeys *j, const struct crime *c, uint64_t handle)
{
    const struct journey *last = c->last_journey == SLOT_NONE ? NULL : journey_at(j, c->last_journey);
    size_t no = (last ? last->victim_no : 0) + gone_between(j, crime_ref_of(c), last ? last->handle : 0, handle) + 1;

    return no < UINT16_MAX ? (uint16_t)no : UINT16_MAX;
}

enum err journey_add(struct journeys *j, uint32_t crime, struct text victim_ref, uint64_t handle, uint32_t *ret)
{
    uint32_t slot = j->journey_count;
    struct journey **block = &j->journeys[slot / BLOCK];
    struct crime *c = crime_at(j, crime);
    uint16_t victim_no;
    enum err e;

    assert(slot == 0 || journey_at(j, slot - 1)->handle < handle);
    assert(victim_ref.n <= REF_BYTES_MAX);
    if (slot / BLOCK >= BLOCKS_MAX)
        return E_FULL;
    if (!*block && !(*block = pool_keep(j->pool, BLOCK * sizeof **block)))
        return E_MEMORY;
    victim_no = next_victim_no(j, c, handle);
    if (victim_no > NEAR && (e = index_grow(&j->by_victim)))
        return e;
    (*block)[slot % BLOCK] = (struct journey){
        .handle = handle, .crime = crime, .next_of_crime = SLOT_NONE, .victim_no = victim_no,
    };
    if ((e = ref_set(&(*block)[slot % BLOCK].victim_ref, j->pool, victim_ref)))
        return e;
    j->journey_count++;
    if (victim_no > NEAR)                   /* where some were erased, also of a few that are near */
        index_put(&j->by_victim, tag_of(victim_hash(crime, victim_ref)), slot + 1);
    if (c->last_journey == SLOT_NONE)
        c->first_journey = slot;
    else
        journey_at(j, c->last_journey)->next_of_crime = slot;
    c->last_journey = slot;
    *ret = slot;
    return E_OK;
}

enum err journeys_gone(struct journeys *j, uint64_t crime_hash, uint64_t handle)
{
    assert(!j->gone_count || j->gone[j->gone_count - 1].crime_hash < crime_hash ||
           (j->gone[j->gone_count - 1].crime_hash == crime_hash && j->gone[j->gone_count - 1].handle < handle));
    if (j->gone_count == j->gone_cap) {
        size_t cap = j->gone_cap ? j->gone_cap * 2 : 64;
        struct gone *p = realloc(j->gone, cap * sizeof *p);
        if (!p)
            return E_MEMORY;
        j->gone = p;
        j->gone_cap = cap;
    }
    j->gone[j->gone_count++] = (struct gone){ crime_hash, handle };
    return E_OK;
}

static enum err loaded_put(struct loaded *l, uint32_t slot, uint64_t folded_to)
{
    assert(slot == l->count);
    if (l->count == l->cap) {
        uint32_t cap = l->cap ? l->cap * 2 : 1024;
        uint64_t *p = realloc(l->folded_to, cap * sizeof *p);
        if (!p)
            return E_MEMORY;
        l->folded_to = p;
        l->cap = cap;
    }
    l->folded_to[l->count++] = folded_to;
    l->last = folded_to > l->last ? folded_to : l->last;
    return E_OK;
}

static void loaded_pass(struct loaded *l, uint64_t position)
{
    if (!l->count || position <= l->last)
        return;
    free(l->folded_to);
    *l = (struct loaded){ 0 };
}

uint64_t journey_folded_to(const struct journeys *j, uint32_t slot)
{
    return slot < j->loaded_journeys.count ? j->loaded_journeys.folded_to[slot] : 0;
}

uint64_t crime_folded_to(const struct journeys *j, uint32_t slot)
{
    return slot < j->loaded_crimes.count ? j->loaded_crimes.folded_to[slot] : 0;
}

enum err journey_loaded(struct journeys *j, uint32_t slot, uint64_t folded_to) { return loaded_put(&j->loaded_journeys, slot, folded_to); }
enum err crime_loaded(struct journeys *j, uint32_t slot, uint64_t folded_to) { return loaded_put(&j->loaded_crimes, slot, folded_to); }

void journeys_passed(struct journeys *j, uint64_t position)
{
    loaded_pass(&j->loaded_journeys, position);
    loaded_pass(&j->loaded_crimes, position);
}

static size_t merger_place(const struct journeys *j, uint64_t into, uint32_t crime)
{
    size_t low = 0, high = j->mergers;

    while (low < high) {
        size_t mid = (low + high) / 2;
        const struct merger *m = &j->merger[mid];
        if (m->into < into || (m->into == into && m->crime < crime))
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

enum err crime_merge(struct journeys *j, uint32_t crime, uint64_t into)
{
    size_t at = merger_place(j, into, crime);

    crime_at(j, crime)->merged = true;
    if (at < j->mergers && j->merger[at].into == into && j->merger[at].crime == crime)
        return E_OK;
    if (j->mergers == j->mergers_cap) {
        size_t cap = j->mergers_cap ? j->mergers_cap * 2 : 64;
        struct merger *p = realloc(j->merger, cap * sizeof *p);
        if (!p)
            return E_MEMORY;
        j->merger = p;
        j->mergers_cap = cap;
    }
    memmove(&j->merger[at + 1], &j->merger[at], (j->mergers - at) * sizeof *j->merger);
    j->merger[at] = (struct merger){ into, crime };
    j->mergers++;
    return E_OK;
}

uint32_t crime_by_hash(struct journeys *j, uint64_t hash)
{
    const struct index *x = &j->by_crime;

    for (size_t i = home(x, tag_of(hash)); x->size && x->entry[i].slot_plus_1; i = after(x, i)) {
        uint32_t slot = x->entry[i].slot_plus_1 - 1;
        if (x->entry[i].tag == tag_of(hash) && hash_text(crime_ref_of(crime_at(j, slot))) == hash)
            return slot;
    }
    return SLOT_NONE;
}

bool crimes_merged(const struct journeys *j) { return j->mergers != 0; }

uint32_t crime_merged_into(const struct journeys *j, uint64_t hash, size_t i)
{
    size_t at = j->mergers ? merger_place(j, hash, 0) + i : 0;

    return at < j->mergers && j->merger[at].into == hash ? j->merger[at].crime : SLOT_NONE;
}

/* gcc takes a function that does nothing but this for one without effect, and leaves its calls out: hence the empty statement. */
static inline void ask_line(const void *p)
{
    __builtin_prefetch(p);
    __asm__ volatile("");
}

/* All lines of the cache that these bytes are in. So many of the first at once, without asking how many there are: a processor would
 * guess it, and mostly wrong. */
static inline void ask(const void *p, size_t n, unsigned first)
{
    const char *line = (const char *)((uintptr_t)p & ~(uintptr_t)(LINE - 1)), *end = (const char *)p + n;

    if (!n)
        return;
    for (unsigned i = 0; i < first; i++, line += LINE)
        ask_line(line < end ? line : end - 1);
    for (; line < end; line += LINE)
        ask_line(line);
}

void look_for_crime(const struct journeys *j, struct text crime_ref, struct look *look)
{
    *look = (struct look){ .hash = hash_text(crime_ref), .slot = SLOT_NONE };
    if (j->by_crime.size)
        ask_line(&j->by_crime.entry[home(&j->by_crime, tag_of(look->hash))]);
}

void look_at_crime(const struct journeys *j, struct look *look)
{
    const struct index *x = &j->by_crime;
    size_t i = home(x, tag_of(look->hash));

    while (x->size && x->entry[i].slot_plus_1 && x->entry[i].tag != tag_of(look->hash))
        i = after(x, i);
    if (!x->size || !x->entry[i].slot_plus_1)
        return;
    look->slot = x->entry[i].slot_plus_1 - 1;
    look->crime = crime_in(j, look->slot);
    ask(look->crime, sizeof *look->crime, 2);
}

void look_at_journey(const struct journeys *j, struct look *look)
{
    uint32_t slot = look->crime ? look->crime->first_journey : SLOT_NONE;

    if (slot == SLOT_NONE)
        return;
    look->journey = journey_in(j, slot);
    ask_line(look->journey);                /* it is one */
    ask(look->crime->facts.p, look->crime->facts.n, 2);
}

static void ask_of_journey(const struct journey *v)
{
    ask(v->facts.p, v->facts.n, 3);
    ask(v->told, v->told_words * sizeof *v->told, 2);
    ask_line(pool_head(v->facts.p));
    ask_line(pool_head(v->told));
}

void look_at_facts(const struct look *look)
{
    if (look->journey)
        ask_of_journey(look->journey);
}

void look_at_slot(const struct journeys *j, uint32_t slot)
{
    if (slot < j->journey_count)
        ask_line(journey_in(j, slot));
}

void look_at_slot_whole(const struct journeys *j, uint32_t slot)
{
    const struct journey *v;

    if (slot >= j->journey_count)
        return;
    v = journey_in(j, slot);
    ask_of_journey(v);
    ask(crime_in(j, v->crime), sizeof(struct crime), 2);
}

uint32_t crime_looked(struct journeys *j, struct text crime_ref, const struct look *look)
{
    if (look->crime && text_same(crime_ref_of(look->crime), crime_ref))
        return look->slot;
    return find_crime(j, crime_ref, look->hash);
}
