#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""The page as a person has it: the link out of the bounce of a real Postfix, opened by a real
Chromium without scripts, through a real nginx, in a folder of its host; then every page, narrow
and wide, light and dark, and with text twice as large.

RELAYGUARD_PICTURES is a folder for pictures of all that was seen.
"""
import contextlib
import copy
import datetime
import http.server
import os
import re
import subprocess
import threading
import time

from lib import apart, browser, check, nginx

WHY_NOT = apart.why_not() or browser.why_not() or nginx.why_not()
if WHY_NOT:
    check.skip_all(WHY_NOT)
apart.enter()

from lib import daemon, pages, postfix, rbldnsd, scene, senders, server, sink, smtp, web
from lib.check import case, like, ok, same

web.skip_without()

RELAYGUARDCTL = os.path.join(os.path.dirname(os.path.abspath(os.environ["RELAYGUARD"])),
                             "relayguardctl")
PAGE = f"https://{nginx.HOST}/mail/"
OTHER = "203.0.113.77"
PICTURES = os.environ.get("RELAYGUARD_PICTURES")
POLICIES = daemon.POLICIES.replace('"strict.example"  {{', '"strict.example"  {{ pass = yes') + \
    'own {{ contact = "postmaster@relay.example" }}\n' \
    'policy "own.example" {{ lists = {{ "local" }} refuse = 5 }}\n'


def _list(here, address):
    """Two operators put an address on the own list."""
    evidence = server.write(os.path.join(here.folder, "evidence"), "Received: from host.example\n")
    until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=3)
    for who in ("joe", "ann"):
        done = subprocess.run([RELAYGUARDCTL, "-s", here.control, "nominate", address, "--reason",
                               "spam", "--until", until.strftime("%Y-%m-%d"), "--by", who,
                               "--evidence", evidence], check=False, timeout=30, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    same(done.returncode, 0, f"it is on the own list: {done.stdout}")


@contextlib.contextmanager
def _site():
    """All of it: lists, relayguard, the page, nginx; and a browser."""
    here = pages.Settings(page=PAGE)
    with contextlib.ExitStack() as stack:
        lists = stack.enter_context(rbldnsd.Rbldnsd(scene.ZONES))
        guard = stack.enter_context(daemon.Relayguard(
            daemon.config(lists.address, more=here.text, policies=POLICIES)))
        site = stack.enter_context(web.Web(here.socket, proxy=True))
        os.chmod(site.path, 0o666)
        os.chmod(os.path.dirname(site.path), 0o755)
        front = stack.enter_context(nginx.Nginx(site.path, "/mail/"))
        yield here, guard, {nginx.HOST: f"127.0.0.1:{front.port}"}


def _clean(chromium):
    """Nothing was complained of, and nobody else was asked for anything."""
    chromium.gather()
    same(chromium.logs, [], "no errors, and nothing against its policy")
    same(chromium.hosts(), {nginx.HOST}, "no other host is asked for anything")
    ok(len(chromium.asked) > 3, "(what is asked for is seen)")


def _bounced(guard):
    """Refused by a real Postfix: the link that came home in the bounce."""
    with sink.Sink() as home, postfix.Postfix(guard.postfix, host=apart.SERVER, port=25):
        seen = senders.from_postfix(home)
    found = re.search(re.escape(PAGE) + r"r/[0-9A-Z]{8}-[0-9A-Z]{5}", seen.person)
    ok(found is not None, "the link is in the bounce", seen.person)
    return found.group() if found else PAGE


@case
def the_whole_way():
    """From the bounce to mail that is taken, and off the own list, by clicks alone."""
    with _site() as (here, guard, hosts):
        link = _bounced(guard)
        with browser.Browser(hosts) as chromium:
            chromium.look(1000)
            chromium.open(link)
            like(chromium.text("h1"), "not delivered", "the page is there")
            like(chromium.text(".admin table"), re.escape(apart.CLIENT), "and what it rests on")
            like(chromium.text(".handoff pre"), re.escape(link), "and a text to hand on")
            chromium.click("nav.languages a[lang=de]")
            same(chromium.attribute("html", "lang"), "de", "another language")
            chromium.click("main > section:last-of-type > p:last-child a")
            same(chromium.attribute("html", "lang"), "de", "and its reason in that")
            like(chromium.url(), "/mail/c/open-relay", "which is this one")
            chromium.open(link)
            chromium.click(".notice button")
            like(chromium.text("main"), "let through until", "a pass is taken by a button")
            with postfix.Postfix(guard.postfix, host=apart.SERVER, port=25):
                got = [_send() for _ in range(11)]
            same(got, [250] * 10 + [550], "ten messages are accepted, then it is used up")
            chromium.open(link)
            same(chromium.find(".notice button"), [], "and there is no other")

            _list(here, OTHER)
            chromium.open(PAGE)
            chromium.write("#q", OTHER)
            chromium.click("form.ask button")
            like(chromium.text(".notice"), f"{re.escape(OTHER)} is on our own list", "listed here")
            chromium.click("main form button")
            like(chromium.url(), r"/mail/remove\?", "the way off")
            chromium.click("main form button")
            like(chromium.text("h1"), "off the list|removed", "by a button")
            chromium.open(f"{PAGE}a/{OTHER}")
            like(chromium.text(".notice"), "should go through", "and it is gone")
            _clean(chromium)


def _send():
    """What becomes of a message from the client that was refused."""
    with smtp.Client(25, apart.SERVER, apart.CLIENT) as session:
        session.ehlo()
        session.mail("anna@postfix.home.example")
        code = session.rcpt(senders.RECIPIENT).code
        if code == 250:
            code = session.data("Subject: hello\r\n\r\nhello\r\n").code
        session.quit()
        return code


def _see(chromium, name, width, **how):
    """The page as wide as that: nothing of it is beyond the edge."""
    chromium.look(width, **how)
    got = chromium.measure("document.documentElement.scrollWidth")
    ok(got <= width, f"{name} fits in {width}: {got}")
    if PICTURES:
        chromium.shoot(os.path.join(PICTURES, f"{name}.png"))


def _open(chromium, path):
    """No faster than a person: nginx takes two a second."""
    time.sleep(0.6)
    chromium.open(PAGE + path)


@case
def every_page():
    """No page is wider than what it is seen in, light or dark, narrow or wide, at 200 %."""
    with _site() as (here, guard, hosts):
        _list(here, OTHER)
        with postfix.Postfix(guard.postfix) as mta:
            link = pages.refused(mta, scene.RELAY, "bob@strict.example", PAGE.rstrip("/"))
        found = {"home": "", "unclear": "?q=x", "message": f"r/{link}", "library": "c/",
                 "reason": "c/dynamic", "address": f"a/{scene.BOT}", "local": f"a/{OTHER}",
                 "remove": "remove", "removal": f"remove?a={OTHER}", "nominate": "nominate",
                 "criteria": "criteria", "privacy": "privacy", "missing": "none",
                 "japanese": f"r/{link}?l=ja", "russian": f"r/{link}?l=ru"}
        with browser.Browser(hosts) as chromium:
            for name, path in found.items():
                _open(chromium, path)
                for width in (360, 1000):
                    for dark in (False, True):
                        _see(chromium, f"{name}-{width}-{'dark' if dark else 'light'}", width,
                             dark=dark)
                _see(chromium, f"{name}-500-twice", 500, scale=2)
            chromium.gather()
            chromium.logs = [text for text in chromium.logs if "/mail/none " not in text]
            _clean(chromium)
        with browser.Browser(hosts, text=32) as chromium:
            for name, path in found.items():
                _open(chromium, path)
                for width in (360, 1000):
                    _see(chromium, f"{name}-{width}-text", width)


def _outcomes():
    """What else a page can say: its name, what the daemon says, the path, what is clicked, and
    words of what is seen then."""
    decision, gone = copy.deepcopy(web.DECISION), copy.deepcopy(web.DECISION)
    gone["lists"][0]["now"] = "clear"
    gone["accepted"] = True
    local = {"address": "198.51.100.7", "lists": [], "local": {
        "reasons": ["probe", "helo"], "since": "2026-11-28T18:40:00Z",
        "until": "2026-12-05T18:40:00Z"}}
    message, button, remove = f"r/{web.REF}", ".notice button", "remove?a=198.51.100.7"

    def told(**more):
        return {"page-decision": {**decision, **more}}

    yield "taken", {}, message, button, "let through until"
    yield ("used", {"page-pass": {"granted": False, "why_not": "used"}}, message, button,
           "not long ago")
    yield ("granted", told(**{"pass": {"offered": False, "granted_until": "2026-11-29T18:40:00Z"}}),
           message, None, "Send your message again now")
    yield "clear", {"page-decision": gone}, message, None, "The cause is gone"
    yield ("late", told(action="defer", retries_by_itself=True), message, None,
           "Your message is late")
    yield ("doubt", told(action="defer", reason="doubt", retries_by_itself=True), message, None,
           "were not sure")
    yield ("denied", told(reason="deny", lists=[], note="Bad neighbours", score=None,
                          removal="https://mx.example/why", **{"pass": {}}),
           message, None, "Ask us to change")
    yield ("spf", told(reason="spf", lists=[], spf={"result": "fail", "domain": "alice.example"}),
           message, None, "not one of them")
    yield "removed", {"page-address": local}, remove, "main form button", "It is off the list"
    yield ("held", {"page-address": local, "page-remove": {
        "removed": False, "why_not": "held", "until": "2026-12-01T18:40:00Z"}}, remove,
           "main form button", "but later")
    yield "none", {}, remove, None, "nothing to take off"
    yield "unknown", {}, f"r/{web.REF[:-1]}Z", None, "do not know that reference"
    yield "no-list", {"page-status": {"own_list": False}}, "nominate", None, "no list of our own"
    yield "down", {"page-decision": None}, message, None, "cannot look right now"


@case
def every_outcome():
    """What comes of what is clicked, and what goes wrong: it fits as well."""
    with web.Daemon() as asked, web.Web(asked.path) as site, \
            browser.Browser({"page.example": f"127.0.0.1:{site.port}"}) as chromium:
        usual = dict(asked.says)
        for name, says, path, click, words in _outcomes():
            asked.says = {**usual, "page-address": {"address": "198.51.100.7", "lists": [],
                                                    "local": None}, **says}
            time.sleep(0.6)
            chromium.open(f"http://page.example/{path}")
            if click:
                chromium.click(click)
            like(chromium.text("main"), words, f"{name} is there")
            for width in (360, 1000):
                for dark in (False, True):
                    _see(chromium, f"{name}-{width}-{'dark' if dark else 'light'}", width, dark=dark)
            _see(chromium, f"{name}-500-twice", 500, scale=2)


class _Bad(http.server.BaseHTTPRequestHandler):
    """A page that does all that ours must not."""

    def do_GET(self):
        """Answer."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Security-Policy", "default-src 'none'; img-src *")
        self.end_headers()
        self.wfile.write(b"<h1>bad</h1><p style='width: 9000px'>x</p><img src='http://other.example/'>"
                         b"<pre>xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx</pre>"
                         b"<script>document.title = 'script'</script><title>none</title>")

    def log_message(self, *_):
        """Nothing."""


@case
def the_eyes_see():
    """What is looked for would be found: in a page that has it all."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Bad) as bad:
        threading.Thread(target=bad.serve_forever, daemon=True).start()
        try:
            with browser.Browser({"bad.example": f"127.0.0.1:{bad.server_port}"}) as chromium:
                chromium.look(360)
                chromium.open("http://bad.example/")
                chromium.gather()
                like("\n".join(chromium.logs), "Content Security Policy", "against its policy")
                ok("other.example" in chromium.hosts(), "another host", str(chromium.hosts()))
                ok(chromium.measure("document.documentElement.scrollWidth") > 360, "too wide")
                same(chromium.measure("document.title"), "none", "and no script runs")
        finally:
            bad.shutdown()


check.run()
