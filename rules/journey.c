/* journey.c: which obligations there are, when each started, falls due and was settled: from facts alone.
 *
 *   facts → those that stand (corrections applied) → when Enhanced Rights held, when the
 *   journey ended → for each rule, what started it → how each was settled
 */
#include "rules/program.h"
#include "rules/journey.h"

#include <assert.h>
#include <stdlib.h>

enum { FACTS_MAX = 2 * FACTS_PER_JOURNEY_MAX + 1, CHAIN_MAX = 64 };

bool fact_replaces(const struct fact *a, const struct fact *b)
{
    if (!instant_same(a->recorded_at, b->recorded_at))
        return instant_before(a->recorded_at, b->recorded_at);
    return a->check < b->check;
}

/* A fact that stands, and the root of the corrections it ends. */
struct standing_fact { const struct fact *fact; uint64_t root; };

struct view {
    const struct law *law;
    struct standing_fact all[FACTS_MAX];        /* in order of (occurred_at, root) */
    size_t count;
    struct instant known;                       /* when this victim was first known; INSTANT_NONE: no report */
    struct instant ended;
    uint64_t ended_by;
};

/* ---- what stands --------------------------------------------------------------- */

static int by_id(const void *a, const void *b)
{
    const struct fact *x = a, *y = b;

    return (x->id > y->id) - (x->id < y->id);
}

static const struct fact *find(const struct fact *facts, size_t count, uint64_t id)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (facts[mid].id < id)
            low = mid + 1;
        else
            high = mid;
    }
    return low < count && facts[low].id == id ? &facts[low] : NULL;
}

/* The id at the root of a chain of corrections; the id itself of a fact that corrects nothing.
 * What was corrected may not have come yet: then its id is the root so far. */
static uint64_t root_of(const struct fact *facts, size_t count, const struct fact *f)
{
    uint64_t root = f->id;

    for (int steps = 0; f && f->supersedes && steps < CHAIN_MAX; steps++) {
        root = f->supersedes;
        f = find(facts, count, root);
    }
    return root;
}

static int by_root_then_record(const void *a, const void *b)
{
    const struct standing_fact *x = a, *y = b;

    if (x->root != y->root)
        return (x->root > y->root) - (x->root < y->root);
    if (x->fact->recorded_at.s != y->fact->recorded_at.s)
        return (x->fact->recorded_at.s > y->fact->recorded_at.s) - (x->fact->recorded_at.s < y->fact->recorded_at.s);
    /* At one moment a correction comes after what it corrects. */
    if (!x->fact->supersedes != !y->fact->supersedes)
        return x->fact->supersedes ? 1 : -1;
    return (x->fact->id > y->fact->id) - (x->fact->id < y->fact->id);
}

static int by_time(const void *a, const void *b)
{
    const struct standing_fact *x = a, *y = b;

    if (x->fact->occurred_at.s != y->fact->occurred_at.s)
        return (x->fact->occurred_at.s > y->fact->occurred_at.s) - (x->fact->occurred_at.s < y->fact->occurred_at.s);
    return (x->root > y->root) - (x->root < y->root);
}

/* Of each chain of corrections the last one stands; a withdrawal leaves nothing. */
static void find_standing(struct view *v, struct fact *facts, size_t count, kind_t withdrawn)
{
    bool corrected = false;
    size_t kept = 0;

    assert(count <= FACTS_MAX);
    if (count > 1)
        qsort(facts, count, sizeof *facts, by_id);
    for (size_t i = 0; i < count; i++) {
        v->all[i] = (struct standing_fact){ &facts[i], root_of(facts, count, &facts[i]) };
        corrected |= facts[i].supersedes != 0;
    }
    if (corrected)
        qsort(v->all, count, sizeof *v->all, by_root_then_record);
    for (size_t i = 0; i < count; i++)
        if ((i + 1 == count || v->all[i].root != v->all[i + 1].root) && v->all[i].fact->kind != withdrawn)
            v->all[kept++] = v->all[i];
    v->count = kept;
    if (kept > 1)
        qsort(v->all, kept, sizeof *v->all, by_time);
}

/* ---- Enhanced Rights -------------------------------------------------------------- */

static bool class_is_among(const struct edition_program *p, const char *ho_class)
{
    for (size_t i = 0; ho_class[0] && i < p->classes; i++)
        if (!strncmp(p->ho_class[i], ho_class, FACT_CLASS_BYTES))
            return true;
    return false;
}

/* What a fact says of Enhanced Rights: 1 found, -1 ended, 0 nothing. *ret_from: from when. */
static int enhanced_by(const struct view *v, const struct edition_program *p, const struct fact *f, struct instant *ret_from)
{
    const struct known_kinds *k = &v->law->known;
    bool entitled;

    *ret_from = f->occurred_at;
    if (f->kind == k->enhanced_found)
        return 1;
    if (f->kind == k->enhanced_ended)
        return -1;
    if (f->kind != k->needs_assessed && f->kind != k->recorded && f->kind != k->reclassified)
        return 0;
    if (f->kind == k->reclassified)
        *ret_from = f->recorded_at;             /* a changed class counts from when the change was recorded */
    entitled = (f->flags & f->flags_said & p->flags) || (f->markers & p->markers) || class_is_among(p, f->ho_class) ||
               (f->age != AGE_UNKNOWN && f->age < p->child_below) || f->victim_type == VICTIM_BEREAVED;
    if (entitled)
        return 1;
    return f->kind == k->needs_assessed && (f->flags_said & FACT_ENHANCED) ? -1 : 0;
}

struct enhancement { bool at_start; struct instant found; };    /* found: after the start; INSTANT_NONE never */

static struct enhancement enhanced_at(const struct view *v, const struct edition_program *p, struct instant start)
{
    struct enhancement e = { false, INSTANT_NONE };

    for (size_t i = 0; i < v->count; i++) {
        struct instant from;
        int says = enhanced_by(v, p, v->all[i].fact, &from);
        if (!says)
            continue;
        if (!instant_after(from, start))
            e.at_start = says > 0;
        else if (says > 0 && (!instant_is_set(e.found) || instant_before(from, e.found)))
            e.found = from;
    }
    return e;
}

/* ---- due ---------------------------------------------------------------------------- */

static struct instant due_from(const struct law *law, const struct limit *limit, struct instant start, struct instant date)
{
    struct day day0, day;

    switch (limit->unit) {
    case UNIT_HOURS:
        return instant_add(start, (int64_t)limit->n * 3600);
    case UNIT_DATE:
        return date;
    case UNIT_CALENDAR_DAYS:
        return zone_day_end(&law->zone, day_add(zone_day(&law->zone, start), limit->n));
    case UNIT_WORKING_DAYS:
        day0 = zone_day(&law->zone, start);
        if (calendar_add_working(law->calendar, day0, limit->n, &day))
            return INSTANT_NONE;
        return zone_day_end(&law->zone, day);
    }
    return INSTANT_NONE;
}

static void compute_due(const struct view *v, const struct rule *r, const struct fact *trigger, struct obligation *o)
{
    struct enhancement e = enhanced_at(v, law_program(v->law, r), o->started);
    struct instant earlier;

    o->due = due_from(v->law, e.at_start ? &r->enhanced : &r->standard, o->started, trigger->date);
    o->limit = (uint16_t)(e.at_start ? r->enhanced.n : r->standard.n);
    if (e.at_start)
        o->flags |= OBLIGATION_ENHANCED;
    if (!instant_is_set(o->due))
        o->flags |= OBLIGATION_NOT_COMPUTABLE;
    if (e.at_start || !instant_is_set(e.found) || !instant_is_set(o->due) || instant_after(e.found, o->due))
        return;
    earlier = due_from(v->law, &r->enhanced, e.found, trigger->date);
    if (instant_is_set(earlier) && instant_before(earlier, o->due)) {
        o->due = earlier;
        o->limit = (uint16_t)r->enhanced.n;
        o->flags |= OBLIGATION_ENHANCED | OBLIGATION_FOUND_LATE;
    }
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
static bool names(const struct fact *informing, const struct standing_fact *milestone, const struct fact *facts, size_t count)
{
    const struct fact *f = find(facts, count, informing->informs);

    if (informing->informs == milestone->root || informing->informs == milestone->fact->id)
        return true;
    return f && root_of(facts, count, f) == milestone->root;
}

static struct evidence find_evidence(const struct view *v, const struct rule *r, const struct standing_fact *trigger,
                                     const struct obligation *o, const struct fact *facts, size_t count)
{
    const struct edition_program *p = law_program(v->law, r);
    struct evidence e = { INSTANT_NONE, 0, false };

    if (r->program->informed && instant_is_set(trigger->fact->informed_at) && (p->may_be_told >> trigger->fact->who & 1))
        take_evidence(&e, trigger->fact->informed_at, trigger->fact->number, false);
    for (size_t i = 0; i < v->count; i++) {
        const struct fact *f = v->all[i].fact;
        bool after = !day_before(zone_day(&v->law->zone, f->occurred_at), o->first_day);
        if (match_holds(&r->program->met_by, f) && after)
            take_evidence(&e, f->occurred_at, f->number, false);
        if (!r->program->informed || f->kind != v->law->known.victim_informed || !(p->may_be_told >> f->who & 1))
            continue;
        if (f->informs ? names(f, trigger, facts, count) : p->infers && !instant_before(f->occurred_at, o->started))
            take_evidence(&e, f->occurred_at, f->number, !f->informs);
    }
    return e;
}

/* The first moment at which the victim had declined what the rule owes, while it was owed. */
static bool find_waiver(const struct view *v, uint16_t rule, const struct obligation *o, struct instant before, struct evidence *ret)
{
    const kind_t preference = v->law->known.preference_set;
    const struct rule_program *p = v->law->rule[rule].program;
    uint64_t bit = (uint64_t)1 << v->law->waiver[rule];
    const struct fact *in_force = NULL;

    for (size_t i = 0; i < v->count; i++) {
        const struct fact *f = v->all[i].fact;
        if (instant_is_set(before) && instant_after(f->occurred_at, before))
            break;
        if (f->kind == preference && !instant_after(f->occurred_at, o->started))
            in_force = f;
        else if ((f->kind == preference && (f->waives & bit)) ||
                 (match_holds(&p->waived_by, f) && !day_before(zone_day(&v->law->zone, f->occurred_at), o->first_day))) {
            if (in_force && (in_force->waives & bit))
                break;
            return *ret = (struct evidence){ f->occurred_at, f->number, false }, true;
        }
    }
    if (in_force && (in_force->waives & bit))
        return *ret = (struct evidence){ o->started, in_force->number, false }, true;
    return false;
}

static void settle(const struct view *v, uint16_t rule, const struct standing_fact *trigger, struct obligation *o,
                   const struct fact *facts, size_t count)
{
    struct evidence met = find_evidence(v, &v->law->rule[rule], trigger, o, facts, count), waived;

    if (find_waiver(v, rule, o, met.at, &waived)) {
        o->ending = ENDING_WAIVED;
        o->ended = waived.at;
        o->ended_by = waived.by;
    } else if (instant_is_set(met.at)) {
        o->ending = ENDING_MET;
        o->ended = met.at;
        o->ended_by = met.by;
        o->flags |= met.inferred ? OBLIGATION_INFERRED : 0;
    } else if (instant_is_set(v->ended)) {
        bool was_due = instant_is_set(o->due) && instant_after(v->ended, o->due);
        o->ending = was_due ? ENDING_CLOSED : ENDING_NOT_APPLICABLE;
        o->ended = v->ended;
        o->ended_by = v->ended_by;
    }
}

/* ---- rules ------------------------------------------------------------------------------- */

static bool is_in_force(const struct view *v, const struct rule *r, struct day d)
{
    const struct edition *e = &v->law->book[r->edition]->edition;

    return !day_before(d, e->in_force) && day_before(d, e->until);
}

static void add(struct view *v, uint16_t rule, const struct start *how, const struct standing_fact *trigger, const struct fact *facts,
                size_t count, struct judgement *ret)
{
    const struct rule *r = &v->law->rule[rule];
    struct obligation o = { .rule = rule, .started_by = trigger->fact->number };
    struct obligation *before = ret->count ? &ret->obligation[ret->count - 1] : NULL;

    o.started = how->at == AT_RECEIVED && instant_is_set(trigger->fact->received_at) ? trigger->fact->received_at :
                trigger->fact->occurred_at;
    if (how->at == AT_RECEIVED && !instant_is_set(trigger->fact->received_at))
        o.flags |= OBLIGATION_NO_RECEIPT;
    o.started = instant_max(o.started, v->known);
    o.first_day = zone_day(&v->law->zone, o.started);
    if (!is_in_force(v, r, o.first_day) || (instant_is_set(v->ended) && instant_after(o.started, v->ended)))
        return;
    if (r->program->per_journey) {
        if (before && before->rule == rule)
            return;                             /* the earliest one counts */
    } else {
        o.instance = trigger->root;
    }
    if (ret->count == OBLIGATIONS_PER_JOURNEY_MAX) {
        ret->overflow = true;
        return;
    }
    compute_due(v, r, trigger->fact, &o);
    settle(v, rule, trigger, &o, facts, count);
    ret->obligation[ret->count++] = o;
}

static void judge_rule(struct view *v, uint16_t rule, const struct fact *facts, size_t count, struct judgement *ret)
{
    const struct rule_program *p = v->law->rule[rule].program;
    size_t before = ret->count;

    for (size_t s = 0; s < p->starts; s++) {
        for (size_t i = 0; i < v->count; i++)
            if (match_holds(&p->start[s].match, v->all[i].fact))
                add(v, rule, &p->start[s], &v->all[i], facts, count, ret);
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

/* ---- the journey --------------------------------------------------------------------------- */

/* When the victim was first known, who has the case, and whether the journey is over. */
static void survey(struct view *v, struct judgement *ret)
{
    const struct known_kinds *k = &v->law->known;

    for (size_t i = 0; i < v->count; i++) {
        const struct fact *f = v->all[i].fact;
        if (f->kind == k->recorded && !instant_is_set(v->known))
            v->known = f->occurred_at;
        if (f->kind == k->recorded || f->kind == k->oic_changed) {
            ret->oic_by = f->names & FACT_NAMES_OIC ? f->number : ret->oic_by;
            ret->team_by = f->names & FACT_NAMES_TEAM ? f->number : ret->team_by;
        }
        if ((f->kind == k->cancelled || f->kind == k->transferred || f->kind == k->merged) && !instant_is_set(v->ended)) {
            v->ended = f->occurred_at;
            v->ended_by = f->number;
        }
    }
    ret->reported = v->known;
    ret->ended = v->ended;
}

void journey_judge(const struct law *law, struct fact *facts, size_t count, struct judgement *ret)
{
    struct view v;

    v.law = law;
    v.known = v.ended = INSTANT_NONE;
    v.ended_by = 0;
    ret->count = 0;
    ret->oic_by = ret->team_by = 0;
    ret->overflow = false;
    find_standing(&v, facts, count, law->known.event_withdrawn);
    survey(&v, ret);
    ret->enhanced = v.count && enhanced_at(&v, &law->book[law->books - 1]->program, INSTANT_MAX).at_start;
    for (size_t rule = 0; rule < law->rules; rule++)
        judge_rule(&v, (uint16_t)rule, facts, count, ret);
    if (ret->count > 1)
        qsort(ret->obligation, ret->count, sizeof *ret->obligation, by_rule_and_instance);
}
