#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""relayguardctl report from the store: its figures are those of the log, by whatever the daemon
was stopped, and whoever reads it."""
import glob
import itertools
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import time

from lib import check, daemon, load, nameserver, server
from lib.check import case, like, ok, same, unlike
from lib.nameserver import NameServer
from lib.reports import RELAYGUARDCTL, browse, figures, make_store, report

LABELS = ("bl", "cl", "dark")
RECIPIENTS = ("default.example", "strict.example", "both.example", "shadow.example",
              "mild.example")
POLICIES = """
allow { networks = { "203.0.113.200" } }
deny  { networks = { "203.0.113.66" } }
policy "default"        { lists = { "bl", "cl", "dark" }  refuse = 5 }
policy "strict.example" { lists = { "bl", "cl", "dark" }  refuse = 5  defer = 4  drop = 9 }
policy "both.example"   { lists = { "bl", "cl" }  refuse = 4  agree = 2 }
policy "shadow.example" { lists = { "bl", "cl", "dark" }  refuse = 5  mode = "shadow" }
policy "mild.example"   { lists = { "bl", "cl", "dark" }  refuse = 0  tag = 4 }
"""
TOLD = ("refuse", "drop", "defer", "quarantine")
# What both count in the same way; in the store nothing is known of who came later.
LIST_KEYS = ("seen", "listed", "against", "favour", "sole", "decisive", "unknown", "doubted",
             "suspended", "shadowed", "shadow_acts", "shadow_unknown")
TOTAL_KEYS = ("decisions", "weighed", "refused", "softened", "done", "meant", "week",
              "week_refused")
HOUR = 3600


def client_of(number, listed):
    """A client that is on those lists, which is seen from its address."""
    bits = sum(1 << LABELS.index(label) for label in listed)
    return f"198.51.100.{bits * 16 + number}"


CLIENTS = {client_of(number, listed): listed for number in range(3)
           for size in range(len(LABELS) + 1)
           for listed in itertools.combinations(LABELS, size)}


class Scene:
    """Three lists, and relayguard with a store."""

    def __init__(self):
        self.folder = server.new_dir("store")
        os.chmod(self.folder, 0o777)
        self.control = os.path.join(server.new_dir("control"), "c")
        self.dns = NameServer(nameserver.zones(CLIENTS, LABELS)).__enter__()
        self.lines = []
        self.guard = self.start()

    def start(self):
        """relayguard, once more."""
        return daemon.Relayguard(
            f'control {{ socket = "{self.control}" }}\nstore {{ path = "{self.folder}" }}\n'
            + daemon.config(self.dns.address, LABELS, policies=POLICIES.replace(
                "{", "{{").replace("}", "}}")).replace(
                    'list "dark" {', 'list "dark" {\n    mode = "shadow"'))

    def visit(self, count, seed):
        """Clients by chance, for recipients by chance."""
        rng = random.Random(seed)
        clients = [*CLIENTS, "203.0.113.200", "203.0.113.66"]
        load.deliver(self.guard, [(rng.choice(clients), rng.choice(RECIPIENTS))
                                  for _ in range(count)])

    def keep_lines(self):
        """What the daemon has logged, before it is another one."""
        self.lines += self.guard.lines("verdict=")

    def log(self):
        """All that was logged, as a file."""
        return server.write(os.path.join(server.new_dir("log"), "log"),
                            "".join(f"{line}\n" for line in self.lines))

    def metrics(self):
        """The daemon's own counts of answers."""
        text = subprocess.run([RELAYGUARDCTL, "-s", self.control, "metrics"], check=True,
                              stdout=subprocess.PIPE, text=True).stdout
        return {(found[1], found[2]): int(found[3]) for found in re.finditer(
            r'^relayguard_list_answers_total\{list="(\w+)",answer="(\w+)"\} (\d+)', text, re.M)}

    def end(self):
        """Stop what is there."""
        same(self.guard.stop(), 0, "it ends well")
        self.dns.__exit__(None, None, None)


def stamped(path):
    """A log whose lines have the stamp of this moment: the daemon's own have none."""
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S+00:00")
    with open(path, encoding="ascii") as file:
        lines = [re.sub(r"^.*?(relayguard\[)", rf"{stamp} mx \1", line) for line in file]
    return server.write(path + ".stamped", "".join(lines))


def compare(here, what):
    """The figures of the store, and of the log, one by one; those of the store."""
    store, log = figures("--store", here.folder), figures(stamped(here.log()))
    same(store["total", ""]["source"], "store", f"{what}: the source is said")
    hour = int(time.time()) // HOUR
    keys = [key for key in TOTAL_KEYS if "week" not in key or hour == here.hour]
    same({key: store["total", ""][key] for key in keys},
         {key: log["total", ""][key] for key in keys}, f"{what}: totals")
    for label in LABELS:
        same({key: store["list", label][key] for key in LIST_KEYS},
             {key: log["list", label][key] for key in LIST_KEYS}, f"{what}: {label}")
    for key in [key for key in log if key[0] == "policy"]:
        same({**store[key]}, {**log[key]}, f"{what}: {key}")
    for key in [key for key in log if key[0] == "reason"]:
        same(store[key]["all"], log[key]["all"], f"{what}: {key}")
    told = [found for found in map(daemon.fields, here.lines) if found["verdict"] in TOLD]
    for label in LABELS:
        clients = {found["client"] for found in told if re.search(
            rf"\b{label}:", found.get("lists", "") + "," + found.get("shadowed", ""))}
        same(store["list", label]["clients"], len(clients), f"{what}: {label}: clients")
        same(store["list", label]["clients_good"], None, f"{what}: nobody knows who was good")
        same(log["list", label]["ms_p95"], None, f"{what}: no log knows how long it took")
    return store


@case
def as_logged():
    """All figures, while the daemon runs no more, and after another start in the same hour."""
    here = Scene()
    here.hour = int(time.time()) // HOUR
    here.visit(150, 1)
    answers = here.metrics()
    here.keep_lines()
    same(here.guard.stop(), 0, "it ends")
    ok(sum("softened" in line for line in here.lines) < len(here.lines) // 2, "mostly no doubt")
    store = compare(here, "one run")
    for label in LABELS:
        found = store["list", label]
        got = {kind: answers[label, kind] for kind in ("clear", "listed", "error", "unknown")}
        same([found["asked"], found["answered"], found["timeouts"], found["errors"]],
             [sum(got.values()), got["clear"] + got["listed"], got["unknown"], got["error"]],
             f"{label}: asked and answered")
        ok(got["listed"] > 5 and 0 < found["ms_p50"] <= found["ms_p95"], f"{label}: latency", found)
        ok(found["decisive"] > 0 or label == "dark", f"{label}: something rests on it")
    here.guard = here.start()
    here.visit(60, 2)
    here.keep_lines()
    same(here.guard.stop(), 0, "it ends once more")
    compare(here, "two runs")
    here.guard = here.start()
    here.visit(20, 3)
    before = figures("--store", here.folder)["total", ""]["decisions"]
    same(before, len(here.lines), "while it runs: what was written is counted")
    here.guard.send(signal.SIGKILL)
    here.guard.wait(5)
    same(figures("--store", here.folder)["total", ""]["decisions"], before,
         "after kill -9 some minutes are missing, and nothing else")
    here.guard = here.start()
    here.end()


@case
def by_whom():
    """Read while the daemon writes, and by who may not write, or not even read."""
    here = Scene()
    here.visit(30, 4)
    files = glob.glob(here.folder + "/decisions-*.db")
    same(len(files), 1, "there is a file")
    here.guard.stop()
    here.guard = here.start()
    here.visit(5, 5)
    words = [daemon.PROGRAM + "ctl", "report", "--store", here.folder]
    shutil.copy(RELAYGUARDCTL, words[0])
    names = sorted(os.listdir(here.folder))

    def as_nobody():
        """What somebody gets who has no right to the folder but to read it."""
        return subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                               *words], check=False, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True)

    os.chmod(here.folder, 0o755)
    for path in glob.glob(here.folder + "/*"):
        os.chmod(path, 0o644)
    for running in (True, False):
        what = "while it runs" if running else "while it does not"
        done = as_nobody()
        same((done.returncode, done.stderr), (0, ""), f"who may only read, {what}")
        like(done.stdout, r"^\d\d decisions counted by the store", f"all is counted, {what}")
        same(report("report", "--store", here.folder)[0], 0, f"root, {what}")
        same(sorted(os.listdir(here.folder)), names, f"nothing is left behind, {what}")
        if running:
            same(here.guard.stop(), 0, "it ends")
            names = sorted(os.listdir(here.folder))
    os.chmod(files[0], 0o600)
    done = as_nobody()
    same((done.returncode, "Permission denied" in done.stderr), (77, True), "no right to a file")
    os.chmod(here.folder, 0o700)
    done = as_nobody()
    same((done.returncode, "Permission denied" in done.stderr), (77, True), "or to the folder")
    here.dns.__exit__(None, None, None)


LINE = ("ref=KF3K2Q9M verdict=refuse reason=lists client=192.0.2.%d policy=default score=%d/5 "
        "lists=%s ms=9")
COUNTS = [
    ("reason", "lists", "pass", 90), ("reason", "lists", "refuse", 3), ("reason", "auth", "pass", 7),
    ("policy", "default", "pass", 97), ("policy", "default", "refuse", 3),
    ("policy", "default", "shadowed-refuse", 4), ("counter", "", "softened", 2),
    ("wait", "", "ms-5", 60), ("wait", "", "ms-250", 36), ("wait", "", "longer", 4),
    ("wait", "", "ms-longer", 4),
    ("list", "zen", "seen", 9), ("list", "zen", "listed", 8), ("list", "zen", "against", 8),
    ("list", "zen", "sole", 2), ("list", "zen", "decisive", 5),
    ("list", "zen", "answer-clear", 50), ("list", "zen", "answer-listed", 6),
    ("list", "zen", "answer-unknown", 3), ("list", "zen", "answer-error", 1),
    ("list", "zen", "ms-20", 50), ("list", "zen", "ms-100", 5), ("list", "zen", "ms-longer", 1),
    ("list", "zen", "what-is-that", 9), ("new", "kind", "of", 9), ("list", "idle", "answer-clear", 1)]
ROWS = [(5, LINE % (1, 8, "zen:127.0.0.2*5,cop:127.0.0.2*3")), (6, LINE % (2, 5, "zen:127.0.0.2*5")),
        (7, LINE % (2, 5, "zen:127.0.0.2*5")), (8, "no decision at all")]


@case
def by_hand():
    """A small store, and each of its figures; then what is wrong with stores."""
    # In the first hour of a day two days reach back to the first hour of the one before them.
    folder = make_store([(COUNTS, ROWS), ([], []), ([], []), (COUNTS[:3], ROWS[:1])])
    code, out, said = report("report", "--days", "2", "--store", folder)
    same((code, said), (0, "relayguardctl: 1 rows of the store cannot be read\n"), "done")
    like(out, r"^100 decisions counted by the store, .* clients waited 5 ms \(median\), 250 ms "
         r"\(95%\)", "head")
    like(out, r"\nzen +8 +5 +2 +0 +2 +- +0\n", "what it has listed; who was good is not known")
    like(out, r"\nzen +60 +56 +3 +1 +20 +100\n", "what it was asked")
    like(out, r"\nidle +1 +1 +0 +0 +- +-\n", "no answer, no time")
    like(out, r"\n 1 zen +- +0 +33\n", "overlap: of three that were told")
    like(out, r"\nrefuse +3 +3\.0% +4\n", "verdicts")
    like(out, r"\ndefault +97 +0 +0 +0 +3 +0 +4\n", "the policy")
    like(out, r"\nlists +93 +3\nauth +7 +0\n", "reasons")
    unlike(out, "what-is-that|kind", "what is not known is left out")
    like(report("report", "--store", folder)[1], "^200 decisions", "all days")
    name = sorted(glob.glob(folder + "/*"))[0]
    with open(name, "wb") as file:
        file.write(b"no database\n" * 1000)
    code, out, said = report("report", "--store", folder)
    same((code, f"{name}: file is not a database" in said, out[:4]), (65, True, "100 "),
         "a damaged file is said, and what is whole is counted")
    old = make_store([(None, ROWS[:3])])
    code, out, said = report("report", "--store", old)
    same((code, "nothing is counted by the hour" in said), (0, True), "one of before there were")
    empty = server.new_dir("empty")
    server.write(f"{empty}/decisions-20261101.db.corrupt", "x")
    for words, code in ((("--store", empty), 66), (("--store", empty + "/none"), 66),
                        (("--conf", empty + "/none"), 78)):
        same(report("report", *words)[0], code, f"{words}: {code}")
    conf = server.write(f"{empty}/conf", f'store {{ path = "{folder}" }}\npolicy "default" {{ }}\n')
    where = ("--conf", conf, "--lists", daemon.LISTS)
    same(report("report", *where)[0], 65, "the folder that the configuration names")
    server.write(conf, 'policy "default" { }\n')
    code, _, said = report("report", *where)
    same((code, "there is no store" in said), (66, True), "and one that names none")


@case
def hostile():
    """A file that somebody has made up is read, or is not; nobody else's figures come of it."""
    folder = make_store([([("list", "<b>&\x01", "listed", 2 ** 62), ("wait", "", "ms-99999999", 1),
                           ("reason", "x" * 999, "refuse", -5), ("policy", "p", "shadowed-", 1)],
                          [(2 ** 61, ROWS[0][1]), (-(2 ** 60), ROWS[0][1]), (5, "ref=" * 9999)])])
    same(report("report", "--store", folder)[0], 0, "numbers of all sizes")
    db = sqlite3.connect(glob.glob(folder + "/decisions-*.db")[0])
    db.execute("DROP TABLE hours")
    db.execute("DROP TABLE decisions")
    db.execute("CREATE VIEW decisions AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1"
               " FROM n) SELECT i AS time, 'x' AS line, 'x' AS policy, 'x' AS conf, 1 AS rowid FROM n")
    db.commit()
    db.close()
    same(report("report", "--store", folder)[0], 65, "a view is no table")


@case
def page():
    """The page has the new columns, in a real browser too."""
    folder = make_store([(COUNTS, ROWS[:3])])
    path = os.path.join(server.new_dir("report"), "page.html")
    same(report("report", "--html", path, "--store", folder)[0], 0, "it is written")
    with open(path, encoding="ascii") as file:
        text = file.read()
    like(text, r"counted by the store</p>", "the source")
    like(text, r">zen</td><td>60</td><td>56</td><td>3</td><td>1</td><td>20</td><td>100</td>",
         "what zen was asked, and how long it took")
    if not shutil.which("chromium"):
        check.skip("a browser shows it", "chromium is not installed")
        return
    dom = browse("--dump-dom", f"file://{path}")
    like(dom, r"<th>time-outs</th><th>errors</th><th>50%, ms</th><th>95%, ms</th>", "its heading")
    same(dom.count('class="bar"'), 3, "a bar for each list")
    picture = path + ".png"
    browse(f"--screenshot={picture}", f"file://{path}")
    ok(os.path.getsize(picture) > 20000, "with something on it")


@case
def uncounted():
    """Before anything is counted, no number is said."""
    folder = make_store([([], [])])
    done = [subprocess.run([RELAYGUARDCTL, *words, "report", "--store", folder], check=False,
                           timeout=60, stdout=subprocess.PIPE, text=True).stdout
            for words in ((), ("-j",))]
    like(done[0], r"^nothing is counted yet: that is written every five minutes, and", "text")
    total = json.loads(done[1].splitlines()[0])["data"]
    same([total[key] for key in ("decisions", "weighed", "refused", "softened")], [None] * 4,
         "JSON")


check.run()
