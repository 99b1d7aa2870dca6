/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health/selftest.h - one test of one list (RFC 5782, 5).  I/O thread only.
 */
#ifndef RELAYGUARD_HEALTH_SELFTEST_H
#define RELAYGUARD_HEALTH_SELFTEST_H

#include <stdbool.h>

#include "health/canary.h"
#include "health/diagnosis.h"
#include "lists/listing.h"

struct dns;

#define SELFTEST_CANARIES_MAX (CANARY_SIDES * CANARY_BLOCKS_MAX)

/* What is asked in a test, and how. */
struct selftest_plan {
	bool entries; /* the test entries of each family: one that is listed, one that is not */
	bool unchecked;   /* the entry and one more canary, without DNSSEC validation */
	unsigned server;  /* as dns_ask_server() takes it */
	unsigned version; /* of the blocks; health/canaries.h's */
	unsigned ncanaries;
	struct canary_block canary[SELFTEST_CANARIES_MAX]; /* a fresh one from each */
};

/* From good to bad. */
enum selftest_result {
	SELFTEST_GOOD,
	SELFTEST_SILENT,     /* no answer, or a failure of the servers */
	SELFTEST_UNANSWERED, /* of these 127.0.0.2 alone has none */
	SELFTEST_EMPTY,      /* 127.0.0.2 is not listed */
	SELFTEST_UNDECLARED, /* something is, with a code that the table lacks */
	SELFTEST_REFUSED,    /* an error code in place of an answer */
	SELFTEST_OUTSIDE,    /* an answer that is no list's */
	SELFTEST_LISTS_ALL   /* 127.0.0.1 or a canary is listed, as clients are */
};

/* The word for the log. */
const char *selftest_name(enum selftest_result);

#define SELFTEST_EVIDENCE_MAX 96

/* How a test ended. */
struct selftest_report {
	enum selftest_result worst;                         /* of all answers, */
	enum selftest_result entries;                       /* of the test entries, */
	enum selftest_result canary[SELFTEST_CANARIES_MAX]; /* and of each canary */
	char evidence[SELFTEST_EVIDENCE_MAX]; /* the worst answer, as a sentence */
	uint32_t code;                        /* the address in it, or 0 */
	struct diagnosis diagnosis;
	uint32_t ttl;    /* of a test entry that is listed; 0: none was, or it had none left */
	uint32_t denied; /* s for which a resolver may keep that it is not there; 0: not so */
	bool is_signed;  /* the zone is: what is not there came with an RRSIG (RFC 4034, 3) */
	bool has_types;  /* what is listed is there for other types, too (RFC 8020, 2) */
};

/* What is probably wrong where a list is given up for that result; NULL: it does not show. */
const char *selftest_hint(const struct selftest_report *, enum selftest_result);

typedef void selftest_done(void *arg, const struct selftest_report *);

/*
 * Begin a test of the roster's list number list by way of dns.  done may be called
 * within this call where no name fits DNS, or memory is out.  False: dns is NULL,
 * or memory or random numbers are out, and done is not called.
 */
bool selftest_start(struct dns *, struct roster *, unsigned list, const struct selftest_plan *,
    selftest_done *done, void *arg);

#endif
