#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""The URL of the page out of the bounce that a real Postfix sends home; what is told there,
and a pass by which the same mail is accepted."""
import contextlib
import re

from lib import apart, check

WHY_NOT = apart.why_not()
if WHY_NOT:
    check.skip_all(WHY_NOT)
apart.enter()

from lib import daemon, pages, postfix, rbldnsd, scene, senders, sink
from lib.check import case, ok, same

POLICIES = daemon.POLICIES.replace('"strict.example"  {{', '"strict.example"  {{ pass = yes')


@case
def from_the_bounce():
    """Refused, told, let through once."""
    here = pages.Settings()
    with contextlib.ExitStack() as stack:
        lists = stack.enter_context(rbldnsd.Rbldnsd(scene.ZONES))
        guard = stack.enter_context(daemon.Relayguard(
            daemon.config(lists.address, more=here.text, policies=POLICIES)))
        home = stack.enter_context(sink.Sink())
        stack.enter_context(postfix.Postfix(guard.postfix, host=apart.SERVER, port=25))
        seen = senders.from_postfix(home)
        found = re.findall(re.escape(pages.PAGE) + r"/r/([0-9A-Z]{8}-[0-9A-Z]{5}) Ref", seen.person)
        ok(len(set(found)) == 1 and len(found) >= 2, "the bounce has the URL twice", seen.person)
        told = pages.ask(here.socket, "page-decision", ref=found[0])[0]
        same((told["client"], told["to_domain"], told["pass"]["offered"]),
             (apart.CLIENT, "strict.example", True), "what is told under it")
        same(len(guard.decisions(verdict="refuse")), 1, "to look is no decision")
        ok(pages.ask(here.socket, "page-pass", ref=found[0])[0]["granted"], "a pass is taken")
        senders.submit(25, "postfix", apart.SERVER, apart.CLIENT)
        same([line["reason"] for line in guard.decisions(verdict="pass", client=apart.CLIENT)],
             ["pass"], "the mail is accepted")


check.run()
