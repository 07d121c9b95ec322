/* fold_law.c: a new law: every fact whose meaning hangs on it is read again, every journey judged again. */
#include "processors/fold.h"

enum err fold_read_law(struct track *t, uint64_t number, struct law **ret, struct why *why)
{
    struct bytes bytes;
    struct item item;
    enum err e;

    if ((e = journal_reader_item(t->lookup, number, &bytes)))
        return e;
    if ((e = wire_item_decode(t->lookup_wire, bytes.p, bytes.n, &item, why)))
        return e;
    if (item.what != ITEM_LAW)
        return E_CORRUPT;
    return law_open(item.law, ret, why);
}

/* A fact whose meaning hangs on the rule book (a local kind, a waiver) is read again
 * from its record under the new one. */
static enum err reread(struct track *t, struct facts *facts, const struct law *law)
{
    const kind_t preference = kind_by_name(EVENT_UPDATE, TEXT("preference-set"));

    for (uint32_t at = 0, next; at < facts->n; at = next) {
        struct fact fact, fresh;
        struct bytes bytes;
        struct item item;
        struct why why;
        enum err e;

        next = facts_read(facts, at, &fact);
        if (fact.kind < KIND_LOCAL_FIRST && fact.kind != KIND_LOCAL && fact.kind != preference)
            continue;
        if ((e = journal_reader_item(t->lookup, fact.number, &bytes)) ||
            (e = wire_item_decode(t->lookup_wire, bytes.p, bytes.n, &item, &why)))
            return e;
        fact_from_event(law, &item.event, fact.number, fact.check, &fresh);
        if ((e = facts_replace(facts, journeys_pool(t->journeys), at, &fresh)))
            return e;
        next = facts_read(facts, at, &fact);
    }
    return E_OK;
}

enum err fold_law(struct track *t, const struct item *item)
{
    struct law *fresh = NULL;
    struct why why = { "" };
    enum err e = t->keeps_law ? E_OK : law_open(item->law, &fresh, &why);

    if (t->keeps_law)
        return E_OK;
    if (e)
        return err_action(e) == ERR_REJECT ? fold_quarantine(t, why.text) : e;
    e = declared_tell(t, fresh);
    for (uint32_t slot = 0; !e && slot < crimes_count(t->journeys); slot++) {
        struct crime *c = crime_at(t->journeys, slot);
        if (crime_folded_to(t->journeys, slot) < t->position && !(e = reread(t, &c->facts, fresh)))
            e = mark_crime(t, slot);
    }
    for (uint32_t slot = 0; !e && slot < journeys_count(t->journeys); slot++) {
        struct journey *v = journey_at(t->journeys, slot);
        if (journey_folded_to(t->journeys, slot) >= t->position)
            continue;
        if (t->law && (e = tell_law_changes(t, slot, fresh)))
            break;
        e = reread(t, &v->facts, fresh);
    }
    if (e) {
        law_close(&fresh);
        return e;
    }
    law_close(&t->law);
    t->law = fresh;
    t->law_number = t->position;
    return fold_all_anew(t);
}
