#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Our own evidence, with a real Postfix: relay testers are listed by what it refuses, and
nobody else is, whatever else clients do that looks alike."""
from lib import check, daemon, nsd, postfix, scene, smtp, tap
from lib.check import case, like, ok, same, unlike

OURS, HOST, THERE = "strict.example", "mx.relay.example", "third.example"
LITERAL = "[127.0.0.1]"
USER = f"u@{THERE}"
OUTSIDE, BARE, NULL, LOCAL = "a@x.example", "a", "", "a@localhost"
OWN, OWN_LITERAL = f"a@{OURS}", f"a@{LITERAL}"

NOBODY = 'dns { servers = { "127.0.0.1:9" } }\n'  # who might be asked where mail should go
CONFIG = NOBODY.replace("{", "{{").replace("}", "}}") + """
list "local" {{
    source = "own"
    mode   = "enforce"
{answers}
}}
policy "default"     {{ lists = {{ "local" }} refuse = 5 }}
policy "{ours}"      {{ lists = {{ "local" }} refuse = 5 }}
"""
PROBE = '    answer "127.0.0.3" { category = "probe" score = 5 }'
ALL = PROBE + """
    answer "127.0.0.5" { category = "bruteforce" score = 5 }
    answer "127.0.0.8" { category = "local" score = 5 }"""
MORE = """smtpd_error_sleep_time = 0
smtpd_hard_error_limit = 1000
relay_recipient_maps = inline:{bob@strict.example=ok ann@strict.example=ok bob@mild.example=ok}
"""

# The forms of seeds of all kinds, as testers of relays have them, of one recipient.
NMAP = [USER, f"u%{THERE}@{LITERAL}", f"u%{THERE}@{HOST}", f'"{USER}"', f'"u%{THERE}"',
        f"{USER}@{LITERAL}", f'"{USER}"@{LITERAL}', f"{USER}@{HOST}", f"@{LITERAL}:{USER}",
        f"@{HOST}:{USER}", f"{THERE}!u", f"{THERE}!u@{LITERAL}", f"{THERE}!u@{HOST}"]
ALL_FORMS = NMAP + [f'"{USER}"@{HOST}', f"u%{THERE}", f"@{HOST},@x.example:{USER}",
                    f"u%{THERE}@localhost", f"u%{THERE}%{HOST}@{HOST}", f"u%{THERE}@{OURS}",
                    f'"{USER}"@{OURS}', f"{USER}@{OURS}", f"@{OURS}:{USER}",
                    f"{THERE}!u@{OURS}", f"{HOST}:{USER}", f"{USER}@", f"u@{THERE}.",
                    "U@Third.Example", f'"u"@{THERE}', "u@[192.0.2.77]", f"u%0a@{THERE}"]


def _from(sender, forms):
    return [(sender, form) for form in forms]


def _bot(number):
    """A mailbox that writes to itself, from a machine without a name of its own."""
    box = "box123@free.example"
    return {"helo": f"WIN-A1B2C{number}", "tries": [(box, box)]}


# Each: HELO, what is tried (sender and recipient), and how many of that in one connection.
TESTERS = {
    "nmap, in one connection": {
        "helo": "nmap.scanme.example", "each": 99,
        "tries": [(NULL, USER), ("antispam@nmap.example", USER), (OWN_LITERAL, USER)]
                 + _from(OWN_LITERAL, NMAP)},
    "Metasploit, in sixteen": {"helo": "X", "tries": _from(OUTSIDE, NMAP + ALL_FORMS[13:16])},
    "mailradar": {"helo": "mailradar.example",
                  "tries": _from(OUTSIDE, [USER, f'"u%{THERE}"', f"{USER}@", f"u%{THERE}@{OURS}"])},
    "all forms": {"helo": "probe.example", "each": 99, "tries": _from(OUTSIDE, ALL_FORMS)},
    "a quoted one, and six senders": {
        "helo": "maps.example", "each": 99,
        "tries": [(OUTSIDE, f'"{USER}"')] + [(sender, USER) for sender in
                                             (OUTSIDE, NULL, LOCAL, BARE, OWN, OWN_LITERAL)]},
    "three forms within two seconds": {
        "helo": "relaytest.example", "each": 99,
        "tries": [(OUTSIDE, USER), (OUTSIDE, f"u%{THERE}@{OURS}"), (f"relaytest@{OURS}", USER)]},
    "names by chance": {"helo": "qzxv.example", "each": 3, "tries": _from(OUTSIDE, NMAP[3:9])},
    "three senders": {"helo": "relaytest.example",
                      "tries": [(OUTSIDE, USER), (BARE, USER), (OWN, USER)]},
    "a percent sign and a route": {"helo": "probe.example",
                                   "tries": _from(OUTSIDE, [NMAP[2], NMAP[9]])},
    "bang paths and two @": {"helo": "probe.example",
                             "tries": _from(OUTSIDE, [f"{THERE}!u@{OURS}", f"{USER}@{HOST}"])},
    "the fourth network with one mailbox": _bot(4),
    "a single plain test": {"helo": "relaytest.example", "tries": [(OUTSIDE, USER)]},
}
ALONE = "a single plain test"  # which is what a typing error makes, too
BOTS = [_bot(number) for number in range(3)]
NETWORKS = ["192.0.2.77", "198.18.7.7", "198.19.7.7"]  # of these three


def _many(sender, recipient, times):
    return [(sender.format(n=n), recipient.format(n=n)) for n in range(times)]


ORDINARY = {
    "a user without a password": {"helo": "[10.0.0.2]", "each": 99,
                                  "tries": _many(f"me@{OURS}", "friend{n}@far.example", 30)},
    "a copier": {"helo": "KM3F2A1", "tries": _many("me@free2.example", "me@free2.example", 9)},
    "bounces to who has left": {"each": 20, "tries": _many(NULL, "b-{n}=x@left.example", 60)},
    "bounces to many who have left": {"each": 20, "tries": _many(NULL, "info@left{n}.example", 60)},
    "a domain that has left": {
        "tries": [(NULL, "info@left.example")] + _many("a{n}@x.example", "info@left.example", 9)},
    "an old list": {"each": 10, "tries": _many(NULL, f"list-u%d{{n}}.example@{OURS}", 20)},
    "a gateway that quotes": {"each": 5, "tries": _from(OUTSIDE, [f'"u@inner.example"@{OURS}'] * 20)},
    "two users of such a one": {
        "tries": [(OUTSIDE, f'"u@inner.example"@{OURS}'), ("b@y.example", f'"v@inner.example"@{OURS}')] * 3},
    "a typing error, put right": {"tries": [(OUTSIDE, f"u%{THERE}@{OURS}"), (OUTSIDE, USER)]},
    "the same of two people": {"tries": [(OUTSIDE, f"u%{THERE}@{OURS}"), ("b@y.example", USER)]},
    "a backup MX that nobody told of it": {"each": 10,
                                           "tries": _many("a{n}@x.example", "info@backup.example", 30)},
    "rewritten senders": {"tries": [("SRS0=x=Y=far.example=a@fwd.example", f"prvs=0123=u@{THERE}"),
                                    ("prvs=0123=a@x.example", f"SRS0=x=Y=far.example=u@{THERE}"),
                                    ("prvs=0123=a@x.example", f"u+tag@{THERE}")]},
    "forwarded, and forwarded back": {
        "tries": [(NULL, f"SRS1=z=fwd.example==x=Y=far.example=u@{THERE}"),
                  (OUTSIDE, f"SRS0+x=Y=far.example=u@{THERE}")]},
    "posts to a list elsewhere": {"each": 20, "tries": _many("list-bounces@x.example", f"m{{n}}@{THERE}", 40)},
    "all mail of a customer who has left": {
        "each": 5, "tries": _many("a{n}@x.example", "boss@left2.example", 20)
                            + _many(NULL, "boss@left2.example", 5)},
    "a web form with a number for a domain": {"tries": _many("www@x.example", f"50%{{n}}@{THERE}", 9)},
    "bang for fun": {"tries": _from(OUTSIDE, [f"hi!bob@{THERE}"] * 9)},
    "X.400": {"each": 5, "tries": _many(OUTSIDE, f'"/c=de/a=x/p=y/s=u{{n}}/"@{THERE}', 10)},
    "an old route": {"tries": _many(OUTSIDE, f"@gw.example:u{{n}}@{THERE}", 9)},
    "an old bang path": {"tries": _many(OUTSIDE, f"{THERE}!u{{n}}@gw.example", 9)},
    "two old gateways": {"tries": [(OUTSIDE, f"{THERE}!u@gw.example"),
                                   (OUTSIDE, "@gw.example:u@fourth.example")] * 3},
    "notices to forged senders": {"tries": _from(NULL, [NMAP[2], NMAP[12], NMAP[8], NMAP[10]])},
    "questions about forged senders": {
        "each": 5, "tries": _many("double-bounce@x.example", f"forged{{n}}@{OURS}", 12)
                            + _from("double-bounce@x.example", [NMAP[2], NMAP[12]])},
    "a user of a provider": {"name": "mail-wm1-f54.google.com", "helo": "mail-wm1-f54.google.com",
                             "each": 9, "tries": _from(OUTSIDE, NMAP)},
    "another one, who guesses": {
        "name": "mail-wm1-f55.google.com", "each": 20,
        "tries": _many(OUTSIDE, f"who{{n}}@{OURS}", 12)},
    "a notice and a mail": {"tries": [(NULL, USER), (OUTSIDE, USER)]},
    "a monitor": {"tries": _many("monitor@x.example", "monitor@x.example", 30)},
    "cron": {"tries": [("root", f"admin@{THERE}"), ("root@localhost", f"admin@{THERE}")] * 5},
    "mail for us": {"tries": [(OUTSIDE, f"bob@{OURS}")] * 5},
    "mail for us, and one typing error": {"each": 2, "tries": [(OUTSIDE, f"bob@{OURS}"),
                                                               (OUTSIDE, f"bbo@{OURS}")] * 3},
    "a list with members who have left": {
        "each": 99, "tries": [(OUTSIDE, f"bob@{OURS}")] + _many(OUTSIDE, f"gone{{n}}@{OURS}", 12)},
    "bounces to forged senders": {"each": 4, "tries": _many(NULL, f"forged{{n}}@{OURS}", 12)},
    "a domain literal": {"tries": [(OUTSIDE, "postmaster@[198.51.100.9]")] * 3},
    "tags": {"tries": [(OUTSIDE, f"u+a%b@{THERE}"), (OUTSIDE, f"u=a!b@{THERE}")]},
    # What the users of a server type, who are many behind one address.
    "two odd recipients that a user types": {
        "tries": _from(OUTSIDE, [f"u%{THERE}@{OURS}", f"{THERE}!u@{OURS}"]) * 2},
    "four, by the names of our host": {
        "tries": _from(OUTSIDE, [f"u%{THERE}@{HOST}", f"{THERE}!u@{LITERAL}",
                                 f'"{USER}"@{HOST}', f'"{USER}"@{OURS}'])},
    "the same in a domain that has left": {
        "each": 9, "tries": _from(OUTSIDE, ["u%third.example@left3.example",
                                            "third.example!u@left3.example", "u@left3.example"])},
    "two users, and a notice": {
        "tries": [(OUTSIDE, f"u%{THERE}@{OURS}"), ("b@y.example", f"{THERE}!u@{OURS}"),
                  (NULL, f'"{USER}"@{OURS}')]},
    "machines behind one address": {
        "helo": "nas", "tries": [(sender, f"admin@{THERE}") for sender in (
            "root", LOCAL.replace("a@", "root@"), "root@[192.168.1.5]", "root@nas.x.example")]},
    "machines whose programs have names": {
        "helo": "nas", "tries": [(sender, f"admin@{THERE}") for sender in (
            "root", "www@x.example", f"info@{OURS}", "nagios@[10.0.0.9]")]},
    "scanners of an office": {
        "helo": "SCAN-01", "each": 5, "tries": [(f"owner{n}@free2.example",) * 2 for n in range(20)]},
    "a check of a monitor": {
        "tries": [("nagios@mon.example", f"postmaster@{THERE}"), (NULL, USER)] * 9},
    "a gateway of UUCP": {"each": 5, "tries": _many(OUTSIDE, f"{THERE}!u{{n}}", 20)},
    "a percent sign of a coupon": {
        "tries": _from("shop@x.example", [f"20%{THERE}@{OURS}", f'"20%{THERE}"@{OURS}'] * 5)},
    "quoted local parts": {"tries": _from(OUTSIDE, [f'"u v"@{THERE}', f'"u@v"@{OURS}',
                                                    f'"u\\@v"@{THERE}'])},
    "bounces by old VERP and new": {
        "each": 9, "tries": _from(NULL, [f"list-u%{THERE}@{OURS}", f"list+u={THERE}@{OURS}"] * 9)
                            + [("mailer-daemon@x.example", f"list-u%{THERE}@{OURS}")]},
    "mail from webmail with typing errors": {
        "name": "webmail.far.example", "helo": "webmail.far.example", "each": 4,
        "tries": [("ann@far.example", f"bob@{OURS}"), ("ann@far.example", f"bob{OURS}@{THERE}"),
                  ("eve@far.example", f"bob%{OURS}@{THERE}"), ("eve@far.example", f"bbo@{OURS}")]},
}


def _config(answers):
    return CONFIG.format(answers=answers, ours=OURS)


def _connection(port, address, client, tries):
    """What a client tries in one connection."""
    with smtp.Client(port) as session:
        session.become(address, client.get("helo", "mail.far.example"), DESTADDR="192.0.2.25",
                       **({"NAME": client["name"]} if "name" in client else {}))
        for sender, recipient in tries:
            if session.mail(sender).code == 250:
                session.rcpt(recipient)
            session.command("RSET")
        session.quit()


def _play(port, clients):
    """All clients, in turn, a connection of each."""
    left = [(address, client, list(client["tries"])) for address, client in clients]
    while left:
        for entry in list(left):
            address, client, tries = entry
            each = client.get("each", 1)
            _connection(port, address, client, tries[:each])
            del tries[:each]
            if not tries:
                left.remove(entry)


def _is_listed(port, address):
    return smtp.try_rcpt(port, address, f"bob@{OURS}").code == 550


def _judge(port, addresses):
    """Each tester but the single plain one is refused now, and nobody else is."""
    for name in TESTERS:
        same(_is_listed(port, addresses[name]), name != ALONE, f"a tester: {name}")
    for name in ORDINARY:
        same(_is_listed(port, addresses[name]), False, f"an ordinary one: {name}")


def _simulate(number):
    """Each client has the address that number makes of its place."""
    names = [*ORDINARY, *TESTERS]
    addresses = {name: number(place) for place, name in enumerate(names)}
    clients = [*zip(NETWORKS, BOTS)]
    clients += [(addresses[name], {**ORDINARY, **TESTERS}[name]) for name in names]
    with daemon.Relayguard(_config(PROBE)) as guard, \
            postfix.Postfix(guard.postfix, more=MORE) as mta:
        _play(mta.port, clients)
        _judge(mta.port, addresses)
        listed = {daemon.fields(line)["client"] for line in guard.events("own-listed")}
        ok(listed <= {addresses[name] for name in TESTERS if name != ALONE} | set(),
           "nobody else is in the log", listed)
        same(sum(int(daemon.fields(line).get("clients", 1)) for line in guard.events("own-listed"))
             <= len(TESTERS) - 1, True, "no one twice")
        unlike("\n".join(guard.lines("event=")), "probes-unseen", "Postfix tells all")


@case
def simulated():
    """Twelve testers and many others, each in a network of its own."""
    _simulate(lambda place: f"100.{place}.3.9")


@case
def simulated_in_one_network():
    """The same from one /24, where some are next to others."""
    _simulate(lambda place: f"203.0.113.{place + 1}")


@case
def of_ipv6():
    """A /64 is one client, whatever addresses of it come."""
    with daemon.Relayguard(_config(PROBE)) as guard, \
            postfix.Postfix(guard.postfix, more=MORE) as mta:
        for number, form in enumerate((NMAP[2], NMAP[9])):
            _connection(mta.port, f"2001:db8:1:2::{number + 1}", {}, [(OUTSIDE, form)])
        ok(_is_listed(mta.port, "2001:db8:1:2::99"), "another address of it is listed")
        ok(not _is_listed(mta.port, "2001:db8:1:3::1"), "another network is not")


@case
def nothing_is_gained():
    """A listed client whose first recipient Postfix refuses is refused all the same."""
    with scene.mail(NOBODY) as (guard, mta):
        for lines in ([USER], [USER, USER, NMAP[2]], [f"nobody@{THERE}", f"bob@{HOST}x"]):
            with smtp.Client(mta.port) as client:
                client.become(scene.RELAY)
                client.mail()
                codes = [client.rcpt(recipient).code for recipient in lines]
                same(set(codes), {554}, "Postfix refuses to relay")
                reply = client.rcpt(f"bob@{OURS}")
                same(reply.code, 550, "then our user, in the same message: refused")
                ok(reply.ref, "by us", reply)
                same(client.rcpt("bob@mild.example").code, 250, "a mild one is let through")
                same(client.rcpt(USER).code, 554, "and one to relay")
                same(client.rcpt(f"bob@{OURS}").code, 550, "our user is not")
                client.command("RSET")
                client.mail()
                same(client.rcpt(f"bob@{OURS}").code, 550, "nor in the next message")
                client.quit()
        same(len([line for line in guard.decisions() if THERE in line.get("to", "")]), 0,
             "no decision is about who was refused")
        with smtp.Client(mta.port) as client:
            client.become(scene.ALLOWED)
            client.mail()
            same([client.rcpt(USER).code, client.rcpt(f"bob@{OURS}").code], [554, 250],
                 "who is allowed comes through")
            same(client.data().code, 250, "with the message")
            client.quit()


def _replies(proxy, port, recipients):
    before = len(proxy.sessions)
    with smtp.Client(port) as client:
        client.become(scene.GOOD)
        client.mail()
        for recipient in recipients:
            client.rcpt(recipient)
        client.data()
        client.quit()
    check.wait_for(lambda: proxy.sessions[before:] and proxy.sessions[-1].closed)
    return proxy.sessions[-1]


@case
def round_trips():
    """A recipient that is refused costs one, and others nothing; where it is off, none."""
    with scene.listed(NOBODY) as guard, tap.Tap(guard.port) as proxy, \
            postfix.Postfix(proxy.postfix) as mta:
        bob = "bob@mild.example"
        session = _replies(proxy, mta.port, [bob])
        same(len(session.replies()), 4, "an ordinary one: 4")
        steps = int.from_bytes(session.replies()[0].data[8:12], "big")
        ok(steps & 0x800, "refused recipients were asked for", hex(steps))
        same(len(_replies(proxy, mta.port, [bob, USER, bob]).replies()), 6,
             "two recipients and a refused one: 6")
        guard.reload(guard.text + "own { enabled = false }\n")
        session = _replies(proxy, mta.port, [bob, USER])
        same(len(session.replies()), 4, "where it is off: 4")
        ok(not int.from_bytes(session.replies()[0].data[8:12], "big") & 0x800,
           "and they were not asked for", session)


@case
def others_that_are_caught():
    """Guesses of users, and our name in HELO; what Postfix refuses for other reasons is nothing."""
    more = MORE + ("smtpd_recipient_restrictions = check_client_access "
                   "inline:{198.51.100.44={REJECT no}}, reject_unauth_destination\n")
    with daemon.Relayguard(_config(ALL)) as guard, \
            postfix.Postfix(guard.postfix, more=more) as mta:
        _connection(mta.port, "198.51.100.41", {},
                    _many(OUTSIDE, f"user{{n}}@{OURS}", 10))
        ok(_is_listed(mta.port, "198.51.100.41"), "ten users that nobody has")
        like("\n".join(guard.wait_lines("own-listed")),
             "client=198.51.100.41 reason=dictionary rule=unknown-users attempts=10",
             "with a line")
        _connection(mta.port, "198.51.100.42", {}, _many(OUTSIDE, f"user{{n}}@{OURS}", 9))
        ok(not _is_listed(mta.port, "198.51.100.42"), "nine")
        _connection(mta.port, "198.51.100.44", {},
                    _from(OUTSIDE, ALL_FORMS) + _many(OUTSIDE, f"user{{n}}@{OURS}", 10))
        unlike("\n".join(guard.lines("own-listed")), r"198\.51\.100\.44",
               "who is turned away by himself gives no evidence")
        for number, helo in enumerate((HOST, "MX.Relay.Example", "relay.example", OURS,
                                       "[192.0.2.25]", "192.0.2.25")):
            address = f"198.51.100.{50 + number}"
            _connection(mta.port, address, {"helo": helo}, [(OUTSIDE, f"bob@{OURS}")])
            ok(_is_listed(mta.port, address), f"HELO {helo}")
        for number, helo in enumerate((f"mail.{OURS}", "x.relay.example", "example", LITERAL,
                                       "[192.0.2.26]", "192.0.2.2")):
            address = f"198.51.100.{60 + number}"
            _connection(mta.port, address, {"helo": helo}, [(OUTSIDE, f"bob@{OURS}")])
            ok(not _is_listed(mta.port, address), f"HELO {helo} is nothing")
        for number, (name, helo) in enumerate(((f"web1.{OURS}", OURS), (OURS, OURS))):
            address = f"198.51.100.{70 + number}"
            _connection(mta.port, address, {"helo": helo, "name": name},
                        [(OUTSIDE, f"bob@{OURS}")])
            ok(not _is_listed(mta.port, address), f"HELO {helo} of {name} is its own")
        _connection(mta.port, "198.51.100.72", {"helo": OURS, "name": f"web1.x{OURS}"},
                    [(OUTSIDE, f"bob@{OURS}")])
        ok(_is_listed(mta.port, "198.51.100.72"), "of another name it is not")


@case
def a_customers_server():
    """HELO with a domain of ours is nothing where the domain's SPF lets the client send."""
    if nsd.why_not():
        check.skip("SPF of HELO", nsd.why_not())
        return
    own, other = "198.51.100.80", "198.51.100.81"
    dns = nsd.Nsd({"example": f"strict {nsd.txt(f'v=spf1 ip4:{own} -all')}\n"})
    text = _config(ALL).replace("127.0.0.1:9", dns.address).replace(
        "refuse = 5", "refuse = 5 spf_fail = 5")
    with daemon.Relayguard(text) as guard, postfix.Postfix(guard.postfix, more=MORE) as mta:
        for sender in (f"shop@{OURS}", NULL):
            for address in (own, other):
                _connection(mta.port, address, {"helo": OURS}, [(sender, f"bob@{OURS}")])
        same({daemon.fields(line)["client"] for line in guard.wait_lines("own-listed")}, {other},
             "who may not send is listed, and nobody else")
        ok(_is_listed(mta.port, other), "and refused")
    dns.stop()


check.run()
