/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health/confirmation.h - is one listing true?  I/O thread only.
 *
 * It is if the list does not hold everybody (health/canaries.h), and says the same of the
 * client when it is asked again: a list that lies in part, as one of several servers
 * does, or one answer in fifty, passes either by itself.
 */
#ifndef RELAYGUARD_HEALTH_CONFIRMATION_H
#define RELAYGUARD_HEALTH_CONFIRMATION_H

#include <stdbool.h>
#include <stdint.h>

#include "health/canaries.h"
#include "lists/listing.h"

struct dns;

/* What it takes to confirm a listing. */
struct confirmation_order {
	struct dns *dns;               /* NULL: nobody can be asked */
	struct canaries *canaries;     /* of the list */
	const struct listing *list;    /* read within the call */
	const struct subject *subject; /* as the list, ... */
	unsigned server;               /* who gave the listing */
	unsigned again;                /* so many more questions about the subject, 2 at most */
	bool quiet;                    /* no client asks: these are not counted */
	bool types; /* through a cache: what is listed is there for other types, too */
	health_confirmed *done;
	/* Told where the list has taken back what it said, before done is; or has not. */
	void (*compared)(void *list_arg, bool same);
	void *arg, *list_arg;
};

/* What a list has said of clients, and then again; all zero: nothing yet. */
struct comparisons {
	uint32_t differed; /* a bit for each of the last ones, the last in bit 0 */
	int64_t when;      /* the last that did; 0: none has */
};

/* Note one; true: so many of the last ones differ that something is odd. */
bool comparisons_note(struct comparisons *, bool same);

/* Whether one has differed within a day. */
bool comparisons_differ(const struct comparisons *);

/*
 * Confirm a listing that has just come in.  done is called once, within some seconds,
 * perhaps within this call: UNCONFIRMED also where the list has taken it back.
 */
void confirmation_start(const struct confirmation_order *);

#endif
