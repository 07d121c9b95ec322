/* The officer alerts as processes: killed at random and fed again from the beginning, they say what a calm run says. */
#include "core/json.h"
#include "tests/kit/cases.h"
#include "tests/kit/program.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { JOURNEYS = 60, OFFICERS = 300, FIRST_OFFICER = 20000, WAIT_S = 120 };

/* One data folder whose tracker has folded everything, and what one sink makes of it. */
struct desk { char *dir, *data, *config, *sock, *out, end[INSTANT_TEXT]; };

static void write_force(struct desk *d)
{
    char *path = path_in(d->dir, "officers.csv"), *text;
    FILE *f = fopen(path, "we");

    cr_assert(f != NULL);
    fprintf(f, "collar,address,supervisor,team,away\n");
    for (int i = 0; i < OFFICERS; i++)          /* one in seven unknown, one in five away for a while */
        if (i % 7)
            fprintf(f, "%d,%d@force.example,%d,,%s\n", FIRST_OFFICER + i, FIRST_OFFICER + i, 10000 + i / 20, i % 5 ? "" : "2026-02-01..2026-03-15");
    for (int i = 0; i < OFFICERS / 20; i++)
        fprintf(f, "%d,%d@force.example,,,\n", 10000 + i, 10000 + i);
    fclose(f);
    cr_assert(asprintf(&text, "data: oic\ndomains: [force.example]\nforce_inbox: code@force.example\nlead: lead@force.example\n"
                              "witness_care: wcu@force.example\ngo_live: \"2026-01-01\"\nhistory: none\nteams:\n"
                              "  Team 3: { inbox: three@force.example, go_live: \"2026-03-10 12:00\" }\n"
                              "channels:\n  file: { type: file, path: %s }\n", d->out) > 0);
    file_write(d->config, text, strlen(text));
    free(text);
    free(path);
}

static struct desk desk_make(void)
{
    struct desk d = { .dir = folder_make() };

    d.data = path_in(d.dir, "data");
    d.config = path_in(d.dir, "oic.yaml");
    d.out = path_in(d.dir, "out.ndjson");
    cr_assert(asprintf(&d.sock, "ipc://%s/oic.sock", d.dir) > 0);
    write_force(&d);
    return d;
}

static void desk_free(struct desk *d)
{
    free(d->data), free(d->config), free(d->out), free(d->sock);
    folder_remove(&d->dir);
}

/* The day a line was recorded: it begins with that. */
static struct day day_of(const char *line)
{
    struct day d;

    cr_assert_eq(day_parse(line + strlen("{\"recorded_at\":\""), 10, &d), E_OK);
    return d;
}

static void write_time(FILE *f, struct day d, int hour)
{
    char at[INSTANT_TEXT];

    instant_format((struct instant){ (int64_t)d.n * 86400 + hour * 3600 }, at);
    fprintf(f, "{\"complete\":{\"source\":\"" CASES_SOURCE "\",\"to\":\"%s\"}}\n{\"tick\":{\"at\":\"%s\"}}\n", at, at);
}

/* The cases with the hours passing between them, and a record system that is complete as they pass, for some days more. */
static void fold(struct desk *d, uint64_t seed)
{
    char *path = path_in(d->dir, "cases.ndjson");
    struct cases cases;
    struct day day, end;
    FILE *f = fopen(path, "we");

    cr_assert(f != NULL);
    cases_make(&cases, seed, JOURNEYS);
    day = day_of(cases.line[0]);
    end = day_add(day_of(cases.line[cases.count - 1]), 12);
    for (size_t i = 0; day_before(day, end); day = day_add(day, 1)) {
        for (; i < cases.count && !day_before(day, day_of(cases.line[i])); i++)
            fprintf(f, "%s\n", cases.line[i]);
        for (int hour = 0; hour < 24; hour += 2)
            write_time(f, day_add(day, 1), hour);
    }
    instant_format((struct instant){ (int64_t)day.n * 86400 + 22 * 3600 }, d->end);
    fclose(f);
    cases_free(&cases);
    cr_assert_eq(program_run(d->dir, NULL, ARGS("run", "--once", "--quiet", "--data", d->data, path)), 0);
    free(path);
}

/* The last tick is worked through and nothing waits to be sent. */
static bool is_done(void *ctx)
{
    struct desk *d = ctx;
    struct json *j = NULL;
    struct text tick = { 0 };
    int64_t waiting = -1;
    bool done = false;
    char *text;

    usleep(100000);
    if (program_run(d->dir, &text, ARGS("oic", "--status", "--json", "--config", d->config)) == 0 && !json_parse(text, strlen(text), &j, NULL)) {
        json_number(json_get(j, "waiting"), &waiting);
        done = json_text(json_get(j, "tick"), &tick) && text_same(tick, text_of(d->end)) && waiting == 0;
        json_free(&j);
    }
    free(text);
    return done;
}

static struct program start_sink(struct desk *d, const char *crash)
{
    return program_start(d->dir, NULL, crash, ARGS("oic", "--config", d->config, "--listen", d->sock));
}

static void stop(struct program *p)
{
    program_kill(p, SIGTERM);
    cr_assert_eq(program_wait(p, 30), 0);
    free(p->out);
}

static int by_text(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

/* The lines of the file, each once, sorted; how many came again. */
static char *said(struct desk *d, size_t *ret_again)
{
    char *text = file_read(d->out, NULL), **line = NULL, *out = malloc(strlen(text) + 1);
    size_t count = 0, used = 0, lines = file_lines(d->out);

    cr_assert((line = calloc(lines + 1, sizeof *line)) != NULL && out != NULL);
    for (char *at = strtok(text, "\n"); at; at = strtok(NULL, "\n"))
        line[count++] = at;
    qsort(line, count, sizeof *line, by_text);
    *ret_again = 0;
    out[0] = 0;
    for (size_t i = 0; i < count; i++)
        if (i && !strcmp(line[i], line[i - 1]))
            ++*ret_again;
        else
            used += (size_t)sprintf(out + used, "%s\n", line[i]);
    free(line);
    free(text);
    return out;
}

static void start_anew(struct desk *d)
{
    char *store = path_in(d->dir, "oic/oic.lmdb"), *lock = path_in(d->dir, "oic/oic.lmdb-lock");

    remove(store), remove(lock), remove(d->out);
    free(store), free(lock);
}

static char *calm(struct desk *d)
{
    struct program tracker = program_start(d->dir, NULL, NULL, ARGS("track", "--data", d->data, "--sink", d->sock)), sink = start_sink(d, NULL);
    size_t again;

    wait_until(is_done, d, WAIT_S, "the alerts to be sent");
    stop(&sink);
    stop(&tracker);
    char *text = said(d, &again);
    cr_assert_eq(again, 0, "%zu messages came twice in a calm run", again);
    return text;
}

static void check(struct desk *d)
{
    char command[8192], *notices = path_in(d->dir, "notices.ndjson"), *text;

    cr_assert_eq(program_run(d->dir, &text, ARGS("notices", "--all", "--json", "--data", d->data)), 0);
    file_write(notices, text, strlen(text));
    snprintf(command, sizeof command, "python3 tests/crash/alerts_check.py %s %s", notices, d->out);
    cr_assert_eq(system(command), 0, "see above");
    free(text);
    free(notices);
}

Test(alerts, every_alert_reaches_its_owner_or_was_closed_before_and_nobody_has_two_digests_a_morning)
{
    struct desk d = desk_make();
    char *first, *second;

    fold(&d, 7);
    first = calm(&d);
    cr_assert(strlen(first) > 10000);
    check(&d);
    start_anew(&d);
    second = calm(&d);                              /* another sink, fed from the beginning */
    cr_assert_str_eq(first, second);
    free(first), free(second);
    desk_free(&d);
}

Test(alerts, killed_at_random_what_is_said_is_the_same)
{
    unsigned seed = (unsigned)time(NULL);
    struct desk d = desk_make();
    struct program tracker, sink;
    char *want, *got;
    size_t again, kills = 0;

    printf("seed %u\n", seed);
    srand(seed);
    fold(&d, seed);
    want = calm(&d);
    start_anew(&d);
    tracker = program_start(d.dir, NULL, NULL, ARGS("track", "--data", d.data, "--sink", d.sock));
    for (int round = 0; round < 12; round++) {
        static const char *const at[] = { NULL, "RIGHTSWATCH_CRASH=oic_before_commit:2", NULL, "RIGHTSWATCH_CRASH=oic_after_commit:1", NULL,
                                          "RIGHTSWATCH_CRASH=message_sent:5" };
        sink = start_sink(&d, at[round % 6]);
        usleep((useconds_t)(30000 + rand() % 200000));
        program_kill(&sink, SIGKILL);
        kills += program_wait(&sink, 30) >= 128;
        free(sink.out);
    }
    sink = start_sink(&d, NULL);
    wait_until(is_done, &d, WAIT_S, "the alerts to be sent");
    stop(&sink);
    stop(&tracker);
    got = said(&d, &again);
    printf("%zu kills, %zu messages came again\n", kills, again);
    cr_assert_eq(kills, 12);
    cr_assert_str_eq(got, want);
    free(want), free(got);
    desk_free(&d);
}
