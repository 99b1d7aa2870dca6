# SPDX-License-Identifier: BSD-2-Clause
"""A real redis-server without persistence, on TCP or a unix socket."""
import os
import shutil
import socket

from . import check, server

# All that are here, and the one that is used.
SERVERS = [path for path in map(shutil.which, ("redis-server", "valkey-server")) if path]
SERVER = SERVERS[0] if SERVERS else None


def case(function):
    """Mark a case that is tried with every server there is."""
    for path in SERVERS:
        def variant(path=path):
            global SERVER
            SERVER = path
            try:
                function()
            finally:
                SERVER = SERVERS[0]

        variant.__doc__ = f"{os.path.basename(path)}: {function.__doc__}"
        variant.__name__ = function.__name__
        check.case(variant)
    return function


_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"


def _number(number, digits):
    return "".join(_DIGITS[number >> 6 * place & 63] for place in reversed(range(digits)))


def _hash(data, value=2166136261):
    for byte in data:
        value = (value ^ byte) * 16777619 & 0xffffffff
    return value


def fact(*codes, before=0, label="bl", tag="b5d9ad27"):
    """What a list says, as it stands in a value; the tag is that of the zone bl.example."""
    zone, name = bytes.fromhex(tag), label.encode()
    place = _hash(zone, _hash(name)) << 4 | _hash(name, _hash(zone)) >> 28
    octets = [code.split(".")[1:] for code in codes]
    return (_number(place, 6) + str(len(codes)) + _number(before, 2)
            + "".join(_number(int(a) << 16 | int(b) << 8 | int(c), 4) for a, b, c in octets))


class Connection:
    """A client that speaks just enough of the protocol."""

    def __init__(self, address):
        if isinstance(address, str):
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.connect(address)
        else:
            self.socket = socket.create_connection(address)
        self.socket.settimeout(5)
        self.file = self.socket.makefile("rb")

    def close(self):
        """Close it."""
        self.file.close()
        self.socket.close()

    def command(self, *words):
        """Send a command; its value: str, int, None, or a list of them."""
        words = [str(word).encode() for word in words]
        self.socket.sendall(b"*%d\r\n" % len(words)
                            + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words))
        return self.read()

    def read(self):
        """What it says next."""
        line = self.file.readline().rstrip(b"\r\n")
        kind, rest = line[:1], line[1:].decode()
        if kind == b"+":
            return rest
        if kind == b":":
            return int(rest)
        if kind == b"$" and rest != "-1":
            return self.file.read(int(rest) + 2)[:-2].decode("latin-1")
        if kind == b"*" and rest != "-1":
            return [self.read() for _ in range(int(rest))]
        if kind in (b"$", b"*"):
            return None
        raise RuntimeError("redis: " + (rest or "connection closed"))


class Redis(server.Server):
    """unix: on a socket instead of TCP; password, user: what a client must give.

    more: lines of its configuration; directory: that of one before it, with its files.
    """

    def __init__(self, unix=False, password=None, user=None, port=None, more=(),
                 directory=None):
        self.directory = directory or server.new_dir("redis")
        self.path = os.path.join(self.directory, "redis.sock") if unix else None
        self.port = 0 if unix else (port or server.free_port())
        self.url = f"unix:{self.path}" if unix else f"redis://127.0.0.1:{self.port}/0"
        self.login = [word for word in (user, password) if word]
        lines = ["bind 127.0.0.1", f"port {self.port}", 'save ""', "appendonly no",
                 f"dir {self.directory}", "daemonize no", "maxmemory 32mb"]
        if unix:
            lines += [f"unixsocket {self.path}", "unixsocketperm 777"]
        if user:
            lines += ["user default off", f"user {user} on >{password} ~rg1:* +get +pttl +set +eval +del"
                      " +xadd +xrange +xrevrange +expire"
                      " +select +ping +auth +keys +dbsize +client|setname"]
        elif password:
            lines.append(f"requirepass {password}")
        lines += more
        file = server.write(os.path.join(self.directory, "redis.conf"), "\n".join(lines) + "\n")
        super().__init__("redis", [SERVER, file])
        self.wait_ready(lambda: "Ready to accept" in self.output()
                        or "ready to accept" in self.output())

    def command(self, *words, db=0):
        """Send one command on a connection of its own."""
        connection = Connection(self.path or ("127.0.0.1", self.port))
        try:
            if self.login:
                connection.command("AUTH", *self.login)
            if db:
                connection.command("SELECT", db)
            return connection.command(*words)
        finally:
            connection.close()

    @staticmethod
    def key(address):
        """Where the facts of an address are."""
        return f"rg1:{{{address}}}"

    def keys(self, db=0):
        """The keys of all facts in a database, in order."""
        return sorted(key for key in self.command("KEYS", "rg1:{*", db=db)
                      if not key.startswith("rg1:{own}:"))
