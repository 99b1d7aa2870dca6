/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control/taking.h - the verb "take": an administrator has looked at the files of a list, as
 * relayguardctl(8) has it.  A thread of the client's, which blocks on them.
 */
#ifndef RELAYGUARD_CONTROL_TAKING_H
#define RELAYGUARD_CONTROL_TAKING_H

#include "control/server.h"

/* Its arg is a struct verbs_context (control/status.h). */
server_verb_fn verb_take;

#endif
