/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session/passnote.h - a pass of the page's as text, for a file and for other nodes.  Pure.
 *
 * "NETWORK DOMAIN ID AGE KEPT STATE ABUSES MESSAGE,MESSAGE,... RECIPIENT,...": AGE seconds
 * since it was granted, KEPT seconds until it is forgotten, STATE "good", "ended" or "abused",
 * then numbers, or "-" for none.  No time in it is that of a clock.
 */
#ifndef RELAYGUARD_SESSION_PASSNOTE_H
#define RELAYGUARD_SESSION_PASSNOTE_H

#include <stdbool.h>
#include <stdint.h>

#include "session/passes.h"

#define PASSNOTE_SIZE 504

/* Write one as it is at that time of clock_ms(). */
void passnote_write(const struct pass *, int64_t now, char out[PASSNOTE_SIZE]);

/* Read what anybody may have written, so many seconds ago.  False: anything in it is odd. */
bool passnote_read(struct pass *, const char *text, int64_t elapsed, int64_t now);

#endif
