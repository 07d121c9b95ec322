#include "rules/phrases.h"

#include <stdio.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* ---- texts ------------------------------------------------------------------ */

static const char *keep(struct rulebook *b, struct text t)
{
    char *p = b->texts + b->used;

    if (b->used + t.n + 1 > b->cap)
        return NULL;                            /* cannot be: cap is the size of the file and a byte a node */
    if (t.n)
        memcpy(p, t.p, t.n);
    p[t.n] = 0;
    b->used += t.n + 1;
    return p;
}

/* A scalar of a map as a kept text. needed: E_MALFORMED when it is not there, else "". */
enum err phrase_text(struct rulebook *b, const struct yaml_node *map, const char *key, bool needed, const char **ret, struct why *why)
{
    const struct yaml_node *v = yaml_get(map, key);

    if (!v && !needed)
        return *ret = "", E_OK;
    if (!v || v->kind != YAML_SCALAR || v->text.n == 0)
        return yaml_wrong(b->yaml, v ? v : map, why, "'%s:' is needed", key);
    return (*ret = keep(b, v->text)) ? E_OK : E_MEMORY;
}

enum err phrase_word(struct rulebook *b, const struct yaml_node *map, const char *key, const char *const *words, size_t n,
                          size_t otherwise, size_t *ret, struct why *why)
{
    const struct yaml_node *v = yaml_get(map, key);

    if (!v)
        return *ret = otherwise, E_OK;
    return yaml_word(b->yaml, v, key, words, n, ret, why);
}

enum err phrase_flag(struct rulebook *b, const struct yaml_node *map, const char *key, bool *ret, struct why *why)
{
    const struct yaml_node *v = yaml_get(map, key);

    return v ? yaml_flag(b->yaml, v, ret, why) : E_OK;
}

/* ---- kinds of events ---------------------------------------------------------- */

static enum err find_kind(struct rulebook *b, const struct yaml_node *v, kind_t *ret, struct why *why)
{
    const char *known[KINDS];
    size_t n = 0;
    kind_t k;

    if (v->kind != YAML_SCALAR)
        return yaml_wrong(b->yaml, v, why, "the name of a kind is needed, like arrested");
    for (enum event_type t = 0; t < EVENT_TYPES; t++)
        if ((k = kind_by_name(t, v->text)) != KIND_NONE && k != KIND_LOCAL)
            return *ret = k, E_OK;
    for (size_t i = 0; i < b->program.kinds; i++)
        if (text_same(v->text, text_of(b->program.kind[i])))
            return *ret = (kind_t)(KIND_LOCAL_FIRST + i), E_OK;
    for (k = 1; k < KIND_COUNT; k++)
        if (k != KIND_LOCAL && strcmp(kind_name(k), "?"))
            known[n++] = kind_name(k);
    for (size_t i = 0; i < b->program.kinds; i++)
        known[n++] = b->program.kind[i];
    return yaml_unknown(b->yaml, v, why, "kind", v->text, known, n);
}

enum err phrase_kinds(struct rulebook *b, const struct yaml_node *v, struct kind_set *ret, struct why *why)
{
    size_t count = v->kind == YAML_LIST ? v->count : 1;
    kind_t k;
    enum err e;

    if (v->kind == YAML_MAP || count == 0)
        return yaml_wrong(b->yaml, v, why, "a kind, or a list of kinds, is needed");
    for (size_t i = 0; i < count; i++) {
        if ((e = find_kind(b, v->kind == YAML_LIST ? v->item[i] : v, &k, why)))
            return e;
        kinds_add(ret, k);
    }
    return E_OK;
}

static enum err read_said(struct rulebook *b, const struct yaml_node *map, const char *key, enum said *ret, struct why *why)
{
    const struct yaml_node *v = yaml_get(map, key);
    bool yes;
    enum err e;

    if (!v)
        return E_OK;
    if ((e = yaml_flag(b->yaml, v, &yes, why)))
        return e;
    *ret = yes ? SAID_YES : SAID_NO;
    return E_OK;
}

static enum err read_outcomes(struct rulebook *b, const struct yaml_node *v, struct match *m, struct why *why)
{
    size_t count = !v ? 0 : v->kind == YAML_LIST ? v->count : 1;

    if (count > OUTCOMES_MAX)
        return yaml_wrong(b->yaml, v, why, "at most %d outcome codes", OUTCOMES_MAX);
    for (size_t i = 0; i < count; i++) {
        const struct yaml_node *one = v->kind == YAML_LIST ? v->item[i] : v;
        if (one->kind != YAML_SCALAR || one->text.n == 0 || one->text.n >= sizeof *m->outcome)
            return yaml_wrong(b->yaml, one, why, "an outcome code has 1 to %zu characters", sizeof *m->outcome - 1);
        memcpy(m->outcome[m->outcomes++], one->text.p, one->text.n);
    }
    return E_OK;
}

static enum err read_least(struct rulebook *b, const struct yaml_node *map, const char *key, uint16_t *ret, struct why *why)
{
    const struct yaml_node *v = yaml_get(map, key);
    long n;
    enum err e;

    if (!v)
        return E_OK;
    if ((e = yaml_number(b->yaml, v, 1, UINT16_MAX, &n, why)))
        return e;
    *ret = (uint16_t)n;
    return E_OK;
}

/* "arrested", [a, b], or { kind: ..., by: police, outcome: [..], need: yes }. */
enum err phrase_match(struct rulebook *b, const struct yaml_node *v, struct match *m, struct why *why)
{
    static const char *const allowed[] = { "kind", "by", "need", "vrr_offered", "outcome", "agreed_update_days", "sentence_months",
                                           "at", "unless" };
    static const char *const by[] = { "anyone", "police", "cps" };
    const struct yaml_node *kind;
    size_t choice;
    enum err e;

    if (v->kind != YAML_MAP)
        return phrase_kinds(b, v, &m->kinds, why);
    if ((e = yaml_refuse_others(b->yaml, v, allowed, COUNT(allowed), why)))
        return e;
    if (!(kind = yaml_get(v, "kind")))
        return yaml_wrong(b->yaml, v, why, "'kind:' is needed");
    if ((e = phrase_kinds(b, kind, &m->kinds, why)) || (e = phrase_word(b, v, "by", by, 3, 0, &choice, why)) ||
        (e = read_said(b, v, "need", &m->need, why)) || (e = read_said(b, v, "vrr_offered", &m->vrr, why)) ||
        (e = read_least(b, v, "agreed_update_days", &m->value_least, why)) ||
        (e = read_least(b, v, "sentence_months", &m->value_least, why)))
        return e;
    m->by = (uint8_t)choice;
    e = read_outcomes(b, yaml_get(v, "outcome"), m, why);
    m->conditional = m->by || m->need || m->vrr || m->value_least || m->outcomes;
    return e;
}

/* ---- crimes ------------------------------------------------------------------- */

enum err phrase_markers(struct rulebook *b, const struct yaml_node *v, struct scope *ret, struct why *why)
{
    static const char *const names[] = {
#define X(name) #name,
        MARKERS(X)
#undef X
        "HC_*",
    };
    size_t which;
    enum err e;

    if (!v)
        return E_OK;
    if ((e = yaml_expect(b->yaml, v, YAML_LIST, why)))
        return e;
    for (size_t i = 0; i < v->count; i++) {
        if ((e = yaml_word(b->yaml, v->item[i], "marker", names, COUNT(names), &which, why)))
            return e;
        for (size_t m = 0; m < MARKERS_COUNT; m++)
            if (m == which || (which == MARKERS_COUNT && !strncmp(names[m], "HC_", 3)))
                ret->markers |= (uint16_t)(1 << m);
    }
    return E_OK;
}

enum err phrase_classes(struct rulebook *b, const struct yaml_node *v, struct scope *ret, struct why *why)
{
    enum err e;

    if (!v)
        return E_OK;
    if ((e = yaml_expect(b->yaml, v, YAML_LIST, why)))
        return e;
    if (v->count > CLASSES_MAX)
        return yaml_wrong(b->yaml, v, why, "at most %d offence classes", CLASSES_MAX);
    for (size_t i = 0; i < v->count; i++) {
        struct text t = v->item[i]->text;
        if (v->item[i]->kind != YAML_SCALAR || t.n == 0 || t.n >= FACT_CLASS_BYTES)
            return yaml_wrong(b->yaml, v->item[i], why, "an offence class has 1 to %d characters", FACT_CLASS_BYTES - 1);
        memcpy(ret->ho_class[ret->classes++], t.p, t.n);
    }
    return E_OK;
}

enum err phrase_scope(struct rulebook *b, const struct yaml_node *v, struct scope *ret, struct why *why)
{
    static const char *const allowed[] = { "offence_classes", "markers", "bereaved" };
    enum err e;

    if (!v)
        return E_OK;
    if ((e = yaml_expect(b->yaml, v, YAML_MAP, why)) || (e = yaml_refuse_others(b->yaml, v, allowed, COUNT(allowed), why)) ||
        (e = phrase_classes(b, yaml_get(v, "offence_classes"), ret, why)) || (e = phrase_flag(b, v, "bereaved", &ret->bereaved, why)))
        return e;
    return phrase_markers(b, yaml_get(v, "markers"), ret, why);
}

/* ---- limits -------------------------------------------------------------------- */

enum err phrase_limit(struct rulebook *b, const struct yaml_node *v, struct limit *ret, struct why *why)
{
    static const struct { const char *words; enum unit unit; int max; } units[] = {
        { "working day", UNIT_WORKING_DAYS, 250 }, { "working days", UNIT_WORKING_DAYS, 250 },
        { "calendar day", UNIT_CALENDAR_DAYS, 3660 }, { "calendar days", UNIT_CALENDAR_DAYS, 3660 },
        { "hour", UNIT_HOURS, 87600 }, { "hours", UNIT_HOURS, 87600 },
    };
    char text[64], unit[32];
    int n;

    if (v->kind == YAML_SCALAR && text_same(v->text, TEXT("the date in the event")))
        return *ret = (struct limit){ UNIT_DATE, 0 }, E_OK;
    snprintf(text, sizeof text, TEXT_FMT, TEXT_ARG(v->text));
    if (v->kind == YAML_SCALAR && sscanf(text, "as agreed, else %d calendar days", &n) == 1 && n >= 1 && n <= 3660)
        return *ret = (struct limit){ UNIT_AGREED, n }, E_OK;
    if (v->kind == YAML_SCALAR && sscanf(text, "%d %31[a-z ]", &n, unit) == 2)
        for (size_t i = 0; i < COUNT(units); i++)
            if (!strcmp(unit, units[i].words)) {
                if (n < 1 || n > units[i].max)
                    return yaml_wrong(b->yaml, v, why, "a limit is from 1 to %d %s", units[i].max, units[i].words);
                return *ret = (struct limit){ units[i].unit, n }, E_OK;
            }
    return yaml_wrong(b->yaml, v, why,
                      "a limit reads like '5 working days', '28 calendar days', '24 hours', 'the date in the event' "
                      "or 'as agreed, else 28 calendar days'");
}
