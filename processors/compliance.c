#include "processors/compliance.h"
#include "core/crash.h"
#include "processors/chunk.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A chunk is a batch of the link: its rows, delimited. */
enum { FORMAT = 1, CHUNK_ROWS = 500, CHUNK_BYTES = 512 * 1024, SEGMENT_BYTES = 32 * 1024 * 1024, PATH_BYTES = 4096 };
_Static_assert((int)CHUNK_ROWS <= (int)BATCH_ITEMS_MAX && CHUNK_BYTES + LAW_ITEM_BYTES_MAX + 16 <= BATCH_BYTES_MAX, "a chunk is a batch");

/* Side table: how far draws are whole. */
static const struct bytes drawn_key = { (const uint8_t *)"drawn", 5 };

struct compliance {
    struct tape *tape;
    uint8_t stream[STREAM_BYTES];
    uint8_t secret[SECRET_BYTES];
    struct wire *wire;
    uint64_t drawn, digest, pending_drawn;
    bool erased;                            /* something was: the file that holds its rows is to go */
    _Atomic uint64_t kept;                  /* by the sink: rows up to it may go */
    size_t used;                            /* of the chunk being filled */
    uint32_t count;
    uint8_t chunk[CHUNK_BYTES + LAW_ITEM_BYTES_MAX + 16];
};

/* The log as a teller reads it. */
struct told_rows {
    struct compliance *log;
    struct tape_reader *reader;
    uint64_t next;                          /* row to send next */
    uint8_t batch[CHUNK_BYTES + LAW_ITEM_BYTES_MAX + 16];
};

/* ---- the secret ------------------------------------------------------------------- */

static bool secret_path(const char *dir, char ret[PATH_BYTES]) { return snprintf(ret, PATH_BYTES, "%s/compliance.secret", dir) < PATH_BYTES; }

enum err compliance_secret(const char *dir, uint8_t ret[SECRET_BYTES], struct why *why)
{
    char path[PATH_BYTES];
    ssize_t n;
    int fd;

    if (!secret_path(dir, path))
        return E_USAGE;
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        why_set(why, "%s has no secret for a compliance sink (%s): was one ever switched on? (run --opcc, track --opcc)", dir, strerror(errno));
        return errno == ENOENT ? E_NOT_FOUND : E_IO;
    }
    n = read(fd, ret, SECRET_BYTES);
    close(fd);
    if (n == SECRET_BYTES)
        return E_OK;
    why_set(why, "%s is cut short; without it rows cannot be told apart: remove it, the folder %s/compliance and the sink's store, "
            "and everything is drawn again", path, dir);
    return E_CORRUPT;
}

/* Whole or not there: written under another name first. */
static enum err make_secret(const char *dir, struct why *why)
{
    char path[PATH_BYTES], fresh[PATH_BYTES + 8];
    uint8_t secret[SECRET_BYTES];
    enum err e = E_IO;
    int fd;

    if (!secret_path(dir, path))
        return E_USAGE;
    snprintf(fresh, sizeof fresh, "%s.new", path);
    fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    hash_random(secret, sizeof secret);
    if (fd >= 0 && write(fd, secret, sizeof secret) == (ssize_t)sizeof secret && !fsync(fd))
        e = E_OK;
    if (fd >= 0 && close(fd))
        e = E_IO;
    if (!e && rename(fresh, path))
        e = E_IO;
    if (e)
        why_set(why, "%s cannot be written: %s", path, strerror(errno));
    return e;
}

/* ---- the log ------------------------------------------------------------------------ */

enum err compliance_open(const char *dir, struct compliance **ret, struct why *why)
{
    struct compliance *c = calloc(1, sizeof *c);
    char path[PATH_BYTES];
    size_t n;
    enum err e = E_USAGE;

    if (!c)
        return E_MEMORY;
    if (snprintf(path, sizeof path, "%s/compliance", dir) >= PATH_BYTES)
        goto fail;
    if ((e = compliance_secret(dir, c->secret, why)) == E_NOT_FOUND && !(e = make_secret(dir, why)))
        e = compliance_secret(dir, c->secret, why);
    if (e || (e = wire_open(&c->wire)) || (e = tape_open(path, SEGMENT_BYTES, false, &c->tape, why)))
        goto fail;
    e = chunk_identity(c->tape, false, c->stream, sizeof c->stream);
    if (!e && (e = tape_side_get(c->tape, drawn_key, &c->drawn, sizeof c->drawn, &n)) == E_NOT_FOUND)
        c->drawn = 0, e = E_OK;
    if (e || (e = chunk_end(c->tape, FORMAT, &c->digest))) {
        why_set(why, "the rows for the compliance sink in %s cannot be read: %s. Remove that folder: everything is drawn again", path, err_text(e));
        goto fail;
    }
    c->pending_drawn = c->drawn;
    *ret = c;
    return E_OK;
fail:
    compliance_close(&c);
    return e;
}

void compliance_close(struct compliance **pc)
{
    struct compliance *c = *pc;

    if (!c)
        return;
    if (c->tape)
        tape_trim(c->tape, atomic_load(&c->kept) + 1);  /* what the sink took since the last draw does not wait for the next start */
    tape_close(&c->tape);
    wire_close(&c->wire);
    free(c);
    *pc = NULL;
}

const uint8_t *compliance_key(const struct compliance *c) { return c->secret; }
uint64_t compliance_drawn(const struct compliance *c) { return c->drawn; }
uint64_t compliance_last(const struct compliance *c) { return tape_last(c->tape); }

static enum err put_chunk(struct compliance *c)
{
    struct chunk head = { .format = FORMAT, .count = c->count, .digest_before = c->digest };
    uint64_t first;
    uint8_t *place;
    enum err e;

    if (!c->count)
        return E_OK;
    head.digest = hash_next(c->digest, c->chunk, c->used);
    if ((e = tape_append(c->tape, c->count, sizeof head + c->used, &first, &place)))
        return e;
    memcpy(place, &head, sizeof head);
    memcpy(place + sizeof head, c->chunk, c->used);
    c->digest = head.digest;
    c->used = 0;
    c->count = 0;
    return E_OK;
}

static enum err put(void *ctx, const struct compliance_row *row, uint64_t *said)
{
    struct compliance *c = ctx;
    size_t before = c->used, at = before;
    struct bytes item;
    uint64_t digest;
    enum err e;

    if ((e = wire_compliance_append(c->wire, row, c->chunk, sizeof c->chunk, &c->used)) || (e = wire_next(c->chunk, c->used, &at, &item)))
        return e;
    if (said) {
        digest = hash_bytes(item.p, wire_compliance_content(item.p, item.n));
        if (*said == digest) {
            c->used = before;                   /* it was judged again, and nothing came of it */
            return E_OK;
        }
        *said = digest;
    }
    c->count++;
    c->erased |= row->what == ROW_ERASED;
    if (row->what == ROW_DRAWN)
        c->pending_drawn = row->drawn.record;
    return c->count >= CHUNK_ROWS || c->used >= CHUNK_BYTES ? put_chunk(c) : E_OK;
}

static enum err commit(void *ctx)
{
    struct compliance *c = ctx;
    enum err e = put_chunk(c);

    if (!e && c->pending_drawn != c->drawn)
        e = tape_side_put(c->tape, drawn_key, (struct bytes){ (const uint8_t *)&c->pending_drawn, sizeof c->pending_drawn });
    if (e) {
        tape_abort(c->tape);
        return e;
    }
    crash_point(CRASH_compliance_before_commit);
    if ((e = tape_commit(c->tape)))
        return e;
    crash_point(CRASH_compliance_after_commit);
    c->drawn = c->pending_drawn;
    /* What was erased is in this file or before: they go when the sink has them all. */
    if (c->erased && (e = tape_begin_file(c->tape)))
        return e;
    c->erased = false;
    tape_trim(c->tape, atomic_load(&c->kept) + 1);
    return E_OK;
}

struct draw_taker compliance_taker(struct compliance *c) { return (struct draw_taker){ .ctx = c, .put = put, .commit = commit }; }

/* ---- the left end ------------------------------------------------------------------------ */

/* The sink stands at the end of a chunk: it keeps whole batches. */
static enum err seek(void *ctx, uint64_t cursor, uint64_t digest, uint8_t ret_stream[STREAM_BYTES])
{
    struct told_rows *t = ctx;
    struct tape *tape = t->log->tape;
    struct bytes rows;
    struct chunk c;
    uint64_t first;
    enum err e = E_OK;

    memcpy(ret_stream, t->log->stream, STREAM_BYTES);
    if (cursor > tape_last(tape) || cursor + 1 < tape_first(tape))
        return E_CORRUPT;
    if (cursor >= tape_first(tape)) {
        e = chunk_get(t->reader, cursor, FORMAT, &first, &c, &rows);
        if (!e && (c.digest != digest || first + c.count - 1 != cursor))
            e = E_CORRUPT;
        tape_rest(t->reader);
    }
    t->next = cursor + 1;
    return e;
}

static enum err read_rows(void *ctx, size_t max_bytes, struct bytes *ret, uint32_t *ret_count, uint64_t *ret_digest)
{
    struct told_rows *t = ctx;
    struct bytes rows;
    struct chunk c;
    uint64_t first;
    enum err e = E_AGAIN;

    if (t->next > tape_last(t->log->tape))
        return e;
    if ((e = chunk_get(t->reader, t->next, FORMAT, &first, &c, &rows)))
        goto out;
    e = first != t->next || rows.n > sizeof t->batch ? E_CORRUPT : rows.n > max_bytes ? E_AGAIN : E_OK;
    if (e)
        goto out;
    memcpy(t->batch, rows.p, rows.n);
    *ret = (struct bytes){ t->batch, rows.n };
    *ret_count = c.count;
    *ret_digest = c.digest;
    t->next += c.count;
out:
    tape_rest(t->reader);
    return e;
}

static void durable(void *ctx, uint64_t cursor)
{
    struct told_rows *t = ctx;

    atomic_store(&t->log->kept, cursor);
}

static uint64_t last(const void *ctx) { return compliance_last(((const struct told_rows *)ctx)->log); }

static void shut(void *ctx)
{
    struct told_rows *t = ctx;

    if (t->reader)
        tape_reader_close(&t->reader);
    free(t);
}

enum err compliance_teller_open(struct link_context *ctx, const char *endpoint, struct compliance *c, struct teller **ret, struct why *why)
{
    struct told_rows *t = calloc(1, sizeof *t);
    struct told_log log = { .source = { .ctx = t, .name = "compliance", .seek = seek, .read = read_rows, .durable = durable }, .last = last, .close = shut,
        .misfit = "and this data folder do not fit together: its store is new or older than what was already removed here, "
                  "or it followed another folder. Stop both, remove the store and the folder compliance/ in the data folder: everything is drawn again" };
    enum err e;

    if (!t)
        return E_MEMORY;
    t->log = c;
    t->next = 1;
    memcpy(log.source.stream, c->stream, STREAM_BYTES);
    if ((e = tape_reader_open(c->tape, &t->reader))) {
        shut(t);
        return e;
    }
    return teller_open(ctx, endpoint, &log, ret, why);
}
