"""The table: rows that are measured several times, in turns, and printed when all of their runs were checked."""
import json
import sys

on_terminal = sys.stderr.isatty()


def number(text):
    return int(float(text.lower().replace("k", "e3").replace("m", "e6")))


def words(n):
    return "%gM" % (n / 1e6) if n >= 1e6 else "%gk" % (n / 1e3)


def shown(v):
    return "%.0f" % v if v > 1000 else "%.3g" % v


def progress(text):
    if on_terminal:
        sys.stderr.write("\r\x1b[K" + text)
        sys.stderr.flush()


class Row:
    """once(): measures one run and checks it; gives figures by name, of which `value` is the row's own. `note` is filled in from
    them: each is the median of the runs, but what is called worst_... is the greatest."""

    def __init__(self, id, letter, what, unit, once, note=""):
        self.id, self.letter, self.what, self.unit, self.once, self.note, self.runs = id, letter, what, unit, once, note, []

    def figures(self):
        found = {}
        for name in self.runs[0]:
            values = sorted(run[name] for run in self.runs)
            found[name] = values[-1] if name.startswith("worst_") else values[len(values) // 2]
        return found

    def value(self):
        return self.figures()["value"]

    def show(self, size):
        f, values = self.figures(), sorted(run["value"] for run in self.runs)
        peak = "%.0f MiB" % (f["peak"] / 2**20) if f.get("peak") else ""
        print("%-2s %-58s %6s %10s %-9s %8s .. %-8s %9s  %s" % (self.letter, self.what, words(size), shown(f["value"]), self.unit, shown(values[0]),
              shown(values[-1]), peak, self.note.format(**f)), flush=True)


def head():
    print("%-2s %-58s %6s %10s %-9s %8s .. %-8s %9s" % ("", "", "events", "median", "", "least", "most", "memory"))


def measure(rows, runs, size):
    """In turns, A B A B: what is compared was measured at one time."""
    for n in range(runs):
        for row in rows:
            progress("%s of %s events, run %d of %d" % (row.what, words(size), n + 1, runs))
            row.runs.append(row.once())
    progress("")
    for row in rows:
        row.show(size)


class Goals:
    def __init__(self):
        self.list = []
        print("\nGoals")

    def say(self, what, got, floor, aim, more_is_better=True):
        reached = [got >= x if more_is_better else got <= x for x in (floor, aim)]
        self.list.append({"goal": what, "got": got, "floor": floor, "aim": aim, "floor_reached": reached[0], "aim_reached": reached[1]})
        print("%-72s %9.3g   floor %-6g %-4s aim %-6g %s" % (what, got, floor, "yes" if reached[0] else "NO", aim, "yes" if reached[1] else "no"), flush=True)


def save(path, machine, all_rows, goals):
    """For comparing two versions: every run of every row."""
    rows = [{"book": book, "events": size, "id": r.id, "row": r.letter, "what": r.what, "unit": r.unit, "runs": r.runs, **r.figures()}
            for (book, size), rows in all_rows.items() for r in rows.values()]
    with open(path, "w") as file:
        json.dump({"machine": machine, "rows": rows, "goals": goals}, file, indent=1)
        file.write("\n")
