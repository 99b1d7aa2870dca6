#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""relayguardctl doctor at the socket, the daemon that runs, and machines that are told of by
a library in between; and at Sendmail's configuration."""
import json
import os
import pwd
import resource
import socket
import subprocess
import sys
import threading

from lib import check, daemon, doctor, sendmail, server
from lib.check import case, ok, same
from lib.machine import machine, why_not

if why_not():
    check.skip_all(why_not())

ERROR, WARNING, UNSEEN = "error", "warning", "unseen"
POLICY = 'policy "default" { }\n'


def conf(text):
    """A configuration."""
    return server.write(os.path.join(server.new_dir("conf"), "relayguard.conf"), text + POLICY)


def _has(user):
    try:
        return pwd.getpwnam(user) is not None
    except KeyError:
        return False


# --- The socket ---

def _counters(path):
    done = subprocess.run([doctor.PROGRAM, "-j", "-s", path, "status"], check=True, timeout=20,
                          stdout=subprocess.PIPE)
    return json.loads(done.stdout.splitlines()[0])["data"]["counters"]


@case
def sockets():
    """It answers, and a trial leaves no trace."""
    folder = server.new_dir("sockets")
    control = f"{folder}/control"
    section = f'control {{ socket = "{control}" }}\n'
    for unix in (None, f"{folder}/milter"):
        # Others may connect: Postfix's user does.
        text = section + ('socket_mode = "0666"\n' if unix else "") + POLICY
        with daemon.Relayguard(text, unix=unix) as guard:
            before, counted = guard.output(), _counters(control)
            doctor.judge(doctor.Report(guard.file, only="socket"), "socket", [], f"listens at {guard.where}")
            same((guard.output(), _counters(control)), (before, counted), "there is no trace")
        doctor.judge(doctor.Report(guard.file, only="socket"), "socket",
                     [("socket", ERROR, "relayguard does not listen there")],
                     f"no longer at {guard.where}")
    if not _has("postfix"):
        check.skip("Postfix's rights", "there is no user postfix")
        return
    with daemon.Relayguard('socket_mode = "0600"\n' + POLICY, unix=f"{folder}/milter") as guard:
        doctor.judge(doctor.Report(guard.file, only="socket"), "socket", [
            ("socket", ERROR, "as user postfix: Permission denied -> look at socket_mode")],
            "Postfix may not connect")


@case
def stuck():
    """Somebody accepts, and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as hole:
        port = hole.getsockname()[1]
        doctor.judge(doctor.Report(conf(f'listen = "inet:{port}@127.0.0.1"\n'),
                                   only="socket"), "socket",
                     [("socket", ERROR, "accepts, and does not answer")], "stuck")
    path = os.path.join(server.new_dir("full"), "socket")
    with socket.socket(socket.AF_UNIX) as full, socket.socket(socket.AF_UNIX) as waiting:
        full.bind(path)
        os.chmod(path, 0o777)
        full.listen(0)
        waiting.connect(path)
        doctor.judge(doctor.Report(conf(f'listen = "unix:{path}"\n'), only="socket"), "socket",
                     [("socket", ERROR, "does not accept")], "nobody accepts")


# --- The daemon ---

class Fake:
    """Answers whatever comes on a control socket."""

    def __init__(self, **data):
        self.path = os.path.join(server.new_dir("control"), "socket")
        self.reply = (json.dumps({"format": 1, "verb": "status", "data": data})
                      + '\n{"end":true,"status":0}\n').encode()
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(self.path)
        self.socket.listen(8)
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            connection, _ = self.socket.accept()
            with connection:
                if connection.recv(4096):
                    connection.sendall(self.reply)

    def look(self, theme, *found, label):
        """What is found is that, and nothing else."""
        report = doctor.Report(conf(f'control {{ socket = "{self.path}" }}\n'), only="system")
        doctor.judge(report, theme, found, label)
        return report


def _version():
    done = subprocess.run([daemon.PROGRAM, "-V"], check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.split()[1]


@case
def running():
    """The version that runs, and its descriptors."""
    with daemon.Relayguard(f'control {{ socket = "{server.new_dir("control")}/socket" }}\n'
                           + POLICY) as guard:
        report = doctor.Report(guard.file, only="system")
        for theme in ("version", "descriptors"):
            doctor.judge(report, theme, [], f"{theme} of one that runs")
    Fake(version="0.0.9", pid=os.getpid()).look(
        "version", ("version", WARNING, f"0.0.9 runs, and {_version()} is installed"),
        label="an old one runs")
    doctor.judge(doctor.Report(conf(""), only="system"), "version",
                 [("version", UNSEEN, "no control socket")], "none runs")
    place = server.new_dir("control")
    with socket.socket(socket.AF_UNIX) as closed:
        closed.bind(f"{place}/socket")
        closed.listen()
        os.chmod(f"{place}/socket", 0o600)
        report = doctor.Report(
            conf(f'control {{ socket = "{place}/socket" }}\n'), only="system",
            prefix=("setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups"))
    doctor.judge(report, "version", [("version", UNSEEN, f"{place}/socket: permission denied: ")],
                 "one that does not let us in")

    def limited(most, opened):
        def limit():
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        with subprocess.Popen([sys.executable, "-c", "import os, sys\nfor i in range(int(sys."
                               "argv[1])): os.dup(0)\nprint(flush=True)\nsys.stdin.read()",
                               str(opened)], preexec_fn=limit, stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE) as process:
            process.stdout.readline()
            return (yield process.pid, process)

    for most, opened, words in ((2048, 1900, r"19\d\d of 2048 descriptors are in use"),
                                (512, 5, "may open 512 files"), (2048, 5, None)):
        for pid, process in limited(most, opened):
            Fake(version=_version(), pid=pid).look(
                "descriptors", *([("descriptors", WARNING, words)] if words else []),
                label=f"{opened} of {most}")
            process.stdin.close()


# --- The machine ---

def look(text, theme, *found, label, **told):
    """What is found is that, and nothing else."""
    path = told.pop("path", None)
    env = machine(**told)
    if path:
        env["PATH"] = path + ":" + env["PATH"]
    doctor.judge(doctor.Report(conf(text), only="system", env=env), theme, found, label)


@case
def clock():
    """Kept in time, and not."""
    look("", "clock", label="synchronised")
    look("", "clock", ("clock", WARNING, "not synchronised"), clock="bad", label="it is not")


@case
def room():
    """On the disk, and in memory."""
    store = server.new_dir("store")
    text = f'store {{ path = "{store}" size = 64M }}\n'
    look(text, "disk", label="enough")
    look(text, "disk", ("disk", WARNING, "1 MB are free, and the store may grow by 64 MB"),
         free=1 << 20, label="too little")
    with open(os.path.join(store, "decisions-20200101.db"), "wb") as file:
        file.truncate(64 << 20)
    look(text, "disk", free=1 << 20, label="it has all of its own already")
    look("", "memory", label="this machine's")
    for kb, found in ((1 << 20, []), (1 << 10, [("memory", WARNING, "1 MB are available, and "
                                                 "the cache may take 16 MB")])):
        file = server.write(os.path.join(store, "meminfo"),
                            f"MemTotal:  9999999 kB\nMemAvailable:   {kb} kB\n")
        look("", "memory", *found, meminfo=file, label=f"{kb} kB")
    look("", "memory", ("memory", UNSEEN, "does not say"), meminfo="/dev/null", label="none")


def _dpkg(version):
    """A folder with a dpkg-query that knows that version, or none."""
    folder = server.new_dir("dpkg")
    server.write(f"{folder}/dpkg-query",
                 "#!/bin/sh\n" + (f"echo -n '{version}'\n" if version else "exit 1\n"), 0o755)
    return folder


@case
def libevent():
    """With the fixes of 2026, and without."""
    look("", "libevent", libevent="2.1.13-stable", label="a new one")
    look("", "libevent", libevent="2.1.12-stable", path=_dpkg("2.1.12-stable-8+deb12u1"),
         label="mended by Debian")
    look("", "libevent", ("libevent", WARNING, "2.1.12-stable-8 lacks the fixes"),
         libevent="2.1.12-stable", path=_dpkg("2.1.12-stable-8"), label="an old one")
    look("", "libevent", ("libevent", UNSEEN, "only its package tells"),
         libevent="2.1.12-stable", path=_dpkg(None), label="nobody's package")


# --- Sendmail ---

class Cf:
    """A folder with sendmail.cf, and submit.cf where its text is given."""

    def __init__(self, text, submit=None):
        self.folder = server.new_dir("mail")
        server.write(f"{self.folder}/sendmail.cf", text)
        if submit is not None:
            server.write(f"{self.folder}/submit.cf", submit)

    def look(self, *found, label):
        """What is found is that, and nothing else."""
        report = doctor.Report(conf('listen = "inet:8891@127.0.0.1"\n'), only="mta",
                               sendmail=self.folder)
        doctor.judge(report, "sendmail", found, label)


def cf(equates="T=C:3s;S:3s;R:9s", where="inet:8891@127.0.0.1", filters="relayguard"):
    """The lines that m4 makes of INPUT_MAIL_FILTER."""
    equates = ", " + equates if equates else ""
    return (f"# a comment\nO InputMailFilters={filters}\nO Milter.LogLevel=9\n"
            f"Xother, S=inet:9@127.0.0.1, T=R:1s\nXrelayguard, S={where}{equates}\n")


@case
def sendmails():
    """Each mistake in sendmail.cf."""
    for label, text, found in (
            ("good", cf(), []),
            ("good by defaults", cf(""), []),
            ("one of two", cf(filters="other, relayguard"), []),
            ("no filter", "O QueueLA=8\n", [("sendmail-milter", ERROR, "no line X leads there")]),
            ("another socket", cf(where="inet:8892@127.0.0.1"),
             [("sendmail-milter", ERROR, "no line X leads there.*S=inet:8891@127.0.0.1")]),
            ("Postfix's order", cf(where="inet:127.0.0.1:8891"),
             [("sendmail-milter", ERROR, "is Postfix's order")]),
            ("not asked", cf(filters="other"),
             [("sendmail-milter", ERROR, 'InputMailFilters is "other"')]),
            ("F=T", cf("F=T, T=R:9s"),
             [("sendmail-default-action", WARNING, "F=T: .*put off with 451")]),
            ("F=R", cf("F=R"), [("sendmail-default-action", WARNING, "F=R: .*for good")]),
            ("F=4", cf("F=4"), [("sendmail-default-action", WARNING, "F=4: .*421")]),
            ("too soon", cf("T=C:3s;S:3s;R:4s"),
             [("sendmail-time-outs", ERROR, "R:4s .*takes up to 4000 ms")])):
        Cf(text).look(*found, label=label)
    Cf(cf(), submit=cf()).look(("sendmail-submit", WARNING, "has no client"), label="submit.cf")
    Cf(cf(), submit="O QueueLA=8\n").look(label="a good submit.cf")
    if sendmail.why_not():
        check.skip("a real sendmail.cf", sendmail.why_not())
        return
    top = server.new_dir("real")
    real = sendmail.compile_cf(top, sendmail.write_mc(
        top, 25, "inet:8891@127.0.0.1", relay="recipient.example"))
    with open(real, encoding="utf-8") as file:
        Cf(file.read()).look(label="a real sendmail.cf")


@case
def nothing():
    """No mail server at all is said."""
    report = doctor.Report(conf(""), only="mta")
    ok([each for each in report.findings if (each["check"], each["level"]) == ("mta", UNSEEN)],
       "no mail server", report.text)


check.run()
