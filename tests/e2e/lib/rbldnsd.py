# SPDX-License-Identifier: BSD-2-Clause
"""rbldnsd, serving lists from data the test gives."""
import os
import re
import shutil
import signal

from . import server


# What tells that a list is one (RFC 5782, 5).
TEST_ENTRY = {"ip4set": "127.0.0.2 :127.0.0.2:\n", "ip6trie": "::ffff:7f00:2 :127.0.0.2:\n",
              "dnset": "test :127.0.0.2:\n"}


class Rbldnsd(server.Server):
    """zones: {"bl.example": {"ip4set": text, "ip6trie": text}}, or "dnset"
    for domains; each has its test entry, but those in bare.

    places: where it listens, (address, port), if not at a free port.  ttl: of records,
    or rbldnsd's default; negative: of absences; None: without SOA.
    """

    def __init__(self, zones, port=None, places=None, ttl=None, negative=120,
                 bare=()):
        self.port = port or server.free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.directory = server.new_dir("zones")
        shutil.chown(self.directory, "nobody")
        self.log = os.path.join(self.directory, "queries")
        self._head = "" if negative is None else \
            f"$SOA 600 ns.example admin.example 1 600 600 600 {negative}\n"
        self._head += "" if ttl is None else f"$TTL {ttl}\n"
        self._bare = bare
        self._written = 0
        argv = ["rbldnsd", "-n", "-u", "nobody", "-c", "0", "-w", self.directory,
                "-l", "+queries"]
        for address, number in places or (("127.0.0.1", self.port),):
            argv += ["-b", f"{address}/{number}"]
        for zone, sets in zones.items():
            for kind, text in sets.items():
                argv.append(f"{zone}:{kind}:{self._write(zone, kind, text)}")
        super().__init__("rbldnsd", argv)
        self.wait_ready(lambda: "started" in self.output())

    def _write(self, zone, kind, text):
        file = f"{zone}.{kind}"
        entry = "" if zone in self._bare else TEST_ENTRY[kind]
        path = server.write(os.path.join(self.directory, file), self._head + entry + text)
        self._written += 1
        os.utime(path, (self._written, self._written))  # it must not seem to be the same
        return file

    def change(self, zone, kind, text):
        """Serve other data from now on."""
        before = len(self.output())
        self._write(zone, kind, text)
        self.send(signal.SIGHUP)
        self.wait_ready(lambda: "zones reloaded" in self.output()[before:])
        if "invalid" in self.output()[before:]:
            raise RuntimeError("rbldnsd: " + self.output()[before:])

    def pause(self):
        """Answer nobody, until resume()."""
        self.send(signal.SIGSTOP)

    def resume(self):
        """Go on."""
        self.send(signal.SIGCONT)

    def queries(self, name=""):
        """The names asked for so far that hold a text, as they were asked."""
        with open(self.log, encoding="ascii", errors="replace") as file:
            asked = [line.split()[2] for line in file if len(line.split()) > 2]
        return [word for word in asked if re.search(re.escape(name), word, re.IGNORECASE)]
