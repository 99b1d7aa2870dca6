#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Two nodes and one Redis: a tester who deals what he tries to both is caught by both; who is
listed or removed at one is so at the other within five seconds; Redis may go, or be filled with
anything."""
import datetime
import json
import os
import subprocess
import time

from lib import check, daemon, faketime, milter, redis, rediscluster, scene, server
from lib.check import case, ok, same

SOON = 5
TESTER, OTHER, THIRD = "198.51.100.77", "198.51.100.78", "2001:db8::79"
OURS, THERE = "strict.example", "third.example"
SENDER, STREAM, KEY = "<a@x.example>", "rg1:{own}:news", "rg1:{own}:key"
FORMS = [f"<u%{THERE}@{OURS}>", f'<"u@{THERE}"@{OURS}>']
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
TRAPS = "traps {\n" + "".join(
    f'trap "{name}" {{ recipients = {{ "{trap}@strict.example" }} kind = "pristine" note = "2026" }}\n'
    for name, trap in (("page", "seed.one"), ("list", "seed.two"))) + "}\n"


if redis.SERVER is None:
    check.skip_all("no redis-server or valkey-server")


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


def _pair(store, more=""):
    cache = f'redis = "{store.url}"'
    nodes = [Node(cache, more) for _ in range(2)]
    # Until both know the key what they tell each other cannot be put together.
    ok(check.wait_for(lambda: store.command("EXISTS", KEY) == 1, SOON), "there is a key")
    time.sleep(1.5)
    return nodes


def _within(test, seconds=SOON):
    """How long it takes, and whether that is in time; a machine may be busy."""
    begin = time.monotonic()
    good = check.wait_for(test, 4 * seconds)
    return good, time.monotonic() - begin


def _left(node, client):
    """For how many seconds more a client is listed there."""
    entry = json.loads(node.ctl("local", client)[1].splitlines()[0])["data"]
    until = datetime.datetime.fromisoformat(
        entry["reasons"]["probe"]["until"].replace("Z", "+00:00"))
    return until.timestamp() - time.time()


@case
def forms_in_turn():
    """A tester's forms at two nodes: each sees half, both list it."""
    with redis.Redis() as store:
        one, two = _pair(store)
        same(one.try_relay(TESTER, FORMS[0]), "pass", "the first node sees one form")
        time.sleep(0.2)
        same((one.refuses(TESTER), two.refuses(TESTER)), (False, False), "which is nothing yet")
        check.wait_for(lambda: two.count("fleet_heard") > 0, SOON)
        same(two.try_relay(TESTER, FORMS[1]), "pass", "the second one sees another")
        good, took = _within(lambda: one.refuses(TESTER) and two.refuses(TESTER))
        ok(good, "both list it", one.guard.output()[-800:] + two.guard.output()[-800:])
        print(f"# listed at both after {took:.1f} s")
        ok(took < SOON, "within five seconds", took)
        for node in (one, two):
            same(node.refuses(scene.GOOD), False, "and nobody else")
        kept = json.dumps(store.command("XRANGE", STREAM, "-", "+"))
        ok(THERE not in kept and OURS not in kept and "u@" not in kept,
           "nothing of a recipient is in Redis", kept)
        ok(0 < store.command("TTL", STREAM) <= 7 * 86400 and store.command("TTL", KEY) > 0,
           "what is there ends some day")
        for node in (one, two):
            node.stop()


@case
def sender_shapes_in_turn():
    """Three shapes of senders to one recipient, one after the other at either node."""
    with redis.Redis() as store:
        nodes = _pair(store)
        for number, sender in enumerate((SENDER, "<a>", "<a@[192.0.2.1]>")):
            nodes[number % 2].try_relay(THIRD, f"<u@{THERE}>", sender)
            time.sleep(0.1)
        good, took = _within(lambda: all(node.refuses(THIRD) for node in nodes))
        ok(good and took < SOON, f"both list it within five seconds: {took:.1f}")
        for node in nodes:
            node.stop()


@case
def traps_in_turn():
    """Two traps, one at either node: both list, and neither does for one."""
    with redis.Redis() as store:
        nodes = _pair(store, TRAPS)
        for number, trap in enumerate(("seed.one", "seed.two")):
            same([node.refuses(TESTER) for node in nodes], [False, False], "not listed yet")
            nodes[number].write(TESTER, f"{trap}@{OURS}")
            nodes[number].write(OTHER, f"seed.one@{OURS}")
            time.sleep(1)
        good, took = _within(lambda: all(node.refuses(TESTER) for node in nodes))
        ok(good and took < SOON, f"both list it within five seconds: {took:.1f}",
           nodes[0].guard.output()[-800:])
        same([node.refuses(OTHER) for node in nodes], [False, False],
             "one trap is one at both nodes")
        kept = json.dumps(store.command("XRANGE", STREAM, "-", "+"))
        ok("seed" not in kept and OURS not in kept and "page" not in kept and "list" not in
           kept.replace("listed", ""), "no trap is named in Redis", kept)
        for node in nodes:
            node.stop()


@case
def users_in_turn():
    """Ten users whom nobody knows, at two nodes; who knows somebody at one guesses at none."""
    with redis.Redis() as store:
        nodes = _pair(store)
        nodes[0].write(THIRD, f"known@{OURS}")
        for number in range(10):
            same([node.lists(OTHER) for node in nodes], [False, False], "not listed yet")
            for client in (OTHER, THIRD):
                nodes[number % 2].write(client, f"guess{number}@{OURS}", unknown=True)
            time.sleep(0.3)
        good, took = _within(lambda: all(node.lists(OTHER) for node in nodes))
        ok(good and took < SOON, f"both list it within five seconds: {took:.1f}",
           nodes[0].guard.output()[-800:])
        same([node.lists(THIRD) for node in nodes], [False, False], "but not the other")
        kept = json.dumps(store.command("XRANGE", STREAM, "-", "+"))
        ok("guess" not in kept and OURS not in kept, "no user is named in Redis", kept)
        ok(store.command("XLEN", STREAM) < 40, "few records", kept)
        for node in nodes:
            node.stop()


@case
def listed_here_removed_there():
    """A listing and a removal count at the other node, cached clear or not."""
    with redis.Redis() as store:
        one, two = _pair(store)
        same(two.refuses(OTHER), False, "clear at the other node, which now knows that")
        for form in FORMS:
            one.try_relay(OTHER, form)
        ok(check.wait_for(lambda: one.refuses(OTHER), SOON), "listed at one")
        good, took = _within(lambda: two.refuses(OTHER))
        ok(good and took < SOON, f"it counts at the other within five seconds: {took:.1f}")
        code, said = two.ctl("remove", OTHER)
        same(code, 0, "removed there")
        same(two.refuses(OTHER), False, "it counts there at once")
        good, took = _within(lambda: not one.refuses(OTHER))
        ok(good and took < SOON, f"and here within five seconds: {took:.1f}", said)
        late = Node(f'redis = "{store.url}"')
        ok(check.wait_for(lambda: late.count("fleet_heard") > 0, SOON), "a node that starts")
        time.sleep(1)
        same([node.refuses(OTHER) for node in (one, two, late)], [False] * 3,
             "hears of both, in order")
        for form in FORMS:
            late.try_relay(TESTER, form)
        ok(check.wait_for(lambda: all(node.refuses(TESTER) for node in (one, two, late)), 10),
           "and is heard")
        for node in (one, two, late):
            node.stop()


@case
def two_operators():
    """One at either node: their nominations add up, once; a removal ends what was said before."""
    with redis.Redis() as store:
        nodes = _pair(store)
        until = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 3 * 86400))

        def nominate(at, client, by):
            evidence = server.write(os.path.join(nodes[at].folder, "evidence"), "it sent us spam")
            return nodes[at].ctl("nominate", client, "--reason", "spam", "--until", until,
                                 "--by", by, "--evidence", evidence)[0]

        same(nominate(0, OTHER, "ann"), 1, "one waits for another")
        time.sleep(2)
        same(nominate(1, OTHER, "ann"), 1, "who is not the same at the other node")
        time.sleep(2)
        same([node.lists(OTHER) for node in nodes], [False, False], "not listed yet")
        same(nominate(1, OTHER, "b\u00f6b"), 0, "a second one lists")
        ok(check.wait_for(lambda: all(node.lists(OTHER) for node in nodes), SOON), "at both nodes")
        same((nominate(0, THIRD, "ann"), nominate(1, THIRD, "bob")), (1, 1), "both at once")
        ok(check.wait_for(lambda: all(node.lists(THIRD) for node in nodes), 2 * SOON),
           "are enough as well", nodes[0].ctl("local", THIRD)[1])
        same(nodes[0].ctl("remove", THIRD)[0], 0, "it is removed")
        time.sleep(2)
        same(nominate(1, THIRD, "cyd"), 1, "what was said before that counts at neither node")
        same([node.lists(THIRD) for node in nodes], [False, False], "not listed")
        late = Node(f'redis = "{store.url}"')
        ok(check.wait_for(lambda: late.lists(OTHER), SOON), "a node that starts hears of it")
        time.sleep(1)
        audit = [line for line in late.ctl("requests")[1].splitlines() if OTHER in line]
        same(len(audit), 2, "and of what was said, of what one has said twice in a minute once")
        for node in (*nodes, late):
            node.stop()


@case
def clocks_apart():
    """One node's clock is 20 minutes ahead: a removal there counts here, soon."""
    if not faketime.LIBRARY:
        check.skip("clocks apart", "no libfaketime")
        return
    clock = faketime.Clock()
    clock.set("+1200s")
    with redis.Redis() as store:
        cache = f'redis = "{store.url}"'
        one, ahead = Node(cache), Node(cache, "sandbox = false\n", clock.prefix)
        ok(check.wait_for(lambda: store.command("EXISTS", KEY) == 1, SOON), "there is a key")
        time.sleep(1.5)
        until = {}
        for number, node in enumerate((one, ahead)):
            client = f"198.51.100.{80 + number}"
            for form in FORMS:
                node.try_relay(client, form)
            good, took = _within(lambda c=client: one.refuses(c) and ahead.refuses(c))
            ok(good and took < SOON, f"listed at both within five seconds: {took:.1f}")
            until[client] = _left(one, client)
            ok(abs(_left(ahead, client) - 87600) < 30, "by its own clock it is 20 minutes later")
            same(ahead.ctl("remove", client)[0], 0, "removed where the clock is ahead")
            good, took = _within(lambda c=client: not one.refuses(c))
            ok(good and took < SOON, f"it is here within five seconds: {took:.1f}")
        for client, left in until.items():
            ok(abs(left - 86400) < 30, f"{client} was listed for a day, by the clock of here", left)
        for node in (one, ahead):
            node.stop()


@case
def redis_goes_and_comes():
    """Nothing is lost here; what was to be told is told when it is back."""
    with redis.Redis() as store:
        one, two = _pair(store)
        store.stop()
        for form in FORMS:
            one.try_relay(TESTER, form)
        ok(check.wait_for(lambda: one.refuses(TESTER), SOON), "without Redis it is listed here")
        time.sleep(1.5)
        same(two.refuses(TESTER), False, "and there nobody knows")
        with redis.Redis(port=store.port) as back:
            ok(check.wait_for(lambda: two.refuses(TESTER), 20), "it is back: known there",
               one.guard.output()[-800:])
            ok(back.command("XLEN", STREAM) >= 1, "by what was told")
        same(len(one.guard.events("redis-down")), 2, "one line each time")
        for node in (one, two):
            node.stop()


@case
def anything_in_redis():
    """What others write there harms nobody, and does not stay in the way."""
    with redis.Redis() as store:
        one, two = _pair(store)
        now = int(time.time())
        for record in ("x", "1 N3K2Q9M7 0 0 y", "1 N3K2Q9M7 99999999999999999999 0 z", "\xff" * 400,
                       f"1 N3K2Q9M7 {now} 0 entry {OTHER} {now} 0 0,0,0 probe:1:4294967295:1:x",
                       f"1 N3K2Q9M7 {now} 0 entry 127.0.0.1 {now} 0 0,0,0", "1 " * 4000,
                       f"1 N3K2Q9M7 {now} 0 try {OTHER} 99 99 x y 1"):
            store.command("XADD", STREAM, "*", "r", record)
        store.command("XADD", STREAM, "*", "other", "field", "and", "another")
        for form in FORMS:
            one.try_relay(TESTER, form)
        ok(check.wait_for(lambda: two.refuses(TESTER), 10), "a good record comes through")
        same(two.refuses(OTHER), False, "a bad one does nothing")
        store.command("XADD", STREAM, "*", *(["f", "v"] * 1000))
        ok(check.wait_for(lambda: one.guard.events("fleet-skipped") and
                          two.guard.events("fleet-skipped"), 40), "what cannot be read is passed over")
        two.ctl("remove", TESTER)
        ok(check.wait_for(lambda: not one.refuses(TESTER), 20), "then they hear each other again")
        store.command("DEL", STREAM)
        store.command("SET", STREAM, "a value")
        ok(check.wait_for(lambda: store.command("TYPE", STREAM) != "string", 60),
           "nor does a value stay there")
        store.command("SET", KEY, "nonsense")
        ok(check.wait_for(lambda: len(store.command("GET", KEY)) == 64, 90), "nor at the key")
        for node in (one, two):
            ok(node.guard.alive(), "it lives")
            node.stop()


@case
def in_a_cluster():
    """The stream and the key are in one slot of a Redis Cluster."""
    with rediscluster.Cluster() as cluster:
        nodes = [Node(f"cluster = {cluster.setting}") for _ in range(2)]
        time.sleep(3)
        for number, form in enumerate(FORMS):
            nodes[number].try_relay(TESTER, form)
            time.sleep(0.1)
        ok(check.wait_for(lambda: all(node.refuses(TESTER) for node in nodes), 20), "both list it",
           nodes[0].guard.output()[-800:])
        for node in nodes:
            node.stop()


check.run()
