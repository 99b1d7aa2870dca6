/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/changesshow.h - what another configuration would change, as text for people and as JSON
 * for programs.  One thread; blocks on the stream.
 */
#ifndef RELAYGUARD_CTL_CHANGESSHOW_H
#define RELAYGUARD_CTL_CHANGESSHOW_H

#include <stdbool.h>
#include <stdio.h>

#include "ctl/changes.h"

void changesshow_text(FILE *, const struct changes *);

/* With the file that is tried, and the last line, which has the status; false: memory is out,
 * and something is missing. */
bool changesshow_json(FILE *, const struct changes *, const char *file, int status);

#endif
