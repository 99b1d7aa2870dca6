#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""The sandbox: what is in force, what cannot be done any more, and what still works."""
import os
import re
import signal

from lib import check, daemon, milter, redis, scene, server
from lib.check import case, like, ok, same, skip, unlike


def _status(pid):
    """What the kernel says of a process."""
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
        return dict(re.findall(r"^(\w+):\s*(.*)$", file.read(), re.MULTILINE))


def _announced(guard):
    """The fields of the line that says what is in force."""
    lines = guard.wait_lines(r"event=sandbox ")
    return daemon.fields(lines[0]) if lines else {}


@case
def in_force():
    """The kernel confirms what the log says, for every thread."""
    with scene.listed() as guard:
        said = _announced(guard)
        same(len(guard.events("sandbox")), 1, "one line says what is in force")
        same(said.get("no-new-privs"), "yes", "no new privileges")
        filtered = "2" if said["seccomp"] == "yes" else "0"
        if filtered == "0":
            skip("calls are filtered", said.get("why", "no word why"))
        for thread in os.listdir(f"/proc/{guard.pid}/task"):
            status = _status(f"{guard.pid}/task/{thread}")
            same((status["NoNewPrivs"], status["Seccomp"]), ("1", filtered),
                 "a thread has it too")
        same(milter.envelope(guard.where)[0], "y", "and it serves")


@case
def switched_off():
    """sandbox = false: nothing is given up; a reload cannot change that."""
    with scene.listed("sandbox = false\n") as guard:
        same(guard.events("sandbox"), [], "no line")
        same(_status(guard.pid)["Seccomp"], "0", "no filter")
        same(milter.envelope(guard.where)[0], "y", "it serves")
        guard.reload(guard.text.replace("sandbox = false", "sandbox = true"))
        ok(guard.lines("event=needs-restart what=sandbox"), "a change needs a restart",
           guard.output())


@case
def forbidden_files():
    """A file that was not named at the start cannot be read, even by root."""
    secret = server.write(server.new_dir("elsewhere") + "/deny", f"{scene.GOOD}\n")
    known = server.write(server.new_dir("known") + "/deny", f"{scene.GOOD}\n")
    with scene.listed(f'deny {{ files = {{ "{known}" }} }}\n') as guard:
        if _announced(guard)["landlock"] == "no":
            skip("files are out of reach", "this kernel has no Landlock")
            return
        same(milter.envelope(guard.where, scene.GOOD)[0], "y", "the known file is in force")
        good = guard.text
        lines = guard.reload(good.replace(known, secret))
        like("".join(lines), "event=reload-failed", "another one: the reload fails")
        ok(guard.lines(r"elsewhere.*Permission denied"), "and says why", guard.output())
        beside = server.write(os.path.join(os.path.dirname(known), "more"), "203.0.113.77\n")
        lines = guard.reload(good.replace(known, beside))
        like("".join(lines), "event=reloaded", "one beside a known one is read")
        same(milter.envelope(guard.where, "203.0.113.77")[0], "y", "and is in force")
        os.rename(server.write(beside + ".new", "203.0.113.78\n"), beside)
        guard.reload()
        same(milter.envelope(guard.where, "203.0.113.78")[0], "y", "replaced, it is read again")


@case
def links_are_followed():
    """A file that is a link into another folder can be read and replaced."""
    target = server.write(server.new_dir("target") + "/deny", f"{scene.GOOD}\n")
    link = os.path.join(server.new_dir("link"), "deny")
    os.symlink(target, link)
    with scene.listed(f'deny {{ files = {{ "{link}" }} }}\n') as guard:
        os.rename(server.write(target + ".new", "203.0.113.78\n"), target)
        like("".join(guard.reload()), "event=reloaded", "a reload finds it")
        same(milter.envelope(guard.where, "203.0.113.78")[0], "y", "and what is in it")


@case
def all_that_is_needed():
    """Unix sockets, Redis by a unix socket, key files, pid file, as another user."""
    keys = server.new_dir("keys")
    os.chmod(keys, 0o755)
    key = server.write(os.path.join(keys, "bl.key"), "abcdefgh\n", 0o600)
    password = server.write(os.path.join(keys, "redis"), "secret\n", 0o600)
    run = server.new_dir("run")
    os.chmod(run, 0o777)
    for path in (key, password):
        os.chown(path, 65534, 65534)
    path, pid = os.path.join(run, "milter.sock"), os.path.join(run, "relayguard.pid")
    with redis.Redis(unix=True, password="secret") as store:
        more = (f'user = "nobody"\npid_file = "{pid}"\n'
                f'cache {{ redis = "{store.url}" password_file = "{password}" }}\n'
                f'list "keyed" {{ zone = "%{{key}}.example" key_file = "{key}"\n'
                '    answer "127.0.0.2" { category = "open-relay" score = 1 } }\n')
        with scene.listed(more, unix=path) as guard:
            same(milter.envelope(guard.where)[0], "y", "a listed client is refused")
            ok(check.wait_for(store.keys), "Redis has the facts", guard.output())
            like("".join(guard.reload()), "event=reloaded", "a reload reads key and password")
            guard.send(signal.SIGHUP)
            ok(check.wait_for(lambda: len(guard.events("reloaded")) == 2), "and again")
            same(milter.envelope(guard.where)[0], "y", "it serves")
            same(guard.stop(), 0, "it ends")
            unlike(guard.output(), "Permission denied|not permitted", "nothing was in its way")
        ok(not os.path.exists(pid), "its pid file is gone")
        ok(not os.path.exists(path), "and its socket")


check.run()
