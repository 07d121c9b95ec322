/* tell.c: what is new about a journey since it was last told, as outbox rows.
 *
 * What was told of an obligation is its standing level and due instant; what should
 * be told follows from the judgement. The difference is at most one row an
 * obligation and record:
 *
 *   told            now                        row
 *   nothing         a rung or a settlement     that level
 *   a rung          a higher rung              that level
 *   same            same, other due            amended
 *   met ...         the same, other due or     met ... again
 *                   time of meeting
 *   due soon        met, waived                met, waived      (closes what was told)
 *   breached        met in time, waived        withdrawn
 *   breached        met after due              met late
 *   breached        not due yet                amended
 *   anything        no such obligation         withdrawn
 *   a rung          same, another has the      reallocated
 *                   case, or it is restricted
 *
 * Beside these, an acknowledgement of an alert is told as it comes, and a tick as the first in its five minutes.
 */
#include "processors/fold.h"
#include "processors/draw.h"

#include "core/hash.h"
#include "processors/render.h"

#include <assert.h>

enum { TICK_EVERY_S = 300 };

static int rung(enum level level)
{
    switch (level) {
    case LEVEL_AT_START: return 1;
    case LEVEL_DUE_SOON: return 2;
    case LEVEL_UNPROVEN: return 3;
    case LEVEL_BREACHED: return 4;
    case LEVEL_OUTSTANDING: return 5;
    default: return 0;
    }
}

static bool says_missed(enum level level)
{
    return level == LEVEL_BREACHED || level == LEVEL_OUTSTANDING || level == LEVEL_MET_LATE || level == LEVEL_MISSED;
}

/* The level of the row that takes what was told to what stands; LEVEL_NONE: nothing to say. */
static enum level row_level(const struct told *was, enum level now, uint32_t step, uint32_t due, uint32_t ended)
{
    if (was->stands == now && was->step == step)
        return was->due == due && told_ended(was) == ended ? LEVEL_NONE : rung(now) ? LEVEL_AMENDED : now;
    if (rung(now) > rung(was->stands) || (rung(now) && now == was->stands && step > was->step))
        return now;
    if (says_missed(was->stands) && !says_missed(now))
        return rung(now) || now == LEVEL_NONE ? LEVEL_AMENDED : LEVEL_WITHDRAWN;
    if (now == LEVEL_NONE || rung(now))
        return LEVEL_AMENDED;               /* a lower rung: due moved away */
    return now;
}

static enum err tell_row(struct track *t, uint32_t slot, const struct outbox_row *row)
{
    bool is_put;
    enum err e = retell_put(t, row, &is_put);

    return e || !is_put ? e : retell_remember(t, slot, row);
}

/* Whoever is told something else when it changes: a hash, to see that it did. */
static uint32_t whose(const struct judgement *j)
{
    uint32_t of[3] = { j->oic, j->team, j->circumstances & (CIRCUMSTANCE_ACCESS_RESTRICTED | CIRCUMSTANCE_PROCESSING_RESTRICTED) };

    return (uint32_t)hash_bytes(of, sizeof of);
}

/* Member by member into its place, here and in row_of: see struct told. */
static void row_about(struct track *t, const struct journey *v, uint32_t rule, uint64_t instance, enum level level, enum level stands, struct outbox_row *ret)
{
    memset(ret, 0, sizeof *ret);
    ret->victim_no = v->victim_no;
    ret->circumstances = t->judgement.circumstances;
    ret->whose = whose(&t->judgement);
    ret->journey = v->handle;
    ret->cause = t->position;
    ret->law = t->law_number;
    ret->rule = (uint16_t)rule;
    ret->instance = instance;
    ret->raised = (uint32_t)t->fresh.tick.s;
    ret->level = (uint8_t)level;
    ret->stands = (uint8_t)stands;
    ret->oic_by = t->judgement.oic_by;
    ret->team_by = t->judgement.team_by;
}

static enum err tell_gone(struct track *t, uint32_t slot, const struct told *was)
{
    struct journey *v = journey_at(t->journeys, slot);
    struct outbox_row row;

    if (told_is_bare(was)) {
        const struct told nothing = { .rule = was->rule, .instance = was->instance };
        enum err e = told_keep(v, journeys_pool(t->journeys), told_place(v, was->rule, was->instance), &nothing);
        return e ? e : mark_journey(t, slot);
    }
    row_about(t, v, was->rule, was->instance, LEVEL_WITHDRAWN, LEVEL_NONE, &row);
    row.due_before = was->due;
    row.owner = (uint8_t)law_rule(t->law, (uint16_t)was->rule)->owner;
    row.told = was->alerted;
    return tell_row(t, slot, &row);
}

static void row_of(struct track *t, const struct journey *v, const struct obligation *o, const struct told *was, enum level level,
                   enum level stands, uint32_t step, struct outbox_row *ret)
{
    row_about(t, v, o->rule, o->instance, level, stands, ret);
    ret->started_by = o->started_by;
    ret->ended_by = o->ended_by;
    ret->due = (uint32_t)o->due.s;
    ret->due_before = was->due != ret->due ? was->due : 0;
    ret->started = (uint32_t)o->started.s;
    ret->ended = (uint32_t)o->ended.s;
    ret->step = (uint8_t)step;
    ret->flags = o->flags;
    ret->owner = o->owner;
    ret->told = was->alerted;
}

enum { RUNG_LEVELS = LEVEL_NOT_COMPUTABLE };

/* Is it a notice of this obligation that has the half of an id: of any level and step it may have had. */
static bool is_notice_of(struct text crime_ref, struct text victim_ref, const char *rule, uint64_t instance, uint64_t half)
{
    uint8_t id[NOTICE_ID_BYTES];

    for (int level = LEVEL_NONE + 1; level <= RUNG_LEVELS; level++)
        for (uint32_t step = 0; step <= LADDER_STEPS_MAX; step++) {
            uint64_t first = 0;
            render_notice_id(crime_ref, victim_ref, rule, instance, (enum level)level, step, id);
            for (int i = 0; i < 8; i++)
                first = first << 8 | id[i];
            if (first == half)
                return true;
        }
    return false;
}

enum err tell_acknowledged(struct track *t, uint32_t slot, uint64_t half)
{
    struct journey *v = journey_at(t->journeys, slot);
    struct text crime_ref = crime_ref_of(crime_at(t->journeys, v->crime));
    const struct judgement *owed;

    if (!t->law || t->looks || !half)
        return E_OK;
    owed = track_judge(t, slot);
    for (size_t i = 0; i < owed->count; i++) {
        const struct obligation *o = &owed->obligation[i];
        struct outbox_row row;
        struct told was;
        told_get(v, told_place(v, o->rule, o->instance), o->rule, o->instance, &was);
        if (!was.alerted || !is_notice_of(crime_ref, victim_ref_of(v), law_rule(t->law, o->rule)->id, o->instance, half))
            continue;
        row_of(t, v, o, &was, LEVEL_ACKNOWLEDGED, was.stands, was.step, &row);
        return tell_row(t, slot, &row);
    }
    return E_OK;                            /* no such alert now: a fact, but nothing to tell */
}

enum err tell_tick(struct track *t, struct instant before)
{
    struct outbox_row row = { .level = ROW_TICK, .cause = t->position, .law = t->law_number, .raised = (uint32_t)t->fresh.tick.s };
    bool is_put;

    if (!t->law || t->looks || before.s / TICK_EVERY_S == t->fresh.tick.s / TICK_EVERY_S)
        return E_OK;
    return retell_put(t, &row, &is_put);
}

/* Keeps what is now known of an obligation at its place, and awaits what is next of it. */
static enum err keep(struct track *t, uint32_t slot, uint32_t at, const struct told *was, const struct told *is)
{
    struct journey *v = journey_at(t->journeys, slot);
    enum err e;

    if ((e = told_keep(v, journeys_pool(t->journeys), at, is)))
        return e;
    if (is->next_tick && is->next_tick != was->next_tick && (e = await_next(t, slot, at, v->told_words, BY_TICK)))
        return e;
    if (is->next_frontier && (is->next_frontier != was->next_frontier || is->next_tick != was->next_tick) &&
        (e = await_next(t, slot, at, v->told_words, BY_FRONTIER)))
        return e;
    return mark_journey(t, slot);
}

/* The row, if there is anything to say of it, and when time alone could next change how it stands. at: the place of what was told of it. */
static enum err tell_obligation(struct track *t, uint32_t slot, const struct obligation *o, const struct standing *s, uint32_t at)
{
    struct journey *v = journey_at(t->journeys, slot);
    struct outbox_row row;
    struct told was, is;
    enum level level;
    bool is_put;
    enum err e;

    told_get(v, at, o->rule, o->instance, &was);
    level = row_level(&was, s->level, s->step, (uint32_t)o->due.s, (uint32_t)o->ended.s);
    if (level == LEVEL_NONE && rung(was.stands) && was.alerted && was.ended_or_whose != whose(&t->judgement))
        level = LEVEL_REALLOCATED;
    if (level != LEVEL_NONE) {
        row_of(t, v, o, &was, level, s->level, s->step, &row);
        if ((e = retell_put(t, &row, &is_put)))
            return e;
        if (is_put)
            retell_told(&row, &is);
        else
            is = was;
    } else if ((uint32_t)s->next_tick.s == was.next_tick && (uint32_t)s->next_frontier.s == was.next_frontier) {
        return E_OK;
    } else {
        is = was;
    }
    is.next_tick = (uint32_t)s->next_tick.s;
    is.next_frontier = (uint32_t)s->next_frontier.s;
    return keep(t, slot, at, &was, &is);
}

/* Finds the place of what was told of each that is owed, and what was told of others that were judged: they are not owed any more.
 * Both are in the same order. Returns how many are gone. */
static size_t match(struct track *t, const struct journey *v, const struct judgement *owed)
{
    const struct obligation *o = owed->obligation;
    size_t i = 0, gone = 0;

    for (uint32_t at = 0; at < v->told_words; at = told_after(v, at)) {
        const uint32_t rule = told_at(v, at).rule;
        while (i < owed->count && o[i].rule < rule)
            t->told_place[i++] = at;
        if (!concern_has(owed->judged, rule))
            continue;
        while (i < owed->count && o[i].rule == rule && o[i].instance < told_instance(v, at))
            t->told_place[i++] = at;
        if (i < owed->count && o[i].rule == rule && o[i].instance == told_instance(v, at)) {
            t->told_place[i++] = at;
        } else {
            assert(gone < OBLIGATIONS_PER_JOURNEY_MAX);
            told_read(v, at, &t->told[gone++]);
        }
    }
    while (i < owed->count)
        t->told_place[i++] = v->told_words;
    return gone;
}

enum err tell_concern(struct track *t, uint32_t slot, const struct concern *concern, uint64_t news)
{
    struct journey *v = journey_at(t->journeys, slot);
    const struct judgement *owed;
    uint32_t words, at = 0;
    size_t gone;
    enum err e;

    if (!t->law || t->looks)
        return E_OK;
    if (t->draw)
        draw_journey(t->draw, slot);
    owed = track_judge_concern(t, slot, concern, news);
    if (owed->overflow && (e = fold_quarantine(t, "more obligations of one journey than can be followed")))
        return e;
    if ((gone = match(t, v, owed))) {
        for (size_t i = gone; i-- > 0;)
            if ((e = tell_gone(t, slot, &t->told[i])))
                return e;
        match(t, v, owed);
    }
    words = v->told_words;
    for (size_t i = 0; i < owed->count; i++) {
        const struct obligation *o = &owed->obligation[i];
        struct clocks now = track_clocks_of(t, o->rule);
        struct standing s = obligation_stand(t->law, o, now);
        if (!i || o->rule != o[-1].rule || o->instance != o[-1].instance)   /* a fact may start a rule in two ways: one obligation */
            at = t->told_place[i] + v->told_words - words;                  /* what was kept of those before moved it */
        assert(!s.next_tick.s || instant_after(s.next_tick, now.tick));
        assert(!s.next_frontier.s || instant_after(s.next_frontier, now.frontier));
        if ((e = tell_obligation(t, slot, o, &s, at)))
            return e;
    }
    return E_OK;
}

enum err tell_journey(struct track *t, uint32_t slot) { return t->law ? tell_concern(t, slot, law_whole(t->law), 0) : E_OK; }

enum err tell_news(struct track *t, uint32_t slot, const struct fact *fact)
{
    const struct concern *c = law_concern_of(t->law, fact);

    if (t->draw)
        draw_journey(t->draw, slot);        /* the rows for compliance say what was recorded, whatever it is */
    return concern_any(c) ? tell_concern(t, slot, c, fact->id) : E_OK;
}

static uint16_t rule_in(const struct law *to, const struct law *from, uint16_t rule)
{
    const struct rule *r = law_rule(from, rule);
    const char *edition = law_edition(from, r->edition)->name;

    for (uint16_t i = 0; i < law_rule_count(to); i++) {
        const struct rule *s = law_rule(to, i);
        if (!strcmp(s->id, r->id) && !strcmp(law_edition(to, s->edition)->name, edition))
            return i;
    }
    return UINT16_MAX;
}

enum err tell_law_changes(struct track *t, uint32_t slot, const struct law *to)
{
    struct journey *v = journey_at(t->journeys, slot);
    struct pool *pool = journeys_pool(t->journeys);
    size_t count = told_read_all(v, t->told), kept = count;
    enum err e;

    /* From the last on; those kept gather at the end. */
    for (size_t i = count; i-- > 0;) {
        struct told was = t->told[i];
        uint16_t rule = rule_in(to, t->law, was.rule);
        if (rule == UINT16_MAX) {
            if ((e = tell_gone(t, slot, &was)))
                return e;
        } else {
            was.rule = rule;
            t->told[--kept] = was;
        }
    }
    v->told = pool_resize(pool, v->told, v->told_words * sizeof *v->told, 0);
    v->told_words = 0;
    for (; kept < count; kept++)
        if ((e = told_keep(v, pool, told_place(v, t->told[kept].rule, t->told[kept].instance), &t->told[kept])))
            return e;
    return mark_journey(t, slot);
}
