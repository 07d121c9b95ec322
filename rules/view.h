/* view.h: private to rules/: a journey while it is judged: what stands of its facts, and what follows for all rules. */
#ifndef RULES_VIEW_H
#define RULES_VIEW_H

#include "rules/journey.h"
#include "rules/program.h"

enum { FACTS_MAX = JOURNEY_FACTS_MAX, DEFERRALS_MAX = 16 };

/* A fact that stands, the root of the corrections it ends, and the kind_bit of its kind. */
struct standing_fact { const struct fact *fact; uint64_t root, kind; };
/* What speaks of Enhanced Rights, and from when: a changed class counts from when the change was recorded. */
struct speaker { struct instant from; const struct fact *fact; uint64_t root; };
struct change { struct instant from; bool on; };
struct interval { struct instant from, to; };   /* to INSTANT_NONE: still */
struct view {
    const struct law *law;
    const struct fact *facts;                   /* those that count, standing or not; sorted by id where `corrected` */
    size_t facts_count;
    struct standing_fact all[FACTS_MAX];        /* in order of (occurred_at, root) */
    size_t count;
    bool corrected;                             /* something supersedes, or may */
    uint64_t present;                           /* kind_bit of all that stands */
    struct instant known;                       /* when this victim was first known; INSTANT_NONE: no report */
    struct instant ended, concluded;            /* the journey; the investigation. INSTANT_NONE: goes on */
    uint64_t ended_by, concluded_by;
    uint16_t markers;                           /* of the crime, as last said */
    bool bereaved;
    char ho_class[FACT_CLASS_BYTES];
    struct interval deferral[DEFERRALS_MAX];
    size_t deferrals;
    bool may_be_enhanced;                       /* something speaks for Enhanced Rights; where nothing does they need not be traced */
    struct speaker speaker[FACTS_MAX];          /* on Enhanced Rights, in order of time; found when first traced */
    size_t speakers;
    const struct edition_program *traced;       /* by whose rules `change` is */
    struct change change[FACTS_MAX];            /* of Enhanced Rights, in order of time */
    size_t changes;
    bool held;                                  /* a row about it could not be read */
    struct instant as_known;                    /* bank holidays proclaimed up to then count */
};

/* A walk over what stands, in order of time, of those that may be of the kinds: kinds share bits, so whoever walks looks again. */
struct walk { const struct standing_fact *at, *end; uint64_t kinds; };
static inline struct walk walk_bits(const struct view *v, uint64_t kinds)
{
    const struct standing_fact *end = v->all + v->count;

    return (struct walk){ kinds & v->present ? v->all : end, end, kinds };
}
static inline struct walk walk_kinds(const struct view *v, const struct kind_set *kinds) { return walk_bits(v, kinds_bits(kinds)); }
static inline const struct standing_fact *walk_next(struct walk *w)
{
    for (; w->at < w->end; w->at++)
        if (w->at->kind & w->kinds)
            return w->at++;
    return NULL;
}

/* standing.c: what stands of the journey alone; and, if it was merged, also of what was recorded since where it went on. The facts
 * given are reordered. */
void find_all(struct view *v, struct fact *facts, size_t count);
/* Of facts sorted by id: one by its id, or NULL; the id at the root of a chain of corrections. */
const struct fact *find_fact(const struct fact *facts, size_t count, uint64_t id);
uint64_t root_of(const struct fact *facts, size_t count, const struct fact *f);

/* What is known of victim and crime, from report and later corrections. */
struct attributes { uint16_t markers; uint8_t flags, age; bool bereaved; char ho_class[FACT_CLASS_BYTES]; };
void attributes_learn(struct attributes *a, const struct fact *f);
bool scope_has(const struct scope *s, uint16_t markers, const char *ho_class, bool bereaved);

struct enhancement { bool at_start; struct instant found; };    /* found: after the start; INSTANT_NONE never */
/* Could what this fact says of crime or victim give Enhanced Rights? Nothing that gives them needs two facts. */
bool may_entitle(const struct law *law, const struct fact *f);
/* By the rules of one edition: at an instant, and when they were next found. */
struct enhancement find_enhanced(struct view *v, const struct edition_program *p, struct instant start);
static inline struct enhancement enhanced_at(struct view *v, const struct edition_program *p, struct instant start)
{
    return v->may_be_enhanced ? find_enhanced(v, p, start) : (struct enhancement){ false, INSTANT_NONE };
}

#endif
