# SPDX-License-Identifier: BSD-2-Clause
"""Questions a decision, where all lists are asked, and where they are as it is needed.

Two crowds: the cold one of peers (eight lists of which two can refuse alone, 28 % to be refused,
on rbldnsd), and that of workload A, each client once. Counts do not depend on load.
"""
import os
import random
import re
import sys
import time

from . import mixes, rig

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                                "peers"))
from rig import clients as peers  # noqa: E402  pylint: disable=wrong-import-position

SETTINGS = ("all", "needed")
AT_ONCE = 20
SECONDS = 120  # at most
MANY_AT_ONCE = 200  # nearly all are listed, and wait for proofs, which come once in a second
# They are of few networks, and more come in a minute than ever do.
UNLIMITED = "limits { network4 = 0 network6 = 0 }"


def _floor(people, addresses):
    """Questions a decision that it takes even if one knows beforehand what each list will say: who
    is refused takes the fewest lists that are enough, each with a proof; who is not, all lists but
    those that together could not refuse any more."""
    asked = 0
    for address in addresses:
        on = people.lists.get(address, ())
        known = sorted((peers.WEIGHTS[zone] for zone in on), reverse=True)
        if sum(known) >= peers.THRESHOLD:
            enough = next(count for count in range(len(known) + 1)
                          if sum(known[:count]) >= peers.THRESHOLD)
            asked += 2 * enough
            continue
        spare = peers.THRESHOLD - 1 - sum(known)
        left_out = 0
        for weight in sorted(weight for zone, weight in peers.WEIGHTS.items() if zone not in on):
            if weight <= spare:
                spare -= weight
                left_out += 1
        asked += len(peers.ZONES) - left_out
    return asked / len(addresses)


def _peers_config(port, ask):
    lists = "".join(f'list "{zone[:3]}" {{ zone = "{zone}" '
                    f'answer "{peers.LISTED}" {{ category = "spam-source" score = 1 }} }}\n'
                    for zone in peers.ZONES)
    names = ", ".join(f'"{zone[:3]}*{weight}"' for zone, weight in peers.WEIGHTS.items())
    return f'{UNLIMITED}\ndns {{ servers = {{ "127.0.0.1:{port}" }} }}\n{lists}' \
        f'policy "default" {{ ask = "{ask}" lists = {{ {names} }} ' \
        f'refuse = {peers.THRESHOLD} }}\n'


def _decided(guard):
    """What was decided of each client."""
    return {found[2]: found[1] for found in re.finditer(
        r" verdict=(\S+) .*?client=(\S+) ", guard.process.output())}


def _peers_cold(table, scale):
    people = peers.Clients()
    cold = people.cold[:scale.sessions(3000)]
    zones = {zone: {"ip4set": "".join(f"{address} :{peers.LISTED}:\n" for address in addresses)}
             for zone, addresses in people.contents().items()}
    path = mixes.write(cold)
    floor = _floor(people, cold)
    for ask in SETTINGS:
        with rig.rbldnsd.Rbldnsd(zones) as lists, \
                rig.guard(_peers_config(lists.port, ask)) as guard:
            guard.run(c=AT_ONCE, n=len(people.probes), a="file:" + mixes.write(people.probes))
            before = len(lists.queries())
            guard.run(c=AT_ONCE, n=len(cold), s=SECONDS, a="file:" + path)
            time.sleep(0.5)
            decided = _decided(guard)
            asked = (len(lists.queries()) - before) / len(cold)
        # Who is not decided of was not asked about.
        wrong = sum((decided.get(address) == "refuse") != (address in people.refused)
                    for address in cold)
        table.verdicts(f"peers' cold crowd, ask = {ask}", {"wrong": wrong} if wrong else {})
        table.add(f"peers' cold crowd, ask = {ask}: questions a decision, proofs counted",
                  round(asked, 2), target="≤ 5.5" if ask == "needed" else "",
                  met=asked <= 5.5 if ask == "needed" else None,
                  note=f"{len(cold)} clients, {wrong} verdicts wrong; who knew beforehand what each "
                  f"list will say would ask {floor:.2f}")


def _edge_cold(table, scale):
    people = list(dict.fromkeys(mixes.edge(random.Random("A"), scale.sessions(5000))))
    path = mixes.write(people)
    for ask in SETTINGS:
        with rig.Dns(mixes.LISTS, latency=20, spread=0.8, more=300) as dns:
            for zone, share in zip(dns.lists, (800, 300, 200, 100)):
                dns.set(zone, share=share)
            with rig.guard(rig.config(dns.address, mixes.LISTS,
                                      f'ask = "{ask}"\n{UNLIMITED}')) as guard:
                guard.run(c=MANY_AT_ONCE, n=400, a="cold:9000000", listed=950)
                dns.report()
                run = guard.run(c=MANY_AT_ONCE, n=len(people), s=SECONDS,
                                a="file:" + path)
                time.sleep(0.5)
                asked = dns.report()
        table.verdicts(f"A, each once, ask = {ask}", rig.faults(run, deferred=True))
        count = (asked["clients"] + asked["tests"]) / len(people)
        table.add(f"A, each client once, ask = {ask}: questions a decision, proofs counted",
                  round(count, 2), target="≤ 2.5" if ask == "needed" else "",
                  met=count <= 2.5 if ask == "needed" else None,
                  note=f"{len(people)} clients; of these questions {asked['clients'] / len(people):.2f} "
                  f"about clients; verdict p50 / p95 {run['us']['verdict']['p50'] / 1000:.0f} / "
                  f"{run['us']['verdict']['p95'] / 1000:.0f} ms")


def _clear_wait(table, scale):
    """What a client on no list waits more: an answer of the slowest list at most."""
    waits = {}
    for ask in SETTINGS:
        with rig.Dns(latency=50) as dns, \
                rig.guard(rig.config(dns.address, more=f'ask = "{ask}"')) as guard:
            guard.run(c=AT_ONCE, n=200, a="cold:9000000")
            run = guard.run(c=AT_ONCE, n=scale.sessions(1000), a="cold:0")
            table.verdicts(f"clear, ask = {ask}", rig.faults(run))
            waits[ask] = run["us"]["verdict"]
    more = (waits["needed"]["p50"] - waits["all"]["p50"]) / 1000
    table.add("ask = needed: what a clear client waits more, p50", round(more, 1), unit=" ms",
              target="≤ 55 ms", met=more <= 55, note="lists take 50 ms, and RCPT comes at once; p99 "
              f"{waits['needed']['p99'] / 1000:.0f} ms, where all are asked "
              f"{waits['all']['p99'] / 1000:.0f} ms", data=waits)


def asking(table, scale):
    """Both settings, one after the other."""
    if rig.has_rbldnsd():
        _peers_cold(table, scale)
    else:
        table.add("peers' cold crowd: questions a decision", "no rbldnsd here")
    _edge_cold(table, scale)
    _clear_wait(table, scale)
