/* Messages that leave: through a program that fails as a test wants, over hours that pass at once. */
#include "sinks/oic/post.h"
#include "tests/kit/letters.h"
#include "tests/kit/program.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static struct letters l;
static struct channels *channels;
static struct wording *wording;
static struct post *post;
static struct instant now;
static char told[64][512];
static unsigned tells;
static char *control, *took;

static struct instant clock_of_test(void *ctx)
{
    (void)ctx;
    return now;
}

static void hear(void *ctx, const char *sentence)
{
    (void)ctx;
    snprintf(told[tells++ % 64], sizeof told[0], "%s", sentence);
}

/* The program appends the id to a file, unless the control file names another exit code for this id, or for all. */
static const char script[] =
    "code=$(grep -hE \"^($RIGHTSWATCH_ID|all) \" \"$1\" 2>/dev/null | head -1 | cut -d' ' -f2)\n"
    "[ \"${code:-0}\" = sleep ] && sleep 30\n"
    "[ \"${code:-0}\" = 0 ] || exit \"$code\"\n"
    "cat >/dev/null\n"
    "echo \"$RIGHTSWATCH_TO $RIGHTSWATCH_ID\" >>\"$2\"\n";

static void open_post(void)
{
    struct post_settings s = { .store = l.store, .channels = channels, .wording = wording, .waits = { 30, 900, 10800 },
                               .now = clock_of_test, .tell = hear };
    struct why why = { "" };

    cr_assert_eq(post_open(&s, &post, &why), E_OK, "%s", why.text);
}

static void begin(void)
{
    char *yaml, *sh;
    struct why why = { "" };

    letters_open(&l);
    control = path_in(l.dir, "control"), took = path_in(l.dir, "took"), sh = path_in(l.dir, "take.sh");
    file_write(sh, script, sizeof script - 1);
    cr_assert(asprintf(&yaml, "program:\n  type: command\n  run: [/bin/sh, %s, %s, %s]\n  time_limit_s: 1\n"
                              "lines: { type: file, path: %s/lines.ndjson }\n", sh, control, took, l.dir) > 0);
    channels = letters_channels(yaml);
    cr_assert_eq(wording_open(NULL, &wording, &why), E_OK, "%s", why.text);
    now = (struct instant){ 1775548800 };
    tells = 0;
    open_post();
    free(yaml);
    free(sh);
}

static void end(void)
{
    post_close(&post);
    wording_close(&wording);
    channels_close(&channels);
    free(control);
    free(took);
    letters_close(&l);
}
TestSuite(post, .init = begin, .fini = end, .timeout = 60);

static void put(uint32_t n, const char *channel, const char *to)
{
    struct message m = letter(n, channel, to);

    letters_put(&l, &m);
}

static void say(const char *rules) { file_write(control, rules, strlen(rules)); }

static struct instant go(size_t channel)
{
    struct instant next;
    struct why why = { "" };

    cr_assert_eq(post_round(post, channel, &next, &why), E_OK, "%s", why.text);
    return next;
}

/* Rounds until nothing waits or the time is over, as the clock goes on. */
static void go_on(size_t channel, struct instant until)
{
    for (struct instant next; instant_is_set(next = go(channel)) && instant_before(next, until);)
        now = next;
}

Test(post, a_message_that_fails_comes_later_and_in_order)
{
    put(1, "program", "a"), put(2, "program", "a"), put(3, "program", "b");
    say("0000000111111111111111111111111 0\n0000000211111111111111111111111 0\n00000001111111111111111111111111 75\n");
    go(0);
    cr_assert_eq(file_lines(took), 1, "only the other recipient's");
    go_on(0, instant_add(now, 7200));
    cr_assert_eq(file_lines(took), 1);
    cr_assert_gt(letters_find(&l, 1).attempts, 5);
    say("");
    go_on(0, instant_add(now, 7200));
    char *text = file_read(took, NULL);
    cr_assert_str_eq(text, "b 00000003111111111111111111111111\na 00000001111111111111111111111111\na 00000002111111111111111111111111\n");
    free(text);
    cr_assert_eq(letters_count(&l).delivered, 3);
}

Test(post, a_channel_that_is_down_rests_and_nothing_is_given_up)
{
    for (uint32_t n = 1; n <= 20; n++)
        put(n, "program", n % 2 ? "a" : "b");
    say("all 69\n");
    go_on(0, instant_add(now, 12 * 3600));
    cr_assert_eq(letters_count(&l).waiting, 20);
    cr_assert_eq(letters_find(&l, 1).attempts, 0);
    cr_assert(post_counts(post, 0).is_down && post_counts(post, 0).delivered == 0);
    cr_assert(post_counts(post, 0).attempts > 140 && post_counts(post, 0).attempts < 400);
    say("");
    go_on(0, instant_add(now, 86400));
    cr_assert_eq(letters_count(&l).delivered, 20);
    cr_assert_eq(tells, 2, "one sentence as it began and one as it ended");
    cr_assert(strstr(told[0], "channel program is down: the program ended with 69"), "%s", told[0]);
    cr_assert(strstr(told[1], "works again"));
}

Test(post, a_message_that_brings_the_channel_down_again_and_again_does_not_stop_the_others)
{
    for (uint32_t n = 1; n <= 5; n++)
        put(n, "program", n == 1 ? "a" : "b");
    say("00000001111111111111111111111111 69\n");
    go_on(0, instant_add(now, 3600));
    cr_assert_eq(letters_count(&l).delivered, 4);
    for (uint32_t n = 6; n <= 40; n++) {
        put(n, "program", "b");
        now = instant_add(now, 600);
        go_on(0, instant_add(now, 1));
    }
    cr_assert_eq(letters_count(&l).delivered, 39);
    cr_assert_eq(letters_find(&l, 1).state, QUEUE_IS_DEAD);
}

Test(post, what_is_refused_for_good_lies_with_the_dead_letters)
{
    put(1, "program", "a"), put(2, "program", "a");
    say("00000001111111111111111111111111 67\n");
    go(0);
    cr_assert_eq(letters_find(&l, 1).state, QUEUE_IS_DEAD);
    cr_assert_eq(letters_find(&l, 2).state, QUEUE_IS_DELIVERED);
    cr_assert(tells == 1 && strstr(told[0], "dead letters"));
}

Test(post, a_program_that_hangs_is_killed_at_its_limit)
{
    struct mono began = mono_now();

    put(1, "program", "a");
    say("all sleep\n");
    go(0);
    cr_assert_lt(mono_ms_since(began), 5000);
    cr_assert_eq(letters_find(&l, 1).state, QUEUE_IS_WAITING);
    cr_assert_eq(letters_find(&l, 1).attempts, 1);
}

Test(post, a_line_cut_short_is_mended_and_a_moved_file_begun_anew)
{
    char *path = path_in(l.dir, "lines.ndjson"), *moved = path_in(l.dir, "lines.1"), *text;

    file_write(path, "{\"id\":\"whole\"}\n{\"id\":\"cut sh", 28);
    put(1, "lines", "a");
    go(1);
    text = file_read(path, NULL);
    cr_assert(!strncmp(text, "{\"id\":\"whole\"}\n{\"id\":\"00000001", 30), "%s", text);
    cr_assert(strstr(text, "\"crime_ref\":\"20/1/26\"") && !strstr(text, "victim_ref"), "%s", text);
    free(text);
    cr_assert_eq(rename(path, moved), 0);
    put(2, "lines", "a");
    go(1);
    cr_assert_eq(file_lines(path), 1);
    cr_assert_eq(file_lines(moved), 2);
    free(path);
    free(moved);
}

Test(post, threads_send_what_is_put_while_they_run)
{
    struct why why = { "" };

    post_close(&post);
    struct post_settings s = { .store = l.store, .channels = channels, .wording = wording, .waits = LINE_WAITS, .tell = hear };
    cr_assert_eq(post_open(&s, &post, &why), E_OK);
    cr_assert_eq(post_start(post, &why), E_OK, "%s", why.text);
    for (uint32_t n = 1; n <= 50; n++) {
        put(n, n % 5 ? "lines" : "program", n % 3 ? "a" : "b");
        post_ring(post);
    }
    struct mono began = mono_now();
    while (letters_count(&l).delivered < 50)
        cr_assert_lt(mono_ms_since(began), 20000);
    char *path = path_in(l.dir, "lines.ndjson");
    cr_assert_eq(file_lines(path), 40);
    cr_assert_eq(file_lines(took), 10);
    free(path);
}
