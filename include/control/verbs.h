/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control/verbs.h - all that may be asked of the daemon, and the right that each takes.  Any
 * thread.
 */
#ifndef RELAYGUARD_CONTROL_VERBS_H
#define RELAYGUARD_CONTROL_VERBS_H

#include "control/server.h"

/* The table of n verbs; their arg is a struct verbs_context (control/status.h). */
const struct server_verb *verbs_all(size_t *n);

#endif
