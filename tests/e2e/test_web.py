#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""relayguard-web: each page, each limit, and what strangers try, against a daemon that says
what the test wants."""
import collections
import concurrent.futures
import copy
import html
import json
import os
import random
import re
import resource
import shutil
import signal
import socket
import subprocess
import time
from urllib.parse import quote

from lib import check, daemon, load, server, web
from lib.check import case, like, ok, same, unlike
from lib.web import DECISION, LIST, REF, Daemon, Web

web.skip_without()

TOPICS = sorted(name[:-4] for name in os.listdir(os.path.join(web.TEXTS, "en"))
                if name not in ("page.txt", "terms.txt"))
LANGUAGES = sorted(name for name in os.listdir(web.TEXTS) if not name.endswith(".css"))
XSS = "\"><script>alert(1)</script>&#x3c;'\u202e\u00e9"
POLICY = ("default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; "
          "base-uri 'none'")


def _token(answer):
    found = re.search(r'name="token" value="([0-9a-f]{32})"', answer.text)
    return found.group(1) if found else ""


def _handoff(page):
    """The text to send on."""
    return re.search(r"<pre[^>]*>(.*)</pre>", page, re.S).group(1)


@case
def pages():
    """Every route has its page, and no other has one."""
    with Daemon() as asked, Web(asked.path) as site:
        paths = ["/", "/c/", "/privacy", f"/r/{REF}", f"/r/{REF.lower()}", "/a/198.51.100.7",
                 "/a/2001:db8::7", "/remove", "/remove?a=198.51.100.7", "/nominate", "/criteria",
                 *(f"/c/{topic}" for topic in TOPICS)]
        for path in paths:
            answer = site.get(path)
            same(answer.status, 200, f"{path} is there")
            if "<h1>" not in answer.text or answer.text.count("<main>") != 1:
                ok(False, f"{path} is a page", answer.text)
            ok(len(answer.raw) < 30000, f"{path} is small: {len(answer.raw)}")
            like(answer.text, r"</html>\n$", "and whole")
            unlike(answer.text, r"%\{|<script|style=|\bon[a-z]+=\"", "with nothing left in it")
            same(int(answer.fields["content-length"]), len(answer.body), "its length is true")
            time.sleep(0.21)  # an address is a question of a stranger's
        for path in ("/r/", "/r/7F3K2Q9M", f"/r/{REF}/", f"/r/{REF}x", "/a/x", "/c/allow", "/c/x",
                     "/%2e%2e/etc/passwd", "/../etc/passwd", "/privacy%00", "//", "/r/%37F3K2Q9M-ABCDE",
                     "/style.css/", "/a/198.51.100.7%20", "/" + "a" * 300):
            answer = site.get(path)
            same(answer.status, 404, f"{path[:40]} is no page")
            like(answer.text, "<h1>", "and said so by one")
        style = site.get("/style.css")
        same((style.status, style.fields["content-type"]), (200, "text/css; charset=utf-8"),
             "the stylesheet")
        ok(len(style.raw) < 30000, "which is small")


@case
def methods():
    """HEAD is GET without its text; what a page does not take is named."""
    with Daemon() as asked, Web(asked.path) as site:
        whole, head = site.get("/privacy"), site.get("/privacy", method="HEAD")
        same(head.body, b"", "HEAD has no text")
        same(head.fields["content-length"], whole.fields["content-length"], "but its length")
        same(site.get("/privacy", method="PUT").fields["allow"], "GET, HEAD", "PUT")
        same(site.get("/remove", method="DELETE").fields["allow"], "GET, HEAD, POST", "DELETE")
        answer = site.get(f"/r/{REF}/pass")
        same((answer.status, answer.fields["allow"]), (405, "POST"), "GET gives no pass")
        same(site.post("/", "q=x").status, 405, "POST to a page that has no form")
        same(site.get("/privacy", version="1.0").status, 200, "HTTP/1.0")
        for text in ("", "GET /\r\n\r\n", "GET / HTTP/2.0\r\n\r\n", "GET http://x/ HTTP/1.1\r\n\r\n",
                     "\x16\x03\x01\r\n\r\n", "GET / HTTP/1.1\r\nA b: c\r\n\r\n",
                     "GET / HTTP/1.1\r\nHost: x\r\n  folded\r\n\r\n"):
            if text:
                same(web.Answer(site.ask(text)).status, 400, f"not HTTP: {text[:20]!r}")
        same(site.get("/").status, 200, "and it goes on")


@case
def fields():
    """What each answer says of itself."""
    with Daemon() as asked, Web(asked.path) as site:
        for path, language in (("/", "en"), ("/none", "en"), (f"/r/{REF}", "en")):
            got = site.get(path).fields
            same({name: got.get(name) for name in (
                "content-security-policy", "x-content-type-options", "referrer-policy",
                "cache-control", "vary", "content-language", "connection", "content-type",
                "transfer-encoding", "set-cookie")},
                 {"content-security-policy": POLICY, "x-content-type-options": "nosniff",
                  "referrer-policy": "no-referrer", "cache-control": "no-store",
                  "vary": "Accept-Language", "content-language": language,
                  "connection": "close", "content-type": "text/html; charset=utf-8",
                  "transfer-encoding": None, "set-cookie": None}, f"fields of {path}")


@case
def first_page():
    """What is typed there leads on."""
    with Daemon() as asked, Web(asked.path) as site:
        for typed, location in ((REF, f"./r/{REF}"), ("+7f3k2q9m-abcde+", f"./r/{REF}"),
                                ("198.51.100.7", "./a/198.51.100.7"),
                                ("2001%3ADB8%3A%3A7", "./a/2001:db8::7")):
            answer = site.get(f"/?q={typed}")
            same((answer.status, answer.fields.get("location")), (303, location), typed)
        for link in (f"https://mx.example/help/r/{REF.lower()}", f"https://mx.example/r/{REF}?l=de",
                     f"https://mx.example/r/{REF}/", f"mx.example/r/{REF}.",
                     f"https://{'mx.' * 33}example/r/{REF}?l=zh-Hans"):
            same(site.get(f"/?q={quote(link, '')}").fields.get("location"), f"./r/{REF}", link)
        same(site.get(f"/?q={REF}&l=en").fields.get("location"), f"./r/{REF}?l=en",
             "the chosen language stays")
        like(site.get("/?q=7F3K2Q9M").text, "last five characters", "a reference without its tag")
        for typed in ("x", "%3Cscript%3E", "a" * 64, "a" * 4000, f"/r/{REF[:-1]}", f"/r/{REF}A"):
            like(site.get(f"/?q={typed}").text, 'role="alert"', f"{typed[:12]} is not understood")
        unlike(site.get("/?q=%22%3E%3Cscript%3E").text, "<script", "and is nothing but text")
        same(site.get("/?q=%zz").status, 200, "nor is what is badly encoded")


@case
def decision():
    """A page for who has sent the message, and for who runs the server."""
    with Daemon() as asked, Web(asked.path) as site:
        text = html.unescape(site.get(f"/r/{REF}").text)
        for word in ("Your message was not delivered", "bob-s.example", "2026-11-28 18:40 UTC",
                     "Infected device", "Spamhaus XBL", "127.0.0.4", "7 / 5",
                     "https://lists.example/remove?ip=198.51.100.7", "The bl list",
                     "not listed now", "postmaster@bob-s.example",
                     f"https://relay.example/r/{REF}", "2026-12-05 10:00 UTC", "alice.example",
                     "Nobody tries again for you", "You sent the message",
                     "You run the mail server"):
            ok(word in text, f"it has: {word}", text)
        same(text.count("this one decided"), 1, "which of the lists mattered")
        like(_handoff(text), "\n\nList: Spamhaus XBL\\.\n\n", "and the text to send on has it")
        same(site.get("/r/7F3K2Q9M-ABCDF").status, 404, "a wrong tag")
        shown = copy.deepcopy(DECISION)
        asked.says["page-decision"] = shown
        shown["lists"].pop()
        unlike(site.get(f"/r/{REF}").text, "this one decided", "of one it is clear")
        shown["lists"][0]["now"] = "clear"
        unlike(site.get(f"/r/{REF}").text, "The cause is gone", "another list is in the way still")
        shown["accepted"] = True
        like(site.get(f"/r/{REF}").text, "send your message again", "not listed any more")
        shown.update(action="defer", reason="network-busy", lists=[], retries_by_itself=True)
        text = site.get(f"/r/{REF}").text
        like(text, "Your message is late", "put off")
        like(text, "tries again by itself", "and what becomes of it")
        like(text, "asked to wait on 2026-11-28 18:40 UTC", "which the text to send on says, too")
        unlike(text, "refused", "for nothing was refused")
        shown.update(action="refuse", reason="spf",
                     spf={"result": "fail", "domain": "alice.example", "mechanism": "-all"})
        text = site.get(f"/r/{REF}").text
        like(text, "not authorised", "SPF")
        like(text, "-all", "and its reasons")
        like(_handoff(text), r"Reason: [^.]*\.\n\nDetails", "no list is told where none decided")
        shown.update(reason="deny", spf=None, note="Bad neighbours")
        like(site.get(f"/r/{REF}").text, "Bad neighbours", "a rule of the site")
        for language in LANGUAGES:
            lines = [len(_handoff(site.get(f"{path}?l={language}").text).split("\n\n"))
                     for path in (f"/r/{REF}", "/c/local", "/c/spf", "/c/dynamic")]
            same(lines, [6, 6, 6, 7], f"{language}: nor where none can have")
        for bad in ({"found": True}, {"found": True, "lists": 7, "pass": [], "score": "x"},
                    {"found": True, "lists": [7, None, {}, []], "action": None}):
            asked.says["page-decision"] = bad
            same(site.get(f"/r/{REF}").status, 200, f"with little to show: {json.dumps(bad)}")


@case
def strangers():
    """What others have written is nothing but text."""
    evil = copy.deepcopy(DECISION)

    def spoil(value, key=""):
        if isinstance(value, dict):
            return {name: spoil(inner, name) for name, inner in value.items()}
        if isinstance(value, list):
            return [spoil(inner, key) for inner in value]
        return XSS if isinstance(value, str) and key not in ("reason", "now", "action") else value

    evil["spf"] = {"result": "x"}
    evil["note"] = "x"
    evil = spoil(evil)
    evil["lists"][1]["removal"] = "javascript:alert(1)"
    with Daemon() as asked, Web(asked.path) as site:
        asked.says.update({
            "page-decision": evil,
            "page-address": {"address": XSS, "lists": evil["lists"],
                             "local": {"reasons": [XSS], "since": XSS, "until": XSS}},
            "page-status": {"page": XSS, "own_list": True}, "page-pass": {"until": XSS},
            "page-criteria": {XSS: XSS, "forms": XSS, "traps": [XSS], "trap_days": {XSS: XSS},
                              "life_hours": [XSS, 7, None, {XSS: XSS}], "contact": XSS}})
        for path in (f"/r/{REF}", "/a/198.51.100.7", "/criteria", "/remove?a=198.51.100.7"):
            answer = site.get(path)
            same(answer.status, 200, path)
            unlike(answer.text, r"<script|\u202e|javascript:", "has no script of theirs")
            like(answer.text, "&lt;script&gt;", "but its text")
        token = _token(site.get(f"/r/{REF}"))
        unlike(site.post(f"/r/{REF}/pass", f"token={token}").text, "<script", "nor has a pass")


@case
def the_own_list():
    """The own list may have any label: its link is the page's own, and is said to be."""
    with Daemon() as asked, Web(asked.path) as site:
        row = {**LIST, "name": "ours", "removal": "https://mx.example/remove?a=198.51.100.7"}
        for own, words in ((True, "Take a server off our list"),
                           (False, "Ask this list for removal")):
            asked.says["page-decision"] = {**DECISION, "lists": [{**row, "own": own}]}
            like(site.get(f"/r/{REF}").text, re.escape(f'href="{row["removal"]}">{words}</a>'), words)


@case
def forms():
    """A pass, a removal, a nomination: each by a page that was seen before."""
    with Daemon() as asked, Web(asked.path) as site:
        asked.says["page-address"] = {"address": "198.51.100.7", "lists": [], "local": {
            "reasons": ["probe"], "since": "2026-11-28T18:40:00Z",
            "until": "2026-12-05T18:40:00Z"}}
        token = _token(site.get(f"/r/{REF}"))
        same(len(token), 32, "the page has a token")
        ok(not any(one["verb"] == "page-pass" for one in asked.requests), "GET changes nothing")
        for form in ("", "token=", "token=" + "0" * 32, f"token={token}&token={token}"):
            same(site.post(f"/r/{REF}/pass", form).status, 403, f"no pass for {form[:12]!r}")
        same(site.post("/r/7F3K2Q9M-ABCDF/pass", f"token={token}").status, 403,
             "nor for another message")
        ok(not any(one["verb"] == "page-pass" for one in asked.requests), "nothing was asked for")
        answer = site.post(f"/r/{REF}/pass", f"token={token}")
        same(answer.status, 200, "a pass")
        like(answer.text, "until 2026-11-29 18:40 UTC", "and until when")
        same(asked.requests[-1], {"verb": "page-pass", "ref": REF}, "is asked for")
        asked.says["page-pass"] = {"granted": False, "why_not": "used"}
        like(site.post(f"/r/{REF}/pass", f"token={token}").text, "not long ago", "used")
        asked.says["page-pass"] = {"granted": False, "why_not": "accepted"}
        like(site.post(f"/r/{REF}/pass", f"token={token}").text, "not needed", "no use")
        asked.says["page-pass"] = {"granted": False, "why_not": "category"}
        like(site.post(f"/r/{REF}/pass", f"token={token}").text, "fixed first", "not possible")

        token = _token(site.get("/remove?a=198.51.100.7"))
        same(site.post("/remove", f"a=198.51.100.8&token={token}").status, 403,
             "a token is for its address")
        like(site.post("/remove", f"a=198.51.100.7&token={token}").text, "off the list", "removed")
        same(asked.requests[-1], {"verb": "page-remove", "address": "198.51.100.7"}, "asked for")
        asked.says["page-remove"] = {"removed": False, "why_not": "again"}
        like(site.post("/remove", f"a=198.51.100.7&token={token}").text, "but later", "or not")
        asked.says["page-remove"] = {"removed": False, "why_not": "none"}
        like(site.post("/remove", f"a=198.51.100.7&token={token}").text, "not on our own", "or not there")
        same(site.post("/remove", f"a=x&token={token}").status, 400, "no address")
        for typed in ("x", "x" * 46, "x" * 4000):
            like(site.get(f"/remove?a={typed}").text, 'role="alert"', f"nor here: {len(typed)}")

        time.sleep(1.1)
        token = _token(site.get("/nominate"))
        answer = site.post("/nominate", f"a=198.51.100.9&e=spam%0d%0aat+10&token={token}")
        like(answer.text, "Thank you", "a nomination")
        same(asked.requests[-1], {"verb": "page-nominate", "address": "198.51.100.9",
                                  "evidence": "spam\nat 10"}, "and what it says")
        for form in (f"a=198.51.100.9&token={token}", f"a=x&e=y&token={token}",
                     f"a=198.51.100.9&e=%ff%fe&token={token}",
                     f"a=198.51.100.9&e=%00&token={token}",
                     f"a=198.51.100.9&e={'x' * 1001}&token={token}"):
            same(site.post("/nominate", form).status, 400, f"not {form[:24]}")
        page = site.post("/nominate", f"a=%3Cx%3E&e=y%0D%0A%3C%C3%A9z&token={token}").text
        like(page, 'value="&lt;x&gt;"', "what was typed is not lost: the address")
        like(page, "required>y\n&lt;éz</textarea>", "nor the words")
        most = int(re.search(r'<textarea[^>]* maxlength="(\d+)"', page).group(1))
        words = "%E6%97%A5" * most  # three bytes each, nine in the form
        site.post("/nominate", f"a=198.51.100.9&e={words}&token={token}")
        same(asked.requests[-1].get("evidence"), "\u65e5" * most,
             "as much as there is room for, in any letters")
        asked.says["page-status"] = {"own_list": False}
        for path in ("/remove", "/nominate", "/criteria"):
            like(site.get(path).text, "no list of our own", f"{path} without an own list")
        with Web(asked.path) as other:
            same(other.post(f"/r/{REF}/pass", f"token={token}").status, 403,
                 "another process has other tokens")


@case
def own_list():
    """Who is on the own list is shown the way off it, and its rules."""
    with Daemon() as asked, Web(asked.path) as site:
        asked.says["page-address"] = {"address": "198.51.100.7", "lists": [], "local": {
            "reasons": ["probe", "helo", "nominated", "dictionary", "other"], "since": None,
            "until": None, "hits": 3}}
        page = site.get("/a/198.51.100.7").text
        like(page, "is on our own list", "it is said that it is on it")
        unlike(page, "should go through|At least one list", "and nothing that does not fit")
        asked.says["page-address"]["lists"] = [LIST]
        like(site.get("/a/198.51.100.7").text, "(?s)At least one list.*is on our own list", "both")
        page = site.get("/a/198.51.100.7?l=fr").text
        way = page.partition('<form method="get" action="../remove">')[2].partition("</form>")[0]
        like(way, 'name="a" value="198.51.100.7"', "the way off it knows the address")
        like(way, 'name="l" value="fr"', "and the language")
        for path in ("/a/198.51.100.7", "/remove", "/nominate"):
            like(site.get(path).text, r'href="\.{1,2}/criteria"', f"{path} leads to the rules")
        like(site.get("/remove?a=198.51.100.7&l=es").text,
             "Usó nuestro nombre, Señalado, Destinatarios adivinados, other",
             "reasons have a name in each language")
        page = site.get("/criteria?l=fr").text
        for rule in ("de 2 façons", "3 sortes", "depuis 3 réseaux", "en 7 jours à 4 adresses",
                     "écrit 5 fois", "10 destinataires", "notre propre nom",
                     "Inscription n° 3 : 168 heures", "Inscription n° 4 : 169 heures",
                     "chaque fois la même durée",
                     "list@relay.example"):
            ok(rule in page, f"the rules have their numbers: {rule}", page)
        unlike(page, "de façon inhabituelle", "a rule that is off is not among them")
        like(page, r'href="\./remove\?l=fr"', "they lead to the way off")
        for language in LANGUAGES:
            page = site.get(f"/criteria?l={language}").text
            same([number for number in ("168", "169") if number not in page], [], language)
            unlike(page, r"%\{|____", "nothing is left open")
        time.sleep(1.1)  # five questions a second are for all readers
        asked.says["page-remove"] = {"removed": False, "why_not": "held",
                                     "until": "2026-11-29T18:40:00Z"}
        token = re.search(r'name="token" value="(\w+)"',
                          site.get("/remove?a=198.51.100.7").text).group(1)
        like(site.post("/remove", f"a=198.51.100.7&token={token}").text,
             "comes off on 2026-11-29 18:40 UTC", "when it comes off, if that is later")


@case
def languages():
    """The reader's language, or the chosen one; each page in each."""
    with Daemon() as asked, Web(asked.path) as site:
        for language in LANGUAGES:
            answer = site.get("/", f"Accept-Language: {language}, en;q=0.5")
            same(answer.fields["content-language"], language, f"{language} is there")
            like(answer.text, f'<html lang="{language}">', "and says so")
            for path in (f"/r/{REF}", "/c/", "/c/dynamic", "/privacy", "/none"):
                chosen = site.get(f"{path}?l={language}", "Accept-Language: xx")
                same(chosen.fields["content-language"], language, f"{path} in {language}")
                unlike(chosen.text, r"%\{", "with nothing left in it")
                like(chosen.text, rf'href="(\./|(\.\./)+)c/\?l={language}"', "and its links stay so")
        page = site.get(f"/r/{REF}?l=fr")
        like(page.text, rf'action="\.\./r/{REF}/pass\?l=fr"', "a form keeps it")
        same(site.post(f"/r/{REF}/pass?l=fr", f"token={_token(page)}").fields["content-language"],
             "fr", "to the end")
        like(site.get("/remove?l=fr").text, 'name="l" value="fr"', "and one of a question")
        same(site.get("/", "Accept-Language: tlh").fields["content-language"], "en",
             "English for all others")
        same(site.get("/?l=%22%3E", "Accept-Language: tlh").status, 200, "no language at all")


@case
def misses():
    """Nobody walks through references: five misses a second, ten a minute of a network."""
    with Daemon() as asked, Web(asked.path, proxy=True) as site:
        def ask(address, ref="7F3K2Q9M-AAAAA"):
            return site.get(f"/r/{ref}", f"X-Forwarded-For: {address}").status

        got = [ask("203.0.113.5") for _ in range(30)]
        ok(got.count(404) <= 11 and 429 in got, f"a reader is held: {got}")
        like(site.get("/r/7F3K2Q9M-AAAAA", "X-Forwarded-For: 203.0.113.5").fields["retry-after"],
             "60", "and told when to come back")
        before = len(asked.requests)
        same(ask("203.0.113.77"), 429, "and so is its /24")
        same(len(asked.requests), before, "without the daemon being asked")
        ok(check.wait_for(lambda: ask("192.0.2.1") == 404, 5), "others are not")
        ok(check.wait_for(lambda: ask("2001:db8::1") == 404, 5), "IPv6 neither")
        time.sleep(1.1)
        same([ask("192.0.2.200", REF) for _ in range(30)], [200] * 30, "what is there is no miss")
        time.sleep(1.1)
        got = [ask(f"198.51.{i}.1") for i in range(40)]
        ok(got.count(404) < 40 and 429 in got, f"all together are held, too: {got}")


@case
def no_proxy():
    """Without a proxy, nobody is believed to be somebody else."""
    with Daemon() as asked, Web(asked.path) as site:
        for i in range(12):
            site.get("/r/7F3K2Q9M-AAAAA", f"X-Forwarded-For: 198.51.{i}.1")
            time.sleep(0.25)
        time.sleep(1.1)
        same(site.get("/r/7F3K2Q9M-AAAAA").status, 404, "only the limit of all counts")


@case
def sizes():
    """8 kB of head, 4 kB of body, and not a byte more."""
    with Daemon() as asked, Web(asked.path) as site:
        start = "GET / HTTP/1.1\r\nA: "
        for length, status in ((8192, 200), (8193, 431), (100000, 431)):
            text = start + "x" * (length - len(start) - 4) + "\r\n\r\n"
            same(web.Answer(site.ask(text)).status, status, f"a head of {length} bytes")
        same(web.Answer(site.ask("GET /" + "a" * 9000)).status, 431, "a line without an end")
        same(site.post("/remove", "a=" + "x" * 4094).status, 400, "a body of 4096")
        same(site.post("/remove", "a=" + "x" * 4095).status, 413, "a body of 4097")
        for length in (60000, 300000, 900000):
            same(site.post("/remove", "a=" + "x" * length).status, 413, f"nor {length}: it is told")
            same(web.Answer(site.ask(start + "x" * length)).status, 431, "as is who sends such a head")
        for field in ("Transfer-Encoding: chunked", "Content-Length: 3"):
            same(site.post("/remove", "a=b", field).status, 400, f"two lengths: {field}")


HALVES = (b"", b"G", b"GET / HTTP/1.1\r\nA: ", b"POST /remove HTTP/1.1\r\nContent-Type: "
          b"application/x-www-form-urlencoded\r\nContent-Length: 9\r\n\r\na")


def _crowd(site, count):
    """So many readers who have sent half a request, or nothing."""
    crowd = []
    for i in range(count):
        try:
            crowd.append(site.connect())
            crowd[-1].sendall(HALVES[i % 4])
        except OSError:
            pass  # sent away already
    return crowd


def _close(crowd):
    for client in crowd:
        client.close()


@case
def crowds():
    """Hundreds who are slow are in nobody's way, behind a proxy and without one, and cost
    little."""
    for proxy in (False, True):
        with Daemon() as asked, Web(asked.path, proxy=proxy) as site:
            where = "behind a proxy" if proxy else "alone"
            crowd = _crowd(site, 500)
            took = []
            for path in ("/", f"/r/{REF}", "/c/dynamic") * 5:
                begin = time.monotonic()
                same(site.get(path).status, 200, f"{where}: {path} is there")
                took.append(time.monotonic() - begin)
                crowd += _crowd(site, 10)
            ok(max(took) < 5, f"at once: {max(took):.3f} s at the longest")
            files = load.descriptors(site.pid)
            ok(files < (220 if proxy else 70), f"so many are kept, and no more: {files} files")
            threads = load.threads(site.pid)
            ok(threads <= 12, f"threads do not grow: {threads}")
            used = load.memory(site.pid)
            ok(used < 12 << 10 or daemon.is_sanitized(web.PROGRAM), f"nor does memory: {used} KiB")
            _close(crowd)


@case
def slow():
    """Ten seconds for a request to come, whatever drips."""
    with Daemon() as asked, Web(asked.path) as site:
        begin = time.monotonic()
        crowd = _crowd(site, 20)
        dripping = crowd[2]
        dripping.settimeout(0.5)
        ends = b""
        while not ends and time.monotonic() - begin < 30:
            try:
                dripping.sendall(b"E")
                ends = dripping.recv(100)
            except TimeoutError:
                continue
            except OSError:
                break
        spent = time.monotonic() - begin
        ok(9 < spent < 25, f"bytes that drip gain no time: {spent:.1f} s")
        like(ends.decode(), "^HTTP/1.1 408 ", "and are told so")
        for client in crowd[:2] + crowd[3:]:
            client.settimeout(20)
            web.receive(client)
        ok(time.monotonic() - begin < 30, "all are gone")
        _close(crowd)

        with site.connect() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
            client.sendall(b"GET /c/ HTTP/1.1\r\n\r\n")
            same(site.get("/").status, 200, "who does not read is in nobody's way")
        for _ in range(50):
            with site.connect() as client:
                client.sendall(b"GET /c/ HTTP/1.1\r\n\r\n")
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        same(site.get("/").status, 200, "nor who is gone")


@case
def daemon_gone():
    """Without the daemon there is a page that says so, at once or soon."""
    asked = Daemon()
    with Web(asked.path) as site:
        asked.stop()
        for path in (f"/r/{REF}", "/a/198.51.100.7", "/remove", "/criteria"):
            answer = site.get(path)
            same(answer.status, 503, f"{path} says that it cannot look")
            like(answer.text, "cannot look right now", "in words")
            like(answer.fields["retry-after"], "60", "and when to come back")
        same(site.get("/c/open-relay").status, 200, "what needs no daemon is there")
        same([site.get(f"/r/{REF}").status for _ in range(20)], [503] * 20, "and is no miss")
        same(len(site.output().split("event=no-answer")) - 1, 1, "one line in the log")
        asked.start()
        same(site.get(f"/r/{REF}").status, 200, "it is back")
        asked.silent = True
        begin = time.monotonic()
        same(site.get(f"/r/{REF}").status, 503, "it is there, but silent")
        check.note(f"after {time.monotonic() - begin:.1f} s")
        begin = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(40) as pool:
            waiting = [pool.submit(site.get, "/criteria") for _ in range(40)]
            same(site.get("/c/dynamic").status, 200, "what needs no daemon does not wait")
            ok(not all(one.done() for one in waiting), "(they do)")
            same({one.result().status for one in waiting}, {503}, "many wait")
        ok(time.monotonic() - begin < 20, f"but not long: {time.monotonic() - begin:.1f} s")
        asked.silent = False
        for raw in (b"", b"x\n", b"{}\n", b'{"end":true,"status":0}\n', b'{"data":7}\n',
                    b'{"data":{}}\n' * 3, b"[" * 70000 + b"\n", b'{"end":true,"status":-9}\n'):
            asked.raw = raw
            same(site.get(f"/r/{REF}").status, 503, f"it says {raw[:24]!r}")
        asked.raw = b'{"format":1,"error":"come again"}\n{"end":true,"status":75}\n'
        answer = site.get(f"/r/{REF}")
        same((answer.status, answer.fields["retry-after"]), (429, "60"), "it is asked too often")
        asked.stop()


@case
def texts():
    """A translation that is not whole is refused at the start, and by -t."""
    def start(change):
        folder = os.path.join(server.new_dir("texts"), "texts")
        shutil.copytree(web.TEXTS, folder)
        change(folder)
        return run(folder)

    def run(folder):
        done = subprocess.run([web.PROGRAM, "-t", "--texts", folder], check=False, timeout=20,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return done.returncode, done.stdout

    def edit(name, old, new):
        def change(folder):
            path = os.path.join(folder, name)
            with open(path, encoding="utf-8") as file:
                text = file.read()
            same(re.search(old, text, re.M) is not None, True, f"{name} has {old}")
            server.write(path, re.sub(old, new, text, count=1, flags=re.M))
        return change

    def swap(folder):
        one, two = (os.path.join(folder, "en", f"{name}.txt") for name in ("exploited", "dynamic"))
        os.rename(one, one + "x")
        os.rename(two, one)
        os.rename(one + "x", two)

    def swap_all_but_the_name(folder):
        swap(folder)
        edit("en/exploited.txt", "^topic: dynamic", "topic: exploited")(folder)
        edit("en/dynamic.txt", "^topic: exploited", "topic: dynamic")(folder)

    code, said = start(lambda folder: None)
    same(code, 0, "the texts are good")
    for label, change, word in (
            ("a key is missing", edit("en/page.txt", "^back: .*\n", ""), "back is missing"),
            ("a key is empty", edit("en/page.txt", "^back: .*", "back:"), "back is missing"),
            ("a key is unknown", edit("en/page.txt", "^back:", "bck:"), "no such key"),
            ("a key is there twice", edit("en/page.txt", "^back:", "site: x\nback:"), "twice"),
            ("a blank is unknown", edit("en/page.txt", r"%\{contact\}", "%{contacts}"), "blanks"),
            ("two files are swapped", swap, "it is about"),
            ("and their names changed", swap_all_but_the_name, "title does not name"),
            ("a file is missing",
             lambda folder: os.remove(os.path.join(folder, "en", "spf.txt")), "spf.txt"),
            ("there is no English", lambda folder: shutil.rmtree(os.path.join(folder, "en")),
             "no folder en"),
            ("there is no stylesheet",
             lambda folder: os.remove(os.path.join(folder, "style.css")), "style.css")):
        code, said = start(change)
        same(code, 78, label)
        like(said, word, "which is said")


PATHS = [b"/", b"/r/", b"/a/", b"/c/", b"/remove", b"/nominate", b"/criteria", REF.encode(), b"/pass",
         b"198.51.100.7", b"2001:db8::7", b"open-relay", b"%00", b"%zz", b"%2e%2e", b"..", b"<script>",
         b"\xff\xfe", b"\0", b"a" * 80, b"?q=", b"?l=", b"&l=zh-Hans", b"&a=::1", b"?a=198.51.100.7"]
FIELDS = [b"Host: x", b"Content-Length: 20", b"Content-Length: 0", b"Content-Length: -1",
          b"A:" + b"b" * 3000, b"Content-Type: application/x-www-form-urlencoded",
          b"Transfer-Encoding: chunked", b"Accept-Language: de;q=0.5,*;q=1,,;q=", b" folded",
          b"X-Forwarded-For: 198.51.100.7", b"X-Forwarded-For: <script>", b"Accept-Language: \xff,ja"]
BODIES = [b"", b"a=198.51.100.7&token=" + b"0" * 32, b"&e=%41%0d", b"=&=&&", b"\xff" * 20, b"a=%" * 2000]


def _request(chance):
    """One at random, mostly well-formed."""
    fields = chance.choices(FIELDS, k=chance.randrange(0, 4))
    if chance.random() < 0.4:
        fields += FIELDS[5:6] + FIELDS[1:2]
    text = b"\r\n".join([
        chance.choice([b"GET", b"GET", b"POST", b"POST", b"HEAD", b"PUT", b"x"]) + b" " +
        b"".join(chance.choices(PATHS[:7], k=1) + chance.choices(PATHS, k=chance.randrange(0, 4))) +
        b" HTTP/1.1", *fields, b"", chance.choice(BODIES)])
    if chance.random() < 0.1:
        at = chance.randrange(len(text))
        text = text[:at] + chance.randbytes(2) + text[at + 1:]
    return text


@case
def hostile():
    """Requests made of pieces at random: each has an answer or none, and it goes on."""
    count = int(os.environ.get("RELAYGUARD_HOSTILE", "2000"))
    chance = random.Random(14)
    seen = collections.Counter()
    with Daemon() as asked, Web(asked.path, proxy=True) as site:
        for _ in range(count):
            with site.connect() as client:
                try:
                    client.sendall(_request(chance))
                    client.shutdown(socket.SHUT_WR)
                except OSError:
                    pass
                seen[web.Answer(web.receive(client)).status] += 1
        check.note(dict(seen))
        ok(not set(seen) - {0, 200, 303, 400, 403, 404, 405, 408, 413, 429, 431, 503},
           f"{count} requests of strangers")
        same(site.get("/").status, 200, "and it goes on")


def _without_threads(control):
    """Started by a user who may have no thread: the exit status, and whether it was said."""
    folder = server.new_dir("threads")
    os.chmod(folder, 0o755)
    shutil.copytree(web.TEXTS, os.path.join(folder, "texts"))
    program = shutil.copy(web.PROGRAM, folder)

    def nobody():
        resource.setrlimit(resource.RLIMIT_NPROC, (1, 1))
        os.setgroups([])
        os.setgid(54321)
        os.setuid(54321)

    done = subprocess.run([program, "--listen", f"127.0.0.1:{server.free_port()}", "--control",
                           control, "--texts", os.path.join(folder, "texts")],
                          check=False, timeout=20, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, preexec_fn=nobody,
                          env=daemon.sanitizer_environment())
    return done.returncode, "event=cannot-start what=threads" in done.stdout


@case
def life():
    """It begins and ends as a service does."""
    with Daemon() as asked:
        same(_without_threads(asked.path), (71, True), "without threads it ends, and says why")
        site = Web(asked.path, proxy=True)
        ok(os.path.exists(site.path), "a socket of its own")
        like(site.output(), r"(?m)^relayguard-web\[\d+\]: event=sandbox no-new-privs=yes", "in a sandbox")
        with site.connect() as client:
            site.send(signal.SIGTERM)
            same(site.wait(), 0, "it ends at once, whoever is there")
            client.close()
        ok(not os.path.exists(site.path), "and takes its socket away")
        site.stop()


check.run()
