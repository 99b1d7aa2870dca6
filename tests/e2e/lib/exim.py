# SPDX-License-Identifier: BSD-2-Clause
"""A private Exim that takes mail for a domain of ours, from Debian's package unpacked in a
folder (see senders.py).  To be run where apart.py leads."""
import os
import shutil

from . import senders, server

CONF = """
spool_directory = {top}/spool
log_file_path = {top}/log/%slog
pid_file_path = {top}/pid
primary_hostname = mx.relay.example
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
keep_environment =
host_lookup =
rfc1413_query_timeout = 0s
acl_smtp_rcpt = check_rcpt
begin acl
check_rcpt:
  accept  domains = {domain}
  deny    message = relay not permitted
begin routers
all:
  driver = redirect
  data = :blackhole:
"""


def why_not():
    """Why it cannot run here, or None."""
    if not os.path.exists(senders.unpacked("exim4-daemon-light", "usr/sbin/exim4")):
        return "RELAYGUARD_SENDERS holds no exim4-daemon-light"
    return None


class Exim(server.Server):
    """domain: whose mail it takes."""

    def __init__(self, domain):
        self.top = server.new_dir("exim")
        self.port = server.free_port()
        for name in ("spool", "log"):
            os.mkdir(os.path.join(self.top, name))
            shutil.chown(os.path.join(self.top, name), "Debian-exim", "Debian-exim")
        conf = server.write(os.path.join(self.top, "conf"),
                            CONF.format(top=self.top, port=self.port, domain=domain))
        super().__init__("exim", [senders.unpacked("exim4-daemon-light", "usr/sbin/exim4"),
                                  "-bdf", "-C", conf],
                         env=server.libraries(senders.unpacked("exim4-daemon-light")))
        self.wait_ready(lambda: server.listens(self.port))

    def log(self):
        """Its main log so far."""
        return senders.read(os.path.join(self.top, "log", "mainlog"))
