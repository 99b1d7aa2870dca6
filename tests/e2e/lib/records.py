# SPDX-License-Identifier: BSD-2-Clause
"""A DNS server of records of all types, over UDP, and over TCP what is too long for that."""
import socket
import struct
import threading

UDP_MAX = 512
A, MX, PTR, TXT, AAAA = 1, 15, 12, 16, 28


def name(text):
    """A name as it is in a packet."""
    labels = [label.encode("latin-1") for label in text.rstrip(".").split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def text(*strings):
    """The data of a TXT record; strings of over 255 bytes become several."""
    parts = [string[at:at + 255] for string in strings for at in range(0, len(string), 255)]
    return b"".join(bytes([len(part)]) + part for part in parts or [b""])


def _question(data):
    at, labels = 12, []
    while data[at]:
        labels.append(data[at + 1:at + 1 + data[at]].decode("latin-1").lower())
        at += 1 + data[at]
    return ".".join(labels), struct.unpack(">H", data[at + 1:at + 3])[0], data[12:at + 5]


def _packet(data, found, cut=False):
    _, kind, question = _question(data)
    records = [] if cut else found
    return (data[:2] + bytes([0x87 if cut else 0x85, 0x80 | (0 if found else 3)])
            + struct.pack(">HHHH", 1, len(records), 0, 0) + question
            + b"".join(b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 60, len(r)) + r
                       for r in records))


class Records:
    """find(name in lower case, type): the data of its records; None: silence."""

    def __init__(self, find):
        self.find = find
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

    def _reply(self, data, short):
        found = self.find(*_question(data)[:2])
        if found is None:
            return None
        packet = _packet(data, found)
        return _packet(data, found, cut=True) if short and len(packet) > UDP_MAX else packet

    def _serve_udp(self):
        while True:
            data, peer = self._udp.recvfrom(4096)
            reply = self._reply(data, True)
            if reply is not None:
                self._udp.sendto(reply, peer)

    def _serve_tcp(self):
        while True:
            link, _ = self._tcp.accept()
            threading.Thread(target=self._serve_link, args=(link,), daemon=True).start()

    def _serve_link(self, link):
        with link, link.makefile("rb") as stream:
            while len(head := stream.read(2)) == 2:
                reply = self._reply(stream.read(struct.unpack(">H", head)[0]), False)
                if reply is None:
                    return
                link.sendall(struct.pack(">H", len(reply)) + reply)
