#include "processors/freshness.h"

/* Names hold no NUL: they were checked. */
static bool is_source(const struct source *s, struct text name)
{
    return name.n < sizeof s->name && !s->name[name.n] && text_same((struct text){ s->name, name.n }, name);
}

static enum err find(struct freshness *f, struct text name, struct source **ret)
{
    if (f->count && is_source(&f->source[f->last], name))
        return *ret = &f->source[f->last], E_OK;
    for (f->last = 0; f->last < f->count; f->last++)
        if (is_source(&f->source[f->last], name))
            return *ret = &f->source[f->last], E_OK;
    f->last = 0;
    if (f->count == SOURCES_MAX)
        return E_FULL;
    if (name.n > REF_BYTES_MAX)
        return E_TOO_LARGE;
    f->last = f->count++;
    *ret = &f->source[f->last];
    **ret = (struct source){ .complete_to = INSTANT_NONE };
    memcpy((*ret)->name, name.p, name.n);
    return E_OK;
}

enum err freshness_seen(struct freshness *f, struct text source)
{
    struct source *s;
    enum err e = find(f, source, &s);

    if (!e)
        s->events++;
    return e;
}

enum err freshness_complete(struct freshness *f, struct text source, struct instant to)
{
    struct source *s;
    enum err e = find(f, source, &s);

    if (!e)
        s->complete_to = instant_max(s->complete_to, to);
    return e;
}

void freshness_tick(struct freshness *f, struct instant at)
{
    f->tick = instant_max(f->tick, at);
}

static struct instant complete_to(const struct freshness *f, const char *name)
{
    for (uint32_t i = 0; i < f->count; i++)
        if (is_source(&f->source[i], text_of(name)))
            return f->source[i].complete_to;
    return INSTANT_NONE;
}

struct instant freshness_frontier(const struct freshness *f, const char *const *expected, size_t count, uint64_t wanted)
{
    struct instant least = f->tick, to;
    bool declared = false;

    for (size_t i = 0; wanted && i < count; i++) {
        if (!(wanted >> i & 1))
            continue;
        if (!instant_is_set(to = complete_to(f, expected[i])))
            return INSTANT_NONE;
        least = instant_min(least, to);
    }
    for (uint32_t i = 0; !wanted && i < f->count; i++)
        if (instant_is_set(f->source[i].complete_to)) {
            least = instant_min(least, f->source[i].complete_to);
            declared = true;
        }
    return wanted || declared ? least : INSTANT_NONE;
}
