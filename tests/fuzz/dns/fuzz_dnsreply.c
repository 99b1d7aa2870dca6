/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz_dnsreply.c - a DNS packet from anybody, on its way into a fact: what
 * comes out is in the packet, and only a declared code of 127/8 lists anyone.
 * The first byte of the input says what type was asked for, the rest is the packet.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "dns/wire.h"
#include "fuzz/fuzz.h"
#include "lists/evidence.h"
#include "lists/listing.h"
#include "redis/sharedvalue.h"

#define NAME "7.100.51.198.bl.ExamplE"
#define PACKET_MAX 4096
#define TYPES (DNS_TXT + 1)
#define NOW_MS 1000000

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
		MUST(codes_parse(&rows[i].codes, patterns[i], why, sizeof(why)));
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
is_in(const uint8_t *bytes, size_t n, const uint8_t *data, size_t size)
{
	for (size_t i = 0; i + n <= size; i++)
		if (memcmp(data + i, bytes, n) == 0)
			return true;
	return false;
}

static void
check_reply(const struct dns_reply *reply, enum dns_type type, bool good)
{
	MUST(good || reply->status == DNS_FAILED);
	if (type == DNS_A)
		MUST((reply->status == DNS_FOUND) == (reply->n > 0) && reply->records == NULL);
	else
		MUST((reply->status == DNS_FOUND) == (reply->records != NULL) && reply->n == 0);
	MUST(reply->status != DNS_TIMEOUT);
	MUST(reply->status != DNS_FAILED || reply->ttl == 0);
	MUST(reply->n <= DNS_ADDRESSES && reply->ttl <= INT32_MAX);
	MUST(!reply->cut || reply->n == DNS_ADDRESSES);
	MUST(reply->rcode == DNS_NO_RCODE ? !good : good);
	MUST(reply->status != DNS_FOUND || reply->rcode == DNS_NOERROR);
	MUST(reply->status != DNS_ABSENT || type != DNS_A || reply->soa ||
	    reply->rcode == DNS_NXDOMAIN);
}

/* A name is none, or one that can be asked for; a text has a NUL behind it. */
static void
check_record(const struct dns_record *r, enum dns_type type, const uint8_t *data, size_t size)
{
	static const unsigned char as_it_is[DNSWIRE_RANDOM_SIZE];
	const char *text = (const char *)r->data;
	char name[DNSWIRE_NAME_SIZE];

	if (type == DNS_AAAA) {
		MUST(r->len == 16 && is_in(r->data, r->len, data, size));
		return;
	}
	MUST(text[r->len] == '\0' && (type == DNS_TXT || strlen(text) == r->len));
	if (type != DNS_TXT && r->len > 0)
		MUST(dnswire_any_name(name, text, as_it_is) && strcmp(name, text) == 0);
}

static void
check_records(
    const struct dns_records *all, enum dns_type type, const uint8_t *data, size_t size)
{
	const struct dns_records *copy = dnsrecord_copy(all);
	size_t bytes = 0;

	MUST(all->n <= DNS_RECORDS_MAX && copy != NULL && copy->n == all->n);
	for (size_t i = 0; i < all->n; i++) {
		const struct dns_record *r = &all->record[i];

		check_record(r, type, data, size);
		MUST(type == DNS_MX || r->preference == 0);
		MUST(i == 0 || all->record[i - 1].preference <= r->preference);
		MUST(copy->record[i].len == r->len);
		MUST(memcmp(copy->record[i].data, r->data, r->len) == 0);
		bytes += r->len;
	}
	MUST(bytes <= DNS_RECORDS_BYTES);
	dnsrecord_free(copy);
}

static void
check_addresses(const struct dns_reply *reply, const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < reply->n; i++) {
		uint32_t a = reply->address[i];
		const uint8_t bytes[4] = {
		    (uint8_t)(a >> 24), (uint8_t)(a >> 16), (uint8_t)(a >> 8), (uint8_t)a};

		MUST(is_in(bytes, sizeof(bytes), data, size));
	}
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
	struct sharedvalue_reader reader;
	struct sharedvalue_fact read;
	char value[SHAREDVALUE_MAX];
	struct strbuf sb;

	strbuf_init(&sb, value, sizeof(value));
	strbuf_add(&sb, SHAREDVALUE_VERSION);
	sharedvalue_add(&sb, 1, fact, 0);
	MUST(sharedvalue_begin(&reader, value, sb.len) && sharedvalue_next(&reader, &read));
	MUST(read.fact.state == fact->state && read.fact.ncodes == fact->ncodes);
	MUST(memcmp(read.fact.code, fact->code, fact->ncodes * sizeof(fact->code[0])) == 0);
}

/* What an answer for A records makes of an address on a list. */
static void
check_fact(const struct dns_reply *reply)
{
	struct fact fact = {.source = FACT_FROM_DNS};
	uint32_t bad, ttl, code;

	if (reply->status == DNS_FOUND)
		listing_read(list(), reply->address, reply->n, &fact, &bad);
	else
		fact.state = reply->status == DNS_ABSENT ? FACT_CLEAR : FACT_ERROR;
	ttl = fact_ttl(fact.state, reply->ttl);
	MUST(ttl >= (fact.state == FACT_ERROR           ? FACT_TTL_ERROR
			    : fact.state == FACT_LISTED ? FACT_TTL_LISTED_MIN
							: FACT_TTL_CLEAR_MIN));
	MUST(ttl <= (fact.state == FACT_LISTED ? FACT_TTL_LISTED_MAX : FACT_TTL_CLEAR_MAX));
	fact.expires = NOW_MS + (int64_t)ttl * 1000;
	if (fact.state == FACT_LISTED)
		check_listed(&fact, reply);
	else
		MUST(fact.ncodes == 0);
	MUST((listing_answer(list(), &fact, &code) != NULL) == (fact.state == FACT_LISTED));
	if (fact.state != FACT_ERROR)
		check_shared(&fact);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct dns_room room;
	static const struct ipaddr near6 = {.bits = 128, .byte = {0x20, 1, [15] = 9}};
	struct dns_preference prefer = {.worth = listing_worth, .arg = list(), .near = &near6};
	struct dns_reply reply;
	enum dns_type type;
	uint8_t *packet;

	if (size == 0 || size > PACKET_MAX)
		return 0;
	type = (enum dns_type)(data[0] % TYPES);
	packet = fuzz_copy(data + 1, --size);
	(void)dnswire_match(type, NAME, packet, size);
	check_reply(&reply, type, dnswire_read(&reply, &room, type, &prefer, packet, size));
	check_addresses(&reply, packet, size);
	if (reply.records != NULL)
		check_records(reply.records, type, packet, size);
	free(packet);
	if (type == DNS_A)
		check_fact(&reply);
	return 0;
}
