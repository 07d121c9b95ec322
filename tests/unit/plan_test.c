/* Who is told of what, and when: a diary of a small force, and the messages it comes to. */
#include "tests/kit/force.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct force f;

static void open_force(void) { force_open(&f, NULL); }
static void close_force(void) { force_close(&f); }
TestSuite(plan, .init = open_force, .fini = close_force);

static void said(const char *want)
{
    char *got = force_said(&f);

    cr_assert_str_eq(got, want, "was said:\n%s", got);
    free(got);
}

/* Calls made on the last day are typed the day after. */
static void held(struct notice *n) { n->hold_until = force_time("2026-04-02 10:00"); }
static void needs(struct notice *n) { n->rule = TEXT("R4-NEEDS"); }
static void in_new(struct notice *n) { n->team = TEXT("New"), n->supervisor = TEXT("2001"); }
static void by_wcu(struct notice *n) { n->owner = TEXT("wcu"); }
static void by_cps(struct notice *n) { n->owner = TEXT("cps"); }
static void by_any(struct notice *n) { n->owner = TEXT("any"); }
static void by_any_again(struct notice *n) { n->owner = TEXT("any"), n->step = 1; }
static void of_bereaved(struct notice *n) { n->family_liaison = true; }
static void of_access(struct notice *n) { n->access_restricted = true; }
static void of_processing(struct notice *n) { n->processing_restricted = true; }
static void second(struct notice *n) { n->step = 2; }
static void first(struct notice *n) { n->step = 1; }
static void stands_missed(struct notice *n) { n->stands = LEVEL_BREACHED; }
static void seen_by_1001(struct notice *n) { n->stands = LEVEL_BREACHED, n->acknowledged_by = TEXT("1001"); }
static void seen_by_2001(struct notice *n) { n->stands = LEVEL_OUTSTANDING, n->acknowledged_by = TEXT("2001"); }
static void soon_seen(struct notice *n) { n->stands = LEVEL_DUE_SOON, n->acknowledged_by = TEXT("1001"); }

Test(plan, what_is_due_soon_is_one_digest_a_morning_ordered_by_due)
{
    force_tell(&f, LEVEL_DUE_SOON, "20/2/26", "1001", "2026-04-01 09:00", "2026-04-08", NULL);
    force_tell(&f, LEVEL_DUE_SOON, "20/1/26", "1001", "2026-04-01 09:00", "2026-04-02", NULL);
    force_tell(&f, LEVEL_DUE_SOON, "20/2/26", "1001", "2026-04-01 09:00", "2026-04-09", needs);
    force_tell(&f, LEVEL_DUE_SOON, "20/3/26", "1002", "2026-04-01 09:00", "2026-04-02", NULL);
    force_ticks(&f, "2026-04-01 09:00", "2026-04-01 23:00");
    cr_assert_eq(f.count, 2);
    cr_assert_eq(f.sent[0].kind, MESSAGE_DIGEST);
    for (size_t i = 0; i < 2; i++)
        if (!strcmp(f.sent[i].to, "1001"))
            cr_assert_str_eq(f.sent[i].entries, "20/1/26 R3-INFO due-soon, 20/2/26 R3-INFO due-soon, 20/2/26 R4-NEEDS due-soon");
}

Test(plan, what_comes_after_the_digest_waits_for_the_next_unless_it_is_due_before)
{
    force_tell(&f, LEVEL_DUE_SOON, "20/1/26", "1001", "2026-04-01 09:00", "2026-04-02", NULL);
    force_tick(&f, "2026-04-01 09:00");
    force_tell(&f, LEVEL_DUE_SOON, "20/2/26", "1001", "2026-04-01 14:00", "2026-04-03", NULL);
    force_tell(&f, LEVEL_DUE_SOON, "20/3/26", "1001", "2026-04-01 14:00", "2026-04-01", NULL);
    force_ticks(&f, "2026-04-01 14:00", "2026-04-01 21:00");
    said("digest 1001: 20/1/26 R3-INFO due-soon\nalert 1001: 20/3/26 R3-INFO due-soon\n");
    force_ticks(&f, "2026-04-02 00:00", "2026-04-02 12:00");
    said("digest 1001: 20/1/26 R3-INFO due-soon\nalert 1001: 20/3/26 R3-INFO due-soon\ndigest 1001: 20/2/26 R3-INFO due-soon\n");
}

Test(plan, a_breach_waits_for_what_is_typed_late_and_is_said_once_grouped)
{
    force_tell(&f, LEVEL_BREACHED, "20/1/26", "1001", "2026-04-02 00:00", "2026-04-01", held);
    force_tell(&f, LEVEL_BREACHED, "20/2/26", "1001", "2026-04-02 00:00", "2026-04-01", held);
    force_ticks(&f, "2026-04-02 00:00", "2026-04-02 09:55");
    cr_assert_eq(f.count, 0);
    force_ticks(&f, "2026-04-02 10:00", "2026-04-02 12:00");
    cr_assert_eq(f.count, 2);               /* the officer and the supervisor */
    cr_assert_str_eq(f.sent[0].entries, "20/1/26 R3-INFO breached, 20/2/26 R3-INFO breached");
    cr_assert_str_eq(f.sent[1].entries, f.sent[0].entries);
    cr_assert(strcmp(f.sent[0].to, f.sent[1].to) != 0);
}

Test(plan, what_is_put_right_before_it_was_said_is_not_said)
{
    force_tell(&f, LEVEL_BREACHED, "20/1/26", "1001", "2026-04-02 00:00", "2026-04-01", held);
    force_tick(&f, "2026-04-02 00:00");
    force_tell(&f, LEVEL_WITHDRAWN, "20/1/26", "1001", "2026-04-02 09:30", "2026-04-01", NULL);
    force_ticks(&f, "2026-04-02 09:30", "2026-04-02 18:00");
    cr_assert_eq(f.count, 0);
    cr_assert_eq(plan_globals(f.plan)->fate[FATE_closed], 2);
}

Test(plan, a_follow_up_goes_to_whoever_was_told_and_names_that_message)
{
    force_tell(&f, LEVEL_DUE_SOON, "20/1/26", "1001", "2026-04-01 09:00", "2026-04-01", NULL);
    force_tick(&f, "2026-04-01 09:00");
    force_tell(&f, LEVEL_BREACHED, "20/1/26", "1001", "2026-04-02 00:00", "2026-04-01", held);
    force_tell(&f, LEVEL_WITHDRAWN, "20/1/26", "1001", "2026-04-02 09:00", "2026-04-01", NULL);
    force_ticks(&f, "2026-04-02 09:00", "2026-04-02 18:00");
    said("digest 1001: 20/1/26 R3-INFO due-soon\nfollow-up 1001: 20/1/26 R3-INFO withdrawn\n");
    cr_assert_str_eq(f.sent[1].thread, f.sent[0].id);
}

Test(plan, met_in_time_after_a_warning_needs_no_message)
{
    force_tell(&f, LEVEL_DUE_SOON, "20/1/26", "1001", "2026-04-01 09:00", "2026-04-02", NULL);
    force_tick(&f, "2026-04-01 09:00");
    force_tell(&f, LEVEL_MET, "20/1/26", "1001", "2026-04-01 11:00", "2026-04-02", NULL);
    force_ticks(&f, "2026-04-01 11:00", "2026-04-03 12:00");
    said("digest 1001: 20/1/26 R3-INFO due-soon\n");
}

Test(plan, at_start_goes_at_once_at_night_too_to_officer_and_supervisor)
{
    force_tell(&f, LEVEL_AT_START, "20/1/26", "1001", "2026-04-01 23:30", "2026-04-02", NULL);
    said("alert 1001: 20/1/26 R3-INFO at-start\nalert 2001: 20/1/26 R3-INFO at-start\n");
}

Test(plan, quiet_hours_hold_a_breach_until_the_morning)
{
    force_tell(&f, LEVEL_BREACHED, "20/1/26", "1001", "2026-04-02 00:00", "2026-04-01", NULL);
    force_ticks(&f, "2026-04-02 00:00", "2026-04-02 06:55");
    cr_assert_eq(f.count, 0);
    force_tick(&f, "2026-04-02 07:00");
    cr_assert_eq(f.count, 2);
}

Test(plan, still_not_done_goes_to_the_supervisor_then_to_the_lead)
{
    force_tell(&f, LEVEL_OUTSTANDING, "20/1/26", "1001", "2026-04-08 09:00", "2026-04-01", first);
    force_ticks(&f, "2026-04-08 09:00", "2026-04-08 10:00");
    force_tell(&f, LEVEL_OUTSTANDING, "20/1/26", "1001", "2026-04-13 09:00", "2026-04-01", second);
    force_ticks(&f, "2026-04-13 09:00", "2026-04-13 10:00");
    said("alert 2001: 20/1/26 R3-INFO outstanding\nalert lead@force.example: 20/1/26 R3-INFO outstanding\n");
}

Test(plan, an_officer_away_before_it_is_due_has_the_supervisor_beside_saying_why)
{
    force_tell(&f, LEVEL_DUE_SOON, "20/1/26", "1003", "2026-04-01 09:00", "2026-04-08", NULL);
    force_tick(&f, "2026-04-01 09:00");
    cr_assert_eq(f.count, 2);
    for (size_t i = 0; i < 2; i++)
        if (!strcmp(f.sent[i].to, "2001"))
            cr_assert_str_eq(f.sent[i].beside, "You have this too because you supervise 1003, the officer in the case, who is not on duty before Sat 11 April 2026.");
        else
            cr_assert_str_eq(f.sent[i].to, "1003");
}

static const char *why(const char *to)
{
    for (size_t i = f.count; i-- > 0;)
        if (!strcmp(f.sent[i].to, to))
            return f.sent[i].beside;
    return "nothing was sent there";
}

Test(plan, each_reader_is_told_why_they_have_it)
{
    force_tell(&f, LEVEL_AT_START, "20/1/26", "1001", "2026-04-01 12:00", "2026-04-02", of_bereaved);
    cr_assert_str_eq(why("1001"), "");
    cr_assert_str_eq(why("2001"), "You have this because you supervise 1001, the officer in the case, who has it too.");
    cr_assert_str_eq(why("flo@force.example"), "You have this too because a family liaison officer speaks with this family.");
    force_tell(&f, LEVEL_AT_START, "20/2/26", "9999", "2026-04-01 12:00", "2026-04-02", NULL);
    cr_assert_str_eq(why("north@force.example"), "This inbox has it because the officer in the case, 9999, is not in the directory of officers.");
    force_tell(&f, LEVEL_AT_START, "20/3/26", "2002", "2026-04-01 12:00", "2026-04-02", NULL);
    cr_assert_str_eq(why("north@force.example"), "This inbox has it because no supervisor of 2002, the officer in the case, who has it too, is known, or on duty.");
    force_tell(&f, LEVEL_OUTSTANDING, "20/4/26", "1001", "2026-04-08 09:00", "2026-04-01", second);
    force_ticks(&f, "2026-04-08 09:00", "2026-04-08 10:00");
    cr_assert_str_eq(why("lead@force.example"), "You have this because it was missed and is still not done.");
}

/* The sentence is about the whole message, not about whose case happens to stand first in it. */
Test(plan, why_a_reader_has_a_group_is_said_of_all_of_it)
{
    force_tell(&f, LEVEL_BREACHED, "20/1/26", "1001", "2026-04-02 10:00", "2026-04-01", NULL);
    force_tell(&f, LEVEL_BREACHED, "20/2/26", "1002", "2026-04-02 10:00", "2026-04-01", NULL);
    force_ticks(&f, "2026-04-02 10:00", "2026-04-02 11:00");
    cr_assert_str_eq(why("2001"), "You have these because you supervise the officers in these cases.");
    force_tell(&f, LEVEL_BREACHED, "20/3/26", "1001", "2026-04-02 12:00", "2026-04-01", NULL);
    force_tell(&f, LEVEL_BREACHED, "20/4/26", "2001", "2026-04-02 12:00", "2026-04-01", NULL);
    force_ticks(&f, "2026-04-02 12:00", "2026-04-02 13:00");
    cr_assert_str_eq(why("2001"), "Where you are not the officer in the case, you have it as the supervisor.");
}

Test(plan, back_before_it_is_due_the_officer_is_told_alone)
{
    force_tell(&f, LEVEL_DUE_SOON, "20/1/26", "1003", "2026-04-01 09:00", "2026-04-13", NULL);
    force_tick(&f, "2026-04-01 09:00");
    said("digest 1003: 20/1/26 R3-INFO due-soon\n");
}

Test(plan, an_unknown_officer_or_none_is_the_inbox_of_the_team)
{
    force_tell(&f, LEVEL_DUE_SOON, "20/1/26", "9999", "2026-04-01 09:00", "2026-04-08", NULL);
    force_tell(&f, LEVEL_DUE_SOON, "20/2/26", "", "2026-04-01 09:00", "2026-04-08", NULL);
    force_tick(&f, "2026-04-01 09:00");
    said("digest north@force.example: 20/1/26 R3-INFO due-soon, 20/2/26 R3-INFO due-soon\n");
}

Test(plan, what_others_owe_goes_to_their_inbox_or_is_only_reported)
{
    force_tell(&f, LEVEL_DUE_SOON, "20/1/26", "1001", "2026-04-01 09:00", "2026-04-02", by_wcu);
    force_tell(&f, LEVEL_DUE_SOON, "20/2/26", "1001", "2026-04-01 09:00", "2026-04-02", by_cps);
    force_tick(&f, "2026-04-01 09:00");
    said("digest wcu@force.example: 20/1/26 R3-INFO due-soon\n");
    cr_assert_eq(plan_globals(f.plan)->fate[FATE_nobody], 1);
}

Test(plan, a_complaint_goes_to_the_lead_and_not_to_whom_it_may_be_about)
{
    force_tell(&f, LEVEL_DUE_SOON, "20/1/26", "1001", "2026-04-01 09:00", "2026-04-02", by_any);
    force_tick(&f, "2026-04-01 09:00");
    force_tell(&f, LEVEL_BREACHED, "20/1/26", "1001", "2026-04-03 10:00", "2026-04-02", by_any);
    force_ticks(&f, "2026-04-03 10:00", "2026-04-03 11:00");
    force_tell(&f, LEVEL_OUTSTANDING, "20/1/26", "1001", "2026-04-07 09:00", "2026-04-02", by_any_again);
    force_ticks(&f, "2026-04-07 09:00", "2026-04-07 10:00");
    said("digest lead@force.example: 20/1/26 R3-INFO due-soon\nalert lead@force.example: 20/1/26 R3-INFO breached\n"
         "alert lead@force.example: 20/1/26 R3-INFO outstanding\n");
}

Test(plan, family_liaison_is_told_too_where_a_family_has_one)
{
    force_tell(&f, LEVEL_AT_START, "20/1/26", "1001", "2026-04-01 12:00", "2026-04-02", of_bereaved);
    said("alert 1001: 20/1/26 R3-INFO at-start\nalert 2001: 20/1/26 R3-INFO at-start\nalert flo@force.example: 20/1/26 R3-INFO at-start\n");
}

Test(plan, a_restricted_journey_reaches_nobody_but_its_handlers)
{
    force_tell(&f, LEVEL_BREACHED, "20/1/26", "1001", "2026-04-02 12:00", "2026-04-01", of_access);
    force_tell(&f, LEVEL_BREACHED, "20/2/26", "1001", "2026-04-02 12:00", "2026-04-01", of_processing);
    force_ticks(&f, "2026-04-02 12:00", "2026-04-02 13:00");
    cr_assert_eq(f.count, 3);
    for (size_t i = 0; i < 3; i++)
        cr_assert(!strcmp(f.sent[i].to, "handler@force.example") ? strstr(f.sent[i].entries, "20/1/26") != NULL :
                  (!strcmp(f.sent[i].to, "dpo@force.example") || !strcmp(f.sent[i].to, "lead@force.example")) && strstr(f.sent[i].entries, "20/2/26"));
}

static void missed_and_restricted(struct notice *n) { n->stands = LEVEL_BREACHED, n->access_restricted = true; }

Test(plan, restricted_while_it_waits_it_goes_to_the_handlers_alone)
{
    force_tell(&f, LEVEL_BREACHED, "20/1/26", "1001", "2026-04-02 00:00", "2026-04-01", held);
    force_tell(&f, LEVEL_REALLOCATED, "20/1/26", "1001", "2026-04-02 08:00", "2026-04-01", missed_and_restricted);
    force_ticks(&f, "2026-04-02 08:00", "2026-04-02 12:00");
    said("alert handler@force.example: 20/1/26 R3-INFO breached\n");
}

Test(plan, restricted_after_it_was_said_no_follow_up_leaves)
{
    force_tell(&f, LEVEL_BREACHED, "20/1/26", "1001", "2026-04-02 10:00", "2026-04-01", NULL);
    force_ticks(&f, "2026-04-02 10:00", "2026-04-02 11:00");
    cr_assert_eq(f.count, 2);
    force_tell(&f, LEVEL_MET_LATE, "20/1/26", "1001", "2026-04-02 12:00", "2026-04-01", of_access);
    force_ticks(&f, "2026-04-02 12:00", "2026-04-02 13:00");
    cr_assert_eq(f.count, 2);
}

Test(plan, an_acknowledgement_stops_repeats_to_that_person_and_nothing_else)
{
    force_tell(&f, LEVEL_DUE_SOON, "20/1/26", "1001", "2026-04-01 09:00", "2026-04-02", first);
    force_tick(&f, "2026-04-01 09:00");
    force_tell(&f, LEVEL_ACKNOWLEDGED, "20/1/26", "1001", "2026-04-01 10:00", "2026-04-02", soon_seen);
    force_tell(&f, LEVEL_DUE_SOON, "20/1/26", "1001", "2026-04-02 09:00", "2026-04-02", second);   /* a repeat */
    force_ticks(&f, "2026-04-02 09:00", "2026-04-02 12:00");
    cr_assert_eq(f.count, 1);
    force_tell(&f, LEVEL_BREACHED, "20/1/26", "1001", "2026-04-03 10:00", "2026-04-02", NULL);      /* no repeat */
    force_ticks(&f, "2026-04-03 10:00", "2026-04-03 12:00");
    cr_assert_eq(f.count, 3);
    force_tell(&f, LEVEL_ACKNOWLEDGED, "20/1/26", "1001", "2026-04-03 13:00", "2026-04-02", seen_by_1001);
    force_tell(&f, LEVEL_OUTSTANDING, "20/1/26", "1001", "2026-04-07 09:00", "2026-04-02", first);   /* the escalation goes on */
    force_ticks(&f, "2026-04-07 09:00", "2026-04-07 12:00");
    cr_assert_eq(f.count, 4);
    cr_assert_str_eq(f.sent[3].to, "2001");
    force_tell(&f, LEVEL_ACKNOWLEDGED, "20/1/26", "1001", "2026-04-07 13:00", "2026-04-02", seen_by_2001);
    force_tell(&f, LEVEL_OUTSTANDING, "20/1/26", "1001", "2026-04-10 09:00", "2026-04-02", second);
    force_ticks(&f, "2026-04-10 09:00", "2026-04-10 12:00");
    cr_assert_eq(f.count, 5);
    cr_assert_str_eq(f.sent[4].to, "lead@force.example");
}

Test(plan, a_new_officer_inherits_what_stands_and_the_old_one_hears_no_more)
{
    force_tell(&f, LEVEL_BREACHED, "20/1/26", "1001", "2026-04-02 10:00", "2026-04-01", NULL);
    force_ticks(&f, "2026-04-02 10:00", "2026-04-02 11:00");
    cr_assert_eq(f.count, 2);
    force_tell(&f, LEVEL_REALLOCATED, "20/1/26", "1002", "2026-04-02 14:00", "2026-04-01", stands_missed);
    force_ticks(&f, "2026-04-02 14:00", "2026-04-02 15:00");
    cr_assert_eq(f.count, 3);
    cr_assert_eq(f.sent[2].kind, MESSAGE_HANDOVER);
    cr_assert_str_eq(f.sent[2].to, "1002");
    cr_assert_str_eq(f.sent[2].entries, "20/1/26 R3-INFO breached");
}

static void stands_soon(struct notice *n) { n->stands = LEVEL_DUE_SOON; }

Test(plan, handed_over_before_the_morning_it_is_in_the_new_officers_digest)
{
    force_tell(&f, LEVEL_DUE_SOON, "20/1/26", "1001", "2026-04-01 14:00", "2026-04-08", NULL);
    force_tick(&f, "2026-04-01 14:00");
    force_tell(&f, LEVEL_REALLOCATED, "20/1/26", "1002", "2026-04-01 15:00", "2026-04-08", stands_soon);
    force_ticks(&f, "2026-04-01 15:00", "2026-04-02 12:00");
    said("digest 1002: 20/1/26 R3-INFO due-soon\n");
}

Test(plan, a_team_in_the_shadow_hears_nothing_and_its_supervisor_gets_one_opening_list)
{
    force_tell(&f, LEVEL_BREACHED, "20/1/26", "1001", "2026-04-02 12:00", "2026-04-01", in_new);
    force_tell(&f, LEVEL_BREACHED, "20/2/26", "1002", "2026-04-03 12:00", "2026-04-02", in_new);
    force_tell(&f, LEVEL_BREACHED, "20/3/26", "1002", "2026-04-03 12:00", "2026-04-02", in_new);
    force_ticks(&f, "2026-04-02 12:00", "2026-04-07 12:00");
    force_tell(&f, LEVEL_MET_LATE, "20/3/26", "1002", "2026-04-07 13:00", "2026-04-02", in_new);
    force_ticks(&f, "2026-04-07 13:00", "2026-04-08 12:00");
    said("opening 2001: 20/1/26 R3-INFO breached, 20/2/26 R3-INFO breached\n");
    cr_assert(plan_globals(f.plan)->fate[FATE_shadow] > 0);
}

Test(plan, history_goes_nowhere)
{
    force_tell(&f, LEVEL_BREACHED, "20/1/26", "1001", "2026-04-20 12:00", "2026-04-01", NULL);
    force_tell(&f, LEVEL_OUTSTANDING, "20/1/26", "1001", "2026-04-20 12:01", "2026-04-01", first);
    force_tell(&f, LEVEL_MET_LATE, "20/1/26", "1001", "2026-04-21 12:00", "2026-04-01", NULL);
    force_ticks(&f, "2026-04-20 12:00", "2026-04-21 15:00");
    cr_assert_eq(f.count, 0);
    cr_assert_eq(plan_globals(f.plan)->fate[FATE_history], 1);
}

Test(plan, what_is_not_proven_is_no_officers_to_mend_and_is_told_when_it_is_known)
{
    force_tell(&f, LEVEL_UNPROVEN, "20/1/26", "1001", "2026-04-03 09:00", "2026-04-02", NULL);
    force_ticks(&f, "2026-04-03 09:00", "2026-04-04 12:00");
    cr_assert_eq(f.count, 0);
    force_tell(&f, LEVEL_BREACHED, "20/1/26", "1001", "2026-04-04 13:00", "2026-04-02", NULL);
    force_ticks(&f, "2026-04-04 13:00", "2026-04-04 14:00");
    cr_assert_eq(f.count, 2);
}

static void silence(const char *crime, const char *until)
{
    struct silence s = { SILENCE_CRIME, text_of(crime), TEXT("2001"), TEXT("SAFETY"), force_time(until) };
    struct store_txn *t;
    uint64_t number;

    cr_assert_eq(store_begin(f.store, true, &t), E_OK);
    cr_assert_eq(ledger_add_silence(t, &s, &number), E_OK);
    cr_assert_eq(store_commit(&t), E_OK);
}

Test(plan, a_silence_puts_off_and_what_still_stands_is_said_when_it_ends)
{
    silence("20/1/26", "2026-04-03 12:00");
    force_tell(&f, LEVEL_BREACHED, "20/1/26", "1001", "2026-04-02 10:00", "2026-04-01", NULL);
    force_tell(&f, LEVEL_BREACHED, "20/2/26", "1001", "2026-04-02 10:00", "2026-04-01", NULL);
    force_ticks(&f, "2026-04-02 10:00", "2026-04-03 11:55");
    cr_assert_eq(f.count, 2);
    cr_assert_str_eq(f.sent[0].entries, "20/2/26 R3-INFO breached");
    force_ticks(&f, "2026-04-03 12:00", "2026-04-03 13:00");
    cr_assert_eq(f.count, 4);
    cr_assert_str_eq(f.sent[3].entries, "20/1/26 R3-INFO breached");
}

Test(plan, a_silence_that_is_ended_is_over_at_the_next_tick)
{
    struct store_txn *t;

    silence("20/1/26", "2026-05-03 12:00");
    force_tell(&f, LEVEL_DUE_SOON, "20/1/26", "1001", "2026-04-02 09:00", "2026-04-08", NULL);
    force_tell(&f, LEVEL_AT_START, "20/1/26", "1001", "2026-04-02 09:00", "2026-04-08", needs);
    force_ticks(&f, "2026-04-02 09:00", "2026-04-02 11:55");
    cr_assert_eq(f.count, 0);
    cr_assert_eq(plan_globals(f.plan)->fate[FATE_silenced], 3);
    cr_assert_eq(store_begin(f.store, true, &t), E_OK);
    cr_assert_eq(ledger_end_silence(t, 1), E_OK);
    cr_assert_eq(store_commit(&t), E_OK);
    force_ticks(&f, "2026-04-02 12:00", "2026-04-02 12:00");
    cr_assert_eq(f.count, 2);
}

Test(plan, the_directory_is_read_again_when_it_changes_and_kept_when_it_is_broken)
{
    force_tick(&f, "2026-04-01 08:00");
    force_officers(&f, "collar,address\n7,7@force.example\n");
    force_tick(&f, "2026-04-01 08:05");
    force_officers(&f, "collar,address\n7,7@elsewhere.example\n");
    force_tell(&f, LEVEL_AT_START, "20/1/26", "7", "2026-04-01 08:06", "2026-04-02", NULL);
    force_tick(&f, "2026-04-01 08:10");
    force_tell(&f, LEVEL_AT_START, "20/2/26", "7", "2026-04-01 08:11", "2026-04-02", NULL);
    cr_assert_eq(f.count, 4);
    cr_assert_str_eq(f.sent[0].to, "7");
    cr_assert_str_eq(f.sent[2].to, "7");
}

/* CONNECT holds the task already: closing it tells nobody anything, and left open it would ask for what is done. */
Test(plan, a_task_on_a_restricted_journey_is_closed)
{
    force_close(&f);
    force_open(&f, "  tasks: { type: tasks, folder: ., state: tasks.lmdb }\nsend: { officers: [out, tasks], inboxes: [out] }\n");
    force_tell(&f, LEVEL_BREACHED, "20/1/26", "1001", "2026-04-02 10:00", "2026-04-01", NULL);
    force_ticks(&f, "2026-04-02 10:00", "2026-04-02 11:00");
    cr_assert_eq(f.count, 4);
    force_tell(&f, LEVEL_MET_LATE, "20/1/26", "1001", "2026-04-02 12:00", "2026-04-01", of_access);
    force_ticks(&f, "2026-04-02 12:00", "2026-04-02 13:00");
    cr_assert_eq(f.count, 6, "the tasks of both, and no other channel");
    cr_assert_eq(f.sent[4].kind, MESSAGE_FOLLOW_UP);
}
