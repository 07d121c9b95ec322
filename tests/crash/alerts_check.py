#!/usr/bin/env python3
"""Every alert reached a message or was over before it could; nobody had two digests a morning.

usage: alerts_check.py NOTICES MESSAGES     (lines of NDJSON: rightswatch notices --all --json, and a file channel)
"""
import collections
import datetime
import json
import sys
import zoneinfo

LONDON = zoneinfo.ZoneInfo("Europe/London")
ALERTS = ("due-soon", "breached", "outstanding", "at-start")
wrong = []


def instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


notices = [json.loads(x) for x in open(sys.argv[1])]
messages = {}
for line in open(sys.argv[2]):
    m = json.loads(line)
    messages[m["id"]] = m

digests = collections.Counter()
said = collections.defaultdict(list)            # (obligation, level) -> when, to whom
for m in messages.values():
    at = instant(m["as_of"])
    if m["kind"] == "digest":
        digests[m["to"], at.astimezone(LONDON).date()] += 1
    for e in m["entries"]:
        if "victim_ref" in e or "victim_ref" in m:
            wrong.append("a message names a victim")
        said[e["obligation_id"], e["level"]].append((at, m["to"], m["kind"]))
for m in messages.values():                     # what was never sent is not corrected
    for e in m["entries"] if m["kind"] == "follow-up" else ():
        before = [to for (obligation, _), heard in said.items() if obligation == e["obligation_id"] for at, to, kind in heard
                  if kind != "follow-up" and at <= instant(m["as_of"])]
        if m["to"] not in before:
            wrong.append("%s was told of a change of what they were not told" % m["to"])
wrong += ["%s had %d digests on %s" % (who, n, day) for (who, day), n in digests.items() if n > 1]

after = collections.defaultdict(list)           # what came later of an obligation
for n in notices:
    after[n["obligation_id"]].append(n)
counts = collections.Counter()
for n in notices:
    if n["level"] not in ALERTS or n["owner"] in ("cps", "probation", "any"):
        continue
    raised, level = instant(n["raised_at"]), n["level"]
    heard = [x for x in said[n["obligation_id"], level] if x[0] >= raised]
    later = [instant(x["raised_at"]) for x in after[n["obligation_id"]] if x["version"] > n["version"]]
    shadow = n.get("team") == "Team 3" and raised < datetime.datetime(2026, 3, 10, 12, tzinfo=LONDON)
    hold = max(instant(n["hold_until"]) if "hold_until" in n else raised, raised)
    if shadow:
        counts["in the shadow"] += 1
        if any(at < datetime.datetime(2026, 3, 10, 12, tzinfo=LONDON) for at, _, _ in heard):
            wrong.append("a team in the shadow was told: %s" % n["notice_id"])
    elif heard:
        counts["told"] += 1
        if level == "breached" and min(at for at, _, _ in heard) < hold:
            wrong.append("told before it could be typed: %s" % n["notice_id"])
        known = "officer" in n and (int(n["officer"]) - 20000) % 7
        if level == "breached" and n["owner"] == "police" and known and not any(to == n["officer"] for _, to, _ in heard) and \
                not any(x["level"] == "reallocated" for x in after[n["obligation_id"]]):
            wrong.append("the officer was not told: %s" % n["notice_id"])
    elif later and min(later) <= hold + datetime.timedelta(days=1.5):
        counts["over before it was said"] += 1
    else:
        wrong.append("nobody heard of %s, %s %s raised %s" % (n["notice_id"], n["rule"], level, n["raised_at"]))
print("%d messages; of %d alerts: %s" % (len(messages), sum(counts.values()), ", ".join("%d %s" % (n, k) for k, n in counts.most_common())))
for w in wrong[:20]:
    print(w)
sys.exit(1 if wrong or not counts["told"] else 0)
