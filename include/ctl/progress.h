/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/progress.h - how far something is that takes longer than people wait in peace.  On
 * standard error, and only where that is a terminal.  One thread.
 */
#ifndef RELAYGUARD_CTL_PROGRESS_H
#define RELAYGUARD_CTL_PROGRESS_H

#include <stdint.h>

struct progress {
	int64_t began, shown; /* in clock_ms(); shown is 0 until something was */
};

void progress_begin(struct progress *);

/* So many percent are done, or -1 where that is not known, and so many of what
 * is called so are read; NULL: there is nothing to count.
 * Shown after two seconds, and not often: it costs little to call. */
void progress_show(struct progress *, int percent, uint64_t n, const char *what);

/* Take it from the screen, for good or until it is shown again. */
void progress_end(struct progress *);

#endif
