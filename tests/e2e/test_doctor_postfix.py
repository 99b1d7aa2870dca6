#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""relayguardctl doctor at real configurations of Postfix: each mistake is named, and no
other."""
import os
import shutil
import subprocess

from lib import check, daemon, doctor, postfix, server
from lib.check import case, ok, same

if shutil.which("postconf") is None:
    check.skip_all("postconf is missing")

ITEM = "{ inet:127.0.0.1:8891, connect_timeout=3s, command_timeout=10s, default_action=accept }"
PATH = "/var/spool/postfix/relayguard/milter.sock"
UNIX = ("{ unix:%s, connect_timeout=3s, command_timeout=10s, default_action=accept }")
POLICY = "inet:127.0.0.1:10031"
POLICY_PATH = "/var/spool/postfix/relayguard/policy.sock"
BY_POLICY = "{ %s, timeout=10s, default_action=DUNNO }" % POLICY
RCPT = ("smtpd_recipient_restrictions = permit_mynetworks, reject_unauth_destination,\n"
        "   check_policy_service %s\n")
MAIN = """compatibility_level = 3.6
queue_directory = /var/spool/postfix
{more}
smtpd_milters = {milters}
"""
MASTER = "smtp inet n - {chroot} - - smtpd{options}\n"
SCREEN = "smtp inet n - n - 1 postscreen\nsmtpd pass - - n - - smtpd\n"
INNER = "127.0.0.1:25 inet n - n - - smtpd\n  -o smtpd_milters=\n"
OWN = ("submission inet n - y - - smtpd\n  -o smtpd_milters=\n"
       "pickup unix n - n 60 1 pickup\n" + INNER)
CONF = """listen = {{ "{listen}"{policy} }}
list "bl" {{ zone = "bl.example" answer "127.0.0.2" {{ category = "spam-source" score = 5 }} }}
policy "default" {{ lists = {{ "bl" }} refuse = 5 }}
"""
OLD = "milter_protocol = 2\n"
ERROR, WARNING = "error", "warning"


class Row:
    """found: (check, level, pattern) of all that is to be found."""

    def __init__(self, label, *found, milters=ITEM, more="", chroot="n", options="",
                 master=None, listen="inet:8891@127.0.0.1", policy=None):
        self.label, self.found = label, found
        self.main = MAIN.format(milters=milters, more=more)
        self.master = (master or MASTER.format(chroot=chroot, options=options)) + OWN
        self.conf = CONF.format(listen=listen,
                                policy=f', "policy:{policy}"' if policy else "")


def milter(pattern):
    """Found by that check."""
    return ("postfix-milter", ERROR, pattern)


def late(name, value):
    """Found by that check."""
    return ("postfix-time-outs", ERROR, rf"{name} is {value}, and relayguard takes up to 4000 ms")


def action(name, means):
    """Found by that check."""
    return ("postfix-default-action", WARNING, f"{name}: while relayguard is down, .*{means}")


def double(name):
    """Found by that check."""
    return ("postfix-same-list", WARNING, f'{name} asks list "bl", too')


ROWS = [
    Row("good"),
    Row("good by name", milters=ITEM.replace("127.0.0.1", "localhost")),
    Row("good in a chroot", chroot="y"),
    Row("good behind postscreen", master=SCREEN),
    Row("good, with a second milter", milters=ITEM + ", inet:127.0.0.1:11332"),
    Row("good by a name of main.cf", milters="$our_milter", more=f"our_milter = {ITEM}"),
    Row("good by the parameters", milters="inet:127.0.0.1:8891",
        more="milter_default_action = accept"),
    Row("good, unix", milters=UNIX % "relayguard/milter.sock", listen=f"unix:{PATH}", chroot="y"),
    Row("good, unix, full path", milters=UNIX % PATH, listen=f"unix:{PATH}"),
    Row("nobody asks", milter(r'Postfix does not ask there: smtpd_milters is ""'), milters=""),
    Row("another port", milter(r"does not ask there: .*127\.0\.0\.1:8892"),
        milters="inet:127.0.0.1:8892"),
    Row("another address", milter(r"does not ask there: "), milters="inet:127.0.0.2:8891"),
    Row("Sendmail's order", milter(r"inet:8891@127\.0\.0\.1, which is Sendmail's order.*"
                                   r"-> in main\.cf, write: smtpd_milters = "
                                   r"\{ inet:127\.0\.0\.1:8891, "),
        milters="inet:8891@127.0.0.1"),
    Row("another path", milter(r"does not ask there: .*unix:relayguard\.sock"),
        milters="unix:relayguard.sock", listen=f"unix:{PATH}"),
    Row("replaced in master.cf", milter(r"smtp/inet: its own smtpd_milters in master\.cf, "
                                        r".*-> in master\.cf, take -o smtpd_milters away"),
        options="\n  -o smtpd_milters="),
    Row("replaced behind postscreen", milter(r"smtpd/pass: its own"),
        master=SCREEN + "  -o smtpd_milters=inet:127.0.0.1:11332\n"),
    Row("no port 25", ("postfix-milter", WARNING, "no smtpd at port 25"),
        master="smtp unix - - n - - smtp\n"),
    Row("connects for no time", ("postfix-time-outs", ERROR, "milter_connect_timeout is 0s"),
        milters=ITEM.replace("=3s", "=0s")),
    Row("commands too soon", late("milter_command_timeout", "4s"),
        milters=ITEM.replace("=10s", " = 4s")),
    Row("commands too soon in main.cf", late("milter_command_timeout", "3"),
        milters="{ inet:127.0.0.1:8891, default_action = accept }",
        more="milter_command_timeout = 3"),
    Row("content too soon", late("milter_content_timeout", "2s"),
        more="milter_content_timeout = 2s"),
    Row("no action", action(postfix.postconf("milter_default_action"),
                            "(put off with 451|gets 421).*-> write default_action=accept"),
        milters="inet:127.0.0.1:8891"),
    Row("put off", action("tempfail", "put off with 451"), milters="inet:127.0.0.1:8891",
        more="milter_default_action = tempfail"),
    Row("reject", action("reject", "refused for good"), milters=ITEM.replace("accept", "reject")),
    Row("quarantine", action("quarantine", "held"), milters="inet:127.0.0.1:8891",
        more="milter_default_action = quarantine"),
    Row("shutdown", action("shutdown", "421"), milters=ITEM.replace("accept", "shutdown")),
    Row("a slip", ("postfix-default-action", WARNING, '"acept", which is none'),
        milters=ITEM.replace("accept", "acept")),
    Row("chroot", ("postfix-chroot", ERROR, f"runs in a chroot, .*does not see {PATH}"),
        milters=UNIX % PATH, listen=f"unix:{PATH}", chroot="y"),
    Row("chroot by an old default", ("postfix-chroot", ERROR, "runs in a chroot"),
        milters=UNIX % PATH, listen=f"unix:{PATH}", chroot="-",
        more="compatibility_level = 0"),
    Row("no chroot by default", milters=UNIX % PATH, listen=f"unix:{PATH}", chroot="-"),
    Row("maps for some", more="smtpd_milter_maps = inline:{ 198.51.100.7=DISABLE }"),
    Row("maps for all", ("postfix-milter-maps", WARNING,
                         r'static:DISABLE sends even 192\.0\.2\.1, a stranger, by "DISABLE"'),
        more="smtpd_milter_maps = static:DISABLE"),
    Row("maps that are not there", ("postfix-milter-maps", WARNING, "cannot be asked: .*"),
        more="smtpd_milter_maps = cidr:/nonexistent/table"),
    Row("an old protocol", ("postfix-protocol", WARNING, "milter_protocol is 2"),
        ("postfix-macros", WARNING, r"milter_rcpt_macros has no \{rcpt_addr\}"),
        more=OLD + "milter_rcpt_macros = i"),
    Row("an old protocol, no logins", ("postfix-protocol", WARNING, "milter_protocol is 2"),
        ("postfix-macros", WARNING, r"milter_mail_macros has no \{auth_authen\}: .*logged in"),
        more=OLD + "milter_mail_macros = i {mail_addr}"),
    Row("macros that are cut, but asked for", more="milter_rcpt_macros = i"),
    Row("the same list", double("smtpd_recipient_restrictions"),
        more="smtpd_recipient_restrictions = permit_mynetworks, reject_unauth_destination,\n"
             "   reject_rbl_client BL.example=127.0.0.[2..11]"),
    Row("the same list of names", double("smtpd_sender_restrictions"),
        more="smtpd_sender_restrictions = reject_rhsbl_sender bl.example"),
    Row("the same list in master.cf", double("smtp/inet: smtpd_client_restrictions"),
        options="\n  -o { smtpd_client_restrictions = reject_rbl_client bl.example }"),
    Row("another list", more="smtpd_client_restrictions = reject_rbl_client other.example"),
    Row("the same list in postscreen", double("postscreen_dnsbl_sites"), master=SCREEN,
        more="postscreen_dnsbl_sites = other.example*2, bl.example=127.0.0.2*3"),
    Row("the same list in a postscreen that is not run",
        more="postscreen_dnsbl_sites = bl.example*3"),
    Row("good by policy delegation", milters="", policy=POLICY, more=RCPT % BY_POLICY),
    Row("good by a socket of it", milters="", policy=f"unix:{POLICY_PATH}", chroot="y",
        more=RCPT % BY_POLICY.replace(POLICY, "unix:relayguard/policy.sock")),
    Row("good by the parameters of it", milters="", policy=POLICY, more=RCPT % POLICY
        + "smtpd_policy_service_default_action = DUNNO\n"),
    Row("not asked by any", milter(r"relayguard listens at inet:127\.0\.0\.1:8891"), milters="",
        policy=POLICY, more=RCPT % BY_POLICY.replace("10031", "10032")),
    Row("asked twice", ("postfix-two-doors", WARNING, "by smtpd_milters and by smtpd_recipient_"),
        policy=POLICY, more=RCPT % BY_POLICY),
    Row("asked at the end alone", ("postfix-policy", WARNING, "names no recipient there"),
        milters="", policy=POLICY,
        more=f"smtpd_end_of_data_restrictions = check_policy_service {BY_POLICY}"),
    Row("by policy, too soon", ("postfix-time-outs", ERROR, "check_policy_service is 3s, and"),
        milters="", policy=POLICY, more=RCPT % BY_POLICY.replace("10s", "3s")),
    Row("by policy, no action", ("postfix-default-action", WARNING, '"451 4.3.5 Server conf'),
        milters="", policy=POLICY, more=RCPT % POLICY),
    Row("by policy, in a chroot", ("postfix-chroot", ERROR, f"does not see {POLICY_PATH} there"),
        milters="", policy=f"unix:{POLICY_PATH}", chroot="y",
        more=RCPT % BY_POLICY.replace(POLICY, f"unix:{POLICY_PATH}")),
    Row("mail of this machine", ("postfix-non-smtpd", WARNING, "which has no client"),
        more="non_smtpd_milters = inet:127.0.0.1:8891"),
]


def _write(row):
    folder = server.new_dir("postfix")
    lines = row.main
    if lines.count("compatibility_level") > 1:
        lines = lines.split("\n", 1)[1]
    for name, text in (("main.cf", lines), ("master.cf", row.master)):
        path = server.write(os.path.join(folder, name), text)
        os.utime(path, (1, 1))  # postconf(1) waits until they are seconds old
    return folder, server.write(os.path.join(folder, "relayguard.conf"), row.conf)


@case
def mistakes():
    """Each mistake."""
    for row in ROWS:
        folder, conf = _write(row)
        report = doctor.Report(conf, only="mta", postfix=folder)
        doctor.judge(report, "postfix", row.found, row.label)
        levels = {level for _, level, _ in row.found}
        same(report.code, 2 if ERROR in levels else 1 if levels else 0,
             f"{row.label}: the exit status")
        same(report.end, {"end": True, "status": report.code}, f"{row.label}: the last line")


@case
def unreadable():
    """A configuration that cannot be read, and none."""
    folder, conf = _write(Row("good"))
    os.utime(server.write(os.path.join(folder, "main.cf"), "= what\n"), (1, 1))
    report = doctor.Report(conf, only="mta", postfix=folder)
    doctor.judge(report, "postfix",
                 [("postfix-milter", ERROR, "^Postfix cannot read its configuration: /.*main.cf, "
                   "line 1: missing ")], "a main.cf that is none")
    same((report.code, report.of("mta")), (2, []), "and there is a Postfix")
    doctor.judge(doctor.Report(conf, only="mta"), "postfix",
                 [("postfix-milter", "unseen", "there is no main.cf in")], "no main.cf")
    report = doctor.Report(conf, only="mta", postfix=folder, env={"PATH": "/nonexistent"})
    ok(report.of("postfix"), "Postfix's programs are found without a PATH")


@case
def layout():
    """For people: aligned, an advice below what was seen, and the sum."""
    folder, conf = _write(Row("bad", milters=""))
    done = subprocess.run([doctor.PROGRAM, "doctor", "--only=mta", "--lists", daemon.LISTS,
                           f"--postfix={folder}", "--sendmail", doctor.NOWHERE, conf],
                          check=False, timeout=60, text=True, stdout=subprocess.PIPE)
    lines = done.stdout.splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("error    postfix-milter "))
    same([line.index(mark) for line, mark in ((lines[at], "smtp/inet"), (lines[at + 1], "->"))],
         [34, 34], "aligned")
    check.like(lines[-1], r"^[1-9] errors?, \d+ warnings?, \d+ not looked at, \d+ ok$", "the sum")
    for words in (["--postfix"], ["--what", "x"], ["--only", "what"], ["a", "b"]):
        done = subprocess.run([doctor.PROGRAM, "doctor", *words], check=False, timeout=60,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        same(done.returncode, 64, f"{words}: usage")


check.run()
