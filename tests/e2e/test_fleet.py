#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Nodes that share a Redis: each tests lists for itself; one asks about a client, all know."""
import collections
import random
import threading
import time

from lib import check, daemon, load, milter, nameserver, redis, rediscluster, scene
from lib.check import case, like, ok, same
from lib.nameserver import Answer, NameServer, reverse

NODES = 4
AGAIN = 1.02  # a question that a busy machine answers late is asked again
HEALTH = 'health { interval = "10s" }\n'
TRUTH = {reverse(client, "bl.example"): Answer("127.0.0.2")
         for client in (scene.RELAY, scene.BOT)}

if redis.SERVER is None:
    check.skip_all("no redis-server or valkey-server")


def _events(nodes, name):
    return [len(node.events(name)) for node in nodes]


@case
def all_test_and_all_find_out():
    """A list begins to list the world, is suspended everywhere, and comes back."""
    with redis.Redis() as store, NameServer(TRUTH) as dns:
        text = HEALTH + daemon.config(dns.address,
                                      more=f'cache {{ redis = "{store.url}" }}\n')
        nodes = [daemon.Relayguard(text) for _ in range(NODES)]
        try:
            same([milter.verdict(node.where, scene.RELAY) for node in nodes],
                 ["refuse"] * NODES, "all judge")
            dns.default = Answer("127.0.0.2")  # the world
            dns.healthy = False
            ok(milter.verdict(nodes[0].where, scene.GOOD) in ("pass", "defer"),
               "a good client who comes then is not refused")
            ok(check.wait_for(lambda: _events(nodes, "list-suspended") == [1] * NODES),
               "all suspend the list", _events(nodes, "list-suspended"))
            same([milter.verdict(node.where, f"203.0.113.{60 + i}")
                  for i, node in enumerate(nodes)], ["pass"] * NODES, "nobody is refused by it")

            dns.default = nameserver.ABSENT
            dns.healthy = True
            ok(check.wait_for(lambda: _events(nodes, "list-restored") == [1] * NODES, 60),
               "all believe it again", _events(nodes, "list-restored"))
            same(milter.verdict(nodes[-1].where, scene.BOT), "refuse", "and judge by it")
        finally:
            for node in nodes:
                node.stop()


def _node(store, resolver):
    """A node that asks the list through a resolver of its own."""
    text = daemon.config("SERVER", more=f'cache {{ redis = "{store.url}" }}\n')
    text = text.replace('servers = { "SERVER" }', "")
    return daemon.Relayguard(f'{HEALTH}dns {{ servers = {{ "{resolver.address}" }} }}\n' + text)


@case
def one_resolver_is_refused():
    """A list refuses one node's resolver: the other node looks for itself, and believes it."""
    blocked = Answer("127.255.255.254")
    listed, hosts = (f"198.51.100.{n}" for n in range(20, 250)), iter(range(250))
    with redis.Redis() as store, NameServer(default=blocked, healthy=False) as public, \
            NameServer(nameserver.zone("bl.example", [f"198.51.100.{n}" for n in range(250)])) \
            as own, _node(store, public) as far, _node(store, own) as near:
        ok(check.wait_for(lambda: load.judge(near.where, next(listed)) == "refuse"),
           "the node with an own resolver believes the list")
        like("".join(far.wait_lines("event=list-suspended", seconds=20)),
             r"list=bl reason=error-code evidence=", "the refused node suspends it")
        told = daemon.fields("".join(near.wait_lines("event=list-told-of", seconds=20)))
        same((told.get("list"), told.get("reason")), ("bl", "error-code"),
             "the other one is told of it")
        like(told.get("node", ""), r"^[0-9A-Z]{8}$", "and by whom")
        tests, end = own.count("2.0.0.127.", tests=True), time.monotonic() + 12
        verdicts = collections.Counter()
        while time.monotonic() < end:
            client = next(listed)
            verdicts["refused node", load.judge(far.where, client)] += 1
            verdicts["listed", load.judge(near.where, client)] += 1
            for node in (near, far):
                verdicts["good", load.judge(node.where, f"203.0.113.{next(hosts)}")] += 1
            time.sleep(0.3)
        same(set(verdicts), {("refused node", "pass"), ("listed", "refuse"), ("good", "pass")},
             f"every verdict is right from then on: {dict(verdicts)}")
        ok(own.count("2.0.0.127.", tests=True) > tests, "it has tested the list itself")
        same(near.events("list-(suspended|doubted)"), [], "and has found nothing amiss")
        public.default, public.healthy = nameserver.ABSENT, True
        ok(far.wait_lines("event=list-restored", seconds=70),
           "mended, the refused node believes it")


def _clients(count):
    """Distinct clients, half of them listed."""
    return [f"198.{18 + number % 2}.{number >> 8}.{number & 255}" for number in range(count)]


def _share(words, label, at_least, at_most, count=400):
    """Each client comes to each of four daemons, in an order of chance, twelve at a time."""
    clients = _clients(count)
    listed = [client for client in clients if client.startswith("198.19.")]
    table = {reverse(client, "bl.example"): Answer("127.0.0.2", delay=0.002) for client in listed}
    missing = Answer(rcode=nameserver.NXDOMAIN, delay=0.002)
    visits = [(client, node) for client in clients for node in range(NODES)]
    random.Random(5).shuffle(visits)
    sessions = len(visits)
    with NameServer({**table, reverse(scene.RELAY, "bl.example"): Answer("127.0.0.2")},
                    missing, healthy=True) as dns:
        # Canaries come a quarter of the deadline after each other: those who are listed wait.
        text = daemon.config(dns.address, more=f'deadline = "1s"\ncache {{ {words} }}\n')
        nodes = [daemon.Relayguard(text) for _ in range(NODES)]
        try:
            for node in nodes:
                check.wait_for(lambda: load.judge(node.where, scene.RELAY) == "refuse")
            before = len(dns.questions)
            verdicts = collections.Counter()
            lock = threading.Lock()

            def work():
                while True:
                    with lock:
                        if not visits:
                            return
                        client, node = visits.pop()
                    verdict = load.judge(nodes[node].where, client)
                    with lock:
                        verdicts["listed" if client in listed else "good", verdict] += 1

            workers = [threading.Thread(target=work) for _ in range(12)]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
            asked = collections.Counter(name.lower() for name, _, _ in dns.questions[before:]
                                        if not nameserver.is_test(name))
            # Each listing is confirmed by another question.
            each = sum(number / (nameserver.CONFIRMED if name in table else 1)
                       for name, number in asked.items()) / count
        finally:
            for node in nodes:
                node.stop()
    late = sum(int(daemon.fields(line)["redis-failures"])
               for node in nodes for line in node.lines("event=stopped"))
    if late:  # a busy machine: whoever has no answer in 0.1 s asks the list
        check.note(f"{label}: Redis was late {late} times")
        at_most = NODES * AGAIN
    check.note(f"{label}: {sessions} sessions of {count} clients at {NODES} daemons, "
               f"{each:.3f} questions for each client")
    same(set(verdicts), {("listed", "refuse"), ("good", "pass")},
         f"{label}: every verdict is right: {dict(verdicts)}")
    same(len(asked), count, f"{label}: each client was asked about")
    ok(at_least <= each <= at_most, f"{label}: {each:.2f} times in the fleet")


@case
def one_asks_and_all_know():
    """Four daemons at one Redis, then at a Cluster: a question for each client."""
    with redis.Redis() as store:
        _share(f'redis = "{store.url}"', "one Redis", 1, 1.15)
    with rediscluster.Cluster(replicas=False) as cluster:
        _share(f"cluster = {cluster.setting}", "a Cluster", 1, 1.15)
    _share("", "nobody shares", NODES, NODES * AGAIN)


check.run()
