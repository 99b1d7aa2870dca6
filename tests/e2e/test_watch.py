#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Own addresses on other people's lists: what is so is told once, after two answers; what is
not known is not clear; and a program is run for each change."""
import os
import re
import time

from lib import check, daemon, faketime, server
from lib.check import case, like, ok, same
from lib.watching import CTL, EMPTY, LISTED, NAME, OWN, OWN6, Runner, Scene

@case
def listed_and_delisted():
    """Two answers, ten minutes apart, are a change; it is told everywhere, once."""
    here = Scene()
    runner = Runner(here)
    tail = server.Server("tail", [CTL, "-s", here.folder + "/c", "tail"])
    ok(here.wait(OWN, "bl", "state", lambda state: state == "clear"), "known after the start",
       here.watch()[1] + here.guard.output())
    ok(check.wait_for(lambda: set(here.rows().values()) == {"clear"}, 20), "all is clear", here.rows())
    same(sorted(here.rows()), sorted([(OWN, "bl"), (OWN, "dies"), (OWN6, "bl"), (NAME, "names")]),
         "each is asked of the lists that have such")
    same(here.watch()[0], 0, "nothing is amiss")
    same(here.metric("relayguard_own_listed", list="bl", address=OWN, scope="address"), 0, "measured")
    here.lists.change("bl.example", "ip4set", LISTED)
    here.lists.change("names.example", "dnset", f"{NAME} :127.0.0.2:\n")
    here.poll(11)
    same(here.rows()[OWN, "bl"], "not known", "one answer: it is not clear any more")
    same((here.guard.events("watch-"), runner.ran()), ([], []), "nor is it told")
    same(here.metric("relayguard_own_listed", list="bl", address=OWN), None, "nor measured")
    here.poll(11)
    ok(here.guard.wait_lines("event=watch-listed", 2, 20), "two answers: it is")
    like("".join(here.guard.events("watch-listed")),
         rf"subject={OWN} list=bl scope=address category=spam-source", "which, and as what")
    code, text = here.watch()
    same(code, 1, "something is amiss")
    like(text, rf"(?m)^{OWN} bl: listed as spam-source, since 20", "told to who asks")
    like(text, rf"(?m)^{NAME} names: listed as phishing", "the name, too")
    same(here.metric("relayguard_own_listed", list="bl", address=OWN, scope="address"), 1, "measured")
    same(here.metric("relayguard_own_listed", list="bl", address=OWN6), 0, "the other one is not")
    ok(check.wait_for(lambda: len(runner.ran()) == 2, 10), "the program was run", runner.output())
    same(sorted(runner.ran()), [f"listed|{OWN}|bl|address", f"listed|{NAME}|names|address"],
         "with what has changed")
    like(tail.output(), rf"event=watch-listed subject={OWN} list=bl", "tail shows it")
    here.poll(11)
    same(len(here.guard.events("watch-")), 2, "it is told once")
    here.lists.change("bl.example", "ip4set", EMPTY["bl.example"]["ip4set"])
    here.poll(11)
    same(here.rows()[OWN, "bl"], "listed", "delisted by one answer: not yet")
    here.poll(11)
    ok(here.guard.wait_lines("event=watch-delisted", 1, 20), "by two: it is")
    ok(check.wait_for(lambda: f"delisted|{OWN}|bl|address" in runner.ran(), 10), "the program, too",
       runner.output())
    same((here.rows()[OWN, "bl"], len(runner.ran())), ("clear", 3), "clear; each was told once")
    for part in (runner, tail):
        part.stop()
    here.end()


@case
def a_list_that_dies():
    """Not known is not clear, and after a day it is a warning of its own."""
    here = Scene()
    runner = Runner(here)
    ok(check.wait_for(lambda: set(here.rows().values()) == {"clear"}, 40), "all is clear", here.rows())
    here.other.pause()
    here.poll(11)
    ok(here.wait(OWN, "dies", "state", lambda state: state == "not known"), "not known, not clear")
    same(here.rows()[OWN, "bl"], "clear", "by the other one it is clear")
    same(here.watch()[0], 1, "not to know is no good news")
    same(here.metric("relayguard_own_listed", list="dies", address=OWN), None, "nor measured as such")
    ok((here.metric("relayguard_own_unknown_seconds", list="dies") or 0) >= 600, "but for how long")
    same(here.metric("relayguard_own_unknown_seconds", list="bl"), 0, "of that list alone")
    same(here.guard.events("watch-"), [], "not told yet")
    here.poll(25 * 60)
    ok(here.guard.wait_lines("event=watch-unknown list=dies", 1, 20), "told after a day")
    ok(check.wait_for(lambda: runner.ran() == ["unknown||dies|"], 10), "the program is run",
       runner.output())
    here.other.resume()
    ok(check.wait_for(lambda: here.state("dies") == "good", 60), "it answers again",
       here.guard.output()[-1500:])
    here.poll(11)
    ok(here.guard.wait_lines("event=watch-known list=dies", 1, 40), "told as well",
       here.guard.output()[-1500:])
    same(here.rows()[OWN, "dies"], "clear", "and clear")
    runner.stop()
    here.end()


@case
def a_program_that_hangs():
    """It is ended in time, with what it has started; a daemon that is started anew is found."""
    here = Scene()
    runner = Runner(here, 'echo "$1" >> "$0.ran"; sleep 1000 & sleep 1000', "--timeout", "1")
    ok(check.wait_for(lambda: set(here.rows().values()) == {"clear"}, 40), "all is clear", here.rows())
    here.lists.change("bl.example", "ip4set", LISTED)
    here.poll(11)
    here.poll(11)
    ok(check.wait_for(lambda: "was ended" in runner.output(), 20), "it was ended", runner.output())
    same(runner.ran(), ["listed"], "it was run once")
    here.restart()
    ok(check.wait_for(lambda: here.rows().get((OWN, "bl")) == "not known", 40), "another daemon")
    time.sleep(6)  # until it is found again
    here.poll(11)
    ok(check.wait_for(lambda: runner.ran() == ["listed"] * 2, 20),
       "what that finds is told of, too", runner.output())
    ok(check.wait_for(lambda: runner.output().count("was ended") == 2, 20), "and ended, too")
    ok(runner.alive(), "it goes on")
    runner.stop()
    here.end()


@case
def reloads():
    """What is not watched any more is forgotten, what is new is asked about at once."""
    here = Scene()
    ok(check.wait_for(lambda: set(here.rows().values()) == {"clear"}, 40), "all is clear", here.rows())
    text = here.guard.text.replace(f'"{OWN6}"', '"198.51.100.8"').replace(f'"{NAME}"', "")
    ok(here.guard.reload(text), "reloaded")
    wanted = {(OWN, "bl"), (OWN, "dies"), ("198.51.100.8", "bl"), ("198.51.100.8", "dies")}
    ok(check.wait_for(lambda: set(here.rows()) == wanted, 20), "those, and no others", here.rows())
    ok(here.guard.reload(re.sub(r"(?m)^watch.*$", "", text)), "nothing is watched")
    ok(check.wait_for(lambda: here.rows() == {}, 20), "and nothing known", here.rows())
    same(here.watch()[0], 0, "nothing is amiss")
    here.end()


@case
def wrong_words():
    """What cannot be watched is refused, with the reason."""
    for words, why in (('addresses = { "10.1.2.3" }', "is private"),
                       ('addresses = { "mail.example" }', "must be an IPv4 or IPv6 address"),
                       ('names = { "198.51.100.7" }', "must be a name in DNS"), ('every = "5m"', "from 10m to 24h"),
                       ('every = "48h"', "from 10m to 24h"),
                       ('lists = "some"', 'must be "used" or "all"')):
        path = server.write(os.path.join(server.new_dir("wrong"), "c"),
                            f'watch {{ {words} }}\npolicy "default" {{ }}\n')
        code, _, said = daemon.run("-t", "-l", daemon.LISTS, "-c", path)
        ok(code == 78 and why in said, words, said)


if faketime.LIBRARY is None:
    check.skip_all("no libfaketime")
check.run()
