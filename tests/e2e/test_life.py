#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Start and stop: signals, sockets, locks, users, pid files."""
import grp
import os
import pwd
import shutil
import signal
import socket
import stat
import threading
import time

from lib import check, daemon, milter, postfix, scene, server, smtp
from lib.check import case, like, ok, same, within
from lib.nameserver import BlackHole, NameServer


@case
def stops_at_once():
    """SIGTERM and SIGINT end it within a second; a session that waits has its answer."""
    for number in (signal.SIGTERM, signal.SIGINT):
        with BlackHole() as dns, daemon.Relayguard(daemon.config(dns.address)) as guard, \
                milter.Client(guard.where) as idle, milter.Client(guard.where) as waiting:
            name = number.name
            idle.negotiate()
            idle.connect(scene.GOOD)
            waiting.negotiate()
            waiting.connect(scene.RELAY)
            waiting.helo()
            waiting.mail()
            replies = []
            thread = threading.Thread(target=lambda: replies.append(waiting.rcpt()))
            thread.start()
            time.sleep(0.3)
            same(replies, [], f"{name}: RCPT waits for a list that is dead")
            begin = time.monotonic()
            guard.send(number)
            code = guard.wait(5)
            within(time.monotonic() - begin, 1.0, f"{name}: ends within a second")
            same(code, 0, f"{name}: with exit code 0")
            thread.join()
            same(replies, [("c", b"")], f"{name}: the one at RCPT passes")
            like(guard.output(), "event=stopped", f"{name}: the last line")


@case
def stops_under_postfix():
    """Postfix has its answer before relayguard is gone."""
    with BlackHole() as dns, daemon.Relayguard(daemon.config(dns.address)) as guard, \
            postfix.Postfix(guard.postfix) as mta, smtp.Client(mta.port) as client:
        client.become(scene.RELAY)
        client.mail()
        client.send("RCPT TO:<bob@strict.example>")
        time.sleep(0.3)
        guard.send(signal.SIGTERM)
        same(client.read().code, 250, "RCPT is accepted")
        same(guard.wait(), 0, "relayguard has ended")


@case
def stops_when_idle():
    """Nothing open, nothing to wait for; again and again."""
    for _ in range(3):
        with scene.listed() as guard:
            milter.envelope(guard.where)
            begin = time.monotonic()
            guard.send(signal.SIGTERM)
            same(guard.wait(), 0, "ends")
            within(time.monotonic() - begin, 1.0, "within a second")


@case
def signals_at_start():
    """A signal that comes as soon as the socket is there is ours, not libmilter's."""
    with NameServer() as dns:
        for number, want in ((signal.SIGTERM, {0}), (signal.SIGHUP, {None})):
            codes = set()
            for _ in range(15):
                with daemon.Relayguard(daemon.config(dns.address), wait=False) as guard:
                    check.wait_for(lambda: server.listens(guard.port))
                    guard.send(number)
                    codes.add(guard.wait(0.05 if None in want else 5))
            same(codes, want, f"{number.name}: " + ("it goes on" if None in want else "it ends"))


@case
def two_at_one_port():
    """A second instance at the port of a live one: exit 69, and the first goes on."""
    with scene.listed() as guard:
        code, _, err = daemon.run("-c", guard.file, "-l", daemon.LISTS)
        same(code, 69, "exit 69")
        ok(err.strip(), "and says why", err)
        same(milter.verdict(guard.where), "refuse", "the first one serves")


@case
def two_at_one_socket():
    """The same with a unix socket, which libmilter would take away."""
    path = os.path.join(server.new_dir("run"), "milter.sock")
    with scene.listed(unix=path) as guard:
        code, _, err = daemon.run("-c", guard.file, "-l", daemon.LISTS)
        same(code, 69, "exit 69")
        like(err, "another-relayguard", "and says why")
        same(milter.verdict(guard.where), "refuse", "the first one serves")
        guard.send(signal.SIGKILL)
        guard.wait()
        ok(os.path.exists(path), "killed, it leaves its socket")
        with scene.listed(unix=path) as again:
            same(milter.verdict(again.where), "refuse", "the next one takes it over")


@case
def foreign_socket():
    """A socket that another program listens on is not taken away."""
    path = os.path.join(server.new_dir("run"), "milter.sock")
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(path)
        other.listen()
        with daemon.Relayguard(daemon.config("127.0.0.1:9"), unix=path, wait=False) as guard:
            same(guard.wait(2), 69, "exit 69")
        with socket.socket(socket.AF_UNIX) as probe:
            probe.connect(path)
            other.settimeout(1)
            other.accept()[0].close()
        ok(True, "the other one still has it")


@case
def foreign_file():
    """A file in the place of the socket is left alone."""
    keep = server.write(server.new_dir("run") + "/precious", "a file of somebody's\n")
    with daemon.Relayguard(daemon.config("127.0.0.1:9"), unix=keep, wait=False) as guard:
        same(guard.wait(2), 69, "exit 69")
    with open(keep, encoding="ascii") as file:
        same(file.read(), "a file of somebody's\n", "it is as it was")


@case
def drops_its_user():
    """Started by root, it runs as the user it is told to, with no way back."""
    nobody = pwd.getpwnam("nobody")
    pid_file = os.path.join(server.new_dir("run"), "relayguard.pid")
    more = f'user = "nobody"\npid_file = "{pid_file}"\n'
    with scene.listed(more) as guard:
        with open(f"/proc/{guard.pid}/status", encoding="ascii") as file:
            status = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
        same(set(status["Uid"].split()), {str(nobody.pw_uid)}, "its user, all four")
        same(set(status["Gid"].split()), {str(nobody.pw_gid)}, "its group, all four")
        ok("0" not in status["Groups"].split(), "not in root's group", status["Groups"])
        same(int(status["CapEff"], 16), 0, "no capabilities")
        with open(pid_file, encoding="ascii") as file:
            same(file.read(), f"{guard.pid}\n", "the pid file")
        same(stat.S_IMODE(os.stat(pid_file).st_mode) & 0o022, 0, "which others cannot write")
        same(milter.verdict(guard.where), "refuse", "and it serves")
        same(guard.reload() != [], True, "a reload works as that user")
    with scene.listed('user = "nobody"\ngroup = "mail"\n') as guard:
        with open(f"/proc/{guard.pid}/status", encoding="ascii") as file:
            groups = next(line for line in file if line.startswith("Gid:")).split()[1:]
        same(set(groups), {str(grp.getgrnam("mail").gr_gid)}, "another group, where told so")
    path = os.path.join(server.new_dir("run"), "milter.sock")
    for listen in (f"inet:{server.free_port()}@127.0.0.1", f"unix:{path}"):
        for word in ("user", "socket_group"):
            code, _, err = daemon.run("-c", server.write(
                server.new_dir("conf") + "/relayguard.conf",
                f'listen = "{listen}"\n{word} = "no-such-{word}"\n'
                + daemon.config("127.0.0.1:9")), "-l", daemon.LISTS)
            same(code, 78, f"an unknown {word}: does not start")
            like(err, f"no-such-{word}", "and says so")
    ok(not os.path.exists(path), "there is not even a socket")


@case
def pid_files():
    """-p wins over the file; a stop takes it away."""
    path = os.path.join(server.new_dir("run"), "other.pid")
    with scene.listed('pid_file = "/nonexistent/x.pid"\n', "-p", path) as guard:
        with open(path, encoding="ascii") as file:
            same(file.read(), f"{guard.pid}\n", "written")
        guard.send(signal.SIGTERM)
        guard.wait()
        ok(not os.path.exists(path), "gone after the stop")


@case
def relative_names():
    """Names on the command line hold where it was started, in the background too."""
    place = server.new_dir("start")
    port = server.free_port()
    server.write(os.path.join(place, "own.conf"),
                 f'listen = "inet:{port}@127.0.0.1"\n' + daemon.config("127.0.0.1:9"))
    shutil.copy(daemon.LISTS, os.path.join(place, "own.lists"))
    code, _, err = daemon.run("-d", "-c", "own.conf", "-l", "own.lists", "-p", "own.pid",
                              cwd=place)
    same(code, 0, "it starts")
    same(err, "", "without a word")
    pid_file = os.path.join(place, "own.pid")
    ok(os.path.exists(pid_file), "the pid file is there")
    ok(not os.path.exists("/own.pid"), "and not in /")
    with open(pid_file, encoding="ascii") as file:
        pid = int(file.read())
    os.kill(pid, signal.SIGTERM)
    ok(check.wait_for(lambda: not os.path.exists(pid_file)), "it goes with the process")
    ok(check.wait_for(lambda: not server.listens(port)), "which ends")


def _folder_of(user, name):
    """A folder that belongs to a user."""
    folder = server.new_dir(name)
    shutil.chown(folder, user)
    return folder


def _start(more, **options):
    """The exit code of a start that does not succeed, and what was said."""
    with daemon.Relayguard(more + daemon.config("127.0.0.1:9"), wait=False, **options) as guard:
        return guard.wait(), guard.output()


@case
def links_of_its_user():
    """What its user has put where root is to write is not followed."""
    precious = server.write(server.new_dir("root") + "/precious", "root's own\n")
    folder = _folder_of("nobody", "run")
    elsewhere = server.new_dir("elsewhere")
    os.symlink(precious, folder + "/link")
    os.link(precious, folder + "/hard")
    os.mkfifo(folder + "/fifo")
    os.symlink(elsewhere, folder + "/sub")
    os.symlink(precious, folder + "/linked.sock.lock")
    os.link(precious, folder + "/hard.sock.lock")
    for name, said in (("link", "it-is-a-symbolic-link"), ("hard", "the-file-of-another-name"),
                       ("fifo", "no-regular-file"), ("sub/pid", "sub-is-a-symbolic-link-that")):
        code, text = _start(f'user = "nobody"\npid_file = "{folder}/{name}"\n')
        same(code, 73, f"pid file {name}: exit 73")
        like(text, f"event=cannot-write-pid .*{said}", f"pid file {name}: and says why")
    for name, said in (("linked.sock", "it-is-a-symbolic-link"),
                       ("hard.sock", "the-file-of-another-name"),
                       ("sub/milter.sock", "sub-is-a-symbolic-link-that")):
        code, text = _start('user = "nobody"\n', unix=f"{folder}/{name}")
        same(code, 69, f"socket {name}: exit 69")
        like(text, f"event=cannot-lock .*{said}", f"socket {name}: and says why")
    same(os.listdir(elsewhere), [], "nothing is made where its link leads")
    with open(precious, encoding="ascii") as file:
        same(file.read(), "root's own\n", "and nothing is written to")


@case
def links_of_root():
    """What root has linked is followed, as /var/run is."""
    top = server.new_dir("top")
    folder = _folder_of("nobody", "run")
    os.symlink(folder, top + "/run")
    pid, sock = top + "/run/relayguard.pid", top + "/run/milter.sock"
    with scene.listed(f'user = "nobody"\npid_file = "{pid}"\n', unix=sock) as guard:
        same(milter.verdict(guard.where), "refuse", "it serves")
        same(os.stat(sock).st_uid, pwd.getpwnam("nobody").pw_uid, "the socket is its user's")
        ok(os.path.exists(folder + "/relayguard.pid"), "the pid file is there")
        same(guard.stop(), 0, "it ends")
        ok(not os.path.exists(pid), "the pid file is gone")


def put_off(port):
    """Without the milter: what MAIL is answered, or, from Postfix 3.10 on, the client is greeted
    with."""
    with smtp.Client(port) as client:
        if client.greeting.code != 220:
            return client.greeting.code
        client.become(scene.RELAY)
        return client.mail().code


@case
def socket_for_postfix():
    """A unix socket in Postfix's queue that a chrooted smtpd can use."""
    with postfix.Postfix("unix:relayguard/milter.sock", chroot=True) as mta:
        directory = os.path.join(mta.top, "queue", "relayguard")
        os.mkdir(directory)
        shutil.chown(directory, "nobody", "postfix")
        os.chmod(directory, 0o2750)
        path = os.path.join(directory, "milter.sock")
        more = 'user = "nobody"\nsocket_mode = "0660"\nsocket_group = "postfix"\n'
        with scene.listed(more, unix=path) as guard:
            found = os.stat(path)
            same(oct(stat.S_IMODE(found.st_mode)), "0o660", "its mode")
            same(grp.getgrgid(found.st_gid).gr_name, "postfix", "its group")
            same(smtp.try_rcpt(mta.port, scene.RELAY, "bob@strict.example").code, 550, "used")
            guard.send(signal.SIGTERM)
            same(guard.wait(), 0, "ends")
        ok(put_off(mta.port) in (451, 421), "gone, Postfix does its default action")
        with scene.listed('socket_mode = "0600"\n', unix=path):
            same(oct(stat.S_IMODE(os.stat(path).st_mode)), "0o600", "another mode")
            put_off(mta.port)
            ok(mta.wait_log("Permission denied"), "which keeps Postfix out")


@case
def postfix_without_us():
    """With default_action=accept, mail passes while relayguard is away."""
    port = server.free_port()
    milters = f"{{ inet:127.0.0.1:{port}, connect_timeout=3s, command_timeout=10s, " \
              "default_action=accept }"
    with postfix.Postfix(milters) as mta:
        same(smtp.try_rcpt(mta.port, scene.RELAY, "bob@strict.example").code, 250, "away: passes")
        with scene.listed(f'listen = "inet:{port}@127.0.0.1"\n', wait=False) as guard:
            guard.wait_lines("event=started")
            same(smtp.try_rcpt(mta.port, scene.RELAY, "bob@strict.example").code, 550,
                 "there: refused")
            with smtp.Client(mta.port) as client:
                client.become(scene.RELAY)
                client.mail()
                guard.send(signal.SIGKILL)
                guard.wait()
                same(client.rcpt("bob@strict.example").code, 250, "killed meanwhile: passes")


@case
def postfix_by_its_own_default():
    """With the socket alone mail is put off while relayguard is away: 4xx, or 421 and the end."""
    with postfix.Postfix(f"inet:127.0.0.1:{server.free_port()}") as mta:
        ok(put_off(mta.port) in (451, 421), "away, without default_action: put off")


check.run()
