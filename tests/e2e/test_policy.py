#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""The second door: a real Postfix asks by its policy delegation (check_policy_service)."""
import functools
import os
import re
import signal
import socket
import threading

from lib import check, daemon, postfix, rbldnsd, scene, server, smtp
from lib.check import case, like, ok, same, sharing, unlike

LISTED, GOOD, ALLOWED, BOT = scene.RELAY, scene.GOOD, scene.ALLOWED, scene.BOT
LISTED6 = scene.LISTED6

LISTS = """
list "bl" { zone = "bl.example" servers = { "%(server)s" } ipv6 = true name = "The bl list"
    removal = "https://bl.example/remove?ip=%%{ip}&a=%%25"
    answer "127.0.0.2" { category = "open-relay" score = 5 }
    answer "127.0.0.4-7" { category = "exploited" score = 4 } }
allow { networks = { "203.0.113.200" } }
"""

POLICIES = """
policy "default"        { lists = { "bl" } refuse = 0 }
policy "tag.example"    { inherit = "default" tag = 4 }
policy "defer.example"  { inherit = "default" defer = 5 }
policy "refuse.example" { inherit = "default" refuse = 5 }
policy "hold.example"   { inherit = "default" quarantine = 5 }
policy "drop.example"   { inherit = "default" drop = 5 }
policy "shadow.example" { inherit = "default" quarantine = 5 mode = "shadow" }
"""

DOMAINS = ("pass.example tag.example defer.example refuse.example hold.example drop.example "
           "shadow.example")

ASKS = "check_policy_service { %s, timeout=10s, default_action=DUNNO }"
AT_RCPT = ("smtpd_recipient_restrictions = permit_mynetworks, permit_sasl_authenticated,\n"
           "    reject_unauth_destination,\n    " + ASKS + "\n")
AT_END = "smtpd_end_of_data_restrictions = " + ASKS + "\n"


class Policies:
    """Lists, relayguard with both doors, and Postfix that asks by one of them, or each."""

    def __init__(self, more, milters="", port=None):
        self.list = rbldnsd.Rbldnsd(scene.ZONES)
        self.at = f"inet:127.0.0.1:{server.free_port()}"
        self.guard = daemon.Relayguard(LISTS % {"server": self.list.address} + POLICIES,
                                       policy=self.at)
        self.mta = self.postfix(more.replace("%s", self.at), milters)

    def postfix(self, more, milters=""):
        """One more Postfix."""
        return postfix.Postfix(milters, more=more, domains=DOMAINS, mailboxes=True)

    def send(self, client, *recipients, mta=None):
        """A message: the replies to each RCPT, and to the end of the message."""
        with smtp.Client((mta or self.mta).port) as session:
            session.become(client)
            session.mail()
            replies = [session.rcpt(name) for name in recipients]
            return replies, session.data()

    def decision(self, recipient, **fields):
        """The decision on a recipient."""
        return self.guard.wait_decision(to=recipient, **fields)


usual = functools.cache(lambda: Policies(AT_RCPT + AT_END))


SHAPES = (
    "<bob@refuse.example>", "<bob@Refuse.example>", "<bob@refuse.example (x)>",
    "<(x)bob@refuse.example>", '<"bob"@refuse.example>', '<"a b"@refuse.example>',
    '<"a\\"b\\\\c"@refuse.example>', '<"a@b"@refuse.example>', "<@relay.example:bob@refuse.example>",
 "<postmaster@refuse.example>",
    "<b{o'b+x=y@refuse.example>", "<bob@pass.example(refuse.example)>",
)
# All of them are bob's at refuse.example, whatever they look like.
ROUTES = ("<bob%refuse.example@mx.relay.example>", "<refuse.example!bob>", "<bob%refuse.example>",
          "<refuse.example!bob@mx.relay.example>", '<"bob@refuse.example"@mx.relay.example>',
          "<bob%refuse.example%mx.relay.example>", "<mx.relay.example!refuse.example!bob>",
          "<mx.relay.example!bob%refuse.example@mx.relay.example>")
SENDERS = ("<>", "<a@sender.example>", '<"a b"@sender.example>', "<a@SENDER.example>",
           '<"<x>"@sender.example>', "<@relay.example:a@sender.example>", "<a%b@c.example>",
           "<SRS0=ab=cd=sender.example=a@forward.example>")
HELOS = ("client.example", "[198.51.100.7]", "a%n%s.example", "=", "b\xfc.example")
LEFT_OUT = ("ref", "ms", "cache", "orig-to", "orig-from")


@sharing
def the_same_as_the_milter():
    """A crowd of clients, each by both doors: the same line in the log."""
    here = usual()
    mta = here.postfix("", milters=here.guard.postfix)
    for client in (LISTED, BOT, GOOD, LISTED6):  # so that memory knows them
        here.send(client, "ann@refuse.example")
    crowd = [(client, helo, "<a@sender.example>", f"<ann@{domain}>")
             for client in (LISTED, BOT, GOOD, ALLOWED, LISTED6) for helo in HELOS[:1]
             for domain in DOMAINS.split()]
    crowd += [(LISTED, helo, "<a@sender.example>", "<ann@refuse.example>") for helo in HELOS]
    crowd += [(LISTED, HELOS[0], sender, "<ann@refuse.example>") for sender in SENDERS]
    crowd += [(LISTED, HELOS[0], "<a@sender.example>", shape) for shape in SHAPES]
    for shape in ROUTES:
        same(try_rcpt(here.mta.port, LISTED, HELOS[0], "<a@sender.example>", shape).code, 550,
             f"{shape}: refused")
    for who in crowd:
        lines = []
        for door in (mta, here.mta):
            reply, line = here.guard.decided(functools.partial(try_rcpt, door.port, *who))
            lines.append({key: value for key, value in line.items() if key not in LEFT_OUT}
                         | {"code": reply.code})
        same(lines[1], lines[0], " ".join(who))


def try_rcpt(port, client, helo, sender, recipient, **attributes):
    """One session up to RCPT; its reply."""
    with smtp.Client(port) as session:
        session.become(client, helo=helo, **attributes)
        session.command(f"MAIL FROM:{sender}")
        return session.command(f"RCPT TO:{recipient}")


check.run()
