/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verdict/verdict.h - evidence and policy make a verdict.  Pure: no I/O, no
 * locks, no clock.
 */
#ifndef RELAYGUARD_VERDICT_H
#define RELAYGUARD_VERDICT_H

#include <stdbool.h>

#include "lists/evidence.h"
#include "lists/listing.h"
#include "verdict/action.h"
#include "verdict/policy.h"
#include "verdict/result.h"

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

/* What is known of one recipient of one connection; all borrowed. */
struct verdict_input {
	const struct roster *roster;
	const struct fact *facts; /* one for each list of the roster */
	const struct policy *policy;
	bool authenticated;
	bool exempt;
	bool passed;         /* by an administrator: then it is allowed, too */
	bool granted;        /* a pass of the page's is good for one more of its messages */
	bool allowed;        /* by the local sets, of which the more */
	bool denied;         /* specific has won: never both */
	bool host_trusted;   /* the client's name is one of those to be believed */
	bool sender_trusted; /* so is the sender's domain */
	enum host host;      /* whether the client's name is its own */
	enum spf_result spf; /* of the sender's domain, or of HELO where there is none */
	listset doubted;     /* lists whose word is not sure: new, or being tested again */
	listset suspended;   /* lists whose word counts for nothing */
	listset unasked;     /* lists that the client's network has no question left for */
	listset lapsed;  /* lists in doubt, whose word has put the client off for long enough:
			      * it counts for a mark alone */
	listset pending; /* lists that may yet be heard, and nobody waits for any more */
	listset held;    /* of these, those that nobody has asked, for it was not needed */
	bool frugal;     /* lists are asked as it is needed, and this client was not drawn */
};

/* What one list adds to the score. */
struct hit {
	unsigned list;               /* index in the roster */
	uint32_t code;               /* the A record it said */
	const struct answer *answer; /* the row that code met, the loudest that speaks */
	int score;                   /* the list's, times the policy's weight */
};

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
