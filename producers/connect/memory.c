#include "producers/connect/memory.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAP_GIB = 256, TRIAL_MAP_GIB = 16, SLICES = 1 };
enum { T_ROWS, T_SLICES, T_REJECTS, T_MARKS, TABLES_COUNT };
static const struct store_table tables[TABLES_COUNT] = {
    [T_ROWS] = { "rows", STORE_BYTES },
    [T_SLICES] = { "slices", STORE_NUMBER },
    [T_REJECTS] = { "rejects", STORE_NUMBER },
    [T_MARKS] = { "marks", STORE_NUMBER },              /* SLICES: the number of the last slice */
};

struct memory {
    struct store *own, *under;                          /* under NULL: nothing lies under it */
    struct store_txn *txn, *under_txn;
    int lock;                                           /* -1: none */
    char *trial;                                        /* the temporary folder */
    uint64_t rejects;
};

/* ---- open ---------------------------------------------------------------------- */

static enum err take_lock(struct memory *m, const char *dir, struct why *why)
{
    char path[4096];

    if (snprintf(path, sizeof path, "%s/lock", dir) >= (int)sizeof path)
        return E_USAGE;
    if ((m->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600)) < 0) {
        why_set(why, "%s cannot be written: %s", path, strerror(errno));
        return E_IO;
    }
    if (flock(m->lock, LOCK_EX | LOCK_NB)) {
        why_set(why, "another process feeds from %s", dir);
        return E_LOCKED;
    }
    return E_OK;
}

static enum err last_reject(struct memory *m)
{
    struct bytes value;
    enum err e = memory_begin(m);

    if (e)
        return e;
    e = store_last(m->txn, T_REJECTS, &m->rejects, &value);
    memory_abort(m);
    return e == E_NOT_FOUND ? E_OK : e;
}

enum err memory_open(const char *dir, struct memory **ret, struct why *why)
{
    struct memory *m = calloc(1, sizeof *m);
    char path[4096];
    enum err e = E_USAGE;

    if (!m)
        return E_MEMORY;
    m->lock = -1;
    if (mkdir(dir, 0700) && errno != EEXIST) {
        why_set(why, "the folder %s cannot be made: %s", dir, strerror(errno));
        e = E_IO;
        goto fail;
    }
    if (snprintf(path, sizeof path, "%s/rows.lmdb", dir) >= (int)sizeof path || (e = take_lock(m, dir, why)) ||
        (e = store_open(path, (size_t)MAP_GIB << 30, false, tables, TABLES_COUNT, &m->own, why)) || (e = last_reject(m)))
        goto fail;
    *ret = m;
    return E_OK;
fail:
    memory_close(&m);
    return e;
}

enum err memory_open_over(const char *dir, struct memory **ret, struct why *why)
{
    struct memory *m = calloc(1, sizeof *m);
    const char *tmp = getenv("TMPDIR");
    char path[4096];
    enum err e = E_MEMORY;

    if (!m)
        return E_MEMORY;
    m->lock = -1;
    if (asprintf(&m->trial, "%s/rightswatch-check.XXXXXX", tmp && *tmp ? tmp : "/tmp") < 0 || !mkdtemp(m->trial)) {
        why_set(why, "no temporary folder can be made: %s", strerror(errno));
        free(m->trial);
        m->trial = NULL;
        e = E_IO;
        goto fail;
    }
    snprintf(path, sizeof path, "%s/rows.lmdb", m->trial);
    if ((e = store_open(path, (size_t)TRIAL_MAP_GIB << 30, false, tables, TABLES_COUNT, &m->own, why)))
        goto fail;
    if (dir && snprintf(path, sizeof path, "%s/rows.lmdb", dir) < (int)sizeof path && access(path, R_OK) == 0 &&
        (e = store_open(path, (size_t)MAP_GIB << 30, true, tables, TABLES_COUNT, &m->under, why)))
        goto fail;
    *ret = m;
    return E_OK;
fail:
    memory_close(&m);
    return e;
}

enum err memory_write_anew(const char *dir, struct why *why)
{
    struct memory m = { .lock = -1 };
    char path[4096];
    enum err e = E_USAGE;

    if (snprintf(path, sizeof path, "%s/rows.lmdb", dir) >= (int)sizeof path)
        return e;
    if (access(path, F_OK))
        return E_NOT_FOUND;
    if (!(e = take_lock(&m, dir, why)))
        e = store_write_anew(path, why);
    if (m.lock >= 0)
        close(m.lock);
    return e;
}

static void remove_trial(const char *dir)
{
    static const char *const files[] = { "rows.lmdb", "rows.lmdb-lock" };
    char path[4096];

    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (snprintf(path, sizeof path, "%s/%s", dir, files[i]) < (int)sizeof path)
            unlink(path);
    rmdir(dir);
}

void memory_close(struct memory **pm)
{
    struct memory *m = *pm;

    if (!m)
        return;
    memory_abort(m);
    store_close(&m->own);
    store_close(&m->under);
    if (m->lock >= 0)
        close(m->lock);
    if (m->trial)
        remove_trial(m->trial);
    free(m->trial);
    free(m);
    *pm = NULL;
}

/* ---- transactions --------------------------------------------------------------- */

enum err memory_begin(struct memory *m)
{
    enum err e;

    assert(!m->txn);
    if (m->under && (e = store_begin(m->under, false, &m->under_txn)))
        return e;
    if ((e = store_begin(m->own, true, &m->txn)))
        store_abort(&m->under_txn);
    return e;
}

enum err memory_commit(struct memory *m)
{
    store_abort(&m->under_txn);
    return store_commit(&m->txn);
}

void memory_abort(struct memory *m)
{
    store_abort(&m->under_txn);
    store_abort(&m->txn);
}

/* ---- rows ------------------------------------------------------------------------ */

static void put_text(struct memory_key *k, struct text t)
{
    assert(t.n <= EVENT_ID_BYTES_MAX);
    k->p[k->n++] = (uint8_t)t.n;
    if (t.n)
        memcpy(k->p + k->n, t.p, t.n);
    k->n += t.n;
}

struct memory_key memory_key(char what, struct text a, struct text b)
{
    struct memory_key k = { .p = { (uint8_t)what }, .n = 1 };

    put_text(&k, a);
    if (b.n)
        put_text(&k, b);
    return k;
}

void memory_key_texts(struct bytes key, struct text *ret_a, struct text *ret_b)
{
    size_t a = key.n > 1 ? key.p[1] : 0, at = 2 + a;

    *ret_a = (struct text){ (const char *)key.p + 2, (uint32_t)a };
    *ret_b = at < key.n ? (struct text){ (const char *)key.p + at + 1, key.p[at] } : (struct text){ 0 };
}

static struct bytes bytes_of(const struct memory_key *k) { return (struct bytes){ k->p, k->n }; }

/* An empty value says that what lies under it is not there any more. */
enum err memory_get(struct memory *m, const struct memory_key *k, struct bytes *ret)
{
    enum err e = store_get_bytes(m->txn, T_ROWS, bytes_of(k), ret);

    if (e == E_NOT_FOUND && m->under_txn)
        e = store_get_bytes(m->under_txn, T_ROWS, bytes_of(k), ret);
    return !e && ret->n == 0 ? E_NOT_FOUND : e;
}

enum err memory_put(struct memory *m, const struct memory_key *k, struct bytes value)
{
    assert(value.n);
    return store_put_bytes(m->txn, T_ROWS, bytes_of(k), value);
}

enum err memory_delete(struct memory *m, const struct memory_key *k)
{
    enum err e;

    if (m->under)
        return store_put_bytes(m->txn, T_ROWS, bytes_of(k), (struct bytes){ (const uint8_t *)"", 0 });
    e = store_delete_bytes(m->txn, T_ROWS, bytes_of(k));
    return e == E_NOT_FOUND ? E_OK : e;
}

struct walk {
    struct memory *memory;
    char what;
    bool is_under;
    enum err (*visit)(void *ctx, struct bytes key, struct bytes value);
    void *ctx;
};

static enum err visit_one(void *ctx, struct bytes key, struct bytes value)
{
    struct walk *w = ctx;
    struct bytes own;

    if (key.p[0] != (uint8_t)w->what)
        return E_END;
    if (w->is_under && !store_get_bytes(w->memory->txn, T_ROWS, key, &own))
        return E_OK;                                    /* said anew above */
    return value.n ? w->visit(w->ctx, key, value) : E_OK;
}

enum err memory_each(struct memory *m, char what, enum err (*visit)(void *ctx, struct bytes key, struct bytes value), void *ctx)
{
    struct walk w = { m, what, false, visit, ctx };
    struct bytes from = { (const uint8_t *)&what, 1 };
    enum err e = store_each_from(m->txn, T_ROWS, from, visit_one, &w);

    if ((!e || e == E_END) && m->under_txn) {
        w.is_under = true;
        e = store_each_from(m->under_txn, T_ROWS, from, visit_one, &w);
    }
    return e == E_END ? E_OK : e;
}

static enum err take_first(void *ctx, struct bytes key, struct bytes value)
{
    struct memory_key *first = ctx;

    (void)value;
    memcpy(first->p, key.p, key.n);
    first->n = key.n;
    return E_END;
}

bool memory_has(struct memory *m, char what)
{
    struct memory_key first = { .n = 0 };

    return !memory_each(m, what, take_first, &first) && first.n;
}

enum err memory_delete_all(struct memory *m, char what)
{
    struct memory_key first;
    enum err e;

    do {
        first.n = 0;
        if ((e = memory_each(m, what, take_first, &first)) || !first.n)
            return e;
    } while (!(e = memory_delete(m, &first)));
    return e;
}

/* ---- to send ---------------------------------------------------------------------- */

enum err memory_send(struct memory *m, struct bytes items, uint32_t count)
{
    struct bytes value;
    uint64_t last = 0;
    uint8_t *place;
    enum err e = store_get(m->txn, T_MARKS, SLICES, &value);

    if (e && e != E_NOT_FOUND)
        return e;
    if (!e)
        memcpy(&last, value.p, sizeof last);
    last++;
    if ((e = store_append(m->txn, T_SLICES, last, sizeof count + items.n, &place)))
        return e;
    memcpy(place, &count, sizeof count);
    memcpy(place + sizeof count, items.p, items.n);
    return store_put(m->txn, T_MARKS, SLICES, (struct bytes){ (const uint8_t *)&last, sizeof last });
}

enum err memory_to_send(struct memory *m, uint64_t after, uint64_t *ret_number, struct bytes *ret_items, uint32_t *ret_count)
{
    struct bytes b;
    enum err e = store_get_at_least(m->txn, T_SLICES, after + 1, ret_number, &b);

    if (e)
        return e;
    if (b.n < sizeof *ret_count)
        return E_CORRUPT;
    memcpy(ret_count, b.p, sizeof *ret_count);
    *ret_items = (struct bytes){ b.p + sizeof *ret_count, b.n - sizeof *ret_count };
    return E_OK;
}

enum err memory_sent(struct memory *m, uint64_t up_to)
{
    struct bytes b;
    uint64_t number;
    enum err e;

    while (!(e = store_get_at_least(m->txn, T_SLICES, 1, &number, &b)) && number <= up_to)
        if ((e = store_delete(m->txn, T_SLICES, number)))
            return e;
    return e == E_NOT_FOUND ? E_OK : e;
}

/* ---- rejects ----------------------------------------------------------------------- */

enum err memory_reject(struct memory *m, struct text line)
{
    uint8_t *place;
    enum err e = store_append(m->txn, T_REJECTS, m->rejects + 1, line.n, &place);

    if (e)
        return e;
    memcpy(place, line.p, line.n);
    m->rejects++;
    return E_OK;
}

enum err memory_each_reject(struct memory *m, enum err (*visit)(void *ctx, struct bytes key, struct bytes line), void *ctx)
{
    return store_each(m->txn, T_REJECTS, visit, ctx);
}

enum err memory_forget_rejects(struct memory *m)
{
    m->rejects = 0;
    return store_clear(m->txn, T_REJECTS);
}

uint64_t memory_bytes(struct memory *m) { return store_used_bytes(m->own); }
