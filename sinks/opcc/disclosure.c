/* disclosure.c: what is hidden, and what a reader gets instead. The heavy part is protect.c. */
#include "sinks/opcc/disclosure.h"

#include "sinks/opcc/permission.h"
#include "sinks/opcc/protect.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

struct was { uint64_t value; uint32_t issue; };      /* issue 0: it was not */
struct published {
    struct draft *draft;                /* hidden values wiped */
    bool *is_hidden;                    /* of its quantities */
    struct hiding hiding;
    struct was *was;                    /* of its quantities, what was printed before; NULL: nothing was issued */
    struct revision *revision;
    size_t revisions, revision_cap;
    char internal[200];                 /* empty: fit to leave the force */
};

/* Everything that could be used together to work something out: the counts of this report first, in their order,
 * then what was issued before and is not in it, then stretches of days between the ends of overlapping periods. */
struct pool {
    struct protect_count *count;
    const char **key;
    struct period *period;
    size_t counts, cap;
    struct protect_sum *sum;
    size_t sums, sum_cap;
    uint32_t **parts;                   /* owned part lists */
    size_t lists, list_cap;
    enum err failed;
};

static void *more(struct pool *p, void *array, size_t size, size_t cap)
{
    void *bigger = realloc(array, cap * size);

    if (!bigger)
        p->failed = E_MEMORY;
    return bigger ? bigger : array;
}

static uint32_t add(struct pool *p, const char *key, struct period period, struct protect_count c)
{
    if (p->counts == p->cap) {
        size_t cap = p->cap ? p->cap * 2 : 1024;
        p->count = more(p, p->count, sizeof *p->count, cap);
        p->key = more(p, p->key, sizeof *p->key, cap);
        p->period = more(p, p->period, sizeof *p->period, cap);
        p->cap = p->failed ? p->cap : cap;
    }
    if (p->failed)
        return 0;
    p->count[p->counts] = c;
    p->key[p->counts] = key;
    p->period[p->counts] = period;
    return (uint32_t)p->counts++;
}

/* parts is malloc'd and taken. */
static void add_sum(struct pool *p, uint32_t total, uint32_t *parts, uint32_t count, bool was_issued)
{
    if (!parts)
        p->failed = E_MEMORY;
    if (p->sums == p->sum_cap) {
        size_t cap = p->sum_cap ? p->sum_cap * 2 : 1024;
        p->sum = more(p, p->sum, sizeof *p->sum, cap);
        p->sum_cap = p->failed ? p->sum_cap : cap;
    }
    if (p->lists == p->list_cap) {
        size_t cap = p->list_cap ? p->list_cap * 2 : 1024;
        p->parts = more(p, p->parts, sizeof *p->parts, cap);
        p->list_cap = p->failed ? p->list_cap : cap;
    }
    if (p->failed) {
        free(parts);
        return;
    }
    p->parts[p->lists++] = parts;
    p->sum[p->sums++] = (struct protect_sum){ total, count, parts, was_issued };
}

static void drop(struct pool *p)
{
    for (size_t i = 0; i < p->lists; i++)
        free(p->parts[i]);
    free(p->count);
    free(p->key);
    free(p->period);
    free(p->sum);
    free(p->parts);
}

static void take_draft(struct pool *p, struct draft *d)
{
    for (uint32_t i = 0; i < draft_quantities(d); i++) {
        const struct quantity *q = draft_quantity(d, i);
        bool is_small = q->value > 0 && q->value < q->threshold;
        add(p, q->key, q->period, (struct protect_count){ .value = q->value, .threshold = q->threshold, .is_printed = q->is_printed,
            .may_hide = q->is_printed,
            .is_harmless = !q->is_printed && !is_small, .why = is_small && q->is_printed ? HIDDEN_SMALL : SHOWN });
    }
    for (size_t i = 0; i < draft_sums(d) && !p->failed; i++) {
        const struct sum *s = draft_sum_at(d, i);
        uint32_t *parts = malloc(s->count * sizeof *parts);
        if (parts)
            memcpy(parts, s->part, s->count * sizeof *parts);
        add_sum(p, s->total, parts, s->count, false);
    }
}

/* ---- what was issued before ------------------------------------------------- */

struct entry { const char *key; struct period period; uint32_t at; };

static int by_key(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int c = strcmp(x->key, y->key);

    if (c == 0)
        c = (x->period.from.n > y->period.from.n) - (x->period.from.n < y->period.from.n);
    if (c == 0)
        c = (x->period.to.n > y->period.to.n) - (x->period.to.n < y->period.to.n);
    return c ? c : (x->at > y->at) - (x->at < y->at);
}

/* All counts so far, by key and period; malloc'd. */
static struct entry *sorted(struct pool *p)
{
    struct entry *e = malloc((p->counts + 1) * sizeof *e);

    if (!e) {
        p->failed = E_MEMORY;
        return NULL;
    }
    for (uint32_t i = 0; i < p->counts; i++)
        e[i] = (struct entry){ p->key[i], p->period[i], i };
    qsort(e, p->counts, sizeof *e, by_key);
    return e;
}

static const struct entry *find(const struct entry *e, size_t n, const struct issued_count *c)
{
    size_t low = 0, high = n;

    while (low < high) {
        size_t mid = (low + high) / 2;
        struct entry wanted = { c->key, c->period, 0 };
        int order = strcmp(e[mid].key, c->key);
        if (order == 0 && period_same(e[mid].period, c->period))
            return &e[mid];
        if (by_key(&e[mid], &wanted) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

/* What was hidden stays hidden; what was printed and still holds cannot be hidden any more. The rest comes in as
 * it was issued. */
static void take_issued(struct pool *p, const struct issued *before, struct was *was)
{
    size_t n = p->counts;
    struct entry *e = sorted(p);
    uint32_t *at = malloc((issued_counts(before) + 1) * sizeof *at);
    bool *is_stale = calloc(issued_counts(before) + 1, sizeof *is_stale);

    if (!e || !at || !is_stale)
        p->failed = E_MEMORY;
    for (size_t i = 0; i < issued_counts(before) && !p->failed; i++) {
        const struct issued_count *c = issued_count(before, i);
        const struct entry *now = find(e, n, c);
        struct protect_count *mine = now ? &p->count[now->at] : NULL;
        if (!now) {
            at[i] = add(p, c->key, c->period, (struct protect_count){ .value = c->value, .threshold = c->threshold,
                        .is_printed = c->was_printed || c->was_hidden, .why = c->was_hidden ? HIDDEN_KEPT : SHOWN });
            continue;
        }
        at[i] = now->at;
        if (!mine->is_printed)
            continue;
        if (c->was_printed)
            was[now->at] = (struct was){ c->value, c->number };
        if (c->was_hidden && mine->why == SHOWN)
            mine->why = HIDDEN_KEPT;
        else if (c->was_printed && c->value == mine->value && mine->why == SHOWN)
            mine->may_hide = false;
        else if (c->was_printed)
            is_stale[i] = true;
    }
    for (size_t i = 0; i < issued_sums(before) && !p->failed; i++) {
        const struct issued_sum *s = issued_sum(before, i);
        bool stale = is_stale[s->total];
        uint32_t *parts;
        for (uint32_t k = 0; k < s->count; k++)
            stale |= is_stale[s->part[k]];
        if (stale)
            continue;
        parts = malloc(s->count * sizeof *parts);
        for (uint32_t k = 0; parts && k < s->count; k++)
            parts[k] = at[s->part[k]];
        add_sum(p, at[s->total], parts, s->count, true);
    }
    free(e);
    free(at);
    free(is_stale);
}

/* ---- periods ------------------------------------------------------------------ */

enum { SPANS_MAX = 512 };

static int by_day(const void *a, const void *b)
{
    const int32_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

/* One key with several periods: cut at every end of one, each period is the sum of its pieces. A piece that is no
 * period of its own is never printed, and may be worked out only if it is not small. */
static void cut(struct pool *p, const struct entry *e, size_t n, size_t own)
{
    int32_t edge[2 * SPANS_MAX];
    uint32_t piece[2 * SPANS_MAX];
    size_t edges = 0, distinct = 0;
    bool overlap = false, was_issued = false;

    n = n < SPANS_MAX ? n : SPANS_MAX;
    for (size_t i = 0; i < n; i++) {
        edge[edges++] = e[i].period.from.n;
        edge[edges++] = e[i].period.to.n + 1;
        was_issued |= e[i].at >= own;
        overlap |= i > 0 && e[i].period.from.n <= e[i - 1].period.to.n;
    }
    if (!overlap)
        return;
    qsort(edge, edges, sizeof *edge, by_day);
    for (size_t i = 0; i < edges; i++)
        if (distinct == 0 || edge[distinct - 1] != edge[i])
            edge[distinct++] = edge[i];
    for (size_t k = 0; k + 1 < distinct; k++)
        piece[k] = UINT32_MAX;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k + 1 < distinct; k++)
            if (edge[k] == e[i].period.from.n && edge[k + 1] == e[i].period.to.n + 1)
                piece[k] = e[i].at;
    for (size_t i = 0; i < n && !p->failed; i++) {
        uint32_t *parts = malloc(2 * SPANS_MAX * sizeof *parts), count = 0;
        for (size_t k = 0; parts && k + 1 < distinct; k++) {
            if (edge[k] < e[i].period.from.n || edge[k] > e[i].period.to.n)
                continue;
            if (piece[k] == UINT32_MAX)
                piece[k] = add(p, e[i].key, (struct period){ { edge[k] }, { edge[k + 1] - 1 } },
                               (struct protect_count){ .threshold = p->count[e[i].at].threshold, .why = SHOWN });
            parts[count++] = piece[k];
        }
        if (parts && count == 1 && parts[0] == e[i].at)
            free(parts);
        else
            add_sum(p, e[i].at, parts, count, was_issued);
    }
}

/* own: the counts of this report. */
static void cut_periods(struct pool *p, size_t own)
{
    size_t n = p->counts;
    struct entry *e = sorted(p);

    for (size_t from = 0, to; e && from < n && !p->failed; from = to) {
        for (to = from + 1; to < n && strcmp(e[to].key, e[from].key) == 0; to++) {}
        if (to - from > 1)
            cut(p, e + from, to - from, own);
    }
    free(e);
}

/* ---- publishing --------------------------------------------------------------- */

/* Fit to be seen: printed and not hidden; or, of a count printed nowhere, not small: then what is printed may give it. */
static bool is_fit(const struct published *p, uint32_t i)
{
    const struct quantity *q = draft_quantity(p->draft, i);

    return q->is_printed ? !p->is_hidden[i] : q->value == 0 || q->value >= q->threshold;
}

static bool cell_is_fit(const struct published *p, const struct cell *c)
{
    for (unsigned i = 0; i < c->leans; i++)
        if (!is_fit(p, c->lean[i]))
            return false;
    return c->kind == CELL_COUNT || c->among == QUANTITY_NONE || draft_quantity(p->draft, c->among)->value >= RATE_AMONG_MIN ||
           draft_quantity(p->draft, c->among)->value == 0;
}

/* From here on the values are not there to be shown by mistake. */
static void wipe(struct published *p)
{
    for (size_t t = 0; t < draft_tables(p->draft); t++) {
        struct table *table = draft_table_at(p->draft, t);
        for (unsigned r = 0; r < table->rows; r++)
            for (unsigned k = 0; k < table->columns; k++) {
                struct cell *c = &table->row[r].cell[k];
                if (c->kind == CELL_WORDS || cell_is_fit(p, c))
                    continue;
                *c = (struct cell){ .kind = c->kind, .of = QUANTITY_NONE, .among = QUANTITY_NONE };
            }
    }
    for (uint32_t i = 0; i < draft_quantities(p->draft); i++)
        if (p->is_hidden[i] || !draft_quantity(p->draft, i)->is_printed)
            draft_quantity(p->draft, i)->value = 0;
}

static enum err note_revision(struct published *p, const struct table *t, unsigned row, unsigned column)
{
    const struct cell *c = &t->row[row].cell[column];
    const struct was *of, *among;
    uint64_t now_of, now_among;

    if ((c->kind != CELL_COUNT && c->kind != CELL_RATE) || c->leans == 0)
        return E_OK;
    of = &p->was[c->of];
    among = c->kind == CELL_RATE ? &p->was[c->among] : NULL;
    now_of = draft_quantity(p->draft, c->of)->value;
    now_among = among ? draft_quantity(p->draft, c->among)->value : 0;
    if (!of->issue || (among && !among->issue) || (of->value == now_of && (!among || among->value == now_among)))
        return E_OK;
    if (p->revisions == p->revision_cap) {
        size_t cap = p->revision_cap ? p->revision_cap * 2 : 64;
        struct revision *more = realloc(p->revision, cap * sizeof *more);
        if (!more)
            return E_MEMORY;
        p->revision = more;
        p->revision_cap = cap;
    }
    p->revision[p->revisions++] = (struct revision){ t, row, column, of->value, among ? among->value : 0, of->issue };
    return E_OK;
}

/* What can be read now and could be read otherwise before. After wipe. */
static enum err find_revisions(struct published *p)
{
    enum err e = E_OK;

    for (size_t i = 0; i < draft_tables(p->draft) && p->was; i++) {
        const struct table *t = draft_table_at(p->draft, i);
        for (unsigned r = 0; r < t->rows; r++)
            for (unsigned c = 0; c < t->columns && !e; c++)
                e = note_revision(p, t, r, c);
    }
    return e;
}

static enum err begin(struct draft **d, struct published **ret, struct why *why)
{
    struct published *p = NULL;
    enum err e = draft_check(*d, why);

    if (!e && (!(p = calloc(1, sizeof *p)) || !(p->is_hidden = calloc(draft_quantities(*d) + 1, sizeof *p->is_hidden)))) {
        free(p);
        e = E_MEMORY;
    }
    if (e) {
        draft_close(d);
        return e;
    }
    p->draft = *d;
    *d = NULL;
    *ret = p;
    return E_OK;
}

enum err disclosure_publish(struct draft **d, const struct issued *before, struct published **ret, struct why *why)
{
    struct pool pool = { .failed = E_OK };
    struct published *p = NULL;
    enum err e = begin(d, &p, why);

    if (e)
        return e;
    take_draft(&pool, p->draft);
    if (before && !pool.failed) {
        if (!(p->was = calloc(draft_quantities(p->draft) + 1, sizeof *p->was)))
            pool.failed = E_MEMORY;
        else
            take_issued(&pool, before, p->was);
        p->hiding.issues = issued_number(before);
        memcpy(p->hiding.issues_hash, issued_hash(before), sizeof p->hiding.issues_hash);
    }
    cut_periods(&pool, draft_quantities(p->draft));
    if ((e = pool.failed) || (e = protect(pool.count, pool.counts, pool.sum, pool.sums))) {
        published_close(&p);
        goto end;
    }
    for (uint32_t i = 0; i < draft_quantities(p->draft); i++) {
        const struct protect_count *c = &pool.count[i];
        p->is_hidden[i] = c->is_printed && c->why != SHOWN;
        p->hiding.small += c->is_printed && c->why == HIDDEN_SMALL;
        p->hiding.beside += c->why == HIDDEN_BESIDE;
        p->hiding.kept += c->why == HIDDEN_KEPT;
        p->hiding.exposed += c->is_exposed;
    }
    wipe(p);
    if ((e = find_revisions(p)))
        published_close(&p);
    else
        *ret = p;
end:
    drop(&pool);
    return e;
}

enum err disclosure_show_all(struct draft **d, const struct permission *permission, struct published **ret, struct why *why)
{
    struct published *p = NULL;
    enum err e = begin(d, &p, why);

    if (e)
        return e;
    snprintf(p->internal, sizeof p->internal, "%s", permission_words(permission));
    *ret = p;
    return E_OK;
}

void published_close(struct published **pp)
{
    struct published *p = *pp;

    if (!p)
        return;
    draft_close(&p->draft);
    free(p->is_hidden);
    free(p->was);
    free(p->revision);
    free(p);
    *pp = NULL;
}

const char *mark_text(enum mark m)
{
    static const char *const text[] = { "", "[c]", "[x]", "[z]" };

    return text[m];
}

const struct heading *published_heading(const struct published *p) { return draft_heading(p->draft); }
const char *published_internal(const struct published *p) { return p->internal[0] ? p->internal : NULL; }
size_t published_tables(const struct published *p) { return draft_tables(p->draft); }
const struct table *published_table(const struct published *p, size_t i) { return draft_table_at(p->draft, i); }
size_t published_counts(const struct published *p) { return draft_quantities(p->draft); }
size_t published_sums(const struct published *p) { return draft_sums(p->draft); }
const struct sum *published_sum(const struct published *p, size_t i) { return draft_sum_at(p->draft, i); }
size_t published_revisions(const struct published *p) { return p->revisions; }
const struct revision *published_revision(const struct published *p, size_t i) { return &p->revision[i]; }
const struct hiding *published_hiding(const struct published *p) { return &p->hiding; }
bool published_is_printed(const struct published *p, size_t i) { return draft_quantity(p->draft, (uint32_t)i)->is_printed; }
unsigned published_threshold(const struct published *p, size_t i) { return draft_quantity(p->draft, (uint32_t)i)->threshold; }

bool published_count(const struct published *p, size_t i, const char **ret_key, struct period *ret_period, uint64_t *ret_value)
{
    const struct quantity *q = draft_quantity(p->draft, (uint32_t)i);

    *ret_key = q->key;
    *ret_period = q->period;
    *ret_value = q->value;
    return q->is_printed && !p->is_hidden[i];
}

struct figure published_figure(const struct published *p, const struct table *t, unsigned row, unsigned column)
{
    const struct cell *c = &t->row[row].cell[column];
    struct figure f = { .kind = c->kind, .words = c->words, .value = c->value, .interval = c->interval, .has_interval = c->has_interval,
                        .is_at_least = c->is_at_least };

    if (c->kind == CELL_NOT_APPLICABLE || c->kind == CELL_NOT_AVAILABLE) {
        f.mark = c->kind == CELL_NOT_APPLICABLE ? MARK_NOT_APPLICABLE : MARK_NOT_AVAILABLE;
        return f;
    }
    if (c->kind == CELL_EMPTY || c->kind == CELL_WORDS)
        return f;
    if (c->leans == 0) {                        /* wiped */
        f.mark = MARK_HIDDEN;
        return f;
    }
    f.count = c->of == QUANTITY_NONE ? 0 : draft_quantity(p->draft, c->of)->value;
    f.of = c->among == QUANTITY_NONE ? 0 : draft_quantity(p->draft, c->among)->value;
    if (c->kind == CELL_RATE && f.of == 0) {
        f.mark = MARK_NOT_APPLICABLE;
    } else if (c->kind == CELL_RATE) {
        f.value = (double)f.count / (double)f.of;
        f.interval = wilson(f.count, f.of);
        f.has_interval = true;
    }
    return f;
}
