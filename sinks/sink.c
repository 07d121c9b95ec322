#include "sinks/sink.h"
#include "core/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { ROUND_MAX = 16, WINDOW_BYTES = 8 * 1024 * 1024, FULL_WAIT_MS = 200 };

struct sink_loop {
    const struct sink *sink;
    void *ctx;
    struct link_right *right;
    struct bell *bell;
    struct wire *wire;
    _Atomic bool wants_reload;
    struct sink_cursor at;
    struct link_batch batch[ROUND_MAX];
    struct telling telling;
};

static enum err stands(void *ctx, const uint8_t stream[STREAM_BYTES],
                       uint32_t *ret_epoch, uint64_t *ret_cursor, uint64_t *ret_digest)
{
    struct sink_loop *l = ctx;

    if (memcmp(l->at.stream, stream, STREAM_BYTES) != 0)
        return E_NOT_FOUND;
    *ret_epoch = l->at.epoch;
    *ret_cursor = l->at.number;
    *ret_digest = l->at.digest;
    return E_OK;
}

/* One outbox feeds a sink: another one begins at nothing. The grant is durable before it is said. */
static enum err hello(void *ctx, const uint8_t stream[STREAM_BYTES], const char *name, uint32_t epoch,
                      uint32_t *ret_epoch, uint64_t *ret_cursor, uint64_t *ret_digest)
{
    struct sink_loop *l = ctx;
    struct sink_cursor next = l->at;
    enum err e;

    (void)name;
    if (memcmp(next.stream, stream, STREAM_BYTES) != 0) {
        memcpy(next.stream, stream, STREAM_BYTES);
        next.number = next.digest = 0;
    }
    if (epoch == 0 || epoch != next.epoch) {
        next.epoch++;
        if ((e = l->sink->commit(l->ctx, &next)))
            return e;
    }
    l->at = next;
    *ret_epoch = next.epoch;
    *ret_cursor = next.number;
    *ret_digest = next.digest;
    return E_OK;
}

static uint64_t window(void *ctx, const uint8_t stream[STREAM_BYTES])
{
    (void)ctx;
    (void)stream;
    return WINDOW_BYTES;
}

enum err sink_loop_open(struct link_context *c, const char *endpoint, const struct sink *sink, const char *path,
                        struct sink_loop **ret, struct why *why)
{
    struct sink_loop *l = calloc(1, sizeof *l);
    struct link_keeper keeper = { .ctx = l, .hello = hello, .stands = stands, .window = window };
    enum err e;

    if (!l)
        return E_MEMORY;
    l->sink = sink;
    if ((e = wire_open(&l->wire)) || (e = bell_open(&l->bell)) || (e = sink->open(path, &l->ctx, &l->at, why)) ||
        (e = link_right_open(c, endpoint, &keeper, &l->right, why))) {
        sink_loop_close(&l);
        return e;
    }
    link_right_listen(l->right, l->bell);
    *ret = l;
    return E_OK;
}

const char *sink_loop_endpoint(const struct sink_loop *l) { return link_right_endpoint(l->right); }
struct bell *sink_loop_bell(struct sink_loop *l) { return l->bell; }

void sink_loop_reload(struct sink_loop *l)
{
    atomic_store(&l->wants_reload, true);
    bell_ring(l->bell);
}

static enum err write_batch(struct sink_loop *l, const struct link_batch *b)
{
    struct telling *t = &l->telling;
    struct bytes item;
    size_t at = 0;
    enum err e;

    for (uint32_t i = 0; i < b->count; i++) {
        if ((e = wire_next(b->items.p, b->items.n, &at, &item)))
            return e;
        if (l->sink->take) {
            if ((e = l->sink->take(l->ctx, item)))
                return e;
            continue;
        }
        if ((e = wire_telling_decode(l->wire, item.p, item.n, t)))
            return e;
        if (t->what == TELLS_NOTICE)
            e = l->sink->write(l->ctx, &t->notice);
        else if (l->sink->tick)
            e = l->sink->tick(l->ctx, t->at, t->offset);
        if (e)
            return e;
    }
    return E_OK;
}

enum err sink_loop_run_once(struct sink_loop *l, int wait_ms, struct why *why)
{
    struct sink_cursor next = l->at;
    enum err e = E_OK;
    size_t count;

    if (atomic_exchange(&l->wants_reload, false) && l->sink->reload && (e = l->sink->reload(l->ctx, why)))
        return e;
    count = link_right_receive(l->right, wait_ms, l->batch, ROUND_MAX);
    if (!count) {
        link_right_reopen(l->right);
        return E_OK;
    }
    for (size_t i = 0; i < count; i++) {
        if ((e = write_batch(l, &l->batch[i])))
            goto fail;
        next.number = l->batch[i].first + l->batch[i].count - 1;
        next.digest = l->batch[i].digest;
    }
    if ((e = l->sink->commit(l->ctx, &next)))
        goto fail;
    l->at = next;
    link_right_release(l->right, true);
    return E_OK;
fail:
    link_right_release(l->right, false);
    if (e == E_FULL && l->sink->takes_back) {   /* nothing was acknowledged: the tracker keeps it until there is room */
        poll(NULL, 0, wait_ms < FULL_WAIT_MS ? wait_ms : FULL_WAIT_MS);
        return E_OK;
    }
    why_set(why, "sink %s cannot keep what it is told: %s", l->sink->name, err_text(e));
    return e;
}

void *sink_loop_ctx(struct sink_loop *l) { return l->ctx; }

void sink_loop_close(struct sink_loop **pl)
{
    struct sink_loop *l = *pl;

    if (!l)
        return;
    link_right_close(&l->right);
    if (l->ctx)
        l->sink->close(&l->ctx);
    wire_close(&l->wire);
    bell_close(&l->bell);
    free(l);
    *pl = NULL;
}

/* The file is one line of text, so that a person can read it: stream epoch number digest check. */
enum err sink_cursor_load(const char *path, struct sink_cursor *ret)
{
    struct sink_cursor c = { .epoch = 0 };
    char hex[STREAM_BYTES * 2 + 1];
    unsigned long long number, digest;
    unsigned epoch;
    FILE *f = fopen(path, "re");
    int got;

    if (!f)
        return errno == ENOENT ? (*ret = c, E_OK) : E_IO;
    got = fscanf(f, "%32[0-9a-f] %u %llu %llx", hex, &epoch, &number, &digest);
    fclose(f);
    if (got != 4 || strlen(hex) != sizeof hex - 1)
        return E_CORRUPT;
    for (int i = 0; i < STREAM_BYTES; i++) {
        unsigned byte;
        if (sscanf(hex + 2 * i, "%2x", &byte) != 1)
            return E_CORRUPT;
        c.stream[i] = (uint8_t)byte;
    }
    c.epoch = epoch;
    c.number = number;
    c.digest = digest;
    *ret = c;
    return E_OK;
}

enum err sink_cursor_save(const char *path, const struct sink_cursor *c)
{
    char fresh[4096], hex[STREAM_BYTES * 2 + 1];
    FILE *f;

    if (snprintf(fresh, sizeof fresh, "%s.new", path) >= (int)sizeof fresh)
        return E_USAGE;
    hash_hex(c->stream, STREAM_BYTES, hex);
    f = fopen(fresh, "we");
    if (!f)
        return E_IO;
    fprintf(f, "%s %u %llu %llx\n", hex, c->epoch, (unsigned long long)c->number, (unsigned long long)c->digest);
    if (fflush(f) || fdatasync(fileno(f))) {
        fclose(f);
        return E_IO;
    }
    if (fclose(f) || rename(fresh, path))
        return E_IO;
    return E_OK;
}
