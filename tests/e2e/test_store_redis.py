#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Copies of decisions in Redis: each node explains what another one has decided; where Redis
is down, silent or full, mail goes on."""
import os
import signal
import time

from lib import check, daemon, load, redis, rediscluster, scene, server, stored
from lib.check import case, like, ok, same, within

if redis.SERVER is None:
    check.skip_all("no redis-server or valkey-server")


def _counted(here):
    """What the daemon says at its end: copies, and those refused."""
    here.guard.stop()
    fields = daemon.fields(here.guard.events("stopped")[-1])
    return int(fields["store-copies"]), int(fields["copies-refused"])


def _is_copied(store, ref):
    return check.wait_for(lambda: store.command("GET", f"rg1:d:{ref}"), 3)


@case
def on_another_node():
    """What one node has decided another one explains, without local parts."""
    with redis.Redis(user="relayguard", password="secret") as store:
        password = store.directory + "/password"
        os.chmod(server.write(password, "secret\n"), 0o600)
        words = (f'redis = 64M redis_server = "{store.url}" redis_user = "relayguard" '
                 f'redis_password_file = "{password}"')
        one, other = stored.Scene(words), stored.Scene(words)
        ref = one.first()
        value = _is_copied(store, ref)
        like(value, rf"\A1\n\d+\n[0-9a-f]{{8}}\ndefault\n[^\n]*relayguard\.conf:\d+\nref={ref} verdict=refuse .*"
             r"name=client.example .*from=@sender.example to=@any.example", "a copy is put")
        left = store.command("PTTL", f"rg1:d:{ref}") / 1000
        ok(14 * 86400 - 60 < left <= 14 * 86400, "for as long as days are kept", left)
        check.wait_for(lambda: other.explain(ref)[0] == 0)  # a busy machine: Redis is late
        code, text, _ = other.explain(ref.lower())
        same(code, 0, "the other node explains it")
        like(text, r"(?s)^stored\n  where: redis\n.*verdict: refuse.*from: @sender.example.*"
             r"\nverdict\n  action: refuse.*same_decision: yes", "as it was, and would be now")
        like(one.explain(ref)[1], r"(?s)where: disk\n.*from: somebody@sender.example",
             "its own node has it on disk, whole")
        same(other.explain("ZZZZZZZZ")[0], 1, "one that nobody has")
        values = [store.command("GET", key) for key in store.command("KEYS", "*")]
        ok(values and not any("somebody" in value or "bob" in value for value in values),
           "nobody is named in Redis")
        store.send(signal.SIGSTOP)
        code, _, said = one.ctl("forget", scene.RELAY)
        same((code, one.explain(ref)[0]), (75, 0), "forgotten, but Redis hangs: it stays")
        like(said, r"copies could not be deleted.*do it again", "and is said")
        store.send(signal.SIGCONT)
        ok(check.wait_for(lambda: one.ctl("forget", scene.RELAY)[0] == 0, 10), "then it is forgotten")
        same(store.command("GET", f"rg1:d:{ref}"), None, "and the copy is gone")
        same((one.explain(ref)[0], other.explain(ref)[0]), (1, 1), "for each node")
        one.end()
        other.end()


@case
def beside_the_cache():
    """Copies are where the cache is, or elsewhere."""
    with redis.Redis() as store, redis.Redis() as cache:
        for words, place in (("redis = 1M", cache),
                             (f'redis = 1M redis_server = "{store.url}"', store)):
            here = stored.Scene(words + f' }} cache {{ redis = "{cache.url}"')
            ref = here.first()
            ok(_is_copied(place, ref), "the copy is where it is to be")
            ok(cache.keys(), "and facts are in the cache")
            same(store.keys(), [], "and there alone")
            here.end()


@case
def in_a_cluster():
    """A Cluster finds the node of each reference."""
    with rediscluster.Cluster(replicas=False) as cluster:
        words = f"redis = 1M redis_cluster = {cluster.setting}"
        one, other = stored.Scene(words), stored.Scene(words)
        cluster.mapped(one.guard)
        cluster.mapped(other.guard)
        refs = [one.first() for _ in range(20)]
        ok(one.is_stored(refs[-1]), "stored")
        same([ref for ref in refs if not check.wait_for(
            lambda ref=ref: "where: redis" in other.explain(ref)[1], 3)], [],
             "the other node explains them all")
        same(cluster.errors("MOVED"), 0, "and asks the right one at once")
        one.end()
        other.end()


@case
def down_or_silent():
    """Nobody waits for a Redis that is down, or hangs."""
    with redis.Redis() as store:
        here = stored.Scene(f'redis = 64M redis_server = "{store.url}"')
        ref = here.first()
        ok(_is_copied(store, ref), "it works")
        for label, number in (("hangs", signal.SIGSTOP), ("down", signal.SIGKILL)):
            store.send(number)
            times = [load.timed(here.guard.where, scene.RELAY) for _ in range(200)]
            same({verdict for verdict, _ in times}, {"refuse"}, f"{label}: mail goes on")
            within(sorted(seconds for _, seconds in times)[100], 0.05, f"{label}: nobody waits")
            ref = here.refuse()
            ok(here.is_stored(ref), f"{label}: what is on disk is explained")
            begin = time.monotonic()
            code, _, said = here.explain("ZZZZZZZZ")
            same(code, 1, f"{label}: what is not is not found")
            like(said, r"cannot be read: Redis does not answer", f"{label}: as far as is known")
            within(time.monotonic() - begin, 5, f"{label}: and that soon")
        ok(here.value("relayguard_store_copies_total", result="put") >= 1 and
           here.value("relayguard_store_copies_total", result="refused") >= 300, "it is measured")
        copies, refused = _counted(here)
        ok(copies >= 1 and refused >= 300, "what could not be put is counted", (copies, refused))
        here.dns.__exit__(None, None, None)


@case
def full():
    """A Redis that takes no more, and our own limit, which a restart does not lift."""
    with redis.Redis(more=["maxmemory 1kb", "maxmemory-policy noeviction"]) as store:
        here = stored.Scene(f'redis = 64M redis_server = "{store.url}"')
        refs = [here.first() for _ in range(3)]
        ok(here.is_stored(refs[-1]), "Redis is full: it is stored on disk")
        ok(here.guard.wait_lines("event=redis-error .*error=OOM"), "it is said")
        copies, refused = _counted(here)
        same((copies, refused >= 3), (0, True), "and counted")
        here.dns.__exit__(None, None, None)
    with redis.Redis() as store:
        here = stored.Scene(f'redis = 2000 redis_server = "{store.url}"')
        refs = [here.first() for _ in range(8)]
        ok(here.is_stored(refs[-1]), "our limit: all are stored on disk")
        time.sleep(0.5)
        here.refuse()
        time.sleep(0.5)
        copies, refused = _counted(here)
        ok(0 < copies < 8 and refused > 0, "a few are copied, the rest counted", (copies, refused))
        same(len(store.command("KEYS", "rg1:d:*")), copies, "so many are there")
        here.guard = here.start()
        here.first()
        time.sleep(0.5)
        copies, refused = _counted(here)
        same((copies, refused > 0), (0, True), "after a restart it is the same")
        here.dns.__exit__(None, None, None)


check.run()
