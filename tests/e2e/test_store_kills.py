#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""The store after kill -9: nothing that was told longer ago than a second is missing."""
import glob
import random
import signal
import sqlite3
import threading
import time

from lib import check, milter, stored
from lib.check import case, ok, same

KILLS = 51
AT_ONCE = 3  # daemons that are killed side by side
LOAD = 4  # clients of each
SETTLED = 1.0  # seconds after which a reference must be on disk


class Victim(threading.Thread):
    """A daemon that is killed again and again; what was told, and what of it is missing."""

    def __init__(self):
        super().__init__()
        self.here = stored.Scene()
        self.here.first()
        self.kills, self.total, self.missing, self.damaged = 0, 0, [], []

    def _work(self, told, end):
        while not end.is_set():
            try:
                ref = self.here.refuse()
            except (OSError, milter.Gone, TypeError):
                return
            if ref:
                told.append((ref, time.monotonic()))

    def _kill(self):
        told, end = [], threading.Event()
        threads = [threading.Thread(target=self._work, args=(told, end)) for _ in range(LOAD)]
        for thread in threads:
            thread.start()
        time.sleep(SETTLED + random.random() / 2)
        killed = time.monotonic()
        self.here.guard.send(signal.SIGKILL)
        self.here.guard.wait(5)
        end.set()
        for thread in threads:
            thread.join()
        return [ref for ref, when in told if killed - when > SETTLED]

    def _kept(self):
        """All references on disk."""
        kept = set()
        for path in glob.glob(self.here.folder + "/decisions-*.db"):
            with sqlite3.connect(path) as base:
                kept |= {row[0] for row in base.execute("SELECT substr(line, 5, 8) FROM decisions")}
            base.close()
        return kept

    def run(self):
        while self.kills < KILLS // AT_ONCE:
            old = self._kill()
            self.here.guard = self.here.start()
            kept = self._kept()
            self.kills += 1
            self.total += len(old)
            self.missing += [ref for ref in old if ref not in kept]
            self.missing += [ref for ref in random.sample(old, min(2, len(old)))
                             if self.here.explain(ref)[0] != 0]
            self.damaged += self.here.guard.events("store-")


@case
def killed_at_any_moment():
    """What was told longer ago than a second is found, whenever the end comes."""
    begin = time.monotonic()
    victims = [Victim() for _ in range(AT_ONCE)]
    for victim in victims:
        victim.start()
    for victim in victims:
        victim.join()
    total = sum(victim.total for victim in victims)
    check.note(f"{total} references, {KILLS} kills, {time.monotonic() - begin:.0f} s")
    same(sum(victim.kills for victim in victims), KILLS, "killed so often")
    ok(total > KILLS, "there was something to lose")
    same(sum((victim.missing for victim in victims), []), [], "none is missing")
    same(sum((victim.damaged for victim in victims), []), [], "no file is damaged")
    for victim in victims:
        victim.here.end()


check.run()
