#include "processors/fold.h"
#include "processors/draw.h"
#include "core/hash.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

enum { CHECKPOINT_SLICE = 10000 };         /* rows a transaction */

enum err slots_add(struct slots *s, uint32_t slot)
{
    if (s->count == s->cap) {
        size_t cap = s->cap ? s->cap * 2 : 1024;
        uint32_t *p = realloc(s->slot, cap * sizeof *p);
        if (!p)
            return E_MEMORY;
        s->slot = p;
        s->cap = cap;
    }
    s->slot[s->count++] = slot;
    return E_OK;
}

void slots_fini(struct slots *s)
{
    free(s->slot);
    *s = (struct slots){ 0 };
}

enum err fold_quarantine(struct track *t, const char *reason)
{
    struct quarantined *q;

    t->counts.quarantined++;
    /* A record that is folded again after a start may be in the store already. */
    for (size_t i = t->quarantined_count; i-- > 0 && t->quarantined[i].number >= t->position;)
        if (t->quarantined[i].number == t->position)
            return E_OK;
    if (t->quarantined_count == t->quarantined_cap) {
        size_t cap = t->quarantined_cap ? t->quarantined_cap * 2 : 64;
        if (!(q = realloc(t->quarantined, cap * sizeof *q)))
            return E_MEMORY;
        t->quarantined = q;
        t->quarantined_cap = cap;
    }
    q = &t->quarantined[t->quarantined_count++];
    *q = (struct quarantined){ .number = t->position };
    snprintf(q->reason, sizeof q->reason, "%s", reason);
    return E_OK;
}

/* ---- facts -------------------------------------------------------------- */

enum change { CHANGE_NONE, CHANGE_ADDED, CHANGE_REPLACED };

/* Puts a fact among others: the same again changes nothing; of two with one id the
 * later recorded stands. */
static enum err add_fact(struct track *t, struct facts *facts, const struct fact *fact, enum change *ret)
{
    int64_t at = facts_find(facts, fact->id);
    struct fact old;

    *ret = at < 0 ? CHANGE_ADDED : CHANGE_NONE;
    if (at < 0)
        return facts_add(facts, journeys_pool(t->journeys), fact);
    facts_read(facts, (uint32_t)at, &old);
    if (old.check == fact->check) {
        t->counts.duplicates++;
        return E_OK;
    }
    t->counts.conflicts++;
    if (!fact_replaces(&old, fact))
        return E_OK;
    *ret = CHANGE_REPLACED;
    return facts_replace(facts, journeys_pool(t->journeys), (uint32_t)at, fact);
}

/* A fact stands alone where nothing known corrects another: then what it concerns hangs on its kind. */
static bool stands_alone(const struct journey *v, const struct crime *c)
{
    return !v->facts.corrects && !c->facts.corrects && !c->merged;
}

/* What is new about a journey for a fact that came or changed. To one that begins with it, all that its crime knows is new. */
static enum err tell_fact(struct track *t, uint32_t slot, const struct fact *fact, enum change change)
{
    const struct journey *v = journey_at(t->journeys, slot);

    if (change == CHANGE_ADDED && t->law && v->handle != t->position && stands_alone(v, crime_at(t->journeys, v->crime)))
        return tell_news(t, slot, fact);
    return tell_journey(t, slot);
}

/* Journeys of crimes that were merged into this one follow what is recorded here. */
static enum err tell_followers(struct track *t, uint32_t crime)
{
    uint64_t hash;
    uint32_t follower;
    enum err e;

    hash = hash_text(crime_ref_of(crime_at(t->journeys, crime)));
    for (size_t i = 0; (follower = crime_merged_into(t->journeys, hash, i)) != SLOT_NONE; i++)
        for (uint32_t slot = crime_at(t->journeys, follower)->first_journey; slot != SLOT_NONE; slot = journey_at(t->journeys, slot)->next_of_crime)
            if (journey_folded_to(t->journeys, slot) < t->position && (e = tell_journey(t, slot)))
                return e;
    return E_OK;
}

static enum err fold_crime_fact(struct track *t, uint32_t crime, const struct fact *fact)
{
    struct crime *c = crime_at(t->journeys, crime);
    enum change change = CHANGE_REPLACED;       /* it may have been stored with the crime, and be news to a journey */
    enum err e = E_OK;

    if (crime_folded_to(t->journeys, crime) < t->position) {
        if ((e = add_fact(t, &c->facts, fact, &change)) == E_FULL)
            return fold_quarantine(t, "too many facts of one crime");
        if (e || change == CHANGE_NONE || (e = mark_crime(t, crime)))
            return e;
        if (t->draw)
            draw_crime(t->draw, crime);
    }
    for (uint32_t slot = c->first_journey; slot != SLOT_NONE; slot = journey_at(t->journeys, slot)->next_of_crime)
        if (journey_folded_to(t->journeys, slot) < t->position && (e = tell_fact(t, slot, fact, change)))
            return e;
    return E_OK;
}

static enum err fold_journey_fact(struct track *t, uint32_t slot, const struct fact *fact)
{
    struct journey *v = journey_at(t->journeys, slot);
    enum change change;
    enum err e;

    if (journey_folded_to(t->journeys, slot) >= t->position)
        return E_OK;
    if ((e = add_fact(t, &v->facts, fact, &change)) == E_FULL)
        return fold_quarantine(t, "too many facts of one journey");
    if (e || change == CHANGE_NONE || (e = mark_journey(t, slot)) || (e = tell_fact(t, slot, fact, change)))
        return e;
    return t->law && law_is_acknowledgement(t->law, fact) ? tell_acknowledged(t, slot, fact->informs) : E_OK;
}

/* A fact of a crime, or of one victim of it: both are made where they are new. look: NULL where none went before. */
static enum err fold_fact(struct track *t, struct text crime_ref, struct text victim_ref, const struct look *look, const struct fact *fact)
{
    uint32_t crime = look ? crime_looked(t->journeys, crime_ref, look) : crime_find(t->journeys, crime_ref), slot;
    enum err e;

    if (crime == SLOT_NONE) {
        if ((e = crime_add(t->journeys, crime_ref, t->position, &crime)) || (e = mark_crime(t, crime)))
            return e;
    }
    if (t->law && law_is_merger(t->law, fact) && ((e = crime_merge(t->journeys, crime, fact->informs)) || (e = mark_crime(t, crime))))
        return e;
    if (text_is_empty(victim_ref))
        return (e = fold_crime_fact(t, crime, fact)) || !crimes_merged(t->journeys) ? e : tell_followers(t, crime);
    slot = journey_find(t->journeys, crime, victim_ref);
    if (slot == SLOT_NONE) {
        if ((e = journey_add(t->journeys, crime, victim_ref, t->position, &slot)) || (e = mark_journey(t, slot)))
            return e;
    }
    return (e = fold_journey_fact(t, slot, fact)) || !crimes_merged(t->journeys) ? e : tell_followers(t, crime);
}

static enum err fold_event(struct track *t, const struct event *ev, struct bytes bytes, const struct look *look)
{
    struct fact fact;
    enum err e;

    t->counts.events++;
    if ((e = freshness_seen(&t->fresh, ev->source)) == E_FULL)
        return fold_quarantine(t, "more sources than can be followed");
    if (e)
        return e;
    fact_from_event(t->law, ev, t->position, hash_check(bytes.p, bytes.n), &fact);
    return fold_fact(t, ev->crime_ref, ev->victim_ref, look, &fact);
}

static void count_reason(struct track_counts *n, struct text reason)
{
    size_t i = 0;

    n->rejected++;
    while (i < REJECT_REASONS_MAX - 1 && n->reason[i].count && !text_same(text_of(n->reason[i].text), reason))
        i++;
    if (!n->reason[i].count)
        snprintf(n->reason[i].text, sizeof n->reason[i].text, TEXT_FMT, TEXT_ARG(i < REJECT_REASONS_MAX - 1 ? reason : TEXT("other reasons")));
    n->reason[i].count++;
}

/* A row that could not be read, but may say whose journey it is about. */
static enum err fold_reject(struct track *t, const struct item *item, struct bytes bytes)
{
    struct fact fact;

    if (item->reason.n >= sizeof t->counts.reason->text)
        count_reason(&t->counts, (struct text){ item->reason.p, sizeof t->counts.reason->text - 1 });
    else
        count_reason(&t->counts, item->reason);
    if (!t->law || !item->crime_ref.n)
        return E_OK;
    fact_from_reject(t->law, item, t->position, hash_check(bytes.p, bytes.n), &fact);
    return fold_fact(t, item->crime_ref, item->victim_ref, NULL, &fact);
}

/* ---- records ------------------------------------------------------------ */

/* A record of the batch in hand. What the quick walk is not sure of is decoded when its turn comes. */
struct record { struct bytes bytes; enum err err; bool is_decoded, is_event; struct look look; struct item item; };

static enum err decode(struct track *t, struct record *r)
{
    struct why why = { "" };
    enum err e = wire_item_decode(t->wire, r->bytes.p, r->bytes.n, &r->item, &why);

    /* What is set aside is nothing from here on. */
    return e && err_action(e) == ERR_REJECT ? fold_quarantine(t, why.text) : e;
}

static enum err fold_record(struct track *t, struct record *r)
{
    struct item *item = &r->item;
    enum err e;

    t->counts.records++;
    if (!r->is_decoded && (e = decode(t, r)))
        return e;
    switch (item->what) {
    case ITEM_EVENT:
        if (!t->law)
            return fold_quarantine(t, "no rule book came before it");
        return fold_event(t, &item->event, r->bytes, r->is_decoded ? &r->look : NULL);
    case ITEM_TICK:
        if (instant_is_set(t->known_at) && instant_after(item->at, t->known_at))
            return E_END;
        t->counts.ticks++;
        return fold_tick(t, item->at);
    case ITEM_COMPLETE:
        if ((e = freshness_complete(&t->fresh, item->source, item->at)) == E_FULL)
            return fold_quarantine(t, "more sources than can be followed");
        return e ? e : fold_time(t);
    case ITEM_REJECT:
        return fold_reject(t, item, r->bytes);
    case ITEM_LAW:
        return fold_law(t, item);
    case ITEM_DECLARATION:
        return (e = declared_fold(t, item, r->bytes)) == E_FULL ? fold_quarantine(t, "more sources than can be followed") : e;
    case ITEM_MAPPING:
    case ITEM_BLANK:
    case ITEM_NONE:
        return E_OK;
    }
    return E_OK;
}

static enum err fold_one(struct track *t, struct record *r)
{
    enum err e;

    if ((e = retell_record_begins(t)) || (e = fold_record(t, r)))
        return e;
    return retell_record_ends(t);
}

/* ---- who was erased ----------------------------------------------------- */

/* The crime that the record is about, borrowed until the next look-up. E_NOT_FOUND: of no case, or it was erased. */
static enum err crime_of(struct track *t, uint64_t number, struct text *ret)
{
    struct bytes bytes;
    struct item item;
    struct why why;
    enum err e = journal_reader_item(t->lookup, number, &bytes);

    if (e)
        return e;
    if (wire_item_decode(t->lookup_wire, bytes.p, bytes.n, &item, &why) || (item.what != ITEM_EVENT && item.what != ITEM_REJECT))
        return E_NOT_FOUND;
    *ret = item.what == ITEM_EVENT ? item.event.crime_ref : item.crime_ref;
    return E_OK;
}

static int by_crime_and_handle(const void *a, const void *b)
{
    const struct journal_gone *x = a, *y = b;

    if (x->crime != y->crime)
        return (x->crime > y->crime) - (x->crime < y->crime);
    return (x->began > y->began) - (x->began < y->began);
}

/* `crime` becomes the hash of the reference. One that is noted and not blanked yet still has its journey. */
static enum err load_gone(struct track *t)
{
    struct journal_gone *all = NULL;
    size_t count = 0, kept = 0;
    struct text crime;
    enum err e = journal_gone(t->journal, &all, &count);

    for (size_t i = 0; !e && i < count; i++) {
        struct journal_gone g = all[i];
        if ((e = crime_of(t, g.began, &crime)) == E_NOT_FOUND && !(e = crime_of(t, g.crime, &crime)))
            all[kept++] = (struct journal_gone){ g.began, hash_text(crime) };
        e = e == E_NOT_FOUND ? E_OK : e;
    }
    if (!e && kept)
        qsort(all, kept, sizeof *all, by_crime_and_handle);
    for (size_t i = 0; !e && i < kept; i++)
        e = journeys_gone(t->journeys, all[i].crime, all[i].began);
    free(all);
    return e;
}

/* ---- public ------------------------------------------------------------- */

enum err track_open(struct journal *j, struct outbox *o, const char *state_path, bool read_only,
                    struct track **ret, struct why *why)
{
    struct track *t = calloc(1, sizeof *t);
    uint64_t after_row;
    bool fell;
    enum err e;

    if (!t)
        return E_MEMORY;
    if (journal_is_being_erased(j)) {
        why_set(why, "an erasure was begun in this data folder and not ended: rightswatch erase, with the same --data, ends it");
        free(t);
        return E_AGAIN;
    }
    t->journal = j;
    t->outbox = o;
    t->read_only = read_only;
    t->again.next = 1;
    t->checkpoint_every = TRACK_CHECKPOINT_EVERY;
    if ((e = journal_reader_open(j, &t->reader)) || (e = journal_reader_open(j, &t->lookup)) ||
        (e = wire_open(&t->wire)) || (e = wire_open(&t->lookup_wire)) || (e = journeys_open(&t->journeys)) ||
        (e = load_gone(t)) ||
        (e = due_open(journeys_pool(t->journeys), &t->by_tick)) ||
        (e = due_open(journeys_pool(t->journeys), &t->by_frontier)) ||
        (e = state_load(t, state_path, &after_row, why)))
        goto fail;
    if (t->law_number && ((e = fold_read_law(t, t->law_number, &t->law, why)) || (e = declared_tell(t, t->law))))
        goto fail;
    frontiers_move(t, &fell);
    for (uint32_t slot = 0; slot < journeys_count(t->journeys); slot++)
        if ((e = await_all(t, slot)))
            goto fail;
    if ((e = retell_begin(t, after_row)))
        goto fail;
    atomic_store(&t->published, t->position);
    *ret = t;
    return E_OK;
fail:
    track_close(&t);
    return e;
}

void track_close(struct track **pt)
{
    struct track *t = *pt;

    if (!t)
        return;
    if (t->again.reader)
        outbox_reader_close(&t->again.reader);
    store_close(&t->state);
    due_close(&t->by_tick);
    due_close(&t->by_frontier);
    journeys_close(&t->journeys);
    law_close(&t->law);
    wire_close(&t->wire);
    wire_close(&t->lookup_wire);
    if (t->reader)
        journal_reader_close(&t->reader);
    if (t->lookup)
        journal_reader_close(&t->lookup);
    marks_fini(&t->dirty_journeys);
    marks_fini(&t->dirty_crimes);
    marks_fini(&t->round_journeys);
    marks_fini(&t->round_crimes);
    slots_fini(&t->behind);
    free(t->quarantined);
    free(t);
    *pt = NULL;
}

/* A slice of a checkpoint, where one is running or due. Rows go first: the state
 * must never know of something told that the outbox could lose. */
static enum err checkpoint_some(struct track *t, bool now)
{
    bool done;

    if (t->read_only || (!now && !t->round_open && t->position - t->checkpoint_position < t->checkpoint_every))
        return E_OK;
    return state_slice(t, CHECKPOINT_SLICE, &done);
}

/* Records of a batch, decoded and looked at before their turn: among many journeys each costs several waits for memory, which
 * so go on while others are folded. A step of looking is taken every AHEAD_EVERY records. */
enum { AHEAD_EVERY = 4, AHEAD = AHEAD_EVERY * 4 };
struct ahead { struct bytes items; size_t at; uint32_t count; struct record of[AHEAD]; };

/* The record that was decoded so many before the last. */
static struct record *before_last(struct ahead *a, uint32_t records) { return &a->of[(a->count - 1 - records) % AHEAD]; }

static void look_ahead(struct track *t, struct ahead *a)
{
    struct record *r = &a->of[a->count++ % AHEAD];

    r->err = wire_next(a->items.p, a->items.n, &a->at, &r->bytes);
    r->is_decoded = !r->err && wire_item_quick(r->bytes.p, r->bytes.n, (size_t)(a->items.p + a->items.n - r->bytes.p), &r->item);
    r->is_event = r->is_decoded && r->item.what == ITEM_EVENT;
    if (r->is_event)
        look_for_crime(t->journeys, r->item.event.crime_ref, &r->look);
    if ((r = before_last(a, AHEAD_EVERY))->is_event)
        look_at_crime(t->journeys, &r->look);
    if ((r = before_last(a, 2 * AHEAD_EVERY))->is_event)
        look_at_journey(t->journeys, &r->look);
    if ((r = before_last(a, 3 * AHEAD_EVERY))->is_event)
        look_at_facts(&r->look);
}

static enum err fold_next(struct track *t, struct record *r)
{
    enum err e = r->err;

    if (e)
        return e;
    t->position++;
    if ((e = fold_one(t, r)) == E_END) {
        t->position--;
        t->stopped = true;
    }
    return e;
}

/* Folds what is left of the batch that holds the next record, at most *max records of it. */
static enum err fold_batch(struct track *t, size_t *max)
{
    struct ahead a;
    struct journal_batch b;
    struct bytes before;
    size_t count;
    enum err e = journal_reader_get(t->reader, t->position + 1, &b);

    a.at = a.count = 0;
    for (size_t i = 0; i < AHEAD; i++)
        a.of[i].is_event = false;
    for (uint64_t number = b.first; !e && number <= t->position; number++)
        e = wire_next(b.items.p, b.items.n, &a.at, &before);
    if (e)
        return e;
    a.items = b.items;
    count = b.first + b.count - 1 - t->position;
    count = count < *max ? count : *max;
    *max -= count;
    for (size_t i = 1; !e && i < count + AHEAD; i++) {
        look_ahead(t, &a);
        if (i >= AHEAD)
            e = fold_next(t, &a.of[i % AHEAD]);
    }
    return t->stopped ? E_OK : e;
}

enum err track_step(struct track *t, size_t max, struct why *why)
{
    uint64_t last = journal_last(t->journal);
    enum err e = E_OK;

    if (t->position >= last || t->stopped)
        return journal_reader_rest(t->reader), journal_reader_rest(t->lookup), E_AGAIN;
    while (max && t->position < last && !t->stopped)
        if ((e = fold_batch(t, &max)))
            goto fail;
    if (!t->read_only && (e = outbox_commit(t->outbox)))
        goto fail;
    t->rows_pending = 0;
    if ((t->draw && (e = draw_commit(t->draw))) || (e = checkpoint_some(t, false)))
        goto fail;
    journeys_passed(t->journeys, t->position);
    atomic_store_explicit(&t->published, t->position, memory_order_release);
    journal_reader_rest(t->reader);
    journal_reader_rest(t->lookup);
    return E_OK;
fail:
    why_set(why, "record %llu could not be folded: %s", (unsigned long long)t->position, err_text(e));
    return e;
}

void track_look(struct track *t, struct instant known_at, struct law **law)
{
    bool fell;

    assert(t->read_only && !t->loaded && !t->position);
    t->looks = true;
    t->known_at = known_at;
    if (*law) {
        t->law = *law;
        *law = NULL;
        t->keeps_law = true;
        frontiers_move(t, &fell);
    }
}

void track_draws(struct track *t, struct draw *d) { t->draw = d; }
void track_checkpoint_every(struct track *t, uint64_t records) { t->checkpoint_every = records; }

uint64_t track_position(const struct track *t)
{
    return atomic_load_explicit(&t->published, memory_order_acquire);
}

enum err track_checkpoint(struct track *t, struct why *why)
{
    bool done = false;
    enum err e;

    if (t->read_only)
        return E_OK;
    if ((e = outbox_commit(t->outbox)) || (t->draw && (e = draw_commit(t->draw))))
        goto fail;
    t->rows_pending = 0;
    while (t->round_open)
        if ((e = state_slice(t, CHECKPOINT_SLICE, &done)))
            goto fail;
    if (t->position == t->checkpoint_position)
        return E_OK;
    do {
        if ((e = state_slice(t, CHECKPOINT_SLICE, &done)))
            goto fail;
    } while (!done);
    return E_OK;
fail:
    why_set(why, "the checkpoint failed: %s", err_text(e));
    return e;
}

struct journeys *track_journeys(struct track *t) { return t->journeys; }
const struct law *track_law(const struct track *t) { return t->law; }
uint64_t track_law_number(const struct track *t) { return t->law_number; }
const struct freshness *track_freshness(const struct track *t) { return &t->fresh; }
const struct track_counts *track_counts(const struct track *t) { return &t->counts; }

/* Is the fact at *at one that is not looked at? Then *at moves on. */
static bool pass_over(const struct concern *concern, const struct facts *f, uint32_t *at)
{
    uint32_t next = *at;
    bool names_suspect;
    kind_t kind = facts_kind(f, &next, &names_suspect);

    if (concern_looks_at(concern, kind, names_suspect))
        return false;
    *at = next;
    return true;
}

/* Puts the packed facts known by now behind those that are there: those looked at, or all (concern NULL). After a restart a
 * crime may have been stored ahead of its journeys: what it learnt later is not known yet at the record being folded. */
static void take_facts(struct track *t, const struct facts *f, bool elsewhere, const struct concern *concern)
{
    for (uint32_t at = 0; at < f->n;) {
        struct fact *fact = &t->facts[t->fact_count];
        if (concern && pass_over(concern, f, &at))
            continue;
        at = facts_read(f, at, fact);
        fact->elsewhere = elsewhere;
        t->fact_count += fact->number <= t->position;
    }
}

/* The reference's hash of the crime that goes on in place of this one, by the last recorded merger; 0: none. */
static uint64_t merged_into(const struct track *t)
{
    const struct fact *last = NULL;

    for (size_t i = 0; i < t->fact_count; i++)
        if (law_is_merger(t->law, &t->facts[i]) && (!last || fact_replaces(last, &t->facts[i])))
            last = &t->facts[i];
    return last ? last->informs : 0;
}

static void gather(struct track *t, const struct journey *v, const struct crime *c, const struct concern *concern)
{
    uint32_t crime, other;

    t->fact_count = 0;
    take_facts(t, &v->facts, false, concern);
    take_facts(t, &c->facts, false, concern);
    if (c->merged && (crime = crime_by_hash(t->journeys, merged_into(t))) != SLOT_NONE && crime != v->crime) {
        take_facts(t, &crime_at(t->journeys, crime)->facts, true, concern);
        if ((other = journey_find(t->journeys, crime, victim_ref_of(v))) != SLOT_NONE)
            take_facts(t, &journey_at(t->journeys, other)->facts, true, concern);
    }
}

const struct judgement *track_judge(struct track *t, uint32_t slot)
{
    const struct journey *v = journey_at(t->journeys, slot);

    gather(t, v, crime_at(t->journeys, v->crime), NULL);
    journey_judge(t->law, t->facts, t->fact_count, &t->judgement);
    return &t->judgement;
}

const struct judgement *track_judge_concern(struct track *t, uint32_t slot, const struct concern *concern, uint64_t news)
{
    const struct journey *v = journey_at(t->journeys, slot);
    const struct crime *c = crime_at(t->journeys, v->crime);

    if (!stands_alone(v, c))
        return track_judge(t, slot);
    if ((size_t)(v->facts.count + c->facts.count) * law_starts_most(t->law) > OBLIGATIONS_PER_JOURNEY_MAX)
        concern = law_whole(t->law);        /* there may be more obligations than fit: which do hangs on all of them */
    gather(t, v, c, concern);
    journey_judge_concern(t->law, concern, news, t->facts, t->fact_count, &t->judgement);
    return &t->judgement;
}

struct clocks track_clocks(const struct track *t)
{
    const char *const *expected = NULL;
    size_t count = t->law ? law_sources(t->law, &expected) : 0;
    uint64_t all = count == 64 ? UINT64_MAX : ((uint64_t)1 << count) - 1;

    return (struct clocks){ .tick = t->fresh.tick, .frontier = freshness_frontier(&t->fresh, expected, count, all) };
}

struct clocks track_clocks_of(const struct track *t, uint16_t rule)
{
    return (struct clocks){ .tick = t->fresh.tick, .frontier = t->frontier[rule] };
}

const struct fact *track_facts(const struct track *t, size_t *ret_count)
{
    *ret_count = t->fact_count;
    return t->facts;
}

size_t track_standing(struct track *t, const struct fact **ret)
{
    return journey_standing(t->law, t->facts, t->fact_count, ret);
}

uint64_t track_rows_again(const struct track *t) { return t->again.same; }
uint64_t track_rows_erased(const struct track *t) { return t->again.erased; }
bool track_is_from_state(const struct track *t) { return t->loaded; }

static void add_facts(struct hash_chain *h, const struct facts *f)
{
    const uint16_t count = f->count;

    hash_chain_add(h, &count, sizeof count);
    hash_chain_add(h, f->p, f->n);
}

void track_digest(struct track *t, uint8_t ret[CHAIN_BYTES])
{
    struct hash_chain h;

    hash_chain_init(&h);
    hash_chain_add(&h, &t->position, sizeof t->position);
    hash_chain_add(&h, &t->fresh, sizeof t->fresh);
    for (uint32_t slot = 0; slot < crimes_count(t->journeys); slot++) {
        const struct crime *c = crime_at(t->journeys, slot);
        hash_chain_add(&h, &c->handle, sizeof c->handle);
        hash_chain_add(&h, crime_ref_of(c).p, crime_ref_of(c).n);
        add_facts(&h, &c->facts);
    }
    for (uint32_t slot = 0; slot < journeys_count(t->journeys); slot++) {
        const struct journey *v = journey_at(t->journeys, slot);
        uint32_t numbers[2] = { v->crime, v->behind };
        hash_chain_add(&h, &v->handle, sizeof v->handle);
        hash_chain_add(&h, numbers, sizeof numbers);
        hash_chain_add(&h, victim_ref_of(v).p, victim_ref_of(v).n);
        hash_chain_add(&h, v->told, v->told_words * sizeof *v->told);
        add_facts(&h, &v->facts);
    }
    hash_chain_end(&h, ret);
}

enum err track_each_quarantined(struct track *t, enum err (*visit)(void *ctx, uint64_t number, struct text reason), void *ctx)
{
    enum err e = E_OK;

    for (size_t i = 0; !e && i < t->quarantined_count; i++)
        e = visit(ctx, t->quarantined[i].number, text_of(t->quarantined[i].reason));
    return e;
}
