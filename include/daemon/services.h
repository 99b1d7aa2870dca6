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
struct upstream;

struct world {
	struct loop *loop;
	struct upstream *upstream;
	struct health *health;
	struct session_world sessions;
};

/*
 * Build it all, for a configuration; spawner: spf/spf.h.  The loop does not run yet.
 * False: out of memory.
 */
bool world_build(struct world *, const struct conf *, int spawner);

/*
 * Run by this configuration from now on (takes over the caller's reference);
 * sessions that are open keep theirs.
 */
void world_use(struct world *, struct conf *);

/* Whether every list of a configuration in use has been tested, or need not be. */
bool world_tested(const struct conf *);

/* Take it down, after the loop has stopped and the last session is closed. */
void world_free(struct world *);

#endif
