#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Many strangers whose DNS is silent, and names with very many addresses."""
import socket
import struct
import threading
import time

from lib import check, daemon, milter
from lib.check import case, ok, same

TXT = {"good.com": b"v=spf1 +all", "many.com": b"v=spf1 a:out.many.com -all",
       "net.com": b"v=spf1 a:out.many.com/24 -all"}
MANY = [bytes([203, 0, 113, n % 250]) for n in range(1, 900)] + [bytes([198, 51, 100, 40])]


def _question(data):
    at, labels = 12, []
    while data[at]:
        labels.append(data[at + 1:at + 1 + data[at]].decode("latin-1").lower())
        at += 1 + data[at]
    return ".".join(labels), struct.unpack(">H", data[at + 1:at + 3])[0], data[12:at + 5]


def _answer(data, records=(), code=0, cut=False):
    _, kind, question = _question(data)
    return (data[:2] + bytes([0x87 if cut else 0x85, 0x80 | code])
            + struct.pack(">HHHH", 1, len(records), 0, 0) + question
            + b"".join(b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 60, len(r)) + r
                       for r in records))


def _reply(data, short):
    """To a question; None: silence."""
    name, kind, _ = _question(data)
    if "silent" in name:
        return None
    if kind == 16 and name in TXT:
        return _answer(data, [bytes([len(TXT[name])]) + TXT[name]])
    if kind == 1 and name == "out.many.com":
        return _answer(data, cut=True) if short else _answer(data, MANY)
    return _answer(data, code=3)


class Dns:
    """A server of these names, over UDP, and over TCP what is too long for that."""

    def __init__(self):
        self._tcp, self._udp = self._bind()
        self.address = "127.0.0.1:%d" % self._tcp.getsockname()[1]
        for serve in (self._serve_udp, self._serve_tcp):
            threading.Thread(target=serve, daemon=True).start()

    @staticmethod
    def _bind():
        while True:
            tcp, udp = socket.socket(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            tcp.bind(("127.0.0.1", 0))
            tcp.listen(16)
            try:
                udp.bind(tcp.getsockname())
                return tcp, udp
            except OSError:
                tcp.close()
                udp.close()

    def _serve_udp(self):
        while True:
            data, peer = self._udp.recvfrom(4096)
            reply = _reply(data, True)
            if reply is not None:
                self._udp.sendto(reply, peer)

    def _serve_tcp(self):
        while True:
            link, _ = self._tcp.accept()
            threading.Thread(target=self._serve_link, args=(link,), daemon=True).start()

    @staticmethod
    def _serve_link(link):
        with link, link.makefile("rb") as stream:
            while len(head := stream.read(2)) == 2:
                reply = _reply(stream.read(struct.unpack(">H", head)[0]), False)
                link.sendall(struct.pack(">H", len(reply)) + reply)


def began():
    """relayguard, which refuses for all that SPF may say."""
    return daemon.Relayguard(f'''
deadline = "2s"
dns {{ servers = {{ "{Dns().address}" }} }}
policy "default" {{ spf_fail = "refuse" spf_temperror = "refuse" }}
''')


def send(guard, client, sender):
    """What becomes of a sender."""
    with milter.Client(guard.where) as session:
        session.negotiate()
        session.connect(client)
        session.helo(b"h.example")
        session.mail(f"<{sender}>".encode())
        return milter.word(session.rcpt())


@case
def crowd():
    """Nine hundred addresses of a name: the last one is known like the others."""
    guard = began()
    same(send(guard, "198.51.100.40", "a@many.com"), "pass", "the last of them")
    same(send(guard, "203.0.113.3", "b@many.com"), "pass", "one of the first")
    same(send(guard, "198.51.100.41", "a@net.com"), "pass", "its neighbour, by the network")
    same(send(guard, "198.51.100.41", "a@many.com"), "refuse", "which is none of them")
    same(send(guard, "198.51.101.40", "a@net.com"), "refuse", "nor is the next network")


def _strangers(guard, pairs):
    threads = [threading.Thread(target=send, args=(guard, client, sender), daemon=True)
               for client, sender in pairs]
    for thread in threads:
        thread.start()
        time.sleep(0.003)
    time.sleep(0.1)
    return threads


@case
def stuffed():
    """Strangers hold their share of the processes, and no more: others are checked."""
    kinds = (
        ("one domain", [(f"203.0.113.{n}", f"a@x{n}.silent.com") for n in range(1, 100)], "pass"),
        ("one client", [("203.0.113.1", f"a@silent{n}.com") for n in range(1, 100)], "pass"),
        ("many of both", [(f"203.0.113.{n}", f"a@silent{n}.com") for n in range(1, 200)], None),
    )
    for label, pairs, want in kinds:
        guard = began()
        threads = _strangers(guard, pairs)
        same(send(guard, "198.51.100.9", "b@good.com"), "pass", f"{label}: good.com passes")
        got = guard.wait_decision(**{"from": "b@good.com"}).get("spf")
        check.note(f"{label}: good.com is {got}")
        if want is not None:
            same(got, want, f"{label}: and is checked")
        for thread in threads:
            thread.join(10)
        ok(guard.decisions(spf="temperror"), f"{label}: silence is told")


check.run()
