#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""The test suite of RFC 7208, which Debian's python3-spf brings along, as data: by
a worker, with the daemon's budget and its reading of records; and by the daemon,
as an MTA and a DNS server see it."""
import gzip
import ipaddress
import os
import re
import socket
import subprocess

from lib import check, daemon, milter, records
from lib.check import case, ok

SUITE = "/usr/share/doc/python3-spf/rfc7208-tests.yml"
TYPES = ("A", "AAAA", "MX", "PTR", "TXT")


# The suite's clients that are in no global network, as a daemon never asks about those: the
# addresses and their reverse names, with global ones of the same length in their place.
GLOBAL = (("192.168.", "192.169."), (".168.192", ".169.192"), ("192.0.2.", "192.1.2."),
          (".2.0.192", ".2.1.192"), ("2001:db8", "2001:4b8"), ("2001:0db8", "2001:04b8"),
          ("8.B.D.0.1.0.0.2", "8.B.4.0.1.0.0.2"), ("CAFE:BABE", "2AFE:BABE"),
          ("DEAF:BABE", "2EAF:BABE"), ("E.B.A.B.E.F.A.C", "E.B.A.B.E.F.A.2"),
          ("1234::", "2234::"))

# What the daemon says where the suite wants "none": a sender that it cannot read is unknown.
UNREADABLE = {"emptylabel": "unknown"}


def suite(changes=()):
    """The parts of the suite, with these changes to its text; None if it is not here."""
    try:
        import yaml
    except ImportError:
        return None
    for path, how in ((SUITE, open), (SUITE + ".gz", gzip.open)):
        if os.path.exists(path):
            with how(path, "rt", encoding="utf-8") as file:
                return list(yaml.safe_load_all(changed(file.read(), changes)))
    return None


def changed(words, changes):
    """A text with one after another of its pieces changed, in capitals or not."""
    for old, new in changes:
        words = re.sub(re.escape(old), new, words, flags=re.IGNORECASE)
    return words


def text(value):
    """The strings of a TXT record, joined; bytes are written as Latin 1."""
    return "".join(value) if isinstance(value, list) else value


def data(kind, value):
    """The data of a record, as the program wants them."""
    if kind == "MX":
        return f"{value[0]} {value[1].rstrip('.')}"
    if kind == "AAAA":
        return str(ipaddress.IPv6Address(value))
    return value.rstrip(".") if kind == "PTR" else text(value)


def wire(kind, value):
    """The data of a record, as they are in a packet."""
    if kind == "A":
        return socket.inet_aton(value)
    if kind == "AAAA":
        return socket.inet_pton(socket.AF_INET6, value)
    if kind == "MX":
        return value[0].to_bytes(2, "big") + records.name(value[1])
    if kind == "PTR":
        return records.name(value)
    strings = value if isinstance(value, list) else [value]
    return records.text(*(string.encode("latin-1", "replace") for string in strings))


class Zone:
    """The zone data of one part of the suite."""

    def __init__(self, zone):
        self.zone = {name.lower(): records for name, records in zone.items()}

    def of_type(self, name, kind, depth=0):
        """The data of a name's records; None where there is never an answer."""
        entries = self.zone.get(name.lower(), [])
        records = [entry for entry in entries if isinstance(entry, dict)]
        found = [entry[kind] for entry in records if kind in entry]
        alias = [entry["CNAME"] for entry in records if "CNAME" in entry]
        if kind == "TXT" and not found:
            found = [entry["SPF"] for entry in records if "SPF" in entry]
        found = [value for value in found if value != "NONE"]
        if not found and alias and depth < 8:
            return self.of_type(alias[0].rstrip("."), kind, depth + 1)
        if not found and "TIMEOUT" in entries:
            return None
        return None if "TIMEOUT" in found else found

    def find(self, name, kind):
        """The data of a name's records, as they are in a packet."""
        label = {getattr(records, label): label for label in TYPES}.get(kind)
        found = self.of_type(name, label) if label else []
        return None if found is None else [wire(label, value) for value in found]

    def lines(self):
        """What the program is to be told."""
        for name in self.zone:
            for kind in TYPES:
                values = self.of_type(name, kind)
                if values is None:
                    yield f"silent\t{name}\t{kind}"
                    continue
                for value in values:
                    hexed = data(kind, value).encode("latin-1", "replace").hex()
                    yield f"record\t{name}\t{kind}\t{hexed}"


def results(program, part):
    """{name of a test: (result, reason)} of a part of the suite."""
    lines = list(Zone(part["zonedata"]).lines())
    for name, test in part["tests"].items():
        lines.append("\t".join(("check", name, str(test["host"]), test["helo"],
                                test["mailfrom"])))
    done = subprocess.run([program], input="\n".join(lines) + "\n", text=True, timeout=60,
                          capture_output=True, encoding="utf-8", check=False)
    ok(done.returncode == 0, f"{part['description']}: all of it was read", done.stderr)
    return {line.split("\t")[0]: line.split("\t")[1:] for line in done.stdout.splitlines()}


def compare(part, got, other=()):
    """What a part came to, with what it should, or with another result for some tests."""
    for name, test in part["tests"].items():
        result, reason = got.get(name, ("nothing", ""))
        want = test["result"] if isinstance(test["result"], list) else [test["result"]]
        want = [other[name]] if name in other else want
        ok(result in want, f"{name} ({test.get('spec')})", f"got {result} ({reason}), want {want}")


@case
def worker():
    """Every test of the suite."""
    program = os.path.join(os.path.dirname(os.environ["RELAYGUARD"]), "tests", "spf-zones")
    parts = suite()
    if parts is None or not os.path.exists(program):
        check.skip("the suite", "python3-spf, python3-yaml or tests/spf-zones is not here")
        return
    for part in parts:
        compare(part, results(program, part))


def path(mailbox):
    """A sender as it is in MAIL: quoted where it has to be."""
    local, at, domain = mailbox.rpartition("@")
    if at and not re.fullmatch(r"[^\s\"\\<>@]*", local):
        mailbox = '"%s"@%s' % (local, domain)
    return f"<{mailbox}>".encode("latin-1", "replace")


def tell(guard, test):
    """Be the client of a test; the result, "none" where there was none to be had."""
    def session():
        with milter.Client(guard.where) as client:
            client.negotiate()
            client.connect(str(test["host"]))
            client.helo(test["helo"].encode("latin-1", "replace"))
            client.mail(path(test["mailfrom"]))
            client.rcpt()
            client.quit()

    return guard.decided(session)[1].get("spf", "none"), "by the daemon"


@case
def whole():
    """The same, by way of the milter protocol and of DNS."""
    parts = suite(GLOBAL)
    if parts is None:
        check.skip("the suite", "python3-spf or python3-yaml is not here")
        return
    dns = records.Records(None)
    guard = daemon.Relayguard(f'''
deadline = "1s"
dns {{ servers = {{ "{dns.address}" }} }}
policy "default" {{ refuse = 0 tag = 1
    spf_fail = 1 spf_softfail = 1 spf_permerror = 1 spf_temperror = 1 }}
''')
    for part in parts:
        dns.find = Zone(part["zonedata"]).find
        compare(part, {name: tell(guard, test) for name, test in part["tests"].items()},
                UNREADABLE)


check.run()
