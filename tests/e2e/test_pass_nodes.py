#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Two nodes and one Redis: a pass that was taken at one is good at both, is counted at both,
and there is no second one at either, whatever is restarted; without Redis, by a node's store."""
import concurrent.futures
import contextlib
import signal
import time

from lib import check, daemon, milter, pages, redis, scene
from lib.check import case, ok, same

SOON = 5
DOMAIN = "pass.example"
POLICY = f'policy "{DOMAIN}" {{ lists = {{ "bl" }} refuse = 3 pass = yes }}\n'
STREAM = "rg1:{pass}:news"

if redis.SERVER is None:
    check.skip_all("no redis-server or valkey-server")


class Node:
    """A daemon with a page and a store of its own."""

    def __init__(self, zone, url, key):
        self.here = pages.Settings(key)
        cache = f'cache {{ redis = "{url}" }}\n' if url else ""
        self.text = self.here.text + cache + daemon.config(zone.address, more=POLICY)
        self.guard = daemon.Relayguard(self.text)

    def restart(self, forgetful=False):
        """End it, and start it again; forgetful: with an empty store."""
        same(self.guard.stop(), 0, "it ends well")
        text = self.text
        if forgetful:
            text = text.replace(self.here.store, pages.Settings(self.here.key).store)
        self.start(text)

    def start(self, text):
        """Start it, and wait until its list is believed."""
        self.guard = daemon.Relayguard(text)
        self.refused(scene.LISTED6)

    def rcpt(self, client=scene.RELAY, local="bob"):
        """What it says of a message to one recipient: its word, and the reference to ask for."""
        with milter.Client(self.guard.where) as mta:
            mta.negotiate()
            mta.connect(client)
            mta.helo(b"client.example")
            mta.mail(b"<somebody@sender.example>")
            reply = mta.rcpt(f"<{local}@{DOMAIN}>".encode())
            word = milter.word(reply)
            link = None
            if word == "refuse":
                text = reply[1].decode()
                link = text.split(pages.PAGE + "/r/", 1)[1].split()[0]
            mta.quit()
            return word, link

    def refused(self, client=scene.RELAY):
        """Have a client refused, once the list has been tested: the reference."""
        return check.wait_for(lambda: self.rcpt(client)[1], 10)

    def ask(self, client=scene.RELAY):
        """Ask for a pass at its page: True, or why there is none."""
        link = self.refused(client)
        data = check.wait_for(
            lambda: (lambda said: said if said and said.get("why_not") != "unknown" else None)(
                pages.ask(self.here.socket, "page-pass", ref=link)[0]), SOON)
        return data["granted"] or data["why_not"]

    def takes(self, local="bob", client=scene.RELAY):
        """Whether it takes a message."""
        return self.rcpt(client, local)[0] != "refuse"

    def stop(self):
        """End it."""
        self.guard.stop()


@contextlib.contextmanager
def _nodes(url, count=2):
    with scene.rbldnsd.Rbldnsd(scene.ZONES) as zone:
        key = pages.key_file()
        nodes = [Node(zone, url, key) for _ in range(count)]
        try:
            yield nodes
        finally:
            for node in nodes:
                node.stop()


@case
def asked_here_used_there():
    """One pass, two nodes: ten messages to five recipients in all, and no second pass."""
    with redis.Redis() as store, _nodes(store.url) as (one, two):
        link = two.refused()
        same(one.ask(), True, "taken at one")
        # The other may have heard of it, or not yet: Redis says that there is one.
        data = pages.ask(two.here.socket, "page-pass", ref=link)[0]
        ok(data["granted"] is False or "until" in data, "none beside it at the other", data)
        begin = time.monotonic()
        ok(check.wait_for(lambda: two.takes("anna"), 4 * SOON), "good at the other")
        print(f"# after {time.monotonic() - begin:.1f} s")
        taken = 1
        for number in range(12):
            taken += (one, two)[number % 2].takes("bob")
            time.sleep(1.5)
        same(taken, 10, "ten messages at both together")
        for node in (one, two):
            same(node.takes("bob"), False, "then no more")
            same(node.ask(), "used", "nor a second pass")
        kept = repr(store.command("XRANGE", STREAM, "-", "+"))
        ok(DOMAIN in kept and "bob" not in kept and "anna" not in kept,
           "no recipient's name is in Redis", kept)
        ok(0 < store.command("TTL", STREAM) <= 366 * 86400, "what is there ends some day")


@case
def recipients_of_all():
    """Five recipients at both nodes together."""
    with redis.Redis() as store, _nodes(store.url) as (one, two):
        same(one.ask(), True, "taken")
        ok(check.wait_for(lambda: two.takes("r0"), 4 * SOON), "good at the other")
        time.sleep(1.5)
        taken = []
        for number in range(1, 7):
            taken.append((one, two)[number % 2].takes(f"r{number}"))
            time.sleep(1.5)
        same(taken, [True] * 4 + [False] * 2, "of seven recipients five")
        ok(one.takes("r0"), "one of the five again, by the other node")


def _told(store):
    """How many messages the last note in Redis has: "1 NETWORK DOMAIN ID AGE KEPT STATE ABUSES
    MESSAGES RECIPIENTS"."""
    notes = store.command("XREVRANGE", STREAM, "+", "-", "COUNT", "1")
    words = str(notes[0][1][1]).split() if notes else []
    return words[8].count(",") + 1 if len(words) > 8 and words[8] != "-" else 0


@case
def restarts():
    """A node that starts knows of it: by Redis, though its store is gone; and goes on counting."""
    with redis.Redis() as store, _nodes(store.url) as (one, two):
        same(one.ask(), True, "taken at one")
        taken = sum(one.takes() for _ in range(4))
        same(taken, 4, "four messages")
        ok(check.wait_for(lambda: _told(store) == 4), "which Redis knows")
        one.restart(forgetful=True)
        ok(check.wait_for(one.takes, 4 * SOON), "good after a restart")
        two.restart(forgetful=True)
        ok(check.wait_for(two.takes, 4 * SOON), "at the other one, too")
        time.sleep(1.5)
        more = 0
        for number in range(12):
            more += (one, two)[number % 2].takes()
            time.sleep(0.2)
        # Each hears of what the other has let through when it lets one through itself.
        ok(10 <= 6 + more <= 11, f"ten in all, or one more in haste: {6 + more}")
        time.sleep(1.5)
        for node in (one, two):
            same(node.ask(), "used", "no second pass")


@case
def twice_at_once():
    """A browser sends it twice, and shows the second answer: the same, at one moment, too."""
    with redis.Redis() as store, _nodes(store.url, 1) as (one,):
        rounds = []
        for client in scene.RELAY, scene.LISTED6:
            link = one.refused(client)
            check.wait_for(lambda r=link: pages.ask(one.here.socket, "page-decision", ref=r)[0]
                           ["found"], SOON)
            with concurrent.futures.ThreadPoolExecutor(4) as pool:
                rounds.append([said[0]["granted"] for said in pool.map(
                    lambda _, r=link: pages.ask(one.here.socket, "page-pass", ref=r), range(4))])
        same(rounds, [[True] * 4] * 2, "all are told that it is granted")
        ok(all(any(each) for each in rounds), "each has one", rounds)


@case
def anything_in_redis():
    """What others write there does not stay in the way."""
    with redis.Redis() as store, _nodes(store.url) as (one, two):
        one.refused()
        two.refused()
        store.command("XADD", STREAM, "18446744073709551615-18446744073709551615", "r", "x")
        store.command("RPUSH", "rg1:pass:198.51.100.0/24", "x")
        same(one.ask(), True, "one is given")
        ok(check.wait_for(lambda: two.takes("anna"), 4 * SOON), "and good at the other")
        same(two.ask(), "used", "where there is no second one")


@case
def by_its_store():
    """Without Redis a node knows by its store."""
    with _nodes(None, 1) as (one,):
        same(one.ask(), True, "taken")
        same([one.takes() for _ in range(3)], [True] * 3, "used")
        one.restart()
        same(sum(one.takes() for _ in range(12)), 7, "seven are left after a restart")
        same(one.ask(), "used", "and no second pass")
        one.guard.send(signal.SIGKILL)
        one.guard.wait()
        one.start(one.text)
        same(one.ask(), "used", "nor after it was killed")


@case
def without_redis_for_a_while():
    """Each node is for itself then, within one pass's limit; what was taken is told later."""
    with redis.Redis() as store, _nodes(store.url) as (one, two):
        one.refused()
        port = store.port
        store.stop()
        same(one.ask(), True, "without Redis this node gives one")
        same(sum(one.takes() for _ in range(15)), 10, "of ten messages")
        with redis.Redis(port=port):
            ok(check.wait_for(lambda: two.ask() == "used", 30), "it is back: known there")


check.run()
