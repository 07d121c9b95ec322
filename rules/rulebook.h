/* rulebook.h: an edition of the Code as data, read from YAML. docs/rules.md is its manual. */
#ifndef RULES_RULEBOOK_H
#define RULES_RULEBOOK_H

#include "core/event.h"

enum basis { BASIS_CODE, BASIS_STATUTE, BASIS_AGREEMENT, BASIS_LOCAL };
enum owner { OWNER_POLICE, OWNER_WCU, OWNER_CPS, OWNER_PROBATION, OWNER_ANY };
/* UNIT_DATE: a date in the event. UNIT_AGREED: calendar days as agreed with the victim, else n. */
enum unit { UNIT_WORKING_DAYS, UNIT_CALENDAR_DAYS, UNIT_HOURS, UNIT_DATE, UNIT_AGREED };
enum informed_who { WHO_UNSAID, WHO_VICTIM, WHO_PARENT, WHO_GUARDIAN, WHO_FAMILY, WHO_CONTACT, WHO_SUSPECT, WHO_OTHER };
enum victim_type { VICTIM_UNSAID, VICTIM_PERSON, VICTIM_CHILD, VICTIM_BEREAVED, VICTIM_BUSINESS, VICTIM_POLICE, VICTIM_STATE, VICTIM_OTHER };

/* The rule author of this header fills in struct rule and struct edition; everything
 * that people read of a rule is text here, everything the fold needs is compiled. */
struct limit { enum unit unit; int n; };

struct rule;        /* see the members below */
struct edition;

#include "core/wire.h"

struct rule {
    const char *id, *right, *title, *duty, *source;     /* "R3-INFO", "3", short words, the duty's sentence, where it is from */
    const char *what_to_do, *without_consent;           /* for who owes it; the second where consent is needed and not recorded, "": the same */
    const char *how_to_record;                          /* what in the record system shows that it was done */
    char confidence;                                    /* B V S P K, see docs/rules.md */
    enum basis basis;
    enum owner owner;
    struct limit standard, enhanced;
    bool report_only;                                   /* no alerts, only settlements */
    uint16_t edition;
    const struct rule_program *program;                 /* triggers, evidence, waivers, ladder: compiled, private to rules/ */
};

struct edition {
    const char *name, *title;                           /* "victims-code-2021" */
    struct day in_force, until;                         /* [in_force, until); until.n INT32_MAX: still */
    size_t first_rule, rules;                           /* in law_rule order */
};

const char *basis_name(enum basis b);
const char *owner_name(enum owner o);

#endif
