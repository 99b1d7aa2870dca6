# SPDX-License-Identifier: BSD-2-Clause
"""An SMTP client that sends what it is told to and keeps replies as they came."""
import re
import socket


class Reply:
    """A reply: code, and the text of each line without code."""

    def __init__(self, raw):
        self.raw = raw
        self.code = int(raw[-1][:3]) if raw else 0
        self.lines = [line[4:] for line in raw]
        self.text = "\n".join(raw)

    def __repr__(self):
        return self.text

    @property
    def ref(self):
        """The reference in it, or None."""
        found = re.search(r"\bRef ([0-9A-Z]{8})\b", self.text)
        return found and found.group(1)


class Client:
    """A connection; the greeting is in its attribute of that name."""

    def __init__(self, port, host="127.0.0.1", source=None, timeout=20):
        self.socket = socket.create_connection(
            (host, port), timeout, (source, 0) if source else None)
        self.file = self.socket.makefile("rb")
        self.greeting = self.read()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def close(self):
        """Leave without a word."""
        self.file.close()
        self.socket.close()

    def read(self):
        """Read one reply; one without lines where the server hung up."""
        raw = []
        while True:
            try:
                line = self.file.readline()
            except ConnectionResetError:  # it has not read what we had said
                line = b""
            if not line.endswith(b"\n"):
                return Reply(raw)
            raw.append(line.rstrip(b"\r\n").decode("latin-1"))
            if line[3:4] != b"-":
                return Reply(raw)

    def send(self, line):
        """Send a line, text or bytes, and do not wait."""
        data = line if isinstance(line, bytes) else line.encode("latin-1")
        self.socket.sendall(data + b"\r\n")

    def command(self, line):
        """Send a line and return the reply."""
        self.send(line)
        return self.read()

    def ehlo(self, name="client.example"):
        """Say EHLO."""
        return self.command("EHLO " + name)

    def become(self, address, helo="client.example", **attributes):
        """Take another client's place (XCLIENT), and say EHLO."""
        if ":" in address:
            address = "IPV6:" + address
        words = {"ADDR": address, "NAME": "[UNAVAILABLE]", **attributes}
        reply = self.command("XCLIENT " + " ".join(f"{k}={v}" for k, v in words.items()))
        if helo is not None:
            reply = self.ehlo(helo)
        return reply

    def mail(self, sender="a@sender.example"):
        """Say MAIL."""
        return self.command(f"MAIL FROM:<{sender}>")

    def rcpt(self, recipient):
        """Say RCPT."""
        return self.command(f"RCPT TO:<{recipient}>")

    def data(self, text="Subject: test\r\nFrom: a@sender.example\r\n\r\nbody"):
        """Send a message and return the last reply."""
        reply = self.command("DATA")
        return self.command(text + "\r\n.") if reply.code == 354 else reply

    def quit(self):
        """Say QUIT and close."""
        reply = self.command("QUIT")
        self.close()
        return reply


def try_rcpt(port, address, recipient, sender="a@sender.example", **attributes):
    """One session up to one RCPT from a client address; RCPT's reply."""
    with Client(port) as client:
        client.become(address, **attributes)
        client.mail(sender)
        reply = client.rcpt(recipient)
        client.quit()
        return reply
