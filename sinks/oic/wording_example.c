/* wording_example.c: invented messages, one of each kind: for a look at templates, and for trying a channel. */
#include "sinks/oic/wording.h"

#define OFFSET 3600
/* 09:00 on Tue 7 April 2026, on the local clock. */
#define AS_OF 1775548800

#define ENTRY(n, ...) { .notice_id = { 0x5e, 0x1f, 0x90, n }, .obligation_id = { 0xa0, n }, .version = n, .officer = TEXT("20533"), \
    .team = TEXT("Wolverhampton Investigations"), .owner = TEXT("police"), .raised_at = { AS_OF }, .raised_offset = OFFSET, __VA_ARGS__ }

static const struct notice missed[] = {
    ENTRY(1, .level = LEVEL_BREACHED, .rule = TEXT("R6-BAIL"), .right = TEXT("6"), .basis = TEXT("code"),
          .title = TEXT("Telling the victim that a suspect was bailed, and of the conditions"), .crime_ref = TEXT("20/104233/26"), .victim_no = 2,
          .due = { 1775170799 }, .due_date = TEXT("2026-04-02"), .limit = TEXT("1 working day"), .start_date = TEXT("2026-04-01"),
          .days = TEXT("Counted: Thu 2 April"),
          .what_to_do = TEXT("Tell the victim that the suspect was bailed, until when, and each condition that protects them. Ask what worries them."),
          .how_to_record = TEXT("In CONNECT, add Victim informed to the bail entry, with the time and how you told them.")),
    ENTRY(2, .level = LEVEL_DUE_SOON, .rule = TEXT("R3-INFO"), .right = TEXT("3"), .basis = TEXT("code"),
          .title = TEXT("Victims' Code information, with the link"), .crime_ref = TEXT("20/104233/26"), .victim_no = 2,
          .due = { 1775775599 }, .due_date = TEXT("2026-04-09"), .limit = TEXT("5 working days"), .start_date = TEXT("2026-03-31"),
          .days = TEXT("Counted: Wed 1 April, Thu 2, Tue 7, Wed 8, Thu 9; not counted: Fri 3 (Good Friday), Sat 4, Sun 5, Mon 6 (Easter Monday)"),
          .has_working_days_left = true, .working_days_left = 2,
          .what_to_do = TEXT("Give the victim the Code information and the link to the whole Code."),
          .how_to_record = TEXT("In CONNECT, record Code given, with the link.")),
    ENTRY(3, .level = LEVEL_AT_START, .rule = TEXT("R6-RUI"), .right = TEXT("6"), .basis = TEXT("code"),
          .title = TEXT("Telling the victim that a suspect was released under investigation"), .crime_ref = TEXT("20/104251/26"), .victim_no = 1,
          .due = { 1775689199 }, .due_date = TEXT("2026-04-08"), .limit = TEXT("1 working day"), .start_date = TEXT("2026-04-07"),
          .days = TEXT("Counted: Wed 8 April"), .has_working_days_left = true, .working_days_left = 1,
          .what_to_do = TEXT("Tell the victim today that the suspect is released and no longer under conditions."),
          .how_to_record = TEXT("In CONNECT, add Victim informed to the release entry.")),
};
static const struct notice soon[] = {
    ENTRY(11, .level = LEVEL_DUE_SOON, .rule = TEXT("R8-HEAR"), .right = TEXT("8"), .basis = TEXT("code"),
          .title = TEXT("Telling the victim of a court hearing"), .crime_ref = TEXT("20/101877/26"), .victim_no = 1,
          .due = { 1775602799 }, .due_date = TEXT("2026-04-07"), .limit = TEXT("1 working day"), .start_date = TEXT("2026-04-02"),
          .days = TEXT("Counted: Tue 7 April; not counted: Fri 3 (Good Friday), Sat 4, Sun 5, Mon 6 (Easter Monday)"), .has_working_days_left = true,
          .what_to_do = TEXT("Tell the victim the date, the time and the court."),
          .how_to_record = TEXT("In CONNECT, add Victim informed to the hearing entry.")),
    ENTRY(12, .level = LEVEL_DUE_SOON, .rule = TEXT("R4-REF"), .right = TEXT("4"), .basis = TEXT("code"),
          .title = TEXT("Referral to a support service"), .crime_ref = TEXT("20/104270/26"), .victim_no = 1,
          .due = { 1775689199 }, .due_date = TEXT("2026-04-08"), .limit = TEXT("2 working days"), .start_date = TEXT("2026-04-02"),
          .days = TEXT("Counted: Tue 7 April, Wed 8; not counted: Fri 3 (Good Friday), Sat 4, Sun 5, Mon 6 (Easter Monday)"), .has_working_days_left = true, .working_days_left = 1,
          .what_to_do = TEXT("Ask the victim for consent to be referred to a support service, and act on the answer."),
          .how_to_record = TEXT("In CONNECT, record the answer: referred, or declined.")),
    ENTRY(13, .level = LEVEL_DUE_SOON, .rule = TEXT("LOC-PROMISE"), .right = TEXT("-"), .basis = TEXT("local"),
          .title = TEXT("Contact that was promised"), .crime_ref = TEXT("20/104270/26"), .victim_no = 1,
          .due = { 1775746800 }, .due_date = TEXT("2026-04-09"), .due_time = TEXT("16:00"), .limit = TEXT("the date in the event"),
          .start_date = TEXT("2026-04-02"), .has_working_days_left = true, .working_days_left = 2,
          .what_to_do = TEXT("Contact the victim as promised."), .how_to_record = TEXT("In CONNECT, record the contact.")),
};
static const struct notice settled[] = {
    ENTRY(1, .level = LEVEL_WITHDRAWN, .rule = TEXT("R6-BAIL"), .right = TEXT("6"), .basis = TEXT("code"),
          .title = TEXT("Telling the victim that a suspect was bailed, and of the conditions"), .crime_ref = TEXT("20/104233/26"), .victim_no = 2,
          .due = { 1775170799 }, .due_date = TEXT("2026-04-02"), .limit = TEXT("1 working day"), .start_date = TEXT("2026-04-01"),
          .days = TEXT("Counted: Thu 2 April"), .occurred_at = { 1775118600 }, .occurred_offset = OFFSET),
};

#define MESSAGE(n, what, address, whom, why_them, ...) { .id = { 0xEE, n }, .kind = what, .channel = TEXT("mail"), .to = TEXT(address "@police.example"), \
    .name = TEXT(whom), .beside = TEXT(why_them), .as_of = { AS_OF }, .offset = OFFSET, __VA_ARGS__ }

static const struct message examples[MESSAGE_KINDS] = {
    [MESSAGE_ALERT] = MESSAGE(1, MESSAGE_ALERT, "20533", "PC 20533", "", .count = 3, .entry = { &missed[0], &missed[1], &missed[2] }),
    [MESSAGE_DIGEST] = MESSAGE(2, MESSAGE_DIGEST, "20533", "PC 20533", "", .count = 3, .entry = { &soon[0], &soon[1], &soon[2] }),
    [MESSAGE_FOLLOW_UP] = MESSAGE(3, MESSAGE_FOLLOW_UP, "20533", "PC 20533", "", .thread = { 0xEE, 1 }, .count = 1, .entry = { &settled[0] }),
    [MESSAGE_HANDOVER] = MESSAGE(4, MESSAGE_HANDOVER, "20688", "PC 20688", "", .count = 3, .entry = { &missed[0], &missed[1], &soon[1] }),
    [MESSAGE_OPENING] = MESSAGE(5, MESSAGE_OPENING, "20201", "Sergeant 20201", "You have this because you supervise 20533, the officer in the case.", .more = 12, .count = 1,
                                .entry = { &missed[0] }),
};

const struct message *wording_example(enum message_kind kind) { return &examples[kind]; }
