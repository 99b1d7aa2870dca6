/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dnsd_answer.h - what dnsd.c answers: from words, into a packet.  Pure.
 */
#ifndef RELAYGUARD_TESTS_DNSD_ANSWER_H
#define RELAYGUARD_TESTS_DNSD_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DNSD_NAME_SIZE 256
#define DNSD_RECORDS 8
#define DNSD_DATA_SIZE 256
#define DNSD_PACKET_SIZE 65535

enum dnsd_flaw {
	FLAW_NONE,
	FLAW_BADID,
	FLAW_BADCASE,
	FLAW_BADNAME,
	FLAW_BADTYPE,
	FLAW_ECHO,
	FLAW_GARBAGE,
	FLAW_CUT,
	FLAW_BADLENGTH
};

struct dnsd_record {
	uint16_t type; /* its number */
	uint32_t ttl;
	unsigned count;      /* of addresses, or of a text in itself */
	uint16_t preference; /* of MX */
	char name[DNSD_NAME_SIZE];
	unsigned char data[DNSD_DATA_SIZE]; /* an address or a text */
	size_t len;
};

struct dnsd_answer {
	struct dnsd_record records[DNSD_RECORDS];
	size_t n;
	char cname[DNSD_NAME_SIZE]; /* with commas between */
	char owner[DNSD_NAME_SIZE];
	bool soa, ns, aa, tc, tctc, is_signed, reversed, chaos, once;
	unsigned extended;
	uint32_t soa_ttl, soa_minimum;
	int rcode;
	unsigned delay, silent;
	enum dnsd_flaw flaw;
};

struct dnsd_packet {
	size_t len;
	size_t length_at; /* of the last record's data */
	unsigned char data[DNSD_PACKET_SIZE];
};

/* Read the words that dnsd.h explains; false: one is not known. */
bool dnsd_answer_read(struct dnsd_answer *, const char *words);

/* Write the answer to a query whose question ends at question_end. */
void dnsd_answer_write(struct dnsd_packet *, const struct dnsd_answer *,
    const unsigned char *query, size_t question_end, bool tcp);

#endif
