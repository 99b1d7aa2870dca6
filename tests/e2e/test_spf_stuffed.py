#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Many strangers whose DNS is silent, and names with very many addresses."""
import threading
import time

from lib import check, daemon, milter, records
from lib.check import case, ok, same

POLICIES = {"good.com": b"v=spf1 +all", "many.com": b"v=spf1 a:out.many.com -all",
            "net.com": b"v=spf1 a:out.many.com/24 -all", "no.com": b"v=spf1 -all"}
PROCESSES = 128  # by default
MANY = [bytes([203, 0, 113, n % 250]) for n in range(1, 900)] + [bytes([198, 51, 100, 40])]


def find(name, kind):
    """The records of a name; None: silence."""
    if "silent" in name:
        return None
    if kind == records.TXT and name in POLICIES:
        return [records.text(POLICIES[name])]
    return MANY if kind == records.A and name == "out.many.com" else []


def began():
    """relayguard, which refuses for all that SPF may say."""
    return daemon.Relayguard(f'''
deadline = "6s"
dns {{ servers = {{ "{records.Records(find).address}" }} }}
policy "default" {{ spf_fail = "refuse" spf_temperror = "refuse" }}
''')


def send(guard, client, sender):
    """What becomes of a sender."""
    with milter.Client(guard.where) as session:
        session.negotiate()
        session.connect(client)
        session.helo(b"h.example")
        session.mail(f"<{sender}>".encode())
        return milter.word(session.rcpt())


@case
def crowd():
    """Nine hundred addresses of a name: the last one is known like the others."""
    guard = began()
    same(send(guard, "198.51.100.40", "a@many.com"), "pass", "the last of them")
    same(send(guard, "203.0.113.3", "b@many.com"), "pass", "one of the first")
    same(send(guard, "198.51.100.41", "a@net.com"), "pass", "its neighbour, by the network")
    same(send(guard, "198.51.100.41", "a@many.com"), "refuse", "which is none of them")
    same(send(guard, "198.51.101.40", "a@net.com"), "refuse", "nor is the next network")


def _strangers(guard, pairs):
    threads = [threading.Thread(target=send, args=(guard, client, sender), daemon=True)
               for client, sender in pairs]
    for thread in threads:
        thread.start()
        time.sleep(0.003)
    time.sleep(0.1)
    return threads


@case
def stuffed():
    """However many strangers there are, and whose they are: another check is done."""
    kinds = (
        # strangers, and who comes after them: its client, its sender, what becomes of it
        ("one domain", [(f"203.0.113.{n}", f"a@x{n}.silent.com") for n in range(1, 100)],
         "198.51.100.9", "b@good.com", "pass"),
        ("one client", [("203.0.113.1", f"a@silent{n}.com") for n in range(1, 100)],
         "198.51.100.9", "b@good.com", "pass"),
        ("many of both", [(f"203.0.113.{n}", f"a@silent{n}.com") for n in range(1, 200)],
         "198.51.100.9", "b@good.com", "pass"),
        ("the same client", [("203.0.113.1", f"a@silent{n}.com") for n in range(1, 40)],
         "203.0.113.1", "b@no.com", "fail"),
    )
    for label, pairs, client, sender, want in kinds:
        guard = began()
        threads = _strangers(guard, pairs)
        send(guard, client, sender)
        line = guard.wait_decision(**{"from": sender})
        same(line.get("spf"), want, f"{label}: checked")
        ok(int(line.get("ms", 9999)) < 5000, f"{label}: before their time is over", line)
        for thread in threads:
            thread.join()
        ok(guard.decisions(spf="temperror"), f"{label}: silence is told")
        # Who waits for a process, and not for a share, may wait in vain on a busy machine.
        most = max(0, len(pairs) - PROCESSES) if label == "many of both" else 0
        left = guard.decisions(spf="unknown")
        ok(len(left) <= most, f"{label}: nobody was left out", left)


check.run()
