/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verdict/hostresult.c - what may come of looking up the name of a client, in words.
 */
#include "config.h"

#include "verdict/hostresult.h"

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
