#include "sinks/oic/route.h"
#include "sinks/oic/view.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

static bool party_same(struct party a, struct party b) { return a.kind == b.kind && text_same(a.key, b.key); }

/* A party once, whatever the reasons: the first one stands. */
static void stop_at(struct route *r, struct party p, enum beside beside, bool is_owner)
{
    for (size_t i = 0; i < r->count; i++)
        if (party_same(r->stop[i].party, p))
            return;
    assert(r->count < STOPS_MAX);
    r->stop[r->count++] = (struct stop){ p, beside, is_owner };
}

struct text route_team(const struct directory *d, const struct notice *n)
{
    const struct officer *o = n->team.n ? NULL : directory_find(d, n->officer);

    return o ? o->team : n->team;
}

/* A team's inbox, or where there is none the force's. */
static struct party inbox_of(const struct settings *s, struct text team)
{
    const struct team *t = settings_team(s, team);

    return t && t->inbox.n ? (struct party){ PARTY_TEAM, t->name } : (struct party){ .kind = PARTY_FORCE };
}

static struct party lead_or_force(const struct settings *s, struct text team)
{
    const struct team *t = settings_team(s, team);

    if (t && t->lead.n)
        return (struct party){ PARTY_LEAD, t->name };
    return (struct party){ .kind = s->lead.n ? PARTY_LEAD : PARTY_FORCE };
}

static struct party lead_of(const struct settings *s, struct text team)
{
    struct party lead = lead_or_force(s, team);

    return lead.kind == PARTY_LEAD ? lead : inbox_of(s, team);
}

/* The supervisor who is on duty, else the team's inbox. */
static struct party supervisor_of(const struct settings *s, const struct directory *d, const struct notice *n, struct day today)
{
    const struct officer *o = directory_find(d, n->officer);
    const struct officer *sup = directory_find(d, n->supervisor.n ? n->supervisor : o ? o->supervisor : n->supervisor);

    if (sup && day_same(officer_on_duty(sup, today), today) && !text_same(sup->collar, n->officer))
        return (struct party){ PARTY_OFFICER, sup->collar };
    return inbox_of(s, route_team(d, n));
}

/* The last day on which the one who owes it can still do it in time. */
static struct day last_day(const struct notice *n, struct day today)
{
    struct day due;

    return n->due_date.n && !day_parse(n->due_date.p, n->due_date.n, &due) && !day_before(due, today) ? due : today;
}

static void tell_officer(const struct settings *s, const struct directory *d, const struct notice *n, struct day today, struct route *r)
{
    const struct officer *o = directory_find(d, n->officer);
    struct day back;

    if (!o) {
        stop_at(r, inbox_of(s, n->team), n->officer.n ? BESIDE_UNKNOWN_OFFICER : BESIDE_NO_OFFICER, true);
        return;
    }
    stop_at(r, (struct party){ PARTY_OFFICER, o->collar }, BESIDE_NOTHING, true);
    back = officer_on_duty(o, today);
    if (day_before(last_day(n, today), back))
        stop_at(r, supervisor_of(s, d, n, today), BESIDE_AWAY, false);
}

/* Whoever owes it; false: nobody who is told by us. */
static bool tell_owner(const struct settings *s, const struct directory *d, const struct notice *n, struct day today, struct route *r)
{
    if (text_same(n->owner, TEXT("police")) || !n->owner.n) {
        tell_officer(s, d, n, today, r);
        return true;
    }
    if (text_same(n->owner, TEXT("wcu")) && s->witness_care.n)
        stop_at(r, (struct party){ .kind = PARTY_WITNESS_CARE }, BESIDE_NOTHING, true);
    else if (text_same(n->owner, TEXT("cps")) && s->liaison_cps.n)
        stop_at(r, (struct party){ .kind = PARTY_CPS }, BESIDE_NOTHING, true);
    else if (text_same(n->owner, TEXT("probation")) && s->liaison_probation.n)
        stop_at(r, (struct party){ .kind = PARTY_PROBATION }, BESIDE_NOTHING, true);
    else if (text_same(n->owner, TEXT("any")))  /* complaints: not to the officer or the team they may be about */
        stop_at(r, lead_or_force(s, route_team(d, n)), BESIDE_NOTHING, true);
    return r->count > 0;
}

static void tell_handlers(const struct settings *s, struct route *r)
{
    for (size_t i = 0; i < s->handlers; i++)
        stop_at(r, (struct party){ PARTY_HANDLER, s->handler[i] }, BESIDE_RESTRICTED, true);
    if (!s->handlers && s->data_protection_officer.n)
        stop_at(r, (struct party){ .kind = PARTY_DATA_PROTECTION }, BESIDE_RESTRICTED, true);
}

void route_find(const struct settings *s, const struct directory *d, const struct notice *n, enum level level, struct day today,
                struct route *ret)
{
    bool is_police = text_same(n->owner, TEXT("police")) || !n->owner.n;

    ret->count = 0;
    if (n->processing_restricted) {             /* they own its deadlines, and nobody else hears of it */
        if (s->data_protection_officer.n)
            stop_at(ret, (struct party){ .kind = PARTY_DATA_PROTECTION }, BESIDE_RESTRICTED, true);
        stop_at(ret, lead_of(s, route_team(d, n)), BESIDE_RESTRICTED, true);
        return;
    }
    if (n->access_restricted) {
        tell_handlers(s, ret);
        return;
    }
    if (level == LEVEL_OUTSTANDING) {           /* the owner was told; it is for others to see that it is done */
        struct route owner = { 0 };
        if (!tell_owner(s, d, n, today, &owner))
            return;
        if (n->step < 2 && is_police)
            stop_at(ret, supervisor_of(s, d, n, today), BESIDE_ESCALATED, false);
        else
            stop_at(ret, text_same(n->owner, TEXT("any")) ? owner.stop[0].party : lead_of(s, route_team(d, n)), BESIDE_ESCALATED, false);
        return;
    }
    if (!tell_owner(s, d, n, today, ret))
        return;
    if (is_police && (level == LEVEL_AT_START || level == LEVEL_BREACHED))
        stop_at(ret, supervisor_of(s, d, n, today), BESIDE_SUPERVISES, false);
    if (n->family_liaison && s->family_liaison.n)
        stop_at(ret, (struct party){ .kind = PARTY_FAMILY_LIAISON }, BESIDE_LIAISON, false);
}

/* ---- in words -------------------------------------------------------------------- */

struct text party_address(const struct settings *s, const struct directory *d, struct party p)
{
    const struct officer *o = p.kind == PARTY_OFFICER ? directory_find(d, p.key) : NULL;
    const struct team *t = settings_team(s, p.key);

    switch (p.kind) {
    case PARTY_OFFICER: return o ? o->address : s->force_inbox;
    case PARTY_TEAM: return t && t->inbox.n ? t->inbox : s->force_inbox;
    case PARTY_LEAD: return t && t->lead.n ? t->lead : s->lead.n ? s->lead : s->force_inbox;
    case PARTY_WITNESS_CARE: return s->witness_care.n ? s->witness_care : s->force_inbox;
    case PARTY_CPS: return s->liaison_cps.n ? s->liaison_cps : s->force_inbox;
    case PARTY_PROBATION: return s->liaison_probation.n ? s->liaison_probation : s->force_inbox;
    case PARTY_FAMILY_LIAISON: return s->family_liaison.n ? s->family_liaison : s->force_inbox;
    case PARTY_DATA_PROTECTION: return s->data_protection_officer.n ? s->data_protection_officer : s->force_inbox;
    case PARTY_HANDLER: return p.key;
    case PARTY_FORCE: break;
    }
    return s->force_inbox;
}

static struct text print(char *buf, size_t cap, const char *fmt, ...) PRINTF(3, 4);
static struct text print(char *buf, size_t cap, const char *fmt, ...)
{
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(buf, cap, fmt, ap);
    va_end(ap);
    return (struct text){ buf, n < 0 ? 0 : (size_t)n < cap ? (uint32_t)n : (uint32_t)cap - 1 };
}

struct text party_name(const struct settings *s, const struct directory *d, struct party p, char *buf, size_t n)
{
    const struct officer *o = p.kind == PARTY_OFFICER ? directory_find(d, p.key) : NULL;

    (void)s;
    switch (p.kind) {
    case PARTY_OFFICER:
        return o && o->name.n ? o->name : print(buf, n, "officer " TEXT_FMT, TEXT_ARG(p.key));
    case PARTY_TEAM: return print(buf, n, "the inbox of " TEXT_FMT, TEXT_ARG(p.key));
    case PARTY_LEAD: return TEXT("the Victims' Code lead");
    case PARTY_WITNESS_CARE: return TEXT("the Witness Care Unit");
    case PARTY_CPS: return TEXT("the CPS liaison");
    case PARTY_PROBATION: return TEXT("the probation liaison");
    case PARTY_FAMILY_LIAISON: return TEXT("family liaison");
    case PARTY_DATA_PROTECTION: return TEXT("the data protection officer");
    case PARTY_HANDLER: return TEXT("a named handler");
    case PARTY_FORCE: break;
    }
    return TEXT("the force's inbox");
}

/* Whoever else has it: of an officer nobody can reach it is not said. */
static const char *also(const struct directory *d, const struct beside_of *b)
{
    return !b->is_shared ? "" : directory_find(d, b->n->officer) ? ", who has it too" : ", who is not in the directory of officers";
}

static struct text to_supervisor(const struct directory *d, const struct beside_of *b, struct day today, char *buf, size_t cap)
{
    const struct officer *o = directory_find(d, b->n->officer);
    char back[32];

    if (!b->is_all)
        return TEXT("Where you are not the officer in the case, you have it as the supervisor.");
    if (!b->is_one_officer)
        return TEXT("You have these because you supervise the officers in these cases.");
    if (!b->n->officer.n)
        return TEXT("You have this because you are named as the supervisor; there is no officer in the case yet.");
    if (b->beside == BESIDE_AWAY && o) {
        view_day(officer_on_duty(o, today), true, back);
        return print(buf, cap, "You have this too because you supervise " TEXT_FMT ", the officer in the case, who is not on duty before %s.",
                     TEXT_ARG(o->collar), back);
    }
    if (b->beside == BESIDE_ESCALATED)
        return print(buf, cap, "You have this because it was missed and is still not done, and you supervise " TEXT_FMT ", the officer in the case.",
                     TEXT_ARG(b->n->officer));
    return print(buf, cap, "You have this because you supervise " TEXT_FMT ", the officer in the case%s.", TEXT_ARG(b->n->officer), also(d, b));
}

static struct text to_inbox(const struct directory *d, const struct beside_of *b, struct day today, char *buf, size_t cap)
{
    const struct officer *o = directory_find(d, b->n->officer);
    char back[32];

    if (!b->is_all || (!b->is_one_officer && b->beside != BESIDE_NO_OFFICER))
        return TEXT("This inbox has these because those who should see to them are not known, or not on duty.");
    switch (b->beside) {
    case BESIDE_NO_OFFICER:
        return TEXT("This inbox has it because no officer in the case is named in CONNECT yet.");
    case BESIDE_UNKNOWN_OFFICER:
        return print(buf, cap, "This inbox has it because the officer in the case, " TEXT_FMT ", is not in the directory of officers.", TEXT_ARG(b->n->officer));
    case BESIDE_AWAY:
        if (!o)
            return TEXT("This inbox has it because neither the officer in the case nor a supervisor is on duty.");
        view_day(officer_on_duty(o, today), true, back);
        return print(buf, cap, "This inbox has it too because the officer in the case, " TEXT_FMT ", is not on duty before %s, nor is a supervisor known to be.",
                     TEXT_ARG(o->collar), back);
    case BESIDE_ESCALATED:
        return TEXT("This inbox has it because it was missed and is still not done, and nobody to see to that is known, or on duty.");
    default:
        return b->n->officer.n ? print(buf, cap, "This inbox has it because no supervisor of " TEXT_FMT ", the officer in the case%s, is known, or on duty.",
                                       TEXT_ARG(b->n->officer), also(d, b)) :
                                 TEXT("This inbox has it because no supervisor is known, or on duty.");
    }
}

struct text beside_words(const struct directory *d, struct party to, const struct beside_of *b, struct day today, char *buf, size_t cap)
{
    if (b->beside == BESIDE_NOTHING)
        return (struct text){ 0 };
    if (b->beside == BESIDE_RESTRICTED && b->is_all)
        return TEXT("This comes to you, and not to the officer in the case, because the record is restricted.");
    switch (to.kind) {
    case PARTY_OFFICER:
        return to_supervisor(d, b, today, buf, cap);
    case PARTY_TEAM: case PARTY_FORCE:
        return to_inbox(d, b, today, buf, cap);
    case PARTY_FAMILY_LIAISON:
        return TEXT("You have this too because a family liaison officer speaks with this family.");
    default:
        return b->is_all ? TEXT("You have this because it was missed and is still not done.") :
                           TEXT("You have these because they are still not done, or because the record is restricted.");
    }
}
