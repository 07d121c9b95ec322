#include "core/tape.h"
#include "core/crash.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file may grow past segment_bytes by what one group holds. */
enum { GROUP_ROOM_BYTES = 512 * 1024 * 1024, PATH_BYTES = 4096, REWRITE_GROUP_BYTES = 64 * 1024 * 1024 };
enum table { T_BATCHES, T_COUNTS, T_SIDE, TABLES };
/* T_COUNTS holds, under 0, the number after the last record. */
static const struct store_table tables[TABLES] = {
    [T_BATCHES] = { "batches", STORE_NUMBER },
    [T_COUNTS] = { "counts", STORE_NUMBER },
    [T_SIDE] = { "side", STORE_BYTES },
};

struct segment {
    uint64_t first;
    struct store *store;
    unsigned readers;                   /* that have a transaction on it */
    char path[PATH_BYTES];
};

struct tape {
    char dir[PATH_BYTES - 64];
    size_t segment_bytes;
    bool read_only;
    pthread_mutex_t lock;               /* guards the list of segments */
    struct segment **segment;
    size_t count;
    struct store_txn *txn;              /* the open group */
    uint64_t next;                      /* number of the next record, open group included */
    _Atomic uint64_t last, first;
};

struct tape_reader {
    struct tape *tape;
    struct segment *segment;            /* the transaction is on it */
    struct store_txn *txn;
    uint64_t last;                      /* what the transaction sees: its file ends here or before */
};

static enum err sync_dir(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum err e;

    if (fd < 0)
        return E_IO;
    e = fsync(fd) ? E_IO : E_OK;
    close(fd);
    return e;
}

static enum err open_segment(struct tape *t, uint64_t first, struct segment **ret, struct why *why)
{
    struct segment *s = calloc(1, sizeof *s);
    enum err e;

    if (!s)
        return E_MEMORY;
    s->first = first;
    snprintf(s->path, sizeof s->path, "%s/%020llu.lmdb", t->dir, (unsigned long long)first);
    if ((e = store_open(s->path, t->segment_bytes + GROUP_ROOM_BYTES, t->read_only, tables, TABLES, &s->store, why))) {
        free(s);
        return e;
    }
    *ret = s;
    return E_OK;
}

static enum err add_segment(struct tape *t, struct segment *s)
{
    struct segment **p;

    pthread_mutex_lock(&t->lock);
    p = realloc(t->segment, (t->count + 1) * sizeof *p);
    if (p) {
        t->segment = p;
        t->segment[t->count++] = s;
    }
    pthread_mutex_unlock(&t->lock);
    return p ? E_OK : E_MEMORY;
}

static enum err next_number(struct segment *s, uint64_t *ret)
{
    struct store_txn *txn;
    struct bytes v;
    enum err e = store_begin(s->store, false, &txn);

    if (e)
        return e;
    e = store_get(txn, T_COUNTS, 0, &v);
    if (e == E_NOT_FOUND)
        *ret = s->first, e = E_OK;
    else if (!e && v.n == sizeof *ret)
        memcpy(ret, v.p, sizeof *ret);
    else if (!e)
        e = E_CORRUPT;
    store_abort(&txn);
    return e;
}

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static enum err list(const char *dir, uint64_t **ret, size_t *ret_count)
{
    DIR *d = opendir(dir);
    struct dirent *entry;
    uint64_t *all = NULL, *p;
    size_t count = 0;

    if (!d)
        return errno == ENOENT ? E_NOT_FOUND : E_IO;
    while ((entry = readdir(d))) {
        unsigned long long first;
        int end = 0;
        if (sscanf(entry->d_name, "%20llu.lmdb%n", &first, &end) != 1 || end == 0 || entry->d_name[end])
            continue;
        if (!(p = realloc(all, (count + 1) * sizeof *p))) {
            free(all);
            closedir(d);
            return E_MEMORY;
        }
        all = p;
        all[count++] = first;
    }
    closedir(d);
    if (count)
        qsort(all, count, sizeof *all, by_number);
    *ret = all;
    *ret_count = count;
    return E_OK;
}

static enum err open_all(struct tape *t, struct why *why)
{
    uint64_t *first = NULL, next = 1;
    struct segment *s;
    size_t count;
    enum err e = list(t->dir, &first, &count);

    if (e)
        return e;
    for (size_t i = 0; !e && i < count; i++) {
        if ((e = open_segment(t, first[i], &s, why)) || (e = add_segment(t, s)))
            break;
        if (i && first[i] != next) {
            why_set(why, "%s: records %llu to %llu are missing", t->dir, (unsigned long long)next,
                    (unsigned long long)first[i] - 1);
            e = E_CORRUPT;
        } else {
            e = next_number(s, &next);
        }
    }
    free(first);
    if (e)
        return e;
    if (!count && t->read_only)
        return E_NOT_FOUND;
    if (!count) {
        if ((e = open_segment(t, 1, &s, why)) || (e = add_segment(t, s)) || (e = sync_dir(t->dir)))
            return e;
    }
    t->next = next;
    atomic_store(&t->last, next - 1);
    atomic_store(&t->first, t->segment[0]->first);
    return E_OK;
}

enum err tape_open(const char *dir, size_t segment_bytes, bool read_only, struct tape **ret, struct why *why)
{
    struct tape *t = calloc(1, sizeof *t);
    enum err e;

    if (!t)
        return E_MEMORY;
    pthread_mutex_init(&t->lock, NULL);
    t->segment_bytes = segment_bytes;
    t->read_only = read_only;
    if (snprintf(t->dir, sizeof t->dir, "%s", dir) >= (int)sizeof t->dir) {
        e = E_USAGE;
        goto fail;
    }
    if (!read_only && mkdir(dir, 0700) && errno != EEXIST) {
        why_set(why, "the folder %s cannot be made: %s", dir, strerror(errno));
        e = E_IO;
        goto fail;
    }
    if ((e = open_all(t, why)))
        goto fail;
    *ret = t;
    return E_OK;
fail:
    if (e == E_NOT_FOUND)
        why_set(why, "there is nothing in %s yet", dir);
    tape_close(&t);
    return e;
}

void tape_close(struct tape **pt)
{
    struct tape *t = *pt;

    if (!t)
        return;
    store_abort(&t->txn);
    for (size_t i = 0; i < t->count; i++) {
        assert(t->segment[i]->readers == 0);
        store_close(&t->segment[i]->store);
        free(t->segment[i]);
    }
    free(t->segment);
    pthread_mutex_destroy(&t->lock);
    free(t);
    *pt = NULL;
}

uint64_t tape_last(const struct tape *t) { return atomic_load_explicit(&t->last, memory_order_acquire); }
uint64_t tape_first(const struct tape *t) { return atomic_load_explicit(&t->first, memory_order_acquire); }

static struct segment *newest(struct tape *t) { return t->segment[t->count - 1]; }

static enum err carry(void *ctx, struct bytes key, struct bytes value)
{
    return store_put_bytes(ctx, T_SIDE, key, value);
}

/* A new file takes over the side table, in its first transaction. */
static enum err roll_over(struct tape *t)
{
    struct segment *old = newest(t), *s;
    struct store_txn *from = NULL, *to = NULL;
    enum err e;

    if ((e = open_segment(t, t->next, &s, NULL)))
        return e;
    if ((e = store_begin(old->store, false, &from)) || (e = store_begin(s->store, true, &to)) ||
        (e = store_each(from, T_SIDE, carry, to)) || (e = store_commit(&to)) || (e = sync_dir(t->dir)) ||
        (e = add_segment(t, s))) {
        store_abort(&to);
        store_close(&s->store);
        unlink(s->path);
        free(s);
    }
    store_abort(&from);
    return e;
}

static enum err group(struct tape *t)
{
    enum err e;

    assert(!t->read_only);
    if (t->txn)
        return E_OK;
    if (store_used_bytes(newest(t)->store) > t->segment_bytes && t->next > newest(t)->first && (e = roll_over(t)))
        return e;
    return store_begin(newest(t)->store, true, &t->txn);
}

enum err tape_append(struct tape *t, uint32_t count, size_t n, uint64_t *ret_first, uint8_t **ret)
{
    enum err e = group(t);

    assert(count);
    if (!e)
        e = store_append(t->txn, T_BATCHES, t->next, n, ret);
    if (e)
        return e;
    *ret_first = t->next;
    t->next += count;
    return E_OK;
}

enum err tape_side_put(struct tape *t, struct bytes key, struct bytes value)
{
    enum err e = group(t);

    return e ? e : store_put_bytes(t->txn, T_SIDE, key, value);
}

enum err tape_side_get(struct tape *t, struct bytes key, void *ret, size_t cap, size_t *ret_n)
{
    struct store_txn *txn = t->txn;
    struct bytes v;
    enum err e = txn ? E_OK : store_begin(newest(t)->store, false, &txn);

    if (e)
        return e;
    if (!(e = store_get_bytes(txn, T_SIDE, key, &v))) {
        if (v.n > cap) {
            e = E_TOO_LARGE;
        } else {
            if (v.n)
                memcpy(ret, v.p, v.n);
            *ret_n = v.n;
        }
    }
    if (!t->txn)
        store_abort(&txn);
    return e;
}

enum err tape_side_remove(struct tape *t, struct bytes key)
{
    enum err e = group(t);

    return e ? e : store_delete_bytes(t->txn, T_SIDE, key);
}

enum err tape_side_each(struct tape *t, enum err (*visit)(void *ctx, struct bytes key, struct bytes value), void *ctx)
{
    struct store_txn *txn;
    enum err e;

    assert(!t->txn);
    if ((e = store_begin(newest(t)->store, false, &txn)))
        return e;
    e = store_each(txn, T_SIDE, visit, ctx);
    store_abort(&txn);
    return e;
}

enum err tape_commit(struct tape *t)
{
    enum err e;

    if (!t->txn)
        return E_OK;
    e = store_put(t->txn, T_COUNTS, 0, (struct bytes){ (const uint8_t *)&t->next, sizeof t->next });
    if (e) {
        tape_abort(t);
        return e;
    }
    if ((e = store_commit(&t->txn))) {
        t->next = tape_last(t) + 1;
        return e;
    }
    atomic_store_explicit(&t->last, t->next - 1, memory_order_release);
    return E_OK;
}

void tape_abort(struct tape *t)
{
    store_abort(&t->txn);
    t->next = tape_last(t) + 1;
}

enum err tape_begin_file(struct tape *t)
{
    assert(!t->txn && !t->read_only);
    return t->next > newest(t)->first ? roll_over(t) : E_OK;
}

static void remove_file(const char *path)
{
    char lock[PATH_BYTES + 16];

    snprintf(lock, sizeof lock, "%s-lock", path);
    unlink(path);
    unlink(lock);
}

void tape_trim(struct tape *t, uint64_t number)
{
    pthread_mutex_lock(&t->lock);
    while (t->count > 1 && t->segment[1]->first <= number && t->segment[0]->readers == 0) {
        struct segment *s = t->segment[0];
        store_close(&s->store);
        remove_file(s->path);
        free(s);
        memmove(t->segment, t->segment + 1, --t->count * sizeof *t->segment);
        atomic_store(&t->first, t->segment[0]->first);
    }
    pthread_mutex_unlock(&t->lock);
}

/* ---- rewriting -------------------------------------------------------------- */

struct rewriting {
    struct store *to;
    struct store_txn *txn;
    size_t bytes;                       /* in the open transaction */
    enum err (*change)(void *ctx, uint64_t first, struct bytes batch, struct bytes *ret);
    void *ctx;
};

static enum err copy_batch(void *ctx, struct bytes key, struct bytes value)
{
    struct rewriting *w = ctx;
    struct bytes changed;
    uint64_t first;
    uint8_t *place;
    enum err e;

    memcpy(&first, key.p, sizeof first);
    if ((e = w->change(w->ctx, first, value, &changed)))
        return e;
    if (w->bytes > REWRITE_GROUP_BYTES) {
        if ((e = store_commit(&w->txn)) || (e = store_begin(w->to, true, &w->txn)))
            return e;
        w->bytes = 0;
    }
    if ((e = store_append(w->txn, T_BATCHES, first, changed.n, &place)))
        return e;
    memcpy(place, changed.p, changed.n);
    w->bytes += changed.n;
    return E_OK;
}

static enum err copy_count(void *ctx, struct bytes key, struct bytes value)
{
    uint64_t number;

    memcpy(&number, key.p, sizeof number);
    return store_put(ctx, T_COUNTS, number, value);
}

static enum err copy_changed(struct segment *from, struct rewriting *w)
{
    struct store_txn *txn = NULL;
    enum err e;

    if ((e = store_begin(from->store, false, &txn)) || (e = store_begin(w->to, true, &w->txn)) ||
        (e = store_each(txn, T_BATCHES, copy_batch, w)) || (e = store_each(txn, T_COUNTS, copy_count, w->txn)) ||
        (e = store_each(txn, T_SIDE, carry, w->txn)) || (e = store_commit(&w->txn)))
        store_abort(&w->txn);
    store_abort(&txn);
    return e;
}

enum err tape_rewrite(struct tape *t, size_t i, enum err (*change)(void *ctx, uint64_t first, struct bytes batch, struct bytes *ret),
                      void *ctx, struct why *why)
{
    struct segment *s = t->segment[i], *fresh;
    struct rewriting w = { .change = change, .ctx = ctx };
    char path[PATH_BYTES + 8];
    enum err e;

    assert(i < t->count && !t->txn && !t->read_only && s->readers == 0);
    snprintf(path, sizeof path, "%s.new", s->path);
    remove_file(path);                  /* of a rewriting that was cut short */
    if ((e = store_open(path, t->segment_bytes + GROUP_ROOM_BYTES, false, tables, TABLES, &w.to, why)))
        return e;
    if ((e = copy_changed(s, &w))) {
        why_set(why, "%s cannot be written anew: %s", s->path, err_text(e));
        store_close(&w.to);
        remove_file(path);
        return e;
    }
    store_close(&w.to);
    store_close(&s->store);
    if (rename(path, s->path) || sync_dir(t->dir)) {
        why_set(why, "%s cannot take the place of %s: %s", path, s->path, strerror(errno));
        e = E_IO;
    }
    crash_point(CRASH_blank_after_rename);
    remove_file(path);
    if ((e = e ? e : open_segment(t, s->first, &fresh, why)))
        return e;                       /* the tape is of no more use: it has to be opened again */
    free(s);
    t->segment[i] = fresh;
    return E_OK;
}

enum err tape_reader_open(struct tape *t, struct tape_reader **ret)
{
    struct tape_reader *r = calloc(1, sizeof *r);

    if (!r)
        return E_MEMORY;
    r->tape = t;
    *ret = r;
    return E_OK;
}

void tape_rest(struct tape_reader *r)
{
    store_abort(&r->txn);
    if (r->segment) {
        pthread_mutex_lock(&r->tape->lock);
        r->segment->readers--;
        pthread_mutex_unlock(&r->tape->lock);
        r->segment = NULL;
    }
}

/* The file that holds the number, pinned. */
static struct segment *pin(struct tape *t, uint64_t number, uint64_t *ret_end)
{
    struct segment *s = NULL;
    size_t low = 0, high;

    pthread_mutex_lock(&t->lock);
    for (high = t->count; low < high;) {
        size_t mid = (low + high) / 2;
        if (t->segment[mid]->first <= number)
            low = mid + 1;
        else
            high = mid;
    }
    if (low) {
        s = t->segment[low - 1];
        s->readers++;
        *ret_end = low < t->count ? t->segment[low]->first - 1 : tape_last(t);
    }
    pthread_mutex_unlock(&t->lock);
    return s;
}

static enum err move_to(struct tape_reader *r, uint64_t number)
{
    enum err e;

    tape_rest(r);
    r->segment = pin(r->tape, number, &r->last);
    if (!r->segment)
        return E_NOT_FOUND;
    if ((e = store_begin(r->segment->store, false, &r->txn)))
        tape_rest(r);
    return e;
}

enum err tape_get(struct tape_reader *r, uint64_t number, uint64_t *ret_first, struct bytes *ret)
{
    enum err e;

    if (number > tape_last(r->tape) || number < tape_first(r->tape))
        return E_NOT_FOUND;
    if ((!r->txn || number > r->last || number < r->segment->first) && (e = move_to(r, number)))
        return e;
    return store_get_at_most(r->txn, T_BATCHES, number, ret_first, ret);
}

void tape_reader_close(struct tape_reader **pr)
{
    if (!*pr)
        return;
    tape_rest(*pr);
    free(*pr);
    *pr = NULL;
}

size_t tape_segments(const struct tape *t) { return t->count; }

uint64_t tape_segment_first(const struct tape *t, size_t i)
{
    assert(i < t->count);
    return t->segment[i]->first;
}
