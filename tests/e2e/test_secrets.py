#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""The key of a keyed zone is in DNS queries, and nowhere else."""
import os

from lib import check, daemon, milter, nameserver, redis, scene, server, syslog
from lib.check import case, ok, same
from lib.nameserver import Answer, NameServer, reverse

KEY = "k3yqz7wxvbnm2t5r8e1u9i0opa"
PASSWORD = "s3cr3tpassw0rdofredis"
ZONE = KEY + ".zen.example"

CONF = """
cache {{ redis = "{redis}"  password_file = "{password}" }}
list "keyed" {{
    zone = "%{{key}}.zen.example"  key_file = "{key}"  servers = {{ "{server}" }}
    name = "The keyed list"  ipv6 = true
    removal = "https://zen.example/?ip=%{{ip}}&list=%{{list}}&ref=%{{ref}}&why=%{{category}}"
    answer "127.0.0.2" {{ category = "spam-source"  score = 5 }}
}}
policy "default" {{ lists = {{ "keyed" }}  refuse = 5 }}
"""

TABLE = {
    reverse(scene.RELAY, ZONE): Answer("127.0.0.2"),
    reverse(scene.LISTED6, ZONE): Answer("127.0.0.2"),
    reverse("203.0.113.1", ZONE): Answer("127.255.255.254"),
    reverse("203.0.113.2", ZONE): Answer("127.0.0.99"),
    reverse("203.0.113.3", ZONE): Answer("192.0.2.1"),
    reverse("203.0.113.4", ZONE): Answer("127.0.0.1"),
    reverse("203.0.113.5", ZONE): Answer(rcode=nameserver.SERVFAIL),
    reverse("203.0.113.6", ZONE): Answer(rcode=nameserver.REFUSED),
    reverse("203.0.113.7", ZONE): Answer(silent=True),
    reverse("203.0.113.8", ZONE): Answer("127.0.0.2", truncate=True),
}

if redis.SERVER is None:
    check.skip_all("no redis-server or valkey-server")


def _clean(text, label):
    """Whether neither secret is in a text, in any letter case."""
    if isinstance(text, bytes):
        text = text.decode("latin-1")
    text = text.lower()
    ok(KEY not in text and PASSWORD not in text, f"{label}: no secret in it", text[-3000:])


def _secrets(directory):
    return (server.write(os.path.join(directory, "key"), KEY + "\n", 0o600),
            server.write(os.path.join(directory, "password"), PASSWORD + "\n", 0o600))


def _read(path):
    with open(path, "rb") as file:
        return file.read()


@case
def searched_for():
    """Every output of a running daemon, over every kind of answer."""
    directory = server.new_dir("secret")
    key, password = _secrets(directory)
    pid_file = os.path.join(directory, "pid")
    with redis.Redis(password=PASSWORD) as store, NameServer(TABLE) as dns:
        text = f'pid_file = "{pid_file}"\ndeadline = "1s"\n' + CONF.format(
            redis=store.url, password=password, key=key, server=dns.address)
        with daemon.Relayguard(text, "-v") as guard:
            replies = [milter.envelope(guard.where, address)
                       for address in (scene.RELAY, scene.LISTED6, "203.0.113.8",
                                       *(f"203.0.113.{n}" for n in range(1, 8)))]
            same([milter.word(reply) for reply in replies], ["refuse"] * 3 + ["pass"] * 7,
                 "the list is heard")
            ok(all(KEY in name.lower() for name, _, _ in dns.questions) and dns.questions,
               "every question has the key", dns.questions)
            _clean(repr(replies), "replies")
            check.wait_for(lambda: len(store.keys()) >= 3)
            keys = store.keys()
            same(len(keys), 3, "Redis has what is known")
            _clean(repr(keys) + repr([store.command("GET", name) for name in keys]), "Redis")
            _clean(_read(f"/proc/{guard.pid}/cmdline"), "the command line")
            _clean(_read(pid_file), "the pid file")
            guard.reload(text + "\nnonsense = 1\n")
            guard.reload(text.replace("%{key}.zen", "%{key}." + "x" * 240))
            guard.reload(text + '\nlist "twin" { zone = "%{key}.ZEN.example" '
                         f'key_file = "{key}" answer "127.0.0.2" {{ score = 1 '
                         'category = "probe" } }\npolicy "x.example" { lists = { "twin" } }\n')
            guard.reload(text)
            store.command("CONFIG", "SET", "requirepass", "another")
            store.stop()
            milter.envelope(guard.where, "203.0.113.99")
        _clean(guard.output(), "the log, at its most talkative")
        ok("event=reload-failed" in guard.output(), "which has seen bad files too")
        code, out, err = daemon.run("-t", "-v", "-c", guard.file, "-l", daemon.LISTS)
        same(code, 0, "-t: good")
        _clean(out + err, "-t")


@case
def bad_secrets():
    """Files of secrets that cannot be used are refused without being shown."""
    directory = server.new_dir("secret")
    key, password = _secrets(directory)
    conf = os.path.join(directory, "relayguard.conf")
    server.write(conf, 'listen = "inet:1@127.0.0.1"\n' + CONF.format(
        redis="redis://127.0.0.1:1/0", password=password, key=key, server="127.0.0.1:9"))
    for label, text, mode in (("readable by all", KEY + "\n", 0o644),
                              ("writable by all", KEY + "\n", 0o666),
                              ("two words", KEY + " " + KEY + "\n", 0o600),
                              ("two lines", KEY + "\n" + KEY + "\n", 0o600),
                              ("not a label", KEY + "/..\n", 0o600),
                              ("too long for DNS", KEY * 12 + "\n", 0o600),
                              ("empty", "", 0o600)):
        os.unlink(key)
        server.write(key, text, mode)
        code, out, err = daemon.run("-t", "-c", conf, "-l", daemon.LISTS)
        if label == "readable by all":
            ok(code in (0, 78), f"{label}: refused, or warned of", code)
        else:
            same(code, 78, f"{label}: refused")
        ok(err, f"{label}: something is said")
        _clean(out + err, label)


@case
def in_syslog():
    """What goes to syslog has no key either."""
    directory = server.new_dir("secret")
    key, password = _secrets(directory)
    with syslog.Syslog() as log, NameServer(TABLE) as dns:
        if not log.works:
            check.skip("the key in syslog", "there is another /dev/log")
            return
        text = 'deadline = "1s"\n' + CONF.format(redis="redis://127.0.0.1:1/0", server=dns.address,
                                                 password=password, key=key)
        with daemon.Relayguard(text, "-s", "-v", prefix=log.prefix) as guard:
            check.wait_for(lambda: "event=started" in log.text())
            for number in range(1, 9):
                milter.envelope(guard.where, f"203.0.113.{number}")
            check.wait_for(lambda: "203.0.113.8" in log.text())
        ok("verdict=refuse" in log.text(), "syslog has the decisions")
        _clean(log.text(), "syslog")


check.run()
