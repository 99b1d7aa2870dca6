#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""relayguard-web behind a real nginx, by our example: TLS, whose address it is, limits, and a
page in a folder; and with a socket that the service manager has made."""
import html
import os
import re
import shutil
import subprocess
import time
from urllib.parse import urljoin, urlsplit

from lib import check, daemon, nginx, server, web
from lib.check import case, like, ok, same, unlike
from lib.web import REF, Daemon, Web

web.skip_without()
if nginx.why_not():
    check.skip_all(nginx.why_not())

SOCKET = os.path.join(web.TOP, "contrib", "relayguard-web.socket")
MISSING = "/r/7F3K2Q9M-AAAAA"


def _behind(path, folder="/"):
    """nginx in front of a socket that its workers, who are nobody, may use."""
    os.chmod(path, 0o666)
    os.chmod(os.path.dirname(path), 0o755)
    return nginx.Nginx(path, folder)


@case
def in_front():
    """The example as it is: pages, forms, plain HTTP, and what nginx adds."""
    with Daemon() as asked, Web(asked.path, proxy=True) as site, _behind(site.path) as front:
        answer = front.get(f"/r/{REF}")
        same(answer.status, 200, "the page is there")
        like(answer.text, "</html>\n$", "whole")
        same(answer.fields["strict-transport-security"], "max-age=31536000", "by TLS alone")
        like(answer.fields["content-security-policy"], "default-src 'none'", "with our fields")
        same(front.get("/none").status, 404, "no page")
        token = re.search(r'name="token" value="(\w+)"', answer.text).group(1)
        form = {"Content_Type": "application/x-www-form-urlencoded"}
        like(front.get(f"/r/{REF}/pass", method="POST", body=f"token={token}", **form).text,
             "until 2026-11-29 18:40 UTC", "a form")
        same(front.get("/remove", method="POST", body="x" * 5000, **form).status, 413,
             "one that is too large")
        asked.stop()
        same(front.get(f"/r/{REF}").status, 503, "the daemon is gone: our page says so")
        asked.start()


@case
def whose_address():
    """A reader is who nginx says, whatever the reader says."""
    with Daemon() as asked, Web(asked.path, proxy=True) as site, _behind(site.path) as front:
        got = []
        while 429 not in got and len(got) < 24:  # ten a minute, of which two may begin
            got.append(front.get(MISSING, "127.0.1.1", X_Forwarded_For=f"203.0.{len(got)}.9").status)
            time.sleep(0.25)
        ok(got[-1] == 429 and len(got) > 10 and set(got[:-1]) == {404},
           f"one reader is held, whoever it claims to be: {got}")
        same(front.get(MISSING, "127.0.2.1", X_Forwarded_For="127.0.1.1").status, 404,
             "another is not")


@case
def limits():
    """One reader who asks as fast as it can, and hundreds who send nothing: others are served."""
    with Daemon() as asked, Web(asked.path, proxy=True) as site, _behind(site.path) as front:
        got = [front.get("/privacy", "127.0.3.1").status for _ in range(60)]
        ok(set(got) == {200, 429} and got[:20] == [200] * 20, f"one who is too fast: {got}")
        same(front.get("/privacy", "127.0.4.1").status, 200, "another is served")
        crowd = []
        for i in range(300):
            crowd.append(front.connect(f"127.0.{i % 250}.5"))
            if i % 2:
                crowd[-1].sendall(b"\x16\x03\x01")
        begin = time.monotonic()
        same(front.get(f"/r/{REF}", "127.0.5.1").status, 200, "beside 300 who send nothing")
        ok(time.monotonic() - begin < 5, f"after {time.monotonic() - begin:.3f} s")
        for client in crowd:
            client.close()


def _links(front, url):
    """Where the links, forms and the stylesheet of a page lead, those to others left out."""
    text = front.get(urlsplit(url).path).text
    found = re.findall(r'(?:href|action)="([^"]*)"', text)
    there = {urljoin(url, html.unescape(link)) for link in found}
    return text, {urlsplit(link).path for link in there if urlsplit(link).netloc == nginx.HOST}


@case
def in_a_folder():
    """A page that is in a folder of a host: all that it leads to is in there, and is there."""
    with Daemon() as asked, Web(asked.path, proxy=True) as site, \
            _behind(site.path, "/mail/") as front:
        base = f"https://{nginx.HOST}/mail/"
        asked.says["page-status"] = {"page": base, "own_list": True}
        asked.says["page-address"] = {"address": "198.51.100.7", "lists": [], "local": {
            "reasons": ["probe"], "since": None, "until": None}}
        paths = set()
        for page in ("", f"r/{REF}", "c/", "c/dynamic", "a/198.51.100.7", "remove",
                     "remove?a=198.51.100.7", "nominate", "criteria", "privacy", "none", "c/x/y"):
            text, found = _links(front, base + page)
            same([path for path in found if not path.startswith("/mail/")], [], f"links of {page}")
            ok("/mail/style.css" in found and "/mail/" in found, "the stylesheet is there")
            unlike(text, r'(href|action)="/', "none begins at the root")
            paths |= found
        text, _ = _links(front, base + f"r/{REF}")
        like(text, f"https://{nginx.HOST}/mail/r/{REF}", "what is handed on leads there")
        ok(f"/mail/r/{REF}/pass" in paths and len(paths) > 20, "(many links)")
        for number, path in enumerate(sorted(paths - {"/mail/none", "/mail/"})):
            time.sleep(0.25)  # as an address is a question of a stranger's
            status = front.get(path, f"127.0.{10 + number}.1").status
            same(status, 405 if path.endswith("/pass") else 200, f"{path} is there")
        where = front.get(f"/mail/?q={REF}", "127.0.9.1").fields["location"]
        same(urljoin(base, where), base + f"r/{REF}", "what is typed leads on")
        where = front.get(f"/mail/r/{REF}/pass/", "127.0.9.2")
        same(where.status, 404, "and no page is more than one")


@case
def socket_of_the_manager():
    """The socket that our unit has made, by the name that it gives it."""
    activate = shutil.which("systemd-socket-activate")
    if activate is None:
        check.skip("a socket that is handed over", "no systemd-socket-activate")
        return
    with open(SOCKET, encoding="ascii") as file:
        name = re.search(r"^FileDescriptorName=(\w+)$", file.read(), re.M).group(1)
    folder = server.new_dir("activated")
    path = os.path.join(folder, "web.sock")
    kept = [f"-E{name}" for name in daemon.sanitizer_environment() if name.endswith("_OPTIONS")]
    with Daemon() as asked, server.Server(
            "relayguard-web", [activate, *kept, f"--listen={path}", f"--fdname={name}", web.PROGRAM,
                               "--listen", f"unix:{folder}/own", "--control", asked.path,
                               "--texts", web.TEXTS]) as activated:
        activated.wait_ready(lambda: os.path.exists(path))
        with _behind(path) as front:
            same(front.get(f"/r/{REF}").status, 200, "it begins with the first reader")
            same(front.get(MISSING, X_Forwarded_For="x").status, 404, "and goes on")
        ok(not os.path.exists(f"{folder}/own"), "and makes no socket of its own")
        same(activated.stop(), 0, "it ends")
        ok(os.path.exists(path), "what is the manager's stays")


@case
def units():
    """systemd finds nothing wrong with the page's units."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        check.skip("systemd-analyze verify", "no systemd-analyze")
        return
    folder = server.new_dir("units")
    for name in ("relayguard-web.service", "relayguard-web.socket"):
        with open(os.path.join(web.TOP, "contrib", name), encoding="utf-8") as file:
            text = file.read().replace("/usr/sbin/relayguard-web", web.PROGRAM)
        server.write(os.path.join(folder, name), text)
    done = subprocess.run([analyze, "verify", "--man=no",
                           *(os.path.join(folder, name) for name in os.listdir(folder))],
                          check=False, timeout=60, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    # What it says of others' units is not ours.
    ours = [line for line in done.stdout.splitlines() if "relayguard" in line]
    same(ours, [], "nothing is said of them")


check.run()
