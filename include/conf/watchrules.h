/* SPDX-License-Identifier: BSD-2-Clause */
/* conf/watchrules.h - the section "watch": which addresses and names of ours lists are asked
 * about.  Pure. */
#ifndef RELAYGUARD_CONF_WATCHRULES_H
#define RELAYGUARD_CONF_WATCHRULES_H

#include "base/report.h"
#include "conf/section.h"
#include "own/watched.h"

/* Read the section of a file, which need not be there. */
void watchrules_build(struct watch_options *, const struct section *file, struct report *);

#endif
