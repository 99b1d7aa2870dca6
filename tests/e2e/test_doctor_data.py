#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""relayguardctl doctor at the files of lists: each mistake that is made for real, and the good
one."""
import os
import time

from lib import check, daemon, doctor, server
from lib.check import case, ok

ERROR, WARNING = "error", "warning"
DAY = 86400
CONFIG = """user = "nobody"
list "drop" {{ data = {{ "ip4set:{path}" }} max_age = "2d"
    answer "127.0.0.2" {{ category = "hijacked" score = 5 }} }}
policy "default" {{ lists = {{ "drop" }} refuse = 5 }}
"""

# label, text of the file (None: there is none), its age in hours, its mode, what is found
ROWS = [
    ("good", "127.0.0.2\n192.0.2.0/24\n", 1, 0o644, []),
    ("no file", None, 0, 0, [("data", ERROR, "list \"drop\": missing: .*/drop -> .*fetches")]),
    ("not to be read", "127.0.0.2\n", 1, 0o600,
     [("data-rights", ERROR, "user nobody cannot read .*/drop -> chmod a\\+r")]),
    ("without a test entry", "192.0.2.0/24\n", 1, 0o644,
     [("data", ERROR, "refused: .*/drop: test-entry-missing")]),
    ("the world", "0/1\n128/1\n", 1, 0o644,
     [("data", ERROR, "refused: .*/drop: lists-everything")]),
    ("empty", "# nothing\n", 1, 0o644, [("data", ERROR, "empty: .*/drop -> .*rename")]),
    ("cut", "127.0.0.2\n192.0.2", 1, 0o644, [("data", ERROR, "cut: .*/drop")]),
    ("of last week", "127.0.0.2\n", 168, 0o644,
     [("data-age", ERROR, "168 hours old, which is too old: it says nothing")]),
    ("of the day before yesterday", "127.0.0.2\n", 47, 0o644,
     [("data-age", WARNING, "47 hours old, and too old in (59|60) minutes")]),
    ("with a line that is none", "127.0.0.2\nhere be dragons\n192.0.2.7\n", 1, 0o644,
     [("data-lines", WARNING, "1 lines are left out, the first: .*/drop:2: ")]),
]


@case
def files():
    """What is wrong with a file is found, and what to do is said."""
    folder = server.new_dir("data")
    os.chmod(folder, 0o755)
    path = os.path.join(folder, "drop")
    conf = server.write(os.path.join(folder, "relayguard.conf"), CONFIG.format(path=path))
    for label, text, hours, mode, found in ROWS:
        if os.path.exists(path):
            os.unlink(path)
        if text is not None:
            server.write(path, text, mode)
            when = time.time() - hours * DAY / 24
            os.utime(path, (when, when))
        doctor.judge(doctor.Report(conf, only="lists"), "data", found, label)


@case
def unknown_folder():
    """A folder that was not named at the start, which the sandbox keeps from the daemon."""
    before = server.write(os.path.join(server.new_dir("data"), "drop"), "127.0.0.2\n192.0.2.7\n")
    after = server.write(os.path.join(server.new_dir("data"), "drop"), "127.0.0.2\n192.0.2.8\n")
    socket = os.path.join(server.new_dir("control"), "control")
    text = f'control {{{{ socket = "{socket}" }}}}\n' + CONFIG.replace('user = "nobody"\n', "")
    for path in (before, after):
        os.utime(path, (time.time() - 60, time.time() - 60))
    with daemon.Relayguard(text.format(path=before)) as guard:
        doctor.judge(doctor.Report(guard.file, only="lists"), "data", [], "the folder of the start")
        ok(guard.reload(text.format(path=after)), "another folder")
        if not guard.lines("event=needs-restart"):
            check.skip("a folder that the sandbox does not know", "there is no sandbox here")
            return
        doctor.judge(doctor.Report(guard.file, only="lists"), "data",
                     [("data-running", ERROR, "has not taken them -> .*after a restart")],
                     "a folder that the sandbox does not know")


check.run()
