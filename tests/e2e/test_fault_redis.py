#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""A Redis that hangs, drips, floods, forgets all, or is shared with other versions.

Killed, stopped, full, and with other passwords it is in test_redis_faults.py.
"""
import collections
import itertools
import threading
import time

from lib import check, daemon, evil, load, nameserver, redis
from lib.check import case, ok, same, within
from lib.nameserver import Answer, NameServer, reverse
from lib.rediscluster import used

ZONE = "bl.example"
LISTED = [f"198.51.100.{host}" for host in range(1, 255)]
_hosts = itertools.count(1)

if redis.SERVER is None:
    check.skip_all("no redis-server or valkey-server")


def _good():
    number = next(_hosts)
    return f"203.0.{113 + number // 250}.{number % 250 + 1}"


def _guard(dns, url):
    return daemon.Relayguard(daemon.config(dns.address, more=f'cache {{ redis = "{url}" }}\n'))


def _mail_flows(guard, label, count=8):
    """New clients of both kinds get the right answer, in time."""
    slowest, found = collections.Counter(), []
    for number in range(count):
        for address in (_good(), LISTED[next(_hosts) % len(LISTED)]):
            verdict, seconds = load.timed(guard.where, address)
            found.append(verdict)
            slowest[verdict] = max(slowest[verdict], seconds)
    same(found, ["pass", "refuse"] * count, f"{label}: every verdict is right")
    within(max(slowest["pass"], slowest["refuse"] - nameserver.CANARY_PAUSE), 1.0,
           f"{label}: and nobody waits long")
    ok(guard.alive(), f"{label}: no harm done")


def _believed(guard):
    return check.wait_for(lambda: load.judge(guard.where, LISTED[next(_hosts) % 254]) == "refuse")


@case
def paused():
    """CLIENT PAUSE: it takes commands and answers none for seconds."""
    with NameServer(nameserver.zone(ZONE, LISTED)) as dns, redis.Redis() as store, \
            _guard(dns, store.url) as guard:
        _believed(guard)
        ok(check.wait_for(lambda: used(guard, store)), "Redis is used")
        store.command("CLIENT", "PAUSE", 3000, "ALL")
        _mail_flows(guard, "paused")
        time.sleep(2.5)
        begin = time.monotonic()
        ok(check.wait_for(lambda: used(guard, store)), "used again by itself")
        within(time.monotonic() - begin, 6.0, "within seconds")


@case
def busy():
    """It works at one command for seconds, as with DEBUG SLEEP or a slow script."""
    with NameServer(nameserver.zone(ZONE, LISTED)) as dns, redis.Redis() as store, \
            _guard(dns, store.url) as guard:
        _believed(guard)
        ok(check.wait_for(lambda: used(guard, store)), "Redis is used")
        script = "local n = 0 for i = 1, 300000000 do n = n + i end return n"
        store.command("CONFIG", "SET", "lua-time-limit", 60000)

        def sleep():
            try:
                store.command("DEBUG", "SLEEP", 3)
            except RuntimeError:  # not allowed by default
                try:
                    store.command("EVAL", script, 0)
                except OSError:
                    pass  # our own patience has an end

        thread = threading.Thread(target=sleep)
        thread.start()
        time.sleep(0.1)
        _mail_flows(guard, "busy")
        thread.join()
        ok(check.wait_for(lambda: used(guard, store)), "used again by itself")


EVILS = {
    "drips a byte at a time": evil.dripping(b"$100\r\n" + b"x" * 100 + b"\r\n"),
    "promises 4 GB": evil.pouring(b"*1\r\n$4294967296\r\n"),
    "never ends its line": evil.pouring(b"+"),
    "promises 2 billion values": evil.always(b"*2147483647\r\n"),
    "nests its arrays": evil.always(b"*1\r\n" * 10000 + b":1\r\n"),
    "is a web server": evil.always(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
    "says nothing": evil.silent,
    "is loading": evil.always(b"-LOADING Redis is loading the dataset in memory\r\n"),
    "is somebody else's": evil.always(b"-NOAUTH Authentication required.\r\n"),
    "has moved": evil.always(b"-MOVED 3999 198.51.100.7:6381\r\n"),
    "answers numbers": evil.always(b":42\r\n"),
    "hangs up": lambda connection: connection.recv(1),
}


@case
def evil_servers():
    """What answers at Redis' port is no Redis, or means us no good."""
    for label, talk in EVILS.items():
        with NameServer(nameserver.zone(ZONE, LISTED)) as dns, evil.Evil(talk) as store, \
                _guard(dns, f"redis://127.0.0.1:{store.port}/0") as guard:
            _believed(guard)
            _mail_flows(guard, label, 4)
            before = load.cpu(guard.pid)
            time.sleep(0.25)
            within(load.cpu(guard.pid) - before, 0.15, f"{label}: it does not keep us busy")
            within(load.memory(guard.pid), 60000, f"{label}: nor fill our memory (kB)")
            ok(store.connections < 30, f"{label}: nor do we call without end", store.connections)
            within(len(guard.lines("event=redis")), 4, f"{label}: few lines say so")


@case
def flushed_under_load():
    """FLUSHALL again and again: only slower; each address is asked about once at a time."""
    table = nameserver.zone(ZONE, LISTED, Answer("127.0.0.2", delay=0.05))
    with NameServer(table) as dns, redis.Redis() as store:
        with _guard(dns, store.url) as guard:
            _believed(guard)
            turn = itertools.cycle(LISTED[:100])
            lock = threading.Lock()

            def following():
                with lock:
                    return next(turn)

            with load.Load(guard.where, following) as work:
                for _ in range(20):
                    store.command("FLUSHALL")
                    time.sleep(0.1)
            same(set(work.counts), {"refuse"}, f"every verdict is right: {dict(work.counts)}")
            within(work.slowest, 1.0 + nameserver.CANARY_PAUSE, "nobody waits long")
    with NameServer(table) as dns, redis.Redis() as store:
        with _guard(dns, store.url) as guard:
            _believed(guard)
            before = dns.count(reverse("198.51.100.250", ZONE))
            store.command("FLUSHALL")
            found = load.at_once(guard.where, ["198.51.100.250"] * 30 + LISTED[:30])
            same({verdict for verdict, _ in found.values()}, {"refuse"}, "emptied: all refused")
            within(dns.count(reverse("198.51.100.250", ZONE)) - before, nameserver.CONFIRMED,
                   "one address, many sessions: one question, and one that confirms it")


@case
def other_versions():
    """Another version's keys and values are neither read nor written."""
    others = {"rg0:{%s}": "0|listed", "rg2:{%s}": "2" + redis.fact("127.0.0.2"),
              "rg1:{%s}:bl.b5d9ad27": "1|127.0.0.2|{soon}", "rg1:{%s}:bl": "1|127.0.0.2|{soon}"}
    good = [_good() for _ in range(5)]
    with NameServer(nameserver.zone(ZONE, LISTED)) as dns, redis.Redis() as store:
        soon = str(int(time.time()) + 600)
        for address in good:
            for key, value in others.items():
                store.command("SET", key % address, value.replace("{soon}", soon))
            store.command("SET", store.key(address), "3" + redis.fact("127.0.0.2"), "EX", 600)
        with _guard(dns, store.url) as guard:
            time.sleep(0.2)
            _believed(guard)
            same([load.judge(guard.where, address) for address in good], ["pass"] * 5,
                 "good clients pass, whatever others say of them")
            for address in good[:1]:
                for key, value in others.items():
                    same(store.command("GET", key % address), value.replace("{soon}", soon),
                         f"left as it is: {key % 'ADDRESS'}")
            ok(check.wait_for(lambda: store.command("GET", store.key(good[0]))
                              == "2" + redis.fact()), "ours is written anew")
            same([load.judge(guard.where, address) for address in LISTED[:5]], ["refuse"] * 5,
                 "listed ones are refused")


check.run()
