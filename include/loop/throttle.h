/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * loop/throttle.h - the accept throttle: the listening socket is put aside while descriptors
 * are short.
 * Any thread.
 *
 * libmilter tries again without a pause when there is no descriptor for a
 * connection.  So before that happens another socket takes the place of its
 * own; connections wait in the queue of the real one until there is room.
 */
#ifndef RELAYGUARD_LOOP_THROTTLE_H
#define RELAYGUARD_LOOP_THROTTLE_H

#include <stdbool.h>
#include <stdint.h>

enum shortage {
	SHORTAGE_NONE,
	SHORTAGE_NEAR,  /* 80 % of the descriptors are in use: the log says so */
	SHORTAGE_HERE,  /* 90 %: clients are let through without being looked at */
	SHORTAGE_TOTAL, /* 95 %: nothing is accepted, until it is less than 90 %, and a second */
};

/*
 * Guard the one socket that this process listens on; files is how many
 * descriptors it may have.  False: it cannot be guarded; logged.
 */
bool throttle_init(uint64_t files);

/* How short descriptors are; stops to accept, and begins again.  Costs two system calls. */
enum shortage throttle_check(void);

/*
 * The same, for each connection: looks anew when the last look is 10 ms old, or as
 * many have come since then as are one in a hundred of the descriptors.
 */
enum shortage throttle_check_now(void);

bool throttle_is_closed(void);

/* Open it for good: libmilter is about to stop, and must see who wakes it. */
void throttle_open(void);

/* How many descriptors below a number are in use.  Any thread; takes about a microsecond for
 * each hundred. */
unsigned throttle_count_files(uint64_t files);

#endif
