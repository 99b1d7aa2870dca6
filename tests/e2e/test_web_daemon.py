#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""relayguard-web with relayguard itself: refused by a real Postfix, told at the page, let
through by its button, and accepted; taken off the own list there, and back on it."""
import datetime
import json
import os
import re
import subprocess
import time

from lib import check, pages, postfix, scene, server, smtp, web
from lib.check import case, like, ok, same, unlike

web.skip_without()

RELAYGUARDCTL = os.path.join(os.path.dirname(os.environ["RELAYGUARD"]), "relayguardctl")
PASS = 'policy "pass.example" { lists = { "bl" } refuse = 3 pass = yes }\n'
OWN = ('own { contact = "list@mx.example"  dictionary = 12 }\n'
       'list "local" { mode = "enforce" }\n'
       'policy "own.example" { lists = { "local" } refuse = 5 pass = yes }\n')
CLIENT, OTHER = "198.51.100.77", "203.0.113.77"
DENY = ('deny { networks = { "192.0.2.0/24" }\n'
        '    removal = "https://mx.example/why?ip=%{ip}" }\n')


@case
def the_way():
    """The link of the refusal, the page under it, the pass, and the mail."""
    here = pages.Settings()
    with scene.listed(here.text + PASS + DENY) as guard, \
            postfix.Postfix(guard.postfix, domains=postfix.DOMAINS + " pass.example") as mta, \
            web.Web(here.socket) as site:
        link = pages.refused(mta, scene.RELAY, "bob@pass.example")
        page = site.get(f"/r/{link}")
        same(page.status, 200, "the page is there")
        for word in ("pass.example", "Open relay", scene.RELAY, "127.0.0.2",
                     f"https://bl.example/remove?ip={scene.RELAY}", f"{pages.PAGE}/r/{link}"):
            ok(word in page.text, f"it has: {word}", page.text)
        unlike(page.text, "bob|client\\.example", "no local part, no name of the client")
        like(site.get(f"/r/{link}?l=ja").text, 'lang="ja"', "in another language, too")
        with smtp.Client(mta.port) as session:
            session.become(scene.RELAY)
            session.mail()
            same(session.rcpt("bob@pass.example").code, 550, "looking changes nothing")
            session.quit()
        like(page.text, "ten messages .* to five people at pass\\.example", "what a pass is good for")
        token = re.search(r'name="token" value="(\w+)"', page.text).group(1)
        taken = site.post(f"/r/{link}/pass", f"token={token}").text
        like(taken, "let through until", "a pass is taken")
        like(taken, "sixth person comes back", "with what becomes of a sixth recipient")
        like(taken, rf'href="(\.\./)+r/{link}">Back to your message', "and a way back")
        same([smtp.try_rcpt(mta.port, scene.RELAY, f"{name}@pass.example").code
              for name in ("bob", "r2", "r3", "r4", "r5", "r6", "bob")],
             [250] * 5 + [550, 250], "mail to five people is accepted, and no more")
        like(site.get(f"/r/{link}").text, "Send your message again now", "the page says so")
        for other in (link[:-1] + ("0" if link[-1] != "0" else "1"), "ZZZZZZZZ-ZZZZZ"):
            same(site.get(f"/r/{other}").status, 404, "another tag is none")

        link = pages.refused(mta, "192.0.2.9", "bob@pass.example")
        page = site.get(f"/r/{link}").text
        like(page, "Rule of this site|decided not to take mail", "deny")
        unlike(page, 'name="token"', "has no pass")
        like(page, 'href="https://mx.example/why\\?ip=192.0.2.9">Ask us', "but a way to ask")
        time.sleep(1.1)
        like(site.get(f"/a/{scene.PROXY}").text, "Open proxy", "an address")
        like(site.get(f"/a/{scene.GOOD}").text, "No list that we ask", "one that is on none")
        like(site.get("/remove").text, "no list of our own", "without an own list")


@case
def the_list_lets_go():
    """What is listed no more: send again."""
    here = pages.Settings()
    with scene.mail(here.text) as (guard, mta), web.Web(here.socket) as site:
        link = pages.refused(mta, scene.RELAY, "bob@strict.example")
        guard.list.change("bl.example", "ip4set", "127.0.0.2 :127.0.0.2:\n")
        subprocess.run([RELAYGUARDCTL, "-s", here.control, "cache", "flush", scene.RELAY],
                       check=False, stdout=subprocess.DEVNULL)
        ok(check.wait_for(lambda: "The cause is gone" in site.get(f"/r/{link}").text, 20),
           "the page says so")
        guard.stop()
        same(site.get(f"/r/{link}").status, 503, "the daemon is gone, and the page says so")


@case
def the_store_is_gone():
    """Its folder is not there for a while: nobody is told that the reference is wrong."""
    here = pages.Settings()
    with scene.mail(here.text) as (_, mta), web.Web(here.socket) as site:
        link = pages.refused(mta, scene.RELAY, "bob@strict.example")
        same(site.get(f"/r/{link}").status, 200, "it is in the store")
        away = here.store + ".away"
        os.rename(here.store, away)
        answer = site.get(f"/r/{link}")
        same((answer.status, answer.fields.get("retry-after")), (503, "60"), "the store is gone")
        like(answer.text, "cannot look right now", "which the page says")
        os.rename(away, here.store)
        same(site.get(f"/r/{link}").status, 200, "it is back")


def _ctl(here, *words):
    """Exit code and output of relayguardctl."""
    done = subprocess.run([RELAYGUARDCTL, "-s", here.control, *words], check=False, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


def _audit(here):
    """What people have asked for, the last first: who, about whom, what."""
    lines = [json.loads(line).get("data") for line in _ctl(here, "-j", "requests")[1].splitlines()]
    return [(line["by"], line["client"], line["deed"]) for line in lines if line]


def _list(here, client):
    """Two operators nominate a client, with evidence."""
    seen = server.write(os.path.join(here.folder, "seen"), "Received: from spam.example\n")
    until = (datetime.date.today() + datetime.timedelta(days=3)).isoformat()
    for by in ("joe", "ann"):
        code, said = _ctl(here, "nominate", client, "--reason", "spam", "--until", until,
                          "--by", by, "--evidence", seen)
    ok(code == 0, f"{client} is on the own list", said)


def _post(site, path, client, more=""):
    """Send the form of a page as a browser does: with its token, after a look."""
    time.sleep(1.1)
    query = f"?a={client}" if path == "/remove" else ""
    token = re.search(r'name="token" value="(\w+)"', site.get(path + query).text)
    if token is None:
        return None
    return site.post(path, f"a={client}{more}&token={token.group(1)}")


@case
def the_own_list():
    """Refused by the own list, taken off it at the page, accepted; who did what can be told."""
    here = pages.Settings()
    with scene.listed(here.text + OWN) as guard, \
            postfix.Postfix(guard.postfix, domains="own.example") as mta, \
            web.Web(here.socket) as site:
        unlike(guard.output(), "no way off", "there is a way off the list: the page's")
        same(smtp.try_rcpt(mta.port, CLIENT, "bob@own.example").code, 250, "nobody is listed")
        _list(here, CLIENT)
        page = site.get(f"/r/{pages.refused(mta, CLIENT, 'bob@own.example')}").text
        unlike(page, "%{|____|bob|joe|ann", "its page names nobody")
        like(page, rf'href="{pages.PAGE}/remove\?a={CLIENT}">Take a server off our list',
             "and leads to the way off")
        page = site.get(f"/a/{CLIENT}?l=de").text
        like(page, "Gemeldet", "for what, in the reader's language")
        unlike(page, "Mindestens eine Liste|>this server<", "and by no list but that one")
        page = site.get("/criteria?l=de").text
        for rule in ("12 Empfänger", "Beim 1. Mal: 24 Stunden", "list@mx.example"):
            ok(rule in page, f"the rules have the numbers of the configuration: {rule}", page)
        site.get(f"/remove?a={CLIENT}")
        same(smtp.try_rcpt(mta.port, CLIENT, "bob@own.example").code, 550,
             "to look at the way off takes nobody off")
        same(site.post("/remove", f"a={CLIENT}&token=x").status, 403, "nor does a foreign form")
        like(_post(site, "/remove", CLIENT).text, "is off our own list", "the button does")
        same(smtp.try_rcpt(mta.port, CLIENT, "bob@own.example").code, 250, "it is accepted at once")
        same(_audit(here)[0], ("page", CLIENT, "removed"), "relayguardctl requests tells it")
        told = _ctl(here, "-j", "local", CLIENT)[1]
        for word in ('"page"', '"joe"', '"ann"', '"removed"', '"nominated"'):
            ok(word in told, f"relayguardctl local has the trail: {word}", told)
        like("".join(guard.events("own-removed")), f"client={CLIENT} by=page", "as has the log")
        ok(_post(site, "/remove", CLIENT) is None, "there is nothing more to take off")

        for number in range(2):
            _list(here, CLIENT)
            answer = _post(site, "/remove", CLIENT).text
            if number == 0:
                like(answer, "is off our own list", "a second time")
        tomorrow = (datetime.datetime.now(datetime.timezone.utc)
                    + datetime.timedelta(days=1)).date().isoformat()
        like(answer, f"comes off on {tomorrow}", "the third time in a week it takes a day")
        same(smtp.try_rcpt(mta.port, CLIENT, "bob@own.example").code, 550, "it is listed till then")
        same(_audit(here)[0], ("page", CLIENT, "held"), "which the trail tells")


@case
def a_nomination():
    """What a stranger reports is noted with the words, and lists nobody."""
    here = pages.Settings()
    with scene.listed(here.text + OWN) as guard, \
            postfix.Postfix(guard.postfix, domains="own.example") as mta, \
            web.Web(here.socket) as site:
        for number in range(3):
            like(_post(site, "/nominate", OTHER, f"&e=spam+{number}+%3Cb%3E+by+%c3%a9tienne").text,
                 "Thank you", "noted")
        same(smtp.try_rcpt(mta.port, OTHER, "bob@own.example").code, 250, "nobody is listed for it")
        same(_audit(here), [("page", OTHER, "nominated")] * 3, "but it can be told")
        line = json.loads(_ctl(here, "-j", "requests")[1].splitlines()[0])["data"]
        same(line["why"], "spam 2 <b> by étienne", "in the words that were used")
        like(_ctl(here, "requests")[1], "why: spam 2 <b> by", "and read")
        same(_post(site, "/nominate", "127.0.0.1", "&e=x").status, 200, "whoever is named")
        same(_post(site, "/nominate", OTHER, "&e=").status, 400, "nothing to say is nothing")


check.run()
