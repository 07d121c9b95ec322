/* rowfile.h: a file of an extract as rows in the columns of columns.def: CSV or NDJSON, plain or gzip, in whatever
 * encoding and under whatever names the mapping says. */
#ifndef PRODUCERS_CONNECT_ROWFILE_H
#define PRODUCERS_CONNECT_ROWFILE_H

#include "producers/connect/shape.h"

struct rowfile;
/* NDJSON where the name ends in .ndjson or .jsonl, with or without .gz; else CSV. E_USAGE with why: it cannot be opened, or its
 * header lacks a column. */
enum err rowfile_open(const struct shape *x, enum extract_table t, const char *path, struct rowfile **ret, struct why *why) MUST_USE;
/* The next row: a text for each column of the table, empty where nothing is said; they borrow until the next call. An error of
 * action reject with why: this row cannot be read, the next ones can, and the cells say what could be read of it. E_END; E_IO with why. A file that breaks off
 * ends with one error of action reject that says so. */
enum err rowfile_next(struct rowfile *f, struct text ret_cell[TABLE_COLUMNS_MAX], struct why *why) MUST_USE;
uint64_t rowfile_row(const struct rowfile *f);          /* number of the row given last, from 1: the header is none */
uint64_t rowfile_bytes_read(const struct rowfile *f);
bool rowfile_has(const struct rowfile *f, enum column c);   /* does the file have it: known at once for CSV, always true for NDJSON */
void rowfile_close(struct rowfile **f);

#endif
