/* part_rights.c: part 1: each duty by rule, over time and by area; how long it took. */
#include "sinks/opcc/part.h"

#include <stdio.h>
#include <stdlib.h>

struct rule_counts {
    struct tally span[SPANS];
    struct waits waits;                 /* of those due in the period, in working days */
    bool has_waits;
};
struct rights {
    const struct scope *scope;
    struct rule_counts *rule;           /* by index */
    struct names areas;
    struct tally *area;                 /* [area][rule], of the period */
    size_t area_cap;
};

static enum err rights_open(const struct scope *s, void **ret)
{
    struct rights *p = calloc(1, sizeof *p);

    if (!p || !(p->rule = calloc(s->rules + 1, sizeof *p->rule))) {
        free(p);
        return E_MEMORY;
    }
    p->scope = s;
    *ret = p;
    return E_OK;
}

/* How many working days it took, or has taken so far. */
static void add_wait(struct rights *p, struct rule_counts *r, const struct owed *o)
{
    int days = o->working_days;
    bool ended = o->state == OWED_MET || o->state == OWED_MET_LATE;

    if (!ended && o->state != OWED_BREACHED && o->state != OWED_MISSED)
        return;
    if (!ended)
        days = known_working_days(p->scope->known, o->started, p->scope->cut);
    if (days >= 0) {
        waits_add(&r->waits, (unsigned)days, ended);
        r->has_waits = true;
    }
}

static enum err rights_journey(void *part, const struct journey_facts *j)
{
    struct rights *p = part;
    uint32_t area = UINT32_MAX;
    enum err e;

    for (uint32_t i = 0; i < j->row->owed_count; i++) {
        const struct owed *o = &j->row->owed[i];
        struct rule_counts *r = &p->rule[j->rule[i]->index];
        if (!day_is_set(o->due))
            continue;
        for (unsigned s = 0; s < SPANS; s++)
            if (period_has(p->scope->span[s], o->due))
                tally_add(&r->span[s], o);
        if (!period_has(p->scope->span[SPAN_NOW], o->due))
            continue;
        add_wait(p, r, o);
        if (area == UINT32_MAX && (area = names_add(&p->areas, j->row->area)) == UINT32_MAX)
            return E_MEMORY;
        if ((e = room(&p->area, sizeof *p->area, (area + 1) * p->scope->rules, &p->area_cap)))
            return e;
        tally_add(&p->area[area * p->scope->rules + j->rule[i]->index], o);
    }
    return E_OK;
}

static const char *rule_key(struct draft *d, const struct rule_facts *r)
{
    return draft_words(d, TEXT_FMT "@" TEXT_FMT, TEXT_ARG(r->words.id), TEXT_ARG(r->words.edition));
}

static const char *rule_title(struct draft *d, const struct rule_facts *r)
{
    if (r->words.basis == 0 && r->words.right.n && r->words.right.p[0] != '-')
        return draft_words(d, "Right " TEXT_FMT ": " TEXT_FMT, TEXT_ARG(r->words.right), TEXT_ARG(r->words.title));
    return draft_words(d, TEXT_FMT, TEXT_ARG(r->words.title));
}

static struct rate rate_of(struct draft *d, const char *key, const struct slice *s, struct period p, const struct tally *t)
{
    return rate_add(d, key, s, p, tally_kept(t), tally_failed(t));
}

/* All of the Code together, by the rule's own counts. */
static struct tally code_tally(const struct rights *p, unsigned span)
{
    struct tally all = { .typed_late = 0 };

    for (size_t i = 0; i < p->scope->rules; i++) {
        if (!rule_is_code(known_rule(p->scope->known, i)))
            continue;
        for (unsigned s = 0; s < OWED_STATES; s++)
            all.state[s] += p->rule[i].span[span].state[s];
        all.typed_late += p->rule[i].span[span].typed_late;
        all.settled_late += p->rule[i].span[span].settled_late;
        all.inferred += p->rule[i].span[span].inferred;
    }
    return all;
}

static bool is_empty(const struct tally *t)
{
    for (unsigned s = 0; s < OWED_STATES; s++)
        if (t->state[s])
            return false;
    return true;
}

static bool matters(const struct rights *p, size_t rule)
{
    return !is_empty(&p->rule[rule].span[SPAN_NOW]) || !is_empty(&p->rule[rule].span[SPAN_BEFORE]) || !is_empty(&p->rule[rule].span[SPAN_YEAR_BEFORE]);
}

static void write_span(struct draft *d, struct row *r, unsigned column, const struct rule_facts *rule, const char *key, struct period span,
                       const struct tally *t, struct rate *ret)
{
    *ret = rate_of(d, key, EVERYONE, span, t);
    if (rule && !rule->words.evidenced)
        cell_mark(r, column, CELL_NOT_AVAILABLE);
    else
        cell_of_rate(d, r, column, ret);
}

static const char *const table_coverage = "Every journey in the force's record system, by the local day on which the duty fell due.";

/* One table of rates a basis: the Code; then what is owed by statute, agreement or local standard. */
static void write_rates(const struct rights *p, struct draft *d, bool is_code)
{
    struct table_words w = {
        .id = is_code ? "duties-of-the-code" : "other-standards", .part = 1,
        .title = is_code ? "Duties under the Victims' Code" : "Other standards",
        .definition = is_code ? "Of the duties that fell due in the period, the share that was done in time." :
                      "The same for what is owed by agreement or local standard, or counted for this report alone. It is no part of compliance with the Code.",
        .numerator = "Duties met by the end of the day they were due.",
        .denominator = "Duties met in time, met late, missed, or overdue and still open. Waived, not applicable, not proven, not evidenced and deferred "
                       "duties stand beside, in the table after this.",
        .coverage = table_coverage };
    struct table *t = draft_table(d, &w, "Duty");
    const struct scope *s = p->scope;
    struct rate *parts[3], rate;
    unsigned count = 0;
    char label[PERIOD_LABEL];

    for (unsigned k = 0; k < 3; k++) {
        period_label(s->span[k], label);
        draft_column(d, t, k == 0 ? "now" : k == 1 ? "before" : "year_before", label, UNIT_PERCENT, &s->span[k]);
        parts[k] = calloc(s->rules + 1, sizeof *parts[k]);
    }
    if (is_code && parts[0] && parts[1] && parts[2]) {
        struct row *all = draft_row(d, t, "CODE", "All duties under the Code");
        all->is_total = true;
        for (unsigned k = 0; k < 3; k++) {
            struct tally sum = code_tally(p, k);
            write_span(d, all, k, NULL, "CODE", s->span[k], &sum, &rate);
        }
    }
    for (size_t i = 0; i < s->rules && parts[0] && parts[1] && parts[2]; i++) {
        const struct rule_facts *rule = known_rule(s->known, i);
        if (rule_is_code(rule) != is_code || !matters(p, i))
            continue;
        struct row *r = draft_row(d, t, rule_key(d, rule), rule_title(d, rule));
        for (unsigned k = 0; k < 3; k++)
            write_span(d, r, k, rule, rule_key(d, rule), s->span[k], &p->rule[i].span[k], &parts[k][count]);
        count++;
    }
    for (unsigned k = 0; k < 3; k++) {
        struct tally sum = code_tally(p, k);
        rate = rate_of(d, "CODE", EVERYONE, s->span[k], &sum);
        if (is_code && count && parts[k])
            rate_sums(d, &rate, parts[k], count);
        free(parts[k]);
    }
    if (is_code) {
        t->chart = CHART_BARS;
        t->chart_column = 0;
    }
}

/* What stands beside the rate, and what hints at back-dating. */
static void write_beside(const struct rights *p, struct draft *d)
{
    static const struct { const char *key, *title; enum owed_state state; } beside[] = {
        { "late", "Late", OWED_MET_LATE }, { "missed", "Missed", OWED_MISSED }, { "overdue", "Overdue, open", OWED_BREACHED },
        { "open", "Not yet due", OWED_OPEN }, { "waived", "Waived", OWED_WAIVED }, { "not-applicable", "Not applicable", OWED_NOT_APPLICABLE },
        { "unproven", "Not proven", OWED_UNPROVEN }, { "deferred", "Deferred for safety", OWED_DEFERRED },
    };
    enum { BESIDE = sizeof beside / sizeof *beside, FAILED = 3 };
    struct table *t = draft_table(d, &(struct table_words){
        .id = "duties-not-in-the-rate", .part = 1, .title = "What was not done in time, and what stands beside the rate",
        .definition = "How the duties stand that were not met in time, or are counted apart.",
        .numerator = "Duties that fell due in the period, by how they stand. Typed late: met in time, but first recorded after the due day. Waived late: "
                     "waived, of which the waiver was recorded after the due day. Inferred: met by telling the victim without saying of what.",
        .denominator = "None: these are counts.", .coverage = table_coverage,
        .note = "Typed late and waived late are part of met and waived: a high number may mean back-dating." }, "Duty");
    const struct scope *s = p->scope;
    struct period now = s->span[SPAN_NOW];

    for (unsigned k = 0; k < BESIDE; k++)
        draft_column(d, t, beside[k].key, beside[k].title, UNIT_COUNT, NULL);
    draft_column(d, t, "typed-late", "Met, typed late", UNIT_COUNT, NULL);
    draft_column(d, t, "waived-late", "Waived late", UNIT_COUNT, NULL);
    draft_column(d, t, "inferred", "Met, inferred", UNIT_COUNT, NULL);
    for (size_t i = 0; i < s->rules; i++) {
        const struct rule_facts *rule = known_rule(s->known, i);
        const struct tally *n = &p->rule[i].span[SPAN_NOW];
        const char *key = rule_key(d, rule);
        uint32_t q[BESIDE], more[2];
        if (is_empty(n))
            continue;
        struct row *r = draft_row(d, t, key, rule_title(d, rule));
        struct rate rate = rate_of(d, key, EVERYONE, now, n);
        for (unsigned k = 0; k < BESIDE; k++) {
            q[k] = draft_count(d, draft_words(d, "%s/%s", key, beside[k].key), EVERYONE, now, n->state[beside[k].state]);
            cell_count(d, r, k, q[k]);
        }
        draft_sum(d, rate.failed, q, FAILED);
        more[0] = draft_count(d, draft_words(d, "%s/typed-late", key), EVERYONE, now, n->typed_late);
        more[1] = draft_complement(d, draft_words(d, "%s/typed-in-time", key), EVERYONE, now, n->state[OWED_MET] - n->typed_late);
        draft_sum(d, rate.kept, more, 2);
        cell_count(d, r, BESIDE, more[0]);
        more[0] = draft_count(d, draft_words(d, "%s/waived-late", key), EVERYONE, now, n->settled_late);
        more[1] = draft_complement(d, draft_words(d, "%s/waived-in-time", key), EVERYONE, now, n->state[OWED_WAIVED] - n->settled_late);
        draft_sum(d, q[4], more, 2);
        cell_count(d, r, BESIDE + 1, more[0]);
        more[0] = draft_count(d, draft_words(d, "%s/inferred", key), EVERYONE, now, n->inferred);
        more[1] = draft_complement(d, draft_words(d, "%s/named", key), EVERYONE, now, n->state[OWED_MET] - n->inferred);
        draft_sum(d, rate.kept, more, 2);
        cell_count(d, r, BESIDE + 2, more[0]);
    }
}

static void write_waits(const struct rights *p, struct draft *d)
{
    static const double parts[] = { 0.5, 0.9 };
    struct table *t = draft_table(d, &(struct table_words){
        .id = "days-taken", .part = 1, .title = "How long it took, in working days",
        .definition = "The working day by which half, and nine in ten, of the duties had been done, counted from the day after the clock started.",
        .numerator = "Working days from the start of the clock to the day it was done, by Kaplan and Meier's method: what is still open, or was given up "
                     "on, counts for as long as it has waited.",
        .denominator = "Duties due in the period that were met, missed, or are overdue.", .coverage = table_coverage,
        .note = "\"Over\" means that so many still wait that the day has not been reached." }, "Duty");
    const struct scope *s = p->scope;

    draft_column(d, t, "limit", "Allowed (with Enhanced Rights)", UNIT_WORDS, NULL);
    draft_column(d, t, "median", "Half done by", UNIT_DAYS, NULL);
    draft_column(d, t, "ninetieth", "Nine in ten by", UNIT_DAYS, NULL);
    for (size_t i = 0; i < s->rules; i++) {
        const struct rule_facts *rule = known_rule(s->known, i);
        struct rule_counts *c = &p->rule[i];
        if (!c->has_waits)
            continue;
        const char *key = rule_key(d, rule);
        struct row *r = draft_row(d, t, key, rule_title(d, rule));
        struct rate rate = rate_of(d, key, EVERYONE, s->span[SPAN_NOW], &c->span[SPAN_NOW]);
        cell_words(d, r, 0, text_same(rule->words.standard, rule->words.enhanced) || !rule->words.enhanced.n ?
                   draft_words(d, TEXT_FMT, TEXT_ARG(rule->words.standard)) :
                   draft_words(d, TEXT_FMT " (" TEXT_FMT ")", TEXT_ARG(rule->words.standard), TEXT_ARG(rule->words.enhanced)));
        for (unsigned k = 0; k < 2; k++) {
            unsigned days = 0, last = 0;
            for (unsigned day = 0; day <= WAIT_DAYS_MAX; day++)
                if (c->waits.ended[day] || c->waits.waiting[day])
                    last = day;
            bool reached = waits_quantile(&c->waits, parts[k], &days);
            cell_number(d, r, 1 + k, rate.owed, reached ? days : last, NULL);
            r->cell[1 + k].is_at_least = !reached;
        }
    }
}

static void write_months(const struct rights *p, struct draft *d)
{
    struct table *t = draft_table(d, &(struct table_words){
        .id = "duties-by-month", .part = 1, .title = "Duties met in time, over 13 months",
        .definition = "The share of duties due in each month that was done in time. Seasons are left in.",
        .numerator = "Duties met by the end of the day they were due.", .denominator = "Duties met in time, met late, missed, or overdue and still open.",
        .coverage = table_coverage, .note = "The shaded band is the 95% interval. Counts are in the file." }, "Duty");
    const struct scope *s = p->scope;
    char label[PERIOD_LABEL], key[11];

    for (unsigned m = 0; m < PERIOD_MONTHS; m++) {
        period_short_label(s->span[SPAN_MONTHS + m], label);
        day_format(s->span[SPAN_MONTHS + m].from, key);
        key[7] = 0;
        draft_column(d, t, key, label, UNIT_PERCENT, &s->span[SPAN_MONTHS + m]);
    }
    struct row *all = draft_row(d, t, "CODE", "All duties under the Code");
    all->is_total = true;
    for (unsigned m = 0; m < PERIOD_MONTHS; m++) {
        struct tally sum = code_tally(p, SPAN_MONTHS + m);
        struct rate rate = rate_of(d, "CODE", EVERYONE, s->span[SPAN_MONTHS + m], &sum);
        cell_of_rate(d, all, m, &rate);
    }
    for (size_t i = 0; i < s->rules; i++) {
        const struct rule_facts *rule = known_rule(s->known, i);
        if (!rule_is_code(rule) || !matters(p, i) || !rule->words.evidenced)
            continue;
        struct row *r = draft_row(d, t, rule_key(d, rule), rule_title(d, rule));
        for (unsigned m = 0; m < PERIOD_MONTHS; m++) {
            struct rate rate = rate_of(d, rule_key(d, rule), EVERYONE, s->span[SPAN_MONTHS + m], &p->rule[i].span[SPAN_MONTHS + m]);
            cell_of_rate(d, r, m, &rate);
        }
    }
    for (unsigned m = 0; m < PERIOD_MONTHS; m++) {
        struct rate *part = calloc(s->rules + 1, sizeof *part);
        struct tally sum = code_tally(p, SPAN_MONTHS + m);
        struct rate rate = rate_of(d, "CODE", EVERYONE, s->span[SPAN_MONTHS + m], &sum);
        unsigned n = 0;
        for (size_t i = 0; part && i < s->rules; i++)
            if (rule_is_code(known_rule(s->known, i)))
                part[n++] = rate_of(d, rule_key(d, known_rule(s->known, i)), EVERYONE, s->span[SPAN_MONTHS + m], &p->rule[i].span[SPAN_MONTHS + m]);
        if (n)
            rate_sums(d, &rate, part, n);
        free(part);
    }
    t->chart = CHART_MONTHS;
}

/* All of the Code by area: each rule by each area would be a table nobody reads. */
static void write_areas(const struct rights *p, struct draft *d)
{
    struct table *t = draft_table(d, &(struct table_words){
        .id = "duties-by-area", .part = 1, .title = "Duties met in time, by area",
        .definition = "The share of all duties under the Code that was done in time, by the area the crime is recorded in.",
        .numerator = "Duties met by the end of the day they were due.", .denominator = "Duties met in time, met late, missed, or overdue and still open.",
        .coverage = table_coverage, .note = "Areas differ in the crimes they have; this table does not allow for it. They are in order of name, not of rate." }, "Area");
    const struct scope *s = p->scope;
    uint32_t *order = names_sorted(&p->areas);
    struct rate *part = calloc(p->areas.count + 1, sizeof *part);
    struct tally sum = code_tally(p, SPAN_NOW);
    struct rate all = rate_of(d, "CODE", EVERYONE, s->span[SPAN_NOW], &sum);

    draft_column(d, t, "kept", "Met in time", UNIT_PERCENT, NULL);
    for (unsigned i = 0; order && part && i < p->areas.count; i++) {
        const char *name = p->areas.name[order[i]];
        struct tally n = { .typed_late = 0 };
        for (size_t k = 0; k < s->rules; k++)
            for (unsigned st = 0; st < OWED_STATES && rule_is_code(known_rule(s->known, k)); st++)
                n.state[st] += p->area[order[i] * s->rules + k].state[st];
        part[i] = rate_of(d, "CODE", &(struct slice){ { [SPLIT_AREA] = name } }, s->span[SPAN_NOW], &n);
        cell_of_rate(d, draft_row(d, t, name, name), 0, &part[i]);
    }
    if (order && part && p->areas.count)
        rate_sums(d, &all, part, p->areas.count);
    t->chart = CHART_BARS;
    free(order);
    free(part);
}

/* Part 5 divides the cases of the Crown Prosecution Service otherwise, part 7 has the promises again: the same duties, of all editions. */
static void write_again(const struct rights *p, struct draft *d)
{
    static const char *const again[] = { "CPS-28", "LOC-PROMISE" };
    struct rate *part = calloc(p->scope->rules + 1, sizeof *part);
    uint32_t *late = calloc(p->scope->rules + 1, sizeof *late);

    for (size_t k = 0; part && late && k < sizeof again / sizeof *again; k++)
        for (unsigned s = 0; s < 3; s++) {
            uint64_t kept = 0, failed = 0, all_late = 0;
            unsigned n = 0;
            for (size_t i = 0; i < p->scope->rules; i++) {
                const struct rule_facts *rule = known_rule(p->scope->known, i);
                const struct tally *t = &p->rule[i].span[s];
                if (!rule_is(rule, again[k]))
                    continue;
                late[n] = draft_complement(d, draft_words(d, "%s/late", rule_key(d, rule)), EVERYONE, p->scope->span[s], t->state[OWED_MET_LATE]);
                part[n++] = rate_of(d, rule_key(d, rule), EVERYONE, p->scope->span[s], t);
                kept += tally_kept(t), failed += tally_failed(t), all_late += t->state[OWED_MET_LATE];
            }
            if (n == 0)
                continue;
            struct rate all = rate_add(d, again[k], EVERYONE, p->scope->span[s], kept, failed);
            rate_sums(d, &all, part, n);
            draft_sum(d, draft_complement(d, draft_words(d, "%s/late", again[k]), EVERYONE, p->scope->span[s], all_late), late, n);
        }
    free(part);
    free(late);
}

static void rights_write(void *part, struct draft *d)
{
    write_rates(part, d, true);
    write_beside(part, d);
    write_waits(part, d);
    write_months(part, d);
    write_areas(part, d);
    write_rates(part, d, false);
    write_again(part, d);
}

static void rights_close(void **part)
{
    struct rights *p = *part;

    if (!p)
        return;
    names_fini(&p->areas);
    free(p->area);
    free(p->rule);
    free(p);
    *part = NULL;
}

const struct part rights_part = {
    .name = "rights",
    .open = rights_open,
    .journey = rights_journey,
    .write = rights_write,
    .close = rights_close,
};
