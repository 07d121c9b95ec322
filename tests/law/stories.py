#!/usr/bin/env python3
"""Stories of cases, told to the real program.

A story is a diary a victim-care officer can write; times are on the local clock:

    == Told late, over Easter
    2025-04-14 09:00  20/1/25 V1  report  enhanced=no
    2025-04-15 10:00  20/1/25 V1  nfa
    2025-04-25 00:00  now
    expect  20/1/25 V1  R6-NFA  breached  due 2025-04-24  owner=police
    told    20/1/25 V1  R6-NFA  due-soon due-soon breached

An event is a kind, or a type whose usual kind is meant, with fields as key=value: yes and no, numbers, words,
times as 2025-04-15/10:00, lists as a,b. `as=x` names it, `informs=x`, `corrects=x` name another, `recorded=` says when it
was entered, `id=x` repeats an id. `-` for the victim: a fact of the crime. Time passes by itself, and the record system is complete
as it passes, but between `silent` and `speaks`. `now` is when we look. `expect ... nothing`: no such obligation.
`told` lists the levels of every notice about it, in order. `acknowledges=R6-NFA:breached` of an alert-acknowledged names the first such notice.

With --axe each story is told again by a program that is killed at some point and started again.

usage: stories.py PROGRAM [--axe] FILE...
"""
import argparse
import datetime
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import zoneinfo

LONDON = zoneinfo.ZoneInfo("Europe/London")
UTC = datetime.timezone.utc
TYPES = {"report": "report", "charge": "charge", "nfa": "nfa", "outcome": "outcome", "recorded": "report"}
TYPES.update({k: "charge" for k in ("charged", "summonsed", "cautioned", "other-disposal")})
TYPES.update({k: "referral" for k in ("need-identified", "offered", "declined", "made", "first-contact")})
TYPES.update({k: "nfa" for k in ("not-investigated", "no-further-action", "cps-no-charge", "charge-dropped", "charge-altered")})
TYPES.update({k: "outcome" for k in ("outcome-assigned", "verdict", "sentence", "appeal-lodged", "appeal-heard", "closed", "reopened")})
TEXTS = {"notice_id", "outcome_code", "ho_class", "oic", "team", "decision_by", "authorised_by", "supervisor"}
POINTS = ["journal_before_commit", "journal_after_commit", "outbox_before_commit", "outbox_after_commit", "trail_after_write", "trail_after_sync",
          "checkpoint_slice", "checkpoint_end"]


def local(text):
    return datetime.datetime.strptime(text.replace("/", " "), "%Y-%m-%d %H:%M").replace(tzinfo=LONDON).astimezone(UTC)


def show(t):
    return t.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Story:
    def __init__(self, where, title):
        self.where, self.title = where, title
        self.events, self.silences, self.expectations, self.now = [], [], [], None
        self.names = {}
        self.acknowledged = []      # (event, crime, victim, [rule, level]): the notice's id is known once it was told

    def event(self, at, crime, victim, word, settings):
        o = {"event_id": "E%d" % (len(self.events) + 1), "source": "connect", "crime_ref": crime, "occurred_at": show(at)}
        body, recorded = {}, at
        if victim != "-":
            o["victim_ref"] = victim
        if word not in ("report", "charge", "nfa", "outcome", "recorded"):
            body["kind"] = word
        for setting in settings:
            key, value = setting.split("=", 1)
            if key == "as":
                self.names[value] = o["event_id"]
            elif key == "id":
                o["event_id"] = self.names[value]
            elif key == "informs":
                body["informs_event_id"] = self.names[value]
            elif key == "corrects":
                o["supersedes"] = self.names[value]
            elif key == "acknowledges":
                self.acknowledged.append((len(self.events), crime, victim, value.split(":")))
            elif key == "by":
                o["recorded_by"] = value
            elif key == "recorded":
                recorded = local(value)
            elif key in ("markers", "waives"):
                body[key] = value.split(",")
            elif value in ("yes", "no"):
                body[key] = value == "yes"
            elif value.isdigit() and key not in TEXTS:
                body[key] = int(value)
            elif len(value) == 16 and value[10] == "/":
                body[key] = show(local(value))
            else:
                body[key] = value
        o["recorded_at"] = show(recorded)
        o[TYPES.get(word, "update")] = body
        self.events.append((recorded, o))

    def lines(self, but=()):
        """Everything in the order it becomes known: events (but those), and between them time."""
        what = [(t, 0, o) for i, (t, o) in enumerate(self.events) if i not in but]
        moments = {t for t, _ in self.events} | {self.now}
        first = min(moments).astimezone(LONDON).date()
        for n in range((self.now.astimezone(LONDON).date() - first).days + 1):
            day = first + datetime.timedelta(days=n)
            for hour in (0, 9):
                t = datetime.datetime.combine(day, datetime.time(hour), LONDON).astimezone(UTC)
                if min(moments) <= t <= self.now:
                    moments.add(t)
        for t in moments:
            if not any(a <= t < b for a, b in self.silences):
                what.append((t, 2, {"complete": {"source": "connect", "to": show(t)}}))
            what.append((t, 1, {"tick": {"at": show(t)}}))
        return [json.dumps(o) for _, _, o in sorted(what, key=lambda x: (x[0], x[1])) if _ is not None]


def read(path):
    stories, story, silent = [], None, None
    for number, line in enumerate(open(path), 1):
        where = "%s:%d" % (os.path.basename(path), number)
        words = line.split("#")[0].split()
        if line.startswith("== "):
            story = Story(where, line[3:].strip())
            stories.append(story)
        elif not words:
            continue
        elif words[0] in ("expect", "told"):
            story.expectations.append((where, words))
        elif words[2] == "silent":
            silent = local(" ".join(words[:2]))
        elif words[2] == "speaks":
            story.silences.append((silent, local(" ".join(words[:2]))))
            silent = None
        elif words[2] == "now":
            story.now = local(" ".join(words[:2]))
            if silent:
                story.silences.append((silent, story.now + datetime.timedelta(seconds=1)))
                silent = None
        else:
            story.event(local(" ".join(words[:2])), words[2], words[3], words[4], words[5:])
    return stories


def learn_ids(program, folder, story):
    """The story told without its acknowledgements: what was told then has the ids they name."""
    path, data = os.path.join(folder, "before.ndjson"), os.path.join(folder, "before")
    shutil.rmtree(data, ignore_errors=True)
    with open(path, "w") as f:
        f.write("\n".join(story.lines({i for i, *_ in story.acknowledged})) + "\n")
    subprocess.run([program, "run", "--once", "--quiet", "--data", data, path], check=True)
    told = subprocess.run([program, "notices", "--all", "--json", "--data", data], capture_output=True, text=True, check=True).stdout
    for i, crime, victim, (rule, level) in story.acknowledged:
        fits = [n for n in map(json.loads, told.splitlines()) if (n["crime_ref"], n["victim_ref"], n["rule"], n["level"]) == (crime, victim, rule, level)]
        if not fits:
            sys.exit("%s: there is no such notice to acknowledge: %s %s" % (story.where, rule, level))
        story.events[i][1]["update"]["notice_id"] = fits[0]["notice_id"]
    story.acknowledged = []


def run(program, folder, story, axe):
    if story.acknowledged:
        learn_ids(program, folder, story)
    path, data = os.path.join(folder, "story.ndjson"), os.path.join(folder, "data")
    shutil.rmtree(data, ignore_errors=True)
    with open(path, "w") as f:
        f.write("\n".join(story.lines()) + "\n")
    command = [program, "run", "--once", "--quiet", "--data", data, path]
    if axe:
        subprocess.run(command, capture_output=True, env=dict(os.environ, RIGHTSWATCH_CRASH=axe))
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit("%s: the program failed: %s" % (story.where, done.stderr))
    answers = []
    for arguments in (["status"], ["due", "--all", "--limit", "100000"], ["notices", "--all"]):
        answers.append(subprocess.run([program] + arguments + ["--json", "--data", data], capture_output=True, text=True, check=True).stdout)
    status = json.loads(answers[0])
    if status["rejected"] or status["quarantined"]:
        sys.exit("%s: an event of the story was not taken: %s" % (story.where, answers[0]))
    return [json.loads(x) for x in answers[1].splitlines()[1:]], [json.loads(x) for x in answers[2].splitlines()]


def check(story, owed, notices):
    wrong = []
    for where, (verb, crime, victim, rule, *rest) in story.expectations:
        if verb == "told":
            got = [n["level"] for n in notices if (n["crime_ref"], n["victim_ref"], n["rule"]) == (crime, victim, rule)]
            if got != rest and not (rest == ["nothing"] and not got):
                wrong.append("%s: %s was told as %s, not %s" % (where, rule, " ".join(got) or "nothing", " ".join(rest)))
            continue
        mine = [o for o in owed if (o["crime_ref"], o["victim_ref"], o["rule"]) == (crime, victim, rule)]
        if rest[0] == "nothing":
            if mine:
                wrong.append("%s: %s is owed: %s" % (where, rule, mine))
        elif not any(fits(o, rest) for o in mine):
            wrong.append("%s: %s is %s, not %s" % (where, rule, [(o["state"], o.get("due_date"), o.get("due_time"), o.get("occurred_at"),
                         [k for k in ("enhanced", "inferred", "found_late") if o.get(k)]) for o in mine] or "not owed", " ".join(rest)))
    return wrong


def fits(o, words):
    words = list(words)
    if o["state"] != words.pop(0):
        return False
    while words:
        word = words.pop(0)
        if word == "due":
            if o.get("due_date") != words.pop(0) or (words and ":" in words[0] and o.get("due_time") != words.pop(0)):
                return False
        elif word == "settled":
            if o.get("occurred_at") != show(local(words.pop(0) + " " + words.pop(0))):
                return False
        elif word.startswith("owner="):
            if o["owner"] != word[6:]:
                return False
        elif word.startswith("not-"):
            if o.get(word[4:].replace("-", "_")):
                return False
        elif not o.get(word.replace("-", "_")):
            return False
    return True


def main():
    a = argparse.ArgumentParser()
    a.add_argument("program")
    a.add_argument("--axe", action="store_true")
    a.add_argument("files", nargs="+")
    o = a.parse_args()
    folder = tempfile.mkdtemp(prefix="rightswatch-story-")
    wrong, count, random_point = [], 0, random.Random(len(o.files))
    try:
        for path in o.files:
            for story in read(path):
                owed, notices = run(o.program, folder, story, None)
                found = check(story, owed, notices)
                if o.axe and not found:
                    point = "%s:%d" % (random_point.choice(POINTS), random_point.choice([1, 1, 2]))
                    if run(o.program, folder, story, point) != (owed, notices):
                        found = ["%s: killed at %s it ends otherwise" % (story.where, point)]
                wrong += ["%s (%s)" % (w, story.title) for w in found]
                count += 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for w in wrong:
        print(w)
    print("%d stories, %d differ" % (count, len(wrong)))
    sys.exit(1 if wrong or not count else 0)


if __name__ == "__main__":
    main()
