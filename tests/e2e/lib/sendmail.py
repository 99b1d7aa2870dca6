# SPDX-License-Identifier: BSD-2-Clause
"""A private Sendmail on a loopback port, from Debian's packages unpacked in a folder.

RELAYGUARD_SENDMAIL is that folder: sendmail-bin, sendmail-cf, libwrap0, each
unpacked there with dpkg -x.  Nothing is installed; m4 makes its sendmail.cf.
"""
import glob
import os
import re
import shutil
import subprocess

from . import check, server

FOLDER = os.environ.get("RELAYGUARD_SENDMAIL")
CF = os.path.join(FOLDER or "", "usr/share/sendmail/cf")

# It takes mail however busy the machine is.
MC = """divert(-1)
include(`{cf}/m4/cf.m4')
OSTYPE(`linux')
define(`confDOMAIN_NAME', `mx.relay.example')
define(`confPID_FILE', `{top}/pid')
define(`confDELIVERY_MODE', `queueonly')
define(`confTO_IDENT', `0')
define(`confQUEUE_LA', `10000')
define(`confREFUSE_LA', `10000')
define(`confDONT_PROBE_INTERFACES', `True')
define(`QUEUE_DIR', `{top}/queue')
define(`STATUS_FILE', `{top}/statistics')
define(`HELP_FILE', `{top}/helpfile')
define(`ALIAS_FILE', `{aliases}')
define(`confCW_FILE', `{top}/names')
FEATURE(`no_default_msa')
{relaying}
FEATURE(`accept_unresolvable_domains')
FEATURE(`accept_unqualified_senders')
FEATURE(`nocanonify')
DAEMON_OPTIONS(`Family=inet, Addr=127.0.0.1, Port={port}, Name=MTA')
{filter}
{more}
{local}
MAILER(`smtp')
"""

FILTER = "INPUT_MAIL_FILTER(`relayguard', `S={socket}, T=C:3s;S:3s;R:9s')"

# On a machine without a domain of its own, Sendmail looks for one for a minute.
NAMED = ["unshare", "--uts", "sh", "-c",
         'echo mx.relay.example >/proc/sys/kernel/hostname && exec "$@"', "sh"]


def why_not():
    """Why it cannot run here, or None."""
    if not FOLDER:
        return "RELAYGUARD_SENDMAIL is not set"
    if not os.path.exists(os.path.join(FOLDER, "usr/libexec/sendmail/sendmail")):
        return "RELAYGUARD_SENDMAIL holds no usr/libexec/sendmail/sendmail"
    if shutil.which("m4") is None:
        return "m4 is missing"
    return None


def compile_cf(top, mc):
    """Write sendmail.cf in a folder, from the text of an .mc file; its path."""
    source = server.write(os.path.join(top, "sendmail.mc"), mc)
    done = subprocess.run(["m4", "-D", f"_CF_DIR_={CF}/", source], check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    return server.write(os.path.join(top, "sendmail.cf"), done.stdout)


def copy_program(top):
    """Copy the program to a folder; its path."""
    # Without its setgid bit: with it, the loader would not look in the folder.
    program = os.path.join(top, "sendmail")
    shutil.copyfile(os.path.join(FOLDER, "usr/libexec/sendmail/sendmail"), program)
    os.chmod(program, 0o755)
    return program


class Entry:
    """A message in the queue; held: why it is in quarantine, or None."""

    def __init__(self, text):
        self.recipients = re.findall(r"^rRFC822; (.*)$", text, re.MULTILINE)
        held = re.search(r"^q(.*)$", text, re.MULTILINE)
        self.held = held and held.group(1)
        self.header = re.findall(r"^H\?.*?\?(.*(?:\n[ \t].*)*)$", text, re.MULTILINE)

    def field(self, name):
        """The values of a field, unfolded."""
        fields = [line.split(":", 1) for line in self.header]
        return [" ".join(value.split()) for key, value in fields if key.lower() == name.lower()]


def write_mc(top, port, socket=None, relay=None, more="", local=None):
    """The text of a .mc file, as the class below has it."""
    return MC.format(cf=CF, top=top, port=port, more=more,
                     aliases=f"null:{top}/aliases" if local else "",
                     relaying=f"RELAY_DOMAIN(`{relay}')" if relay else
                     "FEATURE(`promiscuous_relay')",
                     filter=FILTER.format(socket=socket) if socket else "",
                     local=f"LOCAL_DOMAIN(`{local}')\nMAILER(`local')" if local else "")


class Sendmail(server.Server):
    """socket: of its filter, in Sendmail's words ("inet:8891@127.0.0.1"), or None.
    relay: the one domain that it relays to, or None: it relays to all; prefix: of its command;
    more: lines of its .mc file, before the mailers; names: that it is known by, too;
    local: a domain whose users are those of the system.
    """

    def __init__(self, socket, relay=None, prefix=(), more="", names="", local=None):
        self.top = server.new_dir("sendmail")
        self.port = server.free_port()
        self.log = os.path.join(self.top, "log")
        os.mkdir(os.path.join(self.top, "queue"), 0o700)
        for name, text in (("names", names), ("helpfile", ""), ("statistics", "")):
            server.write(os.path.join(self.top, name), text)
        mc = write_mc(self.top, self.port, socket, relay, more, local)
        cf = compile_cf(self.top, mc)
        named = subprocess.run(NAMED + ["true"], check=False, stderr=subprocess.DEVNULL)
        super().__init__("sendmail",
                         [*prefix, *(NAMED if named.returncode == 0 else ()), copy_program(self.top), "-bD",
                          "-C", cf, "-X", self.log],
                         env=server.libraries(FOLDER))
        self.wait_ready(lambda: server.listens(self.port), 4 * server.PATIENCE)

    def _entries(self):
        for path in glob.glob(os.path.join(self.top, "queue", "[qh]f*")):
            with open(path, encoding="utf-8", errors="replace") as file:
                yield Entry(file.read())

    def receivers(self):
        """Whom each message in its queue is for."""
        return [name for entry in self._entries() for name in entry.recipients]

    def wait_entry(self, recipient, seconds=server.PATIENCE):
        """Wait for a message to somebody in its queue, where it leaves them all."""
        return check.wait_for(lambda: next((entry for entry in self._entries()
                                            if recipient in entry.recipients), None), seconds)

    def output(self):
        try:
            with open(self.log, encoding="utf-8", errors="backslashreplace") as file:
                return super().output() + file.read()
        except FileNotFoundError:
            return super().output()
