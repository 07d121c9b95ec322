#include "core/event.h"

#include "core/utf8.h"
#include "core/wire.h"

#include <assert.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>

static const struct { const char *name; kind_t first, last; } types[EVENT_TYPES] = {
    [EVENT_REPORT]   = { "report",   1,   9 },
    [EVENT_REFERRAL] = { "referral", 10,  19 },
    [EVENT_UPDATE]   = { "update",   20,  99 },
    [EVENT_CHARGE]   = { "charge",   100, 109 },
    [EVENT_NFA]      = { "nfa",      110, 119 },
    [EVENT_OUTCOME]  = { "outcome",  120, KIND_COUNT - 1 },
};

/* Updates that say something of the crime, not of one victim: they may come without a
 * victim, and then concern all of it. Charge, nfa and outcome always may; report and
 * referral never; anything told, asked, offered, declined or returned never. */
static const char *const of_crime[] = {
    "arrested", "interviewed", "released", "bailed", "bail-changed", "under-investigation", "warrant-issued",
    "property-taken", "property-not-needed", "disposal-proposed", "hearing-listed", "bail-hearing-result",
    "early-advice-sought", "early-advice-not-sought", "cps-submitted", "cps-resubmitted", "cps-allocated",
    "cps-advice", "nfa-meeting-held", "oic-changed", "reclassified", "transferred", "cancelled",
    "merged", "row-rejected", "restricted", "erased", "event-withdrawn", "local",
};

/* Everything below that is worked out once from wire_schema. */
static struct {
    const struct wire_schema *schema;
    kind_t sorted[KIND_COUNT];              /* known kinds by name */
    size_t known;
    bool of_crime[KIND_COUNT];
    uint8_t plain_type[KIND_COUNT];         /* the type of those that ask for nothing but a victim; of the others none, not even EVENT_TYPES */
    kind_t event_withdrawn;
} tables;
static pthread_once_t tables_once = PTHREAD_ONCE_INIT;

static int order_by_name(const void *a, const void *b)
{
    return strcmp(tables.schema->kind[*(const kind_t *)a], tables.schema->kind[*(const kind_t *)b]);
}

static kind_t find(struct text name)
{
    size_t low = 0, high = tables.known;

    while (low < high) {
        size_t middle = (low + high) / 2;
        kind_t kind = tables.sorted[middle];
        int c = text_order(name, text_of(tables.schema->kind[kind]));
        if (c == 0)
            return kind;
        if (c < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return KIND_NONE;
}

static enum event_type type_of(kind_t kind)
{
    for (enum event_type t = 0; t < EVENT_TYPES && tables.schema->kind[kind][0]; t++)
        if (kind >= types[t].first && kind <= types[t].last)
            return t;
    return EVENT_TYPES;
}

static void make_tables(void)
{
    tables.schema = wire_schema();
    for (kind_t k = 1; k < KIND_COUNT; k++)
        if (tables.schema->kind[k][0])
            tables.sorted[tables.known++] = k;
    qsort(tables.sorted, tables.known, sizeof *tables.sorted, order_by_name);
    for (size_t i = 0; i < sizeof of_crime / sizeof *of_crime; i++) {
        kind_t k = find(text_of(of_crime[i]));
        assert(k != KIND_NONE);
        tables.of_crime[k] = true;
    }
    for (kind_t k = types[EVENT_CHARGE].first; k < KIND_COUNT; k++)
        tables.of_crime[k] = true;
    tables.event_withdrawn = find(TEXT("event-withdrawn"));
    assert(tables.event_withdrawn != KIND_NONE);
    for (kind_t k = 0; k < KIND_COUNT; k++)
        tables.plain_type[k] = k == KIND_LOCAL || k == tables.event_withdrawn || type_of(k) == EVENT_TYPES ? UINT8_MAX : (uint8_t)type_of(k);
}

static const struct wire_schema *schema(void)
{
    pthread_once(&tables_once, make_tables);
    return tables.schema;
}

kind_t kind_by_name(enum event_type type, struct text name)
{
    schema();
    kind_t kind = find(name);
    return kind != KIND_NONE && kind_type(kind) == type ? kind : KIND_NONE;
}

const char *kind_name(kind_t kind)
{
    return kind < KIND_COUNT && schema()->kind[kind][0] ? schema()->kind[kind] : "?";
}

enum event_type kind_type(kind_t kind)
{
    if (kind >= KIND_LOCAL_FIRST)
        return kind < KIND_LOCAL_FIRST + LOCAL_KINDS_MAX ? EVENT_UPDATE : EVENT_TYPES;
    schema();
    return type_of(kind);
}

const char *event_type_name(enum event_type type)
{
    return (unsigned)type < EVENT_TYPES ? types[type].name : "?";
}

bool event_type_by_name(struct text name, enum event_type *ret)
{
    for (enum event_type t = 0; t < EVENT_TYPES; t++) {
        if (text_same(name, text_of(types[t].name))) {
            *ret = t;
            return true;
        }
    }
    return false;
}

const struct field_info field_table[FIELDS] = {
#define FIELD(name, type, most, help) { #name, help, FIELD_##type, most, offsetof(struct event, name) },
#include "core/event_fields.def"
#undef FIELD
};

bool field_by_name(struct text name, enum field *ret)
{
    for (enum field f = 0; f < FIELDS; f++) {
        if (text_same(name, text_of(field_table[f].name))) {
            *ret = f;
            return true;
        }
    }
    return false;
}

bool field_allowed(enum event_type type, enum field f)
{
    return (unsigned)type < EVENT_TYPES && (unsigned)f < FIELDS && schema()->fields[type] >> f & 1;
}

bool kind_is_of_crime(kind_t kind)
{
    schema();
    return kind >= KIND_COUNT || tables.of_crime[kind];
}

enum err event_check_text(const char *name, struct text t, uint32_t least, uint32_t most, struct why *why)
{
    if (t.n < least) {
        why_set(why, "%s is missing", name);
        return E_MALFORMED;
    }
    if (t.n > most) {
        why_set(why, "%s has %u bytes, more than %u", name, t.n, most);
        return E_TOO_LARGE;
    }
    if (!utf8_is_printable(t)) {
        why_set(why, "%s is not printable UTF-8", name);
        return E_MALFORMED;
    }
    return E_OK;
}

/* The same; the usual case without a call. */
static inline enum err check_text(const char *name, struct text t, uint32_t least, uint32_t most, struct why *why)
{
    return t.n >= least && t.n <= most && utf8_is_plain(t) ? E_OK : event_check_text(name, t, least, most, why);
}

static inline enum err check_optional(const char *name, struct text t, uint32_t most, struct why *why)
{
    return t.n ? check_text(name, t, 1, most, why) : E_OK;
}

static enum err check_time(const char *name, struct instant t, struct why *why)
{
    if (instant_in_range(t))
        return E_OK;
    why_set(why, "%s is not between 1970 and 2099", name);
    return E_RANGE;
}

static enum err check_field(const struct event *e, enum field f, struct why *why)
{
    const struct field_info *info = &field_table[f];
    const void *at = (const char *)e + info->offset;
    enum err err = E_OK;

    switch (info->type) {
    case FIELD_TEXT:
        return check_text(info->name, *(const struct text *)at, 1, info->most, why);
    case FIELD_TIME:
        return check_time(info->name, *(const struct instant *)at, why);
    case FIELD_NUMBER:
        if (*(const uint32_t *)at > info->most) {
            why_set(why, "%s is more than %u", info->name, info->most);
            return E_RANGE;
        }
        return E_OK;
    case FIELD_FLAG:
        return E_OK;
    case FIELD_WORDS: {
        const struct words *w = at;
        if (w->n > WORDS_MAX) {
            why_set(why, "%s has more than %d words", info->name, WORDS_MAX);
            return E_TOO_LARGE;
        }
        for (uint32_t i = 0; i < w->n && err == E_OK; i++)
            err = check_text(info->name, w->word[i], 1, info->most, why);
        return err;
    }
    }
    return E_USAGE;
}

static enum err check_kind(const struct event *e, struct why *why)
{
    if ((unsigned)e->type >= EVENT_TYPES) {
        why_set(why, "the event has no type");
        return E_MALFORMED;
    }
    if (e->kind >= KIND_COUNT || !tables.schema->kind[e->kind][0]) {
        why_set(why, "kind of %s is not known", types[e->type].name);
        return E_UNKNOWN;
    }
    if (e->kind < types[e->type].first || e->kind > types[e->type].last) {
        why_set(why, "\"%s\" is a kind of %s, not of %s", kind_name(e->kind),
                event_type_name(kind_type(e->kind)), types[e->type].name);
        return E_MALFORMED;
    }
    if ((e->kind == KIND_LOCAL) != event_has(e, F_local_kind)) {
        why_set(why, "local_kind goes with the kind \"local\", and only with it");
        return E_MALFORMED;
    }
    if (e->kind == tables.event_withdrawn && text_is_empty(e->supersedes)) {
        why_set(why, "supersedes is missing: \"event-withdrawn\" must name the event that never happened");
        return E_MALFORMED;
    }
    return E_OK;
}

static enum err check_victim(const struct event *e, struct why *why)
{
    if (!text_is_empty(e->victim_ref))
        return E_OK;
    if (!tables.of_crime[e->kind]) {
        why_set(why, "victim_ref is missing: \"%s\" is about one victim", kind_name(e->kind));
        return E_MALFORMED;
    }
    if (event_has(e, F_victim_informed_at) || (event_has(e, F_vrr_offered) && e->vrr_offered)) {
        why_set(why, "victim_ref is missing: %s is about one victim",
                event_has(e, F_victim_informed_at) ? "victim_informed_at" : "vrr_offered");
        return E_MALFORMED;
    }
    return E_OK;
}

static __attribute__((noinline)) enum err check_unusual(const struct event *e, struct why *why)
{
    enum err err = check_kind(e, why);

    return err != E_OK ? err : check_victim(e, why);
}

enum err event_check_whole(const struct event *e, struct why *why)
{
    schema();
    if (e->kind < KIND_COUNT && tables.plain_type[e->kind] == e->type && !event_has(e, F_local_kind) && !text_is_empty(e->victim_ref))
        return E_OK;                            /* the usual case, without a call */
    return check_unusual(e, why);
}

enum err event_check(const struct event *e, struct why *why)
{
    enum err err;
    uint64_t foreign;

    if ((err = check_text("event_id", e->event_id, 1, EVENT_ID_BYTES_MAX, why)) != E_OK ||
        (err = check_text("source", e->source, 1, REF_BYTES_MAX, why)) != E_OK ||
        (err = check_text("crime_ref", e->crime_ref, 1, REF_BYTES_MAX, why)) != E_OK ||
        (err = check_optional("victim_ref", e->victim_ref, REF_BYTES_MAX, why)) != E_OK ||
        (err = check_optional("recorded_by", e->recorded_by, REF_BYTES_MAX, why)) != E_OK ||
        (err = check_optional("supersedes", e->supersedes, EVENT_ID_BYTES_MAX, why)) != E_OK ||
        (err = check_time("occurred_at", e->occurred_at, why)) != E_OK ||
        (instant_is_set(e->recorded_at) && (err = check_time("recorded_at", e->recorded_at, why)) != E_OK) ||
        (err = event_check_whole(e, why)) != E_OK)
        return err;
    foreign = e->present & ~tables.schema->fields[e->type];
    if (foreign) {
        const char *name = foreign >> FIELDS ? "a field unknown" : field_table[__builtin_ctzll(foreign)].name;
        why_set(why, "%s is not a field of %s", name, types[e->type].name);
        return E_UNKNOWN;
    }
    for (uint64_t left = e->present; left; left &= left - 1)
        if ((err = check_field(e, (enum field)__builtin_ctzll(left), why)) != E_OK)
            return err;
    return E_OK;
}
