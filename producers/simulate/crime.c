#include "producers/simulate/maker.h"

#include <assert.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HOUR = 3600, DAY = 86400 };

enum group_name {
#define GROUP(name, ...) GROUP_##name,
#include "producers/simulate/groups.def"
#undef GROUP
    GROUPS
};

static const struct group groups[GROUPS] = {
#define GROUP(name, women, men, girls, boys, firms, none, da, hate, taken, team, traits, area, \
              o18, o14, o15, o1, o3, o8, o9, o10, o21, o22, o16) \
    [GROUP_##name] = { { women, men, girls, boys, firms, none }, da, hate, taken, TEAM_##team, traits, CONCERN_##area, \
                       { o18, o14, o15, o1, o3, o8, o9, o10, o21, o22 }, o16 },
#include "producers/simulate/groups.def"
#undef GROUP
};

static const struct offence offences[] = {
#define OFFENCE(ho_class, subclass, title, weight, group, youngest, oldest) \
    { ho_class, subclass, title, weight, &groups[GROUP_##group], youngest, oldest },
#include "producers/simulate/offences.def"
#undef OFFENCE
};
enum { OFFENCES = sizeof offences / sizeof *offences };

double crime_da_share(enum concern concern)
{
    uint32_t all = 0, da = 0;

    for (size_t i = 0; i < OFFENCES; i++) {
        if (offences[i].group->concern != concern)
            continue;
        all += offences[i].weight * 1000u;
        da += offences[i].weight * offences[i].group->da;
    }
    return all ? (double)da / all : 0;
}

void crime_print_reference(const struct world *w, uint32_t number, char ret[32])
{
    int year, month, mday;

    day_to_ymd(world_day_of(w, number), &year, &month, &mday);
    snprintf(ret, 32, "20/%u/%02d", 100001 + number, year % 100);
}

uint32_t crime_entered_by(const struct world *w, const struct crime *c, const struct happening *e)
{
    struct draws d = draws_of(w->seed, "entered by", (uint64_t)c->number << 10 | e->id);

    return force_who_acts(&w->force, &d, c->post, world_day(w, e->recorded), world_clock(w, e->recorded));
}

struct instant crime_known(const struct crime *c, uint16_t id)
{
    if (id == 0)
        return c->recorded;
    for (size_t i = 0; i < c->steps; i++) {
        const struct step *s = &c->step[i];
        if (s->table == TABLE_EVENT && s->event.id == id && !dirt_hides(s->spoilt))
            return s->shown;
    }
    return INSTANT_NONE;
}

/* ---- what, where and when -------------------------------------------------------- */

static const struct offence *pick_offence(struct draws *d)
{
    uint16_t weight[OFFENCES];

    for (size_t i = 0; i < OFFENCES; i++)
        weight[i] = offences[i].weight;
    return &offences[draws_pick(d, weight, OFFENCES)];
}

static const char *pick_strand(struct draws *d)
{
    static const char *const strands[] = { "race", "orientation", "disability", "religion", "transgender", "gender" };
    static const uint16_t weight[] = { 70, 12, 7, 6, 2, 3 };

    return strands[draws_pick(d, weight, 6)];
}

static int pick_clock(struct draws *d, bool evening)
{
    static const uint16_t by_day[24]   = { 2, 1, 1, 1, 1, 1, 2, 4, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 6, 5, 4, 4, 3 };
    static const uint16_t by_night[24] = { 5, 5, 4, 4, 3, 2, 2, 2, 3, 3, 3, 4, 4, 4, 4, 5, 5, 6, 6, 6, 7, 7, 7, 6 };
    int hour = (int)draws_pick(d, evening ? by_night : by_day, 24);

    return hour * HOUR + (int)draws_below(d, HOUR);
}

static void make_times(struct maker *m)
{
    static const struct spread record_minutes = { { 3, 8, 15, 40, 120, 480, 1300 } };
    static const struct spread ago_minutes = { { 1, 10, 40, 240, 1000, 4000, 40000 } };
    struct crime *c = m->c;
    struct draws d = maker_draws(m, "times");
    struct day day = world_day_of(m->w, m->as);
    int clock = pick_clock(&d, c->offence->group->traits & EVENING);

    if (draws_chance(&d, world_rate(m->w, P_ambiguous_hour)) && world_is_long_night(m->w, day)) {
        /* The second of the two: the hour after the first. */
        c->reported = instant_add(world_at(m->w, day, HOUR + (int)draws_below(&d, HOUR)), HOUR);
        c->dirt[P_ambiguous_hour]++;
    } else {
        c->reported = world_at(m->w, day, clock);
    }
    c->recorded = instant_add(c->reported, 60 * draws_spread(&d, &record_minutes));
    if (draws_chance(&d, world_rate(m->w, P_recorded_late)))
        c->recorded = instant_add(c->reported, HOUR * draws_between(&d, 26, 120));
    c->committed_to = instant_add(c->reported, -60 * draws_spread(&d, &ago_minutes));
    c->committed_from = instant_add(c->committed_to, draws_chance(&d, 0.4) ? -HOUR * draws_between(&d, 1, 14) : 0);
}

static void make_offence(struct maker *m)
{
    struct crime *c = m->c;
    struct draws d = maker_draws(m, "offence");
    const struct group *g;
    bool is_aggravated;

    c->offence = pick_offence(&d);
    g = c->offence->group;
    c->is_da = draws_chance(&d, g->da / 1000.0);
    is_aggravated = strstr(c->offence->title, "Racially") != NULL;
    c->hate = draws_chance(&d, is_aggravated ? 1.0 : g->hate / 1000.0) ? pick_strand(&d) : "";
    if (is_aggravated)
        c->hate = "race";
    c->area = force_pick_area(&d);
    c->team = force_pick_team(&m->w->force, &d, c->area, c->is_da && g->team == TEAM_RESPONSE ? TEAM_PROTECTION : g->team);
    c->post = force_pick_post(&m->w->force, &d, c->team);
    make_times(m);
    crime_print_reference(m->w, c->number, c->reference);
}

/* ---- rows of the crime and of its victims ----------------------------------------- */

static int by_time(const void *a, const void *b)
{
    const struct change *x = a, *y = b;

    return (x->at.s > y->at.s) - (x->at.s < y->at.s);
}

/* An officer who leaves hands the case to whoever has the post next; some cases are given to another post. */
static void make_handovers(struct maker *m)
{
    struct crime *c = m->c;
    const struct force *f = &m->w->force;
    struct draws d = maker_draws(m, "handover");
    struct instant until = instant_is_set(c->closed) ? c->closed : instant_add(c->recorded, 400 * DAY);
    uint32_t holder = force_holder(f, c->post, world_day(m->w, c->recorded)), i = 0;

    for (; i < 3 && holder + 1 < f->post[c->post].first_officer + f->post[c->post].officers; i++, holder++) {
        struct instant at = world_at(m->w, f->officer[holder].until, 9 * HOUR);
        struct change *h;
        if (!instant_before(at, until))
            return;
        h = maker_change(m, at, OF_CRIME);
        h->is_handover = true;
        h->post = c->post;
    }
    if (i == 0 && draws_chance(&d, world_rate(m->w, P_reallocated)) && until.s - c->recorded.s > 3 * DAY) {
        struct change *h = maker_change(m, maker_contact(m, &d, c->recorded, draws_between(&d, 1, 20)), OF_CRIME);
        h->is_handover = true;
        h->post = force_pick_post(f, &d, c->team);
        if (!instant_before(h->at, until))
            m->changes--;
    }
}

static void show_crime(struct maker *m, struct instant at, const struct crime_face *face)
{
    maker_step(m, TABLE_CRIME, OF_CRIME, at)->crime = *face;
}

static void show_victim(struct maker *m, int victim, struct instant at, const struct victim_face *face)
{
    maker_step(m, TABLE_VICTIM, victim, at)->person = *face;
}

/* Each change shows the whole row anew. */
static void show_rows(struct maker *m)
{
    struct crime *c = m->c;
    struct crime_face face = { .offence = c->offence, .status = "open", .post = c->post };
    struct victim_face person[VICTIMS_MAX];

    face.officer = force_holder(&m->w->force, c->post, world_day(m->w, c->recorded));
    show_crime(m, c->recorded, &face);
    for (int v = 0; v < (int)c->victims; v++) {
        person[v] = (struct victim_face){ .enhanced = c->victim[v].enhanced, .agreed_days = c->victim[v].agreed_days };
        show_victim(m, v, c->recorded, &person[v]);
    }
    if (m->changes > 1)
        qsort(m->change, m->changes, sizeof *m->change, by_time);
    for (size_t i = 0; i < m->changes; i++) {
        const struct change *h = &m->change[i];
        if (h->victim != OF_CRIME) {
            person[h->victim].enhanced |= h->enhanced;
            person[h->victim].is_erased |= h->is_erased;
            person[h->victim].agreed_days = h->agreed_days ? h->agreed_days : person[h->victim].agreed_days;
            show_victim(m, h->victim, h->at, &person[h->victim]);
            continue;
        }
        if (h->is_handover) {
            face.post = h->post;
            face.officer = force_holder(&m->w->force, h->post, world_day(m->w, h->at));
        }
        face.status = h->status ? h->status : face.status;
        face.is_merged |= h->is_merged;
        face.cancelled = h->cancelled ? h->cancelled : face.cancelled;
        face.offence = h->offence ? h->offence : face.offence;
        face.outcome = h->outcome ? h->outcome : face.outcome;
        face.outcome_at = h->outcome ? h->at : face.outcome_at;
        show_crime(m, h->at, &face);
    }
}

/* What was entered until then stays; no more comes. */
static void cut_off(struct maker *m, struct instant at)
{
    struct crime *c = m->c;

    c->closed = at;
    for (size_t i = 0; i < m->changes;)
        if (instant_after(m->change[i].at, at))
            m->change[i] = m->change[--m->changes];
        else
            i++;
    for (size_t i = 0; i < c->steps;)
        if (instant_after(c->step[i].shown, at))
            c->step[i] = c->step[--c->steps];
        else
            i++;
}

/* Found to be no crime; found to be recorded twice; or gone from the record system without a word. */
static void make_early_end(struct maker *m)
{
    struct crime *c = m->c;
    struct draws d = maker_draws(m, "cancel");
    struct change *h;

    if (draws_chance(&d, world_rate(m->w, P_cancelled))) {
        c->is_cancelled = true;
        cut_off(m, maker_contact(m, &d, c->recorded, draws_between(&d, 1, 12)));
        h = maker_change(m, c->closed, OF_CRIME);
        h->status = "closed";
        h->cancelled = draws_chance(&d, 0.5) ? "C1" : "C4";
        return;
    }
    if (c->is_twin) {
        cut_off(m, maker_contact(m, &d, c->recorded, draws_between(&d, 1, 6)));
        h = maker_change(m, c->closed, OF_CRIME);
        h->is_merged = true;
        return;
    }
    d = maker_draws(m, "vanish");
    if (draws_chance(&d, world_rate(m->w, P_vanished)) && c->closed.s - c->recorded.s > 10 * DAY) {
        c->is_vanished = true;
        cut_off(m, instant_add(c->recorded, DAY * draws_between(&d, 3, 9)));
        c->dirt[P_vanished]++;
    }
}

/* To a neighbouring class of the same group: assault to assault, burglary to burglary. */
static void make_reclassification(struct maker *m)
{
    struct crime *c = m->c;
    struct draws d = maker_draws(m, "class");
    size_t at = (size_t)(c->offence - offences);
    struct change *h;

    if (!draws_chance(&d, world_rate(m->w, P_reclassified)) || at + 1 >= OFFENCES || offences[at + 1].group != c->offence->group)
        return;
    h = maker_change(m, maker_contact(m, &d, c->recorded, draws_between(&d, 1, 15)), OF_CRIME);
    h->offence = &offences[at + 1];
    c->is_reclassified = true;
}

static void make_erasures(struct maker *m)
{
    struct crime *c = m->c;

    for (size_t v = 0; v < c->victims; v++) {
        struct draws d = draws_of(m->w->seed, "erase", c->number * 4ul + v);
        struct change *h;
        if (c->victim[v].person == FIRM || !draws_chance(&d, world_rate(m->w, P_erased)))
            continue;
        c->victim[v].erased = maker_contact(m, &d, c->closed, draws_between(&d, 5, 60));
        h = maker_change(m, c->victim[v].erased, (int)v);
        h->is_erased = true;
    }
}

/* Two calls about one incident, two records: this one, drawn like the crime before it. */
static bool is_recorded_twice(const struct world *w, uint32_t number)
{
    struct draws d = draws_of(w->seed, "twin", number);

    return draws_chance(&d, world_rate(w, P_recorded_twice)) && number > 0 && day_same(world_day_of(w, number - 1), world_day_of(w, number));
}

static int by_shown(const void *a, const void *b)
{
    const struct step *x = a, *y = b;

    if (x->shown.s != y->shown.s)
        return (x->shown.s > y->shown.s) - (x->shown.s < y->shown.s);
    if (x->table != y->table)
        return (int)x->table - (int)y->table;
    if (x->victim != y->victim)
        return x->victim - y->victim;
    if (x->table == TABLE_EVENT && x->event.id != y->event.id)
        return (int)x->event.id - (int)y->event.id;
    return (x->updated.s > y->updated.s) - (x->updated.s < y->updated.s);
}

void crime_make(const struct world *w, uint32_t number, struct crime *ret)
{
    struct maker m = { .w = w, .c = ret, .as = number };

    memset(ret, 0, offsetof(struct crime, step));
    memset(ret->dirt, 0, sizeof ret->dirt);
    ret->number = number;
    ret->is_twin = is_recorded_twice(w, number) && !is_recorded_twice(w, number - 1);
    m.as = number - ret->is_twin;
    make_offence(&m);
    make_reclassification(&m);
    make_people(&m);
    m.as = number;
    make_course(&m);
    if (ret->victims)
        make_first_duties(&m);
    make_handovers(&m);
    make_aftermath(&m);
    make_early_end(&m);
    if (!ret->is_vanished)
        make_erasures(&m);
    show_rows(&m);
    make_dirt(&m);
    qsort(ret->step, ret->steps, sizeof *ret->step, by_shown);
}
