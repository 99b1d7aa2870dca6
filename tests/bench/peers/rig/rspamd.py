# SPDX-License-Identifier: BSD-2-Clause
"""rspamd with its module rbl alone, as a milter on a unix socket that scans by itself."""
import os

from . import clients, peer, protocol

_CONFIG = """
lua = "$RULESDIR/rspamd.lua";
options {{
    pidfile = "{top}/rspamd.pid";
    filters = "";
    dns {{ nameserver = ["127.0.0.1"]; timeout = 1s; sockets = 16; retransmits = 5; }}
    dns_max_requests = 64;
    tempdir = "{top}";
    url_tld = "${{SHAREDIR}}/effective_tld_names.dat";
    control_socket = "{top}/control mode=0600";
    hs_cache_dir = "{top}";
    cache_file = "{top}/symbols.cache";
    history_rows = 200;
    local_addrs = [192.168.0.0/16, 10.0.0.0/8, 172.16.0.0/12];
    task_timeout = 8s;
}}
logging {{ type = "file"; filename = "{top}/rspamd.log"; level = "info"; }}
metric {{ name = "default"; }}
actions {{ reject = {threshold}; }}
group "rbl" {{ symbols = {{ {symbols} }} }}
modules {{ path = "${{PLUGINSDIR}}"; }}
worker "controller" {{
    bind_socket = "127.0.0.1:11334"; count = 1; password = "q1"; secure_ip = "127.0.0.1";
}}
worker "rspamd_proxy" {{
    bind_socket = "{socket} mode=0666";
    milter = yes; timeout = 120s; count = {count};
    upstream "local" {{ default = yes; self_scan = yes; }}
}}
rbl {{
    default_exclude_users = true; default_unknown = true;
    rbls {{ {rbls} }}
}}
"""
_RBL = ('"{zone}" {{ symbol = "{symbol}"; rbl = "{zone}"; checks = ["from"]; '
        'returncodes {{ {symbol}_HIT = "{answer}"; }} }}\n')


class Rspamd(peer.Peer):
    """Its controller runs as well: that is what watches the lists."""

    name = "rspamd"
    program = "/usr/bin/rspamd"
    speak = staticmethod(protocol.milter_message)
    remark = "decides at the end of the message, which it reads"

    def where(self):
        return os.path.join(self.directory, "socket")

    def command(self):
        symbols = {zone: zone.split(".", maxsplit=1)[0].upper() for zone in clients.ZONES}
        config = self.write("rspamd.conf", _CONFIG.format(
            top=self.directory, socket=self.where(), threshold=clients.THRESHOLD,
            count=os.cpu_count() or 1,
            symbols=" ".join(f'"{symbol}_HIT" {{ weight = {clients.WEIGHTS[zone]}; }}'
                             for zone, symbol in symbols.items()),
            rbls="".join(_RBL.format(zone=zone, symbol=symbol, answer=clients.LISTED)
                         for zone, symbol in symbols.items())))
        return [self.program, "-f", "-c", config, "-u", "_rspamd", "-g", "_rspamd"], None
