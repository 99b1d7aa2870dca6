# SPDX-License-Identifier: BSD-2-Clause
"""A process that serves a test, and the directory the test works in.

Each one leads a process group of its own and is ended by it, at the end of
its with block, of its case, and of the test, whatever happens.
"""
import atexit
import glob
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

# Seconds for what takes a moment, however busy the machine is.
PATIENCE = 30.0

_running = []
_workdir = None
_claims = []  # sockets whose names stand for ports


def workdir():
    """The directory of this test; servers that drop their user can enter it."""
    global _workdir
    if _workdir is None:
        _workdir = tempfile.mkdtemp(prefix="relayguard-e2e.")
        os.chmod(_workdir, 0o755)
    return _workdir


def new_dir(name):
    """A new directory in workdir()."""
    path = tempfile.mkdtemp(prefix=name + ".", dir=workdir())
    os.chmod(path, 0o755)
    return path


def write(path, text, mode=0o644):
    """Write a file and return its path."""
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, mode)
    return path


def _is_free(family, host, port):
    """Whether it is free for TCP and UDP."""
    with socket.socket(family, socket.SOCK_STREAM) as tcp, \
            socket.socket(family, socket.SOCK_DGRAM) as udp:
        try:
            tcp.bind((host, port))
            udp.bind((host, port))
        except OSError:
            return False
    return True


def _claim(port):
    """Have the port for this process alone, as far as tests are concerned; False: another has."""
    claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        claim.bind(f"\0relayguard-test-port-{port}")
    except OSError:
        claim.close()
        return False
    _claims.append(claim)
    return True


def free_port(host="127.0.0.1"):
    """A port for TCP and UDP that nobody has, and nobody will, until this process ends: the
    system gives it to no outgoing connection, and no other test takes it.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    while True:
        port = random.randrange(12000, 32000)
        # Claimed first: two that look at once would each find the port taken by the other's look.
        if _claim(port) and _is_free(family, host, port):
            return port


def libraries(folder):
    """An environment in which the libraries of packages unpacked in a folder are found: those of
    the system's folders, and of the package's own."""
    found = {os.path.dirname(path) for where in ("lib/*", "usr/lib/*")
             for path in glob.glob(os.path.join(folder, where, "lib*.so.*"))}
    return {**os.environ, "LD_LIBRARY_PATH": ":".join(sorted(found))}


def listens(port, host="127.0.0.1"):
    """Whether somebody accepts connections there."""
    try:
        socket.create_connection((host, port), 1).close()
        return True
    except OSError:
        return False


class Server:
    """A process with its output in a file."""

    def __init__(self, name, argv, env=None, cwd=None):
        self.name = name
        self.argv = [str(word) for word in argv]
        self.outfile = os.path.join(new_dir(name), "output")
        with open(self.outfile, "wb") as out:
            self.process = subprocess.Popen(
                self.argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                env=env, cwd=cwd or workdir(), start_new_session=True)
        self.pid = self.process.pid
        _running.append(self)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.stop()

    def output(self):
        """What it has written so far."""
        with open(self.outfile, "rb") as file:
            return file.read().decode("utf-8", "backslashreplace")

    def alive(self):
        """Whether it still runs."""
        return self.process.poll() is None

    def send(self, number):
        """Send it a signal."""
        self.process.send_signal(number)

    def wait(self, seconds=PATIENCE):
        """Its exit code, or None if it does not end in time."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def wait_ready(self, ready, seconds=2 * PATIENCE):
        """Wait until ready() holds; an error if it does not, or it ends."""
        end = time.monotonic() + seconds
        while not ready():
            if not self.alive():
                raise RuntimeError(f"{self.name} ended with {self.process.returncode}:\n"
                                   + self.output())
            if time.monotonic() > end:
                raise RuntimeError(f"{self.name} is not ready:\n" + self.output())
            time.sleep(0.01)

    def stop(self, seconds=PATIENCE):
        """End it and all of its group; its exit code."""
        if self in _running:
            _running.remove(self)
        if self.alive():
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            self.wait(seconds)
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass
        return self.process.wait()


def running():
    """The servers that have not been stopped."""
    return list(_running)


def end_all():
    """Stop all servers, the last one first."""
    while _running:
        _running[-1].stop()


def _clean_up():
    end_all()
    if _workdir is not None and not os.environ.get("RELAYGUARD_KEEP"):
        shutil.rmtree(_workdir, ignore_errors=True)


atexit.register(_clean_up)
signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))
