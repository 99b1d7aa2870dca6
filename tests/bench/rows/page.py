# SPDX-License-Identifier: BSD-2-Clause
"""The page: how fast it is beside libevent's own server, what it takes, and whether mail
notices that it is asked for."""
import json
import os
import subprocess
import threading

from lib import pages, web

from . import rig
from .rig import median, spread

AT_ONCE = 8
ROOM = 12  # MiB
PATH = "/c/dynamic?l=en"
OWN = "/criteria"  # the daemon is asked for it, twice
NOTICED = 5  # milliseconds that mail may wait longer


def _fetch(process, port, path, count):
    """What a load says, with cpu_us of the server for each request."""
    before = rig.cpu(process)
    done = subprocess.run([rig.program("fetch"), str(port), path, str(count), str(AT_ONCE)],
                          stdout=subprocess.PIPE, check=True, timeout=300, text=True)
    result = json.loads(done.stdout)
    result["cpu_us"] = (rig.cpu(process) - before) / count * 1e6
    return result


def _lost(table, result):
    table.verdicts("page", {"not answered": result["requests"] - result["good"]}
                   if result["requests"] != result["good"] else {})


def _beside_evhttp(table, scale, site):
    """The page about a reason, side by side with a fixed one as large."""
    count = scale.sessions(20000)
    size = len(site.get(PATH).body)
    port = rig.server.free_port()
    rates, costs, ours, theirs = [], [], [], []
    with rig.server.Server("fixed", [rig.program("fixed"), str(port), str(size)]) as fixed:
        fixed.wait_ready(lambda: "started" in fixed.output())
        for _ in range(scale.repeat):
            one = _fetch(fixed, port, PATH, count)
            other = _fetch(site, site.port, PATH, count)
            _lost(table, other)
            rates.append(other["rate"] / one["rate"])
            costs.append(one["cpu_us"] / other["cpu_us"])
            ours.append(other["cpu_us"])
            theirs.append(one["cpu_us"])
    table.ratio("page: requests/s against evhttp with a fixed page as large", rates, 0.5, True)
    table.ratio("  the same of what a CPU second does", costs, 0.5, True)
    table.add("  evhttp: CPU a request", median(theirs), unit=" us", spread=spread(theirs),
              note=f"{size} bytes, {AT_ONCE} at once, a connection each")
    table.add("  relayguard-web: CPU a request", median(ours), unit=" us", spread=spread(ours))


def _until(guard, calm, scale):
    """The p99 of ordinary clients, until a thread ends; or three times."""
    waits = []
    while (calm is None and len(waits) < 3) or (calm is not None and calm.is_alive()):
        found = guard.run(c=20, n=scale.sessions(400), R=400, a="loop:1000")
        waits.append(found["us"]["verdict"]["p99"] / 1000)
    return waits


def _beside_mail(table, scale, guard, site):
    """Sessions while the page is asked for as fast as it can be."""
    guard.run(c=20, n=1000, a="loop:1000")
    calm = _until(guard, None, scale)
    found = {}
    crowd = threading.Thread(target=lambda: found.update(
        _fetch(site, site.port, OWN, scale.sessions(6000))))
    crowd.start()
    waits = _until(guard, crowd, scale)
    crowd.join()
    _lost(table, found)
    more = median(waits) - median(calm)
    table.add("a page that the daemon is asked for: CPU of relayguard-web", found["cpu_us"],
              unit=" us", note=f"{found['rate']:.0f} a second, two questions each")
    table.add("  p99 of a verdict meanwhile, more than without", more, unit=" ms",
              target=f"≤ {NOTICED} ms", met=more <= NOTICED, spread=spread(waits),
              note=f"without: {median(calm):.2f} ms ({spread(calm)})")


def page(table, scale):
    """How fast, how large, and who notices."""
    here = pages.Settings()
    with rig.Dns() as dns, rig.guard(rig.config(
            dns.address, more=here.text).replace('lists = { ', 'lists = { "local", ')) as guard, \
            web.Web(here.socket) as site:
        os.chmod(here.folder, 0o755)
        _beside_evhttp(table, scale, site)
        _beside_mail(table, scale, guard, site)
        used = rig.rss(site.process) / 2**20
        table.add("  relayguard-web: memory", used, unit=" MiB", target=f"≤ {ROOM} MiB",
                  met=used <= ROOM)
