#include "producers/connect/record.h"

#include <assert.h>
#include <stdio.h>

const struct column_info column_table[COLUMNS] = {
#define NEEDED true
#define MAY false
#define COLUMN(table, name, type, need, help) { #name, help, TABLE_##table, COLUMN_##type, need },
#include "producers/columns.def"
#undef COLUMN
#undef NEEDED
#undef MAY
};

static const struct { const char *name; enum column first, end; } tables[TABLES] = {
    [TABLE_CRIME] = { "crime", CRIME_crime_reference, VICTIM_crime_reference },
    [TABLE_VICTIM] = { "victim", VICTIM_crime_reference, EVENT_event_id },
    [TABLE_EVENT] = { "event", EVENT_event_id, OPEN_crime_reference },
    [TABLE_OPEN] = { "open", OPEN_crime_reference, MANIFEST_batch_id },
    [TABLE_MANIFEST] = { "manifest", MANIFEST_batch_id, COLUMNS },
};
_Static_assert(EVENT_event_id - VICTIM_crime_reference <= TABLE_COLUMNS_MAX, "a table's columns fit");
_Static_assert(OPEN_crime_reference - EVENT_event_id <= TABLE_COLUMNS_MAX, "a table's columns fit");
_Static_assert((int)TABLE_COLUMNS_MAX * ((int)TEXT_BYTES_MAX + 4) < (int)RECORD_BYTES_MAX, "a packed record fits");

const char *table_name(enum extract_table t) { return tables[t].name; }
enum column table_first(enum extract_table t) { return tables[t].first; }
size_t table_columns(enum extract_table t) { return (size_t)(tables[t].end - tables[t].first); }

static enum column updated_column(enum extract_table t)
{
    return t == TABLE_CRIME ? CRIME_last_updated : t == TABLE_VICTIM ? VICTIM_last_updated : t == TABLE_EVENT ? EVENT_last_updated : COLUMNS;
}

struct instant record_updated(const struct record *r)
{
    assert(r->table <= TABLE_EVENT);
    return record_time(r, updated_column(r->table));
}

bool record_same(const struct record *a, const struct record *b, enum column c)
{
    const struct value *x = record_value(a, c), *y = record_value(b, c);

    return x->said == y->said && x->number == y->number && text_same(x->text, y->text);
}

/* ---- reading ------------------------------------------------------------------- */

/* What sort of value stands in a cell: enough to find the mistake, nothing of the value. */
static const char *sort_of(struct text v)
{
    bool digits = false, letters = false, marks = false, other = false;

    for (uint32_t i = 0; i < v.n; i++) {
        unsigned char b = (unsigned char)v.p[i];
        digits |= b >= '0' && b <= '9';
        letters |= (b | 32) >= 'a' && (b | 32) <= 'z';
        marks |= b == '-' || b == '/' || b == ':' || b == '.' || b == ' ';
        other |= b < ' ' || b > 126;
    }
    return v.n == 0 ? "nothing" : v.n > TEXT_BYTES_MAX ? "a long text" : other ? "other characters" :
           digits && !letters ? (marks ? "digits and marks" : "digits") : letters && !digits ? (marks ? "words" : "a word") : "letters and digits";
}

static enum err refuse(struct fault *f, enum column c, struct text v, enum err e, const char *reason)
{
    f->column = c;
    f->sort = sort_of(v);
    snprintf(f->reason, sizeof f->reason, "%s", reason);
    return e;
}

static bool read_flag(struct text v, int64_t *ret)
{
    static const char *const words[2][5] = { { "no", "n", "false", "0", NULL }, { "yes", "y", "true", "1", NULL } };
    char lower[8];

    if (v.n >= sizeof lower)
        return false;
    for (uint32_t i = 0; i < v.n; i++)
        lower[i] = (char)(v.p[i] >= 'A' && v.p[i] <= 'Z' ? v.p[i] | 32 : v.p[i]);
    for (int flag = 0; flag < 2; flag++)
        for (size_t i = 0; words[flag][i]; i++)
            if (text_same((struct text){ lower, v.n }, text_of(words[flag][i])))
                return *ret = flag, true;
    return false;
}

static bool read_number(struct text v, int64_t *ret)
{
    int64_t n = 0;

    for (uint32_t i = 0; i < v.n; i++)
        if (v.p[i] < '0' || v.p[i] > '9' || (n = n * 10 + (v.p[i] - '0')) > INT64_MAX / 100)
            return false;
    return *ret = n, true;
}

static bool is_separator(char c) { return c == ';' || c == ',' || c == ' '; }

void record_words(const struct record *r, enum column c, struct words *ret)
{
    struct text t = record_text(r, c);
    uint32_t at = 0, from;

    for (ret->n = 0; at < t.n && ret->n < WORDS_MAX;) {
        while (at < t.n && is_separator(t.p[at]))
            at++;
        for (from = at; at < t.n && !is_separator(t.p[at]); at++) {}
        if (at > from)
            ret->word[ret->n++] = (struct text){ t.p + from, at - from };
    }
}

static bool fits_words(struct text t)
{
    uint32_t words = 0, length = 0;

    for (uint32_t i = 0; i <= t.n; i++) {
        if (i < t.n && !is_separator(t.p[i])) {
            words += length++ == 0;
            if (length > REF_BYTES_MAX)
                return false;
        } else {
            length = 0;
        }
    }
    return words <= WORDS_MAX;
}

/* What happened, or was entered, after the extract was made is not known yet: a wrong clock or a slip of the keyboard. */
static bool must_be_past(enum column c)
{
    return c == CRIME_reported_time || c == CRIME_recorded_time || c == CRIME_outcome_date || c == CRIME_last_updated || c == VICTIM_last_updated ||
           c == EVENT_event_time || c == EVENT_recorded_time || c == EVENT_victim_informed_time || c == EVENT_received_time || c == EVENT_last_updated;
}

static enum err read_time(enum column c, struct text v, const struct dates *d, struct instant extract_to, struct value *ret,
                          uint64_t *ambiguous, struct fault *f)
{
    struct instant at;
    struct why why = { "" };
    enum err e = dates_parse(d, column_table[c].name, v, &at, &why);

    if (e)
        return refuse(f, c, v, e, why.text);
    *ambiguous += dates_is_ambiguous(d, v, at);
    if (instant_is_set(extract_to) && must_be_past(c) && instant_after(at, extract_to)) {
        snprintf(why.text, sizeof why.text, "%s lies after the extract's own extract_to", column_table[c].name);
        return refuse(f, c, v, E_RANGE, why.text);
    }
    ret->number = at.s;
    return E_OK;
}

static enum err read_value(enum column c, struct text v, const struct dates *d, struct instant extract_to, struct value *ret,
                           uint64_t *ambiguous, struct fault *f)
{
    const struct column_info *info = &column_table[c];
    uint32_t most = info->type == COLUMN_REF ? REF_BYTES_MAX : TEXT_BYTES_MAX;
    struct why why = { "" };
    struct day day;
    enum err e = E_OK;

    if (c == EVENT_event_id || c == EVENT_informs_event_id || c == EVENT_supersedes_event_id)
        most = EVENT_ID_BYTES_MAX;
    switch (info->type) {
    case COLUMN_REF: case COLUMN_CODE: case COLUMN_TEXT: case COLUMN_WORDS:
        if ((e = event_check_text(info->name, v, 1, most, &why)))
            return refuse(f, c, v, e, why.text);
        if (info->type == COLUMN_WORDS && !fits_words(v))
            return refuse(f, c, v, E_TOO_LARGE, "a list has more words, or longer ones, than a list may");
        ret->text = v;
        break;
    case COLUMN_TIME:
        if ((e = read_time(c, v, d, extract_to, ret, ambiguous, f)))
            return e;
        break;
    case COLUMN_DAY:
        if ((e = dates_parse_day(d, info->name, v, &day, &why)))
            return refuse(f, c, v, e, why.text);
        ret->number = day.n;
        break;
    case COLUMN_FLAG:
        snprintf(why.text, sizeof why.text, "%s is neither yes nor no", info->name);
        if (!read_flag(v, &ret->number))
            return refuse(f, c, v, E_MALFORMED, why.text);
        break;
    case COLUMN_NUMBER:
        snprintf(why.text, sizeof why.text, "%s is not a whole number", info->name);
        if (!read_number(v, &ret->number))
            return refuse(f, c, v, E_MALFORMED, why.text);
        break;
    }
    ret->said = true;
    return E_OK;
}

static bool is_reference(enum column c)
{
    return c == CRIME_crime_reference || c == VICTIM_crime_reference || c == VICTIM_victim_ref || c == EVENT_event_id ||
           c == EVENT_crime_reference || c == EVENT_victim_ref;
}

enum err record_read(enum extract_table t, const struct text *cell, const struct dates *d, struct instant extract_to,
                     struct record *ret, uint64_t *ambiguous, struct fault *fault)
{
    enum column first = table_first(t);
    enum err wrong = E_OK, e;
    struct fault own;

    memset(ret, 0, sizeof *ret);
    ret->table = t;
    for (size_t i = 0; i < table_columns(t); i++) {
        enum column c = first + (enum column)i;
        if (wrong && !is_reference(c))
            continue;                           /* what it is about is wanted all the same */
        e = E_OK;
        if (cell[i].n) {
            e = read_value(c, cell[i], d, extract_to, &ret->value[i], ambiguous, &own);
        } else if (column_table[c].needed) {
            char reason[88];
            snprintf(reason, sizeof reason, "%s is empty", column_table[c].name);
            e = refuse(&own, c, cell[i], E_MALFORMED, reason);
        }
        if (e && !wrong) {
            wrong = e;
            *fault = own;
        }
    }
    return wrong;
}

/* ---- packed -------------------------------------------------------------------- */

static void put(uint8_t *buf, size_t *n, uint64_t v)
{
    for (; v > 127; v >>= 7)
        buf[(*n)++] = (uint8_t)(v | 128);
    buf[(*n)++] = (uint8_t)v;
}

static bool get(struct bytes b, size_t *at, uint64_t *ret)
{
    uint64_t v = 0;

    for (unsigned shift = 0; *at < b.n && shift < 64; shift += 7) {
        uint8_t byte = b.p[(*at)++];
        v |= (uint64_t)(byte & 127) << shift;
        if (!(byte & 128))
            return *ret = v, true;
    }
    return false;
}

static bool is_text(enum column c)
{
    enum column_type t = column_table[c].type;

    return t == COLUMN_REF || t == COLUMN_CODE || t == COLUMN_TEXT || t == COLUMN_WORDS;
}

/* A column is its place in the table, from 1, and its value: a text with its length, a number as zigzag. */
size_t record_pack(const struct record *r, uint8_t *buf)
{
    enum column first = table_first(r->table);
    size_t n = 0;

    for (size_t i = 0; i < table_columns(r->table); i++) {
        const struct value *v = &r->value[i];
        enum column c = first + (enum column)i;
        if (!v->said || c == updated_column(r->table))
            continue;
        buf[n++] = (uint8_t)(i + 1);
        if (is_text(c)) {
            put(buf, &n, v->text.n);
            memcpy(buf + n, v->text.p, v->text.n);
            n += v->text.n;
        } else {
            put(buf, &n, (uint64_t)v->number << 1 ^ (uint64_t)(v->number >> 63));
        }
    }
    assert(n <= RECORD_BYTES_MAX);
    return n;
}

enum err record_unpack(enum extract_table t, struct bytes b, struct record *ret)
{
    enum column first = table_first(t);
    uint64_t number;
    size_t at = 0;

    memset(ret, 0, sizeof *ret);
    ret->table = t;
    while (at < b.n) {
        size_t i = (size_t)b.p[at++] - 1;
        if (i >= table_columns(t) || !get(b, &at, &number))
            return E_CORRUPT;
        ret->value[i].said = true;
        if (!is_text(first + (enum column)i)) {
            ret->value[i].number = (int64_t)(number >> 1) ^ -(int64_t)(number & 1);
            continue;
        }
        if (number > b.n - at)
            return E_CORRUPT;
        ret->value[i].text = (struct text){ (const char *)b.p + at, (uint32_t)number };
        at += number;
    }
    return E_OK;
}
