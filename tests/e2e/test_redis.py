#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Answers shared through a real Redis, reached in every way there is."""
import re
import time

from lib import check, daemon, milter, nameserver, redis, scene, server
from lib.check import case, like, ok, same
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
        for address, value in ((scene.RELAY, r"1\|127\.0\.0\.2\|\d+"),
                               (scene.BOT, r"1\|127\.0\.0\.4,127\.1\.0\.8\|\d+"),
                               (scene.GOOD, r"1\|\|\d+")):
            key = store.key(address)
            text = store.command("GET", key)
            like(text, f"^{value}$", f"{address}: the value")
            ttl = store.command("TTL", key)
            ok(0 < ttl <= 3600, f"{address}: it expires", ttl)
            left = int(text.split("|")[2]) - time.time()
            ok(ttl - 3 <= left <= 1.25 * ttl + 3, f"{address}: when the value does, or sooner",
               (ttl, left))


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
    nonsense = ["", "1", "1|", "1||", "x" * 500, "2|127.0.0.2|99999999999",
                "1|127.0.0.2|99999999999", "1|127.0.0.2|1", "1|10.0.0.1|{soon}",
                "1|127.0.0.2|{soon}x", "1|127.0.0.2,|{soon}", "1|127.0.0.2|-5", "\0\0\0",
                "1|127.0.0.2 |{soon}"]
    with redis.Redis() as store, NameServer(TABLE) as dns:
        key = store.key(scene.GOOD)
        text = daemon.config(dns.address, more=_cache(store.url))
        for value in nonsense:
            store.command("SET", key, value.format(soon=int(time.time()) + 100))
            with daemon.Relayguard(text) as guard:
                same(milter.verdict(guard.where, scene.GOOD), "pass",
                     f"{value[:30]!r}: not believed")
                check.wait_for(lambda: re.match(r"1\|\|\d+$", store.command("GET", key)))
                like(store.command("GET", key), r"^1\|\|\d+$", f"{value[:30]!r}: replaced")
        for label, words in (("another type", ("LPUSH", key, "a list")),
                             ("100 kB", ("SET", key, "x" * 100000)),
                             ("10 MB", ("SET", key, "x" * 10000000))):
            store.command("DEL", key)
            store.command(*words)
            with daemon.Relayguard(text) as guard:
                same(milter.verdict(guard.where, scene.GOOD), "pass", f"{label}: a miss")
                same(milter.verdict(guard.where), "refuse", f"{label}: others are judged")


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
