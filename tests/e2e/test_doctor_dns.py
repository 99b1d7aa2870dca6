#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""relayguardctl doctor at resolvers and lists that are wrong in other ways: old answers, other
letters, no TCP, NXDOMAIN rewritten, codes that nobody knows."""
import concurrent.futures
import os
import socket
import threading
import time

from lib import check, internet
from lib.check import case, ok, same

if internet.why_not():
    check.skip_all(internet.why_not())
internet.enter()

from lib import doctor, nameserver, resolver, server, settings

AT_ONCE = 4


STALE = ("list-expired", "warning", "gives expired answers first")
KEPT = ("list-kept", "warning", r'keeps "not listed" for (3[56]\d\d|90) s, and the list says 60 s')


AGES = (
    (resolver.Unbound, None, {}),
    (resolver.Unbound, STALE, {"more": "serve-expired: yes"}),
    (resolver.Unbound, None, {"more": "serve-expired: yes\nserve-expired-client-timeout: 1800"}),
    (resolver.Dnsmasq, STALE, {"more": "use-stale-cache"}),
    (resolver.Dnsmasq, None, {}),
    (resolver.Unbound, KEPT, {"more": "cache-min-ttl: 3600"}),
    (resolver.Bind, KEPT, {"more": "min-ncache-ttl 90;"}),
    (resolver.KnotResolver, None, {}),
    (resolver.PdnsRecursor, None, {}),
)


TTL = 4  # longer than doctor waits for a resolver to ask anew: else that is old again


def _age(net, kind, options):
    with kind(net, **options) as front:
        front.ask(f"2.0.0.127.{settings.LIST}")
        time.sleep(TTL + 1)
        return doctor.Report(settings.conf(front.address), only="lists")


@case
def age():
    """Answers that are older than the list says."""
    rows = [row for row in AGES if row[0].why_not() is None]
    with internet.Internet(ttl=TTL, negative=60) as net, resolver.Unbound(net) as plain, \
            concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        below = {resolver.Dnsmasq: {"upstream": plain}}
        runs = [pool.submit(_age, net, kind, {**options, **below.get(kind, {})})
                for kind, _, options in rows]
        for (kind, found, options), run in zip(rows, runs):
            doctor.judge(run.result(), "list", [found] if found else [],
                         f"{kind.__name__} {options.get('more', '')}")
    with internet.Internet(negative=None) as net, resolver.Unbound(net) as front:
        doctor.judge(doctor.Report(settings.conf(front.address), only="lists"), "list",
                     [("list-soa", "warning", "comes without a SOA")], "a list without SOA")


REWRITES = 'local-zone: "com." redirect\nlocal-data: "com. 60 IN A 198.51.100.99"'


class Lower:
    """Hands questions by UDP on to a resolver, in lower case."""

    def __init__(self, port):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.socket.getsockname()[1]}"
        self.port = port
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                packet, peer = self.socket.recvfrom(4096)
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as to:
                    to.settimeout(5)
                    to.sendto(packet[:12] + packet[12:].lower(), ("127.0.0.1", self.port))
                    self.socket.sendto(to.recv(4096), peer)
            except OSError:
                return


def _with(net, more):
    with resolver.Unbound(net, more=more) as front:
        return doctor.Report(settings.conf(front.address), only="resolver")


REFUSES = "access-control: 127.0.0.1/32 refuse"
FAULTS = (
    ("", []),
    (REWRITES, [("resolver-nxdomain", "error", "it rewrites NXDOMAIN")]),
    (REFUSES, [("resolver-answers", "error", "refuses to answer us.*access-control")]),
    ("do-tcp: no", [("resolver-tcp", "warning", "by UDP, and not by TCP")]))


@case
def resolvers():
    """What is wrong with a resolver, whatever is asked."""
    with internet.Internet() as net, concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        runs = [pool.submit(_with, net, more) for more, _ in FAULTS]
        nobody = pool.submit(doctor.Report, settings.conf(f"127.0.0.1:{server.free_port()}"))
        public = pool.submit(doctor.Report, settings.conf("9.9.9.9"), only="resolver")
        for (more, found), run in zip(FAULTS, runs):
            doctor.judge(run.result(), "resolver", found, f"Unbound {more}")
        doctor.judge(nobody.result(), "resolver",
                     [("resolver-answers", "error", r"nobody listens at 127\.0\.0\.1:\d+ \(connection refused\)")], "nobody")
        doctor.judge(nobody.result(), "list", [("list-test", "error", "silent: ")],
                     "nobody, and a list")
        ok("resolver-place" in [each["check"] for each in public.result().bad("resolver")],
           "a public resolver")
        with nameserver.NameServer(default=nameserver.Answer(rcode=nameserver.SERVFAIL)) as dns:
            doctor.judge(doctor.Report(settings.conf(dns.address), only="resolver"), "resolver",
                         [("resolver-answers", "warning", "fails at an unknown name")], "SERVFAIL")
        with resolver.Unbound(net) as front:
            doctor.judge(doctor.Report(settings.conf(Lower(front.port).address), only="resolver"), "resolver", [
                ("resolver-case", "warning", "in other letter case"),
                ("resolver-tcp", "warning", "not by TCP")], "one that changes letters")


OWN = 'servers = {{ "{address}" }}'


ENTRY = nameserver.reverse("127.0.0.2", settings.LIST)
ANSWERS = (
    ("all", {}, nameserver.Answer("127.0.0.2"), "lists-everything: .*may list everybody"),
    ("a code", {ENTRY: nameserver.Answer("127.0.0.99")}, nameserver.ABSENT,
     "undeclared: 127.0.0.2 gives 127.0.0.99"),
    ("parked", {}, nameserver.Answer("198.51.100.9"),
     r"outside: .* gives 198\.51\.100\.9.*rewrites NXDOMAIN"),
    ("an error", {}, nameserver.Answer("127.255.255.255"), "error-code: .*too many questions"),
    ("empty", {ENTRY: nameserver.ABSENT}, nameserver.ABSENT, "empty: 127.0.0.2 is not listed"),
    ("good", {ENTRY: nameserver.Answer("127.0.0.2")}, nameserver.ABSENT, None))


def _at(table, default):
    with nameserver.NameServer(table, default=default, healthy=False) as dns:
        return doctor.Report(settings.conf(dns.address, more=OWN.format(address=dns.address)),
                             only="lists")


@case
def lists():
    """What is wrong with a list, whoever is asked."""
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        runs = [pool.submit(_at, table, default) for _, table, default, _ in ANSWERS]
        for (label, _, _, words), run in zip(ANSWERS, runs):
            doctor.judge(run.result(), "list",
                         [("list-test", "error", words)] if words else [], label)
    doctor.judge(doctor.Report(server.write(os.path.join(server.new_dir("conf"), "conf"),
                                            'policy "default" { }\n'), only="lists"),
                 "list", [], "no list")
    with nameserver.BlackHole() as hole:
        report = doctor.Report(settings.conf("127.0.0.1", more=OWN.format(address=hole.address)),
                               only="lists")
        doctor.judge(report, "list", [("list-test", "error", "silent: .*says nothing")], "silent")


check.run()
