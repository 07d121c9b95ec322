/* part_groups.c: part 3: the same duties for groups of crimes and of victims, and whether a group fares worse.
 *
 * A comparison is of one group with everyone else, within strata of equal rule, Enhanced Rights and offence group: a group
 * with more one-day duties misses more of them without being treated worse. */
#include "sinks/opcc/part.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The ways of telling victims apart, each of them a partition. Split, words, how many groups, row title. */
#define KINDS(X) X(GENDER, "gender", GENDERS_COUNT, "Gender") X(AGE, "age", AGE_BANDS_COUNT, "Age at the offence") \
                 X(ETHNICITY, "ethnicity", ETHNICITIES_COUNT, "Self-defined ethnicity") X(OFFENCE, "offence", OFFENCES_COUNT, "Offence group")
enum kind {
#define X(name, words, count, title) BY_##name,
    KINDS(X)
#undef X
    BY_COUNT
};
enum { GROUPS_MAX = 16, STRATA = 2 * OFFENCES_COUNT, OFFICERS_MIN = 10 };
_Static_assert((int)OFFENCES_COUNT <= GROUPS_MAX && (int)AGE_BANDS_COUNT <= GROUPS_MAX, "every kind of group fits");
_Static_assert(THEMES_COUNT <= 32, "a bit a theme");
static const unsigned group_count[] = {
#define X(name, words, count, title) count,
    KINDS(X)
#undef X
};
static const enum split split_of[] = { SPLIT_GENDER, SPLIT_AGE, SPLIT_ETHNICITY, SPLIT_OFFENCE };

struct kept_failed { uint32_t kept, failed; };
struct cell_counts { struct kept_failed group[BY_COUNT][GROUPS_MAX]; };        /* of one rule and stratum */
struct team { struct kept_failed code; uint32_t officers; uint64_t (*officer)[2]; size_t cap; };

struct groups {
    const struct scope *scope;
    struct kept_failed theme[3][THEMES_COUNT], group[3][BY_COUNT][GROUPS_MAX], all[3];
    struct kept_failed (*rule_theme)[THEMES_COUNT + 1];      /* by rule, of the period; the last is everyone */
    struct cell_counts *stratum;        /* [rule][STRATA], of the period */
    struct names teams;
    struct team *team;
    size_t team_cap;
};

static enum err groups_open(const struct scope *s, void **ret)
{
    struct groups *p = calloc(1, sizeof *p);

    if (!p || !(p->stratum = calloc((s->rules + 1) * STRATA, sizeof *p->stratum)) || !(p->rule_theme = calloc(s->rules + 1, sizeof *p->rule_theme))) {
        if (p)
            free(p->stratum);
        free(p);
        return E_MEMORY;
    }
    p->scope = s;
    *ret = p;
    return E_OK;
}

static void add(struct kept_failed *n, bool kept)
{
    n->kept += kept;
    n->failed += !kept;
}

static void groups_of(const struct journey_facts *j, unsigned ret[BY_COUNT])
{
    ret[BY_GENDER] = j->gender;
    ret[BY_AGE] = j->row->age_band;
    ret[BY_ETHNICITY] = j->ethnicity;
    ret[BY_OFFENCE] = j->offence;
}

/* Officers of a team are counted once; there are few, so a list does. */
static enum err add_officer(struct team *t, const uint8_t id[KEYED_BYTES])
{
    static const uint8_t none[KEYED_BYTES];
    enum err e;

    if (memcmp(id, none, KEYED_BYTES) == 0)
        return E_OK;
    for (uint32_t i = 0; i < t->officers; i++)
        if (memcmp(t->officer[i], id, KEYED_BYTES) == 0)
            return E_OK;
    if ((e = room(&t->officer, sizeof *t->officer, t->officers + 1, &t->cap)))
        return e;
    memcpy(t->officer[t->officers++], id, KEYED_BYTES);
    return E_OK;
}

static enum err add_team(struct groups *p, const struct journey_row *row, bool kept)
{
    uint32_t team = names_add(&p->teams, row->team);
    enum err e;

    if (team == UINT32_MAX)
        return E_MEMORY;
    if ((e = room(&p->team, sizeof *p->team, team + 1, &p->team_cap)))
        return e;
    add(&p->team[team].code, kept);
    return add_officer(&p->team[team], row->officer);
}

static enum err groups_journey(void *part, const struct journey_facts *j)
{
    struct groups *p = part;
    unsigned group[BY_COUNT];
    enum err e = E_OK;

    groups_of(j, group);
    for (uint32_t i = 0; i < j->row->owed_count && !e; i++) {
        const struct owed *o = &j->row->owed[i];
        bool kept = o->state == OWED_MET;
        if (!rule_is_code(j->rule[i]) || !day_is_set(o->due) ||
            (!kept && o->state != OWED_MET_LATE && o->state != OWED_MISSED && o->state != OWED_BREACHED))
            continue;
        for (unsigned s = 0; s < 3; s++) {
            if (!period_has(p->scope->span[s], o->due))
                continue;
            add(&p->all[s], kept);
            for (unsigned t = 0; t < THEMES_COUNT; t++)
                if (j->themes >> t & 1)
                    add(&p->theme[s][t], kept);
            for (unsigned k = 0; k < BY_COUNT; k++)
                add(&p->group[s][k][group[k]], kept);
        }
        if (!period_has(p->scope->span[SPAN_NOW], o->due))
            continue;
        struct kept_failed *rule = p->rule_theme[j->rule[i]->index];
        add(&rule[THEMES_COUNT], kept);
        for (unsigned t = 0; t < THEMES_COUNT; t++)
            if (j->themes >> t & 1)
                add(&rule[t], kept);
        struct cell_counts *c = &p->stratum[j->rule[i]->index * STRATA + (o->flags & OWED_FLAG_ENHANCED ? OFFENCES_COUNT : 0) + j->offence];
        for (unsigned k = 0; k < BY_COUNT; k++)
            add(&c->group[k][group[k]], kept);
        e = add_team(p, j->row, kept);
    }
    return e;
}

static const char *group_key(struct draft *d, enum kind k, unsigned g)
{
    return k == BY_OFFENCE ? offence_key((enum offence)g) : draft_words(d, "%u", g);
}

static const char *group_title(enum kind k, unsigned g)
{
    switch (k) {
    case BY_GENDER:     return gender_words((enum gender)g);
    case BY_AGE:        return age_band_words((enum age_band)g);
    case BY_ETHNICITY:  return ethnicity_words((enum ethnicity)g);
    case BY_OFFENCE:    return offence_words((enum offence)g);
    case BY_COUNT:      break;
    }
    return "?";
}

static void span_columns(const struct groups *p, struct draft *d, struct table *t)
{
    static const char *const key[] = { "now", "before", "year_before" };
    char label[PERIOD_LABEL];

    for (unsigned s = 0; s < 3; s++) {
        period_label(p->scope->span[s], label);
        draft_column(d, t, key[s], label, UNIT_PERCENT, &p->scope->span[s]);
    }
}

static struct rate everyone(const struct groups *p, struct draft *d, unsigned span)
{
    return rate_add(d, "CODE", EVERYONE, p->scope->span[span], p->all[span].kept, p->all[span].failed);
}

static struct rate theme_rate(const struct groups *p, struct draft *d, unsigned span, enum theme t)
{
    return rate_add(d, "CODE", &(struct slice){ { [SPLIT_THEME] = theme_key(t) } }, p->scope->span[span], p->theme[span][t].kept, p->theme[span][t].failed);
}

static struct rate group_rate(const struct groups *p, struct draft *d, unsigned span, enum kind k, unsigned group)
{
    struct slice s = { { NULL } };

    s.by[split_of[k]] = group_key(d, k, group);
    return rate_add(d, "CODE", &s, p->scope->span[span], p->group[span][k][group].kept, p->group[span][k][group].failed);
}

static const char *const numerator = "Duties under the Code met by the end of the day they were due.";
static const char *const denominator = "Duties under the Code met in time, met late, missed, or overdue and still open.";
static const char *const coverage = "Every journey in the force's record system, by the local day on which the duty fell due.";

static void write_themes(const struct groups *p, struct draft *d)
{
    struct table *t = draft_table(d, &(struct table_words){
        .id = "duties-by-theme", .part = 3, .title = "Duties met in time, by kind of crime",
        .definition = "The share of all duties under the Code that was done in time, for crimes of each kind.", .numerator = numerator, .denominator = denominator,
        .coverage = coverage, .note = "A crime may be of several kinds, so they are never added up." }, "Kind of crime");

    span_columns(p, d, t);
    for (unsigned th = 0; th < THEMES_COUNT; th++) {
        struct slice s = { { [SPLIT_THEME] = theme_key((enum theme)th) } };
        if (p->theme[0][th].kept + p->theme[0][th].failed + p->theme[1][th].kept + p->theme[1][th].failed == 0)
            continue;
        struct row *r = draft_row(d, t, s.by[SPLIT_THEME], theme_words((enum theme)th));
        for (unsigned k = 0; k < 3; k++) {
            struct rate all = everyone(p, d, k), one = theme_rate(p, d, k, (enum theme)th);
            rate_rest(d, "CODE", &all, &one, &s, SPLIT_THEME);
            cell_of_rate(d, r, k, &one);
        }
    }
    t->chart = CHART_BARS;
}

/* What is left of `whole` when `part`, which lies within it, is taken away. */
static void take_away(const struct groups *p, struct draft *d, unsigned span, const struct rate *whole, const struct kept_failed *all, enum theme part, const struct slice *rest)
{
    const struct kept_failed *one = &p->theme[span][part];
    struct rate parts[] = { theme_rate(p, d, span, part), rate_add(d, "CODE", rest, p->scope->span[span], all->kept - one->kept, all->failed - one->failed) };

    rate_sums(d, whole, parts, 2);
}

/* Kinds of crime that are offence groups by another name, and kinds that lie within a kind or a gender: a reader has both tables.
 * As themes_of() has it. */
static void write_overlaps(const struct groups *p, struct draft *d)
{
    static const struct { enum theme theme; enum offence offence[2]; unsigned count; } same[] = {
        { THEME_RAPE, { OFFENCE_RAPE }, 1 }, { THEME_OTHER_SEXUAL, { OFFENCE_OTHER_SEXUAL }, 1 }, { THEME_STALKING, { OFFENCE_STALKING }, 1 },
        { THEME_ROBBERY, { OFFENCE_ROBBERY }, 1 }, { THEME_BURGLARY, { OFFENCE_BURGLARY_DOMESTIC, OFFENCE_BURGLARY_OTHER }, 2 },
    };
    static const enum theme strand[] = { THEME_HATE_RACE, THEME_HATE_RELIGION, THEME_HATE_ORIENTATION, THEME_HATE_DISABILITY, THEME_HATE_TRANSGENDER, THEME_HATE_GENDER };

    for (unsigned s = 0; s < 3; s++) {
        for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
            struct rate theme = theme_rate(p, d, s, same[i].theme), part[2];
            for (unsigned k = 0; k < same[i].count; k++)
                part[k] = group_rate(p, d, s, BY_OFFENCE, same[i].offence[k]);
            rate_sums(d, &theme, part, same[i].count);
        }
        struct rate hate = theme_rate(p, d, s, THEME_HATE), women = group_rate(p, d, s, BY_GENDER, GENDER_FEMALE);
        for (size_t i = 0; i < sizeof strand / sizeof *strand; i++)
            take_away(p, d, s, &hate, &p->theme[s][THEME_HATE], strand[i],
                      &(struct slice){ { [SPLIT_THEME] = draft_words(d, "HATE!%s", theme_key(strand[i])) } });
        take_away(p, d, s, &women, &p->group[s][BY_GENDER][GENDER_FEMALE], THEME_VAIWG,
                  &(struct slice){ { [SPLIT_THEME] = "!VAIWG", [SPLIT_GENDER] = group_key(d, BY_GENDER, GENDER_FEMALE) } });
    }
}

/* Each duty for the kinds of crime the paper names. */
static void write_rules_by_theme(const struct groups *p, struct draft *d)
{
    static const enum theme shown[] = { THEME_DOMESTIC_ABUSE, THEME_BURGLARY, THEME_ROBBERY, THEME_HATE, THEME_RAPE, THEME_OTHER_SEXUAL, THEME_STALKING, THEME_VAIWG };
    enum { SHOWN_THEMES = sizeof shown / sizeof *shown };
    struct table *t = draft_table(d, &(struct table_words){
        .id = "each-duty-by-theme", .part = 3, .title = "Each duty, by kind of crime", .definition = "The share of each duty that was done in time, for crimes of each kind.",
        .numerator = "Duties met by the end of the day they were due.", .denominator = "Duties met in time, met late, missed, or overdue and still open.", .coverage = coverage,
        .note = "A crime may be of several kinds, so they are never added up." }, "Duty");
    struct period now = p->scope->span[SPAN_NOW];

    for (unsigned k = 0; k < SHOWN_THEMES; k++)
        draft_column(d, t, theme_key(shown[k]), shown[k] == THEME_VAIWG ? "Against women and girls" : theme_words(shown[k]), UNIT_PERCENT, NULL);
    struct rate *part = calloc((p->scope->rules + 1) * SHOWN_THEMES, sizeof *part);        /* [theme][row] */
    unsigned rows = 0;
    for (size_t i = 0; part && i < p->scope->rules; i++) {
        const struct rule_facts *rule = known_rule(p->scope->known, i);
        const struct kept_failed *n = p->rule_theme[i], *everyone_of = &n[THEMES_COUNT];
        const char *key = draft_words(d, TEXT_FMT "@" TEXT_FMT, TEXT_ARG(rule->words.id), TEXT_ARG(rule->words.edition));
        if (!rule_is_code(rule) || everyone_of->kept + everyone_of->failed == 0)
            continue;
        struct row *r = draft_row(d, t, key, draft_words(d, "Right " TEXT_FMT ": " TEXT_FMT, TEXT_ARG(rule->words.right), TEXT_ARG(rule->words.title)));
        struct rate all = rate_add(d, key, EVERYONE, now, everyone_of->kept, everyone_of->failed);
        for (unsigned k = 0; k < SHOWN_THEMES; k++) {
            struct slice s = { { [SPLIT_THEME] = theme_key(shown[k]) } };
            struct rate one = rate_add(d, key, &s, now, n[shown[k]].kept, n[shown[k]].failed);
            rate_rest(d, key, &all, &one, &s, SPLIT_THEME);
            cell_of_rate(d, r, k, &one);
            part[k * p->scope->rules + rows] = one;
        }
        rows++;
    }
    for (unsigned k = 0; rows && k < SHOWN_THEMES; k++) {
        struct rate all = theme_rate(p, d, SPAN_NOW, shown[k]);
        rate_sums(d, &all, part + k * p->scope->rules, rows);
    }
    free(part);
}

static void write_kind(const struct groups *p, struct draft *d, enum kind k)
{
    static const char *const words[] = {
#define X(name, words, count, title) words,
        KINDS(X)
#undef X
    }, *const title[] = {
#define X(name, words, count, title) title,
        KINDS(X)
#undef X
    };
    struct table *t = draft_table(d, &(struct table_words){
        .id = draft_words(d, "duties-by-%s", words[k]), .part = 3, .title = draft_words(d, "Duties met in time, by %s", k == BY_OFFENCE ? "offence group" : words[k]),
        .definition = "The share of all duties under the Code that was done in time.", .numerator = numerator, .denominator = denominator,
        .coverage = k == BY_OFFENCE ? coverage : "Every journey, by what the record system says of the victim. Not stated and missing are kept apart." }, title[k]);

    span_columns(p, d, t);
    t->chart = CHART_BARS;
    for (unsigned g = 0; g < group_count[k]; g++) {
        struct slice s = { { NULL } };
        s.by[split_of[k]] = group_key(d, k, g);
        if (p->group[0][k][g].kept + p->group[0][k][g].failed + p->group[1][k][g].kept + p->group[1][k][g].failed == 0)
            continue;
        struct row *r = draft_row(d, t, s.by[split_of[k]], group_title(k, g));
        for (unsigned n = 0; n < 3; n++) {
            struct rate one = group_rate(p, d, n, k, g);
            cell_of_rate(d, r, n, &one);
        }
    }
    for (unsigned n = 0; n < 3; n++) {
        struct rate all = everyone(p, d, n), part[GROUPS_MAX];
        for (unsigned g = 0; g < group_count[k]; g++) {
            part[g] = group_rate(p, d, n, k, g);
        }
        rate_sums(d, &all, part, group_count[k]);
    }
}

static size_t strata(const struct groups *p, enum kind k, unsigned group, struct stratum *ret)
{
    size_t n = 0;

    for (size_t i = 0; i < p->scope->rules * STRATA; i++) {
        const struct kept_failed *c = p->stratum[i].group[k];
        struct stratum s = { c[group].failed, (uint64_t)c[group].kept + c[group].failed, 0, 0 };
        for (unsigned g = 0; g < group_count[k]; g++)
            if (g != group) {
                s.other_count += c[g].failed;
                s.other_of += (uint64_t)c[g].kept + c[g].failed;
            }
        if (s.of + s.other_of)
            ret[n++] = s;
    }
    return n;
}

static void write_ratio(struct draft *d, struct row *r, unsigned column, const struct rate *one, const struct rate *rest, bool is_known, const struct ratio *ratio)
{
    if (!is_known) {
        cell_mark(r, column, CELL_NOT_APPLICABLE);
        return;
    }
    cell_number(d, r, column, one->owed, ratio->value, &ratio->interval);
    cell_lean(r, column, one->kept);
    cell_lean(r, column, one->failed);
    cell_lean(r, column, rest->kept);
    cell_lean(r, column, rest->failed);
}

static void write_disparity(const struct groups *p, struct draft *d)
{
    struct table *t = draft_table(d, &(struct table_words){
        .id = "disproportionality", .part = 3, .title = "Does a group fare worse than everyone else?",
        .definition = "How many times as often a group's duties were not met in time as everyone else's. 1 is no difference. The crude ratio compares all with all; the "
                      "adjusted one compares like with like: the same duty, with or without Enhanced Rights, in the same offence group.",
        .numerator = "Duties not met in time: late, missed, or overdue and still open.", .denominator = denominator, .coverage = coverage,
        .note = "Adjusted: the Mantel-Haenszel rate ratio, interval by Greenland and Robins. Where the two ratios differ, believe the adjusted one. An interval that "
                "includes 1 is compatible with no difference." }, "Group");
    struct stratum *s = calloc((p->scope->rules + 1) * STRATA, sizeof *s);
    struct period now = p->scope->span[SPAN_NOW];

    draft_column(d, t, "failed", "Not met in time", UNIT_PERCENT, NULL);
    draft_column(d, t, "crude", "Crude ratio", UNIT_RATIO, NULL);
    draft_column(d, t, "adjusted", "Adjusted ratio", UNIT_RATIO, NULL);
    for (unsigned k = 0; k <= BY_ETHNICITY && s; k++)
        for (unsigned g = 0; g < group_count[k]; g++) {
            const struct kept_failed *n = &p->group[0][k][g];
            struct slice by = { { NULL } };
            struct ratio crude, adjusted;
            if (n->kept + n->failed == 0)
                continue;
            by.by[split_of[k]] = group_key(d, (enum kind)k, g);
            struct rate all = everyone(p, d, 0), one = rate_add(d, "CODE", &by, now, n->kept, n->failed);
            rate_rest(d, "CODE", &all, &one, &by, split_of[k]);
            by.by[split_of[k]] = draft_words(d, "!%s", by.by[split_of[k]]);
            struct rate rest = rate_add(d, "CODE", &by, now, p->all[0].kept - n->kept, p->all[0].failed - n->failed);
            struct row *r = draft_row(d, t, draft_words(d, "%s-%u", k == BY_GENDER ? "gender" : k == BY_AGE ? "age" : "ethnicity", g),
                                      draft_words(d, "%s: %s", k == BY_GENDER ? "Gender" : k == BY_AGE ? "Age" : "Ethnicity", group_title((enum kind)k, g)));
            size_t count = strata(p, (enum kind)k, g, s);
            cell_rate(d, r, 0, one.failed, one.kept, one.owed);
            write_ratio(d, r, 1, &one, &rest, ratio_crude(s, count, &crude), &crude);
            write_ratio(d, r, 2, &one, &rest, ratio_adjusted(s, count, &adjusted), &adjusted);
        }
    free(s);
}

/* No row under ten officers: it would speak of persons. They are one row together. */
static void write_teams(const struct groups *p, struct draft *d)
{
    struct table *t = draft_table(d, &(struct table_words){
        .id = "duties-by-team", .part = 3, .title = "Duties met in time, by team", .definition = "The share of all duties under the Code that was done in time, by the team "
        "that holds the case now.", .numerator = numerator, .denominator = denominator, .coverage = coverage,
        .note = "Teams of fewer than ten officers are one row together. In order of name, not of rate." }, "Team");
    uint32_t *order = names_sorted(&p->teams);
    struct rate *part = calloc(p->teams.count + 2, sizeof *part), all = everyone(p, d, 0);
    struct kept_failed small = { 0, 0 };
    unsigned n = 0;

    draft_column(d, t, "kept", "Met in time", UNIT_PERCENT, NULL);
    for (unsigned i = 0; order && part && i < p->teams.count; i++) {
        const struct team *team = &p->team[order[i]];
        const char *name = p->teams.name[order[i]];
        if (team->officers < OFFICERS_MIN) {
            small.kept += team->code.kept;
            small.failed += team->code.failed;
            continue;
        }
        part[n] = rate_add(d, "CODE", &(struct slice){ { [SPLIT_TEAM] = name } }, p->scope->span[0], team->code.kept, team->code.failed);
        cell_of_rate(d, draft_row(d, t, name, name), 0, &part[n++]);
    }
    if (part && small.kept + small.failed) {
        part[n] = rate_add(d, "CODE", &(struct slice){ { [SPLIT_TEAM] = "*small" } }, p->scope->span[0], small.kept, small.failed);
        cell_of_rate(d, draft_row(d, t, "*small", "Teams of fewer than ten officers"), 0, &part[n++]);
    }
    if (part && n)
        rate_sums(d, &all, part, n);
    free(order);
    free(part);
}

static void groups_write(void *part, struct draft *d)
{
    write_themes(part, d);
    write_rules_by_theme(part, d);
    for (unsigned k = 0; k < BY_COUNT; k++)
        write_kind(part, d, (enum kind)k);
    write_overlaps(part, d);
    write_disparity(part, d);
    write_teams(part, d);
}

static void groups_close(void **part)
{
    struct groups *p = *part;

    if (!p)
        return;
    for (unsigned i = 0; i < p->teams.count && i < p->team_cap; i++)
        free(p->team[i].officer);
    names_fini(&p->teams);
    free(p->team);
    free(p->rule_theme);
    free(p->stratum);
    free(p);
    *part = NULL;
}

const struct part groups_part = {
    .name = "groups",
    .open = groups_open,
    .journey = groups_journey,
    .write = groups_write,
    .close = groups_close,
};
