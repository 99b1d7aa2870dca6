# SPDX-License-Identifier: BSD-2-Clause
"""Policy servers: gross, policyd-weight and postfwd2.  What smtpd does to ask them is
not in their figures."""
import os

from . import clients, peer


class Gross(peer.Peer):
    """It blocks from the threshold on; greylisting, its trade, is out of reach."""

    name = "gross"
    program = "/usr/sbin/grossd"
    keep = True
    codes = False
    cache = ""
    remark = "any answer is a listing; Debian's has no milter, so a policy server"

    def where(self):
        return ("127.0.0.1", 5525)

    def command(self):
        lists = "".join(f"dnsbl = {zone};{weight}\n" for zone, weight in clients.WEIGHTS.items())
        config = self.write("grossd.conf", (
            "host = 127.0.0.1\nport = 5525\nprotocol = postfix\n"
            f"check = dnsbl\n{lists}block_threshold = {clients.THRESHOLD}\n"
            f"grey_threshold = 1000\nstatefile = {self.directory}/state\n"))
        return ["/bin/sh", "-c", f"{self.program} -f {config} -C && exec {self.program} -f "
                f"{config} -p {self.directory}/pid"], "gross"


class PolicydWeight(peer.Peer):
    """dnsbl_checks_only, and as many children as there can be smtpds."""

    name = "policyd-weight"
    program = "/usr/sbin/policyd-weight"
    keep = True
    codes = False
    cache = "refused clients; others in part"
    remark = "any answer is a listing"

    def where(self):
        return ("127.0.0.1", 12525)

    def command(self):
        lock = os.path.join(self.directory, "lock")
        os.mkdir(lock, 0o700)
        lists = "".join(f'    "{zone}", {weight}, 0, "{zone.split(".", maxsplit=1)[0]}",\n'
                        for zone, weight in clients.WEIGHTS.items())
        config = self.write("policyd-weight.conf", (
            f"$dnsbl_checks_only = 1;\n@dnsbl_score = (\n{lists});\n@rhsbl_score = ();\n"
            f"$MAXDNSBLHITS = 0x7fff;\n$MAXDNSBLSCORE = {clients.THRESHOLD - 0.1};\n"
            f"$REJECTLEVEL = {clients.THRESHOLD};\n$MAX_PROC = 250;\n"
            f"$LOCKPATH = '{lock}/';\n$SPATH = $LOCKPATH.'/polw.sock';\n"
            f"$PIDFILE = '{self.directory}/pid';\n1;\n"))
        return [self.program, "-D", "-f", config, "start"], None


class Postfwd(peer.Peer):
    """Two rules, and the cache as its manual recommends it for lists alone."""

    name = "postfwd2"
    program = "/usr/sbin/postfwd2"
    keep = True
    cache = "decisions"
    remark = "weights as two rules: one of two lists, or two of six"

    def where(self):
        return ("127.0.0.1", 10045)

    def command(self):
        answer = clients.LISTED.replace(".", r"\.")
        lists = [f"{zone}/^{answer}$/3600" for zone in clients.ZONES]
        config = self.write("postfwd.cf", (
            f"id=HEAVY; rbl={','.join(lists[:2])}; action=REJECT listed\n"
            f"id=LIGHT; rbl={','.join(lists[2:])}; rblcount=2; action=REJECT listed\n"))
        return [self.program, "--file", config, "--interface", "127.0.0.1", "--port", "10045",
                "--user", "postfw", "--group", "postfw", "--cache", "3600",
                "--cacheid", "client_name,client_address", "--max_servers", "250",
                "--cache_socket", f"unix::{self.directory}/cache",
                "--pidfile", f"{self.directory}/pid"], None
