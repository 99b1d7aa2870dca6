#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""A real Postfix asks by its policy delegation (check_policy_service)."""
import functools
import grp
import os
import signal
import socket
import stat
import threading

from lib import check, daemon, doctor, postfix, rbldnsd, scene, server, smtp
from lib.check import case, like, ok, same, sharing, unlike

LISTED, GOOD, ALLOWED, BOT = scene.RELAY, scene.GOOD, scene.ALLOWED, scene.BOT
LISTED6 = scene.LISTED6

LISTS = """
list "bl" { zone = "bl.example" servers = { "%(server)s" } ipv6 = true name = "The bl list"
    removal = "https://bl.example/remove?ip=%%{ip}&a=%%25"
    answer "127.0.0.2" { category = "open-relay" score = 5 }
    answer "127.0.0.4-7" { category = "exploited" score = 4 } }
allow { networks = { "203.0.113.200" } }
"""

POLICIES = """
policy "default"        { lists = { "bl" } refuse = 0 }
policy "tag.example"    { inherit = "default" tag = 4 }
policy "defer.example"  { inherit = "default" defer = 5 }
policy "refuse.example" { inherit = "default" refuse = 5 }
policy "hold.example"   { inherit = "default" quarantine = 5 }
policy "drop.example"   { inherit = "default" drop = 5 }
policy "shadow.example" { inherit = "default" quarantine = 5 mode = "shadow" }
"""

DOMAINS = ("pass.example tag.example defer.example refuse.example hold.example drop.example "
           "shadow.example")

REQUEST = ("request=smtpd_access_policy\nprotocol_state=RCPT\nclient_address={}\n"
           "helo_name=c.example\nsender=a@sender.example\nrecipient=ann@refuse.example\n"
           "instance={}\n\n")

ASKS = "check_policy_service { %(at)s, timeout=10s, default_action=DUNNO }"
AT_RCPT = ("smtpd_recipient_restrictions = permit_mynetworks, permit_sasl_authenticated,\n"
           "    reject_unauth_destination,\n    " + ASKS + "\n")
AT_END = "smtpd_end_of_data_restrictions = " + ASKS + "\n"


class Policies:
    """Lists, relayguard that serves both, and Postfix that asks it either way, or both."""

    def __init__(self, more, milters=False):
        self.list = rbldnsd.Rbldnsd(scene.ZONES)
        self.at = f"inet:127.0.0.1:{server.free_port()}"
        self.guard = self.start()
        self.mta = self.postfix(more % {"at": self.at}, self.guard.postfix if milters else "")

    def start(self):
        """relayguard, anew at the same place."""
        return daemon.Relayguard(LISTS % {"server": self.list.address} + POLICIES,
                                 policy=self.at)

    def postfix(self, more, milters=""):
        """One more Postfix."""
        return postfix.Postfix(milters, more=more, domains=DOMAINS, mailboxes=True)

    def send(self, client, *recipients, mta=None, **attributes):
        """A message: the replies to each RCPT, and to the end of the message."""
        with smtp.Client((mta or self.mta).port) as session:
            session.become(client, **attributes)
            session.mail()
            replies = [session.rcpt(name) for name in recipients]
            return replies, session.data()

    def ask(self):
        """A connection to the socket, as smtpd(8) has one."""
        connection = socket.create_connection(("127.0.0.1", int(self.at.split(":")[-1])), 20)
        return connection


usual = functools.cache(lambda: Policies(AT_RCPT + AT_END))


def queue_id(end):
    """Of a message that was taken."""
    return end.raw[0].split()[-1]


@sharing
def refused():
    """One line, behind the words of Postfix's own, with the code and the reference."""
    here = usual()
    for client, name, begins, verdict in (
            (LISTED, "ann@refuse.example", "550 5.7.1 <ann@refuse.example>: Recipient address "
             f"rejected: Mail from [{LISTED}] is refused: it relays mail for strangers. ", "refuse"),
            (LISTED6, "ann@refuse.example", "550 5.7.1 <ann@refuse.example>: Recipient address "
             f"rejected: Mail from [{LISTED6}] is refused: ", "refuse"),
            (LISTED, "ann@defer.example", "450 4.7.1 <ann@defer.example>: Recipient address "
             f"rejected: Mail from [{LISTED}] is not accepted now: ", "defer"),
            (LISTED, "ann@drop.example", "521 5.7.1 <ann@drop.example>: Recipient address "
             f"rejected: Mail from [{LISTED}] is refused: ", "drop")):
        replies, _ = here.send(client, name)
        same(len(replies[0].raw), 1, f"{client}, {name}: one line")
        ok(replies[0].text.startswith(begins), f"{client}, {name}: as it is to begin", replies)
        ok(len(replies[0].text) <= 200, f"{client}, {name}: with no more than 200 bytes",
           len(replies[0].text))
        like(replies[0].text, r"https://bl\.example/remove\?ip=[\w.%]+&a=%25 Ref \w{8}$",
             f"{client}, {name}: and the URL as it is, with one %")
        same(here.guard.wait_decision(ref=replies[0].ref).get("verdict"), verdict,
             f"{client}, {name}: logged so")
        ok(here.mta.wait_log(f"Ref {replies[0].ref}"), f"{client}, {name}: Postfix logs it")
    name = "a" * 60 + "@" + "refuse.example"
    replies, _ = here.send(LISTED, name)
    like(replies[0].text, r"is refused: .*https://bl\.example/\S+ Ref \w{8}$",
         "a long recipient: the reason and the URL are there")


@sharing
def let_through():
    """Whom nothing speaks against, an allowed one, one who has logged in, and postmaster."""
    here = usual()
    for client, name, reason, more in (
            (GOOD, "bob@refuse.example", "lists", {}), (ALLOWED, "bob@refuse.example", "allow", {}),
            (LISTED, "bob@pass.example", "lists", {}),
            (LISTED, "postmaster@refuse.example", "exempt", {})):
        replies, end = here.send(client, name, **more)
        same((replies[0].code, end.code), (250, 250), f"{client}, {name}: is taken")
        same(here.guard.wait_decision(client=client, to=name).get("reason"), reason,
             f"{client}, {name}: for its reason")
        line = here.guard.wait_lines(f"event=message qid={queue_id(end)} action=pass")
        same(len(line), 1, f"{client}, {name}: the message has its line")
    with smtp.Client(here.mta.port) as session:
        session.become(LISTED)
        session.mail()
        same(session.rcpt("ann@elsewhere.example").code, 554, "nobody relays by it")


@sharing
def logged_in():
    """A client that has logged in, where Postfix asks about it at all."""
    here = usual()
    mta = here.postfix("smtpd_recipient_restrictions = " + ASKS % {"at": here.at}
                       + ", reject_unauth_destination\n")
    replies, _ = here.send(LISTED, "cid@refuse.example", mta=mta, LOGIN="ann")
    same(replies[0].code, 250, "is let through")
    same(here.guard.wait_decision(to="cid@refuse.example").get("reason"), "auth", "for that")
    replies, _ = here.send(LISTED, "cid@refuse.example", mta=mta)
    same(replies[0].code, 550, "another one is not")
    replies, _ = here.send(GOOD, "cid@elsewhere.example", mta=mta)
    same(replies[0].code, 554, "and what is let through is not relayed for that")


@sharing
def tagged():
    """A mark, once, for two recipients."""
    here = usual()
    replies, end = here.send(LISTED, "dan@tag.example", "dee@tag.example")
    same([reply.code for reply in (*replies, end)], [250, 250, 250], "accepted")
    ref = here.guard.wait_decision(to="dan@tag.example").get("ref")
    for name in ("dan@tag.example", "dee@tag.example"):
        message = here.mta.wait_mail(name)
        same(message.get_all("X-RelayGuard") if message else None,
             ["verdict=tag reason=lists score=5/4 policy=tag.example lists=bl:127.0.0.2*5 "
              f"ref={ref}"], f"{name}: one field, of the first recipient")


@sharing
def held():
    """The message is in the hold queue; who is not to wait for it is told to come apart."""
    here = usual()
    replies, end = here.send(LISTED, "eve@hold.example", "eli@pass.example", "eda@hold.example")
    same([reply.code for reply in (*replies, end)], [250, 452, 250, 250], "apart")
    same(check.wait_for(lambda: here.mta.held().get(queue_id(end))),
         ["eda@hold.example", "eve@hold.example"], "it is held for those of one mind")
    like(here.mta.log(), r"hold: RCPT from unknown\[198\.51\.100\.7\]: <eve@hold\.example>: "
         r"Recipient address is held by relayguard: score 5/5, policy hold\.example, ref \w{8};",
         "Postfix says why")
    ok(here.guard.wait_lines(f"event=message qid={queue_id(end)} action=quarantine"), "so do we")
    same(here.mta.mails("eve@hold.example"), [], "it is not delivered")
    replies, end = here.send(LISTED, "eno@shadow.example")
    ok(here.mta.wait_mail("eno@shadow.example"), "a policy in shadow mode holds nothing")


@sharing
def at_the_end():
    """In smtpd_end_of_data_restrictions alone: one recipient is decided on, of several none."""
    here = usual()
    mta = here.postfix(AT_END % {"at": here.at})
    replies, end = here.send(LISTED, "fay@refuse.example", mta=mta)
    same((replies[0].code, end.code), (250, 550), "refused at the end")
    like(end.text, r"^550 5\.7\.1 <END-OF-MESSAGE>: End-of-data rejected: Mail from \S+ is refused",
         "with the reason")
    replies, end = here.send(LISTED, "fin@tag.example", mta=mta)
    message = mta.wait_mail("fin@tag.example")
    same((end.code, message and message["X-RelayGuard"]), (250, None), "it is too late for a mark")
    unlike(mta.log(), "warning: .*PREPEND", "and Postfix is not asked for one")
    replies, end = here.send(LISTED, "fox@hold.example", mta=mta)
    ok(check.wait_for(lambda: mta.held().get(queue_id(end))), "not too late to hold it")
    before = len(here.guard.decisions())
    replies, end = here.send(LISTED, "fay@refuse.example", "fee@refuse.example", mta=mta)
    same((end.code, len(here.guard.decisions())), (250, before), "of several Postfix names none")


@sharing
def both_ways():
    """Where the milter sees the client, policy delegation leaves it to that."""
    here = usual()
    mta = here.postfix((AT_RCPT + AT_END) % {"at": here.at}, milters=here.guard.postfix)
    before = len(here.guard.decisions())
    replies, _ = here.send(LISTED, "gus@refuse.example", mta=mta, PORT="40000")
    same((replies[0].code, len(replies[0].raw)), (550, 3), "refused by the milter, in three lines")
    same(len(here.guard.decisions()), before + 1, "decided once")
    replies, end = here.send(LISTED, "gil@tag.example", mta=mta, PORT="40001")
    message = mta.wait_mail("gil@tag.example")
    same(len(message.get_all("X-RelayGuard") if message else []), 1, "one mark")
    same(len(here.guard.wait_lines(f"event=message qid={queue_id(end)}")), 1, "one line")
    same(len(here.guard.events("two-doors")), 1, "the log says so, once")


def try_rcpt(port, client, helo, sender, recipient, **attributes):
    """One session up to RCPT; its reply."""
    with smtp.Client(port) as session:
        session.become(client, helo=helo, **attributes)
        session.command(f"MAIL FROM:{sender}")
        return session.command(f"RCPT TO:{recipient}")


SHAPES = (
    "<bob@refuse.example>", "<bob@Refuse.example>", "<bob@refuse.example (x)>",
    "<(x)bob@refuse.example>", '<"bob"@refuse.example>', '<"a b"@refuse.example>',
    '<"a\\"b\\\\c"@refuse.example>', '<"a@b"@refuse.example>', "<@relay.example:bob@refuse.example>",
 "<postmaster@refuse.example>",
    "<b{o'b+x=y@refuse.example>", "<bob@pass.example(refuse.example)>",
)
# All of them are bob's at refuse.example, whatever they look like.
ROUTES = ("<bob%refuse.example@mx.relay.example>", "<refuse.example!bob>", "<bob%refuse.example>",
          "<refuse.example!bob@mx.relay.example>", '<"bob@refuse.example"@mx.relay.example>',
          "<bob%refuse.example%mx.relay.example>", "<mx.relay.example!refuse.example!bob>",
          "<mx.relay.example!bob%refuse.example@mx.relay.example>")
SENDERS = ("<>", "<a@sender.example>", '<"a b"@sender.example>', "<a@SENDER.example>",
           '<"<x>"@sender.example>', "<@relay.example:a@sender.example>", "<a%b@c.example>",
           "<SRS0=ab=cd=sender.example=a@forward.example>")
HELOS = ("client.example", "[198.51.100.7]", "a%n%s.example", "=", "b\xfc.example")
LEFT_OUT = ("ref", "ms", "cache", "orig-to", "orig-from")


@sharing
def the_same_as_the_milter():
    """A crowd of clients, each asked about both ways: the same line in the log."""
    here = usual()
    mta = here.postfix("", milters=here.guard.postfix)
    for client in (LISTED, BOT, GOOD, LISTED6):  # so that memory knows them
        here.send(client, "ann@refuse.example")
    crowd = [(client, helo, "<a@sender.example>", f"<ann@{domain}>")
             for client in (LISTED, BOT, GOOD, ALLOWED, LISTED6) for helo in HELOS[:1]
             for domain in DOMAINS.split()]
    crowd += [(LISTED, helo, "<a@sender.example>", "<ann@refuse.example>") for helo in HELOS]
    crowd += [(LISTED, HELOS[0], sender, "<ann@refuse.example>") for sender in SENDERS]
    crowd += [(LISTED, HELOS[0], "<a@sender.example>", shape) for shape in SHAPES]
    for shape in ROUTES:
        same(try_rcpt(here.mta.port, LISTED, HELOS[0], "<a@sender.example>", shape).code, 550,
             f"{shape}: refused")
    for who in crowd:
        lines = []
        for server in (mta, here.mta):
            reply, line = here.guard.decided(functools.partial(try_rcpt, server.port, *who))
            lines.append({key: value for key, value in line.items() if key not in LEFT_OUT}
                         | {"code": reply.code})
        same(lines[1], lines[0], " ".join(who))


@case
def printed():
    """relayguard -t prints restrictions that Postfix takes as they are."""
    guard = daemon.Relayguard(POLICIES.replace('{ "bl" }', "{ }")
                              + 'deny { networks = { "198.51.100.7" } }\n',
                              policy=f"inet:127.0.0.1:{server.free_port()}")
    code, out, _ = daemon.run("-t", "-c", guard.file, "-l", daemon.LISTS)
    text = out[out.index("\tsmtpd_recipient_restrictions"):].replace("\tsmtpd", "smtpd")
    same(code, 0, "the configuration is good")
    mta = postfix.Postfix(more=text, domains=DOMAINS)
    same(smtp.try_rcpt(mta.port, LISTED, "ann@refuse.example").code, 550, "it is asked")
    same(smtp.try_rcpt(mta.port, GOOD, "ann@elsewhere.example").code, 554, "and nobody relays")


@case
def killed_under_mail():
    """It is killed, and comes again, while mail comes in: none is lost, and none refused."""
    here = Policies(AT_RCPT + AT_END)
    codes, stop = [], threading.Event()

    def sender(number):
        while not stop.is_set():
            replies, end = here.send(GOOD, f"hal{number}@refuse.example")
            codes.append((replies[0].code, end.code))

    threads = [threading.Thread(target=sender, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for number in (signal.SIGKILL, signal.SIGTERM):
        count = len(codes)
        ok(check.wait_for(lambda: len(codes) > count + 5, 20), "mail comes in")
        here.guard.send(number)
        check.wait_for(lambda: not here.guard.alive())
        here.guard.stop()
        ok(check.wait_for(lambda: len(codes) > count + 12, 20), f"{number.name}: and goes on")
        here.guard = here.start()
    stop.set()
    for thread in threads:
        thread.join()
    same(set(codes), {(250, 250)}, "all of it is taken")
    ok(check.wait_for(lambda: here.mta.log().count("status=sent") >= len(codes), 20),
       "and delivered")
    replies, _ = here.send(LISTED, "hal@refuse.example")
    same(replies[0].code, 550, "and who is listed is refused again")


@case
def strangers():
    """Whoever may connect can neither stop it nor keep others out for long."""
    here = Policies(AT_RCPT)
    here.send(LISTED, "ida@refuse.example")
    for text in (b"GET / HTTP/1.0\r\n\r\n\n\n", b"\n", b"\0\n\n", b"a" * 20000,
                 b"request=smtpd_access_policy\n" + b"a=b\n" * 200 + b"\n",
                 b"request=smtpd_access_policy\nrecipient=a\nrecipient=b\n\n"):
        with here.ask() as connection:
            try:
                connection.sendall(text)
                answer = connection.recv(4096)
            except ConnectionError:  # it has gone before all was said
                answer = b""
            same(answer, b"", f"{text[:20]!r}: no answer, and an end")
    with here.ask() as connection:
        text = "".join(REQUEST.format(LISTED, n) for n in range(3)).encode()
        for byte in text[:100]:
            connection.sendall(bytes([byte]))
        connection.sendall(text[100:])
        answers = b""
        while answers.count(b"\n\n") < 3:
            answers += connection.recv(4096)
        same(answers.count(b"action=550 5.7.1 "), 3, "three at once are answered, in pieces, too")
    crowd = []
    while len(crowd) < 560:
        crowd.append(here.ask())
    for connection in crowd:
        connection.sendall(b"request=")
    ok(here.guard.wait_lines("event=overload limit=policy max=500 turned-away="),
       "more than 500 connections are too many, and the log says so")
    replies, _ = here.send(GOOD, "ida@refuse.example")
    same(replies[0].code, 250, "mail goes on")
    for connection in crowd:
        connection.close()
    replies, _ = here.send(LISTED, "ida@refuse.example")
    same(replies[0].code, 550, "and when they have gone, all is as it was")


@case
def unix_socket():
    """A socket in the queue directory, for Postfix in its chroot."""
    mta = postfix.Postfix(more=AT_RCPT % {"at": "unix:relayguard/policy.sock"}, chroot=True,
                          domains=DOMAINS, mailboxes=True)
    place = os.path.join(mta.top, "queue", "relayguard")
    os.mkdir(place)
    path = os.path.join(place, "policy.sock")
    with rbldnsd.Rbldnsd(scene.ZONES) as lists, daemon.Relayguard(
            'socket_group = "postfix"\n' + LISTS % {"server": lists.address} + POLICIES,
            policy=f"unix:{path}") as guard:
        status = os.stat(path)
        same((stat.S_IMODE(status.st_mode), status.st_gid),
             (0o660, grp.getgrnam("postfix").gr_gid), "for that group alone")
        replies = smtp.try_rcpt(mta.port, LISTED, "jim@refuse.example")
        same(replies.code, 550, "Postfix finds it there")
        report = doctor.Report(guard.file, only="socket")
        same([each["level"] for each in report.findings if each["check"] == "socket"],
             ["ok", "ok"], "doctor finds both sockets open")
        os.chmod(path, 0o600)
        report = doctor.Report(guard.file, only="socket")
        same([(each["level"], path in each["seen"]) for each in report.findings
              if each["check"] == "socket"], [("ok", False), ("error", True)],
             "and says which of them Postfix cannot enter")
        guard.stop()
        ok(not os.path.exists(path), "it is gone with relayguard")


check.run()
