#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Lists as data: a real Postfix refuses by what stands in files here, and DNS is asked only
where they are missing or too old."""
import contextlib
import json
import os
import subprocess
import time

from lib import check, daemon, explained, milter, postfix, server, smtp
from lib.check import case, like, ok, same, sharing
from lib.nameserver import NameServer, zone

DROPPED, BOTH, IN_DNS, GOOD = "198.51.100.7", "198.51.100.8", "198.51.100.9", "203.0.113.5"
AGREED, DARK, CODED, INFRA = "198.51.100.10", "198.51.100.11", "198.51.100.12", "192.0.2.77"
STRANGE = "198.51.100.13"
OLD = 7200
HISTORY, SUSPICIOUS = 320, 45  # networks, as health/tripwire.h has them, and some more
NOTICED = 25  # seconds in which a file that is another one is noticed, on a busy machine

CONFIG = """
deadline = "2s"
control {{ socket = "{socket}" }}
store {{ path = "{store}" }}
dns {{ servers = {{ "{at}" }} }}
list "drop" {{ data = {{ "{folder}/drop" }} max_age = "0s"
    name = "The drop list" removal = "https://drop.example/?ip=%{{ip}}"
    answer "127.0.0.2" {{ category = "hijacked" score = 5 }} }}
list "both" {{ zone = "both.example" data = {{ "ip4trie:{folder}/both,{folder}/more" }}
    max_age = "1h"
    answer "127.0.0.2" {{ category = "spam-source" score = 5 }}
    answer "127.0.0.4" {{ category = "exploited" score = 2 }} }}
list "third" {{ zone = "third.example"
    answer "127.0.0.2" {{ category = "spam-source" score = 3 }} }}
list "dark" {{ data = {{ "ip4set:{folder}/dark" }} mode = "shadow"
    answer "127.0.0.2" {{ category = "spam-source" score = 9 }} }}
list "names" {{ kind = "domain" asks = {{ "helo", "sender" }} data = {{ "dnset:{folder}/names" }}
    answer "127.0.0.2" {{ category = "spam-source" score = 5 }} }}
policy "default" {{ lists = {{ "drop", "both", "dark", "names" }} refuse = 5 }}
policy "mild.example" {{ lists = {{ "drop", "both", "third", "names" }} refuse = 5 agree = 2 }}
"""

NEEDED = """
deadline = "2s"
ask = "needed"
ask_sample = 0
dns {{ servers = {{ "{at}" }} }}
list "drop" {{ data = {{ "{folder}/drop" }} max_age = "0s"
    answer "127.0.0.2" {{ category = "hijacked" score = 5 }} }}
list "third" {{ zone = "third.example"
    answer "127.0.0.2" {{ category = "spam-source" score = 5 }} }}
policy "default" {{ lists = {{ "drop", "third" }} refuse = 5 }}
"""

# Networks as plain text, and of rbldnsd, each with its test entry.
FILES = {
    "drop": f"; hijacked\n192.0.2.0/24 ; SBL1\n{DROPPED}/32 ; SBL2\n{AGREED}/32 ; SBL3\n"
            "44.44.0.0/16 ; SBL4\n",
    "both": f"127.0.0.2\n{BOTH} :127.0.0.2:spam\n{CODED} :4\n",
    "more": f"{AGREED} :4\n{STRANGE} :9\n",
    "dark": f"127.0.0.2\n{DARK}\n",
    "names": "test\nbad.example\n.worse.example\n",
}

ZONES = {**zone("both.example", [IN_DNS]), **zone("third.example", [CODED])}


class Place:
    """A folder with the files of lists."""

    def __init__(self):
        self.folder = server.new_dir("data")
        os.chmod(self.folder, 0o755)
        for name, text in FILES.items():
            self.replace(name, text)

    def path(self, name):
        """A file."""
        return os.path.join(self.folder, name)

    def replace(self, name, text, age=60):
        """Another file takes its place, written some seconds ago."""
        new = server.write(self.path(name) + ".new", text)
        os.utime(new, (time.time() - age, time.time() - age))
        os.rename(new, self.path(name))


@contextlib.contextmanager
def scene():
    """Files, a name server, relayguard, and Postfix."""
    place = Place()
    with NameServer(ZONES) as dns:
        text = CONFIG.format(
            socket=os.path.join(server.new_dir("control"), "control"),
            store=server.new_dir("store"), at=dns.address, folder=place.folder)
        with daemon.Relayguard(text) as guard, postfix.Postfix(guard.postfix) as mta:
            guard.store = text.split('path = "')[1].split('"')[0]
            guard.socket = text.split('socket = "')[1].split('"')[0]
            check.wait_for(lambda: len(guard.events("data-taken")) == 4, NOTICED)
            check.wait_for(lambda: all(one["state"] == "good"
                                       for one in explained.data(guard.socket, "lists")), NOTICED)
            yield place, dns, guard, mta


def ask(guard, mta, client, recipient="bob@strict.example", helo="client.example",
        sender="a@sender.example"):
    """One session up to RCPT: its code, and the line of its decision."""
    reply, line = guard.decided(lambda: smtp.try_rcpt(mta.port, client, recipient, sender,
                                                      helo=helo))
    return reply, line


_SHARED = contextlib.ExitStack()
_PARTS = []


def shared():
    """The scene of all cases."""
    if not _PARTS:
        _PARTS.extend(_SHARED.enter_context(scene()))
    return _PARTS


@sharing
def refused_by_a_file():
    """Who is in a file is refused, and nobody is asked."""
    _place, dns, guard, mta = shared()
    for client in (DROPPED, INFRA):
        reply, line = ask(guard, mta, client)
        same(reply.code, 550, f"{client}: refused")
        like(reply.text, rf"Mail from \[{client}\] is refused: .*says The drop list\. "
                         rf"https://drop\.example/\?ip={client}", f"{client}: says who and why")
        same([line.get(key) for key in ("verdict", "data", "cache")], ["refuse", "drop", None],
             f"{client}: the log has what it was by")
    same(ask(guard, mta, GOOD)[0].code, 250, "who is in no file passes")
    same(dns.clients("both.example"), set(), "and no question was asked about any of them")


@sharing
def data_before_dns():
    """With data and a zone, the data counts, and DNS is not asked."""
    _place, dns, guard, mta = shared()
    reply, line = ask(guard, mta, BOTH)
    same((reply.code, line.get("data")), (550, "both"), "refused by the file")
    same(ask(guard, mta, IN_DNS)[0].code, 250, "who is in DNS alone is not on the list")
    same(ask(guard, mta, CODED)[0].code, 250, "a code counts by its row of the table")
    same(dns.clients("both.example"), set(), "DNS was not asked about clients")


@sharing
def names():
    """Names are looked for in their roles."""
    _place, _dns, guard, mta = shared()
    same(ask(guard, mta, GOOD, helo="bad.example")[0].code, 550, "by HELO")
    same(ask(guard, mta, GOOD, sender="a@x.worse.example")[0].code, 550, "by the sender")
    same(ask(guard, mta, GOOD, sender="a@x.bad.example")[0].code, 250,
         "what is below a name that is listed alone is not")


@sharing
def shadow():
    """A list in shadow says so, and refuses nobody."""
    _place, _dns, guard, mta = shared()
    reply, line = ask(guard, mta, DARK)
    same(reply.code, 250, "it passes")
    like(line.get("shadowed", ""), "dark", "and the log says who would have listed it")
    same(line.get("data"), "dark", "by data")


@sharing
def agreement():
    """Lists of both kinds agree."""
    _place, _dns, guard, mta = shared()
    same(ask(guard, mta, DROPPED, "bob@mild.example")[0].code, 250, "one alone is not enough")
    same(ask(guard, mta, AGREED, "bob@mild.example")[0].code, 550, "two of data agree")
    reply, line = ask(guard, mta, CODED, "bob@mild.example")
    same(reply.code, 550, "one of data and one in DNS agree")
    same(line.get("data"), "both", "of which one is data")


@sharing
def codes_without_a_row():
    """A code that the table lacks is no listing, and is logged."""
    _place, _dns, guard, mta = shared()
    reply, line = ask(guard, mta, STRANGE)
    same((reply.code, line.get("unknown")), (250, "both"), "nobody knows what it says")
    ok(guard.wait_lines(r"event=list-error list=both error=undeclared answer=127\.0\.0\.9"),
       "the log names the code")


@sharing
def said_where():
    """explain and lookup name the line of the file."""
    place, _dns, guard, _mta = shared()
    steps = {step.get("label"): step for step in explained.steps_of(
        guard.socket, DROPPED, "x.worse.example", "a@sender.example", "bob@strict.example")
        if step["step"] == "list" and step["answer"] == "listed"}
    same([(step["source"], step.get("entries_at")) for step in steps.values()],
         [("data", [place.path("drop") + ":3"]), ("data", [place.path("names") + ":3"])],
         "explain has the source, the file and the line")
    found = {line["label"]: line for line in explained.data(guard.socket, "lookup", AGREED)}
    same([found["drop"].get("entries_at"), found["both"].get("entries_at")],
         [[place.path("drop") + ":4"], [place.path("more") + ":1"]], "and so has lookup")
    one = explained.data(guard.socket, "lists", "both")[0]["data"]
    same([one[key] for key in ("in_use", "entries", "taken", "not_taken", "last", "state")],
         [True, 5, 1, 0, "taken", "good"], "lists says how the data is")
    same(explained.data(guard.socket, "status")[0]["lists"]["data"],
         {"lists": 4, "in_use": 4, "believed": 4}, "status counts what is in use")
    text = explained.ask(guard.socket, "metrics")[1]
    for line in ('relayguard_list_data_entries{list="drop"} 4',
                 'relayguard_list_data_in_use{list="both"} 1',
                 'relayguard_list_data_loads_total{list="dark",result="taken"} 1'):
        ok(line in text.splitlines(), f"a metric: {line}")


@sharing
def suspended():
    """A list that an administrator has suspended counts for nothing, data or not."""
    _place, _dns, guard, mta = shared()
    same(explained.ask(guard.socket, "suspend", "drop", "--for", "10m")[0], 0, "suspended")
    reply, line = ask(guard, mta, DROPPED)
    same((reply.code, line.get("suspended")), (250, "drop"), "it refuses nobody")
    same(explained.ask(guard.socket, "resume", "drop")[0], 0, "resumed")
    same(ask(guard, mta, DROPPED)[0].code, 550, "it does again")


def replay(guard, new):
    """What test-config says of a configuration: how many decisions would be others, by list."""
    path = server.write(os.path.join(server.new_dir("conf"), "conf"), new)
    done = subprocess.run(
        [explained.RELAYGUARDCTL, "-j", "test-config", path, "--store", guard.store, "--conf",
         guard.file, "--lists", daemon.LISTS], check=False, timeout=60, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    lines = [json.loads(line).get("data", {}) for line in done.stdout.splitlines()]
    return {line["label"]: line["decisions"] for line in lines if line.get("kind") == "list"}


@sharing
def replayed():
    """What a file has said is what another configuration is tried with."""
    _place, _dns, guard, mta = shared()
    ask(guard, mta, DROPPED)
    same(replay(guard, guard.text), {}, "the same configuration, the same decisions")
    milder = guard.text.replace('"hijacked" score = 5', '"hijacked" score = 1')
    ok(check.wait_for(lambda: replay(guard, milder).get("drop"), NOTICED),
       "a lower score of the list would let through whom it refused")


@sharing
def files_change():
    """A listing ends as the file says so; what lists the world is not taken; what is too old is
    not used, and DNS is asked."""
    place, dns, guard, mta = shared()
    place.replace("drop", FILES["drop"].replace(DROPPED, "198.51.100.99"))
    place.replace("both", "127.0.0.2\n0.0.0.0/1\n128.0.0.0/1\n", 30)
    place.replace("dark", FILES["dark"] + "127.0.0.1\n", 30)
    ok(check.wait_for(lambda: ask(guard, mta, DROPPED)[0].code == 250, NOTICED),
       "who is not in the file any more passes")
    same(ask(guard, mta, "198.51.100.99")[0].code, 550, "who is in it now is refused")
    ok(guard.wait_lines("event=data-refused list=both .*why=lists-everything", 1, NOTICED),
       "a file that lists the world is not taken")
    ok(guard.wait_lines("event=data-refused list=dark .*why=clear-entry-listed", 1, NOTICED),
       "nor is one that holds 127.0.0.1")
    same(ask(guard, mta, GOOD)[0].code, 250, "it refuses nobody")
    same(ask(guard, mta, BOTH)[0].code, 550, "the one from before still counts")
    place.replace("both", FILES["both"], OLD)
    os.utime(place.path("more"), (time.time() - OLD, time.time() - OLD))
    ok(check.wait_for(lambda: ask(guard, mta, IN_DNS)[0].code == 550, NOTICED),
       "files that are too old: DNS is asked")
    same(ask(guard, mta, BOTH)[0].code, 250, "and counts alone")
    ok(dns.clients("both.example"), "it was asked")
    place.replace("both", FILES["both"], 30)
    ok(check.wait_for(lambda: ask(guard, mta, BOTH)[0].code == 550, NOTICED),
       "files of today count again")


@sharing
def while_a_session_lasts():
    """What is said at RCPT is what the files say then: another version, or that they are too
    old, and DNS is asked."""
    place, _dns, guard, _mta = shared()

    def rcpt_after(client, change, done):
        with milter.Client(guard.where) as session:
            session.negotiate()
            session.connect(client)
            session.helo()
            session.mail()
            change()
            ok(check.wait_for(done, NOTICED), f"{client}: files change meanwhile")
            word = milter.word(session.rcpt())
            session.quit()
            return word

    def data(label):
        return explained.data(guard.socket, "lists", label)[0]["data"]

    taken = data("drop")["taken"]
    same(rcpt_after("198.51.100.98", lambda: place.replace(
        "drop", FILES["drop"] + "198.51.100.98\n", 20), lambda: data("drop")["taken"] > taken),
         "refuse", "who has come to be listed")
    same(rcpt_after(IN_DNS, lambda: place.replace("both", FILES["both"], OLD),
                    lambda: not data("both")["in_use"]), "refuse", "who is listed in DNS")


@case
def nearly_everybody():
    """A file that lists nearly all who come, unlike before, refuses nobody for good."""
    _place, _dns, guard, _mta = shared()
    for number in range(HISTORY):
        milter.verdict(guard.where, f"45.{number // 250}.{number % 250}.7")
    for number in range(SUSPICIOUS):
        milter.verdict(guard.where, f"44.44.{number}.7")
    ok(guard.wait_lines("event=list-doubted list=drop source=data reason=lists-nearly-everybody"),
       "the list is in doubt")
    same(milter.verdict(guard.where, "44.44.200.7"), "defer", "what it lists is put off")
    one = explained.data(guard.socket, "lists", "drop")[0]
    same((one["state"], one["data"]["state"]), ("doubted", "doubted"), "lists says so")
    same((explained.ask(guard.socket, "status")[0],
          explained.data(guard.socket, "status")[0]["lists"]["data"]["believed"]), (1, 3),
         "status counts it")
    ok('relayguard_list_data_believed{list="drop"} 0'
       in explained.ask(guard.socket, "metrics")[1].splitlines(), "and so does a metric")


@case
def asked_as_needed():
    """Where lists are asked as it is needed, what files say is known before anybody is asked."""
    place = Place()
    with NameServer(ZONES) as dns, daemon.Relayguard(NEEDED.format(
            at=dns.address, folder=place.folder)) as guard:
        ok(check.wait_for(lambda: milter.verdict(guard.where, CODED) == "refuse"),
           "who is in DNS is refused, once the list is tested")
        same([milter.verdict(guard.where, client) for client in (DROPPED, GOOD)],
             ["refuse", "pass"], "and so is who is in a file")
        same({name.split(".third")[0] for name in dns.clients("third.example")},
             {".".join(reversed(client.split("."))) for client in (GOOD, CODED)},
             "who is in a file is not asked about, others are")


check.run()
