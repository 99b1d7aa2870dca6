/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spfresult.c - the results of a check of the sender policy, by name.  They are
 * those of RFC 7208, and one for what has not been checked.
 */
#include "config.h"

#include "spfresult.h"

const char *
spf_result_name(enum spf_result result)
{
	static const char *const names[SPF_RESULTS] = {
	    [SPF_UNCHECKED] = "unchecked",
	    [SPF_NONE] = "none",
	    [SPF_NEUTRAL] = "neutral",
	    [SPF_PASS] = "pass",
	    [SPF_FAIL] = "fail",
	    [SPF_SOFTFAIL] = "softfail",
	    [SPF_TEMPERROR] = "temperror",
	    [SPF_PERMERROR] = "permerror",
	};

	return names[result];
}
