# SPDX-License-Identifier: BSD-2-Clause
"""A question to a DNS server, as a stub resolver asks it: no EDNS, one packet."""
import random
import socket
import struct

A, SOA, TXT = 1, 6, 16
NAMES = {0: "NOERROR", 2: "SERVFAIL", 3: "NXDOMAIN", 5: "REFUSED"}


class Reply:
    """rcode: a word; addresses, in order; ttl: the lowest of the answer's records, or
    that of the SOA; None: there is neither."""

    def __init__(self, rcode, addresses=(), ttl=None, soa=False):
        self.rcode = rcode
        self.addresses = tuple(sorted(addresses))
        self.ttl = ttl
        self.soa = soa

    def __repr__(self):
        return f"{self.rcode} {' '.join(self.addresses)} ttl={self.ttl} soa={self.soa}"


def _skip_name(wire, at):
    while wire[at]:
        if wire[at] >= 0xc0:
            return at + 2
        at += 1 + wire[at]
    return at + 1


def _records(wire, at, count):
    """(type, ttl, data, where the next one begins) of so many records."""
    for _ in range(count):
        at = _skip_name(wire, at)
        kind, _, ttl, size = struct.unpack(">HHIH", wire[at:at + 10])
        at += 10 + size
        yield kind, ttl, wire[at - size:at], at


def _read(wire):
    flags, questions, answers, authorities = struct.unpack(">4H", wire[2:10])
    at = 12
    for _ in range(questions):
        at = _skip_name(wire, at) + 4
    found = list(_records(wire, at, answers))
    at = found[-1][3] if found else at
    soa = [ttl for kind, ttl, _, _ in _records(wire, at, authorities) if kind == SOA]
    addresses = [socket.inet_ntoa(data) for kind, _, data, _ in found if kind == A]
    ttls = [ttl for _, ttl, _, _ in found] or soa
    return Reply(NAMES.get(flags & 15, str(flags & 15)), addresses,
                 min(ttls) if ttls else None, bool(soa) and not found)


def ask(port, name, kind=A, cd=False, seconds=5.0, host="127.0.0.1"):
    """The reply of a server; its rcode is "SILENT" if there is none in time."""
    number = random.getrandbits(16)
    wire = struct.pack(">6H", number, 0x0110 if cd else 0x0100, 1, 0, 0, 0)
    for label in name.rstrip(".").split("."):
        wire += bytes((len(label),)) + label.encode()
    wire += b"\0" + struct.pack(">2H", kind, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.connect((host, port))
        asker.settimeout(seconds)
        try:
            asker.send(wire)
            while (reply := asker.recv(4096))[:2] != wire[:2]:
                pass
        except (socket.timeout, ConnectionRefusedError):
            return Reply("SILENT")
    return _read(reply)
