# SPDX-License-Identifier: BSD-2-Clause
"""Memory: of idle sessions, and of millions of networks; and reloads under load."""
import contextlib
import json
import os
import signal
import subprocess
import time

from . import rig
from .rig import median, spread

PAUSE_MS = 5.0


@contextlib.contextmanager
def hold(filter_, sessions):
    """So many sessions idle after MAIL."""
    with subprocess.Popen([rig.program("load"), "-H", "-c", str(sessions), "-n", str(sessions),
                           "-a", "loop:1000", filter_.where], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as process:
        if json.loads(process.stdout.readline())["held"] != sessions:
            raise RuntimeError("sessions do not stay open")
        time.sleep(0.5)
        yield
        process.stdin.close()
        process.stdout.read()


def _each(filter_, sessions):
    """Bytes for each session more: what was free before is used up by half as many."""
    with hold(filter_, sessions // 2):
        before = rig.rss(filter_.process)
        with hold(filter_, sessions):
            return (rig.rss(filter_.process) - before) / sessions


def memory(table, scale):
    """What an idle session takes beyond null's, its address being in memory."""
    sessions = 300 if scale.smoke else 2000
    over, base = [], []
    with rig.Dns() as dns:
        for _ in range(min(scale.repeat, 3)):
            with rig.guard(rig.config(dns.address)) as guard, rig.null() as null:
                guard.run(c=20, n=1000, a="loop:1000")
                null.run(c=20, n=1000)
                base.append(_each(null, sessions))
                over.append(_each(guard, sessions) - base[-1])
    table.add(f"memory for each of {sessions} idle sessions over null's", median(over) / 1024,
              unit=" KiB", target="≤ 2 KiB", met=median(over) <= 2048,
              spread=spread([value / 1024 for value in over]),
              note=f"null's: {median(base) / 1024:.2f} KiB each")


def _networks(count):
    done = subprocess.run([rig.program("bench_prefix"), str(count)], stdout=subprocess.PIPE,
                          check=True, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def million(table, scale):
    """A million networks in a deny file: IPv4, and IPv6."""
    count = 10000 if scale.smoke else 1000000
    found = [_networks(count) for _ in range(min(scale.repeat, 3))]
    for place, name in ((0, "IPv4"), (1, "IPv6")):
        for key, what, limit, unit in (("load", "load", 1.0, " s"), ("bytes", "bytes each", 40, ""),
                                       ("lookup_ns", "lookup", 300, " ns")):
            values = [run[place][key] for run in found]
            table.add(f"{count} {name} networks: {what}", median(values), unit=unit,
                      target=f"≤ {limit:g}{unit}", met=median(values) <= limit,
                      spread=spread(values, "{:.3g}"))


def _reloads(guard):
    return guard.process.output().count("event=reloaded")


def _reload_under_load(guard, seconds):
    """Sessions for that long, a reload in the middle: the load's figures, and its seconds."""
    before = _reloads(guard)
    with subprocess.Popen([rig.program("load"), "-c", "400", "-n", "1000000", "-R", "500", "-s",
                           str(seconds), "-a", "loop:1000", guard.where],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as process:
        time.sleep(0.5)
        begin = time.monotonic()
        guard.process.send(signal.SIGUSR1)
        while _reloads(guard) == before and time.monotonic() - begin < 60:
            time.sleep(0.01)
        took = time.monotonic() - begin
        return json.loads(process.stdout.read()), took


def tenmillion(table, scale):
    """Ten million networks in a deny file, and a reload of it under load."""
    count = 10000 if scale.smoke else 10000000
    figures = _networks(count)[0]
    table.add(f"{count} IPv4 networks: load", figures["load"], unit=" s",
              note=f"{figures['bytes']:.1f} bytes each, lookup {figures['lookup_ns']:.0f} ns,"
              f" {100 * figures['found']:.0f} % found", data=figures)
    path = os.path.join(rig.server.new_dir("deny"), "networks")
    subprocess.run([rig.program("bench_prefix"), str(count), path], check=True)
    quiet, loaded, took = [], [], []
    with rig.Dns() as dns:
        text = rig.config(dns.address, more=f'deny {{ files = {{ "{path}" }} }}')
        with rig.guard(text) as guard:
            size = rig.rss(guard.process)
            guard.run(c=20, n=2000, a="loop:1000")
            for _ in range(min(scale.repeat, 3)):
                quiet.append(guard.run(c=400, n=10 ** 6, R=500, s=1 if scale.smoke else 3,
                                       a="loop:1000"))
                run, seconds = _reload_under_load(guard, 2 if scale.smoke else 8)
                table.verdicts("reload", rig.faults(run))
                loaded.append(run)
                took.append(seconds)
            peak = rig.rss(guard.process)
    os.unlink(path)
    values = [run["us"]["verdict"]["max"] / 1000 for run in loaded]
    base = [run["us"]["verdict"]["max"] / 1000 for run in quiet]
    table.add("  reload of them under load: longest time to a verdict", median(values), unit=" ms",
              target=f"≤ {PAUSE_MS:g} ms", met=median(values) <= PAUSE_MS, spread=spread(values),
              note=f"500 sessions/s; without a reload {median(base):.2f} ms ({spread(base)}); "
              f"p99.9 {median([run['us']['verdict']['p999'] for run in loaded]) / 1000:.2f} ms; "
              f"a reload takes {median(took):.1f} s")
    table.add("  memory of the daemon with them", size / 2 ** 20, unit=" MiB",
              note=f"{peak / 2 ** 20:.0f} MiB after reloads")
