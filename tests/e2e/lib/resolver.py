# SPDX-License-Identifier: BSD-2-Clause
"""Caching resolvers, each as Debian has it: Unbound, BIND, Knot Resolver, PowerDNS
Recursor, dnsmasq.  They begin at the root of an internet.Internet, validate by its key,
and listen at a free port of 127.0.0.1.

stubs: {zone: (address, port)}, zones that are asked for at servers of their own, in the
way in which each resolver is mostly told so; more: lines of its configuration.
"""
import os
import shutil

from . import dnsclient, server

# Some choose the ports of their questions themselves: not those that servers have.
OUTGOING_PORTS = 32768
SERVERS_PORTS = f"1024-{OUTGOING_PORTS - 1}"


def _installed(*names):
    """Copies of those that are here: AppArmor keeps the installed ones from our folders."""
    place = server.new_dir("resolvers")
    return {name: shutil.copy(path, place)
            for name, path in ((name, shutil.which(name)) for name in names) if path}


# Now, and not when they are run: a copy that a thread writes cannot be run yet.
PROGRAMS = _installed("unbound", "named", "kresd", "pdns_recursor", "dnsmasq")


class Resolver(server.Server):
    """What they have in common; a class says what it is called, and how it is run."""

    PROGRAM = None

    def __init__(self, net, more="", stubs=None, **options):
        self.port = server.free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.directory = server.new_dir(self.PROGRAM)
        self.net = net
        super().__init__(self.PROGRAM, self.command(PROGRAMS[self.PROGRAM], more, stubs or {},
                                                    **options), cwd=self.directory)
        self.wait_ready(lambda: self.ask("localhost", seconds=0.2).rcode != "SILENT")

    @classmethod
    def why_not(cls):
        """Why it cannot run here, or None."""
        return None if cls.PROGRAM in PROGRAMS else f"{cls.PROGRAM} is missing"

    def command(self, program, more, stubs):
        """Write its configuration; what is to be run."""
        raise NotImplementedError

    def file(self, name, text):
        """Write a file of its own and return its path."""
        return server.write(os.path.join(self.directory, name), text)

    def ask(self, name, **options):
        """A question to it."""
        return dnsclient.ask(self.port, name, **options)


class Unbound(Resolver):
    """more: lines of the server clause; zones: clauses.

    A stub zone is one without signatures, at a server that may be at 127/8.
    """

    PROGRAM = "unbound"

    def command(self, program, more, stubs, zones=""):
        lines = ["server:", f"interface: 127.0.0.1@{self.port}", 'username: ""', 'chroot: ""',
                 f'directory: "{self.directory}"', 'pidfile: ""', "use-syslog: no",
                 f"outgoing-port-avoid: {SERVERS_PORTS}",
                 "num-threads: 1", "access-control: 127.0.0.0/8 allow", "verbosity: 1",
                 f'root-hints: "{self.net.hints}"', f'trust-anchor-file: "{self.net.anchor}"',
                 more]
        lines += [f'domain-insecure: "{zone}"\ndo-not-query-localhost: no' for zone in stubs]
        lines += ["remote-control:", "control-enable: no", zones]
        lines += [f'stub-zone:\nname: "{zone}"\nstub-addr: {address}@{port}'
                  for zone, (address, port) in stubs.items()]
        return [program, "-d", "-c", self.file("unbound.conf", "\n".join(lines) + "\n")]


class Bind(Resolver):
    """more: statements of the options clause; zones: clauses.

    A stub zone is forwarded, without signatures.
    """

    PROGRAM = "named"

    def command(self, program, more, stubs, zones=""):
        with open(self.net.anchor, encoding="ascii") as file:
            words = file.read().split()
        flags, protocol, algorithm = words[words.index("DNSKEY") + 1:][:3]
        key = "".join(words[words.index("DNSKEY") + 4:])
        except_for = "".join(f'"{zone}"; ' for zone in stubs)
        if stubs:
            more += f"validate-except {{ {except_for}}};\n"
        text = f"""options {{
    directory "{self.directory}"; pid-file none; session-keyfile none;
    listen-on port {self.port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }};
    max-cache-size 32m; recursion yes; allow-query {{ any; }}; dnssec-validation yes; empty-zones-enable no;
    {more}
}};
controls {{ }};
trust-anchors {{ "." static-key {flags} {protocol} {algorithm} "{key}"; }};
zone "." {{ type hint; file "{self.net.hints}"; }};
{zones}
"""
        text += "".join(f'zone "{zone}" {{ type forward; forward only; '
                        f"forwarders {{ {address} port {port}; }}; }};\n"
                        for zone, (address, port) in stubs.items())
        return [program, "-g", "-4", "-n", "1", "-c", self.file("named.conf", text)]


class KnotResolver(Resolver):
    """more: lines of Lua.  A stub zone is policy.STUB."""

    PROGRAM = "kresd"

    def command(self, program, more, stubs):
        with open(self.net.anchor, encoding="ascii") as file:
            anchor = file.read().strip()
        text = f"""net.listen("127.0.0.1", {self.port})
net.ipv6 = false
cache.open(20 * MB, "lmdb://{self.directory}/cache")
trust_anchors.remove(".")
trust_anchors.add([[{anchor}]])
modules.load("hints")
hints.root_file("{self.net.hints}")
modules.unload("ta_signal_query")
modules.unload("ta_update")
modules.unload("priming")
"""
        text += "".join(f'policy.add(policy.suffix(policy.STUB("{address}@{port}"), '
                        f'{{ todname("{zone}") }}))\n'
                        for zone, (address, port) in stubs.items())
        return [program, "-n", "-c", self.file("config", text + more + "\n"), self.directory]


class PdnsRecursor(Resolver):
    """more: lines of recursor.conf; lua: of its Lua.  A stub zone is a forward zone."""

    PROGRAM = "pdns_recursor"

    def command(self, program, more, stubs, lua=""):
        ds = next(line for line in self.net.ds.splitlines() if " DS " in line)
        script = self.file("config.lua", f'clearTA()\naddTA(".", "{ds.split(" DS ")[1]}")\n'
                           + lua + "\n")
        lines = ["daemon=no", "threads=1", "write-pid=no", "local-address=127.0.0.1",
                 f"local-port={self.port}", f"udp-source-port-min={OUTGOING_PORTS}",
                 f"socket-dir={self.directory}",
                 f"hint-file={self.net.hints}", "security-poll-suffix=", "disable-syslog=yes",
                 f"lua-config-file={script}", "query-local-address=0.0.0.0", more]
        if stubs:
            lines.append("forward-zones=" + ", ".join(
                f"{zone}={address}:{port}" for zone, (address, port) in stubs.items()))
        self.file("recursor.conf", "\n".join(lines) + "\n")
        return [program, f"--config-dir={self.directory}"]


class Dnsmasq(Resolver):
    """more: lines of its configuration; upstream: the resolver that it forwards to."""

    PROGRAM = "dnsmasq"

    def command(self, program, more, stubs, upstream=None):
        lines = ["no-resolv", "no-hosts", "no-daemon", "bind-interfaces", "user=root",
                 "pid-file", "listen-address=127.0.0.1", f"port={self.port}",
                 f"min-port={OUTGOING_PORTS}", more]
        if upstream is not None:
            lines.append(f"server=127.0.0.1#{upstream.port}")
        lines += [f"server=/{zone}/{address}#{port}"
                  for zone, (address, port) in stubs.items()]
        return [program, "-C", self.file("dnsmasq.conf", "\n".join(lines) + "\n")]
