/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control/tail.h - the verb "tail": decisions as they come, as relayguardctl(8) has it.  A
 * thread of the client's, until he goes; mail never waits for it.
 */
#ifndef RELAYGUARD_CONTROL_TAIL_H
#define RELAYGUARD_CONTROL_TAIL_H

#include <stdbool.h>

#include "control/server.h"

/* Its arg is a struct verbs_context (control/status.h). */
server_verb_fn verb_tail;

/* Whether the line of a decision has that verdict, and names that list among those that the
 * client is on, in shadow or not; NULL: any will do.  Pure. */
bool tail_matches(const char *line, const char *verdict, const char *label);

#endif
