/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control/metrics.h - all that is measured, as text for Prometheus, as relayguard(8) has it.
 * A thread of a client's; waits for the I/O thread for METRICS_WAIT_MS at most.  Labels are
 * of our own configuration, or of closed sets: no client can make a new one.
 */
#ifndef RELAYGUARD_CONTROL_METRICS_H
#define RELAYGUARD_CONTROL_METRICS_H

#include <stddef.h>

#include "control/server.h"
#include "control/status.h"

#define METRICS_WAIT_MS 1000

/* The text, to be freed, and its length; NULL: out of memory. */
char *metrics_text(const struct verbs_context *, size_t *len);

/* Its arg is a struct verbs_context (control/status.h). */
server_verb_fn verb_metrics;

/* The same over HTTP; arg as for the verb. */
server_talk_fn metrics_talk;

#endif
