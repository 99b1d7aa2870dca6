# SPDX-License-Identifier: BSD-2-Clause
"""rbldnsd, serving lists from data the test gives."""
import os
import re
import shutil

from . import server


# What tells that a list is one (RFC 5782, 5).
TEST_ENTRY = {"ip4set": "127.0.0.2 :127.0.0.2:\n", "ip6trie": "::ffff:7f00:2 :127.0.0.2:\n",
              "dnset": "test :127.0.0.2:\n"}


class Rbldnsd(server.Server):
    """zones: {"bl.example": {"ip4set": text, "ip6trie": text}}, or "dnset"
    for domains; each has its test entry."""

    def __init__(self, zones, port=None):
        self.port = port or server.free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.directory = server.new_dir("zones")
        shutil.chown(self.directory, "nobody")
        self.log = os.path.join(self.directory, "queries")
        argv = ["rbldnsd", "-n", "-u", "nobody", "-b", f"127.0.0.1/{self.port}", "-c", "0",
                "-w", self.directory, "-l", "+queries"]
        for zone, sets in zones.items():
            for kind, text in sets.items():
                file = f"{zone}.{kind}"
                soa = "$SOA 600 ns.example admin.example 1 600 600 600 120\n"
                server.write(os.path.join(self.directory, file), soa + TEST_ENTRY[kind] + text)
                argv.append(f"{zone}:{kind}:{file}")
        super().__init__("rbldnsd", argv)
        self.wait_ready(lambda: "started" in self.output())

    def queries(self, name=""):
        """The names asked for so far that hold a text, as they were asked."""
        with open(self.log, encoding="ascii", errors="replace") as file:
            asked = [line.split()[2] for line in file if len(line.split()) > 2]
        return [word for word in asked if re.search(re.escape(name), word, re.IGNORECASE)]
