#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Lists asked all or as it is needed, by milter and policy delegation at once, from this Redis
or that one: what is decided is what the lists say."""
import concurrent.futures
import random
import socket
import threading

from lib import check, daemon, milter, redis, server
from lib.check import case, ok, same
from lib.nameserver import Answer, NameServer, reverse

CLIENTS = [f"198.18.{number}.9" for number in range(96)]
SCORES = {"zen": 3, "one": 3, "big": 5}
DRAWN = random.Random(1)
LISTED = {client: [label for label in SCORES if DRAWN.random() < 0.5] for client in CLIENTS}
NAMES = [reverse(client, f"{label}.example")
         for client, labels in LISTED.items() for label in labels]
PROMPT = {name: Answer("127.0.0.2", ttl=300) for name in NAMES}
MIXED = {name: Answer("127.0.0.2", ttl=DRAWN.choice((0, 2, 300)),
                      delay=DRAWN.choice((0, 0, 0.02, 0.3))) for name in NAMES}

LIST = """list "{0}" {{ zone = "{0}.example" servers = {{ "{1}" }}
    answer "127.0.0.2" {{ category = "open-relay" score = {2} }} }}
"""
REQUEST = ("request=smtpd_access_policy\nprotocol_state=RCPT\nclient_address={}\n"
           "helo_name=c.example\nsender=a@sender.example\nrecipient=ann@b.example\n"
           "instance={}\n\n")

if redis.SERVER is None:
    check.skip_all("no redis-server or valkey-server")


def _refused(client):
    return sum(SCORES[label] for label in LISTED[client]) >= 5


def _each(ask):
    """What is told of each client, of some at a time."""
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        return list(pool.map(ask, CLIENTS))


def _ask(at, client):
    """Whether a client is refused, who is asked about by policy delegation."""
    with socket.create_connection(("127.0.0.1", int(at.split(":")[-1])), 60) as connection, \
            connection.makefile("rb") as answers:
        connection.sendall(REQUEST.format(client, client).encode())
        return answers.readline().startswith(b"action=550 ")


class Askers:
    """Threads that ask about clients until they are to stop; what was decided wrongly."""

    def __init__(self, guard, at):
        self.guard, self.port = guard, int(at.split(":")[-1])
        self.stop, self.wrong, self.right = threading.Event(), [], 0
        self.threads = [threading.Thread(target=self._ask, args=(way, number)) for number in range(8)
                        for way in (self._by_policy, self._by_policy, self._by_milter)]
        for thread in self.threads:
            thread.start()

    def end(self):
        """Wait for all of them."""
        self.stop.set()
        for thread in self.threads:
            thread.join()

    def _ask(self, way, number):
        drawn = random.Random(f"{way.__name__} {number}")
        while not self.stop.is_set():
            way(drawn)

    def _note(self, client, refused):
        if refused == _refused(client):
            self.right += 1
        else:
            self.wrong.append((client, LISTED[client], refused))

    def _by_policy(self, drawn):
        with socket.create_connection(("127.0.0.1", self.port), 60) as connection, \
                connection.makefile("rb") as answers:
            for instance in range(20):
                client = drawn.choice(CLIENTS)
                connection.sendall(REQUEST.format(client, instance).encode())
                self._note(client, answers.readline().startswith(b"action=550 "))
                answers.readline()

    def _by_milter(self, drawn):
        client = drawn.choice(CLIENTS)
        self._note(client, milter.verdict(self.guard.where, client) == "refuse")


@case
def others_know_a_part():
    """What another node has put into Redis is not all: the rest is asked, for who is asked about
    at once, too."""
    at = f"inet:127.0.0.1:{server.free_port()}"
    with redis.Redis() as store, NameServer(PROMPT) as dns:
        usual = (f'cache {{ redis = "{store.url}" }}\nask = "needed"\nask_sample = 0\n'
                 f"limits {{ network4 = 0 }}\n"
                 + "".join(LIST.format(label, dns.address, SCORES[label]) for label in SCORES))
        with daemon.Relayguard(usual + 'policy "default" { lists = { "one" } refuse = 3 }\n'
                               ) as other:
            _each(lambda client: milter.verdict(other.where, client))
            ok(check.wait_for(lambda: len(store.keys(0)) == len(CLIENTS)), "Redis has a part")
        with daemon.Relayguard(usual + 'policy "default" { lists = { "zen", "one" } refuse = 5 '
                               'first = { "zen", "one" } }\n', policy=at) as guard:
            same([client for client, refused in zip(CLIENTS, _each(lambda each: _ask(at, each)))
                  if refused != ({"zen", "one"} <= set(LISTED[client]))], [],
                 "no decision is wrong")
            guard.stop()
            hits = daemon.fields(guard.lines("event=stopped")[0])["redis-hits"]
            ok(int(hits) >= len(CLIENTS) // 2, "and Redis was of use", hits)


@case
def all_at_once():
    """A crowd, while how lists are asked and which Redis is there changes all the time."""
    at = f"inet:127.0.0.1:{server.free_port()}"
    with redis.Redis() as one, redis.Redis() as two, NameServer(MIXED) as dns:
        lists = "".join(LIST.format(label, dns.address, score) for label, score in SCORES.items())
        caches = ["", *(f'cache {{ redis = "{store.url}" }}\n' for store in (one, two))]
        asks = ['ask = "all"\n', 'ask = "needed"\nask_sample = 4\n',
                'ask = "needed"\nask_sample = 0\n']
        firsts = ["", 'first = { "zen", "one" }', 'first = { "big" }']

        def text(number):
            return (f"{caches[number % 3]}{asks[number // 3 % 3]}" 'deadline = "8s"\n'
                    f"limits {{ network4 = 0 }}\n{lists}"
                    'policy "default" { lists = { "zen", "one", "big" } refuse = 5 '
                    f'{firsts[number % 7 % 3] if number // 3 % 3 else ""} }}\n')

        with daemon.Relayguard(text(4), policy=at) as guard:
            askers = Askers(guard, at)
            for number in range(18):
                before = askers.right
                guard.reload(text(number))
                check.wait_for(lambda: askers.right > before + 200 or askers.wrong)
            askers.end()
            same(askers.wrong[:3], [], f"of {askers.right} decisions none is wrong")


check.run()
