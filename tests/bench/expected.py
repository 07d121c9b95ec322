#!/usr/bin/env python3
"""What must be told to be missed, worked out case by case from the events alone; knows nothing of the program.

usage: expected.py EVENTS.csv five|code

five: the rules of five.rules.yaml, in UTC. code: those rules of the Victims' Code that such events start and that the same
five sentences describe, in London time. Prints due,crime reference,rule; due is the first second in which it was late.
"""
import datetime
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
END = int(datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc).timestamp())
ONE = datetime.timedelta(1)
zone = zoneinfo.ZoneInfo("Europe/London") if sys.argv[2] == "code" else datetime.timezone.utc
known = {}


def day(at):
    if zone is datetime.timezone.utc:
        return datetime.date.fromordinal(719163 + at // 86400)
    return datetime.datetime.fromtimestamp(at, zone).date()


def due(at, days):
    """The first second after so many working days that follow the day of an instant."""
    key = day(at), days
    if key not in known:
        d, left = key[0], days
        while left:
            d += ONE
            left -= d.weekday() < 5 and d not in HOLIDAYS
        d += ONE
        known[key] = int(datetime.datetime(d.year, d.month, d.day, tzinfo=zone).timestamp())
    return known[key]


def missed(events):
    """events of one case, in order: (kind, at, enhanced, need)."""
    found = next((at for kind, at, enhanced, need in events if enhanced), None)
    for i, (kind, at, enhanced, need) in enumerate(events):
        if kind not in RULES or (kind == "ASSESS" and not need):
            continue
        five, code, meets, standard, short = RULES[kind]
        rule = code if sys.argv[2] == "code" else five
        if not rule:
            continue
        limit = due(at, standard)
        if found is not None and found <= at:
            limit = due(at, short)
        elif found is not None and found < limit:
            limit = min(limit, due(found, short))
        if limit <= END and not any(k == meets and t < limit for k, t, _, _ in events[i + 1:]):
            yield limit, rule


def main():
    cases = {}
    with open(sys.argv[1]) as file:
        for line in file:
            _, case, kind, at, enhanced, need = line.rstrip().split(",")
            if kind != "UPDATE":
                cases.setdefault(int(case), []).append((kind, int(at), enhanced == "1", need == "1"))
    for case, events in cases.items():
        for limit, rule in missed(events):
            print("%d,%02d/%07d/25,%s" % (limit, case // 10**9, case % 10**9, rule))


main()
