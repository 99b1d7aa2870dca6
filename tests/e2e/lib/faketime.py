# SPDX-License-Identifier: BSD-2-Clause
"""A wall clock that is set as the test wants it, while other time passes as ever."""
import glob
import os

from . import server

LIBRARY = (sorted(glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
                  + glob.glob("/usr/local/lib/faketime/libfaketimeMT.so.1")) or [None])[-1]


class Clock:
    """prefix: what a program is to be started with."""

    def __init__(self):
        self.file = os.path.join(server.new_dir("clock"), "offset")
        self.prefix = ["env", f"LD_PRELOAD={LIBRARY}", "FAKETIME_TIMESTAMP_FILE=" + self.file,
                       "FAKETIME_NO_CACHE=1", "FAKETIME_DONT_FAKE_MONOTONIC=1",
                       "DONT_FAKE_MONOTONIC=1", "NO_FAKE_STAT=1",
                       # Else whoever waits for a condition by that other time does not wait.
                       "FAKETIME_FORCE_MONOTONIC_FIX=0"]
        self.set("+0s")

    def set(self, offset):
        """Let it differ by so much, "+3650d", from the true one."""
        server.write(self.file, offset)
