/* csv.h: a small table as a file of CSV (RFC 4180) with a header, whole in memory: lists that people keep.
 * (Rows by the million are read as they come: producers/rows.h.) */
#ifndef CORE_CSV_H
#define CORE_CSV_H

#include "core/err.h"
#include "core/text.h"
#include <stddef.h>

enum { CSV_BYTES_MAX = 16 * 1024 * 1024, CSV_COLUMNS_MAX = 64, CSV_ROWS_MAX = 200000 };

struct csv;
/* Messages call it by its name without folders. A byte order mark is passed over, an empty line is none.
 * E_USAGE: cannot be read; E_MALFORMED, E_TOO_LARGE with why: "officers.csv: row 12: ...". */
enum err csv_open(const char *path, struct csv **ret, struct why *why) MUST_USE;
void csv_close(struct csv **c);

size_t csv_rows(const struct csv *c);                   /* the header not counted */
size_t csv_columns(const struct csv *c);
struct text csv_name(const struct csv *c, size_t column);
/* Its index, or csv_columns if there is none. */
size_t csv_find(const struct csv *c, const char *name);
/* Without spaces around it; empty where the row is shorter. Until csv_close. */
struct text csv_cell(const struct csv *c, size_t row, size_t column);
/* "name: row 12: ..." into why; the header is row 1. Gives E_MALFORMED. */
enum err csv_wrong(const struct csv *c, size_t row, struct why *why, const char *fmt, ...) PRINTF(4, 5);

#endif
