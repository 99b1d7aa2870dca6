# SPDX-License-Identifier: BSD-2-Clause
"""Own addresses that are watched: two servers of lists, and relayguard on a clock of the
test's."""
import json
import os
import re
import subprocess
import time

from . import daemon, exposition, faketime, rbldnsd, server
from .check import ok, same, wait_for

OWN, OWN6, NAME = "198.51.100.7", "2001:db8::7", "mail.our.example"
CTL = os.path.join(os.path.dirname(os.path.abspath(
    os.environ.get("RELAYGUARD") or daemon.PROGRAM)), "relayguardctl")
EMPTY = {"bl.example": {"ip4set": "203.0.113.9 :127.0.0.2:\n", "ip6trie": "2001:db8::99 :127.0.0.2:\n"},
         "dies.example": {"ip4set": "203.0.113.9 :127.0.0.2:\n"},
         "names.example": {"dnset": "bad.example :127.0.0.2:\n"}}
CONFIG = """sandbox = false  # which would keep the clock of the test out
control {{ socket = "{folder}/c"  status = "{folder}/s" }}
watch {{ addresses = {{ "{own}", "{own6}" }}  names = {{ "{name}" }}  every = "10m"  lists = "used" }}
list "bl" {{ zone = "bl.example" servers = {{ "{at}" }} ipv6 = true
    answer "127.0.0.2" {{ category = "spam-source" score = 5 }} }}
list "names" {{ zone = "names.example" servers = {{ "{at}" }} kind = "domain"
    answer "127.0.0.2" {{ category = "phishing" score = 5 }} }}
list "dies" {{ zone = "dies.example" servers = {{ "{other}" }} scope = "provider"
    answer "127.0.0.2" {{ category = "spam-source" score = 5 }} }}
policy "default" {{ lists = {{ "bl", "names", "dies" }} }}
"""


class Scene:
    """Two servers of lists, relayguard on a clock of the test's, and who asks it."""

    def __init__(self, config=CONFIG, *arguments):
        self.lists, self.other = rbldnsd.Rbldnsd(EMPTY), rbldnsd.Rbldnsd(EMPTY)
        self.folder = server.new_dir("watch")
        self.clock, self.minutes = faketime.Clock(), 0
        self.arguments = arguments
        self.guard = daemon.Relayguard(config.format(
            folder=self.folder, own=OWN, own6=OWN6, name=NAME, at=self.lists.address,
            other=self.other.address), *arguments, prefix=self.clock.prefix)

    def restart(self, meanwhile=lambda: None):
        """End the daemon, and start it anew."""
        text = re.sub(r"(?m)^listen.*\n", "", self.guard.text)
        self.guard.stop()
        meanwhile()
        self.guard = daemon.Relayguard(text, *self.arguments, prefix=self.clock.prefix)

    def later(self, minutes):
        """Set the clock, and give it the time to ask."""
        asked = len(self.rows("known"))
        self.minutes += minutes
        self.clock.set(f"+{self.minutes}m")
        return asked

    def watch(self, *more):
        """Exit code and output of relayguardctl watch, by the socket for those who watch."""
        done = subprocess.run([CTL, *more, "-s", self.folder + "/s", "watch"], check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        return done.returncode, done.stdout + done.stderr

    def rows(self, key="state"):
        """{(subject, list): the value of that key}."""
        lines = [json.loads(line).get("data") for line in self.watch("-j")[1].splitlines()]
        return {(row["subject"], row["list"]): row[key] for row in lines if row}

    def wait(self, subject, label, key, test):
        """Wait until the value of a row is as the test wants it."""
        return wait_for(lambda: test(self.rows(key).get((subject, label))), 40)

    def poll(self, minutes):
        """So many minutes later, all that answers has been asked again."""
        before = self.rows("known").get((OWN, "bl"))
        self.later(minutes)
        ok(self.wait(OWN, "bl", "known", lambda known: known != before),
           f"asked again after {minutes} minutes", self.guard.output()[-2000:])
        time.sleep(0.5)  # so that others of the round are, too

    def metric(self, name, **labels):
        """The value of a metric, or None."""
        text = subprocess.run([CTL, "-s", self.folder + "/s", "metrics"], check=False,
                              stdout=subprocess.PIPE, text=True).stdout
        families, (_, documented) = exposition.parse(text), exposition.documented()[name]
        for (_, pairs), value in families.get(name, {"samples": {}})["samples"].items():
            same(set(dict(pairs)), documented, "the labels are those of the manual")
            if labels.items() <= dict(pairs).items():
                return value
        return None

    def state(self, label):
        """Of a list, by its tests."""
        text = subprocess.run([CTL, "-s", self.folder + "/s", "lists", label], check=False,
                              stdout=subprocess.PIPE, text=True).stdout
        return "".join(re.findall(r"(?m)^state: (.*)$", text))

    def end(self):
        """End all of it."""
        for part in (self.guard, self.lists, self.other):
            part.stop()


class Runner(server.Server):
    """relayguardctl watch --run, with a program that writes its words to a file."""

    def __init__(self, here, text='echo "$1|$2|$3|$4" >> "$0.ran"', *more):
        self.program = server.write(os.path.join(here.folder, "program"), f"#!/bin/sh\n{text}\n")
        os.chmod(self.program, 0o755)
        super().__init__("runner", [CTL, "-s", here.folder + "/s", "watch", "--run",
                                    self.program, *more])

    def ran(self):
        """The words that it got, a text for each time."""
        try:
            with open(self.program + ".ran", encoding="ascii") as file:
                return file.read().splitlines()
        except FileNotFoundError:
            return []


LISTED = f"{OWN} :127.0.0.2:\n"
