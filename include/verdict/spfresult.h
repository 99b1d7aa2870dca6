/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verdict/spfresult.h - what a check of the sender policy came to (RFC 7208, 2.6).
 * Pure.
 */
#ifndef RELAYGUARD_VERDICT_SPFRESULT_H
#define RELAYGUARD_VERDICT_SPFRESULT_H

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
