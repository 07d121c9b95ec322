/* part_attrition.c: part 4: victims who do not support action, before a charge. Unit: crimes recorded in the period, by the
 * outcome they have at the cut. The paper's table (board paper, 2.3.6): outcome 16 by thematic area. */
#include "sinks/opcc/part.h"

#include <stdlib.h>

/* The paper's rows in its order, then all of them together. */
static const enum theme area[] = { THEME_RAPE, THEME_OTHER_SEXUAL, THEME_STALKING, THEME_DOMESTIC_ABUSE, THEME_VAIWG };
enum { AREAS = sizeof area / sizeof *area };

struct outcomes { uint32_t recorded, o14, o15, o16; };
struct withdrawals {
    uint32_t count, by_lateness[2], late_recorded[2], contact[4];   /* contact: within 7 days, 28, more, none before */
};
enum { CODES_MAX = 64 };
struct codes { struct names name; uint32_t count[CODES_MAX]; };

struct attrition {
    const struct scope *scope;
    struct outcomes area[3][AREAS], all[3];
    struct withdrawals withdrawn;
    struct codes stage, reason;
};

static enum err attrition_open(const struct scope *s, void **ret)
{
    struct attrition *p = calloc(1, sizeof *p);

    if (!p)
        return E_MEMORY;
    p->scope = s;
    *ret = p;
    return E_OK;
}

static void add(struct outcomes *o, struct text outcome)
{
    o->recorded++;
    o->o14 += text_same(outcome, TEXT("14"));
    o->o15 += text_same(outcome, TEXT("15"));
    o->o16 += text_same(outcome, TEXT("16"));
}

/* A code beyond those that fit is counted with the last: codes are a short list, and nothing is dropped. */
static enum err add_code(struct codes *c, struct text code)
{
    uint32_t n = names_add(&c->name, code);

    if (n == UINT32_MAX)
        return E_MEMORY;
    c->count[n < CODES_MAX ? n : CODES_MAX - 1]++;
    return E_OK;
}

static enum err attrition_crime(void *part, const struct crime_facts *c)
{
    struct attrition *p = part;
    struct withdrawals *w = &p->withdrawn;
    enum err e;

    if ((c->row->flags & CRIME_OVER) || !day_is_set(c->row->recorded))
        return E_OK;
    for (unsigned s = 0; s < 3; s++) {
        if (!period_has(p->scope->span[s], c->row->recorded))
            continue;
        add(&p->all[s], c->row->outcome);
        for (unsigned a = 0; a < AREAS; a++)
            if (c->themes >> area[a] & 1)
                add(&p->area[s][a], c->row->outcome);
    }
    if (!period_has(p->scope->span[SPAN_NOW], c->row->recorded) || !day_is_set(c->row->withdrawn))
        return E_OK;
    w->count++;
    w->by_lateness[!!(c->row->flags & CRIME_LATE_BEFORE_WITHDRAWAL)]++;
    w->contact[c->row->days_since_contact < 0 ? 3 : c->row->days_since_contact <= 7 ? 0 : c->row->days_since_contact <= 28 ? 1 : 2]++;
    e = add_code(&p->stage, c->row->withdrawn_stage);
    return e ? e : add_code(&p->reason, c->row->withdrawn_reason);
}

/* count of recorded, with what is left over. */
static void write_rate(struct draft *d, struct row *r, unsigned column, const char *what, const struct slice *s, struct period when, uint64_t n, uint64_t of)
{
    uint32_t part = draft_complement(d, what, s, when, n), all = draft_complement(d, "CRIMES/recorded", s, when, of),
             rest = draft_complement(d, draft_words(d, "%s/other", what), s, when, of - n);

    draft_sum(d, all, (uint32_t[]){ part, rest }, 2);
    cell_rate(d, r, column, part, rest, all);
}

static void write_outcomes(struct draft *d, struct row *r, const struct slice *s, const struct scope *scope, const struct outcomes n[3])
{
    cell_count(d, r, 0, draft_count(d, "CRIMES/recorded", s, scope->span[0], n[0].recorded));
    for (unsigned k = 0; k < 3; k++)
        write_rate(d, r, 1 + k, "CRIMES/outcome-16", s, scope->span[k], n[k].o16, n[k].recorded);
    write_rate(d, r, 4, "CRIMES/outcome-15", s, scope->span[0], n[0].o15, n[0].recorded);
    uint32_t both = draft_complement(d, "CRIMES/outcome-15-or-16", s, scope->span[0], (uint64_t)n[0].o15 + n[0].o16);
    draft_sum(d, both, (uint32_t[]){ draft_count(d, "CRIMES/outcome-15", s, scope->span[0], n[0].o15),
                                     draft_count(d, "CRIMES/outcome-16", s, scope->span[0], n[0].o16) }, 2);
    write_rate(d, r, 5, "CRIMES/outcome-15-or-16", s, scope->span[0], (uint64_t)n[0].o15 + n[0].o16, n[0].recorded);
    uint32_t o14 = draft_count(d, "CRIMES/outcome-14", s, scope->span[0], n[0].o14),
             neither = draft_complement(d, "CRIMES/not-14-15-16", s, scope->span[0], (uint64_t)n[0].recorded - n[0].o14 - n[0].o15 - n[0].o16);
    draft_sum(d, draft_count(d, "CRIMES/recorded", s, scope->span[0], n[0].recorded), (uint32_t[]){ o14, both, neither }, 3);
    cell_count(d, r, 6, o14);
}

/* All crimes but those of an area must not be few either, nor their outcomes. */
static void add_rest(struct draft *d, const struct slice *s, struct period when, const char *what, uint64_t all, uint64_t one)
{
    struct slice others = { { [SPLIT_THEME] = draft_words(d, "!%s", s->by[SPLIT_THEME]) } };

    draft_sum(d, draft_complement(d, what, EVERYONE, when, all),
              (uint32_t[]){ draft_complement(d, what, s, when, one), draft_complement(d, what, &others, when, all - one) }, 2);
}

static void write_areas(const struct attrition *p, struct draft *d)
{
    struct table *t = draft_table(d, &(struct table_words){
        .id = "attrition", .part = 4, .title = "Victim attrition before charge, by thematic area",
        .definition = "Of the crimes recorded in the period, the share that now has outcome 16: a suspect was named, and the victim does not support action or no longer "
                      "does. Beside it outcome 15, where the victim supports action and evidence is lacking.",
        .numerator = "Crimes whose latest outcome is 16 (or 15, or either).", .denominator = "Crimes recorded in the period and not since cancelled, transferred or merged.",
        .coverage = "All crimes in the record system. A crime without an outcome yet counts as recorded, so the share of a recent period still grows.",
        .note = "Areas overlap and are never totalled. For domestic abuse the paper compares outcomes 15 and 16 together with 75%, the national figure for the year to "
                "March 2020. Outcome 14 (no suspect identified, victim does not support action) stands apart." }, "Thematic area");
    const struct scope *s = p->scope;
    char label[PERIOD_LABEL];

    draft_column(d, t, "recorded", "Recorded", UNIT_COUNT, NULL);
    for (unsigned k = 0; k < 3; k++) {
        period_label(s->span[k], label);
        draft_column(d, t, k == 0 ? "outcome-16" : k == 1 ? "outcome-16-before" : "outcome-16-year-before", draft_words(d, "Outcome 16: %s", label), UNIT_PERCENT, &s->span[k]);
    }
    draft_column(d, t, "outcome-15", "Outcome 15", UNIT_PERCENT, NULL);
    draft_column(d, t, "outcome-15-or-16", "15 or 16", UNIT_PERCENT, NULL);
    draft_column(d, t, "outcome-14", "Outcome 14", UNIT_COUNT, NULL);
    for (unsigned a = 0; a < AREAS; a++) {
        struct slice by = { { [SPLIT_THEME] = theme_key(area[a]) } };
        struct outcomes n[3] = { p->area[0][a], p->area[1][a], p->area[2][a] };
        struct row *r = draft_row(d, t, by.by[SPLIT_THEME], area[a] == THEME_DOMESTIC_ABUSE ? "All domestic abuse marked offences" : theme_words(area[a]));
        write_outcomes(d, r, &by, s, n);
        for (unsigned k = 0; k < 3; k++) {
            add_rest(d, &by, s->span[k], "CRIMES/recorded", p->all[k].recorded, n[k].recorded);
            add_rest(d, &by, s->span[k], "CRIMES/outcome-16", p->all[k].o16, n[k].o16);
        }
        add_rest(d, &by, s->span[0], "CRIMES/outcome-15", p->all[0].o15, n[0].o15);
        add_rest(d, &by, s->span[0], "CRIMES/outcome-14", p->all[0].o14, n[0].o14);
    }
    write_outcomes(d, draft_row(d, t, "ALL", "All crimes"), EVERYONE, s, p->all);
    t->chart = CHART_BARS;
    t->chart_column = 1;
}

/* A code that was used once or twice may say who it was about: those are one row together, unnamed. */
static void write_codes(const struct codes *c, struct draft *d, const char *what, uint32_t all, struct period when, struct table *t, const char *words)
{
    uint32_t *order = names_sorted(&c->name), part[CODES_MAX + 1];
    uint64_t few = 0, named = 0, of = draft_quantity(d, all)->value;
    unsigned n = 0;

    for (unsigned i = 0; order && i < c->name.count; i++) {
        const char *name = c->name.name[order[i]];
        if (order[i] >= CODES_MAX - 1 || c->count[order[i]] < THRESHOLD)
            continue;
        named += c->count[order[i]];
        part[n] = draft_count(d, draft_words(d, "WITHDRAWN/%s/%s", what, name), EVERYONE, when, c->count[order[i]]);
        cell_count(d, draft_row(d, t, draft_words(d, "%s-%s", what, name), draft_words(d, "%s: %s", words, name)), 0, part[n++]);
    }
    few = of - named;
    if (few) {
        part[n] = draft_count(d, draft_words(d, "WITHDRAWN/%s/*few", what), EVERYONE, when, few);
        cell_count(d, draft_row(d, t, draft_words(d, "%s-*few", what), draft_words(d, "%s: others, each recorded fewer than %d times", words, THRESHOLD)), 0, part[n++]);
    }
    if (order && n)
        draft_sum(d, all, part, n);
    free(order);
}

static void write_withdrawals(const struct attrition *p, struct draft *d)
{
    static const char *const contact_key[] = { "within-7-days", "within-28-days", "longer", "never" };
    static const char *const contact_words[] = { "Last contact: up to 7 days before", "Last contact: 8 to 28 days before", "Last contact: more than 28 days before",
                                                 "No contact recorded before" };
    const struct withdrawals *w = &p->withdrawn;
    struct period when = p->scope->span[SPAN_NOW];
    struct table *t = draft_table(d, &(struct table_words){
        .id = "withdrawals", .part = 4, .title = "When and why support was withdrawn",
        .definition = "Crimes recorded in the period in which a victim has withdrawn support: at what stage, for what recorded reason, whether a duty to inform was late before it, "
                      "and how long the last contact lay back.",
        .numerator = "Crimes in which a victim first withdrew support.", .denominator = "None: these are counts.", .coverage = "Withdrawals that the record system records as such.",
        .note = "This describes; it does not show that one led to the other." }, "Withdrawals");
    uint32_t all = draft_count(d, "WITHDRAWN", EVERYONE, when, w->count), part[4];

    if (all == QUANTITY_NONE)               /* out of memory: draft_check says so */
        return;

    draft_column(d, t, "crimes", "Crimes", UNIT_COUNT, NULL);
    struct row *r = draft_row(d, t, "ALL", "All withdrawals");
    r->is_total = true;
    cell_count(d, r, 0, all);
    write_codes(&p->stage, d, "stage", all, when, t, "Stage");
    write_codes(&p->reason, d, "reason", all, when, t, "Reason");
    for (unsigned k = 0; k < 2; k++) {
        part[k] = draft_count(d, k ? "WITHDRAWN/after-late" : "WITHDRAWN/after-none-late", EVERYONE, when, w->by_lateness[k]);
        cell_count(d, draft_row(d, t, k ? "after-late" : "after-none-late", k ? "A duty to inform was late before it" : "No duty to inform was late before it"), 0, part[k]);
    }
    draft_sum(d, all, part, 2);
    for (unsigned k = 0; k < 4; k++) {
        part[k] = draft_count(d, draft_words(d, "WITHDRAWN/contact-%s", contact_key[k]), EVERYONE, when, w->contact[k]);
        cell_count(d, draft_row(d, t, contact_key[k], contact_words[k]), 0, part[k]);
    }
    draft_sum(d, all, part, 4);
}

static void attrition_write(void *part, struct draft *d)
{
    write_areas(part, d);
    write_withdrawals(part, d);
}

static void attrition_close(void **part)
{
    struct attrition *p = *part;

    if (!p)
        return;
    names_fini(&p->stage.name);
    names_fini(&p->reason.name);
    free(p);
    *part = NULL;
}

const struct part attrition_part = {
    .name = "attrition",
    .open = attrition_open,
    .crime = attrition_crime,
    .write = attrition_write,
    .close = attrition_close,
};
