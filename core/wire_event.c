#include "core/wire_door.h"

#include "proto/case_event.pb-c.h"
#include "proto/notice.pb-c.h"

#include <assert.h>
#include <ctype.h>
#include <pthread.h>

/* ---- what the .proto says, bound once to what event.h says ---------------- */

struct bound { enum field f; enum field_type type; unsigned offset, quantifier, event_offset; };
struct body {
    const ProtobufCMessageDescriptor *descriptor;
    unsigned kind_offset, kind_quantifier;      /* kind_quantifier 0: required */
    unsigned count;
    struct bound bound[FIELDS];
    struct wire_field by_number[WIRE_FIELDS];
    unsigned default_kind;                      /* KIND_NONE: it has to be said */
};

_Static_assert(sizeof(struct event) <= UINT16_MAX, "offsets in it fit");

static struct {
    struct wire_schema schema;
    struct body body[EVENT_TYPES];
    char level[32][32];
} tables;
static pthread_once_t tables_once = PTHREAD_ONCE_INIT;

static void bind_names(const ProtobufCEnumDescriptor *d, char (*ret)[32], size_t count)
{
    for (unsigned i = 0; i < d->n_values; i++) {
        const char *name = d->values[i].name;
        size_t n = strlen(name), v = (size_t)d->values[i].value;
        assert(v < count && n < 32);
        for (size_t k = 0; k < n; k++)
            ret[v][k] = (char)(name[k] == '_' ? '-' : tolower((unsigned char)name[k]));
    }
    ret[0][0] = '\0';                           /* KIND_NONE, LEVEL_NONE: no name */
}

static bool fits(const ProtobufCFieldDescriptor *p, enum field_type type)
{
    switch (type) {
    case FIELD_TEXT:    return p->label == PROTOBUF_C_LABEL_OPTIONAL && p->type == PROTOBUF_C_TYPE_STRING;
    case FIELD_TIME:    return p->label == PROTOBUF_C_LABEL_OPTIONAL && p->type == PROTOBUF_C_TYPE_INT64;
    case FIELD_NUMBER:  return p->label == PROTOBUF_C_LABEL_OPTIONAL && p->type == PROTOBUF_C_TYPE_UINT32;
    case FIELD_FLAG:    return p->label == PROTOBUF_C_LABEL_OPTIONAL && p->type == PROTOBUF_C_TYPE_BOOL;
    case FIELD_WORDS:   return p->label == PROTOBUF_C_LABEL_REPEATED && p->type == PROTOBUF_C_TYPE_STRING;
    }
    return false;
}

static void bind_body(enum event_type type, const ProtobufCMessageDescriptor *d)
{
    static const uint8_t what_of[] = { [FIELD_TEXT] = WIRE_TEXT, [FIELD_TIME] = WIRE_TIME, [FIELD_NUMBER] = WIRE_NUMBER,
                                       [FIELD_FLAG] = WIRE_FLAG, [FIELD_WORDS] = WIRE_WORDS };
    struct body *b = &tables.body[type];
    bool has_kind = false;

    b->descriptor = d;
    for (unsigned i = 0; i < d->n_fields; i++) {
        const ProtobufCFieldDescriptor *p = &d->fields[i];
        enum field f;
        assert(p->id < WIRE_FIELDS);
        if (strcmp(p->name, "kind") == 0) {
            b->by_number[p->id].what = WIRE_KIND;
            b->default_kind = p->default_value ? *(const unsigned *)p->default_value : KIND_NONE;
            b->kind_offset = p->offset;
            b->kind_quantifier = p->quantifier_offset;
            has_kind = true;
            continue;
        }
        bool known = field_by_name(text_of(p->name), &f);
        assert(known && fits(p, field_table[f].type));      /* else event_fields.def is behind the .proto */
        b->bound[b->count++] = (struct bound){ f, field_table[f].type, p->offset, p->quantifier_offset,
                                               (unsigned)field_table[f].offset };
        b->by_number[p->id] = (struct wire_field){
            what_of[field_table[f].type], (uint8_t)f, (uint16_t)field_table[f].offset, field_table[f].type == FIELD_FLAG ? 1 : field_table[f].most };
        tables.schema.fields[type] |= UINT64_C(1) << f;
    }
    assert(has_kind);
}

static void make_tables(void)
{
    uint64_t all = 0;

    bind_names(&rightswatch__kind__descriptor, tables.schema.kind, KIND_COUNT);
    bind_names(&rightswatch__level__descriptor, tables.level, sizeof tables.level / sizeof *tables.level);
    for (enum event_type t = 0; t < EVENT_TYPES; t++) {
        const ProtobufCFieldDescriptor *p =
            protobuf_c_message_descriptor_get_field_by_name(&rightswatch__case_event__descriptor, event_type_name(t));
        assert(p && p->type == PROTOBUF_C_TYPE_MESSAGE);
        assert(p->id == (unsigned)RIGHTSWATCH__CASE_EVENT__BODY_REPORT + t);
        bind_body(t, p->descriptor);
        all |= tables.schema.fields[t];
    }
    assert(all == (UINT64_C(1) << FIELDS) - 1);             /* else the .proto is behind event_fields.def */
}

void wire_bind(void) { pthread_once(&tables_once, make_tables); }

const struct wire_field *wire_fields(enum event_type type, unsigned *ret_kind)
{
    *ret_kind = tables.body[type].default_kind;
    return tables.body[type].by_number;
}

/* ---- case events ------------------------------------------------------------- */

#define AT(type, base, offset) ((type *)((char *)(base) + (offset)))

static void event_from_body(const struct body *b, const ProtobufCMessage *m, struct event *e)
{
    int kind = *AT(int, m, b->kind_offset);

    e->kind = kind > 0 && kind < KIND_COUNT ? (kind_t)kind : KIND_NONE;
    e->present = 0;
    for (unsigned i = 0; i < b->count; i++) {
        const struct bound *p = &b->bound[i];
        void *to = (char *)e + p->event_offset;
        if (p->type == FIELD_TEXT) {
            const char *s = *AT(char *, m, p->offset);
            if (!s || !*s)
                continue;
            *(struct text *)to = text_of(s);
        } else if (p->type == FIELD_WORDS) {
            size_t n = *AT(size_t, m, p->quantifier);
            char *const *word = *AT(char **, m, p->offset);
            struct words *words = to;
            if (n == 0)
                continue;
            words->n = n > WORDS_MAX ? WORDS_MAX + 1 : (uint32_t)n;     /* event_check refuses one too many */
            for (size_t w = 0; w < n && w < WORDS_MAX; w++)
                words->word[w] = text_of(word[w]);
        } else {
            if (!*AT(protobuf_c_boolean, m, p->quantifier))
                continue;
            if (p->type == FIELD_TIME)
                ((struct instant *)to)->s = *AT(int64_t, m, p->offset);
            else if (p->type == FIELD_NUMBER)
                *(uint32_t *)to = *AT(uint32_t, m, p->offset);
            else
                *(bool *)to = *AT(protobuf_c_boolean, m, p->offset) != 0;
        }
        e->present |= UINT64_C(1) << p->f;
    }
}

static ProtobufCMessage *body_of(struct arena *a, const struct event *e, bool *bad)
{
    const struct body *b = &tables.body[e->type];
    ProtobufCMessage *m = wire_take(a, b->descriptor->sizeof_message);

    if (!m) {
        *bad = true;
        return NULL;
    }
    protobuf_c_message_init(b->descriptor, m);
    *AT(int, m, b->kind_offset) = e->kind;
    if (b->kind_quantifier)
        *AT(protobuf_c_boolean, m, b->kind_quantifier) = true;
    for (unsigned i = 0; i < b->count; i++) {
        const struct bound *p = &b->bound[i];
        const void *from = (const char *)e + p->event_offset;
        if (!event_has(e, p->f))
            continue;
        if (p->type == FIELD_TEXT) {
            *AT(char *, m, p->offset) = wire_copy_said(a, *(const struct text *)from, bad);
        } else if (p->type == FIELD_WORDS) {
            const struct words *words = from;
            char **word = words->n <= WORDS_MAX ? wire_take(a, words->n * sizeof *word) : NULL;
            if (!word) {
                *bad = true;
                return NULL;
            }
            for (uint32_t w = 0; w < words->n; w++)
                word[w] = wire_copy(a, words->word[w], bad);
            *AT(char **, m, p->offset) = word;
            *AT(size_t, m, p->quantifier) = words->n;
        } else {
            *AT(protobuf_c_boolean, m, p->quantifier) = true;
            if (p->type == FIELD_TIME)
                *AT(int64_t, m, p->offset) = ((const struct instant *)from)->s;
            else if (p->type == FIELD_NUMBER)
                *AT(uint32_t, m, p->offset) = *(const uint32_t *)from;
            else
                *AT(protobuf_c_boolean, m, p->offset) = *(const bool *)from;
        }
    }
    return m;
}

void wire_event_from(const ProtobufCMessage *base, struct event *e)
{
    const Rightswatch__CaseEvent *m = (const Rightswatch__CaseEvent *)base;

    e->event_id = text_from(m->event_id);
    e->source = text_from(m->source);
    e->seq = m->has_seq ? m->seq : 0;
    e->crime_ref = text_from(m->crime_ref);
    e->victim_ref = text_from(m->victim_ref);
    e->occurred_at.s = m->occurred_at;
    e->recorded_at.s = m->has_recorded_at ? m->recorded_at : 0;
    e->recorded_by = text_from(m->recorded_by);
    e->supersedes = text_from(m->supersedes);
    e->type = EVENT_TYPES;
    if (m->body_case == RIGHTSWATCH__CASE_EVENT__BODY__NOT_SET)
        return;
    e->type = (enum event_type)(m->body_case - RIGHTSWATCH__CASE_EVENT__BODY_REPORT);
    event_from_body(&tables.body[e->type], (const ProtobufCMessage *)m->report, e);
}

ProtobufCMessage *wire_event_to(struct arena *a, const struct event *e, bool *bad)
{
    Rightswatch__CaseEvent *m = wire_take(a, sizeof *m);

    assert(m && (unsigned)e->type < EVENT_TYPES);       /* the arena was empty */
    rightswatch__case_event__init(m);
    m->event_id = wire_copy(a, e->event_id, bad);
    m->source = wire_copy(a, e->source, bad);
    m->has_seq = e->seq != 0;
    m->seq = e->seq;
    m->crime_ref = wire_copy(a, e->crime_ref, bad);
    m->victim_ref = wire_copy_said(a, e->victim_ref, bad);
    m->occurred_at = e->occurred_at.s;
    m->has_recorded_at = instant_is_set(e->recorded_at);
    m->recorded_at = e->recorded_at.s;
    m->recorded_by = wire_copy_said(a, e->recorded_by, bad);
    m->supersedes = wire_copy_said(a, e->supersedes, bad);
    m->body_case = (Rightswatch__CaseEvent__BodyCase)(RIGHTSWATCH__CASE_EVENT__BODY_REPORT + e->type);
    m->report = (Rightswatch__Report *)body_of(a, e, bad);     /* all members of the oneof share the pointer */
    return &m->base;
}

const char *level_name(enum level l)
{
    wire_bind();
    return (unsigned)l < sizeof tables.level / sizeof *tables.level && tables.level[l][0] ? tables.level[l] : "?";
}

const struct wire_schema *wire_schema(void)
{
    wire_bind();
    return &tables.schema;
}
