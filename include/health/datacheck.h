/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health/datacheck.h - is the data of a list to be believed?  What tests ask a list in DNS
 * (RFC 5782, 5) is looked for in its files before they are taken.  Any thread.
 */
#ifndef RELAYGUARD_HEALTH_DATACHECK_H
#define RELAYGUARD_HEALTH_DATACHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/ipaddr.h"
#include "lists/listing.h"

struct datalist;

/* What the data of a list is held against.  It points nowhere, so that its bytes may be copied,
 * and compared if they were all 0 at first. */
struct datacheck_rules {
	enum list_kind kind;
	unsigned formats; /* bit f: a set of it has enum data_format f */
	bool ipv4, ipv6;  /* which addresses it is asked about */
	bool test_entry;  /* 127.0.0.2 is in it, or test_listed, where its format has such */
	char test_listed[SUBJECT_NAME_SIZE], /* of a list of names; "": "test", "invalid" */
	    test_clear[SUBJECT_NAME_SIZE];
	bool suffixes; /* all below a public suffix may be listed, in a list of names */
	unsigned ncanaries;
	struct network canary[CANARY_NETS_MAX]; /* as in lists/listing.h */
};

/*
 * Whether it is good; else why gets a word for the log: "test-entry-missing",
 * "clear-entry-listed", "lists-everything", of data that holds what nobody has, in each block of
 * a part of the Internet (health/canary.h), or "lists-all-of-co.uk", of one with all names below
 * a public suffix.  Plain lists of networks have no test entries, of either kind: they are not
 * made for DNS.  rules: a struct datacheck_rules.
 */
bool datacheck_judge(const void *rules, const struct datalist *, char *why, size_t whysize);

#endif
