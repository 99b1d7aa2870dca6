/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz_dnsreply.c - a DNS packet from anybody, on its way into a fact: what
 * comes out is in the packet, and only a declared code of 127/8 lists anyone.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "dnswire.h"
#include "evidence.h"
#include "fuzz/fuzz.h"
#include "listing.h"

#define NAME "7.100.51.198.bl.ExamplE"
#define PACKET_MAX 4096
#define NOW_MS 1000000
#define NOW_WALL 1766300000

static const char *const patterns[] = {
    "127.0.0.2", "127.0.0.4-7", "127.0.2.0/24", "127.1.0.&8"};

#define ROWS (sizeof(patterns) / sizeof(patterns[0]))

static struct listing *
list(void)
{
	static struct answer rows[ROWS];
	static struct listing list = {.nanswers = ROWS, .answers = rows};
	char why[128];

	for (size_t i = 0; i < ROWS; i++)
		MUST(answer_parse(&rows[i], patterns[i], why, sizeof(why)));
	return &list;
}

/* The table again, by hand. */
static bool
declared(uint32_t code)
{
	return code == 0x7f000002 || (code >= 0x7f000004 && code <= 0x7f000007) ||
	    code >> 8 == 0x7f0002 || (code >> 8 == 0x7f0100 && (code & 8) != 0);
}

static bool
is_in(uint32_t address, const uint8_t *data, size_t size)
{
	const uint8_t bytes[4] = {(uint8_t)(address >> 24), (uint8_t)(address >> 16),
	    (uint8_t)(address >> 8), (uint8_t)address};

	for (size_t i = 0; i + sizeof(bytes) <= size; i++)
		if (memcmp(data + i, bytes, sizeof(bytes)) == 0)
			return true;
	return false;
}

static void
check_reply(const struct dns_reply *reply, bool good, const uint8_t *data, size_t size)
{
	MUST(good || reply->status == DNS_FAILED);
	MUST((reply->status == DNS_FOUND) == (reply->n > 0));
	MUST(reply->status != DNS_TIMEOUT);
	MUST(reply->status != DNS_FAILED || reply->ttl == 0);
	MUST(reply->n <= DNS_ADDRESSES && reply->ttl <= INT32_MAX);
	for (size_t i = 0; i < reply->n; i++)
		MUST(is_in(reply->address[i], data, size));
}

/* Whoever is listed is so by this answer, and by nothing that only looks like one. */
static void
check_listed(const struct fact *fact, const struct dns_reply *reply)
{
	bool any = false;

	MUST(fact->ncodes >= 1 && fact->ncodes <= FACT_CODES);
	for (unsigned i = 0; i < fact->ncodes; i++) {
		any |= declared(fact->code[i]);
		MUST(i == 0 || fact->code[i - 1] < fact->code[i]);
	}
	MUST(any);
	for (size_t i = 0; i < reply->n; i++)
		MUST(reply->address[i] >> 24 == 127 && reply->address[i] >> 8 != 0x7fffff);
}

/* Other nodes read the same out of it. */
static void
check_shared(const struct fact *fact)
{
	char value[FACT_VALUE_MAX];
	struct fact read;

	MUST(fact_encode(fact, NOW_MS, NOW_WALL, value));
	MUST(fact_decode(&read, value, strlen(value), NOW_MS, NOW_WALL));
	MUST(read.state == fact->state && read.ncodes == fact->ncodes);
	MUST(memcmp(read.code, fact->code, fact->ncodes * sizeof(fact->code[0])) == 0);
	MUST(read.expires == fact->expires);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fact fact = {.source = FACT_FROM_DNS};
	struct dns_reply reply;
	uint32_t bad, ttl, code;
	uint8_t *packet;

	if (size > PACKET_MAX)
		return 0;
	packet = fuzz_copy(data, size);
	check_reply(&reply, dnswire_read(&reply, NAME, packet, size), packet, size);
	free(packet);
	if (reply.status == DNS_FOUND)
		listing_read(list(), reply.address, reply.n, &fact, &bad);
	else
		fact.state = reply.status == DNS_ABSENT ? FACT_CLEAR : FACT_ERROR;
	ttl = fact_ttl(fact.state, reply.ttl);
	MUST(ttl >= (fact.state == FACT_ERROR ? FACT_TTL_ERROR : FACT_TTL_MIN));
	MUST(ttl <= (fact.state == FACT_LISTED ? FACT_TTL_LISTED_MAX : FACT_TTL_CLEAR_MAX));
	fact.expires = NOW_MS + (int64_t)ttl * 1000;
	if (fact.state == FACT_LISTED)
		check_listed(&fact, &reply);
	else
		MUST(fact.ncodes == 0);
	MUST((listing_answer(list(), &fact, &code) != NULL) == (fact.state == FACT_LISTED));
	if (fact.state != FACT_ERROR)
		check_shared(&fact);
	return 0;
}
