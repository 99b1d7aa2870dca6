/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/xarf.h - evidence as a report that programs of other networks read: XARF 4.2
 * (https://xarf.org).  Any thread.
 */
#ifndef RELAYGUARD_CTL_XARF_H
#define RELAYGUARD_CTL_XARF_H

#include <jansson.h>

#include "ctl/complainttext.h"

/* The report; a new reference.  NULL: memory is out. */
json_t *xarf_report(
    const struct ipaddr *, const struct sightings *, const struct complainant *);

#endif
