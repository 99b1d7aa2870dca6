#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""relayguardctl complaint: what was seen of a client, as a text and as XARF, which holds to its
schema; and nothing that only operators have said, or that tells where a trap is."""
import base64
import hashlib
import json
import os
import subprocess
import uuid

from lib import check, daemon, doctor, postfix, server, smtp
from lib.check import case, like, ok, same, unlike

try:
    import jsonschema
except ImportError:
    jsonschema = None

CLIENT, SIX = "198.51.100.7", "2001:db8:0:7::1"
US = "abuse@our.example"

# What XARF 4.2 asks of a report, and of the two kinds that we write: its rules in our words.
_TEXT = {"type": "string"}
_TIME = {"type": "string", "format": "date-time",
         "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"}
_WHO = {"type": "object", "required": ["org", "contact", "domain"], "additionalProperties": False,
        "properties": {"org": {"type": "string", "maxLength": 200},
                       "contact": {"type": "string", "format": "email", "pattern": "^[^@]+@[^@]+$"},
                       "domain": {"type": "string", "format": "hostname"}}}
_ITEM = {"type": "object", "required": ["content_type", "payload"], "additionalProperties": False,
         "properties": {
             "content_type": _TEXT, "description": {"type": "string", "maxLength": 500},
             "payload": {"type": "string", "pattern": "^[A-Za-z0-9+/]*={0,2}$"},
             "hash": {"type": "string", "pattern": "^(md5|sha1|sha256|sha512):[a-fA-F0-9]+$"},
             "size": {"type": "integer", "minimum": 0, "maximum": 5242880}}}
_PORT = {"type": "integer", "minimum": 1, "maximum": 65535}
CORE = {
    "type": "object",
    "required": ["xarf_version", "report_id", "timestamp", "reporter", "sender",
                 "source_identifier", "category", "type"],
    "properties": {
        "xarf_version": {"type": "string", "pattern": r"^4\.[0-9]+\.[0-9]+$"},
        "report_id": {"type": "string", "format": "uuid"},
        "timestamp": _TIME, "reporter": _WHO, "sender": _WHO, "source_identifier": _TEXT,
        "source_port": _PORT,
        "category": {"enum": ["messaging", "content", "copyright", "connection",
                              "vulnerability", "infrastructure", "reputation"]},
        "type": _TEXT, "evidence_source": _TEXT,
        "evidence": {"type": "array", "items": _ITEM, "maxItems": 50},
        "description": {"type": "string", "maxLength": 1000}}}
KINDS = {
    ("connection", "reconnaissance"): {
        "required": ["protocol", "probed_resources", "first_seen"],
        "properties": {"protocol": {"enum": ["tcp", "udp"]}, "destination_port": _PORT,
                       "probed_resources": {"type": "array", "items": _TEXT},
                       "first_seen": _TIME, "last_seen": _TIME,
                       "total_probes": {"type": "integer", "minimum": 1}}},
    ("reputation", "threat_intelligence"): {"required": ["threat_type"]}}


def count(reason, times=5, first="2026-11-27T10:00:00Z", last="2026-11-28T11:30:00Z"):
    """A line of the daemon: how often something was seen."""
    return {"step": "seen", "reason": reason, "times": times, "first": first, "last": last}


def hit(reason, what=None, **more):
    """A line of the daemon: one time."""
    return {"step": "hit", "time": "2026-11-28T11:30:00Z", "reason": reason, "what": what,
            "name": None, "helo": "WIN-1", "sender": "x@there.example", "ref": "F7K3Q2M9", **more}


def entry(contact=US):
    """The first line of the daemon."""
    return {"step": "entry", "client": CLIENT, "listed": True, "reasons": {}, "contact": contact}


AUDIT = {"step": "audit", "time": "2026-11-28T12:00:00Z", "deed": "nominated", "by": "joe",
         "why": "sent to trap-7@our.example"}


def write(lines, status=0):
    """A file with the answer of the daemon."""
    answer = [{"format": 1, "verb": "local", "data": line} for line in lines]
    return server.write(os.path.join(server.new_dir("answer"), "lines"), "".join(
        json.dumps(line) + "\n" for line in answer + [{"end": True, "status": status}]))


def run(*words, said=None, before=()):
    """The exit code, and what is printed and said."""
    done = subprocess.run([doctor.PROGRAM, *before, "complaint", *words], check=False, timeout=30,
                          input=said, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return done.returncode, done.stdout, done.stderr


def report(path, *words, address=CLIENT):
    """A report, which holds to the schema."""
    code, text, said = run(address, "--xarf", "--file", path, *words)
    same((code, said), (0, ""), "there is a report")
    found = json.loads(text)
    if jsonschema is None:
        check.skip("it holds to the schema", "python3-jsonschema is missing")
    else:
        checker = jsonschema.FormatChecker()
        schema = {"allOf": [CORE, KINDS[found["category"], found["type"]]]}
        errors = list(jsonschema.Draft202012Validator(schema, format_checker=checker)
                      .iter_errors(found))
        same([error.message for error in errors], [], "it holds to the schema")
    same(uuid.UUID(found["report_id"]).version, 4, "its number is by chance")
    same(found["xarf_version"], "4.2.0", "its version")
    for item in found.get("evidence", ()):
        payload = base64.b64decode(item["payload"], validate=True)
        same((item["hash"], item["size"]),
             ("sha256:" + hashlib.sha256(payload).hexdigest(), len(payload)), "its hash and size")
        found["seen"] = payload.decode("ascii")
    return found


@case
def relay_tests():
    """A client that has looked for an open relay."""
    path = write([entry(), count("probe"), hit("probe", "percent"), hit("probe", "bang"),
                  hit("probe", "percent"), AUDIT])
    found = report(path, "--org", "Our Company, Köln")
    same((found["category"], found["type"], found["source_identifier"], found["timestamp"],
          found["first_seen"], found["last_seen"], found["total_probes"], found["protocol"],
          found["destination_port"], found["probed_resources"]),
         ("connection", "reconnaissance", CLIENT, "2026-11-28T11:30:00Z", "2026-11-27T10:00:00Z",
          "2026-11-28T11:30:00Z", 5, "tcp", 25, ["percent", "bang"]), "what is in it")
    same(found["reporter"], {"org": "Our Company, Köln", "contact": US, "domain": "our.example"},
         "and who says so")
    like(found["seen"], r"^2026-11-28T11:30:00Z client=198\.51\.100\.7 kind=probe form=percent "
         r"helo=WIN-1 from=x@there\.example ref=F7K3Q2M9\n", "and the evidence")
    ok(report(path)["report_id"] != found["report_id"], "each has a number of its own")
    code, text, said = run(CLIENT, "--text", "--file", path)
    same((code, said), (0, ""), "a text")
    for pattern in (f"^From: {US}\nSubject: Abuse from 198\\.51\\.100\\.7: tests of whether",
                    "5 times, from 2026-11-27T10:00:00Z to 2026-11-28T11:30:00Z",
                    "Times are in UTC", found["seen"].splitlines()[0].replace("+", r"\+"),
                    "What helps:", 'no such reports, answer "no reports"', f"to {US}: "):
        like(text, pattern, f"{pattern[:40]}: in the text")
    ok(text.isascii() and max(map(len, text.splitlines())) < 998, "as mail can carry it")
    unlike(text, "joe|trap-7", "and nothing that operators have said")
    code, text, _ = run(CLIENT, "--text", "--file", "-", "--from", "me@other.example",
                        said=open(path, encoding="ascii").read(), before=["-j"])
    lines = [json.loads(line) for line in text.splitlines()]
    same((code, lines[-1]), (0, {"end": True, "status": 0}), "as JSON, from standard input")
    like(lines[0]["data"]["text"], "^From: me@other.example\n", "with another mailbox")


@case
def traps():
    """A client that has written to traps: nothing tells which."""
    path = write([entry(), count("trap", 3), hit("trap", "seeded-7"), hit("trap", "seeded-8")])
    found = report(path)
    same((found["category"], found["type"], found["threat_type"], found["evidence_source"]),
         ("reputation", "threat_intelligence", "spam", "spamtrap"), "what it is")
    unlike(found["seen"] + run(CLIENT, "--text", "--file", path)[1], "seeded", "not where")
    found = report(write([entry(), count("backscatter", 3)]), address=SIX)
    same((found["threat_type"], found["source_identifier"], found.get("evidence")),
         ("backscatter", SIX, None), "bounces, of which no hit is left")
    found = report(write([entry(), count("trap", 3), count("dictionary", 20), count("helo", 1)]))
    same((found["type"], found["total_probes"], found["probed_resources"]),
         ("reconnaissance", 24, ["SMTP RCPT"]), "several kinds")


@case
def nothing():
    """What is no evidence, and what is no file."""
    for lines in ([entry()], [entry(), AUDIT], [entry(), count("nominated"), hit("nominated")],
                  []):
        code, text, said = run(CLIENT, "--text", "--file", write(lines, 1))
        same((code, text), (1, ""), "nothing was seen")
        like(said, "nothing was seen of it here", "and that is said")
    path = server.write(os.path.join(server.new_dir("x"), "x"), "something else\n")
    same(run(CLIENT, "--text", "--file", path)[0], 65, "a file that is none")
    same(run(CLIENT, "--text", "--file", path + "x")[0], 66, "no file")
    path = write([entry(None), count("probe")])
    code, _, said = run(CLIENT, "--text", "--file", path)
    same((code, "needs --from" in said), (64, True), "no mailbox that can be answered to")
    for words in ([CLIENT], [CLIENT, "--text", "--xarf"], ["--text"], ["x", "--text"],
                  [CLIENT, "--text", "--what"], [CLIENT, "y", "--text"],
                  [CLIENT, "--text", "--from", "nobody", "--file", path],
                  [CLIENT, "--text", "--from", "a@b\r\nBcc: x@y.example", "--file", path],
                  [CLIENT, "--text", "--org", "a\nb", "--from", US, "--file", path],
                  [CLIENT, "--text", "--org", "x" * 201, "--from", US, "--file", path]):
        same(run(*words)[0], 64, f"{words}: usage")


CONFIG = """
control {{ socket = "{socket}" }}
own {{ contact = "abuse@our.example" }}
list "local" {{ mode = "enforce" }}
policy "default" {{ lists = {{ "local" }} refuse = 5 }}
"""
FORMS = ("u@there.example", "u%there.example@mx.relay.example", "there.example!u",
         '"u@there.example"@mx.relay.example')


@case
def seen():
    """A client that tries a real Postfix: the daemon's evidence of it makes a good report."""
    socket = os.path.join(server.new_dir("control"), "socket")
    with daemon.Relayguard(CONFIG.format(socket=socket)) as guard, \
            postfix.Postfix(guard.postfix) as mta:
        words = ("--conf", guard.file, "--lists", daemon.LISTS)
        same(run(CLIENT, "--text", *words)[0], 1, "nothing is known of it")
        for form in FORMS:
            reply = smtp.try_rcpt(mta.port, CLIENT, form, helo="WIN-1")
            same(reply.code, 554, f"{form}: Postfix refuses")
        ok(check.wait_for(lambda: run(CLIENT, "--text", *words)[0] == 0), "then it has a text")
        code, text, said = run(CLIENT, "--xarf", *words, before=["-j"])
        found = json.loads(text.splitlines()[0])["data"]
        same((code, said, found["type"], found["reporter"]["contact"], found["total_probes"]),
             (0, "", "reconnaissance", "abuse@our.example", len(FORMS)), "and a report")
        if jsonschema is not None:
            jsonschema.validate(found, {"allOf": [CORE, KINDS["connection", "reconnaissance"]]})
        ok(set(found["probed_resources"]) <= {"plain", "percent", "bang", "at"} and
           len(found["probed_resources"]) > 1, "with the forms", found["probed_resources"])
        code, _, said = run(SIX, "--xarf", *words)
        same((code, "nothing was seen" in said), (1, True), "and nothing of another")
    code, text, said = run(CLIENT, "--xarf", *words)
    same((code, text), (69, ""), "the daemon does not run: that is said, and is no report")


check.run()
