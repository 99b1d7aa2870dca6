# SPDX-License-Identifier: BSD-2-Clause
"""NSD, serving zones from records the test gives."""
import os
import re
import shutil
import signal
import subprocess

from . import server

CONF = """server:
    ip-address: {address}@{port}
    server-count: 1
    username: "nobody"
    chroot: ""
    zonesdir: "{directory}"
    database: ""
    pidfile: ""
    xfrdfile: ""
    zonelistfile: "{directory}/zone.list"
    rrl-ratelimit: 0
remote-control:
    control-enable: yes
    control-interface: "{directory}/control"
"""

ZONE = """zone:
    name: "{name}"
    zonefile: "{file}"
"""

HEAD = """$ORIGIN {name}.
$TTL 300
@ SOA ns admin 1 600 600 600 60
@ NS ns
"""


def head(name, address="127.0.0.1"):
    """The beginning of a zone: "": the root."""
    return HEAD.format(name=name) + f"ns A {address}\n"


def why_not():
    """Why it cannot run here, or None."""
    return None if shutil.which("nsd") and shutil.which("nsd-control") else "nsd is missing"


def txt(text):
    """The data of a TXT record: strings of 255 bytes at most."""
    parts = [text[at:at + 255] for at in range(0, len(text), 255)] or [""]
    return "TXT " + " ".join(f'"{"".join(map(_escaped, part))}"' for part in parts)


def _escaped(letter):
    return letter if letter.isascii() and letter not in '"\\' else f"\\{ord(letter):03d}"


class Nsd(server.Server):
    """zones: {"example": lines as in a zone file}; None: one that is answered with
    SERVFAIL, for its file is not there.  Lines that begin with a comment are all of
    the zone, as what signs zones writes them; "" is the root."""

    def __init__(self, zones, address="127.0.0.1", port=None):
        self.port = port or server.free_port()
        self.address = f"{address}:{self.port}"
        self.directory = server.new_dir("nsd")
        shutil.chown(self.directory, "nobody")
        text = CONF.format(address=address, port=self.port, directory=self.directory)
        for name, lines in zones.items():
            text += ZONE.format(name=name or ".", file=name or "root")
            if lines is not None:
                server.write(os.path.join(self.directory, name or "root"),
                             lines if lines.startswith(";") else head(name) + lines)
        self.file = server.write(os.path.join(self.directory, "nsd.conf"), text)
        super().__init__("nsd", ["nsd", "-d", "-c", self.file])
        self.wait_ready(lambda: "nsd started" in self.output() and self._stats() is not None)

    def _stats(self):
        done = subprocess.run(["nsd-control", "-c", self.file, "stats_noreset"], check=False,
                              text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        return done.stdout if done.returncode == 0 else None

    def count(self, what="queries"):
        """How many questions there were, of a type ("type.TXT"), over TCP ("tcp")."""
        found = re.search(rf"^num\.{re.escape(what)}=(\d+)", self._stats() or "", re.MULTILINE)
        return int(found.group(1)) if found else 0

    def pause(self):
        """Answer nobody, until resume()."""
        os.killpg(self.pid, signal.SIGSTOP)

    def resume(self):
        """Go on."""
        os.killpg(self.pid, signal.SIGCONT)

    def stop(self, seconds=server.PATIENCE):
        self.resume()
        return super().stop(seconds)
