/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control/local.h - the verbs of the own list, as relayguardctl(8) has them: "local",
 * "remove", "nominate" and "requests".  A thread of the client's; they block on files.
 */
#ifndef RELAYGUARD_CONTROL_LOCAL_H
#define RELAYGUARD_CONTROL_LOCAL_H

#include "control/server.h"
#include "control/status.h"
#include "own/locallist.h"

/* Their arg is a struct verbs_context (control/status.h). */
server_verb_fn verb_local, verb_remove, verb_nominate, verb_requests;

/* Take a client off the list, write down by whom, and say so in the log; what its entry is
 * then goes to e. */
enum local_removal local_take_off(
    const struct verbs_context *, const struct ipaddr *, const char *by, struct local_entry *e);

#endif
