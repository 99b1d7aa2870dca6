#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""The processes that evaluate sender policies, in the daemon: killed, caged, and guarded."""
import collections
import itertools
import os
import pwd
import random
import re
import signal
import threading
import time

from lib import check, daemon, family, load, milter, nsd
from lib.check import case, ok, same, within
from lib.nsd import txt

CLIENT, OTHER = "198.51.100.7", "203.0.113.9"

ZONE = "".join(f"{name} {data}\n" for name, data in (
    ("pass", txt("v=spf1 ip4:198.18.0.0/15 ip4:198.51.100.0/24 -all")),
    ("fail", txt("v=spf1 -all")),
)) + "".join(f"deep{n} {txt(f'v=spf1 include:deep{n + 1}.example -all')}\n" for n in range(9)
             ) + "deep9 " + txt("v=spf1 include:pass.example") + "\n"

CONFIG = """
deadline = "4s"
dns {{ servers = {{ "{dns}" }} }}
spf {{ processes = 2 }}
policy "default" {{ refuse = 0 spf_fail = "refuse" spf_permerror = "refuse"
    spf_temperror = "defer" }}
"""

if nsd.why_not():
    check.skip_all(nsd.why_not())


DEATHS = (signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT)


def began(zone=ZONE, more=""):
    """Zones and relayguard; they end with the case."""
    dns = nsd.Nsd({"example": zone})
    return daemon.Relayguard(more + CONFIG.format(dns=dns.address))


def send(guard, sender, client=CLIENT):
    """What becomes of a sender: pass, refuse, defer or lost."""
    try:
        with milter.Client(guard.where) as session:
            session.negotiate()
            session.connect(client)
            session.helo(b"h.example")
            session.mail(f"<bob@{sender}.example>".encode())
            reply = session.rcpt()
            session.quit()
            return milter.word(reply)
    except (milter.Gone, OSError):
        return "lost"


def spf_of(guard, sender, client=CLIENT):
    """What SPF came to for a sender."""
    return guard.decided(lambda: send(guard, sender, client))[1].get("spf")


class Mail(load.Crew):
    """Threads that send, each session from another client: counts per sender."""

    def __init__(self, guard, senders=("deep0", "pass", "fail")):
        super().__init__(6)
        self.counts = collections.Counter()
        self._guard = guard
        self._next = load.clients("198.18")
        self._senders = itertools.cycle(senders)

    def turn(self):
        """One mail, from the next of the senders."""
        with self.lock:
            sender = next(self._senders)
        verdict = send(self._guard, sender, self._next())
        with self.lock:
            self.counts[sender, verdict] += 1
        time.sleep(0.01)

    def more(self, number):
        """Wait until so many more mails have been sent."""
        end = sum(self.counts.copy().values()) + number
        return check.wait_for(lambda: sum(self.counts.copy().values()) >= end)


def _wait_logged(guard, mail, before=1):
    """Wait for a line about each mail; there were so many before them."""
    check.wait_for(lambda: len(guard.decisions()) >= before + sum(mail.counts.values()))


def _kill(pid, number=signal.SIGKILL):
    try:
        os.kill(pid, number)
        return 1
    except ProcessLookupError:
        return 0


def _kill_all(keeper):
    """Kill who watches, then who forks, then each that either has forked: who has just been
    forked, or whose forker has died before, is nobody's child that could be looked for."""
    _kill(keeper)

    def left():
        pids = family.kin(keeper)
        for pid in pids:
            _kill(pid)
        return not pids

    ok(check.wait_for(left), "all are killed")


@case
def killed_under_load():
    """Workers are killed all the time: mail flows, and each death costs one result."""
    guard = began()
    random.seed(1)
    same(send(guard, "pass"), "pass", "before it")
    killed, end = 0, time.monotonic() + 6
    with Mail(guard) as mail:
        while time.monotonic() < end:
            pids = family.workers(guard)
            killed += _kill(random.choice(pids), random.choice(DEATHS)) if pids else 0
            time.sleep(random.uniform(0.02, 0.1))
    counts = mail.counts
    _wait_logged(guard, mail)
    sums = collections.Counter()
    for (_, verdict), n in counts.items():
        sums[verdict] += n
    check.note(f"{killed} killed, {dict(counts)}")
    ok(killed >= 30 and sum(counts.values()) >= 300, "many sessions, many deaths")
    same([counts["pass", "refuse"], counts["deep0", "refuse"]], [0, 0],
         "nobody is refused who should not be")
    unknown = len(guard.decisions(spf="unknown"))
    ok(counts["fail", "pass"] <= unknown, "who should be refused passes for a death alone", counts)
    same(sums["lost"], 0, "each session has its answer")
    ok(unknown <= killed, "a death costs one result at most", unknown)
    ok(sums["pass"] + sums["refuse"] > unknown * 2, "most mail is checked", counts)
    same((sums["defer"], len(guard.decisions(spf="temperror"))), (0, 0),
         "which is not told to be the fault of DNS")
    same([send(guard, sender) for sender in ("pass", "deep0", "fail")], ["pass", "pass", "refuse"],
         "after it all is well")
    same(family.workers(guard, zombies=True), [], "nobody lies about dead")
    ok(guard.events("spf-worker-died"), "it is said")
    ok(len(guard.events("spf-worker-died")) <= 2, "but not each time")
    guard.stop()
    counters = daemon.fields(guard.events("stopped")[-1])
    same(int(counters["spf-unknowns"]), unknown, "what it cost is counted")
    ok(unknown <= int(counters["spf-deaths"]) <= killed, "so are those who had work to do",
       counters)


@case
def nothing_stays_open():
    """After many deaths there are as many descriptors and threads as before."""
    guard = began()

    def settled():
        with Mail(guard) as mail:
            check.wait_for(lambda: sum(mail.counts.values()) > 60)
        time.sleep(0.1)
        return load.descriptors(guard.pid) - len(family.workers(guard))

    before = settled()
    for _ in range(3):
        for pid in family.workers(guard):
            _kill(pid)
        settled()
    check.wait_for(lambda: settled() <= before)
    ok(settled() <= before, "no descriptor is left", os.listdir(f"/proc/{guard.pid}/fd"))
    ok(family.workers(guard), "and there are workers")


@case
def spawner_killed():
    """Who forks is killed: another one forks.  Both, and the workers: unknown."""
    guard = began()
    same(send(guard, "pass"), "pass", "before it")
    check.wait_for(lambda: all(family.forkers(guard)))
    keeper, forker = family.forkers(guard)
    with Mail(guard) as mail:
        orphans = family.workers(guard)
        _kill(forker)
        ok(check.wait_for(lambda: family.forkers(guard)[1] not in (0, forker)),
           "another one forks")
        for pid in orphans:
            _kill(pid)
        ok(check.wait_for(lambda: family.workers(guard)), "and workers come from it")
        check.wait_for(lambda: all(map(family.gone, orphans)))
        mail.more(20)
    _wait_logged(guard, mail)
    same(mail.counts["pass", "refuse"], 0, "nobody is refused who should not be")
    ok(mail.counts["fail", "pass"] <= len(guard.decisions(spf="unknown")),
       "nor passes who should not, but for the deaths")
    same([send(guard, sender) for sender in ("pass", "fail")], ["pass", "refuse"], "all is well")
    _kill_all(keeper)
    same([spf_of(guard, sender) for sender in ("pass", "fail")], ["unknown"] * 2,
         "nobody looks at any")
    ok(guard.wait_lines("event=cannot-spawn ") and guard.wait_lines("event=spf-workers-fail "),
       "it is said")
    same([send(guard, sender) for sender in ("pass", "fail", "nobody")], ["pass"] * 3,
         "mail goes on")
    begin = time.monotonic()
    send(guard, "pass")
    within(time.monotonic() - begin, 1.5, "and does not wait for it long")


@case
def ends_with_it():
    """All of them end when the daemon does, whatever its end is."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        guard = began()
        with Mail(guard) as mail:
            ok(check.wait_for(lambda guard=guard: family.workers(guard)), "there are workers")
            check.wait_for(lambda mail=mail: sum(mail.counts.values()) > 30)
            pids = [*family.forkers(guard), *family.workers(guard)]
            begin = time.monotonic()
            guard.send(number)
            ok(check.wait_for(lambda pids=pids: all(map(family.gone, pids))) and
               guard.wait() is not None, f"{number.name}: nobody is left", pids)
            within(time.monotonic() - begin, 1.0, f"{number.name}: within a second")


@case
def caged():
    """What a worker has, and what it may."""
    nobody = pwd.getpwnam("nobody").pw_uid
    guard = began(more='user = "nobody"\n')
    same(send(guard, "pass"), "pass", "it works")
    said = daemon.fields(guard.wait_lines("event=sandbox ")[0])
    for pid in family.workers(guard):
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            status = dict(re.findall(r"^(\w+):\s*(.*)$", file.read(), re.MULTILINE))
        same(status["NoNewPrivs"], "1", "no privileges to be had")
        same(status["Seccomp"], "2" if said["seccomp"] == "yes" else "0", "its calls are filtered")
        same({status[key] for key in ("CapEff", "CapPrm", "CapInh")}, {"0" * 16},
             "no capabilities")
        same(set(status["Uid"].split()), {str(nobody)}, "the daemon's user")
        links = [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")]
        ok(len(links) == 1 and links[0].startswith("socket:"), "one socket, and no file", links)
        same(os.readlink(f"/proc/{pid}/cwd"), "/", "it holds no directory")
        with open(f"/proc/{pid}/limits", encoding="ascii") as file:
            limits = {name.strip(): hard for name, hard in re.findall(
                r"^Max (.+?)\s{2,}\S+\s+(\S+)", file.read(), re.MULTILINE)}
        same([limits[key] for key in ("open files", "processes", "file size", "core file size")],
             ["0"] * 4, "it can open nothing, fork nobody, write nothing")
        ok(limits["cpu time"] != "unlimited", "its time is bounded", limits)
        if said.get("why") != "built with a sanitizer":
            ok(limits["address space"] != "unlimited", "so is its memory", limits)


def _includes(name, number):
    return "v=spf1 " + " ".join(f"include:{name}{n}.example" for n in range(number)) + " -all"


# What is never handed on, or only in part; libspf2 would take it as it is.
GUARDED = (
    # name, record, result
    ("exp", "v=spf1 -all exp=why.example", "fail"),
    ("why", "it is so", "none"),
    ("long", "v=spf1 ip4:198.18.0.0/15 " + "ip4:203.0.113.1 " * 140, "permerror"),
    ("self", "v=spf1 include:self.example -all", "permerror"),
    ("tree", _includes("branch", 3), "permerror"),
    *((f"branch{n}", _includes("twig", 4), "fail") for n in range(3)),
    *((f"twig{n}", "v=spf1 -all", "fail") for n in range(4)),
    ("many", "v=spf1 " + " ".join(f"ip4:192.0.2.{n}" for n in range(99))
     + " ip4:198.51.100.7 -all", "pass"),
    ("eight", "v=spf1 exists:\xfc\xff.example +all", "permerror"),
)


@case
def guarded():
    """Records that libspf2 must not have, or not all of: others are served meanwhile."""
    guard = began(ZONE + "".join(f"{name} {txt(text)}\n" for name, text, _ in GUARDED))
    for name, _, want in GUARDED:
        same(spf_of(guard, name), want, f"{name}: the right result")
    threads = [threading.Thread(target=send, args=(guard, name, f"198.18.0.{n}"))
               for name, _, _ in GUARDED for n in (1, 2)]
    for thread in threads:
        thread.start()
    same([send(guard, sender, "198.18.7.7") for sender in ("pass", "deep0", "fail") * 5],
         ["pass", "pass", "refuse"] * 5, "others have their results in between")
    for thread in threads:
        thread.join()
    guard.stop()
    counters = daemon.fields(guard.events("stopped")[-1])
    same((counters.get("spf-deaths", "0"), counters.get("spf-unknowns", "0")), ("0", "0"),
         "nobody has died of it")


check.run()
