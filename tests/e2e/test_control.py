#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""relayguardctl and the control sockets: what they say is what happens, and mail goes on
whoever sits on them."""
import functools
import json
import os
import re
import resource
import signal
import socket
import subprocess
import time

from lib import check, daemon, explained, milter, rbldnsd, server
from lib.check import case, like, ok, same, sharing
from lib.nameserver import Answer, NameServer, reverse, zone

LISTED, TWICE, SHADOWED, TRUSTED = "198.51.100.7", "198.51.100.8", "198.51.100.9", "203.0.113.6"
GOOD, DENIED, ALLOWED, PRIVATE = "203.0.113.5", "203.0.113.66", "203.0.113.200", "10.1.2.3"
LISTED6 = "2001:db8::7"

ZONES = {
    "bl.example": {"ip4set": f"{LISTED} :127.0.0.2:\n{TWICE} :127.0.0.4:\n",
                   "ip6trie": f"{LISTED6} :127.0.0.2:\n"},
    "two.example": {"ip4set": f"{TWICE} :127.0.0.2:\n"},
    "dark.example": {"ip4set": f"{SHADOWED} :127.0.0.2:\n{LISTED} :127.0.0.2:\n"},
    "wl.example": {"ip4set": f"{TRUSTED} :127.0.0.2:\n"},
    "names.example": {"dnset": "bad.example :127.0.0.2:\n"},
}

CONFIG = """
control {{ socket = "{socket}" status = "{status}" }}
allow {{ networks = {{ "203.0.113.200" }} }}
deny {{ networks = {{ "203.0.113.66" }} }}
list "bl" {{ zone = "bl.example" servers = {{ "{at}" }} ipv6 = true
    answer "127.0.0.2" {{ category = "open-relay" score = {score} }}
    answer "127.0.0.4" {{ category = "spam-source" score = 3 }} }}
list "two" {{ zone = "two.example" servers = {{ "{at}" }}
    answer "127.0.0.2" {{ category = "exploited" score = 4 }} }}
list "dark" {{ zone = "dark.example" servers = {{ "{at}" }} mode = "shadow"
    answer "127.0.0.2" {{ category = "spam-source" score = 9 }} }}
list "wl" {{ zone = "wl.example" servers = {{ "{at}" }} kind = "allow"
    answer "127.0.0.2" {{ category = "allow" score = -5 }} }}
list "names" {{ zone = "names.example" servers = {{ "{at}" }} kind = "domain"
    asks = {{ "helo", "sender" }}
    answer "127.0.0.2" {{ category = "spam-source" score = 5 }} }}
policy "default"        {{ lists = {{ "bl", "two", "dark", "wl", "names" }} refuse = 5
    exempt = {{ "postmaster" }} }}
policy "none.example"   {{ inherit = "default" refuse = 0 }}
policy "tag.example"    {{ inherit = "none.example" tag = 3 }}
policy "defer.example"  {{ inherit = "none.example" defer = 3 }}
policy "hold.example"   {{ inherit = "none.example" quarantine = 3 }}
policy "drop.example"   {{ inherit = "none.example" drop = 3 }}
policy "later.example"  {{ inherit = "none.example" drop = 3 drop_code = 421 }}
policy "agree.example"  {{ inherit = "default" refuse = 3 agree = 2 }}
policy "shadow.example" {{ inherit = "default" mode = "shadow" }}
policy "pass.example"   {{ inherit = "default" doubt = "pass" }}
"""

CLIENTS = (LISTED, TWICE, SHADOWED, TRUSTED, GOOD, DENIED, ALLOWED, PRIVATE, LISTED6)
RECIPIENTS = ["postmaster@any.example"] + [f"bob@{name}.example" for name in (
    "any none tag defer hold drop later agree shadow pass").split()]
SAID = (("client.example", "a@sender.example"), ("bad.example", "a@sender.example"),
        ("client.example", "a@bad.example"))


class Scene:
    """Lists, and relayguard with its sockets."""

    def __init__(self):
        self.list = rbldnsd.Rbldnsd(ZONES)
        self.folder = server.new_dir("control")
        self.socket, self.status = (os.path.join(self.folder, name) for name in ("c", "s"))
        self.guard = daemon.Relayguard(self.text())

    def text(self, score=5):
        """The configuration, where a listing has that score."""
        return CONFIG.format(socket=self.socket, status=self.status, at=self.list.address,
                             score=score)

    def ask(self, *words, at=None):
        """What relayguardctl returns and prints."""
        return explained.ask(at or self.socket, *words)

    def data(self, *words):
        """The data of each line of its answer."""
        return explained.data(self.socket, *words)

    def explained(self, *session):
        """What explain says of a session."""
        return explained.explained(explained.steps_of(self.socket, *session))

    def decided(self, *session):
        """The same of a session that takes place."""
        return explained.decided(self.guard, *session)


usual = functools.cache(Scene)  # the scene that all cases share


def _differences(here):
    """The sessions for which explain does not say what happens, and all actions."""
    found, actions = [], set()
    for client in CLIENTS:
        for recipient in RECIPIENTS:
            for helo, sender in SAID:
                want = here.decided(client, helo, sender, recipient)
                got = here.explained(client, helo, sender, recipient)
                actions.add(want.verdict)
                if got != want:
                    found.append((client, helo, sender, recipient, want, got))
    return found, actions


@sharing
def as_decided():
    """Explain comes to what a session comes to, for each client and each policy."""
    here = usual()
    found, actions = _differences(here)
    check.note(f"{len(CLIENTS) * len(RECIPIENTS) * len(SAID)} decisions compared")
    same(found, [], "none differs")
    same(sorted(actions), ["defer", "drop", "pass", "quarantine", "refuse", "tag"],
         "there is each action among them")
    want = [here.decided(LISTED, *said, "bob@any.example") for said in SAID]
    here.guard.reload(here.text(score=2))
    got = [here.explained(LISTED, *said, "bob@any.example") for said in SAID]
    ok(all(pair[0] != pair[1] for pair in zip(want, got)), "another score is another decision",
       (want, got))
    here.guard.reload(here.text())


@sharing
def not_counted():
    """Explain leaves no line, and counts nothing."""
    here = usual()
    lines, before = len(here.guard.lines()), here.data("status")[0]["counters"]
    here.data("explain", LISTED, "--to", "bob@any.example")
    here.data("explain", "198.51.100.99", "--to", "bob@any.example")
    after = here.data("status")[0]["counters"]
    same(len(here.guard.lines()), lines, "no line is written")
    same(after, before, "nothing is counted")


@sharing
def words():
    """Text for people, and exit codes."""
    here = usual()
    code, text, _ = here.ask("explain", LISTED, "--to", "bob@any.example")
    same(code, 0, "explain: done")
    for words, short in (
            ((LISTED, "--to", "bob@any.example"), "refuse: lists: bl 5 = 5, from 5 on; policy default"),
            ((TWICE, "--to", "bob@any.example"),
             "refuse: lists: bl 3 + two 4 = 7, from 5 on; policy default"),
            ((GOOD, "--to", "bob@any.example"), "pass: lists: score 0, less than 5; policy default"),
            ((DENIED, "--to", "bob@any.example"), "refuse: deny; policy default"),
            ((LISTED, "--to", "bob@shadow.example"), "pass: lists: bl 5 = 5, from 5 on; policy "
             "shadow.example (in shadow mode: refuse is meant)")):
        like(here.ask("explain", *words)[1], r"\Asummary\n  in_short: " + re.escape(short) + "\n",
             f"in short: {short}")
    here.ask("suspend", "bl")
    like(here.ask("explain", LISTED, "--to", "bob@any.example")[1],
         r"in_short: pass: [^\n]*; policy default; suspended: bl\n", "in short: what was left out")
    here.ask("resume", "bl")
    like(text, r"(?m)^list\n  label: bl\n  asks: address\n  answer: listed\n  codes: 127\.0\.0\.2",
         "what the list says")
    like(text, r"(?m)^  lines: Mail from \[198\.51\.100\.7\] is refused: .*Ref EXAMPLE0$",
         "the reply as it would be read")
    code, text, _ = here.ask("status")
    same(code, 0, "status: all lists are good")
    like(text, r"(?m)^lists:\n  good: 6$", "so many of them")
    same(here.ask("lists", "bl")[:2],
         (0, "label: bl\nkind: address\nasks: address\nshadow: no\nstate: good\n\n"), "one list")
    same(here.ask("lists", "other")[0], 1, "no such list")
    for arguments in ((), ("nonsense",), ("explain",), ("explain", GOOD, GOOD),
                      ("explain", GOOD, "--from"), ("explain", GOOD, "--other", "x"),
                      ("status", "more"), ("-x",)):
        same(here.ask(*arguments)[0], 64, f"{arguments}: usage")
    same(here.ask("explain", "no address")[0], 64, "no address")
    ok("policy\n  name: tag.example" in here.ask("explain", GOOD, "--to=bob@tag.example")[1],
       "--to=ADDRESS")
    same([here.ask("explain", GOOD, word)[0] for word in ("--to=", "--to=x=y", "--=x", "--")],
         [64] * 4, "but with a value, and a name")
    code, _, said = here.ask("explain", GOOD, at=here.status)
    same((code, "no right" in said), (77, True), "the other socket has no right to that")
    same(here.ask("status", at=here.status)[0], 0, "but to the status")
    code, _, said = here.ask("status", at=here.folder + "/none")
    same((code, f"nobody listens at {here.folder}/none: " in said), (69, True),
         "nobody answers there")
    code, text, _ = here.ask("-j", "explain", GOOD, "--helo", "b\udcfcse \x07".encode(
        "utf-8", "surrogateescape").decode("latin-1"))
    ok(all(json.loads(line) for line in text.splitlines()), "bytes of all kinds are JSON", text)


@sharing
def completion():
    """What bash completes: verbs, their options, and the labels of lists."""
    here = usual()
    script = os.path.join(os.path.dirname(__file__), "..", "..", "contrib",
                          "relayguardctl.bash-completion")
    start = f"{explained.RELAYGUARDCTL} -s {here.socket} "
    for words, want in (("", "status lists metrics explain lookup cache suspend resume take pass forget local remove "
                         "nominate requests tail watch reload doctor report test-config export probes "
                         "audit contacts complaint -j -s -h -V"), ("li", "lists"),
                        ("lookup --", "--fresh"), ("cache f", "flush"),
                        ("suspend d", "dark"), ("suspend dark --f", "--for"),
                        ("resume na", "names"), ("take na", "names"), ("pass --e", "--end"), ("tail --verdict r", "refuse"),
                        ("tail --list da", "dark"),
                        ("test-config --c", "--conf"),
                        ("explain 192.0.2.1 --h", "--helo"), ("lists d", "dark"),
                        ("lists ", "bl dark names two wl"), ("status ", ""),
                        ("doctor --p", "--postfix"), ("doctor /proc/cpuin", "/proc/cpuinfo"),
                        ("report --d", "--days"), ("report /proc/cpuin", "/proc/cpuinfo")):
        line = (start + words).split(" ")
        told = (f"source {script}; COMP_WORDS=({' '.join(repr(word) for word in line)}); "
                f'COMP_CWORD={len(line) - 1}; _relayguardctl; echo "${{COMPREPLY[*]}}"')
        done = subprocess.run(["bash", "-c", told], check=False, timeout=20,
                              stdout=subprocess.PIPE)
        same(done.stdout.decode().split(), want.split(), f"{words!r}")


@case
def reloads():
    """Reload waits until it is done, and says what is wrong."""
    here = Scene()
    same(here.ask("lists", "two")[0], 0, "a list is there")
    here.guard.write("\n".join(line for line in here.text().replace('"two", ', "").split("\n")))
    code, text, _ = here.ask("reload")
    same(code, 0, "good: done")
    like(text, r"(?m)^reloaded: yes$", "and said so")
    same(here.ask("lists", "two")[0], 1, "when it says so, it is used")
    here.guard.write(here.text() + "nonsense = 1\nmore = 2\n")
    code, text, _ = here.ask("reload")
    same(code, 78, "a mistake: the configuration is wrong")
    like(text, r"relayguard\.conf:\d+: no such option 'nonsense'", "with file and line")
    like(text, r"no such option 'more'", "all of them")
    same(here.ask("lists", "two")[0], 1, "and the one before stays")
    like(here.ask("status")[1], r"(?m)^configuration_good: no$", "which status tells")
    here.guard.write(here.text())
    threads = [subprocess.Popen([explained.RELAYGUARDCTL, "-s", here.socket, "reload"],
                                stdout=subprocess.DEVNULL) for _ in range(6)]
    same([thread.wait(20) for thread in threads], [0] * 6, "six at once: all are told")
    same(here.ask("lists", "two")[0], 0, "and what they wanted is used")
    like(here.ask("status")[1], r"(?m)^configuration_good: yes$", "as status tells")
    same(here.guard.stop(), 0, "it ends well")


@case
def rights_and_ends():
    """The sockets are there as long as the daemon is, and for nobody else."""
    here = Scene()
    for path in (here.socket, here.status):
        same(os.stat(path).st_mode & 0o777, 0o660, "for user and group alone")
    other = daemon.run("-c", here.guard.file, "-l", daemon.LISTS)
    ok(other[0] != 0, "a second daemon does not take them", other)
    same(here.ask("status")[0], 0, "the first still answers")
    here.guard.send(signal.SIGKILL)
    here.guard.wait(5)
    ok(os.path.exists(here.socket), "killed: they are left")
    guard = daemon.Relayguard(here.text())
    same(here.ask("status")[0], 0, "and taken by the next")
    same(guard.stop(), 0, "it ends")
    same([os.path.exists(path) for path in (here.socket, here.status)], [False, False],
         "and takes them away")


@case
def no_witness():
    """A list that does not answer when an administrator asks is not silent for that."""
    name = reverse("203.0.113.99", "quiet.example")
    with NameServer(dict(zone("quiet.example"), **{name: Answer(silent=True)})) as dns:
        folder = server.new_dir("control")
        guard = daemon.Relayguard(f'''
control {{ socket = "{folder}/c" }}
dns {{ servers = {{ "{dns.address}" }} }}
list "quiet" {{ zone = "quiet.example" answer "127.0.0.2" {{
    category = "open-relay" score = 5 }} }}
policy "default" {{ lists = {{ "quiet" }} refuse = 5 }}
''')
        for address in ("203.0.113.99",) * 4:
            explained.ask(f"{folder}/c", "explain", address)
        time.sleep(2)
        same(guard.events("list-"), [], "no line about the list")
        same(guard.stop(), 0, "it ends well")


@case
def in_the_way():
    """What is in the place of a socket stays, mail goes on, and -t says what cannot be."""
    here = Scene()
    here.guard.stop()
    with open(here.socket, "w", encoding="ascii") as file:
        file.write("precious")
    os.symlink(here.folder + "/elsewhere", here.status)
    guard = daemon.Relayguard(here.text())
    like(guard.output(), "event=cannot-listen socket=.*/c error=file-exists", "a file: said")
    same(milter.verdict(guard.where, DENIED, b"<bob@any.example>"), "refuse", "mail goes on")
    guard.stop()
    with open(here.socket, encoding="ascii") as file:
        same(file.read(), "precious", "the file stays")
    ok(os.path.islink(here.status), "and so does a link")
    for what, text in (
            ("too long", f'control {{ socket = "/{"x" * 120}" }}'),
            ("upwards", 'control { socket = "/tmp/../tmp/s" }'),
            ("one place for two", 'control { socket = "/tmp/s" status = "/tmp/s" }'),
            ("the milter's own", 'listen = "unix:/tmp/s"\ncontrol { socket = "/tmp/s" }'),
            ("no such group", 'control { socket = "/tmp/s" group = "no-such-group" }')):
        path = os.path.join(here.folder, "conf")
        server.write(path, text + "\n")
        code, _, said = daemon.run("-t", "-c", path, "-l", daemon.LISTS)
        ok(code == 78, f"-t: {what}", said)


@case
def addresses():
    """Mailboxes as people copy them from logs; what is none is said to be none."""
    here = Scene()
    for form in ("bob@tag.example", "<bob@tag.example>", "bob@TAG.example", "@tag.example"):
        steps = {step["step"]: step for step in here.data("explain", TWICE, "--to", form)}
        same((steps["policy"]["name"], steps["verdict"]["action"]), ("tag.example", "tag"), form)
    for form in ("bob", "tag.example", "A <bob@tag.example>", "<>", ""):
        same(here.ask("explain", TWICE, "--to", form)[0], 64, f"to {form!r}: no mailbox")
    same([here.ask("explain", TWICE, "--from", form)[0] for form in ("<a@b.example>", "<>", "")],
         [0, 0, 0], "a sender in brackets, and the null sender")
    same(here.ask("explain", TWICE, "--from", "A <a@b.example>")[0], 64, "no sender")


@case
def short_of_descriptors():
    """Without a descriptor to accept with nobody is served, and nothing spins."""
    here = Scene()
    pid = here.guard.process.pid
    used = len(os.listdir(f"/proc/{pid}/fd"))
    soft, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (used, hard))
    clients = [_hostile(here.socket, "silent") for _ in range(3)]
    before = _cpu(pid)
    time.sleep(2)
    ok(_cpu(pid) - before < 0.5, "no busy loop", _cpu(pid) - before)
    for client in clients:
        client.close()
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (soft, hard))
    ok(check.wait_for(lambda: here.ask("status")[0] == 0), "then it answers again")


def _cpu(pid):
    """Seconds that a process has taken."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@case
def stopped():
    """A daemon that stands still: who asks is told so, however many there are."""
    here = Scene()
    here.guard.send(signal.SIGSTOP)
    try:
        asking = [subprocess.Popen([explained.RELAYGUARDCTL, "-s", here.socket, "status"],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                  for _ in range(25)]
        same({program.wait(45) for program in asking}, {75}, "all of 25 give up")
    finally:
        here.guard.send(signal.SIGCONT)
    ok(check.wait_for(lambda: here.ask("status")[0] == 0), "then it answers")


def _crowd(guard, count=200):
    """Sessions one after the other: how long each took, in seconds."""
    times = []
    for _ in range(count):
        begin = time.monotonic()
        milter.verdict(guard.where, LISTED, b"<bob@any.example>")
        times.append(time.monotonic() - begin)
    return sorted(times)


def _hostile(path, kind):
    """A client that does no good."""
    client = socket.socket(socket.AF_UNIX)
    client.connect(path)
    if kind == "slow":
        client.sendall(b'{"verb":')
    elif kind == "huge":
        client.sendall(b"x" * 4000)
    elif kind == "half":
        client.shutdown(socket.SHUT_WR)
    elif kind == "deaf":
        client.sendall(b'{"verb":"lists"}\n')
    return client


@case
def hostile():
    """Eight clients that are silent, slow, huge or half closed: mail goes on as before."""
    here = Scene()
    _crowd(here.guard)
    before = _crowd(here.guard)
    clients = [_hostile(here.socket, kind)
               for kind in ("silent", "silent", "slow", "slow", "huge", "silent", "silent",
                            "silent")]
    code, _, said = here.ask("status")
    same((code, "come again" in said), (75, True), "the ninth is told to come again")
    during = _crowd(here.guard)
    check.note("a session: median %.2f ms before, %.2f ms meanwhile; p99 %.2f and %.2f" % (
        before[100] * 1000, during[100] * 1000, before[197] * 1000, during[197] * 1000))
    same(here.guard.decisions()[-1]["verdict"], "refuse", "mail is decided on")
    for client in clients[4:]:
        client.close()
    ok(check.wait_for(lambda: here.ask("status")[0] == 0), "who goes makes room")
    clients += [_hostile(here.socket, kind) for kind in ("half", "deaf", "half")]
    ok(check.wait_for(lambda: here.ask("status")[0] == 0), "who does nothing is let go")
    for client in clients:
        client.close()
    same(here.guard.stop(), 0, "it ends well")


check.run()
