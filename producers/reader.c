#include "producers/reader.h"
#include "producers/ndjson.h"
#include "producers/rows.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum { CHUNK = 256 * 1024 };
_Static_assert((int)CHUNK > (int)LINE_BYTES_MAX, "a line fits into the buffer");

struct reader {
    int fd;                                 /* of a pipe or terminal; -1 where gz reads */
    gzFile gz;
    uint64_t bytes_total, bytes_read;
    bool ended, cut;                        /* cut: the gzip file ends or breaks before its end */
    char buf[CHUNK];
    size_t from, to;
    uint64_t line;
    bool skipping;                          /* to the end of a line that is too long */
    struct ndjson *ndjson;
    struct mapping *mapping;
    struct rows *rows;
    struct row row;
    size_t event;                           /* of the row, asked for next */
    bool row_open;
};

static enum err open_file(struct reader *r, const char *path, struct why *why)
{
    struct stat st;
    int fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : dup(STDIN_FILENO);

    if (fd < 0 || fstat(fd, &st)) {
        why_set(why, "%s cannot be read: %s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return E_USAGE;
    }
    if (S_ISDIR(st.st_mode)) {
        why_set(why, "%s is a folder; name a file in it", path);
        close(fd);
        return E_USAGE;
    }
    if (!S_ISREG(st.st_mode)) {
        r->fd = fd;
        return E_OK;
    }
    r->bytes_total = (uint64_t)st.st_size;
    if (!(r->gz = gzdopen(fd, "rb"))) {
        close(fd);
        return E_MEMORY;
    }
    gzbuffer(r->gz, CHUNK);
    return E_OK;
}

enum err reader_open(const char *path, struct mapping *mapping, struct reader **ret, struct why *why)
{
    struct reader *r = calloc(1, sizeof *r);
    enum err e;

    if (!r)
        return E_MEMORY;
    r->fd = -1;
    r->mapping = mapping;
    if ((e = open_file(r, path, why)) || (e = mapping ? rows_open(mapping, &r->rows) : ndjson_open(&r->ndjson))) {
        reader_close(&r);
        return e;
    }
    *ret = r;
    return E_OK;
}

static bool is_ready(int fd)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };

    return poll(&p, 1, READER_WAIT_MS) > 0;
}

/* More bytes behind those that are there; E_END: there are none. */
static enum err fill(struct reader *r, struct why *why)
{
    ssize_t n;

    if (r->ended)
        return E_END;
    memmove(r->buf, r->buf + r->from, r->to - r->from);
    r->to -= r->from;
    r->from = 0;
    if (r->gz) {
        n = gzread(r->gz, r->buf + r->to, (unsigned)(CHUNK - r->to));
        r->bytes_read = (uint64_t)gzoffset(r->gz);
    } else {
        if (!is_ready(r->fd))
            return E_AGAIN;
        n = read(r->fd, r->buf + r->to, CHUNK - r->to);
        if (n < 0 && errno == EINTR)
            return E_AGAIN;
        r->bytes_read += n > 0 ? (uint64_t)n : 0;
    }
    if (n < 0 || (n == 0 && r->gz && !gzeof(r->gz))) {
        int code = Z_ERRNO;
        if (r->gz)
            gzerror(r->gz, &code);
        if (code == Z_ERRNO) {
            why_set(why, "reading failed: %s", strerror(errno));
            return E_IO;
        }
        r->cut = true;
    } else if (n == 0 && r->gz) {
        int code;
        gzerror(r->gz, &code);
        r->cut = code == Z_BUF_ERROR;       /* the end of the file came before the end of the data */
    }
    if (n <= 0) {
        r->ended = true;
        return E_END;
    }
    r->to += (size_t)n;
    return E_OK;
}

/* A file that breaks off is told once, as a line of its own that cannot be read. */
static enum err end(struct reader *r, struct why *why)
{
    if (!r->cut)
        return E_END;
    r->cut = false;
    why_set(why, "the gzip file breaks off or is damaged: what follows is not there");
    return E_MALFORMED;
}

/* ---- lines ------------------------------------------------------------------ */

static enum err next_line(struct reader *r, struct text *ret, struct why *why)
{
    for (;;) {
        char *p = r->buf + r->from, *newline = memchr(p, '\n', r->to - r->from);
        size_t n = newline ? (size_t)(newline - p) : r->to - r->from;
        enum err e;
        if (newline || (r->ended && n)) {
            bool skipped = r->skipping;
            r->from += n + (newline != NULL);
            r->skipping = false;
            r->line += !skipped;
            if (skipped)
                continue;
            if (n > LINE_BYTES_MAX) {
                why_set(why, "line is longer than a line may be");
                return E_TOO_LARGE;
            }
            *ret = (struct text){ p, (uint32_t)(n && p[n - 1] == '\r' ? n - 1 : n) };
            return E_OK;
        }
        if (r->ended)
            return end(r, why);
        if (n > LINE_BYTES_MAX) {           /* say so once, pass over the rest of it */
            bool said = r->skipping;
            r->from = r->to;
            r->skipping = true;
            if (!said) {
                r->line++;
                why_set(why, "line is longer than a line may be");
                return E_TOO_LARGE;
            }
        }
        if ((e = fill(r, why)) && e != E_END)
            return e;
    }
}

static enum err next_object(struct reader *r, struct item *ret, struct why *why)
{
    struct text line;
    enum err e;

    do {
        if ((e = next_line(r, &line, why)))
            return e;
    } while (line.n == 0);
    return ndjson_read(r->ndjson, line, ret, why);
}

/* ---- rows ------------------------------------------------------------------- */

static enum err next_row(struct reader *r, struct why *why)
{
    enum err e;

    while ((e = rows_next(r->rows, &r->row, why)) == E_AGAIN) {
        if ((e = fill(r, why)) && e != E_END)
            return e;
        if ((e = rows_feed(r->rows, r->buf + r->from, r->to - r->from)))
            return e;
        r->from = r->to;
    }
    if (e)
        return e == E_END ? end(r, why) : e;
    r->event = 0;
    r->row_open = true;
    if ((e = mapping_row(r->mapping, &r->row, why)))
        r->row_open = false;
    return e;
}

static enum err next_event(struct reader *r, struct item *ret, struct why *why)
{
    enum err e;

    for (;;) {
        if (!r->row_open && (e = next_row(r, why)))
            return e;
        if (r->event == mapping_events(r->mapping)) {
            r->row_open = false;
            continue;
        }
        e = mapping_event(r->mapping, &r->row, r->event++, ret, why);
        if (e == E_NOT_FOUND)
            continue;
        if (e)
            r->row_open = false;
        return e;
    }
}

enum err reader_next(struct reader *r, struct item *ret, struct why *why)
{
    return r->mapping ? next_event(r, ret, why) : next_object(r, ret, why);
}

uint64_t reader_position(const struct reader *r) { return r->rows ? rows_number(r->rows) : r->line; }

struct text reader_source(const struct reader *r)
{
    return r->mapping ? text_of(mapping_source(r->mapping)) : ndjson_source(r->ndjson);
}

uint64_t reader_bytes_read(const struct reader *r) { return r->bytes_read; }
uint64_t reader_bytes_total(const struct reader *r) { return r->bytes_total; }
void reader_close(struct reader **pr)
{
    struct reader *r = *pr;

    if (!r)
        return;
    if (r->gz)
        gzclose(r->gz);
    if (r->fd >= 0)
        close(r->fd);
    ndjson_close(&r->ndjson);
    rows_close(&r->rows);
    free(r);
    *pr = NULL;
}
