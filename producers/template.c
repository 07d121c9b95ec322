#include "producers/template.h"

#include <stdio.h>
#include <stdlib.h>

enum err columns_find(struct columns *c, const struct yaml *y, const struct yaml_node *at, struct text name, uint16_t *ret, struct why *why)
{
    for (size_t i = 0; i < c->count; i++)
        if (text_same(text_of(c->name[i]), name))
            return *ret = (uint16_t)i, E_OK;
    if (name.n == 0 || name.n >= sizeof *c->text)
        return yaml_wrong(y, at, why, "a column name has 1 to %zu bytes", sizeof *c->text - 1);
    if (c->count == MAPPING_COLUMNS_MAX)
        return yaml_wrong(y, at, why, "more than %d columns are read", MAPPING_COLUMNS_MAX);
    memcpy(c->text[c->count], name.p, name.n);
    c->name[c->count] = c->text[c->count];
    *ret = (uint16_t)c->count++;
    return E_OK;
}

static enum err read_table(struct table *t, const struct yaml *y, const struct yaml_node *key, const struct yaml_node *v, struct why *why)
{
    static const char *const words[] = { "keep", "refuse", "drop" };
    size_t choice = OTHERWISE_REFUSE;
    enum err e = yaml_expect(y, v, YAML_MAP, why);

    if (e)
        return e;
    if (v->count > TABLE_ROWS_MAX)
        return yaml_wrong(y, v, why, "a table has at most %d rows", TABLE_ROWS_MAX);
    t->name = key->text;
    t->from = calloc(v->count + 1, sizeof *t->from);
    t->to = calloc(v->count + 1, sizeof *t->to);
    if (!t->from || !t->to)
        return E_MEMORY;
    for (size_t i = 0; i < v->count; i++) {
        if (!v->key[i]->is_quoted && text_same(v->key[i]->text, TEXT("otherwise"))) {
            if ((e = yaml_word(y, v->item[i], "choice", words, 3, &choice, why)))
                return e;
            continue;
        }
        if ((e = yaml_expect(y, v->item[i], YAML_SCALAR, why)))
            return e;
        t->from[t->count] = v->key[i]->text;
        t->to[t->count++] = v->item[i]->text;
    }
    t->otherwise = (enum otherwise)choice;
    return E_OK;
}

enum err tables_read(struct tables *t, const struct yaml *y, const struct yaml_node *v, struct why *why)
{
    enum err e;

    if (!v)
        return E_OK;
    if ((e = yaml_expect(y, v, YAML_MAP, why)))
        return e;
    if (v->count > TABLES_MAX)
        return yaml_wrong(y, v, why, "at most %d tables", TABLES_MAX);
    for (size_t i = 0; i < v->count; i++)
        if ((e = read_table(&t->table[t->count++], y, v->key[i], v->item[i], why)))
            return e;
    return E_OK;
}

void tables_free(struct tables *t)
{
    for (size_t i = 0; i < t->count; i++) {
        free(t->table[i].from);
        free(t->table[i].to);
    }
    t->count = 0;
}

static enum err find_table(const struct tables *tables, const struct yaml *y, const struct yaml_node *at, struct text name, uint8_t *ret, struct why *why)
{
    const char *known[TABLES_MAX];
    char text[TABLES_MAX][64];

    for (size_t i = 0; i < tables->count; i++) {
        if (text_same(tables->table[i].name, name))
            return *ret = (uint8_t)i, E_OK;
        snprintf(text[i], sizeof text[i], TEXT_FMT, TEXT_ARG(tables->table[i].name));
        known[i] = text[i];
    }
    return yaml_unknown(y, at, why, "table", name, known, tables->count);
}

static enum err read_hole(struct part *p, const struct yaml *y, const struct yaml_node *v, struct text inside, struct columns *c,
                          const struct tables *tables, struct why *why)
{
    const char *bar = inside.n ? memchr(inside.p, '|', inside.n) : NULL;
    struct text column = { inside.p, bar ? (uint32_t)(bar - inside.p) : inside.n };
    enum err e;

    p->table = NO_TABLE;
    if (text_same(inside, TEXT("row")))
        return p->kind = PART_ROW, E_OK;
    p->kind = PART_COLUMN;
    if ((e = columns_find(c, y, v, column, &p->column, why)) || !bar)
        return e;
    return find_table(tables, y, v, (struct text){ bar + 1, inside.n - column.n - 1 }, &p->table, why);
}

enum err template_read(struct template *t, const struct yaml *y, const struct yaml_node *v, struct columns *c,
                       const struct tables *tables, struct why *why)
{
    struct text rest = v->text;
    enum err e;

    t->parts = 0;
    while (rest.n) {
        struct part *p = &t->part[t->parts];
        const char *open = memchr(rest.p, '{', rest.n), *close;
        uint32_t n;
        if (t->parts == PARTS_MAX)
            return yaml_wrong(y, v, why, "a value is made of at most %d parts", PARTS_MAX);
        t->parts++;
        if (open != rest.p) {
            n = open ? (uint32_t)(open - rest.p) : rest.n;
            *p = (struct part){ .kind = PART_WORDS, .words = { rest.p, n }, .table = NO_TABLE };
        } else {
            if (!(close = memchr(rest.p, '}', rest.n)))
                return yaml_wrong(y, v, why, "'{' without '}'");
            n = (uint32_t)(close - rest.p) + 1;
            if ((e = read_hole(p, y, v, (struct text){ rest.p + 1, n - 2 }, c, tables, why)))
                return e;
        }
        rest.p += n;
        rest.n -= n;
    }
    return E_OK;
}

static enum err through(const struct table *t, struct text *value)
{
    for (size_t i = 0; i < t->count; i++)
        if (text_same(t->from[i], *value))
            return *value = t->to[i], E_OK;
    if (value->n == 0 || t->otherwise == OTHERWISE_KEEP)
        return E_OK;
    if (t->otherwise == OTHERWISE_REFUSE)
        return E_UNKNOWN;
    value->n = 0;
    return E_OK;
}

static enum err part_value(const struct part *p, const struct row *row, const struct tables *tables, char number[24], struct text *ret)
{
    switch (p->kind) {
    case PART_WORDS:
        *ret = p->words;
        return E_OK;
    case PART_COLUMN:
        *ret = row->cell[p->column];
        return p->table == NO_TABLE ? E_OK : through(&tables->table[p->table], ret);
    case PART_ROW:
        *ret = (struct text){ number, (uint32_t)snprintf(number, 24, "%llu", (unsigned long long)row->number) };
        return E_OK;
    }
    return E_OK;
}

enum err template_fill(const struct template *t, const struct row *row, const struct tables *tables,
                       char *scratch, size_t cap, size_t *used, struct text *ret)
{
    struct text value = { 0 };
    char number[24];
    size_t from = *used;
    enum err e;

    for (size_t i = 0; i < t->parts; i++) {
        if ((e = part_value(&t->part[i], row, tables, number, &value)))
            return e;
        if (t->parts == 1 && t->part[i].kind != PART_ROW)
            return *ret = value, E_OK;      /* no need to copy */
        if (value.n > cap - *used)
            return E_TOO_LARGE;
        if (value.n)
            memcpy(scratch + *used, value.p, value.n);
        *used += value.n;
    }
    *ret = (struct text){ scratch + from, (uint32_t)(*used - from) };
    return E_OK;
}
