#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""The master that real Sentinels name, and the next one, when that is dead or demoted."""
import itertools
import signal
import time

from lib import check, daemon, evil, load, nameserver, redis, server
from lib.check import case, ok, same, within
from lib.nameserver import NameServer
from lib.rediscluster import Service, client, guard_of, used

ZONE = "bl.example"
LISTED = [f"198.51.100.{host}" for host in range(1, 255)]

if redis.SERVER is None:
    check.skip_all("no redis-server or valkey-server")


def _masters(guard):
    return [daemon.fields(line)["server"].split(":")[1]
            for line in guard.lines("event=redis-master")]


def _right(guard, label, count=20):
    found = [load.timed(guard.where, client() if number % 2 else LISTED[number])
             for number in range(count)]
    same([verdict for verdict, _ in found], ["refuse", "pass"] * (count // 2),
         f"{label}: every verdict is right")
    within(max(seconds for _, seconds in found), 1.0 + nameserver.CANARY_PAUSE,
           f"{label}: and nobody waits long")


@redis.case
def killed_master():
    """The master is killed under load: the next one is used, and what it knows is kept."""
    with Service() as service, NameServer(nameserver.zone(ZONE, LISTED)) as dns, \
            service.guard(dns) as guard, service.guard(dns) as other:
        ok(check.wait_for(lambda: used(guard, service.master)), "the master is used")
        same(_masters(guard), [str(service.master.port)], "one line says who it is")
        known = client()
        load.judge(guard.where, known)
        check.wait_for(lambda: service.replica.command("GET", redis.Redis.key(known)))
        turn = itertools.cycle(LISTED)
        with load.Load(guard.where, lambda: next(turn), 2) as work:
            time.sleep(0.3)
            begin = time.monotonic()
            service.master.send(signal.SIGKILL)
            service.master.wait()
            refused, passed = 0, 0
            while not used(guard, service.replica) and time.monotonic() - begin < 30:
                verdict = load.judge(guard.where, client())
                refused += verdict == "refuse"
                passed += verdict == "pass"
            seconds = time.monotonic() - begin
        check.note(f"killed: {sum(work.counts.values()) + refused + passed} sessions, wrong "
                   f"refusals {refused}, slowest {work.slowest * 1000:.0f} ms, the next master "
                   f"used after {seconds:.1f} s")
        same((refused, passed > 0), (0, True), "good clients pass all the while")
        same(set(work.counts), {"refuse"}, "listed ones are refused")
        within(work.slowest, 1.0 + nameserver.CANARY_PAUSE, "nobody waits long")
        within(seconds, 20, "the next one is followed")
        same(_masters(guard), [str(service.master.port), str(service.replica.port)],
             "one line says who it is")
        same(len(guard.lines("event=redis-down")), 1, "and one said who was down")
        ok(check.wait_for(lambda: len(_masters(other)) == 2), "another daemon follows")
        asked = dns.count(ZONE)
        load.judge(other.where, known)
        same((other.wait_decision(client=known).get("cache"), dns.count(ZONE)),
             ("redis", asked), "what was known before, is known")


@case
def demoted_master():
    """The administrator has the Sentinels change the master: the old one is left."""
    with Service() as service, NameServer(nameserver.zone(ZONE, LISTED)) as dns, \
            service.guard(dns) as guard:
        ok(check.wait_for(lambda: used(guard, service.master)), "the master is used")
        begin = time.monotonic()
        service.sentinels[0].command("SENTINEL", "FAILOVER", "mymaster")
        ok(check.wait_for(lambda: used(guard, service.replica)), "the next one is used")
        check.note(f"demoted: the next master used after {time.monotonic() - begin:.1f} s")
        _right(guard, "demoted")
        # Behind the Sentinels' back: whoever says READONLY is none any more.
        service.replica.command("REPLICAOF", "127.0.0.1", service.master.port)
        _right(guard, "read only")
        ok(check.wait_for(lambda: guard.lines("no-master")),
           "a master that is none is seen", guard.output())
        ok(check.wait_for(lambda: used(guard, service.master)
                          or used(guard, service.replica), 30), "and what comes then is used")


@case
def sentinels_gone():
    """One Sentinel is dead, then all are."""
    with Service() as service, NameServer(nameserver.zone(ZONE, LISTED)) as dns:
        service.sentinels[0].stop()
        with service.guard(dns) as guard:
            ok(check.wait_for(lambda: used(guard, service.master)),
               "one is dead: the master is used")
            for sentinel in service.sentinels:
                sentinel.stop()
            ok(check.wait_for(lambda: len(guard.lines("event=sentinel-down")) == 3),
               "all are dead: a line for each")
            ok(used(guard, service.master), "and the master is used as before")
        with service.guard(dns) as guard:
            _right(guard, "nobody to ask from the start")
            same(len(guard.lines('event=redis-down server=mymaster '
                                 'reason=no-sentinel-names-a-master')), 1,
                 "one line says that there is no master")


def _liar(port):
    """A Sentinel that names this port, whatever it is asked."""
    def talk(connection):
        while data := connection.recv(65536):
            if b"PING" in data:
                connection.sendall(b"+PONG\r\n")
            if b"SENTINEL" in data:
                text = str(port).encode()
                connection.sendall(b"*2\r\n$9\r\n127.0.0.1\r\n$%d\r\n%s\r\n"
                                   % (len(text), text))
    return talk


@case
def liars():
    """A Sentinel that is cut off, or lies, is outvoted; a replica is no master."""
    with Service() as service, NameServer(nameserver.zone(ZONE, LISTED)) as dns, \
            evil.Evil(_liar(service.replica.port)) as first, \
            evil.Evil(_liar(service.replica.port)) as second:
        setting = f'{{ "127.0.0.1:{first.port}", {service.setting[1:]}'
        with guard_of(dns, f'sentinels = {setting} service = "mymaster"') as guard:
            ok(check.wait_for(lambda: used(guard, service.master)), "one lies: it is outvoted")
            same(_masters(guard), [str(service.master.port)], "and was never believed")
        setting = f'{{ "127.0.0.1:{first.port}", "127.0.0.1:{second.port}" }}'
        with guard_of(dns, f'sentinels = {setting} service = "mymaster"') as guard:
            _right(guard, "all lie")
            ok(guard.wait_lines('event=redis-down .*reason=it-is-no-master'),
               "all lie: a replica is not taken for a master")
            ok(not service.replica.command("INFO", "commandstats").count("cmdstat_get:"),
               "and not asked")


@case
def passwords():
    """Passwords of the Redis and of the Sentinels: wrong, then right."""
    folder = server.new_dir("secret")
    wrong = [server.write(f"{folder}/{name}", "wrong\n", 0o600) for name in ("redis", "sentinel")]
    words = f'password_file = "{wrong[0]}" sentinel_password_file = "{wrong[1]}"'
    with Service("secret-r", "secret-s") as service, \
            NameServer(nameserver.zone(ZONE, LISTED)) as dns, \
            service.guard(dns, words) as guard:
        _right(guard, "wrong passwords")
        ok(check.wait_for(lambda: len(guard.lines(
            "event=sentinel-down .*AUTH-answered-WRONGPASS")) == 3), "the Sentinels refuse")
        server.write(wrong[1], "secret-s\n", 0o600)
        guard.reload()
        ok(guard.wait_lines(f"redis-down server=127.0.0.1:{service.master.port} "
                            'reason=AUTH-answered-WRONGPASS'), "then the Redis does")
        server.write(wrong[0], "secret-r\n", 0o600)
        guard.reload()
        ok(check.wait_for(lambda: used(guard, service.master)), "right: it is used")
        ok("secret-" not in guard.output(), "no password in the log")


@case
def unknown_service():
    """A service that the Sentinels do not know: mail flows, and one line says so."""
    with Service() as service, NameServer(nameserver.zone(ZONE, LISTED)) as dns, \
            service.guard(dns, name="other") as guard:
        _right(guard, "unknown")
        time.sleep(1.5)
        same(len(guard.lines("event=redis-down server=other")), 1, "one line")
        guard.reload(guard.text.replace('"other"', '"mymaster"'))
        ok(check.wait_for(lambda: used(guard, service.master)), "put right: it is used")


check.run()
