# SPDX-License-Identifier: BSD-2-Clause
"""Postfix's own: reject_rbl_client of smtpd, and postscreen; and both without lists.

A proxy protocol tells them who the client is.  Their first line is the verdict, so
sessions end before MAIL.
"""
import os

from lib import postfix

from . import clients, peer, protocol

_MAIN = """compatibility_level = 3.6
queue_directory = {top}/queue
data_directory = {top}/data
myhostname = mx.example
mydestination = mx.example
local_recipient_maps =
alias_maps =
mynetworks = 127.0.0.9/32
in_flow_delay = 0
inet_interfaces = all
inet_protocols = ipv4
default_process_limit = 250
smtpd_peername_lookup = no
smtpd_client_connection_rate_limit = 0
smtpd_client_connection_count_limit = 0
smtpd_upstream_proxy_protocol = {smtpd_proxy}
postscreen_upstream_proxy_protocol = haproxy
postscreen_client_connection_count_limit = 0
postscreen_greet_banner =
smtpd_delay_reject = {delay}
{more}
"""

_MASTER = """{front}
dnsblog unix - - n - 0 dnsblog
rewrite unix - - n - - trivial-rewrite
anvil unix - - n - 1 anvil
cleanup unix n - n - 0 cleanup
"""


class _Postfix(peer.Peer):
    program = "/usr/sbin/postfix"
    speak = staticmethod(protocol.smtp)
    front = "{host}:25 inet n - n - - smtpd"
    host = "127.0.0.1"
    smtpd_proxy = "haproxy"
    delay = "no"

    def where(self):
        return (self.host, 25)

    def settings(self):
        """Lines for main.cf."""
        return ""

    def command(self):
        os.chmod(self.directory, 0o755)
        postfix.make_queue(self._make("top"))
        etc = self._make("etc")
        self.write("etc/main.cf", _MAIN.format(
            top=os.path.join(self.directory, "top"), smtpd_proxy=self.smtpd_proxy,
            delay=self.delay, more=self.settings()))
        self.write("etc/master.cf", _MASTER.format(front=self.front.format(host=self.host)))
        for name in ("main.cf", "master.cf"):  # master(8) waits until they are seconds old
            os.utime(os.path.join(etc, name), (1, 1))
        return [os.path.join(postfix.postconf("daemon_directory"), "master"), "-d", "-c", etc], None

    def _make(self, name):
        path = os.path.join(self.directory, name)
        os.mkdir(path, 0o755)
        return path


class Smtpd(_Postfix):
    """smtpd without lists."""

    name = "smtpd, no lists"
    decides = False
    remark = "what smtpd does anyway"


class SmtpdLists(_Postfix):
    """smtpd with a restriction for each list."""

    name = "smtpd"
    weighs = False
    base = "smtpd, no lists"
    cache = "100 answers a process"
    remark = "no weights: refuses whom any list holds"

    def settings(self):
        return "smtpd_client_restrictions = " + ", ".join(
            f"reject_rbl_client {zone}={clients.LISTED}" for zone in clients.ZONES)


class Postscreen(_Postfix):
    """postscreen without lists hands all clients to smtpd."""

    name = "postscreen, no lists"
    decides = False
    remark = "with the smtpd behind it"
    front = "{host}:25 inet n - n - 1 postscreen\nsmtpd pass - - n - - smtpd"
    smtpd_proxy = ""


class PostscreenLists(Postscreen):
    """postscreen without its test of early talkers, which would make all wait."""

    name = "postscreen"
    decides = True
    base = "postscreen, no lists"
    cache = "who has passed"
    remark = "with the smtpd behind it, for those who pass"

    def settings(self):
        sites = ", ".join(f"{zone}={clients.LISTED}*{weight}"
                          for zone, weight in clients.WEIGHTS.items())
        return (f"postscreen_dnsbl_sites = {sites}\npostscreen_dnsbl_action = drop\n"
                f"postscreen_dnsbl_threshold = {clients.THRESHOLD}\n")
