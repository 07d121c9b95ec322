/* part_unaudited.c: part 7: what the force could not audit before: rights without a clock, reviews, promises, repeat victims, and
 * what victims say, beside how the Code was kept for them. The board paper of 2021 lists most of these as not auditable (1.1.4). */
#include "sinks/opcc/part.h"

#include <stdlib.h>
#include <string.h>

/* Key, whom it is asked of, what counts. */
#define STEPS(X) \
    X(INTERVIEWER, "interviewer-gender", "Asked which gender the interviewing officer should be", "sexual offences, domestic abuse, honour-based abuse and gender hate crime") \
    X(COMPENSATION, "compensation-told", "Told how to apply for criminal injuries compensation", "violent injury, sexual offences, and bereaved relatives") \
    X(DISPOSAL, "disposal-views", "Asked for views before an out-of-court disposal was decided", "journeys with an out-of-court disposal proposed or decided") \
    X(VISIT, "court-visit", "Bereaved relative's visit to the court held, of those requested", "bereaved relatives who asked for one") \
    X(PROPERTY, "property-returned", "Property returned, once it was no longer needed", "items no longer needed") \
    X(REVIEW_OFFERED, "review-asked", "Asked for a review under the Victims' Right to Review, of those offered one", "journeys with a decision that offered a review") \
    X(REVIEW_DECIDED, "review-decided", "Review decided, of those asked for", "journeys with a review asked for")
enum step {
#define X(name, key, title, whom) STEP_##name,
    STEPS(X)
#undef X
    STEPS_COUNT
};
static const struct { const char *key, *title, *whom; } step_words[] = {
#define X(name, key, title, whom) { key, title, whom },
    STEPS(X)
#undef X
};

struct satisfaction { uint32_t answers; uint64_t score; };
struct unaudited {
    const struct scope *scope;
    struct { uint32_t yes, no; } step[3][STEPS_COUNT];
    struct waits property;
    struct { uint32_t kept, failed; } promise[3];
    uint8_t (*victim)[KEYED_BYTES];     /* of each journey reported in the period */
    size_t victims, victim_cap;
    uint32_t repeat;                    /* journeys of victims whom the feed calls repeat victims */
    uint32_t sent, answered;
    struct satisfaction all, kept, failed;
};

static enum err unaudited_open(const struct scope *s, void **ret)
{
    struct unaudited *p = calloc(1, sizeof *p);

    if (!p)
        return E_MEMORY;
    p->scope = s;
    *ret = p;
    return E_OK;
}

static bool has_theme(const struct journey_facts *j, enum theme t) { return j->themes >> t & 1; }
static bool is_bereaved(const struct journey_row *r) { return text_same(r->victim_kind, TEXT("bereaved")); }

static void step(struct unaudited *p, struct day when, enum step s, bool yes)
{
    for (unsigned k = 0; k < 3; k++)
        if (period_has(p->scope->span[k], when)) {
            p->step[k][s].yes += yes;
            p->step[k][s].no += !yes;
        }
}

static struct day first_of(const struct said *a, const struct said *b)
{
    return !b || (a && a->first.n <= b->first.n) ? a->first : b->first;
}

static void look_at_disposal(struct unaudited *p, const struct journey_row *r)
{
    const struct said *proposed = said_named(r, "disposal-proposed"), *caution = said_named(r, "cautioned"), *other = said_named(r, "other-disposal");
    const struct said *asked = said_named(r, "disposal-views-sought"), *decided = caution ? caution : other;

    if (!proposed && !decided)
        return;
    struct day decision = decided ? first_of(caution, other) : DAY_NONE;
    step(p, decided ? decision : proposed->first, STEP_DISPOSAL, asked && (!decided || asked->first.n <= decision.n));
}

/* Items are entries of their own. */
static void look_at_property(struct unaudited *p, const struct journey_row *r)
{
    for (uint32_t i = 0; i < r->said_count; i++) {
        const struct said *free_now = &r->said[i], *back = NULL, *taken = NULL;
        if (strcmp(kind_name(free_now->kind), "property-not-needed") != 0)
            continue;
        for (uint32_t k = 0; k < r->said_count; k++) {
            const struct said *s = &r->said[k];
            if (s->item == free_now->item && strcmp(kind_name(s->kind), "property-returned") == 0)
                back = s;
            if (s->item == free_now->item && strcmp(kind_name(s->kind), "property-taken") == 0)
                taken = s;
        }
        step(p, free_now->first, STEP_PROPERTY, back != NULL);
        if (taken && period_has(p->scope->span[SPAN_NOW], free_now->first)) {
            int days = (back ? back->last.n : p->scope->cut.n) - taken->first.n;
            waits_add(&p->property, days < 0 ? 0 : (unsigned)days, back != NULL);
        }
    }
}

static void look_at_steps(struct unaudited *p, const struct journey_facts *j)
{
    const struct journey_row *r = j->row;
    const struct said *asked, *visit;

    if (has_theme(j, THEME_RAPE) || has_theme(j, THEME_OTHER_SEXUAL) || has_theme(j, THEME_DOMESTIC_ABUSE) || has_theme(j, THEME_HONOUR) ||
        has_theme(j, THEME_HATE_GENDER))
        step(p, r->reported, STEP_INTERVIEWER, said_named(r, "interviewer-gender-asked"));
    if (j->offence == OFFENCE_VIOLENCE_INJURY || j->offence == OFFENCE_HOMICIDE || j->offence == OFFENCE_RAPE || j->offence == OFFENCE_OTHER_SEXUAL || is_bereaved(r))
        step(p, r->reported, STEP_COMPENSATION, said_named(r, "compensation-told"));
    look_at_disposal(p, r);
    if (is_bereaved(r) && (visit = said_named(r, "court-visit-requested")))
        step(p, visit->first, STEP_VISIT, said_named(r, "court-visit-held"));
    look_at_property(p, r);
    asked = said_named(r, "review-requested");
    if ((r->flags & VICTIM_VRR_OFFERED) && day_is_set(r->concluded))
        step(p, r->concluded, STEP_REVIEW_OFFERED, asked);
    if (asked)
        step(p, asked->first, STEP_REVIEW_DECIDED, said_named(r, "review-decided"));
}

/* Does the journey have a duty of the Code that was not kept? */
static bool has_failed(const struct journey_facts *j)
{
    for (uint32_t i = 0; i < j->row->owed_count; i++)
        if (rule_is_code(j->rule[i]) && (j->row->owed[i].state == OWED_MET_LATE || j->row->owed[i].state == OWED_MISSED || j->row->owed[i].state == OWED_BREACHED))
            return true;
    return false;
}

static void look_at_survey(struct unaudited *p, const struct journey_facts *j)
{
    const struct said *sent = said_named(j->row, "survey-sent"), *answer = said_named(j->row, "survey-answered");
    struct satisfaction *by = has_failed(j) ? &p->failed : &p->kept;

    if (!sent || !period_has(p->scope->span[SPAN_NOW], sent->first))
        return;
    p->sent++;
    if (!answer)
        return;
    p->answered++;
    p->all.answers++;
    p->all.score += answer->value;
    by->answers++;
    by->score += answer->value;
}

static enum err unaudited_journey(void *part, const struct journey_facts *j)
{
    struct unaudited *p = part;
    enum err e;

    for (uint32_t i = 0; i < j->row->owed_count; i++) {
        const struct owed *o = &j->row->owed[i];
        bool kept = o->state == OWED_MET, failed = o->state == OWED_MET_LATE || o->state == OWED_MISSED || o->state == OWED_BREACHED;
        for (unsigned k = 0; k < 3 && rule_is(j->rule[i], "LOC-PROMISE") && day_is_set(o->due); k++)
            if (period_has(p->scope->span[k], o->due)) {
                p->promise[k].kept += kept;
                p->promise[k].failed += failed;
            }
    }
    if (!day_is_set(j->row->reported))
        return E_OK;
    look_at_steps(p, j);
    look_at_survey(p, j);
    if (!period_has(p->scope->span[SPAN_NOW], j->row->reported))
        return E_OK;
    p->repeat += said_named(j->row, "repeat-victim") != NULL;
    if ((e = room(&p->victim, sizeof *p->victim, p->victims + 1, &p->victim_cap)))
        return e;
    memcpy(p->victim[p->victims++], j->row->victim, KEYED_BYTES);
    return E_OK;
}

static void span_columns(const struct unaudited *p, struct draft *d, struct table *t)
{
    static const char *const key[] = { "now", "before", "year_before" };
    char label[PERIOD_LABEL];

    for (unsigned s = 0; s < 3; s++) {
        period_label(p->scope->span[s], label);
        draft_column(d, t, key[s], label, UNIT_PERCENT, &p->scope->span[s]);
    }
}

static void write_steps(const struct unaudited *p, struct draft *d)
{
    struct table *t = draft_table(d, &(struct table_words){
        .id = "rights-without-a-clock", .part = 7, .title = "Asked, offered, told",
        .definition = "Rights that have no time limit, and so were not audited: were victims asked, offered or told, of those to whom it applies?",
        .numerator = "Journeys (or items of property) where it was recorded.", .denominator = "Journeys (or items) it applies to, by the day it came to apply.",
        .coverage = "Asking about the interviewer: sexual offences, domestic abuse, honour-based abuse, gender hate crime. Compensation: violent injury, sexual offences, bereaved "
                    "relatives. Disposals: every one proposed or decided, in time only before the decision. Statements are in part 2.",
        .note = "The board paper of 2021 names these as what the force could not audit." }, "Right");

    span_columns(p, d, t);
    for (unsigned k = 0; k < STEPS_COUNT; k++) {
        struct row *r = draft_row(d, t, step_words[k].key, step_words[k].title);
        for (unsigned s = 0; s < 3; s++) {
            struct rate rate = rate_add(d, draft_words(d, "STEP/%s", step_words[k].key), EVERYONE, p->scope->span[s], p->step[s][k].yes, p->step[s][k].no);
            cell_of_rate(d, r, s, &rate);
        }
    }
    struct row *r = draft_row(d, t, "promise", "Promised to be in touch by a certain time, and was");
    for (unsigned s = 0; s < 3; s++) {
        struct rate rate = rate_add(d, "LOC-PROMISE", EVERYONE, p->scope->span[s], p->promise[s].kept, p->promise[s].failed);
        cell_of_rate(d, r, s, &rate);
    }
    t->chart = CHART_BARS;
}

static void write_property(const struct unaudited *p, struct draft *d)
{
    struct table *t = draft_table(d, &(struct table_words){
        .id = "property-held", .part = 7, .title = "How long property was held", .definition = "Calendar days from taking an item to returning it, for items that stopped being needed in the period.",
        .numerator = "Days, by Kaplan and Meier's method: an item that is still held counts for as long as it has been.", .denominator = "Items no longer needed, of which it is known when they were taken.",
        .coverage = "Property recorded item by item." }, "Items");
    struct row *r;
    uint32_t all;

    draft_column(d, t, "items", "Items", UNIT_COUNT, NULL);
    draft_column(d, t, "median", "Half returned by", UNIT_DAYS, NULL);
    draft_column(d, t, "ninetieth", "Nine in ten by", UNIT_DAYS, NULL);
    r = draft_row(d, t, "ALL", "All items");
    all = draft_count(d, "PROPERTY/held", EVERYONE, p->scope->span[0], waits_count(&p->property));
    cell_count(d, r, 0, all);
    for (unsigned k = 0; k < 2; k++) {
        unsigned days = 0, last = 0;
        bool reached = waits_quantile(&p->property, k ? 0.9 : 0.5, &days);
        for (unsigned n = 0; n <= WAIT_DAYS_MAX; n++)
            if (p->property.ended[n] || p->property.waiting[n])
                last = n;
        if (waits_count(&p->property) == 0) {
            cell_mark(r, 1 + k, CELL_NOT_APPLICABLE);
            continue;
        }
        cell_number(d, r, 1 + k, all, reached ? days : last, NULL);
        r->cell[1 + k].is_at_least = !reached;
    }
}

static int by_id(const void *a, const void *b) { return memcmp(a, b, KEYED_BYTES); }

static void write_repeats(const struct unaudited *p, struct draft *d)
{
    static const char *const key[] = { "one", "two", "three-or-more" }, *const title[] = { "One crime", "Two crimes", "Three crimes or more" };
    struct table *t = draft_table(d, &(struct table_words){
        .id = "repeat-victims", .part = 7, .title = "Repeat victims", .definition = "Victims of crimes reported in the period, by how many of them were against the same victim.",
        .numerator = "Victims.", .denominator = "None: these are counts.", .coverage = "Victims as the record system knows them: one who is recorded twice under two names counts twice.",
        .note = "\"Known as repeat victim\" counts journeys: those where the record system saw three crimes in twelve months." }, "Crimes in the period");
    struct period when = p->scope->span[SPAN_NOW];
    uint32_t part[3], n[3] = { 0, 0, 0 };

    if (p->victims)
        qsort(p->victim, p->victims, sizeof *p->victim, by_id);
    for (size_t from = 0, to; from < p->victims; from = to) {
        for (to = from + 1; to < p->victims && by_id(p->victim[from], p->victim[to]) == 0; to++) {}
        n[to - from < 3 ? to - from - 1 : 2]++;
    }
    draft_column(d, t, "victims", "Victims", UNIT_COUNT, NULL);
    for (unsigned k = 0; k < 3; k++) {
        part[k] = draft_count(d, draft_words(d, "VICTIMS/%s", key[k]), EVERYONE, when, n[k]);
        cell_count(d, draft_row(d, t, key[k], title[k]), 0, part[k]);
    }
    uint32_t all = draft_count(d, "VICTIMS", EVERYONE, when, (uint64_t)n[0] + n[1] + n[2]);
    draft_sum(d, all, part, 3);
    struct row *r = draft_row(d, t, "ALL", "All victims");
    r->is_total = true;
    cell_count(d, r, 0, all);
    cell_count(d, draft_row(d, t, "known", "Known as repeat victim (journeys)"), 0, draft_count(d, "JOURNEYS/repeat", EVERYONE, when, p->repeat));
}

static void write_satisfaction(const struct unaudited *p, struct draft *d)
{
    const struct { const char *key, *title; const struct satisfaction *s; } who[] = {
        { "ALL", "All who answered", &p->all }, { "kept", "Every duty under the Code was kept so far", &p->kept }, { "failed", "A duty under the Code was late or missed", &p->failed },
    };
    struct table *t = draft_table(d, &(struct table_words){
        .id = "satisfaction", .part = 7, .title = "What victims said, beside how the Code was kept",
        .definition = "Survey answers of victims who may be surveyed, apart for those for whom every duty was kept and the others.",
        .numerator = "Mean of the scores given.", .denominator = "Victims who answered a survey sent in the period; never fewer than 10.",
        .coverage = "Only those whom it is safe to survey: see the survey-safe list. They are not all victims, and those who answer differ from those who do not.",
        .note = "The paper's text-message survey had 10%, its e-mail survey 6%." }, "Who");
    struct period when = p->scope->span[SPAN_NOW];
    uint32_t n[3];

    draft_column(d, t, "answers", "Answers", UNIT_COUNT, NULL);
    draft_column(d, t, "score", "Mean score", UNIT_COUNT, NULL);
    draft_column(d, t, "rate", "Response rate", UNIT_PERCENT, NULL);
    for (unsigned k = 0; k < 3; k++) {
        struct row *r = draft_row(d, t, who[k].key, who[k].title);
        n[k] = draft_count(d, k == 0 ? "SURVEY/kept" : draft_words(d, "SURVEY/answers/%s", who[k].key), EVERYONE, when, who[k].s->answers);
        cell_count(d, r, 0, n[k]);
        if (who[k].s->answers)
            cell_number(d, r, 1, n[k], (double)who[k].s->score / who[k].s->answers, NULL);
        else
            cell_mark(r, 1, CELL_NOT_APPLICABLE);
        if (k == 0) {
            struct rate rate = rate_add(d, "SURVEY", EVERYONE, when, p->answered, p->sent - p->answered);
            cell_of_rate(d, r, 2, &rate);
        } else {
            cell_mark(r, 2, CELL_NOT_APPLICABLE);
        }
    }
    draft_sum(d, n[0], n + 1, 2);
}

static void unaudited_write(void *part, struct draft *d)
{
    write_steps(part, d);
    write_property(part, d);
    write_repeats(part, d);
    write_satisfaction(part, d);
}

static void unaudited_close(void **part)
{
    struct unaudited *p = *part;

    if (!p)
        return;
    free(p->victim);
    free(p);
    *part = NULL;
}

const struct part unaudited_part = {
    .name = "unaudited",
    .open = unaudited_open,
    .journey = unaudited_journey,
    .write = unaudited_write,
    .close = unaudited_close,
};
