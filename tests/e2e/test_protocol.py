#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""The milter protocol, as MTAs of all ages speak it, and as nobody should."""
import random
import struct

from lib import check, milter, scene, server
from lib.check import case, like, ok, same

REFUSAL = rb"^550-5\.7\.1 Mail from \[198\.51\.100\.7\] is refused"


def _still_works(guard, label):
    reply = milter.envelope(guard.where)
    ok(guard.alive() and reply is not None and reply[0] == "y" and reply[1].startswith(b"550"),
       f"{label}: the next session is judged", reply)


def _text(reply):
    return reply[1].decode("latin-1") if reply and reply[0] == "y" else ""


@case
def old_and_new_versions():
    """Version 2 asks for every reply, version 6 for few; the verdict is the same."""
    with scene.listed() as guard:
        for version, offered in ((2, 0x1f), (2, milter.V2_STEPS), (3, 0x7f), (4, 0x3ff),
                                 (6, milter.V6_STEPS)):
            label = f"version {version}, steps {offered:#x}"
            with milter.Client(guard.where) as mta:
                mta.negotiate(version, steps=offered)
                ok(mta.version <= version, f"{label}: no newer version is wanted", mta.version)
                same(mta.steps & ~offered, 0, f"{label}: no step that was not offered")
                same(mta.actions, 0x100, f"{label}: only to say which macros are sent")
                mta.macros("C", j="mx.relay.example")
                same(mta.connect(scene.RELAY), ("c", b""), f"{label}: connect continues")
                ok(mta.helo() in (None, ("c", b"")), f"{label}: HELO continues")
                ok(mta.mail() in (None, ("c", b"")), f"{label}: MAIL continues")
                mta.macros("R", rcpt_addr="bob@strict.example")
                like(_text(mta.rcpt()), REFUSAL.decode(), f"{label}: RCPT is refused")
                same(mta.rcpt(b"<bob@mild.example>"), ("c", b""), f"{label}: a mild one is not")
                same(mta.message(), ("c", b""), f"{label}: the message continues")
                mta.abort()
                mta.mail(b"<>", b"SIZE=1000")
                like(_text(mta.rcpt(b"<bob@strict.example>", b"NOTIFY=NEVER")),
                     REFUSAL.decode(), f"{label}: the next message, with arguments")
                mta.quit()
        with milter.Client(guard.where) as mta:
            mta.negotiate()
            for name, number in milter.NO_REPLY.items():
                if name in "HM":
                    ok(mta.steps & number, f"{name} needs no reply")
            ok(not mta.steps & milter.NO_REPLY["C"], "connect is replied to")


@case
def macros():
    """It asks for the macros that its configuration reads, and for no others."""
    mail = "i {auth_type} {auth_authen} {mail_addr} {mail_mailer}"
    refused, taken = "{rcpt_addr} {rcpt_mailer} {rcpt_host}", "{rcpt_addr} {rcpt_mailer}"
    at, off = "{daemon_addr} {if_addr}", "own { enabled = false }\n"
    for label, more, policy, connect, rcpt in (
            ("as it comes", "", None, f"v j {at}", refused),
            ("no own evidence", off, None, "v", taken),
            ("that, and policy delegation", off, True, f"v {at}", taken),
            ("that, and a mark", off + 'policy "t.example" { tag = 5 }\n', None, "v j", taken)):
        place = f"inet:127.0.0.1:{server.free_port()}" if policy else None
        with scene.listed(more, policy=place) as guard, milter.Client(guard.where) as mta:
            mta.negotiate()
            same(mta.wanted, {0: connect, 2: mail, 3: rcpt, 5: "i"}, label)


@case
def logged_in():
    """The macros of a login count; empty ones do not."""
    with scene.listed() as guard:
        same(milter.envelope(guard.where, scene.ALLOWED)[0], "a", "allowed: accepted at connect")
        for macros, want in (({"auth_authen": "joe"}, "c"), ({"auth_type": "PLAIN"}, "c"),
                             ({"auth_authen": ""}, "y"), ({"mail_addr": "a@b"}, "y")):
            with milter.Client(guard.where) as mta:
                mta.negotiate()
                mta.connect(scene.RELAY)
                mta.helo()
                mta.macros("M", **macros)
                mta.mail()
                same(mta.rcpt()[0], want, f"{macros}")


@case
def odd_clients():
    """Addresses of no family we know are let through, and do no harm."""
    with scene.listed() as guard:
        for label, arguments in (("unknown", ("", b"localhost", "U")),
                                 ("a unix socket", ("/run/x", b"localhost", "L"))):
            with milter.Client(guard.where) as mta:
                mta.negotiate()
                reply = mta.connect(*arguments)
                ok(reply and reply[0] in "ca", f"{label}: connect goes on", reply)
                if reply and reply[0] == "c":
                    mta.helo()
                    mta.mail()
                    same(mta.rcpt(), ("c", b""), f"{label}: RCPT passes")
        with milter.Client(guard.where) as mta:
            mta.negotiate()
            mta.connect("::ffff:" + scene.RELAY)
            mta.helo()
            mta.mail()
            like(_text(mta.rcpt()), REFUSAL.decode(), "a v4-mapped address is the IPv4 one")
        for label, arguments in (("not an address", ("unknown", b"x", "4")),
                                 ("half an address", ("198.51", b"x", "4")),
                                 ("IPv4 as IPv6", (scene.RELAY, b"x", "6")),
                                 ("a scope", ("fe80::1%lo", b"x", "6"))):
            with milter.Client(guard.where, timeout=3) as mta:
                mta.negotiate()
                try:
                    reply = mta.connect(*arguments)
                    ok(reply[0] in "cat", f"{label}: no refusal", reply)
                except milter.Gone:
                    ok(True, f"{label}: the library hangs up")
        for step in ("helo", "mail", "rcpt"):
            with milter.Client(guard.where, timeout=3) as mta:
                mta.negotiate()
                mta.steps = 0x7f  # wait for nothing below
                try:
                    getattr(mta, step)()
                    mta.abort()
                    mta.quit()
                    ok(True, f"no connect, but {step}")
                except (milter.Gone, OSError):
                    ok(True, f"no connect, but {step}: the library hangs up")
        with milter.Client(guard.where) as mta:
            mta.negotiate()
            mta.macros("M")
            mta.mail()
            reply = mta.rcpt() if mta.steps & milter.NO_REPLY["M"] else None
            ok(reply is None or reply[0] == "c", "without connect, RCPT passes", reply)
        _still_works(guard, "after odd clients")


@case
def leave_at_every_stage():
    """Quit, quit and stay, abort, or just hang up, after any step."""
    steps = [lambda mta: mta.negotiate(), lambda mta: mta.connect(scene.RELAY),
             lambda mta: mta.helo(), lambda mta: mta.mail(),
             lambda mta: mta.rcpt(b"<bob@mild.example>"), lambda mta: mta.message()]
    with scene.listed() as guard:
        for ending in ("close", "quit", "quit_keep", "abort"):
            for stage in range(len(steps) + 1):
                with milter.Client(guard.where) as mta:
                    for step in steps[:stage]:
                        step(mta)
                    try:
                        getattr(mta, ending)()
                    except OSError:
                        pass
            _still_works(guard, f"{ending} at every stage")
        for _ in range(200):
            milter.Client(guard.where).close()
        _still_works(guard, "connect and leave, 200 times")


@case
def garbage():
    """Packets that are wrong in length, order or content."""
    optneg = b"O" + struct.pack(">III", 6, milter.ACTIONS, milter.V6_STEPS)

    def packet(data):
        return struct.pack(">I", len(data)) + data

    streams = {
        "length 0": b"\0\0\0\0",
        "a length of 4 GB": b"\xff\xff\xff\xffO",
        "a length of 1 MB": struct.pack(">I", 1 << 20) + b"O" * 1000,
        "half a length": b"\0\0",
        "half a packet": struct.pack(">I", 13) + b"O\0\0",
        "an unknown command": packet(optneg) + packet(b"?what"),
        "negotiation too short": packet(b"O\0\0\0\6"),
        "version 0": packet(b"O" + struct.pack(">III", 0, 0, 0)),
        "version 4 billion": packet(b"O" + b"\xff" * 12),
        "negotiation twice": packet(optneg) * 2,
        "no negotiation": packet(b"Cx\0" + b"4\0\x19198.51.100.7\0"),
        "connect without end": packet(optneg) + packet(b"Cx\0" + b"4\0\x19198.51.100.7"),
        "connect without family": packet(optneg) + packet(b"Cx\0"),
        "empty connect": packet(optneg) + packet(b"C"),
        "HELO without end": packet(optneg) + packet(b"Hx"),
        "empty MAIL": packet(optneg) + packet(b"Cx\0004\0\x19198.51.100.7\0") + packet(b"M"),
        "empty RCPT": packet(optneg) + packet(b"Cx\0004\0\x19198.51.100.7\0")
                      + packet(b"M<>\0") + packet(b"R"),
        "macros without end": packet(optneg) + packet(b"DCj\0x") + packet(b"DC") + packet(b"D"),
        "an HTTP request": b"GET / HTTP/1.0\r\n\r\n",
        "a TLS hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 400,
    }
    dice = random.Random(1)
    for number in range(60):
        noise = dice.randbytes(dice.randrange(1, 400))
        streams[f"noise {number}"] = packet(optneg) + packet(noise) + noise
    with scene.listed() as guard:
        for label, data in streams.items():
            with milter.Client(guard.where) as mta:
                try:
                    mta.socket.sendall(data)
                    mta.socket.settimeout(0.02)
                    mta.socket.recv(4096)
                except OSError:
                    pass
            if not label.startswith("noise"):
                ok(guard.alive(), label)
        _still_works(guard, "after all that")


@case
def oversized_words():
    """64 KB of HELO, names and addresses: cut and escaped, never in the reply."""
    junk = bytes(range(1, 256)) + b"%n%s\r\n250 ok verdict=pass "
    huge = (junk * 300)[:65000]
    with scene.listed("", "-v") as guard:
        for label, steps in (
                ("HELO", {"helo": huge}),
                ("name", {"name": huge}),
                ("sender", {"sender": b"<" + huge + b"@x.example>"}),
                ("sender's domain", {"sender": b"<a@" + huge + b">"}),
                ("HELO that fits", {"helo": junk}),
                ("local part", {"recipient": b"<" + b"x" * 60000 + b"@strict.example>"}),
                ("recipient's bytes", {"recipient": b"<" + junk[:60] + b"@strict.example>"}),
                ("recipient's domain", {"recipient": b"<a@" + huge + b">"}),
                ("empty words", {"helo": b"", "sender": b"", "recipient": b"", "name": b""})):
            before = len(guard.lines("verdict="))
            reply = None
            with milter.Client(guard.where) as mta:
                mta.negotiate()
                try:
                    mta.connect(scene.RELAY, steps.get("name", b"client.example"))
                    mta.helo(steps.get("helo", b"client.example"))
                    mta.mail(steps.get("sender", b"<a@sender.example>"))
                    reply = mta.rcpt(steps.get("recipient", b"<bob@strict.example>"))
                except (milter.Gone, OSError):
                    pass
            same(reply and reply[0], "y", f"{label}: refused all the same")
            if not reply or reply[0] != "y":
                continue
            lines = reply[1].rstrip(b"\0").split(b"\r\n")
            ok(len(lines) <= 4 and all(
                len(line) <= 512 and line.startswith(b"550") and all(32 <= c < 127 for c in line)
                for line in lines), f"{label}: a clean reply", reply[1][:2000])
            ok(b"verdict" not in reply[1] and b"250 ok" not in reply[1],
               f"{label}: without their words", reply[1][:2000])
            check.wait_for(lambda: len(guard.lines("verdict=")) > before)
            logged = guard.lines("verdict=")[before:]
            ok(len(logged) == 1 and len(logged[0]) < 2100 and logged[0].isascii()
               and logged[0].isprintable(), f"{label}: one line, cut and escaped", logged)
            same(scene.daemon.fields(logged[0])["verdict"] if logged else "", "refuse",
                 f"{label}: that cannot be forged")
        _still_works(guard, "after all that")


check.run()
