/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/complaint.h - the verb complaint: what was seen of a client, in a form that its network
 * can use.  It prints, and sends nothing.  Blocks on the daemon, or on a file.
 */
#ifndef RELAYGUARD_CTL_COMPLAINT_H
#define RELAYGUARD_CTL_COMPLAINT_H

#include <stdbool.h>

/* As a verb_fn of ctl/verbs.h. */
int complaint_run(bool json, char *const *word);

#endif
