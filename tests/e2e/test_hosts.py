#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Clients believed by their names, which NSD must confirm, by Postfix."""
import functools

from lib import check, daemon, nsd, postfix, rbldnsd, smtp
from lib.check import like, ok, same, sharing

LISTED, LISTED6, GOOD = "198.51.100.66", "2001:db8::66", "198.51.100.7"

ZONES = {"example": f"""
mail.friend A 192.0.2.1
mail.friend A {LISTED}
mail.friend AAAA {LISTED6}
friend A {LISTED}
liar.friend A 192.0.2.1
only4.friend A {LISTED}
alias.friend CNAME mail.friend
partner A {LISTED}
x.partner A {LISTED}
broken.friend NS ns
""", "broken.friend.example": None}

CONFIG = """
dns {{ servers = {{ "{dns}" }} }}
list "bl" {{ zone = "bl.example" servers = {{ "{lists}" }} ipv6 = true
    answer "127.0.0.2" {{ category = "open-relay" score = 5 }} }}
allow {{ networks = {{ "203.0.113.200" }} hosts = {{ ".friend.example", "partner.example" }} }}
policy "default"      {{ lists = {{ "bl" }} refuse = 5 }}
policy "pass.example" {{ lists = {{ "bl" }} refuse = 0 }}
policy "tag.example"  {{ lists = {{ "bl" }} refuse = 0 tag = 5 }}
"""

CASES = (
    # label, name, client, code, host, reason
    ("its own name", "mail.friend.example", LISTED, 250, "confirmed", "host"),
    ("its own name in IPv6", "mail.friend.example", LISTED6, 250, "confirmed", "host"),
    ("in other letters", "Mail.FRIEND.example", LISTED, 250, "confirmed", "host"),
    ("an alias of it", "alias.friend.example", LISTED, 250, "confirmed", "host"),
    ("the very name", "partner.example", LISTED, 250, "confirmed", "host"),
    ("somebody else's name", "liar.friend.example", LISTED, 550, "wrong", "lists"),
    ("a name that is not there", "no.friend.example", LISTED, 550, "wrong", "lists"),
    ("a name without an IPv6 address", "only4.friend.example", LISTED6, 550, "wrong", "lists"),
    ("a name that DNS cannot say", "x.broken.friend.example", LISTED, 450, "unknown", "lists"),
    ("a name below the very one", "x.partner.example", LISTED, 550, None, "lists"),
    ("a name that is not trusted", "mail.other.example", LISTED, 550, None, "lists"),
    ("no name", "[UNAVAILABLE]", LISTED, 550, None, "lists"),
    ("a trusted name that nobody lists", "mail.friend.example", GOOD, 250, None, "lists"),
)

if nsd.why_not():
    check.skip_all(nsd.why_not())


class Scene:
    """Zones, a list, relayguard and Postfix."""

    def __init__(self):
        self.dns = nsd.Nsd(ZONES)
        self.list = rbldnsd.Rbldnsd({"bl.example": {"ip4set": f"{LISTED} :127.0.0.2:\n",
                                                    "ip6trie": f"{LISTED6} :127.0.0.2:\n"}})
        self.guard = daemon.Relayguard(CONFIG.format(dns=self.dns.address,
                                                     lists=self.list.address))
        self.mta = postfix.Postfix(self.guard.postfix, mailboxes=True,
                                   domains="strict.example pass.example tag.example")

    def rcpt(self, name, client, recipient="ann@strict.example", **attributes):
        """The reply to RCPT, and its decision."""
        return self.guard.decided(lambda: smtp.try_rcpt(
            self.mta.port, client, recipient, NAME=name, **attributes))


usual = functools.cache(Scene)  # the scene that all cases share


@sharing
def names():
    """Who is believed, and who is not."""
    here = usual()
    for label, name, client, code, host, reason in CASES:
        reply, line = here.rcpt(name, client)
        same((reply.code, line.get("iprev"), line.get("reason")), (code, host, reason), label)
        if code == 450:
            like(reply.text, r"450[ -]4\.7\.1 .*not accepted now", f"{label}: put off")


@sharing
def asked_only_where_it_matters():
    """DNS is asked nothing where the name cannot change what becomes of the mail."""
    here = usual()
    for label, name, client, recipient, more in (
            ("nobody lists the client", "mail.friend", GOOD, "ann@strict.example", {}),
            ("the name is not trusted", "mail.other", LISTED, "ann@strict.example", {}),
            ("the policy refuses nobody", "mail.friend", LISTED, "ann@pass.example", {}),
            ("the recipient is exempt", "mail.friend", LISTED, "abuse@strict.example", {}),
            ("the client has logged in", "mail.friend", LISTED, "ann@strict.example",
             {"LOGIN": "joe"})):
        before = here.dns.count()
        here.rcpt(f"{name}.example", client, recipient, **more)
        same(here.dns.count() - before, 0, f"{label}: no question")
    before = here.dns.count()
    with smtp.Client(here.mta.port) as session:
        session.become(LISTED, NAME="mail.friend.example")
        session.mail()
        codes = [session.rcpt(f"{name}@strict.example").code for name in "abc"]
    same((codes, here.dns.count() - before), ([250] * 3, 1), "three recipients: one question")


@sharing
def in_the_header():
    """The delivered mail says whether the name is the client's."""
    here = usual()
    with smtp.Client(here.mta.port) as session:
        session.become(LISTED, NAME="liar.friend.example")
        session.mail()
        session.rcpt("bob@tag.example")
        same(session.data().code, 250, "accepted")
    message = here.mta.wait_mail("bob@tag.example")
    same(message and [" ".join(value.split())
                      for value in message.get_all("Authentication-Results")],
         [f"mx.relay.example; iprev=fail policy.iprev={LISTED} (liar.friend.example)"],
         "iprev in Authentication-Results")
    ok(message["X-RelayGuard"], "and the mark")


check.run()
