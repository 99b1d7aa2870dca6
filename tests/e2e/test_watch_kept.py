#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Own addresses on other people's lists: what is known outlives a restart, and lists that no
policy names are asked, too."""
import os
import time

from lib import check, faketime, server
from lib.check import case, ok, same
from lib.watching import CONFIG, EMPTY, LISTED, OWN, OWN6, Runner, Scene

@case
def restarts():
    """What is known outlives the daemon: nothing is told twice, and nothing is lost."""
    here = Scene(CONFIG + 'store {{ path = "{folder}" }}\n')
    os.chmod(here.folder, 0o777)
    runner = Runner(here)
    ok(check.wait_for(lambda: set(here.rows().values()) == {"clear"}, 40), "all is clear",
       here.watch()[1] + here.guard.output())
    here.lists.change("bl.example", "ip4set", LISTED)
    here.poll(11)
    here.poll(11)
    ok(here.guard.wait_lines("event=watch-listed", 1, 20), "it is listed")
    ok(check.wait_for(lambda: len(runner.ran()) == 1, 10), "the program was run", runner.output())
    since = here.rows("since")[OWN, "bl"]
    here.lists.change("dies.example", "ip4set", "203.0.113.9 :127.0.0.2:\n")
    runner.stop()
    here.restart(lambda: here.lists.pause())
    ok(check.wait_for(lambda: here.rows().get((OWN, "bl")) == "listed", 20),
       "it still is, though nobody says so now", here.watch()[1] + here.guard.output())
    same(here.rows("since")[OWN, "bl"], since, "since then")
    same(here.rows().get((OWN6, "bl")), "not known", "what was clear is not known")
    here.lists.resume()
    ok(check.wait_for(lambda: here.state("bl") == "good", 60), "the list answers again")
    here.poll(11)
    here.poll(11)
    same((here.guard.events("watch-"), here.rows()[OWN, "bl"]), ([], "listed"), "it is not told twice")
    here.lists.change("bl.example", "ip4set", EMPTY["bl.example"]["ip4set"])
    here.poll(11)
    here.restart()
    ok(check.wait_for(lambda: here.state("bl") == "good", 60), "started once more")
    here.poll(11)
    ok(here.guard.wait_lines("event=watch-delisted", 1, 20),
       "two answers are two, though there was a restart between them", here.guard.output()[-1500:])
    here.guard.stop()
    path = os.path.join(here.folder, "watch.state")
    with open(path, "r+", encoding="ascii") as file:
        file.truncate(60)
    here.restart()
    ok(here.guard.wait_lines("event=watch-forgotten why=\"it is damaged\"", 1, 20), "a damaged file",
       here.guard.output())
    ok(check.wait_for(lambda: set(here.rows().values()) == {"clear"}, 40), "is learnt anew",
       here.rows())
    here.end()


REGISTRY = """list "open"   { zone = "dies.example" answer "127.0.0.2" { category = "spam-source" score = 5 } }
list "keyed"  { zone = "%{key}.keyed.example" needs = "key" answer "127.0.0.2" { category = "spam-source" score = 5 } }
list "asks"   { zone = "asks.example" needs = "registration" answer "127.0.0.2" { category = "spam-source" score = 5 } }
list "file"   { zone = "file.example" servers = { "127.0.0.1" } answer "127.0.0.2" { category = "spam-source" score = 5 } }
list "dead"   { zone = "dead.example" dead = "2020: closed" }
list "silent" { zone = "silent.example" answer "127.0.0.2" { category = "spam-source" score = 5 } }
list "part"   { zone = "part.example"  answer "127.0.0.2" { category = "spam-source" score = 5 } }
list "whole"  { zone = "bl.example" contains = { "part" } servers = { "127.0.0.1" }
    answer "127.0.0.2" { category = "spam-source" score = 5 } }
"""
ALL = """sandbox = false
control {{ socket = "{folder}/c"  status = "{folder}/s" }}
dns {{ servers = {{ "{at}" }} }}
health {{ interval = "10s" failures = 1 }}
watch {{ addresses = {{ "{own}" }}  every = "10m" }}
list "whole" {{ servers = {{ "{at}" }} }}
list "bl" {{ zone = "names.example" servers = {{ "{at}" }} kind = "domain"
    answer "127.0.0.2" {{ category = "phishing" score = 5 }} }}
policy "default" {{ lists = {{ "bl" }} }}
"""


@case
def all_that_are_known():
    """Lists that no policy names are asked, too, if they answer everybody; mail is not judged
    by them, and that one of them is silent is no news."""
    registry = server.write(os.path.join(server.new_dir("registry"), "lists"), REGISTRY)
    here = Scene(ALL, "-l", registry)
    wanted = {(OWN, "open"): "clear", (OWN, "whole"): "clear", (OWN, "silent"): "not known"}
    ok(check.wait_for(lambda: here.rows() == wanted, 90),
       "no list with a key, a registration or a server of one's own, none that is dead or part of another",
       f"{here.rows()} {here.guard.output()}")
    same(here.watch()[0], 0, "that a list of nobody's is silent is nothing amiss")
    same(here.state("whole"), "", "policies know nothing of them")
    here.lists.change("dies.example", "ip4set", LISTED)
    for _ in range(2):
        before = here.rows("known").get((OWN, "open"))
        here.later(11)
        ok(check.wait_for(lambda: here.rows("known").get((OWN, "open")) != before, 60), "asked again")
    ok(here.guard.wait_lines("event=watch-listed subject=198.51.100.7 list=open", 1, 20),
       "what one of them says is told", here.guard.output()[-1500:])
    same(here.watch()[0], 1, "and is amiss")
    here.later(26 * 60)
    time.sleep(3)
    same(here.guard.events("watch-unknown"), [], "but not its silence")
    here.guard.reload(here.guard.text.replace('every = "10m"', 'every = "10m" lists = "used"'))
    ok(check.wait_for(lambda: here.rows() == {}, 30), "only those that are used", here.rows())
    here.end()


if faketime.LIBRARY is None:
    check.skip_all("no libfaketime")
check.run()
