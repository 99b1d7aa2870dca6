#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Sockets that the service manager has made: they are served, and stay when relayguard ends."""
import json
import os
import shutil
import socket
import subprocess

from lib import check, daemon, pages, server
from lib.check import case, like, ok, same

RELAYGUARDCTL = os.path.join(os.path.dirname(os.environ["RELAYGUARD"]), "relayguardctl")
ACTIVATE = shutil.which("systemd-socket-activate")
UNITS = os.path.join(os.path.dirname(__file__), "..", "..", "contrib")
CONFIG = 'control {{ socket = "{}" }}\nmode = "shadow"\npolicy "default" {{ lists = {{ }} }}\n'

if ACTIVATE is None:
    check.skip_all("no systemd-socket-activate")
if not os.path.exists(RELAYGUARDCTL):
    check.skip_all("no relayguardctl")


def _names():
    """What our units call their sockets."""
    found = []
    for unit in ("control", "status", "page"):
        with open(os.path.join(UNITS, f"relayguard-{unit}.socket"), encoding="ascii") as file:
            found += [line.split("=")[1].strip() for line in file
                      if line.startswith("FileDescriptorName=")]
    return found


def _connects(address):
    try:
        with socket.socket(socket.AF_UNIX if "/" in address else socket.AF_INET) as first:
            first.connect(address if "/" in address else
                          ("127.0.0.1", int(address.split(":")[1])))
    except OSError:
        return False
    return True


def _started(listen, names):
    """relayguard with those sockets, and the path of the one that it would make by itself.

    It begins when somebody connects to one of them.
    """
    kept = [f"-E{name}" for name in daemon.sanitizer_environment() if name.endswith("_OPTIONS")]
    own = os.path.join(server.new_dir("own"), "c")
    activator = [ACTIVATE, *kept, *(f"--listen={address}" for address in listen),
                 "--fdname=" + ":".join(names)]
    guard = daemon.Relayguard(CONFIG.format(own), prefix=activator, wait=False)
    check.wait_for(lambda: _connects(listen[0]))
    guard.ready = check.wait_for(lambda: "event=started" in guard.output())
    return guard, own


def _ask(path, *words):
    done = subprocess.run([RELAYGUARDCTL, "-j", "-s", path, *words], check=False, timeout=30,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@case
def handed_over():
    """All sockets, by the names that our units give them."""
    folder = server.new_dir("activated")
    control, status, page = (os.path.join(folder, f"{name}.sock") for name in _names())
    guard, own = _started([control, status, page], _names())
    with guard:
        code, said, _ = _ask(control, "status")
        same((code, json.loads(said.splitlines()[0])["verb"]), (0, "status"), "control: status")
        same(_ask(control, "explain", "198.51.100.7")[0], 0, "and explain")
        same(_ask(status, "status")[0], 0, "status: status")
        code, _, said = _ask(status, "explain", "198.51.100.7")
        same(code, 77, "but not explain")
        like(said, "no right", "which is said")
        same(pages.ask(page, "page-status")[2], 0, "page: page-status")
        same(pages.ask(page, "status")[2], 77, "but not status")
        ok(not os.path.exists(own), "none is made in the place of one that is there")
    ok(os.path.exists(control), "what is the manager's stays at the end")


@case
def not_ours():
    """A socket by another name is left alone, and one that is no use is complained of."""
    folder = server.new_dir("activated")
    other = os.path.join(folder, "other.sock")
    guard, own = _started([other], ["mail"])
    with guard:
        same(_ask(own, "status")[0], 0, "the configuration's socket is made")
    guard, own = _started([f"127.0.0.1:{server.free_port()}"], ["control"])
    with guard:
        ok(guard.wait_lines("event=cannot-listen socket=control error=it-is-no-unix-stream"),
           "a TCP socket is refused", guard.output())
        same(_ask(own, "status")[0], 0, "the configuration's socket is made")


check.run()
