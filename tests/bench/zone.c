/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * zone.c - questions of DNS lists read, and answered without a table: who is
 * listed follows from the address.  Test entries are as RFC 5782 wants them.
 */
#include "config.h"

#include "zone.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "crowd.h"
#include "draw.h"

#define HEAD 12
#define TAIL 4 /* type and class */
#define NOERROR 0
#define SERVFAIL 2
#define NXDOMAIN 3
#define REFUSED 5
#define PI 3.14159265358979323846

/* --- What is wanted --- */

static void
name_zone(struct zone *z, const char *name)
{
	unsigned char *out = z->wire;

	snprintf(z->name, sizeof(z->name), "%s", name);
	for (name = z->name; *name != '\0'; name += *name == '.') {
		size_t len = strcspn(name, ".");

		*out++ = (unsigned char)len;
		memcpy(out, name, len);
		out += len;
		name += len;
	}
	*out++ = 0;
	z->wire_len = (size_t)(out - z->wire);
}

static struct zone *
find_zone(struct zones *all, const char *name)
{
	struct zone *z = NULL;

	for (unsigned i = 0; i < all->n; i++)
		if (strcmp(all->zone[i].name, name) == 0)
			return &all->zone[i];
	if (all->n < ZONES && strlen(name) < ZONE_NAME) {
		z = &all->zone[all->n++];
		*z = (struct zone){
		    .code = 0x7f000002, .share = 200, .ttl = 900, .negative = 900};
		name_zone(z, name);
	}
	return z;
}

static bool
set_manner(struct zone *z, const char *word)
{
	static const char *const names[] = {
	    "right", "servfail", "refused", "silent", "world", "error"};

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(word, names[i]) == 0) {
			z->manner = (enum manner)i;
			return true;
		}
	}
	return false;
}

static bool
set_code(struct zone *z, const char *text)
{
	struct in_addr addr;
	bool good = inet_pton(AF_INET, text, &addr) == 1;

	z->code = ntohl(addr.s_addr);
	return good;
}

static bool
set_word(struct zone *z, const char *word, const char *value)
{
	unsigned number = (unsigned)strtoul(value, NULL, 10);

	if (strcmp(word, "say") == 0)
		return set_manner(z, value);
	if (strcmp(word, "code") == 0)
		return set_code(z, value);
	if (strcmp(word, "latency") == 0)
		z->latency = strtod(value, NULL);
	else if (strcmp(word, "spread") == 0)
		z->spread = strtod(value, NULL);
	else if (strcmp(word, "loss") == 0)
		z->loss = number;
	else if (strcmp(word, "share") == 0)
		z->share = number;
	else if (strcmp(word, "more") == 0)
		z->more = number;
	else if (strcmp(word, "ttl") == 0)
		z->ttl = number;
	else if (strcmp(word, "negative") == 0)
		z->negative = number;
	else
		return false;
	return true;
}

bool
zones_set(struct zones *all, const char *line)
{
	char copy[256], *save, *word;
	struct zone *z;

	snprintf(copy, sizeof(copy), "%s", line);
	word = strtok_r(copy, " \n", &save);
	z = word != NULL ? find_zone(all, word) : NULL;
	while (z != NULL && (word = strtok_r(NULL, " \n", &save)) != NULL) {
		char *value = strchr(word, '=');

		if (value == NULL)
			return false;
		*value++ = '\0';
		if (!set_word(z, word, value))
			return false;
	}
	return z != NULL;
}

/* --- What is asked --- */

struct question {
	struct client client;
	size_t end; /* of the question section */
	unsigned zone;
};

/* The end of the name, and where each of its labels begins; 0: it is none. */
static size_t
split(const unsigned char *q, size_t len, size_t *label, unsigned max, unsigned *n)
{
	size_t at = HEAD;

	for (*n = 0; at < len && q[at] != 0; at += 1 + (size_t)q[at]) {
		if (q[at] > 63 || *n == max)
			return 0;
		label[(*n)++] = at;
	}
	return at + 1 + TAIL <= len ? at + 1 : 0;
}

static int
nibble(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool
read_nibbles(struct client *c, const unsigned char *q, const size_t *label)
{
	c->bits = 128;
	for (unsigned i = 0; i < 32; i++) {
		int value = q[label[i]] == 1 ? nibble(q[label[i] + 1]) : -1;

		if (value < 0)
			return false;
		c->byte[15 - i / 2] |= (uint8_t)(i % 2 == 0 ? value : value << 4);
	}
	return true;
}

static bool
read_octets(struct client *c, const unsigned char *q, const size_t *label)
{
	c->bits = 32;
	for (unsigned i = 0; i < 4; i++) {
		unsigned value = 0;

		for (unsigned j = 1; j <= q[label[i]]; j++) {
			if (q[label[i] + j] < '0' || q[label[i] + j] > '9')
				return false;
			value = value * 10 + (unsigned)(q[label[i] + j] - '0');
		}
		c->byte[3 - i] = (uint8_t)value;
	}
	return true;
}

static bool
read_question(const struct zones *all, const unsigned char *q, size_t len, struct question *out)
{
	size_t label[48], end = len > HEAD ? split(q, len, label, 48, &(unsigned){0}) : 0;
	unsigned n = 0, from;

	if (end == 0 || split(q, len, label, 48, &n) == 0)
		return false;
	*out = (struct question){.end = end + TAIL};
	from = n > 32 ? 32 : 4;
	if (n <= from || !(from == 32 ? read_nibbles : read_octets)(&out->client, q, label))
		return false;
	for (; out->zone < all->n; out->zone++) {
		const struct zone *z = &all->zone[out->zone];

		if (end - label[from] == z->wire_len &&
		    strncasecmp(
			(const char *)q + label[from], (const char *)z->wire, z->wire_len) == 0)
			return true;
	}
	return false;
}

/* --- What is answered --- */

static bool
is_mapped(const struct client *c)
{
	static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff};

	return c->bits == 128 && memcmp(c->byte, prefix, sizeof(prefix)) == 0;
}

/* Whether a list is tested by it: by 127.0.0.2, in either family, and by what nobody has. */
static bool
is_entry(const struct client *c)
{
	static const uint8_t entry[4] = {127, 0, 0, 2};

	return (c->bits == 32 || is_mapped(c)) &&
	    memcmp(c->byte + (c->bits == 32 ? 0 : 12), entry, sizeof(entry)) == 0;
}

static unsigned char *
put16(unsigned char *out, unsigned value)
{
	out[0] = (unsigned char)(value >> 8);
	out[1] = (unsigned char)value;
	return out + 2;
}

static unsigned char *
put32(unsigned char *out, uint32_t value)
{
	return put16(put16(out, value >> 16), value & 0xffff);
}

/* A record of the name asked for. */
static unsigned char *
put_address(unsigned char *out, uint32_t ttl, uint32_t address)
{
	out = put16(out, 0xc00c);
	out = put16(put16(out, 1), 1);
	out = put32(out, ttl);
	return put32(put16(out, 4), address);
}

/* The SOA, with the root for its names. */
static unsigned char *
put_soa(unsigned char *out, const struct zone *z)
{
	*out++ = 0;
	out = put16(put16(out, 6), 1);
	out = put32(out, z->negative);
	out = put16(out, 22);
	*out++ = 0;
	*out++ = 0;
	for (unsigned i = 0; i < 4; i++)
		out = put32(out, 600);
	return put32(out, z->negative);
}

static size_t
build(unsigned char *answer, const unsigned char *q, const struct question *asked,
    const struct zone *z, unsigned rcode, uint32_t code)
{
	unsigned char *out = answer + asked->end;
	unsigned records = code == 0 ? 0 : 1;
	bool absent = records == 0 && (rcode == NXDOMAIN || rcode == NOERROR);

	memcpy(answer, q, asked->end);
	if (code != 0)
		out = put_address(out, z->ttl, code);
	if (records == 1 && crowd_mix(asked->client.byte[3] * 7U + 1) % 1000 < z->more) {
		out = put_address(out, z->ttl, 0x7f00000b);
		records++;
	}
	if (absent)
		out = put_soa(out, z);
	put16(answer + 2, 0x8180 | rcode);
	put16(answer + 4, 1);
	put16(answer + 6, records);
	put16(answer + 8, absent);
	put16(answer + 10, 0);
	return (size_t)(out - answer);
}

/* The code that an address is listed with, or 0. */
static uint32_t
code_of(const struct zones *all, const struct question *asked, const struct zone *z)
{
	if (z->manner == MANNER_WORLD)
		return z->code;
	if (z->manner == MANNER_ERROR)
		return 0x7ffffffe;
	if (!crowd_is_of(&asked->client))
		return is_entry(&asked->client) ? z->code : 0;
	return crowd_is_on(&asked->client, asked->zone, all->n, z->share) ? z->code : 0;
}

static bool
is_address(const unsigned char *q, const struct question *asked)
{
	return q[asked->end - TAIL] == 0 && q[asked->end - TAIL + 1] == 1;
}

static int64_t
lateness(struct zones *all, const struct zone *z)
{
	double ms = z->latency;

	/* Box and Muller's way to a normal distribution. */
	if (z->spread > 0)
		ms *= exp(z->spread * sqrt(-2 * log(1 - draw_fraction(&all->dice))) *
		    cos(2 * PI * draw_fraction(&all->dice)));
	return (int64_t)(ms * 1e6);
}

size_t
zones_answer(struct zones *all, const unsigned char *q, size_t len,
    unsigned char answer[ZONE_PACKET], int64_t *late)
{
	struct question asked;
	struct zone *z;
	uint32_t code;

	if (!read_question(all, q, len, &asked) || asked.end > ZONE_PACKET - 64) {
		all->strange++;
		return 0;
	}
	z = &all->zone[asked.zone];
	(*(crowd_is_of(&asked.client) ? &z->clients : &z->tests))++;
	*late = lateness(all, z);
	if (z->manner == MANNER_SILENT ||
	    (z->loss > 0 && draw_fraction(&all->dice) * 1000 < z->loss)) {
		z->dropped++;
		return 0;
	}
	if (z->manner == MANNER_SERVFAIL || z->manner == MANNER_REFUSED)
		return build(
		    answer, q, &asked, z, z->manner == MANNER_REFUSED ? REFUSED : SERVFAIL, 0);
	code = code_of(all, &asked, z);
	/* A name that is listed has A records alone. */
	return build(answer, q, &asked, z, code != 0 ? NOERROR : NXDOMAIN,
	    is_address(q, &asked) ? code : 0);
}

void
zones_report(struct zones *all, FILE *out)
{
	uint64_t clients = 0, tests = 0;

	fprintf(out, "{\"zones\":{");
	for (unsigned i = 0; i < all->n; i++) {
		struct zone *z = &all->zone[i];

		fprintf(out,
		    "%s\"%s\":{\"clients\":%" PRIu64 ",\"tests\":%" PRIu64
		    ",\"dropped\":%" PRIu64 "}",
		    i > 0 ? "," : "", z->name, z->clients, z->tests, z->dropped);
		clients += z->clients;
		tests += z->tests;
		z->clients = z->tests = z->dropped = 0;
	}
	fprintf(out, "},\"clients\":%" PRIu64 ",\"tests\":%" PRIu64 ",\"strange\":%" PRIu64,
	    clients, tests, all->strange);
	all->strange = 0;
}
