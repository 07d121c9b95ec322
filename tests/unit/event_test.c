#include "core/event.h"

#include <criterion/criterion.h>
#include <stdio.h>

static struct event arrest(void)
{
    return (struct event){
        .type = EVENT_UPDATE, .kind = kind_by_name(EVENT_UPDATE, TEXT("arrested")),
        .event_id = TEXT("E1"), .source = TEXT("connect"), .crime_ref = TEXT("20/123456/26"),
        .victim_ref = TEXT("V1"), .occurred_at = { 1760000000 },
    };
}

static void has(struct event *e, enum field f) { e->present |= UINT64_C(1) << f; }

Test(event, kinds_are_named_as_the_proto_says)
{
    cr_assert_eq(kind_by_name(EVENT_UPDATE, TEXT("arrested")), 25);
    cr_assert_eq(kind_by_name(EVENT_UPDATE, TEXT("code-given")), 21);
    cr_assert_eq(kind_by_name(EVENT_OUTCOME, TEXT("reopened")), 126);
    cr_assert_str_eq(kind_name(42), "interviewer-gender-asked");
    cr_assert_eq(kind_by_name(EVENT_NFA, TEXT("arrested")), KIND_NONE, "of another type");
    cr_assert_eq(kind_by_name(EVENT_UPDATE, TEXT("Arrested")), KIND_NONE);
    cr_assert_eq(kind_by_name(EVENT_UPDATE, TEXT("kind-none")), KIND_NONE);
    cr_assert_str_eq(kind_name(5), "?");
}

Test(event, every_kind_is_found_by_its_own_name_and_type)
{
    unsigned known = 0;

    for (kind_t k = 1; k < KIND_COUNT; k++) {
        enum event_type type = kind_type(k);
        if (type == EVENT_TYPES)
            continue;
        known++;
        cr_assert_eq(kind_by_name(type, text_of(kind_name(k))), k, "%s", kind_name(k));
    }
    cr_assert_eq(known, 1 + 5 + 71 + 4 + 5 + 7, "%u kinds", known);
}

Test(event, every_field_belongs_to_some_body_and_is_found_by_name)
{
    for (enum field f = 0; f < FIELDS; f++) {
        enum field found;
        unsigned types = 0;
        cr_assert(field_by_name(text_of(field_table[f].name), &found) && found == f);
        for (enum event_type t = 0; t < EVENT_TYPES; t++)
            types += field_allowed(t, f);
        cr_assert_gt(types, 0, "%s", field_table[f].name);
    }
    cr_assert(field_allowed(EVENT_REPORT, F_ho_class) && !field_allowed(EVENT_CHARGE, F_ho_class));
}

Test(event, takes_an_arrest_of_the_crime_and_of_one_victim)
{
    struct event e = arrest();

    cr_assert_eq(event_check(&e, NULL), E_OK);
    e.victim_ref = (struct text){ NULL, 0 };
    cr_assert_eq(event_check(&e, NULL), E_OK);
}

/* A body that is none leaves the type open, whatever stands where the kind would be. */
Test(event, one_without_a_type_or_with_a_kind_of_another_is_refused)
{
    for (enum event_type t = 0; t <= EVENT_TYPES; t++)
        for (kind_t k = 0; k < KIND_COUNT + 2; k++) {
            struct event e = arrest();
            bool is_plain = k < KIND_COUNT && t < EVENT_TYPES && kind_type(k) == t && k != KIND_LOCAL && strcmp(kind_name(k), "event-withdrawn");
            e.type = t;
            e.kind = k;
            cr_assert_eq(event_check(&e, NULL) == E_OK, is_plain, "type %d, kind %d", (int)t, (int)k);
        }
}

Test(event, one_call_does_not_mark_everyone_as_told)
{
    static const struct { enum event_type type; const char *kind; bool alone; } row[] = {
        { EVENT_UPDATE, "victim-informed", false }, { EVENT_UPDATE, "code-given", false },
        { EVENT_UPDATE, "vps-offered", false }, { EVENT_UPDATE, "vps-declined", false },
        { EVENT_UPDATE, "preference-set", false }, { EVENT_UPDATE, "acknowledged", false },
        { EVENT_REFERRAL, "made", false }, { EVENT_REPORT, "recorded", false },
        { EVENT_UPDATE, "bailed", true }, { EVENT_UPDATE, "hearing-listed", true }, { EVENT_CHARGE, "charged", true },
        { EVENT_NFA, "no-further-action", true }, { EVENT_OUTCOME, "verdict", true },
        { EVENT_UPDATE, "oic-changed", true }, { EVENT_UPDATE, "cancelled", true },
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct event e = arrest();
        struct why why = { "" };
        e.type = row[i].type;
        e.kind = kind_by_name(row[i].type, text_of(row[i].kind));
        e.victim_ref = (struct text){ NULL, 0 };
        cr_assert_eq(event_check(&e, &why), row[i].alone ? E_OK : E_MALFORMED, "%s: %s", row[i].kind, why.text);
        cr_assert(row[i].alone || strstr(why.text, "victim_ref"), "%s", why.text);
    }
}

Test(event, an_informing_or_an_offer_in_a_decision_needs_its_victim)
{
    struct event e = arrest();

    e.type = EVENT_NFA;
    e.kind = kind_by_name(EVENT_NFA, TEXT("no-further-action"));
    e.victim_ref = (struct text){ NULL, 0 };
    e.vrr_offered = false;
    has(&e, F_vrr_offered);
    cr_assert_eq(event_check(&e, NULL), E_OK);
    e.vrr_offered = true;
    cr_assert_eq(event_check(&e, NULL), E_MALFORMED);
    e.present = 0;
    e.victim_informed_at = (struct instant){ 1760000000 };
    has(&e, F_victim_informed_at);
    cr_assert_eq(event_check(&e, NULL), E_MALFORMED);
}

Test(event, refuses_what_is_too_long_unprintable_or_missing_and_never_repeats_it)
{
    char lengthy[REF_BYTES_MAX + 1];
    struct why why;
    struct event e;

    memset(lengthy, 'x', sizeof lengthy);
    e = arrest();
    e.victim_ref = (struct text){ lengthy, REF_BYTES_MAX };
    cr_assert_eq(event_check(&e, NULL), E_OK);
    e.victim_ref.n++;
    cr_assert_eq(event_check(&e, &why), E_TOO_LARGE);
    cr_assert(strstr(why.text, "victim_ref") && !strstr(why.text, "xxx"), "%s", why.text);
    e = arrest();
    e.crime_ref = (struct text){ NULL, 0 };
    cr_assert_eq(event_check(&e, &why), E_MALFORMED);
    cr_assert_str_eq(why.text, "crime_ref is missing");
    static const char *const bad[] = { "a\nb", "a\x1b[2J", "\xC3", "\xED\xA0\x80", "12345678901234567\x7F", "\xC2\x85" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        e = arrest();
        e.event_id = text_of(bad[i]);
        cr_assert_eq(event_check(&e, NULL), E_MALFORMED, "%zu", i);
    }
    e = arrest();
    e.event_id = (struct text){ "a\0b", 3 };
    cr_assert_eq(event_check(&e, NULL), E_MALFORMED);
    e.event_id = TEXT("\xC3\xA9t\xC3\xA9");
    cr_assert_eq(event_check(&e, NULL), E_OK);
}

Test(event, refuses_times_out_of_range_but_not_a_recording_before_the_fact)
{
    struct event e = arrest();

    e.recorded_at = (struct instant){ e.occurred_at.s - 86400 };
    cr_assert_eq(event_check(&e, NULL), E_OK, "a hearing is entered ahead");
    e.recorded_at = (struct instant){ -5 };
    cr_assert_eq(event_check(&e, NULL), E_RANGE);
    e = arrest();
    e.occurred_at = INSTANT_NONE;
    cr_assert_eq(event_check(&e, NULL), E_RANGE);
    e.occurred_at = instant_add(INSTANT_MAX, 1);
    cr_assert_eq(event_check(&e, NULL), E_RANGE);
}

Test(event, kinds_go_with_their_type_and_fields_with_their_body)
{
    struct event e = arrest();
    struct why why;

    e.type = EVENT_CHARGE;
    cr_assert_eq(event_check(&e, &why), E_MALFORMED);
    cr_assert_str_eq(why.text, "\"arrested\" is a kind of update, not of charge");
    e = arrest();
    e.kind = KIND_NONE;
    cr_assert_eq(event_check(&e, NULL), E_UNKNOWN);
    e.kind = 98;
    cr_assert_eq(event_check(&e, NULL), E_UNKNOWN);
    e = arrest();
    e.ptiurn = TEXT("20AB1234526");
    has(&e, F_ptiurn);
    cr_assert_eq(event_check(&e, &why), E_UNKNOWN);
    cr_assert_str_eq(why.text, "ptiurn is not a field of update");
}

Test(event, a_local_kind_needs_its_name_and_a_withdrawal_its_target)
{
    struct event e = arrest();

    e.kind = KIND_LOCAL;
    cr_assert_eq(event_check(&e, NULL), E_MALFORMED);
    e.local_kind = TEXT("Add penalty");
    has(&e, F_local_kind);
    cr_assert_eq(event_check(&e, NULL), E_OK);
    e.kind = kind_by_name(EVENT_UPDATE, TEXT("bailed"));
    cr_assert_eq(event_check(&e, NULL), E_MALFORMED);
    e = arrest();
    e.kind = kind_by_name(EVENT_UPDATE, TEXT("event-withdrawn"));
    cr_assert_eq(event_check(&e, NULL), E_MALFORMED);
    e.supersedes = TEXT("E0");
    cr_assert_eq(event_check(&e, NULL), E_OK);
}

/* core/event_fields.def says that it and the .proto name the same fields. The program
 * asserts it against the compiled descriptors; this reads the text people read. */
Test(event, the_proto_and_the_list_of_fields_agree_both_ways)
{
    static const char *const messages[EVENT_TYPES] = { "Report", "Referral", "Update", "Charge", "Nfa", "Outcome" };
    char line[512];
    uint64_t seen[EVENT_TYPES] = { 0 };
    int type = -1;
    FILE *f = fopen("proto/case_event.proto", "r");

    cr_assert_not_null(f, "run from the top of the repository");
    while (fgets(line, sizeof line, f)) {
        char word[64];
        if (sscanf(line, "message %63s {", word) == 1) {
            type = -1;
            for (int t = 0; t < EVENT_TYPES; t++)
                if (strcmp(word, messages[t]) == 0)
                    type = t;
        }
        char *comment = strstr(line, "//");
        if (comment)
            *comment = '\0';
        for (char *p = strtok(line, ";"); p && type >= 0; p = strtok(NULL, ";")) {
            char label[16], kind[16], name[64];
            enum field found;
            if (sscanf(p, " %15s %15s %63s = ", label, kind, name) != 3 || strcmp(kind, "Kind") == 0 ||
                (strcmp(label, "optional") != 0 && strcmp(label, "repeated") != 0))
                continue;
            cr_assert(field_by_name(text_of(name), &found), "%s is in the .proto only", name);
            seen[type] |= UINT64_C(1) << found;
        }
    }
    fclose(f);
    for (enum event_type t = 0; t < EVENT_TYPES; t++)
        for (enum field i = 0; i < FIELDS; i++)
            cr_assert_eq(seen[t] >> i & 1, field_allowed(t, i), "%s.%s", messages[t], field_table[i].name);
}
