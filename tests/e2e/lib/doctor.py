# SPDX-License-Identifier: BSD-2-Clause
"""relayguardctl doctor: what it finds."""
import json
import os
import re
import shutil
import subprocess

from . import check, daemon

# Beside the daemon, where it looks for it, and where other users can run it.
PROGRAM = shutil.copy(os.path.join(os.path.dirname(os.environ["RELAYGUARD"]), "relayguardctl"),
                      os.path.dirname(daemon.PROGRAM))
NOWHERE = "/nonexistent"


class Findings:
    """What came of a run: code, and findings, each with check, level, seen and do."""

    def __init__(self, done):
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        self.code, self.said = done.returncode, done.stderr
        self.findings = [line["data"] for line in lines[:-1]]
        self.end = lines[-1] if lines else None
        self.text = done.stdout + done.stderr

    def of(self, theme):
        """The findings of checks whose names begin so."""
        return [each for each in self.findings if each["check"].startswith(theme)]

    def bad(self, theme=""):
        """Those of them that are not ok."""
        return [each for each in self.of(theme) if each["level"] != "ok"]


class Report(Findings):
    """A run of doctor.

    only: the theme that is looked at; postfix, sendmail: the folders of their configurations; by default there is none.
    """

    def __init__(self, conf, *words, only=None, postfix=NOWHERE, sendmail=NOWHERE, prefix=(), env=None):
        done = subprocess.run(
            [*prefix, PROGRAM, "-j", "doctor", "--lists", daemon.LISTS, "--postfix", postfix,
             "--sendmail", sendmail, *(["--only", only] if only else []), *words, conf], check=False, timeout=120, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env)
        super().__init__(done)


def judge(report, theme, wanted, label):
    """Whether what is not ok in a theme is exactly what is wanted: (check, level, pattern)
    each, the pattern to be found in what was seen and what to do; and all else was ok."""
    found = report.bad(theme)
    named = sorted((each["check"], each["level"]) for each in found)
    check.same(named, sorted((name, level) for name, level, _ in wanted),
               f"{label}: that is found, and nothing else")
    for name, level, pattern in wanted:
        check.ok(any(re.search(pattern, f"{each['seen']} -> {each['do']}") for each in found
                     if (each["check"], each["level"]) == (name, level)),
                 f"{label}: {name} says so", f"pattern: {pattern}\nin: {found}")
    if not wanted:
        check.ok(report.of(theme), f"{label}: something was looked at", report.text)
