#include "producers/input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum { CHUNK = 256 * 1024 };

struct input {
    int fd;                                 /* of a pipe or terminal; -1 where gz reads */
    gzFile gz;                              /* reads plain files too */
    uint64_t total, read;
    bool is_cut;
};

enum err input_open(const char *path, struct input **ret, struct why *why)
{
    struct input *in = NULL;
    struct stat st;
    int fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : dup(STDIN_FILENO);

    if (fd < 0 || fstat(fd, &st)) {
        why_set(why, "%s cannot be read: %s", path, strerror(errno));
        goto fail;
    }
    if (S_ISDIR(st.st_mode)) {
        why_set(why, "%s is a folder; name a file in it", path);
        goto fail;
    }
    if (!(in = calloc(1, sizeof *in))) {
        close(fd);
        return E_MEMORY;
    }
    in->fd = -1;
    if (!S_ISREG(st.st_mode)) {
        in->fd = fd;
    } else if ((in->gz = gzdopen(fd, "rb"))) {
        in->total = (uint64_t)st.st_size;
        gzbuffer(in->gz, CHUNK);
    } else {
        close(fd);
        free(in);
        return E_MEMORY;
    }
    *ret = in;
    return E_OK;
fail:
    if (fd >= 0)
        close(fd);
    return E_USAGE;
}

static bool is_ready(int fd, int wait_ms)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };

    return poll(&p, 1, wait_ms) > 0;
}

static enum err read_pipe(struct input *in, int wait_ms, char *buf, size_t cap, size_t *ret_n, struct why *why)
{
    bool is_first = in->read == 0;
    ssize_t n;

    if (!is_ready(in->fd, wait_ms))
        return E_AGAIN;
    n = read(in->fd, buf, cap);
    if (n < 0 && errno == EINTR)
        return E_AGAIN;
    if (n < 0) {
        why_set(why, "reading failed: %s", strerror(errno));
        return E_IO;
    }
    if (n == 0)
        return E_END;
    if (is_first && n > 1 && !memcmp(buf, "\x1f\x8b", 2)) {
        why_set(why, "gzip through a pipe is not read: put zcat before it, or name the file");
        return E_USAGE;
    }
    in->read += (uint64_t)n;
    *ret_n = (size_t)n;
    return E_OK;
}

enum err input_read(struct input *in, int wait_ms, char *buf, size_t cap, size_t *ret_n, struct why *why)
{
    int n, code = Z_OK;

    if (!in->gz)
        return read_pipe(in, wait_ms, buf, cap, ret_n, why);
    n = gzread(in->gz, buf, (unsigned)cap);
    in->read = (uint64_t)gzoffset(in->gz);
    if (n > 0) {
        *ret_n = (size_t)n;
        return E_OK;
    }
    gzerror(in->gz, &code);
    if (code == Z_ERRNO) {
        why_set(why, "reading failed: %s", strerror(errno));
        return E_IO;
    }
    in->is_cut = n < 0 || !gzeof(in->gz) || code == Z_BUF_ERROR;    /* the end of the file came before the end of the data */
    return E_END;
}

bool input_is_file(const struct input *in) { return in->gz != NULL; }
bool input_is_cut(const struct input *in) { return in->is_cut; }
uint64_t input_bytes_read(const struct input *in) { return in->read; }
uint64_t input_bytes_total(const struct input *in) { return in->total; }

void input_close(struct input **pin)
{
    struct input *in = *pin;

    if (!in)
        return;
    if (in->gz)
        gzclose(in->gz);
    if (in->fd >= 0)
        close(in->fd);
    free(in);
    *pin = NULL;
}
