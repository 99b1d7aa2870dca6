#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""After a reboot: all is there again; an upgrade, and a purge that leaves nothing."""
import contextlib
import os
import shutil
import threading

import machine
from lib.check import case, ok, run, same
from machine import smoke

SERVICE = "relayguard.service"
CONTROL = "/run/relayguard/control.sock"
HONEST = "203.0.113.9"

# What the machine, not the packages, put there.
OURS = ("/vmtest", "/proc", "/sys", "/dev")


@case
def comes_up():
    """By itself, and in time."""
    same(machine.booted(), "running", "the machine has booted, and no unit has failed")
    ok(machine.active(SERVICE), "relayguard runs")
    began = [int(machine.shown(unit, "ActiveEnterTimestampMonotonic"))
             for unit in (SERVICE, "postfix.service")]
    ok(0 < began[0] < began[1], "it was there before Postfix", f"{began}")
    for unit in "control", "status", "page", "web":
        ok(machine.active(f"relayguard-{unit}.socket"), f"relayguard-{unit}.socket is there")
    same(machine.as_user("alice", "relayguardctl", "-j", "explain", HONEST)[0], 0,
         "a member of relayguard-ctl may ask")
    same(machine.complaints_of_systemd(), [], "systemd has nothing to say of the units")


@case
def remembers():
    """What was refused before."""
    smoke.explained(machine.kept("ref"))
    smoke.told(machine.kept("path"))


@contextlib.contextmanager
def _mail(codes):
    """Somebody honest writes all the while."""
    ended = threading.Event()

    def write():
        while not ended.is_set():
            codes.append(smoke.rcpt(HONEST)[0])

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield
    finally:
        ended.set()
        writer.join()


def _upgrade(folder):
    before = machine.main_pid()
    socket = os.stat(CONTROL).st_ino
    codes = []
    with _mail(codes):
        machine.succeeds(f"dpkg -i, of {folder}", "dpkg", "-i",
                         machine.package(folder, "relayguard"),
                         machine.package(folder, "relayguard-web"))
        ok(machine.wait_for(lambda: machine.active(SERVICE) and machine.serves()), "it runs")
    ok(machine.main_pid() not in (0, before), "it is another process")
    same(os.stat(CONTROL).st_ino, socket, "its socket is the same")
    ok(codes and set(codes) == {250}, "mail was taken all the while", f"{codes}")


@case
def upgrades():
    """To a newer version, and to the same."""
    with smoke.demo_list():
        ref, _ = smoke.refuses()
        before = machine.version()
        _upgrade("newer")
        ok(machine.version() not in ("", before), "it is a newer version", machine.version())
        smoke.explained(ref)
        smoke.refuses()
        _upgrade("newer")
    smoke.explained(machine.kept("ref"))
    smoke.told(machine.kept("path"))
    same(machine.complaints_of_systemd(), [], "systemd has nothing to say of the units")


@case
def apparmor():
    """In this boot."""
    same(machine.complaints_of_apparmor(), [], "the profiles do not complain")


def _left():
    """What is called as we are."""
    found = []
    for folder, folders, files in os.walk("/"):
        folders[:] = [name for name in folders if os.path.join(folder, name) not in OURS]
        found += [os.path.join(folder, name) for name in folders + files
                  if "relayguard" in name.lower()]
    return found


@case
def purges():
    """What an administrator made is the administrator's."""
    shutil.rmtree(os.path.dirname(smoke.KEY))
    said = machine.succeeds("apt-get purge", "apt-get", "purge", "-y", "relayguard",
                            "relayguard-web")
    same(_left(), [], "no file of ours is left")
    for user in "relayguard", "relayguard-web":
        same(machine.processes_of(user), [], f"no process of {user} is")
    same(machine.run("systemctl", "list-units", "--all", "--plain", "--no-legend",
                     "relayguard*")[1], "", "no unit is")
    ok("relayguard" not in machine.read("/sys/kernel/security/apparmor/profiles"),
       "no profile of AppArmor is")
    same(machine.failed_units(), "", "no unit has failed")
    same(smoke.rcpt(smoke.LISTED)[0], 250, "mail passes without it")
    ok("rror" not in said, "nothing went wrong", said)


run()
