#include "rules/describe.h"
#include "rules/program.h"

#include <stdarg.h>
#include <stdio.h>

struct out { char *p; size_t n, cap; };

static void say(struct out *o, const char *fmt, ...) PRINTF(2, 3);
static void say(struct out *o, const char *fmt, ...)
{
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(o->p + o->n, o->cap - o->n, fmt, ap);
    va_end(ap);
    o->n += (size_t)n < o->cap - o->n ? (size_t)n : o->cap - o->n - 1;
}

static struct out begin(char *buf, size_t n)
{
    buf[0] = 0;
    return (struct out){ buf, 0, n };
}

static void say_match(struct out *o, const struct law *law, const struct match *m)
{
    bool first = true;

    for (kind_t k = 1; k < KINDS; k++)
        if (kinds_has(&m->kinds, k)) {
            say(o, "%s%s", first ? "" : " or ", law_kind_name(law, k));
            first = false;
        }
    if (m->by)
        say(o, ", by %s", m->by == 1 ? "the police" : "the CPS");
    if (m->need != SAID_ANY)
        say(o, m->need == SAID_YES ? ", with a need found" : ", with no need found");
    if (m->vrr != SAID_ANY)
        say(o, m->vrr == SAID_YES ? ", with the review offered" : ", without the review offered");
    for (size_t i = 0; i < m->outcomes; i++)
        say(o, "%s%.5s", i ? ", " : ", with outcome ", m->outcome[i]);
    if (m->value_least)
        say(o, kinds_has(&m->kinds, law->known.preference_set) ? ", with days agreed" : ", of %u months or more", m->value_least);
}

void describe_starts(const struct law *law, uint16_t rule, char *buf, size_t n)
{
    const struct rule_program *p = law_rule(law, rule)->program;
    struct out o = begin(buf, n);

    for (size_t i = 0; i < p->starts; i++) {
        say(&o, "%s", i == 0 ? "" : p->prefers ? "; failing that, " : "; ");
        say_match(&o, law, &p->start[i].match);
        if (p->start[i].at == AT_RECEIVED)
            say(&o, ", when the Witness Care Unit hears of it");
        if (p->start[i].at == AT_CONCLUDED)
            say(&o, ", when the investigation is over");
        if (kinds_any(&p->start[i].unless.kinds)) {
            say(&o, ", unless there is ");
            say_match(&o, law, &p->start[i].unless);
        }
    }
    say(&o, p->per_journey ? "; once a victim" : p->repeats ? "; each takes over from the one before" : "; each time");
    if (p->where.classes || p->where.markers)
        say(&o, "; only for some crimes");
    for (size_t i = 0; i < p->where.classes; i++)
        say(&o, "%s%s", i ? ", " : ": offence classes ", p->where.ho_class[i]);
}

void describe_evidence(const struct law *law, uint16_t rule, char *buf, size_t n)
{
    const struct rule_program *p = law_rule(law, rule)->program;
    struct out o = begin(buf, n);

    if (p->informed)
        say(&o, "telling the victim of it");
    for (kind_t k = 1; k < KINDS; k++)
        if (kinds_has(&p->met_by.kinds, k)) {
            say(&o, p->informed ? "; " : "");
            say_match(&o, law, &p->met_by);
            break;
        }
}

void describe_waiver(const struct law *law, uint16_t rule, char *buf, size_t n)
{
    const struct rule_program *p = law_rule(law, rule)->program;
    struct out o = begin(buf, n);

    say_match(&o, law, &p->waived_by);
}

static void say_limit(struct out *o, const struct limit *l)
{
    static const char *const one[] = { "working day", "calendar day", "hour", "" };

    if (l->unit == UNIT_DATE)
        say(o, "the date in the event");
    else if (l->unit == UNIT_AGREED)
        say(o, "as agreed, else %d calendar days", l->n);
    else
        say(o, "%d %s%s", l->n, one[l->unit], l->n == 1 ? "" : "s");
}

void describe_limit(const struct rule *rule, char *buf, size_t n)
{
    struct out o = begin(buf, n);

    say_limit(&o, &rule->standard);
    if (rule->enhanced.unit == rule->standard.unit && rule->enhanced.n == rule->standard.n)
        return;
    say(&o, "; under Enhanced Rights ");
    say_limit(&o, &rule->enhanced);
}

void describe_one_limit(const struct rule *rule, bool enhanced, char *buf, size_t n)
{
    struct out o = begin(buf, n);

    say_limit(&o, enhanced ? &rule->enhanced : &rule->standard);
}

/* ---- days ------------------------------------------------------------------- */

enum { DAYS_NAMED_MAX = 14 };                   /* a longer limit is counted, not listed */

static const char *const weekday[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
static const char *const month[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

static void say_day(struct out *o, struct day d)
{
    int y, m, mday;

    day_to_ymd(d, &y, &m, &mday);
    say(o, "%s %d %s", weekday[day_of_week(d)], mday, month[m - 1]);
}

/* The days between that count, or those that do not and why. */
static size_t say_days(struct out *o, const struct calendar *c, struct day from, struct day to, bool counted, bool named)
{
    size_t all = 0;

    for (struct day d = day_add(from, 1); !day_before(to, d); d = day_add(d, 1)) {
        const char *holiday = calendar_holiday(c, d);
        if (calendar_is_working(c, d) != counted)
            continue;
        if (named)
            say(o, "%s", all ? ", " : "");
        all++;
        if (named)
            say_day(o, d);
        if (named && holiday)
            say(o, " (%s)", holiday);
    }
    return all;
}

void describe_days(const struct law *law, uint16_t rule, bool enhanced, struct instant started, struct instant due, char *buf, size_t n)
{
    const struct limit *l = enhanced ? &law_rule(law, rule)->enhanced : &law_rule(law, rule)->standard;
    struct day from = zone_day(&law->zone, started), to = zone_day(&law->zone, due), end;
    struct out o = begin(buf, n), none = { buf, 0, 0 };
    bool named;

    if (l->unit == UNIT_DATE)
        return;
    if (l->unit != UNIT_WORKING_DAYS || !law->calendar || !calendar_covers(law->calendar, from) || !calendar_covers(law->calendar, to)) {
        say(&o, l->unit == UNIT_HOURS ? "Every hour counts" : "Every day counts");
        return;
    }
    if (calendar_add_working(law->calendar, from, l->n, &end) || !day_same(end, to)) {
        say(&o, "Counted anew since: from when Enhanced Rights were found, or contact was resumed");
        return;
    }
    named = to.n - from.n <= 2 * DAYS_NAMED_MAX && l->n <= DAYS_NAMED_MAX;
    if (named) {
        say(&o, "Counted: ");
        say_days(&o, law->calendar, from, to, true, true);
    } else {
        say(&o, "%d working days counted", l->n);
    }
    if (say_days(&none, law->calendar, from, to, false, false) == 0)
        return;
    say(&o, "; not counted: ");
    if (named)
        say_days(&o, law->calendar, from, to, false, true);
    else
        say(&o, "%zu days of weekends and bank holidays", say_days(&none, law->calendar, from, to, false, false));
}

void describe_owner(const struct law *law, uint16_t rule, char *buf, size_t n)
{
    const struct rule *r = law_rule(law, rule);
    struct out o = begin(buf, n);

    say(&o, "%s", owner_name(r->owner));
    if (!kinds_any(&r->program->passes_on.kinds))
        return;
    say(&o, "; %s after ", owner_name(r->program->next_owner));
    say_match(&o, law, &r->program->passes_on);
}

void describe_ladder(const struct law *law, uint16_t rule, char *buf, size_t n)
{
    const struct rule *r = law_rule(law, rule);
    struct out o = begin(buf, n);

    if (r->report_only) {
        say(&o, "none: it is reported only");
        return;
    }
    for (size_t i = 0; i < r->program->rungs; i++) {
        const struct rung *g = &r->program->rung[i];
        switch (g->kind) {
        case RUNG_AT_START: say(&o, "at the start under Enhanced Rights, "); break;
        case RUNG_HALF: say(&o, "due soon at half the limit, "); break;
        case RUNG_LAST_MORNING: say(&o, "due soon on the last morning, "); break;
        case RUNG_OUTSTANDING: break;
        }
    }
    say(&o, "missed when it is past due");
    for (size_t i = 0; i < r->program->rungs; i++)
        if (r->program->rung[i].kind == RUNG_OUTSTANDING)
            say(&o, ", still not done +%d working days", r->program->rung[i].days);
}
