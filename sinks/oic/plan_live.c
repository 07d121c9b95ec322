/* plan_live.c: a team goes live: each supervisor hears once of what is missed and still not done. */
#include "sinks/oic/plan_inside.h"

#include <stdlib.h>

/* Obligations by id: the ledger is not changed while it is walked over. */
struct missed { uint8_t *id; size_t count, cap; };

static bool goes_live(const struct plan *p, struct text team, int64_t before, int64_t now)
{
    int64_t at = settings_go_live(p->settings, team);

    return at > before && at <= now;
}

static bool any_goes_live(const struct plan *p, int64_t before, int64_t now)
{
    bool any = p->settings->go_live > before && p->settings->go_live <= now;

    for (size_t i = 0; i < p->settings->teams; i++)
        any |= p->settings->team[i].go_live > before && p->settings->team[i].go_live <= now;
    return any;
}

static enum err collect(void *ctx, struct bytes key, struct bytes value)
{
    struct missed *m = ctx;
    struct heard s;

    if (key.n != NOTICE_ID_BYTES || value.n < sizeof s)
        return E_CORRUPT;
    memcpy(&s, value.p, sizeof s);
    if (s.is_history || (s.stands != LEVEL_BREACHED && s.stands != LEVEL_OUTSTANDING))
        return E_OK;
    if (m->count == m->cap) {
        size_t cap = m->cap ? m->cap * 2 : 1024;
        uint8_t *q = realloc(m->id, cap * NOTICE_ID_BYTES);
        if (!q)
            return E_MEMORY;
        m->id = q;
        m->cap = cap;
    }
    memcpy(m->id + m->count++ * NOTICE_ID_BYTES, key.p, NOTICE_ID_BYTES);
    return E_OK;
}

static enum err open_one(struct plan *p, struct store_txn *t, const uint8_t *obligation, int64_t before, const struct moment *now)
{
    struct heard s;
    struct bytes bytes;
    struct notice n;
    struct route route;
    struct hearers l;
    const size_t *channel;
    size_t channels;
    enum err e;

    if ((e = ledger_heard(t, obligation, &s, &bytes)) || (e = wire_notice_decode(p->wire, bytes.p, bytes.n, &n)))
        return e;
    if (!goes_live(p, route_team(p->directory, &n), before, now->at.s + now->offset))
        return E_OK;
    route_find(p->settings, p->directory, &n, LEVEL_BREACHED, now->day, &route);
    for (size_t i = 0; i < route.count; i++) {
        const struct stop *stop = &route.stop[i];
        if (stop->beside != BESIDE_SUPERVISES && !(stop->is_owner && (stop->party.kind != PARTY_OFFICER || route.count == 1)))
            continue;                           /* the supervisor, or whose inbox it is */
        plan_channels(p, stop->party, &channel, &channels);
        for (size_t c = 0; c < channels; c++) {
            struct destination d = { stop->party, channels_name(p->settings->channels, channel[c]), 0 };
            uint64_t dest = destination_number(d.party, d.channel);
            struct pending_key k = pending_key(dest, obligation);
            struct pending pending = { .ready = instant_add(now->at, -p->settings->group_s), .kind = MESSAGE_OPENING, .level = s.stands,
                                       .step = (uint8_t)n.step, .beside = (uint8_t)stop->beside };
            struct destination known;
            if ((e = ledger_hearers(t, obligation, &l)))
                return e;
            if (hearer_of(&l, dest) && hearer_of(&l, dest)->level)
                continue;
            if (!hearer_of(&l, dest) && l.count < HEARERS_MAX)
                l.row[l.count++] = (struct hearer){ .destination = dest };
            if ((e = ledger_destination(t, dest, &known)) == E_NOT_FOUND)
                e = ledger_put_destination(t, &d);
            if (e || (e = ledger_put_hearers(t, obligation, &l)) || (e = ledger_put_pending(t, &k, &pending)))
                return e;
        }
    }
    return E_OK;
}

enum err plan_open_teams(struct plan *p, struct store_txn *t, int64_t before, const struct moment *now)
{
    struct missed m = { 0 };
    enum err e;

    if (!any_goes_live(p, before, now->at.s + now->offset))
        return E_OK;
    e = store_each(t, LEDGER_HEARD, collect, &m);
    for (size_t i = 0; !e && i < m.count; i++)
        e = open_one(p, t, m.id + i * NOTICE_ID_BYTES, before, now);
    free(m.id);
    p->idle_until = INT64_MIN;
    return e;
}
