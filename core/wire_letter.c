/* wire_letter.c: a message to a recipient, as it is kept, to bytes and back. */
#include "core/wire_door.h"

#include "proto/message.pb-c.h"

enum err wire_letter_append(struct wire *w, const struct letter *e, uint8_t *buf, size_t cap, size_t *used)
{
    static const uint8_t nothing[LETTER_ID_BYTES];
    Rightswatch__Message m = RIGHTSWATCH__MESSAGE__INIT;
    struct arena *a;
    bool bad = false;
    enum err err;

    if ((err = wire_large(w, &a)) != E_OK)
        return err;
    wire_empty(a);
    m.id = (ProtobufCBinaryData){ sizeof e->id, (uint8_t *)e->id };
    m.has_thread = memcmp(e->thread, nothing, sizeof nothing) != 0;
    m.thread = (ProtobufCBinaryData){ sizeof e->thread, (uint8_t *)e->thread };
    m.kind = e->kind;
    m.channel = wire_copy(a, e->channel, &bad);
    m.to = wire_copy(a, e->to, &bad);
    m.name = wire_copy_said(a, e->name, &bad);
    m.beside = wire_copy_said(a, e->beside, &bad);
    m.as_of = e->as_of.s;
    m.has_offset = e->offset != 0;
    m.offset = e->offset;
    m.has_more = e->more != 0;
    m.more = e->more;
    m.n_entry = e->count;
    m.entry = e->count > LETTER_ENTRIES_MAX ? NULL : wire_take(a, e->count * sizeof *m.entry);
    if (!m.entry)
        return E_TOO_LARGE;
    for (size_t i = 0; i < e->count && !bad; i++)
        m.entry[i] = (Rightswatch__Notice *)wire_notice_to(a, e->entry[i], &bad);
    if (bad)
        return a->full ? E_TOO_LARGE : E_MALFORMED;
    return wire_append(&m.base, LETTER_BYTES_MAX, buf, cap, used);
}

enum err wire_letter_decode(struct wire *w, const uint8_t *p, size_t n, struct letter *ret)
{
    ProtobufCMessage *base;
    struct notice *entry;
    struct arena *a;
    enum err err;

    if (n > LETTER_BYTES_MAX)
        return E_TOO_LARGE;
    if ((err = wire_large(w, &a)) != E_OK ||
        (err = wire_unpack(&rightswatch__message__descriptor, a, p, n, &base)) != E_OK)
        return err;
    const Rightswatch__Message *m = (const Rightswatch__Message *)base;
    if (m->id.len != LETTER_ID_BYTES || (m->has_thread && m->thread.len != LETTER_ID_BYTES))
        return E_MALFORMED;
    if (m->n_entry > LETTER_ENTRIES_MAX)
        return E_TOO_LARGE;
    *ret = (struct letter){
        .kind = m->kind, .channel = text_from(m->channel), .to = text_from(m->to), .name = text_from(m->name),
        .beside = text_from(m->beside), .as_of.s = m->as_of, .offset = m->has_offset ? m->offset : 0,
        .more = m->has_more ? m->more : 0, .count = m->n_entry,
    };
    memcpy(ret->id, m->id.data, sizeof ret->id);
    if (m->has_thread)
        memcpy(ret->thread, m->thread.data, sizeof ret->thread);
    entry = wire_take(a, m->n_entry * sizeof *entry);
    if (!entry)
        return E_TOO_LARGE;
    for (size_t i = 0; i < m->n_entry; i++) {
        if ((err = wire_notice_from(&m->entry[i]->base, &entry[i])) != E_OK)
            return err;
        ret->entry[i] = &entry[i];
    }
    return E_OK;
}
