/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control/status.h - the verbs that say how the daemon is, and its lists, as relayguardctl(8)
 * has them.  A thread of the client's; neither blocks.
 */
#ifndef RELAYGUARD_CONTROL_STATUS_H
#define RELAYGUARD_CONTROL_STATUS_H

#include <stdint.h>

#include "control/server.h"
#include "health/suspension.h"
#include "session/session.h"

struct reloads;

/* What verbs look at, which is their arg; borrowed. */
struct verbs_context {
	struct session_shared *sessions;
	struct reloads *reloads;
	const char *conf_path;
	int64_t started;      /* in clock_ms(), ... */
	int64_t started_wall; /* ... and in clock_wall() */
};

/* A suspension by an administrator, as keys to be added to a line about its list; with his
 * words, and who he is, where the client may read such. */
json_t *suspension_line(const struct suspension *, bool with_words);

server_verb_fn verb_status, verb_lists;

#endif
