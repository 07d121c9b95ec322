#include "sinks/opcc/draft.h"

#include "core/hash.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

/* Texts and part lists live in blocks that are freed together. */
enum { BLOCK_BYTES = 64 * 1024, KEY_BYTES_MAX = 2048, TABLES_MAX = 200 };
struct block { struct block *next; size_t used, cap; char bytes[]; };

struct draft {
    struct heading heading;
    struct block *blocks;
    struct quantity *quantity;
    size_t quantities, quantity_cap;
    uint32_t *slot;                     /* quantity index + 1, by hash of key and period; 0 free */
    size_t slots;                       /* a power of two, more than twice the quantities */
    struct sum *sum;
    size_t sums, sum_cap;
    struct table *table[TABLES_MAX];
    size_t tables;
    enum err failed;
};

static void *keep(struct draft *d, size_t n, size_t align)
{
    struct block *b = d->blocks;
    size_t at = b ? (b->used + align - 1) & ~(align - 1) : 0;

    if (!b || at + n > b->cap) {
        size_t cap = n > BLOCK_BYTES ? n : BLOCK_BYTES;
        b = malloc(sizeof *b + cap);
        if (!b) {
            d->failed = E_MEMORY;
            return NULL;
        }
        *b = (struct block){ .next = d->blocks, .cap = cap };
        d->blocks = b;
        at = 0;
    }
    b->used = at + n;
    return b->bytes + at;
}

static const char *keep_text(struct draft *d, const char *text)
{
    size_t n = strlen(text) + 1;
    char *p = keep(d, n, 1);

    return p ? memcpy(p, text, n) : "";
}

/* Room for one more in an array that doubles. */
static bool grow(struct draft *d, void *array, size_t size, size_t count, size_t *cap)
{
    void **a = array, *p;
    size_t more = *cap ? *cap * 2 : 256;

    if (count < *cap)
        return true;
    p = d->failed ? NULL : realloc(*a, more * size);
    if (!p) {
        d->failed = E_MEMORY;
        return false;
    }
    *a = p;
    *cap = more;
    return true;
}

enum err draft_open(const struct heading *h, struct draft **ret)
{
    struct draft *d = calloc(1, sizeof *d);

    if (!d)
        return E_MEMORY;
    d->heading = *h;
    d->heading.force = keep_text(d, h->force);
    d->heading.time_zone = keep_text(d, h->time_zone);
    d->heading.rules = keep_text(d, h->rules);
    d->heading.calendar = keep_text(d, h->calendar);
    *ret = d;
    return E_OK;
}

void draft_close(struct draft **pd)
{
    struct draft *d = *pd;

    if (!d)
        return;
    for (size_t i = 0; i < d->tables; i++) {
        free(d->table[i]->row);
        free(d->table[i]);
    }
    for (struct block *b = d->blocks, *next; b; b = next) {
        next = b->next;
        free(b);
    }
    free(d->quantity);
    free(d->slot);
    free(d->sum);
    free(d);
    *pd = NULL;
}

enum err draft_check(const struct draft *d, struct why *why)
{
    if (d->failed == E_TOO_LARGE)
        why_set(why, "the report is larger than %d counts, %d tables or %d rows in one of them", QUANTITIES_MAX, TABLES_MAX, TABLE_ROWS_MAX);
    return d->failed;
}

const struct heading *draft_heading(const struct draft *d) { return &d->heading; }

const char *draft_words(struct draft *d, const char *fmt, ...)
{
    char text[2048];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return keep_text(d, text);
}

/* ---- quantities ----------------------------------------------------------- */

static const struct { const char *key; bool of_person, of_place; } split_table[] = {
#define X(name, key, of_person, of_place) { key, of_person, of_place },
    SPLITS(X)
#undef X
};

static bool is_sexual(const char *value)
{
    return value && (strstr(value, "RAPE") || strstr(value, "OTHER_SEXUAL"));
}

unsigned slice_threshold(const struct slice *s)
{
    bool of_person = false, of_place = false, below_force = s->by[SPLIT_AREA] || s->by[SPLIT_TEAM];

    for (unsigned i = 0; i < SPLITS_COUNT; i++) {
        of_person |= s->by[i] && split_table[i].of_person;
        of_place |= s->by[i] && split_table[i].of_place;
    }
    if (of_person && of_place)
        return THRESHOLD_FINE;
    if (below_force && (is_sexual(s->by[SPLIT_THEME]) || is_sexual(s->by[SPLIT_OFFENCE])))
        return THRESHOLD_FINE;
    return THRESHOLD;
}

static size_t place_of(const struct draft *d, const char *key, struct period p)
{
    uint64_t h = hash_next((uint64_t)(uint32_t)p.from.n << 32 | (uint32_t)p.to.n, key, strlen(key));
    size_t at = h & (d->slots - 1);

    while (d->slot[at]) {
        const struct quantity *q = &d->quantity[d->slot[at] - 1];
        if (period_same(q->period, p) && strcmp(q->key, key) == 0)
            break;
        at = (at + 1) & (d->slots - 1);
    }
    return at;
}

static bool make_slots(struct draft *d)
{
    size_t slots = d->slots ? d->slots * 2 : 1024;
    uint32_t *old = d->slot;

    if (d->slots > 2 * (d->quantities + 1))
        return true;
    d->slot = d->failed ? NULL : calloc(slots, sizeof *d->slot);
    if (!d->slot) {
        d->slot = old;
        d->failed = E_MEMORY;
        return false;
    }
    d->slots = slots;
    free(old);
    for (uint32_t i = 0; i < d->quantities; i++)
        d->slot[place_of(d, d->quantity[i].key, d->quantity[i].period)] = i + 1;
    return true;
}

uint32_t draft_complement(struct draft *d, const char *what, const struct slice *s, struct period p, uint64_t value)
{
    char key[KEY_BYTES_MAX];
    size_t n = (size_t)snprintf(key, sizeof key, "%s", what), at;

    for (unsigned i = 0; i < SPLITS_COUNT && n < sizeof key; i++)
        if (s->by[i])
            n += (size_t)snprintf(key + n, sizeof key - n, "/%s=%s", split_table[i].key, s->by[i]);
    assert(n < sizeof key);
    if (d->quantities >= QUANTITIES_MAX)
        d->failed = E_TOO_LARGE;
    if (!grow(d, &d->quantity, sizeof *d->quantity, d->quantities, &d->quantity_cap) || !make_slots(d))
        return QUANTITY_NONE;
    at = place_of(d, key, p);
    if (d->slot[at]) {
        assert(d->quantity[d->slot[at] - 1].value == value);
        return d->slot[at] - 1;
    }
    d->quantity[d->quantities] = (struct quantity){ keep_text(d, key), p, value, slice_threshold(s), false };
    d->slot[at] = (uint32_t)++d->quantities;
    return (uint32_t)d->quantities - 1;
}

uint32_t draft_count(struct draft *d, const char *what, const struct slice *s, struct period p, uint64_t value)
{
    uint32_t q = draft_complement(d, what, s, p, value);

    if (q != QUANTITY_NONE)
        d->quantity[q].is_printed = true;
    return q;
}

void draft_sum(struct draft *d, uint32_t total, const uint32_t *part, uint32_t count)
{
    uint64_t all = 0;
    uint32_t *p;

    if (d->failed || count == 0 || !grow(d, &d->sum, sizeof *d->sum, d->sums, &d->sum_cap) || !(p = keep(d, count * sizeof *p, sizeof *p)))
        return;
    for (uint32_t i = 0; i < count; i++)
        all += d->quantity[part[i]].value;
    assert(all == d->quantity[total].value);
    memcpy(p, part, count * sizeof *p);
    d->sum[d->sums++] = (struct sum){ total, count, p };
}

/* ---- tables --------------------------------------------------------------- */

struct table *draft_table(struct draft *d, const struct table_words *w, const char *row_title)
{
    static struct table nowhere;        /* written to and never read, once the draft has failed */
    struct table *t = d->failed || d->tables == TABLES_MAX ? NULL : calloc(1, sizeof *t);

    if (!t) {
        d->failed = d->failed ? d->failed : d->tables == TABLES_MAX ? E_TOO_LARGE : E_MEMORY;
        nowhere = (struct table){ .row_title = "" };
        return &nowhere;
    }
    t->words = (struct table_words){ keep_text(d, w->id), w->part, keep_text(d, w->title), keep_text(d, w->definition), keep_text(d, w->numerator),
                                     keep_text(d, w->denominator), keep_text(d, w->coverage), keep_text(d, w->note ? w->note : "") };
    t->row_title = keep_text(d, row_title);
    d->table[d->tables++] = t;
    return t;
}

unsigned draft_column(struct draft *d, struct table *t, const char *key, const char *title, enum unit unit, const struct period *p)
{
    assert(t->columns < TABLE_COLUMNS_MAX && t->rows == 0);
    struct period of = p ? *p : d->heading.period;
    t->column[t->columns] = (struct column){ keep_text(d, key), keep_text(d, title), unit, of, heading_is_provisional(&d->heading, of) };
    return t->columns++;
}

struct row *draft_row(struct draft *d, struct table *t, const char *key, const char *title)
{
    static struct cell nothing[TABLE_COLUMNS_MAX];
    static struct row nowhere;
    size_t cap = t->row_cap;
    struct cell *cells = NULL;

    if (t->rows == TABLE_ROWS_MAX)
        d->failed = E_TOO_LARGE;
    if (!d->failed && grow(d, &t->row, sizeof *t->row, t->rows, &cap) && (cells = keep(d, t->columns * sizeof *cells, _Alignof(struct cell)))) {
        t->row_cap = (unsigned)cap;
        memset(cells, 0, t->columns * sizeof *cells);
        t->row[t->rows] = (struct row){ keep_text(d, key), keep_text(d, title), cells, false };
        return &t->row[t->rows++];
    }
    nowhere = (struct row){ "", "", nothing, false };
    return &nowhere;
}

void cell_lean(struct row *r, unsigned column, uint32_t quantity)
{
    struct cell *c = &r->cell[column];

    assert(c->leans < CELL_LEANS_MAX);
    c->lean[c->leans++] = quantity;
}

static void print(struct draft *d, uint32_t quantity)
{
    if (quantity != QUANTITY_NONE)
        d->quantity[quantity].is_printed = true;
}

void cell_count(struct draft *d, struct row *r, unsigned column, uint32_t of)
{
    print(d, of);
    r->cell[column] = (struct cell){ .kind = CELL_COUNT, .of = of, .among = QUANTITY_NONE };
    cell_lean(r, column, of);
}

void cell_rate(struct draft *d, struct row *r, unsigned column, uint32_t of, uint32_t rest, uint32_t among)
{
    print(d, of);
    print(d, among);
    r->cell[column] = (struct cell){ .kind = CELL_RATE, .of = of, .among = among };
    cell_lean(r, column, of);
    cell_lean(r, column, rest);
    cell_lean(r, column, among);
}

void cell_number(struct draft *d, struct row *r, unsigned column, uint32_t among, double value, const struct bounds *interval)
{
    print(d, among);
    r->cell[column] = (struct cell){ .kind = CELL_NUMBER, .of = QUANTITY_NONE, .among = among, .value = value, .has_interval = interval,
                                     .interval = interval ? *interval : (struct bounds){ 0, 0 } };
    cell_lean(r, column, among);
}

void cell_words(struct draft *d, struct row *r, unsigned column, const char *words)
{
    r->cell[column] = (struct cell){ .kind = CELL_WORDS, .words = keep_text(d, words) };
}

void cell_mark(struct row *r, unsigned column, enum cell_kind kind) { r->cell[column] = (struct cell){ .kind = kind }; }

size_t draft_quantities(const struct draft *d) { return d->quantities; }
struct quantity *draft_quantity(struct draft *d, uint32_t i) { return &d->quantity[i]; }
size_t draft_sums(const struct draft *d) { return d->sums; }
const struct sum *draft_sum_at(const struct draft *d, size_t i) { return &d->sum[i]; }
size_t draft_tables(const struct draft *d) { return d->tables; }
struct table *draft_table_at(const struct draft *d, size_t i) { return d->table[i]; }
