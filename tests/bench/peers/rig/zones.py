# SPDX-License-Identifier: BSD-2-Clause
"""The eight lists, served by one rbldnsd, and what can be wrong with them."""
import ctypes
import os
import shutil
import socket

from lib import rbldnsd, server

from . import clients

PORT = 53
_BUFFER = 16 << 20
_SYS_pidfd_open, _SYS_pidfd_getfd = 434, 438
_SOA = "$SOA 3600 ns.example admin.example 1 3600 600 86400 300\n$TTL 2100\n"


def _everything(answer):
    """A list that answers for every name."""
    return {zone: ("ip4trie", f"0.0.0.0/1 :{answer}:\n128.0.0.0/1 :{answer}:\n")
            for zone in clients.ZONES}


def directory(name):
    """Where the files of one of them are, each by the name of its zone."""
    return os.path.join(server.workdir(), "zones-" + name)


class Data:
    """The zone files: "good", "world" (all hold everybody), "error" (all answer
    127.255.255.254, as lists do to those who may not ask)."""

    def __init__(self, people):
        good = {zone: ("ip4set", rbldnsd.TEST_ENTRY["ip4set"] + "".join(
            f"{address} :{clients.LISTED}:\n" for address in addresses))
            for zone, addresses in people.contents().items()}
        self.sets = {"good": good, "world": _everything(clients.LISTED),
                     "error": _everything("127.255.255.254")}
        for name, zones in self.sets.items():
            os.mkdir(directory(name), 0o755)
            for zone, (_, text) in zones.items():
                server.write(os.path.join(directory(name), zone), _SOA + text)

    def serve(self, name, port=PORT):
        """rbldnsd with one of them."""
        kinds = [f"{zone}:{kind}:{zone}" for zone, (kind, _) in self.sets[name].items()]
        return Rbldnsd(directory(name), kinds, port)


class Rbldnsd(server.Server):
    """A real rbldnsd whose receive buffer cannot overflow in a burst."""

    def __init__(self, folder, kinds, port):
        shutil.chown(folder, "nobody")
        super().__init__("rbldnsd", ["rbldnsd", "-n", "-u", "nobody", "-b", f"127.0.0.1/{port}",
                                     "-c", "0", "-w", folder, *kinds])
        self.wait_ready(lambda: "started" in self.output())
        self._widen()

    def _widen(self):
        """It asks for 64 KB alone, and questions that are lost there would look like a
        peer's own time-outs."""
        libc = ctypes.CDLL(None, use_errno=True)
        process = libc.syscall(_SYS_pidfd_open, self.pid, 0)
        for number in os.listdir(f"/proc/{self.pid}/fd"):
            if os.readlink(f"/proc/{self.pid}/fd/{number}").startswith("socket:"):
                copy = libc.syscall(_SYS_pidfd_getfd, process, int(number), 0)
                if copy >= 0:
                    with socket.socket(fileno=copy) as ours:
                        ours.setsockopt(socket.SOL_SOCKET, 33, _BUFFER)  # SO_RCVBUFFORCE
        os.close(process)


def datagrams():
    """Datagrams received so far, of which half are questions, and those lost: here
    nobody but DNS uses UDP."""
    with open("/proc/net/snmp", encoding="ascii") as file:
        lines = [line.split()[1:] for line in file if line.startswith("Udp:")]
    found = dict(zip(lines[0], map(int, lines[1])))
    return found["InDatagrams"], found["RcvbufErrors"]
