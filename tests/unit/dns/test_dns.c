/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_dns.c - the resolver against servers that answer well, badly, late and
 * not at all.  What takes its time is asked all at once, so it is waited for once.
 */
#include "config.h"

#include "dns/dns.h"

#include <ctype.h>
#include <stdio.h>

#include "base/counter.h"
#include "fakes/dns_check.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define NAME_63 "a23456789012345678901234567890123456789012345678901234567890123"
#define NAME_61 "b234567890123456789012345678901234567890123456789012345678901"
#define MANY 500

static const struct row {
	const char *name;
	const char *words; /* of dnsd.h; NULL: never asked for */
	int status;
	uint32_t ttl;
	size_t n;
	uint32_t first;
	unsigned asked; /* 0: it may be asked as often as that takes */
	bool garbage;
} rows[] = {
    {"one.example", "127.0.0.2/60", DNS_FOUND, 60, 1, 0x7f000002, 1, false},
    {"three.example", "127.0.0.2/60 127.0.0.4/7 127.0.0.10/900", DNS_FOUND, 7, 3, 0x7f000002, 1,
	false},
    {"alien.example", "255.255.255.255/1", DNS_FOUND, 1, 1, 0xffffffff, 1, false},
    {"zero-ttl.example", "127.0.0.2/0", DNS_FOUND, 0, 1, 0x7f000002, 1, false},
    {"long-ttl.example", "127.0.0.2/2147483647", DNS_FOUND, INT32_MAX, 1, 0x7f000002, 1, false},
    {"huge-ttl.example", "127.0.0.2/2147483648 127.0.0.3/5", DNS_FOUND, 0, 2, 0x7f000002, 1,
	false},
    {"alias.example", "cname=other.example 127.0.0.5/40", DNS_FOUND, 40, 1, 0x7f000005, 1,
	false},
    {"most.example", "127.0.1.1/9*32", DNS_FOUND, 9, 32, 0x7f000101, 0, false},
    {"more.example", "tc 127.0.1.1/9*200 127.0.9.9/3", DNS_FOUND, 3, 32, 0x7f000101, 2, false},
    {"big.example", "tc 127.0.0.6/11", DNS_FOUND, 11, 1, 0x7f000006, 2, false},
    {"large-udp.example", "127.0.0.6/11*30", DNS_FOUND, 11, 30, 0x7f000006, 0, false},
    {"late.example", "delay=120 127.0.0.2/60", DNS_FOUND, 60, 1, 0x7f000002, 1, false},
    {"lost.example", "silent=2 127.0.0.2/60", DNS_FOUND, 60, 1, 0x7f000002, 3, false},
    {"sub.world.example", NULL, DNS_FOUND, 5, 1, 0x7f000063, 1, false},
    {NAME_63 "." NAME_63 "." NAME_63 "." NAME_61, "127.0.0.2/60", DNS_FOUND, 60, 1, 0x7f000002,
	1, false},
    {"with_some-0dd.world.example.", NULL, DNS_FOUND, 5, 1, 0x7f000063, 0, false},

    {"gone.example", "nxdomain soa=60/30", DNS_ABSENT, 30, 0, 0, 1, false},
    {"gone-short.example", "nxdomain soa=20/30", DNS_ABSENT, 20, 0, 0, 1, false},
    {"gone-huge.example", "nxdomain soa=4294967295/30", DNS_ABSENT, 0, 0, 0, 1, false},
    {"gone-bare.example", "nxdomain", DNS_ABSENT, 0, 0, 0, 1, false},
    {"gone-listed.example", "nxdomain 127.0.0.2/60 soa=60/30", DNS_ABSENT, 30, 0, 0, 1, false},
    {"gone-alias.example", "nxdomain cname=other.example soa=60/30", DNS_ABSENT, 30, 0, 0, 1,
	false},
    {"empty.example", "soa=60/45", DNS_ABSENT, 45, 0, 0, 1, false},
    {"empty-bare.example", "", DNS_FAILED, 0, 0, 0, 1, false},
    {"empty-alias.example", "cname=other.example soa=9/60", DNS_ABSENT, 9, 0, 0, 1, false},
    {"empty-own.example", "ns aa", DNS_FAILED, 0, 0, 0, 1, false},
    {"referral.example", "ns", DNS_FAILED, 0, 0, 0, 1, false},

    {"servfail.example", "servfail", DNS_FAILED, 0, 0, 0, 1, false},
    {"refused.example", "refused", DNS_FAILED, 0, 0, 0, 1, false},
    {"refused-soa.example", "refused 127.0.0.2/60 soa=60/30", DNS_FAILED, 0, 0, 0, 1, false},
    {"formerr.example", "formerr", DNS_UNKNOWN, 0, 0, 0, 1, false},
    {"silent.example", "silent", DNS_TIMEOUT, 0, 0, 0, 5, false},

    {"badcase.example", "badcase 127.0.0.2/60", DNS_UNKNOWN, 0, 0, 0, 0, true},
    {"badcase-gone.example", "badcase nxdomain soa=60/30", DNS_UNKNOWN, 0, 0, 0, 0, true},
    {"echo.example", "echo", DNS_UNKNOWN, 0, 0, 0, 0, true},
    {"cut.example", "cut 127.0.0.2/60", DNS_UNKNOWN, 0, 0, 0, 0, true},
    {"cut-soa.example", "cut nxdomain soa=60/30", DNS_UNKNOWN, 0, 0, 0, 0, true},
    {"badlength.example", "badlength 127.0.0.2/60", DNS_UNKNOWN, 0, 0, 0, 0, true},
    {"tctc.example", "tctc 127.0.0.2/60", DNS_UNKNOWN, 0, 0, 0, 0, true},
    {"badid.example", "badid 127.0.0.2/60", DNS_UNKNOWN, 0, 0, 0, 0, false},
    {"badname.example", "badname 127.0.0.2/60", DNS_UNKNOWN, 0, 0, 0, 0, false},
    {"badtype.example", "badtype 127.0.0.2/60", DNS_UNKNOWN, 0, 0, 0, 0, false},
    {"garbage.example", "garbage", DNS_UNKNOWN, 0, 0, 0, 0, false},

    {"", NULL, DNS_FAILED, 0, 0, 0, 0, false},
    {"..", NULL, DNS_FAILED, 0, 0, 0, 0, false},
    {"with space.example", NULL, DNS_FAILED, 0, 0, 0, 0, false},
    {NAME_63 "." NAME_63 "." NAME_63 ".x" NAME_61, NULL, DNS_FAILED, 0, 0, 0, 0, false},
    {NAME_63 "x.example", NULL, DNS_FAILED, 0, 0, 0, 0, false},
};

static void
check_row(struct dnsd *d, const struct row *r, const struct dns_told *a)
{
	const struct dns_reply *reply = &a->reply;

	dns_check_told(a, r->name, r->status, r->ttl);
	same_num((long long)reply->n, (long long)r->n, r->name);
	if (r->n > 0)
		same_num(reply->address[0], r->first, r->name);
	if (r->n > 1 && r->words != NULL && strchr(r->words, '*') != NULL)
		same_num(reply->address[r->n - 1], r->first + r->n - 1, r->name);
	/* A busy machine may answer too late for the first try, but not for all. */
	if (r->asked != 0)
		ok(dnsd_asked(d, r->name) >= r->asked && dnsd_asked(d, r->name) < r->asked + 3,
		    "%s: asked %u times", r->name, dnsd_asked(d, r->name));
}

/* The rows by resolver: nonsense may cost others of the same socket their answer. */
static void
test_answers(struct loop *loop, struct dnsd *d)
{
	const char *names[2][COUNT(rows)];
	const struct row *which[2][COUNT(rows)];
	size_t n[2] = {0};
	uint64_t failures = counter_get(COUNTER_DNS_FAILURES), want = 0;
	struct dns_user b[2];

	dnsd_teach(d, "*.world.example", "127.0.0.99/5");
	for (size_t i = 0; i < COUNT(rows); i++) {
		int k = rows[i].status == DNS_UNKNOWN;

		names[k][n[k]] = rows[i].name;
		which[k][n[k]++] = &rows[i];
		want += rows[i].status != DNS_FOUND && rows[i].status != DNS_ABSENT;
		if (rows[i].words != NULL)
			ok(dnsd_teach(d, rows[i].name, rows[i].words), "%s: taught",
			    rows[i].name);
	}
	for (int k = 0; k < 2; k++)
		dns_check_begin(&b[k], loop, d);
	for (int k = 0; k < 2; k++)
		dns_user_start(&b[k], names[k], n[k]);
	for (int k = 0; k < 2; k++) {
		ok(dns_user_wait(&b[k]), "all questions end");
		for (size_t i = 0; i < n[k]; i++)
			check_row(d, which[k][i], &b[k].told[i]);
		dns_user_end(&b[k]);
	}
	same_num((long long)(counter_get(COUNTER_DNS_FAILURES) - failures), (long long)want,
	    "failures are counted");
	same_num(
	    dnsd_asked_tcp(d, "big.example"), 1, "what is truncated is asked for over TCP");
}

/* Each of the answers that are none is counted, wherever it is found out. */
static void
test_garbage(struct loop *loop, struct dnsd *d)
{
	struct dns_user b;

	dns_check_begin(&b, loop, d);
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint64_t before = counter_get(COUNTER_DNS_GARBAGE);

		if (!rows[i].garbage)
			continue;
		dns_user_ask_one(&b, rows[i].name);
		same_num(
		    (long long)(counter_get(COUNTER_DNS_GARBAGE) - before), 1, rows[i].name);
	}
	dns_user_end(&b);
}

/* Letter case is random; all of many questions at once are answered. */
static void
test_many(struct loop *loop, struct dnsd *d)
{
	static char texts[MANY][64];
	const char *names[MANY];
	char spelling[64];
	uint64_t before = counter_get(COUNTER_DNS_QUERIES);
	unsigned found = 0, upper = 0, letters = 0;
	struct dns_user b;

	dnsd_teach(d, "*.many.example", "127.0.0.2/60");
	for (size_t i = 0; i < MANY; i++) {
		snprintf(texts[i], sizeof(texts[i]), "host-%zu.many.example", i);
		names[i] = texts[i];
	}
	dns_check_begin(&b, loop, d);
	ok(dns_user_ask(&b, names, MANY), "many questions end");
	for (size_t i = 0; i < MANY; i++) {
		found += b.told[i].reply.status == DNS_FOUND;
		dnsd_spelling(d, names[i], spelling, sizeof(spelling));
		for (const char *p = spelling; *p != '\0'; p++) {
			letters += isalpha((unsigned char)*p) != 0;
			upper += isupper((unsigned char)*p) != 0;
		}
	}
	same_num(found, MANY, "and are found");
	ok(upper > letters / 3 && upper < letters * 2 / 3,
	    "about half of the letters are large");
	same_num((long long)(counter_get(COUNTER_DNS_QUERIES) - before), MANY, "and counted");
	dns_user_end(&b);
}

static void
test_all(struct loop *loop, struct dnsd *d)
{
	test_answers(loop, d);
	test_garbage(loop, d);
	test_many(loop, d);
}

int
main(void)
{
	return dns_check_run(test_all);
}
