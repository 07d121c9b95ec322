/* The report from events to files, through the real tracker and sink. */
#include "tests/kit/program.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The board paper of 28 September 2021, 2.3.6: thematic area, recorded, outcome 16, percent. */
static const struct { const char *key, *ho_class, *marker; int recorded, o16; const char *percent; } paper[] = {
    { "RAPE", "19C", "", 1275, 694, "54.4" },
    { "OTHER_SEXUAL", "17A", "", 1399, 587, "42.0" },
    { "STALKING", "8L", "", 13448, 5613, "41.7" },
    { "DOMESTIC_ABUSE", "105A", "\"DA\"", 17478, 12338, "70.6" },
};
enum { AUDITED = 100 };

static void write_event(FILE *f, const char *id, const char *crime, const char *victim, const char *at, const char *body)
{
    fprintf(f, "{\"event_id\":\"%s\",\"source\":\"connect\",\"crime_ref\":\"%s\"%s%s%s,\"occurred_at\":\"%s\",\"recorded_at\":\"%s\",%s}\n", id, crime,
            victim ? ",\"victim_ref\":\"" : "", victim ? victim : "", victim ? "\"" : "", at, at, body);
}

/* Crimes of March 2026, with the paper's counts. */
static void write_attrition(FILE *f)
{
    int n = 0;

    for (size_t a = 0; a < sizeof paper / sizeof *paper; a++)
        for (int i = 0; i < paper[a].recorded; i++, n++) {
            char id[32], crime[32], victim[32], body[200];
            snprintf(crime, sizeof crime, "20/%d/26", 100000 + n);
            snprintf(victim, sizeof victim, "V%d", 500000 + n);
            snprintf(id, sizeof id, "R%d", n);
            snprintf(body, sizeof body, "\"report\":{\"ho_class\":\"%s\",\"gender\":\"F\",\"markers\":[%s],\"area\":\"Area %d\"}", paper[a].ho_class, paper[a].marker, n % 7);
            write_event(f, id, crime, victim, "2026-03-10T10:00:00Z", body);
            snprintf(id, sizeof id, "O%d", n);
            snprintf(body, sizeof body, "\"outcome\":{\"kind\":\"outcome-assigned\",\"outcome_code\":\"%s\"}", i < paper[a].o16 ? "16" : "18");
            write_event(f, id, crime, NULL, "2026-04-14T10:00:00Z", body);
        }
}

/* A hundred journeys of May 2026 that fail as the audit of July 2021 found: no statement offered to 28, 14 not told of the end, 15 never
 * referred and 7 late, 51 not told of the Code. */
static void write_audited(FILE *f)
{
    for (int i = 0; i < AUDITED; i++) {
        char id[32], crime[32], victim[32], body[200];
        snprintf(crime, sizeof crime, "20/%d/26", 900000 + i);
        snprintf(victim, sizeof victim, "V%d", 900000 + i);
#define EVENT(kind, at, who, text) (snprintf(id, sizeof id, kind "%d", i), write_event(f, id, crime, who, at, text))
        EVENT("r", "2026-05-05T09:00:00Z", victim, "\"report\":{\"ho_class\":\"105A\",\"area\":\"Area 1\"}");
        EVENT("a", "2026-05-06T09:00:00Z", victim, "\"update\":{\"kind\":\"acknowledged\"}");
        EVENT("n", "2026-05-06T10:00:00Z", victim, "\"referral\":{\"kind\":\"need-identified\"}");
        if (i < 78)
            EVENT("m", "2026-05-07T09:00:00Z", victim, "\"referral\":{\"kind\":\"made\"}");
        else if (i < 85)
            EVENT("m", "2026-05-20T09:00:00Z", victim, "\"referral\":{\"kind\":\"made\"}");
        if (i % 100 < 49)
            EVENT("c", "2026-05-07T09:30:00Z", victim, "\"update\":{\"kind\":\"code-given\"}");
        if (i >= 28)
            EVENT("v", "2026-05-08T09:00:00Z", victim, "\"update\":{\"kind\":\"vps-offered\"}");
        EVENT("d", "2026-05-21T09:00:00Z", NULL, "\"nfa\":{\"kind\":\"no-further-action\",\"decision_by\":\"police\"}");
        snprintf(body, sizeof body, "\"update\":{\"kind\":\"victim-informed\",\"informs_event_id\":\"d%d\",\"informed_who\":\"victim\"}", i);
        if (i >= 14)
            EVENT("i", "2026-05-22T09:00:00Z", victim, body);
#undef EVENT
    }
}

struct shop { char *dir, *store, *data; };

static struct shop open_shop(void)
{
    struct shop s = { .dir = folder_make() };
    char *events = path_in(s.dir, "events.ndjson"), *out;
    FILE *f = fopen(events, "w");

    s.store = path_in(s.dir, "store");
    s.data = path_in(s.dir, "data");
    cr_assert(f);
    write_attrition(f);
    write_audited(f);
    fputs("{\"complete\":{\"source\":\"connect\",\"to\":\"2026-08-01T00:00:00Z\"}}\n{\"tick\":{\"at\":\"2026-08-01T00:00:00Z\"}}\n", f);
    fclose(f);
    cr_assert(program_run(s.dir, &out, ARGS("run", "--once", "--data", s.data, "--opcc", s.store, events)) == 0, "%s", out);
    free(out);
    free(events);
    return s;
}

static void close_shop(struct shop *s)
{
    free(s->store);
    free(s->data);
    folder_remove(&s->dir);
}

/* The report of a period into dir/name. */
static char *report(const struct shop *s, const char *name, const char *from, const char *to)
{
    char *dir = path_in(s->dir, name), *out;

    cr_assert(program_run(s->dir, &out, ARGS("report", "--store", s->store, "--from", from, "--to", to, "--out", dir, "--force", "Test <Force>")) == 0, "%s", out);
    free(out);
    return dir;
}

static char *read_in(const char *dir, const char *name)
{
    char *path = path_in(dir, name), *text = file_read(path, NULL);

    free(path);
    return text;
}

static void expect_line(const char *text, const char *begin, const char *end)
{
    for (const char *line = text; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
        const char *stop = strchr(line, '\r');
        if (strncmp(line, begin, strlen(begin)) != 0 || !stop)
            continue;
        cr_assert((size_t)(stop - line) >= strlen(end) && strncmp(stop - strlen(end), end, strlen(end)) == 0, "not %s: %.*s", end, (int)(stop - line), line);
        return;
    }
    cr_assert_fail("no line begins %s", begin);
}

static bool holds(const char *dir, const char *pattern)
{
    char command[4096];

    snprintf(command, sizeof command, "grep -rqE '%s' '%s'", pattern, dir);
    return system(command) == 0;
}

static void run_shell(const char *fmt, const char *a, const char *b)
{
    char command[8192];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(command, sizeof command, fmt, a, b);
#pragma GCC diagnostic pop
    cr_assert(system(command) == 0, "%s", command);
}

static void check_figures(const struct shop *s)
{
    char *march = report(s, "march", "2026-03-01", "2026-03-31"), *may = report(s, "may", "2026-05-01", "2026-05-31"), *text, begin[80], end[80];

    /* Victim attrition in VAIWG, to the digit. */
    text = read_in(march, "attrition.csv");
    for (size_t a = 0; a < sizeof paper / sizeof *paper; a++) {
        char *line;
        snprintf(begin, sizeof begin, "attrition,%s,", paper[a].key);
        snprintf(end, sizeof end, ",%d,%d,,final\r\n", paper[a].o16, paper[a].recorded);
        line = strstr(text, end);
        cr_assert(line, "%s is not in attrition.csv", end);
        snprintf(end, sizeof end, ",percent,%s,", paper[a].percent);
        while (line > text && line[-1] != '\n')
            line--;
        cr_assert(strncmp(line, begin, strlen(begin)) == 0 && strstr(line, end) && strstr(line, end) < strchr(line, '\n'), "%s%s", begin, end);
    }
    free(text);

    /* The audit's figures, from a hundred journeys that can be counted by hand. */
    text = read_in(may, "audit-failings.csv");
    expect_line(text, "audit-failings,no-statement,No Victim Personal Statement offered,ALL,", ",28,100,,final");
    expect_line(text, "audit-failings,end-not-told,Not told of the end of the journey,ALL,", ",14,100,,final");
    expect_line(text, "audit-failings,never-referred,\"Need identified, never referred\",ALL,", ",15,100,,final");
    expect_line(text, "audit-failings,referred-late,\"Need identified, referred after more than two working days\",ALL,", ",7,100,,final");
    expect_line(text, "audit-failings,code-not-told,Not told of the Victims' Code,ALL,", ",51,100,,final");
    free(text);
    free(march);
    free(may);
}

static void check_files(const struct shop *s)
{
    char *first = report(s, "first", "2026-03-01", "2026-03-31"), *second = report(s, "second", "2026-03-01", "2026-03-31");

    run_shell("diff -r '%s' '%s'", first, second);
    run_shell("cd '%s' && sha256sum --quiet -c SHA256SUMS", first, NULL);
    run_shell("python3 -c 'import json,sys,jsonschema; jsonschema.validate(json.load(open(sys.argv[1]+\"/report.json\")), json.load(open(sys.argv[2])))' '%s' '%s'", first,
              "docs/report.schema.json");
    cr_assert(!holds(first, "V[0-9]{6}|20/[0-9]{6}"), "a reference in a report");
    cr_assert(holds(first, "Test &lt;Force&gt;") && !holds(first, "<script|http://|https://|INTERNAL"), "self-contained, escaped");
    free(first);
    free(second);
}

static void check_internal(const struct shop *s)
{
    char *dir = path_in(s->dir, "inside"), *permission = path_in(s->dir, "permission.yaml"), *out;
    static const char text[] = "allowed_by: Data Protection Officer\npurpose: monthly review\nuntil: 2199-12-31\n";
    static const char over[] = "allowed_by: Data Protection Officer\npurpose: monthly review\nuntil: 2026-08-15\n";   /* after what is known, before today */

#define INTERNAL(...) program_run(s->dir, &out, ARGS("internal", "--store", s->store, "--month", "2026-03", "--out", dir, __VA_ARGS__))
    cr_assert(INTERNAL("--json", "x") == 2);
    free(out);
    cr_assert(program_run(s->dir, &out, ARGS("internal", "--store", s->store, "--month", "2026-03", "--out", dir)) == 2 && strstr(out, "--permission"));
    free(out);
    file_write(permission, over, sizeof over - 1);
    cr_assert(INTERNAL("--permission", permission) == 2 && strstr(out, "ran out on 2026-08-15"), "%s", out);
    free(out);
    file_write(permission, text, sizeof text - 1);
    cr_assert(INTERNAL("--permission", permission) == 0, "%s", out);
    free(out);
#undef INTERNAL
    out = read_in(dir, "INTERNAL-report.html");
    cr_assert(strstr(out, "not to leave the force") && strstr(out, "Data Protection Officer") && !strstr(out, "[c]"));
    free(out);
    cr_assert(!holds(dir, "\\[c\\]") && holds(dir, "INTERNAL: not suppressed"));
    free(dir);
    free(permission);
}

static void check_refusals(const struct shop *s)
{
    char *out;

#define REFUSED(words, ...) \
    do { \
        cr_assert(program_run(s->dir, &out, ARGS("report", "--store", s->store, __VA_ARGS__)) == 2 && strstr(out, words), "%s", out); \
        free(out); \
    } while (0)
    REFUSED("which period", "--format", "html");
    REFUSED("html, csv and json", "--month", "2026-03", "--format", "pdf");
    REFUSED("not over", "--month", "2026-08");
    REFUSED("like 2026-03", "--month", "March");
#undef REFUSED
    cr_assert(program_run(s->dir, &out, ARGS("report", "--store", s->data, "--month", "2026-03")) == 1);
    free(out);
}

/* A hundred journeys, all of them drawn. Auditors find that a statement was offered to eight to whom the records say it was not. */
static void check_sample(const struct shop *s)
{
    char *sheet = path_in(s->dir, "sheet.csv"), *again = path_in(s->dir, "again.csv"), *answered = path_in(s->dir, "answered.csv"), *dir = path_in(s->dir, "audited"), *out;

#define SAMPLE(file, seed, ...) \
    cr_assert(program_run(s->dir, &out, ARGS("sample", "--store", s->store, "--month", "2026-05", "--seed", seed, "--out", file, __VA_ARGS__)) == 0, "%s", out); \
    free(out)
    SAMPLE(sheet, "7", "--size", "100", "--data", s->data);
    SAMPLE(again, "7", "--size", "100", "--data", s->data);
    run_shell("cmp '%s' '%s'", sheet, again);
    run_shell("grep -q ',20/900055/26,V900055,All other crimes,' '%s' && test $(stat -c %%a '%s') = 600", sheet, sheet);
    cr_assert(program_run(s->dir, &out, ARGS("sample", "--store", s->store, "--month", "2026-05", "--out", sheet)) == 2 && strstr(out, "there already"), "%s", out);
    free(out);
    unlink(sheet);
    unlink(again);
    SAMPLE(sheet, "7", "--size", "10", "--data", s->data);
    SAMPLE(again, "8", "--size", "10", "--data", s->data);
    run_shell("! cmp -s '%s' '%s'", sheet, again);
    unlink(sheet);
    SAMPLE(sheet, "7", "--size", "100", "--data", s->data);
#undef SAMPLE
    run_shell("awk -F, -v OFS=, 'NR > 1 { i = substr($4, 2) - 900000; $6 = \"yes\"; $8 = i >= 20 ? \"yes\" : \"no\" } { print }' '%s' > '%s'", sheet, answered);
    cr_assert(program_run(s->dir, &out, ARGS("report", "--store", s->store, "--month", "2026-05", "--audit", answered, "--out", dir)) == 0, "%s", out);
    free(out);
    out = read_in(dir, "audit-agreement.csv");
    expect_line(out, "audit-agreement,ACKNOWLEDGED,Was the crime acknowledged in writing?,agree,", ",100,100,,final");
    expect_line(out, "audit-agreement,STATEMENT,Was a Victim Personal Statement offered?,agree,", ",92,100,,final");
    expect_line(out, "audit-agreement,STATEMENT,Was a Victim Personal Statement offered?,kappa,Kappa,2026-05-01,2026-05-31,ratio,0.78", ",100,,final");
    expect_line(out, "audit-agreement,STATEMENT,Was a Victim Personal Statement offered?,unrecorded,", ",8,100,,final");
    free(out);
    run_shell("sed -i 's/,yes/,perhaps/' '%s'", answered, NULL);
    cr_assert(program_run(s->dir, &out, ARGS("report", "--store", s->store, "--month", "2026-05", "--audit", answered, "--out", dir)) == 2 && strstr(out, "row 2, ACKNOWLEDGED"), "%s", out);
    free(out);
    free(sheet);
    free(again);
    free(answered);
    free(dir);
}

/* Everyone of whom it is not known that it is safe is left out: here, of all. */
static void check_survey(const struct shop *s)
{
    char *list = path_in(s->dir, "safe.csv"), *out;

    cr_assert(program_run(s->dir, &out, ARGS("survey", "--store", s->store, "--month", "2026-03", "--out", list)) == 0, "%s", out);
    cr_assert(strstr(out, "0 journeys may be surveyed") && strstr(out, "17478  domestic abuse") && strstr(out, "2674  a sexual offence") &&
              strstr(out, "13448  stalking"), "%s", out);
    free(out);
    free(list);
}

/* axe-core finds nothing in the page, wide or narrow; and it would. */
static void check_accessibility(const struct shop *s)
{
    static const char bad[] = "<!DOCTYPE html><html lang='en'><head><title>t</title></head><body><main><h1>t</h1><img src='data:,'></main></body></html>";
    char *dir = report(s, "page", "2026-03-01", "2026-03-31"), *page = path_in(s->dir, "bad.html");

    run_shell("tests/axe/check '%s/report.html'", dir, NULL);
    file_write(page, bad, sizeof bad - 1);
    run_shell("tests/axe/check '%s' | grep image-alt >/dev/null", page, NULL);
    free(dir);
    free(page);
}

/* One run of the pipeline serves all: it is what takes time. */
Test(report, from_events_to_files_that_may_leave_the_force, .timeout = 400)
{
    struct shop s = open_shop();

    check_figures(&s);
    check_files(&s);
    check_internal(&s);
    check_refusals(&s);
    check_sample(&s);
    check_survey(&s);
    check_accessibility(&s);
    close_shop(&s);
}
