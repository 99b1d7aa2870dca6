# SPDX-License-Identifier: BSD-2-Clause
"""Where syslog goes: a process that reads /dev/log, and keeps or drops what it says."""
import os
import signal
import socket

PATH = "/dev/log"


class Sink:
    """keep: a file for the lines, or None."""

    def __init__(self, keep=None):
        end = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        end.bind(PATH)
        os.chmod(PATH, 0o666)
        self._pid = os.fork()
        if self._pid == 0:
            try:
                self._read(end, keep)
            finally:
                os._exit(0)
        end.close()

    @staticmethod
    def _read(end, keep):
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        if keep is None:
            scratch = bytearray(65536)
            while True:
                end.recv_into(scratch)
        with open(keep, "ab", buffering=0) as file:
            while True:
                file.write(end.recv(65536).rstrip(b"\0\n") + b"\n")

    def stop(self):
        """End it."""
        os.kill(self._pid, signal.SIGTERM)
        os.waitpid(self._pid, 0)
        os.unlink(PATH)
