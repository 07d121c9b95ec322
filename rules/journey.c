/* journey.c: which obligations there are, when each started, falls due and was settled: from facts alone.
 *
 *   facts → those that stand (corrections applied) → when Enhanced Rights held, when the
 *   journey ended → for each rule, what started it → how each was settled
 */
#include "rules/view.h"

#include <stdlib.h>

enum { SUSPECTS_MAX = 63 };

bool fact_replaces(const struct fact *a, const struct fact *b)
{
    if (!instant_same(a->recorded_at, b->recorded_at))
        return instant_before(a->recorded_at, b->recorded_at);
    return a->check < b->check;
}

/* ---- due ---------------------------------------------------------------------------- */

/* What was agreed with the victim before or at an instant; 0: nothing. */
static int agreed_days(const struct view *v, struct instant at)
{
    const kind_t preference = v->law->known.preference_set;
    struct walk w = walk_bits(v, kind_bit(preference));
    const struct standing_fact *stands;
    int days = 0;

    while ((stands = walk_next(&w)) && !instant_after(stands->fact->occurred_at, at))
        if (stands->fact->kind == preference && stands->fact->value)
            days = stands->fact->value;
    return days;
}

/* day: the local one of `start`. */
static struct instant due_from(const struct view *v, struct limit limit, struct instant start, struct day day, struct instant date)
{
    const struct law *law = v->law;
    int agreed;

    switch (limit.unit) {
    case UNIT_HOURS:
        return instant_add(start, (int64_t)limit.n * 3600);
    case UNIT_DATE:
        return date;
    case UNIT_AGREED:
        agreed = agreed_days(v, start);
        limit.n = agreed ? agreed : limit.n;
        return zone_day_end(&law->zone, day_add(day, limit.n));
    case UNIT_CALENDAR_DAYS:
        return zone_day_end(&law->zone, day_add(day, limit.n));
    case UNIT_WORKING_DAYS:
        if (calendar_add_working_as_known(law->calendar, day, limit.n, v->as_known, &day))
            return INSTANT_NONE;
        return zone_day_end(&law->zone, day);
    }
    return INSTANT_NONE;
}

/* Days that passed while it was deferred do not make it late: the limit is counted anew from when it was resumed. */
static void defer(struct view *v, struct limit limit, const struct fact *trigger, struct obligation *o)
{
    for (size_t i = 0; i < v->deferrals; i++) {
        const struct interval *d = &v->deferral[i];
        if (!instant_is_set(d->to))
            o->flags |= OBLIGATION_DEFERRED;
        else if (instant_is_set(o->due) && instant_after(d->to, o->due) && !instant_after(d->from, o->due) && !instant_before(d->to, o->started))
            o->due = due_from(v, limit, d->to, zone_day(&v->law->zone, d->to), trigger->date);
    }
}

static void compute_due(struct view *v, const struct rule *r, const struct fact *trigger, struct obligation *o)
{
    struct enhancement e = enhanced_at(v, law_program(v->law, r), o->started);
    struct limit limit = e.at_start ? r->enhanced : r->standard;
    struct instant earlier;

    o->due = due_from(v, limit, o->started, o->first_day, trigger->date);
    if (e.at_start)
        o->flags |= OBLIGATION_ENHANCED;
    if (!e.at_start && instant_is_set(e.found) && instant_is_set(o->due) && !instant_after(e.found, o->due)) {
        earlier = due_from(v, r->enhanced, e.found, zone_day(&v->law->zone, e.found), trigger->date);
        if (instant_is_set(earlier) && instant_before(earlier, o->due)) {
            o->due = earlier;
            o->flags |= OBLIGATION_ENHANCED | OBLIGATION_FOUND_LATE;
            limit = r->enhanced;
        }
    }
    o->limit = (uint16_t)(limit.unit == UNIT_AGREED && agreed_days(v, o->started) ? agreed_days(v, o->started) : limit.n);
    defer(v, limit, trigger, o);
    if (!instant_is_set(o->due))
        o->flags |= OBLIGATION_NOT_COMPUTABLE;
}

/* ---- settled --------------------------------------------------------------------------- */

struct evidence { struct instant at; uint64_t by; bool inferred; };

static void take_evidence(struct evidence *e, struct instant at, uint64_t by, bool inferred)
{
    if (instant_is_set(e->at) && (instant_before(e->at, at) || (instant_same(e->at, at) && !(e->inferred && !inferred))))
        return;
    *e = (struct evidence){ at, by, inferred };
}

/* Does an informing by this fact name the milestone: any fact of its chain of corrections? */
static bool names(const struct view *v, const struct fact *informing, const struct standing_fact *milestone)
{
    const struct fact *f;

    if (informing->informs == milestone->root || informing->informs == milestone->fact->id)
        return true;
    f = v->corrected ? find_fact(v->facts, v->facts_count, informing->informs) : NULL;
    return f && root_of(v->facts, v->facts_count, f) == milestone->root;
}

/* Telling somebody who may not stand for the victim is not telling the victim. */
static bool is_of_victim(const struct view *v, const struct edition_program *p, const struct fact *f)
{
    return f->kind != v->law->known.victim_informed || (p->may_be_told >> f->who & 1);
}

/* An item whose number is not said may be any. */
static bool is_same_item(const struct fact *a, const struct fact *b)
{
    return !a->item_no || !b->item_no || a->item_no == b->item_no;
}

/* What meets a rule comes on the day of the start or after; of one that repeats, after what started it. */
static bool is_after(const struct view *v, const struct rule_program *p, const struct fact *f, const struct fact *trigger, const struct obligation *o)
{
    return p->repeats ? instant_after(f->occurred_at, trigger->occurred_at) : !day_before(zone_day(&v->law->zone, f->occurred_at), o->first_day);
}

static struct evidence find_evidence(const struct view *v, const struct rule *r, const struct standing_fact *trigger, const struct obligation *o)
{
    const struct edition_program *p = law_program(v->law, r);
    uint64_t informing = r->program->informed ? kind_bit(v->law->known.victim_informed) : 0;
    struct walk w = walk_bits(v, kinds_bits(&r->program->met_by.kinds) | informing);
    struct evidence e = { INSTANT_NONE, 0, false };
    const struct standing_fact *stands;

    if (r->program->informed && instant_is_set(trigger->fact->informed_at) && (p->may_be_told >> trigger->fact->who & 1))
        take_evidence(&e, trigger->fact->informed_at, trigger->fact->number, false);
    while ((stands = walk_next(&w))) {
        const struct fact *f = stands->fact;
        if (match_holds(&r->program->met_by, f) && is_after(v, r->program, f, trigger->fact, o) && is_of_victim(v, p, f) && (!r->program->same_item || is_same_item(f, trigger->fact)))
            take_evidence(&e, r->program->met_when_recorded ? f->recorded_at : f->occurred_at, f->number, false);
        if (!r->program->informed || f->kind != v->law->known.victim_informed || !(p->may_be_told >> f->who & 1))
            continue;
        if (f->informs ? names(v, f, trigger) : p->infers && !instant_before(f->occurred_at, o->started))
            take_evidence(&e, f->occurred_at, f->number, !f->informs);
    }
    return e;
}

/* When the victim declined what the rule owes: by the preference in force when it started, which nothing done before undoes,
 * or later, while it was owed and not yet done. `met` may be INSTANT_NONE. */
static bool find_waiver(const struct view *v, const struct rule_program *p, const struct obligation *o, struct instant met, struct evidence *ret)
{
    const kind_t preference = v->law->known.preference_set;
    const uint64_t bit = (uint64_t)1 << v->law->waiver[o->rule];
    const uint64_t may_waive = kinds_bits(&p->waived_by.kinds) | kind_bit(preference);
    const struct fact *in_force = NULL;
    const struct standing_fact *stands;
    struct walk w;

    if (!(v->present & may_waive))
        return false;
    w = walk_bits(v, kind_bit(preference));
    while ((stands = walk_next(&w)) && !instant_after(stands->fact->occurred_at, o->started))
        if (stands->fact->kind == preference)
            in_force = stands->fact;
    if (in_force && (in_force->waives & bit))
        return *ret = (struct evidence){ o->started, in_force->number, false }, true;
    w = walk_bits(v, may_waive);
    while ((stands = walk_next(&w))) {
        const struct fact *f = stands->fact;
        if (instant_is_set(met) && instant_after(f->occurred_at, instant_max(met, o->started)))
            break;
        if ((f->kind == preference && (f->waives & bit) && instant_after(f->occurred_at, o->started)) ||
            (match_holds(&p->waived_by, f) && !day_before(zone_day(&v->law->zone, f->occurred_at), o->first_day)))
            return *ret = (struct evidence){ f->occurred_at, f->number, false }, true;
    }
    return false;
}

static void close_at(struct obligation *o, struct instant at, uint64_t by, bool only_if_missed)
{
    /* From when a clock without a receipt ran is not known: nobody can say that it was missed. */
    bool was_due = instant_is_set(o->due) && instant_after(at, o->due) && !(o->flags & OBLIGATION_NO_RECEIPT);

    if (!instant_is_set(at) || o->ending != ENDING_NONE || (only_if_missed && !was_due))
        return;
    o->ending = was_due ? ENDING_CLOSED : ENDING_NOT_APPLICABLE;
    o->ended = at;
    o->ended_by = by;
}

/* The next trigger of a rule that repeats takes over, unless the one before was missed already. */
static void hand_over(const struct view *v, const struct rule_program *p, const struct fact *trigger, struct obligation *o)
{
    for (size_t i = 0; i < v->count; i++) {
        const struct fact *f = v->all[i].fact;
        if (!instant_after(f->occurred_at, trigger->occurred_at) || (instant_is_set(o->due) && instant_after(f->occurred_at, o->due)))
            continue;
        for (size_t s = 0; s < p->starts; s++)
            if (match_holds(&p->start[s].match, f) && is_of_victim(v, law_program(v->law, &v->law->rule[o->rule]), f)) {
                close_at(o, f->occurred_at, f->number, false);
                return;
            }
    }
}

static void settle(const struct view *v, const struct rule *r, const struct standing_fact *trigger, struct obligation *o)
{
    const struct rule_program *p = r->program;
    struct evidence met = find_evidence(v, r, trigger, o), waived;

    if (find_waiver(v, p, o, met.at, &waived)) {
        o->ending = ENDING_WAIVED;
        o->ended = waived.at;
        o->ended_by = waived.by;
        return;
    }
    if (instant_is_set(met.at)) {
        o->ending = ENDING_MET;
        o->ended = met.at;
        o->ended_by = met.by;
        o->flags |= met.inferred ? OBLIGATION_INFERRED : 0;
        return;
    }
    if (p->repeats)
        hand_over(v, p, trigger->fact, o);
    if (p->ends != ENDS_NEVER && instant_is_set(v->concluded) && !instant_before(v->concluded, o->started))
        close_at(o, v->concluded, v->concluded_by, p->ends == ENDS_IF_MISSED);
    close_at(o, v->ended, v->ended_by, false);
}

/* ---- rules ------------------------------------------------------------------------------- */

static bool is_in_force(const struct view *v, const struct rule *r, struct day d)
{
    const struct edition *e = &v->law->book[r->edition]->edition;

    return !day_before(d, e->in_force) && day_before(d, e->until);
}

/* Who owes what starts now: after a charge, say, the Witness Care Unit instead of the police. */
static enum owner owner_of(const struct view *v, const struct rule *r, const struct standing_fact *trigger)
{
    const struct rule_program *p = r->program;
    struct walk w = walk_kinds(v, &p->passes_on.kinds);
    const struct standing_fact *stands;

    while ((stands = walk_next(&w)) && !instant_after(stands->fact->occurred_at, trigger->fact->occurred_at))
        if (match_holds(&p->passes_on, stands->fact))
            return p->next_owner;
    return r->owner;
}

/* From when it runs; INSTANT_NONE: it does not, as what it counts from is not known. */
static struct instant start_of(const struct view *v, const struct rule *r, const struct start *how, const struct fact *trigger)
{
    struct instant start = trigger->occurred_at;

    if (how->at == AT_CONCLUDED && !instant_is_set(v->concluded))
        return INSTANT_NONE;
    if (r->standard.unit == UNIT_DATE && !instant_is_set(trigger->date))
        return INSTANT_NONE;                    /* a promise without a time is a fact, not a deadline */
    if (how->at == AT_CONCLUDED)
        start = instant_max(v->concluded, start);
    else if (how->at == AT_RECEIVED && instant_is_set(trigger->received_at))
        start = trigger->received_at;
    return instant_max(start, v->known);
}

/* What was settled before a holiday was proclaimed keeps its history: true once, for it to be judged again by what was known then. */
static bool is_history(struct view *v, const struct obligation *o)
{
    bool is_first = instant_same(v->as_known, INSTANT_MAX);

    v->as_known = INSTANT_MAX;
    if (!is_first || !instant_is_set(o->ended) || !v->law->calendar || !calendar_has_proclaimed_after(v->law->calendar, o->ended))
        return false;
    v->as_known = o->ended;
    return true;
}

static void add(struct view *v, uint16_t rule, const struct start *how, const struct standing_fact *trigger, struct judgement *ret)
{
    const struct rule *r = &v->law->rule[rule];
    struct instant started = start_of(v, r, how, trigger->fact);
    struct day first_day = zone_day(&v->law->zone, started);
    struct obligation *o = &ret->obligation[ret->count];
    uint8_t flags = 0;

    if (!instant_is_set(started) || !is_in_force(v, r, first_day) || (instant_is_set(v->ended) && instant_after(started, v->ended)))
        return;
    if (r->program->ends == ENDS_ALWAYS && instant_is_set(v->concluded) && !instant_before(started, v->concluded))
        return;
    if (r->program->per_journey && ret->count && o[-1].rule == rule)
        return;                                 /* the earliest one counts */
    if (ret->count == OBLIGATIONS_PER_JOURNEY_MAX) {
        ret->overflow = true;
        return;
    }
    if (how->at == AT_RECEIVED && !instant_is_set(trigger->fact->received_at))
        flags |= OBLIGATION_NO_RECEIPT;
    if (!r->program->evidenced)
        flags |= OBLIGATION_NOT_EVIDENCED;
    if (v->held)
        flags |= OBLIGATION_HELD;
    do {
        *o = (struct obligation){
            .rule = rule, .flags = flags, .owner = (uint8_t)owner_of(v, r, trigger), .instance = r->program->per_journey ? 0 : trigger->root,
            .started_by = trigger->fact->number, .started = started, .first_day = first_day,
        };
        compute_due(v, r, trigger->fact, o);
        settle(v, r, trigger, o);
    } while (is_history(v, o));
    ret->count++;
}

static bool stands_unless(const struct view *v, const struct rule_program *p, const struct start *how, const struct fact *trigger)
{
    struct walk w = walk_kinds(v, &how->unless.kinds);
    const struct standing_fact *stands;

    while ((stands = walk_next(&w)))
        if (stands->fact != trigger && match_holds(&how->unless, stands->fact) && (!p->same_item || is_same_item(stands->fact, trigger)))
            return true;
    return false;
}

static void judge_rule(struct view *v, uint16_t rule, struct judgement *ret)
{
    const struct rule *r = &v->law->rule[rule];
    const struct rule_program *p = r->program;
    const struct standing_fact *stands;
    size_t before = ret->count;

    if ((p->where.markers || p->where.classes || p->where.bereaved) && !scope_has(&p->where, v->markers, v->ho_class, v->bereaved))
        return;
    for (size_t s = 0; s < p->starts; s++) {
        struct walk w = walk_kinds(v, &p->start[s].match.kinds);
        while ((stands = walk_next(&w)))
            if (!stands->fact->elsewhere && match_holds(&p->start[s].match, stands->fact) &&
                is_of_victim(v, law_program(v->law, r), stands->fact) && !stands_unless(v, p, &p->start[s], stands->fact))
                add(v, rule, &p->start[s], stands, ret);
        if (p->prefers && ret->count > before)
            return;
    }
}

static int by_rule_and_instance(const void *a, const void *b)
{
    const struct obligation *x = a, *y = b;

    if (x->rule != y->rule)
        return x->rule < y->rule ? -1 : 1;
    return (x->instance > y->instance) - (x->instance < y->instance);
}

static bool is_in_order(const struct judgement *j)
{
    for (size_t i = 1; i < j->count; i++)
        if (by_rule_and_instance(&j->obligation[i - 1], &j->obligation[i]) > 0)
            return false;
    return true;
}

/* Of the rules concerned only those that something which stands may start. */
static void judge_started(struct view *v, struct judgement *ret)
{
    size_t words = (v->law->rules + 63) / 64;

    for (size_t w = 0; w < words; w++) {
        uint64_t concerned = ret->judged->whole ? UINT64_MAX : ret->judged->rules.bits[w], started = 0;
        for (size_t i = 0; concerned && i < v->count; i++)
            started |= v->all[i].fact->kind < KINDS ? v->law->started_by[v->all[i].fact->kind].bits[w] : 0;
        for (started &= concerned; started; started &= started - 1)
            judge_rule(v, (uint16_t)(w * 64 + (size_t)__builtin_ctzll(started)), ret);
    }
}

/* ---- the journey --------------------------------------------------------------------------- */

/* Whose part of the investigation is over: a bit a suspect, as named by number; and since when all of it is, by which record. */
struct suspects { uint64_t seen, done; bool all_done; struct instant concluded; uint64_t concluded_by; };

/* Most facts say nothing of that. */
static bool may_conclude(const struct law *law, const struct fact *f)
{
    return f->suspect_no || kinds_has(&law->may_conclude, f->kind);
}

/* Takes a fact into account. One that names no suspect concerns all. */
static void follow_suspects(struct suspects *s, const struct view *v, const struct fact *f)
{
    const struct match *concluding = &v->law->book[0]->program.concluding;
    uint64_t bit = f->suspect_no ? (uint64_t)1 << (f->suspect_no < SUSPECTS_MAX ? f->suspect_no : SUSPECTS_MAX) : 0;

    if (f->kind == v->law->known.reopened) {
        s->done = 0;
        s->all_done = false;
    } else if (match_holds(concluding, f)) {
        s->seen |= bit;
        s->done |= bit ? bit : s->seen;
        s->all_done |= !bit;
    } else if (bit && kind_is_of_crime(f->kind)) {  /* something more of this suspect: not over, or no longer */
        s->seen |= bit;
        s->done &= ~bit;
        s->all_done = false;
    }
    if (!s->all_done && (!s->seen || s->done != s->seen))
        s->concluded = INSTANT_NONE, s->concluded_by = 0;
    else if (!instant_is_set(s->concluded))
        s->concluded = f->occurred_at, s->concluded_by = f->number;
}

static void follow_deferral(struct view *v, const struct fact *f, bool is_deferred)
{
    struct interval *last = v->deferrals ? &v->deferral[v->deferrals - 1] : NULL;
    bool is_open = last && !instant_is_set(last->to);

    if (is_deferred && !is_open && v->deferrals < DEFERRALS_MAX)
        v->deferral[v->deferrals++] = (struct interval){ f->occurred_at, INSTANT_NONE };
    else if (!is_deferred && is_open)
        last->to = f->occurred_at;
}

static void follow_handlers(struct judgement *j, const struct fact *f)
{
    j->oic_by = f->names & FACT_NAMES_OIC ? f->number : j->oic_by;
    j->team_by = f->names & FACT_NAMES_TEAM ? f->number : j->team_by;
    j->oic = f->oic ? f->oic : j->oic;
    j->team = f->team ? f->team : j->team;
}

static void end_by(struct view *v, const struct fact *f)
{
    if (!f->elsewhere && !instant_is_set(v->ended))
        v->ended = f->occurred_at, v->ended_by = f->number;
}

static uint8_t circumstances(const struct edition_program *p, const struct attributes *a, uint16_t restricted)
{
    uint8_t is = 0;

    if (!(a->flags & FACT_CONSENT) && scope_has(&p->asks_consent, a->markers, a->ho_class, a->bereaved))
        is |= CIRCUMSTANCE_ASK_CONSENT;
    if (scope_has(&p->liaised, a->markers, a->ho_class, a->bereaved))
        is |= CIRCUMSTANCE_FAMILY_LIAISON;
    if (restricted & RESTRICTION_ACCESS)
        is |= CIRCUMSTANCE_ACCESS_RESTRICTED;
    if (restricted & RESTRICTION_PROCESSING)
        is |= CIRCUMSTANCE_PROCESSING_RESTRICTED;
    return is;
}

/* Which kinds there are, when the victim was first known, who has the case, and whether investigation and journey are over. */
static void survey(struct view *v, uint64_t news, struct judgement *ret)
{
    const bool concludes = v->law->concludes;
    struct suspects suspects = { 0 }, without = { 0 };  /* without the news */
    struct attributes crime = { .age = AGE_UNKNOWN };
    uint16_t restricted = RESTRICTION_NONE;

    for (size_t i = 0; i < v->count; i++) {
        const struct fact *f = v->all[i].fact;
        v->present |= v->all[i].kind;
        if (concludes && may_conclude(v->law, f)) {
            follow_suspects(&suspects, v, f);
            if (ret->judged->concludes && f->id != news)
                follow_suspects(&without, v, f);
        }
        switch (known_as(v->law, f->kind)) {
        case KNOWN_recorded:
            v->known = instant_is_set(v->known) ? v->known : f->occurred_at;
            follow_handlers(ret, f);
            attributes_learn(&crime, f);
            v->may_be_enhanced |= may_entitle(v->law, f);
            break;
        case KNOWN_oic_changed: follow_handlers(ret, f); break;
        case KNOWN_reclassified: case KNOWN_victim_described:
            attributes_learn(&crime, f);
            v->may_be_enhanced |= may_entitle(v->law, f);
            break;
        case KNOWN_needs_assessed: v->may_be_enhanced |= (f->flags & f->flags_said & FACT_ENHANCED) != 0; break;
        case KNOWN_enhanced_found: v->may_be_enhanced = true; break;
        case KNOWN_victim_died: crime.bereaved = v->may_be_enhanced = true; break;
        case KNOWN_restricted: restricted = f->value ? restricted | f->value : RESTRICTION_NONE; break;
        case KNOWN_cancelled: case KNOWN_transferred: case KNOWN_erased: end_by(v, f); break;
        case KNOWN_merged:                              /* into a crime that is named: the journey follows it; else it ends */
            if (!f->informs)
                end_by(v, f);
            break;
        case KNOWN_reopened: v->ended = INSTANT_NONE, v->ended_by = 0; break;
        case KNOWN_deferred: follow_deferral(v, f, true); break;
        case KNOWN_resumed: follow_deferral(v, f, false); break;
        case KNOWN_row_rejected: v->held = true; break;
        default: break;
        }
    }
    v->markers = crime.markers;
    v->bereaved = crime.bereaved;
    ret->circumstances = circumstances(&v->law->book[v->law->books - 1]->program, &crime, restricted);
    memcpy(v->ho_class, crime.ho_class, sizeof v->ho_class);
    v->concluded = suspects.concluded;
    v->concluded_by = suspects.concluded_by;
    if (ret->judged->concludes && (!instant_same(suspects.concluded, without.concluded) || suspects.concluded_by != without.concluded_by))
        ret->judged = law_whole(v->law);
    ret->reported = v->known;
    ret->ended = v->ended;
    ret->concluded = v->concluded;
}

void journey_judge(const struct law *law, struct fact *facts, size_t count, struct judgement *ret)
{
    journey_judge_concern(law, law_whole(law), 0, facts, count, ret);
}

void journey_judge_concern(const struct law *law, const struct concern *concern, uint64_t news, struct fact *facts, size_t count, struct judgement *ret)
{
    struct view v;

    v.law = law;
    v.known = v.ended = v.concluded = INSTANT_NONE;
    v.ended_by = v.concluded_by = 0;
    v.deferrals = v.speakers = 0;
    v.present = 0;
    v.may_be_enhanced = false;
    v.held = false;
    v.as_known = INSTANT_MAX;
    v.traced = NULL;
    ret->count = 0;
    ret->oic_by = ret->team_by = 0;
    ret->oic = ret->team = 0;
    ret->circumstances = 0;
    ret->overflow = false;
    ret->judged = concern;
    find_all(&v, facts, count);
    survey(&v, news, ret);
    ret->enhanced = v.count && ret->judged->whole && enhanced_at(&v, &law->book[law->books - 1]->program, INSTANT_MAX).at_start;
    judge_started(&v, ret);
    if (!is_in_order(ret))
        qsort(ret->obligation, ret->count, sizeof *ret->obligation, by_rule_and_instance);
}
