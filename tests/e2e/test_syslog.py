#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Into the background (-d), and logging to syslog (-s)."""
import os
import re
import signal

from lib import check, daemon, milter, scene, server, syslog
from lib.check import case, like, ok, same, unlike

MAIL_INFO = 2 << 3 | 6  # facility mail, level info


@case
def foreground():
    """-s: the same lines in syslog, facility mail."""
    with syslog.Syslog() as log:
        if not log.works:
            check.skip("syslog in the foreground", "there is another /dev/log")
            return
        with scene.listed("", "-s", prefix=log.prefix) as guard:
            ok(check.wait_for(lambda: "event=started" in log.text()), "the start")
            reply = milter.envelope(guard.where)
            ref = re.search(r"Ref (\w{8})", reply[1].decode()).group(1)
            check.wait_for(lambda: ref in log.text())
            line = next((text for text in log.messages if ref in text), "")
            like(line, rf"^<{MAIL_INFO}>.*relayguard\[{guard.pid}\]: ref={ref} verdict=refuse ",
                 "the decision")
            ok("\n" not in line.rstrip("\n\0"), "one line", line)


@case
def background():
    """-d: the shell has its prompt back, and the daemon is found by its pid file."""
    with syslog.Syslog() as log, scene.rbldnsd.Rbldnsd(scene.ZONES) as dns:
        if not log.works:
            check.skip("the background", "there is another /dev/log")
            return
        directory = server.new_dir("background")
        port = server.free_port()
        pid_file = os.path.join(directory, "pid")
        conf = server.write(os.path.join(directory, "relayguard.conf"),
                            f'listen = "inet:{port}@127.0.0.1"\npid_file = "{pid_file}"\n'
                            + daemon.config(dns.address))
        pid = None
        try:
            same(daemon.run("-d", "-c", "relayguard.conf", "-l", daemon.LISTS,
                            prefix=log.prefix, cwd=directory), (0, "", ""),
                 "it returns at once, without a word")
            pid = check.wait_for(lambda: _read_pid(pid_file))
            ok(pid, "the pid file is there")
            check.wait_for(lambda: "event=started" in log.text())
            same(os.readlink(f"/proc/{pid}/cwd"), "/", "it holds no directory")
            same({os.readlink(f"/proc/{pid}/fd/{fd}") for fd in range(3)}, {"/dev/null"},
                 "it holds no terminal")
            same(os.getsid(pid) == os.getsid(0), False, "it has a session of its own")
            same(milter.verdict(port), "refuse", "it serves")
            ok(check.wait_for(lambda: "verdict=refuse" in log.text()), "and logs to syslog")
            os.kill(pid, signal.SIGUSR1)
            ok(check.wait_for(lambda: "event=reloaded" in log.text()),
               "it finds its file again, though named without a path", log.text())
            os.kill(pid, signal.SIGTERM)
            ok(check.wait_for(lambda: _gone(pid)), "SIGTERM ends it")
            ok(not os.path.exists(pid_file), "and its pid file")
        finally:
            if pid and not _gone(pid):
                os.kill(pid, signal.SIGKILL)


@case
def background_that_fails():
    """-d with what cannot work says so on the terminal, with an exit code."""
    with syslog.Syslog() as log, scene.listed() as guard:
        if not log.works:
            check.skip("a background that fails", "there is another /dev/log")
            return
        words = "-d", "-c", guard.file, "-l", daemon.LISTS
        code, _, _ = daemon.run(*words, prefix=log.prefix)
        same(code, 69, "the port is taken: exit 69")
        text = guard.text.replace(str(guard.port), str(server.free_port()))
        for label, line in (("a pid file that cannot be", 'pid_file = "/nonexistent/pid"\n'),
                            ("a user that is not there", 'user = "no-such-user"\n')):
            server.write(guard.file, line + text)
            code, _, err = daemon.run(*words, prefix=log.prefix)
            ok(code != 0, f"{label}: another exit code than 0", code)
            said = check.wait_for(lambda err=err: err or "event=cannot" in log.text())
            ok(said, f"{label}: and a reason", log.text())
        server.write(guard.file, "nonsense = 1\n")
        code, _, err = daemon.run(*words, prefix=log.prefix)
        same(code, 78, "a bad file: exit 78")
        like(err, "nonsense", "and the terminal has the reason")
        unlike(log.text(), r"panic|Assert", "nothing else happened")


def _read_pid(path):
    try:
        with open(path, encoding="ascii") as file:
            return int(file.read())
    except (OSError, ValueError):
        return None


def _gone(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


check.run()
