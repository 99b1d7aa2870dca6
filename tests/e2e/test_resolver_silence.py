#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""A list that is gone, behind a resolver that still has its test entry: it stays silent,
hardly anybody waits for it, and it is suspended, so that nobody is put off for good."""
import concurrent.futures
import time

from lib import check, internet
from lib.check import case, like, ok, same

if internet.why_not():
    check.skip_all(internet.why_not())
internet.enter()

from lib import daemon, load, resolver

SETS = {"ip4set": "198.18.0.0/16 :127.0.0.2:\n"}
TTL = 30  # of a listing; longer than a test entry is asked for again and again
PATIENCE = 40.0  # twice the interval
CONFIG = """dns {{ servers = {{ "{address}" }} }}
health {{ interval = "20s" }}
list "bl" {{ zone = "{zone}"
	answer "127.0.0.2" {{ category = "spam-source" score = 5 }} }}
policy "default" {{ lists = {{ "bl" }} refuse = 5 }}
"""
FRONTS = [(resolver.Unbound, ""), (resolver.Unbound, "serve-expired: yes"), (resolver.Bind, "")]


class Scene:
    """A resolver, a daemon, and what came of a client a second."""

    def __init__(self, net, kind, more):
        self.label = f"{kind.__name__} [{more}]"
        self.front = kind(net, more)
        self.guard = daemon.Relayguard(CONFIG.format(address=self.front.address,
                                                     zone=internet.LIST))
        self.good, self.listed = load.clients("198.19"), load.clients("198.18")
        self.known = self.listed()
        check.wait_for(lambda: load.judge(self.guard.where, self.known) == "refuse")
        self.visits, self.last = [], None

    def watch(self):
        """From now on the list is gone: a new client each second, until it is suspended."""
        begin = time.monotonic()
        while time.monotonic() < begin + PATIENCE + 20:
            due = time.monotonic() + 1
            self.visits.append(load.timed(self.guard.where, self.good()))
            if self.guard.events("list-suspended"):
                break
            time.sleep(max(0.0, due - time.monotonic()))
        self.last = load.judge(self.guard.where, self.known)


@case
def gone():
    """The list's server stands still."""
    kinds = [front for front in FRONTS if front[0].why_not() is None]
    with internet.Internet(SETS, ttl=TTL, negative=TTL) as net, \
            concurrent.futures.ThreadPoolExecutor(len(kinds)) as pool:
        scenes = [Scene(net, *front) for front in kinds]
        net.lists.pause()
        list(pool.map(Scene.watch, scenes))
        for scene in scenes:
            events = "\n".join(scene.guard.events("list-"))
            like(events, "event=list-suspended list=bl reason=silent", f"{scene.label}: suspended")
            same(len(scene.guard.events("list-answers")), 0, f"{scene.label}: it does not answer")
            waits = [seconds for _, seconds in scene.visits if seconds > 0.5]
            ok(len(waits) <= 2, f"{scene.label}: two waits at most", waits)
            same({verdict for verdict, _ in scene.visits}, {"pass"},
                 f"{scene.label}: good clients pass")
            same(scene.last, "pass", f"{scene.label}: who was listed is not put off any more")
        net.lists.resume()
        for scene in scenes:
            # A resolver that has found a server dead asks it again when it likes.
            ok(scene.guard.wait_lines("event=list-restored list=bl", seconds=45),
               f"{scene.label}: back when it answers")
            same(load.judge(scene.guard.where, scene.listed()), "refuse",
                 f"{scene.label}: and believed")


check.run()
