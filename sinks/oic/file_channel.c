/* file_channel.c: each message as a line of NDJSON, appended and synced: for programs that follow a file.
 *
 * A line is there once, but for a kill between writing it and recording that: then it comes again with the same
 * "id". A line that the kill cut short is removed. */
#include "sinks/oic/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

struct file { char *path; int fd; };

static const char *const keys[] = { "type", "path" };

static void file_close(void **ctx)
{
    struct file *f = *ctx;

    if (f->fd >= 0)
        close(f->fd);
    free(f->path);
    free(f);
    *ctx = NULL;
}

static enum err file_open(const struct yaml *y, const struct yaml_node *config, void **ret_ctx, struct why *why)
{
    struct file *f = calloc(1, sizeof *f);
    enum err e;

    if (!f)
        return E_MEMORY;
    f->fd = -1;
    *ret_ctx = f;
    if ((e = yaml_refuse_others(y, config, keys, sizeof keys / sizeof *keys, why)) ||
        (e = channel_path(y, config, "path", true, &f->path, why)))
        file_close(ret_ctx);
    return e;
}

/* Cuts what follows the last newline. */
static int mend(int fd)
{
    char buf[64 * 1024];
    struct stat st;
    off_t end;

    if (fstat(fd, &st))
        return -1;
    for (end = st.st_size; end > 0;) {
        size_t n = end < (off_t)sizeof buf ? (size_t)end : sizeof buf;
        ssize_t got = pread(fd, buf, n, end - (off_t)n);
        if (got != (ssize_t)n)
            return -1;
        while (n > 0 && buf[n - 1] != '\n')
            n--, end--;
        if (n > 0)
            break;
    }
    return end < st.st_size ? ftruncate(fd, end) : 0;
}

static enum delivery failed(struct file *f, struct why *why)
{
    why_set(why, "%s cannot be written to: %s", f->path, strerror(errno));
    if (f->fd >= 0)
        close(f->fd);
    f->fd = -1;
    return DELIVERY_DOWN;
}

static enum delivery file_send(void *ctx, const struct message *m, const struct rendered *r, struct why *why)
{
    struct file *f = ctx;
    struct iovec part[2] = { { (void *)r->json.p, r->json.n }, { (void *)"\n", 1 } };
    struct stat now, then;

    (void)m;
    /* The file may have been moved away to be rotated: then a new one is begun. */
    if (f->fd >= 0 && (stat(f->path, &now) || fstat(f->fd, &then) || now.st_ino != then.st_ino || now.st_dev != then.st_dev)) {
        close(f->fd);
        f->fd = -1;
    }
    if (f->fd < 0) {
        f->fd = open(f->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (f->fd < 0 || mend(f->fd))
            return failed(f, why);
    }
    /* What is written in part is cut off when the file is opened again. */
    if (writev(f->fd, part, 2) != (ssize_t)(part[0].iov_len + 1) || fdatasync(f->fd))
        return failed(f, why);
    why_set(why, "appended and synced");
    return DELIVERED;
}

const struct channel file_channel = {
    .name = "file",
    .help = "a line of NDJSON, appended and synced",
    .open = file_open,
    .send = file_send,
    .close = file_close,
};
