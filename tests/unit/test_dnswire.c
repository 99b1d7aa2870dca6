/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_dnswire.c - names that can be asked for, and packets: whole ones, cut
 * ones, and ones with every byte changed in turn.
 */
#include "config.h"

#include "dnswire.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

#include "fakes/dnsd_answer.h"
#include "tap.h"

#define LABEL_63 "a23456789012345678901234567890123456789012345678901234567890123"
#define LABEL_61 "b234567890123456789012345678901234567890123456789012345678901"
#define LONGEST LABEL_63 "." LABEL_63 "." LABEL_63 "." LABEL_61

static const struct {
	const char *label, *name, *want; /* NULL: it cannot be asked */
} names[] = {
    {"plain", "2.0.0.127.bl.example.net", "2.0.0.127.bl.example.net"},
    {"one letter", "a", "a"},
    {"last dot", "bl.example.", "bl.example"},
    {"hyphens and underscores", "_a-b.-c_.example", "_a-b.-c_.example"},
    {"longest", LONGEST, LONGEST},
    {"longest with a last dot", LONGEST ".", LONGEST},
    {"one too long", LABEL_63 "." LABEL_63 "." LABEL_63 "." LABEL_61 "x", NULL},
    {"far too long", LONGEST "." LONGEST "." LONGEST, NULL},
    {"label of 64", "x" LABEL_63 ".example", NULL},
    {"last label of 64", "bl.x" LABEL_63, NULL},
    {"empty", "", NULL},
    {"the root", ".", NULL},
    {"two dots", "..", NULL},
    {"first dot", ".example", NULL},
    {"empty label", "a..b", NULL},
    {"two last dots", "a..", NULL},
    {"space", "a b", NULL},
    {"backslash", "a\\.b", NULL},
    {"percent", "%{key}.example", NULL},
    {"8-bit",
	"b\xfc"
	"cher.example",
	NULL},
    {"newline", "a\n", NULL},
    {"at sign", "@", NULL},
    {"brackets", "a[b", NULL},
};

static void
test_names(void)
{
	unsigned char none[DNSWIRE_RANDOM_SIZE] = {0}, all[DNSWIRE_RANDOM_SIZE];
	char out[DNSWIRE_NAME_SIZE], other[DNSWIRE_NAME_SIZE];

	memset(all, 0xff, sizeof(all));
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		bool good = dnswire_name(out, names[i].name, none);

		if (!ok(good == (names[i].want != NULL), "%s", names[i].label) || !good)
			continue;
		same_str(out, names[i].want, names[i].label);
		ok(dnswire_name(other, names[i].name, all), "%s, by chance", names[i].label);
		ok(strcasecmp(out, other) == 0, "%s: the same name", names[i].label);
		for (size_t j = 0; out[j] != '\0'; j++) {
			if ((isalpha((unsigned char)out[j]) != 0) == (out[j] == other[j]))
				ok(false, "%s: byte %zu", names[i].label, j);
		}
	}
}

/* The question for A records of "bL.Example", with the id 0x1234. */
static const unsigned char query[] = {0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 2, 'b', 'L', 7,
    'E', 'x', 'a', 'm', 'p', 'l', 'e', 0, 0, 1, 0, 1};

static const struct {
	const char *words; /* of dnsd.h */
	const char *name;
	bool read;
	enum dns_status status;
	uint32_t ttl;
	size_t n;
} packets[] = {
    {"127.0.0.2/60", "bL.Example", true, DNS_FOUND, 60, 1},
    {"127.0.0.2/60*200 127.0.0.3/3", "bL.Example", true, DNS_FOUND, 3, DNS_ADDRESSES},
    {"cname=a.example 127.0.0.2/2147483648", "bL.Example", true, DNS_FOUND, 0, 1},
    {"soa=60/2147483648", "bL.Example", true, DNS_ABSENT, 0, 0},
    {"nxdomain soa=90/600 ns", "bL.Example", true, DNS_ABSENT, 90, 0},
    {"nxdomain ns", "bL.Example", true, DNS_ABSENT, 0, 0},
    {"ns", "bL.Example", true, DNS_FAILED, 0, 0},
    {"servfail 127.0.0.2/60", "bL.Example", true, DNS_FAILED, 0, 0},
    {"127.0.0.2/60", "bl.example", false, DNS_FAILED, 0, 0},
    {"127.0.0.2/60", "xbL.Example", false, DNS_FAILED, 0, 0},
    {"tctc 127.0.0.2/60", "bL.Example", false, DNS_FAILED, 0, 0},
    {"cut 127.0.0.2/60*5", "bL.Example", false, DNS_FAILED, 0, 0},
    {"badlength 127.0.0.2/60*5", "bL.Example", false, DNS_FAILED, 0, 0},
    {"echo", "bL.Example", false, DNS_FAILED, 0, 0},
    {"garbage", "bL.Example", false, DNS_FAILED, 0, 0},
    {"badtype 127.0.0.2/60", "bL.Example", false, DNS_FAILED, 0, 0},
};

/* Read a copy in memory of just its size, so that a step beyond it is seen. */
static bool
read_copy(struct dns_reply *reply, const char *name, const unsigned char *data, size_t len)
{
	unsigned char *copy = malloc(len > 0 ? len : 1);
	bool read;

	memcpy(copy, data, len);
	memset(reply, 0xff, sizeof(*reply));
	read = dnswire_read(reply, name, copy, len);
	free(copy);
	return read;
}

static bool
sane(bool read, const struct dns_reply *reply)
{
	if (!read)
		return reply->status == DNS_FAILED && reply->n == 0 && reply->ttl == 0;
	return reply->n <= DNS_ADDRESSES && (reply->status == DNS_FOUND) == (reply->n > 0) &&
	    reply->ttl <= INT32_MAX;
}

/* The packet cut at every byte, and with every byte changed in some ways. */
static bool
survive(struct dnsd_packet *p, const char *name)
{
	static const unsigned char changes[] = {0x01, 0x80, 0xff, 0xc0, 0x20};
	struct dns_reply reply;
	bool good = true;

	for (size_t len = 0; len < p->len; len++)
		good &= !read_copy(&reply, name, p->data, len) && sane(false, &reply);
	for (size_t i = 0; i < p->len; i++) {
		for (size_t j = 0; j < sizeof(changes); j++) {
			p->data[i] ^= changes[j];
			good &= sane(read_copy(&reply, name, p->data, p->len), &reply);
			p->data[i] ^= changes[j];
		}
	}
	return good;
}

static void
test_packets(void)
{
	static struct dnsd_packet p;
	struct dnsd_answer a;
	struct dns_reply reply;

	for (size_t i = 0; i < sizeof(packets) / sizeof(packets[0]); i++) {
		const char *label = packets[i].words;

		ok(dnsd_answer_read(&a, label), "%s: words", label);
		dnsd_answer_write(&p, &a, query, sizeof(query), true);
		same_num(
		    read_copy(&reply, packets[i].name, p.data, p.len), packets[i].read, label);
		same_num(reply.status, packets[i].status, label);
		same_num(reply.ttl, packets[i].ttl, label);
		same_num((long long)reply.n, (long long)packets[i].n, label);
		ok(survive(&p, packets[i].name), "%s: cut and changed", label);
	}
	ok(!dnsd_answer_read(&a, "127.0.0.2 nonsense"), "words that are none");
}

int
main(void)
{
	test_names();
	test_packets();
	return done();
}
