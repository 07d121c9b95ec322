/* state.c: checkpoints: journeys and crimes as LMDB rows, so that a start need not fold the journal from its beginning.
 *
 * A round stores everything that was dirty when it began, in slices between steps of
 * the fold, then the globals as they were when it began. Each row says up to which
 * record it was folded; a start loads all rows, takes the globals of the last whole
 * round, and folds again from there: rows that are ahead skip what they have. */
#include "core/crash.h"
#include "core/hash.h"
#include "processors/fold.h"
#include "core/store.h"
#include "processors/state_rows.h"

#include <assert.h>
#include <stdlib.h>

enum { STATE_FORMAT = 6, STATE_MAP_GIB = 64 };
enum table { T_GLOBALS, T_CRIMES, T_JOURNEYS, T_QUARANTINE, TABLES };
static const struct store_table tables[TABLES] = {
    [T_GLOBALS] = { "globals", STORE_NUMBER },
    [T_CRIMES] = { "crimes", STORE_NUMBER },
    [T_JOURNEYS] = { "journeys", STORE_NUMBER },
    [T_QUARANTINE] = { "quarantine", STORE_NUMBER },
};

/* As stored: little-endian. */
struct globals_row {
    uint32_t format, fold_version;
    uint64_t position, row, law_number;
    struct track_counts counts;
    struct freshness fresh;
    struct declaration declared[SOURCES_MAX];
    uint32_t declarations, zero;
};
/* Rows come in order of their keys, and what is new has greater keys than what is there: pages are filled to their end. */
static enum err put_row(struct store_txn *txn, enum table table, uint64_t key, const struct state_row *row, const struct told *told,
                        uint64_t *greatest)
{
    static uint8_t buf[STATE_ROW_MAX];
    size_t n = state_row_pack(row, key, told, buf);
    uint8_t *place;
    enum err e;

    if (key <= *greatest)
        return store_put(txn, table, key, (struct bytes){ buf, n });
    if ((e = store_append(txn, table, key, n, &place)))
        return e;
    memcpy(place, buf, n);
    *greatest = key;
    return E_OK;
}

static enum err store_crime(struct track *t, struct store_txn *txn, uint32_t slot)
{
    const struct crime *c = crime_at(t->journeys, slot);
    struct state_row row = {
        .folded_to = t->position, .crime = c->handle, .merged = c->merged, .ref = crime_ref_of(c),
        .facts_count = c->facts.count, .facts = { c->facts.p, c->facts.n },
    };

    marks_unset(&t->dirty_crimes, slot);
    return put_row(txn, T_CRIMES, c->handle, &row, NULL, &t->stored_crime);
}

static enum err store_journey(struct track *t, struct store_txn *txn, uint32_t slot)
{
    static struct told told[OBLIGATIONS_PER_JOURNEY_MAX];
    const struct journey *v = journey_at(t->journeys, slot);
    struct state_row row = {
        .folded_to = t->position, .crime = crime_at(t->journeys, v->crime)->handle, .ref = victim_ref_of(v),
        .behind = v->behind, .told_count = (uint16_t)told_read_all(v, told),
        .facts_count = v->facts.count, .facts = { v->facts.p, v->facts.n },
    };

    marks_unset(&t->dirty_journeys, slot);
    return put_row(txn, T_JOURNEYS, v->handle, &row, told, &t->stored_journey);
}

static void begin_round(struct track *t)
{
    struct marks swap;

    swap = t->round_journeys, t->round_journeys = t->dirty_journeys, t->dirty_journeys = swap;
    swap = t->round_crimes, t->round_crimes = t->dirty_crimes, t->dirty_crimes = swap;
    marks_clear(&t->dirty_journeys);
    marks_clear(&t->dirty_crimes);
    t->round_journey = t->round_crime = 0;
    t->round_position = t->position;
    t->round_row = t->again.next <= t->again.last ? t->again.next - 1 : outbox_last(t->outbox);
    t->round_fresh = t->fresh;
    memcpy(t->round_declared, t->declared, sizeof t->declared);
    t->round_declarations = t->declarations;
    t->round_counts = t->counts;
    t->round_law_number = t->law_number;
    t->round_open = true;
}

static enum err store_globals(struct track *t, struct store_txn *txn)
{
    struct globals_row row;

    memset(&row, 0, sizeof row);
    row.format = STATE_FORMAT;
    row.fold_version = FOLD_VERSION;
    row.position = t->round_position;
    row.row = t->round_row;
    row.law_number = t->round_law_number;
    row.counts = t->round_counts;
    row.fresh = t->round_fresh;
    memcpy(row.declared, t->round_declared, sizeof row.declared);
    row.declarations = t->round_declarations;
    return store_put(txn, T_GLOBALS, 1, (struct bytes){ (const uint8_t *)&row, sizeof row });
}

/* Up to `max` rows of the round, crimes before journeys; *ret_done: fewer were left. Most journeys behind one that is stored are stored too. */
static enum err store_some(struct track *t, struct store_txn *txn, size_t max, bool *ret_done)
{
    uint32_t slot;
    enum err e = E_OK;

    for (; (slot = marks_next(&t->round_crimes, t->round_crime)) != SLOT_NONE && max; max--, t->round_crime = slot + 1)
        if ((e = store_crime(t, txn, slot)))
            return e;
    for (; (slot = marks_next(&t->round_journeys, t->round_journey)) != SLOT_NONE && max; max--, t->round_journey = slot + 1) {
        look_at_slot(t->journeys, slot + LOOK_FIRST);
        look_at_slot_whole(t->journeys, slot + LOOK_WHOLE);
        if ((e = store_journey(t, txn, slot)))
            return e;
    }
    *ret_done = max != 0;
    return E_OK;
}

enum err state_slice(struct track *t, size_t max, bool *ret_done)
{
    struct store_txn *txn;
    enum err e;

    if (!t->state)
        return *ret_done = true, E_OK;
    if (!t->round_open)
        begin_round(t);
    if ((e = store_begin(t->state, true, &txn)))
        return e;
    if ((e = store_some(t, txn, max, ret_done)))
        goto fail;
    for (; t->quarantined_stored < t->quarantined_count; t->quarantined_stored++) {
        const struct quarantined *q = &t->quarantined[t->quarantined_stored];
        e = store_put(txn, T_QUARANTINE, q->number, (struct bytes){ (const uint8_t *)q->reason, strlen(q->reason) });
        if (e)
            goto fail;
    }
    if (*ret_done && (e = store_globals(t, txn)))
        goto fail;
    if ((e = store_commit(&txn)))
        return e;
    crash_point(CRASH_checkpoint_slice);
    if (*ret_done) {
        crash_point(CRASH_checkpoint_end);
        t->round_open = false;
        t->checkpoint_position = t->round_position;
    }
    return E_OK;
fail:
    store_abort(&txn);
    return e;
}

static uint64_t key_number(struct bytes key)
{
    uint64_t n;

    assert(key.n == sizeof n);
    memcpy(&n, key.p, sizeof n);
    return n;
}

static enum err load_crime(void *ctx, struct bytes key, struct bytes value)
{
    struct track *t = ctx;
    struct state_row row;
    struct crime *c;
    uint32_t slot;
    enum err e;

    if ((e = state_row_unpack(value, key_number(key), &row, NULL)) || (e = crime_add(t->journeys, row.ref, key_number(key), &slot)) ||
        (e = crime_loaded(t->journeys, slot, row.folded_to)))
        return e;
    c = crime_at(t->journeys, slot);
    c->merged = row.merged;
    t->stored_crime = c->handle;
    return facts_load(&c->facts, journeys_pool(t->journeys), row.facts.p, row.facts.n, row.facts_count);
}

/* Crimes were loaded in order of their handles; so it is a search. */
static uint32_t crime_by_handle(struct track *t, uint64_t handle)
{
    uint32_t low = 0, high = crimes_count(t->journeys);

    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (crime_at(t->journeys, mid)->handle < handle)
            low = mid + 1;
        else
            high = mid;
    }
    return low < crimes_count(t->journeys) && crime_at(t->journeys, low)->handle == handle ? low : SLOT_NONE;
}

static enum err load_journey(void *ctx, struct bytes key, struct bytes value)
{
    static struct told told[OBLIGATIONS_PER_JOURNEY_MAX];
    struct track *t = ctx;
    struct state_row row;
    struct journey *v;
    uint32_t slot, crime;
    enum err e;

    if ((e = state_row_unpack(value, key_number(key), &row, told)))
        return e;
    if ((crime = crime_by_handle(t, row.crime)) == SLOT_NONE)
        return E_CORRUPT;
    if ((e = journey_add(t->journeys, crime, row.ref, key_number(key), &slot)) || (e = journey_loaded(t->journeys, slot, row.folded_to)))
        return e;
    v = journey_at(t->journeys, slot);
    for (uint16_t i = 0; i < row.told_count; i++)
        if ((e = told_keep(v, journeys_pool(t->journeys), told_place(v, told[i].rule, told[i].instance), &told[i])))
            return e;
    if ((e = facts_load(&v->facts, journeys_pool(t->journeys), row.facts.p, row.facts.n, row.facts_count)))
        return e;
    t->stored_journey = v->handle;
    v->behind = row.behind;                 /* its due entries follow when the frontiers are known: await_all */
    return v->behind ? slots_add(&t->behind, slot) : E_OK;
}

/* Which crimes follow which is a conclusion, drawn again from the facts of those that say so. */
static enum err load_mergers(struct track *t)
{
    const kind_t merged = kind_by_name(EVENT_UPDATE, TEXT("merged"));
    enum err e;

    for (uint32_t crime = 0; crime < crimes_count(t->journeys); crime++) {
        const struct facts *f = &crime_at(t->journeys, crime)->facts;
        uint32_t slot = crime_at(t->journeys, crime)->first_journey;
        while (crime_at(t->journeys, crime)->merged && f) {
            struct fact fact;
            for (uint32_t at = 0; at < f->n;) {
                at = facts_read(f, at, &fact);
                if (fact.kind == merged && fact.informs && (e = crime_merge(t->journeys, crime, fact.informs)))
                    return e;
            }
            f = slot == SLOT_NONE ? NULL : &journey_at(t->journeys, slot)->facts;
            slot = slot == SLOT_NONE ? SLOT_NONE : journey_at(t->journeys, slot)->next_of_crime;
        }
    }
    return E_OK;
}

static enum err load_quarantined(void *ctx, struct bytes key, struct bytes value)
{
    struct track *t = ctx;
    struct quarantined *q;

    if (t->quarantined_count == t->quarantined_cap) {
        size_t cap = t->quarantined_cap ? t->quarantined_cap * 2 : 64;
        if (!(q = realloc(t->quarantined, cap * sizeof *q)))
            return E_MEMORY;
        t->quarantined = q;
        t->quarantined_cap = cap;
    }
    q = &t->quarantined[t->quarantined_count];
    if (value.n >= sizeof q->reason)
        return E_CORRUPT;
    *q = (struct quarantined){ .number = key_number(key) };
    memcpy(q->reason, value.p, value.n);
    t->quarantined_stored = ++t->quarantined_count;
    return E_OK;
}

static enum err discard(struct track *t)
{
    struct store_txn *txn;
    enum err e = store_begin(t->state, true, &txn);

    for (unsigned i = 0; !e && i < TABLES; i++)
        e = store_clear(txn, i);
    if (e) {
        store_abort(&txn);
        return e;
    }
    return store_commit(&txn);
}

static enum err state_open(struct track *t, const char *path, struct why *why)
{
    enum err e = store_open(path, (size_t)STATE_MAP_GIB << 30, t->read_only, tables, TABLES, &t->state, why);

    return e == E_NOT_FOUND && t->read_only ? E_OK : e;     /* nothing stored yet: fold from the beginning */
}

enum err state_load(struct track *t, const char *path, uint64_t *ret_after_row, struct why *why)
{
    struct store_txn *txn = NULL;
    struct globals_row row;
    struct bytes value;
    enum err e;

    *ret_after_row = 0;
    if (!path || (e = state_open(t, path, why)) || !t->state)
        return path ? e : E_OK;
    if ((e = store_begin(t->state, false, &txn)))
        return e;
    e = store_get(txn, T_GLOBALS, 1, &value);
    if (!e && value.n == sizeof row) {
        memcpy(&row, value.p, sizeof row);
        if (row.format != STATE_FORMAT || row.fold_version != FOLD_VERSION)
            e = E_NOT_FOUND;
    } else if (!e) {
        e = E_NOT_FOUND;
    }
    if (e == E_NOT_FOUND || (!e && row.position > journal_last(t->journal))) {
        /* No whole round, or conclusions of another fold or another journal: draw them again. */
        store_abort(&txn);
        return t->read_only ? (store_close(&t->state), E_OK) : discard(t);
    }
    if (e)
        goto out;
    t->loaded = true;
    t->position = t->checkpoint_position = row.position;
    t->law_number = row.law_number;
    t->counts = row.counts;
    t->fresh = row.fresh;
    memcpy(t->declared, row.declared, sizeof t->declared);
    t->declarations = row.declarations;
    t->counts.rows = t->counts.alerts = 0;
    *ret_after_row = row.row;
    if ((e = store_each(txn, T_CRIMES, load_crime, t)) ||
        (e = store_each(txn, T_JOURNEYS, load_journey, t)) ||
        (e = store_each(txn, T_QUARANTINE, load_quarantined, t)) || (e = load_mergers(t)))
        why_set(why, "the state in %s does not check; it can be removed, it will be drawn again from the journal", path);
out:
    store_abort(&txn);
    return e;
}
