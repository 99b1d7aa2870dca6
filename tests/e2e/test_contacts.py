#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""relayguardctl contacts: whom it names, from which source, by servers that answer in the shapes
that registries and contact databases have; and whom it does not ask."""
import http.server
import ipaddress
import json
import os
import shutil
import socket
import subprocess
import threading

from lib import check, doctor, records, server
from lib.check import case, like, ok, same

ABUSIX, ABUSENET = "abuse-contacts.abusix.zone", "contacts.abuse.net"
CLIENT, SIX = "41.1.2.3", "2c0f:1::5"
HOST, DOMAIN = "mail.isp.example", "isp.example"
A_NAME = "Jane Doe"


def pointer(address):
    """The name under which an address has its own."""
    return ipaddress.ip_address(address).reverse_pointer


def reverse(address):
    """The labels of an address."""
    return pointer(address).rsplit(".", 2)[0]


class Zone:
    """What DNS says, {(name, type): data}, and what it was asked."""

    def __init__(self):
        self.table = {
            (pointer(CLIENT), records.PTR): [records.name(HOST)],
            (HOST, records.A): [socket.inet_aton(CLIENT)],
            (DOMAIN, records.MX): [b"\0\5" + records.name("mx." + DOMAIN)],
        }
        self.asked = []
        self.server = records.Records(self._find)

    def _find(self, name, kind):
        self.asked.append(name)
        return self.table.get((name, kind), [])

    def abusix(self, *texts, address=CLIENT):
        """What Abusix says of an address."""
        self.table[f"{reverse(address)}.{ABUSIX}", records.TXT] = [
            records.text(text.encode()) for text in texts]
        return self

    def abusenet(self, *texts):
        """What abuse.net says of the domain."""
        self.table[f"{DOMAIN}.{ABUSENET}", records.TXT] = [
            records.text(text.encode()) for text in texts]
        return self


class Registry:
    """A registry over HTTP: answers, {path: (code, header, body)}; what it was asked."""

    def __init__(self, answers):
        self.asked, registry = [], self

        class Handler(http.server.BaseHTTPRequestHandler):
            """Answers from the table."""

            def do_GET(self):  # pylint: disable=invalid-name
                """Any page."""
                registry.asked.append((self.path, self.headers["Accept"],
                                       self.headers["User-Agent"]))
                code, header, body = answers.get(self.path, (404, {}, "{}"))
                self.send_response(code)
                for name, value in header.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, format, *args):  # pylint: disable=redefined-builtin
                """Say nothing."""

        self.httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.httpd.server_port}/rdap/"
        threading.Thread(target=self.httpd.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.httpd.shutdown()
        self.httpd.server_close()

    def bootstrap(self):
        """A folder with IANA's files, in which it has all addresses."""
        folder = server.new_dir("bootstrap")
        for name, net in (("ipv4", "41.0.0.0/8"), ("ipv6", "2c00::/12")):
            server.write(os.path.join(folder, f"{name}.json"),
                         json.dumps({"services": [[[net], [self.url]]]}))
        return folder


def entity(*emails, roles=("abuse",), entities=()):
    """An entity of an answer, with its card; an email is an address, or (address, pref)."""
    card = [["version", {}, "text", "4.0"], ["fn", {}, "text", A_NAME],
            ["tel", {}, "uri", "tel:+1-555-0100"]]
    for email in emails:
        address, pref = email if isinstance(email, tuple) else (email, None)
        card.append(["email", {"pref": pref} if pref else {}, "text", address])
    return {"objectClassName": "entity", "roles": list(roles), "vcardArray": ["vcard", card],
            "entities": list(entities)}


def answer(*entities):
    """An answer about the client's network."""
    return (200, {"Content-Type": "application/rdap+json"},
            json.dumps({"startAddress": "41.1.0.0", "endAddress": "41.1.3.255",
                        "entities": list(entities)}))


class Run:
    """A run: code, contacts [(address, source, of)], notes as one text."""

    def __init__(self, zone, address=CLIENT, *words):
        conf = server.write(os.path.join(server.new_dir("conf"), "relayguard.conf"),
                            f'dns {{ servers = {{ "{zone.server.address}" }} }}\n'
                            'policy "default" { lists = { } }\n')
        command = [doctor.PROGRAM, "-j", "contacts", address, "--conf", conf, "--lists",
                   doctor.daemon.LISTS, *words]
        done = subprocess.run(command, check=False, timeout=90, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        data = [line["data"] for line in lines if "data" in line]
        self.code, self.said = done.returncode, done.stderr
        self.contacts = [(each["address"], each["source"], each["of"]) for each in data
                         if each["kind"] == "contact"]
        self.ages = [each["age_seconds"] for each in data if each["kind"] == "contact"]
        self.notes = "\n".join(each["text"] for each in data if each["kind"] == "note")
        same(lines[-1]["status"], self.code, "the last line has the status")
        ok(A_NAME not in done.stdout, "no name of a person is shown", done.stdout)
        del command[1]
        self.text = subprocess.run(command, check=False, timeout=90, text=True,
                                   stdout=subprocess.PIPE).stdout


ONE = f"{CLIENT}/32"
GUESS = (f"abuse@{DOMAIN}", "guess", DOMAIN)


@case
def by_dns():
    """Abusix, abuse.net and the guess, the best first."""
    run = Run(Zone().abusix("abuse@net.example,noc@net.example").abusenet("desk@isp.example"))
    same((run.code, run.contacts),
         (0, [("abuse@net.example", "abusix", ONE), ("noc@net.example", "abusix", ONE),
              ("desk@isp.example", "abuse.net", DOMAIN), GUESS]), "all, ranked")
    like(run.text, r"(?m)^abuse@net\.example +abusix +41\.1\.2\.3/32 +now$", "for people")
    run = Run(Zone().abusix("a@net.example", "b@net.example").abusenet("abuse@isp.example"))
    same(run.contacts, [("a@net.example", "abusix", ONE), ("b@net.example", "abusix", ONE),
                        (f"abuse@{DOMAIN}", "abuse.net", DOMAIN)],
         "several texts; and each contact once, with the better source")
    run = Run(Zone().abusenet(f"postmaster@{DOMAIN}"))
    same(run.contacts, [GUESS, (f"postmaster@{DOMAIN}", "guess", DOMAIN)],
         "postmaster@ of abuse.net is a guess")
    run = Run(Zone().abusix("removed@lacnic.net"))
    same(run.contacts, [GUESS], "LACNIC's address for withdrawn contacts is left out")
    like(run.notes, "abusix: an address of LACNIC itself.*is left out", "and that is said")
    run = Run(Zone().abusix("DATA REDACTED", "a@x.example\x1b[2J"))
    same(run.contacts, [GUESS], "what is no mailbox is left out")
    like(run.notes, "2 entries are left out", "and that is said")
    zone = Zone()
    zone.table[f"{reverse(SIX)}.{ABUSIX}", records.TXT] = [records.text(b"six@net.example")]
    same(Run(zone, SIX).contacts, [("six@net.example", "abusix", f"{SIX}/128")], "of IPv6")
    like(Run(zone, SIX).notes, "name: it has none", "which has no name")


@case
def domains():
    """The name counts if it leads back, and its domain if it takes mail."""
    zone = Zone().abusenet("desk@isp.example")
    zone.table[HOST, records.A] = [socket.inet_aton("41.1.2.4")]
    run = Run(zone)
    same((run.code, run.contacts), (1, []), "a name that anybody could have set")
    like(run.notes, "name: it does not lead back\nnobody is known", "and that is said")
    ok(not any(ABUSENET in name for name in zone.asked), "abuse.net is not asked")
    zone = Zone()
    zone.table[DOMAIN, records.MX] = [b"\0\0" + records.name("")]
    run = Run(zone)
    same((run.code, run.contacts), (1, []), "a domain that takes no mail")
    like(run.notes, f"guess: {DOMAIN} takes no mail", "and that is said")
    zone = Zone()
    zone.table[DOMAIN, records.MX] = []
    same(Run(zone).contacts, [], "a domain with no MX, and no address")
    zone.table[DOMAIN, records.A] = [socket.inet_aton("41.1.2.9")]
    same(Run(zone).contacts, [GUESS], "with an address")


@case
def special():
    """Nobody is asked about addresses that nobody has."""
    zone = Zone()
    for address in ("10.1.2.3", "127.0.0.1", "192.0.2.1", "198.51.100.7", "100.64.0.1",
                    "2001:db8::1", "fe80::1", "::1", "224.0.0.1"):
        run = Run(zone, address, "--rdap", "/nonexistent")
        same((run.code, run.contacts), (1, []), f"{address}: nobody")
        like(run.notes, "special-use address: .*nobody was asked", f"{address}: and why")
    same(zone.asked, [], "nobody was asked")
    for words in ([], ["name.example"], ["41.1.2.3/24"], ["41.1.2.3", "x"], ["--rdap"],
                  ["41.1.2.3", "--send", "x"]):
        done = subprocess.run([doctor.PROGRAM, "contacts", *words], check=False, timeout=20,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        same(done.returncode, 64, f"{words}: usage")


PATH = f"/rdap/ip/{CLIENT}"
NET = "41.1.0.0/22"
SHAPES = [
    # Label, the registry's answers, contacts, a note.
    ("at the top, beside others",
     {PATH: answer(entity("hostmaster@isp.example", roles=("technical",)),
                   entity("abuse@net.example"))},
     [("abuse@net.example", "rdap", NET)], None),
    ("below another one, and again",
     {PATH: answer(entity("org@net.example", roles=("registrant",),
                          entities=[entity("abuse@net.example", roles=("noc", "abuse"))]),
                   entity("abuse@net.example"))},
     [("abuse@net.example", "rdap", NET)], None),
    ("a help desk before the mailbox",
     {PATH: answer(entity("helpdesk@net.example", ("abuse@net.example", "1")))},
     [("abuse@net.example", "rdap", NET), ("helpdesk@net.example", "rdap", NET)], None),
    ("no mail address", {PATH: answer(entity(roles=("technical", "abuse")))}, [],
     "shows no mail address"),
    ("a hidden one", {PATH: answer(entity("DATA REDACTED"))}, [], "shows no mail address"),
    ("nobody for abuse", {PATH: answer(entity("x@net.example", roles=("technical",)))}, [],
     "has nobody for abuse"),
    ("of the registry itself", {PATH: answer(entity("abuse@lacnic.net"))}, [],
     "shows no mail address"),
    ("another registry has it", {PATH: (302, {"Location": "/rdap/other"}, ""),
                                 "/rdap/other": answer(entity("abuse@net.example"))},
     [("abuse@net.example", "rdap", NET)], None),
    ("a file of ours", {PATH: (302, {"Location": "file:///etc/passwd"}, "")}, [],
     "the registry does not answer"),
    ("in a circle", {PATH: (302, {"Location": PATH}, "")}, [], "the registry does not answer"),
    ("too often", {PATH: (429, {"Retry-After": "300"}, "<html>Too many requests</html>")}, [],
     "asked too often; wait 300 s"),
    ("too often, and no word of how long", {PATH: (429, {}, "<html></html>")}, [],
     "asked too often; wait some minutes"),
    ("a page in place of JSON", {PATH: (200, {}, "<html>Welcome</html>")}, [], "is no JSON"),
    ("not known", {}, [], "does not know the address"),
    ("broken", {PATH: (500, {}, "")}, [], "the registry does not answer .*HTTP: 500"),
    ("without end", {PATH: (200, {}, "[" * 2000000)}, [], "the registry does not answer"),
]


@case
def registries():
    """Registries, in their shapes."""
    if shutil.which("curl") is None:
        check.skip("registries", "curl is missing")
        return
    for label, answers, contacts, note in SHAPES:
        with Registry(answers) as registry:
            run = Run(Zone(), CLIENT, "--rdap", registry.bootstrap())
            same(run.contacts, contacts + [GUESS], f"{label}: the contacts")
            like(run.notes, note or "^$", f"{label}: what is said")
            ok(registry.asked and registry.asked[0][0] == PATH, f"{label}: it was asked")
    same(registry.asked[0][1], "application/rdap+json", "for RDAP")
    like(registry.asked[0][2], "^relayguardctl/", "by whom")
    run = Run(Zone().abusix("z@net.example"), CLIENT, "--rdap", "/nonexistent")
    same(run.contacts, [("z@net.example", "abusix", ONE), GUESS], "no bootstrap file")
    like(run.notes, r"rdap: /nonexistent/ipv4\.json: .*see relayguardctl", "and that is said")
    with Registry({PATH: answer(entity("abuse@net.example"))}) as registry:
        run = Run(Zone().abusix("abuse@net.example,z@net.example"), CLIENT)
        same(registry.asked, [], "no registry is asked without --rdap")
        run = Run(Zone().abusix("abuse@net.example,z@net.example"), CLIENT, "--rdap",
                  registry.bootstrap())
        same(run.contacts, [("abuse@net.example", "rdap", NET), ("z@net.example", "abusix", NET),
                            GUESS], "the registry before others")
        run = Run(Zone(), "196.1.2.3", "--rdap", registry.bootstrap())
        like(run.notes, "names no registry for the address", "an address of none")


@case
def kept():
    """What was said is kept for a week, and nobody is asked again."""
    folder = server.new_dir("cache")
    zone = Zone().abusix("abuse@net.example").abusenet("desk@isp.example")
    with Registry({PATH: answer(entity("rdap@net.example"))}) as registry:
        words = ("--cache", folder, "--rdap", registry.bootstrap())
        first = Run(zone, CLIENT, *words)
        asked = len(registry.asked)
        same(asked, 1, "the registry is asked once, in two runs")
        zone.asked.clear()
        again = Run(zone, CLIENT, *words)
        same((again.contacts, len(registry.asked)), (first.contacts, asked), "the same again")
        ok(not any(name.endswith((ABUSIX, ABUSENET)) for name in zone.asked),
           "no database is asked", zone.asked)
        run = Run(zone, "41.1.3.200", *words)
        same(len(registry.asked), asked, "nor about another address of that network")
        same(run.contacts, [("rdap@net.example", "rdap", NET), ("abuse@net.example", "abusix",
                                                                 NET)], "which has its contacts")
    path = os.path.join(folder, "contacts.json")
    with open(path, encoding="ascii") as file:
        text = file.read()
    ok(A_NAME not in text and "vcard" not in text, "no cards are kept", text)
    entries = json.loads(text)
    for entry in entries:
        entry["time"] -= 3 * 86400
    server.write(path, json.dumps(entries))
    run = Run(zone, CLIENT, *words)
    ok(3 * 86400 <= run.ages[0] < 3 * 86400 + 120, "the age is told", run.ages)
    like(run.text, r"(?m)^rdap@net\.example +rdap +41\.1\.0\.0/22 +3 d$", "for people, too")
    for entry in entries:
        entry["time"] -= 5 * 86400
    server.write(path, json.dumps(entries))
    run = Run(zone, CLIENT, "--cache", folder)
    same([each[1] for each in run.contacts], ["abusix", "abuse.net", "guess"],
         "what is too old is not used")


@case
def silence():
    """Nobody answers: that is not nobody."""
    zone = Zone()
    zone.server.find = lambda name, kind: None
    run = Run(zone)
    same((run.code, run.contacts), (75, []), "not known")
    like(run.notes, "abusix: DNS does not answer", "and that is said")


check.run()
