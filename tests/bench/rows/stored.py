# SPDX-License-Identifier: BSD-2-Clause
"""The store: what a decision costs that is kept, and how soon one is found."""
import os
import re
import sqlite3
import subprocess
import time

from . import rig
from .rig import median, spread

AT_ONCE = 20
WARM = 1000  # addresses that are in memory
SETTLED = 0.8  # seconds after which all is written
PAIRS = 4  # for each repetition: short ones, for the difference is small
LOOKS = 50


def _measured(guard, count, listed):
    """A run, with what is written after it."""
    begin = rig.cpu(guard.process)
    result = guard.run(c=AT_ONCE, n=count, a=f"loop:{WARM}", listed=listed)
    time.sleep(SETTLED)
    result["cpu_us"] = (rig.cpu(guard.process) - begin) / result["sessions"] * 1e6
    return result


def _sessions(table, scale):
    """Refused and clear clients, with a store and without, side by side."""
    with rig.Dns() as dns, rig.guard(rig.config(dns.address)) as plain, \
            rig.guard(rig.config(dns.address, more=_store(rig.server.new_dir("store")))) as kept:
        for listed, what, target in ((1000, "refused", 1.25), (0, "clear", 1.02)):
            cost, base_us = [], []
            count = scale.sessions(6000)
            for guard in (plain, kept):
                guard.run(c=AT_ONCE, n=2 * WARM, a=f"loop:{WARM}", listed=listed)
            for turn in range(scale.repeat * PAIRS):
                runs = {guard: _measured(guard, count, listed)
                        for guard in ((plain, kept) if turn % 2 else (kept, plain))}
                base, ours = runs[plain], runs[kept]
                table.verdicts(f"store, {what}", rig.faults(ours, deferred=True))
                cost.append(ours["cpu_us"] / base["cpu_us"])
                base_us.append(base["cpu_us"])
            table.ratio(f"store: CPU of a {what} session against without", cost, target)
            table.add(f"  the same without: CPU of a {what} session", median(base_us), unit=" us",
                      spread=spread(base_us), note=f"{ours['rate']:.0f} sessions/s with a store")
        kept.process.stop()
        rows, dropped = re.search(r"store-rows=(\d+) store-dropped=(\d+)",
                                  kept.process.output()).groups()
    table.add("  decisions stored, and dropped", f"{rows}, {dropped}")


def _store(folder):
    os.chmod(folder, 0o777)
    return f'store {{ path = "{folder}" size = 8G }}'


def _explained(table, scale):
    """Look for some among many."""
    folder = rig.server.new_dir("many")
    count = 10000 if scale.smoke else 1000000
    done = subprocess.run([rig.program("bench_store"), str(count), folder], check=True,
                          stdout=subprocess.PIPE, text=True)
    cpu, wall, look = re.search(r"cpu ([\d.]+), wall ([\d.]+)\n.*look-up ([\d.]+)",
                                done.stdout).groups()
    table.add("store: CPU to write a decision", float(cpu), unit=" us",
              note=f"{wall} us of time; looked up among {count} in {look} ms")
    with sqlite3.connect(next(entry.path for entry in os.scandir(folder)
                              if entry.path.endswith(".db"))) as base:
        refs = [row[0] for row in base.execute(
            "SELECT substr(line, 5, 8) FROM decisions WHERE rowid % ? = 1", (count // LOOKS,))]
    base.close()
    control = os.path.join(rig.server.new_dir("control"), "c")
    ctl = os.path.join(os.path.dirname(os.environ["RELAYGUARD"]), "relayguardctl")
    took = []
    with rig.Dns() as dns, rig.guard(rig.config(
            dns.address, more=_store(folder) + f'control {{ socket = "{control}" }}')):
        for ref in refs:
            begin = time.monotonic()
            subprocess.run([ctl, "-s", control, "explain", ref], check=True,
                           stdout=subprocess.DEVNULL)
            took.append((time.monotonic() - begin) * 1000)
    table.add(f"relayguardctl explain REFERENCE, of {count} decisions", median(took), unit=" ms",
              spread=spread(took), target="≤ 20 ms", met=median(took) <= 20)


def store(table, scale):
    """What it costs, and how soon a decision is found."""
    _sessions(table, scale)
    _explained(table, scale)
