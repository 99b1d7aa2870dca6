#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Hours of mail with everything round it failing at random.

usage: tests/soak/soak.py [--minutes N] [--seed N] [--rate N] [--without FAULT,...]

The real relayguard, four lists (three fake ones, one rbldnsd), Redis, and
clients of which it is known here who is listed.  It fails if a good client was
refused, a session had no answer, the daemon ended, or memory or descriptors
grow.  The same seed gives the same faults in the same order.

RELAYGUARD, RELAYGUARD_LISTS and RELAYGUARD_KEEP are those of tests/e2e/run.
"""
import argparse
import collections
import multiprocessing
import os
import random
import re
import signal
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                                "e2e"))
from lib import daemon, load, nameserver, rbldnsd, redis, server  # noqa: E402
from lib.nameserver import Answer, NameServer  # noqa: E402

LABELS = ("one", "two", "three", "real")
FAKE = LABELS[:3]
HOT = 0.4                # of the sessions, by the same few hundred clients
WORKERS, THREADS = 2, 24
GRACE = 60.0             # seconds a fault may show after it is over: errors remembered, tests
RSS_KB_A_MINUTE, FILES_A_MINUTE = 600.0, 1.0
SHORT = 3.0              # minutes; below, caches still fill, and growth says nothing

CONFIG = """deadline = "1s"
health { interval = "10s" }
cache { redis = "%(redis)s" memory = "4M" }
%(lists)s
policy "default"        { lists = { %(labels)s } refuse = 3 }
policy "strict.example" { lists = { %(labels)s } refuse = 3 }
"""


def client(dice, bad):
    """An address: 25/8 is good, and 28.16/13 is listed, each /16 by other lists."""
    low = dice.randrange(300) if dice.random() < HOT else dice.randrange(65536)
    high = 16 + dice.randrange(8) if bad else dice.randrange(256)
    return f"{28 if bad else 25}.{high}.{low >> 8}.{low & 255}"


def lists_of(high):
    """The lists that a network is on, 28.HIGH/16: one of them, or three."""
    return LABELS[high // 2 % 4:][:1] if high % 2 else \
        [label for place, label in enumerate(LABELS) if place != high // 2 % 4]


class Truth:
    """What a list says about every address, as a table of a name server."""

    def __init__(self, label, delay=0.0):
        self._zone = f"{label}.example"
        self._tests = nameserver.zone(self._zone)
        self._highs = {str(high) for high in range(16, 24) if label in lists_of(high)}
        self._listed = Answer("127.0.0.2", delay=delay)
        self._clear = Answer(rcode=nameserver.NXDOMAIN, delay=delay)

    def __contains__(self, name):
        return True

    def get(self, name, default):
        """The answer to a question; the default to one for another zone."""
        if name in self._tests:
            return self._tests[name]
        labels = name.split(".")
        if not name.endswith(self._zone):
            return default
        if len(labels) == 6 and labels[3] == "28" and labels[2] in self._highs:
            return self._listed
        return self._clear


# --- The clients, in processes of their own ---

def _visit(port, dice, pause, stop, found):
    due = time.monotonic() + dice.random() * pause
    while not stop.wait(max(0.0, due - time.monotonic())):
        bad = dice.random() < 0.3
        address = client(dice, bad)
        begin = time.monotonic()
        verdict, seconds = load.timed(port, address)
        found.append((bad, verdict, seconds, begin, address))
        due = max(due + pause, begin)


def _work(port, seed, rate, stop, pipe):
    """One process of clients; what came of their sessions goes through the pipe."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    found = collections.deque()
    threads = [threading.Thread(target=_visit, daemon=True,
                                args=(port, random.Random(f"{seed} {n}"), WORKERS * THREADS / rate,
                                      stop, found))
               for n in range(THREADS)]
    for thread in threads:
        thread.start()
    ended = False
    while not ended:
        ended = stop.wait(0.5)
        if ended:
            for thread in threads:
                thread.join(30)
        pipe.send([found.popleft() for _ in range(len(found))])
    pipe.send(None)


# --- The faults ---

class World:
    """The servers, and what can go wrong with them; all of it can be put right."""

    def __init__(self):
        self.lists = {label: NameServer(port=server.free_port(), healthy=False)
                      for label in FAKE}
        for label in FAKE:
            self.right(label)
        self.real = self._start_real(server.free_port())
        self.redis = redis.Redis(port=server.free_port())
        self.guard = None
        self.text = self._config()

    def _start_real(self, port):
        listed = "".join(f"28.{high}.0.0/16 :127.0.0.2:\n" for high in range(16, 24)
                         if "real" in lists_of(high))
        zones = {"real.example": {"ip4set": "127.0.0.2 :127.0.0.2:\n" + listed,
                                  "ip6trie": "::ffff:127.0.0.2 :127.0.0.2:\n"}}
        return rbldnsd.Rbldnsd(zones, port=port)

    def _config(self):
        addresses = {label: self.lists[label].address for label in FAKE}
        addresses["real"] = self.real.address
        return CONFIG % {
            "redis": self.redis.url,
            "lists": "".join(daemon.LIST.format(label=label, server=addresses[label])
                             for label in LABELS),
            "labels": ", ".join(f'"{label}"' for label in LABELS)}

    def answers(self, label, default):
        """A list says the same to everybody."""
        self.lists[label].table, self.lists[label].default = {}, default

    def right(self, label, delay=0.0):
        """A list tells the truth, late or at once."""
        self.lists[label].table = Truth(label, delay)
        self.lists[label].default = nameserver.ABSENT

    def kill(self, label):
        """A list's server is gone."""
        self.lists[label].__exit__()

    def start(self, label):
        """And back."""
        self.lists[label] = NameServer(port=self.lists[label].port, healthy=False)
        self.right(label)

    def restart_redis(self):
        """Redis was killed, and is started with nothing in it."""
        self.redis.stop()
        self.redis = redis.Redis(port=self.redis.port)

    def restart_real(self):
        """rbldnsd was killed, and is started again."""
        self.real.stop()
        self.real = self._start_real(self.real.port)

    def reload_bad(self):
        """A reload with a file full of mistakes."""
        self.guard.write(f'listen = "inet:{self.guard.port}@127.0.0.1"\n' + self.text
                         + "\npolicy {\n")
        self.guard.send(signal.SIGUSR1)

    def reload_good(self):
        """A reload with the file as it was."""
        self.guard.write(f'listen = "inet:{self.guard.port}@127.0.0.1"\n' + self.text)
        self.guard.send(signal.SIGUSR1)


# name: (begin, end), each told the world and a list.  One fault a server at a time.
LIST_FAULTS = {
    "silent": (lambda w, l: w.answers(l, Answer(silent=True)), World.right),
    "failing": (lambda w, l: w.answers(l, Answer(rcode=nameserver.SERVFAIL)), World.right),
    "refusing": (lambda w, l: w.answers(l, Answer(rcode=nameserver.REFUSED)), World.right),
    "parked": (lambda w, l: w.answers(l, Answer("203.0.113.77")), World.right),
    "error-code": (lambda w, l: w.answers(l, Answer("127.255.255.254")), World.right),
    "world": (lambda w, l: w.answers(l, Answer("127.0.0.2")), World.right),
    "empty": (lambda w, l: w.answers(l, nameserver.ABSENT), World.right),
    "slow": (lambda w, l: w.right(l, 0.7), World.right),
    "killed": (World.kill, World.start),
}
OTHER_FAULTS = {
    "redis-killed": ("redis", lambda w: w.redis.send(signal.SIGKILL), World.restart_redis),
    "redis-stopped": ("redis", lambda w: w.redis.send(signal.SIGSTOP),
                      lambda w: w.redis.send(signal.SIGCONT)),
    "redis-flushed": ("redis", lambda w: w.redis.command("FLUSHALL"), lambda w: None),
    "real-stopped": ("real", lambda w: w.real.send(signal.SIGSTOP),
                     lambda w: w.real.send(signal.SIGCONT)),
    "real-killed": ("real", lambda w: w.real.send(signal.SIGKILL), World.restart_real),
    "reload-bad": ("file", World.reload_bad, World.reload_good),
    "reload-good": ("file", World.reload_good, lambda w: None),
    "asleep": ("daemon", lambda w: w.guard.send(signal.SIGSTOP),
               lambda w: w.guard.send(signal.SIGCONT)),
}


class Faults:
    """Begins and ends faults as the dice say; spans: when there was one."""

    def __init__(self, world, seed, without):
        self.world = world
        self.dice = random.Random(seed)
        self.spans = []  # [begin, end]
        self.counts = collections.Counter()
        self._open = {}  # target: (end, name, undo)
        self._next = time.monotonic() + 2
        self._names = sorted(name for name in [*LIST_FAULTS, *OTHER_FAULTS]
                             if name not in without)

    def step(self):
        """Do what is due."""
        now = time.monotonic()
        for target in [target for target, (end, _, _) in self._open.items() if end <= now]:
            self.end(target)
        if now >= self._next and self._names:
            self._begin(self.dice.choice(self._names), self.dice.choice(FAKE))
            self._next = now + self.dice.uniform(1, 12)

    def _begin(self, name, label):
        seconds = self.dice.uniform(2, 15)
        if name in LIST_FAULTS:
            target, (begin, undo) = label, LIST_FAULTS[name]
            begin, undo = (lambda w, f=begin: f(w, label)), (lambda w, f=undo: f(w, label))
        else:
            target, begin, undo = OTHER_FAULTS[name]
        if target == "daemon":
            seconds = self.dice.uniform(0.5, 3)
        if target in self._open:
            return
        begin(self.world)
        self.counts[name] += 1
        now = time.monotonic()
        self._open[target] = (now + seconds, name, undo)
        self.spans.append([now, None, target])

    def end(self, target):
        """Put something right again."""
        self._open.pop(target)[2](self.world)
        for span in self.spans:
            if span[1] is None and span[2] == target:
                span[1] = time.monotonic()

    def end_all(self):
        """Put everything right again."""
        for target in list(self._open):
            self.end(target)

    def near(self, when, target=None):
        """Whether something (any, or this) failed at that time, or shortly before."""
        return any(begin <= when + 2 and (end is None or when <= end + GRACE)
                   for begin, end, failing in reversed(self.spans)
                   if target in (None, failing))

    def excuse(self, when, address):
        """Whether all lists that have a client were failing then."""
        return all(self.near(when, label) for label in lists_of(int(address.split(".")[1])))


# --- What came of it ---

class Tally:
    """All sessions by client and verdict."""

    def __init__(self, faults):
        self.counts = collections.Counter()  # (bad, verdict)
        self.excused = 0      # listed, and all lists that say so were failing
        self.unexplained = 0  # let through, and they were not
        self.slowest = 0.0
        self.wrong = []
        self._faults = faults

    def take(self, sessions):
        """Count sessions."""
        for bad, verdict, seconds, begin, address in sessions:
            self.counts[bad, verdict] += 1
            self.slowest = max(self.slowest, seconds)
            if verdict == "lost" or not bad and verdict == "refuse":
                self.wrong.append((verdict, address, begin))
            if bad and self._faults.excuse(begin, address):
                self.excused += 1
            elif bad and verdict == "pass":
                self.unexplained += 1

    def total(self, bad=None, verdict=None):
        """How many sessions of a kind."""
        return sum(count for (kind, word), count in self.counts.items()
                   if bad in (None, kind) and verdict in (None, word))


class Log(threading.Thread):
    """Reads what the daemon writes, so that it needs no disk; keeps how many of which."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.events = collections.Counter()
        self.reasons = collections.Counter()  # for which lists were doubted and suspended
        self.passed = collections.Counter()  # listed clients, by what was not known
        self.tail = collections.deque(maxlen=40)
        self._fd = os.open(path, os.O_RDWR)

    def run(self):
        with open(self._fd, encoding="utf-8", errors="backslashreplace") as file:
            for line in file:
                found = re.search(r"event=([\w-]+)", line)
                self.events[found.group(1) if found else "decision"] += 1
                if reason := re.search(r"event=list-(doubted|suspended) .*reason=([\w-]+)", line):
                    self.reasons[" ".join(reason.groups())] += 1
                if not found and " client=28." in line and " verdict=pass" in " " + line:
                    self.passed[" ".join(re.findall(
                        r"\b(doubted|unproven|suspended|unknown|unasked)=", line)) or "clear"] += 1
                if found or "relayguard[" not in line:
                    self.tail.append(line.rstrip())


def slope(samples):
    """The rise of a line through (minutes, value), by least squares."""
    count = len(samples)
    mean_x = sum(x for x, _ in samples) / count
    mean_y = sum(y for _, y in samples) / count
    spread = sum((x - mean_x) ** 2 for x, _ in samples)
    return sum((x - mean_x) * (y - mean_y) for x, y in samples) / spread if spread else 0.0


def lowest(samples, place, seconds=30):
    """(minutes, value) of the lowest sample of each half minute: what comes and goes is left out."""
    least = {}
    for sample in samples:
        window = int(sample[0] * 60 / seconds)
        least[window] = min(least.get(window, sample[place]), sample[place])
    return [(window * seconds / 60, value) for window, value in least.items()]


def _sum(counts):
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))


def report(tally, faults, samples, cpu, log, minutes):
    """Print what came of it; the exit code."""
    late = samples[len(samples) // 3:]
    rss, files = slope(lowest(late, 1)), slope(lowest(late, 2))
    through, listed = tally.total(True, "pass"), tally.total(True)
    wrong, lost = tally.total(False, "refuse"), tally.total(verdict="lost")
    total = max(tally.total(), 1)
    print(f"sessions              {tally.total()}, {tally.total() / minutes / 60:.0f} a second,"
          f" the slowest {tally.slowest:.2f} s")
    print(f"wrong refusals        {wrong}")
    print(f"lost sessions         {lost}")
    print(f"good clients deferred {tally.total(False, 'defer')} of {tally.total(False)}")
    print(f"listed let through    {through} of {listed} ({100 * through / max(listed, 1):.2f} %),"
          f" all lists of {tally.excused} were failing; {tally.unexplained} let through although"
          f" a list was well; deferred {tally.total(True, 'defer')}")
    print(f"memory                {samples[-1][1]} kB, {rss:+.0f} kB a minute")
    print(f"descriptors           {samples[-1][2]}, {files:+.2f} a minute")
    print(f"processor             {1000 * cpu / total:.3f} ms a session")
    print("faults                " + _sum(faults.counts))
    print("log                   " + _sum(log.events))
    print("lists                 " + _sum(log.reasons))
    print("let through by lists  " + _sum(log.passed))
    for verdict, address, begin in tally.wrong[:20]:
        print(f"    {verdict}: {address}" + (", no fault near" if not faults.near(begin) else ""))
    grows = minutes >= SHORT and (rss > RSS_KB_A_MINUTE or files > FILES_A_MINUTE)
    if grows:
        print("it grows")
    return 1 if wrong or lost or grows or not tally.total() else 0


def run(minutes, seed, rate, without):
    """The whole of it; the exit code."""
    world = World()
    fifo = os.path.join(server.new_dir("log"), "stderr")
    os.mkfifo(fifo)
    log = Log(fifo)
    log.start()
    world.guard = guard = daemon.Relayguard(
        world.text, wait="socket", prefix=["sh", "-c", f'exec "$@" 2> {fifo}', "sh"])
    faults = Faults(world, seed, without)
    tally = Tally(faults)
    fresh = multiprocessing.get_context("spawn")  # a fork would keep the servers' sockets open
    stop = fresh.Event()
    pipes, workers = [], []
    for number in range(WORKERS):
        pipe, other = fresh.Pipe(False)
        worker = fresh.Process(target=_work, daemon=True,
                                         args=(guard.port, f"{seed} {number}", rate, stop, other))
        worker.start()
        pipes.append(pipe)
        workers.append(worker)
    begin = time.monotonic()
    end, samples, said = begin + 60 * minutes, [], begin
    spent = load.cpu(guard.pid)
    while time.monotonic() < end and guard.alive():
        faults.step()
        for pipe in pipes:
            while pipe.poll():
                tally.take(pipe.recv())
        for dns in world.lists.values():
            dns.questions.clear()
        now = time.monotonic()
        if not samples or now - begin - 60 * samples[-1][0] >= 2:
            samples.append(((now - begin) / 60, load.memory(guard.pid),
                            load.descriptors(guard.pid)))
        if now - said >= 30:
            said = now
            print(f"# {now - begin:4.0f} s: {tally.total()} sessions, {len(tally.wrong)} wrong or"
                  f" lost, {samples[-1][1]} kB, {samples[-1][2]} descriptors", flush=True)
        time.sleep(0.05)
    faults.end_all()
    stop.set()
    for pipe in pipes:
        while (sessions := pipe.recv()) is not None:
            tally.take(sessions)
    for worker in workers:
        worker.join()
    alive = guard.alive()
    cpu = load.cpu(guard.pid) - spent if alive else 0.0
    code = report(tally, faults, samples, cpu, log, minutes)
    if not alive:
        print(f"relayguard ended with {guard.process.returncode}")
    elif guard.stop() != 0:
        print("relayguard did not end well")
        code = 1
    if code or not alive:
        print("\n".join(log.tail))
    return code if alive else 1


def main():
    """Read the command line and go."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--minutes", type=float, default=float(os.environ.get("MINUTES") or 1))
    parser.add_argument("--seed", type=int, default=int(os.environ.get("SEED")
                                                       or random.randrange(10 ** 6)))
    parser.add_argument("--rate", type=float, default=float(os.environ.get("RATE") or 600),
                        help="sessions a second at most")
    parser.add_argument("--without", default=os.environ.get("WITHOUT", ""),
                        help="faults to leave out, with commas")
    options = parser.parse_args()
    if redis.SERVER is None:
        sys.exit("soak: no redis-server or valkey-server")
    print(f"seed                  {options.seed}, {options.minutes:g} minutes", flush=True)
    code = run(options.minutes, options.seed, options.rate, options.without.split(","))
    server.end_all()
    sys.exit(code)


if __name__ == "__main__":
    main()
