/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lists/evidence.h - what one list said of one address, and until when.  Pure.
 *
 * Facts are what is cached and passed between threads; what they mean is
 * lists/listing.h's, what follows from them verdict/verdict.h's.
 */
#ifndef RELAYGUARD_LISTS_EVIDENCE_H
#define RELAYGUARD_LISTS_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fact_state {
	FACT_UNKNOWN, /* not asked, or no answer yet */
	FACT_CLEAR,   /* the list does not hold the address */
	FACT_LISTED,  /* it does; codes say how */
	FACT_ERROR    /* asked, and nothing can be believed of what came */
};

/* "unknown", "clear", "listed" or "error". */
const char *fact_state_name(enum fact_state);

enum fact_source {
	FACT_FROM_DNS,
	FACT_FROM_MEMORY,
	FACT_FROM_REDIS,
	FACT_FROM_OWN,
	FACT_FROM_DATA /* a list whose entries are in files here */
};

#define FACT_CODES 8 /* A records kept of an answer */

struct fact {
	uint8_t state;  /* enum fact_state */
	uint8_t source; /* enum fact_source */
	uint8_t ncodes;
	bool unproven; /* FACT_LISTED: it is not known whether the list holds everybody */
	uint32_t code[FACT_CODES]; /* A records, host order, ascending, each once */
	int64_t expires;           /* in clock_ms(); 0: nobody was asked, or has answered */
};

/*
 * How long facts are kept, in seconds: RFC 2308's negative TTL, and our bounds.  What is
 * left of the TTL of a listing may be little, and whoever is on no list any more is not to
 * be refused for longer than that.
 */
#define FACT_TTL_LISTED_MIN 5
#define FACT_TTL_LISTED_MAX 3600
#define FACT_TTL_CLEAR_MIN 60
#define FACT_TTL_CLEAR_MAX 900
#define FACT_TTL_ERROR 30
#define FACT_TTL_MARGIN 400 /* longer than that no fact is kept, whatever a node makes of it */

/* The seconds a fact of that state may live where DNS said ttl. */
uint32_t fact_ttl(enum fact_state, uint32_t ttl);

/* Add an A record, keeping order; one that is there already, or too many: no change. */
void fact_add_code(struct fact *, uint32_t code);

#endif
