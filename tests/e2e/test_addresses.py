#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Addresses in all shapes that MTAs take: whom the mail is delivered to is whose policy
holds, and whom it is sent from is whose domain is asked about."""
import functools

from lib import check, daemon, nsd, postfix, rbldnsd, sendmail, smtp
from lib.check import case, ok, same, sharing, wait_for

GOOD, LISTED = "198.51.100.7", "198.51.100.8"
HERE_GOOD, HERE_LISTED = "127.0.0.67", "127.0.0.66"  # of Sendmail, which has no XCLIENT

CONFIG = """
{more}
list "bl" {{ zone = "bl.example" servers = {{ "{lists}" }} name = "The bl list" private = true
    answer "127.0.0.2" {{ category = "open-relay" score = 3 }} }}
list "dbl" {{ kind = "domain" zone = "dbl.example" servers = {{ "{lists}" }} name = "The DBL"
    asks = {{ "sender" }}
    answer "127.0.0.2" {{ category = "spam-source" score = 3 }} }}
allow {{ networks = {{ "203.0.113.200" }} }}
policy "default"        {{ lists = {{ "bl", "dbl" }} refuse = 0 }}
policy "strict.example" {{ lists = {{ "bl", "dbl" }} refuse = 3 }}
policy "spf.example" {{ spf_fail = "refuse" }}
policy "bücher.example" {{ lists = {{ "bl", "dbl" }} refuse = 3 }}
policy "xn--mller-kva.example" {{ lists = {{ "bl", "dbl" }} refuse = 3 }}
policy "mx.relay.example" {{ lists = {{ "bl" }} refuse = 3 }}
"""

# All of them are bob's at strict.example.
SHAPES = (
    "<bob@strict.example>", "bob@strict.example", "<bob@STRICT.example.>",
    "<bob@strict.example(x)>", "<bob@strict.example (x)>", "<bob(x)@strict.example>",
    "<(x)bob@strict.example>", "<bob@(x)strict.example>", "<bob@strict(x).example>",
    "<bob@strict.example()>", "<bob(@mild.example)@strict.example>",
    "<bob@strict.example(mild.example)>", "<bob@strict.example(\\)x)>",
    "< bob@strict.example >", "<bob @strict.example>", "<bob@ strict.example>",
    "<bob@strict .example>", "<bob\t@strict.example>",
    "<Bob <bob@strict.example>>", "<mild.example <bob@strict.example>>",
    "<strict.example!bob>", "<bob%strict.example>", "<bob%strict.example@mx.relay.example>",
    "<strict.example!bob@mx.relay.example>", "<@relay.example:bob@strict.example>",
    "<bob@strict.example;>", '<"bob"@strict.example>',
)
MASTERS = ("<postmaster@strict.example>", "<postmaster(x)@strict.example>",
           "<postmaster@strict.example(x)>", "<(x)postmaster@strict.example>",
           "<strict.example!postmaster>", '<"postmaster"@strict.example>')
# Others: what is typed, and where the mail goes.
OTHERS = (("<bob>", "bob@mx.relay.example"), ("<bob(x)>", "bob@mx.relay.example"),
          ("<bob@mild.example(strict.example)>", "bob@mild.example"),
          ("<bob(@strict.example)@mild.example>", "bob@mild.example"),
          ("<mild.example!bob>", "bob@mild.example"))


def policy_of(address):
    """The policy that an address has to have."""
    domain = address.lower().rpartition("@")[2]
    return domain if domain in ("strict.example", "mx.relay.example") else "default"


class Scene:
    """Lists, relayguard, and an MTA."""

    def __init__(self, start, more=""):
        self.list = rbldnsd.Rbldnsd({
            "bl.example": {"ip4set": f"{LISTED} :127.0.0.2:\n{HERE_LISTED} :127.0.0.2:\n"},
            "dbl.example": {"dnset": "evil.example :127.0.0.2:\n"
                                     "xn--bse-sna.example :127.0.0.2:\n"}})
        self.guard = daemon.Relayguard(CONFIG.format(lists=self.list.address, more=more))
        self.mta = start(self.guard)
        # Bytes of a local part: Sendmail takes 255 of an address.
        self.longest = 370 if isinstance(self.mta, postfix.Postfix) else 200

    def open(self, client):
        """A session of a client."""
        if isinstance(self.mta, postfix.Postfix):
            session = smtp.Client(self.mta.port)
            session.become(client)
        else:
            session = smtp.Client(self.mta.port, source=client)
            session.ehlo()
        return session

    def rcpt(self, client, path, source="<a@sender.example>", words=""):
        """The replies to MAIL and RCPT, and the decision; a message is sent if it may be."""
        with self.open(client) as session:
            first = session.command(f"MAIL FROM:{source}{words}".encode())
            if first.code != 250:
                session.quit()
                return first, None, {}
            reply, line = self.guard.decided(lambda: session.command(f"RCPT TO:{path}".encode()))
            if reply.code == 250:
                session.data()
            session.quit()
        return first, reply, line


@functools.cache
def with_postfix():
    """Postfix, which delivers to a Maildir; DNS has a sender policy."""
    if nsd.why_not():
        return None
    dns = nsd.Nsd({"example": "".join(f"{name} {nsd.txt('v=spf1 -all')}\n"
                                      for name in ("evil", "xn--bse-sna"))})
    scene = Scene(lambda guard: postfix.Postfix(
        guard.postfix, "local_transport = virtual:\n",
        domains=postfix.DOMAINS + " spf.example bücher.example müller.example", mailboxes=True),
                  f'deadline = "2s"\ndns {{ servers = {{ "{dns.address}" }} }}')
    scene.dns = dns
    return scene


@functools.cache
def with_sendmail():
    """Sendmail, which leaves all in its queue."""
    return Scene(lambda guard: sendmail.Sendmail(f"inet:{guard.port}@127.0.0.1"))


def delivered_by_postfix(scene, address):
    """How many messages somebody has."""
    return sum(name.lower() == address for name in scene.mta.receivers())


def queued_by_sendmail(scene, address):
    """How many messages wait for somebody."""
    return sum(name.replace('"', "").lower() == address for name in scene.mta.receivers())


def recipients(scene, listed, good, count):
    """Each shape: who gets it is whose policy it has, and who is exempt is so."""
    long = "b" * scene.longest
    paths = [(path, "bob@strict.example") for path in SHAPES]
    paths += [(path, "postmaster@strict.example") for path in MASTERS]
    paths += [(f"<{long}@strict.example>", f"{long}@strict.example")]
    for path, to in paths + list(OTHERS):
        label, before = f"RCPT {path[:60]}", count(scene, to)
        _, reply, line = scene.rcpt(good, path)
        same(reply.code, 250, f"{label}: taken")
        ok(wait_for(lambda want=to, had=before: count(scene, want) > had),
           f"{label}: delivered to {to[:60]}")
        own = isinstance(scene.mta, postfix.Postfix) or "mx.relay" not in to
        same(line.get("policy"), policy_of(to) if own else "default", f"{label}: its policy")
        same(line.get("reason"), "exempt" if to.startswith("postmaster") else "lists",
             f"{label}: its reason")
    for path, code in (("<bob@strict.example(x)>", 550), ("<strict.example!bob>", 550),
                       ("<bob%strict.example@mx.relay.example>", 550),
                       (f"<{long}@strict.example>", 550),
                       ("<postmaster(x)@strict.example>", 250),
                       ("<bob@mild.example(strict.example)>", 250)):
        same(scene.rcpt(listed, path)[1].code, code, f"{path[:60]}: a listed client")


def senders(scene, good, spf):
    """Each shape of a sender whose domain is listed, and has a policy that fails."""
    long = "b" * scene.longest
    for shape in SHAPES:
        path = shape.replace("bob", "a").replace("strict", "evil").replace("STRICT", "EVIL")
        first, reply, line = scene.rcpt(good, "<bob@strict.example>", path)
        if first.code != 250:
            continue
        same((reply.code, line.get("lists")), (550, "dbl:sender:127.0.0.2*3"),
             f"MAIL {path}: refused by the list")
        if spf:
            reply, line = scene.rcpt(good, "<bob@spf.example>", path)[1:]
            same((reply.code, line.get("spf")), (550, "fail"), f"MAIL {path}: and by SPF")
    _, reply, line = scene.rcpt(good, "<bob@strict.example>", f"<{long}@evil.example>")
    same((reply.code, line.get("lists")), (550, "dbl:sender:127.0.0.2*3"),
         f"a local part of {len(long)} bytes: the list")


@sharing
def recipients_of_postfix():
    """Postfix: the policy is that of whom it delivers to."""
    if nsd.why_not():
        check.skip("Postfix", nsd.why_not())
        return
    recipients(with_postfix(), LISTED, GOOD, delivered_by_postfix)


@sharing
def log_of_postfix():
    """The line names whom Postfix delivers to, and what was typed beside."""
    if nsd.why_not():
        return
    scene = with_postfix()
    for path, to in (("<bob@strict.example(x)>", "bob@strict.example"),
                     ("<strict.example!bob>", "bob@strict.example"),
                     ("<bob>", "bob@mx.relay.example")):
        _, _, line = scene.rcpt(GOOD, path, "<a@sender.example(y)>")
        same((line.get("to"), line.get("orig-to"), line.get("from"), line.get("orig-from")),
             (to, path[1:-1], "a@sender.example", "a@sender.example(y)"), f"{path}: the line")
        ok(scene.mta.wait_log(f"to=<{to}>"), f"{path}: as in Postfix's own log")
    _, _, line = scene.rcpt(GOOD, "<Bob@strict.example>")
    same((line.get("to"), line.get("orig-to")), ("Bob@strict.example", None), "only the case")


@sharing
def senders_of_postfix():
    """Postfix: the sender's domain is the one of the message it delivers."""
    if nsd.why_not():
        return
    senders(with_postfix(), GOOD, True)
    _, _, line = with_postfix().rcpt(GOOD, "<bob@strict.example>", "<>")
    same((line.get("from"), line.get("lists")), ("<>", None), "the null sender is nobody's")
    _, _, line = with_postfix().rcpt(GOOD, "<bob@strict.example>", "<(x)>")
    same((line.get("from"), line.get("orig-from")), ("<>", "(x)"), "in a comment, too")


@sharing
def utf8_of_postfix():
    """SMTPUTF8: a domain in UTF-8 is the one in A-labels, of recipients and senders."""
    if nsd.why_not():
        return
    scene = with_postfix()
    for path, policy in (("<bob@bücher.example>", "xn--bcher-kva.example"),
                         ("<böb@BÜCHER.example>", "xn--bcher-kva.example"),
                         ("<bob@bücher.example(x)>", "xn--bcher-kva.example"),
                         ("<bücher.example!bob>", "xn--bcher-kva.example"),
                         ("<bob@müller.example>", "xn--mller-kva.example")):
        _, reply, line = scene.rcpt(GOOD, path, words=" SMTPUTF8")
        same((reply.code, line.get("policy")), (250, policy), f"RCPT {path}: its policy")
        _, reply, line = scene.rcpt(LISTED, path, words=" SMTPUTF8")
        same((reply.code, line.get("policy")), (550, policy), f"RCPT {path}: a listed client")
    for path in ("<a@böse.example>", "<ä@BÖSE.example>", "<a@böse.example(x)>"):
        _, reply, line = scene.rcpt(GOOD, "<bob@strict.example>", path, " SMTPUTF8")
        same((reply.code, line.get("lists")), (550, "dbl:sender:127.0.0.2*3"),
             f"MAIL {path}: refused by the list")
        _, reply, line = scene.rcpt(GOOD, "<bob@spf.example>", path, " SMTPUTF8")
        same((reply.code, line.get("spf")), (550, "fail"), f"MAIL {path}: and by SPF")


@case
def postfix_that_says_little():
    """Postfix whose own lists of macros are empty, or that speaks an old protocol."""
    few = "milter_connect_macros = j\nmilter_mail_macros = i\nmilter_rcpt_macros = i\n"
    for label, more in (("few macros", few), ("protocol 2", "milter_protocol = 2\n")):
        scene = Scene(lambda guard, more=more: postfix.Postfix(guard.postfix, more))
        line = scene.rcpt(GOOD, "<strict.example!bob>", "<(x)a@evil.example>")[2]
        same((line.get("to"), line.get("from"), line.get("policy"), line.get("lists")),
             ("bob@strict.example", "a@evil.example", "strict.example",
              "dbl:sender:127.0.0.2*3"), f"{label}: known all the same")


@sharing
def recipients_of_sendmail():
    """Sendmail: the same."""
    if sendmail.why_not():
        check.skip("Sendmail", sendmail.why_not())
        return
    recipients(with_sendmail(), HERE_LISTED, HERE_GOOD, queued_by_sendmail)


@sharing
def senders_of_sendmail():
    """Sendmail: the same."""
    if not sendmail.why_not():
        senders(with_sendmail(), HERE_GOOD, False)


check.run()
