/* A hop: what is acknowledged was kept, everything comes once and in order, whoever dies and whatever else arrives. */
#include "core/hash.h"
#include "tests/kit/ends.h"
#include "tests/kit/program.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

static void on_start(void) { hash_init(); }
TestSuite(link, .init = on_start, .timeout = 60);

/* ---- tests ------------------------------------------------------------------------------- */

static const char *const transports[] = { "inproc://hop", "ipc:///tmp/rightswatch-link-test", "tcp://127.0.0.1:*" };

Test(link, carries_everything_once_and_in_order_on_every_transport)
{
    for (size_t t = 0; t < sizeof transports / sizeof *transports; t++) {
        struct numbers n = { .last = 20000, .per_batch = 64 };
        struct keeper k = { .window = 4096 };       /* far less than all: credit has to come and come again */
        struct link_source s = source_of(&n, "all");
        struct link_context *c;
        struct link_right *r;
        struct link_left *l;
        cr_assert(link_context_open(&c) == E_OK);
        r = right_open(c, transports[t], &k);
        l = left_open(c, link_right_endpoint(r), &s);
        run_out(l, r, &k);
        cr_assert(k.of[0].cursor == 20000 && n.told_durable == 20000, "%s", transports[t]);
        link_left_close(&l);
        link_right_close(&r);
        link_context_close(&c);
        wire_close(&n.wire), wire_close(&k.wire);
    }
}

/* Where one was a moment ago: the port may still be busy. */
static struct link_right *right_again(struct link_context *c, const char *endpoint, struct keeper *k)
{
    struct link_keeper keeper = keeper_of(k);
    struct link_right *r = NULL;
    struct why why;

    for (struct mono began = mono_now(); !r && mono_ms_since(began) < 5000;) {
        enum err e = link_right_open(c, endpoint, &keeper, &r, &why);
        (void)e;
    }
    cr_assert(r != NULL);
    return r;
}

Test(link, goes_on_where_a_right_end_stopped_that_died)
{
    struct numbers n = { .last = 5000 };
    struct keeper k = { .window = 1 << 20 };
    struct link_source s = source_of(&n, "dies");
    struct link_context *c;
    struct link_right *r;
    struct link_left *l;
    char endpoint[128];

    cr_assert(link_context_open(&c) == E_OK);
    r = right_open(c, "tcp://127.0.0.1:*", &k);
    snprintf(endpoint, sizeof endpoint, "%s", link_right_endpoint(r));
    l = left_open(c, endpoint, &s);
    for (int deaths = 0; deaths < 5; deaths++) {
        for (int i = 0; i < 20; i++)
            turn(l), keep_round(r, &k, i % 3 != 0);     /* every third round is not kept */
        link_right_close(&r);
        r = right_again(c, endpoint, &k);
    }
    run_out(l, r, &k);
    cr_assert(k.of[0].cursor == 5000);
    link_left_close(&l);
    link_right_close(&r);
    link_context_close(&c);
    wire_close(&n.wire), wire_close(&k.wire);
}

Test(link, fences_the_older_of_two_that_send_one_stream)
{
    struct numbers a = { .last = 100000 }, b = { .last = 100000 };
    struct keeper k = { .window = 1 << 16 };
    struct link_source sa = source_of(&a, "one"), sb = source_of(&b, "one");
    struct link_context *c;
    struct link_right *r;
    struct link_left *la, *lb;
    enum err e = E_OK;

    cr_assert(link_context_open(&c) == E_OK);
    r = right_open(c, "inproc://hop", &k);
    la = left_open(c, "inproc://hop", &sa);
    for (int i = 0; i < 20; i++)
        turn(la), keep_round(r, &k, true);
    lb = left_open(c, "inproc://hop", &sb);
    for (int i = 0; i < 2000 && !e; i++) {
        e = turn(la);
        keep_round(r, &k, true);
        cr_assert(turn(lb) == E_OK);
    }
    cr_assert(e == E_FENCED, "%s", err_text(e));
    run_out(lb, r, &k);
    cr_assert(k.of[0].cursor == 100000);
    link_left_close(&la), link_left_close(&lb);
    link_right_close(&r);
    link_context_close(&c);
    wire_close(&a.wire), wire_close(&b.wire), wire_close(&k.wire);
}

/* Its stream made room for others while it was away: it sends all it can again, under a greater epoch, and goes on. */
Test(link, a_stream_that_was_dropped_begins_anew_when_it_comes_back)
{
    struct numbers n = { .last = 3000 };
    struct keeper k = { .window = 4096 };
    struct link_source s = source_of(&n, "dropped");
    struct link_context *c;
    struct link_right *r;
    struct link_left *l;
    char endpoint[128];
    uint32_t epoch;

    cr_assert(link_context_open(&c) == E_OK);
    r = right_open(c, "tcp://127.0.0.1:*", &k);
    snprintf(endpoint, sizeof endpoint, "%s", link_right_endpoint(r));
    l = left_open(c, endpoint, &s);
    while (k.of[0].cursor < 1000)
        turn(l), keep_round(r, &k, true);
    cr_assert(link_right_hears(r, s.stream));
    epoch = k.of[0].epoch;
    link_right_close(&r);
    k.count = 0;
    memset(k.of, 0, sizeof k.of);
    r = right_again(c, endpoint, &k);
    cr_assert(!link_right_hears(r, s.stream));
    run_out(l, r, &k);
    cr_assert(k.count == 1 && k.of[0].cursor == 3000 && k.of[0].epoch > epoch);
    link_left_close(&l);
    link_right_close(&r);
    link_context_close(&c);
    wire_close(&n.wire), wire_close(&k.wire);
}

/* The file was replaced: its beginning is not what was sent, so it is another stream, and all of it goes. */
Test(link, a_source_that_does_not_recognise_itself_begins_a_stream_of_its_own)
{
    struct numbers n = { .last = 300 };
    struct keeper k = { .window = 1 << 20 };
    struct link_source s = source_of(&n, "replaced");
    struct link_context *c;
    struct link_right *r;
    struct link_left *l;

    cr_assert(link_context_open(&c) == E_OK);
    r = right_open(c, "inproc://hop", &k);
    l = left_open(c, "inproc://hop", &s);
    run_out(l, r, &k);
    link_left_close(&l);
    n.salt = 7, n.last = 200;
    l = left_open(c, "inproc://hop", &s);
    run_out(l, r, &k);
    cr_assert(k.count == 2 && k.of[0].cursor == 300 && k.of[1].cursor == 200);
    cr_assert(link_left_counts(l)->streams == 1);
    link_left_close(&l);
    link_right_close(&r);
    link_context_close(&c);
    wire_close(&n.wire), wire_close(&k.wire);
}

Test(link, a_shut_window_holds_the_left_and_opens_it_again)
{
    struct numbers n = { .last = 1000 };
    struct keeper k = { .window = 0 };
    struct link_source s = source_of(&n, "shut");
    struct link_context *c;
    struct link_right *r;
    struct link_left *l;

    cr_assert(link_context_open(&c) == E_OK);
    r = right_open(c, "inproc://hop", &k);
    l = left_open(c, "inproc://hop", &s);
    for (int i = 0; i < 20; i++)
        turn(l), keep_round(r, &k, true);
    cr_assert(k.count == 1 && k.of[0].cursor == 0, "nothing comes without credit");
    k.window = 1 << 16;
    run_out(l, r, &k);
    cr_assert(k.of[0].cursor == 1000);
    link_left_close(&l);
    link_right_close(&r);
    link_context_close(&c);
    wire_close(&n.wire), wire_close(&k.wire);
}

/* Frames of every wrong kind from somebody else while a stream goes in. */
Test(link, hostile_messages_are_counted_and_harm_nobody_else)
{
    struct numbers n = { .last = 3000 };
    struct keeper k = { .window = 2048 };
    struct link_source s = source_of(&n, "good");
    struct link_context *c;
    struct link_right *r;
    struct link_left *l;
    void *context = zmq_ctx_new(), *stranger = zmq_socket(context, ZMQ_DEALER);
    uint64_t random = 99, sent = 0;
    int linger = 0;
    enum err e;

    zmq_setsockopt(stranger, ZMQ_LINGER, &linger, sizeof linger);
    cr_assert(link_context_open(&c) == E_OK);
    r = right_open(c, "tcp://127.0.0.1:*", &k);
    cr_assert(zmq_connect(stranger, link_right_endpoint(r)) == 0);
    l = left_open(c, link_right_endpoint(r), &s);
    while ((e = turn(l)) == E_OK) {
        struct dialogue d = { .says = SAYS_BATCH, .epoch = 1, .first = 1, .count = 1000, .check = random };
        uint8_t buf[DIALOGUE_BYTES_MAX + 256];
        size_t size;
        random = random * 6364136223846793005u + 1442695040888963407u;
        size = (random >> 40) % sizeof buf;
        for (size_t i = 0; i < size; i++)
            buf[i] = (uint8_t)hash_bytes(&random, sizeof random) + (uint8_t)(i * 31);
        switch (random >> 33 & 3) {
        case 0: sent += zmq_send(stranger, buf, size, ZMQ_DONTWAIT) >= 0; break;
        case 1: sent += zmq_send(stranger, "", 0, ZMQ_DONTWAIT) >= 0; break;
        case 2:                                         /* a batch without a HELLO, its items random */
            size = wire_dialogue_encode(&d, buf);
            if (zmq_send(stranger, buf, size, ZMQ_SNDMORE | ZMQ_DONTWAIT) >= 0)
                sent += zmq_send(stranger, buf, size, ZMQ_DONTWAIT) >= 0;
            break;
        case 3:                                         /* more frames than any message has */
            for (int i = 0; i < 6; i++)
                if (zmq_send(stranger, buf, size % 64, (i < 5 ? ZMQ_SNDMORE : 0) | ZMQ_DONTWAIT) < 0)
                    break;
            sent++;
            break;
        }
        keep_round(r, &k, true);
    }
    cr_assert(e == E_END && k.of[0].cursor == 3000 && k.count == 1);
    cr_assert(sent > 20 && link_right_counts(r)->garbage > 5 && link_right_counts(r)->strange > 0,
              "%llu sent, %llu garbage", (unsigned long long)sent, (unsigned long long)link_right_counts(r)->garbage);
    zmq_close(stranger);
    zmq_ctx_term(context);
    link_left_close(&l);
    link_right_close(&r);
    link_context_close(&c);
    wire_close(&n.wire), wire_close(&k.wire);
}
