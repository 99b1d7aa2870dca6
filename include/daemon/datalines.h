/* SPDX-License-Identifier: BSD-2-Clause */
/* daemon/datalines.h - what a configuration has that is good of lists whose entries are in files
 * here.  Main thread. */
#ifndef RELAYGUARD_DAEMON_DATALINES_H
#define RELAYGUARD_DAEMON_DATALINES_H

struct conf;

/* Print how many entries each has. */
void datalines_print(const struct conf *);

/* Write a warning to the standard error for each file that a user, who we are, cannot read. */
void datalines_check(const struct conf *, const char *file, const char *user);

#endif
