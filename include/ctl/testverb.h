/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/testverb.h - the verb test-config: what another configuration would have made of the
 * decisions of the store.  No daemon is needed, and none is asked: it may read no other
 * configuration than its own.  Blocks on files.
 */
#ifndef RELAYGUARD_CTL_TESTVERB_H
#define RELAYGUARD_CTL_TESTVERB_H

#include <stdbool.h>

/* Do it, by the words behind the verb, as a verb_fn of ctl/verbs.h.  0: nothing would be
 * different; 1: something would; else one of sysexits(3). */
int testverb_run(bool json, char *const *word);

#endif
