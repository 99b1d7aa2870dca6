#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""More than there is room for: sessions, inquiries, descriptors, memory."""
import os
import signal
import socket
import time

from lib import check, daemon, milter, nameserver, scene
from lib.check import case, like, ok, same

DENY = f'deny {{ networks = {{ "{scene.RELAY}" }} }}\n'  # refused whatever the lists say
TICKS = os.sysconf("SC_CLK_TCK")


def _cpu(pid):
    """The seconds that all threads of a process have run."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        words = file.read().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / TICKS


def _memory(pid):
    """What a process has in memory, in MiB."""
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def _session(guard, address=scene.RELAY):
    """A session that is open until it is closed; the reply at connect."""
    client = milter.Client(guard.where)
    client.negotiate()
    return client, client.connect(address)


@case
def sessions():
    """Above the limit a client passes at connect; when one leaves there is room again."""
    with scene.listed(DENY + "limits { sessions = 3 }\n") as guard:
        clients = [_session(guard) for _ in range(5)]
        same([reply[0] for _, reply in clients], ["c", "c", "c", "a", "a"], "three have room")
        lines = guard.wait_lines("event=overload")
        same(len(lines), 1, "one line says so")
        like("".join(lines), "limit=sessions max=3 turned-away=1", "and what it is about")
        clients[0][0].quit()
        ok(check.wait_for(lambda: milter.envelope(guard.where)[0] == "y"), "room for another")
        guard.reload(guard.text.replace("sessions = 3", "sessions = 50"))
        same(_session(guard)[1][0], "c", "a reload changes the limit")
        guard.stop()
        like(guard.output(), "event=stopped.* overloads=[2-9]", "all are counted")


def _visit(guard, count):
    """Connections without a word; those that were made."""
    visitors = []
    for _ in range(count):
        visitor = socket.socket()
        visitor.setblocking(False)
        visitor.connect_ex(("127.0.0.1", guard.port))
        visitors.append(visitor)
    return visitors


def _few_files(more="", count=64):
    """relayguard that may open so many files."""
    return scene.listed(DENY + more, prefix=["prlimit", f"--nofile={count}:{count}"])


@case
def no_descriptors():
    """200 connections, 64 descriptors: no busy loop, and all is well afterwards."""
    with _few_files() as guard:
        same(milter.envelope(guard.where)[0], "y", "it serves")
        visitors = _visit(guard, 200)
        before = _cpu(guard.pid)
        time.sleep(3)
        used = _cpu(guard.pid) - before
        check.within(used, 1.5, f"seconds of CPU in 3 s: {used:.2f}")
        ok(guard.lines("event=files-short .*max=64 accepting=no"), "the log says so",
           guard.output())
        for visitor in visitors:
            visitor.close()
        begin = time.monotonic()
        ok(check.wait_for(lambda: _served(guard)), "when they have left, it serves")
        check.within(time.monotonic() - begin, 8.0, "soon")
        before = _cpu(guard.pid)
        time.sleep(1)
        used = _cpu(guard.pid) - before
        check.within(used, 0.5, f"seconds of CPU in the next one: {used:.2f}")
        visitors = _visit(guard, 200)
        time.sleep(1)
        begin = time.monotonic()
        guard.send(signal.SIGTERM)
        same(guard.wait(10), 0, "it ends while there are none")
        check.within(time.monotonic() - begin, 6.0, "in time")


def _served(guard):
    """Whether a client has its verdict."""
    try:
        return milter.envelope(guard.where)[0] == "y"
    except (OSError, milter.Gone):
        return False


@case
def few_descriptors():
    """Sessions that use them up pass before there are none left."""
    with _few_files("limits { sessions = 1000 }\n") as guard:
        clients, replies = [], ""
        for _ in range(45):
            client, reply = _session(guard)
            if reply[0] == "a":
                client.quit()  # as an MTA does
            else:
                clients.append(client)
            replies += reply[0]
        like(replies, "^c{20,}a", "many are looked at, then clients pass")
        like("".join(guard.wait_lines("event=overload")), "limit=files", "the log says so")
        like("".join(guard.lines("event=files-short")), "accepting=yes", "before it is too late")
        for client in clients:
            client.quit()
        ok(check.wait_for(lambda: _served(guard)), "afterwards they are looked at again")


@case
def memory():
    """1000 sessions with 64 KB words and names: what is kept of them is bounded."""
    count, word = 1000, b"x" * 65000
    with scene.listed(DENY) as guard:
        same(milter.envelope(guard.where)[0], "y", "it serves")
        before = _memory(guard.pid)
        clients = []
        for _ in range(count):
            client, _ = _session(guard)
            client.helo(word)
            client.mail(b"<" + word + b"@sender.example>")
            clients.append(client)
        time.sleep(0.5)
        grown = _memory(guard.pid) - before
        ok(grown < 64, f"{count} sessions took {grown:.1f} MiB")
        same(clients[-1].rcpt()[0], "y", "the last of them has its verdict")
        for client in clients:
            client.close()
        same(milter.envelope(guard.where)[0], "y", "and so has the next")


def _steps(address):
    """What an MTA says as far as RCPT, in one go."""
    return (milter.NEGOTIATE + milter.connected(address)
            + milter.packet("M", b"<a@sender.example>\0")
            + milter.packet("R", b"<bob@strict.example>\0"))


@case
def burst():
    """Some clients at once, and lists that do not answer: nobody waits for the others."""
    for count in (3, 5, 8, 20, 100):
        with nameserver.BlackHole() as hole, daemon.Relayguard(
                'deadline = "600ms"\n' + daemon.config(hole.address)) as guard:
            clients = [milter.Client(guard.where) for _ in range(count)]
            for host, client in enumerate(clients):
                client.socket.sendall(_steps(f"198.51.100.{host + 1}"))
            begin = time.monotonic()
            replies = "".join(client.read()[0] for client in clients for _ in range(3))
            waited = time.monotonic() - begin
            same(replies, "Occ" * count, f"{count}: all pass")
            ok(waited < 1.1, f"{count}: as soon as one would", waited)
            for client in clients:
                client.close()


check.run()
