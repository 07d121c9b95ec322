"""Attacks a published report with nothing but its CSV files: what can be worked out that is small?

What adds up to what is told here again, from the meaning of the tables alone: nothing of what the program declares is read. The
hidden counts are then solved for, by elimination and by bounds. A count that comes out as 1 to 4, or two printed groups, one
within the other, that differ by 1 to 4, is a leak.

    attack.py REPORT [INTERNAL]        INTERNAL: the report with nothing hidden; the equations must hold in it, or they are wrong
"""
import collections
import csv
import fractions
import glob
import os
import sys

FEW = range(1, 5)


count = 1                                   # months in the period


def load(folder):
    global count
    """{(table, row, column, what): count or None}; what is n for a count, kept and owed for a rate."""
    cells = {}
    for path in glob.glob(os.path.join(folder, "*.csv")):
        for r in csv.DictReader(open(path, newline="")):
            at = (r["table"], r["row"], r["column"])
            mark, unit = r["mark"], r["unit"]
            if at[0] == "duties-of-the-code" and at[2] == "now":
                count = int(r["to"][5:7]) - int(r["from"][5:7]) + 1
            if unit == "count" and r["value"] + mark and mark != "[z]" and (at[0], at[2]) != ("satisfaction", "score") and mark != "[x]":
                cells[at + ("n",)] = int(r["value"]) if not mark else None
            if unit == "percent" and mark != "[z]":
                cells[at + ("kept",)] = int(r["count"]) if not mark else 0 if mark == "[x]" else None
                cells[at + ("owed",)] = int(r["of"]) if not mark else 0 if mark == "[x]" else None
    return cells


def equations(cells):
    """Lists of (factor, cell); each adds up to 0."""
    found = []
    rows, columns = collections.defaultdict(dict), collections.defaultdict(dict)
    for table, row, column, _ in cells:
        rows[table][row] = True
        columns[table][column] = True

    def add(*terms):
        if all(c in cells for _, c in terms):
            found.append(list(terms))

    def same(a, b):
        add((1, a), (-1, b))

    def total(whole, parts):
        if parts:
            add((-1, whole), *[(1, p) for p in parts])

    both = ("kept", "owed")
    code = "duties-of-the-code"
    duties = [r for r in rows[code] if r != "CODE"]
    for w in both:
        for span in ("now", "before", "year_before"):
            if all((code, r, span, w) in cells for r in duties):
                total((code, "CODE", span, w), [(code, r, span, w) for r in duties])
        months = sorted(columns["duties-by-month"])
        for r in rows["duties-by-month"]:
            for span, of in (("now", months[-count:]), ("before", months[-2 * count:-count])):
                total((code, r, span, w), [("duties-by-month", r, m, w) for m in of])
        for m in months:
            total(("duties-by-month", "CODE", m, w), [("duties-by-month", r, m, w) for r in rows["duties-by-month"] if r != "CODE"])
        for by in ("gender", "age", "ethnicity", "offence", "area", "team"):
            table = "duties-by-" + by
            for mine, span in (("now", "now"), ("before", "before"), ("kept", "now")):
                if mine in columns[table]:
                    total((code, "CODE", span, w), [(table, r, mine, w) for r in rows[table]])
        for theme in columns["each-duty-by-theme"]:
            total(("duties-by-theme", theme, "now", w), [("each-duty-by-theme", r, theme, w) for r in rows["each-duty-by-theme"]])
        for span in ("now", "before", "year_before"):
            for theme, offences in (("RAPE", ["RAPE"]), ("OTHER_SEXUAL", ["OTHER_SEXUAL"]), ("STALKING", ["STALKING"]), ("ROBBERY", ["ROBBERY"]),
                                    ("BURGLARY", ["BURGLARY_DOMESTIC", "BURGLARY_OTHER"])):
                here = [("duties-by-offence", o, span, w) for o in offences if o in rows["duties-by-offence"]]
                total(("duties-by-theme", theme, span, w), here)
            for r in rows["other-standards"]:
                if r.startswith("LOC-PROMISE@"):
                    same(("other-standards", r, span, w), ("rights-without-a-clock", "promise", span, w))
    for r in rows["other-standards"]:
        if r.startswith("CPS-28@"):
            for w in both:
                total(("other-standards", r, "now", w), [("cps-backlog", k, "in-time", w) for k in ("NEW", "RESUBMITTED")])
            total(("duties-not-in-the-rate", r, "late", "n"), [("cps-backlog", k, "late", "n") for k in ("NEW", "RESUBMITTED")])
    for k in rows["cps-backlog"]:
        add((1, ("cps-backlog", k, "in-time", "owed")), (-1, ("cps-backlog", k, "in-time", "kept")), (-1, ("cps-backlog", k, "late", "n")),
            (-1, ("cps-backlog", k, "overdue", "n")))
    for r in rows["duties-not-in-the-rate"]:
        for table in (code, "other-standards"):
            add((1, (table, r, "now", "owed")), (-1, (table, r, "now", "kept")),
                *[(-1, ("duties-not-in-the-rate", r, c, "n")) for c in ("late", "missed", "overdue")])
    # The six questions: each is asked of every journey.
    answers = "audit-answers"
    first = next(iter(rows[answers]), None)
    for q in rows[answers]:
        each = [(answers, q, a, "n") for a in columns[answers]]
        if q != first:
            add(*[(1, c) for c in each], *[(-1, (answers, first, a, "n")) for a in columns[answers]])
        same(("audit-questions", q, "applicable", "kept"), (answers, q, "yes", "n"))
        total(("audit-questions", q, "applicable", "owed"), [(answers, q, a, "n") for a in ("yes", "late", "no")])
        total(("audit-questions", q, "comparable", "kept"), [(answers, q, a, "n") for a in ("yes", "not-applicable")])
        total(("audit-questions", q, "comparable", "owed"), [(answers, q, a, "n") for a in ("yes", "late", "no", "not-applicable")])
    for row, q, a in (("no-statement", "STATEMENT", "no"), ("end-not-told", "END", "no"), ("never-referred", "REFERRED", "no"),
                      ("referred-late", "REFERRED", "late"), ("code-not-told", "CODE", "no")):
        same(("audit-failings", row, "ALL", "kept"), (answers, q, a, "n"))
        same(("audit-failings", row, "ALL", "owed"), ("audit-questions", q, "applicable", "owed"))
    for g in columns["audit-failings"]:
        same(("audit-failings", "never-referred", g, "owed"), ("audit-failings", "referred-late", g, "owed"))
    for table in ("characteristics-recorded", "late-entry"):
        some = list(rows[table])
        for column in columns[table]:
            for r in some[1:]:
                same((table, r, column, "owed"), (table, some[0], column, "owed"))
    for r in list(rows["late-entry"])[:1]:
        total(("late-entry", r, "entries", "owed"), [("late-entry", k, "entries", "kept") for k in rows["late-entry"]])
    for a in rows["attrition"]:
        for c in ("outcome-16", "outcome-15", "outcome-15-or-16"):
            same(("attrition", a, c, "owed"), ("attrition", a, "recorded", "n"))
        total(("attrition", a, "outcome-15-or-16", "kept"), [("attrition", a, c, "kept") for c in ("outcome-15", "outcome-16")])
    advice = [("rape-early-advice", k, "crimes", "kept") for k in ("advice-sought", "advice-not-sought", "advice-not-said")]
    total(("attrition", "RAPE", "recorded", "n"), advice)
    for k in advice:
        same(("attrition", "RAPE", "recorded", "n"), k[:3] + ("owed",))
    for group, of in (("stage-", None), ("reason-", None), ("", ("after-late", "after-none-late")), ("", ("within-7-days", "within-28-days", "longer", "never"))):
        parts = [r for r in rows["withdrawals"] if (r in of if of else r.startswith(group))]
        total(("withdrawals", "ALL", "crimes", "n"), [("withdrawals", r, "crimes", "n") for r in parts])
    total(("repeat-victims", "ALL", "victims", "n"), [("repeat-victims", r, "victims", "n") for r in ("one", "two", "three-or-more")])
    total(("satisfaction", "ALL", "answers", "n"), [("satisfaction", r, "answers", "n") for r in ("kept", "failed")])
    same(("satisfaction", "ALL", "rate", "kept"), ("satisfaction", "ALL", "answers", "n"))
    for r in rows["disproportionality"]:
        by, n = r.split("-")
        at = ("duties-by-" + by, n, "now")
        same(("disproportionality", r, "failed", "owed"), at + ("owed",))
        add((1, at + ("owed",)), (-1, at + ("kept",)), (-1, ("disproportionality", r, "failed", "kept")))
    return found


def nested(cells):
    """(whole, part): the rest is somebody too."""
    for table, row, column, w in cells:
        if table == "duties-by-theme":
            yield ("duties-of-the-code", "CODE", column, w), (table, row, column, w)
            if row.startswith("HATE_"):
                yield (table, "HATE", column, w), (table, row, column, w)
            if row == "VAIWG":
                yield ("duties-by-gender", "1", column, w), (table, row, column, w)
        if table == "each-duty-by-theme":
            yield ("duties-of-the-code", row, "now", w), (table, row, column, w)
        if table == "attrition" and row != "ALL":
            yield (table, "ALL", column, w), (table, row, column, w)
        if table == "attrition" and column == "outcome-14":
            yield (table, row, "recorded", "n"), (table, row, column, w)
        if table in ("audit-failings", "characteristics-recorded") and column != "ALL":
            yield (table, row, "ALL", w), (table, row, column, w)


def eliminate(known, system):
    """Counts that the equations leave no choice about: reduced row echelon form, over fractions."""
    pivots = {}
    for equation in system:
        row, right = {}, fractions.Fraction(0)
        for f, c in equation:
            if known[c] is None:
                row[c] = row.get(c, 0) + fractions.Fraction(f)
            else:
                right -= f * known[c]
        row = {c: f for c, f in row.items() if f}
        for c in [c for c in row if c in pivots]:
            f = row.get(c, 0)
            other, value = pivots[c]
            for k, g in other.items():
                row[k] = row.get(k, 0) - f * g
            right -= f * value
        row = {c: f for c, f in row.items() if f}
        if not row:
            assert right == 0, ("printed figures do not add up", equation)
            continue
        lead = next(iter(row))
        factor = row[lead]
        row, right = {c: f / factor for c, f in row.items()}, right / factor
        for c, (other, value) in pivots.items():
            if lead in other:
                f = other[lead]
                for k, g in row.items():
                    other[k] = other.get(k, 0) - f * g
                    if not other[k]:
                        del other[k]
                pivots[c] = (other, value - f * right)
        pivots[lead] = (row, right)
    return {c: v for c, (row, v) in pivots.items() if len(row) == 1}


def bound(known, system):
    """Counts are not below 0, and what is kept is not more than what is owed: intervals, narrowed until nothing moves."""
    low = {c: v or 0 for c, v in known.items()}
    high = {c: v if v is not None else 10 ** 9 for c, v in known.items()}
    for _ in range(30):
        before = (dict(low), dict(high))
        for equation in system:
            for f, c in equation:
                # f * c = -rest
                rest_low = sum(g * (low if g > 0 else high)[k] for g, k in equation if k != c)
                rest_high = sum(g * (high if g > 0 else low)[k] for g, k in equation if k != c)
                a, b = (-rest_high, -rest_low) if f > 0 else (rest_low, rest_high)
                low[c], high[c] = max(low[c], a), min(high[c], b)
        for c in known:
            if c[3] == "kept":
                of = c[:3] + ("owed",)
                high[c] = min(high[c], high[of])
                low[of] = max(low[of], low[c])
        if before == (low, high):
            break
    return {c: low[c] for c in known if known[c] is None and low[c] == high[c]}


def main():
    known = load(sys.argv[1])
    system = equations(known)
    if len(sys.argv) > 2:
        truth = load(sys.argv[2])
        for e in system:
            if all(truth.get(c) is not None for _, c in e):
                assert sum(f * truth[c] for f, c in e) == 0, ("no such relation", [(f, c, truth[c]) for f, c in e])
    hidden = sum(v is None for v in known.values())
    solved = eliminate(known, system)
    solved.update(bound(known, system))
    leaks = [f"{' '.join(c)} is {v}" for c, v in solved.items() if v in FEW]
    everything = {**known, **solved}
    for c in list(known):
        if c[3] == "kept":
            a, b = everything.get(c), everything.get(c[:3] + ("owed",))
            if a is not None and b is not None and b - a in FEW:
                leaks.append(f"{' '.join(c[:3])}: {b - a} not kept")
    for whole, part in set(nested(known)):
        a, b = everything.get(whole), everything.get(part)
        if a is not None and b is not None and a - b in FEW:
            leaks.append(f"{' '.join(whole)} without {' '.join(part)} is {a - b}")
    print(f"{len(known)} counts, {hidden} hidden, {len(system)} equations, {len(solved)} worked out, {len(leaks)} of them few")
    for leak in sorted(leaks):
        print("LEAK:", leak)
    return bool(leaks) or not system


sys.exit(main())
