/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/traprules.h - the section "traps" and its files.  May block on these.
 */
#ifndef RELAYGUARD_CONF_TRAPRULES_H
#define RELAYGUARD_CONF_TRAPRULES_H

#include "base/report.h"
#include "conf/section.h"
#include "conf/traplint.h"
#include "own/traps.h"

/*
 * The traps of a section, with warnings of those that are hardly meant.  No report has the
 * address of a trap in it.  NULL: there are none, or memory is out, which is reported.
 */
struct traps *traprules_build(
    const struct section *, const struct traplint_known *, struct report *);

#endif
