# SPDX-License-Identifier: BSD-2-Clause
"""A milter protocol client, as an MTA is one, that counts the replies it waits for.

It offers what the test says (version, actions, steps), and keeps to what was
agreed: steps switched off are not sent, steps without reply are not waited for.
"""
import socket
import struct

# Steps that a filter may switch off (SMFIP_NO...), and those it may ask to be
# told without having to reply (SMFIP_NR...), by command.
NOT_SENT = {"C": 0x01, "H": 0x02, "M": 0x04, "R": 0x08, "B": 0x10, "L": 0x20, "N": 0x40,
            "U": 0x100, "T": 0x200}
NO_REPLY = {"C": 0x1000, "H": 0x2000, "M": 0x4000, "R": 0x8000, "T": 0x10000, "U": 0x20000,
            "N": 0x40000, "B": 0x80000, "L": 0x80}
V6_STEPS = 0x1fffff
V2_STEPS = 0x7f
ACTIONS = 0x1ff


VERDICTS = {"c": "pass", "a": "pass", "y": "refuse", "t": "defer"}


def packet(command, data=b""):
    """One packet, as it is sent."""
    return struct.pack(">I", len(data) + 1) + command.encode() + data


NEGOTIATE = packet("O", struct.pack(">III", 6, ACTIONS, V6_STEPS))


def connected(address):
    """The packet that says: a client with this IPv4 address has connected."""
    return packet("C", b"client.example\x004" + struct.pack(">H", 40000)
                  + address.encode() + b"\0")


class Gone(Exception):
    """The filter closed the connection."""


class Client:
    """One connection to a filter at a TCP port or a unix socket's path."""

    def __init__(self, where, timeout=15):
        if isinstance(where, str):
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(timeout)
            self.socket.connect(where)
        else:
            self.socket = socket.create_connection(("127.0.0.1", where), timeout)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.steps = 0
        self.actions = 0
        self.version = 0
        self.replies = 0

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def close(self):
        """Leave without a word."""
        self.socket.close()

    def send(self, command, data=b""):
        """Send one packet."""
        self.socket.sendall(packet(command, data))

    def _take(self, size):
        data = b""
        while len(data) < size:
            more = self.socket.recv(size - len(data))
            if not more:
                raise Gone()
            data += more
        return data

    def read(self):
        """Read one packet: its command, and its data."""
        size = struct.unpack(">I", self._take(4))[0]
        packet = self._take(size)
        self.replies += 1
        return packet[:1].decode("latin-1"), packet[1:]

    def step(self, command, data=b""):
        """Send a step and read the reply; None where none is to come."""
        if self.steps & NOT_SENT.get(command, 0):
            return None
        self.send(command, data)
        if self.steps & NO_REPLY.get(command, 0):
            return None
        return self.read()

    def negotiate(self, version=6, actions=ACTIONS, steps=None):
        """Offer, and take what the filter asks for."""
        if steps is None:
            steps = V6_STEPS if version >= 6 else V2_STEPS
        self.send("O", struct.pack(">III", version, actions, steps))
        command, data = self.read()
        if command != "O":
            raise RuntimeError(f"reply to negotiation: {command!r} {data!r}")
        self.version, self.actions, self.steps = struct.unpack(">III", data[:12])
        self.wanted = {}  # macros, by stage
        at = data[12:]
        while len(at) > 4:
            names, _, rest = at[4:].partition(b"\0")
            self.wanted[struct.unpack(">I", at[:4])[0]] = names.decode()
            at = rest
        return self.version, self.actions, self.steps

    def macros(self, command, **values):
        """Send the macros of a step."""
        data = command.encode()
        for name, value in values.items():
            name = name if len(name) == 1 else "{%s}" % name
            data += name.encode() + b"\0" + value.encode() + b"\0"
        self.send("D", data)

    def connect(self, address, name=b"client.example", family=None, port=40000):
        """A client has connected; a family other than 4 and 6 has no address."""
        if family is None:
            family = "6" if ":" in address else "4"
        data = name + b"\0" + family.encode()
        if family not in ("U",):
            text = "IPv6:" + address if family == "6" else address
            data += struct.pack(">H", port) + text.encode() + b"\0"
        return self.step("C", data)

    def helo(self, name=b"client.example"):
        """HELO."""
        return self.step("H", name + b"\0")

    def mail(self, sender=b"<a@sender.example>", *arguments):
        """MAIL."""
        return self.step("M", b"\0".join((sender,) + arguments) + b"\0")

    def rcpt(self, recipient=b"<bob@strict.example>", *arguments):
        """RCPT."""
        return self.step("R", b"\0".join((recipient,) + arguments) + b"\0")

    def message(self, text=b"body\r\n"):
        """DATA with one header and a body; the reply to its end."""
        self.step("T")
        self.step("L", b"Subject\0test\0")
        self.step("N")
        self.step("B", text)
        return self.step("E")

    def abort(self):
        """The message is over."""
        self.send("A")

    def quit(self):
        """The session is over; close."""
        self.send("Q")
        self.close()

    def quit_keep(self):
        """The session is over, and another one follows on the connection."""
        self.send("K")


def envelope(where, address="198.51.100.7", recipient=b"<bob@strict.example>", version=6):
    """One session up to RCPT; RCPT's reply."""
    with Client(where) as client:
        client.negotiate(version)
        reply = client.connect(address)
        if reply is None or reply[0] == "c":
            client.helo()
            client.mail()
            reply = client.rcpt(recipient)
        client.quit()
        return reply


def word(reply):
    """What a reply to RCPT, or to connect, means: pass, refuse or defer."""
    if reply is None:
        return "none"
    command, data = reply
    return "defer" if command == "y" and data.startswith(b"4") else VERDICTS.get(command, command)


def verdict(where, address="198.51.100.7", recipient=b"<bob@strict.example>"):
    """One session up to RCPT: what its reply means."""
    return word(envelope(where, address, recipient))
