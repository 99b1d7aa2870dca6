#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""relayguardctl audit at real mail servers: a closed one is clean, each mistake is found and
nothing else."""
import os
import shutil
import subprocess

from lib import check, internet, postfix, sendmail, server
from lib.check import case, ok, same

if shutil.which("postconf") is None:
    check.skip_all("postconf is missing")
if subprocess.run(["unshare", "--net", "--mount", "true"], check=False,
                  stderr=subprocess.DEVNULL).returncode:
    check.skip_all("no namespaces can be made here")
internet.enter()

from lib.audit import ERROR, HOST, OWN, RELAYED, TLS, WARNING, closed, judge, run


class Row:
    """found: (check, level, pattern) of all that is to be found; words: of the command."""

    def __init__(self, label, *found, more="", chain="good", words=(), domains=RELAYED, unseen=()):
        self.label, self.found, self.words, self.unseen = label, found, words, unseen
        self.domains = domains
        self.main = closed(chain, more)


NO_PROOF = r"\(accepted, not delivered: no message was sent\)"
ROWS = [
    Row("closed"),
    Row("closed, for good", more="smtpd_relay_restrictions = reject_unauth_destination"),
    Row("closed, our networks", more="mynetworks = 127.0.0.0/26, 10.0.0.0/8, [::1]/128"),
    Row("closed, what Debian has",
        more="mynetworks = 127.0.0.0/8 [::ffff:127.0.0.0]/104 [::1]/128"),
    Row("a network that is too wide", ("networks", ERROR, r"mynetworks has 0\.0\.0\.0/0: "),
        more="mynetworks = 127.0.0.9/32, 0.0.0.0/0"),
    Row("a provider's network", ("networks", ERROR, r"mynetworks has 198\.0\.0\.0/8: "),
        more="mynetworks = 127.0.0.9/32 198.0.0.0/8"),
    Row("untrusted routing",
        ("relay", ERROR, rf"strict\.example: .*{NO_PROOF}: .*<relayguard-audit%relay-test\.invalid"
         "@strict.example>.*-> allow_untrusted_routing = no"),
        more="allow_untrusted_routing = yes\n"
             "relay_recipient_maps = inline:{ @strict.example=x }"),
    Row("a wildcard of relay domains",
        ("relay", ERROR, rf"mx\.relay\.example: mail of 127\.0\.0\.77 for relay-test\.invalid is "
         rf"taken {NO_PROOF}: <relayguard-audit@relay-test\.invalid> -> have relay_domains name"),
        more="relay_domains = static:all\nrelay_recipient_maps =", words=("--own", OWN)),
    Row("permit before reject",
        ("relay", ERROR, r"<relayguard-audit@relay-test\.invalid> -> have "
         r"reject_unauth_destination stand before permit"),
        more="smtpd_relay_restrictions = check_client_access static:OK, "
             "reject_unauth_destination"),
    Row("permit before reject for whoever uses our name, by another mailbox",
        ("relay", ERROR, "taken .*: <me@outside.example> -> "),
        more="smtpd_relay_restrictions = check_sender_access inline:{ mx.relay.example=OK }, "
             "reject_unauth_destination",
        words=("--to", "me@outside.example")),
    Row("whoever names us as his MX",
        ("relay", WARNING, "permit_mx_backup: .*-> name the domains in relay_domains"),
        more="smtpd_relay_restrictions = permit_mynetworks, permit_mx_backup, "
             "reject_unauth_destination"),
    Row("whoever names us as his MX, by the other list",
        ("relay", WARNING, "permit_mx_backup: .*-> name the domains in relay_domains"),
        more="smtpd_relay_restrictions =\n"
             "smtpd_recipient_restrictions = permit_mx_backup, reject_unauth_destination"),
    Row("whoever names us as his MX, refused before",
        more="smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination, "
             "permit_mx_backup"),
    Row("whoever names us as his MX, refused by the other list",
        more="smtpd_relay_restrictions = permit_mynetworks, defer_unauth_destination\n"
             "smtpd_recipient_restrictions = permit_mx_backup, reject_unauth_destination"),
    Row("whoever names us as his MX, for servers of ours",
        more="smtpd_relay_restrictions = permit_mynetworks, permit_mx_backup, "
             "reject_unauth_destination\npermit_mx_backup_networks = 198.18.0.0/24"),
    Row("no limit for those who log in", ("limits", WARNING, "password is stolen"),
        more="smtpd_client_message_rate_limit = 0"),
    Row("nobody logs in, no limit",
        more="smtpd_client_message_rate_limit = 0\nsmtpd_sasl_auth_enable = no"),
    Row("errors without end", ("limits", WARNING, "smtpd_hard_error_limit = 1000: "),
        more="smtpd_hard_error_limit = 1000"),
    Row("VRFY", ("vrfy", WARNING, "VRFY tells strangers who is there: postmaster is 252"),
        more="disable_vrfy_command = no"),
    Row("AUTH without TLS", ("auth", ERROR, "without TLS"), more="smtpd_tls_auth_only = no"),
    Row("no abuse@", ("mailbox", ERROR, f"<abuse@{RELAYED}> is refused: 550 .*User unknown"),
        more="relay_recipient_maps = inline:{ postmaster@strict.example=x }"),
    Row("no postmaster@",
        ("mailbox", ERROR, f"<postmaster@{RELAYED}> is refused: 550 .*5321"),
        more="relay_recipient_maps = inline:{ abuse@strict.example=x }"),
    Row("takes anybody", ("backscatter", WARNING, f"{RELAYED} takes mail for a name that nobody"),
        more="relay_recipient_maps ="),
    Row("a catch-all", more="relay_recipient_maps = inline:{ @strict.example=x }"),
    Row("no TLS", ("starttls", WARNING, "not offered"), more="smtpd_tls_security_level = none\n"
        "smtpd_tls_auth_only = no\nsmtpd_sasl_auth_enable = no"),
    Row("a certificate of another name",
        ("certificate", WARNING, "certificate for mx.relay.example: [Hh]ostname mismatch"),
        chain="other"),
    Row("a certificate that ends soon", ("certificate", WARNING, "within 21 days"),
        chain="short"),
    Row("a version", ("banner", WARNING, r"tells a version: .* Postfix 3\."),
        more="smtpd_banner = $myhostname ESMTP Postfix $mail_version"),
]


@case
def mistakes():
    """Each mistake of Postfix."""
    for row in ROWS:
        with postfix.Postfix(more=row.main, domains=row.domains) as mta:
            report = run(mta.port, *row.words, folder=mta.etc)
            judge(report, row.found, row.label, row.unseen)
            levels = {level for _, level, _ in row.found}
            same(report.code, 2 if ERROR in levels else 1 if levels else 0,
                 f"{row.label}: the exit status")
            if row.label == "closed":
                log = mta.log()
                ok(64 >= log.count("NOQUEUE: reject: RCPT") >= 28, "it has tried all forms",
                   log.count("reject: RCPT"))
                ok("helo=<relayguard-audit." in log and "from=<relayguard-audit@" in log,
                   "and says who it is", log[-2000:])
                ok("DATA" not in log and "too many errors" not in log, "no DATA, no excess")


@case
def container():
    """The gateway of a container is no client of ours; that of a machine may be."""
    subprocess.run("ip link add v0 type veth peer name v1; ip link set v0 up; ip link set v1 up;"
                   "ip address add 172.17.0.9/24 dev v0; ip route add default via 172.17.0.1",
                   shell=True, check=True)
    more = closed(more="mynetworks = 127.0.0.9/32, 172.17.0.0/24")
    marked = ("unshare", "--mount", "sh", "-c", "mount -t tmpfs none /run && mkdir /run/lock && "
              ': >/run/.containerenv && exec "$@"', "sh")
    with postfix.Postfix(more=more, domains=RELAYED) as mta:
        if not os.path.exists("/.dockerenv"):
            judge(run(mta.port, folder=mta.etc), [], "a machine")
        judge(run(mta.port, folder=mta.etc, prefix=marked),
              [("networks", WARNING, r"mynetworks has 172\.17\.0\.1, the gateway of this container")],
              "a container")
    subprocess.run("ip link del v0", shell=True, check=True)


SENDMAIL = """define(`confSMTP_LOGIN_MSG', `$j ESMTP')
define(`confDONT_BLAME_SENDMAIL', `TrustStickyBit')
define(`confDELIVERY_MODE', `background')
define(`confPRIVACY_FLAGS', `goaway')
define(`confAUTH_OPTIONS', `{auth}')
define(`confAUTH_MECHANISMS', `PLAIN LOGIN')
define(`confSERVER_CERT', `{folder}/good.pem')
define(`confSERVER_KEY', `{folder}/good.key')
define(`confCACERT', `{folder}/ca.pem')
define(`confCACERT_PATH', `{folder}')
FEATURE(`use_cw_file')
define(`ALIAS_FILE', `hash:-N {users}')
{more}
MAILER(`local')
"""
USERS = ("postmaster", "abuse")


class SendmailRow:
    """As Row."""

    def __init__(self, label, *found, more="", auth="A p", users=USERS, relay="localhost"):
        self.label, self.found, self.relay = label, found, relay
        path = server.write(os.path.join(server.new_dir("users"), "users"),
                            "@ @\n" + "".join(f"{name} root\n" for name in users))
        subprocess.run(["postmap", f"hash:{path}"], check=True)
        self.more = SENDMAIL.format(folder=TLS.folder, users=path, more=more, auth=auth)


RELAY = r"taken \(accepted, not delivered: no message was sent\): <relayguard-audit@relay-test"
SENDMAIL_ROWS = [
    SendmailRow("closed"),
    SendmailRow("promiscuous", ("relay", ERROR, RELAY + ".*promiscuous_relay"), relay=None),
    SendmailRow("whoever uses our name", ("relay", ERROR, RELAY),
                more="FEATURE(`relay_local_from')"),
    SendmailRow("VRFY and EXPN", ("vrfy", WARNING, "postmaster is 250"),
                ("expn", WARNING, "EXPN tells"), more="define(`confPRIVACY_FLAGS', `')"),
    SendmailRow("AUTH without TLS", ("auth", ERROR, "AUTH .*PLAIN"), auth="A"),
    SendmailRow("no abuse@", ("mailbox", ERROR, f"<abuse@{OWN}> is refused"),
                users=("postmaster",)),
    SendmailRow("a version", ("banner", WARNING, "Sendmail 8"),
                more="define(`confSMTP_LOGIN_MSG', `$j Sendmail $v')"),
    SendmailRow("takes anybody", ("backscatter", WARNING, RELAYED), relay=RELAYED),
]


@case
def mistakes_of_sendmail():
    """Each mistake of Sendmail."""
    if sendmail.why_not():
        check.skip("mistakes of Sendmail", sendmail.why_not())
        return
    for row in SENDMAIL_ROWS:
        with sendmail.Sendmail(None, relay=row.relay, more=row.more, names=OWN + "\n") as mta:
            report = run(mta.port, cf=mta.top)
            judge(report, row.found, row.label)
            levels = {level for _, level, _ in row.found}
            same(report.code, 2 if ERROR in levels else 1 if levels else 0,
                 f"{row.label}: the exit status")


check.run()
