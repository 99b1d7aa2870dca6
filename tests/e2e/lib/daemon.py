# SPDX-License-Identifier: BSD-2-Clause
"""relayguard itself, in the foreground, with a configuration of the test's.

RELAYGUARD is the program (default: relayguard in the top directory of the
source), RELAYGUARD_LISTS the registry of lists (default: etc/lists.conf).
"""
import os
import re
import shutil
import signal
import socket
import subprocess
import time

from . import check, server

_TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__)))))
PROGRAM = os.path.abspath(os.environ.get("RELAYGUARD") or os.path.join(_TOP, "relayguard"))
LISTS = os.path.abspath(os.environ.get("RELAYGUARD_LISTS")
                        or os.path.join(_TOP, "etc", "lists.conf"))


def _installed(*paths):
    """Copies, or what is not there as it is: the daemon runs as users who may not
    be able to reach the tree, below /root for instance."""
    place = server.new_dir("installed")
    return [shutil.copy(path, place) if os.path.exists(path) else path for path in paths]


PROGRAM, LISTS, SAMPLE = _installed(
    PROGRAM, LISTS, os.path.join(os.path.dirname(LISTS), "relayguard.conf"))

# A list of the tests' own, of loopback addresses too, and policies that use it; the servers are filled in.
LIST = """
list "{label}" {{
    zone    = "{label}.example"
    servers = {{ "{server}" }}
    ipv6    = true
    private = true
    name    = "The {label} list"
    removal = "https://{label}.example/remove?ip=%{{ip}}"
    answer "127.0.0.2"   {{ category = "open-relay"  score = 5 }}
    answer "127.0.0.4-7" {{ category = "exploited"   score = 4 }}
    answer "127.1.0.&8"  {{ category = "open-proxy"  score = 4 }}
}}
"""

POLICIES = """
allow {{ networks = {{ "203.0.113.200" }} }}
policy "default"         {{ lists = {{ {lists} }}  refuse = 5 }}
policy "strict.example"  {{ lists = {{ {lists} }}  refuse = 3 }}
policy "mild.example"    {{ lists = {{ {lists} }}  refuse = 0 }}
policy "shadow.example"  {{ lists = {{ {lists} }}  refuse = 3  mode = "shadow" }}
policy ".dotted.example" {{ lists = {{ {lists} }}  refuse = 3 }}
"""


def config(address, labels=("bl",), more="", policies=POLICIES):
    """A configuration with lists of those labels at a DNS server, and the policies."""
    lists = "".join(LIST.format(label=label, server=address) for label in labels)
    names = ", ".join(f'"{label}"' for label in labels)
    return more + lists + policies.format(lists=names)


def fields(line):
    """The key=value pairs of a log line."""
    text = re.sub(r"^.*?relayguard\[\d+\]: ", "", line)
    pairs = {}
    for match in re.finditer(r'(\w[\w-]*)=("(?:[^"\\]|\\.)*"|\S*)', text):
        pairs.setdefault(match.group(1), match.group(2).strip('"'))
    return pairs


def sanitizer_environment():
    """Our environment; a sanitizer that is built in is told what to do."""
    environment = dict(os.environ)
    # Nothing is freed at the end: leaks are the unit tests' business.
    environment.setdefault("ASAN_OPTIONS", "detect_leaks=0:exitcode=99")
    environment.setdefault("UBSAN_OPTIONS", "print_stacktrace=1:halt_on_error=1")
    return environment


def is_sanitized(program=None):
    """Whether a sanitizer is built into a program, relayguard itself or another one."""
    with open(program or PROGRAM, "rb") as file:
        return re.search(b"__[at]san_init", file.read()) is not None


def run(*arguments, prefix=(), cwd=None):
    """Run the program to its end: exit code, standard output, standard error."""
    done = subprocess.run([*prefix, PROGRAM, *map(str, arguments)], cwd=cwd, check=False,
                          env=sanitizer_environment(), timeout=20, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return (done.returncode, done.stdout.decode("utf-8", "backslashreplace"),
            done.stderr.decode("utf-8", "backslashreplace"))


def listen(milter, policy=None):
    """The line of the configuration that names the sockets."""
    if policy is None:
        return f'listen = "{milter}"\n'
    return f'listen = {{ "{milter}", "policy:{policy}" }}\n'


class Relayguard(server.Server):
    """config: its text; a line with the socket is added unless it has one.

    policy: where it serves Postfix's policy delegation as well, "inet:..." or "unix:...".
    via: what makes, of the path of its configuration, the one it is told.
    wait: until it has started, or, where its lines go elsewhere, for its "socket".
    program, lists: others than those of the tests.
    """

    def __init__(self, text, *arguments, unix=None, wait=True, prefix=(),
                 policy=None, via=lambda path: path, program=PROGRAM, lists=LISTS):
        self.directory = server.new_dir("relayguard")
        self.path = unix
        self.port = None
        self.sent = set()
        self.ready = False
        if unix is not None:
            text = listen(f"unix:{unix}", policy) + text
        elif not re.search(r"^listen\b", text, re.MULTILINE):
            self.port = server.free_port()
            text = listen(f"inet:{self.port}@127.0.0.1", policy) + text
        self.postfix = f"unix:{unix}" if unix else f"inet:127.0.0.1:{self.port}"
        self.file = os.path.join(self.directory, "relayguard.conf")
        self.write(text)
        argv = [*prefix, program, "-c", via(self.file), "-l", lists, *arguments]
        super().__init__("relayguard", argv, env=sanitizer_environment())
        if wait:
            # The socket is there before the rest is; the line is not.
            self.wait_ready(lambda: self.answers() and (
                "-s" in arguments or wait == "socket" or "event=started" in self.output()))
            self.ready = True

    @property
    def where(self):
        """What milter.Client connects to."""
        return self.path or self.port

    def answers(self):
        """Whether it accepts connections."""
        if self.path is None:
            return server.listens(self.port)
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(self.path)
            except OSError:
                return False
        return True

    def send(self, number):
        self.sent.add(number)
        super().send(number)

    def stop(self, seconds=server.PATIENCE):
        """End it; that it ends well, and has no word from a sanitizer, is a check."""
        alive = self.alive()
        code = super().stop(seconds)
        well = code == 0 or not alive and -code in self.sent
        if self.ready and (not well or re.search(r"Sanitizer|runtime error", self.output())):
            check.ok(False, "relayguard ends well", f"exit code {code}\n" + self.output())
        self.ready = False
        return code

    def write(self, text):
        """Write its configuration; it reads it at the next reload."""
        self.text = text
        server.write(self.file, text)

    def reload(self, text=None, number=signal.SIGUSR1):
        """Have it read its configuration again, and wait for the line that says so."""
        if text is not None:
            self.write(text)
        before = len(self.events("reload"))
        self.send(number)
        return check.wait_for(lambda: self.events("reload")[before:])

    def lines(self, pattern=""):
        """The lines of its log that hold a pattern."""
        return [line for line in self.output().splitlines() if re.search(pattern, line)]

    def events(self, name):
        """The lines of events whose name begins so."""
        return self.lines(r"\bevent=" + name)

    def wait_lines(self, pattern, count=1, seconds=server.PATIENCE):
        """Wait for so many lines with a pattern; those there are."""
        check.wait_for(lambda: len(self.lines(pattern)) >= count, seconds)
        return self.lines(pattern)

    def decisions(self, **wanted):
        """The decision lines with those fields, as dictionaries.

        A line may be written a moment after its reply was sent.
        """
        time.sleep(0.03)
        found = [fields(line) for line in self.lines(r"\bverdict=")]
        return [pairs for pairs in found
                if all(pairs.get(key) == value for key, value in wanted.items())]

    def decided(self, act):
        """What act() returns, and the decision that came of it, or {}."""
        before = len(self.decisions())
        found = act()
        check.wait_for(lambda: len(self.decisions()) > before)
        return found, (self.decisions()[before:] or [{}])[-1]

    def wait_decision(self, seconds=server.PATIENCE, **wanted):
        """Wait for a decision line with those fields; the last one, or {}."""
        found = check.wait_for(lambda: self.decisions(**wanted), seconds)
        return found[-1] if found else {}
