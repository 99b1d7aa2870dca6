# SPDX-License-Identifier: BSD-2-Clause
"""A proxy between an MTA and a filter that notes every packet."""
import socket
import threading
import time

from . import server

COMMANDS = {"O": "negotiate", "D": "macros", "C": "connect", "H": "helo", "M": "mail",
            "R": "rcpt", "T": "data", "L": "header", "N": "eoh", "B": "body",
            "E": "end of message", "A": "abort", "Q": "quit", "K": "quit, connection kept",
            "U": "unknown"}


class Packet:
    """One packet: when, from "mta" or "filter", its command, its data."""

    def __init__(self, when, source, command, data):
        self.when = when
        self.source = source
        self.command = command
        self.data = data

    def __repr__(self):
        name = COMMANDS.get(self.command, "?") if self.source == "mta" else "reply"
        return f"{self.when:.3f} {self.source} {self.command} {name} {self.data[:40]!r}"


class Session:
    """The packets of one connection of the MTA."""

    def __init__(self):
        self.packets = []
        self.closed = False

    def replies(self):
        """The replies, each one a round trip of the MTA."""
        return [packet for packet in self.packets if packet.source == "filter"]

    def sent(self, command):
        """The first packet of a command from the MTA, or None."""
        return next((packet for packet in self.packets
                     if packet.source == "mta" and packet.command == command), None)

    def answer(self, command):
        """The reply to the first packet of a command, or None."""
        first = self.sent(command)
        if first is None:
            return None
        return next((packet for packet in self.packets[self.packets.index(first):]
                     if packet.source == "filter"), None)

    def __str__(self):
        return "\n".join(map(repr, self.packets))


class Tap:
    """Listens on a port of its own and hands everything on to the filter's."""

    def __init__(self, filter_port):
        self.sessions = []
        self.port = server.free_port()
        self.postfix = f"inet:127.0.0.1:{self.port}"
        self._filter_port = filter_port
        self._stopped = False
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self._listener.settimeout(0.1)
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self._stopped = True
        self._thread.join()
        self._listener.close()

    def _accept(self):
        while not self._stopped:
            try:
                mta, _ = self._listener.accept()
            except socket.timeout:
                continue
            session = Session()
            try:
                out = socket.create_connection(("127.0.0.1", self._filter_port))
            except OSError:
                mta.close()
                continue
            self.sessions.append(session)
            for source, reader, writer in (("mta", mta, out), ("filter", out, mta)):
                threading.Thread(target=self._copy, daemon=True,
                                 args=(session, source, reader, writer)).start()

    @staticmethod
    def _copy(session, source, reader, writer):
        pending = b""
        try:
            while data := reader.recv(65536):
                pending += data
                while len(pending) >= 4:
                    size = int.from_bytes(pending[:4], "big")
                    if len(pending) < 4 + size:
                        break
                    session.packets.append(Packet(time.monotonic(), source,
                                                  pending[4:5].decode("latin-1"),
                                                  pending[5:4 + size]))
                    pending = pending[4 + size:]
                writer.sendall(data)
        except OSError:
            pass
        session.closed = True
        try:
            writer.shutdown(socket.SHUT_WR)
        except OSError:
            pass
