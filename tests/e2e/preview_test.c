/* The preview of the officer alerts says what is then sent, when nothing more is recorded. */
#include "core/json.h"
#include "tests/kit/program.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *dir, *data, *config, *out;

static void write_config(void)
{
    char *text;

    cr_assert(asprintf(&text, "data: oic\nofficers: officers.csv\ndomains: [force.example]\nforce_inbox: code@force.example\nwitness_care: wcu@force.example\n"
                              "go_live: \"2026-03-01\"\nhistory: none\nchannels:\n  file: { type: file, path: %s }\n", out) > 0);
    file_write(config, text, strlen(text));
    free(text);
}

static char *copy_of_officers(void)
{
    char *path = path_in(dir, "officers.csv"), *text;
    size_t n;

    text = file_read("deploy/examples/officers.csv", &n);
    file_write(path, text, n);
    free(text);
    return path;
}

static void run(const char *input)
{
    char *text;

    cr_assert_eq(program_run(dir, &text, ARGS("run", "--once", "--quiet", "--data", data, "--oic", config, input)), 0, "%s", text);
    free(text);
}

static int by_text(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

/* "2026-04-09 10:05 to kind", sorted, a line each: of the lines of the preview that begin a message. */
static char *previewed(void)
{
    char *text, *line[256], *all = calloc(1, 65536), day[16], clock[8], to[64], name[64], kind[32];
    size_t count = 0;

    cr_assert_eq(program_run(dir, &text, ARGS("oic", "--preview", "--config", config, "--data", data)), 0, "%s", text);
    for (char *at = strtok(text, "\n"); at; at = strtok(NULL, "\n"))
        if (sscanf(at, "---- %15s %7s file to %63s (%63[^)]): %31s", day, clock, to, name, kind) == 5)
            cr_assert(count < 256 && asprintf(&line[count++], "%s %s %s %s\n", day, clock, to, kind) > 0);
    qsort(line, count, sizeof *line, by_text);
    for (size_t i = 0; i < count; i++)
        strcat(all, line[i]), free(line[i]);
    free(text);
    return all;
}

/* The same of what the channel was given since. */
static char *sent(size_t from)
{
    char *text = file_read(out, NULL), *line[256], *all = calloc(1, 65536);
    size_t count = 0, number = 0;

    for (char *at = strtok(text, "\n"); at; at = strtok(NULL, "\n")) {
        struct json *j;
        struct text to = { 0 }, kind = { 0 }, as_of = { 0 };
        struct instant t;
        char day[11];
        if (number++ < from)
            continue;
        cr_assert_eq(json_parse(at, strlen(at), &j, NULL), E_OK);
        json_text(json_get(j, "to"), &to), json_text(json_get(j, "kind"), &kind), json_text(json_get(j, "as_of"), &as_of);
        cr_assert_eq(instant_parse(as_of.p, as_of.n, &t), E_OK);
        t = instant_add(t, 3600);               /* April: the force's clock is an hour east */
        day_format((struct day){ (int32_t)(t.s / 86400) }, day);
        cr_assert(count < 256 && asprintf(&line[count++], "%s %02d:%02d " TEXT_FMT " " TEXT_FMT "\n", day, (int)(t.s % 86400 / 3600), (int)(t.s % 3600 / 60),
                                          TEXT_ARG(to), TEXT_ARG(kind)) > 0);
        json_free(&j);
    }
    qsort(line, count, sizeof *line, by_text);
    for (size_t i = 0; i < count; i++)
        strcat(all, line[i]), free(line[i]);
    free(text);
    return all;
}

/* Nothing more is recorded, and the record system says so every five minutes, to the end of 10 April. */
static char *two_days(void)
{
    char *path = path_in(dir, "quiet.ndjson"), text[INSTANT_TEXT];
    struct instant at = { (int64_t)day_from_ymd(2026, 4, 9).n * 86400 + 8 * 3600 };
    FILE *f = fopen(path, "we");

    cr_assert(f != NULL);
    for (at = instant_add(at, 300); at.s < (int64_t)day_from_ymd(2026, 4, 11).n * 86400 - 3600; at = instant_add(at, 300)) {
        instant_format(at, text);
        fprintf(f, "{\"complete\":{\"source\":\"connect\",\"to\":\"%s\"}}\n{\"tick\":{\"at\":\"%s\"}}\n", text, text);
    }
    fclose(f);
    return path;
}

Test(preview, says_what_is_then_sent)
{
    char *officers, *quiet, *before, *after;
    size_t lines;

    dir = folder_make();
    data = path_in(dir, "data"), config = path_in(dir, "oic.yaml"), out = path_in(dir, "out.ndjson");
    officers = copy_of_officers();
    write_config();
    quiet = two_days();
    run("deploy/examples/week-of-a-force.ndjson");
    lines = file_lines(out);
    before = previewed();
    cr_assert(before[0] != 0, "nothing is foreseen");
    cr_assert_eq(file_lines(out), lines, "a preview sent something");
    run(quiet);
    after = sent(lines);
    cr_assert_str_eq(before, after, "previewed:\n%ssent:\n%s", before, after);
    free(before), free(after), free(quiet), free(officers), free(data), free(config), free(out);
    folder_remove(&dir);
}
