/* Killed at the worst moments, and at any moment: what comes out is what a calm run gives. */
#include "core/crash.h"
#include "tests/kit/cases.h"
#include "tests/kit/keyring.h"
#include "tests/kit/program.h"
#include "tests/kit/standing.h"

#include <criterion/criterion.h>
#include <signal.h>
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

static void check_same(const char *a, const char *b, const char *what)
{
    cr_assert(!strcmp(a, b), "%s", what);
}

/* A run that dies at a point, runs again, and a calm run: the same trail, the same state. */
static void die_at(const char *dir, const char *input, bool from_stdin, const char *point, int pass,
                   const char *calm_trail, const char *calm_owed)
{
    char *data, *trail, *env, *text, *owed;
    struct program p;
    int code;

    cr_assert(asprintf(&data, "%s/%s.%d", dir, point, pass) > 0 && asprintf(&env, "RIGHTSWATCH_CRASH=%s:%d", point, pass) > 0);
    trail = path_in(data, "trail.ndjson");
    p = program_start(dir, input, env, ARGS("run", "--once", "--quiet", "--data", data, from_stdin ? "-" : input));
    code = program_wait(&p, 120);
    cr_assert(code == 128 + SIGKILL, "the point %s was not passed %d times: exit code %d", point, pass, code);
    free(p.out);
    p = program_start(dir, input, NULL, ARGS("run", "--once", "--quiet", "--data", data, from_stdin ? "-" : input));
    code = program_wait(&p, 120);
    cr_assert(code == 0, "after %s: %s", point, file_read(p.out, NULL));
    free(p.out);
    cr_assert(trail_check(trail) > 0);
    text = file_read(trail, NULL);
    owed = owed_of(dir, data);
    if (!from_stdin)
        check_same(calm_trail, text, point);
    check_same(calm_owed, owed, point);
    free(digests_of(dir, data));
    free(text), free(owed), free(trail), free(data), free(env);
}

Test(kill, at_every_point_the_outcome_is_that_of_a_calm_run, .timeout = 600)
{
    char *dir = folder_make(), *input = path_in(dir, "in.ndjson"), *calm = path_in(dir, "calm"), *trail, *calm_trail, *calm_owed;
    struct cases c;

    cases_make(&c, 4711, 400);
    cases_write(&c, input);
    cr_assert(program_run(dir, NULL, ARGS("run", "--once", "--quiet", "--data", calm, input)) == 0);
    trail = path_in(calm, "trail.ndjson");
    calm_trail = file_read(trail, NULL);
    calm_owed = owed_of(dir, calm);
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        bool spool = !strncmp(points[i], "spool_", 6);
        if (!strncmp(points[i], "blank_", 6) || !strncmp(points[i], "erase_", 6))
            continue;                       /* reached by erasing only: tests/e2e/erase_test.c, tests/unit/journal_test.c */
        if (!strncmp(points[i], "message_", 8) || !strncmp(points[i], "oic_", 4))
            continue;                       /* of the alert sink: tests/crash/post_kill_test.c, alerts_test.c */
        if (!strncmp(points[i], "connect_", 8))
            continue;                       /* tests/crash/connect_kill_test.c */
        if (!strncmp(points[i], "compliance_", 11) || !strncmp(points[i], "holding_", 8))
            continue;                       /* tests/crash/compliance_kill_test.c */
        die_at(dir, input, spool, points[i], 1, calm_trail, calm_owed);
        if (strncmp(points[i], "checkpoint", 10) != 0)
            die_at(dir, input, spool, points[i], 2, calm_trail, calm_owed);
    }
    cases_free(&c);
    free(calm_trail), free(calm_owed), free(trail), free(calm), free(input);
    folder_remove(&dir);
}

struct ended { const char *calm, *trail; };

static bool trail_is_whole(void *ctx)
{
    const struct ended *e = ctx;

    return file_bytes(e->trail) >= file_bytes(e->calm);
}

/* A key and a list for each of the three. */
static void make_keys(const char *dir, const char *in_at, const char *out_at, struct keyring ret[3])
{
    char *tracker = keyring_make(dir, "tracker"), *sink = keyring_make(dir, "sink"), *producer = keyring_make(dir, "producer");

    keyring_list(dir, "tracker", "%s\n%s %s\n", producer, sink, out_at);
    keyring_list(dir, "sink", "%s\n", tracker);
    keyring_list(dir, "producer", "%s %s\n", tracker, in_at);
    ret[0] = keyring_of(dir, "tracker"), ret[1] = keyring_of(dir, "sink"), ret[2] = keyring_of(dir, "producer");
    free(tracker), free(sink), free(producer);
}

/* tcp, three processes, the tracker killed again and again while events go in. */
static void kill_tracker(size_t journeys, int kills, uint64_t seed, bool with_keys)
{
    char *dir = folder_make(), *input = path_in(dir, "in.ndjson"), *calm = path_in(dir, "calm"), *data = path_in(dir, "data");
    char *calm_trail = path_in(calm, "trail.ndjson"), *trail = path_in(dir, "trail.ndjson"), *in_at = endpoint_free(), *out_at = endpoint_free();
    char *a, *b;
    struct keyring keys[3] = { { { NULL } } };
    struct program tracker, sink, producer;
    struct timespec pause = { 0, 0 };
    struct cases c;

    cr_log_info("seed %llu", (unsigned long long)seed);
    cases_make(&c, seed, journeys);
    cases_write(&c, input);
    cr_log_info("%zu events", c.count);
    cr_assert(program_run(dir, NULL, ARGS("run", "--once", "--quiet", "--clock", "events", "--data", calm, input)) == 0);
    if (with_keys)
        make_keys(dir, in_at, out_at, keys);
    sink = program_start(dir, NULL, NULL, ARGS("trail", "--listen", out_at, trail, KEYS(keys[1])));
    producer = program_start(dir, NULL, NULL, ARGS("emit", "--clock", "events", "--to", in_at, input, KEYS(keys[2])));
    for (int i = 0; i <= kills; i++) {
        tracker = program_start(dir, NULL, NULL, ARGS("track", "--data", data, "--listen", in_at, "--sink", out_at,
                                                      "--checkpoint-every", "5000", KEYS(keys[0])));
        if (i == kills)
            break;
        c.random = c.random * 6364136223846793005u + 1442695040888963407u;
        pause.tv_nsec = (long)(20000000 + (c.random >> 33) % 280000000);
        nanosleep(&pause, NULL);            /* the moment of the kill: nothing waits for it */
        cr_assert(program_is_running(&tracker), "the tracker ended by itself: %s", file_read(tracker.out, NULL));
        program_kill(&tracker, SIGKILL);
        program_wait(&tracker, 10);
        free(tracker.out);
    }
    cr_assert(program_wait(&producer, 300) == 0, "%s", file_read(producer.out, NULL));
    wait_until(trail_is_whole, &(struct ended){ calm_trail, trail }, 300, "the sink to have every notice");
    program_kill(&tracker, SIGTERM);
    cr_assert(program_wait(&tracker, 60) == 0, "%s", file_read(tracker.out, NULL));
    program_kill(&sink, SIGTERM);
    cr_assert(program_wait(&sink, 60) == 0, "%s", file_read(sink.out, NULL));
    trail_check(trail);
    a = file_read(calm_trail, NULL);
    b = file_read(trail, NULL);
    check_same(a, b, "the trail is not that of the calm run");
    free(a), free(b);
    a = owed_of(dir, calm);
    b = owed_of(dir, data);
    check_same(a, b, "what is owed is not that of the calm run");
    free(a), free(b);
    free(digests_of(dir, data));
    cases_free(&c);
    free(tracker.out), free(sink.out), free(producer.out);
    keyring_free(&keys[0]), keyring_free(&keys[1]), keyring_free(&keys[2]);
    free(in_at), free(out_at), free(calm_trail), free(trail), free(calm), free(data), free(input);
    folder_remove(&dir);
}

Test(kill, the_tracker_twenty_times_while_200000_events_go_in, .timeout = 900)
{
    kill_tracker(35000, 20, (uint64_t)time(NULL), false);
}

Test(kill, the_tracker_ten_times_while_events_go_in_under_curve, .timeout = 600)
{
    kill_tracker(8000, 10, (uint64_t)time(NULL), true);
}
