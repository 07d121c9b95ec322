/* declared.c: what sources can say at all, by their own word: a record like any other that conclusions are drawn by. */
#include "processors/fold.h"
#include "core/hash.h"

static struct declaration *find(struct track *t, struct text source)
{
    for (uint32_t i = 0; i < t->declarations; i++)
        if (text_same(text_of(t->declared[i].source), source))
            return &t->declared[i];
    return NULL;
}

static bool replaces(const struct declaration *was, const struct declaration *is)
{
    if (!instant_same(was->at, is->at))
        return instant_before(was->at, is->at);
    return was->check < is->check;
}

enum err declared_fold(struct track *t, const struct item *item, struct bytes bytes)
{
    struct declaration fresh = { .number = t->position, .at = item->at, .check = hash_check(bytes.p, bytes.n) };
    struct declaration *was = find(t, item->source);

    if (was && !replaces(was, &fresh))
        return E_OK;
    if (!was && t->declarations == SOURCES_MAX)
        return E_FULL;
    memcpy(fresh.source, item->source.p, item->source.n);
    *(was ? was : &t->declared[t->declarations++]) = fresh;
    if (!t->law)
        return E_OK;                        /* it is told to the first law that comes */
    law_declare(t->law, item->source, item->kinds);
    return fold_all_anew(t);
}

enum err declared_tell(struct track *t, struct law *law)
{
    struct bytes bytes;
    struct item item;
    struct why why;
    enum err e;

    for (uint32_t i = 0; i < t->declarations; i++) {
        if ((e = journal_reader_item(t->lookup, t->declared[i].number, &bytes)) ||
            (e = wire_item_decode(t->lookup_wire, bytes.p, bytes.n, &item, &why)))
            return e;
        if (item.what == ITEM_DECLARATION)  /* else it was erased: then it says nothing */
            law_declare(law, item.source, item.kinds);
    }
    return E_OK;
}
