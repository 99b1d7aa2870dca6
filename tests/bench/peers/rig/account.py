# SPDX-License-Identifier: BSD-2-Clause
"""What a group of processes costs: a cgroup of their own counts their processor time,
also that of those which have ended, to the microsecond or better; /proc their memory."""
import os
import re
import signal
import time

_VERSION_2 = (r"^\S+ (\S+) cgroup2 ", "cpu.stat", r"usage_usec (\d+)", 1)
_VERSION_1 = (r"^\S+ (\S+) cgroup \S*\bcpuacct\b", "cpuacct.usage", r"(\d+)", 1000)


def _hierarchy():
    """Where cgroups can be made, and how they say what they have used."""
    with open("/proc/mounts", encoding="utf-8") as file:
        mounts = file.read()
    for pattern, name, number, unit in (_VERSION_1, _VERSION_2):
        found = re.search(pattern, mounts, re.MULTILINE)
        if found:
            return found.group(1), name, re.compile(number), unit
    raise RuntimeError("no cgroups with processor time are mounted")


class Account:
    """A cgroup; processes started with preexec_fn=account.enter, and their children, are in it."""

    def __init__(self, name):
        top, self._file, self._number, self._unit = _hierarchy()
        self.directory = os.path.join(top, f"relayguard-bench-{os.getpid()}-{name}")
        os.mkdir(self.directory)
        self._procs = os.path.join(self.directory, "cgroup.procs")

    def enter(self):
        """Put the calling process in."""
        with open(self._procs, "w", encoding="ascii") as file:
            file.write("0")

    def pids(self):
        """The processes in it."""
        with open(self._procs, encoding="ascii") as file:
            return [int(line) for line in file]

    def cpu(self):
        """Microseconds of processor time used so far, user and system."""
        with open(os.path.join(self.directory, self._file), encoding="ascii") as file:
            return int(self._number.search(file.read()).group(1)) / self._unit

    def memory(self):
        """Kilobytes in use: proportional share, resident; and how many processes there are."""
        pids = self.pids()
        sums = {"Pss": 0, "Rss": 0}
        for pid in pids:
            try:
                with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
                    text = file.read()
            except OSError:
                continue  # it has just ended
            for key in sums:
                found = re.search(rf"^{key}:\s+(\d+)", text, re.MULTILINE)
                sums[key] += int(found.group(1)) if found else 0
        return sums["Pss"], sums["Rss"], len(pids)

    def close(self):
        """End all processes in it, and remove it."""
        for attempt in range(300):
            for pid in self.pids():
                try:
                    os.kill(pid, signal.SIGTERM if attempt < 20 else signal.SIGKILL)
                except ProcessLookupError:
                    pass
            try:
                os.rmdir(self.directory)
                return
            except OSError:
                time.sleep(0.02 if attempt else 0.1)
        raise RuntimeError(f"{self.directory} cannot be emptied")
