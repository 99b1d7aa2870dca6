#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""The test suite of RFC 7208, which Debian's python3-spf brings along, as data: by
a worker, with the daemon's budget and its reading of records."""
import gzip
import ipaddress
import os
import subprocess

from lib import check
from lib.check import case, ok

SUITE = "/usr/share/doc/python3-spf/rfc7208-tests.yml"
TYPES = ("A", "AAAA", "MX", "PTR", "TXT")

# What comes out otherwise, and why it is left so: reason, result here, tests.
DEVIATIONS = (
    # What spfrecord.c can say in other words, it does; there are none for these.
    ("libspf2 takes a prefix length of 0 for an error", "permerror",
     "a-cidr6-0-ip6 a-cidr6-0-nxdomain "
     "mx-nxdomain mx-cidr4-0 mx-cidr6-0-ip6 mx-cidr6-0-nxdomain"),
    ("a text with a NUL in it is left out by the daemon: no record", "none",
     "a-null mx-null"),
    ("names with a space are not asked for: nobody has one", "fail",
     "macro-mania-in-domain"),
)
KNOWN = {(name, result): reason for reason, result, names in DEVIATIONS
         for name in names.split()}


def suite():
    """The parts of the suite; None if it is not here."""
    try:
        import yaml
    except ImportError:
        return None
    for path, how in ((SUITE, open), (SUITE + ".gz", gzip.open)):
        if os.path.exists(path):
            with how(path, "rt", encoding="utf-8") as file:
                return list(yaml.safe_load_all(file))
    return None


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

    def lines(self):
        """What the program is to be told."""
        for name in self.zone:
            for kind in TYPES:
                values = self.of_type(name, kind)
                if values is None:
                    yield f"silent\t{name}\t{kind}"
                    continue
                for value in values:
                    if kind == "TXT" and "\0" in text(value):
                        continue  # as the daemon's reader of answers does
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


@case
def rfc7208():
    """Every test of the suite, or the reason why not."""
    program = os.path.join(os.path.dirname(os.environ["RELAYGUARD"]), "tests", "spf-zones")
    parts = suite()
    if parts is None or not os.path.exists(program):
        check.skip("the suite", "python3-spf, python3-yaml or tests/spf-zones is not here")
        return
    deviated = set()
    for part in parts:
        got = results(program, part)
        for name, test in part["tests"].items():
            result, reason = got.get(name, ("nothing", ""))
            want = test["result"] if isinstance(test["result"], list) else [test["result"]]
            known = KNOWN.get((name, result))
            label = f"{name} ({test.get('spec')})"
            if result in want or known is None:
                ok(result in want, label, f"got {result} ({reason}), want {want}")
            else:
                deviated.add((name, result))
                ok(True, f"{label}: {result}, not {want}: {known}")
    # Another version of libspf2 may do better.
    ok(True, f"{len(deviated)} deviate, {len(KNOWN)} are known to")


check.run()
