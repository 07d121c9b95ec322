/* crimes.c: what a crime's row says that it did not say before. */
#include "producers/connect/inside.h"

#include <assert.h>
#include <stdio.h>

static bool is_status(const struct record *r, const char *word) { return text_same(record_text(r, CRIME_investigation_status), text_of(word)); }

static bool derives(const struct differ *d, enum event_type type, const char *kind) { return d->shape->derives[kind_by_name(type, text_of(kind))]; }

/* DA, and each hate strand as HC_STRAND; a word that is no strand is a marker of its own. */
void crime_markers(const struct record *crime, struct words *ret, char *scratch, size_t cap)
{
    static const char *const strands[] = { "RACE", "RELIGION", "ORIENTATION", "DISABILITY", "TRANSGENDER", "GENDER" };
    struct words flags = { .n = 0 };
    size_t used = 0;

    ret->n = 0;
    if (record_flag(crime, CRIME_da_flag))
        ret->word[ret->n++] = TEXT("DA");
    record_words(crime, CRIME_hate_flags, &flags);
    for (uint32_t i = 0; i < flags.n && ret->n < WORDS_MAX; i++) {
        char *word = scratch + used, upper[REF_BYTES_MAX + 1];
        bool is_strand = false;
        for (uint32_t c = 0; c < flags.word[i].n; c++)
            upper[c] = (char)(flags.word[i].p[c] >= 'a' && flags.word[i].p[c] <= 'z' ? flags.word[i].p[c] - 32 : flags.word[i].p[c]);
        upper[flags.word[i].n] = 0;
        for (size_t s = 0; s < sizeof strands / sizeof *strands; s++)
            is_strand |= !strcmp(upper, strands[s]);
        used += (size_t)snprintf(word, cap - used, "%s%.60s", is_strand ? "HC_" : "", upper) + 1;
        assert(used <= cap);
        ret->word[ret->n++] = text_of(word);
    }
}

static enum err say_reclassified(struct differ *d, const struct record *now, int64_t at)
{
    struct item item = update_item(d, "reclassified", record_text(now, CRIME_crime_reference), (struct text){ 0 }, at);
    char scratch[WORDS_MAX * 72];

    set_text(&item.event, F_ho_class, record_text(now, CRIME_ho_class));
    set_text(&item.event, F_ho_subclass, record_text(now, CRIME_ho_subclass));
    set_text(&item.event, F_cjs_offence_code, record_text(now, CRIME_cjs_offence_code));
    set_text(&item.event, F_offence_title, record_text(now, CRIME_offence_title));
    crime_markers(now, &item.event.markers, scratch, sizeof scratch);
    if (!item.event.markers.n)
        item.event.markers = (struct words){ .word = { TEXT("NONE") }, .n = 1 };    /* an empty list would say nothing */
    item.event.present |= (uint64_t)1 << F_markers;
    return say(d, &item, NULL);
}

static enum err say_officer(struct differ *d, const struct record *now, int64_t at)
{
    struct item item = update_item(d, "oic-changed", record_text(now, CRIME_crime_reference), (struct text){ 0 }, at);

    set_text(&item.event, F_oic, record_text(now, CRIME_oic_collar));
    set_text(&item.event, F_supervisor, record_text(now, CRIME_supervisor_collar));
    set_text(&item.event, F_team, record_text(now, CRIME_team));
    set_text(&item.event, F_area, record_text(now, CRIME_lpa));
    set_text(&item.event, F_force_code, record_text(now, CRIME_force_code));
    return say(d, &item, NULL);
}

/* Cancelled, merged, transferred: said once, with when in *said; withdrawn when the row takes it back, said anew when it changes. */
static enum err follow_end(struct differ *d, const char *kind, const struct record *now, bool is, bool changed, struct text detail, enum field f,
                           int64_t at, int64_t *said)
{
    struct text crime = record_text(now, CRIME_crime_reference), none = { 0 };
    struct item item;
    enum err e;

    if (!derives(d, EVENT_UPDATE, kind) || (is == (*said != 0) && !(is && changed)))
        return E_OK;
    if (*said && (e = withdraw(d, crime, none, make_id(d->other_id, kind, crime, none, *said), at)))
        return e;
    *said = 0;
    if (!is)
        return E_OK;
    item = update_item(d, kind, crime, none, at);
    set_text(&item.event, f, detail);
    *said = at;
    return say(d, &item, NULL);
}

static bool is_transferred(const struct record *r) { return record_says(r, CRIME_transferred_to) || is_status(r, "transferred"); }

static enum err follow_ends(struct differ *d, const struct record *before, const struct record *now, int64_t at, struct crime_memo *memo)
{
    enum err e;

    if ((e = follow_end(d, "cancelled", now, record_says(now, CRIME_cancelled_code), before && !record_same(before, now, CRIME_cancelled_code),
                        record_text(now, CRIME_cancelled_code), F_reason_code, at, &memo->cancelled)) ||
        (e = follow_end(d, "merged", now, record_says(now, CRIME_merged_into), before && !record_same(before, now, CRIME_merged_into),
                        record_text(now, CRIME_merged_into), F_merged_into, at, &memo->merged)))
        return e;
    return follow_end(d, "transferred", now, is_transferred(now), before && !record_same(before, now, CRIME_transferred_to),
                      record_text(now, CRIME_transferred_to), F_force_code, at, &memo->transferred);
}

/* What the status and the outcome column say, where the mapping derives it. */
static enum err follow_status(struct differ *d, const struct record *before, const struct record *now, int64_t at)
{
    struct text crime = record_text(now, CRIME_crime_reference), none = { 0 };
    bool was_closed = before && is_status(before, "closed"), is_closed = is_status(now, "closed");
    bool reopened = (is_status(now, "reopened") && !(before && is_status(before, "reopened"))) || (was_closed && is_status(now, "open"));
    bool outcome = record_says(now, CRIME_outcome_code) && !(before && record_same(before, now, CRIME_outcome_code));
    struct { const char *kind; bool is; int64_t at; } said[] = {
        { "closed", is_closed && !was_closed, at }, { "reopened", reopened, at },
        { "outcome-assigned", outcome, record_says(now, CRIME_outcome_date) ? record_number(now, CRIME_outcome_date) : at },
    };
    enum err e;

    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        struct item item;
        if (!said[i].is || !derives(d, EVENT_OUTCOME, said[i].kind))
            continue;
        item = update_item(d, "cancelled", crime, none, at);
        item.event.type = EVENT_OUTCOME;
        item.event.kind = kind_by_name(EVENT_OUTCOME, text_of(said[i].kind));
        item.event.event_id = make_id(d->id, said[i].kind, crime, none, at);
        item.event.occurred_at.s = said[i].at;
        if (i == 2)
            set_text(&item.event, F_outcome_code, record_text(now, CRIME_outcome_code));
        if ((e = say(d, &item, NULL)))
            return e;
    }
    return E_OK;
}

static bool any_differs(const struct record *a, const struct record *b, const enum column *c, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!record_same(a, b, c[i]))
            return true;
    return false;
}
#define ANY_DIFFERS(a, b, ...) any_differs(a, b, (const enum column[]){ __VA_ARGS__ }, sizeof((const enum column[]){ __VA_ARGS__ }) / sizeof(enum column))

struct changes { const struct record *before, *now; int64_t at; };

static enum err join(struct differ *d, struct text victim, void *ctx)
{
    const struct changes *c = ctx;

    return victim_joins(d, c->now, victim);
}

static enum err report_anew(struct differ *d, struct text victim, void *ctx)
{
    const struct changes *c = ctx;

    return victim_report_anew(d, c->now, victim, c->at);
}

static enum err age_anew(struct differ *d, struct text victim, void *ctx)
{
    const struct changes *c = ctx;

    return victim_age_anew(d, c->before, c->now, victim, c->at);
}

static enum err tell_changes(struct differ *d, struct changes *c)
{
    struct text crime = record_text(c->now, CRIME_crime_reference);
    enum err e;

    if (ANY_DIFFERS(c->before, c->now, CRIME_reported_time, CRIME_recorded_time) && (e = each_victim(d, crime, report_anew, c)))
        return e;
    if (derives(d, EVENT_UPDATE, "reclassified") &&
        ANY_DIFFERS(c->before, c->now, CRIME_ho_class, CRIME_ho_subclass, CRIME_cjs_offence_code, CRIME_offence_title, CRIME_da_flag, CRIME_hate_flags) &&
        (e = say_reclassified(d, c->now, c->at)))
        return e;
    if (derives(d, EVENT_UPDATE, "oic-changed") &&
        ANY_DIFFERS(c->before, c->now, CRIME_oic_collar, CRIME_supervisor_collar, CRIME_team, CRIME_lpa, CRIME_force_code) &&
        (e = say_officer(d, c->now, c->at)))
        return e;
    if (derives(d, EVENT_UPDATE, "victim-described") && ANY_DIFFERS(c->before, c->now, CRIME_committed_from, CRIME_committed_to, CRIME_reported_time) &&
        (e = each_victim(d, crime, age_anew, c)))
        return e;
    return E_OK;
}

enum err crimes_row(struct differ *d, const struct record *now)
{
    struct text crime = record_text(now, CRIME_crime_reference), none = { 0 };
    struct memory_key key = memory_key(K_CRIME, crime, none);
    struct memo_of_crime *known = &d->crime;
    struct changes changes = { &known->row, now, record_updated(now).s };
    enum err e = crime_recall(d, crime, known);
    bool is_fresh = e == E_NOT_FOUND;

    if (e && !is_fresh)
        return e;
    if (!is_fresh && changes.at < known->memo.updated)
        return d->counts.stale++, E_OK;
    count_code(d, now, CRIME_investigation_status);
    count_code(d, now, CRIME_outcome_code);
    if ((e = let_go(d, K_HELD_CRIME, crime, none, changes.at)))
        return e;
    if (is_fresh) {
        d->counts.fresh++;
        known->memo = (struct crime_memo){ .format = MEMO_FORMAT };
    } else if (record_is_same(&known->row, now)) {
        d->counts.same++;
        if (changes.at == known->memo.updated)
            return E_OK;
    } else {
        d->counts.changed++;
        if ((e = tell_changes(d, &changes)))
            return e;
    }
    if (known->memo.missing) {
        if ((e = withdraw(d, crime, none, make_id(d->other_id, "missing", crime, none, known->memo.missing), changes.at)))
            return e;
        known->memo.missing = 0;
    }
    known->memo.updated = changes.at;
    /* Victims that came before it join it before anything ends it. */
    if ((is_fresh && (e = each_victim(d, crime, join, &changes))) || (e = follow_ends(d, is_fresh ? NULL : &known->row, now, changes.at, &known->memo)) ||
        (e = follow_status(d, is_fresh ? NULL : &known->row, now, changes.at)))
        return e;
    return memo_put(d, &key, &known->memo, sizeof known->memo, now);
}

/* ---- the list of open crimes ---------------------------------------------------------- */

enum err open_row(struct differ *d, const struct record *now)
{
    struct text crime = record_text(now, OPEN_crime_reference), none = { 0 };
    struct memory_key key = memory_key(K_CRIME, crime, none);
    enum err e = crime_recall(d, crime, &d->crime);

    if (e == E_NOT_FOUND)
        return d->counts.unknown_open++, E_OK;
    if (e)
        return e;
    d->crime.memo.listed = d->batch;
    if (d->crime.memo.missing) {                    /* it was only left out */
        if ((e = withdraw(d, crime, none, make_id(d->other_id, "missing", crime, none, d->crime.memo.missing), d->extract_to.s)))
            return e;
        d->crime.memo.missing = 0;
    }
    return memo_put(d, &key, &d->crime.memo, sizeof d->crime.memo, &d->crime.row);
}

struct missing { uint64_t batch, open, count; char (*ref)[REF_BYTES_MAX + 1]; };

static bool is_open(const struct crime_memo *memo, const struct record *r)
{
    return record_says(r, CRIME_investigation_status) && !is_status(r, "closed") && !is_status(r, "filed") && !is_status(r, "cancelled") &&
           !is_transferred(r) && !memo->cancelled && !memo->merged && !memo->transferred;
}

static enum err look_for_missing(void *ctx, struct bytes key, struct bytes value)
{
    struct missing *m = ctx;
    struct crime_memo memo;
    struct record row;
    struct text crime, none;
    enum err e;

    if (value.n < sizeof memo)
        return E_CORRUPT;
    memcpy(&memo, value.p, sizeof memo);
    if ((e = record_unpack(TABLE_CRIME, (struct bytes){ value.p + sizeof memo, value.n - sizeof memo }, &row)))
        return e;
    if (!is_open(&memo, &row))
        return E_OK;
    m->open++;
    if (memo.listed == m->batch || memo.missing || m->count == MOVES_MAX)
        return E_OK;
    memory_key_texts(key, &crime, &none);
    memcpy(m->ref[m->count], crime.p, crime.n);
    m->ref[m->count++][crime.n] = 0;
    return E_OK;
}

/* What ended it is not known, so nothing is concluded: its journeys are held, and somebody is told. A list that lacks many is
 * itself in doubt. */
enum err differ_compare_open(struct differ *d, struct why *why)
{
    static char refs[MOVES_MAX][REF_BYTES_MAX + 1];
    struct missing m = { .batch = d->batch, .ref = refs };
    enum err e = memory_each(d->memory, K_CRIME, look_for_missing, &m);

    if (e)
        return e;
    if (m.count > 20 && m.count > m.open / 10) {
        why_set(why, "the list of open crimes lacks %s%llu of the %llu that are open by what was sent: it looks cut short, and nothing is concluded from it",
                m.count == MOVES_MAX ? "at least " : "", (unsigned long long)m.count, (unsigned long long)m.open);
        return E_RANGE;
    }
    for (uint64_t i = 0; i < m.count; i++) {
        struct text crime = text_of(m.ref[i]), none = { 0 };
        struct memory_key key = memory_key(K_CRIME, crime, none);
        struct item item = { .what = ITEM_REJECT, .source = text_of(d->shape->source), .crime_ref = crime,
                             .reason = TEXT("the crime is on no list of open crimes, and no row says what ended it") };
        if ((e = crime_recall(d, crime, &d->crime)))
            return e;
        item.event_id = make_id(d->id, "missing", crime, none, d->extract_to.s);
        d->crime.memo.missing = d->extract_to.s;
        if ((e = differ_say(d, &item)) || (e = memo_put(d, &key, &d->crime.memo, sizeof d->crime.memo, &d->crime.row)))
            return e;
        d->counts.missing++;
    }
    return E_OK;
}
