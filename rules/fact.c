/* fact.c: an event, or a row that could not be read, as the law sees it. */
#include "core/hash.h"
#include "rules/program.h"

#define WORD(literal) { literal, sizeof literal - 1 }

static uint8_t word_index(struct text t, const struct text *words, size_t n, uint8_t otherwise)
{
    if (!t.n)
        return 0;
    for (size_t i = 0; i < n; i++)
        if (text_same(t, words[i]))
            return (uint8_t)i;
    return otherwise;
}

static uint64_t waivers(const struct law *law, const struct words *w)
{
    uint64_t bits = 0;

    for (uint32_t i = 0; i < w->n; i++)
        for (size_t r = 0; r < law->rules; r++)
            if (text_same(w->word[i], text_of(law->rule[r].id)))
                bits |= (uint64_t)1 << law->waiver[r];
    return bits;
}

static uint16_t marker_bits(const struct words *w)
{
    static const struct text names[] = {
#define X(name) WORD(#name),
        MARKERS(X)
#undef X
    };
    uint16_t bits = 0;

    for (uint32_t i = 0; i < w->n; i++)
        if (!text_same(w->word[i], TEXT("NONE")))   /* says that there are none any more */
            bits |= (uint16_t)(1 << word_index(w->word[i], names, MARKERS_COUNT, MARKER_OTHER));
    return bits;
}

static void copy_short(char *to, size_t cap, struct text t)
{
    memcpy(to, t.p, t.n < cap - 1 ? t.n : cap - 1);
}

static uint64_t id_of(struct text t) { return t.n ? hash_text(t) : 0; }

static uint32_t low_hash(struct text t)
{
    uint32_t low = (uint32_t)id_of(t);

    return t.n && !low ? 1 : low;               /* 0 says that none is named */
}

/* What is not said, or not known, is taken as both: nobody is told by mistake. */
static uint16_t restriction_of(struct text category)
{
    if (text_same(category, TEXT("lifted")))
        return RESTRICTION_NONE;
    if (text_same(category, TEXT("access")))
        return RESTRICTION_ACCESS;
    if (text_same(category, TEXT("processing")))
        return RESTRICTION_PROCESSING;
    return RESTRICTION_ACCESS | RESTRICTION_PROCESSING;
}

/* The first half of a notice's id, as its 32 hexadecimal digits say it; 0: no such id. */
static uint64_t notice_of(struct text hex)
{
    uint8_t id[NOTICE_ID_BYTES];
    uint64_t half = 0;

    if (!hash_from_hex(hex, id, sizeof id))
        return 0;
    for (int i = 0; i < 8; i++)
        half = half << 8 | id[i];
    return half;
}

#define FLAG_FIELDS(X) X(vulnerable, VULNERABLE) X(intimidated, INTIMIDATED) X(persistently_targeted, TARGETED) X(enhanced, ENHANCED) \
                       X(need, NEED) X(support_consent, CONSENT) X(vrr_offered, VRR) X(safe_contact, SAFE_CONTACT)

static void take_flags(const struct event *e, struct fact *f)
{
#define X(field, flag) | UINT64_C(1) << F_##field
    if (!(e->present & (0 FLAG_FIELDS(X))))             /* most events have none */
        return;
#undef X
#define X(field, flag) \
    if (event_has(e, F_##field)) { \
        f->flags_said |= FACT_##flag; \
        f->flags |= e->field ? FACT_##flag : 0; \
    }
    FLAG_FIELDS(X)
#undef X
}

static void take_words(const struct law *law, const struct event *e, struct fact *f)
{
    static const struct text who[] = { WORD(""), WORD("victim"), WORD("parent"), WORD("guardian"), WORD("family"), WORD("contact"), WORD("suspect") };
    static const struct text victim[] = { WORD(""), WORD("person"), WORD("child"), WORD("bereaved"), WORD("business"), WORD("police"), WORD("state") };
    static const struct text by[] = { WORD(""), WORD("police"), WORD("cps") };

    if (event_has(e, F_informed_who))
        f->who = word_index(e->informed_who, who, sizeof who / sizeof *who, WHO_OTHER);
    if (event_has(e, F_decision_by))
        f->by = word_index(e->decision_by, by, sizeof by / sizeof *by, 0);
    if (event_has(e, F_victim_type))
        f->victim_type = word_index(e->victim_type, victim, sizeof victim / sizeof *victim, VICTIM_OTHER);
    if (event_has(e, F_markers)) {
        f->markers_said = 1;
        f->markers = marker_bits(&e->markers);
    }
    if (event_has(e, F_outcome_code))
        copy_short(f->outcome, sizeof f->outcome, e->outcome_code);
    if (event_has(e, F_ho_class))
        copy_short(f->ho_class, sizeof f->ho_class, e->ho_class);
    if (event_has(e, F_waives))
        f->waives = waivers(law, &e->waives);
}

static void take_numbers_and_times(const struct event *e, struct fact *f)
{
    if (event_has(e, F_age))
        f->age = e->age < AGE_UNKNOWN ? (uint8_t)e->age : AGE_UNKNOWN - 1;
    if (event_has(e, F_suspect_no))
        f->suspect_no = (uint16_t)e->suspect_no;
    if (event_has(e, F_item_no))
        f->item_no = (uint16_t)e->item_no;
    f->value = event_has(e, F_agreed_update_days) ? (uint16_t)e->agreed_update_days :
               event_has(e, F_sentence_months) ? (uint16_t)e->sentence_months :
               event_has(e, F_score) ? (uint16_t)e->score : 0;
    if (event_has(e, F_victim_informed_at))
        f->informed_at = e->victim_informed_at;
    if (event_has(e, F_received_at))
        f->received_at = e->received_at;
    f->date = event_has(e, F_due_by) ? e->due_by : event_has(e, F_court_date) ? e->court_date : INSTANT_NONE;
}

/* Most events say nothing beside these: whose the case is, and what a fact has no place for. One that is not in the list is only
 * looked for in vain. */
#define BIT(field) UINT64_C(1) << F_##field
static const uint64_t passed_by = BIT(oic) | BIT(team) | BIT(supervisor) | BIT(area) | BIT(force_code) | BIT(offence_title) | BIT(ho_subclass) |
                                  BIT(cjs_offence_code) | BIT(reason_code) | BIT(contact_method) | BIT(stage) | BIT(authorised_by);
#undef BIT

void fact_from_event(const struct law *law, const struct event *e, uint64_t number, uint32_t check, struct fact *ret)
{
    *ret = (struct fact){ .number = number, .check = check, .age = AGE_UNKNOWN, .kind = e->kind };
    ret->id = id_of(e->event_id);
    ret->supersedes = id_of(e->supersedes);
    ret->of_crime = text_is_empty(e->victim_ref);
    ret->occurred_at = e->occurred_at;
    ret->recorded_at = instant_is_set(e->recorded_at) ? e->recorded_at : e->occurred_at;
    ret->names = (event_has(e, F_oic) ? FACT_NAMES_OIC : 0) | (event_has(e, F_team) ? FACT_NAMES_TEAM : 0);
    ret->oic = low_hash(event_text(e, F_oic));
    ret->team = low_hash(event_text(e, F_team));
    if (e->present & ~passed_by) {
        if (event_has(e, F_informs_event_id))
            ret->informs = id_of(e->informs_event_id);
        if (event_has(e, F_merged_into))
            ret->informs = id_of(e->merged_into);
        take_flags(e, ret);
        take_words(law, e, ret);
        take_numbers_and_times(e, ret);
    }
    if (e->kind == KIND_LOCAL && (ret->kind = law_local_kind(law, e->local_kind)) == KIND_NONE)
        ret->kind = KIND_LOCAL;
    if (e->kind == law->known.alert_acknowledged)
        ret->informs = notice_of(event_text(e, F_notice_id));
    if (e->kind == law->known.restricted)
        ret->value = restriction_of(event_text(e, F_category));
}

void fact_from_reject(const struct law *law, const struct item *item, uint64_t number, uint32_t check, struct fact *ret)
{
    *ret = (struct fact){
        .number = number, .check = check, .age = AGE_UNKNOWN, .kind = law->known.row_rejected,
        .of_crime = text_is_empty(item->victim_ref), .occurred_at = INSTANT_MIN, .recorded_at = INSTANT_MIN,   /* whatever comes with its id replaces it */
        .id = item->event_id.n ? id_of(item->event_id) : hash_next(id_of(item->source), &item->row, sizeof item->row),
    };
}
