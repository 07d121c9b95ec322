/* A thousand alerts go out by mail and webhook while the sender is killed again and again: what arrived, repeats
 * taken away by their key, is what was due. */
#include "core/hash.h"
#include "sinks/oic/post.h"
#include "tests/kit/letters.h"
#include "tests/kit/program.h"
#include "tests/kit/servers.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ENTRIES = 5, RECIPIENTS = 23, FEED_AT_ONCE = 10, FEED = QUEUE_TABLES };
static const struct store_table tables[] = { QUEUE_TABLE_ROWS, { "feed", STORE_NUMBER } };

static struct why why;
static void must(enum err e)
{
    if (e) {
        fprintf(stderr, "the sender: %s: %s\n", err_text(e), why.text);
        _exit(9);
    }
}

/* What a planner does: some messages and how far it is, in one transaction. */
static uint32_t feed(struct store *s, struct wire *w, uint32_t messages)
{
    struct store_txn *t;
    struct bytes v;
    uint32_t at = 0;

    must(store_begin(s, true, &t));
    enum err e = store_get(t, FEED, 1, &v);
    if (!e)
        memcpy(&at, v.p, sizeof at);
    else if (e != E_NOT_FOUND)
        must(e);
    for (int i = 0; i < FEED_AT_ONCE && at < messages; i++) {
        char to[64];
        struct message m;
        at++;
        snprintf(to, sizeof to, "pc%u@police.example", at % RECIPIENTS);
        m = letter(at, at % 2 ? "mail" : "hook", to);
        for (m.count = 1; m.count < ENTRIES; m.count++)
            m.entry[m.count] = m.entry[0];
        must(queue_put(t, 0, w, &m, &why));
    }
    must(store_put(t, FEED, 1, (struct bytes){ (const uint8_t *)&at, sizeof at }));
    must(store_commit(&t));
    return at;
}

/* The process that is killed. Ends by itself when everything is delivered. */
static void send_all(const char *path, const char *yaml, uint32_t messages)
{
    const struct timespec nap = { 0, 3 * 1000 * 1000 };
    struct post_settings settings = { .waits = { 1, 1, 3600 } };
    struct channels *channels;
    struct wording *wording;
    struct post *post;
    struct store *store;
    struct wire *wire;
    struct yaml *y;
    struct queue_counts c;
    struct store_txn *t;

    must(store_open(path, (size_t)1 << 30, false, tables, QUEUE_TABLES + 1, &store, &why));
    must(wire_open(&wire));
    must(yaml_open("channels.yaml", yaml, strlen(yaml), &y, &why));
    must(channels_open(y, yaml_root(y), &channels, &why));
    must(wording_open(NULL, &wording, &why));
    settings.store = store, settings.channels = channels, settings.wording = wording;
    must(post_open(&settings, &post, &why));
    must(post_start(post, &why));
    for (;;) {
        bool is_fed = feed(store, wire, messages) == messages;
        post_ring(post);
        must(store_begin(store, false, &t));
        must(queue_count(t, 0, &c));
        store_abort(&t);
        if (is_fed && !c.waiting)
            _exit(c.dead || c.delivered != messages ? 8 : 0);
        nanosleep(&nap, NULL);
    }
}

/* Every number from 1 on of that oddness has arrived, in order of first arrival for each recipient; gives the raw count. */
static size_t check_log(const char *dir, const char *name, uint32_t messages, uint32_t odd)
{
    uint32_t last[RECIPIENTS] = { 0 };
    bool *seen = calloc(messages + 1, sizeof *seen);
    char *path = path_in(dir, name), *log = file_read(path, NULL), *rest = log, *line;
    size_t raw = 0;

    while ((line = strsep(&rest, "\n")) && *line) {
        char hex[9] = "";
        memcpy(hex, odd ? strchr(line, ' ') + 1 : line, 8);
        uint32_t n = (uint32_t)strtoul(hex, NULL, 16);
        cr_assert(n >= 1 && n <= messages && n % 2 == odd, "%s", line);
        cr_assert(odd || strstr(line, " signed "));
        raw++;
        if (!seen[n])
            cr_assert_gt(n, last[n % RECIPIENTS], "%u arrived after %u", n, last[n % RECIPIENTS]);
        last[n % RECIPIENTS] = seen[n] ? last[n % RECIPIENTS] : n;
        seen[n] = true;
    }
    for (uint32_t n = 1; n <= messages; n++)
        cr_assert(n % 2 != odd || seen[n], "%u never arrived", n);
    free(seen);
    free(log);
    free(path);
    return raw;
}

Test(post, killed_at_random_each_message_arrives_under_one_key, .timeout = 300)
{
    uint32_t messages = (uint32_t)(getenv("MESSAGES") ? atoi(getenv("MESSAGES")) : 200);
    unsigned seed = (unsigned)(getenv("SEED") ? atoi(getenv("SEED")) : 4711), kills = 0;
    struct servers servers;
    char *dir = folder_make(), *path = path_in(dir, "oic.lmdb"), *yaml;
    int status = 0;

    signal(SIGPIPE, SIG_IGN);
    hash_init();
    servers_start(&servers, dir);
    yaml = servers_channels(&servers);
    srand(seed);
    for (;;) {
        pid_t pid = fork();
        cr_assert(pid >= 0);
        if (pid == 0)
            send_all(path, yaml, messages);
        /* The longer it goes on the longer it is let live, so that it ends on any machine. */
        int64_t ns = (20 + rand() % 150 + 20 * kills) * INT64_C(1000000);
        struct timespec life = { ns / 1000000000, ns % 1000000000 };
        nanosleep(&life, NULL);
        kill(pid, SIGKILL);
        cr_assert_eq(waitpid(pid, &status, 0), pid);
        if (WIFEXITED(status))
            break;
        kills++;
    }
    cr_assert_eq(WEXITSTATUS(status), 0);
    size_t mails = check_log(dir, "smtp.log", messages, 1), posts = check_log(dir, "https.log", messages, 0);
    printf("seed %u: killed %u times while %u alerts went out in %u messages; arrived: %zu mails, %zu posts; repeats: %zu\n",
           seed, kills, messages * ENTRIES, messages, mails, posts, mails + posts - messages);
    cr_assert_geq(kills, 3);
    servers_stop(&servers);
    free(yaml);
    free(path);
    folder_remove(&dir);
}
