# SPDX-License-Identifier: BSD-2-Clause
"""relayguard-web, and a daemon for it that says what a test wants it to say."""
import json
import os
import socket
import threading

from . import check, daemon, server

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
TEXTS = os.path.join(TOP, "texts")
PROGRAM = os.path.join(os.path.dirname(os.path.abspath(os.environ.get("RELAYGUARD") or
                                                       os.path.join(TOP, "relayguard"))),
                       "relayguard-web")

LIST = {"name": "zen", "label": "Spamhaus XBL", "category": "exploited", "scope": "address",
        "codes": ["127.0.0.4"], "score": 5, "decided": True,
        "removal": "https://lists.example/remove?ip=198.51.100.7", "now": "listed",
        "until": "2026-12-05T10:00:00Z"}
OTHER = {"name": "bl", "label": "The bl list", "category": "open-proxy", "scope": "address",
         "codes": ["127.0.0.2", "127.0.0.3"], "score": 2, "decided": False,
         "removal": "https://bl.example/", "now": "clear", "until": None}
DECISION = {"found": True, "ref": "7F3K2Q9M", "time": "2026-11-28T18:40:00Z", "action": "refuse",
            "reason": "lists", "client": "198.51.100.7", "to_domain": "bob-s.example",
            "from_domain": "alice.example", "policy": "default", "score": 7, "refuse_at": 5,
            "lists": [LIST, OTHER], "spf": None, "note": None,
            "contact": "postmaster@bob-s.example", "retries_by_itself": False,
            "accepted": False,
            "pass": {"offered": True, "granted_until": None, "why_not": None}}
REF = "7F3K2Q9M-ABCDE"


class Daemon:
    """Speaks at a unix socket of its own: for each verb an object, or what a function makes
    of a request; None: an error.  silent: nothing is ever answered."""

    def __init__(self):
        self.path = os.path.join(server.new_dir("daemon"), "page.sock")
        self.requests = []
        self.silent = False
        self.raw = None
        self.says = {
            "page-status": {"page": "https://relay.example", "version": "0.2.0",
                            "own_list": True},
            "page-decision": lambda request: (
                DECISION if request["ref"] == REF else {"found": False}),
            "page-address": lambda request: {"address": request["address"],
                                             "lists": [LIST, OTHER], "local": None},
            "page-pass": {"granted": True, "until": "2026-11-29T18:40:00Z"},
            "page-remove": {"removed": True},
            "page-nominate": {"noted": True},
            "page-criteria": {"forms": 2, "senders": 3, "both": 0, "drop_box": 3, "traps": 4,
                              "trap_days": 7, "trap_hits": 5, "dictionary": 10, "helo": 1,
                              "life_hours": [24, 72, 168, 169],
                              "contact": "list@relay.example"},
        }
        self._listener = None
        self._threads = []
        self.start()

    def start(self):
        """Listen, again."""
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.path)
        self._listener.listen(64)
        os.chmod(self.path, 0o666)
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def stop(self):
        """Be gone."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        os.unlink(self.path)

    def _accept(self, listener):
        while True:
            try:
                client = listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with client, client.makefile("rwb") as file:
            line = file.readline()
            if not line:
                return
            request = json.loads(line)
            self.requests.append(request)
            if self.silent:
                client.recv(1)
                return
            if self.raw is not None:
                file.write(self.raw)
                return
            says = self.says.get(request["verb"])
            says = says(request) if callable(says) else says
            if says is None:
                file.write(b'{"format":1,"error":"no"}\n{"end":true,"status":64}\n')
                return
            file.write(json.dumps({"format": 1, "verb": request["verb"],
                                   "data": says}).encode() + b"\n")
            file.write(b'{"end":true,"status":0}\n')

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.stop()


class Web(server.Server):
    """relayguard-web, at a TCP port, or behind a proxy at a unix socket."""

    def __init__(self, control, proxy=False, texts=TEXTS):
        self.path = os.path.join(server.new_dir("web"), "web.sock") if proxy else None
        self.port = None if proxy else server.free_port()
        listen = f"unix:{self.path}" if proxy else f"127.0.0.1:{self.port}"
        super().__init__("relayguard-web",
                         [PROGRAM, "--listen", listen, "--control", control, "--texts", texts],
                         env=daemon.sanitizer_environment())
        self.wait_ready(lambda: "event=started" in self.output())

    def connect(self):
        """A connection."""
        client = socket.socket(socket.AF_UNIX if self.path else socket.AF_INET)
        client.settimeout(30)
        client.connect(self.path if self.path else ("127.0.0.1", self.port))
        return client

    def ask(self, text):
        """What comes back, to its end."""
        with self.connect() as client:
            try:
                client.sendall(text if isinstance(text, bytes) else text.encode("latin-1"))
            except OSError:
                pass  # who refuses may do so early
            return receive(client)

    def get(self, path, *fields, method="GET", version="1.1"):
        """The answer to a request."""
        head = "".join(f"{field}\r\n" for field in fields)
        return Answer(self.ask(f"{method} {path} HTTP/{version}\r\nHost: x\r\n{head}\r\n"))

    def post(self, path, form, *fields):
        """The answer to a form, which is encoded already."""
        head = "".join(f"{field}\r\n" for field in fields)
        return Answer(self.ask(
            f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(form)}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\n{head}\r\n{form}"))


def receive(client):
    """What comes until the end."""
    found = b""
    try:
        while True:
            more = client.recv(65536)
            if not more:
                break
            found += more
    except ConnectionResetError:
        pass
    return found


class Answer:
    """Status, fields (names in small letters) and text of an answer; 0: there was none."""

    def __init__(self, raw):
        head, _, body = raw.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        self.raw = raw
        self.status = int(lines[0].split()[1]) if raw else 0
        self.fields = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            self.fields[name.lower()] = value.strip()
        self.body = body
        self.text = body.decode("utf-8")

    def title(self):
        """What stands between <title> and </title>."""
        return self.text.partition("<title>")[2].partition("</title>")[0]


def skip_without():
    """End the file where the program was not built."""
    if not os.path.exists(PROGRAM):
        check.skip_all("no relayguard-web")
