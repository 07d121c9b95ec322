#include "sinks/oic/mustache.h"

#include "core/utf8.h"
#include "core/yaml.h"

#include <assert.h>
#include <stdlib.h>

enum piece_kind { PIECE_LITERAL, PIECE_VALUE, PIECE_SECTION, PIECE_INVERTED };
struct piece {
    enum piece_kind kind;
    struct text text;               /* a literal */
    unsigned name, up;              /* which name, and how many scopes outward */
    unsigned scope;                 /* what it names lies in */
    size_t end;                     /* a section: the piece behind it */
    unsigned line;
};

struct mustache {
    char *source;
    bool is_html;
    const struct mustache_scope *scopes;
    struct piece *piece;
    size_t count, cap;
};

/* ---- pages ------------------------------------------------------------------------------------ */

void page_fini(struct page *g)
{
    free(g->p);
    *g = (struct page){ 0 };
}

void page_put(struct page *g, struct text t)
{
    size_t cap = g->cap ? g->cap : 1024;
    char *p;

    if (g->failed || !t.n)
        return;
    while (cap - g->n < t.n)
        cap *= 2;
    if (cap != g->cap) {
        if (!(p = realloc(g->p, cap))) {
            g->failed = true;
            return;
        }
        g->p = p;
        g->cap = cap;
    }
    memcpy(g->p + g->n, t.p, t.n);
    g->n += t.n;
}

/* ---- reading ---------------------------------------------------------------------------------- */

struct open_section { size_t piece; unsigned scope; bool is_list; };
struct reader {
    struct mustache *m;
    const char *name, *p, *end;
    unsigned line;
    struct open_section open[MUSTACHE_DEPTH_MAX];
    size_t depth;
    struct why *why;
};

static enum err add(struct reader *r, struct piece piece)
{
    struct mustache *m = r->m;

    if (m->count == m->cap) {
        size_t cap = m->cap ? 2 * m->cap : 64;
        struct piece *p = realloc(m->piece, cap * sizeof *p);
        if (!p)
            return E_MEMORY;
        m->piece = p;
        m->cap = cap;
    }
    piece.line = r->line;
    m->piece[m->count++] = piece;
    return E_OK;
}

static unsigned lines_in(const char *p, const char *end)
{
    unsigned n = 0;

    for (; p < end; p++)
        n += *p == '\n';
    return n;
}

static enum err add_literal(struct reader *r, const char *from, const char *to)
{
    enum err e = from < to ? add(r, (struct piece){ .kind = PIECE_LITERAL, .text = { from, (uint32_t)(to - from) } }) : E_OK;

    r->line += lines_in(from, to);
    return e;
}

/* Which name, from the innermost scope outward. E_UNKNOWN with the nearest. */
static enum err find_name(struct reader *r, struct text word, struct piece *ret)
{
    const char *known[MUSTACHE_NAMES_MAX * (MUSTACHE_DEPTH_MAX + 1)], *near;
    size_t n = 0;
    unsigned up = 0;

    for (size_t level = r->depth + 1; level-- > 0;) {
        unsigned scope = 0;
        if (level > 0 && !r->open[level - 1].is_list)
            continue;
        if (level > 0)
            scope = r->open[level - 1].scope;
        const struct mustache_scope *s = &r->m->scopes[scope];
        for (size_t i = 0; i < s->count; i++) {
            if (text_same(word, text_of(s->name[i].name))) {
                ret->name = (unsigned)i;
                ret->up = up;
                ret->scope = scope;
                return E_OK;
            }
            known[n++] = s->name[i].name;
        }
        up++;
    }
    near = yaml_nearest(word, known, n);
    if (near)
        why_set(r->why, "%s:%u: there is no '%.*s' here; did you mean '%s'?", r->name, r->line, TEXT_ARG(word), near);
    else
        why_set(r->why, "%s:%u: there is no '%.*s' here; `rightswatch words --names` lists what there is", r->name, r->line, TEXT_ARG(word));
    return E_UNKNOWN;
}

static enum err wrong(struct reader *r, const char *sentence)
{
    why_set(r->why, "%s:%u: %s", r->name, r->line, sentence);
    return E_MALFORMED;
}

static enum err open_section(struct reader *r, char sigil, struct text word)
{
    struct piece piece = { .kind = sigil == '#' ? PIECE_SECTION : PIECE_INVERTED };
    enum err e = find_name(r, word, &piece);

    if (e)
        return e;
    if (r->depth == MUSTACHE_DEPTH_MAX)
        return wrong(r, "sections are nested deeper than 8");
    const struct mustache_name *name = &r->m->scopes[piece.scope].name[piece.name];
    r->open[r->depth++] = (struct open_section){ r->m->count, name->opens, name->kind == MUSTACHE_LIST && sigil == '#' };
    return add(r, piece);
}

static enum err close_section(struct reader *r, struct text word)
{
    struct piece *p;
    const char *name;

    if (!r->depth)
        return wrong(r, "a section ends here that did not begin");
    p = &r->m->piece[r->open[r->depth - 1].piece];
    name = r->m->scopes[p->scope].name[p->name].name;
    if (!text_same(word, text_of(name))) {
        why_set(r->why, "%s:%u: '%.*s' ends here, but it is '%s' of line %u that is open", r->name, r->line, TEXT_ARG(word), name, p->line);
        return E_MALFORMED;
    }
    p->end = r->m->count;
    r->depth--;
    return E_OK;
}

static enum err put_value(struct reader *r, struct text word)
{
    struct piece piece = { .kind = PIECE_VALUE };
    enum err e = find_name(r, word, &piece);

    if (e)
        return e;
    switch (r->m->scopes[piece.scope].name[piece.name].kind) {
    case MUSTACHE_TEXT:
        return add(r, piece);
    case MUSTACHE_FLAG:
        why_set(r->why, "%s:%u: '%.*s' is so or not so; write {{#%.*s}} ... {{/%.*s}}", r->name, r->line,
                TEXT_ARG(word), TEXT_ARG(word), TEXT_ARG(word));
        return E_MALFORMED;
    case MUSTACHE_LIST:
        break;
    }
    why_set(r->why, "%s:%u: '%.*s' is a list; write {{#%.*s}} ... {{/%.*s}}", r->name, r->line, TEXT_ARG(word), TEXT_ARG(word), TEXT_ARG(word));
    return E_MALFORMED;
}

static struct text trimmed(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\t'))
        p++;
    while (p < end && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    return (struct text){ p, (uint32_t)(end - p) };
}

static const char *find(const char *p, const char *end, const char *two)
{
    for (; end - p >= 2; p++)
        if (p[0] == two[0] && p[1] == two[1])
            return p;
    return NULL;
}

/* Alone on its line: where the line begins and where the next one does; false else. */
static bool stands_alone(const struct reader *r, const char **from, const char **to)
{
    const char *a = *from, *b = *to;

    while (a > r->m->source && (a[-1] == ' ' || a[-1] == '\t'))
        a--;
    while (b < r->end && (*b == ' ' || *b == '\t' || *b == '\r'))
        b++;
    if ((a > r->m->source && a[-1] != '\n') || (b < r->end && *b != '\n'))
        return false;
    *from = a;
    *to = b < r->end ? b + 1 : b;
    return true;
}

static enum err read_tag(struct reader *r, char sigil, struct text word)
{
    switch (sigil) {
    case '#': case '^':
        return open_section(r, sigil, word);
    case '/':
        return close_section(r, word);
    case '!':
        return E_OK;
    case '{': case '&':
        return wrong(r, "everything is escaped: there is no {{{ }}} and no {{& }}");
    case '>': case '=':
        return wrong(r, "there are no partials {{> }} and no other delimiters {{= }}");
    default:
        return put_value(r, word);
    }
}

static enum err read_all(struct reader *r)
{
    enum err e = E_OK;

    while (!e && r->p < r->end) {
        const char *tag = find(r->p, r->end, "{{"), *close, *from, *to;
        if (!tag) {
            e = add_literal(r, r->p, r->end);
            break;
        }
        close = find(tag + 2, r->end, "}}");
        if (!close) {
            r->line += lines_in(r->p, tag);
            return wrong(r, "{{ is not closed by }}");
        }
        struct text word = trimmed(tag + 2, close);
        char sigil = word.n && strchr("#^/!{&>=", word.p[0]) ? word.p[0] : 0;
        from = tag;
        to = close + 2;
        bool alone = sigil && strchr("#^/!", sigil) && stands_alone(r, &from, &to);
        if (from < r->p)
            from = r->p;
        if ((e = add_literal(r, r->p, from)))
            break;
        if (sigil)
            word = trimmed(word.p + 1, word.p + word.n);
        e = read_tag(r, sigil, word);
        r->line += lines_in(tag, alone ? to : close);
        r->p = to;
    }
    if (!e && r->depth) {
        struct piece *p = &r->m->piece[r->open[r->depth - 1].piece];
        why_set(r->why, "%s:%u: the section '%s' is not closed", r->name, p->line, r->m->scopes[p->scope].name[p->name].name);
        e = E_MALFORMED;
    }
    return e;
}

static bool is_utf8(struct text t)
{
    for (uint32_t i = 0, n; i < t.n; i += n)
        if (!(n = utf8_length(t.p + i, t.n - i)))
            return false;
    return true;
}

enum err mustache_open(const char *name, const char *p, size_t n, bool is_html, const struct mustache_scope *scopes,
                       struct mustache **ret, struct why *why)
{
    struct mustache *m;
    enum err e;

    if (n > MUSTACHE_BYTES_MAX) {
        why_set(why, "%s: larger than %d bytes", name, MUSTACHE_BYTES_MAX);
        return E_TOO_LARGE;
    }
    if (memchr(p, 0, n) || !is_utf8((struct text){ p, (uint32_t)n })) {
        why_set(why, "%s: not UTF-8, or a NUL in it", name);
        return E_MALFORMED;
    }
    if (!(m = calloc(1, sizeof *m)) || !(m->source = malloc(n + 1))) {
        free(m);
        return E_MEMORY;
    }
    memcpy(m->source, p, n);
    m->is_html = is_html;
    m->scopes = scopes;
    struct reader r = { .m = m, .name = name, .p = m->source, .end = m->source + n, .line = 1, .why = why };
    if ((e = read_all(&r))) {
        mustache_close(&m);
        return e;
    }
    *ret = m;
    return E_OK;
}

void mustache_close(struct mustache **m)
{
    if (!*m)
        return;
    free((*m)->source);
    free((*m)->piece);
    free(*m);
    *m = NULL;
}

/* ---- filling in -------------------------------------------------------------------------------- */

static struct text escaped(char c)
{
    switch (c) {
    case '&': return TEXT("&amp;");
    case '<': return TEXT("&lt;");
    case '>': return TEXT("&gt;");
    case '"': return TEXT("&quot;");
    case '\'': return TEXT("&#39;");
    default: return (struct text){ NULL, 0 };
    }
}

static void put_value_text(const struct mustache *m, struct text t, struct page *out)
{
    uint32_t from = 0, i = 0;

    if (!t.n)
        return;
    while (i < t.n) {
        unsigned length = utf8_length(t.p + i, t.n - i);
        struct text one = { t.p + i, length }, instead = { NULL, 0 };
        if (!length)
            instead = TEXT("\xEF\xBF\xBD");
        else if (length <= 2 && !utf8_is_printable(one))
            instead = TEXT(" ");
        else if (length == 1 && m->is_html)
            instead = escaped(t.p[i]);
        if (instead.n) {
            page_put(out, (struct text){ t.p + from, i - from });
            page_put(out, instead);
            from = i + (length ? length : 1);
        }
        i += length ? length : 1;
    }
    page_put(out, (struct text){ t.p + from, t.n - from });
}

struct filler {
    const struct mustache *m;
    const struct mustache_item *around[MUSTACHE_DEPTH_MAX + 1];     /* the items of the open lists, outermost first */
    size_t depth, steps;
    struct page *out;
};

/* Lists in lists of themselves that say nothing would go on and on without ever filling the page. */
enum { STEPS_MAX = 5000000 };

static enum err fill(struct filler *f, size_t from, size_t to)
{
    enum err e = E_OK;

    for (size_t i = from; i < to && !e; i++) {
        const struct piece *p = &f->m->piece[i];
        if (f->out->failed)
            return E_MEMORY;
        if (f->out->n > MUSTACHE_OUT_BYTES_MAX || ++f->steps > STEPS_MAX)
            return E_TOO_LARGE;
        if (p->kind == PIECE_LITERAL) {
            page_put(f->out, p->text);
            continue;
        }
        const struct mustache_value *v = &f->around[f->depth - p->up]->value[p->name];
        bool is_list = f->m->scopes[p->scope].name[p->name].kind == MUSTACHE_LIST, is_there = is_list ? v->count > 0 : v->text.n > 0;
        if (p->kind == PIECE_VALUE) {
            put_value_text(f->m, v->text, f->out);
            continue;
        }
        if (is_there == (p->kind == PIECE_SECTION)) {
            size_t times = is_list && p->kind == PIECE_SECTION ? v->count : 1;
            bool goes_in = is_list && p->kind == PIECE_SECTION;
            f->depth += goes_in;
            assert(f->depth <= MUSTACHE_DEPTH_MAX);
            for (size_t k = 0; k < times && !e; k++) {
                if (goes_in)
                    f->around[f->depth] = &v->item[k];
                e = ++f->steps > STEPS_MAX ? E_TOO_LARGE : fill(f, i + 1, p->end);
            }
            f->depth -= goes_in;
        }
        i = p->end - 1;
    }
    return e;
}

enum err mustache_fill(const struct mustache *m, const struct mustache_item *root, struct page *out)
{
    struct filler f = { .m = m, .around = { root }, .out = out };
    enum err e = fill(&f, 0, m->count);

    if (!e && out->failed)
        e = E_MEMORY;
    return e;
}
