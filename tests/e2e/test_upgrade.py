#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""From 0.1.0 to this, beside it, and back: NEWS says how, and that is what is tried.

With RELAYGUARD_OLD, the program of 0.1.0, it is tried with that as well.
"""
import collections
import os
import re
import subprocess
import time

from lib import check, daemon, milter, nameserver, pages, redis, scene, server, upgrade
from lib.check import case, like, ok, same, unlike
from lib.nameserver import NameServer
from lib.reports import RELAYGUARDCTL, figures

NEWS = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__)))), "NEWS")

if redis.SERVER is None:
    check.skip_all("no redis-server or valkey-server")


def _old_case(function):
    """A case that needs the old program."""
    return case(function) if upgrade.OLD else function


def _store(*more):
    """A Redis whose user has the rights that 0.1.0 needed, and more."""
    store = redis.Redis()
    store.command("ACL", "SETUSER", upgrade.USER, "reset", "on", ">" + upgrade.PASSWORD,
                  *upgrade.ACL.split(), *more)
    return store


def _rights():
    """What NEWS says is to be given to that user."""
    with open(NEWS, encoding="utf-8") as file:
        found = re.search(r"redis-cli ACL SETUSER relayguard (.*)", file.read())
    return found.group(1).split()


def _test(text, *words):
    """What -t makes of a configuration: its exit code, and all it says."""
    path = server.write(os.path.join(server.new_dir("conf"), "relayguard.conf"), text)
    code, out, err = daemon.run("-t", "-c", path, "-l", daemon.LISTS, *words)
    return code, out + err


@case
def configuration_is_taken():
    """What 0.1.0 installed, and all its keywords: without a mistake."""
    code, said = _test(upgrade.seed("installed.conf"))
    same(code, 0, f"the one that was installed is taken: {said}")
    with _store() as store, NameServer(upgrade.table()) as dns:
        text = upgrade.configuration(dns, store).replace("@PORT@", "8891")
        code, said = _test(text)
        same(code, 0, f"each keyword is taken: {said}")
        unlike(said, "mistake", "without a mistake")


@case
def mistakes_are_named():
    """The three things of NEWS that must be changed are said with file and line."""
    folder = server.new_dir("files")
    files = {name: server.write(f"{folder}/{name}", text) for name, text in (
        ("allow", "203.0.113.1 office\n203.0.113.2 REJECT\n"),
        ("deny", "192.0.2.1 spam\n192.0.2.2 OK\n"), ("twice", "192.0.2.1 192.0.2.2\n"))}
    good = 'policy "default" { lists = { LISTS } }\n'
    bits = ('list "x" {{ zone = "x.example"\nanswer "127.0.0.{}" '
            '{{ category = "spam-source" score = 5 }} }}\n')
    rows = (
        ("a list of one's own called local", 'list "local" { zone = "x.example"\n'
         'answer "127.0.0.2" { category = "spam-source" score = 5 } }\n', '"local"',
         r"relayguard.conf:1: zone: .*another label"),
        ("REJECT in allow", f'allow {{ files = {{ "{files["allow"]}" }} }}\n', "", r"/allow:2: "),
        ("OK in deny", f'deny {{ files = {{ "{files["deny"]}" }} }}\n', "", r"/deny:2: "),
        ("two addresses", f'deny {{ files = {{ "{files["twice"]}" }} }}\n', "", r"/twice:1: "),
        ("two bits", bits.format("&6"), '"x"', r"relayguard.conf:2: .*&2&4"))
    for label, text, lists, pattern in rows:
        code, said = _test(text + good.replace("LISTS", lists))
        same(code, 78, f"{label}: a mistake")
        like(said, pattern, f"{label}: it is said where")
    same(_test(bits.format("&2&4") + good.replace("LISTS", '"x"'))[0], 0,
         "both bits, as it is to be written")


def _judges_as_before(guard, label, want):
    """Whether it decides all sessions as they were decided before."""
    found = upgrade.judge_all(guard)
    for row, (code, line), before in zip(upgrade.SESSIONS, found, want):
        same(upgrade.judgement(line), upgrade.judgement(before),
             f"{label}: {row[0]} to {row[4].decode()} is judged as before, with {code}")
    same(len(found), len(want), f"{label}: none is left out")
    return found


@case
def nothing_else_is_refused():
    """With the configuration of 0.1.0 each session is decided as it was by 0.1.0."""
    with _store(*_rights()) as store, NameServer(upgrade.table()) as dns, \
            upgrade.start(upgrade.configuration(dns, store)) as guard:
        _judges_as_before(guard, "0.1.0's configuration", upgrade.logged())
        same(guard.events("redis-(error|down)"), [], "Redis refuses nothing")


@case
def rights_of_redis():
    """With the user of 0.1.0 mail goes on; with what NEWS adds to it, answers are shared."""
    with _store() as store, NameServer(upgrade.table()) as dns:
        text = upgrade.configuration(dns, store)
        with upgrade.start(text) as guard:
            _judges_as_before(guard, "the rights of 0.1.0", upgrade.logged())
            like("".join(guard.events("redis-error")), r"command=\w+ error=NOPERM",
                 "the log says what is missing")
            store.command("ACL", "SETUSER", upgrade.USER, *_rights())
        asked = dns.count("bl.example")
        with upgrade.start(text) as guard:
            _judges_as_before(guard, "the rights of NEWS", upgrade.logged())
            same(guard.events("redis-error"), [], "nothing is missing any more")
            ok(any("cache=redis" in line for line in guard.lines("verdict=")),
               f"and what is in Redis is used: {dns.count('bl.example') - asked} questions more")


@case
def keys_of_before():
    """What 0.1.0 has in Redis is not read, is nobody's fault, and stays until it ends."""
    with _store(*_rights()) as store, NameServer(upgrade.table()) as dns:
        count = upgrade.put_keys(store)
        before = {key: store.command("GET", key) for key in store.command("KEYS", "*")}
        same(len(before), count, "they are there")
        # A lie in the words of 0.1.0: whoever read it would refuse.
        lie = f"rg1:{{{scene.GOOD}}}:bl.b5d9ad27"
        same(before[lie][:3], "1||", "one of them says that the list does not hold a client")
        store.command("SET", lie, f"1|127.0.0.2|{int(time.time()) + 300}", "EX", 300)
        text = upgrade.configuration(dns, store)
        folder = server.new_dir("control")
        with upgrade.start(f'control {{ socket = "{folder}/c" }}\n' + text) as guard:
            os.chmod(folder, 0o755)
            _judges_as_before(guard, "beside its keys", upgrade.logged())
            subprocess.run([RELAYGUARDCTL, "-s", folder + "/c", "cache", "flush", scene.GOOD],
                           check=True, stdout=subprocess.DEVNULL)
            ok(store.command("GET", lie), "cache flush leaves them")
            guard.stop()
            like("".join(guard.events("stopped")), "redis-garbage=0 ", "none is taken for garbage")
        same({key for key in before if not store.command("EXISTS", key)}, set(), "all are there")


@case
def log_of_before():
    """relayguardctl report counts the decisions of 0.1.0, and those after it in the same file."""
    verdicts = collections.Counter(line["verdict"] for line in upgrade.logged())
    ok(len(verdicts) > 3, f"there are all kinds of them: {dict(verdicts)}")
    after = ("Nov 22 20:00:00 mx relayguard[9]: ref=KF3K2Q99 verdict=refuse reason=lists "
             "client=198.51.100.7 name=x.example helo=x.example from=<> to=bob@any.example "
             "policy=default score=5/5 lists=bl:127.0.0.2*5 cache=memory ms=1\n")
    file = server.write(os.path.join(server.new_dir("log"), "maillog"),
                        upgrade.seed("maillog") + after)
    found = figures(file)
    verdicts["refuse"] += 1
    same({verdict: count for verdict, count in found["total", ""]["done"].items() if count},
         dict(verdicts), "each verdict as often as it is in the log")
    same(found["total", ""]["undated"], 0, "all at their time")


@case
def store_of_before():
    """Builds that had a store: references are explained, who is listed and let through is so."""
    here = pages.Settings()
    upgrade.put_store(here.store)
    more = ('list "local" { mode = "enforce" }\n'
            'policy "pass.example" { lists = { "bl" } refuse = 3 pass = yes }\n'
            'policy "own.example" { lists = { "local" } refuse = 5 }\n')

    def ctl(*words):
        done = subprocess.run([RELAYGUARDCTL, "-s", here.control, *words], check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return done.returncode, done.stdout

    with NameServer(nameserver.zone("bl.example", [scene.RELAY])) as dns, \
            daemon.Relayguard(here.text + daemon.config(dns.address, more=more)) as guard:
        code, said = ctl("explain", "BVSCDHJA")
        same(code, 0, "a reference of before can be explained")
        like(said, r"198\.51\.100\.7\b", "with its client")
        same(ctl("local", "198.51.100.77")[0], 0, "who was listed is")
        same(milter.verdict(guard.where, "198.51.100.77", b"<bob@own.example>"), "refuse",
             "and is refused")
        ok(check.wait_for(lambda: milter.verdict(guard.where, scene.RELAY) == "refuse"),
           "a list is believed")
        _, line = guard.decided(lambda: milter.envelope(guard.where,
                                                        recipient=b"<bob@pass.example>"))
        same((line.get("verdict"), line.get("reason")), ("pass", "pass"), "a pass is good")
        same(guard.events("(own-store|store|passes)-"), [], "no file is amiss")
    found = figures("--store", here.store)
    same(found["total", ""]["done"]["refuse"], 2 + len(guard.decisions(verdict="refuse")),
         "report counts what was before, too")


@_old_case
def old_decides_so():
    """The log that is kept here is what the old program says."""
    with _store() as store, NameServer(upgrade.table()) as dns, \
            upgrade.start(upgrade.configuration(dns, store), old=True) as guard:
        _judges_as_before(guard, "the old program", upgrade.logged())
        keys = {line.split()[0] for line in upgrade.seed("redis").splitlines()}
        same({key for key in store.command("KEYS", "*") if "{watchdog-" not in key} - keys, set(),
             "and leaves the keys that are kept")


@_old_case
def old_beside_new():
    """At one Redis each decides as it did; neither takes the other's keys for its own."""
    with _store(*_rights()) as store, NameServer(upgrade.table()) as dns:
        text = upgrade.configuration(dns, store)
        with upgrade.start(text, old=True) as old, upgrade.start(text) as new:
            for _ in range(2):
                _judges_as_before(new, "new beside old", upgrade.logged())
                _judges_as_before(old, "old beside new", upgrade.logged())
            # A list that begins to list the world: each finds out.
            dns.default, dns.healthy = nameserver.Answer("127.0.0.2"), False
            for guard, label in (old, "old"), (new, "new"):
                ok(check.wait_for(lambda guard=guard: any(
                    "list=bl " in line for line in guard.events("list-suspended")), 60),
                   f"{label}: suspends a list that holds everybody")
            dns.default, dns.healthy = nameserver.ABSENT, None
            for guard, label in (old, "old"), (new, "new"):
                ok(check.wait_for(lambda guard=guard: any(
                    "list=bl " in line for line in guard.events("list-restored")), 120),
                   f"{label}: believes it again")
            for guard, label in (old, "old"), (new, "new"):
                guard.stop()
                like("".join(guard.events("stopped")), "redis-garbage=0 ",
                     f"{label}: has read nothing of the other's")
                same(guard.events("redis-(error|down)"), [], f"{label}: Redis refused nothing")


@_old_case
def and_back():
    """The old program takes up where it was, on all that the new one leaves."""
    with _store(*_rights()) as store, NameServer(upgrade.table()) as dns:
        text = upgrade.configuration(dns, store)
        more = f'store {{ path = "{server.new_dir("store")}" }}\n'
        with upgrade.start(text + more) as new:
            _judges_as_before(new, "new", upgrade.logged())
        with upgrade.start(text, old=True) as old:
            _judges_as_before(old, "old, after new", upgrade.logged())
        path = server.write(os.path.join(server.new_dir("conf"), "conf"), text + more)
        done = subprocess.run([upgrade.OLD, "-t", "-c", path, "-l", upgrade.no_lists()], check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        same(done.returncode, 78, "a keyword of the new one is a mistake to the old one")
        like(done.stdout, "store", "which it names")


check.run()
