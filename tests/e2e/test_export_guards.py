#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""relayguardctl export: each of its guards, made to speak; whatever happens, what was good
stays where it is."""
import fcntl
import ipaddress
import json
import os
import re
import signal
import subprocess
import time

from lib import apart, check, exports, server
from lib.check import case, like, ok, same

if apart.why_not():
    check.skip_all(apart.why_not())
apart.enter()

from lib import daemon, milter, nameserver

SPREAD = {f"5.6.{n}.{n}": ["probe"] for n in range(1, 101)}
DENY = "5.6.8.0/24"


def _networks(text):
    return set(re.findall(r"^[0-9a-f.:]+/\d+", text or "", re.MULTILINE))


def _holds(networks, address):
    """Whether any of them holds an address or network."""
    one = ipaddress.ip_network(address)
    return any(one.subnet_of(net) for net in map(ipaddress.ip_network, networks)
               if net.version == one.version)


class Good(exports.Exporter):
    """An exporter whose file is there, and good."""

    def __init__(self, clients=None):
        super().__init__(clients or SPREAD)
        same(self.export("plain")[0], 0, "a good one is there")
        self.good = self.text("plain")

    def refuses(self, label, pattern, *words, code=1, **options):
        """Nothing comes of it, and what was there stays."""
        got, _, said = self.export("plain", *words, **options)
        same(got, code, label)
        like(said, pattern, f"{label}: and why")
        same(self.text("plain"), self.good, f"{label}: the good one stays")
        same(sorted(os.listdir(self.folder)), ["plain", "rows"], f"{label}: nothing is left behind")


@case
def words():
    """What makes no sense is said; where nothing is to be written, nothing is."""
    good = Good()
    for given, code in ((["nonsense"], 64), ([], 64), (["plain", "-w"], 64),
                        (["plain", "--diff"], 64), (["plain", "--max", "0"], 64),
                        (["plain", "--for", "1s"], 64), (["plain", "--age", "x"], 64),
                        (["plain", "--reasons", "spam"], 64), (["plain", "--name", "a;b"], 64),
                        (["plain", "--contact", "me"], 64), (["plain", "--url", "x y"], 64),
                        (["rbldnsd", "--ns", "a b"], 64), (["plain", "--from", "/nowhere"], 66),
                        (["plain", "--from", good.rows, "--keep", "/nowhere"], 66),
                        (["plain", "--from", good.rows, "/nowhere"], 66),
                        (["plain", "--check", "/nowhere"], 66)):
        same(exports.ctl(*given)[0], code, " ".join(given) or "nothing")
    same(exports.ctl("plain", "--from", good.rows, conf="nonsense = 1\n")[0], 78,
         "a configuration that is wrong: what it allows is not known")
    code, said, _ = exports.ctl("plain", "--from", good.rows)
    same((code, len(_networks(said))), (0, 100), "without a file it goes to standard output")
    code, said, _ = good.export("pf", write=False)
    same((code, said.count("\n+ ") + said.startswith("+ "), good.text("pf")), (0, 100, None),
         "a file that is not written: what would be in it")
    like(said, r"pf: 100 networks; 100 come, 0 go, .*not written", "in a line")


@case
def difference():
    """What comes and goes, as text and as JSON."""
    good = Good()
    clients = dict(SPREAD)
    del clients["5.6.7.7"]
    good.set({**clients, "5.7.0.1": ["trap"]})
    code, said, _ = good.export("plain", write=False)
    same(code, 0, "a dry run")
    same([line.split()[:3] for line in said.splitlines()[:-1]],
         [["-", "5.6.7.7/32"], ["+", "5.7.0.1/32", "trap"]], "what comes and goes")
    same(good.text("plain"), good.good, "nothing is written")
    code, said, _ = good.export("plain", "-j", "--diff")
    data = [json.loads(line)["data"] for line in said.splitlines() if '"data"' in line]
    same([(row["kind"], row.get("network")) for row in data],
         [("gone", "5.6.7.7/32"), ("added", "5.7.0.1/32"), ("total", None)], "for programs")
    same((data[-1]["written"], data[-1]["added"], data[-1]["before"]), (True, 1, 100), "in figures")
    ok("5.7.0.1/32" in good.text("plain"), "now it is written")
    before = re.search(r"serial=(\d+)", good.text("plain"))[1]
    same(good.export("plain")[0], 0, "once more, at once")
    ok(int(re.search(r"serial=(\d+)", good.text("plain"))[1]) > int(before),
       "the serial always grows")


@case
def never():
    """Special use, interfaces, gateways, resolvers, Redis, lists, allowed, kept: cut out."""
    subprocess.run("ip link add v0 type veth peer name v1; ip link set v0 up; ip link set v1 up;"
                   "ip address add 5.9.0.1/28 dev v0; ip address add 2a01:9::1/64 dev v0;"
                   "ip address add 5.9.1.1/32 dev v0; ip route add 5.9.1.2 dev v0;"
                   "ip route add default via 5.9.1.2 dev v0 onlink", shell=True, check=True)
    with open("/etc/resolv.conf", "w", encoding="ascii") as file:
        file.write("nameserver 5.9.2.1\n")
    conf = """dns { servers = { "5.9.3.1" } }
cache { redis = "redis://5.9.4.1:6379" }
list "bl" { zone = "bl.example" servers = { "5.9.5.1" }
	answer "127.0.0.2" { category = "exploited" score = 5 } }
allow { networks = { "5.9.6.0/25", "2a01:6::/48" } }
policy "default" { lists = { "bl" } refuse = 5 }
"""
    keep = server.write(os.path.join(server.new_dir("keep"), "networks"), "5.9.7.64/26 why\n")
    never = ["10.1.2.3", "127.0.0.1", "192.168.1.1", "203.0.113.9", "224.0.0.1", "0.0.0.1",
             "100.64.0.1", "fd00::/64", "2001:db8:1::/64", "2002:101:101::/64", "5.9.0.7",
             "2a01:9::/64", "5.9.1.1", "5.9.1.2", "5.9.2.1", "5.9.3.1", "5.9.4.1", "5.9.5.1",
             "5.9.6.1", "2a01:6:0:1::/64", "5.9.7.65"]
    may = ["5.9.0.16", "5.9.1.3", "5.9.2.2", "5.9.6.128", "5.9.7.1", "2a01:8::/64"]
    maker = exports.Exporter(never + may)
    same(maker.export("plain", "--keep", keep, conf=conf)[0], 0, "it is written")
    found = _networks(maker.text("plain"))
    same([net for net in never if _holds(found, net)], [], "none of them is in it")
    same(sorted(found), sorted(map(exports.network, may)), "and nothing else was left out")
    more = conf + f'deny {{ networks = {{ "5.9.6.0/24", "{DENY}" }} }}\n'
    same(maker.export("pf", "--keep", keep, "--deny", "--wide", conf=more)[0], 0,
         "networks that the administrator denies")
    found = _networks(maker.text("pf"))
    same((_holds(found, "5.9.6.128/25"), _holds(found, DENY), _holds(found, "5.9.6.127")),
         (True, True, False), "one is cut in half for what is allowed")
    ok(not _holds(_networks(exports.ctl("plain", "--from", maker.rows, conf=more)[1]), DENY),
       "without --deny they are not exported")


@case
def known_good():
    """Who sends good mail is not shut out: by mail logs, and by what lists have said."""
    maker = exports.Exporter({"5.6.7.8": ["probe"], "5.6.7.9": ["probe"], "5.6.7.10": ["probe"],
                              "5.6.7.11": ["probe"], "2a01:7::/64": ["probe"]})
    days = [time.strftime("%b %d", time.localtime(time.time() - age * 86400)) for age in (3, 2)]
    line = ("{} 01:12:0{} mx postfix/smtpd[7]: 4XYZ{}: client=x[{}]\n")
    log = "".join(line.format(day, n, n, client) for day in days for n in (1, 2)
                  for client in ("5.6.7.8", "2a01:7::1"))
    log += "".join(line.format(days[0], n, n, "5.6.7.9") for n in range(1, 6))
    log += "".join(line.format(day, n, n, "5.6.7.10") for day in days for n in (1, 2))
    log += (f"{days[1]} 01:13:00 mx postfix/smtpd[7]: NOQUEUE: reject: RCPT from x[5.6.7.10]: 554 "
            "5.7.1 <u@d.example>: Relay access denied; from=<a@b.example> to=<u@d.example> "
            "proto=SMTP helo=<x.example>\n")
    file = server.write(os.path.join(server.new_dir("log"), "mail.log"),
                        "".join(sorted(log.splitlines(True))))
    same(maker.export("plain", file)[0], 0, "with a mail log")
    same(_networks(maker.text("plain")), {"5.6.7.9/32", "5.6.7.10/32", "5.6.7.11/32"},
         "four messages on two days, none refused: known good")
    _vouched(maker)


def _vouched(maker):
    """A list speaks well of a client that relayguard has refused all the same."""
    folder = server.new_dir("store")
    os.chmod(folder, 0o777)
    zones = {**nameserver.zone("bl.example", ["5.6.7.11"]),
             **nameserver.zone("wl.example", ["5.6.7.11"])}
    conf = """store {{ path = "{folder}" }}
list "bl" {{ zone = "bl.example" servers = {{ "{dns}" }}
	answer "127.0.0.2" {{ category = "exploited" score = 9 }} }}
list "wl" {{ zone = "wl.example" servers = {{ "{dns}" }}
	answer "127.0.0.2" {{ category = "allow" score = -1 }} }}
policy "default" {{ lists = {{ "bl", "wl" }} refuse = 5 }}
"""
    with nameserver.NameServer(zones) as dns, \
            daemon.Relayguard(conf.format(folder=folder, dns=dns.address)) as guard:
        ok(check.wait_for(lambda: milter.verdict(guard.where, "5.6.7.11") == "refuse"), "refused")
        check.wait_for(lambda: "wl" in guard.wait_decision(client="5.6.7.11").get("lists", ""))
    same(maker.export("pf", "--store", folder)[0], 0, "with a store")
    same(_holds(_networks(maker.text("pf")), "5.6.7.11"), False, "an allow list has it")
    same(_holds(_networks(maker.text("pf")), "5.6.7.9"), True, "and not the others")


@case
def what_is_due():
    """Listed long enough, not over, and for a reason that is enough to shut somebody out."""
    maker = exports.Exporter([])
    rows = (("5.6.7.1", ["probe"], 7200, 600), ("5.6.7.2", ["probe"], 60, 600),
            ("5.6.7.3", ["probe"], 7200, -1), ("5.6.7.4", ["helo"], 7200, 600),
            ("5.6.7.5", ["dictionary", "trap"], 7200, 600),
            ("5.6.7.6", ["backscatter"], 7200, 600))
    server.write(maker.rows, "".join(exports.row(*row) + "\n" for row in rows)
                 + '{"end":true,"status":0}\n')

    def found(name, *words):
        same(maker.export(name, *words, "--force", "--ns", "ns.example.net")[0], 0, "written")
        return sorted(int(last) for last in set(re.findall(r"5\.6\.7\.(\d)", maker.text(name))))

    same(found("plain"), [1, 5], "listed for an hour, not over, for a strong reason")
    same(found("plain", "--age", "1s"), [1, 2, 5], "--age")
    same(found("plain", "--reasons", "helo,backscatter"), [4, 6], "--reasons")
    same(found("rbldnsd"), [1, 4, 5, 6], "a zone tells them apart, and has them all")
    like(maker.text("rbldnsd"), r"5\.6\.7\.5/32 :4:trap since.*\n5\.6\.7\.5/32 :5:dictionary", "by code")
    same(found("nft", "--for", "1h"), [1, 5], "nft")
    like(maker.text("nft"), r"5\.6\.7\.1/32 timeout (600|59\d)s", "until it ends by itself, ...")
    same(found("nft", "--for", "5m"), [1, 5], "nft")
    like(maker.text("nft"), r"5\.6\.7\.1/32 timeout 300s", "... or the file does")


@case
def width():
    """A network that is too wide."""
    good = Good()
    def conf(*networks):
        return exports.CONF + f"deny {{ networks = {{ {', '.join(map(json.dumps, networks))} }} }}\n"

    good.refuses("a /24", r"5\.6\.8\.0/24 is too wide: at most /32 .* nothing is written", "--deny",
                 "--force", conf=conf(DENY))
    good.refuses("a /23", "too wide: at most /24", "--deny", "--wide", "--force",
                 conf=conf("5.6.8.0/23"))
    good.refuses("the world", "too wide|many", "--deny", "--wide", "--force",
                 conf=conf("0.0.0.0/0"))
    good.refuses("a /47", "too wide", "--deny", "--wide", "--force", conf=conf("2a01::/47"))
    good.refuses("too many addresses", "addresses are too many", "--deny", "--wide", "--force",
                 conf=conf(*(f"5.{n // 256}.{n % 256}.0/24" for n in range(4097))))


@case
def count():
    """More than a format takes, or than was asked for."""
    good = Good()
    good.refuses("--max", "100 networks are too many: at most 99", "--max", "99")
    maker = exports.Exporter(exports.crowd(65537))
    for name in ("rbldnsd", "rpz", "postfix", "nft", "ipset", "pf", "haproxy", "nginx", "plain",
                 "json", "ios", "junos", "frr", "bird"):
        most = {"ios": 2000, "junos": 2000, "frr": 1000, "bird": 1000}.get(name, 65536)
        code, _, said = maker.export(name)
        same((code, maker.text(name)), (1, None), f"{name}: nothing is written")
        like(said, rf"65537 networks are too many: at most {most} ", f"{name}: and why")
    maker.set(exports.crowd(65536))
    same(maker.export("plain")[0], 0, "as many as may be")


@case
def change():
    """An export that is emptied, cut in half or a hundred times as large as it was."""
    good = Good()
    for label, clients in (("emptied", {}), ("half of it", dict(list(SPREAD.items())[:50])),
                           ("others", {f"5.7.{n}.1": ["probe"] for n in range(100)}),
                           ("21 more", {**SPREAD, **{f"5.7.{n}.1": ["probe"] for n in range(21)}}),
                           ("a hundred times as many", exports.crowd(10000))):
        good.set(clients)
        good.refuses(label, r"networks come and \d+ go, of 100 .* not believed \(--force")
    same(good.export("plain", "--force")[0], 0, "--force, once")
    same(len(_networks(good.text("plain"))), 10000, "it is written")
    good.set({**exports.crowd(10000), **{f"5.7.{n}.1": ["probe"] for n in range(250)}})
    same(good.export("plain")[0], 0, "a small change is believed")


@case
def source():
    """Rows that are not all there, or none; nobody answers."""
    good = Good()
    with open(good.rows, encoding="ascii") as file:
        whole = file.read()
    for label, text, pattern in (
            ("nothing", "", "is empty"), ("no end", whole[:whole.rindex('{"end"')], "is cut"),
            ("cut in a row", whole[:len(whole) // 2], "no JSON"),
            ("an error at its end", whole.replace('"status": 0', '"status": 75'), "is cut"),
            ("something behind its end", whole + whole, "behind the end"),
            ("another program's", '{"cidr":"5.6.7.0/24","sblid":"SBL1"}\n', "none of relayguardctl"),
            ("a reason that is not known", whole.replace("probe", "spam", 1), "not known"),
            ("no reason", re.sub(r'"reasons": .*?\}\}', '"reasons": {}', whole, count=1), "no reason"),
            ("a name for an address", whole.replace("5.6.1.1", "mx.example", 1), "no client"),
            ("a time that is none", re.sub("20..-", "2x-", whole, count=1), "no time")):
        server.write(good.rows, text)
        good.refuses(label, pattern, code=65)
    server.write(good.rows, whole)
    same(good.export("plain")[0], 0, "all of it")
    good.good = good.text("plain")
    done = subprocess.run([exports.RELAYGUARDCTL, "-s", "/nowhere", "export", "plain", "-o",
                           good.path("plain"), "-w", "--conf", server.write(
                               good.path("rows"), exports.CONF), "--lists", daemon.LISTS],
                          check=False, stderr=subprocess.PIPE, text=True)
    same((done.returncode, good.text("plain")), (69, good.good), "nobody answers: it stays")


@case
def place():
    """What stands at its place, and where there is no room; --check."""
    good = Good()
    for label, text in (("cut", good.good[:len(good.good) // 2]), ("somebody's own", "5.6.7.8\n"),
                        ("emptied", ""), ("a line less", good.good.replace("5.6.7.7/32\n", ""))):
        server.write(good.path("plain"), text)
        code, said, _ = exports.ctl("plain", "--check", good.path("plain"))
        same(code, 1, f"--check: {label}")
        same(good.export("plain")[0], 1, f"{label}: it is not replaced")
        same(good.text("plain"), text, f"{label}: it stays")
        same(good.export("plain", "--force")[0], 0, f"{label}: but by --force")
    same(exports.ctl("plain", "--check", good.path("plain"))[0], 0, "--check: a good one")
    server.write(good.path("plain"), re.sub(r"not-after=\d+", "not-after=1000000000", good.good))
    code, _, said = exports.ctl("plain", "--check", good.path("plain"))
    same(code, 1, "--check: one that is over")
    like(said, "its time is over", "it says so")
    tiny = server.new_dir("tiny")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", tiny], check=True)
    file = os.path.join(tiny, "plain")
    same(good.export("plain", "--force", out=file)[0], 0, "a small disk")
    with open(file, encoding="ascii") as text:
        before = text.read()
    good.set(exports.crowd(5000))
    same(good.export("plain", "--force", out=file)[0], 74, "it is full")
    with open(file, encoding="ascii") as text:
        same(text.read(), before, "what was good stays")
    same(os.listdir(tiny), ["plain"], "nothing is left behind")
    subprocess.run(["umount", tiny], check=True)
    same(good.export("plain", out="/nowhere/plain")[0], 73, "no such folder")


@case
def two_at_once():
    """Another one that is writing the same file, and what somebody has put in its place."""
    good = Good()
    beside, other = good.path("plain") + ".new", good.path("other")
    with open(beside, "w", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        code, _, said = good.export("plain")
        same((code, good.text("plain")), (75, good.good), "it is not written twice at a time")
        like(said, "somebody else is writing it", "it says so")
    same(good.export("plain")[0], 0, "what is left of a run that has ended is no hindrance")
    good.good = good.text("plain")
    for label, put in (("a link", os.symlink), ("another name of a file", os.link)):
        server.write(other, "mine\n")
        put(other, beside)
        same(good.export("plain")[0], 73, f"{label}: it is not written to")
        with open(other, encoding="ascii") as file:
            same((file.read(), good.text("plain")), ("mine\n", good.good), "all is as it was")
        os.unlink(beside)
    os.mkfifo(beside)
    same(good.export("plain")[0], 73, "a pipe: it does not wait for who would write")
    os.unlink(beside)
    server.write(beside, "theirs\n")
    os.chown(beside, 65534, 65534)
    same((good.export("plain")[0], good.text("plain")), (73, good.good), "somebody else's file")


@case
def only_denied():
    """What is denied alone, without a daemon."""
    conf = exports.CONF + 'deny { networks = { "5.7.7.7" } }\n'
    code, said, _ = exports.ctl("plain", "--deny", "--reasons", "denied", conf=conf)
    same((code, _networks(said)), (0, {"5.7.7.7/32"}), "no daemon is asked")
    same(exports.ctl("plain", "--deny", conf=conf)[0], 69, "else it is")


@case
def killed():
    """Killed while it writes: it is the old one, or the new one."""
    maker = exports.Exporter(exports.crowd(30000))
    same(maker.export("plain")[0], 0, "a large one")
    words = [exports.RELAYGUARDCTL, "export", "plain", "--from", maker.rows, "-o",
             maker.path("plain"), "-w", "--conf", server.write(maker.path("conf"), exports.CONF),
             "--lists", daemon.LISTS]
    whole = 0
    for n in range(25):
        with subprocess.Popen(words, stdout=subprocess.DEVNULL) as process:
            time.sleep(n * 0.01)
            process.send_signal(signal.SIGKILL)
        whole += exports.ctl("plain", "--check", maker.path("plain"))[0] == 0
    same(whole, 25, "it is whole each time")
    same(maker.export("plain")[0], 0, "and the next one is written")


check.run()
