#include "producers/connect/rowfile.h"
#include "core/json.h"
#include "producers/input.h"
#include "producers/rows.h"

#include <assert.h>
#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>

enum { RAW = 64 * 1024, CHUNK = 512 * 1024, SCRATCH = 64 * 1024 };
_Static_assert((int)CHUNK >= (int)LINE_BYTES_MAX + 4 * (int)RAW, "a line and what is read next fit, however they are spelled");

struct rowfile {
    const struct shape *shape;
    const struct shape_form *form;
    enum extract_table table;
    struct input *input;
    iconv_t iconv;                              /* (iconv_t)-1: the file is UTF-8 */
    char raw[RAW];                              /* not yet converted */
    size_t raw_n;
    char buf[CHUNK];
    size_t from, to;
    bool ended, is_cut, cut_told, skipping, is_json;
    struct rows *rows;
    struct json *line;
    struct text cell[MAPPING_COLUMNS_MAX];      /* of the file's columns */
    uint64_t row;
    char scratch[SCRATCH], said[SCRATCH];
    size_t used;
};

/* ---- bytes ---------------------------------------------------------------------- */

/* What cannot be converted becomes '?': the row is refused where that matters, the file is read on. */
static void convert(struct rowfile *f)
{
    char *in = f->raw, *out = f->buf + f->to;
    size_t left = f->raw_n, room = CHUNK - f->to;

    while (left && room > 4) {
        if (iconv(f->iconv, &in, &left, &out, &room) != (size_t)-1 || errno == E2BIG)
            break;
        if (errno == EINVAL && !f->ended)
            break;                              /* a character that is cut by the end of what was read */
        *out++ = '?', room--;
        in++, left--;
    }
    f->to = (size_t)(out - f->buf);
    memmove(f->raw, in, left);
    f->raw_n = left;
}

/* More bytes behind those that are there; E_END: there are none. */
static enum err fill(struct rowfile *f, struct why *why)
{
    bool converts = f->iconv != (iconv_t)-1;
    size_t n = 0;
    enum err e;

    if (f->ended && !f->raw_n)
        return E_END;
    memmove(f->buf, f->buf + f->from, f->to - f->from);
    f->to -= f->from;
    f->from = 0;
    e = f->ended ? E_END : input_read(f->input, -1, converts ? f->raw + f->raw_n : f->buf + f->to,
                                      converts ? RAW - f->raw_n : CHUNK - f->to, &n, why);
    if (e == E_END) {
        f->ended = true;
        f->is_cut = input_is_cut(f->input);
    }
    if (!converts)
        return f->to += n, e;
    f->raw_n += n;
    convert(f);
    return e == E_END && f->from < f->to ? E_OK : e;
}

static enum err end(struct rowfile *f, struct why *why)
{
    if (!f->is_cut || f->cut_told)
        return E_END;
    f->cut_told = true;
    why_set(why, "the gzip file breaks off or is damaged: what follows is not there");
    return E_MALFORMED;
}

/* ---- CSV ------------------------------------------------------------------------- */

static enum err feed(struct rowfile *f, struct why *why)
{
    enum err e = fill(f, why);

    if (e && e != E_END)
        return e;
    if (f->is_cut && e == E_END)
        return end(f, why);                     /* half a row is none */
    e = rows_feed(f->rows, f->buf + f->from, f->to - f->from);
    f->from = f->to;
    return e;
}

static enum err open_header(struct rowfile *f, const char *path, struct why *why)
{
    struct why wrong = { "" };
    const char *base = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    enum err e;

    while ((e = rows_header(f->rows, &wrong)) == E_AGAIN)
        if ((e = feed(f, &wrong)))
            break;
    if (e) {
        why_set(why, "%s: %s", base, wrong.text[0] ? wrong.text : err_text(e));
        return err_action(e) == ERR_REJECT || e == E_END ? E_USAGE : e;
    }
    for (enum column c = table_first(f->table); !f->form->is_mapped && c < table_first(f->table) + table_columns(f->table); c++)
        if (column_table[c].needed && !rowfile_has(f, c)) {
            why_set(why, "%s: the header has no column '%s'", base, column_table[c].name);
            return E_USAGE;
        }
    return E_OK;
}

static enum err next_row(struct rowfile *f, struct row *ret, struct why *why)
{
    enum err e;

    while ((e = rows_next(f->rows, ret, why)) == E_AGAIN)
        if ((e = feed(f, why)))
            return e == E_MALFORMED ? f->row++, e : e;
    if (e != E_END)
        f->row = rows_number(f->rows) - 1;
    return e == E_END ? end(f, why) : e;
}

/* ---- NDJSON ----------------------------------------------------------------------- */

static enum err next_line(struct rowfile *f, struct text *ret, struct why *why)
{
    for (;;) {
        char *p = f->buf + f->from, *newline = memchr(p, '\n', f->to - f->from);
        size_t n = newline ? (size_t)(newline - p) : f->to - f->from;
        bool is_over = f->ended && !f->raw_n, is_whole = newline || (is_over && n && !f->is_cut), is_told = f->skipping;
        enum err e;
        if (is_whole || n > LINE_BYTES_MAX) {
            f->from += n + (newline != NULL);
            f->skipping = !is_whole;
            if (is_told)
                continue;
            if (is_whole && n == 0)
                continue;                       /* an empty line says nothing */
            f->row++;
            if (n > LINE_BYTES_MAX) {
                why_set(why, "line is longer than a line may be");
                return E_TOO_LARGE;
            }
            *ret = (struct text){ p, (uint32_t)(n && p[n - 1] == '\r' ? n - 1 : n) };
            return E_OK;
        }
        if (is_over) {
            f->row += f->is_cut && !f->cut_told;
            return end(f, why);
        }
        if ((e = fill(f, why)) && e != E_END)
            return e;
    }
}

static bool put_text(struct rowfile *f, size_t *used, struct text t)
{
    if (t.n > SCRATCH - *used)
        return false;
    memcpy(f->said + *used, t.p, t.n);
    *used += t.n;
    return true;
}

/* A value as a cell of CSV would say it. */
static bool cell_of(struct rowfile *f, const struct json *v, size_t *used, struct text *ret)
{
    char number[24];
    struct text t;
    int64_t n;
    bool flag;
    size_t from = *used;

    *ret = (struct text){ 0 };
    if (json_text(v, ret) || json_kind(v) == JSON_KIND_NULL)
        return true;
    if (json_bool(v, &flag))
        return *ret = flag ? TEXT("yes") : TEXT("no"), true;
    if (json_number(v, &n)) {
        if (!put_text(f, used, (struct text){ number, (uint32_t)snprintf(number, sizeof number, "%lld", (long long)n) }))
            return false;
    } else if (json_kind(v) == JSON_KIND_ARRAY) {
        for (size_t i = 0; i < json_count(v); i++)
            if (!json_text(json_at(v, i), &t) || !put_text(f, used, t) || !put_text(f, used, TEXT(";")))
                return false;
    } else {
        return false;
    }
    *ret = (struct text){ f->said + from, (uint32_t)(*used - from) };
    return true;
}

static enum err next_object(struct rowfile *f, struct row *ret, struct why *why)
{
    struct text line = { 0 };
    size_t used = 0;
    enum err e = next_line(f, &line, why);

    if (e)
        return e;
    json_free(&f->line);
    if (json_parse(line.p, line.n, &f->line, NULL) || json_kind(f->line) != JSON_KIND_OBJECT) {
        why_set(why, "the line is not an object of JSON");
        return E_MALFORMED;
    }
    for (size_t i = 0; i < f->form->columns.count; i++)
        if (!cell_of(f, json_get(f->line, f->form->columns.name[i]), &used, &f->cell[i])) {
            why_set(why, "a value is neither a text, a number, true, false nor a list of texts");
            return E_MALFORMED;
        }
    *ret = (struct row){ f->cell, f->row };
    return E_OK;
}

/* ---- both ------------------------------------------------------------------------- */

static bool ends_in(const char *name, const char *end)
{
    size_t n = strlen(name), m = strlen(end);

    return n >= m && !strcmp(name + n - m, end);
}

enum err rowfile_open(const struct shape *x, enum extract_table t, const char *path, struct rowfile **ret, struct why *why)
{
    struct rowfile *f = calloc(1, sizeof *f);
    enum err e;

    if (!f)
        return E_MEMORY;
    f->shape = x;
    f->table = t;
    f->form = &x->form[t];
    f->is_json = ends_in(path, ".ndjson") || ends_in(path, ".ndjson.gz") || ends_in(path, ".jsonl") || ends_in(path, ".jsonl.gz");
    f->iconv = f->form->encoding[0] ? iconv_open("UTF-8", f->form->encoding) : (iconv_t)-1;
    if ((e = input_open(path, &f->input, why)))
        goto fail;
    if (!input_is_file(f->input)) {
        why_set(why, "%s is not a file", path);
        e = E_USAGE;
        goto fail;
    }
    if (!f->is_json && ((e = rows_open((struct rows_form){ f->form->delimiter, (const char *const *)f->form->columns.name,
                                                           f->form->columns.count, !f->form->is_mapped }, &f->rows)) ||
                        (e = open_header(f, path, why))))
        goto fail;
    *ret = f;
    return E_OK;
fail:
    rowfile_close(&f);
    return e;
}

enum err rowfile_next(struct rowfile *f, struct text ret_cell[TABLE_COLUMNS_MAX], struct why *why)
{
    struct row row;
    enum err e = f->is_json ? next_object(f, &row, why) : next_row(f, &row, why), wrong = E_OK;

    memset(ret_cell, 0, TABLE_COLUMNS_MAX * sizeof *ret_cell);
    if (e)
        return e;
    f->used = 0;
    for (size_t i = 0; i < table_columns(f->table); i++) {
        if (!f->form->cell[i].parts ||
            !(e = template_fill(&f->form->cell[i], &row, &f->shape->tables, f->scratch, SCRATCH, &f->used, &ret_cell[i])))
            continue;
        ret_cell[i] = (struct text){ 0 };
        if (!wrong)
            why_set(why, e == E_UNKNOWN ? "%s holds a code that the mapping's table refuses" : "%s is longer than a text may be",
                    column_table[table_first(f->table) + i].name);
        wrong = wrong ? wrong : e;
    }
    return wrong;
}

uint64_t rowfile_row(const struct rowfile *f) { return f->row; }
uint64_t rowfile_bytes_read(const struct rowfile *f) { return input_bytes_read(f->input); }

bool rowfile_has(const struct rowfile *f, enum column c)
{
    const struct template *t = &f->form->cell[c - table_first(f->table)];

    for (size_t i = 0; i < t->parts; i++)
        if (f->rows && t->part[i].kind == PART_COLUMN && !rows_has(f->rows, t->part[i].column))
            return false;
    return t->parts > 0;
}

void rowfile_close(struct rowfile **pf)
{
    struct rowfile *f = *pf;

    if (!f)
        return;
    if (f->iconv != (iconv_t)-1)
        iconv_close(f->iconv);
    input_close(&f->input);
    rows_close(&f->rows);
    json_free(&f->line);
    free(f);
    *pf = NULL;
}
