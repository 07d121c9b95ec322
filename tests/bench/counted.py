"""Instructions an event, which other work on the machine does not change: by perf where the processor's counters are to be had, else by callgrind."""
import os
import re
import shutil
import subprocess

from tracker import TOOLS, Tracker

LESS, MORE = 2000, 22000                        # the difference leaves out what starting costs


def by_perf(command):
    if not shutil.which("perf"):
        return None
    done = subprocess.run(["perf", "stat", "-x,", "-e", "instructions:u"] + command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    found = re.search(r"^(\d+),", done.stderr, re.M)
    return int(found.group(1)) if found else None


def by_callgrind(command):
    if not shutil.which("valgrind"):
        return None
    done = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"] + command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    found = re.search(r"Collected : (\d+)", done.stderr)
    return int(found.group(1)) if found else None


def instructions(e):
    """Of a replay, an event: (count, by what), and why not by perf. None: they cannot be counted here."""
    folders = []
    for n in (LESS, MORE):
        folders.append(e.fresh())
        t = Tracker(folders[-1], e.rules)
        t.send(e.workload("small-%d" % n, n) + ".items", 1000)
        t.end()
    found = None
    for name, count in (("perf", by_perf), ("callgrind", by_callgrind)):
        counts = []
        for folder in folders:
            out = e.fresh()
            counts.append(count([TOOLS + "/replay", folder, out, "stateless"]))
            e.drop(out)
        if None not in counts:
            found = (counts[1] - counts[0]) / (MORE - LESS), name
            break
    e.drop(*folders)
    return found


def perf_is_there():
    return by_perf(["true"]) is not None
