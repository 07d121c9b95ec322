/* dirt.c: what becomes of rows on their way into an extract. What is wrong is mostly put right some days later. */
#include "producers/simulate/maker.h"

#include <string.h>

enum { DAY = 86400, HOUR = 3600 };

/* Dirt on the row of an event that costs it until it is mended, in the order in which it is drawn. */
static const enum parameter of_events[] = { P_missing_value, P_bad_date, P_future_date, P_no_victim, P_latin1, P_broken_quote };

bool dirt_hides(int spoilt)
{
    for (size_t i = 0; i < sizeof of_events / sizeof *of_events; i++)
        if (spoilt == (int)of_events[i])
            return true;
    return spoilt == P_stale;
}

/* Told, asked, offered: of one victim, and worth nothing without. */
static bool needs_its_victim(const struct step *s)
{
    return s->victim != OF_CRIME && (!strcmp(s->event.kind, "victim-informed") || !strcmp(s->event.kind, "code-given") ||
                                     !strcmp(s->event.kind, "vps-offered") || !strcmp(s->event.kind, "acknowledged"));
}

/* The same row again. NULL: there is no room, which only rates near 1 bring about. */
static struct step *again(struct maker *m, const struct step *s, struct instant shown, struct instant updated, int spoilt)
{
    struct step *copy;

    if (m->c->steps == STEPS_MAX)
        return NULL;
    copy = maker_step(m, s->table, s->victim, shown);
    *copy = *s;
    copy->shown = shown;
    copy->updated = updated;
    copy->spoilt = spoilt;
    return copy;
}

/* This row is wrong, and comes right when somebody has seen to it. */
static bool spoil(struct maker *m, struct draws *d, struct step *s, enum parameter kind)
{
    struct instant mended = maker_contact(m, d, s->shown, draws_between(d, 1, 3));

    if (!again(m, s, mended, mended, 0))
        return false;
    s->spoilt = kind;
    if (kind == P_stale)
        s->updated = instant_add(s->updated, -DAY * draws_between(d, 20, 90));
    return true;
}

static bool soil_event(struct maker *m, struct draws *d, struct step *s)
{
    if (draws_chance(d, world_rate(m->w, P_corrected)))
        return spoil(m, d, s, P_corrected);
    for (size_t i = 0; i < sizeof of_events / sizeof *of_events; i++) {
        bool hit = draws_chance(d, world_rate(m->w, of_events[i]));
        if (hit && (of_events[i] != P_no_victim || needs_its_victim(s)))
            return spoil(m, d, s, of_events[i]);
    }
    return false;
}

/* Does the row of this crime or victim change once more? Then the mended one would undo that. */
static bool changes_again(const struct maker *m, const struct step *s, size_t rows)
{
    for (size_t i = 0; i < rows; i++) {
        const struct step *o = &m->c->step[i];
        if (o->table == s->table && o->victim == s->victim && instant_after(o->shown, s->shown))
            return true;
    }
    return false;
}

static void soil(struct maker *m, size_t i, size_t rows)
{
    struct draws d = draws_of(m->w->seed, "dirt", (uint64_t)m->c->number << 10 | i);
    struct step *s = &m->c->step[i];
    bool is_event = s->table == TABLE_EVENT, is_first = !is_event && instant_same(s->shown, m->c->recorded);

    if (is_event && soil_event(m, &d, s))
        return;
    if (!is_event && !is_first && draws_chance(&d, world_rate(m->w, P_stale)) && !changes_again(m, s, rows) && spoil(m, &d, s, P_stale))
        return;
    if (draws_chance(&d, world_rate(m->w, P_duplicate)))
        again(m, s, s->shown, s->updated, P_duplicate);
    else if (draws_chance(&d, world_rate(m->w, P_resent)) && (is_event || !changes_again(m, s, rows)))
        again(m, s, maker_day(m, s->shown, draws_between(&d, 1, 4), 9 * HOUR), s->updated, P_resent);
}

/* An arrest of somebody else's, entered into this crime and taken out again. */
static void enter_by_mistake(struct maker *m)
{
    struct crime *c = m->c;
    struct draws d = maker_draws(m, "mistake");
    struct step *s, *out;

    if (!draws_chance(&d, world_rate(m->w, P_mistaken)) || c->is_cancelled || c->is_vanished || c->closed.s - c->recorded.s < 8 * DAY)
        return;
    s = maker_event(m, "arrested", OF_CRIME, maker_contact(m, &d, c->recorded, draws_between(&d, 0, 3)));
    s->event.suspect = 9;
    s->spoilt = P_mistaken;
    s->shown = s->updated = instant_min(s->shown, instant_add(c->recorded, 5 * DAY));
    s->event.recorded = s->shown;
    out = again(m, s, maker_contact(m, &d, s->shown, 1), instant_add(s->shown, HOUR), P_mistaken);
    if (!out)
        return;
    out->updated = out->shown;
    out->event.is_deleted = true;
}

void make_dirt(struct maker *m)
{
    size_t rows = m->c->steps;

    for (size_t i = 0; i < rows; i++)
        soil(m, i, rows);
    enter_by_mistake(m);
}
