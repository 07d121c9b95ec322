/* link.h: the door to ZeroMQ. A hop has a left end that sends (DEALER, connects)
 * and a right end that keeps (ROUTER, binds). What they say is proto/dialogue.md:
 * HELLO, FROM, BATCH, DURABLE, REFUSED. The role's code does not know whether the
 * endpoint is inproc://, ipc:// or tcp://.
 *
 * Neither end remembers anything: the left asks its source for items from any
 * number on, the right tells its keeper to keep them and says what is kept.
 *
 * Endpoints are ZeroMQ's: "tcp://127.0.0.1:5571", "ipc:///run/rightswatch/intake",
 * "inproc://intake". An ipc path is at most LINK_IPC_PATH_MAX bytes: E_USAGE with why
 * beyond. A tcp or ipc endpoint is free to be bound again once its context is closed. A tcp
 * endpoint that other machines can reach needs keys: E_USAGE with why without (link_context_guard). */
#ifndef CORE_LINK_H
#define CORE_LINK_H

#include "core/wire.h"

enum { LINK_IPC_PATH_MAX = 107, QUERY_BYTES_MAX = 64 * 1024, ANSWER_BYTES_MAX = 64 * 1024 * 1024 };

struct bell;                                            /* wakes a waiting thread: see below */

/* What an end has seen since it was opened; core/link_counts.def says what each is. */
struct link_counts {
#define COUNT(name, help) uint64_t name;
#include "core/link_counts.def"
#undef COUNT
};

struct link_context;                                    /* a ZeroMQ context: one a process, shared by threads */
enum err link_context_open(struct link_context **ret) MUST_USE;
void link_context_close(struct link_context **c);       /* after every end is closed */

/* Who this process is on tcp:// links, and whom it knows (docs/links.md). With keys every tcp:// end speaks CURVE: one that
 * listens lets in the clients of the list alone, one that connects wants the key the list has for its endpoint. The list is read
 * again when its file has changed; whoever is no longer in it is not heard any more. ipc:// and inproc:// stay as they are. */
struct link_keys {
    const char *key, *peers;            /* files (core/keys.h): both, or neither */
    bool plain;                         /* without keys: tcp:// may leave this machine */
    /* A line for the log, from any thread; NULL: nobody listens. */
    void (*tell)(void *ctx, const char *line);
    void *ctx;
};
/* Once, before any end is opened; copies. Without it: no keys, not plain. E_USAGE, E_MALFORMED, E_FULL with why. */
enum err link_context_guard(struct link_context *c, const struct link_keys *keys, struct why *why) MUST_USE;

/* ---- the left end ------------------------------------------------------ */

/* What a left end sends. Called from the thread that calls link_left_run_once.
 * Batches are made by the source, so that a file need not keep what it can read again. */
struct link_source {
    void *ctx;
    uint8_t stream[STREAM_BYTES];
    char name[REF_BYTES_MAX + 1];
    /* The right keeps everything up to `cursor`, where the digest was `digest`;
     * the next call of `read` begins at cursor + 1. cursor 0 has digest 0. E_UNKNOWN:
     * this source does not recognise the digest; it has chosen a new `stream`
     * (ret_stream) and begins at 1. */
    enum err (*seek)(void *ctx, uint64_t cursor, uint64_t digest, uint8_t ret_stream[STREAM_BYTES]);
    /* The next batch: items in delimited form, of at most max_bytes and BATCH_ITEMS_MAX.
     * *ret borrows until the next read or seek. E_AGAIN: nothing now, or not in so few
     * bytes; E_END: nothing ever again. ret_digest: the stream's digest after this batch.
     * max_bytes is what credit allows; when that is too little for one item and all
     * before it is durable, it is called again with BATCH_BYTES_MAX. */
    enum err (*read)(void *ctx, size_t max_bytes, struct bytes *ret, uint32_t *ret_count, uint64_t *ret_digest);
    /* Everything up to cursor is durable on the right. May be NULL. A right end that was
     * restored from a backup may say less than it said before: then seek came first. */
    void (*durable)(void *ctx, uint64_t cursor);
};

struct link_left;
enum err link_left_open(struct link_context *c, const char *endpoint, const struct link_source *source,
                        struct link_left **ret, struct why *why) MUST_USE;
/* Does what can be done, waiting at most wait_ms for a reason to go on. E_OK: call
 * again; E_END: the source ended and all of it is durable; E_FENCED and others of
 * action stop: final, why says it. */
enum err link_left_run_once(struct link_left *l, int wait_ms, struct why *why) MUST_USE;
/* A ring ends a wait in run_once early: for a source that another thread fills. The bell is borrowed. */
void link_left_listen(struct link_left *l, struct bell *bell);
/* Silence before HELLO is said again, and time without a connection before another socket is tried: first, then doubled up to
 * last (1000 and 10000 unless told). */
void link_left_patience(struct link_left *l, int first_ms, int last_ms);
uint64_t link_left_sent(const struct link_left *l);     /* last sequence number sent */
uint64_t link_left_durable(const struct link_left *l);  /* last acknowledged */
bool link_left_is_connected(const struct link_left *l); /* a FROM was heard since the last silence */
const struct link_counts *link_left_counts(const struct link_left *l);
/* Why there is no connection, as far as the other end let it be known: a key that it does not accept, no CURVE. NULL: nothing is known. */
const char *link_left_trouble(const struct link_left *l);
void link_left_close(struct link_left **l);

/* ---- the right end ----------------------------------------------------- */

/* Malformed batches in a row from one stream before it is refused for good. */
enum { LINK_BAD_MAX = 3 };

/* One batch as received. `items` borrows until link_right_release of this round. */
struct link_batch {
    uint8_t stream[STREAM_BYTES];
    uint32_t epoch, count;
    uint64_t first, digest, check;
    struct bytes items;
};

/* What its line in the list of keys lets a client say (docs/links.md). */
struct link_limits {
    bool is_limited, ticks;
    unsigned sources;
    char name[REF_BYTES_MAX + 1], source[PEER_SOURCES_MAX][REF_BYTES_MAX + 1];
};

/* What a right end keeps. All are called from the thread that calls link_right_*. */
struct link_keeper {
    void *ctx;
    /* A HELLO. Grant an epoch (durably, before returning) and say where the stream
     * stands. `epoch` is one granted before, or 0 for a fresh start, which fences
     * whoever held the stream: the granted epoch must then be greater than any before.
     * An epoch the keeper never granted (it was restored from a backup) is answered
     * with a greater one too. A superseded epoch never gets here if `stands` knows the
     * stream: it is refused before. Never called while the stream has batches that
     * are received and not released. E_FENCED: refused; other errors: not answered,
     * the left asks again. */
    enum err (*hello)(void *ctx, const uint8_t stream[STREAM_BYTES], const char *name, uint32_t epoch,
                      uint32_t *ret_epoch, uint64_t *ret_cursor, uint64_t *ret_digest);
    /* Where a stream stands, without a grant: asked before a HELLO of a stream not heard
     * of since the right end opened, and after a round that was not kept. E_NOT_FOUND:
     * never heard of. */
    enum err (*stands)(void *ctx, const uint8_t stream[STREAM_BYTES],
                       uint32_t *ret_epoch, uint64_t *ret_cursor, uint64_t *ret_digest);
    /* Bytes this stream may have outstanding (sent, not yet durable); 0 holds it. */
    uint64_t (*window)(void *ctx, const uint8_t stream[STREAM_BYTES]);
    /* Whether a client that is limited may say this; if not, none of the batch is kept and the left end is refused for good, with
     * this reason: a constant. May be NULL: nothing is limited. */
    const char *(*may_not)(void *ctx, const struct link_limits *l, struct bytes items);
};

struct link_right;
/* Binds. "tcp://127.0.0.1:*" takes a free port: link_right_endpoint says which. */
enum err link_right_open(struct link_context *c, const char *endpoint, const struct link_keeper *keeper,
                         struct link_right **ret, struct why *why) MUST_USE;
const char *link_right_endpoint(const struct link_right *r);
/* Also listens here, within the process: inproc:// only, where no key is asked for. */
enum err link_right_within(struct link_right *r, const char *endpoint, struct why *why) MUST_USE;
/* Durable, then polite, in three steps:
 * 1. receive: waits at most wait_ms for the first message, then takes what is there,
 *    up to max; answers HELLOs, gaps and stale epochs itself; gives contiguous,
 *    checked batches in order per stream. 0 if there were none.
 * 2. the caller keeps them all, durably, in one transaction.
 * 3. release: acknowledges them (kept true), or forgets them and tells each left
 *    to go back (kept false). The batches' memory is gone after it. */
void link_right_listen(struct link_right *r, struct bell *bell);      /* a ring ends the wait early; borrowed */
size_t link_right_receive(struct link_right *r, int wait_ms, struct link_batch *ret, size_t max);
void link_right_release(struct link_right *r, bool kept);
/* Whether the stream said HELLO since the right end opened and was not dropped from memory since: its batches may come. */
bool link_right_hears(const struct link_right *r, const uint8_t stream[STREAM_BYTES]);
/* Sends DURABLE unasked where a window that was shut has opened. */
void link_right_reopen(struct link_right *r);
const struct link_counts *link_right_counts(struct link_right *r);
void link_right_close(struct link_right **r);

/* ---- a bell and a question, between threads and processes --------------- */

/* A bell wakes the one thread that waits for it, in bell_wait, on a query socket or in an
 * end that listens to it. Rings before it is heard are heard as one. */
enum err bell_open(struct bell **ret) MUST_USE;         /* an eventfd */
void bell_ring(struct bell *b);                         /* any thread, and signal handlers */
bool bell_wait(struct bell *b, int wait_ms);            /* whether it rang */
void bell_close(struct bell **b);

/* Questions and answers: text in, text out, one at a time. A question is at most
 * QUERY_BYTES_MAX long; a longer one, or one in several frames, gets an empty answer. */
struct query_server;
enum err query_server_open(struct link_context *c, const char *endpoint, struct query_server **ret, struct why *why) MUST_USE;
/* Waits at most wait_ms for a question or the bell (NULL: none). E_AGAIN: no question.
 * *ret_question borrows until query_answer, which must follow. */
enum err query_wait(struct query_server *q, struct bell *bell, int wait_ms, struct text *ret_question) MUST_USE;
void query_answer(struct query_server *q, struct text answer);
void query_server_close(struct query_server **q);
/* Asks and waits; the answer is malloc'd, the caller frees it. E_TIMEOUT: no answer; E_USAGE:
 * not an endpoint, an inproc one, or the question is too long. */
enum err query_ask(const char *endpoint, struct text question, int wait_ms, char **ret_answer, size_t *ret_n, struct why *why) MUST_USE;

/* The same within a process: inproc endpoints exist only in their context. */
enum err query_ask_within(struct link_context *c, const char *endpoint, struct text question, int wait_ms,
                          char **ret_answer, size_t *ret_n, struct why *why) MUST_USE;

#endif
