#include "core/wire_door.h"

#include "proto/link.pb-c.h"

#include <assert.h>

/* ---- the dialogue ------------------------------------------------------------------ */

static bool fill(char *to, size_t cap, const char *from)
{
    size_t n = strlen(from);

    if (n >= cap)
        return false;
    memcpy(to, from, n + 1);
    return true;
}

enum err wire_dialogue_decode(const uint8_t *p, size_t n, struct dialogue *ret)
{
    _Alignas(ARENA_ALIGN) uint8_t memory[4 * DIALOGUE_BYTES_MAX];
    struct arena a = { memory, 0, sizeof memory, false };
    struct dialogue d = { 0 };
    ProtobufCMessage *base;
    enum err err;

    if (n > DIALOGUE_BYTES_MAX)
        return E_TOO_LARGE;
    if ((err = wire_unpack(&rightswatch__dialogue__descriptor, &a, p, n, &base)) != E_OK)
        return err;
    const Rightswatch__Dialogue *m = (const Rightswatch__Dialogue *)base;
    switch (m->says_case) {
    case RIGHTSWATCH__DIALOGUE__SAYS_HELLO:
        if (m->hello->stream.len != STREAM_BYTES || !fill(d.name, sizeof d.name, m->hello->name))
            return E_MALFORMED;
        d.says = SAYS_HELLO;
        d.format = m->hello->format;
        d.epoch = m->hello->has_epoch ? m->hello->epoch : 0;
        memcpy(d.stream, m->hello->stream.data, STREAM_BYTES);
        break;
    case RIGHTSWATCH__DIALOGUE__SAYS_FROM:
        d.says = SAYS_FROM;
        d.epoch = m->from->epoch;
        d.cursor = m->from->cursor;
        d.digest = m->from->digest;
        d.credit = m->from->credit;
        break;
    case RIGHTSWATCH__DIALOGUE__SAYS_BATCH:
        d.says = SAYS_BATCH;
        d.epoch = m->batch->epoch;
        d.first = m->batch->first;
        d.count = m->batch->count;
        d.digest = m->batch->digest;
        d.check = m->batch->check;
        break;
    case RIGHTSWATCH__DIALOGUE__SAYS_DURABLE:
        d.says = SAYS_DURABLE;
        d.epoch = m->durable->epoch;
        d.cursor = m->durable->cursor;
        d.credit = m->durable->credit;
        break;
    case RIGHTSWATCH__DIALOGUE__SAYS_REFUSED:
        if (!fill(d.reason, sizeof d.reason, m->refused->reason))
            return E_MALFORMED;
        d.says = SAYS_REFUSED;
        break;
    default:
        return E_UNKNOWN;
    }
    *ret = d;
    return E_OK;
}

size_t wire_dialogue_encode(const struct dialogue *d, uint8_t buf[DIALOGUE_BYTES_MAX])
{
    Rightswatch__Dialogue m = RIGHTSWATCH__DIALOGUE__INIT;
    union {
        Rightswatch__Hello hello; Rightswatch__From from; Rightswatch__Batch batch;
        Rightswatch__Durable durable; Rightswatch__Refused refused;
    } u;

    m.hello = &u.hello;                         /* all members of the oneof share the pointer */
    switch (d->says) {
    case SAYS_HELLO:
        m.says_case = RIGHTSWATCH__DIALOGUE__SAYS_HELLO;
        rightswatch__hello__init(&u.hello);
        u.hello.format = d->format;
        u.hello.stream = (ProtobufCBinaryData){ STREAM_BYTES, (uint8_t *)d->stream };
        u.hello.has_epoch = d->epoch != 0;
        u.hello.epoch = d->epoch;
        u.hello.name = (char *)d->name;
        break;
    case SAYS_FROM:
        m.says_case = RIGHTSWATCH__DIALOGUE__SAYS_FROM;
        rightswatch__from__init(&u.from);
        u.from.epoch = d->epoch;
        u.from.cursor = d->cursor;
        u.from.digest = d->digest;
        u.from.credit = d->credit;
        break;
    case SAYS_BATCH:
        m.says_case = RIGHTSWATCH__DIALOGUE__SAYS_BATCH;
        rightswatch__batch__init(&u.batch);
        u.batch.epoch = d->epoch;
        u.batch.first = d->first;
        u.batch.count = d->count;
        u.batch.digest = d->digest;
        u.batch.check = d->check;
        break;
    case SAYS_DURABLE:
        m.says_case = RIGHTSWATCH__DIALOGUE__SAYS_DURABLE;
        rightswatch__durable__init(&u.durable);
        u.durable.epoch = d->epoch;
        u.durable.cursor = d->cursor;
        u.durable.credit = d->credit;
        break;
    case SAYS_REFUSED:
        m.says_case = RIGHTSWATCH__DIALOGUE__SAYS_REFUSED;
        rightswatch__refused__init(&u.refused);
        u.refused.reason = (char *)d->reason;
        break;
    case SAYS_NONE:
        assert(d->says != SAYS_NONE);
        break;
    }
    size_t n = protobuf_c_message_get_packed_size(&m.base);
    assert(n <= DIALOGUE_BYTES_MAX);
    return protobuf_c_message_pack(&m.base, buf);
}
