#include "producers/mapping.h"
#include "core/hash.h"
#include "core/yaml.h"
#include "producers/dates.h"
#include "producers/template.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { FILE_BYTES_MAX = 256 * 1024, CONDITIONS_MAX = 8, VALUES_MAX = 64, REQUIRED_MAX = 16, SCRATCH_BYTES = 64 * 1024 };
enum envelope { V_EVENT_ID, V_CRIME_REF, V_VICTIM_REF, V_OCCURRED_AT, V_RECORDED_AT, V_RECORDED_BY, V_SUPERSEDES, ENVELOPE };
static const char *const envelope_names[ENVELOPE] = { "event_id", "crime_ref", "victim_ref", "occurred_at", "recorded_at",
                                                      "recorded_by", "supersedes" };

struct condition {
    uint16_t column;
    bool is_negated;                                /* none of the values */
    size_t count;
    struct text value[VALUES_MAX];
};

struct event_template {
    enum event_type type;
    struct template kind;                           /* empty: the type's own */
    struct template envelope[ENVELOPE];
    struct template field[FIELDS];
    size_t conditions;
    struct condition condition[CONDITIONS_MAX];
};

struct required { uint16_t column; char sentence[96]; };

struct mapping {
    char name[REF_BYTES_MAX + 1], source[REF_BYTES_MAX + 1];
    struct bytes file;
    uint8_t hash[CHAIN_BYTES];
    struct yaml *yaml;                              /* texts of templates and tables point into it */
    struct columns columns;
    struct tables tables;
    char delimiter;
    struct dates dates;
    struct required required[REQUIRED_MAX];
    size_t required_count;
    struct event_template *event[MAPPING_EVENTS_MAX];
    size_t events;
    bool drops_unmatched;                           /* rows that none of the events fits */
    char scratch[SCRATCH_BYTES];
    size_t used;
    struct item_refs refs;                          /* of the event last asked for */
};

/* ---- reading the file --------------------------------------------------------- */

enum err mapping_file(const char *path, struct bytes *ret, struct why *why)
{
    FILE *f = fopen(path, "re");
    uint8_t *p = malloc(FILE_BYTES_MAX + 1);
    size_t n;

    if (!f || !p) {
        why_set(why, "the mapping %s cannot be read: %s", path, strerror(errno));
        if (f)
            fclose(f);
        free(p);
        return E_USAGE;
    }
    n = fread(p, 1, FILE_BYTES_MAX + 1, f);
    fclose(f);
    if (n > FILE_BYTES_MAX) {
        why_set(why, "the mapping %s is larger than %d bytes", path, FILE_BYTES_MAX);
        free(p);
        return E_TOO_LARGE;
    }
    *ret = (struct bytes){ p, n };
    return E_OK;
}

static enum err read_name(struct mapping *m, const struct yaml_node *root, const char *key, char ret[REF_BYTES_MAX + 1], struct why *why)
{
    const struct yaml_node *v = yaml_get(root, key);

    if (!v || v->kind != YAML_SCALAR || v->text.n == 0 || v->text.n > REF_BYTES_MAX)
        return yaml_wrong(m->yaml, v ? v : root, why, "'%s:' is needed, of 1 to %d bytes", key, REF_BYTES_MAX);
    snprintf(ret, REF_BYTES_MAX + 1, TEXT_FMT, TEXT_ARG(v->text));
    return E_OK;
}

static enum err read_delimiter(struct mapping *m, const struct yaml_node *v, struct why *why)
{
    m->delimiter = ',';
    if (!v)
        return E_OK;
    if (v->kind == YAML_SCALAR && text_same(v->text, TEXT("tab")))
        m->delimiter = '\t';
    else if (v->kind == YAML_SCALAR && v->text.n == 1 && v->text.p[0] != '"')
        m->delimiter = v->text.p[0];
    else
        return yaml_wrong(m->yaml, v, why, "'delimiter:' is one character, or tab");
    return E_OK;
}

static enum err read_required(struct mapping *m, const struct yaml_node *v, struct why *why)
{
    enum err e;

    if (!v)
        return E_OK;
    if ((e = yaml_expect(m->yaml, v, YAML_MAP, why)))
        return e;
    if (v->count > REQUIRED_MAX)
        return yaml_wrong(m->yaml, v, why, "at most %d columns can be required", REQUIRED_MAX);
    for (size_t i = 0; i < v->count; i++) {
        struct required *r = &m->required[m->required_count++];
        if (v->item[i]->kind != YAML_SCALAR || v->item[i]->text.n == 0)
            return yaml_wrong(m->yaml, v->item[i], why, "say in words why a row without it is set aside");
        if ((e = columns_find(&m->columns, m->yaml, v->key[i], v->key[i]->text, &r->column, why)))
            return e;
        snprintf(r->sentence, sizeof r->sentence, TEXT_FMT, TEXT_ARG(v->item[i]->text));
    }
    return E_OK;
}

static enum err read_values(struct mapping *m, const struct yaml_node *v, struct condition *c, struct why *why)
{
    enum err e;

    c->count = v->kind == YAML_LIST ? v->count : 1;
    if (v->kind == YAML_MAP || c->count == 0 || c->count > VALUES_MAX)
        return yaml_wrong(m->yaml, v, why, "a condition is a value, a list of at most %d, empty, filled, or not: a value or list", VALUES_MAX);
    for (size_t i = 0; i < c->count; i++) {
        const struct yaml_node *one = v->kind == YAML_LIST ? v->item[i] : v;
        if ((e = yaml_expect(m->yaml, one, YAML_SCALAR, why)))
            return e;
        c->value[i] = one->text;
    }
    return E_OK;
}

static enum err read_condition(struct mapping *m, const struct yaml_node *key, const struct yaml_node *v, struct condition *c, struct why *why)
{
    static const char *const negation[] = { "not" };
    enum err e = columns_find(&m->columns, m->yaml, key, key->text, &c->column, why);

    if (e)
        return e;
    if (v->kind == YAML_SCALAR && !v->is_quoted && text_same(v->text, TEXT("empty")))
        return c->count = 1, E_OK;                  /* the one value: nothing */
    if (v->kind == YAML_SCALAR && !v->is_quoted && text_same(v->text, TEXT("filled")))
        return c->count = 1, c->is_negated = true, E_OK;
    if (v->kind == YAML_MAP && v->count == 1) {
        if ((e = yaml_refuse_others(m->yaml, v, negation, 1, why)))
            return e;
        c->is_negated = true;
        v = v->item[0];
    }
    return read_values(m, v, c, why);
}

static enum err read_when(struct mapping *m, const struct yaml_node *v, struct event_template *t, struct why *why)
{
    enum err e;

    if ((e = yaml_expect(m->yaml, v, YAML_MAP, why)))
        return e;
    if (v->count > CONDITIONS_MAX)
        return yaml_wrong(m->yaml, v, why, "at most %d conditions", CONDITIONS_MAX);
    for (size_t i = 0; i < v->count; i++)
        if ((e = read_condition(m, v->key[i], v->item[i], &t->condition[t->conditions++], why)))
            return e;
    return E_OK;
}

static enum err read_template(struct mapping *m, const struct yaml_node *v, struct template *ret, struct why *why)
{
    enum err e = yaml_expect(m->yaml, v, YAML_SCALAR, why);

    return e ? e : template_read(ret, m->yaml, v, &m->columns, &m->tables, why);
}

static enum err read_body(struct mapping *m, const struct yaml_node *v, struct event_template *t, struct why *why)
{
    const char *allowed[FIELDS + 1] = { "kind" };
    size_t n = 1;
    enum err e;

    if (v->kind == YAML_SCALAR && v->text.n == 0)
        return E_OK;                                /* "report:" alone */
    if ((e = yaml_expect(m->yaml, v, YAML_MAP, why)))
        return e;
    for (enum field f = 0; f < FIELDS; f++)
        if (field_allowed(t->type, f))
            allowed[n++] = field_table[f].name;
    if ((e = yaml_refuse_others(m->yaml, v, allowed, n, why)))
        return e;
    for (size_t i = 0; i < v->count; i++) {
        enum field f;
        struct template *to = &t->kind;
        if (field_by_name(v->key[i]->text, &f))
            to = &t->field[f];
        if ((e = read_template(m, v->item[i], to, why)))
            return e;
    }
    return E_OK;
}

static enum err read_event(struct mapping *m, const struct yaml_node *root, const struct yaml_node *v, struct event_template *t, struct why *why)
{
    const char *allowed[ENVELOPE + EVENT_TYPES + 1] = { "when" };
    const struct yaml_node *body = NULL, *when;
    size_t n = 1;
    enum err e;

    if ((e = yaml_expect(m->yaml, v, YAML_MAP, why)))
        return e;
    for (int i = 0; i < ENVELOPE; i++)
        allowed[n++] = envelope_names[i];
    for (enum event_type i = 0; i < EVENT_TYPES; i++)
        allowed[n++] = event_type_name(i);
    if ((e = yaml_refuse_others(m->yaml, v, allowed, n, why)))
        return e;
    for (enum event_type i = 0; i < EVENT_TYPES; i++) {
        const struct yaml_node *found = yaml_get(v, event_type_name(i));
        if (found && body)
            return yaml_wrong(m->yaml, found, why, "an event is one of report, referral, update, charge, nfa, outcome");
        if (found)
            body = found, t->type = i;
    }
    if (!body)
        return yaml_wrong(m->yaml, v, why, "an event has one of report, referral, update, charge, nfa, outcome");
    if ((when = yaml_get(v, "when")) && (e = read_when(m, when, t, why)))
        return e;
    for (int i = 0; i < ENVELOPE; i++) {
        const struct yaml_node *own = yaml_get(v, envelope_names[i]);
        if (!own)
            own = yaml_get(root, envelope_names[i]);
        if (own && (e = read_template(m, own, &t->envelope[i], why)))
            return e;
        if (!own && i != V_VICTIM_REF && i != V_RECORDED_AT && i != V_RECORDED_BY && i != V_SUPERSEDES)
            return yaml_wrong(m->yaml, v, why, "'%s:' is needed here or at the top", envelope_names[i]);
    }
    return read_body(m, body, t, why);
}

static enum err read_unmatched(struct mapping *m, const struct yaml_node *v, struct why *why)
{
    static const char *const words[] = { "refuse", "drop" };
    size_t choice = 0;
    enum err e;

    if (v && (e = yaml_word(m->yaml, v, "choice", words, 2, &choice, why)))
        return e;
    m->drops_unmatched = choice == 1;
    return E_OK;
}

static enum err read_all(struct mapping *m, struct why *why)
{
    static const char *const allowed[] = { "name", "source", "time_zone", "dates", "delimiter", "require", "tables", "events", "unmatched",
                                           "event_id", "crime_ref", "victim_ref", "occurred_at", "recorded_at", "recorded_by", "supersedes" };
    const struct yaml_node *root = yaml_root(m->yaml), *events;
    enum err e;

    if ((e = yaml_expect(m->yaml, root, YAML_MAP, why)) ||
        (e = yaml_refuse_others(m->yaml, root, allowed, sizeof allowed / sizeof *allowed, why)) ||
        (e = read_name(m, root, "name", m->name, why)) || (e = read_name(m, root, "source", m->source, why)) ||
        (e = dates_read(&m->dates, m->yaml, yaml_get(root, "time_zone"), yaml_get(root, "dates"), why)) ||
        (e = read_delimiter(m, yaml_get(root, "delimiter"), why)) ||
        (e = tables_read(&m->tables, m->yaml, yaml_get(root, "tables"), why)) ||
        (e = read_required(m, yaml_get(root, "require"), why)) || (e = read_unmatched(m, yaml_get(root, "unmatched"), why)))
        return e;
    events = yaml_get(root, "events");
    if (!events || events->kind != YAML_LIST || events->count == 0 || events->count > MAPPING_EVENTS_MAX)
        return yaml_wrong(m->yaml, events ? events : root, why, "'events:' is a list of 1 to %d events", MAPPING_EVENTS_MAX);
    for (size_t i = 0; i < events->count; i++) {
        if (!(m->event[i] = calloc(1, sizeof *m->event[i])))
            return E_MEMORY;
        m->events++;
        if ((e = read_event(m, root, events->item[i], m->event[i], why)))
            return e;
    }
    return E_OK;
}

enum err mapping_open(const char *path, struct mapping **ret, struct why *why)
{
    struct mapping *m = calloc(1, sizeof *m);
    struct hash_chain h;
    enum err e;

    if (!m)
        return E_MEMORY;
    if ((e = mapping_file(path, &m->file, why)) ||
        (e = yaml_open(path, (const char *)m->file.p, m->file.n, &m->yaml, why)) || (e = read_all(m, why))) {
        mapping_close(&m);
        return e;
    }
    hash_chain_init(&h);
    hash_chain_add(&h, m->file.p, m->file.n);
    hash_chain_end(&h, m->hash);
    *ret = m;
    return E_OK;
}

void mapping_close(struct mapping **pm)
{
    struct mapping *m = *pm;

    if (!m)
        return;
    for (size_t i = 0; i < m->events; i++)
        free(m->event[i]);
    tables_free(&m->tables);
    yaml_close(&m->yaml);
    free((void *)m->file.p);
    free(m);
    *pm = NULL;
}

void mapping_record(const struct mapping *m, struct item *ret)
{
    *ret = (struct item){ .what = ITEM_MAPPING, .name = text_of(m->name),
                          .text = { (const char *)m->file.p, (uint32_t)m->file.n }, .hash = { m->hash, sizeof m->hash } };
}

size_t mapping_columns(const struct mapping *m, const char *const **ret_names)
{
    *ret_names = (const char *const *)m->columns.name;
    return m->columns.count;
}

char mapping_delimiter(const struct mapping *m) { return m->delimiter; }
const char *mapping_source(const struct mapping *m) { return m->source; }

/* ---- a row ---------------------------------------------------------------------- */

enum err mapping_row(struct mapping *m, const struct row *row, struct why *why)
{
    m->refs = (struct item_refs){ .event_id = { 0 } };
    m->used = 0;
    for (size_t i = 0; i < m->required_count; i++)
        if (row->cell[m->required[i].column].n == 0) {
            why_set(why, "%s", m->required[i].sentence);
            return E_MALFORMED;
        }
    return E_OK;
}

size_t mapping_events(const struct mapping *m) { return m->events; }

static bool holds(const struct condition *c, const struct row *row)
{
    struct text cell = row->cell[c->column];

    for (size_t i = 0; i < c->count; i++)
        if (text_same(cell, c->value[i]))
            return !c->is_negated;
    return c->is_negated;
}

static enum err fill(struct mapping *m, const struct template *t, const struct row *row, const char *name, struct text *ret, struct why *why)
{
    enum err e = template_fill(t, row, &m->tables, m->scratch, sizeof m->scratch, &m->used, ret);

    if (e == E_UNKNOWN)
        why_set(why, "%s: a code that is not in its table", name);
    else if (e)
        why_set(why, "%s is longer than a row may be", name);
    return e;
}

static enum err read_flag(const char *name, struct text v, bool *ret, struct why *why)
{
    static const char *const yes[] = { "yes", "Yes", "YES", "y", "Y", "true", "True", "TRUE", "1" };
    static const char *const no[] = { "no", "No", "NO", "n", "N", "false", "False", "FALSE", "0" };

    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        if (text_same(v, text_of(yes[i])))
            return *ret = true, E_OK;
        if (text_same(v, text_of(no[i])))
            return *ret = false, E_OK;
    }
    why_set(why, "%s is neither yes nor no", name);
    return E_MALFORMED;
}

static enum err read_number(const char *name, struct text v, uint32_t *ret, struct why *why)
{
    uint64_t n = 0;

    for (uint32_t i = 0; i < v.n; i++) {
        if (v.p[i] < '0' || v.p[i] > '9' || (n = n * 10 + (uint64_t)(v.p[i] - '0')) > UINT32_MAX) {
            why_set(why, "%s is not a whole number", name);
            return E_MALFORMED;
        }
    }
    *ret = (uint32_t)n;
    return E_OK;
}

static enum err read_words(const char *name, struct text v, struct words *ret, struct why *why)
{
    uint32_t at = 0;

    ret->n = 0;
    while (at < v.n) {
        uint32_t from;
        while (at < v.n && (v.p[at] == ' ' || v.p[at] == ';' || v.p[at] == ','))
            at++;
        for (from = at; at < v.n && v.p[at] != ' ' && v.p[at] != ';' && v.p[at] != ','; at++) {}
        if (at == from)
            break;
        if (ret->n == WORDS_MAX) {
            why_set(why, "%s has more than %d words", name, WORDS_MAX);
            return E_TOO_LARGE;
        }
        ret->word[ret->n++] = (struct text){ v.p + from, at - from };
    }
    return E_OK;
}

static enum err read_field(const struct mapping *m, struct event *e, enum field f, struct text v, struct why *why)
{
    const struct field_info *info = &field_table[f];
    void *at = (char *)e + info->offset;
    enum err err = E_OK;

    if (v.n == 0)
        return E_OK;                                /* an empty cell says nothing */
    switch (info->type) {
    case FIELD_TEXT: *(struct text *)at = v; break;
    case FIELD_TIME: err = dates_parse(&m->dates, info->name, v, at, why); break;
    case FIELD_NUMBER: err = read_number(info->name, v, at, why); break;
    case FIELD_FLAG: err = read_flag(info->name, v, at, why); break;
    case FIELD_WORDS: err = read_words(info->name, v, at, why); break;
    }
    if (!err)
        e->present |= (uint64_t)1 << f;
    return err;
}

static enum err read_kind(struct event *e, struct text name, struct why *why)
{
    static const char *const usual[EVENT_TYPES] = { [EVENT_REPORT] = "recorded", [EVENT_CHARGE] = "charged",
                                                    [EVENT_NFA] = "no-further-action", [EVENT_OUTCOME] = "outcome-assigned" };

    if (!name.n && usual[e->type])
        name = text_of(usual[e->type]);
    e->kind = kind_by_name(e->type, name);
    if (e->kind != KIND_NONE)
        return E_OK;
    if (e->type != EVENT_UPDATE || !name.n) {
        why_set(why, "a kind that %s does not have", event_type_name(e->type));
        return E_UNKNOWN;
    }
    e->kind = KIND_LOCAL;
    e->local_kind = name;
    e->present |= (uint64_t)1 << F_local_kind;
    return E_OK;
}

enum err mapping_event(struct mapping *m, const struct row *row, size_t i, struct item *ret, struct why *why)
{
    const struct event_template *t = m->event[i];
    struct text v[ENVELOPE], kind;
    struct item item = { .what = ITEM_EVENT };
    struct event *e = &item.event;
    enum err err;

    assert(i < m->events);
    for (size_t c = 0; c < t->conditions; c++)
        if (!holds(&t->condition[c], row))
            return E_NOT_FOUND;
    for (int n = 0; n < ENVELOPE; n++)
        if ((err = fill(m, &t->envelope[n], row, envelope_names[n], &v[n], why)))
            return err;
    m->refs = (struct item_refs){ v[V_EVENT_ID], v[V_CRIME_REF], v[V_VICTIM_REF] };
    e->type = t->type;
    e->source = text_of(m->source);
    e->event_id = v[V_EVENT_ID];
    e->crime_ref = v[V_CRIME_REF];
    e->victim_ref = v[V_VICTIM_REF];
    e->recorded_by = v[V_RECORDED_BY];
    e->supersedes = v[V_SUPERSEDES];
    if ((err = dates_parse(&m->dates, "occurred_at", v[V_OCCURRED_AT], &e->occurred_at, why)) ||
        (v[V_RECORDED_AT].n && (err = dates_parse(&m->dates, "recorded_at", v[V_RECORDED_AT], &e->recorded_at, why))) ||
        (err = fill(m, &t->kind, row, "kind", &kind, why)) || (err = read_kind(e, kind, why)))
        return err;
    for (enum field f = 0; f < FIELDS; f++) {
        struct text value;
        if (!t->field[f].parts)
            continue;
        if ((err = fill(m, &t->field[f], row, field_table[f].name, &value, why)) || (err = read_field(m, e, f, value, why)))
            return err;
    }
    if ((err = item_check(&item, why)))
        return err;
    *ret = item;
    return E_OK;
}

static struct text checked(const char *name, struct text t, uint32_t most)
{
    struct why unsaid;

    return event_check_text(name, t, 1, most, &unsaid) ? (struct text){ 0 } : t;
}

struct item_refs mapping_refs(const struct mapping *m)
{
    return (struct item_refs){ checked("event_id", m->refs.event_id, EVENT_ID_BYTES_MAX), checked("crime_ref", m->refs.crime_ref, REF_BYTES_MAX),
                               checked("victim_ref", m->refs.victim_ref, REF_BYTES_MAX) };
}

enum err mapping_unmatched(const struct mapping *m, struct why *why)
{
    if (m->drops_unmatched)
        return E_OK;
    why_set(why, "none of the mapping's events fits the row");
    return E_UNKNOWN;
}
