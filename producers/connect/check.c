/* check.c: what a batch would do, found by doing it in a store that is thrown away. */
#include "producers/connect/connect.h"
#include "producers/connect/drop.h"
#include "producers/connect/rowfile.h"

#include <stdio.h>
#include <stdlib.h>

enum { SHOWN_REJECTS_MAX = 20 };

struct trial { const struct connect_options *o; const struct shape *shape; struct memory *memory; struct batch *batch; uint64_t shown; };

static void tell(const struct trial *t, enum connect_news what, uint64_t batch, const char *text)
{
    struct connect_told told = { what, batch, text, what == NEWS_TAKEN ? batch_summary(t->batch) : NULL, t->shape->source };

    t->o->tell(t->o->ctx, &told);
}

static enum err show_reject(void *ctx, struct bytes key, struct bytes line)
{
    struct trial *t = ctx;
    char text[512];
    size_t n = line.n;

    (void)key;
    while (n && (line.p[n - 1] == '\n' || line.p[n - 1] == '\r'))
        n--;
    snprintf(text, sizeof text, "%.*s", (int)n, (const char *)line.p);
    tell(t, NEWS_REJECT, 0, t->shown < SHOWN_REJECTS_MAX ? text : "...");
    return ++t->shown > SHOWN_REJECTS_MAX ? E_END : E_OK;
}

static enum err try(struct trial *t, const struct manifest *m, struct why *why)
{
    enum err e;

    batch_begin(t->batch, m);
    while (!(e = batch_step(t->batch, why))) {
        if (!batch_is_taken(t->batch)) {
            if (t->o->is_stopping && t->o->is_stopping())
                return E_AGAIN;
            continue;
        }
        tell(t, NEWS_TAKEN, m->id, NULL);
        t->shown = 0;
        if ((e = memory_begin(t->memory)) || ((e = memory_each_reject(t->memory, show_reject, t)) && e != E_END))
            return memory_abort(t->memory), e;
        memory_abort(t->memory);
    }
    return e == E_END ? E_OK : e;
}

static enum err try_folder(struct trial *t, struct why *why)
{
    static struct manifest m;
    struct drop *drop;
    struct why reason = { "" };
    enum found found = FOUND_WAITING;
    char text[96];
    uint64_t gap;
    enum err e = drop_open(t->shape, t->o->dir, t->o->patience_s, t->o->is_stopping, &drop, why);

    while (!e && found != FOUND_NOTHING) {
        if ((e = drop_next(drop, t->batch, &m, &found, &gap, &reason)))
            *why = reason;
        else if (found == FOUND_BATCH && gap)
            snprintf(text, sizeof text, "it is not there; %llu would be taken without it", (unsigned long long)m.id), tell(t, NEWS_GAP, gap, text);
        if (!e && found == FOUND_BATCH)
            e = try(t, &m, why);
        else if (!e && found == FOUND_AGAIN)
            tell(t, NEWS_AGAIN, m.id, "was taken before, the same bytes: nothing to do");
        else if (!e && (found == FOUND_BAD || found == FOUND_WAITING))
            tell(t, found == FOUND_BAD ? NEWS_REFUSED : NEWS_WAITING, m.id, reason.text);
    }
    drop_close(&drop);
    return e;
}

/* A file by itself is a batch of its own that nobody numbered. */
static enum err add_file(const struct trial *t, const char *path, struct manifest *m, struct why *why)
{
    const char *base = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    struct batch_file *f = &m->file[m->files];
    struct text cell[TABLE_COLUMNS_MAX];
    struct rowfile *rows;
    struct why row;
    enum err e;

    if (m->files == BATCH_FILES_MAX || strlen(base) >= FILE_NAME_MAX || (f->table = shape_table_of(t->shape, base)) >= TABLE_MANIFEST) {
        why_set(why, "%s is no file of crimes, victims, events or open crimes by its name", base);
        return E_USAGE;
    }
    snprintf(f->name, sizeof f->name, "%.127s", base);
    if ((e = rowfile_open(t->shape, f->table, path, &rows, why)))
        return e;
    while (!(e = rowfile_next(rows, cell, &row)) || err_action(e) == ERR_REJECT)
        f->rows++;
    rowfile_close(&rows);
    m->files++;
    return e == E_END ? E_OK : (*why = row, e);
}

static int by_table(const void *a, const void *b)
{
    const struct batch_file *x = a, *y = b;

    return (x->table > y->table) - (x->table < y->table);
}

static enum err try_files(struct trial *t, const char *const *paths, size_t count, struct why *why)
{
    static struct manifest m;
    bool has_manifest = false;
    enum err e;

    memset(&m, 0, sizeof m);
    for (size_t i = 0; i < count; i++) {
        const char *base = strrchr(paths[i], '/') ? strrchr(paths[i], '/') + 1 : paths[i];
        if (shape_table_of(t->shape, base) != TABLE_MANIFEST)
            continue;
        if ((e = manifest_read(t->shape, paths[i], &m, why)) || (e = manifest_check(t->shape, &m, t->o->dir, t->o->is_stopping, why))) {
            if (err_action(e) != ERR_REJECT && e != E_NOT_FOUND)
                return e;
            tell(t, NEWS_REFUSED, m.id, why->text);
        } else if ((e = try(t, &m, why))) {
            return e;
        }
        has_manifest = true;
        m.id = 0;
    }
    if (has_manifest)
        return E_OK;
    m.id = batch_state(t->batch)->last_batch + 1;
    m.from = INSTANT_MIN;
    m.to = instant_now();
    for (size_t i = 0; i < count; i++)
        if ((e = add_file(t, paths[i], &m, why)))
            return e;
    qsort(m.file, m.files, sizeof *m.file, by_table);
    return try(t, &m, why);
}

enum err connect_check(const struct connect_options *o, const char *const *paths, size_t count, struct why *why)
{
    struct trial t = { .o = o };
    struct shape *shape = NULL;
    struct manifest left;
    bool is_left;
    enum err e;

    if ((e = shape_open(o->map_path, &shape, why)) || (e = memory_open_over(o->data, &t.memory, why)))
        goto out;
    t.shape = shape;
    if ((e = batch_open(shape, t.memory, o->dir, AFTER_KEEP, false, true, &t.batch)) || (e = batch_resume(t.batch, &left, &is_left, why)))
        goto out;
    if (is_left) {
        why_set(why, "batch %llu is being taken in: run the feed to its end, then check", (unsigned long long)left.id);
        e = E_AGAIN;
        goto out;
    }
    e = count ? try_files(&t, paths, count, why) : try_folder(&t, why);
out:
    batch_close(&t.batch);
    memory_close(&t.memory);
    shape_close(&shape);
    return e;
}
