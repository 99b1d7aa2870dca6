#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""TLS to Redis where hiredis has it; where it has not, what is said instead."""
import itertools
import os
import shutil
import signal

from lib import check, daemon, load, nameserver, redis, rediscluster, redistls, server
from lib.check import case, like, ok, same, within
from lib.nameserver import NameServer
from lib.rediscluster import client, used

ZONE = "bl.example"
LISTED = [f"198.51.100.{host}" for host in range(1, 255)]
_listed = iter(LISTED)

if redis.SERVER is None:
    check.skip_all("no redis-server or valkey-server")


def _text(dns, url, **words):
    more = " ".join(f'{word} = "{value}"' for word, value in words.items())
    return daemon.config(dns.address, more=f'cache {{ redis = "{url}"\n{more} }}\n')


def _has_tls():
    authority = redistls.Authority()
    file = server.write(os.path.join(authority.folder, "relayguard.conf"),
                        f'cache {{ redis = "rediss://127.0.0.1" tls_ca = "{authority.ca}" }}\n'
                        'policy "default" { }\n')
    code, _, errors = daemon.run("-t", "-c", file, "-l", daemon.LISTS)
    return code == 0, errors


TLS, SAYS = _has_tls()


def _refused(guard, label, reason=""):
    ok(guard.wait_lines(f"event=redis-down .*{reason}"), f"{label}: one line says so",
       guard.output())
    check.note(guard.lines("event=redis-down")[:1])
    before = load.cpu(guard.pid)
    found = [load.timed(guard.where, address)
             for _ in range(10) for address in (client(), next(_listed))]
    same([verdict for verdict, _ in found], ["pass", "refuse"] * 10,
         f"{label}: every verdict is right")
    within(max(seconds for _, seconds in found), 1.0 + nameserver.CANARY_PAUSE,
           f"{label}: and nobody waits long")
    within(load.cpu(guard.pid) - before, 0.5, f"{label}: nor does it keep us busy")


def shared():
    """Two daemons at a Redis with TLS."""
    authority = redistls.Authority()
    clients = LISTED[:20] + [client() for _ in range(20)]
    with redistls.Redis(authority) as store, \
            NameServer(nameserver.zone(ZONE, LISTED)) as dns:
        text = _text(dns, store.url, tls_ca=authority.ca)
        with daemon.Relayguard(text) as first:
            ok(check.wait_for(lambda: used(first, store)), "it is used", first.output())
            same([load.judge(first.where, address) for address in clients],
                 ["refuse"] * 20 + ["pass"] * 20, "the first daemon judges")
            check.wait_for(lambda: len(store.keys()) > 40)
        asked = dns.count(ZONE)
        with daemon.Relayguard(text) as second:
            ok(check.wait_for(lambda: used(second, store)), "the second one has a connection")
            asked = dns.count(ZONE)
            same([load.judge(second.where, address) for address in clients],
                 ["refuse"] * 20 + ["pass"] * 20, "and judges the same")
            same(dns.count(ZONE), asked, "and asks nobody")
            ids = itertools.cycle(f"198.18.{n >> 8}.{n & 255}" for n in range(5000))
            with load.Load(second.where, lambda: next(ids), 4) as work:
                check.wait_for(lambda: sum(work.counts.values()) > 4000)
            same(set(work.counts), {"pass"}, "under load too")
            ok(check.wait_for(lambda: store.command("DBSIZE") > 3900), "and leaves what it learned",
               store.command("DBSIZE"))
            same(second.lines("event=redis-down"), [], "nothing is amiss")


def certificates():
    """A Redis that wants to see a certificate; ours, none, and after a reload."""
    authority = redistls.Authority()
    certificate, key = authority.certificate("relayguard")
    with redistls.Redis(authority, clients=True) as store, \
            NameServer(nameserver.zone(ZONE, LISTED)) as dns:
        with daemon.Relayguard(_text(dns, store.url, tls_ca=authority.ca)) as guard:
            _refused(guard, "no certificate")
            guard.reload(guard.text.replace(
                "tls_ca", f'tls_cert = "{certificate}" tls_key = "{key}" tls_ca'))
            ok(check.wait_for(lambda: used(guard, store)), "with one: it is used")


def strangers():
    """A server of another authority, one without TLS, and TLS where none is spoken of."""
    authority, other = redistls.Authority(), redistls.Authority()
    with redistls.Redis(authority) as store, NameServer(nameserver.zone(ZONE, LISTED)) as dns:
        with daemon.Relayguard(_text(dns, store.url, tls_ca=other.ca)) as guard:
            _refused(guard, "another authority", "TLS failed: .*tls_ca")
            shutil.copy(authority.ca, other.ca)
            guard.reload()
            ok(check.wait_for(lambda: used(guard, store)),
               "a reload sees that the file has changed")
        plain = f"rediss://127.0.0.1:{store.port}/0"
        with daemon.Relayguard(_text(dns, plain, tls_ca=authority.ca)) as guard:
            _refused(guard, "no TLS there")
        with daemon.Relayguard(_text(dns, store.url.replace("rediss", "redis"))) as guard:
            _refused(guard, "TLS there, and none here")


def cluster():
    """A Cluster in which all speak TLS; the map names the ports for it."""
    authority = redistls.Authority()
    with rediscluster.Cluster(authority=authority) as nodes, \
            NameServer(nameserver.zone(ZONE, LISTED)) as dns, \
            nodes.guard(dns, f'tls_ca = "{authority.ca}"') as guard:
        ok(nodes.mapped(guard), "it has the map", guard.output())
        third = rediscluster.SLOTS // 3
        for number in range(3):
            ok(check.wait_for(lambda low=number * third: nodes.used(guard, low, low + third - 1)),
               f"master {number} is used")
        nodes.masters[0].send(signal.SIGKILL)
        same([load.judge(guard.where, address) for address in (LISTED[0], client())],
             ["refuse", "pass"], "one is killed: verdicts are right")
        ok(check.wait_for(lambda: nodes.used(guard, 0, third - 1)), "its replica is used")


def sentinels():
    """Sentinels, master and replica, all with TLS."""
    authority = redistls.Authority()
    with rediscluster.Service(authority=authority) as service, \
            NameServer(nameserver.zone(ZONE, LISTED)) as dns, \
            service.guard(dns, f'tls_ca = "{authority.ca}"') as guard:
        ok(check.wait_for(lambda: used(guard, service.master)), "the master is used",
           guard.output())
        service.master.send(signal.SIGKILL)
        same([load.judge(guard.where, address) for address in (LISTED[0], client())],
             ["refuse", "pass"], "it is killed: verdicts are right")
        ok(check.wait_for(lambda: used(guard, service.replica)), "its replica is used")


def missing():
    """Without TLS in hiredis, the configuration is refused, and it says what to do."""
    like(SAYS, r"relayguard.conf:1: tls_ca: .*without TLS.*stunnel", "it says so")


for function in (shared, certificates, strangers, cluster, sentinels) if TLS else (missing,):
    case(function)
check.run()
