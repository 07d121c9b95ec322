#include "producers/connect/put_away.h"
#include "core/json.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static enum err make_folder(const char *path, struct why *why)
{
    if (!mkdir(path, 0770) || errno == EEXIST)
        return E_OK;
    why_set(why, "the folder %s cannot be made: %s", path, strerror(errno));
    return E_IO;
}

static enum err move_file(const char *dir, const char *to, const char *name, struct why *why)
{
    char from_path[4096], to_path[4096];

    if (snprintf(from_path, sizeof from_path, "%s/%s", dir, name) >= (int)sizeof from_path ||
        snprintf(to_path, sizeof to_path, "%s/%s", to, name) >= (int)sizeof to_path)
        return E_USAGE;
    if (!rename(from_path, to_path) || errno == ENOENT)
        return E_OK;
    why_set(why, "%s cannot be moved to %s: %s", name, to, strerror(errno));
    return E_IO;
}

enum err put_away_files(const char *dir, const char *folder, const char *name, const struct manifest *m, const char *manifest_name, struct why *why)
{
    char path[4096];
    enum err e;

    if (snprintf(path, sizeof path, "%s/%s", dir, folder) >= (int)sizeof path || (e = make_folder(path, why)) ||
        snprintf(path, sizeof path, "%s/%s/%s", dir, folder, name) >= (int)sizeof path || (e = make_folder(path, why)))
        return E_IO;
    for (size_t i = 0; m && i < m->files; i++)
        if ((e = move_file(dir, path, m->file[i].name, why)))
            return e;
    return manifest_name ? move_file(dir, path, manifest_name, why) : E_OK;
}

void put_away_for_good(const char *dir, const struct manifest *m)
{
    char path[4096];

    for (size_t i = 0; i <= m->files; i++)
        if (snprintf(path, sizeof path, "%s/%s", dir, i < m->files ? m->file[i].name : m->name) < (int)sizeof path)
            unlink(path);
}

static enum err write_line(void *ctx, struct bytes key, struct bytes line)
{
    (void)key;
    return fwrite(line.p, 1, line.n, ctx) == line.n ? E_OK : E_IO;
}

/* Under another name, synced, renamed: whoever sees it sees it whole. */
static enum err write_file(const char *path, enum err (*write)(const struct taken *t, FILE *f), const struct taken *t, struct why *why)
{
    char fresh[4100];
    FILE *f;
    enum err e;

    snprintf(fresh, sizeof fresh, "%s.tmp", path);
    unlink(fresh);                                  /* others write into the folder: what lies there is not written through */
    if (!(f = fopen(fresh, "wxe"))) {
        why_set(why, "%s cannot be written: %s", fresh, strerror(errno));
        return E_IO;
    }
    e = write(t, f);
    if (fflush(f) || fsync(fileno(f)))
        e = E_IO;
    if (fclose(f))
        e = E_IO;
    if (!e && rename(fresh, path))
        e = E_IO;
    if (e)
        why_set(why, "%s cannot be written: %s", path, strerror(errno));
    return e;
}

static enum err write_rejects(const struct taken *t, FILE *f)
{
    fputs("file,row,column,value,reason,hold\r\n", f);
    return memory_each_reject(t->memory, write_line, f);
}

static enum err write_summary(const struct taken *t, FILE *f)
{
    struct json_out o;
    struct text line;
    enum err e;

    json_out_init(&o);
    batch_summary_json(t->summary, t->source, &o);
    if (!(e = json_out_done(&o, &line)) && fwrite(line.p, 1, line.n, f) != line.n)
        e = E_IO;
    json_out_fini(&o);
    return e;
}

enum err put_away_taken(const struct taken *t, struct why *why)
{
    char folder[4096], path[4096], name[32];
    bool keeps = t->after == AFTER_KEEP;
    enum err e;

    snprintf(name, sizeof name, "%06llu", (unsigned long long)t->manifest->id);
    if (!keeps && (e = put_away_files(t->dir, "archive", name, t->after == AFTER_ARCHIVE ? t->manifest : NULL,
                                      t->after == AFTER_ARCHIVE ? t->manifest->name : NULL, why)))
        return e;
    if (snprintf(folder, sizeof folder, keeps ? "%s" : "%s/archive/%s", t->dir, name) >= (int)sizeof folder)
        return E_USAGE;
    if (t->summary->counts.rejected && (snprintf(path, sizeof path, "%s/rejects_%s.csv", folder, name) >= (int)sizeof path ||
                                         (e = write_file(path, write_rejects, t, why))))
        return E_IO;
    if (snprintf(path, sizeof path, "%s/summary_%s.json", folder, name) >= (int)sizeof path || (e = write_file(path, write_summary, t, why)))
        return E_IO;
    if (t->after == AFTER_DELETE)
        put_away_for_good(t->dir, t->manifest);
    return E_OK;
}
