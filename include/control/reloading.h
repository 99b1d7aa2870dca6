/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control/reloading.h - the verb "reload", as relayguardctl(8) has it.  A thread of the
 * client's, which waits until the configuration has been read.
 */
#ifndef RELAYGUARD_CONTROL_RELOADING_H
#define RELAYGUARD_CONTROL_RELOADING_H

#include "control/server.h"

/* Its arg is a struct verbs_context (control/status.h). */
server_verb_fn verb_reload;

#endif
