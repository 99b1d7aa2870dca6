# SPDX-License-Identifier: BSD-2-Clause
"""The clients that come, and the lists they are on: the same for all, by a fixed seed.

Clients are of 198.18.0.0/15, the range for measurements.  35 % are on one to four
of the eight lists.  The first two lists weigh 2, the others 1, and who has 2 is to
be refused: about 28 %.
"""
import itertools
import random
import socket
import struct

SEED = 20261121
ZONES = tuple(f"bl{number}.example" for number in range(1, 9))
WEIGHTS = dict(zip(ZONES, (2, 2, 1, 1, 1, 1, 1, 1)))
THRESHOLD = 2
LISTED = "127.0.0.2"       # what each list answers
COLD = 30000               # clients that come once
KNOWN = 500                # those that come again and again
DRAWS = 20000              # visits of theirs, by Zipf's law
PROBES = 400               # clients used to see whether a peer is ready
PADDING = 30000            # others on each list
_LISTED_RANKS = frozenset((2, 5, 8, 11, 14, 16, 18))
_FIRST = struct.unpack(">I", socket.inet_aton("198.18.0.0"))[0]


def _text(number):
    return socket.inet_ntoa(struct.pack(">I", _FIRST + number))


class Clients:
    """cold, known, probes: addresses; draws: known ones, some often; lists: {address: zones}."""

    def __init__(self):
        chance = random.Random(SEED)
        numbers = list(range(256, 1 << 17))
        chance.shuffle(numbers)
        supply = iter(numbers)

        def take(count):
            return [_text(number) for number in itertools.islice(supply, count)]

        self.cold = take(COLD)
        self.known = take(KNOWN)
        self.probes = take(PROBES)
        listed = [address for address in self.cold + self.probes if chance.random() < 0.35]
        # Evenly among the known, or it would hang on the first few, who come so often.
        listed += [address for rank, address in enumerate(self.known) if rank % 20 in _LISTED_RANKS]
        self.lists = {address: tuple(chance.sample(ZONES, chance.randint(1, 4)))
                      for address in listed}
        weights = [1 / rank for rank in range(1, KNOWN + 1)]
        self.draws = chance.choices(self.known, weights, k=DRAWS)
        self._rest = [_text(number) for number in supply]
        self._chance = chance
        self.refused = {address for address in self.lists if self.weight(address) >= THRESHOLD}
        self.clean = [address for address in self.cold if address not in self.lists]

    def weight(self, address):
        """What the lists an address is on weigh."""
        return sum(WEIGHTS[zone] for zone in self.lists.get(address, ()))

    def contents(self):
        """What is on each list: {zone: addresses}."""
        found = {zone: self._chance.sample(self._rest, PADDING) for zone in ZONES}
        for address, zones in self.lists.items():
            for zone in zones:
                found[zone].append(address)
        return found
