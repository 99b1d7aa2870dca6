# SPDX-License-Identifier: BSD-2-Clause
"""The processes that a daemon has: who watches, who forks, who evaluates policies."""
import os

FORKER = "relayguard-fork"
WORKER = "relayguard-spf"


def stat(pid):
    """(name, state, parent, session) of a process; None if there is none."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            head, tail = file.read().rsplit(")", 1)
    except OSError:
        return None
    state, parent, _, session = tail.split()[:4]
    return head.split("(", 1)[1], state, int(parent), int(session)


def gone(pid):
    """Whether a process has ended."""
    found = stat(pid)
    return found is None or found[1] == "Z"


def kin(keeper):
    """Those who live in the session of who watches, itself too: whoever forked them, and
    whether they have their name yet."""
    found = ((pid, stat(pid)) for pid in map(int, filter(str.isdigit, os.listdir("/proc"))))
    return [pid for pid, what in found if what and what[3] == keeper and what[1] != "Z"]


def children(parent, name, zombies=False):
    """The children of a process with a name; those that have ended, if wanted."""
    found = ((pid, stat(pid)) for pid in map(int, filter(str.isdigit, os.listdir("/proc"))))
    return [pid for pid, what in found if what and what[0] == name and what[2] == parent
            and (what[1] == "Z") == zombies]


def forkers(guard):
    """The one who watches and the one who forks; 0 for who is not there."""
    keeper = (children(guard.pid, FORKER) or [0])[0]
    return keeper, (keeper and children(keeper, FORKER) or [0])[0]


def workers(guard, zombies=False):
    """Those who evaluate."""
    return children(forkers(guard)[1], WORKER, zombies)
