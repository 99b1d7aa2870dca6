#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""What readers who do not see have of the page: axe-core finds nothing that would be in their
way, and lynx shows what Chromium shows.

RELAYGUARD_AXE is axe-core's axe.min.js.
"""
import json
import os
import re
import shutil
import subprocess
import time

from lib import browser, check, server, web
from lib.check import case, ok, same
from lib.web import REF, Daemon, Web

web.skip_without()
if browser.why_not():
    check.skip_all(browser.why_not())

AXE = os.environ.get("RELAYGUARD_AXE")
LYNX = shutil.which("lynx")
HOST = "page.example"
LOCAL = {"reasons": ["probe", "helo"], "since": "2026-11-28T18:40:00Z",
         "until": "2026-12-05T18:40:00Z"}
READ = (f"r/{REF}", f"r/{REF}?l=de", f"r/{REF}?l=ja", f"r/{REF}?l=ru", f"r/{REF}?l=zh-Hans",
        "a/198.51.100.7", "c/", "c/dynamic", "c/local?l=fr", "criteria", "criteria?l=es", "privacy",
        "privacy?l=pt", "r/7F3K2Q9M-AAAAA")
FORMS = ("", "?q=x", "remove?a=198.51.100.7", "remove?a=x", "nominate")
CALL = ("axe.run(document, {resultTypes: ['violations']}).then(found => JSON.stringify("
        "found.violations.map(one => [one.id, one.impact, one.nodes[0].html])))")


def _axe():
    """The tool."""
    with open(AXE, encoding="utf-8") as file:
        return file.read()


@case
def nothing_is_in_the_way():
    """axe-core complains of no page, light or dark."""
    if not AXE:
        check.skip("axe-core", "RELAYGUARD_AXE is not set")
        return
    tool = _axe()
    with Daemon() as asked, Web(asked.path) as site, \
            browser.Browser({HOST: f"127.0.0.1:{site.port}"}, scripts=True) as chromium:
        asked.says["page-address"] = {"address": "198.51.100.7", "lists": [web.LIST],
                                      "local": LOCAL}
        for path in READ + FORMS:
            chromium.look(1000, dark="l=" in path or path == "?q=x")
            chromium.open(f"http://{HOST}/{path}")
            same(json.loads(chromium.run(tool, CALL)), [], f"/{path}")
            time.sleep(0.2)  # an address is a question of a stranger's


@case
def the_tool_sees():
    """What is bad is found, in a page that has it."""
    if not AXE:
        check.skip("axe-core", "RELAYGUARD_AXE is not set")
        return
    folder = server.new_dir("bad")
    server.write(os.path.join(folder, "bad.html"),
                 "<!DOCTYPE html><title>x</title><img src=x><p style='color: #ccc'>pale</p><input>")
    with browser.Browser({}, scripts=True) as chromium:
        chromium.open(f"file://{folder}/bad.html")
        found = {one[0] for one in json.loads(chromium.run(_axe(), CALL))}
        ok({"html-has-lang", "image-alt", "color-contrast", "label"} <= found, "all of it", str(found))


def _words(text):
    return [word for word in re.findall(r"\w+", text) if word != "BUTTON"]


@case
def without_style():
    """lynx has the same words in the same order as Chromium."""
    if not LYNX:
        check.skip("lynx", "no lynx")
        return
    with Daemon() as asked, Web(asked.path) as site, \
            browser.Browser({HOST: f"127.0.0.1:{site.port}"}) as chromium:
        chromium.look(1000)
        for path in READ:
            chromium.open(f"http://{HOST}/{path}")
            time.sleep(0.2)
            dump = subprocess.run(
                [LYNX, "-dump", "-nolist", "-width=1000", "-assume_charset=utf-8",
                 "-display_charset=utf-8", f"http://127.0.0.1:{site.port}/{path}"],
                check=False, timeout=60, stdout=subprocess.PIPE).stdout.decode("utf-8")
            seen = _words(chromium.text())
            ok(len(seen) > 20, f"/{path} has words")
            same(_words(dump), seen, "and lynx has the same")
            time.sleep(0.2)


check.run()
