#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Lists of domains: the names in HELO, of the client and of the sender, by Postfix."""
import functools
import re

from lib import check, daemon, postfix, rbldnsd, smtp
from lib.check import like, ok, same, sharing

CLIENT, BOT = "198.51.100.7", "198.51.100.66"

ZONES = {
    "dbl.example": {"dnset": ".bad.example :127.0.0.2:\n.worse.example :127.0.0.3:\n"
                             "only.example :127.0.0.2:\n.198.51.100.7 :127.0.0.2:\n"
                             "7 :127.0.0.2:\n"},
    "ho.example": {"dnset": ".sure.example :127.0.0.2:\n"},
    "reg.example": {"dnset": "bad.example :127.0.0.2:\n"},
    "bl.example": {"ip4set": f"{BOT} :127.0.0.2:\n"},
}

CONFIG = """
list "dbl" {{ kind = "domain" zone = "dbl.example" servers = {{ "{0}" }} name = "The DBL"
    removal = "https://dbl.example/?d=%{{domain}}"
    answer "127.0.0.2" {{ category = "spam-source" score = 5 }}
    answer "127.0.0.3" {{ category = "phishing" score = 4 }} }}
list "ho" {{ kind = "domain" zone = "ho.example" servers = {{ "{0}" }} asks = {{ "helo" }}
    answer "127.0.0.2" {{ category = "spam-source" score = 5 }} }}
list "reg" {{ kind = "domain" zone = "reg.example" servers = {{ "{0}" }} registered = true
    text = "%{{domain}} is on %{{list}}: [%{{ip}}]"
    answer "127.0.0.2" {{ category = "malware" score = 5 }} }}
list "bl" {{ zone = "bl.example" servers = {{ "{0}" }} name = "The bl list"
    answer "127.0.0.2" {{ category = "exploited" score = 3 }} }}
allow {{ networks = {{ "203.0.113.200" }} }}
policy "default"       {{ lists = {{ "bl", "dbl" }} refuse = 5 }}
policy "ho.example"    {{ lists = {{ "ho" }} refuse = 5 }}
policy "reg.example"   {{ lists = {{ "reg" }} refuse = 5 }}
policy "agree.example" {{ lists = {{ "bl", "dbl" }} refuse = 3 agree = 2 }}
"""

DOMAINS = "strict.example ho.example reg.example agree.example"

SAID = (
    # label, HELO, the client's name, sender, how the first line goes on, who is listed
    ("HELO", "mail.bad.example", None, "a@good.example",
     "its HELO name mail.bad.example ", "mail.bad.example"),
    ("the client's name", "good.example", "host.bad.example", "a@good.example",
     "its name in DNS host.bad.example ", "host.bad.example"),
    ("the sender", "good.example", None, "a@bad.example",
     "the sender domain bad.example ", "bad.example"),
    ("other letters, a last dot", "Mail.BAD.example.", None, "a@good.example",
     "its HELO name mail.bad.example ", "mail.bad.example"),
    ("a null sender", "bad.example", None, "",
     "its HELO name bad.example ", "bad.example"),
)

PASSED = (
    ("names nobody lists", "good.example", "mail.good.example", "a@good.example"),
    ("a name above a listed one", "example.example", None, "a@example.example"),
    ("below one that is listed alone", "mail.only.example", None, "a@sub.only.example"),
    ("one that ends alike", "notbad.example", None, "a@notbad.example"),
    ("an address in HELO", "[198.51.100.7]", None, "a@[198.51.100.7]"),
    ("a bare address in HELO", "198.51.100.7", None, "a@good.example"),
    ("a name without a dot", "7", None, "a@good.example"),
    ("a score that is too low", "mail.worse.example", None, "a@good.example"),
)


class Scene:
    """Lists, relayguard and Postfix."""

    def __init__(self):
        self.list = rbldnsd.Rbldnsd(ZONES)
        self.guard = daemon.Relayguard(CONFIG.format(self.list.address))
        self.mta = postfix.Postfix(self.guard.postfix, domains=DOMAINS)

    def rcpt(self, helo, name, sender, recipient="bob@strict.example", client=CLIENT):
        """The reply to RCPT, and its decision."""
        return self.guard.decided(lambda: smtp.try_rcpt(
            self.mta.port, client, recipient, sender, helo=helo,
            **({"NAME": name} if name else {})))


usual = functools.cache(Scene)  # the scene that all cases share


@sharing
def listed():
    """A listed name is refused, and the reply says which, and where it is listed."""
    here = usual()
    for label, helo, name, sender, words, domain in SAID:
        reply, line = here.rcpt(helo, name, sender)
        same(reply.code, 550, f"{label}: refused")
        like(reply.lines[0], f" is refused: {re.escape(words)}.*, says The DBL",
             f"{label}: the reply says which name, and who says so")
        ok(f"https://dbl.example/?d={domain}" in reply.text, f"{label}: the URL", reply)
        like(line.get("lists", ""), r"^dbl:(helo|name|sender):127\.0\.0\.2\*5$",
             f"{label}: logged with its role")


@sharing
def not_listed():
    """Names that are not listed, and what is no name."""
    here = usual()
    for label, helo, name, sender in PASSED:
        reply, line = here.rcpt(helo, name, sender)
        same(reply.code, 250, f"{label}: accepted")
    asked = [query for query in here.list.queries(".dbl.example")
             if re.match(r"[\d.]+\.dbl\.example|\[", query)]
    same(asked, [], "no address, and no part of one, was asked about")


@sharing
def counted_once():
    """A list speaks once, whatever of a client is on it; with others, it adds up."""
    here = usual()
    _, line = here.rcpt("mail.worse.example", "host.worse.example", "a@worse.example")
    same((line.get("verdict"), line.get("score")), ("pass", "4/5"), "three names: one score")
    same(len(line.get("lists", "").split(",")), 3, "all three are logged")
    reply, line = here.rcpt("mail.worse.example", None, "a@good.example", client=BOT)
    same((reply.code, line.get("score")), (550, "7/5"), "together with a list of addresses")
    like(reply.lines[0], r"its HELO name mail\.worse\.example .*says The DBL \(and 1 more list\)",
         "which the reply counts")
    reply, _ = here.rcpt("mail.bad.example", "host.bad.example", "a@bad.example",
                         "bob@agree.example")
    same(reply.code, 250, "three names on one list are not two that agree")
    reply, _ = here.rcpt("mail.bad.example", None, "a@good.example", "bob@agree.example", BOT)
    same(reply.code, 550, "a list of domains and one of addresses are")


@sharing
def registered_domains():
    """Asked about the registered domain; the own text may name it."""
    here = usual()
    reply, _ = here.rcpt("a.b.bad.example", None, "a@good.example", "bob@reg.example")
    same((reply.code, reply.lines[0]),
         (550, "5.7.1 bad.example is on reg: [198.51.100.7] postmaster@reg.example accepts mail "
               f"from everybody. Ref {reply.ref}"), "a name far below")
    same(here.list.queries("a.b.bad.example.reg.example"), [], "the whole name is not asked")


@sharing
def of_some_names():
    """A list that is asked about HELO is not asked about the others."""
    here = usual()
    codes = [here.rcpt(*names, "bob@ho.example")[0].code for names in (
        ("1.sure.example", None, "a@good.example"),
        ("good.example", "2.sure.example", "a@3.sure.example"))]
    same(codes, [550, 250], "HELO counts, the client's name and the sender do not")
    same({name.lower() for name in here.list.queries("sure.example.ho.example")},
         {"1.sure.example.ho.example"}, "and are not asked about")


@sharing
def next_message():
    """Each message of a connection has its own sender."""
    here = usual()
    with smtp.Client(here.mta.port) as session:
        session.become(CLIENT, helo="good.example")
        codes = []
        for sender in ("a@bad.example", "a@good.example", "", "b@bad.example"):
            session.mail(sender)
            codes.append(session.rcpt("bob@strict.example").code)
            session.command("RSET")
    same(codes, [550, 250, 250, 550], "judged by it alone")


check.run()
