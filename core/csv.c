#include "core/csv.h"
#include "core/cells.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct cell { uint32_t at, n; };
struct csv {
    char name[96];
    char *text;                                 /* every cell, one after another */
    size_t used;
    struct cell *cell;
    size_t cells, cap;
    size_t *row;                                /* index of its first cell; row 0 is the header */
    size_t rows, rows_cap;
    size_t begun;                               /* first cell of the row being read */
    enum err failed;
};

static bool grow(void **p, size_t *cap, size_t size)
{
    size_t more = *cap ? *cap * 2 : 256;
    void *q = realloc(*p, more * size);

    if (!q)
        return false;
    *p = q;
    *cap = more;
    return true;
}

static void on_cell(void *ctx, struct text cell)
{
    struct csv *c = ctx;
    const char *text = cell.p;
    size_t n = cell.n;

    if (c->failed)
        return;
    if (c->cells == c->cap && !grow((void **)&c->cell, &c->cap, sizeof *c->cell)) {
        c->failed = E_MEMORY;
        return;
    }
    if (c->cells - c->begun >= CSV_COLUMNS_MAX) {
        c->failed = E_TOO_LARGE;
        return;
    }
    for (; n && (*text == ' ' || *text == '\t'); text++, n--) {}
    for (; n && (text[n - 1] == ' ' || text[n - 1] == '\t'); n--) {}
    if (n)
        memcpy(c->text + c->used, text, n);     /* no cell is longer than what it was read from */
    c->cell[c->cells++] = (struct cell){ (uint32_t)c->used, (uint32_t)n };
    c->used += n;
}

static void on_row(void *ctx)
{
    struct csv *c = ctx;

    if (c->failed)
        return;
    if (c->rows > CSV_ROWS_MAX) {
        c->failed = E_TOO_LARGE;
        return;
    }
    if (c->rows == c->rows_cap && !grow((void **)&c->row, &c->rows_cap, sizeof *c->row)) {
        c->failed = E_MEMORY;
        return;
    }
    c->row[c->rows++] = c->begun;
    c->begun = c->cells;
}

static enum err read_file(const char *path, char **ret, size_t *ret_n, struct why *why)
{
    FILE *f = fopen(path, "re");
    char *p;

    if (!f) {
        why_set(why, "%s cannot be read: %s", path, strerror(errno));
        return E_USAGE;
    }
    p = malloc(CSV_BYTES_MAX + 1);
    *ret_n = p ? fread(p, 1, CSV_BYTES_MAX + 1, f) : 0;
    fclose(f);
    if (!p)
        return E_MEMORY;
    if (*ret_n > CSV_BYTES_MAX) {
        why_set(why, "%s is larger than %d bytes", path, CSV_BYTES_MAX);
        free(p);
        return E_TOO_LARGE;
    }
    *ret = p;
    return E_OK;
}

static enum err parse(struct csv *c, const char *p, size_t n, struct why *why)
{
    struct cells_use use = { on_cell, on_row, c };
    struct cells *parser;
    enum err e = cells_open(',', &use, &parser);

    if (e)
        return e;
    if (!(e = cells_feed(parser, p, n)))
        e = cells_end(parser);
    cells_close(&parser);
    if (e == E_MEMORY)
        return e;
    if (c->failed == E_TOO_LARGE)
        why_set(why, "%s: more than %d rows or %d columns", c->name, CSV_ROWS_MAX, CSV_COLUMNS_MAX);
    if (c->failed)
        return c->failed;
    if (e) {
        why_set(why, "%s: row %zu: a quote in the middle of a cell, or one that is never closed", c->name, c->rows + 1);
        return E_MALFORMED;
    }
    if (!c->rows) {
        why_set(why, "%s: there is no header", c->name);
        return E_MALFORMED;
    }
    return E_OK;
}

enum err csv_open(const char *path, struct csv **ret, struct why *why)
{
    struct csv *c = calloc(1, sizeof *c);
    const char *slash = strrchr(path, '/');
    char *file = NULL;
    size_t n = 0, skip;
    enum err e = c ? read_file(path, &file, &n, why) : E_MEMORY;

    if (e)
        goto out;
    snprintf(c->name, sizeof c->name, "%s", slash ? slash + 1 : path);
    skip = n >= 3 && !memcmp(file, "\xEF\xBB\xBF", 3) ? 3 : 0;
    c->text = malloc(n + 1);
    e = c->text ? parse(c, file + skip, n - skip, why) : E_MEMORY;
out:
    free(file);
    if (e)
        csv_close(&c);
    else
        *ret = c;
    return e;
}

void csv_close(struct csv **pc)
{
    struct csv *c = *pc;

    if (!c)
        return;
    free(c->text);
    free(c->cell);
    free(c->row);
    free(c);
    *pc = NULL;
}

static size_t cells_of(const struct csv *c, size_t row)
{
    return (row + 1 < c->rows ? c->row[row + 1] : c->begun) - c->row[row];
}

static struct text cell_at(const struct csv *c, size_t row, size_t column)
{
    const struct cell *cell;

    if (column >= cells_of(c, row))
        return (struct text){ 0 };
    cell = &c->cell[c->row[row] + column];
    return (struct text){ c->text + cell->at, cell->n };
}

size_t csv_rows(const struct csv *c) { return c->rows - 1; }
size_t csv_columns(const struct csv *c) { return cells_of(c, 0); }
struct text csv_name(const struct csv *c, size_t column) { return cell_at(c, 0, column); }
struct text csv_cell(const struct csv *c, size_t row, size_t column) { return cell_at(c, row + 1, column); }

size_t csv_find(const struct csv *c, const char *name)
{
    size_t i = 0;

    while (i < csv_columns(c) && !text_same(csv_name(c, i), text_of(name)))
        i++;
    return i;
}

enum err csv_wrong(const struct csv *c, size_t row, struct why *why, const char *fmt, ...)
{
    char words[192];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(words, sizeof words, fmt, ap);
    va_end(ap);
    why_set(why, "%s: row %zu: %s", c->name, row + 2, words);
    return E_MALFORMED;
}
