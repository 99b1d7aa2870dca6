/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/statshtml.h - what was counted, as one page for a browser: no script, nothing that is
 * fetched, light or dark as the reader has it.  One thread; blocks on the stream.
 */
#ifndef RELAYGUARD_CTL_STATSHTML_H
#define RELAYGUARD_CTL_STATSHTML_H

#include <stdio.h>

#include "ctl/stats.h"

/* Whether all could be written, the stream knows. */
void statshtml_write(FILE *, const struct stats *);

#endif
