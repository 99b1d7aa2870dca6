/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control/suspensions.h - the verbs "suspend" and "resume": an administrator does not believe
 * a list for some time, as relayguardctl(8) has it.  A thread of the client's; neither blocks.
 */
#ifndef RELAYGUARD_CONTROL_SUSPENSIONS_H
#define RELAYGUARD_CONTROL_SUSPENSIONS_H

#include "control/server.h"
#include "control/status.h"

/* Their arg is a struct verbs_context (control/status.h). */
server_verb_fn verb_suspend, verb_resume;

#endif
