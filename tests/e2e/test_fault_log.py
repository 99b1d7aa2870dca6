#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Syslog stands still, or nobody reads standard error: mail does not wait for it."""
import fcntl
import os
import re
import signal
import threading
import time

from lib import check, daemon, load, nameserver, scene, server, syslog
from lib.check import case, like, ok, same, within
from lib.nameserver import NameServer

SESSIONS = 400


def _sessions(guard, count, net="203.0"):
    """So many sessions of new clients, four at a time: their verdicts and the slowest."""
    following = load.clients(net)
    verdicts, slowest = [], [0.0]
    lock = threading.Lock()

    def work():
        for _ in range(count // 4):
            verdict, seconds = load.timed(guard.where, following())
            with lock:
                verdicts.append(verdict)
                slowest[0] = max(slowest[0], seconds)

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return verdicts, slowest[0]


def _logged(text):
    """How many decisions are in a log, and how many lines it says are missing."""
    lost = sum(map(int, re.findall(r"event=log-lines-dropped count=(\d+)", text)))
    return len(re.findall(r"\bverdict=", text)), lost


@case
def syslog_stands_still():
    """/dev/log is there and nobody reads: no session waits, no line is lost in silence."""
    with syslog.Syslog() as log, NameServer(nameserver.zone("bl.example")) as dns:
        if not log.works:
            check.skip("syslog stands still", "there is another /dev/log")
            return
        with daemon.Relayguard(daemon.config(dns.address), "-s", prefix=log.prefix) as guard:
            load.judge(guard.where, scene.GOOD)
            ok(check.wait_for(lambda: "verdict=" in log.text()), "syslog is used")
            log.stall()
            verdicts, slowest = _sessions(guard, SESSIONS)
            same(set(verdicts), {"pass"}, "stands still: all pass")
            within(slowest, 1.0, "and nobody waits for it")
            ok(_logged(log.text())[0] < SESSIONS, "while the lines are not read")
            log.go_on()
            check.wait_for(lambda: sum(_logged(log.text())) >= SESSIONS + 1)
            same(sum(_logged(log.text())), SESSIONS + 1, "goes on: all lines come, or are counted")
            # Stalled at the end: the end does not wait either.
            log.stall()
            _sessions(guard, 80)
            begin = time.monotonic()
            guard.send(signal.SIGTERM)
            same(guard.wait(), 0, "stands still at the end: it ends")
            within(time.monotonic() - begin, 1.0, "within a second")
            log.go_on()


@case
def nothing_is_lost_at_the_end():
    """What is queued when it is told to stop is still written."""
    with syslog.Syslog() as log, NameServer(nameserver.zone("bl.example")) as dns:
        if not log.works:
            check.skip("the last lines", "there is another /dev/log")
            return
        with daemon.Relayguard(daemon.config(dns.address), "-s", prefix=log.prefix) as guard:
            _sessions(guard, 200)
            guard.send(signal.SIGTERM)
            same(guard.wait(), 0, "ends")
            check.wait_for(lambda: "event=stopped" in log.text())
            same(_logged(log.text()), (200, 0), "every decision was written")
            like(log.messages[-1], "event=stopped", "and the last line is the last")


@case
def nobody_reads_the_pipe():
    """Standard error is a pipe that is full: the same."""
    fifo = os.path.join(server.new_dir("pipe"), "stderr")
    os.mkfifo(fifo)
    end = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    fcntl.fcntl(end, fcntl.F_SETPIPE_SZ, 4096)
    with NameServer(nameserver.zone("bl.example")) as dns, daemon.Relayguard(
            daemon.config(dns.address), wait="socket",
            prefix=["sh", "-c", f'exec "$@" 2> {fifo}', "sh"]) as guard:
        verdicts, slowest = _sessions(guard, SESSIONS)
        same(set(verdicts), {"pass"}, "full: all pass")
        within(slowest, 1.0, "and nobody waits")
        text = ""
        finish = time.monotonic() + 10
        while sum(_logged(text)) < SESSIONS and time.monotonic() < finish:
            try:
                text += os.read(end, 65536).decode()
            except BlockingIOError:
                time.sleep(0.01)
        same(sum(_logged(text)), SESSIONS, "read again: all lines come, or are counted")
        ok(all(re.match(r"relayguard\[\d+\]: ", line) for line in text.splitlines()),
           "each of them whole")
        _sessions(guard, 200)
        begin = time.monotonic()
        guard.send(signal.SIGTERM)
        same(guard.wait(), 0, "full at the end: it ends")
        within(time.monotonic() - begin, 1.0, "within a second")
    with NameServer(nameserver.zone("bl.example")) as dns, daemon.Relayguard(
            daemon.config(dns.address), wait="socket",
            prefix=["sh", "-c", f'exec "$@" 2> {fifo}', "sh"]) as guard:
        os.close(end)
        same({load.judge(guard.where, scene.GOOD) for _ in range(20)}, {"pass"},
             "the reader is gone: mail passes")


check.run()
