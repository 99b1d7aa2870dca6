/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tally.h - what many sessions came to, and how long each part of them took.
 * One thread's, until it is merged.
 */
#ifndef BENCH_TALLY_H
#define BENCH_TALLY_H

#include "histogram.h"

/* What is timed: the answer to each, ... */
enum span {
	SPAN_SOCKET,
	SPAN_NEGOTIATE,
	SPAN_CONNECT,
	SPAN_RCPT,
	SPAN_END,
	SPAN_VERDICT, /* ... from CONNECT to the first recipient's, ... */
	SPAN_SESSION, /* ... and the whole, from when it was due; both with the pauses */
	SPANS
};

/* What came of the first recipient, or of CONNECT where that was the end. */
enum result {
	RESULT_PASS,
	RESULT_REFUSE,
	RESULT_DEFER,
	RESULT_LOST, /* no answer, or nonsense */
	RESULTS
};

struct tally {
	uint64_t sessions, replies;
	uint64_t busy;               /* attempts that found no room in the filter's backlog */
	uint64_t result[2][RESULTS]; /* of those who are not listed, and those who are */
	uint64_t codes[600];         /* of refusals with a text */
	uint64_t words[128];         /* of all replies */
	struct histogram span[SPANS];
};

/* Add the figures of another thread. */
void tally_merge(struct tally *, const struct tally *);

/* Write one line of JSON: all figures, of so many seconds. */
void tally_print(const struct tally *, double seconds);

#endif
