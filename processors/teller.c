#include "processors/teller.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

struct teller {
    struct told_log log;
    struct link_left *left;
    struct bell *bell;
    char endpoint[128];
    uint64_t rung_for;                          /* rows there were when its thread was last woken */
    _Atomic uint64_t durable;
};

static enum err seek(void *ctx, uint64_t cursor, uint64_t digest, uint8_t ret_stream[STREAM_BYTES])
{
    struct teller *t = ctx;

    return t->log.source.seek(t->log.source.ctx, cursor, digest, ret_stream);
}

static enum err read_rows(void *ctx, size_t max_bytes, struct bytes *ret, uint32_t *ret_count, uint64_t *ret_digest)
{
    struct teller *t = ctx;

    return t->log.source.read(t->log.source.ctx, max_bytes, ret, ret_count, ret_digest);
}

static void durable(void *ctx, uint64_t cursor)
{
    struct teller *t = ctx;

    atomic_store(&t->durable, cursor);
    if (t->log.source.durable)
        t->log.source.durable(t->log.source.ctx, cursor);
}

enum err teller_open(struct link_context *c, const char *endpoint, const struct told_log *log, struct teller **ret, struct why *why)
{
    struct teller *t = calloc(1, sizeof *t);
    struct link_source source = log->source;
    enum err e;

    if (!t) {
        log->close(log->source.ctx);
        return E_MEMORY;
    }
    t->log = *log;
    snprintf(t->endpoint, sizeof t->endpoint, "%s", endpoint);
    source.ctx = t;
    source.seek = seek;
    source.read = read_rows;
    source.durable = durable;
    if ((e = bell_open(&t->bell)) || (e = link_left_open(c, endpoint, &source, &t->left, why))) {
        teller_close(&t);
        return e;
    }
    link_left_listen(t->left, t->bell);
    *ret = t;
    return E_OK;
}

enum err teller_run_once(struct teller *t, int wait_ms, struct why *why)
{
    enum err e = link_left_run_once(t->left, wait_ms, why);

    if (e == E_CORRUPT)
        why_set(why, "the sink at %s %s", t->endpoint, t->log.misfit);
    return e;
}

void teller_patience(struct teller *t, int first_ms, int last_ms) { link_left_patience(t->left, first_ms, last_ms); }

void teller_wake(struct teller *t)
{
    uint64_t last = t->log.last(t->log.source.ctx);

    if (last == t->rung_for)
        return;
    t->rung_for = last;
    bell_ring(t->bell);
}

struct bell *teller_bell(struct teller *t) { return t->bell; }

const char *teller_endpoint(const struct teller *t) { return t->endpoint; }
uint64_t teller_durable(const struct teller *t) { return atomic_load(&t->durable); }

uint64_t teller_waiting(const struct teller *t)
{
    uint64_t has = teller_durable(t);           /* first: what there is only grows */

    return t->log.last(t->log.source.ctx) - has;
}

const struct link_counts *teller_counts(const struct teller *t) { return link_left_counts(t->left); }

void teller_close(struct teller **pt)
{
    struct teller *t = *pt;

    if (!t)
        return;
    link_left_close(&t->left);
    bell_close(&t->bell);
    t->log.close(t->log.source.ctx);
    free(t);
    *pt = NULL;
}
