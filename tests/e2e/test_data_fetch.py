#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""The recipes of relayguard.conf(5) by which data of lists is fetched: as they stand there, with
another server, and folders of ours."""
import http.server
import os
import re
import shlex
import shutil
import subprocess
import threading
import time

from lib import check, daemon, server
from lib.check import case, ok, same

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
SECTION = "FETCHING LISTS"
LARGE = "127.0.0.2\n" + "10.0.0.1\n" * 20000  # more than the recipe wants at least

STUBS = "systemctl() { :; }\nid() { :; }\n"  # they would change the machine
HOUR_AGO = int(time.time()) - 3600


def recipes():
    """The blocks of the section, as they are read."""
    with open(os.path.join(TOP, "man", "relayguard.conf.5"), encoding="utf-8") as file:
        section = file.read().split(f".Sh {SECTION}\n")[1].split("\n.Sh ")[0]
    blocks = re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed$", section, re.M | re.S)
    return [block.replace(r"\e", "\\") for block in blocks]


class Place:
    """A recipe with folders of its own and another server."""

    def __init__(self, word, url, here):
        self.folder = server.new_dir(word)
        found = recipes()
        number, = [i for i, block in enumerate(found)
                   if block.startswith("id ") and word in block]
        text, self.lists = self._ours(found[number]), self._ours(found[number + 1])
        if url not in text:
            raise RuntimeError(f"the recipe has no {url}")
        subprocess.run(["sh", "-eu"], input=STUBS + text.replace(url, here),
                       text=True, check=True)

    def _ours(self, text):
        """With folders of ours."""
        for path, ours in (("/etc/systemd/system", "units"), ("/usr/local/sbin", "sbin"),
                           ("/var/lib/rbldns", "data")):
            os.makedirs(os.path.join(self.folder, ours), exist_ok=True)
            text = text.replace(path, os.path.join(self.folder, ours))
        return text

    def path(self, name):
        """A file of the data."""
        return os.path.join(self.folder, "data", name)

    def read(self, name):
        """What is in it."""
        with open(self.path(name), encoding="ascii") as file:
            return file.read()

    def units(self):
        """The paths of its units."""
        return [entry.path for entry in os.scandir(os.path.join(self.folder, "units"))]

    def run(self):
        """Do what its service does; its exit code."""
        service, = [path for path in self.units() if path.endswith(".service")]
        with open(service, encoding="ascii") as file:
            text = file.read().replace("\\\n", " ")
        command = re.search(r"^ExecStart=(.*)$", text, re.M).group(1)
        return subprocess.run(shlex.split(command), check=False, timeout=120,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode


def verified(place):
    """systemd finds nothing wrong with the units."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        check.skip("the units", "no systemd-analyze")
        return
    done = subprocess.run([analyze, "verify", "--man=no", *place.units()], check=False, timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    same([line for line in done.stdout.splitlines() if "fetch-" in line], [],
         "nothing is said of the units")


def in_use(place, entries):
    """relayguard takes what was fetched, by the configuration of the recipe."""
    label = re.search(r'^list "([\w-]+)"', place.lists).group(1)
    text = f'dns {{ servers = {{ "127.0.0.1:{server.free_port()}" }} }}\n' \
        f'{place.lists}policy "default" {{ lists = {{ "{label}" }} }}\n'
    with daemon.Relayguard(text) as guard:
        line, = guard.wait_lines("event=data-(taken|refused)")
        check.like(line, f"event=data-taken list={label} .*entries={entries} ", "it is in use")


def rsync_daemon(folder):
    """One that has a folder, and its port."""
    port = server.free_port()
    config = server.write(os.path.join(server.new_dir("rsyncd"), "conf"),
                          f"use chroot = no\nport = {port}\naddress = 127.0.0.1\n"
                          f"[bl]\npath = {folder}\n")
    found = server.Server("rsync", ["rsync", "--daemon", "--no-detach", f"--config={config}"])
    found.wait_ready(lambda: server.listens(port))
    return found, port


@case
def by_rsync():
    """A file is replaced by a new one, and not by one that is too small."""
    if shutil.which("rsync") is None:
        check.skip("by rsync", "no rsync")
        return
    source = server.new_dir("source")
    for name in ("sbl", "xbl"):
        os.utime(server.write(os.path.join(source, name), LARGE), (HOUR_AGO, HOUR_AGO))
    rsync, port = rsync_daemon(source)
    place = Place("fetch-zen", "rsync.example.net", f"127.0.0.1:{port}")
    verified(place)
    same(place.run(), 0, "it fetches")
    same([place.read(name) for name in ("sbl", "xbl")], [LARGE, LARGE], "both of them")
    status = os.stat(place.path("sbl"))
    same((int(status.st_mtime), status.st_mode & 0o777), (HOUR_AGO, 0o644),
         "as old as they are there")
    in_use(place, 2 * LARGE.count("\n"))
    server.write(os.path.join(source, "sbl"), LARGE + "10.0.0.2\n")
    same(place.run(), 0, "it fetches again")
    same(place.read("sbl"), LARGE + "10.0.0.2\n", "what is new is here")
    ok(os.stat(place.path("sbl")).st_ino != status.st_ino, "and is another file")
    server.write(os.path.join(source, "sbl"), "10.0.0.2\n")
    server.write(os.path.join(source, "xbl"), "")
    place.run()
    same([place.read(name) for name in ("sbl", "xbl")], [LARGE + "10.0.0.2\n", LARGE],
         "what is too small, or empty, does not take the place of what was there")
    rsync.stop()
    ok(place.run() != 0, "a server that is away is an error")
    same(sorted(os.listdir(os.path.dirname(place.path("sbl")))), ["sbl", "xbl"],
         "and nothing is left over")


class Drop:
    """A server with the files of DROP."""

    def __init__(self):
        outer = self
        self.files = {name: self.text(100) for name in ("drop_v4.json", "drop_v6.json")}
        self.lost = 0  # bytes that it says it sends, and does not

        class Handler(http.server.BaseHTTPRequestHandler):
            """What it answers."""

            def do_GET(self):  # pylint: disable=invalid-name
                """A file, or none."""
                text = outer.files.get(os.path.basename(self.path))
                self.send_response(404 if text is None else 200)
                body = (text or "").encode()
                self.send_header("Content-Length", str(len(body) + outer.lost))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                """Nothing is said."""

        self.httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.httpd.serve_forever, daemon=True).start()
        self.address = f"http://127.0.0.1:{self.httpd.server_port}"

    @staticmethod
    def text(count):
        """A file with so many networks, as Spamhaus writes it."""
        lines = [f'{{"cidr":"198.18.{i}.0/24","sblid":"SBL{i}","rir":"ripencc"}}\n'
                 for i in range(count)]
        return "".join(lines) + f'{{"type":"metadata","records":{count}}}\n'


@case
def by_curl():
    """A file is replaced by a new one, and not by a page of errors or a part of it."""
    if shutil.which("curl") is None:
        check.skip("by curl", "no curl")
        return
    drop = Drop()
    place = Place("fetch-drop", "https://www.spamhaus.org", drop.address)
    verified(place)
    first = drop.files["drop_v4.json"]
    same(place.run(), 0, "it fetches")
    same([place.read(name) for name in drop.files], [first, first], "both of them")
    in_use(place, 200)
    inode = os.stat(place.path("drop_v4.json")).st_ino
    second = drop.files["drop_v4.json"] = Drop.text(120)
    same(place.run(), 0, "it fetches again")
    same(place.read("drop_v4.json"), second, "what is new is here")
    ok(os.stat(place.path("drop_v4.json")).st_ino != inode, "and is another file")
    for what, text in (("cut", second[:-40]), ("a page", "<html>sorry</html>\n" * 500),
                       ("empty", ""), ("small", Drop.text(1)), ("missing", None)):
        drop.files["drop_v4.json"] = text
        ok(place.run() != 0, f"{what}: it is an error")
        same(place.read("drop_v4.json"), second, f"{what}: the old one stays")
    drop.files["drop_v4.json"], drop.lost = second, 10
    ok(place.run() != 0, "a connection that ends too early is an error")
    same(place.read("drop_v4.json"), second, "and the old file stays")


check.run()
