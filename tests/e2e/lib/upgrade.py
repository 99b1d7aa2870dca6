# SPDX-License-Identifier: BSD-2-Clause
"""What 0.1.0 leaves to who comes after it: its configuration, log and keys in Redis, as files in
upgrade/0.1.0; and sessions that old and new must decide alike.  In upgrade/store is what builds
between 0.1.0 and 0.2.0 have left on disk.

RELAYGUARD_OLD, where it is set, is the program of 0.1.0 itself.
"""
import contextlib
import os
import pwd
import re
import shutil
import sqlite3
import time

from . import check, daemon, milter, nameserver, scene, server
from .check import ok
from .nameserver import Answer, reverse

_PLACE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "upgrade")
SEEDS = os.path.join(_PLACE, "0.1.0")
STORE = os.path.join(_PLACE, "store")
OLD = os.environ.get("RELAYGUARD_OLD")
USER, PASSWORD = "relayguard", "S3cret"
ACL = "~rg1:* +get +mget +set +ping +select +auth"  # by its manual
SAME = ("verdict", "meant", "softened", "reason", "client", "policy", "score", "groups")
UNSURE = ("softened", "doubted", "unknown", "suspended")

MX = b"mx.sender.example"
# Client, its name in DNS, HELO, sender, recipient, and whether it has logged in.
SESSIONS = [
    (client, MX, b"mx.sender.example", b"<a@sender.example>", recipient, False)
    for client, recipient in (
        (scene.RELAY, b"<bob@any.example>"), (scene.BOT, b"<bob@any.example>"),
        (scene.PROXY, b"<bob@any.example>"), (scene.LISTED6, b"<bob@any.example>"),
        (scene.GOOD, b"<bob@any.example>"), (scene.GOOD6, b"<bob@any.example>"),
        (scene.RELAY, b"<postmaster@any.example>"), (scene.RELAY, b"<help@any.example>"),
        (scene.BOT, b"<bob@strict.example>"), (scene.RELAY, b"<bob@mild.example>"),
        (scene.RELAY, b"<bob@shadow.example>"), (scene.RELAY, b"<bob@sub.dotted.example>"),
        (scene.RELAY, b"<help@sub.dotted.example>"), (scene.RELAY, b"<bob@agree.example>"),
        (scene.RELAY, b"<bob@drop.example>"), (scene.BOT, b"<bob@gold.example>"),
        (scene.BOT, b"<bob@sub.gold.example>"), (scene.ALLOWED, b"<bob@strict.example>"),
        ("203.0.113.130", b"<bob@strict.example>"), ("192.0.2.66", b"<bob@any.example>"),
        ("192.0.2.9", b"<bob@any.example>"), ("192.0.2.9", b"<abuse@any.example>"),
        ("198.51.100.20", b"<bob@any.example>"), ("198.51.100.20", b"<bob@strict.example>"),
        ("198.51.100.21", b"<bob@sub.dotted.example>"), ("198.51.100.22", b"<bob@agree.example>"),
        ("198.51.100.30", b"<bob@strict.example>"), ("198.51.100.40", b"<bob@any.example>"))
] + [
    (scene.GOOD, MX, b"mx.bad.example", b"<a@sender.example>", b"<bob@any.example>", False),
    (scene.GOOD, MX, b"mx.sender.example", b"<a@sub.bad.example>", b"<bob@any.example>", False),
    (scene.GOOD, MX, b"mx.sender.example", b"<>", b"<bob@any.example>", False),
    (scene.RELAY, MX, b"mx.sender.example", b"<a@sender.example>", b"<bob@strict.example>", True),
    ("198.51.100.50", b"mx.partner.example", b"mx.partner.example", b"<a@other.example>",
     b"<bob@any.example>", False),
]


def table():
    """What the lists say."""
    found = {}
    for label, listed in (("bl.example", (scene.LISTED6, scene.RELAY, "198.51.100.22",
                                          "198.51.100.30", "198.51.100.50")),
                          ("dl.example", ("198.51.100.20", "198.51.100.22")),
                          ("k3y.cl.example", ("198.51.100.21", "198.51.100.22")),
                          ("wl.example", ("198.51.100.30",)),
                          ("watched.example", ("198.51.100.40",))):
        found.update(nameserver.zone(label, listed))
    found[reverse(scene.BOT, "bl.example")] = Answer("127.0.0.4")
    found[reverse(scene.PROXY, "bl.example")] = Answer("127.1.0.8")
    for name in "test", "bad.example":
        found[f"{name}.names.example"] = Answer("127.0.1.2")
    found["mx.partner.example"] = Answer("198.51.100.50")
    return found


def seed(name):
    """The text of one of the files."""
    with open(os.path.join(SEEDS, name), encoding="ascii") as file:
        return file.read()


def configuration(dns, store):
    """A configuration with every keyword that 0.1.0 knew, with its files."""
    folder = server.new_dir("old")
    nobody = pwd.getpwnam("nobody")
    shutil.copytree(SEEDS, folder, dirs_exist_ok=True)
    os.chmod(folder, 0o755)
    server.write(os.path.join(folder, "password"), PASSWORD + "\n")
    for name in "password", "key":
        os.chown(os.path.join(folder, name), nobody.pw_uid, nobody.pw_gid)
        os.chmod(os.path.join(folder, name), 0o400)
    text = seed("whole.conf")
    for word, value in (("FOLDER", folder), ("DNS", dns.address), ("REDIS", store.url)):
        text = text.replace(f"@{word}@", value)
    return text


def no_lists():
    """A registry without a list: the old program does not know all words of ours."""
    return server.write(os.path.join(server.new_dir("lists"), "lists.conf"), "")


def start(text, old=False, **options):
    """relayguard with that configuration, but a socket and a pid file of its own."""
    text = re.sub(r"^(listen|pid_file) .*\n", "", text, flags=re.MULTILINE)
    text = f'pid_file = "{server.new_dir("pid")}/pid"\n' + text
    if old:
        options.update(program=OLD, lists=no_lists())
    return daemon.Relayguard(text, **options)


def session(guard, row):
    """One session up to RCPT: the code of its reply, and the decision."""
    client, name, helo, sender, recipient, auth = row

    def talk():
        with milter.Client(guard.where) as mta:
            mta.negotiate()
            mta.connect(client, name)
            mta.helo(helo)
            if auth:
                mta.macros("M", auth_authen="bob")
            mta.mail(sender)
            reply = mta.rcpt(recipient)
            mta.abort()
            mta.quit()
            return reply

    reply, line = guard.decided(talk)
    return reply[1][:3].decode() if reply and reply[0] == "y" else "250", line


def judgement(line):
    """What of a decision must be the same before and after.

    Where mail passes the score is of the lists that were waited for; and for a client in allow
    0.1.0 did not say the policy.
    """
    told = {key: line[key] for key in SAME if key in line}
    if told.get("verdict") == "pass" and "meant" not in told:
        told.pop("score", None)
    if told.get("reason") == "allow":
        told.pop("policy", None)
    return told


def judge_all(guard):
    """All sessions, once the lists have been tested: each with its code and decision."""
    found = []

    def decide():
        found[:] = [session(guard, row) for row in SESSIONS]
        return not any(key in line for _, line in found for key in UNSURE)

    ok(check.wait_for(decide, 60), "the lists are believed")
    return found


def logged():
    """The decisions of 0.1.0 about the same sessions, from its log."""
    return [daemon.fields(line) for line in seed("maillog").splitlines() if " verdict=" in line]


def _dated(text):
    """A seed with its times, which are told from when it is used."""
    now = int(time.time())
    text = text.replace("@HOUR@", str(now // 3600 * 3600))
    return re.sub(r"@NOW([+-]\d+)@", lambda found: str(now + int(found.group(1))), text)


def put_keys(store):
    """Put into Redis what 0.1.0 has left there: how many keys."""
    lines = [line.split() for line in _dated(seed("redis")).splitlines()
             if not line.startswith("#")]
    for key, value, seconds in lines:
        store.command("SET", key, value, "EX", seconds)
    return len(lines)


def put_store(folder):
    """Make the files of a store in a folder, as they would be there."""
    for name in os.listdir(STORE):
        day = time.strftime("-%Y%m%d", time.gmtime()) if name == "decisions.sql" else ""
        path = os.path.join(folder, name.replace(".sql", day + ".db"))
        with open(os.path.join(STORE, name), encoding="ascii") as file, \
                contextlib.closing(sqlite3.connect(path)) as db:
            db.executescript(_dated(file.read()))
        os.chmod(path, 0o666)
