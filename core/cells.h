/* cells.h: the door to libcsv: bytes of CSV (RFC 4180) in, cells and ends of rows out, as they come. */
#ifndef CORE_CELLS_H
#define CORE_CELLS_H

#include "core/err.h"
#include "core/text.h"
#include <stdbool.h>
#include <stddef.h>

/* The text of a cell, without its quotes, borrows for the call; an empty one has p NULL. */
struct cells_use {
    void (*cell)(void *ctx, struct text cell);
    void (*row_ends)(void *ctx);
    void *ctx;
};

struct cells;
enum err cells_open(char delimiter, const struct cells_use *use, struct cells **ret) MUST_USE;
void cells_close(struct cells **c);
void cells_begin_anew(struct cells *c);                 /* what was under way is forgotten */
/* The next bytes. E_MALFORMED: quotes that are not those of CSV; E_MEMORY. Then cells_begin_anew. */
enum err cells_feed(struct cells *c, const char *p, size_t n) MUST_USE;
/* There are no more: ends the last row. E_MALFORMED: within quotes. */
enum err cells_end(struct cells *c) MUST_USE;
bool cells_is_between_rows(const struct cells *c);      /* nothing of a row is under way */
size_t cells_open_bytes(const struct cells *c);         /* of the cell that is under way */

#endif
