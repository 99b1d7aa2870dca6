#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Several daemons on one machine, made as relayguard(8) says, each for one service of Postfix."""
import os
import re
import subprocess

from lib import check, daemon, postfix, rbldnsd, scene, server, smtp, stored
from lib.check import case, ok, same

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
SERVICE = os.path.join(TOP, "contrib", "relayguard.service")
FIRST = """listen = "inet:8891@127.0.0.1"
control {{ socket = "/run/relayguard/control.sock" metrics = "127.0.0.1:9891" }}
store {{ path = "/var/lib/relayguard" }}
"""


def blocks():
    """The commands and lines of the section, as they are printed."""
    with open(os.path.join(TOP, "man", "relayguard.8"), encoding="utf-8") as file:
        section = file.read().split(".Sh SEVERAL DAEMONS\n")[1].split("\n.Sh ")[0]
    return [found.replace("\\e", "\\") for found in
            re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed$", section, re.M | re.S)]


def shell(command):
    """What a command prints."""
    return subprocess.run(["sh", "-ec", command], check=True, text=True, timeout=20,
                          stdout=subprocess.PIPE).stdout


def command(block, name):
    """The first command of a block that begins so, without where its output goes."""
    found = re.search(rf"^{name}.*?(?<!\\)$", block, re.M | re.S).group(0)
    return re.sub(r"\s>\s\S+$", "", found)


@case
def unit():
    """The unit of all that are added differs in its places, and in nothing else."""
    text = shell(command(blocks()[0], "systemctl cat").replace("systemctl cat relayguard.service",
                                                               f"cat {SERVICE}"))
    with open(SERVICE, encoding="ascii") as file:
        before = file.read().splitlines()
    changed = [new for old, new in zip(before, text.splitlines()) if old != new]
    same([line for line in changed if not line.startswith("#")],
         ["ExecStart=/usr/sbin/relayguard -s -c /etc/relayguard/%i.conf",
          "RuntimeDirectory=relayguard/%i", "StateDirectory=relayguard/%i"], "the lines of places")


def other(text):
    """The configuration of the second one, by the command of the manual."""
    conf = server.write(os.path.join(server.new_dir("conf"), "relayguard.conf"), text)
    return shell(command(blocks()[1], "sed").replace("/etc/relayguard.conf", conf))


class Two:
    """Two daemons with one list, and Postfix with a service for each."""

    def __init__(self):
        self.list = rbldnsd.Rbldnsd(scene.ZONES)
        top = server.new_dir("several")
        self.lib = os.path.join(top, "lib")
        for place in (self.lib, self.lib + "/two", top + "/run", top + "/run/two"):
            os.mkdir(place)
            os.chmod(place, 0o777)
        first = FIRST.format() + daemon.config(self.list.address)
        ports = {port: str(server.free_port()) for port in ("8891", "8892", "9891", "9892")}
        self.guards, self.control = [], []
        for text in (first, other(first)):
            for port, free in ports.items():
                text = re.sub(rf"\b{port}\b", free, text)
            text = text.replace("/run/relayguard/", top + "/run/").replace(
                "/var/lib/relayguard", self.lib)
            self.guards.append(daemon.Relayguard(text, wait=False))
            self.control.append(re.search(r'socket = "(.*?)"', text).group(1))
        check.wait_for(lambda: all(guard.events("started") for guard in self.guards))
        self.port = server.free_port()
        master = blocks()[2].replace("192.0.2.2:smtp", f"127.0.0.1:{self.port}").replace(
            "n - y - - smtpd", "n - n - - smtpd").replace("8892", ports["8892"])
        self.mta = postfix.Postfix(f"inet:127.0.0.1:{ports['8891']}", services=master)

    def ctl(self, number, *words):
        """What relayguardctl says of one of them."""
        done = subprocess.run([stored.RELAYGUARDCTL, "-s", self.control[number], *words],
                              check=False, timeout=30, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True)
        return done.returncode, done.stdout


@case
def two():
    """Each decides for its service, keeps its own, and lives by itself."""
    here = Two()
    ports = (here.mta.port, here.port)
    refs = []
    for number, port in enumerate(ports):
        reply = smtp.try_rcpt(port, scene.RELAY, "bob@strict.example")
        same(reply.code, 550, f"{number}: the service refuses")
        refs.append(reply.ref)
        same([len(guard.decisions(ref=reply.ref)) for guard in here.guards],
             [int(number == 0), int(number == 1)], f"{number}: by its daemon")
    for number in (0, 1):
        ok(check.wait_for(lambda n=number: here.ctl(n, "explain", refs[n])[0] == 0),
           f"{number}: it can be explained")
        ok(here.ctl(number, "explain", refs[1 - number])[0] != 0, f"{number}: not the other's")
        same(here.ctl(number, "status")[0], 0, f"{number}: it has a socket of its own")
    same([os.path.exists(os.path.join(here.lib, place, "local.db")) for place in ("", "two")],
         [True, True], "each has a store")
    same(here.guards[0].stop(), 0, "the first one ends")
    same(smtp.try_rcpt(here.port, scene.RELAY, "bob@strict.example").code, 550,
         "the other service refuses as before")


check.run()
