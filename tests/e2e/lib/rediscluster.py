# SPDX-License-Identifier: BSD-2-Clause
"""A real Redis Cluster, and a master with its replica and Sentinels, on loopback."""
import itertools
import os

from . import check, daemon, load, redis, redistls, server

TIMEOUT_MS = 1000  # after which the others take a node for dead
SLOTS = 16384
INFO_PERIOD_MS = 1000  # between two looks of a Sentinel at what a Redis is


def crc16(text):
    """The checksum that gives a key its slot."""
    value = 0
    for byte in text.encode():
        value ^= byte << 8
        for _ in range(8):
            value = (value << 1 ^ (0x1021 if value & 0x8000 else 0)) & 0xffff
    return value


def slot_of(address):
    """The slot of the facts of an address."""
    return crc16(address) % SLOTS


_hosts = itertools.count(1)


def client():
    """A client that nobody has seen and no list has."""
    number = next(_hosts)
    return f"198.{18 + (number >> 16)}.{number >> 8 & 255}.{number & 255}"


def client_in(low, high):
    """The same, with its facts in one of those slots."""
    return next(address for address in iter(client, None) if low <= slot_of(address) <= high)


def guard_of(dns, words, labels=("bl",)):
    """relayguard, with those words in its section "cache"."""
    return daemon.Relayguard(daemon.config(dns.address, labels, more=f"cache {{ {words} }}\n"))


def learns(guard, holds, address=None):
    """Whether a cache learns of a client when it comes: holds(key) is asked."""
    address = address or client()
    load.judge(guard.where, address)
    try:
        return bool(check.wait_for(lambda: holds(redis.Redis.key(address)), 0.3))
    except OSError:  # a master to be ends its connections
        return False


def used(guard, store):
    """Whether a Redis learns of a new client."""
    return learns(guard, lambda key: key in store.keys())


class Node(redistls.Redis):
    """A node of a cluster; its bus has a port of its own.

    before: the node that it was, and is to be again.
    """

    def __init__(self, password=None, before=None, authority=None):
        self.bus = before.bus if before else server.free_port()
        more = ["cluster-enabled yes", "cluster-config-file nodes.conf",
                f"cluster-port {self.bus}", f"cluster-node-timeout {TIMEOUT_MS}",
                "cluster-replica-validity-factor 0", "repl-diskless-sync-delay 0"]
        if password:
            more.append(f"masterauth {password}")
        if authority:
            more.append("tls-cluster yes")
        super().__init__(authority, more=more, port=before.port if before else None,
                         password=password, directory=before.directory if before else None)
        self.id = self.command("CLUSTER", "MYID")

    def info(self, key):
        """A field of CLUSTER INFO."""
        lines = dict(line.split(":", 1) for line in self.command("CLUSTER", "INFO").split("\r\n")
                     if ":" in line)
        return lines[key]

    def flags(self):
        """What it thinks of the nodes: {id: flags}."""
        words = [line.split() for line in self.command("CLUSTER", "NODES").splitlines() if line]
        return {word[0]: word[2] for word in words}


class Cluster:
    """Masters with a replica each, and all slots dealt out evenly."""

    def __init__(self, masters=3, replicas=True, password=None, authority=None):
        self.nodes = [Node(password=password, authority=authority)
                      for _ in range(masters * (2 if replicas else 1))]
        self.masters = self.nodes[:masters]
        for number, node in enumerate(self.masters):
            node.command("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
            node.command("CLUSTER", "ADDSLOTSRANGE", number * SLOTS // masters,
                         (number + 1) * SLOTS // masters - 1)
        for node in self.nodes[1:]:
            node.command("CLUSTER", "MEET", "127.0.0.1", self.nodes[0].entry, self.nodes[0].bus)
        self._settle(lambda node: len(node.flags()) == len(self.nodes))
        for master, replica in zip(self.masters, self.nodes[masters:]):
            replica.command("CLUSTER", "REPLICATE", master.id)
        self._settle(lambda node: node.info("cluster_state") == "ok")
        self._settle(lambda node: "slave" not in node.flags()[node.id].split(",")
                     or "master_link_status:up" in node.command("INFO", "replication"))

    def _settle(self, condition):
        for node in self.nodes:
            if not check.wait_for(lambda: condition(node), 30):
                raise RuntimeError("the cluster does not come up:\n" + node.output())

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        for node in self.nodes:
            node.stop()

    @property
    def setting(self):
        """The nodes as a list of the configuration."""
        return "{ " + ", ".join(f'"127.0.0.1:{node.entry}"' for node in self.nodes) + " }"

    def alive(self):
        """The nodes that run."""
        return [node for node in self.nodes if node.alive()]

    def owner(self, slot):
        """The node that has a slot, as the first one that runs sees it."""
        for first, last, master, *_ in self.alive()[0].command("CLUSTER", "SLOTS"):
            if first <= slot <= last:
                return next(node for node in self.nodes if node.port == master[1])
        return None

    def restart(self, node):
        """Start a node again that has ended."""
        again = Node(before=node)
        self.nodes[self.nodes.index(node)] = again
        return again

    def errors(self, word):
        """How often nodes that run have replied with an error."""
        found = 0
        for node in self.alive():
            for line in node.command("INFO", "errorstats").splitlines():
                if line.startswith(f"errorstat_{word}:count="):
                    found += int(line.split("=")[1])
        return found

    def move(self, slot, to, keys):
        """Take keys of a slot to another node, and leave the slot on its way."""
        source = self.owner(slot)
        to.command("CLUSTER", "SETSLOT", slot, "IMPORTING", source.id)
        source.command("CLUSTER", "SETSLOT", slot, "MIGRATING", to.id)
        for key in keys:
            source.command("MIGRATE", "127.0.0.1", to.port, key, 0, 5000)
        return source

    def settle_slot(self, slot, to):
        """The slot is there for good."""
        to.command("CLUSTER", "SETSLOT", slot, "NODE", to.id)
        for node in self.masters:
            node.command("CLUSTER", "SETSLOT", slot, "NODE", to.id)

    def holds(self, key):
        """Whether any node that runs has a key."""
        return any(key in node.keys() for node in self.alive())

    def used(self, guard, low=0, high=SLOTS - 1):
        """Whether it learns of a new client in those slots."""
        return learns(guard, self.holds, client_in(low, high))

    def guard(self, dns, more="", labels=("bl",)):
        """relayguard, with this cluster."""
        return guard_of(dns, f"cluster = {self.setting} {more}", labels)

    @staticmethod
    def mapped(guard):
        """Wait until it has the map."""
        return guard.wait_lines(r"event=redis-map\b", seconds=10)

    def count(self):
        """How many facts the masters have."""
        return sum(len(node.keys()) for node in self.alive()
                   if "master" in node.flags()[node.id])


class Sentinel(server.Server):
    """One that watches a master under the name of mymaster."""

    def __init__(self, master, password=None, quorum=2, authority=None):
        self.directory = server.new_dir("sentinel")
        self.port = server.free_port()
        self.entry = server.free_port() if authority else self.port
        self.path = None
        lines = ["bind 127.0.0.1", f"port {self.port}", f"dir {self.directory}",
                 f"sentinel monitor mymaster 127.0.0.1 {master.entry} {quorum}",
                 "sentinel down-after-milliseconds mymaster 1000",
                 "sentinel failover-timeout mymaster 5000"]
        if master.login:
            lines.append(f"sentinel auth-pass mymaster {master.login[-1]}")
        if password:
            lines += [f"requirepass {password}", f"sentinel sentinel-pass {password}"]
        if authority:
            lines += redistls.settings(authority, self.entry)
        self.login = [password] if password else []
        file = server.write(os.path.join(self.directory, "sentinel.conf"),
                            "\n".join(lines) + "\n")
        super().__init__("sentinel", [redis.SERVER, file, "--sentinel"])
        self.wait_ready(lambda: server.listens(self.port))
        # It takes twice this for a master that calls itself a replica to be dead: 20 s as set.
        self.command("SENTINEL", "DEBUG", "INFO-PERIOD", INFO_PERIOD_MS)

    def command(self, *words):
        """Send one command on a connection of its own."""
        return redis.Redis.command(self, *words)

    def master(self):
        """The port of the master that it names."""
        return int(self.command("SENTINEL", "get-master-addr-by-name", "mymaster")[1])


class Service:
    """A master, a replica, and three Sentinels that know all of each other."""

    def __init__(self, password=None, sentinel_password=None, authority=None):
        more = [f"masterauth {password}"] if password else []
        self.master = redistls.Redis(authority, more=more, password=password)
        more += [f"replicaof 127.0.0.1 {self.master.entry}", "repl-diskless-sync-delay 0"]
        self.replica = redistls.Redis(authority, more=more, password=password)
        self.sentinels = [Sentinel(self.master, sentinel_password, authority=authority)
                          for _ in range(3)]
        for sentinel in self.sentinels:
            if not check.wait_for(lambda: self._knows(sentinel), 30):
                raise RuntimeError("the sentinels do not meet:\n" + sentinel.output())

    @staticmethod
    def _knows(sentinel):
        words = sentinel.command("SENTINEL", "MASTER", "mymaster")
        fields = dict(zip(words[::2], words[1::2]))
        return (fields["num-other-sentinels"], fields["num-slaves"]) == ("2", "1")

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        for process in (*self.sentinels, self.master, self.replica):
            process.stop()

    @property
    def setting(self):
        """The Sentinels as a list of the configuration."""
        return "{ " + ", ".join(f'"127.0.0.1:{sentinel.entry}"'
                                for sentinel in self.sentinels) + " }"

    def guard(self, dns, more="", name="mymaster"):
        """relayguard, with these Sentinels."""
        return guard_of(dns, f'sentinels = {self.setting} service = "{name}" {more}')
