/* rows.h: bytes of CSV (RFC 4180) in, rows out, each with the cells that are wanted. */
#ifndef PRODUCERS_ROWS_H
#define PRODUCERS_ROWS_H

#include "producers/mapping.h"

/* What is read: the cells of these columns, in this order. Borrowed while rows are read. */
struct rows_form {
    char delimiter;
    const char *const *column;
    size_t columns;                                 /* MAPPING_COLUMNS_MAX at most */
    bool some_may_lack;                             /* a file without one of them is read, its cells empty: see rows_has */
};

struct rows;
enum err rows_open(struct rows_form form, struct rows **ret) MUST_USE;
void rows_close(struct rows **r);
/* Takes the next bytes of the file; n 0: its end. Only when rows_next or rows_header said E_AGAIN. */
enum err rows_feed(struct rows *r, const char *p, size_t n) MUST_USE;
/* Reads the header: once, before the first row, or rows_next does. E_AGAIN: more bytes are needed.
 * E_UNKNOWN, E_MALFORMED with why: it lacks a column or has it twice; no row can be read. */
enum err rows_header(struct rows *r, struct why *why) MUST_USE;
/* The next row. Cells borrow until the next rows_feed. E_AGAIN: more bytes are needed; E_END;
 * E_MALFORMED, E_TOO_LARGE with why: this row is wrong, the next ones are not. A quote that
 * is opened and never closed costs the line it stands in: reading goes on at the next one.
 * After a header that cannot be read: its error once, then E_END. */
enum err rows_next(struct rows *r, struct row *ret, struct why *why) MUST_USE;
uint64_t rows_number(const struct rows *r);         /* of the row given last; the header is 1 */
bool rows_has(const struct rows *r, size_t column); /* does the header have it: once it was read */

#endif
