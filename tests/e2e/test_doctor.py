#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""relayguardctl doctor as a whole: of a good machine nothing but ok; in a bounded time, however
silent all others are; and what cannot be looked at is said."""
import json
import os
import pty
import re
import socket
import subprocess
import time

from lib import check, doctor, internet, redis
from lib.check import case, like, ok, same, within
from lib.machine import machine, why_not

WHY_NOT = internet.why_not() or why_not() or (None if redis.SERVER else "no redis-server")
if WHY_NOT:
    check.skip_all(WHY_NOT)
internet.enter()

from lib import daemon, nameserver, resolver, server, settings, terminal

SECONDS = 60  # that it takes at most
POSTFIX = {
    "main.cf": """compatibility_level = 3.6
queue_directory = /var/spool/postfix
smtpd_milters = {{ {socket}, connect_timeout=3s, command_timeout=10s, default_action=accept }}
""",
    "master.cf": "smtp inet n - y - - smtpd\n"}
CONF = """
dns {{ servers = {{ {servers} }} }}
{more}
list "bl" {{ zone = "{zone}"
	answer "127.0.0.2" {{ category = "spam-source" score = 5 }} }}
policy "default" {{ lists = {{ "bl" }} refuse = 5 }}
"""


def postfix(where):
    """A folder with its configuration."""
    folder = server.new_dir("postfix")
    for name, text in POSTFIX.items():
        path = server.write(os.path.join(folder, name), text.format(socket=where))
        os.utime(path, (1, 1))  # postconf(1) waits until they are seconds old
    return folder


@case
def good():
    """All is there, and all is well."""
    if resolver.Unbound.why_not():
        check.skip("a good machine", resolver.Unbound.why_not())
        return
    folder = server.new_dir("run")
    store = server.new_dir("store")
    with internet.Internet() as net, resolver.Unbound(net) as front, \
            redis.Redis(more=("maxmemory-policy allkeys-lru",)) as cache:
        more = (f'control {{ socket = "{folder}/control" status = "{folder}/status" }}\n'
                f'store {{ path = "{store}" size = 64M }}\n'
                f'cache {{ redis = "{cache.url}" }}\nuser = "nobody"')
        os.chown(store, 65534, 65534)
        os.chown(folder, 65534, 65534)
        with daemon.Relayguard(CONF.format(servers=f'"{front.address}"', zone=settings.LIST,
                                           more=more)) as guard:
            report = doctor.Report(guard.file, postfix=postfix(guard.postfix),
                                   env=machine())
            same([each for each in report.findings if each["level"] != "ok"], [], "all is ok")
            same((report.code, report.said), (0, ""), "the exit status, and no word besides")
            same({each["do"] for each in report.findings}, {None}, "nothing is to be done")
            checks = {each["check"] for each in report.findings}
            same(sorted(checks), sorted({
                "configuration", "folder", "resolver-place", "resolver-answers",
                "resolver-case", "resolver-tcp", "list-test", "redis", "redis-memory",
                "redis-rights", "redis-latency", "redis-clock", "socket", "postfix-milter",
                "postfix-time-outs", "postfix-default-action", "postfix-macros",
                "postfix-same-list", "clock", "libevent", "disk", "memory", "version",
                "descriptors"}), "and all was looked at")
            report = doctor.Report(guard.file, only="system", env=machine(clock="bad"))
            same((report.code, report.end), (1, {"end": True, "status": 1}), "a warning")
            same({each["check"] for each in report.findings},
                 {"clock", "libevent", "disk", "memory", "version", "descriptors"},
                 "one theme alone")


class Silent:
    """A port that accepts, and says nothing."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.address = f"127.0.0.1:{self.socket.getsockname()[1]}"

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.socket.close()


@case
def bounded():
    """Nobody answers: it ends all the same, a terminal shows how far it is, and programs that
    hang are ended."""
    folder = server.new_dir("bin")
    server.write(f"{folder}/postconf", "#!/bin/sh\necho $$ > " + folder + "/pid\nsleep 1000\n",
                 0o755)
    with nameserver.BlackHole() as one, nameserver.BlackHole() as two, \
            nameserver.BlackHole() as three, Silent() as hole:
        more = f'cache {{ sentinels = {{ "{hole.address}" }} service = "x" }}\n' \
               f'listen = "inet:{hole.address.split(":")[1]}@127.0.0.1"\n'
        servers = ", ".join(f'"{each.address}"' for each in (one, two, three))
        path = server.write(os.path.join(folder, "conf"),
                            CONF.format(servers=servers, zone=settings.LIST, more=more))
        master, slave = pty.openpty()
        begin = time.monotonic()
        done = subprocess.run([doctor.PROGRAM, "-j", "doctor", "--lists", daemon.LISTS, path],
                              check=False, timeout=150, stdout=subprocess.PIPE, stderr=slave,
                              env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"})
        within(time.monotonic() - begin, SECONDS, "it ends")
        os.close(slave)
    shown = terminal.read_all(master)
    like(shown, r"\[#+ +\] +\d+%", "it shows how far it is")
    ok(shown.endswith("\r\x1b[K"), "and takes that away", repr(shown[-80:]))
    found = {}
    for line in done.stdout.decode().splitlines()[:-1]:
        data = json.loads(line)["data"]
        found.setdefault(data["check"], set()).add(data["level"])
    for name, level in (("resolver-answers", "error"), ("list-test", "error"),
                        ("redis", "error"), ("socket", "error"), ("postfix-milter", "unseen")):
        ok(level in found.get(name, ()), f"{name}: {level}", found)
    with open(f"{folder}/pid", encoding="ascii") as file:
        ok(not os.path.exists(f"/proc/{file.read().strip()}"), "what hangs is ended")


@case
def others():
    """Who is not root is told what that keeps from being looked at."""
    folder = server.new_dir("run")
    os.chown(folder, 65534, 65534)
    text = (f'control {{ status = "{folder}/status" status_group = "nogroup" }}\n'
            'socket_mode = "0600"\n'
            f'store {{ path = "{folder}" }}\npolicy "default" {{ }}\n')
    with daemon.Relayguard(text, unix=f"{folder}/milter") as guard:
        as_user = ("setpriv", "--reuid", "backup", "--regid", "nogroup", "--clear-groups")
        report = doctor.Report(guard.file, prefix=as_user, env=machine())
    unseen = [(each["check"], each["seen"]) for each in report.findings
              if each["level"] == "unseen"]
    for name in ("folder", "socket", "descriptors"):
        ok(any(each == name and re.search("needs root|not known", seen) for each, seen in unseen),
           f"{name} is not looked at", unseen)
    # There is no resolver in a network of our own.
    ok(not [each for each in report.findings
            if each["level"] == "error" and not each["check"].startswith("resolver")],
       "nothing is wrong", report.text)


check.run()
