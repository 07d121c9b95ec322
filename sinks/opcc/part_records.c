/* part_records.c: part 6: how good the records are that all other figures are made from. */
#include "sinks/opcc/figures.h"
#include "sinks/opcc/part.h"

#include <stdlib.h>

enum lack { LACK_GENDER, LACK_AGE, LACK_ETHNICITY, LACK_NOT_STATED, LACK_CONTRADICTED, LACKS };
static const struct { const char *key, *title; } lack_words[LACKS] = {
    { "gender-missing", "Gender missing or not known" }, { "age-missing", "Age missing" }, { "ethnicity-missing", "Self-defined ethnicity missing" },
    { "ethnicity-not-stated", "Self-defined ethnicity: not stated" }, { "contradicted", "Gender, age or ethnicity said differently at different times" },
};
static const struct { const char *key, *title; } late_words[LATE_BUCKETS] = {
    { "hour", "Within an hour" }, { "day", "Within a day" }, { "three-days", "Within three days" }, { "week", "Within a week" }, { "more", "Later than a week" },
};

/* All crimes, then rape: the joint inspection's first recommendation is about it. */
struct records {
    const struct scope *scope;
    uint32_t persons[2], lack[2][LACKS];
    uint64_t late[LATE_BUCKETS];
};

static enum err records_open(const struct scope *s, void **ret)
{
    struct records *p = calloc(1, sizeof *p);

    if (!p)
        return E_MEMORY;
    p->scope = s;
    *ret = p;
    return E_OK;
}

static bool is_person(struct text kind)
{
    return !text_same(kind, TEXT("business")) && !text_same(kind, TEXT("organisation")) && !text_same(kind, TEXT("state"));
}

static enum err records_journey(void *part, const struct journey_facts *j)
{
    struct records *p = part;
    const struct journey_row *r = j->row;
    const bool lack[LACKS] = { j->gender == GENDER_UNKNOWN, r->age_band == AGE_BAND_UNKNOWN, j->ethnicity == ETHNICITY_MISSING,
                               j->ethnicity == ETHNICITY_NOT_STATED, r->flags & VICTIM_CONTRADICTED };

    if (!day_is_set(r->reported) || !period_has(p->scope->span[SPAN_NOW], r->reported))
        return E_OK;
    for (unsigned b = 0; b < LATE_BUCKETS; b++)
        p->late[b] += r->late[b];
    if (!is_person(r->victim_kind))
        return E_OK;
    for (unsigned g = 0; g < 2; g++) {
        if (g == 1 && !(j->themes >> THEME_RAPE & 1))
            continue;
        p->persons[g]++;
        for (unsigned k = 0; k < LACKS; k++)
            p->lack[g][k] += lack[k];
    }
    return E_OK;
}

static void write_lacks(const struct records *p, struct draft *d)
{
    struct table *t = draft_table(d, &(struct table_words){
        .id = "characteristics-recorded", .part = 6, .title = "Protected characteristics that are missing or contradictory",
        .definition = "Of the victims whose crime was reported in the period, those of whom a characteristic is missing, not stated, or was recorded in contradictory ways.",
        .numerator = "Journeys of which that is so.", .denominator = "Journeys of persons; businesses and other bodies are left out.",
        .coverage = "Journeys reported in the period.", .note = "Rape stands apart: the joint inspection's first recommendation is that these be recorded accurately there." }, "What is missing");

    draft_column(d, t, "ALL", "All crimes", UNIT_PERCENT, NULL);
    draft_column(d, t, "RAPE", "All rape", UNIT_PERCENT, NULL);
    for (unsigned k = 0; k < LACKS; k++) {
        struct row *r = draft_row(d, t, lack_words[k].key, lack_words[k].title);
        struct rate all = { 0, 0, 0 };
        for (unsigned g = 0; g < 2; g++) {
            struct slice s = { { [SPLIT_THEME] = g ? "RAPE" : NULL } };
            const char *what = draft_words(d, "RECORDS/%s", lack_words[k].key);
            struct rate rate = rate_add(d, what, &s, p->scope->span[SPAN_NOW], p->lack[g][k], p->persons[g] - p->lack[g][k]);
            cell_of_rate(d, r, g, &rate);
            /* Every row is of the same persons. */
            draft_sum(d, draft_complement(d, "RECORDS/persons", &s, p->scope->span[SPAN_NOW], p->persons[g]), &rate.owed, 1);
            if (g == 0)
                all = rate;
            else
                rate_rest(d, what, &all, &rate, &s, SPLIT_THEME);
        }
    }
}

static void write_lateness(const struct records *p, struct draft *d)
{
    struct table *t = draft_table(d, &(struct table_words){
        .id = "late-entry", .part = 6, .title = "How long after the event it was entered",
        .definition = "The time from when something happened to when the record system learnt of it.", .numerator = "Entries of journeys reported in the period.",
        .denominator = "All entries of these journeys that say both times.", .coverage = "Journeys reported in the period.",
        .note = "Duties are judged by when things were done; entries typed late still count as done in time." }, "Entered");
    uint64_t sum = 0;
    uint32_t part[LATE_BUCKETS], all;
    struct period when = p->scope->span[SPAN_NOW];

    draft_column(d, t, "entries", "Entries", UNIT_PERCENT, NULL);
    for (unsigned b = 0; b < LATE_BUCKETS; b++) {
        sum += p->late[b];
        part[b] = draft_count(d, draft_words(d, "ENTRIES/%s", late_words[b].key), EVERYONE, when, p->late[b]);
    }
    all = draft_count(d, "ENTRIES", EVERYONE, when, sum);
    draft_sum(d, all, part, LATE_BUCKETS);
    for (unsigned b = 0; b < LATE_BUCKETS; b++) {
        uint32_t rest = draft_complement(d, draft_words(d, "ENTRIES/not-%s", late_words[b].key), EVERYONE, when, sum - p->late[b]);
        draft_sum(d, all, (uint32_t[]){ part[b], rest }, 2);
        cell_rate(d, draft_row(d, t, late_words[b].key, late_words[b].title), 0, part[b], rest, all);
    }
}

/* What this extract cannot show at all: marked [z] wherever it appears. */
static void write_gaps(const struct records *p, struct draft *d)
{
    struct table *t = draft_table(d, &(struct table_words){
        .id = "cannot-be-evidenced", .part = 6, .title = "What the sources cannot show",
        .definition = "Duties for which no source of the force says that it can carry the evidence, and how far each source was complete.",
        .numerator = "None: this is a list.", .denominator = "None.", .coverage = "The sources declared to the tracker.",
        .note = "Such duties are marked [z] in this report. Rows that could not be read are counted, and hold their journeys as not proven until they are repaired." }, "Subject");
    const struct drawn_row *drawn = known_drawn(p->scope->known);
    char text[FIGURE_TEXT], at[FIGURE_TEXT];

    draft_column(d, t, "words", "What is known", UNIT_WORDS, NULL);
    for (size_t i = 0; i < p->scope->rules; i++) {
        const struct rule_facts *rule = known_rule(p->scope->known, i);
        if (!rule->words.evidenced)
            cell_words(d, draft_row(d, t, draft_words(d, TEXT_FMT, TEXT_ARG(rule->words.id)), draft_words(d, TEXT_FMT, TEXT_ARG(rule->words.title))), 0,
                       "No source can show whether it was met.");
    }
    for (uint32_t i = 0; i < drawn->sources; i++) {
        const struct source_row *s = &drawn->source[i];
        instant_words(s->complete_to, at);
        cell_words(d, draft_row(d, t, draft_words(d, "source-" TEXT_FMT, TEXT_ARG(s->name)), draft_words(d, "Source: " TEXT_FMT, TEXT_ARG(s->name))), 0,
                   instant_is_set(s->complete_to) ? draft_words(d, "Complete to %s.", at) : "Does not say how far it is complete.");
    }
    number_text(drawn->rejected, text);
    cell_words(d, draft_row(d, t, "rejected", "Rows that could not be read"), 0, draft_words(d, "%s so far, since the first extract.", text));
    number_text(drawn->quarantined, text);
    cell_words(d, draft_row(d, t, "quarantined", "Events set aside"), 0, draft_words(d, "%s so far, since the first extract.", text));
}

static void records_write(void *part, struct draft *d)
{
    write_lacks(part, d);
    write_lateness(part, d);
    write_gaps(part, d);
}

static void records_close(void **part)
{
    free(*part);
    *part = NULL;
}

const struct part records_part = {
    .name = "records",
    .open = records_open,
    .journey = records_journey,
    .write = records_write,
    .close = records_close,
};
