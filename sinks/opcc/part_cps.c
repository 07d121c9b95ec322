/* part_cps.c: part 5: rape cases that wait for the Crown Prosecution Service, early advice, and meetings before no further action. */
#include "sinks/opcc/part.h"

#include <stdlib.h>
#include <string.h>

enum { NEW_CASE, RESUBMISSION, CASE_KINDS };
struct cases { uint32_t in_time, late, overdue; struct waits waits; };
struct cps {
    const struct scope *scope;
    struct cases cases[CASE_KINDS];
    uint32_t rape, advice, advice_not, nfa, nfa_meeting;
};

static enum err cps_open(const struct scope *s, void **ret)
{
    struct cps *p = calloc(1, sizeof *p);

    if (!p)
        return E_MEMORY;
    p->scope = s;
    *ret = p;
    return E_OK;
}

static bool is_resubmission(const struct owed *o) { return strcmp(kind_name(o->started_by), "cps-resubmitted") == 0; }

static enum err cps_journey(void *part, const struct journey_facts *j)
{
    struct cps *p = part;

    for (uint32_t i = 0; i < j->row->owed_count; i++) {
        const struct owed *o = &j->row->owed[i];
        struct cases *c = &p->cases[is_resubmission(o) ? RESUBMISSION : NEW_CASE];
        bool ended = o->state == OWED_MET || o->state == OWED_MET_LATE;
        if (!rule_is(j->rule[i], "CPS-28") || !day_is_set(o->due) || !period_has(p->scope->span[SPAN_NOW], o->due))
            continue;
        c->in_time += o->state == OWED_MET;
        c->late += o->state == OWED_MET_LATE;
        c->overdue += o->state == OWED_BREACHED || o->state == OWED_MISSED;
        if (ended || o->state == OWED_BREACHED || o->state == OWED_MISSED) {
            int days = (ended && day_is_set(o->ended) ? o->ended.n : p->scope->cut.n) - o->started.n;
            waits_add(&c->waits, days < 0 ? 0 : (unsigned)days, ended);
        }
    }
    return E_OK;
}

static enum err cps_crime(void *part, const struct crime_facts *c)
{
    struct cps *p = part;

    if (!(c->themes >> THEME_RAPE & 1) || (c->row->flags & CRIME_OVER) || !day_is_set(c->row->recorded) || !period_has(p->scope->span[SPAN_NOW], c->row->recorded))
        return E_OK;
    p->rape++;
    p->advice += !!(c->row->flags & CRIME_EARLY_ADVICE);
    p->advice_not += !(c->row->flags & CRIME_EARLY_ADVICE) && (c->row->flags & CRIME_EARLY_ADVICE_NOT);
    p->nfa += !!(c->row->flags & CRIME_NFA);
    p->nfa_meeting += (c->row->flags & (CRIME_NFA | CRIME_NFA_MEETING)) == (CRIME_NFA | CRIME_NFA_MEETING);
    return E_OK;
}

static void write_backlog(const struct cps *p, struct draft *d)
{
    static const char *const key[] = { "NEW", "RESUBMITTED" }, *const title[] = { "New cases", "Resubmissions" };
    struct table *t = draft_table(d, &(struct table_words){
        .id = "cps-backlog", .part = 5, .title = "Rape cases waiting to be allocated",
        .definition = "The Crown Prosecution Service has agreed to allocate a rape case within 28 calendar days of its submission.",
        .numerator = "Submissions allocated, or otherwise answered, within 28 days.", .denominator = "Submissions whose 28 days ended in the period.",
        .coverage = "Rape cases submitted or resubmitted; unit: the submission, counted for each victim of it.",
        .note = "An agreement, not a right of the Code. The paper of 2021 found 13 new cases and 9 resubmissions "
                "beyond 28 days, of 30 to 58 days; single days of single cases are not published." }, "Cases");

    draft_column(d, t, "in-time", "Within 28 days", UNIT_PERCENT, NULL);
    draft_column(d, t, "late", "Answered later", UNIT_COUNT, NULL);
    draft_column(d, t, "overdue", "Waiting beyond 28 days", UNIT_COUNT, NULL);
    draft_column(d, t, "median", "Half answered by", UNIT_DAYS, NULL);
    draft_column(d, t, "ninetieth", "Nine in ten by", UNIT_DAYS, NULL);
    struct rate part[CASE_KINDS];
    uint32_t part_late[CASE_KINDS];
    for (unsigned k = 0; k < CASE_KINDS; k++) {
        const struct cases *c = &p->cases[k];
        struct period when = p->scope->span[SPAN_NOW];
        struct slice s = { { [SPLIT_THEME] = "RAPE" } };
        const char *what = draft_words(d, "CPS-28/%s", key[k]);
        struct rate rate = rate_add(d, what, &s, when, c->in_time, (uint64_t)c->late + c->overdue);
        struct row *r = draft_row(d, t, key[k], title[k]);
        uint32_t late = draft_count(d, draft_words(d, "%s/late", what), &s, when, c->late),
                 overdue = draft_count(d, draft_words(d, "%s/overdue", what), &s, when, c->overdue);
        draft_sum(d, rate.failed, (uint32_t[]){ late, overdue }, 2);
        part[k] = rate;
        part_late[k] = late;
        cell_of_rate(d, r, 0, &rate);
        cell_count(d, r, 1, late);
        cell_count(d, r, 2, overdue);
        for (unsigned q = 0; q < 2; q++) {
            unsigned days = 0;
            if (waits_count(&c->waits) == 0) {
                cell_mark(r, 3 + q, CELL_NOT_APPLICABLE);
                continue;
            }
            bool reached = waits_quantile(&c->waits, q ? 0.9 : 0.5, &days);
            cell_number(d, r, 3 + q, rate.owed, reached ? days : 28, NULL);
            r->cell[3 + q].is_at_least = !reached;
        }
    }
    /* Together they are the rule's own counts, in part 1. */
    const struct cases *a = &p->cases[NEW_CASE], *b = &p->cases[RESUBMISSION];
    struct period when = p->scope->span[SPAN_NOW];
    struct rate all = rate_add(d, "CPS-28", EVERYONE, when, (uint64_t)a->in_time + b->in_time, (uint64_t)a->late + a->overdue + b->late + b->overdue);
    rate_sums(d, &all, part, CASE_KINDS);
    draft_sum(d, draft_complement(d, "CPS-28/late", EVERYONE, when, (uint64_t)a->late + b->late), part_late, CASE_KINDS);
}

static void write_advice(const struct cps *p, struct draft *d)
{
    struct table *t = draft_table(d, &(struct table_words){
        .id = "rape-early-advice", .part = 5, .title = "Early advice, and meetings before no further action",
        .definition = "For rape crimes recorded in the period: was early investigative advice sought, and did police and prosecutor meet before no further action was decided?",
        .numerator = "Rape crimes with that record.", .denominator = "Rape crimes recorded in the period; for meetings, those with a decision of no further action.",
        .coverage = "Rape crimes in the record system, not since cancelled, transferred or merged.",
        .note = "Joint inspection of the response to rape, recommendation 5: early advice considered in every case with the reasons for not seeking it, and a meeting before "
                "no further action." }, "Step");
    struct slice s = { { [SPLIT_THEME] = "RAPE" } };
    struct period when = p->scope->span[SPAN_NOW];
    uint32_t all = draft_count(d, "CRIMES/recorded", &s, when, p->rape), part[3];

    draft_column(d, t, "crimes", "Rape crimes", UNIT_PERCENT, NULL);
    part[0] = draft_count(d, "RAPE/advice-sought", &s, when, p->advice);
    part[1] = draft_count(d, "RAPE/advice-not-sought", &s, when, p->advice_not);
    part[2] = draft_count(d, "RAPE/advice-not-said", &s, when, (uint64_t)p->rape - p->advice - p->advice_not);
    draft_sum(d, all, part, 3);
    static const char *const key[] = { "advice-sought", "advice-not-sought", "advice-not-said" };
    static const char *const title[] = { "Early advice sought", "Early advice not sought, and the reason recorded", "Nothing recorded on early advice" };
    static const uint8_t other[][2] = { { 1, 2 }, { 0, 2 }, { 0, 1 } };
    const uint64_t n[] = { p->advice, p->advice_not, (uint64_t)p->rape - p->advice - p->advice_not };
    for (unsigned k = 0; k < 3; k++) {
        uint32_t rest = draft_complement(d, draft_words(d, "RAPE/not-%s", key[k]), &s, when, p->rape - n[k]);
        draft_sum(d, rest, (uint32_t[]){ part[other[k][0]], part[other[k][1]] }, 2);
        cell_rate(d, draft_row(d, t, key[k], title[k]), 0, part[k], rest, all);
    }
    struct rate meeting = rate_add(d, "RAPE/nfa-meeting", &s, when, p->nfa_meeting, p->nfa - p->nfa_meeting);
    cell_of_rate(d, draft_row(d, t, "nfa-meeting", "Met before no further action"), 0, &meeting);
}

static void cps_write(void *part, struct draft *d)
{
    write_backlog(part, d);
    write_advice(part, d);
}

static void cps_close(void **part)
{
    free(*part);
    *part = NULL;
}

const struct part cps_part = {
    .name = "cps",
    .open = cps_open,
    .journey = cps_journey,
    .crime = cps_crime,
    .write = cps_write,
    .close = cps_close,
};
