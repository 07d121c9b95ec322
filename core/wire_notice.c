/* wire_notice.c: notices and ticks, as sinks are told them. */
#include "core/wire_door.h"

#include "proto/notice.pb-c.h"

#include <stddef.h>

enum { NOTICE_BYTES = 520 };

static bool level_is_known(int l) { return l == LEVEL_NONE || strcmp(level_name((enum level)l), "?") != 0; }

static bool is_id(ProtobufCBinaryData b) { return b.len == NOTICE_ID_BYTES; }

enum err wire_notice_from(const ProtobufCMessage *base, struct notice *ret)
{
    const Rightswatch__Notice *m = (const Rightswatch__Notice *)base;

    if (!is_id(m->notice_id) || !is_id(m->obligation_id) || (m->has_acknowledges && !is_id(m->acknowledges)) ||
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
        .occurred_offset = m->has_occurred_offset ? m->occurred_offset : 0,
        .due.s = m->has_due ? m->due : 0, .due_before.s = m->has_due_before ? m->due_before : 0,
        .started_at.s = m->started_at, .occurred_at.s = m->has_occurred_at ? m->occurred_at : 0,
        .raised_at.s = m->raised_at,
        .enhanced = m->has_enhanced && m->enhanced, .told = m->has_told && m->told,
        .supervisor = text_from(m->supervisor), .victim_no = m->has_victim_no ? m->victim_no : 0,
        .duty = text_from(m->duty), .what_to_do = text_from(m->what_to_do), .how_to_record = text_from(m->how_to_record),
        .limit = text_from(m->limit), .start_date = text_from(m->start_date), .days = text_from(m->days),
        .has_working_days_left = m->has_working_days_left, .working_days_left = m->has_working_days_left ? m->working_days_left : 0,
        .hold_until.s = m->has_hold_until ? m->hold_until : 0,
        .family_liaison = m->has_family_liaison && m->family_liaison,
        .access_restricted = m->has_access_restricted && m->access_restricted,
        .processing_restricted = m->has_processing_restricted && m->processing_restricted,
        .acknowledged_by = text_from(m->acknowledged_by), .reason = text_from(m->reason),
    };
    memcpy(ret->notice_id, m->notice_id.data, NOTICE_ID_BYTES);
    memcpy(ret->obligation_id, m->obligation_id.data, NOTICE_ID_BYTES);
    if (m->has_acknowledges)
        memcpy(ret->acknowledges, m->acknowledges.data, NOTICE_ID_BYTES);
    return E_OK;
}

enum err wire_notice_decode(struct wire *w, const uint8_t *p, size_t n, struct notice *ret)
{
    ProtobufCMessage *m;
    enum err err;

    if (n > ITEM_BYTES_MAX)
        return E_TOO_LARGE;
    if ((err = wire_unpack(&rightswatch__notice__descriptor, &w->decoding, p, n, &m)) != E_OK)
        return err;
    return wire_notice_from(m, ret);
}

enum err wire_telling_decode(struct wire *w, const uint8_t *p, size_t n, struct telling *ret)
{
    ProtobufCMessage *base;
    enum err err;

    if (n > ITEM_BYTES_MAX)
        return E_TOO_LARGE;
    if ((err = wire_unpack(&rightswatch__telling__descriptor, &w->decoding, p, n, &base)) != E_OK)
        return err;
    const Rightswatch__Telling *m = (const Rightswatch__Telling *)base;
    switch (m->what_case) {
    case RIGHTSWATCH__TELLING__WHAT_NOTICE:
        ret->what = TELLS_NOTICE;
        return wire_notice_from(&m->notice->base, &ret->notice);
    case RIGHTSWATCH__TELLING__WHAT_TIME:
        ret->what = TELLS_TICK;
        ret->at.s = m->time->at;
        ret->offset = m->time->offset;
        return instant_in_range(ret->at) ? E_OK : E_MALFORMED;
    default:
        return E_MALFORMED;
    }
}

/* Every text of a notice. A member more makes the size another one: then look whether it is a text. */
static const size_t text_of_notice[] = {
#define T(member) offsetof(struct notice, member),
    T(rule) T(right) T(basis) T(owner) T(title) T(crime_ref) T(victim_ref) T(officer) T(team) T(started_by) T(evidence) T(due_date) T(due_time)
    T(supervisor) T(duty) T(what_to_do) T(how_to_record) T(limit) T(start_date) T(days) T(acknowledged_by) T(reason)
#undef T
};
_Static_assert(sizeof(struct notice) == NOTICE_BYTES, "a text that is not in the list above would not be copied");

enum err notice_copy(const struct notice *n, char *memory, size_t cap, size_t *used, struct notice *ret)
{
    struct notice copy = *n;
    size_t at = *used;

    for (size_t i = 0; i < sizeof text_of_notice / sizeof *text_of_notice; i++) {
        struct text *t = (struct text *)(void *)((char *)&copy + text_of_notice[i]);
        if (t->n > cap - at)
            return E_TOO_LARGE;
        if (t->n)
            memcpy(memory + at, t->p, t->n);
        t->p = memory + at;
        at += t->n;
    }
    *used = at;
    *ret = copy;
    return E_OK;
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
    m->supervisor = wire_copy_said(a, notice->supervisor, bad);
    m->started_by = wire_copy_said(a, notice->started_by, bad);
    m->evidence = wire_copy_said(a, notice->evidence, bad);
    m->has_due = instant_is_set(notice->due);
    m->due = notice->due.s;
    m->has_due_before = instant_is_set(notice->due_before);
    m->due_before = notice->due_before.s;
    m->started_at = notice->started_at.s;
    m->has_occurred_at = m->has_occurred_offset = instant_is_set(notice->occurred_at);
    m->occurred_at = notice->occurred_at.s;
    m->occurred_offset = notice->occurred_offset;
    m->raised_at = notice->raised_at.s;
    m->has_enhanced = m->enhanced = notice->enhanced;
    m->has_told = m->told = notice->told;
    m->due_date = wire_copy_said(a, notice->due_date, bad);
    m->due_time = wire_copy_said(a, notice->due_time, bad);
    m->has_raised_offset = notice->raised_offset != 0;
    m->raised_offset = notice->raised_offset;
    m->has_victim_no = notice->victim_no != 0;
    m->victim_no = notice->victim_no;
    m->duty = wire_copy_said(a, notice->duty, bad);
    m->what_to_do = wire_copy_said(a, notice->what_to_do, bad);
    m->how_to_record = wire_copy_said(a, notice->how_to_record, bad);
    m->limit = wire_copy_said(a, notice->limit, bad);
    m->start_date = wire_copy_said(a, notice->start_date, bad);
    m->days = wire_copy_said(a, notice->days, bad);
    m->has_working_days_left = notice->has_working_days_left;
    m->working_days_left = notice->working_days_left;
    m->has_hold_until = instant_is_set(notice->hold_until);
    m->hold_until = notice->hold_until.s;
    m->has_family_liaison = m->family_liaison = notice->family_liaison;
    m->has_access_restricted = m->access_restricted = notice->access_restricted;
    m->has_processing_restricted = m->processing_restricted = notice->processing_restricted;
    m->has_acknowledges = notice->level == LEVEL_ACKNOWLEDGED;
    m->acknowledges = (ProtobufCBinaryData){ NOTICE_ID_BYTES, (uint8_t *)notice->acknowledges };
    m->acknowledged_by = wire_copy_said(a, notice->acknowledged_by, bad);
    m->reason = wire_copy_said(a, notice->reason, bad);
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

enum err wire_telling_append(const struct telling *telling, uint8_t *buf, size_t cap, size_t *used)
{
    _Alignas(ARENA_ALIGN) uint8_t memory[ITEM_BYTES_MAX];
    struct arena a = { memory, 0, sizeof memory, false };
    Rightswatch__Telling m = RIGHTSWATCH__TELLING__INIT;
    Rightswatch__Time time = RIGHTSWATCH__TIME__INIT;
    bool bad = false;

    if (telling->what == TELLS_TICK) {
        time.at = telling->at.s;
        time.offset = telling->offset;
        m.what_case = RIGHTSWATCH__TELLING__WHAT_TIME;
        m.time = &time;
    } else {
        m.what_case = RIGHTSWATCH__TELLING__WHAT_NOTICE;
        m.notice = (Rightswatch__Notice *)wire_notice_to(&a, &telling->notice, &bad);
    }
    if (bad)
        return a.full ? E_TOO_LARGE : E_MALFORMED;
    return wire_append(&m.base, ITEM_BYTES_MAX, buf, cap, used);
}
