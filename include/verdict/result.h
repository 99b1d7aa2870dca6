/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verdict/result.h - what checks of a client's name (RFC 8601, 2.7.3) and of the sender
 * policy (RFC 7208, 2.6) came to.  Pure.
 */
#ifndef RELAYGUARD_VERDICT_RESULT_H
#define RELAYGUARD_VERDICT_RESULT_H

/* Whether the name of a client leads back to its address. */
enum host {
	HOST_UNCHECKED, /* nobody has asked, or no result is there yet */
	HOST_CONFIRMED, /* its name has its address */
	HOST_WRONG,     /* its name has others, or it has none */
	HOST_UNKNOWN,   /* asked, and DNS could not say */
	HOSTS
};

/* "unchecked", "confirmed", "wrong", "unknown". */
const char *host_name(enum host);

enum spf_result {
	SPF_UNCHECKED, /* nobody has asked, or no result is there yet */
	SPF_NONE,
	SPF_NEUTRAL,
	SPF_PASS,
	SPF_FAIL,
	SPF_SOFTFAIL,
	SPF_TEMPERROR,
	SPF_PERMERROR,
	SPF_UNKNOWN, /* nobody has looked, and it is not the sender's fault, nor of its DNS */
	SPF_RESULTS
};

/* "none", "pass", ...; "unchecked", "unknown". */
const char *spf_result_name(enum spf_result);

/* As in Authentication-Results (RFC 8601, 2.7.2), where not to know is "temperror". */
const char *spf_result_public(enum spf_result);

#endif
