#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Reloading: no session is dropped, and a bad file changes nothing."""
import os
import signal
import threading
import time

from lib import check, daemon, milter, scene, server
from lib.check import case, like, ok, same


def _mild(text):
    """The configuration with a strict domain that has become mild."""
    return text.replace('policy "strict.example"  { lists = { "bl" }  refuse = 3 }',
                        'policy "strict.example"  { lists = { "bl" }  refuse = 0 }')


@case
def new_policy():
    """SIGUSR1 and SIGHUP; sessions that are open keep what they began with."""
    for number in (signal.SIGUSR1, signal.SIGHUP):
        with scene.listed() as guard, milter.Client(guard.where) as old, \
                milter.Client(guard.where) as waiting:
            name = number.name
            old.negotiate()
            old.connect(scene.RELAY)
            old.helo()
            waiting.negotiate()
            strict, mild = guard.text, _mild(guard.text)
            ok(strict != mild, f"{name}: the texts differ")
            ok(guard.reload(mild, number), f"{name}: a line says so", guard.output())
            like(guard.events("reload")[0], "event=reloaded", f"{name}: reloaded")
            old.mail()
            same(milter.word(old.rcpt()), "refuse", f"{name}: an open session keeps its policy")
            waiting.connect(scene.RELAY)
            waiting.helo()
            waiting.mail()
            same(milter.word(waiting.rcpt()), "pass",
                 f"{name}: one that connects now has the new one")
            old.abort()
            old.mail()
            same(milter.word(old.rcpt(b"<eve@strict.example>")), "refuse",
                 f"{name}: the open one goes on")
            guard.reload(strict, number)
            same(milter.verdict(guard.where), "refuse", f"{name}: and back again")


@case
def new_lists_and_sets():
    """Lists, their servers and local sets change with a reload."""
    with scene.listed() as guard, scene.rbldnsd.Rbldnsd(
            {"other.example": {"ip4set": f"{scene.GOOD} :127.0.0.2:\n"}}) as other:
        same(milter.verdict(guard.where, scene.GOOD), "pass", "a good client passes")
        old = guard.text
        listen = old.split("\n", 1)[0] + "\n"
        guard.reload(daemon.config(other.address, labels=("other",), more=listen))
        # Until the list has been tested, which takes a moment, it is in doubt.
        ok(check.wait_for(lambda: milter.verdict(guard.where, scene.GOOD) == "refuse"),
           "another list has it")
        same(milter.verdict(guard.where, scene.RELAY), "pass", "the first one is not asked")
        guard.reload(old + f'\ndeny {{ networks = {{ "{scene.GOOD}" }} }}\n')
        same(milter.verdict(guard.where, scene.GOOD), "refuse", "denied")
        same(guard.decisions()[-1].get("reason"), "deny", "by the local set")
        guard.reload(old.replace(f'"{scene.ALLOWED}"', f'"{scene.RELAY}"'))
        same(milter.envelope(guard.where, scene.RELAY)[0], "a", "allowed")


@case
def bad_file():
    """A file with a mistake keeps the configuration as it was."""
    with scene.listed() as guard:
        good = guard.text
        mistakes = {
            "an unknown word": good + "\nnonsense = 1\n",
            "half a section": good + '\nlist "x" {\n',
            "a bad value": good.replace("refuse = 3", "refuse = many", 1),
            "a list that is not there": good + '\npolicy "x.example" { lists = { "nowhere" } }\n',
            "an empty file": "",
        }
        for count, (label, text) in enumerate(mistakes.items(), 1):
            lines = guard.reload(text)
            ok(lines and "event=reload-failed" in lines[-1], f"{label}: a line says so", lines)
            if text:
                ok(guard.lines(r"event=configuration.*relayguard\.conf:\d+: "),
                   f"{label}: with file and line", guard.output())
            same(milter.verdict(guard.where), "refuse", f"{label}: the old policy holds")
            same(len(guard.events("reload-failed")), count, f"{label}: said once")
        os.unlink(guard.file)
        guard.reload()
        same(milter.verdict(guard.where), "refuse", "no file at all: the old policy holds")
        guard.reload(_mild(good))
        same(milter.verdict(guard.where), "pass", "a good one again: it is used")


@case
def bad_set_file():
    """A file of networks with a bad line keeps the old set."""
    path = server.write(server.new_dir("sets") + "/deny", f"{scene.GOOD}\n")
    with scene.listed(f'deny {{ files = {{ "{path}" }} }}\n') as guard:
        same(milter.verdict(guard.where, scene.GOOD), "refuse", "denied")
        server.write(path, "203.0.113.1\n203.0.113.5/24\n")
        guard.reload()
        ok(guard.lines(r"event=configuration.*deny:2: "), "file and line", guard.output())
        same(milter.verdict(guard.where, scene.GOOD), "refuse", "still denied")
        server.write(path, "")
        guard.reload()
        same(milter.verdict(guard.where, scene.GOOD), "pass", "an empty file denies nobody")


@case
def under_load():
    """200 reloads while sessions come and go: every verdict is right."""
    wrong, sessions, stop = [], [], threading.Event()

    def visit(address, want, recipient):
        while not stop.is_set():
            try:
                verdict = milter.verdict(guard.where, address, recipient)
                sessions.append(1)
                if verdict != want:
                    wrong.append((address, verdict))
            except (milter.Gone, OSError) as error:
                wrong.append((address, repr(error)))
            time.sleep(0.002)

    with scene.listed() as guard:
        threads = [threading.Thread(target=visit, args=words) for words in (
            (scene.RELAY, "refuse", b"<bob@strict.example>"),
            (scene.GOOD, "pass", b"<bob@strict.example>"),
            (scene.LISTED6, "refuse", b"<bob@strict.example>"),
            (scene.RELAY, "pass", b"<bob@mild.example>"))]
        for thread in threads:
            thread.start()
        for count in range(200):
            guard.send(signal.SIGHUP if count % 2 else signal.SIGUSR1)
            check.wait_for(lambda: len(guard.events("reloaded")) > count, 2)
        stop.set()
        for thread in threads:
            thread.join()
        ok(guard.alive(), "relayguard has survived", guard.output()[-2000:])
        same(len(guard.events("reloaded")), 200, "200 reloads")
        same(wrong[:5], [], f"no wrong verdict in {len(sessions)} sessions")
        ok(len(sessions) > 100, "and there were many", len(sessions))
        guard.send(signal.SIGTERM)
        same(guard.wait(), 0, "it ends as ever")


check.run()
