#include "producers/connect/shape.h"
#include "core/hash.h"

#include <fnmatch.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

/* The extract that needs no mapping; the same keys as anybody's. */
static const char canonical[] =
    "name: connect\n"
    "source: connect\n"
    "time_zone: Europe/London\n"
    "dates: [rfc3339, '%Y-%m-%d %H:%M:%S', '%Y-%m-%d %H:%M', '%Y-%m-%dT%H:%M:%S', '%Y-%m-%dT%H:%M', '%Y-%m-%d']\n";

/* What rows say that change without an event. Closing and the outcome are not among them: the event table has these. */
static const struct { enum event_type type; const char *kind; bool is_usual; } derivable[] = {
    { EVENT_UPDATE, "oic-changed", true }, { EVENT_UPDATE, "reclassified", true }, { EVENT_UPDATE, "victim-described", true },
    { EVENT_UPDATE, "enhanced-found", true }, { EVENT_UPDATE, "enhanced-ended", true }, { EVENT_UPDATE, "preference-set", true },
    { EVENT_UPDATE, "cancelled", true }, { EVENT_UPDATE, "merged", true }, { EVENT_UPDATE, "transferred", true },
    { EVENT_OUTCOME, "reopened", true }, { EVENT_OUTCOME, "closed", false }, { EVENT_OUTCOME, "outcome-assigned", false },
};

static enum err read_name(const struct shape *x, const char *key, char ret[REF_BYTES_MAX + 1], struct why *why)
{
    const struct yaml_node *root = yaml_root(x->yaml), *v = yaml_get(root, key);

    if (!v || v->kind != YAML_SCALAR || v->text.n == 0 || v->text.n > REF_BYTES_MAX)
        return yaml_wrong(x->yaml, v ? v : root, why, "'%s:' is needed, of 1 to %d bytes", key, REF_BYTES_MAX);
    snprintf(ret, REF_BYTES_MAX + 1, TEXT_FMT, TEXT_ARG(v->text));
    return E_OK;
}

static enum err read_delimiter(const struct shape *x, const struct yaml_node *v, char *ret, struct why *why)
{
    if (!v)
        return E_OK;
    if (v->kind == YAML_SCALAR && text_same(v->text, TEXT("tab")))
        return *ret = '\t', E_OK;
    if (v->kind != YAML_SCALAR || v->text.n != 1 || v->text.p[0] == '"')
        return yaml_wrong(x->yaml, v, why, "'delimiter:' is one character, or tab");
    return *ret = v->text.p[0], E_OK;
}

static enum err read_encoding(const struct shape *x, const struct yaml_node *v, char ret[32], struct why *why)
{
    iconv_t door;

    if (!v)
        return E_OK;
    if (v->kind != YAML_SCALAR || v->text.n == 0 || v->text.n > 31)
        return yaml_wrong(x->yaml, v, why, "'encoding:' is a name like UTF-8, ISO-8859-1 or WINDOWS-1252");
    snprintf(ret, 32, TEXT_FMT, TEXT_ARG(v->text));
    if ((door = iconv_open("UTF-8", ret)) == (iconv_t)-1)
        return yaml_wrong(x->yaml, v, why, "there is no encoding '%s'; 'iconv -l' lists them", ret);
    iconv_close(door);
    if (!strcasecmp(ret, "utf-8") || !strcasecmp(ret, "utf8"))
        ret[0] = 0;
    return E_OK;
}

static const char *column_name(enum extract_table t, size_t i) { return column_table[table_first(t) + i].name; }

static enum err read_columns(struct shape *x, enum extract_table t, const struct yaml_node *v, struct why *why)
{
    struct shape_form *f = &x->form[t];
    const char *known[TABLE_COLUMNS_MAX];
    size_t count = table_columns(t);
    enum err e;

    for (size_t i = 0; i < count; i++)
        known[i] = column_name(t, i);
    f->is_mapped = true;
    if ((e = yaml_expect(x->yaml, v, YAML_MAP, why)) || (e = yaml_refuse_others(x->yaml, v, known, count, why)))
        return e;
    for (size_t i = 0; i < count; i++) {
        const struct yaml_node *own = yaml_get(v, known[i]);
        if (!own && column_table[table_first(t) + i].needed)
            return yaml_wrong(x->yaml, v, why, "'%s:' is needed", known[i]);
        if (own && ((e = yaml_expect(x->yaml, own, YAML_SCALAR, why)) ||
                    (e = template_read(&f->cell[i], x->yaml, own, &f->columns, &x->tables, why))))
            return e;
    }
    return E_OK;
}

/* Ours as they are: the column of the same name. */
static enum err take_columns(struct shape *x, enum extract_table t, struct why *why)
{
    struct shape_form *f = &x->form[t];
    enum err e = E_OK;

    for (size_t i = 0; !e && i < table_columns(t); i++) {
        f->cell[i].parts = 1;
        f->cell[i].part[0] = (struct part){ .kind = PART_COLUMN, .table = NO_TABLE };
        e = columns_find(&f->columns, x->yaml, NULL, text_of(column_name(t, i)), &f->cell[i].part[0].column, why);
    }
    return e;
}

static enum err read_form(struct shape *x, enum extract_table t, struct why *why)
{
    static const char *const allowed[] = { "files", "delimiter", "encoding", "columns" };
    const struct yaml_node *root = yaml_root(x->yaml), *v = yaml_get(root, table_name(t)), *files;
    struct shape_form *f = &x->form[t];
    enum err e;

    f->delimiter = ',';
    snprintf(f->pattern, sizeof f->pattern, "%s_*", table_name(t));
    if ((e = read_delimiter(x, yaml_get(root, "delimiter"), &f->delimiter, why)) || (e = read_encoding(x, yaml_get(root, "encoding"), f->encoding, why)))
        return e;
    if (!v)
        return take_columns(x, t, why);
    if ((e = yaml_expect(x->yaml, v, YAML_MAP, why)) || (e = yaml_refuse_others(x->yaml, v, allowed, sizeof allowed / sizeof *allowed, why)) ||
        (e = read_delimiter(x, yaml_get(v, "delimiter"), &f->delimiter, why)) || (e = read_encoding(x, yaml_get(v, "encoding"), f->encoding, why)))
        return e;
    if ((files = yaml_get(v, "files"))) {
        if (files->kind != YAML_SCALAR || files->text.n == 0 || files->text.n >= sizeof f->pattern || memchr(files->text.p, '/', files->text.n))
            return yaml_wrong(x->yaml, files, why, "'files:' is a pattern of names like crime_*.csv");
        snprintf(f->pattern, sizeof f->pattern, TEXT_FMT, TEXT_ARG(files->text));
    }
    return yaml_get(v, "columns") ? read_columns(x, t, yaml_get(v, "columns"), why) : take_columns(x, t, why);
}

/* ---- what it can say ----------------------------------------------------------- */

static kind_t kind_of(struct text name)
{
    for (enum event_type t = EVENT_REFERRAL; t < EVENT_TYPES; t++) {
        kind_t k = kind_by_name(t, name);
        if (k != KIND_NONE && k != KIND_LOCAL)
            return k;
    }
    return KIND_NONE;
}

/* The code table the event_type goes through; NULL: none. */
static const struct table *kinds_table(const struct shape *x)
{
    const struct template *t = &x->form[TABLE_EVENT].cell[EVENT_event_type - EVENT_event_id];

    return t->parts == 1 && t->part[0].kind == PART_COLUMN && t->part[0].table != NO_TABLE ? &x->tables.table[t->part[0].table] : NULL;
}

static enum err carry(struct shape *x, const struct yaml_node *at, struct text name, struct why *why)
{
    const char *known[KIND_COUNT];
    size_t n = 0;
    kind_t k = kind_of(name);

    if (k != KIND_NONE)
        return x->carries[k] = true, E_OK;
    for (size_t i = 0; i < x->local_kinds; i++)
        if (text_same(text_of(x->local_kind[i]), name))
            return E_OK;
    for (k = 10; k < KIND_COUNT; k++)
        if (strcmp(kind_name(k), "?") != 0)
            known[n++] = kind_name(k);
    return yaml_unknown(x->yaml, at, why, "kind", name, known, n);
}

static enum err read_local_kinds(struct shape *x, const struct yaml_node *v, struct why *why)
{
    enum err e;

    if (!v)
        return E_OK;
    if ((e = yaml_expect(x->yaml, v, YAML_LIST, why)))
        return e;
    for (size_t i = 0; i < v->count; i++) {
        if (v->item[i]->kind != YAML_SCALAR || v->item[i]->text.n == 0 || v->item[i]->text.n > REF_BYTES_MAX || x->local_kinds == SHAPE_LOCAL_KINDS_MAX)
            return yaml_wrong(x->yaml, v->item[i], why, "'local_kinds:' lists at most %d kinds that the rule book declares", SHAPE_LOCAL_KINDS_MAX);
        snprintf(x->local_kind[x->local_kinds++], REF_BYTES_MAX + 1, TEXT_FMT, TEXT_ARG(v->item[i]->text));
    }
    return E_OK;
}

/* `carries:` says it; else the code table does; else it may be any. */
static enum err read_carries(struct shape *x, const struct yaml_node *v, struct why *why)
{
    const struct table *t = kinds_table(x);
    enum err e = E_OK;

    if (v) {
        if ((e = yaml_expect(x->yaml, v, YAML_LIST, why)))
            return e;
        for (size_t i = 0; !e && i < v->count; i++)
            e = carry(x, v->item[i], v->item[i]->text, why);
    } else if (t && t->otherwise != OTHERWISE_KEEP) {
        for (size_t i = 0; !e && i < t->count; i++)
            e = carry(x, yaml_get(yaml_root(x->yaml), "tables"), t->to[i], why);
    } else {
        for (kind_t k = 10; k < KIND_COUNT; k++)
            x->carries[k] = k != KIND_LOCAL && strcmp(kind_name(k), "?") != 0;
        x->carries[kind_of(TEXT("row-rejected"))] = false;
    }
    return e;
}

static enum err read_derive(struct shape *x, const struct yaml_node *v, struct why *why)
{
    enum { COUNT = sizeof derivable / sizeof *derivable };
    const char *known[COUNT];
    enum err e;
    size_t n;

    for (size_t i = 0; i < COUNT; i++) {
        known[i] = derivable[i].kind;
        x->derives[kind_by_name(derivable[i].type, text_of(known[i]))] = !v && derivable[i].is_usual;
    }
    if (!v)
        return E_OK;
    if ((e = yaml_expect(x->yaml, v, YAML_LIST, why)))
        return e;
    for (size_t i = 0; i < v->count; i++) {
        if ((e = yaml_word(x->yaml, v->item[i], "kind that rows can say", known, COUNT, &n, why)))
            return e;
        x->derives[kind_by_name(derivable[n].type, text_of(known[n]))] = true;
    }
    return E_OK;
}

static enum err read_repeat(struct shape *x, const struct yaml_node *v, struct why *why)
{
    static const char *const allowed[] = { "crimes", "months" };
    enum err e;

    x->repeat_crimes = 3;
    x->repeat_months = 12;
    if (!v)
        return E_OK;
    if ((e = yaml_expect(x->yaml, v, YAML_MAP, why)) || (e = yaml_refuse_others(x->yaml, v, allowed, 2, why)))
        return e;
    if (yaml_get(v, "crimes") && (e = yaml_number(x->yaml, yaml_get(v, "crimes"), 2, 60, &x->repeat_crimes, why)))
        return e;
    return yaml_get(v, "months") ? yaml_number(x->yaml, yaml_get(v, "months"), 1, 120, &x->repeat_months, why) : E_OK;
}

static enum err read_all(struct shape *x, struct why *why)
{
    static const char *const allowed[] = { "name", "source", "time_zone", "dates", "delimiter", "encoding", "tables", "crime", "victim", "event",
                                           "open", "manifest", "carries", "local_kinds", "derive", "repeat_victim" };
    const struct yaml_node *root = yaml_root(x->yaml);
    enum err e;

    if ((e = yaml_expect(x->yaml, root, YAML_MAP, why)) || (e = yaml_refuse_others(x->yaml, root, allowed, sizeof allowed / sizeof *allowed, why)) ||
        (e = read_name(x, "name", x->name, why)) || (e = read_name(x, "source", x->source, why)) ||
        (e = dates_read(&x->dates, x->yaml, yaml_get(root, "time_zone"), yaml_get(root, "dates"), why)) ||
        (e = tables_read(&x->tables, x->yaml, yaml_get(root, "tables"), why)))
        return e;
    for (enum extract_table t = 0; t < TABLES; t++)
        if ((e = read_form(x, t, why)))
            return e;
    if ((e = read_local_kinds(x, yaml_get(root, "local_kinds"), why)) || (e = read_carries(x, yaml_get(root, "carries"), why)) ||
        (e = read_derive(x, yaml_get(root, "derive"), why)))
        return e;
    return read_repeat(x, yaml_get(root, "repeat_victim"), why);
}

/* ---- open ---------------------------------------------------------------------- */

static enum err open_owned(const char *name, struct bytes own, struct shape **ret, struct why *why)
{
    struct shape *x = calloc(1, sizeof *x);
    struct hash_chain h;
    enum err e;

    if (!x) {
        free((void *)own.p);
        return E_MEMORY;
    }
    x->file = own;
    if ((e = yaml_open(name, (const char *)own.p, own.n, &x->yaml, why)) || (e = read_all(x, why))) {
        shape_close(&x);
        return e;
    }
    hash_chain_init(&h);
    hash_chain_add(&h, own.p, own.n);
    hash_chain_end(&h, x->hash);
    *ret = x;
    return E_OK;
}

enum err shape_open_text(const char *name, struct bytes yaml, struct shape **ret, struct why *why)
{
    uint8_t *own = malloc(yaml.n + 1);

    if (!own)
        return E_MEMORY;
    memcpy(own, yaml.p, yaml.n);
    return open_owned(name, (struct bytes){ own, yaml.n }, ret, why);
}

enum err shape_open(const char *path, struct shape **ret, struct why *why)
{
    struct bytes file;
    enum err e;

    if (!path)
        return shape_open_text("the canonical extract", (struct bytes){ (const uint8_t *)canonical, sizeof canonical - 1 }, ret, why);
    return (e = mapping_file(path, &file, why)) ? e : open_owned(path, file, ret, why);
}

void shape_close(struct shape **px)
{
    struct shape *x = *px;

    if (!x)
        return;
    tables_free(&x->tables);
    yaml_close(&x->yaml);
    free((void *)x->file.p);
    free(x);
    *px = NULL;
}

enum extract_table shape_table_of(const struct shape *x, const char *file_name)
{
    enum extract_table t = 0;

    while (t < TABLES && fnmatch(x->form[t].pattern, file_name, FNM_PERIOD))
        t++;
    return t;
}

bool shape_has(const struct shape *x, enum column c)
{
    return x->form[column_table[c].table].cell[c - table_first(column_table[c].table)].parts > 0;
}

bool shape_says(const struct shape *x, kind_t kind) { return kind < KIND_COUNT && (x->carries[kind] || x->derives[kind]); }
