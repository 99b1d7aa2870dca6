# SPDX-License-Identifier: BSD-2-Clause
"""What grows how: with lists, with sessions at once, with addresses in the cache."""
import json
import subprocess

from . import rig


def _best(table, scale, *runs):
    """All of them by turns; of each the run that took least: nothing that disturbs makes it less."""
    turns = [[run(turn) for run in runs] for turn in range(scale.repeat)]
    for done in sum(turns, []):
        table.verdicts("growth", rig.faults(done))
    return [min(done, key=lambda run: run["cpu_us"]) for done in zip(*turns)]


def lists(table, scale):
    """1 to 16 lists: cold, and from memory."""
    count = scale.sessions(5000)
    for number in (1, 16) if scale.smoke else (1, 2, 4, 8, 16):
        with rig.Dns(number) as dns, rig.guard(rig.config(dns.address, number)) as guard:
            guard.run(c=20, n=count // 4, a="cold:500000")
            guard.run(c=20, n=count // 4, a="loop:500:600000")
            cold, warm = _best(
                table, scale, lambda turn: guard.run(c=20, n=count, a=f"cold:{turn * count}"),
                lambda turn: guard.run(c=20, n=count * 2, a="loop:500:600000"))
        table.add(f"{number:2} lists: CPU a session, cold / in memory",
                  f"{cold['cpu_us']:.1f} / {warm['cpu_us']:.1f}", unit=" us",
                  note=f"cold {cold['rate']:.0f} sessions/s, in memory {warm['rate']:.0f}",
                  data={"cold": cold["cpu_us"], "warm": warm["cpu_us"]})


def sessions(table, scale):
    """10 to 5000 sessions at once, address in memory, beside null."""
    for number in (10, 100) if scale.smoke else (10, 100, 1000, 5000):
        count = max(scale.sessions(20000), 2 * number)
        with rig.Dns() as dns, rig.guard(rig.config(dns.address)) as guard, rig.null() as null:
            guard.run(c=20, n=1000, a="loop:1000")
            base, ours = _best(table, scale, lambda turn: null.run(c=number, n=count),
                               lambda turn: guard.run(c=number, n=count, a="loop:1000"))
        table.add(f"{number:4} sessions at once: sessions/s, null / relayguard",
                  f"{base['rate']:.0f} / {ours['rate']:.0f}",
                  note=f"CPU a session {base['cpu_us']:.1f} / {ours['cpu_us']:.1f} us; session p99 "
                  f"{base['us']['session']['p99'] / 1000:.1f} / "
                  f"{ours['us']['session']['p99'] / 1000:.1f} ms",
                  data={"null": base["cpu_us"], "relayguard": ours["cpu_us"]})


def _available():
    with open("/proc/meminfo", encoding="ascii") as file:
        for line in file:
            if line.startswith("MemAvailable:"):
                return 1024 * int(line.split()[1])
    return 0


def cache(table, scale):
    """10^3 to 10^7 addresses in memory: the cache alone, and the daemon up to 10^5."""
    for power in (3,) if scale.smoke else (3, 4, 5, 6, 7):
        count, note = 10 ** power, ""
        if _available() < count * 100 * 3:
            table.add(f"10^{power} addresses cached", "not enough memory here")
            continue
        done = subprocess.run([rig.program("bench_memcache"), str(count), "8"], check=True,
                              stdout=subprocess.PIPE, text=True)
        figures = json.loads(done.stdout)
        if power <= (3 if scale.smoke else 5):
            with rig.Dns(4) as dns, rig.guard(rig.config(
                    dns.address, 4, 'cache { memory = "256M" }')) as guard:
                guard.run(c=20, n=count, a=f"loop:{count}")
                run, = _best(table, scale, lambda turn: guard.run(
                    c=20, n=scale.sessions(20000), a=f"uniform:{count}"))
                note = f"the daemon: CPU a session {run['cpu_us']:.1f} us"
        table.add(f"10^{power} addresses cached, 8 lists: lookup", figures["get_ns"], unit=" ns",
                  note=f"{100 * figures['found']:.1f} % found, {figures['put_ns']:.0f} ns to keep a"
                  f" fact, {figures['bytes'] / count:.0f} bytes an address" +
                  (note and "; " + note), data=figures)
