# SPDX-License-Identifier: BSD-2-Clause
"""relayguardctl export, from rows as the daemon gives them of its own list."""
import functools
import ipaddress
import json
import os
import random
import shutil
import subprocess
import time

from . import daemon, server
from .check import note, same, skip, within

RELAYGUARDCTL = os.path.join(os.path.dirname(os.environ["RELAYGUARD"]), "relayguardctl")
URL = "https://x.example.net/why?ip=%{ip}"
CONF = 'policy "default" { }\n'
SINCE, LEFT = 7200, 86400  # seconds since an entry is there, and until it ends


def network(client):
    """A client as it is exported."""
    return str(ipaddress.ip_network(client + "/64" if ":" in client and "/" not in client
                                    else client, strict=False))


def _time(wall):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(wall))


def row(client, reasons, since=SINCE, left=LEFT):
    """A line of the daemon's reply: reasons, each since so long and for as long."""
    now = int(time.time())
    each = {reason: {"rule": "x", "since": _time(now - since), "until": _time(now + left),
                     "times": 1} for reason in reasons}
    return json.dumps({"format": 1, "verb": "local", "data": {
        "client": client.partition("/")[0], "listed": True, "reasons": each}})


def rows(clients):
    """The reply: {client: reasons}, or clients that are all probers."""
    clients = clients if isinstance(clients, dict) else {client: ["probe"] for client in clients}
    return "\n".join([*(row(*pair) for pair in clients.items()),
                      json.dumps({"end": True, "status": 0 if clients else 1})]) + "\n"


def crowd(count, v6=0.2, seed=1):
    """So many clients of the Internet, some of them of IPv6; the same ones each time."""
    rng, found = random.Random(seed), {}
    while len(found) < count:
        if rng.random() < v6:
            client = str(ipaddress.IPv6Address((0x2a01 << 112) | rng.getrandbits(48) << 64))
            client += "/64"
        else:
            client = ".".join(str(rng.randrange(low, high)) for low, high in
                              ((20, 99), (0, 256), (0, 256), (0, 256)))
        found[client] = rng.choice((["probe"], ["trap"], ["probe", "trap"], ["nominated"]))
    return found


@functools.lru_cache(maxsize=None)
def _conf(text):
    return server.write(os.path.join(server.new_dir("conf"), "relayguard.conf"), text)


def ctl(*words, conf=CONF, text=None, limit=60):
    """What relayguardctl export returns, prints and says."""
    done = subprocess.run(
        [RELAYGUARDCTL, *(["-j"] if "-j" in words else []), "export", "--conf", _conf(conf),
         "--lists", daemon.LISTS, *(word for word in words if word != "-j")],
        input=text, check=False, timeout=limit, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, env=daemon.sanitizer_environment())
    return done.returncode, done.stdout, done.stderr


class Exporter:
    """A folder with rows, and what is made of them."""

    def __init__(self, clients):
        self.folder = server.new_dir("exports")
        self.rows = os.path.join(self.folder, "rows")
        self.set(clients)

    def set(self, clients):
        """Other clients from now on."""
        server.write(self.rows, rows(clients))

    def path(self, name):
        """The file of a format."""
        return os.path.join(self.folder, name)

    def export(self, name, *words, write=True, conf=CONF, out=None):
        """Export: what came of it."""
        return ctl(name, "--from", self.rows, "-o", out or self.path(name),
                   *(["-w"] if write else []), "--ns", "ns1.example.net", "--contact",
                   "post.master@example.net", "--url", URL, *words, conf=conf)

    def text(self, name):
        """What the file of a format has; None: there is none."""
        try:
            with open(self.path(name), encoding="ascii") as file:
                return file.read()
        except FileNotFoundError:
            return None


SIZES = (1, 1000, 100000)
FEW = {"5.6.7.8": ["probe"], "5.6.9.9": ["trap"], "2a01:db8:1:2::/64": ["probe", "trap"]}
LISTED, CLEAR, LISTED6, CLEAR6 = "5.6.7.8", "5.6.7.9", "2a01:db8:1:2::5", "2a01:db8:1:3::5"
_made = {}


def run(*argv, text=None, path=None):
    """A program to its end: exit code, and all that it says."""
    done = subprocess.run(argv, input=text, check=False, timeout=100, stdin=None if text else
                          subprocess.DEVNULL if path is None else open(path, encoding="ascii"),
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.returncode, done.stdout


def missing(*programs):
    """Whether a program is not here, which is told."""
    for program in programs:
        if shutil.which(program) is None:
            skip(f"with {program}", f"{program} is missing")
            return True
    return False


def clients_of(size):
    return crowd(size) if size > 1 else {LISTED: ["probe"]}


def networks_of(clients, version=None):
    return {net for net in map(network, clients)
            if version is None or ipaddress.ip_network(net).version == version}


def _spent():
    """Processor time of all programs that have ended."""
    return os.times().children_user + os.times().children_system


def made_of(name, size):
    """The file of a format with so many entries; how long it took is within bounds."""
    if size not in _made:
        _made[size] = Exporter(clients_of(size))
    maker = _made[size]
    before = _spent()
    code, _, said = maker.export(name, "--max", "200000")
    spent = _spent() - before
    same((code, said), (0, ""), f"{name}: {size}")
    if size == SIZES[-1]:
        note(f"{name}: {size} entries: {spent:.2f} s of processor time")
        within(spent, 2.0, f"{name}: {size} entries take less than two seconds")
    return maker.path(name)


def few(name, *words):
    maker = Exporter(FEW)
    same(maker.export(name, *words)[0], 0, f"{name}: a few")
    return maker.path(name)


def each_size(name, take, largest=SIZES[-1]):
    for size in SIZES:
        if size <= largest:
            take(made_of(name, size), size)
