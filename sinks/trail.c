/* trail.c: every notice as a line of NDJSON, appended and synced.
 *
 * The cursor is a small file beside it. Killed between the two, the trail is ahead of
 * its cursor: the last line's version says what it has, and what comes again is
 * passed over. A line cut short by the kill is removed. */
#include "core/crash.h"
#include "sinks/trail.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct trail {
    int fd;
    uint64_t version;               /* of the last line that is there */
    struct json_out out;
    char cursor[4096];
};

static uint64_t version_of(const char *line, size_t n)
{
    struct json *j;
    int64_t version = 0;

    if (json_parse(line, n, &j, NULL))
        return 0;
    if (!json_number(json_get(j, "version"), &version))
        version = 0;
    json_free(&j);
    return (uint64_t)version;
}

/* Cuts what follows the last newline, and finds the version of the line before it. */
static enum err mend(struct trail *t)
{
    char buf[64 * 1024];
    struct stat st;
    off_t from;
    ssize_t n, end, begin;

    if (fstat(t->fd, &st))
        return E_IO;
    from = st.st_size > (off_t)sizeof buf ? st.st_size - (off_t)sizeof buf : 0;
    n = pread(t->fd, buf, sizeof buf, from);
    if (n < 0)
        return E_IO;
    for (end = n; end > 0 && buf[end - 1] != '\n'; end--) {}
    if (end < n && ftruncate(t->fd, from + end))
        return E_IO;
    for (begin = end - 1; begin > 0 && buf[begin - 1] != '\n'; begin--) {}
    if (end > 0)
        t->version = version_of(buf + begin, (size_t)(end - 1 - begin));
    return E_OK;
}

static enum err trail_open(const char *path, void **ret_ctx, struct sink_cursor *ret_cursor, struct why *why)
{
    struct trail *t = calloc(1, sizeof *t);
    enum err e = E_IO;

    if (!t)
        return E_MEMORY;
    json_out_init(&t->out);
    t->fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (t->fd < 0) {
        why_set(why, "%s cannot be opened: %s", path, strerror(errno));
        goto fail;
    }
    if (snprintf(t->cursor, sizeof t->cursor, "%s.cursor", path) >= (int)sizeof t->cursor)
        goto fail;
    if ((e = mend(t)) || (e = sink_cursor_load(t->cursor, ret_cursor))) {
        why_set(why, "%s or its cursor cannot be read: %s", path, err_text(e));
        goto fail;
    }
    *ret_ctx = t;
    return E_OK;
fail:
    if (t->fd >= 0)
        close(t->fd);
    free(t);
    return e;
}

static enum err trail_write(void *ctx, const struct notice *n)
{
    struct trail *t = ctx;

    if (n->version <= t->version)
        return E_OK;
    notice_json(&t->out, n);
    json_out_newline(&t->out);
    t->version = n->version;
    return t->out.failed ? E_MEMORY : E_OK;
}

static enum err trail_commit(void *ctx, const struct sink_cursor *at)
{
    struct trail *t = ctx;
    struct text all;
    enum err e;

    if ((e = json_out_done(&t->out, &all)))
        return e;
    if (all.n) {
        for (uint32_t done = 0; done < all.n;) {
            ssize_t n = write(t->fd, all.p + done, all.n - done);
            if (n < 0 && errno == EINTR)
                continue;
            if (n < 0)
                return errno == ENOSPC ? E_FULL : E_IO;
            done += (uint32_t)n;
        }
        crash_point(CRASH_trail_after_write);
        if (fdatasync(t->fd))
            return E_IO;
        crash_point(CRASH_trail_after_sync);
        json_out_clear(&t->out);
    }
    return sink_cursor_save(t->cursor, at);
}

static void trail_close(void **ctx)
{
    struct trail *t = *ctx;

    if (!t)
        return;
    json_out_fini(&t->out);
    close(t->fd);
    free(t);
    *ctx = NULL;
}

/* ---- at rest ------------------------------------------------------------------- */

/* The line as it was, or as it is rendered now. A line that is no JSON is as it was: whoever put it there has to look. */
static enum err erase_line(const struct trail_erasing *r, const char *line, size_t n, struct json_out *out, uint64_t *lines)
{
    struct text crime = { 0 }, victim = { 0 };
    struct notice again;
    struct json *j = NULL;
    int64_t version = 0;
    enum err e = E_OK;

    json_out_clear(out);
    if (!json_parse(line, n, &j, NULL) && json_text(json_get(j, "crime_ref"), &crime) && json_text(json_get(j, "victim_ref"), &victim) &&
        json_number(json_get(j, "version"), &version) && r->names(r->ctx, crime, victim)) {
        if (!(e = r->again(r->ctx, (uint64_t)version, &again))) {
            notice_json(out, &again);
            json_out_newline(out);
            ++*lines;
        }
    } else {
        json_out_raw(out, (struct text){ line, (uint32_t)n });
    }
    json_free(&j);
    return e;
}

static enum err copy_lines(FILE *from, FILE *to, const struct trail_erasing *r, uint64_t *lines)
{
    struct json_out out;
    struct text all;
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;
    enum err e = E_OK;

    json_out_init(&out);
    while (!e && (n = getline(&line, &cap, from)) > 0)
        if (!(e = erase_line(r, line, (size_t)n, &out, lines)) && !(e = json_out_done(&out, &all)))
            e = fwrite(all.p, 1, all.n, to) == all.n ? E_OK : E_IO;
    free(line);
    json_out_fini(&out);
    return e ? e : ferror(from) || fflush(to) || fsync(fileno(to)) ? E_IO : E_OK;
}

enum err trail_erase(const char *path, const struct trail_erasing *r, uint64_t *ret_lines, struct why *why)
{
    char fresh[4096 + 8];
    FILE *from = fopen(path, "re"), *to = NULL;
    uint64_t lines = 0;
    enum err e = E_IO;

    *ret_lines = 0;
    if (!from && errno == ENOENT)
        return E_OK;
    if (!from || snprintf(fresh, sizeof fresh, "%s.new", path) >= (int)sizeof fresh || !(to = fopen(fresh, "we")) || fchmod(fileno(to), 0600))
        goto out;
    if ((e = copy_lines(from, to, r, &lines)))
        goto out;
    if (lines ? rename(fresh, path) : unlink(fresh))
        e = E_IO;
    *ret_lines = lines;
out:
    if (e)
        why_set(why, "%s cannot be written anew: %s", path, e == E_IO ? strerror(errno) : err_text(e));
    if (to)
        fclose(to);
    if (from)
        fclose(from);
    return e;
}

const struct sink trail_sink = {
    .name = "trail",
    .help = "every notice as a line of NDJSON, appended and synced",
    .open = trail_open,
    .write = trail_write,
    .commit = trail_commit,
    .close = trail_close,
};
