# SPDX-License-Identifier: BSD-2-Clause
"""A program that decides about clients by the eight lists."""
import os
import pwd
import re
import subprocess
import time

from lib import server

from . import account, driver, protocol

FARTHEST = 20.0  # seconds a peer has to become ready


def as_user(user):
    """What makes a process another user's."""
    entry = pwd.getpwnam(user)

    def change():
        os.setgid(entry.pw_gid)
        os.initgroups(user, entry.pw_gid)
        os.setuid(entry.pw_uid)
    return change


class Peer:
    """What a kind of peer says of itself; one that is started has an account.

    decides: whether it has lists at all (without: what its MTA does anyway); ours: whether
    it is relayguard in some way, and no peer of it; asks: whether lists are asked in DNS;
    weighs: whether lists can weigh differently; codes: whether an answer other than the
    list's own can be left out; cache, remark: for the table.
    """

    name = ""
    program = ""
    speak = staticmethod(protocol.policy)
    keep = False
    decides = True
    ours = False
    asks = True
    weighs = True
    codes = True
    cache = ""
    remark = ""
    base = None  # the peer without lists, whose work is not the lists'

    def __init__(self):
        self.directory = None
        self.account = None
        self.process = None

    def where(self):
        """Where clients connect to."""
        raise NotImplementedError

    def command(self):
        """Write what it reads; the words that start it, and its user or None."""
        raise NotImplementedError

    @classmethod
    def missing(cls):
        """Whether it is not installed."""
        return not os.access(cls.program, os.X_OK)

    def __enter__(self):
        bill = account.Account(re.sub(r"\W+", "-", self.name))
        try:
            return self.start(bill)
        except BaseException:
            bill.close()
            raise

    def start(self, bill):
        """Start it; what it costs goes to that account."""
        self.account = bill
        self.directory = server.new_dir(re.sub(r"\W+", "-", self.name))
        os.chmod(self.directory, 0o777)  # whoever it runs as
        argv, user = self.command()
        change = as_user(user) if user else lambda: None

        def prepare():
            self.account.enter()
            change()

        with open(os.path.join(self.directory, "output"), "wb") as output:
            self.process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                preexec_fn=prepare, cwd=self.directory, start_new_session=True)
        return self

    def __exit__(self, *exception):
        self.stop_kindly()
        self.account.close()
        self.process.wait()

    def stop_kindly(self):
        """End it as it wants to be ended."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(1)
            except subprocess.TimeoutExpired:
                pass

    def output(self):
        """What it has written."""
        with open(os.path.join(self.directory, "output"), "rb") as file:
            return file.read().decode("utf-8", "backslashreplace")

    def write(self, name, text, mode=0o644):
        """A file in its directory; its path."""
        return server.write(os.path.join(self.directory, name), text, mode)

    def expected(self, people, address):
        """What it is to say of a client."""
        if not self.decides:
            return protocol.PASS
        refused = people.refused if self.weighs else people.lists
        return protocol.REFUSE if address in refused else protocol.PASS

    def load(self):
        """A driver that speaks to it."""
        return driver.Driver(self.where(), self.speak, self.keep)

    def wait_ready(self, people, probes):
        """Wait until it is right about clients that are used for nothing else."""
        end = time.monotonic() + FARTHEST
        right = 0
        while right < 4:
            address = next(probes)
            try:
                seen = self.load().run([address], 1, 0.1, 8.0).verdicts
            except OSError:
                seen = []
            good = [verdict for who, verdict in seen if verdict == self.expected(people, who)]
            right = right + 1 if good else 0
            if not good:
                if time.monotonic() > end or not self.account.pids():
                    raise RuntimeError(f"{self.name} is not ready: {seen}\n{self.output()}")
                time.sleep(0.1)
