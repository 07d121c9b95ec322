#include "sinks/opcc/sample.h"

#include "core/hash.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const char *sample_stratum_words(enum stratum_of s)
{
    static const char *const words[] = {
#define X(name, words) words,
        STRATA(X)
#undef X
    };
    return words[s];
}

struct drawing {
    struct period period;
    uint64_t seed;
    struct sampled *one;
    size_t count, cap;
    uint32_t among[SAMPLE_STRATA];
};

static enum stratum_of stratum_of(const struct journey_facts *j)
{
    static const struct { enum theme theme; enum stratum_of stratum; } first[] = {
        { THEME_DOMESTIC_ABUSE, SAMPLE_DOMESTIC_ABUSE }, { THEME_HATE, SAMPLE_HATE }, { THEME_ROBBERY, SAMPLE_ROBBERY }, { THEME_BURGLARY, SAMPLE_BURGLARY },
    };

    for (size_t i = 0; i < sizeof first / sizeof *first; i++)
        if (j->themes >> first[i].theme & 1)
            return first[i].stratum;
    return SAMPLE_OTHER;
}

static enum err visit(void *ctx, const struct journey_facts *j)
{
    struct drawing *d = ctx;

    if (!day_is_set(j->row->reported) || !period_has(d->period, j->row->reported) || (j->row->flags & VICTIM_OVER))
        return E_OK;
    if (d->count == d->cap) {
        size_t cap = d->cap ? d->cap * 2 : 4096;
        struct sampled *more = realloc(d->one, cap * sizeof *more);
        if (!more)
            return E_MEMORY;
        d->one = more;
        d->cap = cap;
    }
    struct sampled *s = &d->one[d->count++];
    *s = (struct sampled){ .lot = hash_next(d->seed, j->row->id, KEYED_BYTES), .stratum = (uint8_t)stratum_of(j) };
    memcpy(s->id, j->row->id, KEYED_BYTES);
    d->among[s->stratum]++;
    return E_OK;
}

static int by_lot(const void *a, const void *b)
{
    const struct sampled *x = a, *y = b;

    if (x->stratum != y->stratum)
        return x->stratum < y->stratum ? -1 : 1;
    if (x->lot != y->lot)
        return x->lot < y->lot ? -1 : 1;
    return memcmp(x->id, y->id, KEYED_BYTES);
}

/* Evenly, and what a small stratum cannot give is shared among the others. */
static void allot(const struct drawing *d, uint32_t size, uint32_t ret[SAMPLE_STRATA])
{
    bool any = true;

    memset(ret, 0, SAMPLE_STRATA * sizeof *ret);
    while (size > 0 && any) {
        any = false;
        for (unsigned s = 0; s < SAMPLE_STRATA && size > 0; s++)
            if (ret[s] < d->among[s]) {
                ret[s]++;
                size--;
                any = true;
            }
    }
}

enum err sample_draw(const char *store, struct instant known_at, struct period period, uint32_t size, uint64_t seed, struct sample *ret, struct why *why)
{
    struct drawing d = { .period = period, .seed = seed };
    struct sample s = { .count = 0 };
    struct known *k = NULL;
    uint32_t left[SAMPLE_STRATA];
    enum err e;

    if ((e = known_open(store, known_at, &k, why)) || (e = known_each_journey(k, visit, &d)))
        goto end;
    if (d.count == 0) {
        why_set(why, "no crime of the period is known: choose another one");
        e = E_USAGE;
        goto end;
    }
    qsort(d.one, d.count, sizeof *d.one, by_lot);
    allot(&d, size, left);
    memcpy(s.among, d.among, sizeof s.among);
    for (size_t i = 0; i < d.count; i++)
        if (left[d.one[i].stratum] > 0) {
            left[d.one[i].stratum]--;
            s.drawn[d.one[i].stratum]++;
            d.one[s.count++] = d.one[i];
        }
    s.one = d.one;
    d.one = NULL;
    *ret = s;
end:
    free(d.one);
    known_close(&k);
    return e;
}

void sample_fini(struct sample *s)
{
    free(s->one);
    *s = (struct sample){ .count = 0 };
}

static int by_id(const void *a, const void *b) { return memcmp(a, b, KEYED_BYTES); }

enum err audited_sort(struct audited_list *l, struct why *why)
{
    if (l->count)
        qsort(l->one, l->count, sizeof *l->one, by_id);
    for (uint32_t i = 1; i < l->count; i++)
        if (by_id(l->one[i - 1].id, l->one[i].id) == 0) {
            why_set(why, "the auditors' sheet has a journey twice: leave one of the rows");
            return E_USAGE;
        }
    return E_OK;
}

const struct audited *audited_find(const struct audited_list *l, const uint8_t id[KEYED_BYTES])
{
    return l->count ? bsearch(id, l->one, l->count, sizeof *l->one, by_id) : NULL;
}
