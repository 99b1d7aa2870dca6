#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Actions as Sendmail takes them: marks, quarantine, drop."""
import functools

from lib import check, daemon, rbldnsd, sendmail, smtp
from lib.check import like, ok, same, sharing, unlike

ID = "mx.relay.example"
LISTED, GOOD = "127.0.0.66", "127.0.0.67"  # Sendmail has no XCLIENT: loopback addresses

LIST = """
list "bl" { zone = "bl.example" servers = { "%s" } name = "The bl list" private = true
    removal = "https://bl.example/remove?ip=%%{ip}"
    answer "127.0.0.2" { category = "open-relay" score = 5 } }
allow { networks = { "203.0.113.200" } }
"""

POLICIES = """
policy "default"       { lists = { "bl" } refuse = 0 }
policy "tag.example"   { inherit = "default" tag = 5 }
policy "hold.example"  { inherit = "default" quarantine = 5 }
policy "drop.example"  { inherit = "default" drop = 5 }
policy "later.example" { inherit = "default" drop = 5 drop_code = 421 }
"""

AT_CONNECT = 'policy "default" { lists = { "bl" } refuse = 0 drop = 5 drop_at = "connect" }\n'

OTHERS = "mx.other.example; spf=fail smtp.mailfrom=a.example"
FORGED = ("X-RelayGuard: verdict=pass ref=00000000",
          f"Authentication-Results: {ID}; spf=pass smtp.mailfrom=bank.example",
          f"Authentication-Results: {OTHERS}", "X-RelayGuard: another")

if sendmail.why_not():
    check.skip_all(sendmail.why_not())


class Scene:
    """A list, relayguard and Sendmail."""

    def __init__(self):
        self.list = rbldnsd.Rbldnsd({"bl.example": {"ip4set": f"{LISTED} :127.0.0.2:\n"}})
        self.guard = daemon.Relayguard(LIST % self.list.address + POLICIES)
        self.mta = sendmail.Sendmail(f"inet:{self.guard.port}@127.0.0.1")

    def send(self, client, *recipients):
        """A message with forged fields: the replies to each RCPT, and to its end."""
        text = "\r\n".join((*FORGED, "Subject: test", "From: a@sender.example", "", "body"))
        with smtp.Client(self.mta.port, source=client) as session:
            session.ehlo()
            session.mail()
            return [session.rcpt(name) for name in recipients], session.data(text)


usual = functools.cache(Scene)  # the scene that all cases share


@sharing
def tagged():
    """Tag: the header has our mark, and nothing forged."""
    here = usual()
    _, end = here.send(LISTED, "ann@tag.example")
    same(end.code, 250, "accepted")
    entry = here.mta.wait_entry("ann@tag.example")
    ref = here.guard.wait_decision(to="ann@tag.example").get("ref")
    same(entry.field("X-RelayGuard"),
         [f"verdict=tag reason=lists score=5/5 policy=tag.example lists=bl:127.0.0.2*5 "
          f"ref={ref}"], "one X-RelayGuard, with the reference of the log")
    same(entry.field("Authentication-Results"), [f"{ID}; none", OTHERS],
         "our results first, those of others as they came")
    like(here.guard.lines("event=message")[-1], rf" qid=\w+ action=tag .* refs={ref}$",
         "a line of ours leads from its id in the queue to the decision")
    here.send(GOOD, "bob@tag.example")
    entry = here.mta.wait_entry("bob@tag.example")
    same(entry.field("X-RelayGuard"), [], "an unlisted client: none forged is left")
    same(entry.field("Authentication-Results"), [OTHERS], "nor results")


@sharing
def held():
    """Quarantine: it is in the queue, with the reason; of two minds: apart."""
    here = usual()
    replies, end = here.send(LISTED, "cat@hold.example", "cid@pass.example")
    same([reply.code for reply in (*replies, end)], [250, 452, 250], "accepted, and one apart")
    like(replies[1].text, r"^452 4\.5\.3 .*will send it this mail again", "which is told so")
    entry = here.mta.wait_entry("cat@hold.example")
    ref = here.guard.wait_decision(to="cat@hold.example").get("ref")
    same(entry.held, f"relayguard: score 5/5, policy hold.example, ref {ref}",
         "it is in quarantine, with the reason")
    same(entry.recipients, ["cat@hold.example"], "for the one alone")
    here.send(LISTED, "cid@pass.example")
    same(here.mta.wait_entry("cid@pass.example").held, None, "sent apart it is not held")


@sharing
def dropped():
    """Drop: the text, but Sendmail closes the connection after 421 alone."""
    here = usual()
    for domain, code, then in (("drop.example", 521, 250), ("later.example", 421, 0)):
        with smtp.Client(here.mta.port, source=LISTED) as session:
            session.ehlo()
            session.mail()
            reply = session.rcpt(f"dan@{domain}")
            same(reply.code, code, f"{code} at RCPT")
            like(reply.text, "relays mail for strangers.*https://bl.example/remove.* Ref ",
                 f"{code}: it says why, and where to be removed")
            session.send("NOOP")
            same(session.read().code, then, f"{code}: what comes then")
        same(here.guard.wait_decision(to=f"dan@{domain}").get("verdict"), "drop",
             f"{code}: logged")


@sharing
def dropped_at_connect():
    """Drop at connect: no text, and no mail; after 421 the connection is closed."""
    here = usual()
    listen = here.guard.text.splitlines()[0] + "\n"
    for code, banner in ((521, 554), (421, 421)):
        here.guard.reload(listen + LIST % here.list.address
                          + AT_CONNECT.replace("drop_at", f"drop_code = {code} drop_at"))
        with smtp.Client(here.mta.port, source=LISTED) as session:
            same(session.greeting.code, banner, f"{code}: the banner")
            unlike(session.greeting.text, "relays|bl.example", f"{code}: the text is lost")
            if code == 421:
                same(session.read().code, 0, f"{code}: closed")
                continue
            session.ehlo()
            reply = session.mail("")
            same(reply.code, 550, f"{code}: MAIL")
            unlike(reply.text, "relays|bl.example", f"{code}: the text is lost there too")
            ok(session.rcpt("postmaster@pass.example").code >= 500, f"{code}: nor RCPT")
    _, end = here.send(GOOD, "eve@pass.example")
    same(end.code, 250, "an unlisted client passes")


check.run()
