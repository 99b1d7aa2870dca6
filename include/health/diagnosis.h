/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health/diagnosis.h - what the answers to the test entries of a list look like, and what is
 * probably wrong.  Pure but for the log.
 *
 * A list that is not heard may be gone; or a resolver takes its answers away, which are
 * addresses in 127.0.0.0/8, or refuses to ask it.  Each does so in its own way.
 */
#ifndef RELAYGUARD_HEALTH_DIAGNOSIS_H
#define RELAYGUARD_HEALTH_DIAGNOSIS_H

#include <stdint.h>

#include "dns/wire.h"

enum answer_kind {
	ANSWER_UNASKED,
	ANSWER_LISTED,
	ANSWER_NXDOMAIN, /* with a SOA, as RFC 2308 wants it; the next one without */
	ANSWER_NXDOMAIN_BARE,
	ANSWER_NODATA,
	ANSWER_NODATA_BARE,
	ANSWER_SERVFAIL,
	ANSWER_REFUSED,
	ANSWER_OTHER, /* another code, or nonsense */
	ANSWER_NOTHING
};

/* What kind of an answer it is, and the word for the log. */
enum answer_kind answer_kind_of(const struct dns_reply *);
const char *answer_kind_name(enum answer_kind);

struct diagnosis {
	enum answer_kind entry;     /* the test entry that is listed */
	enum answer_kind clear;     /* an address or a name that is not */
	enum answer_kind unchecked; /* the better of both without DNSSEC validation (RFC 4035,
				     * 3.2.2) */
};

/* What is probably wrong, and what helps; NULL: it does not show. */
const char *diagnosis_hint(const struct diagnosis *);

/* The same of a list that is silent: its tests may have answers where clients have none. */
const char *diagnosis_of_silence(const struct diagnosis *);

/* The same of a code by which a list says that it does not answer. */
const char *diagnosis_of_refusal(uint32_t code);

/* The same where the test entry is there before its absence can have been forgotten. */
const char *diagnosis_of_denial(void);

/* Say in the log that a list is silent, with the answer that was missed. */
void diagnosis_log(const char *label, enum answer_kind missed, const struct diagnosis *);

#endif
