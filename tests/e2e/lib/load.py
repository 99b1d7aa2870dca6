# SPDX-License-Identifier: BSD-2-Clause
"""Sessions, many at a time, and what a process costs meanwhile."""
import collections
import concurrent.futures
import os
import re
import threading
import time

from . import check, milter
from .milter import word

def judge(where, address, timeout=15):
    """One session up to RCPT: the verdict, or "lost" where there was no answer."""
    return timed(where, address, timeout)[0]


def timed(where, address, timeout=15):
    """The verdict, and the seconds it took once the connection was there."""
    begin = time.monotonic()
    try:
        with milter.Client(where, timeout) as client:
            begin = time.monotonic()
            client.negotiate()
            reply = client.connect(address)
            if reply is None or reply[0] == "c":
                client.helo()
                client.mail()
                reply = client.rcpt()
            client.quit()
            return word(reply), time.monotonic() - begin
    except (milter.Gone, OSError):
        return "lost", time.monotonic() - begin


def at_once(where, addresses):
    """A session for each address, all at a time: {address: (verdict, seconds)}."""
    found = {}

    def visit(address):
        found[address] = timed(where, address)

    threads = [threading.Thread(target=visit, args=(address,)) for address in addresses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def deliver(guard, visits, threads=8):
    """Have pairs of a client and a recipient's domain decided, and their lines written."""
    before = len(guard.decisions())

    def visit(pair):
        milter.verdict(guard.where, pair[0], f"<bob@{pair[1]}>".encode())

    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        list(pool.map(visit, visits))
    check.wait_for(lambda: len(guard.decisions()) >= before + len(visits))


class Crew:
    """Threads that do turn() again and again, from with to its end; lock is for them."""

    def __init__(self, threads):
        self.lock = threading.Lock()
        self._stopped = False
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(threads)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exception):
        self._stopped = True
        for thread in self._threads:
            thread.join()

    def _run(self):
        while not self._stopped:
            self.turn()

    def turn(self):
        """What a thread does, once."""
        raise NotImplementedError


class Load(Crew):
    """Sessions one after the other in each thread; next_address() gives the client.

    counts: how many sessions came to each verdict; slowest: seconds.
    """

    def __init__(self, where, next_address, threads=8):
        super().__init__(threads)
        self.counts = collections.Counter()
        self.slowest = 0.0
        self._where = where
        self._next = next_address

    def turn(self):
        """One session."""
        verdict, seconds = timed(self._where, self._next())
        with self.lock:
            self.counts[verdict] += 1
            self.slowest = max(self.slowest, seconds)


def clients(net):
    """A function that gives the addresses of a /16 ("10.1") again and again."""
    lock = threading.Lock()
    state = [0]

    def following():
        with lock:
            state[0] += 1
            return f"{net}.{state[0] >> 8 & 255}.{state[0] & 255}"
    return following


def _status(pid, key):
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
        return int(re.search(rf"^{key}:\s*(\d+)", file.read(), re.MULTILINE).group(1))


def memory(pid):
    """Kilobytes in use."""
    return _status(pid, "VmRSS")


def threads(pid):
    """How many threads it has."""
    return _status(pid, "Threads")


def descriptors(pid):
    """How many descriptors it has open."""
    return len(os.listdir(f"/proc/{pid}/fd"))


def cpu(pid):
    """Seconds of processor time used so far."""
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
        user, system = file.read().rsplit(")", 1)[1].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
