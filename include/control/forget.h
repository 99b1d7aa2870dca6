/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control/forget.h - the verb "forget": all that is kept of a client is erased, as
 * relayguardctl(8) has it.  A thread of the client's; waits for Redis and blocks on files.
 */
#ifndef RELAYGUARD_CONTROL_FORGET_H
#define RELAYGUARD_CONTROL_FORGET_H

#include "control/server.h"

/* Its arg is a struct verbs_context (control/status.h). */
server_verb_fn verb_forget;

#endif
