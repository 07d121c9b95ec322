#include "processors/admit.h"

static bool speaks_for(const struct link_limits *l, struct text source)
{
    for (unsigned i = 0; i < l->sources; i++)
        if (text_same(source, text_of(l->source[i])))
            return true;
    return false;
}

const char *admit_not(struct wire *w, const struct link_limits *l, struct bytes items)
{
    struct item item;
    struct bytes bytes;
    struct why why;
    size_t at = 0;

    while (wire_next(items.p, items.n, &at, &bytes) == E_OK) {
        if (wire_item_decode(w, bytes.p, bytes.n, &item, &why))
            continue;
        switch (item.what) {
        case ITEM_NONE: case ITEM_MAPPING:
            break;
        case ITEM_TICK:
            if (!l->ticks)
                return "no-ticks";
            break;
        case ITEM_LAW: case ITEM_BLANK:
            return "no-laws";
        case ITEM_EVENT:
            if (!speaks_for(l, item.event.source))
                return "another-source";
            break;
        case ITEM_REJECT:
            if (text_same(item.source, TEXT("unknown")))        /* as readers say it of a row that does not */
                break;
            /* fall through */
        case ITEM_COMPLETE: case ITEM_DECLARATION:
            if (!speaks_for(l, item.source))
                return "another-source";
            break;
        }
    }
    return NULL;
}
