# SPDX-License-Identifier: BSD-2-Clause
"""The machine that contrib/check-vm boots, as its tests see it from within."""
import contextlib
import glob
import importlib.util
import json
import os
import pwd
import re
import socket
import subprocess
import sys
from importlib.machinery import SourceFileLoader

TOP = "/vmtest"
LEFT = f"{TOP}/left"
KEPT = f"{TOP}/kept"
EXPOSURE = 15  # tenths, as in tests/check-unit.sh

sys.path.insert(0, f"{TOP}/tests/e2e")
from lib import check  # noqa: E402

# Seconds for what takes a moment, where each instruction is emulated on a machine that is busy.
PATIENCE = 300


def _smoke():
    """What the packages' own test has, whose checks are counted among ours."""
    loader = SourceFileLoader("smoke", f"{TOP}/debian/tests/smoke")
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("smoke", loader))
    loader.exec_module(module)
    module.WAIT_S = PATIENCE
    module.ok = lambda good, what, seen="": check.ok(good, what, seen)
    return module


smoke = _smoke()


def run(*command):
    """The exit code and what it prints."""
    done = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=PATIENCE * 2,
                          env={**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"})
    return done.returncode, done.stdout.decode("utf-8", "replace")


def succeeds(label, *command):
    """Whether it ends with 0; and what it prints."""
    code, said = run(*command)
    check.ok(code == 0, label, f"{code}: {said}")
    return said


def wait_for(condition):
    """Wait until it holds."""
    return check.wait_for(condition, PATIENCE)


def shown(unit, name):
    """One property of a unit."""
    return run("systemctl", "show", "--value", "-p", name, unit)[1].strip()


def active(unit):
    """Whether it is."""
    return shown(unit, "ActiveState") == "active"


def main_pid(unit="relayguard.service"):
    """The process of a service; 0: there is none."""
    return int(shown(unit, "MainPID") or 0)


def restarts():
    """How often systemd has restarted it by itself."""
    return int(shown("relayguard.service", "NRestarts"))


def journal(*wanted):
    """The entries of this boot."""
    said = run("journalctl", "-b", "-o", "json", *wanted)[1]
    return [json.loads(line) for line in said.splitlines() if line.startswith("{")]


def lines(identifier, text):
    """What a program has logged in this boot with that text in it."""
    return [entry["MESSAGE"] for entry in journal("-t", identifier)
            if text in str(entry.get("MESSAGE"))]


def complaints_of_systemd():
    """What it has logged about our units in this boot, of warnings and worse."""
    return [entry["MESSAGE"] for entry in journal("-p", "warning")
            if "relayguard" in json.dumps([entry.get("UNIT"), entry.get("_SYSTEMD_UNIT"),
                                           entry.get("MESSAGE")])
            and entry.get("SYSLOG_IDENTIFIER") not in ("relayguard", "relayguard-web", "kernel",
                                                       "audit")]


def complaints_of_apparmor():
    """What profiles of ours forbid, or would forbid, in this boot: but what cat(1) was sent for."""
    said = [str(entry.get("MESSAGE")) for entry in journal("-g", 'apparmor="(ALLOWED|DENIED)"')]
    return [text for text in said if 'profile="relayguard' in text and 'comm="cat"' not in text]


def failed_units():
    """Those of the whole machine."""
    return run("systemctl", "list-units", "--failed", "--plain", "--no-legend")[1]


def booted():
    """Wait for the end of the boot; how it ended."""
    return run("systemctl", "is-system-running", "--wait")[1].strip()


def as_user(name, *command):
    """The exit code and what it prints, run by that user."""
    return run("runuser", "-u", name, "--", *command)


def may_connect(user, path):
    """Whether that user may connect to a unix socket."""
    program = "import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])"
    return as_user(user, "python3", "-c", program, path)[0] == 0


def status_of(pid):
    """/proc/PID/status, by name."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return dict(re.split(r":\s*", line.rstrip("\n"), maxsplit=1) for line in file)


def read(path):
    """A file, whole."""
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def version():
    """The one that is installed."""
    return run("dpkg-query", "-W", "-f", "${Version}", "relayguard")[1]


def package(folder, name):
    """The file of a package of ours."""
    return glob.glob(f"{TOP}/{folder}/{name}_*.deb")[0]


def postfix_as_service():
    """As the packages' own test has it, started by systemd."""
    for line in smoke.MAIN.splitlines():
        run("postconf", "-e", line)
    succeeds("systemctl restart postfix", "systemctl", "restart", "postfix")
    wait_for(lambda: smoke.answers(socket.AF_INET, ("127.0.0.1", 25)))


def serves():
    """Whether it answers at its control socket, as root."""
    return run("relayguardctl", "-j", "status")[0] == 0


def processes_of(user):
    """What runs as that user."""
    uid = str(pwd.getpwnam(user).pw_uid)
    found = []
    for path in glob.glob("/proc/[0-9]*"):
        with contextlib.suppress(OSError):
            if status_of(os.path.basename(path))["Uid"].split()[0] == uid:
                found.append(path)
    return found


def keep(name, value):
    """Remember it for after the reboot."""
    with open(f"{KEPT}.{name}", "w", encoding="ascii") as file:
        file.write(value)


def kept(name):
    """What was."""
    return read(f"{KEPT}.{name}")
