/* A force that fails as the audit of July 2021 found: the report finds it again. Extracts, feed, tracker, sink and report are the real ones. */
#include "core/json.h"
#include "tests/kit/program.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Board paper of 28 September 2021, 1.1.3, and where truth.json has it. */
static const struct { const char *row, *question, *fate; double paper; bool exact; } audit[] = {
    { "no-statement", "vps_offered", "no", 0.28, true },
    { "end-not-told", "told_of_end", "no", 0.14, false },        /* the report asks of the last end, the truth of each */
    { "never-referred", "referred_when_needed", "no", 0.15, true },
    { "referred-late", "referred_when_needed", "late", 0.07, true },
    { "code-not-told", "told_of_code", "no", 0.51, true },
};

static struct json *read_json(const char *dir, const char *name)
{
    char *path = path_in(dir, name), *text;
    struct json *j = NULL;
    size_t n;

    text = file_read(path, &n);
    cr_assert(json_parse(text, n, &j, NULL) == E_OK, "%s", path);
    free(text), free(path);
    return j;
}

static int64_t number(const struct json *j, const char *key)
{
    int64_t n = -1;

    cr_assert(json_number(json_get(j, key), &n), "%s", key);
    return n;
}

/* The first cell of a row of a table. */
static const struct json *cell(const struct json *report, const char *table, const char *row)
{
    const struct json *tables = json_get(report, "tables");
    struct text t;

    for (size_t i = 0; i < json_count(tables); i++) {
        const struct json *rows = json_get(json_at(tables, i), "rows");
        if (!json_text(json_get(json_at(tables, i), "id"), &t) || !text_same(t, text_of(table)))
            continue;
        for (size_t r = 0; r < json_count(rows); r++)
            if (json_text(json_get(json_at(rows, r), "key"), &t) && text_same(t, text_of(row)))
                return json_at(json_get(json_at(rows, r), "cells"), 0);
    }
    cr_assert_fail("no %s in %s", row, table);
    return NULL;
}

/* What adds up to what is told in attack.py again: a sum that a part forgot to declare is found there. */
static void attack(const char *dir, const char *store, const char *report, const char *permission, const char *inside)
{
    static const char text[] = "allowed_by: nobody\npurpose: a test\nuntil: 2199-12-31\n";
    char command[4096], *said;

    file_write(permission, text, sizeof text - 1);
    cr_assert(program_run(dir, &said, ARGS("internal", "--store", store, "--permission", permission, "--from", "2026-01-01", "--to", "2026-03-31", "--format", "csv",
                                             "--out", inside)) == 0, "%s", said);
    free(said);
    snprintf(command, sizeof command, "python3 tests/e2e/attack.py '%s' '%s'", report, inside);
    cr_assert(system(command) == 0, "small counts can be worked out: see above");
}

Test(simulated_report, recovers_the_failings_that_were_put_in, .timeout = 300)
{
    char *dir = folder_make(), *force = path_in(dir, "force"), *drop = path_in(dir, "force/drop"), *data = path_in(dir, "data"), *store = path_in(dir, "store"),
         *out = path_in(dir, "report"), *permission = path_in(dir, "permission.yaml"), *inside = path_in(dir, "inside"), *said;
    struct json *truth, *report;

    cr_assert(program_run(dir, &said, ARGS("simulate", "--out", force, "--crimes", "2500", "--from", "2026-01-05", "--to", "2026-03-29", "--until", "2026-05-30",
                                           "--every", "7d", "--seed", "21", "--dirt", "none")) == 0, "%s", said);
    free(said);
    cr_assert(program_run(dir, &said, ARGS("run", "--once", "--quiet", "--data", data, "--opcc", store, "--connect", drop, "--connect-patience", "0s")) == 0, "%s", said);
    free(said);
    cr_assert(program_run(dir, &said, ARGS("opcc", "reconcile", "--store", store, "--data", data)) == 0, "%s", said);
    free(said);
    cr_assert(program_run(dir, &said, ARGS("report", "--store", store, "--from", "2026-01-01", "--to", "2026-03-31", "--format", "json,csv", "--out", out)) == 0, "%s", said);
    free(said);
    attack(dir, store, out, permission, inside);
    truth = read_json(dir, "force/truth.json");
    report = read_json(out, "report.json");
    for (size_t i = 0; i < sizeof audit / sizeof *audit; i++) {
        const struct json *c = cell(report, "audit-failings", audit[i].row);
        double n = (double)number(c, "of"), rate = (double)number(c, "count") / n, p = audit[i].paper;
        cr_expect(fabs(rate - p) < 4 * sqrt(p * (1 - p) / n) + 0.005, "%s: %.3f of %.0f, put in %.2f", audit[i].row, rate, n, p);
        if (audit[i].exact)
            cr_expect(number(c, "count") == number(json_get(json_get(truth, "questions"), audit[i].question), audit[i].fate), "%s", audit[i].row);
    }
    json_free(&truth);
    json_free(&report);
    free(force), free(drop), free(data), free(store), free(out), free(permission), free(inside);
    folder_remove(&dir);
}
