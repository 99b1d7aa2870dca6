# SPDX-License-Identifier: BSD-2-Clause
"""Daemons that share a Redis, and what they have on the list "local"."""
import json
import os
import re
import subprocess
import time

from . import check, daemon, milter, redis, server
from .check import ok

SOON = 5
TESTER, OTHER, THIRD = "198.51.100.77", "198.51.100.78", "2001:db8::79"
OURS, THERE = "strict.example", "third.example"
SENDER, STREAM, KEY = "<a@x.example>", "rg1:{own}:news", "rg1:{own}:key"
FORMS = [f"<u%{THERE}@{OURS}>", f'<"u@{THERE}">']
CTL = os.path.join(os.path.dirname(os.path.abspath(
    os.environ.get("RELAYGUARD") or daemon.PROGRAM)), "relayguardctl")
CONFIG = """
control {{ socket = "{folder}/c" }}
cache {{ {cache} }}
list "local" {{
    mode = "enforce"
    answer "127.0.0.3" {{ category = "probe" score = 5 }}
    answer "127.0.0.4" {{ category = "spam-source" score = 5 }}
    answer "127.0.0.5" {{ category = "spam-source" score = 5 }}
    answer "127.0.0.7" {{ category = "local" score = 5 }}
}}
policy "default" {{ lists = {{ "local" }} refuse = 5 }}
"""


class Node:
    """A daemon that shares a Redis with others."""

    def __init__(self, cache, more="", prefix=()):
        self.folder = server.new_dir("node")
        self.guard = daemon.Relayguard(more + CONFIG.format(folder=self.folder, cache=cache),
                                       prefix=prefix)

    def try_relay(self, client, recipient, sender=SENDER):
        """A recipient that the MTA has refused to relay to; what the filter says of it."""
        with milter.Client(self.guard.where) as mta:
            mta.negotiate()
            mta.connect(client)
            mta.helo()
            mta.mail(sender.encode())
            mta.macros("R", rcpt_mailer="error", rcpt_host="5.7.1",
                       rcpt_addr="Relay access denied")
            reply = mta.rcpt(recipient.encode())
            mta.quit()
            return milter.word(reply)

    def write(self, client, recipient, unknown=False):
        """Mail of a client's for one recipient, whom the MTA may not know."""
        with milter.Client(self.guard.where) as mta:
            mta.negotiate()
            mta.connect(client)
            mta.helo()
            mta.mail(SENDER.encode())
            if unknown:
                mta.macros("R", rcpt_mailer="error", rcpt_host="5.1.1",
                           rcpt_addr="Recipient address rejected: User unknown in table")
            else:
                mta.macros("R", rcpt_mailer="local", rcpt_host="x", rcpt_addr=recipient)
            mta.rcpt(f"<{recipient}>".encode())
            mta.quit()

    def refuses(self, client):
        """Whether it refuses a client's mail."""
        return milter.verdict(self.guard.where, client) == "refuse"

    def ctl(self, *words):
        """Exit code and output of relayguardctl."""
        done = subprocess.run([CTL, "-j", "-s", self.folder + "/c", *words], check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        return done.returncode, done.stdout + done.stderr

    def count(self, name):
        """A counter of relayguardctl status."""
        return json.loads(self.ctl("status")[1].splitlines()[0])["data"]["counters"][name]

    def lists(self, client):
        """Whether it has a client on its list: unlike refuses(), without a mail of its."""
        return self.ctl("local", client)[0] == 0

    def stop(self):
        """End it."""
        self.guard.stop()


class KeyAsked:
    """Looks on at a Redis, until nodes that begin then have asked for the key by which they tell
    each other of mailboxes: before that what they tell cannot be put together, and who takes it
    from another one forgets what it had."""

    def __init__(self, store):
        self._seen = redis.Connection(store.path or ("127.0.0.1", store.port))
        self._seen.command("MONITOR")

    def wait(self, count):
        """Wait for so many."""
        nodes, end = set(), time.monotonic() + server.PATIENCE
        while len(nodes) < count and time.monotonic() < end:
            try:
                found = re.search(r'\[\d+ (\S+)\] "GET" "(\S+)"', self._seen.read())
            except TimeoutError:
                continue
            if found and found.group(2) == KEY:
                nodes.add(found.group(1))
        ok(len(nodes) >= count, "there is a key")
        self._seen.close()
        time.sleep(1.5)


def pair(store, more=""):
    """Two that know their key."""
    cache = f'redis = "{store.url}"'
    asked = KeyAsked(store)
    nodes = [Node(cache, more) for _ in range(2)]
    asked.wait(len(nodes))
    return nodes


def within(test, seconds=SOON):
    """How long it takes, and whether that is in time; a machine may be busy."""
    begin = time.monotonic()
    good = check.wait_for(test, 4 * seconds)
    return good, time.monotonic() - begin
