# SPDX-License-Identifier: BSD-2-Clause
"""Chromium, headless, driven by chromedriver as W3C WebDriver has it, over plain HTTP."""
import base64
import http.client
import json
import os
import re
import shutil
from urllib.parse import urlsplit

from . import check, server

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


def why_not():
    """Why it cannot be started, or None."""
    return None if CHROMIUM and DRIVER else "no chromium, or no chromedriver (chromium-driver)"


class Browser(server.Server):
    """One window; hosts: names, and where they are; text: pixels of plain text.  Without a word
    of another network, and without scripts of pages, unless a tool needs them: scripts."""

    def __init__(self, hosts, text=16, scripts=False):
        self.folder = server.new_dir("browser")
        self.port = server.free_port()
        super().__init__("chromedriver", [DRIVER, f"--port={self.port}"],
                         env={**os.environ, "HOME": self.folder, "TMPDIR": self.folder})
        self.wait_ready(lambda: server.listens(self.port), 60)
        self.logs = []  # what the page's console was told
        self.asked = []  # URLs that were asked for
        self.session = self._begin(hosts, text, scripts)
        self._command("POST", "/timeouts", {"pageLoad": 60000, "implicit": 0})

    def _begin(self, hosts, text, scripts):
        rules = ", ".join(f"MAP {name} {place}" for name, place in hosts.items())
        options = {
            "binary": CHROMIUM,
            "args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                     "--no-first-run", "--disable-background-networking", "--disable-sync",
                     "--disable-component-update", "--disable-extensions", "--no-proxy-server",
                     f"--host-resolver-rules={rules}, MAP * ~NOTFOUND",
                     f"--user-data-dir={self.folder}/profile"],
            "prefs": {"profile.managed_default_content_settings.javascript": 1 if scripts else 2,
                      "webkit.webprefs.default_font_size": text},
        }
        wanted = {"browserName": "chrome", "acceptInsecureCerts": True,
                  "goog:chromeOptions": options,
                  "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}
        return self._ask("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})["sessionId"]

    def _ask(self, method, path, body=None):
        """What chromedriver answers; an error if it could not."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            link.request(method, path, None if body is None else json.dumps(body),
                         {"Content-Type": "application/json"})
            value = json.loads(link.getresponse().read())["value"]
        finally:
            link.close()
        if isinstance(value, dict) and "error" in value:
            raise RuntimeError(f"{method} {path}: {value['error']}: {value['message'][:400]}")
        return value

    def _command(self, method, path, body=None):
        return self._ask(method, f"/session/{self.session}{path}", body)

    def _devtools(self, command, **params):
        return self._command("POST", "/goog/cdp/execute", {"cmd": command, "params": params})

    def open(self, url):
        """Go there, and wait until the page is there."""
        self._command("POST", "/url", {"url": url})

    def url(self):
        """Where it is."""
        return self._command("GET", "/url")

    def source(self):
        """The page as it has it."""
        return self._command("GET", "/source")

    def find(self, css):
        """The elements of a selector."""
        return [found[ELEMENT] for found in self._command(
            "POST", "/elements", {"using": "css selector", "value": css})]

    def text(self, css="body"):
        """What a person reads there; nothing where there is none."""
        return "\n".join(self._command("GET", f"/element/{one}/text") for one in self.find(css))

    def attribute(self, css, name):
        """The attribute of the first."""
        return self._command("GET", f"/element/{self.find(css)[0]}/attribute/{name}")

    def write(self, css, text):
        """Type into a field."""
        self._command("POST", f"/element/{self.find(css)[0]}/value", {"text": text})

    def click(self, css):
        """Click on the first, and wait until another page is there."""
        before = self.find("html")
        self._command("POST", f"/element/{self.find(css)[0]}/click", {})
        if not check.wait_for(lambda: self.find("html") not in ([], before) and self.text("h1"), 60):
            raise RuntimeError(f"a click on {css} leads nowhere")

    def look(self, width, dark=False, scale=1):
        """Be so many pixels wide, which are of that size, and light or dark."""
        self._devtools("Emulation.setDeviceMetricsOverride", width=width, height=900,
                       deviceScaleFactor=scale, mobile=False)
        self._devtools("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def measure(self, expression):
        """What the browser itself says of the page: the page has no script."""
        return self._devtools("Runtime.evaluate", expression=expression,
                              returnByValue=True)["result"]["value"]

    def run(self, tool, call):
        """What a call to a tool, a script of ours, promises of the page."""
        got = self._devtools("Runtime.evaluate", expression=f"{tool}\n;{call}", awaitPromise=True,
                             returnByValue=True)
        if "exceptionDetails" in got:
            raise RuntimeError(f"{call}: {json.dumps(got['exceptionDetails'])[:400]}")
        return got["result"]["value"]

    def shoot(self, path):
        """A picture of the whole page."""
        height = self.measure("document.documentElement.scrollHeight")
        width = self.measure("document.documentElement.clientWidth")
        got = self._devtools("Page.captureScreenshot", captureBeyondViewport=True,
                             clip={"x": 0, "y": 0, "width": width, "height": height, "scale": 1})
        with open(path, "wb") as file:
            file.write(base64.b64decode(got["data"]))

    def gather(self):
        """Fetch what was written down since the last time: self.logs, self.asked.  A picture of
        the host's own is asked for by Chromium, not by a page."""
        self.logs += [entry["message"] for entry in self._log("browser")
                      if not re.match(r"chrome://|\S+/favicon\.ico ", entry["message"])]
        for entry in self._log("performance"):
            event = json.loads(entry["message"])["message"]
            if event["method"] == "Network.requestWillBeSent":
                self.asked.append(event["params"]["request"]["url"])

    def _log(self, kind):
        return self._command("POST", "/se/log", {"type": kind})

    def hosts(self):
        """Which hosts were asked for anything."""
        return {urlsplit(url).hostname for url in self.asked if url.startswith(("http", "ws"))}

    def stop(self, seconds=10.0):
        """End Chromium, then chromedriver, and all of its group."""
        if self.alive() and getattr(self, "session", None):
            try:
                self._command("DELETE", "")
            except (OSError, RuntimeError, http.client.HTTPException):
                pass
            self.session = None
        return super().stop(seconds)
