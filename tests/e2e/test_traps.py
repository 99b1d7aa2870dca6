#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Spam traps: who is listed for writing to them, and that nobody can tell which they are."""
import contextlib
import glob
import math
import os
import random
import statistics
import subprocess
import time

from lib import check, daemon, faketime, nameserver, postfix, scene, server, smtp, stored
from lib.check import case, ok, same

EACH = 1000  # traps, and recipients that are none
SPAMMER, OTHER, FORWARDER, REGULAR = (
    "192.0.2.11", "192.0.2.12", "192.0.2.13", "192.0.2.14")
ENFORCED = """allow {{ networks = {{ "203.0.113.200" }} }}
list "local" {{ mode = "enforce" }}
policy "default" {{ lists = {{ {lists}, "local" }} refuse = 5 }}
"""
SECRETS = ("seed.", "sown.example")  # what no output may hold
TRAPS = """seed.one@strict.example page pristine on the contact page, 2026
seed.two@strict.example list pristine in the archive, 2025
seed.three+*@strict.example list2 pristine in the archive, 2025
seed.gone@strict.example gone pristine never was a mailbox
seed.lost@strict.example lost pristine never was a mailbox
sown.example msgid pristine in message-ids
seed.bob@strict.example bob recycled left in 2023
seed.eve@strict.example eve recycled left in 2023
"""


def mailbox(kind, number):
    """Traps and others look alike: both kinds have every length and letter."""
    return f"{'seed' if kind else 'user'}{number:04d}@strict.example"


def read(path):
    """A file's text."""
    with open(path, encoding="utf-8") as file:
        return file.read()


class Scene(contextlib.ExitStack):
    """Postfix with real mailboxes and traps, some of which are none, and relayguard."""

    def __init__(self, traps=TRAPS, boxes=(), policies=ENFORCED, clock=None):
        super().__init__()
        self.control = os.path.join(server.new_dir("control"), "c")
        self.folder = server.new_dir("store")
        os.chmod(self.folder, 0o777)
        file = server.write(os.path.join(server.new_dir("traps"), "traps"), traps)
        os.chmod(file, 0o640)
        self.dns = self.enter_context(
            nameserver.NameServer(nameserver.zone("bl.example", [scene.RELAY])))
        self.guard = self.enter_context(daemon.Relayguard(
            f'control {{ socket = "{self.control}" }}\nstore {{ path = "{self.folder}" }}\n'
            f'traps {{ files = {{ "{file}" }} }}\n'
            + ("sandbox = false\n" if clock else "")  # it is kept from the clock's file
            + daemon.config(self.dns.address, policies=policies),
            prefix=clock.prefix if clock else ()))
        known = server.write(os.path.join(server.new_dir("boxes"), "boxes"),
                             "".join(f"{box} x\n" for box in boxes))
        self.mta = self.enter_context(postfix.Postfix(
            self.guard.postfix, domains="strict.example sown.example",
            more=f"relay_recipient_maps = {'texthash:' + known if boxes else ''}\n"
                 "smtpd_soft_error_limit = 100000\nsmtpd_hard_error_limit = 100000\n"))

    def write(self, address, *recipients, sender="offer@spam.example", data=True,
              **attributes):
        """One message of a client's; the replies to its recipients."""
        with smtp.Client(self.mta.port) as client:
            client.become(address, **attributes)
            client.mail(sender)
            replies = [client.rcpt(recipient) for recipient in recipients]
            if data and any(reply.code == 250 for reply in replies):
                client.data()
            client.quit()
        return replies

    def hits(self, address):
        """The results of what a client has hit, as they are logged."""
        return [daemon.fields(line)["result"]
                for line in self.guard.lines(rf"event=trap-hit client={address} ")]

    def wait_hits(self, address, count):
        """The same, once there are so many."""
        check.wait_for(lambda: len(self.hits(address)) >= count)
        return self.hits(address)

    def is_listed(self, address):
        """Whether it is refused at an ordinary recipient, for what it wrote to traps."""
        reply, = self.write(address, "user@strict.example", data=False)
        return reply.code == 550

    def watch(self, act, text):
        """What relayguardctl tail prints while act() is done until it has a text: it does not
        say when it begins."""
        path = os.path.join(server.new_dir("tail"), "tail")
        with open(path, "w", encoding="utf-8") as out, subprocess.Popen(
                [stored.RELAYGUARDCTL, "-s", self.control, "tail"], stdout=out) as tail:
            check.wait_for(lambda: act() and text in read(path), 10)
            tail.terminate()
        return read(path)

    def ctl(self, *words):
        """What relayguardctl prints."""
        return stored.Scene.ctl(self, *words)


def unlike_any(text, label):
    """That a text holds no address of a trap."""
    found = [line for line in text.splitlines() if any(word in line.lower()
                                                       for word in SECRETS)]
    ok(not found, label, "\n".join(found[:5]))


def smirnov(one, other):
    """How likely two samples of one distribution differ by as much as these (Kolmogorov and
    Smirnov, by the limit of their statistic), and the statistic."""
    points = sorted([(value, 0) for value in one] + [(value, 1) for value in other])
    seen, most = [0, 0], 0.0
    for place, (value, which) in enumerate(points):
        seen[which] += 1
        if place + 1 == len(points) or points[place + 1][0] != value:
            most = max(most, abs(seen[0] / len(one) - seen[1] / len(other)))
    root = math.sqrt(len(one) * len(other) / (len(one) + len(other)))
    value = (root + 0.12 + 0.11 / root) * most
    terms = (2 * (-1) ** (k - 1) * math.exp(-2 * (k * value) ** 2) for k in range(1, 101))
    return (min(1.0, max(0.0, sum(terms))) if value > 0.2 else 1.0), most


def measure(port, address, recipients):
    """Write to recipients, (is it a trap, address), in a random order: the seconds that each
    kind took, and the replies that each kind got."""
    times, texts = ([], []), (set(), set())
    random.shuffle(recipients)
    with smtp.Client(port) as client:
        client.become(address)
        for number, (trap, recipient) in enumerate(recipients):
            if number % 100 == 0:
                client.command("RSET")
                client.mail()
            begin = time.perf_counter()
            reply = client.rcpt(recipient)
            times[trap].append(time.perf_counter() - begin)
            shown = reply.text.replace(recipient, "RECIPIENT")
            texts[trap].add(shown.replace(reply.ref, "REF") if reply.ref else shown)
        client.quit()
    return times, texts


def compare(port, addresses, recipients, label):
    """No reply and no time tells which recipients are traps; the one kind of replies.  What
    is seen once in a thousand runs by chance is looked at again, with the other address."""
    likely = 0.0
    for address in addresses:
        if likely >= 0.001:
            break
        times, texts = measure(port, address, recipients)
        same(texts[0], texts[1], f"{label}: the replies are the same")
        same(len(texts[1]), 1, f"{label}: and there is one kind of them")
        likely, most = smirnov(*times)
        check.note(f"{label}: medians {statistics.median(times[0]) * 1e6:.0f} and "
                   f"{statistics.median(times[1]) * 1e6:.0f} us, D={most:.4f} p={likely:.4f}")
    ok(likely >= 0.001, f"{label}: and so are their times", f"D={most} p={likely}")
    return texts[1]


@case
def distributions():
    """The comparison itself finds a difference of a tenth of the spread, and none where there
    is none."""
    draw = random.Random(1)
    one, two, late = ([draw.gauss(400, 100) + more for _ in range(EACH)]
                      for more in (0, 0, 30))
    ok(smirnov(one, two)[0] >= 0.001, "two samples of one distribution")
    ok(smirnov(one, late)[0] < 0.001, "two of which one is a little late")
    same(smirnov(one, one)[0], 1.0, "the same sample")


@case
def nobody_can_tell():
    """A thousand traps and a thousand others, in a random order: mailboxes, those that are
    none, and for a client that is refused."""
    numbers = range(EACH)
    traps = "".join(f"{mailbox(1, number)} t{number} pristine sown in 2026\n"
                    for number in numbers)
    with Scene(traps) as s:
        texts = compare(s.mta.port, (SPAMMER, OTHER), [
            (kind, mailbox(kind, number)) for kind in (0, 1) for number in numbers], "taken")
        ok(all(text.startswith("250") for text in texts), "they are all taken")
        same(set(s.wait_hits(SPAMMER, 8)), {"noted", "listed"}, "and the client is listed")
        texts = compare(s.mta.port, (SPAMMER, SPAMMER), [
            (kind, mailbox(kind, number)) for kind in (0, 1) for number in numbers], "refused by us")
        ok(all(text.startswith("550") for text in texts), "by which it is refused")
    with Scene(traps, boxes=["user@strict.example"]) as s:
        texts = compare(s.mta.port, (SPAMMER, SPAMMER), [
            (kind, mailbox(kind, number)) for kind in (0, 1) for number in numbers], "no mailboxes")
        ok(all(text.startswith("550 5.1.1") for text in texts), "the MTA refuses them")
        ok("listed" in s.wait_hits(SPAMMER, 8), "they count all the same")


@case
def who_is_listed():
    """Two traps list a client, once its session is over; one hit never does."""
    with Scene() as s:
        same([reply.code for reply in s.write(SPAMMER, "seed.one@strict.example")], [250],
             "a trap takes mail")
        same(s.wait_hits(SPAMMER, 1), ["noted"], "one hit is noted")
        ok(not s.is_listed(SPAMMER), "and lists nobody")
        same([reply.code for reply in s.write(
            SPAMMER, "SEED.One@Strict.Example", "user@strict.example")], [250, 250],
             "nor does the same one again")
        replies = s.write(OTHER, "user@strict.example", "seed.one@strict.example",
                          "seed.two@strict.example", "user2@strict.example")
        same([reply.code for reply in replies], [250] * 4, "two traps in one session")
        same(s.wait_hits(OTHER, 2), ["noted", "listed"], "count when it is over")
        ok(s.is_listed(OTHER), "the client is refused then")
        s.write(OTHER, "seed.one@strict.example")
        same(len(s.wait_hits(OTHER, 3)), 3, "what is refused is a hit, too")
        ok(not s.is_listed(SPAMMER), "and the other client is not")
        same(s.ctl("remove", OTHER)[0], 0, "it is taken off the list")
        s.write(OTHER, "seed.two@strict.example")
        same(s.wait_hits(OTHER, 4)[3:], ["noted"], "what it has hit before is over")
        ok(not s.is_listed(OTHER), "so that it is not listed again by one")
        for number, recipient in enumerate(("seed.three+news@strict.example",
                                            "anybody@sown.example"), 1):
            s.write("192.0.2.21", recipient)
            same(len(s.wait_hits("192.0.2.21", number)), number, "with a plus, and a domain")
        ok(s.is_listed("192.0.2.21"), "are traps")
        s.write("192.0.2.22", "postmaster@sown.example", "seed.one+x@strict.example")
        s.write("192.0.2.23", "seed.bob@strict.example", "seed.eve@strict.example")
        same(s.wait_hits("192.0.2.23", 2), ["noted", "scored"], "recycled ones")
        ok(not s.is_listed("192.0.2.23"), "are a score and no more")
        s.write("192.0.2.24", "seed.one@strict.example", "seed.two@strict.example", sender="")
        same(s.wait_hits("192.0.2.24", 2), ["noted", "backscatter"], "bounces")
        ok(not s.is_listed("192.0.2.24"), "are backscatter")
        same(s.hits("192.0.2.22"), [], "postmaster of a trap is none, nor what has a plus")


@case
def no_mailboxes():
    """Traps that the MTA refuses count, whatever it says of them."""
    with Scene(boxes=["user@strict.example"]) as s:
        replies = s.write(SPAMMER, "seed.gone@strict.example", "seed.lost@strict.example")
        same([reply.code for reply in replies], [550, 550], "they are no mailboxes")
        same(s.wait_hits(SPAMMER, 2), ["noted", "listed"], "and list")
        ok(s.is_listed(SPAMMER), "who writes to them")


@case
def who_is_never_listed():
    """Forwarders, those that are known good, those that are allowed, and a provider's hosts."""
    traps = ("seed.one@strict.example", "seed.two@strict.example", "anybody@sown.example")
    clock = faketime.Clock() if faketime.LIBRARY else None
    with Scene(clock=clock) as s:
        s.write(FORWARDER, *traps, sender="SRS0=x=Y=far.example=a@fwd.example")
        same(s.wait_hits(FORWARDER, 3), ["forwarded"] * 3, "a forwarder's are known for that")
        ok(not s.is_listed(FORWARDER), "and list nobody")
        s.write(scene.ALLOWED, *traps)
        ok(not s.is_listed(scene.ALLOWED), "who is allowed is not listed")
        if clock is None:
            check.skip("known good", "no libfaketime")
            return
        for day in range(3):
            clock.set(f"+{day}d")
            s.write(REGULAR, "user@strict.example")
        s.write(REGULAR, *traps)
        same(s.wait_hits(REGULAR, 3), ["good"] * 3, "those of a good client are known")
        ok(not s.is_listed(REGULAR), "and it is not listed")
        for day in range(3):
            clock.set(f"+{10 + day}d")
            s.write(OTHER, "seed.one@strict.example")
        same(s.wait_hits(OTHER, 3), ["noted", "noted", "listed"],
             "mail to a trap makes nobody good")


@case
def nothing_tells_an_address():
    """No output has the address of a trap: the ids are there."""
    with Scene() as s:
        s.write(SPAMMER, "seed.one@strict.example", "SEED.two@strict.example",
                "anybody@sown.example", "user@strict.example",
                sender="seed.one@strict.example", helo="sown.example")
        s.wait_hits(SPAMMER, 3)
        reply = s.write(SPAMMER, "seed.two@strict.example", data=False)[0]
        same(reply.code, 550, "it is refused at a trap")
        s.wait_hits(SPAMMER, 4)
        line = s.guard.wait_decision(ref=reply.ref)
        same(line.get("to"), "trap:list@strict.example", "the line has the trap's id")
        check.wait_for(lambda: s.ctl("explain", reply.ref)[0] == 0)
        code, explained, errors = s.ctl("explain", reply.ref)
        same(code, 0, "it can be explained")
        ok("trap:list@strict.example" in explained, "by the id", explained)
        unlike_any(explained + errors, "explain tells no address")
        hit = daemon.fields(s.guard.wait_lines("event=trap-hit")[0])
        same((hit["trap"], hit["seeded"], hit["from"], hit["helo"]),
             ("page", "on the contact page, 2026", "trap:page@strict.example", "trap:msgid"),
             "a hit tells where the address is from")
        unlike_any(s.guard.output(), "the log tells no address")
        evidence = s.ctl("local", SPAMMER)[1]
        ok(all(word in evidence for word in ("page", "list", "msgid", reply.ref)),
           "local: the evidence has the ids, and the reference", evidence)
        for words in (["status"], ["metrics"], ["lookup", SPAMMER], ["explain", SPAMMER],
                      ["local"], ["local", SPAMMER], ["requests"]):
            code, said, errors = s.ctl(*words)
            unlike_any(said + errors, f"{' '.join(words)} tells no address")
            ok(said or words == ["requests"], "and says something", code)
        watched = s.watch(lambda: s.write(SPAMMER, "seed.two@strict.example", data=False),
                          "trap:list@strict.example")
        ok("trap:list@strict.example" in watched, "tail has the trap's id", watched)
        unlike_any(watched, "tail tells no address")
        s.guard.stop()
        files = glob.glob(os.path.join(s.folder, "**"), recursive=True)
        held = b"".join(open(path, "rb").read() for path in files if os.path.isfile(path))
        ok(held, "there is a store")
        ok(not any(word.encode() in held.lower() for word in SECRETS),
           "which tells no address")


check.run()
