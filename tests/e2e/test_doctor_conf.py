#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""relayguardctl doctor at configurations, files and folders: what the service's user cannot
do is found by root, too."""
import os
import shutil

from lib import check, doctor, server
from lib.check import case, same

USER = "nobody"
AS_USER = ("setpriv", "--reuid", USER, "--regid", "nogroup", "--clear-groups")
ERROR, WARNING, UNSEEN = "error", "warning", "unseen"
BASE = f'user = "{USER}"\n'
POLICY = 'policy "default" { }\n'


class Place:
    """A folder with a configuration in it."""

    def __init__(self, text, mode=0o644):
        self.folder = server.new_dir("conf")
        self.conf = server.write(os.path.join(self.folder, "relayguard.conf"), text, mode)

    def look(self, *found, theme, label, prefix=()):
        """What is found is that, and nothing else."""
        report = doctor.Report(self.conf, only="configuration", prefix=prefix)
        doctor.judge(report, theme, found, label)
        return report


@case
def texts():
    """What relayguard -t says is quoted."""
    report = Place(BASE + POLICY).look(theme="configuration", label="good")
    check.like(report.of("configuration")[0]["seen"], f"is good, and readable as {USER}", "as whom")
    place = Place('what = 1\n' + POLICY)
    for only in ("configuration", "resolver", "lists", "redis", "socket", "mta", "system"):
        report = doctor.Report(place.conf, only=only)
        doctor.judge(report, "configuration",
                     [("configuration", ERROR, r"relayguard.conf:1: .*what")],
                     f"a mistake, --only {only}")
        same(report.code, 2, f"--only {only}: the exit status")
    Place('list "bl" { zone = "bl.example" answer "127.0.0.2" { category = "spam-source" '
          'score = 1 } }\npolicy "default" { lists = { "bl" } refuse = 5 }\n').look(
        ("configuration", WARNING, "refuse: 5 is never reached"), theme="configuration",
        label="a warning")
    Place(POLICY).look(theme="configuration", label="no user")


@case
def sections():
    """Sections without which nobody can look into anything later."""
    place = Place(POLICY)
    place.look(("store", WARNING, "no reference can be explained"), theme="store", label="no store")
    place.look(("control", WARNING, "there is none: relayguardctl can ask nothing"),
               theme="control", label="no control")
    server.write(place.conf, f'control {{ socket = "{place.folder}/control" }}\n'
                 f'store {{ path = "{place.folder}" }}\n' + POLICY)
    report = doctor.Report(place.conf, only="configuration")
    same(report.of("control") + report.of("store"), [], "both")


@case
def readable():
    """A file that root can read, and the service cannot."""
    place = Place(BASE + POLICY, 0o600)
    place.look(("configuration", ERROR, "relayguard.conf: .*ermission denied|cannot be read"),
               theme="configuration", label="root's configuration")
    place.look(("configuration", UNSEEN, "needs root"), theme="configuration",
               label="for others", prefix=AS_USER)
    place = Place(BASE + POLICY)
    nets = server.write(os.path.join(place.folder, "nets"), "192.0.2.0/24\n", 0o600)
    server.write(place.conf, BASE + f'deny {{ files = {{ "{nets}" }} }}\n' + POLICY)
    place.look(("configuration", ERROR, f"{nets}: .*ermission denied"), theme="configuration",
               label="root's networks")
    os.chmod(nets, 0o644)
    place.look(theme="configuration", label="everybody's networks")
    secret = server.write(os.path.join(place.folder, "secret"), "x\n", 0o644)
    server.write(place.conf, BASE + 'cache { redis = "redis://127.0.0.1:1" '
                 f'password_file = "{secret}" }}\n' + POLICY)
    place.look(("configuration", ERROR, "password_file: .*secret"), theme="configuration",
               label="a secret that others can read")


@case
def folders():
    """Folders of sockets and of the store."""
    place = Place(POLICY)
    store = os.path.join(place.folder, "store")
    os.mkdir(store, 0o755)
    server.write(place.conf, BASE + f'store {{ path = "{store}" }}\n' + POLICY)
    place.look(("folder", ERROR, f"store: user {USER} cannot make files in {store}"),
               theme="folder", label="root's store")
    shutil.chown(store, USER)
    place.look(theme="folder", label="the service's store")
    server.write(os.path.join(store, "local.db"), "", 0o600)
    place.look(("folder", ERROR, f"store: user {USER} cannot write to files in {store}"),
               theme="folder", label="a store that root has begun")
    os.unlink(os.path.join(store, "local.db"))
    place.look(("folder", UNSEEN, "needs root"), theme="folder", prefix=AS_USER,
               label="for others")
    server.write(place.conf, f'listen = "unix:{place.folder}/none/socket"\n' + POLICY)
    place.look(("folder", ERROR, "listen: there is no folder .*/none"), theme="folder",
               label="no folder")
    server.write(place.conf, BASE + f'listen = "unix:{place.folder}/socket"\n'
                 f'control {{ socket = "{place.folder}/control" }}\n' + POLICY)
    place.look(theme="folder", label="root makes sockets")


@case
def program():
    """The daemon that is installed beside it is the one that is asked."""
    place = Place(POLICY)
    folder = server.new_dir("alone")
    alone = shutil.copy(doctor.PROGRAM, folder)
    before, doctor.PROGRAM = doctor.PROGRAM, alone
    try:
        report = doctor.Report(place.conf, only="configuration", env={"PATH": "/nonexistent"})
        doctor.judge(report, "configuration",
                     [("configuration", ERROR, "relayguard cannot be run")], "no daemon")
        for script, words in (("sleep 1000", "-t takes longer than 15 s"),
                              ("echo what; exit 70", "-t ends with status 70: what")):
            server.write(os.path.join(folder, "relayguard"), f"#!/bin/sh\n{script}\n", 0o755)
            doctor.judge(doctor.Report(place.conf, only="configuration"), "configuration",
                         [("configuration", ERROR, words)], script)
        same(report.code, 2, "the exit status")
    finally:
        doctor.PROGRAM = before


check.run()
