#include "processors/journal.h"
#include "core/crash.h"
#include "core/tape.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A batch on the tape: this header and the items. `chain` is the head after this batch: BLAKE2b-256 of the head before
 * it, of what the header says, and of each record's salted digest. The salts come from `seed`. Once a record of the batch is
 * erased they stand, listed, between header and items, and the seed is zeroed: an erased record is a Blank that holds
 * its digest, its salt is zeroed too, so that nobody can try what the record may have said. */
struct header {
    uint8_t format, are_listed, zero[2];
    uint32_t epoch, count, zero2;
    uint64_t stream_first, bytes, check;
    uint8_t stream[STREAM_BYTES];
    uint8_t chain[CHAIN_BYTES];
    uint8_t seed[SEED_BYTES];
};
_Static_assert(sizeof(struct header) == 120, "stored as it is");
enum { FORMAT = 2, SEGMENT_BYTES = 512 * 1024 * 1024 };

/* What the records of one batch are digested from and to. */
struct digests { uint64_t salt[BATCH_ITEMS_MAX]; struct bytes item[BATCH_ITEMS_MAX]; uint8_t digest[BATCH_ITEMS_MAX][SALTED_BYTES]; };

/* Side table: streams under their ids, and the head of the chain. heard: the number of the last record when the stream said HELLO, or of
 * its own last one. dropped: how many streams made room, and the greatest epoch of any of them. */
struct stands { uint32_t epoch, zero; uint64_t cursor, digest, heard; char name[REF_BYTES_MAX + 1]; };
struct dropped { uint64_t count; uint32_t epoch, zero; };
static const char own_streams[] = "rightswatch-";       /* how the ids of this program's own begin: laws, erasures */
static const struct bytes dropped_key = { (const uint8_t *)"dropped", 7 };
static const struct bytes chain_key = { (const uint8_t *)"chain", 5 };
static const struct bytes law_key = { (const uint8_t *)"law", 3 };
static const struct bytes count_key = { (const uint8_t *)"streams", 7 };
static const struct bytes gone_key = { (const uint8_t *)"gone", 4 };

struct journal {
    struct tape *tape;
    uint8_t chain[CHAIN_BYTES], durable_chain[CHAIN_BYTES];
    struct digests digests;
    uint32_t streams_max;
    bool (*is_heard)(void *ctx, const uint8_t stream[STREAM_BYTES]);
    void *heard_ctx;
    _Atomic uint64_t streams_dropped;
    char dir[4096];
    bool read_only;
};

/* Batches do not change: one that was checked need not be checked at every lookup, nor walked from its beginning. */
enum { CHECKED = 256, INDEXED = 64 };
struct batch_index { uint64_t first; uint32_t at[BATCH_ITEMS_MAX]; };  /* where each item begins, with its length before it */
struct journal_reader { struct tape_reader *tape; uint64_t checked[CHECKED]; struct batch_index *index; };

static struct bytes stream_key(const uint8_t stream[STREAM_BYTES]) { return (struct bytes){ stream, STREAM_BYTES }; }

static enum err side_get(struct tape *t, struct bytes key, void *ret, size_t n)
{
    size_t got;
    enum err e = tape_side_get(t, key, ret, n, &got);

    return e ? e : got == n ? E_OK : E_CORRUPT;
}

static enum err side_put(struct tape *t, struct bytes key, const void *p, size_t n)
{
    return tape_side_put(t, key, (struct bytes){ p, n });
}

enum err journal_open(const char *dir, bool read_only, struct journal **ret, struct why *why)
{
    struct journal *j = calloc(1, sizeof *j);
    struct dropped dropped = { 0 };
    enum err e;

    if (!j)
        return E_MEMORY;
    j->read_only = read_only;
    j->streams_max = STREAMS_KEPT_MAX;
    if (snprintf(j->dir, sizeof j->dir, "%s", dir) >= (int)sizeof j->dir) {
        e = E_USAGE;
        goto fail;
    }
    if ((e = tape_open(dir, SEGMENT_BYTES, read_only, &j->tape, why)))
        goto fail;
    if (((e = side_get(j->tape, chain_key, j->chain, sizeof j->chain)) && e != E_NOT_FOUND) ||
        ((e = side_get(j->tape, dropped_key, &dropped, sizeof dropped)) && e != E_NOT_FOUND)) {
        why_set(why, "the journal in %s cannot be read: %s", dir, err_text(e));
        goto fail;
    }
    memcpy(j->durable_chain, j->chain, sizeof j->chain);
    atomic_store(&j->streams_dropped, dropped.count);
    *ret = j;
    return E_OK;
fail:
    journal_close(&j);
    return e;
}

void journal_close(struct journal **pj)
{
    struct journal *j = *pj;

    if (!j)
        return;
    tape_close(&j->tape);
    free(j);
    *pj = NULL;
}

uint64_t journal_last(const struct journal *j) { return tape_last(j->tape); }

/* ---- the chain ------------------------------------------------------------- */

static void chain_on(const uint8_t before[CHAIN_BYTES], const struct header *b, uint8_t (*digest)[SALTED_BYTES], uint8_t ret[CHAIN_BYTES])
{
    struct hash_chain h;

    hash_chain_init(&h);
    hash_chain_add(&h, before, CHAIN_BYTES);
    hash_chain_add(&h, b->stream, sizeof b->stream);
    hash_chain_add(&h, &b->epoch, sizeof b->epoch);
    hash_chain_add(&h, &b->count, sizeof b->count);
    hash_chain_add(&h, &b->stream_first, sizeof b->stream_first);
    hash_chain_add(&h, digest, b->count * sizeof *digest);
    hash_chain_end(&h, ret);
}

static enum err list_items(struct bytes items, uint32_t count, struct bytes *ret)
{
    size_t at = 0;
    enum err e = E_OK;

    for (uint32_t i = 0; !e && i < count; i++)
        e = wire_next(items.p, items.n, &at, &ret[i]);
    return e ? e : at == items.n ? E_OK : E_MALFORMED;
}

static enum err chain_new(struct digests *d, const uint8_t before[CHAIN_BYTES], struct header *b, struct bytes items)
{
    enum err e = list_items(items, b->count, d->item);

    if (e)
        return e;
    hash_random(b->seed, sizeof b->seed);
    hash_salts(b->seed, d->salt, b->count);
    hash_salted_each(d->salt, d->item, b->count, d->digest);
    chain_on(before, b, d->digest, b->chain);
    return E_OK;
}

/* ---- intake's side ------------------------------------------------------------ */

enum err journal_append(struct journal *j, const struct link_batch *b, uint64_t *ret_first_number)
{
    struct header h = { .format = FORMAT, .epoch = b->epoch, .count = b->count, .stream_first = b->first,
                        .bytes = b->items.n, .check = b->check };
    struct stands s;
    uint64_t first;
    uint8_t *place;
    enum err e;

    assert(b->count > 0 && b->count <= BATCH_ITEMS_MAX && !j->read_only);
    memcpy(h.stream, b->stream, sizeof h.stream);
    if ((e = side_get(j->tape, stream_key(b->stream), &s, sizeof s)) || (e = chain_new(&j->digests, j->chain, &h, b->items)) ||
        (e = tape_append(j->tape, b->count, sizeof h + b->items.n, &first, &place)))
        return e;
    memcpy(place, &h, sizeof h);
    memcpy(place + sizeof h, b->items.p, b->items.n);
    s.cursor = b->first + b->count - 1;
    s.digest = b->digest;
    s.heard = first + b->count - 1;
    if ((e = side_put(j->tape, stream_key(b->stream), &s, sizeof s)) || (e = side_put(j->tape, chain_key, h.chain, sizeof h.chain)))
        return e;
    memcpy(j->chain, h.chain, sizeof j->chain);
    *ret_first_number = first;
    return E_OK;
}

enum err journal_commit(struct journal *j)
{
    enum err e = tape_commit(j->tape);

    if (e)
        memcpy(j->chain, j->durable_chain, sizeof j->chain);
    else
        memcpy(j->durable_chain, j->chain, sizeof j->chain);
    return e;
}

void journal_abort(struct journal *j)
{
    tape_abort(j->tape);
    memcpy(j->chain, j->durable_chain, sizeof j->chain);
}

void journal_keep_streams(struct journal *j, uint32_t max, bool (*is_heard)(void *ctx, const uint8_t stream[STREAM_BYTES]), void *ctx)
{
    j->streams_max = max;
    j->is_heard = is_heard;
    j->heard_ctx = ctx;
}

uint64_t journal_streams_dropped(const struct journal *j) { return atomic_load(&j->streams_dropped); }

struct oldest { const struct journal *journal; bool any; uint8_t id[STREAM_BYTES]; struct stands stands; };

static enum err keep_oldest(void *ctx, struct bytes key, struct bytes value)
{
    struct oldest *o = ctx;
    const struct journal *j = o->journal;
    struct stands s;

    if (key.n != STREAM_BYTES || value.n != sizeof s || !memcmp(key.p, own_streams, sizeof own_streams - 1))
        return E_OK;
    memcpy(&s, value.p, sizeof s);
    if ((o->any && s.heard >= o->stands.heard) || (j->is_heard && j->is_heard(j->heard_ctx, key.p)))
        return E_OK;
    o->any = true;
    o->stands = s;
    memcpy(o->id, key.p, STREAM_BYTES);
    return E_OK;
}

/* All streams are looked at for each that is dropped: some milliseconds, for a HELLO of a stream that nobody knows. */
static enum err drop_oldest(struct journal *j, struct dropped *dropped)
{
    struct oldest o = { .journal = j };
    enum err e = tape_side_each(j->tape, keep_oldest, &o);

    if (e || !o.any)
        return e ? e : E_FULL;
    dropped->count++;
    dropped->epoch = o.stands.epoch > dropped->epoch ? o.stands.epoch : dropped->epoch;
    e = tape_side_remove(j->tape, stream_key(o.id));
    return e ? e : side_put(j->tape, dropped_key, dropped, sizeof *dropped);
}

/* It may have been dropped before: its epochs begin above those of all that were. */
static enum err begin_stream(struct journal *j, struct stands *s, const char *name)
{
    struct dropped dropped = { 0 };
    uint32_t streams = 0;
    enum err e;

    if (((e = side_get(j->tape, count_key, &streams, sizeof streams)) && e != E_NOT_FOUND) ||
        ((e = side_get(j->tape, dropped_key, &dropped, sizeof dropped)) && e != E_NOT_FOUND) ||
        (streams >= j->streams_max && (e = drop_oldest(j, &dropped))))
        return e;
    streams += streams < j->streams_max;
    *s = (struct stands){ .epoch = dropped.epoch };
    snprintf(s->name, sizeof s->name, "%s", name);
    return side_put(j->tape, count_key, &streams, sizeof streams);
}

static enum err commit_grant(struct journal *j)
{
    struct dropped dropped = { 0 };
    enum err e = side_get(j->tape, dropped_key, &dropped, sizeof dropped);

    if ((e && e != E_NOT_FOUND) || (e = tape_commit(j->tape)))
        return e;
    atomic_store(&j->streams_dropped, dropped.count);
    return E_OK;
}

enum err journal_hello(struct journal *j, const uint8_t stream[STREAM_BYTES], const char *name, uint32_t epoch,
                       uint32_t *ret_epoch, uint64_t *ret_cursor, uint64_t *ret_digest)
{
    struct stands s;
    enum err e = side_get(j->tape, stream_key(stream), &s, sizeof s);

    if (!e && epoch != 0 && epoch == s.epoch)
        goto out;                           /* the same sender again, after a silence */
    if (!e && epoch != 0 && epoch < s.epoch)
        return E_FENCED;
    if (e == E_NOT_FOUND)
        e = begin_stream(j, &s, name);
    if (e)
        goto fail;
    s.epoch = (epoch > s.epoch ? epoch : s.epoch) + 1;
    s.heard = tape_last(j->tape);
    if ((e = side_put(j->tape, stream_key(stream), &s, sizeof s)) || (e = commit_grant(j)))
        goto fail;
out:
    *ret_epoch = s.epoch;
    *ret_cursor = s.cursor;
    *ret_digest = s.digest;
    return E_OK;
fail:
    tape_abort(j->tape);
    return e;
}

enum err journal_stands(struct journal *j, const uint8_t stream[STREAM_BYTES],
                        uint32_t *ret_epoch, uint64_t *ret_cursor, uint64_t *ret_digest)
{
    struct stands s;
    enum err e = side_get(j->tape, stream_key(stream), &s, sizeof s);

    if (e)
        return e;
    *ret_epoch = s.epoch;
    *ret_cursor = s.cursor;
    *ret_digest = s.digest;
    return E_OK;
}

enum err journal_note_law(struct journal *j, uint64_t number) { return side_put(j->tape, law_key, &number, sizeof number); }
enum err journal_law(struct journal *j, uint64_t *ret_number) { return side_get(j->tape, law_key, ret_number, sizeof *ret_number); }

enum err journal_gone(struct journal *j, struct journal_gone **ret, size_t *ret_count)
{
    struct journal_gone *all = NULL, *grown;
    size_t cap = 4096, n = 0;
    enum err e;

    do {
        cap *= 2;
        if (!(grown = realloc(all, cap))) {
            e = E_MEMORY;
            break;
        }
        all = grown;
        e = tape_side_get(j->tape, gone_key, all, cap, &n);
    } while (e == E_TOO_LARGE);
    if (!e && n % sizeof *all == 0) {
        *ret = all;
        *ret_count = n / sizeof *all;
        return E_OK;
    }
    free(all);
    if (e != E_NOT_FOUND)
        return e ? e : E_CORRUPT;
    *ret = NULL;
    *ret_count = 0;
    return E_OK;
}

enum err journal_put_gone(struct journal *j, const struct journal_gone *all, size_t count)
{
    enum err e = side_put(j->tape, gone_key, all, count * sizeof *all);

    if (e) {
        tape_abort(j->tape);
        return e;
    }
    return tape_commit(j->tape);
}

/* ---- readers -------------------------------------------------------------------- */

enum err journal_reader_open(struct journal *j, struct journal_reader **ret)
{
    struct journal_reader *r = calloc(1, sizeof *r);
    enum err e;

    if (!r)
        return E_MEMORY;
    if ((e = tape_reader_open(j->tape, &r->tape))) {
        free(r);
        return e;
    }
    *ret = r;
    return E_OK;
}

struct stored { struct header h; const uint8_t *salts; struct bytes items; };      /* salts: where they are listed */

static enum err take_apart(struct bytes b, bool is_checked, struct stored *ret)
{
    struct stored s;
    size_t salts;

    if (b.n < sizeof s.h)
        return E_CORRUPT;
    memcpy(&s.h, b.p, sizeof s.h);
    if (s.h.format != FORMAT)
        return s.h.format > FORMAT ? E_VERSION : E_CORRUPT;
    salts = s.h.are_listed ? s.h.count * sizeof(uint64_t) : 0;
    if (s.h.count == 0 || s.h.count > BATCH_ITEMS_MAX || b.n != sizeof s.h + salts + s.h.bytes)
        return E_CORRUPT;
    s.salts = b.p + sizeof s.h;
    s.items = (struct bytes){ s.salts + salts, s.h.bytes };
    if (!is_checked && hash_bytes(s.items.p, s.items.n) != s.h.check)
        return E_CORRUPT;
    *ret = s;
    return E_OK;
}

enum err journal_reader_get(struct journal_reader *r, uint64_t number, struct journal_batch *ret)
{
    struct stored s;
    struct bytes b;
    uint64_t first;
    enum err e = tape_get(r->tape, number, &first, &b);

    if (e || (e = take_apart(b, r->checked[first % CHECKED] == first, &s)))
        return e;
    r->checked[first % CHECKED] = first;
    if (number - first >= s.h.count)
        return E_CORRUPT;
    *ret = (struct journal_batch){ .first = first, .count = s.h.count, .stream_first = s.h.stream_first, .items = s.items };
    memcpy(ret->stream, s.h.stream, sizeof ret->stream);
    return E_OK;
}

static enum err index_batch(const struct journal_batch *b, struct batch_index *ret)
{
    struct bytes item;
    size_t at = 0;

    ret->first = 0;
    for (uint32_t i = 0; i < b->count; i++) {
        ret->at[i] = (uint32_t)at;
        if (wire_next(b->items.p, b->items.n, &at, &item))
            return E_CORRUPT;
    }
    ret->first = b->first;
    return E_OK;
}

enum err journal_reader_item(struct journal_reader *r, uint64_t number, struct bytes *ret)
{
    struct journal_batch b;
    struct batch_index *x;
    size_t at;
    enum err e = journal_reader_get(r, number, &b);

    if (e || (!r->index && !(r->index = calloc(INDEXED, sizeof *r->index))))
        return e ? e : E_MEMORY;
    x = &r->index[b.first % INDEXED];
    if (x->first != b.first && (e = index_batch(&b, x)))
        return e;
    at = x->at[number - b.first];
    return wire_next(b.items.p, b.items.n, &at, ret) ? E_CORRUPT : E_OK;
}

void journal_reader_rest(struct journal_reader *r) { tape_rest(r->tape); }

void journal_reader_close(struct journal_reader **pr)
{
    struct journal_reader *r = *pr;

    if (!r)
        return;
    tape_reader_close(&r->tape);
    free(r->index);
    free(r);
    *pr = NULL;
}

/* ---- at rest ---------------------------------------------------------------------- */

static void salts_of(const struct stored *s, uint64_t ret[BATCH_ITEMS_MAX])
{
    if (s->h.are_listed)
        memcpy(ret, s->salts, s->h.count * sizeof *ret);
    else
        hash_salts(s->h.seed, ret, s->h.count);
}

static enum err chain_again(struct wire *w, struct digests *d, const uint8_t before[CHAIN_BYTES], const struct stored *s, uint8_t ret[CHAIN_BYTES])
{
    struct item item;
    struct why why;

    if (list_items(s->items, s->h.count, d->item))
        return E_CORRUPT;
    salts_of(s, d->salt);
    for (uint32_t i = 0; i < s->h.count; i++) {
        struct bytes b = d->item[i];
        if (d->salt[i] == 0 && !wire_item_decode(w, b.p, b.n, &item, &why) && item.what == ITEM_BLANK && item.hash.n == SALTED_BYTES)
            memcpy(d->digest[i], item.hash.p, SALTED_BYTES);
        else
            hash_salted(d->salt[i], b.p, b.n, d->digest[i]);
    }
    chain_on(before, &s->h, d->digest, ret);
    return E_OK;
}

enum err journal_verify(struct journal *j, uint64_t *ret_records, uint8_t ret_head[CHAIN_BYTES], struct why *why)
{
    uint8_t chain[CHAIN_BYTES] = { 0 };
    struct tape_reader *r = NULL;
    struct wire *w = NULL;
    struct stored s;
    uint64_t number = tape_first(j->tape), last = tape_last(j->tape), first;
    struct bytes b;
    enum err e;

    if ((e = wire_open(&w)) || (e = tape_reader_open(j->tape, &r)))
        goto out;
    for (; number <= last; number = first + s.h.count) {
        if ((e = tape_get(r, number, &first, &b)) || (e = take_apart(b, false, &s)) || first != number ||
            (e = chain_again(w, &j->digests, chain, &s, chain)) || memcmp(chain, s.h.chain, sizeof chain) != 0) {
            why_set(why, "the journal does not check at record %llu: %s", (unsigned long long)number,
                    e ? err_text(e) : "its bytes are not those that were chained");
            e = E_CORRUPT;
            goto out;
        }
    }
    *ret_records = last;
    memcpy(ret_head, chain, sizeof chain);
out:
    if (r)
        tape_reader_close(&r);
    wire_close(&w);
    return e;
}

/* ---- erasing ------------------------------------------------------------------------ */

enum err journal_erasing(const struct journal *j, char *path, size_t cap)
{
    return snprintf(path, cap, "%s/erasing", j->dir) < (int)cap ? E_OK : E_USAGE;
}

bool journal_is_being_erased(const struct journal *j)
{
    char path[sizeof j->dir + 16];

    return !journal_erasing(j, path, sizeof path) && !access(path, F_OK);
}

struct blanking {
    bool (*blank)(void *ctx, uint64_t number, struct bytes item);
    void *ctx;
    struct wire *wire;
    uint64_t salt[BATCH_ITEMS_MAX];             /* of the batch in hand */
    uint8_t *buf;                               /* a batch, changed */
    size_t cap;
};

static bool is_wanted(const struct blanking *w, uint64_t number, uint64_t salt, struct bytes item)
{
    return salt != 0 && w->blank(w->ctx, number, item);
}

/* How many records of the file are to be blanked. */
static enum err count_wanted(struct journal *j, struct blanking *w, size_t segment, uint64_t *ret)
{
    uint64_t number = tape_segment_first(j->tape, segment), first;
    uint64_t end = segment + 1 < tape_segments(j->tape) ? tape_segment_first(j->tape, segment + 1) - 1 : tape_last(j->tape);
    struct tape_reader *r;
    struct bytes b, item;
    struct stored s;
    enum err e = tape_reader_open(j->tape, &r);

    *ret = 0;
    while (!e && number <= end) {
        size_t at = 0;
        if ((e = tape_get(r, number, &first, &b)) || (e = take_apart(b, false, &s)))
            break;
        salts_of(&s, w->salt);
        for (uint32_t i = 0; !e && i < s.h.count; i++)
            if (!(e = wire_next(s.items.p, s.items.n, &at, &item)))
                *ret += is_wanted(w, first + i, w->salt[i], item);
        number = first + s.h.count;
    }
    if (r)
        tape_reader_close(&r);
    return e;
}

static enum err blank_batch(void *ctx, uint64_t first, struct bytes batch, struct bytes *ret)
{
    struct blanking *w = ctx;
    struct stored s;
    struct bytes item;
    uint8_t digest[SALTED_BYTES];
    size_t at = 0, salts, used, before;
    bool any = false;
    enum err e = take_apart(batch, false, &s);

    if (e)
        return e;
    if (!w->buf && !(w->buf = malloc(w->cap = sizeof s.h + BATCH_ITEMS_MAX * (sizeof *w->salt + 64) + BATCH_BYTES_MAX)))
        return E_MEMORY;
    salts_of(&s, w->salt);
    salts = s.h.count * sizeof *w->salt;
    used = sizeof s.h + salts;
    for (uint32_t i = 0; i < s.h.count; i++) {
        struct item blank = { .what = ITEM_BLANK, .hash = { digest, sizeof digest } };
        before = at;
        if ((e = wire_next(s.items.p, s.items.n, &at, &item)))
            return E_CORRUPT;
        if (!is_wanted(w, first + i, w->salt[i], item)) {
            memcpy(w->buf + used, s.items.p + before, at - before);
            used += at - before;
            continue;
        }
        hash_salted(w->salt[i], item.p, item.n, digest);
        w->salt[i] = 0;
        if ((e = wire_item_append(w->wire, &blank, w->buf, w->cap, &used)))
            return e;
        any = true;
    }
    if (!any)
        return *ret = batch, E_OK;
    s.h.are_listed = true;
    hash_wipe(s.h.seed, sizeof s.h.seed);
    s.h.bytes = used - sizeof s.h - salts;
    s.h.check = hash_bytes(w->buf + sizeof s.h + salts, s.h.bytes);
    memcpy(w->buf, &s.h, sizeof s.h);
    memcpy(w->buf + sizeof s.h, w->salt, salts);
    *ret = (struct bytes){ w->buf, used };
    return E_OK;
}

enum err journal_blank(struct journal *j, bool (*blank)(void *ctx, uint64_t number, struct bytes item), void *ctx, bool only_count,
                       struct journal_blanked *ret, struct why *why)
{
    struct blanking w = { .blank = blank, .ctx = ctx };
    struct journal_blanked n = { .of_segments = tape_segments(j->tape) };
    enum err e = wire_open(&w.wire);

    for (size_t i = 0; !e && i < n.of_segments; i++) {
        uint64_t wanted;
        if ((e = count_wanted(j, &w, i, &wanted)))
            why_set(why, "the journal cannot be read: %s", err_text(e));
        else if (wanted && !only_count)
            e = tape_rewrite(j->tape, i, blank_batch, &w, why);
        n.records += wanted;
        n.segments += wanted != 0;
    }
    wire_close(&w.wire);
    free(w.buf);
    if (!e)
        *ret = n;
    return e;
}
