#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Signals by the hundred, a process that sleeps, clocks that jump."""
import random
import signal
import threading
import time

from lib import check, daemon, faketime, load, milter, nameserver, scene
from lib.check import case, ok, same, within
from lib.nameserver import Answer, BlackHole, NameServer, reverse

LISTED = [f"198.51.100.{host}" for host in range(1, 255)]


def _believed(guard):
    return check.wait_for(lambda: load.judge(guard.where, LISTED[0]) == "refuse")


@case
def storms():
    """HUP, USR1 and PIPE in any order under load: no session is lost, no verdict wrong."""
    dice = random.Random(1)
    with NameServer(nameserver.zone("bl.example", LISTED)) as dns, \
            daemon.Relayguard(daemon.config(dns.address)) as guard:
        _believed(guard)
        with load.Load(guard.where, lambda: LISTED[dice.randrange(254)], 4) as bad, \
                load.Load(guard.where, load.clients("203.0"), 4) as good:
            for _ in range(600):
                guard.send(dice.choice((signal.SIGHUP, signal.SIGUSR1, signal.SIGPIPE)))
                time.sleep(dice.random() * 0.006)
        same((set(bad.counts), set(good.counts)), ({"refuse"}, {"pass"}), "every verdict is right")
        within(max(bad.slowest - nameserver.CANARY_PAUSE, good.slowest), 1.5, "nobody waits long")
        ok(guard.alive(), "it lives")
        time.sleep(0.1)
        ok(guard.reload(), "and reloads as ever")
        begin = time.monotonic()
        for _ in range(100):
            if guard.alive():
                guard.send(dice.choice((signal.SIGTERM, signal.SIGHUP, signal.SIGINT)))
        same(guard.wait(), 0, "TERM, HUP and INT by the hundred: it ends well")
        within(time.monotonic() - begin, 1.2, "within a second")


@case
def stopped_and_continued():
    """It stands still for seconds with sessions open, and goes on."""
    held = "203.0.113.250"
    table = nameserver.zone("bl.example", LISTED)
    table[reverse(held, "bl.example")] = Answer(silent=True)
    with NameServer(table) as dns, \
            daemon.Relayguard('deadline = "1s"\n' + daemon.config(dns.address)) as guard:
        _believed(guard)
        with milter.Client(guard.where) as waiting, milter.Client(guard.where) as idle:
            idle.negotiate()
            waiting.negotiate()
            waiting.connect(held)
            waiting.helo()
            waiting.mail()
            replies = []
            thread = threading.Thread(target=lambda: replies.append(waiting.rcpt()))
            thread.start()
            time.sleep(0.2)
            guard.send(signal.SIGSTOP)
            time.sleep(2.5)
            begin = time.monotonic()
            guard.send(signal.SIGCONT)
            thread.join(5)
            same([load.word(reply) for reply in replies], ["pass"], "the one that waited passes")
            within(time.monotonic() - begin, 0.5, "at once: its deadline is long over")
            idle.connect(LISTED[1])
            idle.helo()
            idle.mail()
            same(load.word(idle.rcpt()), "refuse", "the one that was idle is judged")
        same((load.judge(guard.where, LISTED[2]), load.judge(guard.where, scene.GOOD)),
             ("refuse", "pass"), "and so are new ones")


@case
def clock_steps():
    """The wall clock jumps by hours and years: waits, lifetimes and verdicts stay."""
    if not faketime.LIBRARY:
        check.skip("the clock steps", "no libfaketime")
        return
    clock = faketime.Clock()
    following = load.clients("203.0")
    with NameServer(nameserver.zone("bl.example", LISTED)) as dns, BlackHole() as hole, \
            daemon.Relayguard('deadline = "700ms"\n' + daemon.config(dns.address)
                              .replace('policy "default"', daemon.LIST.format(
                                  label="dead", server=hole.address)
                                  + 'policy "dead.example" { lists = { "dead" } refuse = 5 }\n'
                                  'policy "default"', 1), prefix=clock.prefix) as guard:
        _believed(guard)
        for step in ("+3600s", "-3600s", "+3650d", "-3650d", "+0s"):
            clock.set(step)
            dns.questions.clear()
            same((load.judge(guard.where, LISTED[0]), load.judge(guard.where, following())),
                 ("refuse", "pass"), f"{step}: verdicts are right")
            same(dns.count(reverse(LISTED[0], "bl.example")), 0, f"{step}: what was known still is")
            verdict, seconds = load.timed(guard.where, following())
            same(verdict, "pass", f"{step}: and the next")
            with milter.Client(guard.where) as mta:
                begin = time.monotonic()
                mta.negotiate()
                mta.connect(following())
                mta.helo()
                mta.mail()
                same(load.word(mta.rcpt(b"<bob@dead.example>")), "pass",
                     f"{step}: a dead list: passes")
                within(time.monotonic() - begin, 1.2, f"{step}: at the deadline, by the true clock")
                mta.quit()


check.run()
