/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/exportverb.h - relayguardctl export: what was seen here, as a file for another program.
 */
#ifndef RELAYGUARD_CTL_EXPORTVERB_H
#define RELAYGUARD_CTL_EXPORTVERB_H

#include <stdbool.h>

#include "ctl/exportsource.h"

#define EXPORTVERB_PATIENCE_MS EXPORTSOURCE_PATIENCE_MS

/*
 * Do what the words behind the verb say; json: in JSON.  The status of sysexits(3), or 1 where a
 * guard has spoken.
 */
int exportverb_run(bool json, char *const *word);

#endif
