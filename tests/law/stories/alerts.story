# Who has the case, and who has seen an alert: what is told beside the clock.

== Another officer takes over while an alert stands: what stands is handed over, once
2026-03-02 09:00  20/1/26 V1  report  enhanced=no oic=20417 supervisor=20011 team=North
2026-03-03 10:00  20/1/26 V1  code-given
2026-03-03 10:00  20/1/26 V1  acknowledged
2026-03-03 10:00  20/1/26 V1  needs-assessed  need=no
2026-03-03 11:00  20/1/26 V1  nfa
2026-03-11 12:00  20/1/26 -   oic-changed  oic=20533
2026-03-11 13:00  20/1/26 -   oic-changed  oic=20533
2026-03-12 00:00  now
told    20/1/26 V1  R6-NFA  due-soon due-soon breached reallocated
told    20/1/26 V1  R3-INFO met

== Nothing stands: nobody is told of the new officer
2026-03-02 09:00  20/1/26 V1  report  enhanced=no oic=20417
2026-03-02 10:00  20/1/26 V1  code-given
2026-03-02 12:00  20/1/26 V1  oic-changed  oic=20533
2026-03-03 00:00  now
told    20/1/26 V1  R3-INFO met
told    20/1/26 V1  R3-ACK  nothing

== Another team, no officer: the team's inbox changes
2026-03-02 09:00  20/1/26 V1  report  enhanced=no team=North
2026-03-06 12:00  20/1/26 V1  oic-changed  team=South
2026-03-06 13:00  now
told    20/1/26 V1  R3-INFO due-soon reallocated

== An alert is acknowledged: its clock and its escalation go on
2026-03-02 09:00  20/1/26 V1  report  enhanced=no oic=20417
2026-03-10 12:00  20/1/26 V1  alert-acknowledged  acknowledges=R3-INFO:breached by=20417 reason_code=CALLED
2026-03-10 13:00  20/1/26 V1  alert-acknowledged  acknowledges=R3-INFO:due-soon by=20011
2026-03-17 12:00  now
expect  20/1/26 V1  R3-INFO  breached  due 2026-03-09
told    20/1/26 V1  R3-INFO  due-soon due-soon breached acknowledged acknowledged outstanding outstanding

== The same acknowledgement twice is one; one of an alert that was never raised tells nothing
2026-03-02 09:00  20/1/26 V1  report  enhanced=no oic=20417
2026-03-10 12:00  20/1/26 V1  alert-acknowledged  acknowledges=R3-INFO:breached by=20417 as=seen
2026-03-10 12:00  20/1/26 V1  alert-acknowledged  acknowledges=R3-INFO:breached by=20417 id=seen
2026-03-10 12:30  20/1/26 V1  alert-acknowledged  notice_id=00000000000000000000000000000000
2026-03-10 13:00  now
told    20/1/26 V1  R3-INFO  due-soon due-soon breached acknowledged

== A journey is restricted while an alert stands, and released again
2026-03-02 09:00  20/1/26 V1  report  enhanced=no oic=20417
2026-03-10 12:00  20/1/26 V1  restricted  category=access
2026-03-10 13:00  20/1/26 V1  restricted  category=lifted
2026-03-10 14:00  now
told    20/1/26 V1  R3-INFO  due-soon due-soon breached reallocated reallocated
