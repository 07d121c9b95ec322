/* wire_quick.c: items in the form that every encoder writes, read in one walk that keeps pointers into the bytes.
 *
 * protobuf-c scans a message, allocates, copies each string and terminates it: three quarters of what an event cost to
 * fold. The walk takes only what it is sure of: known fields in the order of their numbers, each once, of the type they are
 * said to have, and an event that passes event_check. Of anything else (unknown fields, another order, a body twice, a NUL) it says
 * nothing, and protobuf-c decides: so what is refused, and with which words, hangs on one decoder alone. */
#include "core/wire_door.h"

enum { VARINT = 0, LENGTH = 2, BODY_FIRST = 10 };
#define TAG(number, type) ((number) << 3 | (type))

struct walk { const uint8_t *p, *end; };

static bool long_varint(struct walk *w, uint64_t *ret)
{
    uint64_t v = 0, byte;

    for (unsigned shift = 0; shift < 63 && w->p < w->end; shift += 7) {
        byte = *w->p++;
        v |= (byte & 127) << shift;
        if (byte < 128)
            return *ret = v, true;
    }
    if (w->p == w->end || (byte = *w->p++) > 1)         /* the tenth byte holds the last bit */
        return false;
    return *ret = v | byte << 63, true;
}

static inline bool varint(struct walk *w, uint64_t *ret)
{
    if (w->p == w->end || *w->p > 127)
        return long_varint(w, ret);
    *ret = *w->p++;
    return true;
}

static inline bool text(struct walk *w, struct text *ret)
{
    uint64_t n;

    if (!varint(w, &n) || n > (uint64_t)(w->end - w->p))
        return false;
    *ret = (struct text){ (const char *)w->p, (uint32_t)n };
    w->p += n;
    return true;
}

/* Is this the next field? Its tag is one byte. */
static inline bool next_is(struct walk *w, unsigned tag)
{
    if (w->p == w->end || *w->p != tag)
        return false;
    w->p++;
    return true;
}

static inline bool has_text(struct walk *w, unsigned number, struct text *ret)
{
    return next_is(w, TAG(number, LENGTH)) && text(w, ret);
}

static inline bool may_have_text(struct walk *w, unsigned number, struct text *ret)
{
    *ret = (struct text){ NULL, 0 };
    return !next_is(w, TAG(number, LENGTH)) || text(w, ret);
}

static inline bool has_time(struct walk *w, unsigned number, struct instant *ret)
{
    uint64_t v;

    if (!next_is(w, TAG(number, VARINT)) || !varint(w, &v))
        return false;
    ret->s = (int64_t)v;
    return true;
}

static inline bool may_have_time(struct walk *w, unsigned number, struct instant *ret)
{
    *ret = INSTANT_NONE;
    return (w->p == w->end || *w->p != TAG(number, VARINT)) || has_time(w, number, ret);
}

static bool body(struct walk w, enum event_type type, struct event *e)
{
    unsigned default_kind, number, before = 0;
    const struct wire_field *fields = wire_fields(type, &default_kind);
    uint64_t kind = default_kind, present = 0, tag, v;

    for (; w.p < w.end; before = number) {
        if (!varint(&w, &tag) || tag >= TAG(WIRE_FIELDS, 0))
            return false;
        number = (unsigned)tag >> 3;
        const struct wire_field *f = &fields[number];
        const uint64_t bit = UINT64_C(1) << f->f;
        void *to = (char *)e + f->event_offset;
        if (number <= before && (number < before || f->what != WIRE_WORDS))
            return false;
        if ((tag & 7) == LENGTH) {
            struct text t;
            if (!text(&w, &t))
                return false;
            if (f->what == WIRE_TEXT) {
                *(struct text *)to = t;
                present |= t.n ? bit : 0;               /* an empty text is one that was not said */
            } else if (f->what == WIRE_WORDS) {
                struct words *words = to;
                words->n = present & bit ? words->n : 0;
                if (words->n == WORDS_MAX)
                    return false;
                words->word[words->n++] = t;
                present |= bit;
            } else {
                return false;
            }
            continue;
        }
        if ((tag & 7) != VARINT || !varint(&w, &v))
            return false;
        present |= f->what == WIRE_KIND ? 0 : bit;
        if (f->what == WIRE_KIND)
            kind = v;
        else if (f->what == WIRE_TIME)
            ((struct instant *)to)->s = (int64_t)v;
        else if (f->what == WIRE_NUMBER && v <= UINT32_MAX)
            *(uint32_t *)to = (uint32_t)v;
        else if (f->what == WIRE_FLAG && v <= 1)
            *(bool *)to = v != 0;
        else
            return false;
    }
    e->type = type;
    e->kind = (kind_t)kind;
    e->present = present;
    return kind != KIND_NONE && kind < KIND_COUNT;
}

/* CaseEvent, field by field as case_event.proto has them. */
static bool event(struct walk w, struct event *e)
{
    struct text t;

    e->seq = 0;
    if (!has_text(&w, 1, &e->event_id) || !has_text(&w, 2, &e->source) || (next_is(&w, TAG(3, VARINT)) && !varint(&w, &e->seq)) ||
        !has_text(&w, 4, &e->crime_ref) || !may_have_text(&w, 5, &e->victim_ref) || !has_time(&w, 6, &e->occurred_at) ||
        !may_have_time(&w, 7, &e->recorded_at) || !may_have_text(&w, 8, &e->recorded_by) || !may_have_text(&w, 9, &e->supersedes) ||
        w.p == w.end)
        return false;
    unsigned tag = *w.p++;
    return tag >= TAG(BODY_FIRST, LENGTH) && tag <= TAG(BODY_FIRST + EVENT_TYPES - 1, LENGTH) && (tag & 7) == LENGTH && text(&w, &t) && w.p == w.end &&
           body((struct walk){ (const uint8_t *)t.p, (const uint8_t *)t.p + t.n }, (enum event_type)((tag >> 3) - BODY_FIRST), e);
}

bool wire_item_quick(const uint8_t *p, size_t n, struct item *ret)
{
    struct walk w = { p, p + n };
    uint64_t tag, size;

    if (n > ITEM_BYTES_MAX || !varint(&w, &tag) || !varint(&w, &size) || size != (uint64_t)(w.end - w.p))
        return false;
    switch (tag) {
    case TAG(1, LENGTH):
        ret->what = ITEM_EVENT;
        return event(w, &ret->event) && event_check(&ret->event, NULL) == E_OK;
    case TAG(2, LENGTH):
        ret->what = ITEM_TICK;
        return has_time(&w, 1, &ret->at) && w.p == w.end && item_check(ret, NULL) == E_OK;
    case TAG(3, LENGTH):
        ret->what = ITEM_COMPLETE;
        return has_text(&w, 1, &ret->source) && has_time(&w, 2, &ret->at) && w.p == w.end && item_check(ret, NULL) == E_OK;
    }
    return false;
}
