/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control/passes.h - the verb "pass": an administrator lets a client through for some time, as
 * relayguardctl(8) has it.  A thread of the client's; does not block.
 */
#ifndef RELAYGUARD_CONTROL_PASSES_H
#define RELAYGUARD_CONTROL_PASSES_H

#include "control/server.h"

/* Its arg is a struct verbs_context (control/status.h). */
server_verb_fn verb_pass;

#endif
