# SPDX-License-Identifier: BSD-2-Clause
"""Lists whose entries are in files: what they take of memory and time, beside rbldnsd; and the
daemon with them."""
import contextlib
import json
import os
import shutil
import subprocess
import time

from . import floor, rig
from .rig import median, spread


def write(scale):
    """Eight lists of ten million entries together, and a million names; or few.  Their folder."""
    folder = rig.server.new_dir("lists")
    entries, names = (80000, 10000) if scale.smoke else (10000000, 1000000)
    subprocess.run([rig.program("bench_data"), "write", folder, str(entries), str(names)],
                   check=True)
    shutil.chown(folder, "nobody")
    return folder


def remove(folder):
    """All of that."""
    shutil.rmtree(folder)


class Rbldnsd(rig.server.Server):
    """The real one, with some of those files."""

    def __init__(self, folder, kinds):
        self.port = rig.server.free_port()
        super().__init__("rbldnsd", [
            "rbldnsd", "-n", "-u", "nobody", "-b", f"127.0.0.1/{self.port}", "-c", "0",
            "-w", folder, *(f"{zone}:{kind}:{zone}" for zone, kind in kinds)])
        self.wait_ready(lambda: "started" in self.output())


ZONES = tuple((f"bl{i + 1}.example", "ip4set") for i in range(rig.LISTS))


def _beside(folder):
    """CPU seconds that rbldnsd takes to load the lists and the names, and CPU microseconds of a
    question about eight: who asks, and both."""
    found = {}
    names = Rbldnsd(folder, (("names.example", "dnset"),))
    found["names_load"] = rig.cpu(names)
    names.stop()
    lists = Rbldnsd(folder, ZONES)
    found["load"] = rig.cpu(lists)
    asked = floor.bare(lists.port, [zone for zone, _ in ZONES], 10000, 0, at_once=1)
    found["ask_us"] = asked["cpu_us"]
    found["both_us"] = asked["cpu_us"] + (rig.cpu(lists) - found["load"]) / asked["lookups"] * 1e6
    lists.stop()
    return found


def data(table, scale):
    """Ten million entries of IPv4 in eight lists, and a million names."""
    folder = write(scale)
    runs, beside = [], []
    for _ in range(min(scale.repeat, 3)):
        done = subprocess.run([rig.program("bench_data"), "load", folder], check=True,
                              stdout=subprocess.PIPE, text=True)
        runs.append(json.loads(done.stdout))
        if rig.has_rbldnsd():
            beside.append(_beside(folder))
    size = sum(os.path.getsize(os.path.join(folder, zone)) for zone, _ in ZONES)
    remove(folder)
    _memory(table, runs, size)
    _time(table, runs, beside)


def _memory(table, runs, size):
    last = runs[-1]
    table.add(f"{last['entries']} entries of IPv4 in 8 lists: bytes each", last["bytes"],
              target="≤ 24", met=last["bytes"] <= 24, data=last,
              note=f"in their files {size / last['entries']:.1f}; at most "
              f"{last['peak'] / 2 ** 20:.0f} MiB while they were loaded one after the other")
    table.add(f"{last['names']} names: bytes each", last["names_bytes"], target="≤ 40",
              met=last["names_bytes"] <= 40)


def _time(table, runs, beside):
    for key, what in (("load", "entries"), ("names_load", "names")):
        values = [run[key] for run in runs]
        if beside:
            table.ratio(f"{what}: CPU to load them against rbldnsd",
                        [ours / its[key] for ours, its in zip(values, beside)], 1.0)
        table.add(f"  {what}: CPU to load them", median(values), unit=" s",
                  spread=spread(values))
    table.ratio("an address in 8 lists: CPU against one list",
                [run["all_ns"] / run["one_ns"] for run in runs], 3.0)
    values = [run["all_ns"] for run in runs]
    table.add("  an address in 8 lists: CPU", median(values), unit=" ns", spread=spread(values),
              note=f"{100 * runs[-1]['found']:.0f} % found; in one "
              f"{median([run['one_ns'] for run in runs]):.0f} ns")
    if beside:
        table.ratio("  against a question to rbldnsd, CPU of both ends",
                    [run["all_ns"] / 1000 / its["both_us"] for run, its in zip(runs, beside)],
                    0.05)
        values = [its["ask_us"] for its in beside]
        table.add("  a question to rbldnsd: CPU of who asks", median(values), unit=" us",
                  spread=spread(values),
                  note=f"of both ends {median([its['both_us'] for its in beside]):.2f} us; "
                  "eight are sent at once")


def _paths(folder):
    return [os.path.join(folder, zone) for zone, _ in ZONES]


def _taken(guard):
    return guard.process.output().count("event=data-taken")


@contextlib.contextmanager
def _guard(files):
    """relayguard with these lists, which it has read."""
    with rig.guard(rig.data_config(files)) as guard:
        guard.process.wait_ready(lambda: _taken(guard) == len(files), 120)
        yield guard


def datacold(table, scale):
    """Eight lists in files looked into for every client, against null."""
    count = scale.sessions(20000)
    folder = write(scale)
    cost, own = [], []
    with _guard(_paths(folder)) as guard, rig.null() as null:
        guard.run(c=floor.AT_ONCE, n=count, a="cold:9000000")
        null.run(c=floor.AT_ONCE, n=count)
        for turn in range(scale.repeat):
            base = null.run(c=floor.AT_ONCE, n=count)
            ours = guard.run(c=floor.AT_ONCE, n=count, a=f"cold:{turn * count}")
            table.verdicts("data, cold", rig.faults(ours))
            cost.append(ours["cpu_us"] / base["cpu_us"])
            own.append(ours["cpu_us"])
        listed = guard.run(c=floor.AT_ONCE, n=count, a="cold:7000000", listed=350)
        table.verdicts("data, cold, 35 % listed", rig.faults(listed))
    remove(folder)
    table.ratio("cold, 8 lists as data: CPU a session against null", cost, 1.15)
    table.add("  the same: CPU a session", median(own), unit=" us", spread=spread(own),
              note=f"{listed['cpu_us']:.1f} us where 35 % are listed")


def _one_file(folder):
    """All entries in one file, and another one as large that is not quite the same."""
    whole, other = (os.path.join(folder, name) for name in ("whole", "other"))
    with open(whole, "wb") as out:
        for path in _paths(folder):
            with open(path, "rb") as file:
                shutil.copyfileobj(file, out, 1 << 20)
            os.unlink(path)
    shutil.copyfile(whole, other)
    with open(other, "a", encoding="ascii") as out:
        out.write("198.51.100.7\n")
    return whole, other


def _replace_under_load(guard, whole, other, seconds):
    """Sessions for that long, while a file takes the place of another one: the load's figures,
    and how long it took from then on until it was in use."""
    before = _taken(guard)
    with subprocess.Popen([rig.program("load"), "-c", "400", "-n", "1000000", "-R", "500", "-s",
                           str(seconds), "-a", "loop:1000", guard.where],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as process:
        time.sleep(0.5)
        kept = other + ".kept"
        os.link(whole, kept)
        os.replace(other, whole)
        os.rename(kept, other)
        begin = time.monotonic()
        while _taken(guard) == before and time.monotonic() - begin < seconds:
            time.sleep(0.01)
        took = time.monotonic() - begin
        return json.loads(process.stdout.read()), took


def dataswap(table, scale):
    """Ten million entries that are replaced under load."""
    folder = write(scale)
    whole, other = _one_file(folder)
    quiet, loaded, took = [], [], []
    seconds = 16 if scale.smoke else 30
    with _guard([whole]) as guard:
        guard.run(c=20, n=2000, a="loop:1000")
        for _ in range(min(scale.repeat, 3)):
            quiet.append(guard.run(c=400, n=10 ** 6, R=500, s=1 if scale.smoke else 3,
                                   a="loop:1000"))
            run, until = _replace_under_load(guard, whole, other, seconds)
            table.verdicts("data, replaced", rig.faults(run))
            loaded.append(run)
            took.append(until)
        peak = rig.rss(guard.process)
    remove(folder)
    values = [run["us"]["verdict"]["max"] / 1000 for run in loaded]
    base = [run["us"]["verdict"]["max"] / 1000 for run in quiet]
    table.add("a file of ten million is replaced under load: longest time to a verdict",
              median(values), unit=" ms", target="≤ 5 ms", met=median(values) <= 5,
              spread=spread(values),
              note=f"500 sessions/s; else {median(base):.2f} ms ({spread(base)}); in use after "
              f"{median(took):.1f} s; afterwards {peak / 2 ** 20:.0f} MiB")
