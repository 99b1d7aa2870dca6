# SPDX-License-Identifier: BSD-2-Clause
"""What resolvers can be told that keeps a list from being heard, and what is said of each."""
import os

from . import internet, resolver, server

LIST, LOOP, PRIVATE, LAME, CODE = (internet.LIST, internet.LOOP_LIST, internet.PRIVATE,
                                   internet.LAME, internet.CODE)
STUB = {"stubs": {PRIVATE: (internet.LISTS, 53)}}
DIRECT = {"stubs": {LIST: (internet.LISTS, 53)}}
RPZ = "$TTL 60\n@ SOA . . 1 600 600 600 60\n@ NS .\n8.0.0.0.127.rpz-ip CNAME .\n"


_CONF = """dns {{ servers = {{ {servers} }} }}
list "bl" {{ zone = "{zone}" {more}
	answer "127.0.0.2" {{ category = "spam-source" score = 5 }} }}
policy "default" {{ lists = {{ "bl" }} refuse = 5 }}
"""


def conf(*addresses, zone=LIST, more=""):
    """The path of a configuration with these resolvers, and a list that they ask."""
    servers = ", ".join(f'"{address}"' for address in addresses)
    return server.write(os.path.join(server.new_dir("conf"), "relayguard.conf"),
                        _CONF.format(servers=servers, zone=zone, more=more))


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

    def start(self, net):
        """The resolver."""
        options = dict(self.options)
        if "rpz" in options:
            file = server.write(f"{server.new_dir('rpz')}/zone", options.pop("rpz"))
            options["lua"] = f'rpzFile("{file}", {{}})'
        return self.kind(net, **options)


# What the hints say, each with words that no other one has.
REBINDING_HINT, LOCAL_HINT, DENY_HINT, POLICY_HINT, STRICT_HINT, DNSSEC_HINT, NOBODY_HINT, ALL_HINT, \
    REFUSED_HINT = \
    HINTS = (r"unbound private-domain, dnsmasq rebind-localhost-ok", r"ALLOW_LOCAL",
             r"deny-answer-addresses", r"a policy of the resolver denies", r"minimises query names",
             r"DNSSEC validation fails", r"no answer of the list to give",
             r"leaves all answers out", r"refuses to answer us at all")

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
    Row(resolver.Unbound, more="access-control: 127.0.0.0/8 refuse", event=SILENT,
        hint=REFUSED_HINT),
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

ROWS = UNBOUND + BIND + PDNS + KNOT + DNSMASQ


def rows(skip):
    """Those whose resolver is here; skip() is told of the others."""
    for kind in {row.kind: None for row in ROWS}:
        if kind.why_not() is not None:
            skip(kind.__name__, kind.why_not())
    return [row for row in ROWS if row.kind.why_not() is None]
