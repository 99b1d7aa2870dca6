/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dns/wire.h - what goes into a DNS question, and what an answer says.
 * Pure.
 *
 * Answers come from anybody: one that is not exactly the answer to the
 * question, down to its letter case, says nothing.
 */
#ifndef RELAYGUARD_DNS_WIRE_H
#define RELAYGUARD_DNS_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/record.h"

enum dns_status {
	DNS_FOUND,  /* one record of the type or more */
	DNS_ABSENT, /* NXDOMAIN, or no record of that type */
	DNS_FAILED, /* SERVFAIL, REFUSED, nonsense, nobody listening; NOERROR without A or SOA */
	DNS_TIMEOUT /* no answer */
};

/* The code of an answer (RFC 1035, 4.1.1), or that nothing was heard. */
enum dns_rcode {
	DNS_NOERROR = 0,
	DNS_FORMERR = 1,
	DNS_SERVFAIL = 2,
	DNS_NXDOMAIN = 3,
	DNS_REFUSED = 5,
	DNS_NO_RCODE = 255
};

#define DNS_ADDRESSES 32 /* different A records kept of an answer */

/*
 * Which are kept where there are more: those of the highest worth, or the nearest to an
 * address, as in dns/record.h; of equals the lowest.  They do not depend on the order in
 * which the records come.  NULL: of no matter.
 */
struct dns_preference {
	uint32_t (*worth)(const void *arg, uint32_t address); /* of A, host order */
	const void *arg;
	const struct ipaddr *near; /* of AAAA, and of A where worth is NULL */
};

struct dns_reply {
	enum dns_status status;
	bool unsent;    /* nobody was asked: the name is not one that can be */
	bool soa;       /* the absence came with a SOA (RFC 2308, 2.1, 2.2) */
	bool is_signed; /* an RRSIG was among its answer or authority records (RFC 4034, 3) */
	uint8_t rcode;  /* of the answer, as heard last, in a failure, too; enum dns_rcode */
	unsigned
	    server;   /* who gave it, in the order of the configuration; of use where heard */
	uint32_t ttl; /* seconds: lowest of the records, or the SOA's (RFC 2308); 0: none */
	bool cut;     /* there are more A records than these */
	size_t n;     /* A records, each once */
	uint32_t address[DNS_ADDRESSES]; /* host order */
	/*
	 * The records of another type; NULL if it is A, or none were found.  None of
	 * those found may be in there: what is of no use is left out.
	 */
	const struct dns_records *records;
};

/* Whether an address is among those of a reply: of IPv6, of one to a question for AAAA. */
bool dnswire_has_address(const struct dns_reply *, const struct ipaddr *);

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
 * The same for a name that others made up: all that is printed (0x20-0x7e) is
 * fine in a label, but for the dot and the backslash.
 */
bool dnswire_any_name(char out[DNSWIRE_NAME_SIZE], const char *name,
    const unsigned char random[DNSWIRE_RANDOM_SIZE]);

/* Whether a name ends in ".onion": no server may be asked for it (RFC 7686, 2). */
bool dnswire_is_onion(const char *name);

/* The number of a type in a packet. */
uint16_t dnswire_type(enum dns_type);

/* The longest question: header, name, type and class, and an OPT record. */
#define DNSWIRE_QUESTION_SIZE (12 + DNSWIRE_NAME_SIZE + 1 + 4 + 11)

/* How a question is asked. */
enum dns_flag {
	DNS_DNSSEC_OK = 1, /* for signatures, too (RFC 3225); who knows no EDNS says FORMERR */
	DNS_CHECKING_DISABLED = 2, /* nobody is to validate the answer (RFC 4035, 3.2.2) */
	DNS_NO_RECURSION = 4,      /* of what the server has by itself */
	DNS_EDNS = 8               /* so that it can say more of an error (RFC 8914) */
};

/*
 * Write the packet that asks for a name, as dnswire_name() or dnswire_any_name() made it;
 * its length.  flags are of enum dns_flag.
 */
size_t dnswire_question(unsigned char out[DNSWIRE_QUESTION_SIZE], uint16_t id, enum dns_type,
    const char *name, unsigned flags);

/* Whether a packet is about such a question: its answer, for good or bad. */
enum dnswire_match {
	DNSWIRE_OTHER,
	DNSWIRE_BARE,   /* a header alone, of an error: Unbound refuses like that */
	DNSWIRE_FOLDED, /* but in other letter case */
	DNSWIRE_EXACT
};
enum dnswire_match dnswire_match(
    enum dns_type, const char *name, const unsigned char *packet, size_t len);

/* Whether not all of it fitted into UDP. */
bool dnswire_is_truncated(const unsigned char *packet, size_t len);

/*
 * Read a packet that is about a question for that type, as dnswire_match() says; false,
 * DNS_FAILED without a code: it is no answer to it.  What the reply has of records is in
 * the room, which for A is not looked at.  Of the preference NULL is fine.
 */
bool dnswire_read(struct dns_reply *, struct dns_room *, enum dns_type,
    const struct dns_preference *, const unsigned char *packet, size_t len);

#endif
