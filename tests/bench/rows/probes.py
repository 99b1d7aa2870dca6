# SPDX-License-Identifier: BSD-2-Clause
"""Probes: what a recipient costs that the MTA has refused, and what a flood of them does."""
import threading

from . import rig
from .rig import median, spread

AT_ONCE = 20
PROBES = 31  # of a session: more are not noted
PAIRS = 8  # for each repetition: short ones, for the difference is small
FLOOD = 1000000  # addresses that try, each once
ROOM = 32  # MiB that these may take


def _round_trip(who, count, probes, **words):
    """Microseconds of processor time of a recipient but the first, of sessions that have many."""
    short = who.run(c=AT_ONCE, n=count, r=1, **words)
    long = who.run(*probes, c=AT_ONCE, n=count, r=1 + PROBES, **words)
    return (long["filter_cpu"] - short["filter_cpu"]) / count / PROBES * 1e6, long


def _cost(table, scale):
    """Of clients that are known, side by side with the null filter, each first in its turn."""
    count = scale.sessions(300)
    over, floor, ours = [], [], []
    with rig.Dns() as dns, rig.guard(rig.config(dns.address)) as guard, rig.null() as null:
        guard.run(c=AT_ONCE, n=1000, a="loop:1000")
        for turn in range(scale.repeat * PAIRS):
            cost = {}
            for who in ((null, guard) if turn % 2 else (guard, null)):
                cost[who], long = _round_trip(
                    who, count, ["-P"] if who is guard else [], a="loop:1000")
                table.verdicts("probes", rig.faults(long))
            base, own = cost[null], cost[guard]
            over.append((own - base) / base)
            floor.append(base)
            ours.append(own)
    table.ratio("a probe: CPU over null's RCPT round trip", over, 0.15)
    table.add("  null: CPU of a RCPT round trip", median(floor), unit=" us", spread=spread(floor))
    table.add("  relayguard: CPU of a probe", median(ours), unit=" us", spread=spread(ours))


def _beside(guard, count, *options):
    """Many clients with two recipients each, none of whom comes again; and the time to a
    verdict, in microseconds, of ordinary clients that come meanwhile."""
    crowd = threading.Thread(target=lambda: guard.run(
        *options, c=AT_ONCE, n=count, a="cold:1000000", r=2, s=280))
    crowd.start()
    waits = []
    while crowd.is_alive():
        found = guard.run(c=AT_ONCE, n=400, R=400, a="loop:1000")
        waits.append(found["us"]["verdict"]["p99"])
    crowd.join()
    return waits


def _flood(table, scale):
    """A million addresses that try once, beside as many that do not; no list is asked."""
    count = scale.sessions(FLOOD)
    text = rig.config([], lists=0)
    with rig.guard(text) as guard:
        guard.run(c=AT_ONCE, n=1000, a="loop:1000")
        calm = _beside(guard, count // 10)
        before = rig.rss(guard.process)
        waits = _beside(guard, count, "-P")
        grown = (rig.rss(guard.process) - before) / 2**20
    table.add(f"{count} addresses that probe once: memory of the daemon", grown, unit=" MiB more",
              target=f"≤ {ROOM} MiB", met=grown <= ROOM)
    table.add("  p99 of ordinary clients meanwhile", median(waits) / 1000, unit=" ms",
              spread=spread([wait / 1000 for wait in waits]),
              note=f"beside as many that do not probe: {median(calm) / 1000:.2f} ms "
                   f"({spread([wait / 1000 for wait in calm])})")


def probes(table, scale):
    """What one costs, and what many do."""
    _cost(table, scale)
    _flood(table, scale)
