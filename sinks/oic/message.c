#include "sinks/oic/message.h"

#include "core/utf8.h"

static enum err check_text(const char *name, struct text t, bool is_needed, struct why *why)
{
    if (t.n > MESSAGE_TEXT_BYTES_MAX || !utf8_is_printable(t) || (is_needed && !t.n)) {
        why_set(why, "message: %s is %s", name, !t.n ? "not said" : t.n > MESSAGE_TEXT_BYTES_MAX ? "too long" : "not printable");
        return E_MALFORMED;
    }
    return E_OK;
}

/* What words are made of by counting: a time beyond all calendars is no time. */
static bool has_sound_times(const struct notice *n)
{
    const struct instant t[] = { n->due, n->due_before, n->started_at, n->occurred_at, n->raised_at, n->hold_until };

    for (size_t i = 0; i < sizeof t / sizeof *t; i++)
        if (instant_is_set(t[i]) && !instant_in_range(t[i]))
            return false;
    return n->raised_offset >= -86400 && n->raised_offset <= 86400 && n->occurred_offset >= -86400 && n->occurred_offset <= 86400;
}

enum err message_check(const struct message *m, struct why *why)
{
    enum err e;

    if ((e = check_text("channel", m->channel, true, why)) || (e = check_text("recipient", m->to, true, why)) ||
        (e = check_text("name", m->name, false, why)) || (e = check_text("reason", m->beside, false, why)))
        return e;
    if ((unsigned)m->kind >= MESSAGE_KINDS || m->count == 0 || m->count > MESSAGE_ENTRIES_MAX ||
        !instant_in_range(m->as_of) || m->offset < -86400 || m->offset > 86400) {
        why_set(why, "message: of an unknown kind, of a time out of range, without entries, or with more than %d", MESSAGE_ENTRIES_MAX);
        return E_MALFORMED;
    }
    for (size_t i = 0; i < m->count; i++)
        if (!has_sound_times(m->entry[i])) {
            why_set(why, "message: entry %zu has a time out of range", i + 1);
            return E_MALFORMED;
        }
    return E_OK;
}

enum err message_append(struct wire *w, const struct message *m, uint8_t *buf, size_t cap, size_t *used)
{
    struct letter e = {
        .kind = (uint32_t)m->kind, .channel = m->channel, .to = m->to, .name = m->name, .beside = m->beside,
        .as_of = m->as_of, .offset = m->offset, .more = m->more, .count = m->count,
    };

    memcpy(e.id, m->id, sizeof e.id);
    memcpy(e.thread, m->thread, sizeof e.thread);
    memcpy(e.entry, m->entry, m->count * sizeof *m->entry);
    return wire_letter_append(w, &e, buf, cap, used);
}

enum err message_decode(struct wire *w, const uint8_t *p, size_t n, struct message *ret)
{
    struct letter e;
    enum err err;

    if ((err = wire_letter_decode(w, p, n, &e)) != E_OK)
        return err;
    *ret = (struct message){
        .kind = e.kind < MESSAGE_KINDS ? (enum message_kind)e.kind : MESSAGE_KINDS,
        .channel = e.channel, .to = e.to, .name = e.name, .beside = e.beside, .as_of = e.as_of, .offset = e.offset,
        .more = e.more, .count = e.count,
    };
    memcpy(ret->id, e.id, sizeof ret->id);
    memcpy(ret->thread, e.thread, sizeof ret->thread);
    memcpy(ret->entry, e.entry, e.count * sizeof *e.entry);
    return message_check(ret, NULL);
}
