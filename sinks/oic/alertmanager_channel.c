/* alertmanager_channel.c: entries as alerts of Prometheus Alertmanager: POST /api/v2/alerts, which Grafana, PagerDuty gateways and
 * control-room boards understand too.
 *
 * An alert is known by its labels, so those never change: alertname, the obligation, its rule, the officer, and a level. As an obligation
 * goes from due soon to missed, the alert of the level before is ended in the same request; what settles it ends all of
 * them. An alert that nobody ends goes out by itself after keep_days. Receiving one twice shows it once. */
#include "core/hash.h"
#include "core/json.h"
#include "sinks/oic/courier.h"

#include <stdio.h>
#include <stdlib.h>

enum { LABELS_MAX = 16, KEEP_DAYS = 30 };

struct alertmanager {
    struct courier *courier;
    struct json_out json;
    long keep_days;
    struct { char *name, *value; } label[LABELS_MAX];       /* of the configuration, on every alert */
    size_t labels;
};

static const char *const keys[] = { "type", "url", "labels", "keep_days", COURIER_KEYS };

/* The ladder, lowest first: a higher rung ends those below. */
static const struct { enum level level; const char *severity; } rungs[] = {
    { LEVEL_DUE_SOON, "warning" }, { LEVEL_AT_START, "critical" }, { LEVEL_UNPROVEN, "warning" },
    { LEVEL_NOT_COMPUTABLE, "warning" }, { LEVEL_BREACHED, "critical" }, { LEVEL_OUTSTANDING, "critical" },
};
enum { RUNGS = sizeof rungs / sizeof *rungs };

static void alertmanager_close(void **ctx)
{
    struct alertmanager *c = *ctx;

    courier_close(&c->courier);
    json_out_fini(&c->json);
    for (size_t i = 0; i < c->labels; i++)
        free(c->label[i].name), free(c->label[i].value);
    free(c);
    *ctx = NULL;
}

/* Prometheus data model: [a-zA-Z_][a-zA-Z0-9_]* */
static bool is_label(struct text t)
{
    for (uint32_t i = 0; i < t.n; i++) {
        char c = t.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (i && c >= '0' && c <= '9')))
            return false;
    }
    return t.n > 0;
}

static enum err read_labels(const struct yaml *y, const struct yaml_node *config, struct alertmanager *c, struct why *why)
{
    static const char *const own[] = { "alertname", "obligation", "rule", "officer", "team", "level", "severity" };
    const struct yaml_node *map = yaml_get(config, "labels");
    enum err e;

    if (!map)
        return E_OK;
    if ((e = yaml_expect(y, map, YAML_MAP, why)))
        return e;
    if (map->count > LABELS_MAX)
        return yaml_wrong(y, map, why, "more than %d labels", LABELS_MAX);
    for (size_t i = 0; i < map->count; i++) {
        if ((e = yaml_expect(y, map->item[i], YAML_SCALAR, why)))
            return e;
        for (size_t k = 0; k < sizeof own / sizeof *own; k++)
            if (text_same(map->key[i]->text, text_of(own[k])))
                return yaml_wrong(y, map->key[i], why, "the label '%s' is set by the alert itself", own[k]);
        if (!is_label(map->key[i]->text))
            return yaml_wrong(y, map->key[i], why, "a label's name is made of letters, digits and _");
        c->labels++;
        c->label[i].name = strndup(map->key[i]->text.p, map->key[i]->text.n);
        c->label[i].value = strndup(map->item[i]->text.p ? map->item[i]->text.p : "", map->item[i]->text.n);
        if (!c->label[i].name || !c->label[i].value)
            return E_MEMORY;
    }
    return E_OK;
}

static enum err open_courier(const struct yaml *y, const struct yaml_node *config, const char *base, struct alertmanager *c, struct why *why)
{
    struct courier_settings s;
    struct why reason = { "" };
    size_t n = strlen(base);
    char *url;
    enum err e = courier_settings_read(y, config, &s, why);

    if (e)
        return e;
    while (n && base[n - 1] == '/')
        n--;
    if (asprintf(&url, "%.*s/api/v2/alerts", (int)n, base) < 0) {
        courier_settings_fini(&s);
        return E_MEMORY;
    }
    s.url = url;
    if (strncmp(url, "http", 4) != 0)
        e = yaml_wrong(y, yaml_get(config, "url"), why, "Alertmanager's address begins with https://");
    else if ((e = courier_open(&s, &c->courier, &reason)) && reason.text[0])
        e = yaml_wrong(y, yaml_get(config, "url"), why, "%s", reason.text);
    courier_settings_fini(&s);
    free(url);
    return e;
}

static enum err alertmanager_open(const struct yaml *y, const struct yaml_node *config, void **ret_ctx, struct why *why)
{
    struct alertmanager *c = calloc(1, sizeof *c);
    char *base = NULL;
    enum err e;

    if (!c)
        return E_MEMORY;
    *ret_ctx = c;
    c->keep_days = KEEP_DAYS;
    json_out_init(&c->json);
    if (!(e = yaml_refuse_others(y, config, keys, sizeof keys / sizeof *keys, why)) &&
        !(e = channel_text(y, config, "url", true, &base, why)) && !(e = read_labels(y, config, c, why)) &&
        !(e = channel_seconds(y, config, "keep_days", 1, 365, &c->keep_days, why)))
        e = open_courier(y, config, base, c, why);
    free(base);
    if (e)
        alertmanager_close(ret_ctx);
    return e;
}

static void put_labels(struct alertmanager *c, const struct notice *n, size_t rung)
{
    struct json_out *o = &c->json;
    char id[NOTICE_ID_BYTES * 2 + 1];

    hash_hex(n->obligation_id, NOTICE_ID_BYTES, id);
    json_out_key(o, "labels");
    json_out_object(o);
    json_put_text(o, "alertname", TEXT("VictimsCode"));
    json_put_text(o, "obligation", text_of(id));
    json_put_text(o, "rule", n->rule);
    json_put_text(o, "level", text_of(level_name(rungs[rung].level)));
    json_put_text(o, "severity", text_of(rungs[rung].severity));
    json_put_text(o, "officer", n->officer);
    json_put_text(o, "team", n->team);
    for (size_t i = 0; i < c->labels; i++)
        json_put_text(o, c->label[i].name, text_of(c->label[i].value));
    json_out_end(o);
}

static void put_alert(struct alertmanager *c, const struct message *m, const struct notice *n, size_t rung, struct text subject)
{
    struct json_out *o = &c->json;
    char journey[REF_BYTES_MAX + 32];

    snprintf(journey, sizeof journey, n->victim_no ? TEXT_FMT ", victim %u" : TEXT_FMT, TEXT_ARG(n->crime_ref), n->victim_no);
    json_out_object(o);
    put_labels(c, n, rung);
    json_out_key(o, "annotations");
    json_out_object(o);
    json_put_text(o, "summary", n->title);
    json_put_text(o, "journey", text_of(journey));
    json_put_text(o, "due_date", n->due_date);
    json_put_text(o, "due_time", n->due_time);
    json_put_text(o, "todo", n->what_to_do);
    json_put_text(o, "message", subject);
    json_out_end(o);
    json_put_time(o, "startsAt", n->raised_at);
    json_put_time(o, "endsAt", instant_add(m->as_of, c->keep_days * 86400));
    json_out_end(o);
}

/* An alert that ended when the message was planned; one that never began is nothing to Alertmanager. */
static void put_end(struct alertmanager *c, const struct message *m, const struct notice *n, size_t rung)
{
    struct json_out *o = &c->json;

    json_out_object(o);
    put_labels(c, n, rung);
    json_put_time(o, "startsAt", instant_add(instant_min(n->raised_at, m->as_of), -1));
    json_put_time(o, "endsAt", m->as_of);
    json_out_end(o);
}

static size_t rung_of(enum level level)
{
    size_t i = 0;

    while (i < RUNGS && rungs[i].level != level)
        i++;
    return i;
}

static enum delivery alertmanager_send(void *ctx, const struct message *m, const struct rendered *r, struct why *why)
{
    static const char *const header[] = { "Content-Type: application/json" };
    struct alertmanager *c = ctx;
    struct text body;

    json_out_clear(&c->json);
    json_out_array(&c->json);
    for (size_t i = 0; i < m->count; i++) {
        const struct notice *n = m->entry[i];
        /* A date that moved: what stands after it. */
        size_t rung = rung_of(n->level == LEVEL_AMENDED ? n->stands : n->level);
        for (size_t k = 0; k < RUNGS; k++)
            if (k != rung)
                put_end(c, m, n, k);
        if (rung < RUNGS)
            put_alert(c, m, n, rung, r->subject);
    }
    json_out_end(&c->json);
    if (json_out_done(&c->json, &body)) {
        why_set(why, "no memory for the alerts");
        return DELIVERY_LATER;
    }
    return courier_post(c->courier, header, 1, body, why);
}

const struct channel alertmanager_channel = {
    .name = "alertmanager",
    .help = "alerts of Prometheus Alertmanager, API v2",
    .open = alertmanager_open,
    .send = alertmanager_send,
    .close = alertmanager_close,
};
