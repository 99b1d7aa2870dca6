#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Answers shared through a real Redis Cluster, while its slots move."""
import itertools
import time

from lib import check, daemon, load, nameserver, redis, rediscluster, server
from lib.check import case, ok, same, within
from lib.nameserver import NameServer
from lib.rediscluster import Cluster, client, client_in, learns, slot_of

ZONE = "bl.example"
LISTED = [f"198.51.100.{host}" for host in range(1, 255)]

if redis.SERVER is None:
    check.skip_all("no redis-server or valkey-server")


def _source(guard, address):
    """Which cache knew of a client."""
    verdict = load.judge(guard.where, address)
    decision = guard.wait_decision(client=address)
    return verdict, decision.get("cache")


@redis.case
def shared():
    """Two daemons at three masters: the second one asks no list."""
    clients = LISTED[:20] + [client() for _ in range(20)]
    with Cluster() as cluster, NameServer(nameserver.zone(ZONE, LISTED)) as dns:
        with cluster.guard(dns) as first:
            same([line.split("event=")[1] for line in cluster.mapped(first)],
                 [f"redis-map masters=3 slots={rediscluster.SLOTS}"], "and one line says so")
            same([load.judge(first.where, address) for address in clients],
                 ["refuse"] * 20 + ["pass"] * 20, "the first daemon judges")
            ok(check.wait_for(lambda: cluster.count() == 40), "and leaves what it learned",
               cluster.count())
            ok(all(node.keys() for node in cluster.masters), "on all of the nodes")
            same(cluster.errors("MOVED"), 0, "without being sent elsewhere")
        asked = dns.count(ZONE)
        with cluster.guard(dns) as second:
            cluster.mapped(second)
            same([load.judge(second.where, address) for address in clients],
                 ["refuse"] * 20 + ["pass"] * 20, "the second daemon judges the same")
            same(dns.count(ZONE), asked, "and asks nobody")
            same({line.get("cache") for line in second.decisions()}, {"redis"},
                 "as its log says")
            same(second.lines("event=redis-(down|error)"), [], "nothing is amiss")


@case
def one_node_is_enough():
    """One node of the configuration shows the way to all; dead ones do not hinder."""
    with Cluster() as cluster, NameServer(nameserver.zone(ZONE, LISTED)) as dns:
        dead = server.free_port()
        text = daemon.config(dns.address, more=f"""cache {{ cluster = {{
            "127.0.0.1:{dead}", "127.0.0.1:{cluster.nodes[-1].port}" }} }}\n""")
        with daemon.Relayguard(text) as guard:
            ok(cluster.mapped(guard), "a replica tells")
            for low in range(0, rediscluster.SLOTS, rediscluster.SLOTS // 3 + 1):
                ok(cluster.used(guard, low, low + 5000), f"slots from {low}: used")
            same(len(guard.lines("event=redis-down")), 1, "the dead one has its line")


@redis.case
def resharded():
    """A slot goes to another node: ASK, then MOVED, and no list is asked."""
    with Cluster(replicas=False) as cluster, \
            NameServer(nameserver.zone(ZONE, LISTED)) as dns, \
            cluster.guard(dns, labels=("bl", "bw")) as first, \
            cluster.guard(dns, labels=("bl", "bw")) as second, \
            cluster.guard(dns, labels=("bl", "bx")) as third, \
            cluster.guard(dns, labels=("bl", "bx")) as fourth:
        for guard in (first, second, third, fourth):
            cluster.mapped(guard)
        others = [client_in(0, 5000)]
        slot = slot_of(others[0])
        for number in itertools.count():  # of the same slot, and one for each step
            address = f"11.{number >> 16}.{number >> 8 & 255}.{number & 255}"
            if slot_of(address) == slot:
                others.append(address)
            if len(others) == 5:
                break
        for address in others:
            ok(learns(first, cluster.holds, address), f"{address}: known")
        asked = dns.count()
        target = cluster.masters[2]

        def facts():
            return [key for key in cluster.owner(slot).keys()
                    if key.split("{")[1].split("}")[0] in others]

        check.wait_for(lambda: len(facts()) == 5)
        keys = facts()
        same(len(keys), 5, "a value for each")
        ours = [key for key in keys if others[0] in key or others[1] in key]
        cluster.move(slot, target, ours)

        same(_source(second, others[0]), ("pass", "redis"), "gone ahead: found by ASK")
        ok(cluster.errors("ASK") > 0, "which was said")
        same(_source(second, others[3]), ("pass", "redis"), "not gone yet: found")
        for address, label in ((others[1], "gone ahead"), (others[2], "not gone yet")):
            before = dns.count()
            same(_source(third, address)[0], "pass", f"{label}: another list is asked")
            asked += dns.count() - before
            same(dns.count() - before, 1, f"{label}: and it alone")
            time.sleep(0.2)
            same(_source(fourth, address), ("pass", "redis"), f"{label}: and added there")
        same(cluster.errors("MOVED"), 0, "none has moved yet")
        source = cluster.owner(slot)
        for key in keys:
            if key not in ours:
                source.command("MIGRATE", "127.0.0.1", target.port, key, 0, 5000)
        cluster.settle_slot(slot, target)
        same(_source(second, others[4]), ("pass", "redis"), "moved: found by MOVED")
        moved = cluster.errors("MOVED")
        ok(moved > 0, "which was said")
        same(dns.count(), asked, "no list was asked again")
        time.sleep(1.5)  # the map is fetched anew
        moved = cluster.errors("MOVED")
        ok(learns(second, cluster.holds, next(
            address for address in (f"12.9.{n >> 8}.{n & 255}" for n in range(65536))
            if slot_of(address) == slot)), "later: kept")
        same(cluster.errors("MOVED"), moved, "and it goes there by itself")
        same(second.lines("event=redis-error"), [], "nothing of that is an error")


@case
def wrong_password():
    """A wrong password: mail passes, a line for each node, and a reload mends it."""
    secret = server.write(server.new_dir("secret") + "/password", "wrong\n", 0o600)
    with Cluster(replicas=False, password="right") as cluster, \
            NameServer(nameserver.zone(ZONE, LISTED)) as dns, \
            cluster.guard(dns, f'password_file = "{secret}"') as guard:
        same([load.judge(guard.where, address) for address in (client(), LISTED[0])],
             ["pass", "refuse"], "mail passes, listed clients do not")
        time.sleep(1.5)
        same(len(guard.lines("event=redis-down .*AUTH-answered-WRONGPASS")), 3,
             "one line for each node")
        server.write(secret, "right\n", 0o600)
        guard.reload()
        ok(check.wait_for(lambda: cluster.used(guard, 0, 16383)), "right: it is used")


@case
def reload_under_load():
    """From one Redis to a cluster and back, under load: no session is lost."""
    with Cluster(replicas=False) as cluster, redis.Redis() as store, \
            NameServer(nameserver.zone(ZONE, LISTED)) as dns, cluster.guard(dns) as guard:
        check.wait_for(lambda: load.judge(guard.where, LISTED[0]) == "refuse")
        texts = [guard.text, guard.text.replace(f"cluster = {cluster.setting}",
                                                f'redis = "{store.url}"')]
        ok(texts[0] != texts[1], "two configurations")
        turn = itertools.cycle(LISTED)
        with load.Load(guard.where, lambda: next(turn), 4) as work:
            for number in range(10):
                ok(guard.reload(texts[(number + 1) % 2]), f"reload {number + 1}")
                time.sleep(0.1)
        same(set(work.counts), {"refuse"}, f"every verdict is right: {dict(work.counts)}")
        within(work.slowest, 1.0 + nameserver.CANARY_PAUSE, "nobody waits long")


check.run()
