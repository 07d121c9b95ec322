#include "sinks/opcc/part.h"

#include "core/hash.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void tally_add(struct tally *t, const struct owed *o)
{
    t->state[o->state]++;
    t->typed_late += o->state == OWED_MET && day_is_set(o->evidenced) && day_is_set(o->due) && o->evidenced.n > o->due.n;
    t->settled_late += o->state == OWED_WAIVED && day_is_set(o->evidenced) && day_is_set(o->due) && o->evidenced.n > o->due.n;
    t->inferred += o->state == OWED_MET && (o->flags & OWED_FLAG_INFERRED);
}

bool rule_is_code(const struct rule_facts *r) { return r->words.basis == 0 && !r->words.report_only; }

bool rule_is(const struct rule_facts *r, const char *id) { return text_same(r->words.id, text_of(id)); }

bool rule_begins(const struct rule_facts *r, const char *prefix)
{
    size_t n = strlen(prefix);

    return r->words.id.n >= n && memcmp(r->words.id.p, prefix, n) == 0;
}

const struct said *said_named(const struct journey_row *j, const char *kind)
{
    for (uint32_t i = 0; i < j->said_count; i++)
        if (strcmp(kind_name(j->said[i].kind), kind) == 0)
            return &j->said[i];
    return NULL;
}

const char *theme_key(enum theme t)
{
    static const char *const key[] = {
#define X(name, words) #name,
        THEMES(X)
#undef X
    };
    return key[t];
}

const char *offence_key(enum offence o)
{
    static const char *const key[] = {
#define X(name, words) #name,
        OFFENCES(X)
#undef X
    };
    return key[o];
}

static uint32_t complement(struct draft *d, const char *what, const char *end, const struct slice *s, struct period p, uint64_t n)
{
    char key[800];

    snprintf(key, sizeof key, "%s/%s", what, end);
    return draft_complement(d, key, s, p, n);
}

struct rate rate_add(struct draft *d, const char *what, const struct slice *s, struct period p, uint64_t kept, uint64_t failed)
{
    struct rate r = { complement(d, what, "kept", s, p, kept), complement(d, what, "failed", s, p, failed), complement(d, what, "owed", s, p, kept + failed) };

    draft_sum(d, r.owed, (uint32_t[]){ r.kept, r.failed }, 2);
    return r;
}

void cell_of_rate(struct draft *d, struct row *r, unsigned column, const struct rate *rate)
{
    cell_rate(d, r, column, rate->kept, rate->failed, rate->owed);
}

void rate_sums(struct draft *d, const struct rate *all, const struct rate *part, unsigned count)
{
    uint32_t *one = malloc((count + 1) * sizeof *one);

    for (unsigned k = 0; one && k < 3; k++) {
        for (unsigned i = 0; i < count; i++)
            one[i] = k == 0 ? part[i].kept : k == 1 ? part[i].failed : part[i].owed;
        draft_sum(d, k == 0 ? all->kept : k == 1 ? all->failed : all->owed, one, count);
    }
    free(one);
}

static uint64_t value(struct draft *d, uint32_t q) { return q == QUANTITY_NONE ? 0 : draft_quantity(d, q)->value; }

void rate_rest(struct draft *d, const char *what, const struct rate *all, const struct rate *one, const struct slice *s, enum split by)
{
    struct slice others = *s;
    char name[TEXT_BYTES_MAX + 2];

    if (all->kept == QUANTITY_NONE || one->kept == QUANTITY_NONE)
        return;
    snprintf(name, sizeof name, "!%s", s->by[by]);
    others.by[by] = name;
    struct rate rest = rate_add(d, what, &others, draft_quantity(d, all->kept)->period, value(d, all->kept) - value(d, one->kept),
                                value(d, all->failed) - value(d, one->failed));
    rate_sums(d, all, (struct rate[]){ *one, rest }, 2);
}

uint32_t names_add(struct names *n, struct text name)
{
    struct text use = name.n ? name : TEXT("not said");
    char **more;

    size_t at = hash_text(use) & (2 * NAMES_SLOTS - 1);

    for (; n->slot[at]; at = (at + 1) & (2 * NAMES_SLOTS - 1))
        if (text_same(text_of(n->name[n->slot[at] - 1]), use))
            return n->slot[at] - 1;
    if (n->count == NAMES_MAX)
        return UINT32_MAX;
    if (n->count == n->cap) {
        if (!(more = realloc(n->name, (n->cap ? n->cap * 2 : 64) * sizeof *more)))
            return UINT32_MAX;
        n->name = more;
        n->cap = n->cap ? n->cap * 2 : 64;
    }
    if (!(n->name[n->count] = strndup(use.p, use.n)))
        return UINT32_MAX;
    n->slot[at] = ++n->count;
    return n->count - 1;
}

void names_fini(struct names *n)
{
    for (unsigned i = 0; i < n->count; i++)
        free(n->name[i]);
    free(n->name);
    memset(n, 0, sizeof *n);
}

static int by_name(const void *a, const void *b, void *names)
{
    const struct names *n = names;

    return strcmp(n->name[*(const uint32_t *)a], n->name[*(const uint32_t *)b]);
}

uint32_t *names_sorted(const struct names *n)
{
    uint32_t *order = malloc((n->count + 1) * sizeof *order);

    for (uint32_t i = 0; order && i < n->count; i++)
        order[i] = i;
    if (order)
        qsort_r(order, n->count, sizeof *order, by_name, (void *)n);
    return order;
}

enum err room(void *array, size_t size, size_t count, size_t *cap)
{
    void **a = array, *p;
    size_t more = *cap ? *cap : 16;

    if (count <= *cap)
        return E_OK;
    while (more < count)
        more *= 2;
    if (!(p = realloc(*a, more * size)))
        return E_MEMORY;
    memset((char *)p + *cap * size, 0, (more - *cap) * size);
    *a = p;
    *cap = more;
    return E_OK;
}
