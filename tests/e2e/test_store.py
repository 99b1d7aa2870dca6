#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""The store: what was refused can be explained after a restart and a change of the
configuration; a disk that is full, read-only or damaged stops no mail, nor does the clock."""
import glob
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import time

from lib import check, faketime, load, scene, server, stored
from lib.check import case, like, ok, same


@case
def after_a_restart():
    """The decision as it was, and as it would be now."""
    here = stored.Scene()
    ref = here.first()
    ok(here.is_stored(ref), "it is stored while the daemon runs")
    same(here.guard.stop(), 0, "it ends")
    here.guard = here.start()
    check.wait_for(lambda: "state: good" in subprocess.run(
        [stored.RELAYGUARDCTL, "-s", here.control, "lists"], check=False, stdout=subprocess.PIPE,
        text=True).stdout, 8)
    code, text, _ = here.explain(ref.lower())
    same(code, 0, "explained after a restart, in small letters")
    like(text, r"(?s)^stored\n.*policy_section: default.*verdict: refuse.*from: "
         r"somebody@sender\.example", "what was decided")
    like(text, r"(?s)\nverdict\n  action: refuse.*differences\n  same_configuration: no\n"
         r"  same_decision: yes", "and would be now; another port makes another file")
    ok(here.guard.reload(here.guard.text.replace("refuse = 5", "refuse = 0")), "a change")
    text = here.explain(ref)[1]
    like(text, r"(?s)same_decision: no\n  changed:\n    verdict: refuse -> pass",
         "what is different is said")
    code, _, said = here.explain("ZZZZZZZZ")
    same((code, "zgrep -h 'ref=ZZZZZZZZ '" in said), (1, True),
         "one that nobody has: how to look for it in the log")
    same(here.explain("0ZZZZZZZ")[0], 64, "neither an address nor a reference")
    here.end()


@case
def measured():
    """Rows, bytes, and whether it works."""
    here = stored.Scene()
    refs = [here.first() for _ in range(3)]
    ok(here.is_stored(refs[-1]), "stored")
    same([here.value(f"relayguard_store_{name}") for name in ("rows_total", "dropped_total", "up")],
         [3, 0, 1], "three rows, none dropped")
    same(here.value("relayguard_store_bytes"),
         sum(os.path.getsize(path) for path in glob.glob(here.folder + "/decisions-*")), "its bytes")
    here.end()


@case
def without_names():
    """Nothing that names a person is kept."""
    here = stored.Scene('privacy = "no-names"')
    ref = here.first()
    ok(here.is_stored(ref), "it is stored")
    text = here.explain(ref)[1]
    like(text, r"from: @sender\.example\n.*to: @any\.example", "domains are there")
    ok("somebody" not in text and "client.example" not in text, "names are not", text)
    here.end()
    held = b"".join(open(path, "rb").read() for path in glob.glob(here.folder + "/*"))
    ok(b"somebody" not in held and b"bob" not in held, "nor on disk")


@case
def no_folder_or_no_right():
    """What to do is said at the start; rights are mended without a restart."""
    folder = server.new_dir("store")
    os.rmdir(folder)
    here = stored.Scene(folder=folder, made=False)
    like("".join(here.guard.wait_lines("event=store-failed")), r"hint=make-the-folder-for-its-user",
         "no folder: said before there is anything to store")
    ref = here.first()
    os.mkdir(folder)
    restart = here.guard.wait_lines("event=(store-restored|.*hint=.*restart-relayguard$)", 2)
    ok(len(restart) > 1, "it is made: a restart is wanted where the sandbox needs one", restart)
    same(here.guard.stop(), 0, "it ends")
    here.guard = here.start()
    ref = here.first()
    ok(here.is_stored(ref), "then it is stored")
    here.end()
    os.chmod(folder, 0o555)
    here = stored.Scene(folder=folder, made=False, user="nobody")
    like("".join(here.guard.wait_lines("event=store-failed")), r"hint=let-its-user-read-and-write",
         "no right: said")
    same(here.value("relayguard_store_up"), 0, "and measured")
    ref = here.first()
    shutil.chown(folder, "nobody")
    os.chmod(folder, 0o755)
    for path in glob.glob(folder + "/*"):
        shutil.chown(path, "nobody")
    ok(here.is_stored(ref), "it is given: what waited is stored")
    same(len(here.guard.events("store-restored")), 1, "and said so")
    same(here.value("relayguard_store_up"), 1, "and measured")
    here.end()


@case
def not_to_be_read():
    """A day that is damaged is named to who looks for what may be in it."""
    here = stored.Scene()
    here.first()
    path = f"{here.folder}/decisions-20200101.db"
    server.write(path, "no database\n" * 1000)
    code, _, said = here.explain("ZZZZZZZZ")
    same(code, 1, "it is not found")
    like(said, re.escape(path) + " cannot be read: file is not a database", "but may be there")
    here.end()


@case
def damaged():
    """A file that is none is set aside, and a new one begun."""
    folder = server.new_dir("store")
    day = time.strftime("%Y%m%d", time.gmtime())
    path = f"{folder}/decisions-{day}.db"
    server.write(path, "no database\n" * 1000)
    here = stored.Scene(folder=folder)
    ref = here.first()
    ok(here.is_stored(ref), "stored in a new one")
    ok(os.path.exists(path + ".corrupt"), "the old one is there to be looked at")
    same(len(here.guard.events("store-corrupt")), 1, "said once")
    here.end()


@case
def clock_steps():
    """A clock that is years ahead or days behind removes nothing, and all is found."""
    if not faketime.LIBRARY:
        check.skip("the clock steps", "no libfaketime")
        return
    clock, folder = faketime.Clock(), server.new_dir("store")
    for ago in range(1, 14):
        day = time.strftime("%Y%m%d", time.gmtime(time.time() - ago * 86400))
        sqlite3.connect(f"{folder}/decisions-{day}.db").execute(
            "CREATE TABLE decisions (time, ref, line, policy, conf)")
    before = set(os.listdir(folder))
    here = stored.Scene(folder=folder, prefix=clock.prefix)
    refs = [here.first()]
    for step in ("+3650d", "-5d", "+20d", "+0s"):
        clock.set(step)
        refs.append(here.refuse())
        ok(here.is_stored(refs[-1]), f"{step}: stored")
        same(before - set(os.listdir(folder)), set(), f"{step}: all days are there")
    same([ref for ref in refs if here.explain(ref)[0] != 0], [], "all are found")
    clock.set("+3650d")
    same(here.guard.stop(), 0, "it ends")
    here.guard = here.start()
    refs.append(here.first())
    ok(here.is_stored(refs[-1]), "started in another year: stored")
    same(before - set(os.listdir(folder)), set(), "and all days are there")
    same([ref for ref in refs if here.explain(ref)[0] != 0], [], "all are found")
    same(len(here.guard.events("store-clock")), 0, "a start cannot know")
    here.end()


_MOUNT = 'mount -t tmpfs -o mode=777,size=256k tmpfs "$0" && %s exec "$@"'
_NAMESPACE = subprocess.run(["unshare", "--mount", "true"], check=False,
                            stderr=subprocess.DEVNULL).returncode == 0


def _inside(guard, command):
    subprocess.run(["nsenter", "-t", str(guard.pid), "-m", "sh", "-c", command], check=False,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@case
def full_or_read_only():
    """Said once, mail goes on, and when there is room it goes on being stored."""
    if not _NAMESPACE:
        check.skip("full or read-only", "no mount namespaces for us")
        return
    for label, before, heal in (
            ("full", 'dd if=/dev/zero of="$0/fill" bs=4k 2> /dev/null;', "rm {0}/fill"),
            ("read-only", 'mount -o remount,ro "$0";', "mount -o remount,rw {0}")):
        folder = server.new_dir("store")
        here = stored.Scene(folder=folder,
                     prefix=["unshare", "--mount", "sh", "-c", _MOUNT % before, folder])
        here.first()
        same({load.judge(here.guard.where, scene.RELAY) for _ in range(100)}, {"refuse"},
             f"{label}: mail goes on")
        ok(here.guard.wait_lines("event=store-failed"), f"{label}: it is said")
        for _ in range(3):
            time.sleep(0.4)
            here.refuse()
        same(len(here.guard.events("store-failed")), 1, f"{label}: once")
        _inside(here.guard, heal.format(folder))
        ok(here.is_stored(here.refuse()) or here.is_stored(here.refuse()),
           f"{label}: then it is stored")
        ok(here.guard.wait_lines("event=store-restored"), f"{label}: and said so")
        here.guard.send(signal.SIGTERM)
        same(here.guard.wait(), 0, f"{label}: it ends well")
        like(here.guard.output(), r"event=stopped.* store-rows=%d store-dropped=0" %
             len(here.guard.decisions(verdict="refuse")), f"{label}: none is lost")


check.run()
