/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/netfile.h - a file of networks, read into a set, or searched; warnings of
 * networks that hold everybody.  May block on the file.
 */
#ifndef RELAYGUARD_CONF_NETFILE_H
#define RELAYGUARD_CONF_NETFILE_H

#include <stddef.h>

#include "base/prefix.h"
#include "base/report.h"
#include "conf/netline.h"

/*
 * Add the networks of a file to a set; how many there were.  What is wrong is reported
 * at its line, for the first ten lines that are, or at the place where the file was
 * named: it is not a regular file, or everybody may write to it.
 */
size_t netfile_read(struct prefix_set *, const char *path, enum netline_sense,
    const struct place *named, struct report *);

/* The line of a file as it is now that gives a network, the first one; 0: none does, or it
 * cannot be read. */
unsigned netfile_find(const char *path, enum netline_sense, const struct network *);

/* Warn of a network to allow or to deny, which was written there, if that is hardly meant. */
void netfile_warn(
    const struct network *, enum netline_sense, const struct place *, struct report *);

#endif
