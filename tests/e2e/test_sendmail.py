#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""A listed client is refused by a real Sendmail, too."""
import re

from lib import check, scene, sendmail, smtp
from lib.check import case, ok, same

LISTED = "127.0.0.66"  # Sendmail has no XCLIENT: clients are loopback addresses

if sendmail.why_not():
    check.skip_all(sendmail.why_not())


@case
def refused_at_rcpt():
    """The same 550, with Sendmail's own word before the first line."""
    with scene.listed() as guard, sendmail.Sendmail(f"inet:{guard.port}@127.0.0.1") as mta:
        with smtp.Client(mta.port, source=LISTED) as client:
            same(client.greeting.code, 220, "greeted")
            client.ehlo()
            same(client.mail().code, 250, "MAIL is accepted")
            reply = client.rcpt("bob@strict.example")
            same(reply.code, 550, "refused at RCPT")
            ok(all(re.match(r"550[ -]5\.7\.1 \S", line) for line in reply.raw),
               "each line with the enhanced code", reply)
            ok("relays mail for strangers, says The bl list." in reply.lines[0],
               "the first line says why", reply)
            for number in (0, -1):
                ok(reply.lines[number].endswith(
                    f" https://bl.example/remove?ip=127.0.0.66 Ref {reply.ref}"),
                   f"URL and reference end line {number}", reply)
            line = guard.wait_decision(ref=reply.ref)
            same((line.get("verdict"), line.get("client")), ("refuse", LISTED),
                 "the reference is in the log")
            same(client.rcpt("bob@mild.example").code, 250, "a mild domain accepts")
            same(client.rcpt("postmaster@strict.example").code, 250, "postmaster too")
            same(client.data().code, 250, "and the message is taken")
            client.command("RSET")
            client.mail("")
            same(client.rcpt("bob@strict.example").code, 550, "the null sender is refused")
            client.quit()
        with smtp.Client(mta.port, source="127.0.0.67") as client:
            client.ehlo()
            client.mail()
            same(client.rcpt("bob@strict.example").code, 250, "an unlisted client passes")
            same(client.data().code, 250, "with its message")
            client.quit()


check.run()
