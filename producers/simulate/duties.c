/* duties.c: what is owed from the report on, and what comes after the decision. */
#include "producers/simulate/maker.h"

#include <string.h>

enum { MINUTE = 60, HOUR = 3600, DAY = 86400 };

/* ---- from the report on ---------------------------------------------------------------- */

/* Owed from the report, done by one event of `kind`. NULL: never. */
static struct step *do_first(struct maker *m, enum duty_rule rule, const char *kind, int victim, enum parameter never, enum parameter late)
{
    struct draws d = draws_of(m->w->seed, kind, m->c->number * 4ul + (unsigned)victim);
    struct duty *y = maker_owe(m, rule, victim, NULL);
    struct instant at;
    struct step *s;

    if (!maker_decide(m, &d, y, WORKING_DAYS_5, world_rate(m->w, never), world_rate(m->w, late), &at))
        return NULL;
    s = maker_event(m, kind, victim, at);
    maker_done(y, s);
    return s;
}

static void refer(struct maker *m, struct draws *d, int victim, const struct step *need)
{
    static const char *const general[] = { "Victim Support", "Citizens Advice Witness Service" };
    static const char *const special[] = { "Black Country Women's Aid", "Paladin", "Remedi", "RSVP" };
    struct duty *y = maker_owe(m, DUTY_R4_REF, victim, need);
    bool is_special = m->c->is_da || (m->c->offence->group->traits & SEXUAL);
    struct instant at;
    struct step *s;

    if (draws_chance(d, world_rate(m->w, P_referral_declined))) {
        s = maker_event(m, "declined", victim, maker_contact(m, d, need->event.at, draws_between(d, 0, 1)));
        y->fate = FATE_WAIVED;
        maker_done(y, s);
        return;
    }
    if (!maker_decide(m, d, y, WORKING_DAYS_2, world_rate(m->w, P_never_referred), world_rate(m->w, P_referred_late), &at))
        return;
    s = maker_event(m, "made", victim, at);
    s->event.service = is_special ? special[draws_below(d, 4)] : general[draws_below(d, 2)];
    s->event.service_kind = is_special ? "specialist" : "general";
    maker_done(y, s);
    if (draws_chance(d, 0.8)) {
        struct step *first = maker_event(m, "first-contact", victim, maker_contact(m, d, at, draws_between(d, 1, 14)));
        first->event.service = s->event.service;
        first->event.service_kind = s->event.service_kind;
    }
}

static void assess_needs(struct maker *m, int victim)
{
    struct draws d = draws_of(m->w->seed, "needs", m->c->number * 4ul + (unsigned)victim);
    struct step *assessed = do_first(m, DUTY_R4_NEEDS, "needs-assessed", victim, P_needs_never, P_needs_late);
    bool has_need = draws_chance(&d, world_rate(m->w, P_need_found));

    if (!assessed)
        return;
    assessed->event.need = has_need ? YES : NO;
    if (m->c->victim[victim].enhanced)
        assessed->event.enhanced = YES;
    if (has_need)
        refer(m, &d, victim, assessed);
}

static void record(struct maker *m, int victim)
{
    struct duty *y = maker_owe(m, DUTY_R2_REC, victim, NULL);

    y->fate = m->c->recorded.s - m->c->reported.s <= DAY ? FATE_IN_TIME : FATE_LATE;
    y->done = m->c->recorded;
}

/* Something that ought to be said or asked before the decision, without a clock. */
static struct step *ask_by_decision(struct maker *m, struct draws *d, enum duty_rule rule, const char *kind, int victim, enum parameter not_done)
{
    struct crime *c = m->c;
    struct duty *y = maker_owe(m, rule, victim, NULL);
    int64_t first = c->recorded.s + 20 * MINUTE, last = c->decided.s - 20 * MINUTE;
    struct instant at;
    struct step *s;

    y->started = c->decided;
    y->started_by = c->decision;
    if (draws_chance(d, world_rate(m->w, not_done)))
        return NULL;
    if (last - first > 30 * DAY)
        last = first + 30 * DAY;
    if (last <= first)
        at.s = c->decided.s - 5 * MINUTE;
    else
        at.s = first + (last - first) / 100 * draws_between(d, 0, 100);
    s = maker_event(m, kind, victim, at);
    y->fate = FATE_IN_TIME;
    maker_done(y, s);
    return s;
}

static void ask_the_rest(struct maker *m, int victim)
{
    struct crime *c = m->c;
    struct draws d = draws_of(m->w->seed, "asked", c->number * 4ul + (unsigned)victim);
    unsigned traits = c->offence->group->traits;
    struct step *s = ask_by_decision(m, &d, DUTY_VPS, "vps-offered", victim, P_vps_not_offered);

    if (s)
        maker_event(m, draws_chance(&d, 0.4) ? "vps-taken" : "vps-declined", victim, instant_add(s->event.at, 3 * MINUTE));
    if (c->victim[victim].person == FIRM)
        return;
    if ((c->is_da || (traits & SEXUAL)) && (s = ask_by_decision(m, &d, DUTY_GENDER, "interviewer-gender-asked", victim, P_gender_not_asked))) {
        maker_event(m, "interviewer-gender-answered", victim, instant_add(s->event.at, MINUTE))->event.preference =
            draws_chance(&d, 0.4) ? "no-preference" : draws_chance(&d, 0.8) ? "female" : "male";
        maker_event(m, "victim-interviewed", victim, instant_add(s->event.at, HOUR));
    }
    if (traits & (VIOLENT | SEXUAL))
        ask_by_decision(m, &d, DUTY_COMPENSATION, "compensation-told", victim, P_compensation_not_told);
}

static void promise_contact(struct maker *m, int victim)
{
    struct draws d = draws_of(m->w->seed, "promise", m->c->number * 4ul + (unsigned)victim);
    struct instant at, by;
    struct step *s;

    if (!draws_chance(&d, world_rate(m->w, P_contact_promised)))
        return;
    at = maker_contact(m, &d, m->c->recorded, draws_between(&d, 0, 6));
    by = maker_day(m, at, draws_between(&d, 1, 5), 18 * HOUR);
    s = maker_event(m, "contact-promised", victim, at);
    s->event.due_by = by;
    maker_owe(m, DUTY_PROMISE, victim, s)->due_by = by;
    if (!draws_chance(&d, world_rate(m->w, P_promise_broken)))
        maker_event(m, "contact-attempted", victim, instant_add(by, -MINUTE * draws_between(&d, 30, 600)))->event.method = "telephone";
}

void make_first_duties(struct maker *m)
{
    struct step *s;

    for (int v = 0; v < (int)m->c->victims; v++) {
        record(m, v);
        if ((s = do_first(m, DUTY_R3_ACK, "acknowledged", v, P_ack_never, P_ack_late)))
            s->event.method = "letter";
        do_first(m, DUTY_R3_INFO, "code-given", v, P_code_not_told, P_code_told_late);
        assess_needs(m, v);
        ask_the_rest(m, v);
        promise_contact(m, v);
    }
}

/* ---- after the decision ------------------------------------------------------------------ */

/* A promise is kept by whatever contact comes in its time, also one that was made for another reason. */
static void judge_promises(struct maker *m)
{
    struct crime *c = m->c;

    for (size_t i = 0; i < c->duties; i++) {
        struct duty *y = &c->duty[i];
        if (y->rule != DUTY_PROMISE)
            continue;
        for (size_t k = 0; k < c->steps; k++) {
            const struct step *s = &c->step[k];
            if (s->table != TABLE_EVENT || s->victim != y->victim ||
                (strcmp(s->event.kind, "contact-attempted") && strcmp(s->event.kind, "periodic-update") && strcmp(s->event.kind, "victim-informed")))
                continue;
            if (instant_before(s->event.at, maker_day(m, y->started, 0, 0)))
                continue;
            if (!instant_is_set(y->done) || instant_before(s->event.at, y->done))
                maker_done(y, s);
        }
        y->fate = !instant_is_set(y->done) ? FATE_NEVER : instant_after(y->done, y->due_by) ? FATE_LATE : FATE_IN_TIME;
    }
}

static void return_property(struct maker *m)
{
    struct crime *c = m->c;
    struct draws d = maker_draws(m, "property");
    struct instant at, over = c->end == END_1 ? c->closed : c->decided;
    struct step *s;
    struct duty *y;

    if (!draws_chance(&d, c->offence->group->taken / 1000.0))
        return;
    s = maker_event(m, "property-taken", 0, instant_add(c->recorded, MINUTE * draws_between(&d, 10, 200)));
    s->event.item = 1;
    s = maker_event(m, "property-not-needed", 0, instant_add(over, MINUTE * draws_between(&d, 30, 90)));
    s->event.item = 1;
    y = maker_owe(m, DUTY_R10_PROP, 0, s);
    if (!maker_decide(m, &d, y, DAYS_28, world_rate(m->w, P_property_never), world_rate(m->w, P_property_late), &at))
        return;
    s = maker_event(m, "property-returned", 0, at);
    s->event.item = 1;
    maker_done(y, s);
}

static void review(struct maker *m, struct draws *d, int victim)
{
    double late = world_rate(m->w, P_review_late);
    struct step *s = maker_event(m, "review-requested", victim, maker_contact(m, d, m->c->decided, draws_between(d, 3, 60)));
    struct duty *y = maker_owe(m, DUTY_VRR_ACK, victim, s);
    struct instant at, decided;

    if (maker_decide(m, d, y, WORKING_DAYS_10, 0, late, &at))
        maker_done(y, maker_event(m, "review-acknowledged", victim, at));
    y = maker_owe(m, DUTY_VRR_DEC, victim, s);
    if (maker_decide(m, d, y, WORKING_DAYS_30, 0, late, &decided)) {
        s = maker_event(m, "review-decided", victim, instant_max(decided, instant_add(at, HOUR)));
        s->event.reason = draws_chance(d, 0.15) ? "overturned" : "upheld";
        maker_done(y, s);
    }
}

static void complain(struct maker *m, struct draws *d, int victim)
{
    struct step *s = maker_event(m, "complaint-received", victim, maker_contact(m, d, m->c->recorded, draws_between(d, 5, 70)));
    struct duty *y = maker_owe(m, DUTY_R12_ACK, victim, s);
    struct instant at;

    if (maker_decide(m, d, y, WORKING_DAYS_10, 0.03, world_rate(m->w, P_complaint_late), &at))
        maker_done(y, maker_event(m, "complaint-acknowledged", victim, at));
}

/* The force surveys by text message, and one in ten answers: board paper, 1.2.2. Never where it may not be safe. */
static void survey(struct maker *m, struct draws *d, int victim)
{
    static const uint16_t scores[] = { 18, 14, 20, 27, 21 };
    struct crime *c = m->c;
    const struct victim *v = &c->victim[victim];
    struct step *s;

    if (c->is_da || c->hate[0] || v->safe_contact || (v->person != WOMAN && v->person != MAN) || (c->offence->group->traits & (SEXUAL | MURDER)) ||
        !draws_chance(d, world_rate(m->w, P_survey_sent)))
        return;
    s = maker_event(m, "survey-sent", victim, maker_contact(m, d, c->decided, draws_between(d, 7, 30)));
    s->event.method = "text-message";
    if (draws_chance(d, 0.10))
        maker_event(m, "survey-answered", victim, instant_add(s->event.at, HOUR * draws_between(d, 1, 70)))->event.score =
            (uint16_t)(1 + draws_pick(d, scores, 5));
}

void make_aftermath(struct maker *m)
{
    struct crime *c = m->c;

    if (c->victims)
        return_property(m);
    for (int v = 0; v < (int)c->victims; v++) {
        struct draws d = draws_of(m->w->seed, "aftermath", c->number * 4ul + (unsigned)v);
        if ((c->end == END_15 || c->end == END_9 || c->end == END_10 || c->end == END_21) && draws_chance(&d, world_rate(m->w, P_review_requested)))
            review(m, &d, v);
        d = draws_of(m->w->seed, "complaint", c->number * 4ul + (unsigned)v);
        if (draws_chance(&d, world_rate(m->w, P_complaint)))
            complain(m, &d, v);
        d = draws_of(m->w->seed, "survey", c->number * 4ul + (unsigned)v);
        survey(m, &d, v);
    }
    judge_promises(m);
}
