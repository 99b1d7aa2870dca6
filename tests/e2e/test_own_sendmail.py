#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Our own evidence, with a real Sendmail: it tells of users that nobody has, and of attempts to
relay never."""
import subprocess

from lib import apart, check, sendmail
from lib.check import case, like, same, unlike

if sendmail.why_not() or apart.why_not():
    check.skip_all(sendmail.why_not() or apart.why_not())
apart.enter()

from lib import daemon, smtp

OURS, THERE = "strict.example", "third.example"
CONFIG = """
dns { servers = { "127.0.0.1:9" } }
list "local" { source = "own" mode = "enforce"
    answer "127.0.0.3" { category = "probe" score = 5 }
    answer "127.0.0.5" { category = "bruteforce" score = 5 } }
policy "default" { lists = { "local" } refuse = 5 }
"""


def _try(port, client, *recipients):
    """The codes of recipients, in one message."""
    with smtp.Client(port, source=client) as session:
        session.ehlo()
        session.mail()
        codes = [session.rcpt(recipient).code for recipient in recipients]
        session.quit()
        return codes


@case
def seen_and_unseen():
    """Who guesses is listed; who tries to relay comes through, with a note in the manual."""
    with daemon.Relayguard(CONFIG) as guard, \
            sendmail.Sendmail(f"inet:{guard.port}@127.0.0.1", relay=OURS, local=OURS) as mta:
        same(_try(mta.port, "203.0.113.5", *(f"no{n}@{OURS}" for n in range(10)), f"{apart.PERSON}@{OURS}"),
             [550] * 11, "the eleventh recipient is refused by us")
        like("\n".join(guard.wait_lines("event=own-listed")),
             "client=203.0.113.5 reason=dictionary rule=unknown-users", "ten unknown users")
        same(len(guard.decisions()), 1, "there is one decision")
        forms = (f"u%{THERE}@{OURS}", f"{THERE}!u@{OURS}", f'"u@{THERE}"@{OURS}', f"u@{THERE}")
        same(_try(mta.port, "203.0.113.6", *forms, f"{apart.PERSON}@{OURS}")[-1], 250,
             "a relay tester is not told of")
        unlike("\n".join(guard.events("own-listed")), "203.0.113.6", "and so not listed")
        unlike(guard.output(), "probes-unseen", "the macros are there")


subprocess.run("ip route add local 203.0.113.0/24 dev lo", shell=True, check=True)
check.run()
