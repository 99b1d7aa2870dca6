#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Redis dies, hangs, or shows us the door: mail flows, and it is used again."""
import itertools
import signal
import time

from lib import check, daemon, milter, redis, scene, server
from lib.check import case, ok, same, within
from lib.nameserver import Answer, NameServer, reverse

DOWN, UP = r"event=redis-down\b", r"event=redis-up\b"

if redis.SERVER is None:
    check.skip_all("no redis-server or valkey-server")

_hosts = itertools.count(1)


def _good():
    return f"203.0.113.{next(_hosts)}"


def _guard(dns, url, more=""):
    text = daemon.config(dns.address, more=f'cache {{ redis = "{url}" {more} }}\n')
    return daemon.Relayguard(text)


def _mail_flows(guard, label, count=5):
    slowest = 0.0
    verdicts = []
    for _ in range(count):
        begin = time.monotonic()
        verdicts.append(milter.verdict(guard.where, _good()))
        slowest = max(slowest, time.monotonic() - begin)
    same(verdicts, ["pass"] * count, f"{label}: mail passes")
    within(slowest, 1.0, f"{label}: and hardly waits")


def _used(guard, store):
    """Whether Redis learns of a new client."""
    address = _good()
    milter.envelope(guard.where, address)
    return bool(check.wait_for(lambda: store.key(address) in store.keys(), 0.3))


def _lines(guard, label, down, up):
    check.wait_for(lambda: len(guard.lines(UP)) >= up and len(guard.lines(DOWN)) >= down)
    same((len(guard.lines(DOWN)), len(guard.lines(UP))), (down, up),
         f"{label}: lines down and up")


@case
def killed_and_back():
    """The server is killed, and started again on its port."""
    with NameServer({reverse(scene.RELAY, "bl.example"): Answer("127.0.0.2")}) as dns:
        store = redis.Redis()
        with _guard(dns, store.url) as guard:
            ok(check.wait_for(lambda: _used(guard, store)), "Redis is used")
            before = len(guard.lines(UP))
            store.send(signal.SIGKILL)
            store.stop()
            _mail_flows(guard, "killed", 10)
            same(milter.verdict(guard.where), "refuse", "killed: a listed client is refused")
            same(len(guard.wait_lines(DOWN)), 1, "killed: one line says so")
            with redis.Redis(port=store.port) as again:
                ok(check.wait_for(lambda: _used(guard, again)), "back: it is used by itself")
                _lines(guard, "back", 1, before + 1)


@case
def stopped_and_back():
    """The server hangs, and goes on later."""
    with NameServer() as dns, redis.Redis() as store, _guard(dns, store.url) as guard:
        ok(check.wait_for(lambda: _used(guard, store)), "Redis is used")
        before = len(guard.lines(UP))
        store.send(signal.SIGSTOP)
        _mail_flows(guard, "hanging", 10)
        same(len(guard.wait_lines(DOWN)), 1, "hanging: one line says so")
        store.send(signal.SIGCONT)
        ok(check.wait_for(lambda: _used(guard, store)), "back: it is used by itself")
        _lines(guard, "back", 1, before + 1)


@case
def never_there():
    """A server that is not there at the start, and comes later."""
    with NameServer() as dns:
        port = server.free_port()
        with _guard(dns, f"redis://127.0.0.1:{port}/0") as guard:
            _mail_flows(guard, "not there")
            same(len(guard.wait_lines(DOWN)), 1, "not there: one line says so")
            with redis.Redis(port=port) as store:
                ok(check.wait_for(lambda: _used(guard, store)), "come: it is used by itself")
                _lines(guard, "come", 1, 1)


@case
def wrong_password():
    """A password that is wrong, until it is put right."""
    secret = server.write(server.new_dir("secret") + "/password", "wrong\n", 0o600)
    with NameServer() as dns, redis.Redis(password="right") as store, \
            _guard(dns, store.url, f'password_file = "{secret}"') as guard:
        _mail_flows(guard, "wrong password")
        same(len(guard.wait_lines(DOWN)), 1, "wrong password: one line says so")
        ok("wrong" not in guard.lines(DOWN)[0].replace("WRONGPASS", ""),
           "without the password", guard.lines(DOWN))
        time.sleep(1)
        same(len(guard.lines(DOWN)), 1, "and no more of them")
        server.write(secret, "right\n", 0o600)
        guard.reload()
        ok(check.wait_for(lambda: _used(guard, store)), "right after a reload: it is used")


@case
def password_changed():
    """A password that is changed on the server only, and changed back."""
    secret = server.write(server.new_dir("secret") + "/password", "right\n", 0o600)
    with NameServer() as dns, redis.Redis(password="right") as store, \
            _guard(dns, store.url, f'password_file = "{secret}"') as guard:
        ok(check.wait_for(lambda: _used(guard, store)), "Redis is used")
        before = len(guard.lines(UP))
        store.command("CONFIG", "SET", "requirepass", "changed")
        store.login = ["changed"]
        store.command("CLIENT", "KILL", "TYPE", "normal")
        _mail_flows(guard, "changed", 10)
        same(len(guard.wait_lines(DOWN)), 1, "changed: one line says so")
        store.command("CONFIG", "SET", "requirepass", "right")
        store.login = ["right"]
        ok(check.wait_for(lambda: _used(guard, store)), "changed back: it is used by itself")
        _lines(guard, "changed back", 1, before + 1)


@case
def full():
    """A server that takes no more: reads serve, writes are lost."""
    with NameServer() as dns, redis.Redis() as store, _guard(dns, store.url) as guard:
        ok(check.wait_for(lambda: _used(guard, store)), "Redis is used")
        store.command("CONFIG", "SET", "maxmemory-policy", "noeviction")
        store.command("CONFIG", "SET", "maxmemory", "1mb")
        _mail_flows(guard, "full", 10)
        store.command("CONFIG", "SET", "maxmemory", "32mb")
        ok(check.wait_for(lambda: _used(guard, store)), "room again: it is used")


@case
def stopped_at_shutdown():
    """A server that hangs does not keep us from ending."""
    with NameServer() as dns, redis.Redis() as store, _guard(dns, store.url) as guard:
        ok(check.wait_for(lambda: _used(guard, store)), "Redis is used")
        store.send(signal.SIGSTOP)
        milter.envelope(guard.where, _good())
        begin = time.monotonic()
        guard.send(signal.SIGTERM)
        same(guard.wait(), 0, "ends")
        within(time.monotonic() - begin, 1.0, "within a second")


check.run()
