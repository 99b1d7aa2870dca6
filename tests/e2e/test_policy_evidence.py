#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""What Postfix's policy delegation leaves behind: traps, passes, what is watched and counted."""
import functools
import os
import subprocess

from lib import check, daemon, exposition, pages, postfix, rbldnsd, scene, server, smtp, stored
from lib.check import like, ok, same, sharing

LISTED, GOOD, SPAMMER = scene.RELAY, scene.GOOD, "192.0.2.11"
TRAPS = """seed.one@trap.example page pristine on the contact page, 2026
seed.two@trap.example list pristine in the archive, 2025
"""
LISTS = """
traps {{ files = {{ "{traps}" }} }}
list "bl" {{ zone = "bl.example" servers = {{ "{server}" }} name = "The bl list"
    removal = "https://bl.example/remove?ip=%{{ip}}"
    answer "127.0.0.2" {{ category = "open-relay" score = 5 }} }}
list "local" {{ mode = "enforce" }}
policy "default"      {{ lists = {{ "bl", "local" }} refuse = 5 }}
policy "pass.example" {{ lists = {{ "bl" }} refuse = 5 pass = yes }}
"""
ASKS = "check_policy_service { %s, timeout=10s, default_action=DUNNO }"
BOTH = ("smtpd_recipient_restrictions = reject_unauth_destination, " + ASKS
        + "\nsmtpd_end_of_data_restrictions = " + ASKS + "\n")


class Scene:
    """A list, traps, relayguard with a store and a page, and Postfix that asks it."""

    def __init__(self, more=BOTH):
        self.page = pages.Settings()
        self.control = self.page.control
        self.at = f"inet:127.0.0.1:{server.free_port()}"
        traps = server.write(os.path.join(server.new_dir("traps"), "traps"), TRAPS, 0o640)
        self.list = rbldnsd.Rbldnsd(scene.ZONES)
        self.guard = daemon.Relayguard(
            self.page.text + LISTS.format(server=self.list.address, traps=traps), policy=self.at)
        self.mta = postfix.Postfix(more=more.replace("%s", self.at), mailboxes=True,
                                   domains="plain.example pass.example trap.example")

    def send(self, client, *recipients):
        """A message: the codes of the replies to each RCPT, and to its end."""
        with smtp.Client(self.mta.port) as session:
            session.become(client)
            session.mail()
            return [session.rcpt(name).code for name in recipients] + [session.data().code]

    def hits(self, client):
        """The results of the traps that a client has hit, as they are logged."""
        return [daemon.fields(line)["result"]
                for line in self.guard.lines(rf"event=trap-hit client={client} ")]

    def ctl(self, *words):
        """What relayguardctl returns and prints."""
        return stored.Scene.ctl(self, *words)

    value = stored.Scene.value


usual = functools.cache(Scene)


@sharing
def traps():
    """Who writes to two of them is listed, once the messages are over."""
    here = usual()
    same(here.send(SPAMMER, "seed.one@trap.example"), [250, 250], "a trap is like any other")
    same(here.send(SPAMMER, "seed.two@trap.example", "ann@plain.example"), [250, 250, 250],
         "so is another one")
    # A message is over when smtpd(8) asks about the next one, or leaves.
    ok(check.wait_for(lambda: here.send(GOOD, "ann@plain.example") and
                      len(here.hits(SPAMMER)) == 2), "both are known")
    same(here.hits(SPAMMER), ["noted", "listed"], "and list")
    same(here.send(SPAMMER, "ann@plain.example")[0], 550, "who wrote to them is refused")
    ok("seed." not in "".join(here.guard.lines("event=|verdict=")), "the log has no address of one")
    like(here.ctl("explain", SPAMMER, "--to", "ann@plain.example")[1], "local",
         "explain says why")


@sharing
def passes():
    """One that was taken at the page lets ten messages through; an administrator's all."""
    here = usual()
    link = pages.refused(here.mta, LISTED, "bob@pass.example")
    ok(link, "the reply leads to the page")
    taken = pages.ask(here.page.socket, "page-pass", ref=link)[0]
    ok(taken and taken["granted"], "it takes a pass", taken)
    for number in range(10):
        same(here.send(LISTED, "bob@pass.example", "eve@pass.example"), [250, 250, 250],
             f"message {number + 1}")
    same(here.send(LISTED, "bob@pass.example")[0], 550, "after ten it is over")
    same(here.value("relayguard_passes_granted_total"), 1, "it is counted")
    code, _, errors = here.ctl("pass", LISTED, "--for", "1h")
    same((code, errors), (0, ""), "another one, of the administrator's")
    same(here.send(LISTED, "bob@plain.example"), [250, 250], "counts")
    same(here.guard.wait_decision(client=LISTED, to="bob@plain.example").get("reason"),
         "administrator", "and the log says so")
    same(here.ctl("pass", LISTED, "--end")[0], 0, "until he ends it")
    same(here.send(LISTED, "bob@plain.example")[0], 550, "then not")


@sharing
def watched():
    """relayguardctl tail shows the line of the log."""
    here = usual()
    path = os.path.join(server.new_dir("tail"), "tail")
    with open(path, "wb") as out, subprocess.Popen(
            [stored.RELAYGUARDCTL, "-s", here.control, "tail", "--verdict", "refuse"],
            stdout=out) as tail:
        def seen():
            here.send(LISTED, "cid@plain.example")
            with open(path, encoding="utf-8") as file:
                return file.read().splitlines()

        lines = check.wait_for(seen)
        tail.terminate()
    line = daemon.fields(lines[0])
    same(line, here.guard.wait_decision(ref=line["ref"]), "with the same words")


@sharing
def counted():
    """A session is a message; one that is the milter's is left to that, and counted so."""
    here = usual()
    names = ("relayguard_sessions_total", "relayguard_policy_sessions_total")

    def grown(act):
        before = [here.value(name) for name in names]
        act()
        return [here.value(name) - old for name, old in zip(names, before)]

    decided = functools.partial(here.value, "relayguard_policy_decisions_total",
                                policy="default", verdict="refuse")
    before = decided()
    same(grown(lambda: here.send(LISTED, "dan@plain.example")), [1, 1], "a message")
    same(decided() - before, 1, "its decision")
    same(grown(lambda: here.send(GOOD, "dan@plain.example", "dee@plain.example")), [1, 1],
         "one to two recipients")
    same(here.value("relayguard_policy_left_total"), 0, "none was the milter's")
    mta = postfix.Postfix(here.guard.postfix, more=BOTH.replace("%s", here.at),
                          domains="plain.example")
    with smtp.Client(mta.port) as session:
        session.become(LISTED, PORT="40000")
        session.mail()
        same(session.rcpt("eve@plain.example").code, 550, "the milter refuses")
        session.rcpt("eve@plain.example")
    ok(here.value("relayguard_policy_left_total") >= 1, "that is counted")


check.run()
