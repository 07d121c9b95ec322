/* program.h: a rule as the fold needs it: compiled from the YAML, private to rules/. */
#ifndef RULES_PROGRAM_H
#define RULES_PROGRAM_H

#include "core/yaml.h"
#include "rules/concern.h"
#include "rules/fact.h"
#include "rules/law.h"

enum { STARTS_MAX = 8, OUTCOMES_MAX = 24, RUNGS_MAX = LADDER_STEPS_MAX, CLASSES_MAX = 64 };

enum said { SAID_ANY, SAID_YES, SAID_NO };
enum starts_at { AT_OCCURRED, AT_RECEIVED, AT_CONCLUDED };
/* What the end of the investigation does to what is still owed under a rule. */
enum ends { ENDS_IF_MISSED, ENDS_NEVER, ENDS_ALWAYS };

/* Which facts: of these kinds, and of those only such that ... */
struct match {
    struct kind_set kinds;
    bool conditional;                           /* more is asked than the kind: */
    uint8_t by;                                 /* 0 any, 1 police, 2 cps */
    enum said need, vrr;
    uint16_t value_least;                       /* agreed days, months of a sentence: at least so many */
    size_t outcomes;
    char outcome[OUTCOMES_MAX][5];              /* none: any */
};
bool match_conditions_hold(const struct match *m, const struct fact *f);
static inline bool match_holds(const struct match *m, const struct fact *f)
{
    return kinds_has(&m->kinds, f->kind) && (!m->conditional || match_conditions_hold(m, f));
}

/* A way to start: where an earlier one in the list has a fact, later ones do not count. */
struct start {
    struct match match, unless;                 /* unless: such a fact stands, too (of the same item, where items count) */
    enum starts_at at;
};

/* Offence classes and markers, or that the victim is bereaved. */
struct scope { uint16_t markers; bool bereaved; size_t classes; char ho_class[CLASSES_MAX][FACT_CLASS_BYTES]; };

enum rung_kind {
    RUNG_AT_START,                              /* when it starts, under Enhanced Rights */
    RUNG_HALF,                                  /* half the working days before due, 09:00 */
    RUNG_LAST_MORNING,                          /* 09:00 of the day it is due */
    RUNG_OUTSTANDING,                           /* so many working days after due, 09:00 */
};
struct rung { enum rung_kind kind; int days; };

struct rule_program {
    size_t starts;
    struct start start[STARTS_MAX];
    bool prefers;                               /* starts are alternatives in order of preference */
    bool per_journey;                           /* one obligation a journey, not one a trigger */
    struct match met_by, waived_by;
    struct match passes_on;                     /* once such a fact stands, another owner owes what starts */
    enum owner next_owner;
    bool met_when_recorded;                     /* what meets it counts from when it was recorded */
    bool same_item;                             /* what meets it is of the same item */
    bool repeats;                               /* the next trigger takes over from this one */
    enum ends ends;
    struct scope where;                         /* only crimes of these; empty: all */
    bool evidenced;                             /* some source can carry what meets it */
    uint64_t sources;                           /* which: bits of law_sources; 0: none is named at all */
    bool informed;                              /* met by telling the victim of what started it */
    size_t rungs;
    struct rung rung[RUNGS_MAX];
    int grace;                                  /* entry_grace: seconds after midnight of the working day after due; -1: none */
};

/* What an edition says beside its rules. */
struct edition_program {
    char time_zone[64], division[64];
    bool infers;                                /* an informing that names nothing counts */
    uint16_t may_be_told;                       /* a bit per enum informed_who */
    unsigned child_below;                       /* age; 0: no such rule */
    struct scope entitled;                      /* crimes that give Enhanced Rights */
    struct scope asks_consent;                  /* whose referral needs consent that is recorded */
    struct scope liaised;                       /* where the family liaison officer is told too */
    struct match concluding;                    /* what disposes of a suspect, or, naming none, of all */
    uint8_t flags;                              /* enum fact_flag that do */
    size_t kinds;
    char kind[LOCAL_KINDS_MAX][REF_BYTES_MAX + 1];
    size_t sources;
    char source[SOURCES_MAX][REF_BYTES_MAX + 1];
    struct kind_set carries[SOURCES_MAX];       /* what each source can say at all */
};

/* One rule book, read. Texts of rules are owned by it. */
struct rulebook {
    struct edition edition;
    struct edition_program program;
    struct yaml *yaml;
    const struct rulebook *over;                /* while it is read: the book it is laid over, or NULL */
    bool is_overlay;
    size_t count;
    struct rule *rule;
    struct rule_program *compiled;
    char *texts;                                /* terminated copies, for the edition and the rules */
    size_t used, cap;
};
/* `before` (may be NULL): the book read before it, whose local kinds keep their numbers, and over which it may be laid.
 * E_MALFORMED, E_UNKNOWN, E_RANGE with why: "name:line: ...". */
enum err rulebook_open(const char *name, struct bytes yaml, const struct rulebook *before, struct rulebook **ret, struct why *why) MUST_USE;
void rulebook_close(struct rulebook **b);

/* Kinds that mean the same in every edition: the member, its type and its name. One list. */
#define KNOWN_KINDS(X) \
    X(recorded, REPORT, "recorded") X(needs_assessed, UPDATE, "needs-assessed") X(reclassified, UPDATE, "reclassified") \
    X(enhanced_found, UPDATE, "enhanced-found") X(enhanced_ended, UPDATE, "enhanced-ended") \
    X(victim_informed, UPDATE, "victim-informed") X(preference_set, UPDATE, "preference-set") X(oic_changed, UPDATE, "oic-changed") \
    X(cancelled, UPDATE, "cancelled") X(transferred, UPDATE, "transferred") X(merged, UPDATE, "merged") \
    X(event_withdrawn, UPDATE, "event-withdrawn") X(deferred, UPDATE, "deferred") X(resumed, UPDATE, "resumed") \
    X(restricted, UPDATE, "restricted") X(alert_acknowledged, UPDATE, "alert-acknowledged") \
    X(victim_died, UPDATE, "victim-died") X(reopened, OUTCOME, "reopened") X(row_rejected, UPDATE, "row-rejected") \
    X(victim_described, UPDATE, "victim-described") X(erased, UPDATE, "erased")
struct known_kinds {
#define X(member, type, name) kind_t member;
    KNOWN_KINDS(X)
#undef X
};
enum known {
    KNOWN_AS_NONE,
#define X(member, type, name) KNOWN_##member,
    KNOWN_KINDS(X)
#undef X
};

struct law {
    struct known_kinds known;
    uint8_t known_as[KINDS];                    /* by kind: enum known */
    struct rulebook *book[BOOKS_MAX];
    size_t books;
    struct calendar *calendar;                  /* NULL: none, and no rule counts working days */
    struct zone zone;
    struct rule *rule;                          /* of all books, in order */
    const char *source[SOURCES_MAX];            /* of all books, each once */
    size_t sources;
    struct declared { char source[REF_BYTES_MAX + 1]; struct kind_set carries; } declared[SOURCES_MAX];
    size_t declarations;                        /* by sources themselves */
    uint8_t *waiver;                            /* bit of struct fact's waives, by rule: one for each id */
    size_t rules;
    struct entitling { uint8_t flags; uint16_t markers; unsigned child_below; bool classes; } entitling;    /* to Enhanced Rights, in any edition */
    bool concludes;                             /* some fact can end the investigation */
    struct kind_set may_conclude;               /* kinds that end it or open it again, for all suspects or the one they name */
    struct concern whole;
    struct concern of_kind[2][KINDS];           /* by a fact's kind; the second where it names a suspect */
    struct concern assessed;                    /* of an assessment that says nothing of Enhanced Rights: it is of no concern to others */
    struct concern *of_rule;                    /* by rule: what time alone concerns */
    struct rule_set started_by[KINDS];          /* by kind: which rules it may start */
    size_t starts_most;                         /* the most rules of one of them */
};
static inline enum known known_as(const struct law *law, kind_t k) { return k < KINDS ? (enum known)law->known_as[k] : KNOWN_AS_NONE; }
static inline const struct edition_program *law_program(const struct law *law, const struct rule *r)
{
    return &law->book[r->edition]->program;
}

#endif
