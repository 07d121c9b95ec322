/* What a notice says beside its dates: the days, until when a breach is held, consent, family liaison, restrictions. */
#include "core/hash.h"
#include "rules/describe.h"
#include "rules/journey.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct law *law;

static void open_law(void)
{
    const char *book = law_default_rulebook();
    struct law_files *files;
    struct item_law item;
    struct why why = { "" };

    hash_init();
    cr_assert_eq(law_read(&book, 1, NULL, &item, &files, &why), E_OK, "%s", why.text);
    cr_assert_eq(law_open(&item, &law, &why), E_OK, "%s", why.text);
    law_files_free(&files);
}
static void close_law(void) { law_close(&law); }
TestSuite(alert_words, .init = open_law, .fini = close_law);

static uint16_t rule(const char *id)
{
    for (uint16_t i = 0; i < law_rule_count(law); i++)
        if (!strcmp(law_rule(law, i)->id, id))
            return i;
    cr_assert_fail("no rule %s", id);
    return 0;
}

/* "2026-04-02 15:30" in London. */
static struct instant at(const char *local)
{
    struct instant t;
    struct day d;
    int h, m;

    cr_assert(!day_parse(local, 10, &d) && sscanf(local + 10, "%d:%d", &h, &m) == 2);
    zone_instant(law_zone(law), d, h * 3600 + m * 60, &t);
    return t;
}

static struct instant end_of(const char *day)
{
    struct day d;

    cr_assert(!day_parse(day, 10, &d));
    return zone_day_end(law_zone(law), d);
}

static void days(const char *id, bool enhanced, const char *started, const char *due, const char *want)
{
    char text[768];

    describe_days(law, rule(id), enhanced, at(started), end_of(due), text, sizeof text);
    cr_assert_str_eq(text, want);
}

/* Each day counted and skipped: the worked cases, over Christmas and Easter. */
Test(alert_words, each_day_is_counted_or_skipped_and_why)
{
    days("R3-INFO", true, "2026-12-24 11:00", "2026-12-29",
         "Counted: Tue 29 Dec; not counted: Fri 25 Dec (Christmas Day), Sat 26 Dec, Sun 27 Dec, Mon 28 Dec (Boxing Day)");
    days("R3-INFO", false, "2026-04-02 15:30", "2026-04-13", "Counted: Tue 7 Apr, Wed 8 Apr, Thu 9 Apr, Fri 10 Apr, Mon 13 Apr; "
         "not counted: Fri 3 Apr (Good Friday), Sat 4 Apr, Sun 5 Apr, Mon 6 Apr (Easter Monday), Sat 11 Apr, Sun 12 Apr");
    days("R3-INFO", false, "2026-11-14 09:00", "2026-11-20", "Counted: Mon 16 Nov, Tue 17 Nov, Wed 18 Nov, Thu 19 Nov, Fri 20 Nov; not counted: Sun 15 Nov");
    days("VRR-DEC", false, "2026-03-02 09:00", "2026-04-15", "30 working days counted; not counted: 14 days of weekends and bank holidays");
    days("R10-PROP", false, "2026-03-02 09:00", "2026-03-30", "Every day counts");
    days("R3-INFO", true, "2026-03-02 09:00", "2026-03-05", "Counted anew since: from when Enhanced Rights were found, or contact was resumed");
}

/* Calls made on the last day are typed the day after: 10:00 on the next working day; not under Enhanced Rights. */
Test(alert_words, a_breach_is_held_until_it_could_be_typed)
{
    cr_assert_eq(breach_hold_until(law, rule("R3-INFO"), false, end_of("2026-03-09")).s, at("2026-03-10 10:00").s);
    cr_assert_eq(breach_hold_until(law, rule("R3-INFO"), false, end_of("2026-04-02")).s, at("2026-04-07 10:00").s);
    cr_assert_eq(breach_hold_until(law, rule("R6-BAIL"), true, end_of("2026-04-02")).s, 0);
}

static uint8_t circumstances(struct fact *facts, size_t count)
{
    static struct judgement j;

    journey_judge(law, facts, count, &j);
    return j.circumstances;
}

static struct fact report(const char *markers, const char *ho_class)
{
    struct event e = { .type = EVENT_REPORT, .kind = kind_by_name(EVENT_REPORT, TEXT("recorded")), .event_id = TEXT("E1"), .source = TEXT("s"),
                       .crime_ref = TEXT("C"), .victim_ref = TEXT("V"), .occurred_at = at("2026-03-02 09:00") };
    struct fact f;

    if (markers[0]) {
        e.markers = (struct words){ .word = { text_of(markers) }, .n = 1 };
        e.present |= (uint64_t)1 << F_markers;
    }
    if (ho_class[0]) {
        e.ho_class = text_of(ho_class);
        e.present |= (uint64_t)1 << F_ho_class;
    }
    fact_from_event(law, &e, 1, 1, &f);
    return f;
}

Test(alert_words, consent_is_asked_for_where_it_is_needed_and_not_recorded)
{
    struct fact theft = report("", "28E"), abuse = report("DA", "8N"), rape = report("", "19C");

    cr_assert_eq(circumstances(&theft, 1) & CIRCUMSTANCE_ASK_CONSENT, 0);
    cr_assert(circumstances(&abuse, 1) & CIRCUMSTANCE_ASK_CONSENT);
    cr_assert(circumstances(&rape, 1) & CIRCUMSTANCE_ASK_CONSENT);
    rape.flags_said |= FACT_CONSENT, rape.flags |= FACT_CONSENT;
    cr_assert_eq(circumstances(&rape, 1) & CIRCUMSTANCE_ASK_CONSENT, 0);
    cr_assert(strstr(law_rule(law, rule("R4-REF"))->without_consent, "Ask the victim for consent"));
    cr_assert(!strstr(law_rule(law, rule("R4-REF"))->without_consent, "Refer the victim"));
}

Test(alert_words, family_liaison_is_for_homicide_and_the_bereaved)
{
    struct fact murder = report("", "1"), theft = report("", "28E");

    cr_assert(circumstances(&murder, 1) & CIRCUMSTANCE_FAMILY_LIAISON);
    cr_assert_eq(circumstances(&theft, 1) & CIRCUMSTANCE_FAMILY_LIAISON, 0);
    theft.victim_type = VICTIM_BEREAVED;
    cr_assert(circumstances(&theft, 1) & CIRCUMSTANCE_FAMILY_LIAISON);
}

static struct fact restriction(uint64_t number, const char *when, const char *category)
{
    struct event e = { .type = EVENT_UPDATE, .kind = kind_by_name(EVENT_UPDATE, TEXT("restricted")), .source = TEXT("s"), .crime_ref = TEXT("C"),
                       .occurred_at = at(when), .category = text_of(category), .present = category[0] ? (uint64_t)1 << F_category : 0 };
    char id[8];
    struct fact f;

    snprintf(id, sizeof id, "R%d", (int)number);
    e.event_id = text_of(id);
    fact_from_event(law, &e, number, 1, &f);
    return f;
}

Test(alert_words, a_restriction_holds_until_it_is_lifted_and_an_unknown_one_is_the_whole)
{
    const uint8_t both = CIRCUMSTANCE_ACCESS_RESTRICTED | CIRCUMSTANCE_PROCESSING_RESTRICTED;
    struct fact facts[3] = { report("", "28E"), restriction(2, "2026-03-03 09:00", "access"), restriction(3, "2026-03-04 09:00", "lifted") };
    struct fact unsaid[2] = { report("", "28E"), restriction(2, "2026-03-03 09:00", "") };

    cr_assert_eq(circumstances(facts, 2) & both, CIRCUMSTANCE_ACCESS_RESTRICTED);
    cr_assert_eq(circumstances(facts, 3) & both, 0);
    cr_assert_eq(circumstances(unsaid, 2) & both, both);
}

/* Every rule that alerts says what to do and how to record it. */
Test(alert_words, every_rule_says_what_to_do_and_how_to_record_it)
{
    for (uint16_t i = 0; i < law_rule_count(law); i++)
        cr_expect(law_rule(law, i)->what_to_do[0] && law_rule(law, i)->how_to_record[0], "%s", law_rule(law, i)->id);
}
