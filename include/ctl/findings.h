/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/findings.h - what doctor or audit has found, written as it is found: for people, or as
 * JSON.
 * One thread; blocks on standard output.
 */
#ifndef RELAYGUARD_CTL_FINDINGS_H
#define RELAYGUARD_CTL_FINDINGS_H

#include <stdbool.h>

enum finding_level {
	FINDING_OK,
	FINDING_UNSEEN, /* it could not be looked at; seen says why */
	FINDING_WARNING,
	FINDING_ERROR,
	FINDING_LEVELS
};

struct findings {
	const char *verb; /* that looks, as JSON names it */
	bool json;
	unsigned n[FINDING_LEVELS];
};

/*
 * Write one finding: the name of the check, what to do (NULL: nothing), and what was seen.
 * Bytes that are not printable ASCII are shown as \u00HH, as in the log.
 */
void findings_add(struct findings *, enum finding_level, const char *check, const char *advice,
    const char *seen, ...) __attribute__((format(printf, 5, 6)));

/* Write how many there were; 0: all is good, 1: there are warnings, 2: there are errors. */
int findings_end(const struct findings *);

#endif
