/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * os/spawn.h - a small process that forks others when it is asked to: the daemon
 * itself cannot once it has threads and is shut in.
 *
 * All of them end when the daemon does, and have nothing of its but the code.
 */
#ifndef RELAYGUARD_OS_SPAWN_H
#define RELAYGUARD_OS_SPAWN_H

#include <stdbool.h>

/*
 * Start the spawner, first of all: before there are threads, and secrets in
 * memory, which children would have a copy of.  Each child will have that name in
 * ps(1), of 15 bytes, and be given its end of a SOCK_SEQPACKET socket; serve does
 * not return.  The descriptor to ask by, or -1: logged.
 */
int spawn_start(const char *name, void (*serve)(int fd));

/*
 * Have the spawner become user and group, as process_become() does; before this
 * it forks nobody.  Once, with NULL for both if nothing is to change.  Main
 * thread.  False: logged.
 */
bool spawn_become(int spawner, const char *user, const char *group);

/*
 * Have a child: our end of its socket, not blocking and closed on exec.  A child
 * that cannot be forked is seen as end of file.  A spawner that dies is replaced
 * within a second or two, and so long a child may have to be waited for.  -1:
 * there can be none, logged once until there is one again.  Any thread, never
 * blocks.
 */
int spawn_child(int spawner);

#endif
