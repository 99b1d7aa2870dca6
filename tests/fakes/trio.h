/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trio.h - matters for verdicts to be reached on: three lists, of which two speak
 * against clients and the last for them, and a policy that names them.
 */
#ifndef RELAYGUARD_TESTS_TRIO_H
#define RELAYGUARD_TESTS_TRIO_H

#include "verdict/verdict.h"

#define TRIO 3
#define CODE(d) (0x7f000000U | (d))

/* A matter, and what it points to. */
struct trio {
	struct policy policy;
	struct fact facts[TRIO];
	struct verdict_input input;
};

/* A weight of 0: the policy does not name the list. */
void trio_begin(struct trio *, int refuse, int defer, const int weight[TRIO]);

/*
 * What each list says: '.' clear, '?' unknown, 'u' unknown, for the network had no
 * question left, '!' error, a digit: that code.  The
 * scores of 2, 3 and 4 are 2, 3, 5 of the first list, 2, 0, 4 of the second and
 * -2, -3, -10 of the third.
 */
void trio_hear(struct trio *, const char facts[TRIO + 1]);

/* What is thought of each: '.' good, 'd' in doubt, 's' suspended. */
void trio_judge(struct trio *, const char standings[TRIO + 1]);

/* Those that are not known, as if they were yet to come. */
listset trio_pending(const char facts[TRIO + 1]);

#endif
