# SPDX-License-Identifier: BSD-2-Clause
"""A list, relayguard with a store, and what becomes of the references that it tells."""
import os
import re
import subprocess

from . import check, daemon, exposition, milter, nameserver, scene, server
from .check import same
from .nameserver import NameServer

RELAYGUARDCTL = os.path.join(os.path.dirname(os.environ["RELAYGUARD"]), "relayguardctl")


class Scene:
    """A list, and relayguard with a store."""

    def __init__(self, more="", prefix=(), folder=None, made=True, user=None, **options):
        self.folder = folder or server.new_dir("store")
        self.control = os.path.join(server.new_dir("control"), "c")
        if made:
            os.chmod(self.folder, 0o777)
        self.user = f'user = "{user}"\n' if user else ""
        self.dns = NameServer(nameserver.zone("bl.example", [scene.RELAY])).__enter__()
        self.more, self.prefix, self.options = more, prefix, options
        self.guard = self.start()

    def text(self, more=""):
        """The configuration."""
        return (f'{self.user}control {{ socket = "{self.control}" }}\n'
                f'store {{ path = "{self.folder}" {self.more} }}\n'
                + daemon.config(self.dns.address) + more)

    def start(self):
        """relayguard, once more."""
        return daemon.Relayguard(self.text(), prefix=self.prefix, **self.options)

    def refuse(self):
        """Have a client refused: the reference that it was told."""
        with milter.Client(self.guard.where) as mta:
            mta.negotiate()
            mta.connect(scene.RELAY)
            mta.helo(b"client.example")
            mta.mail(b"<somebody@sender.example>")
            reply = mta.rcpt(b"<bob@any.example>")
            mta.quit()
        found = re.search(rb"Ref ([0-9A-Z]{8})", reply[1])
        return found.group(1).decode() if found else None

    def first(self):
        """The first one, once the list has been tested."""
        return check.wait_for(self.refuse, 8)

    def ctl(self, *words):
        """What relayguardctl returns and prints."""
        done = subprocess.run([RELAYGUARDCTL, "-s", self.control, *words], check=False,
                              timeout=30, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True)
        return done.returncode, done.stdout, done.stderr

    def explain(self, ref):
        """The same of a reference."""
        return self.ctl("explain", ref)

    def value(self, name, **labels):
        """What a metric is."""
        text = subprocess.run([RELAYGUARDCTL, "-s", self.control, "metrics"], check=True,
                              timeout=30, stdout=subprocess.PIPE, text=True).stdout
        return exposition.parse(text)[name]["samples"][name, tuple(sorted(labels.items()))]

    def is_stored(self, ref):
        """Whether it can be explained, soon."""
        return check.wait_for(lambda: self.explain(ref)[0] == 0, 3)

    def end(self):
        """Stop what is there."""
        same(self.guard.stop(), 0, "it ends well")
        self.dns.__exit__(None, None, None)
