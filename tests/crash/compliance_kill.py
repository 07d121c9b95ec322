#!/usr/bin/env python3
"""Tracker, compliance sink and producer as processes of their own over tcp; tracker and sink are killed (-9) at random moments while events go in.
In the end the sink holds what the journal gives, row for row.

usage: compliance_kill.py PROGRAM [--crimes N] [--seed S] [--kills K]
"""
import argparse
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../law"))
import oracle  # noqa: E402
import recount  # noqa: E402

WAIT_S = 60


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Role:
    def __init__(self, log, *command):
        self.command, self.log, self.run = [str(c) for c in command], log, None

    def start(self):
        self.run = subprocess.Popen(self.command, stderr=open(self.log, "a"))

    def kill(self, how):
        self.run.send_signal(how)
        return self.run.wait(WAIT_S)


def main():
    a = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    a.add_argument("program")
    a.add_argument("--crimes", type=int, default=300)
    a.add_argument("--seed", type=int, default=int(time.time()))
    a.add_argument("--kills", type=int, default=12)
    o = a.parse_args()
    folder, r = tempfile.mkdtemp(prefix="rightswatch-kill-"), random.Random(o.seed)
    print("seed %d" % o.seed, flush=True)
    roles = []
    try:
        force = oracle.Force(o.seed)
        for number in range(1, o.crimes + 1):
            force.crime(number)
        whole, parts = os.path.join(folder, "in.ndjson"), []
        recount.write_events(whole, force.events)
        lines = open(whole).readlines()
        for i in range(o.kills):                # a part at a time, so that there is something to do at each kill
            parts.append(os.path.join(folder, "in-%d.ndjson" % i))
            with open(parts[-1], "w") as f:
                f.writelines(lines[len(lines) * i // o.kills:len(lines) * (i + 1) // o.kills])
        run = recount.Run(o.program, folder, "killed", r.randbytes(32))
        intake, opcc = ("tcp://127.0.0.1:%d" % free_port() for _ in range(2))
        log = os.path.join(folder, "log")
        sink = Role(log, o.program, "opcc", "--listen", opcc, "--store", run.store)
        track = Role(log, o.program, "track", "--listen", intake, "--opcc", opcc, "--data", run.data, "--checkpoint-every", 1000)
        roles = [sink, track]
        for role in roles:
            role.start()
        for part in parts:
            emit = Role(log, o.program, "emit", "--quiet", "--to", intake, "--clock", "events", part)
            roles.append(emit)
            emit.start()
            time.sleep(r.uniform(0, 0.08))
            role = r.choice([sink, track])
            if role.kill(signal.SIGKILL) != -signal.SIGKILL:
                sys.exit("it ended by itself:\n" + open(log).read())
            role.start()
            if emit.run.wait(WAIT_S):
                sys.exit("emit failed:\n" + open(log).read())
        deadline = time.time() + WAIT_S
        while True:                             # everything is there once the recount says so: no journey is missing at the last tick
            held = run.opcc("status", "--json")
            if held.returncode == 0 and json.loads(held.stdout)["known_at"] == oracle.show(oracle.END):
                break
            for role in (sink, track):
                if role.run.poll() is not None:
                    sys.exit("it ended by itself:\n" + open(log).read())
            if time.time() > deadline:
                sys.exit("the last draw did not arrive within %d s: %s %s\n%s" % (WAIT_S, held.stdout, held.stderr, open(log).read()))
            time.sleep(0.05)
        got = run.reconcile()
        for role in (track, sink):
            if role.kill(signal.SIGTERM):
                sys.exit("it does not stop cleanly:\n" + open(log).read())
        journeys, obligations = recount.check(run, force.events)
        print("killed %d times: %d journeys and %d crimes held as the journal gives them, %d obligations as recounted" %
              (o.kills, got["journeys"], got["crimes"], obligations))
    finally:
        for role in roles:
            if role.run and role.run.poll() is None:
                role.run.kill()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
