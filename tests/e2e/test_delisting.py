#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""From a delisting to the first mail that is accepted, behind a resolver with a cache:
not much longer than the resolver's own answer is wrong.

RELAYGUARD_TTLS   TTLs of the list's records and of its absences, in seconds, as
                  "60/60 300/120" (default: "6/6"); the limit of tests/e2e/run is its own
"""
import os
import time

from lib import check, internet
from lib.check import case

if internet.why_not():
    check.skip_all(internet.why_not())
internet.enter()

from lib import daemon, load, resolver
from lib.nameserver import reverse

TTLS = [tuple(map(int, pair.split("/")))
        for pair in os.environ.get("RELAYGUARD_TTLS", "6/6").split()]
LATER = 5   # seconds that relayguard may be later than the resolver
KINDS = (resolver.Unbound, resolver.Bind)
# Who asks first: relayguard, or another program; who is delisted, who is listed anew.
DELISTED, DELISTED_2, NEW, NEW_2 = (f"203.0.113.{n}" for n in (1, 2, 3, 4))
LABELS = {DELISTED: "delisted, asked about by relayguard alone",
          DELISTED_2: "delisted, asked about by another program before",
          NEW: "listed, asked about by relayguard alone",
          NEW_2: "listed, asked about by another program before"}

TEXT = ('dns {{ servers = {{ "{address}" }} }}\n'
        'list "bl" {{ zone = "{zone}"\n'
        '\tanswer "127.0.0.2" {{ category = "spam-source" score = 5 }} }}\n'
        'policy "default" {{ lists = {{ "bl" }} refuse = 5 }}\n')


def _set(*addresses):
    return "".join(f"{address} :127.0.0.2:\n" for address in addresses)


def _when(seconds):
    return "not by then" if seconds == float("inf") else f"after {seconds:.0f} s"


class Watch:
    """Behind one resolver: when it, and when relayguard, knew of each change."""

    def __init__(self, net, kind):
        self.label = kind.__name__
        self.resolver = kind(net)
        self.guard = daemon.Relayguard(TEXT.format(address=self.resolver.address,
                                                   zone=internet.LIST))
        self.seen = {}  # {(address, who): seconds after the change}

    def warm(self):
        """What is asked before the change, but the second question of the two."""
        for address in (DELISTED_2, NEW_2):
            self.resolver.ask(reverse(address, internet.LIST))
        check.wait_for(lambda: load.judge(self.guard.where, DELISTED) == "refuse", 5)
        load.judge(self.guard.where, NEW)

    def late(self):
        """relayguard asks about those whom the other program had asked about."""
        for address in (DELISTED_2, NEW_2):
            load.judge(self.guard.where, address)

    def look(self, since):
        """Note who knows of a change by now."""
        for address in LABELS:
            new = address in (NEW, NEW_2)
            reply = self.resolver.ask(reverse(address, internet.LIST))
            if (reply.rcode == "NOERROR") == new:
                self.seen.setdefault((address, "resolver"), time.monotonic() - since)
            verdict = load.judge(self.guard.where, address)
            if verdict == ("refuse" if new else "pass"):
                self.seen.setdefault((address, "relayguard"), time.monotonic() - since)

    def done(self):
        """Whether all that is judged has been seen."""
        return all((address, who) in self.seen for address in (DELISTED, DELISTED_2)
                   for who in ("resolver", "relayguard"))

    def judge(self, ttls):
        """The figures; that nobody is refused much longer than the resolver says so."""
        for address, what in LABELS.items():
            told = self.seen.get((address, "resolver"), float("inf"))
            acted = self.seen.get((address, "relayguard"), float("inf"))
            label = (f"{self.label}, {ttls}: {what}: known to the resolver {_when(told)}, "
                     f"to relayguard {_when(acted)}")
            if address in (DELISTED, DELISTED_2):
                check.ok(acted - told <= LATER, label)
            else:
                check.note(label)


def _measure(ttl, negative):
    with internet.Internet({"ip4set": _set(DELISTED, DELISTED_2)}, ttl=ttl,
                           negative=negative) as net:
        watches = [Watch(net, kind) for kind in KINDS if kind.why_not() is None]
        begin = time.monotonic()
        for watch in watches:
            watch.warm()
        time.sleep(1)
        net.lists.change(internet.LIST, "ip4set", _set(NEW, NEW_2))
        since = time.monotonic()
        time.sleep(max(0, begin + min(ttl, negative) - 2 - since))
        for watch in watches:
            watch.late()
        # Whoever has not seen it by then is too late.
        end = since + max(ttl, negative) + LATER + 3
        while time.monotonic() < end and not all(watch.done() for watch in watches):
            for watch in watches:
                watch.look(since)
            time.sleep(0.5)
        for watch in watches:
            watch.judge(f"{ttl}/{negative}")


@case
def delisted():
    """Each pair of TTLs."""
    for ttl, negative in TTLS:
        _measure(ttl, negative)


check.run()
