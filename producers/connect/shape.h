/* shape.h: what an extract of a record system looks like: a YAML file, no code; without one, the canonical names of
 * columns.def. docs/connect.md is its manual. Templates, code tables and date forms are those of docs/mappings.md. */
#ifndef PRODUCERS_CONNECT_SHAPE_H
#define PRODUCERS_CONNECT_SHAPE_H

#include "core/hash.h"
#include "producers/connect/record.h"
#include "producers/template.h"

/* A table's files. */
struct shape_form {
    char pattern[96];                           /* of their names, as for fnmatch: "crime_*" */
    char delimiter, encoding[32];               /* "" is UTF-8 */
    bool is_mapped;                             /* columns: were named: each must be there; else the NEEDED ones must */
    struct columns columns;                     /* of the file */
    struct template cell[TABLE_COLUMNS_MAX];    /* of our columns; no parts: the extract does not have it */
};

enum { SHAPE_LOCAL_KINDS_MAX = 32 };
struct shape {
    char name[REF_BYTES_MAX + 1], source[REF_BYTES_MAX + 1];
    struct bytes file;                          /* the mapping as read */
    uint8_t hash[CHAIN_BYTES];                  /* BLAKE2b-256 of it */
    struct yaml *yaml;
    struct tables tables;
    struct dates dates;
    struct shape_form form[TABLES];
    bool derives[KIND_COUNT];                   /* kinds that changed crime and victim rows say */
    bool carries[KIND_COUNT];                   /* kinds that rows of the event table can say */
    char local_kind[SHAPE_LOCAL_KINDS_MAX][REF_BYTES_MAX + 1];    /* kinds of the rule book's own that they can say, too */
    size_t local_kinds;
    long repeat_crimes, repeat_months;          /* so many crimes in so many months make a repeat victim */
};

/* path NULL: the canonical extract. E_MALFORMED, E_UNKNOWN, E_RANGE, E_USAGE with why. Not thread-safe: it reads the time zone
 * database. */
enum err shape_open(const char *path, struct shape **ret, struct why *why) MUST_USE;
/* The same from bytes. */
enum err shape_open_text(const char *name, struct bytes yaml, struct shape **ret, struct why *why) MUST_USE;
void shape_close(struct shape **x);

/* Whose file a name is; TABLES: none's. */
enum extract_table shape_table_of(const struct shape *x, const char *file_name);
/* Does the extract have the column at all? */
bool shape_has(const struct shape *x, enum column c);
/* Can anything in the extract say this kind? */
bool shape_says(const struct shape *x, kind_t kind);

#endif
