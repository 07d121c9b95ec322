/* enhanced.c: when a victim had Enhanced Rights: from the crime and its markers, from age, from what people found and ended. */
#include "rules/view.h"

#include <stdlib.h>

bool scope_has(const struct scope *s, uint16_t markers, const char *ho_class, bool bereaved)
{
    if ((markers & s->markers) || (bereaved && s->bereaved))
        return true;
    for (size_t i = 0; ho_class[0] && i < s->classes; i++)
        if (!memcmp(s->ho_class[i], ho_class, FACT_CLASS_BYTES))    /* filled up with zeros, both */
            return true;
    return false;
}

void attributes_learn(struct attributes *a, const struct fact *f)
{
    a->markers = f->markers_said ? f->markers : a->markers;
    a->flags = (uint8_t)((a->flags & ~f->flags_said) | (f->flags & f->flags_said));
    a->age = f->age != AGE_UNKNOWN ? f->age : a->age;
    a->bereaved |= f->victim_type == VICTIM_BEREAVED;
    if (f->ho_class[0])
        memcpy(a->ho_class, f->ho_class, sizeof a->ho_class);
}

static bool is_entitled(const struct edition_program *p, const struct attributes *a)
{
    return (a->flags & p->flags) || scope_has(&p->entitled, a->markers, a->ho_class, false) || a->bereaved ||
           (a->age != AGE_UNKNOWN && a->age < p->child_below);
}

/* A change of class or of what is known of the victim counts from when it was recorded. */
static bool speaks(const struct law *law, const struct fact *f, struct instant *ret_from)
{
    switch (known_as(law, f->kind)) {
    case KNOWN_recorded: case KNOWN_needs_assessed: case KNOWN_enhanced_found: case KNOWN_enhanced_ended: case KNOWN_victim_died:
        return *ret_from = f->occurred_at, true;
    case KNOWN_reclassified: case KNOWN_victim_described:
        return *ret_from = f->recorded_at, true;
    default:
        return false;
    }
}

static bool comes_after(const struct speaker *a, const struct speaker *b)
{
    return a->from.s != b->from.s ? a->from.s > b->from.s : a->root > b->root;
}

bool may_entitle(const struct law *law, const struct fact *f)
{
    const struct entitling *e = &law->entitling;

    return (f->flags & f->flags_said & e->flags) || (f->markers & e->markers) || f->victim_type == VICTIM_BEREAVED ||
           (f->ho_class[0] && e->classes) || (f->age != AGE_UNKNOWN && f->age < e->child_below);
}

/* They come nearly in order: each goes back a few places at most. */
static void find_speakers(struct view *v)
{
    size_t count = 0;

    for (size_t i = 0; i < v->count; i++) {
        struct speaker s = { .fact = v->all[i].fact, .root = v->all[i].root };
        size_t at = count;
        if (!speaks(v->law, s.fact, &s.from))
            continue;
        for (; at && comes_after(&v->speaker[at - 1], &s); at--)
            v->speaker[at] = v->speaker[at - 1];
        v->speaker[at] = s;
        count++;
    }
    v->speakers = count;
}

/* When Enhanced Rights began and ended by one edition. What was found by a person stands until a person ends it; what the
 * crime or the victim's age gives stands as long as they do, unless a person ended it since. */
static void trace_enhanced(struct view *v, const struct edition_program *p)
{
    const struct known_kinds *k = &v->law->known;
    struct attributes a = { .age = AGE_UNKNOWN };
    bool entitled = false, found = false, ended = false, on = false;

    if (!v->speakers)
        find_speakers(v);
    v->changes = 0;
    for (size_t i = 0; i < v->speakers; i++) {
        const struct fact *f = v->speaker[i].fact;
        bool before = entitled;
        if (f->kind == k->enhanced_found) {
            found = true, ended = false;
        } else if (f->kind == k->enhanced_ended) {
            found = false, ended = true;
        } else if (f->kind == k->needs_assessed) {
            if (f->flags_said & FACT_ENHANCED)
                found = f->flags & FACT_ENHANCED, ended &= !found;
        } else {
            attributes_learn(&a, f);
            a.bereaved |= f->kind == k->victim_died;
            entitled = is_entitled(p, &a);
            ended &= !entitled || before;           /* a new cause is not what was ended */
        }
        if ((found || (entitled && !ended)) != on) {
            on = !on;
            v->change[v->changes++] = (struct change){ v->speaker[i].from, on };
        }
    }
    v->traced = p;
}

struct enhancement find_enhanced(struct view *v, const struct edition_program *p, struct instant start)
{
    struct enhancement e = { false, INSTANT_NONE };

    if (v->traced != p)
        trace_enhanced(v, p);
    for (size_t i = 0; i < v->changes; i++) {
        if (!instant_after(v->change[i].from, start))
            e.at_start = v->change[i].on;
        else if (v->change[i].on && !instant_is_set(e.found))
            e.found = v->change[i].from;
    }
    return e;
}
