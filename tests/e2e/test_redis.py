#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Answers shared through a real Redis, reached in every way there is."""
import concurrent.futures
import time

from lib import check, daemon, milter, nameserver, redis, scene, server
from lib.check import case, ok, same
from lib.nameserver import Answer, NameServer, reverse

TABLE = {reverse(scene.RELAY, "bl.example"): Answer("127.0.0.2", ttl=300),
         reverse(scene.BOT, "bl.example"): Answer("127.0.0.4", "127.1.0.8", ttl=86400),
         reverse(scene.LISTED6, "bl.example"): Answer("127.0.0.2", ttl=0)}

if redis.SERVER is None:
    check.skip_all("no redis-server or valkey-server")


def _cache(url, more=""):
    return f'cache {{ redis = "{url}" {more} }}\n'


def _shared(url, store, more="", db=0):
    """Two daemons, one Redis: the second one asks no list."""
    with NameServer(TABLE) as dns:
        text = daemon.config(dns.address, more=_cache(url, more))
        with daemon.Relayguard(text) as first:
            same([milter.verdict(first.where, address)
                  for address in (scene.RELAY, scene.BOT, scene.LISTED6, scene.GOOD)],
                 ["refuse"] * 3 + ["pass"], "the first daemon judges")
            asked = dns.count("bl.example")
            same(asked, 3 * nameserver.CONFIRMED + 1, "by asking the list")
            check.wait_for(lambda: len(store.keys(db)) == 4)
        same(store.keys(db), sorted(store.key(address) for address in
                                    (scene.RELAY, scene.BOT, scene.LISTED6, scene.GOOD)),
             "and leaves what it learned")
        with daemon.Relayguard(text) as second:
            # Until it has a connection, Redis is a miss.
            time.sleep(0.1)
            same([milter.verdict(second.where, address)
                  for address in (scene.RELAY, scene.BOT, scene.LISTED6, scene.GOOD)],
                 ["refuse"] * 3 + ["pass"], "the second daemon judges the same")
            same(dns.count("bl.example"), asked, "and asks nobody")
            second.wait_lines("cache=", 4)
            same([line.get("cache") for line in second.decisions()], ["redis"] * 4,
                 "as its log says")
            _, line = second.decided(lambda: milter.envelope(second.where))
            same(line.get("cache"), "memory", "then it knows by heart")


@case
def shared_over_tcp():
    """Two daemons at one Redis; what is written there."""
    with redis.Redis() as store:
        _shared(store.url, store)
        for address, codes, most in ((scene.RELAY, ["127.0.0.2"], 300),
                                     (scene.BOT, ["127.0.0.4", "127.1.0.8"], 3600),
                                     (scene.GOOD, [], 900)):
            same(store.command("GET", store.key(address)), "2" + redis.fact(*codes),
                 f"{address}: the value")
            ttl = store.command("TTL", store.key(address))
            ok(0 < ttl <= most, f"{address}: it expires with the answer", ttl)


@case
def shared_over_unix_socket():
    """The same through a unix socket."""
    with redis.Redis(unix=True) as store:
        _shared(store.url, store)


@case
def shared_in_another_database():
    """The same in database 3, and nothing in database 0."""
    with redis.Redis() as store:
        _shared(store.url.replace("/0", "/3"), store, db=3)
        same(store.keys(0), [], "nothing in database 0")
    with redis.Redis(unix=True) as store:
        _shared(store.url + "?db=2", store, db=2)


@case
def shared_with_passwords():
    """The same with a password, and with an ACL user of few rights."""
    for user in (None, "guard"):
        secret = server.write(server.new_dir("secret") + "/password", "wi th:%s&\n", 0o600)
        more = f'password_file = "{secret}"' + (f' user = "{user}"' if user else "")
        with redis.Redis(password='wi th:%s&'.replace(" ", "_"), user=user) as store:
            server.write(secret, "wi_th:%s&\n", 0o600)
            _shared(store.url, store, more)


@case
def nonsense_in_redis():
    """Values nobody of us wrote are misses, and are replaced."""
    listed = redis.fact("127.0.0.2")
    nonsense = ["", "2", "x" * 500, listed, "3" + listed, "2" + listed[:-1], "2" + listed + "0",
                "2" + listed + ">00g" + listed, "2" + listed + ">001", "1|127.0.0.2|{soon}",
                "\0\0\0", "2" + listed + "\n", "2" + redis.fact(*["127.0.0.2"] * 9), "é2" + listed]
    with redis.Redis() as store, NameServer(TABLE) as dns:
        key = store.key(scene.GOOD)
        text = daemon.config(dns.address, more=_cache(store.url))
        ours = "2" + redis.fact()
        rows = [(value[:30], ("SET", key, value, "EX", 600)) for value in nonsense]
        rows += [("no end", ("SET", key, "2" + listed)), ("another type", ("LPUSH", key, "a list"))]
        for label, words in rows:
            store.command("DEL", key)
            store.command(*words)
            with daemon.Relayguard(text) as guard:
                time.sleep(0.1)  # until it has a connection, Redis is a miss
                same(milter.verdict(guard.where, scene.GOOD), "pass", f"{label!r}: not believed")
                check.wait_for(lambda: store.command("TYPE", key) == "string"
                               and store.command("GET", key) == ours)
                same(store.command("GET", key), ours, f"{label!r}: replaced")
                ok(0 < store.command("TTL", key) <= 900, f"{label!r}: and ends")
                same(milter.verdict(guard.where), "refuse", f"{label!r}: others are judged")
                same(len(guard.lines("event=redis-error .*command=GET error=WRONGTYPE")),
                     int(label == "another type"), f"{label!r}: in the log")
        for label, size in (("100 kB", 100000), ("10 MB", 10000000)):
            store.command("SET", key, "x" * size)
            with daemon.Relayguard(text) as guard:
                same(milter.verdict(guard.where, scene.GOOD), "pass", f"{label}: a miss")
                same(milter.verdict(guard.where), "refuse", f"{label}: others are judged")


def _node(dns, store, label, zone):
    """A daemon that asks one list, which is its own."""
    return daemon.Relayguard(f'''{_cache(store.url)}
dns {{ servers = {{ "{dns.address}" }} }}
list "{label}" {{ zone = "{zone}" answer "127.0.0.2" {{ category = "spam-source" score = 5 }} }}
policy "default" {{ lists = {{ "{label}" }} }}
health {{ interval = 0s }}
''')


def _beside(first, second, want, left):
    """What becomes of a value that a second list is added to: by TTL of the first, the second."""
    table = {reverse(scene.RELAY, "a.example"): Answer("127.0.0.2", ttl=first),
             reverse(scene.RELAY, "b.example"): Answer("127.0.0.2", ttl=second)}
    with redis.Redis() as store, NameServer(table) as dns:
        key = store.key(scene.RELAY)
        for label in "ab":
            with _node(dns, store, label, label + ".example") as guard:
                time.sleep(0.1)
                milter.envelope(guard.where)
                check.wait_for(lambda: store.command("STRLEN", key) > (20 if label == "b" else 0))
        value, ttl = store.command("GET", key), store.command("TTL", key)
        same((len(value), value[0], value[14]), (31, "2", want), f"{first} and {second}: {value}")
        ok(abs(int(value[15:18], 16) - abs(first - second)) <= 0.1 * max(first, second) + 2,
           f"{first} and {second}: the difference", value)
        ok(0.9 * left - 3 <= ttl <= left, f"{first} and {second}: the end is the later one", ttl)
        asked = dns.count("example")
        for label in "ab":
            with _node(dns, store, label, label + ".example") as guard:
                time.sleep(0.1)
                _, line = guard.decided(lambda: milter.envelope(guard.where))
                same(line.get("cache"), "redis", f"{first} and {second}: {label} is there")
        same(dns.count("example"), asked, f"{first} and {second}: nobody is asked")


@case
def nodes_with_other_lists():
    """What nodes learn by different lists stands in one value, and each ends in its own time."""
    _beside(300, 2000, ">", 2000)
    _beside(2000, 300, "<", 2000)


@case
def learned_at_a_time():
    """Two nodes learn of different lists at the same moment: both are kept."""
    addresses = [f"198.51.100.{host}" for host in range(1, 41)]
    table = {reverse(address, f"{label}.example"): Answer("127.0.0.2", ttl=300, delay=0.1)
             for address in addresses for label in "ab"}
    with redis.Redis() as store, NameServer(table) as dns, \
            _node(dns, store, "a", "a.example") as first, \
            _node(dns, store, "b", "b.example") as second:
        time.sleep(0.2)
        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            list(pool.map(lambda pair: milter.envelope(pair[0].where, pair[1]),
                          [(guard, address) for address in addresses for guard in (first, second)]))
        check.wait_for(lambda: all((store.command("STRLEN", store.key(address)) or 0) == 31
                                   for address in addresses), 8)
        same({len(store.command("GET", store.key(address)) or "") for address in addresses}, {31},
             "each value has the facts of both")


@case
def errors_are_not_shared():
    """What a list could not say is nobody else's business."""
    table = {reverse(scene.GOOD, "bl.example"): Answer("127.255.255.254")}
    broken = reverse(scene.BOT, "bl.example")
    table[broken] = Answer(rcode=nameserver.SERVFAIL)
    with redis.Redis() as store, NameServer(table) as dns, \
            daemon.Relayguard(daemon.config(dns.address, more=_cache(store.url))) as guard:
        milter.envelope(guard.where, scene.GOOD)
        milter.envelope(guard.where, scene.BOT)
        milter.envelope(guard.where, scene.RELAY)
        check.wait_for(lambda: store.keys())
        same(store.keys(), [store.key(scene.RELAY)], "only what is known is there")


check.run()
