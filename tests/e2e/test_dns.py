#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""DNS as it comes: truncated, slow, dead, from several servers."""
import ipaddress
import os
import shutil
import threading
import time

from lib import check, daemon, load, milter, nameserver, scene, server
from lib.check import case, like, ok, same, within
from lib.nameserver import Answer, BlackHole, NameServer, reverse

NAME = reverse(scene.RELAY, "bl.example")


def _config(servers, **options):
    """A list without servers of its own, asked at the common ones."""
    text = daemon.config("SERVER", **options).replace('servers = { "SERVER" }', "")
    names = ", ".join(f'"{server}"' for server in servers)
    return f"dns {{ servers = {{ {names} }} }}\n" + text


def _judge(guard, address=scene.RELAY):
    """What is done to a client, and how long the whole session took."""
    begin = time.monotonic()
    return milter.verdict(guard.where, address), time.monotonic() - begin


@case
def truncated():
    """An answer that does not fit UDP is fetched over TCP."""
    many = [f"127.0.0.{n}" for n in range(100, 140)]
    table = {NAME: Answer(*many, "127.0.0.2", truncate=True),
             reverse(scene.BOT, "bl.example"): Answer("127.0.0.4", truncate=True),
             reverse(scene.GOOD, "bl.example"): Answer(rcode=nameserver.NXDOMAIN, truncate=True)}
    with NameServer(table) as dns, daemon.Relayguard(daemon.config(dns.address)) as guard:
        same(_judge(guard, scene.BOT)[0], "refuse", "a listed client is refused")
        ok(dns.count(protocol="tcp"), "by what came over TCP", dns.questions)
        same(_judge(guard, scene.GOOD)[0], "pass", "an unlisted one passes")
        same(_judge(guard)[0], "refuse", "41 records: what the list says of one counts")


@case
def one_server_dead():
    """Of two servers, the first one silent or closed: the second one answers."""
    with NameServer({NAME: Answer("127.0.0.2")}) as dns, BlackHole() as hole:
        for label, dead in (("silent", hole.address), ("closed", "127.0.0.1:9")):
            with daemon.Relayguard(_config([dead, dns.address])) as guard:
                verdict, took = _judge(guard)
                same(verdict, "refuse", f"the first one {label}: refused")
                within(took, 4.2, f"the first one {label}: before the deadline")
                verdicts = [_judge(guard, f"203.0.113.{n}") for n in range(1, 6)]
                same([verdict for verdict, _ in verdicts], ["pass"] * 5, f"{label}: others pass")
                ok(dns.count("bl.example") >= 6,
                   f"{label}: by the second one's word", dns.questions)
            dns.questions.clear()


@case
def servers_of_a_list():
    """A list is asked at its own servers, and nobody else is asked about it."""
    with NameServer({reverse(scene.RELAY, "one.example"): Answer("127.0.0.2")}) as one, \
            NameServer({reverse(scene.BOT, "two.example"): Answer("127.0.0.2")}) as two, \
            NameServer() as common:
        text = daemon.config(one.address, labels=("one", "two"))
        text = text.replace(f'zone    = "two.example"\n    servers = {{ "{one.address}" }}',
                            f'zone    = "two.example"\n    servers = {{ "{two.address}" }}')
        text = f'dns {{ servers = {{ "{common.address}" }} }}\n' + text
        with daemon.Relayguard(text) as guard:
            same([_judge(guard, address)[0] for address in (scene.RELAY, scene.BOT, scene.GOOD)],
                 ["refuse", "refuse", "pass"], "each list is heard")
            same((len(one.clients("one.example")), one.count("two.example")), (3, 0),
                 "the first's server")
            same((len(two.clients("two.example")), two.count("one.example")), (3, 0),
                 "the second's")
            same(common.count(), 0, "the common one was not asked")


@case
def in_parallel():
    """Lists are asked at once, not one after the other; all their words count."""
    labels = tuple(f"bl{number}" for number in range(8))
    table = {reverse(scene.RELAY, f"{label}.example"): Answer("127.0.0.4", delay=0.15)
             for label in labels}
    table.update({reverse(scene.GOOD, f"{label}.example"):
                  Answer(rcode=nameserver.NXDOMAIN, delay=0.15) for label in labels})
    with NameServer(table) as dns, \
            daemon.Relayguard(daemon.config(dns.address, labels=labels)) as guard:
        verdict, took = _judge(guard, scene.GOOD)
        same(verdict, "pass", "eight slow lists: a good client passes")
        within(took, 0.45, "in the time of one")
        verdict, took = _judge(guard)
        same(verdict, "refuse", "a listed one is refused")
        within(took, 0.45, "in the time of one")
        check.wait_for(lambda: guard.decisions(verdict="refuse"))
        same(dns.count(".example"), len(labels) * (1 + nameserver.CONFIRMED),
             "each list was asked once for each client, and once more for a listing")


@case
def one_list_dead():
    """A list that does not answer is found out soon; then nobody waits for it."""
    with BlackHole() as hole, NameServer(
            {reverse(scene.RELAY, "live.example"): Answer("127.0.0.2")}) as dns:
        text = daemon.config(dns.address, labels=("live", "dead"))
        text = text.replace(f'zone    = "dead.example"\n    servers = {{ "{dns.address}" }}',
                            f'zone    = "dead.example"\n    servers = {{ "{hole.address}" }}')
        with daemon.Relayguard(text) as guard:
            found = load.at_once(guard.where, [f"203.0.113.{n}" for n in range(1, 6)])
            same({verdict for verdict, _ in found.values()}, {"pass"}, "five at once: all pass")
            within(max(took for _, took in found.values()), 2.0, "long before the deadline")
            same(guard.wait_decision(client="203.0.113.5").get("unknown"), "dead",
                 "the line names who was not heard")
            verdict, took = _judge(guard)
            same(verdict, "refuse", "a client that the other list has is refused")
            within(took, 0.5, "without waiting for the dead one")
            found = load.at_once(guard.where, [f"203.0.113.{n}" for n in range(20, 60)])
            same([verdict for verdict, _ in found.values()], ["pass"] * 40,
                 "40 clients at once: all pass")
            within(max(took for _, took in found.values()), 0.7, "and nobody waits any more")
            like("".join(guard.wait_lines("event=list-silent", seconds=12)),
                 r"list=dead .*entry=nothing clear=nothing hint=",
                 "another line says that it is silent, and how, when that was looked into")
            same(len(guard.events("list-silent")), 1, "nothing more is said of it")


@case
def burst():
    """200 clients that nobody knows, at once: every verdict is right, and in time."""
    table = {reverse(f"198.51.100.{n}", "bl.example"): Answer("127.0.0.2", delay=0.1)
             for n in range(100)}
    with NameServer(table, default=Answer(rcode=nameserver.NXDOMAIN, delay=0.1)) as dns, \
            daemon.Relayguard(daemon.config(dns.address)) as guard:
        answers = {}

        def visit(address):
            answers[address] = _judge(guard, address)

        threads = [threading.Thread(target=visit, args=(f"{net}.{n}",))
                   for n in range(100) for net in ("198.51.100", "203.0.113")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        same(sorted(address for address, (verdict, _) in answers.items() if verdict != "pass"),
             sorted(f"198.51.100.{n}" for n in range(100)), "the listed ones are refused")
        within(max(took for _, took in answers.values()), 2.0, "nobody waits long")
        same(guard.decisions(unknown="bl"), [], "nobody passes on half the facts")


@case
def late_answer():
    """An answer after the deadline serves the next one."""
    with NameServer({NAME: Answer("127.0.0.2", delay=0.9)}) as dns, \
            daemon.Relayguard('deadline = "500ms"\n' + daemon.config(dns.address)) as guard:
        verdict, took = _judge(guard)
        same(verdict, "pass", "too late: passes")
        within(took, 0.7, "after the deadline")
        ok(check.wait_for(lambda: len(guard.decisions()) > 0), "it is logged")
        time.sleep(2.0)  # the answer, and that to the question that confirms it
        asked = dns.count(NAME)
        verdict, took = _judge(guard)
        same(verdict, "refuse", "the next time: refused")
        within(took, 0.4, "at once")
        same(dns.count(NAME), asked, "without another question")


@case
def broken_servers():
    """SERVFAIL, REFUSED and answers that are none: unknown, and mail passes."""
    table = {}
    kinds = {"SERVFAIL": Answer(rcode=nameserver.SERVFAIL),
             "REFUSED": Answer(rcode=nameserver.REFUSED),
             "no data": Answer(), "silence": Answer(silent=True)}
    clients = {label: f"203.0.113.{number}" for number, label in enumerate(kinds, 1)}
    for label, answer in kinds.items():
        table[reverse(clients[label], "bl.example")] = answer
    with NameServer(table) as dns, \
            daemon.Relayguard('deadline = "1s"\n' + daemon.config(dns.address)) as guard:
        for label, client in clients.items():
            verdict, took = _judge(guard, client)
            same(verdict, "pass", f"{label}: passes")
            within(took, 1.2, f"{label}: in time")
            same(guard.wait_decision(client=client).get("unknown"),
                 None if label == "no data" else "bl", f"{label}: what is known")


@case
def asked_once():
    """Sessions that ask about one address at a time share one question."""
    with NameServer({NAME: Answer("127.0.0.2", delay=0.15)}) as dns, \
            daemon.Relayguard(daemon.config(dns.address)) as guard:
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(_judge(guard)[0]))
                   for _ in range(30)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        same(answers, ["refuse"] * 30, "thirty sessions: all refused")
        same(dns.count(NAME), nameserver.CONFIRMED, "one question, and one that confirms it")
        same(_judge(guard)[0], "refuse", "later: refused")
        same(dns.count(NAME), nameserver.CONFIRMED, "from memory")


@case
def system_servers():
    """Another /etc/resolv.conf, as DHCP puts it there, is followed without a reload."""
    etc = server.new_dir("etc")
    shutil.copytree("/etc", etc, symlinks=True, dirs_exist_ok=True)
    resolv_conf = os.path.join(etc, "resolv.conf")

    def put(dns):
        if os.path.lexists(resolv_conf):
            os.unlink(resolv_conf)
        server.write(resolv_conf + ".new", f"nameserver {dns.host}\n")
        os.rename(resolv_conf + ".new", resolv_conf)

    address = reverse(scene.BOT, "bl.example")
    with NameServer({}, port=53, host="127.0.53.1") as before, \
            NameServer({address: Answer("127.0.0.2")}, port=53, host="127.0.53.2") as after:
        put(before)
        prefix = ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc && exec "$@"', etc]
        with daemon.Relayguard(_config([]).replace("dns { servers = {  } }\n", ""),
                               prefix=prefix) as guard:
            same(_judge(guard)[0], "pass", "what the first server says")
            ok(before.count(NAME), "it was asked", before.questions)
            put(after)
            others = ipaddress.ip_network("198.18.0.0/15").hosts()
            changed = check.wait_for(lambda: _judge(guard, str(next(others))) and
                                     guard.events("dns-servers"), 15)
            ok(changed, "the change is noticed", guard.output())
            same(_judge(guard, scene.BOT)[0], "refuse", "the second one is asked")


check.run()
