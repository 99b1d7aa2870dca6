# SPDX-License-Identifier: BSD-2-Clause
"""One peer, started anew, in each phase: cold and warm, and when the lists are in trouble."""
import contextlib
import itertools

from . import protocol, relay, zones

LATE = 0.02        # seconds
SILENT = "bl8"
SILENT_SECONDS = 6.0
# Sessions at a time, how many decisions at most, and the share of the time.
STEPS = ((20, 16000, 1.0), (1, 5000, 0.5), (200, 8000, 1.0))
ROUSE = 2          # visits of each probe before, at 20 at a time: all processes are there then
FILL = 4000        # visits of the known clients before it is warm
TURN = 150         # sessions, where all take turns
PATIENCE = 8.0     # beyond it, a verdict has not come


def _percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000 if ordered else None


def _shares(peer, people, verdicts):
    """How the verdicts compare with what the lists say: shares in percent."""
    count = dict.fromkeys(("right", "refused wrongly", "passed wrongly", "deferred", "none"), 0)
    for address, verdict in verdicts:
        if verdict == peer.expected(people, address):
            count["right"] += 1
        elif verdict == protocol.REFUSE:
            count["refused wrongly"] += 1
        elif verdict == protocol.PASS:
            count["passed wrongly"] += 1
        else:
            count["deferred" if verdict == protocol.DEFER else "none"] += 1
    return {key: 100 * number / max(1, len(verdicts)) for key, number in count.items()}


class Bench:
    """The clients, what is measured so far, and the clock."""

    def __init__(self, people, seconds):
        self.people = people
        self.data = zones.Data(people)
        self.seconds = seconds
        self.samples = []
        self._probes = itertools.cycle(people.probes)

    def _start(self, peer):
        """Wait until it decides rightly, with as many processes as it likes to have."""
        peer.wait_ready(self.people, self._probes)
        peer.load().run(self.people.probes * ROUSE, 20, 2.0)

    def _sample(self, peer, phase, addresses, concurrency, seconds, patience=PATIENCE):
        """Run, and note what it cost."""
        load = peer.load()
        asked, lost = zones.datagrams()
        cpu = peer.account.cpu()
        outcome = load.run(addresses, concurrency, seconds, patience)
        cpu = peer.account.cpu() - cpu
        asked, lost = (now - before for now, before in zip(zones.datagrams(), (asked, lost)))
        count = max(1, len(outcome.latencies))
        pss, rss, processes = peer.account.memory()
        self.samples.append({
            "peer": peer.name, "phase": phase, "concurrency": concurrency,
            "decisions": len(outcome.latencies), "cpu_us": cpu / count,
            "driver_us": outcome.own_cpu * 1e6 / count,
            "rate": len(outcome.latencies) / outcome.seconds,
            "p50_ms": _percentile(outcome.latencies, 0.50),
            "p99_ms": _percentile(outcome.latencies, 0.99),
            "max_ms": _percentile(outcome.latencies, 1.0),
            "questions": asked / 2 / count, "datagrams_lost": lost,
            "pss_kb": pss, "rss_kb": rss, "processes": processes,
            "shares": _shares(peer, self.people, outcome.verdicts)})
        return self.samples[-1]

    def ordinary(self, kind, number):
        """Cold and warm, with 20 clients at a time, one, and 200."""
        with self.data.serve("good"), kind() as peer:
            self._start(peer)
            cold = iter(self.people.cold)
            at = len(self.samples)
            for phase, supply in (("cold", cold), ("warm", itertools.cycle(self.people.draws))):
                if phase == "warm":
                    fill = self.people.known * 2 + self.people.draws[:FILL]
                    peer.load().run(fill, 20, 4 * self.seconds)
                for concurrency, most, share in STEPS:
                    self._sample(peer, phase, itertools.islice(supply, most), concurrency,
                                 self.seconds * share)
            for sample in self.samples[at:]:
                sample["round"] = number

    def whole(self, kind, number):
        """Cold and warm, with 20 clients at a time, through all of smtpd."""
        with self.data.serve("good"), kind() as peer:
            self._start(peer)
            supply = itertools.islice(self.people.cold, STEPS[0][1])
            self._sample(peer, "cold", supply, 20, self.seconds)["round"] = number
            peer.load().run(self.people.known * 2, 20, 2 * self.seconds)
            supply = itertools.cycle(self.people.draws)
            self._sample(peer, "warm", supply, 20, self.seconds)["round"] = number

    def ways(self, kinds, rounds, order):
        """All at once, each at an address of its own, and by turns: whatever else the machine
        does, and however fast it runs, is the same for all."""
        with self.data.serve("good"), contextlib.ExitStack() as stack:
            peers = []
            for number, kind in enumerate(kinds):
                peers.append(kind())
                peers[-1].host = f"127.0.1.{number + 1}"
                stack.enter_context(peers[-1])
                self._start(peers[-1])
            for phase in ("cold", "warm"):
                supplies = {}
                for peer in peers:
                    supplies[peer] = iter(self.people.cold)
                    if phase == "warm":
                        peer.load().run(self.people.known * 2, 20, 30.0)
                        supplies[peer] = itertools.cycle(self.people.draws)
                for number in range(rounds):
                    for peer in order.sample(peers, len(peers)):
                        supply = itertools.islice(supplies[peer], TURN)
                        self._sample(peer, phase, supply, 20, 30.0)["round"] = number

    def troubled(self, kind):
        """Each answer late, one list silent; then all lists turn bad, in two ways."""
        for phase, options, seconds in (("late", {"delay": LATE}, self.seconds),
                                        ("silent", {"silent": SILENT}, SILENT_SECONDS)):
            with kind() as peer:
                with self.data.serve("good"):
                    self._start(peer)
                with self.data.serve("good", relay.BEHIND), relay.Relay(zones.PORT, **options):
                    sample = self._sample(peer, phase, self.people.cold, 20, seconds)
                    sample["questions"] /= 2  # each was sent on
        for phase in ("world", "error"):
            with kind() as peer:
                with self.data.serve("good"):
                    self._start(peer)
                with self.data.serve(phase):
                    clean = itertools.islice(self.people.clean, 1000)
                    self._sample(peer, phase, clean, 20, self.seconds)
