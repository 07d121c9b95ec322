/* Keys on a tcp link: whoever is in the list gets in, nobody else does, and each side is told what to do. */
#include "core/hash.h"
#include "core/keys.h"
#include "tests/kit/ends.h"
#include "tests/kit/program.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *dir;
static void begin(void)
{
    hash_init();
    dir = folder_make();
}
static void end(void) { folder_remove(&dir); }
TestSuite(guard, .init = begin, .fini = end, .timeout = 60);

/* ---- one side: its key, its list, its context, what it told ------------------------------ */

struct side { struct link_context *c; struct key_pair key; char *key_path, *list_path, log[4096]; pthread_mutex_t lock; };

static void hear(void *ctx, const char *line)
{
    struct side *s = ctx;
    size_t n;

    pthread_mutex_lock(&s->lock);
    n = strlen(s->log);
    snprintf(s->log + n, sizeof s->log - n, "%s\n", line);
    pthread_mutex_unlock(&s->lock);
}

static bool said(struct side *s, const char *text)
{
    pthread_mutex_lock(&s->lock);
    bool is_there = strstr(s->log, text) != NULL;
    pthread_mutex_unlock(&s->lock);
    return is_there;
}

static unsigned times_said(struct side *s, const char *text)
{
    unsigned count = 0;

    pthread_mutex_lock(&s->lock);
    for (const char *at = s->log; (at = strstr(at, text)); at++)
        count++;
    pthread_mutex_unlock(&s->lock);
    return count;
}

static void side_make(struct side *s, const char *name)
{
    struct why why = { "" };
    char file[64];

    pthread_mutex_init(&s->lock, NULL);
    s->key_path = path_in(dir, name);
    snprintf(file, sizeof file, "%s.peers", name);
    s->list_path = path_in(dir, file);
    cr_assert(key_make(name, &s->key, &why) == E_OK && key_save(&s->key, s->key_path, &why) == E_OK, "%s", why.text);
}

/* Its list: each line is a name, a key and the rest. Written whole beside it and moved into place. */
static void list(struct side *s, const char *lines)
{
    char *fresh = path_in(dir, "fresh");

    file_write(fresh, lines, strlen(lines));
    cr_assert(rename(fresh, s->list_path) == 0);
    free(fresh);
}

static void side_open(struct side *s, bool with_keys)
{
    struct link_keys keys = { .key = with_keys ? s->key_path : NULL, .peers = with_keys ? s->list_path : NULL, .tell = hear, .ctx = s };
    struct why why = { "" };

    cr_assert(link_context_open(&s->c) == E_OK && link_context_guard(s->c, &keys, &why) == E_OK, "%s", why.text);
}

static void side_close(struct side *s)
{
    link_context_close(&s->c);
    free(s->key_path), free(s->list_path);
}

static char *line(const char *format, const struct side *s, const char *more)
{
    static char text[4][512];
    static int at;

    at = (at + 1) % 4;
    snprintf(text[at], sizeof text[at], format, s->key.name, s->key.public_half, more);
    return text[at];
}

/* A tracker and a client; which of them have keys, and whether each is in the other's list. */
struct pair {
    struct side tracker, client;
    struct numbers n;
    struct keeper k;
    struct link_right *r;
    struct link_left *l;
};
struct how { bool tracker_plain, client_plain, client_unlisted, wrong_server; const char *limits; };

static void pair_open(struct pair *p, struct how how)
{
    struct side stranger = { .c = NULL };
    struct link_source s;

    side_make(&p->tracker, "tracker");
    side_make(&p->client, "client");
    side_make(&stranger, "stranger");
    list(&p->tracker, line("%s %s %s\n", how.client_unlisted ? &stranger : &p->client, how.limits ? how.limits : ""));
    side_open(&p->tracker, !how.tracker_plain);
    p->n.last = p->n.last ? p->n.last : 1000;
    p->k.window = 4096;
    p->r = right_open(p->tracker.c, "tcp://127.0.0.1:*", &p->k);
    list(&p->client, line("%s %s %s\n", how.wrong_server ? &stranger : &p->tracker, link_right_endpoint(p->r)));
    side_open(&p->client, !how.client_plain);
    s = source_of(&p->n, "ticks");
    p->l = left_open(p->client.c, link_right_endpoint(p->r), &s);
    unlink(stranger.key_path);
    side_close(&stranger);
}

static void pair_close(struct pair *p)
{
    link_left_close(&p->l);
    link_right_close(&p->r);
    side_close(&p->client), side_close(&p->tracker);
    wire_close(&p->n.wire), wire_close(&p->k.wire);
}

/* Both in turn until the client knows of trouble. */
static const char *trouble_of(struct pair *p)
{
    struct mono began = mono_now();

    while (!link_left_trouble(p->l)) {
        cr_assert(turn(p->l) == E_OK && mono_ms_since(began) < 20000, "no trouble was told");
        keep_round(p->r, &p->k, true);
    }
    return link_left_trouble(p->l);
}

/* Both in turn until so much is kept. */
static void until(struct pair *p, uint64_t cursor)
{
    struct mono began = mono_now();

    while (!p->k.count || p->k.of[0].cursor < cursor) {
        cr_assert(turn(p->l) == E_OK && mono_ms_since(began) < 20000, "it was not let in");
        keep_round(p->r, &p->k, true);
    }
}

/* ---- tests ------------------------------------------------------------------------------------ */

Test(guard, who_is_in_the_list_gets_in)
{
    struct pair p = { .n.last = 0 };

    pair_open(&p, (struct how){ 0 });
    run_out(p.l, p.r, &p.k);
    cr_assert(p.k.of[0].cursor == 1000 && !link_left_trouble(p.l) && link_right_counts(p.r)->shut_out == 0);
    cr_assert(!p.tracker.log[0] && !p.client.log[0], "%s%s", p.tracker.log, p.client.log);
    pair_close(&p);
}

Test(guard, a_key_that_is_not_in_the_list_is_refused_and_named_once_on_both_sides)
{
    struct pair p = { .n.last = 0 };

    pair_open(&p, (struct how){ .client_unlisted = true });
    cr_assert(strstr(trouble_of(&p), line("does not accept this key. Its --peers file needs the line: %s %s", &p.client, "")), "%s", link_left_trouble(p.l));
    while (link_right_counts(p.r)->shut_out < 2)            /* it goes on asking, and is not named again */
        turn(p.l), keep_round(p.r, &p.k, true);
    cr_assert(times_said(&p.tracker, "key-refused") == 1 && said(&p.tracker, p.client.key.public_half) && said(&p.tracker, "from 127.0.0.1: it is not in"));
    cr_assert(times_said(&p.client, "link-down") == 1 && p.k.count == 0, "%s", p.client.log);
    pair_close(&p);
}

Test(guard, who_is_added_to_the_list_gets_in_by_itself_and_who_is_removed_is_not_heard_any_more)
{
    struct pair p = { .n.last = 0 };
    struct mono began;
    uint64_t cursor;

    pair_open(&p, (struct how){ .client_unlisted = true });
    p.n.last = UINT64_MAX;                                  /* it always has more to say */
    trouble_of(&p);
    list(&p.tracker, line("%s %s %s\n", &p.client, ""));
    until(&p, 100);
    cr_assert(said(&p.client, "link-up") && said(&p.tracker, "peers-read") && !link_left_trouble(p.l));

    list(&p.tracker, "# nobody\n");
    for (began = mono_now(); times_said(&p.tracker, "peers-read") < 2; usleep(10000))
        cr_assert(mono_ms_since(began) < 20000);
    cursor = p.k.of[0].cursor;                              /* from here on, by the connection that stands */
    cr_assert(strstr(trouble_of(&p), "does not accept this key"));
    cr_assert(p.k.of[0].cursor == cursor);

    list(&p.tracker, "this is no list\n");
    for (began = mono_now(); !said(&p.tracker, "peers-bad"); usleep(10000))
        cr_assert(mono_ms_since(began) < 20000);
    cr_assert(said(&p.tracker, "tracker.peers:1: after the name comes a public key"));
    list(&p.tracker, line("%s %s %s\n", &p.client, ""));
    until(&p, cursor + 100);
    pair_close(&p);
}

Test(guard, a_right_end_with_another_key_is_not_spoken_to)
{
    struct pair p = { .n.last = 0 };

    pair_open(&p, (struct how){ .wrong_server = true });
    cr_assert(strstr(trouble_of(&p), "the key that --peers has for it is not its key"), "%s", link_left_trouble(p.l));
    cr_assert(p.k.count == 0 && link_right_counts(p.r)->shut_out > 0);
    /* Both keys are in the list while the right end changes its own: the one that fits is found. */
    char *both;
    cr_assert(asprintf(&both, "old %s %s\nnew %s %s\n", p.client.key.public_half, link_right_endpoint(p.r), p.tracker.key.public_half,
                       link_right_endpoint(p.r)) > 0);
    list(&p.client, both);
    run_out(p.l, p.r, &p.k);
    cr_assert(p.k.of[0].cursor == 1000);
    free(both);
    pair_close(&p);
}

Test(guard, who_speaks_without_curve_to_one_who_does_is_told)
{
    struct pair p = { .n.last = 0 };

    pair_open(&p, (struct how){ .client_plain = true });
    cr_assert(strstr(trouble_of(&p), "speaks CURVE only (give --key and --peers)"), "%s", link_left_trouble(p.l));
    while (link_right_counts(p.r)->shut_out < 2 || !said(&p.tracker, "spoke no CURVE"))
        turn(p.l), keep_round(p.r, &p.k, true);
    cr_assert(p.k.count == 0 && times_said(&p.tracker, "spoke no CURVE") == 1, "%s", p.tracker.log);
    pair_close(&p);
}

Test(guard, who_speaks_curve_to_one_who_does_not_is_told)
{
    struct pair p = { .n.last = 0 };

    pair_open(&p, (struct how){ .tracker_plain = true });
    cr_assert(strstr(trouble_of(&p), "does not speak CURVE"), "%s", link_left_trouble(p.l));
    cr_assert(p.k.count == 0);
    pair_close(&p);
}

Test(guard, a_right_end_that_comes_back_is_found_again)
{
    struct pair p = { .n.last = 0 };
    char endpoint[ENDPOINT_BYTES_MAX];
    struct why why;

    pair_open(&p, (struct how){ 0 });
    snprintf(endpoint, sizeof endpoint, "%s", link_right_endpoint(p.r));
    for (int deaths = 0; deaths < 4; deaths++) {
        for (int i = 0; i < 30; i++)
            turn(p.l), keep_round(p.r, &p.k, i % 3 != 0);
        link_right_close(&p.r);
        for (struct mono began = mono_now(); mono_ms_since(began) < (deaths == 3 ? 800 : 100);)    /* long enough for another socket */
            turn(p.l);
        for (struct mono began = mono_now(); !p.r && mono_ms_since(began) < 5000;) {
            struct link_keeper keeper = keeper_of(&p.k);
            enum err e = link_right_open(p.tracker.c, endpoint, &keeper, &p.r, &why);
            (void)e;
        }
        cr_assert(p.r != NULL);
    }
    run_out(p.l, p.r, &p.k);
    cr_assert(p.k.of[0].cursor == 1000);
    pair_close(&p);
}

static const char *no_ticks(void *ctx, const struct link_limits *l, struct bytes items)
{
    (void)ctx, (void)items;
    return l->ticks ? NULL : strcmp(l->name, "client") || l->sources != 1 || strcmp(l->source[0], "connect") ? "the limits are others" : "no-ticks";
}

Test(guard, a_client_that_is_limited_is_refused_what_it_may_not_say)
{
    for (int may = 0; may < 2; may++) {
        struct pair p = { .n.last = 0 };
        struct link_keeper keeper = keeper_of(&p.k);
        struct why why = { "" };
        enum err e = E_OK;
        pair_open(&p, (struct how){ .limits = may ? "source=connect ticks" : "source=connect" });
        link_left_close(&p.l), link_right_close(&p.r);
        keeper.may_not = no_ticks;
        cr_assert(link_right_open(p.tracker.c, "tcp://127.0.0.1:*", &keeper, &p.r, &why) == E_OK, "%s", why.text);
        list(&p.client, line("%s %s %s\n", &p.tracker, link_right_endpoint(p.r)));
        link_context_close(&p.client.c);
        side_open(&p.client, true);
        struct link_source s = source_of(&p.n, "ticks");
        p.l = left_open(p.client.c, link_right_endpoint(p.r), &s);
        while (!e) {
            e = link_left_run_once(p.l, 0, &why);
            keep_round(p.r, &p.k, true);
        }
        cr_assert(e == (may ? E_END : E_USAGE) && p.k.of[0].cursor == (may ? 1000 : 0), "%s", why.text);
        unlink(p.client.key_path), unlink(p.tracker.key_path);
        cr_assert(may || (strstr(why.text, "no-ticks") && times_said(&p.tracker, "client-refused client") == 1), "%s", why.text);
        pair_close(&p);
    }
}

/* ---- what is safe by default --------------------------------------------------------------------- */

static void expect_refused(struct link_context *c, const char *endpoint, bool listens, const char *sentence)
{
    struct numbers n = { .last = 1 };
    struct keeper k = { .window = 4096 };
    struct link_source s = source_of(&n, "x");
    struct link_keeper keeper = keeper_of(&k);
    struct link_right *r = NULL;
    struct link_left *l = NULL;
    struct why why = { "" };
    enum err e = listens ? link_right_open(c, endpoint, &keeper, &r, &why) : link_left_open(c, endpoint, &s, &l, &why);

    cr_assert(e == E_USAGE && strstr(why.text, sentence), "%s: %s %s", endpoint, err_name(e), why.text);
    wire_close(&n.wire);
}

Test(guard, without_keys_nothing_leaves_the_machine)
{
    static const char *const open[] = { "tcp://0.0.0.0:*", "tcp://*:5571", "tcp://10.1.2.3:5571", "tcp://[::]:5571", "tcp://eth0:5571",
                                        "tcp://127.0.0.1.example:5571", "tcp://127.0.0.1:5570;10.0.0.1:5571" };
    struct link_keys keys = { .plain = true };
    struct link_context *c;
    struct link_right *r = NULL;
    struct keeper k = { .window = 4096 };
    struct link_keeper keeper = keeper_of(&k);
    struct why why = { "" };

    cr_assert(link_context_open(&c) == E_OK);
    for (size_t i = 0; i < sizeof open / sizeof *open; i++) {
        expect_refused(c, open[i], true, "leaves this machine: give --key and --peers");
        expect_refused(c, open[i], false, "leaves this machine: give --key and --peers");
    }
    expect_refused(c, "tcp://lo:5571", false, "leaves this machine");       /* a name like any other, to whoever connects */
    expect_refused(c, "udp://127.0.0.1:5571", true, "begins with tcp://, ipc:// or inproc://");
    cr_assert(link_context_guard(c, &keys, &why) == E_OK);
    cr_assert(link_right_open(c, "tcp://0.0.0.0:*", &keeper, &r, &why) == E_OK, "%s", why.text);
    link_right_close(&r);
    link_context_close(&c);
}

Test(guard, a_key_needs_a_list_and_a_list_a_key)
{
    struct side s = { .c = NULL };
    struct link_keys half[] = { { .key = "k" }, { .peers = "p" }, { .key = "k", .peers = "p", .plain = true } };
    struct why why = { "" };

    for (size_t i = 0; i < sizeof half / sizeof *half; i++) {
        cr_assert(link_context_open(&s.c) == E_OK);
        cr_assert(link_context_guard(s.c, &half[i], &why) == E_USAGE, "%s", why.text);
        link_context_close(&s.c);
    }
    side_make(&s, "client");
    list(&s, "# nobody\n");
    side_open(&s, true);
    expect_refused(s.c, "tcp://10.1.2.3:5571", false, "does not say which key tcp://10.1.2.3:5571 has");
    side_close(&s);
}
