#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Two nodes and one Redis: hits on traps, unknown users and operators add up, whatever the clocks
of the nodes say."""
import datetime
import json
import os
import time

from lib import check, faketime, redis, server
from lib.check import case, ok, same
from lib.nodes import (FORMS, OTHER, OURS, SOON, STREAM, TESTER, THIRD, KeyAsked, Node, pair,
                       within)

TRAPS = "traps {\n" + "".join(
    f'trap "{name}" {{ recipients = {{ "{trap}@strict.example" }}\n'
    'kind = "pristine" note = "2026" }\n'
    for name, trap in (("page", "seed.one"), ("list", "seed.two"))) + "}\n"

if redis.SERVER is None:
    check.skip_all("no redis-server or valkey-server")


def _left(node, client):
    """For how many seconds more a client is listed there."""
    entry = json.loads(node.ctl("local", client)[1].splitlines()[0])["data"]
    until = datetime.datetime.fromisoformat(
        entry["reasons"]["probe"]["until"].replace("Z", "+00:00"))
    return until.timestamp() - time.time()


@case
def traps_in_turn():
    """Two traps, one at either node: both list, and neither does for one."""
    with redis.Redis() as store:
        nodes = pair(store, TRAPS)
        for number, trap in enumerate(("seed.one", "seed.two")):
            same([node.refuses(TESTER) for node in nodes], [False, False], "not listed yet")
            nodes[number].write(TESTER, f"{trap}@{OURS}")
            nodes[number].write(OTHER, f"seed.one@{OURS}")
            time.sleep(1)
        good, took = within(lambda: all(node.refuses(TESTER) for node in nodes))
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
        nodes = pair(store)
        nodes[0].write(THIRD, f"known@{OURS}")
        for number in range(10):
            same([node.lists(OTHER) for node in nodes], [False, False], "not listed yet")
            for client in (OTHER, THIRD):
                nodes[number % 2].write(client, f"guess{number}@{OURS}", unknown=True)
            time.sleep(0.3)
        good, took = within(lambda: all(node.lists(OTHER) for node in nodes))
        ok(good and took < SOON, f"both list it within five seconds: {took:.1f}",
           nodes[0].guard.output()[-800:])
        same([node.lists(THIRD) for node in nodes], [False, False], "but not the other")
        kept = json.dumps(store.command("XRANGE", STREAM, "-", "+"))
        ok("guess" not in kept and OURS not in kept, "no user is named in Redis", kept)
        ok(store.command("XLEN", STREAM) < 40, "few records", kept)
        for node in nodes:
            node.stop()


@case
def two_operators():
    """One at either node: their nominations add up, once; a removal ends what was said before."""
    with redis.Redis() as store:
        nodes = pair(store)
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
        time.sleep(1.2)  # times are seconds
        same(nodes[0].ctl("remove", THIRD)[0], 0, "it is removed")
        ok(check.wait_for(lambda: not nodes[1].lists(THIRD), SOON), "at both nodes")
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
        asked = KeyAsked(store)
        one, ahead = Node(cache), Node(cache, "sandbox = false\n", clock.prefix)
        asked.wait(2)
        until = {}
        for number, node in enumerate((one, ahead)):
            client = f"198.51.100.{80 + number}"
            for form in FORMS:
                node.try_relay(client, form)
            good, took = within(lambda c=client: one.refuses(c) and ahead.refuses(c))
            ok(good and took < SOON, f"listed at both within five seconds: {took:.1f}")
            until[client] = _left(one, client)
            ok(abs(_left(ahead, client) - 87600) < 30, "by its own clock it is 20 minutes later")
            same(ahead.ctl("remove", client)[0], 0, "removed where the clock is ahead")
            good, took = within(lambda c=client: not one.refuses(c))
            ok(good and took < SOON, f"it is here within five seconds: {took:.1f}")
        for client, left in until.items():
            ok(abs(left - 86400) < 30, f"{client} was listed for a day, by the clock of here", left)
        # Somebody puts that clock right, or wrong, while they run.
        for number, offset in enumerate(("+20000s", "+0s", "-20000s")):
            clock.set(offset)
            client = f"198.51.100.{90 + number}"
            for form in FORMS:
                ahead.try_relay(client, form)
            good, took = within(lambda c=client: one.refuses(c))
            ok(good and took < SOON, f"listed just after a step to {offset}: {took:.1f}")
            same(ahead.ctl("remove", client)[0], 0, "and removed")
            good, took = within(lambda c=client: not one.refuses(c))
            ok(good and took < SOON, f"here, too, within five seconds: {took:.1f}")
        for node in (one, ahead):
            node.stop()


check.run()
