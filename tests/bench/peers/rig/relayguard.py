# SPDX-License-Identifier: BSD-2-Clause
"""relayguard, as a milter on a unix socket, with its cache in memory and no Redis; and
a milter that does nothing, where make bench has built it.

RELAYGUARD is the program, RELAYGUARD_LISTS the registry of lists, NULL_MILTER the
milter that does nothing (default: tests/bench/null beside the program), and
RELAYGUARD_EARLIER an earlier build in its tree, which takes part where it is told.
"""
import os

from . import clients, peer, protocol, zones

_TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", "..", ".."))

_LIST = """list "{label}" {{
    {source}
    answer "{answer}" {{ category = "spam-source" score = 1 }}
}}
"""

_CONFIG = """listen = {listen}
socket_mode = "0666"
dns {{ servers = {{ "127.0.0.1" }} }}
{lists}
policy "default" {{ lists = {{ {names} }} refuse = {threshold} {more} }}
"""


class Relayguard(peer.Peer):
    """Everything else is as it is by default: lists are tested, listings proven."""

    name = "relayguard"
    program = os.path.abspath(os.environ.get("RELAYGUARD") or os.path.join(_TOP, "relayguard"))
    registry = os.path.abspath(os.environ.get("RELAYGUARD_LISTS")
                               or os.path.join(_TOP, "etc", "lists.conf"))
    speak = staticmethod(protocol.milter_envelope)
    cache = "memory"
    ours = True
    more = ""  # in its policy

    def where(self):
        return os.path.join(self.directory, "socket")

    def asked(self):
        """How smtpd is told to ask it."""
        return f"smtpd_milters = unix:{self.where()}"

    def listen(self):
        """Its sockets, as its configuration has them."""
        return f'"unix:{self.where()}"'

    @staticmethod
    def source(zone):
        """Where the entries of a list are."""
        return f'zone = "{zone}"'

    def command(self):
        lists = "".join(_LIST.format(label=zone.split(".")[0], source=self.source(zone),
                                     answer=clients.LISTED)
                        for zone in clients.ZONES)
        names = ", ".join(f'"{zone.split(".")[0]}*{weight}"'
                          for zone, weight in clients.WEIGHTS.items())
        config = self.write("relayguard.conf", _CONFIG.format(
            listen=self.listen(), lists=lists, names=names, threshold=clients.THRESHOLD,
            more=self.more))
        return [self.program, "-s", "-c", config, "-l", self.registry], None


class _WithData(Relayguard):
    """With rbldnsd's files: nobody is asked."""

    asks = False
    cache = "-"
    remark = "reads the files that rbldnsd serves to the others"

    @staticmethod
    def source(zone):
        return f'data = {{ "ip4set:{zones.directory("good")}/{zone}" }}'


class ByData(_WithData):
    """As a milter."""

    name = "relayguard by data"


class _ByTcp(Relayguard):
    port = 0

    def where(self):
        return ("127.0.0.1", self.port)

    def asked(self):
        return f"smtpd_milters = inet:127.0.0.1:{self.port}"

    def listen(self):
        return f'"inet:{self.port}@127.0.0.1"'


class ByTcp(_ByTcp):
    """The same over TCP."""

    name = "relayguard by TCP"
    port = 8891


class ByPolicy(Relayguard):
    """Asked by policy delegation."""

    name = "relayguard by policy"
    speak = staticmethod(protocol.policy)
    keep = True

    def asked(self):
        return ("smtpd_recipient_restrictions = check_policy_service { unix:"
                f"{self.where()}, timeout=10s, default_action=DUNNO }}")

    def listen(self):
        return f'{{ "unix:{self.directory}/milter", "policy:unix:{self.where()}" }}'


class ByPolicyNeeded(ByPolicy):
    """The same, and asks lists while they can change the verdict."""

    name = "relayguard by policy, as needed"
    more = 'ask = "needed"'


class ByDataAndPolicy(_WithData, ByPolicy):
    """Asked as gross is."""

    name = "relayguard by data and policy"


_EARLIER = os.path.abspath(os.environ.get("RELAYGUARD_EARLIER") or os.devnull)


class Earlier(Relayguard):
    """As a milter, an earlier build: what has become of its cost."""

    name = "earlier relayguard"
    program = _EARLIER
    registry = os.path.join(os.path.dirname(_EARLIER), "etc", "lists.conf")


class EarlierByTcp(_ByTcp):
    """The same over TCP."""

    name = "earlier relayguard by TCP"
    program = _EARLIER
    registry = Earlier.registry
    port = 8893


class Null(Relayguard):
    """What libmilter costs."""

    name = "null milter"
    program = os.path.abspath(os.environ.get("NULL_MILTER") or os.path.join(
        os.path.dirname(Relayguard.program), "tests", "bench", "null"))
    decides = False
    remark = "the same libmilter, steps and macros, but does nothing"

    def command(self):
        return [self.program, self.where()], None


class NullByTcp(_ByTcp, Null):
    """The same over TCP."""

    name = "null milter by TCP"
    port = 8892

    def command(self):
        return [self.program, f"inet:{self.port}@127.0.0.1"], None
