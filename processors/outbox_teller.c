#include "processors/outbox_teller.h"

#include <stdlib.h>

enum { ROWS_A_BATCH = 256, TELLING_BYTES_MAX = 4096 };

struct told_rows {
    struct outbox *outbox;
    struct outbox_reader *reader;
    struct render *render;
    uint64_t next;                              /* row to send next */
    struct outbox_row row[ROWS_A_BATCH];
    struct telling telling;
    uint8_t buf[ROWS_A_BATCH * TELLING_BYTES_MAX];
};

static enum err seek(void *ctx, uint64_t cursor, uint64_t digest, uint8_t ret_stream[STREAM_BYTES])
{
    struct told_rows *t = ctx;
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
    struct told_rows *t = ctx;
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

static uint64_t last(const void *ctx) { return outbox_last(((const struct told_rows *)ctx)->outbox); }

static void shut(void *ctx)
{
    struct told_rows *t = ctx;

    if (t->reader)
        outbox_reader_close(&t->reader);
    render_close(&t->render);
    free(t);
}

enum err outbox_teller_open(struct link_context *c, const char *endpoint, struct journal *j, struct outbox *o, struct teller **ret, struct why *why)
{
    struct told_rows *t = calloc(1, sizeof *t);
    struct told_log log = { .source = { .ctx = t, .name = "outbox", .seek = seek, .read = read_rows }, .last = last, .close = shut,
        .misfit = "has notices that this data folder never sent. Was the folder restored from a backup? "
                  "Then give the sink a new file: it is told everything again" };
    enum err e;

    if (!t)
        return E_MEMORY;
    t->outbox = o;
    t->next = 1;
    outbox_stream(o, log.source.stream);
    if ((e = outbox_reader_open(o, &t->reader)) || (e = render_open(j, &t->render))) {
        shut(t);
        return e;
    }
    return teller_open(c, endpoint, &log, ret, why);
}
