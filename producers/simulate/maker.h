/* maker.h: what the makers of a crime share: rows, duties, and when somebody gets round to something. */
#ifndef PRODUCERS_SIMULATE_MAKER_H
#define PRODUCERS_SIMULATE_MAKER_H

#include "producers/simulate/crime.h"

/* By when: how many days after its start a thing is done in time, and how many days is late, whatever the calendar
 * says. Nothing is ever done in the days between, so that the truth needs no calendar. */
enum limit { WORKING_DAYS_1, WORKING_DAYS_2, WORKING_DAYS_5, WORKING_DAYS_10, WORKING_DAYS_20, WORKING_DAYS_30, DAYS_28, LIMITS };

/* A change to a crime's row or, with a victim, to that victim's. What it does not name stays. */
struct change {
    struct instant at;
    int victim;
    const char *status, *outcome, *cancelled;
    const struct offence *offence;
    bool is_handover, enhanced, is_merged, is_erased;
    uint32_t post;                      /* handover: to whom */
    uint16_t agreed_days;
};
enum { CHANGES_MAX = 32 };

struct maker {
    const struct world *w;
    struct crime *c;
    uint32_t as;                        /* whose draws are taken: the crime's own, or its twin's */
    uint16_t ids;
    size_t changes;
    struct change change[CHANGES_MAX];
};

struct draws maker_draws(const struct maker *m, const char *name);

/* `clock` on the local day `days` after `t`'s. */
struct instant maker_day(const struct maker *m, struct instant t, int days, int clock);
/* When somebody is reached `days` after `t`: in the hours in which people call, after `t`; if that day is over, the next. */
struct instant maker_contact(const struct maker *m, struct draws *d, struct instant t, int days);

/* Adds an event's row; its fields are to be filled in. victim: OF_CRIME for a fact of the crime. It is entered by whoever is
 * on duty, soon after, and never before the crime itself was recorded. Valid until the maker ends. */
struct step *maker_event(struct maker *m, const char *kind, int victim, struct instant at);
struct change *maker_change(struct maker *m, struct instant at, int victim);

/* Something is owed to a victim from `start` on; NULL: from the report. */
struct duty *maker_owe(struct maker *m, enum duty_rule rule, int victim, const struct step *start);
/* Decides what becomes of it; true: it is done, at *ret_at. */
bool maker_decide(struct maker *m, struct draws *d, struct duty *y, enum limit limit, double never, double late, struct instant *ret_at);
/* Done, by this event. */
void maker_done(struct duty *y, const struct step *by);
/* Owes telling a victim, or with OF_CRIME every victim, of a milestone; decides, and adds the telling. */
void maker_tell(struct maker *m, struct draws *d, enum duty_rule rule, struct step *milestone, int victim, enum limit limit,
                double never, double late, bool is_final);

/* ---- the makers, in the order they are called ---------------------------------- */
void make_people(struct maker *m);          /* people.c: the victims */
void make_first_duties(struct maker *m);    /* duties.c: acknowledgement, the Code, needs, referral, promises, ... */
void make_course(struct maker *m);          /* course.c: investigation and decision */
void make_court(struct maker *m, const struct step *charge);    /* court.c */
void make_aftermath(struct maker *m);       /* duties.c: property, reviews, complaints, surveys, ... */
void make_dirt(struct maker *m);            /* dirt.c */
/* Is a row with this dirt on it as good as none? */
bool dirt_hides(int spoilt);
/* The next row of the crime; victim: index or OF_CRIME. */
struct step *maker_step(struct maker *m, enum table table, int victim, struct instant at);

#endif
