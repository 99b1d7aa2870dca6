/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf/pool.h - the processes that evaluate sender policies: started when they are
 * wanted, kept while they are of use, replaced when they die.  I/O thread
 * only.
 */
#ifndef RELAYGUARD_SPF_POOL_H
#define RELAYGUARD_SPF_POOL_H

#include <stdbool.h>

#include "spf/wire.h"

#define SPFPOOL_MAX 256     /* processes */
#define SPFPOOL_DEFAULT 128 /* of them: most wait for DNS, and cost little */

struct loop;
struct spfpool;
struct spf_worker; /* one of the processes */

struct spfpool_user {
	/* The process has said something about the request it was taken for. */
	void (*heard)(void *request, const struct spf_message *);
	/* It has died over it; it is given back by that. */
	void (*died)(void *request);
	/* It is worth while to take one again. */
	void (*ready)(void *arg);
	void *arg;
};

/* spawner: os/spawn.h.  NULL: out of memory. */
struct spfpool *spfpool_new(struct loop *, int spawner, const struct spfpool_user *);

/* End all of them; none is taken.  NULL is fine. */
void spfpool_free(struct spfpool *);

/* Have so many at most, 1 to SPFPOOL_MAX. */
void spfpool_resize(struct spfpool *, unsigned max);

/*
 * Take a process that has nothing to do, or a new one, for a request.  NULL: there
 * is none now.
 */
struct spf_worker *spfpool_take(struct spfpool *, void *request);

/* Whether none can be had for a while, as they have died one after another. */
bool spfpool_is_broken(const struct spfpool *);

/* Say something to it; false: it has died, and is given back by that. */
bool spfpool_send(struct spf_worker *, const struct spf_message *);

/* It has done its work. */
void spfpool_give(struct spf_worker *);

/* End it, as it is of no use: why, for the log. */
void spfpool_drop(struct spf_worker *, const char *why);

#endif
