#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""What lists answer when they do not mean a listing: nobody is refused for it."""
from lib import check, daemon, milter, nameserver, scene
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
    return (milter.envelope(guard.where, address) or "?")[0]


@case
def never_counted():
    """Each kind of error: no refusal, one line for many clients."""
    for label, addresses in ERRORS.items():
        with NameServer({reverse(scene.RELAY, "bl.example"): Answer("127.0.0.2")},
                        default=Answer(*addresses)) as dns, \
                daemon.Relayguard(daemon.config(dns.address)) as guard:
            same([_judge(guard, f"203.0.113.{n}") for n in range(1, 11)], ["c"] * 10,
                 f"{label}: ten clients pass")
            lines = guard.wait_lines(r"event=list-error\b")
            same(len(lines), 1, f"{label}: one line for all of them")
            like("".join(lines), r"list=bl\b", f"{label}: which names the list")
            check.wait_for(lambda: len(guard.decisions()) == 10)
            same({line.get("unknown") for line in guard.decisions()}, {"bl"},
                 f"{label}: the decisions say the list was not heard")
            same(_judge(guard, scene.RELAY), "y", f"{label}: a real listing counts")


@case
def undeclared_beside_declared():
    """A code that is not declared takes nothing from one that is."""
    with NameServer({reverse(scene.RELAY, "bl.example"): Answer("127.0.0.99", "127.0.0.2")}) as dns, \
            daemon.Relayguard(daemon.config(dns.address)) as guard:
        same(_judge(guard, scene.RELAY), "y", "refused")


@case
def the_world_is_listed():
    """Every list answers for everybody with an error code: all good clients pass."""
    labels = tuple(f"bl{number}" for number in range(4))
    for label, answer in (("127.255.255.254", Answer("127.255.255.254")),
                          ("a parked domain", Answer("203.0.113.77"))):
        with NameServer(default=answer) as dns, \
                daemon.Relayguard(daemon.config(dns.address, labels=labels)) as guard:
            same([_judge(guard, f"203.0.113.{n}") for n in range(1, 51)], ["c"] * 50,
                 f"{label}: fifty clients pass")
            same(_judge(guard, scene.GOOD6), "c", f"{label}: and one of IPv6")
            same(len(guard.lines("event=list-error")), 4, f"{label}: one line for each list")
            ok(guard.alive(), f"{label}: no harm done")


@case
def errors_do_not_last():
    """A list that has recovered is believed again after half a minute at most."""
    name = reverse(scene.RELAY, "bl.example")
    with NameServer({name: Answer(rcode=nameserver.SERVFAIL)}) as dns, \
            daemon.Relayguard(daemon.config(dns.address)) as guard:
        same(_judge(guard, scene.RELAY), "c", "an error: passes")
        dns.table[name] = Answer("127.0.0.2")
        dns.table[reverse(scene.BOT, "bl.example")] = Answer("127.0.0.4")
        same(_judge(guard, scene.BOT), "y", "another client is judged at once")


check.run()
