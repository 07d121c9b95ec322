/* events.c: what an event's row says that it did not say before. */
#include "producers/connect/inside.h"

#include <stdio.h>

/* Columns and the fields they are, where the kind of event has a place for them. */
static const struct { enum column c; enum field f; } placed[] = {
    { EVENT_outcome_code, F_outcome_code }, { EVENT_decision_by, F_decision_by }, { EVENT_reason_code, F_reason_code },
    { EVENT_vrr_offered, F_vrr_offered }, { EVENT_service, F_service }, { EVENT_service_kind, F_service_kind }, { EVENT_category, F_category },
    { EVENT_stage, F_stage }, { EVENT_suspect_no, F_suspect_no }, { EVENT_item_no, F_item_no }, { EVENT_preference, F_preference },
    { EVENT_agreed_update_days, F_agreed_update_days }, { EVENT_contact_method, F_contact_method }, { EVENT_informed_who, F_informed_who },
    { EVENT_informs_event_id, F_informs_event_id }, { EVENT_victim_informed_time, F_victim_informed_at }, { EVENT_received_time, F_received_at },
    { EVENT_due_by, F_due_by }, { EVENT_court_date, F_court_date }, { EVENT_need, F_need }, { EVENT_enhanced, F_enhanced },
    { EVENT_sentence_months, F_sentence_months }, { EVENT_score, F_score }, { EVENT_authorised_by, F_authorised_by },
};

static enum err refuse(struct fault *fault, enum column c, enum err e, const char *reason)
{
    *fault = (struct fault){ .column = c, .sort = c < COLUMNS ? "a word" : "" };
    snprintf(fault->reason, sizeof fault->reason, "%.87s", reason);
    return e;
}

/* A kind of any type; else one the rule book declares, by the mapping's word. A word nobody knows may have been the very call
 * that is owed, so the row is refused and its journey held, rather than kept as something that means nothing. */
static enum err read_kind(const struct differ *d, const struct record *r, struct event *e, struct fault *fault)
{
    struct text word = record_text(r, EVENT_event_type);

    for (enum event_type t = EVENT_REFERRAL; t < EVENT_TYPES; t++) {
        e->type = t;
        if ((e->kind = kind_by_name(t, word)) != KIND_NONE && e->kind != KIND_LOCAL)
            return E_OK;
    }
    for (size_t i = 0; i < d->shape->local_kinds; i++)
        if (text_same(text_of(d->shape->local_kind[i]), word)) {
            e->type = EVENT_UPDATE;
            e->kind = KIND_LOCAL;
            e->local_kind = text_of(d->shape->local_kind[i]);
            e->present |= (uint64_t)1 << F_local_kind;
            return E_OK;
        }
    return refuse(fault, EVENT_event_type, E_UNKNOWN, "event_type is no kind of event that this feed knows");
}

static void place(struct differ *d, const struct record *r, struct event *e)
{
    for (size_t i = 0; i < sizeof placed / sizeof *placed; i++) {
        const struct value *v = record_value(r, placed[i].c);
        void *to = (char *)e + field_table[placed[i].f].offset;
        if (!v->said)
            continue;
        if (!field_allowed(e->type, placed[i].f)) {
            d->counts.unplaced++;
            continue;
        }
        switch (field_table[placed[i].f].type) {
        case FIELD_TEXT: *(struct text *)to = v->text; break;
        case FIELD_TIME: ((struct instant *)to)->s = v->number; break;
        case FIELD_NUMBER: *(uint32_t *)to = v->number > UINT32_MAX ? UINT32_MAX : (uint32_t)v->number; break;
        case FIELD_FLAG: *(bool *)to = v->number != 0; break;
        case FIELD_WORDS: continue;
        }
        e->present |= (uint64_t)1 << placed[i].f;
    }
}

static enum err make(struct differ *d, const struct record *r, int64_t recorded, struct item *ret, struct fault *fault)
{
    struct event *e = &ret->event;
    enum err err;

    *ret = (struct item){ .what = ITEM_EVENT };
    if ((err = read_kind(d, r, e, fault)))
        return err;
    e->event_id = record_text(r, EVENT_event_id);
    e->source = text_of(d->shape->source);
    e->crime_ref = record_text(r, EVENT_crime_reference);
    e->victim_ref = record_text(r, EVENT_victim_ref);
    e->occurred_at = record_time(r, EVENT_event_time);
    e->recorded_at.s = recorded;
    e->recorded_by = record_text(r, EVENT_recorded_by);
    e->supersedes = record_text(r, EVENT_supersedes_event_id);
    place(d, r, e);
    return E_OK;
}

static bool is_elsewhere(const struct record *a, const struct record *b)
{
    return !record_same(a, b, EVENT_crime_reference) || !record_same(a, b, EVENT_victim_ref);
}

static enum err withdraw_from(struct differ *d, const struct record *was, int64_t at)
{
    return withdraw(d, record_text(was, EVENT_crime_reference), record_text(was, EVENT_victim_ref), record_text(was, EVENT_event_id), at);
}

/* When it was recorded: at first as the row says; what is changed later counts from then, and never from before what was sent. */
static int64_t recorded_of(const struct record *now, const struct event_memo *before)
{
    int64_t at = record_says(now, EVENT_recorded_time) ? record_number(now, EVENT_recorded_time) : record_number(now, EVENT_event_time);

    if (!before)
        return at;
    at = at > record_updated(now).s ? at : record_updated(now).s;
    return at > before->recorded ? at : before->recorded + 1;
}

/* A nominal that was merged goes by the name that goes on, also in rows that still have the old one; that one may have been merged, too. */
static enum err by_name_that_goes_on(struct differ *d, const struct record **row, struct record *renamed)
{
    static struct memo_of_victim was[MERGERS_MAX];
    struct text crime = record_text(*row, EVENT_crime_reference);

    for (size_t i = 0; i < MERGERS_MAX && record_says(*row, EVENT_victim_ref); i++) {
        struct memory_key key = memory_key(K_VICTIM, crime, record_text(*row, EVENT_victim_ref));
        struct victim_memo memo;
        struct bytes value;
        enum err e = memory_get(d->memory, &key, &value);
        if (e)
            return e == E_NOT_FOUND ? E_OK : e;
        memcpy(&memo, value.p, sizeof memo);
        if (!memo.merged)
            return E_OK;
        if ((e = victim_recall(d, crime, record_text(*row, EVENT_victim_ref), &was[i])))
            return e;
        if (*row != renamed)
            *renamed = **row;
        renamed->value[EVENT_victim_ref - EVENT_event_id].text = record_text(&was[i].row, VICTIM_merged_into);
        *row = renamed;
    }
    return E_OK;
}

/* Nothing of a victim who was erased is taken in again; what stood elsewhere under that id is withdrawn there. */
static enum err pass_over(struct differ *d, const struct record *now, const struct memo_of_event *known, int64_t at)
{
    struct text id = record_text(now, EVENT_event_id), none = { 0 };
    struct memory_key key = memory_key(K_EVENT, id, none);
    enum err e = let_go(d, K_HELD_EVENT, id, none, at);

    if (!e && known && !known->memo.is_withdrawn && is_elsewhere(&known->row, now))
        e = withdraw_from(d, &known->row, at);
    d->counts.erased++;
    return e ? e : memory_delete(d->memory, &key);
}

enum err events_row(struct differ *d, const struct record *now, struct fault *fault)
{
    struct record renamed;
    struct text id = record_text(now, EVENT_event_id), none = { 0 };
    struct memory_key key = memory_key(K_EVENT, id, none);
    struct memo_of_event *known = &d->event;
    int64_t at = record_updated(now).s;
    enum err e = by_name_that_goes_on(d, &now, &renamed);
    e = e ? e : event_recall(d, id, known);
    bool is_fresh = e == E_NOT_FOUND, is_deleted = record_flag(now, EVENT_deleted), is_erased, is_same, moves;
    struct item item;
    struct why why = { "" };

    if (e && !is_fresh)
        return e;
    if (!is_fresh && at < known->memo.updated)
        return d->counts.stale++, E_OK;
    if ((e = victim_is_erased(d, record_text(now, EVENT_crime_reference), record_text(now, EVENT_victim_ref), &is_erased)))
        return e;
    if (is_erased)
        return pass_over(d, now, is_fresh ? NULL : known, at);
    is_same = !is_fresh && record_is_same(&known->row, now);
    if (is_same) {
        if ((e = let_go(d, K_HELD_EVENT, id, none, at)))
            return e;
        d->counts.same++;
        if (at == known->memo.updated)
            return E_OK;
        known->memo.updated = at;
        return memo_put(d, &key, &known->memo, sizeof known->memo, now);
    }
    if (is_fresh && is_deleted) {                   /* it never happened, whatever it was meant to be: nothing to say, and nothing to hold */
        if ((e = let_go(d, K_HELD_EVENT, id, none, at)))
            return e;
        d->counts.fresh++;
        known->memo = (struct event_memo){ .format = MEMO_FORMAT, .is_withdrawn = 1, .updated = at, .recorded = recorded_of(now, NULL) };
        return memo_put(d, &key, &known->memo, sizeof known->memo, now);
    }
    if ((e = make(d, now, recorded_of(now, is_fresh ? NULL : &known->memo), &item, fault)))
        return e;
    if ((e = item_check(&item, &why)))
        return refuse(fault, text_is_empty(item.event.victim_ref) ? EVENT_victim_ref : COLUMNS, e, why.text);
    if ((e = let_go(d, K_HELD_EVENT, id, none, at)))
        return e;
    count_code(d, now, EVENT_decision_by);
    count_code(d, now, EVENT_service_kind);
    count_code(d, now, EVENT_informed_who);
    moves = !is_fresh && !known->memo.is_withdrawn && is_elsewhere(&known->row, now);
    if (is_fresh)
        known->memo = (struct event_memo){ .format = MEMO_FORMAT, .is_withdrawn = 1 };
    if (moves && (e = withdraw_from(d, &known->row, at)))
        return e;
    if (is_deleted) {
        if (!moves && !known->memo.is_withdrawn && (e = withdraw_from(d, now, at)))
            return e;
        known->memo.is_withdrawn = 1;
    } else {
        if ((e = say(d, &item, NULL)))
            return e;
        known->memo.is_withdrawn = 0;
    }
    d->counts.fresh += is_fresh;
    d->counts.changed += !is_fresh;
    known->memo.updated = at;
    known->memo.recorded = is_deleted ? at : item.event.recorded_at.s;
    return memo_put(d, &key, &known->memo, sizeof known->memo, now);
}

/* ---- nominals that were one person ---------------------------------------------------- */

/* Events found by a walk over all of them, so many at a time. */
struct moves { struct differ *d; size_t count; char (*id)[EVENT_ID_BYTES_MAX + 1]; bool is_full; };
static char ids[MOVES_MAX][EVENT_ID_BYTES_MAX + 1];

static enum err remember_id(struct moves *m, struct bytes key)
{
    struct text id, none;

    if (m->count == MOVES_MAX)
        return m->is_full = true, E_END;
    memory_key_texts(key, &id, &none);
    memcpy(m->id[m->count], id.p, id.n);
    m->id[m->count++][id.n] = 0;
    return E_OK;
}

/* Remembers the event if its victim is among those that `names` says, by the row as it was. */
static enum err look_for(struct moves *m, struct bytes key, struct bytes value, struct memory_key (*names)(const struct record *row))
{
    struct memory_key named;
    struct bytes unused;
    struct record row;
    enum err e;

    if (value.n < sizeof(struct event_memo))
        return E_CORRUPT;
    if ((e = record_unpack(TABLE_EVENT, (struct bytes){ value.p + sizeof(struct event_memo), value.n - sizeof(struct event_memo) }, &row)))
        return e;
    if (!record_says(&row, EVENT_victim_ref))
        return E_OK;
    named = names(&row);
    if ((e = memory_get(m->d->memory, &named, &unused)))
        return e == E_NOT_FOUND ? E_OK : e;
    return remember_id(m, key);
}

static struct memory_key merged_away(const struct record *row) { return memory_key(K_MERGED, record_text(row, EVENT_victim_ref), (struct text){ 0 }); }

static enum err look_for_merged(void *ctx, struct bytes key, struct bytes value) { return look_for(ctx, key, value, merged_away); }

/* The row as it was, once more: it now belongs to the name that goes on. */
static enum err move(struct differ *d, const char *id, bool *ret_moved)
{
    static struct memo_of_event was;
    struct fault fault;
    uint64_t before = d->counts.changed;
    enum err e = event_recall(d, text_of(id), &was);

    if (e)
        return e;
    was.row.value[EVENT_last_updated - EVENT_event_id] = (struct value){ .said = true, .number = was.memo.updated };
    e = events_row(d, &was.row, &fault);
    *ret_moved |= d->counts.changed > before;
    d->counts.changed = before;                 /* no row of the batch */
    return e;
}

/* The record system may send these rows under the new name, and often does not. One walk over all events; mergers are rare. */
enum err differ_move_merged(struct differ *d)
{
    struct moves m = { .d = d, .id = ids };
    uint64_t same = d->counts.same;
    bool moved;
    enum err e;

    if (!memory_has(d->memory, K_MERGED))
        return E_OK;
    do {
        m.count = 0;
        moved = m.is_full = false;
        if ((e = memory_each(d->memory, K_EVENT, look_for_merged, &m)))
            return e;
        for (size_t i = 0; i < m.count; i++)
            if ((e = move(d, m.id[i], &moved)))
                return e;
    } while (m.is_full && moved);
    d->counts.same = same;
    return memory_delete_all(d->memory, K_MERGED);
}

/* ---- victims who were erased ------------------------------------------------------------ */

static struct memory_key erased(const struct record *row)
{
    return memory_key(K_ERASED, record_text(row, EVENT_crime_reference), record_text(row, EVENT_victim_ref));
}

static enum err look_for_erased(void *ctx, struct bytes key, struct bytes value) { return look_for(ctx, key, value, erased); }

/* One walk over all events; erasures are rare. */
enum err differ_forget_erased(struct differ *d)
{
    struct moves m = { .d = d, .id = ids };
    enum err e;

    if (!memory_has(d->memory, K_ERASED))
        return E_OK;
    do {
        m.count = 0;
        m.is_full = false;
        if ((e = memory_each(d->memory, K_EVENT, look_for_erased, &m)))
            return e;
        for (size_t i = 0; i < m.count; i++) {
            struct memory_key key = memory_key(K_EVENT, text_of(m.id[i]), (struct text){ 0 });
            if ((e = memory_delete(d->memory, &key)))
                return e;
        }
    } while (m.is_full);
    return memory_delete_all(d->memory, K_ERASED);
}
