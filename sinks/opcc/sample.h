/* sample.h: journeys for auditors to read: a seeded, stratified draw, and their answers beside the program's own. */
#ifndef SINKS_OPCC_SAMPLE_H
#define SINKS_OPCC_SAMPLE_H

#include "sinks/opcc/audit.h"
#include "sinks/opcc/period.h"

/* The strata: a journey belongs to the first that it fits, so that each is in one. */
#define STRATA(X) X(DOMESTIC_ABUSE, "Domestic abuse") X(HATE, "Hate crime") X(ROBBERY, "Robbery") X(BURGLARY, "Burglary") X(OTHER, "All other crimes")
enum stratum_of { /* of a sample */
#define X(name, words) SAMPLE_##name,
    STRATA(X)
#undef X
    SAMPLE_STRATA
};
const char *sample_stratum_words(enum stratum_of s);

enum { SAMPLE_SIZE_MAX = 10000 };
struct sampled { uint8_t id[KEYED_BYTES]; uint64_t lot; uint8_t stratum; };
struct sample {
    struct sampled *one;                /* by stratum, then by lot */
    uint32_t count;
    uint32_t drawn[SAMPLE_STRATA], among[SAMPLE_STRATA];
};

/* Draws `size` journeys of crimes reported in the period and not since cancelled, as many from each stratum as there are, else evenly. Which
 * ones depends on the seed and the keyed ids alone. E_USAGE with why: nothing to draw from. */
enum err sample_draw(const char *store, struct instant known_at, struct period period, uint32_t size, uint64_t seed, struct sample *ret, struct why *why) MUST_USE;
void sample_fini(struct sample *s);

/* What auditors answered: a row for each journey of the sheet; ANSWERS_COUNT: left open. */
struct audited { uint8_t id[KEYED_BYTES]; uint8_t answer[QUESTIONS_COUNT]; };
struct audited_list { struct audited *one; uint32_t count; };
/* Sorted by id; E_USAGE with why: a journey twice. */
enum err audited_sort(struct audited_list *l, struct why *why) MUST_USE;
const struct audited *audited_find(const struct audited_list *l, const uint8_t id[KEYED_BYTES]);   /* NULL: not in the sample */

#endif
