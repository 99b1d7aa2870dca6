#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""relayguard-web with relayguard itself: refused by a real Postfix, told at the page, let
through by its button, and accepted."""
import os
import re
import subprocess
import time

from lib import check, pages, postfix, scene, smtp, web
from lib.check import case, like, ok, same, unlike

web.skip_without()

RELAYGUARDCTL = os.path.join(os.path.dirname(os.environ["RELAYGUARD"]), "relayguardctl")
PASS = 'policy "pass.example" { lists = { "bl" } refuse = 3 pass = yes }\n'
DENY = 'deny { networks = { "192.0.2.0/24" } }\n'


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
        token = re.search(r'name="token" value="(\w+)"', page.text).group(1)
        like(site.post(f"/r/{link}/pass", f"token={token}").text, "let through until",
             "a pass is taken")
        same(smtp.try_rcpt(mta.port, scene.RELAY, "bob@pass.example").code, 250,
             "the mail is accepted")
        like(site.get(f"/r/{link}").text, "Send your message again now", "the page says so")
        for other in (link[:-1] + ("0" if link[-1] != "0" else "1"), "ZZZZZZZZ-ZZZZZ"):
            same(site.get(f"/r/{other}").status, 404, "another tag is none")

        link = pages.refused(mta, "192.0.2.9", "bob@pass.example")
        page = site.get(f"/r/{link}").text
        like(page, "Rule of this site|decided not to take mail", "deny")
        unlike(page, 'name="token"', "has no pass")
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


check.run()
