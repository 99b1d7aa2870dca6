/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/probesverb.h - the verb probes: which clients have looked for an open relay, by mail
 * logs alone.  No daemon is needed.  Blocks on files.
 */
#ifndef RELAYGUARD_CTL_PROBESVERB_H
#define RELAYGUARD_CTL_PROBESVERB_H

#include <stdbool.h>

/* As a verb_fn of ctl/verbs.h. */
int probesverb_run(bool json, char *const *word);

#endif
