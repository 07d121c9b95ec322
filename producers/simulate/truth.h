/* truth.h: what was put into the extracts, counted from what was decided, so that a report on them can be checked.
 *
 * Nothing here knows a calendar or a rule book: things are done either well before any deadline or well after it. Crimes
 * that are cancelled, merged or vanish, and victims who are erased, are left out of duties and questions, and counted apart. */
#ifndef PRODUCERS_SIMULATE_TRUTH_H
#define PRODUCERS_SIMULATE_TRUTH_H

#include "core/json.h"
#include "producers/simulate/crime.h"

/* As the record system knows it at the end of the last extract. not_yet: it will be done, and is not known yet. */
struct fates { uint64_t count[FATES], not_yet; };
struct answers { uint64_t yes, late, no, declined, not_yet; };
struct attrition { uint64_t crimes, withdrawn, victim_unknown_suspect, no_suspect, supported; };   /* outcomes: any, 16, 14, 18, 15 */
enum { THEMES = CONCERNS + 1, THEME_DA = CONCERNS };

struct truth {
    const struct world *w;
    uint64_t crimes, without_victim, journeys, cancelled, merged, vanished, erased, decided;
    uint64_t repeat_victims;            /* whose third crime in twelve months was recorded */
    struct fates duty[DUTY_RULES];
    struct answers question[QUESTIONS];
    struct attrition theme[THEMES], theme_in_the_end[THEMES];   /* known at the end; as decided, however late */
    uint64_t outcome[ENDS + 1];
    uint64_t dirt[PARAMETERS];
    uint64_t rows[TABLES], batches;     /* in batches that are whole */
    struct day (*seen)[2];              /* of each person who may be a victim again: the last two crimes */
};

enum err truth_init(struct truth *t, const struct world *w) MUST_USE;
void truth_fini(struct truth *t);
/* Each crime once, in the order of their numbers. */
void truth_add(struct truth *t, const struct crime *c);
/* "no" in a hundred of those it was owed to: what is not known yet will be done. -1: it was owed to nobody. */
double truth_share_not(const struct answers *a);
const char *question_name(enum question q);
/* The whole of it; docs/simulate.md describes it. */
void truth_json(const struct truth *t, struct json_out *o);

#endif
