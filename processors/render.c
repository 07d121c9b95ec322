#include "processors/render.h"
#include "core/hash.h"
#include "rules/describe.h"
#include "rules/journey.h"

#include <stdlib.h>

enum { LAWS_KEPT = 8 };
struct kept_law { uint64_t number; struct law *law; };

/* A text copied out of a record, since the next record may take its place in the map. */
struct copied { char p[TEXT_BYTES_MAX]; };

struct render {
    struct journal_reader *reader;
    struct wire *wire;
    struct kept_law law[LAWS_KEPT];
    unsigned next_law;
    struct copied crime, victim, officer, supervisor, team, started_by, evidence, acknowledged_by, reason;
    char due_date[11], due_time[6], start_date[11], limit[64], days[768];
};

static struct text copy(struct text t, struct copied *to)
{
    if (t.n > sizeof to->p)
        t.n = sizeof to->p;
    if (t.n)
        memcpy(to->p, t.p, t.n);
    return (struct text){ to->p, t.n };
}

static enum err item_at(struct render *r, uint64_t number, struct item *ret)
{
    struct bytes bytes;
    struct why why;
    enum err e = journal_reader_item(r->reader, number, &bytes);

    return e ? e : wire_item_decode(r->wire, bytes.p, bytes.n, ret, &why);
}

static enum err law_at(struct render *r, uint64_t number, const struct law **ret)
{
    struct kept_law *k = &r->law[r->next_law];
    struct law *fresh;
    struct item item;
    struct why why;
    enum err e;

    for (unsigned i = 0; i < LAWS_KEPT; i++)
        if (r->law[i].law && r->law[i].number == number)
            return *ret = r->law[i].law, E_OK;
    if ((e = item_at(r, number, &item)))
        return e;
    if (item.what != ITEM_LAW)
        return E_CORRUPT;
    if ((e = law_open(item.law, &fresh, &why)))
        return e;
    law_close(&k->law);
    *k = (struct kept_law){ number, fresh };
    r->next_law = (r->next_law + 1) % LAWS_KEPT;
    return *ret = fresh, E_OK;
}

/* The event with that number; false: there is none, or it was erased. */
static bool event_at(struct render *r, uint64_t number, struct item *ret)
{
    return number && item_at(r, number, ret) == E_OK && ret->what == ITEM_EVENT;
}

enum err render_open(struct journal *j, struct render **ret)
{
    struct render *r = calloc(1, sizeof *r);
    enum err e;

    if (!r)
        return E_MEMORY;
    if ((e = journal_reader_open(j, &r->reader)) || (e = wire_open(&r->wire))) {
        render_close(&r);
        return e;
    }
    *ret = r;
    return E_OK;
}

void render_close(struct render **pr)
{
    struct render *r = *pr;

    if (!r)
        return;
    for (unsigned i = 0; i < LAWS_KEPT; i++)
        law_close(&r->law[i].law);
    wire_close(&r->wire);
    if (r->reader)
        journal_reader_close(&r->reader);
    free(r);
    *pr = NULL;
}

/* What a person is told of the rule: needed where it asks for something, and long. */
static void explain_rule(struct render *r, const struct law *law, const struct outbox_row *row, struct notice *n)
{
    const struct rule *rule = law_rule(law, row->rule);
    const struct calendar *cal = law_calendar(law);
    struct day today = zone_day(law_zone(law), n->raised_at), due = zone_day(law_zone(law), n->due);

    n->duty = text_of(rule->duty);
    n->what_to_do = text_of(row->circumstances & CIRCUMSTANCE_ASK_CONSENT && rule->without_consent[0] ? rule->without_consent : rule->what_to_do);
    n->how_to_record = text_of(rule->how_to_record);
    describe_one_limit(rule, n->enhanced, r->limit, sizeof r->limit);
    n->limit = text_of(r->limit);
    if (!row->due || !row->started)
        return;
    day_format(zone_day(law_zone(law), n->started_at), r->start_date);
    n->start_date = text_of(r->start_date);
    if (n->stands == LEVEL_BREACHED)
        n->hold_until = breach_hold_until(law, row->rule, n->enhanced, n->due);
    if (!level_is_alert(n->level) && n->level != LEVEL_REALLOCATED)
        return;
    describe_days(law, row->rule, n->enhanced, n->started_at, n->due, r->days, sizeof r->days);
    n->days = text_of(r->days);
    if (cal && !day_before(due, today) && calendar_covers(cal, today) && calendar_covers(cal, due)) {
        n->has_working_days_left = true;
        n->working_days_left = (uint32_t)calendar_count_working(cal, today, due);
    }
}

static void tell_apart(uint64_t cause, uint8_t id[NOTICE_ID_BYTES])
{
    uint8_t buf[NOTICE_ID_BYTES + 8];

    memcpy(buf, id, NOTICE_ID_BYTES);
    for (int i = 0; i < 8; i++)
        buf[NOTICE_ID_BYTES + i] = (uint8_t)(cause >> 8 * i);
    hash_id(buf, sizeof buf, id);
}

enum err render_notice(struct render *r, const struct outbox *o, uint64_t number, const struct outbox_row *row,
                       struct notice *ret)
{
    const struct law *law;
    const struct rule *rule;
    struct notice n = { .version = (uint64_t)outbox_epoch(o) << 40 | number };
    struct item item;
    enum err e = law_at(r, row->law, &law);

    if (e)
        return e;
    if (row->rule >= law_rule_count(law))
        return E_CORRUPT;
    rule = law_rule(law, row->rule);
    n.cause = row->cause;
    n.level = (enum level)row->level;
    n.stands = (enum level)row->stands;
    n.step = row->step;
    n.rule = text_of(rule->id);
    n.right = text_of(rule->right);
    n.title = text_of(rule->title);
    n.basis = text_of(basis_name(rule->basis));
    n.owner = text_of(owner_name((enum owner)row->owner));
    n.crime_ref = n.victim_ref = TEXT("(erased)");
    if (row->journey && !item_at(r, row->journey, &item) && (item.what == ITEM_EVENT || item.what == ITEM_REJECT)) {
        n.crime_ref = copy(item.what == ITEM_EVENT ? item.event.crime_ref : item.crime_ref, &r->crime);
        n.victim_ref = copy(item.what == ITEM_EVENT ? item.event.victim_ref : item.victim_ref, &r->victim);
    }
    if (event_at(r, row->oic_by, &item)) {
        n.officer = copy(event_text(&item.event, F_oic), &r->officer);
        n.supervisor = copy(event_text(&item.event, F_supervisor), &r->supervisor);
    }
    if (event_at(r, row->team_by, &item))
        n.team = copy(event_text(&item.event, F_team), &r->team);
    if (event_at(r, row->started_by, &item))
        n.started_by = copy(item.event.event_id, &r->started_by);
    if (event_at(r, row->ended_by, &item))
        n.evidence = copy(item.event.event_id, &r->evidence);
    if (n.level == LEVEL_ACKNOWLEDGED && event_at(r, row->cause, &item)) {
        n.acknowledged_by = copy(item.event.recorded_by, &r->acknowledged_by);
        n.reason = copy(event_text(&item.event, F_reason_code), &r->reason);
        hash_from_hex(event_text(&item.event, F_notice_id), n.acknowledges, sizeof n.acknowledges);
    }
    n.due = (struct instant){ row->due };
    n.due_before = (struct instant){ row->due_before };
    n.started_at = (struct instant){ row->started };
    n.occurred_at = (struct instant){ row->ended };
    n.raised_at = (struct instant){ row->raised };
    if (row->due) {
        day_format(zone_day(law_zone(law), n.due), r->due_date);
        n.due_date = text_of(r->due_date);
        zone_deadline_clock(law_zone(law), n.due, r->due_time);
        n.due_time = text_of(r->due_time);
    }
    n.raised_offset = zone_offset(law_zone(law), n.raised_at);
    n.occurred_offset = row->ended ? zone_offset(law_zone(law), n.occurred_at) : 0;
    n.enhanced = row->flags & OBLIGATION_ENHANCED;
    n.told = row->told;
    n.victim_no = row->victim_no;
    n.family_liaison = row->circumstances & CIRCUMSTANCE_FAMILY_LIAISON;
    n.access_restricted = row->circumstances & CIRCUMSTANCE_ACCESS_RESTRICTED;
    n.processing_restricted = row->circumstances & CIRCUMSTANCE_PROCESSING_RESTRICTED;
    explain_rule(r, law, row, &n);
    render_notice_id(n.crime_ref, n.victim_ref, rule->id, row->instance, n.level, row->step, n.notice_id);
    if (n.level == LEVEL_ACKNOWLEDGED)          /* one for each acknowledgement, whoever made it */
        tell_apart(row->cause, n.notice_id);
    render_obligation_id(n.crime_ref, n.victim_ref, rule->id, row->instance, n.obligation_id);
    *ret = n;
    return E_OK;
}

enum err render_telling(struct render *r, const struct outbox *o, uint64_t number, const struct outbox_row *row, struct telling *ret)
{
    const struct law *law;
    enum err e;

    if (!row_is_tick(row)) {
        ret->what = TELLS_NOTICE;
        return render_notice(r, o, number, row, &ret->notice);
    }
    if ((e = law_at(r, row->law, &law)))
        return e;
    ret->what = TELLS_TICK;
    ret->at = (struct instant){ row->raised };
    ret->offset = zone_offset(law_zone(law), ret->at);
    return E_OK;
}

static size_t name_obligation(struct text crime_ref, struct text victim_ref, const char *rule, uint64_t instance, uint8_t *buf)
{
    size_t n = 0;

    memcpy(buf + n, crime_ref.p, crime_ref.n), n += crime_ref.n;
    buf[n++] = 0;
    memcpy(buf + n, victim_ref.p, victim_ref.n), n += victim_ref.n;
    buf[n++] = 0;
    memcpy(buf + n, rule, strlen(rule) + 1), n += strlen(rule) + 1;
    for (int i = 0; i < 8; i++)
        buf[n++] = (uint8_t)(instance >> 8 * i);
    return n;
}

enum { NAME_BYTES_MAX = 2 * TEXT_BYTES_MAX + 128 };

void render_notice_id(struct text crime_ref, struct text victim_ref, const char *rule, uint64_t instance,
                      enum level level, uint32_t step, uint8_t ret[NOTICE_ID_BYTES])
{
    uint8_t buf[NAME_BYTES_MAX];
    size_t n = name_obligation(crime_ref, victim_ref, rule, instance, buf);

    buf[n++] = (uint8_t)level;
    buf[n++] = (uint8_t)step;
    hash_id(buf, n, ret);
}

void render_obligation_id(struct text crime_ref, struct text victim_ref, const char *rule, uint64_t instance,
                          uint8_t ret[NOTICE_ID_BYTES])
{
    uint8_t buf[NAME_BYTES_MAX];

    hash_id(buf, name_obligation(crime_ref, victim_ref, rule, instance, buf), ret);
}

void render_rest(struct render *r) { journal_reader_rest(r->reader); }
