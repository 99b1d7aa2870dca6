/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control/watching.h - the verb "watch": our own addresses and names on other people's lists,
 * as relayguardctl(8) has it; or the changes, as they come.  A thread of the client's, until
 * he goes; waits for nobody else.
 */
#ifndef RELAYGUARD_CONTROL_WATCHING_H
#define RELAYGUARD_CONTROL_WATCHING_H

#include "control/server.h"

/* Its arg is a struct verbs_context (control/status.h). */
server_verb_fn verb_watch;

#endif
