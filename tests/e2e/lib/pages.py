# SPDX-License-Identifier: BSD-2-Clause
"""relayguard with a page that refusals lead to, and what is asked at the page's socket."""
import json
import os
import re
import secrets
import socket

from . import server, smtp

PAGE = "https://mx.example/help"


def key_file():
    """A new key, as the manual makes it: its path."""
    path = os.path.join(server.new_dir("key"), "page.key")
    with open(path, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32) + "\n")
    os.chmod(path, 0o600)
    return path


class Settings:
    """What a configuration needs for it."""

    def __init__(self, key=None, page=PAGE, store=""):
        self.key = key or key_file()
        self.folder = server.new_dir("control")
        self.socket, self.control = (os.path.join(self.folder, name) for name in "pc")
        self.store = server.new_dir("store")
        os.chmod(self.store, 0o777)
        self.text = (f'page = "{page}"\npage_key_file = "{self.key}"\n'
                     f'control {{ page = "{self.socket}" socket = "{self.control}" }}\n'
                     f'store {{ path = "{self.store}" {store} }}\n')


def ask(path, verb, **keys):
    """What a socket says: the data of its first line, or None, the errors, and the status."""
    with socket.socket(socket.AF_UNIX) as sock, sock.makefile("r", encoding="ascii") as lines:
        sock.settimeout(30)
        sock.connect(path)
        sock.sendall(json.dumps({"verb": verb, **keys}).encode() + b"\n")
        said = [json.loads(line) for line in lines]
    data = [line["data"] for line in said if "data" in line]
    return (data[0] if data else None, [line["error"] for line in said if "error" in line],
            said[-1]["status"])


def link_in(reply, page=PAGE):
    """The REF-TAG to which a reply leads, in its first and its last line; or None."""
    pattern = re.escape(page) + r"/r/(([0-9A-Z]{8})-[0-9A-Z]{5}) Ref \2$"
    found = [re.search(pattern, reply.lines[i]) for i in (0, -1)]
    if not all(found) or found[0].group(1) != found[1].group(1):
        return None
    return found[0].group(1)


def refused(mta, client, recipient, page=PAGE, **more):
    """Have Postfix refuse a client, and return the REF-TAG."""
    return link_in(smtp.try_rcpt(mta.port, client, recipient, **more), page)
