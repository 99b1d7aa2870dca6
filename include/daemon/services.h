/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * daemon/services.h - all that sessions stand on, built bottom-up and taken down in
 * reverse.  Main thread.
 */
#ifndef RELAYGUARD_DAEMON_SERVICES_H
#define RELAYGUARD_DAEMON_SERVICES_H

#include <stdbool.h>

#include "session/session.h"

struct conf;
struct health;
struct loop;
struct sharing;
struct upstream;

struct daemon_services {
	struct loop *loop;
	struct upstream *upstream;
	struct health *health;
	struct sharing *sharing; /* of own evidence, with other nodes */
	struct session_shared sessions;
};

/*
 * Build it all, for a configuration; spawner: spf/spf.h.  The loop does not run yet.
 * False: out of memory.
 */
bool daemon_services_build(struct daemon_services *, const struct conf *, int spawner);

/*
 * Run by this configuration from now on (takes over the caller's reference);
 * sessions that are open keep theirs.
 */
void daemon_services_use(struct daemon_services *, struct conf *);

/* Whether every list of a configuration in use has been tested, or need not be. */
bool daemon_services_tested(const struct conf *);

/* Take it down, after the loop has stopped and the last session is closed. */
void daemon_services_free(struct daemon_services *);

#endif
