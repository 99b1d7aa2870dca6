# SPDX-License-Identifier: BSD-2-Clause
"""A server on TCP that answers with whatever a test likes."""
import contextlib
import socket
import threading
import time

from . import server


class Evil:
    """talk(connection) holds each conversation, in a thread of its own."""

    def __init__(self, talk, port=None):
        self.port = port or server.free_port()
        self.connections = 0
        self._talk = talk
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self._listener.settimeout(0.1)
        self._stopped = False
        self._open = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self._stopped = True
        self._thread.join()
        self._listener.close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _serve(self):
        while not self._stopped:
            try:
                connection, _ = self._listener.accept()
            except socket.timeout:
                continue
            connection.settimeout(10)
            self.connections += 1
            self._open.append(connection)
            threading.Thread(target=self._hold, args=(connection,), daemon=True).start()

    def _hold(self, connection):
        with connection, contextlib.suppress(OSError):
            self._talk(connection)


def dripping(text, seconds=0.05):
    """Answer each thing said with a text, a byte at a time."""
    def talk(connection):
        while connection.recv(65536):
            for byte in text:
                connection.sendall(bytes([byte]))
                time.sleep(seconds)
    return talk


def always(text):
    """Answer each thing said with a text."""
    def talk(connection):
        while connection.recv(65536):
            connection.sendall(text)
    return talk


def pouring(head, megabytes=64):
    """Answer the first thing said with a head and as many bytes as are taken."""
    def talk(connection):
        connection.recv(65536)
        connection.sendall(head)
        for _ in range(megabytes * 16):
            connection.sendall(b"x" * 65536)
        time.sleep(5)
    return talk


def silent(connection):
    """Listen, and never say a word."""
    while connection.recv(65536):
        pass
