#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""What relayguard -t says, and its exit codes."""
import os
import socket
import subprocess

from lib import check, daemon, server
from lib.check import case, like, ok, same, skip, unlike

GOOD = """
list "bl" { zone = "bl.example"  answer "127.0.0.2" { category = "open-relay" score = 5 } }
policy "default" { lists = { "bl" } refuse = 5 }
"""

SOCKETS = [
    # as written, as Postfix wants it
    ("inet:8891@127.0.0.1", "inet:127.0.0.1:8891"),
    ("inet:127.0.0.1:8891", "inet:127.0.0.1:8891"),
    ("inet6:8891@[::1]", "inet:[::1]:8891"),
    ("unix:/run/relayguard/milter.sock", "unix:/run/relayguard/milter.sock"),
    ("unix:/var/spool/postfix/relayguard/milter.sock", "unix:relayguard/milter.sock"),
    ("unix:/var/spool//postfix/./relayguard/milter.sock", "unix:relayguard/milter.sock"),
]

BAD = {
    # label: text, what is said
    "an unknown word": (GOOD + "nonsense = 1\n", r":4: .*nonsense"),
    "an unknown section": (GOOD + "nonsense { }\n", r":4: "),
    "a section without an end": (GOOD + 'list "x" {\n', r":\d+: "),
    "a value twice": (GOOD + 'deadline = "1s"\ndeadline = "2s"\n', r":5: .*deadline"),
    "a list twice": (GOOD + GOOD.split("\n")[1], r":4: .*bl"),
    "a policy twice": (GOOD + 'policy "x.example" { }\npolicy "X.Example" { }\n', r":5: "),
    "a section twice": (GOOD + 'allow { networks = { "203.0.113.1" } }\n'
                        'allow { networks = { "203.0.113.2" } }\n', r":5: .*networks.*twice"),
    "a string without an end": (GOOD + 'listen = "inet\n', r":\d+: "),
    "a port that does not fit": (GOOD + 'listen = "inet:99999@127.0.0.1"\n', r":4: .*port"),
    "a port alone": (GOOD + 'listen = "inet:8891"\n', r":4: "),
    "a name for an address": (GOOD + 'listen = "inet:8891@localhost"\n', r":4: "),
    "a path that goes up": (GOOD + 'listen = "/var/spool/postfix/x/../m"\n', r":4: .*\.\."),
    "a path that is too long": (GOOD + f'listen = "unix:/{"x" * 200}"\n', r":4: listen"),
    "a duration without a unit": (GOOD + 'deadline = "4"\n', r":4: "),
    "a mode of its own": (GOOD + 'mode = "careful"\n', r":4: "),
    "a score that is no number": (GOOD.replace("score = 5", "score = five"), r":2: "),
    "an answer outside 127/8": (GOOD.replace("127.0.0.2", "10.0.0.2"), r":2: .*127"),
    "an error code as an answer": (GOOD.replace("127.0.0.2", "127.255.255.254"), r":2: "),
    "an unknown category": (GOOD.replace("open-relay", "evil"), r":2: category"),
    "an unknown list": (GOOD.replace('lists = { "bl" }', 'lists = { "nowhere" }'),
                        r":3: .*nowhere"),
    "a zone twice": (GOOD + 'list "too" { zone = "BL.example." '
                     'answer "127.0.0.2" { category = "open-relay" score = 1 } }\n'
                     'policy "x.example" { lists = { "too" } }\n', r":\d+: .*zone"),
    "a bad network": (GOOD + 'deny { networks = { "203.0.113.5/24" } }\n', r":4: "),
    "a server that is a name": (GOOD + 'dns { servers = { "ns.example" } }\n', r":4: "),
    "a Redis that is a name": (GOOD + 'cache { redis = "redis://redis.example/0" }\n', r":4: "),
    "an unknown blank": (GOOD.replace('zone =', 'removal = "https://x/%{what}" zone ='),
                         r":2: .*%\{what\}|:2: "),
    "a text with 8 bits": (GOOD.replace('refuse = 5', 'text = "gel\u00f6scht"'), r":3: "),
    "a file of networks that is not there":
        (GOOD + 'allow { files = { "/nonexistent/allow" } }\n', r"/nonexistent/allow"),
    "a key file that is not there":
        (GOOD.replace('zone = "bl', 'key_file = "/nonexistent/key" zone = "%{key}.bl'),
         r"/nonexistent/key"),
}


def _conf(text, mode=0o644):
    return server.write(os.path.join(server.new_dir("conf"), "relayguard.conf"), text, mode)


def _test(text, *more):
    return daemon.run("-t", "-c", _conf(text), "-l", daemon.LISTS, *more)


@case
def good_file():
    """A good file: exit 0, and the line for Postfix."""
    for written, postfix in SOCKETS:
        code, out, err = _test(f'listen = "{written}"\n' + GOOD)
        same(code, 0, f"{written}: good")
        ok(postfix + "," in out or postfix + " " in out or postfix + "\n" in out,
           f"{written}: the line for Postfix", out)
        like(out, "smtpd_milters", f"{written}: is one for main.cf")
        same("chroot" in out, postfix.startswith("unix:/"), f"{written}: seen in a chroot")
        same(err, "", f"{written}: nothing else to say")


@case
def needed_without_lists():
    """Where a policy names no list, no other policy is to blame for what is asked."""
    code, _, err = _test('ask = "needed"\npolicy "default" { lists = { } refuse = 5 }\n')
    same(code, 0, "good")
    unlike(err, "other policies ask", "no word of others")


@case
def bad_files():
    """Mistakes: exit 78, and file:line for each."""
    for label, (text, said) in BAD.items():
        code, out, err = _test(text)
        same(code, 78, f"{label}: exit 78")
        like(err, said, f"{label}: where and what")
        unlike(out, "is good", f"{label}: not good")
    code, _, err = _test("nonsense = 1\n" + GOOD.replace("open-relay", "evil"))
    same(code, 78, "two mistakes: exit 78")
    like(err, r":1: .*nonsense", "two mistakes: the first")
    like(err, r":3: category: .*evil", "two mistakes: the second")


@case
def unreadable_by_user():
    """Root is told what the user cannot read, who does the reload."""
    if os.geteuid() != 0:
        skip("who cannot read it", "root alone can become somebody else")
        return
    key = server.write(os.path.join(server.new_dir("key"), "page.key"), "5a" * 32 + "\n", 0o600)
    text = (f'user = "nobody"\npage = "https://mx.example"\npage_key_file = "{key}"\n'
            f'store {{ path = "{server.new_dir("store")}" }}\n' + GOOD)
    code, out, err = _test(text)
    same(code, 0, "it starts")
    like(out, "is good", "and that is said")
    like(err, r":3: page_key_file: .*Permission denied", "what the user cannot read")
    like(err, "the user nobody cannot read that.*no reload", "and what comes of it")
    os.chown(key, 65534, -1)
    code, out, err = _test(text)
    same((code, err), (0, ""), "nothing to say")


@case
def bad_at_start():
    """Without -t a bad file is the same, and nothing is started."""
    code, _, err = daemon.run("-c", _conf(GOOD + "nonsense = 1\n"), "-l", daemon.LISTS)
    same(code, 78, "exit 78")
    like(err, "nonsense", "and says why")
    code, _, err = daemon.run("-t", "-c", "/nonexistent/relayguard.conf", "-l", daemon.LISTS)
    same(code, 78, "no file: exit 78")
    like(err, "/nonexistent/relayguard.conf", "named")


@case
def cannot_listen():
    """Where the socket is not to be had: exit 69, and why."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for where, said in ((f"inet:{port}@127.0.0.1", "address-already-in-use"),
                            ("inet:8891@192.0.2.77", "cannot-assign-requested-address")):
            code, _, err = daemon.run("-c", _conf(f'listen = "{where}"\n' + GOOD),
                                      "-l", daemon.LISTS)
            same(code, 69, f"{where}: exit 69")
            like(err, f"event=cannot-listen .*{said}", f"{where}: and says why")


@case
def writable_files():
    """Files that everybody may write to are refused."""
    path = server.write(os.path.join(server.new_dir("sets"), "deny"), "203.0.113.1\n", 0o666)
    code, _, err = _test(GOOD + f'deny {{ files = {{ "{path}" }} }}\n')
    same(code, 78, "a file of networks: exit 78")
    like(err, "deny", "named")
    code, _, err = daemon.run("-t", "-c", _conf(GOOD, 0o666), "-l", daemon.LISTS)
    same(code, 78, "the configuration itself: exit 78")


@case
def usage():
    """Wrong options: exit 64."""
    for words in (["-x"], ["-c"], ["word"], ["-t", "word"], ["-l"], ["--nonsense"]):
        code, _, err = daemon.run(*words)
        same(code, 64, f"{' '.join(words)}: exit 64")
        like(err, "usage: relayguard", f"{' '.join(words)}: usage")
    for option in ("-V", "--version"):
        code, out, _ = daemon.run(option)
        same(code, 0, f"{option}: exit 0")
        like(out, r"^relayguard \d+\.\d+", f"{option}: the version")
    for option in ("-h", "--help"):
        same(daemon.run(option), (0, daemon.run("-x")[2].splitlines()[-1] + "\n", ""),
             f"{option}: the usage, on standard output")
    for words in (["-V"], ["-h"], ["-t", "-c", _conf(GOOD), "-l", daemon.LISTS]):
        with open("/dev/full", "w", encoding="ascii") as full:
            done = subprocess.run([daemon.PROGRAM, *words], check=False, stdout=full,
                                  stderr=subprocess.PIPE, text=True)
        same((done.returncode, done.stderr.splitlines()[-1]),
             (74, "relayguard: standard output: No space left on device"), f"{words[0]}: full")


@case
def shipped_files():
    """The configuration and the registry that come with it are good."""
    conf = daemon.SAMPLE
    if not os.path.exists(conf):
        skip("the shipped configuration", "it is not beside the registry")
        return
    code, out, err = daemon.run("-t", "-c", conf, "-l", daemon.LISTS)
    same(code, 0, "good")
    unlike(err, r"lists\.conf:\d+", "nothing against the registry")
    like(out, "smtpd_milters", "the line for Postfix")


check.run()
