# SPDX-License-Identifier: BSD-2-Clause
"""A small Internet in a network namespace of the test's own: a signed root, a signed
domain below it, lists below that, and addresses that are not all loopback.

    198.18.0.1    NSD: the root, and example.net with its delegations
    198.18.0.2    rbldnsd: the lists
    127.0.0.153  rbldnsd, too: where lo.example.net is delegated to

bl.example.net is delegated; so is lame.example.net, which rbldnsd does not have, and
code.example.net, which lists everybody with an error code.  There is no
private.example.net as far as example.net knows: who asks for it must be told where it is.
"""
import ctypes
import fcntl
import os
import shutil
import socket
import struct
import subprocess

from . import nsd, rbldnsd, server

NAMES, LISTS, LOOP = "198.18.0.1", "198.18.0.2", "127.0.0.153"
LIST, LOOP_LIST, PRIVATE = "bl.example.net", "lo.example.net", "private.example.net"
LAME, CODE = "lame.example.net", "code.example.net"

_CLONE_NEWNET = 0x40000000
_SIOCSIFADDR, _SIOCSIFFLAGS, _IFF_UP = 0x8916, 0x8914, 0x1

ROOT_ZONE = f"""ns A {NAMES}
example.net. NS ns.example.net.
ns.example.net. A {NAMES}
"""

NET_ZONE = f"""bl NS ns.bl
ns.bl A {LISTS}
lame NS ns.bl
code NS ns.bl
lo NS ns.lo
ns.lo A {LOOP}
"""


def why_not():
    """Why there can be none here, or None."""
    for program in ("nsd", "nsd-control", "rbldnsd", "dnssec-keygen", "dnssec-signzone"):
        if shutil.which(program) is None:
            return f"{program} is missing"
    if subprocess.run(["unshare", "--net", "true"], check=False,
                      stderr=subprocess.DEVNULL).returncode:
        return "no network namespace can be made here"
    return None


def enter():
    """Leave the machine's network for one of our own; before there is any thread."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", _IFF_UP))
        for number, address in enumerate((NAMES, LISTS)):
            fcntl.ioctl(control, _SIOCSIFADDR, struct.pack(
                "16sHH4s8x", f"lo:{number}".encode(), socket.AF_INET, 0,
                socket.inet_aton(address)))


def _sign(directory, name, text):
    """The signed zone, its DNSKEY as a file of a trust anchor, and its DS records."""
    zone = name or "."
    file = server.write(os.path.join(directory, f"{name or 'root'}.zone"),
                        nsd.head(name, NAMES) + text)
    run = {"cwd": directory, "check": True, "stdout": subprocess.PIPE,
           "stderr": subprocess.PIPE, "text": True}
    key = subprocess.run(["dnssec-keygen", "-a", "ECDSAP256SHA256", "-f", "KSK", zone],
                         **run).stdout.strip()
    with open(os.path.join(directory, key + ".key"), encoding="ascii") as lines:
        record = "".join(line for line in lines if not line.startswith(";"))
    subprocess.run(["dnssec-signzone", "-S", "-z", "-o", zone, "-f", file + ".signed",
                    file], **run)
    anchor = server.write(os.path.join(directory, f"{name or 'root'}.key"), record)
    ds = subprocess.run(["dnssec-dsfromkey", "-2", key + ".key"], **run).stdout
    with open(file + ".signed", encoding="ascii") as signed:
        return signed.read(), anchor, ds


class Internet:
    """zones: those of rbldnsd; by default one listed network in each of the three.

    options: for rbldnsd.Rbldnsd.
    """

    LISTED = "198.51.100"  # /24: on the lists

    def __init__(self, sets=None, **options):
        self.directory = server.new_dir("internet")
        net, _, ds = _sign(self.directory, "example.net", NET_ZONE)
        root, self.anchor, self.ds = _sign(self.directory, "", ROOT_ZONE + ds)
        self.names = nsd.Nsd({"": root, "example.net": net}, address=NAMES, port=53)
        sets = sets or {"ip4set": f"{self.LISTED}.0/24 :127.0.0.2:\n"}
        zones = {zone: sets for zone in (LIST, LOOP_LIST, PRIVATE)}
        zones[CODE] = {"ip4set": "0.0.0.0/1 :127.255.255.254:\n128.0.0.0/1 :127.255.255.254:\n"}
        self.lists = rbldnsd.Rbldnsd(zones, places=((LISTS, 53), (LOOP, 53)), bare=(CODE,),
                                     **options)
        self.hints = server.write(os.path.join(self.directory, "hints"),
                                  f". 3600 NS ns.\nns. 3600 A {NAMES}\n")

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.lists.stop()
        self.names.stop()
