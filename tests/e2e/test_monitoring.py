#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Alerts and dashboard: promtool tests the rules, and both name only what there is."""
import json
import os
import re
import shutil
import subprocess

from lib import check, exposition
from lib.check import case, ok, same

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "contrib",
                      "monitoring")
RULES, TESTS = "relayguard.rules.yml", "relayguard.rules_test.yml"


def _read(name):
    with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
        return file.read()


def _unknown(text):
    """The metrics in a text that the manual has not."""
    table = exposition.documented()
    known = set(table)
    for name, (kind, _) in table.items():
        if kind == "histogram":
            known |= {name + "_bucket", name + "_sum", name + "_count"}
    return sorted(set(re.findall(r"\b(?:relayguard|process)_[a-z_]+", text)) - known)


@case
def rules():
    """Each alert has a test in which it fires, and one in which it does not."""
    same(_unknown("\n".join(line for line in _read(RULES).splitlines()
                            if not line.startswith("#"))), [], "only metrics that there are")
    for name in re.findall(r"- alert: (\w+)", _read(RULES)):
        expected = re.findall(rf"alertname: {name}\n +exp_alerts:(.*)", _read(TESTS))
        same(sorted(word.strip() for word in expected), ["", "[]"], f"{name}: fires, and not")
    if shutil.which("promtool") is None:
        check.skip("promtool tests the rules", "promtool is not installed")
        return
    for words in (["check", "rules", RULES], ["test", "rules", TESTS]):
        done = subprocess.run(["promtool", *words], cwd=FOLDER, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        ok(done.returncode == 0, f"promtool {' '.join(words)}", done.stdout.decode())


def _objects(value):
    """All objects in a JSON value."""
    if isinstance(value, dict):
        yield value
    for item in value.values() if isinstance(value, dict) else \
            value if isinstance(value, list) else ():
        yield from _objects(item)


@case
def dashboard():
    """Grafana's dashboard is for any data source, and names what there is."""
    board = json.loads(_read("relayguard.dashboard.json"))
    same((board["id"], board["uid"]), (None, "relayguard"), "id and uid")
    same(_unknown(_read("relayguard.dashboard.json")), [], "only metrics that there are")
    sources = [item["datasource"] for item in _objects(board) if "datasource" in item]
    same([source for source in sources if source["uid"] != "${datasource}"], [],
         "the data source is a variable")
    same([item["name"] for item in board["templating"]["list"]],
         ["datasource", "job", "instance"], "there are the usual variables")
    queries = [item["expr"] for item in _objects(board) if "expr" in item]
    same([text for text in queries
          if re.search(r"\b(?:rate|increase)\((?:(?!\[\$__rate_interval\]).)*?\[(?!\$__rate)", text)],
         [], "rates are of Grafana's interval")
    same([text for text in queries if text.count("{job=~") != len(re.findall(
        r"\b(?:relayguard|process)_", text))], [], "each metric is of job and instance")
    ids = [panel["id"] for panel in board["panels"]]
    same(len(set(ids)), len(ids), "panels have ids of their own")
    same([panel["title"] for panel in board["panels"] if not panel["title"] or
          not panel["fieldConfig"]["defaults"].get("unit")], [], "a title and a unit each")


check.run()
