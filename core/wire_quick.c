/* wire_quick.c: items in the form that every encoder writes, read in one walk that keeps pointers into the bytes.
 *
 * protobuf-c scans a message, allocates, copies each string and terminates it: three quarters of what an event cost to
 * fold. The walk takes only what it is sure of: known fields, each once, of the type they are said to have, and an event that
 * passes event_check. Of anything else (unknown fields, a body twice, a NUL) it says nothing, and protobuf-c decides: so
 * what is refused, and with which words, hangs on one decoder alone. */
#include "core/wire_door.h"

enum { VARINT = 0, LENGTH = 2, BODY_FIRST = 10 };
enum { ITEM_EVENT_TAG = 1 << 3 | LENGTH, ITEM_TICK_TAG = 2 << 3 | LENGTH, ITEM_COMPLETE_TAG = 3 << 3 | LENGTH };

struct walk { const uint8_t *p, *end; };

static bool varint(struct walk *w, uint64_t *ret)
{
    uint64_t v = 0;

    for (unsigned shift = 0; shift < 64 && w->p < w->end; shift += 7) {
        uint8_t byte = *w->p++;
        if (shift == 63 && byte > 1)
            return false;
        v |= (uint64_t)(byte & 127) << shift;
        if (byte < 128)
            return *ret = v, true;
    }
    return false;
}

static bool text(struct walk *w, struct text *ret)
{
    uint64_t n;

    if (!varint(w, &n) || n > (uint64_t)(w->end - w->p))
        return false;
    *ret = (struct text){ n ? (const char *)w->p : NULL, (uint32_t)n };
    w->p += n;
    return true;
}

static bool body_field(struct walk *w, const struct wire_field *f, unsigned type, struct event *e)
{
    void *to = (char *)e + f->event_offset;
    uint64_t v;
    struct text t;

    if (type == LENGTH && f->type == FIELD_TEXT) {
        if (!text(w, &t))
            return false;
        *(struct text *)to = t;
        e->present |= (uint64_t)(t.n != 0) << f->f;     /* an empty text is one that was not said */
        return true;
    }
    if (type == LENGTH && f->type == FIELD_WORDS) {
        struct words *words = to;
        words->n = event_has(e, f->f) ? words->n : 0;
        e->present |= UINT64_C(1) << f->f;
        return words->n < WORDS_MAX && text(w, &words->word[words->n++]);
    }
    if (type != VARINT || !varint(w, &v))
        return false;
    e->present |= UINT64_C(1) << f->f;
    if (f->type == FIELD_TIME)
        ((struct instant *)to)->s = (int64_t)v;
    else if (f->type == FIELD_NUMBER && v <= UINT32_MAX)
        *(uint32_t *)to = (uint32_t)v;
    else if (f->type == FIELD_FLAG && v <= 1)
        *(bool *)to = v != 0;
    else
        return false;
    return true;
}

static bool body(struct walk w, enum event_type type, struct event *e)
{
    unsigned default_kind;
    const struct wire_field *fields = wire_fields(type, &default_kind);
    uint64_t seen = 0, tag, v;

    e->type = type;
    e->kind = (kind_t)default_kind;
    while (w.p < w.end) {
        if (!varint(&w, &tag) || tag >> 3 >= WIRE_FIELDS)
            return false;
        const struct wire_field *f = &fields[tag >> 3];
        if (seen >> (tag >> 3) & 1 && f->what != WIRE_WORDS)
            return false;
        seen |= UINT64_C(1) << (tag >> 3);
        if (f->what == WIRE_KIND) {
            if ((tag & 7) != VARINT || !varint(&w, &v) || v >= KIND_COUNT)
                return false;
            e->kind = (kind_t)v;
        } else if (f->what == WIRE_NOTHING || !body_field(&w, f, tag & 7, e)) {
            return false;
        }
    }
    return e->kind != KIND_NONE;
}

static bool event(struct walk w, struct event *e)
{
    const uint64_t needed = 1 << 1 | 1 << 2 | 1 << 4 | 1 << 6;          /* event_id, source, crime_ref, occurred_at */
    uint64_t seen = 0, tag, v;
    struct text t;

    e->seq = 0;
    e->recorded_at = INSTANT_NONE;
    e->victim_ref = e->recorded_by = e->supersedes = (struct text){ NULL, 0 };
    e->type = EVENT_TYPES;
    e->present = 0;
    while (w.p < w.end) {
        tag = *w.p++;                                                   /* fields 1 to 15: one byte */
        if (tag > 127 || seen >> (tag >> 3) & 1)
            return false;
        seen |= UINT64_C(1) << (tag >> 3);
        if ((tag & 7) == LENGTH ? !text(&w, &t) : (tag & 7) == VARINT ? !varint(&w, &v) : true)
            return false;
        switch (tag) {
        case 1 << 3 | LENGTH: e->event_id = t; break;
        case 2 << 3 | LENGTH: e->source = t; break;
        case 3 << 3 | VARINT: e->seq = v; break;
        case 4 << 3 | LENGTH: e->crime_ref = t; break;
        case 5 << 3 | LENGTH: e->victim_ref = t; break;
        case 6 << 3 | VARINT: e->occurred_at.s = (int64_t)v; break;
        case 7 << 3 | VARINT: e->recorded_at.s = (int64_t)v; break;
        case 8 << 3 | LENGTH: e->recorded_by = t; break;
        case 9 << 3 | LENGTH: e->supersedes = t; break;
        default:
            if ((tag & 7) != LENGTH || tag >> 3 < BODY_FIRST || e->type != EVENT_TYPES ||
                !body((struct walk){ (const uint8_t *)t.p, (const uint8_t *)t.p + t.n }, (enum event_type)((tag >> 3) - BODY_FIRST), e))
                return false;
        }
    }
    return (seen & needed) == needed && e->type != EVENT_TYPES;
}

static bool tick(struct walk w, struct item *item)
{
    uint64_t v;

    if (w.p == w.end || *w.p++ != (1 << 3 | VARINT) || !varint(&w, &v) || w.p != w.end)
        return false;
    item->at.s = (int64_t)v;
    return true;
}

static bool complete(struct walk w, struct item *item)
{
    if (w.p == w.end || *w.p++ != (1 << 3 | LENGTH) || !text(&w, &item->source) || w.p == w.end || *w.p++ != (2 << 3 | VARINT))
        return false;
    uint64_t v;
    if (!varint(&w, &v) || w.p != w.end)
        return false;
    item->at.s = (int64_t)v;
    return true;
}

bool wire_item_quick(const uint8_t *p, size_t n, struct item *ret)
{
    struct walk w = { p, p + n };
    uint64_t tag, size;
    struct why why;

    if (n > ITEM_BYTES_MAX || !varint(&w, &tag) || !varint(&w, &size) || size != (uint64_t)(w.end - w.p))
        return false;
    switch (tag) {
    case ITEM_EVENT_TAG: ret->what = event(w, &ret->event) ? ITEM_EVENT : ITEM_NONE; break;
    case ITEM_TICK_TAG: ret->what = tick(w, ret) ? ITEM_TICK : ITEM_NONE; break;
    case ITEM_COMPLETE_TAG: ret->what = complete(w, ret) ? ITEM_COMPLETE : ITEM_NONE; break;
    default: ret->what = ITEM_NONE;
    }
    return ret->what != ITEM_NONE && item_check(ret, &why) == E_OK;
}
