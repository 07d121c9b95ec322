#include "core/wire_door.h"

#include "proto/link.pb-c.h"
#include "proto/notice.pb-c.h"

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

/* ---- notices --------------------------------------------------------------------------- */

static bool level_is_known(int l) { return l == LEVEL_NONE || strcmp(level_name((enum level)l), "?") != 0; }

enum err wire_notice_from(const ProtobufCMessage *base, struct notice *ret)
{
    const Rightswatch__Notice *m = (const Rightswatch__Notice *)base;

    if (m->notice_id.len != NOTICE_ID_BYTES || m->obligation_id.len != NOTICE_ID_BYTES ||
        !level_is_known((int)m->level) || (m->has_stands && !level_is_known((int)m->stands)))
        return E_MALFORMED;
    *ret = (struct notice){
        .version = m->version, .cause = m->cause,
        .level = (enum level)m->level, .stands = m->has_stands ? (enum level)m->stands : LEVEL_NONE,
        .step = m->has_step ? m->step : 0,
        .rule = text_from(m->rule), .right = text_from(m->right), .basis = text_from(m->basis),
        .owner = text_from(m->owner), .title = text_from(m->title), .crime_ref = text_from(m->crime_ref),
        .victim_ref = text_from(m->victim_ref), .officer = text_from(m->officer), .team = text_from(m->team),
        .started_by = text_from(m->started_by), .evidence = text_from(m->evidence),
        .due_date = text_from(m->due_date), .due_time = text_from(m->due_time), .raised_offset = m->has_raised_offset ? m->raised_offset : 0,
        .due.s = m->has_due ? m->due : 0, .due_before.s = m->has_due_before ? m->due_before : 0,
        .started_at.s = m->started_at, .occurred_at.s = m->has_occurred_at ? m->occurred_at : 0,
        .raised_at.s = m->raised_at,
        .enhanced = m->has_enhanced && m->enhanced, .told = m->has_told && m->told,
    };
    memcpy(ret->notice_id, m->notice_id.data, NOTICE_ID_BYTES);
    memcpy(ret->obligation_id, m->obligation_id.data, NOTICE_ID_BYTES);
    return E_OK;
}

enum err wire_notice_decode(struct wire *w, const uint8_t *p, size_t n, struct notice *ret)
{
    ProtobufCMessage *base;
    enum err err;

    if (n > ITEM_BYTES_MAX)
        return E_TOO_LARGE;
    if ((err = wire_unpack(&rightswatch__notice__descriptor, &w->decoding, p, n, &base)) != E_OK)
        return err;
    return wire_notice_from(base, ret);
}

ProtobufCMessage *wire_notice_to(struct arena *a, const struct notice *notice, bool *bad)
{
    Rightswatch__Notice *m = wire_take(a, sizeof *m);

    if (!m) {
        *bad = true;
        return NULL;
    }
    rightswatch__notice__init(m);
    m->notice_id = (ProtobufCBinaryData){ NOTICE_ID_BYTES, (uint8_t *)notice->notice_id };
    m->obligation_id = (ProtobufCBinaryData){ NOTICE_ID_BYTES, (uint8_t *)notice->obligation_id };
    m->version = notice->version;
    m->cause = notice->cause;
    m->level = (Rightswatch__Level)notice->level;
    m->has_stands = notice->stands != LEVEL_NONE;
    m->stands = (Rightswatch__Level)notice->stands;
    m->has_step = notice->step != 0;
    m->step = notice->step;
    m->rule = wire_copy(a, notice->rule, bad);
    m->right = wire_copy(a, notice->right, bad);
    m->basis = wire_copy(a, notice->basis, bad);
    m->owner = wire_copy_said(a, notice->owner, bad);
    m->title = wire_copy(a, notice->title, bad);
    m->crime_ref = wire_copy(a, notice->crime_ref, bad);
    m->victim_ref = wire_copy_said(a, notice->victim_ref, bad);
    m->officer = wire_copy_said(a, notice->officer, bad);
    m->team = wire_copy_said(a, notice->team, bad);
    m->started_by = wire_copy_said(a, notice->started_by, bad);
    m->evidence = wire_copy_said(a, notice->evidence, bad);
    m->has_due = instant_is_set(notice->due);
    m->due = notice->due.s;
    m->has_due_before = instant_is_set(notice->due_before);
    m->due_before = notice->due_before.s;
    m->started_at = notice->started_at.s;
    m->has_occurred_at = instant_is_set(notice->occurred_at);
    m->occurred_at = notice->occurred_at.s;
    m->raised_at = notice->raised_at.s;
    m->has_enhanced = m->enhanced = notice->enhanced;
    m->has_told = m->told = notice->told;
    m->due_date = wire_copy_said(a, notice->due_date, bad);
    m->due_time = wire_copy_said(a, notice->due_time, bad);
    m->has_raised_offset = notice->raised_offset != 0;
    m->raised_offset = notice->raised_offset;
    return &m->base;
}

enum err wire_notice_append(const struct notice *notice, uint8_t *buf, size_t cap, size_t *used)
{
    _Alignas(ARENA_ALIGN) uint8_t memory[ITEM_BYTES_MAX];
    struct arena a = { memory, 0, sizeof memory, false };
    bool bad = false;
    ProtobufCMessage *m = wire_notice_to(&a, notice, &bad);

    if (bad)
        return a.full ? E_TOO_LARGE : E_MALFORMED;
    return wire_append(m, ITEM_BYTES_MAX, buf, cap, used);
}
