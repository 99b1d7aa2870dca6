#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""A list behind each of five resolvers, as they are and with the settings that keep a list
from being heard: nobody is refused wrongly, who is listed is refused where the list can
be heard, and the log says what is wrong where it cannot."""
import concurrent.futures
import re

from lib import check, internet
from lib.check import case, like, ok, same, unlike

if internet.why_not():
    check.skip_all(internet.why_not())
internet.enter()

from lib import daemon, load, resolver, server

LISTED = [f"{internet.Internet.LISTED}.{n}" for n in (7, 8, 9)]
GOOD = [f"203.0.113.{n}" for n in (5, 6, 7)]
AT_ONCE = 4  # rows that are tried at a time

LIST, LOOP, PRIVATE, LAME, CODE = (internet.LIST, internet.LOOP_LIST, internet.PRIVATE,
                                   internet.LAME, internet.CODE)
STUB = {"stubs": {PRIVATE: (internet.LISTS, 53)}}
DIRECT = {"stubs": {LIST: (internet.LISTS, 53)}}
RPZ = "$TTL 60\n@ SOA . . 1 600 600 600 60\n@ NS .\n8.0.0.0.127.rpz-ip CNAME .\n"


class Row:
    """A resolver, its settings, a list; what comes of it.

    event: how the log says what is wrong, a pattern; None: nothing is, and who is listed
    is refused.  hint: the one of HINTS that is to be beside it, and no other; or one of
    several; None: none.
    """

    def __init__(self, kind, zone=LIST, *, event=None, hint=None, sure=True, **options):
        self.kind, self.zone = kind, zone
        self.event = event
        self.hints = (hint,) if isinstance(hint, str) else hint or ()
        self.sure = sure  # False: now and then who is listed is found all the same
        self.options = options
        words = " ".join(" ".join(str(value).split()) for value in options.values())
        self.label = f"{kind.__name__} [{words}] {zone}"


# What the hints say, each with words that no other one has.
REBINDING_HINT, LOCAL_HINT, DENY_HINT, POLICY_HINT, STRICT_HINT, DNSSEC_HINT, NOBODY_HINT, ALL_HINT = \
    HINTS = (r"unbound private-domain, dnsmasq rebind-localhost-ok", r"ALLOW_LOCAL",
             r"deny-answer-addresses", r"a policy of the resolver denies", r"minimises query names",
             r"DNSSEC validation fails", r"no answer of the list to give",
             r"leaves all answers out")

SILENT = r"event=list-silent list=bl"
EMPTY = r'event=list-suspended list=bl reason=empty'
# A resolver that minimises strictly fails at first, and is right now and then.
DOUBTED = r'event=list-(doubted|suspended) list=bl reason=(empty|unanswered)'
PATCHY = r'event=list-patchy list=bl hint="the resolver minimises query names strictly'
ERROR_CODE = r'event=list-suspended list=bl reason=error-code'

UNBOUND = [
    Row(resolver.Unbound),
    Row(resolver.Unbound, more="private-address: 127.0.0.0/8", event=SILENT, hint=REBINDING_HINT),
    Row(resolver.Unbound, more=f'private-address: 127.0.0.0/8\nprivate-domain: "{LIST}"'),
    Row(resolver.Unbound, more="qname-minimisation-strict: yes", event=DOUBTED, hint=STRICT_HINT,
        sure=False),
    Row(resolver.Unbound, more="tcp-upstream: yes", event=SILENT, hint=NOBODY_HINT),
    Row(resolver.Unbound, LOOP, event=SILENT, hint=NOBODY_HINT),
    Row(resolver.Unbound, LOOP, more="do-not-query-localhost: no"),
    Row(resolver.Unbound, PRIVATE, event=SILENT, hint=DNSSEC_HINT,
        zones=f'stub-zone:\nname: "{PRIVATE}"\nstub-addr: {internet.LISTS}'),
    Row(resolver.Unbound, PRIVATE, **STUB),
    Row(resolver.Unbound, LAME, event=SILENT, hint=NOBODY_HINT),
    Row(resolver.Unbound, CODE, event=ERROR_CODE),
    Row(resolver.Unbound, CODE, more="private-address: 127.0.0.0/8", event=SILENT, hint=ALL_HINT),
]

DENY = "deny-answer-addresses { 127.0.0.0/8; }"
BIND = [
    Row(resolver.Bind),
    Row(resolver.Bind, more=f"{DENY};", event=SILENT, hint=DENY_HINT),
    Row(resolver.Bind, more=f'{DENY} except-from {{ "{LIST}"; }};'),
    Row(resolver.Bind, more="qname-minimization strict;", event=DOUBTED,
        hint=(STRICT_HINT, DENY_HINT), sure=False),
    Row(resolver.Bind, LOOP),
    Row(resolver.Bind, PRIVATE, event=SILENT, hint=DNSSEC_HINT,
        zones=f'zone "{PRIVATE}" {{ type static-stub; server-addresses {{ {internet.LISTS}; }}; }};'),
    Row(resolver.Bind, PRIVATE, **STUB),
    Row(resolver.Bind, CODE, more=f"{DENY};", event=SILENT, hint=NOBODY_HINT),
]

PDNS = [
    Row(resolver.PdnsRecursor),
    Row(resolver.PdnsRecursor, LOOP, event=SILENT, hint=NOBODY_HINT),
    Row(resolver.PdnsRecursor, PRIVATE, **STUB),
    Row(resolver.PdnsRecursor, PRIVATE, more="dnssec=validate", event=SILENT, hint=DNSSEC_HINT,
        **STUB),
    Row(resolver.PdnsRecursor, PRIVATE, more="dnssec=validate", lua=f'addNTA("{PRIVATE}")', **STUB),
    Row(resolver.PdnsRecursor, rpz=RPZ, event=EMPTY, hint=POLICY_HINT),
]

REBINDING = 'modules.load("rebinding < iterate")'
KNOT = [
    Row(resolver.KnotResolver),
    Row(resolver.KnotResolver, more=REBINDING, event=SILENT, hint=LOCAL_HINT),
    Row(resolver.KnotResolver, more=REBINDING + "\npolicy.add(policy.suffix("
        f'policy.FLAGS({{"ALLOW_LOCAL"}}), {{ todname("{LIST}") }}))'),
    Row(resolver.KnotResolver, PRIVATE, **STUB),
    # It mostly fails without validation, too: it asks the list's server for what is above it.
    Row(resolver.KnotResolver, PRIVATE, event=SILENT, hint=(NOBODY_HINT, DNSSEC_HINT),
        more=f'policy.add(policy.suffix(policy.FORWARD("{internet.LISTS}"), '
        f'{{ todname("{PRIVATE}") }}))'),
    Row(resolver.KnotResolver, PRIVATE,
        more=f'policy.add(policy.suffix(policy.FORWARD("{internet.LISTS}"), '
        f'{{ todname("{PRIVATE}") }}))\ntrust_anchors.set_insecure({{ "{PRIVATE}" }})'),
]

DNSMASQ = [
    Row(resolver.Dnsmasq, **DIRECT),
    Row(resolver.Dnsmasq, more="stop-dns-rebind", event=SILENT, hint=REBINDING_HINT, **DIRECT),
    Row(resolver.Dnsmasq, more="stop-dns-rebind\nrebind-localhost-ok", **DIRECT),
    Row(resolver.Dnsmasq, more=f"stop-dns-rebind\nrebind-domain-ok=/{LIST}/", **DIRECT),
    Row(resolver.Dnsmasq, more="bogus-nxdomain=127.0.0.2", event=EMPTY, hint=POLICY_HINT, **DIRECT),
]


class Found:
    """What came of a row."""

    def __init__(self, row, net):
        options = dict(row.options)
        if "rpz" in options:
            file = server.write(f"{server.new_dir('rpz')}/zone", options.pop("rpz"))
            options["lua"] = f'rpzFile("{file}", {{}})'
        text = ('deadline = "5s"\n' 'dns {{ servers = {{ "{address}" }} }}\n'
                'list "bl" {{ zone = "{zone}"\n'
                '\tanswer "127.0.0.2" {{ category = "spam-source" score = 5 }} }}\n'
                'policy "default" {{ lists = {{ "bl" }} refuse = 5 }}\n')
        with row.kind(net, **options) as front, \
                daemon.Relayguard(text.format(address=front.address, zone=row.zone)) as guard:
            if row.event is None:
                check.wait_for(lambda: load.judge(guard.where, LISTED[0]) == "refuse", 8)
            self.good = [load.judge(guard.where, client) for client in GOOD]
            self.listed = [load.judge(guard.where, client) for client in LISTED]
            if row.event is not None:
                guard.wait_lines(row.event, seconds=12)
            if row.hints:
                guard.wait_lines("|".join(row.hints), seconds=12)
            self.good += [load.judge(guard.where, client) for client in GOOD]
            self.events = "\n".join(guard.events("list"))


def _judge(row, found):
    unlike(" ".join(found.good), "refuse|defer", f"{row.label}: good clients pass")
    if row.event is None:
        same(found.listed, ["refuse"] * len(LISTED), f"{row.label}: listed ones are refused")
        unlike(found.events, "silent|doubted|suspended", f"{row.label}: nothing is wrong")
        return
    if row.sure:
        same(found.listed, ["pass"] * len(LISTED), f"{row.label}: listed ones pass")
    like(found.events, row.event, f"{row.label}: it is said")
    hints = [hint for hint in HINTS if re.search(hint, found.events)]
    ok(bool(hints) == bool(row.hints) and set(hints) <= set(row.hints),
       f"{row.label}: with its hint, and no other", hints)


@case
def settings():
    """Each resolver, each setting."""
    rows = []
    for table in (UNBOUND, BIND, PDNS, KNOT, DNSMASQ):
        why = table[0].kind.why_not()
        if why is None:
            rows += table
        else:
            check.skip(table[0].kind.__name__, why)
    with internet.Internet() as net, \
            concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for row, future in [(row, pool.submit(Found, row, net)) for row in rows]:
            _judge(row, future.result())


@case
def strict():
    """Unbound minimises strictly: tests soon pass, and it is said that this is not all."""
    if resolver.Unbound.why_not():
        check.skip("Unbound", resolver.Unbound.why_not())
        return
    row = Row(resolver.Unbound, more="qname-minimisation-strict: yes", event=PATCHY,
              hint=STRICT_HINT)
    with internet.Internet() as net:
        like(Found(row, net).events, PATCHY, "it is said")
        unlike(Found(Row(resolver.Unbound), net).events, "patchy", "and of no other Unbound")


check.run()
