#!/usr/bin/env python3
"""The pages of a running tracker: strictly in Prometheus' text format, the same figures as `due`, and a health that says what is wrong.

usage: metrics.py PROGRAM EVENTS
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

NAME, LABEL = r"[a-zA-Z_:][a-zA-Z0-9_:]*", r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
SAMPLE = re.compile(r"(%s)(?:\{(%s(?:,%s)*)\})? (-?[0-9]+(?:\.[0-9]+)?)$" % (NAME, LABEL, LABEL))


def parse(text):
    """The exposition format 0.0.4, nothing but: HELP and TYPE once before the samples of a name, these together, no series twice."""
    assert text.endswith("\n"), "the last line does not end"
    helped, types, series, done, current = set(), {}, {}, set(), None
    for line in text[:-1].split("\n"):
        if line.startswith("# HELP "):
            name = line.split(" ", 3)[2]
            assert re.fullmatch(NAME, name) and name not in helped, line
            helped.add(name)
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name in helped and name not in types and kind in ("counter", "gauge"), line
            assert (kind == "counter") == name.endswith("_total"), "by its name it is not what it says: " + line
            types[name] = kind
        else:
            m = SAMPLE.match(line)
            assert m, "not a sample: " + line
            name, labels, value = m.groups()
            assert name in types and name not in done, "its samples do not stand together: " + line
            if current not in (None, name):
                done.add(current)
            current = name
            assert (name, labels) not in series, "twice: " + line
            series[name, labels] = float(value)
    return series


def get(url, path, expect=200):
    try:
        with urllib.request.urlopen(url + path, timeout=10) as r:
            status, text = r.status, r.read().decode()
    except urllib.error.HTTPError as e:
        status, text = e.code, e.read().decode()
    assert expect in (None, status), "%s is %d: %s" % (path, status, text)
    return text


def start(program, folder, name, *role):
    """A role that has pages, on a folder of that name: the process, the folder, where the pages are."""
    data, log = os.path.join(folder, name), os.path.join(folder, name + ".log")
    run = subprocess.Popen([program, role[0], "--data", data, "--metrics", "127.0.0.1:0", *role[1:]], stderr=open(log, "w"))
    for _ in range(600):
        m = re.search(r"(http://127\.0\.0\.1:\d+)/metrics", open(log).read())
        if m:
            return run, data, m.group(1)
        assert run.poll() is None, open(log).read()
        time.sleep(0.05)
    sys.exit("it does not say where its pages are")


def until(holds, what):
    for _ in range(600):
        got = holds()
        if got is not None:
            return got
        time.sleep(0.05)
    sys.exit("it did not come to pass within 30 s: " + what)


def main():
    program, events = sys.argv[1:3]
    folder = tempfile.mkdtemp(prefix="rightswatch-metrics-")
    run = sink = None
    try:
        run, data, url = start(program, folder, "data", "run", "--quiet", "--opcc", os.path.join(folder, "opcc"), "--clock", "events", events)

        def counted():
            s = parse(get(url, "/metrics"))
            return s if s["rightswatch_fold_lag_records", None] == 0 and any(n == "rightswatch_obligations" and v for (n, _), v in s.items()) else None
        series = until(counted, "everything folded and counted")
        due = subprocess.run([program, "due", "--all", "--json", "--limit", "100000", "--data", data], capture_output=True, text=True, check=True)
        want = {}
        for line in due.stdout.splitlines()[1:]:
            o = json.loads(line)
            want[o["rule"], o["state"]] = want.get((o["rule"], o["state"]), 0) + 1
        got = {}
        for (name, labels), value in series.items():
            if name == "rightswatch_obligations" and value:
                label = dict(re.findall(r'(\w+)="([^"]*)"', labels))
                got[label["rule"], label["state"]] = got.get((label["rule"], label["state"]), 0) + value
        assert want == got, "obligations: due says %s, metrics say %s" % (want, got)

        def taken():
            s = parse(get(url, "/metrics"))
            return True if (s["rightswatch_link_items_total", 'link="compliance",endpoint="inproc://opcc"'] > 0 and
                            s["rightswatch_sink_waiting_rows", 'link="sink",endpoint="inproc://trail"'] == 0) else None
        until(taken, "the sinks have what was told")
        assert get(url, "/healthz").startswith("ok\n")
        get(url, "/etc/passwd", 404)
        print("%d series, the obligations as `due` has them" % len(series))
        run.terminate()
        assert run.wait(20) == 0, "it does not stop cleanly"

        silent = os.path.join(folder, "silent.ndjson")
        with open(silent, "w") as f:
            f.write('{"event_id":"1","source":"connect \\"one\\"","crime_ref":"20/1/26","victim_ref":"V1","occurred_at":"2026-03-02T10:00:00Z",'
                    '"recorded_at":"2026-03-02T10:00:00Z","report":{}}\n')
            f.write('{"complete":{"source":"connect \\"one\\"","to":"2026-03-02T11:00:00Z"}}\n{"tick":{"at":"2026-03-05T12:00:00Z"}}\n')
        run, data, url = start(program, folder, "silent", "run", "--quiet", "--clock", "events", silent)
        until(lambda: parse(get(url, "/metrics")).get(("rightswatch_source_behind_seconds", 'source="connect \\"one\\""')), "the silent source in the metrics")
        health = get(url, "/healthz", 503)
        assert health.startswith("not well\n") and 'connect "one" has been silent for 3 days' in health, health
        print("a silent source is said: " + health.splitlines()[1])
        run.terminate()
        assert run.wait(20) == 0, "it does not stop cleanly"

        # Nobody listens where the sink should be, and no clock runs. Both come, and it is well again.
        socket = "ipc://" + os.path.join(folder, "trail.sock")
        run, data, url = start(program, folder, "alone", "track", "--sink", socket, "--health-sink", "1s", "--health-tick", "4s")
        intake = "ipc://" + os.path.join(data, "intake.sock")

        def said(line, status=503):
            """What /healthz says, once it says that (or, with 200, nothing of the kind)."""
            def look():
                health = get(url, "/healthz", None)
                return health if (line in health) == (status == 503) else None
            return until(look, "the page %s: %s" % ("says" if status == 503 else "no longer says", line))

        def emit(lines):
            path = os.path.join(folder, "lines.ndjson")
            with open(path, "w") as f:
                f.write(lines)
            subprocess.run([program, "emit", "--to", intake, path], check=True, timeout=60)
        no_tick, no_sink = "has not been told the time for", "the sink at %s has taken nothing for" % socket
        assert no_sink not in said(no_tick), "no row waits yet"
        emit(open(events).read())
        assert no_tick not in said(no_sink) and "rows wait for it" in said(no_sink)
        sink = subprocess.Popen([program, "trail", "--listen", socket, os.path.join(folder, "alone.ndjson")], stderr=subprocess.DEVNULL)
        said(no_sink, 200)
        emit('{"tick":{"at":"2027-01-01T12:00:00Z"}}\n')
        said(no_tick, 200)
        print("a sink that is not there and a clock that does not run are said, until they are")
    finally:
        for process in run, sink:
            if process and process.poll() is None:
                process.kill()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
