/* ladder.c: how an obligation stands at a time, and when time alone will change that. */
#include "rules/program.h"
#include "rules/journey.h"

enum { MORNING = 9 * 3600, UNPROVEN_AFTER_S = 86400 };

const char *state_name(enum state s)
{
    static const char *const names[] = {
        [STATE_OPEN] = "open", [STATE_BREACHED] = "breached", [STATE_UNPROVEN] = "unproven", [STATE_MET] = "met",
        [STATE_MET_LATE] = "met-late", [STATE_MISSED] = "missed", [STATE_WAIVED] = "waived",
        [STATE_NOT_APPLICABLE] = "not-applicable", [STATE_DEFERRED] = "deferred",
        [STATE_NOT_EVIDENCED] = "not-evidenced", [STATE_NOT_COMPUTABLE] = "not-computable",
    };

    return names[s];
}

static struct instant morning(const struct law *law, struct day d)
{
    struct instant at;

    zone_instant(&law->zone, d, MORNING, &at);
    return at;
}

/* 09:00 so many working days from a day; where no calendar counts or reaches, calendar days. */
static struct instant working_morning(const struct law *law, struct day from, int days)
{
    struct day d;

    if (!law->calendar || calendar_add_working(law->calendar, from, days, &d))
        d = day_add(from, days);
    return morning(law, d);
}

struct instant breach_hold_until(const struct law *law, uint16_t rule, bool enhanced, struct instant due)
{
    struct day day = zone_day(&law->zone, due), next;
    struct instant at;

    if (enhanced || law->rule[rule].program->grace < 0 || !instant_is_set(due))
        return INSTANT_NONE;
    if (!law->calendar || calendar_add_working(law->calendar, day, 1, &next))
        next = day_add(day, 1);
    zone_instant(&law->zone, next, law->rule[rule].program->grace, &at);
    return at;
}

/* When a warning goes out; INSTANT_NONE: this obligation is too short for it. */
static struct instant warning_at(const struct law *law, const struct obligation *o, struct day due, const struct limit *limit, const struct rung *r)
{
    struct instant at = INSTANT_NONE;

    switch (r->kind) {
    case RUNG_AT_START:
        return o->flags & OBLIGATION_ENHANCED ? o->started : INSTANT_NONE;
    case RUNG_HALF:
        if (limit->unit == UNIT_HOURS || limit->unit == UNIT_DATE || o->limit < 2)
            return INSTANT_NONE;
        at = limit->unit == UNIT_WORKING_DAYS ? working_morning(law, due, -(o->limit / 2)) : morning(law, day_add(due, -(o->limit / 2)));
        break;
    case RUNG_LAST_MORNING:
        if (limit->unit == UNIT_HOURS)
            return INSTANT_NONE;
        at = morning(law, due);
        break;
    case RUNG_OUTSTANDING:
        return INSTANT_NONE;
    }
    /* A warning from before the start says nothing; one on the day it started still helps. */
    return instant_before(at, o->started) ? INSTANT_NONE : at;
}

/* Of a rule that is only reported no rung is ever told, so none is awaited. */
static size_t rungs_of(const struct rule *rule) { return rule->report_only ? 0 : rule->program->rungs; }

static enum level warning_level(const struct rung *r) { return r->kind == RUNG_AT_START ? LEVEL_AT_START : LEVEL_DUE_SOON; }

static struct instant earlier(struct instant a, struct instant b)
{
    return !instant_is_set(a) || (instant_is_set(b) && instant_before(b, a)) ? b : a;
}

/* Still to be done and not yet past due: the highest warning reached, and the next one. */
static void stand_open(const struct law *law, const struct obligation *o, const struct rule *rule, struct clocks now, struct standing *s)
{
    const struct limit *limit = o->flags & OBLIGATION_ENHANCED ? &rule->enhanced : &rule->standard;
    const struct day due = zone_day(&law->zone, o->due);
    uint32_t step = 0;

    for (size_t i = 0; i < rungs_of(rule); i++) {
        const struct rung *r = &rule->program->rung[i];
        struct instant at = warning_at(law, o, due, limit, r);
        step += r->kind != RUNG_AT_START && r->kind != RUNG_OUTSTANDING;
        if (!instant_is_set(at) || instant_after(at, o->due))
            continue;
        if (instant_after(at, now.tick)) {
            s->next_tick = earlier(s->next_tick, at);
        } else {
            s->level = warning_level(r);
            s->step = r->kind == RUNG_AT_START ? 0 : step;
        }
    }
}

static void stand_breached(const struct law *law, const struct obligation *o, const struct rule *rule, struct clocks now, struct standing *s)
{
    struct day due = zone_day(&law->zone, o->due);
    uint32_t step = 0;

    s->state = STATE_BREACHED;
    s->level = LEVEL_BREACHED;
    for (size_t i = 0; i < rungs_of(rule); i++) {
        const struct rung *r = &rule->program->rung[i];
        struct instant at;
        if (r->kind != RUNG_OUTSTANDING)
            continue;
        step++;
        at = working_morning(law, due, r->days);
        if (instant_after(at, now.frontier)) {
            s->next_frontier = earlier(s->next_frontier, at);
        } else {
            s->level = LEVEL_OUTSTANDING;
            s->step = step;
        }
    }
}

/* Past due by the clock, but the source that would tell has not come so far. */
static void stand_unproven(const struct law *law, const struct obligation *o, const struct rule *rule, struct clocks now, struct standing *s)
{
    struct instant told = instant_add(o->due, 1 + UNPROVEN_AFTER_S);

    stand_open(law, o, rule, now, s);           /* the last warning stands until there is more to say */
    s->state = STATE_UNPROVEN;
    s->next_frontier = o->flags & OBLIGATION_HELD ? INSTANT_NONE : instant_add(o->due, 1);
    if (instant_before(now.tick, told))
        s->next_tick = told;
    else if (instant_is_set(now.frontier))
        s->level = LEVEL_UNPROVEN, s->step = 0;
    else
        s->next_frontier = INSTANT_MIN;         /* nothing was ever declared: that is one alarm, not one a case */
}

static void stand_unsettled(const struct law *law, const struct obligation *o, const struct rule *rule, struct clocks now, struct standing *s)
{
    if (instant_after(now.frontier, o->due) && !(o->flags & OBLIGATION_HELD)) {
        stand_breached(law, o, rule, now, s);
    } else if (instant_after(now.tick, o->due)) {
        stand_unproven(law, o, rule, now, s);
    } else {
        stand_open(law, o, rule, now, s);
        s->next_tick = earlier(s->next_tick, instant_add(o->due, 1));
        s->next_frontier = instant_add(o->due, 1);
    }
}

static void stand_settled(const struct obligation *o, struct standing *s)
{
    bool late;

    switch ((enum ending)o->ending) {
    case ENDING_MET:
        late = instant_is_set(o->due) && instant_after(o->ended, o->due) && !(o->flags & OBLIGATION_NO_RECEIPT);
        s->state = late ? STATE_MET_LATE : STATE_MET;
        s->level = late ? LEVEL_MET_LATE : LEVEL_MET;
        break;
    case ENDING_WAIVED:
        s->state = STATE_WAIVED;
        s->level = LEVEL_WAIVED;
        break;
    case ENDING_NOT_APPLICABLE:
        s->state = STATE_NOT_APPLICABLE;
        s->level = LEVEL_NOT_APPLICABLE;
        break;
    case ENDING_CLOSED:
        s->state = STATE_MISSED;
        s->level = LEVEL_MISSED;
        break;
    case ENDING_NONE:
        break;
    }
}

struct standing obligation_stand(const struct law *law, const struct obligation *o, struct clocks now)
{
    const struct rule *rule = &law->rule[o->rule];
    struct standing s = { .state = STATE_OPEN, .level = LEVEL_NONE, .next_tick = INSTANT_NONE, .next_frontier = INSTANT_NONE };

    if (o->ending != ENDING_NONE) {
        stand_settled(o, &s);
    } else if (o->flags & OBLIGATION_NOT_COMPUTABLE) {
        s.state = STATE_NOT_COMPUTABLE;
        s.level = LEVEL_NOT_COMPUTABLE;
    } else if (o->flags & OBLIGATION_NOT_EVIDENCED) {
        s.state = STATE_NOT_EVIDENCED;          /* no alert: nobody could ever say that it was done */
    } else if (o->flags & OBLIGATION_DEFERRED) {
        s.state = STATE_DEFERRED;
    } else if (o->flags & OBLIGATION_NO_RECEIPT) {
        s.state = STATE_OPEN;                   /* from when it ran is not known: never called missed */
    } else {
        stand_unsettled(law, o, rule, now, &s);
    }
    if (rule->report_only && s.level != LEVEL_NONE && level_is_alert(s.level)) {
        s.level = s.state == STATE_MET_LATE ? LEVEL_MET : LEVEL_NONE;  /* counted, never alerted */
        s.step = 0;
    }
    return s;
}
