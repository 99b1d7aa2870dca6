# SPDX-License-Identifier: BSD-2-Clause
"""The usual scene: a list at rbldnsd, relayguard, and Postfix that asks it.

Clients of the tests: RELAY, BOT and PROXY are on the list, each with another
code; LISTED6 is too; GOOD is not; ALLOWED is in the allow set.
"""
import contextlib

from . import daemon, postfix, rbldnsd

RELAY, BOT, PROXY = "198.51.100.7", "198.51.100.8", "198.51.100.9"
LISTED6 = "2001:db8::7"
GOOD, GOOD6 = "203.0.113.5", "2001:db8::5"
ALLOWED = "203.0.113.200"

ZONES = {"bl.example": {
    "ip4set": f"{RELAY} :127.0.0.2:\n{BOT} :127.0.0.4:\n{PROXY} :127.1.0.8:\n"
              f"{ALLOWED} :127.0.0.2:\n127.0.0.66 :127.0.0.2:\n",
    "ip6trie": f"{LISTED6} :127.0.0.2:\n",
}}


@contextlib.contextmanager
def listed(more="", *arguments, **options):
    """A list and relayguard."""
    with rbldnsd.Rbldnsd(ZONES) as server, \
            daemon.Relayguard(daemon.config(server.address, more=more),
                              *arguments, **options) as guard:
        guard.list = server
        yield guard


@contextlib.contextmanager
def mail(more="", *arguments):
    """A list, relayguard, and Postfix."""
    with listed(more, *arguments) as guard, postfix.Postfix(guard.postfix) as mta:
        yield guard, mta
