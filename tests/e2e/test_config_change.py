#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""relayguardctl test-config: what it says of another configuration is what comes of it."""
import collections
import itertools
import json
import os
import random
import re
import subprocess

from lib import check, daemon, load, nameserver, server
from lib.check import case, like, ok, same, unlike
from lib.nameserver import NameServer
from lib.reports import RELAYGUARDCTL, make_store

SERVER = "127.0.0.1:5353"
POLICIES = """
allow {{ networks = {{ "203.0.113.200" }} }}
deny {{ networks = {{ "192.0.2.5" }} }}
policy "default" {{ lists = {{ {lists} }}  refuse = 5 }}
policy "strict.example" {{ lists = {{ {lists} }}  refuse = 3 }}
"""
OLD = daemon.config(SERVER, ("bl", "cl"), policies=POLICIES)


def line(client, policy, words):
    """The line of a decision."""
    to = "bob@strict.example" if policy == "strict.example" else "bob@any.example"
    return (f"ref=KF3K2Q9{client} verdict={words.split()[0]} {' '.join(words.split()[1:])} "
            f"client=192.0.2.{client} name=x.example helo=x.example from=a@b.example to={to} "
            f"policy={policy} ms=1").replace("  ", " ")


def row(client, policy, words):
    """A row of the store."""
    return client, line(client, policy, words)


ROWS = [
    row(1, "default", "refuse reason=lists score=5/5 lists=bl:127.0.0.2*5"),
    row(2, "default", "refuse reason=lists score=9/5 lists=bl:127.0.0.2*5,cl:127.0.0.4*4"),
    row(3, "strict.example", "refuse reason=lists score=4/3 lists=cl:127.0.0.4*4"),
    row(4, "strict.example", "refuse reason=lists score=5/3 lists=bl:127.0.0.2*5"),
    row(5, "default", "refuse reason=deny"),
    row(6, "default", "refuse reason=lists score=5/5 lists=bl:127.0.0.2*5 not-awaited=cl"),
    row(7, "strict.example", "defer softened=refuse reason=lists score=5/3 lists=bl:127.0.0.2*5"
        " doubted=bl"),
    row(8, "default", "defer meant=tag apart=yes reason=lists score=4/5 lists=cl:127.0.0.4*4"),
]
PASSED = [("reason", "lists", "pass", 1000), ("reason", "lists", "tag", 7),
          ("reason", "lists", "refuse", 6), ("list", "bl", "pass", 99)]


def put(text):
    """A configuration as a file."""
    return server.write(os.path.join(server.new_dir("conf"), "conf"), text)


def run(new, folder, *words, old=OLD):
    """What it returns, and prints."""
    done = subprocess.run([RELAYGUARDCTL, *words, "test-config", new, "--store", folder, "--conf",
                           put(old), "--lists", daemon.LISTS], check=False, timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    return done.returncode, done.stdout, done.stderr


def figures(new, folder, old=OLD):
    """Its JSON: what it returns, and a list of the data of each kind."""
    code, out, said = run(new, folder, "-j", old=old)
    lines = [json.loads(text) for text in out.splitlines()]
    same((lines[-1:], re.sub(r"^.*(: warning: |cannot be read).*\n", "", said, flags=re.MULTILINE)),
         ([{"end": True, "status": code}], ""), "it is done")
    found = collections.defaultdict(list)
    for data in (text["data"] for text in lines[:-1]):
        found[data["kind"]].append(data)
    return code, found


def summary(found):
    """What is to be counted by hand."""
    total = found["total"][0]
    return ([total[key] for key in ("same", "different", "not_known")],
            {(data["then"], data["now"]): data["decisions"] for data in found["change"]},
            {data["name"]: data["decisions"] for data in found["policy"]},
            {data["label"]: data["decisions"] for data in found["list"]},
            {data["why"]: data["decisions"] for data in found["not_known"]})


def edit(old, new, text=OLD):
    """The configuration with a change."""
    assert old in text, old
    return text.replace(old, new)


DOMAINS = server.write(os.path.join(server.new_dir("conf"), "domains"),
                       "strict.example\ndefault.example\n")
STRICT = 'policy "strict.example" {'
# What is changed; the same, different, not known; from what to what; by policy; by list; why not.
APART = {"apart": 1}
CHANGES = [
    ("nothing", OLD, [7, 0, 1], {}, {}, {}, APART),
    ("a comment", OLD + "# more\n", [7, 0, 1], {}, {}, {}, APART),
    # 5 becomes 2: of 1, 4 and 7 nothing is left; 6 hangs on cl, which nobody waited for.
    ("a score", edit('"open-relay"  score = 5', '"open-relay"  score = 2'), [3, 3, 2],
     {("refuse", "pass"): 2, ("defer", "pass"): 1}, {"default": 1, "strict.example": 2},
     {"bl": 3}, {"apart": 1, "lists": 1}),
    ("a threshold", edit("refuse = 3", "refuse = 5"), [6, 1, 1], {("refuse", "pass"): 1},
     {"strict.example": 1}, {}, APART),
    ("a threshold more", edit("refuse = 5", "refuse = 6  defer = 5"), [5, 1, 2],
     {("refuse", "defer"): 1}, {"default": 1}, {}, {"apart": 1, "lists": 1}),
    ("a list less", edit('policy "default" { lists = { "bl", "cl" }',
                         'policy "default" { lists = { "cl" }'), [4, 2, 2],
     {("refuse", "pass"): 2}, {"default": 2}, {"bl": 2}, {"apart": 1, "lists": 1}),
    ("a list that is another", edit('zone    = "bl.example"', 'zone    = "other.example"'),
     [2, 0, 6], {}, {}, {}, {"apart": 1, "lists": 5}),
    ("a list more", edit('policy "default" { lists = { "bl", "cl" }',
                         'list "dl" { zone = "dl.example"  servers = { "127.0.0.1:5353" }\n'
                         'answer "127.0.0.2" { category = "open-relay"  score = 5 } }\n'
                         'policy "default" { drop = 10  lists = { "bl", "cl", "dl" }'),
     [4, 0, 4], {}, {}, {}, {"apart": 1, "lists": 3}),
    ("an allowed network", edit('{ "203.0.113.200" }', '{ "203.0.113.200", "192.0.2.0/30" }'),
     [4, 3, 1], {("refuse", "pass"): 3}, {"default": 2, "strict.example": 1},
     {"bl": 2, "cl": 2}, APART),
    ("one that is not denied", edit("192.0.2.5", "192.0.2.55"), [6, 0, 2], {}, {}, {},
     {"apart": 1, "lists": 1}),
    ("a policy in shadow", edit(STRICT, STRICT + ' mode = "shadow" '), [4, 3, 1],
     {("refuse", "pass"): 2, ("defer", "pass"): 1}, {"strict.example": 3}, {}, APART),
    ("all in shadow", 'mode = "shadow"\n' + OLD, [0, 7, 1],
     {("refuse", "pass"): 6, ("defer", "pass"): 1}, {"default": 4, "strict.example": 3}, {}, APART),
    ("a domain of another policy", edit(STRICT, f'policy "lax" {{ domains = "{DOMAINS}" ')
     .replace("refuse = 3", "refuse = 9"), [4, 3, 1],
     {("refuse", "pass"): 2, ("defer", "pass"): 1}, {"strict.example -> lax": 3}, {}, APART),
    ("lists that have to agree", edit("refuse = 5", "refuse = 5  agree = 2"), [5, 1, 2],
     {("refuse", "pass"): 1}, {"default": 1}, {}, {"apart": 1, "lists": 1}),
    ("an exempt recipient", edit(STRICT, STRICT + ' exempt = { "bob" } '), [4, 3, 1],
     {("refuse", "pass"): 2, ("defer", "pass"): 1}, {"strict.example": 3}, {"bl": 2, "cl": 1}, APART),
    ("doubt that refuses", edit(STRICT, STRICT + ' doubt = "refuse" '), [6, 1, 1],
     {("defer", "refuse"): 1}, {"strict.example": 1}, {}, APART),
    ("a weight", edit('policy "strict.example" { lists = { "bl", "cl" }',
                      'policy "strict.example" { drop = 8 lists = { "bl", "cl*2" }'), [6, 1, 1],
     {("refuse", "drop"): 1}, {"strict.example": 1}, {"cl": 1}, APART),
    ("who is trusted by SPF", edit('{ "203.0.113.200" }', '{ "203.0.113.200" } senders = { "b.example" }'),
     [1, 0, 7], {}, {}, {}, {"apart": 1, "spf": 6}),
]


@case
def counted_by_hand():
    """Each kind of change, and what it changes."""
    folder = make_store([(PASSED, ROWS)])
    for label, text, numbers, *more in CHANGES:
        code, found = figures(put(text), folder)
        same(code, int(numbers[1] > 0), f"{label}: exit")
        same(summary(found), (numbers, *more), label)
        same(len(found["example"]), numbers[1], f"{label}: examples")
        same(found["total"][0]["passed"], 1007, f"{label}: so many were let through")


@case
def text():
    """As text for people."""
    many = [row(1, "default", "refuse reason=lists score=5/5 lists=bl:127.0.0.2*5")] * 30
    folder = make_store([(PASSED, ROWS + many), (PASSED, ROWS)])
    new = put(edit('"open-relay"  score = 5', '"open-relay"  score = 2'))
    code, out, _ = run(new, folder, old=OLD)
    same(code, 1, "something is different")
    like(out, r"^46 decisions of the store, 20.*: 6 the same, 36 different, 4 not known", "head")
    like(out, r"\ndefer +pass +2\nrefuse +pass +34\n", "from what to what")
    like(out, r"\ndefault +32\nstrict\.example +4\n", "policies")
    like(out, r"\nbl +36\n", "lists")
    like(out, r"\nKF3K2Q91  \d{4}-\d\d-\d\d \d\d:\d\d  refuse -> pass +lists +5/5 -> 2/5 +default\n",
         "an example")
    same(len(re.findall(r"^KF3K2Q9", out, re.MULTILINE)), 20, "twenty of them")
    like(out, r"\n +2  it hangs on lists.*\n +2  put off to be sent", "what is not known, and why")
    like(out, r"\ncl +2\n", "of which list")
    like(out, r"\n2014 more were let through\. Only their number is kept", "what passed")
    like(out, r"\n46 were decided under another configuration than today's", "what is compared")
    unlike(out, r"192\.0\.2\.|bob", "nobody is named")
    code, out, _ = run(put(OLD), folder)
    same((code, "36 different" in out), (0, False), "nothing is different")


@case
def errors():
    """Exit codes."""
    folder = make_store([(PASSED, ROWS)])
    code, out, said = run(put(OLD + "policy {\n"), folder)
    same((code, out), (78, ""), "a mistake in the new configuration")
    like(said, r"conf:\d+: ", "with its line")
    same(run(put(OLD) + "x", folder)[0], 78, "a file that is not there")
    same(run(put(OLD), folder, old="policy {")[0], 78, "the configuration of today is wrong")
    same(run(put(OLD), folder + "/none")[0], 66, "no such store")
    for words in ((), ("a", "b"), ("a", "--days"), ("a", "--days", "0"), ("a", "--html", "b")):
        done = subprocess.run([RELAYGUARDCTL, "test-config", *words], check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        same((done.returncode, "usage:" in done.stderr), (64, True), f"{words}: usage")
    bad = make_store([(PASSED, [(1, "x"), (2, ROWS[0][1].replace("to=", "to=<>@,;:")),
                                (3, ROWS[1][1] + " lists=x"), (4, ROWS[1][1].replace(
                                    "cl:127.0.0.4*4", "...")), (5, ROWS[0][1][:-9])])])
    same(figures(put(OLD), bad)[0], 0, "odd rows")


LABELS = ("bl", "cl")
RECIPIENTS = ("default.example", "strict.example", "both.example", "mild.example")
REAL = """
allow {{ networks = {{ "203.0.113.200" }} }}
deny  {{ networks = {{ "203.0.113.66" }} }}
policy "default"        {{ lists = {{ {lists} }}  refuse = 5  defer = 4 }}
policy "strict.example" {{ lists = {{ {lists} }}  refuse = 4  drop = 9 }}
policy "both.example"   {{ lists = {{ {lists} }}  refuse = 4  agree = 2 }}
policy "mild.example"   {{ lists = {{ {lists} }}  refuse = 0  quarantine = 5 }}
"""
EDITS = {
    "nothing": [],
    "a score": [("score = 5", "score = 3")],
    "thresholds": [("refuse = 5  defer = 4", "refuse = 9  defer = 5"), ("drop = 9", "drop = 5")],
    "a list less": [('"strict.example" { lists = { "bl", "cl" }', '"strict.example" { lists = { "cl" }')],
    "allow and shadow": [('{ "203.0.113.200" }', '{ "198.51.100.16/28" }'),
                         ('policy "both.example"   {', 'policy "both.example" { mode = "shadow" ')],
    "another policy": [('"strict.example" {', f'"strict" {{ domains = "{DOMAINS}" ')],
}
CLIENTS = {f"198.51.100.{bits * 16 + number}": [label for place, label in enumerate(LABELS)
                                                if bits >> place & 1]
           for number, bits in itertools.product(range(3), range(4))}


def count_changes(before, after):
    """From what to what: of decisions that were told, with what is so now."""
    return collections.Counter(
        (found["verdict"], after[found["client"], found["to"]]) for found in before
        if found["verdict"] in ("refuse", "drop", "defer", "quarantine")
        and found["verdict"] != after[found["client"], found["to"]])


@case
def as_it_comes():
    """The same clients come again under the other configuration: what was said is so."""
    folder = server.new_dir("store")
    os.chmod(folder, 0o777)
    rng = random.Random(7)
    clients = [*CLIENTS, "203.0.113.200", "203.0.113.66"]
    pairs = list(itertools.product(clients, RECIPIENTS))
    with NameServer(nameserver.zones(CLIENTS, LABELS)) as dns:
        plain = daemon.config(dns.address, LABELS, policies=REAL)
        with daemon.Relayguard(f'store {{ path = "{folder}" }}\n' + plain) as guard:
            old = guard.text
            load.deliver(guard, [rng.choice(pairs) for _ in range(200)])
            same(guard.stop(), 0, "it ends")
            before = guard.decisions()
        # Where all was heard, and believed, there is but one answer.
        plainly = [found for found in before if not {"doubted", "not-awaited", "unknown"} & set(found)]
        ok(len(plainly) > 100, "mostly all was heard", len(plainly))
        for label, edits in EDITS.items():
            new = plain
            for change in edits:
                new = edit(*change, text=new)
            code, found = figures(put(new), folder, old=old)
            same(found["total"][0]["other_configuration"], 0, f"{label}: the same configuration")
            with daemon.Relayguard(new) as guard:
                load.deliver(guard, pairs)  # lists are confirmed
                load.deliver(guard, pairs)
                after = {(one["client"], one["to"]): one["verdict"] for one in guard.decisions()}
            said = {(data["then"], data["now"]): data["decisions"] for data in found["change"]}
            least, most = count_changes(plainly, after), count_changes(before, after)
            check.note(f"{label}: {said}")
            same(code, int(bool(said)), f"{label}: exit")
            ok(all(least[key] <= said.get(key, 0) <= most[key] for key in {*said, *most}),
               f"{label}: from what to what, and how often", (said, least, most))
            ok(label == "nothing" or sum(least.values()) > 5, f"{label}: there are some")


@case
def nothing_known():
    """A store that nothing can be told of, as in shadow mode, is no "0 different"."""
    for what, counts, rows in (("no row", PASSED, []), ("none that can be replayed", PASSED,
                                                        [ROWS[7]]), ("no count", [], [])):
        folder = make_store([(counts, rows)])
        code, found = figures(put(OLD), folder)
        total = found["total"][0]
        same((code, total["same"], total["different"], "can be replayed" in total["note"]),
             (66, None, None, True), f"{what}: not known")
        same(total["passed"], 1007 if counts else None, f"{what}: how many passed")
        code, out, _ = run(put(OLD), folder)
        same((code, "\nthe store has no decision that can be replayed: nothing is known\n" in out,
              "nothing is counted yet" in out), (66, True, not counts), f"{what}: for people")


check.run()
