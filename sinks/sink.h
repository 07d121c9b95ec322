/* sink.h: what every sink is: four functions and a name, five where it needs to know the time. One loop runs them all.
 *
 * A sink keeps its own cursor, which open gives. The loop calls: open; then for each round of
 * batches write for every notice that is new and tick for every tick, in their order, commit once, and only then
 * acknowledges; close. A sink reads no clock: when tick says T, every notice that time alone raises up to T was written
 * before, and none written later was raised before T. Ticks come about every five minutes. */
#ifndef SINKS_SINK_H
#define SINKS_SINK_H

#include "core/json.h"
#include "core/link.h"

/* How far a sink has come in which stream of notices. All zero: nothing yet. */
struct sink_cursor {
    uint8_t stream[STREAM_BYTES];
    uint32_t epoch;
    uint64_t number, digest;
};

struct sink {
    const char *name, *help;
    enum err (*open)(const char *path, void **ret_ctx, struct sink_cursor *ret_cursor, struct why *why);
    enum err (*write)(void *ctx, const struct notice *n);
    enum err (*tick)(void *ctx, struct instant at, int32_t offset);  /* offset of the local clock from UTC, seconds; may be NULL */
    enum err (*take)(void *ctx, struct bytes item);     /* in place of write, of both, where what comes is neither; may be NULL */
    enum err (*commit)(void *ctx, const struct sink_cursor *at);    /* durable when it returns */
    void (*close)(void **ctx);
    enum err (*reload)(void *ctx, struct why *why);     /* between two rounds: its configuration is to be read again; may be NULL. A wrong one
                                                         * is the sink's to say, and the one before goes on: E_OK. Any other ends it */
    bool takes_back;                    /* after E_FULL a round is as if it had never come: the sink is not ended, the round comes again */
};

extern const struct sink trail_sink, terminal_sink;

struct sink_loop;
enum err sink_loop_open(struct link_context *c, const char *endpoint, const struct sink *sink, const char *path,
                        struct sink_loop **ret, struct why *why) MUST_USE;
const char *sink_loop_endpoint(const struct sink_loop *l);
struct bell *sink_loop_bell(struct sink_loop *l);       /* a ring ends a wait in run_once early */
void sink_loop_reload(struct sink_loop *l);             /* any thread: before the next round its configuration is read again */
enum err sink_loop_run_once(struct sink_loop *l, int wait_ms, struct why *why) MUST_USE;
void *sink_loop_ctx(struct sink_loop *l);
void sink_loop_close(struct sink_loop **l);

/* A cursor kept in a small file beside what the sink writes: replaced whole, synced. */
enum err sink_cursor_load(const char *path, struct sink_cursor *ret) MUST_USE;     /* E_OK with zeros if there is none */
enum err sink_cursor_save(const char *path, const struct sink_cursor *c) MUST_USE;

/* A notice as one object of JSON; see docs/events.md. */
void notice_json(struct json_out *o, const struct notice *n);

#endif
