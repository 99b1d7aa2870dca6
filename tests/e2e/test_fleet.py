#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Nodes that share a Redis: one tests a list, all obey."""
from lib import check, daemon, milter, nameserver, redis, scene
from lib.check import case, ok, same
from lib.nameserver import Answer, NameServer, reverse

NODES = 4
HEALTH = 'health { interval = "10s" }\n'
TRUTH = {reverse(scene.RELAY, "bl.example"): Answer("127.0.0.2")}

if redis.SERVER is None:
    check.skip_all("no redis-server or valkey-server")


def _events(nodes, name):
    return [len(node.events(name)) for node in nodes]


@case
def one_tests_and_all_obey():
    """A list begins to list the world, is suspended everywhere, and comes back."""
    with redis.Redis() as store, NameServer(TRUTH) as dns:
        text = HEALTH + daemon.config(dns.address,
                                      more=f'cache {{ redis = "{store.url}" }}\n')
        nodes = [daemon.Relayguard(text) for _ in range(NODES)]
        try:
            same([milter.verdict(node.where, scene.RELAY) for node in nodes],
                 ["refuse"] * NODES, "all judge")
            # Three questions are a test; the listing that one of them found was proven.
            asked = dns.count(tests=True)
            ok(asked <= 2 * 3 + 1, f"and one of them has tested: {asked} questions")

            dns.default = Answer("127.0.0.2")  # the world
            dns.healthy = False
            same(milter.verdict(nodes[0].where, scene.GOOD), "pass",
                 "a good client who comes then is not refused")
            ok(check.wait_for(lambda: _events(nodes, "list-suspended") == [1] * NODES, 20),
               "all suspend the list", _events(nodes, "list-suspended"))
            same([milter.verdict(node.where, f"203.0.113.{60 + i}")
                  for i, node in enumerate(nodes)], ["pass"] * NODES, "nobody is refused by it")

            dns.default = nameserver.ABSENT
            dns.healthy = True
            ok(check.wait_for(lambda: _events(nodes, "list-restored") == [1] * NODES, 60),
               "all believe it again", _events(nodes, "list-restored"))
            same(milter.verdict(nodes[-1].where, scene.RELAY), "refuse", "and judge by it")
        finally:
            for node in nodes:
                node.stop()


check.run()
