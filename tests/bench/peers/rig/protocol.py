# SPDX-License-Identifier: BSD-2-Clause
"""One client's session in each protocol, as the MTA or the client of an MTA has it.

Each is a generator: it yields what to send and is given what came in reply, b"" when
the connection has ended; note(verdict) is called when the verdict is known.
"""
import email.utils
import os
import re
import struct

PASS, REFUSE, DEFER, NONE = "pass", "refuse", "defer", "none"
_BY_DIGIT = {0x32: PASS, 0x33: PASS, 0x34: DEFER, 0x35: REFUSE}  # 2, 3, 4, 5


def _by_digit(first):
    """What a reply means whose first octet that is."""
    return _BY_DIGIT.get(first, NONE)


# What is sent at a time, and how many replies follow; the last line of each has no hyphen.
_TO_RCPT = ((b"EHLO client.example\r\n", 1),
            (b"MAIL FROM:<a@sender.example>\r\nRCPT TO:<bob@mx.example>\r\n", 2))
_FINAL = re.compile(rb"^\d\d\d .*\r\n", re.MULTILINE)


# --- SMTP: the greeting is the verdict; a proxy tells who the client is ---

def smtp(address, note):
    """Read the greeting, and leave."""
    reply = yield b"PROXY TCP4 %s 198.51.100.1 40000 25\r\n" % address.encode()
    note(_by_digit(reply[0]) if reply else NONE)
    if reply:
        yield b"QUIT\r\n"


def smtp_rcpt(address, note):
    """A session up to RCPT, whose reply is the verdict unless the greeting was one."""
    reply = yield b"PROXY TCP4 %s 198.51.100.1 40000 25\r\n" % address.encode()
    for text, count in _TO_RCPT:
        if not reply or reply[0] != 0x32:
            break
        reply = yield text
        while reply and len(finals := _FINAL.findall(reply)) < count:
            more = yield b""
            reply = reply + more if more else b""
        reply = finals[-1] if reply else b""
    note(_by_digit(reply[0]) if reply else NONE)
    if reply:
        yield b"QUIT\r\n"


# --- Policy delegation: one request on a connection that stays open ---

_REQUEST = b"""request=smtpd_access_policy
protocol_state=RCPT
protocol_name=ESMTP
client_address=%s
client_name=unknown
reverse_client_name=unknown
helo_name=client.example
sender=alice@sender.example
recipient=bob@mx.example
recipient_count=0
queue_id=
instance=%x.%x
size=0
sasl_method=
sasl_username=
sasl_sender=
encryption_protocol=

"""
_ACTIONS = {b"dunno": PASS, b"ok": PASS, b"prepend": PASS, b"reject": REFUSE,
            b"defer_if_permit": DEFER, b"defer": DEFER}
_instances = iter(range(1 << 62))


def policy(address, note):
    """One request."""
    reply = yield _REQUEST % (address.encode(), os.getpid(), next(_instances))
    while reply and b"\n\n" not in reply:
        more = yield b""
        if not more:
            break
        reply += more
    word = reply.partition(b"action=")[2].split(None, 1)
    if not word:
        note(NONE)
    elif word[0].isdigit():
        note(_by_digit(word[0][0]))
    else:
        note(_ACTIONS.get(word[0].lower(), NONE))


# --- Milter ---

def _packet(command, data=b""):
    return struct.pack(">I", len(data) + 1) + command + data


_NEGOTIATE = _packet(b"O", struct.pack(">III", 6, 0x1ff, 0x1fffff))
_HELO = _packet(b"H", b"client.example\0")
_MAIL = _packet(b"D", b"M{mail_addr}\0a@sender.example\0") \
    + _packet(b"M", b"<a@sender.example>\0")
_RCPT = _packet(b"D", b"R{rcpt_addr}\0bob@mx.example\0") + _packet(b"R", b"<bob@mx.example>\0")
_DATA = _packet(b"D", b"Ti\0004B2F1A01\0") + _packet(b"T")
_HEADERS = [_packet(b"L", name + b"\0" + value + b"\0") for name, value in (
    (b"From", b" <a@sender.example>"), (b"To", b" <bob@mx.example>"),
    # As rspamd has a rule against messages that are older than a day.
    (b"Date", b" " + email.utils.formatdate().encode()), (b"Subject", b" lunch"),
    (b"Message-ID", b" <1@sender.example>"))]
_END_OF_HEADERS = _packet(b"N")
_BODY = _packet(b"B", b"Shall we meet at noon?\r\nAlice\r\n")
_END = _packet(b"E")
_QUIT = _packet(b"Q")
# What SMFIP_NO... and SMFIP_NR... say of each step: not to be sent, not to be waited for.
_ENVELOPE = ((_HELO, 0x02, 0x2000), (_MAIL, 0x04, 0x4000), (_RCPT, 0x08, 0x8000))
_MESSAGE = ((_DATA, 0x200, 0x10000), *((header, 0x20, 0x80) for header in _HEADERS),
            (_END_OF_HEADERS, 0x40, 0x40000), (_BODY, 0x10, 0x80000), (_END, 0, 0))
_CONNECT = (0x01, 0x1000)
_CHANGES = b"+-bhimelsp|"  # replies that another one follows


def _complete(data):
    """The last packet in it that is not a change: its command and data, or None."""
    at, found = 0, None
    while len(data) >= at + 5:
        size = struct.unpack_from(">I", data, at)[0]
        if len(data) < at + 4 + size:
            return None
        if data[at + 4] not in _CHANGES:
            found = data[at + 4:at + 4 + size]
        at += 4 + size
    return found if at == len(data) else None


def _plan(address, steps, offered):
    """What is sent without waiting in between, for each reply that is waited for."""
    client = b"client.example\x004\x9c\x40%s\0" % address.encode()
    connect = _packet(b"D", b"Cj\0mx.example\0{daemon_name}\0mx.example\0") \
        + _packet(b"C", client)
    parts, pending = [], b""
    for text, unwanted, unanswered in ((connect, *_CONNECT), *steps):
        if offered & unwanted:
            continue
        pending += text
        if not offered & unanswered:
            parts.append(pending)
            pending = b""
    return parts, pending


def _milter(address, note, steps):
    reply = yield _NEGOTIATE
    if len(reply) < 17:
        return note(NONE)
    parts, rest = _plan(address, steps, struct.unpack_from(">I", reply, 13)[0])
    for part in parts:
        reply = yield part
        while reply and (answer := _complete(reply)) is None:
            more = yield b""
            reply = reply + more if more else b""
        if not reply:
            return note(NONE)
        command = answer[:1]
        if command != b"c":
            break
    if command in b"ca":
        note(PASS)
    elif command == b"t" or command == b"y" and answer[1:2] == b"4":
        note(DEFER)
    else:
        note(REFUSE if command in b"ry" else NONE)
    yield rest + _QUIT
    return None


def milter_envelope(address, note):
    """A session up to RCPT, whose reply is the verdict."""
    return _milter(address, note, _ENVELOPE)


def milter_message(address, note):
    """A session with one small message, whose last reply is the verdict."""
    return _milter(address, note, _ENVELOPE + _MESSAGE)
