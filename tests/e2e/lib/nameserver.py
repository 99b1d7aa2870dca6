# SPDX-License-Identifier: BSD-2-Clause
"""A DNS server that is as slow, silent or wrong as a test wants it.

It answers over UDP and TCP from a table that the test may change at any time,
and remembers every question.
"""
import heapq
import ipaddress
import re
import socket
import struct
import threading
import time

from . import server

NOERROR, SERVFAIL, NXDOMAIN, REFUSED = 0, 2, 3, 5
A = 1

# Questions about a client that a list holds: whether it does, and whether it still does.
CONFIRMED = 2

# Seconds between two canaries to a list that is asked little, for which a listed client may
# have to wait: a quarter of the deadline, and this at most.
CANARY_PAUSE = 0.9


def reverse(address, zone):
    """The name under which a list keeps an address."""
    labels = ipaddress.ip_address(address).reverse_pointer.rsplit(".", 2)[0]
    return f"{labels}.{zone}"


# What relayguard asks to see whether a list is in order (RFC 5782, 5), in both families,
_ENTRIES = {ipaddress.ip_address(text) for text in ("127.0.0.2", "::ffff:127.0.0.2")}
_NO_ENTRIES = {ipaddress.ip_address(text) for text in ("127.0.0.1", "::ffff:127.0.0.1")}
# and the networks of its canaries: no test has clients in them but in one /64, where a
# canary comes to be once in 2^32 times.
_CANARIES = [ipaddress.ip_network(text) for text in (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.128.0.0/9",
    "169.254.0.0/16", "172.16.0.0/12", "224.0.0.0/4", "240.0.0.0/4",
    "2001:db8::/32", "3fff::/20")]
_CLIENTS = ipaddress.ip_network("2001:db8::/64")
_V6_NAME = re.compile(r"(?:[0-9a-f]\.){32}")
_V4_NAME = re.compile(r"(?:\d{1,3}\.){4}")


def subject(name):
    """The address that a list is asked about by this name; None: no address."""
    name = name.lower()
    if found := _V6_NAME.match(name):
        digits = found.group(0).replace(".", "")[::-1]
        return ipaddress.IPv6Address(int(digits, 16))
    if found := _V4_NAME.match(name):
        try:
            return ipaddress.IPv4Address(".".join(found.group(0).split(".")[3::-1]))
        except ValueError:
            pass
    return None


def is_canary(name):
    """Whether a question is about an address that nobody has."""
    address = subject(name)
    return address is not None and address not in _CLIENTS \
        and any(address in net for net in _CANARIES)


def is_test(name):
    """Whether a question is about the list itself, not about a client."""
    return subject(name) in _ENTRIES | _NO_ENTRIES or is_canary(name)


def zone(name, listed=(), answer=None):
    """The table of a list that is in order: its test entries, and those listed."""
    answer = answer or Answer("127.0.0.2")
    tests = {reverse(address, name): Answer("127.0.0.2")
             for address in ("127.0.0.2", "::ffff:127.0.0.2")}
    return {**tests, **{reverse(address, name): answer for address in listed}}


class Answer:
    """What is said to a question for one name."""

    def __init__(self, *addresses, rcode=NOERROR, ttl=300, delay=0.0, silent=False,
                 truncate=False):
        self.addresses = addresses
        self.rcode = rcode
        self.ttl = ttl
        self.delay = delay
        self.silent = silent
        self.truncate = truncate  # over UDP, so that TCP must be used


ABSENT = Answer(rcode=NXDOMAIN)
_LISTED = Answer("127.0.0.2")


def zones(clients, labels):
    """The tables of the lists LABEL.example: clients, {address: labels that it is on}.  One
    list, cl, has another code than the others."""
    found = {}
    for label in labels:
        found.update(zone(f"{label}.example",
                          [client for client, on in clients.items() if label in on],
                          Answer("127.0.0.4" if label == "cl" else "127.0.0.2")))
    return found


def question(wire):
    """The name asked for, the type, and where the question ends."""
    labels, at = [], 12
    while wire[at]:
        labels.append(wire[at + 1:at + 1 + wire[at]].decode("latin-1"))
        at += 1 + wire[at]
    return ".".join(labels), wire[at + 1] << 8 | wire[at + 2], at + 5


def _soa(ttl):
    root = b"\0"
    numbers = struct.pack(">5I", 1, 600, 600, 600, ttl)
    return root + struct.pack(">HHIH", 6, 1, ttl, 22) + root + root + numbers


def _build(wire, kind, end, answer, tcp):
    cut = answer.truncate and not tcp
    addresses = () if cut or kind != A else answer.addresses
    authority = b"" if addresses or cut or answer.rcode in (SERVFAIL, REFUSED) else _soa(120)
    flags = 0x8180 | answer.rcode | (0x0200 if cut else 0)
    head = wire[:2] + struct.pack(">5H", flags, 1, len(addresses), 1 if authority else 0, 0)
    records = b"".join(b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, answer.ttl, 4)
                       + socket.inet_aton(address) for address in addresses)
    return head + wire[12:end] + records + authority


def _bind(host, port, tries=5):
    """A port, or a free one, and its sockets for UDP and TCP; somebody may have taken it since it
    was found free."""
    number = port or server.free_port()
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        udp.bind((host, number))
        return number, udp, socket.create_server((host, number))
    except OSError:
        udp.close()
        if port or tries == 1:
            raise
    return _bind(host, None, tries - 1)


class NameServer:
    """table: {name: Answer}; other names get the answer in default.

    healthy: what relayguard asks to test a list gets the answers of a list that is
    in order, unless the table has others; None: where the default is a name that
    does not exist.
    """

    def __init__(self, table=None, default=ABSENT, port=None, healthy=None,
                 host="127.0.0.1"):
        self.table = dict(table or {})
        self.default = default
        self.healthy = healthy
        self.questions = []  # (name as asked, "udp" or "tcp", time)
        self.host = host
        self._waiting = []
        self._stopped = False
        self.port, self._udp, self._tcp = _bind(host, port)
        self.address = f"{host}:{self.port}"
        self._udp.settimeout(0.005)
        self._tcp.settimeout(0.1)
        self._threads = [threading.Thread(target=target, daemon=True)
                         for target in (self._serve_udp, self._serve_tcp)]
        for thread in self._threads:
            thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self._stopped = True
        for thread in self._threads:
            thread.join()
        self._udp.close()
        self._tcp.close()

    def count(self, part="", protocol=None, tests=False):
        """How many questions there were for names that hold a text: about clients,
        or those that tested the list."""
        part = part.lower()
        return sum(part in name.lower() and protocol in (None, how) and is_test(name) == tests
                   for name, how, _ in list(self.questions))

    def clients(self, part=""):
        """The names that hold a text and by which clients were asked about, each once."""
        part = part.lower()
        return {name.lower() for name, _, _ in list(self.questions)
                if part in name.lower() and not is_test(name)}

    def _find(self, name):
        healthy = self.default.rcode == NXDOMAIN if self.healthy is None else self.healthy
        if name in self.table or not healthy or not is_test(name):
            return self.table.get(name, self.default)
        return _LISTED if subject(name) in _ENTRIES else ABSENT

    def _answer(self, wire, tcp):
        try:
            name, kind, end = question(wire)
        except IndexError:
            return None, None
        self.questions.append((name, "tcp" if tcp else "udp", time.monotonic()))
        answer = self._find(name.lower())
        return answer, None if answer.silent else _build(wire, kind, end, answer, tcp)

    def _serve_udp(self):
        while not self._stopped:
            try:
                wire, peer = self._udp.recvfrom(4096)
                answer, packet = self._answer(wire, False)
                if packet is not None:
                    due = time.monotonic() + answer.delay
                    heapq.heappush(self._waiting, (due, len(self.questions), packet, peer))
            except socket.timeout:
                pass
            while self._waiting and self._waiting[0][0] <= time.monotonic():
                _, _, packet, peer = heapq.heappop(self._waiting)
                self._send(packet, peer)

    def _send(self, packet, peer):
        self._udp.sendto(packet, peer)

    def _serve_tcp(self):
        while not self._stopped:
            try:
                connection, _ = self._tcp.accept()
            except socket.timeout:
                continue
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection):
        with connection, connection.makefile("rb") as file:
            connection.settimeout(5)
            try:
                while len(head := file.read(2)) == 2:
                    wire = file.read(struct.unpack(">H", head)[0])
                    answer, packet = self._answer(wire, True)
                    if packet is not None:
                        time.sleep(answer.delay)
                        connection.sendall(struct.pack(">H", len(packet)) + packet)
            except OSError:
                pass


class BlackHole:
    """A port where questions arrive and nobody ever answers."""

    def __init__(self):
        self.port = server.free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", self.port))

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.socket.close()
