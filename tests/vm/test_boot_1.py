#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""The packages are installed, and the units do their work."""
import os
import re
import signal

import machine
from lib.check import case, note, ok, run, same
from machine import smoke

SERVICE = "relayguard.service"
CONTROL = "/run/relayguard/control.sock"
STATUS = "/run/relayguard/status.sock"
PAGE = "/run/relayguard/page.sock"
WEB = "/run/relayguard-web/web.sock"


@case
def boots():
    """A Debian as it comes."""
    same(machine.read("/proc/1/comm"), "systemd\n", "systemd is process 1")
    same(machine.booted(), "running", "the machine has booted, and no unit has failed")
    note(machine.run("systemctl", "--version")[1].splitlines()[0])
    note(" ".join(os.uname()))
    note("where: " + machine.run("systemd-detect-virt")[1].strip())


@case
def installs():
    """As README says; nothing is there that it could ask."""
    said = machine.succeeds("apt-get install: relayguard", "apt-get", "install", "-y",
                            machine.package("debs", "relayguard"))
    ok(machine.wait_for(lambda: machine.active(SERVICE)), "relayguard runs at once", said)
    same(machine.shown(SERVICE, "UnitFileState"), "enabled", "and will at each boot")
    for path, group in (CONTROL, "relayguard-ctl"), (STATUS, "relayguard-status"):
        same(machine.run("stat", "-c", "%a %U %G", path)[1], f"660 root {group}\n",
             f"{path} is that group's")
    same(machine.restarts(), 0, "it had to be started once")
    ok(machine.serves(), "relayguardctl status")


@case
def installs_the_page():
    """The socket for it takes a restart of the daemon, for systemd starts none whose service runs."""
    said = machine.succeeds("apt-get install: relayguard-web", "apt-get", "install", "-y",
                            machine.package("debs", "relayguard-web"))
    ok(machine.wait_for(lambda: machine.active(SERVICE)), "relayguard runs again", said)
    same(machine.run("stat", "-c", "%a %U %G", PAGE)[1], "660 root relayguard-web\n",
         f"{PAGE} is that group's")
    same(machine.run("stat", "-c", "%a %U %G", WEB)[1], "660 relayguard-web www-data\n",
         f"{WEB} is that group's")
    ok(machine.serves(), "relayguardctl status, after that")
    same(machine.complaints_of_systemd(), [], "systemd has nothing to say of the units")


def _namespaces(pid):
    """Those that are not the machine's."""
    return {name for name in os.listdir(f"/proc/{pid}/ns")
            if os.readlink(f"/proc/{pid}/ns/{name}") != os.readlink(f"/proc/1/ns/{name}")}


def _mounts(pid):
    """The options of what is mounted, by place: the last one there is what is seen."""
    with open(f"/proc/{pid}/mountinfo", encoding="utf-8") as file:
        return {fields[4]: fields[5].split(",") + fields[-1].split(",")
                for fields in map(str.split, file)}


def _sandbox(unit, user, namespaces):
    pid = machine.main_pid(unit)
    status = machine.status_of(pid)
    ids = machine.run("id", "-u", user)[1].strip()
    same(status["Uid"].split(), [ids] * 4, f"{unit}: it is {user}")
    same([int(status[name], 16) for name in ("CapEff", "CapPrm", "CapBnd", "CapAmb")], [0] * 4,
         f"{unit}: it has no capability, and can get none")
    same((status["NoNewPrivs"], status["Seccomp"]), ("1", "2"),
         f"{unit}: no new privileges, system calls are filtered")
    note(f"{unit}: {status.get('Seccomp_filters')} filters")
    own = _namespaces(pid)
    ok(namespaces <= own, f"{unit}: it has namespaces of its own", f"{sorted(own)}")
    mounts = _mounts(pid)
    ok("ro" in mounts["/"], f"{unit}: it cannot write to the file system", mounts["/"])
    ok({"hidepid=invisible", "subset=pid"} <= set(mounts["/proc"]),
       f"{unit}: it sees its own processes alone", mounts["/proc"])
    ok({"/home", "/root", "/dev", "/tmp", "/sys/fs/cgroup"} <= set(mounts),
       f"{unit}: homes, devices and /tmp are hidden from it", f"{sorted(mounts)}")
    return pid, mounts


@case
def sandbox():
    """What the kernel says, not what systemd wanted."""
    pid, mounts = _sandbox(SERVICE, "relayguard", {"user", "mnt", "ipc", "uts"})
    ok("rw" in mounts["/var/lib/relayguard"], "it can write to its store")
    cgroup = "/sys/fs/cgroup/system.slice/relayguard.service/"
    same((machine.read(cgroup + "memory.max"), machine.read(cgroup + "pids.max")),
         (f"{512 << 20}\n", "2048\n"), "memory and tasks are bounded")
    same(machine.read(f"/proc/{pid}/oom_score_adj"), "-500\n", "others go first without memory")
    limits = machine.read(f"/proc/{pid}/limits")
    ok(re.search(r"Max open files +65536 +65536", limits)
       and re.search(r"Max core file size +0 +0", limits), "files and cores are bounded", limits)
    own = machine.lines("relayguard", "event=sandbox")
    ok(own and re.search(r"no-new-privs=yes landlock=[0-9]+ seccomp=yes", own[-1]),
       "its own sandbox is whole, inside of that", own)


@case
def exposure():
    """Of the units that run."""
    for unit in SERVICE, "relayguard-web.service":
        code, said = machine.run("systemd-analyze", "security", f"--threshold={machine.EXPOSURE}",
                                 unit)
        ok(code == 0, f"the exposure of {unit} is {machine.EXPOSURE / 10} or less", said)
        note(said.strip().splitlines()[-1])
        with open(f"{machine.LEFT}/1/security-{unit}.txt", "w", encoding="utf-8") as file:
            file.write(said)


@case
def notifies():
    """Type=notify, and a watchdog that is fed."""
    same(machine.shown(SERVICE, "Type"), "notify", "systemd waits for READY")
    ok(any("Started" in entry["MESSAGE"] for entry in machine.journal("_PID=1", f"UNIT={SERVICE}")),
       "READY came")
    same(machine.shown(SERVICE, "WatchdogUSec"), "30s", "it has 30 s for each WATCHDOG")
    first = machine.shown(SERVICE, "WatchdogTimestampMonotonic")
    ok(machine.wait_for(lambda: machine.shown(SERVICE, "WatchdogTimestampMonotonic") != first),
       "WATCHDOG comes again and again")
    same(machine.restarts(), 0, "nothing had to be restarted")


def _restarted_by(number, label):
    """systemd restarts it when it gets that signal."""
    before, pid = machine.restarts(), machine.main_pid()
    os.kill(pid, number)
    ok(machine.wait_for(lambda: machine.restarts() > before and machine.active(SERVICE)), label,
       machine.run("systemctl", "status", SERVICE)[1])
    ok(machine.main_pid() not in (0, pid), "it is another process")
    ok(machine.wait_for(machine.serves), "which answers at the same socket")


@case
def killed():
    """kill -9."""
    _restarted_by(signal.SIGKILL, "kill -9: systemd restarts it")


@case
def hangs():
    """As if all of it stood still."""
    _restarted_by(signal.SIGSTOP, "stopped: the watchdog ends it, and systemd restarts it")
    ok(any("Watchdog timeout" in entry["MESSAGE"]
           for entry in machine.journal("_PID=1", f"UNIT={SERVICE}")), "systemd says why")


@case
def rights():
    """By groups that the daemon, in a user namespace of its own, cannot see."""
    for name, group in ("alice", "relayguard-ctl"), ("carol", "relayguard-status"), ("bob", None):
        machine.run("useradd", *(("-G", group) if group else ()), name)
    same(machine.as_user("alice", "relayguardctl", "status")[0], 0,
         "a member of relayguard-ctl may ask how it is")
    same(machine.as_user("alice", "relayguardctl", "explain", smoke.LISTED)[0], 0, "and why")
    same(machine.as_user("carol", "relayguardctl", "-s", STATUS, "status")[0], 0,
         "a member of relayguard-status may ask how it is")
    ok(machine.as_user("carol", "relayguardctl", "-s", STATUS, "explain", smoke.LISTED)[0] != 0,
       "but not why")
    code, said = machine.as_user("carol", "relayguardctl", "status")
    ok(code != 0 and "ermission" in said, "and not at the control socket", said)
    for path in CONTROL, STATUS, PAGE, WEB:
        ok(not machine.may_connect("bob", path), f"nobody else may connect to {path}")
    ok(machine.may_connect("relayguard-web", PAGE) and not machine.may_connect("www-data", PAGE),
       "the page's user may connect to the socket for it, the web server's not")
    ok(machine.may_connect("www-data", WEB), "the web server's may connect to the page's")


@case
def page():
    """Its service is there as soon as somebody asks."""
    machine.succeeds("systemctl stop relayguard-web.service", "systemctl", "stop",
                     "relayguard-web.service")
    same(smoke.get("/")[0], 200, "relayguard-web answers")
    ok(machine.active("relayguard-web.service"), "its service runs")
    _sandbox("relayguard-web.service", "relayguard-web", {"mnt", "net", "ipc", "uts"})


@case
def reloads():
    """A new configuration; then a mistake in it."""
    pid = machine.main_pid()
    smoke.configure()
    said = machine.succeeds("systemctl reload", "systemctl", "reload", SERVICE)
    ok(machine.wait_for(lambda: machine.lines("relayguard", "event=reloaded")),
       "the new configuration is in force", said)
    with open(smoke.CONF, "a", encoding="ascii") as file:
        file.write("nonsense\n")
    machine.run("systemctl", "reload", SERVICE)
    ok(machine.wait_for(lambda: machine.lines("relayguard", "event=reload-failed")),
       "one with a mistake is not")
    smoke.configure()
    same((machine.main_pid(), machine.active(SERVICE)), (pid, True), "it is the same process")


@case
def refuses():
    """A real Postfix, as a service of its own."""
    machine.postfix_as_service()
    with smoke.demo_list():
        machine.succeeds("systemctl restart relayguard", "systemctl", "restart", SERVICE)
        ref, path = smoke.refuses()
        smoke.explained(ref)
        smoke.told(path)
    machine.keep("ref", ref)
    machine.keep("path", path)
    logged = [entry for entry in machine.journal("-t", "relayguard")
              if ref in str(entry["MESSAGE"])]
    ok(any("verdict=refuse" in entry["MESSAGE"] for entry in logged), "the journal has it",
       f"{logged}")
    same({(entry.get("SYSLOG_FACILITY"), entry.get("_SYSTEMD_UNIT")) for entry in logged},
         {("2", SERVICE)}, "as mail, of that unit")


@case
def apparmor():
    """The profiles complain of what they do not know; a cat(1) shows that this is seen."""
    for unit, name in (SERVICE, "relayguard"), ("relayguard-web.service", "relayguard-web"):
        same(machine.read(f"/proc/{machine.main_pid(unit)}/attr/current"), f"{name} (complain)\n",
             f"{unit} runs under its profile")
    machine.run("aa-exec", "-p", "relayguard", "--", "cat", "/etc/shadow")
    ok(machine.wait_for(lambda: machine.journal("-g", 'apparmor="ALLOWED".*comm="cat"')),
       "what a profile does not know is in the journal")
    same(machine.complaints_of_apparmor(), [], "of ours there is nothing")


run()
