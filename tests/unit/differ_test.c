/* What rows that come again become: for each row, the events it gives, in words. */
#include "core/hash.h"
#include "producers/connect/differ.h"
#include "tests/kit/program.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

static struct shape *shape;
static char *dir;
static struct memory *memory;
static struct differ *differ;
static struct wire *wire;
static uint64_t sent;

static void set_up(void)
{
    struct why why = { "" };

    hash_init();
    dir = folder_make();
    cr_assert(shape_open(NULL, &shape, &why) == E_OK, "%s", why.text);
    cr_assert(memory_open(dir, &memory, &why) == E_OK, "%s", why.text);
    cr_assert(differ_open(shape, memory, &differ) == E_OK && wire_open(&wire) == E_OK);
    differ_begin(differ, 1, (struct instant){ 1775000000 });
    sent = 0;
}

static void tear_down(void)
{
    differ_close(&differ);
    memory_close(&memory);
    shape_close(&shape);
    wire_close(&wire);
    folder_remove(&dir);
}

TestSuite(differ, .init = set_up, .fini = tear_down);

/* "name=value|name=value" as a row's cells. */
static void cells_of(enum extract_table t, char *text, struct text cell[TABLE_COLUMNS_MAX])
{
    memset(cell, 0, TABLE_COLUMNS_MAX * sizeof *cell);
    for (char *save, *one = strtok_r(text, "|", &save); one; one = strtok_r(NULL, "|", &save)) {
        char *equals = strchr(one, '=');
        bool found = false;
        cr_assert(equals != NULL, "%s", one);
        *equals = 0;
        for (size_t i = 0; i < table_columns(t); i++)
            if (!strcmp(column_table[table_first(t) + i].name, one))
                cell[i] = text_of(equals + 1), found = true;
        cr_assert(found, "no column %s", one);
    }
}

static void say_fields(const struct event *e, char *out, size_t cap)
{
    for (enum field f = 0; f < FIELDS; f++) {
        const void *at = (const char *)e + field_table[f].offset;
        size_t n = strlen(out);
        if (!event_has(e, f))
            continue;
        switch (field_table[f].type) {
        case FIELD_TEXT: snprintf(out + n, cap - n, " %s=" TEXT_FMT, field_table[f].name, TEXT_ARG(*(const struct text *)at)); break;
        case FIELD_NUMBER: snprintf(out + n, cap - n, " %s=%u", field_table[f].name, *(const uint32_t *)at); break;
        case FIELD_FLAG: snprintf(out + n, cap - n, " %s=%s", field_table[f].name, *(const bool *)at ? "yes" : "no"); break;
        case FIELD_WORDS: snprintf(out + n, cap - n, " %s=" TEXT_FMT, field_table[f].name, TEXT_ARG(((const struct words *)at)->word[0])); break;
        case FIELD_TIME: break;
        }
    }
}

/* Events sent since the last call: "kind crime victim day hour:minute fields", one a line. A withdrawal says of what. */
static void take_sent(char *out, size_t cap)
{
    struct bytes items, one;
    uint32_t count;
    struct item item;
    enum err e;

    out[0] = 0;
    while (!memory_to_send(memory, sent, &sent, &items, &count))
        for (size_t at = 0; !(e = wire_next(items.p, items.n, &at, &one));) {
            size_t n = strlen(out);
            char when[INSTANT_TEXT];
            cr_assert(wire_item_decode(wire, one.p, one.n, &item, NULL) == E_OK);
            if (item.what == ITEM_REJECT) {
                snprintf(out + n, cap - n, "set-aside " TEXT_FMT " " TEXT_FMT "\n", TEXT_ARG(item.crime_ref), TEXT_ARG(item.victim_ref));
                continue;
            }
            instant_format(item.event.occurred_at, when);
            snprintf(out + n, cap - n, "%s " TEXT_FMT " " TEXT_FMT " %.11s", kind_name(item.event.kind), TEXT_ARG(item.event.crime_ref),
                     TEXT_ARG(item.event.victim_ref), when + 5);
            say_fields(&item.event, out, cap);
            n = strlen(out);
            if (item.event.supersedes.n)
                snprintf(out + n, cap - n, " of=%.*s", (int)(memchr(item.event.supersedes.p, '-', item.event.supersedes.n) ?
                         (const char *)memchr(item.event.supersedes.p, '-', item.event.supersedes.n) - item.event.supersedes.p : item.event.supersedes.n),
                         item.event.supersedes.p);
            n = strlen(out);
            snprintf(out + n, cap - n, "\n");
        }
}

/* A row, and what it gives. */
static void row(enum extract_table t, const char *text, const char *expected)
{
    char copy[1024], out[4096];
    struct text cell[TABLE_COLUMNS_MAX];
    struct record r;
    struct fault fault = { COLUMNS, "", "" };
    uint64_t ambiguous = 0;
    char hold[EVENT_ID_BYTES_MAX + 1];
    enum err e;

    snprintf(copy, sizeof copy, "%s", text);
    cells_of(t, copy, cell);
    e = record_read(t, cell, &shape->dates, INSTANT_NONE, &r, &ambiguous, &fault);
    cr_assert(memory_begin(memory) == E_OK);
    if (!e)
        e = differ_row(differ, &r, &fault);
    if (e && err_action(e) == ERR_REJECT)
        e = differ_refuse(differ, &r, 0, 7, &fault, hold);
    cr_assert(e == E_OK, "%s: %s %s", text, err_text(e), fault.reason);
    cr_assert(differ_flush(differ) == E_OK);
    take_sent(out, sizeof out);
    cr_assert(memory_commit(memory) == E_OK);
    cr_assert_str_eq(out, expected, "\n%s\ngives\n%snot\n%s", text, out, expected);
}

#define CRIME "crime_reference=20/1/26|reported_time=2026-04-01 09:00|recorded_time=2026-04-01 10:00|ho_class=8N|oic_collar=20417|team=A|investigation_status=open"
#define VICTIM "crime_reference=20/1/26|victim_ref=V1"
#define AT(time) "|last_updated=2026-04-" time

static void known_journey(void)
{
    row(TABLE_CRIME, CRIME AT("01 10:00"), "");
    row(TABLE_VICTIM, VICTIM AT("01 10:00"), "recorded 20/1/26 V1 04-01T08:00 ho_class=8N team=A oic=20417\n");
}

Test(differ, a_new_crime_and_victim_are_a_report_whichever_comes_first)
{
    row(TABLE_VICTIM, VICTIM "|gender=F|vulnerable=yes" AT("01 10:00"), "");
    cr_assert(differ_counts(differ)->waiting == 1);
    row(TABLE_CRIME, CRIME "|da_flag=yes" AT("01 10:00"),
        "recorded 20/1/26 V1 04-01T08:00 ho_class=8N markers=DA team=A oic=20417 gender=F vulnerable=yes\n");
    row(TABLE_VICTIM, "crime_reference=20/1/26|victim_ref=V2" AT("02 10:00"), "recorded 20/1/26 V2 04-01T08:00 ho_class=8N markers=DA team=A oic=20417\n");
}

Test(differ, the_same_row_again_says_nothing_and_an_older_one_changes_nothing)
{
    known_journey();
    row(TABLE_CRIME, CRIME AT("01 10:00"), "");
    row(TABLE_CRIME, CRIME AT("03 10:00"), "");
    row(TABLE_CRIME, CRIME "|lpa=Aston" AT("02 10:00"), "");
    cr_assert(differ_counts(differ)->stale == 1 && differ_counts(differ)->same == 2);
}

Test(differ, an_officer_a_class_and_a_marker_that_change)
{
    known_journey();
    row(TABLE_CRIME, "crime_reference=20/1/26|reported_time=2026-04-01 09:00|recorded_time=2026-04-01 10:00|ho_class=8N|oic_collar=20500|team=A|investigation_status=open" AT("02 10:00"),
        "oic-changed 20/1/26  04-02T09:00 team=A oic=20500\n");
    row(TABLE_CRIME, "crime_reference=20/1/26|reported_time=2026-04-01 09:00|recorded_time=2026-04-01 10:00|ho_class=5D|oic_collar=20500|team=A|investigation_status=open|hate_flags=race" AT("03 10:00"),
        "reclassified 20/1/26  04-03T09:00 ho_class=5D markers=HC_RACE\n");
    row(TABLE_CRIME, "crime_reference=20/1/26|reported_time=2026-04-01 09:00|recorded_time=2026-04-01 10:00|ho_class=5D|oic_collar=20500|team=A|investigation_status=open" AT("04 10:00"),
        "reclassified 20/1/26  04-04T09:00 ho_class=5D markers=NONE\n");
}

Test(differ, cancelled_merged_and_transferred_and_taken_back)
{
    known_journey();
    row(TABLE_CRIME, CRIME "|cancelled_code=C1" AT("02 10:00"), "cancelled 20/1/26  04-02T09:00 reason_code=C1\n");
    row(TABLE_CRIME, CRIME "|cancelled_code=C1|lpa=Aston" AT("03 10:00"), "oic-changed 20/1/26  04-03T09:00 area=Aston team=A oic=20417\n");
    row(TABLE_CRIME, CRIME "|lpa=Aston" AT("04 10:00"), "event-withdrawn 20/1/26  04-04T09:00 of=cancelled\n");
    row(TABLE_CRIME, CRIME "|lpa=Aston|merged_into=20/9/26" AT("05 10:00"), "merged 20/1/26  04-05T09:00 merged_into=20/9/26\n");
    row(TABLE_CRIME, CRIME "|lpa=Aston|merged_into=20/8/26" AT("06 10:00"),
        "event-withdrawn 20/1/26  04-06T09:00 of=merged\nmerged 20/1/26  04-06T09:00 merged_into=20/8/26\n");
    row(TABLE_CRIME, CRIME "|lpa=Aston|transferred_to=17" AT("07 10:00"),
        "event-withdrawn 20/1/26  04-07T09:00 of=merged\ntransferred 20/1/26  04-07T09:00 force_code=17\n");
}

Test(differ, reopened_after_it_was_closed)
{
    known_journey();
    row(TABLE_CRIME, "crime_reference=20/1/26|reported_time=2026-04-01 09:00|recorded_time=2026-04-01 10:00|ho_class=8N|oic_collar=20417|team=A|investigation_status=closed|outcome_code=18" AT("02 10:00"), "");
    row(TABLE_CRIME, CRIME AT("03 10:00"), "reopened 20/1/26  04-03T09:00\n");
}

/* The clocks of Right 3 start at the report: a corrected time is another report, as the first one was, and the first one never happened. */
Test(differ, a_corrected_time_of_the_report)
{
    known_journey();
    row(TABLE_VICTIM, VICTIM "|vulnerable=yes" AT("02 10:00"), "victim-described 20/1/26 V1 04-02T09:00 vulnerable=yes\n");
    row(TABLE_CRIME, "crime_reference=20/1/26|reported_time=2026-03-31 09:00|recorded_time=2026-04-01 10:00|ho_class=8N|oic_collar=20417|team=A|investigation_status=open" AT("03 10:00"),
        "recorded 20/1/26 V1 03-31T08:00 ho_class=8N team=A oic=20417\nevent-withdrawn 20/1/26 V1 04-03T09:00 of=recorded\n");
}

/* Section 4: no clock starts before the victim is known. */
Test(differ, the_journey_of_a_victim_found_later_begins_then)
{
    known_journey();
    row(TABLE_VICTIM, "crime_reference=20/1/26|victim_ref=V2|identified_time=2026-04-09 12:00" AT("09 13:00"),
        "recorded 20/1/26 V2 04-09T11:00 ho_class=8N team=A oic=20417\n");
    row(TABLE_VICTIM, "crime_reference=20/1/26|victim_ref=V2|identified_time=2026-04-08 12:00" AT("10 13:00"),
        "recorded 20/1/26 V2 04-08T11:00 ho_class=8N team=A oic=20417\nevent-withdrawn 20/1/26 V2 04-10T12:00 of=recorded\n");
    row(TABLE_VICTIM, "crime_reference=20/1/26|victim_ref=V2|identified_time=2026-04-08 12:00" AT("11 13:00"), "");
    row(TABLE_VICTIM, "crime_reference=20/1/26|victim_ref=V3|identified_time=2026-03-01 12:00" AT("09 13:00"),
        "recorded 20/1/26 V3 04-01T08:00 ho_class=8N team=A oic=20417\n");
}

Test(differ, what_is_recorded_of_a_victim_changes)
{
    known_journey();
    row(TABLE_VICTIM, VICTIM "|gender=F|vulnerable=yes" AT("02 10:00"), "victim-described 20/1/26 V1 04-02T09:00 gender=F vulnerable=yes\n");
    row(TABLE_VICTIM, VICTIM "|gender=F|vulnerable=yes|enhanced_rights=yes|enhanced_reason=da" AT("03 10:00"), "enhanced-found 20/1/26 V1 04-03T09:00 category=da\n");
    row(TABLE_VICTIM, VICTIM "|gender=F|vulnerable=no|enhanced_rights=no" AT("04 10:00"),
        "enhanced-ended 20/1/26 V1 04-04T09:00\nvictim-described 20/1/26 V1 04-04T09:00 vulnerable=no\n");
    row(TABLE_VICTIM, VICTIM "|gender=F|vulnerable=no|enhanced_rights=no|agreed_update_days=14|contact_declined=R6-FREQ" AT("05 10:00"),
        "preference-set 20/1/26 V1 04-05T09:00 agreed_update_days=14 waives=R6-FREQ\n");
    row(TABLE_VICTIM, VICTIM "|gender=F|vulnerable=no|enhanced_rights=no" AT("06 10:00"), "preference-set 20/1/26 V1 04-06T09:00\n");
}

/* Eighteen the day after the offence: a child in the eyes of the Code, whatever the age at the report. */
Test(differ, the_age_is_that_at_the_offence_and_follows_it)
{
    row(TABLE_CRIME, CRIME "|committed_from=2026-03-01 23:00" AT("01 10:00"), "");
    row(TABLE_VICTIM, VICTIM "|date_of_birth=2008-03-02" AT("01 10:00"), "recorded 20/1/26 V1 04-01T08:00 ho_class=8N team=A oic=20417 age=17\n");
    row(TABLE_CRIME, CRIME "|committed_from=2026-03-02 01:00" AT("02 10:00"), "victim-described 20/1/26 V1 04-02T09:00 age=18\n");
    row(TABLE_VICTIM, "crime_reference=20/1/26|victim_ref=V2|age_at_report=40" AT("02 10:00"), "recorded 20/1/26 V2 04-01T08:00 ho_class=8N team=A oic=20417 age=40\n");
}

Test(differ, a_victim_that_is_to_be_erased_leaves_nothing)
{
    known_journey();
    row(TABLE_VICTIM, VICTIM "|deleted=yes" AT("02 10:00"), "erased 20/1/26 V1 04-02T09:00\n");
    row(TABLE_VICTIM, VICTIM "|deleted=yes" AT("03 10:00"), "");
    row(TABLE_VICTIM, VICTIM "|gender=F" AT("01 12:00"), "");
    row(TABLE_CRIME, CRIME "|lpa=Aston" AT("04 10:00"), "oic-changed 20/1/26  04-04T09:00 area=Aston team=A oic=20417\n");
    row(TABLE_VICTIM, VICTIM AT("05 10:00"), "recorded 20/1/26 V1 04-01T08:00 ho_class=8N area=Aston team=A oic=20417\n");
}

#define OTHER(n, day) "crime_reference=20/" n "/26|reported_time=2026-04-" day " 09:00|recorded_time=2026-04-" day " 10:00"

/* Whatever the order in which the crimes become known. */
Test(differ, the_third_crime_in_twelve_months_is_said_once)
{
    row(TABLE_CRIME, OTHER("1", "01") AT("01 10:00"), "");
    row(TABLE_CRIME, OTHER("2", "02") AT("02 10:00"), "");
    row(TABLE_CRIME, OTHER("3", "03") AT("03 10:00"), "");
    row(TABLE_VICTIM, "crime_reference=20/3/26|victim_ref=V1" AT("03 10:00"), "recorded 20/3/26 V1 04-03T08:00\n");
    row(TABLE_VICTIM, "crime_reference=20/1/26|victim_ref=V1" AT("03 10:00"), "recorded 20/1/26 V1 04-01T08:00\n");
    row(TABLE_VICTIM, "crime_reference=20/2/26|victim_ref=V1" AT("04 10:00"), "recorded 20/2/26 V1 04-02T08:00\nrepeat-victim 20/3/26 V1 04-04T09:00\n");
    row(TABLE_VICTIM, "crime_reference=20/2/26|victim_ref=V1|gender=F" AT("05 10:00"), "victim-described 20/2/26 V1 04-05T09:00 gender=F\n");
}

#define CALL "event_id=e1|crime_reference=20/1/26|victim_ref=V1|event_type=victim-informed|event_time=2026-04-02 09:00"

Test(differ, an_event_comes_again_changes_moves_and_goes)
{
    known_journey();
    row(TABLE_EVENT, CALL AT("02 10:00"), "victim-informed 20/1/26 V1 04-02T08:00\n");
    row(TABLE_EVENT, CALL AT("03 10:00"), "");
    row(TABLE_EVENT, CALL "|informed_who=victim" AT("03 10:00"), "victim-informed 20/1/26 V1 04-02T08:00 informed_who=victim\n");
    row(TABLE_EVENT, "event_id=e1|crime_reference=20/1/26|victim_ref=V2|event_type=victim-informed|event_time=2026-04-02 09:00|informed_who=victim" AT("04 10:00"),
        "event-withdrawn 20/1/26 V1 04-04T09:00 of=e1\nvictim-informed 20/1/26 V2 04-02T08:00 informed_who=victim\n");
    row(TABLE_EVENT, "event_id=e1|crime_reference=20/1/26|victim_ref=V2|event_type=victim-informed|event_time=2026-04-02 09:00|informed_who=victim|deleted=yes" AT("05 10:00"),
        "event-withdrawn 20/1/26 V2 04-05T09:00 of=e1\n");
    row(TABLE_EVENT, "event_id=e1|crime_reference=20/1/26|victim_ref=V2|event_type=victim-informed|event_time=2026-04-02 09:00|informed_who=victim" AT("06 10:00"),
        "victim-informed 20/1/26 V2 04-02T08:00 informed_who=victim\n");
}

/* One call must not mark everyone as told; an arrest is everyone's. */
Test(differ, only_facts_of_the_crime_may_come_without_a_victim)
{
    known_journey();
    row(TABLE_EVENT, "event_id=e1|crime_reference=20/1/26|event_type=arrested|event_time=2026-04-02 09:00" AT("02 10:00"), "arrested 20/1/26  04-02T08:00\n");
    row(TABLE_EVENT, "event_id=e2|crime_reference=20/1/26|event_type=victim-informed|event_time=2026-04-02 09:00" AT("02 10:00"), "set-aside 20/1/26 \n");
    row(TABLE_EVENT, "event_id=e2|crime_reference=20/1/26|victim_ref=V1|event_type=victim-informed|event_time=2026-04-02 09:00" AT("03 10:00"),
        "event-withdrawn 20/1/26  04-03T09:00 of=held\nvictim-informed 20/1/26 V1 04-02T08:00\n");
}

Test(differ, a_refused_row_holds_its_journey_until_it_comes_right)
{
    row(TABLE_CRIME, "crime_reference=20/1/26|reported_time=yesterday|recorded_time=2026-04-01 10:00" AT("01 10:00"), "set-aside 20/1/26 \n");
    row(TABLE_CRIME, CRIME AT("01 11:00"), "event-withdrawn 20/1/26  04-01T10:00 of=held\n");
    row(TABLE_VICTIM, VICTIM "|vulnerable=perhaps" AT("01 10:00"), "set-aside 20/1/26 V1\n");
    row(TABLE_VICTIM, VICTIM "|vulnerable=yes" AT("01 11:00"),
        "event-withdrawn 20/1/26 V1 04-01T10:00 of=held\nrecorded 20/1/26 V1 04-01T08:00 ho_class=8N team=A oic=20417 vulnerable=yes\n");
    row(TABLE_EVENT, "event_id=e1|crime_reference=20/1/26|event_type=telepathy|event_time=2026-04-02 09:00" AT("02 10:00"), "set-aside 20/1/26 \n");
}

/* The record system takes the bad row back: it was not the call that is owed. */
Test(differ, a_refused_row_that_is_deleted_lets_its_journey_go)
{
    known_journey();
    row(TABLE_EVENT, "event_id=e1|crime_reference=20/1/26|victim_ref=V1|event_type=telepathy|event_time=2026-04-02 09:00" AT("02 10:00"), "set-aside 20/1/26 V1\n");
    row(TABLE_EVENT, "event_id=e1|crime_reference=20/1/26|victim_ref=V1|event_type=telepathy|event_time=2026-04-02 09:00|deleted=yes" AT("02 11:00"),
        "event-withdrawn 20/1/26 V1 04-02T10:00 of=held\n");
}

/* Refused, mended, refused again: each time it holds, and each time it is let go. */
Test(differ, a_row_that_is_refused_twice_holds_twice)
{
    known_journey();
    row(TABLE_VICTIM, VICTIM "|vulnerable=perhaps" AT("02 10:00"), "set-aside 20/1/26 V1\n");
    row(TABLE_VICTIM, VICTIM "|vulnerable=hardly" AT("02 11:00"), "set-aside 20/1/26 V1\n");
    row(TABLE_VICTIM, VICTIM "|vulnerable=yes" AT("02 12:00"), "event-withdrawn 20/1/26 V1 04-02T11:00 of=held\nvictim-described 20/1/26 V1 04-02T11:00 vulnerable=yes\n");
    differ_begin(differ, 2, (struct instant){ 1776000000 });
    row(TABLE_VICTIM, VICTIM "|vulnerable=perhaps" AT("03 10:00"), "set-aside 20/1/26 V1\n");
    row(TABLE_VICTIM, VICTIM "|vulnerable=no" AT("03 12:00"), "event-withdrawn 20/1/26 V1 04-03T11:00 of=held\nvictim-described 20/1/26 V1 04-03T11:00 vulnerable=no\n");
    /* An event that is refused under one crime and comes right under another lets the first go. */
    row(TABLE_EVENT, "event_id=e1|crime_reference=20/1/26|victim_ref=V1|event_type=telepathy|event_time=2026-04-02 09:00" AT("03 10:00"), "set-aside 20/1/26 V1\n");
    row(TABLE_EVENT, "event_id=e1|crime_reference=20/2/26|victim_ref=V1|event_type=telepathy|event_time=2026-04-02 09:00" AT("03 10:00"),
        "event-withdrawn 20/1/26 V1 04-12T13:20 of=held\nset-aside 20/2/26 V1\n");
}

/* Nothing will ever repair a row that does not say which event it is: it holds all the same, until somebody dismisses it. */
Test(differ, a_row_without_an_id_holds_its_journey_too)
{
    known_journey();
    row(TABLE_EVENT, "crime_reference=20/1/26|victim_ref=V1|event_type=acknowledged|event_time=2026-04-02 09:00" AT("03 10:00"), "set-aside 20/1/26 V1\n");
    row(TABLE_EVENT, "event_type=acknowledged|event_time=2026-04-02 09:00" AT("03 10:00"), "set-aside  \n");
}

static void end_of_batch(const char *expected)
{
    char out[4096];
    struct why why = { "" };

    cr_assert(memory_begin(memory) == E_OK);
    cr_assert(differ_move_merged(differ) == E_OK && differ_forget_erased(differ) == E_OK);
    cr_assert(differ_compare_open(differ, &why) == E_OK, "%s", why.text);
    cr_assert(differ_flush(differ) == E_OK);
    take_sent(out, sizeof out);
    cr_assert(memory_commit(memory) == E_OK);
    cr_assert_str_eq(out, expected, "\n%snot\n%s", out, expected);
}

/* Two names of one person: the journey goes on under the other, and what was done is not lost. */
Test(differ, nominals_that_were_one_person)
{
    known_journey();
    row(TABLE_EVENT, CALL AT("02 10:00"), "victim-informed 20/1/26 V1 04-02T08:00\n");
    row(TABLE_VICTIM, VICTIM "|merged_into=V9" AT("03 10:00"),
        "recorded 20/1/26 V9 04-01T08:00 ho_class=8N team=A oic=20417\nmerged 20/1/26 V1 04-03T09:00 reason_code=nominal-merged\n");
    row(TABLE_OPEN, "crime_reference=20/1/26", "");
    end_of_batch("event-withdrawn 20/1/26 V1 04-02T09:00 of=e1\nvictim-informed 20/1/26 V9 04-02T08:00\n");
    row(TABLE_EVENT, "event_id=e2|crime_reference=20/1/26|victim_ref=V1|event_type=acknowledged|event_time=2026-04-03 09:00" AT("03 10:00"),
        "acknowledged 20/1/26 V9 04-03T08:00\n");
    row(TABLE_EVENT, CALL AT("02 10:00"), "");
}

Test(differ, a_crime_that_silently_disappears_is_held_until_it_is_seen_again)
{
    known_journey();
    differ_begin(differ, 2, (struct instant){ 1775000000 });
    end_of_batch("set-aside 20/1/26 \n");
    end_of_batch("");
    row(TABLE_CRIME, CRIME "|lpa=Aston" AT("09 10:00"),
        "oic-changed 20/1/26  04-09T09:00 area=Aston team=A oic=20417\nevent-withdrawn 20/1/26  04-09T09:00 of=missing\n");
    row(TABLE_OPEN, "crime_reference=20/1/26", "");
    row(TABLE_OPEN, "crime_reference=20/77/26", "");
    cr_assert(differ_counts(differ)->unknown_open == 1 && differ_counts(differ)->missing == 1);
    end_of_batch("");
    differ_begin(differ, 3, (struct instant){ 1776000000 });
    end_of_batch("set-aside 20/1/26 \n");
    row(TABLE_OPEN, "crime_reference=20/1/26", "event-withdrawn 20/1/26  04-12T13:20 of=missing\n");
}

static enum err has_mark(void *ctx, struct bytes key, struct bytes value)
{
    *(bool *)ctx |= memmem(value.p, value.n, "MARK", 4) != NULL;
    (void)key;
    return E_OK;
}

/* Is the word in anything that is remembered? */
static bool remembers_mark(void)
{
    bool found = false;

    cr_assert(memory_begin(memory) == E_OK);
    for (int c = 'a'; c <= 'z'; c++)
        cr_assert(memory_each(memory, (char)c, has_mark, &found) == E_OK);
    memory_abort(memory);
    return found;
}

static bool remembers(char what)
{
    bool found;

    cr_assert(memory_begin(memory) == E_OK);
    found = memory_has(memory, what);
    memory_abort(memory);
    return found;
}

/* Erasure is real: neither the victim's row nor those of its events, under whichever name they came. */
Test(differ, what_a_victim_said_is_forgotten_when_it_is_erased)
{
    known_journey();
    row(TABLE_EVENT, CALL "|reason_code=MARK" AT("02 10:00"), "victim-informed 20/1/26 V1 04-02T08:00 reason_code=MARK\n");
    row(TABLE_VICTIM, VICTIM "|interpreter_language=MARK|merged_into=V9" AT("03 10:00"),
        "recorded 20/1/26 V9 04-01T08:00 ho_class=8N team=A oic=20417\nmerged 20/1/26 V1 04-03T09:00 reason_code=nominal-merged\n");
    row(TABLE_OPEN, "crime_reference=20/1/26", "");
    end_of_batch("event-withdrawn 20/1/26 V1 04-02T09:00 of=e1\nvictim-informed 20/1/26 V9 04-02T08:00 reason_code=MARK\n");
    cr_assert(remembers_mark());
    row(TABLE_VICTIM, "crime_reference=20/1/26|victim_ref=V9|deleted=yes" AT("04 10:00"), "erased 20/1/26 V9 04-04T09:00\n");
    end_of_batch("");
    cr_assert(!remembers_mark() && !remembers('e') && !remembers('o') && !remembers('p') && !remembers('q'));
    row(TABLE_EVENT, CALL "|reason_code=MARK" AT("05 10:00"), "");
    row(TABLE_EVENT, "event_id=e2|crime_reference=20/1/26|victim_ref=V9|event_type=acknowledged|event_time=2026-04-03 09:00" AT("05 10:00"), "");
    cr_assert(differ_counts(differ)->erased == 2 && !remembers_mark() && !remembers('e'));
}

/* The name that was given up is cleared away; what still comes under it is the other's, and never everybody's. */
Test(differ, an_old_name_that_is_erased_still_leads_to_the_new_one)
{
    known_journey();
    row(TABLE_VICTIM, VICTIM "|merged_into=V9" AT("03 10:00"),
        "recorded 20/1/26 V9 04-01T08:00 ho_class=8N team=A oic=20417\nmerged 20/1/26 V1 04-03T09:00 reason_code=nominal-merged\n");
    row(TABLE_VICTIM, VICTIM "|deleted=yes" AT("04 10:00"), "erased 20/1/26 V1 04-04T09:00\n");
    row(TABLE_EVENT, "event_id=e3|crime_reference=20/1/26|victim_ref=V1|event_type=arrested|event_time=2026-04-03 09:00" AT("05 10:00"), "arrested 20/1/26 V9 04-03T08:00\n");
}

/* One that comes right lets its own journey go and nobody else's. */
Test(differ, rows_of_two_files_hold_each_for_itself)
{
    char copy[512], hold[2][EVENT_ID_BYTES_MAX + 1];
    struct text cell[TABLE_COLUMNS_MAX];
    struct record r;
    struct fault fault = { COLUMNS, "", "is wrong" };
    uint64_t ambiguous = 0;

    cr_assert(memory_begin(memory) == E_OK);
    for (uint64_t file = 0; file < 2; file++) {
        snprintf(copy, sizeof copy, "event_id=e%llu|crime_reference=20/1/26|victim_ref=V1|event_type=telepathy|event_time=2026-04-02 09:00" AT("02 10:00"), (unsigned long long)file);
        cells_of(TABLE_EVENT, copy, cell);
        cr_assert(record_read(TABLE_EVENT, cell, &shape->dates, INSTANT_NONE, &r, &ambiguous, &(struct fault){ COLUMNS, "", "" }) == E_OK);
        cr_assert(differ_refuse(differ, &r, file, 7, &fault, hold[file]) == E_OK);
    }
    memory_abort(memory);
    cr_assert_str_neq(hold[0], hold[1]);
}
