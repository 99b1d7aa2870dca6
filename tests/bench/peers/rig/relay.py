# SPDX-License-Identifier: BSD-2-Clause
"""A process between the peers and rbldnsd that brings every answer late, or is silent
about one list."""
import collections
import os
import select
import signal
import socket
import time

BEHIND = 5353  # where rbldnsd is then
_PLACES = 60000


class Relay:
    """delay: seconds; silent: the first label of a zone nothing is heard of."""

    def __init__(self, port, delay=0.0, silent=None):
        front = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        front.setsockopt(socket.SOL_SOCKET, 33, 16 << 20)  # SO_RCVBUFFORCE
        front.bind(("127.0.0.1", port))
        self._pid = os.fork()
        if self._pid == 0:
            try:
                signal.signal(signal.SIGTERM, signal.SIG_DFL)
                _serve(front, delay, silent)
            finally:
                os._exit(0)
        front.close()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        os.kill(self._pid, signal.SIGTERM)
        os.waitpid(self._pid, 0)


def _serve(front, delay, silent):
    behind = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    behind.setsockopt(socket.SOL_SOCKET, 33, 16 << 20)
    behind.connect(("127.0.0.1", BEHIND))
    hole = None if silent is None else bytes([len(silent)]) + silent.encode()
    askers = [None] * _PLACES
    waiting = collections.deque()
    place = 0
    while True:
        timeout = None if not waiting else max(0.0, waiting[0][0] - time.monotonic())
        ready = select.select((front, behind), (), (), timeout)[0]
        if front in ready:
            question, peer = front.recvfrom(4096)
            if hole is None or hole not in question:
                place = (place + 1) % _PLACES
                askers[place] = (question[:2], peer)
                behind.send(place.to_bytes(2, "big") + question[2:])
        if behind in ready:
            answer = behind.recv(4096)
            asker = askers[int.from_bytes(answer[:2], "big")]
            waiting.append((time.monotonic() + delay, asker[0] + answer[2:], asker[1]))
        while waiting and waiting[0][0] <= time.monotonic():
            _, answer, peer = waiting.popleft()
            front.sendto(answer, peer)
