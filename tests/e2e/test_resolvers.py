#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""A list behind each of five resolvers, as they are and with the settings that keep a list
from being heard: nobody is refused wrongly, who is listed is refused where the list can
be heard, and the log says what is wrong where it cannot."""
import concurrent.futures
import re

from lib import check, internet
from lib.check import case, like, ok, same, unlike

if internet.why_not():
    check.skip_all(internet.why_not())
internet.enter()

from lib import daemon, load, resolver, settings
from lib.settings import HINTS, PATCHY, STRICT_HINT, Row

LISTED = [f"{internet.Internet.LISTED}.{n}" for n in (7, 8, 9)]
GOOD = [f"203.0.113.{n}" for n in (5, 6, 7)]
AT_ONCE = 4  # rows that are tried at a time

class Found:
    """What came of a row."""

    def __init__(self, row, net):
        text = ('deadline = "5s"\n' 'dns {{ servers = {{ "{address}" }} }}\n'
                'list "bl" {{ zone = "{zone}"\n'
                '\tanswer "127.0.0.2" {{ category = "spam-source" score = 5 }} }}\n'
                'policy "default" {{ lists = {{ "bl" }} refuse = 5 }}\n')
        with row.start(net) as front, \
                daemon.Relayguard(text.format(address=front.address, zone=row.zone)) as guard:
            if row.event is None:
                check.wait_for(lambda: load.judge(guard.where, LISTED[0]) == "refuse", 8)
            self.good = [load.judge(guard.where, client) for client in GOOD]
            self.listed = [load.judge(guard.where, client) for client in LISTED]
            if row.event is not None:
                guard.wait_lines(row.event, seconds=12)
            if row.hints:
                guard.wait_lines("|".join(row.hints), seconds=12)
            self.good += [load.judge(guard.where, client) for client in GOOD]
            self.events = "\n".join(guard.events("list"))


def _judge(row, found):
    unlike(" ".join(found.good), "refuse|defer", f"{row.label}: good clients pass")
    if row.event is None:
        same(found.listed, ["refuse"] * len(LISTED), f"{row.label}: listed ones are refused")
        unlike(found.events, "silent|doubted|suspended", f"{row.label}: nothing is wrong")
        return
    if row.sure:
        same(found.listed, ["pass"] * len(LISTED), f"{row.label}: listed ones pass")
    like(found.events, row.event, f"{row.label}: it is said")
    hints = [hint for hint in HINTS if re.search(hint, found.events)]
    ok(bool(hints) == bool(row.hints) and set(hints) <= set(row.hints),
       f"{row.label}: with its hint, and no other", hints)


@case
def each():
    """Each resolver, each setting."""
    rows = settings.rows(check.skip)
    with internet.Internet() as net, \
            concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for row, future in [(row, pool.submit(Found, row, net)) for row in rows]:
            _judge(row, future.result())


@case
def strict():
    """Unbound minimises strictly: tests soon pass, and it is said that this is not all."""
    if resolver.Unbound.why_not():
        check.skip("Unbound", resolver.Unbound.why_not())
        return
    row = Row(resolver.Unbound, more="qname-minimisation-strict: yes", event=PATCHY,
              hint=STRICT_HINT)
    with internet.Internet() as net:
        like(Found(row, net).events, PATCHY, "it is said")
        unlike(Found(Row(resolver.Unbound), net).events, "patchy", "and of no other Unbound")


check.run()
