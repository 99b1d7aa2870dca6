#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Each action, as those see it who send and who receive by a real Postfix."""
import functools
import re

from lib import check, daemon, postfix, rbldnsd, scene, smtp, tap
from lib.check import like, ok, same, sharing, unlike

ID = "mx.relay.example"  # what Postfix calls itself
LISTED, GOOD, ALLOWED, FRIEND = scene.RELAY, scene.GOOD, scene.ALLOWED, "203.0.113.6"

ZONES = {
    "bl.example": {"ip4set": f"{LISTED} :127.0.0.2:\n{ALLOWED} :127.0.0.2:\n"},
    "wl.example": {"ip4set": f"{FRIEND} :127.0.0.2:\n"},
}

LISTS = """
list "bl" { zone = "bl.example" servers = { "%(server)s" } name = "The bl list"
    removal = "https://bl.example/remove?ip=%%{ip}"
    answer "127.0.0.2" { category = "open-relay" score = 5 } }
list "wl" { zone = "wl.example" servers = { "%(server)s" } kind = "allow"
    answer "127.0.0.2" { category = "allow" score = -5 } }
allow { networks = { "203.0.113.200" } }
"""

POLICIES = """
policy "default"        { lists = { "bl" } refuse = 0 }
policy "none"           { inherit = "default" lists = { "bl", "wl" } }
policy "tag.example"    { inherit = "none" tag = 5 }
policy "results.example" { inherit = "none" results = true }
policy "defer.example"  { inherit = "none" defer = 5 }
policy "refuse.example" { inherit = "none" refuse = 5 }
policy "hold.example"   { inherit = "none" quarantine = 5 }
policy "drop.example"   { inherit = "none" drop = 5 }
policy "later.example"  { inherit = "none" drop = 5 drop_code = 421 }
policy "shadow.example" { inherit = "none" tag = 1 quarantine = 5 mode = "shadow" }
policy "dark.example"   { inherit = "none" drop = 5 mode = "shadow" }
"""

DOMAINS = ("pass.example tag.example results.example defer.example refuse.example "
           "hold.example drop.example later.example shadow.example dark.example")

FORGED = ("X-RelayGuard: verdict=pass ref=00000000",
          "x-relayGUARD: another",
          f"Authentication-Results: {ID}; spf=pass smtp.mailfrom=bank.example",
          f"authentication-results: (a comment)\r\n {ID.upper()} 1; dkim=pass",
          "Authentication-Results: mx.other.example; spf=fail smtp.mailfrom=a.example",
          f"Authentication-Results: sub.{ID}; dkim=fail")
KEPT = ["mx.other.example; spf=fail smtp.mailfrom=a.example", f"sub.{ID}; dkim=fail"]


class Scene:
    """Lists, relayguard, a proxy that notes what is said to it, and Postfix."""

    def __init__(self):
        self.list = rbldnsd.Rbldnsd(ZONES)
        lists = LISTS % {"server": self.list.address}
        self.guard = daemon.Relayguard(lists + POLICIES)
        self.lists = self.guard.text[:-len(POLICIES)]  # with the socket
        self.proxy = tap.Tap(self.guard.port)
        self.proxy.__enter__()
        self.mta = postfix.Postfix(self.proxy.postfix, domains=DOMAINS, mailboxes=True)

    def send(self, client, *recipients, fields=()):
        """A message: the replies to each RCPT, and to the end of the message."""
        text = "\r\n".join((*fields, "Subject: test", "From: a@sender.example", "", "body"))
        with smtp.Client(self.mta.port) as session:
            session.become(client)
            session.mail()
            replies = [session.rcpt(name) for name in recipients]
            return replies, session.data(text)

    def hear(self, client):
        """Until all lists have been heard about a client, for whom nobody waits."""
        def heard():
            smtp.try_rcpt(self.mta.port, client, "nobody@results.example")
            line = self.guard.decisions(client=client)[-1]
            return "unknown" not in line
        check.wait_for(heard)

    def decision(self, recipient, **fields):
        """The decision on a recipient."""
        return self.guard.wait_decision(to=recipient, **fields)

    def last(self):
        """The session that the proxy has seen last, once it is over."""
        check.wait_for(lambda: self.proxy.sessions and self.proxy.sessions[-1].closed)
        return self.proxy.sessions[-1]


usual = functools.cache(Scene)  # the scene that all cases share


def field(message, name):
    """The values of a field, unfolded; all those there are."""
    return [" ".join(value.split()) for value in (message.get_all(name, []) if message else [])]


@sharing
def let_through():
    """Pass: nothing is said and nothing is written."""
    here = usual()
    replies, end = here.send(LISTED, "ann@pass.example", fields=FORGED[4:])
    same((replies[0].code, end.code), (250, 250), "accepted")
    message = here.mta.wait_mail("ann@pass.example")
    same(field(message, "X-RelayGuard"), [], "without a field of ours")
    same(field(message, "Authentication-Results"), KEPT, "and others are as they came")
    same(here.decision("ann@pass.example").get("verdict"), "pass", "logged so")


@sharing
def tagged():
    """Tag: the delivered mail says what was found, and nothing forged."""
    here = usual()
    replies, end = here.send(LISTED, "bob@tag.example", fields=FORGED)
    same((replies[0].code, end.code), (250, 250), "accepted")
    message = here.mta.wait_mail("bob@tag.example")
    own = field(message, "X-RelayGuard")
    ref = here.decision("bob@tag.example").get("ref")
    same(own, [f"verdict=tag reason=lists score=5/5 policy=tag.example lists=bl:127.0.0.2*5 "
               f"ref={ref}"], "one X-RelayGuard, with the reference of the log")
    same(field(message, "Authentication-Results"),
         [f"{ID}; dnswl=none dns.zone=wl.example", *KEPT],
         "Authentication-Results: ours first, those of others as they came")
    names = [name.lower() for name in message.keys()]
    ok(names.index("received") < names.index("x-relayguard") < names.index("subject"),
       "below what Postfix has written, above what came", names)
    same(message.get_payload().strip(), "body", "the body is whole")
    replies, end = here.send(GOOD, "bea@tag.example", fields=FORGED)
    message = here.mta.wait_mail("bea@tag.example")
    same(field(message, "X-RelayGuard"), [], "an unlisted client: no tag, and none forged")
    same(field(message, "Authentication-Results"), KEPT, "nor results")


@sharing
def results():
    """Authentication-Results on every mail of a policy that wants them."""
    here = usual()
    for client, name, said in ((GOOD, "cat", "none dns.zone=wl.example"),
                               (FRIEND, "cid", "pass dns.zone=wl.example policy.ip=127.0.0.2")):
        here.hear(client)
        here.send(client, f"{name}@results.example", fields=FORGED)
        message = here.mta.wait_mail(f"{name}@results.example")
        same(field(message, "Authentication-Results"), [f"{ID}; dnswl={said}", *KEPT],
             f"{name}: dnswl={said.split()[0]}")
        same(field(message, "X-RelayGuard"), [], f"{name}: and no mark")


@sharing
def allowed_but_forged():
    """A client in the allow set may not write in our name either."""
    here = usual()
    before = len(here.guard.decisions(client=ALLOWED))
    here.send(ALLOWED, "dan@tag.example", fields=FORGED)
    message = here.mta.wait_mail("dan@tag.example")
    same(field(message, "X-RelayGuard"), [], "no X-RelayGuard")
    same(field(message, "Authentication-Results"), KEPT, "and no results in our name")
    same([line["reason"] for line in here.guard.decisions(client=ALLOWED)[before:]], ["allow"],
         "one line")
    replies, end = here.send(ALLOWED, "dot@tag.example", fields=["X-RelayGuard: x"] * 101)
    same(end.code, 550, "more forged fields than can be taken out: refused")
    like(end.text, "5.6.0 .*pretend", "with a reason")


@sharing
def forged_otherwise():
    """Fields in our name that are written oddly, and those of the message before."""
    here = usual()
    odd = ("X-RelayGuard : a blank before the colon", "X-RELAYGUARD:\r\n folded", "X-RelayGuard:",
           f'Authentication-Results:\r\n\t"{ID}"; spf=pass',
           f"Authentication-Results: {ID}.; spf=pass", f"Authentication-Results:{ID}",
           "Authentication-Results: other.example 1; none", "X-RelayGuardian: another")
    with smtp.Client(here.mta.port) as session:
        session.become(LISTED)
        for name, fields in (("dee", odd), ("des", ()), ("dex", odd)):
            session.mail()
            session.rcpt(f"{name}@tag.example")
            session.data("\r\n".join((*fields, "Subject: test", "", "body")))
    for name, others in (("dee", ["other.example 1; none"]), ("des", []),
                         ("dex", ["other.example 1; none"])):
        message = here.mta.wait_mail(f"{name}@tag.example")
        same([value.split()[0] for value in field(message, "X-RelayGuard")], ["verdict=tag"],
             f"{name}: one X-RelayGuard, ours")
        same(field(message, "Authentication-Results"),
             [f"{ID}; dnswl=none dns.zone=wl.example", *others], f"{name}: our results")
        same(len(field(message, "X-RelayGuardian")), len(others), f"{name}: others stay")
        ok(not any("forged" in line or "blank before" in line for line in
                   str(message).splitlines()), f"{name}: nothing forged is left", message)


@sharing
def put_off():
    """Defer: 450, and the client comes back."""
    here = usual()
    replies, _ = here.send(LISTED, "eve@defer.example")
    ok(all(re.match(r"450[ -]4\.7\.1 \S", line) for line in replies[0].raw),
       "450 4.7.1 on each line", replies[0])
    like(replies[0].lines[0], "is not accepted now: ", "which does not say that it is refused")
    same(here.decision("eve@defer.example").get("ref"), replies[0].ref, "and has the reference")
    ok(here.mta.wait_log(f"Ref {replies[0].ref}"), "Postfix has logged it")


@sharing
def refused():
    """Refuse: 550."""
    here = usual()
    replies, _ = here.send(LISTED, "fay@refuse.example")
    ok(all(re.match(r"550[ -]5\.7\.1 \S", line) for line in replies[0].raw),
       "550 5.7.1 on each line", replies[0])
    same(here.decision("fay@refuse.example").get("verdict"), "refuse", "logged so")
    replies, end = here.send(FRIEND, "fin@refuse.example")
    same((replies[0].code, end.code), (250, 250), "a client that an allow list speaks for passes")


@sharing
def held():
    """Quarantine: it is in the hold queue, and nowhere else until it is let go."""
    here = usual()
    replies, end = here.send(LISTED, "gil@hold.example", "gus@hold.example", fields=FORGED[:2])
    same([reply.code for reply in (*replies, end)], [250, 250, 250], "accepted, for both")
    queue_id = end.raw[0].split()[-1]
    same(check.wait_for(lambda: here.mta.held().get(queue_id)),
         ["gil@hold.example", "gus@hold.example"], "its queue id is held, for both")
    ref = here.decision("gil@hold.example").get("ref")
    same(here.decision("gus@hold.example").get("verdict"), "quarantine", "logged for each")
    ok(here.mta.wait_log(f"{queue_id}: milter-hold: END-OF-MESSAGE from unknown[{LISTED}]"),
       "Postfix logs that a filter wants it so", here.mta.log())
    line = check.wait_for(lambda: here.guard.lines(f"event=message qid={queue_id} "))
    like(line[-1] if line else "", r" action=quarantine .* from=\S+ recipients=2 refs=\w{8},\w{8}$",
         "a line of ours leads from the id to the decisions")
    own = field(here.mta.held_mail(queue_id), "X-RelayGuard")
    ok(len(own) == 1 and own[0].startswith("verdict=quarantine ") and own[0].endswith(ref),
       "the mark in what is held says why", own)
    same(here.mta.mails("gil@hold.example"), [], "it is not delivered")
    here.mta.release(queue_id)
    message = here.mta.wait_mail("gil@hold.example")
    ok(message and here.mta.wait_mail("gus@hold.example"), "let go, it is delivered to both")
    same(field(message, "X-RelayGuard"), own, "with the mark")
    ok(queue_id not in here.mta.held(), "and not held any more")


@sharing
def dropped():
    """Drop at RCPT: a text, and the connection is closed."""
    here = usual()
    for domain, code in (("drop.example", "521 5.7.1"), ("later.example", "421 4.7.1")):
        with smtp.Client(here.mta.port) as session:
            session.become(LISTED)
            session.mail()
            reply = session.rcpt(f"hal@{domain}")
            ok(len(reply.raw) > 1 and
               all(line[:3] + " " + line[4:9] == code for line in reply.raw),
               f"{code}, with its whole text", reply)
            like(reply.lines[0], ("not accepted now" if code[0] == "4" else "refused") +
                 ": it relays mail for strangers", f"{code}: which says why")
            like(reply.text, "https://bl.example/remove", f"{code}: and where to be removed")
            try:
                closed = session.command("RCPT TO:<postmaster@pass.example>").code == 0
            except OSError:
                closed = True
            ok(closed, f"{code}: the connection is closed")
        line = here.decision(f"hal@{domain}")
        same((line.get("verdict"), line.get("ref")), ("drop", reply.ref), f"{code}: logged")
    replies, end = here.send(GOOD, "hal@drop.example")
    same((replies[0].code, end.code), (250, 250), "an unlisted client passes")


@sharing
def two_minds():
    """A message to be held for one recipient and delivered to another goes apart."""
    here = usual()
    for first, second in (("ida@hold.example", "ivo@pass.example"),
                          ("ivy@pass.example", "ike@hold.example")):
        replies, end = here.send(LISTED, first, second)
        same([replies[0].code, end.code], [250, 250], f"{first}: the first is accepted")
        like(replies[1].text, r"^452 4\.5\.3 .*will send it this mail again", f"{second}: the second 452")
        line = here.decision(second, apart="yes")
        same((line.get("verdict"), line.get("ref")), ("defer", replies[1].ref), "logged so")
        replies, end = here.send(LISTED, second)
        same([replies[0].code, end.code], [250, 250], f"{second}: sent apart it is taken")
    for name in ("ivo@pass.example", "ivy@pass.example"):
        same(field(here.mta.wait_mail(name), "X-RelayGuard"), [], f"{name}: delivered, no mark")
    check.wait_for(lambda: len(here.mta.held()) == 2)
    same(sorted(here.mta.held().values()), [["ida@hold.example"], ["ike@hold.example"]],
         "the others are held")
    same([here.mta.mails(name) for name in ("ida@hold.example", "ike@hold.example")], [[], []],
         "and not delivered")


@sharing
def each_by_itself():
    """What was to become of one message of a connection is nothing to the next."""
    here = usual()
    before = here.mta.held()
    names = ("ona@hold.example", "ole@pass.example", "oda@tag.example", "oto@pass.example")
    with smtp.Client(here.mta.port) as session:
        session.become(LISTED)
        for name in names:
            session.mail()
            same((session.rcpt(name).code, session.data().code), (250, 250), f"{name}: accepted")
    marks = [field(here.mta.wait_mail(name), "X-RelayGuard") for name in names[1:]]
    same([len(mark) for mark in marks], [0, 1, 0], "one of those delivered has a mark")
    same(marks[1][0].split()[-1], f"ref={here.decision(names[2]).get('ref')}", "with its own ref")
    same([who for key, who in here.mta.held().items() if key not in before], [[names[0]]],
         "the one that is to be held is")


@sharing
def worst_counts():
    """Of a message to several, the mark is that of the worst verdict."""
    here = usual()
    here.send(LISTED, "jan@pass.example", "job@tag.example", "jim@refuse.example")
    message = here.mta.wait_mail("jan@pass.example")
    same([value.split()[0] for value in field(message, "X-RelayGuard")], ["verdict=tag"],
         "both who get it see it")
    unlike(here.mta.log(), "status=sent.*to=<jim@refuse", "who refuses does not get it")


@sharing
def shadow():
    """Shadow: the log alone."""
    here = usual()
    held = here.mta.held()
    for domain, meant in (("shadow.example", "quarantine"), ("dark.example", "drop")):
        replies, end = here.send(LISTED, f"kim@{domain}", fields=FORGED[4:])
        same((replies[0].code, end.code), (250, 250), f"{meant}: accepted")
        message = here.mta.wait_mail(f"kim@{domain}")
        ok(message, f"{meant}: delivered")
        same(field(message, "X-RelayGuard"), [], f"{meant}: without a mark")
        same(field(message, "Authentication-Results"), KEPT, f"{meant}: and no results")
        line = here.decision(f"kim@{domain}")
        same((line.get("verdict"), line.get("meant")), ("pass", meant), f"{meant}: logged")
    same(here.mta.held(), held, "nothing more is held")


@sharing
def only_what_is_used():
    """Steps and rights that no policy needs are not asked for; a reload changes that."""
    here = usual()
    plain = here.lists + 'policy "default" { lists = { "bl" } refuse = 5 }\n'
    for label, text, header, rights in (
            ("no policy changes mail", plain, False, 0x100),
            ("one holds", plain + 'policy "h.example" { quarantine = 5 }', True, 0x131),
            ("one marks", plain + 'policy "t.example" { tag = 5 }', True, 0x111),
            ("one wants results", plain + 'policy "r.example" { results = true }', True, 0x111),
            ("all", here.lists + POLICIES, True, 0x131)):
        ok(here.guard.reload(text), f"{label}: in force")
        here.send(GOOD, "leo@pass.example", fields=FORGED[4:])
        session = here.last()
        agreed = session.answer("O").data
        same(int.from_bytes(agreed[4:8], "big"), rights, f"{label}: the rights asked for")
        same(bool(session.sent("L")), header, f"{label}: the header is {'' if header else 'not '}"
             "sent")
        same([session.sent(command) for command in "TNB"], [None] * 3,
             f"{label}: DATA, the header's end and the body are not")
        same(len(session.replies()), 4, f"{label}: four round trips, all the same")


@sharing
def dropped_at_connect():
    """Drop at connect: a banner without a reason; the text comes to who talks on."""
    here = usual()
    policy = ('policy "default" { lists = { "bl" } refuse = 0 drop = 5 drop_at = "connect" '
              "drop_code = %s }\n")
    here.guard.reload(here.lists + policy % 521)
    with smtp.Client(here.mta.port) as session:
        banner = session.become(LISTED, helo=None)
        same(banner.code, 554, "521: the banner says 554")
        unlike(banner.text, "relays|bl.example", "521: and not why")
        same(session.ehlo().code, 250, "521: EHLO is answered all the same")
        reply = session.mail("")
        ok(len(reply.raw) > 1 and all(re.match(r"521[ -]5\.7\.1 \S", line) for line in reply.raw),
           "521: MAIL has the text, also for the null sender", reply)
        like(reply.text, "https://bl.example/remove", "521: with the URL")
        same(session.read().code, 0, "521: the connection is closed")
    line = here.guard.wait_decision(ref=reply.ref)
    same([line.get(key) for key in ("verdict", "to", "from", "helo", "policy")],
         ["drop", None, None, None, "default"], "521: one line, without sender and recipient")
    same(len(here.guard.decisions(verdict="drop", client=LISTED, policy="default")), 1,
         "521: for all that Postfix asks")
    here.guard.reload(here.lists + policy % 421)
    with smtp.Client(here.mta.port) as session:
        banner = session.become(LISTED, helo=None)
        same(banner.code, 421, "421: the banner says so")
        unlike(banner.text, "relays|bl.example", "421: and not why")
        same(session.read().code, 0, "421: the connection is closed")
    replies, end = here.send(GOOD, "lea@pass.example")
    same((replies[0].code, end.code), (250, 250), "an unlisted client passes")
    same(smtp.try_rcpt(here.mta.port, ALLOWED, "lea@pass.example").code, 250,
         "so does an allowed one")


check.run()
