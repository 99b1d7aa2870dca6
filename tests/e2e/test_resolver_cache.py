#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""The cache of tests/fakes/fake_resolver.c says what those of Unbound and BIND say.

A script of questions and changes is played to a real resolver in front of rbldnsd; what
it answered, and when, becomes a scenario, which must hold.
"""
import os
import subprocess
import time

from lib import check, internet
from lib.check import case

SCENARIO = os.path.join(os.path.dirname(os.environ.get("RELAYGUARD", "")), "tests", "scenario")

if internet.why_not() or not os.path.exists(SCENARIO):
    check.skip_all(internet.why_not() or "tests/scenario is not here")
internet.enter()

from lib import resolver, server
from lib.nameserver import reverse

A, B, C, D = (f"203.0.113.{n}" for n in (1, 2, 3, 4))
ENTRY, NO_ENTRY = "127.0.0.2", "127.0.0.1"


def ask(address):
    """Ask for an address, and note the answer."""
    return lambda play: play.ask(address)


def wait(seconds):
    """Let time pass."""
    return lambda play: time.sleep(seconds)


def hold(*addresses):
    """The list has these, and no others, from now on."""
    return lambda play: play.hold(addresses)


def go(play):
    """The list's server ends."""
    play.go()


# What is listed and what is not; TTLs that count down; changes are seen when they end.
PLAIN = [hold(A), ask(ENTRY), ask(NO_ENTRY), ask(A), ask(B), wait(2.5), ask(ENTRY),
         ask(NO_ENTRY), ask(A), ask(B), hold(B), ask(A), ask(B), ask(C), wait(3), ask(B), ask(A),
         wait(3.5), ask(A), ask(B), ask(C)]
# An absence without SOA, which each keeps for a time of its own.
BARE = [hold(), ask(A), ask(B), wait(1.5), hold(A), ask(A), wait(5), ask(A), ask(B)]
# Expired answers: old ones first, though the list is there, then new ones.
FIRST = [hold(A), ask(A), ask(B), hold(B), wait(4.5), ask(C), ask(A), ask(B), wait(0.5), ask(A),
         ask(B), wait(6), ask(D), ask(B), wait(0.5), ask(B)]
# Or where the list is gone.
GONE = [hold(A), ask(A), ask(B), hold(B), wait(4.5), ask(A), ask(B), go, wait(4.5), ask(A), ask(B)]


class Peer:
    """A real resolver, and the scenario that tells what it answered."""

    def __init__(self, net, kind, more, manner):
        self.real = kind(net, more)
        self.label = f"{kind.__name__} {' '.join(more.split())}".strip()
        self.lines = [f"resolver caches {manner}"]
        self._now = time.monotonic()

    def note(self, lines):
        """These come now."""
        now = time.monotonic()
        self.lines += [f"wait {int((now - self._now) * 1000)}ms", *lines]
        self._now = now

    def ask(self, name):
        """The real one's answer is what the other one must give."""
        self.note([])
        reply = self.real.ask(name, seconds=15)
        word = ",".join(reply.addresses)
        if not word:
            word = "absent" if reply.rcode in ("NXDOMAIN", "NOERROR") else reply.rcode.lower()
        self.lines.append(f"resolves {name} {word} ttl ~{reply.ttl or 0}")

    def compare(self):
        """Run the scenario."""
        file = server.write(os.path.join(server.new_dir("scenario"), "play.scn"),
                            "\n".join(self.lines) + "\n")
        done = subprocess.run([SCENARIO, file], check=False, text=True, timeout=60,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        wrong = [line for line in done.stdout.splitlines() if not line.startswith("ok ")]
        count = sum(line.startswith("resolves") for line in self.lines)
        check.ok(done.returncode == 0, f"{self.label}: the fake gives the same {count} answers",
                 "\n".join(wrong))


class Play:
    """A script, played to several resolvers in front of one list."""

    def __init__(self, net, kinds, ttl, negative):
        self.net = net
        self.ttl, self.negative = ttl, negative
        self.peers = [Peer(net, *kind) for kind in kinds]
        self.held = ()
        for peer in self.peers:
            peer.note([self._absent(f"*.{internet.LIST}"), self._listed(ENTRY)])

    def _absent(self, name):
        if self.negative is None:
            return f"dns {name} nxdomain-without-soa"
        return f"dns {name} nxdomain ttl {self.negative}"

    def _listed(self, address):
        return f"dns {reverse(address, internet.LIST)} A 127.0.0.2 ttl {self.ttl}"

    def ask(self, address):
        """Ask all."""
        for peer in self.peers:
            peer.ask(reverse(address, internet.LIST))

    def hold(self, addresses):
        """Change what is on the list."""
        self.net.lists.change(internet.LIST, "ip4set", "".join(
            f"{address} :127.0.0.2:\n" for address in addresses))
        lines = [self._absent(reverse(address, internet.LIST)) for address in self.held]
        for peer in self.peers:
            peer.note(lines + [self._listed(address) for address in addresses])
        self.held = addresses

    def go(self):
        """End the list."""
        self.net.lists.stop()
        names = [reverse(address, internet.LIST) for address in (A, B, C, D)]
        for peer in self.peers:
            peer.note([f"dns {name} servfail" for name in (f"*.{internet.LIST}", *names)])


SHORT = {"ttl": 3, "negative": 3}
STALE = "stale-cache-enable yes; stale-answer-enable yes; "
TABLE = [
    ("its cache", PLAIN, {"ttl": 8, "negative": 4},
     [(resolver.Unbound, "", "minimises shares-soa"), (resolver.Bind, "", "minimises")]),
    ("a list without SOA", BARE, {"ttl": 8, "negative": None},
     [(resolver.Unbound, "", "minimises no-soa 5"), (resolver.Bind, "", "minimises")]),
    ("expired answers first", FIRST, SHORT,
     [(resolver.Unbound, "serve-expired: yes", "minimises shares-soa stale first"),
      (resolver.Bind, STALE + "stale-answer-client-timeout 0;",
       "minimises stale first records")]),
    ("expired answers of a list that is gone", GONE, SHORT,
     [(resolver.Unbound, "serve-expired: yes\nserve-expired-client-timeout: 1800",
       "minimises shares-soa stale gone"),
      (resolver.Bind, STALE, "minimises stale gone records")]),
]


@case
def as_real_ones():
    """Each script, with each resolver."""
    for label, script, options, kinds in TABLE:
        check.note(label)
        for kind in (kind for kind, _, _ in kinds if kind.why_not()):
            check.skip(f"{label}: {kind.__name__}", kind.why_not())
        with internet.Internet(**options) as net:
            play = Play(net, [kind for kind in kinds if not kind[0].why_not()], **options)
            for step in script:
                step(play)
            for peer in play.peers:
                peer.compare()
                peer.real.stop()


check.run()
