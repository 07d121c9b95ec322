/* standing.c: which facts stand: corrections applied, what was withdrawn left out, in order of time; of two crimes, what was recorded where
 * the case went on. */
#include "rules/view.h"

#include <assert.h>
#include <stdlib.h>

enum { CHAIN_MAX = 64, PLAIN_MAX = 32 };

static int by_id(const void *a, const void *b)
{
    const struct fact *x = a, *y = b;

    return (x->id > y->id) - (x->id < y->id);
}

const struct fact *find_fact(const struct fact *facts, size_t count, uint64_t id)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (facts[mid].id < id)
            low = mid + 1;
        else
            high = mid;
    }
    return low < count && facts[low].id == id ? &facts[low] : NULL;
}

/* The id at the root of a chain of corrections; the id itself of a fact that corrects nothing.
 * What was corrected may not have come yet: then its id is the root so far. */
uint64_t root_of(const struct fact *facts, size_t count, const struct fact *f)
{
    uint64_t root = f->id;

    for (int steps = 0; f && f->supersedes && steps < CHAIN_MAX; steps++) {
        root = f->supersedes;
        f = find_fact(facts, count, root);
    }
    return root;
}

static int by_root_then_record(const void *a, const void *b)
{
    const struct standing_fact *x = a, *y = b;

    if (x->root != y->root)
        return (x->root > y->root) - (x->root < y->root);
    if (x->fact->recorded_at.s != y->fact->recorded_at.s)
        return (x->fact->recorded_at.s > y->fact->recorded_at.s) - (x->fact->recorded_at.s < y->fact->recorded_at.s);
    /* At one moment a correction comes after what it corrects. */
    if (!x->fact->supersedes != !y->fact->supersedes)
        return x->fact->supersedes ? 1 : -1;
    if (x->fact->id != y->fact->id)
        return x->fact->id < y->fact->id ? -1 : 1;
    return x->fact->elsewhere - y->fact->elsewhere;     /* said again where the case went on: it is there now */
}

static int by_time(const void *a, const void *b)
{
    const struct standing_fact *x = a, *y = b;

    if (x->fact->occurred_at.s != y->fact->occurred_at.s)
        return x->fact->occurred_at.s > y->fact->occurred_at.s ? 1 : -1;
    return (x->root > y->root) - (x->root < y->root);
}

static bool is_among(const struct fact *facts, size_t count, uint64_t id)
{
    for (size_t i = 0; i < count; i++)
        if (facts[i].id == id)
            return true;
    return false;
}

/* Facts come nearly in order of time: each goes back a few places at most. */
static void put_by_time(struct standing_fact *all, size_t count, struct standing_fact f)
{
    for (; count && by_time(&f, &all[count - 1]) < 0; count--)
        all[count] = all[count - 1];
    all[count] = f;
}

/* Where nothing corrects anything, nothing comes from elsewhere and no id is there twice, each fact stands for itself.
 * Looked for among few only; false: it is not so. */
static bool find_plain(struct view *v, const struct fact *facts, size_t count, kind_t withdrawn)
{
    uint64_t ids = 0;                               /* a bit for each of those before; ids may share one */
    size_t kept = 0;

    if (count > PLAIN_MAX)
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct fact *f = &facts[i];
        uint64_t bit = (uint64_t)1 << f->id % 64;
        if (f->supersedes || f->elsewhere || ((ids & bit) && is_among(facts, i, f->id)))
            return false;
        ids |= bit;
        if (f->kind != withdrawn)
            put_by_time(v->all, kept++, (struct standing_fact){ f, f->id, kind_bit(f->kind) });
    }
    v->count = kept;
    v->corrected = false;
    v->facts = facts;
    v->facts_count = count;
    return true;
}

/* Of each chain of corrections the last one stands; a withdrawal leaves nothing. */
static void find_standing(struct view *v, struct fact *facts, size_t count, kind_t withdrawn)
{
    size_t kept = 0;

    assert(count <= FACTS_MAX);
    v->corrected = true;
    v->facts = facts;
    v->facts_count = count;
    qsort(facts, count, sizeof *facts, by_id);
    for (size_t i = 0; i < count; i++)
        v->all[i] = (struct standing_fact){ &facts[i], root_of(facts, count, &facts[i]), kind_bit(facts[i].kind) };
    qsort(v->all, count, sizeof *v->all, by_root_then_record);
    for (size_t i = 0; i < count; i++)
        if ((i + 1 == count || v->all[i].root != v->all[i + 1].root) && v->all[i].fact->kind != withdrawn)
            v->all[kept++] = v->all[i];
    v->count = kept;
    qsort(v->all, kept, sizeof *v->all, by_time);
}

/* When this crime was merged into another that goes on; INSTANT_NONE: it was not. */
static struct instant find_merger(const struct view *v)
{
    struct instant at = INSTANT_NONE;

    for (size_t i = 0; i < v->count; i++)
        if (law_is_merger(v->law, v->all[i].fact))
            at = v->all[i].fact->occurred_at;
    return at;
}

/* What stands of the journey alone; and, if it was merged, also of what was recorded since where it went on. */
void find_all(struct view *v, struct fact *facts, size_t count)
{
    const kind_t withdrawn = v->law->known.event_withdrawn;
    struct instant merger;
    size_t own = 0, both = 0;

    if (find_plain(v, facts, count, withdrawn))
        return;
    for (size_t i = 0; i < count; i++)
        if (!facts[i].elsewhere) {
            if (own != i) {
                struct fact swap = facts[own];
                facts[own] = facts[i];
                facts[i] = swap;
            }
            own++;
        }
    find_standing(v, facts, own, withdrawn);
    merger = find_merger(v);
    if (own == count || !instant_is_set(merger))
        return;
    both = own;
    for (size_t i = own; i < count; i++)
        if (!instant_before(facts[i].occurred_at, merger) && facts[i].kind != v->law->known.recorded)
            facts[both++] = facts[i];
    find_standing(v, facts, both, withdrawn);
}

size_t journey_standing(const struct law *law, struct fact *facts, size_t count, const struct fact **ret)
{
    struct view v;

    v.law = law;
    find_all(&v, facts, count);
    for (size_t i = 0; i < v.count; i++)
        ret[i] = v.all[i].fact;
    return v.count;
}
