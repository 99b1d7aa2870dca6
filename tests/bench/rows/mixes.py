# SPDX-License-Identifier: BSD-2-Clause
"""Workloads: what mail looks like (A, B), a storm of retries (C), and everything failing (D).

Four lists, 10 % IPv6, 30 % of the listed with a second code, answers log-normal
with a median of 20 ms; 200 sessions a second.
"""
import ipaddress
import os
import random
import signal
import threading
import time

from . import rig

LISTS = 4
RATE = 200
NET = {(4, False): "25.0.0.0", (4, True): "28.64.0.0",
       (6, False): "2001:db8:1::", (6, True): "2001:db8:2::"}
SPREAD = {(4, False): 24, (4, True): 22, (6, False): 64, (6, True): 64}


def _client(dice, listed):
    """A new address: one in ten IPv6."""
    kind = (6 if dice.random() < 0.1 else 4, listed)
    return str(ipaddress.ip_address(NET[kind]) + dice.getrandbits(SPREAD[kind]))


def _zipf(dice, count):
    """An order in which the nth of count has a chance of 1/n."""
    weights = [1 / (place + 1) for place in range(count)]
    return lambda people, wanted: dice.choices(people, weights, k=wanted)


def edge(dice, total):
    """A: an edge MX of 2005-12: 95 % of the clients bad, 2.3 connections each."""
    people = [_client(dice, dice.random() < 0.95) for _ in range(int(total / 2.3))]
    return [dice.choice(people) for _ in range(total)]


def today(dice, total):
    """B: today: 35 % of connections from listed clients, 1.45 each; the rest from few, often."""
    bad = int(total * 0.35)
    listed = [_client(dice, True) for _ in range(int(bad / 1.45))]
    ham = [_client(dice, False) for _ in range(max((total - bad) // 55, 1))]
    found = [dice.choice(listed) for _ in range(bad)]
    found += _zipf(dice, len(ham))(ham, total - bad)
    dice.shuffle(found)
    return found


def storm(dice, total):
    """C: 60 % of connections from 500 clients that come again and again."""
    crowd = [_client(dice, dice.random() < 0.5) for _ in range(500)]
    found = [dice.choice(crowd) if dice.random() < 0.6 else _client(dice, dice.random() < 0.35)
             for _ in range(total)]
    return found


def write(people):
    """A file of these clients, for the load client."""
    path = os.path.join(rig.server.new_dir("clients"), "addresses")
    return rig.server.write(path, "\n".join(people) + "\n")


def _share(count, whole):
    return f"{100 * count / max(whole, 1):.2f} %"


def _row(table, name, run, asked, note=""):
    clear, listed = run["clear"], run["listed"]
    wrong = f"false refusals {clear['refuse']}, listed let through {listed['pass']} " \
        f"({_share(listed['pass'], sum(listed.values()))}), " \
        f"deferred {clear['defer']} clear and {listed['defer']} listed"
    verdict = run["us"]["verdict"]
    table.add(f"{name}: verdict p50 / p95 / p99", "{:.1f} / {:.1f} / {:.1f}".format(
        *(verdict[which] / 1000 for which in ("p50", "p95", "p99"))), unit=" ms",
              note=f"{wrong}; {asked / max(run['sessions'], 1):.2f} questions a connection, "
              f"CPU {run['cpu_us']:.0f} us" + note, data={"run": run, "asked": asked})


def _mixed(table, scale, name, order, shares=(800, 300, 200, 100), **words):
    """One workload with the fake lists and Redis."""
    seconds = 1 if scale.smoke else 8
    people = order(random.Random(name), RATE * seconds * 2)
    with rig.Dns(LISTS, latency=20, spread=0.8, loss=3, more=300, **words) as dns, \
            rig.big_redis() as store:
        for zone, share in zip(dns.lists, shares):
            dns.set(zone, share=share)
        text = rig.config(dns.address, LISTS, f'cache {{ redis = "{store.url}" }}')
        with rig.guard(text) as guard:
            dns.report()
            run = guard.run(c=2000, n=10 ** 6, s=seconds, R=RATE, a="file:" + write(people))
            _row(table, name, run, dns.report()["clients"])
            # What a lost packet costs is a listing missed, never a good client refused.
            table.verdicts(name, rig.faults(run, listed_pass=True, deferred=True))


def mix_a(table, scale):
    """Workload A."""
    _mixed(table, scale, "A, edge MX of 2005-12", edge)


def mix_b(table, scale):
    """Workload B, with the real rbldnsd for lists."""
    if not rig.has_rbldnsd():
        table.add("B, today: with rbldnsd", "no rbldnsd here")
        return
    seconds = 1 if scale.smoke else 8
    people = today(random.Random("B"), RATE * seconds * 2)
    zones = rig.rbldnsd_zones(LISTS, people)
    with rig.rbldnsd.Rbldnsd(zones) as lists, rig.big_redis() as store:
        text = rig.config(lists.address, LISTS, f'cache {{ redis = "{store.url}" }}')
        with rig.guard(text) as guard:
            before = len(lists.queries())
            run = guard.run(c=2000, n=10 ** 6, s=seconds, R=RATE, a="file:" + write(people))
            time.sleep(0.2)
            _row(table, "B, today, lists on rbldnsd", run, len(lists.queries()) - before,
                 " (questions with proofs)")
            table.verdicts("B", rig.faults(run))


def mix_c(table, scale):
    """Workload C."""
    _mixed(table, scale, "C, retry storm", storm)


def mix_d(table, scale):
    """Workload D: a list fails, one is silent, one lists the world, one answers an error; no Redis."""
    seconds = 2 if scale.smoke else 16
    people = today(random.Random("D"), RATE * seconds * 2)
    with rig.Dns(LISTS + 1, latency=20) as dns, rig.big_redis() as store:
        text = rig.config(dns.address, LISTS + 1, f'cache {{ redis = "{store.url}" }}')
        with rig.guard(text) as guard:
            guard.run(c=20, n=500, a="cold:5000000")
            dns.set(dns.lists[-1], share=1000)
            dns.report()

            def fail():
                for zone, manner in zip(dns.lists, ("servfail", "silent", "world", "error")):
                    dns.set(zone, say=manner)
                store.send(signal.SIGSTOP)

            timer = threading.Timer(seconds / 8, fail)
            timer.start()
            run = guard.run(c=2000, n=10 ** 6, s=seconds, R=RATE, a="file:" + write(people))
            timer.join()
            _row(table, "D, four of five lists fail in four ways, Redis hangs", run,
                 dns.report()["clients"], "; the fifth list knows all who are listed")
            table.verdicts("D", rig.faults(run, listed_pass=True, deferred=True))
            table.rows[-1]["data"]["fell_after"] = seconds / 8
