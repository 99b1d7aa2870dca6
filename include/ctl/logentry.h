/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/logentry.h - a decision, read back from its line in a mail log.  Pure.
 *
 * relayguard(8) has the words.  Those of before are understood too: a bare reference at the
 * beginning, host= for iprev=, from-cache= for cache=, \xHH for \u00HH.
 */
#ifndef RELAYGUARD_CTL_LOGENTRY_H
#define RELAYGUARD_CTL_LOGENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ipaddr.h"
#include "ctl/logmerge.h"
#include "verdict/action.h"
#include "verdict/logitem.h"

/* The keys of a decision, in their order. */
enum logkey {
	LOGKEY_REF,
	LOGKEY_VERDICT,
	LOGKEY_MEANT,
	LOGKEY_APART,
	LOGKEY_SOFTENED,
	LOGKEY_REASON,
	LOGKEY_CLIENT,
	LOGKEY_NAME,
	LOGKEY_HELO,
	LOGKEY_FROM,
	LOGKEY_ORIG_FROM,
	LOGKEY_TO,
	LOGKEY_ORIG_TO,
	LOGKEY_POLICY,
	LOGKEY_SCORE,
	LOGKEY_GROUPS,
	LOGKEY_LISTS,
	LOGKEY_SHADOWED,
	LOGKEY_SHADOW_UNKNOWN,
	LOGKEY_SPF,
	LOGKEY_IPREV,
	LOGKEY_DOUBTED,
	LOGKEY_UNPROVEN,
	LOGKEY_SUSPENDED,
	LOGKEY_UNKNOWN,
	LOGKEY_NOT_AWAITED,
	LOGKEY_NOT_NEEDED,
	LOGKEY_UNASKED,
	LOGKEY_ASK,
	LOGKEY_CACHE,
	LOGKEY_NOTE,
	LOGKEY_MS,
	LOGKEYS
};

struct logentry {
	int64_t time; /* the stamp as if it were UTC, in seconds since 1970; 0: there is none */
	enum action verdict;
	enum action meant; /* what would have been done; the verdict where nothing else was */
	struct ipaddr client;
	int score, threshold;   /* 0 and 0 where nothing was weighed */
	unsigned groups, agree; /* the same where lists need not agree */
	int64_t ms;             /* -1: not said */
	bool cut;               /* the line has lost its end, and keys with it */
	struct slice value[LOGKEYS];
};

/*
 * Read a line.  What is of syslog may stand in front, as RFC 3164, RFC 5424 and journalctl
 * have it, and nothing else: what strangers say in other lines counts for nothing.  The
 * entry points into the line.  now: the time of day as of time above; a stamp without a year
 * is of the year before it, not of the day after tomorrow.
 */
enum logmerge_line logentry_parse(struct logentry *, const char *line, int64_t now);

/* The same for files: entries are struct logentry. */
const struct logmerge_kind *logentry_kind(void);

#endif
