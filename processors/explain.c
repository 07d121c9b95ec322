#include "processors/explain.h"
#include "core/hash.h"
#include "rules/describe.h"

#include <stdio.h>
#include <stdlib.h>

enum { DUE_ROWS_MAX = 100000 };

struct explain {
    struct track *track;
    const struct journal *journal;
    struct journal_reader *reader;
    struct wire *wire;
    struct fact fact[JOURNEY_FACTS_MAX];    /* of the journey that is being told, in order of time */
};

enum err explain_open(struct track *t, struct journal *j, struct outbox *o, struct explain **ret)
{
    struct explain *x = calloc(1, sizeof *x);
    enum err e;

    (void)o;
    if (!x)
        return E_MEMORY;
    x->track = t;
    x->journal = j;
    if ((e = journal_reader_open(j, &x->reader)) || (e = wire_open(&x->wire))) {
        explain_close(&x);
        return e;
    }
    *ret = x;
    return E_OK;
}

void explain_close(struct explain **px)
{
    struct explain *x = *px;

    if (!x)
        return;
    if (x->reader)
        journal_reader_close(&x->reader);
    wire_close(&x->wire);
    free(x);
    *px = NULL;
}

static void day_member(struct json_out *o, const char *key, struct day d)
{
    char buf[11];

    day_format(d, buf);
    json_put_text(o, key, text_of(buf));
}

/* A time and the same on the force's clock, for people: "2026-03-30 17:30". */
static void local_member(struct explain *x, struct json_out *o, const char *key, struct instant t)
{
    const struct zone *z = law_zone(track_law(x->track));
    char buf[32], date[11];

    if (!instant_is_set(t))
        return;
    day_format(zone_day(z, t), date);
    snprintf(buf, sizeof buf, "%s %02d:%02d", date, zone_clock(z, t) / 3600, zone_clock(z, t) / 60 % 60);
    json_put_text(o, key, text_of(buf));
}

static void deadline_members(struct explain *x, struct json_out *o, struct instant due)
{
    char clock[6];

    zone_deadline_clock(law_zone(track_law(x->track)), due, clock);
    day_member(o, "due_date", zone_day(law_zone(track_law(x->track)), due));
    json_put_text(o, "due_time", text_of(clock));
}

static void as_of(struct explain *x, struct json_out *o)
{
    json_out_key(o, "as_of");
    json_out_object(o);
    json_put_time(o, "tick", track_freshness(x->track)->tick);
    json_put_time(o, "complete_to", track_clocks(x->track).frontier);
    json_put_number(o, "record", (int64_t)track_position(x->track));
    json_out_end(o);
}

static bool event_at(struct explain *x, uint64_t number, struct event *ret)
{
    struct bytes bytes;
    struct item item;
    struct why why;

    if (!number || journal_reader_item(x->reader, number, &bytes) ||
        wire_item_decode(x->wire, bytes.p, bytes.n, &item, &why) || item.what != ITEM_EVENT)
        return false;
    *ret = item.event;
    return true;
}

/* ---- one obligation ------------------------------------------------------ */

/* Each day from the start to the due date, counted or skipped and why. */
static void write_days(struct explain *x, struct json_out *o, const struct obligation *b, const struct limit *limit)
{
    const struct law *law = track_law(x->track);
    const struct calendar *cal = law_calendar(law);
    struct day d = b->first_day, end;
    int counted = 0;

    if (limit->unit != UNIT_WORKING_DAYS || !instant_is_set(b->due) || b->limit > 60)
        return;
    end = zone_day(law_zone(law), b->due);
    json_out_key(o, "days");
    json_out_array(o);
    for (; !day_before(end, d); d = day_add(d, 1)) {
        const char *holiday = calendar_holiday_as_known(cal, d, instant_is_set(b->ended) ? b->ended : INSTANT_MAX);
        json_out_object(o);
        day_member(o, "date", d);
        if (day_same(d, b->first_day))
            json_put_number(o, "day", 0);
        else if (day_of_week(d) < 5 && !holiday)
            json_put_number(o, "day", ++counted);
        else
            json_put_text(o, "skipped", holiday ? text_of(holiday) :
                        day_of_week(d) == 5 ? TEXT("Saturday") : TEXT("Sunday"));
        json_out_end(o);
    }
    json_out_end(o);
}

static const char *unit_words(enum unit u)
{
    static const char *const words[] = { "working days", "calendar days", "hours", "the date in the event", "calendar days, as agreed" };

    return words[u];
}

static bool write_reject(struct explain *x, struct json_out *o, uint64_t number)
{
    struct bytes bytes;
    struct item item;
    struct why why;

    if (journal_reader_item(x->reader, number, &bytes) || wire_item_decode(x->wire, bytes.p, bytes.n, &item, &why) || item.what != ITEM_REJECT)
        return false;
    json_put_text(o, "event_id", item.event_id);
    json_put_text(o, "type", TEXT("rejected"));
    json_put_text(o, "kind", TEXT("row-rejected"));
    json_put_text(o, "reason", item.reason);
    json_put_text(o, "source", item.source);
    return true;
}

static void write_event(struct explain *x, struct json_out *o, const char *key, uint64_t number)
{
    struct event ev;

    if (!number)
        return;
    json_out_key(o, key);
    json_out_object(o);
    json_put_number(o, "record", (int64_t)number);
    if (event_at(x, number, &ev)) {
        kind_t kind = ev.kind == KIND_LOCAL ? law_local_kind(track_law(x->track), ev.local_kind) : ev.kind;
        json_put_text(o, "event_id", ev.event_id);
        json_put_text(o, "type", text_of(event_type_name(ev.type)));
        json_put_text(o, "kind", kind ? text_of(law_kind_name(track_law(x->track), kind)) : ev.local_kind);
        json_put_time(o, "occurred_at", ev.occurred_at);
        local_member(x, o, "occurred_local", ev.occurred_at);
        json_put_time(o, "recorded_at", ev.recorded_at);
        local_member(x, o, "recorded_local", ev.recorded_at);
        json_put_text(o, "recorded_by", ev.recorded_by);
        json_put_text(o, "source", ev.source);
        json_put_text(o, "supersedes", ev.supersedes);
    } else if (!write_reject(x, o, number)) {
        json_put_flag(o, "erased", true);
    }
    json_out_end(o);
}

static void write_obligation(struct explain *x, struct json_out *o, const struct obligation *b, const struct standing *s,
                             bool fully)
{
    const struct rule *rule = law_rule(track_law(x->track), b->rule);
    bool enhanced = b->flags & OBLIGATION_ENHANCED;
    const struct limit *limit = enhanced ? &rule->enhanced : &rule->standard;
    char needs[256];

    json_put_text(o, "rule", text_of(rule->id));
    json_put_text(o, "right", text_of(rule->right));
    json_put_text(o, "title", text_of(rule->title));
    json_put_text(o, "basis", text_of(basis_name(rule->basis)));
    json_put_text(o, "owner", text_of(owner_name((enum owner)b->owner)));
    json_put_text(o, "state", text_of(state_name(s->state)));
    json_put_text(o, "level", s->level ? text_of(level_name(s->level)) : (struct text){ 0 });
    json_put_time(o, "started_at", b->started);
    json_put_time(o, "due", b->due);
    if (instant_is_set(b->due))
        deadline_members(x, o, b->due);
    json_put_time(o, "occurred_at", b->ended);
    json_put_flag(o, "enhanced", enhanced);
    json_put_flag(o, "inferred", b->flags & OBLIGATION_INFERRED);
    json_put_flag(o, "found_late", b->flags & OBLIGATION_FOUND_LATE);
    json_put_flag(o, "held", b->flags & OBLIGATION_HELD);
    if (!fully)
        return;
    json_put_text(o, "duty", text_of(rule->duty));
    json_put_text(o, "source", text_of(rule->source));
    json_put_text(o, "confidence", (struct text){ &rule->confidence, 1 });
    json_put_text(o, "edition", text_of(law_edition(track_law(x->track), rule->edition)->name));
    describe_evidence(track_law(x->track), b->rule, needs, sizeof needs);
    json_put_text(o, "needs", text_of(needs));
    json_put_number(o, "limit", b->limit ? b->limit : limit->n);
    json_put_text(o, "unit", text_of(unit_words(limit->unit)));
    write_event(x, o, "started_by", b->started_by);
    write_event(x, o, "ended_by", b->ended_by);
    write_days(x, o, b, limit);
}

/* ---- questions ------------------------------------------------------------ */

static void refuse(struct json_out *o, const char *sentence)
{
    json_out_object(o);
    json_put_text(o, "error", text_of(sentence));
    json_out_end(o);
}

static int by_occurrence(const void *a, const void *b)
{
    const struct fact *x = a, *y = b;

    if (x->occurred_at.s != y->occurred_at.s)
        return (x->occurred_at.s > y->occurred_at.s) - (x->occurred_at.s < y->occurred_at.s);
    return (x->number > y->number) - (x->number < y->number);
}

static void write_journey(struct explain *x, struct json_out *o, uint32_t slot)
{
    struct journeys *all = track_journeys(x->track);
    const struct journey *v = journey_at(all, slot);
    const struct crime *c = crime_at(all, v->crime);
    const struct judgement *owed = track_judge(x->track, slot);
    struct event ev;
    const struct fact *fact;
    size_t facts;

    json_out_object(o);
    json_put_text(o, "crime_ref", crime_ref_of(c));
    json_put_text(o, "victim_ref", victim_ref_of(v));
    json_put_number(o, "victim", v->victim_no);
    json_put_flag(o, "enhanced", owed->enhanced);
    json_put_time(o, "reported_at", owed->reported);
    json_put_time(o, "ended_at", owed->ended);
    if (event_at(x, owed->oic_by, &ev))
        json_put_text(o, "officer", event_text(&ev, F_oic));
    if (event_at(x, owed->team_by, &ev))
        json_put_text(o, "team", event_text(&ev, F_team));
    json_out_key(o, "facts");
    json_out_array(o);
    fact = track_facts(x->track, &facts);
    memcpy(x->fact, fact, facts * sizeof *fact);
    if (facts)
        qsort(x->fact, facts, sizeof *x->fact, by_occurrence);
    for (size_t i = 0; i < facts; i++) {
        json_out_object(o);
        json_put_flag(o, "of_crime", x->fact[i].of_crime);
        json_put_flag(o, "elsewhere", x->fact[i].elsewhere);
        write_event(x, o, "event", x->fact[i].number);
        json_out_end(o);
    }
    json_out_end(o);
    json_out_key(o, "obligations");
    json_out_array(o);
    for (size_t i = 0; i < owed->count; i++) {
        struct standing s = obligation_stand(track_law(x->track), &owed->obligation[i], track_clocks_of(x->track, owed->obligation[i].rule));
        json_out_object(o);
        write_obligation(x, o, &owed->obligation[i], &s, true);
        json_out_end(o);
    }
    json_out_end(o);
    json_out_end(o);
}

static void answer_journey(struct explain *x, const struct json *q, struct json_out *o)
{
    struct journeys *all = track_journeys(x->track);
    struct text crime_ref, victim_ref = { 0 };
    uint32_t crime;

    if (!json_text(json_get(q, "crime_ref"), &crime_ref))
        return refuse(o, "a journey question names a crime_ref");
    json_text(json_get(q, "victim_ref"), &victim_ref);
    crime = crime_find(all, crime_ref);
    if (crime == SLOT_NONE || !track_law(x->track))
        return refuse(o, "no such crime reference is known");
    if (victim_ref.n && journey_find(all, crime, victim_ref) == SLOT_NONE)
        return refuse(o, "that crime is known, but not with such a victim");
    json_out_object(o);
    as_of(x, o);
    json_out_key(o, "journeys");
    json_out_array(o);
    for (uint32_t slot = crime_at(all, crime)->first_journey; slot != SLOT_NONE; slot = journey_at(all, slot)->next_of_crime)
        if (!victim_ref.n || text_same(victim_ref, victim_ref_of(journey_at(all, slot))))
            write_journey(x, o, slot);
    json_out_end(o);
    json_out_end(o);
}

/* A row of the due list, for sorting before it is written. */
struct due_row { struct instant due; uint32_t slot; struct obligation obligation; struct standing standing; };

struct due_question {
    bool breached, all;
    int64_t within_s, limit;
    struct text oic, team;
};

static bool is_wanted(const struct due_question *q, const struct obligation *b, const struct standing *s, struct instant now)
{
    if (q->all)
        return true;
    if (q->breached)
        return s->state == STATE_BREACHED;
    if (s->state != STATE_OPEN && s->state != STATE_BREACHED && s->state != STATE_UNPROVEN)
        return false;
    return !q->within_s || b->due.s <= now.s + q->within_s;
}

static int by_due(const void *a, const void *b)
{
    const struct due_row *x = a, *y = b;

    if (x->due.s != y->due.s)
        return (x->due.s > y->due.s) - (x->due.s < y->due.s);
    if (x->slot != y->slot)
        return (x->slot > y->slot) - (x->slot < y->slot);
    return (x->obligation.rule > y->obligation.rule) - (x->obligation.rule < y->obligation.rule);
}

static bool is_theirs(struct explain *x, const struct due_question *q, const struct judgement *owed)
{
    struct event ev;

    if (q->oic.n && !(event_at(x, owed->oic_by, &ev) && text_same(event_text(&ev, F_oic), q->oic)))
        return false;
    return !q->team.n || (event_at(x, owed->team_by, &ev) && text_same(event_text(&ev, F_team), q->team));
}

static size_t find_due(struct explain *x, const struct due_question *q, struct due_row **ret)
{
    struct journeys *all = track_journeys(x->track);
    struct clocks now = track_clocks(x->track);
    struct due_row *rows = NULL, *grown;
    size_t count = 0, cap = 0;

    for (uint32_t slot = 0; slot < journeys_count(all); slot++) {
        const struct judgement *owed = track_judge(x->track, slot);
        if ((q->oic.n || q->team.n) && !is_theirs(x, q, owed))
            continue;
        for (size_t i = 0; i < owed->count; i++) {
            const struct obligation *b = &owed->obligation[i];
            struct standing s = obligation_stand(track_law(x->track), b, track_clocks_of(x->track, b->rule));
            if (!is_wanted(q, b, &s, now.tick) || (!q->all && law_rule(track_law(x->track), b->rule)->report_only))
                continue;
            if (count == cap) {
                cap = cap ? cap * 2 : 1024;
                if (!(grown = realloc(rows, cap * sizeof *rows)))
                    goto out;
                rows = grown;
            }
            rows[count++] = (struct due_row){ b->due, slot, *b, s };
        }
    }
out:
    if (count)
        qsort(rows, count, sizeof *rows, by_due);
    *ret = rows;
    return count;
}

static void count_states(struct json_out *o, const struct due_row *rows, size_t count)
{
    int64_t n[STATE_NOT_COMPUTABLE + 1] = { 0 };

    for (size_t i = 0; i < count; i++)
        n[rows[i].standing.state]++;
    json_out_key(o, "states");
    json_out_object(o);
    for (int s = 0; s <= STATE_NOT_COMPUTABLE; s++)
        if (n[s])
            json_put_number(o, state_name((enum state)s), n[s]);
    json_out_end(o);
}

static void answer_due(struct explain *x, const struct json *q, struct json_out *o)
{
    struct due_question want = { .limit = DUE_ROWS_MAX };
    struct journeys *all = track_journeys(x->track);
    struct due_row *rows;
    struct event ev;
    size_t count;

    if (!track_law(x->track))
        return refuse(o, "nothing is known yet: no rule book has been loaded");
    json_bool(json_get(q, "breached"), &want.breached);
    json_bool(json_get(q, "all"), &want.all);
    json_number(json_get(q, "within_s"), &want.within_s);
    json_number(json_get(q, "limit"), &want.limit);
    json_text(json_get(q, "oic"), &want.oic);
    json_text(json_get(q, "team"), &want.team);
    count = find_due(x, &want, &rows);
    json_out_object(o);
    as_of(x, o);
    json_put_number(o, "count", (int64_t)count);
    count_states(o, rows, count);
    json_out_end(o);
    for (size_t i = 0; i < count && (int64_t)i < want.limit; i++) {
        const struct journey *v = journey_at(all, rows[i].slot);
        const struct crime *c = crime_at(all, v->crime);
        const struct judgement *owed = track_judge(x->track, rows[i].slot);
        json_out_newline(o);
        json_out_object(o);
        json_put_text(o, "crime_ref", crime_ref_of(c));
        json_put_text(o, "victim_ref", victim_ref_of(v));
        json_put_number(o, "victim", v->victim_no);
        if (event_at(x, owed->oic_by, &ev))
            json_put_text(o, "officer", event_text(&ev, F_oic));
        if (event_at(x, owed->team_by, &ev))
            json_put_text(o, "team", event_text(&ev, F_team));
        write_obligation(x, o, &rows[i].obligation, &rows[i].standing, false);
        json_out_end(o);
    }
    free(rows);
}

static enum err write_quarantined(void *ctx, uint64_t number, struct text reason)
{
    struct json_out *o = ctx;

    json_out_object(o);
    json_put_number(o, "record", (int64_t)number);
    json_put_text(o, "reason", reason);
    json_out_end(o);
    return E_OK;
}

static void write_calendar(struct explain *x, struct json_out *o)
{
    const struct law *law = track_law(x->track);
    struct instant tick = track_freshness(x->track)->tick;

    if (!law || !law_calendar(law))
        return;
    day_member(o, "calendar_to", calendar_last_day(law_calendar(law)));
    if (instant_is_set(tick))
        json_put_number(o, "calendar_days_left", calendar_last_day(law_calendar(law)).n - zone_day(law_zone(law), tick).n);
}

static void count_kinds(const struct facts *f, uint64_t count[KIND_LOCAL_FIRST + LOCAL_KINDS_MAX])
{
    struct fact fact;

    for (uint32_t at = 0; at < f->n;) {
        at = facts_read(f, at, &fact);
        count[fact.kind]++;
    }
}

/* How often each kind was recorded: also of what has no clock, like what was asked, offered and declined. */
static void write_kinds(struct explain *x, struct json_out *o)
{
    struct journeys *all = track_journeys(x->track);
    uint64_t count[KIND_LOCAL_FIRST + LOCAL_KINDS_MAX] = { 0 };

    for (uint32_t slot = 0; slot < crimes_count(all); slot++)
        count_kinds(&crime_at(all, slot)->facts, count);
    for (uint32_t slot = 0; slot < journeys_count(all); slot++)
        count_kinds(&journey_at(all, slot)->facts, count);
    json_out_key(o, "kinds");
    json_out_object(o);
    for (kind_t k = 1; track_law(x->track) && k < KIND_LOCAL_FIRST + LOCAL_KINDS_MAX; k++)
        if (count[k])
            json_put_number(o, k == KIND_LOCAL ? "undeclared" : law_kind_name(track_law(x->track), k), (int64_t)count[k]);
    json_out_end(o);
}

static void answer_status(struct explain *x, const struct json *q, struct json_out *o)
{
    bool kinds = false;
    const struct track_counts *n = track_counts(x->track);
    const struct freshness *f = track_freshness(x->track);
    enum err e;

    json_out_object(o);
    as_of(x, o);
    json_put_number(o, "crimes", crimes_count(track_journeys(x->track)));
    json_put_number(o, "journeys", journeys_count(track_journeys(x->track)));
    json_put_number(o, "records", (int64_t)n->records);
    json_put_number(o, "waiting", (int64_t)(journal_last(x->journal) - track_position(x->track)));
    json_put_number(o, "events", (int64_t)n->events);
    json_put_number(o, "duplicates", (int64_t)n->duplicates);
    json_put_number(o, "conflicts", (int64_t)n->conflicts);
    json_put_number(o, "rejected", (int64_t)n->rejected);
    json_put_number(o, "streams_dropped", (int64_t)journal_streams_dropped(x->journal));
    json_put_number(o, "rules", track_law(x->track) ? (int64_t)law_rule_count(track_law(x->track)) : 0);
    json_out_key(o, "sources");
    json_out_array(o);
    for (uint32_t i = 0; i < f->count; i++) {
        json_out_object(o);
        json_put_text(o, "source", text_of(f->source[i].name));
        json_put_number(o, "events", (int64_t)f->source[i].events);
        json_put_time(o, "complete_to", f->source[i].complete_to);
        if (track_law(x->track) && law_source_rules(track_law(x->track), f->source[i].name) >= 0)
            json_put_number(o, "proves_rules", law_source_rules(track_law(x->track), f->source[i].name));
        if (instant_is_set(f->source[i].complete_to) && instant_after(f->tick, f->source[i].complete_to))
            json_put_number(o, "silent_s", f->tick.s - f->source[i].complete_to.s);
        json_out_end(o);
    }
    json_out_end(o);
    write_calendar(x, o);
    json_out_key(o, "reasons");
    json_out_array(o);
    for (size_t i = 0; i < REJECT_REASONS_MAX && n->reason[i].count; i++) {
        json_out_object(o);
        json_put_text(o, "reason", text_of(n->reason[i].text));
        json_put_number(o, "rows", (int64_t)n->reason[i].count);
        json_out_end(o);
    }
    json_out_end(o);
    json_out_key(o, "quarantined");
    json_out_array(o);
    e = track_each_quarantined(x->track, write_quarantined, o);
    (void)e;
    json_out_end(o);
    if (json_bool(json_get(q, "kinds"), &kinds) && kinds)
        write_kinds(x, o);
    json_out_end(o);
}

void explain_answer(struct explain *x, struct text question, struct json_out *out)
{
    struct json *q = NULL;
    struct why why = { "" };
    struct text ask;

    if (json_parse(question.p, question.n, &q, &why) || !json_text(json_get(q, "ask"), &ask))
        refuse(out, "a question is one JSON object with \"ask\"");
    else if (text_same(ask, TEXT("due")))
        answer_due(x, q, out);
    else if (text_same(ask, TEXT("journey")))
        answer_journey(x, q, out);
    else if (text_same(ask, TEXT("status")))
        answer_status(x, q, out);
    else
        refuse(out, "that question is not known: ask for due, journey or status");
    json_free(&q);
    journal_reader_rest(x->reader);
}
