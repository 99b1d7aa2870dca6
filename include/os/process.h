/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * os/process.h - what the process is to the system: its terminal, its user, its
 * lock and pid files.  Main thread, before others exist.
 */
#ifndef RELAYGUARD_OS_PROCESS_H
#define RELAYGUARD_OS_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Go into the background, in a session of its own, with / as directory.  Who
 * started us waits for process_settle().  False: logged.
 */
bool process_detach(void);

/* Let who started us have this exit code.  Without process_detach(): nothing. */
void process_settle(int code);

/*
 * Hold path as a lock for as long as the process lives; the file stays.  False:
 * another process holds it, or it cannot be made; logged.
 */
bool process_lock(const char *path);

/*
 * Write the process id to path, as root if it is root that starts us.  False:
 * it cannot be written; logged.
 */
bool process_write_pid(const char *path);

/* Remove it again. */
void process_remove_pid(const char *path);

/* Give a unix socket to user and group (each may be NULL), with that mode. */
bool process_give_socket(const char *path, const char *user, const char *group, unsigned mode);

/*
 * Have process_resident() know how much memory we use; once, as the process that stays and
 * before a sandbox closes.  False: this system does not tell.
 */
bool process_watch_memory(void);

/* Bytes of memory in use; 0: not known.  Any thread. */
uint64_t process_resident(void);

/* Whether there is such a user, and such a group; NULL is fine.  False: logged. */
bool process_knows(const char *user, const char *group);

/*
 * Become user and group, for good, with no other groups but the user's own.  A
 * NULL group is the user's; a NULL user changes nothing.  Only root can; for
 * others it is true where nothing is to change.  False: logged.
 */
bool process_become(const char *user, const char *group);

#endif
