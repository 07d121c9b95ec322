/* draw_crime.c: a crime's row, from all its journeys in whatever order they came, and theirs. */
#include "processors/drawing.h"

#include <stdio.h>

/* Should it come back, the erasing being withdrawn, it is said anew. */
static enum err put_erased(struct draw *d, const uint8_t id[KEYED_BYTES], bool is_crime, uint64_t record, uint64_t *said)
{
    struct compliance_row row = { .what = ROW_ERASED };

    if (said)
        *said = 0;
    memcpy(row.erased.id, id, KEYED_BYTES);
    row.erased.known_at = track_clocks(d->track).tick;
    row.erased.record = record;
    row.erased.is_crime = is_crime;
    return draw_put(d, &row, NULL);
}

/* ---- one crime ------------------------------------------------------------------------------------- */

static bool is_contact(const struct fact *f)
{
    return f->kind == draw_kinds.informed || f->kind == draw_kinds.periodic || f->kind == draw_kinds.acknowledged ||
           f->kind == draw_kinds.victim_interviewed || f->kind == draw_kinds.code_given;
}

static bool was_late_before(const struct draw *d, struct day day)
{
    for (uint32_t i = 0; i < d->row.journey.owed_count; i++) {
        const struct owed *o = &d->owed[i];
        const struct rule *r = law_rule(track_law(d->track), o->rule);
        bool is_late = o->state == OWED_BREACHED || o->state == OWED_MET_LATE || o->state == OWED_MISSED;
        if (is_late && r->basis == BASIS_CODE && !strcmp(r->right, "6") && day_is_set(o->due) && day_before(o->due, day))
            return true;
    }
    return false;
}

/* The first withdrawal of support by any of its victims, and what came before it. */
static void see_withdrawal(struct draw *d, const struct fact *f)
{
    struct crime_row *crime = &d->crime_row.crime;
    struct item item;

    if (instant_is_set(d->withdrawn.at) && !is_later(d->withdrawn, moment_of(f)))
        return;
    d->withdrawn = moment_of(f);
    crime->withdrawn = draw_day(d, f->occurred_at);
    crime->withdrawn_stage = crime->withdrawn_reason = (struct text){ 0 };
    if (draw_event_of(d, f, &item)) {
        crime->withdrawn_stage = draw_keep(&d->crime_at.withdrawn_stage, event_text(&item.event, F_stage));
        crime->withdrawn_reason = draw_keep(&d->crime_at.withdrawn_reason, event_text(&item.event, F_reason_code));
    }
    crime->days_since_contact = -1;
    for (size_t i = 0; i < d->count && !instant_after(d->standing[i]->occurred_at, f->occurred_at); i++)
        if (is_contact(d->standing[i]) && d->standing[i] != f)
            crime->days_since_contact = crime->withdrawn.n - draw_day(d, d->standing[i]->occurred_at).n;
    crime->flags = was_late_before(d, crime->withdrawn) ? crime->flags | CRIME_LATE_BEFORE_WITHDRAWAL : crime->flags & ~(uint32_t)CRIME_LATE_BEFORE_WITHDRAWAL;
}

static void see_crime_facts(struct draw *d)
{
    struct crime_row *crime = &d->crime_row.crime;

    for (size_t i = 0; i < d->count; i++) {
        const struct fact *f = d->standing[i];
        if (f->elsewhere)
            continue;
        if (f->kind == draw_kinds.early_advice)
            crime->flags |= CRIME_EARLY_ADVICE;
        if (f->kind == draw_kinds.early_advice_not)
            crime->flags |= CRIME_EARLY_ADVICE_NOT;
        if (f->kind == draw_kinds.nfa_meeting)
            crime->flags |= CRIME_NFA_MEETING;
        if (f->kind == draw_kinds.no_further_action || f->kind == draw_kinds.not_investigated || f->kind == draw_kinds.cps_no_charge)
            crime->flags |= CRIME_NFA;
        if (f->kind == draw_kinds.charged || f->kind == draw_kinds.summonsed)
            crime->flags |= CRIME_CHARGED;
        if (f->kind == draw_kinds.support_withdrawn)
            see_withdrawal(d, f);
    }
}

/* The gender codes of its victims, each once, in order of the alphabet. */
static void add_gender(struct draw *d, struct text code)
{
    struct text all = d->crime_row.crime.gender, left = all, word;
    char sorted[2 * TEXT_BYTES_MAX];
    uint32_t n = 0, at;
    bool is_in = false;

    for (; left.n; left = (struct text){ left.p + word.n + (word.n < left.n), left.n - word.n - (word.n < left.n) }) {
        for (at = 0; at < left.n && left.p[at] != ' ';)
            at++;
        word = (struct text){ left.p, at };
        if (text_same(word, code))
            return;
        if (!is_in && text_order(code, word) < 0)
            n += (uint32_t)snprintf(sorted + n, sizeof sorted - n, "%s" TEXT_FMT, n ? " " : "", TEXT_ARG(code)), is_in = true;
        n += (uint32_t)snprintf(sorted + n, sizeof sorted - n, "%s" TEXT_FMT, n ? " " : "", TEXT_ARG(word));
    }
    if (!code.n || all.n + code.n + 1 > TEXT_BYTES_MAX)
        return;                             /* more than can be: what is there stays */
    if (!is_in)
        n += (uint32_t)snprintf(sorted + n, sizeof sorted - n, "%s" TEXT_FMT, n ? " " : "", TEXT_ARG(code));
    d->crime_row.crime.gender = draw_keep(&d->crime_at.gender, (struct text){ sorted, n });
}

/* What a journey's row says of its crime. */
static void add_to_crime(struct draw *d)
{
    const struct journey_row *j = &d->row.journey;
    struct crime_row *crime = &d->crime_row.crime;

    crime->victims++;
    if (crime->victims == 1 || day_before(j->reported, crime->reported))
        crime->reported = j->reported;
    if (day_is_set(j->recorded) && (!day_is_set(crime->recorded) || day_before(j->recorded, crime->recorded)))
        crime->recorded = j->recorded;
#define X(name) if (is_later(d->named.name, d->crime_named.name)) crime->name = draw_keep(&d->crime_at.name, j->name), d->crime_named.name = d->named.name;
    SHARED_TEXTS(X)
#undef X
    add_gender(d, j->gender);
    if (crime->victims == 1)
        crime->flags |= CRIME_OVER;
    if (!(j->flags & VICTIM_OVER))
        crime->flags &= ~(uint32_t)CRIME_OVER;
    see_crime_facts(d);
}

enum err draw_see_crime(struct draw *d, uint32_t slot, uint64_t record, bool all_of_it)
{
    struct journeys *all = track_journeys(d->track);
    const struct crime *c = crime_at(all, slot);
    struct crime_row *crime = &d->crime_row.crime;
    enum err e = E_OK;

    d->withdrawn = d->outcome_at = (struct moment){ INSTANT_NONE, 0 };
    d->crime_named = (struct shared_moments){ .force = { INSTANT_NONE, 0 } };
    d->erased = 0;
    d->crime_row.what = ROW_CRIME;
    *crime = (struct crime_row){
        .known_at = track_clocks(d->track).tick, .record = record, .recorded = DAY_NONE, .outcome_on = DAY_NONE, .withdrawn = DAY_NONE,
        .days_since_contact = -1,
    };
    draw_key(d, "crime", crime_ref_of(c), (struct text){ 0 }, crime->id);
    for (uint32_t v = c->first_journey; !e && v != SLOT_NONE; v = journey_at(all, v)->next_of_crime) {
        bool stays = draw_see_journey(d, v, record), wanted = all_of_it || draw_has_changed(d, v);
        if (!stays) {
            d->erased++;
            e = wanted ? put_erased(d, d->row.journey.id, false, record, draw_said(&d->journeys_said, v)) : E_OK;
            continue;
        }
        if (wanted)
            e = draw_put(d, &d->row, draw_said(&d->journeys_said, v));
        add_to_crime(d);
    }
    if (e || (!crime->victims && !d->erased))
        return e;
    return crime->victims ? draw_put(d, &d->crime_row, draw_said(&d->crimes_said, slot)) : put_erased(d, crime->id, true, record, draw_said(&d->crimes_said, slot));
}
