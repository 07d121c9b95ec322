/* The configuration of the officer alerts read again while they run: by SIGHUP, whole or not at all. */
#include "tests/kit/program.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *dir, *data, *config, *intake;
static struct program run;

/* Messages go to this file. */
static void configure(const char *file, const char *and)
{
    char *text;

    cr_assert(asprintf(&text, "domains: [police.example]\nforce_inbox: code@police.example\ngo_live: \"2020-01-01\"\nhistory: none\n%s"
                              "channels:\n  file: { type: file, path: %s }\n", and, file) > 0);
    file_write(config, text, strlen(text));
    free(text);
}

static size_t messages(const char *file)
{
    char *path = path_in(dir, file);
    size_t n = file_lines(path);

    free(path);
    return n;
}

static bool has_messages(void *file) { return messages(*(const char **)file) > 0; }

static bool has_more(void *before) { return messages("second.ndjson") > *(size_t *)before; }

static bool is_said(const char *what)
{
    char *text = file_read(run.out, NULL);
    bool is = strstr(text, what) != NULL;

    free(text);
    return is;
}

static bool holds(void *what) { return is_said(*(const char **)what); }

static void reload(const char *until)
{
    program_kill(&run, SIGHUP);
    wait_until(holds, &until, 30, until);
}

/* Lines [from, to) of the example, and what they raise. */
static void emit(size_t from, size_t to)
{
    char *text = file_read("deploy/examples/week-of-a-force.ndjson", NULL), *p = text, *begin = NULL, *part = path_in(dir, "part.ndjson");

    for (size_t line = 0; *p && line < to; p = strchr(p, '\n') + 1, line++)
        if (line == from)
            begin = p;
    file_write(part, begin, (size_t)(p - begin));
    cr_assert_eq(program_run(dir, NULL, ARGS("emit", "--to", intake, "--quiet", part)), 0);
    free(part);
    free(text);
}

Test(reload, what_is_right_is_taken_and_what_is_wrong_is_not, .timeout = 120)
{
    const char *first = "first.ndjson", *second = "second.ndjson";
    static const char officers[] = "collar,address,name\n20533,20533@police.example,PC 20533\n";
    char *path;
    size_t before;

    dir = folder_make();
    data = path_in(dir, "data"), config = path_in(dir, "oic.yaml");
    path = path_in(dir, "officers.csv"), file_write(path, officers, sizeof officers - 1), free(path);
    cr_assert(asprintf(&intake, "ipc://%s/in", dir) > 0);
    configure(first, "");
    run = program_start(dir, NULL, NULL, ARGS("run", "--quiet", "--clock", "events", "--listen", intake, "--data", data, "--oic", config));
    emit(0, 90);
    wait_until(has_messages, &first, 30, "messages by the first configuration");

    configure(second, "");
    reload("the configuration was read again");
    before = messages(first);
    emit(90, 120);
    wait_until(has_messages, &second, 30, "messages by the second configuration");
    cr_assert_eq(messages(first), before, "what was under way when it was read again had arrived");

    configure("third.ndjson", "digset: 07:00\n");
    reload("the configuration is not taken, the one before goes on: ");
    cr_assert(is_said("oic.yaml:5: "), "with the line and what is wrong: %s", file_read(run.out, NULL));
    configure("third.ndjson", "data: elsewhere\n");
    reload("'data' is another folder: that takes a restart");
    before = messages(second);
    emit(120, 184);
    wait_until(has_more, &before, 30, "more of them, by the second still");
    program_kill(&run, SIGTERM);
    cr_assert_eq(program_wait(&run, 30), 0, "%s", file_read(run.out, NULL));
    cr_assert_eq(messages("third.ndjson"), 0);
    free(run.out), free(intake), free(config), free(data);
    folder_remove(&dir);
}
