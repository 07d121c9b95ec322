#!/usr/bin/env python3
"""Every rule of the edition, each on the days on which counting goes wrong. The due dates were counted by hand.

For each rule: the duty's sentence; then on an ordinary Monday, a Saturday night, Christmas Eve, the Thursday before Easter, both
weekends of the clocks and before a leap day, under the standard limit and under Enhanced Rights: when it falls due; that it is met by
what is done at a minute to midnight, and late two minutes on; and that who declined it is owed nothing.

usage: every_rule.py PROGRAM
"""
import collections
import datetime
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zoneinfo

LONDON = zoneinfo.ZoneInfo("Europe/London")
UTC = datetime.timezone.utc

# start (local) → the date so many working days on, and 28 calendar days on: with a calendar on the wall and a pencil
DAYS = {
    "an ordinary Monday": ("2026-11-09 10:00", {1: "2026-11-10", 2: "2026-11-11", 5: "2026-11-16", 10: "2026-11-23", 20: "2026-12-07", 30: "2026-12-21"}, "2026-12-07"),
    "a Saturday night": ("2026-11-14 23:30", {1: "2026-11-16", 2: "2026-11-17", 5: "2026-11-20", 10: "2026-11-27", 20: "2026-12-11", 30: "2026-12-29"}, "2026-12-12"),
    "Christmas Eve": ("2026-12-24 16:00", {1: "2026-12-29", 2: "2026-12-30", 5: "2027-01-05", 10: "2027-01-12", 20: "2027-01-26", 30: "2027-02-09"}, "2027-01-21"),
    "before Easter": ("2026-04-02 09:00", {1: "2026-04-07", 2: "2026-04-08", 5: "2026-04-13", 10: "2026-04-20", 20: "2026-05-05", 30: "2026-05-19"}, "2026-04-30"),
    "the clocks go forward": ("2026-03-27 10:00", {1: "2026-03-30", 2: "2026-03-31", 5: "2026-04-07", 10: "2026-04-14", 20: "2026-04-28", 30: "2026-05-13"}, "2026-04-24"),
    "the clocks go back": ("2026-10-23 10:00", {1: "2026-10-26", 2: "2026-10-27", 5: "2026-10-30", 10: "2026-11-06", 20: "2026-11-20", 30: "2026-12-04"}, "2026-11-20"),
    "a leap day": ("2024-02-27 12:00", {1: "2024-02-28", 2: "2024-02-29", 5: "2024-03-05", 10: "2024-03-12", 20: "2024-03-26", 30: "2024-04-11"}, "2024-03-26"),
}

Rule = collections.namedtuple("Rule", "id duty starts met limit enhanced")
TOLD = "victim-informed"                        # of what started it
WITHIN = " within 5 working days, 1 under Enhanced Rights."


def milestone(rule, what, event):
    return Rule(rule, "The victim is told " + what + WITHIN, event, TOLD, 5, 1)


RULES = [
    Rule("R3-ACK", "The victim has a written acknowledgement within 5 working days of reporting, 1 under Enhanced Rights.", "report", "acknowledged", 5, 1),
    Rule("R3-INFO", "The victim is given information about the Code within 5 working days of reporting, 1 under Enhanced Rights.", "report", "code-given", 5, 1),
    Rule("R4-NEEDS", "The victim's needs are assessed within 5 working days of reporting, 1 under Enhanced Rights.", "report", "needs-assessed", 5, 1),
    Rule("R4-REF", "Where a need was identified, the victim is referred to a support service within 2 working days.", "need-identified", "made", 2, 2),
    Rule("R4-REF-CODE", "The victim is referred to a support service within 2 working days of reporting.", "report", "made", 2, 2),
    milestone("R6-ARREST", "of an arrest", "arrested"),
    milestone("R6-INTERVIEW", "that a suspect was interviewed", "interviewed"),
    milestone("R6-RELEASED", "of a release without charge", "released"),
    milestone("R6-BAIL", "of bail and its conditions", "bailed"),
    milestone("R6-BAILVAR", "of changed or cancelled bail", "bail-changed"),
    milestone("R6-RUI", "of a release under investigation", "under-investigation"),
    milestone("R6-NOINV", "of a decision not to investigate", "not-investigated"),
    milestone("R6-NFA", "of a decision to take no further action", "no-further-action"),
    milestone("R6-CLOSE", "that the investigation was closed", "closed"),
    milestone("R6-CHARGE", "of a charge or summons", "charged"),
    milestone("R6-OOCD", "of a caution or other disposal out of court", "cautioned"),
    milestone("R6-CPSNO", "of a CPS decision not to charge", "cps-no-charge"),
    milestone("R6-CPSALT", "of a dropped or altered charge", "charge-altered"),
    Rule("R6-FREQ", "The victim is updated as often as was agreed with them, or every 28 days, until the case is closed.", "periodic-update", "periodic-update", "28", "28"),
    Rule("R8-HEAR", None, "hearing-listed", TOLD, 1, 1),
    Rule("R8-BAIL", None, "bail-hearing-result", TOLD, 5, 1),
    Rule("R8-WARR", None, "warrant-issued", TOLD, 5, 1),
    Rule("R8-EVID", None, "must-give-evidence", TOLD, 1, 1),
    Rule("R9-OUT", None, "verdict", TOLD, 1, 1),
    Rule("R9-SENT", None, "sentence", TOLD, 1, 1),
    Rule("R9-APP", None, "appeal-lodged", TOLD, 1, 1),
    Rule("R10-PROP", None, "property-not-needed", "property-returned", "28", "28"),
    Rule("R10-EXP", None, "claim-received", "claim-paid", 10, 10),
    Rule("R11-REF", None, "sentence", "contact-scheme-referred", 10, 10),
    Rule("R11-VLO", None, "contact-scheme-referred", "contact-scheme-contacted", 20, 20),
    Rule("R12-ACK", None, "complaint-received", "complaint-acknowledged", 10, 10),
    Rule("VRR-ACK", None, "review-requested", "review-acknowledged", 10, 10),
    Rule("VRR-DEC", None, "review-requested", "review-decided", 30, 30),
    Rule("CPS-28", None, "cps-submitted", "cps-allocated", "28", "28"),
]
ELSEWHERE = {"R2-REC": "counted in hours: later-rights.story", "LOC-PROMISE": "the promised time itself: later-rights.story"}
TYPES = {"report": "report", "charged": "charge", "cautioned": "charge"}
TYPES.update({k: "referral" for k in ("need-identified", "made")})
TYPES.update({k: "nfa" for k in ("not-investigated", "no-further-action", "cps-no-charge", "charge-altered")})
TYPES.update({k: "outcome" for k in ("closed", "verdict", "sentence", "appeal-lodged")})


def local(text):
    return datetime.datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=LONDON).astimezone(UTC)


def show(t):
    return t.strftime("%Y-%m-%dT%H:%M:%SZ")


class Cases:
    def __init__(self):
        self.lines, self.expected, self.crimes = [], [], 0

    def event(self, crime, kind, at, body=None):
        body = dict(body or {})
        o = {"event_id": "%s-%d" % (crime, len(self.lines)), "source": "connect", "crime_ref": crime, "victim_ref": "V", "occurred_at": show(at)}
        if kind != "report":
            body["kind"] = kind
        if kind in ("hearing-listed", "bail-hearing-result", "warrant-issued", "must-give-evidence", "verdict", "sentence", "appeal-lodged"):
            body["received_at"] = show(at)
        if kind == "sentence":
            body["sentence_months"] = 24
        o[TYPES.get(kind, "update")] = body
        self.lines.append((at, json.dumps(o)))
        return o["event_id"]

    def case(self, rule, day, enhanced, then):
        """One journey: the rule's clock starts on the day; `then` is nothing, in-time, late or declined."""
        start, working, calendar = DAYS[day]
        start = local(start)
        limit = rule.enhanced if enhanced else rule.limit
        due = calendar if limit == "28" else working[limit]
        self.crimes += 1
        crime = "%s/%d" % (rule.id, self.crimes)
        report = {"vulnerable": True} if enhanced else {}
        if rule.id == "CPS-28":
            report["ho_class"] = "19C"
        trigger = self.event(crime, "report", start if rule.starts == "report" else start - datetime.timedelta(days=40), report)
        if rule.starts != "report":
            trigger = self.event(crime, rule.starts, start)
        state = "breached"
        if then == "declined":
            self.event(crime, "preference-set", start + datetime.timedelta(minutes=5), {"waives": [rule.id]})
            state = "waived"
        elif then:
            at = local(due + " 23:59") + datetime.timedelta(minutes=0 if then == "in-time" else 2)
            self.event(crime, rule.met, at, {"informs_event_id": trigger} if rule.met == TOLD else {})
            state = "met" if then == "in-time" else "met-late"
        self.expected.append((rule, day, enhanced, then, crime, due, state, show(start)))


def main():
    program = sys.argv[1]
    folder = tempfile.mkdtemp(prefix="rightswatch-every-rule-")
    try:
        sys.exit(check(program, folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def check(program, folder):
    wrong = []
    duties = {r["rule"]: r["duty"] for r in json.loads(subprocess.run([program, "rules", "--json"], capture_output=True, text=True, check=True).stdout)}
    untold = set(duties) - {r.id for r in RULES} - set(ELSEWHERE)
    if untold:
        wrong.append("no case tells of " + ", ".join(sorted(untold)))
    cases = Cases()
    for rule in RULES:
        if rule.duty and duties.get(rule.id) != rule.duty:
            wrong.append("%s: its duty reads %r, not %r" % (rule.id, duties.get(rule.id), rule.duty))
        for day in DAYS:
            for enhanced in (False, True):
                for then in (None, "in-time", "late", "declined"):
                    cases.case(rule, day, enhanced, then)
    path, data = os.path.join(folder, "in.ndjson"), os.path.join(folder, "data")
    with open(path, "w") as f:
        for _, line in sorted(cases.lines):
            f.write(line + "\n")
        f.write('{"complete":{"source":"connect","to":"2028-01-01T00:00:00Z"}}\n{"tick":{"at":"2028-01-01T00:00:00Z"}}\n')
    subprocess.run([program, "run", "--once", "--quiet", "--data", data, path], check=True)
    out = subprocess.run([program, "due", "--all", "--json", "--limit", "1000000", "--data", data], capture_output=True, text=True, check=True).stdout
    got = collections.defaultdict(list)
    for line in out.splitlines()[1:]:
        o = json.loads(line)
        got[o["crime_ref"], o["rule"], o["started_at"]].append((o.get("due_date"), o["state"]))
    for rule, day, enhanced, then, crime, due, state, start in cases.expected:
        if (due, state) not in got[crime, rule.id, start]:
            wrong.append("%s, %s%s, %s: %s, not due %s and %s" % (rule.id, day, ", Enhanced Rights" if enhanced else "", then or "nothing done",
                                                                 got[crime, rule.id, start] or "not owed", due, state))
    for w in wrong[:40]:
        print(w)
    print("%d cases of %d rules, %d differ" % (len(cases.expected), len(RULES), len(wrong)))
    return 1 if wrong else 0


if __name__ == "__main__":
    main()
