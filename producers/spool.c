#include "producers/spool.h"
#include "core/hash.h"
#include "core/tape.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A batch on the tape: this header, then the items. */
struct chunk { uint32_t format, count; int64_t appended_s; uint64_t digest_before, digest; };
_Static_assert(sizeof(struct chunk) == 32, "stored as it is");
enum { FORMAT = 1, SEGMENT_BYTES = 64 * 1024 * 1024 };

/* Side table. A stream begins after record `base`: its item n is record base + n. */
struct identity { uint8_t stream[STREAM_BYTES]; uint64_t base; };
struct end { uint64_t record, digest; };        /* of the last record of all, where none is kept */
static const struct bytes identity_key = { (const uint8_t *)"identity", 8 };
static const struct bytes durable_key = { (const uint8_t *)"durable", 7 };
static const struct bytes end_key = { (const uint8_t *)"end", 3 };
static const struct bytes note_key = { (const uint8_t *)"note", 4 };

struct spool {
    struct tape *tape;
    struct tape_reader *reader;         /* the sender's */
    pthread_mutex_t lock;               /* one writes to the tape at a time: appends, cursors, notes */
    struct identity id;
    int64_t keep_s;
    uint64_t digest;                    /* after the last record */
    struct end forgotten;               /* what came before the first that is kept, where that is known; else zeros */
    uint64_t next;                      /* record to send next */
    _Atomic uint64_t durable;           /* record up to which the right has all */
    _Atomic bool ended;
    uint8_t buf[BATCH_BYTES_MAX];
};

static enum err put_side(struct spool *s, struct bytes key, const void *p, size_t n)
{
    enum err e;

    pthread_mutex_lock(&s->lock);
    if ((e = tape_side_put(s->tape, key, (struct bytes){ p, n })))
        tape_abort(s->tape);
    else
        e = tape_commit(s->tape);
    pthread_mutex_unlock(&s->lock);
    return e;
}

static enum err chunk_at(struct spool *s, uint64_t number, uint64_t *ret_first, struct chunk *ret, struct bytes *ret_items)
{
    struct bytes b;
    enum err e = tape_get(s->reader, number, ret_first, &b);

    if (e)
        return e;
    if (b.n < sizeof *ret)
        return E_CORRUPT;
    memcpy(ret, b.p, sizeof *ret);
    if (ret->format != FORMAT || number - *ret_first >= ret->count)
        return ret->format > FORMAT ? E_VERSION : E_CORRUPT;
    *ret_items = (struct bytes){ b.p + sizeof *ret, b.n - sizeof *ret };
    return E_OK;
}

static enum err new_identity(struct spool *s)
{
    hash_random(s->id.stream, sizeof s->id.stream);
    s->id.base = tape_first(s->tape) - 1;
    return put_side(s, identity_key, &s->id, sizeof s->id);
}

static enum err load(struct spool *s)
{
    struct bytes items;
    struct chunk c;
    uint64_t first, durable = 0;
    size_t n;
    enum err e = tape_side_get(s->tape, identity_key, &s->id, sizeof s->id, &n);

    if (e == E_NOT_FOUND)
        e = new_identity(s);
    if (e)
        return e;
    if ((e = tape_side_get(s->tape, durable_key, &durable, sizeof durable, &n)) && e != E_NOT_FOUND)
        return e;
    atomic_store(&s->durable, durable);
    s->next = durable + 1;
    if ((e = tape_side_get(s->tape, end_key, &s->forgotten, sizeof s->forgotten, &n)) && e != E_NOT_FOUND)
        return e;
    if (s->forgotten.record == tape_last(s->tape))
        s->digest = s->forgotten.digest;
    if (tape_last(s->tape) < tape_first(s->tape))
        return E_OK;
    if (!(e = chunk_at(s, tape_last(s->tape), &first, &c, &items)))
        s->digest = c.digest;
    tape_rest(s->reader);
    return e;
}

enum err spool_open(const char *dir, int64_t keep_s, struct spool **ret, struct why *why)
{
    struct spool *s = calloc(1, sizeof *s);
    enum err e;

    if (!s)
        return E_MEMORY;
    s->keep_s = keep_s;
    pthread_mutex_init(&s->lock, NULL);
    if ((e = tape_open(dir, SEGMENT_BYTES, false, &s->tape, why)))
        goto fail;
    if ((e = tape_reader_open(s->tape, &s->reader)) || (e = load(s))) {
        why_set(why, "the spool in %s cannot be read: %s", dir, err_text(e));
        goto fail;
    }
    *ret = s;
    return E_OK;
fail:
    spool_close(&s);
    return e;
}

void spool_close(struct spool **ps)
{
    struct spool *s = *ps;

    if (!s)
        return;
    if (s->reader)
        tape_reader_close(&s->reader);
    tape_close(&s->tape);
    pthread_mutex_destroy(&s->lock);
    free(s);
    *ps = NULL;
}

/* ---- the writer ---------------------------------------------------------------- */

/* Files whose every record was durable on the right keep_s ago. */
static void trim(struct spool *s, int64_t now_s)
{
    uint64_t end, first, durable = atomic_load(&s->durable);
    struct tape_reader *r;
    struct bytes b;
    struct chunk c;
    bool is_old;

    for (size_t i = tape_segments(s->tape); i-- > 1;) {
        end = tape_segment_first(s->tape, i);
        if (end > durable + 1 || tape_reader_open(s->tape, &r))
            continue;
        is_old = !tape_get(r, end - 1, &first, &b) && b.n >= sizeof c;
        if (is_old) {
            memcpy(&c, b.p, sizeof c);
            is_old = c.appended_s + s->keep_s < now_s;
        }
        tape_reader_close(&r);
        if (is_old) {
            tape_trim(s->tape, end);
            return;
        }
    }
}

static enum err append(struct spool *s, struct bytes items, uint32_t count, const struct bytes *note)
{
    struct chunk c = { .format = FORMAT, .count = count, .appended_s = instant_now().s,
                       .digest_before = s->digest, .digest = s->digest };
    struct bytes item;
    uint64_t first;
    uint8_t *place;
    size_t at = 0;
    enum err e;

    for (uint32_t i = 0; i < count; i++) {
        size_t before = at;
        if ((e = wire_next(items.p, items.n, &at, &item)))
            return e;
        c.digest = hash_next(c.digest, items.p + before, at - before);
    }
    pthread_mutex_lock(&s->lock);
    e = tape_append(s->tape, count, sizeof c + items.n, &first, &place);
    if (!e) {
        memcpy(place, &c, sizeof c);
        memcpy(place + sizeof c, items.p, items.n);
        e = note ? tape_side_put(s->tape, note_key, *note) : E_OK;
    }
    if (e)
        tape_abort(s->tape);
    else
        e = tape_commit(s->tape);
    if (!e) {
        s->digest = c.digest;
        trim(s, c.appended_s);
    }
    pthread_mutex_unlock(&s->lock);
    return e;
}

enum err spool_append(struct spool *s, struct bytes items, uint32_t count) { return append(s, items, count, NULL); }

enum err spool_append_noted(struct spool *s, struct bytes items, uint32_t count, struct bytes note)
{
    return append(s, items, count, &note);
}

void spool_end(struct spool *s) { atomic_store(&s->ended, true); }
uint64_t spool_last(const struct spool *s) { return tape_last(s->tape); }
uint64_t spool_durable(const struct spool *s) { return atomic_load(&s->durable); }
enum err spool_note_put(struct spool *s, struct bytes note) { return put_side(s, note_key, note.p, note.n); }

enum err spool_note_get(struct spool *s, uint8_t *buf, size_t cap, size_t *ret_n)
{
    enum err e;

    pthread_mutex_lock(&s->lock);
    e = tape_side_get(s->tape, note_key, buf, cap, ret_n);
    pthread_mutex_unlock(&s->lock);
    return e;
}

/* ---- the sender ------------------------------------------------------------------ */

/* The digest after a record, as it was said when it was sent first. A stream that began
 * later than the tape has digest 0 at its base, like every other. */
static enum err digest_at(struct spool *s, uint64_t record, uint64_t *ret)
{
    struct bytes items, item;
    struct chunk c;
    uint64_t first, digest;
    size_t at = 0;
    enum err e;

    if (record == s->id.base)
        return *ret = 0, E_OK;
    if (s->forgotten.record && record == s->forgotten.record)
        return *ret = s->forgotten.digest, E_OK;
    if ((e = chunk_at(s, record, &first, &c, &items)))
        return e;
    digest = c.digest_before;
    for (uint64_t n = first; n <= record; n++) {
        size_t before = at;
        if ((e = wire_next(items.p, items.n, &at, &item)))
            return E_CORRUPT;
        digest = hash_next(digest, items.p + before, at - before);
    }
    *ret = digest;
    return E_OK;
}

/* A right end that remembers something else, or more or less than is held, gets all that is held as a
 * new stream: what it has already does no harm. */
static enum err seek(void *ctx, uint64_t cursor, uint64_t digest, uint8_t ret_stream[STREAM_BYTES])
{
    struct spool *s = ctx;
    uint64_t own, record = s->id.base + cursor;
    bool is_held = record + 1 >= tape_first(s->tape) && record <= tape_last(s->tape);
    enum err e = is_held ? digest_at(s, record, &own) : E_NOT_FOUND;

    tape_rest(s->reader);
    if (!e && own == digest) {
        s->next = record + 1;
        return E_OK;
    }
    if (e && e != E_NOT_FOUND)
        return e;
    if ((e = new_identity(s)))
        return e;
    s->next = s->id.base + 1;
    memcpy(ret_stream, s->id.stream, STREAM_BYTES);
    return E_UNKNOWN;
}

static enum err read_items(void *ctx, size_t max_bytes, struct bytes *ret, uint32_t *ret_count, uint64_t *ret_digest)
{
    struct spool *s = ctx;
    struct bytes items, item;
    struct chunk c;
    uint64_t first, digest;
    size_t at = 0, from = 0, end;
    uint32_t count = 0;
    bool ended = atomic_load(&s->ended);
    enum err e;

    if (s->next > tape_last(s->tape))
        return ended && s->next > tape_last(s->tape) ? E_END : E_AGAIN;
    if ((e = chunk_at(s, s->next, &first, &c, &items)))
        return e;
    digest = c.digest_before;
    for (uint64_t n = first; n < s->next; n++, from = at) {
        if ((e = wire_next(items.p, items.n, &at, &item)))
            return E_CORRUPT;
        digest = hash_next(digest, items.p + from, at - from);
    }
    for (end = from; s->next + count < first + c.count; count++) {
        if (wire_next(items.p, items.n, &at, &item))
            return E_CORRUPT;
        if (at - from > max_bytes || at - from > sizeof s->buf)
            break;
        digest = hash_next(digest, items.p + end, at - end);
        end = at;
    }
    if (!count)
        return tape_rest(s->reader), E_AGAIN;
    memcpy(s->buf, items.p + from, end - from);
    tape_rest(s->reader);
    *ret = (struct bytes){ s->buf, end - from };
    *ret_count = count;
    *ret_digest = digest;
    s->next += count;
    return E_OK;
}

static void durable(void *ctx, uint64_t cursor)
{
    struct spool *s = ctx;
    uint64_t record = s->id.base + cursor;
    enum err e;

    if (record == atomic_load(&s->durable))
        return;
    e = put_side(s, durable_key, &record, sizeof record);
    (void)e;                                /* it only saves sending again what the right has */
    atomic_store(&s->durable, record);
}

struct link_source spool_source(struct spool *s, const char *name)
{
    struct link_source source = { .ctx = s, .seek = seek, .read = read_items, .durable = durable };

    memcpy(source.stream, s->id.stream, STREAM_BYTES);
    snprintf(source.name, sizeof source.name, "%s", name);
    return source;
}

/* ---- at rest ----------------------------------------------------------------------- */

static enum err forget(struct spool *s)
{
    struct end end = { tape_last(s->tape), s->digest };
    enum err e = E_OK;

    if (spool_durable(s) == end.record)
        e = put_side(s, end_key, &end, sizeof end);
    if (!e && !(e = tape_begin_file(s->tape)))
        tape_trim(s->tape, spool_durable(s) + 1);
    return e;
}

enum err spool_forget(const char *dir, uint64_t *ret_left, struct why *why)
{
    struct spool *s = NULL;
    enum err e;

    if (access(dir, F_OK))
        return E_NOT_FOUND;
    if ((e = spool_open(dir, 0, &s, why)))
        return e;
    if ((e = forget(s)))
        why_set(why, "the spool in %s cannot be trimmed: %s", dir, err_text(e));
    *ret_left = spool_last(s) - spool_durable(s);
    spool_close(&s);
    return e;
}
