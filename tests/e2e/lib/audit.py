# SPDX-License-Identifier: BSD-2-Clause
"""relayguardctl audit: mail servers without a fault, names and certificates for them, and what
it finds.  In a network of its own: a test calls internet.enter() before it imports this."""
import os
import socket
import subprocess

from . import daemon, doctor, records, server
from .check import same

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
smtpd_client_message_rate_limit = 100
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


def apt(candidate="1.0"):
    """A folder with an apt-cache(8) that has version 1.0 installed."""
    folder = server.new_dir("apt")
    server.write(os.path.join(folder, "apt-cache"),
                 f"#!/bin/sh\nprintf '%s:\\n  Installed: 1.0\\n  Candidate: {candidate}\\n' $2\n",
                 0o755)
    return folder


NEWEST = apt()


def closed(chain="good", more=""):
    """The settings of a Postfix without a fault, and more."""
    return MAIN.format(chain=CHAINS[chain], sasl=SASL) + more


def run(port, *words, folder=None, cf=doctor.NOWHERE, host="127.0.0.1", prefix=UNLOCKED,
        conf=None, programs=NEWEST):
    """A run of audit."""
    done = subprocess.run(
        [*prefix, doctor.PROGRAM, "-j", "audit", "--conf", conf or CONF_FILE, "--lists",
         daemon.LISTS, "--postfix", folder or doctor.NOWHERE, "--sendmail", cf, *words,
         *([f"{host}:{port}"] if port else ())],
        check=False, timeout=110, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env={
            **os.environ, "SSL_CERT_FILE": TLS.authority,
            "PATH": f"{programs}:{os.environ['PATH']}"})
    return doctor.Findings(done)


def judge(report, wanted, label, unseen=()):
    """Whether these are found, and nothing else; unseen: what cannot be looked at, too."""
    always = ["listed", "listed", "people"]
    found = sorted(each["check"] for each in report.findings if each["level"] == "unseen")
    same(found, sorted(always + list(unseen)), f"{label}: what cannot be looked at")
    report.findings = [each for each in report.findings if each["level"] != "unseen"]
    doctor.judge(report, "", wanted, label)
