#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""The processes that fork those that evaluate sender policies."""
import os
import pwd
import signal

from lib import check, family, milter, scene
from lib.check import case, ok, same


@case
def who_they_are():
    """They have nothing of the daemon's, and run as its user."""
    nobody = pwd.getpwnam("nobody").pw_uid
    with scene.listed('user = "nobody"\n') as guard:
        ok(check.wait_for(lambda: all(family.forkers(guard))), "there are two")
        for pid in family.forkers(guard):
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
        check.wait_for(lambda: all(family.forkers(guard)))
        keeper, forker = family.forkers(guard)
        os.kill(forker, signal.SIGKILL)
        ok(check.wait_for(lambda: family.forkers(guard)[1] not in (0, forker)), "another one forks")
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            for pid in family.forkers(guard):
                os.kill(pid, number)
        os.kill(keeper, signal.SIGKILL)
        same(milter.verdict(guard.where), "refuse", "mail is decided all the while")


@case
def end_with_it():
    """They end when the daemon does, whatever its end is."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with scene.listed() as guard:
            check.wait_for(lambda guard=guard: all(family.forkers(guard)))
            both = family.forkers(guard)
            guard.send(number)
            ok(all(both) and check.wait_for(lambda both=both: all(map(family.gone, both))),
               f"after {number.name} nobody is left")


check.run()
