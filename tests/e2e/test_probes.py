#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""relayguardctl probes: relay testers and others try a real Postfix, Sendmail and Exim; the
logs tell who was who."""
import gzip
import json
import os
import subprocess

from lib import apart, check, server
from lib.check import case, like, ok, same, skip

if apart.why_not():
    check.skip_all(apart.why_not())
apart.enter()

from lib import exim, postfix, sendmail, smtp, syslog

RELAYGUARDCTL = os.path.join(os.path.dirname(os.environ["RELAYGUARD"]), "relayguardctl")
OURS, HOST, THERE = "strict.example", "mx.relay.example", "third.example"
LITERAL = "[127.0.0.1]"
USER = f"u@{THERE}"

# Forms of one recipient, of all kinds, as testers of relays have them.
FORMS = [USER, f"u%{THERE}@{HOST}", f"u%{THERE}@{LITERAL}", f'"{USER}"', f'"u%{THERE}"',
         f"{USER}@{LITERAL}", f'"{USER}"@{LITERAL}', f"{USER}@{HOST}", f"@{LITERAL}:{USER}",
         f"@{HOST}:{USER}", f"{THERE}!u", f"{THERE}!u@{LITERAL}", f"{THERE}!u@{HOST}",
         f'"{USER}"@{HOST}', f"u%{THERE}", f"@{HOST},@x.example:{USER}", f"u%{THERE}@localhost",
         f"u%{THERE}%{HOST}@{HOST}", f"u%{THERE}@{OURS}", f'"{USER}"@{OURS}', f"{USER}@{OURS}",
         f"@{OURS}:{USER}", f"{THERE}!u@{OURS}", f"{HOST}:{USER}", f"{USER}@"]
OUTSIDE, BARE, NULL, OWN = "a@x.example", "a", "", f"a@{OURS}"

# Each with what is tried, and whose logs can tell: Postfix takes routes off, Sendmail names no
# sender, and Exim has no relay in mind where it takes a path for a mistake.
TESTERS = {
    "all forms": ([(OUTSIDE, form) for form in FORMS], "postfix sendmail exim"),
    "as nmap does": ([(NULL, USER), (OUTSIDE, USER), (f"a@{LITERAL}", USER)]
                     + [(f"a@{LITERAL}", form) for form in FORMS[1:8]], "postfix sendmail"),
    "a percent sign and a route": ([(OUTSIDE, FORMS[1]), (OUTSIDE, FORMS[9])], "sendmail exim"),
    "quoted and bang": ([(OUTSIDE, FORMS[6]), (OUTSIDE, FORMS[10])], "postfix sendmail"),
    "three senders": ([(OUTSIDE, USER), (BARE, USER), (OWN, USER)], "postfix"),
    "two forms, two senders": ([(OUTSIDE, USER), (OUTSIDE, FORMS[1]), (OWN, USER)],
                               "postfix exim"),
}
ORDINARY = {
    "one plain test": [(OUTSIDE, USER)],
    "a user without a password": [(OWN, f"friend{n}@far.example") for n in range(30)],
    "a copier": [("me@free.example", "me@free.example")] * 9,
    "bounces to who has left": [(NULL, f"b-{n}=x@left.example") for n in range(20)],
    "an old list": [(NULL, f"list-u%d{n}.example@{OURS}") for n in range(9)],
    "a gateway that quotes": [(OUTSIDE, f'"u@inner.example"@{OURS}')] * 9,
    "a typing error": [(OUTSIDE, f"u%{THERE}@{OURS}"), (OUTSIDE, USER)],
    "a backup MX": [(f"a{n}@x.example", "info@backup.example") for n in range(20)],
    "rewritten": [("SRS0=x=Y=far.example=a@fwd.example", f"prvs=0123=u@{THERE}"),
                  ("prvs=0123=a@x.example", f"u+tag@{THERE}")],
    "list posts": [("list-bounces@x.example", f"m{n}@{THERE}") for n in range(20)],
    "to us": [(OUTSIDE, f"bob@{OURS}")] * 3,
    "an old route": [(OUTSIDE, f"@gw.example:u{n}@{THERE}") for n in range(9)],
    "bang for fun": [(OUTSIDE, f"hi!bob@{THERE}")] * 9,
    "a notice and a mail": [(NULL, USER), (OUTSIDE, USER)],
}
CLIENTS = {name: f"203.0.113.{number + 1}" for number, name in enumerate([*TESTERS, *ORDINARY])}


def _attempt(port, client, sender, recipient):
    """One connection with one recipient."""
    with smtp.Client(port, source=client) as session:
        session.ehlo("WIN-A1" if "free" in sender else "client.example")
        if session.mail(sender).code == 250:
            session.rcpt(recipient)
        session.quit()


def _play(port):
    """All clients, in turn, one attempt of each."""
    left = {name: list(attempts) for name, attempts in ORDINARY.items()}
    left |= {name: list(attempts) for name, (attempts, _) in TESTERS.items()}
    while left:
        for name in list(left):
            _attempt(port, CLIENTS[name], *left[name].pop(0))
            if not left[name]:
                del left[name]


def _ask(*words, text=None):
    done = subprocess.run([RELAYGUARDCTL, *words], input=text, check=False, timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def _found(*files):
    """The testers, by address, and the figures."""
    code, said, wrong = _ask("-j", "probes", "--own", f"{OURS},{HOST}", *files)
    same((code, wrong), (0, ""), "it is content")
    lines = [json.loads(line)["data"] for line in said.splitlines() if '"data"' in line]
    return ({line["client"]: line for line in lines if line["kind"] == "client"},
            next(line for line in lines if line["kind"] == "total"))


def _judge(log, mta):
    """Each tester that its log can tell is told, and nobody else; the figures are right."""
    found, total = _found(log)
    known = {CLIENTS[name] for name, (_, tellers) in TESTERS.items() if mta in tellers.split()}
    same(sorted(found), sorted(known), "who tests is found, and nobody else")
    excused = sum(total[key] for key in "unreadable local ours bounces rewritten known_good".split())
    same((total["refused"], total["clients"]), (total["evidence"] + excused, len(known)),
         "the figures")
    ok(total["evidence"] > 100, "of many attempts", total)
    check.note(f"{total['refused']} refused, {total['evidence']} of them evidence")


@case
def in_postfix():
    """Postfix."""
    with postfix.Postfix(more="smtpd_error_sleep_time = 0\n") as mta:
        _play(mta.port)
        mta.wait_log("disconnect")
        _judge(mta.maillog, "postfix")


@case
def in_sendmail():
    """Sendmail, which says no sender."""
    if sendmail.why_not():
        skip("a log of Sendmail", sendmail.why_not())
        return
    with syslog.Syslog() as log:
        if not log.works:
            skip("there can be no /dev/log here")
            return
        with sendmail.Sendmail(None, relay=OURS, prefix=log.prefix) as mta:
            _play(mta.port)
        check.wait_for(lambda: log.text().count("Relaying denied") > 150)
        file = server.write(os.path.join(server.new_dir("log"), "mail.log"), log.text() + "\n")
        _judge(file, "sendmail")


@case
def in_exim():
    """Exim; by gzip, too."""
    if exim.why_not():
        skip("a log of Exim", exim.why_not())
        return
    with exim.Exim(OURS) as mta:
        _play(mta.port)
        log = os.path.join(mta.top, "log", "mainlog")
        _judge(log, "exim")
        packed = os.path.join(mta.top, "mainlog.1.gz")
        with gzip.open(packed, "wt", encoding="utf-8") as file:
            file.write(mta.log())
        same(_found(packed), _found(log), "by gzip it is the same")


@case
def words():
    """Text for people; no files, files that are not there, and logs without anything."""
    line = ("Nov  9 01:12:0{} mx postfix/smtpd[7]: NOQUEUE: reject: RCPT from x[203.0.113.9]: 554 "
            "5.7.1 <u>: Relay access denied; from=<a@b.example> to=<{}> proto=SMTP helo=<x.example>")
    log = "\n".join([line.format(1, FORMS[1]), line.format(2, FORMS[9])]) + "\n"
    code, said, _ = _ask("probes", "-", text=log.encode())
    same(code, 0, "standard input")
    like(said, r"203\.0\.113\.9 +forms +2 .* route through", "a line for each")
    like(said, "2 recipients were refused, 2 of them are evidence; 1 clients", "and a sum")
    code, said, _ = _ask("probes", "/dev/null")
    same((code, said.count("\n")), (0, 1), "nothing is no mistake")
    same([_ask("probes")[0], _ask("probes", "--days", "x", "-")[0], _ask("probes", "/nowhere")[0]],
         [64, 64, 66], "exit codes")


subprocess.run("ip route add local 203.0.113.0/24 dev lo", shell=True, check=True)
check.run()
