# SPDX-License-Identifier: BSD-2-Clause
"""relayguardctl report, and a browser that shows its page."""
import json
import os
import subprocess

from . import server
from .check import ok, same

RELAYGUARDCTL = os.path.join(os.path.dirname(os.environ["RELAYGUARD"]), "relayguardctl")


def report(*words, text=None):
    """What it returns and prints."""
    done = subprocess.run([RELAYGUARDCTL, *words], check=False, timeout=60, input=text,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          stdin=subprocess.DEVNULL if text is None else None)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def figures(*words, text=None):
    """The data of its JSON: {(kind, name): figures}, and the last line."""
    code, out, said = report("-j", "report", *words, text=text)
    same((code, said), (0, ""), "it is done, with no word")
    lines = [json.loads(line) for line in out.splitlines()]
    ok(all(line["format"] == 1 and line["verb"] == "report" for line in lines[:-1]),
       "all lines are of that format")
    same(lines[-1], {"end": True, "status": 0}, "the last line")
    found = {}
    for data in (line["data"] for line in lines[:-1]):
        found[data["kind"], data.get("label", data.get("name", ""))] = data
    return found


def browse(*words):
    """What a browser without a window makes of a page."""
    folder = server.new_dir("browser")
    return subprocess.run(["chromium", "--headless", "--no-sandbox", "--disable-gpu",
                           f"--user-data-dir={folder}", "--hide-scrollbars",
                           "--window-size=1280,1600", *words], check=False, timeout=60,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL).stdout.decode()
