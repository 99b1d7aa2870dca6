#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""From a delisting to the first mail that is accepted, behind a resolver with a cache:
not much longer than the resolver's own answer is wrong; at one node, and at two that share
a Redis.

All is tried at the same time but one pair of TTLs after the other.  For long ones the limit
of tests/e2e/run is too short: run the file itself, once for each pair.

RELAYGUARD_TTLS    of the list's records and of its absences, in seconds, as "60/60 300/120"
                   (default: "6/6")
RELAYGUARD_FRONTS  whom relayguard asks, words of FRONTS (default: "unbound bind")
RELAYGUARD_PROOF   1: what the list says is confirmed, as it is by default, and clients that stay
                   listed come all the while (default: 0)
RELAYGUARD_ROUNDS  clients of each kind, at most 30; the later ones ask later (default: 3)
"""
import itertools
import os
import threading
import time

from lib import check, internet, redis
from lib.check import case

if internet.why_not():
    check.skip_all(internet.why_not())
internet.enter()

from lib import daemon, dnsclient, load, resolver
from lib.nameserver import reverse

TTLS = [tuple(map(int, pair.split("/")))
        for pair in os.environ.get("RELAYGUARD_TTLS", "6/6").split()]
NAMES = os.environ.get("RELAYGUARD_FRONTS", "unbound bind").split()
PROOF = os.environ.get("RELAYGUARD_PROOF") == "1"
ROUNDS = int(os.environ.get("RELAYGUARD_ROUNDS", "3"))
LATER = 5   # seconds that relayguard may be later than the resolver
LEAD = 4    # seconds before the resolver's answer ends, in which relayguard asks
STEP = 0.5  # seconds between two looks

# A list that takes back all that it has said is put in doubt, and what it says is not kept
# then: either nothing is confirmed, or there are clients of whom it goes on saying the same.
STAYING = [f"198.51.100.{host}" for host in range(1, 201)] if PROOF else []
TEXT = (f'health {{{{ proof = {"true" if PROOF else "false"} }}}}\n'
        'dns {{ servers = {{ "{address}" }} }}\n{more}'
        'list "bl" {{ zone = "{zone}"\n'
        '\tanswer "127.0.0.2" {{ category = "spam-source" score = 5 }} }}\n'
        'policy "default" {{ lists = {{ "bl" }} refuse = 5 }}\n')
NEVER = float("inf")


class Direct:
    """No resolver at all: what it says is known to relayguard when the TTL is over."""

    address = f"{internet.LISTS}:53"

    @staticmethod
    def ask(name):
        """A question to the list."""
        return dnsclient.ask(53, name, host=internet.LISTS)


# How relayguard is answered, by whose program, and the least TTL that it makes of one.
FRONTS = {"direct": (lambda net: Direct(), None, 0),
          "unbound": (resolver.Unbound, resolver.Unbound, 0),
          "unbound-120": (lambda net: resolver.Unbound(net, "cache-min-ttl: 120"),
                          resolver.Unbound, 120),
          "bind": (resolver.Bind, resolver.Bind, 0),
          "pdns": (resolver.PdnsRecursor, resolver.PdnsRecursor, 0),
          "kresd": (resolver.KnotResolver, resolver.KnotResolver, 0),
          "dnsmasq": (lambda net: resolver.Dnsmasq(net, upstream=resolver.Unbound(net)),
                      resolver.Dnsmasq, 0)}

# Who is delisted or listed, and who has asked about him before.
KINDS = (("delisted, asked about by relayguard alone", True, False),
         ("delisted, asked about by another program before", True, True),
         ("listed, asked about by relayguard alone", False, False),
         ("listed, asked about by another program before", False, True))


class Client:
    """One client whose state at the list changes, and who knows it when.

    known: {who: seconds after the change}; old: when who last said what was before it.
    """

    def __init__(self, cell, number, kind):
        self.cell = cell
        self.number = number
        self.address = f"203.0.113.{(2 * number + cell.shared) * len(KINDS) + kind + 1}"
        _, self.listed, self.foreign = KINDS[kind]
        self.name = reverse(self.address, internet.LIST)
        self.known = {}
        self.old = {}
        self.end = 0.0

    def warm(self, ttl):
        """What is asked before the change."""
        if self.foreign:
            self.cell.front.ask(self.name)
        elif self.listed:
            check.wait_for(lambda: self._judge(0) == "refuse", 5)
        else:
            self._judge(0)
        self.end = time.monotonic() + max(ttl, self.cell.least)

    def _judge(self, node):
        return load.judge(self.cell.nodes[node].where, self.address)

    def _look(self, who, new, since):
        """Note what was said, and when."""
        after = time.monotonic() - since
        if new:
            self.known.setdefault(who, after)
        else:
            self.known.pop(who, None)
            self.old[who] = after

    def _look_at_all(self, since, turn):
        self._look("resolver",
                   (self.cell.front.ask(self.name).rcode == "NXDOMAIN") == self.listed, since)
        for node in range(len(self.cell.nodes)):
            node = (node + turn) % len(self.cell.nodes)
            self._look(node, self._judge(node) == ("pass" if self.listed else "refuse"), since)

    def watch(self, since):
        """Look until all know it, or until those who do not are too late."""
        lead = LEAD * (self.number + 0.5) / ROUNDS
        time.sleep(max(0.0, self.end - lead - time.monotonic()) if self.foreign else 0)
        turn = 0
        while (now := time.monotonic()) < self.end + LATER + 3 and \
                len(self.known) <= len(self.cell.nodes):
            self._look_at_all(since, turn)
            turn += 1
            time.sleep(min(30.0, max(STEP, (self.end - now) / 8)))

    def late(self, node, since):
        """Seconds between the resolver's and that node's knowledge: as seen, and proven."""
        told = self.known.get("resolver", NEVER)
        if isinstance(self.cell.front, Direct):
            told = self.end - since
        return (self.known.get(node, NEVER) - told, self.old.get(node, 0.0) - told, told)


class Cell:
    """A resolver, and one node behind it, or two that share a Redis."""

    def __init__(self, name, front, shared):
        self.label = f"{name}, {'two nodes with Redis' if shared else 'one node'}"
        self.front = front
        self.shared = shared
        self.least = FRONTS[name][2]
        more = f'cache {{ redis = "{redis.Redis().url}" }}\n' if shared else ""
        text = TEXT.format(address=front.address, more=more, zone=internet.LIST)
        self.nodes = [daemon.Relayguard(text) for _ in range(1 + shared)]
        self.clients = [[Client(self, number, kind) for kind in range(len(KINDS))]
                        for number in range(ROUNDS)]


class Round:
    """The clients of one number, of all cells: asked about, changed, watched."""

    lock = threading.Lock()

    def __init__(self, net, cells, number, ttls):
        self.net = net
        self.clients = [client for cell in cells for client in cell.clients[number]]
        self.all = [client for cell in cells for row in cell.clients for client in row]
        self.wait = number * min(5.0, ttls[0] / 10)
        self.ttls = ttls
        self.since = 0.0
        self.done = False

    @staticmethod
    def listed(clients, done):
        """The list, when the changes of these rounds have come."""
        return "".join(f"{address} :127.0.0.2:\n" for address in STAYING + [
            client.address for client in clients if client.listed != (client.number in done)])

    def play(self, done):
        """From the first question to the end; done: rounds that have changed."""
        time.sleep(self.wait)
        for client in self.clients:
            client.warm(self.ttls[0] if client.listed else self.ttls[1])
        with self.lock:
            done.add(self.clients[0].number)
            self.net.lists.change(internet.LIST, "ip4set", self.listed(self.all, done))
        self.since = time.monotonic()
        _at_once([lambda client=client: client.watch(self.since) for client in self.clients])
        self.done = True


def _stay(cells, ended):
    """Have clients come that stay listed, to all nodes, one after the other."""
    for address in itertools.cycle(STAYING):
        for cell in cells:
            for node in cell.nodes:
                load.judge(node.where, address)
        if ended.wait(STEP):
            return


def _at_once(acts):
    threads = [threading.Thread(target=act, daemon=True) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _judge(cell, rounds, ttls):
    """The figures; that nobody is refused much longer than the resolver says so."""
    for kind, (what, listed, _) in enumerate(KINDS):
        for node in range(len(cell.nodes)):
            found = [cell.clients[number][kind].late(node, played.since)
                     for number, played in enumerate(rounds)]
            seen, _, told = max(found)
            proven = max(late for _, late, _ in found)
            label = (f"{cell.label}, {ttls[0]}/{ttls[1]}: {what}: node {node + 1} knows it "
                     f"{seen:.1f} s after the resolver, which did after {told:.1f} s")
            if listed:
                check.ok(seen < NEVER and proven <= LATER, label,
                         [tuple(round(figure, 1) for figure in row) for row in found])
            else:
                check.note(label)


def _measure(ttls):
    fronts = [name for name in NAMES
              if FRONTS[name][1] is None or FRONTS[name][1].why_not() is None]
    with internet.Internet(ttl=ttls[0], negative=ttls[1]) as net:
        cells = []
        for name in fronts:
            front = FRONTS[name][0](net)
            cells += [Cell(name, front, shared)
                      for shared in ((False, True) if redis.SERVER else (False,))]
        rounds = [Round(net, cells, number, ttls) for number in range(ROUNDS)]
        done = set()
        net.lists.change(internet.LIST, "ip4set", Round.listed(rounds[0].all, done))
        ended = threading.Event()
        staying = threading.Thread(target=_stay, args=(cells, ended), daemon=True)
        staying.start()
        _at_once([lambda played=played: played.play(done) for played in rounds])
        ended.set()
        staying.join()
        check.ok(all(played.done for played in rounds), "all rounds were played")
        check.same([line for cell in cells for node in cell.nodes
                    for line in node.events("list-(?!trusted)")
                    if not (PROOF and "reason=takes-back" in line)], [],
                   "the lists were believed, but for what they have taken back")
        for cell in cells:
            _judge(cell, rounds, ttls)


@case
def delisted():
    """Each pair of TTLs."""
    for ttls in TTLS:
        _measure(ttls)


check.run()
