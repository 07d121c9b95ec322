/* draw_journey.c: a journey's row, from what stands of its facts and what is owed. */
#include "processors/drawing.h"

#include <assert.h>

#define SAME(a, b) _Static_assert((int)(a) == (int)(b), "rows have the states and flags of the rules")
SAME(OWED_OPEN, STATE_OPEN); SAME(OWED_BREACHED, STATE_BREACHED); SAME(OWED_UNPROVEN, STATE_UNPROVEN); SAME(OWED_MET, STATE_MET);
SAME(OWED_MET_LATE, STATE_MET_LATE); SAME(OWED_MISSED, STATE_MISSED); SAME(OWED_WAIVED, STATE_WAIVED);
SAME(OWED_NOT_APPLICABLE, STATE_NOT_APPLICABLE); SAME(OWED_DEFERRED, STATE_DEFERRED); SAME(OWED_NOT_EVIDENCED, STATE_NOT_EVIDENCED);
SAME(OWED_NOT_COMPUTABLE, STATE_NOT_COMPUTABLE);
SAME(OWED_FLAG_ENHANCED, OBLIGATION_ENHANCED); SAME(OWED_FLAG_FOUND_LATE, OBLIGATION_FOUND_LATE); SAME(OWED_FLAG_INFERRED, OBLIGATION_INFERRED);
SAME(OWED_FLAG_NOT_COMPUTABLE, OBLIGATION_NOT_COMPUTABLE); SAME(OWED_FLAG_NO_RECEIPT, OBLIGATION_NO_RECEIPT);
SAME(OWED_FLAG_DEFERRED, OBLIGATION_DEFERRED); SAME(OWED_FLAG_NOT_EVIDENCED, OBLIGATION_NOT_EVIDENCED); SAME(OWED_FLAG_HELD, OBLIGATION_HELD);

/* ---- obligations ---------------------------------------------------------------------------- */

static const struct fact *fact_numbered(const struct draw *d, uint64_t number)
{
    for (size_t i = 0; number && i < d->count; i++)
        if (d->standing[i]->number == number)
            return d->standing[i];
    return NULL;
}

static int16_t working_days(const struct draw *d, struct day from, struct day to)
{
    const struct calendar *c = law_calendar(track_law(d->track));

    if (!c || !day_is_set(from) || !day_is_set(to) || !calendar_covers(c, from) || !calendar_covers(c, to))
        return -1;
    return (int16_t)(day_before(to, from) ? 0 : calendar_count_working(c, from, to));
}

static void draw_owed(struct draw *d, const struct judgement *j)
{
    for (size_t i = 0; i < j->count; i++) {
        const struct obligation *o = &j->obligation[i];
        const struct fact *start = fact_numbered(d, o->started_by), *end = fact_numbered(d, o->ended_by);
        struct owed *to = &d->owed[i];
        *to = (struct owed){
            .rule = o->rule, .flags = o->flags, .owner = o->owner, .limit = o->limit, .started_by = start ? start->kind : KIND_NONE, .started = draw_day(d, o->started),
            .state = (uint8_t)obligation_stand(track_law(d->track), o, track_clocks_of(d->track, o->rule)).state,
            .due = draw_day(d, o->due), .ended = draw_day(d, o->ended), .evidenced = draw_day(d, end ? end->recorded_at : o->ended),
        };
        to->working_days = working_days(d, to->started, to->ended);
    }
    d->row.journey.owed = d->owed;
    d->row.journey.owed_count = (uint32_t)j->count;
}

/* ---- facts ------------------------------------------------------------------------------------ */

static bool is_of_item(const struct fact *f)
{
    return f->kind == draw_kinds.property_taken || f->kind == draw_kinds.property_not_needed || f->kind == draw_kinds.property_returned;
}

static enum reason_of reason_of(kind_t kind)
{
#define X(member) if (kind == draw_kinds.member) return REASON_##member;
    REASON_KINDS(X)
#undef X
    return REASONS;
}

static struct said *said_of(struct draw *d, kind_t kind, uint16_t item)
{
    struct journey_row *row = &d->row.journey;

    for (uint32_t i = 0; i < row->said_count; i++)
        if (d->said[i].kind == kind && d->said[i].item == item)
            return &d->said[i];
    assert(row->said_count < SAID_MAX);
    d->said[row->said_count] = (struct said){ .kind = kind, .item = item };
    return &d->said[row->said_count++];
}

static void count_said(struct draw *d, const struct fact *f)
{
    struct said *s = said_of(d, f->kind, is_of_item(f) ? f->item_no : 0);
    enum reason_of reason = reason_of(f->kind);
    struct item item;

    s->first = s->count ? s->first : draw_day(d, f->occurred_at);
    s->last = draw_day(d, f->occurred_at);
    s->count += s->count < UINT16_MAX;
    s->value = f->value;
    if (reason != REASONS && draw_event_of(d, f, &item)) {
        s->reason = draw_keep(&d->at.reason[reason], event_text(&item.event, F_reason_code));
        s->stage = draw_keep(&d->at.stage[reason], event_text(&item.event, F_stage));
    }
}

static void count_late(struct journey_row *row, const struct fact *f)
{
    static const int64_t up_to[LATE_BUCKETS - 1] = { 3600, 86400, 3 * 86400, 7 * 86400 };
    int64_t late = f->recorded_at.s - f->occurred_at.s;
    unsigned bucket = 0;

    while (bucket < LATE_BUCKETS - 1 && late > up_to[bucket])
        bucket++;
    row->late[bucket]++;
}

/* A text of an event takes the place of the one before; said differently, and not as a correction, it contradicts it. */
static bool learn(const struct event *e, enum field f, struct place *place, struct text *to)
{
    struct text t = event_text(e, f);
    bool differs = t.n && to->n && !text_same(t, *to);

    if (t.n)
        *to = draw_keep(place, t);
    return differs;
}

static void learn_markers(struct draw *d, const struct words *w)
{
    char all[WORDS_MAX * (TEXT_BYTES_MAX + 1)];
    uint32_t n = 0;

    for (uint32_t i = 0; i < w->n; i++) {
        if (i)
            all[n++] = ' ';
        memcpy(all + n, w->word[i].p, w->word[i].n);
        n += w->word[i].n;
    }
    d->row.journey.markers = draw_keep(&d->at.markers, (struct text){ all, n });
}

static void learn_attributes(struct draw *d, const struct fact *f)
{
    struct journey_row *row = &d->row.journey;
    const struct event *e;
    bool contradicts;
    struct item item;
    enum age_band band;

    if (!draw_event_of(d, f, &item))
        return;
    e = &item.event;
#define X(name, field) if (event_has(e, field)) d->named.name = moment_of(f);
    X(force, F_force_code) X(area, F_area) X(team, F_team) X(ho_class, F_ho_class) X(ho_subclass, F_ho_subclass) X(markers, F_markers)
#undef X
    learn(e, F_force_code, &d->at.force, &row->force);
    learn(e, F_area, &d->at.area, &row->area);
    learn(e, F_team, &d->at.team, &row->team);
    learn(e, F_ho_class, &d->at.ho_class, &row->ho_class);
    learn(e, F_ho_subclass, &d->at.ho_subclass, &row->ho_subclass);
    learn(e, F_victim_type, &d->at.victim_kind, &row->victim_kind);
    learn(e, F_ethnicity_observed, &d->at.ethnicity_observed, &row->ethnicity_observed);
    contradicts = learn(e, F_gender, &d->at.gender, &row->gender);
    contradicts |= learn(e, F_ethnicity_self_defined, &d->at.ethnicity, &row->ethnicity);
    if (event_has(e, F_markers))
        learn_markers(d, &e->markers);
    if (event_has(e, F_oic) && e->oic.n)
        draw_key(d, "officer", e->oic, (struct text){ 0 }, row->officer);
    if (event_has(e, F_age)) {
        band = age_band_of(e->age);
        contradicts |= row->age_band != AGE_BAND_UNKNOWN && row->age_band != band;
        row->age_band = (uint8_t)band;
    }
    if (contradicts && f->kind == draw_kinds.recorded)
        row->flags |= VICTIM_CONTRADICTED;      /* two reports; later news of the victim corrects */
}

static void set_flag(struct journey_row *row, uint32_t flag, bool on) { row->flags = on ? row->flags | flag : row->flags & ~flag; }

static void learn_flags(struct journey_row *row, const struct fact *f)
{
    static const struct { uint8_t of_fact; uint32_t flag; } flags[] = {
        { FACT_VULNERABLE, VICTIM_VULNERABLE }, { FACT_INTIMIDATED, VICTIM_INTIMIDATED }, { FACT_TARGETED, VICTIM_TARGETED },
        { FACT_SAFE_CONTACT, VICTIM_SAFE_CONTACT },
    };

    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (f->flags_said & flags[i].of_fact)
            set_flag(row, flags[i].flag, f->flags & flags[i].of_fact);
    if (f->flags_said & FACT_SAFE_CONTACT)
        row->flags |= VICTIM_SAFE_CONTACT_SAID;
    if (f->kind == draw_kinds.need_identified || (f->flags_said & f->flags & FACT_NEED))
        row->flags |= VICTIM_NEED;
    if (f->flags_said & f->flags & FACT_VRR)
        row->flags |= VICTIM_VRR_OFFERED;
    if (f->kind == draw_kinds.preference)
        set_flag(row, VICTIM_NO_CONTACT, f->waives != 0);
    if (f->kind == draw_kinds.deferred || f->kind == draw_kinds.resumed)
        set_flag(row, VICTIM_DEFERRED_NOW, f->kind == draw_kinds.deferred);
    if (f->kind == draw_kinds.restricted)
        row->flags |= VICTIM_RESTRICTED;
    if (f->kind == draw_kinds.died)
        row->flags |= VICTIM_DIED_SINCE;
    if (f->kind == draw_kinds.charged || f->kind == draw_kinds.summonsed)
        row->flags |= VICTIM_CHARGED;
    if (f->kind == draw_kinds.interviewed)
        row->flags |= VICTIM_INTERVIEWED_SUSPECT;
}

/* The Home Office outcome: the last code that was assigned or decided. A court's result is not one. */
static void learn_outcome(struct draw *d, const struct fact *f)
{
    struct journey_row *row = &d->row.journey;
    bool is_charge = f->kind == draw_kinds.charged || f->kind == draw_kinds.summonsed;

    if ((!f->outcome[0] && !is_charge) || f->kind == draw_kinds.verdict || f->kind == draw_kinds.sentence || f->kind == draw_kinds.appeal_heard)
        return;
    row->outcome = draw_keep(&d->at.outcome, f->outcome[0] ? text_of(f->outcome) : TEXT("1"));
    row->outcome_on = draw_day(d, f->occurred_at);
    if (!is_later(d->outcome_at, moment_of(f))) {
        d->outcome_at = moment_of(f);
        d->crime_row.crime.outcome = draw_keep(&d->crime_at.outcome, row->outcome);
        d->crime_row.crime.outcome_on = row->outcome_on;
    }
}

static void draw_facts(struct draw *d)
{
    struct journey_row *row = &d->row.journey;

    for (size_t i = 0; i < d->count; i++) {
        const struct fact *f = d->standing[i];
        if (f->kind == draw_kinds.row_rejected || f->elsewhere)
            continue;                           /* what the crime that goes on says is counted there */
        row->facts++;
        learn_flags(row, f);
        learn_outcome(d, f);
        if (f->kind == draw_kinds.recorded || f->kind == draw_kinds.reclassified || f->kind == draw_kinds.oic_changed ||
            f->kind == draw_kinds.transferred || f->kind == draw_kinds.described)
            learn_attributes(d, f);
        if (f->kind == draw_kinds.recorded) {
            row->recorded = day_is_set(row->recorded) ? row->recorded : draw_day(d, f->recorded_at);
            continue;
        }
        count_late(row, f);
        if (f->kind != draw_kinds.alert_acknowledged)
            count_said(d, f);
    }
    row->said = d->said;
}

/* ---- one journey --------------------------------------------------------------------------------- */

static bool stands(const struct draw *d, kind_t kind)
{
    for (size_t i = 0; i < d->count; i++)
        if (d->standing[i]->kind == kind && !d->standing[i]->elsewhere)
            return true;
    return false;
}

bool draw_see_journey(struct draw *d, uint32_t slot, uint64_t record)
{
    struct journeys *all = track_journeys(d->track);
    const struct journey *v = journey_at(all, slot);
    struct text crime = crime_ref_of(crime_at(all, v->crime)), victim = victim_ref_of(v);
    const struct judgement *j = track_judge(d->track, slot);
    struct journey_row *row = &d->row.journey;

    d->named = (struct shared_moments){ .force = { INSTANT_NONE, 0 } };
    d->count = track_standing(d->track, d->standing);
    d->row.what = ROW_JOURNEY;
    *row = (struct journey_row){
        .known_at = track_clocks(d->track).tick, .record = record, .law = track_law_number(d->track),
        .reported = draw_day(d, instant_is_set(j->reported) ? j->reported : d->count ? d->standing[0]->occurred_at : INSTANT_MIN),
        .recorded = DAY_NONE, .ended = draw_day(d, j->ended), .concluded = draw_day(d, j->concluded), .outcome_on = DAY_NONE,
        .flags = (j->enhanced ? VICTIM_ENHANCED : 0) | (instant_is_set(j->ended) || stands(d, draw_kinds.merged) ? VICTIM_OVER : 0),
    };
    draw_key(d, "journey", crime, victim, row->id);
    if (stands(d, draw_kinds.erased))
        return false;
    draw_key(d, "crime", crime, (struct text){ 0 }, row->crime);
    draw_key(d, "victim", victim, (struct text){ 0 }, row->victim);
    draw_facts(d);
    draw_owed(d, j);
    return true;
}
