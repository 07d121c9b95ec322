/* victims.c: what a victim's row says that it did not say before; victims of several crimes; nominals that were one person. */
#include "producers/connect/inside.h"

#include <assert.h>
#include <stdlib.h>

static bool derives(const struct differ *d, const char *kind) { return d->shape->derives[kind_by_name(EVENT_UPDATE, text_of(kind))]; }

/* ---- victims of a crime ------------------------------------------------------------ */

/* A list of references, each with its length. */
static enum err add_to_crime(struct differ *d, struct text crime, struct text victim)
{
    static uint8_t list[VICTIMS_PER_CRIME_MAX * (REF_BYTES_MAX + 1)];
    struct memory_key key = memory_key(K_VICTIMS_OF, crime, (struct text){ 0 });
    struct bytes value = { NULL, 0 };
    enum err e = memory_get(d->memory, &key, &value);

    if (e && e != E_NOT_FOUND)
        return e;
    for (size_t at = 0; at < value.n; at += 1 + (size_t)value.p[at])
        if (text_same((struct text){ (const char *)value.p + at + 1, value.p[at] }, victim))
            return E_OK;
    if (value.n + 1 + victim.n > sizeof list)
        return E_TOO_LARGE;
    if (value.n)
        memcpy(list, value.p, value.n);
    list[value.n] = (uint8_t)victim.n;
    memcpy(list + value.n + 1, victim.p, victim.n);
    return memory_put(d->memory, &key, (struct bytes){ list, value.n + 1 + victim.n });
}

enum err each_victim(struct differ *d, struct text crime, enum err (*visit)(struct differ *d, struct text victim, void *ctx), void *ctx)
{
    struct memory_key key = memory_key(K_VICTIMS_OF, crime, (struct text){ 0 });
    struct bytes value;
    uint8_t *copy;
    size_t n;
    enum err e = memory_get(d->memory, &key, &value);

    if (e)
        return e == E_NOT_FOUND ? E_OK : e;
    n = value.n;
    if (!(copy = malloc(n)))
        return E_MEMORY;
    memcpy(copy, value.p, n);
    for (size_t at = 0; !e && at < n; at += 1 + (size_t)copy[at])
        e = visit(d, (struct text){ (const char *)copy + at + 1, copy[at] }, ctx);
    free(copy);
    return e;
}

/* ---- age ----------------------------------------------------------------------------- */

static int full_years(struct day from, struct day to)
{
    int y0, m0, d0, y1, m1, d1;

    day_to_ymd(from, &y0, &m0, &d0);
    day_to_ymd(to, &y1, &m1, &d1);
    return y1 - y0 - (m1 < m0 || (m1 == m0 && d1 < d0));
}

/* At the offence, not at the report; -1: not known. Where only the age at the report is given, the years between are taken off. */
static int age_of(const struct differ *d, const struct record *crime, const struct record *victim)
{
    const struct zone *zone = &d->shape->dates.zone;
    struct instant offence = record_says(crime, CRIME_committed_from) ? record_time(crime, CRIME_committed_from) :
                             record_says(crime, CRIME_committed_to) ? record_time(crime, CRIME_committed_to) : record_time(crime, CRIME_reported_time);
    struct day day = zone_day(zone, offence);
    int age = -1;

    if (record_says(victim, VICTIM_date_of_birth))
        age = full_years((struct day){ (int32_t)record_number(victim, VICTIM_date_of_birth) }, day);
    else if (record_says(victim, VICTIM_age_at_report))
        age = (int)record_number(victim, VICTIM_age_at_report) - full_years(day, zone_day(zone, record_time(crime, CRIME_reported_time)));
    return age >= 0 && age <= 130 ? age : -1;
}

static void set_age(struct event *e, int age)
{
    if (age < 0)
        return;
    e->age = (uint32_t)age;
    e->present |= (uint64_t)1 << F_age;
}

/* ---- the report ------------------------------------------------------------------------ */

static void fill_report(struct differ *d, const struct record *crime, const struct record *victim, struct event *e, char *scratch, size_t cap)
{
    static const struct { enum field f; enum column c; } of_crime[] = {
        { F_ho_class, CRIME_ho_class }, { F_ho_subclass, CRIME_ho_subclass }, { F_cjs_offence_code, CRIME_cjs_offence_code },
        { F_offence_title, CRIME_offence_title }, { F_force_code, CRIME_force_code }, { F_area, CRIME_lpa }, { F_team, CRIME_team },
        { F_oic, CRIME_oic_collar }, { F_supervisor, CRIME_supervisor_collar }, { F_ptiurn, CRIME_ptiurn },
    };

    for (size_t i = 0; i < sizeof of_crime / sizeof *of_crime; i++)
        set_text(e, of_crime[i].f, record_text(crime, of_crime[i].c));
    crime_markers(crime, &e->markers, scratch, cap);
    e->present |= e->markers.n ? (uint64_t)1 << F_markers : 0;
    if (record_says(crime, CRIME_committed_from))
        e->committed_from = record_time(crime, CRIME_committed_from), e->present |= (uint64_t)1 << F_committed_from;
    if (record_says(crime, CRIME_committed_to))
        e->committed_to = record_time(crime, CRIME_committed_to), e->present |= (uint64_t)1 << F_committed_to;
    set_text(e, F_victim_type, record_text(victim, VICTIM_victim_type));
    set_text(e, F_gender, record_text(victim, VICTIM_gender));
    set_text(e, F_ethnicity_self_defined, record_text(victim, VICTIM_ethnicity_self_defined));
    set_text(e, F_ethnicity_observed, record_text(victim, VICTIM_ethnicity_observed));
    set_flag(e, F_vulnerable, victim, VICTIM_vulnerable);
    set_flag(e, F_intimidated, victim, VICTIM_intimidated);
    set_flag(e, F_persistently_targeted, victim, VICTIM_persistently_targeted);
    set_flag(e, F_enhanced, victim, VICTIM_enhanced_rights);
    set_flag(e, F_safe_contact, victim, VICTIM_safe_contact);
    set_flag(e, F_support_consent, victim, VICTIM_support_referral_consent);
    set_age(e, age_of(d, crime, victim));
}

/* The report as it was said first is kept: should its times be corrected, it is said again as it was, for what changed since
 * counts from when it changed. */
static enum err keep_report(struct differ *d, struct text crime, struct text victim, const struct item *item)
{
    struct memory_key key = memory_key(K_REPORT, crime, victim);
    uint8_t bytes[ITEM_BYTES_MAX + 8];
    size_t n = 0;
    enum err e = wire_item_append(d->wire, item, bytes, sizeof bytes, &n);

    return e ? e : memory_put(d->memory, &key, (struct bytes){ bytes, n });
}

static enum err say_preference(struct differ *d, const struct record *row, int64_t at)
{
    struct item item = update_item(d, "preference-set", record_text(row, VICTIM_crime_reference), record_text(row, VICTIM_victim_ref), at);
    struct event *e = &item.event;

    set_text(e, F_preference, record_text(row, VICTIM_contact_preference));
    record_words(row, VICTIM_contact_declined, &e->waives);
    e->present |= e->waives.n ? (uint64_t)1 << F_waives : 0;
    if (record_says(row, VICTIM_agreed_update_days)) {
        e->agreed_update_days = (uint32_t)record_number(row, VICTIM_agreed_update_days);
        e->present |= (uint64_t)1 << F_agreed_update_days;
    }
    return say(d, &item, NULL);
}

/* ---- several crimes ---------------------------------------------------------------------- */

struct person_crime { int64_t reported; uint8_t is_said, ref_bytes; char ref[REF_BYTES_MAX]; };

/* Was a reported so little before b that both count: not a day more than `months` by the calendar. */
static bool is_within(const struct differ *d, int64_t a, int64_t b)
{
    const struct zone *zone = &d->shape->dates.zone;
    int y, m, day;

    if (a > b)
        return false;
    day_to_ymd(zone_day(zone, (struct instant){ b }), &y, &m, &day);
    m -= (int)d->shape->repeat_months;
    while (m < 1)
        m += 12, y--;
    return !day_before(zone_day(zone, (struct instant){ a }), day_from_ymd(y, m, day > 28 ? 28 : day));
}

/* Of every crime that is a third in the time, whenever the others came, it is said once. Only those can have become one that
 * were reported at `since`, where one was added, or later. */
static enum err say_repeats(struct differ *d, struct text victim, struct person_crime *list, size_t count, int64_t since, int64_t at)
{
    for (size_t i = 0; i < count; i++) {
        long within = 0;
        struct item item;
        enum err e;
        if (list[i].is_said || list[i].reported < since)
            continue;
        for (size_t n = 0; n < count; n++)
            within += is_within(d, list[n].reported, list[i].reported);
        if (within < d->shape->repeat_crimes)
            continue;
        list[i].is_said = 1;
        item = update_item(d, "repeat-victim", (struct text){ list[i].ref, list[i].ref_bytes }, victim, at);
        item.event.event_id = make_id(d->id, "repeat-victim", item.event.crime_ref, victim, 0);
        if ((e = say(d, &item, NULL)))
            return e;
    }
    return E_OK;
}

static enum err add_to_person(struct differ *d, struct text victim, struct text crime, int64_t reported, int64_t at)
{
    static struct person_crime list[CRIMES_PER_PERSON_MAX + 1];
    struct memory_key key = memory_key(K_PERSON, victim, (struct text){ 0 });
    struct bytes value = { NULL, 0 };
    size_t count, i = 0;
    enum err e = memory_get(d->memory, &key, &value);

    if (e && e != E_NOT_FOUND)
        return e;
    if (value.n % sizeof *list || value.n > CRIMES_PER_PERSON_MAX * sizeof *list)
        return E_CORRUPT;
    count = value.n / sizeof *list;
    if (count)
        memcpy(list, value.p, value.n);
    while (i < count && !text_same((struct text){ list[i].ref, list[i].ref_bytes }, crime))
        i++;
    if (i == count) {
        memset(&list[i], 0, sizeof list[i]);
        list[i].ref_bytes = (uint8_t)crime.n;
        memcpy(list[i].ref, crime.p, crime.n);
        count++;
    } else if (list[i].reported == reported) {
        return E_OK;
    }
    list[i].reported = reported;
    if ((e = say_repeats(d, victim, list, count, reported, at)))
        return e;
    if (count > CRIMES_PER_PERSON_MAX)              /* the one that came first is forgotten */
        memmove(list, list + 1, --count * sizeof *list);
    return memory_put(d->memory, &key, (struct bytes){ (const uint8_t *)list, count * sizeof *list });
}

/* One crime fewer is known of the person. */
static enum err take_from_person(struct differ *d, struct text victim, struct text crime)
{
    static struct person_crime list[CRIMES_PER_PERSON_MAX];
    struct memory_key key = memory_key(K_PERSON, victim, (struct text){ 0 });
    struct bytes value;
    size_t count, kept = 0;
    enum err e = memory_get(d->memory, &key, &value);

    if (e)
        return e == E_NOT_FOUND ? E_OK : e;
    if (value.n % sizeof *list || value.n > sizeof list)
        return E_CORRUPT;
    memcpy(list, value.p, value.n);
    count = value.n / sizeof *list;
    for (size_t i = 0; i < count; i++)
        if (!text_same((struct text){ list[i].ref, list[i].ref_bytes }, crime))
            list[kept++] = list[i];
    return kept ? memory_put(d->memory, &key, (struct bytes){ (const uint8_t *)list, kept * sizeof *list }) : memory_delete(d->memory, &key);
}

/* ---- joining -------------------------------------------------------------------------- */

static bool has_preference(const struct record *r)
{
    return record_says(r, VICTIM_contact_preference) || record_says(r, VICTIM_contact_declined) || record_says(r, VICTIM_agreed_update_days);
}

/* When the journey begins: with the report, or with the victim who was found later; it is recorded no sooner. */
static void date_report(struct event *e, const struct record *crime, const struct record *victim)
{
    e->occurred_at = record_time(crime, CRIME_reported_time);
    e->recorded_at = record_time(crime, CRIME_recorded_time);
    if (!record_says(victim, VICTIM_identified_time))
        return;
    e->occurred_at = instant_max(e->occurred_at, record_time(victim, VICTIM_identified_time));
    e->recorded_at = instant_max(e->recorded_at, e->occurred_at);
}

/* A victim and its crime are both known: the journey begins. */
enum err victim_report(struct differ *d, const struct record *crime, struct memo_of_victim *v, const struct record *row)
{
    struct text crime_ref = record_text(row, VICTIM_crime_reference), victim = record_text(row, VICTIM_victim_ref);
    struct item item = { .what = ITEM_EVENT };
    struct event *e = &item.event;
    char scratch[WORDS_MAX * 72];
    enum err err;

    e->type = EVENT_REPORT;
    e->kind = kind_by_name(EVENT_REPORT, TEXT("recorded"));
    e->crime_ref = crime_ref;
    e->victim_ref = victim;
    date_report(e, crime, row);
    e->event_id = make_id(d->id, "recorded", crime_ref, victim, v->memo.reported);
    fill_report(d, crime, row, e, scratch, sizeof scratch);
    if ((err = say(d, &item, NULL)) || (err = keep_report(d, crime_ref, victim, &item)))
        return err;
    v->memo.flags |= VICTIM_REPORTED;
    if (has_preference(row) && derives(d, "preference-set")) {
        v->memo.flags |= VICTIM_HAS_PREFERENCE;
        if ((err = say_preference(d, row, v->memo.updated)))
            return err;
    }
    return add_to_person(d, victim, crime_ref, record_number(crime, CRIME_reported_time), v->memo.updated);
}

static enum err keep(struct differ *d, struct memo_of_victim *v, const struct record *row)
{
    struct memory_key key = memory_key(K_VICTIM, record_text(row, VICTIM_crime_reference), record_text(row, VICTIM_victim_ref));

    return memo_put(d, &key, &v->memo, sizeof v->memo, row);
}

enum err victim_joins(struct differ *d, const struct record *crime, struct text victim)
{
    struct memo_of_victim *v = &d->other_victim;
    enum err e = victim_recall(d, record_text(crime, CRIME_crime_reference), victim, v);

    if (e || (v->memo.flags & (VICTIM_REPORTED | VICTIM_ERASED)) || v->memo.merged)
        return e;
    return (e = victim_report(d, crime, v, &v->row)) ? e : keep(d, v, &v->row);
}

/* The time the clocks start from was corrected. The new report comes first, so that the journey is never without one. */
enum err victim_report_anew(struct differ *d, const struct record *crime, struct text victim, int64_t at)
{
    static uint8_t bytes[ITEM_BYTES_MAX + 8];
    struct memo_of_victim *v = &d->other_victim;
    struct text crime_ref = record_text(crime, CRIME_crime_reference);
    struct memory_key key = memory_key(K_REPORT, crime_ref, victim);
    struct bytes value, one;
    struct item item;
    size_t next = 0;
    enum err e = victim_recall(d, crime_ref, victim, v);

    if (e || !(v->memo.flags & VICTIM_REPORTED) || (v->memo.flags & VICTIM_ERASED))
        return e;
    if ((e = memory_get(d->memory, &key, &value)))
        return e;
    if (value.n > sizeof bytes)
        return E_CORRUPT;
    memcpy(bytes, value.p, value.n);
    if ((e = wire_next(bytes, value.n, &next, &one)) || (e = wire_item_decode(d->wire, one.p, one.n, &item, NULL)))
        return E_CORRUPT;
    date_report(&item.event, crime, &v->row);
    item.event.event_id = make_id(d->id, "recorded", crime_ref, victim, at);
    if ((e = say(d, &item, NULL)) || (e = withdraw(d, crime_ref, victim, make_id(d->other_id, "recorded", crime_ref, victim, v->memo.reported), at)) ||
        (e = add_to_person(d, victim, crime_ref, record_number(crime, CRIME_reported_time), at)))
        return e;
    v->memo.reported = at;
    return keep(d, v, &v->row);
}

enum err victim_age_anew(struct differ *d, const struct record *before, const struct record *crime, struct text victim, int64_t at)
{
    struct memo_of_victim *v = &d->other_victim;
    struct item item;
    enum err e = victim_recall(d, record_text(crime, CRIME_crime_reference), victim, v);
    int age;

    if (e || !(v->memo.flags & VICTIM_REPORTED) || (v->memo.flags & VICTIM_ERASED))
        return e;
    age = age_of(d, crime, &v->row);
    if (age < 0 || age == age_of(d, before, &v->row))
        return E_OK;
    item = update_item(d, "victim-described", record_text(crime, CRIME_crime_reference), victim, at);
    item.event.event_id = make_id(d->id, "victim-age", item.event.crime_ref, victim, at);
    set_age(&item.event, age);
    return say(d, &item, NULL);
}

/* ---- what changed ---------------------------------------------------------------------- */

static bool flag_turned(const struct record *a, const struct record *b, enum column c)
{
    return record_says(b, c) && !record_same(a, b, c);
}

static enum err say_described(struct differ *d, const struct record *before, const struct record *now, const struct record *crime, int64_t at)
{
    static const struct { enum field f; enum column c; } texts[] = {
        { F_victim_type, VICTIM_victim_type }, { F_gender, VICTIM_gender }, { F_ethnicity_self_defined, VICTIM_ethnicity_self_defined },
        { F_ethnicity_observed, VICTIM_ethnicity_observed },
    }, flags[] = {
        { F_vulnerable, VICTIM_vulnerable }, { F_intimidated, VICTIM_intimidated }, { F_persistently_targeted, VICTIM_persistently_targeted },
        { F_safe_contact, VICTIM_safe_contact }, { F_support_consent, VICTIM_support_referral_consent },
    };
    struct item item = update_item(d, "victim-described", record_text(now, VICTIM_crime_reference), record_text(now, VICTIM_victim_ref), at);
    int age = crime ? age_of(d, crime, now) : -1;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (flag_turned(before, now, texts[i].c))
            set_text(&item.event, texts[i].f, record_text(now, texts[i].c));
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (flag_turned(before, now, flags[i].c))
            set_flag(&item.event, flags[i].f, now, flags[i].c);
    if (crime && age != age_of(d, crime, before))
        set_age(&item.event, age);
    return item.event.present ? say(d, &item, NULL) : E_OK;
}

/* The record system's own flag is what somebody found, and found ended. */
static enum err say_enhanced(struct differ *d, const struct record *before, const struct record *now, int64_t at)
{
    bool was = record_flag(before, VICTIM_enhanced_rights), is = record_flag(now, VICTIM_enhanced_rights);
    const char *kind = is ? "enhanced-found" : "enhanced-ended";
    struct item item;

    if (!record_says(now, VICTIM_enhanced_rights) || was == is || !derives(d, kind))
        return E_OK;
    item = update_item(d, kind, record_text(now, VICTIM_crime_reference), record_text(now, VICTIM_victim_ref), at);
    set_text(&item.event, F_category, record_text(now, VICTIM_enhanced_reason));
    return say(d, &item, NULL);
}

static enum err tell_changes(struct differ *d, struct memo_of_victim *v, const struct record *now, const struct record *crime)
{
    const struct record *before = &v->row;
    int64_t at = record_updated(now).s;
    bool preference = !record_same(before, now, VICTIM_contact_preference) || !record_same(before, now, VICTIM_contact_declined) ||
                      !record_same(before, now, VICTIM_agreed_update_days);
    enum err e;

    if ((e = say_enhanced(d, before, now, at)) || (derives(d, "victim-described") && (e = say_described(d, before, now, crime, at))))
        return e;
    if (!preference || !derives(d, "preference-set") || (!has_preference(now) && !(v->memo.flags & VICTIM_HAS_PREFERENCE)))
        return E_OK;
    v->memo.flags |= VICTIM_HAS_PREFERENCE;
    return say_preference(d, now, at);
}

/* Nothing that was said of the victim is kept, only that there was one, when that ended, and under which name it goes on: an older
 * row must not bring it back. Rows of its events go at the end of the batch: differ_forget_erased. */
static enum err strip(struct differ *d, const struct victim_memo *memo, const struct record *row)
{
    static const enum column kept[] = { VICTIM_crime_reference, VICTIM_victim_ref, VICTIM_merged_into };
    struct text crime = record_text(row, VICTIM_crime_reference), victim = record_text(row, VICTIM_victim_ref);
    struct memory_key key = memory_key(K_VICTIM, crime, victim), report = memory_key(K_REPORT, crime, victim), erased = memory_key(K_ERASED, crime, victim);
    struct record bare = { .table = TABLE_VICTIM };
    enum err e;

    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (kept[i] != VICTIM_merged_into || memo->merged)
            bare.value[kept[i] - VICTIM_crime_reference] = *record_value(row, kept[i]);
    if ((e = memory_delete(d->memory, &report)) || (e = take_from_person(d, victim, crime)) ||
        (e = memory_put(d->memory, &erased, (struct bytes){ (const uint8_t *)"e", 1 })))
        return e;
    return memo_put(d, &key, memo, sizeof *memo, &bare);
}

/* The same person under a name that was given up: what it said goes, too. */
static enum err strip_other_name(struct differ *d, struct text other, void *ctx)
{
    const struct record *erased = ctx;
    struct memo_of_victim *v = &d->other_victim;
    enum err e = victim_recall(d, record_text(erased, VICTIM_crime_reference), other, v);

    if (e || !v->memo.merged || !text_same(record_text(&v->row, VICTIM_merged_into), record_text(erased, VICTIM_victim_ref)))
        return e == E_NOT_FOUND ? E_OK : e;
    return strip(d, &v->memo, &v->row);
}

static enum err erase(struct differ *d, struct memo_of_victim *v, const struct record *now)
{
    struct text crime = record_text(now, VICTIM_crime_reference), victim = record_text(now, VICTIM_victim_ref);
    struct record last = v->memo.merged ? v->row : *now;
    struct item item;
    enum err e;

    if (v->memo.flags & VICTIM_REPORTED) {
        item = update_item(d, "erased", crime, victim, record_updated(now).s);
        if ((e = say(d, &item, NULL)))
            return e;
    }
    v->memo.flags = (v->memo.flags & ~(uint32_t)(VICTIM_REPORTED | VICTIM_HAS_PREFERENCE)) | VICTIM_ERASED;
    v->memo.reported = record_updated(now).s;       /* should the victim come back, it is another report */
    v->memo.updated = record_updated(now).s;
    return (e = strip(d, &v->memo, &last)) ? e : each_victim(d, crime, strip_other_name, &last);
}

enum err victim_is_erased(struct differ *d, struct text crime, struct text victim, bool *ret)
{
    struct memory_key key = memory_key(K_VICTIM, crime, victim);
    struct victim_memo memo;
    struct bytes value;
    enum err e = memory_get(d->memory, &key, &value);

    *ret = false;
    if (e)
        return e == E_NOT_FOUND ? E_OK : e;
    if (value.n < sizeof memo)
        return E_CORRUPT;
    memcpy(&memo, value.p, sizeof memo);
    *ret = memo.flags & VICTIM_ERASED;
    return E_OK;
}

/* ---- nominals that were one person ------------------------------------------------------- */

/* Its events move at the end of the batch: differ_move_merged. */
static enum err remember_merge(struct differ *d, struct text from)
{
    struct memory_key key = memory_key(K_MERGED, from, (struct text){ 0 });

    return memory_put(d->memory, &key, (struct bytes){ (const uint8_t *)"m", 1 });
}

/* The journey ends under one name and goes on under the other: it is made if its own row has not come. */
static enum err merge(struct differ *d, struct memo_of_victim *v, const struct record *now, const struct record *crime)
{
    struct text crime_ref = record_text(now, VICTIM_crime_reference), from = record_text(now, VICTIM_victim_ref), to = record_text(now, VICTIM_merged_into);
    struct memo_of_victim *other = &d->other_victim;
    int64_t at = record_updated(now).s;
    struct record row;
    struct item item;
    enum err e;

    if (v->memo.merged)
        return E_OK;
    v->memo.merged = at;
    if ((e = victim_recall(d, crime_ref, to, other)) == E_NOT_FOUND) {
        row = *now;
        row.value[VICTIM_victim_ref - VICTIM_crime_reference].text = to;
        row.value[VICTIM_merged_into - VICTIM_crime_reference] = (struct value){ .said = false };
        other->memo = (struct victim_memo){ .format = MEMO_FORMAT };   /* older than anything that is said of it under its own name */
        other->memo.updated = at;
        if ((e = add_to_crime(d, crime_ref, to)) || (crime && (e = victim_report(d, crime, other, &row))) || (other->memo.updated = 0, e = keep(d, other, &row)))
            return e;
    } else if (e) {
        return e;
    }
    if (v->memo.flags & VICTIM_REPORTED) {
        item = update_item(d, "merged", crime_ref, from, at);
        set_text(&item.event, F_reason_code, TEXT("nominal-merged"));
        if ((e = say(d, &item, NULL)))
            return e;
    }
    return remember_merge(d, from);
}

static enum err unmerge(struct differ *d, struct memo_of_victim *v, const struct record *now)
{
    struct text crime = record_text(now, VICTIM_crime_reference), victim = record_text(now, VICTIM_victim_ref);
    enum err e = E_OK;

    if (v->memo.flags & VICTIM_REPORTED)
        e = withdraw(d, crime, victim, make_id(d->other_id, "merged", crime, victim, v->memo.merged), record_updated(now).s);
    v->memo.merged = 0;
    return e;
}

/* ---- a row ------------------------------------------------------------------------------- */

static enum err take(struct differ *d, struct memo_of_victim *v, const struct record *now, bool is_changed)
{
    const struct record *crime = NULL;
    enum err e = crime_recall(d, record_text(now, VICTIM_crime_reference), &d->other_crime);

    if (e && e != E_NOT_FOUND)
        return e;
    crime = e ? NULL : &d->other_crime.row;
    d->counts.waiting += !crime;
    v->memo.updated = record_updated(now).s;
    if (record_says(now, VICTIM_merged_into))
        return merge(d, v, now, crime);
    if (v->memo.merged && (e = unmerge(d, v, now)))
        return e;
    if (v->memo.flags & VICTIM_REPORTED)
        return is_changed ? tell_changes(d, v, now, crime) : E_OK;
    return crime ? victim_report(d, crime, v, now) : E_OK;
}

enum err victims_row(struct differ *d, const struct record *now)
{
    struct text crime = record_text(now, VICTIM_crime_reference), victim = record_text(now, VICTIM_victim_ref);
    struct memo_of_victim *v = &d->victim;
    int64_t at = record_updated(now).s;
    enum err e = victim_recall(d, crime, victim, v);
    bool is_fresh = e == E_NOT_FOUND, is_changed, is_redated;

    if (e && !is_fresh)
        return e;
    if (!is_fresh && at < v->memo.updated)
        return d->counts.stale++, E_OK;
    count_code(d, now, VICTIM_victim_type);
    if ((e = let_go(d, K_HELD_VICTIM, crime, victim, at)) || (e = add_to_crime(d, crime, victim)))
        return e;
    if (is_fresh)
        v->memo = (struct victim_memo){ .format = MEMO_FORMAT };
    if (record_flag(now, VICTIM_deleted)) {
        if (v->memo.flags & VICTIM_ERASED)
            return d->counts.same++, E_OK;
        d->counts.changed += !is_fresh;
        d->counts.fresh += is_fresh;
        return erase(d, v, now);
    }
    if (v->memo.flags & VICTIM_ERASED) {
        if (at == v->memo.updated)
            return d->counts.stale++, E_OK;         /* erased at that very moment: it stays so */
        v->memo.flags &= ~(uint32_t)VICTIM_ERASED;
    }
    is_changed = !is_fresh && !record_is_same(&v->row, now);
    d->counts.fresh += is_fresh;
    d->counts.changed += is_changed;
    d->counts.same += !is_fresh && !is_changed;
    is_redated = is_changed && (v->memo.flags & VICTIM_REPORTED) && !v->memo.merged && !record_same(&v->row, now, VICTIM_identified_time);
    if ((e = take(d, v, now, is_changed)) || (e = keep(d, v, now)) || !is_redated || v->memo.merged)
        return e;
    return (e = crime_recall(d, crime, &d->other_crime)) ? e : victim_report_anew(d, &d->other_crime.row, victim, at);
}
