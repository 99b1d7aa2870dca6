#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""What the service manager is told: READY, RELOADING, STOPPING, and WATCHDOG
as long as the I/O thread and a session work."""
import contextlib
import ctypes
import os
import signal
import socket
import time

from lib import check, daemon, milter, rbldnsd, scene, server
from lib.check import case, like, ok, same, skip, skip_all, unlike

DENY = f'deny {{ networks = {{ "{scene.RELAY}" }} }}\n'  # refused whatever the lists say
PATIENCE = 0.9  # seconds that the manager waits for WATCHDOG=1


class Manager:
    """The socket of a service manager."""

    def __init__(self, patience=PATIENCE):
        self.path = os.path.join(server.new_dir("notify"), "socket")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        os.chmod(self.path, 0o666)
        self.socket.setblocking(False)
        self.words = []
        self.environment = {"NOTIFY_SOCKET": self.path}
        if patience:
            self.environment["WATCHDOG_USEC"] = str(int(patience * 1e6))

    def __enter__(self):
        self.before = {name: os.environ.get(name) for name in self.environment}
        os.environ.update(self.environment)
        return self

    def __exit__(self, *exception):
        for name in self.environment:
            os.environ.pop(name, None)
        self.socket.close()

    def heard(self):
        """All that was said until now, one word after the other."""
        with contextlib.suppress(BlockingIOError):
            while True:
                self.words += self.socket.recv(4096).decode().split("\n")
        return self.words

    def wait(self, word, count=1, seconds=server.PATIENCE):
        """Wait until a word was said so often."""
        return check.wait_for(lambda: self.heard().count(word) >= count, seconds)

    def count_for(self, seconds, word="WATCHDOG=1"):
        """How often a word is said in so many seconds."""
        before = self.heard().count(word)
        time.sleep(seconds)
        return self.heard().count(word) - before


@contextlib.contextmanager
def _managed(patience=PATIENCE, **options):
    with rbldnsd.Rbldnsd(scene.ZONES) as lists, Manager(patience) as manager, \
            daemon.Relayguard(daemon.config(lists.address, more=DENY), **options) as guard:
        yield manager, guard


@case
def told():
    """READY, WATCHDOG again and again, RELOADING and READY, STOPPING."""
    with _managed() as (manager, guard):
        if not manager.wait("READY=1"):
            skip_all("built without libsystemd")
        same(manager.heard()[0], "READY=1", "READY is the first word")
        ok(manager.wait("WATCHDOG=1", 5), "WATCHDOG keeps coming", manager.heard())
        same(milter.envelope(guard.where)[0], "y", "and it serves")
        guard.reload()
        ok(manager.wait("READY=1", 2), "a reload ends with READY")
        words = [word for word in manager.heard() if word != "WATCHDOG=1"]
        same(words, ["READY=1", "RELOADING=1", "READY=1"], "and began with RELOADING")
        begin = time.monotonic()
        guard.send(signal.SIGTERM)
        same(guard.wait(), 0, "it ends")
        check.within(time.monotonic() - begin, 1.0, "within a second")
        same(manager.heard()[-1], "STOPPING=1", "STOPPING is the last word")


@case
def fed_in_a_reload():
    """A reload that takes long, of millions of networks: WATCHDOG keeps coming."""
    with _managed() as (manager, guard):
        networks = os.path.join(guard.directory, "deny")
        with open(networks, "w", encoding="ascii") as file:
            for first in range(100):
                file.write("".join(f"{first + 10}.{second}.{third}.0\n"
                                   for second in range(256) for third in range(256)))
        guard.write(guard.text.replace("deny {", f'deny {{ files = {{ "{networks}" }}'))
        same(milter.envelope(guard.where)[0], "y", "it serves")
        guard.send(signal.SIGUSR1)
        ok(manager.wait("RELOADING=1"), "a reload begins")
        same(milter.envelope(guard.where)[0], "y", "a client is served meanwhile")
        ok(manager.wait("READY=1", 2, 60), "and it ends")
        heard = manager.heard()
        begin = heard.index("RELOADING=1")
        end = heard.index("READY=1", begin)
        ok(heard[begin:end].count("WATCHDOG=1") >= 1, "WATCHDOG was said meanwhile",
           heard[begin:end])
        ok(guard.wait_lines("event=reloaded"), "it is in force", guard.output())


@case
def leaves_no_trace():
    """The watchdog's sessions are not in the log, nor counted, and ask nobody."""
    with _managed() as (manager, guard):
        ok(manager.wait("WATCHDOG=1", 4), "some checks")
        milter.envelope(guard.where)
        guard.stop()
        same(len(guard.decisions()), 1, "the log has the one decision of a client")
        unlike(guard.output(), "watchdog", "and not a word of the watchdog")
        last = daemon.fields(guard.lines("event=stopped")[0])
        same((last["sessions"], last["passed"], last["refused"], last["mta-garbage"]),
             ("1", "0", "1", "0"), "it is not counted")
    with _managed(unix=os.path.join(server.new_dir("run"), "milter.sock")) as (manager, guard):
        ok(manager.wait("WATCHDOG=1", 2), "the same by a unix socket")


@case
def not_wanted():
    """A manager without patience to tell: READY, and no WATCHDOG."""
    with _managed(patience=0) as (manager, _):
        ok(manager.wait("READY=1"), "READY")
        same(manager.count_for(1), 0, "no WATCHDOG")


@case
def all_stopped():
    """A stopped process says nothing; when it goes on, so does WATCHDOG."""
    with _managed() as (manager, guard):
        manager.wait("WATCHDOG=1", 2)
        guard.send(signal.SIGSTOP)
        time.sleep(0.1)
        same(manager.count_for(1.2), 0, "nothing is said")
        guard.send(signal.SIGCONT)
        ok(manager.wait("WATCHDOG=1", manager.heard().count("WATCHDOG=1") + 2), "it goes on")
        ok(guard.alive(), "nobody has ended it")


class Stopped:
    """One thread of a process, stopped as a debugger does it."""

    SEIZE, INTERRUPT, DETACH = 0x4206, 0x4207, 17

    def __init__(self, thread):
        self.thread = thread
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.libc.ptrace.argtypes = [ctypes.c_long] + [ctypes.c_void_p] * 3

    def _ptrace(self, request):
        if self.libc.ptrace(request, self.thread, None, None) != 0:
            raise OSError(ctypes.get_errno(), f"ptrace {request:#x}")

    def __enter__(self):
        self._ptrace(self.SEIZE)
        self._ptrace(self.INTERRUPT)
        os.waitpid(self.thread, 0x40000000)  # __WALL: threads too
        return self

    def __exit__(self, *exception):
        self._ptrace(self.DETACH)


def _threads(pid):
    """The threads of a process but the first: {name: id}, oldest wins."""
    found = {}
    for thread in sorted(map(int, os.listdir(f"/proc/{pid}/task"))):
        with open(f"/proc/{pid}/task/{thread}/comm", encoding="ascii") as file:
            found.setdefault(file.read().strip(), []).append(thread)
    return found


@case
def one_thread_stopped():
    """With the I/O thread stopped, or libmilter's, nothing is said any more."""
    with _managed() as (manager, guard):
        manager.wait("WATCHDOG=1", 2)
        threads = [thread for group in _threads(guard.pid).values() for thread in group
                   if thread != guard.pid]
        silenced = []
        for thread in threads:
            try:
                with Stopped(thread):
                    time.sleep(0.4)  # a check that had begun may still end well
                    if manager.count_for(1.2) == 0:
                        silenced.append(thread)
            except OSError as error:
                skip("one thread stopped", error)
                return
            manager.wait("WATCHDOG=1", manager.heard().count("WATCHDOG=1") + 1)
        ok(len(silenced) >= 2, "two threads at least that it does not do without",
           f"{silenced} of {threads}")
        like(guard.output(), 'event=watchdog-failed what=io-thread', "one of them is ours")
        like(guard.output(), 'event=watchdog-failed what=session', "another is libmilter's")
        ok(manager.count_for(1.2) >= 2, "with all of them running, it goes on")
        same(milter.envelope(guard.where)[0], "y", "and it serves")


check.run()
