"""What a user would pick instead, on the same events, checked by its own oracle; and the minimal engine, the bound for a real one."""
import os
import re
import sys

from table import Row
from tracker import run

DEFAULT = "pg-1k pg-10k-j2 sqlite-10k redis-everysec"
DECODERS = {"pbc": "protobuf-c", "hand": "wire walk"}      # of the minimal engine; its own README gives its figures with the first
EVERY = "pg-1k pg-1k-j2 pg-10k pg-10k-j2 pg-10k-j2-async sqlite-1k sqlite-10k sqlite-1k-off redis-always redis-everysec nats"
OURS = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "PEERS", "PEER", "RUNS")        # not for the peers' own make and script


class Beside:
    def __init__(self, peers, work, e):
        self.peers, self.work, self.e = peers, work, e
        self.build, self.data, home = (os.path.join(work, d) for d in ("peers-build", "peers-data", "peers-run"))
        os.chmod(work, 0o755)                   # a peer's server may be another user
        for d in (self.data, home):
            os.makedirs(d, exist_ok=True)
            os.chmod(d, 0o755)
        for ext in ("pb", "csv"):
            target = "%s/events-%d.%s" % (self.data, e.size, ext)
            if not os.path.exists(target):
                os.symlink("%s.%s" % (e.base, ext), target)
        self.env = {k: v for k, v in os.environ.items() if k not in OURS}
        self.env.update(B=self.build, D=self.data, W=home, RUNS="1")

    def peer(self, name):
        out = run(self.peers + "/run.sh", self.e.size, name, env=self.env)
        words = out.splitlines()[-1].split()
        if words[0] != name or words[-1] == "WRONG":
            sys.exit("%s told something else than its oracle: %s" % (name, out))
        return {"value": float(words[2].split("/")[1]), "peak": float(words[4]) * 2**20, "disk": float(words[5]) * 2**20 / self.e.size,
                "cpu_us": (float(words[6]) + float(words[7])) / self.e.size * 1e6}

    def engine(self, *how):
        out = run(self.build + "/limit-ideal", "%s/events-%d.pb" % (self.data, self.e.size), "%s/expected-%d.csv" % (self.data, self.e.size), *how)
        if not out.rstrip().endswith("ok"):
            sys.exit("the minimal engine told something else: " + out)
        return {"value": float(re.search(r"(\d+) events/s", out).group(1)), "peak": float(re.search(r"peak (\d+) MB", out).group(1)) * 2**20,
                "cpu_us": float(re.search(r"cpu ([\d.]+) s", out).group(1)) / self.e.size * 1e6}

    def rows(self):
        wanted = (os.environ.get("PEER") or DEFAULT).split()
        note = "{cpu_us:.1f} us of processor, {disk:.0f} bytes on disk an event"
        rows = [Row(name, "", "peer: " + name, "events/s", lambda name=name: self.peer(name), note) for name in (EVERY.split() if wanted == ["all"] else wanted)]
        for decoder, said in DECODERS.items():
            rows.append(Row("engine-durable-" + decoder, "", "minimal engine, durable over tcp, " + said, "events/s",
                            lambda d=decoder: self.engine("overlap", d, "1024", self.work, "tcp", "1024"), "{cpu_us:.2f} us of processor an event"))
            rows.append(Row("engine-replay-" + decoder, "", "minimal engine, replay, " + said, "events/s",
                            lambda d=decoder: self.engine("mem", d, "1000"), "{cpu_us:.2f} us of processor an event"))
        return rows


def postgres(rows):
    """Rates of PostgreSQL that syncs: at 1,000 events a batch, and its best."""
    rates = {r.id: r.value() for r in rows.values() if r.id.startswith("pg-") and "async" not in r.id}
    return rates.get("pg-1k"), max(rates.values(), default=None)
