/* wire_quick.c: items in the form that every encoder writes, read in one walk that keeps pointers into the bytes.
 *
 * protobuf-c scans a message, allocates, copies each string and terminates it: three quarters of what an event cost to
 * fold. The walk takes only what it is sure of: known fields in the order of their numbers, each once, of the type they are
 * said to have and within their limits, as event_check has them. Of anything else (unknown fields, another order, a body twice, a NUL)
 * it says nothing, and protobuf-c decides: so what is refused, and with which words, hangs on one decoder alone. */
#include "core/wire_door.h"
#include "core/utf8.h"

enum { VARINT = 0, LENGTH = 2, BODY_FIRST = 10 };
#define TAG(number, type) ((number) << 3 | (type))

/* Every step is inlined, so that the walk stays in registers. */
#define STEP static inline __attribute__((always_inline))

/* Where so many bytes behind an item may be read, no step from within it goes beyond them: the bytes left need not be counted, and
 * whether the walk came out at the end of the item, not behind it, is asked once, at the end. */
enum { ROOM = 1024, VARINT_MAX = 10, HEAD_MAX = 2 * EVENT_ID_BYTES_MAX + 4 * REF_BYTES_MAX + (BODY_FIRST + 2) * 2 * VARINT_MAX,
       FIELD_MAX = 2 * VARINT_MAX + TEXT_BYTES_MAX };
_Static_assert(HEAD_MAX + UTF8_BLOCK <= ROOM && FIELD_MAX + UTF8_BLOCK <= ROOM, "what may lie behind the end: all of a head, or a field of the body");

struct walk {
    const uint8_t *p, *end;
    bool is_roomy;                      /* so many bytes may be read behind the end */
    bool is_odd;                        /* not all texts so far are plain; the same in `odd`, of those that are looked at in blocks */
    utf8_block odd;
};

STEP bool has_left(const struct walk *w, size_t n) { return w->is_roomy || n <= (size_t)(w->end - w->p); }

struct number { uint64_t v; const uint8_t *end; };     /* end NULL: there is none */

static struct number long_varint(const uint8_t *p, const uint8_t *end)
{
    uint64_t v = 0, byte;

    for (unsigned shift = 0; shift < 63 && p < end; shift += 7) {
        byte = *p++;
        v |= (byte & 127) << shift;
        if (byte < 128)
            return (struct number){ v, p };
    }
    if (p >= end || (byte = *p++) > 1)                  /* the tenth byte holds the last bit */
        return (struct number){ 0, NULL };
    return (struct number){ v | byte << 63, p };
}

STEP bool varint(struct walk *w, uint64_t *ret)
{
    const uint8_t *p = w->p;

    if (has_left(w, 1) && p[0] < 128)
        return *ret = p[0], w->p += 1, true;
    if (has_left(w, 2) && p[1] < 128)
        return *ret = (p[0] & 127u) | (uint64_t)p[1] << 7, w->p += 2, true;
    if (has_left(w, 3) && p[2] < 128)
        return *ret = (p[0] & 127u) | (p[1] & 127u) << 7 | (uint64_t)p[2] << 14, w->p += 3, true;
    struct number n = long_varint(p, w->end);
    *ret = n.v;
    w->p = n.end ? n.end : p;
    return n.end != NULL;
}

/* The next n bytes as a text. Whether it is plain is said of all texts at once, at the end: see is_plain. */
STEP bool text(struct walk *w, uint64_t n, uint32_t most, struct text *ret)
{
    if (n > most || !has_left(w, n))
        return false;
    *ret = (struct text){ (const char *)w->p, (uint32_t)n };
    if (w->is_roomy && n <= UTF8_BLOCK)
        utf8_gather(*ret, &w->odd);
    else
        w->is_odd |= !utf8_is_plain(*ret);
    w->p += n;
    return true;
}

STEP bool is_plain(const struct walk *w) { return !w->is_odd && utf8_is_none(&w->odd); }

/* From 1978 to 2105 a time takes five bytes. Of the first four, seven bits each are pushed together by twos, then all. */
STEP bool seconds(struct walk *w, struct instant *ret)
{
    uint64_t v;
    uint32_t low = 0;

    if (has_left(w, 5))
        memcpy(&low, w->p, 4);
    if ((low & 0x80808080) == 0x80808080 && w->p[4] < 128) {
        low = (low & 0x007F007F) | (low & 0x7F007F00) >> 1;
        low = (low & 0x00003FFF) | (low & 0x3FFF0000) >> 2;
        v = low | (uint64_t)w->p[4] << 28;
        w->p += 5;
    } else if (!varint(w, &v)) {
        return false;
    }
    ret->s = (int64_t)v;
    return instant_in_range(*ret);
}

/* Is this the next field? Its tag is one byte. */
STEP bool next_is(struct walk *w, unsigned tag)
{
    if (!has_left(w, 1) || *w->p != tag)
        return false;
    w->p++;
    return true;
}

/* A name: its length is one byte. */
STEP bool name(struct walk *w, uint32_t most, struct text *ret)
{
    return has_left(w, 1) && *w->p < 128 && text(w, *w->p++, most, ret);
}

STEP bool has_name(struct walk *w, unsigned number, uint32_t most, struct text *ret)
{
    return next_is(w, TAG(number, LENGTH)) && name(w, most, ret) && ret->n;
}

STEP bool may_have_name(struct walk *w, unsigned number, uint32_t most, struct text *ret)
{
    *ret = (struct text){ NULL, 0 };
    return !next_is(w, TAG(number, LENGTH)) || name(w, most, ret);
}

STEP bool has_seconds(struct walk *w, unsigned number, struct instant *ret)
{
    return next_is(w, TAG(number, VARINT)) && seconds(w, ret);
}

STEP bool may_have_seconds(struct walk *w, unsigned number, struct instant *ret)
{
    *ret = INSTANT_NONE;
    return !next_is(w, TAG(number, VARINT)) || seconds(w, ret);
}

/* A field of the body, its tag read; *present: what was said of the fields before it. */
STEP bool field_of_length(struct walk *w, const struct wire_field *f, void *to, uint64_t *present)
{
    const uint64_t bit = UINT64_C(1) << f->f;
    struct text t;
    uint64_t n;

    if ((f->what != WIRE_TEXT && f->what != WIRE_WORDS) || !varint(w, &n) || !text(w, n, f->most, &t))
        return false;
    if (f->what == WIRE_TEXT) {
        *(struct text *)to = t;
        *present |= (uint64_t)(t.n != 0) << f->f;       /* an empty text is one that was not said */
        return true;
    }
    if (!t.n)
        return false;
    struct words *words = to;
    if (!(*present & bit))
        words->n = 0;
    else if (words->n == WORDS_MAX)
        return false;
    words->word[words->n++] = t;
    *present |= bit;
    return true;
}

STEP bool field_of_number(struct walk *w, const struct wire_field *f, void *to, uint64_t *kind, uint64_t *present)
{
    const uint64_t bit = UINT64_C(1) << f->f;
    uint64_t v;

    if (f->what == WIRE_KIND)
        return varint(w, kind);
    *present |= bit;
    if (f->what == WIRE_TIME)
        return seconds(w, to);
    if (!varint(w, &v) || v > f->most)
        return false;
    if (f->what == WIRE_NUMBER)
        *(uint32_t *)to = (uint32_t)v;
    else if (f->what == WIRE_FLAG)
        *(bool *)to = v != 0;
    else
        return false;
    return true;
}

STEP bool body(struct walk *w, enum event_type type, struct event *e)
{
    unsigned default_kind, number, before = 0;
    const struct wire_field *fields = wire_fields(type, &default_kind);
    uint64_t kind = default_kind, present = 0, tag;

    for (; w->p < w->end; before = number) {
        if (!varint(w, &tag) || tag >= TAG(WIRE_FIELDS, 0))
            return false;
        number = (unsigned)tag >> 3;
        const struct wire_field *f = &fields[number];
        void *to = (char *)e + f->event_offset;
        if (number <= before && (number < before || f->what != WIRE_WORDS))
            return false;
        if ((tag & 7) == LENGTH ? !field_of_length(w, f, to, &present) : (tag & 7) != VARINT || !field_of_number(w, f, to, &kind, &present))
            return false;
    }
    e->type = type;
    e->kind = (kind_t)kind;
    e->present = present;
    return kind < KIND_COUNT && w->p == w->end;
}

/* CaseEvent, field by field as case_event.proto has them; the body is the last. */
STEP bool event(struct walk *w, struct event *e)
{
    uint64_t n;

    e->seq = 0;
    if (!has_name(w, 1, EVENT_ID_BYTES_MAX, &e->event_id) || !has_name(w, 2, REF_BYTES_MAX, &e->source) ||
        (next_is(w, TAG(3, VARINT)) && !varint(w, &e->seq)) ||
        !has_name(w, 4, REF_BYTES_MAX, &e->crime_ref) || !may_have_name(w, 5, REF_BYTES_MAX, &e->victim_ref) ||
        !has_seconds(w, 6, &e->occurred_at) || !may_have_seconds(w, 7, &e->recorded_at) ||
        !may_have_name(w, 8, REF_BYTES_MAX, &e->recorded_by) || !may_have_name(w, 9, EVENT_ID_BYTES_MAX, &e->supersedes) || w->p == w->end)
        return false;
    unsigned tag = *w->p++;
    return tag >= TAG(BODY_FIRST, LENGTH) && tag <= TAG(BODY_FIRST + EVENT_TYPES - 1, LENGTH) && (tag & 7) == LENGTH &&
           varint(w, &n) && n == (uint64_t)(w->end - w->p) && body(w, (enum event_type)((tag >> 3) - BODY_FIRST), e);
}

STEP bool item(const uint8_t *p, size_t n, bool is_roomy, struct item *ret)
{
    struct walk w = { .p = p, .end = p + n, .is_roomy = is_roomy };
    uint64_t tag, size;

    if (!varint(&w, &tag) || !varint(&w, &size) || size != (uint64_t)(w.end - w.p))
        return false;
    switch (tag) {
    case TAG(1, LENGTH):
        ret->what = ITEM_EVENT;
        return event(&w, &ret->event) && (is_plain(&w) ? event_check_whole(&ret->event, NULL) : event_check(&ret->event, NULL)) == E_OK;
    case TAG(2, LENGTH):
        ret->what = ITEM_TICK;
        return has_seconds(&w, 1, &ret->at) && w.p == w.end;
    case TAG(3, LENGTH):
        ret->what = ITEM_COMPLETE;
        return has_name(&w, 1, REF_BYTES_MAX, &ret->source) && has_seconds(&w, 2, &ret->at) && w.p == w.end &&
               (is_plain(&w) || item_check(ret, NULL) == E_OK);
    }
    return false;
}

bool wire_item_quick(const uint8_t *p, size_t n, size_t room, struct item *ret)
{
    if (n > ITEM_BYTES_MAX || n == 0)
        return false;
    return room - n >= ROOM ? item(p, n, true, ret) : item(p, n, false, ret);
}
