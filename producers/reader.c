#include "producers/reader.h"
#include "producers/input.h"
#include "producers/ndjson.h"
#include "producers/rows.h"

#include <stdlib.h>

enum { CHUNK = 256 * 1024 };
_Static_assert((int)CHUNK > (int)LINE_BYTES_MAX, "a line fits into the buffer");

struct reader {
    struct input *input;
    int wait_ms;
    bool ended, cut, cut_told;              /* cut: the gzip file ends or breaks before its end */
    char buf[CHUNK];
    size_t from, to;
    uint64_t line;
    bool skipping;                          /* to the end of a line that is too long */
    bool has_source;                        /* the line was read as far as to say whose it is */
    struct ndjson *ndjson;
    struct mapping *mapping;
    struct rows *rows;
    struct row row;
    size_t event, found;                    /* of the row: asked for next; there were so far */
    bool row_open;
    bool refs_known;                        /* the row was read as far as to say what it is about */
};

/* More bytes behind those that are there; E_END: there are none. */
static enum err fill(struct reader *r, struct why *why)
{
    size_t n;
    enum err e;

    if (r->ended)
        return E_END;
    memmove(r->buf, r->buf + r->from, r->to - r->from);
    r->to -= r->from;
    r->from = 0;
    if (!(e = input_read(r->input, r->wait_ms, r->buf + r->to, CHUNK - r->to, &n, why))) {
        r->to += n;
    } else if (e == E_END) {
        r->ended = true;
        r->cut = input_is_cut(r->input);
    }
    return e;
}

/* A file that the mapping was not made for is refused before anything of it is read. */
static enum err open_header(struct reader *r, const char *path, struct why *why)
{
    struct why wrong = { "" };
    enum err e;

    while ((e = rows_header(r->rows, &wrong)) == E_AGAIN) {
        if ((e = fill(r, why)) && e != E_END)
            return e;
        if ((e = rows_feed(r->rows, r->buf + r->from, r->to - r->from)))
            return e;
        r->from = r->to;
    }
    if (!e)
        return E_OK;
    why_set(why, "%s: %s", path, r->cut ? "the gzip file is damaged from its beginning" : wrong.text);
    return E_USAGE;
}

enum err reader_open(const char *path, struct mapping *mapping, struct reader **ret, struct why *why)
{
    struct reader *r = calloc(1, sizeof *r);
    struct rows_form form = { 0 };
    enum err e;

    if (!r)
        return E_MEMORY;
    if (mapping) {
        form.columns = mapping_columns(mapping, &form.column);
        form.delimiter = mapping_delimiter(mapping);
    }
    r->wait_ms = READER_WAIT_MS;
    r->mapping = mapping;
    if ((e = input_open(path, &r->input, why)) || (e = mapping ? rows_open(form, &r->rows) : ndjson_open(&r->ndjson)) ||
        (r->rows && input_is_file(r->input) && (e = open_header(r, path, why)))) {
        reader_close(&r);
        return e;
    }
    *ret = r;
    return E_OK;
}

/* A file that breaks off is told once, as a line of its own that cannot be read. */
static enum err end(struct reader *r, struct why *why)
{
    if (!r->cut || r->cut_told)
        return E_END;
    r->cut_told = true;
    why_set(why, "the gzip file breaks off or is damaged: what follows is not there");
    return E_MALFORMED;
}

/* ---- lines ------------------------------------------------------------------ */

/* A line that is too long is told once, as soon as that is known, and passed over to its end. */
static enum err next_line(struct reader *r, struct text *ret, struct why *why)
{
    for (;;) {
        char *p = r->buf + r->from, *newline = memchr(p, '\n', r->to - r->from);
        size_t n = newline ? (size_t)(newline - p) : r->to - r->from;
        bool is_whole = newline || (r->ended && n && !r->cut), is_told = r->skipping;
        enum err e;
        if (is_whole || n > LINE_BYTES_MAX) {
            r->from += n + (newline != NULL);
            r->skipping = !is_whole;
            r->line += !is_told;
            if (is_told)
                continue;
            if (n > LINE_BYTES_MAX) {
                why_set(why, "line is longer than a line may be");
                return E_TOO_LARGE;
            }
            *ret = (struct text){ p, (uint32_t)(n && p[n - 1] == '\r' ? n - 1 : n) };
            return E_OK;
        }
        if (r->ended) {
            r->line += r->cut && !r->cut_told && !is_told;
            return end(r, why);
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
        r->has_source = false;
        if ((e = next_line(r, &line, why)))
            return e;
        if (r->line == 1 && line.n >= 3 && !memcmp(line.p, "\xef\xbb\xbf", 3))
            line.p += 3, line.n -= 3;       /* a byte order mark */
    } while (line.n == 0);
    r->has_source = true;
    return ndjson_read(r->ndjson, line, ret, why);
}

/* ---- rows ------------------------------------------------------------------- */

static enum err next_row(struct reader *r, struct why *why)
{
    enum err e;

    while ((e = rows_next(r->rows, &r->row, why)) == E_AGAIN) {
        if ((e = fill(r, why)) && e != E_END)
            return e;
        if (r->cut)
            return end(r, why);             /* half a row is none, even where it looks whole */
        if ((e = rows_feed(r->rows, r->buf + r->from, r->to - r->from)))
            return e;
        r->from = r->to;
    }
    if (e)
        return e == E_END ? end(r, why) : e;
    r->event = r->found = 0;
    r->row_open = true;
    if ((e = mapping_row(r->mapping, &r->row, why)))
        r->row_open = false;
    return e;
}

static enum err next_event(struct reader *r, struct item *ret, struct why *why)
{
    enum err e;

    r->refs_known = false;
    for (;;) {
        if (!r->row_open && (e = next_row(r, why)))
            return e;
        if (r->event == mapping_events(r->mapping)) {
            r->row_open = false;
            if (r->found || (e = mapping_unmatched(r->mapping, why)) == E_OK)
                continue;
            return e;
        }
        e = mapping_event(r->mapping, &r->row, r->event++, ret, why);
        r->refs_known = e && e != E_NOT_FOUND;
        if (e == E_NOT_FOUND)
            continue;
        r->found++;
        r->row_open = e == E_OK;
        return e;
    }
}

enum err reader_next(struct reader *r, struct item *ret, struct why *why)
{
    return r->mapping ? next_event(r, ret, why) : next_object(r, ret, why);
}

void reader_wait(struct reader *r, int wait_ms) { r->wait_ms = wait_ms; }

uint64_t reader_position(const struct reader *r) { return r->rows ? rows_number(r->rows) : r->line; }

struct text reader_source(const struct reader *r)
{
    if (r->mapping)
        return text_of(mapping_source(r->mapping));
    return r->has_source ? ndjson_source(r->ndjson) : (struct text){ 0 };
}

struct item_refs reader_refs(const struct reader *r)
{
    if (r->mapping)
        return r->refs_known ? mapping_refs(r->mapping) : (struct item_refs){ .event_id = { 0 } };
    return r->has_source ? ndjson_refs(r->ndjson) : (struct item_refs){ .event_id = { 0 } };
}

uint64_t reader_bytes_read(const struct reader *r) { return input_bytes_read(r->input); }
uint64_t reader_bytes_total(const struct reader *r) { return input_bytes_total(r->input); }
void reader_close(struct reader **pr)
{
    struct reader *r = *pr;

    if (!r)
        return;
    input_close(&r->input);
    ndjson_close(&r->ndjson);
    rows_close(&r->rows);
    free(r);
    *pr = NULL;
}
