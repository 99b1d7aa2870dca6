#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""How often, and for what, Postfix has to wait for us."""
import time

from lib import check, daemon, nameserver, postfix, scene, smtp, tap
from lib.check import case, ok, same, within
from lib.nameserver import Answer, NameServer, reverse


def _send(port, client_address, messages=1):
    with smtp.Client(port) as client:
        client.become(client_address)
        for _ in range(messages):
            client.mail()
            client.rcpt("bob@mild.example")
            client.data()
        client.quit()


def _last(proxy):
    check.wait_for(lambda: proxy.sessions and proxy.sessions[-1].closed)
    return proxy.sessions[-1]


@case
def counted():
    """Each kind of session costs as many replies as it must, and no more."""
    with scene.listed() as guard, tap.Tap(guard.port) as proxy, \
            postfix.Postfix(proxy.postfix) as mta:
        _send(mta.port, scene.RELAY)
        session = _last(proxy)
        same(len(session.replies()), 4, "one message: negotiation, connect, RCPT, end of message")
        ok(session.sent("H") and session.sent("M"), "HELO and MAIL were told", session)
        for command in "TLNB":
            ok(session.sent(command) is None, f"{tap.COMMANDS[command]} was not sent", session)
        _send(mta.port, scene.RELAY, 3)
        same(len(_last(proxy).replies()), 8, "three messages: two more for each")
        _send(mta.port, scene.ALLOWED, 3)
        session = _last(proxy)
        same(len(session.replies()), 5, "an allowed client: negotiation, connect, RCPT of each")
        same(session.replies()[-1].command, "a", "which is answered with accept")
        smtp.try_rcpt(mta.port, scene.RELAY, "bob@strict.example")
        same(len(_last(proxy).replies()), 3, "a refused client: negotiation, connect, RCPT")


@case
def connect_comes_at_once():
    """Lists are asked while the client still talks; connect waits for nobody."""
    name = reverse(scene.RELAY, "bl.example")
    with NameServer({name: Answer("127.0.0.2", delay=0.5)}) as dns, \
            daemon.Relayguard(daemon.config(dns.address)) as guard, \
            tap.Tap(guard.port) as proxy, postfix.Postfix(proxy.postfix) as mta, \
            smtp.Client(mta.port) as client:
        client.become(scene.RELAY)
        check.wait_for(lambda: _connected(proxy))
        session = _connected(proxy)
        ok(session, "Postfix has sent connect before MAIL")
        answered = session.answer("C").when - session.sent("C").when
        within(answered, 0.2, "connect is answered while the list still thinks")
        ok(check.wait_for(lambda: dns.count(name)), "the list has been asked")
        time.sleep(0.3)
        client.mail()
        reply = client.rcpt("bob@strict.example")
        same(reply.code, 550, "RCPT has the answer")
        waited = session.answer("R").when - session.sent("R").when
        # That the list thinks twice: once more to confirm what it said.
        within(waited, nameserver.CONFIRMED * 0.5 - 0.3 + 0.15,
               "and waited only for what was left")
        client.mail()
        client.quit()


def _connected(proxy):
    for session in proxy.sessions:
        sent = session.sent("C")
        if sent and scene.RELAY.encode() in sent.data and session.answer("C"):
            return session
    return None


check.run()
