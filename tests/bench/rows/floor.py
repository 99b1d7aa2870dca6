# SPDX-License-Identifier: BSD-2-Clause
"""Against the floor: memory, Redis and cold, side by side with the null filter."""
import json
import subprocess
import time

from . import rig
from .rig import median, spread

AT_ONCE = 20
WARM = 1000  # addresses that are in memory
KEY, VALUE = "null", 150  # what the plainest filter asks Redis for, and how many bytes that is


def hit(table, scale):
    """An address in memory, against null: the same round trips, only clear clients."""
    count = scale.sessions(30000)
    rate, cost, own, floor = [], [], [], []
    with rig.Dns() as dns, rig.guard(rig.config(dns.address)) as guard, rig.null() as null:
        guard.run(c=AT_ONCE, n=WARM, a=f"loop:{WARM}")
        guard.run(c=AT_ONCE, n=scale.sessions(10000), a=f"loop:{WARM}")
        null.run(c=AT_ONCE, n=scale.sessions(10000), a=f"loop:{WARM}")
        asked = dns.report()["clients"]
        for _ in range(scale.repeat):
            base = null.run(c=AT_ONCE, n=count, a=f"loop:{WARM}")
            ours = guard.run(c=AT_ONCE, n=count, a=f"loop:{WARM}")
            table.verdicts("hit", rig.faults(ours))
            rate.append(ours["rate"] / base["rate"])
            cost.append(ours["cpu_us"] / base["cpu_us"])
            floor.append(base)
            own.append(ours)
        asked = dns.report()["clients"]
        mixed = guard.run(c=AT_ONCE, n=count, a=f"loop:{WARM}", listed=350)
        mixed = guard.run(c=AT_ONCE, n=count, a=f"loop:{WARM}", listed=350)
        table.verdicts("hit, 35 % listed", rig.faults(mixed))
    table.ratio("memory hit: sessions/s against null", rate, 0.95, higher=True)
    table.ratio("memory hit: CPU a session against null", cost, 1.10)
    floor_us = [run["cpu_us"] for run in floor]
    table.add("  null: CPU a session", median(floor_us), unit=" us", spread=spread(floor_us),
              note=f"{median([run['rate'] for run in floor]):.0f} sessions/s at {AT_ONCE} at once",
              data={"rate": [run["rate"] for run in floor], "us": floor[-1]["us"]})
    own_us = [run["cpu_us"] for run in own]
    table.add("  relayguard, memory hit: CPU a session", median(own_us), unit=" us",
              spread=spread(own_us), note=f"{asked} questions to lists meanwhile",
              data={"rate": [run["rate"] for run in own], "us": own[-1]["us"]})
    table.add("  the same, 35 % listed (refused: no end of message)", mixed["cpu_us"], unit=" us")
    ceiling = [run["sessions"] / run["cpu"] for run in floor]
    table.add("  load client: sessions/s it could make, over null's", median(
        [top / run["rate"] for top, run in zip(ceiling, floor)]), spread=spread(ceiling, "{:.0f}/s"),
              note="its own CPU a session; near 1 it would be the bottleneck")


def redis(table, scale):
    """An address in Redis on the same machine, not in memory."""
    if rig.redis.SERVER is None:
        table.add("in Redis: sessions/s against null", "no redis-server here")
        return
    count = scale.sessions(20000)
    rate, cost, redis_us, fill_us, asked = [], [], [], [], 0
    plain_rate, plain_cost = [], []
    with rig.Dns() as dns, rig.big_redis() as store, rig.null() as null, \
            rig.null(store.port, KEY) as plain:
        text = rig.config(dns.address, more=f'cache {{ redis = "{store.url}" }}')
        empty = _used_memory(store)
        with rig.guard(text) as other:
            for turn in range(scale.repeat):
                begin = rig.cpu(store)
                other.run(c=AT_ONCE, n=count, a=f"cold:{turn * count}")
                time.sleep(0.5)
                fill_us.append((rig.cpu(store) - begin) / count * 1e6)
            keys = len(store.keys())
            used = _used_memory(store) - empty
            alone = store.command("MEMORY", "USAGE", store.command("RANDOMKEY"))
        store.command("SET", KEY, "-" * VALUE)
        with rig.guard(text) as guard:
            null.run(c=AT_ONCE, n=count)
            dns.report()
            for turn in range(scale.repeat):
                base = null.run(c=AT_ONCE, n=count, a=f"cold:{turn * count}")
                begin = rig.cpu(store)
                ours = guard.run(c=AT_ONCE, n=count, a=f"cold:{turn * count}")
                redis_us.append((rig.cpu(store) - begin) / count * 1e6)
                asking = plain.run(c=AT_ONCE, n=count, a=f"cold:{turn * count}")
                table.verdicts("redis", {**rig.faults(ours), **rig.faults(asking)})
                rate.append(ours["rate"] / base["rate"])
                cost.append(ours["cpu_us"] / base["cpu_us"])
                plain_rate.append(asking["rate"] / base["rate"])
                plain_cost.append(asking["cpu_us"] / base["cpu_us"])
            asked = dns.report()["clients"]
    table.ratio("in Redis: sessions/s against null", rate, 0.95, higher=True)
    table.ratio("  the same: CPU a session against null", cost, None)
    table.ratio("  a filter that does nothing but ask Redis: sessions/s against null",
                plain_rate, None)
    table.rows[-1]["note"] = "GET in the session's own thread, by a connection of its own"
    table.ratio("  the same: CPU a session against null", plain_cost, None)
    table.add("  Redis: CPU for each session it answers", median(redis_us), unit=" us",
              spread=spread(redis_us), note=f"{asked} questions to lists meanwhile",
              data={"asked": asked})
    table.add("  Redis: CPU for each address that is new to it", median(fill_us), unit=" us",
              spread=spread(fill_us), note="a miss, and one value kept")
    each = used / max(keys, 1)
    table.add("  Redis: memory for each address, 8 lists", each, target="≤ 260",
              met=each <= 260, unit=" bytes", data={"keys": keys},
              note=f"growth of used_memory by {keys} values; MEMORY USAGE of one: {alone}")


def _used_memory(store):
    for line in store.command("INFO", "memory").splitlines():
        if line.startswith("used_memory:"):
            return int(line.split(":")[1])
    return 0


def bare(port, zones, clients, first, at_once=AT_ONCE):
    """Lookups over bare sockets: their figures."""
    done = subprocess.run([rig.program("bare"), str(port), str(clients), str(at_once),
                           str(first), *zones], stdout=subprocess.PIPE, check=True, text=True)
    return json.loads(done.stdout)


def cold(table, scale):
    """Eight lists asked about every client, in three parts side by side: null, cold, bare."""
    count = scale.sessions(8000)
    strict, added, cost, base_us = [], [], [], []
    with rig.Dns() as dns, rig.guard(rig.config(dns.address)) as guard, rig.null() as null:
        guard.run(c=AT_ONCE, n=count, a="cold:9000000")
        for turn in range(scale.repeat):
            first = turn * count
            base = null.run(c=AT_ONCE, n=count)
            ours = guard.run(c=AT_ONCE, n=count, a=f"cold:{first}")
            again = guard.run(c=AT_ONCE, n=count, a=f"loop:{WARM}:{first}")
            floor = bare(dns.port, dns.lists, count, 5000000 + first)
            table.verdicts("cold", {**rig.faults(ours), **({"lost": 1} if floor["lost"] else {})})
            strict.append((ours["cpu_us"] - base["cpu_us"]) / rig.LISTS / floor["cpu_us"])
            added.append((ours["cpu_us"] - again["cpu_us"]) / rig.LISTS / floor["cpu_us"])
            cost.append(ours["cpu_us"])
            base_us.append(floor["cpu_us"])
        dns.report()
        last = guard.run(c=AT_ONCE, n=count, a="cold:8000000")
        asked = dns.report()
        listed = guard.run(c=AT_ONCE, n=count, a="cold:7000000", listed=350)
        proofs = dns.report()
        table.verdicts("cold, 35 % listed", rig.faults(listed))
    table.ratio("cold, 8 lists: CPU a lookup over bare sockets", added, 1.5)
    table.rows[-1]["note"] = "a cold session less one answered from memory, by 8"
    table.ratio("  the same, less a session of null", strict, None)
    table.add("  cold: CPU a session", median(cost), unit=" us", spread=spread(cost),
              note=f"{last['rate']:.0f} sessions/s, "
              f"{asked['clients'] / last['sessions']:.2f} questions each",
              data={"us": last["us"]})
    table.add("  bare sockets: CPU a lookup", median(base_us), unit=" us", spread=spread(base_us))
    table.add("  cold, 35 % listed: CPU a session", listed["cpu_us"], unit=" us",
              note=f"{proofs['clients'] / listed['sessions']:.2f} questions about each client, "
              f"{proofs['tests'] / listed['sessions']:.2f} about what nobody has; "
              f"{(proofs['clients'] + proofs['tests']) / listed['sessions']:.2f} in all")
