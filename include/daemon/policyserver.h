/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * daemon/policyserver.h - the socket of Postfix's policy delegation.  Main thread.
 *
 * A connection has a thread of its own, which waits for its lists as libmilter's workers do:
 * Postfix has one connection for each smtpd(8), which stays.
 */
#ifndef RELAYGUARD_DAEMON_POLICYSERVER_H
#define RELAYGUARD_DAEMON_POLICYSERVER_H

#include <stdbool.h>

struct conf;
struct policyserver;
struct session_shared;

/* Listen where the configuration says; a socket's file is given to its group.  What is
 * shared outlives it.  NULL: an error, logged. */
struct policyserver *policyserver_open(const struct conf *, struct session_shared *);

/* Serve from now on; false: there is no thread to be had.  NULL is fine, and true. */
bool policyserver_start(struct policyserver *);

/* Take the socket away, end all connections after what they wait for, and free.  NULL is
 * fine. */
void policyserver_close(struct policyserver *);

#endif
