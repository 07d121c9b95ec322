#!/usr/bin/env python3
"""What the compliance sink holds, against a slow and obvious recount of the events.

Random cases of oracle.py go through the real program with its compliance sink; what `opcc export` then says of every journey,
obligation, fact and crime must be what is worked out here, from the events alone and an independent reading of the Code:
in any order, with repeats, corrections and withdrawals, after erasing, and when killed. No code is shared with the program; the
keyed ids are made again from the folder's secret.

usage: recount.py PROGRAM [--crimes N] [--seed S] [--kill]
"""
import argparse
import collections
import csv
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import oracle  # noqa: E402

POINTS = ["compliance_before_commit", "compliance_after_commit", "holding_before_commit", "holding_after_commit", "checkpoint_slice", "outbox_after_commit"]
PROPERTY = {"property-taken", "property-not-needed", "property-returned"}


def keyed(secret, what, a, b=""):
    return hashlib.blake2b(b"\0".join([what.encode(), a.encode(), b.encode()]), key=secret, digest_size=16).hexdigest()


def day(t):
    return str(oracle.local_day(t)) if t else ""


def rows_of(folder, name):
    with open(os.path.join(folder, name), newline="") as f:
        rows = list(csv.DictReader(f))
    assert all(r["internal"].startswith("INTERNAL") for r in rows), "a row that does not say that it is internal"
    return rows


def write_events(path, events, order=None):
    lines = [oracle.line_of(e) for e in sorted(events, key=lambda e: e["recorded"])]
    if order:
        order.shuffle(lines)
        lines += order.sample(lines, len(lines) // 10)
    with open(path, "w") as f:
        f.write("\n".join(lines) + "\n")
        f.write('{"complete":{"source":"connect","to":"%s"}}\n{"tick":{"at":"%s"}}\n' % (oracle.show(oracle.END), oracle.show(oracle.END)))


class Run:
    """One data folder with its sink. A secret is given, so that the ids of two runs can be compared."""

    def __init__(self, program, folder, name, secret):
        self.program, self.secret = program, secret
        self.data, self.store, self.out = (os.path.join(folder, name + x) for x in ("-data", "-store", "-export"))
        os.mkdir(self.data, 0o700)
        self.permission = os.path.join(folder, "permission.yaml")
        with open(self.permission, "w") as f:
            f.write("allowed_by: the tests\npurpose: a recount\nuntil: 2099-12-31\n")
        with open(os.path.join(self.data, "compliance.secret"), "wb") as f:
            f.write(secret)

    def feed(self, path, crash=None):
        env = dict(os.environ, RIGHTSWATCH_CRASH=crash) if crash else None
        run = subprocess.run([self.program, "run", "--once", "--quiet", "--data", self.data, "--opcc", self.store, path], capture_output=True, text=True, env=env)
        if crash:
            return run.returncode == -9
        if run.returncode:
            sys.exit("the program failed: " + run.stderr)
        return True

    def opcc(self, *args):
        return subprocess.run([self.program, "opcc", *args, "--store", self.store], capture_output=True, text=True)

    def reconcile(self):
        r = self.opcc("reconcile", "--json", "--data", self.data)
        if r.returncode:
            sys.exit("it does not reconcile: " + r.stdout + r.stderr)
        return json.loads(r.stdout)

    def export(self):
        shutil.rmtree(self.out, ignore_errors=True)
        r = self.opcc("export", "--out", self.out, "--permission", self.permission)
        if r.returncode:
            sys.exit("export failed: " + r.stderr)
        got = {}
        for name in ("journeys", "obligations", "said", "crimes"):
            got[name] = sorted(tuple(x.items()) for x in rows_of(self.out, "internal-%s.csv" % name))
        return got

    def held(self):
        return json.loads(self.opcc("status", "--json").stdout)


# ---- the recount ----------------------------------------------------------------------------

def outcome_of(facts):
    """The last code assigned or decided by time; a charge without a code is outcome 1; a court's result is none."""
    last = None
    for f in facts:
        code = f["body"].get("outcome_code") or ("1" if f["kind"] in ("charged", "summonsed") else None)
        if code and f["kind"] not in ("verdict", "sentence", "appeal-heard"):
            last = (f["occurred"], code)
    return last


def is_erased(of_victim):
    return any(f["kind"] == "erased" for f in oracle.what_stands(of_victim))


def recount(events, secret, erased=()):
    by_crime = collections.defaultdict(list)
    for e in events:
        by_crime[e["crime"]].append(e)
    owed, said, crimes, journeys = collections.Counter(), {}, {}, {}
    for crime, all_of_it in by_crime.items():
        victims = sorted({e["victim"] for e in all_of_it if e["victim"]} - {v for c, v in erased if c == crime})
        of = {v: [e for e in all_of_it if e["victim"] in (None, v)] for v in victims}
        victims = [v for v in victims if not is_erased(of[v])]
        outcomes = []
        for victim in victims:
            of_victim = of[victim]
            jid = keyed(secret, "journey", crime, victim)
            facts = oracle.what_stands(of_victim)
            for o in oracle.judge(of_victim, oracle.END):
                owed[jid, o["rule"], day(o["start"]), day(o["due"]), o["state"], day(o["settled"])] += 1
            reports = [f for f in facts if f["kind"] == "recorded"]
            journeys[jid] = (keyed(secret, "crime", crime), keyed(secret, "victim", victim), day(min((f["recorded"] for f in reports[:1]), default=None)))
            for f in facts:
                if f["kind"] == "recorded":
                    continue
                key = (jid, f["kind"], str(f["body"].get("item_no", 0)) if f["kind"] in PROPERTY else "0")
                count, first, _ = said.get(key, (0, day(f["occurred"]), None))
                said[key] = (count + 1, first, day(f["occurred"]))
            outcomes.append(outcome_of(facts))
        if victims:
            last = max((o for o in outcomes if o), default=(None, ""))
            crimes[keyed(secret, "crime", crime)] = (len(victims), last[1], day(last[0]))
    return owed, said, crimes, journeys


def same(what, calm, run):
    a, b = calm.export(), run.export()
    for name in a:
        if a[name] != b[name]:
            x, y = ([z for z in one if z not in set(other)][:1] for one, other in ((a[name], b[name]), (b[name], a[name])))
            sys.exit("%s: %s\n%s\n%s" % (what, name, x, y))


def compare(what, want, got):
    if want == got:
        return
    only_want = [x for x in (want - got if isinstance(want, collections.Counter) else want.items() - got.items())][:5]
    only_got = [x for x in (got - want if isinstance(want, collections.Counter) else got.items() - want.items())][:5]
    sys.exit("%s differ.\nrecounted, not held: %s\nheld, not recounted: %s" % (what, only_want, only_got))


def check(run, events, erased=()):
    owed, said, crimes, journeys = recount(events, run.secret, erased)
    run.export()
    obligations = rows_of(run.out, "internal-obligations.csv")
    compare("obligations", owed, collections.Counter((r["journey"], r["rule"], r["started"], r["due"], r["state"], r["ended"]) for r in obligations))
    compare("facts", said, {(r["journey"], r["kind"], r["item"]): (int(r["count"]), r["first"], r["last"]) for r in rows_of(run.out, "internal-said.csv")})
    compare("crimes", crimes, {r["crime"]: (int(r["victims"]), r["outcome"], r["outcome_on"]) for r in rows_of(run.out, "internal-crimes.csv")})
    compare("journeys", journeys, {r["journey"]: (r["crime"], r["victim"], r["recorded"]) for r in rows_of(run.out, "internal-journeys.csv")})
    for r in obligations:                       # working days taken, by counting
        if r["ended"] and r["started"] <= r["ended"] and int(r["working_days"]) >= 0:
            a, b = (oracle.datetime.date.fromisoformat(r[k]) for k in ("started", "ended"))
            n = sum(1 for i in range(1, (b - a).days + 1)
                    if (a + i * oracle.DAY).weekday() < 5 and a + i * oracle.DAY not in oracle.HOLIDAYS)
            if n != int(r["working_days"]):
                sys.exit("%s: %s to %s is %d working days, not %s" % (r["rule"], a, b, n, r["working_days"]))
    return len(journeys), sum(owed.values())


def erase(run, folder, events, seed):
    """A tenth of the journeys are erased: nothing of them is held any more, in any version, nor waits in the tracker's folder."""
    r = random.Random(seed)
    by_crime = collections.defaultdict(list)
    for e in events:
        by_crime[e["crime"]].append(e)
    pairs = sorted({(e["crime"], e["victim"]) for e in events if e["victim"]})
    pairs = [(c, v) for c, v in pairs if not is_erased([e for e in by_crime[c] if e["victim"] in (None, v)])]
    gone = set(r.sample(pairs, max(1, len(pairs) // 10)))
    path = os.path.join(folder, "erased.ndjson")
    at = oracle.END + oracle.DAY
    with open(path, "w") as f:
        for n, (crime, victim) in enumerate(sorted(gone)):
            f.write(json.dumps({"event_id": "erase-%d" % n, "source": "connect", "crime_ref": crime, "victim_ref": victim, "occurred_at": oracle.show(at),
                                "recorded_at": oracle.show(at), "update": {"kind": "erased"}}) + "\n")
        f.write('{"complete":{"source":"connect","to":"%s"}}\n{"tick":{"at":"%s"}}\n' % (oracle.show(at), oracle.show(at)))
    before = keys_held(run)
    run.feed(path)
    run.reconcile()
    check(run, events, gone)
    for name in os.listdir(os.path.join(run.data, "compliance")):
        with open(os.path.join(run.data, "compliance", name), "rb") as f:
            waits = f.read()
        for crime, victim in gone:
            if bytes.fromhex(keyed(run.secret, "journey", crime, victim)) in waits:
                sys.exit("a row of an erased journey is still in " + name)
    if keys_held(run) > before - len(gone):
        sys.exit("keys of erased journeys were kept: %d before, %d after %d were erased" % (before, keys_held(run), len(gone)))
    return len(gone)


def keys_held(run):
    with open(os.path.join(run.store, "holding.keys"), "rb") as f:
        keys = f.read()
    return sum(1 for i in range(32, len(keys), 32) if any(keys[i:i + 32]))


def main():
    a = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    a.add_argument("program")
    a.add_argument("--crimes", type=int, default=1500)
    a.add_argument("--seed", type=int, default=int(time.time()))
    a.add_argument("--kill", action="store_true", help="killed at every point and at any moment, it ends as a calm run")
    o = a.parse_args()
    folder, r = tempfile.mkdtemp(prefix="rightswatch-recount-"), random.Random(o.seed)
    print("seed %d" % o.seed, flush=True)
    try:
        force = oracle.Force(o.seed)
        for number in range(1, o.crimes + 1):
            force.crime(number)
        secret, path = r.randbytes(32), os.path.join(folder, "in.ndjson")
        calm = Run(o.program, folder, "calm", secret)
        write_events(path, force.events)
        calm.feed(path)
        calm.reconcile()
        if calm.opcc("export", "--out", calm.out).returncode == 0:
            sys.exit("what nobody permitted was exported")
        journeys, obligations = check(calm, force.events)
        print("%d journeys, %d obligations, every one as recounted" % (journeys, obligations), flush=True)
        if o.kill:
            for point in POINTS:
                for times in (1,) if point.startswith("checkpoint") else (1, 2):
                    run = Run(o.program, folder, "%s-%d" % (point, times), secret)
                    if not run.feed(path, "%s:%d" % (point, times)) and times == 1:
                        sys.exit("the point %s was not passed" % point)     # how often it is hangs on how batches come
                    run.feed(path)
                    run.reconcile()
                    same("killed at %s, it holds something else" % point, calm, run)
            print("killed at %d points: as the calm run" % len(POINTS))
            return
        shuffled = Run(o.program, folder, "shuffled", secret)
        write_events(path, force.events, r)
        shuffled.feed(path)
        shuffled.reconcile()
        same("in another order, with repeats, it holds something else", calm, shuffled)
        print("in any order, with repeats: the same")
        print("%d journeys erased: not held in any version" % erase(calm, folder, force.events, o.seed))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
