#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""A listed client is refused by a real Postfix, with a reason and a URL."""
import re

from lib import check, scene, smtp
from lib.check import case, like, ok, same

REFUSED = [
    # client, why, URL
    (scene.RELAY, "it relays mail for strangers", "https://bl.example/remove?ip=198.51.100.7"),
    (scene.BOT, "it is infected or taken over", "https://bl.example/remove?ip=198.51.100.8"),
    (scene.PROXY, "it is an open proxy", "https://bl.example/remove?ip=198.51.100.9"),
    (scene.LISTED6, "it relays mail for strangers",
     "https://bl.example/remove?ip=2001%3Adb8%3A%3A7"),
]

PASSED = [
    # label, client, recipient, more for XCLIENT, fields of the log line
    ("a mild domain", scene.RELAY, "bob@mild.example", {}, {"policy": "mild.example"}),
    ("a domain in shadow mode", scene.RELAY, "bob@shadow.example", {}, {"meant": "refuse"}),
    ("a score below the default's threshold", scene.BOT, "bob@plain.example", {},
     {"policy": "default", "score": "4/5"}),
    ("postmaster of a strict domain", scene.RELAY, "postmaster@strict.example", {},
     {"reason": "exempt"}),
    ("PostMaster in other letters", scene.RELAY, "PostMaster@STRICT.example", {},
     {"reason": "exempt"}),
    ("abuse of a strict domain", scene.RELAY, "abuse@strict.example", {}, {"reason": "exempt"}),
    ("postmaster without a domain", scene.RELAY, "postmaster", {}, {"reason": "exempt"}),
    ("a client that has logged in", scene.RELAY, "bob@strict.example", {"LOGIN": "joe"},
     {"reason": "auth"}),
    ("a client nobody lists", scene.GOOD, "bob@strict.example", {}, {"reason": "lists"}),
    ("an IPv6 client nobody lists", scene.GOOD6, "bob@strict.example", {},
     {"reason": "lists", "client": scene.GOOD6}),
    ("a listed client in the allow set", scene.ALLOWED, "bob@strict.example", {},
     {"reason": "allow"}),
]


@case
def listed_is_refused():
    """A listed client reads who says what, and where to get off."""
    with scene.mail() as (guard, mta):
        for client, why, url in REFUSED:
            reply = smtp.try_rcpt(mta.port, client, "bob@strict.example")
            same(reply.code, 550, f"{client}: refused at RCPT")
            ok(len(reply.raw) <= 3 and all(re.match(r"550[ -]5\.7\.1 \S", line)
                                           for line in reply.raw),
               f"{client}: at most three lines, each with the enhanced code", reply)
            ok(reply.ref, f"{client}: a reference", reply)
            same(reply.lines[0], f"5.7.1 Mail from [{client}] is refused: {why}, says The bl "
                                 f"list. {url} Ref {reply.ref}",
                 f"{client}: the first line says why, and has URL and reference")
            same(reply.lines[-1], "5.7.1 Not the administrator? Send this to whoever is: "
                                  f"{url} Ref {reply.ref}", f"{client}: and so has the last")
            line = guard.wait_decision(ref=reply.ref)
            ok(line, f"{client}: the reference is in the log")
            same([line.get(key) for key in ("verdict", "client", "to", "from", "policy", "helo")],
                 ["refuse", client, "bob@strict.example", "a@sender.example", "strict.example",
                  "client.example"], f"{client}: the log line says the same")
            logged = mta.wait_log(f"Ref {reply.ref}")
            ok(len(logged) == 1 and "milter-reject: RCPT from" in logged[0] and why in logged[0],
               f"{client}: Postfix logs the refusal with its text", mta.log())


@case
def reasons_to_pass():
    """Clients and recipients that are not refused, and why."""
    with scene.mail() as (guard, mta):
        for label, client, recipient, more, fields in PASSED:
            reply, line = guard.decided(
                lambda: smtp.try_rcpt(mta.port, client, recipient, **more))
            same(reply.code, 250, f"{label}: accepted")
            same({key: line.get(key) for key in {"verdict": 0, **fields}},
                 {"verdict": "pass", **fields}, f"{label}: logged")


@case
def policies_of_subdomains():
    """A policy written .dotted.example is that of the subdomains."""
    with scene.mail() as (guard, mta):
        reply = smtp.try_rcpt(mta.port, scene.BOT, "bob@sub.dotted.example")
        same(reply.code, 550, "a recipient in a subdomain is refused")
        same(guard.wait_decision(ref=reply.ref).get("policy"), ".dotted.example",
             "by the policy of its parent")


@case
def mapped_address():
    """An IPv4 client in the clothes of IPv6 is the IPv4 client."""
    with scene.mail() as (guard, mta):
        reply = smtp.try_rcpt(mta.port, "::ffff:" + scene.RELAY, "bob@strict.example")
        same(reply.code, 550, "refused")
        ok(f"[{scene.RELAY}]" in reply.text, "under its IPv4 address", reply)
        same(guard.wait_decision(ref=reply.ref).get("client"), scene.RELAY, "in the log too")


@case
def local_sets():
    """Networks of a file in deny and allow; the more specific one wins."""
    deny = scene.daemon.server.write(scene.daemon.server.new_dir("sets") + "/deny",
                                     "203.0.113.0/24  spam since May\n# a comment\n")
    more = f'deny {{ files = {{ "{deny}" }} removal = "https://mx.example/off?ip=%{{ip}}" }}\n'
    with scene.mail(more) as (guard, mta):
        reply = smtp.try_rcpt(mta.port, "203.0.113.7", "bob@mild.example")
        same(reply.code, 550, "a denied network is refused, also by a mild domain")
        like(reply.text, "spam since May", "with the text of its line")
        like(reply.text, r"https://mx\.example/off\?ip=203\.0\.113\.7", "and with the URL")
        same(guard.wait_decision(ref=reply.ref).get("reason"), "deny", "logged so")
        same(smtp.try_rcpt(mta.port, "203.0.113.7", "postmaster@strict.example").code, 250,
             "postmaster is exempt there too")
        same(smtp.try_rcpt(mta.port, scene.ALLOWED, "bob@strict.example").code, 250,
             "a smaller network in allow wins")


check.run()
