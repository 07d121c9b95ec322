/* Messages that do not arrive, as the person sees them who looks after the alerts. */
#include "tests/kit/program.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *dir, *config;

static void begin(void)
{
    static const char script[] = "[ -e \"$1/broken\" ] && exit 67\ncat >>\"$1/took\"\n";
    static const char officers[] = "collar,address,name\n20533,20533@police.example,PC 20533\n";
    char *text, *path;

    dir = folder_make();
    path = path_in(dir, "take.sh"), file_write(path, script, sizeof script - 1), free(path);
    path = path_in(dir, "officers.csv"), file_write(path, officers, sizeof officers - 1), free(path);
    path = path_in(dir, "broken"), file_write(path, "", 0), free(path);
    config = path_in(dir, "oic.yaml");
    cr_assert(asprintf(&text, "domains: [police.example]\nforce_inbox: code@police.example\ngo_live: \"2020-01-01\"\nhistory: none\n"
                              "channels:\n  program: { type: command, run: [/bin/sh, %s/take.sh, %s], give: text }\n", dir, dir) > 0);
    file_write(config, text, strlen(text));
    free(text);
}

static void end(void)
{
    free(config);
    folder_remove(&dir);
}
TestSuite(undelivered, .init = begin, .fini = end, .timeout = 60);

static char *ask(int code, const char *a, const char *b, const char *c, const char *d)
{
    char *out;

    cr_assert_eq(program_run(dir, &out, ARGS("undelivered", "--config", config, a, b, c, d)), code, "%s", out);
    return out;
}

static void should_say(char *out, const char *what)
{
    cr_assert(strstr(out, what), "'%s' is not in\n%s", what, out);
    free(out);
}

static void run_the_example(void)
{
    char *data = path_in(dir, "data"), *out;

    cr_assert_eq(program_run(dir, &out, ARGS("run", "--once", "--data", data, "--oic", config, "deploy/examples/week-of-a-force.ndjson")), 0, "%s", out);
    free(out);
    free(data);
}

Test(undelivered, dead_letters_are_seen_sent_again_and_dropped)
{
    char *out, *took = path_in(dir, "took"), *broken = path_in(dir, "broken");
    unsigned long long first = 0, second = 0;
    char number[32];

    run_the_example();
    cr_assert_eq(file_lines(took), 0);
    out = ask(0, NULL, NULL, NULL, NULL);
    cr_assert(strstr(out, "program to 20533") && strstr(out, "1 attempt\n        the program ended with 67\n"), "%s", out);
    cr_assert_eq(sscanf(out, "%llu", &first), 1);
    cr_assert_eq(sscanf(strchr(strchr(out, '\n') + 1, '\n') + 1, "%llu", &second), 1);
    free(out);

    snprintf(number, sizeof number, "%llu", first);
    should_say(ask(0, "--show", number, NULL, NULL), "Before any contact: check the safe-contact plan in CONNECT first.");
    should_say(ask(2, "--drop", number, NULL, NULL), "--drop wants a --reason");
    should_say(ask(0, "--drop", number, "--reason", "the officer has left"), "1 message dropped");
    should_say(ask(1, "--retry", number, NULL, NULL), "is not a dead letter; nothing was changed");
    snprintf(number, sizeof number, "%llu", second);
    should_say(ask(0, "--retry", number, NULL, NULL), "2 messages go out again");    /* it, and what corrects it */
    should_say(ask(0, "--waiting", NULL, NULL, NULL), "at once");

    cr_assert_eq(remove(broken), 0);
    should_say(ask(0, "--retry", "all", NULL, NULL), "go out again");
    run_the_example();
    should_say(ask(0, NULL, NULL, NULL, NULL), "No message is undeliverable.");
    should_say(ask(0, "--delivered", NULL, NULL, NULL), "dropped: the officer has left");
    out = ask(0, "--delivered", "--json", NULL, NULL);
    cr_assert(strstr(out, "\"state\":\"delivered\"") && strstr(out, "\"said\":\"the program ended with 0\""), "%s", out);
    free(out);
    cr_assert_gt(file_lines(took), 20);
    free(broken);
    free(took);
}

Test(undelivered, an_example_is_sent_through_a_channel)
{
    char *out, *broken = path_in(dir, "broken");

    cr_assert_eq(program_run(dir, &out, ARGS("words", "--try", "program", "--to", "20533", "--config", config)), 1);
    cr_assert_str_eq(out, "refused for good: the program ended with 67\n");
    free(out);
    cr_assert_eq(remove(broken), 0);
    cr_assert_eq(program_run(dir, &out, ARGS("words", "--try", "program", "--to", "20533", "--config", config)), 0);
    cr_assert_str_eq(out, "taken: the program ended with 0\n");
    free(out);
    cr_assert_eq(program_run(dir, &out, ARGS("words", "--try", "pager", "--to", "20533", "--config", config)), 2);
    should_say(out, "names no channel 'pager'");
    free(broken);
}

Test(undelivered, templates_are_written_edited_and_checked)
{
    char *out, *templates = path_in(dir, "templates"), *path = path_in(dir, "templates/message.txt");

    cr_assert_eq(program_run(dir, &out, ARGS("words", "--write", templates)), 0);
    free(out);
    cr_assert_eq(program_run(dir, &out, ARGS("words", "--templates", templates, "--check")), 0);
    should_say(out, "the templates can be used");
    file_write(path, "Hello\n{{#journeys}}\n{{jouney}}\n{{/journeys}}\n", 45);
    cr_assert_neq(program_run(dir, &out, ARGS("words", "--templates", templates, "--check")), 0);
    should_say(out, "message.txt:3: there is no 'jouney' here; did you mean 'journey'?");
    cr_assert_eq(program_run(dir, &out, ARGS("words", "--write", templates)), 1);
    should_say(out, "is not written: File exists");
    free(path);
    free(templates);
}
