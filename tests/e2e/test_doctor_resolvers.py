#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""relayguardctl doctor behind each of five resolvers, with each setting that keeps a list from
being heard: the same hint as the daemon has, and no other; and of a good one nothing."""
import concurrent.futures
import re

from lib import check, internet
from lib.check import case, ok, same

if internet.why_not():
    check.skip_all(internet.why_not())
internet.enter()

from lib import doctor, resolver, settings

AT_ONCE = 4


def _look(row, net):
    with row.start(net) as front:
        return doctor.Report(settings.conf(front.address, zone=row.zone), only="lists")


def _judge(row, report):
    bad = report.bad("list")
    if row.event is None:
        same([each["seen"] for each in bad], [], f"{row.label}: nothing is wrong")
        ok(report.of("list"), f"{row.label}: and it was looked at")
        return
    if row.sure or bad:
        same([(each["check"], each["level"]) for each in bad], [("list-test", "error")],
             f"{row.label}: it is said")
    said = " ".join(str(each["do"]) for each in bad)
    hints = [hint for hint in settings.HINTS if re.search(hint, said)]
    ok(set(hints) <= set(row.hints) and (hints or not row.hints or not row.sure),
       f"{row.label}: with its hint, and no other", said)


@case
def each():
    """Each resolver, each setting."""
    rows = settings.rows(check.skip)
    with internet.Internet() as net, \
            concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for row, future in [(row, pool.submit(_look, row, net)) for row in rows]:
            _judge(row, future.result())


@case
def two():
    """Of two resolvers one is wrong: it is said which."""
    with internet.Internet() as net, resolver.Unbound(net) as right, \
            resolver.Unbound(net, more="private-address: 127.0.0.0/8") as wrong:
        report = doctor.Report(settings.conf(right.address, wrong.address))
        doctor.judge(report, "list", [
            ("list-test", "error", f'list "bl" at {wrong.address}: .*'
             "no-data-without-SOA.*rebinding protection")], "two resolvers")
        doctor.judge(report, "resolver", [], "both answer")


check.run()
