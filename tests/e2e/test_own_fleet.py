#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Two nodes and one Redis: a tester who deals what he tries to both is caught by both; who is
listed or removed at one is so at the other within five seconds; Redis may go, or be filled with
anything."""
import json
import time

from lib import check, redis, rediscluster, scene
from lib.check import case, ok, same
from lib.nodes import (FORMS, KEY, OTHER, OURS, SENDER, SOON, STREAM, TESTER, THERE, THIRD, Node,
                       pair, within)

CLOCK = "rg1:{own}:clock"
END = "18446744073709551615-18446744073709551615"  # no other can be after it

if redis.SERVER is None:
    check.skip_all("no redis-server or valkey-server")


@case
def forms_in_turn():
    """A tester's forms at two nodes: each sees half, both list it."""
    with redis.Redis() as store:
        one, two = pair(store)
        same(one.try_relay(TESTER, FORMS[0]), "pass", "the first node sees one form")
        time.sleep(0.2)
        same((one.refuses(TESTER), two.refuses(TESTER)), (False, False), "which is nothing yet")
        check.wait_for(lambda: two.count("fleet_heard") > 0, SOON)
        same(two.try_relay(TESTER, FORMS[1]), "pass", "the second one sees another")
        good, took = within(lambda: one.refuses(TESTER) and two.refuses(TESTER))
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
        nodes = pair(store)
        for number, sender in enumerate((SENDER, "<a>", "<a@[192.0.2.1]>")):
            nodes[number % 2].try_relay(THIRD, f"<u@{THERE}>", sender)
            time.sleep(0.1)
        good, took = within(lambda: all(node.refuses(THIRD) for node in nodes))
        ok(good and took < SOON, f"both list it within five seconds: {took:.1f}")
        for node in nodes:
            node.stop()


@case
def listed_here_removed_there():
    """A listing and a removal count at the other node, cached clear or not."""
    with redis.Redis() as store:
        one, two = pair(store)
        same(two.refuses(OTHER), False, "clear at the other node, which now knows that")
        for form in FORMS:
            one.try_relay(OTHER, form)
        ok(check.wait_for(lambda: one.refuses(OTHER), SOON), "listed at one")
        good, took = within(lambda: two.refuses(OTHER))
        ok(good and took < SOON, f"it counts at the other within five seconds: {took:.1f}")
        code, said = two.ctl("remove", OTHER)
        same(code, 0, "removed there")
        same(two.refuses(OTHER), False, "it counts there at once")
        good, took = within(lambda: not one.refuses(OTHER))
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
def redis_goes_and_comes():
    """Nothing is lost here; what was to be told is told when it is back."""
    with redis.Redis() as store:
        one, two = pair(store)
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
        one, two = pair(store)
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
        store.command("DEL", STREAM)
        store.command("XADD", STREAM, END, "r", "x")
        for form in FORMS:
            one.try_relay(OTHER, form)
        ok(check.wait_for(lambda: two.lists(OTHER), 20), "nor a stream that has come to its end")
        for node in (one, two):
            ok(node.guard.alive(), "it lives")
            node.stop()


@case
def in_the_way_at_the_start():
    """The key, and by what they compare clocks, are of another kind before anybody starts."""
    for number, clock in enumerate((("SET", CLOCK, "x"), ("XADD", CLOCK, END, "t", "t"))):
        with redis.Redis() as store:
            store.command(*clock)
            store.command("RPUSH", KEY, "x")
            one, two = pair(store)
            client = f"198.51.100.{100 + number}"
            # Until both have looked at the key again each may have put one of its own.
            ok(check.wait_for(lambda: [node.try_relay(client, form) for node, form in
                                       zip((one, two), FORMS)] and two.lists(client), 90),
               f"they hear each other: {clock[0]}", two.guard.output()[-800:])
            same(store.command("TYPE", KEY), "string", "and have a key")
            for node in (one, two):
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
