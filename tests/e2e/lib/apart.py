# SPDX-License-Identifier: BSD-2-Clause
"""A network and files of its own for a test of mail servers that know no other place.

Two addresses stand on loopback: whoever connects to SERVER comes from CLIENT.  What
such servers keep below /var is empty, and /etc is a copy in which they have users.
"""
import os
import shutil
import subprocess
import sys

from . import server

CLIENT, SERVER = "198.51.100.7", "198.51.100.25"
PERSON = "anna"

_MARK = "RELAYGUARD_APART"
_UNSHARE = ["unshare", "--mount", "--net", "--uts"]
_USERS = {PERSON: 20000, "Debian-exim": 20001, "opensmtpd": 20002, "opensmtpq": 20003}

_NETWORK = f"""
echo mail.home.example > /proc/sys/kernel/hostname &&
ip link set lo up &&
ip address add {CLIENT}/32 dev lo &&
ip address add {SERVER}/32 dev lo &&
ip route replace local {SERVER} dev lo src {CLIENT} table local
"""

_MOUNTS = """
mount --bind "$1" /etc &&
for folder in /run /var/lib /var/mail /var/spool; do
    mount -t tmpfs -o mode=755 tmpfs "$folder" || exit 1
done
chmod 1777 /var/mail
"""


def why_not():
    """Why there can be no such place here, or None."""
    for program in ("unshare", "ip", "mount"):
        if shutil.which(program) is None:
            return f"{program} is missing"
    done = subprocess.run(_UNSHARE + ["ip", "link", "set", "lo", "up"], check=False,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return "no namespaces" if done.returncode else None


def _append(path, lines):
    with open(path, "a", encoding="utf-8") as file:
        file.write("".join(line + "\n" for line in lines))


def _copy_etc():
    etc = os.path.join(server.new_dir("apart"), "etc")
    shutil.copytree("/etc", etc, symlinks=True)
    for name in ("resolv.conf", "hosts", "nsswitch.conf"):  # links, perhaps
        if os.path.lexists(os.path.join(etc, name)):
            os.unlink(os.path.join(etc, name))
    server.write(os.path.join(etc, "resolv.conf"), "nameserver 127.0.0.1\n")
    server.write(os.path.join(etc, "nsswitch.conf"), "passwd: files\ngroup: files\nhosts: files\n")
    server.write(os.path.join(etc, "hosts"), "127.0.0.1 localhost\n"
                 f"{CLIENT} mail.home.example mail\n{SERVER} mx.relay.example\n")
    _append(os.path.join(etc, "passwd"),
            [f"{name}:x:{number}:{number}::/nonexistent:/bin/sh"
             for name, number in _USERS.items()])
    _append(os.path.join(etc, "group"),
            [f"{name}:x:{number}:" for name, number in _USERS.items()])
    return etc


def enter():
    """Go there: the test begins again.  To be called before anything is started."""
    if _MARK not in os.environ:
        os.environ[_MARK] = "1"
        os.execvp(_UNSHARE[0], _UNSHARE + [sys.executable, "-B", *sys.argv])
    subprocess.run(["sh", "-c", _NETWORK], check=True)
    subprocess.run(["sh", "-c", _MOUNTS, "sh", _copy_etc()], check=True)
