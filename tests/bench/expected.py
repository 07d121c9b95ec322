#!/usr/bin/env python3
"""What must be told, worked out case by case from the events alone; knows nothing of the program.

usage: expected.py EVENTS.csv five|code missed [N]      of all events, or of the first N
       expected.py EVENTS.csv five|code changed
       expected.py LOG.csv.gz fines missed

five: the rules of five.rules.yaml, in UTC. code: those rules of the Victims' Code that such events start and that the same
five sentences describe, in London time. fines: the one rule of deploy/examples/fines.rules.yaml, in Rome.

missed prints due,crime reference,rule of what was not done in time; due is the first second in which it was late.
changed prints crime reference,rule,due,state,due,state of what a draft changes that gives 4 working days to inform, not 5:
how it stands by the law and how by the draft when the year is over.
"""
import collections
import csv
import datetime
import gzip
import sys
import zoneinfo

# The bank holidays of England and Wales that a deadline of 2025 can meet.
HOLIDAYS = {datetime.date.fromisoformat(d) for d in (
    "2025-01-01", "2025-04-18", "2025-04-21", "2025-05-05", "2025-05-26", "2025-08-25", "2025-12-25", "2025-12-26",
    "2026-01-01", "2026-04-03", "2026-04-06")}
RULES = {  # what starts it: its name in either book, what meets it, working days, and those under Enhanced Rights
    "REPORT": ("INFO", "R3-INFO", "INFO", 5, 1), "ASSESS": ("REFERRAL", "R4-REF", "REFERRAL", 2, 2),
    "NFA": ("NFA", None, "NOTIFY_NFA", 5, 1), "CHARGE": ("CHARGE", None, "NOTIFY_CHARGE", 5, 1),
    "OUTCOME": ("OUTCOME", None, "NOTIFY_OUTCOME", 5, 1)}
DRAFT_DAYS = {"REPORT": 4}
END = int(datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc).timestamp())
ONE = datetime.timedelta(1)
path, book, question = sys.argv[1:4]
zone = {"five": datetime.timezone.utc, "code": zoneinfo.ZoneInfo("Europe/London"), "fines": zoneinfo.ZoneInfo("Europe/Rome")}[book]
known = {}


def day(at):
    if zone is datetime.timezone.utc:
        return datetime.date.fromordinal(719163 + at // 86400)
    return datetime.datetime.fromtimestamp(at, zone).date()


def beginning(d):
    """The first second of a day."""
    return int(datetime.datetime(d.year, d.month, d.day, tzinfo=zone).timestamp())


def due(at, days):
    """The first second after so many working days that follow the day of an instant."""
    key = day(at), days
    if key not in known:
        d, left = key[0], days
        while left:
            d += ONE
            left -= d.weekday() < 5 and d not in HOLIDAYS
        known[key] = beginning(d + ONE)
    return known[key]


def owed(events, days_of=lambda kind, standard: standard):
    """events of one case, in order: (kind, at, enhanced, need). Gives what was owed: rule, the first second in which it was
    late, when it was done (None: never)."""
    found = next((at for kind, at, enhanced, need in events if enhanced), None)
    for i, (kind, at, enhanced, need) in enumerate(events):
        if kind not in RULES or (kind == "ASSESS" and not need):
            continue
        five, code, meets, standard, short = RULES[kind]
        rule = code if book == "code" else five
        if not rule:
            continue
        limit = due(at, days_of(kind, standard))
        if found is not None and found <= at:
            limit = due(at, short)
        elif found is not None and found < limit:
            limit = min(limit, due(found, short))
        yield rule, limit, next((t for k, t, _, _ in events[i + 1:] if k == meets), None)


def state(limit, done, concluded):
    """concluded: when the case was, None: never. The Code gives up then what was missed before; the five rules know no such end."""
    if done is not None:
        return "met" if done < limit else "met-late"
    if book == "code" and concluded is not None and concluded >= limit:
        return "missed"
    return "breached" if limit <= END else "open"


def cases(first):
    """case: its events, in order; and when the last of all was."""
    found, at = collections.defaultdict(list), 0
    with open(path) as file:
        for number, line in enumerate(file):
            if number == first:
                break
            _, case, kind, at, enhanced, need = line.rstrip().split(",")
            if kind != "UPDATE":
                found[int(case)].append((kind, int(at), enhanced == "1", need == "1"))
    return found, int(at)


def reference(case):
    return "%02d/%07d/25" % (case // 10**9, case % 10**9)


def print_missed():
    """Of all events the year was said to be over; of the first N it is the time of the last of them."""
    first = int(sys.argv[4]) if len(sys.argv) > 4 else None
    found, last = cases(first)
    for case, events in found.items():
        for rule, limit, done in owed(events):
            if limit <= (last if first else END) and (done is None or done >= limit):
                print("%d,%s,%s" % (limit, reference(case), rule))


def print_changed():
    for case, events in cases(None)[0].items():
        concluded = next((at for kind, at, _, _ in events if kind == "NFA"), None)
        for (rule, limit, done), (_, draft, _) in zip(owed(events), owed(events, lambda kind, standard: DRAFT_DAYS.get(kind, standard))):
            if draft != limit:
                print("%s,%s,%d,%s,%d,%s" % (reference(case), rule, limit, state(limit, done, concluded), draft, state(draft, done, concluded)))


def print_fines():
    """Paid within 60 days that follow the day of the notification."""
    log, last = collections.defaultdict(list), 0
    with gzip.open(path, "rt", newline="") as file:
        for row in csv.DictReader(file):
            at = int(datetime.datetime.fromisoformat(row["timestamp"]).timestamp())
            log[row["case_id"]].append((at, row["activity"]))
            last = max(last, at)
    for case, events in log.items():
        for told_at in (at for at, activity in events if activity == "Insert Fine Notification"):
            limit = beginning(day(told_at) + 61 * ONE)
            if limit <= last and not any(activity == "Payment" and told_at <= at < limit for at, activity in events):
                print("%d,%s,PAY-60" % (limit, case))


print_fines() if book == "fines" else {"missed": print_missed, "changed": print_changed}[question]()
