#include "producers/simulate/truth.h"

#include "producers/simulate/people.h"

#include <stdlib.h>
#include <string.h>

enum { REPEAT_DAYS = 365 };

static const struct { const char *rule; enum question question; } rules[DUTY_RULES] = {
#define DUTY(name, rule, question) [DUTY_##name] = { rule, question },
#include "producers/simulate/duties.def"
#undef DUTY
};

static const char *const questions[QUESTIONS] = {
    [ACKNOWLEDGED] = "acknowledged", [UPDATED] = "updates_timely", [VPS] = "vps_offered", [REFERRED] = "referred_when_needed",
    [CODE] = "told_of_code", [END] = "told_of_end",
};
static const char *const themes[THEMES] = {
    [CONCERN_RAPE] = "rape", [CONCERN_SEXUAL] = "other_sexual", [CONCERN_HARASSMENT] = "stalking_and_harassment",
    [CONCERN_OTHER] = "all_other", [THEME_DA] = "domestic_abuse",
};
static const char *const outcomes[ENDS + 1] = {
    [END_18] = "18", [END_14] = "14", [END_15] = "15", [END_1] = "1", [END_3] = "3", [END_8] = "8", [END_9] = "9", [END_10] = "10",
    [END_21] = "21", [END_22] = "22", [END_16] = "16",
};

const char *question_name(enum question q) { return questions[q]; }

enum err truth_init(struct truth *t, const struct world *w)
{
    *t = (struct truth){ .w = w };
    t->seen = calloc(people_again(w), sizeof *t->seen);
    return t->seen ? E_OK : E_MEMORY;
}

void truth_fini(struct truth *t)
{
    free(t->seen);
    t->seen = NULL;
}

static bool is_known(const struct truth *t, const struct crime *c, uint16_t id)
{
    struct instant known = crime_known(c, id);

    return instant_is_set(known) && !instant_after(known, t->w->end);
}

/* What a person who looks at the record system at the end would say of it. */
enum verdict { NOT_ASKED, YES_IN_TIME, DONE_LATE, NOT_DONE, DECLINED, NOT_YET };

static enum verdict verdict_of(const struct truth *t, const struct crime *c, const struct duty *y)
{
    if (!is_known(t, c, y->started_by) || y->fate == FATE_NO_RECEIPT)
        return NOT_ASKED;
    if (y->fate == FATE_NEVER)
        return NOT_DONE;
    if (!is_known(t, c, y->done_by))
        return NOT_YET;
    return y->fate == FATE_IN_TIME ? YES_IN_TIME : y->fate == FATE_LATE ? DONE_LATE : DECLINED;
}

static void count_duty(struct truth *t, const struct crime *c, const struct duty *y)
{
    struct fates *f = &t->duty[y->rule];

    if (!is_known(t, c, y->started_by))
        return;
    if (y->fate == FATE_NEVER || y->fate == FATE_NO_RECEIPT || is_known(t, c, y->done_by))
        f->count[y->fate]++;
    else
        f->not_yet++;
}

static void count_answer(struct answers *a, enum verdict v)
{
    a->yes += v == YES_IN_TIME;
    a->late += v == DONE_LATE;
    a->no += v == NOT_DONE;
    a->declined += v == DECLINED;
    a->not_yet += v == NOT_YET;
}

/* Of several, the worst speaks for the journey. */
static enum verdict worse(enum verdict a, enum verdict b)
{
    static const int rank[] = { [NOT_ASKED] = 0, [DECLINED] = 1, [YES_IN_TIME] = 2, [NOT_YET] = 3, [DONE_LATE] = 4, [NOT_DONE] = 5 };

    return rank[a] > rank[b] ? a : b;
}

static void count_journey(struct truth *t, const struct crime *c, int victim)
{
    enum verdict answer[QUESTIONS] = { NOT_ASKED };

    t->journeys++;
    for (size_t i = 0; i < c->duties; i++) {
        const struct duty *y = &c->duty[i];
        enum question q = rules[y->rule].question;
        enum verdict v;
        if (y->victim != victim)
            continue;
        count_duty(t, c, y);
        v = verdict_of(t, c, y);
        if (!strncmp(rules[y->rule].rule, "R6-", 3))
            answer[UPDATED] = worse(answer[UPDATED], v == DONE_LATE ? NOT_DONE : v);   /* asked is whether all were timely */
        if (q != NONE && q != UPDATED && (q != END || y->is_final))
            answer[q] = worse(answer[q], v);
    }
    for (enum question q = 0; q < QUESTIONS; q++)
        count_answer(&t->question[q], answer[q]);
}

static void count_outcome(struct attrition *a, const struct crime *c, bool is_decided)
{
    a->crimes++;
    if (!is_decided)
        return;
    a->withdrawn += c->end == END_16;
    a->victim_unknown_suspect += c->end == END_14;
    a->no_suspect += c->end == END_18;
    a->supported += c->end == END_15;
}

static void count_repeats(struct truth *t, const struct crime *c)
{
    struct day day = world_day(t->w, c->reported);

    for (size_t i = 0; i < c->victims; i++) {
        const struct victim *v = &c->victim[i];
        struct day *seen;
        if (!v->is_repeat)
            continue;
        seen = t->seen[people_again_index(t->w, v)];
        t->repeat_victims += seen[0].n && day.n - seen[0].n <= REPEAT_DAYS;
        seen[0] = seen[1];
        seen[1] = day;
    }
}

static void count_dirt(struct truth *t, const struct step *s)
{
    if (instant_after(s->shown, t->w->end))
        return;
    if (s->spoilt)
        t->dirt[s->spoilt]++;
    else if (s->table == TABLE_EVENT && s->event.is_late)
        t->dirt[P_late_entry]++;
}

void truth_add(struct truth *t, const struct crime *c)
{
    bool is_decided = is_known(t, c, c->decision);

    if (instant_after(c->recorded, t->w->end))
        return;
    t->crimes++;
    for (size_t i = 0; i < PARAMETERS; i++)
        t->dirt[i] += c->dirt[i];
    for (size_t i = 0; i < c->steps; i++)
        count_dirt(t, &c->step[i]);
    t->cancelled += c->is_cancelled;
    t->vanished += c->is_vanished;
    t->without_victim += c->victims == 0;
    t->merged += c->is_twin && !c->is_cancelled;
    count_repeats(t, c);
    if (c->is_cancelled || c->is_vanished || c->is_twin)
        return;
    for (int v = 0; v < (int)c->victims; v++) {
        bool is_erased = instant_is_set(c->victim[v].erased) && !instant_after(c->victim[v].erased, t->w->end);
        t->erased += is_erased;
        if (!is_erased)
            count_journey(t, c, v);
    }
    t->decided += is_decided;
    t->outcome[c->end] += is_decided;
    count_outcome(&t->theme[c->offence->group->concern], c, is_decided);
    count_outcome(&t->theme_in_the_end[c->offence->group->concern], c, true);
    if (c->is_da) {
        count_outcome(&t->theme[THEME_DA], c, is_decided);
        count_outcome(&t->theme_in_the_end[THEME_DA], c, true);
    }
}

double truth_share_not(const struct answers *a)
{
    uint64_t asked = a->yes + a->late + a->no + a->not_yet;

    return asked ? 100.0 * (double)a->no / (double)asked : -1;
}

/* ---- as JSON ----------------------------------------------------------------------- */

static void put_duties(const struct truth *t, struct json_out *o)
{
    static const char *const names[FATES] = { "in_time", "late", "never", "waived", "no_receipt" };

    json_out_key(o, "duties");
    json_out_object(o);
    for (size_t i = 0; i < DUTY_RULES; i++) {
        const struct fates *f = &t->duty[i];
        uint64_t owed = f->not_yet;
        for (size_t k = 0; k < FATES; k++)
            owed += f->count[k];
        json_out_key(o, rules[i].rule);
        json_out_object(o);
        json_put_number(o, "owed", (int64_t)owed);
        for (size_t k = 0; k < FATES; k++)
            json_put_number(o, names[k], (int64_t)f->count[k]);
        json_put_number(o, "not_yet", (int64_t)f->not_yet);
        json_out_end(o);
    }
    json_out_end(o);
}

static void put_questions(const struct truth *t, struct json_out *o)
{
    json_out_key(o, "questions");
    json_out_object(o);
    for (size_t i = 0; i < QUESTIONS; i++) {
        const struct answers *a = &t->question[i];
        json_out_key(o, questions[i]);
        json_out_object(o);
        json_put_number(o, "yes", (int64_t)a->yes);
        json_put_number(o, "late", (int64_t)a->late);
        json_put_number(o, "no", (int64_t)a->no);
        json_put_number(o, "declined", (int64_t)a->declined);
        json_put_number(o, "not_yet", (int64_t)a->not_yet);
        if (truth_share_not(a) >= 0) {
            json_out_key(o, "no_percent");
            json_out_decimal(o, truth_share_not(a), 2);
        }
        json_out_end(o);
    }
    json_out_end(o);
}

static void put_attrition(const struct attrition *theme, const char *key, struct json_out *o)
{
    json_out_key(o, key);
    json_out_object(o);
    for (size_t i = 0; i < THEMES; i++) {
        const struct attrition *a = &theme[i];
        json_out_key(o, themes[i]);
        json_out_object(o);
        json_put_number(o, "crimes", (int64_t)a->crimes);
        json_put_number(o, "outcome_16", (int64_t)a->withdrawn);
        json_put_number(o, "outcome_15", (int64_t)a->supported);
        json_put_number(o, "outcome_14", (int64_t)a->victim_unknown_suspect);
        json_put_number(o, "outcome_18", (int64_t)a->no_suspect);
        if (a->crimes) {
            json_out_key(o, "outcome_16_percent");
            json_out_decimal(o, 100.0 * (double)a->withdrawn / (double)a->crimes, 1);
        }
        json_out_end(o);
    }
    json_out_end(o);
}

static void put_day(struct json_out *o, const char *key, struct day d)
{
    char text[11];

    day_format(d, text);
    json_put_text(o, key, text_of(text));
}

static void put_rest(const struct truth *t, struct json_out *o)
{
    static const char *const tables[TABLES] = { "crime", "victim", "event" };

    json_out_key(o, "outcomes");
    json_out_object(o);
    for (size_t i = 0; i <= ENDS; i++)
        json_put_number(o, outcomes[i], (int64_t)t->outcome[i]);
    json_out_end(o);
    json_out_key(o, "dirt");
    json_out_object(o);
    for (size_t i = 0; i < PARAMETERS; i++)
        if (parameter_group((enum parameter)i) == GROUP_dirt)
            json_put_number(o, parameter_name((enum parameter)i), (int64_t)t->dirt[i]);
    json_out_end(o);
    json_out_key(o, "rows");
    json_out_object(o);
    for (size_t i = 0; i < TABLES; i++)
        json_put_number(o, tables[i], (int64_t)t->rows[i]);
    json_out_end(o);
    json_out_key(o, "parameters");
    json_out_object(o);
    for (size_t i = 0; i < PARAMETERS; i++) {
        json_out_key(o, parameter_name((enum parameter)i));
        json_out_decimal(o, world_rate(t->w, (enum parameter)i), 4);
    }
    json_out_end(o);
}

void truth_json(const struct truth *t, struct json_out *o)
{
    o->indent = 2;
    json_out_object(o);
    json_put_number(o, "seed", (int64_t)t->w->seed);
    put_day(o, "from", t->w->from);
    put_day(o, "to", t->w->to);
    json_put_time(o, "known_at", t->w->end);
    json_put_number(o, "crimes", (int64_t)t->crimes);
    json_put_number(o, "crimes_without_victim", (int64_t)t->without_victim);
    json_put_number(o, "cancelled", (int64_t)t->cancelled);
    json_put_number(o, "merged", (int64_t)t->merged);
    json_put_number(o, "vanished", (int64_t)t->vanished);
    json_put_number(o, "erased", (int64_t)t->erased);
    json_put_number(o, "decided", (int64_t)t->decided);
    json_put_number(o, "journeys", (int64_t)t->journeys);
    json_put_number(o, "third_crimes_in_twelve_months", (int64_t)t->repeat_victims);
    json_put_number(o, "batches", (int64_t)t->batches);
    put_questions(t, o);
    put_duties(t, o);
    put_attrition(t->theme, "attrition", o);
    put_attrition(t->theme_in_the_end, "attrition_in_the_end", o);
    put_rest(t, o);
    json_out_end(o);
    json_out_newline(o);
}
