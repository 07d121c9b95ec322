# Right 6: told within 5 working days, 1 under Enhanced Rights, of an arrest, an interview, a release, bail and its changes, a
# decision not to go on, a charge.

== Told of the decision late, over Easter
2025-04-14 09:00  20/1/25 V1  report  enhanced=no
2025-04-15 10:00  20/1/25 V1  nfa  decision_by=police  outcome_code=18
2025-04-25 00:00  now
expect  20/1/25 V1  R6-NFA  breached  due 2025-04-24
told    20/1/25 V1  R6-NFA  due-soon due-soon breached

== An arrest is news for every victim of the crime, also for one known later
2026-11-09 10:00  20/1/26 V1  report
2026-11-10 10:00  20/1/26 -   arrested  as=arrest  suspect_no=1
2026-11-11 09:00  20/1/26 V1  victim-informed  informs=arrest
2026-11-12 12:00  20/1/26 V2  report
2026-11-27 12:00  now
expect  20/1/26 V1  R6-ARREST  met       due 2026-11-17
expect  20/1/26 V2  R6-ARREST  breached  due 2026-11-19

== Telling one victim is not telling the other
2026-11-09 10:00  20/1/26 V1  report
2026-11-09 10:00  20/1/26 V2  report
2026-11-10 10:00  20/1/26 -   bailed  as=bail
2026-11-11 09:00  20/1/26 V1  victim-informed  informs=bail
2026-11-27 12:00  now
expect  20/1/26 V1  R6-BAIL  met
expect  20/1/26 V2  R6-BAIL  breached

== Telling the suspect is not telling the victim; telling a parent is
2026-11-09 10:00  20/1/26 V1  report
2026-11-10 10:00  20/1/26 -   bailed  as=bail
2026-11-10 11:00  20/1/26 -   interviewed  as=interview
2026-11-11 09:00  20/1/26 V1  victim-informed  informs=bail       informed_who=suspect
2026-11-11 09:30  20/1/26 V1  victim-informed  informs=interview  informed_who=parent
2026-11-27 12:00  now
expect  20/1/26 V1  R6-BAIL       breached
expect  20/1/26 V1  R6-INTERVIEW  met

== "Victim updated": an informing that names nothing meets what came before it, as inferred
2026-11-09 10:00  20/1/26 V1  report
2026-11-10 10:00  20/1/26 -   arrested
2026-11-12 10:00  20/1/26 V1  victim-informed
2026-11-13 10:00  20/1/26 -   bailed
2026-11-27 12:00  now
expect  20/1/26 V1  R6-ARREST  met  inferred
expect  20/1/26 V1  R6-BAIL    breached

== The milestone itself says when the victim was told
2026-11-09 10:00  20/1/26 V1  report
2026-11-10 10:00  20/1/26 V1  charge  decision_by=cps  victim_informed_at=2026-11-10/17:00
2026-11-27 12:00  now
expect  20/1/26 V1  R6-CHARGE  met  settled 2026-11-10 17:00

== Enhanced Rights and bail: told at the start that it has to be told
2026-11-09 10:00  20/1/26 V1  report  markers=DA
2026-11-10 22:00  20/1/26 -   bailed
2026-11-12 08:00  now
expect  20/1/26 V1  R6-BAIL  breached  due 2026-11-11  enhanced
told    20/1/26 V1  R6-BAIL  at-start due-soon breached

== A decision entered by mistake is withdrawn: what was told is taken back
2026-11-02 10:00  20/1/26 V1  report
2026-11-03 10:00  20/1/26 V1  nfa  as=decision
2026-11-12 09:00  20/1/26 V1  event-withdrawn  corrects=decision
2026-11-27 12:00  now
expect  20/1/26 V1  R6-NFA  nothing
told    20/1/26 V1  R6-NFA  due-soon due-soon breached withdrawn

== A decision with a wrong time is corrected: amended, not breached twice
2026-11-02 10:00  20/1/26 V1  report
2026-11-03 10:00  20/1/26 V1  nfa  as=decision
2026-11-05 10:00  20/1/26 V1  nfa  corrects=decision  recorded=2026-11-06/10:00
2026-11-13 12:00  now
expect  20/1/26 V1  R6-NFA  breached  due 2026-11-12
told    20/1/26 V1  R6-NFA  due-soon amended due-soon due-soon breached

== One duty a decision: the outcome code that follows it owes nothing more
2026-11-02 10:00  20/1/26 V1  report
2026-11-03 10:00  20/1/26 V1  nfa  decision_by=police  outcome_code=16
2026-11-04 10:00  20/1/26 -   outcome-assigned  outcome_code=16
2026-11-04 11:00  20/1/26 -   closed
2026-11-05 10:00  20/1/26 V1  victim-informed
2026-11-27 12:00  now
expect  20/1/26 V1  R6-NFA    met  due 2026-11-10
expect  20/1/26 V1  R6-CLOSE  nothing

== An outcome code without a decision starts the clock itself
2026-11-02 10:00  20/1/26 V1  report
2026-11-04 10:00  20/1/26 -   outcome-assigned  outcome_code=18
2026-11-27 12:00  now
expect  20/1/26 V1  R6-NFA   breached  due 2026-11-11

== Outcome 22 is a disposal, 9 the CPS's decision
2026-11-02 10:00  20/1/26 V1  report
2026-11-02 10:00  20/2/26 V1  report
2026-11-04 10:00  20/1/26 -   outcome-assigned  outcome_code=22
2026-11-04 10:00  20/2/26 -   outcome-assigned  outcome_code=9
2026-11-27 12:00  now
expect  20/1/26 V1  R6-OOCD   breached  due 2026-11-11
expect  20/1/26 V1  R6-NFA    nothing
expect  20/2/26 V1  R6-CPSNO  breached  due 2026-11-11

== No further action for one suspect ends nothing for the other
2026-11-02 10:00  20/1/26 V1  report
2026-11-02 12:00  20/1/26 -   arrested  suspect_no=1
2026-11-02 12:30  20/1/26 -   arrested  suspect_no=2
2026-11-12 10:00  20/1/26 V1  nfa  suspect_no=1
2026-11-13 10:00  now
expect  20/1/26 V1  R6-ARREST  breached  due 2026-11-09
expect  20/1/26 V1  R6-NFA     open

== When the last suspect is disposed of, what was breached stays missed
2026-11-02 10:00  20/1/26 V1  report
2026-11-02 12:00  20/1/26 -   arrested  suspect_no=1
2026-11-12 10:00  20/1/26 V1  nfa  suspect_no=1
2026-11-27 12:00  now
expect  20/1/26 V1  R6-ARREST  missed  due 2026-11-09
expect  20/1/26 V1  R6-NFA     breached

== Told after all, long after: met late, even when it was over
2026-11-02 10:00  20/1/26 V1  report
2026-11-02 12:00  20/1/26 -   arrested  suspect_no=1
2026-11-12 10:00  20/1/26 V1  nfa  suspect_no=1
2026-11-20 10:00  20/1/26 V1  victim-informed
2026-11-27 12:00  now
expect  20/1/26 V1  R6-ARREST  met-late  settled 2026-11-20 10:00

== Cancelled: nothing more is owed
2026-11-02 10:00  20/1/26 V1  report
2026-11-03 10:00  20/1/26 -   arrested
2026-11-04 10:00  20/1/26 -   cancelled
2026-11-27 12:00  now
expect  20/1/26 V1  R6-ARREST  not-applicable
expect  20/1/26 V1  R3-INFO    not-applicable

== Cancelled and reopened: everything is owed again
2026-11-02 10:00  20/1/26 V1  report
2026-11-04 10:00  20/1/26 -   cancelled
2026-11-05 10:00  20/1/26 -   reopened
2026-11-27 12:00  now
expect  20/1/26 V1  R3-INFO    breached  due 2026-11-09

== Withdrawing support is not declining to be told
2026-11-02 10:00  20/1/26 V1  report
2026-11-03 10:00  20/1/26 V1  support-withdrawn  stage=before-charge
2026-11-04 10:00  20/1/26 -   arrested
2026-11-27 12:00  now
expect  20/1/26 V1  R6-ARREST  breached

== Regular updates, as agreed; each restarts the count
2026-11-02 10:00  20/1/26 V1  report
2026-11-02 11:00  20/1/26 V1  preference-set  agreed_update_days=7
2026-11-09 11:00  20/1/26 V1  periodic-update
2026-11-20 11:00  20/1/26 V1  periodic-update
2026-11-23 12:00  now
expect  20/1/26 V1  R6-FREQ  met       due 2026-11-09
expect  20/1/26 V1  R6-FREQ  met-late  due 2026-11-16
expect  20/1/26 V1  R6-FREQ  open      due 2026-11-27

== After a charge the Witness Care Unit owes the regular update
2026-11-02 10:00  20/1/26 V1  report
2026-11-02 11:00  20/1/26 V1  preference-set  agreed_update_days=7
2026-11-05 11:00  20/1/26 -   charge
2026-11-06 11:00  20/1/26 V1  victim-informed
2026-11-08 12:00  now
expect  20/1/26 V1  R6-FREQ  met   due 2026-11-09  owner=police
expect  20/1/26 V1  R6-FREQ  open  due 2026-11-13  owner=wcu

== A new agreement takes over from the old
2026-11-02 10:00  20/1/26 V1  report
2026-11-02 11:00  20/1/26 V1  preference-set  agreed_update_days=14
2026-11-09 11:00  20/1/26 V1  preference-set  agreed_update_days=28
2026-11-23 12:00  now
expect  20/1/26 V1  R6-FREQ  not-applicable  due 2026-11-16
expect  20/1/26 V1  R6-FREQ  open            due 2026-12-07

== Regular updates end with the case
2026-11-02 10:00  20/1/26 V1  report
2026-11-03 11:00  20/1/26 V1  victim-informed
2026-11-10 11:00  20/1/26 V1  nfa
2026-12-23 12:00  now
expect  20/1/26 V1  R6-FREQ  not-applicable

== Deferred for safety: no alert; resumed: the limit counts anew
2026-11-02 10:00  20/1/26 V1  report
2026-11-03 10:00  20/1/26 -   bailed
2026-11-04 10:00  20/1/26 V1  deferred  reason_code=SAFETY  authorised_by=20011
2026-11-12 10:00  20/1/26 V1  resumed
2026-11-13 12:00  now
expect  20/1/26 V1  R6-BAIL  open  due 2026-11-19

== Deferred and not resumed
2026-11-02 10:00  20/1/26 V1  report
2026-11-03 10:00  20/1/26 -   bailed
2026-11-04 10:00  20/1/26 V1  deferred  reason_code=SAFETY
2026-11-27 12:00  now
expect  20/1/26 V1  R6-BAIL  deferred
