#!/usr/bin/env python3
"""An independent, slow and obvious reading of the Victims' Code, held against the program.

Random journeys (late, doubled, corrected, withdrawn, shuffled; two victims of one crime; Enhanced
Rights that come and go; cancelled, reopened, deferred) go through the real program, and every
obligation it gives must be the one worked out here: rule, start, due, state, when settled.
No code is shared, not even the rule book: the table below was written from the domain description.
A disagreement is shrunk to the smallest set of events that still shows it.

usage: oracle.py PROGRAM [--journeys N] [--seed S] [--rounds N]
"""
import argparse
import collections
import datetime
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import zoneinfo

UTC = datetime.timezone.utc
LONDON = zoneinfo.ZoneInfo("Europe/London")
DAY = datetime.timedelta(days=1)
HERE = os.path.dirname(os.path.abspath(__file__))

# ---- days ---------------------------------------------------------------------------------

with open(os.path.join(HERE, "../../rules/calendars/england-and-wales.json")) as f:
    HOLIDAYS = {datetime.date.fromisoformat(e["date"]) for e in json.load(f)["england-and-wales"]["events"]}
LAST_DAY = datetime.date(max(HOLIDAYS).year, 12, 31)


def local_day(t):
    return t.astimezone(LONDON).date()


def end_of(day):
    midnight = datetime.datetime.combine(day + DAY, datetime.time(), LONDON)
    return midnight.astimezone(UTC) - datetime.timedelta(seconds=1)


def add_working(day, n):
    while n:
        day += DAY
        if day > LAST_DAY:
            return None
        if day.weekday() < 5 and day not in HOLIDAYS:
            n -= 1
    return day


# ---- the law ------------------------------------------------------------------------------

RAPE = ["19C", "19D", "19E", "19F", "19G", "19H"]
SERIOUS = set(RAPE) | set("1 2 4.1 4.2 4.10 5D 36 106 17A 17B 20A 20B 21 22A 22B 23 70 71 72 73 88A 88C 88D 88E 56A "
                          "8B 8F 8H 8M 8P 9B 58J 105B".split())
ENTITLING_MARKERS = {"DA", "CSA", "CSE", "HBA", "FM"}
CONCLUDING = {"not-investigated", "no-further-action", "cps-no-charge", "cautioned", "other-disposal", "charge-dropped", "sentence", "closed"}
DECISIONS = {"no-further-action", "not-investigated", "cps-no-charge", "charged", "summonsed", "cautioned", "other-disposal", "charge-dropped"}
INFORMING = {"victim-informed", "periodic-update"}


def kind(*kinds, **conditions):
    def holds(f):
        if f["kind"] not in kinds:
            return False
        b = f["body"]
        if "by" in conditions and b.get("decision_by", "police") != conditions["by"]:
            return False
        if "need" in conditions and b.get("need") is not conditions["need"]:
            return False
        if "outcome" in conditions and b.get("outcome_code") not in conditions["outcome"]:
            return False
        if "days" in conditions and not b.get("agreed_update_days"):
            return False
        if "months" in conditions and b.get("sentence_months", 0) < conditions["months"]:
            return False
        return True
    return holds


Way = collections.namedtuple("Way", "starts at unless", defaults=("occurred", ()))


def rule(ways, met=None, wd=None, wd_er=None, days=None, hours=None, date=False, agreed=None, told=False, once=False, waived=None,
         ends="if-missed", item=False, repeats=False, where=None, when_recorded=False, report_only=False):
    return dict(locals())


def milestone(*kinds, at="occurred"):
    return rule([Way(kind(*kinds), at)], wd=5, wd_er=1, told=True)


RULES = {
    "R2-REC": rule([Way(kind("recorded"))], kind("recorded"), hours=24, once=True, when_recorded=True, report_only=True),
    "R3-ACK": rule([Way(kind("recorded"))], kind("acknowledged"), wd=5, wd_er=1, once=True),
    "R3-INFO": rule([Way(kind("recorded"))], kind("code-given"), wd=5, wd_er=1, once=True),
    "R4-NEEDS": rule([Way(kind("recorded"))], kind("needs-assessed"), wd=5, wd_er=1, once=True),
    "R4-REF": rule([Way(kind("need-identified")), Way(kind("needs-assessed", need=True))], kind("made"), wd=2, once=True,
                   waived=kind("declined")),
    "R4-REF-CODE": rule([Way(kind("recorded"))], kind("made"), wd=2, once=True, waived=kind("declined"), report_only=True),
    "R6-ARREST": milestone("arrested"),
    "R6-INTERVIEW": milestone("interviewed"),
    "R6-RELEASED": milestone("released"),
    "R6-BAIL": milestone("bailed"),
    "R6-BAILVAR": milestone("bail-changed"),
    "R6-RUI": milestone("under-investigation"),
    "R6-NOINV": milestone("not-investigated"),
    "R6-NFA": rule([Way(kind("no-further-action", by="police")),
                    Way(kind("outcome-assigned", outcome="5 10 11 12 13 14 15 16 17 18 20 21".split()), unless=DECISIONS)],
                   wd=5, wd_er=1, told=True),
    "R6-CLOSE": rule([Way(kind("closed"), unless=DECISIONS | {"outcome-assigned"})], wd=5, wd_er=1, told=True),
    "R6-CHARGE": rule([Way(kind("charged", "summonsed")), Way(kind("outcome-assigned", outcome=["1", "1A"]), unless={"charged", "summonsed"})],
                      wd=5, wd_er=1, told=True),
    "R6-OOCD": rule([Way(kind("cautioned", "other-disposal")),
                     Way(kind("outcome-assigned", outcome="2 2A 3 3A 6 7 8 22".split()), unless={"cautioned", "other-disposal"})],
                    wd=5, wd_er=1, told=True),
    "R6-CPSNO": rule([Way(kind("cps-no-charge")), Way(kind("no-further-action", by="cps")),
                      Way(kind("outcome-assigned", outcome=["9"]), unless={"cps-no-charge", "no-further-action"})], wd=5, wd_er=1, told=True),
    "R6-CPSALT": milestone("charge-dropped", "charge-altered"),
    "R6-FREQ": rule([Way(kind(*INFORMING)), Way(kind("preference-set", days=True)), Way(kind("reopened"))], kind(*INFORMING), agreed=28,
                    repeats=True, ends="always"),
    "LOC-PROMISE": rule([Way(kind("contact-promised"))], kind("periodic-update", "victim-informed", "contact-attempted"), date=True),
    "R8-HEAR": rule([Way(kind("hearing-listed"), "received")], wd=1, told=True),
    "R8-BAIL": milestone("bail-hearing-result", at="received"),
    "R8-WARR": milestone("warrant-issued", at="received"),
    "R8-EVID": rule([Way(kind("must-give-evidence"), "received")], wd=1, told=True, ends="never"),
    "R9-OUT": rule([Way(kind("verdict"), "received")], wd=1, told=True, ends="never"),
    "R9-SENT": rule([Way(kind("sentence"), "received")], wd=1, told=True, ends="never"),
    "R9-APP": rule([Way(kind("appeal-lodged", "appeal-heard"), "received")], wd=1, told=True, ends="never"),
    "R10-PROP": rule([Way(kind("property-not-needed")), Way(kind("property-taken"), "conclusion", {"property-not-needed"})],
                     kind("property-returned"), days=28, item=True, ends="never"),
    "R10-EXP": rule([Way(kind("claim-received"))], kind("claim-paid"), wd=10, ends="never"),
    "R11-REF": rule([Way(kind("sentence", months=12), "received")], kind("contact-scheme-referred"), wd=10, ends="never"),
    "R11-VLO": rule([Way(kind("contact-scheme-referred"))], kind("contact-scheme-contacted"), wd=20, ends="never"),
    "R12-ACK": rule([Way(kind("complaint-received"))], kind("complaint-acknowledged"), wd=10, ends="never"),
    "VRR-ACK": rule([Way(kind("review-requested"))], kind("review-acknowledged", "review-decided"), wd=10, ends="never"),
    "VRR-DEC": rule([Way(kind("review-requested"))], kind("review-decided"), wd=30, ends="never"),
    "CPS-28": rule([Way(kind("cps-submitted", "cps-resubmitted"))], kind("cps-allocated", "cps-advice"), days=28, where=RAPE, report_only=True),
}
EDITION_FROM = datetime.date(2021, 4, 1)


# ---- one journey --------------------------------------------------------------------------

def what_stands(events):
    """Of each id the last recorded; of each chain of corrections the last; a withdrawal leaves nothing."""
    by_id = {}
    for e in events:
        if e["event_id"] not in by_id or e["recorded"] > by_id[e["event_id"]]["recorded"]:
            by_id[e["event_id"]] = e
    chains = collections.defaultdict(list)
    for e in by_id.values():
        root, at = e["event_id"], e
        while at and at.get("supersedes"):
            root = at["supersedes"]
            at = by_id.get(root)
        chains[root].append(e)
    standing = []
    for root, chain in chains.items():
        last = max(chain, key=lambda e: e["recorded"])
        if last["kind"] != "event-withdrawn":
            standing.append(dict(last, root=root, ids={e["event_id"] for e in chain} | {root}))
    return sorted(standing, key=lambda e: e["occurred"])


def enhanced_steps(facts):
    """When Enhanced Rights began and ended: [(from, on)]."""
    said = []
    for f in facts:
        if f["kind"] in ("recorded", "needs-assessed", "enhanced-found", "enhanced-ended", "victim-died"):
            said.append((f["occurred"], f))
        elif f["kind"] == "reclassified":
            said.append((f["recorded"], f))
    markers, ho_class, flags, age, bereaved = set(), "", {}, None, False
    by_crime = by_person = taken_away = now = False
    steps = []
    for at, f in sorted(said, key=lambda x: x[0]):
        b = f["body"]
        if f["kind"] == "enhanced-found":
            by_person, taken_away = True, False
        elif f["kind"] == "enhanced-ended":
            by_person, taken_away = False, True
        elif f["kind"] == "needs-assessed":
            if "enhanced" in b:
                by_person = b["enhanced"]
                taken_away = taken_away and not by_person
        else:
            markers = set(b["markers"]) if b.get("markers") else markers
            ho_class = b.get("ho_class", ho_class)
            age = b.get("age", age)
            bereaved = bereaved or b.get("victim_type") == "bereaved" or f["kind"] == "victim-died"
            flags.update({k: v for k, v in b.items() if k in ("vulnerable", "intimidated", "persistently_targeted", "enhanced")})
            was = by_crime
            by_crime = (any(flags.values()) or ho_class in SERIOUS or bereaved or (age is not None and age < 18) or
                        any(m in ENTITLING_MARKERS or m.startswith("HC_") for m in markers))
            if by_crime and not was:
                taken_away = False
        on = by_person or (by_crime and not taken_away)
        if on != now:
            now = on
            steps.append((at, on))
    return steps


def over(facts):
    """When the investigation was over, None if it is not; and when the journey ended."""
    seen, done, everyone = set(), set(), False
    concluded = ended = None
    for f in facts:
        who = f["body"].get("suspect_no")
        if f["kind"] == "reopened":
            done, everyone, ended = set(), False, None
        elif f["kind"] in CONCLUDING:
            if who:
                seen.add(who)
                done.add(who)
            else:
                done, everyone = set(seen), True
        elif who and f["of_crime_kind"]:
            seen.add(who)
            done.discard(who)
            everyone = False
        if everyone or (seen and seen == done):
            concluded = concluded or f["occurred"]
        else:
            concluded = None
        if f["kind"] in ("cancelled", "transferred", "merged", "erased"):
            ended = ended or f["occurred"]
    return concluded, ended


def judge(events, now):
    facts = what_stands(events)
    reports = [f for f in facts if f["kind"] == "recorded"]
    known = min((f["occurred"] for f in reports), default=None)
    steps = enhanced_steps(facts)
    concluded, ended = over(facts)
    deferrals = []
    for f in facts:
        if f["kind"] == "deferred" and not (deferrals and deferrals[-1][1] is None):
            deferrals.append([f["occurred"], None])
        elif f["kind"] == "resumed" and deferrals and deferrals[-1][1] is None:
            deferrals[-1][1] = f["occurred"]
    classes = [f["body"]["ho_class"] for f in facts if f["kind"] in ("recorded", "reclassified") and f["body"].get("ho_class")]
    owed = []
    for name, r in RULES.items():
        if r["where"] and (not classes or classes[-1] not in r["where"]):
            continue
        first = None
        for way in r["ways"]:
            for f in facts:
                if not way.starts(f) or told_to_a_stranger(f):
                    continue
                if any(g["kind"] in way.unless and g is not f and (not r["item"] or same_item(f, g)) for g in facts):
                    continue
                o = obligation(name, r, way, f, facts, known, steps, concluded, ended, deferrals, now)
                if not o:
                    continue
                if r["once"] and first:
                    continue
                first = o
                owed.append(o)
    return owed


def told_to_a_stranger(f):
    return f["kind"] == "victim-informed" and f["body"].get("informed_who") == "suspect"


def same_item(f, g):
    a, b = f["body"].get("item_no"), g["body"].get("item_no")
    return not a or not b or a == b


def agreed_at(facts, t, otherwise):
    days = otherwise
    for f in facts:
        if f["kind"] == "preference-set" and f["occurred"] <= t and f["body"].get("agreed_update_days"):
            days = f["body"]["agreed_update_days"]
    return days


def due_after(r, t, er, f, facts):
    if r["hours"]:
        return t + datetime.timedelta(hours=r["hours"])
    if r["date"]:
        return parse(f["body"]["due_by"])
    if r["days"]:
        return end_of(local_day(t) + r["days"] * DAY)
    if r["agreed"]:
        return end_of(local_day(t) + agreed_at(facts, t, r["agreed"]) * DAY)
    day = add_working(local_day(t), r["wd_er"] if er and r["wd_er"] else r["wd"])
    return day and end_of(day)


def obligation(name, r, way, f, facts, known, steps, concluded, ended, deferrals, now):
    start, no_receipt = f["occurred"], False
    if way.at == "received":
        if f["body"].get("received_at"):
            start = parse(f["body"]["received_at"])
        else:
            no_receipt = True
    if way.at == "conclusion":
        if not concluded:
            return None
        start = max(concluded, f["occurred"])
    if r["date"] and not f["body"].get("due_by"):
        return None
    start = max(start, known) if known else start
    if local_day(start) < EDITION_FROM or (ended and start > ended):
        return None
    if r["ends"] == "always" and concluded and start >= concluded:
        return None
    er = False
    for at, on in steps:
        if at <= start:
            er = on
    due = due_after(r, start, er, f, facts)
    used_er = er
    if due and not er:
        found = next((at for at, on in steps if at > start and on), None)
        if found and found <= due:
            sooner = due_after(r, found, True, f, facts)
            if sooner and sooner < due:
                due, used_er = sooner, True
    deferred = False
    for since, until in deferrals:
        if until is None:
            deferred = True
        elif due and since <= due < until and until >= start:
            due = due_after(r, until, used_er, f, facts)
    # what meets it
    day0 = local_day(start)
    evidence = []
    if r["told"] and f["body"].get("victim_informed_at") and f["body"].get("informed_who") != "suspect":
        evidence.append(parse(f["body"]["victim_informed_at"]))
    for g in facts:
        on_time = g["occurred"] > f["occurred"] if r["repeats"] else local_day(g["occurred"]) >= day0
        if r["met"] and r["met"](g) and on_time and not told_to_a_stranger(g) and (not r["item"] or same_item(f, g)):
            evidence.append(g["recorded"] if r["when_recorded"] else g["occurred"])
        if r["told"] and g["kind"] == "victim-informed" and not told_to_a_stranger(g):
            named = g["body"].get("informs_event_id")
            if named in f["ids"] if named else g["occurred"] >= start:
                evidence.append(g["occurred"])
    met = min(evidence, default=None)
    # what waives it
    waived = None
    before = [g for g in facts if g["kind"] == "preference-set" and g["occurred"] <= start]
    if before and name in before[-1]["body"].get("waives", []):
        waived = start
    else:
        for g in facts:
            declined = r["waived"] and r["waived"](g) and local_day(g["occurred"]) >= day0
            preferred = g["kind"] == "preference-set" and g["occurred"] > start and name in g["body"].get("waives", [])
            if declined or preferred:
                waived = g["occurred"]
                break
    if waived and met and waived > max(met, start):
        waived = None                           # declined after it was done
    o = dict(rule=name, start=start, due=due, state=None, settled=None)
    if waived:
        o.update(state="waived", settled=waived)
    elif met:
        late = due and met > due and not no_receipt
        o.update(state="met-late" if late else "met", settled=met)
    else:
        closings = []
        if r["repeats"]:
            taker = next((g for g in facts if g["occurred"] > f["occurred"] and (not due or g["occurred"] <= due) and not told_to_a_stranger(g) and
                          any(w.starts(g) for w in r["ways"])), None)
            if taker:
                closings.append(taker["occurred"])
        if concluded and r["ends"] != "never" and concluded >= start:
            if r["ends"] == "always" or (due and concluded > due and not no_receipt):
                closings.append(concluded)
        if ended:
            closings.append(ended)
        if closings:
            at = closings[0]
            o.update(state="missed" if due and at > due and not no_receipt else "not-applicable", settled=at)
        elif not due:
            o.update(state="not-computable")
        elif deferred:
            o.update(state="deferred")
        elif no_receipt:
            o.update(state="open")
        else:
            o.update(state="breached" if now > due else "open")
    return o


# ---- invented journeys ---------------------------------------------------------------------

def parse(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def show(t):
    return t.strftime("%Y-%m-%dT%H:%M:%SZ")


TYPES = {"recorded": "report", "charged": "charge", "summonsed": "charge", "cautioned": "charge", "other-disposal": "charge"}
TYPES.update({k: "referral" for k in ("need-identified", "offered", "declined", "made")})
TYPES.update({k: "nfa" for k in ("not-investigated", "no-further-action", "cps-no-charge", "charge-dropped", "charge-altered")})
TYPES.update({k: "outcome" for k in ("outcome-assigned", "verdict", "sentence", "appeal-lodged", "appeal-heard", "closed", "reopened")})
OF_CRIME = {"arrested", "interviewed", "released", "bailed", "bail-changed", "under-investigation", "warrant-issued", "hearing-listed",
            "bail-hearing-result", "cps-submitted", "cps-resubmitted", "cps-allocated", "cps-advice", "property-taken", "property-not-needed",
            "reclassified", "cancelled", "transferred", "erased", "event-withdrawn"}
OF_CRIME |= {k for k, t in TYPES.items() if t in ("charge", "nfa", "outcome")}
# days on which things go wrong: Christmas, Easter, both nights of the clocks, a leap day, before and after the edition
AWKWARD = [datetime.date(*d) for d in ((2021, 3, 29), (2021, 4, 1), (2021, 12, 23), (2022, 9, 14), (2024, 2, 27), (2025, 4, 16), (2025, 12, 23),
                                       (2026, 3, 26), (2026, 3, 28), (2026, 10, 22), (2026, 10, 24), (2026, 12, 24), (2028, 2, 28), (2028, 12, 20))]
END = datetime.datetime(2029, 6, 1, tzinfo=UTC)


class Force:
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.events = []
        self.used = set()

    def moment(self, around, spread):
        """A second of its own: nothing in these cases may hang on which of two simultaneous facts is first."""
        while True:
            t = around + datetime.timedelta(seconds=self.r.randrange(0, int(spread * 86400) + 1))
            if t not in self.used:
                self.used.add(t)
                return t

    def add(self, crime, victim, kind_name, at, body=None, supersedes=None, event_id=None):
        recorded = self.moment(at, 0.1 if self.r.random() < 0.85 else 12)
        e = dict(event_id=event_id or "%s-%d" % (crime, len(self.events)), crime=crime, victim=victim, kind=kind_name, occurred=at,
                 recorded=recorded, body=body or {}, supersedes=supersedes, of_crime_kind=kind_name in OF_CRIME)
        self.events.append(e)
        return e

    def report_body(self):
        r, b = self.r, {}
        if r.random() < 0.25:
            b["markers"] = r.sample(["DA", "HC_RACE", "ONLINE", "CSE", "ALCOHOL"], r.randint(1, 2))
        if r.random() < 0.4:
            b["ho_class"] = r.choice(["8N", "28E", "48", "19C", "19F", "36", "9A", "5D"])
        if r.random() < 0.3:
            b["age"] = r.choice([9, 17, 18, 40, 81])
        if r.random() < 0.2:
            b[r.choice(["vulnerable", "intimidated", "persistently_targeted", "enhanced"])] = r.random() < 0.7
        if r.random() < 0.05:
            b["victim_type"] = r.choice(["bereaved", "person", "business"])
        return b

    def crime(self, number):
        r = self.r
        crime = "20/%d/26" % number
        self.used = set()
        base = datetime.datetime.combine(r.choice(AWKWARD) if r.random() < 0.5 else datetime.date(2021, 3, 1) + r.randrange(2700) * DAY,
                                         datetime.time(), UTC)
        victims = ["V%d" % (i + 1) for i in range(1 if r.random() < 0.85 else 2)]
        if r.random() < 0.97:
            for v in victims:
                self.add(crime, v, "recorded", self.moment(base, 3), self.report_body())
        made = []
        for _ in range(r.randrange(0, 14)):
            made.append(self.something(crime, r.choice(victims), base, made))
            if made[-1] is None:
                made.pop()
        return crime

    def something(self, crime, victim, base, made):
        r = self.r
        at = self.moment(base, r.choice([3, 10, 40, 90]))
        pick = r.random()
        crime_or = lambda: victim if r.random() < 0.5 else None
        if pick < 0.22:
            body = {"suspect_no": r.choice([1, 1, 2])} if r.random() < 0.6 else {}
            k = r.choice(["arrested", "interviewed", "released", "bailed", "bail-changed", "under-investigation"])
            return self.add(crime, crime_or(), k, at, body)
        if pick < 0.42:
            body = {}
            if made and r.random() < 0.6:
                body["informs_event_id"] = r.choice(made)["event_id"]
            if r.random() < 0.4:
                body["informed_who"] = r.choice(["victim", "parent", "family", "suspect"])
            return self.add(crime, victim, "victim-informed", at, body)
        if pick < 0.52:
            k = r.choice(["acknowledged", "code-given", "periodic-update", "contact-attempted", "code-given", "acknowledged"])
            return self.add(crime, victim, k, at)
        if pick < 0.58:
            body = {k: r.random() < 0.5 for k in ("need", "enhanced") if r.random() < 0.6}
            return self.add(crime, victim, "needs-assessed", at, body)
        if pick < 0.64:
            return self.add(crime, victim, r.choice(["need-identified", "made", "declined", "made"]), at)
        if pick < 0.74:
            k = r.choice(["charged", "cautioned", "other-disposal", "not-investigated", "no-further-action", "no-further-action", "cps-no-charge",
                          "charge-dropped", "charge-altered", "outcome-assigned", "outcome-assigned", "closed", "reopened"])
            body = {"suspect_no": r.choice([1, 2])} if r.random() < 0.5 and k not in ("closed", "reopened") else {}
            if k in ("no-further-action",) and r.random() < 0.6:
                body["decision_by"] = r.choice(["police", "cps"])
            if k == "outcome-assigned":
                body["outcome_code"] = r.choice("1 1A 3 8 9 10 14 16 18 22 99".split())
            if k != "reopened" and r.random() < 0.2:
                body["victim_informed_at"] = show(at + datetime.timedelta(hours=r.randrange(1, 300)))
            return self.add(crime, victim if "victim_informed_at" in body else crime_or(), k, at, body)
        if pick < 0.80:
            k = r.choice(["hearing-listed", "bail-hearing-result", "warrant-issued", "must-give-evidence", "verdict", "sentence", "appeal-lodged"])
            body = {}
            if r.random() < 0.7:
                body["received_at"] = show(at + datetime.timedelta(hours=r.randrange(0, 100)))
            if k == "sentence" and r.random() < 0.6:
                body["sentence_months"] = r.choice([6, 12, 30])
            if k == "must-give-evidence":
                return self.add(crime, victim, k, at, body)
            return self.add(crime, crime_or(), k, at, body)
        if pick < 0.84:
            body = {}
            if r.random() < 0.6:
                body["agreed_update_days"] = r.choice([7, 14, 28])
            if r.random() < 0.5:
                body["waives"] = r.sample(["R3-INFO", "R6-ARREST", "R6-FREQ", "R6-NFA", "R4-REF"], r.randint(1, 2))
            return self.add(crime, victim, "preference-set", at, body)
        if pick < 0.88:
            return self.add(crime, victim, r.choice(["enhanced-found", "enhanced-ended", "deferred", "resumed", "deferred", "resumed", "victim-died"]), at)
        if pick < 0.90:
            body = {"ho_class": r.choice(["19C", "48", "8N"])} if r.random() < 0.6 else {"markers": [r.choice(["DA", "ONLINE"])]}
            return self.add(crime, crime_or(), "reclassified", at, body)
        if pick < 0.915:
            return self.add(crime, crime_or(), r.choice(["cancelled", "transferred", "erased"]), at)
        if pick < 0.96:
            k = r.choice(["contact-promised", "property-taken", "property-not-needed", "property-returned", "claim-received", "claim-paid",
                          "complaint-received", "complaint-acknowledged", "review-requested", "review-acknowledged", "review-decided",
                          "cps-submitted", "cps-allocated", "contact-scheme-referred", "contact-scheme-contacted"])
            body = {}
            if k == "contact-promised" and r.random() < 0.8:
                body["due_by"] = show(at + datetime.timedelta(hours=r.randrange(1, 200)))
            if k.startswith("property") and r.random() < 0.7:
                body["item_no"] = r.choice([1, 2])
            return self.add(crime, victim, k, at, body)
        if not made:
            return None
        old = r.choice(made)
        if r.random() < 0.4:
            return self.add(crime, old["victim"] if old["kind"] not in OF_CRIME else old["victim"], "event-withdrawn", at, supersedes=old["event_id"])
        if r.random() < 0.5:                    # corrected: the same, at another time
            return self.add(crime, old["victim"], old["kind"], at, dict(old["body"]), supersedes=old["event_id"])
        return self.add(crime, old["victim"], old["kind"], at, dict(old["body"]), supersedes=old["supersedes"], event_id=old["event_id"])


# ---- the program ---------------------------------------------------------------------------

def line_of(e):
    o = {"event_id": e["event_id"], "source": "connect", "crime_ref": e["crime"], "occurred_at": show(e["occurred"]), "recorded_at": show(e["recorded"])}
    if e["victim"]:
        o["victim_ref"] = e["victim"]
    if e["supersedes"]:
        o["supersedes"] = e["supersedes"]
    body = dict(e["body"])
    if TYPES.get(e["kind"]) != "report":
        body["kind"] = e["kind"]
    o[TYPES.get(e["kind"], "update")] = body
    return json.dumps(o)


def run_program(program, events, folder, order=None):
    path, data = os.path.join(folder, "in.ndjson"), os.path.join(folder, "data")
    shutil.rmtree(data, ignore_errors=True)
    lines = [line_of(e) for e in sorted(events, key=lambda e: e["recorded"])]
    if order:
        order.shuffle(lines)
        lines += order.sample(lines, len(lines) // 10)
    with open(path, "w") as f:
        f.write("\n".join(lines) + "\n")
        f.write('{"complete":{"source":"connect","to":"%s"}}\n{"tick":{"at":"%s"}}\n' % (show(END), show(END)))
    run = subprocess.run([program, "run", "--once", "--quiet", "--data", data, path], capture_output=True, text=True)
    if run.returncode:
        sys.exit("the program failed: " + run.stderr)
    status = json.loads(subprocess.run([program, "status", "--json", "--data", data], capture_output=True, text=True, check=True).stdout)
    if status["rejected"] or status["quarantined"]:
        sys.exit("the program set aside %d events that should be well formed" % (status["rejected"] + len(status["quarantined"])))
    due = subprocess.run([program, "due", "--all", "--json", "--limit", "10000000", "--data", data], capture_output=True, text=True, check=True)
    got = collections.defaultdict(list)
    for text in due.stdout.splitlines()[1:]:
        o = json.loads(text)
        got[o["crime_ref"], o["victim_ref"]].append((o["rule"], o.get("started_at"), o.get("due"), o["state"], o.get("occurred_at")))
    return got, last_told(program, data)


def hold_after(n):
    """When a breach may be said: 10:00 on the working day after the last one; at once under Enhanced Rights."""
    if n.get("enhanced"):
        return None
    day = add_working(local_day(parse(n["due"])), 1)
    if day is None:                                     # the calendar does not reach: the next day
        day = local_day(parse(n["due"])) + DAY
    return datetime.datetime.combine(day, datetime.time(10), LONDON).astimezone(UTC)


def working_days_left(n):
    today, due = local_day(parse(n["raised_at"])), local_day(parse(n["due"]))
    if due < today or due > LAST_DAY:
        return None
    return sum(1 for i in range(1, (due - today).days + 1) if (today + i * DAY).weekday() < 5 and today + i * DAY not in HOLIDAYS)


def check_said(n):
    """What a notice says beside its dates."""
    if n["level"] == "breached":
        want = hold_after(n)
        if n.get("hold_until") != (want and show(want)):
            sys.exit("%s is held until %s, not %s: %s" % (n["rule"], n.get("hold_until"), want, n))
    if n["level"] in ("due-soon", "breached", "outstanding") and n.get("working_days_left") != working_days_left(n):
        sys.exit("%s has %s working days left, not %s: %s" % (n["rule"], n.get("working_days_left"), working_days_left(n), n))
    if "due" in n and n.get("start_date") != str(local_day(parse(n["started_at"]))):
        sys.exit("%s starts on %s: %s" % (n["rule"], n.get("start_date"), n))
    if not n.get("victim_no"):
        sys.exit("which victim? %s" % n)


def last_told(program, data):
    """What the last notice about each obligation left standing."""
    told = subprocess.run([program, "notices", "--all", "--json", "--data", data], capture_output=True, text=True, check=True)
    last = {}
    for text in told.stdout.splitlines():
        n = json.loads(text)
        check_said(n)
        last[n["obligation_id"]] = (n["crime_ref"], n["victim_ref"], n["rule"], n.get("due"), n.get("stands", n["level"]))
    return collections.Counter(x[:4] + ("breached" if x[4] == "outstanding" else x[4],) for x in last.values()
                               if x[4] not in ("nothing", "due-soon", "at-start"))


def should_be_told(want):
    """Of each obligation how it stands; of those only reported nothing that is an alert."""
    told = collections.Counter()
    for (crime, victim), owed in want.items():
        for name, _, due, state, _ in owed:
            if RULES[name]["report_only"]:
                state = {"met-late": "met", "breached": "open", "not-computable": "open"}.get(state, state)
            if state not in ("open", "deferred"):
                told[crime, victim, name, due, state] += 1
    return told


def expect(events):
    by_crime = collections.defaultdict(list)
    for e in events:
        by_crime[e["crime"]].append(e)
    want = {}
    for crime, all_of_it in by_crime.items():
        for victim in {e["victim"] for e in all_of_it if e["victim"]}:
            owed = judge([e for e in all_of_it if e["victim"] in (None, victim)], END)
            want[crime, victim] = [(o["rule"], show(o["start"]), o["due"] and show(o["due"]), o["state"], o["settled"] and show(o["settled"])) for o in owed]
    return want


def differences(program, events, folder, order=None):
    (got, told), want = run_program(program, events, folder, order), expect(events)
    should = should_be_told(want)
    if told != should:
        key = sorted((told - should) + (should - told), key=str)[0][:2]
        return [(key, sorted(map(str, (should - told).elements())), sorted(map(str, (told - should).elements())))]
    return [(key, sorted(want.get(key, []), key=str), sorted(got.get(key, []), key=str)) for key in sorted(set(want) | set(got))
            if sorted(want.get(key, []), key=str) != sorted(got.get(key, []), key=str)]


def shrink(program, events, folder):
    smaller = True
    while smaller:
        smaller = False
        for i in range(len(events)):
            fewer = events[:i] + events[i + 1:]
            if fewer and differences(program, fewer, folder):
                events, smaller = fewer, True
                break
    return events


def main():
    a = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    a.add_argument("program")
    a.add_argument("--journeys", type=int, default=10000)
    a.add_argument("--seed", type=int, default=int(time.time()))
    a.add_argument("--rounds", type=int, default=1)
    o = a.parse_args()
    folder = tempfile.mkdtemp(prefix="rightswatch-oracle-")
    try:
        for seed in range(o.seed, o.seed + o.rounds):
            force = Force(seed)
            for number in range(1, o.journeys * 100 // 115 + 1):
                force.crime(number)
            wrong = differences(o.program, force.events, folder, random.Random(seed))
            want = expect(force.events)
            states = collections.Counter(x[3] for owed in want.values() for x in owed)
            rules = {x[0] for owed in want.values() for x in owed}
            print("seed %d: %d events of %d journeys, %d obligations under %d rules: %s" % (
                seed, len(force.events), len(want), sum(map(len, want.values())), len(rules),
                ", ".join("%d %s" % (n, s) for s, n in states.most_common())))
            missing = set(RULES) - rules
            if missing and o.journeys >= 5000:
                sys.exit("nothing was owed under " + ", ".join(sorted(missing)))
            if wrong:
                crime = wrong[0][0][0]
                small = shrink(o.program, [e for e in force.events if e["crime"] == crime], folder)
                print("%d journeys disagree. The smallest of %s:" % (len(wrong), crime))
                for e in small:
                    print("  " + line_of(e))
                for key, w, g in differences(o.program, small, folder):
                    for x in w:
                        if x not in g:
                            print("  oracle:  ", x)
                    for x in g:
                        if x not in w:
                            print("  program: ", x)
                sys.exit(1)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
