#!/usr/bin/env python3
"""The reports that come by themselves: the month that has had its 28 days, once, the same when made again; nothing of a time of which nothing is known.

usage: schedule.py PROGRAM
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile


def main():
    program = os.path.abspath(sys.argv[1])
    folder = tempfile.mkdtemp(prefix="rightswatch-schedule-")
    path = lambda name: os.path.join(folder, name)

    def run(*args):
        r = subprocess.run([program, *args], capture_output=True, text=True, cwd=folder, timeout=60)
        assert r.returncode == 0, r.stdout + r.stderr
        return r.stderr

    def events(name, day, tick):
        with open(path(name), "w") as f:
            for n in range(30):
                f.write(json.dumps({"event_id": "%s-%d" % (name, n), "source": "connect", "crime_ref": "20/%s%d/26" % (day[:2], n), "victim_ref": "V%d" % n,
                                    "occurred_at": "2026-%sT10:00:00Z" % day, "recorded_at": "2026-%sT10:05:00Z" % day, "report": {"gender": "F"}}) + "\n")
            f.write('{"complete":{"source":"connect","to":"%s"}}\n{"tick":{"at":"%s"}}\n' % (tick, tick))
    try:
        feed = lambda name: run("run", "--once", "--quiet", "--data", "data", "--opcc", "store", "--reports", "reports", "--force", "Test", name)
        events("one", "01-12", "2026-02-27T12:00:00Z")
        feed("one")
        assert not os.path.exists(path("reports")), "a month whose 28 days are not over"
        events("two", "02-10", "2026-03-02T12:00:00Z")
        feed("two")
        assert os.listdir(path("reports")) == ["2026-01"], os.listdir(path("reports"))
        before = open(path("reports/2026-01/SHA256SUMS")).read()
        assert "2026-01" in open(path("reports/2026-01/report.json")).read()
        said = feed("two")
        assert " made: " not in said, said
        assert open(path("reports/2026-01/SHA256SUMS")).read() == before
        events("three", "03-10", "2026-05-02T12:00:00Z")
        for _ in range(3):                      # one after the other: February, March, and the first quarter
            feed("three")
        assert sorted(os.listdir(path("reports"))) == ["2026-01", "2026-02", "2026-03", "2026-Q1"], sorted(os.listdir(path("reports")))
        shutil.rmtree(path("reports/2026-03"))
        feed("three")
        assert os.path.exists(path("reports/2026-03/SHA256SUMS"))
        for name in os.listdir(path("reports")):
            subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=path("reports/" + name), check=True)
            assert json.load(open(path("reports/%s/report.json" % name)))["provisional"] is False, name
        print("January, February, March and the first quarter: each once, final, with its sums")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
