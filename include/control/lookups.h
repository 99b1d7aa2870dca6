/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control/lookups.h - the verb "lookup": what each list says of an address or a name, as
 * relayguardctl(8) has it.  A thread of the client's; waits for Redis, and for DNS where that
 * is asked.
 */
#ifndef RELAYGUARD_CONTROL_LOOKUPS_H
#define RELAYGUARD_CONTROL_LOOKUPS_H

#include "control/server.h"

/* Its arg is a struct verbs_context (control/status.h). */
server_verb_fn verb_lookup;

#endif
