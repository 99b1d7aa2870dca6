/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dns/record.h - the records of a DNS answer that are not A records.
 * Pure.
 *
 * Their owners may be anybody, and hostile: what is read of them is bounded, and a
 * name holds no byte that would end it early.
 */
#ifndef RELAYGUARD_DNS_RECORD_H
#define RELAYGUARD_DNS_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ipaddr.h"

#define DNS_RECORDS_MAX 255           /* read of an answer */
#define DNS_RECORDS_BYTES (16 * 1024) /* of data in all of them, NULs counted */

enum dns_type { DNS_A, DNS_AAAA, DNS_MX, DNS_PTR, DNS_TXT };

/*
 * AAAA: 16 bytes.  MX, PTR: a name as it can be asked for, without a last dot;
 * the root is "".  TXT: all its strings, joined without spaces (RFC 7208, 3.3); any
 * bytes, NUL among them.
 * A NUL that len does not count follows all but AAAA.
 */
struct dns_record {
	uint16_t preference; /* of MX; else 0 */
	uint16_t len;
	const unsigned char *data;
};

/* In the order of preference, then as they came. */
struct dns_records {
	size_t n;
	bool cut; /* some were left out, as there was no room */
	struct dns_record record[DNS_RECORDS_MAX];
};

/* Where they are read to; the data of all records is in here. */
struct dns_room {
	struct dns_records records;
	const struct ipaddr *near; /* the AAAA record nearest to it is kept; NULL: any is */
	size_t used;
	unsigned char data[DNS_RECORDS_BYTES];
};

void dnsrecord_clear(struct dns_room *);

/*
 * Take a record of len bytes, and a NUL if it is not AAAA; cut, if there is no room.
 * The last place is for the nearest of all AAAA records that come to it: whether
 * one of an answer is within any prefix of that address is known by those kept.
 */
void dnsrecord_keep(
    struct dns_room *, enum dns_type, uint16_t preference, const void *data, size_t len);

/*
 * Read the data of a record, of any type but A, out of a packet.  A name that
 * does not end, is too long or has a byte that its text would have to escape (a
 * NUL for one), and a text with a NUL, are left out.  False: it is no such record.
 */
bool dnsrecord_read(struct dns_room *, enum dns_type, const unsigned char *packet, size_t len,
    const unsigned char *rdata, size_t rdlen);

/* A copy, no larger than it must be; NULL: out of memory. */
const struct dns_records *dnsrecord_copy(const struct dns_records *);

/* The end of a copy.  NULL is fine. */
void dnsrecord_free(const struct dns_records *);

#endif
