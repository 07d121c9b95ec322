#include "processors/teller.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROWS_A_BATCH = 256, TELLING_BYTES_MAX = 4096 };

struct teller {
    struct link_left *left;
    struct outbox *outbox;
    struct outbox_reader *reader;
    struct render *render;
    struct bell *bell;
    char endpoint[128];
    uint64_t next;                              /* row to send next */
    _Atomic uint64_t durable;
    struct outbox_row row[ROWS_A_BATCH];
    struct telling telling;
    uint8_t buf[ROWS_A_BATCH * TELLING_BYTES_MAX];
};

static enum err seek(void *ctx, uint64_t cursor, uint64_t digest, uint8_t ret_stream[STREAM_BYTES])
{
    struct teller *t = ctx;
    uint64_t own;
    enum err e = outbox_digest(t->reader, cursor, &own);

    outbox_stream(t->outbox, ret_stream);
    if (e || own != digest)
        return E_CORRUPT;                       /* the sink followed another outbox: a person has to look */
    t->next = cursor + 1;
    return E_OK;
}

static enum err read_rows(void *ctx, size_t max_bytes, struct bytes *ret, uint32_t *ret_count, uint64_t *ret_digest)
{
    struct teller *t = ctx;
    size_t count, used = 0, cap = max_bytes < sizeof t->buf ? max_bytes : sizeof t->buf;
    uint32_t sent = 0;
    enum err e;

    if (t->next > outbox_last(t->outbox))
        return E_AGAIN;
    if ((e = outbox_read(t->reader, t->next, t->row, ROWS_A_BATCH, &count)))
        return e == E_END ? E_AGAIN : e;
    for (; sent < count; sent++) {
        if ((e = render_telling(t->render, t->outbox, t->next + sent, &t->row[sent], &t->telling)))
            return e;
        if (wire_telling_append(&t->telling, t->buf, cap, &used))
            break;
    }
    render_rest(t->render);
    if (!sent)
        return E_AGAIN;
    if ((e = outbox_digest(t->reader, t->next + sent - 1, ret_digest)))
        return e;
    t->next += sent;
    *ret = (struct bytes){ t->buf, used };
    *ret_count = sent;
    return E_OK;
}

static void durable(void *ctx, uint64_t cursor)
{
    struct teller *t = ctx;

    atomic_store(&t->durable, cursor);
}

enum err teller_open(struct link_context *c, const char *endpoint, struct journal *j, struct outbox *o,
                     struct teller **ret, struct why *why)
{
    struct teller *t = calloc(1, sizeof *t);
    struct link_source source = { .seek = seek, .read = read_rows, .durable = durable };
    enum err e;

    if (!t)
        return E_MEMORY;
    t->outbox = o;
    t->next = 1;
    snprintf(source.name, sizeof source.name, "outbox");
    source.ctx = t;
    outbox_stream(o, source.stream);
    snprintf(t->endpoint, sizeof t->endpoint, "%s", endpoint);
    if ((e = outbox_reader_open(o, &t->reader)) || (e = render_open(j, &t->render)) || (e = bell_open(&t->bell)) ||
        (e = link_left_open(c, endpoint, &source, &t->left, why))) {
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
        why_set(why, "the sink at %s has notices that this data folder never sent. Was the folder restored from a backup? "
                "Then give the sink a new file: it is told everything again", t->endpoint);
    return e;
}

void teller_patience(struct teller *t, int first_ms, int last_ms) { link_left_patience(t->left, first_ms, last_ms); }
void teller_wake(struct teller *t) { bell_ring(t->bell); }
struct bell *teller_bell(struct teller *t) { return t->bell; }

uint64_t teller_durable(const struct teller *t) { return atomic_load(&t->durable); }
const struct link_counts *teller_counts(const struct teller *t) { return link_left_counts(t->left); }

void teller_close(struct teller **pt)
{
    struct teller *t = *pt;

    if (!t)
        return;
    link_left_close(&t->left);
    if (t->reader)
        outbox_reader_close(&t->reader);
    render_close(&t->render);
    bell_close(&t->bell);
    free(t);
    *pt = NULL;
}
