/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * os/linkpath.h - where a file may be found once the symbolic links on the way to it
 * have been switched.  May block on files.
 */
#ifndef RELAYGUARD_OS_LINKPATH_H
#define RELAYGUARD_OS_LINKPATH_H

/*
 * Call fn with the folder beside what each link on the way to path points at: of
 * current -> releases/7 and of relayguard.conf -> releases/7/relayguard.conf it is
 * releases, where the next release will be.  Links that are reached by links count;
 * folders in the root alone, as /srv, are left out, for they hold too much.
 */
void linkpath_each(const char *path, void (*fn)(void *arg, const char *folder), void *arg);

#endif
