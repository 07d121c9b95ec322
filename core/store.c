#include "core/store.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FORMAT = 1, READERS_MAX = 126 };

struct store {
    MDB_env *env;
    MDB_dbi dbi[STORE_TABLES_MAX];
    enum store_key key[STORE_TABLES_MAX];
    unsigned count;
};

struct store_txn {
    struct store *store;
    MDB_txn *txn;
};

static enum err translate(int rc)
{
    switch (rc) {
    case 0: return E_OK;
    case MDB_NOTFOUND: return E_NOT_FOUND;
    case MDB_MAP_FULL: case MDB_TXN_FULL: case ENOSPC: case EDQUOT: return E_FULL;
    case MDB_READERS_FULL: return E_FULL;
    case MDB_CORRUPTED: case MDB_PAGE_NOTFOUND: case MDB_INVALID: case MDB_PANIC: return E_CORRUPT;
    case MDB_VERSION_MISMATCH: return E_VERSION;
    case MDB_KEYEXIST: return E_USAGE;
    case ENOMEM: return E_MEMORY;
    case ENOENT: return E_NOT_FOUND;
    default: return E_IO;
    }
}

/* The number in which a program that changes what is stored says so. */
static int check_format(MDB_txn *txn, bool read_only)
{
    uint32_t format = FORMAT;
    MDB_val k = { 6, (void *)(uintptr_t)"format" }, v = { sizeof format, &format };
    MDB_dbi dbi;
    int rc = mdb_dbi_open(txn, "format", read_only ? 0 : MDB_CREATE, &dbi);

    if (rc)
        return rc;
    rc = mdb_get(txn, dbi, &k, &v);
    if (rc == MDB_NOTFOUND && !read_only)
        return mdb_put(txn, dbi, &k, &v, 0);
    if (rc)
        return rc;
    memcpy(&format, v.mv_data, sizeof format);
    return v.mv_size != sizeof format || format > FORMAT ? MDB_VERSION_MISMATCH : 0;
}

enum err store_open(const char *path, size_t map_bytes, bool read_only,
                    const struct store_table *tables, unsigned count, struct store **ret, struct why *why)
{
    struct store *s = calloc(1, sizeof *s);
    MDB_txn *txn = NULL;
    struct stat st;
    int rc, dead;

    assert(count <= STORE_TABLES_MAX);
    if (!s)
        return E_MEMORY;
    s->count = count;
    if (read_only && stat(path, &st)) {
        rc = ENOENT;
        goto fail;
    }
    /* NORDAHEAD is not set: the walk over a journal likes to be read ahead. */
    if ((rc = mdb_env_create(&s->env)) || (rc = mdb_env_set_mapsize(s->env, map_bytes)) ||
        (rc = mdb_env_set_maxdbs(s->env, STORE_TABLES_MAX + 1)) || (rc = mdb_env_set_maxreaders(s->env, READERS_MAX)) ||
        (rc = mdb_env_open(s->env, path, MDB_NOSUBDIR | MDB_NOTLS | (read_only ? MDB_RDONLY : 0), 0600)) ||
        (rc = mdb_reader_check(s->env, &dead)) ||
        (rc = mdb_txn_begin(s->env, NULL, read_only ? MDB_RDONLY : 0, &txn)) || (rc = check_format(txn, read_only)))
        goto fail;
    for (unsigned i = 0; i < count; i++) {
        unsigned flags = (read_only ? 0 : MDB_CREATE) | (tables[i].key == STORE_NUMBER ? MDB_INTEGERKEY : 0);
        s->key[i] = tables[i].key;
        if ((rc = mdb_dbi_open(txn, tables[i].name, flags, &s->dbi[i])))
            goto fail;
    }
    rc = mdb_txn_commit(txn);
    txn = NULL;
    if (rc)
        goto fail;
    *ret = s;
    return E_OK;
fail:
    why_set(why, "%s cannot be opened: %s", path, mdb_strerror(rc));
    if (txn)
        mdb_txn_abort(txn);
    if (s->env)
        mdb_env_close(s->env);
    free(s);
    return translate(rc);
}

void store_close(struct store **ps)
{
    if (!*ps)
        return;
    mdb_env_close((*ps)->env);
    free(*ps);
    *ps = NULL;
}

enum err store_begin(struct store *s, bool write, struct store_txn **ret)
{
    struct store_txn *t = malloc(sizeof *t);
    int rc;

    if (!t)
        return E_MEMORY;
    t->store = s;
    if ((rc = mdb_txn_begin(s->env, NULL, write ? 0 : MDB_RDONLY, &t->txn))) {
        free(t);
        return translate(rc);
    }
    *ret = t;
    return E_OK;
}

enum err store_commit(struct store_txn **pt)
{
    int rc = mdb_txn_commit((*pt)->txn);

    free(*pt);
    *pt = NULL;
    return translate(rc);
}

void store_abort(struct store_txn **pt)
{
    if (!*pt)
        return;
    mdb_txn_abort((*pt)->txn);
    free(*pt);
    *pt = NULL;
}

static MDB_dbi table_of(const struct store_txn *t, unsigned table, enum store_key key)
{
    assert(table < t->store->count && t->store->key[table] == key);
    return t->store->dbi[table];
}

static void give(const MDB_val *v, struct bytes *ret) { *ret = (struct bytes){ v->mv_data, v->mv_size }; }

enum err store_get(struct store_txn *t, unsigned table, uint64_t key, struct bytes *ret)
{
    MDB_val k = { sizeof key, &key }, v;
    int rc = mdb_get(t->txn, table_of(t, table, STORE_NUMBER), &k, &v);

    if (!rc)
        give(&v, ret);
    return translate(rc);
}

/* One look with a cursor: `op` at key, then for at-most a step back. */
static enum err look(struct store_txn *t, unsigned table, uint64_t key, bool at_most, uint64_t *ret_key, struct bytes *ret)
{
    MDB_val k = { sizeof key, &key }, v;
    MDB_cursor *c;
    uint64_t found;
    int rc = mdb_cursor_open(t->txn, table_of(t, table, STORE_NUMBER), &c);

    if (rc)
        return translate(rc);
    rc = mdb_cursor_get(c, &k, &v, MDB_SET_RANGE);
    if (at_most) {
        if (rc == MDB_NOTFOUND)
            rc = mdb_cursor_get(c, &k, &v, MDB_LAST);
        else if (!rc && (memcpy(&found, k.mv_data, sizeof found), found > key))
            rc = mdb_cursor_get(c, &k, &v, MDB_PREV);
    }
    if (!rc) {
        memcpy(ret_key, k.mv_data, sizeof *ret_key);
        give(&v, ret);
    }
    mdb_cursor_close(c);
    return translate(rc);
}

enum err store_get_at_most(struct store_txn *t, unsigned table, uint64_t key, uint64_t *ret_key, struct bytes *ret)
{
    return look(t, table, key, true, ret_key, ret);
}

enum err store_get_at_least(struct store_txn *t, unsigned table, uint64_t key, uint64_t *ret_key, struct bytes *ret)
{
    return look(t, table, key, false, ret_key, ret);
}

enum err store_last(struct store_txn *t, unsigned table, uint64_t *ret_key, struct bytes *ret)
{
    return look(t, table, UINT64_MAX, true, ret_key, ret);
}

enum err store_put(struct store_txn *t, unsigned table, uint64_t key, struct bytes value)
{
    MDB_val k = { sizeof key, &key }, v = { value.n, (void *)value.p };

    return translate(mdb_put(t->txn, table_of(t, table, STORE_NUMBER), &k, &v, 0));
}

enum err store_append(struct store_txn *t, unsigned table, uint64_t key, size_t n, uint8_t **ret)
{
    MDB_val k = { sizeof key, &key }, v = { n, NULL };
    int rc = mdb_put(t->txn, table_of(t, table, STORE_NUMBER), &k, &v, MDB_APPEND | MDB_RESERVE);

    if (!rc)
        *ret = v.mv_data;
    return translate(rc);
}

enum err store_delete(struct store_txn *t, unsigned table, uint64_t key)
{
    MDB_val k = { sizeof key, &key };

    return translate(mdb_del(t->txn, table_of(t, table, STORE_NUMBER), &k, NULL));
}

enum err store_clear(struct store_txn *t, unsigned table)
{
    assert(table < t->store->count);
    return translate(mdb_drop(t->txn, t->store->dbi[table], 0));
}

enum err store_get_bytes(struct store_txn *t, unsigned table, struct bytes key, struct bytes *ret)
{
    MDB_val k = { key.n, (void *)key.p }, v;
    int rc = mdb_get(t->txn, table_of(t, table, STORE_BYTES), &k, &v);

    if (!rc)
        give(&v, ret);
    return translate(rc);
}

enum err store_put_bytes(struct store_txn *t, unsigned table, struct bytes key, struct bytes value)
{
    MDB_val k = { key.n, (void *)key.p }, v = { value.n, (void *)value.p };

    return translate(mdb_put(t->txn, table_of(t, table, STORE_BYTES), &k, &v, 0));
}

enum err store_delete_bytes(struct store_txn *t, unsigned table, struct bytes key)
{
    MDB_val k = { key.n, (void *)key.p };

    return translate(mdb_del(t->txn, table_of(t, table, STORE_BYTES), &k, NULL));
}

static enum err each(struct store_txn *t, unsigned table, MDB_cursor_op first, struct bytes from,
                     enum err (*visit)(void *ctx, struct bytes key, struct bytes value), void *ctx)
{
    MDB_cursor *c;
    MDB_val k = { from.n, (void *)from.p }, v;
    enum err e = E_OK;
    int rc;

    assert(table < t->store->count);
    if ((rc = mdb_cursor_open(t->txn, t->store->dbi[table], &c)))
        return translate(rc);
    for (rc = mdb_cursor_get(c, &k, &v, first); !rc && !e; rc = mdb_cursor_get(c, &k, &v, MDB_NEXT))
        e = visit(ctx, (struct bytes){ k.mv_data, k.mv_size }, (struct bytes){ v.mv_data, v.mv_size });
    mdb_cursor_close(c);
    return e ? e : rc == MDB_NOTFOUND ? E_OK : translate(rc);
}

enum err store_each(struct store_txn *t, unsigned table,
                    enum err (*visit)(void *ctx, struct bytes key, struct bytes value), void *ctx)
{
    return each(t, table, MDB_FIRST, (struct bytes){ NULL, 0 }, visit, ctx);
}

enum err store_each_from(struct store_txn *t, unsigned table, struct bytes from,
                         enum err (*visit)(void *ctx, struct bytes key, struct bytes value), void *ctx)
{
    assert(t->store->key[table] == STORE_BYTES);
    return each(t, table, MDB_SET_RANGE, from, visit, ctx);
}

uint64_t store_used_bytes(struct store *s)
{
    MDB_envinfo info;
    MDB_stat st;

    mdb_env_info(s->env, &info);
    mdb_env_stat(s->env, &st);
    return (info.me_last_pgno + 1) * (uint64_t)st.ms_psize;
}

/* ---- anew ---------------------------------------------------------------------- */

static int copy_rows(MDB_txn *from, MDB_dbi source, MDB_txn *to, MDB_dbi target)
{
    MDB_cursor *in, *out = NULL;
    MDB_val k, v;
    int rc = mdb_cursor_open(from, source, &in);

    if (rc)
        return rc;
    if (!(rc = mdb_cursor_open(to, target, &out)))
        for (rc = mdb_cursor_get(in, &k, &v, MDB_FIRST); !rc && !(rc = mdb_cursor_put(out, &k, &v, MDB_APPEND));)
            rc = mdb_cursor_get(in, &k, &v, MDB_NEXT);
    if (out)
        mdb_cursor_close(out);
    mdb_cursor_close(in);
    return rc == MDB_NOTFOUND ? 0 : rc;
}

static int copy_table(MDB_txn *from, MDB_txn *to, const char *name)
{
    MDB_dbi source, target;
    unsigned flags;
    int rc;

    if ((rc = mdb_dbi_open(from, name, 0, &source)) || (rc = mdb_dbi_flags(from, source, &flags)) ||
        (rc = mdb_dbi_open(to, name, (flags & MDB_INTEGERKEY) | MDB_CREATE, &target)))
        return rc;
    return copy_rows(from, source, to, target);
}

/* The main table holds the names of the others, and nothing else. */
static int copy_tables(MDB_txn *from, MDB_txn *to)
{
    char name[512];
    MDB_cursor *c;
    MDB_dbi main_table;
    MDB_val k, v;
    int rc;

    if ((rc = mdb_dbi_open(from, NULL, 0, &main_table)) || (rc = mdb_cursor_open(from, main_table, &c)))
        return rc;
    for (rc = mdb_cursor_get(c, &k, &v, MDB_FIRST); !rc; rc = mdb_cursor_get(c, &k, &v, MDB_NEXT)) {
        if (k.mv_size >= sizeof name)
            return mdb_cursor_close(c), MDB_INVALID;
        memcpy(name, k.mv_data, k.mv_size);
        name[k.mv_size] = 0;
        if ((rc = copy_table(from, to, name)))
            break;
    }
    mdb_cursor_close(c);
    return rc == MDB_NOTFOUND ? 0 : rc;
}

static int open_whole(const char *path, size_t map_bytes, unsigned flags, MDB_env **env, MDB_txn **txn)
{
    int rc;

    if ((rc = mdb_env_create(env)) || (map_bytes && (rc = mdb_env_set_mapsize(*env, map_bytes))) || (rc = mdb_env_set_maxdbs(*env, STORE_TABLES_MAX + 1)) ||
        (rc = mdb_env_open(*env, path, MDB_NOSUBDIR | MDB_NOTLS | flags, 0600)))
        return rc;
    return mdb_txn_begin(*env, NULL, flags, txn);
}

static void remove_store(const char *path)
{
    char lock[4096 + 16];

    snprintf(lock, sizeof lock, "%s-lock", path);
    unlink(path);
    unlink(lock);
}

static int sync_folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    char dir[4096] = ".";
    int fd, rc;

    if (slash)
        snprintf(dir, sizeof dir, "%.*s", (int)(slash - path), path);
    if ((fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
        return errno;
    rc = fsync(fd) ? errno : 0;
    close(fd);
    return rc;
}

enum err store_write_anew(const char *path, struct why *why)
{
    MDB_env *env[2] = { NULL, NULL };
    MDB_txn *txn[2] = { NULL, NULL };
    char fresh[4096];
    MDB_envinfo info;
    struct stat st;
    int rc;

    if (snprintf(fresh, sizeof fresh, "%s.new", path) >= (int)sizeof fresh)
        return E_USAGE;
    if (stat(path, &st))
        return errno == ENOENT ? E_NOT_FOUND : E_IO;
    remove_store(fresh);                    /* of a writing that was cut short */
    if ((rc = open_whole(path, 0, MDB_RDONLY, &env[0], &txn[0])) || (rc = mdb_env_info(env[0], &info)) ||
        (rc = open_whole(fresh, info.me_mapsize, 0, &env[1], &txn[1])) || (rc = copy_tables(txn[0], txn[1])))
        goto out;
    rc = mdb_txn_commit(txn[1]);
    txn[1] = NULL;
out:
    for (int i = 0; i < 2; i++) {
        if (txn[i])
            mdb_txn_abort(txn[i]);
        if (env[i])
            mdb_env_close(env[i]);
    }
    if (!rc)
        rc = rename(fresh, path) ? errno : sync_folder_of(path);
    remove_store(fresh);
    if (rc)
        why_set(why, "%s cannot be written anew: %s", path, mdb_strerror(rc));
    return translate(rc);
}
