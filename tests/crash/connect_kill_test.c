/* The feed killed at its worst moments, and at any moment: what is journalled is what a calm run journals, no event more or less. */
#include "core/crash.h"
#include "tests/kit/program.h"
#include "tests/kit/standing.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *const points[] = {
#define CRASH(name, what) #name,
#include "core/crash.def"
#undef CRASH
};

/* The same batches every time, with the dirt that extracts have: a batch that never came, one cut short, rows that cannot be read. */
static char *make_drop(const char *dir, const char *name)
{
    char *out = path_in(dir, name), *drop;

    cr_assert(program_run(dir, NULL, ARGS("simulate", "--crimes", "900", "--from", "2026-04-01", "--to", "2026-04-04", "--seed", "5", "--out", out)) == 0);
    drop = path_in(out, "drop");
    free(out);
    return drop;
}

#define FEED(drop, data, after) ARGS("run", "--once", "--quiet", "--connect", drop, "--connect-after", after, "--connect-patience", "0s", "--data", data)

/* What came in: every record of the journal by kind of count, so that one sent twice is seen. */
static char *counts_of(const char *dir, const char *data)
{
    char *text, *end;

    cr_assert(program_run(dir, &text, ARGS("status", "--data", data)) == 0, "%s", text);
    cr_assert((end = strstr(text, "Sources")) != NULL, "%s", text);
    *end = 0;
    return text;
}

struct outcome { char *trail, *owed, *counts; };

static struct outcome outcome_of(const char *dir, const char *data)
{
    struct outcome o = { NULL, owed_of(dir, data), counts_of(dir, data) };
    char *trail = path_in(data, "trail.ndjson");

    cr_assert(trail_check(trail) > 0);
    o.trail = file_read(trail, NULL);
    free(digests_of(dir, data));
    free(trail);
    return o;
}

static void outcome_free(struct outcome *o) { free(o->trail), free(o->owed), free(o->counts); }

static void check_same(const struct outcome *calm, const struct outcome *o, const char *what)
{
    cr_assert_str_eq(o->counts, calm->counts, "%s: other records", what);
    cr_assert(!strcmp(o->owed, calm->owed), "%s: other obligations", what);
    cr_assert(!strcmp(o->trail, calm->trail), "%s: other notices", what);
}

static void die_at(const char *dir, const char *point, int pass, const char *after, const struct outcome *calm)
{
    char name[96], *env, *drop, *data;
    struct program p;
    struct outcome o;
    int code;

    snprintf(name, sizeof name, "%s.%d.%s", point, pass, after);
    drop = make_drop(dir, name);
    snprintf(name, sizeof name, "%s.%d.%s.data", point, pass, after);
    data = path_in(dir, name);
    cr_assert(asprintf(&env, "RIGHTSWATCH_CRASH=%s:%d", point, pass) > 0);
    p = program_start(dir, NULL, env, FEED(drop, data, after));
    code = program_wait(&p, 120);
    cr_assert(code == 128 + SIGKILL, "the point %s was not passed %d times: exit code %d: %s", point, pass, code, file_read(p.out, NULL));
    free(p.out);
    cr_assert(program_run(dir, NULL, FEED(drop, data, after)) == 0);
    o = outcome_of(dir, data);
    check_same(calm, &o, name);
    outcome_free(&o);
    free(env), free(drop), free(data);
}

/* Differences found, over all batches, by their own summaries. */
static long events_sent(const char *drop)
{
    long all = 0;

    for (int batch = 1; batch < 20; batch++) {
        char path[512], *text, *at;
        snprintf(path, sizeof path, "%s/archive/%06d/summary_%06d.json", drop, batch, batch);
        if (access(path, F_OK))
            continue;
        text = file_read(path, NULL);
        cr_assert((at = strstr(text, "\"events\":")) != NULL);
        all += strtol(at + 9, NULL, 10);
        free(text);
    }
    return all;
}

static struct outcome calm_run(const char *dir)
{
    char *drop = make_drop(dir, "calm"), *data = path_in(dir, "calm.data"), line[64];
    struct outcome o;

    cr_assert(program_run(dir, NULL, FEED(drop, data, "archive")) == 0);
    o = outcome_of(dir, data);
    snprintf(line, sizeof line, "%14ld events of cases among them", events_sent(drop));
    cr_assert(strstr(o.counts, line), "'%s' is not in:\n%s", line, o.counts);
    free(drop), free(data);
    return o;
}

Test(connect_kill, at_every_point_the_outcome_is_that_of_a_calm_run, .timeout = 600)
{
    char *dir = folder_make();
    struct outcome calm = calm_run(dir);

    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        if (strncmp(points[i], "connect_", 8) != 0)
            continue;
        die_at(dir, points[i], 1, "archive", &calm);
        die_at(dir, points[i], 3, i % 2 ? "delete" : "keep", &calm);
    }
    outcome_free(&calm);
    folder_remove(&dir);
}

Test(connect_kill, again_and_again_the_outcome_is_that_of_a_calm_run, .timeout = 600)
{
    char *dir = folder_make(), *drop, *data = path_in(dir, "data");
    uint64_t seed = (uint64_t)time(NULL);
    struct outcome calm = calm_run(dir), o;
    struct program p;
    int kills = 0;

    cr_log_info("seed %llu", (unsigned long long)seed);
    drop = make_drop(dir, "killed");
    for (int i = 0; i < 60; i++) {
        struct timespec pause = { 0, 0 };
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        pause.tv_nsec = (long)(5000000 + (seed >> 33) % (20000000 + 15000000 * (uint64_t)i));
        p = program_start(dir, NULL, NULL, FEED(drop, data, "archive"));
        nanosleep(&pause, NULL);                /* the moment of the kill: nothing waits for it */
        program_kill(&p, SIGKILL);
        free(p.out);
        if (program_wait(&p, 10) == 0)
            break;                              /* it was done before */
        kills++;
    }
    cr_assert(program_run(dir, NULL, FEED(drop, data, "archive")) == 0);
    cr_log_info("killed %d times", kills);
    o = outcome_of(dir, data);
    check_same(&calm, &o, "killed again and again");
    outcome_free(&o);
    outcome_free(&calm);
    free(drop), free(data);
    folder_remove(&dir);
}
