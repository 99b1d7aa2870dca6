#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""What SMTP clients do within one session, with a real Postfix."""
from lib import check, nameserver, scene, smtp
from lib.check import case, like, ok, same, unlike


@case
def several_recipients():
    """Recipients of one message get the verdict of their own policy."""
    with scene.mail() as (guard, mta), smtp.Client(mta.port) as client:
        client.become(scene.RELAY)
        client.mail()
        replies = [client.rcpt(name) for name in
                   ("bob@strict.example", "bob@mild.example", "postmaster@strict.example",
                    "eve@strict.example", "bob@plain.example")]
        same([reply.code for reply in replies], [550, 250, 250, 550, 550], "each its own")
        refs = [reply.ref for reply in replies if reply.code == 550]
        same(len(set(refs)), 3, "each refusal has a reference of its own")
        same(client.data().code, 250, "the message is taken for the others")
        client.quit()
        ok(mta.wait_log("to=<bob@mild.example>"), "and delivered to the mild one")
        ok(mta.wait_log("to=<postmaster@strict.example>"), "and to postmaster")
        unlike(mta.log(), r"postfix/discard.*to=<bob@strict", "not to the strict one")
        same(sorted(line["to"] for line in guard.decisions(verdict="pass")),
             ["bob@mild.example", "postmaster@strict.example"], "one line for each that passed")
        same(sorted(line["ref"] for line in guard.decisions(verdict="refuse")), sorted(refs),
             "one line for each that was refused")


@case
def several_messages():
    """Messages on one connection, with RSET and a null sender in between."""
    with scene.mail() as (guard, mta), smtp.Client(mta.port) as client:
        client.become(scene.RELAY)
        client.mail("one@sender.example")
        same(client.rcpt("bob@strict.example").code, 550, "the first message: refused")
        client.command("RSET")
        client.mail("two@sender.example")
        same(client.rcpt("bob@mild.example").code, 250, "after RSET: a mild domain accepts")
        same(client.data().code, 250, "and takes the message")
        client.mail("")
        reply = client.rcpt("bob@strict.example")
        same(reply.code, 550, "the null sender: refused")
        same(guard.wait_decision(ref=reply.ref).get("from"), "<>", "logged as Postfix does")
        client.command("RSET")
        client.ehlo("other.example")
        client.mail("three@sender.example")
        reply = client.rcpt("bob@strict.example")
        same(reply.code, 550, "after another EHLO: refused")
        line = guard.wait_decision(ref=reply.ref)
        same((line.get("helo"), line.get("from")), ("other.example", "three@sender.example"),
             "the line has the names of this message")
        client.quit()
        same(len(guard.list.queries("7.100.51.198.bl.example")), nameserver.CONFIRMED,
             "the list was asked once, and once more to confirm it")


@case
def good_client_sends_much():
    """An unlisted client sends messages one after the other."""
    with scene.mail() as (guard, mta), smtp.Client(mta.port) as client:
        client.become(scene.GOOD)
        for _ in range(5):
            client.mail()
            client.rcpt("bob@strict.example")
            client.rcpt("eve@strict.example")
            if client.data().code != 250:
                break
        same(len(guard.decisions(verdict="pass")), 10, "five messages to two, ten lines")
        same(client.quit().code, 221, "and says good-bye")


@case
def sessions_that_break_off():
    """Clients that leave in the middle do no harm."""
    with scene.mail() as (guard, mta):
        for steps in range(5):
            with smtp.Client(mta.port) as client:
                if steps > 0:
                    client.become(scene.RELAY)
                if steps > 1:
                    client.mail()
                if steps > 2:
                    client.rcpt("bob@mild.example")
                if steps > 3:
                    client.command("DATA")
                    client.send("Subject: half")
        ok(guard.alive(), "relayguard goes on")
        same(smtp.try_rcpt(mta.port, scene.RELAY, "bob@strict.example").code, 550,
             "and refuses whom it should")
        unlike(mta.log(), r"warning: milter|panic|fatal", "Postfix has nothing to complain of")


@case
def odd_names():
    """Bytes in HELO and addresses that mean something to logs and to printf."""
    helos = ["a%n%s%25.example", 'x" verdict=pass to="y', "[198.51.100.1]", "a\\x0ab",
             "b\xfc\xff.example", "tab\there", "=", "'"]
    with scene.mail() as (guard, mta):
        for helo in helos:
            reply = smtp.try_rcpt(mta.port, scene.RELAY, "bob@strict.example", helo=helo)
            same(reply.code, 550, f"HELO {helo!r}: refused")
            ok(all(32 <= ord(letter) < 127 for line in reply.raw for letter in line),
               f"HELO {helo!r}: the reply is plain ASCII", reply)
            line = guard.wait_lines(reply.ref)
            same(len(line), 1, f"HELO {helo!r}: one line in the log")
            ok(line and line[0].isascii() and line[0].isprintable(),
               f"HELO {helo!r}: of plain ASCII", line)
            same(scene.daemon.fields(line[0])["verdict"] if line else "", "refuse",
                 f"HELO {helo!r}: that cannot be forged")
        for name in ("mail.bad.example", "x" * 63 + ".example"):
            reply = smtp.try_rcpt(mta.port, scene.RELAY, "bob@strict.example", NAME=name)
            same(guard.wait_decision(ref=reply.ref).get("name"), name, "the client's name")
        for recipient in ('"a b"@strict.example', "a{n@strict.example", "bob@STRICT.Example",
                          "@relay.example:bob@strict.example"):
            reply = smtp.try_rcpt(mta.port, scene.RELAY, recipient)
            same(reply.code, 550, f"RCPT {recipient}: refused")
            like(reply.text, r"\bRef ", f"RCPT {recipient}: by us")


@case
def client_without_address():
    """Postfix that does not know the address gets no wrong answer."""
    with scene.mail() as (guard, mta):
        with smtp.Client(mta.port) as client:
            client.become("[UNAVAILABLE]")
            try:
                codes = client.mail().code, client.rcpt("bob@strict.example").code
            except OSError:
                codes = "hung up"  # as Postfix 3.10 does with such a client
            ok(codes in ((250, 250), (451, 503), "hung up"), "no 550", codes)
        same(smtp.try_rcpt(mta.port, scene.RELAY, "bob@strict.example").code, 550,
             "the next client is judged")


check.run()
