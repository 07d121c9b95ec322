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

enum { ROWS_A_COMMIT = 20000, TICK_EVERY_S = 300 };

static int rung(uint8_t level)
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

static bool says_missed(uint8_t level)
{
    return level == LEVEL_BREACHED || level == LEVEL_OUTSTANDING || level == LEVEL_MET_LATE || level == LEVEL_MISSED;
}

/* The level of the row that takes what was told to what stands; LEVEL_NONE: nothing to say. */
static uint8_t row_level(const struct told *was, uint8_t now, uint8_t step, uint32_t due, uint32_t ended)
{
    if (was->stands == now && was->step == step)
        return was->due == due && was->ended == ended ? LEVEL_NONE : rung(now) ? LEVEL_AMENDED : now;
    if (rung(now) > rung(was->stands) || (rung(now) && now == was->stands && step > was->step))
        return now;
    if (says_missed(was->stands) && !says_missed(now))
        return rung(now) || now == LEVEL_NONE ? LEVEL_AMENDED : LEVEL_WITHDRAWN;
    if (now == LEVEL_NONE || rung(now))
        return LEVEL_AMENDED;               /* a lower rung: due moved away */
    return now;
}

static enum err refill(struct track *t)
{
    struct retelling *a = &t->again;

    if (a->at < a->count || a->next > a->last)
        return E_OK;
    a->at = a->count = 0;
    return outbox_read(a->reader, a->next, a->row, sizeof a->row / sizeof *a->row, &a->count);
}

/* The next row told before the restart of a record that this run folds again; NULL: none left. */
static enum err next_told(struct track *t, const struct outbox_row **ret)
{
    struct retelling *a = &t->again;
    enum err e;

    *ret = NULL;
    while (a->next <= a->last) {
        uint32_t slot;
        const struct outbox_row *row;
        if ((e = refill(t)))
            return e;
        row = &a->row[a->at];
        slot = journey_by_handle(t->journeys, row->journey);
        if (slot == SLOT_NONE || journey_at(t->journeys, slot)->folded_to < row->cause)
            return *ret = row, E_OK;
        a->at++, a->next++;                 /* its journey was stored after this record: it knows */
    }
    return E_OK;
}

static void pass(struct track *t)
{
    t->again.at++;
    t->again.next++;
}

static struct told told_by(const struct outbox_row *row)
{
    return (struct told){
        .instance = row->instance, .due = row->due, .ended = row->ended, .rule = row->rule,
        .stands = row->stands, .step = row->step & 127, .alerted = row->told || level_is_alert(row->level), .whose = row->whose,
    };
}

static enum err remember(struct track *t, struct journey *v, const struct outbox_row *row)
{
    struct told *was = told_find(v, row->rule, row->instance), is = told_by(row);

    if (row->stands == LEVEL_NONE && !row->due) {   /* the obligation itself went away */
        if (was)
            told_remove(v, was);
        return E_OK;
    }
    if (was) {
        is.next_tick = was->next_tick;
        is.next_frontier = was->next_frontier;
    }
    return told_put(v, journeys_pool(t->journeys), is);
}

/* Into the outbox, or met again there. *ret_put false: this program would have told otherwise, see struct retelling. */
static enum err put_row(struct track *t, const struct outbox_row *row, bool *ret_put)
{
    const struct outbox_row *before;
    uint64_t number;
    enum err e;

    *ret_put = false;
    if (t->again.diverged)
        return E_OK;
    if ((e = next_told(t, &before)))
        return e;
    if (before) {
        if (memcmp(before, row, sizeof *row)) {
            t->again.diverged = true;
            return E_OK;
        }
        t->again.same++;
        pass(t);
    } else {
        t->counts.rows += !row_is_tick(row);
        t->counts.alerts += level_is_alert(row->level);
        if (!t->read_only) {
            if ((e = outbox_append(t->outbox, row, &number)))
                return e;
            if (++t->rows_pending >= ROWS_A_COMMIT) {
                if ((e = outbox_commit(t->outbox)))
                    return e;
                t->rows_pending = 0;
            }
        }
        if (t->foreseen && (e = t->foreseen(t->foreseen_ctx, row)))
            return e;
    }
    *ret_put = true;
    return E_OK;
}

static enum err put(struct track *t, uint32_t slot, const struct outbox_row *row)
{
    bool is_put;
    enum err e = put_row(t, row, &is_put);

    if (e || !is_put || (e = remember(t, journey_at(t->journeys, slot), row)))
        return e;
    return mark_journey(t, slot);
}

/* Whoever is told something else when it changes: a hash, to see that it did. */
static uint32_t whose(const struct judgement *j)
{
    uint32_t of[3] = { j->oic, j->team, j->circumstances & (CIRCUMSTANCE_ACCESS_RESTRICTED | CIRCUMSTANCE_PROCESSING_RESTRICTED) };

    return (uint32_t)hash_bytes(of, sizeof of);
}

static struct outbox_row row_about(struct track *t, const struct journey *v, uint8_t level, uint8_t stands)
{
    return (struct outbox_row){
        .victim_no = v->victim_no, .circumstances = t->judgement.circumstances, .whose = whose(&t->judgement),
        .journey = v->handle, .cause = t->position, .law = t->law_number,
        .raised = (uint32_t)t->fresh.tick.s, .level = level, .stands = stands,
        .oic_by = t->judgement.oic_by, .team_by = t->judgement.team_by,
    };
}

static enum err tell_gone(struct track *t, uint32_t slot, const struct told *was)
{
    struct journey *v = journey_at(t->journeys, slot);
    struct outbox_row row;

    if (told_is_bare(was)) {
        told_remove(v, told_find(v, was->rule, was->instance));
        return mark_journey(t, slot);
    }
    row = row_about(t, v, LEVEL_WITHDRAWN, LEVEL_NONE);

    row.rule = was->rule;
    row.instance = was->instance;
    row.due_before = was->due;
    row.owner = (uint8_t)law_rule(t->law, was->rule)->owner;
    row.told = was->alerted;
    return put(t, slot, &row);
}

static struct outbox_row row_of(struct track *t, const struct journey *v, const struct obligation *o, uint8_t level, uint8_t stands, uint8_t step)
{
    struct outbox_row row = row_about(t, v, level, stands);

    row.rule = o->rule;
    row.instance = o->instance;
    row.started_by = o->started_by;
    row.ended_by = o->ended_by;
    row.due = (uint32_t)o->due.s;
    row.started = (uint32_t)o->started.s;
    row.ended = (uint32_t)o->ended.s;
    row.step = step;
    row.flags = o->flags;
    row.owner = o->owner;
    return row;
}

static enum err tell_obligation(struct track *t, uint32_t slot, const struct obligation *o, const struct standing *s)
{
    struct journey *v = journey_at(t->journeys, slot);
    const struct told *found = told_find(v, o->rule, o->instance);
    struct told was = found ? *found : (struct told){ .rule = o->rule, .instance = o->instance };
    uint32_t due = (uint32_t)o->due.s;
    uint8_t step = (uint8_t)s->step, level = row_level(&was, (uint8_t)s->level, step, due, (uint32_t)o->ended.s);
    struct outbox_row row;

    if (level == LEVEL_NONE && rung(was.stands) && was.alerted && was.whose != whose(&t->judgement))
        level = LEVEL_REALLOCATED;
    if (level == LEVEL_NONE)
        return E_OK;
    row = row_of(t, v, o, level, (uint8_t)s->level, step);
    row.due_before = was.due != due ? was.due : 0;
    row.told = was.alerted;
    return put(t, slot, &row);
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
        const struct told *was = told_find(v, o->rule, o->instance);
        struct outbox_row row;
        if (!was || !was->alerted || !is_notice_of(crime_ref, victim_ref_of(v), law_rule(t->law, o->rule)->id, o->instance, half))
            continue;
        row = row_of(t, v, o, LEVEL_ACKNOWLEDGED, was->stands, was->step);
        row.told = true;
        return put(t, slot, &row);
    }
    return E_OK;                            /* no such alert now: a fact, but nothing to tell */
}

enum err tell_tick(struct track *t, struct instant before)
{
    struct outbox_row row = { .level = ROW_TICK, .cause = t->position, .law = t->law_number, .raised = (uint32_t)t->fresh.tick.s };
    bool is_put;

    if (!t->law || t->looks || before.s / TICK_EVERY_S == t->fresh.tick.s / TICK_EVERY_S)
        return E_OK;
    return put_row(t, &row, &is_put);
}

/* Of two clocks one moves an obligation on: what it waits for, and where journeys are found that do. */
enum clock { BY_TICK, BY_FRONTIER };
static uint32_t next_by(const struct told *o, enum clock clock) { return clock == BY_TICK ? o->next_tick : o->next_frontier; }

/* An entry of the due index for the next instant of the i-th obligation, unless one of the first `there` has it there. What is
 * due by the clock of another source, while its own is not so far, is not in the index: its journey waits until that moves. */
static enum err expect(struct track *t, uint32_t slot, size_t i, size_t there, enum clock clock)
{
    struct journey *v = journey_at(t->journeys, slot);
    const uint32_t next = next_by(&v->told[i], clock);
    enum err e;

    if (!next)
        return E_OK;
    if (clock == BY_FRONTIER && next <= t->furthest.s) {
        if (v->behind)
            return E_OK;
        v->behind = true;
        return (e = slots_add(&t->behind, slot)) ? e : mark_journey(t, slot);
    }
    for (size_t k = 0; k < there; k++)
        if (k != i && next_by(&v->told[k], clock) == next)
            return E_OK;
    return due_add(clock == BY_TICK ? t->by_tick : t->by_frontier, next, slot);
}

enum err tell_expect(struct track *t, uint32_t slot)
{
    const struct journey *v = journey_at(t->journeys, slot);
    enum err e = E_OK;

    for (size_t i = 0; !e && i < v->told_count; i++)
        if (!(e = expect(t, slot, i, i, BY_TICK)))
            e = expect(t, slot, i, i, BY_FRONTIER);
    return e;
}

/* Keeps when time alone could next change how an obligation stands. */
static enum err keep_next(struct track *t, uint32_t slot, const struct obligation *o, const struct standing *s)
{
    struct journey *v = journey_at(t->journeys, slot);
    struct told *is = told_find(v, o->rule, o->instance);
    const uint32_t tick = (uint32_t)s->next_tick.s, frontier = (uint32_t)s->next_frontier.s;
    const struct told before = is ? *is : (struct told){ .rule = o->rule, .instance = o->instance };
    enum err e;

    if (before.next_tick == tick && before.next_frontier == frontier)
        return E_OK;
    if (!is && (e = told_put(v, journeys_pool(t->journeys), before)))
        return e;
    is = is ? is : told_find(v, o->rule, o->instance);
    is->next_tick = tick;
    is->next_frontier = frontier;
    if (!tick && !frontier && told_is_bare(is))
        told_remove(v, is);
    else if ((before.next_tick != tick && (e = expect(t, slot, (size_t)(is - v->told), v->told_count, BY_TICK))) ||
             (before.next_frontier != frontier && (e = expect(t, slot, (size_t)(is - v->told), v->told_count, BY_FRONTIER))))
        return e;
    return mark_journey(t, slot);
}

/* Is it among the obligations before *at, which are in the same order? Moves *at back to it: for a walk from the last. */
static bool is_owed(const struct judgement *owed, const struct told *was, size_t *at)
{
    const struct obligation *o = &owed->obligation[*at];

    while (*at && (o[-1].rule > was->rule || (o[-1].rule == was->rule && o[-1].instance > was->instance)))
        o--, --*at;
    return *at && o[-1].rule == was->rule && o[-1].instance == was->instance;
}

static enum err tell(struct track *t, uint32_t slot, const struct concern *concern, uint64_t news)
{
    struct journey *v = journey_at(t->journeys, slot);
    const struct judgement *owed;
    size_t at;
    enum err e;

    if (!t->law || t->looks)
        return E_OK;
    if (t->draw)
        draw_journey(t->draw, slot);
    owed = track_judge_concern(t, slot, concern, news);
    if (owed->overflow && (e = fold_quarantine(t, "more obligations of one journey than can be followed")))
        return e;
    at = owed->count;
    for (size_t i = v->told_count; i-- > 0;) {
        struct told was = v->told[i];
        if (concern_has(owed->judged, was.rule) && !is_owed(owed, &was, &at) && (e = tell_gone(t, slot, &was)))
            return e;
    }
    for (size_t i = 0; i < owed->count; i++) {
        struct clocks now = track_clocks_of(t, owed->obligation[i].rule);
        struct standing s = obligation_stand(t->law, &owed->obligation[i], now);
        assert(!s.next_tick.s || instant_after(s.next_tick, now.tick));
        assert(!s.next_frontier.s || instant_after(s.next_frontier, now.frontier));
        if ((e = tell_obligation(t, slot, &owed->obligation[i], &s)) || (e = keep_next(t, slot, &owed->obligation[i], &s)))
            return e;
    }
    return E_OK;
}

enum err tell_journey(struct track *t, uint32_t slot) { return t->law ? tell(t, slot, law_whole(t->law), 0) : E_OK; }

enum err tell_news(struct track *t, uint32_t slot, const struct fact *fact)
{
    const struct concern *c = law_concern_of(t->law, fact);

    if (t->draw)
        draw_journey(t->draw, slot);        /* the rows for compliance say what was recorded, whatever it is */
    return concern_any(c) ? tell(t, slot, c, fact->id) : E_OK;
}

enum err tell_due(struct track *t, uint32_t slot)
{
    const struct journey *v = journey_at(t->journeys, slot);
    struct rule_set due = { { 0 } };
    struct concern concern;
    bool any = false;
    enum err e = E_OK;

    for (size_t i = 0; i < v->told_count; i++) {
        const struct told *o = &v->told[i];
        if ((o->next_tick && o->next_tick <= t->fresh.tick.s) || (o->next_frontier && o->next_frontier <= t->frontier[o->rule].s))
            rules_add(&due, o->rule), any = true;
    }
    if (any)
        e = tell(t, slot, law_concern_of_rules(t->law, &due, &concern), 0);
    for (size_t i = 0; !e && i < v->told_count; i++)
        if (v->told[i].next_frontier && v->told[i].next_frontier <= t->furthest.s)
            e = expect(t, slot, i, 0, BY_FRONTIER);
    return e;
}

enum err tell_again_begin(struct track *t, uint64_t after_row)
{
    t->again.next = after_row + 1;
    t->again.last = outbox_last(t->outbox);
    if (t->again.next > t->again.last)
        return E_OK;
    return outbox_reader_open(t->outbox, &t->again.reader);
}

enum err tell_record_begins(struct track *t)
{
    const struct outbox_row *before;
    enum err e;

    if (t->looks)
        return E_OK;
    e = next_told(t, &before);

    if (!e && before && before->cause < t->position)
        t->again.diverged = true;
    return e;
}

enum err tell_record_ends(struct track *t)
{
    const struct outbox_row *before;
    enum err e;

    if (!t->again.diverged)
        return E_OK;
    for (;;) {
        uint32_t slot;
        if ((e = next_told(t, &before)))
            return e;
        if (!before)
            break;
        if (before->cause > t->position)
            return E_OK;
        slot = journey_by_handle(t->journeys, before->journey);
        if (slot != SLOT_NONE) {
            if ((e = remember(t, journey_at(t->journeys, slot), before)) || (e = mark_journey(t, slot)))
                return e;
        }
        pass(t);
    }
    /* Everything told before is known; say what this program would have said otherwise. */
    t->again.diverged = false;
    for (uint32_t slot = 0; slot < journeys_count(t->journeys); slot++)
        if (journey_at(t->journeys, slot)->folded_to < t->position && (e = tell_journey(t, slot)))
            return e;
    return E_OK;
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
    struct told kept[OBLIGATIONS_PER_JOURNEY_MAX];
    size_t count = 0;
    enum err e;

    for (size_t i = v->told_count; i-- > 0;) {
        struct told was = v->told[i];
        uint16_t rule = rule_in(to, t->law, was.rule);
        if (rule == UINT16_MAX) {
            if ((e = tell_gone(t, slot, &was)))
                return e;
        } else {
            assert(count < OBLIGATIONS_PER_JOURNEY_MAX);
            was.rule = rule;
            kept[count++] = was;
        }
    }
    v->told_count = 0;
    for (size_t i = 0; i < count; i++)
        if ((e = told_put(v, journeys_pool(t->journeys), kept[i])))
            return e;
    return mark_journey(t, slot);
}
