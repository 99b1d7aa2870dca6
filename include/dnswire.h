/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dnswire.h - what goes into a DNS question, and what an answer says.  Rank 0;
 * pure.
 *
 * Answers come from anybody: one that is not exactly the answer to the
 * question, down to its letter case, says nothing.
 */
#ifndef RELAYGUARD_DNSWIRE_H
#define RELAYGUARD_DNSWIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dnsrecord.h"

enum dns_status {
	DNS_FOUND,  /* one record of the type or more */
	DNS_ABSENT, /* NXDOMAIN, or no record of that type */
	DNS_FAILED, /* SERVFAIL, REFUSED, nonsense, nobody listening */
	DNS_TIMEOUT /* no answer */
};

/*
 * A records read of an answer; more are left out, but that the last place is for the
 * one nearest to an address, as in dnsrecord.h.
 */
#define DNS_ADDRESSES 32

struct dns_reply {
	enum dns_status status;
	bool unsent;  /* nobody was asked: the name is not one that can be */
	uint32_t ttl; /* seconds: lowest of the records, or the SOA's (RFC 2308); 0: none */
	size_t n;     /* A records */
	uint32_t address[DNS_ADDRESSES]; /* host order */
	/*
	 * The records of another type; NULL if it is A, or none were found.  None of
	 * those found may be in there: what is of no use is left out.
	 */
	const struct dns_records *records;
};

#define DNSWIRE_NAME_SIZE 254  /* longest name and its NUL */
#define DNSWIRE_RANDOM_SIZE 32 /* a bit for each byte of it, and three more */

/*
 * Copy a name with the case of each letter as the bits of random say, and
 * without a last dot.  False: empty, a label or all of it too long, or anything
 * but letters, digits, "-" and "_" in a label.
 */
bool dnswire_name(char out[DNSWIRE_NAME_SIZE], const char *name,
    const unsigned char random[DNSWIRE_RANDOM_SIZE]);

/*
 * The same for a name that others made up: all that is printed (0x21-0x7e) is
 * fine in a label, but for what the text of a name would escape: "$();@\ and the
 * dot.
 */
bool dnswire_any_name(char out[DNSWIRE_NAME_SIZE], const char *name,
    const unsigned char random[DNSWIRE_RANDOM_SIZE]);

/* The number of a type in a packet. */
uint16_t dnswire_type(enum dns_type);

/*
 * Read the answer to a question for records of this type and name; false,
 * DNS_FAILED: it is none.  What the reply has of records is in the room, which
 * for A is not looked at.  near: the address that a record is kept for; NULL: none.
 */
bool dnswire_read(struct dns_reply *, struct dns_room *, enum dns_type, const char *name,
    const struct ipaddr *near, const unsigned char *packet, size_t len);

#endif
