/* course.c: how a case goes from the report to the decision that ends it. */
#include "producers/simulate/maker.h"

#include <assert.h>
#include <string.h>

enum { MINUTE = 60, HOUR = 3600, DAY = 86400, UPDATES_MAX = 10, UPDATE_DAYS = 27 };

/* The Home Office outcome, how long until it comes in days, and whether a suspect is named. */
static const struct { const char *code; bool is_named; struct spread days; } ends[ENDS + 1] = {
    [END_18] = { "18", false, { { 0, 1, 2, 6, 16, 45, 150 } } },
    [END_14] = { "14", false, { { 0, 1, 4, 12, 35, 80, 200 } } },
    [END_15] = { "15", true,  { { 1, 6, 20, 50, 110, 190, 420 } } },
    [END_16] = { "16", true,  { { 0, 1, 3, 9, 30, 90, 260 } } },
    [END_1]  = { "1",  true,  { { 0, 1, 2, 20, 80, 180, 420 } } },
    [END_3]  = { "3",  true,  { { 0, 1, 3, 14, 45, 90, 180 } } },
    [END_8]  = { "8",  true,  { { 0, 2, 6, 16, 40, 80, 160 } } },
    [END_9]  = { "9",  true,  { { 10, 30, 60, 100, 160, 240, 420 } } },
    [END_10] = { "10", true,  { { 2, 8, 20, 40, 80, 140, 260 } } },
    [END_21] = { "21", true,  { { 2, 8, 20, 40, 80, 140, 260 } } },
    [END_22] = { "22", true,  { { 5, 12, 25, 45, 80, 120, 200 } } },
};

/* ---- which end -------------------------------------------------------------------- */

/* Outcome 16 comes to so many of a thematic area that the whole of it, with its domestic abuse, has the parameter's share. */
static double withdrawn_share(const struct maker *m)
{
    static const int parameter[CONCERNS] = { [CONCERN_RAPE] = P_withdrawn_rape, [CONCERN_SEXUAL] = P_withdrawn_sexual,
                                             [CONCERN_HARASSMENT] = P_withdrawn_harassment };
    const struct group *g = m->c->offence->group;
    double da = world_rate(m->w, P_withdrawn_da), all, part;

    if (m->c->victims == 0)
        return 0;
    if (m->c->is_da)
        return da;
    if (g->concern == CONCERN_OTHER)
        return g->withdrawn / 1000.0;
    all = world_rate(m->w, (enum parameter)parameter[g->concern]);
    part = crime_da_share(g->concern);
    return all < part * da ? 0 : (all - part * da) / (1 - part);
}

static void pick_end(struct maker *m, struct draws *d)
{
    struct crime *c = m->c;
    const struct group *g = c->offence->group;
    int days;

    if (draws_chance(d, withdrawn_share(m)))
        c->end = END_16;
    else
        c->end = (enum end)draws_pick(d, g->end, ENDS);
    c->outcome = ends[c->end].code;
    days = draws_spread(d, &ends[c->end].days);
    if (g->traits & SLOW)
        days = days * 2 + 3;
    c->decided = maker_contact(m, d, c->recorded, days);
    if (ends[c->end].is_named)
        c->suspects = draws_chance(d, world_rate(m->w, P_second_suspect)) ? 2 + draws_below(d, SUSPECTS_MAX - 1) : 1;
    assert(c->suspects <= SUSPECTS_MAX);
}

/* ---- the investigation --------------------------------------------------------------- */

static void tell(struct maker *m, struct draws *d, enum duty_rule rule, struct step *milestone)
{
    maker_tell(m, d, rule, milestone, OF_CRIME, WORKING_DAYS_5, world_rate(m->w, P_update_never), world_rate(m->w, P_update_late), false);
}

static struct step *milestone(struct maker *m, const char *kind, int suspect, struct instant at)
{
    struct step *s = maker_event(m, kind, OF_CRIME, at);

    s->event.suspect = (uint16_t)suspect;
    return s;
}

/* Out of custody, with the case still open. Gives when. */
static struct instant let_go(struct maker *m, struct draws *d, int suspect, struct instant at)
{
    struct crime *c = m->c;
    size_t how = draws_pick(d, (const uint16_t[]){ 45, 40, 15 }, 3);
    struct instant changed;

    if (how == 2) {
        tell(m, d, DUTY_R6_RELEASED, milestone(m, "released", suspect, at));
    } else if (how == 1) {
        tell(m, d, DUTY_R6_RUI, milestone(m, "under-investigation", suspect, at));
    } else {
        tell(m, d, DUTY_R6_BAIL, milestone(m, "bailed", suspect, at));
        changed = maker_contact(m, d, at, draws_between(d, 5, 60));
        if (draws_chance(d, 0.3) && instant_before(changed, instant_add(c->decided, -DAY))) {
            tell(m, d, DUTY_R6_BAILVAR, milestone(m, "bail-changed", suspect, changed));
            return changed;
        }
    }
    return at;
}

/* Arrest or an invitation, interview, and out again. Gives when the last of it was. */
static struct instant question_suspect(struct maker *m, struct draws *d, int suspect)
{
    static const struct spread arrest_days = { { 0, 0, 0, 1, 5, 18, 70 } };
    struct crime *c = m->c;
    int64_t open_s = c->decided.s - c->recorded.s;
    struct instant t = instant_add(c->recorded, DAY * draws_spread(d, &arrest_days) + MINUTE * draws_between(d, 20, 600));
    bool is_arrest = draws_chance(d, c->is_da ? 0.75 : 0.55);

    if (t.s > c->decided.s - DAY)
        t = instant_add(c->recorded, open_s / 100 * draws_between(d, 5, 60));
    if (is_arrest)
        tell(m, d, DUTY_R6_ARREST, milestone(m, "arrested", suspect, t));
    t = instant_add(t, MINUTE * draws_between(d, 90, 600));
    tell(m, d, DUTY_R6_INTERVIEW, milestone(m, "interviewed", suspect, t));
    t = instant_add(t, MINUTE * draws_between(d, 40, 240));
    if (is_arrest && instant_before(instant_add(t, DAY), c->decided))
        t = let_go(m, d, suspect, t);
    return t;
}

/* Rape: early advice, the file to the CPS, and when it was allocated. Gives when the CPS had done. */
static struct instant ask_prosecutor(struct maker *m, struct draws *d, struct instant after)
{
    struct crime *c = m->c;
    struct instant t = maker_contact(m, d, after, draws_between(d, 4, 40)), at = t, last = t;
    struct step *sent;
    struct duty *first = NULL;

    sent = maker_event(m, draws_chance(d, 0.1) ? "cps-resubmitted" : "cps-submitted", OF_CRIME, t);
    for (int v = 0; v < (int)c->victims; v++) {
        struct duty *y = maker_owe(m, DUTY_CPS_28, v, sent);
        if (first) {
            y->fate = first->fate;
            y->done = first->done;
            y->done_by = first->done_by;
            continue;
        }
        first = y;
        if (maker_decide(m, d, y, DAYS_28, 0, world_rate(m->w, P_cps_late), &at)) {
            maker_done(y, maker_event(m, "cps-allocated", OF_CRIME, at));
            last = at;
        }
    }
    last = maker_contact(m, d, last, draws_between(d, 3, 25));
    maker_event(m, "cps-advice", OF_CRIME, last);
    return last;
}

static void update_now_and_then(struct maker *m, struct draws *d)
{
    struct crime *c = m->c;

    for (int v = 0; v < (int)c->victims; v++) {
        int every = c->victim[v].agreed_days ? c->victim[v].agreed_days - 1 : UPDATE_DAYS;
        for (int i = 1; i <= UPDATES_MAX; i++) {
            struct instant at = maker_contact(m, d, c->recorded, i * every - draws_between(d, 0, 3));
            if (!instant_before(at, c->decided))
                break;
            if (draws_chance(d, 0.75))
                maker_event(m, "periodic-update", v, at)->event.method = "telephone";
            else if (draws_chance(d, 0.5))
                maker_event(m, "contact-attempted", v, at)->event.method = "telephone";
        }
    }
}

/* ---- the decision ----------------------------------------------------------------------- */

static void withdraw_support(struct maker *m, struct draws *d)
{
    static const char *const stages[] = { "report", "investigation", "pre-charge" };
    static const char *const reasons[] = { "fear", "relationship", "delay", "not-believed", "wellbeing", "other" };
    struct crime *c = m->c;

    for (int v = 0; v < (int)c->victims; v++) {
        int64_t open_s = c->decided.s - c->recorded.s;
        struct step *s = maker_event(m, "support-withdrawn", v, instant_add(c->recorded, open_s / 100 * draws_between(d, 20, 95)));
        s->event.stage = stages[draws_pick(d, (const uint16_t[]){ 30, 55, 15 }, 3)];
        s->event.reason = reasons[draws_below(d, 6)];
    }
}

static void propose_disposal(struct maker *m, struct draws *d)
{
    struct crime *c = m->c;
    struct instant at = instant_add(c->decided, -MINUTE * draws_between(d, 60, 2000));
    struct step *s = maker_event(m, "disposal-proposed", OF_CRIME, at);

    s->event.suspect = 1;
    for (int v = 0; v < (int)c->victims; v++) {
        struct duty *y = maker_owe(m, DUTY_VIEWS, v, s);
        if (draws_chance(d, world_rate(m->w, P_views_not_sought)))
            continue;
        y->fate = FATE_IN_TIME;
        maker_done(y, maker_event(m, "disposal-views-sought", v, instant_add(at, MINUTE * draws_between(d, 5, 55))));
    }
}

static struct step *decide(struct maker *m, const char *kind, const char *by, int suspect, struct instant at, const char *code)
{
    struct step *s = milestone(m, kind, suspect, at);

    s->event.decision_by = by;
    s->event.outcome = code;
    return s;
}

static void tell_end(struct maker *m, struct draws *d, enum duty_rule rule, struct step *s)
{
    maker_tell(m, d, rule, s, s->victim, WORKING_DAYS_5, world_rate(m->w, P_end_not_told), world_rate(m->w, P_end_told_late), true);
}

/* A suspect beside the first is let go with no further action, before the case is decided. */
static void drop_others(struct maker *m, struct draws *d)
{
    struct crime *c = m->c;

    for (int s = 2; s <= (int)c->suspects; s++) {
        struct instant last = question_suspect(m, d, s), at = instant_add(c->decided, -MINUTE * draws_between(d, 10, 120));
        if (!instant_before(last, at))
            c->decided = instant_add(last, 3 * HOUR), at = instant_add(last, HOUR);
        tell(m, d, DUTY_R6_NFA, decide(m, "no-further-action", "police", s, at, "15"));
    }
}

/* Whether a review was offered is said of each victim, so each has a row of their own. Gives the last. */
static struct step *end_with_review(struct maker *m, struct draws *d, const char *kind, const char *by, enum duty_rule rule)
{
    struct crime *c = m->c;
    struct step *s = NULL;

    for (int v = 0; v < (int)c->victims; v++) {
        s = decide(m, kind, by, 1, c->decided, c->outcome);
        s->victim = v;
        s->event.vrr = draws_chance(d, 0.8) ? YES : NO;
        tell_end(m, d, rule, s);
    }
    return s ? s : decide(m, kind, by, 1, c->decided, c->outcome);
}

static struct step *end_case(struct maker *m, struct draws *d)
{
    struct crime *c = m->c;
    const struct group *g = c->offence->group;
    int suspect = c->suspects ? 1 : 0;
    const char *kind;
    struct step *s;

    switch (c->end) {
    case END_1:
        kind = draws_chance(d, 0.15) ? "summonsed" : "charged";
        s = decide(m, kind, draws_chance(d, g->traits & (SERIOUS | VIOLENT) ? 0.9 : 0.4) ? "cps" : "police", suspect, c->decided, "1");
        tell(m, d, DUTY_R6_CHARGE, s);
        return s;
    case END_3: case END_8: case END_22:
        propose_disposal(m, d);
        s = decide(m, c->end == END_3 ? "cautioned" : "other-disposal", "police", suspect, c->decided, c->outcome);
        tell_end(m, d, DUTY_R6_OOCD, s);
        return s;
    case END_9:
        return end_with_review(m, d, "cps-no-charge", "cps", DUTY_R6_CPSNO);
    case END_18:
        if (!(g->traits & (SERIOUS | SEXUAL | VIOLENT)) && c->decided.s - c->recorded.s < 3 * DAY) {
            s = decide(m, "not-investigated", "police", 0, c->decided, "18");
            s->event.reason = "no-lines-of-enquiry";
            tell(m, d, DUTY_R6_NOINV, s);
            return s;
        }
        break;
    case END_14: case END_16:
        withdraw_support(m, d);
        break;
    case END_15:
        if (g->concern == CONCERN_RAPE && draws_chance(d, 0.5))
            maker_event(m, "nfa-meeting-held", OF_CRIME, instant_add(c->decided, -HOUR * draws_between(d, 2, 90)));
        return end_with_review(m, d, "no-further-action", "police", DUTY_R6_NFA);
    case END_10: case END_21:
        return end_with_review(m, d, "no-further-action", "police", DUTY_R6_NFA);
    }
    s = decide(m, "no-further-action", "police", suspect, c->decided, c->outcome);
    tell_end(m, d, DUTY_R6_NFA, s);
    return s;
}

void make_course(struct maker *m)
{
    struct crime *c = m->c;
    struct draws d = maker_draws(m, "end");
    struct change *h;
    struct step *s, *code;

    pick_end(m, &d);
    d = maker_draws(m, "course");
    if (c->offence->group->concern == CONCERN_RAPE)
        maker_event(m, draws_chance(&d, 0.6) ? "early-advice-sought" : "early-advice-not-sought", OF_CRIME,
                    maker_contact(m, &d, c->recorded, draws_between(&d, 0, 10)));
    if (c->suspects) {
        struct instant last = question_suspect(m, &d, 1);
        if (c->offence->group->concern == CONCERN_RAPE && (c->end == END_1 || c->end == END_9 || (c->end == END_15 && draws_chance(&d, 0.3))))
            last = ask_prosecutor(m, &d, last);
        if (!instant_before(last, c->decided))
            c->decided = instant_add(last, MINUTE * draws_between(&d, 30, 300));
        drop_others(m, &d);
    }
    update_now_and_then(m, &d);
    d = maker_draws(m, "decision");
    s = end_case(m, &d);
    c->decision = s->event.id;
    h = maker_change(m, s->shown, OF_CRIME);
    h->outcome = c->outcome;
    code = maker_event(m, "outcome-assigned", OF_CRIME, instant_add(c->decided, MINUTE));
    code->event.outcome = c->outcome;
    code->shown = code->updated = code->event.recorded = instant_add(s->shown, MINUTE);     /* never before its decision */
    if (c->end == END_1)
        make_court(m, s);
    else
        c->closed = maker_contact(m, &d, s->shown, draws_between(&d, 0, 3));
    maker_event(m, "closed", OF_CRIME, c->closed);
    h = maker_change(m, c->closed, OF_CRIME);
    h->status = "closed";
}
