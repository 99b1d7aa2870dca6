/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spfresult.h - what a check of the sender policy came to (RFC 7208, 2.6).
 * Rank 1; pure.
 */
#ifndef RELAYGUARD_SPFRESULT_H
#define RELAYGUARD_SPFRESULT_H

enum spf_result {
	SPF_UNCHECKED, /* nobody has asked, or no result is there yet */
	SPF_NONE,
	SPF_NEUTRAL,
	SPF_PASS,
	SPF_FAIL,
	SPF_SOFTFAIL,
	SPF_TEMPERROR,
	SPF_PERMERROR,
	SPF_RESULTS
};

/* "none", "pass", ... as in Authentication-Results (RFC 8601, 2.7.2); "unchecked". */
const char *spf_result_name(enum spf_result);

#endif
