#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""relayguardctl export: each format is read by the program it is for, with one entry, with a
thousand, and with a hundred thousand where the format takes so many."""
import json
import os
import re
import socket

from lib import apart, check, dnsclient, exports, server
from lib.check import case, like, ok, same
from lib.exports import (CLEAR, CLEAR6, LISTED, LISTED6, SIZES, clients_of, each_size, few, made_of,
                         missing, networks_of, run)

if apart.why_not():
    check.skip_all(apart.why_not())
apart.enter()

from lib import resolver

@case
def postfix():
    """postmap, which reads it as smtpd does."""
    if missing("postmap"):
        return
    file = few("postfix")
    for client, pattern in ((LISTED, r"^REJECT 5\.7\.1 listed by this server: probe since .* until "
                             r".*, see https://x\.example\.net/why\?ip=5\.6\.7\.8$"),
                            (LISTED6, r"^REJECT .*: probe\+trap .*ip=2a01:db8:1:2::$")):
        code, said = run("postmap", "-q", client, f"cidr:{file}")
        same(code, 0, "it is found")
        like(said.strip(), pattern, "with what it is refused with")
    same([run("postmap", "-q", client, f"cidr:{file}") for client in (CLEAR, CLEAR6)],
         [(1, "")] * 2, "and others are not")

    def take(file, size):
        some = list(clients_of(size))[:: max(1, size // 5)]
        text = "\n".join(net.partition("/")[0] for net in some) + "\n"
        code, said = run("postmap", "-q", "-", f"cidr:{file}", text=text)
        same((code, said.count("\n"), "warning" in said), (0, len(some), False),
             f"{size}: all of some are found")

    each_size("postfix", take)


@case
def zones():
    """named-checkzone, and BIND, which has a policy of it."""
    if missing("named-checkzone", "named"):
        return

    def take(file, size):
        code, said = run("named-checkzone", "rpz.example", file)
        same((code, "loaded serial" in said, "warning" in said.lower()), (0, True, False),
             f"{size}: named-checkzone finds no fault")

    each_size("rpz", take)
    file = few("rpz")
    folder, port = server.new_dir("named"), server.free_port()
    hosts = server.write(os.path.join(folder, "hosts"), "$TTL 60\n@ SOA ns x 1 600 600 600 60\n"
                         "@ NS ns\nns A 127.0.0.1\n"
                         f"bad A {LISTED}\nbad6 AAAA {LISTED6}\ngood A {CLEAR}\n"
                         f"good6 AAAA {CLEAR6}\n")
    conf = server.write(os.path.join(folder, "named.conf"), f"""
options {{ directory "{folder}"; pid-file none; listen-on port {port} {{ 127.0.0.1; }};
    listen-on-v6 {{ none; }}; recursion yes; dnssec-validation no; empty-zones-enable no;
    session-keyfile none; response-policy {{ zone "rpz.example"; }}; }};
controls {{ }};
zone "hosts.example" {{ type primary; file "{hosts}"; }};
zone "rpz.example" {{ type primary; file "{file}"; }};
""")
    with server.Server("named", [resolver.PROGRAMS["named"], "-g", "-c", conf],
                       cwd=folder) as named:
        named.wait_ready(lambda: "reload done: success" in named.output())
        same([dnsclient.ask(port, f"{name}.hosts.example", kind=kind).rcode for name, kind in
              (("bad", 1), ("bad6", 28), ("good", 1), ("good6", 28))],
             ["NXDOMAIN", "NXDOMAIN", "NOERROR", "NOERROR"], "names with such an address are gone")
        ok("rpz" not in "".join(line for line in named.output().splitlines()
                                if "error" in line or "invalid" in line), "BIND finds no fault",
           named.output())


@case
def proxies():
    """haproxy -c, and nginx -t, and what nginx makes of it."""
    if not missing("haproxy"):
        def take_haproxy(file, size):
            conf = server.write(file + ".cfg", "frontend f\n bind 127.0.0.1:1\n mode tcp\n"
                                f" timeout client 1s\n acl listed src -f {file}\n"
                                " tcp-request connection reject if listed\n")
            code, said = run("haproxy", "-c", "-f", conf)
            same((code, "ALERT" in said), (0, False), f"haproxy: {size}: it finds no fault")

        each_size("haproxy", take_haproxy)
    if not missing("nginx"):
        def conf_of(file, port=1):
            folder = os.path.dirname(file)
            paths = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in
                            ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
            return server.write(file + ".conf", f"""daemon off; error_log stderr; user nobody nogroup;
pid {folder}/nginx.pid; events {{ }}
http {{ access_log off; {paths} set_real_ip_from 127.0.0.1; real_ip_header X-Client;
geo $listed {{ default 0; include {file}; }}
server {{ listen 127.0.0.1:{port}; location / {{ return 200 $listed; }} }} }}
""")

        def take_nginx(file, size):
            code, said = run("nginx", "-t", "-c", conf_of(file), "-e", "stderr")
            same((code, "warn" in said), (0, False), f"nginx: {size}: it finds no fault")

        each_size("nginx", take_nginx)
        file, port = few("nginx"), server.free_port()

        def ask(client):
            with socket.create_connection(("127.0.0.1", port), 5) as web:
                web.sendall(f"GET / HTTP/1.0\r\nX-Client: {client}\r\n\r\n".encode())
                return web.makefile().read()[-1:]

        with server.Server("nginx", ["nginx", "-c", conf_of(file, port), "-e", "stderr"]) as web:
            web.wait_ready(lambda: server.listens(port))
            same([ask(client) for client in (LISTED, LISTED6, CLEAR, CLEAR6)],
                 ["1", "1", "0", "0"], "nginx: who is listed")


@case
def routers():
    """FRR and BIRD read prefix lists."""
    if not missing("vtysh"):
        def take_frr(file, size):
            same(run("vtysh", "-C", "-f", file), (0, ""), f"frr: {size}: vtysh finds no fault")
            _, said = run("/usr/lib/frr/bgpd", "-C", "-f", file)
            same(said, "", f"frr: {size}: nor does bgpd")

        each_size("frr", take_frr, 1000)
        file = server.write(few("frr") + ".wrong", "ip prefix-list x seq 10 permit 5.6.7.8/33\n")
        ok(run("vtysh", "-C", "-f", file) != (0, ""), "frr: it would find one")
    if not missing("bird"):
        def take_bird(file, size):
            conf = server.write(file + ".conf", "router id 192.0.2.1;\nprotocol device { }\n"
                                f'include "{file}";\n')
            same(run("bird", "-p", "-c", conf), (0, ""), f"bird: {size}: it finds no fault")

        each_size("bird", take_bird)
    if not (missing("bird", "birdc")):
        file, folder = few("bird"), server.new_dir("bird")
        tests = "".join(f'if {net} ~ relayguard{v} then print "in {net}"; else print "out {net}"; '
                        for net, v in (("5.6.7.8/32", 4), ("5.6.7.9/32", 4),
                                       ("2a01:db8:1:2::/64", 6), ("2a01:db8:1:3::/64", 6)))
        conf = server.write(os.path.join(folder, "bird.conf"), f"""router id 192.0.2.1;
log stderr all; protocol device {{ }}
include "{file}";
function tell() {{ {tests} return true; }}
protocol static {{ ipv4 {{ import filter {{ tell(); accept; }}; }};
    route 5.0.0.0/8 blackhole; }}
""")
        with server.Server("bird", ["bird", "-f", "-c", conf, "-s", folder + "/s"]) as bird:
            bird.wait_ready(lambda: "out 2a01:db8:1:3::/64" in bird.output())
            same(sorted(set(re.findall(r"(?:in|out) \S+/\d+", bird.output()))),
                 ["in 2a01:db8:1:2::/64", "in 5.6.7.8/32", "out 2a01:db8:1:3::/64",
                  "out 5.6.7.9/32"], "bird: its sets hold what is listed")


# What each line may be, of those whose programs are not here.
V4, V6 = r"\d+\.\d+\.\d+\.\d+", r"[0-9a-f:]+"
SYNTAX = {
    "pf": [rf"{V4}/\d+", rf"{V6}/\d+", "#.*"],
    "plain": [rf"{V4}/\d+", rf"{V6}/\d+", "#.*"],
    "ios": ["!.*", "no ip access-list extended relayguard", "ip access-list extended relayguard",
            "no ipv6 access-list relayguard-V6", "ipv6 access-list relayguard-V6", "exit",
            r" \d+ permit ip any any", r" permit ipv6 any any sequence \d+",
            rf" \d+ deny tcp host {V4} any eq smtp",
            rf" deny tcp {V6}/\d+ any eq smtp sequence \d+"],
    "junos": ["#.*", r"delete policy-options prefix-list relayguard[46]",
              r"delete firewall family inet6? filter relayguard[46]",
              rf"set policy-options prefix-list relayguard4 {V4}/\d+",
              rf"set policy-options prefix-list relayguard6 {V6}/\d+",
              r"set firewall family inet6? filter relayguard[46] term (listed from (protocol tcp|"
              r"next-header tcp|destination-port smtp|source-prefix-list relayguard[46])|listed then"
              r" (discard|count relayguard)|rest then accept)"],
}


@case
def syntax():
    """Those that nothing here can read: each line is one that there is."""
    for name, patterns in SYNTAX.items():
        for size in SIZES:
            with open(made_of(name, size), encoding="ascii") as file:
                lines = file.read().splitlines()
            line = re.compile("|".join(f"(?:{pattern})" for pattern in patterns))
            same([wrong for wrong in lines if not line.fullmatch(wrong)][:3], [],
                 f"{name}: {size}: each line is one of that language")
            found = sum(1 for text in lines if re.search(rf"(?:^|host |tcp |relayguard[46] ){V6}/\d+|"
                                                         rf"(?:^|host |relayguard4 ){V4}", text)
                        and not text.startswith("set firewall"))
            same(found, size, f"{name}: {size}: all of them")
    with open(made_of("ios", 1000), encoding="ascii") as file:
        text = file.read()
    numbers = [int(number) for number in re.findall(r"^ (\d+) (?:deny|permit)", text, re.MULTILINE)]
    same((len(set(numbers)), max(numbers) < 2 ** 31), (len(numbers), True),
         "ios: no number is there twice")
    ok(text.index("permit ip any any") < text.index("deny"),
       "ios: where it is cut, it still permits the rest")


@case
def programs():
    """JSON, for what has no format."""
    for size in SIZES:
        with open(made_of("json", size), encoding="ascii") as file:
            lines = [json.loads(line) for line in file]
        head, *rows, end = lines
        same((head["count"], end["count"], len(rows)), (size, size, size), f"{size}: all of them")
        same({row["network"] for row in rows}, networks_of(clients_of(size)), "the same networks")
        same({row["network"]: row["reasons"] for row in rows},
             {exports.network(net): reasons for net, reasons in clients_of(size).items()},
             "and why they are listed")


check.run()
