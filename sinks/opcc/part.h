/* part.h: what every part of the report is: it counts journeys and crimes as they are walked over, then writes its tables.
 *
 * Calls: open; journey for every journey and crime for every crime, in any order; write once; close. */
#ifndef SINKS_OPCC_PART_H
#define SINKS_OPCC_PART_H

#include "sinks/opcc/draft.h"
#include "sinks/opcc/known.h"
#include "sinks/opcc/sample.h"

/* The periods a report looks at: its own, the one before, the same a year before, then 13 months. They overlap. */
enum { SPAN_NOW, SPAN_BEFORE, SPAN_YEAR_BEFORE, SPAN_MONTHS, SPANS = SPAN_MONTHS + PERIOD_MONTHS };
struct scope {
    struct known *known;
    struct period span[SPANS];
    struct day cut;                     /* the local day before which all is known: what is open then is still open */
    size_t rules;                       /* of all laws the store has seen */
    const struct audited_list *audited; /* what auditors answered; NULL: nobody was asked */
};

struct part {
    const char *name;
    enum err (*open)(const struct scope *s, void **ret);            /* s outlives the part */
    enum err (*journey)(void *part, const struct journey_facts *j);  /* NULL: it does not look at them */
    enum err (*crime)(void *part, const struct crime_facts *c);
    void (*write)(void *part, struct draft *d);
    void (*close)(void **part);
};
extern const struct part rights_part, audit_part, groups_part, attrition_part, cps_part, records_part, unaudited_part;

/* ---- counting ---- */

/* Obligations of one rule and slice that fell due in one span, by how they stand. */
struct tally {
    uint32_t state[OWED_STATES];
    uint32_t typed_late;                /* met in time, of which first evidenced after due */
    uint32_t settled_late;              /* waived, of which set after due */
    uint32_t inferred;                  /* met by an informing that named no milestone */
};
void tally_add(struct tally *t, const struct owed *o);
static inline uint64_t tally_kept(const struct tally *t) { return t->state[OWED_MET]; }
static inline uint64_t tally_failed(const struct tally *t)
{
    return (uint64_t)t->state[OWED_MET_LATE] + t->state[OWED_MISSED] + t->state[OWED_BREACHED];
}
static inline uint64_t tally_owed(const struct tally *t) { return tally_kept(t) + tally_failed(t); }

/* Is it of the Code, and counted as such? Basis code, and not counted for the report alone. */
bool rule_is_code(const struct rule_facts *r);
bool rule_is(const struct rule_facts *r, const char *id);
bool rule_begins(const struct rule_facts *r, const char *prefix);
const char *theme_key(enum theme t);        /* "RAPE" */
const char *offence_key(enum offence o);

/* What was said of one kind by its name ("vps-offered"); NULL: never. For property the first item's. */
const struct said *said_named(const struct journey_row *j, const char *kind);

/* ---- writing ---- */

/* A rate as three counts: what + "/kept", "/failed", "/owed", and the sum between them. */
struct rate { uint32_t kept, failed, owed; };
struct rate rate_add(struct draft *d, const char *what, const struct slice *s, struct period p, uint64_t kept, uint64_t failed);
void cell_of_rate(struct draft *d, struct row *r, unsigned column, const struct rate *rate);
/* The slices make up everyone: kept, failed and owed of `all` are the sums of theirs. */
void rate_sums(struct draft *d, const struct rate *all, const struct rate *part, unsigned count);
/* The slice is part of everyone; everyone else must not be small either. */
void rate_rest(struct draft *d, const char *what, const struct rate *all, const struct rate *one, const struct slice *s, enum split by);

/* Names of areas, teams and codes in the order they were first met; sorted before they are written. */
enum { NAMES_MAX = 2000, NAMES_SLOTS = 4096 };
struct names { char **name; unsigned count, cap; uint32_t slot[2 * NAMES_SLOTS]; };    /* slot: number + 1, by hash */
/* The number of a name, new or known. UINT32_MAX: out of memory, or more than NAMES_MAX. */
uint32_t names_add(struct names *n, struct text name);
void names_fini(struct names *n);
/* Numbers in order of the names; malloc'd. */
uint32_t *names_sorted(const struct names *n);
/* Room for `count` of `size` bytes, zeroed where new. */
enum err room(void *array, size_t size, size_t count, size_t *cap);

#endif
