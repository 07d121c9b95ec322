/* template.h: a value made of a row: words, {columns}, {columns|through a table} and {row}. */
#ifndef PRODUCERS_TEMPLATE_H
#define PRODUCERS_TEMPLATE_H

#include "core/yaml.h"
#include "producers/mapping.h"

/* The columns that are read, in order of first mention. Names live as long as the YAML. */
struct columns { char *name[MAPPING_COLUMNS_MAX]; char text[MAPPING_COLUMNS_MAX][96]; size_t count; };
enum err columns_find(struct columns *c, const struct yaml *y, const struct yaml_node *at, struct text name, uint16_t *ret, struct why *why) MUST_USE;

/* Code tables: value to value. `otherwise` says what to do with a value that is not there. */
enum { TABLES_MAX = 16, TABLE_ROWS_MAX = 512 };
enum otherwise { OTHERWISE_KEEP, OTHERWISE_REFUSE, OTHERWISE_DROP };
struct table { struct text name; enum otherwise otherwise; size_t count; struct text *from, *to; };
struct tables { struct table table[TABLES_MAX]; size_t count; };
enum err tables_read(struct tables *t, const struct yaml *y, const struct yaml_node *v, struct why *why) MUST_USE;
void tables_free(struct tables *t);

enum { PARTS_MAX = 8, NO_TABLE = 255 };
enum part_kind { PART_WORDS, PART_COLUMN, PART_ROW };
struct part { enum part_kind kind; struct text words; uint16_t column; uint8_t table; };
struct template { size_t parts; struct part part[PARTS_MAX]; };
enum err template_read(struct template *t, const struct yaml *y, const struct yaml_node *v, struct columns *c,
                       const struct tables *tables, struct why *why) MUST_USE;
/* *ret borrows from the row, the YAML or the scratch. E_UNKNOWN: a table refuses a value. E_TOO_LARGE. */
enum err template_fill(const struct template *t, const struct row *row, const struct tables *tables,
                       char *scratch, size_t cap, size_t *used, struct text *ret) MUST_USE;

#endif
