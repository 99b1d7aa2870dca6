#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Data sets as rbldnsd has them: rbldnsd and our own reader say the same of the same files.

RELAYGUARD_DATA_ENTRIES: of each format, and how many subjects are asked about; 20000.
RELAYGUARD_DATA_SEED repeats a run.
"""
import ipaddress
import os
import random
import select
import socket
import struct
import subprocess

from lib import check, server
from lib.check import case, note, ok, same

ENTRIES = int(os.environ.get("RELAYGUARD_DATA_ENTRIES", "20000"))
SEED = int(os.environ.get("RELAYGUARD_DATA_SEED", random.randrange(10 ** 9)))
PROGRAM = os.path.join(os.path.dirname(os.environ["RELAYGUARD"]), "tests", "data-ask")
IN_FLIGHT = 64  # questions, fewer than a socket's buffer holds

HEAD = """$SOA 600 ns.example admin.example 1 600 600 600 60
$NS 1w ns.example
$TTL 35m
$1 See http://bl.example/
$= http://bl.example/?$=
# a comment
; another one
"""

# Of these rbldnsd has no entry either.
GARBAGE = ("here be dragons !", "300.1.2.3", "10.0.0.1/33", "10.0.0.9-10.0.0.1", "10", "10.0.0.1x",
           "$NONSENSE 1", "!", "10.0.0.1/8", "10.1-10.2.3.4")


class Writer:
    """Lines of a file: entries by a function, and what may stand between them."""

    def __init__(self, rng, entry):
        self._rng, self._entry = rng, entry

    def value(self, entry):
        """What follows an entry."""
        rng = self._rng
        code = rng.choice((2, 3, 4, 9, 10, 11))
        if ":" not in entry and rng.random() < 0.05:
            return f":{code}:$"
        return rng.choice(("", "", "", "", " # why", "\t; why", f" :{code}", f" :{code}:",
                           f" :127.0.0.{code}:text $1/$", f"\t:127.0.1.{code}: text", " only text",
                           " :0127.000.0.7", f" :127.{code}", " :300:no", f" :{code} no", " :0:no"))

    def default(self):
        """A value for the entries that follow."""
        code = self._rng.randrange(2, 12)
        return self._rng.choice((f":{code}", f":{code}:why $", f":127.0.2.{code}: why", ":", ":x:no",
                                 f":{code} no", ":0:"))

    def line(self):
        """One line, without its end."""
        kind = self._rng.random()
        if kind < 0.02:
            return self.default()
        if kind < 0.03:
            return self._rng.choice(GARBAGE)
        if kind < 0.04:
            return self._rng.choice(("", "   ", "# 10.0.0.1", ";10.0.0.2", "$2 text"))
        mark = self._rng.choice(("",) * 30 + ("!", "! "))
        blank = self._rng.choice(("", "", "", " ", "\t"))
        entry = self._entry(self._rng)
        return blank + mark + entry + self.value(entry) + self._rng.choice(("", "", " "))

    def text(self, count):
        """A file."""
        return HEAD + "".join(self.line() + "\n" for _ in range(count))


def _octets(rng):
    # Few places, so that entries lie in and across each other.
    return [10, rng.randrange(max(ENTRIES // 10000, 2)), rng.randrange(60), rng.randrange(256)]


def _dotted(octets):
    return ".".join(map(str, octets))


def ip4_network(rng):
    """A network, an address, or the first octets of one."""
    octets, kind = _octets(rng), rng.random()
    if kind < 0.5:
        return _dotted(octets)
    if kind < 0.65:
        return _dotted(octets[:rng.choice((2, 3, 3, 3))])
    length = rng.choice((8, 15, 16, 20, 22, 24, 24, 25, 26, 27, 28, 30, 31, 32))
    net = ipaddress.ip_network((_dotted(octets), length), strict=False)
    text = str(net.network_address)
    if length <= 16 and rng.random() < 0.5:
        text = _dotted(text.split(".")[:(length + 7) // 8])
    return f"{text}/{length}"


def ip4_range(rng):
    """The same, or a range."""
    if rng.random() < 0.7:
        return ip4_network(rng)
    octets = _octets(rng)
    count = rng.choice((4, 4, 4, 3, 3, 2))
    last = octets[:count]
    last[rng.randrange(max(count - 2, 1), count)] += rng.randrange(12)
    last = [min(octet, 255) for octet in last]
    if count == 4 and rng.random() < 0.3:
        return f"{_dotted(octets)}-{last[3]}"
    return f"{_dotted(octets[:count])}-{_dotted(last)}"


def ip4_address(rng):
    """An address, or what an ip4tset leaves out."""
    return _dotted(_octets(rng)) if rng.random() < 0.97 else ip4_range(rng)


def _groups(rng):
    return [0x2001, 0xdb8, rng.randrange(max(ENTRIES // 10000, 2)), rng.randrange(40),
            rng.randrange(2), 0, 0, rng.randrange(64)]


def ip6_network(rng):
    """A network, an address, or the first groups of one."""
    groups, kind = _groups(rng), rng.random()
    if kind < 0.2:
        return ":".join(f"{group:x}" for group in groups[:rng.randrange(2, 9)])
    address = ipaddress.IPv6Address(struct.pack(">8H", *groups))
    if kind < 0.5:
        return rng.choice((str(address), address.exploded, str(address).upper()))
    length = rng.choice((32, 44, 48, 60, 62, 64, 64, 72, 100, 120, 124, 126, 128))
    return str(ipaddress.ip_network((address, length), strict=False))


def ip6_half(rng):
    """Four groups, or what an ip6tset leaves out."""
    if rng.random() < 0.8:
        return ":".join(f"{group:x}" for group in _groups(rng)[:4])
    return ip6_network(rng)


def name(rng):
    """A name of few labels."""
    labels = [rng.choice(("a", "b", "Mail", "x_y", "host-1", "co", "d", "e", "f9"))
              for _ in range(rng.randrange(1, 6))]
    return ".".join(labels + [rng.choice(("example", "test", "example"))])


def dnset_name(rng):
    """A name, or what is below one."""
    return rng.choice(("", "", "", ".", "*.")) + name(rng) + rng.choice(("", "", "."))


def generic_text(rng, count):
    """Records, which have no values and no defaults."""
    lines = [HEAD, "@ A 127.0.0.8\n", "@ MX 10 mx.example.com\n"]
    for _ in range(count):
        kind = rng.choice(("A 127.0.0.%d", "3000 A 127.0.0.%d", "IN A 127.0.1.%d", "60 IN a 127.0.0.%d",
                           "TXT \"see %d\"", "MX %d mx.example", "A 127.%d", "AAAA ::%d", "A"))
        number = rng.randrange(2, 12)
        lines.append(f"{name(rng)} {kind % number if '%' in kind else kind}\n")
    return "".join(lines)


def _pack(qname, number):
    wire = struct.pack(">6H", number, 0x0100, 1, 0, 0, 0)
    for label in qname.split("."):
        wire += bytes((len(label),)) + label.encode()
    return wire + b"\0" + struct.pack(">2H", 1, 1)


def _addresses(wire):
    """The addresses of a reply of rbldnsd: each record's name is two bytes."""
    answers, = struct.unpack(">H", wire[6:8])
    at = 12
    while wire[at]:
        at += 1 + wire[at]
    at += 5
    found = set()
    for _ in range(answers):
        while wire[at] and wire[at] < 0xc0:
            at += 1 + wire[at]
        at += 2 if wire[at] else 1
        kind, _, _, size = struct.unpack(">HHIH", wire[at:at + 10])
        if kind == 1:
            found.add(wire[at + 10:at + 14])
        at += 10 + size
    return " ".join(socket.inet_ntoa(address) for address in sorted(found))


def ask_all(port, qnames):
    """The addresses of each name, in order; of a question that gets lost it is asked again."""
    said, waiting, left = {}, {}, list(enumerate(qnames))[::-1]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.connect(("127.0.0.1", port))
        while left or waiting:
            while left and len(waiting) < IN_FLIGHT:
                place, qname = left.pop()
                waiting[place & 0xffff] = place, qname
                asker.send(_pack(qname, place & 0xffff))
            if not select.select([asker], [], [], 5)[0]:
                left += waiting.values()
                waiting.clear()
                continue
            reply = asker.recv(4096)
            place, _ = waiting.pop(struct.unpack(">H", reply[:2])[0], (None, None))
            if place is not None:
                said[place] = _addresses(reply)
    return [said[place] for place in range(len(qnames))]


def read_with_ours(sources, subjects, subzone=None):
    """What our reader says of each subject, in order, and what it says of the files."""
    argv = [PROGRAM] + (["-z", subzone] if subzone else []) + sources
    run = subprocess.run(argv, input="".join(f"{s}\n" for s in subjects), text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    return run.stdout.splitlines(), run.stderr


def qname_of(subject, zone):
    """What is asked about a subject."""
    if subject.startswith("n "):
        return f"{subject[2:]}.{zone}"
    return ipaddress.ip_address(subject).reverse_pointer.rsplit(".", 2)[0] + f".{zone}"


class Server(server.Server):
    """rbldnsd with files as they are: {"bl.example": "ip4set:a,b"}."""

    def __init__(self, folder, zones):
        self.port = server.free_port()
        argv = ["rbldnsd", "-n", "-u", "nobody", "-c", "0", "-w", folder, "-b",
                f"127.0.0.1/{self.port}"]
        super().__init__("rbldnsd", argv + [f"{zone}:{spec}" for zone, spec in zones.items()])
        self.wait_ready(lambda: "started" in self.output())


def _write(folder, files):
    for file, text in files.items():
        with open(os.path.join(folder, file), "w", encoding="ascii", newline="") as out:
            out.write(text)


def compare(label, files, zones, subjects):
    """zones: {zone: (spec for both, subzone)}; both say the same of all subjects."""
    folder = server.new_dir("data")
    os.chmod(folder, 0o755)
    _write(folder, files)
    with Server(folder, {zone: spec for zone, (spec, _) in zones.items()}) as theirs:
        for zone, (spec, subzone) in zones.items():
            asked = f"{subzone}.{zone}" if subzone else zone
            want = ask_all(theirs.port, [qname_of(s, asked) for s in subjects])
            kind, names = spec.split(":")
            paths = ",".join(os.path.join(folder, n) for n in names.split(","))
            got, said = read_with_ours([f"{kind}:{paths}"], subjects, subzone)
            note(f"{label}: {said.splitlines()[-1] if said else 'nothing said'};"
                 f" listed {sum(map(bool, want))} of {len(want)}")
            if not ok(len(got) == len(want), f"{label}: each subject has an answer", said[-300:]):
                continue
            wrong = [f"{s}: rbldnsd {w!r}, ours {g!r}"
                     for s, w, g in zip(subjects, want, got) if w != g]
            ok(not wrong, f"{label}: the same of {len(subjects)} subjects", "\n".join(wrong[:10]))
            ok(any(want) and not all(want), f"{label}: some of them are listed")


def _ip4_subjects(rng):
    return [_dotted(_octets(rng)) for _ in range(ENTRIES)] + ["127.0.0.2", "11.0.0.1"]


def _ip6_subjects(rng):
    return [str(ipaddress.IPv6Address(struct.pack(">8H", *_groups(rng)))) for _ in range(ENTRIES)]


def _name_subjects(rng):
    return ["n " + name(rng).lower() for _ in range(ENTRIES)]


FORMATS = {"ip4set": (ip4_range, _ip4_subjects), "ip4trie": (ip4_network, _ip4_subjects),
           "ip4tset": (ip4_address, _ip4_subjects), "ip6trie": (ip6_network, _ip6_subjects),
           "ip6tset": (ip6_half, _ip6_subjects), "dnset": (dnset_name, _name_subjects)}


@case
def formats():
    """Each format, in two files that are read as one."""
    for kind, (entry, subjects_of) in FORMATS.items():
        rng = random.Random(f"{SEED} {kind}")
        # A dense file, of which nearly everything is an overlap, and a sparse one.
        for count in (ENTRIES, ENTRIES // 100):
            text = Writer(rng, entry)
            compare(f"{kind}, {count} entries", {"a": text.text(count), "b": text.text(count // 10)},
                    {"bl.example": (f"{kind}:a,b", None)}, subjects_of(rng))


@case
def range_limit():
    """$MAXRANGE4 leaves out what is larger, and can only become smaller."""
    rng = random.Random(f"{SEED} limit")
    for kind in ("ip4set", "ip4trie"):
        text = Writer(rng, FORMATS[kind][0])
        parts = [text.text(ENTRIES // 200) for _ in range(4)]
        limits = ("$MAXRANGE4 /22\n", "$MAXRANGE4 256\n", "$MAXRANGE4 /16\n")
        joined = "".join(part + limit for part, limit in zip(parts, limits)) + parts[3]
        compare(f"{kind} with $MAXRANGE4", {"a": joined}, {"bl.example": (f"{kind}:a", None)},
                _ip4_subjects(rng))


@case
def generic():
    """A records, some of a name."""
    rng = random.Random(f"{SEED} generic")
    compare("generic", {"a": generic_text(rng, ENTRIES // 100)}, {"bl.example": ("generic:a", None)},
            _name_subjects(rng))


@case
def combined():
    """Sections, each for some subzones."""
    rng = random.Random(f"{SEED} combined")
    small = ENTRIES // 100
    text = HEAD
    for kind, subzones in (("ip4set:one", "proxies @"), ("ip4trie", "relays @"), ("ip4set", "relays"),
                           ("ip4tset:t", "@ PROXIES"), ("ip6trie", "@ relays # why"),
                           ("dnset", "@")):
        text += f"$DATASET {kind} {subzones}\n" + \
            Writer(rng, FORMATS[kind.split(':')[0]][0]).text(small)
    text += "$DATASET generic @\n" + generic_text(rng, small)
    subjects = _ip4_subjects(rng)[:ENTRIES // 2] + _ip6_subjects(rng)[:ENTRIES // 2]
    for subzone in (None, "proxies", "relays"):
        compare(f"combined, {subzone}", {"a": text}, {"bl.example": ("combined:a", subzone)}, subjects)
    compare("combined, names", {"a": text}, {"bl.example": ("combined:a", None)}, _name_subjects(rng))


# Where the two differ on purpose: format, text, subject, what rbldnsd says, and what we do.
INTENDED = (
    ("an address with the end of a line as DOS has it", "ip4set", "10.0.0.1\r\n", "10.0.0.1",
     "", "127.0.0.2"),
    ("a value with such an end", "ip4set", "10.0.0.1 :3\r\n", "10.0.0.1", "", "127.0.0.3"),
    ("a last line without an end", "ip4set", "10.1.1.1\n10.0.0", "10.0.0.200", "127.0.0.2", ""),
    ("more groups than IPv6 has", "ip6trie", "2001:db8:0:0:0:0:0:1:9\n", "2001:db8::1",
     "127.0.0.9", ""),
    ("a gap twice", "ip6trie", "2001::2::9\n", "2001::2", "127.0.0.9", ""),
    ("more than four digits in a group", "ip6trie", "2001:00db8::1\n", "2001:db8::1",
     "127.0.0.2", ""),
    ("an empty label", "dnset", "a..b\n", "n a.b", "127.0.0.2", ""),
    ("a name with an escape", "dnset", "a\\046b\n", "n a.b", "", ""),
    ("a record of 0.0.0.0", "generic", "a.b A 0\n", "n a.b", "0.0.0.0", ""),
    ("an exclusion with a value right behind all eight groups", "ip6trie",
     "2001:db8::/32\n!2001:db8:0:0:0:0:7:3:why\n", "2001:db8::7:3", "", "127.0.0.2"),
)


@case
def intended_differences():
    """The whole list of them."""
    for label, kind, text, subject, want, ours in INTENDED:
        folder = server.new_dir("data")
        os.chmod(folder, 0o755)
        _write(folder, {"a": text})
        with Server(folder, {"bl.example": f"{kind}:a"}) as theirs:
            same(ask_all(theirs.port, [qname_of(subject, "bl.example")])[0], want,
                 f"{label}: rbldnsd")
        got, _ = read_with_ours([f"{kind}:{folder}/a"], [subject])
        same(got, [ours], f"{label}: ours")


if not os.access(PROGRAM, os.X_OK):
    check.skip_all("tests/data-ask is not here")
note(f"RELAYGUARD_DATA_SEED={SEED}")
check.run()
