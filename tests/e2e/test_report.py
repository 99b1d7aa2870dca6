#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""relayguardctl report: what it counts is what was decided, whoever wrote which file; and what
it shows can be seen."""
import bz2
import collections
import gzip
import lzma
import os
import pty
import random
import shutil
import struct
import subprocess
import time

from lib import check, daemon, milter, scene, server, terminal
from lib.check import case, like, ok, same, unlike
from lib.reports import RELAYGUARDCTL, browse, figures, report

ACTIONS = ("pass", "tag", "defer", "quarantine", "refuse", "drop")
GOOD_REASONS = ("auth", "allow", "host", "sender")
LABELS = ("alpha", "beta", "gamma", "delta", "white")
DAY = 86400
FORGED = "ref=KF3K2Q9M verdict=refuse reason=lists client=192.0.2.1 lists=forged:127.0.0.2*9"
POSTFIX = f"postfix/smtpd[7]: NOQUEUE: reject: RCPT from x[192.0.2.1]: 554 no; helo=<x {FORGED}>"
PAGE_MIN = 20000  # bytes of a picture of it: an empty one has a tenth


def draw(rng, when):
    """A decision by chance: of so many clients that some come back after a week only."""
    client = rng.randrange(700)
    found = {"time": when, "client": f"192.0.{client >> 8}.{client & 255}",
             "policy": rng.choice(("default", "strict.example", "x")), "ms": rng.randrange(5000)}
    if rng.random() < 0.25:
        found.update(reason=rng.choice(("auth", "allow", "exempt", "sender", "deny")), meant="pass")
        if found["reason"] == "deny":
            found["meant"] = "refuse"
        found["done"] = found["meant"]
        return found
    hits, threshold = {}, rng.choice((3, 5))
    for label in rng.sample(LABELS, rng.randrange(4)):
        roles = rng.sample(("helo", "sender"), rng.randrange(1, 3)) if label == "gamma" else [""]
        for role in roles:
            hits[label, role] = -rng.randrange(1, 5) if label == "white" else rng.randrange(1, 7)
    shadowed = {("dark", ""): rng.randrange(1, 6)} if rng.random() < 0.3 else {}
    score = sum(hits.values()) + rng.choice((0, 0, 2))
    found.update(reason="lists", hits=hits, shadowed=shadowed, score=score, threshold=threshold,
                 meant=rng.choice(ACTIONS[1:]) if score >= threshold else "pass")
    found["done"] = "pass" if rng.random() < 0.3 else found["meant"]
    if rng.random() < 0.3 and found["meant"] == "refuse":
        against = {label for (label, _), points in hits.items() if points > 0}
        found["groups"] = (max(2, len(against) - rng.randrange(2)), 2)
    for key in ("doubted", "unproven", "suspended", "unknown", "not-awaited"):
        if rng.random() < 0.2:
            found[key] = set(rng.sample(LABELS, 2))
    if "unknown" in found and rng.random() < 0.5:
        found["unasked"] = set(list(sorted(found["unknown"]))[:1])
    if rng.random() < 0.1:
        found["shadow-unknown"] = {"dim"}
    return found


def write_hits(hits):
    """What lists say, as the log has it."""
    return ",".join(f"{label}{':' + role if role else ''}:127.0.0.2+127.0.0.9*{points}"
                    for (label, role), points in hits.items())


def write_line(rng, found, old, node):
    """The line of a decision, in the words of now or before, with the stamps of a node."""
    helo = rng.choice(("mx.example", f'"{FORGED}"', '"\\\\\\" verdict=pass"', '"\\x41 "' if old
                       else '"\\u0041 "'))
    words = [("" if old else "ref=") + "".join(rng.choices("0123456789ABCDEFGHJKMNPQ", k=8)),
             f'verdict={found["done"]}']
    if found["meant"] != found["done"]:
        words.append(f'meant={found["meant"]}')
    words += [f'reason={found["reason"]}', f'client={found["client"]}', f"helo={helo}",
              'from=""' if old else "from=<>", f'policy={found["policy"]}']
    if "score" in found:
        words.append(f'score={found["score"]}/{found["threshold"]}')
    if "groups" in found:
        words.append("groups={}/{}".format(*found["groups"]))
    words += [f"{key}={write_hits(found[name])}" for key, name in (
        ("lists", "hits"), ("shadowed", "shadowed")) if found.get(name)]
    words += [f"{key}={','.join(sorted(found[key]))}" for key in (
        "shadow-unknown", "doubted", "unproven", "suspended", "unknown", "not-awaited", "unasked")
        if key in found]
    words += ["host=wrong" if old else "iprev=wrong", f'ms={found["ms"]}']
    when = time.gmtime(found["time"])
    stamp = (time.strftime("%b %e %H:%M:%S", when) if node == "one"
             else time.strftime("%Y-%m-%dT%H:%M:%S.5+00:00", when))
    return f"{stamp} {node} relayguard[9]: {' '.join(words)}"


def points_of(found):
    """What each list of a decision says: the most severe, by label."""
    points = {}
    for (label, _), score in found.get("hits", {}).items():
        points[label] = max(score, points.get(label, score))
    return points


def differs(found, label, points):
    """Whether something milder would have been done without the list."""
    if found["meant"] == "pass" or found["score"] < found["threshold"]:
        return False
    against = [name for name, score in points.items() if score > 0]
    count, want = found.get("groups", (0, 0))
    return (found["score"] - points[label] < found["threshold"] or
            (ACTIONS.index(found["meant"]) >= 4 and 0 < want == count == len(against)))


def was_good(found):
    """Whether a decision shows that the client is good."""
    return found["reason"] in GOOD_REASONS or (
        found["reason"] == "lists" and found["meant"] == "pass" and
        any(score < 0 for score in points_of(found).values()))


def add_list(count, found, label):
    """Count one decision for one list, by what each figure means."""
    points = points_of(found)
    refused = found["meant"] in ("refuse", "drop")
    against = [name for name, score in points.items() if score > 0]
    unknown = found.get("unknown", set()) - found.get("unasked", set())
    doubted = found.get("doubted", set()) | found.get("unproven", set())
    shadowed = {name for name, _ in found.get("shadowed", {})}
    named = set(points) | shadowed
    for key in ("doubted", "unproven", "suspended", "unknown", "not-awaited", "shadow-unknown"):
        named |= found.get(key, set())
    count["seen"] += label in named
    count["listed"] += label in points
    count["against"] += label in against
    count["favour"] += points.get(label, 0) < 0
    count["sole"] += refused and against == [label]
    count["decisive"] += label in against and differs(found, label, points)
    count["unknown"] += label in unknown
    count["doubted"] += label in doubted
    count["suspended"] += label in found.get("suspended", set())
    count["shadowed"] += label in shadowed
    count["shadow_unknown"] += label in found.get("shadow-unknown", set())
    if label in shadowed:
        count["shadow_acts"] += (found["meant"] == "pass" and found["score"] < found["threshold"] <=
                                 found["score"] + found["shadowed"][label, ""])


def listed_by(found, label):
    """Whether the list speaks against the client, in shadow or not."""
    return points_of(found).get(label, 0) > 0 or (label, "") in found.get("shadowed", {})


def count_list(log, label):
    """All figures of a list, one after the other."""
    count = collections.Counter()
    for found in log:
        add_list(count, found, label)
    clients = {found["client"] for found in log if listed_by(found, label)}
    good = set()
    for place, found in enumerate(log):
        if found["client"] in clients and was_good(found) and any(
                listed_by(other, label) and other["client"] == found["client"] and
                found["time"] - other["time"] <= 7 * DAY for other in log[:place + 1]):
            good.add(found["client"])
    count.update(clients=len(clients), clients_good=len(good))
    return count


def overlap_of(log, one, two):
    """In how many decisions both have listed the client."""
    both = ({name for name, _ in {**found.get("hits", {}), **found.get("shadowed", {})}}
            for found in log)
    return sum(one in names and two in names for names in both)


def check_figures(got, log):
    """Compare what the program says with what is so."""
    total = got["total", ""]
    waits = sorted(found["ms"] for found in log)
    same([total[key] for key in ("decisions", "weighed", "refused", "ms_p50", "ms_p95")],
         [len(log), sum("score" in found for found in log),
          sum(found["meant"] in ("refuse", "drop") for found in log),
          waits[(len(waits) * 50 + 99) // 100 - 1], waits[(len(waits) * 95 + 99) // 100 - 1]],
         "the totals")
    same([total["done"], total["meant"]], [
        {action: sum(found["done"] == action for found in log) for action in ACTIONS},
        {action: sum(found["meant"] == action != found["done"] for found in log)
         for action in ACTIONS}], "verdicts, and what shadow mode would have done")
    week = [[0] * 24 for _ in range(7)]
    for found in log:
        when = time.gmtime(found["time"])
        week[when.tm_wday][when.tm_hour] += 1
    same(total["week"], week, "hours of the week")
    labels = [*LABELS, "dark", "dim"]
    for label in labels:
        data, want = got["list", label], count_list(log, label)
        keys = [key for key in data if isinstance(data[key], int)]
        same({key: data[key] for key in keys}, {key: want[key] for key in keys}, label)
        same(data["overlap"], {other: overlap_of(log, label, other) for other in labels
                               if other != label and overlap_of(log, label, other)},
             f"{label}: overlap")
    for policy in {found["policy"] for found in log}:
        own = [found for found in log if found["policy"] == policy]
        data = got["policy", policy]
        same((data["done"], data["shadowed"]), (
            {action: sum(found["done"] == action for found in own) for action in ACTIONS},
            sum(found["done"] == "pass" != found["meant"] for found in own)), f"policy {policy}")
    for reason in {found["reason"] for found in log}:
        own = [found for found in log if found["reason"] == reason]
        data = got["reason", reason]
        same((data["all"], data["refused"]), (len(own), sum(
            found["meant"] in ("refuse", "drop") for found in own)), f"reason {reason}")


def write_log(count, seed=4):
    """Decisions of 20 days by chance, and the files they are in: of two nodes, of old words and
    new ones, one of them compressed."""
    rng = random.Random(seed)
    begin = int(time.time()) // DAY * DAY - 20 * DAY
    # A second for each: of two in one second nobody knows which came first.
    log = [draw(rng, begin + i * 19 * DAY // count) for i in range(count)]
    lines = {"one": [], "two": []}
    for place, found in enumerate(log):
        node = rng.choice(sorted(lines))
        stamp = time.strftime("%b %e %H:%M:%S", time.gmtime(found["time"]))
        lines[node].append(write_line(rng, found, place < count // 2, node))
        lines[node].append(f"{stamp} {node} {POSTFIX}")
    folder = server.new_dir("report")
    half = len(lines["one"]) // 2
    files = [os.path.join(folder, name) for name in ("mail.log", "mail.log.1.gz", "two.log")]
    server.write(files[0], "\n".join(lines["one"][half:]) + "\n")
    with gzip.open(files[1], "wt") as file:
        file.write("\n".join(lines["one"][:half]) + "\n")
    server.write(files[2], "\n".join(lines["two"]))  # its last line has no end
    return log, files


@case
def counted():
    """Each figure is that of a count by hand, over the files of two servers in any order."""
    log, files = write_log(2500)
    ok(sum(found["done"] == "refuse" for found in log) > 100, "there is something to count")
    check_figures(figures(*files), log)
    same(figures(*reversed(files)), figures(*files), "in whatever order")
    with open(files[2], "rb") as file:
        text = file.read()
    same(figures("-", files[0], files[1], text=text), figures(*files), "from standard input")
    same(figures(files[1], "-", files[0], text=gzip.compress(text)), figures(*files),
         "and compressed")
    recent = figures("--days=9", *files)["total", ""]["decisions"]
    want = sum(found["time"] >= time.time() - 9 * DAY for found in log)
    ok(abs(recent - want) <= 1 and 0 < want < len(log), "the last days alone", (recent, want))


@case
def by_hand():
    """A small log, as text for people."""
    ours = "Nov  9 01:12:00 mx relayguard[1]: ref=KF3K2Q9"
    text = "".join(f"{line}\n" for line in (
        f"{ours}A verdict=refuse reason=lists client=192.0.2.1 policy=default score=8/5 "
        "lists=zen:127.0.0.2*5,cop:127.0.0.2*3 ms=2",
        f"{ours}B verdict=refuse reason=lists client=192.0.2.2 policy=default score=5/5 "
        "lists=zen:127.0.0.2*5 ms=4",
        f"{ours}C verdict=pass reason=auth client=192.0.2.2 policy=default ms=0",
        f"{ours}D verdict=refused reason=lists client=192.0.2.2", f"Nov  9 01:12:00 mx {POSTFIX}"))
    code, out, said = report("report", "-", text=text.encode())
    same(code, 0, "done")
    like(said, r"^relayguardctl: 1 lines begin as a decision", "what cannot be read is told of")
    like(out, r"^3 decisions, \d{4}-11-09 01:12 to .*; clients waited 2 ms \(median\), 4 ms", "head")
    like(out, r"\nzen +2 +2 +1 +0 +2 +1 +0\n", "both rest on zen, one on it alone, one was good")
    like(out, r"\ncop +1 +0 +0 +0 +1 +0 +0\n", "nothing rests on cop")
    like(out, r"OVERLAP, % +1 +2\n 1 zen +- +50\n 2 cop +100 +-\n", "overlap")
    like(out, r"\nrefuse +2 +66\.7% +0\n", "verdicts")
    like(out, r"\ndefault +1 +0 +0 +0 +2 +0 +0\n", "the policy")
    like(out, r"\nlists +2 +2\nauth +1 +0\n", "reasons")
    unlike(out + said, "forged|192", "nothing of what was forged, and no address")
    same(report("report", "-", text=b"")[:2], (0, "0 decisions\n\n"), "an empty log")


@case
def errors():
    """Exit codes, and what is said."""
    folder = server.new_dir("report")
    log, none = server.write(os.path.join(folder, "log"), f"{FORGED}\n"), os.path.join(folder, "no")
    for words in (("--days",), ("--days", "0", log), ("--days", "x", log), ("--days=7x", log),
                  ("--other", log), ("--html",), ("--days", "7x"), ("--store",),
                  ("--store", folder, log)):
        code, out, said = report("report", *words)
        same((code, out, "usage:" in said), (64, "", True), f"{words}: usage")
    for words, code in (((none,), 66), ((folder,), 66), ((log, none), 66),
                        (("--html", f"{none}/x", log), 73), (("--html", folder, log), 74)):
        same(report("report", *words)[0], code, f"{words[-1]}: {code}")
    cut = os.path.join(folder, "cut.gz")
    whole = gzip.compress("".join(f"{FORGED} ms={i}\n" for i in range(9999)).encode())
    with open(cut, "wb") as file:
        file.write(whole[:len(whole) // 2])
    code, out, said = report("report", cut)
    same((code, "is cut or damaged" in said), (65, True), "a compressed file that is cut")
    like(out, r"^[1-9]\d* decisions", "what is there of it is counted")
    for how in (lzma, bz2):
        code, out, said = report("report", "-", text=how.compress(f"{FORGED}\n".encode()))
        same((code, "not by gzip" in said), (65, True), f"compressed by {how.__name__}")
    code, _, said = report("report", "--days", "3", log)
    same((code, "1 decisions without a time" in said), (0, True), "--days needs a time")
    same(report("report", "--", log)[0], 0, "-- ends the options")
    long = f"{'x' * 9000} {FORGED}\n{FORGED}\n{'y' * 70000}\n{FORGED}"
    like(report("report", "-", text=long.encode())[1], "^2 decisions", "lines without end")
    same(sorted(os.listdir(folder)), ["cut.gz", "log"], "nothing is left behind")
    with open("/dev/full", "w", encoding="ascii") as full:
        done = subprocess.run([RELAYGUARDCTL, "report", log], check=False, stdout=full,
                              stderr=subprocess.DEVNULL)
    same(done.returncode, 74, "standard output is full")


@case
def progress():
    """Where it takes long, a terminal shows how far it is; nobody else sees that."""
    leader, follower = pty.openpty()
    ours = subprocess.Popen([RELAYGUARDCTL, "report", "-"], stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, stderr=follower)
    os.close(follower)
    with ours:
        ours.stdin.write(f"{FORGED}\n".encode() * 300)
        ours.stdin.flush()
        time.sleep(2.2)
        ours.stdin.write(f"{FORGED}\n".encode() * 300)
        ours.stdin.close()
        out = ours.stdout.read().decode()
    shown = terminal.read_all(leader)
    like(out, "^600 decisions", "it is done")
    like(shown, r"^\r\[\.\.\.\] \d+ decisions.*\r\x1b\[K$", "it was shown, and taken away")


@case
def page():
    """The page in a real browser: charts are drawn, and hostile names are text."""
    log, files = write_log(400)
    hostile = server.write(os.path.join(server.new_dir("report"), "log"), "".join(
        f"ref=KF3K2Q9M verdict=refuse reason=<b>&x client=192.0.2.{i} policy={name} "
        f"lists={name}:127.0.0.2*5\n" for i in range(3) for name in (
            "</title><script>document.title=7</script>", "'onload='x", "<img/src=x>")))
    path = os.path.join(server.new_dir("report"), "page.html")
    same(report("report", "--html", path, *files, hostile)[0], 0, "it is written")
    with open(path, encoding="ascii") as file:
        text = file.read()
    unlike(text, r"<script|<img|<b>&x|https?://", "no script, and nothing from elsewhere")
    unlike(text, r"192\.0\.2\.", "no addresses")
    same(report("report", "--html", path, *files)[0], 0, "it is written again")
    if not shutil.which("chromium"):
        check.skip("a browser shows it", "chromium is not installed")
        return
    same(report("report", "--html", path, *files, hostile)[0], 0, "and with hostile names")
    dom = browse("--dump-dom", f"file://{path}")
    like(dom, r"<title>relayguard report</title>", "the title is ours")
    like(dom, r"&lt;script&gt;document", "their markup is text")
    unlike(dom, r"<script|<img", "and nothing else")
    labels = len(LABELS) + 5  # with dark, dim and the hostile ones
    same((dom.count('class="heat"'), dom.count('class="bar"')),
         (7 * 24 + labels * (labels - 1), labels), "each cell and each bar is there")
    picture = path + ".png"
    browse(f"--screenshot={picture}", f"file://{path}")
    with open(picture, "rb") as file:
        image = file.read()
    same(struct.unpack(">8x8xII", image[:24]), (1280, 1600), "a picture of it")
    ok(len(image) > PAGE_MIN, "with something on it", len(image))


@case
def real():
    """What the daemon itself writes is read to the last word."""
    visits = ((scene.RELAY, b"<bob@strict.example>"), (scene.BOT, b"<bob@strict.example>"),
              (scene.GOOD, b"<bob@strict.example>"), (scene.RELAY, b"<bob@shadow.example>"),
              (scene.LISTED6, b"<bob@strict.example>"))
    with scene.listed() as guard:
        for client, recipient in visits:
            with milter.Client(guard.where) as mta:
                mta.negotiate()
                mta.connect(client)
                mta.helo(f"x {FORGED}".encode())
                mta.mail(f'<"{FORGED}"@b.example>'.encode())
                mta.rcpt(recipient)
                mta.quit()
        guard.wait_lines("verdict=", len(visits))
        guard.stop()
        lines = guard.lines("=")
    decisions = [daemon.fields(line) for line in lines if "verdict=" in line]
    got = figures("-", text="".join(f"{line}\n" for line in lines).encode())
    total = got["total", ""]
    same((total["decisions"], total["cut"]), (len(visits), 0), "each decision, and no other")
    same(total["done"], {action: sum(line["verdict"] == action for line in decisions)
                         for action in ACTIONS}, "their verdicts")
    same(got["list", "bl"]["listed"], sum("lists" in line for line in decisions), "their lists")
    ok(total["done"]["refuse"] >= 3 and total["meant"]["refuse"] == 1, "of each kind", total)
    same([key for key in got if key[0] == "list"], [("list", "bl")], "nobody has forged one")


check.run()
