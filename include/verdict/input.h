/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verdict/input.h - what a verdict is reached on, and what each piece of it says by itself:
 * a list, SPF, the name of the host.  Pure: no I/O, no locks, no clock.
 */
#ifndef RELAYGUARD_VERDICT_INPUT_H
#define RELAYGUARD_VERDICT_INPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "lists/evidence.h"
#include "lists/listing.h"
#include "verdict/action.h"
#include "verdict/policy.h"
#include "verdict/result.h"

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

/* What the list of a vote says by its fact; false: nothing, and the hit has no answer. */
bool input_hear(const struct verdict_input *, const struct vote *, struct hit *);

/* Whether nothing is known of what a list says. */
bool input_is_missing(const struct verdict_input *, unsigned list);

/* Whether the word of a list counts for nothing: it is as good as not there. */
bool input_is_void(const struct verdict_input *, unsigned list);

/* What SPF adds to the score. */
int input_spf_score(const struct verdict_input *);

/* Whether the client or the sender would be let through, but for a question to DNS
 * that has no answer: like an allow list that could not be heard. */
bool input_may_be_trusted(const struct verdict_input *);

/* What SPF comes to by itself, if there is no doubt. */
enum action input_spf_nominal(const struct verdict_input *);

/* What it comes to: not to a refusal of who may yet turn out to be trusted. */
enum action input_spf_action(const struct verdict_input *);

#endif
