/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * web/makers.h - threads for what waits for the daemon, so that nobody else does.  Any thread
 * may put a job; none of the rest blocks but the end.
 */
#ifndef RELAYGUARD_WEB_MAKERS_H
#define RELAYGUARD_WEB_MAKERS_H

#include <stdbool.h>

#define MAKERS 8        /* threads */
#define MAKERS_QUEUE 64 /* jobs that wait for one */

struct makers;

typedef void makers_fn(void *job);

/* Threads that run fn for each job.  NULL: no memory, or no threads; errno says which. */
struct makers *makers_new(makers_fn *);

/* False: too many wait already, or the end has come. */
bool makers_put(struct makers *, void *job);

/* End the threads, after what is under way; jobs that wait are left alone. */
void makers_end(struct makers *);

/* Free what has ended; NULL is fine. */
void makers_free(struct makers *);

#endif
