# SPDX-License-Identifier: BSD-2-Clause
"""What was measured, as text."""
import math
import random
import statistics

from . import policyd, relayguard, whole

OURS, BY_POLICY = "relayguard", "relayguard by policy"
TARGETS = {"cold": 0.45, "warm": 0.45}
DATA_TARGET = 0.45  # with lists as data, cold, of gross alone
DRAWS = 1000  # of the rounds, to see how far chance may have moved a ratio


def _spread(values, form="{:.0f}"):
    """Median (least..greatest)."""
    values = [value for value in values if value is not None]
    if not values:
        return "-"
    text = form.format(statistics.median(values))
    if len(values) > 1:
        text += f" ({form.format(min(values))}..{form.format(max(values))})"
    return text


def _middle(values, form="{:.1f}"):
    values = [value for value in values if value is not None]
    return form.format(statistics.median(values)) if values else "-"


def _grid(head, rows):
    """Columns as wide as they need."""
    table = [head, *rows]
    widths = [max(len(row[index]) for row in table) for index in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip()
             for row in table]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return lines


def _shares(samples):
    """What went how, in percent; what did not happen is left out, but for what was right."""
    parts = []
    for key in ("right", "refused wrongly", "passed wrongly", "deferred", "none"):
        share = statistics.median(sample["shares"][key] for sample in samples)
        if key == "right" or share >= 0.05:
            parts.append(f"{share:.1f} {key}" if key != "right" else f"{share:.1f}")
    return ", ".join(parts)


def _ratio_of_means(pairs):
    """The mean of the first ones over that of the second, and where 90 of 100 such samples
    of the same rounds have it (bootstrap); None: there is nothing to divide by.  The figures
    are differences of two that move, so a ratio of one round alone says little."""
    def ratio(chosen):
        base = sum(base for _, base in chosen)
        return sum(mine for mine, _ in chosen) / base if base > 0 else math.inf

    if sum(base for _, base in pairs) <= 0:
        return None, None, None
    draw = random.Random(0)
    drawn = sorted(ratio(draw.choices(pairs, k=len(pairs))) for _ in range(DRAWS))
    return ratio(pairs), drawn[DRAWS // 20], drawn[-DRAWS // 20]


class Report:
    """samples: as measured; kinds: the peers; paths: those of whole; absent: {name: why
    there is no figure}."""

    def __init__(self, samples, kinds, paths, absent):
        self._samples = samples
        self._kinds = kinds
        self._paths = paths
        self._absent = absent

    def _of(self, name, phase, concurrency=20):
        return [sample for sample in self._samples if sample["peer"] == name
                and sample["phase"] == phase and sample["concurrency"] == concurrency]

    def _values(self, name, phase, concurrency, key):
        return [sample[key] for sample in self._of(name, phase, concurrency)]

    def _all(self, kind, phase):
        """CPU, round by round."""
        return {sample["round"]: sample["cpu_us"] for sample in self._of(kind.name, phase)}

    def _net(self, kind, phase, base=None):
        """CPU less that of the same MTA without lists, or of another base."""
        cost = self._all(kind, phase)
        base = base or kind.base
        if base is None:
            return cost
        bare = {sample["round"]: sample["cpu_us"] for sample in self._of(base, phase)}
        return {number: cost[number] - bare[number] for number in cost if number in bare}

    def _rows(self, phase, width, row):
        """A row for each peer that was measured, or the reason why it was not."""
        rows = []
        for kind in self._kinds:
            if kind.name in self._absent:
                rows.append([kind.name, self._absent[kind.name]] + [""] * (width - 2))
            elif self._of(kind.name, phase):
                rows.append(row(kind, phase))
        return rows

    def _cost(self, phase):
        head = [phase, "CPU us c=20", "of it lists", "CPU us c=1", "CPU us c=200",
                "questions", "right % c=20", "right % c=200", "driver us"]
        rows = self._rows(phase, len(head), self._cost_row)
        return _grid(head, rows) if rows else []

    def _cost_row(self, kind, phase):
        name = kind.name
        lists = "none" if not kind.decides else (
            "all" if kind.base is None else _spread(self._net(kind, phase).values()))
        return [name, _spread(self._values(name, phase, 20, "cpu_us")), lists,
                _spread(self._values(name, phase, 1, "cpu_us")),
                _spread(self._values(name, phase, 200, "cpu_us")),
                _middle(self._values(name, phase, 20, "questions"), "{:.2f}"),
                _shares(self._of(name, phase, 20)) if kind.decides else "-",
                _shares(self._of(name, phase, 200)) if kind.decides else "-",
                _middle(self._values(name, phase, 20, "driver_us"), "{:.0f}")]

    def _speed(self, phase):
        head = [f"{phase}, c=1 / 20 / 200", "decisions a second", "p50 ms", "p99 ms", "max ms"]
        rows = self._rows(phase, len(head), self._speed_row)
        return _grid(head, rows) if rows else []

    def _speed_row(self, kind, phase):
        row = [kind.name]
        for key, form in (("rate", "{:.0f}"), ("p50_ms", "{:.2f}"), ("p99_ms", "{:.1f}"),
                          ("max_ms", "{:.0f}")):
            row.append(" / ".join(_middle(self._values(kind.name, phase, concurrency, key), form)
                                  for concurrency in (1, 20, 200)))
        return row

    def _memory(self):
        head = ["memory", "PSS MB c=200", "RSS MB c=200", "processes", "its cache", "remark"]
        rows = []
        for kind in self._kinds:
            found = self._of(kind.name, "warm", 200)
            if found:
                rows.append([kind.name, _middle([s["pss_kb"] / 1024 for s in found]),
                             _middle([s["rss_kb"] / 1024 for s in found]),
                             _middle([s["processes"] for s in found], "{:.0f}"),
                             (kind.cache or "none: asks every time") if kind.decides else "-",
                             kind.remark])
        return _grid(head, rows) if rows else []

    def _late(self):
        head = ["c=20, cold", "late: CPU us", "dec/s", "p50 ms", "p99 ms", "right %",
                "silent: dec/s", "p50 ms", "p99 ms", "max ms", "right %"]
        rows = []
        for kind in self._kinds:
            row = [kind.name]
            for phase, keys in (("late", ("cpu_us", "rate", "p50_ms", "p99_ms")),
                                ("silent", ("rate", "p50_ms", "p99_ms", "max_ms"))):
                samples = self._of(kind.name, phase)
                row += [_middle([sample[key] for sample in samples]) for key in keys]
                row.append(_shares(samples) if samples else "-")
            if self._of(kind.name, "late"):
                rows.append(row)
        return _grid(head, rows) if rows else []

    def _lies(self):
        head = ["good clients, c=20", "world: refused %", "deferred %",
                "error codes: refused %", "deferred %"]
        rows = []
        for kind in self._kinds:
            row = [kind.name]
            for phase in ("world", "error"):
                found = self._of(kind.name, phase)
                refused = _middle([sample["shares"]["refused wrongly"] for sample in found])
                if phase == "error" and not kind.codes:
                    refused += ": any answer counts"
                row += [refused, _middle([sample["shares"]["deferred"] for sample in found])]
            if self._of(kind.name, "world"):
                rows.append(row)
        return _grid(head, rows) if rows else []

    def _ratio(self, ours, kinds, phase, measure):
        """Round by round, the cost of ours over that of the best of the others."""
        peers = {kind.name: measure(kind, phase) for kind in kinds
                 if kind.decides and not kind.ours}
        values, best = [], []
        for number, value in measure(ours, phase).items():
            costs = [(cost[number], name) for name, cost in peers.items() if number in cost]
            least, name = min(costs, default=(0, ""))
            if least > 0:  # a difference that is not says nothing
                values.append(value / least)
                best.append(name)
        return values, best

    def ratios(self):
        """relayguard's CPU over that of the best peer of the same round."""
        found = []
        for phase, target in TARGETS.items():
            for label, aim, ours, kinds, measure in (
                    ("all of a peer's processes", target, OURS, self._kinds, self._all),
                    ("smtpd, postscreen less the same without lists", target, OURS, self._kinds,
                     self._net),
                    ("by policy delegation, all of a peer's processes", target, BY_POLICY,
                     self._kinds, self._all),
                    ("whole path less smtpd alone", None, whole.OURS.name, self._paths,
                     lambda kind, phase: self._net(kind, phase, whole.Alone.name))):
                mine = [kind for kind in kinds if kind.name == ours]
                values, best = self._ratio(mine[0], kinds, phase, measure) if mine else ([], [])
                if values:
                    found.append({"phase": phase, "of": label, "target": aim,
                                  "ratios": values, "best": best,
                                  "median": statistics.median(values)})
        return found + self._by_data()

    def _by_data(self):
        """relayguard's CPU where the lists are files here, over gross's, which asks."""
        found = []
        cost = {kind.name: self._all(kind, "cold") for kind in self._kinds}
        its = cost.get(policyd.Gross.name, {})
        for kind in (relayguard.ByData, relayguard.ByDataAndPolicy):
            ours = cost.get(kind.name, {})
            values = [ours[number] / its[number] for number in ours if number in its]
            if values:
                found.append({"phase": "cold", "of": f"{kind.name}, over gross",
                              "target": DATA_TARGET, "ratios": values, "best": [],
                              "median": statistics.median(values)})
        return found

    def ways(self):
        """What smtpd adds for one of our ways over another."""
        net = {phase: {kind.name: self._net(kind, phase, whole.Alone.name) for kind in self._paths}
               for phase in whole.WAYS}
        found = []
        for phase, pairs in whole.WAYS.items():
            for ours, other, target in pairs:
                mine, base = (net[phase].get(kind.name, {}) for kind in (ours, other))
                both = [(mine[number], base[number]) for number in mine if number in base]
                ratio, low, high = _ratio_of_means(both)
                if ratio is not None:
                    found.append({"phase": phase, "of": f"{ours.name} over {other.name}",
                                  "target": target, "ratios": [low, ratio, high], "best": [],
                                  "median": ratio})
        return found

    def _whole(self):
        head = ["whole path to RCPT, c=20", "cold: CPU us", "for the decision", "right %",
                "warm: CPU us", "for the decision", "right %", "memory PSS MB"]
        rows = []
        for kind in self._paths:
            if kind.name in self._absent:
                rows.append([kind.name, self._absent[kind.name]] + [""] * (len(head) - 2))
            elif self._of(kind.name, "cold"):
                row = [kind.name]
                for phase in ("cold", "warm"):
                    row += [_spread(self._values(kind.name, phase, 20, "cpu_us")),
                            _spread(self._net(kind, phase, whole.Alone.name).values()),
                            _shares(self._of(kind.name, phase))]
                found = self._of(kind.name, "warm")
                rows.append([*row, _middle([s["pss_kb"] / 1024 for s in found])])
        return _grid(head, rows) if rows else []

    def _ratio_lines(self):
        head = ["CPU of relayguard over the best peer's", "target", "ratio", "", "best peers"]
        rows = []
        for ratio in self.ratios() + self.ways():
            aim = ratio["target"]
            rows.append([f"{ratio['phase']}: {ratio['of']}", f"<= {aim}" if aim else "none",
                         _spread(ratio["ratios"], "{:.2f}"),
                         "" if not aim else "met" if ratio["median"] <= aim else "not met",
                         ", ".join(sorted(set(ratio["best"])))])
        return _grid(head, rows) if rows else []

    def text(self):
        """All of it."""
        parts = [self._cost("cold"), self._cost("warm"), self._speed("cold"),
                 self._speed("warm"), self._memory(), self._late(), self._lies(),
                 self._whole(), self._ratio_lines()]
        return "\n\n".join("\n".join(part) for part in parts if part) + "\n"
