#include "producers/ndjson.h"
#include "core/json.h"
#include "core/yaml.h"

#include <stdlib.h>

struct ndjson {
    struct json *line;                      /* texts of the item point into it */
    struct text source;
    struct item_kinds kinds;                /* of a declaration */
};

enum err ndjson_open(struct ndjson **ret)
{
    struct ndjson *n = calloc(1, sizeof *n);

    if (!n)
        return E_MEMORY;
    *ret = n;
    return E_OK;
}

void ndjson_close(struct ndjson **pn)
{
    if (!*pn)
        return;
    json_free(&(*pn)->line);
    free(*pn);
    *pn = NULL;
}

/* ---- values ----------------------------------------------------------------- */

static enum err wrong(struct why *why, const char *name, const char *wanted)
{
    why_set(why, "%s is not %s", name, wanted);
    return E_MALFORMED;
}

static enum err read_time(const struct json *v, const char *name, struct instant *ret, struct why *why)
{
    struct text t;
    enum err e;

    if (!json_text(v, &t))
        return wrong(why, name, "a time as text, like 2026-11-14T09:00:00Z");
    if ((e = instant_parse(t.p, t.n, ret)) == E_RANGE)
        why_set(why, "%s lies outside 1970 to 2099", name);
    else if (e)
        why_set(why, "%s is not a time with an offset, like 2026-11-14T09:00:00Z", name);
    return e;
}

static enum err read_words(const struct json *v, const char *name, struct words *ret, struct why *why)
{
    ret->n = 0;
    if (json_kind(v) != JSON_KIND_ARRAY)
        return wrong(why, name, "a list of words");
    if (json_count(v) > WORDS_MAX) {
        why_set(why, "%s has more than %d words", name, WORDS_MAX);
        return E_TOO_LARGE;
    }
    for (size_t i = 0; i < json_count(v); i++)
        if (!json_text(json_at(v, i), &ret->word[ret->n++]))
            return wrong(why, name, "a list of words");
    return E_OK;
}

static enum err read_field(struct event *e, enum field f, const struct json *v, struct why *why)
{
    const struct field_info *info = &field_table[f];
    void *at = (char *)e + info->offset;
    int64_t number;
    enum err err;

    switch (info->type) {
    case FIELD_TEXT:
        if (!json_text(v, at))
            return wrong(why, info->name, "a text");
        break;
    case FIELD_TIME:
        if ((err = read_time(v, info->name, at, why)))
            return err;
        break;
    case FIELD_NUMBER:
        if (!json_number(v, &number) || number < 0 || number > UINT32_MAX)
            return wrong(why, info->name, "a whole number from 0");
        *(uint32_t *)at = (uint32_t)number;
        break;
    case FIELD_FLAG:
        if (!json_bool(v, at))
            return wrong(why, info->name, "true or false");
        break;
    case FIELD_WORDS:
        if ((err = read_words(v, info->name, at, why)))
            return err;
        break;
    }
    e->present |= (uint64_t)1 << f;
    return E_OK;
}

/* ---- a body ------------------------------------------------------------------- */

static enum err unknown_field(enum event_type type, struct text key, struct why *why)
{
    const char *names[FIELDS + 1] = { "kind" }, *near;
    size_t n = 1;

    for (enum field f = 0; f < FIELDS; f++)
        if (field_allowed(type, f))
            names[n++] = field_table[f].name;
    near = yaml_nearest(key, names, n);
    if (near)
        why_set(why, "a field that %s does not have; did you mean %s?", event_type_name(type), near);
    else
        why_set(why, "a field that %s does not have; docs/events.md lists them", event_type_name(type));
    return E_UNKNOWN;
}

static kind_t default_kind(enum event_type type)
{
    switch (type) {
    case EVENT_REPORT: return kind_by_name(type, TEXT("recorded"));
    case EVENT_CHARGE: return kind_by_name(type, TEXT("charged"));
    case EVENT_NFA: return kind_by_name(type, TEXT("no-further-action"));
    case EVENT_OUTCOME: return kind_by_name(type, TEXT("outcome-assigned"));
    default: return KIND_NONE;
    }
}

/* A kind of update that is not in the list is one the rule book declares, or nothing. */
static enum err read_kind(struct event *e, const struct json *v, struct why *why)
{
    struct text name;

    if (!v) {
        e->kind = default_kind(e->type);
        if (e->kind != KIND_NONE)
            return E_OK;
        why_set(why, "%s without a kind", event_type_name(e->type));
        return E_MALFORMED;
    }
    if (!json_text(v, &name))
        return wrong(why, "kind", "a text");
    e->kind = kind_by_name(e->type, name);
    if (e->kind != KIND_NONE)
        return E_OK;
    if (e->type != EVENT_UPDATE) {
        why_set(why, "a kind that %s does not have; docs/events.md lists them", event_type_name(e->type));
        return E_UNKNOWN;
    }
    e->kind = KIND_LOCAL;
    e->local_kind = name;
    e->present |= (uint64_t)1 << F_local_kind;
    return E_OK;
}

static enum err read_body(struct event *e, const struct json *body, struct why *why)
{
    const struct json *value;
    const void *at = NULL;
    struct text key;
    enum field f;
    enum err err;

    if (json_kind(body) != JSON_KIND_OBJECT)
        return wrong(why, event_type_name(e->type), "an object");
    if ((err = read_kind(e, json_get(body, "kind"), why)))
        return err;
    while (json_next(body, &at, &key, &value)) {
        if (text_same(key, TEXT("kind")) || json_kind(value) == JSON_KIND_NULL)
            continue;
        if (!field_by_name(key, &f) || !field_allowed(e->type, f))
            return unknown_field(e->type, key, why);
        if ((err = read_field(e, f, value, why)))
            return err;
    }
    return E_OK;
}

/* ---- a line -------------------------------------------------------------------- */

static enum err read_member(struct event *e, bool *has_body, struct text key, const struct json *v, struct why *why)
{
    static const struct { const char *name; size_t offset; } texts[] = {
        { "event_id", offsetof(struct event, event_id) }, { "source", offsetof(struct event, source) },
        { "crime_ref", offsetof(struct event, crime_ref) }, { "victim_ref", offsetof(struct event, victim_ref) },
        { "recorded_by", offsetof(struct event, recorded_by) }, { "supersedes", offsetof(struct event, supersedes) },
    };
    static const char *const names[] = { "event_id", "source", "seq", "crime_ref", "victim_ref", "occurred_at", "recorded_at",
                                         "recorded_by", "supersedes", "report", "referral", "update", "charge", "nfa",
                                         "outcome", "complete", "tick", "declaration" };
    const char *near;
    int64_t number;

    if (json_kind(v) == JSON_KIND_NULL)
        return E_OK;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (text_same(key, text_of(texts[i].name)))
            return json_text(v, (struct text *)(void *)((char *)e + texts[i].offset)) ? E_OK : wrong(why, texts[i].name, "a text");
    if (text_same(key, TEXT("occurred_at")))
        return read_time(v, "occurred_at", &e->occurred_at, why);
    if (text_same(key, TEXT("recorded_at")))
        return read_time(v, "recorded_at", &e->recorded_at, why);
    if (text_same(key, TEXT("seq"))) {
        if (!json_number(v, &number) || number < 0)
            return wrong(why, "seq", "a whole number from 0");
        e->seq = (uint64_t)number;
        return E_OK;
    }
    if (event_type_by_name(key, &e->type)) {
        if (*has_body) {
            why_set(why, "more than one of report, referral, update, charge, nfa, outcome");
            return E_MALFORMED;
        }
        *has_body = true;
        return read_body(e, v, why);
    }
    near = yaml_nearest(key, names, sizeof names / sizeof *names);
    if (near)
        why_set(why, "a field no event has; did you mean %s?", near);
    else
        why_set(why, "a field no event has; docs/events.md lists them");
    return E_UNKNOWN;
}

static enum err read_event(const struct ndjson *n, struct item *ret, struct why *why)
{
    struct event *e = &ret->event;
    const struct json *value;
    const void *at = NULL;
    struct text key;
    bool has_body = false;
    enum err err;

    ret->what = ITEM_EVENT;
    while (json_next(n->line, &at, &key, &value))
        if ((err = read_member(e, &has_body, key, value, why)))
            return err;
    if (!has_body) {
        why_set(why, "none of report, referral, update, charge, nfa, outcome");
        return E_MALFORMED;
    }
    return item_check(ret, why);
}

static enum err read_complete(struct ndjson *n, const struct json *mark, struct item *ret, struct why *why)
{
    enum err e;

    ret->what = ITEM_COMPLETE;
    if (json_count(mark) != 2 || !json_text(json_get(mark, "source"), &ret->source) || !json_get(mark, "to"))
        return wrong(why, "complete", "an object with source and to");
    n->source = ret->source;
    if ((e = read_time(json_get(mark, "to"), "to", &ret->at, why)))
        return e;
    return item_check(ret, why);
}

static enum err read_tick(const struct json *mark, struct item *ret, struct why *why)
{
    enum err e;

    ret->what = ITEM_TICK;
    if (json_count(mark) != 1 || !json_get(mark, "at"))
        return wrong(why, "tick", "an object with at");
    if ((e = read_time(json_get(mark, "at"), "at", &ret->at, why)))
        return e;
    return item_check(ret, why);
}

static enum err read_declaration(struct ndjson *n, const struct json *d, struct item *ret, struct why *why)
{
    const struct json *kinds = json_get(d, "kinds");
    enum err e;

    ret->what = ITEM_DECLARATION;
    if (json_count(d) != 3 || !json_text(json_get(d, "source"), &ret->source) || !json_get(d, "at") || json_kind(kinds) != JSON_KIND_ARRAY ||
        json_count(kinds) > DECLARED_KINDS_MAX)
        return wrong(why, "declaration", "an object with source, at and a list of kinds");
    n->source = ret->source;
    if ((e = read_time(json_get(d, "at"), "at", &ret->at, why)))
        return e;
    for (n->kinds.n = 0; n->kinds.n < json_count(kinds); n->kinds.n++)
        if (!json_text(json_at(kinds, n->kinds.n), &n->kinds.kind[n->kinds.n]))
            return wrong(why, "kinds", "a list of words");
    ret->kinds = &n->kinds;
    return item_check(ret, why);
}

/* What json_parse says, without the byte: sentences are counted. */
static void say_fault(struct why *why, const char *fault)
{
    const char *end = strstr(fault, ", at byte");

    why_set(why, "%.*s", end ? (int)(end - fault) : (int)strlen(fault), fault);
}

enum err ndjson_read(struct ndjson *n, struct text line, struct item *ret, struct why *why)
{
    const struct json *complete, *tick, *declaration;
    struct item item;
    struct why fault = { "" };
    enum err e;

    memset(&item, 0, sizeof item);
    json_free(&n->line);
    n->source = (struct text){ 0 };
    if ((e = json_parse(line.p, line.n, &n->line, &fault))) {
        say_fault(why, fault.text);
        return e;
    }
    if (json_kind(n->line) != JSON_KIND_OBJECT)
        return wrong(why, "the line", "an object");
    json_text(json_get(n->line, "source"), &n->source);
    complete = json_get(n->line, "complete");
    tick = json_get(n->line, "tick");
    declaration = json_get(n->line, "declaration");
    if ((complete || tick || declaration) && json_count(n->line) != 1) {
        why_set(why, "%s stands alone in its line", complete ? "complete" : tick ? "tick" : "declaration");
        return E_MALFORMED;
    }
    e = declaration ? read_declaration(n, declaration, &item, why) : complete ? read_complete(n, complete, &item, why) : tick ? read_tick(tick, &item, why) : read_event(n, &item, why);
    if (!e)
        *ret = item;
    return e;
}

struct text ndjson_source(const struct ndjson *n)
{
    struct why unsaid;

    return event_check_text("source", n->source, 1, REF_BYTES_MAX, &unsaid) ? (struct text){ 0 } : n->source;
}

static struct text ref(const struct ndjson *n, const char *name, uint32_t most)
{
    struct text t = { 0 };
    struct why unsaid;

    return json_text(json_get(n->line, name), &t) && !event_check_text(name, t, 1, most, &unsaid) ? t : (struct text){ 0 };
}

struct item_refs ndjson_refs(const struct ndjson *n)
{
    return (struct item_refs){ ref(n, "event_id", EVENT_ID_BYTES_MAX), ref(n, "crime_ref", REF_BYTES_MAX), ref(n, "victim_ref", REF_BYTES_MAX) };
}
