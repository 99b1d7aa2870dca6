#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""DNS servers that are dead, slow, silent for a while, or that lie."""
import collections
import itertools
import random
import socket
import struct
import time

from lib import check, daemon, load, nameserver, server
from lib.check import case, ok, same, within
from lib.nameserver import Answer, BlackHole, NameServer, reverse

ZONE = "bl.example"
LISTED = [f"198.51.{net}.{host}" for net in (100, 101) for host in range(1, 255)]
_hosts = itertools.count(1)
_listed = iter(LISTED)


def _good():
    number = next(_hosts)
    return f"203.0.{113 + number // 250}.{number % 250 + 1}"


def _wait_ready(guard):
    """Until a listed client is refused: the list is believed."""
    return check.wait_for(lambda: load.judge(guard.where, next(_listed)) == "refuse")


def _in_time(guard, found, deadline, label):
    """Nobody waited for us beyond the deadline, as the log tells it.

    The clients themselves may have waited longer where many came at once:
    libmilter's pool lets a step wait for a worker that is free.
    """
    check.wait_for(lambda: len({line["client"] for line in guard.decisions()} & set(found))
                   >= len(found), 2)
    waited = [int(line["ms"]) for line in guard.decisions() if line["client"] in found]
    within(max(waited) / 1000, deadline + 0.1, label)
    within(max(seconds for _, seconds in found.values()), 3 * deadline + 1, f"{label}: all in all")


def _seconds_until_refused(guard):
    begin = time.monotonic()
    _wait_ready(guard)
    return time.monotonic() - begin


@case
def dead_server():
    """Nobody answers: mail passes at the deadline, with few lines, and nobody is flooded."""
    with BlackHole() as hole, \
            daemon.Relayguard('deadline = "1s"\n' + daemon.config(hole.address)) as guard:
        clients = [_good() for _ in range(63)]
        found = load.at_once(guard.where, clients[:60])
        same({verdict for verdict, _ in found.values()}, {"pass"}, "60 at once: all pass")
        _in_time(guard, found, 1.0, "by the deadline")
        for client in clients[60:]:
            same(load.judge(guard.where, client), "pass", "later ones pass")
        asked = collections.Counter()
        hole.socket.settimeout(0.05)
        try:
            while packet := hole.socket.recv(4096):
                asked[nameserver.question(packet)[0].lower()] += 1
        except OSError:
            pass
        times = [asked[reverse(client, ZONE)] for client in clients]
        ok(0 < max(times) <= 4, "each client is asked about a few times at most", times)
        others = [line for line in guard.lines("event=") if "event=started" not in line]
        ok(len(others) <= 4, "the log says so, and not again and again", others)


@case
def slow_list_of_twelve():
    """One list of twelve is late: the others are heard, and no thread is left behind."""
    labels = tuple(f"bl{number}" for number in range(12))
    table = {}
    for label in labels:
        table.update(nameserver.zone(f"{label}.example", LISTED))
    clients = [_good() for _ in range(20)]
    table.update({reverse(client, "bl7.example"): Answer(rcode=nameserver.NXDOMAIN, delay=1.5)
                  for client in clients})
    with NameServer(table) as dns, daemon.Relayguard(
            'deadline = "700ms"\n' + daemon.config(dns.address, labels=labels)) as guard:
        ok(_wait_ready(guard), "the lists are believed")
        before = load.threads(guard.pid)
        found = load.at_once(guard.where, clients)
        same({verdict for verdict, _ in found.values()}, {"pass"}, "all pass")
        _in_time(guard, found, 0.7, "at the deadline")
        same({line.get("unknown") for line in guard.decisions() if line["client"] in clients},
             {"bl7"}, "one list was not heard")
        time.sleep(1.0)
        same(load.judge(guard.where, next(_listed)), "refuse", "listed ones are refused")
        ok(check.wait_for(lambda: load.threads(guard.pid) <= before + 4),
           "the threads are gone again", (before, load.threads(guard.pid)))


@case
def back_after_an_outage():
    """Silent or gone for seconds, then back: believed again within five seconds."""
    truth = nameserver.zone(ZONE, LISTED)
    with NameServer(truth) as dns, \
            daemon.Relayguard('deadline = "500ms"\n' + daemon.config(dns.address)) as guard:
        ok(_wait_ready(guard), "the list is believed")
        dns.table, dns.default = {}, Answer(silent=True)
        for _ in range(5):
            same(load.judge(guard.where, _good()), "pass", "silent: mail passes")
        dns.table, dns.default = truth, nameserver.ABSENT
        within(_seconds_until_refused(guard), 5.0, "silent, then back: used again in time")
        port = dns.port
        dns.__exit__()
        for _ in range(5):
            same(load.judge(guard.where, _good()), "pass", "gone: mail passes")
        time.sleep(1.0)
        with NameServer(truth, port=port):
            within(_seconds_until_refused(guard), 5.0, "gone, then back: used again in time")


# --- Lies: each is what is done to a right answer that lists the client ---

def _records(name, count, kind=1, data=b"\x7f\0\0\2", ttl=300):
    return (name + struct.pack(">HHIH", kind, 1, ttl, len(data)) + data) * count


def _with_answers(wire, end, count, records, flags=0x8180):
    return wire[:2] + struct.pack(">5H", flags, 1, count, 0, 0) + wire[12:end] + records


def _cname_loop(wire, end):
    return _with_answers(wire, end, 2, _records(b"\xc0\x0c", 2, 5, b"\xc0\x0c"))


def _wrong_question(wire, end):
    return wire[:2] + struct.pack(">5H", 0x8180, 1, 1, 0, 0) + b"\5other" + wire[12:end] \
        + _records(b"\xc0\x0c", 1)


LIES = {
    "another id": lambda wire, end, right: bytes([right[0] ^ 1]) + right[1:],
    "another question": lambda wire, end, right: _wrong_question(wire, end),
    "a question as answer": lambda wire, end, right: wire,
    "another type": lambda wire, end, right: _with_answers(
        wire, end, 1, _records(b"\xc0\x0c", 1, 16, b"\x04text")),
    "another length": lambda wire, end, right: _with_answers(
        wire, end, 1, _records(b"\xc0\x0c", 1, 1, b"\x7f\0\0\2\0\0")),
    "a record too few": lambda wire, end, right: _with_answers(
        wire, end, 9, _records(b"\xc0\x0c", 1)),
    "65535 records promised": lambda wire, end, right: _with_answers(
        wire, end, 65535, _records(b"\xc0\x0c", 1)),
    "a CNAME loop": lambda wire, end, right: _cname_loop(wire, end),
    "a pointer to itself": lambda wire, end, right: _with_answers(
        wire, end, 1, _records(b"\xc0" + bytes([end]), 1)),
    "a pointer out of it": lambda wire, end, right: _with_answers(
        wire, end, 1, _records(b"\xff\xff", 1)),
    "empty": lambda wire, end, right: b"",
    "one byte": lambda wire, end, right: right[:1],
    "a head alone": lambda wire, end, right: right[:12],
    "cut in the record": lambda wire, end, right: right[:-2],
    "noise": lambda wire, end, right: random.Random(1).randbytes(512),
    "noise with the right id": lambda wire, end, right: wire[:2]
                               + random.Random(2).randbytes(400),
    "all ones": lambda wire, end, right: wire[:2] + b"\xff" * 600,
    "64 KB of noise over TCP": lambda wire, end, right: wire[:2] + b"\xff" * 65000,
    "refused, with an answer": lambda wire, end, right: _with_answers(
        wire, end, 1, _records(b"\xc0\x0c", 1), 0x8185),
    "an old opcode": lambda wire, end, right: _with_answers(
        wire, end, 1, _records(b"\xc0\x0c", 1), 0x9180),
}
# These are right answers of an odd kind: they may count, or be unknown.
ODD = {
    "a record of another name": lambda wire, end, right: _with_answers(
        wire, end, 1, _records(b"\5other\0", 1)),
    "1000 records": lambda wire, end, right: _with_answers(
        wire, end, 1000, _records(b"\xc0\x0c", 1000)),
    "a TTL of 0": lambda wire, end, right: _with_answers(
        wire, end, 1, _records(b"\xc0\x0c", 1, ttl=0)),
    "a TTL of 2^31": lambda wire, end, right: _with_answers(
        wire, end, 1, _records(b"\xc0\x0c", 1, ttl=1 << 31)),
    "a TTL of 2^32-1": lambda wire, end, right: _with_answers(
        wire, end, 1, _records(b"\xc0\x0c", 1, ttl=(1 << 32) - 1)),
}


class Liar(NameServer):
    """lies: {name: what is done to the answer}; cut ones are then asked over TCP."""

    def __init__(self, table, lies):
        self.lies = lies
        super().__init__(table)

    def _answer(self, wire, tcp):
        answer, packet = super()._answer(wire, tcp)
        if packet is None:
            return answer, packet
        name, _, end = nameserver.question(wire)
        twist, over_tcp = self.lies.get(name.lower(), (None, False))
        if twist is None:
            return answer, packet
        if over_tcp and not tcp:
            return answer, _with_answers(wire, end, 0, b"", 0x8380)
        return answer, twist(wire, end, packet)


def _lie(lies, only):
    """One client for each lie, over UDP and TCP; those who are refused."""
    table = nameserver.zone(ZONE, LISTED)
    clients, twists = {}, {}
    for label, twist in lies.items():
        for over_tcp in (False, True):
            client = _good()
            clients[client] = label + (" (TCP)" if over_tcp else "")
            name = reverse(client, ZONE)
            table[name] = Answer("127.0.0.2")
            # What does not fit a datagram comes over TCP alone.
            twists[name] = (twist, over_tcp or "TCP" in label or label == "1000 records")
    with Liar(table, twists) as dns, \
            daemon.Relayguard('deadline = "800ms"\n' + daemon.config(dns.address)) as guard:
        ok(_wait_ready(guard), "the list is believed")
        found = load.at_once(guard.where, list(clients))
        for client, label in clients.items():
            ok(found[client][0] in only, f"{label}: {' or '.join(only)}", found[client])
        _in_time(guard, found, 0.8, "nobody waits for more")
        ok(guard.alive(), "no harm done")
        within(_seconds_until_refused(guard), 5.0, "a right answer counts")
        within(load.memory(guard.pid), 100000, "and little memory is used")


@case
def lies():
    """Answers that are wrong in form: nobody is refused by them."""
    _lie(LIES, ("pass", "defer"))


@case
def odd_answers():
    """Answers that are odd, but right."""
    _lie(ODD, ("refuse", "pass", "defer"))


class Stranger(NameServer):
    """Answers questions for one name from another port than it was asked at."""

    strange = None

    def _send(self, packet, peer):
        if nameserver.question(packet)[0].lower() != self.strange:
            super()._send(packet, peer)
            return
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.sendto(packet, peer)


@case
def stranger():
    """An answer that comes from somebody else is not heard."""
    client = _good()
    name = reverse(client, ZONE)
    with Stranger(nameserver.zone(ZONE, LISTED + [client])) as dns, \
            daemon.Relayguard('deadline = "500ms"\n' + daemon.config(dns.address)) as guard:
        dns.strange = name
        ok(_wait_ready(guard), "the list is believed")
        ok(load.judge(guard.where, client) in ("pass", "defer"), "not refused")
        ok(dns.count(name), "though it was asked about")


check.run()
