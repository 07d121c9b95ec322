/* An alert is acknowledged from the command line, through the front door of a running tracker. */
#include "core/json.h"
#include "processors/journal.h"
#include "tests/kit/program.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *dir, *data;

/* The notice_id of the last alert of a level, 32 letters. */
static void find(const char *level, char ret[33])
{
    char *text, want[64];

    snprintf(want, sizeof want, "\"level\":\"%s\"", level);
    cr_assert_eq(program_run(dir, &text, ARGS("notices", "--json", "--data", data)), 0);
    ret[0] = 0;
    for (char *at = strtok(text, "\n"); at; at = strtok(NULL, "\n"))
        if (strstr(at, want))
            snprintf(ret, 33, "%s", strstr(at, "\"notice_id\":\"") + 13);
    cr_assert_eq(strlen(ret), 32, "no %s", level);
    free(text);
}

static bool is_acknowledged(void *ctx)
{
    char *text;
    bool is;

    cr_assert_eq(program_run(dir, &text, ARGS("notices", "--json", "--data", data)), 0);
    is = strstr(text, ctx) != NULL;
    free(text);
    return is;
}

Test(ack, is_a_case_event_that_is_durable_when_the_command_ends)
{
    struct program tracker;
    char id[33], prefix[9], want[128], *text;

    dir = folder_make();
    data = path_in(dir, "data");
    cr_assert_eq(program_run(dir, NULL, ARGS("run", "--once", "--quiet", "--data", data, "deploy/examples/week-of-a-force.ndjson")), 0);
    find("breached", id);
    cr_assert_eq(program_run(dir, &text, ARGS("ack", id, "--by", "20533", "--data", data, "--wait", "1s")), 1);    /* no tracker runs */
    cr_assert(strstr(text, "is it running?"), "%s", text);
    free(text);
    tracker = program_start(dir, NULL, NULL, ARGS("track", "--data", data));
    snprintf(prefix, sizeof prefix, "%.8s", id);
    cr_assert_eq(program_run(dir, &text, ARGS("ack", prefix, "--by", "20533", "--reason", "CALLED", "--data", data)), 0, "%s", text);
    cr_assert(strstr(text, "The clock goes on"), "%s", text);
    free(text);
    snprintf(want, sizeof want, "\"acknowledges\":\"%s\",\"acknowledged_by\":\"20533\",\"reason\":\"CALLED\"", id);
    wait_until(is_acknowledged, want, 30, "the acknowledgement to be told");
    cr_assert_eq(program_run(dir, NULL, ARGS("ack", "ffffffffffff", "--by", "20533", "--data", data)), 1);
    cr_assert_eq(program_run(dir, NULL, ARGS("ack", id, "--data", data)), 2);
    cr_assert_eq(program_run(dir, NULL, ARGS("ack", id, "--by", "20533", "--reason", "spoke to her mother", "--data", data)), 2);
    program_kill(&tracker, SIGTERM);
    cr_assert_eq(program_wait(&tracker, 30), 0);
    cr_assert_eq(program_run(dir, &text, ARGS("verify", "--data", data)), 0, "%s", text);
    free(text), free(tracker.out), free(data);
    folder_remove(&dir);
}

/* All in one process has the same front door. */
Test(ack, finds_a_run_that_goes_on)
{
    struct program run;
    char id[33], *text;

    dir = folder_make();
    data = path_in(dir, "data");
    cr_assert_eq(program_run(dir, NULL, ARGS("run", "--once", "--quiet", "--data", data, "deploy/examples/week-of-a-force.ndjson")), 0);
    find("breached", id);
    run = program_start(dir, NULL, NULL, ARGS("run", "--quiet", "--data", data));
    cr_assert_eq(program_run(dir, &text, ARGS("ack", id, "--by", "20533", "--reason", "CALLED", "--data", data)), 0, "%s", text);
    free(text);
    program_kill(&run, SIGTERM);
    cr_assert_eq(program_wait(&run, 30), 0);
    free(run.out), free(data);
    folder_remove(&dir);
}

/* How many streams have records in the journal. */
static size_t streams(void)
{
    static uint8_t seen[64][STREAM_BYTES];
    char *path = path_in(data, "journal");
    struct journal_reader *r;
    struct journal_batch b;
    struct journal *j;
    struct why why;
    size_t count = 0, i;

    cr_assert_eq(journal_open(path, true, &j, &why), E_OK);
    cr_assert_eq(journal_reader_open(j, &r), E_OK);
    for (uint64_t number = 1; !journal_reader_get(r, number, &b); number = b.first + b.count) {
        for (i = 0; i < count && memcmp(seen[i], b.stream, STREAM_BYTES); i++) {}
        cr_assert_lt(i, sizeof seen / sizeof *seen);
        memcpy(seen[i], b.stream, STREAM_BYTES);
        count += i == count;
    }
    journal_reader_close(&r);
    journal_close(&j);
    free(path);
    return count;
}

/* Many officers at once come through one door: one has it at a time, the others knock again. */
Test(ack, of_many_at_once_none_is_lost, .timeout = 120)
{
    enum { OFFICERS = 24 };
    struct program tracker;
    size_t before;
    char id[33], command[4096], want[64], first[] = "\"acknowledged_by\":\"20100\"", *text;

    dir = folder_make();
    data = path_in(dir, "data");
    cr_assert_eq(program_run(dir, NULL, ARGS("run", "--once", "--quiet", "--data", data, "deploy/examples/week-of-a-force.ndjson")), 0);
    find("breached", id);
    before = streams();
    tracker = program_start(dir, NULL, NULL, ARGS("track", "--data", data));
    snprintf(command, sizeof command, "for i in $(seq 100 %d); do \"$RIGHTSWATCH\" ack %s --by 20$i --data '%s' --wait 60s >/dev/null & p=\"$p $!\"; done;"
             " for one in $p; do wait $one || exit 1; done", 100 + OFFICERS - 1, id, data);
    cr_assert_eq(system(command), 0, "an acknowledgement was not taken");
    wait_until(is_acknowledged, first, 30, "the first to be told");
    program_kill(&tracker, SIGTERM);
    cr_assert_eq(program_wait(&tracker, 30), 0);
    cr_assert_eq(program_run(dir, &text, ARGS("notices", "--json", "--all", "--data", data)), 0);
    cr_assert_eq(streams(), before + 1, "each acknowledgement has a stream of its own");
    for (int i = 0; i < OFFICERS; i++) {
        snprintf(want, sizeof want, "\"acknowledged_by\":\"20%d\"", 100 + i);
        cr_assert(strstr(text, want), "%s is not there", want);
    }
    free(text), free(tracker.out), free(data);
    folder_remove(&dir);
}
