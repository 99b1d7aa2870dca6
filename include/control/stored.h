/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control/stored.h - the verb "explain": what was decided under a reference, and what would
 * be now, as relayguardctl(8) has it.  A thread of the client's; blocks on files, and waits
 * for lists as a session does.
 */
#ifndef RELAYGUARD_CONTROL_STORED_H
#define RELAYGUARD_CONTROL_STORED_H

#include "control/server.h"

/* Explain a reference, or else an address (control/explain.h); its arg is a struct
 * verbs_context (control/status.h). */
server_verb_fn verb_explain;

#endif
