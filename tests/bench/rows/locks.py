# SPDX-License-Identifier: BSD-2-Clause
"""Which locks a session takes, and what they would come to on sixteen cores; many daemons."""
import collections
import concurrent.futures
import contextlib
import os
import shutil
import subprocess

from . import rig
from .sets import hold

CORES = 16
SHOWN = 6  # locks that have a row, those most in use first
_SOURCE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "locks.c")


class Lock:
    """All mutexes of one file of the source, and what was counted."""

    def __init__(self):
        self.taken = self.waited = self.held = self.held_ns = self.long = 0
        self.each = collections.Counter()

    def add(self, mutex, taken, waited, held, held_ns, long):
        """One line of what was written."""
        self.taken += taken
        self.waited += waited
        self.held += held
        self.held_ns += held_ns
        self.long += long
        if mutex != "0":  # of all that have found no row
            self.each[mutex] += taken

    def mean_ns(self):
        """How long it is held."""
        return self.held_ns / max(self.held, 1)

    def busiest(self):
        """The share of that mutex of them which is taken most often."""
        return max(self.each.values(), default=0) / self.taken


def _files(offsets):
    """The file of the source for each offset in the program."""
    done = subprocess.run(["addr2line", "-e", rig.daemon.PROGRAM, *offsets], check=True, text=True,
                          stdout=subprocess.PIPE)
    return [line.split(":")[0].split("milter/")[-1] for line in done.stdout.splitlines()]


def _read(path):
    """The locks, by file; a library's are those of the library."""
    with open(path, encoding="ascii") as file:
        rows = [line.split() for line in file]
    ours = os.path.basename(rig.daemon.PROGRAM)
    offsets = sorted({row[1] for row in rows if row[0] == ours})
    names = dict(zip(offsets, _files(offsets)))
    locks = collections.defaultdict(Lock)
    for which, offset, mutex, taken, waited, _, held, held_ns, long in rows:
        locks[names[offset] if which == ours else which].add(
            mutex, *map(int, (taken, waited, held, held_ns, long)))
    return locks


def _count(library, text, **words):
    """Sessions at a daemon whose locks are counted: the locks, and the load's figures."""
    path = os.path.join(rig.server.new_dir("locks"), "counts")
    socket = os.path.join(rig.server.new_dir("socket"), "milter")
    process = rig.daemon.Relayguard(text, unix=socket, prefix=[
        "env", f"LD_PRELOAD={library}", f"LOCKS={path}"])
    with rig.Filter(process, "unix:" + socket) as guard:
        run = guard.run(**words)
    return _read(path), run


def locks(table, scale):
    """By place and mutex; the processor time a session is that of a daemon that counts nothing."""
    if not shutil.which("addr2line") or not shutil.which("cc"):
        table.add("locks", "no cc, or no addr2line here")
        return
    library = os.path.join(rig.server.new_dir("locks"), "locks.so")
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", library, _SOURCE, "-ldl"], check=True)
    count = scale.sessions(40000)
    with rig.Dns() as dns:
        text = rig.config(dns.address)
        for name, at_once, who in (
                ("in memory, 20 at once", 20, "loop:1000"),
                ("in memory, 1000 at once", 1000, "loop:1000"),
                ("unknown, 8 lists, 20 at once", 20, "cold:100000")):
            with rig.guard(text) as guard:
                guard.run(c=20, n=1000, a="loop:1000")
                plain = guard.run(c=at_once, n=count, a=who)
            found, run = _count(library, text, c=at_once, n=count, a=who)
            table.verdicts("locks", rig.faults(run))
            _rows(table, name, found, run["sessions"], plain["cpu_us"])


def _rows(table, name, found, sessions, cpu_us):
    rate = CORES / cpu_us * 1e6
    table.add(f"{name}: locks taken a session", sum(each.taken for each in found.values())
              / sessions, note=f"of them waited for on {os.cpu_count()} cores: "
              f"{sum(each.waited for each in found.values()) / sessions:.3f}; {CORES} cores would "
              f"serve {rate:.0f} sessions/s by processor time, {cpu_us:.1f} us each")

    def use(lock):
        return lock.taken * lock.busiest() / sessions * rate * lock.mean_ns() / 1e9

    for file, lock in sorted(found.items(), key=lambda each: -use(each[1]))[:SHOWN]:
        table.add(f"  {file}: in use on {CORES} cores", 100 * use(lock), unit=" %",
                  note=f"{lock.taken / sessions:.2f} a session, {100 * lock.busiest():.0f} % of "
                  f"them one mutex, held {lock.mean_ns():.0f} ns; waited for "
                  f"{100 * lock.waited / lock.taken:.2f} %, held for 20 us and more "
                  f"{100 * lock.long / lock.taken:.2f} %")


def _busy(guards, sessions, scale):
    """Sessions with a pause before each step, at several daemons at once, while others are open:
    microseconds of a session, and the p50 of the time to a verdict, but for the pauses."""
    with contextlib.ExitStack() as held, \
            concurrent.futures.ThreadPoolExecutor(len(guards)) as pool:
        for guard in guards:
            if sessions:
                held.enter_context(hold(guard, sessions // len(guards)))
        runs = list(pool.map(lambda guard: guard.run(
            c=400, n=10 ** 6, R=300 / len(guards), s=1 if scale.smoke else 5, a="loop:1000",
            d=40, pause={"mail": 20, "rcpt": 20, "end": 20}), guards))
    return (sum(run["filter_cpu"] for run in runs) / sum(run["sessions"] for run in runs) * 1e6,
            rig.median([run["us"]["verdict"]["p50"] for run in runs]))


def daemons(table, scale):
    """What thousands of open sessions make dearer, at one daemon and at four that share them."""
    with rig.Dns() as dns, contextlib.ExitStack() as stack:
        guards = [stack.enter_context(rig.guard(rig.config(
            dns.address, more="limits { sessions = 10000 }"))) for _ in range(4)]
        for guard in guards:
            guard.run(c=20, n=1000, a="loop:1000")
        for sessions in (0, 200) if scale.smoke else (0, 1000, 5000):
            one, four = [], []
            for _ in range(min(scale.repeat, 3)):
                one.append(_busy(guards[:1], sessions, scale))
                four.append(_busy(guards, sessions, scale))
            cost = [rig.median([run[0] for run in runs]) for runs in (one, four)]
            wait = [rig.median([run[1] for run in runs]) for runs in (one, four)]
            table.add(f"{sessions:4} sessions open, 300/s: CPU a session, one daemon / four",
                      f"{cost[0]:.0f} / {cost[1]:.0f}", unit=" us",
                      note=f"verdict p50 {wait[0] / 1000:.2f} / {wait[1] / 1000:.2f} ms; a pause of "
                      "20 ms before each step", data={"one": cost[0], "four": cost[1]})
