/* trail.c: every notice as a line of NDJSON, appended and synced.
 *
 * The cursor is a small file beside it. Killed between the two, the trail is ahead of
 * its cursor: the last line's version says what it has, and what comes again is
 * passed over. A line cut short by the kill is removed. */
#include "core/crash.h"
#include "sinks/sink.h"

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

const struct sink trail_sink = {
    .name = "trail",
    .help = "every notice as a line of NDJSON, appended and synced",
    .open = trail_open,
    .write = trail_write,
    .commit = trail_commit,
    .close = trail_close,
};
