#include "producers/rows.h"
#include "core/cells.h"

#include <assert.h>
#include <stdlib.h>

enum { CELLS_MAX = 512, NO_COLUMN = UINT16_MAX };

/* A row as parsed: where its cells begin in `cell`, and what is wrong with it. */
struct parsed { uint32_t first, count; enum err err; const char *sentence; };

struct rows {
    struct cells *parser;
    bool ended, has_header, hopeless;
    struct rows_form form;
    bool found[MAPPING_COLUMNS_MAX];                /* columns the header has */
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
    size_t open_bytes;                              /* of the cells of the row that is being read */
    uint32_t open_first;
    char *held;                                     /* the lines before this one, when a row goes over several */
    size_t held_used, held_cap;
    bool skipping;                                  /* to the end of a line that cannot be read */
    bool failed;                                    /* out of memory */
};

/* p with room for `want` members; as it was, and *failed, when there is no memory. */
static void *grown(void *p, size_t size, size_t want, size_t *cap, bool *failed)
{
    size_t fresh = *cap ? *cap : 1024;
    void *q;

    if (want <= *cap)
        return p;
    while (fresh < want)
        fresh *= 2;
    if (!(q = realloc(p, fresh * size))) {
        *failed = true;
        return p;
    }
    *cap = fresh;
    return q;
}

static void on_cell(void *ctx, struct text cell)
{
    struct rows *r = ctx;
    size_t n = cell.n;

    r->open_bytes += n + 1;
    if (r->open_bytes > LINE_BYTES_MAX || r->cells - r->open_first >= CELLS_MAX)
        return;                                     /* the row is refused when it ends */
    r->bytes = grown(r->bytes, 1, r->used + n + 1, &r->cap, &r->failed);
    r->cell = grown(r->cell, sizeof *r->cell, r->cells + 1, &r->cell_cap, &r->failed);
    if (r->failed)
        return;
    if (n)
        memcpy(r->bytes + r->used, cell.p, n);
    r->cell[r->cells].at = (uint32_t)r->used;
    r->cell[r->cells++].n = (uint32_t)n;
    r->used += n;
}

static void end_row(struct rows *r, enum err e, const char *sentence)
{
    r->row = grown(r->row, sizeof *r->row, r->rows + 1, &r->row_cap, &r->failed);
    if (r->failed)
        return;
    r->row[r->rows++] = (struct parsed){ r->open_first, (uint32_t)r->cells - r->open_first, e, sentence };
    r->open_first = (uint32_t)r->cells;
    r->open_bytes = 0;
}

static void on_row(void *ctx)
{
    struct rows *r = ctx;
    size_t cells = r->cells - r->open_first;

    if (r->open_bytes > LINE_BYTES_MAX)
        end_row(r, E_TOO_LARGE, "row is longer than a row may be");
    else if (cells >= CELLS_MAX)
        end_row(r, E_TOO_LARGE, "row has more cells than a row may have");
    else
        end_row(r, E_OK, NULL);
}

enum err rows_open(struct rows_form form, struct rows **ret)
{
    struct rows *r = calloc(1, sizeof *r);
    struct cells_use use = { on_cell, on_row, r };

    if (!r)
        return E_MEMORY;
    assert(form.columns <= MAPPING_COLUMNS_MAX);
    r->form = form;
    if (cells_open(form.delimiter, &use, &r->parser)) {
        free(r);
        return E_MEMORY;
    }
    *ret = r;
    return E_OK;
}

void rows_close(struct rows **pr)
{
    struct rows *r = *pr;

    if (!r)
        return;
    cells_close(&r->parser);
    free(r->bytes);
    free(r->cell);
    free(r->row);
    free(r->held);
    free(r);
    *pr = NULL;
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

/* Past the end of the line, or as far as there is any of it. A carriage return ends one too, as in libcsv. */
static size_t line_bytes(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] == '\n' || p[i] == '\r')
            return i + 1;
    return n;
}

static bool ends_line(const char *p, size_t n) { return p[n - 1] == '\n' || p[n - 1] == '\r'; }

static void hold(struct rows *r, const char *p, size_t n)
{
    r->held = grown(r->held, 1, r->held_used + n, &r->held_cap, &r->failed);
    if (r->failed)
        return;
    memcpy(r->held + r->held_used, p, n);
    r->held_used += n;
}

static void parse_lines(struct rows *r, const char *p, size_t n);

/* The row that is being read is refused. When it goes over several lines, a quote was opened in the
 * first and never closed, as far as can be told: only that one is lost, the others are read again.
 * No line is read a third time: a quote that is never closed ends where the next one stands. */
static void refuse(struct rows *r, enum err e, const char *sentence, bool line_is_over)
{
    char *held = r->held;
    size_t used = r->held_used, first = used ? line_bytes(held, used) : 0;

    r->cells = r->open_first;
    end_row(r, e, sentence);
    cells_begin_anew(r->parser);
    r->skipping = used ? !ends_line(held, first) : !line_is_over;
    r->held = NULL;
    r->held_used = r->held_cap = 0;
    parse_lines(r, held ? held + first : NULL, used - first);
    free(held);
}

/* One line, or a part of one at the end of what was fed. */
static void parse_line(struct rows *r, const char *p, size_t n)
{
    enum err e;

    if (r->skipping) {
        r->skipping = !ends_line(p, n);
        return;
    }
    e = cells_feed(r->parser, p, n);
    if (e == E_MEMORY) {
        r->failed = true;
    } else if (e) {
        if (r->held_used)
            hold(r, p, n);
        refuse(r, E_MALFORMED, "quotes in the row are not those of CSV", ends_line(p, n));
    } else if (cells_is_between_rows(r->parser)) {
        r->held_used = 0;
    } else if (r->open_bytes + cells_open_bytes(r->parser) > LINE_BYTES_MAX) {
        if (r->held_used)
            hold(r, p, n);
        refuse(r, E_TOO_LARGE, "row is longer than a row may be", ends_line(p, n));
    } else {
        hold(r, p, n);
    }
}

static void parse_lines(struct rows *r, const char *p, size_t n)
{
    while (n && !r->failed) {
        size_t one = line_bytes(p, n);
        parse_line(r, p, one);
        p += one;
        n -= one;
    }
}

enum err rows_feed(struct rows *r, const char *p, size_t n)
{
    make_room(r);
    parse_lines(r, p, n);
    while (n == 0 && !r->ended && !r->failed) {
        r->ended = true;
        if (!r->skipping && cells_end(r->parser)) {
            r->ended = r->held_used == 0;           /* lines that are read again may end badly too */
            refuse(r, E_MALFORMED, "the file ends inside a quoted cell", true);
        }
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

static enum err place_columns(struct rows *r, const struct parsed *p, struct why *why)
{
    for (size_t i = 0; i < p->count; i++) {
        struct text name = cell(r, p, i);
        if (i == 0 && name.n >= 3 && !memcmp(name.p, "\xef\xbb\xbf", 3))
            name.p += 3, name.n -= 3;               /* a byte order mark */
        r->place[i] = NO_COLUMN;
        for (size_t c = 0; c < r->form.columns; c++) {
            if (!text_same(name, text_of(r->form.column[c])))
                continue;
            if (r->found[c]) {
                why_set(why, "the header has the column '%s' twice", r->form.column[c]);
                return E_MALFORMED;
            }
            r->place[i] = (uint16_t)c;
            r->found[c] = true;
        }
    }
    for (size_t c = 0; c < r->form.columns; c++)
        if (!r->found[c] && !r->form.some_may_lack) {
            why_set(why, "the header has no column '%s', which the mapping reads", r->form.column[c]);
            return E_UNKNOWN;
        }
    r->header_cells = p->count;
    return E_OK;
}

enum err rows_header(struct rows *r, struct why *why)
{
    const struct parsed *p;
    enum err e;

    if (r->has_header)
        return E_OK;
    if (r->next == r->rows && !r->ended)
        return E_AGAIN;
    r->has_header = true;
    if (r->next == r->rows) {
        why_set(why, "the file is empty: it has no header");
        e = E_MALFORMED;
    } else {
        p = &r->row[r->next++];
        r->number++;
        if ((e = p->err))
            why_set(why, "the header cannot be read: %s", p->sentence);
        else
            e = place_columns(r, p, why);
    }
    r->hopeless = e != E_OK;
    return e;
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
    enum err e = rows_header(r, why);

    if (e)
        return e;
    while (r->next < r->rows && !r->hopeless) {
        const struct parsed *p = &r->row[r->next++];
        r->number++;
        if (p->err) {
            why_set(why, "%s", p->sentence);
            return p->err;
        }
        if (p->count == 1 && cell(r, p, 0).n == 0)
            continue;                               /* as good as an empty line */
        if ((e = read_row(r, p, why)))
            return e;
        *ret = (struct row){ r->out, r->number };
        return E_OK;
    }
    return r->ended || r->hopeless ? E_END : E_AGAIN;
}

uint64_t rows_number(const struct rows *r) { return r->number; }
bool rows_has(const struct rows *r, size_t column) { return r->found[column]; }
