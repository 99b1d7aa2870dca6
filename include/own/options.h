/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own/options.h - what own evidence comes to, as the configuration has it in "own".  Read by
 * any thread, never changed.
 */
#ifndef RELAYGUARD_OWN_OPTIONS_H
#define RELAYGUARD_OWN_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/prefix.h"
#include "own/locallist.h"

#define OWN_DROP_BOX_MAX 8    /* networks that may be wanted of a drop box */
#define OWN_DICTIONARY_MAX 20 /* unknown users that may be wanted of a guesser */
#define OWN_TRAP_HITS_MAX 100 /* hits that may be wanted on one trap */
#define OWN_LIFE_MIN_S 60     /* of an entry */
#define OWN_LIFE_MAX_S 2592000

/* A rule whose number is 0 lists nobody. */
struct own_options {
	bool enabled;      /* evidence is collected, and the list answers */
	unsigned forms;    /* odd forms to one target within a day: a relay tester */
	unsigned senders;  /* shapes of senders to one recipient within ten minutes: one, too */
	unsigned both;     /* shapes of senders, with an odd form and the plain one, as well */
	unsigned drop_box; /* networks that tried a mailbox before, to itself */
	unsigned dictionary;         /* unknown users, and no known one */
	unsigned traps;              /* different ones that list a client */
	unsigned trap_hits;          /* or so many hits on one */
	bool helo;                   /* HELO with a name or an address of ours counts */
	uint32_t life[LOCAL_LIVES];  /* seconds: of the first listing, the second, ... */
	struct prefix_set *networks; /* that are never on the list; NULL: none */
	char *removal;               /* template of the URL where one gets off, or NULL */
	char *contact;               /* a mailbox for other questions, or NULL */
};

void own_options_clear(struct own_options *);

/* Whether an address is never on the list. */
bool own_options_exclude(const struct own_options *, const struct ipaddr *);

#endif
