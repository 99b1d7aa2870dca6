#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""relayguardctl export rbldnsd: a zone that rbldnsd serves, and another relayguard uses as a
list like any other."""
import ipaddress
import json
import os
import re
import shutil
import subprocess
import time

from lib import check, daemon, dnsclient, exports, milter, server
from lib.check import case, like, ok, same, unlike

CLIENTS = {"5.6.7.8": ["probe"], "5.6.9.9": ["trap", "dictionary"], "5.6.10.10": ["nominated"],
           "2a01:db8:1:2::/64": ["probe", "trap"]}
CODES = {"127.0.0.2": "test", "127.0.0.3": "probe", "127.0.0.4": "trap",
         "127.0.0.5": "dictionary", "127.0.0.6": "backscatter", "127.0.0.7": "nominated",
         "127.0.0.8": "helo", "127.0.0.9": "denied"}
ZONE = "bl.home.example"

CONF = """list "home" {{
    zone = "{zone}"  servers = {{ "{server}" }}  ipv6 = true
    name = "The list of the other server"  removal = "https://x.example.net/why?ip=%{{ip}}"
    answer "127.0.0.2"   {{ category = "exploited"    score = 0 }}
    answer "127.0.0.3"   {{ category = "probe"        score = 5 }}
    answer "127.0.0.4"   {{ category = "spam-source"  score = 5 }}
    answer "127.0.0.5-9" {{ category = "exploited"    score = 2 }}
}}
control {{ socket = "{control}" }}
policy "default" {{ lists = {{ "home" }} refuse = 5 }}
"""


class Rbldnsd(server.Server):
    """rbldnsd with a zone of type "combined", as an export has it."""

    def __init__(self, maker):
        self.port = server.free_port()
        self.folder = server.new_dir("zone")
        self.file = os.path.join(self.folder, "zone")
        self.maker = maker
        os.chmod(self.folder, 0o755)
        self.write()
        super().__init__("rbldnsd", [
            "rbldnsd", "-n", "-u", "nobody", "-c", "1s", "-w", self.folder, "-b",
            f"127.0.0.1/{self.port}", f"{ZONE}:combined:zone"])
        self.wait_ready(lambda: "started" in self.output())

    def write(self, *words):
        """Export once more."""
        same(self.maker.export("rbldnsd", "--force", *words, out=self.file)[0], 0, "exported")

    def ask(self, client, kind=dnsclient.A):
        """What is said of a client."""
        return dnsclient.ask(self.port, _name(client), kind=kind)

    def text(self, client):
        """The TXT records of a client, as dig has them."""
        done = subprocess.run(["dig", "+short", "+norecurse", "-p", str(self.port), "@127.0.0.1",
                               _name(client), "TXT"], check=True, stdout=subprocess.PIPE, text=True)
        return done.stdout


def _name(client):
    address = ipaddress.ip_address(client)
    labels = str(address).split(".") if address.version == 4 \
        else address.exploded.replace(":", "")
    return ".".join(reversed(labels)) + "." + ZONE


@case
def answers():
    """Test entries of all codes, the IPv6 pair, who is listed and who is not, and texts."""
    with Rbldnsd(exports.Exporter(CLIENTS)) as dns:
        unlike(dns.output(), "invalid|unrecognized|ignored|truncated|incomplete", "it finds no fault")
        for code, word in CODES.items():
            same(dns.ask(code).addresses, (code,), f"{code} answers {code}")
            like(dns.text(code), rf"{word}.* https://x\.example\.net/why\?ip={re.escape(code)}\"",
                 "with the page's URL")
        same([dns.ask(address).rcode for address in
              ("127.0.0.1", "127.0.0.10", "::ffff:127.0.0.1", "5.6.7.9", "2a01:db8:1:3::5")],
             ["NXDOMAIN"] * 5, "what is not listed")
        same([dns.ask(address).addresses for address in
              ("::ffff:127.0.0.2", "5.6.7.8", "5.6.9.9", "5.6.10.10", "2a01:db8:1:2::5")],
             [("127.0.0.2",), ("127.0.0.3",), ("127.0.0.4", "127.0.0.5"), ("127.0.0.7",),
              ("127.0.0.3",)], "what is")
        like(dns.text("5.6.7.8"), r"^\"probe since \d{4}-.*Z until \d{4}-.*Z "
             r"https://x\.example\.net/why\?ip=5\.6\.7\.8\"$", "why, until when, and where to ask")
        like(dns.text("2a01:db8:1:2::5"), r"ip=2a01:db8:1:2::5", "of IPv6, too")
        absent = dns.ask("5.6.7.9")
        same((absent.soa, absent.ttl), (True, 60), "an absence may be kept for a minute")
        same([dns.ask(client).ttl for client in ("5.6.7.8", "2a01:db8:1:2::5")], [600, 600],
             "and an entry for ten, of both families")


@case
def of_the_daemon():
    """What the daemon has on its own list is exported, and nothing when it cannot be asked."""
    folder = server.new_dir("own")
    control = os.path.join(folder, "c")
    evidence = server.write(os.path.join(folder, "evidence"), "Received: from host.example\n")
    conf = (f'control {{ socket = "{control}" }}\n'
            'own { removal = "https://mx.example/removal?ip=%{ip}"  contact = "abuse@mx.example"\n'
            'networks = { "5.6.9.0/24" } }\n'
            'deny { networks = { "5.7.7.7" } }\npolicy "default" { lists = { "local" } }\n')
    file = os.path.join(folder, "zone")

    def ctl(*words):
        return subprocess.run([exports.RELAYGUARDCTL, "-s", control, *words], check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def export(*words):
        return ctl("export", "plain", "-o", file, "-w", "--conf", guard.file, "--lists",
                   daemon.LISTS, *words)

    with daemon.Relayguard(conf) as guard:
        same(export().returncode, 0, "nobody is listed")
        for client in ("5.6.7.8", "2a01:db8:1:2::9"):
            for who in ("anna", "bert"):
                ctl("nominate", client, "--reason", "spam", "--until",
                    time.strftime("%Y-%m-%d", time.gmtime(time.time() + 200000)), "--evidence",
                    evidence, "--by", who)
        like(export().stdout, ": 0 networks; ", "who is listed just now is not exported yet")
        like(export("--age", "0s").stdout, ": 2 networks; 2 come, 0 go", "both are, when it is time")
        with open(file, encoding="ascii") as text:
            found = text.read()
        same(re.findall(r"^[0-9a-f.:]+/\d+", found, re.MULTILINE),
             ["5.6.7.8/32", "2a01:db8:1:2::/64"], "these are they")
        like(found, r"Contact: abuse@mx\.example, https://mx\.example/removal\?ip=", "whom to ask")
        like(export("--age", "0s", "--deny").stdout, ": 3 networks; 1 come", "and what is denied")
    code = export("--age", "0s")
    same(code.returncode, 69, "nobody answers")
    with open(file, encoding="ascii") as text:
        like(text.read(), "end count=3", "what was good stays")


@case
def sizes():
    """A thousand and a hundred thousand entries."""
    for size in (1000, 100000):
        clients = exports.crowd(size)
        maker = exports.Exporter(clients)
        begin = sum(os.times()[2:4])
        same(maker.export("rbldnsd", "--max", "200000")[0], 0, f"{size}")
        spent = sum(os.times()[2:4]) - begin
        check.note(f"rbldnsd: {size} entries: {spent:.2f} s of processor time")
        check.within(spent, 2.0, f"{size} entries take less than two seconds")
        maker.export = lambda name, *words, out: (shutil.copy(maker.path(name), out), (0,))[1]
        with Rbldnsd(maker) as dns:
            unlike(dns.output(), "invalid|unrecognized|ignored|truncated", "it finds no fault")
            some = list(clients)[:: size // 50]
            same([client for client in some
                  if not dns.ask(client.partition("/")[0]).addresses], [], "all of some are there")


@case
def used():
    """Another relayguard tests it, finds it good, and refuses who is on it."""
    control = os.path.join(server.new_dir("control"), "c")
    with Rbldnsd(exports.Exporter(CLIENTS)) as dns, \
            daemon.Relayguard(CONF.format(zone=ZONE, server=f"127.0.0.1:{dns.port}",
                                          control=control)) as guard:
        def state():
            said = subprocess.run([exports.RELAYGUARDCTL, "-j", "-s", control, "lists", "home"],
                                  check=False, stdout=subprocess.PIPE, text=True).stdout
            return json.loads(said.splitlines()[0])["data"]["state"]

        same(check.wait_for(lambda: state() == "good"), True, "it passes the tests of a list")
        same([milter.verdict(guard.where, client) for client in
              ("5.6.7.8", "5.6.9.9", "5.6.10.10", "2a01:db8:1:2::77")],
             ["refuse", "refuse", "pass", "refuse"], "who is on it, by score")
        same([milter.verdict(guard.where, client) for client in ("5.6.7.9", "2a01:db8:1:3::77")],
             ["pass", "pass"], "who is not")
        ok(not guard.events("list-(suspended|doubted|error|odd)"), "it has nothing to say",
           guard.output())
        dns.maker.set({"5.6.9.9": ["trap"]})
        time.sleep(1.1)  # as below
        dns.write()
        ok(check.wait_for(lambda: dns.ask("5.6.7.8").rcode == "NXDOMAIN"),
           "an address that is taken off is gone by the next export")
        same(state(), "good", "and the list is as good as it was")


@case
def ends():
    """An exporter that has died: the zone ends, and says so, and lists nobody for ever."""
    with Rbldnsd(exports.Exporter(CLIENTS)) as dns:
        with open(dns.file, encoding="ascii") as file:
            text = file.read()
        past = time.strftime("%Y:%m:%d:%H:%M:%S", time.gmtime(time.time() - 20000))
        time.sleep(1.1)  # rbldnsd tells files by the second
        server.write(dns.file + ".new", re.sub(r"(?m)^\$TIMESTAMP \S+", f"$TIMESTAMP {past}", text))
        os.rename(dns.file + ".new", dns.file)
        ok(check.wait_for(lambda: dns.ask("5.6.7.8").rcode == "SERVFAIL"),
           "when its time is over, there is no answer")


check.run()
