/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/reportverb.h - the verb report: logs are read, and what was counted is shown.  No daemon
 * is needed.  Blocks on files.
 */
#ifndef RELAYGUARD_CTL_REPORTVERB_H
#define RELAYGUARD_CTL_REPORTVERB_H

#include <stdbool.h>

/* As a verb_fn of ctl/verbs.h. */
int reportverb_run(bool json, char *const *word);

#endif
