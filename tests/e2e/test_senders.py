#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Whatever a refused mail was sent with, somebody reads the URL and the reference."""
import contextlib
import os
import shutil

from lib import apart, check

WHY_NOT = apart.why_not()
if WHY_NOT:
    check.skip_all(WHY_NOT)
apart.enter()

from lib import postfix, scene, senders, sendmail, sink
from lib.check import like, ok, same, skip, unlike

URL = f"https://bl.example/remove?ip={apart.CLIENT}"
REASON = f"Mail from [{apart.CLIENT}] is refused: it relays mail for strangers, says The bl list."
SERVICE = 'policy "service.example" { lists = { "bl" } refuse = 3 refuse_code = 554 }\n'
LAST = "Not the administrator? Send this to whoever is:"

# What it is, what it needs, whether the person is shown the first and the last line, and
# what else has URL and reference.
SENDERS = (
    (senders.from_postfix, "postfix", True, True, ("DSN", "log")),
    (senders.from_exim, "exim4-daemon-light", True, True, ("DSN", "log")),
    (senders.from_sendmail, None, True, True, ("DSN", "log")),
    (senders.from_opensmtpd, "opensmtpd", True, True, ("log",)),
    (senders.from_dma, "dma", True, True, ("log",)),
    (senders.from_msmtp, "msmtp", True, True, ("log",)),
    (senders.from_nmh, "/usr/bin/mh/send", True, True, ()),
    (senders.from_ruby, "ruby", True, False, ()),
    (senders.from_mutt, "mutt", False, True, ()),
    (senders.from_ssmtp, "ssmtp", False, True, ()),
)


def _why_not(need):
    """Why a sender cannot be run here, or None."""
    if need is None:
        return sendmail.why_not()
    if shutil.which(need) or os.path.isdir(senders.unpacked(need)):
        return None
    return f"there is no {need}"


class Here:
    """The server that refuses, and one that takes what comes back: as long as the test."""

    def __init__(self):
        self.stack = stack = contextlib.ExitStack()
        self.guard = stack.enter_context(scene.listed(SERVICE))
        self.mails = stack.enter_context(sink.Sink())
        self.mta = stack.enter_context(postfix.Postfix(
            self.guard.postfix, host=apart.SERVER, port=25,
            domains=postfix.DOMAINS + " service.example"))


def _look(here, label, send, first, last, records):
    """Send a mail, and look for what must be seen of the reply."""
    before = len(here.guard.decisions(verdict="refuse"))
    seen = send(here.mails)
    decided = here.guard.decisions(verdict="refuse")[before:]
    same([line["client"] for line in decided], [apart.CLIENT], f"{label}: refused, and once")
    end = f" {URL} Ref {decided[-1]['ref'] if decided else '-'}"
    ok(end in seen.person, f"{label}: the person reads URL and reference", seen.person)
    same((REASON + end in seen.person, LAST + end in seen.person), (first, last),
         f"{label}: the first line, the last")
    for kind in records:
        ok(REASON + end in seen.record.get(kind, ""),
           f"{label}: the {kind} has all of the first line", seen.record.get(kind))


def _case_of(send, need, *what):
    """Make a case of a sender; they share the server that refuses."""
    def refused():
        why = _why_not(need)
        label = send.__doc__.rstrip(".").split(",")[0]
        if why:
            skip(label, why)
            return
        _look(usual(), label, send, *what)

    refused.__name__, refused.__doc__ = send.__name__, send.__doc__
    check.sharing(refused)


def usual():
    """The servers of all cases."""
    if not shared:
        shared.append(Here())
    return shared[0]


def as_a_service():
    """Refused with 554, nobody is told by Sendmail that a user is unknown."""
    why = sendmail.why_not()
    if why:
        skip("554", why)
        return
    seen = senders.from_sendmail(usual().mails, "bob@service.example")
    for kind, text in (("bounce", seen.person), *seen.record.items()):
        like(text, r"554-5\.7\.1 Mail from .* Ref \w{8}", f"554: in the {kind}")
        unlike(text, "(?i)user unknown", f"554: no unknown user in the {kind}")


shared = []
for row in SENDERS:
    _case_of(*row)
check.sharing(as_a_service)
check.run()
