# SPDX-License-Identifier: BSD-2-Clause
"""A syslog that keeps what it is told, and a /dev for a program to find it in.

The program gets a /dev of its own in a private mount namespace; where there
can be none, /dev/log is made for the time of the test if nobody has it.
"""
import os
import socket
import subprocess
import threading

from . import server

# In the new namespace: a /dev with the few devices needed and our log.
_MOUNT = """
new=$1 log=$2; shift 2
mount -t tmpfs tmpfs "$new" &&
cp -a /dev/null /dev/zero /dev/full /dev/random /dev/urandom "$new" &&
ln -s "$log" "$new/log" &&
mount --move "$new" /dev &&
exec "$@"
"""


class Syslog:
    """prefix is what a command must begin with to log here."""

    def __init__(self):
        self.directory = server.new_dir("syslog")
        os.chmod(self.directory, 0o755)
        self.path = os.path.join(self.directory, "log")
        self.messages = []
        self.prefix = []
        self._linked = False
        self._reads = threading.Event()
        self._reads.set()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.path)
        os.chmod(self.path, 0o666)
        self._find_a_way()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        if self._linked:
            os.unlink("/dev/log")
        self._socket.close()

    def _find_a_way(self):
        new = os.path.join(self.directory, "dev")
        os.mkdir(new)
        prefix = ["unshare", "--mount", "sh", "-c", _MOUNT, "sh", new, self.path]
        done = subprocess.run(prefix + ["true"], check=False, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
        if done.returncode == 0:
            self.prefix = prefix
        elif not os.path.lexists("/dev/log"):
            os.symlink(self.path, "/dev/log")
            self._linked = True

    @property
    def works(self):
        """Whether programs can reach it."""
        return bool(self.prefix or self._linked)

    def stall(self):
        """Stand still: nothing is read from now on."""
        self._reads.clear()

    def go_on(self):
        """Read again."""
        self._reads.set()

    def _listen(self):
        while True:
            self._reads.wait()
            try:
                self.messages.append(self._socket.recv(8192).decode("utf-8", "backslashreplace"))
            except OSError:
                return

    def text(self):
        """All it was told."""
        return "\n".join(self.messages)
