# SPDX-License-Identifier: BSD-2-Clause
"""nginx with our own example, of which only names and places are changed."""
import os
import re
import shutil
import socket
import ssl
import subprocess

from . import server, web

NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
EXAMPLE = os.path.join(web.TOP, "contrib", "nginx-relayguard-web.conf")
HOST = "relay.example"

MAIN = """daemon off; worker_processes 1; error_log stderr; pid {folder}/pid;
events {{ worker_connections 512; }}
http {{
access_log off;
client_body_temp_path {folder}/1; proxy_temp_path {folder}/2; fastcgi_temp_path {folder}/3;
uwsgi_temp_path {folder}/4; scgi_temp_path {folder}/5;
include {folder}/site.conf;
}}
"""


def why_not():
    """Why it cannot be started, or None."""
    if not os.path.exists(NGINX) or not shutil.which("openssl"):
        return "no nginx, or no openssl"
    return None


def _certificate(folder):
    """A key, and a certificate that it has made for itself."""
    files = [os.path.join(folder, name) for name in ("key.pem", "cert.pem")]
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", f"/CN={HOST}",
                    "-addext", f"subjectAltName=DNS:{HOST}", "-keyout", files[0], "-out", files[1]],
                   check=True, timeout=60, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return files


class Nginx(server.Server):
    """In front of a unix socket; folder: of the host in which the page is ("/mail/"), as the
    example says that this is done."""

    def __init__(self, path, folder="/"):
        where = server.new_dir("nginx")
        os.chmod(where, 0o755)
        key, self.certificate = _certificate(where)
        self.port, self.plain_port = server.free_port(), server.free_port()
        with open(EXAMPLE, encoding="utf-8") as file:
            text = file.read()
        for old, new in (
                (r"listen 443 ssl;", f"listen 127.0.0.1:{self.port} ssl;"),
                (r"listen 80;", f"listen 127.0.0.1:{self.plain_port};"),
                (r"listen \[::\]:\w+( ssl)?;", ""),
                (r"ssl_certificate .*;", f"ssl_certificate {self.certificate};"),
                (r"ssl_certificate_key .*;", f"ssl_certificate_key {key};"),
                (r"location / \{", f"location {folder} {{"),
                (r"proxy_pass .*;",
                 f"proxy_pass http://unix:{path}{':/' if folder != '/' else ''};")):
            text, count = re.subn(rf"(?m)^(\s*){old}$", lambda found, new=new: found.group(1) + new,
                                  text)
            if count == 0:
                raise RuntimeError(f"the example has no {old}")
        server.write(os.path.join(where, "site.conf"), text)
        main = os.path.join(where, "nginx.conf")
        server.write(main, MAIN.format(folder=where))
        super().__init__("nginx", [NGINX, "-p", where, "-c", main])
        self.wait_ready(lambda: server.listens(self.port))

    def connect(self, source="127.0.0.1"):
        """A connection that nobody has spoken on."""
        return socket.create_connection(("127.0.0.1", self.port), 30, (source, 0))

    def get(self, path, source="127.0.0.1", method="GET", body=None, **fields):
        """Ask over TLS: the answer as web.Answer has it."""
        context = ssl.create_default_context(cafile=self.certificate)
        with self.connect(source) as plain:
            with context.wrap_socket(plain, server_hostname=HOST) as sock:
                names = {"Host": HOST, "Connection": "close", **fields}
                if body is not None:
                    names["Content-Length"] = str(len(body))
                head = "".join(f"{name.replace('_', '-')}: {value}\r\n"
                               for name, value in names.items())
                sock.sendall(f"{method} {path} HTTP/1.1\r\n{head}\r\n{body or ''}".encode())
                return web.Answer(web.receive(sock))
