/* Other times and other laws: what was known then, what another rule book would mean, a holiday proclaimed ten days ahead. */
#include "tests/kit/cases.h"
#include "tests/kit/program.h"
#include "tests/kit/standing.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SAYS(text, part) cr_assert(strstr(text, part), "'%s' is not in:\n%.3000s", part, text)

static char *run(const char *dir, const char *const *args)
{
    char *out;

    cr_assert(program_run(dir, &out, args) == 0, "%s", out);
    return out;
}

static size_t count_of(const char *text, const char *part)
{
    size_t n = 0;

    for (; (text = strstr(text, part)); text++)
        n++;
    return n;
}

/* The answers after the first line: that says which record it is as of. */
static char *rows_of(char *text) { return strchr(text, '\n') ? strchr(text, '\n') : text; }

/* A copy of the edition with other words in it. */
static void write_edition(const char *path, const char *name, const char *from, const char *old, const char *fresh)
{
    size_t n;
    char *text = file_read("rules/editions/victims-code-2021.yaml", &n), *at, *out;
    FILE *f = fopen(path, "we");

    cr_assert(f != NULL);
    for (out = text; (at = strstr(out, old)); out = at + strlen(old))
        fprintf(f, "%.*s%s", (int)(at - out), out, fresh);
    fputs(out, f);
    fclose(f);
    free(text);
    text = file_read(path, &n);
    cr_assert((at = strstr(text, "name: victims-code-2021")) != NULL);
    f = fopen(path, "we");
    fprintf(f, "%.*sname: %s%s", (int)(at - text), text, name, at + strlen("name: victims-code-2021"));
    fclose(f);
    free(text);
    text = file_read(path, &n);
    cr_assert((at = strstr(text, "in_force: 2021-04-01")) != NULL);
    f = fopen(path, "we");
    fprintf(f, "%.*sin_force: %s%s", (int)(at - text), text, from, at + strlen("in_force: 2021-04-01"));
    fclose(f);
    free(text);
}

static const char around_a_change[] =
    "{\"event_id\":\"a1\",\"source\":\"connect\",\"crime_ref\":\"20/1/26\",\"victim_ref\":\"V1\",\"occurred_at\":\"2026-11-13T22:00:00Z\",\"report\":{}}\n"
    "{\"event_id\":\"b1\",\"source\":\"connect\",\"crime_ref\":\"20/2/26\",\"victim_ref\":\"V2\",\"occurred_at\":\"2026-11-16T09:00:00Z\",\"report\":{}}\n"
    "{\"complete\":{\"source\":\"connect\",\"to\":\"2026-11-30T12:00:00Z\"}}\n{\"tick\":{\"at\":\"2026-11-30T12:00:00Z\"}}\n";

/* A new Code comes into force on 16 November 2026: what started before is judged by the old one for ever. */
Test(law_changes, each_obligation_is_judged_by_the_edition_in_force_when_it_started, .timeout = 120)
{
    char *dir = folder_make(), *data = path_in(dir, "data"), *late = path_in(dir, "late"), *input = path_in(dir, "in.ndjson"), *next = path_in(dir, "next.yaml");
    char *none = path_in(dir, "none.ndjson"), *text, *a, *b;

    write_edition(next, "victims-code-2026", "2026-11-16", "limit: 5 working days", "limit: 3 working days");
    file_write(input, around_a_change, sizeof around_a_change - 1);
    file_write(none, "", 0);
    free(run(dir, ARGS("run", "--once", "--quiet", "--data", data, "--rules", "victims-code-2021", "--rules", next, input)));
    text = run(dir, ARGS("due", "--all", "--csv", "--data", data));
    SAYS(text, "2026-11-20,,2026-11-20T23:59:59Z,breached,20/1/26,V1,,,R3-INFO");
    SAYS(text, "2026-11-19,,2026-11-19T23:59:59Z,breached,20/2/26,V2,,,R3-INFO");
    free(text);
    text = run(dir, ARGS("journey", "20/2/26", "--data", data));
    SAYS(text, "victims-code-2026");
    free(text);
    /* Loaded a month late, it takes back what the old edition had said of what started under the new one, and no more. */
    free(run(dir, ARGS("run", "--once", "--quiet", "--data", late, input)));
    free(run(dir, ARGS("run", "--once", "--quiet", "--data", late, "--rules", "victims-code-2021", "--rules", next, none)));
    a = owed_of(dir, data), b = owed_of(dir, late);
    cr_assert(!strcmp(a, b), "loaded late it judges otherwise");
    free(a), free(b);
    free(digests_of(dir, late));
    text = run(dir, ARGS("notices", "--all", "--json", "--data", late));
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
        cr_assert(!(strstr(line, "20/1/26") && strstr(line, "\"withdrawn\"")), "history was rewritten: %s", line);
    free(text), free(data), free(late), free(input), free(next), free(none);
    folder_remove(&dir);
}

/* A folder asked as known at T answers like one that was fed until T and no further. */
Test(law_changes, as_known_at_is_what_a_folder_fed_so_far_would_say, .timeout = 120)
{
    char *dir = folder_make(), *all = path_in(dir, "all"), *part = path_in(dir, "part"), *input = path_in(dir, "in.ndjson"), *text, *cut, *a, *b;
    size_t n;

    free(run(dir, ARGS("run", "--once", "--quiet", "--data", all, "deploy/examples/week-of-a-force.ndjson")));
    text = file_read("deploy/examples/week-of-a-force.ndjson", &n);
    cut = strstr(text, "{\"tick\":{\"at\":\"2026-04-03T08:00:00Z\"}}");       /* the first thing that was not known yet */
    cr_assert(cut != NULL);
    file_write(input, text, (size_t)(cut - text));
    free(run(dir, ARGS("run", "--once", "--quiet", "--data", part, input)));
    a = run(dir, ARGS("due", "--all", "--json", "--data", all, "--as-known-at", "2026-04-03T08:00:00+01:00"));
    b = run(dir, ARGS("due", "--all", "--json", "--data", part));
    cr_assert(!strcmp(rows_of(a), rows_of(b)), "what was known is not what is known so far");
    cr_assert(count_of(a, "\n") > 40);
    free(a);
    a = run(dir, ARGS("due", "--all", "--json", "--data", all));
    cr_assert(strcmp(rows_of(a), rows_of(b)) != 0, "nothing was learnt since");
    free(a), free(b), free(text), free(all), free(part), free(input);
    folder_remove(&dir);
}

Test(law_changes, whatif_under_the_same_law_changes_nothing_and_under_another_only_says_so, .timeout = 120)
{
    char *dir = folder_make(), *data = path_in(dir, "data"), *input = path_in(dir, "in.ndjson"), *draft = path_in(dir, "draft.yaml"), *text, *at, *before, *after;
    struct cases c;
    size_t n;

    cases_make(&c, 99, 200);
    cases_write(&c, input);
    free(run(dir, ARGS("run", "--once", "--quiet", "--data", data, input)));
    before = owed_of(dir, data);
    text = run(dir, ARGS("whatif", "--rules", "victims-code-2021", "--data", data, "--json"));
    cr_assert_str_eq(text, "");
    free(text);
    text = file_read("rules/editions/victims-code-2021.yaml", &n);
    while ((at = strstr(text, "limit: 5 working days")))
        at[7] = '4';
    file_write(draft, text, n);
    free(text);
    text = run(dir, ARGS("whatif", "--rules", draft, "--data", data));
    SAYS(text, "R3-INFO");
    SAYS(text, "Nothing was changed");
    after = owed_of(dir, data);
    cr_assert(!strcmp(before, after), "whatif changed what is owed");
    cases_free(&c);
    free(text), free(before), free(after), free(data), free(input), free(draft);
    folder_remove(&dir);
}

static const char two_cases[] =
    "{\"event_id\":\"a1\",\"source\":\"connect\",\"crime_ref\":\"20/1/22\",\"victim_ref\":\"V1\",\"occurred_at\":\"2022-09-01T09:00:00Z\",\"report\":{}}\n"
    "{\"event_id\":\"a2\",\"source\":\"connect\",\"crime_ref\":\"20/1/22\",\"victim_ref\":\"V1\",\"occurred_at\":\"2022-09-08T09:00:00Z\",\"update\":{\"kind\":\"code-given\"}}\n"
    "{\"event_id\":\"b1\",\"source\":\"connect\",\"crime_ref\":\"20/2/22\",\"victim_ref\":\"V2\",\"occurred_at\":\"2022-09-15T09:00:00Z\",\"report\":{}}\n"
    "{\"complete\":{\"source\":\"connect\",\"to\":\"2022-09-16T12:00:00Z\"}}\n{\"tick\":{\"at\":\"2022-09-16T12:00:00Z\"}}\n";

/* The calendar before 10 September 2022 did not have the 19th. */
static void write_old_calendar(const char *path)
{
    size_t n;
    char *text = file_read("rules/calendars/england-and-wales.json", &n), *at = strstr(text, "2022-09-19");

    cr_assert(at != NULL);
    memcpy(at, "2022-09-18", 10);                   /* a Sunday: no working day is lost to it */
    file_write(path, text, n);
    free(text);
}

/* Previewed, then loaded: what is open moves as the preview said, with an alert; what was settled keeps its history. */
Test(law_changes, a_holiday_proclaimed_on_a_running_system_moves_what_is_open_only, .timeout = 120)
{
    char *dir = folder_make(), *data = path_in(dir, "data"), *input = path_in(dir, "in.ndjson"), *old = path_in(dir, "old.json"), *none = path_in(dir, "none.ndjson");
    char *text;

    write_old_calendar(old);
    file_write(input, two_cases, sizeof two_cases - 1);
    file_write(none, "", 0);
    free(run(dir, ARGS("run", "--once", "--quiet", "--data", data, "--calendar", old, input)));
    text = run(dir, ARGS("due", "--all", "--csv", "--data", data));
    SAYS(text, "2022-09-08,,2022-09-08T22:59:59Z,met,20/1/22,V1,,,R3-INFO");
    SAYS(text, "2022-09-22,,2022-09-22T22:59:59Z,open,20/2/22,V2,,,R3-INFO");
    free(text);
    text = run(dir, ARGS("calendar", "--preview", "rules/calendars/england-and-wales.json", "--data", data));
    SAYS(text, "20/2/22  V2  R3-INFO  due Thu 22 Sep 2022 -> Fri 23 Sep 2022");
    cr_assert(!strstr(text, "20/1/22  V1  R3-INFO"), "%s", text);
    free(text);
    free(run(dir, ARGS("run", "--once", "--quiet", "--data", data, "--calendar", "rules/calendars/england-and-wales.json", none)));
    text = run(dir, ARGS("due", "--all", "--csv", "--data", data));
    SAYS(text, "2022-09-08,,2022-09-08T22:59:59Z,met,20/1/22,V1,,,R3-INFO");
    SAYS(text, "2022-09-23,,2022-09-23T22:59:59Z,open,20/2/22,V2,,,R3-INFO");
    free(text);
    text = run(dir, ARGS("journey", "20/2/22", "--data", data));
    SAYS(text, "Mon 19 Sep (Bank Holiday for the State Funeral");
    free(text);
    free(digests_of(dir, data));
    free(data), free(input), free(old), free(none);
    folder_remove(&dir);
}

static bool answers(void *ctx)
{
    char *text;
    bool is_there = program_run("/tmp", &text, ARGS("status", "--json", "--data", (const char *)ctx)) == 0 && strstr(text, "\"events\":3,");

    free(text);
    return is_there;
}

/* The same on a system that is running: nobody has to stop it. */
Test(law_changes, a_calendar_is_loaded_into_a_running_tracker, .timeout = 120)
{
    char *dir = folder_make(), *data = path_in(dir, "data"), *input = path_in(dir, "in.ndjson"), *old = path_in(dir, "old.json"), *bad = path_in(dir, "bad.json");
    char *text;
    struct program tracker;

    write_old_calendar(old);
    file_write(input, two_cases, sizeof two_cases - 1);
    file_write(bad, "{}", 2);
    tracker = program_start(dir, NULL, NULL, ARGS("run", "--quiet", "--clock", "events", "--data", data, "--calendar", old, input));
    wait_until(answers, data, 30, "the tracker to have the events");
    cr_assert(program_run(dir, &text, ARGS("calendar", "--load", bad, "--data", data)) != 0);
    SAYS(text, "no \"events\" of division");
    free(text);
    text = run(dir, ARGS("calendar", "--load", "rules/calendars/england-and-wales.json", "--data", data));
    SAYS(text, "is judged by it now");
    free(text);
    text = run(dir, ARGS("due", "--all", "--csv", "--data", data));
    SAYS(text, "2022-09-08,,2022-09-08T22:59:59Z,met,20/1/22,V1,,,R3-INFO");
    SAYS(text, "2022-09-23,,2022-09-23T22:59:59Z,open,20/2/22,V2,,,R3-INFO");
    free(text);
    program_kill(&tracker, SIGTERM);
    cr_assert(program_wait(&tracker, 30) == 0, "%s", file_read(tracker.out, NULL));
    free(tracker.out);
    free(digests_of(dir, data));
    free(data), free(input), free(old), free(bad);
    folder_remove(&dir);
}

static const char not_evidenced[] =
    "{\"event_id\":\"a1\",\"source\":\"connect\",\"crime_ref\":\"20/1/26\",\"victim_ref\":\"V1\",\"occurred_at\":\"2026-11-02T09:00:00Z\",\"report\":{\"ho_class\":\"19C\"}}\n"
    "{\"event_id\":\"a2\",\"source\":\"connect\",\"crime_ref\":\"20/1/26\",\"occurred_at\":\"2026-11-03T09:00:00Z\",\"update\":{\"kind\":\"cps-submitted\"}}\n"
    "{\"complete\":{\"source\":\"connect\",\"to\":\"2027-01-30T12:00:00Z\"}}\n{\"tick\":{\"at\":\"2027-01-30T12:00:00Z\"}}\n";

/* No source here can say that the CPS allocated a case: that it did not is not known, so it is not called missed. */
Test(law_changes, what_no_source_can_say_is_not_evidenced_and_never_missed, .timeout = 60)
{
    char *dir = folder_make(), *data = path_in(dir, "data"), *input = path_in(dir, "in.ndjson"), *text;

    file_write(input, not_evidenced, sizeof not_evidenced - 1);
    free(run(dir, ARGS("run", "--once", "--quiet", "--data", data, "--rules", "victims-code-2021", "--rules", "deploy/examples/sources.rules.yaml", input)));
    text = run(dir, ARGS("due", "--all", "--csv", "--data", data));
    SAYS(text, "2026-12-01,,2026-12-01T23:59:59Z,not-evidenced,20/1/26,V1,,,CPS-28");
    SAYS(text, "2026-11-03,,2026-11-03T23:59:59Z,breached,20/1/26,V1,,,R3-INFO");
    free(text), free(input), free(data);
    folder_remove(&dir);
}

static const char two_sources[] =
    "name: two-sources\ntitle: Two record systems\nover: victims-code-2021\nin_force: 2021-04-01\nsources:\n"
    "  - { name: connect, carries: [recorded, acknowledged, code-given, needs-assessed, made, declined] }\n"
    "  - { name: wcu, carries: [victim-informed, periodic-update] }\n";
#define CASE(id, what) "{\"event_id\":\"" id "\",\"source\":\"connect\",\"crime_ref\":\"20/1/26\",\"victim_ref\":\"V1\",\"occurred_at\":\"2026-11-02T09:00:00Z\"," what "}\n"
#define MARKS(source, at) "{\"complete\":{\"source\":\"" source "\",\"to\":\"" at "\"}}\n"
#define TICK(at) "{\"tick\":{\"at\":\"" at "\"}}\n"

/* The Witness Care Unit's system is silent: what it alone can say waits for it, what CONNECT can say does not. */
Test(law_changes, each_rule_waits_for_the_sources_of_its_own_evidence, .timeout = 60)
{
    char *dir = folder_make(), *data = path_in(dir, "data"), *input = path_in(dir, "in.ndjson"), *rules = path_in(dir, "sources.yaml"), *text;
    static const char first[] = CASE("a1", "\"report\":{}") CASE("a2", "\"update\":{\"kind\":\"arrested\"}") MARKS("wcu", "2026-11-05T12:00:00Z")
        MARKS("connect", "2026-11-05T12:00:00Z") TICK("2026-11-05T12:00:00Z") TICK("2026-11-20T12:00:00Z") MARKS("connect", "2026-11-20T12:00:00Z");
    static const char then[] = MARKS("wcu", "2026-11-07T12:00:00Z") TICK("2026-11-20T13:00:00Z");
    static const char at_last[] = MARKS("wcu", "2026-11-20T12:00:00Z") TICK("2026-11-20T14:00:00Z");
    const char *const run_it[] = { "run", "--once", "--quiet", "--data", data, "--rules", "victims-code-2021", "--rules", rules, input, NULL };

    file_write(rules, two_sources, sizeof two_sources - 1);
    file_write(input, first, sizeof first - 1);
    free(run(dir, run_it));
    text = run(dir, ARGS("due", "--all", "--csv", "--data", data));
    SAYS(text, "breached,20/1/26,V1,,,R3-INFO");
    SAYS(text, "unproven,20/1/26,V1,,,R6-ARREST");
    free(text);
    free(digests_of(dir, data));
    file_write(input, then, sizeof then - 1);
    free(run(dir, run_it));
    text = run(dir, ARGS("due", "--all", "--csv", "--data", data));
    SAYS(text, "unproven,20/1/26,V1,,,R6-ARREST");
    free(text);
    file_write(input, at_last, sizeof at_last - 1);
    free(run(dir, run_it));
    text = run(dir, ARGS("due", "--all", "--csv", "--data", data));
    SAYS(text, "breached,20/1/26,V1,,,R6-ARREST");
    free(text);
    text = run(dir, ARGS("notices", "--json", "--data", data));
    cr_assert(count_of(text, "\"rule\":\"R6-ARREST\"") == 3, "a warning, not proven, still not done: %s", text);
    free(text);
    free(digests_of(dir, data));
    free(data), free(input), free(rules);
    folder_remove(&dir);
}

#define SAYS_IT_CAN(at, kinds) "{\"declaration\":{\"source\":\"connect\",\"at\":\"" at "\",\"kinds\":[" kinds "]}}\n"
#define FEW SAYS_IT_CAN("2026-11-02T00:00:00Z", "\"recorded\",\"code-given\"")
#define MORE SAYS_IT_CAN("2026-11-03T00:00:00Z", "\"recorded\",\"code-given\",\"acknowledged\"")
#define FACTS CASE("a1", "\"report\":{}") CASE("a2", "\"update\":{\"kind\":\"arrested\"}")
#define END MARKS("connect", "2026-11-20T12:00:00Z") TICK("2026-11-20T12:00:00Z")

/* A source declares what it can say, and later more: whenever the words come, what stands at the end is the same. */
Test(law_changes, a_source_may_declare_for_itself_what_it_can_say, .timeout = 60)
{
    static const char *const orders[] = { FEW MORE FACTS END, FACTS FEW END MORE, FACTS END MORE FEW, MORE FACTS FEW FEW MORE END };
    char *dir = folder_make(), *input = path_in(dir, "in.ndjson"), *first = NULL;

    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        char name[16], *data, *text;
        snprintf(name, sizeof name, "data%zu", i);
        data = path_in(dir, name);
        file_write(input, orders[i], strlen(orders[i]));
        free(run(dir, ARGS("run", "--once", "--quiet", "--data", data, input)));
        text = owed_of(dir, data);
        SAYS(text, "not-evidenced,20/1/26,V1,,,R6-ARREST");
        SAYS(text, "breached,20/1/26,V1,,,R3-ACK");
        SAYS(text, "breached,20/1/26,V1,,,R3-INFO");
        cr_assert(!first || !strcmp(text, first), "order %zu ends otherwise:\n%s\nnot\n%s", i, text, first);
        free(digests_of(dir, data));
        free(run(dir, ARGS("due", "--all", "--as-known-at", "2026-11-30", "--data", data)));
        free(first);
        first = text;
        free(data);
    }
    free(first), free(input);
    folder_remove(&dir);
}

/* What the rule book says of a source stands, whatever the source says of itself. */
Test(law_changes, the_rule_book_knows_a_source_better_than_the_source_itself, .timeout = 60)
{
    static const char events[] = MORE FACTS END;
    char *dir = folder_make(), *data = path_in(dir, "data"), *input = path_in(dir, "in.ndjson"), *text;

    file_write(input, events, sizeof events - 1);
    free(run(dir, ARGS("run", "--once", "--quiet", "--data", data, "--rules", "victims-code-2021", "--rules", "deploy/examples/sources.rules.yaml", input)));
    text = run(dir, ARGS("due", "--all", "--csv", "--data", data));
    SAYS(text, "breached,20/1/26,V1,,,R6-ARREST");
    free(text);
    free(digests_of(dir, data));
    free(data), free(input);
    folder_remove(&dir);
}
