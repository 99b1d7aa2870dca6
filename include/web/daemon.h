/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * web/daemon.h - what the daemon knows, asked at its narrow socket (page of
 * relayguard.conf(5)).  Any thread; may wait, for DAEMON_MS and no longer.
 */
#ifndef RELAYGUARD_WEB_DAEMON_H
#define RELAYGUARD_WEB_DAEMON_H

#include <jansson.h>
#include <stdbool.h>

#define DAEMON_MS 4000 /* for a turn and a reply */

struct daemon;

/* The path is borrowed.  NULL: out of memory. */
struct daemon *daemon_new(const char *path);
void daemon_free(struct daemon *);

/*
 * Send a request, which is taken over (NULL: out of memory); its data, the caller's.  NULL:
 * the daemon is not there, does not answer in time, does not know the verb, or is asked too
 * often, which is told apart; logged, once a minute at most.
 */
json_t *daemon_ask(struct daemon *, json_t *request, bool *often);

#endif
