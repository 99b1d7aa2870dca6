/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health/outage.h - a list that does not answer: its circuit breaker, what it is asked while
 * it is silent, and what the log says of that.  I/O thread only.
 */
#ifndef RELAYGUARD_HEALTH_OUTAGE_H
#define RELAYGUARD_HEALTH_OUTAGE_H

#include <stdbool.h>

#include "health/breaker.h"
#include "health/canaries.h"
#include "health/diagnosis.h"
#include "health/selftest.h"
#include "lists/listing.h"

struct loop;

/* What it takes of the list's owner, and tells it. */
struct outage_owner {
	/* Begin a self-test; false: none began. */
	bool (*ask)(
	    void *arg, const struct selftest_plan *, selftest_done *done, void *selftest);
	void (*began)(void *arg); /* the list has fallen silent */
	void (*ended)(void *arg); /* it answers again, and may have become another one */
	void *arg;
};

struct outage {
	struct outage_owner owner;
	struct list_breaker breaker;     /* open: the list is silent */
	const struct canaries *canaries; /* by which it is asked */
	const struct listing *listing;
	bool watched;            /* the running configuration has the list */
	bool said;               /* what the silence is like, ... */
	const char *hint;        /* ... and what helps; or NULL */
	enum answer_kind missed; /* what came in place of an answer, the last time */
};

/* It answers, as far as is known; the list's canaries outlive it.  False: out of memory. */
bool outage_init(
    struct outage *, struct loop *, const struct canaries *, const struct outage_owner *);
void outage_free(struct outage *);

/* The list is this one from now on; where it is silent, it is asked at once. */
void outage_watch(struct outage *, const struct listing *);

/* Leave the list alone, silent or not, until outage_watch(). */
void outage_leave(struct outage *);

/* What came of a question that the breaker knows of; missed: in place of an answer. */
void outage_answered(struct outage *, bool answered, enum answer_kind missed);

#endif
