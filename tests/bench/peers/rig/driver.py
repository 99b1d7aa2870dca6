# SPDX-License-Identifier: BSD-2-Clause
"""The load: so many sessions at a time, each followed by the next, in one epoll loop.

It is a process apart from all peers, and counts what it costs itself.
"""
import errno
import gc
import select
import socket
import time

from . import protocol

IN_PROGRESS = (errno.EINPROGRESS,)
BACKLOG_FULL = (errno.EAGAIN,)


class Outcome:
    """What a run brought: verdicts [(address, verdict)], seconds each took, and times."""

    def __init__(self):
        self.verdicts = []
        self.latencies = []
        self.seconds = 0.0
        self.own_cpu = 0.0


class _Slot:
    """One session at a time, again and again."""

    __slots__ = ("driver", "socket", "session", "address", "begin", "verdict", "fresh",
                 "pending")

    def __init__(self, driver):
        self.driver = driver
        self.socket = None

    def start(self, address):
        """Begin the session of a client."""
        self.address = address
        self.verdict = None
        self.session = self.driver.protocol(address, self.note)
        self.begin = time.monotonic()
        self.pending = next(self.session)
        if self.socket is None:
            self.connect()
        else:
            self.fresh = False
            self.send()

    def connect(self):
        """Connect, and send the first words as soon as that can be."""
        self.fresh = True
        where = self.driver.where
        family = socket.AF_UNIX if isinstance(where, str) else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        error = self.socket.connect_ex(where)
        if error in BACKLOG_FULL:  # a unix socket: there is a place in a moment
            self.socket.setblocking(True)
            error = self.socket.connect_ex(where)
            self.socket.setblocking(False)
        number = self.socket.fileno()
        self.driver.slots[number] = self
        if error in IN_PROGRESS:
            self.driver.epoll.register(number, select.EPOLLOUT)
        elif error == 0:
            self.driver.epoll.register(number, select.EPOLLIN)
            self.send()
        else:
            raise OSError(error, f"connecting to {where}")

    def send(self):
        """Send what is pending; a peer that is gone is seen when we read."""
        try:
            self.socket.send(self.pending)
        except ConnectionError:
            pass

    def note(self, verdict):
        """The session has its verdict."""
        self.verdict = verdict
        outcome = self.driver.outcome
        outcome.verdicts.append((self.address, verdict))
        outcome.latencies.append(time.monotonic() - self.begin)

    def event(self, events):
        """Something has happened; whether the session is over."""
        if events == select.EPOLLOUT:
            self.driver.epoll.modify(self.socket.fileno(), select.EPOLLIN)
            self.send()
            return False
        try:
            data = self.socket.recv(8192)
        except BlockingIOError:
            return False
        except ConnectionError:
            data = b""
        if not data and not self.fresh and self.verdict is None:
            self.close()       # it had closed the connection before our request came
            self.connect()
            return False
        return self.advance(data)

    def advance(self, data):
        """Go on with what was read; whether the session is over."""
        try:
            self.pending = self.session.send(data)
            if not data and not self.pending:
                self.pending = self.session.send(b"")
            if self.pending:
                self.send()
        except StopIteration:
            if not (self.driver.keep and data):
                self.close()
            return True
        return False

    def close(self):
        """Leave."""
        if self.socket is not None:
            del self.driver.slots[self.socket.fileno()]
            self.socket.close()
            self.socket = None


class Driver:
    """where: an address to connect to; speak: of protocol; keep: connections stay open."""

    def __init__(self, where, speak, keep=False):
        self.where = where
        self.protocol = speak
        self.keep = keep
        self.epoll = None
        self.slots = {}
        self.outcome = None

    def run(self, addresses, concurrency, seconds, patience=20.0):
        """Sessions until the addresses are used up or the time is; who has no verdict
        patience seconds after the beginning's end has none."""
        self.outcome = outcome = Outcome()
        self.epoll = select.epoll()
        supply = iter(addresses)
        gc.collect()
        gc.disable()
        cpu, begin = time.process_time(), time.monotonic()
        try:
            self._loop(supply, concurrency, begin + seconds, begin + seconds + patience)
        finally:
            gc.enable()
            outcome.seconds = time.monotonic() - begin
            outcome.own_cpu = time.process_time() - cpu
            for slot in list(self.slots.values()):
                if slot.verdict is None:
                    outcome.verdicts.append((slot.address, protocol.NONE))
                slot.close()
            self.epoll.close()
        return outcome

    def _loop(self, supply, concurrency, stop, end):
        active = 0
        for _ in range(concurrency):
            active += self._next(_Slot(self), supply)
        while active:
            now = time.monotonic()
            if now >= end:
                return
            for number, events in self.epoll.poll(end - now):
                slot = self.slots.get(number)
                if slot is not None and slot.event(events):
                    active -= 1
                    if time.monotonic() < stop:
                        active += self._next(slot, supply)

    @staticmethod
    def _next(slot, supply):
        """Start the next session in a slot; how many that are."""
        address = next(supply, None)
        if address is None:
            slot.close()
            return 0
        slot.start(address)
        return 1
