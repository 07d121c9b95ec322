#include "core/wire_door.h"

#include "proto/case_event.pb-c.h"

#include <assert.h>
#include <stdlib.h>

/* ---- memory --------------------------------------------------------------- */

enum { ARENA_BYTES = 128 * 1024, ARENA_LARGE_BYTES = 4 * LAW_ITEM_BYTES_MAX };

void *wire_take(struct arena *a, size_t n)
{
    size_t rounded = (n + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);

    if (rounded < n || rounded > a->cap - a->used) {
        a->full = true;
        return NULL;
    }
    void *p = a->p + a->used;
    a->used += rounded;
    return p;
}

void wire_empty(struct arena *a)
{
    a->used = 0;
    a->full = false;
}

static void *take(void *arena, size_t n) { return wire_take(arena, n); }

static void give_back(void *arena, void *p)
{
    (void)arena;
    (void)p;                /* all of it goes at once: see wire_empty */
}

/* ---- an embedded NUL -------------------------------------------------------
 * protobuf-c gives strings without a length, so "V1\0x" would read as "V1": two
 * victims taken for one. Most items hold no zero byte at all, which one memchr
 * tells; in the others (a false flag has one) the strings are looked at one by one.
 * The bytes have been unpacked before: the framing is sound. */

static uint64_t read_varint(const uint8_t **p)
{
    uint64_t v = 0;

    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint8_t byte = *(*p)++;
        v |= (uint64_t)(byte & 0x7F) << shift;
        if (!(byte & 0x80))
            break;
    }
    return v;
}

static bool string_has_nul(const ProtobufCMessageDescriptor *d, const uint8_t *p, size_t n)
{
    const uint8_t *end = p + n;

    while (p < end) {
        uint64_t tag = read_varint(&p), size = 0;
        switch (tag & 7) {
        case 0: read_varint(&p); break;
        case 1: size = 8; break;
        case 2: size = read_varint(&p); break;
        case 5: size = 4; break;
        default: return true;                               /* groups: protobuf-c refuses them */
        }
        if (p > end || size > (size_t)(end - p))
            return true;
        const ProtobufCFieldDescriptor *f =
            (tag & 7) == 2 ? protobuf_c_message_descriptor_get_field(d, (unsigned)(tag >> 3)) : NULL;
        if (f && f->type == PROTOBUF_C_TYPE_STRING && memchr(p, 0, size))
            return true;
        if (f && f->type == PROTOBUF_C_TYPE_MESSAGE && string_has_nul(f->descriptor, p, size))
            return true;
        p += size;
    }
    return false;
}

static bool has_nul(const ProtobufCMessageDescriptor *d, const uint8_t *p, size_t n)
{
    return n && memchr(p, 0, n) && string_has_nul(d, p, n);
}

enum err wire_unpack(const ProtobufCMessageDescriptor *d, struct arena *a, const uint8_t *p, size_t n,
                     ProtobufCMessage **ret)
{
    ProtobufCAllocator from = { take, give_back, a };

    wire_empty(a);
    ProtobufCMessage *m = protobuf_c_message_unpack(d, &from, n, p);
    if (!m)
        return a->full ? E_TOO_LARGE : E_MALFORMED;
    if (has_nul(d, p, n))
        return E_MALFORMED;
    *ret = m;
    return E_OK;
}

/* ---- small pieces of both directions ---------------------------------------- */

/* A terminated copy. NULL and *bad: it holds a NUL, or the arena is full. */
char *wire_copy(struct arena *a, struct text t, bool *bad)
{
    char *p = t.n && memchr(t.p, 0, t.n) ? NULL : wire_take(a, (size_t)t.n + 1);

    if (!p) {
        *bad = true;
        return NULL;
    }
    if (t.n)
        memcpy(p, t.p, t.n);
    p[t.n] = '\0';
    return p;
}

/* The same for a text that need not be said. */
char *wire_copy_said(struct arena *a, struct text t, bool *bad) { return t.n ? wire_copy(a, t, bad) : NULL; }

enum err wire_append(const ProtobufCMessage *m, size_t most, uint8_t *buf, size_t cap, size_t *used)
{
    size_t n = protobuf_c_message_get_packed_size(m), at = *used;

    if (n > most || at > cap || cap - at < n + 5)
        return E_TOO_LARGE;
    for (size_t left = n; ; left >>= 7) {
        buf[at++] = (uint8_t)(left < 0x80 ? left : (left & 0x7F) | 0x80);
        if (left < 0x80)
            break;
    }
    *used = at + protobuf_c_message_pack(m, buf + at);
    return E_OK;
}

/* ---- law ----------------------------------------------------------------------- */

static enum err law_from(const Rightswatch__Law *m, struct item_law *law, struct why *why)
{
    size_t rulebooks_max = sizeof law->rulebook / sizeof *law->rulebook, zone_bytes = strlen(m->zone);

    if (m->n_rulebook > rulebooks_max || m->n_transition > ZONE_TRANSITIONS_MAX || m->n_transition == 0 ||
        zone_bytes >= sizeof law->zone.name) {
        why_set(why, "law: more rule books, transitions or letters of a zone than there may be, or no transition");
        return E_TOO_LARGE;
    }
    law->fold_version = m->fold_version;
    law->rulebooks = (uint32_t)m->n_rulebook;
    for (size_t i = 0; i < m->n_rulebook; i++)
        law->rulebook[i] = bytes_from(m->rulebook[i]);
    law->calendar = bytes_from(m->calendar);
    memset(&law->zone, 0, sizeof law->zone);
    memcpy(law->zone.name, m->zone, zone_bytes);
    law->zone.count = m->n_transition;
    for (size_t i = 0; i < m->n_transition; i++)
        law->zone.row[i] = (struct zone_transition){ { m->transition[i]->at }, m->transition[i]->offset };
    return E_OK;
}

static enum err check_law(const struct item_law *law, struct why *why)
{
    enum err err = event_check_text("zone", text_of(law->zone.name), 1, sizeof law->zone.name - 1, why);

    if (err != E_OK)
        return err;
    for (size_t i = 0; i < law->zone.count; i++) {
        const struct zone_transition *row = &law->zone.row[i];
        if ((i == 0 ? row->at.s != INSTANT_MIN.s : row->at.s <= row[-1].at.s) ||
            row->offset < -86400 || row->offset > 86400) {
            why_set(why, "law: transition %zu of the zone is out of order or of range", i + 1);
            return E_RANGE;
        }
    }
    return E_OK;
}

static void law_to(struct arena *a, const struct item_law *law, Rightswatch__Law *m, bool *bad)
{
    size_t count = law->zone.count;

    rightswatch__law__init(m);
    m->fold_version = law->fold_version;
    m->n_rulebook = law->rulebooks;
    m->rulebook = wire_take(a, law->rulebooks * sizeof *m->rulebook);
    m->calendar = data_of(law->calendar);
    m->zone = wire_copy(a, text_of(law->zone.name), bad);
    m->n_transition = count;
    m->transition = wire_take(a, count * sizeof *m->transition);
    Rightswatch__Transition *row = wire_take(a, count * sizeof *row);
    assert(m->rulebook && m->transition && row);
    for (uint32_t i = 0; i < law->rulebooks; i++)
        m->rulebook[i] = data_of(law->rulebook[i]);
    for (size_t i = 0; i < count; i++) {
        rightswatch__transition__init(&row[i]);
        row[i].at = law->zone.row[i].at.s;
        row[i].offset = law->zone.row[i].offset;
        m->transition[i] = &row[i];
    }
}

/* ---- declarations --------------------------------------------------------------- */

static enum err kinds_from(const Rightswatch__Declaration *m, struct item_kinds *ret, struct why *why)
{
    if (m->n_kind > DECLARED_KINDS_MAX) {
        why_set(why, "declaration: more than %d kinds", DECLARED_KINDS_MAX);
        return E_TOO_LARGE;
    }
    ret->n = (uint32_t)m->n_kind;
    for (size_t i = 0; i < m->n_kind; i++)
        ret->kind[i] = text_from(m->kind[i]);
    return E_OK;
}

static enum err check_kinds(const struct item_kinds *kinds, struct why *why)
{
    enum err err = E_OK;

    for (uint32_t i = 0; err == E_OK && i < kinds->n; i++)
        err = event_check_text("kind", kinds->kind[i], 1, REF_BYTES_MAX, why);
    return err;
}

static void kinds_to(struct arena *a, const struct item *item, Rightswatch__Declaration *m, bool *bad)
{
    rightswatch__declaration__init(m);
    m->source = wire_copy(a, item->source, bad);
    m->at = item->at.s;
    m->kind = wire_take(a, item->kinds->n * sizeof *m->kind);
    *bad |= !m->kind;
    for (uint32_t i = 0; !*bad && i < item->kinds->n; i++)
        m->kind[m->n_kind++] = wire_copy(a, item->kinds->kind[i], bad);
}

/* ---- items ----------------------------------------------------------------------- */

enum err wire_open(struct wire **ret)
{
    struct wire *w = calloc(1, sizeof *w);

    wire_bind();
    if (!w)
        return E_MEMORY;
    w->decoding = (struct arena){ malloc(ARENA_BYTES), 0, ARENA_BYTES, false };
    w->encoding = (struct arena){ malloc(ARENA_BYTES), 0, ARENA_BYTES, false };
    if (!w->decoding.p || !w->encoding.p) {
        wire_close(&w);
        return E_MEMORY;
    }
    *ret = w;
    return E_OK;
}

void wire_close(struct wire **w)
{
    if (!*w)
        return;
    free((*w)->decoding.p);
    free((*w)->large.p);
    free((*w)->encoding.p);
    free(*w);
    *w = NULL;
}

/* Only what laws are drawn by may be larger than an event. */
static size_t most_item_bytes(enum item_kind what)
{
    return what == ITEM_LAW || what == ITEM_MAPPING ? LAW_ITEM_BYTES_MAX : ITEM_BYTES_MAX;
}

enum err wire_large(struct wire *w, struct arena **ret)
{
    if (!w->large.p)
        w->large = (struct arena){ malloc(ARENA_LARGE_BYTES), 0, ARENA_LARGE_BYTES, false };
    *ret = &w->large;
    return w->large.p ? E_OK : E_MEMORY;
}

static enum err arena_for(struct wire *w, size_t n, struct arena **ret)
{
    *ret = &w->decoding;
    return n <= ITEM_BYTES_MAX ? E_OK : wire_large(w, ret);
}

static enum err item_from(struct wire *w, const Rightswatch__Item *m, struct item *ret, struct why *why)
{
    switch (m->what_case) {
    case RIGHTSWATCH__ITEM__WHAT_EVENT:
        ret->what = ITEM_EVENT;
        wire_event_from(&m->event->base, &ret->event);
        return E_OK;
    case RIGHTSWATCH__ITEM__WHAT_TICK:
        ret->what = ITEM_TICK;
        ret->at.s = m->tick->at;
        return E_OK;
    case RIGHTSWATCH__ITEM__WHAT_COMPLETE:
        ret->what = ITEM_COMPLETE;
        ret->source = text_from(m->complete->source);
        ret->at.s = m->complete->to;
        return E_OK;
    case RIGHTSWATCH__ITEM__WHAT_REJECT:
        ret->what = ITEM_REJECT;
        ret->source = text_from(m->reject->source);
        ret->row = m->reject->has_row ? m->reject->row : 0;
        ret->reason = text_from(m->reject->reason);
        ret->crime_ref = text_from(m->reject->crime_ref);
        ret->victim_ref = text_from(m->reject->victim_ref);
        ret->event_id = text_from(m->reject->event_id);
        return E_OK;
    case RIGHTSWATCH__ITEM__WHAT_LAW:
        ret->what = ITEM_LAW;
        ret->law = &w->law;
        return law_from(m->law, &w->law, why);
    case RIGHTSWATCH__ITEM__WHAT_MAPPING:
        ret->what = ITEM_MAPPING;
        ret->name = text_from(m->mapping->name);
        ret->hash = bytes_from(m->mapping->hash);
        ret->text = (struct text){ NULL, 0 };
        if (m->mapping->has_text)
            ret->text = (struct text){ (const char *)m->mapping->text.data, (uint32_t)m->mapping->text.len };
        return E_OK;
    case RIGHTSWATCH__ITEM__WHAT_BLANK:
        ret->what = ITEM_BLANK;
        ret->hash = bytes_from(m->blank->digest);
        ret->reason = text_from(m->blank->reason);
        return E_OK;
    case RIGHTSWATCH__ITEM__WHAT_DECLARATION:
        ret->what = ITEM_DECLARATION;
        ret->source = text_from(m->declaration->source);
        ret->at.s = m->declaration->at;
        ret->kinds = &w->kinds;
        return kinds_from(m->declaration, &w->kinds, why);
    default:
        why_set(why, "item: of a kind this version does not know");
        return E_UNKNOWN;
    }
}

enum err wire_item_decode(struct wire *w, const uint8_t *p, size_t n, struct item *ret, struct why *why)
{
    return wire_item_quick(p, n, n, ret) ? E_OK : wire_item_unpack(w, p, n, ret, why);
}

enum err wire_item_unpack(struct wire *w, const uint8_t *p, size_t n, struct item *ret, struct why *why)
{
    ProtobufCMessage *m;
    struct arena *arena;
    enum err err;

    ret->what = ITEM_NONE;
    if (n > LAW_ITEM_BYTES_MAX) {
        why_set(why, "item: %zu bytes, more than %d", n, LAW_ITEM_BYTES_MAX);
        return E_TOO_LARGE;
    }
    if ((err = arena_for(w, n, &arena)) != E_OK)
        return err;
    err = wire_unpack(&rightswatch__item__descriptor, arena, p, n, &m);
    if (err != E_OK) {
        why_set(why, err == E_TOO_LARGE ? "item: unpacks to more than it may"
                                        : "item: not encoded as case_event.proto says, or a NUL in a text");
        return err;
    }
    err = item_from(w, (const Rightswatch__Item *)m, ret, why);
    if (err == E_OK && n > most_item_bytes(ret->what)) {
        why_set(why, "item: %zu bytes, more than %zu", n, most_item_bytes(ret->what));
        err = E_TOO_LARGE;
    }
    if (err == E_OK)
        err = item_check(ret, why);
    if (err != E_OK)
        ret->what = ITEM_NONE;
    return err;
}

static enum err check_mark(struct text source, struct instant at, struct why *why)
{
    enum err err = event_check_text("source", source, 1, REF_BYTES_MAX, why);

    if (err == E_OK && !instant_in_range(at)) {
        why_set(why, "the time is not between 1970 and 2099");
        err = E_RANGE;
    }
    return err;
}

enum err item_check(const struct item *item, struct why *why)
{
    enum err err;

    switch (item->what) {
    case ITEM_EVENT:
        return event_check(&item->event, why);
    case ITEM_TICK:
        return check_mark(TEXT("clock"), item->at, why);
    case ITEM_COMPLETE:
        return check_mark(item->source, item->at, why);
    case ITEM_REJECT:
        if ((err = event_check_text("source", item->source, 1, REF_BYTES_MAX, why)) == E_OK &&
            (err = event_check_text("reason", item->reason, 1, TEXT_BYTES_MAX, why)) == E_OK &&
            (err = event_check_text("crime_ref", item->crime_ref, 0, REF_BYTES_MAX, why)) == E_OK)
            err = event_check_text("victim_ref", item->victim_ref, 0, REF_BYTES_MAX, why);
        if (err == E_OK)
            err = event_check_text("event_id", item->event_id, 0, EVENT_ID_BYTES_MAX, why);
        return err;
    case ITEM_LAW:
        return check_law(item->law, why);
    case ITEM_MAPPING:
        if (item->hash.n != 32) {
            why_set(why, "the mapping's hash has %zu bytes, not 32", item->hash.n);
            return E_MALFORMED;
        }
        return event_check_text("name", item->name, 1, TEXT_BYTES_MAX, why);
    case ITEM_BLANK:
        if (item->hash.n == 0 || item->hash.n > 64) {
            why_set(why, "the digest has %zu bytes", item->hash.n);
            return E_MALFORMED;
        }
        return event_check_text("reason", item->reason, 0, TEXT_BYTES_MAX, why);
    case ITEM_DECLARATION:
        return (err = check_mark(item->source, item->at, why)) != E_OK ? err : check_kinds(item->kinds, why);
    case ITEM_NONE:
        break;
    }
    why_set(why, "the item is nothing");
    return E_MALFORMED;
}

enum err wire_item_append(struct wire *w, const struct item *item, uint8_t *buf, size_t cap, size_t *used)
{
    struct arena *a = &w->encoding;
    Rightswatch__Item m = RIGHTSWATCH__ITEM__INIT;
    union {
        Rightswatch__Tick tick; Rightswatch__Complete complete;
        Rightswatch__Reject reject; Rightswatch__Law law; Rightswatch__Mapping mapping; Rightswatch__Blank blank;
        Rightswatch__Declaration declaration;
    } u;
    bool bad = false;

    wire_empty(a);
    m.tick = &u.tick;                           /* all members of the oneof share the pointer */
    switch (item->what) {
    case ITEM_EVENT:
        m.what_case = RIGHTSWATCH__ITEM__WHAT_EVENT;
        m.event = (Rightswatch__CaseEvent *)wire_event_to(a, &item->event, &bad);
        break;
    case ITEM_TICK:
        m.what_case = RIGHTSWATCH__ITEM__WHAT_TICK;
        rightswatch__tick__init(&u.tick);
        u.tick.at = item->at.s;
        break;
    case ITEM_COMPLETE:
        m.what_case = RIGHTSWATCH__ITEM__WHAT_COMPLETE;
        rightswatch__complete__init(&u.complete);
        u.complete.source = wire_copy(a, item->source, &bad);
        u.complete.to = item->at.s;
        break;
    case ITEM_REJECT:
        m.what_case = RIGHTSWATCH__ITEM__WHAT_REJECT;
        rightswatch__reject__init(&u.reject);
        u.reject.source = wire_copy(a, item->source, &bad);
        u.reject.has_row = item->row != 0;
        u.reject.row = item->row;
        u.reject.reason = wire_copy(a, item->reason, &bad);
        u.reject.crime_ref = wire_copy_said(a, item->crime_ref, &bad);
        u.reject.victim_ref = wire_copy_said(a, item->victim_ref, &bad);
        u.reject.event_id = wire_copy_said(a, item->event_id, &bad);
        break;
    case ITEM_LAW:
        m.what_case = RIGHTSWATCH__ITEM__WHAT_LAW;
        law_to(a, item->law, &u.law, &bad);
        break;
    case ITEM_MAPPING:
        m.what_case = RIGHTSWATCH__ITEM__WHAT_MAPPING;
        rightswatch__mapping__init(&u.mapping);
        u.mapping.name = wire_copy(a, item->name, &bad);
        u.mapping.hash = data_of(item->hash);
        u.mapping.has_text = item->text.n != 0;
        u.mapping.text = (ProtobufCBinaryData){ item->text.n, (uint8_t *)item->text.p };
        break;
    case ITEM_BLANK:
        m.what_case = RIGHTSWATCH__ITEM__WHAT_BLANK;
        rightswatch__blank__init(&u.blank);
        u.blank.digest = data_of(item->hash);
        u.blank.reason = wire_copy_said(a, item->reason, &bad);
        break;
    case ITEM_DECLARATION:
        m.what_case = RIGHTSWATCH__ITEM__WHAT_DECLARATION;
        kinds_to(a, item, &u.declaration, &bad);
        break;
    case ITEM_NONE:
        assert(item->what != ITEM_NONE);
        break;
    }
    if (bad)
        return a->full ? E_TOO_LARGE : E_MALFORMED;
    return wire_append(&m.base, most_item_bytes(item->what), buf, cap, used);
}

enum err wire_next(const uint8_t *batch, size_t n, size_t *at, struct bytes *ret)
{
    size_t i = *at, size = 0;

    if (i >= n)
        return E_END;
    for (unsigned shift = 0; ; shift += 7) {
        if (i >= n || shift > 28)
            return E_MALFORMED;
        size |= (size_t)(batch[i] & 0x7F) << shift;
        if (!(batch[i++] & 0x80))
            break;
    }
    if (size > n - i)
        return E_MALFORMED;
    *ret = (struct bytes){ batch + i, size };
    *at = i + size;
    return E_OK;
}

