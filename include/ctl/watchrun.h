/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/watchrun.h - run a program for each change of what is watched (session/watch.h), one
 * after the other.
 */
#ifndef RELAYGUARD_CTL_WATCHRUN_H
#define RELAYGUARD_CTL_WATCHRUN_H

#include <jansson.h>

/*
 * Follow the changes that the daemon at a socket tells of, for ever, also where it is started
 * anew meanwhile, and have the program "run" of a request run for each, for no more seconds
 * than its "timeout", without which it is a minute; the program gets four words: "listed", "delisted", "unknown" or "known", the
 * address or name, the list, and the scope, of which the second and the last may be empty.
 * Returns a status of sysexits(3) where it is of no use to go on, which is said.
 */
int watchrun(const char *socket, const json_t *request);

#endif
