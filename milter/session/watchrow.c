/* SPDX-License-Identifier: BSD-2-Clause */
/* session/watchrow.c - words. */
#include "config.h"

#include "session/watchrow.h"

const char *
watch_scope_name(enum scope scope)
{
	static const char *const names[] = {[SCOPE_ADDRESS] = "address",
	    [SCOPE_RANGE] = "range",
	    [SCOPE_PROVIDER] = "provider"};

	return names[scope];
}

const char *
watch_event_name(enum watch_event event)
{
	static const char *const names[] = {[WATCH_LISTED_NOW] = "listed",
	    [WATCH_DELISTED] = "delisted",
	    [WATCH_UNKNOWN] = "unknown",
	    [WATCH_KNOWN] = "known"};

	return names[event];
}
