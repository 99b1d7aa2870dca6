#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""A refusal by a real Postfix leads to the page; what the page's socket tells of it, to whom."""
import contextlib
import datetime
import glob
import json
import os
import secrets
import stat
import subprocess

from lib import check, pages, postfix, scene, server, smtp
from lib.check import case, like, ok, same

RELAYGUARDCTL = os.path.join(os.path.dirname(os.environ["RELAYGUARD"]), "relayguardctl")
DENY = ('deny { networks = { "192.0.2.0/24" }\n'
        '    removal = "https://mx.example/why?ip=%{ip}" }\n')
LATER = 'policy "plain.example" { lists = { "bl" } refuse = 0 defer = 4 }\n'
VERBS = ("status", "lists", "metrics", "explain", "lookup", "cache", "suspend", "resume", "pass",
         "forget", "tail", "reload")
KEYS = {"found", "ref", "time", "action", "reason", "client", "to_domain", "from_domain", "policy",
        "score", "refuse_at", "lists", "spf", "note", "removal", "contact", "retries_by_itself", "accepted",
        "pass"}
ROW = {"name", "own", "label", "category", "scope", "codes", "removal", "now", "until"}


def _other(link):
    """The same reference with another tag."""
    return link[:-1] + ("0" if link[-1] != "0" else "1")


@case
def the_way():
    """Refused, the URL, what is told under it; and when the list lets go."""
    here = pages.Settings()
    with scene.mail(here.text) as (guard, mta):
        link = pages.refused(mta, scene.RELAY, "bob@strict.example")
        ok(link, "the reply leads to the page in both lines")
        told, _, status = pages.ask(here.socket, "page-decision", ref=link.lower())
        same(status, 0, "it is known, in small letters, too")
        same(set(told), KEYS, "what is told, and no more")
        same([told[key] for key in ("found", "ref", "action", "reason", "client", "to_domain",
                                    "from_domain", "policy", "score", "refuse_at", "contact",
                                    "retries_by_itself", "accepted", "note", "spf")],
             [True, link[:8], "refuse", "lists", scene.RELAY, "strict.example",
              "sender.example", "strict.example", 5, 3, "postmaster@strict.example", False, False,
              None, None], "of whom, for which domain, why")
        when = datetime.datetime.fromisoformat(told["time"].replace("Z", "+00:00"))
        ok(abs(when.timestamp() - datetime.datetime.now().timestamp()) < 60, "and when")
        same(told["lists"], [{
            "name": "bl", "own": False, "label": "The bl list", "category": "open-relay",
            "scope": "address", "codes": ["127.0.0.2"],
            "removal": f"https://bl.example/remove?ip={scene.RELAY}",
            "now": "listed", "until": None, "score": 5, "decided": True}], "and by which list")
        ok("bob" not in json.dumps(told) and "client.example" not in json.dumps(told),
           "no local part, no name", told)
        same(pages.ask(here.socket, "page-decision", ref=_other(link)), ({"found": False}, [], 0),
             "a wrong tag: nothing")
        for label, ref in (("no tag", link[:8]), ("another reference", "Z" * 8 + link[8:]),
                           ("nothing", ""), ("too long", link * 9), ("not ASCII", "é" * 14)):
            same(pages.ask(here.socket, "page-decision", ref=ref)[0], {"found": False}, label)
        for label, keys in (("none", {}), ("a number", {"ref": 7}),
                            ("a word more", {"ref": link, "to": "b"})):
            same(pages.ask(here.socket, "page-decision", **keys)[2], 64, f"{label}: no request")
        same(guard.wait_decision(ref=link[:8])["verdict"], "refuse", "the log has it")
        same(len([line for line in guard.output().splitlines() if " verdict=" in line]), 1,
             "what is asked at the page is no decision")


@case
def what_is_told_of_others():
    """Of deny, and of a deferral."""
    here = pages.Settings()
    with scene.mail(here.text + DENY + LATER) as (_, mta):
        link = pages.refused(mta, "192.0.2.9", "bob@strict.example")
        told = pages.ask(here.socket, "page-decision", ref=link)[0]
        same((told["reason"], told["lists"], told["score"]), ("deny", [], None), "deny: no list")
        same(told["removal"], "https://mx.example/why?ip=192.0.2.9", "and its own way off")
        link = pages.refused(mta, scene.BOT, "bob@plain.example")
        told = pages.ask(here.socket, "page-decision", ref=link)[0]
        same((told["action"], told["retries_by_itself"], told["lists"][0]["category"]),
             ("defer", True, "exploited"), "deferred: it comes again by itself")


@case
def who_may_ask_what():
    """The page's socket has its own verbs alone, and no other socket has them."""
    here = pages.Settings()
    with scene.listed(here.text):
        same(stat.S_IMODE(os.stat(here.socket).st_mode), 0o660, "for its group alone")
        for verb in VERBS:
            same(pages.ask(here.socket, verb)[1:], (["this socket has no right to that"], 77), verb)
        for verb in ("page-status", "page-decision", "page-address"):
            same(pages.ask(here.control, verb)[2], 77, f"{verb}: not at the control socket")
        told, _, status = pages.ask(here.socket, "page-status")
        same((status, told), (0, {"page": pages.PAGE, "version": told["version"],
                                  "own_list": False}), "page-status")
        like(told["version"], r"^\d", "its version")


@case
def an_address():
    """What the lists say of an address; so many a minute."""
    here = pages.Settings()
    with scene.listed(here.text) as guard:
        told, _, status = pages.ask(here.socket, "page-address", address=scene.PROXY)
        same((status, told["address"], told["local"]), (0, scene.PROXY, None), "a listed one")
        same([set(row) for row in told["lists"]], [ROW], "a row for each list")
        same([(row["now"], row["category"], row["removal"]) for row in told["lists"]],
             [("listed", "open-proxy", f"https://bl.example/remove?ip={scene.PROXY}")], "it says why")
        told = pages.ask(here.socket, "page-address", address=scene.GOOD6)[0]
        same([(row["now"], row["category"], row["removal"]) for row in told["lists"]],
             [("clear", None, None)], "one that is on none")
        same(pages.ask(here.socket, "page-address", address="bl.example")[2], 64, "no address")
        said = [pages.ask(here.socket, "page-address", address=scene.GOOD)[2] for _ in range(30)]
        ok(75 in said, "too many", said)
        ok(said.count(0) >= 10, "but some at once", said)
        ok("verdict=" not in guard.output(), "none is a decision")


@case
def a_new_key():
    """After a change of the key links of before are good still, and those of no key never."""
    here = pages.Settings()
    with scene.mail(here.text) as (guard, mta):
        link = pages.refused(mta, scene.RELAY, "bob@strict.example")
        day = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d")
        with open(here.key, encoding="ascii") as file:
            old = file.read().strip()
        with open(here.key, "w", encoding="ascii") as file:
            file.write(f"{secrets.token_hex(32)}\n{old} {day}\n")
        ok(guard.reload(), "a new key, and the old one")
        ok(pages.ask(here.socket, "page-decision", ref=link)[0]["found"], "the link is good still")
        newer = pages.refused(mta, scene.RELAY, "bob@strict.example")
        ok(pages.ask(here.socket, "page-decision", ref=newer)[0]["found"], "and so is a new one")
        with open(here.key, "w", encoding="ascii") as file:
            file.write(f"{secrets.token_hex(32)}\n{old} 2020-01-01\n")
        ok(guard.reload(), "changed long ago")
        same([pages.ask(here.socket, "page-decision", ref=ref)[0]["found"] for ref in (link, newer)],
             [False, False], "neither is good any more")


@case
def without_names():
    """Where no names are kept all the rest is told."""
    here = pages.Settings(store='privacy = "no-names"')
    with scene.mail(here.text) as (_, mta):
        link = pages.refused(mta, scene.RELAY, "bob@strict.example")
        told = pages.ask(here.socket, "page-decision", ref=link)[0]
        same([told[key] for key in ("to_domain", "from_domain", "contact")],
             ["strict.example", "sender.example", "postmaster@strict.example"], "by the domains")


@case
def a_trap_is_told_as_any_other():
    """Of a domain that is a trap the page tells what it would of another one; nobody else does."""
    told = []
    for trap in ("", "plain.example"):
        here = pages.Settings()
        more = ""
        if trap:
            file = server.write(os.path.join(server.new_dir("traps"), "traps"),
                                f"{trap} whole pristine 2026\n")
            os.chmod(file, 0o640)
            more = f'traps {{ files = {{ "{file}" }} }}\n'
        with scene.mail(here.text + more) as (guard, mta):
            for sender in ("a@sender.example", "a@plain.example"):
                link = pages.refused(mta, scene.RELAY, "bob@plain.example", sender=sender)
                told.append(pages.ask(here.socket, "page-decision", ref=link)[0])
            lines = [line for line in guard.output().splitlines() if " verdict=" in line]
            same(["plain.example" in line for line in lines if "to=trap:" in line],
                 [False] * 2 if trap else [], "the log does not name it")
        kept = b"".join(open(file, "rb").read()
                        for file in glob.glob(os.path.join(here.store, "decisions-*")))
        same((b"bob@plain.example" in kept, b"sealed-to=" in kept, b"sealed-from=" in kept),
             (False, True, True) if trap else (True, False, False), "and the store has it sealed")
    for answer in told:
        answer.pop("ref"), answer.pop("time")
    same(told[0]["to_domain"], "plain.example", "a domain is told to whom wrote to it")
    same(told[2:], told[:2], "and so is one that is a trap, with all the rest")


@case
def the_list_lets_go():
    """What is listed no more is said to be clear; a list that is not asked any more, unknown."""
    here = pages.Settings()
    with scene.mail(here.text) as (guard, mta):
        link = pages.refused(mta, scene.RELAY, "bob@strict.example")
        guard.list.change("bl.example", "ip4set", "127.0.0.2 :127.0.0.2:\n")
        subprocess.run([RELAYGUARDCTL, "-s", here.control, "cache", "flush", scene.RELAY], check=False,
                       stdout=subprocess.DEVNULL)
        told = check.wait_for(lambda: (lambda t: t["lists"][0]["now"] == "clear" and t)(
            pages.ask(here.socket, "page-decision", ref=link)[0]), 20)
        ok(told, "it is clear now")
        same([told["lists"][0][key] for key in ("decided", "score", "category")],
             [True, 5, "open-relay"], "and what was said then stays")


@case
def would_it_be_accepted():
    """Whether to send again is of use: not while another list, or anything else, is in the way."""
    here = pages.Settings()
    two = OWN + ('policy "two.example" { lists = { "bl", "local" } refuse = 3 }\n' + DENY)
    with scene.listed(here.text + two) as guard, \
            postfix.Postfix(guard.postfix, domains=postfix.DOMAINS + " two.example") as mta:
        link, denied = [pages.refused(mta, client, "bob@two.example")
                        for client in (scene.RELAY, "192.0.2.9")]
        _list(here, scene.RELAY)
        guard.list.change("bl.example", "ip4set", "127.0.0.2 :127.0.0.2:\n")
        subprocess.run([RELAYGUARDCTL, "-s", here.control, "cache", "flush", scene.RELAY],
                       check=False, stdout=subprocess.DEVNULL)
        told = check.wait_for(lambda: (lambda t: t["lists"][0]["now"] == "clear" and t)(
            _decision(here, link)), 20)
        ok(told and told["accepted"] is False, "the own list is in the way", told)
        pages.ask(here.socket, "page-remove", address=scene.RELAY)
        same(_decision(here, link)["accepted"], True, "now nothing is")
        same(_decision(here, denied)["accepted"], False, "the deny set")
        ok(guard.reload(guard.text.replace(DENY, "")), "is gone")
        same(_decision(here, denied)["accepted"], True, "so it is accepted")


def _decision(here, link):
    """What is told of it."""
    return pages.ask(here.socket, "page-decision", ref=link)[0]


def _take(here, link):
    """Take a pass."""
    return pages.ask(here.socket, "page-pass", ref=link)[0]


def _send(mta, client, *recipients):
    """The replies to the recipients of one message."""
    with smtp.Client(mta.port) as session:
        session.become(client)
        session.mail()
        codes = [session.rcpt(recipient).code for recipient in recipients]
        session.quit()
    return codes


PASS = ('policy "pass.example" { lists = { "bl" } refuse = 3 tag = 2 pass = yes }\n'
        'policy "more.example" { inherit = "pass.example"\n'
        '    pass_categories = { "exploited" } }\n')
DOMAINS = postfix.DOMAINS + " pass.example more.example"


@contextlib.contextmanager
def _passing(more=""):
    """A list, relayguard with a page and passes, and Postfix."""
    here = pages.Settings()
    with scene.listed(here.text + PASS + more) as guard, \
            postfix.Postfix(guard.postfix, domains=DOMAINS) as mta:
        yield here, guard, mta


@case
def a_pass():
    """Taken once: ten messages to five recipients of that domain, and no more."""
    with _passing() as (here, guard, mta):
        link = pages.refused(mta, scene.RELAY, "bob@pass.example")
        same(_decision(here, link)["pass"],
             {"offered": True, "granted_until": None, "why_not": None}, "one is offered")
        same(_take(here, _other(link)), {"granted": False, "why_not": "unknown"}, "a wrong tag")
        same(_send(mta, scene.RELAY, "bob@pass.example"), [550], "nothing has changed")
        taken = _take(here, link)
        ok(taken["granted"], "taken", taken)
        same(_take(here, link), taken, "twice is the same")
        same(_decision(here, link)["pass"],
             {"offered": False, "granted_until": taken["until"], "why_not": None}, "it is told")
        _, line = guard.decided(lambda: smtp.try_rcpt(mta.port, scene.RELAY, "bob@pass.example"))
        same([line.get(key) for key in ("verdict", "reason", "score")], ["tag", "pass", "5/3"],
             "mail is accepted, marked as it would be, and the log says why")
        text = subprocess.run([RELAYGUARDCTL, "-s", here.control, "explain", scene.RELAY, "--to",
                               "bob@pass.example"], check=False, stdout=subprocess.PIPE).stdout.decode()
        like(text, r"(?s)tag: pass: bl 5.*\npass\n  domain: pass.example\n.*counts: yes\n"
             r"  messages_left: 9\n  recipients_left: 4\n", "explain says so, and spends nothing")
        same(_send(mta, scene.RELAY, "bob@pass.example", "bob@strict.example", "eve@pass.example",
                   "c@pass.example", "d@pass.example", "e@pass.example", "f@pass.example"),
             [250, 550, 250, 250, 250, 250, 550], "five recipients, of one domain")
        neighbour = scene.RELAY.rsplit(".", 1)[0] + ".9"
        same(_send(mta, neighbour, "bob@strict.example"), [550], "no other domain")
        for _ in range(8):
            _send(mta, scene.RELAY, "bob@pass.example")
        same(_send(mta, scene.RELAY, "bob@pass.example"), [550], "after ten messages it is over")
        later = pages.refused(mta, scene.RELAY, "bob@pass.example")
        same(_decision(here, later)["pass"]["why_not"], "used", "and there is no other")
        same(_take(here, later), {"granted": False, "why_not": "used"}, "not for thirty days")
        like("".join(guard.events("client-passed")),
             r"network=198\.51\.100\.0/24 by=page seconds=86400 domain=pass\.example ref=" + link[:8],
             "who has taken one is in the log")
        text = subprocess.run([RELAYGUARDCTL, "-s", here.control, "metrics"], check=False,
                              stdout=subprocess.PIPE).stdout.decode()
        like(text, r"\nrelayguard_passes_granted_total 1\n", "and counted")
        same(pages.ask(here.control, "pass", list=True)[0]["domain"], "pass.example",
             "the administrator sees it")
        same(pages.ask(here.control, "pass", address="198.51.100.0/24", end=True)[2], 0,
             "and may end it")


@case
def no_pass():
    """For whom there is none, and why."""
    with _passing(DENY) as (here, guard, mta):
        for label, client, recipient, why in (
                ("a policy without", scene.RELAY, "bob@strict.example", "policy"),
                ("deny", "192.0.2.9", "bob@pass.example", "deny"),
                ("exploited", scene.BOT, "bob@pass.example", "category"),
                ("an open proxy", scene.PROXY, "bob@pass.example", "category"),
                ("an open proxy, where exploited is named", scene.PROXY, "bob@more.example",
                 "category")):
            link = pages.refused(mta, client, recipient)
            same(_decision(here, link)["pass"],
                 {"offered": False, "granted_until": None, "why_not": why}, f"{label}: none offered")
            same(_take(here, link), {"granted": False, "why_not": why}, f"{label}: none granted")
            same(_send(mta, client, recipient), [550], f"{label}: still refused")
        link = pages.refused(mta, scene.BOT, "bob@more.example")
        ok(_take(here, link)["granted"], "exploited, where the policy names it")
        same(_send(mta, scene.BOT, "bob@more.example"), [250], "is accepted")
        same(_send(mta, scene.PROXY, "bob@more.example"), [550],
             "but not a neighbour that is a proxy")
        guard.reload(guard.text.replace(PASS, PASS.replace("pass = yes", "pass = no")))
        same(_send(mta, scene.BOT, "bob@more.example"), [550],
             "nor who has one, once the policy gives none")


OWN = ('own { removal = "https://mx.example/removal?ip=%{ip}"  contact = "postmaster@mx.example" }\n'
       'list "local" { mode = "enforce" }\n'
       'policy "own.example" { lists = { "local" } refuse = 5 pass = yes }\n'
       'policy "both.example" { lists = { "bl" } refuse = 3 pass = yes }\n')
SOON = (datetime.date.today() + datetime.timedelta(days=2)).isoformat()


def _list(here, client):
    """Two operators nominate a client: it is on the list then."""
    said = [pages.ask(here.control, "nominate", address=client, by=by, reason="spam",
                      until=SOON, evidence="seen") for by in ("joe", "ann")]
    same(said[-1][1:], ([], 0), f"{client} is on the own list")


@case
def the_own_list():
    """What is told of it, and the way off; what strangers nominate lists nobody."""
    here = pages.Settings()
    with scene.listed(here.text + OWN) as guard, \
            postfix.Postfix(guard.postfix, domains="own.example both.example") as mta:
        ok(pages.ask(here.socket, "page-status")[0]["own_list"], "there is one")
        same(pages.ask(here.socket, "page-address", address=scene.GOOD)[0]["local"], None,
             "an address that is not on it")
        _list(here, scene.GOOD)
        local = pages.ask(here.socket, "page-address", address=scene.GOOD)[0]["local"]
        same((set(local), local["reasons"]), ({"reasons", "since", "until"}, ["nominated"]),
             "one that is")
        link = pages.refused(mta, scene.GOOD, "bob@own.example")
        row = _decision(here, link)["lists"][0]
        same((row["name"], row["now"], row["removal"]),
             ("local", "listed", f"https://mx.example/removal?ip={scene.GOOD}"), "a refusal by it")
        like(row["until"], "^" + SOON, "until when it lasts")
        told = pages.ask(here.socket, "page-criteria")[0]
        same((told["dictionary"], told["life_hours"][0], told["trap_days"]), (10, 24, 7),
             "what lists whom")
        same([pages.ask(here.socket, "page-remove", address=scene.GOOD)[0] for _ in range(2)],
             [{"removed": True}, {"removed": False, "why_not": "none"}], "taken off, once")
        same(_send(mta, scene.GOOD, "bob@own.example"), [250], "mail is accepted at once")
        like("".join(guard.events("own-removed")), f"client={scene.GOOD} by=page", "and logged")
        for _ in range(3):
            same(pages.ask(here.socket, "page-nominate", address=scene.GOOD,
                           evidence="geséhen AAAAAAAA\n" + "日" * 300)[0], {"noted": True}, "noted")
        same(_send(mta, scene.GOOD, "bob@own.example"), [250], "nobody is listed for that")
        asked = pages.ask(here.control, "requests")[0]
        same((asked["by"], asked["why"]), ("page", "geséhen AAAAAAAA " + "日" * 300),
             "but it is told, and all of it")
        same(pages.ask(here.socket, "page-nominate", address=scene.GOOD, evidence="é" * 501)[2], 64,
             "more than a form has is refused")
        said = [pages.ask(here.socket, "page-nominate", address=scene.GOOD, evidence="x")[2]
                for _ in range(12)]
        ok(75 in said, "so many a minute", said)
        same(pages.ask(here.socket, "page-nominate", address=scene.GOOD)[2], 64, "no evidence")
        same(pages.ask(here.socket, "page-remove", address="x")[2], 64, "no address")


@case
def abused():
    """A pass that is used by whom the own list then holds ends."""
    here = pages.Settings()
    with scene.listed(here.text + OWN) as guard, \
            postfix.Postfix(guard.postfix, domains="own.example both.example") as mta:
        link = pages.refused(mta, scene.RELAY, "bob@both.example")
        ok(_take(here, link)["granted"], "a pass")
        same(_send(mta, scene.RELAY, "bob@both.example"), [250], "is used")
        neighbour = scene.RELAY.rsplit(".", 1)[0] + ".77"
        other = pages.refused(mta, scene.LISTED6, "bob@both.example")
        _list(here, neighbour)
        same(_send(mta, scene.RELAY, "bob@both.example"), [550],
             "a neighbour in the /24 is listed: it is over")
        ok(_take(here, other)["granted"], "another network may take one")


check.run()
