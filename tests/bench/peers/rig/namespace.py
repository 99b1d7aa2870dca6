# SPDX-License-Identifier: BSD-2-Clause
"""A network and a file system that nobody else sees.

Some peers ask nobody but port 53 of the servers in /etc/resolv.conf, and some write
to /dev/log and to nothing else.  All of them get what they want in a network
namespace with nothing but loopback, and a mount namespace with an /etc/resolv.conf
that says 127.0.0.1 and a /dev of its own.  The machine's own are not touched.
"""
import fcntl
import os
import socket
import stat
import struct
import subprocess
import sys

from lib import server

_MARK = "RELAYGUARD_PEERS_INSIDE"
_SIOCSIFFLAGS, _IFF_UP = 0x8914, 0x1
_SETTINGS = {
    "net/ipv4/ip_local_port_range": "16384 65535",  # our servers have fixed ports below
    "net/ipv4/tcp_tw_reuse": "1",
    "net/unix/max_dgram_qlen": "512",               # a busy syslog must not hold anybody up
}


def enter():
    """Run the program again inside; returns there."""
    if os.environ.get(_MARK) == str(os.getpid()):  # unshare(1) has become us
        _furnish()
        return
    os.environ[_MARK] = str(os.getpid())
    argv = ["unshare", "--net", "--mount", "--propagation", "private",
            sys.executable, "-B", *sys.argv]
    os.execvp("unshare", argv)


def _furnish():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", _IFF_UP))
    for name, value in _SETTINGS.items():
        try:
            with open("/proc/sys/" + name, "w", encoding="ascii") as file:
                file.write(value)
        except OSError as error:
            print(f"# {name}: {error.strerror}", file=sys.stderr)
    resolv = server.write(os.path.join(server.workdir(), "resolv.conf"),
                          "nameserver 127.0.0.1\n")
    _mount("--bind", resolv, "/etc/resolv.conf")
    _make_dev(server.new_dir("dev"))


def _mount(*arguments):
    subprocess.run(["mount", *arguments], check=True)


def _make_dev(top):
    """A /dev with the usual devices, in which /dev/log can be made."""
    _mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", top)
    for name in os.listdir("/dev"):
        old, new = os.path.join("/dev", name), os.path.join(top, name)
        mode = os.lstat(old).st_mode
        if stat.S_ISLNK(mode):
            os.symlink(os.readlink(old), new)
        elif name in ("null", "zero", "full", "random", "urandom", "tty"):
            server.write(new, "")
            _mount("--bind", old, new)
        elif name == "shm":
            os.mkdir(new)
            os.chmod(new, 0o1777)
    if os.path.islink(os.path.join(top, "log")):
        os.unlink(os.path.join(top, "log"))
    _mount("--move", top, "/dev")  # and so nothing is mounted at top any more
