/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own/localentry.h - what is known of a client that our own evidence has listed: for what, and
 * until when.  Pure.  Times are seconds since 1970.
 */
#ifndef RELAYGUARD_OWN_LOCALENTRY_H
#define RELAYGUARD_OWN_LOCALENTRY_H

#include <stdint.h>

#include "base/ipaddr.h"

/* What a client is listed for; each has a code, 127.0.0.3 and so on (RFC 5782, 2.3). */
enum local_reason {
	LOCAL_PROBE,       /* it has tried whether we relay */
	LOCAL_TRAP,        /* it has written to traps */
	LOCAL_DICTIONARY,  /* it has guessed users */
	LOCAL_BACKSCATTER, /* it has sent bounces to traps */
	LOCAL_NOMINATED,   /* operators have said so */
	LOCAL_HELO,        /* it has said HELO with a name of ours */
	LOCAL_REASONS
};

#define LOCAL_CODE_TEST UINT32_C(0x7f000002) /* 127.0.0.2 */
#define LOCAL_CODE(reason) (UINT32_C(0x7f000003) + (uint32_t)(reason))

/* "probe", "trap", "dictionary", "backscatter", "nominated", "helo". */
const char *local_reason_name(enum local_reason);

/* The reason of that name, or LOCAL_REASONS. */
enum local_reason local_reason_parse(const char *name);

#define LOCAL_RULE_SIZE 16 /* the name of a rule and its NUL */
#define LOCAL_RULES 64     /* different names, beyond which they are not kept */
#define LOCAL_REMOVALS 3   /* of these, the last within LOCAL_REMOVALS_S ... */
#define LOCAL_REMOVALS_S 604800
#define LOCAL_HOLD_S 86400   /* ... takes effect after so long */
#define LOCAL_KEEP_S 2592000 /* how long it counts that a client was listed before */
#define LOCAL_LIVES 4        /* lifetimes: of the first listing, the second, ... the last */

struct local_entry {
	struct ipaddr client; /* of IPv6 its /64 */
	uint8_t reasons;      /* as bits: what it is listed for at the time of asking */
	uint32_t since[LOCAL_REASONS], until[LOCAL_REASONS]; /* 0: it never was */
	uint8_t times[LOCAL_REASONS];                        /* how often it was listed */
	char rule[LOCAL_REASONS][LOCAL_RULE_SIZE];           /* by which rule the last time */
	uint32_t removed[LOCAL_REMOVALS]; /* when it was, newest first; 0: not so often */
	uint32_t held;    /* a removal takes effect then; 0, or past: there is none */
	uint32_t changed; /* when any of that was */
};

#endif
