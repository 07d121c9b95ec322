/* court.c: from the charge to the verdict and the sentence, and who tells the victim of it. */
#include "producers/simulate/maker.h"

enum { MINUTE = 60, HOUR = 3600, DAY = 86400, SCHEME_MONTHS = 12, COURT_OPENS = 10 * HOUR };

/* News from court: the Witness Care Unit receives it the same day or the next, if anybody notes when. */
static struct step *news(struct maker *m, struct draws *d, const char *kind, int victim, struct instant at)
{
    struct step *s = maker_event(m, kind, victim, at);

    s->event.is_by_witness_care = true;
    if (!draws_chance(d, world_rate(m->w, P_receipt_unknown)))
        s->event.received = draws_chance(d, 0.7) ? instant_add(at, MINUTE * draws_between(d, 20, 200)) :
                            maker_day(m, at, 1, 9 * HOUR + (int)draws_below(d, 2 * HOUR));
    s->shown = s->updated = s->event.recorded = instant_max(s->event.recorded, instant_add(instant_max(s->event.received, at), MINUTE));
    return s;
}

static void tell(struct maker *m, struct draws *d, enum duty_rule rule, struct step *s, enum limit limit, bool is_final)
{
    maker_tell(m, d, rule, s, s->victim, limit, world_rate(m->w, P_court_never), world_rate(m->w, P_court_late), is_final);
}

static struct step *list_hearing(struct maker *m, struct draws *d, struct instant at, struct instant court)
{
    struct step *s = news(m, d, "hearing-listed", OF_CRIME, at);

    s->event.court = court;
    tell(m, d, DUTY_R8_HEAR, s, WORKING_DAYS_1, false);
    return s;
}

static struct instant next_sitting(struct maker *m, struct draws *d, struct instant t, int days)
{
    struct instant at = maker_day(m, t, days, COURT_OPENS + 900 * (int)draws_below(d, 20));

    while (day_of_week(world_day(m->w, at)) >= 5)
        at = maker_day(m, at, 1, COURT_OPENS);
    return at;
}

static void refer_to_scheme(struct maker *m, struct draws *d, struct step *sentence, int victim)
{
    double late = world_rate(m->w, P_scheme_late);
    struct duty *y = maker_owe(m, DUTY_R11_REF, victim, sentence);
    struct instant at;
    struct step *s;

    if (!instant_is_set(sentence->event.received)) {
        y->fate = FATE_NO_RECEIPT;
        return;
    }
    if (!maker_decide(m, d, y, WORKING_DAYS_10, late / 2, late, &at))
        return;
    s = maker_event(m, "contact-scheme-referred", victim, at);
    s->event.is_by_witness_care = true;
    maker_done(y, s);
    y = maker_owe(m, DUTY_R11_VLO, victim, s);
    if (maker_decide(m, d, y, WORKING_DAYS_20, late / 2, late, &at))
        maker_done(y, maker_event(m, "contact-scheme-contacted", victim, at));
}

static struct instant pass_sentence(struct maker *m, struct draws *d, struct instant verdict)
{
    static const struct spread months = { { 1, 2, 4, 9, 22, 48, 140 } };
    struct instant at = draws_chance(d, 0.5) ? instant_add(verdict, 30 * MINUTE) : next_sitting(m, d, verdict, draws_between(d, 14, 42));
    struct step *s = news(m, d, "sentence", OF_CRIME, at);
    bool is_murder = m->c->offence->group->traits & MURDER;

    s->event.suspect = 1;
    s->event.outcome = "community-order";
    if (is_murder || draws_chance(d, m->c->offence->group->traits & SERIOUS ? 0.6 : 0.2)) {
        s->event.outcome = "imprisonment";
        s->event.months = is_murder ? 200 : (uint16_t)draws_spread(d, &months);
    }
    tell(m, d, DUTY_R9_SENT, s, WORKING_DAYS_1, true);
    if (s->event.months >= SCHEME_MONTHS)
        for (int v = 0; v < (int)m->c->victims; v++)
            refer_to_scheme(m, d, s, v);
    return s->shown;
}

/* Denied: a trial is listed, and the victim must give evidence. Gives the day of the verdict. */
static struct instant hold_trial(struct maker *m, struct draws *d, struct instant first)
{
    static const struct spread wait_days = { { 30, 60, 100, 180, 280, 400, 700 } };
    struct instant at = instant_add(first, 2 * HOUR), trial = next_sitting(m, d, first, draws_spread(d, &wait_days));

    list_hearing(m, d, at, trial);
    for (int v = 0; v < (int)m->c->victims; v++) {
        struct step *s = news(m, d, "must-give-evidence", v, maker_day(m, trial, -draws_between(d, 14, 28), 11 * HOUR));
        s->event.court = trial;
        tell(m, d, DUTY_R8_EVID, s, WORKING_DAYS_1, false);
        if (m->c->offence->group->traits & MURDER) {
            maker_event(m, "court-visit-requested", v, instant_add(s->event.at, DAY));
            maker_event(m, "court-visit-held", v, instant_add(s->event.at, 6 * DAY));
        }
    }
    return instant_add(trial, DAY * draws_between(d, 0, 4) + 5 * HOUR);
}

static void claim_expenses(struct maker *m, struct draws *d, struct instant trial)
{
    for (int v = 0; v < (int)m->c->victims; v++) {
        struct step *s;
        struct duty *y;
        struct instant at;
        if (!draws_chance(d, 0.3))
            continue;
        s = maker_event(m, "claim-received", v, maker_contact(m, d, trial, draws_between(d, 2, 20)));
        s->event.is_by_witness_care = true;
        y = maker_owe(m, DUTY_R10_EXP, v, s);
        if (maker_decide(m, d, y, WORKING_DAYS_10, 0.02, 0.1, &at))
            maker_done(y, maker_event(m, "claim-paid", v, at));
    }
}

void make_court(struct maker *m, const struct step *charge)
{
    struct draws d = maker_draws(m, "court");
    struct instant t = charge->event.at, first = next_sitting(m, &d, t, draws_between(&d, 1, 35)), verdict, last;
    bool is_denied = draws_chance(&d, m->c->offence->group->traits & (SERIOUS | SEXUAL) ? 0.6 : 0.3), is_guilty = true;
    struct step *s;

    list_hearing(m, &d, maker_contact(m, &d, t, 0), first);
    if (draws_chance(&d, 0.12)) {
        s = news(m, &d, "bail-hearing-result", OF_CRIME, instant_add(first, HOUR));
        s->event.suspect = 1;
        tell(m, &d, DUTY_R8_BAIL, s, WORKING_DAYS_5, false);
    }
    if (draws_chance(&d, 0.05)) {
        s = news(m, &d, "warrant-issued", OF_CRIME, instant_add(first, 3 * HOUR));
        s->event.suspect = 1;
        tell(m, &d, DUTY_R8_WARR, s, WORKING_DAYS_5, false);
        first = next_sitting(m, &d, first, draws_between(&d, 3, 30));
    }
    verdict = instant_add(first, HOUR);
    if (is_denied) {
        verdict = hold_trial(m, &d, first);
        is_guilty = draws_chance(&d, 0.6);
        claim_expenses(m, &d, verdict);
    }
    s = news(m, &d, "verdict", OF_CRIME, verdict);
    s->event.suspect = 1;
    s->event.outcome = is_guilty ? "guilty" : "not-guilty";
    last = s->shown;
    tell(m, &d, DUTY_R9_OUT, s, WORKING_DAYS_1, !is_guilty);
    if (is_guilty)
        last = pass_sentence(m, &d, verdict);
    m->c->closed = maker_contact(m, &d, last, draws_between(&d, 1, 4));
}
