/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/exportsource.h - where the networks of an export come from: the list "local" of the
 * daemon, a file with what it said, or a file that the administrator keeps.  One thread; may
 * wait, and block on files.
 */
#ifndef RELAYGUARD_CTL_EXPORTSOURCE_H
#define RELAYGUARD_CTL_EXPORTSOURCE_H

#include "own/exportlist.h"

#define EXPORTSOURCE_PATIENCE_MS 60000

/* Ask the daemon.  EX_OK, or what is wrong, which is said on stderr: a part of a list is none. */
int exportsource_daemon(struct export_list *);

/*
 * Whether the daemon knows that a client was on its list, or is: what it has lost itself it
 * does not know.  False, too, where it does not answer, which is said on stderr.
 */
bool exportsource_remembers(const struct network *);

/*
 * Read a file, or "-": rows of relayguardctl -j local, up to its end, or lines of a network and
 * its note, which are "denied".  EX_OK, or EX_NOINPUT or EX_DATAERR, as above.
 */
int exportsource_file(struct export_list *, const char *path);

#endif
