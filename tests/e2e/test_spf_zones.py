#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Sender policies in zones that NSD serves, and what comes of them by Postfix."""
import functools

from lib import check, daemon, nsd, postfix, rbldnsd, smtp
from lib.check import like, ok, same, sharing, within
from lib.nsd import txt

CLIENT, OTHER, CLIENT6 = "198.51.100.7", "203.0.113.9", "2001:db8::7"
LISTED, HALF = "198.51.100.66", "198.51.100.33"  # with a score of 5, and of 3

# So many networks that libspf2 by itself would lose the last ones.
_MANY = " ".join(f"ip4:192.0.2.{n}" for n in range(110))
# More bytes than any policy may have.
_HUGE = " ".join(f"ip4:192.0.2.{n}" for n in range(140))

POLICIES = (
    ("pass", txt("v=spf1 ip4:198.51.100.0/24 ip6:2001:db8::/32 -all")),
    ("fail", txt("v=spf1 ip4:192.0.2.0/24 -all")),
    ("soft", txt("v=spf1 ~all")),
    ("neutral", txt("v=spf1 ?all")),
    ("other", txt("some other text")),
    ("two", txt("v=spf1 +all")), ("two", txt("v=spf1 -all")),
    ("syntax", txt("v=spf1 nonsense:x -all")),
    ("inc", txt("v=spf1 include:pass.example -all")),
    ("incnone", txt("v=spf1 include:other.example -all")),
    ("incbroken", txt("v=spf1 include:x.broken.example -all")),
    ("red", txt("v=spf1 redirect=pass.example")),
    ("a", txt("v=spf1 a -all")), ("a", "A 198.51.100.7"), ("a", "AAAA 2001:db8::7"),
    ("mx", txt("v=spf1 mx -all")), ("mx", "MX 10 mx1.mx"), ("mx", "MX 20 mx2.mx"),
    ("mx1.mx", "A 192.0.2.1"), ("mx2.mx", "A 198.51.100.7"),
    ("exists", txt("v=spf1 exists:%{ir}.%{l}.ok.example -all")),
    ("7.100.51.198.bob.ok", "A 127.0.0.2"),
    ("alias", "CNAME pass"),
    ("loop", txt("v=spf1 include:loop.example -all")),
    ("void", txt("v=spf1 a:v1.example a:v2.example a:v3.example +all")),
    ("long", txt(f"v=spf1 {_MANY} ip4:198.51.100.7 -all")),
    ("huge", txt(f"v=spf1 {_HUGE} +all")),
    ("exp", txt("v=spf1 -all exp=why.example")), ("why", txt("%{s} is a liar 100%%")),
    ("friend", txt("v=spf1 ip4:198.51.100.66 -all")),
    ("helo", txt("v=spf1 ip4:198.51.100.7 -all")),
)

ZONES = {"example": "".join(f"{name} {data}\n" for name, data in POLICIES),
         "broken.example": None}

CONFIG = """
deadline = "2s"
dns {{ servers = {{ "{dns}" }} }}
list "bl" {{ zone = "bl.example" servers = {{ "{lists}" }} name = "The bl list"
    answer "127.0.0.2" {{ category = "open-relay" score = 5 }}
    answer "127.0.0.4" {{ category = "spam-source" score = 3 }} }}
allow {{ networks = {{ "203.0.113.200" }} senders = {{ "friend.example" }} }}
policy "default"        {{ lists = {{ "bl" }} refuse = 0 }}
policy "tag.example"    {{ inherit = "default" tag = 1 spf_fail = 1 spf_softfail = 1
    spf_permerror = 1 spf_temperror = 1 }}
policy "refuse.example" {{ lists = {{ "bl" }} refuse = 5
    spf_fail = "refuse" spf_softfail = "defer" spf_permerror = "refuse" spf_temperror = "defer" }}
policy "score.example"  {{ lists = {{ "bl" }} refuse = 5 spf_fail = 3 }}
policy "plain.example"  {{ lists = {{ "bl" }} refuse = 5 }}
"""

DOMAINS = "pass.example tag.example refuse.example score.example plain.example"

RESULTS = (
    # sender's domain, client, result
    ("pass", CLIENT, "pass"), ("pass", OTHER, "fail"), ("pass", CLIENT6, "pass"),
    ("fail", CLIENT, "fail"), ("soft", CLIENT, "softfail"), ("neutral", CLIENT, "neutral"),
    ("other", CLIENT, "none"), ("nobody", CLIENT, "none"),
    ("two", CLIENT, "permerror"), ("syntax", CLIENT, "permerror"),
    ("inc", CLIENT, "pass"), ("inc", OTHER, "fail"), ("incnone", CLIENT, "permerror"),
    ("incbroken", CLIENT, "temperror"), ("x.broken", CLIENT, "temperror"),
    ("red", CLIENT, "pass"), ("red", OTHER, "fail"),
    ("a", CLIENT, "pass"), ("a", CLIENT6, "pass"), ("a", OTHER, "fail"),
    ("mx", CLIENT, "pass"), ("mx", OTHER, "fail"),
    ("exists", CLIENT, "pass"), ("exists", OTHER, "fail"),
    ("alias", CLIENT, "pass"), ("PASS", CLIENT, "pass"), ("loop", CLIENT, "permerror"),
    ("void", CLIENT, "permerror"), ("exp", CLIENT, "fail"),
)

if nsd.why_not():
    check.skip_all(nsd.why_not())


class Scene:
    """Zones, a list, relayguard and Postfix."""

    def __init__(self):
        self.dns = nsd.Nsd(ZONES)
        self.list = rbldnsd.Rbldnsd({"bl.example": {
            "ip4set": f"{LISTED} :127.0.0.2:\n{HALF} :127.0.0.4:\n"}})
        self.guard = daemon.Relayguard(CONFIG.format(dns=self.dns.address,
                                                     lists=self.list.address))
        self.mta = postfix.Postfix(self.guard.postfix, domains=DOMAINS, mailboxes=True)

    def rcpt(self, sender, recipient, client=CLIENT, helo="client.example", **attributes):
        """The reply to a recipient, and the log line."""
        return self.guard.decided(lambda: smtp.try_rcpt(
            self.mta.port, client, recipient, sender, helo=helo, **attributes))

    def questions(self, *arguments, **options):
        """How many questions NSD had for a recipient."""
        before = self.dns.count()
        self.rcpt(*arguments, **options)
        return self.dns.count() - before


usual = functools.cache(Scene)  # the scene that all cases share


@sharing
def results():
    """What each policy comes to."""
    here = usual()
    for domain, client, want in RESULTS:
        reply, line = here.rcpt(f"bob@{domain}.example", "ann@tag.example", client)
        same((reply.code, line.get("spf")), (250, want), f"{domain} from {client}")


@sharing
def by_helo():
    """A null sender has the policy of HELO; one without a domain has none."""
    here = usual()
    for helo, client, want in (("helo.example", CLIENT, "pass"), ("helo.example", OTHER, "fail"),
                               ("[198.51.100.7]", CLIENT, "none"), ("localhost", CLIENT, "none")):
        _, line = here.rcpt("", "ann@tag.example", client, helo)
        same(line.get("spf"), want, f"HELO {helo} from {client}")
    reply, _ = here.rcpt("", "ann@refuse.example", OTHER, "helo.example")
    ok(reply.text.startswith("550-5.7.23 ") and "helo.example" in reply.lines[0],
       "a refusal names HELO's domain", reply)


@sharing
def long_records():
    """A record that takes TCP, of more networks than libspf2 holds; and one too long."""
    here = usual()
    before = here.dns.count("tcp")
    for client, want in ((CLIENT, "pass"), ("192.0.2.109", "pass"), (OTHER, "fail")):
        _, line = here.rcpt("bob@long.example", "ann@tag.example", client)
        same(line.get("spf"), want, f"110 networks: {client}")
    ok(here.dns.count("tcp") >= before + 3, "asked over TCP", here.dns.count("tcp") - before)
    _, line = here.rcpt("bob@huge.example", "ann@tag.example")
    same(line.get("spf"), "permerror", "more than 2048 bytes")


@sharing
def replies():
    """What the client is told."""
    here = usual()
    for domain, code, words in (
            ("fail", "550 5.7.23", "the policy .SPF. of fail.example does not let this "),
            ("exp", "550 5.7.23", "the policy .SPF. of exp.example does not let this "),
            ("soft", "450 4.7.23", "soft.example .*says this address should not send"),
            ("syntax", "550 5.7.24", "syntax.example .*has a mistake in it"),
            ("x.broken", "450 4.7.24", "x.broken.example .*could not be looked up"),
            ("pass", "250 2.1.5", ""), ("neutral", "250 2.1.5", ""), ("other", "250 2.1.5", "")):
        reply, line = here.rcpt(f"bob@{domain}.example", "ann@refuse.example")
        ok(all(text[:3] + " " + text[4:10].strip() == code for text in reply.raw),
           f"{domain}: {code}", reply)
        like(reply.lines[0], words, f"{domain}: says so")
        if reply.code != 250:
            same((line.get("ref"), line.get("reason")), (reply.ref, "spf"), f"{domain}: logged")
            ok("liar" not in reply.text, f"{domain}: without the sender's words", reply)
            ok("administrator of the sender domain must" in reply.text, f"{domain}: what to do", reply)


@sharing
def scores():
    """A failure adds to what the lists say."""
    here = usual()
    for sender, code, score in (("fail", 550, "6/5"), ("pass", 250, "3/5")):
        reply, line = here.rcpt(f"bob@{sender}.example", "ann@score.example", HALF)
        same((reply.code, line.get("score"), line.get("spf")), (code, score, sender),
             f"{sender}: the sum")
    reply, line = here.rcpt("bob@fail.example", "ann@score.example")
    same((reply.code, line.get("score"), line.get("spf")), (250, "0/5", None),
         "one that cannot reach the threshold is not looked at")


@sharing
def trusted_senders():
    """A sender's domain is believed on a pass, and else not."""
    here = usual()
    reply, line = here.rcpt("bob@friend.example", "ann@plain.example", LISTED)
    same((reply.code, line.get("reason"), line.get("spf")), (250, "sender", "pass"),
         "a listed client that is the sender's passes")
    reply, line = here.rcpt("bob@friend.example", "ann@refuse.example", HALF)
    same((reply.code, line.get("spf")), (550, "fail"), "another client that uses the name does not")
    reply, line = here.rcpt("bob@pass.example", "ann@plain.example", LISTED)
    same((reply.code, line.get("spf")), (550, None), "another domain's pass is no help")
    reply, line = here.rcpt("bob@sub.friend.example", "ann@plain.example", LISTED)
    same(reply.code, 550, "nor is that of a name below it")


@sharing
def tagged():
    """The delivered mail has the result."""
    here = usual()
    for sender, helo, said in (("bob@fail.example", "x.example", "smtp.mailfrom=fail.example"),
                               ("", "fail.example", "smtp.helo=fail.example")):
        with smtp.Client(here.mta.port) as session:
            session.become(CLIENT, helo=helo)
            session.mail(sender)
            name = f"{said[5]}@tag.example"
            session.rcpt(name)
            same(session.data().code, 250, f"{said}: accepted")
        message = here.mta.wait_mail(name)
        same(message and message.get_all("Authentication-Results"),
             [f"mx.relay.example; spf=fail {said}"], f"{said}: in Authentication-Results")
        like(str(message["X-RelayGuard"]), r"\bspf=fail\b", f"{said}: and in X-RelayGuard")


@sharing
def asked_only_where_it_matters():
    """DNS is asked nothing where SPF cannot change what becomes of the mail."""
    here = usual()
    for label, sender, recipient, client, more in (
            ("a policy without SPF", "pass", "ann@plain.example", CLIENT, {}),
            ("no policy at all", "fail", "ann@pass.example", LISTED, {}),
            ("an exempt recipient", "fail", "postmaster@refuse.example", CLIENT, {}),
            ("a client that has logged in", "fail", "ann@refuse.example", CLIENT,
             {"LOGIN": "joe"}),
            ("a client in the allow set", "fail", "ann@refuse.example", "203.0.113.200", {}),
            ("a client that is refused anyway", "fail", "ann@refuse.example", LISTED, {}),
            ("a score that is reached anyway", "fail", "ann@score.example", LISTED, {}),
            ("a score that is never reached", "fail", "ann@score.example", OTHER, {}),
            ("a trusted sender that nobody lists", "friend", "ann@plain.example", CLIENT, {})):
        same(here.questions(f"bob@{sender}.example", recipient, client, **more), 0,
             f"{label}: no question")
    same(here.questions("bob@pass.example", "ann@refuse.example"), 1, "where it can: one")
    same(here.questions("bob@inc.example", "ann@refuse.example"), 2, "with an include: two")
    same(here.questions("bob@exp.example", "ann@refuse.example"), 1,
         "an explanation is not asked for")
    before = here.dns.count()
    with smtp.Client(here.mta.port) as session:
        session.become(CLIENT)
        session.mail("bob@fail.example")
        codes = [session.rcpt(f"{name}@refuse.example").code for name in "abc"]
    same((codes, here.dns.count() - before), ([550] * 3, 1), "three recipients: one check")


@sharing
def silence():
    """DNS that does not answer: temperror at the deadline, and nobody is refused."""
    here = usual()
    here.dns.pause()
    reply, line = here.rcpt("bob@pass.example", "ann@refuse.example")
    same((reply.code, line.get("spf")), (450, "temperror"), "put off")
    like(reply.text, r"450[ -]4\.7\.24 ", "with the code for it")
    within(int(line.get("ms", 0)), 2400, "at the deadline")
    reply, line = here.rcpt("bob@pass.example", "ann@tag.example")
    same((reply.code, line.get("spf"), line.get("verdict")), (250, "temperror", "tag"),
         "where that is a mark: accepted")
    here.dns.resume()
    ok(check.wait_for(lambda: here.rcpt("bob@pass.example", "ann@refuse.example")[0].code == 250,
                      10), "it answers again: accepted")


check.run()
