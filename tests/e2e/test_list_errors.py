#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""What lists answer when they do not mean a listing: nobody is refused for it."""
import collections
import time

from lib import check, daemon, load, milter, nameserver, scene
from lib.check import case, like, ok, same
from lib.nameserver import Answer, NameServer, reverse

ERRORS = {
    "an error code": ("127.255.255.254",),
    "another error code": ("127.255.255.252",),
    "127.0.0.1": ("127.0.0.1",),
    "an address outside 127/8": ("203.0.113.77",),
    "an address of a parking lot": ("198.51.100.99", "198.51.100.98"),
    "a code that is not declared": ("127.0.0.99",),
    "an error code beside a listing": ("127.0.0.2", "127.255.255.255"),
    "a foreign address beside a listing": ("127.0.0.2", "203.0.113.77"),
}


def _judge(guard, address):
    return milter.verdict(guard.where, address)


@case
def never_counted():
    """Each kind of error, from a list that passes its tests: no refusal, one line for many."""
    for label, addresses in ERRORS.items():
        with NameServer({reverse(scene.RELAY, "bl.example"): Answer("127.0.0.2")},
                        default=Answer(*addresses), healthy=True) as dns, \
                daemon.Relayguard(daemon.config(dns.address)) as guard:
            same([_judge(guard, f"203.0.113.{n}") for n in range(1, 11)], ["pass"] * 10,
                 f"{label}: ten clients pass")
            lines = guard.wait_lines(r"event=list-error\b")
            same(len(lines), 1, f"{label}: one line for all of them")
            like("".join(lines), r"list=bl\b", f"{label}: which names the list")
            check.wait_for(lambda: len(guard.decisions()) == 10)
            same({line.get("unknown") for line in guard.decisions()}, {"bl"},
                 f"{label}: the decisions say the list was not heard")
            same(guard.events("list-suspended"), [], f"{label}: the list is not given up")
            same(_judge(guard, scene.RELAY), "refuse", f"{label}: a real listing counts")


@case
def lists_that_are_none():
    """Lists that fail their tests: nobody is ever refused, and the list is given up soon."""
    kinds = {"the world is listed": (Answer("127.0.0.2"), "lists-everything"),
             "an error code for all": (Answer("127.255.255.254"), "error-code"),
             "a parked domain": (Answer("203.0.113.77"), "outside"),
             "an empty zone": (nameserver.ABSENT, "empty")}
    for label, (answer, reason) in kinds.items():
        with NameServer(default=answer, healthy=False) as dns, \
                daemon.Relayguard(daemon.config(dns.address)) as guard:
            verdicts, end = {"pass"}, time.monotonic() + 5
            hosts = iter(range(1, 255))
            while not guard.events("list-suspended") and time.monotonic() < end:
                verdicts.add(_judge(guard, f"203.0.113.{next(hosts)}"))
                time.sleep(0.05)
            ok(verdicts <= {"pass", "defer"}, f"{label}: nobody is refused meanwhile", verdicts)
            like("".join(guard.events("list-suspended")), rf"list=bl reason={reason} evidence=",
                 f"{label}: one line says why the list is suspended")
            same([_judge(guard, f"198.51.100.{n}") for n in range(1, 11)], ["pass"] * 10,
                 f"{label}: then all pass")
            same(guard.wait_decision(client="198.51.100.10").get("suspended"), "bl",
                 f"{label}: and their lines say so")
            same(len(guard.events("list-suspended")), 1, f"{label}: once")


def _of_two(servers):
    """A list with both servers."""
    text = daemon.config("SERVER")
    names = ", ".join(f'"{server.address}"' for server in servers)
    return text.replace('servers = { "SERVER" }', f"servers = {{ {names} }}")


@case
def one_of_two_servers():
    """A list has two servers, and one of them begins to list everybody: none is refused for it."""
    truth = nameserver.zone("bl.example", [f"198.51.100.{n}" for n in range(250)])
    for label, healthy, first in (("lists everything, and is asked first", False, True),
                                  ("lists everything, and is asked second", False, False),
                                  ("lists all but the tests, and is asked first", True, True),
                                  ("lists all but the tests, and is asked second", True, False)):
        with NameServer(truth) as right, NameServer(truth) as wrong, \
                daemon.Relayguard(_of_two([wrong, right] if first else [right, wrong])) as guard:
            believed = iter(range(100, 250))
            ok(check.wait_for(
                lambda: _judge(guard, f"198.51.100.{next(believed)}") == "refuse", 8),
                f"{label}: the list is believed")
            wrong.table, wrong.default, wrong.healthy = {}, Answer("127.0.0.2"), healthy
            verdicts = collections.Counter()
            for n in range(0, 100, 10):
                found = load.at_once(guard.where, [f"{net}.{n + more}" for more in range(10)
                                                   for net in ("203.0.113", "198.51.100")])
                verdicts.update((address.startswith("198.51.100."), verdict)
                                for address, (verdict, _) in found.items())
                time.sleep(0.3)
            same((verdicts[False, "refuse"], verdicts[False, "lost"]), (0, 0),
                 f"{label}: no good client is refused: {dict(verdicts)}")
            ok(wrong.count() + right.count(), f"{label}: the list was asked about them",
               (wrong.count(), right.count()))


@case
def undeclared_beside_declared():
    """A code that is not declared takes nothing from one that is."""
    table = {reverse(scene.RELAY, "bl.example"): Answer("127.0.0.99", "127.0.0.2")}
    with NameServer(table) as dns, \
            daemon.Relayguard(daemon.config(dns.address)) as guard:
        same(_judge(guard, scene.RELAY), "refuse", "refused")


@case
def the_world_is_listed():
    """Every list answers for everybody with an error code: all good clients pass."""
    labels = tuple(f"bl{number}" for number in range(4))
    for label, answer in (("127.255.255.254", Answer("127.255.255.254")),
                          ("a parked domain", Answer("203.0.113.77"))):
        with NameServer(default=answer) as dns, \
                daemon.Relayguard(daemon.config(dns.address, labels=labels)) as guard:
            same([_judge(guard, f"203.0.113.{n}") for n in range(1, 51)], ["pass"] * 50,
                 f"{label}: fifty clients pass")
            same(_judge(guard, scene.GOOD6), "pass", f"{label}: and one of IPv6")
            same(len(guard.lines("event=list-error")), 4, f"{label}: one line for each list")
            ok(guard.alive(), f"{label}: no harm done")


@case
def errors_do_not_last():
    """A list that has recovered is believed again after half a minute at most."""
    name = reverse(scene.RELAY, "bl.example")
    with NameServer({name: Answer(rcode=nameserver.SERVFAIL)}) as dns, \
            daemon.Relayguard(daemon.config(dns.address)) as guard:
        same(_judge(guard, scene.RELAY), "pass", "an error: passes")
        dns.table[name] = Answer("127.0.0.2")
        dns.table[reverse(scene.BOT, "bl.example")] = Answer("127.0.0.4")
        same(_judge(guard, scene.BOT), "refuse", "another client is judged at once")


check.run()
