# SPDX-License-Identifier: BSD-2-Clause
"""A private Postfix on a loopback port, with everything it owns in one directory."""
import os
import shutil
import subprocess

from . import check, server

DOMAINS = "strict.example mild.example plain.example shadow.example sub.dotted.example"

MAIN = """compatibility_level = 3.6
queue_directory = {top}/queue
data_directory = {top}/data
maillog_file = {top}/maillog
maillog_file_prefixes = {top}
myhostname = mx.relay.example
myorigin = mx.relay.example
mydestination = mx.relay.example
local_recipient_maps =
alias_maps =
local_transport = discard:
relay_transport = discard:
default_transport = discard:
relay_domains = {domains}
mynetworks = 127.0.0.9/32
inet_interfaces = all
inet_protocols = all
smtpd_peername_lookup = no
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_authorized_xclient_hosts = 127.0.0.1
smtpd_client_connection_rate_limit = 0
smtpd_milters = {milters}
milter_connect_timeout = 3s
milter_command_timeout = 10s
in_flow_delay = 0
{more}
"""

MASTER = """127.0.0.1:{port} inet n - {chroot} - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
anvil unix - - n - 1 anvil
discard unix - - n - - discard
error unix - - n - - error
retry unix - - n - - error
postlog unix-dgram n - n - 1 postlogd
"""


def _make_queue(top):
    owned = ("active bounce corrupt defer deferred flush hold incoming private saved trace "
             "maildrop public").split()
    for name in ["queue", "queue/pid", "data"] + ["queue/" + name for name in owned]:
        os.mkdir(os.path.join(top, name), 0o755)
    for name in owned:
        shutil.chown(os.path.join(top, "queue", name), "postfix")
    shutil.chown(os.path.join(top, "data"), "postfix")
    for name, mode in (("maildrop", 0o1730), ("public", 0o2710)):
        path = os.path.join(top, "queue", name)
        shutil.chown(path, "postfix", "postdrop")
        os.chmod(path, mode)


def _postconf(name):
    return subprocess.run(["postconf", "-d", "-h", name], check=True, text=True,
                          stdout=subprocess.PIPE).stdout.strip()


class Postfix(server.Server):
    """milters: the value of smtpd_milters; chroot: smtpd is locked in its queue."""

    def __init__(self, milters="", more="", chroot=False):
        self.top = server.new_dir("postfix")
        self.port = server.free_port()
        self.maillog = os.path.join(self.top, "maillog")
        etc = os.path.join(self.top, "etc")
        os.mkdir(etc)
        _make_queue(self.top)
        server.write(os.path.join(etc, "main.cf"),
                     MAIN.format(top=self.top, domains=DOMAINS, milters=milters,
                                 more=more))
        server.write(os.path.join(etc, "master.cf"),
                     MASTER.format(port=self.port, chroot="y" if chroot else "n"))
        for name in ("main.cf", "master.cf"):  # master(8) waits until they are seconds old
            os.utime(os.path.join(etc, name), (1, 1))
        super().__init__("postfix", [os.path.join(_postconf("daemon_directory"), "master"),
                                     "-d", "-c", etc])
        self.wait_ready(lambda: server.listens(self.port))

    def log(self):
        """Its maillog so far."""
        try:
            with open(self.maillog, encoding="utf-8", errors="backslashreplace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def wait_log(self, text, seconds=5.0):
        """Wait until the maillog holds a text; the lines that do."""
        check.wait_for(lambda: text in self.log(), seconds)
        return [line for line in self.log().splitlines() if text in line]

    def output(self):
        return super().output() + self.log()
