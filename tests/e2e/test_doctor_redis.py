#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""relayguardctl doctor at real Redis servers, and at one that is late or lives in another
time."""
import os
import socket
import threading
import time

from lib import check, doctor, redis, rediscluster, redistls, server
from lib.check import case, same

if redis.SERVER is None:
    check.skip_all("redis-server is missing")

GOOD = ("maxmemory-policy allkeys-lru",)
ERROR, WARNING, UNSEEN = "error", "warning", "unseen"


def conf(section):
    """A configuration with that for Redis."""
    return server.write(os.path.join(server.new_dir("conf"), "relayguard.conf"),
                        'listen = "inet:8891@127.0.0.1"\n' f"cache {{ {section} }}\n"
                        'policy "default" { }\n')


def look(section, *found, label):
    """What is found is that, and nothing else."""
    doctor.judge(doctor.Report(conf(section), only="redis"), "redis", found, label)


class Fake:
    """Speaks as Redis does: answers are by the first word of a command.

    late: seconds before each; ahead: of our time.
    """

    def __init__(self, late=0.0, ahead=0, info="redis_version:7.0.0\r\nrole:master\r\n"
                 "maxmemory:0\r\nmaxmemory_policy:noeviction\r\n"):
        self.late, self.ahead, self.info = late, ahead, info
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection):
        with connection, connection.makefile("rb") as lines:
            for line in lines:
                words = []
                for _ in range(int(line[1:])):
                    lines.readline()
                    words.append(lines.readline().strip().decode().upper())
                time.sleep(self.late)
                try:
                    connection.sendall(self._answer(words[0]))
                except OSError:
                    return

    def _answer(self, word):
        if word == "PING":
            return b"+PONG\r\n"
        text = str(int(time.time()) + self.ahead) if word == "TIME" else self.info
        bulk = f"${len(text)}\r\n{text}\r\n"
        return (f"*2\r\n{bulk}$1\r\n0\r\n" if word == "TIME" else bulk).encode()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.socket.close()


@redis.case
def good():
    """Nothing is wrong, by TCP and by a socket, with a password and a user."""
    with redis.Redis(more=GOOD) as store:
        look(f'redis = "{store.url}"', label="TCP")
    with redis.Redis(unix=True, more=GOOD) as store:
        look(f'redis = "{store.url}"', label="a unix socket")
    with redis.Redis(password="secret", more=GOOD) as store:
        file = server.write(os.path.join(store.directory, "password"), "secret\n", 0o600)
        look(f'redis = "{store.url}" password_file = "{file}"', label="a password")
    with redis.Redis(more=("maxmemory 0",)) as store:
        look(f'redis = "{store.url}"', label="no limit")


@redis.case
def mistakes():
    """What is wrong is said."""
    with redis.Redis() as store:  # noeviction is the default
        look(f'redis = "{store.url}"',
             ("redis-memory", WARNING, r"maxmemory-policy is noeviction: .*"
              r"-> maxmemory-policy allkeys-lru"), label="noeviction")
        url = store.url
    look(f'redis = "{url}"', ("redis", ERROR, "Connection refused"), label="nobody is there")
    with redis.Redis(password="secret", more=GOOD) as store:
        look(f'redis = "{store.url}"', ("redis", ERROR, "NOAUTH"), label="no password")
        file = server.write(os.path.join(store.directory, "password"), "wrong\n", 0o600)
        look(f'redis = "{store.url}" password_file = "{file}"', ("redis", ERROR, "WRONGPASS"),
             label="a wrong password")
    with redis.Redis(password="secret", user="guard", more=GOOD) as store:
        file = server.write(os.path.join(store.directory, "password"), "secret\n", 0o600)
        look(f'redis = "{store.url}" user = "guard" password_file = "{file}"',
             ("redis-memory", UNSEEN, "INFO is refused to us"),
             ("redis-clock", UNSEEN, "TIME is refused to us"), label="few rights")
    with redis.Redis(more=GOOD) as store:
        store.command("ACL", "SETUSER", "default", "-eval", "-xadd")
        look(f'redis = "{store.url}"', ("redis-rights", ERROR, "may not use EVAL, XADD for keys"),
             label="without some rights")
        store.command("ACL", "SETUSER", "default", "+@all", "resetkeys", "~other:*")
        look(f'redis = "{store.url}"', ("redis-rights", ERROR, "may not use GET, PTTL, SET, EVAL"),
             label="for other keys")
        store.command("ACL", "SETUSER", "default", "~*")
        same(store.command("KEYS", "*"), [], "nothing is left there")
    with redis.Redis(more=GOOD) as master, \
            redis.Redis(more=GOOD + (f"replicaof 127.0.0.1 {master.port}",)) as replica:
        look(f'redis = "{replica.url}"', ("redis-role", ERROR, "is a replica"), label="a replica")


@case
def time_and_patience():
    """A server that is late, and one with another time; one that says nothing, and nonsense."""
    with Fake() as store:
        look(f'redis = "{store.url}"', label="a fake that is good")
    for ahead, words in ((3600, "36[0-9][0-9] s ahead of"), (-3600, "3[56][0-9][0-9] s behind")):
        with Fake(ahead=ahead) as store:
            look(f'redis = "{store.url}"', ("redis-clock", WARNING, words), label=f"{ahead} s")
    with Fake(late=0.7) as store:
        look(f'redis = "{store.url}"',
             ("redis-latency", WARNING, "ms at best for a PING, and relayguard waits for 100"),
             label="late")
    with Fake(late=30) as store:
        look(f'redis = "{store.url}"', ("redis", ERROR, "accepts, and does not answer"), label="silent")
    with Fake(info="\x00") as store:
        look(f'redis = "{store.url}"', ("redis-memory", UNSEEN, "no maxmemory_policy"),
             label="nonsense")


@redis.case
def sentinels():
    """The master that Sentinels name; what none of them can."""
    with rediscluster.Service() as service:
        at = f"sentinels = {service.setting}"
        service.master.command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
        look(f'{at} service = "mymaster"', label="a service")
        look(f'{at} service = "other"',
             *[("redis-sentinel", ERROR, "names no master of other")] * 3, label="another one")
        service.master.command("CONFIG", "SET", "maxmemory-policy", "noeviction")
        look(f'{at} service = "mymaster"',
             ("redis-memory", WARNING, f":{service.master.port}: maxmemory-policy is noevict"),
             label="the master is looked at")


@redis.case
def cluster():
    """Nodes of a Cluster, and one that is not whole."""
    with rediscluster.Cluster() as nodes:
        for node in nodes.nodes:
            node.command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
        look(f"cluster = {nodes.setting}", label="a Cluster")
    with rediscluster.Node() as node:
        node.command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
        look(f'cluster = {{ "127.0.0.1:{node.port}" }}',
             ("redis-cluster", ERROR, 'state of the Cluster is "fail"'), label="no slots")


@redis.case
def tls():
    """By TLS, and by another authority than its own."""
    authority, other = redistls.Authority(), redistls.Authority()
    report = doctor.Report(conf(f'redis = "rediss://127.0.0.1" tls_ca = "{authority.ca}"'),
                           only="configuration")
    if "without TLS" in report.text:
        check.like(report.text, '"level":"error",.*without TLS here: reach Redis through stunnel',
                   "what lacks it says so")
        return
    with redistls.Redis(authority, more=GOOD) as store:
        look(f'redis = "{store.url}" tls_ca = "{authority.ca}"', label="TLS")
        look(f'redis = "{store.url}" tls_ca = "{other.ca}"', ("redis", ERROR, "TLS: "),
             label="another authority")


@case
def none():
    """Where there is none in the configuration, nothing is said of it."""
    file = server.write(os.path.join(server.new_dir("conf"), "relayguard.conf"),
                        'policy "default" { }\n')
    check.same(doctor.Report(file, only="redis").of("redis"), [], "nothing")


check.run()
