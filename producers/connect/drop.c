#include "producers/connect/drop.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { NAMES_MAX = 20000, SWEEP_MS = 10000 };

struct name { char text[FILE_NAME_MAX]; uint64_t id; unsigned named; };  /* named: by so many manifests */
struct names { struct name *name; size_t count, cap; };

struct drop {
    const struct shape *shape;
    char dir[2048];
    int64_t patience_s;
    bool (*is_stopping)(void);
    int notify;
    bool looked;                                    /* manifests and others are as the folder is, and not used up */
    struct mono last_look;
    uint64_t looks;
    struct names manifests, others;                 /* to be found yet; files of the other tables */
    size_t next_manifest, next_other;
};

enum err drop_open(const struct shape *x, const char *dir, int64_t patience_s, bool (*is_stopping)(void), struct drop **ret, struct why *why)
{
    struct drop *d = calloc(1, sizeof *d);
    struct stat st;

    if (!d)
        return E_MEMORY;
    d->notify = -1;
    if (stat(dir, &st) || !S_ISDIR(st.st_mode) || strlen(dir) >= sizeof d->dir) {
        why_set(why, "%s is not a folder; make it, and let the extract's job drop its files there", dir);
        free(d);
        return E_USAGE;
    }
    d->shape = x;
    d->patience_s = patience_s;
    d->is_stopping = is_stopping;
    snprintf(d->dir, sizeof d->dir, "%s", dir);
    /* Without it the folder is only looked over now and then: some file systems tell nothing. */
    if ((d->notify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) >= 0)
        (void)inotify_add_watch(d->notify, dir, IN_CLOSE_WRITE | IN_MOVED_TO);
    *ret = d;
    return E_OK;
}

void drop_close(struct drop **pd)
{
    struct drop *d = *pd;

    if (!d)
        return;
    if (d->notify >= 0)
        close(d->notify);
    free(d->manifests.name);
    free(d->others.name);
    free(d);
    *pd = NULL;
}

/* What the kernel said is not read for names: it says that it is time to look. */
static bool is_told(struct drop *d)
{
    char events[4096] __attribute__((aligned(8)));
    bool told = false;

    while (d->notify >= 0 && read(d->notify, events, sizeof events) > 0)
        told = true;
    return told;
}

uint64_t drop_looks(const struct drop *d) { return d->looks; }

void drop_wait(struct drop *d, int wait_ms)
{
    struct pollfd p = { .fd = d->notify, .events = POLLIN };

    poll(&p, d->notify >= 0, wait_ms);
}

/* ---- looking ---------------------------------------------------------------------- */

static bool ends_in(const char *name, const char *end)
{
    size_t n = strlen(name), m = strlen(end);

    return n >= m && !strcmp(name + n - m, end);
}

static enum err add_name(struct names *n, const char *text)
{
    if (n->count == NAMES_MAX)
        return E_OK;                                /* the rest is found when these are gone */
    if (n->count == n->cap) {
        size_t cap = n->cap ? 2 * n->cap : 64;
        struct name *p = realloc(n->name, cap * sizeof *p);
        if (!p)
            return E_MEMORY;
        n->name = p;
        n->cap = cap;
    }
    n->name[n->count] = (struct name){ .id = UINT64_MAX };
    snprintf(n->name[n->count++].text, FILE_NAME_MAX, "%.127s", text);
    return E_OK;
}

static int by_id(const void *a, const void *b)
{
    const struct name *x = a, *y = b;

    return x->id != y->id ? (x->id > y->id) - (x->id < y->id) : strcmp(x->text, y->text);
}

static int by_text(const void *a, const void *b) { return strcmp(((const struct name *)a)->text, ((const struct name *)b)->text); }

static bool path_of(const struct drop *d, const char *name, char path[4096]) { return snprintf(path, 4096, "%s/%s", d->dir, name) < 4096; }

static struct name *other(struct drop *d, const char *text)
{
    struct name key;

    snprintf(key.text, sizeof key.text, "%s", text);
    return d->others.count ? bsearch(&key, d->others.name, d->others.count, sizeof key, by_text) : NULL;
}

/* Files that a manifest names belong to it, whatever becomes of it ... */
static void claim(struct drop *d, const struct manifest *m)
{
    struct name *found;

    for (size_t i = 0; i < m->files; i++)
        if ((found = other(d, m->file[i].name)))
            found->named++;
}

/* ... unless another names them, too: what is put away without being taken in goes without them. */
static void leave_shared(struct drop *d, struct manifest *m)
{
    size_t kept = 0;

    for (size_t i = 0; i < m->files; i++) {
        struct name *found = other(d, m->file[i].name);
        if (!found || found->named < 2)
            m->file[kept++] = m->file[i];
    }
    m->files = kept;
}

static enum err look(struct drop *d, struct why *why)
{
    static struct manifest m;
    char path[4096];
    struct dirent *entry;
    DIR *dir = opendir(d->dir);
    enum err e = E_OK;

    if (!dir) {
        why_set(why, "%s cannot be read: %s", d->dir, strerror(errno));
        return E_IO;
    }
    d->manifests.count = d->others.count = d->next_manifest = d->next_other = 0;
    while (!e && (entry = readdir(dir))) {
        enum extract_table t;
        struct stat st;
        if (entry->d_name[0] == '.' || strlen(entry->d_name) >= FILE_NAME_MAX || ends_in(entry->d_name, ".tmp") || ends_in(entry->d_name, ".part") ||
            (t = shape_table_of(d->shape, entry->d_name)) == TABLES || !path_of(d, entry->d_name, path) || lstat(path, &st) || !S_ISREG(st.st_mode))
            continue;
        e = add_name(t == TABLE_MANIFEST ? &d->manifests : &d->others, entry->d_name);
    }
    closedir(dir);
    if (e)
        return e;
    if (d->others.count)
        qsort(d->others.name, d->others.count, sizeof *d->others.name, by_text);
    for (size_t i = 0; i < d->manifests.count; i++)
        if (path_of(d, d->manifests.name[i].text, path) && !manifest_read(d->shape, path, &m, NULL)) {
            d->manifests.name[i].id = m.id;
            claim(d, &m);
        }
    if (d->manifests.count)
        qsort(d->manifests.name, d->manifests.count, sizeof *d->manifests.name, by_id);
    d->looked = true;
    d->looks++;
    d->last_look = mono_now();
    return E_OK;
}

/* ---- deciding ----------------------------------------------------------------------- */

/* Has nothing of it changed for as long as is waited? */
static bool is_past_patience(const struct drop *d, const char *manifest_name, const struct manifest *m)
{
    int64_t latest = 0;
    char path[4096];
    struct stat st;

    if (manifest_name && path_of(d, manifest_name, path) && !stat(path, &st))
        latest = st.st_mtim.tv_sec;
    for (size_t i = 0; m && i < m->files; i++)
        if (path_of(d, m->file[i].name, path) && !stat(path, &st) && st.st_mtim.tv_sec > latest)
            latest = st.st_mtim.tv_sec;
    return instant_now().s - latest >= d->patience_s;
}

static enum err decide(struct drop *d, struct batch *b, const char *name, struct manifest *ret, enum found *ret_found, uint64_t *ret_gap, struct why *why)
{
    uint64_t last = batch_state(b)->last_batch;
    struct batch_record known;
    char path[4096];
    enum err e;

    if (!path_of(d, name, path))
        return E_USAGE;
    *ret_found = FOUND_BAD;
    if ((e = manifest_read(d->shape, path, ret, why))) {
        if (e == E_NOT_FOUND)
            return *ret_found = FOUND_NOTHING, E_OK;
        memset(ret, 0, sizeof *ret);
        snprintf(ret->name, sizeof ret->name, "%s", name);
        if (!is_past_patience(d, name, NULL))
            *ret_found = FOUND_WAITING;
        return err_action(e) == ERR_REJECT || e == E_IO ? E_OK : e;
    }
    if (!(e = batch_known(b, ret->id, &known))) {
        if (!memcmp(known.sha256, ret->sha256, SHA256_BYTES))
            return *ret_found = FOUND_AGAIN, leave_shared(d, ret), E_OK;
        why_set(why, "batch %llu was taken before with other content; what is corrected comes in a batch with a new number", (unsigned long long)ret->id);
        leave_shared(d, ret);
        return E_OK;
    }
    if (e != E_NOT_FOUND)
        return e;
    if ((e = manifest_check(d->shape, ret, d->dir, d->is_stopping, why))) {
        if (e == E_AGAIN)
            return *ret_found = FOUND_NOTHING, E_OK;
        if (err_action(e) != ERR_REJECT && e != E_NOT_FOUND)
            return e;
        *ret_found = is_past_patience(d, name, ret) ? FOUND_BAD : FOUND_WAITING;
        if (*ret_found == FOUND_BAD)
            leave_shared(d, ret);
        return E_OK;
    }
    *ret_gap = last && ret->id > last + 1 ? last + 1 : 0;
    if (*ret_gap && !is_past_patience(d, name, ret)) {
        *ret_found = FOUND_WAITING;
        why_set(why, "batch %llu is here, but %llu has not come", (unsigned long long)ret->id, (unsigned long long)*ret_gap);
        return E_OK;
    }
    *ret_found = FOUND_BATCH;
    return E_OK;
}

/* A file that no manifest ever named. */
static enum found decide_other(struct drop *d, const char *name, struct manifest *ret, struct why *why)
{
    memset(ret, 0, sizeof *ret);
    snprintf(ret->name, sizeof ret->name, "%s", name);
    why_set(why, "no manifest names %s", name);
    return is_past_patience(d, name, NULL) ? FOUND_BAD : FOUND_WAITING;
}

enum err drop_next(struct drop *d, struct batch *b, struct manifest *ret, enum found *ret_found, uint64_t *ret_gap, struct why *why)
{
    enum err e;

    *ret_found = FOUND_NOTHING;
    *ret_gap = 0;
    if (is_told(d) || (d->looked && mono_ms_since(d->last_look) > SWEEP_MS))
        d->looked = false;
    if (!d->looked && (e = look(d, why)))
        return e;
    while (*ret_found == FOUND_NOTHING && d->next_manifest < d->manifests.count)
        if ((e = decide(d, b, d->manifests.name[d->next_manifest++].text, ret, ret_found, ret_gap, why)))
            return e;
    while (*ret_found == FOUND_NOTHING && d->next_other < d->others.count) {
        const struct name *file = &d->others.name[d->next_other++];
        char path[4096];
        if (!file->named && path_of(d, file->text, path) && !access(path, F_OK))
            *ret_found = decide_other(d, file->text, ret, why);
    }
    return E_OK;
}
