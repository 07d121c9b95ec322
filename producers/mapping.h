/* mapping.h: how the columns of somebody's extract become events: a YAML file, no code. docs/mappings.md is its manual. */
#ifndef PRODUCERS_MAPPING_H
#define PRODUCERS_MAPPING_H

#include "core/wire.h"

enum { MAPPING_COLUMNS_MAX = 128, MAPPING_EVENTS_MAX = 16 };

/* The bytes of a mapping file, of this kind or another: malloc'd, the caller frees them. E_USAGE, E_TOO_LARGE with why. */
enum err mapping_file(const char *path, struct bytes *ret, struct why *why) MUST_USE;

struct mapping;
/* E_MALFORMED, E_UNKNOWN, E_RANGE with why: "file.yaml:12: ...". Not thread-safe: it may read the time zone database. */
enum err mapping_open(const char *path, struct mapping **ret, struct why *why) MUST_USE;
void mapping_close(struct mapping **m);
/* Makes the item that says in the journal by what the following rows were read. Borrows from m. */
void mapping_record(const struct mapping *m, struct item *ret);

/* The columns it reads, each once. */
size_t mapping_columns(const struct mapping *m, const char *const **ret_names);
char mapping_delimiter(const struct mapping *m);
const char *mapping_source(const struct mapping *m);

/* A row: its cells in the order of mapping_columns, and its number (the header is row 1). */
struct row { const struct text *cell; uint64_t number; };
/* Before the events of a row: E_MALFORMED with why when something required is not there. */
enum err mapping_row(struct mapping *m, const struct row *row, struct why *why) MUST_USE;
/* How many of the mapping's events there may be of a row: call mapping_event for each from 0. */
size_t mapping_events(const struct mapping *m);
/* The event `i` of a row. E_NOT_FOUND: this row has none. An error of action reject with why:
 * fixed words, so that they can be counted; then no other event of the row should be asked for.
 * The item borrows from the cells, from m and from its scratch until the next row. */
enum err mapping_event(struct mapping *m, const struct row *row, size_t i, struct item *ret, struct why *why) MUST_USE;
/* What the row is about: for one of which an event was refused. */
struct item_refs mapping_refs(const struct mapping *m);
/* When a row had no event: E_OK if the mapping says such rows are dropped, else E_UNKNOWN with why. */
enum err mapping_unmatched(const struct mapping *m, struct why *why) MUST_USE;

#endif
