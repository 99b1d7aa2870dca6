#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Memory and threads that are not to be had: mail passes, nothing falls over."""
import mmap
import os
import shutil
import signal
import struct
import subprocess
import threading
import time

from lib import check, daemon, load, milter, nameserver, redis, scene, server
from lib.check import case, like, ok, same
from lib.nameserver import BlackHole, NameServer

LISTED = [f"198.51.{net}.{host}" for net in (100, 101, 102, 103) for host in range(1, 255)]
# libConfuse, hiredis 0.14 and libseccomp end the process, or crash, where they get no
# memory, and libmilter drops the connection and sleeps for seconds: theirs is granted.
SPARED_WITHIN, SPARED = "libconfuse libhiredis.so.0.14 libseccomp", "libmilter"
_SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib", "failmalloc.c")


class Shortage:
    """A program whose n-th request for memory from now on fails."""

    def __init__(self):
        directory = server.new_dir("shortage")
        library = os.path.join(directory, "failmalloc.so")
        compiler = shutil.which(os.environ.get("CC", "cc").split()[0]) or "cc"
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, _SOURCE], check=True)
        path = os.path.join(directory, "order")
        with open(path, "wb") as file:
            file.write(bytes(80))
        with open(path, "r+b") as file:
            self.page = mmap.mmap(file.fileno(), 80)
        self.prefix = ["env", "LD_PRELOAD=" + library, "FAILMALLOC=" + path,
                       "FAILMALLOC_SPARE=" + SPARED,
                       "FAILMALLOC_SPARE_WITHIN=" + SPARED_WITHIN]

    def order(self, number):
        """Let the request of that number fail."""
        self.page[:8] = struct.pack("=q", number)

    @property
    def failed(self):
        """How many have failed."""
        return struct.unpack("=q", self.page[8:16])[0]

    @property
    def culprit(self):
        """Whose request failed last."""
        return self.page[16:80].rstrip(b"\0").decode()

    def happened(self, before):
        """Whether the request came and failed; it is not waited for any more."""
        self.order(0)
        return self.failed > before


def _can_be_short():
    if daemon.is_sanitized() or not shutil.which("cc"):
        check.skip("memory that cannot be had", "no compiler, or a sanitizer has its own malloc")
        return False
    return True


def _session(shortage, guard, number, address):
    """The verdict, and whose request failed, or None."""
    before = shortage.failed
    shortage.order(number)
    verdict = load.judge(guard.where, address)
    return verdict, shortage.culprit if shortage.happened(before) else None


def _through_sessions(label, text):
    """Each request that a session makes fails once, for a good client and a listed one."""
    shortage = Shortage()
    following, listed = load.clients("203.0"), iter(LISTED)
    with NameServer(nameserver.zone("bl.example", LISTED)) as dns, \
            daemon.Relayguard('deadline = "300ms"\n' + text(dns),
                              prefix=shortage.prefix) as guard:
        check.wait_for(lambda: load.judge(guard.where, next(listed)) == "refuse")
        found, lost, number, missed = set(), [], 0, 0
        while missed < 5 and number < 300 and guard.alive():
            number += 1
            seen = [_session(shortage, guard, number, following()),
                    _session(shortage, guard, number, next(listed))]
            found.add(seen[0][0])
            lost += [culprit for verdict, culprit in seen if verdict == "lost"]
            missed = 0 if any(culprit for _, culprit in seen) else missed + 1
        ok(guard.alive(), f"{label}: it lives", guard.output()[-3000:])
        ok(number > 10, f"{label}: a session's requests failed, one by one: {number}")
        ok("refuse" not in found, f"{label}: no good client is refused")
        same(lost, [], f"{label}: none is lost")
        # What waits for an answer that went missing may wait for some seconds.
        ok(check.wait_for(lambda: load.judge(guard.where, next(listed)) == "refuse"),
           f"{label}: then a listed client is refused")
        same(load.judge(guard.where, scene.GOOD), "pass", f"{label}: and a good one passes")


@case
def in_sessions():
    """The n-th request fails, for every n of a session."""
    if _can_be_short():
        _through_sessions("memory", lambda dns: daemon.config(dns.address))


@case
def in_sessions_with_redis():
    """The same with Redis."""
    if redis.SERVER is None or not _can_be_short():
        return
    with redis.Redis() as store:
        _through_sessions("with Redis", lambda dns: daemon.config(
            dns.address, more=f'cache {{ redis = "{store.url}" }}\n'))


@case
def in_reload():
    """The n-th request of a reload fails: the old configuration stays, or the new is good."""
    if not _can_be_short():
        return
    shortage, silent = Shortage(), []
    with NameServer(nameserver.zone("bl.example", LISTED)) as dns, \
            daemon.Relayguard(daemon.config(dns.address), prefix=shortage.prefix) as guard:
        for number in list(range(1, 40)) + list(range(40, 4000, 101)):
            before = len(guard.events("reload"))
            shortage.order(number)
            guard.send(signal.SIGUSR1)
            # As long as it takes on a busy machine.
            if not check.wait_for(lambda: len(guard.events("reload")) > before
                                  or not guard.alive(), 20):
                silent.append(number)
            shortage.order(0)
        ok(guard.alive(), "it lives", guard.output()[-2000:])
        same(silent, [], "it says each time what came of it")
        ok(guard.lines("event=reload-failed"), "some failed")
        ok(guard.reload(), "then a reload works")
        like(guard.events("reload")[-1], "event=reloaded", "as ever")
        ok(check.wait_for(lambda: load.judge(guard.where, LISTED[0]) == "refuse"),
           "a listed client is refused")
        same(load.judge(guard.where, scene.GOOD), "pass", "a good one passes")


@case
def at_the_start():
    """Every so-many-th request fails: it starts, or it says that it does not."""
    if not _can_be_short():
        return
    shortage = Shortage()
    ends = {}
    with NameServer(nameserver.zone("bl.example", LISTED)) as dns:
        for number in list(range(1, 12)) + list(range(20, 40000, 1501)):
            shortage.order(number)
            with daemon.Relayguard(daemon.config(dns.address), wait=False,
                                   prefix=shortage.prefix) as guard:
                check.wait_for(lambda: not guard.alive() or guard.lines("event=started"), 5)
                ends[number] = guard.process.returncode if not guard.alive() else 0
                if guard.alive() and load.judge(guard.where, scene.GOOD) == "refuse":
                    ends[number] = "refuses"
    wrong = {number: end for number, end in ends.items()
             if end not in (0, 1, 64, 69, 71, 73, 77, 78, 127)}
    same(wrong, {}, "it runs, or ends with an exit code of its own")
    ok(0 in ends.values(), "and does run where it can", ends)


# --- Threads ---

def _limited(count):
    """A user of nobody's, who may have so many threads; root knows no such limit.

    One for each count: what the last has left to be reaped counts too.
    """
    return ["setpriv", f"--reuid={54300 + count}", "--regid=54321", "--clear-groups", "--inh-caps=-all",
            "prlimit", f"--nproc={count}"]


@case
def no_threads_at_the_start():
    """Too few threads to start: it says so; enough: it serves."""
    with NameServer(nameserver.zone("bl.example", LISTED)) as dns:
        ends = []
        for count in range(1, 14):
            with daemon.Relayguard(daemon.config(dns.address), wait=False,
                                   prefix=_limited(count)) as guard:
                check.wait_for(lambda: not guard.alive() or guard.lines("event=started"), 5)
                time.sleep(0.05)
                if guard.alive():
                    verdict = load.word(milter.envelope(guard.where, scene.GOOD)) \
                        if count > 11 else "pass"
                    ends.append(verdict)
                else:
                    ends.append(guard.process.returncode)
        ok(set(ends) <= {"pass", 69, 70, 71, 1}, "it ends by itself, or serves", ends)
        same(ends[-1], "pass", "it serves with thirteen, of which two are processes")
        ok(ends[0] != "pass", "one is not enough", ends)


@case
def no_threads_for_sessions():
    """More sessions wait than there can be threads: later ones are served again."""
    with BlackHole() as hole, daemon.Relayguard(
            'deadline = "1s"\n' + daemon.config(hole.address), prefix=_limited(16)) as guard:
        clients, found = [], []

        def visit(address):
            try:
                with milter.Client(guard.where, timeout=4) as mta:
                    clients.append(mta)
                    mta.negotiate()
                    mta.connect(address)
                    mta.helo()
                    mta.mail()
                    found.append(load.word(mta.rcpt()))
            except (milter.Gone, OSError):
                found.append("lost")

        threads = [threading.Thread(target=visit, args=(f"203.0.113.{host}",))
                   for host in range(1, 61)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        ok(guard.alive(), "60 waiting sessions, few threads: it lives", guard.output()[-2000:])
        ok(found.count("pass") > 0 and set(found) <= {"pass", "defer", "lost"},
           "those that get an answer pass", found)
        ok(check.wait_for(lambda: load.judge(guard.where, "203.0.113.77") == "pass"),
           "then sessions are served again")


check.run()
