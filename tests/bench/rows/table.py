# SPDX-License-Identifier: BSD-2-Clause
"""The table: rows with a figure, and the words that go with them."""
import json
import sys


class Table:
    """Rows as they come; printed at the end, and kept in a file."""

    def __init__(self):
        self.rows = []
        self.wrong = []

    # A row is all of this.
    # pylint: disable-next=too-many-arguments
    def add(self, what, figure, *, target="", met=None, spread="", note="", unit="", data=None):
        """Add a row; figure: a number or words."""
        text = figure if isinstance(figure, str) else f"{figure:.4g}"
        row = {"what": what, "target": target, "figure": text + unit, "value": figure,
               "spread": spread, "met": met, "note": note, "data": data or {}}
        self.rows.append(row)
        print("# " + "; ".join(filter(None, [what, row["figure"], spread and f"({spread})",
                                             target and f"target {target}"])),
              file=sys.stderr, flush=True)

    def ratio(self, what, values, target, higher=False):
        """A row for ratios of runs side by side: their median and spread."""
        ordered = sorted(values)
        middle = ordered[len(ordered) // 2] if len(ordered) % 2 else \
            (ordered[len(ordered) // 2 - 1] + ordered[len(ordered) // 2]) / 2
        met = None if target is None else middle >= target if higher else middle <= target
        sign = "≥" if higher else "≤"
        self.add(what, round(middle, 3), met=met,
                 target="" if target is None else f"{sign} {target:g}",
                 spread=f"{ordered[0]:.2f}-{ordered[-1]:.2f}", data={"ratios": values})

    def verdicts(self, where, faults):
        """Note what went wrong with verdicts, if anything."""
        if faults:
            self.wrong.append(f"{where}: " + ", ".join(f"{count} {what}"
                                                       for what, count in faults.items()))
            print("# wrong: " + self.wrong[-1], file=sys.stderr, flush=True)

    @staticmethod
    def _met(row):
        return {None: "", True: "yes", False: "NO"}[row["met"]]

    def text(self):
        """The table as people read it."""
        columns = [("what", 62), ("target", 12), ("figure", 16), ("spread", 17)]
        lines = ["  ".join(name.ljust(width) for name, width in columns) + "  met"]
        for row in self.rows:
            lines.append("  ".join(str(row[name]).ljust(width) for name, width in columns)
                         + "  " + self._met(row))
            if row["note"]:
                lines.append("    " + row["note"])
        lines.append("")
        judged = [row for row in self.rows if row["met"] is not None]
        lines.append(f"{sum(row['met'] for row in judged)} of {len(judged)} targets met; "
                     + ("verdicts all right" if not self.wrong else
                        "WRONG VERDICTS: " + "; ".join(self.wrong)))
        return "\n".join(lines)

    def save(self, path, about):
        """Write all of it as JSON."""
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"about": about, "rows": self.rows, "wrong": self.wrong}, file, indent=1)
            file.write("\n")
