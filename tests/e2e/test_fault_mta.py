#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""MTAs that leave in the middle, mix up the order, or come ten thousand at a time.

Old versions, clients without address, and garbage are in test_protocol.py.
"""
import random
import resource
import selectors
import socket
import struct
import threading
import time

from lib import check, daemon, load, nameserver, scene
from lib.check import case, ok, same, within
from lib.milter import NEGOTIATE, connected, packet
from lib.nameserver import Answer, NameServer

LISTED = [f"198.51.100.{host}" for host in range(1, 255)]
CROWD = 10000
TO_RCPT = (packet("H", b"client.example\0") + packet("M", b"<a@sender.example>\0")
           + packet("R", b"<bob@strict.example>\0"))


def _believed(guard):
    return check.wait_for(lambda: load.judge(guard.where, LISTED[0]) == "refuse")


def _as_ever(guard, label):
    same((load.judge(guard.where, LISTED[1]), load.judge(guard.where, scene.GOOD)),
         ("refuse", "pass"), f"{label}: sessions are judged as ever")


@case
def leave_while_it_works():
    """The MTA hangs up while the answer to RCPT is waited for; by the hundred."""
    table = nameserver.zone("bl.example", LISTED)
    with NameServer(table, default=Answer(rcode=nameserver.NXDOMAIN, delay=0.3)) as dns, \
            daemon.Relayguard(daemon.config(dns.address)) as guard:
        _believed(guard)
        before = load.descriptors(guard.pid), load.threads(guard.pid)
        following, dice = load.clients("203.0"), random.Random(1)

        def come_and_go():
            for _ in range(25):
                with socket.create_connection(("127.0.0.1", guard.port)) as mta:
                    mta.sendall(NEGOTIATE + connected(following()) + TO_RCPT)
                    time.sleep(dice.random() * 0.1)
                    if dice.random() < 0.5:  # with a reset
                        mta.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

        visitors = [threading.Thread(target=come_and_go) for _ in range(12)]
        for visitor in visitors:
            visitor.start()
        for visitor in visitors:
            visitor.join()
        ok(guard.alive(), "it lives")
        _as_ever(guard, "after 300 who left")
        ok(check.wait_for(lambda: load.descriptors(guard.pid) <= before[0]),
           "no descriptor is left", (before, load.descriptors(guard.pid)))


@case
def any_order():
    """Two thousand sessions of steps in no order at all, with listed and good clients."""
    dice = random.Random(2)
    steps = [lambda address: connected(address), lambda address: TO_RCPT,
             lambda address: packet("H", b"x\0"), lambda address: packet("M", b"<>\0"),
             lambda address: packet("R", b"<bob@strict.example>\0"),
             lambda address: packet("R", b"<postmaster@mild.example>\0"),
             lambda address: packet("A"), lambda address: packet("K"),
             lambda address: packet("E"), lambda address: packet("T"),
             lambda address: packet("N"), lambda address: packet("L", b"a\0b\0"),
             lambda address: packet("B", b"text"), lambda address: packet("D", b"M{auth_authen}\0joe\0"),
             lambda address: NEGOTIATE, lambda address: packet("Q")]
    with NameServer(nameserver.zone("bl.example", LISTED)) as dns, \
            daemon.Relayguard(daemon.config(dns.address)) as guard:
        _believed(guard)
        before = load.descriptors(guard.pid)
        for _ in range(2000):
            address = dice.choice((LISTED[dice.randrange(254)], scene.GOOD))
            sent = b"".join(dice.choice(steps)(address) for _ in range(dice.randrange(1, 12)))
            try:
                with socket.create_connection(("127.0.0.1", guard.port)) as mta:
                    mta.sendall(NEGOTIATE + sent)
                    if dice.random() < 0.1:
                        mta.settimeout(0.005)
                        mta.recv(4096)
            except OSError:
                pass
        ok(guard.alive(), "it lives")
        _as_ever(guard, "after them")
        ok(check.wait_for(lambda: load.descriptors(guard.pid) <= before),
           "no descriptor is left", (before, load.descriptors(guard.pid)))
        same(guard.decisions(verdict="refuse", client=scene.GOOD), [], "no good client is refused")


class Crowd:
    """Many sessions in one thread, each at its own step."""

    def __init__(self, port, addresses):
        self.verdicts = {}
        self._selector = selectors.DefaultSelector()
        self._open = []
        for address in addresses:
            mta = socket.create_connection(("127.0.0.1", port), 20)
            mta.sendall(NEGOTIATE + connected(address))
            mta.setblocking(False)
            self._selector.register(mta, selectors.EVENT_READ, [address, b"", 0])
            self._open.append(mta)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        for mta in self._open:
            mta.close()

    def wait(self, replies, seconds):
        """Until each has had so many replies, or its verdict; how many have."""
        end = time.monotonic() + seconds
        done = set()
        while time.monotonic() < end and len(done) < len(self._open):
            for key, _ in self._selector.select(0.2):
                if self._take(key) or key.data[2] >= replies:
                    done.add(key.fd)
        return len(done)

    def _take(self, key):
        """Read what is there; whether the session has come to its end."""
        state = key.data
        try:
            data = key.fileobj.recv(4096)
        except OSError:
            data = b""
        if not data:
            self._selector.unregister(key.fileobj)
            self.verdicts.setdefault(state[0], "lost")
            return True
        state[1] += data
        while len(state[1]) >= 5:
            size = struct.unpack(">I", state[1][:4])[0]
            if len(state[1]) < 4 + size:
                break
            packet, state[1] = state[1][4:4 + size], state[1][4 + size:]
            state[2] += 1
            if state[2] > 2 or state[2] == 2 and packet[:1] == b"a":
                self.verdicts[state[0]] = load.word((packet[:1].decode(), packet[1:]))
        return False

    def ask(self):
        """All say RCPT now."""
        for mta in self._open:
            try:
                mta.setblocking(True)
                mta.sendall(TO_RCPT)
                mta.setblocking(False)
            except OSError:
                pass


@case
def ten_thousand():
    """10 000 connections open at a time: none is judged wrongly, memory stays in bounds."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if 0 <= hard < CROWD + 1000:
        check.skip("ten thousand at once", f"only {hard} descriptors for us")
        return
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    addresses = [f"198.18.{number >> 8}.{number & 255}" for number in range(CROWD)]
    table = nameserver.zone("bl.example", addresses[::100] + LISTED)
    with NameServer(table) as dns, daemon.Relayguard(daemon.config(dns.address)) as guard:
        _believed(guard)
        before = load.memory(guard.pid), load.descriptors(guard.pid)
        with Crowd(guard.port, addresses) as crowd:
            crowd.wait(2, 20)
            crowd.ask()
            crowd.wait(3, 20)
            wrong = [address for number, address in enumerate(addresses)
                     if number % 100 and crowd.verdicts.get(address) == "refuse"]
            same(wrong, [], "no good client is refused")
            answered = sum(verdict != "lost" for verdict in crowd.verdicts.values())
            same(answered, CROWD, "all have their answer")
            ok(sum(crowd.verdicts.get(address) == "refuse" for address in addresses[::100]) > 0,
               "listed ones are refused")
            within((load.memory(guard.pid) - before[0]) / CROWD, 60,
                   "memory for each, and what it has left in the caches (kB)")
            ok(guard.alive(), "it lives")
        ok(check.wait_for(lambda: load.descriptors(guard.pid) <= before[1] + 2),
           "no descriptor is left", (before, load.descriptors(guard.pid)))
        _as_ever(guard, "after them")
        spent = load.cpu(guard.pid)
        time.sleep(0.5)
        within(load.cpu(guard.pid) - spent, 0.1, "and it is at rest")


check.run()
