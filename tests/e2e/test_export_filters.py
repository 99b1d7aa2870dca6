#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""relayguardctl export: packet filters of Linux load it, with one entry and with many, and then
refuse port 25 to who is listed, and nothing else to anybody."""
import json
import re
import socket
import subprocess

from lib import apart, check, server
from lib.check import case, like, ok, same
from lib.exports import (CLEAR, CLEAR6, LISTED, LISTED6, SIZES, clients_of, each_size, few, made_of,
                         missing, networks_of, run)

if apart.why_not():
    check.skip_all(apart.why_not())
apart.enter()


def _refuses(port, source):
    """Whether a connection from an address to a port of ours is refused at once."""
    family = socket.AF_INET6 if ":" in source else socket.AF_INET
    target = "::1" if ":" in source else "127.0.0.1"
    with socket.socket(family) as client:
        client.settimeout(3)
        client.bind((source, 0))
        try:
            client.connect((target, port))
        except ConnectionRefusedError:
            return True
        return False


class Listeners:
    """Ports 25 and 587 of this network, and the clients' addresses."""

    def __enter__(self):
        self._sockets = []
        for client in (LISTED, CLEAR, LISTED6, CLEAR6):
            length = "128" if ":" in client else "32"
            subprocess.run(["ip", "address", "add", f"{client}/{length}", "dev", "lo"]
                           + (["nodad"] if ":" in client else []), check=True)
        for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
            for port in (25, 587):
                listener = socket.socket(family)
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listener.bind((address, port))
                listener.listen(16)
                self._sockets.append(listener)
        return self

    def __exit__(self, *exception):
        for listener in self._sockets:
            listener.close()
        for client in (LISTED, CLEAR, LISTED6, CLEAR6):
            length = "128" if ":" in client else "32"
            subprocess.run(["ip", "address", "del", f"{client}/{length}", "dev", "lo"], check=True)

    @staticmethod
    def judge(what, v6=True):
        """Who is listed cannot reach port 25, and everything else is as it was."""
        pairs = ((LISTED, CLEAR), (LISTED6, CLEAR6))[:2 if v6 else 1]
        same([(_refuses(25, listed), _refuses(587, listed), _refuses(25, clear))
              for listed, clear in pairs], [(True, False, False)] * len(pairs),
             f"{what}: port 25 alone, to who is listed alone")


@case
def nft():
    """nft: sets that are replaced in one transaction, and a chain for port 25."""
    if missing("nft"):
        return

    def count(version):
        said = json.loads(run("nft", "-j", "list", "set", "inet", "relayguard",
                               f"listed{version}")[1])
        return len(said["nftables"][1]["set"].get("elem", []))

    def take(file, size):
        same(run("nft", "-c", "-f", file), (0, ""), f"{size}: nft -c finds no fault")
        same(run("nft", "-f", file), (0, ""), f"{size}: it is loaded")
        same((count(4), count(6)), tuple(len(networks_of(clients_of(size), v)) for v in (4, 6)),
             f"{size}: all of it, in the place of what was there")

    each_size("nft", take)
    file = few("nft", "--for", "1h")
    with Listeners() as all_of_them:
        same(run("nft", "-f", file), (0, ""), "a few, in the place of many")
        all_of_them.judge("nft")
    said = run("nft", "list", "set", "inet", "relayguard", "listed4")[1]
    like(said, r"5\.6\.7\.8 timeout 1h expires (59m|1h)", "each has an end, with that of the file")
    with open(file, encoding="ascii") as whole:
        text = whole.read()
    half = server.write(file + ".half", text[:text.index("2a01")])
    ok(run("nft", "-f", half)[0] != 0, "half of it is refused")
    same(count(4), 2, "and what was there stays")
    run("nft", "flush", "ruleset")


def _ipset_syntax(file, size):
    """What can be told without a kernel that has it."""
    line = re.compile(r"#.*|create relayguard[46](-new)? hash:net family inet6? maxelem 1048576 "
                      r"timeout 0 -exist|flush relayguard[46]-new|destroy relayguard[46]-new|"
                      r"swap relayguard([46])-new relayguard\2|"
                      r"add relayguard[46]-new \S+/\d+ timeout \d+ -exist")
    with open(file, encoding="ascii") as text:
        lines = text.read().splitlines()
    same([wrong for wrong in lines if not line.fullmatch(wrong)], [], f"{size}: its language")
    same(sum(found.startswith("add ") for found in lines), size, f"{size}: all of it")


@case
def ipset():
    """ipset: filled beside what is in use, and swapped."""
    if missing("ipset", "iptables"):
        return
    if run("ipset", "create", "try", "hash:net")[0] != 0:
        check.note("the kernel has no ipset: each line is one that there is")
        each_size("ipset", _ipset_syntax)
        return
    run("ipset", "destroy", "try")

    def entries(name):
        return int(re.search(r"Number of entries: (\d+)", run("ipset", "list", "-t", name)[1])[1])

    def take(file, size):
        same(run("ipset", "restore", path=file), (0, ""), f"{size}: it is loaded")
        same((entries("relayguard4"), entries("relayguard6")),
             tuple(len(networks_of(clients_of(size), v)) for v in (4, 6)),
             f"{size}: all of it, in the place of what was there")

    each_size("ipset", _ipset_syntax)
    each_size("ipset", take)
    same(run("ipset", "restore", path=few("ipset"))[0], 0, "a few, in the place of many")
    same([run("ipset", "-q", "test", f"relayguard{6 if ':' in client else 4}", client)[0]
          for client in (LISTED, LISTED6, CLEAR, CLEAR6)], [0, 0, 1, 1], "who is in it")
    same(run("ipset", "list", "-n")[1].split(), ["relayguard4", "relayguard6"], "no set is left")
    with open(few("ipset"), encoding="ascii") as file:
        once = [line[2:].split() for line in file if line.startswith("# ip")][1:]
    same([run(*words)[0] for words in once], [0, 0], "the rules that its head tells")
    with Listeners() as all_of_them:
        all_of_them.judge("ipset")
    for words in once:
        run(*(word if word != "-I" else "-D" for word in words))
    for version in (4, 6):
        run("ipset", "destroy", f"relayguard{version}")


@case
def iptables():
    """iptables-restore, and ip6tables-restore."""
    if missing("iptables-restore", "ip6tables-restore"):
        return
    for name, client, version in (("iptables", LISTED, 4), ("ip6tables", LISTED6, 6)):
        def take(file, size):
            same(run(f"{name}-restore", "--test", "--noflush", path=file), (0, ""),
                 f"{name}: {size}: --test finds no fault")
            same(run(f"{name}-restore", "--noflush", path=file), (0, ""), f"{size}: it is loaded")
            rules = run(name, "-S", "relayguard")[1].count("--dport 25")
            same(rules, len(networks_of(clients_of(size), version)), f"{size}: all of it")

        each_size(name, take, 1000 if version == 4 else SIZES[-1])
        same(run(f"{name}-restore", "--noflush", path=few(name))[0], 0, "a few")
        same(run(name, "-I", "INPUT", "-p", "tcp", "--dport", "25", "-j", "relayguard")[0], 0,
             "the rule that its head tells")
    file = made_of("iptables", SIZES[-1])
    same(run("iptables-restore", "--test", "--noflush", path=file), (0, ""), "many: --test")
    with Listeners() as all_of_them:
        all_of_them.judge("iptables")
    for name in ("iptables", "ip6tables"):
        run(name, "-F", "INPUT")


check.run()
