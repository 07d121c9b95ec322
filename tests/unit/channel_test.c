/* Channels in a configuration: what is refused, and what a person reads then. */
#include "core/hash.h"
#include "sinks/oic/channels.h"
#include "tests/kit/letters.h"
#include "tests/kit/program.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/time.h>

static char *dir;
static void begin(void)
{
    char *path;

    hash_init();
    dir = folder_make();
    path = path_in(dir, "open"), file_write(path, "a secret that everybody can read\n", 33), chmod(path, 0644), free(path);
    path = path_in(dir, "short"), file_write(path, "too short\n", 10), chmod(path, 0600), free(path);
    path = path_in(dir, "secret"), file_write(path, "a secret that is long enough for it\n", 36), chmod(path, 0600), free(path);
    path = path_in(dir, "ca.pem"), file_write(path, "", 0), free(path);
}
static void end(void) { folder_remove(&dir); }
TestSuite(channel, .init = begin, .fini = end);

/* One channel, given as the inside of a map; the file is said to be in the test's folder. */
static enum err try(const char *inside, struct why *why)
{
    struct channels *c = NULL;
    struct yaml *y = NULL;
    char *text, *path = path_in(dir, "oic.yaml");

    cr_assert(asprintf(&text, "one:\n  %s\n", inside) > 0);
    enum err e = yaml_open(path, text, strlen(text), &y, why);
    if (!e)
        e = channels_open(y, yaml_root(y), &c, why);
    channels_close(&c);
    yaml_close(&y);
    free(text);
    free(path);
    return e;
}

static void good(const char *inside)
{
    struct why why = { "" };

    cr_assert_eq(try(inside, &why), E_OK, "%s: %s", inside, why.text);
}

static void bad(const char *inside, const char *sentence)
{
    struct why why = { "" };

    cr_assert_neq(try(inside, &why), E_OK, "%s", inside);
    cr_assert(strstr(why.text, sentence) && !strncmp(why.text, "oic.yaml:", 9), "%s: %s", inside, why.text);
}

#define MAIL "{ type: mail, from: a@police.example, domains: [police.example], "
#define HOOK "{ type: webhook, "

Test(channel, says_what_is_wrong_and_what_to_write)
{
    bad("{ type: mial }", "no such type of channel 'mial'; did you mean 'mail'?");
    bad("{ from: x }", "does not say its type");
    bad("[]", "is wanted here");
    bad("{ type: mail, sever: x }", "did you mean 'server'?");
    bad("{ type: mail, server: \"smtp://localhost\" }", "'from' is missing");
    bad("{ type: mail, server: \"smtp://localhost\", from: a@police.example }", "'domains' is missing");
    bad("{ type: mail, server: \"smtp://localhost\", from: nobody, domains: [police.example] }", "'from' is not an address");
    bad("{ type: mail, server: \"smtp://localhost\", from: a@police.example, domains: [\"police.example\\r\\nx\"] }", "is not a domain");
    bad(MAIL "server: \"https://mail.example\" }", "a mail server is smtp://HOST:PORT");
    bad(MAIL "server: \"smtp://u:p@mail.example\" }", "a user or password does not belong into an address");
    bad(MAIL "server: \"smtp://mail.example\", tls: none }", "without TLS only to this machine");
    bad(MAIL "server: \"smtp://localhost.evil.example\", tls: none }", "without TLS only to this machine");
    bad(MAIL "server: \"smtp://mail.example\", user: a }", "'user' and 'password_file' go together");
    bad(MAIL "server: \"smtp://mail.example\", user: a, password_file: nowhere }", "nowhere cannot be read");
    bad(MAIL "server: \"smtp://mail.example\", user: a, password_file: open }", "may be read by others: chmod 600");
    bad(MAIL "server: \"smtp://mail.example\", ca_file: nowhere.pem }", "nowhere.pem cannot be read");
    bad(MAIL "server: \"smtp://mail.example\", time_limit_s: 0 }", "oic.yaml:2");
    bad(HOOK "url: \"https://x.example\" }", "'secret_file' is missing");
    bad(HOOK "url: \"https://x.example\", secret_file: short }", "shorter than 24 bytes");
    bad(HOOK "url: \"http://x.example\", secret_file: secret }", "without TLS only to this machine");
    bad(HOOK "url: \"ftp://x.example\", secret_file: secret }", "begins with https://");
    bad("{ type: alertmanager, url: \"https://x.example\", labels: { rule: x } }", "the label 'rule' is set by the alert itself");
    bad("{ type: alertmanager, url: \"https://x.example\", labels: { \"a b\": x } }", "a label's name is made of letters");
    bad("{ type: tasks, folder: in, state: s, columns: { A: task_id } }", "columns for task_id and action are needed");
    bad("{ type: tasks, folder: in, state: s, columns: { A: task_id, B: acton } }", "did you mean 'action'?");
    bad("{ type: tasks, folder: in, state: s, separator: x }", "one of , ; | and a tab");
    bad("{ type: tasks, folder: in, state: s, leave_out: [\"*8\"] }", "the beginning of some with * at its end");
    bad("{ type: command, run: [true] }", "named by its whole path");
    bad("{ type: command, run: [] }", "1 to 32 words");
    bad("{ type: command, run: [/bin/true], give: pdf }", "no such form 'pdf'");
    bad("{ type: file }", "'path' is missing");
    bad("{ type: terminal, path: x }", "oic.yaml:2");
    bad("{ type: terminal, parallel: 2 }", "a channel of type terminal sends one message at a time");
    bad("{ type: alertmanager, url: \"https://x.example\", parallel: 2 }", "sends one message at a time");
    bad(MAIL "server: \"smtp://mail.example\", parallel: 9 }", "oic.yaml:2");
}

Test(channel, takes_what_is_right_without_connecting_to_anything)
{
    good(MAIL "server: \"smtps://mail.example:465\", user: alerts, password_file: secret, ca_file: ca.pem }");
    good(MAIL "server: \"smtp://localhost:25\", tls: none, parallel: 8 }");
    good(MAIL "server: \"smtp://[::1]:25\", tls: none }");
    good(HOOK "url: \"https://x.example/a\", secret_file: secret, proxy: \"http://proxy.example:3128\" }");
    good(HOOK "url: \"http://127.0.0.1:8080/a\", secret_file: secret }");
    good("{ type: alertmanager, url: \"https://x.example/\", labels: { board: night }, bearer_file: secret }");
    good("{ type: tasks, folder: in, state: s, separator: \"\\t\", columns: { A: task_id, B: action, C: title }, leave_out: [R8-*, R3-ACK] }");
    good("{ type: command, run: [/bin/true, x], give: html, time_limit_s: 600 }");
    good("{ type: file, path: x.ndjson }");
    good("{ type: terminal }");
}

static void nothing(int signal) { (void)signal; }

/* Signals come while it is slow to read: a configuration is to be read again, a terminal changes its size. */
Test(channel, a_signal_does_not_cut_short_what_a_program_is_given, .timeout = 60)
{
    enum { BYTES = 1000000 };                   /* more than fits in between */
    struct sigaction woken = { .sa_handler = nothing };
    struct itimerval often = { { 0, 50000 }, { 0, 50000 } }, never = { { 0, 0 }, { 0, 0 } };
    struct message m = letter(1, "program", "20533");
    struct rendered r = { .plain = { malloc(BYTES), BYTES } };
    struct why why = { "" };
    struct channels *c;
    char *yaml, *path = path_in(dir, "took"), *took;
    size_t n;

    memset((char *)r.plain.p, 'x', BYTES);
    cr_assert(asprintf(&yaml, "program: { type: command, run: [/bin/sh, -c, \"sleep 1; cat >%s\"], give: text }\n", path) > 0);
    c = letters_channels(yaml);
    sigaction(SIGALRM, &woken, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
    cr_assert_eq(channels_send(c, 0, 0, &m, &r, &why), DELIVERED, "%s", why.text);
    setitimer(ITIMER_REAL, &never, NULL);
    took = file_read(path, &n);
    cr_assert_eq(n, BYTES);
    channels_close(&c);
    free(took), free(path), free(yaml), free((char *)r.plain.p);
}
