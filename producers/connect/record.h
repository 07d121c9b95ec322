/* record.h: a row of an extract, read: each column of its table typed, checked, said or not said. */
#ifndef PRODUCERS_CONNECT_RECORD_H
#define PRODUCERS_CONNECT_RECORD_H

#include "core/wire.h"
#include "producers/dates.h"

enum extract_table { TABLE_CRIME, TABLE_VICTIM, TABLE_EVENT, TABLE_OPEN, TABLE_MANIFEST, TABLES };
enum column_type { COLUMN_REF, COLUMN_CODE, COLUMN_TEXT, COLUMN_TIME, COLUMN_DAY, COLUMN_FLAG, COLUMN_NUMBER, COLUMN_WORDS };
/* All columns of all tables, those of one table together: CRIME_team, VICTIM_gender, ... */
enum column {
#define COLUMN(table, name, type, need, help) table##_##name,
#include "producers/columns.def"
#undef COLUMN
    COLUMNS
};
enum { TABLE_COLUMNS_MAX = 40 };
struct column_info { const char *name, *help; enum extract_table table; enum column_type type; bool needed; };
extern const struct column_info column_table[COLUMNS];

const char *table_name(enum extract_table t);                   /* "crime" */
enum column table_first(enum extract_table t);
size_t table_columns(enum extract_table t);

/* Texts point into what the record was read or unpacked from. */
struct value { bool said; struct text text; int64_t number; };  /* number: of TIME seconds, DAY days, FLAG 0 or 1, NUMBER */
struct record { enum extract_table table; struct value value[TABLE_COLUMNS_MAX]; };

static inline const struct value *record_value(const struct record *r, enum column c) { return &r->value[c - table_first(r->table)]; }
static inline bool record_says(const struct record *r, enum column c) { return record_value(r, c)->said; }
static inline struct text record_text(const struct record *r, enum column c) { return record_value(r, c)->text; }       /* empty: not said */
static inline int64_t record_number(const struct record *r, enum column c) { return record_value(r, c)->number; }        /* 0: not said */
static inline struct instant record_time(const struct record *r, enum column c) { return (struct instant){ record_value(r, c)->number }; }
static inline bool record_flag(const struct record *r, enum column c) { return record_value(r, c)->number != 0; }
struct instant record_updated(const struct record *r);  /* last_updated of a crime, victim or event */
bool record_same(const struct record *a, const struct record *b, enum column c);

/* What is wrong with a row: which column (COLUMNS: the row as a whole), what sort of value stands there, and why it is
 * refused, in fixed words. Never the value. */
struct fault { enum column column; const char *sort; char reason[88]; };
/* cell: one for each column of the table. extract_to (INSTANT_NONE: not checked): what is dated after it cannot be known
 * yet. An error of action reject with *fault; *ret then says as much as could be read of references. ambiguous is raised for each
 * local time that autumn repeats. */
enum err record_read(enum extract_table t, const struct text *cell, const struct dates *d, struct instant extract_to,
                     struct record *ret, uint64_t *ambiguous, struct fault *fault) MUST_USE;
/* A text as a list of words. More than WORDS_MAX of them: refused by record_read. */
void record_words(const struct record *r, enum column c, struct words *ret);

/* All but last_updated, as bytes that are the same for the same content. buf holds RECORD_BYTES_MAX. */
enum { RECORD_BYTES_MAX = 16 * 1024 };
size_t record_pack(const struct record *r, uint8_t *buf);
enum err record_unpack(enum extract_table t, struct bytes b, struct record *ret) MUST_USE;      /* E_CORRUPT */

#endif
