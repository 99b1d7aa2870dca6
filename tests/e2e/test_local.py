#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""The own list: who is on it and why, how one gets on it and off, over real sessions."""
import datetime
import glob
import os
import sqlite3

from lib import check, daemon, explained, exposition, postfix, server, smtp
from lib.check import case, like, ok, same

CLIENT, OTHER, SIX = "198.51.100.7", "198.51.100.8", "2001:db8:0:7::1"
OURS = "192.0.2.25"

CONFIG = """
control { socket = "FOLDER/control.sock"  status = "FOLDER/status.sock" }
store { path = "FOLDER/store" }
own { removal = "https://mx.example/removal?ip=%{ip}"  contact = "postmaster@mx.example"
      networks = { "192.0.2.25" } }
allow { networks = { "203.0.113.200" } }
MORE
policy "default" { lists = { "local" }  refuse = 5 }
"""
ENFORCED = 'list "local" { mode = "enforce" }'


def _until(days):
    day = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)
    return day.strftime("%Y-%m-%d")


class Scene:
    """relayguard with nothing but its own list, in a folder that outlives it."""

    def __init__(self, more="", made=True):
        self.folder = server.new_dir("local")
        self.more = more
        if made:
            os.mkdir(self.folder + "/store")
        self.guard = daemon.Relayguard(self.text())

    def text(self):
        """Its configuration."""
        return CONFIG.replace("FOLDER", self.folder).replace("MORE", self.more)

    def restart(self):
        """End it, and begin again."""
        same(self.guard.stop(), 0, "it ends")
        self.guard = daemon.Relayguard(self.text())

    def enforce(self):
        """Let the list refuse."""
        self.more = ENFORCED
        ok(self.guard.reload(self.text()), "the list is enforced")

    def ctl(self, *words, at="control"):
        """What relayguardctl returns and prints."""
        return explained.ask(f"{self.folder}/{at}.sock", *words)

    def data(self, *words):
        """The data of its answer."""
        return explained.data(self.folder + "/control.sock", *words)

    def nominate(self, client, by, *more):
        """An operator says something of a client; the exit code, and what is said."""
        code, _, said = self.ctl("nominate", client, "--reason", "it sent us spam", "--until",
                                 _until(3), "--by", by, *more)
        return code, said

    def decided(self, client):
        """What becomes of a client that writes to us."""
        return explained.decided(self.guard, client, "host.example", "a@sender.example",
                                 "bob@plain.example")

    def end(self):
        """The end."""
        self.guard.stop()


def _evidence(here):
    return server.write(here.folder + "/evidence", "Received: from host.example\n")


@case
def by_nomination():
    """Two operators list a client; it is refused with the truth, gets off, and comes in."""
    here = Scene()
    evidence = _evidence(here)
    with postfix.Postfix(here.guard.postfix) as mta:
        same(smtp.try_rcpt(mta.port, CLIENT, "bob@plain.example").code, 250, "nobody is listed")
        code, said = here.nominate(CLIENT, "joe")
        same((code, "noted" in said), (1, True), "without evidence it is noted")
        code, said = here.nominate(CLIENT, "joe", "--evidence", evidence)
        same((code, "second operator" in said), (1, True), "with evidence it waits for another")
        same(here.nominate(CLIENT, "joe", "--evidence", evidence)[0], 1, "who is not the same")
        same(here.nominate(CLIENT, "ann", "--evidence", evidence)[0], 0, "two list it")
        reply, line = here.guard.decided(lambda: smtp.try_rcpt(mta.port, CLIENT, "bob@plain.example"))
        same((reply.code, line.get("verdict"), line.get("shadowed")), (250, "pass", "local:127.0.0.7*5"),
             "in shadow it is let through, and the log says what would be")
        here.enforce()
        reply = smtp.try_rcpt(mta.port, CLIENT, "bob@plain.example")
        same(reply.code, 550, "then it is refused")
        like(reply.lines[0], r"5\.7\.1 \[198\.51\.100\.7\] was reported to this server, with "
             r"evidence, as a source of unwanted mail\. "
             r"https://mx\.example/removal\?ip=198\.51\.100\.7 Ref \w+$", "with the way off it")
        same(smtp.try_rcpt(mta.port, OTHER, "bob@plain.example").code, 250, "and nobody else")
        here.restart()
    with postfix.Postfix(here.guard.postfix) as mta:
        same(smtp.try_rcpt(mta.port, CLIENT, "bob@plain.example").code, 550, "after a restart, too")
        step = [step for step in here.data("explain", CLIENT, "--to", "bob@plain.example")
                if step["step"] == "list"][0]
        same([step[key] for key in ("label", "answer", "codes", "source", "score")],
             ["local", "listed", ["127.0.0.7"], "own", 5], "explain tells it")
        same(step["evidence"]["nominated"]["rule"], "operators", "with the rule")
        same(here.ctl("remove", CLIENT, "--by", "ann")[0], 0, "it is removed")
        same(smtp.try_rcpt(mta.port, CLIENT, "bob@plain.example").code, 250, "and comes in at once")
    here.restart()
    same(here.decided(CLIENT).verdict, "pass", "after a restart, too")
    here.end()


@case
def by_evidence():
    """Who looks for an open relay is listed for what it was seen to do, which can be told."""
    here = Scene(ENFORCED)
    with postfix.Postfix(here.guard.postfix) as mta:
        for form in ("u%third.example@plain.example", "third.example!u"):
            with smtp.Client(mta.port) as client:
                client.become(CLIENT, helo="WIN-7")
                client.mail("joe@sender.example")
                ok(client.rcpt(form).code >= 400, f"{form}: not relayed")
        reply = smtp.try_rcpt(mta.port, CLIENT, "bob@plain.example")
        same(reply.code, 550, "it is listed")
        like(reply.lines[0], "has tried whether this server relays mail for strangers",
             "and told what for")
        with smtp.Client(mta.port) as client:
            client.become(OTHER)
            client.mail()
            client.rcpt("u%third.example@plain.example")
        same(smtp.try_rcpt(mta.port, OTHER, "bob@plain.example").code, 250, "one form is no proof")
        same(here.nominate(OTHER, "joe", "--evidence", _evidence(here))[0], 0,
             "but one operator suffices then")
        same(smtp.try_rcpt(mta.port, OTHER, "bob@plain.example").code, 550, "it is listed")
    steps = here.data("local", CLIENT)
    same([(step["what"], step["helo"], step["sender"]) for step in steps if step["step"] == "hit"],
         [("bang", "WIN-7", "<joe@sender.example>"), ("percent", "WIN-7", "<joe@sender.example>")],
         "each hit: its form, HELO and sender")
    same([(step["reason"], step["times"]) for step in steps if step["step"] == "seen"],
         [("probe", 2)], "and how many there were")
    same(steps[0]["reasons"]["probe"]["rule"], "forms", "by which rule it is listed")
    same([step["by"] for step in steps if step["step"] == "audit"], ["relayguard"], "and by whom")
    same(here.data("local", OTHER)[0]["reasons"]["nominated"]["rule"], "operator+seen",
         "the other one by an operator, and by what was seen")
    here.restart()
    same(len([step for step in here.data("local", CLIENT) if step["step"] == "hit"]), 2,
         "a restart keeps all that")
    here.end()


@case
def open_session():
    """A removal counts at the next decision of a session that is open."""
    here = Scene(ENFORCED)
    evidence = _evidence(here)
    for by in ("joe", "ann"):
        here.nominate(CLIENT, by, "--evidence", evidence)
    with postfix.Postfix(here.guard.postfix) as mta, smtp.Client(mta.port) as client:
        client.become(CLIENT)
        client.mail()
        same(client.rcpt("bob@plain.example").code, 550, "refused")
        here.ctl("remove", CLIENT)
        same(client.rcpt("bob@plain.example").code, 250, "removed, and taken")
        for by in ("joe", "ann"):
            here.nominate(CLIENT, by, "--evidence", evidence)
        same(client.rcpt("ann@plain.example").code, 550, "and what is listed is refused")
    here.end()


@case
def removals():
    """At once and without a reason, but for the third in a week; all is in the audit."""
    here = Scene(ENFORCED)
    evidence = _evidence(here)
    same(here.ctl("remove", SIX)[0], 1, "who is not listed cannot be removed")
    codes, verdicts = [], []
    for _ in range(3):
        for by in ("joe", "ann"):
            here.nominate(SIX, by, "--evidence", evidence)
        codes.append(here.ctl("remove", "2001:db8:0:7::ffff")[0])
        verdicts.append(here.decided(SIX).verdict)
    same((codes, verdicts), ([0, 0, 75], ["pass", "pass", "refuse"]), "the third waits")
    line = here.data("local")[0]
    same((line["client"], line["listed"], "removed_at" in line),
         ("2001:db8:0:7::", True, True), "which can be seen")
    same(here.ctl("pass", SIX)[0], 0, "an administrator lets it in meanwhile")
    same(here.decided(SIX).verdict, "pass", "and it is")
    steps = here.data("local", SIX)
    same([step["deed"] for step in steps if step["step"] == "audit"][:4],
         ["held", "listed", "nominated", "nominated"], "the audit has it, the last first")
    asked = here.data("requests")
    same((len(asked), {step["deed"] for step in asked}), (9, {"nominated", "removed", "held"}),
         "what was asked for can be told")
    same(sorted({step["by"] for step in asked}), ["ann", "joe", "root"], "and by whom")
    ok(all(step["version"] and step["time"] for step in asked), "when, and by which version")
    here.end()


@case
def refused_words():
    """What is no nomination, and who is never listed."""
    here = Scene()
    evidence = _evidence(here)
    for client, why in (("127.0.0.2", "nobody on the Internet"), ("10.1.2.3", "nobody on"),
                        (OURS, "networks of own"), ("203.0.113.200", "in allow"), ("nobody", "must be an IPv4")):
        code, said = here.nominate(client, "joe", "--evidence", evidence)
        same((code, why in said), (64, True), f"{client}: {why}")
    for words in (("--until", _until(3)), ("--reason", "x"), ("--reason", "x", "--until", "soon"),
                  ("--reason", "x", "--until", _until(-1)), ("--reason", "x", "--until", "2199-01-01"),
                  ("--reason", "", "--until", _until(3)),
                  ("--reason", "x", "--until", _until(3), "--evidence", "/nonexistent"),
                  ("--reason", "x", "--until", _until(3), "--evidence", "ZZZZZZZZ")):
        same(here.ctl("nominate", CLIENT, *words)[0], 64, " ".join(words))
    same(here.ctl("requests")[0], 1, "nothing of it was written down")
    for words in (("local",), ("remove", CLIENT), ("nominate", CLIENT), ("requests",)):
        same(here.ctl(*words, at="status")[0], 77, f"{words[0]}: not for the other socket")
    same(here.ctl("local")[0], 1, "nobody is on the list")
    here.end()


@case
def exported():
    """A file whose last client came to its end is emptied; of a list that was lost it is not."""
    here = Scene()
    evidence, client = _evidence(here), "5.6.7.8"
    file = here.folder + "/exported"

    def export(*words):
        conf = server.write(here.folder + "/conf", here.text())
        code, said, why = here.ctl("export", "plain", "-o", file, "-w", "--conf", conf, "--lists",
                                   daemon.LISTS, *words)
        return code, said + why

    def listed():
        for by in ("joe", "ann"):
            here.nominate(client, by, "--evidence", evidence)
        same(export("--age", "0s")[0], 0, "a client is listed, and exported")

    listed()
    code, said = export()
    same((code, "1 more are listed for less than 3600 s" in said), (0, True),
         "what is too young is left out, which is said")
    same(export("--age", "0s")[0], 0, "and comes in")
    same(here.ctl("remove", client)[0], 0, "it is removed")
    same(export()[0], 0, "the file is emptied")
    listed()
    same(here.guard.stop(), 0, "it ends")
    for name in glob.glob(here.folder + "/store/local.db*"):
        os.unlink(name)
    here.guard = daemon.Relayguard(here.text())
    code, said = export()
    same((code, "nothing is known of how 5.6.7.8/32 came to its end" in said), (1, True),
         "the list was lost: the file stays")
    with open(file, encoding="ascii") as text:
        ok("5.6.7.8/32\n" in text.read(), "as it was")
    same(export("--force")[0], 0, "but by --force")
    here.end()


@case
def shown():
    """Verbs and metrics say that it is own evidence."""
    here = Scene()
    evidence = _evidence(here)
    for by in ("joe", "ann"):
        here.nominate(CLIENT, by, "--evidence", evidence)
    here.ctl("remove", OTHER)
    line = here.data("lists")[0]
    same((line["label"], line["state"], line["source"]), ("local", "good", "own evidence"), "lists")
    same(here.data("status")[0]["own_evidence"],
         {"enabled": True, "listed_clients": 1, "kept": True}, "status")
    line = here.data("lookup", CLIENT)[0]
    same((line["answer"], line["codes"], line["source"]), ("listed", ["127.0.0.7"], "own"), "lookup")
    same(here.ctl("lookup", OTHER, "--fresh")[0], 1, "another one is not listed")
    same(here.ctl("suspend", "local")[0], 0, "it can be suspended")
    here.ctl("resume", "local")
    text = here.data("metrics")
    text = "".join(piece["text"] for piece in text)
    for sample in ('relayguard_own_entries{reason="nominated"} 1',
                   'relayguard_own_listed_total{reason="nominated"} 1',
                   'relayguard_own_entries{reason="probe"} 0',
                   'relayguard_own_removals_total{result="done"} 0',
                   'relayguard_own_full_total 0', 'relayguard_own_store_up 1',
                   'relayguard_list_state{list="local",state="good"} 1'):
        ok(sample + "\n" in text, sample)
    ok('relayguard_list_last_test_timestamp_seconds{list="local"}' not in text, "it has no tests")
    ok(exposition.parse(text), "all of it is well formed")
    same(here.ctl("remove", CLIENT)[0], 0, "removed")
    text = "".join(piece["text"] for piece in here.data("metrics"))
    ok('relayguard_own_removals_total{result="done"} 1\n' in text, "and counted")
    here.end()


@case
def faults():
    """A damaged file, and none: mail flows, and one line says so."""
    here = Scene(ENFORCED)
    same(here.guard.stop(), 0, "it ends")
    server.write(here.folder + "/store/local.db", "no database " * 1000)
    here.guard = daemon.Relayguard(here.text())
    same(here.decided(CLIENT).verdict, "pass", "a damaged file: mail flows")
    same(len(here.guard.events("own-store-corrupt")), 1, "one line says so")
    ok(os.path.exists(here.folder + "/store/local.db.corrupt"), "it is set aside")
    evidence = _evidence(here)
    for by in ("joe", "ann"):
        here.nominate(CLIENT, by, "--evidence", evidence)
    with sqlite3.connect(here.folder + "/store/local.db") as db:
        same(db.execute("SELECT client, rule FROM reasons").fetchall(), [(CLIENT, "operators")],
             "sqlite3 reads the new one")
    same(here.decided(CLIENT).verdict, "refuse", "and all works")
    for name in glob.glob(here.folder + "/store/local.db*"):
        os.unlink(name)
    same(here.ctl("local", CLIENT)[0], 0, "the file is removed: it is still listed")
    same(len(here.guard.events("own-store-gone")), 1, "one line says so")
    with sqlite3.connect(here.folder + "/store/local.db") as db:
        same(db.execute("SELECT client, rule FROM reasons").fetchall(), [(CLIENT, "operators")],
             "and it stands in another one")
    here.end()
    here = Scene(ENFORCED, made=False)
    same(here.decided(CLIENT).verdict, "pass", "no folder: mail flows")
    same(len(check.wait_for(lambda: here.guard.events("own-store-failed"), 5)), 1,
         "one line says so")
    same(here.nominate(CLIENT, "joe", "--evidence", _evidence(here))[0], 75,
         "what cannot be kept is not said to be")
    here.end()


check.run()
