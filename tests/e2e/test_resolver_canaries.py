#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""A list begins to list the world, behind a resolver whose cache has what was asked
before: nobody is refused for it, whatever the daemons have asked until then."""
import concurrent.futures
import time

from lib import check, internet
from lib.check import case, ok

if internet.why_not():
    check.skip_all(internet.why_not())
internet.enter()

from lib import daemon, load, resolver

SETS = {"ip4set": "198.18.0.0/16 :127.0.0.2:\n"}
WORLD = "0.0.0.0/1 :127.0.0.2:\n128.0.0.0/1 :127.0.0.2:\n"
SECONDS = 7  # that listings are confirmed in, before the list begins to list the world

# Expired answers first, or as near to it as there is.
STALE = {resolver.Unbound: "serve-expired: yes",
         resolver.Bind: "stale-cache-enable yes; stale-answer-enable yes; "
                        "stale-answer-client-timeout 0;"}


def config(address):
    """One list, asked for at the resolver."""
    return (f'dns {{ servers = {{ "{address}" }} }}\n'
            f'list "bl" {{ zone = "{internet.LIST}"\n'
            '\tanswer "127.0.0.2" { category = "spam-source" score = 5 } }\n'
            'policy "default" { lists = { "bl" } refuse = 5 }\n')


class Scene:
    """A resolver, daemons that ask it, and clients who have not been there yet."""

    def __init__(self, net, kind, stale):
        self.resolver = kind(net, STALE[kind] if stale else "")
        self.label = kind.__name__
        self.listed, self.good = load.clients("198.18"), load.clients("198.19")
        self.points = []  # (whether it holds, label, detail), for who is in front

    def start(self):
        """A daemon that has tested the list."""
        guard = daemon.Relayguard(config(self.resolver.address))
        check.wait_for(lambda: load.judge(guard.where, self.listed()) == "refuse")
        return guard

    def refuse(self, guard, count, good=0):
        """So many listed clients in turn, or those that there is time for, and so many
        good ones between: all as it should be."""
        wrong, number, end = [], 0, time.monotonic() + SECONDS
        while number < max(count, good) and time.monotonic() < end:
            number += 1
            if number <= count and load.judge(guard.where, self.listed()) != "refuse":
                wrong.append("listed")
            if number <= good and load.judge(guard.where, self.good()) != "pass":
                wrong.append("good")
        self.points.append((not wrong, f"{self.label}: all is well until then", wrong))

    def innocents(self, guard, count=120):
        """So many clients whom the list holds now: none is refused, and it is suspended."""
        verdicts = [load.judge(guard.where, self.good()) for _ in range(count)]
        refused = verdicts.count("refuse")
        self.points.append((refused == 0,
                            f"{self.label}: of {count} innocent clients {refused} are refused",
                            None))
        self.points.append((guard.wait_lines("event=list-suspended .*reason=lists-everything"),
                            f"{self.label}: the list is suspended", guard.events("list")))


def each(negative, stale=False):
    """Mark a case: a generator for a scene that stops where the list begins to list the
    world.  It is run behind all resolvers at a time."""
    def mark(function):
        def run():
            kinds = [kind for kind in STALE if kind.why_not() is None]
            with internet.Internet(SETS, negative=negative) as net, \
                    concurrent.futures.ThreadPoolExecutor(len(kinds)) as pool:
                scenes = [Scene(net, kind, stale) for kind in kinds]
                plays = [function(scene) for scene in scenes]
                list(pool.map(next, plays))
                net.lists.change(internet.LIST, "ip4set", WORLD)
                list(pool.map(lambda play: next(play, None), plays))
            for point in [point for scene in scenes for point in scene.points]:
                ok(*point)

        run.__doc__, run.__name__ = function.__doc__, function.__name__
        return case(run)
    return mark


@each(negative=3600)
def used_up(scene):
    """After 300 listings, each with a canary of its own."""
    guard = scene.start()
    scene.refuse(guard, 300, 40)
    yield
    scene.innocents(guard)


@each(negative=3600)
def half_listed(scene):
    """The same where half of the clients were listed."""
    guard = scene.start()
    scene.refuse(guard, 300, 300)
    yield
    scene.innocents(guard)


@each(negative=600)
def restart(scene):
    """A daemon that takes the place of one with 100 listings."""
    guard = scene.start()
    scene.refuse(guard, 100)
    guard.stop()
    guard = scene.start()
    yield
    scene.innocents(guard, 150)


@each(negative=600)
def two_nodes(scene):
    """A daemon beside one with 100 listings."""
    first, second = scene.start(), scene.start()
    scene.refuse(first, 100)
    yield
    scene.innocents(second, 150)
    scene.innocents(first, 50)


@each(negative=3, stale=True)
def expired_first(scene):
    """A resolver that gives what has expired before it asks again."""
    guard = scene.start()
    scene.refuse(guard, 300, 300)
    yield
    scene.innocents(guard)


check.run()
