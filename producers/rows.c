#include "producers/rows.h"

#include <csv.h>
#include <stdlib.h>

enum { CELLS_MAX = 512, NO_COLUMN = UINT16_MAX };

/* A row as parsed: where its cells begin in `cell`, and what is wrong with it. */
struct parsed { uint32_t first, count; enum err err; const char *sentence; };

struct rows {
    struct csv_parser parser;
    bool parser_open, ended, has_header, hopeless;
    const struct mapping *mapping;
    const char *const *column;                      /* names the mapping reads */
    size_t columns;
    uint16_t place[CELLS_MAX];                      /* cell of the file to column of the mapping */
    size_t header_cells;
    char *bytes;                                    /* of the cells parsed from what was fed last */
    size_t used, cap;
    struct { uint32_t at, n; } *cell;
    size_t cells, cell_cap;
    struct parsed *row;
    size_t rows, row_cap, next;
    struct text out[MAPPING_COLUMNS_MAX];
    uint64_t number;
    size_t open_bytes;                              /* of the row that is being read */
    uint32_t open_first;
    bool skipping;                                  /* to the end of a line that cannot be read */
    bool failed;                                    /* out of memory */
};

static bool room(void **p, size_t size, size_t want, size_t *cap)
{
    size_t fresh = *cap ? *cap : 1024;
    void *q;

    if (want <= *cap)
        return true;
    while (fresh < want)
        fresh *= 2;
    if (!(q = realloc(*p, fresh * size)))
        return false;
    *p = q;
    *cap = fresh;
    return true;
}

static void on_cell(void *p, size_t n, void *ctx)
{
    struct rows *r = ctx;

    r->open_bytes += n + 1;
    if (r->failed || r->open_bytes > LINE_BYTES_MAX || r->cells - r->open_first >= CELLS_MAX)
        return;                                     /* the row is refused when it ends */
    if (!room((void **)&r->bytes, 1, r->used + n + 1, &r->cap) ||
        !room((void **)&r->cell, sizeof *r->cell, r->cells + 1, &r->cell_cap)) {
        r->failed = true;
        return;
    }
    if (n)
        memcpy(r->bytes + r->used, p, n);
    r->cell[r->cells].at = (uint32_t)r->used;
    r->cell[r->cells++].n = (uint32_t)n;
    r->used += n;
}

static void end_row(struct rows *r, enum err e, const char *sentence)
{
    if (!room((void **)&r->row, sizeof *r->row, r->rows + 1, &r->row_cap)) {
        r->failed = true;
        return;
    }
    r->row[r->rows++] = (struct parsed){ r->open_first, (uint32_t)r->cells - r->open_first, e, sentence };
    r->open_first = (uint32_t)r->cells;
    r->open_bytes = 0;
}

static void on_row(int last, void *ctx)
{
    struct rows *r = ctx;
    size_t cells = r->cells - r->open_first;

    (void)last;
    if (r->open_bytes > LINE_BYTES_MAX)
        end_row(r, E_TOO_LARGE, "row is longer than a row may be");
    else if (cells >= CELLS_MAX)
        end_row(r, E_TOO_LARGE, "row has more cells than a row may have");
    else
        end_row(r, E_OK, NULL);
}

static void open_parser(struct rows *r)
{
    if (r->parser_open)
        csv_free(&r->parser);
    csv_init(&r->parser, CSV_STRICT | CSV_STRICT_FINI | CSV_EMPTY_IS_NULL);
    csv_set_delim(&r->parser, (unsigned char)mapping_delimiter(r->mapping));
    csv_set_space_func(&r->parser, NULL);
    r->parser_open = true;
}

enum err rows_open(const struct mapping *m, struct rows **ret)
{
    struct rows *r = calloc(1, sizeof *r);

    if (!r)
        return E_MEMORY;
    r->mapping = m;
    r->columns = mapping_columns(m, &r->column);
    open_parser(r);
    *ret = r;
    return E_OK;
}

void rows_close(struct rows **pr)
{
    struct rows *r = *pr;

    if (!r)
        return;
    csv_free(&r->parser);
    free(r->bytes);
    free(r->cell);
    free(r->row);
    free(r);
    *pr = NULL;
}

/* Quotes that do not fit: what was read of the row is refused, reading goes on after the line. */
static void refuse_line(struct rows *r, const char *sentence)
{
    end_row(r, E_MALFORMED, sentence);
    open_parser(r);
    r->skipping = true;
}

/* What is left of the cells of a row that is cut by the end of a chunk moves to the front. */
static void make_room(struct rows *r)
{
    size_t from = r->open_first < r->cells ? r->cell[r->open_first].at : r->used;

    for (size_t i = r->open_first; i < r->cells; i++) {
        r->cell[i - r->open_first] = r->cell[i];
        r->cell[i - r->open_first].at -= (uint32_t)from;
    }
    if (r->used > from)
        memmove(r->bytes, r->bytes + from, r->used - from);
    r->used -= from;
    r->cells -= r->open_first;
    r->open_first = 0;
    r->rows = r->next = 0;
}

enum err rows_feed(struct rows *r, const char *p, size_t n)
{
    make_room(r);
    if (n == 0) {
        r->ended = true;
        if (!r->skipping && csv_fini(&r->parser, on_cell, on_row, r))
            end_row(r, E_MALFORMED, "the file ends inside a quoted cell");
        return r->failed ? E_MEMORY : E_OK;
    }
    while (n && !r->failed) {
        size_t done;
        if (r->skipping) {
            const char *end = memchr(p, '\n', n);
            done = end ? (size_t)(end - p) + 1 : n;
            r->skipping = !end;
        } else {
            done = csv_parse(&r->parser, p, n, on_cell, on_row, r);
            if (done < n) {
                if (csv_error(&r->parser) != CSV_EPARSE)
                    return E_MEMORY;
                refuse_line(r, "quotes in the row are not those of CSV");
            } else if (csv_get_buffer_size(&r->parser) > LINE_BYTES_MAX) {
                refuse_line(r, "row is longer than a row may be");
            }
        }
        p += done;
        n -= done;
    }
    return r->failed ? E_MEMORY : E_OK;
}

static struct text cell(const struct rows *r, const struct parsed *p, size_t i)
{
    struct text t = { r->bytes + r->cell[p->first + i].at, r->cell[p->first + i].n };

    while (t.n && (t.p[t.n - 1] == ' ' || t.p[t.n - 1] == '\r' || t.p[t.n - 1] == '\t'))
        t.n--;
    while (t.n && (t.p[0] == ' ' || t.p[0] == '\t'))
        t.p++, t.n--;
    return t;
}

static enum err read_header(struct rows *r, const struct parsed *p, struct why *why)
{
    bool found[MAPPING_COLUMNS_MAX] = { false };

    for (size_t i = 0; i < p->count; i++) {
        struct text name = cell(r, p, i);
        if (i == 0 && name.n >= 3 && !memcmp(name.p, "\xef\xbb\xbf", 3))
            name.p += 3, name.n -= 3;               /* a byte order mark */
        r->place[i] = NO_COLUMN;
        for (size_t c = 0; c < r->columns; c++)
            if (!found[c] && text_same(name, text_of(r->column[c]))) {
                r->place[i] = (uint16_t)c;
                found[c] = true;
                break;
            }
    }
    r->header_cells = p->count;
    r->has_header = true;
    for (size_t c = 0; c < r->columns; c++)
        if (!found[c]) {
            why_set(why, "the header has no column '%s', which the mapping reads", r->column[c]);
            r->hopeless = true;
            return E_UNKNOWN;
        }
    return E_OK;
}

static enum err read_row(struct rows *r, const struct parsed *p, struct why *why)
{
    if (p->count != r->header_cells) {
        why_set(why, "row has %s cells than the header", p->count < r->header_cells ? "fewer" : "more");
        return E_MALFORMED;
    }
    for (size_t i = 0; i < p->count; i++) {
        struct text t = cell(r, p, i);
        if (r->place[i] != NO_COLUMN)
            r->out[r->place[i]] = t;
    }
    return E_OK;
}

enum err rows_next(struct rows *r, struct row *ret, struct why *why)
{
    while (r->next < r->rows && !r->hopeless) {
        const struct parsed *p = &r->row[r->next++];
        enum err e = p->err;
        r->number++;
        if (e)
            why_set(why, "%s", p->sentence);
        else if (!r->has_header)
            e = read_header(r, p, why);
        else if (p->count == 1 && cell(r, p, 0).n == 0)
            continue;                               /* an empty line */
        else if (!(e = read_row(r, p, why))) {
            *ret = (struct row){ r->out, r->number };
            return E_OK;
        }
        if (e)
            return e;
    }
    return r->ended || r->hopeless ? E_END : E_AGAIN;
}

uint64_t rows_number(const struct rows *r) { return r->number; }
