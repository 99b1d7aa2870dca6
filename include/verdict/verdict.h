/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verdict/verdict.h - evidence and policy make a verdict.  Pure: no I/O, no
 * locks, no clock.
 */
#ifndef RELAYGUARD_VERDICT_H
#define RELAYGUARD_VERDICT_H

#include <stdbool.h>

#include "verdict/input.h"

/* What the verdict rests on, the first that applies. */
enum verdict_reason {
	REASON_AUTH,          /* the client has logged in */
	REASON_EXEMPT,        /* the recipient is never refused */
	REASON_ADMINISTRATOR, /* an administrator lets the client through for some time */
	REASON_ALLOW,         /* the local allow set holds the client */
	REASON_DENY,          /* the local deny set does */
	REASON_HOST,          /* the client's name is trusted, and leads back to its address */
	REASON_SENDER,  /* the sender's domain is trusted, and SPF says that it is the sender */
	REASON_SPF,     /* what SPF says, by itself */
	REASON_LISTS,   /* what the lists say, also where they say nothing */
	REASON_BUSY,    /* lists that could have refused the client had no question left for
			 * its network */
	REASON_PASS,    /* these, or SPF, and a pass that was taken at the page */
	REASON_STOPPING /* none: the daemon is about to stop */
};

const char *verdict_reason_name(enum verdict_reason);

struct verdict {
	enum action action;  /* what is done */
	enum action meant;   /* what would be, but for shadow mode */
	enum action nominal; /* what would be, but for doubt */
	bool softened;       /* meant is milder than that */
	enum verdict_reason reason;
	enum spf_result spf; /* as the input has them */
	enum host host;
	int score;
	int spf_score;   /* what SPF has added to it */
	int threshold;   /* the one that was reached; else the lowest set, or 0 */
	unsigned groups; /* so many speak against the client, SPF among them */
	unsigned nhits, nshadowed;
	struct hit hit[LISTS_MAX]; /* of lists that count, in the order of the policy;
					* then of lists in shadow, which do not */
	const struct hit *loudest; /* the highest positive score, or NULL; where the
					* action is sure, of a list without a doubt */
	listset doubted;           /* lists in doubt that spoke, or might have for it */
	listset suspended;         /* lists of the policy that were left out */
	listset lapsed;            /* lists that spoke, and count for a mark alone */
	listset unknown;           /* lists of the policy that could not be heard */
	listset not_awaited;       /* those that were not heard, and need not be */
	listset not_needed;        /* those that were not asked, and need not be */
	listset shadow_unknown;    /* lists in shadow that were not heard, or are left out */
};

/* Reach the verdict on an input. */
void verdict_reach(struct verdict *, const struct verdict_input *);

/* Whether a pass of the page's lets through what comes to that; it need not have been taken. */
bool verdict_may_pass(const struct verdict *, const struct verdict_input *);

/*
 * What would be meant without some lists: as if the policy did not name them, with all else
 * as it stands.
 */
enum action verdict_without(const struct verdict_input *, listset);

/*
 * Whether no answer of the lists in pending can change the action any more, with
 * SPF and the host as they stand: so that nobody waits for what does not matter.
 */
bool verdict_settled(const struct verdict_input *, listset pending);

/*
 * Whether SPF, or the host, has not been checked, and some result could change
 * the action, whatever the lists in pending say.  To be asked again when one has
 * been checked, the host first: it costs less.  Where neither is wanted and the
 * lists are settled, nothing that is still unknown can change the action.
 */
bool verdict_wants_spf(const struct verdict_input *, listset pending);
bool verdict_wants_host(const struct verdict_input *, listset pending);

#endif
