#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Metrics: the text, what it counts, and what Prometheus makes of it."""
import http.client
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.request

from lib import check, daemon, exposition, milter, rbldnsd, server
from lib.check import case, ok, same, sharing

RELAYGUARDCTL = os.path.join(os.path.dirname(os.environ["RELAYGUARD"]), "relayguardctl")
TYPE = "text/plain; version=0.0.4; charset=utf-8"
ONE, BOTH, CLEAR = "198.51.100.7", "198.51.100.8", "203.0.113.5"
ZONES = {"one.example": {"ip4set": f"{ONE} :127.0.0.2:\n{BOTH} :127.0.0.2:\n"},
         "two.example": {"ip4set": f"{BOTH} :127.0.0.2:\n"}}
CONFIG = """
control {{ socket = "{socket}" status = "{socket}2" metrics = "127.0.0.1:{port}" }}
dns {{ servers = {{ "{at}" }} }}
list "one" {{ zone = "one.example" servers = {{ "{at}" }}
    answer "127.0.0.2" {{ category = "open-relay" score = 5 }} }}
list "two" {{ zone = "two.example" servers = {{ "{at}" }}
    answer "127.0.0.2" {{ category = "exploited" score = 5 }} }}
list "files" {{ data = {{ "{file}" }} max_age = "0s"
    answer "127.0.0.2" {{ category = "hijacked" score = 5 }} }}
policy "default" {{ lists = {{ {lists} }} refuse = 5 }}
policy "files.example" {{ lists = {{ "files" }} refuse = 5 }}
policy "spf.example" {{ inherit = "default" spf_fail = "refuse" }}
policy "tag.example" {{ inherit = "default" refuse = 0 tag = 3 }}
{more}
"""
# There only where Redis, or a store, is configured, or something is watched.
ABSENT = {"relayguard_redis_up", "relayguard_store_up", "relayguard_store_bytes",
          "relayguard_own_listed", "relayguard_own_unknown_seconds"}


class Scene:
    """Three lists, of which one is a file, and relayguard that is measured."""

    def __init__(self):
        self.list = rbldnsd.Rbldnsd(ZONES)
        self.socket = os.path.join(server.new_dir("metrics"), "c")
        self.port = server.free_port()
        self.file = server.write(os.path.join(server.new_dir("data"), "files"), "192.0.2.0/24\n")
        self.guard = daemon.Relayguard(self.text())

    def text(self, lists='"one", "two"', more=""):
        """The configuration, where the default policy has those lists."""
        return CONFIG.format(socket=self.socket, port=self.port, at=self.list.address,
                             file=self.file, lists=lists, more=more)

    def scrape(self):
        """What /metrics says."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=10) as page:
            return page.read().decode()

    def value(self, name, **labels):
        """One sample, or None."""
        for family in exposition.parse(self.scrape()).values():
            if (name, tuple(sorted(labels.items()))) in family["samples"]:
                return family["samples"][name, tuple(sorted(labels.items()))]
        return None

    def send(self, client, recipient="bob@any.example"):
        """A session."""
        return milter.verdict(self.guard.where, client, f"<{recipient}>".encode())

    def ctl(self, *words, at=None):
        """What relayguardctl returns and prints."""
        done = subprocess.run([RELAYGUARDCTL, "-s", at or self.socket, *words], check=False,
                              timeout=30, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        return done.returncode, done.stdout.decode()


@sharing
def text():
    """The text keeps to its rules, and to the table of the manual."""
    here = usual()
    families = exposition.parse(here.scrape())
    table = exposition.documented()
    ok(len(table) > 30, "the manual has a table", table)
    same(sorted(set(families) - set(table)), [], "nothing is there that the manual has not")
    same(sorted(set(table) - set(families) - ABSENT), [], "all that it has is there")
    for name, family in families.items():
        labels = set().union(*({label for label, _ in key[1]} for key in family["samples"]))
        same((family["type"], labels - {"le"}), table[name], f"{name}: type and labels")
    check.note(f"{sum(len(family['samples']) for family in families.values())} samples, "
               f"{len(here.scrape())} bytes")
    code, printed = here.ctl("metrics")
    same((code, set(exposition.parse(printed))), (0, set(families)), "relayguardctl prints it")
    same(here.ctl("metrics", at=here.socket + "2")[0], 0, "the socket of status has it, too")
    lines = [json.loads(line) for line in here.ctl("-j", "metrics")[1].splitlines()]
    same(set(exposition.parse("".join(line["data"]["text"] for line in lines[:-1]))),
         set(families), "and -j in pieces")


@sharing
def promtool():
    """Prometheus' own tool finds nothing."""
    if shutil.which("promtool") is None:
        check.skip("promtool finds nothing", "promtool is not installed")
        return
    done = subprocess.run(["promtool", "check", "metrics"], input=usual().scrape().encode(),
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    same((done.returncode, done.stdout.decode()), (0, ""), "promtool finds nothing")


@case
def counts():
    """What happens is counted, once, and stays over a reload as long as it is configured."""
    here = Scene()
    ok(check.wait_for(lambda: here.value("relayguard_list_state", list="one", state="good") == 1),
       "the list is good")
    # Who is refused before all lists have answered is counted for those that had: wait.
    same([here.send(BOTH, "a@tag.example"), here.send(ONE), here.send(CLEAR)],
         ["pass", "refuse", "pass"], "three decisions")
    check.wait_for(lambda: here.value("relayguard_list_lookup_seconds_count", list="one") == 3 and
                   here.value("relayguard_list_lookup_seconds_count", list="two") == 3)
    same(here.send(BOTH), "refuse", "and one more")

    def seen():
        return {name: here.value("relayguard_" + name, **labels) for name, labels in (
            ("list_refusals_total", {"list": "one"}),
            ("list_sole_refusals_total", {"list": "one"}),
            ("list_lookup_seconds_count", {"list": "one"}),
            ("wait_seconds_count", {}), ("sessions_total", {}))}

    want = {"list_refusals_total": 2, "list_sole_refusals_total": 1,
            "list_lookup_seconds_count": 3, "wait_seconds_count": 4, "sessions_total": 4}
    same(seen(), want, "refusals by one list, alone and with another")
    same([here.value("relayguard_list_answers_total", list="two", answer=answer)
          for answer in ("listed", "clear", "unknown", "error")], [1, 2, 0, 0], "answers")
    same(here.value("relayguard_list_sole_refusals_total", list="two"), 0, "two: never alone")
    same([here.value("relayguard_decisions_total", verdict=verdict, reason="lists")
          for verdict in ("refuse", "pass", "tag", "defer")], [2, 1, 1, 0], "decisions")
    same([here.value("relayguard_policy_decisions_total", policy=policy, verdict="refuse")
          for policy in ("default", "tag.example")], [2, 0], "by policy")
    same([here.value("relayguard_cache_lookups_total", cache="memory", result=result)
          for result in ("hit", "miss")], [2, 6], "memory was asked")
    ok(here.value("relayguard_list_last_test_timestamp_seconds", list="one") > 1e9, "tested")
    before = exposition.parse(here.scrape())
    here.ctl("explain", BOTH, "--to", "bob@any.example", "--from", "a@b.example")
    here.ctl("explain", "203.0.113.99", "--to", "bob@spf.example", "--from", "a@b.example")
    after = exposition.parse(here.scrape())
    moving = {"process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds",
              "relayguard_cache_entries"}
    same([name for name in before if name not in moving and before[name] != after[name]], [],
         "explain counts nowhere")
    here.send("203.0.113.98", "bob@spf.example")
    ok(sum(exposition.parse(here.scrape())["relayguard_spf_checks_total"]["samples"].values())
       == 1, "where a session would")
    want.update(list_lookup_seconds_count=4, wait_seconds_count=5, sessions_total=5)
    here.guard.reload(here.text(lists='"one"'))
    same(seen(), want, "a reload keeps the counts of a list that stays")
    same(here.value("relayguard_list_refusals_total", list="two"), None,
         "one that was taken away is gone")
    here.guard.reload(here.text() + "nonsense = 1\n")
    same(here.value("relayguard_config_last_reload_successful"), 0, "a reload that failed")
    here.guard.reload(here.text(more='policy "later.example" { refuse = 5 }'))
    same([here.value("relayguard_config_last_reload_successful"),
          here.value("relayguard_list_refusals_total", list="two"),
          here.value("relayguard_policy_decisions_total", policy="later.example",
                     verdict="pass")], [1, 1, 0], "one that came to its end, with all back")


@case
def many_policies():
    """The hundred-and-first policy is among the others."""
    here = Scene()
    here.guard.reload(here.text(more="\n".join(
        f'policy "p{i}.example" {{ inherit = "default" }}' for i in range(120))))
    here.send(ONE, "bob@p0.example")
    here.send(ONE, "bob@p119.example")
    names = {dict(labels)["policy"] for _, labels in exposition.parse(here.scrape())[
        "relayguard_policy_decisions_total"]["samples"]}
    same((len(names), "other" in names), (101, True), "a hundred, and others")
    same(here.value("relayguard_policy_decisions_total", policy="other", verdict="refuse"), 1,
         "which are counted")


def _ask(port, request):
    """What is said to raw bytes."""
    with socket.create_connection(("127.0.0.1", port), 15) as client:
        client.sendall(request)
        answer = b""
        while more := client.recv(65536):
            answer += more
    return answer


@sharing
def over_http():
    """GET and HEAD of one page, and who does no good is let go."""
    here = usual()
    for method in ("GET", "HEAD"):
        connection = http.client.HTTPConnection("127.0.0.1", here.port, timeout=10)
        connection.request(method, "/metrics")
        answer = connection.getresponse()
        body = answer.read()
        same((answer.status, answer.headers.get_all("Content-Type"),
              answer.headers["Transfer-Encoding"]), (200, [TYPE], None), f"{method}: its type")
        same(len(body), int(answer.headers["Content-Length"]) if method == "GET" else 0,
             f"{method}: its length")
    for request, status in ((b"GET / HTTP/1.1\r\n\r\n", 404), (b"GET /metric HTTP/1.1\r\n\r\n", 404),
                            (b"POST /metrics HTTP/1.1\r\n\r\n", 405),
                            (b"nonsense\r\n\r\n", 400), (b"\x16\x03\x01" + b"\r\n\r\n", 400),
                            (b"GET /metrics HTTP/1.1\r\nA: " + b"x" * 5000, 431),
                            (b"GET /metrics HTTP/1.1\r\nA: " + b"x" * 500000, 431)):
        same(_ask(here.port, request)[:12], b"HTTP/1.1 %d" % status, f"{request[:30]}")
    time.sleep(0.5)  # the last one has left its place
    idle = [socket.create_connection(("127.0.0.1", here.port), 15) for _ in range(2)]
    ok(check.wait_for(lambda: _fails(here.port), 3), "a third client is sent away")
    same(here.ctl("status")[0], 0, "and is in nobody's way at the control socket")
    same(here.send(ONE), "refuse", "nor in that of mail")
    for client in idle:
        client.close()
    ok(check.wait_for(lambda: not _fails(here.port)), "who goes makes room")


def _fails(port):
    try:
        return not _ask(port, b"GET /metrics HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 200")
    except OSError:
        return True


@sharing
def scraped():
    """A real Prometheus takes it."""
    if shutil.which("prometheus") is None:
        check.skip("Prometheus scrapes it", "prometheus is not installed")
        return
    here, port = usual(), server.free_port()
    folder = server.new_dir("prometheus")
    conf = server.write(os.path.join(folder, "prometheus.yml"), f"""
global: {{ scrape_interval: 1s }}
scrape_configs:
  - job_name: relayguard
    static_configs: [ {{ targets: ["127.0.0.1:{here.port}"] }} ]
""")
    server.Server("prometheus", ["prometheus", f"--config.file={conf}",
                                 f"--storage.tsdb.path={folder}/data",
                                 f"--web.listen-address=127.0.0.1:{port}"])

    def query(text):
        url = f"http://127.0.0.1:{port}/api/v1/query?query={text}"
        try:
            with urllib.request.urlopen(url, timeout=5) as page:
                return json.load(page)["data"]["result"]
        except OSError:
            return []

    ok(check.wait_for(lambda: [row["value"][1] for row in query("up")] == ["1"], 40),
       "the target is up")
    same(len(query("relayguard_list_state==1")), 3, "each list has one state")
    want = sum(len(family["samples"]) for family in exposition.parse(here.scrape()).values())
    same(query("scrape_samples_scraped")[0]["value"][1], str(want), "with all its samples")


_scene = []


def usual():
    """The scene that cases share."""
    if not _scene or not _scene[0].guard.alive():
        _scene[:] = [Scene()]
    return _scene[0]


check.run()
