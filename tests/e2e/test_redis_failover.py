#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Nodes of a real Redis Cluster die, hang and come back, under load."""
import itertools
import signal
import time

from lib import check, load, nameserver, redis
from lib.check import ok, same, within
from lib.nameserver import NameServer
from lib.rediscluster import Cluster, client

ZONE = "bl.example"
LISTED = [f"198.51.100.{host}" for host in range(1, 255)]

if redis.SERVER is None:
    check.skip_all("no redis-server or valkey-server")


def _failover(cluster, guard, end, label):
    """A master is ended under load; the master."""
    victim = cluster.masters[0]
    turn = itertools.cycle(LISTED)
    with load.Load(guard.where, client, 2) as good, \
            load.Load(guard.where, lambda: next(turn), 1) as listed:
        time.sleep(0.5)
        begin = time.monotonic()
        end(victim)
        back = check.wait_for(lambda: cluster.used(guard, 0, 5000), 30)
        seconds = time.monotonic() - begin
        time.sleep(0.5)
    slowest = max(good.slowest, listed.slowest)
    check.note(f"{label}: {sum((good.counts + listed.counts).values())} sessions, wrong refusals "
               f"{good.counts['refuse']}, slowest {slowest * 1000:.0f} ms, its slots used again "
               f"after {seconds:.1f} s")
    same(set(good.counts), {"pass"}, f"{label}: every good client passes")
    same(set(listed.counts), {"refuse"}, f"{label}: every listed one is refused")
    within(max(good.slowest, listed.slowest - nameserver.CANARY_PAUSE), 1.0,
           f"{label}: nobody waits long")
    ok(back, f"{label}: its slots are used again")
    within(seconds, 15, f"{label}: soon")
    return victim


@redis.case
def killed_master():
    """A master is killed under load: its replica takes over, and is used."""
    with Cluster() as cluster, NameServer(nameserver.zone(ZONE, LISTED)) as dns, \
            cluster.guard(dns) as guard:
        cluster.mapped(guard)
        check.wait_for(lambda: load.judge(guard.where, LISTED[0]) == "refuse")
        victim = _failover(cluster, guard,
                           lambda node: (node.send(signal.SIGKILL), node.wait()), "killed")
        same(len(guard.lines(f"redis-down server=127.0.0.1:{victim.port}")), 1,
             "one line says it is down")
        ok(check.wait_for(lambda: cluster.used(guard, 6000, 10000)), "the slots of others are used")
        cluster.restart(victim)
        ok(check.wait_for(lambda: guard.lines(f"redis-up server=127.0.0.1:{victim.port}")),
           "started again: one line says so")
        ok(check.wait_for(lambda: cluster.used(guard, 0, 5000)), "and all goes on")


@redis.case
def hanging_master():
    """A master hangs under load, and is replaced just so."""
    with Cluster() as cluster, NameServer(nameserver.zone(ZONE, LISTED)) as dns, \
            cluster.guard(dns) as guard:
        cluster.mapped(guard)
        check.wait_for(lambda: load.judge(guard.where, LISTED[0]) == "refuse")
        victim = cluster.masters[0]
        cluster.alive = lambda: [node for node in cluster.nodes
                                 if node.alive() and node is not victim]
        _failover(cluster, guard, lambda node: node.send(signal.SIGSTOP), "hanging")
        del cluster.alive
        victim.send(signal.SIGCONT)
        ok(check.wait_for(lambda: "slave" in victim.flags()[victim.id]),
           "it goes on as a replica")
        ok(check.wait_for(lambda: cluster.used(guard, 0, 5000)), "and is not used as a master")


@redis.case
def down():
    """A master without a replica is killed, and the cluster serves nobody: CLUSTERDOWN."""
    with Cluster(replicas=False) as cluster, \
            NameServer(nameserver.zone(ZONE, LISTED)) as dns, cluster.guard(dns) as guard:
        cluster.mapped(guard)
        ok(check.wait_for(lambda: cluster.used(guard, 6000, 10000)), "it is used")
        victim = cluster.masters[0]
        victim.send(signal.SIGKILL)
        victim.wait()
        check.wait_for(lambda: cluster.alive()[0].info("cluster_state") == "fail")
        found = [load.timed(guard.where, client() if number % 2 else LISTED[number])
                 for number in range(60)]
        same([verdict for verdict, _ in found], ["refuse", "pass"] * 30, "every verdict is right")
        within(max(seconds for _, seconds in found), 1.0 + nameserver.CANARY_PAUSE,
               "and hardly waits")
        same(len(guard.lines("event=redis-error .*error=CLUSTERDOWN")), 1, "one line says CLUSTERDOWN")
        same(len(guard.lines("event=redis-down")), 1, "and one who is down")
        cluster.restart(victim)
        for low in (0, 6000, 11000):
            ok(check.wait_for(lambda: cluster.used(guard, low, low + 4000)),
               f"started again: slots from {low} are used")


check.run()
