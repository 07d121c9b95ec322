# Rights 8 to 12, promises, reviews, and what the record system cannot say.

== A verdict: one working day from when the Witness Care Unit hears of it
2026-11-02 10:00  20/1/26 V1  report
2026-11-05 15:00  20/1/26 -   verdict  received_at=2026-11-06/09:30
2026-11-10 11:00  20/1/26 V1  victim-informed
2026-11-20 12:00  now
expect  20/1/26 V1  R9-OUT  met-late  due 2026-11-09

== Nobody knows when the Unit heard: never called a breach
2026-11-02 10:00  20/1/26 V1  report
2026-11-05 15:00  20/1/26 -   verdict
2026-11-20 12:00  now
expect  20/1/26 V1  R9-OUT  open
told    20/1/26 V1  R9-OUT  nothing

== Nor when the case is over: nobody can say that it was missed
2026-11-02 10:00  20/1/26 V1  report
2026-11-05 15:00  20/1/26 -   hearing-listed  court_date=2026-11-16/10:00
2026-11-16 12:00  20/1/26 -   sentence  received_at=2026-11-16/14:00
2026-11-30 12:00  now
expect  20/1/26 V1  R8-HEAR  open

== A hearing over Christmas
2026-12-01 10:00  20/1/26 V1  report
2026-12-24 10:00  20/1/26 -   hearing-listed  received_at=2026-12-24/10:00  court_date=2027-01-11/10:00
2026-12-31 12:00  now
expect  20/1/26 V1  R8-HEAR  breached  due 2026-12-29

== A sentence of a year or more: referred in ten working days, contacted in twenty
2026-11-02 10:00  20/1/26 V1  report
2026-11-03 10:00  20/1/26 -   sentence  received_at=2026-11-03/12:00  sentence_months=18
2026-11-10 10:00  20/1/26 V1  contact-scheme-referred
2027-01-20 12:00  now
expect  20/1/26 V1  R11-REF  met       due 2026-11-17
expect  20/1/26 V1  R11-VLO  breached  due 2026-12-08

== A short sentence is not for the Scheme
2026-11-02 10:00  20/1/26 V1  report
2026-11-03 10:00  20/1/26 -   sentence  received_at=2026-11-03/12:00  sentence_months=6
2026-12-20 12:00  now
expect  20/1/26 V1  R11-REF  nothing

== Property: each item by itself, 28 calendar days
2026-10-01 10:00  20/1/26 V1  report
2026-10-05 10:00  20/1/26 V1  property-not-needed  item_no=1
2026-10-05 10:00  20/1/26 V1  property-not-needed  item_no=2
2026-10-20 10:00  20/1/26 V1  property-returned    item_no=2
2026-11-20 12:00  now
expect  20/1/26 V1  R10-PROP  met       due 2026-11-02
expect  20/1/26 V1  R10-PROP  breached  due 2026-11-02

== Property still held when the case is over
2026-10-01 10:00  20/1/26 V1  report
2026-10-02 10:00  20/1/26 V1  property-taken  item_no=1
2026-10-10 10:00  20/1/26 V1  nfa
2026-11-20 12:00  now
expect  20/1/26 V1  R10-PROP  breached  due 2026-11-07

== A promise to call by five
2026-11-09 10:00  20/1/26 V1  report
2026-11-09 11:00  20/1/26 V1  contact-promised  due_by=2026-11-10/17:00
2026-11-09 11:00  20/2/26 V1  report
2026-11-09 11:30  20/2/26 V1  contact-promised
2026-11-10 17:30  20/1/26 V1  contact-attempted
2026-11-20 12:00  now
expect  20/1/26 V1  LOC-PROMISE  met-late  due 2026-11-10 17:00
expect  20/2/26 V1  LOC-PROMISE  nothing

== A review asked for over the new year
2026-12-01 10:00  20/1/26 V1  report
2026-12-21 10:00  20/1/26 V1  review-requested
2027-01-06 10:00  20/1/26 V1  review-acknowledged
2027-03-01 12:00  now
expect  20/1/26 V1  VRR-ACK  met       due 2027-01-07
expect  20/1/26 V1  VRR-DEC  breached  due 2027-02-04

== Rape submitted to the CPS: 28 days; other crimes have no such agreement
2026-10-01 10:00  20/1/26 V1  report  ho_class=19C
2026-10-01 10:00  20/2/26 V1  report  ho_class=8N
2026-10-02 10:00  20/1/26 -   cps-submitted
2026-10-02 10:00  20/2/26 -   cps-submitted
2026-11-20 12:00  now
expect  20/1/26 V1  CPS-28  breached  due 2026-10-30
expect  20/2/26 V1  CPS-28  nothing
told    20/1/26 V1  CPS-28  nothing

== Recorded within 24 hours is counted in hours, across the clock change
2026-10-24 14:00  20/1/26 V1  report  recorded=2026-10-25/13:30
2026-10-24 14:00  20/2/26 V1  report  recorded=2026-10-25/12:30
2026-11-01 12:00  now
expect  20/1/26 V1  R2-REC  met-late  due 2026-10-25 13:00
expect  20/2/26 V1  R2-REC  met       due 2026-10-25 13:00

== The record system is silent: not proven, never missed; when it speaks, exactly what was missed
2026-11-09 10:00  20/1/26 V1  report
2026-11-09 10:00  20/2/26 V1  report
2026-11-13 12:00  now
2026-11-15 00:00  silent
2026-11-18 12:00  speaks
2026-11-16 09:00  20/1/26 V1  code-given  recorded=2026-11-18/12:00
2026-11-18 13:00  now
expect  20/1/26 V1  R3-INFO  met       due 2026-11-16
expect  20/2/26 V1  R3-INFO  breached  due 2026-11-16
told    20/1/26 V1  R3-INFO  due-soon due-soon unproven met
told    20/2/26 V1  R3-INFO  due-soon due-soon unproven outstanding

== While it is silent
2026-11-09 10:00  20/2/26 V1  report
2026-11-15 00:00  silent
2026-11-17 09:00  now
expect  20/2/26 V1  R3-INFO  unproven  due 2026-11-16
told    20/2/26 V1  R3-INFO  due-soon due-soon

== Merged: what was owed goes on, and is met by what is recorded under the crime that goes on
2026-11-02 10:00  20/1/26 V1  report
2026-11-02 12:00  20/2/26 V1  report
2026-11-03 10:00  20/1/26 -   arrested  as=arrest
2026-11-04 10:00  20/1/26 -   merged    merged_into=20/2/26
2026-11-05 10:00  20/2/26 V1  victim-informed  informs=arrest
2026-11-06 10:00  20/2/26 V1  code-given
2026-11-09 10:00  20/2/26 -   bailed
2026-11-27 12:00  now
expect  20/1/26 V1  R6-ARREST  met
expect  20/1/26 V1  R3-INFO    met  settled 2026-11-06 10:00
expect  20/1/26 V1  R3-ACK     breached
expect  20/1/26 V1  R6-BAIL    nothing
expect  20/2/26 V1  R3-INFO    met
expect  20/2/26 V1  R6-BAIL    breached

== Merged by mistake: taken back, nothing of the other crime counts here
2026-11-02 10:00  20/1/26 V1  report
2026-11-02 12:00  20/2/26 V1  report
2026-11-04 10:00  20/1/26 -   merged  merged_into=20/2/26  as=merger
2026-11-06 10:00  20/2/26 V1  code-given
2026-11-10 10:00  20/1/26 -   event-withdrawn  corrects=merger
2026-11-12 12:00  now
expect  20/1/26 V1  R3-INFO  breached
expect  20/2/26 V1  R3-INFO  met
told    20/1/26 V1  R3-INFO  due-soon met breached outstanding

== Said again under the crime that goes on: it is there now, and owed once
2026-11-02 10:00  20/1/26 V1  report
2026-11-02 12:00  20/2/26 V1  report
2026-11-04 10:00  20/1/26 -   merged    merged_into=20/2/26
2026-11-05 10:00  20/1/26 -   arrested  as=arrest
2026-11-05 10:00  20/2/26 -   arrested  id=arrest
2026-11-27 12:00  now
expect  20/1/26 V1  R6-ARREST  nothing
expect  20/2/26 V1  R6-ARREST  breached

== Corrected last under the crime that was merged: it stays there
2026-11-02 10:00  20/1/26 V1  report
2026-11-02 12:00  20/2/26 V1  report
2026-11-04 10:00  20/1/26 -   merged    merged_into=20/2/26
2026-11-05 10:00  20/1/26 -   arrested  as=arrest  recorded=2026-11-06/10:00
2026-11-05 10:00  20/2/26 -   arrested  id=arrest
2026-11-27 12:00  now
expect  20/1/26 V1  R6-ARREST  breached

== Merged into a crime that nobody names: the journey ends
2026-11-02 10:00  20/1/26 V1  report
2026-11-04 10:00  20/1/26 -   merged
2026-11-27 12:00  now
expect  20/1/26 V1  R3-INFO  not-applicable
