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


def _switch(link, target):
    """Have a link point somewhere, from one moment to the next."""
    os.symlink(target, link + ".new")
    os.rename(link + ".new", link)
    return link


def _release(top, number, text):
    """A folder with a configuration in it, as each deployment makes one."""
    folder = os.path.join(top, "releases", str(number))
    os.makedirs(folder)
    server.write(os.path.join(folder, "relayguard.conf"), text)
    return folder


@case
def links_are_switched():
    """The configuration is a link, or below one, that is switched: a reload follows."""
    for label, beside in (("the file", "relayguard.conf"), ("its folder", "")):
        top = server.new_dir("top")
        link = os.path.join(top, "current")

        def via(path):
            with open(path, encoding="ascii") as file:
                folder = _release(top, 1, file.read())
            _switch(link, os.path.join(folder, beside).rstrip("/"))
            return link if beside else os.path.join(link, "relayguard.conf")

        with scene.listed(via=via) as guard:
            denied = guard.text + f'deny {{ networks = {{ "{scene.GOOD}" }} }}\n'
            _switch(link, os.path.join(_release(top, 2, denied), beside).rstrip("/"))
            like("".join(guard.reload()), "event=reloaded", f"{label}: a reload reads a file")
            same(milter.envelope(guard.where, scene.GOOD)[0], "y", f"{label}: the new one")
            if _announced(guard)["landlock"] == "no":
                skip("links elsewhere", "this kernel has no Landlock")
                continue
            far = _release(server.new_dir("far"), 3, guard.text)
            _switch(link, os.path.join(far, beside).rstrip("/"))
            like("".join(guard.reload()), "event=reload-failed",
                 f"{label}: a link to somewhere else altogether: it fails")
            ok(guard.lines("event=configuration .*sandbox, until a restart"),
               f"{label}: and says what would help", guard.output())
            same(milter.envelope(guard.where, scene.GOOD)[0], "y", f"{label}: all is as it was")


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
            unlike(guard.output(), "(?i)permission.denied|not.permitted", "nothing was in its way")
        ok(not os.path.exists(pid), "its pid file is gone")
        ok(not os.path.exists(path), "and its socket")


check.run()
