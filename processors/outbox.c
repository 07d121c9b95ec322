#include "processors/outbox.h"
#include "core/crash.h"
#include "core/hash.h"
#include "processors/chunk.h"
#include "processors/outbox_rows.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

/* Of a chunk: its rows as outbox_rows.h packs them. */
enum { FORMAT = 5, CHUNK_ROWS = 4096, SEGMENT_BYTES = 256 * 1024 * 1024 };

/* Side table: "stream" names the outbox for ever. */
struct identity { uint8_t stream[STREAM_BYTES]; uint32_t epoch; };

/* The chunk in hand. Rows are packed some at a time, soon after they were appended: so few are still near. */
enum { SOME = 64 };
struct packing {
    struct outbox_row row[SOME];            /* not packed yet */
    uint32_t rows;
    struct chunk head;                      /* of those that are */
    struct outbox_row before;
    size_t n;
    uint8_t bytes[CHUNK_ROWS * ROW_PACKED_MAX];
};

struct outbox {
    struct tape *tape;
    struct identity id;
    uint64_t next, digest;                  /* number of the next row; digest after the last durable one */
    struct packing packing;
};

/* Where a reader is in a chunk: rows are packed one by the other, and it mostly reads on where it stopped. */
struct outbox_reader {
    struct outbox *outbox;
    struct tape_reader *tape;
    uint64_t first, next;                   /* of the chunk; the row to be unpacked next, 0: none */
    size_t at;                              /* where it begins */
    struct outbox_row before;               /* see row_pack */
    struct outbox_row row;                  /* the one before it, and the digest after that */
    uint64_t digest;
};

static void begin_chunk(struct packing *p, uint64_t digest)
{
    p->head = (struct chunk){ .format = FORMAT, .digest_before = digest, .digest = digest };
    memset(&p->before, 0, sizeof p->before);
    p->n = 0;
}

enum err outbox_open(const char *dir, bool read_only, struct outbox **ret, struct why *why)
{
    struct outbox *o = calloc(1, sizeof *o);
    enum err e;

    assert(*(const uint8_t *)&(const uint16_t){ 1 } == 1);  /* chunks, and the digest of rows, are as this machine has them */
    if (!o)
        return E_MEMORY;
    if ((e = tape_open(dir, SEGMENT_BYTES, read_only, &o->tape, why)))
        goto fail;
    if ((e = chunk_identity(o->tape, read_only, &o->id, sizeof o->id)) || (e = chunk_end(o->tape, FORMAT, &o->digest))) {
        why_set(why, "the outbox in %s cannot be read: %s", dir, err_text(e));
        goto fail;
    }
    o->next = tape_last(o->tape) + 1;
    begin_chunk(&o->packing, o->digest);
    *ret = o;
    return E_OK;
fail:
    outbox_close(&o);
    return e;
}

void outbox_close(struct outbox **po)
{
    struct outbox *o = *po;

    if (!o)
        return;
    tape_close(&o->tape);
    free(o);
    *po = NULL;
}

/* What was not committed is gone. */
static enum err drop(struct outbox *o, enum err e)
{
    tape_abort(o->tape);
    o->next = tape_last(o->tape) + 1;
    o->packing.rows = 0;
    begin_chunk(&o->packing, o->digest);
    return e;
}

static enum err put_chunk(struct outbox *o)
{
    struct packing *p = &o->packing;
    uint64_t first;
    uint8_t *place;
    enum err e = tape_append(o->tape, p->head.count, sizeof p->head + p->n, &first, &place);

    if (e)
        return drop(o, e);
    memcpy(place, &p->head, sizeof p->head);
    memcpy(place + sizeof p->head, p->bytes, p->n);
    begin_chunk(p, p->head.digest);
    return E_OK;
}

static enum err pack_some(struct outbox *o)
{
    struct packing *p = &o->packing;

    for (uint32_t i = 0; i < p->rows; i++) {
        p->head.digest = hash_next(p->head.digest, &p->row[i], sizeof p->row[i]);
        p->n += row_pack(&p->row[i], &p->before, p->bytes + p->n);
    }
    p->head.count += p->rows;
    p->rows = 0;
    return p->head.count == CHUNK_ROWS ? put_chunk(o) : E_OK;
}
_Static_assert(CHUNK_ROWS % SOME == 0, "a chunk is full when some are packed, not in between");

enum err outbox_append(struct outbox *o, const struct outbox_row *row, uint64_t *ret_number)
{
    struct packing *p = &o->packing;

    p->row[p->rows++] = *row;
    *ret_number = o->next++;
    return p->rows == SOME ? pack_some(o) : E_OK;
}

enum err outbox_commit(struct outbox *o)
{
    enum err e;

    if (o->next == tape_last(o->tape) + 1)
        return E_OK;
    crash_point(CRASH_outbox_before_commit);
    if ((e = pack_some(o)) || (o->packing.head.count && (e = put_chunk(o))))
        return e;
    if ((e = tape_commit(o->tape)))
        return drop(o, e);
    o->digest = o->packing.head.digest;
    crash_point(CRASH_outbox_after_commit);
    return E_OK;
}

uint64_t outbox_last(const struct outbox *o) { return tape_last(o->tape); }
uint64_t outbox_first(const struct outbox *o) { return tape_first(o->tape); }
uint32_t outbox_epoch(const struct outbox *o) { return o->id.epoch; }
void outbox_stream(const struct outbox *o, uint8_t ret[STREAM_BYTES]) { memcpy(ret, o->id.stream, STREAM_BYTES); }

enum err outbox_reader_open(struct outbox *o, struct outbox_reader **ret)
{
    struct outbox_reader *r = calloc(1, sizeof *r);
    enum err e;

    if (!r)
        return E_MEMORY;
    r->outbox = o;
    if ((e = tape_reader_open(o->tape, &r->tape))) {
        free(r);
        return e;
    }
    *ret = r;
    return E_OK;
}

/* Unpacks the rows of a chunk up to with `number`, from where the reader stopped if that is before it. */
static enum err unpack_to(struct outbox_reader *r, const struct chunk *c, struct bytes rows, uint64_t first, uint64_t number)
{
    size_t n;

    if (r->first != first || !r->next || r->next > number) {
        r->first = r->next = first;
        r->at = 0;
        r->digest = c->digest_before;
        memset(&r->before, 0, sizeof r->before);
    }
    for (; r->next <= number; r->next++, r->at += n) {
        if (!(n = row_unpack(rows.p + r->at, rows.n - r->at, &r->before, &r->row)))
            return r->next = 0, E_CORRUPT;
        r->digest = hash_next(r->digest, &r->row, sizeof r->row);
    }
    if (r->next == first + c->count && r->digest != c->digest)
        return r->next = 0, E_CORRUPT;
    return E_OK;
}

enum err outbox_read(struct outbox_reader *r, uint64_t number, struct outbox_row *ret, size_t max, size_t *ret_count)
{
    size_t count = 0;
    enum err e = E_OK;

    while (!e && count < max && number <= tape_last(r->outbox->tape)) {
        struct chunk c;
        struct bytes rows;
        uint64_t first;
        if ((e = chunk_get(r->tape, number, FORMAT, &first, &c, &rows)))
            break;
        for (; count < max && number < first + c.count && !(e = unpack_to(r, &c, rows, first, number)); number++)
            ret[count++] = r->row;
    }
    tape_rest(r->tape);
    if (e)
        return e;
    if (!count)
        return E_END;
    *ret_count = count;
    return E_OK;
}

enum err outbox_digest(struct outbox_reader *r, uint64_t number, uint64_t *ret)
{
    struct chunk c;
    struct bytes rows;
    uint64_t first;
    enum err e;

    if (number == 0)
        return *ret = 0, E_OK;
    if (!(e = chunk_get(r->tape, number, FORMAT, &first, &c, &rows))) {
        if (number - first + 1 == c.count) {
            *ret = c.digest;
        } else if (r->first == first && r->next == number + 1) {
            *ret = r->digest;               /* the row read last */
        } else {
            struct outbox_reader other = { .next = 0 };     /* the reader itself reads on elsewhere */
            if (!(e = unpack_to(&other, &c, rows, first, number)))
                *ret = other.digest;
        }
    }
    tape_rest(r->tape);
    return e;
}

void outbox_reader_close(struct outbox_reader **pr)
{
    struct outbox_reader *r = *pr;

    if (!r)
        return;
    tape_reader_close(&r->tape);
    free(r);
    *pr = NULL;
}

/* ---- sinks ------------------------------------------------------------------------ */

static const char sink_prefix[] = "sink/";

static enum err sink_key(const char *sink, char buf[160], struct bytes *ret)
{
    int n = snprintf(buf, 160, "%s%s", sink_prefix, sink);

    *ret = (struct bytes){ (const uint8_t *)buf, (size_t)n };
    return n < 0 || n >= 160 ? E_USAGE : E_OK;
}

enum err outbox_sink_begins(struct outbox *o, const char *sink)
{
    char buf[160];
    struct bytes key;
    uint64_t cursor;
    size_t n;
    enum err e = sink_key(sink, buf, &key);

    if (e)
        return e;
    e = tape_side_get(o->tape, key, &cursor, sizeof cursor, &n);
    return e == E_NOT_FOUND || (!e && cursor == OUTBOX_SINK_GONE) ? outbox_sink_at(o, sink, 0) : e;
}

enum err outbox_sink_at(struct outbox *o, const char *sink, uint64_t cursor)
{
    char buf[160];
    struct bytes key;
    enum err e = sink_key(sink, buf, &key);

    assert(o->next == tape_last(o->tape) + 1);      /* nothing appended is open: it would be committed in part */
    if (e)
        return e;
    if ((e = tape_side_put(o->tape, key, (struct bytes){ (const uint8_t *)&cursor, sizeof cursor }))) {
        tape_abort(o->tape);
        return e;
    }
    return tape_commit(o->tape);
}

struct sink_visit { enum err (*visit)(void *ctx, struct text sink, uint64_t cursor); void *ctx; };

static enum err visit_sink(void *ctx, struct bytes key, struct bytes value)
{
    const struct sink_visit *v = ctx;
    const size_t prefix = sizeof sink_prefix - 1;
    uint64_t cursor;

    if (key.n <= prefix || memcmp(key.p, sink_prefix, prefix) || value.n != sizeof cursor)
        return E_OK;
    memcpy(&cursor, value.p, sizeof cursor);
    return v->visit(v->ctx, (struct text){ (const char *)key.p + prefix, (uint32_t)(key.n - prefix) }, cursor);
}

enum err outbox_each_sink(struct outbox *o, enum err (*visit)(void *ctx, struct text sink, uint64_t cursor), void *ctx)
{
    return tape_side_each(o->tape, visit_sink, &(struct sink_visit){ visit, ctx });
}
