#include "sinks/opcc/holding.h"
#include "core/crash.h"
#include "core/hash.h"
#include "core/seal.h"
#include "core/store.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = 4096, MAP_GIB = 256, KEYS_AT_ONCE = 64 * 1024 };
#define NUMBERS_MAX ((uint64_t)1 << 32)

/* A journey or crime has a number here, in order of first appearance: its rows lie together, and its key has that place. */
enum table { T_NUMBERS, T_JOURNEYS, T_CRIMES, T_JOURNEYS_BEFORE, T_CRIMES_BEFORE, T_LAWS, T_DRAWS, T_META, TABLES };
static const struct store_table tables[TABLES] = {
    [T_NUMBERS] = { "numbers", STORE_BYTES },               /* 'j' or 'c' and the id → number */
    [T_JOURNEYS] = { "journeys", STORE_NUMBER },            /* number → the present row */
    [T_CRIMES] = { "crimes", STORE_NUMBER },
    [T_JOURNEYS_BEFORE] = { "journeys-before", STORE_NUMBER },  /* number << 32 | tick → a row that was */
    [T_CRIMES_BEFORE] = { "crimes-before", STORE_NUMBER },
    [T_LAWS] = { "laws", STORE_NUMBER },                    /* number of the law → row, not sealed: nobody's data */
    [T_DRAWS] = { "draws", STORE_NUMBER },                  /* tick → row */
    [T_META] = { "meta", STORE_NUMBER },
};
enum { META_CURSOR = 1, META_NEXT = 2, META_FOLDER = 3, META_FIRST_DAY = 4 };

/* Before the sealed bytes of a row: when it was said. */
struct head { uint32_t tick, zero; uint64_t record; };
_Static_assert(sizeof(struct head) == 16, "stored as it is");

struct holding {
    struct store *store;
    struct store_txn *txn;                  /* writing: the round; reading: between begin and end */
    struct wire *wire;
    int keys;                               /* file descriptor; -1: not open */
    bool read_only, keys_dirty;
    int32_t first_day;                      /* of all reports taken */
    pthread_mutex_t lock;                   /* guards what follows */
    struct draw_taken { int32_t day; int64_t tick; } *draw;
    size_t draws, draws_cap, draws_committed;
    int32_t first_committed;
    struct sink_cursor cursor;
    uint64_t next;                          /* number of the next journey or crime */
    uint8_t folder[KEYED_BYTES];            /* whose rows these are; all zero: none came yet */
    uint8_t *key;                           /* of numbers key_first and on, as read; for walks in order */
    uint64_t key_first, key_count;
    struct compliance_row row;
    uint8_t plain[ROW_BYTES_MAX + 64], sealed[ROW_BYTES_MAX + 64 + sizeof(struct head) + SEAL_EXTRA_BYTES];
};

static struct bytes bytes_of(const void *p, size_t n) { return (struct bytes){ p, n }; }

/* ---- open and close --------------------------------------------------------------------- */

static enum err add_draw(struct holding *h, const struct drawn_row *d)
{
    struct draw_taken *p = h->draw;
    enum err e = E_OK;

    pthread_mutex_lock(&h->lock);
    if (h->draws && h->draw[h->draws - 1].tick >= d->tick.s) {
        /* drawn again: it is there already */
    } else if (h->draws == h->draws_cap && !(p = realloc(p, (h->draws_cap * 2 + 64) * sizeof *p))) {
        e = E_MEMORY;
    } else {
        h->draws_cap = h->draws == h->draws_cap ? h->draws_cap * 2 + 64 : h->draws_cap;
        h->draw = p;
        h->draw[h->draws++] = (struct draw_taken){ d->day.n, d->tick.s };
    }
    pthread_mutex_unlock(&h->lock);
    return e;
}

static void publish_draws(struct holding *h)
{
    pthread_mutex_lock(&h->lock);
    h->draws_committed = h->draws;
    h->first_committed = h->first_day;
    pthread_mutex_unlock(&h->lock);
}

static enum err load_draw(void *ctx, struct bytes key, struct bytes row)
{
    struct holding *h = ctx;
    enum err e = wire_compliance_decode(h->wire, row.p, row.n, &h->row);

    (void)key;
    return e ? e : h->row.what == ROW_DRAWN ? add_draw(h, &h->row.drawn) : E_CORRUPT;
}

static enum err load_meta(struct holding *h)
{
    struct store_txn *txn;
    struct bytes v;
    enum err e = store_begin(h->store, false, &txn);

    if (e)
        return e;
    h->next = 1;
    if (!store_get(txn, T_META, META_NEXT, &v) && v.n == sizeof h->next)
        memcpy(&h->next, v.p, v.n);
    if (!store_get(txn, T_META, META_CURSOR, &v) && v.n == sizeof h->cursor)
        memcpy(&h->cursor, v.p, v.n);
    if (!store_get(txn, T_META, META_FOLDER, &v) && v.n == sizeof h->folder)
        memcpy(h->folder, v.p, v.n);
    if (!store_get(txn, T_META, META_FIRST_DAY, &v) && v.n == sizeof h->first_day)
        memcpy(&h->first_day, v.p, v.n);
    e = store_each(txn, T_DRAWS, load_draw, h);
    publish_draws(h);
    store_abort(&txn);
    return e;
}

enum err holding_open(const char *dir, bool read_only, struct holding **ret, struct why *why)
{
    struct holding *h = calloc(1, sizeof *h);
    char path[PATH_BYTES];
    enum err e = E_USAGE;

    if (!h)
        return E_MEMORY;
    h->read_only = read_only;
    pthread_mutex_init(&h->lock, NULL);
    h->keys = -1;
    if (snprintf(path, sizeof path, "%s/holding.lmdb", dir) >= PATH_BYTES)
        goto fail;
    if (!read_only && mkdir(dir, 0700) && errno != EEXIST) {
        why_set(why, "the folder %s cannot be made: %s", dir, strerror(errno));
        e = E_IO;
        goto fail;
    }
    if ((e = wire_open(&h->wire)) || (e = store_open(path, (size_t)MAP_GIB << 30, read_only, tables, TABLES, &h->store, why))) {
        if (e == E_NOT_FOUND)
            why_set(why, "%s holds nothing yet; a tracker fills it: run --opcc %s, or opcc --store %s and track --opcc ENDPOINT", dir, dir, dir);
        goto fail;
    }
    snprintf(path, sizeof path, "%s/holding.keys", dir);
    h->keys = open(path, (read_only ? O_RDONLY : O_RDWR | O_CREAT) | O_CLOEXEC, 0600);
    if (h->keys < 0) {
        why_set(why, "%s cannot be opened: %s; without it the rows beside it cannot be read", path, strerror(errno));
        e = E_IO;
        goto fail;
    }
    if ((e = load_meta(h)))
        goto fail;
    *ret = h;
    return E_OK;
fail:
    holding_close(&h);
    return e;
}

void holding_close(struct holding **ph)
{
    struct holding *h = *ph;

    if (!h)
        return;
    store_abort(&h->txn);
    store_close(&h->store);
    wire_close(&h->wire);
    if (h->keys >= 0)
        close(h->keys);
    free(h->key);
    free(h->draw);
    pthread_mutex_destroy(&h->lock);
    free(h);
    *ph = NULL;
}

struct sink_cursor holding_cursor(const struct holding *h) { return h->cursor; }

/* ---- keys ---------------------------------------------------------------------------------- */

static bool is_destroyed(const uint8_t *key)
{
    static const uint8_t none[SEAL_KEY_BYTES];

    return !memcmp(key, none, SEAL_KEY_BYTES);
}

static enum err read_key(struct holding *h, uint64_t number, uint8_t ret[SEAL_KEY_BYTES])
{
    ssize_t n = pread(h->keys, ret, SEAL_KEY_BYTES, (off_t)(number * SEAL_KEY_BYTES));

    return n == SEAL_KEY_BYTES ? E_OK : n < 0 ? E_IO : E_CORRUPT;
}

static enum err write_key(struct holding *h, uint64_t number, const uint8_t key[SEAL_KEY_BYTES])
{
    ssize_t n = pwrite(h->keys, key, SEAL_KEY_BYTES, (off_t)(number * SEAL_KEY_BYTES));

    h->keys_dirty = true;
    return n == SEAL_KEY_BYTES ? E_OK : errno == ENOSPC ? E_FULL : E_IO;
}

/* For a walk in order of the numbers: many at once. */
static enum err walk_key(struct holding *h, uint64_t number, const uint8_t **ret)
{
    ssize_t n;

    if (!h->key && !(h->key = malloc((size_t)KEYS_AT_ONCE * SEAL_KEY_BYTES)))
        return E_MEMORY;
    if (number < h->key_first || number >= h->key_first + h->key_count) {
        n = pread(h->keys, h->key, (size_t)KEYS_AT_ONCE * SEAL_KEY_BYTES, (off_t)(number * SEAL_KEY_BYTES));
        if (n < SEAL_KEY_BYTES)
            return n < 0 ? E_IO : E_CORRUPT;
        h->key_first = number;
        h->key_count = (uint64_t)n / SEAL_KEY_BYTES;
    }
    *ret = h->key + (number - h->key_first) * SEAL_KEY_BYTES;
    return E_OK;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static enum err unseal(struct holding *h, const uint8_t *key, struct bytes stored, struct head *ret_head, struct bytes *ret)
{
    size_t n;
    enum err e;

    if (stored.n < sizeof *ret_head + SEAL_EXTRA_BYTES || stored.n > sizeof h->sealed)
        return E_CORRUPT;
    memcpy(ret_head, stored.p, sizeof *ret_head);
    e = seal_open(key, bytes_of(stored.p + sizeof *ret_head, stored.n - sizeof *ret_head), h->plain, &n);
    *ret = bytes_of(h->plain, n);
    return e;
}

static struct bytes sealed_row(struct holding *h, const uint8_t *key, struct head head, struct bytes content)
{
    assert(sizeof head + content.n + SEAL_EXTRA_BYTES <= sizeof h->sealed);
    memcpy(h->sealed, &head, sizeof head);
    seal(key, content, h->sealed + sizeof head);
    return bytes_of(h->sealed, sizeof head + content.n + SEAL_EXTRA_BYTES);
}

static unsigned table_of(enum row_kind what) { return what == ROW_CRIME ? T_CRIMES : T_JOURNEYS; }
static unsigned table_before(enum row_kind what) { return what == ROW_CRIME ? T_CRIMES_BEFORE : T_JOURNEYS_BEFORE; }

struct name { uint8_t p[1 + KEYED_BYTES]; };
static struct name name_of(enum row_kind what, const uint8_t *id)
{
    struct name n = { { what == ROW_CRIME ? 'c' : 'j' } };

    memcpy(n.p + 1, id, KEYED_BYTES);
    return n;
}

static enum err number_of(struct holding *h, enum row_kind what, const uint8_t *id, uint64_t *ret)
{
    struct name name = name_of(what, id);
    struct bytes v;
    enum err e = store_get_bytes(h->txn, T_NUMBERS, bytes_of(name.p, sizeof name.p), &v);

    if (e)
        return e;
    if (v.n != sizeof *ret)
        return E_CORRUPT;
    memcpy(ret, v.p, sizeof *ret);
    return E_OK;
}

static enum err add_number(struct holding *h, enum row_kind what, const uint8_t *id, uint64_t *ret)
{
    struct name name = name_of(what, id);
    uint8_t key[SEAL_KEY_BYTES];
    uint64_t number = h->next;
    enum err e;

    if (number >= NUMBERS_MAX)
        return E_FULL;
    seal_key(key);
    if ((e = write_key(h, number, key)) ||
        (e = store_put_bytes(h->txn, T_NUMBERS, bytes_of(name.p, sizeof name.p), bytes_of(&number, sizeof number))))
        return e;
    h->next++;
    *ret = number;
    return E_OK;
}

/* The key goes first: should the power go before the rows do, nobody can read them. */
static enum err erase(struct holding *h, enum row_kind what, const uint8_t *id)
{
    static const uint8_t none[SEAL_KEY_BYTES];
    struct name name = name_of(what, id);
    uint64_t number, key;
    struct bytes v;
    enum err e = number_of(h, what, id, &number);

    if (e)
        return e == E_NOT_FOUND ? E_OK : e;
    if ((e = write_key(h, number, none)))
        return e;
    while (!(e = store_get_at_least(h->txn, table_before(what), number << 32, &key, &v)) && key >> 32 == number)
        if ((e = store_delete(h->txn, table_before(what), key)))
            return e;
    if (e && e != E_NOT_FOUND)
        return e;
    if ((e = store_delete(h->txn, table_of(what), number)) && e != E_NOT_FOUND)
        return e;
    return store_delete_bytes(h->txn, T_NUMBERS, bytes_of(name.p, sizeof name.p));
}

/* Supersedes the present row; an older one goes among those before. */
static enum err take_row(struct holding *h, enum row_kind what, const uint8_t *id, struct head head, struct bytes content)
{
    uint8_t key[SEAL_KEY_BYTES];
    struct bytes stored, before;
    struct head had;
    uint64_t number;
    enum err e = number_of(h, what, id, &number);

    if (e == E_NOT_FOUND)
        e = add_number(h, what, id, &number);
    if (e || (e = read_key(h, number, key)))
        return e;
    /* Killed between destroying the key and forgetting the rows: what is sent again begins anew, until it is erased again. */
    if (is_destroyed(key) && ((e = erase(h, what, id)) || (e = add_number(h, what, id, &number)) || (e = read_key(h, number, key))))
        return e;
    e = store_get(h->txn, table_of(what), number, &stored);
    if (e && e != E_NOT_FOUND)
        return e;
    if (!e) {
        if ((e = unseal(h, key, stored, &had, &before)))
            return e;
        if (before.n == content.n && !memcmp(before.p, content.p, content.n))
            return E_OK;
        if (head.tick < had.tick || (head.tick == had.tick && head.record < had.record))
            return store_put(h->txn, table_before(what), number << 32 | head.tick, sealed_row(h, key, head, content));
        if (head.tick > had.tick) {
            assert(stored.n <= sizeof h->sealed);
            memcpy(h->sealed, stored.p, stored.n);      /* what is in the map does not outlive the next put */
            if ((e = store_put(h->txn, table_before(what), number << 32 | had.tick, bytes_of(h->sealed, stored.n))))
                return e;
        }
    }
    return store_put(h->txn, table_of(what), number, sealed_row(h, key, head, content));
}

static enum err take_drawn(struct holding *h, const struct drawn_row *d, struct bytes row)
{
    static const uint8_t none[KEYED_BYTES];
    enum err e;

    if (!memcmp(h->folder, none, KEYED_BYTES)) {
        memcpy(h->folder, d->folder, KEYED_BYTES);
    } else if (memcmp(h->folder, d->folder, KEYED_BYTES)) {
        fputs("rightswatch: these rows are of another data folder, or its compliance.secret was lost: their ids are not those kept here. "
              "Give the sink a new folder\n", stderr);
        return E_CORRUPT;
    }
    e = store_put(h->txn, T_DRAWS, (uint64_t)d->tick.s, row);
    return e ? e : add_draw(h, d);
}

enum err holding_take(struct holding *h, struct bytes row)
{
    struct bytes content = { row.p, wire_compliance_content(row.p, row.n) };
    struct compliance_row *r = &h->row;
    enum err e;

    assert(!h->read_only);
    if ((e = wire_compliance_decode(h->wire, row.p, row.n, r)) || (!h->txn && (e = store_begin(h->store, true, &h->txn))))
        return e;
    if (row.n > ROW_BYTES_MAX && r->what != ROW_LAW)
        return E_TOO_LARGE;
    switch (r->what) {
    case ROW_JOURNEY:
        if (!h->first_day || r->journey.reported.n < h->first_day)
            h->first_day = r->journey.reported.n;
        return take_row(h, ROW_JOURNEY, r->journey.id, (struct head){ (uint32_t)r->journey.known_at.s, 0, r->journey.record }, content);
    case ROW_CRIME:
        return take_row(h, ROW_CRIME, r->crime.id, (struct head){ (uint32_t)r->crime.known_at.s, 0, r->crime.record }, content);
    case ROW_LAW:
        return store_put(h->txn, T_LAWS, r->law.number, row);
    case ROW_DRAWN:
        return take_drawn(h, &r->drawn, row);
    case ROW_ERASED:
        return erase(h, r->erased.is_crime ? ROW_CRIME : ROW_JOURNEY, r->erased.id);
    case ROW_NONE:
        break;
    }
    return E_MALFORMED;
}

enum err holding_commit(struct holding *h, const struct sink_cursor *at)
{
    enum err e = h->txn ? E_OK : store_begin(h->store, true, &h->txn);

    if (e)
        return e;
    /* Keys first: a row whose key was lost with the power could never be read. */
    if (h->keys_dirty && fdatasync(h->keys))
        e = E_IO;
    if (e || (e = store_put(h->txn, T_META, META_NEXT, bytes_of(&h->next, sizeof h->next))) ||
        (e = store_put(h->txn, T_META, META_CURSOR, bytes_of(at, sizeof *at))) ||
        (e = store_put(h->txn, T_META, META_FIRST_DAY, bytes_of(&h->first_day, sizeof h->first_day))) ||
        (e = store_put(h->txn, T_META, META_FOLDER, bytes_of(h->folder, sizeof h->folder)))) {
        store_abort(&h->txn);
        return e;
    }
    h->keys_dirty = false;
    crash_point(CRASH_holding_before_commit);
    if ((e = store_commit(&h->txn)))
        return e;
    crash_point(CRASH_holding_after_commit);
    h->cursor = *at;
    publish_draws(h);
    return E_OK;
}

struct days_known holding_days(struct holding *h)
{
    struct days_known known = { { 0 }, { 0 } };

    pthread_mutex_lock(&h->lock);
    known.first.n = h->first_committed;
    if (h->draws_committed)
        known.last.n = h->draw[h->draws_committed - 1].day;
    pthread_mutex_unlock(&h->lock);
    return known;
}

enum err holding_drawn_from(struct holding *h, struct day day, struct instant *ret)
{
    size_t low = 0, high;

    pthread_mutex_lock(&h->lock);
    for (high = h->draws_committed; low < high;) {
        size_t mid = low + (high - low) / 2;
        if (h->draw[mid].day < day.n)
            low = mid + 1;
        else
            high = mid;
    }
    if (low < h->draws_committed)
        ret->s = h->draw[low].tick;
    high = h->draws_committed;
    pthread_mutex_unlock(&h->lock);
    return low < high ? E_OK : E_NOT_FOUND;
}

/* ---- reading ------------------------------------------------------------------------------------ */

enum err holding_begin(struct holding *h)
{
    assert(!h->txn);
    h->key_count = 0;
    return store_begin(h->store, false, &h->txn);
}

void holding_end(struct holding *h) { store_abort(&h->txn); }

enum err holding_drawn(struct holding *h, struct instant known_at, struct bytes *ret)
{
    uint64_t tick;

    return store_get_at_most(h->txn, T_DRAWS, instant_is_set(known_at) ? (uint64_t)known_at.s : UINT64_MAX, &tick, ret);
}

struct walk {
    struct holding *holding;
    enum row_kind what;
    struct instant known_at;
    enum err (*visit)(void *ctx, struct bytes row, struct instant at, uint64_t record);
    enum err (*visit_law)(void *ctx, struct bytes row);
    void *ctx;
};

static enum err visit_law(void *ctx, struct bytes key, struct bytes value)
{
    struct walk *w = ctx;

    (void)key;
    return w->visit_law(w->ctx, value);
}

enum err holding_each_law(struct holding *h, enum err (*visit)(void *ctx, struct bytes row), void *ctx)
{
    struct walk w = { .visit_law = visit, .ctx = ctx };

    return store_each(h->txn, T_LAWS, visit_law, &w);
}

/* The version that was known; E_NOT_FOUND: it came later. */
static enum err version_at(struct walk *w, uint64_t number, struct bytes *stored)
{
    uint64_t key;
    struct head head;
    enum err e;

    memcpy(&head, stored->p, sizeof head);
    if (!instant_is_set(w->known_at) || head.tick <= (uint64_t)w->known_at.s)
        return E_OK;
    e = store_get_at_most(w->holding->txn, table_before(w->what), number << 32 | (uint64_t)w->known_at.s, &key, stored);
    return !e && key >> 32 != number ? E_NOT_FOUND : e;
}

static enum err visit_row(void *ctx, struct bytes key, struct bytes stored)
{
    struct walk *w = ctx;
    const uint8_t *seal_key_of;
    struct bytes row;
    struct head head;
    uint64_t number;
    enum err e;

    if (key.n != sizeof number || stored.n < sizeof head)
        return E_CORRUPT;
    memcpy(&number, key.p, sizeof number);
    if ((e = version_at(w, number, &stored)) || (e = walk_key(w->holding, number, &seal_key_of)))
        return e == E_NOT_FOUND ? E_OK : e;
    if (is_destroyed(seal_key_of))
        return E_OK;                        /* erased, and not yet told so by the database */
    if ((e = unseal(w->holding, seal_key_of, stored, &head, &row)))
        return e;
    return w->visit(w->ctx, row, (struct instant){ head.tick }, head.record);
}

enum err holding_each(struct holding *h, enum row_kind what, struct instant known_at,
                      enum err (*visit)(void *ctx, struct bytes row, struct instant at, uint64_t record), void *ctx)
{
    struct walk w = { .holding = h, .what = what, .known_at = known_at, .visit = visit, .ctx = ctx };

    return store_each(h->txn, table_of(what), visit_row, &w);
}

enum err holding_find(struct holding *h, enum row_kind what, const uint8_t id[KEYED_BYTES], struct bytes *ret, uint64_t *ret_record)
{
    uint8_t key[SEAL_KEY_BYTES];
    struct bytes stored;
    struct head head;
    uint64_t number;
    enum err e = number_of(h, what, id, &number);

    if (e || (e = store_get(h->txn, table_of(what), number, &stored)) || (e = read_key(h, number, key)))
        return e;
    if (is_destroyed(key))
        return E_NOT_FOUND;
    e = unseal(h, key, stored, &head, ret);
    *ret_record = head.record;
    return e;
}

static enum err count_one(void *ctx, struct bytes key, struct bytes value)
{
    (void)key;
    (void)value;
    ++*(uint64_t *)ctx;
    return E_OK;
}

enum err holding_counts(struct holding *h, struct holding_counts *ret)
{
    struct holding_counts n = { 0 };
    enum err e;

    if ((e = holding_begin(h)))
        return e;
    if (!(e = store_each(h->txn, T_JOURNEYS, count_one, &n.journeys)) && !(e = store_each(h->txn, T_CRIMES, count_one, &n.crimes)) &&
        !(e = store_each(h->txn, T_JOURNEYS_BEFORE, count_one, &n.versions)) && !(e = store_each(h->txn, T_CRIMES_BEFORE, count_one, &n.versions)) &&
        !(e = store_each(h->txn, T_LAWS, count_one, &n.laws)) && !(e = store_each(h->txn, T_DRAWS, count_one, &n.draws)))
        *ret = n;
    holding_end(h);
    return e;
}
