#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""The processes that fork those that evaluate sender policies."""
import os
import pwd
import signal

from lib import check, milter, scene
from lib.check import case, ok, same

NAME = "relayguard-fork"


def _stat(pid):
    """(name, state, parent) of a process; None if there is none."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            head, tail = file.read().rsplit(")", 1)
    except OSError:
        return None
    return head.split("(", 1)[1], tail.split()[0], int(tail.split()[1])


def _child(parent):
    """The forking child of a process, 0 if there is none."""
    for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
        stat = _stat(pid)
        if stat and stat[0] == NAME and stat[1] != "Z" and stat[2] == parent:
            return pid
    return 0


def _both(guard):
    """The one who watches, and the one who forks; 0 for who is not there."""
    keeper = _child(guard.pid)
    return keeper, keeper and _child(keeper)


def _gone(pid):
    stat = _stat(pid)
    return stat is None or stat[1] == "Z"


@case
def who_they_are():
    """They have nothing of the daemon's, and run as its user."""
    nobody = pwd.getpwnam("nobody").pw_uid
    with scene.listed('user = "nobody"\n') as guard:
        ok(check.wait_for(lambda: all(_both(guard))), "there are two")
        for pid in _both(guard):
            with open(f"/proc/{pid}/status", encoding="ascii") as file:
                status = dict(line.split(":\t", 1) for line in file if ":\t" in line)
            same(set(status["Uid"].split()), {str(nobody)}, "its user, all four")
            same(int(status["CapEff"], 16), 0, "no capabilities")
            same(status["NoNewPrivs"].strip(), "1", "and none to be had")
            links = [os.readlink(f"/proc/{pid}/fd/{fd}")
                     for fd in sorted(os.listdir(f"/proc/{pid}/fd"), key=int)]
            same(links[:3], ["/dev/null"] * 3, "it has no terminal, and no log")
            ok(len(links) == 4 and links[3].startswith("socket:"), "but a socket", links)
            same(os.readlink(f"/proc/{pid}/cwd"), "/", "it holds no directory")


@case
def killed_and_back():
    """Who forks is killed, and is there again; who watches is killed, and all goes on."""
    with scene.listed() as guard:
        check.wait_for(lambda: all(_both(guard)))
        keeper, forker = _both(guard)
        os.kill(forker, signal.SIGKILL)
        ok(check.wait_for(lambda: _child(keeper) not in (0, forker)), "another one forks")
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            for pid in _both(guard):
                os.kill(pid, number)
        os.kill(keeper, signal.SIGKILL)
        same(milter.verdict(guard.where), "refuse", "mail is decided all the while")


@case
def end_with_it():
    """They end when the daemon does, whatever its end is."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with scene.listed() as guard:
            check.wait_for(lambda guard=guard: all(_both(guard)))
            both = _both(guard)
            guard.send(number)
            ok(all(both) and check.wait_for(lambda both=both: all(map(_gone, both))),
               f"after {number.name} nobody is left")


check.run()
