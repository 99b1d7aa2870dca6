# SPDX-License-Identifier: BSD-2-Clause
"""A private Postfix on a loopback port, with everything it owns in one directory."""
import email
import glob
import json
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
relay_transport = {transport}:
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

# Mail is put into a Maildir that is everybody's.
MAILBOXES = """
virtual_mailbox_base = {top}
virtual_mailbox_domains =
virtual_mailbox_maps = static:mail/
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
"""

CLIENT = """smtp unix - - n - - smtp
"""

MASTER = """{host}:{port} inet n - {chroot} - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
anvil unix - - n - 1 anvil
tlsmgr unix - - n 1000 1 tlsmgr
discard unix - - n - - discard
virtual unix - n n - - virtual
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
postlog unix-dgram n - n - 1 postlogd
"""


def one_each(text):
    """Of parameters that are set twice the last.  Postfix warns of each otherwise, and
    postlogd(8), which takes such warnings, waits for ever to be rid of its own."""
    settings, name = {}, None
    for line in filter(str.strip, text.splitlines()):
        if not line[0].isspace():
            name = line.split("=")[0].strip()
            settings[name] = ""
        settings[name] += line + "\n"
    return "".join(settings.values())


def make_queue(top):
    """The directories queue and data below top, as Postfix wants them."""
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


def postconf(name):
    """The default of a parameter."""
    return subprocess.run(["postconf", "-d", "-h", name], check=True, text=True,
                          stdout=subprocess.PIPE).stdout.strip()


class Postfix(server.Server):
    """milters: the value of smtpd_milters; chroot: smtpd is locked in its queue;
    mailboxes: what is delivered is kept, in mails(); host, port: where it listens;
    client: it can send mail to other servers, too; services: more lines of master.cf."""

    def __init__(self, milters="", more="", chroot=False, domains=DOMAINS, mailboxes=False,
                 host="127.0.0.1", port=None, client=False, services=""):
        self.top = server.new_dir("postfix")
        self.port = port or server.free_port(host)
        self.maillog = os.path.join(self.top, "maillog")
        self.etc = etc = os.path.join(self.top, "etc")
        os.mkdir(etc)
        make_queue(self.top)
        if mailboxes:
            os.mkdir(os.path.join(self.top, "mail"))
            os.chown(os.path.join(self.top, "mail"), 65534, 65534)
            more += MAILBOXES.format(top=self.top)
        server.write(os.path.join(etc, "main.cf"),
                     one_each(MAIN.format(top=self.top, domains=domains, milters=milters,
                                          more=more,
                                          transport="virtual" if mailboxes else "discard")))
        server.write(os.path.join(etc, "master.cf"),
                     MASTER.format(host=host, port=self.port, chroot="y" if chroot else "n")
                     + (CLIENT if client else "") + services)
        for name in ("main.cf", "master.cf"):  # master(8) waits until they are seconds old
            os.utime(os.path.join(etc, name), (1, 1))
        super().__init__("postfix", [os.path.join(postconf("daemon_directory"), "master"),
                                     "-d", "-c", etc])
        self.wait_ready(lambda: server.listens(self.port, host))

    def log(self):
        """Its maillog so far."""
        try:
            with open(self.maillog, encoding="utf-8", errors="backslashreplace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def wait_log(self, text, seconds=server.PATIENCE):
        """Wait until the maillog holds a text; the lines that do."""
        check.wait_for(lambda: text in self.log(), seconds)
        return [line for line in self.log().splitlines() if text in line]

    def mails(self, recipient):
        """The messages that were delivered to somebody."""
        found = []
        for path in sorted(glob.glob(os.path.join(self.top, "mail", "new", "*"))):
            with open(path, "rb") as file:
                message = email.message_from_binary_file(file)
            if message["Delivered-To"] == recipient:
                found.append(message)
        return found

    def receivers(self):
        """Whom each message was delivered to."""
        found = []
        for path in glob.glob(os.path.join(self.top, "mail", "new", "*")):
            with open(path, "rb") as file:
                found.append(email.message_from_binary_file(file)["Delivered-To"])
        return found

    def wait_mail(self, recipient, seconds=server.PATIENCE):
        """Wait for a message to somebody; the last one, or None."""
        found = check.wait_for(lambda: self.mails(recipient), seconds)
        return found[-1] if found else None

    def held(self):
        """What is on hold in its queue, by queue id: who it is for."""
        entries = map(json.loads, self._postfix("postqueue", "-j").splitlines())
        return {entry["queue_id"]: sorted(each["address"] for each in entry["recipients"])
                for entry in entries if entry["queue_name"] == "hold"}

    def held_mail(self, queue_id):
        """The header of a message that is held, as its administrator sees it."""
        return email.message_from_string(self._postfix("postcat", "-bh", "-q", queue_id))

    def release(self, queue_id):
        """Let go of a message that is held."""
        self._postfix("postsuper", "-H", queue_id)
        self._postfix("postqueue", "-f")

    def _postfix(self, program, *arguments):
        return subprocess.run([program, "-c", self.etc, *arguments], check=True, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE).stdout

    def output(self):
        return super().output() + self.log()
