/* A force that does not exist goes through the whole pipeline, dirt and all: what stands at the end is what was put in, rule by rule. */
#include "core/json.h"
#include "tests/kit/program.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RULES_MAX = 64 };
struct stand { char rule[32]; int64_t met, late, waived, undone; };
struct stands { struct stand rule[RULES_MAX]; size_t count; };

static struct stand *stand_of(struct stands *s, struct text rule)
{
    for (size_t i = 0; i < s->count; i++)
        if (text_same(rule, text_of(s->rule[i].rule)))
            return &s->rule[i];
    cr_assert(s->count < RULES_MAX);
    snprintf(s->rule[s->count].rule, sizeof s->rule->rule, "%.*s", (int)rule.n, rule.p);
    return &s->rule[s->count++];
}

static struct text member(const struct json *j, const char *key)
{
    struct text t = { 0 };

    (void)json_text(json_get(j, key), &t);
    return t;
}

/* Every obligation, as `due --all --json` lists them after its first line. */
static struct stands stands_of(const char *dir, const char *data)
{
    struct stands s = { 0 };
    char *out;

    cr_assert(program_run(dir, &out, ARGS("due", "--all", "--json", "--limit", "1000000", "--data", data)) == 0);
    strtok(out, "\n");
    for (char *line; (line = strtok(NULL, "\n"));) {
        struct why why = { "" };
        struct json *j = NULL;
        struct stand *r;
        struct text state;
        cr_assert(json_parse(line, strlen(line), &j, &why) == E_OK, "%s", why.text);
        r = stand_of(&s, member(j, "rule"));
        state = member(j, "state");
        if (text_same(state, TEXT("met")))
            r->met++;
        else if (text_same(state, TEXT("met-late")))
            r->late++;
        else if (text_same(state, TEXT("waived")))
            r->waived++;
        else
            r->undone++;
        json_free(&j);
    }
    free(out);
    return s;
}

static int64_t count(const struct json *duty, const char *fate)
{
    int64_t n = 0;

    cr_assert(json_number(json_get(duty, fate), &n));
    return n;
}

/* Never done, not done yet, or on a clock whose start nobody noted: all stand undone. */
static void check_rule(struct stands *s, struct text rule, const struct json *duty)
{
    struct stand *r = stand_of(s, rule);
    int64_t undone = count(duty, "never") + count(duty, "not_yet") + count(duty, "no_receipt");

    cr_expect(r->met == count(duty, "in_time") && r->late == count(duty, "late") && r->waived == count(duty, "waived") && r->undone == undone,
              "%s: put in %lld in time, %lld late, %lld waived, %lld undone; the tracker has %lld, %lld, %lld, %lld", r->rule,
              (long long)count(duty, "in_time"), (long long)count(duty, "late"), (long long)count(duty, "waived"), (long long)undone,
              (long long)r->met, (long long)r->late, (long long)r->waived, (long long)r->undone);
}

static void check_against_the_truth(const char *dir, const char *out, const char *data)
{
    char *path = path_in(dir, out), *text;
    struct stands s = stands_of(dir, data);
    const struct json *duty;
    struct json *truth = NULL;
    const void *at = NULL;
    struct text rule;
    size_t n;
    int rules = 0;

    text = file_read(path, &n);
    cr_assert(json_parse(text, n, &truth, NULL) == E_OK);
    while (json_next(json_get(truth, "duties"), &at, &rule, &duty)) {
        if (rule.p[0] >= 'a')
            continue;                           /* asked and offered without a clock */
        check_rule(&s, rule, duty);
        rules++;
    }
    cr_assert(rules == 31, "%d rules were compared", rules);
    json_free(&truth);
    free(text), free(path);
}

/* Over Christmas and the autumn change of the clocks; every kind of dirt that is mended in the end. */
Test(truth, what_was_put_in_stands_at_the_end_rule_by_rule, .timeout = 300)
{
    char *dir = folder_make(), *out = path_in(dir, "force"), *drop = path_in(dir, "force/drop"), *data = path_in(dir, "data"), *said;

    cr_assert(program_run(dir, &said, ARGS("simulate", "--out", out, "--crimes", "400", "--from", "2026-10-12", "--to", "2026-12-31", "--until", "2027-04-30",
                                           "--every", "7d", "--seed", "11", "--dirt", "heavy", "--set", "cancelled=0", "--set", "recorded_twice=0",
                                           "--set", "erased=0", "--set", "vanished=0", "--set", "missing_batch=0.1", "--set", "truncated=0.1")) == 0, "%s", said);
    free(said);
    cr_assert(program_run(dir, &said, ARGS("run", "--once", "--quiet", "--data", data, "--connect", drop, "--connect-patience", "0s")) == 1, "batches that were cut short are refused: %s", said);
    check_against_the_truth(dir, "force/truth.json", data);
    free(said), free(data), free(drop), free(out);
    folder_remove(&dir);
}
