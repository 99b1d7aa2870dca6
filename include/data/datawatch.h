/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * data/datawatch.h - a thread that looks at the files of all feeds that somebody has
 * (data/datafeeds.h), every few seconds, and logs what it comes to.
 *
 * It waits for files, which nobody else does: not even its end is waited for.
 */
#ifndef RELAYGUARD_DATA_DATAWATCH_H
#define RELAYGUARD_DATA_DATAWATCH_H

#include <stdbool.h>
#include <stdint.h>

#define DATAWATCH_EVERY_MS 10000

struct datawatch;

/* Start it, looking so often; what was found by others is told of first.  NULL: there is no
 * thread to be had. */
struct datawatch *datawatch_start(int64_t every_ms);

/* Have it look now.  Any thread; does not block. */
void datawatch_wake(struct datawatch *);

/* Log, once, that a look, be it of this thread, of a reload or of who takes a list, has taken
 * so long that the file system must be hanging; now in clock_ms().  Any thread; does not block. */
void datawatch_check(int64_t now);

/* End it, and free what is its own; NULL is fine.  Does not block: if it is at a file, it ends
 * when it is done with that. */
void datawatch_stop(struct datawatch *);

#endif
