/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control/explain.h - the verb that says why, as relayguardctl(8) has it.  A thread of the
 * client's; waits for lists as a session does.
 */
#ifndef RELAYGUARD_CONTROL_EXPLAIN_H
#define RELAYGUARD_CONTROL_EXPLAIN_H

#include "control/server.h"

/* Its arg is a struct verbs_context (control/status.h). */
server_verb_fn verb_explain;

#endif
