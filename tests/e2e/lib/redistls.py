# SPDX-License-Identifier: BSD-2-Clause
"""Certificates of an authority of the test's own, and a Redis that can speak TLS."""
import os
import subprocess

from . import redis, server


def _openssl(folder, *words):
    subprocess.run(["openssl", *words], cwd=folder, check=True, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=30)


class Authority:
    """An authority; certificate(name) makes one, and gives the paths of it and its key."""

    def __init__(self):
        self.folder = server.new_dir("authority")
        self.ca = os.path.join(self.folder, "ca.crt")
        _openssl(self.folder, "req", "-x509", "-newkey", "ec", "-pkeyopt",
                 "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=ca",
                 "-keyout", "ca.key", "-out", "ca.crt")

    def certificate(self, name):
        """A certificate and its key, for anybody who runs as root or is root."""
        _openssl(self.folder, "req", "-newkey", "ec", "-pkeyopt",
                 "ec_paramgen_curve:prime256v1", "-nodes", "-subj", f"/CN={name}",
                 "-keyout", f"{name}.key", "-out", f"{name}.csr")
        _openssl(self.folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.crt",
                 "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-out", f"{name}.crt")
        paths = [os.path.join(self.folder, f"{name}.{end}") for end in ("crt", "key")]
        os.chmod(paths[1], 0o600)
        return paths


def settings(authority, port, clients=False):
    """Lines of a configuration for TLS; clients: they need a certificate too."""
    certificate, key = authority.certificate("server")
    return [f"tls-port {port}", f"tls-cert-file {certificate}", f"tls-key-file {key}",
            f"tls-ca-cert-file {authority.ca}", f"tls-auth-clients {'yes' if clients else 'no'}",
            "tls-replication yes"]


class Redis(redis.Redis):
    """With an authority clients and other servers speak TLS to it; the test itself never does.

    entry: the port that clients are told; clients: they need a certificate too.
    """

    def __init__(self, authority=None, clients=False, more=(), port=None, **words):
        port = port or server.free_port()
        self.entry = server.free_port() if authority else port
        if authority:
            more = [*more, *settings(authority, self.entry, clients)]
        super().__init__(port=port, more=more, **words)
        if authority:
            self.url = f"rediss://127.0.0.1:{self.entry}/0"
