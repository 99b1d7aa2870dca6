# SPDX-License-Identifier: BSD-2-Clause
"""What a program has shown on a terminal."""
import os


def read_all(leader):
    """All of it, when nobody has the other end any more; closes this one."""
    shown = b""
    while True:
        try:
            more = os.read(leader, 65536)
        except OSError:  # EIO: nobody writes there any more
            more = b""
        if not more:
            os.close(leader)
            return shown.decode()
        shown += more
