#include "producers/simulate/simulate.h"

#include "producers/simulate/extract.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { DAY = 86400, EXTRACT_CLOCK = 2 * 3600, NEVER = UINT32_MAX };

/* Numbers of crimes that have rows in a batch to come. */
struct bucket { uint32_t *crime; uint32_t n, cap; };

struct simulate {
    struct simulate_options o;
    struct world w;
    struct truth truth;
    struct extract *extract;
    struct instant *end;                /* of each batch */
    struct bucket *bucket;
    uint32_t batches, batch;            /* batch: the next one */
    struct instant complete_to;         /* what whole batches have brought */
    struct day introduced;              /* crimes of the days before it are in the queue */
    struct { uint32_t opens, closes; } *span;   /* of each crime: the batch that first shows it, the one that shows it closed */
    struct crime crime;
};

/* ---- when the batches are --------------------------------------------------------------- */

static struct instant end_of_batch(const struct simulate *s, uint32_t i)
{
    if (s->o.every_s % DAY == 0)
        return world_at(&s->w, day_add(s->o.from, (int)((i + 1) * (s->o.every_s / DAY))), EXTRACT_CLOCK);
    return instant_add(world_at(&s->w, s->o.from, 0), (int64_t)(i + 1) * s->o.every_s);
}

static enum err plan_batches(struct simulate *s, struct why *why)
{
    uint32_t n = 0;

    while (n <= BATCHES_MAX && instant_before(end_of_batch(s, n), s->w.end))
        n++;
    if (n++ >= BATCHES_MAX) {
        why_set(why, "that would be more than %d batches: fewer days, or --every longer", BATCHES_MAX);
        return E_USAGE;
    }
    s->batches = n;
    if (!(s->end = calloc(n, sizeof *s->end)) || !(s->bucket = calloc(n, sizeof *s->bucket)) ||
        !(s->span = calloc(s->o.crimes, sizeof *s->span)))
        return E_MEMORY;
    for (uint32_t i = 0; i < n; i++)
        s->end[i] = end_of_batch(s, i);
    s->w.end = s->end[n - 1];
    memset(s->span, 0xff, s->o.crimes * sizeof *s->span);
    return E_OK;
}

/* The first batch, from the next one on, that ends at t or after it; `batches` when none does. */
static uint32_t batch_at(const struct simulate *s, struct instant t)
{
    uint32_t low = s->batch, high = s->batches;

    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (instant_before(s->end[middle], t))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* ---- the queue ---------------------------------------------------------------------------- */

static enum err push(struct simulate *s, uint32_t batch, uint32_t crime)
{
    struct bucket *b;
    uint32_t *more;

    if (batch >= s->batches)
        return E_OK;
    b = &s->bucket[batch];
    if (b->n == b->cap) {
        b->cap = b->cap ? 2 * b->cap : 8;
        if (!(more = realloc(b->crime, b->cap * sizeof *more)))
            return E_MEMORY;
        b->crime = more;
    }
    b->crime[b->n++] = crime;
    return E_OK;
}

static int by_number(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

/* The crimes of a day: counted, and queued for the batch that has their first row. */
static enum err introduce(struct simulate *s, struct day day)
{
    size_t i = (size_t)(day.n - s->o.from.n);
    struct crime *c = &s->crime;
    enum err e;

    for (uint32_t n = s->w.first_of_day[i]; n < s->w.first_of_day[i + 1]; n++) {
        crime_make(&s->w, n, c);
        truth_add(&s->truth, c);
        s->span[n].opens = batch_at(s, c->recorded);
        s->span[n].closes = batch_at(s, c->closed);
        if ((e = push(s, batch_at(s, c->step[0].shown), n)))
            return e;
    }
    return E_OK;
}

/* Rows shown after what is complete and up to `to`; then the crime waits for its next row. */
static enum err write_crime(struct simulate *s, uint32_t number, struct instant to, bool is_whole)
{
    struct crime *c = &s->crime;

    crime_make(&s->w, number, c);
    for (size_t i = 0; i < c->steps; i++) {
        if (!instant_after(c->step[i].shown, s->complete_to))
            continue;
        if (instant_after(c->step[i].shown, to))
            return is_whole ? push(s, batch_at(s, c->step[i].shown), number) : E_OK;
        extract_row(s->extract, c, &c->step[i]);
    }
    return E_OK;
}

/* ---- a batch ------------------------------------------------------------------------------ */

static int spoil_batch(const struct simulate *s)
{
    struct draws d = draws_of(s->o.seed, "batch", s->batch);
    static const enum parameter kinds[] = { P_missing_batch, P_truncated, P_wrong_count };

    if (s->batch + 1 == s->batches)
        return 0;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (draws_chance(&d, world_rate(&s->w, kinds[i])))
            return (int)kinds[i];
    return 0;
}

/* Once a week, with the first batch of a Monday. */
static bool has_open_list(const struct simulate *s)
{
    struct day day = world_day(&s->w, s->end[s->batch]);

    return day_of_week(day) == 0 && (s->batch == 0 || day_before(world_day(&s->w, s->end[s->batch - 1]), day));
}

static void list_open(struct simulate *s)
{
    char reference[32];

    for (uint32_t n = 0; n < s->o.crimes; n++) {
        if (s->span[n].opens > s->batch || s->span[n].closes <= s->batch)
            continue;
        crime_print_reference(&s->w, n, reference);
        extract_open_crime(s->extract, reference);
    }
}

/* What a batch did not bring, the next one does. */
static enum err carry_over(struct simulate *s)
{
    struct bucket *b = &s->bucket[s->batch];
    enum err e;

    for (uint32_t i = 0; i < b->n; i++)
        if ((e = push(s, s->batch + 1, b->crime[i])))
            return e;
    return E_OK;
}

static enum err write_batch(struct simulate *s, const struct batch_spec *spec, struct why *why)
{
    struct bucket *b = &s->bucket[s->batch];
    uint64_t rows[TABLES];
    enum err e;

    if ((e = extract_begin(s->extract, spec, why)))
        return e;
    for (uint32_t i = 0; i < b->n; i++)
        if ((i == 0 || b->crime[i] != b->crime[i - 1]) && (e = write_crime(s, b->crime[i], spec->to, !spec->spoilt)))
            return e;
    if (spec->has_open_list)
        list_open(s);
    if ((e = extract_end(s->extract, rows, why)))
        return e;
    if (spec->spoilt)
        return E_OK;
    for (size_t t = 0; t < TABLES; t++)
        s->truth.rows[t] += rows[t];
    s->truth.batches++;
    s->complete_to = spec->to;
    return E_OK;
}

enum err simulate_next(struct simulate *s, struct why *why)
{
    struct batch_spec spec;
    struct bucket *b;
    enum err e;

    if (s->batch == s->batches)
        return E_END;
    for (; !day_before(world_day(&s->w, s->end[s->batch]), s->introduced) && !day_before(s->o.to, s->introduced);
         s->introduced = day_add(s->introduced, 1))
        if ((e = introduce(s, s->introduced)))
            return e;
    b = &s->bucket[s->batch];
    if (b->n > 1)
        qsort(b->crime, b->n, sizeof *b->crime, by_number);
    spec = (struct batch_spec){ .id = s->batch + 1, .from = s->complete_to, .to = s->end[s->batch], .spoilt = spoil_batch(s),
                                .has_open_list = has_open_list(s) };
    s->truth.dirt[spec.spoilt] += spec.spoilt != 0;
    if (spec.spoilt != P_missing_batch && (e = write_batch(s, &spec, why)))
        return e;
    if (spec.spoilt && (e = carry_over(s)))
        return e;
    free(b->crime);
    *b = (struct bucket){ 0 };
    s->batch++;
    return E_OK;
}

/* ---- the whole ------------------------------------------------------------------------------ */

enum err simulate_open(const struct simulate_options *o, struct simulate **ret, struct why *why)
{
    struct simulate *s = calloc(1, sizeof *s);
    enum err e;

    if (!s)
        return E_MEMORY;
    s->o = *o;
    s->introduced = o->from;
    if ((e = world_init(&s->w, o->seed, &o->parameters, o->crimes, o->from, o->to, o->until, why)) || (e = plan_batches(s, why)) ||
        (e = truth_init(&s->truth, &s->w)) || (e = extract_open(&s->w, o->drop, &s->extract, why))) {
        simulate_close(&s);
        return e;
    }
    s->complete_to = world_at(&s->w, o->from, 0);
    s->complete_to = instant_add(s->complete_to, -1);
    *ret = s;
    return E_OK;
}

void simulate_close(struct simulate **s)
{
    if (!*s)
        return;
    extract_close(&(*s)->extract);
    truth_fini(&(*s)->truth);
    for (uint32_t i = 0; (*s)->bucket && i < (*s)->batches; i++)
        free((*s)->bucket[i].crime);
    free((*s)->bucket);
    free((*s)->end);
    free((*s)->span);
    world_fini(&(*s)->w);
    free(*s);
    *s = NULL;
}

uint64_t simulate_batches(const struct simulate *s) { return s->batches; }
const struct truth *simulate_truth(const struct simulate *s) { return &s->truth; }
const struct world *simulate_world(const struct simulate *s) { return &s->w; }
