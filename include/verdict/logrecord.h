/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verdict/logrecord.h - the line in maillog that says what was decided, and why.
 * Any thread.
 */
#ifndef RELAYGUARD_VERDICT_LOGRECORD_H
#define RELAYGUARD_VERDICT_LOGRECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ipaddr.h"
#include "base/log.h"
#include "lists/listing.h"
#include "verdict/policy.h"
#include "verdict/verdict.h"

struct logrecord;

/* Who keeps the line of a decision whose reference somebody is told: without names and local
 * parts, if names are not wanted. */
struct logrecord_keeper {
	bool nameless;
	void (*keep)(void *arg, const struct logrecord *, const char *line);
	void *arg;
};

/* One decision; all borrowed, and what is NULL is left out of the line. */
struct logrecord {
	const char *ref;
	const struct ipaddr *client;
	const char *name; /* of the client in DNS */
	const char *helo;
	const char *from; /* as the MTA understands it, as is to */
	const char *to;
	const char *orig_from, *orig_to; /* as the client typed them, where that is another */
	const char *local_reason;        /* what allow or deny says of the client */
	const struct roster *roster;
	const struct fact *facts;    /* one for each list of the roster */
	const struct policy *policy; /* NULL: decided at connect */
	const struct verdict *verdict;
	const struct verdict_input *input; /* that it was reached on; NULL: on none */
	listset unasked; /* lists that the client's network had no question left for */
	bool split;      /* it is to be sent to this recipient by itself */
	bool quiet;      /* the watchdog's: neither counted nor written */
	int64_t ms;      /* how long the client waited */
};

/* Make the line, as it would be written. */
void logrecord_line(struct logline *, const struct logrecord *);

/* Write the line, count the decision, and give the line to the keeper, if there is one. */
void logrecord_write(const struct logrecord *, const struct logrecord_keeper *);

/* Copy such a line without what stands before the @ of senders and recipients, and without
 * what the client typed.  What was cut, or has anything odd in it, is left out. */
void logrecord_hide_people(const char *line, char *out, size_t size);

/* Add a sender or recipient: without its brackets, but for the null sender, which is
 * "<>", as in Postfix's log. */
void logrecord_path(struct logline *, const char *key, const char *path);

#endif
