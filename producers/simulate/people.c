/* people.c: the victims of a crime: who they are, as far as a record system says. */
#include "producers/simulate/maker.h"
#include "producers/simulate/people.h"

#include <assert.h>

enum { POOL_MIN = 12, POOL_MAX = 90000, CRIMES_A_POOL = 12, POOL_FIRST = 1000000, POOL_STEP = 100000, OTHERS_FIRST = 5000000 };

struct span { int youngest, oldest; };
static const struct span ages[PERSONS] = { [WOMAN] = { 18, 88 }, [MAN] = { 18, 88 }, [GIRL] = { 5, 17 }, [BOY] = { 5, 17 } };
/* Between the youngest and the oldest: most are young. */
static const struct spread age_percent = { { 0, 4, 13, 30, 52, 72, 100 } };

/* Self-defined ethnicity, 18+1, and how an officer observes it. Shares are invented, of a large city. */
static const struct { const char *self, *observed; uint16_t share; } ethnicities[] = {
    { "W1", "IC1", 560 }, { "W2", "IC1", 12 }, { "W3", "IC1", 3 }, { "W9", "IC1", 38 }, { "M1", "IC3", 24 }, { "M2", "IC3", 5 },
    { "M3", "IC4", 9 }, { "M9", "IC9", 9 }, { "A1", "IC4", 62 }, { "A2", "IC4", 104 }, { "A3", "IC4", 24 }, { "A4", "IC5", 8 },
    { "A9", "IC4", 26 }, { "B1", "IC3", 38 }, { "B2", "IC3", 34 }, { "B9", "IC3", 12 }, { "O2", "IC6", 8 }, { "O9", "IC9", 10 },
    { "NS", "IC9", 14 },
};
enum { ETHNICITIES = sizeof ethnicities / sizeof *ethnicities };

static uint32_t pool_size(const struct world *w)
{
    uint32_t n = w->crimes / CRIMES_A_POOL;

    return n < POOL_MIN ? POOL_MIN : n > POOL_MAX ? POOL_MAX : n;
}

size_t people_again(const struct world *w) { return (size_t)NOBODY * pool_size(w); }

size_t people_again_index(const struct world *w, const struct victim *v)
{
    assert(v->is_repeat);
    return (size_t)v->person * pool_size(w) + (v->number - POOL_FIRST) % POOL_STEP;
}

static struct span span_of(const struct offence *o, enum person p)
{
    struct span s = ages[p];

    if (o->oldest && p != FIRM) {
        s.youngest = o->youngest > s.youngest || o->oldest < s.youngest ? o->youngest : s.youngest;
        s.oldest = o->oldest < s.oldest ? o->oldest : s.oldest;
    }
    return s;
}

/* What stays with a person, in whichever crime. */
static void describe(const struct world *w, struct victim *v, struct span span)
{
    struct draws d = draws_of(w->seed, "person", v->number);
    uint16_t weight[ETHNICITIES];
    int age = span.youngest + (span.oldest - span.youngest) * draws_spread(&d, &age_percent) / 100;
    size_t e;

    v->born = day_add(w->from, -(age * 1461 / 4) - draws_between(&d, 10, 355));
    for (size_t i = 0; i < ETHNICITIES; i++)
        weight[i] = ethnicities[i].share;
    e = draws_pick(&d, weight, ETHNICITIES);
    v->type = v->person == FIRM ? "business" : v->person == GIRL || v->person == BOY ? "child" : "person";
    v->gender = v->person == FIRM ? "" : v->person == WOMAN || v->person == GIRL ? "F" : "M";
    v->ethnicity = v->person == FIRM ? "" : ethnicities[e].self;
    v->observed = v->person == FIRM ? "" : ethnicities[e].observed;
}

static bool suits(const struct offence *o, const struct victim *v, struct day when)
{
    int age = (when.n - v->born.n) * 4 / 1461;

    return v->person == FIRM || !o->oldest || (age >= o->youngest && age <= o->oldest);
}

static void pick_victim(struct maker *m, struct draws *d, size_t i)
{
    struct crime *c = m->c;
    struct victim *v = &c->victim[i];
    double repeat = world_rate(m->w, P_repeat_victim) * (c->is_da ? 2 : 1);
    struct day when = world_day_of(m->w, m->as);
    uint32_t size = pool_size(m->w);

    v->person = (enum person)draws_pick(d, c->offence->group->who, PERSONS);
    if (v->person == NOBODY)
        return;
    v->is_repeat = draws_chance(d, repeat);
    /* Some of those who are victims again are so far more often than others. */
    v->number = POOL_FIRST + (uint32_t)v->person * POOL_STEP + draws_below(d, 1 + draws_below(d, size));
    if (v->is_repeat) {
        describe(m->w, v, ages[v->person]);
        v->is_repeat = suits(c->offence, v, when);
    }
    if (!v->is_repeat) {
        v->number = OTHERS_FIRST + m->as * VICTIMS_MAX + (uint32_t)i;
        describe(m->w, v, span_of(c->offence, v->person));
    }
    if (c->offence->group->traits & MURDER)
        v->type = "bereaved";
    else if (c->offence->group->traits & ON_DUTY)
        v->type = "police-officer";
}

static void make_vulnerable(struct maker *m, struct draws *d, struct victim *v)
{
    const struct group *g = m->c->offence->group;
    bool is_old = v->person != FIRM && m->w->from.n - v->born.n > 75 * 365;

    v->vulnerable = v->person != FIRM && draws_chance(d, is_old ? 0.4 : m->c->is_da ? 0.15 : 0.05);
    v->intimidated = v->person != FIRM && draws_chance(d, g->traits & VIOLENT ? 0.06 : 0.01);
    v->targeted = draws_chance(d, v->is_repeat ? 0.08 : 0.003);
    v->enhanced = v->vulnerable || v->intimidated || v->targeted || m->c->is_da || (g->traits & SEXUAL);
    v->safe_contact = draws_chance(d, m->c->is_da ? 0.5 : g->traits & SEXUAL ? 0.2 : 0.01);
    v->consent = draws_chance(d, 0.6);
    v->agreed_days = draws_chance(d, 0.1) ? (uint16_t)(7 * draws_between(d, 1, 4)) : 0;
    v->hurried = v->enhanced || m->c->is_reclassified || v->person == GIRL || v->person == BOY || m->c->hate[0] || (g->traits & (SERIOUS | MURDER)) ||
                 m->w->from.n - v->born.n < 20 * 366;
}

static void ask_wishes(struct maker *m, struct victim *v)
{
    static const char *const ways[] = { "telephone", "email", "text-message", "letter" };
    static const char *const languages[] = { "pa", "ur", "pl", "ro" };
    struct draws d = draws_of(m->w->seed, "wishes", v->number);

    v->preference = draws_chance(&d, 0.3) ? ways[draws_below(&d, 4)] : "";
    v->declined = draws_chance(&d, 0.01) ? "R6-FREQ" : "";
    v->language = v->person != FIRM && draws_chance(&d, 0.04) ? languages[draws_below(&d, 4)] : "";
}

/* Enhanced Rights found by somebody only later: nothing is told between the short limit and the long one. */
static void find_later(struct maker *m, struct draws *d, int i)
{
    struct victim *v = &m->c->victim[i];
    struct change *h;

    if (v->person == FIRM || !draws_chance(d, world_rate(m->w, P_enhanced_later)) || v->enhanced)
        return;
    v->hurried = true;
    h = maker_change(m, maker_contact(m, d, m->c->recorded, draws_between(d, 1, 6)), i);
    h->enhanced = true;
}

static void soil_victim(struct maker *m, struct draws *d, struct victim *v)
{
    if (v->person == FIRM)
        return;
    if (draws_chance(d, world_rate(m->w, P_missing_attribute))) {
        *(draws_chance(d, 0.3) ? &v->gender : &v->ethnicity) = "";
        m->c->dirt[P_missing_attribute]++;
    }
    if (draws_chance(d, world_rate(m->w, P_unknown_code))) {
        v->gender = "Q7";
        m->c->dirt[P_unknown_code]++;
    }
}

static bool is_there_already(const struct crime *c, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (c->victim[k].number == c->victim[i].number)
            return true;
    return false;
}

void make_people(struct maker *m)
{
    struct crime *c = m->c;
    struct draws d = maker_draws(m, "victims");

    c->victims = 1;
    if (draws_chance(&d, world_rate(m->w, P_second_victim)))
        c->victims += draws_chance(&d, 0.2) ? 2 : 1;
    for (size_t i = 0; i < c->victims; i++) {
        pick_victim(m, &d, i);
        if (c->victim[i].person == NOBODY || is_there_already(c, i)) {
            c->victims = i;
            break;
        }
        make_vulnerable(m, &d, &c->victim[i]);
        ask_wishes(m, &c->victim[i]);
        find_later(m, &d, (int)i);
        soil_victim(m, &d, &c->victim[i]);
    }
    assert(c->victims <= VICTIMS_MAX);
}
