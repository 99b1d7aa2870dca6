/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * data/datastamp.h - the times of $TIMESTAMP in rbldnsd's files.  Pure.
 */
#ifndef RELAYGUARD_DATA_DATASTAMP_H
#define RELAYGUARD_DATA_DATASTAMP_H

#include <stdbool.h>
#include <stdint.h>

/* When the data was made and when it is over, in clock_wall(); 0: not said. */
struct datastamp {
	int64_t made, expires;
};

/* Read "2026:11:29:10:00:00 +3h", or two times, of which hours, minutes, seconds and the marks
 * between may be left out, and 0 or - is none.  False: it is none. */
bool datastamp_read(struct datastamp *, const char *text);

#endif
