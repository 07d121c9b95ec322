/* maker.c: rows and duties of a crime under way, and when somebody gets round to something. */
#include "producers/simulate/maker.h"

#include <assert.h>
#include <string.h>

enum { HOUR = 3600, DAY = 86400, CALLS_FROM = 8 * HOUR, CALLS_UNTIL = 21 * HOUR };

static const struct { struct { int least, most; } in_time, hurried, late; } limits[LIMITS] = {
    /* The longest run without a working day in a calendar of England and Wales, at Easter and at Christmas, is four days. */
    [WORKING_DAYS_1]  = { { 0, 1 },   { 0, 1 },  { 8, 21 } },
    [WORKING_DAYS_2]  = { { 0, 1 },   { 0, 1 },  { 8, 20 } },
    [WORKING_DAYS_5]  = { { 0, 4 },   { 0, 1 },  { 15, 35 } },
    [WORKING_DAYS_10] = { { 1, 8 },   { 1, 8 },  { 25, 50 } },
    [WORKING_DAYS_20] = { { 2, 17 },  { 2, 17 }, { 45, 80 } },
    [WORKING_DAYS_30] = { { 10, 27 }, { 10, 27 }, { 65, 120 } },
    [DAYS_28]         = { { 2, 25 },  { 2, 25 }, { 30, 58 } },
};

struct draws maker_draws(const struct maker *m, const char *name) { return draws_of(m->w->seed, name, m->as); }

struct instant maker_day(const struct maker *m, struct instant t, int days, int clock)
{
    return world_at(m->w, day_add(world_day(m->w, t), days), clock);
}

struct instant maker_contact(const struct maker *m, struct draws *d, struct instant t, int days)
{
    int now = world_clock(m->w, t) + HOUR / 4, first = days == 0 && now > CALLS_FROM ? now : CALLS_FROM;

    if (first >= CALLS_UNTIL - HOUR / 2) {
        days++;
        first = CALLS_FROM;
    }
    return maker_day(m, t, days, draws_between(d, first, CALLS_UNTIL));
}

struct step *maker_step(struct maker *m, enum table table, int victim, struct instant at)
{
    struct step *s;

    assert(m->c->steps < STEPS_MAX);
    s = &m->c->step[m->c->steps++];
    memset(s, 0, sizeof *s);
    s->table = table;
    s->victim = victim;
    s->shown = s->updated = at;
    return s;
}

struct step *maker_event(struct maker *m, const char *kind, int victim, struct instant at)
{
    static const struct spread entry_minutes = { { 1, 4, 10, 30, 90, 300, 700 } };
    struct draws d = draws_of(m->w->seed, "entry", (uint64_t)m->c->number << 10 | m->ids);
    struct instant recorded = instant_add(at, 60 * draws_spread(&d, &entry_minutes));
    bool is_late = false;
    struct step *s;

    if (draws_chance(&d, world_rate(m->w, P_late_entry))) {
        recorded = instant_add(recorded, DAY * draws_between(&d, 2, 10));
        is_late = true;
    }
    recorded = instant_max(recorded, instant_add(m->c->recorded, 60));
    s = maker_step(m, TABLE_EVENT, victim, recorded);
    s->event.id = ++m->ids;
    s->event.kind = kind;
    s->event.at = at;
    s->event.recorded = recorded;
    s->event.informs = NO_STEP;
    s->event.is_late = is_late;
    return s;
}

struct change *maker_change(struct maker *m, struct instant at, int victim)
{
    struct change *c;

    assert(m->changes < CHANGES_MAX);
    c = &m->change[m->changes++];
    *c = (struct change){ .at = at, .victim = victim };
    return c;
}

struct duty *maker_owe(struct maker *m, enum duty_rule rule, int victim, const struct step *start)
{
    struct duty *y;

    assert(m->c->duties < DUTIES_MAX);
    y = &m->c->duty[m->c->duties++];
    *y = (struct duty){ .rule = rule, .victim = victim, .fate = FATE_NEVER, .started = m->c->reported };
    if (start) {
        y->started = instant_is_set(start->event.received) ? start->event.received : start->event.at;
        y->started_by = start->event.id;
    }
    return y;
}

bool maker_decide(struct maker *m, struct draws *d, struct duty *y, enum limit limit, double never, double late, struct instant *ret_at)
{
    bool hurried = y->victim != OF_CRIME && m->c->victim[y->victim].hurried;
    int least, most;

    y->fate = draws_chance(d, never) ? FATE_NEVER : draws_chance(d, never < 1 ? late / (1 - never) : 0) ? FATE_LATE : FATE_IN_TIME;
    least = y->fate == FATE_LATE ? limits[limit].late.least : hurried ? limits[limit].hurried.least : limits[limit].in_time.least;
    most = y->fate == FATE_LATE ? limits[limit].late.most : hurried ? limits[limit].hurried.most : limits[limit].in_time.most;
    if (y->fate == FATE_NEVER)
        return false;
    *ret_at = maker_contact(m, d, y->started, draws_between(d, least, most));
    return true;
}

void maker_done(struct duty *y, const struct step *by)
{
    y->done = by->event.at;
    y->done_by = by->event.id;
}

static const char *who_is_told(const struct victim *v, bool is_murder)
{
    return is_murder ? "family" : v->person == FIRM ? "contact" : v->person == GIRL || v->person == BOY ? "parent" : "victim";
}

/* The Witness Care Unit's clocks run from when it received the news: with none noted, nothing can be late. */
static bool needs_receipt(enum duty_rule rule)
{
    return rule == DUTY_R8_HEAR || rule == DUTY_R8_BAIL || rule == DUTY_R8_WARR || rule == DUTY_R8_EVID || rule == DUTY_R9_OUT ||
           rule == DUTY_R9_SENT;
}

void maker_tell(struct maker *m, struct draws *d, enum duty_rule rule, struct step *milestone, int victim, enum limit limit,
                double never, double late, bool is_final)
{
    static const char *const methods[] = { "telephone", "visit", "letter", "email" };
    int first = victim == OF_CRIME ? 0 : victim, last = victim == OF_CRIME ? (int)m->c->victims - 1 : victim;
    struct instant at;
    struct step *s;

    for (int v = first; v <= last; v++) {
        struct duty *y = maker_owe(m, rule, v, milestone);
        y->is_final = is_final;
        if (needs_receipt(rule) && !instant_is_set(milestone->event.received)) {
            y->fate = FATE_NO_RECEIPT;
            continue;
        }
        if (!maker_decide(m, d, y, limit, never, late, &at))
            continue;
        s = maker_event(m, "victim-informed", v, at);
        s->event.informs = milestone->event.id;
        s->event.who = who_is_told(&m->c->victim[v], m->c->offence->group->traits & MURDER);
        s->event.method = methods[draws_below(d, 4)];
        maker_done(y, s);
    }
}
