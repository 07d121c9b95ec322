/* What a person types and what comes back: answers, errors, hostile input, exit codes. */
#include "tests/kit/cases.h"
#include "tests/kit/program.h"
#include "tests/kit/standing.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SAYS(text, part) cr_assert(strstr(text, part), "'%s' is not in:\n%.3000s", part, text)

static const char week[] =
    "{\"event_id\":\"a1\",\"source\":\"connect\",\"crime_ref\":\"20/1/26\",\"victim_ref\":\"V1\",\"occurred_at\":\"2026-04-02T09:00:00Z\","
    "\"recorded_by\":\"20417\",\"report\":{\"oic\":\"20417\",\"team\":\"CID\"}}\n"
    "{\"event_id\":\"a2\",\"source\":\"connect\",\"crime_ref\":\"20/1/26\",\"victim_ref\":\"V1\",\"occurred_at\":\"2026-04-15T09:00:00Z\","
    "\"nfa\":{}}\n";

Test(commands, help_is_everywhere_and_wrong_words_are_met_with_the_right_ones)
{
    static const char *const commands[] = {
#define COMMAND(name) #name,
#include "commands/commands.def"
#undef COMMAND
    };
    char *dir = folder_make(), *out;

    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        cr_assert(program_run(dir, &out, ARGS(commands[i], "--help")) == 0);
        SAYS(out, commands[i]);
        SAYS(out, "--help");
        free(out);
        cr_assert(program_run(dir, &out, ARGS(commands[i], "--no-such-option")) == 2);
        SAYS(out, "there is no option --no-such-option");
        free(out);
    }
    cr_assert(program_run(dir, &out, ARGS("journy")) == 2);
    SAYS(out, "did you mean 'journey'?");
    free(out);
    cr_assert(program_run(dir, &out, ARGS("due", "--data", "/nonexistent/folder")) == 2);
    SAYS(out, "there is no data folder");
    free(out);
    folder_remove(&dir);
}

Test(commands, a_journey_is_explained_day_by_day)
{
    char *dir = folder_make(), *data = path_in(dir, "data"), *input = path_in(dir, "in.ndjson"), *out;

    file_write(input, week, sizeof week - 1);
    cr_assert(program_run(dir, &out, ARGS("run", "--once", "--data", data, input)) == 0, "%s", out);
    SAYS(out, "20/1/26");
    SAYS(out, "Where to look next");
    free(out);
    cr_assert(program_run(dir, &out, ARGS("journey", "20/1/26", "--data", data)) == 0, "%s", out);
    SAYS(out, "Good Friday");
    SAYS(out, "Easter Monday");
    SAYS(out, "due by the end of Mon 13 Apr 2026");
    SAYS(out, "Wed 22 Apr 2026");
    free(out);
    cr_assert(program_run(dir, &out, ARGS("journey", "20/9/26", "--data", data)) == 1);
    SAYS(out, "no such crime reference");
    free(out);
    cr_assert(program_run(dir, &out, ARGS("due", "--oic", "20417", "--csv", "--data", data)) == 0);
    SAYS(out, "R6-NFA");
    free(out);
    cr_assert(program_run(dir, &out, ARGS("due", "--oic", "99999", "--data", data)) == 0);
    SAYS(out, "Nothing");
    free(out), free(input), free(data);
    folder_remove(&dir);
}

static bool has_socket(void *path) { return file_lines(path) > 0; }

Test(commands, a_running_tracker_and_a_folder_at_rest_answer_alike, .timeout = 60)
{
    char *dir = folder_make(), *data = path_in(dir, "data"), *input = path_in(dir, "in.ndjson"), *rest, *live, *status;
    struct program tracker;
    struct cases c;

    cases_make(&c, 11, 50);
    cases_write(&c, input);
    cr_assert(program_run(dir, NULL, ARGS("run", "--once", "--quiet", "--data", data, input)) == 0);
    cr_assert(program_run(dir, &rest, ARGS("due", "--all", "--json", "--data", data)) == 0);
    tracker = program_start(dir, NULL, NULL, ARGS("track", "--data", data));
    wait_until(has_socket, tracker.out, 20, "the tracker to listen");
    cr_assert(program_run(dir, &live, ARGS("due", "--all", "--json", "--data", data)) == 0);
    cr_assert(!strcmp(rest, live), "at rest\n%.500s\nrunning\n%.500s", rest, live);
    cr_assert(program_run(dir, &status, ARGS("verify", "--data", data)) == 1);
    SAYS(status, "another rightswatch is running");
    program_kill(&tracker, SIGTERM);
    cr_assert(program_wait(&tracker, 20) == 0, "a clean stop ends with 0: %s", file_read(tracker.out, NULL));
    cases_free(&c);
    free(rest), free(live), free(status), free(tracker.out), free(input), free(data);
    folder_remove(&dir);
}

Test(commands, standard_input_waits_in_its_spool_for_a_tracker_that_is_away, .timeout = 60)
{
    char *dir = folder_make(), *data = path_in(dir, "data"), *input = path_in(dir, "in.ndjson"), *spool = path_in(dir, "spool");
    char *to, *out;
    struct program producer, tracker;

    cr_assert(asprintf(&to, "ipc://%s/in.sock", dir) > 0);
    file_write(input, week, sizeof week - 1);
    producer = program_start(dir, input, NULL, ARGS("emit", "--to", to, "--spool", spool));
    cr_assert(program_is_running(&producer));
    tracker = program_start(dir, NULL, NULL, ARGS("track", "--data", data, "--listen", to));
    cr_assert(program_wait(&producer, 30) == 0, "%s", file_read(producer.out, NULL));
    program_kill(&tracker, SIGTERM);
    cr_assert(program_wait(&tracker, 20) == 0);
    cr_assert(program_run(dir, &out, ARGS("journey", "20/1/26", "--data", data)) == 0, "%s", out);
    SAYS(out, "a2");
    free(out), free(to), free(producer.out), free(tracker.out), free(input), free(spool), free(data);
    folder_remove(&dir);
}

Test(commands, what_cannot_be_read_is_set_aside_and_the_rest_is_unharmed, .timeout = 60)
{
    static const char bad[] =
        "this is not JSON\n"
        "{\"event_id\":\"x1\"}\n"
        "{\"event_id\":\"x2\",\"source\":\"connect\",\"crime_ref\":\"20/1/26\",\"victim_ref\":\"V1\",\"occurred_at\":\"2026-13-45T09:00:00Z\",\"report\":{}}\n"
        "{\"event_id\":\"x3\",\"source\":\"connect\",\"crime_ref\":\"20/1/26\",\"occurred_at\":\"2026-04-02T09:00:00Z\",\"update\":{\"kind\":\"code-given\"}}\n"
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\n"
        "\xff\xfe\x00garbage\n";
    char *dir = folder_make(), *data = path_in(dir, "data"), *input = path_in(dir, "in.ndjson"), *out, *text;
    size_t n = sizeof bad - 1, m = sizeof week - 1, giant = 300000, at = 0;

    text = malloc(n + m + giant + 64);
    cr_assert(text != NULL);
    memcpy(text + at, bad, n), at += n;
    memset(text + at, 'A', giant), at += giant;
    text[at++] = '\n';
    memcpy(text + at, week, m), at += m;
    memcpy(text + at, "{\"event_id\":\"cut sh", 19), at += 19;
    file_write(input, text, at);
    cr_assert(program_run(dir, &out, ARGS("run", "--once", "--data", data, input)) == 0, "%s", out);
    SAYS(out, "2 events, 8 rows set aside");
    free(out);
    cr_assert(program_run(dir, &out, ARGS("status", "--data", data)) == 0);
    SAYS(out, "8 rows that could not be read");
    free(out);
    cr_assert(program_run(dir, &out, ARGS("journey", "20/1/26", "V1", "--data", data)) == 0);
    SAYS(out, "R6-NFA");
    free(out), free(text), free(input), free(data);
    folder_remove(&dir);
}

/* One acknowledged batch, one sync at least: counted from outside. */
Test(commands, every_acknowledged_batch_was_synced, .timeout = 60)
{
    char *dir = folder_make(), *data = path_in(dir, "data"), *input = path_in(dir, "in.ndjson"), *log = path_in(dir, "strace"), *command, *text;
    size_t syncs = 0, sends = 0;
    struct cases c;

    cases_make(&c, 12, 400);
    cases_write(&c, input);
    /* A leak cannot be looked for while the process is traced. */
    cr_assert(asprintf(&command, "ASAN_OPTIONS=\"$ASAN_OPTIONS:detect_leaks=0\" strace -f -e trace=fdatasync,fsync,msync -o %s "
                       "%s run --once --quiet --data %s %s", log,
                       getenv("RIGHTSWATCH"), data, input) > 0);
    cr_assert(system(command) == 0, "strace is needed: %s", command);
    text = file_read(log, NULL);
    for (char *at = text; (at = strstr(at, "sync(")); at++)
        syncs++;
    sends = (c.count + 999) / 1000;
    cr_log_info("%zu syncs for at least %zu batches", syncs, sends);
    cr_assert(syncs >= sends + 2, "%zu syncs for %zu batches, the outbox and the trail", syncs, sends);
    cases_free(&c);
    free(text), free(command), free(log), free(input), free(data);
    folder_remove(&dir);
}
