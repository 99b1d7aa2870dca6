/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verdict/header.h - what relayguard writes into the header of a message, and what others
 * have written there in its name.  Pure.
 *
 * X-RelayGuard is ours alone.  Authentication-Results (RFC 8601) is ours where it
 * begins with our authserv-id; nobody else's is touched.
 */
#ifndef RELAYGUARD_VERDICT_HEADER_H
#define RELAYGUARD_VERDICT_HEADER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ipaddr.h"
#include "verdict/verdict.h"

#define HEADER_OWN "X-RelayGuard"
#define HEADER_RESULTS "Authentication-Results"

#define HEADER_FORGED_MAX 100 /* fields of one message that are remembered */
#define HEADER_VALUE_MAX 2048 /* bytes of a field that is written, with the NUL */

/* The header of one message, as it came; all zero: nothing has come yet. */
struct header {
	uint32_t own, results; /* fields of that name so far */
	unsigned nforged;
	uint32_t forged[HEADER_FORGED_MAX]; /* twice its number, and one for the results */
};

/*
 * Look at the next field of the header.  False: more of them are forged than can be
 * remembered, so that they cannot be removed; the message is not to be taken.
 */
bool header_note(struct header *, const char *authserv_id, const char *name, const char *value);

/*
 * Take the last forged field that was noted: its name, and which one of that name
 * it is, from 1, as smfi_chgheader() counts.  From the last to the first, so that
 * removing one leaves the numbers of the others as they are.  False: there is none.
 */
bool header_take_forged(struct header *, const char **name, uint32_t *number);

/* What is written of a message; all borrowed, and names may be NULL. */
struct header_facts {
	const char *authserv_id;
	const char *ref;
	const struct ipaddr *client;
	const char *name;       /* of the client in DNS */
	const char *spf_domain; /* whose policy was looked up */
	bool spf_helo;          /* it is that of HELO, not that of the envelope sender */
	const struct roster *roster;
	const struct fact *facts; /* one for each list of the roster */
	const struct policy *policy;
	const struct verdict *verdict;
};

/*
 * Write the value of X-RelayGuard, or of Authentication-Results: printable ASCII,
 * folded by a newline and a tab.
 */
void header_write_own(const struct header_facts *, char out[HEADER_VALUE_MAX]);
void header_write_results(const struct header_facts *, char out[HEADER_VALUE_MAX]);

#endif
