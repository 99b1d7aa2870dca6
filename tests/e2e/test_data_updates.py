#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Lists as data: files are replaced while relayguard runs, and what is no good is not taken.

Files are looked at every ten seconds; what each list has come to is in the log, and in what
becomes of its client.
"""
import contextlib
import os
import shutil
import signal
import subprocess
import threading
import time

from lib import check, daemon, explained, milter, server
from lib.check import case, like, ok, same, skip

CLIENT, OTHER = "198.51.100.7", "198.51.100.8"
ENTRIES = 200
LOOKS = 60  # seconds that a look is waited for, on a machine that has much to do

LIST = """
list "{label}" {{
    data = {{ "ip4set:{path}" }}
    {more}
    answer "127.0.0.2" {{ category = "spam-source"  score = 5 }}
}}
policy "{label}.example" {{ lists = {{ "{label}" }}  refuse = 5 }}
"""


def entries(count=ENTRIES, client=CLIENT):
    """The text of a file: its test entry, a client, and others."""
    lines = ["127.0.0.2", client] + [f"10.7.{i // 250}.{i % 250 + 1}" for i in range(count - 2)]
    return "".join(f"{line}\n" for line in lines)


class Scene:
    """A folder with a file for each label, and a configuration that has them as lists."""

    def __init__(self, *labels, more=""):
        self.folder = server.new_dir("lists")
        self.labels, self.more = labels, more

    def path(self, label):
        """The file of a list."""
        return os.path.join(self.folder, label)

    def write(self, label, text, seconds_ago=60):
        """Write beside its file, with a time; the path."""
        path = server.write(self.path(label) + ".new", text)
        then = time.time() - seconds_ago
        os.utime(path, (then, then))
        return path

    def replace(self, label, text, seconds_ago=60):
        """Put another file in its place, as mv does."""
        path = self.write(label, text, seconds_ago)
        subprocess.run(["mv", path, self.path(label)], check=True)

    def config(self):
        """Of a list for each label, and a policy for LABEL.example."""
        return "".join(LIST.format(label=label, path=self.path(label), more=self.more)
                       for label in self.labels) + 'policy "default" { }\n'


@contextlib.contextmanager
def running(*labels, more="", text=None, head=""):
    """A daemon whose lists all have CLIENT."""
    scene = Scene(*labels, more=more)
    for label in labels:
        scene.replace(label, text or entries())
    with daemon.Relayguard(head + scene.config()) as guard:
        guard.wait_lines(r"event=data-taken ", len(labels), LOOKS)
        yield scene, guard


@contextlib.contextmanager
def controlled(*labels):
    """The same, with a control socket; the third is what takes a list."""
    socket = os.path.join(server.new_dir("control"), "control")
    with running(*labels, head=f'control {{ socket = "{socket}" }}\n') as (scene, guard):
        yield scene, guard, lambda label: explained.ask(socket, "take", label)


def verdict(guard, label, address=CLIENT):
    """What becomes of a client by one list."""
    return milter.verdict(guard.where, address, f"<bob@{label}.example>".encode())


def said(guard, event, label, count=1):
    """Wait for an event of a list; its fields."""
    lines = guard.wait_lines(rf"event={event} list={label} ", count, LOOKS)
    return daemon.fields(lines[-1]) if len(lines) >= count else {}


@case
def replaced():
    """A file that is replaced is noticed without a reload."""
    with running("moved", "synced", "slow") as (scene, guard):
        for label in scene.labels:
            same(verdict(guard, label), "refuse", f"{label}: a client is on the list")
            same(verdict(guard, label, OTHER), "pass", f"{label}: another is not")
        began = time.monotonic()
        scene.replace("moved", entries(client=OTHER))
        source = scene.write("synced", entries(ENTRIES + 1, OTHER), 30)
        if shutil.which("rsync"):
            subprocess.run(["rsync", "-t", source, scene.path("synced")], check=True)
        else:
            skip("rsync replaces it", "there is none")
            os.rename(source, scene.path("synced"))
        # Who writes to the file itself is waited for until it is done.
        with open(scene.path("slow"), "w", encoding="ascii") as file:
            for line in entries(client=OTHER).splitlines(keepends=True)[::20] * 2:
                file.write(line)
                file.flush()
                time.sleep(0.2)
            file.seek(0)
            file.write(entries(client=OTHER))
            file.truncate()
        for label in scene.labels:
            fields = said(guard, "data-taken", label, 2)
            ok(fields.get("before") == str(ENTRIES), f"{label}: it is taken", guard.output())
            same(verdict(guard, label), "pass", f"{label}: the client is on it no more")
            same(verdict(guard, label, OTHER), "refuse", f"{label}: another is")
        check.note(f"noticed within {time.monotonic() - began:.0f} s")
        same(guard.events("data-refused"), [], "and nothing was refused")
        same(guard.events("reload"), [], "without a reload")


# What becomes of a file, the reason that is logged, and its entries.
FAULTS = {
    "emptied": ("", "empty", "0"),
    "comments": ("# to be done\n", "empty", "0"),
    "cut": (entries(client=OTHER)[:-3], "cut", str(ENTRIES - 1)),
    "half": (entries(ENTRIES // 2, OTHER), "shrunk", str(ENTRIES // 2)),
    "doubled": (entries(ENTRIES * 2, OTHER), "grown", str(ENTRIES * 2)),
    "untested": (entries(client=OTHER).replace("127.0.0.2\n", "127.0.0.3\n"), "refused", str(ENTRIES)),
    "world": (entries(client=OTHER) + "1.0.0.0-126.255.255.255\n128.0.0.0-223.255.255.255\n", "refused",
              str(ENTRIES + 2)),
    "padded": (entries(client=OTHER) + "# more\n" * 200000, "large", "0"),
    "squeezed": (b"\x1f\x8b\x08".decode("latin-1") * 50, "unreadable", "0"),
}


@case
def refused():
    """A file that is no good is not taken: that is said once, and the old one stays."""
    with running("gone", "writable", *FAULTS, more='max_size = "1M"') as (scene, guard):
        for label, (text, _, _) in FAULTS.items():
            scene.replace(label, text)
        os.unlink(scene.path("gone"))
        os.chmod(scene.write("writable", entries(client=OTHER)), 0o666)
        os.rename(scene.path("writable") + ".new", scene.path("writable"))
        wanted = {label: want[1:] for label, want in FAULTS.items()}
        wanted |= {"gone": ("missing", "0"), "writable": ("unreadable", "0")}
        for label, (reason, count) in wanted.items():
            fields = said(guard, "data-refused", label)
            same((fields.get("reason"), fields.get("entries"), fields.get("before"), fields.get("file")),
                 (reason, count, str(ENTRIES), scene.path(label)), f"{label}: why")
            same(verdict(guard, label), "refuse", f"{label}: the old one stays")
            same(verdict(guard, label, OTHER), "pass", f"{label}: alone")
        for label, why in (("untested", "test-entry-missing"), ("world", "lists-everything"),
                           ("writable", "everybody-may-write-to-it"), ("padded", "has-2-MB")):
            same(said(guard, "data-refused", label).get("why"), why, f"{label}: more of why")
        for label in wanted:
            scene.replace(label, entries(ENTRIES + 2, OTHER), 50)
        for label in wanted:
            same(said(guard, "data-taken", label, 2).get("entries"), str(ENTRIES + 2),
                 f"{label}: a good one is taken")
            same(verdict(guard, label, OTHER), "refuse", f"{label}: it counts")
            same(len(guard.events(f"data-refused list={label} ")), 1, f"{label}: said once")


@case
def taken_by_an_administrator():
    """What is far smaller, and right, is taken by an administrator's word; what is cut is not."""
    with controlled("small", "broken") as (scene, guard, take):
        scene.replace("small", entries(ENTRIES // 4, OTHER))
        scene.replace("broken", entries(client=OTHER)[:-3])
        same(said(guard, "data-refused", "small").get("reason"), "shrunk", "small: it is not taken")
        same(said(guard, "data-refused", "broken").get("reason"), "cut", "broken: nor is that")
        code, text, _ = take("small")
        same(code, 0, "small: an administrator takes it")
        like(text, rf"\nentries: {ENTRIES // 4}\n", "small: how many there are")
        same(verdict(guard, "small", OTHER), "refuse", "small: it counts")
        code, text, _ = take("broken")
        same(code, 1, "broken: it is not taken")
        like(text, "files: cut", "broken: why")
        same(verdict(guard, "broken"), "refuse", "broken: the old one stays")
        same(take("nowhere")[0], 1, "there is no such list")


NAMES = """
list "names" {{
    data = {{ "dnset:{path}" }}
    kind = "domain"
    {more}
    answer "127.0.0.2" {{ category = "spam-source"  score = 5 }}
}}
policy "default" {{ lists = {{ "names" }}  refuse = 5 }}
"""


@case
def suffixes():
    """A line that lists a whole top-level domain is a slip, unless the configuration has it otherwise."""
    scene = Scene("names")
    socket = os.path.join(server.new_dir("control"), "control")
    names = "test\n" + "".join(f".spam{i}.example\n" for i in range(ENTRIES))
    scene.replace("names", names)
    text = f'control {{ socket = "{socket}" }}\n' + NAMES.format(path=scene.path("names"), more="")
    with daemon.Relayguard(text) as guard:
        ok(said(guard, "data-taken", "names"), "names are in use", guard.output())
        scene.replace("names", names + ".com\n", 50)
        fields = said(guard, "data-refused", "names")
        same((fields.get("reason"), fields.get("why")), ("refused", "lists-all-of-com"), "a slip is not taken")
        code, out, _ = explained.ask(socket, "lists", "names")
        like(out, "lists-all-of-com", "lists says so")
        code, out, _ = explained.ask(socket, "take", "names")
        same(code, 1, "and no administrator's word takes it")
        like(out, "lists-all-of-com", "but says why")
        guard.reload(guard.text.replace('kind = "domain"', 'kind = "domain" suffixes = true'))
        same(said(guard, "data-taken", "names", 2).get("entries"), str(ENTRIES + 2), "a word of the configuration does")


@case
def aged():
    """What is older than max_age counts for nothing, until there is something newer."""
    with running("old", "fresh", "stamped", more='max_age = "1d"') as (scene, guard):
        subprocess.run(["touch", "-d", "25 hours ago", scene.path("old")], check=True)
        scene.replace("stamped", entries() + "$TIMESTAMP 2026:01:01\n")
        for label in ("old", "stamped"):
            ok(int(said(guard, "data-expired", label).get("age", 0)) > 86400, f"{label}: it is said",
               guard.output())
            same(verdict(guard, label), "pass", f"{label}: nobody is refused by it")
        same(verdict(guard, "fresh"), "refuse", "fresh: as ever")
        subprocess.run(["touch", "-d", "1 hour ago", scene.path("old")], check=True)
        scene.replace("stamped", entries(), 40)
        for label in ("old", "stamped"):
            ok(said(guard, "data-back", label), f"{label}: it is back, which is said", guard.output())
            same(verdict(guard, label), "refuse", f"{label}: and counts")
            same(len(guard.events(f"data-expired list={label} ")), 1, f"{label}: each is said once")
        same(guard.events("data-expired list=fresh"), [], "fresh: nothing is said")


@case
def missing_at_the_start():
    """A file that is not there stops nobody: mail passes until it is."""
    scene = Scene("late", "there")
    scene.replace("there", entries())
    with daemon.Relayguard(scene.config()) as guard:
        like(guard.output(), r"relayguard\.conf:\d+: warning: data: \S*/late is not there",
             "a warning has the line")
        same(said(guard, "data-refused", "late").get("reason"), "missing", "and an event")
        same(verdict(guard, "late"), "pass", "nobody is refused by it")
        same(verdict(guard, "there"), "refuse", "the other list is in use")
        scene.replace("late", entries())
        ok(said(guard, "data-taken", "late"), "it is there", guard.output())
        same(verdict(guard, "late"), "refuse", "and counts")


@case
def other_folder():
    """A folder that was not named at the start is read after a restart, and a reload says so."""
    scene, other = Scene("one"), Scene("one", "two")
    for place in (scene, other):
        for label in place.labels:
            place.replace(label, entries())
    with daemon.Relayguard(scene.config()) as guard:
        ok(said(guard, "data-taken", "one"), "a list is in use")
        held = daemon.fields(guard.events("sandbox")[0]).get("landlock") != "no"
        guard.reload(other.config().replace(other.path("one"), scene.path("one")))
        lines = guard.lines(r"event=needs-restart what=data$")
        if held:
            ok(len(lines) == 1, "a reload says so", guard.output())
            like("\n".join(guard.events("configuration")), "by the sandbox, until a restart",
                 "and which file it is")
            same(verdict(guard, "two"), "pass", "nobody is refused by it")
        else:
            same(lines, [], "without Landlock no restart is needed")
        same(verdict(guard, "one"), "refuse", "the other list is as it was")
        same(len(guard.events("data-taken list=one ")), 1, "and was not read again")
    with daemon.Relayguard(guard.text) as guard:
        ok(said(guard, "data-taken", "two"), "after a restart it is in use", guard.output())
        same(verdict(guard, "two"), "refuse", "and counts")
        same(guard.events("needs-restart"), [], "nothing is left to do")


@case
def reloads_under_sessions():
    """Twenty reloads while sessions come and go: a list that stays is never unknown."""
    wrong, sessions, stop = [], [], threading.Event()

    def visit(label, address, want):
        while not stop.is_set():
            try:
                got = verdict(guard, label, address)
                sessions.append(1)
                if got != want:
                    wrong.append((label, address, got))
            except (milter.Gone, OSError) as error:
                wrong.append((label, repr(error)))
            time.sleep(0.005)

    with running("big", "small", text=entries(60000)) as (scene, guard):
        text = guard.text
        threads = [threading.Thread(target=visit, args=words) for words in (
            ("big", CLIENT, "refuse"), ("big", OTHER, "pass"), ("small", CLIENT, "refuse"))]
        for thread in threads:
            thread.start()
        for count in range(20):
            # Of one list the tests are others each time: it is read anew, before it is in use.
            changed = text.replace(f'ip4set:{scene.path("small")}" }}',
                                   f'ip4set:{scene.path("small")}" }}\n canary = {{ "{count + 50}.0.0.0/8" }}')
            # Of the other one it is another age: it stays.
            changed = changed.replace(f'ip4set:{scene.path("big")}" }}',
                                      f'ip4set:{scene.path("big")}" }}\n max_age = "{count + 10}h"')
            ok(guard.reload(changed, signal.SIGHUP), f"reload {count + 1}", guard.output()[-2000:])
        stop.set()
        for thread in threads:
            thread.join()
        same(len(guard.events("reloaded")), 20, "20 reloads")
        same(wrong[:5], [], f"no wrong verdict in {len(sessions)} sessions")
        same(len(guard.events("data-taken list=big ")), 1, "a list that stays is read once")
        ok(guard.wait_lines("event=data-taken list=small ", 2, LOOKS), "the other one is read anew")
        same(guard.events("data-refused"), [], "nothing was refused")


@case
def checked():
    """-t says how many entries there are, and what is wrong, and fails for no file."""
    scene = Scene("good", "odd", "absent")
    scene.replace("good", entries())
    scene.replace("odd", entries() + "nonsense\n" * 12)
    file = server.write(os.path.join(scene.folder, "relayguard.conf"), scene.config())
    code, out, err = daemon.run("-t", "-c", file, "-l", daemon.LISTS)
    same(code, 0, "it is good")
    like(out, rf'List "good" has {ENTRIES} entries here', "how many entries there are")
    like(err, rf"{scene.path('odd')}:{ENTRIES + 1}: warning: list \"odd\": this line is left out",
         "a line that is none")
    like(err, r"2 more lines are left out", "and how many more")
    like(err, rf"data: {scene.path('absent')} is not there", "a file that is not there")
    os.chmod(scene.path("good"), 0o600)
    server.write(file, 'user = "nobody"\n' + scene.config())
    code, _, err = daemon.run("-t", "-c", file, "-l", daemon.LISTS)
    like(err, rf"the user nobody cannot read {scene.path('good')}\n", "a file that root alone can read")
    same(code, 0, "which is a warning, too")


check.run()
