/* SPDX-License-Identifier: BSD-2-Clause */
/* session/pass.h - who is let through for some time (session/passes.h), and what two know of
 * the page's pass of one network, joined.  Pure; times are those of clock_ms(). */
#ifndef RELAYGUARD_SESSION_PASS_H
#define RELAYGUARD_SESSION_PASS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ipaddr.h"
#include "base/mailbox.h"

#define PASS_WHY_SIZE 208
#define PASS_BY_SIZE 8

/* What one that was taken at the page is good for. */
#define PASS_MS (24 * INT64_C(3600000))
#define PASS_AGAIN_MS (30 * PASS_MS) /* from one of a network to the next */
#define PASS_MESSAGES 10
#define PASS_RECIPIENTS 5
#define PASS_ABUSES 2 /* after which a network gets none for PASS_ABUSED_MS */
#define PASS_ABUSED_MS (365 * PASS_MS)

struct pass {
	struct network network;
	int64_t until; /* in clock_ms() */
	int64_t kept;  /* until when it is known to have been there; 0: not after its end */
	char by[PASS_BY_SIZE];
	char why[PASS_WHY_SIZE]; /* or empty */
	/* Of the page's: */
	char domain[MAILBOX_DOMAIN_MAX + 1]; /* that mail is for */
	uint64_t id;                     /* below PASS_IDS; of two at once the lower counts */
	unsigned messages;               /* that were let through */
	uint32_t message[PASS_MESSAGES]; /* a number of each, by chance */
	unsigned recipients;
	uint32_t recipient[PASS_RECIPIENTS]; /* hashes of these */
	int64_t again;                       /* when there may be another, in clock_ms() */
	unsigned
	    abuses;  /* used by whom our own evidence has listed since; of those before, too */
	bool abused; /* this one was */
	bool ended;  /* an administrator has */
	unsigned changed; /* bit k: the keeper k has not taken it since */
};

#define PASS_IDS UINT64_C(1000000000000000000)

/* A pass was abused: it ends, and is known for PASS_ABUSED_MS. */
void pass_abuse(struct pass *, int64_t now);

/*
 * Add what somebody else knows: what either has let through, and that it has ended.  One that
 * was granted much later takes its place, one that was so before is nothing; of two at a time
 * the one with the lower id stays.  Whether that has changed it.
 */
bool pass_join(struct pass *, const struct pass *more, int64_t now);

/* Whether nothing of the second is missing in the first. */
bool pass_has(const struct pass *have, const struct pass *in, int64_t now);

#endif
