/* told.h: what was told of each obligation of a journey, and when time alone could change that: packed, some fourteen bytes each.
 *
 * In order of (rule, instance). A place is where one of them begins, in words; all end at v->told_words. Whoever changes one changes
 * what is behind it: places before stay. */
#ifndef PROCESSORS_TOLD_H
#define PROCESSORS_TOLD_H

#include "processors/journeys.h"

/* Enough to know whether there is anything new to say. An obligation of which nothing was told yet is here if time can change it.
 * No two members that are kept side by side are here: they would be copied as one, right after they were set one by one, and the
 * processor waits for that until both are in memory. Nor is one narrower than a register: put aside as narrow as it is and taken back as
 * wide as that, it would be waited for too. */
struct told {
    uint64_t instance;
    uint32_t next_tick;                     /* as struct standing has it: seconds; 0 never */
    uint32_t due;                           /* as told: seconds; 0 none */
    uint32_t next_frontier;                 /* as next_tick */
    uint32_t ended_or_whose;                /* as told, in seconds; until it has ended, hash of whom an alert is about: officer, team, restriction */
    uint32_t rule;
    uint32_t stands;                        /* enum level that stands */
    uint32_t step;
    bool alerted;                           /* an alert went out at some time */
    bool has_ended;
};

/* As it is kept: a word, then those pairs of words that are not 0: an obligation takes as much when it waits as when it is settled. */
struct told_head {
    uint32_t rule : 12, stands : 5, step : 4, alerted : 1, has_ended : 1;
    uint32_t waits : 1, is_due : 1, has_instance : 1, words : 3;    /* which pairs follow, and how long it is */
    uint32_t spare : 3;                     /* 0: the word is hashed as it is */
};
enum { TOLD_RULE_MAX = (1 << 12) - 1, TOLD_LEVEL_MAX = (1 << 5) - 1, TOLD_STEP_MAX = (1 << 4) - 1, TOLD_WORDS_MAX = 7 };

enum clock { BY_TICK, BY_FRONTIER };

static inline uint32_t told_ended(const struct told *t) { return t->has_ended ? t->ended_or_whose : 0; }
static inline bool told_is_bare(const struct told *t) { return !t->stands && !t->due && !t->alerted; }  /* nothing was told */

/* The one at a place. */
static inline struct told_head told_at(const struct journey *v, uint32_t at)
{
    struct told_head head;

    memcpy(&head, &v->told[at], sizeof head);
    return head;
}
static inline uint32_t told_after(const struct journey *v, uint32_t at) { return at + told_at(v, at).words; }

/* When time by this clock changes the one at a place; 0: never. */
static inline uint32_t told_next(const struct journey *v, uint32_t at, enum clock clock)
{
    return told_at(v, at).waits ? v->told[at + 1 + clock] : 0;
}

static inline uint64_t told_instance(const struct journey *v, uint32_t at)
{
    uint64_t instance = 0;

    if (told_at(v, at).has_instance)
        memcpy(&instance, &v->told[told_after(v, at) - 2], sizeof instance);
    return instance;
}

static inline bool told_is(const struct journey *v, uint32_t at, uint32_t rule, uint64_t instance)
{
    return at < v->told_words && told_at(v, at).rule == rule && told_instance(v, at) == instance;
}

/* Unpacks the one at a place; returns the next place. */
uint32_t told_read(const struct journey *v, uint32_t at, struct told *ret);
/* The first place that is not before this obligation: its own, or where it would be. */
uint32_t told_place(const struct journey *v, uint32_t rule, uint64_t instance);
/* What was told of it, at that place: nothing, if the place is another's. */
void told_get(const struct journey *v, uint32_t at, uint32_t rule, uint64_t instance, struct told *ret);
/* Keeps this at that place; nothing, where there is nothing to know of it. */
enum err told_keep(struct journey *v, struct pool *pool, uint32_t at, const struct told *is) MUST_USE;
/* All of them; room for OBLIGATIONS_PER_JOURNEY_MAX. Returns how many. */
size_t told_read_all(const struct journey *v, struct told *ret);

#endif
