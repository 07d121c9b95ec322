/* crime.h: everything that happens in one crime: a pure function of the world and the crime's number.
 *
 * So nothing of a crime is kept between the batches its rows go into: it is made again. */
#ifndef PRODUCERS_SIMULATE_CRIME_H
#define PRODUCERS_SIMULATE_CRIME_H

#include "producers/simulate/world.h"

enum { VICTIMS_MAX = 3, SUSPECTS_MAX = 3, STEPS_MAX = 640, DUTIES_MAX = 320, OF_CRIME = -1, NO_STEP = -1 };

enum concern { CONCERN_RAPE, CONCERN_SEXUAL, CONCERN_HARASSMENT, CONCERN_OTHER, CONCERNS };
enum trait { SERIOUS = 1, SEXUAL = 2, VIOLENT = 4, EVENING = 8, SLOW = 16, MURDER = 32, ON_DUTY = 64 };
enum person { WOMAN, MAN, GIRL, BOY, FIRM, NOBODY, PERSONS };
/* How a case ends, but for outcome 16: the columns of groups.def. */
enum end { END_18, END_14, END_15, END_1, END_3, END_8, END_9, END_10, END_21, END_22, ENDS, END_16 = ENDS };

struct group {                          /* groups.def */
    uint16_t who[PERSONS], da, hate, taken;
    enum team_kind team;
    unsigned traits;
    enum concern concern;
    uint16_t end[ENDS], withdrawn;
};
struct offence { const char *ho_class, *subclass, *title; uint16_t weight; const struct group *group; int youngest, oldest; };

struct victim {
    uint32_t number;                    /* of the person, the same in all crimes */
    enum person person;
    bool is_repeat;                     /* one of those who are victims several times */
    struct day born;
    const char *type, *gender, *ethnicity, *observed;   /* as recorded; "": blank */
    bool vulnerable, intimidated, targeted, enhanced, safe_contact, consent;
    bool hurried;                       /* has, or may come to have, Enhanced Rights: in time is by the next day */
    uint16_t agreed_days;               /* between updates; 0: none agreed */
    const char *preference, *declined, *language;      /* "": not said */
    struct instant erased;              /* not set: never */
};

/* What a crime's row says, and a victim's, as it stands at a step. */
struct crime_face {
    const struct offence *offence;
    const char *status, *outcome, *cancelled;
    bool is_merged;                     /* into its twin */
    struct instant outcome_at;
    uint32_t post;                      /* whose holder has the case */
    uint32_t officer;                   /* who that is: an index into force.officer */
};
struct victim_face { bool enhanced, is_erased; uint16_t agreed_days; };

/* What an event's row says. Texts are literals, NULL: blank. Numbers: 0 blank. */
enum said { UNSAID, NO, YES };
struct happening {
    uint16_t id;                        /* within the crime */
    const char *kind;                   /* its JSON name */
    struct instant at, recorded;
    bool is_by_witness_care;            /* entered by the Witness Care Unit; else see crime_entered_by */
    int informs;                        /* id of the milestone told of; NO_STEP: none is named */
    const char *outcome, *decision_by, *reason, *service, *service_kind, *category, *stage, *preference, *method, *who;
    struct instant received, due_by, court;
    uint16_t suspect, item, months, score, agreed_days;
    enum said need, enhanced, vrr;
    bool is_deleted, is_late;           /* late: entered days after */
};

enum table { TABLE_CRIME, TABLE_VICTIM, TABLE_EVENT, TABLES };
/* A row of an extract. */
struct step {
    enum table table;
    int victim;                         /* index; OF_CRIME */
    struct instant shown, updated;      /* when the record system has it; its last_updated */
    int spoilt;                         /* the enum parameter of the dirt on it; 0: clean */
    union { struct crime_face crime; struct victim_face person; struct happening event; };
};

enum question { ACKNOWLEDGED, UPDATED, VPS, REFERRED, CODE, END, NONE, QUESTIONS = NONE };
enum duty_rule {
#define DUTY(name, rule, question) DUTY_##name,
#include "producers/simulate/duties.def"
#undef DUTY
    DUTY_RULES
};
enum fate { FATE_IN_TIME, FATE_LATE, FATE_NEVER, FATE_WAIVED, FATE_NO_RECEIPT, FATES };
/* What was owed to a victim and what became of it, as it was decided here. */
struct duty {
    enum duty_rule rule;
    int victim;
    enum fate fate;
    bool is_final;                      /* tells of the end of the case */
    struct instant started, done;       /* done: not set when never */
    uint16_t started_by, done_by;       /* ids of the events that say so; 0: the crime's own row */
    struct instant due_by;              /* of a promise */
};

struct crime {
    uint32_t number;
    char reference[32];
    const struct offence *offence;      /* as recorded first */
    size_t area;
    uint32_t team, post;
    bool is_da, is_reclassified, is_cancelled, is_vanished;
    bool is_twin;                       /* the crime before it, recorded once more, and merged into it */
    const char *hate;                   /* strand; "": none */
    struct instant reported, recorded, committed_from, committed_to;
    size_t victims, suspects;
    struct victim victim[VICTIMS_MAX];
    enum end end;
    const char *outcome;                /* Home Office code */
    uint16_t decision;                  /* id of the event that says so */
    struct instant decided, closed;     /* closed: its row says so, or it vanished */
    size_t steps, duties;
    struct step step[STEPS_MAX];        /* in the order in which they are shown */
    struct duty duty[DUTIES_MAX];
    uint32_t dirt[PARAMETERS];          /* how often each kind was done to it, seen or not */
};

/* Makes the crime `number`. The same world and number, the same crime. */
void crime_make(const struct world *w, uint32_t number, struct crime *ret);
/* "20/104201/26" */
void crime_print_reference(const struct world *w, uint32_t number, char ret[32]);
/* Who entered an event: whoever of the team was on duty then, the officer in the case if they were. An index into force.officer. */
uint32_t crime_entered_by(const struct world *w, const struct crime *c, const struct happening *e);
/* When the record system first has an event as it should be; not set: never. id 0: the crime itself. */
struct instant crime_known(const struct crime *c, uint16_t id);
/* The part of a thematic area's crimes that are domestic abuse. */
double crime_da_share(enum concern concern);

#endif
