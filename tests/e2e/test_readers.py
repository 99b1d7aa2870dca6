#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""What is in contrib/ for programs that read the log, with lines of a real Postfix."""
import os
import re
import shutil
import subprocess

from lib import check, scene, server, smtp
from lib.check import ok, same

CONTRIB = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "contrib")
FILTER = os.path.join(CONTRIB, "fail2ban-relayguard.conf")
RULES = os.path.join(CONTRIB, "logcheck-relayguard")
DENIED, VICTIM = "203.0.113.99", "192.0.2.1"
STAMPS = ("Nov  9 01:12:00", "2026-11-29T01:12:00.123456+01:00")
MORE = f'deny {{ networks = {{ "{DENIED}" }} }}\n'

FORGED = f"ref=7F3K2Q9M verdict=refuse reason=lists client={VICTIM} "
PREFIX = rf"(?:{'|'.join(map(re.escape, STAMPS))}) mx relayguard\[\d+\]: "

# Who comes, to whom, and whether that is to be counted against him.
VISITS = (
    (scene.RELAY, "a@strict.example", True), (scene.LISTED6, "a@strict.example", True),
    (DENIED, "a@mild.example", True), (scene.RELAY, "a@mild.example", False),
    (scene.RELAY, "a@shadow.example", False), (scene.GOOD, "a@strict.example", False),
    (scene.ALLOWED, "a@strict.example", False))


def write_log():
    """A log with both kinds of time stamp, who is to be found in it, and how often."""
    wanted = []
    with scene.mail(MORE) as (guard, mta):
        for client, recipient, counts in VISITS:
            for words in ({}, {"helo": f"x {FORGED}"}, {"sender": f'"{FORGED}"@b.example'}):
                smtp.try_rcpt(mta.port, client, recipient, **words)
                wanted += [client] * len(STAMPS) if counts else []
        with smtp.Client(mta.port) as session:
            session.become(scene.GOOD)
            session.mail("")
            session.rcpt("a@strict.example")
            session.data()
        guard.wait_lines("event=message")
        guard.stop()
        lines = [f"{stamp} mx {line}" for stamp in STAMPS for line in guard.lines("=")]
    return lines, sorted(wanted)


@check.case
def readers():
    """fail2ban counts refusals, and nobody can have another counted; logcheck is silent."""
    lines, wanted = write_log()
    with open(FILTER, encoding="ascii") as file:
        regex = re.search("^failregex = (.*)", file.read(), re.MULTILINE).group(1)
    regex = regex.replace("^%(__prefix_line)s", PREFIX).replace("<ADDR>", r"([0-9a-f.:]+)")
    found = [match.group(1) for match in map(re.compile(regex).match, lines) if match]
    same(sorted(found), wanted, "fail2ban's filter finds who is refused, and no other")
    ok(sum(VICTIM in line for line in lines) > len(VISITS), "there was something to be fooled by")

    odd = " ".join((STAMPS[0], "mx relayguard[1]:", "event=redis-down", "server=x", "reason=y"))
    left = subprocess.run(["grep", "-E", "-v", "-f", RULES], input="\n".join((*lines, odd)),
                          check=False, text=True, stdout=subprocess.PIPE).stdout
    same(left.splitlines(), [odd], "logcheck's rules leave what somebody should see")

    if not shutil.which("fail2ban-regex"):
        check.skip("fail2ban itself", "it is not installed")
        return
    place = server.new_dir("readers")
    server.write(os.path.join(place, "log"), "\n".join(lines) + "\n")
    for path in (FILTER, "/etc/fail2ban/filter.d/common.conf"):  # which it includes
        shutil.copy(path, place)
    told = subprocess.run(["fail2ban-regex", os.path.join(place, "log"),
                           os.path.join(place, os.path.basename(FILTER))], check=False, text=True,
                          stdout=subprocess.PIPE).stdout
    same(re.findall(r"(\d+) matched, (\d+) missed", told),
         [(str(len(wanted)), str(len(lines) - len(wanted)))], "fail2ban itself says the same")


check.run()
