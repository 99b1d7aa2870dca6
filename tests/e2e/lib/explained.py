# SPDX-License-Identifier: BSD-2-Clause
"""relayguardctl explain, beside a session: what it says, what happens, and where that is
written."""
import collections
import json
import os
import re
import subprocess

from . import milter

RELAYGUARDCTL = os.path.join(os.path.dirname(os.environ["RELAYGUARD"]), "relayguardctl")
NAME = "client.example"  # what DNS calls a client that has no other name

# What explain and the log say of a decision; score and what was not heard only where
# something was weighed.
Decision = collections.namedtuple(
    "Decision", "verdict meant reason policy code lines score unheard suspended")


def ask(socket, *words):
    """What relayguardctl returns and prints."""
    done = subprocess.run([RELAYGUARDCTL, "-s", socket, *words], check=False, timeout=30,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def data(socket, *words):
    """The data of each line of its answer."""
    lines = [json.loads(line) for line in ask(socket, "-j", *words)[1].splitlines()]
    return [line["data"] for line in lines if "data" in line]


def steps_of(socket, client, helo, sender, recipient, name=NAME):
    """The steps of explain for a session."""
    return data(socket, "explain", client, "--name", name, "--helo", helo, "--from", sender,
                "--to", recipient)


def _labels(steps, wanted):
    return sorted({step["label"] for step in steps
                   if step["step"] == "list" and not step["shadow"] and wanted(step)})


def explained(steps):
    """What explain says."""
    step = {step["step"]: step for step in steps}
    verdict, reply = step["verdict"], step.get("reply", {"code": "", "lines": []})
    weighed = verdict["reason"] in ("lists", "spf")
    return Decision(
        verdict["action"], verdict["meant"], verdict["reason"], step["policy"]["name"],
        reply["code"], len(reply["lines"]),
        f'{verdict["score"]}/{verdict["threshold"]}' if weighed else None,
        _labels(steps, lambda one: one["answer"] in ("unknown", "error")
                and one["awaited"] and not one["suspended"]) if weighed else [],
        _labels(steps, lambda one: one["suspended"]) if weighed else [])


def _named(line, key):
    """The lists that a line of the log names; one of names has what it was asked about."""
    return sorted({name.split(":")[0] for name in line.get(key, "").split(",") if name})


def decided(guard, client, helo, sender, recipient, name=NAME):
    """The same of a session that takes place."""
    def session():
        with milter.Client(guard.where) as mta:
            mta.negotiate()
            mta.connect(client, name=name.encode())
            mta.helo(helo.encode())
            mta.mail(f"<{sender}>".encode())
            reply = mta.rcpt(f"<{recipient}>".encode())
            mta.quit()
            return reply

    reply, line = guard.decided(session)
    lines = reply[1].rstrip(b"\0").split(b"\r\n") if reply[0] == "y" else []
    return Decision(
        line.get("verdict"), line.get("meant", line.get("verdict")), line.get("reason"),
        line.get("policy"), lines[0][:3].decode() if lines else "", len(lines),
        line.get("score"), _named(line, "unknown"), _named(line, "suspended"))


# What must stand in the line that a step names, by key.

def _network(step):
    return re.escape(re.sub(r"/(32|128)$", "", step["entry"])) + r'([\s"/]|$)'


def _value(step):
    return rf'\b{step["word"]} *= *"?{step["value"]}\b'


def _reason(step):
    """What the verdict rests on; its own step says whether it is the right one."""
    return {"exempt": r'"\w+"', "allow": r"\d", "deny": r"\d", "host": "hosts",
            "sender": "senders", "spf": r"\bspf_\w+ *="}.get(
                step["reason"], rf'\b(tag|defer|quarantine|refuse|drop) *= *{step["threshold"]}\b')


KINDS = {
    ("local", "at"): lambda step: _network(step) if step["set"] in ("allow", "deny")
    else rf'"{re.escape(step["entry"])}"',
    ("policy", "at"): lambda step: rf'^policy "{re.escape(step["name"])}"',
    ("policy", "entry_at"): lambda step: rf'(^|"){re.escape(step["entry"])}("|\s|$)',
    ("policy", "exempt_at"): lambda step: r'"(postmaster|abuse)"',
    ("list", "at"): lambda step: rf'^ *list "{step["label"]}"',
    ("list", "score_at"): lambda step: r"\bscore *= *"
    + (str(step["score"] // step["weight"]) if step["weight"] else ""),
    ("list", "weight_at"): lambda step: rf'"{step["label"]}'
    + (rf'\*{step["weight"]}"' if step["weight"] > 1 else '"'),
    ("rule", "at"): _value,
    ("spf", "at"): lambda step: rf'\bspf_{step["result"]} *=',
    ("verdict", "at"): _reason,
    ("reply", "at"): lambda step: "Own words|spam",
    ("reply", "code_at"): lambda step: rf'_code *= *{step["code"]}',
    ("reply", "removal_at"): lambda step: r"\bremoval *=",
}


def line_of(place):
    """The line that "file:line" names."""
    file, _, number = place.rpartition(":")
    with open(file, encoding="ascii") as lines:
        return lines.read().split("\n")[int(number) - 1]


def _stands(place, pattern):
    return re.search(pattern, line_of(place)) is not None


def misplaced(steps, seen):
    """The places in steps at which something else stands; kinds that name one go to seen."""
    wrong = []
    for step in steps:
        for key, place in step.items():
            kind = step["step"], key
            if kind in KINDS and place not in (None, "default"):
                seen.add(kind)
                if not _stands(place, KINDS[kind](step)):
                    wrong.append((*kind, place, line_of(place), step))
        for parent in step.get("inherits", ()):
            name, place = parent.split(" at ")
            seen.add(("policy", "inherits"))
            if not _stands(place, rf'^policy "{re.escape(name)}"'):
                wrong.append((step["step"], "inherits", parent, line_of(place)))
    return wrong
