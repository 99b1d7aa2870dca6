#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""The whole story of a refused mail: a person sends it with a real mail server, reads why it
was refused, and asks; the administrator looks it up, helps, and at last forgets it.  Two nodes
share a Redis."""
import json
import os
import re
import subprocess
import threading
import urllib.request

from lib import apart, check

if apart.why_not():
    check.skip_all(apart.why_not())
apart.enter()

from lib import daemon, milter, nameserver, postfix, redis, senders, server, sink, smtp
from lib.check import like, ok, same
from lib.nameserver import NameServer

RELAYGUARDCTL = os.path.join(os.path.dirname(os.environ["RELAYGUARD"]), "relayguardctl")
CLIENT, RECIPIENT = apart.CLIENT, senders.RECIPIENT
CONFIG = """
control {{ socket = "{folder}/c" metrics = "127.0.0.1:{port}" }}
cache {{ redis = "{redis}" }}
store {{ path = "{folder}/store" redis = 64M }}
dns {{ servers = {{ "{at}" }} }}

list "bl" {{ zone = "bl.example"
    servers = {{ "{at}" }}
    removal = "https://bl.example/remove?ip=%{{ip}}"
    answer "127.0.0.2" {{ category = "open-relay" score = 5 }} }}

policy "default" {{ lists = {{ "bl" }} }}
policy "strict.example" {{ inherit = "default"
    refuse = 5 }}
"""


class Node:
    """relayguard with all that can be asked of it."""

    def __init__(self, dns, url):
        self.folder = server.new_dir("node")
        os.chmod(self.folder, 0o755)
        os.mkdir(f"{self.folder}/store")
        os.chmod(f"{self.folder}/store", 0o777)
        self.port = server.free_port()
        self.guard = daemon.Relayguard(CONFIG.format(
            folder=self.folder, port=self.port, redis=url, at=dns.address))
        ok(check.wait_for(lambda: "state: good" in self.ask("lists")[1]), "the list is good")

    def ask(self, *words):
        """What relayguardctl returns and prints."""
        done = subprocess.run([RELAYGUARDCTL, "-s", f"{self.folder}/c", *words], check=False,
                              timeout=60, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def data(self, *words):
        """The data of each line of its answer."""
        lines = [json.loads(line) for line in self.ask("-j", *words)[1].splitlines()]
        return [line["data"] for line in lines if "data" in line]

    def line_at(self, where):
        """The line of its configuration that an "at" names."""
        file, number = where.rsplit(":", 1)
        same(file, self.guard.file, "it is the configuration's")
        return self.guard.text.splitlines()[int(number) - 1]

    def metric(self, name):
        """The value of a sample."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=10) as page:
            text = page.read().decode()
        found = re.search(f"^{re.escape(name)} (\\d+)$", text, re.MULTILINE)
        return int(found.group(1)) if found else None

    def holds(self, text):
        """The files of its store that have a text somewhere."""
        folder, found = f"{self.folder}/store", []
        for name in os.listdir(folder):
            with open(os.path.join(folder, name), "rb") as file:
                if text.encode() in file.read():
                    found.append(name)
        return found


class Watch:
    """relayguardctl tail, from now on."""

    def __init__(self, node):
        self.process = subprocess.Popen([RELAYGUARDCTL, "-j", "-s", f"{node.folder}/c", "tail"],
                                        stdout=subprocess.PIPE)
        self.lines = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(json.loads(line))

    def saw(self, ref):
        """Whether a decision of that reference has come."""
        return any(line.get("data", {}).get("decision", {}).get("ref") == ref
                   for line in self.lines)

    def end(self):
        """End it."""
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def _is_watching(node, watch):
    """Sessions until one of them is seen: a tail does not say when it begins."""
    def seen():
        milter.verdict(node.guard.where, "203.0.113.5", f"<{RECIPIENT}>".encode())
        return watch.lines

    return check.wait_for(seen, 10)


def _refused(node, mails):
    """A person sends a mail, and it comes back: the reference that stands in the bounce."""
    person = senders.from_postfix(mails).person
    found = re.search(r"\bRef (\w{8})\b", person)
    ok(found, "the bounce has a reference", person)
    ref = found.group(1) if found else ""
    same(node.guard.wait_decision(ref=ref).get("client"), CLIENT, "which is that of the log")
    return ref


def _explained(first, second, ref):
    """Why, where it was decided and at the other node."""
    ok(check.wait_for(lambda: first.ask("explain", ref)[0] == 0),
       "the reference is explained", first.ask("explain", ref))
    like(first.ask("explain", ref)[1], r"lists: bl:127\.0\.0\.2\*5", "the list, its answer and its score are there")
    steps = {step["step"]: step for step in first.data("explain", ref)}
    like(first.line_at(steps["policy"]["at"]), 'policy "strict.example"', "the policy's line")
    like(first.line_at(steps["list"]["at"]), 'list "bl"', "the list's line")
    ok(any(CLIENT in line and "550" in line or "550" in str(steps["reply"]["code"])
           for line in steps["reply"]["lines"]), "and the 550", steps["reply"])
    ok(check.wait_for(lambda: second.ask("explain", ref)[0] == 0),
       "the other node explains it, too", second.ask("explain", ref))
    like(second.ask("explain", ref)[1], r"lists: bl:127\.0\.0\.2\*5", "in the same way")


def _sent():
    """The same client once more, by hand: the code of its message, or of its recipient."""
    with smtp.Client(25, apart.SERVER, apart.CLIENT) as client:
        client.ehlo("postfix.home.example")
        client.mail(senders.address("postfix"))
        reply = client.rcpt(RECIPIENT)
        return client.data().code if reply.code == 250 else reply.code


def _helped(node):
    """The administrator looks, lets the sender through, and does without the list."""
    like(node.ask("lookup", CLIENT)[1], "answer: listed", "lookup: listed")
    same(node.ask("pass", CLIENT, "--for", "1h", "--why", "a customer")[0], 0, "pass")
    same(_sent(), 250, "the next mail arrives")
    same(node.guard.wait_decision(client=CLIENT, verdict="pass").get("reason"), "administrator",
         "for that reason")
    same(node.ask("pass", CLIENT, "--end")[0], 0, "the pass is ended")
    same(_sent(), 550, "the next mail is refused")
    same(node.ask("suspend", "bl", "--for", "1h", "--why", "lists the wrong")[0], 0, "suspend")
    same(_sent(), 250, "the next mail arrives")
    same(node.guard.wait_decision(client=CLIENT, suspended="bl").get("verdict"), "pass",
         "for the list counts for nothing")
    same(node.ask("resume", "bl")[0], 0, "resume")
    same(_sent(), 550, "the next mail is refused")


def _reported(node, *words):
    """That the list refused each mail that was refused, and nobody else did."""
    refused = len(node.guard.decisions(verdict="refuse"))
    lists = [line for line in node.data("report", *words) if line.get("kind") == "list"]
    same([(line["label"], line["sole"], line["decisive"]) for line in lists],
         [("bl", refused, refused)], f"report {words[0]}")


def _counted(node):
    """Metrics, and the report from the log."""
    same(node.metric('relayguard_list_refusals_total{list="bl"}'),
         len(node.guard.decisions(verdict="refuse")), "metrics")
    _reported(node, server.write(os.path.join(node.folder, "maillog"), node.guard.output()))


def _forgotten(nodes, store, refs):
    """Nothing is left of the client anywhere."""
    for node in nodes:
        same(node.ask("forget", CLIENT)[0], 0, "forget")
    for node in nodes:
        same(node.holds(CLIENT), [], "nothing is in its store")
        same([node.ask("explain", ref)[0] for ref in refs], [1] * len(refs), "nor explained")
        same(node.ask("cache", "show", CLIENT)[0], 1, "nor in memory")
    same([key for key in store.keys() if CLIENT in key], [], "nor in a key of Redis")
    same([key for key in store.keys() if CLIENT in str(store.command("GET", key))], [],
         "nor in a value")


@redis.case
def story():
    """From a mail that is refused to its being forgotten."""
    with redis.Redis() as store, \
            NameServer(nameserver.zone("bl.example", [CLIENT])) as dns, sink.Sink() as mails:
        nodes = [Node(dns, store.url) for _ in range(2)]
        first, second = nodes
        with postfix.Postfix(first.guard.postfix, host=apart.SERVER, port=25):
            watch = Watch(first)
            ok(_is_watching(first, watch), "somebody watches")
            ref = _refused(first, mails)
            ok(check.wait_for(lambda: watch.saw(ref)), "who watches has seen it")
            watch.end()
            _explained(first, second, ref)
            _helped(first)
        same(milter.verdict(second.guard.where, CLIENT, f"<{RECIPIENT}>".encode()), "refuse",
             "the other node refuses it as well")
        _counted(first)
        refs = [line["ref"] for node in nodes for line in node.guard.decisions(verdict="refuse")]
        _forgotten(nodes, store, refs)
        for node in nodes:
            same(node.guard.stop(), 0, "it ends well")
            _reported(node, "--store", f"{node.folder}/store")  # figures name nobody


check.run()
