#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""The disk is full or read-only: what is there goes on, what cannot start says so."""
import os
import signal
import subprocess

from lib import check, daemon, load, nameserver, scene, server
from lib.check import case, like, ok, same
from lib.nameserver import NameServer

# A small file system of its own for the program, in a private mount namespace.
_MOUNT = 'mount -t tmpfs -o size=64k tmpfs "$0" && %s exec "$@"'
_FILL = 'dd if=/dev/zero of="$0/fill" bs=4k 2> /dev/null;'
_READ_ONLY = 'mount -o remount,ro "$0";'

if subprocess.run(["unshare", "--mount", "true"], check=False, stderr=subprocess.DEVNULL).returncode:
    check.skip_all("no mount namespaces for us")


def _prefix(directory, before=""):
    return ["unshare", "--mount", "sh", "-c", _MOUNT % before, directory]


def _inside(guard, command):
    """Run a command where the program sees its file systems."""
    subprocess.run(["nsenter", "-t", str(guard.pid), "-m", "sh", "-c", command], check=False,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _config(dns, directory):
    return f'pid_file = "{directory}/relayguard.pid"\n' + daemon.config(dns.address)


def _goes_on(guard, label):
    same(load.judge(guard.where, scene.GOOD), "pass", f"{label}: a good client passes")
    same(load.judge(guard.where, scene.RELAY), "refuse", f"{label}: a listed one is refused")
    ok(guard.reload(), f"{label}: a reload works")
    same(load.judge(guard.where, scene.RELAY), "refuse", f"{label}: and changes nothing")


@case
def full_or_read_only_while_it_runs():
    """Nothing is written while it runs but the log."""
    for label, command in (("full", "dd if=/dev/zero of={0}/fill bs=4k"),
                           ("read-only", "mount -o remount,ro {0}")):
        directory = server.new_dir("run")
        with NameServer(nameserver.zone("bl.example", [scene.RELAY])) as dns, daemon.Relayguard(
                _config(dns, directory), prefix=_prefix(directory)) as guard:
            check.wait_for(lambda: load.judge(guard.where, scene.RELAY) == "refuse")
            _inside(guard, command.format(directory))
            _goes_on(guard, label)
            guard.send(signal.SIGTERM)
            same(guard.wait(), 0, f"{label}: it ends well")


@case
def log_file_on_a_full_disk():
    """Standard error goes to a file on a full disk: lines are lost, mail is not."""
    directory = server.new_dir("run")
    prefix = _prefix(directory, _FILL)
    prefix += ["sh", "-c", f'exec "$@" 2>> {directory}/log', "sh"]
    with NameServer(nameserver.zone("bl.example", [scene.RELAY])) as dns, \
            daemon.Relayguard(daemon.config(dns.address), wait="socket",
                              prefix=prefix) as guard:
        ok(check.wait_for(lambda: load.judge(guard.where, scene.RELAY) == "refuse"),
           "a listed client is refused")
        same({load.judge(guard.where, scene.GOOD) for _ in range(50)}, {"pass"}, "good ones pass")
        _inside(guard, f"rm {directory}/fill")
        load.judge(guard.where, scene.GOOD)
        guard.send(signal.SIGTERM)
        same(guard.wait(), 0, "it ends well")


@case
def full_or_read_only_at_the_start():
    """A pid file or a socket that cannot be made: it says so, and does not hang."""
    for label, before in (("full", _FILL), ("read-only", _READ_ONLY)):
        directory = server.new_dir("run")
        with NameServer(nameserver.zone("bl.example")) as dns:
            guard = daemon.Relayguard(_config(dns, directory), wait=False,
                                      prefix=_prefix(directory, before))
            code = guard.wait()
            ok(code is not None and code > 0, f"{label}: it does not start without its pid file",
               code)
            like(guard.output(), "event=cannot-write-pid.*relayguard.pid", f"{label}: and says why")
    directory = server.new_dir("run")
    with NameServer(nameserver.zone("bl.example")) as dns:
        guard = daemon.Relayguard(daemon.config(dns.address), wait=False,
                                  unix=os.path.join(directory, "milter.sock"),
                                  prefix=_prefix(directory, _READ_ONLY))
        same(guard.wait(), 69, "read-only: it does not start without its socket")
        like(guard.output(), "milter.sock.*[Rr]ead-only", "and says why")


check.run()
