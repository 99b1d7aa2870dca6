#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""relayguardctl explain: what it says is what happens, whatever the cause, and each step names
the file and the line that it rests on."""
import functools
import os
import shutil
import time

from lib import check, daemon, explained, nsd, rbldnsd, server
from lib.check import case, like, ok, same, sharing
from lib.nameserver import Answer, NameServer, reverse, zone

if nsd.why_not():
    check.skip_all(nsd.why_not())

LISTED, TWICE, KNOWN, GOOD = "198.51.100.7", "198.51.100.8", "203.0.113.6", "203.0.113.5"
SHADOWED, DENIED, ALLOWED = "198.51.100.9", "203.0.113.66", "203.0.113.200"
BROKEN, ERROR, ALIEN, MUTE = "198.51.100.31", "198.51.100.32", "198.51.100.33", "198.51.100.34"
FILED, NOTED, WORDED = "192.0.2.77", "192.0.2.129", "198.51.100.10"
CLIENTS = (LISTED, TWICE, KNOWN, GOOD, SHADOWED, DENIED, ALLOWED, BROKEN, ERROR, ALIEN, FILED,
           NOTED, WORDED)
SILENT = (MUTE,)  # each of its sessions takes all the time there is

ZONES = {
    "bl.example": {"ip4set": f"{LISTED} :127.0.0.2:\n{TWICE} :127.0.0.4:\n{ALLOWED} :127.0.0.2:\n"
                             f"{KNOWN} :127.0.0.2:\n{WORDED} :127.0.0.4:\n"},
    "two.example": {"ip4set": f"{TWICE} :127.0.0.2:\n"},
    "dark.example": {"ip4set": f"{SHADOWED} :127.0.0.2:\n{LISTED} :127.0.0.2:\n"},
    "wl.example": {"ip4set": f"{KNOWN} :127.0.0.2:\n"},
    "names.example": {"dnset": "bad.example :127.0.0.2:\n"},
}

# What a list says that says nothing.
ODD = {**zone("odd.example"),
       reverse(BROKEN, "odd.example"): Answer(rcode=2),
       reverse(ERROR, "odd.example"): Answer("127.255.255.254"),
       reverse(ALIEN, "odd.example"): Answer("127.0.0.99"),
       reverse(MUTE, "odd.example"): Answer(silent=True)}

DOMAINS = {"example": f"""
fail.sender {nsd.txt("v=spf1 -all")}
soft.sender {nsd.txt("v=spf1 ~all")}
pass.sender {nsd.txt(f"v=spf1 ip4:{LISTED} -all")}
mail.friend A {LISTED}
"""}

CONFIG = """
control {{ socket = "{socket}" }}
store {{ path = "{store}" }}
deadline = "1s"
texts = "{folder}/texts"
dns {{ servers = {{ "{dns}" }} }}
allow {{ networks += {{ "203.0.113.200" }}
    files = {{ "{folder}/friends" }}
    hosts = {{ ".friend.example" }}
    senders = {{ "pass.sender.example" }} }}
deny {{ networks = {{ "203.0.113.64/28",
        "203.0.113.200/31" }}
    files = {{ "{folder}/foes",
        "{folder}/others" }}
    removal = "https://deny.example/?ip=%{{ip}}" }}
list "bl" {{ zone = "bl.example" servers = {{ "{at}" }}
    removal = "https://bl.example/?ip=%{{ip}}"
    answer "127.0.0.2" {{ category = "open-relay"
        score = {score} }}
    answer "127.0.0.4" {{ category = "spam-source" text = "Own words of the answer."
        score = 6 }} }}
list "two" {{ zone = "two.example" servers = {{ "{at}" }}
    contains = {{ "bl" }}
    answer "127.0.0.2" {{ category = "exploited"
        score = 4 }} }}
list "dark" {{ zone = "dark.example" servers = {{ "{at}" }} mode = "shadow"
    answer "127.0.0.2" {{ category = "spam-source" score = 9 }} }}
list "wl" {{ zone = "wl.example" servers = {{ "{at}" }} kind = "allow"
    answer "127.0.0.2" {{ category = "allow" score = -5 }} }}
list "names" {{ zone = "names.example" servers = {{ "{at}" }} kind = "domain"
    asks = {{ "helo", "sender" }} text = "Own words of the list."
    answer "127.0.0.2" {{ category = "spam-source" score = 6 }} }}
list "odd" {{ zone = "odd.example" servers = {{ "{odd}" }}
    answer "127.0.0.2" {{ category = "spam-source" score = 5 }} }}
list "liar" {{ zone = "liar.example" servers = {{ "{liar}" }}
    answer "127.0.0.2" {{ category = "spam-source" score = 9 }} }}
policy "default" {{
    lists = {{ "bl", "two*2", "dark",
        "wl", "names", "odd", "liar" }}
    refuse = 5
    exempt = {{ "postmaster",
        "abuse" }}
    spf_fail = 2
}}
policy "none.example" {{ inherit = "default" refuse = 0
    text = "Own words of the policy." }}
policy "tag.example" {{ inherit = "none.example"
    tag = 3 }}
policy "defer.example" {{ inherit = "none.example"
    defer = 3 }}
policy "hold.example" {{ inherit = "none.example" quarantine = 3 }}
policy "drop.example" {{ inherit = "none.example"
    drop = 3 drop_code = 421 }}
policy "agree.example" {{ inherit = "default"
    refuse = 3
    agree = 2 }}
policy "shadow.example" {{ inherit = "default"
    mode = "shadow" }}
policy "pass.example" {{ inherit = "default"
    lists += {{ "known.list" }}
    refuse_code = 554
    doubt = "pass" }}
policy "spf.example" {{ inherit = "default"
    spf_fail = "refuse" spf_softfail = "defer" }}
policy ".parent.example" {{ inherit = "default" }}
policy "filed" {{ inherit = "default" domains = "{folder}/domains" }}
list "known.list" {{ zone = "known.example" servers = {{ "{at}" }}
    answer "127.0.0.2" {{ category = "spam-source" score = 1 }} }}
"""

FILES = {
    "friends": "# ours\n192.0.2.0/25 ours\n",
    "foes": "192.0.2.0/24 all of them\n\n# more\n192.0.2.128/26 spam, and more of it\n",
    "others": "203.0.113.128/30\n192.0.2.0/24 twice\n",
    "domains": "# theirs\n\nfiled.example\n.below.example\n",
    "texts/category.exploited": "Own words of the category.\n",
    "texts/policy.agree.example": "Own words of a policy, in a file.\n",
}

RECIPIENTS = ["postmaster@any.example", "bob@x.parent.example", "bob@filed.example"] + [
    f"bob@{name}.example" for name in (
        "any none tag defer hold drop agree shadow pass spf").split()]
SAID = (("client.example", "a@sender.example", explained.NAME),
        ("bad.example", "a@fail.sender.example", explained.NAME))
# Beside these: who is believed, and what else SPF says.
MORE = [(LISTED, "client.example", "a@pass.sender.example", "bob@any.example", explained.NAME),
        (GOOD, "client.example", "a@fail.sender.example", "bob@spf.example", explained.NAME),
        (GOOD, "client.example", "a@soft.sender.example", "bob@spf.example", explained.NAME),
        (LISTED, "client.example", "a@soft.sender.example", "bob@spf.example", explained.NAME),
        (LISTED, "client.example", "", "bob@any.example", "mail.friend.example"),
        (TWICE, "client.example", "", "bob@any.example", "mail.friend.example"),
        (TWICE, "client.example", "", "bob@x.below.example", explained.NAME)]


class Scene:
    """Lists that answer, and some that do not; a resolver; and relayguard."""

    def __init__(self):
        self.list = rbldnsd.Rbldnsd({**ZONES, "known.example": {"ip4set": ""}})
        self.odd = NameServer(ODD).__enter__()
        self.liar = NameServer(default=Answer("127.0.0.2"), healthy=False).__enter__()
        self.dns = nsd.Nsd(DOMAINS)
        self.folder = server.new_dir("explain")
        os.mkdir(self.folder + "/texts")
        os.mkdir(self.folder + "/store", 0o777)
        os.chmod(self.folder + "/store", 0o777)
        for name, text in FILES.items():
            self.write(name, text)
        self.socket = self.folder + "/c"
        self.guard = daemon.Relayguard(self.text())
        check.wait_for(lambda: self.guard.events("list-suspended"), 10)
        check.wait_for(lambda: all(line["state"] in ("good", "suspended")
                                   for line in explained.data(self.socket, "lists")), 10)

    def write(self, name, text):
        """Write a file of the configuration."""
        server.write(os.path.join(self.folder, name), text)

    def text(self, score=5, before=""):
        """The configuration, where a listing has that score."""
        return before + CONFIG.format(
            socket=self.socket, folder=self.folder, store=self.folder + "/store", score=score,
            at=self.list.address, odd=f"127.0.0.1:{self.odd.port}", dns=self.dns.address,
            liar=f"127.0.0.1:{self.liar.port}")

    def steps(self, *session):
        """What explain says, step by step."""
        return explained.steps_of(self.socket, *session)

    def decided(self, *session):
        """What happens."""
        return explained.decided(self.guard, *session)


usual = functools.cache(Scene)  # the scene that all cases share


def _sessions():
    for client in CLIENTS:
        for recipient in RECIPIENTS:
            for helo, sender, name in SAID:
                yield client, helo, sender, recipient, name
    yield from MORE
    for client in SILENT:
        yield client, *SAID[0][:2], "bob@any.example", explained.NAME
        yield client, *SAID[0][:2], "bob@tag.example", explained.NAME


@sharing
def as_decided():
    """Each action, each reason and each cause not to be heard: explain and a session agree."""
    here = usual()
    found, wrong, seen, decisions = [], [], set(), []
    for session in _sessions():
        want, steps = here.decided(*session), here.steps(*session)
        decisions.append(want)
        if explained.explained(steps) != want:
            found.append((session, want, explained.explained(steps)))
        wrong += explained.misplaced(steps, seen)
    check.note(f"{len(decisions)} decisions compared")
    ok(len(decisions) >= 200, "enough of them")
    same(found, [], "none differs")
    same(wrong, [], "each place names a line with what it is the place of")
    same(sorted({one.verdict for one in decisions}),
         ["defer", "drop", "pass", "quarantine", "refuse", "tag"], "each action")
    same(sorted({one.reason for one in decisions}),
         ["allow", "deny", "exempt", "host", "lists", "sender", "spf"], "each reason")
    ok({("pass", "refuse")} <= {one[:2] for one in decisions}, "shadow mode")
    unheard = {session[0] for session, one in zip(_sessions(), decisions)
               if one.unheard == ["odd"]}
    same(unheard, {BROKEN, ERROR, ALIEN, MUTE}, "each cause not to be heard")
    ok(["liar"] in [one.suspended for one in decisions], "and a list that is suspended")
    same(sorted(set(explained.KINDS) - seen), [], "each kind of place was there")


@sharing
def other_score():
    """Another score is another decision: the comparison is none of two equals by nature."""
    here = usual()
    session = (LISTED, *SAID[0][:2], "bob@any.example")
    before = here.decided(*session)
    here.guard.reload(here.text(score=2))
    after = explained.explained(here.steps(*session))
    same((before.verdict, after.verdict), ("refuse", "pass"), "refused, and not any more")
    here.guard.reload(here.text())
    same(explained.explained(here.steps(*session)), before, "and as before again")


def _step(steps, step, **wanted):
    return [one for one in steps if one["step"] == step
            and all(one[key] == value for key, value in wanted.items())]


@sharing
def places():
    """What is written where, by hand."""
    here = usual()
    lines = here.guard.text.split("\n")

    def conf(text, nth=0):
        found = [i for i, line in enumerate(lines, 1) if text in line]
        return f"{here.guard.file}:{found[nth]}"

    steps = here.steps(NOTED, *SAID[0][:2], "bob@filed.example")
    same([one["at"] for one in _step(steps, "local")], [here.folder + "/foes:4"],
         "the more specific network of a file")
    same(_step(steps, "verdict")[0]["at"], here.folder + "/foes:4", "decides")
    same(_step(steps, "reply")[0]["at"], here.folder + "/foes:4", "and its note is read")
    same(_step(steps, "policy")[0]["entry_at"], here.folder + "/domains:3",
         "the domain, in a file")
    steps = here.steps(FILED, *SAID[0][:2], "bob@x.below.example")
    same([(one["set"], one["at"], one["counts"]) for one in _step(steps, "local")],
         [("allow", here.folder + "/friends:2", True), ("deny", here.folder + "/foes:1", False)],
         "of two sets the more specific, and of two files the first")
    same((_step(steps, "policy")[0]["entry"], _step(steps, "policy")[0]["entry_at"]),
         (".below.example", here.folder + "/domains:4"), "a parent, in a file")
    steps = here.steps(ALLOWED, *SAID[0][:2], "abuse@tag.example")
    same([one["at"] for one in _step(steps, "local")],
         [conf('"203.0.113.200"'), conf('"203.0.113.200/31"')], "in the configuration")
    policy = _step(steps, "policy")[0]
    above = [name + " at " + conf(f'policy "{name}"') for name in ("none.example", "default")]
    same(policy["inherits"], above, "from whom it inherits")
    same((policy["exempt_at"], _step(steps, "verdict")[0]["at"]), (conf('"abuse"'),) * 2,
         "an exempt recipient, by the policy above")
    steps = here.steps(TWICE, *SAID[0][:2], "bob@tag.example")
    same([(one["word"], one["value"], one["policy"], one["at"]) for one in _step(steps, "rule")],
         [("tag", 3, "tag.example", conf("tag = 3")),
          ("refuse", 0, "none.example", conf("refuse = 0"))], "thresholds")
    two = _step(steps, "list", label="two")[0]
    same([two[key] for key in ("at", "score", "score_at", "weight", "weight_at", "group")],
         [conf('list "two"'), 8, conf("score = 4"), 2, conf('"two*2"'), "bl"], "a list")
    steps = here.steps("127.0.0.1", *SAID[0][:2], "bob@any.example")
    same([one["at"] for one in _step(steps, "local")], ["default"], "what nobody wrote")
    same({(one["answer"], one["source"], one["awaited"]) for one in _step(steps, "list")},
         {("not asked", None, False)}, "and no list is asked")
    same({(one["answer"], one["source"]) for one in _step(here.steps(ALLOWED, *SAID[0][:2],
                                                               "bob@any.example"), "list")},
         {("not asked", None)}, "nor about a client in allow")
    lists = _step(explained.data(here.socket, "explain", GOOD), "list", label="names")
    same([(one["asks"], one["answer"], one["awaited"]) for one in lists],
         [("helo", "not asked", False), ("sender", "not asked", False)],
         "nor about a name that is not there")


@sharing
def texts():
    """Whose words are read, and where they are written."""
    here = usual()
    lines = here.guard.text.split("\n")
    for whose, client, helo, to, want in (
            ("the answer", WORDED, "client.example", "any.example", None),
            ("the list", GOOD, "bad.example", "any.example", None),
            ("the policy", TWICE, "client.example", "drop.example", None),
            ("the category", TWICE, "client.example", "any.example", "category.exploited"),
            ("a policy, in a file", TWICE, "bad.example", "agree.example",
             "policy.agree.example")):
        reply = _step(here.steps(client, helo, "a@sender.example", f"bob@{to}"), "reply")[0]
        ok(f"Own words of {whose}." in reply["lines"][0], f"{whose}: the words", reply)
        if want:
            place = f"{here.folder}/texts/{want}:1"
        else:
            number = [i for i, line in enumerate(lines, 1) if f"Own words of {whose}." in line]
            place = f"{here.guard.file}:{number[0]}"
        same(reply["at"], place, f"{whose}: the place")


@sharing
def changed():
    """Files that have changed since they were read: said so, and lines are those of then."""
    here = usual()
    session = (NOTED, *SAID[0][:2], "bob@tag.example")
    same(_step(here.steps(*session), "configuration")[0]["changed_since"], False, "as it was")
    here.guard.write(here.text(before="# one line more\n"))
    here.write("foes", "# gone\n")
    steps = here.steps(*session)
    same(_step(steps, "configuration")[0]["changed_since"], True, "changed: said so")
    ok(explained.misplaced(steps, set()), "another line stands there: it is noticed here")
    local = _step(steps, "local")[0]
    same(local["file_changed"], True, "a network that is gone from its file")
    like(local["at"], r"relayguard\.conf:\d+$", "is known by where the file is named")
    here.write("foes", FILES["foes"])
    here.guard.reload()
    steps = here.steps(*session)
    same(_step(steps, "configuration")[0]["changed_since"], False, "read again")
    same(explained.misplaced(steps, set()), [], "and the lines are right again")
    here.guard.reload(here.text())


@sharing
def stored():
    """A decision of the store: where its policy was, and is now."""
    here = usual()
    session = (LISTED, *SAID[0][:2], "bob@x.parent.example")
    here.decided(*session)
    ref = here.guard.decisions()[-1]["ref"]
    same(explained.ask(here.socket, "explain", ref)[0], 0, "it is there as soon as it is asked for")
    for said in (f"Ref {ref}", f"ref={ref.lower()}", f" [{ref}] ",
                 ref.replace("0", "O").replace("1", "l")):
        same(explained.ask(here.socket, "explain", said)[0], 0, f"{said!r}: as people say it")
    then = explained.data(here.socket, "explain", ref)
    at = _step(then, "stored")[0]["at"]
    like(explained.line_of(at), r'^policy "\.parent\.example"', "where it was")
    ok("at" not in _step(then, "differences")[0], "nothing has moved")
    here.guard.reload(here.text(before="# one line\n# and one more\n"))
    now = explained.data(here.socket, "explain", ref)
    file, _, line = at.rpartition(":")
    same(_step(now, "stored")[0]["at"], at, "moved: as it was")
    difference = _step(now, "differences")[0]
    same((difference["at"], difference["same_configuration"], difference["same_decision"]),
         (f"{at} -> {file}:{int(line) + 2}", False, True), "and as it is; the rest is the same")
    here.guard.reload(here.text())


@sharing
def nameless():
    """What an MTA says for a name where it knows none is none, in the log and in explain."""
    here = usual()
    for name in (f"[{LISTED}]", "[IPv6:2001:db8::7]"):
        session = (LISTED, *SAID[0][:2], "bob@any.example", name)
        same(here.decided(*session).verdict, "refuse", f"{name}: refused")
        same(here.guard.decisions()[-1].get("name"), None, "the log has no name")
        same(_step(here.steps(*session), "client")[0]["name"], None, "nor has explain")


@sharing
def control_characters():
    """What is asked about may have been copied from a log: no terminal obeys it."""
    here = usual()
    code, text, _ = explained.ask(here.socket, "explain", LISTED, "--helo", "a\x1b[2J\x9b2J\x7f",
                                  "--from", "caf\u00e9@sender.example")
    same((code in (0, 1), [c for c in "\x1b\x9b\x7f" if c in text]), (True, []),
         "none is in the answer")
    ok("a\\u001B[2J\\u009B2J\\u007F" in text, "they are shown", text)


@sharing
def not_found():
    """What is no reference, and what is in no store: said, with what helps."""
    here = usual()
    same(explained.ask(here.socket, "explain", "VMJMKKUB")[::2],
         (64, 'relayguardctl: "VMJMKKUB" is neither an address nor a reference (eight of 0-9 and '
              'A-Z without I, L, O, U)\n'), "no reference")
    same(explained.ask(here.socket, "explain", f"[{GOOD}]")[0], 0, "an address in brackets")
    code, _, said = explained.ask(here.socket, "explain", "vmjmkkob")
    same(code, 1, "a reference of nothing")
    same(said.splitlines(), [
        "relayguardctl: VMJMKK0B: not in the store, which has only what was refused, deferred, "
        "held or dropped, for 14 days (keep)",
        "relayguardctl: look in the log of mail: zgrep -h 'ref=VMJMKK0B ' /var/log/mail.log*",
        "relayguardctl: or in the journal: journalctl -t relayguard | grep ref=VMJMKK0B",
    ], "why, and where else to look")


@case
def many_networks():
    """Of a million networks in a file, the line of one is found in a moment."""
    folder = server.new_dir("explain")
    with open(folder + "/many", "w", encoding="ascii") as file:
        file.writelines(f"10.{i >> 16}.{i >> 8 & 255}.{i & 255} no\n" for i in range(1000000))
    guard = daemon.Relayguard(f'''
control {{ socket = "{folder}/c" }}
deny {{ files = {{ "{folder}/many" }} }}
policy "default" {{ lists = {{ }} }}
''')
    address = "10.15.66.63"
    begin = time.monotonic()
    steps = explained.data(folder + "/c", "explain", address)
    check.note(f"{time.monotonic() - begin:.3f} s")
    same(_step(steps, "local")[0]["at"], f"{folder}/many:{(15 << 16) + (66 << 8) + 63 + 1}",
         "the last but few")
    same(guard.stop(), 0, "it ends well")
    shutil.rmtree(folder)


check.run()
