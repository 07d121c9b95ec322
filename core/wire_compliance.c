/* wire_compliance.c: rows of the compliance sink to bytes and back; core/compliance.h, proto/compliance.proto. */
#include "core/compliance.h"
#include "core/wire_door.h"

#include "proto/compliance.pb-c.h"

#include <assert.h>

typedef Rightswatch__JourneyRow journey_message;
typedef Rightswatch__CrimeRow crime_message;
typedef Rightswatch__LawRow law_message;
typedef Rightswatch__DrawnRow drawn_message;

enum { OWED_NUMBERS = 11, SAID_NUMBERS = 8, LAW_ROW_BYTES_MAX = LAW_ITEM_BYTES_MAX };

/* The texts of a row, each once: a member of the same name in the struct and in the message. */
#define JOURNEY_TEXTS(X) X(force) X(area) X(team) X(ho_class) X(ho_subclass) X(markers) X(victim_kind) X(gender) X(ethnicity) \
                         X(ethnicity_observed) X(outcome)
#define CRIME_TEXTS(X) X(force) X(area) X(team) X(ho_class) X(ho_subclass) X(markers) X(gender) X(outcome) X(withdrawn_stage) \
                       X(withdrawn_reason)
#define RULE_TEXTS_NEEDED(X) X(id) X(right) X(edition) X(title)
#define RULE_TEXTS(X) X(duty) X(starts) X(evidence) X(source) X(standard) X(enhanced)
/* And the days that need not be. */
#define JOURNEY_DAYS(X) X(recorded) X(ended) X(concluded) X(outcome_on)
#define CRIME_DAYS(X) X(recorded) X(outcome_on) X(withdrawn)

const char *owed_state_name(enum owed_state s)
{
    static const char *const names[OWED_STATES] = {
        "open", "breached", "unproven", "met", "met-late", "missed", "waived", "not-applicable", "deferred", "not-evidenced", "not-computable",
    };

    return s < OWED_STATES ? names[s] : "?";
}

const char *age_band_words(enum age_band b)
{
    static const char *const words[AGE_BANDS_COUNT] = {
#define X(name, words) words,
        AGE_BANDS(X)
#undef X
    };

    return b < AGE_BANDS_COUNT ? words[b] : "?";
}

enum age_band age_band_of(unsigned years)
{
    static const unsigned from[] = { 0, 18, 25, 35, 45, 55, 65, 75 };
    unsigned band = 0;

    while (band + 1 < sizeof from / sizeof *from && years >= from[band + 1])
        band++;
    return (enum age_band)(AGE_BAND_UNDER_18 + band);
}

/* ---- days ------------------------------------------------------------------------------ */

static int32_t day_from_reported(struct day d, struct day reported)
{
    return !day_is_set(d) ? 0 : d.n >= reported.n ? d.n - reported.n + 1 : d.n - reported.n;
}

static struct day day_after_reported(int32_t n, struct day reported)
{
    return n == 0 ? DAY_NONE : day_add(reported, n > 0 ? n - 1 : n);
}

/* Days of a century or two around now: what is added to them later does not overflow. */
static bool is_near(int32_t n) { return n > -100000 && n < 100000; }

/* ---- reading ------------------------------------------------------------------------------ */

static bool take_id(ProtobufCBinaryData b, uint8_t *ret)
{
    if (b.len != KEYED_BYTES)
        return false;
    memcpy(ret, b.data, KEYED_BYTES);
    return true;
}

static enum err read_owed(struct arena *a, const journey_message *m, struct journey_row *ret)
{
    size_t count = m->n_owed / OWED_NUMBERS;

    if (m->n_owed % OWED_NUMBERS || count > OWED_MAX)
        return E_MALFORMED;
    if (count && !(ret->owed = wire_take(a, count * sizeof *ret->owed)))
        return E_TOO_LARGE;
    for (size_t i = 0; i < count; i++) {
        const int32_t *n = m->owed + i * OWED_NUMBERS;
        if (n[0] < 0 || n[0] >= LAW_RULES_MAX || n[1] < 0 || n[1] >= OWED_STATES || n[2] < 0 || n[2] > UINT8_MAX || n[3] < 0 || n[3] > 4 ||
            n[4] < 0 || n[4] > UINT16_MAX || !is_near(n[5]) || !is_near(n[6]) || !is_near(n[7]) || !is_near(n[8]) || n[9] < 0 || n[9] > INT16_MAX ||
            n[10] < 0 || n[10] > UINT16_MAX)
            return E_RANGE;
        ret->owed[i] = (struct owed){
            .rule = (uint16_t)n[0], .state = (uint8_t)n[1], .flags = (uint8_t)n[2], .owner = (uint8_t)n[3], .limit = (uint16_t)n[4],
            .started = day_after_reported(n[5], ret->reported), .due = day_after_reported(n[6], ret->reported),
            .ended = day_after_reported(n[7], ret->reported), .evidenced = day_after_reported(n[8], ret->reported),
            .working_days = (int16_t)(n[9] - 1), .started_by = (kind_t)n[10],
        };
    }
    ret->owed_count = (uint32_t)count;
    return E_OK;
}

static bool code_at(const journey_message *m, int32_t number, struct text *ret)
{
    if (number < 0 || (size_t)number > m->n_code)
        return false;
    *ret = number ? text_from(m->code[number - 1]) : (struct text){ 0 };
    return true;
}

static enum err read_said(struct arena *a, const journey_message *m, struct journey_row *ret)
{
    size_t count = m->n_said / SAID_NUMBERS;

    if (m->n_said % SAID_NUMBERS || count > SAID_MAX)
        return E_MALFORMED;
    if (count && !(ret->said = wire_take(a, count * sizeof *ret->said)))
        return E_TOO_LARGE;
    for (size_t i = 0; i < count; i++) {
        const int32_t *n = m->said + i * SAID_NUMBERS;
        struct said *s = &ret->said[i];
        if (n[0] <= 0 || n[0] > UINT16_MAX || n[1] < 0 || n[1] > UINT16_MAX || n[2] < 0 || n[2] > UINT16_MAX || n[3] < 0 || n[3] > UINT16_MAX ||
            !is_near(n[4]) || !is_near(n[5]))
            return E_RANGE;
        *s = (struct said){
            .kind = (kind_t)n[0], .item = (uint16_t)n[1], .count = (uint16_t)n[2], .value = (uint16_t)n[3],
            .first = day_after_reported(n[4], ret->reported), .last = day_after_reported(n[5], ret->reported),
        };
        if (!code_at(m, n[6], &s->reason) || !code_at(m, n[7], &s->stage))
            return E_RANGE;
    }
    ret->said_count = (uint32_t)count;
    return E_OK;
}

static enum err read_journey(struct arena *a, const journey_message *m, struct journey_row *ret)
{
    enum err e;

    *ret = (struct journey_row){
        .law = m->law, .reported.n = m->reported,
        .age_band = (uint8_t)(m->has_age_band && m->age_band < AGE_BANDS_COUNT ? m->age_band : AGE_BAND_UNKNOWN),
        .flags = m->has_flags ? m->flags : 0, .facts = m->has_facts ? m->facts : 0,
    };
    if (!take_id(m->id, ret->id) || !take_id(m->crime, ret->crime) || !take_id(m->victim, ret->victim) ||
        (m->has_officer && !take_id(m->officer, ret->officer)) || m->n_late > LATE_BUCKETS)
        return E_MALFORMED;
    if (!is_near(m->reported))
        return E_RANGE;
#define X(name) ret->name = text_from(m->name);
    JOURNEY_TEXTS(X)
#undef X
#define X(name) ret->name = m->has_##name ? (struct day){ m->name } : DAY_NONE;
    JOURNEY_DAYS(X)
#undef X
    for (size_t i = 0; i < m->n_late; i++)
        ret->late[i] = m->late[i];
    return (e = read_owed(a, m, ret)) ? e : read_said(a, m, ret);
}

static enum err read_crime(const crime_message *m, struct crime_row *ret)
{
    *ret = (struct crime_row){
        .reported.n = m->reported,
        .victims = m->has_victims ? m->victims : 0, .flags = m->has_flags ? m->flags : 0,
        .days_since_contact = m->has_days_since_contact ? m->days_since_contact : -1,
    };
    if (!take_id(m->id, ret->id))
        return E_MALFORMED;
#define X(name) ret->name = text_from(m->name);
    CRIME_TEXTS(X)
#undef X
#define X(name) ret->name = m->has_##name ? (struct day){ m->name } : DAY_NONE;
    CRIME_DAYS(X)
#undef X
    return is_near(m->reported) ? E_OK : E_RANGE;
}

static enum err read_law(struct arena *a, const law_message *m, struct law_row *ret)
{
    *ret = (struct law_row){ .number = m->number, .rules = (uint32_t)m->n_rule, .holidays = (uint32_t)m->n_holiday, .zone = text_from(m->zone) };
    if (m->hash.len != LAW_HASH_BYTES || m->n_rule > LAW_RULES_MAX || m->n_holiday > HOLIDAYS_MAX)
        return E_MALFORMED;
    memcpy(ret->hash, m->hash.data, LAW_HASH_BYTES);
    ret->first_day = m->has_first_day ? (struct day){ m->first_day } : DAY_NONE;
    ret->last_day = m->has_last_day ? (struct day){ m->last_day } : DAY_NONE;
    if ((m->n_rule && !(ret->rule = wire_take(a, m->n_rule * sizeof *ret->rule))) ||
        (m->n_holiday && !(ret->holiday = wire_take(a, m->n_holiday * sizeof *ret->holiday))))
        return E_TOO_LARGE;
    for (size_t i = 0; i < m->n_rule; i++) {
        const Rightswatch__LawRuleRow *r = m->rule[i];
        struct law_rule_row *to = &ret->rule[i];
        *to = (struct law_rule_row){
            .confidence = (char)(r->has_confidence ? r->confidence : '?'), .basis = (uint8_t)(r->has_basis ? r->basis : 0),
            .owner = (uint8_t)(r->has_owner ? r->owner : 0), .unit = (uint8_t)(r->has_unit ? r->unit : 0),
            .report_only = r->has_report_only && r->report_only, .evidenced = r->has_evidenced && r->evidenced,
        };
        if (to->basis > 3 || to->owner > 4 || to->unit > 4)
            return E_RANGE;
#define X(name) to->name = text_from(r->name);
        RULE_TEXTS_NEEDED(X)
        RULE_TEXTS(X)
#undef X
    }
    for (size_t i = 0; i < m->n_holiday; i++)
        ret->holiday[i].n = m->holiday[i];
    return E_OK;
}

static enum err read_drawn(struct arena *a, const drawn_message *m, struct drawn_row *ret)
{
    *ret = (struct drawn_row){
        .journeys = m->journeys, .crimes = m->crimes, .day.n = m->day,
        .utc_offset = m->has_utc_offset ? m->utc_offset : 0, .sources = (uint32_t)m->n_source,
        .quarantined = m->has_quarantined ? m->quarantined : 0, .rejected = m->has_rejected ? m->rejected : 0,
    };
    if (m->n_source > SOURCES_MAX || !take_id(m->folder, ret->folder))
        return E_MALFORMED;
    if (m->n_source && !(ret->source = wire_take(a, m->n_source * sizeof *ret->source)))
        return E_TOO_LARGE;
    for (size_t i = 0; i < m->n_source; i++)
        ret->source[i] = (struct source_row){
            text_from(m->source[i]->name), { m->source[i]->has_complete_to ? m->source[i]->complete_to : 0 },
            m->source[i]->has_events ? m->source[i]->events : 0,
        };
    return E_OK;
}

static enum err read_row(struct arena *a, const Rightswatch__ComplianceRow *m, struct compliance_row *ret)
{
    switch (m->what_case) {
    case RIGHTSWATCH__COMPLIANCE_ROW__WHAT_JOURNEY:
        ret->what = ROW_JOURNEY;
        return read_journey(a, m->journey, &ret->journey);
    case RIGHTSWATCH__COMPLIANCE_ROW__WHAT_CRIME:
        ret->what = ROW_CRIME;
        return read_crime(m->crime, &ret->crime);
    case RIGHTSWATCH__COMPLIANCE_ROW__WHAT_LAW:
        ret->what = ROW_LAW;
        return read_law(a, m->law, &ret->law);
    case RIGHTSWATCH__COMPLIANCE_ROW__WHAT_DRAWN:
        ret->what = ROW_DRAWN;
        return read_drawn(a, m->drawn, &ret->drawn);
    case RIGHTSWATCH__COMPLIANCE_ROW__WHAT_ERASED:
        ret->what = ROW_ERASED;
        ret->erased.is_crime = m->erased->has_is_crime && m->erased->is_crime;
        return take_id(m->erased->id, ret->erased.id) ? E_OK : E_MALFORMED;
    default:
        return E_UNKNOWN;
    }
}

/* Where each kind of row keeps the tick and the record of its draw; false: a law is of no draw. */
static bool stamp_of(struct compliance_row *row, struct instant **ret_at, uint64_t **ret_record)
{
    switch (row->what) {
    case ROW_JOURNEY: return *ret_at = &row->journey.known_at, *ret_record = &row->journey.record, true;
    case ROW_CRIME: return *ret_at = &row->crime.known_at, *ret_record = &row->crime.record, true;
    case ROW_DRAWN: return *ret_at = &row->drawn.tick, *ret_record = &row->drawn.record, true;
    case ROW_ERASED: return *ret_at = &row->erased.known_at, *ret_record = &row->erased.record, true;
    case ROW_LAW: case ROW_NONE: break;
    }
    return false;
}

enum err wire_compliance_decode(struct wire *w, const uint8_t *p, size_t n, struct compliance_row *ret)
{
    const Rightswatch__ComplianceRow *m;
    ProtobufCMessage *base;
    struct instant *at;
    uint64_t *record;
    struct arena *a;
    enum err e;

    ret->what = ROW_NONE;
    if (n > LAW_ROW_BYTES_MAX)
        return E_TOO_LARGE;
    if ((e = wire_large(w, &a)) || (e = wire_unpack(&rightswatch__compliance_row__descriptor, a, p, n, &base)))
        return e;
    m = (const Rightswatch__ComplianceRow *)base;
    if ((e = read_row(a, m, ret))) {
        ret->what = ROW_NONE;
        return e;
    }
    if (!stamp_of(ret, &at, &record))
        return E_OK;
    at->s = m->has_known_at ? m->known_at : 0;
    *record = m->has_record ? m->record : 0;
    return instant_is_set(*at) && !instant_in_range(*at) ? E_RANGE : E_OK;
}

size_t wire_compliance_content(const uint8_t *p, size_t n)
{
    uint64_t size = 0;
    size_t at = 1;

    for (unsigned shift = 0; at < n && shift < 64; shift += 7) {
        size |= (uint64_t)(p[at] & 0x7F) << shift;
        if (!(p[at++] & 0x80))
            break;
    }
    return at < n && size <= n - at ? at + (size_t)size : n;
}

/* ---- writing ------------------------------------------------------------------------------ */

static ProtobufCBinaryData id_data(const uint8_t *id) { return (ProtobufCBinaryData){ KEYED_BYTES, (uint8_t *)id }; }

static bool id_is_set(const uint8_t *id)
{
    static const uint8_t none[KEYED_BYTES];

    return memcmp(id, none, KEYED_BYTES) != 0;
}

static bool write_owed(struct arena *a, const struct journey_row *row, journey_message *m)
{
    int32_t *n = wire_take(a, row->owed_count * OWED_NUMBERS * sizeof *n + 1);

    if (!n)
        return false;
    m->owed = n;
    m->n_owed = row->owed_count * OWED_NUMBERS;
    for (uint32_t i = 0; i < row->owed_count; i++) {
        const struct owed *o = &row->owed[i];
        *n++ = o->rule, *n++ = o->state, *n++ = o->flags, *n++ = o->owner, *n++ = o->limit;
        *n++ = day_from_reported(o->started, row->reported), *n++ = day_from_reported(o->due, row->reported);
        *n++ = day_from_reported(o->ended, row->reported), *n++ = day_from_reported(o->evidenced, row->reported);
        *n++ = o->working_days + 1, *n++ = o->started_by;
    }
    return true;
}

static int32_t write_code(struct arena *a, journey_message *m, struct text code, bool *bad)
{
    if (!code.n)
        return 0;
    for (size_t i = 0; i < m->n_code; i++)
        if (text_same(text_of(m->code[i]), code))
            return (int32_t)i + 1;
    m->code[m->n_code] = wire_copy(a, code, bad);
    return *bad ? 0 : (int32_t)++m->n_code;
}

static bool write_said(struct arena *a, const struct journey_row *row, journey_message *m, bool *bad)
{
    int32_t *n = wire_take(a, row->said_count * SAID_NUMBERS * sizeof *n + 1);

    m->code = wire_take(a, 2 * row->said_count * sizeof *m->code + 1);
    if (!n || !m->code)
        return false;
    m->said = n;
    m->n_said = row->said_count * SAID_NUMBERS;
    for (uint32_t i = 0; i < row->said_count; i++) {
        const struct said *s = &row->said[i];
        *n++ = s->kind, *n++ = s->item, *n++ = s->count, *n++ = s->value;
        *n++ = day_from_reported(s->first, row->reported), *n++ = day_from_reported(s->last, row->reported);
        *n++ = write_code(a, m, s->reason, bad), *n++ = write_code(a, m, s->stage, bad);
    }
    return true;
}

static bool write_journey(struct arena *a, const struct journey_row *row, journey_message *m, bool *bad)
{
    rightswatch__journey_row__init(m);
    m->id = id_data(row->id), m->crime = id_data(row->crime), m->victim = id_data(row->victim), m->officer = id_data(row->officer);
    m->has_officer = id_is_set(row->officer);
    m->law = row->law, m->reported = row->reported.n;
#define X(name) m->name = wire_copy_said(a, row->name, bad);
    JOURNEY_TEXTS(X)
#undef X
#define X(name) m->has_##name = day_is_set(row->name), m->name = row->name.n;
    JOURNEY_DAYS(X)
#undef X
    m->has_age_band = row->age_band != AGE_BAND_UNKNOWN, m->age_band = row->age_band;
    m->has_flags = row->flags != 0, m->flags = row->flags;
    m->has_facts = row->facts != 0, m->facts = row->facts;
    m->late = (uint32_t *)row->late;
    m->n_late = LATE_BUCKETS;
    return write_owed(a, row, m) && write_said(a, row, m, bad);
}

static void write_crime(struct arena *a, const struct crime_row *row, crime_message *m, bool *bad)
{
    rightswatch__crime_row__init(m);
    m->id = id_data(row->id);
    m->reported = row->reported.n;
#define X(name) m->name = wire_copy_said(a, row->name, bad);
    CRIME_TEXTS(X)
#undef X
#define X(name) m->has_##name = day_is_set(row->name), m->name = row->name.n;
    CRIME_DAYS(X)
#undef X
    m->has_victims = row->victims != 0, m->victims = row->victims;
    m->has_flags = row->flags != 0, m->flags = row->flags;
    m->has_days_since_contact = row->days_since_contact >= 0, m->days_since_contact = row->days_since_contact;
}

static bool write_rule(struct arena *a, const struct law_rule_row *row, Rightswatch__LawRuleRow **ret, bool *bad)
{
    Rightswatch__LawRuleRow *m = wire_take(a, sizeof *m);

    if (!m)
        return false;
    rightswatch__law_rule_row__init(m);
#define X(name) m->name = wire_copy(a, row->name, bad);
    RULE_TEXTS_NEEDED(X)
#undef X
#define X(name) m->name = wire_copy_said(a, row->name, bad);
    RULE_TEXTS(X)
#undef X
    m->has_confidence = m->has_basis = m->has_owner = m->has_unit = m->has_report_only = m->has_evidenced = true;
    m->confidence = (uint8_t)row->confidence, m->basis = row->basis, m->owner = row->owner, m->unit = row->unit;
    m->report_only = row->report_only, m->evidenced = row->evidenced;
    *ret = m;
    return true;
}

static bool write_law(struct arena *a, const struct law_row *row, law_message *m, bool *bad)
{
    rightswatch__law_row__init(m);
    m->number = row->number;
    m->hash = (ProtobufCBinaryData){ LAW_HASH_BYTES, (uint8_t *)row->hash };
    m->has_first_day = day_is_set(row->first_day), m->first_day = row->first_day.n;
    m->has_last_day = day_is_set(row->last_day), m->last_day = row->last_day.n;
    m->zone = wire_copy_said(a, row->zone, bad);
    m->rule = wire_take(a, row->rules * sizeof *m->rule + 1);
    m->holiday = wire_take(a, row->holidays * sizeof *m->holiday + 1);
    if (!m->rule || !m->holiday)
        return false;
    m->n_rule = row->rules;
    m->n_holiday = row->holidays;
    for (uint32_t i = 0; i < row->rules; i++)
        if (!write_rule(a, &row->rule[i], &m->rule[i], bad))
            return false;
    for (uint32_t i = 0; i < row->holidays; i++)
        m->holiday[i] = row->holiday[i].n;
    return true;
}

static bool write_drawn(struct arena *a, const struct drawn_row *row, drawn_message *m, bool *bad)
{
    rightswatch__drawn_row__init(m);
    m->folder = id_data(row->folder);
    m->journeys = row->journeys, m->crimes = row->crimes, m->day = row->day.n;
    m->has_utc_offset = row->utc_offset != 0, m->utc_offset = row->utc_offset;
    m->has_quarantined = m->has_rejected = true;
    m->quarantined = row->quarantined, m->rejected = row->rejected;
    if (!(m->source = wire_take(a, row->sources * sizeof *m->source + 1)))
        return false;
    m->n_source = row->sources;
    for (uint32_t i = 0; i < row->sources; i++) {
        Rightswatch__SourceRow *s = m->source[i] = wire_take(a, sizeof *s);
        if (!s)
            return false;
        rightswatch__source_row__init(s);
        s->name = wire_copy(a, row->source[i].name, bad);
        s->has_complete_to = instant_is_set(row->source[i].complete_to), s->complete_to = row->source[i].complete_to.s;
        s->has_events = true, s->events = row->source[i].events;
    }
    return true;
}

enum err wire_compliance_append(struct wire *w, const struct compliance_row *row, uint8_t *buf, size_t cap, size_t *used)
{
    Rightswatch__ComplianceRow m = RIGHTSWATCH__COMPLIANCE_ROW__INIT;
    union { journey_message journey; crime_message crime; law_message law; drawn_message drawn; Rightswatch__ErasedRow erased; } u;
    struct arena *a;
    struct instant *at;
    uint64_t *record;
    bool bad = false, fits = true;
    enum err e = wire_large(w, &a);

    if (e)
        return e;
    wire_empty(a);
    m.journey = &u.journey;                     /* all members of the oneof share the pointer */
    switch (row->what) {
    case ROW_JOURNEY:
        m.what_case = RIGHTSWATCH__COMPLIANCE_ROW__WHAT_JOURNEY;
        fits = write_journey(a, &row->journey, &u.journey, &bad);
        break;
    case ROW_CRIME:
        m.what_case = RIGHTSWATCH__COMPLIANCE_ROW__WHAT_CRIME;
        write_crime(a, &row->crime, &u.crime, &bad);
        break;
    case ROW_LAW:
        m.what_case = RIGHTSWATCH__COMPLIANCE_ROW__WHAT_LAW;
        fits = write_law(a, &row->law, &u.law, &bad);
        break;
    case ROW_DRAWN:
        m.what_case = RIGHTSWATCH__COMPLIANCE_ROW__WHAT_DRAWN;
        fits = write_drawn(a, &row->drawn, &u.drawn, &bad);
        break;
    case ROW_ERASED:
        m.what_case = RIGHTSWATCH__COMPLIANCE_ROW__WHAT_ERASED;
        rightswatch__erased_row__init(&u.erased);
        u.erased.id = id_data(row->erased.id);
        u.erased.has_is_crime = u.erased.is_crime = row->erased.is_crime;
        break;
    case ROW_NONE:
        assert(row->what != ROW_NONE);
    }
    if (stamp_of((struct compliance_row *)row, &at, &record)) {
        m.has_known_at = instant_is_set(*at), m.known_at = at->s;
        m.has_record = *record != 0, m.record = *record;
    }
    if (!fits || bad)
        return a->full || !fits ? E_TOO_LARGE : E_MALFORMED;
    return wire_append(&m.base, row->what == ROW_LAW ? LAW_ROW_BYTES_MAX : ROW_BYTES_MAX, buf, cap, used);
}
