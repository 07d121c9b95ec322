/* journeys.h: every journey and crime in memory, found by handle or by reference.
 *
 * A crime holds the facts that came without a victim and lists its journeys; a
 * journey holds its own facts and what was told of it. Slots are given in order of
 * the handle (the journal number of the first event), so slot order is handle order. */
#ifndef PROCESSORS_JOURNEYS_H
#define PROCESSORS_JOURNEYS_H

#include "processors/facts.h"
#include "rules/journey.h"

#define SLOT_NONE UINT32_MAX

/* A reference: most are short, and stand where they are compared. */
enum { REF_HERE_MAX = 16 };
struct ref { uint8_t n; union { char here[REF_HERE_MAX]; char *p; } __attribute__((packed)); };
static inline struct text ref_text(const struct ref *r) { return (struct text){ r->n <= REF_HERE_MAX ? r->here : r->p, r->n }; }

struct journey {
    uint64_t handle;
    uint32_t crime;                         /* slot of the crime */
    uint32_t next_of_crime;                 /* slot of the crime's next journey, in handle order */
    struct facts facts;
    uint32_t *told;                         /* what was told of its obligations: see told.h */
    uint16_t told_words;
    uint16_t victim_no;                     /* ordinal within the crime, from 1 */
    bool behind;                            /* see struct track */
    struct ref victim_ref;
};

struct crime {
    uint64_t handle;
    uint32_t first_journey, last_journey;   /* slots */
    struct facts facts;
    bool merged;                            /* it or a journey of it says into which crime */
    struct ref ref;
};

struct journeys;
enum err journeys_open(struct journeys **ret) MUST_USE;
void journeys_close(struct journeys **j);
/* Where the facts of its journeys and crimes are kept, and what was told. */
struct pool *journeys_pool(struct journeys *j);

uint32_t journeys_count(const struct journeys *j);
uint32_t crimes_count(const struct journeys *j);
/* Stable addresses until close. */
struct journey *journey_at(struct journeys *j, uint32_t slot);
struct crime *crime_at(struct journeys *j, uint32_t slot);

uint32_t crime_find(struct journeys *j, struct text crime_ref);                     /* SLOT_NONE */
uint32_t journey_find(struct journeys *j, uint32_t crime, struct text victim_ref);  /* SLOT_NONE */
uint32_t journey_by_handle(struct journeys *j, uint64_t handle);                    /* SLOT_NONE */
/* handle must be greater than any before. */
enum err crime_add(struct journeys *j, struct text crime_ref, uint64_t handle, uint32_t *ret) MUST_USE;
enum err journey_add(struct journeys *j, uint32_t crime, struct text victim_ref, uint64_t handle, uint32_t *ret) MUST_USE;
/* A journey with that handle was erased from the crime with a reference of this hash: later victims of it keep their ordinals. In
 * order of (hash, handle), before any journey is added. */
enum err journeys_gone(struct journeys *j, uint64_t crime_hash, uint64_t handle) MUST_USE;

/* As stored, for what was loaded: records up to this one are in it. 0 for the rest, and for all when the fold is past the last. */
uint64_t journey_folded_to(const struct journeys *j, uint32_t slot);
uint64_t crime_folded_to(const struct journeys *j, uint32_t slot);
/* Said of each that is loaded, right after it was added. */
enum err journey_loaded(struct journeys *j, uint32_t slot, uint64_t folded_to) MUST_USE;
enum err crime_loaded(struct journeys *j, uint32_t slot, uint64_t folded_to) MUST_USE;
void journeys_passed(struct journeys *j, uint64_t position);    /* the fold has come to here */

/* A crime says that it was merged into the one whose reference has this hash. Again: nothing changes. */
enum err crime_merge(struct journeys *j, uint32_t crime, uint64_t into) MUST_USE;
/* The crime with a reference of this hash, or SLOT_NONE; and the i-th of those that were merged into it. */
uint32_t crime_by_hash(struct journeys *j, uint64_t hash);
bool crimes_merged(const struct journeys *j);                                       /* any at all */
uint32_t crime_merged_into(const struct journeys *j, uint64_t hash, size_t i);

static inline struct text crime_ref_of(const struct crime *c) { return ref_text(&c->ref); }
static inline struct text victim_ref_of(const struct journey *v) { return ref_text(&v->victim_ref); }

/* Asks for the memory that folding a record will look at. A walk over many records takes these steps in turn for each, some
 * records apart, and finds there what the step before asked for. What is found is a guess. */
struct look { uint64_t hash; const struct crime *crime; const struct journey *journey; uint32_t slot; };   /* slot: of the crime */
void look_for_crime(const struct journeys *j, struct text crime_ref, struct look *look);
void look_at_crime(const struct journeys *j, struct look *look);
void look_at_journey(const struct journeys *j, struct look *look);      /* the crime's first, which most often it is */
void look_at_facts(const struct look *look);
/* The same of a journey whose turn will come by its slot: first its own line of the cache, some journeys later what that names. Beyond
 * the last slot: nothing. */
enum { LOOK_WHOLE = 8, LOOK_FIRST = 2 * LOOK_WHOLE };   /* so many journeys before its turn */
void look_at_slot(const struct journeys *j, uint32_t slot);
void look_at_slot_whole(const struct journeys *j, uint32_t slot);
/* crime_find of what was looked for: a guess is verified, and saves the search. */
uint32_t crime_looked(struct journeys *j, struct text crime_ref, const struct look *look);

#endif
