# Right 4: where a need was identified, the victim is referred to a support service within 2 working days.

== Referred in time
2026-11-06 10:00  20/1/26 V1  report
2026-11-06 15:00  20/1/26 V1  need-identified
2026-11-10 16:00  20/1/26 V1  made  service_kind=general
2026-11-20 12:00  now
expect  20/1/26 V1  R4-REF       met       due 2026-11-10
expect  20/1/26 V1  R4-REF-CODE  met       due 2026-11-10

== Never referred
2026-11-06 10:00  20/1/26 V1  report
2026-11-06 15:00  20/1/26 V1  needs-assessed  need=yes
2026-11-20 12:00  now
expect  20/1/26 V1  R4-REF   breached  due 2026-11-10
told    20/1/26 V1  R4-REF   due-soon due-soon breached outstanding outstanding

== An assessment that finds none owes nothing; the Code's own count is reported, not alerted
2026-11-06 10:00  20/1/26 V1  report
2026-11-06 15:00  20/1/26 V1  needs-assessed  need=no
2026-11-20 12:00  now
expect  20/1/26 V1  R4-REF       nothing
expect  20/1/26 V1  R4-REF-CODE  breached  due 2026-11-10
expect  20/1/26 V1  R4-NEEDS     met
told    20/1/26 V1  R4-REF-CODE  nothing

== Declined
2026-11-06 10:00  20/1/26 V1  report
2026-11-06 15:00  20/1/26 V1  need-identified
2026-11-09 09:00  20/1/26 V1  declined  reason_code=NOT-WANTED
2026-11-20 12:00  now
expect  20/1/26 V1  R4-REF  waived  settled 2026-11-09 09:00

== Referred first and declined later is met
2026-11-06 10:00  20/1/26 V1  report
2026-11-06 15:00  20/1/26 V1  need-identified
2026-11-09 09:00  20/1/26 V1  made
2026-11-12 09:00  20/1/26 V1  declined
2026-11-20 12:00  now
expect  20/1/26 V1  R4-REF  met

== A need found twice is one duty, from the first
2026-11-06 10:00  20/1/26 V1  report
2026-11-06 15:00  20/1/26 V1  need-identified
2026-11-10 15:00  20/1/26 V1  needs-assessed  need=yes
2026-11-11 09:00  20/1/26 V1  made
2026-11-20 12:00  now
expect  20/1/26 V1  R4-REF  met-late  due 2026-11-10
