#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""relayguardctl audit at real mail servers: a closed one is clean, each mistake is found and
nothing else; and nobody but this machine can be audited."""
import os
import shutil
import signal
import socket
import subprocess
import threading

from lib import check, doctor, internet, postfix, sendmail, server
from lib.check import case, like, ok, same

if shutil.which("postconf") is None:
    check.skip_all("postconf is missing")
if subprocess.run(["unshare", "--net", "--mount", "true"], check=False,
                  stderr=subprocess.DEVNULL).returncode:
    check.skip_all("no namespaces can be made here")
internet.enter()

from lib import daemon, explained, nameserver, records

HOST, OWN, RELAYED = "mx.relay.example", "own.example", "strict.example"
ADDRESS = "198.18.0.1"  # one of this machine's, as others see it
ERROR, WARNING = "error", "warning"
# A lock of its own for each run: the program waits for a minute between two.
UNLOCKED = ("unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /run/lock && exec "$@"', "sh")
CONF = 'dns {{ servers = {{ "{}" }} }}\n'

MAIN = """
mydestination = mx.relay.example, own.example, localhost
local_recipient_maps = inline:{{ postmaster=x, abuse=x, bob=x }}
relay_recipient_maps = inline:{{ postmaster@strict.example=x, abuse@strict.example=x }}
smtpd_banner = $myhostname ESMTP
disable_vrfy_command = yes
smtpd_tls_chain_files = {chain}
smtpd_tls_security_level = may
smtpd_relay_restrictions = permit_mynetworks, defer_unauth_destination
smtpd_sasl_auth_enable = yes
smtpd_sasl_path = {sasl}
smtpd_tls_auth_only = yes
cyrus_sasl_config_path = {sasl}
"""


class Zone:
    """What DNS says: {(name, type): data}; a test may change it."""

    def __init__(self):
        root = records.name
        self.table = {
            (HOST, records.A): [socket.inet_aton(ADDRESS)],
            ("out.relay.example", records.A): [socket.inet_aton("198.18.0.2")],
            ("1.0.18.198.in-addr.arpa", records.PTR): [root(HOST)],
            ("2.0.18.198.in-addr.arpa", records.PTR): [root("out.relay.example")],
        }
        for name in (HOST, OWN, RELAYED):
            self.table[name, records.TXT] = [records.text(b"v=spf1 a -all"),
                                             records.text(b"something else")]
        self.server = records.Records(lambda *key: self.table.get(key, []))


class Certificates:
    """An authority of our own, and a chain with the key for a name."""

    def __init__(self):
        self.folder = server.new_dir("tls")
        self._openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj",
                      "/CN=ours", "-keyout", "ca.key", "-out", "ca.pem")
        self.authority = os.path.join(self.folder, "ca.pem")

    def _openssl(self, *words):
        subprocess.run(["openssl", *words], check=True, cwd=self.folder,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def make(self, label, name=HOST, days=30):
        """The path of a chain."""
        server.write(os.path.join(self.folder, "more"), f"subjectAltName=DNS:{name}\n")
        self._openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}",
                      "-keyout", f"{label}.key", "-out", f"{label}.csr")
        self._openssl("x509", "-req", "-in", f"{label}.csr", "-CA", "ca.pem", "-CAkey",
                      "ca.key", "-CAcreateserial", "-days", str(days), "-extfile", "more",
                      "-out", f"{label}.pem")
        parts = []
        for ending in ("key", "pem"):
            with open(os.path.join(self.folder, f"{label}.{ending}"), encoding="ascii") as file:
                parts.append(file.read())
        return server.write(os.path.join(self.folder, f"{label}.chain"), "".join(parts))


ZONE = Zone()
TLS = Certificates()
CHAINS = {"good": TLS.make("good"), "short": TLS.make("short", days=7),
          "other": TLS.make("other", name="other.example")}
SASL = server.new_dir("sasl")
server.write(os.path.join(SASL, "smtpd.conf"), "pwcheck_method: saslauthd\nmech_list: PLAIN\n")
CONF_FILE = server.write(os.path.join(SASL, "relayguard.conf"),
                         CONF.format(ZONE.server.address)
                         + 'policy "default" { lists = { } }\n')


def run(port, *words, folder=None, cf=doctor.NOWHERE, host="127.0.0.1", prefix=UNLOCKED,
        conf=None):
    """A run of audit."""
    done = subprocess.run(
        [*prefix, doctor.PROGRAM, "-j", "audit", "--conf", conf or CONF_FILE, "--lists",
         daemon.LISTS, "--postfix", folder or doctor.NOWHERE, "--sendmail", cf, *words,
         *([f"{host}:{port}"] if port else ())],
        check=False, timeout=110, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env={**os.environ, "SSL_CERT_FILE": TLS.authority})
    return doctor.Findings(done)


def judge(report, wanted, label, unseen=()):
    """Whether these are found, and nothing else; unseen: what cannot be looked at, too."""
    always = ["listed", "listed", "people"]
    found = sorted(each["check"] for each in report.findings if each["level"] == "unseen")
    same(found, sorted(always + list(unseen)), f"{label}: what cannot be looked at")
    report.findings = [each for each in report.findings if each["level"] != "unseen"]
    doctor.judge(report, "", wanted, label)


class Row:
    """found: (check, level, pattern) of all that is to be found; words: of the command."""

    def __init__(self, label, *found, more="", chain="good", words=(), domains=RELAYED, unseen=()):
        self.label, self.found, self.words, self.unseen = label, found, words, unseen
        self.domains = domains
        self.main = MAIN.format(chain=CHAINS[chain], sasl=SASL) + more


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


DNS_ROWS = [
    # Label, what DNS says instead, and what is found.
    ("no name", {("1.0.18.198.in-addr.arpa", records.PTR): []},
     ("name", ERROR, r"198\.18\.0\.1 has no name")),
    ("a name that does not lead back", {(HOST, records.A): [socket.inet_aton("198.18.0.9")]},
     ("name", ERROR, rf"198\.18\.0\.1 is {HOST}, and that name does not lead back")),
    ("a name of IPv6 alone",
     {(HOST, records.A): [], (HOST, records.AAAA): [socket.inet_pton(socket.AF_INET6, "2001:db8::1")],
      ("1.0.18.198.in-addr.arpa", records.PTR): [records.name("out.relay.example")],
      ("out.relay.example", records.A): [socket.inet_aton(a) for a in (ADDRESS, "198.18.0.2")]}),
    ("a HELO that is not there",
     {(HOST, records.A): [], ("1.0.18.198.in-addr.arpa", records.PTR):
      [records.name("out.relay.example")],
      ("out.relay.example", records.A): [socket.inet_aton(a) for a in (ADDRESS, "198.18.0.2")]},
     ("helo", WARNING, f"{HOST}, as which the server greets, has no address")),
    ("no policy", {(OWN, records.TXT): [records.text(b"v=spf10 -all")]},
     ("spf", WARNING, f"{OWN} has no SPF policy")),
    ("two policies", {(OWN, records.TXT): [records.text(b"v=spf1 -all"),
                                           records.text(b"V=SPF1", b" a -all")]},
     ("spf", ERROR, f"{OWN} has 2 SPF policies")),
    ("a policy for all", {(OWN, records.TXT): [records.text(b"v=spf1 a  +ALL")]},
     ("spf", ERROR, "lets everybody send")),
    ("a long answer", {(OWN, records.TXT): [records.text(b"x" * 900),
                                            records.text(b"v=spf1 a -all")]}),
]


@case
def names():
    """What DNS says of us."""
    with postfix.Postfix(more=ROWS[0].main, domains=RELAYED) as mta:
        good = dict(ZONE.table)
        for label, table, *found in DNS_ROWS:
            ZONE.table.update(table)
            judge(run(mta.port, folder=mta.etc), found, label)
            ZONE.table.clear()
            ZONE.table.update(good)


@case
def by_default():
    """Without a word: the public address at port 25, the domains and the resolvers of this
    machine."""
    with postfix.Postfix(more=ROWS[0].main, domains=RELAYED, host=ADDRESS, port=25) as mta:
        report = run(None, folder=mta.etc)
        judge(report, [], "by default")
        same([each["seen"].split(":")[0] for each in report.of("spf")], [HOST, OWN, RELAYED],
             "its domains")
        like("\n".join(mta.wait_log("reject: RCPT")), r"from \S+\[127\.0\.0\.77\]: ",
             "from an address that is not trusted")


@case
def of_ipv6():
    """By IPv6, and of a service with settings of its own in master.cf."""
    with postfix.Postfix(more=ROWS[0].main, domains=RELAYED) as mta:
        port = server.free_port("::1")
        path = os.path.join(mta.etc, "master.cf")
        with open(path, "a", encoding="ascii") as file:
            file.write(f"[::1]:{port} inet n - n - - smtpd\n"
                       "  -o { mynetworks = 127.0.0.0/8 [2001:d00::]/24 }\n")
        os.utime(path, (1, 1))  # master(8) waits until it is seconds old
        mta.send(signal.SIGHUP)
        ok(check.wait_for(lambda: server.listens(port, "::1")), "it listens there, too")
        report = run(port, folder=mta.etc, host="[::1]")
        judge(report, [("networks", ERROR, r"mynetworks has \[2001:d00::\]/24")], "by IPv6")
        with open(path, encoding="ascii") as file:
            text = file.read().replace("[2001:d00::]/24", "[2001:db8::]/32")
        server.write(path, text)
        os.utime(path, (1, 1))
        mta.send(signal.SIGHUP)
        check.wait_for(lambda: mta.log().count("reload --") == 2)
        judge(run(port, folder=mta.etc, host="[::1]"), [], "by IPv6, closed")
        like("\n".join(mta.wait_log("reject: RCPT")), r"from \S+\[::1\]: .*@\[IPv6:::1\]",
             "with an address of IPv6 in the forms")


LISTS = """
control {{ socket = "{socket}" }}
dns {{ servers = {{ "{dns}" }} }}
list "bl" {{ zone = "bl.example" servers = {{ "{lists}" }}
    answer "127.0.0.2" {{ category = "spam-source" score = 5 }} }}
list "good" {{ zone = "good.example" servers = {{ "{lists}" }}
    answer "127.0.0.2" {{ category = "allow" score = -5 }} }}
policy "default" {{ lists = {{ "bl", "good" }} refuse = 5 }}
"""


@case
def listed():
    """What lists say of us, by the daemon."""
    table = {**nameserver.zone("bl.example", ["198.18.0.2"]),
             **nameserver.zone("good.example", [ADDRESS])}
    path = os.path.join(server.new_dir("control"), "socket")
    with nameserver.NameServer(table) as lists, daemon.Relayguard(LISTS.format(
            socket=path, dns=ZONE.server.address, lists=lists.address)) as guard, \
            postfix.Postfix(more=ROWS[0].main, domains=RELAYED) as mta:
        check.wait_for(lambda: explained.ask(path, "lists")[1].count("state: good") >= 2, 8)
        report = run(mta.port, folder=mta.etc, conf=guard.file)
        report.findings = [each for each in report.findings if each["level"] != "unseen"]
        doctor.judge(report, "", [("listed", ERROR, r"198\.18\.0\.2 is on bl ->")], "one is listed")
        same([each["seen"] for each in report.of("listed") if each["level"] == "ok"],
             ["198.18.0.1 is on none of 1 lists"], "one is not, but on a list of good ones")


class Proxy:
    """A proxy of some kind, at a usual port; it lets in whom open says."""

    def __init__(self, kind, is_open=True, host="0.0.0.0", port=3128):
        self.kind, self.is_open = kind, is_open
        self.listener = socket.create_server((host, port))
        self.asked = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def _serve(self):
        while True:
            try:
                link, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(link,), daemon=True).start()

    def _wanted(self, said):
        """Where a client wants to go, and what it is told first; None: it is no such client."""
        if self.kind == "http" and said.startswith(b"CONNECT "):
            host, port = said.split()[1].decode().rsplit(":", 1)
            return host, int(port), b"HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n"
        if self.kind == "socks5" and said[:1] == b"\5":
            at = said[3:]
            return (socket.inet_ntoa(at[4:8]), int.from_bytes(at[8:10], "big"),
                    b"\5\0" + b"\5\0\0\1" + bytes(6))
        if self.kind == "socks4" and said[:1] == b"\4":
            return (socket.inet_ntoa(said[4:8]), int.from_bytes(said[2:4], "big"),
                    b"\0\x5a" + bytes(6))
        return None

    def _talk(self, link):
        with link:
            self.asked += 1
            wanted = self._wanted(link.recv(1024))
            if not wanted or not self.is_open:
                link.sendall(b"HTTP/1.1 403 Forbidden\r\n\r\nnot for you: mx.relay.example\r\n")
                return
            with socket.create_connection(wanted[:2], 5) as other:
                link.sendall(wanted[2] + other.recv(1024))


@case
def proxies():
    """A proxy through which strangers reach the server."""
    with postfix.Postfix(more=ROWS[0].main, domains=RELAYED) as mta:
        for kind, word in (("http", "HTTP CONNECT"), ("socks5", "SOCKS 5"), ("socks4", "SOCKS 4")):
            with Proxy(kind):
                judge(run(mta.port, folder=mta.etc),
                      [("proxy", ERROR, rf"0\.0\.0\.0:3128 lets strangers .* by {word}")], kind)
        with Proxy("http", is_open=False) as proxy:
            judge(run(mta.port, folder=mta.etc), [], "a closed one")
            same(proxy.asked, 3, "it was asked in three ways")
        with Proxy("http", host="127.0.0.1") as proxy:
            judge(run(mta.port, folder=mta.etc), [], "one for this machine alone")
            same(proxy.asked, 0, "which others cannot reach, is not asked")


@case
def others():
    """Nobody else is audited, and nobody too often."""
    with postfix.Postfix(more=ROWS[0].main, domains=RELAYED) as mta:
        for target, why in (
                (f"192.0.2.1:{mta.port}", "no address of this machine"),
                (f"0.0.0.0:{mta.port}", "no address of this machine"),
                (f"[2001:db8::1]:{mta.port}", "no address of this machine"),
                (f"localhost:{mta.port}", "only an address of this machine"),
                ("mx.relay.example", "only an address of this machine"),
                (f"127.0.0.1:{mta.port},192.0.2.1", "only an address of this machine"),
                (f"127.0.0.1:{server.free_port()}", "no server of this machine listens there")):
            done = subprocess.run([*UNLOCKED, doctor.PROGRAM, "audit", target], check=False,
                                  timeout=20, text=True, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE)
            same((done.returncode, done.stdout, why in done.stderr), (77, "", True),
                 f"{target}: refused, and why")
        ok("ehlo" not in mta.log(), "nobody was spoken to")
        words = [doctor.PROGRAM, "audit", "--conf", CONF_FILE, "--postfix", mta.etc,
                 f"127.0.0.1:{mta.port}"]
        twice = ("unshare", "--mount", "sh", "-c",
                 'mount -t tmpfs none /run/lock && "$@" > /dev/null; "$@"', "sh")
        done = subprocess.run([*twice, *words], check=False, timeout=110, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        same((done.returncode, done.stdout), (75, ""), "a second one within the minute: not now")
        like(done.stderr, "there was an audit within this minute", "and why")
        done = subprocess.run(["setpriv", "--reuid=65534", "--clear-groups", *words], check=False,
                              timeout=20, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)
        same((done.returncode, done.stdout), (77, ""), "not root: no right")
        for wrong in (["--to", "nobody"], ["--to", "a@b@c"], ["--to", "a\r\nDATA@x"], ["--what"],
                      ["127.0.0.1", "127.0.0.2"]):
            done = subprocess.run([doctor.PROGRAM, "audit", *wrong], check=False, timeout=20,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            same(done.returncode, 64, f"{wrong}: usage")


@case
def trusted():
    """All addresses of this machine are trusted: that is said, and not called closed."""
    with postfix.Postfix(more=ROWS[0].main + "mynetworks = 127.0.0.0/8 198.18.0.0/28",
                         domains=RELAYED) as mta:
        report = run(mta.port, folder=mta.etc)
        judge(report, [], "all are trusted", ["relay"])
        like(report.text, "all addresses of this machine are in mynetworks", "and why")
        report = run(mta.port, "--own", ",".join(f"d{n}.example" for n in range(24)),
                     folder=mta.etc)
        same(mta.log().count("NOQUEUE: reject: RCPT") <= 64 + 8, True, "never more than 64")
        like(report.text, "the 64 recipients of a run are used up", "the rest is not looked at")


check.run()
