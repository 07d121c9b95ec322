"""A tracker's process on a folder, what is sent to it, and what the system says of it."""
import atexit
import glob
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.path.abspath(os.environ.get("RIGHTSWATCH") or os.path.join(HERE, "../../build/release/rightswatch"))
TOOLS = os.path.join(os.path.dirname(PROGRAM), "tests/bench")
WAIT_S = 3600
SAMPLE_S, STILL_S = 0.1, 0.5
running = set()


@atexit.register
def leave_none():
    for process in running:
        process.kill()


def run(*command, **more):
    """What it prints; the whole measure ends where it fails."""
    done = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=WAIT_S, **more)
    if done.returncode:
        sys.exit("%s failed with %d: %s%s" % (" ".join(map(str, command)), done.returncode, done.stdout, done.stderr))
    return done.stdout


def pairs(line):
    """"items 10 seconds 0.5" as {"items": 10.0, "seconds": 0.5}"""
    words = line.split()
    return {k: float(v) for k, v in zip(words[::2], words[1::2])}


def disk(folder, files="**"):
    return sum(os.stat(f).st_blocks * 512 for f in glob.glob(os.path.join(folder, files), recursive=True) if os.path.isfile(f))


class Keys:
    """Two pairs of keys: with them every tcp link speaks CURVE."""

    def __init__(self, work):
        self.files = {}
        self.public = {}
        for name in ("tracker", "send"):
            self.files[name] = os.path.join(tempfile.mkdtemp(dir=work), name + ".key")
            self.public[name] = run(PROGRAM, "keys", self.files[name]).strip()
        self.who_may_send, self.who_keeps = os.path.join(work, "tracker.peers"), os.path.join(work, "send.peers")
        with open(self.who_may_send, "w") as file:
            file.write(self.public["send"] + "\n")

    def of_tracker(self):
        return ["--key", self.files["tracker"], "--peers", self.who_may_send]

    def of_sender(self, endpoint):
        with open(self.who_keeps, "w") as file:
            file.write("%s %s\n" % (self.public["tracker"], endpoint))
        return [self.files["send"], self.who_keeps]


class Tracker:
    def __init__(self, folder, book=None, keys=None):
        self.folder, self.keys, self.began = folder, keys, time.perf_counter()
        command = [PROGRAM, "track", "--data", folder, "--listen", "tcp://127.0.0.1:*"]
        command += (["--rules", book] if book else []) + (keys.of_tracker() if keys else [])
        with open(folder + ".log", "w") as log:
            self.process = subprocess.Popen(command, stderr=log)
        running.add(self.process)
        self.peak_bytes = 0
        while not (found := re.search(r"listening on (\S+)", self.said())):
            if self.process.poll() is not None:
                sys.exit("the tracker ended: " + self.said())
            time.sleep(0.002)
        self.endpoint, self.query = found.group(1), "ipc://%s/query.sock" % folder
        threading.Thread(target=self.watch, daemon=True).start()

    def said(self):
        with open(self.folder + ".log") as log:
            return log.read()

    def memory(self):
        """Bytes of its own now: what it maps of files is the system's to take back."""
        try:
            with open("/proc/%d/status" % self.process.pid) as file:
                status = file.read()
            return 1024 * sum(int(re.search(name + r":\s+(\d+)", status).group(1)) for name in ("RssAnon", "RssShmem"))
        except (OSError, AttributeError):       # it has ended
            return 0

    def watch(self):
        while self.process.returncode is None:
            self.peak_bytes = max(self.peak_bytes, self.memory())
            time.sleep(SAMPLE_S)

    def sender(self, items, batch, folded=True, pause_ms=0):
        """The command that sends a file of items; folded: it ends when they are folded too and what was told is durable."""
        command = [TOOLS + "/send", items, self.endpoint, batch, self.query if folded else "", pause_ms]
        return [str(c) for c in command + (self.keys.of_sender(self.endpoint) if self.keys else [])]

    def send(self, items, batch):
        while not self.records():               # the law is a record too: folded, before those that follow are counted
            pass
        return pairs(run(*self.sender(items, batch)))

    def records(self):
        return json.loads(run(PROGRAM, "status", "--json", "--data", self.folder))["records"]

    def settle(self):
        """Until all that is journalled is folded: how many records, and when the last of them was. How many there are is not said;
        the count stands still when there are no more."""
        records, at = self.records(), time.perf_counter()
        while time.perf_counter() - at < STILL_S:
            time.sleep(0.02)
            before, records = records, self.records()
            if records != before:
                at = time.perf_counter()
        return records, at

    def end(self, how=signal.SIGTERM):
        """What it used in all: bytes written and seconds of the processor."""
        self.peak_bytes = max(self.peak_bytes, self.memory())
        self.process.send_signal(how)
        _, status, used = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        running.discard(self.process)
        if how == signal.SIGTERM and self.process.returncode:
            sys.exit("the tracker did not stop cleanly: " + self.said())
        return {"written": 512 * used.ru_oublock, "cpu_s": used.ru_utime + used.ru_stime}
