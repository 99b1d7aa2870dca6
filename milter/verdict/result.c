/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verdict/result.c - results by name.  Those of a check of the sender policy are those of
 * RFC 7208, and two for what has not been checked.
 */
#include "config.h"

#include "verdict/result.h"

const char *
host_name(enum host host)
{
	static const char *const names[HOSTS] = {
	    [HOST_UNCHECKED] = "unchecked",
	    [HOST_CONFIRMED] = "confirmed",
	    [HOST_WRONG] = "wrong",
	    [HOST_UNKNOWN] = "unknown",
	};

	return names[host];
}

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
	    [SPF_UNKNOWN] = "unknown",
	};

	return names[result];
}

const char *
spf_result_public(enum spf_result result)
{
	return spf_result_name(result == SPF_UNKNOWN ? SPF_TEMPERROR : result);
}
