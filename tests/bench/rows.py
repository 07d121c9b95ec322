"""The rows of the table: what each measures in one run, and how that run is checked before its figure counts."""
import datetime
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time

from table import Row, words
from tracker import HERE, PROGRAM, TOOLS, Keys, Tracker, disk, pairs, run

ROOT = os.path.join(HERE, "../..")
RULES = {"five": os.path.join(HERE, "five.rules.yaml"), "code": "victims-code-2021"}
SOURCES = {"five": RULES["five"], "code": os.path.join(ROOT, "rules/editions/victims-code-2021.yaml")}
INFORM = {"five": "INFO", "code": "R3-INFO"}    # the rule that the draft of what-if changes
LAW_ITSELF_MAX = 100000                         # up to so many events what-if is also asked about the law itself
TEXT_MAX = 1000000                              # events in OUTBASE.ndjson, as workload.c writes them
END = 1767225600                                # the first second of 2026
MIDNIGHT = 1749513600                           # 10 June 2025, five working days after a Tuesday: all of that day are late from it on
OPEN_FACTS = 10
SHORT_RUNS = 5


def seconds(text):
    return int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())


def varint(n):
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    return bytes(out) + bytes([n])


class Events:
    """A year of events under a rule book, and what must be told of it."""

    def __init__(self, work, size, book):
        self.work, self.size, self.book, self.rules = work, size, book, RULES[book]
        self.base = self.workload("year-%d" % size, size)
        self.items = self.base + ".items"
        self.wire = os.path.getsize(self.items)
        self.missed = self.expected("missed")
        self.count = 0
        self.kept = None                        # a folder after a whole run, at rest

    def workload(self, name, size, *shape):
        base = os.path.join(self.work, name)
        if not os.path.exists(base + ".items"):
            run(TOOLS + "/workload", size, base, *shape)
        return base

    def expected(self, question, *more):
        return sorted(run(sys.executable, HERE + "/expected.py", self.base + ".csv", self.book, question, *more).splitlines())

    def fresh(self):
        self.count += 1
        folder = os.path.join(self.work, "run-%s-%d-%d" % (self.book, self.size, self.count))
        shutil.rmtree(folder, ignore_errors=True)
        return folder

    def drop(self, *folders):
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)

    def check(self, *folders, want=None):
        """What these tell to be missed is what was worked out; under the Code, of the rules that expected.py knows."""
        want = self.missed if want is None else want
        got = sorted(set(run(TOOLS + "/alerts", *folders).splitlines()))
        if self.book == "code":
            known = {line.rsplit(",", 1)[1] for line in want}
            got = [line for line in got if line.rsplit(",", 1)[1] in known]
        differ("told", got, want)


def differ(what, got, want):
    if got != want:
        wrong = sorted(set(got) ^ set(want))
        sys.exit("%s something else than expected: %d lines instead of %d; for example %s" % (what, len(got), len(want), wrong[:3]))


# ---- a: durable ------------------------------------------------------------------------

def durable(e, batch, keys=None):
    folder = e.fresh()
    t = Tracker(folder, e.rules, keys)
    sent = t.send(e.items, batch)
    used = t.end()
    e.check(folder)
    on_disk = disk(folder)
    if not e.kept:
        e.kept = folder
    else:
        e.drop(folder)
    return {"value": e.size / sent["folded_s"], "peak": t.peak_bytes, "acknowledged": e.size / sent["durable_s"], "cpu_us": used["cpu_s"] / e.size * 1e6,
            "written": used["written"] / e.size, "disk": on_disk / e.size, "disk_over_wire": on_disk / e.wire}


def durable_rows(e):
    note = "{cpu_us:.1f} us of processor, {written:.0f} bytes written, {disk:.0f} on disk an event: {disk_over_wire:.2f} x wire"
    keys = Keys(e.work)
    return [Row("durable-%d" % n, "a", "durable over tcp, %d a batch" % n, "events/s", lambda n=n: durable(e, n), note) for n in (1000, 50)] + \
           [Row("durable-curve-%d" % n, "a", "durable over tcp with CURVE, %d a batch" % n, "events/s", lambda n=n: durable(e, n, keys), note) for n in (1000, 50)]


# ---- b: replay ---------------------------------------------------------------------------

def replay(e):
    folder = e.fresh()
    got = pairs(run(TOOLS + "/replay", e.kept, folder))
    e.check(e.kept, folder)
    e.drop(folder)
    return {"value": e.size / got["seconds"], "peak": got["journey_bytes"] * got["journeys"], "cpu_us": got["cpu_s"] / e.size * 1e6, "journey": got["journey_bytes"]}


def replay_row(e):
    return Row("replay", "b", "replay, one core", "events/s", lambda: replay(e), "{cpu_us:.2f} us of processor an event; {journey:.0f} bytes of memory a journey")


# ---- a and b of fewer events, beside those of more ------------------------------------------

def several(once):
    """What is over in a tenth of a second is measured some times in a row: the run that is in the middle."""
    return sorted((once() for _ in range(SHORT_RUNS)), key=lambda run: run["value"])[SHORT_RUNS // 2]


def few_durable_row(few):
    """For what an event costs among many over what it costs among few: measured in turns, as whatever is compared."""
    return Row("few-durable-1000", "a", "durable over tcp, of %s beside it" % words(few.size), "events/s", lambda: several(lambda: durable(few, 1000)), "{cpu_us:.2f} us of processor")


def few_replay_row(few):
    return Row("few-replay", "b", "replay, of %s beside it" % words(few.size), "events/s", lambda: several(lambda: replay(few)), "{cpu_us:.2f} us of processor")


# ---- c: what-if ----------------------------------------------------------------------------

class WhatIf:
    """The law, and a draft that gives a day less to inform: each obligation it changes is the one that was worked out."""

    def __init__(self, e):
        self.e, self.draft, self.rule = e, os.path.join(e.work, e.book + ".draft.yaml"), INFORM[e.book]
        with open(SOURCES[e.book]) as file:
            law = file.read()
        draft = re.sub(r"(- id: %s\n(?:    .*\n)*?    limit: )5 working days" % self.rule, r"\g<1>4 working days", law)
        assert draft != law
        with open(self.draft, "w") as file:
            file.write(draft)
        self.want = e.expected("changed")
        self.is_checked = False

    def ask(self, *how):
        return run(PROGRAM, "whatif", *how, "--data", self.e.kept)

    def check(self):
        got = [json.loads(line) for line in self.ask("--json", "--rules", self.draft).splitlines()]
        got = ["%s,%s,%d,%s,%d,%s" % (c["crime_ref"], c["rule"], seconds(c["due_before"]) + 1, c["state_before"], seconds(c["due_after"]) + 1, c["state_after"]) for c in got]
        differ("what-if changes", sorted(got), self.want)
        if self.e.size <= LAW_ITSELF_MAX and self.ask("--json", "--rules", SOURCES[self.e.book]).strip():
            sys.exit("what-if finds a difference between a law and itself")
        self.is_checked = True

    def once(self):
        if not self.is_checked:
            self.check()
        began = time.perf_counter()
        table = self.ask("--limit", 0, "--rules", self.draft)
        took = time.perf_counter() - began
        moved = re.search(r"^%s\s+(\d+)" % self.rule, table, re.M)
        if not moved or int(moved.group(1)) != len(self.want):
            sys.exit("what-if moves another number than %d: %s" % (len(self.want), table))
        return {"value": self.e.size / took, "changed": len(self.want)}


def whatif_row(e):
    return Row("whatif", "c", "what-if over the journal, folded twice", "events/s", WhatIf(e).once, "{changed:.0f} obligations changed, each as expected")


# ---- d: recovery -----------------------------------------------------------------------------

def recovery(e):
    """Killed at full load, started again: until everything journalled is folded. Then the rest is sent, and all is as it must be."""
    folder = e.fresh()
    t = Tracker(folder, e.rules)
    sender = subprocess.Popen(t.sender(e.items, 1000, folded=False), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while t.records() < e.size * 0.8:
        pass
    t.end(signal.SIGKILL)
    sender.kill()
    sender.wait()
    state = disk(folder, "state.lmdb*")
    t = Tracker(folder)
    first = t.records()
    records, at = t.settle()
    took = at - t.began
    t.send(e.items, 1000)
    t.end()
    e.check(folder)
    e.drop(folder)
    return {"value": took, "peak": t.peak_bytes, "first": first, "records": records, "state": state}


def recovery_row(e):
    return Row("recovery", "d", "recovery after kill -9 at full load", "s", lambda: recovery(e), "{records:.0f} records in the journal, {first:.0f} of them folded at the first answer; state {state:.0f} bytes on disk")


# ---- e: a midnight ---------------------------------------------------------------------------

def midnight(e):
    """As many obligations as events fall due at one instant, while events of other cases come in, ten each 5 ms."""
    base = e.workload("midnight-%d" % e.size, e.size, "midnight")
    other = e.workload("contacts", 20000, "contacts") + ".items"
    with open(base + ".tick", "wb") as file:
        for what in (b"\x1a\x0f\x0a\x07connect\x10" + varint(MIDNIGHT), b"\x12\x06\x08" + varint(MIDNIGHT)):
            what = what[:1] + bytes([len(what) - 2]) + what[2:]
            file.write(bytes([len(what)]) + what)
    folder = e.fresh()
    t = Tracker(folder, RULES["five"])
    t.send(base + ".items", 1000)
    trickle = subprocess.Popen(t.sender(other, 10, folded=False, pause_ms=5), stdout=subprocess.PIPE, text=True)
    time.sleep(0.3)                             # it is under way
    took = t.send(base + ".tick", 2)["folded_s"]
    out, _ = trickle.communicate()
    t.end()
    told = run(TOOLS + "/alerts", folder).splitlines()
    if len(told) != e.size or any(not line.startswith("%d," % MIDNIGHT) for line in told):
        sys.exit("midnight: %d alerts of %d" % (len(told), e.size))
    e.drop(folder)
    return {"value": took, "peak": t.peak_bytes, "worst_ack_ms": pairs(out)["worst_ack_ms"]}


def midnight_row(e):
    return Row("midnight", "e", "due at one instant, until the last notice is durable", "s", lambda: midnight(e), "worst acknowledgement meanwhile {worst_ack_ms:.1f} ms")


# ---- f: latency --------------------------------------------------------------------------------

def latency(e):
    folder = e.fresh()
    p50, p99, worst = (float(x) for x in re.findall(r"([\d.]+) ms", run(HERE + "/latency", PROGRAM, folder, 300)))
    e.drop(folder)
    return {"value": p50, "p99_ms": p99, "worst_ms": worst}


def latency_row(e):
    return Row("latency", "f", "event in to alert at a sink, light load, p50", "ms", lambda: latency(e), "p99 {p99_ms:.1f} ms, worst {worst_ms:.1f} ms; 300 events")


# ---- g: text -------------------------------------------------------------------------------------

class Text:
    """A file through `emit`, until it has ended: all of it is durable. Then what was told of it is compared."""

    def __init__(self, e, count, rules, want, *arguments):
        self.e, self.count, self.rules, self.want, self.arguments = e, count, rules, want, arguments

    def once(self):
        folder = self.e.fresh()
        t = Tracker(folder, self.rules)
        began = time.perf_counter()
        out = run(PROGRAM, "emit", "--clock", "events", "--to", t.endpoint, *self.arguments)
        took = time.perf_counter() - began
        if not out.startswith("%d events read, 0 set aside" % self.count):
            sys.exit("not every line was taken: " + out)
        t.settle()
        t.end()
        self.e.check(folder, want=self.want)
        self.e.drop(folder)
        return {"value": self.count / took, "peak": t.peak_bytes}


def ndjson_row(e):
    count = min(e.size, TEXT_MAX)
    return Row("ndjson", "g", "NDJSON through `emit` to durable, %d lines" % count, "events/s",
               Text(e, count, e.rules, e.expected("missed", count), e.base + ".ndjson").once)


def csv_row(e):
    log = os.path.join(os.environ.get("DATA") or os.path.join(ROOT, "../shared/data"), "road-traffic-fines.csv.gz")
    if not os.path.exists(log):
        log = os.path.join(ROOT, "tests/data/road-traffic-fines-excerpt.csv.gz")
    want = sorted(run(sys.executable, HERE + "/expected.py", log, "fines", "missed").splitlines())
    count = int(run("sh", "-c", 'zcat "$0" | wc -l', log)) - 1
    return Row("csv", "g", "CSV (gzip) through a mapping to durable, %d rows" % count, "events/s",
               Text(e, count, os.path.join(ROOT, "deploy/examples/fines.rules.yaml"), want, "--map", os.path.join(ROOT, "deploy/examples/fines.map.yaml"), log).once)


# ---- h: start ----------------------------------------------------------------------------------------

def start(e, folder, journeys, empty):
    t = Tracker(folder)
    t.records()
    took, memory = time.perf_counter() - t.began, t.memory()
    t.end()
    return {"value": took, "peak": t.peak_bytes, "journey": (memory - empty) / journeys}


def start_row(e):
    def once():
        run_ = start(e, e.kept, e.size / 10, empty_memory(e))
        e.check(e.kept)
        return run_
    return Row("start", "h", "start with %s journeys, until it answers" % words(e.size / 10), "s", once, "{journey:.0f} bytes of memory a journey")


def empty_memory(e):
    folder = e.fresh()
    t = Tracker(folder, e.rules)
    t.records()
    memory = t.memory()
    t.end()
    e.drop(folder)
    return memory


class Open:
    """Journeys that all are open, each with a deadline that runs: made and sent once, then started again and again."""

    def __init__(self, e, journeys):
        self.e, self.journeys, self.folder = e, journeys, None

    def send(self):
        base = self.e.workload("open", self.journeys * OPEN_FACTS, "open", OPEN_FACTS)
        self.folder, self.empty = self.e.fresh(), empty_memory(self.e)
        t = Tracker(self.folder, RULES["five"])
        self.rate = self.journeys * OPEN_FACTS / t.send(base + ".items", 1000)["folded_s"]
        t.end()
        os.remove(base + ".items")

    def once(self):
        if not self.folder:
            self.send()
        found = start(self.e, self.folder, self.journeys, self.empty)
        states = json.loads(run(PROGRAM, "due", "--limit", 1, "--json", "--data", self.folder).splitlines()[0])["states"]
        if states.get("open") != self.journeys or any(n for name, n in states.items() if name != "open"):
            sys.exit("not every journey is open: %s" % states)
        return dict(found, rate=self.rate)


def open_row(e, journeys):
    return Row("open", "h", "start with %s open journeys of %d facts each" % (words(journeys), OPEN_FACTS), "s", Open(e, journeys).once,
               "{journey:.0f} bytes of memory a journey; sent at {rate:.0f} events/s")
