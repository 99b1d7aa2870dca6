# SPDX-License-Identifier: BSD-2-Clause
"""An SMTP server that takes all mail and keeps it."""
import email
import socketserver
import threading

from . import check, server


class _Session(socketserver.StreamRequestHandler):
    def say(self, line):
        """Send a line."""
        self.wfile.write(line.encode() + b"\r\n")

    def take(self):
        """Read a message to its end."""
        self.say("354 go on")
        lines = []
        for line in self.rfile:
            if line.rstrip(b"\r\n") == b".":
                break
            lines.append(line[1:] if line.startswith(b".") else line)
        return email.message_from_bytes(b"".join(lines))

    def handle(self):
        recipients = []
        self.say("220 sink.example ESMTP")
        for line in self.rfile:
            word = line.strip().decode("latin-1")
            if word.upper().startswith("RCPT TO:"):
                recipients.append(word[8:].split("<")[-1].split(">")[0].lower())
            if word.upper() == "DATA":
                self.server.mails.append((recipients, self.take()))
                recipients = []
            self.say("221 bye" if word.upper() == "QUIT" else "250 sink.example")
            if word.upper() == "QUIT":
                return


class Sink(socketserver.ThreadingTCPServer):
    """Listening as long as it is used in a with block; mails: (recipients, message)."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self):
        self.mails = []
        self.port = server.free_port()
        super().__init__(("127.0.0.1", self.port), _Session)

    def __enter__(self):
        threading.Thread(target=self.serve_forever, args=(0.1,), daemon=True).start()
        return self

    def __exit__(self, *exception):
        self.shutdown()
        self.server_close()

    def take_mail(self, recipient, seconds=server.PATIENCE):
        """Wait for a message to somebody, and keep it no longer; None: there is none."""
        found = check.wait_for(lambda: [mail for mail in self.mails if recipient in mail[0]],
                               seconds)
        if not found:
            return None
        self.mails.remove(found[0])
        return found[0][1]
