/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/reportverb.h - the verb report: logs are read, and what was counted is shown.  No daemon
 * is needed.  Blocks on files.
 */
#ifndef RELAYGUARD_CTL_REPORTVERB_H
#define RELAYGUARD_CTL_REPORTVERB_H

#include <stdbool.h>

/* Do it, by the words behind the verb; the status of sysexits(3), with EX_USAGE where the
 * words make no sense: then the caller says how it is used. */
int reportverb_run(bool json, char *const *word);

#endif
