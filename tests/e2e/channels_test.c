/* Messages through a real mail server and a real HTTPS endpoint, both of which fail in every way that was thought of. */
#include "core/hash.h"
#include "sinks/oic/post.h"
#include "tests/kit/letters.h"
#include "tests/kit/program.h"
#include "tests/kit/servers.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static struct letters l;
static struct servers servers;
static struct channels *channels;
static struct wording *wording;
static struct post *post;
static struct instant now;
static char last_told[512];

enum { MAIL, HOOK };
static const char *const name_of[] = { "mail", "hook" };

static struct instant clock_of_test(void *ctx)
{
    (void)ctx;
    return now;
}

static void hear(void *ctx, const char *sentence)
{
    (void)ctx;
    snprintf(last_told, sizeof last_told, "%s", sentence);
    if (getenv("VERBOSE"))
        fprintf(stderr, "%s\n", sentence);
}

static void open_post(void)
{
    struct post_settings s = { .store = l.store, .channels = channels, .wording = wording, .waits = LINE_WAITS, .now = clock_of_test, .tell = hear };
    struct why why = { "" };

    cr_assert_eq(post_open(&s, &post, &why), E_OK, "%s", why.text);
}

static void begin(void)
{
    struct why why = { "" };
    char *yaml;

    signal(SIGPIPE, SIG_IGN);
    letters_open(&l);
    servers_start(&servers, l.dir);
    yaml = servers_channels(&servers);
    channels = letters_channels(yaml);
    free(yaml);
    cr_assert_eq(wording_open(NULL, &wording, &why), E_OK, "%s", why.text);
    now = instant_now();
    open_post();
}

static void end(void)
{
    post_close(&post);
    wording_close(&wording);
    channels_close(&channels);
    servers_stop(&servers);
    letters_close(&l);
}
TestSuite(channels, .init = begin, .fini = end, .timeout = 120);

static void put(uint32_t n, int channel, const char *to)
{
    struct message m = letter(n, name_of[channel], to);

    letters_put(&l, &m);
}

static struct instant go(int channel)
{
    struct instant next;
    struct why why = { "" };

    cr_assert_eq(post_round(post, (size_t)channel, &next, &why), E_OK, "%s", why.text);
    return next;
}

static size_t lines_of(const char *name)
{
    char *path = path_in(l.dir, name);
    size_t n = file_lines(path);

    free(path);
    return n;
}

static bool all_are_in_the_mailbox(void *count)
{
    char *all = servers_say("mails", l.dir);
    size_t n = 0;

    for (char *p = all; *p; p++)
        n += *p == '\n';
    free(all);
    return n == *(size_t *)count;
}

Test(channels, a_mail_arrives_as_it_was_written)
{
    struct message m = *wording_example(MESSAGE_ALERT), after = *wording_example(MESSAGE_FOLLOW_UP);
    size_t two = 2;
    char *all, *folder = path_in(l.dir, "mail/all/new"), *path, *mail;

    m.name = TEXT("PC 20533 \"Zo\xc3\xab\"");
    letters_put(&l, &m), letters_put(&l, &after);
    go(MAIL);
    wait_until(all_are_in_the_mailbox, &two, 10, "two mails in the mailbox");
    all = servers_say("mails", l.dir);
    cr_assert(strstr(all, "20533@police.example ee010000000000000000000000000000@police.example - text/plain,text/html\n"), "%s", all);
    cr_assert(strstr(all, "20533@police.example ee030000000000000000000000000000@police.example "
                          "ee010000000000000000000000000000@police.example text/plain,text/html\n"), "%s", all);
    free(all);
    /* One file name: the mail that follows nothing is the one with high importance. */
    cr_assert(asprintf(&path, "$(grep -l '^Importance: high' %s/*)", folder) > 0);
    mail = servers_say("mail", path);
    static const char *const there[] = {
        "From: Victims' Code alerts <alerts@police.example>\n", "<20533@police.example>\n", "Zo\xc3\xab",
        "Subject: Victims' Code: 1 to do now, 1 missed, 1 due soon\n", "Date: Tue, 07 Apr 2026 09:00:00 +0100\n",
        "Auto-Submitted: auto-generated\n", "=== text/plain utf-8\n", "=== text/html utf-8\n", "20/104233/26, victim 2",
        "check the safe-contact plan in CONNECT first", "Was due by the end of Thu 2 April 2026, and is not recorded as done.",
        "As CONNECT stood at 09:00 on Tue 7 April 2026", "2 working days left",
    };
    for (size_t i = 0; i < sizeof there / sizeof *there; i++)
        cr_assert(strstr(mail, there[i]), "'%s' is not in\n%s", there[i], mail);
    free(mail);
    free(path);
    free(folder);
}

Test(channels, a_mail_goes_by_tls_from_the_start)
{
    struct message m = *wording_example(MESSAGE_DIGEST);
    struct why why = { "" };
    struct wording_desk *desk;
    struct rendered r;
    size_t one = 1;
    char *yaml;

    cr_assert(asprintf(&yaml, "mail: { type: mail, server: 'smtps://localhost:%u', ca_file: %s/ca.pem, user: alerts, password_file: %s/password, "
                              "from: alerts@police.example, domains: [police.example] }", servers.smtps, l.dir, l.dir) > 0);
    struct channels *c = letters_channels(yaml);
    cr_assert_eq(wording_desk_open(&desk), E_OK);
    cr_assert_eq(wording_render(wording, desk, &m, &r), E_OK);
    cr_assert_eq(channels_send(c, 0, 0, &m, &r, &why), DELIVERED, "%s", why.text);
    wait_until(all_are_in_the_mailbox, &one, 10, "the mail in the mailbox");
    m.to = TEXT("20533@elsewhere.example");
    cr_assert_eq(channels_send(c, 0, 0, &m, &r, &why), DELIVERY_NEVER);
    cr_assert_str_eq(why.text, "the recipient is in none of the domains that may be written to");
    wording_desk_close(&desk);
    channels_close(&c);
    free(yaml);
}

/* What each failure means for the message, and what is recorded of it. */
struct fault { const char *mode, *said; enum queue_state state; uint32_t attempts; bool is_down; };

static void try_faults(const struct fault *fault, size_t count, int channel)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t n = 1000 * (uint32_t)(channel + 1) + i;
        char to[64];
        snprintf(to, sizeof to, "pc%u@police.example", n);
        last_told[0] = '\0';
        servers_fail(&servers, channel == MAIL ? "smtp" : "https", fault[i].mode);
        put(n, channel, to);
        go(channel);
        struct queue_slip s = letters_find(&l, n);
        cr_assert(s.state == fault[i].state && s.attempts == fault[i].attempts, "%s: state %d after %u attempts: %s",
                  fault[i].mode, s.state, s.attempts, last_told);
        cr_assert_eq(post_counts(post, (size_t)channel).is_down, fault[i].is_down, "%s", fault[i].mode);
        if (fault[i].is_down)
            cr_assert(strstr(last_told, fault[i].said), "%s: '%s'", fault[i].mode, last_told);
        /* Then the trouble is over, and what waits goes. */
        servers_fail(&servers, channel == MAIL ? "smtp" : "https", "ok");
        now = instant_add(now, 1000);
        go(channel);
        cr_assert(!post_counts(post, (size_t)channel).is_down, "%s", fault[i].mode);
        if (fault[i].state != QUEUE_IS_DEAD)
            cr_assert_eq(letters_find(&l, n).state, QUEUE_IS_DELIVERED, "%s", fault[i].mode);
    }
}

Test(channels, a_mail_server_fails_in_every_way)
{
    static const struct fault faults[] = {
        { "refuse", "onnect", QUEUE_IS_WAITING, 0, true },
        { "slow", "timed out", QUEUE_IS_WAITING, 0, true },
        { "greeting-421", "421", QUEUE_IS_WAITING, 0, true },
        { "no-tls", "STARTTLS", QUEUE_IS_WAITING, 0, true },
        { "strange", "certificate", QUEUE_IS_WAITING, 0, true },
        { "expired", "certificate", QUEUE_IS_WAITING, 0, true },
        { "wrong-name", "name", QUEUE_IS_WAITING, 0, true },
        { "mail-550", "550 5.7.1", QUEUE_IS_WAITING, 0, true },
        { "rcpt-451", "", QUEUE_IS_WAITING, 1, false },
        { "data-452", "", QUEUE_IS_WAITING, 1, false },
        { "close-mid", "", QUEUE_IS_WAITING, 1, false },
        { "close-after", "", QUEUE_IS_WAITING, 1, false },
        { "rcpt-550", "", QUEUE_IS_DEAD, 1, false },
        { "data-554", "", QUEUE_IS_DEAD, 1, false },
    };
    size_t count = sizeof faults / sizeof *faults;

    try_faults(faults, count, MAIL);
    /* Each delivered one once; the one that was taken before the connection broke, twice under one id. */
    cr_assert_eq(lines_of("smtp.log"), count - 2 + 1);
}

Test(channels, an_endpoint_fails_in_every_way)
{
    static const struct fault faults[] = {
        { "slow", "time", QUEUE_IS_WAITING, 0, true },
        { "refuse", "onnect", QUEUE_IS_WAITING, 0, true },
        { "strange", "certificate", QUEUE_IS_WAITING, 0, true },
        { "expired", "certificate", QUEUE_IS_WAITING, 0, true },
        { "wrong-name", "name", QUEUE_IS_WAITING, 0, true },
        { "401", "401", QUEUE_IS_WAITING, 0, true },
        { "404", "404", QUEUE_IS_WAITING, 0, true },
        { "429", "429", QUEUE_IS_WAITING, 0, true },
        { "503", "503", QUEUE_IS_WAITING, 0, true },
        { "redirect", "307", QUEUE_IS_WAITING, 0, true },
        { "500", "", QUEUE_IS_WAITING, 1, false },
        { "409", "", QUEUE_IS_WAITING, 1, false },
        { "close-mid", "", QUEUE_IS_WAITING, 1, false },
        { "close-after", "", QUEUE_IS_WAITING, 1, false },
        { "400", "", QUEUE_IS_DEAD, 1, false },
        { "422", "", QUEUE_IS_DEAD, 1, false },
    };
    size_t count = sizeof faults / sizeof *faults;
    char *path = path_in(l.dir, "https.log"), *log;

    try_faults(faults, count, HOOK);
    cr_assert_eq(lines_of("https.log"), count - 2 + 1);
    log = file_read(path, NULL);
    cr_assert(!strstr(log, "unsigned"));
    cr_assert(!strstr(log, "victim_ref"));
    free(log);
    free(path);
}

/* ---- what arrived ------------------------------------------------------------------------------------------ */

struct arrived { size_t raw, distinct; };

/* Reads a server's log: every id once after taking repeats away, and first arrivals to one recipient in the order of their numbers. */
static struct arrived check_log(const char *name, uint32_t first, uint32_t count, unsigned recipients)
{
    struct arrived a = { 0, 0 };
    uint32_t *last = calloc(recipients, sizeof *last);
    bool *seen = calloc(count, sizeof *seen);
    char *path = path_in(l.dir, name), *log = file_read(path, NULL), *line, *rest = log;

    while ((line = strsep(&rest, "\n")) && *line) {
        char *id = line, hex[9] = "";
        if (!strncmp(name, "smtp", 4))
            id = strchr(line, ' ') + 1;
        memcpy(hex, id, 8);
        uint32_t n = (uint32_t)strtoul(hex, NULL, 16);
        cr_assert(n >= first && n < first + count, "%s", line);
        a.raw++;
        if (seen[n - first])
            continue;
        seen[n - first] = true;
        a.distinct++;
        cr_assert_gt(n, last[n % recipients], "%s: %u after %u", name, n, last[n % recipients]);
        last[n % recipients] = n;
    }
    free(last);
    free(seen);
    free(path);
    free(log);
    return a;
}

Test(channels, after_hours_of_trouble_everything_arrived_once_and_in_order)
{
    enum { EACH = 32, RECIPIENTS = 5, HOOKS = 100 * RECIPIENTS };
    static const char *const trouble[] = { "mixed 1", "refuse", "mixed 2", "mixed 3" };
    struct instant began = now;
    unsigned seed = (unsigned)(getenv("SEED") ? atoi(getenv("SEED")) : 7);
    uint32_t n = 1;

    srand(seed);
    for (size_t t = 0; t < 5; t++) {
        const char *mode = t < 4 ? trouble[t] : "ok";
        servers_fail(&servers, "smtp", mode);
        servers_fail(&servers, "https", mode);
        for (; t < 4 && n <= EACH / 4 * (t + 1); n++)
            for (int c = MAIL; c <= HOOK; c++) {
                char to[64];
                snprintf(to, sizeof to, "pc%u@police.example", n % RECIPIENTS);
                put(c == MAIL ? n : HOOKS + n, c, to);
            }
        for (struct instant until = instant_add(now, 2 * 3600); instant_before(now, until); now = instant_add(now, 100 + rand() % 200)) {
            go(MAIL), go(HOOK);
            if (!letters_count(&l).waiting)
                break;
        }
    }
    cr_assert_eq(letters_count(&l).delivered, 2 * EACH, "%llu wait, %llu are dead", (unsigned long long)letters_count(&l).waiting,
                 (unsigned long long)letters_count(&l).dead);
    struct arrived mail = check_log("smtp.log", 1, EACH, RECIPIENTS), hook = check_log("https.log", HOOKS + 1, EACH, RECIPIENTS);
    cr_assert_eq(mail.distinct, EACH);
    cr_assert_eq(hook.distinct, EACH);
    wait_until(all_are_in_the_mailbox, &mail.raw, 20, "every mail in the mailbox");
    printf("seed %u: in %lld hours %zu mails and %zu posts arrived for %d and %d messages\n", seed, (long long)(now.s - began.s) / 3600,
           mail.raw, hook.raw, EACH, EACH);
}
