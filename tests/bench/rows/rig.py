# SPDX-License-Identifier: BSD-2-Clause
"""What is measured, and by what: the daemon, the null filter, the name server, the load.

BENCH is the directory of the programs that make bench has built.
"""
import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__)))), "e2e"))
from lib import daemon, rbldnsd, redis, server  # noqa: E402,F401  pylint: disable=wrong-import-position

BENCH = os.path.abspath(os.environ.get("BENCH") or os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
LISTS = 8

_LIST = """list "bl{0}" {{
    {1}  ipv6 = true  name = "List {0}"
    removal = "https://bl{0}.example/remove?ip=%{{ip}}"
    answer "127.0.0.2"  {{ category = "spam-source"  score = 5 }}
    answer "127.0.0.11" {{ category = "policy-range"  score = 5 }}
}}
"""


class Scale:
    """How much of everything; smoke: as little as shows that it works."""

    def __init__(self, repeat=5, smoke=False):
        self.repeat = 1 if smoke else repeat
        self.smoke = smoke

    def sessions(self, count):
        """So many sessions, or a few."""
        return max(200, count // 100) if self.smoke else count


def _config(sources, more):
    names = ", ".join(f'"bl{i + 1}"' for i in range(len(sources)))
    text = "".join(_LIST.format(i + 1, source) for i, source in enumerate(sources))
    return f'{more}\n{text}policy "default" {{ lists = {{ {names} }} }}\n'


def config(servers, lists=LISTS, more=""):
    """A configuration with default settings and that many lists, each with its servers."""
    if isinstance(servers, str):
        servers = [servers] * lists
    return _config([f'zone = "bl{i + 1}.example"  servers = {{ "{servers[i]}" }}'
                    for i in range(lists)], more)


def data_config(files, more=""):
    """The same with lists whose entries are in files."""
    return _config([f'data = {{ "ip4set:{file}" }}' for file in files], more)


def program(name):
    """The path of one of our programs."""
    return os.path.join(BENCH, name)


def cpu(process):
    """Seconds of processor time that all threads of a process have used, to the nanosecond."""
    return time.clock_gettime(~process.pid << 3 | 2)


def rss(process):
    """Bytes of memory that a process has."""
    with open(f"/proc/{process.pid}/status", encoding="ascii", errors="replace") as file:
        return 1024 * int(re.search(r"^VmRSS:\s*(\d+)", file.read(), re.MULTILINE).group(1))


def median(values):
    """The one in the middle."""
    return statistics.median(values)


def spread(values, form="{:.2f}"):
    """The lowest and the highest."""
    return form.format(min(values)) + "-" + form.format(max(values))


class Dns:
    """The name server, with lists bl1.example, bl2.example, ...; it ends with us."""

    def __init__(self, lists=LISTS, **words):
        self.port = server.free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.process = subprocess.Popen(  # pylint: disable=consider-using-with
            [program("dns"), str(self.port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True, start_new_session=True)
        self.process.stdout.readline()
        self.lists = [f"bl{i + 1}.example" for i in range(lists)]
        for name in self.lists:
            self.set(name, **words)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()

    def _command(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def set(self, name, **words):
        """Change what a list does; words as in zone.h."""
        said = self._command(" ".join([f"zone {name}"] + [f"{k}={v}" for k, v in words.items()]))
        if said != "ok":
            raise RuntimeError("dns: " + said)

    def set_all(self, **words):
        """Change what all lists do."""
        for name in self.lists:
            self.set(name, **words)

    def report(self):
        """What was asked since the last report."""
        return json.loads(self._command("report"))


class Filter:
    """Somewhere to send sessions: relayguard, or the null filter."""

    def __init__(self, process, where):
        self.process = process
        self.where = where
        self.wrong = []

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.process.stop()

    def run(self, *options, listed=0, **words):
        """A load; its figures, with cpu_us: of the filter for each session."""
        before = cpu(self.process)
        result = load(self.where, *options, listed=listed, **words)
        result["filter_cpu"] = cpu(self.process) - before
        result["cpu_us"] = result["filter_cpu"] / max(result["sessions"], 1) * 1e6
        return result


def load(where, *options, listed=0, **words):
    """Run the load client; words are its options of one letter, or pause={step: ms}."""
    argv = [program("load"), *options, "-l", str(listed)]
    for word, value in words.items():
        if word == "pause":
            argv += [part for step, ms in value.items() for part in ("-p", f"{step}={ms}")]
        else:
            argv += [f"-{word.strip('_')}", str(value)]
    done = subprocess.run([*argv, where], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL,
                          check=True, timeout=300, text=True)
    return json.loads(done.stdout)


def guard(text):
    """relayguard with that configuration, on a unix socket, its log in a file."""
    path = os.path.join(server.new_dir("socket"), "milter")
    return Filter(daemon.Relayguard(text, unix=path), "unix:" + path)


def null(*redis_key):
    """The filter that does nothing, or nothing but ask the Redis at a port for a key."""
    path = os.path.join(server.new_dir("socket"), "milter")
    process = server.Server("null", [program("null"), "unix:" + path, *map(str, redis_key)])
    process.wait_ready(lambda: "started" in process.output())
    time.sleep(0.2)
    return Filter(process, "unix:" + path)


def big_redis():
    """A Redis that has room for all that is measured."""
    found = redis.Redis()
    found.command("CONFIG", "SET", "maxmemory", "0")
    return found


def faults(result, listed_pass=False, deferred=False):
    """What went wrong in a load: lost sessions, good clients refused, listed ones let through."""
    counted = sum(result["clear"].values()) + sum(result["listed"].values())
    bad = {
        "uncounted": result["sessions"] - counted,
        "lost": result["clear"]["lost"] + result["listed"]["lost"],
        "good refused": result["clear"]["refuse"],
        "good deferred": 0 if deferred else result["clear"]["defer"],
        "listed deferred": 0 if deferred else result["listed"]["defer"],
        "listed passed": 0 if listed_pass else result["listed"]["pass"],
    }
    return {what: count for what, count in bad.items() if count}


def has_rbldnsd():
    """Whether the real thing can be had."""
    return shutil.which("rbldnsd") is not None


def rbldnsd_zones(lists, people):
    """Zones for rbldnsd: whoever is listed is on one of them at least, as in crowd.h."""
    zones = [{"ip4set": [], "ip6trie": []} for _ in range(lists)]
    for address in sorted({word for word in people if word.startswith(("28.", "2001:db8:2:"))}):
        dice = random.Random(address)
        home = dice.randrange(lists)
        for place, zone in enumerate(zones):
            if place == home or dice.random() < 0.2:
                zone["ip6trie" if ":" in address else "ip4set"].append(
                    f"{address} :127.0.0.{dice.choice((2, 11))}:\n")
    return {f"bl{place + 1}.example": {kind: "".join(lines) for kind, lines in zone.items()}
            for place, zone in enumerate(zones)}
