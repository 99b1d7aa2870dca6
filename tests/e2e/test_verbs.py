#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""What an administrator can do by relayguardctl: look up, flush, suspend, pass, forget, watch;
and what of it mail sees."""
import json
import os
import re
import socket
import subprocess
import threading
import time

from lib import check, daemon, milter, nameserver, redis, scene, server, stored
from lib.check import case, like, ok, same
from lib.nameserver import Answer, NameServer, reverse

RELAYGUARDCTL = os.path.join(os.path.dirname(os.environ["RELAYGUARD"]), "relayguardctl")
LISTED, CLEAR, OTHER = "198.51.100.7", "203.0.113.5", "198.51.100.8"
CONFIG = """
control {{ socket = "{socket}" status = "{socket}2" }}
dns {{ servers = {{ "{at}" }} }}
list "bl" {{ zone = "bl.example" servers = {{ "{at}" }}
    answer "127.0.0.2" {{ category = "open-relay" score = 5 }} }}
list "names" {{ zone = "names.example" servers = {{ "{at}" }} kind = "domain"
    asks = {{ "helo", "sender" }}
    answer "127.0.0.2" {{ category = "spam-source" score = 5 }} }}
policy "default" {{ lists = {{ "bl", "names" }} refuse = 5 }}
{more}
"""


class Scene:
    """A list of addresses, one of names, and relayguard with its sockets."""

    def __init__(self, more="", arguments=()):
        table = nameserver.zone("bl.example", [LISTED])
        table.update({f"{name}.names.example": Answer("127.0.0.2")
                      for name in ("test", "bad.example")})
        self.dns = NameServer(table).__enter__()
        self.table = self.dns.table
        self.socket = os.path.join(server.new_dir("verbs"), "c")
        self.more = more
        self.guard = daemon.Relayguard(self.text(), *arguments)
        ok(check.wait_for(lambda: len(re.findall("state: good", self.ask("lists")[1])) == 3, 8),
           "the lists are good")

    def text(self, more=""):
        """The configuration."""
        return CONFIG.format(socket=self.socket, at=self.dns.address, more=self.more + more)

    def ask(self, *words, at=None):
        """What relayguardctl returns and prints."""
        done = subprocess.run([RELAYGUARDCTL, "-s", at or self.socket, *words], check=False,
                              timeout=40, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def data(self, *words):
        """The data of each line of its answer."""
        lines = [json.loads(line) for line in self.ask("-j", *words)[1].splitlines()]
        return [line["data"] for line in lines if "data" in line]

    def send(self, client=LISTED, recipient="bob@any.example"):
        """A session, and the decision that came of it."""
        return self.guard.decided(lambda: milter.verdict(
            self.guard.where, client, f"<{recipient}>".encode()))

    def end(self):
        """Stop what is there."""
        same(self.guard.stop(), 0, "it ends well")
        self.dns.__exit__(None, None, None)


def _about(data, label="bl"):
    """The first line about a list."""
    return [line for line in data if line.get("label") == label][0]


@case
def looked_up():
    """What is known is said, and no list is asked but where that is wanted."""
    here = Scene()
    asked = here.dns.count("bl.example")
    code, text, _ = here.ask("lookup", LISTED)
    same(code, 1, "nothing is known: no")
    like(text, r"label: bl\nasks: address\nstate: good\nanswer: not known\n", "and said so")
    same(here.dns.count("bl.example"), asked, "nobody is asked")
    same(here.send()[0], "refuse", "a client comes")
    line = _about(here.data("lookup", LISTED))
    same((line["answer"], line["codes"], line["category"], line["score"], line["source"],
          0 < line["ttl_seconds"] <= 3600),
         ("listed", ["127.0.0.2"], "open-relay", 5, "memory", True), "then it is known")
    same(here.ask("lookup", LISTED)[0], 0, "listed: yes")
    here.table[reverse(LISTED, "bl.example")] = nameserver.ABSENT
    same(here.ask("lookup", LISTED)[0], 0, "what is known, again")
    line = _about(here.data("lookup", LISTED, "--fresh"))
    same((line["answer"], line["source"]), ("clear", "dns"), "fresh: what the list says now")
    same((here.ask("lookup", LISTED)[0], here.send()[0]), (1, "pass"), "which is kept")
    same({(line["label"], line["asks"], line["answer"])
          for line in here.data("lookup", "Bad.Example.", "--fresh")},
         {("names", "helo", "listed"), ("names", "sender", "listed")},
         "a name is asked about in each role, and no address")
    same(here.ask("lookup", "bad.example")[0], 0, "and kept, too")
    for words in (("lookup",), ("lookup", "a b"), ("lookup", "192.0.2.1/24"), ("lookup", ""),
                  ("lookup", LISTED, "--fresh=x"), ("lookup", "x" * 300)):
        same(here.ask(*words)[0], 64, f"{words}: usage")
    same(here.ask("lookup", "10.1.2.3")[2], "relayguardctl: no list is asked about that\n",
         "an address that nobody has on the Internet")
    same(here.ask("cache", "show", "192.0.2.1")[2], "relayguardctl: nothing is kept of it\n",
         "what is not kept")
    same(here.ask("lookup", LISTED, at=here.socket + "2")[0], 77, "no right by the other socket")
    here.end()


@case
def hostile():
    """Requests that no relayguardctl sends: a sentence, and nothing is lost."""
    here = Scene()
    requests = [{"verb": verb, **rest}
                for verb in ("lookup", "cache", "suspend", "resume", "pass", "forget", "tail")
                for rest in ({"address": 1, "label": [], "list": 3}, {"fresh": "yes", "all": 1},
                             {"address": "\u0000"}, {"address": "x" * 3900, "label": "y"},
                             {"label": "bl", "for": 5}, {"label": "bl", "why": {}},
                             {"label": "bl", "for": "31d"}, {"label": "bl", "why": "w" * 201},
                             {"action": "show"}, {"action": "nonsense", "address": LISTED},
                             {"action": "flush", "all": True, "fleet": True},
                             {"address": LISTED, "for": "-1s"}, {"verdict": "nonsense"},
                             {"address": LISTED, "for": "1h", "end": True})]
    for request in requests:
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(here.socket)
            client.settimeout(20)
            client.sendall(json.dumps(request).encode() + b"\n")
            said = client.makefile("rb").read().decode()
        last = json.loads(said.splitlines()[-1])
        ok(last.get("end") and last["status"] in (1, 64) and
           (last["status"] == 1 or '"error"' in said),
           f"{str(request)[:70]}", said)
    same(here.send()[0], "refuse", "mail goes on")
    same(here.guard.events("list-suspended"), [], "nothing has changed")
    here.end()


@redis.case
def caches():
    """What is kept, here and in Redis; a flush takes away that and nothing else."""
    with redis.Redis() as store:
        here = Scene(f'cache {{ redis = "{store.url}" }}\n')
        store.command("SET", "precious", "1")
        check.wait_for(lambda: here.guard.events("redis-down") == [])
        for client in (LISTED, OTHER):
            here.send(client)
        ok(check.wait_for(lambda: len(store.keys()) == 4), "both are in Redis, and their names",
           store.keys())
        lines = here.data("cache", "show", LISTED)
        same([(line["label"], line["kept_in"], line["answer"], line["codes"]) for line in lines],
             [("bl", "memory", "listed", ["127.0.0.2"]), ("bl", "redis", "listed", ["127.0.0.2"])],
             "both places are shown")
        ok(all(0 < line["ttl_seconds"] <= 3600 for line in lines), "with the time that is left")
        same(here.data("cache", "flush", LISTED)[0],
             {"memory_facts": 1, "redis_facts": 0, "redis": "not asked"}, "flushed here")
        same([line["kept_in"] for line in here.data("cache", "show", LISTED)], ["redis"],
             "Redis has it still")
        line = _about(here.data("lookup", LISTED))
        same((line["answer"], line["source"]), ("listed", "redis"), "and lookup finds it there")
        asked = here.dns.count("7.100.51.198.bl")
        same((here.send()[1].get("cache"), here.dns.count("7.100.51.198.bl")), ("redis", asked),
             "so does mail")
        same(here.data("cache", "flush", LISTED, "--fleet")[0],
             {"memory_facts": 1, "redis_facts": 1, "redis": "answered"}, "flushed everywhere")
        same(here.ask("cache", "show", LISTED)[0], 1, "nothing is kept")
        same(len(store.keys()), 3, "but what is another's")
        here.send()
        ok(here.dns.count("7.100.51.198.bl") > asked, "the list is asked again")
        ok(here.data("cache", "flush", "--all")[0]["memory_facts"] >= 2, "all of this node")
        same(here.ask("cache", "show", OTHER)[0], 0, "Redis has them")
        code, _, said = here.ask("cache", "flush", "--all", "--fleet")
        same((code, "within the hour" in said), (64, True), "all of Redis is not to be had")
        same(len(here.guard.events("cache-flushed")), 3, "each is said in the log")
        store.send(19)
        code, _, said = here.ask("cache", "flush", LISTED, "--fleet")
        store.send(18)
        same((code, "Redis does not answer" in said), (75, True), "Redis is stuck: said")
        here.end()


@case
def suspended():
    """A list that an administrator suspends counts for nothing, and says so everywhere."""
    here = Scene()
    same(here.send()[0], "refuse", "it counts")
    code, text, _ = here.ask("suspend", "bl", "--for", "2h", "--why", "lists \u00fcber-everybody")
    same(code, 0, "suspended")
    like(text, r"^label: bl\nstate: suspended\nuntil: \d{4}-\d\d-\d\dT[\d:]{8}Z\nseconds: 7200",
         "until when")
    verdict, line = here.send()
    same((verdict, line.get("suspended")), ("pass", "bl"), "its word counts for nothing")
    asked = here.dns.count("9.100.51.198.bl")
    here.send("198.51.100.9")
    same(here.dns.count("9.100.51.198.bl"), asked, "nor is it asked about clients")
    line = here.data("lists", "bl")[0]
    same((line["state"], line["health"], line["suspended_by"], line["suspended_who"],
          7000 < line["suspended_seconds"] <= 7200),
         ("suspended", "good", "administrator", "root", True), "lists says who and until when")
    like(here.ask("lists", "bl", at=here.socket + "2")[1], "(?s)^(?!.*everybody).*administrator",
         "but not in what words where anybody may read them")
    line = _about(here.data("lookup", LISTED, "--fresh"))
    same((line["state"], line["answer"], line["source"]), ("suspended", "not asked", None),
         "nor is it asked by lookup")
    step = _about(here.data("explain", LISTED))
    same((step["suspended"], step["suspended_by"], "everybody" in step["suspended_why"]),
         (True, "administrator", True), "so does explain")
    same(here.data("status")[0]["lists"]["suspended_by_administrator"], 1, "status counts it")
    same(here.ask("status")[0], 1, "and is not good")
    like(here.ask("metrics")[1], 'relayguard_list_state{list="bl",state="suspended"} 1', "metrics")
    like(here.guard.output(), r'event=list-suspended list=bl reason=administrator by=root '
         r'seconds=7200 why="lists \\u00c3\\u00bcber-everybody"', "the log")
    here.guard.reload(here.text("# another one\n"))
    same(here.send()[0], "pass", "a reload changes nothing")
    ok(here.guard.reload(here.text().replace('"bl.example"', '"third.example"'))
       and not here.guard.events("reload-failed"), "another zone of that label")
    same(here.data("lists", "bl")[0]["state"], "suspended", "is suspended, too")
    here.guard.reload(here.text())
    same((here.ask("resume", "bl")[0], here.send()[0]), (0, "refuse"), "resumed: it counts again")
    like(here.guard.output(), "event=list-resumed list=bl by=root after=", "which is said")
    code, _, said = here.ask("resume", "bl")
    same((code, "no administrator" in said), (1, True), "there is no more to be ended")
    same(here.ask("suspend", "names", "--for", "1s")[0], 0, "for a second")
    same(here.ask("status")[0], 1, "a list of two roles")
    ok(here.guard.wait_lines("event=list-resumed list=names by=time"), "then it ends by itself")
    same(here.ask("status")[0], 0, "and all are good")
    same(here.ask("suspend", "other")[0], 1, "no such list")
    for words in (("suspend",), ("suspend", "bl", "--for", "0s"), ("suspend", "bl", "--for", "31d"),
                  ("suspend", "bl", "--for", "x"), ("suspend", "bl", "--why", "w" * 201),
                  ("suspend", "bl", "--why", "\x1b[2J"),
                  ("suspend", "bl", "more"), ("resume",), ("resume", "bl", "--for", "1h")):
        same(here.ask(*words)[0], 64, f"{words}: usage")
    here.end()


@case
def suspended_by_itself():
    """A list that fails its tests is not resumed by an administrator."""
    here = Scene("health { interval = \"10s\" failures = 1 }\n")
    here.table[reverse("127.0.0.2", "bl.example")] = nameserver.ABSENT
    ok(check.wait_for(lambda: here.data("lists", "bl")[0]["state"] == "suspended", 25),
       "it is suspended")
    code, _, said = here.ask("resume", "bl")
    same((code, "its own tests" in said), (1, True), "resume says that it cannot")
    same(here.ask("suspend", "bl")[0], 0, "an administrator suspends it, too")
    same(here.data("lists", "bl")[0]["health"], "suspended", "both are shown")
    code, text, _ = here.ask("resume", "bl")
    same((code, text), (0, "label: bl\nstate: suspended\n\n"), "and it is suspended still")
    here.end()


@case
def passed():
    """Who an administrator lets through is let through, for as long as he says."""
    here = Scene('deny { networks = { "203.0.113.66" } }\nnat64 = { "2001:db8:64::/96" }\n')
    same((here.send()[0], here.send("203.0.113.66")[0]), ("refuse", "refuse"), "two are refused")
    code, text, _ = here.ask("pass", LISTED, "--for", "1h", "--why", "ticket \u201c4711\u201d")
    same(code, 0, "passed")
    like(text, rf"^network: {LISTED}\nuntil: \d{{4}}-.*Z\nseconds: 3[56]\d\d\n", "until when")
    ok("replaced" not in text, "which is the first")
    line = here.data("pass", LISTED, "--for", "2h", "--why", "again")[0]
    same((line["replaced"]["who"], line["replaced"]["why"], line["replaced"]["until"] < line["until"]),
         ("root", "ticket \u201c4711\u201d", True), "a second one says what it replaces")
    code, text, _ = here.ask("pass", LISTED, "--for", "1h", "--why", "ticket \u201c4711\u201d")
    like(text, r"(?m)^replaced:\n  until: \d{4}-.*Z\n  who: root\n  why: again$", "also in text")
    asked = here.dns.count("bl.example")
    verdict, line = here.send()
    same((verdict, line["reason"], here.dns.count("bl.example")), ("pass", "administrator", asked),
         "it is let through, and no list is asked")
    like(line["note"], r"^passed by an administrator until .*Z: ticket", "as the log says")
    steps = {step["step"]: step for step in here.data("explain", LISTED)}
    same((steps["client"]["passed"], steps["verdict"]["reason"]), (True, "administrator"),
         "and explain")
    same({(line["answer"], line["source"], line["ttl_seconds"], line["awaited"])
          for line in here.data("explain", LISTED) if line["step"] == "list"},
         {("not asked", None, 0, False)}, "for which no list is asked")
    like(steps["client"]["note"], r"^passed by an administrator until .*: ticket \u201c4711", "why")
    same(here.send(OTHER)[0], "pass", "another one as before")
    same(here.ask("pass", "203.0.113.0/24")[0], 0, "a network, for a day")
    same(here.send("203.0.113.66")[1].get("reason"), "administrator", "also who is in deny")
    same(here.ask("pass", "2001:db8:64::c633:6408")[0], 0, "an address behind NAT64")
    lines = here.data("pass")
    same(sorted(line["network"] for line in lines), [LISTED, OTHER, "203.0.113.0/24"],
         "all of them")
    same([line["why"] for line in lines if line["network"] == LISTED],
         ["ticket \u201c4711\u201d"], "and why")
    same([line["network"] for line in here.data("pass", "--list")],
         [line["network"] for line in lines], "by another name")
    here.guard.reload(here.text("# another one\n"))
    same(here.send()[0], "pass", "a reload changes nothing")
    same((here.ask("pass", "203.0.113.0/25", "--end")[0],
          here.ask("pass", "203.0.113.0/24", "--end")[0]), (1, 0), "ended, by its very name")
    same(here.send("203.0.113.66")[0], "refuse", "refused again")
    same(here.ask("pass", LISTED, "--for", "1s")[0], 0, "for a second")
    ok(check.wait_for(lambda: here.send()[0] == "refuse"), "then it is over")
    same(len(here.guard.events("client-passed")), 6, "each is said in the log")
    like(here.guard.output(), "event=pass-ended network=203.0.113.0/24 by=root", "and its end")
    for words in (("pass", "x"), ("pass", "2001:db8:64::c633:6400/120"),
                  ("pass", "192.0.2.1/24"), ("pass", "192.0.2.0/33"),
                  ("pass", "--end"), ("pass", "--for", "1h"), ("pass", LISTED, "--list"),
                  ("pass", LISTED, "--end", "--for", "1h"), ("pass", LISTED, "--for", "31d"),
                  ("pass", "0.0.0.0/0"), ("pass", "::/0"), ("pass", "128.0.0.0/7"),
                  ("pass", "2000::/15"), ("pass", "::ffff:0:0/96"),
                  ("pass", LISTED, "--for", "1"), ("pass", LISTED, "--why", "w" * 201)):
        same(here.ask(*words)[0], 64, f"{words}: usage")
    like(here.ask("pass", "0.0.0.0/0")[2], "a network wider than /8", "why")
    same([here.ask("pass", wide, "--for", "1s")[0] for wide in ("10.0.0.0/8", "2001::/16")], [0, 0],
         "the widest that there may be")
    here.guard.stop()
    here.guard = daemon.Relayguard(here.text())
    same(here.data("pass"), [], "a restart forgets them")
    here.end()


def _held(folder, words):
    """The files of a folder that hold some bytes."""
    found = []
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), "rb") as file:
            if words in file.read():
                found.append(name)
    return found


@redis.case
def forgotten():
    """What is kept of a client is erased everywhere, and what is kept of others stays."""
    folder = server.new_dir("store")
    os.chmod(folder, 0o777)
    with redis.Redis() as store:
        here = Scene(f'cache {{ redis = "{store.url}" }}\nstore {{ path = "{folder}" }}\n')
        here.table[reverse(OTHER, "bl.example")] = Answer("127.0.0.2")
        for client in (LISTED, OTHER, LISTED):
            same(here.send(client)[0], "refuse", f"{client} is refused")
        check.wait_for(lambda: len(store.keys()) == 4)
        code, text, said = here.ask("forget", LISTED)
        same((code, said), (0, ""), "forgotten")
        like(text, r"memory_facts: 1\nredis: answered\nredis_facts: 1\nstore: yes\n"
             r"stored_decisions: 2\nown_evidence: 0\nquota: yes\nstays: the log of mail", "so much it was")
        same(_held(folder, f"client={LISTED} ".encode()), [], "no byte of it is on disk")
        ok(_held(folder, f"client={OTHER} ".encode()), "but of the other one")
        same([key for key in store.keys() if LISTED in key], [], "nor in Redis")
        same((here.ask("cache", "show", LISTED)[0], here.ask("cache", "show", OTHER)[0]), (1, 0),
             "nor in memory")
        refs = [line["ref"] for line in here.guard.decisions()]
        same([here.ask("explain", ref)[0] for ref in refs], [1, 0, 1], "nor explained")
        same(LISTED in "".join(here.guard.events("client-forgotten")), False,
             "the log does not say who it was")
        like(here.guard.output(), "event=client-forgotten by=root memory=1 redis=1 stored=2",
             "but that it was")
        code, text, _ = here.ask("forget", LISTED)
        same((code, "stored_decisions: 0" in text), (0, True), "there is no more")
        same(here.send()[0], "refuse", "it comes again, as if for the first time")
        server.write(f"{folder}/decisions-20200101.db.corrupt", "damaged")
        store.send(19)
        code, _, said = here.ask("forget", LISTED)
        same((code, "Redis does not answer" in said), (75, True), "what cannot be done is said")
        store.send(18)
        ok(check.wait_for(lambda: "NAME.corrupt" in here.ask("forget", LISTED)[2], 15),
           "also of a damaged file")
        for words in (("forget",), ("forget", "bad.example"), ("forget", "192.0.2.0/24"),
                      ("forget", LISTED, OTHER)):
            same(here.ask(*words)[0], 64, f"{words}: usage")
        here.end()


class _Tail:
    """A relayguardctl that watches; patient: tries again while two others do."""

    def __init__(self, here, *words, options=(), patient=True):
        command = [RELAYGUARDCTL, "-s", here.socket, *options, "tail", *words]
        for _ in range(50 if patient else 1):
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE,
                                            stderr=subprocess.PIPE)
            time.sleep(0.2)
            if self.process.poll() is None:
                break

    def line(self):
        """The next line that it prints; it ends without one."""
        return self.process.stdout.readline().decode()

    def end(self):
        """End it."""
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()


def _watched(here, tail, client, recipient="bob@any.example"):
    """Send until it is seen: a tail does not say when it begins."""
    seen = []
    reader = threading.Thread(target=lambda: seen.append(tail.line()))
    reader.start()
    ok(check.wait_for(lambda: here.send(client, recipient) and seen, 15), "it is watched")
    reader.join()
    return seen[0]


@case
def watched():
    """Decisions as they come, all or some; no more than two watch."""
    here = Scene()
    everything, some = _Tail(here, options=["-j"]), _Tail(here, "--list", "bl")
    like(_watched(here, some, LISTED), r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ ref=\w{8} verdict=refuse "
         r"reason=lists client=198\.51\.100\.7 .*lists=bl:127\.0\.0\.2\*5", "a line, as in the log")
    line = json.loads(everything.line())
    same((line["verb"], line["data"]["decision"]["client"]), ("tail", LISTED), "JSON has its words")
    code, _, said = here.ask("tail")
    same((code, "two are watching" in said), (75, True), "a third is told to come again")
    some.end()
    everything.end()
    ok(check.wait_for(lambda: _is_free(here), 15), "who goes makes room")
    third = _Tail(here, "--verdict", "pass")
    like(_watched(here, third, CLEAR), "verdict=pass", "those of a verdict")
    for words in (("tail", "--verdict", "x"), ("tail", "--verdict", "PASS"), ("tail", "x"),
                  ("tail", "--list")):
        same(here.ask(*words)[0], 64, f"{words}: usage")
    same(here.ask("tail", "--list", "other")[0], 1, "no such list")
    same(here.guard.stop(), 0, "who watches does not keep it from ending")
    same(third.process.wait(20), 75, "and is told")
    like(third.process.stderr.read().decode(), r"^relayguardctl: relayguard has stopped", "what")
    third.end()
    here.end()


def _is_free(here):
    """Whether nobody watches: two may."""
    tails = [_Tail(here, patient=False), _Tail(here, patient=False)]
    free = [tail.process.poll() for tail in tails] == [None, None]
    for tail in tails:
        tail.end()
    return free


@case
def watched_by_the_deaf():
    """Who watches and does not read costs no mail; what he misses is counted."""
    here = Scene()
    count = 4000
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(here.socket)
        client.settimeout(20)
        client.sendall(b'{"verb":"tail"}\n')
        file = client.makefile("rb")
        opened = threading.Thread(target=file.readline)
        opened.start()
        ok(check.wait_for(lambda: here.send(CLEAR) and not opened.is_alive(), 15), "it is watched")
        opened.join()
        with milter.Client(here.guard.where) as mta:
            mta.negotiate()
            mta.connect(LISTED)
            mta.helo(b"client.example")
            mta.mail(b"<a@sender.example>")
            replies = {milter.word(mta.rcpt(b"<bob@any.example>")) for _ in range(count)}
            mta.quit()
        same(replies, {"refuse"}, f"{count} recipients are decided on")
        shown = dropped = 0
        while shown + dropped < count:
            data = json.loads(file.readline())["data"]
            shown += data.get("decision", {}).get("client") == LISTED
            dropped += data.get("dropped", 0)
    check.note(f"{shown} shown, {dropped} dropped")
    same((shown + dropped, dropped > 0), (count, True), "each is shown, or counted")
    here.end()


@case
def versions():
    """How it is used, and which it is."""
    for option in ("-h", "--help"):
        here = subprocess.run([RELAYGUARDCTL, option], check=False, stdout=subprocess.PIPE)
        same(here.returncode, 0, f"{option}: done")
        like(here.stdout.decode(), r"^usage: relayguardctl .* status\n", "on standard output")
        for verb in ("cache", "doctor"):
            here = subprocess.run([RELAYGUARDCTL, verb, option], check=False, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            like(here.stdout, rf"^usage: relayguardctl .* {verb} ", f"{verb} {option}")
            same((here.returncode, here.stderr), (0, ""), "is all")
    for option in ("-V", "--version"):
        here = subprocess.run([RELAYGUARDCTL, option], check=False, stdout=subprocess.PIPE)
        like(here.stdout.decode(), r"^relayguardctl \d+\.\d+\.\d+\n$", f"{option}: the version")


@case
def full_output():
    """Whatever is asked for: what cannot be printed is said, and in errno's words."""
    here = stored.Scene()
    ref = here.first()
    here.is_stored(ref)
    log = server.write(os.path.join(server.new_dir("log"), "log"), here.guard.output())
    for words in ("-h", "-V", "status", "lists", "metrics", f"explain {ref}",
                  f"lookup {scene.RELAY}", f"cache show {scene.RELAY}", "suspend bl", "resume bl",
                  "pass 192.0.2.1", "pass", "reload", f"local {scene.RELAY}",
                  f"forget {scene.RELAY}", f"report {log}", f"probes {log}", "doctor --only system",
                  f"contacts {scene.RELAY}", "tail --help", f"-j report {log}", "-j status"):
        with open("/dev/full", "w", encoding="ascii") as full:
            done = subprocess.run([RELAYGUARDCTL, "-s", here.control, *words.split()],
                                  check=False, timeout=60, stdout=full,
                                  stderr=subprocess.PIPE, text=True)
        same((done.returncode, done.stderr.splitlines()[-1:]),
             (74, ["relayguardctl: standard output: No space left on device"]), words)
    here.end()


@case
def wrong_words():
    """A line says what is wrong, and then the usage of that verb alone."""
    for words, said, usage in (
            ("doctor -c x", "doctor: -c: no such option", "doctor"),
            ("doctor --only x", "doctor: x: no such theme; .*", "doctor"),
            ("doctor x y", "doctor: y: one word too many", "doctor"),
            ("report --days 0 x", "report: --days: must be a number from 1 to .*", "report"),
            ("report --store x y", "report: --store: is not for files of the log", "report"),
            ("test-config", "test-config: a word is missing", "test-config"),
            ("probes", "probes: a word is missing", "probes"),
            ("export", "export: a word is missing", "export"),
            ("export x", "export: x: no such format; there are rbldnsd .*", "export"),
            ("export pf -w", "export: -w, --diff and --force need -o FILE", "export"),
            ("status now", "status: now: one word too many", "status"),
            ("explain x --helo", "explain: --helo: needs a value", "explain"),
            ("explain", "explain: a word is missing", "explain"),
            ("nominate x --evidence /nonexistent/file",
             "nominate: /nonexistent/file: No such file or directory", "nominate"),
            ("lookup x --fresh=1", "lookup: --fresh=1: has no value", "lookup"),
            ("nonsense", "nonsense: no such verb", r"VERB \.\.\.")):
        here = subprocess.run([RELAYGUARDCTL, *words.split()], check=False, timeout=60,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        same((here.returncode, here.stdout), (64, ""), f"{words}: usage")
        like(here.stderr, rf"^relayguardctl: {said}\nusage: relayguardctl .*{usage}\b.*\n"
             r"(  .*\n)*$" if usage[0] != "V" else
             rf"^relayguardctl: {said}\nusage: relayguardctl .*VERB .*\n$", f"{words}: said")


check.run()
