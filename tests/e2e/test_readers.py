#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""What is in contrib/ for programs that read the log, with lines of a real Postfix.

RELAYGUARD_LOGGERS  a folder with Debian's rsyslog and syslog-ng-core, each unpacked in a folder
                    of its name (default: those that are installed)
"""
import collections
import glob
import json
import os
import re
import shutil
import socket
import subprocess

from lib import check, scene, server, smtp
from lib.check import ok, same

CONTRIB = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "contrib")
FILTER = os.path.join(CONTRIB, "fail2ban-relayguard.conf")
RULES = os.path.join(CONTRIB, "logcheck-relayguard")
DENIED, VICTIM = "203.0.113.99", "192.0.2.1"
STAMPS = ("Nov  9 01:12:00", "2026-11-29T01:12:00.123456+01:00")
MORE = f'deny {{ networks = {{ "{DENIED}" }} }}\n' \
    'policy "plain.example" { lists = { "bl" }  refuse = 0  tag = 3 }\n' \
    'policy "sub.dotted.example" { lists = { "bl" }  refuse = 0  defer = 3 }\n'

FORGED = f"ref=7F3K2Q9M verdict=refuse reason=lists client={VICTIM} "
PREFIX = rf"(?:{'|'.join(map(re.escape, STAMPS))}) mx relayguard\[\d+\]: "

# Who comes, to whom, and whether that is to be counted against him.
VISITS = (
    (scene.RELAY, "a@strict.example", True), (scene.LISTED6, "a@strict.example", True),
    (DENIED, "a@mild.example", True), (scene.RELAY, "a@mild.example", False),
    (scene.RELAY, "a@plain.example", False), (scene.RELAY, "a@sub.dotted.example", False),
    (scene.RELAY, "a@shadow.example", False), (scene.GOOD, "a@strict.example", False),
    (scene.ALLOWED, "a@strict.example", False))


def write_log():
    """A log with both kinds of time stamp, who is to be found in it, and how often."""
    wanted = []
    with scene.mail(MORE) as (guard, mta):
        for client, recipient, counts in VISITS:
            for words in ({}, {"helo": f"x {FORGED}"}, {"sender": f'"{FORGED}"@b.example'},
                          {"helo": 'x "y\\" client=1 \u00fc'}):
                smtp.try_rcpt(mta.port, client, recipient, **words)
                wanted += [client] * len(STAMPS) if counts else []
        with smtp.Client(mta.port) as session:
            session.become(scene.GOOD)
            session.mail("")
            session.rcpt("a@strict.example")
            session.data()
        guard.wait_lines("event=message")
        guard.stop()
        lines = [f"{stamp} mx {line}" for stamp in STAMPS for line in guard.lines("=")]
    return lines, sorted(wanted)


@check.case
def readers():
    """fail2ban counts refusals, and nobody can have another counted; logcheck is silent."""
    lines, wanted = write_log()
    with open(FILTER, encoding="ascii") as file:
        regex = re.search("^failregex = (.*)", file.read(), re.MULTILINE).group(1)
    regex = regex.replace("^%(__prefix_line)s", PREFIX).replace("<ADDR>", r"([0-9a-f.:]+)")
    found = [match.group(1) for match in map(re.compile(regex).match, lines) if match]
    same(sorted(found), wanted, "fail2ban's filter finds who is refused, and no other")
    ok(sum(VICTIM in line for line in lines) > len(VISITS), "there was something to be fooled by")

    odd = " ".join((STAMPS[0], "mx relayguard[1]:", "event=redis-down", "server=x", "reason=y"))
    left = subprocess.run(["grep", "-E", "-v", "-f", RULES], input="\n".join((*lines, odd)),
                          check=False, text=True, stdout=subprocess.PIPE).stdout
    same(left.splitlines(), [odd], "logcheck's rules leave what somebody should see")

    if not shutil.which("fail2ban-regex"):
        check.skip("fail2ban itself", "it is not installed")
        return
    place = server.new_dir("readers")
    server.write(os.path.join(place, "log"), "\n".join(lines) + "\n")
    for path in (FILTER, "/etc/fail2ban/filter.d/common.conf"):  # which it includes
        shutil.copy(path, place)
    told = subprocess.run(["fail2ban-regex", os.path.join(place, "log"),
                           os.path.join(place, os.path.basename(FILTER))], check=False, text=True,
                          stdout=subprocess.PIPE).stdout
    same(re.findall(r"(\d+) matched, (\d+) missed", told),
         [(str(len(wanted)), str(len(lines) - len(wanted)))], "fail2ban itself says the same")


PAIR = r'([\w-]+)=("(?:[^"\\]|\\.)*"|\S*)'
LOGGERS = os.environ.get("RELAYGUARD_LOGGERS", "/nonexistent")


def pairs_of(line):
    """What stands in a line, as relayguard(8) has it; quotes are kept."""
    return dict(re.findall(PAIR, line.partition("]: ")[2]))


def plain(value):
    """Without the quotes."""
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value


def installed(text, path, words):
    """A file of contrib/ as it is told to be changed for a place of the test's."""
    for old, new in words.items():
        ok(old in text, f"{os.path.basename(path)} has {old}")
        text = text.replace(old, new)
    return server.write(path, text)


def contrib(name):
    """The text of a file."""
    with open(os.path.join(CONTRIB, name), encoding="ascii") as file:
        return file.read()


def program(package, name):
    """A daemon unpacked in a folder of its package's name, or installed: path, environment."""
    root = os.path.join(LOGGERS, package)
    path = os.path.join(root, "usr/sbin", name)
    if os.path.exists(path):
        return path, server.libraries(root), root
    return shutil.which(name), dict(os.environ), ""


def told_by(name, argv, env, place, lines, say=lambda process: None):
    """What a daemon has made of the lines that it reads, or that say() tells it: objects."""
    out = os.path.join(place, "relayguard.json")
    with server.Server(name, argv, env=env, cwd=place) as process:
        say(process)
        done = check.wait_for(lambda: os.path.exists(out) and len(
            open(out, encoding="utf-8").readlines()) >= len(lines), 20)
        ok(done, f"{name} takes every line", process.output())
    with open(out, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


@check.case
def logwatch():
    """logwatch's report has the right figures."""
    if not shutil.which("logwatch"):
        check.skip("logwatch", "it is not installed")
        return
    lines, _ = write_log()
    place = server.new_dir("logwatch")
    os.makedirs(os.path.join(place, "etc/conf/services"))
    os.makedirs(os.path.join(place, "etc/scripts/services"))
    shutil.copy(os.path.join(CONTRIB, "relayguard.logwatch.conf"),
                os.path.join(place, "etc/conf/services/relayguard.conf"))
    shutil.copy(os.path.join(CONTRIB, "relayguard.logwatch"),
                os.path.join(place, "etc/scripts/services/relayguard"))
    log = os.path.join(place, "log")
    os.mkdir(log)
    # By one of the two kinds of stamp alone: logwatch wants to know which.
    mine = [line for line in lines if line.startswith(STAMPS[0])]
    server.write(os.path.join(log, "mail.log"), "\n".join(
        [*mine, f"{STAMPS[0]} mx postfix/smtpd[1]: connect from x"]) + "\n")
    told = subprocess.run(
        ["unshare", "--mount", "sh", "-c", 'mount --bind "$1" /etc/logwatch && shift && exec "$@"',
         "sh", os.path.join(place, "etc"), "logwatch", "--service", "relayguard", "--range", "all",
         "--output", "stdout", "--format", "text", "--logdir", log, "--archives", "no"],
        check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout
    wanted = collections.Counter()
    for pairs in map(pairs_of, mine):
        if "verdict" in pairs:
            wanted[f"{pairs['verdict']} {pairs.get('reason', '')}".strip()] += 1
        elif pairs["event"] != "message":
            wanted[pairs["event"]] += 1
    found = {what: int(count) for what, count in
             re.findall(r"^ +([a-z-]+(?: [a-z]+)?) +(\d+)$", told, re.MULTILINE) if what != "bl"}
    same(found, dict(wanted), "logwatch counts verdicts and events")
    ok({"refuse lists", "tag lists", "defer lists"} <= found.keys(),
       "and has something of each kind to count", told)


@check.case
def lnav():
    """lnav has the columns, and no id becomes a number."""
    if not shutil.which("lnav"):
        check.skip("lnav", "it is not installed")
        return
    lines, _ = write_log()
    home = server.new_dir("lnav")
    place = os.path.join(home, ".config/lnav/formats/relayguard")
    os.makedirs(place)
    shutil.copy(os.path.join(CONTRIB, "relayguard.lnav.json"),
                os.path.join(place, "relayguard.json"))
    env = {**os.environ, "HOME": home, "XDG_CONFIG_HOME": os.path.join(home, ".config"),
           "TERM": "dumb"}
    lines = [re.sub(r"ref=\w{8}", ("ref=01234567", "ref=1E999999")[number % 2], line)
             for number, line in enumerate(lines)]
    for stamp in STAMPS:
        mine = [line for line in lines if line.startswith(stamp)]
        log = server.write(os.path.join(home, "relayguard.log"), "\n".join(mine) + "\n")
        told = subprocess.run(
            ["lnav", "-n", "-c", ";SELECT ref, verdict, reason, client, helo, sender, recipient,"
             " event FROM relayguard_log", "-c", ":write-json-to -", log], check=False, env=env,
            text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout
        names = {"sender": "from", "recipient": "to"}
        rows = json.loads(told) if told.startswith("[") else [{"told": told}]
        got = [{names.get(key, key): value for key, value in row.items() if value is not None}
               for row in rows]
        want = [{key: value for key, value in pairs_of(line).items()
                 if key in ("event",) or "verdict=" in line and key in
                 ("ref", "verdict", "reason", "client", "helo", "from", "to")} for line in mine]
        same(got, want, f"lnav's columns, {stamp}")


@check.case
def syslog_ng():
    """syslog-ng makes JSON of the lines, with all their keys."""
    path, env, root = program("syslog-ng-core", "syslog-ng")
    if path is None:
        check.skip("syslog-ng", "it is not installed")
        return
    lines, _ = write_log()
    place = server.new_dir("syslog-ng")
    log = server.write(os.path.join(place, "log"), "\n".join(
        [f"{STAMPS[0]} mx postfix/smtpd[1]: connect from x", *lines]) + "\n")
    conf = '@version: 3.35\noptions { keep-hostname(yes); };\n' \
        f'source s_src {{ file("{log}" follow-freq(1)); }};\n' + \
        contrib("relayguard.syslog-ng.conf")
    conf = installed(conf, os.path.join(place, "conf"), {"/var/log/": place + "/"})
    modules = ["--module-path", glob.glob(root + "/usr/lib/syslog-ng/*/")[0]] if root else []
    found = told_by("syslog-ng", [path, "-F", "-f", conf, "-R", place + "/persist", "-c",
                                  place + "/ctl", "-p", place + "/pid", *modules],
                    env, place, lines)
    want = [{key: plain(value) for key, value in pairs_of(line).items()} for line in lines]
    same([row.get("rg") for row in found], want, "every pair is a field, and no other is")


@check.case
def rsyslog():
    """rsyslog makes JSON of the lines, with the keys that count."""
    path, env, root = program("rsyslog", "rsyslogd")
    if path is None:
        check.skip("rsyslog", "it is not installed")
        return
    lines, _ = write_log()
    place = server.new_dir("rsyslog")
    pipe = os.path.join(place, "socket")
    conf = f'global(workDirectory="{place}")\nmodule(load="imuxsock" SysSock.Use="off")\n' \
        f'input(type="imuxsock" Socket="{pipe}" RateLimit.Interval="0" UseSpecialParser="off")\n' \
        + contrib("relayguard.rsyslog.conf")
    conf = installed(conf, os.path.join(place, "conf"), {"/var/log/": place + "/"})
    modules = ["-M", glob.glob(root + "/usr/lib/*/rsyslog")[0]] if root else []

    def say(process):
        process.wait_ready(lambda: os.path.exists(pipe))
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.connect(pipe)
            for line in (f"{STAMPS[0]} mx postfix/smtpd[1]: connect from x", *lines):
                sender.send(b"<22>" + line.replace(" mx ", " ", 1).encode())  # as syslog(3) does

    found = told_by("rsyslogd", [path, "-n", "-f", conf, "-i", place + "/pid", *modules], env,
                    place, lines, say)
    keys = ("ref", "verdict", "event", "reason", "client", "helo", "from", "to", "policy", "lists")
    want = [{key: pairs_of(line).get(key, "") for key in keys} for line in lines]
    got = [{key: value for key, value in row.items() if key != "time"} for row in found]
    same(got, want, "the fields are those of the line")


check.run()
