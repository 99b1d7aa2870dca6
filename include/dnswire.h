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

enum dns_status {
	DNS_FOUND,  /* one A record or more */
	DNS_ABSENT, /* NXDOMAIN, or no A record of that name */
	DNS_FAILED, /* SERVFAIL, REFUSED, nonsense, nobody listening */
	DNS_TIMEOUT /* no answer */
};

#define DNS_ADDRESSES 32 /* A records read of an answer; more are left out */

struct dns_reply {
	enum dns_status status;
	uint32_t ttl; /* seconds: lowest of the A records, or the SOA's (RFC 2308); 0: none */
	size_t n;
	uint32_t address[DNS_ADDRESSES]; /* host order */
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

/* Read the answer to a question for A records of name; false, DNS_FAILED: it is none. */
bool dnswire_read(
    struct dns_reply *, const char *name, const unsigned char *packet, size_t len);

#endif
