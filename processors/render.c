#include "processors/render.h"
#include "core/hash.h"
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
    struct copied crime, victim, officer, team, started_by, evidence;
    char due_date[11], due_time[6];
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
    if (event_at(r, row->oic_by, &item))
        n.officer = copy(event_text(&item.event, F_oic), &r->officer);
    if (event_at(r, row->team_by, &item))
        n.team = copy(event_text(&item.event, F_team), &r->team);
    if (event_at(r, row->started_by, &item))
        n.started_by = copy(item.event.event_id, &r->started_by);
    if (event_at(r, row->ended_by, &item))
        n.evidence = copy(item.event.event_id, &r->evidence);
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
    n.enhanced = row->flags & OBLIGATION_ENHANCED;
    n.told = row->told;
    render_notice_id(n.crime_ref, n.victim_ref, rule->id, row->instance, n.level, row->step, n.notice_id);
    render_obligation_id(n.crime_ref, n.victim_ref, rule->id, row->instance, n.obligation_id);
    *ret = n;
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
