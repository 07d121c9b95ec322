/* part_audit.c: part 2: the force's audit questions, on every journey reported in the period. */
#include "sinks/opcc/audit.h"
#include "sinks/opcc/part.h"

#include <stdlib.h>

/* Everyone, then the four themes for which the paper's sample is comparable. */
static const int theme_of_column[] = { -1, THEME_DOMESTIC_ABUSE, THEME_BURGLARY, THEME_ROBBERY, THEME_HATE };
enum { GROUPS = sizeof theme_of_column / sizeof *theme_of_column };

/* What an auditor and the program can agree on. Late is a no to "within two days". */
enum reading { READ_YES, READ_NO, READ_NOT_APPLICABLE, READINGS };

struct audit {
    const struct scope *scope;
    uint32_t answer[3][GROUPS][QUESTIONS_COUNT][ANSWERS_COUNT];     /* in the period and the two it is compared with */
    uint64_t both[QUESTIONS_COUNT][READINGS * READINGS];            /* auditor by program */
};

static enum err audit_open(const struct scope *s, void **ret)
{
    struct audit *p = calloc(1, sizeof *p);

    if (!p)
        return E_MEMORY;
    p->scope = s;
    *ret = p;
    return E_OK;
}

static bool read_answer(enum answer a, enum reading *ret)
{
    if (a != ANSWER_YES && a != ANSWER_NO && a != ANSWER_LATE && a != ANSWER_NOT_APPLICABLE)
        return false;
    *ret = a == ANSWER_YES ? READ_YES : a == ANSWER_NOT_APPLICABLE ? READ_NOT_APPLICABLE : READ_NO;
    return true;
}

/* Where the auditor said nothing, or the program cannot say yet, nothing is compared. */
static void compare(struct audit *p, const struct journey_facts *j)
{
    const struct audited *audited = p->scope->audited ? audited_find(p->scope->audited, j->row->id) : NULL;
    enum reading theirs, ours;

    for (unsigned q = 0; q < QUESTIONS_COUNT && audited; q++)
        if (read_answer((enum answer)audited->answer[q], &theirs) && read_answer(audit_answer(j, (enum question)q), &ours))
            p->both[q][theirs * READINGS + ours]++;
}

static enum err audit_journey(void *part, const struct journey_facts *j)
{
    struct audit *p = part;

    /* A crime that was cancelled, transferred or merged away is in no auditor's sample. */
    if (!day_is_set(j->row->reported) || !day_is_set(j->row->recorded) || (j->row->flags & VICTIM_OVER))
        return E_OK;
    compare(p, j);
    for (unsigned s = 0; s < 3; s++) {
        if (!period_has(p->scope->span[s], j->row->reported))
            continue;
        for (unsigned q = 0; q < QUESTIONS_COUNT; q++) {
            enum answer a = audit_answer(j, (enum question)q);
            for (unsigned g = 0; g < GROUPS; g++)
                if (theme_of_column[g] < 0 || (j->themes >> theme_of_column[g] & 1))
                    p->answer[s][g][q][a]++;
        }
    }
    return E_OK;
}

static struct slice slice_of(unsigned group)
{
    struct slice s = { { NULL } };

    if (theme_of_column[group] >= 0)
        s.by[SPLIT_THEME] = theme_key((enum theme)theme_of_column[group]);
    return s;
}

/* The counts behind a question: each answer, and what is asked about. */
struct counts { struct rate comparable, applicable; uint32_t answer[ANSWERS_COUNT]; };

static struct counts count(struct draft *d, const struct audit *p, unsigned span, unsigned group, unsigned q)
{
    const uint32_t *n = p->answer[span][group][q];
    const char *key = draft_words(d, "AUDIT/%s", question_key((enum question)q));
    struct slice s = slice_of(group);
    struct period when = p->scope->span[span];
    struct counts c;

    c.applicable = rate_add(d, key, &s, when, n[ANSWER_YES], n[ANSWER_LATE] + n[ANSWER_NO]);
    c.comparable = rate_add(d, draft_words(d, "%s/comparable", key), &s, when, n[ANSWER_YES] + n[ANSWER_NOT_APPLICABLE], n[ANSWER_LATE] + n[ANSWER_NO]);
    for (unsigned a = 0; a < ANSWERS_COUNT; a++)
        c.answer[a] = draft_complement(d, draft_words(d, "%s/%s", key, answer_word((enum answer)a)), &s, when, n[a]);
    draft_sum(d, c.applicable.kept, &c.answer[ANSWER_YES], 1);
    draft_sum(d, c.applicable.failed, (uint32_t[]){ c.answer[ANSWER_LATE], c.answer[ANSWER_NO] }, 2);
    draft_sum(d, c.comparable.kept, (uint32_t[]){ c.answer[ANSWER_YES], c.answer[ANSWER_NOT_APPLICABLE] }, 2);
    draft_sum(d, c.comparable.failed, (uint32_t[]){ c.answer[ANSWER_LATE], c.answer[ANSWER_NO] }, 2);
    return c;
}

static const char *const audit_coverage = "Every journey of a crime reported in the period and not since cancelled, transferred or merged, as its answers stand now. The force's own audit reads a sample, and free text "
                                          "that structured data does not hold: see the agreement beside the figures where auditors' answers were given.";

static struct rate agreement(const struct audit *p, struct draft *d, unsigned q)
{
    const uint64_t *n = p->both[q];
    uint64_t all = 0, same = n[0] + n[READINGS + 1] + n[2 * READINGS + 2];

    for (unsigned i = 0; i < READINGS * READINGS; i++)
        all += n[i];
    return rate_add(d, draft_words(d, "AGREEMENT/%s", question_key((enum question)q)), EVERYONE, p->scope->span[0], same, all - same);
}

static void write_overall(const struct audit *p, struct draft *d)
{
    struct table *t = draft_table(d, &(struct table_words){
        .id = "audit-questions", .part = 2, .title = "The six questions",
        .definition = "Each question on every journey. \"Comparable\" counts as the force's audit does: yes or not applicable, of all. "
                      "\"Of those it applies to\" leaves out where it does not apply.",
        .numerator = "Journeys with the answer yes (comparable: or not applicable).",
        .denominator = "Journeys answered yes, late or no (comparable: or not applicable). Not yet and not known stand apart.",
        .coverage = audit_coverage,
        .note = "Paper's audit of July 2021, of a sample: no statement offered 28%; not told of the end 14%; need found but never referred 15%, referred late 7%; "
                "not told of the Code 51%." }, "Question");
    char label[PERIOD_LABEL];

    draft_column(d, t, "comparable", "Comparable with the audit", UNIT_PERCENT, NULL);
    for (unsigned s = 0; s < 3; s++) {
        period_label(p->scope->span[s], label);
        draft_column(d, t, s == 0 ? "applicable" : s == 1 ? "applicable-before" : "applicable-year-before",
                     draft_words(d, "Yes, of those it applies to: %s", label), UNIT_PERCENT, &p->scope->span[s]);
    }
    if (p->scope->audited)
        draft_column(d, t, "agree", "Auditors agree", UNIT_PERCENT, NULL);
    for (unsigned q = 0; q < QUESTIONS_COUNT; q++) {
        struct row *r = draft_row(d, t, question_key((enum question)q), question_asked((enum question)q));
        struct rate agree = p->scope->audited ? agreement(p, d, q) : (struct rate){ 0, 0, 0 };
        if (p->scope->audited)
            cell_of_rate(d, r, 4, &agree);
        for (unsigned s = 0; s < 3; s++) {
            struct counts c = count(d, p, s, 0, q);
            if (s == 0)
                cell_of_rate(d, r, 0, &c.comparable);
            cell_of_rate(d, r, 1 + s, &c.applicable);
        }
    }
    t->chart = CHART_BARS;
    t->chart_column = 1;
}

static void write_answers(const struct audit *p, struct draft *d)
{
    static const char *const title[] = { "Yes", "Late", "No", "Not applicable", "Not yet", "Not known" };
    struct table *t = draft_table(d, &(struct table_words){
        .id = "audit-answers", .part = 2, .title = "How each question was answered",
        .definition = "The answers behind the rates. Never referred is the \"no\" of the fourth question, referred late its \"late\".",
        .numerator = "Journeys by answer.", .denominator = "None: these are counts.", .coverage = audit_coverage }, "Question");

    for (unsigned a = 0; a < ANSWERS_COUNT; a++)
        draft_column(d, t, answer_word((enum answer)a), title[a], UNIT_COUNT, NULL);
    for (unsigned q = 0; q < QUESTIONS_COUNT; q++) {
        struct row *r = draft_row(d, t, question_key((enum question)q), question_asked((enum question)q));
        struct counts c = count(d, p, 0, 0, q);
        uint64_t all = 0;
        for (unsigned a = 0; a < ANSWERS_COUNT; a++) {
            cell_count(d, r, a, c.answer[a]);
            all += p->answer[0][0][q][a];
        }
        /* Every question is asked of every journey: what one row hides, another would tell. */
        draft_sum(d, draft_complement(d, "AUDIT/journeys", EVERYONE, p->scope->span[0], all), c.answer, ANSWERS_COUNT);
    }
}

/* What the paper prints: the share not offered, not told, never or late referred. */
static void write_failings(const struct audit *p, struct draft *d)
{
    static const struct { const char *key, *title; enum question q; enum answer a; } failing[] = {
        { "no-statement", "No Victim Personal Statement offered", QUESTION_STATEMENT, ANSWER_NO },
        { "end-not-told", "Not told of the end of the journey", QUESTION_END, ANSWER_NO },
        { "never-referred", "Need identified, never referred", QUESTION_REFERRED, ANSWER_NO },
        { "referred-late", "Need identified, referred after more than two working days", QUESTION_REFERRED, ANSWER_LATE },
        { "code-not-told", "Not told of the Victims' Code", QUESTION_CODE, ANSWER_NO },
    };
    struct table *t = draft_table(d, &(struct table_words){
        .id = "audit-failings", .part = 2, .title = "What the audit looks for",
        .definition = "The failings that the force's audit reports, for all crimes and for the four kinds of crime its sample covers.",
        .numerator = "Journeys with that answer.", .denominator = "Journeys answered yes, late or no.", .coverage = audit_coverage,
        .note = "A crime may be of several of these kinds. The paper's figures of July 2021 are comparable for these four only: 28%, 14%, 15%, 7% and 51%." }, "Failing");

    for (unsigned g = 0; g < GROUPS; g++)
        draft_column(d, t, theme_of_column[g] < 0 ? "ALL" : theme_key((enum theme)theme_of_column[g]),
                     theme_of_column[g] < 0 ? "All crimes" : theme_words((enum theme)theme_of_column[g]), UNIT_PERCENT, NULL);
    for (size_t i = 0; i < sizeof failing / sizeof *failing; i++) {
        struct row *r = draft_row(d, t, failing[i].key, failing[i].title);
        for (unsigned g = 0; g < GROUPS; g++) {
            const uint32_t *n = p->answer[0][g][failing[i].q];
            const char *key = draft_words(d, "AUDIT/%s", question_key(failing[i].q));
            struct slice s = slice_of(g);
            struct counts c = count(d, p, 0, g, failing[i].q);
            uint64_t all = (uint64_t)n[ANSWER_YES] + n[ANSWER_LATE] + n[ANSWER_NO];
            uint32_t rest = draft_complement(d, draft_words(d, "%s/not-%s", key, answer_word(failing[i].a)), &s, p->scope->span[0], all - n[failing[i].a]);
            draft_sum(d, c.applicable.owed, (uint32_t[]){ c.answer[failing[i].a], rest }, 2);
            cell_rate(d, r, g, c.answer[failing[i].a], rest, c.applicable.owed);
            if (g > 0) {                                /* everyone else must not be few either */
                struct counts everyone = count(d, p, 0, 0, failing[i].q);
                rate_rest(d, key, &everyone.applicable, &c.applicable, &s, SPLIT_THEME);
                uint32_t others = draft_complement(d, draft_words(d, "%s/%s", key, answer_word(failing[i].a)),
                                                   &(struct slice){ { [SPLIT_THEME] = draft_words(d, "!%s", s.by[SPLIT_THEME]) } }, p->scope->span[0],
                                                   p->answer[0][0][failing[i].q][failing[i].a] - n[failing[i].a]);
                draft_sum(d, everyone.answer[failing[i].a], (uint32_t[]){ c.answer[failing[i].a], others }, 2);
            }
        }
    }
    t->chart = CHART_BARS;
}

/* How far auditors who read the case agree with the program, which sees no free text. */
static void write_agreement(const struct audit *p, struct draft *d)
{
    struct table *t = draft_table(d, &(struct table_words){
        .id = "audit-agreement", .part = 2, .title = "How far auditors agree with these answers",
        .definition = "A sample of journeys was read by auditors, free text included, who answered the same questions without seeing the program's answers.",
        .numerator = "Journeys where both gave the same answer (yes, no, or not applicable).", .denominator = "Journeys of the sample that both could answer.",
        .coverage = "The journeys on the auditors' sheet, whenever reported.",
        .note = "Kappa is agreement beyond what chance would give: 1 is complete, 0 is none. The share of auditors' yes that the program has as no shows what the records lack." }, "Question");

    draft_column(d, t, "agree", "Agree", UNIT_PERCENT, NULL);
    draft_column(d, t, "kappa", "Kappa", UNIT_RATIO, NULL);
    draft_column(d, t, "unrecorded", "Auditors say yes, records say no", UNIT_PERCENT, NULL);
    for (unsigned q = 0; q < QUESTIONS_COUNT; q++) {
        const uint64_t *n = p->both[q];
        const char *key = draft_words(d, "AGREEMENT/%s", question_key((enum question)q));
        uint64_t all = 0, unrecorded = n[READ_YES * READINGS + READ_NO];
        struct row *r = draft_row(d, t, question_key((enum question)q), question_asked((enum question)q));
        double k;
        for (unsigned i = 0; i < READINGS * READINGS; i++)
            all += n[i];
        struct rate rate = agreement(p, d, q);
        cell_of_rate(d, r, 0, &rate);
        if (kappa(n, READINGS, &k))
            cell_number(d, r, 1, rate.owed, k, NULL);
        else
            cell_mark(r, 1, CELL_NOT_APPLICABLE);
        uint32_t part = draft_count(d, draft_words(d, "%s/unrecorded", key), EVERYONE, p->scope->span[0], unrecorded),
                 rest = draft_complement(d, draft_words(d, "%s/not-unrecorded", key), EVERYONE, p->scope->span[0], all - unrecorded);
        draft_sum(d, rate.owed, (uint32_t[]){ part, rest }, 2);
        cell_rate(d, r, 2, part, rest, rate.owed);
    }
}

static void audit_write(void *part, struct draft *d)
{
    const struct audit *p = part;

    write_overall(part, d);
    write_failings(part, d);
    write_answers(part, d);
    if (p->scope->audited)
        write_agreement(part, d);
}

static void audit_close(void **part)
{
    free(*part);
    *part = NULL;
}

const struct part audit_part = {
    .name = "audit",
    .open = audit_open,
    .journey = audit_journey,
    .write = audit_write,
    .close = audit_close,
};
