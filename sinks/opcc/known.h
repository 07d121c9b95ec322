/* known.h: what the report counts: every journey and crime as it was known at an instant, one after the other.
 *
 * A full walk, in the order in which they were first drawn: the same store and instant give the same rows in the same order.
 * Everything handed to a visit is borrowed for that call. */
#ifndef SINKS_OPCC_KNOWN_H
#define SINKS_OPCC_KNOWN_H

#include "core/compliance.h"

/* ---- groups: what rows are counted under; sinks/opcc/groups.c reads them off codes and markers ---- */

/* Thematic areas: a crime may be in several, so they are never added up. Name, words. */
#define THEMES(X) \
    X(DOMESTIC_ABUSE, "Domestic abuse") X(BURGLARY, "Burglary") X(ROBBERY, "Robbery") X(HATE, "Hate crime") \
    X(RAPE, "All rape") X(OTHER_SEXUAL, "Other sexual offences") X(STALKING, "Stalking and harassment") \
    X(VAIWG, "Violence and intimidation against women and girls") \
    X(HATE_RACE, "Hate crime: race") X(HATE_RELIGION, "Hate crime: religion") X(HATE_ORIENTATION, "Hate crime: sexual orientation") \
    X(HATE_DISABILITY, "Hate crime: disability") X(HATE_TRANSGENDER, "Hate crime: transgender identity") \
    X(HATE_GENDER, "Hate crime: gender (local strand)") X(HONOUR, "So-called honour-based abuse or forced marriage")
enum theme {
#define X(name, words) THEME_##name,
    THEMES(X)
#undef X
    THEMES_COUNT
};
const char *theme_words(enum theme t);

/* Offence groups of the Office for National Statistics: each crime in exactly one. Name, words. */
#define OFFENCES(X) \
    X(UNKNOWN, "Offence not known") X(HOMICIDE, "Homicide") X(VIOLENCE_INJURY, "Violence with injury") \
    X(VIOLENCE_OTHER, "Violence without injury") X(STALKING, "Stalking and harassment") X(DRIVING, "Death or serious injury by driving") \
    X(RAPE, "Rape") X(OTHER_SEXUAL, "Other sexual offences") X(ROBBERY, "Robbery") X(BURGLARY_DOMESTIC, "Domestic burglary") \
    X(BURGLARY_OTHER, "Non-domestic burglary") X(VEHICLE, "Vehicle offences") X(THEFT, "Other theft") \
    X(DAMAGE, "Criminal damage and arson") X(PUBLIC_ORDER, "Public order") X(OTHER, "Other offences")
enum offence {
#define X(name, words) OFFENCE_##name,
    OFFENCES(X)
#undef X
    OFFENCES_COUNT
};
const char *offence_words(enum offence o);

enum gender { GENDER_UNKNOWN, GENDER_FEMALE, GENDER_MALE, GENDER_OTHER, GENDERS_COUNT };
const char *gender_words(enum gender g);

/* The headings of the 18+1 self-defined list. Missing and not stated are kept apart. */
#define ETHNICITIES(X) X(MISSING, "Missing") X(NOT_STATED, "Not stated") X(WHITE, "White") X(MIXED, "Mixed") \
                       X(ASIAN, "Asian or Asian British") X(BLACK, "Black or Black British") X(OTHER, "Other")
enum ethnicity {
#define X(name, words) ETHNICITY_##name,
    ETHNICITIES(X)
#undef X
    ETHNICITIES_COUNT
};
const char *ethnicity_words(enum ethnicity e);

/* Offence class, markers ("DA HC_RACE") and the victim's gender code as recorded; texts may be empty. */
enum offence offence_of(struct text ho_class);
enum gender gender_of(struct text code);
enum ethnicity ethnicity_of(struct text code);
uint32_t themes_of(enum offence offence, struct text markers, enum gender victim);

/* ---- one journey, one crime ---- */

/* A rule of any law the store has seen. The same (edition, id) is the same pointer, whatever law a row was judged by. */
struct rule_facts {
    struct law_rule_row words;      /* as the newest law that has it says; texts live until known_close */
    unsigned index;                 /* 0 .. known_rules - 1, in order of first appearance */
};

struct journey_facts {
    const struct journey_row *row;
    const struct rule_facts *const *rule;       /* of row->owed[i]: rule[i] */
    uint32_t themes;                            /* a bit an enum theme */
    enum offence offence;
    enum gender gender;
    enum ethnicity ethnicity;
};

struct crime_facts {
    const struct crime_row *row;
    uint32_t themes;
    enum offence offence;
};

/* ---- the walk ---- */

struct known;
/* store: the folder of the sink. known_at (or INSTANT_NONE: all): what was known then, by the last draw not after it.
 * Beside a sink that may be running: what it commits after this is not seen. E_NOT_FOUND with why: nothing was drawn yet. */
enum err known_open(const char *store, struct instant known_at, struct known **ret, struct why *why) MUST_USE;
void known_close(struct known **k);

/* The tick of the last draw of a local day not after `day`: what --as-known-at means by a date. E_NOT_FOUND with why. */
enum err known_day_end(const char *store, struct day day, struct instant *ret, struct why *why) MUST_USE;

/* The last draw that counts: its tick, sources, what was set aside. */
const struct drawn_row *known_drawn(const struct known *k);
/* The newest law that counts. */
const struct law_row *known_law(const struct known *k);
size_t known_rules(const struct known *k);
const struct rule_facts *known_rule(const struct known *k, size_t index);
/* Working days after `from` up to `to` by the newest calendar; -1: it does not reach. For what is still open at a cut. */
int known_working_days(const struct known *k, struct day from, struct day to);

/* Each in turn; another result than E_OK ends the walk and is returned. E_CORRUPT. May be walked again. */
enum err known_each_journey(struct known *k, enum err (*visit)(void *ctx, const struct journey_facts *j), void *ctx) MUST_USE;
enum err known_each_crime(struct known *k, enum err (*visit)(void *ctx, const struct crime_facts *c), void *ctx) MUST_USE;

/* The first entry of one kind in a journey's row; NULL: never said. Property alone has more than one, an item each. */
const struct said *known_said(const struct journey_row *j, kind_t kind);

#endif
