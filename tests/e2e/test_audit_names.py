#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""relayguardctl audit beside the mail server: what DNS and lists say of it, proxies; and nobody
but this machine can be audited."""
import os
import shutil
import signal
import socket
import subprocess
import threading

from lib import check, doctor, internet, postfix, server
from lib.check import case, like, ok, same

if shutil.which("postconf") is None:
    check.skip_all("postconf is missing")
if subprocess.run(["unshare", "--net", "--mount", "true"], check=False,
                  stderr=subprocess.DEVNULL).returncode:
    check.skip_all("no namespaces can be made here")
internet.enter()

from lib import audit, daemon, explained, nameserver, records
from lib.audit import (ADDRESS, CONF_FILE, ERROR, HOST, OWN, RELAYED, UNLOCKED, WARNING, ZONE,
                       closed, judge, run)

DNS_ROWS = [
    # Label, what DNS says instead, and what is found.
    ("no name", {("1.0.18.198.in-addr.arpa", records.PTR): []},
     ("name", ERROR, r"198\.18\.0\.1 has no name")),
    ("a name that does not lead back", {(HOST, records.A): [socket.inet_aton("198.18.0.9")]},
     ("name", ERROR, rf"198\.18\.0\.1 is {HOST}, and that name does not lead back")),
    ("a name of IPv6 alone",
     {(HOST, records.A): [], (HOST, records.AAAA): [socket.inet_pton(socket.AF_INET6, "2001:db8::1")],
      ("1.0.18.198.in-addr.arpa", records.PTR): [records.name("out.relay.example")],
      ("out.relay.example", records.A): [socket.inet_aton(a) for a in (ADDRESS, "198.18.0.2")]}),
    ("a HELO that is not there",
     {(HOST, records.A): [], ("1.0.18.198.in-addr.arpa", records.PTR):
      [records.name("out.relay.example")],
      ("out.relay.example", records.A): [socket.inet_aton(a) for a in (ADDRESS, "198.18.0.2")]},
     ("helo", WARNING, f"{HOST}, as which the server greets, has no address")),
    ("no policy", {(OWN, records.TXT): [records.text(b"v=spf10 -all")]},
     ("spf", WARNING, f"{OWN} has no SPF policy")),
    ("two policies", {(OWN, records.TXT): [records.text(b"v=spf1 -all"),
                                           records.text(b"V=SPF1", b" a -all")]},
     ("spf", ERROR, f"{OWN} has 2 SPF policies")),
    ("a policy for all", {(OWN, records.TXT): [records.text(b"v=spf1 a  +ALL")]},
     ("spf", ERROR, "lets everybody send")),
    ("a long answer", {(OWN, records.TXT): [records.text(b"x" * 900),
                                            records.text(b"v=spf1 a -all")]}),
]


@case
def names():
    """What DNS says of us."""
    with postfix.Postfix(more=closed(), domains=RELAYED) as mta:
        good = dict(ZONE.table)
        for label, table, *found in DNS_ROWS:
            ZONE.table.update(table)
            judge(run(mta.port, folder=mta.etc), found, label)
            ZONE.table.clear()
            ZONE.table.update(good)


@case
def by_default():
    """Without a word: the public address at port 25, the domains and the resolvers of this
    machine."""
    with postfix.Postfix(more=closed(), domains=RELAYED, host=ADDRESS, port=25) as mta:
        report = run(None, folder=mta.etc)
        judge(report, [], "by default")
        same([each["seen"].split(":")[0] for each in report.of("spf")], [HOST, OWN, RELAYED],
             "its domains")
        like("\n".join(mta.wait_log("reject: RCPT")), r"from \S+\[127\.0\.0\.77\]: ",
             "from an address that is not trusted")


@case
def of_ipv6():
    """By IPv6, and of a service with settings of its own in master.cf."""
    with postfix.Postfix(more=closed(), domains=RELAYED) as mta:
        port = server.free_port("::1")
        path = os.path.join(mta.etc, "master.cf")
        with open(path, "a", encoding="ascii") as file:
            file.write(f"[::1]:{port} inet n - n - - smtpd\n"
                       "  -o { mynetworks = 127.0.0.0/8 [2001:d00::]/24 }\n")
        os.utime(path, (1, 1))  # master(8) waits until it is seconds old
        mta.wait_log("daemon started")  # before, it would not know the signal
        mta.send(signal.SIGHUP)
        ok(check.wait_for(lambda: server.listens(port, "::1")), "it listens there, too", mta.log())
        report = run(port, folder=mta.etc, host="[::1]")
        judge(report, [("networks", ERROR, r"mynetworks has \[2001:d00::\]/24")], "by IPv6")
        with open(path, encoding="ascii") as file:
            text = file.read().replace("[2001:d00::]/24", "[2001:db8::]/32")
        server.write(path, text)
        os.utime(path, (1, 1))
        mta.send(signal.SIGHUP)
        check.wait_for(lambda: mta.log().count("reload --") == 2)
        judge(run(port, folder=mta.etc, host="[::1]"), [], "by IPv6, closed")
        like("\n".join(mta.wait_log("reject: RCPT")), r"from \S+\[::1\]: .*@\[IPv6:::1\]",
             "with an address of IPv6 in the forms")


LISTS = """
control {{ socket = "{socket}" }}
dns {{ servers = {{ "{dns}" }} }}
list "bl" {{ zone = "bl.example" servers = {{ "{lists}" }}
    answer "127.0.0.2" {{ category = "spam-source" score = 5 }} }}
list "good" {{ zone = "good.example" servers = {{ "{lists}" }}
    answer "127.0.0.2" {{ category = "allow" score = -5 }} }}
policy "default" {{ lists = {{ "bl", "good" }} refuse = 5 }}
"""


@case
def listed():
    """What lists say of us, by the daemon."""
    table = {**nameserver.zone("bl.example", ["198.18.0.2"]),
             **nameserver.zone("good.example", [ADDRESS])}
    path = os.path.join(server.new_dir("control"), "socket")
    with nameserver.NameServer(table) as lists, daemon.Relayguard(LISTS.format(
            socket=path, dns=ZONE.server.address, lists=lists.address)) as guard, \
            postfix.Postfix(more=closed(), domains=RELAYED) as mta:
        check.wait_for(lambda: explained.ask(path, "lists")[1].count("state: good") >= 2, 8)
        report = run(mta.port, folder=mta.etc, conf=guard.file)
        report.findings = [each for each in report.findings if each["level"] != "unseen"]
        doctor.judge(report, "", [("listed", ERROR, r"198\.18\.0\.2 is on bl ->")], "one is listed")
        same([each["seen"] for each in report.of("listed") if each["level"] == "ok"],
             ["198.18.0.1 is on none of 1 lists"], "one is not, but on a list of good ones")
        same(explained.ask(path, "suspend", "bl")[0], 0, "the list is suspended")
        report = run(mta.port, folder=mta.etc, conf=guard.file)
        same([(each["level"], each["seen"]) for each in report.of("listed")],
             [("unseen", "198.18.0.1: no list, or not the daemon, has answered"),
              ("ok", "198.18.0.2 is on none of 1 lists")], "what it says is not believed")


class Proxy:
    """A proxy of some kind, at a usual port; it lets in whom open says."""

    def __init__(self, kind, is_open=True, host="0.0.0.0", port=3128):
        self.kind, self.is_open = kind, is_open
        self.listener = socket.create_server((host, port))
        self.asked = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def _serve(self):
        while True:
            try:
                link, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(link,), daemon=True).start()

    def _wanted(self, said):
        """Where a client wants to go, and what it is told first; None: it is no such client."""
        if self.kind == "http" and said.startswith(b"CONNECT "):
            host, port = said.split()[1].decode().rsplit(":", 1)
            return host, int(port), b"HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n"
        if self.kind == "socks5" and said[:1] == b"\5":
            at = said[3:]
            return (socket.inet_ntoa(at[4:8]), int.from_bytes(at[8:10], "big"),
                    b"\5\0" + b"\5\0\0\1" + bytes(6))
        if self.kind == "socks4" and said[:1] == b"\4":
            return (socket.inet_ntoa(said[4:8]), int.from_bytes(said[2:4], "big"),
                    b"\0\x5a" + bytes(6))
        return None

    def _talk(self, link):
        with link:
            self.asked += 1
            wanted = self._wanted(link.recv(1024))
            if not wanted or not self.is_open:
                link.sendall(b"HTTP/1.1 403 Forbidden\r\n\r\nnot for you: mx.relay.example\r\n")
                return
            with socket.create_connection(wanted[:2], 5) as other:
                link.sendall(wanted[2] + other.recv(1024))


@case
def proxies():
    """A proxy through which strangers reach the server."""
    with postfix.Postfix(more=closed(), domains=RELAYED) as mta:
        for kind, word in (("http", "HTTP CONNECT"), ("socks5", "SOCKS 5"), ("socks4", "SOCKS 4")):
            with Proxy(kind):
                judge(run(mta.port, folder=mta.etc),
                      [("proxy", ERROR, rf"0\.0\.0\.0:3128 lets strangers .* by {word}")], kind)
        with Proxy("http", is_open=False) as proxy:
            judge(run(mta.port, folder=mta.etc), [], "a closed one")
            same(proxy.asked, 3, "it was asked in three ways")
        with Proxy("http", host="127.0.0.1") as proxy:
            judge(run(mta.port, folder=mta.etc), [], "one for this machine alone")
            same(proxy.asked, 0, "which others cannot reach, is not asked")


@case
def others():
    """Nobody else is audited, and nobody too often."""
    with postfix.Postfix(more=closed(), domains=RELAYED) as mta:
        for target, why in (
                (f"192.0.2.1:{mta.port}", "no address of this machine"),
                (f"0.0.0.0:{mta.port}", "no address of this machine"),
                (f"[2001:db8::1]:{mta.port}", "no address of this machine"),
                (f"localhost:{mta.port}", "only an address of this machine"),
                ("mx.relay.example", "only an address of this machine"),
                (f"127.0.0.1:{mta.port},192.0.2.1", "only an address of this machine"),
                (f"127.0.0.1:{server.free_port()}", "no server of this machine listens there"),
                (None, "listens at port 25; say where: relayguardctl audit ADDRESS:PORT")):
            words = [target] if target else []
            done = subprocess.run([*UNLOCKED, doctor.PROGRAM, "audit", *words], check=False,
                                  timeout=20, text=True, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE)
            same((done.returncode, done.stdout, why in done.stderr), (77, "", True),
                 f"{target}: refused, and why")
        ok("ehlo" not in mta.log(), "nobody was spoken to")
        words = [doctor.PROGRAM, "audit", "--conf", CONF_FILE, "--postfix", mta.etc,
                 f"127.0.0.1:{mta.port}"]
        twice = ("unshare", "--mount", "sh", "-c",
                 'mount -t tmpfs none /run/lock && "$@" > /dev/null; "$@"', "sh")
        done = subprocess.run([*twice, *words], check=False, timeout=110, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        same((done.returncode, done.stdout), (75, ""), "a second one within the minute: not now")
        like(done.stderr, "there was an audit within this minute", "and why")
        done = subprocess.run(["setpriv", "--reuid=65534", "--clear-groups", *words], check=False,
                              timeout=20, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)
        same((done.returncode, done.stdout), (77, ""), "not root: no right")
        for wrong in (["--to", "nobody"], ["--to", "a@b@c"], ["--to", "a\r\nDATA@x"], ["--what"],
                      ["127.0.0.1", "127.0.0.2"]):
            done = subprocess.run([doctor.PROGRAM, "audit", *wrong], check=False, timeout=20,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            same(done.returncode, 64, f"{wrong}: usage")


def _one_conversation(listener):
    """A server that is gone after its first client."""
    client = listener.accept()[0]
    listener.close()
    with client, client.makefile("rwb") as file:
        file.write(f"220 {HOST} ESMTP\r\n".encode())
        file.flush()
        while file.readline():
            file.write(b"250 it is so\r\n")
            file.flush()


@case
def gone():
    """A server that ends meanwhile: what the system says of that is no greeting of it."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    talk = threading.Thread(target=_one_conversation, args=(listener,), daemon=True)
    talk.start()
    report = run(port)
    talk.join(30)
    found = {(each["check"], each["level"]) for each in report.findings}
    ok(("server", "unseen") in found, "it does not talk any more", report.text)
    same([one for one in found if one[0] in ("banner", "auth", "starttls")], [],
         "and nothing is said of how it greets, and what it offers")


@case
def trusted():
    """All addresses of this machine are trusted: that is said, and not called closed."""
    with postfix.Postfix(more=closed(more="mynetworks = 127.0.0.0/8 198.18.0.0/28"),
                         domains=RELAYED) as mta:
        report = run(mta.port, folder=mta.etc)
        judge(report, [], "all are trusted", ["relay"])
        like(report.text, "all addresses of this machine are in mynetworks", "and why")
        report = run(mta.port, "--own", ",".join(f"d{n}.example" for n in range(24)),
                     folder=mta.etc)
        same(mta.log().count("NOQUEUE: reject: RCPT") <= 64 + 8, True, "never more than 64")
        like(report.text, "the 64 recipients of a run are used up", "the rest is not looked at")


@case
def masked():
    """A server that refuses our client, or our sender, whoever the recipient is: nothing is known."""
    for more in ("smtpd_client_restrictions = reject_unknown_client_hostname\n"
                 "unknown_client_reject_code = 550",
                 "smtpd_sender_restrictions = check_sender_access "
                 "inline:{ mx.relay.example=REJECT }"):
        with postfix.Postfix(more=closed(more=more), domains=RELAYED) as mta:
            report = run(mta.port, folder=mta.etc)
            same({each["level"] for theme in ("relay", "backscatter")
                  for each in report.of(theme)}, {"unseen"}, f"{more[:32]}: nothing is known")
            like(report.of("relay")[0]["seen"], "(Client host|Sender address) rejected", "and why")


@case
def many():
    """More domains than can be looked at."""
    with postfix.Postfix(more=closed(), domains=RELAYED) as mta:
        report = run(mta.port, "--own", ",".join(f"d{n}.example" for n in range(25)),
                     folder=mta.etc)
        like(report.text, "there are more than 24 domains: the others", "which is said")


@case
def updates():
    """The package of the server is not the newest, or there is none."""
    with postfix.Postfix(more=closed(), domains=RELAYED) as mta:
        judge(run(mta.port, folder=mta.etc, programs=audit.apt("1.1")),
              [("updates", WARNING, "postfix 1.0 is installed, and 1.1 is there")], "an update")
        judge(run(mta.port, folder=mta.etc, programs=audit.apt("(none)")), [], "no package",
              ["updates"])


check.run()
