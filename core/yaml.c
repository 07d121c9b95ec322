#include "core/yaml.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

/* ---- memory: everything lives as long as the document -------------------- */

enum { CHUNK_BYTES = 16 * 1024, WORD_BYTES_MAX = 64 };

struct chunk { struct chunk *next; size_t used, cap; _Alignas(16) char p[]; };

struct yaml {
    char name[128], folder[4096];
    struct chunk *chunks;
    const struct yaml_node *root;
    size_t nodes;
};

static void *take(struct yaml *y, size_t n)
{
    struct chunk *c = y->chunks;
    size_t cap = n > CHUNK_BYTES ? n : CHUNK_BYTES;

    n = (n + 15) & ~(size_t)15;
    if (!c || c->cap - c->used < n) {
        c = calloc(1, sizeof *c + cap + 16);
        if (!c)
            return NULL;
        c->cap = cap + 16;
        c->next = y->chunks;
        y->chunks = c;
    }
    c->used += n;
    return c->p + c->used - n;
}

/* ---- building the tree --------------------------------------------------- */

struct reader { struct yaml *y; yaml_parser_t parser; struct why *why; };
struct members { struct yaml_node **p; size_t n, cap; };

static enum err wrong_at(struct reader *r, unsigned line, const char *text)
{
    why_set(r->why, "%s:%u: %s", r->y->name, line, text);
    return E_MALFORMED;
}

static enum err next_event(struct reader *r, yaml_event_t *ret)
{
    if (yaml_parser_parse(&r->parser, ret))
        return E_OK;
    if (r->parser.error == YAML_MEMORY_ERROR)
        return E_MEMORY;
    why_set(r->why, "%s:%zu: not YAML: %s%s%s", r->y->name, (size_t)r->parser.problem_mark.line + 1,
            r->parser.problem ? r->parser.problem : "unreadable",
            r->parser.context ? " " : "", r->parser.context ? r->parser.context : "");
    return E_MALFORMED;
}

static enum err push(struct members *m, struct yaml_node *node)
{
    if (m->n == m->cap) {
        size_t cap = m->cap ? 2 * m->cap : 16;
        struct yaml_node **p = realloc(m->p, cap * sizeof *p);
        if (!p)
            return E_MEMORY;
        m->p = p;
        m->cap = cap;
    }
    m->p[m->n++] = node;
    return E_OK;
}

static enum err keep(struct yaml *y, const struct members *m, size_t first, size_t step, struct yaml_node ***ret)
{
    size_t n = m->n / step, at = 0;
    struct yaml_node **p = take(y, (n ? n : 1) * sizeof *p);

    if (!p)
        return E_MEMORY;
    for (size_t i = first; i < m->n; i += step)
        p[at++] = m->p[i];
    *ret = p;
    return E_OK;
}

static enum err read_node(struct reader *r, const yaml_event_t *event, unsigned depth, struct yaml_node **ret);

/* Up to the end event of the list or map; a map's keys and values take turns. */
static enum err read_members(struct reader *r, yaml_event_type_t end, unsigned depth, struct members *m)
{
    for (;;) {
        yaml_event_t event;
        struct yaml_node *node = NULL;
        enum err e = next_event(r, &event);

        if (e)
            return e;
        if (event.type == end) {
            yaml_event_delete(&event);
            return E_OK;
        }
        e = read_node(r, &event, depth + 1, &node);
        yaml_event_delete(&event);
        if (!e && end == YAML_MAPPING_END_EVENT && m->n % 2 == 0 && node->kind != YAML_SCALAR)
            e = wrong_at(r, node->line, "a key must be a word, not a list or a map");
        if (!e)
            e = push(m, node);
        if (e)
            return e;
    }
}

static enum err refuse_twice(struct reader *r, const struct yaml_node *map)
{
    for (size_t i = 0; i < map->count; i++) {
        for (size_t k = 0; k < i; k++) {
            if (text_same(map->key[i]->text, map->key[k]->text)) {
                why_set(r->why, "%s:%u: '" TEXT_FMT "' is already said in line %u; keep one of the two", r->y->name,
                        map->key[i]->line, TEXT_ARG(map->key[i]->text), map->key[k]->line);
                return E_MALFORMED;
            }
        }
    }
    return E_OK;
}

static enum err read_scalar(struct reader *r, const yaml_event_t *event, struct yaml_node *node)
{
    size_t n = event->data.scalar.length;
    char *p = take(r->y, n + 1);

    if (!p)
        return E_MEMORY;
    memcpy(p, event->data.scalar.value, n);
    if (memchr(p, '\0', n))
        return wrong_at(r, node->line, "a NUL byte");
    node->kind = YAML_SCALAR;
    node->text = (struct text){ p, (uint32_t)n };
    node->is_quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    return E_OK;
}

static bool has_tag_or_anchor(const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT: return event->data.scalar.anchor || event->data.scalar.tag;
    case YAML_SEQUENCE_START_EVENT: return event->data.sequence_start.anchor || event->data.sequence_start.tag;
    case YAML_MAPPING_START_EVENT: return event->data.mapping_start.anchor || event->data.mapping_start.tag;
    default: return event->type == YAML_ALIAS_EVENT;
    }
}

static enum err read_node(struct reader *r, const yaml_event_t *event, unsigned depth, struct yaml_node **ret)
{
    struct members m = { 0 };
    struct yaml_node *node = take(r->y, sizeof *node);
    enum err e = E_OK;

    if (!node)
        return E_MEMORY;
    node->line = (unsigned)event->start_mark.line + 1;
    if (has_tag_or_anchor(event))
        return wrong_at(r, node->line, "anchors (&), aliases (*) and tags (!) are not taken; write it out");
    if (depth > YAML_DEPTH_MAX)
        return wrong_at(r, node->line, "nested too deeply");
    if (++r->y->nodes > YAML_NODES_MAX) {
        (void)wrong_at(r, node->line, "too long");
        return E_TOO_LARGE;
    }
    if (event->type == YAML_SCALAR_EVENT) {
        e = read_scalar(r, event, node);
    } else if (event->type == YAML_SEQUENCE_START_EVENT) {
        node->kind = YAML_LIST;
        e = read_members(r, YAML_SEQUENCE_END_EVENT, depth, &m);
        node->count = m.n;
        if (!e)
            e = keep(r->y, &m, 0, 1, &node->item);
    } else {
        assert(event->type == YAML_MAPPING_START_EVENT);
        node->kind = YAML_MAP;
        e = read_members(r, YAML_MAPPING_END_EVENT, depth, &m);
        node->count = m.n / 2;
        if (!e)
            e = keep(r->y, &m, 0, 2, &node->key);
        if (!e)
            e = keep(r->y, &m, 1, 2, &node->item);
        if (!e)
            e = refuse_twice(r, node);
    }
    free(m.p);
    if (!e)
        *ret = node;
    return e;
}

static enum err read_document(struct reader *r)
{
    for (;;) {
        yaml_event_t event;
        struct yaml_node *node = NULL;
        unsigned line;
        enum err e = next_event(r, &event);

        if (e)
            return e;
        line = (unsigned)event.start_mark.line + 1;
        switch (event.type) {
        case YAML_STREAM_END_EVENT:
            yaml_event_delete(&event);
            return r->y->root ? E_OK : wrong_at(r, 1, "nothing in it");
        case YAML_DOCUMENT_START_EVENT:
            if (r->y->root)
                e = wrong_at(r, line, "a second document (---); one a file");
            break;
        case YAML_STREAM_START_EVENT:
        case YAML_DOCUMENT_END_EVENT:
            break;
        default:
            e = read_node(r, &event, 1, &node);
            r->y->root = node;
        }
        yaml_event_delete(&event);
        if (e)
            return e;
    }
}

enum err yaml_open(const char *name, const char *p, size_t n, struct yaml **ret, struct why *why)
{
    struct reader r = { .why = why };
    const char *slash = strrchr(name, '/');
    enum err e;

    r.y = calloc(1, sizeof *r.y);
    if (!r.y)
        return E_MEMORY;
    snprintf(r.y->name, sizeof r.y->name, "%s", slash ? slash + 1 : name);
    snprintf(r.y->folder, sizeof r.y->folder, "%.*s", slash == name ? 1 : slash ? (int)(slash - name) : 1, slash ? name : ".");
    if (!yaml_parser_initialize(&r.parser)) {
        free(r.y);
        return E_MEMORY;
    }
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)p, n);
    e = read_document(&r);
    yaml_parser_delete(&r.parser);
    if (e)
        yaml_close(&r.y);
    else
        *ret = r.y;
    return e;
}

void yaml_close(struct yaml **y)
{
    if (!*y)
        return;
    while ((*y)->chunks) {
        struct chunk *c = (*y)->chunks;
        (*y)->chunks = c->next;
        free(c);
    }
    free(*y);
    *y = NULL;
}

const struct yaml_node *yaml_root(const struct yaml *y)
{
    return y->root;
}

const char *yaml_name(const struct yaml *y)
{
    return y->name;
}

const char *yaml_folder(const struct yaml *y)
{
    return y->folder;
}

const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key)
{
    if (!map || map->kind != YAML_MAP)
        return NULL;
    for (size_t i = 0; i < map->count; i++)
        if (text_same(map->key[i]->text, text_of(key)))
            return map->item[i];
    return NULL;
}

/* ---- saying what is wrong ------------------------------------------------ */

enum err yaml_wrong(const struct yaml *y, const struct yaml_node *at, struct why *why, const char *fmt, ...)
{
    char text[sizeof why->text];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (at)
        why_set(why, "%s:%u: %s", y->name, at->line, text);
    else
        why_set(why, "%s: %s", y->name, text);
    return E_MALFORMED;
}

enum err yaml_unknown(const struct yaml *y, const struct yaml_node *at, struct why *why,
                      const char *what, struct text word, const char *const *known, size_t n)
{
    const char *nearest = yaml_nearest(word, known, n);
    char list[160] = "";
    size_t used = 0;
    int shown = word.n > WORD_BYTES_MAX ? WORD_BYTES_MAX : (int)word.n;

    if (nearest) {
        (void)yaml_wrong(y, at, why, "no such %s '%.*s'; did you mean '%s'?", what, shown, word.p, nearest);
        return E_UNKNOWN;
    }
    for (size_t i = 0; i < n; i++) {
        if (used + strlen(known[i]) + 8 > sizeof list) {
            used += (size_t)snprintf(list + used, sizeof list - used, ", ...");
            break;
        }
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", known[i]);
    }
    (void)yaml_wrong(y, at, why, "no such %s '%.*s'; there are: %s", what, shown, word.p, list);
    return E_UNKNOWN;
}

/* ---- typed values -------------------------------------------------------- */

enum err yaml_number(const struct yaml *y, const struct yaml_node *v, long min, long max, long *ret, struct why *why)
{
    char *end;
    long n;
    enum err e = yaml_expect(y, v, YAML_SCALAR, why);

    if (e)
        return e;
    errno = 0;
    n = strtol(v->text.p, &end, 10);
    if (v->text.n == 0 || end != v->text.p + v->text.n || errno == EINVAL)
        return yaml_wrong(y, v, why, "'%.40s' is not a whole number", v->text.p);
    if (errno == ERANGE || n < min || n > max) {
        (void)yaml_wrong(y, v, why, "%.40s is not from %ld to %ld", v->text.p, min, max);
        return E_RANGE;
    }
    *ret = n;
    return E_OK;
}

enum err yaml_flag(const struct yaml *y, const struct yaml_node *v, bool *ret, struct why *why)
{
    static const char *const known[] = { "no", "yes", "false", "true" };
    size_t i;
    enum err e = yaml_word(y, v, "answer", known, 4, &i, why);

    if (!e)
        *ret = i % 2 == 1;
    return e;
}

enum err yaml_word(const struct yaml *y, const struct yaml_node *v, const char *what,
                   const char *const *known, size_t n, size_t *ret, struct why *why)
{
    enum err e = yaml_expect(y, v, YAML_SCALAR, why);

    if (e)
        return e;
    for (size_t i = 0; i < n; i++) {
        if (text_same(v->text, text_of(known[i]))) {
            *ret = i;
            return E_OK;
        }
    }
    return yaml_unknown(y, v, why, what, v->text, known, n);
}

enum err yaml_expect(const struct yaml *y, const struct yaml_node *v, enum yaml_kind kind, struct why *why)
{
    static const char *const names[] = { "one value", "a list", "a map of 'key: value' lines" };

    if (v->kind == kind)
        return E_OK;
    return yaml_wrong(y, v, why, "%s is wanted here, not %s", names[kind], names[v->kind]);
}

enum err yaml_refuse_others(const struct yaml *y, const struct yaml_node *map,
                            const char *const *allowed, size_t n, struct why *why)
{
    enum err e = yaml_expect(y, map, YAML_MAP, why);
    size_t i;

    for (size_t k = 0; !e && k < map->count; k++)
        e = yaml_word(y, map->key[k], "key", allowed, n, &i, why);
    return e;
}

/* Insertions, deletions, changes and swaps of neighbours that turn a into b. */
static unsigned distance(struct text a, struct text b)
{
    unsigned row[3][WORD_BYTES_MAX + 1];
    unsigned *two = row[0], *one = row[1], *now = row[2];

    for (unsigned k = 0; k <= b.n; k++)
        one[k] = k;
    for (unsigned i = 1; i <= a.n; i++) {
        now[0] = i;
        for (unsigned k = 1; k <= b.n; k++) {
            unsigned best = one[k - 1] + (a.p[i - 1] != b.p[k - 1]);
            best = one[k] + 1 < best ? one[k] + 1 : best;
            best = now[k - 1] + 1 < best ? now[k - 1] + 1 : best;
            if (i > 1 && k > 1 && a.p[i - 1] == b.p[k - 2] && a.p[i - 2] == b.p[k - 1] && two[k - 2] + 1 < best)
                best = two[k - 2] + 1;
            now[k] = best;
        }
        unsigned *spare = two;
        two = one, one = now, now = spare;
    }
    return one[b.n];
}

const char *yaml_nearest(struct text word, const char *const *known, size_t n)
{
    const char *nearest = NULL;
    unsigned least = word.n < 4 ? 2 : word.n / 3 + 1;   /* as far as a slip of the pen goes */

    if (word.n == 0 || word.n > WORD_BYTES_MAX)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        struct text k = text_of(known[i]);
        unsigned d = k.n <= WORD_BYTES_MAX ? distance(word, k) : least;
        if (d < least) {
            least = d;
            nearest = known[i];
        }
    }
    return nearest;
}
