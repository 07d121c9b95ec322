# Right 3: within 5 working days of reporting, 1 under Enhanced Rights, the victim has the Code's information, with the link,
# and a written acknowledgement.

== An ordinary week
2026-11-09 10:00  20/1/26 V1  report
2026-11-12 15:00  20/1/26 V1  code-given
2026-11-20 12:00  now
expect  20/1/26 V1  R3-INFO  met       due 2026-11-16  settled 2026-11-12 15:00
expect  20/1/26 V1  R3-ACK   breached  due 2026-11-16
told    20/1/26 V1  R3-INFO  due-soon met
told    20/1/26 V1  R3-ACK   due-soon due-soon breached outstanding

== One working day under Enhanced Rights
2026-11-09 10:00  20/1/26 V1  report  vulnerable=yes
2026-11-10 23:59  20/1/26 V1  code-given
2026-11-20 12:00  now
expect  20/1/26 V1  R3-INFO  met       due 2026-11-10  enhanced
expect  20/1/26 V1  R3-ACK   breached  due 2026-11-10  enhanced
told    20/1/26 V1  R3-ACK   due-soon breached outstanding outstanding

== Reported on a Saturday: Monday is day 1
2026-11-14 23:30  20/1/26 V1  report
2026-11-14 23:30  20/1/26 V2  report  age=12
2026-12-01 12:00  now
expect  20/1/26 V1  R3-INFO  breached  due 2026-11-20
expect  20/1/26 V2  R3-INFO  breached  due 2026-11-16  enhanced

== Christmas: 24 December and one working day is the 29th, five is 5 January
2026-12-24 16:00  20/1/26 V1  report
2026-12-24 16:00  20/1/26 V2  report  markers=DA
2027-01-06 00:00  now
expect  20/1/26 V1  R3-INFO  breached  due 2027-01-05
expect  20/1/26 V2  R3-INFO  breached  due 2026-12-29  enhanced

== Easter: the Thursday before and one working day is Tuesday, five is the Monday after
2026-04-02 09:00  20/1/26 V1  report
2026-04-02 09:00  20/1/26 V2  report  intimidated=yes
2026-04-14 09:00  now
expect  20/1/26 V1  R3-INFO  breached  due 2026-04-13
expect  20/1/26 V2  R3-INFO  breached  due 2026-04-07

== A bank holiday proclaimed ten days ahead: 19 September 2022
2022-09-15 12:00  20/1/22 V1  report
2022-09-15 12:00  20/1/22 V2  report  persistently_targeted=yes
2022-10-01 12:00  now
expect  20/1/22 V1  R3-INFO  breached  due 2022-09-23
expect  20/1/22 V2  R3-INFO  breached  due 2022-09-16

== A leap day is a day
2024-02-27 12:00  20/1/24 V1  report
2024-03-10 12:00  now
expect  20/1/24 V1  R3-INFO  breached  due 2024-03-05

== The night the clocks go forward: still the end of the local day
2026-03-27 10:00  20/1/26 V1  report  enhanced=yes
2026-03-30 23:58  20/1/26 V1  code-given
2026-03-31 12:00  now
expect  20/1/26 V1  R3-INFO  met       due 2026-03-30
expect  20/1/26 V1  R3-ACK   breached  due 2026-03-30

== The night the clocks go back
2026-10-23 10:00  20/1/26 V1  report  enhanced=yes
2026-10-26 23:58  20/1/26 V1  code-given
2026-10-27 12:00  now
expect  20/1/26 V1  R3-INFO  met       due 2026-10-26
expect  20/1/26 V1  R3-ACK   breached  due 2026-10-26

== Five minutes to midnight in summer belongs to that day
2026-07-06 23:55  20/1/26 V1  report  enhanced=yes
2026-07-08 00:05  20/1/26 V1  code-given
2026-07-09 12:00  now
expect  20/1/26 V1  R3-INFO  met-late  due 2026-07-07  settled 2026-07-08 00:05

== Done in time but entered late: the breach is taken back
2026-11-09 10:00  20/1/26 V1  report
2026-11-13 15:00  20/1/26 V1  code-given  recorded=2026-11-18/08:30
2026-11-20 12:00  now
expect  20/1/26 V1  R3-INFO  met  due 2026-11-16  settled 2026-11-13 15:00
told    20/1/26 V1  R3-INFO  due-soon due-soon breached withdrawn

== Done late
2026-11-09 10:00  20/1/26 V1  report
2026-11-18 15:00  20/1/26 V1  code-given
2026-11-25 12:00  now
expect  20/1/26 V1  R3-INFO  met-late  due 2026-11-16
told    20/1/26 V1  R3-INFO  due-soon due-soon breached outstanding met-late

== The victim declined it: waived, never met
2026-11-09 10:00  20/1/26 V1  report
2026-11-10 10:00  20/1/26 V1  preference-set  waives=R3-INFO
2026-11-11 15:00  20/1/26 V1  code-given
2026-11-25 12:00  now
expect  20/1/26 V1  R3-INFO  waived  settled 2026-11-10 10:00
expect  20/1/26 V1  R3-ACK   breached

== Enhanced Rights found while the clock runs: the earlier of the two
2026-11-09 10:00  20/1/26 V1  report
2026-11-10 16:00  20/1/26 V1  enhanced-found
2026-11-25 12:00  now
expect  20/1/26 V1  R3-INFO  breached  due 2026-11-11  enhanced  found-late

== Found on the last day it changes nothing
2026-11-09 10:00  20/1/26 V1  report
2026-11-16 16:00  20/1/26 V1  enhanced-found
2026-11-25 12:00  now
expect  20/1/26 V1  R3-INFO  breached  due 2026-11-16  not-found-late

== Found by the assessment, ended, and found again
2026-11-02 10:00  20/1/26 V1  report
2026-11-03 10:00  20/1/26 V1  needs-assessed  enhanced=yes
2026-11-04 10:00  20/1/26 -   arrested
2026-11-10 10:00  20/1/26 V1  enhanced-ended
2026-11-11 10:00  20/1/26 -   interviewed
2026-11-20 10:00  20/1/26 V1  enhanced-found
2026-11-23 10:00  20/1/26 -   bailed
2026-12-10 12:00  now
expect  20/1/26 V1  R6-ARREST     breached  due 2026-11-05  enhanced
expect  20/1/26 V1  R6-INTERVIEW  breached  due 2026-11-18  not-enhanced
expect  20/1/26 V1  R6-BAIL       breached  due 2026-11-24  enhanced

== Reclassified as rape: entitled from when that was recorded, not back to the report
2026-11-02 10:00  20/1/26 V1  report  ho_class=20A
2026-11-02 10:00  20/2/26 V1  report  ho_class=8N
2026-11-03 09:00  20/2/26 -   reclassified  ho_class=19C  recorded=2026-11-04/12:00
2026-11-20 12:00  now
expect  20/1/26 V1  R3-INFO  breached  due 2026-11-03  enhanced
expect  20/2/26 V1  R3-INFO  breached  due 2026-11-05  enhanced  found-late

== Reclassified away: what the class gave it takes
2026-11-02 10:00  20/1/26 V1  report  ho_class=19C
2026-11-04 09:00  20/1/26 -   reclassified  ho_class=8N
2026-11-05 09:00  20/1/26 -   arrested
2026-11-20 12:00  now
expect  20/1/26 V1  R6-ARREST  breached  due 2026-11-12  not-enhanced

== Before the first edition nothing is owed
2021-03-31 23:00  20/1/21 V1  report
2021-04-01 00:10  20/2/21 V1  report
2021-05-01 12:00  now
expect  20/1/21 V1  R3-INFO  nothing
expect  20/2/21 V1  R3-INFO  breached  due 2021-04-12

== Beyond the calendar nothing is guessed
2028-12-27 10:00  20/1/28 V1  report
2029-01-20 12:00  now
expect  20/1/28 V1  R3-INFO  not-computable
expect  20/1/28 V1  R2-REC   met
told    20/1/28 V1  R3-INFO  not-computable
