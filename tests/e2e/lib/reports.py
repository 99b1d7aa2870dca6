# SPDX-License-Identifier: BSD-2-Clause
"""relayguardctl report, a browser that shows its page, and stores made by hand."""
import json
import os
import sqlite3
import subprocess
import time

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


def make_store(days):
    """A store by hand: of each day (from today backwards) counts and rows."""
    folder = server.new_dir("store")
    for back, (counts, rows) in enumerate(days):
        now = int(time.time()) // 86400 * 86400 - back * 86400
        day = time.strftime("%Y%m%d", time.gmtime(now))
        db = sqlite3.connect(f"{folder}/decisions-{day}.db")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE decisions (time INTEGER NOT NULL, ref INTEGER NOT NULL,"
                   " line TEXT NOT NULL, policy TEXT, conf TEXT)")
        if counts is not None:
            db.execute("CREATE TABLE hours (hour INTEGER NOT NULL, kind TEXT NOT NULL, name TEXT"
                       " NOT NULL, what TEXT NOT NULL, n INTEGER NOT NULL,"
                       " PRIMARY KEY (hour, kind, name, what)) WITHOUT ROWID")
            db.executemany(f"INSERT INTO hours VALUES ({now}, ?, ?, ?, ?)", counts)
        db.executemany(f"INSERT INTO decisions VALUES ({now} + ?, 1, ?, 'default', 'c0ffee')", rows)
        db.commit()
        db.close()
    return folder
