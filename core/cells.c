#include "core/cells.h"

#include <csv.h>
#include <stdlib.h>

struct cells { struct csv_parser parser; char delimiter; struct cells_use use; };

static void on_cell(void *p, size_t n, void *ctx)
{
    const struct cells *c = ctx;

    c->use.cell(c->use.ctx, (struct text){ p, (uint32_t)n });
}

static void on_row(int last, void *ctx)
{
    const struct cells *c = ctx;

    (void)last;
    c->use.row_ends(c->use.ctx);
}

static void start(struct cells *c)
{
    csv_init(&c->parser, CSV_STRICT | CSV_STRICT_FINI | CSV_EMPTY_IS_NULL);     /* takes no memory yet */
    csv_set_delim(&c->parser, (unsigned char)c->delimiter);
    csv_set_space_func(&c->parser, NULL);
}

enum err cells_open(char delimiter, const struct cells_use *use, struct cells **ret)
{
    struct cells *c = calloc(1, sizeof *c);

    if (!c)
        return E_MEMORY;
    c->delimiter = delimiter;
    c->use = *use;
    start(c);
    *ret = c;
    return E_OK;
}

void cells_close(struct cells **pc)
{
    struct cells *c = *pc;

    if (!c)
        return;
    csv_free(&c->parser);
    free(c);
    *pc = NULL;
}

void cells_begin_anew(struct cells *c)
{
    csv_free(&c->parser);
    start(c);
}

enum err cells_feed(struct cells *c, const char *p, size_t n)
{
    if (csv_parse(&c->parser, p, n, on_cell, on_row, c) == n)
        return E_OK;
    return csv_error(&c->parser) == CSV_EPARSE ? E_MALFORMED : E_MEMORY;
}

enum err cells_end(struct cells *c) { return csv_fini(&c->parser, on_cell, on_row, c) ? E_MALFORMED : E_OK; }
bool cells_is_between_rows(const struct cells *c) { return c->parser.pstate == 0; }     /* libcsv's ROW_NOT_BEGUN */
size_t cells_open_bytes(const struct cells *c) { return c->parser.entry_pos; }
