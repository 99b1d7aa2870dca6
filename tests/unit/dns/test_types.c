/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_dns_types.c - the resolver asked for records of each type, over UDP and
 * TCP, and for names that strangers have made up.
 */
#include "config.h"

#include "dns/dns.h"

#include <stdio.h>
#include <string.h>

#include "base/counter.h"
#include "fakes/dns_check.h"
#include "fakes/dns_text.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define MANY 200
#define LARGE "0123456789abcdef"
#define LARGE_TIMES 384 /* 6 KB in all */

static const struct row {
	const char *name;
	enum dns_type type;
	const char *words; /* of dnsd.h; NULL: never asked for */
	int status;
	uint32_t ttl;
	const char *want; /* the records; NULL: none are told */
	bool tcp;
} rows[] = {
    {"a.example", DNS_A, "127.0.0.2/60 aaaa=::1 txt=x", DNS_FOUND, 60, NULL, false},
    {"aaaa.example", DNS_AAAA, "aaaa=2001:db8::19/60 127.0.0.2", DNS_FOUND, 60, "2001:db8::19",
	false},
    {"aaaa3.example", DNS_AAAA, "aaaa=2001:db8::/60*2 aaaa=::1/7", DNS_FOUND, 7,
	"2001:db8::|2001:db8::1|::1", false},
    {"aaaa-tcp.example", DNS_AAAA, "tc aaaa=2001:db8::19/60", DNS_FOUND, 60, "2001:db8::19",
	true},
    {"aaaa-alias.example", DNS_AAAA, "cname=other.example aaaa=::2/9", DNS_FOUND, 9, "::2",
	false},
    {"mx.example", DNS_MX, "mx=20:mx2.example/60 mx=10:mx1.example/50 mx=20:mx3.example",
	DNS_FOUND, 50, "10:mx1.example|20:mx2.example|20:mx3.example", false},
    {"mx-none.example", DNS_MX, "mx=0:./60", DNS_FOUND, 60, "0:", false},
    {"mx-tcp.example", DNS_MX, "tc mx=10:mx1.example/60", DNS_FOUND, 60, "10:mx1.example",
	true},
    {"19.100.51.198.in-addr.arpa", DNS_PTR, "ptr=mail.example/60 ptr=www.example/61", DNS_FOUND,
	60, "mail.example|www.example", false},
    {"20.100.51.198.in-addr.arpa", DNS_PTR, "tc ptr=mail.example/60", DNS_FOUND, 60,
	"mail.example", true},
    {"21.100.51.198.in-addr.arpa", DNS_PTR,
	"cname=21.0/25.100.51.198.in-addr.arpa ptr=mail.example/60", DNS_FOUND, 60,
	"mail.example", false},
    {"22.100.51.198.in-addr.arpa", DNS_PTR, "ptr=ma\\il.example/60", DNS_FOUND, 60, "", false},
    {"txt.example", DNS_TXT, "txt=v=spf1%20mx%20-all txt=other", DNS_FOUND, 300,
	"v=spf1 mx -all|other", false},
    {"txt-tcp.example", DNS_TXT, "tc txt=v=spf1%20-all", DNS_FOUND, 300, "v=spf1 -all", true},
    {"txt-nul.example", DNS_TXT, "txt=c txt=a%00b", DNS_FOUND, 300, "c|a (of another length)",
	false},
    {"txt-late.example", DNS_TXT, "delay=120 txt=c", DNS_FOUND, 300, "c", false},
    {"txt-lost.example", DNS_TXT, "silent=2 txt=c", DNS_FOUND, 300, "c", false},
    {"user+tag=a.example", DNS_TXT, "txt=b", DNS_FOUND, 300, "b", false},
    {"!#%&'*+,/:<=>?[]^_`{|}~.example", DNS_A, "127.0.0.2", DNS_FOUND, 300, NULL, false},

    {"none.example", DNS_AAAA, "127.0.0.2 soa=60/45", DNS_ABSENT, 45, NULL, false},
    {"none2.example", DNS_A, "aaaa=::1 soa=60/45", DNS_ABSENT, 45, NULL, false},
    {"none-mx.example", DNS_MX, "soa=60/45", DNS_ABSENT, 45, NULL, false},
    {"gone.example", DNS_TXT, "nxdomain soa=60/30", DNS_ABSENT, 30, NULL, false},
    {"gone-ptr.example", DNS_PTR, "nxdomain", DNS_ABSENT, 0, NULL, false},
    {"referral.example", DNS_TXT, "ns", DNS_FAILED, 0, NULL, false},
    {"servfail.example", DNS_TXT, "servfail txt=a", DNS_FAILED, 0, NULL, false},
    {"refused.example", DNS_MX, "refused", DNS_FAILED, 0, NULL, false},
    {"silent.example", DNS_TXT, "silent", DNS_TIMEOUT, 0, NULL, false},

    {"a\\b.example", DNS_A, NULL, DNS_FAILED, 0, NULL, false},
    {"", DNS_MX, NULL, DNS_FAILED, 0, NULL, false},
};

/* What spoils an answer spoils that of any type; the others stay out of its way. */
static const struct row bad[] = {
    {"badcase.example", DNS_TXT, "badcase txt=a", DNS_UNKNOWN, 0, NULL, false},
    {"badtype.example", DNS_AAAA, "badtype aaaa=::1", DNS_UNKNOWN, 0, NULL, false},
    {"badname.example", DNS_TXT, "badname txt=a", DNS_UNKNOWN, 0, NULL, false},
    {"badid.example", DNS_MX, "badid mx=10:a", DNS_UNKNOWN, 0, NULL, false},
    {"badlength.example", DNS_PTR, "badlength ptr=a.example", DNS_UNKNOWN, 0, NULL, false},
    {"cut.example", DNS_TXT, "cut txt=abcdef", DNS_UNKNOWN, 0, NULL, false},
    {"tctc.example", DNS_TXT, "tctc txt=a", DNS_UNKNOWN, 0, NULL, true},
    {"echo.example", DNS_AAAA, "echo", DNS_UNKNOWN, 0, NULL, false},
};

static void
check_row(struct dnsd *d, const struct row *r, const struct dns_told *a)
{
	const struct dns_reply *reply = &a->reply;
	char text[256];

	dns_check_told(a, r->name, r->status, r->ttl);
	same_num((long long)reply->n, r->type == DNS_A && r->status == DNS_FOUND, r->name);
	if (r->want == NULL || reply->records == NULL)
		ok(r->want == NULL && reply->records == NULL, "%s: no records", r->name);
	else
		same_str(
		    dns_text(r->type, reply->records, text, sizeof(text)), r->want, r->name);
	ok(dnsd_asked_tcp(d, r->name) > 0 ? r->tcp : !r->tcp, "%s: over %s", r->name,
	    r->tcp ? "TCP" : "UDP");
	ok((dnsd_asked(d, r->name) > 0) == (r->words != NULL), "%s: asked", r->name);
	same_num(reply->unsent, r->words == NULL, r->name);
}

/* Rows, and a resolver of their own, so that nonsense costs no others their answer. */
struct batch {
	const struct row *rows;
	size_t n;
	const char *names[COUNT(rows)];
	enum dns_type types[COUNT(rows)];
	struct dns_user user;
};

static void
batch_start(struct batch *b, struct loop *loop, struct dnsd *d)
{
	for (size_t i = 0; i < b->n; i++) {
		const struct row *r = &b->rows[i];

		b->names[i] = r->name;
		b->types[i] = r->type;
		if (r->words != NULL)
			ok(dnsd_teach(d, r->name, r->words), "%s: taught", r->name);
	}
	dns_check_begin(&b->user, loop, d);
	dns_user_start_query(&b->user, b->types, b->names, b->n);
}

static void
batch_end(struct batch *b, struct dnsd *d)
{
	ok(dns_user_wait(&b->user), "all questions end");
	for (size_t i = 0; i < b->n; i++)
		check_row(d, &b->rows[i], &b->user.told[i]);
	dns_user_end(&b->user);
}

static void
test_rows(struct loop *loop, struct dnsd *d)
{
	static struct batch good = {.rows = rows, .n = COUNT(rows)};
	static struct batch spoilt = {.rows = bad, .n = COUNT(bad)};

	batch_start(&good, loop, d);
	batch_start(&spoilt, loop, d);
	batch_end(&good, d);
	batch_end(&spoilt, d);
}

/* An answer of 6 KB, whole, over TCP; and one that there is no room for. */
static void
test_large(struct loop *loop, struct dnsd *d)
{
	static const char *const names[] = {"large.example", "too-large.example"};
	static const enum dns_type types[] = {DNS_TXT, DNS_TXT};
	char words[64];
	const struct dns_records *all;
	struct dns_user b;
	bool same = true;

	snprintf(words, sizeof(words), "tc txt=%s*%d txt=b", LARGE, LARGE_TIMES);
	dnsd_teach(d, names[0], words);
	dnsd_teach(d, names[1], "tc txt=a*40000 txt=b");
	dns_check_begin(&b, loop, d);
	ok(dns_user_query(&b, types, names, 2), "questions for large answers end");
	all = b.told[0].reply.records;
	if (ok(all != NULL && all->n == 2 && !all->cut, "6 KB are told")) {
		same_num(
		    all->record[0].len, (long long)strlen(LARGE) * LARGE_TIMES, "all of it");
		for (size_t i = 0; i < all->record[0].len; i++)
			same &= all->record[0].data[i] == LARGE[i % strlen(LARGE)];
		ok(same, "as it was sent");
	}
	ok(dnsd_asked_tcp(d, names[0]) > 0, "over TCP");
	all = b.told[1].reply.records;
	if (ok(all != NULL && all->n == 1 && all->cut, "40 KB are left out, and that is said"))
		same_num(all->record[0].len, 1, "but not what is beside it");
	dns_user_end(&b);
}

/* All of many questions at once, with records of their own. */
static void
test_many(struct loop *loop, struct dnsd *d)
{
	char words[32], text[32];
	static char texts[MANY][32];
	enum dns_type types[MANY];
	const char *names[MANY];
	unsigned right = 0;
	struct dns_user b;

	for (size_t i = 0; i < MANY; i++) {
		snprintf(texts[i], sizeof(texts[i]), "n%zu.many.example", i);
		snprintf(words, sizeof(words), "txt=%s", texts[i]);
		dnsd_teach(d, texts[i], words);
		names[i] = texts[i];
		types[i] = DNS_TXT;
	}
	dns_check_begin(&b, loop, d);
	ok(dns_user_query(&b, types, names, MANY), "many questions end");
	for (size_t i = 0; i < MANY; i++)
		if (b.told[i].reply.records != NULL)
			right += strcmp(dns_text(DNS_TXT, b.told[i].reply.records, text,
					    sizeof(text)),
				     names[i]) == 0;
	same_num(right, MANY, "each with its own records");
	dns_user_end(&b);
}

/* What is not sent makes nobody doubt the server. */
static void
test_unsent(struct loop *loop)
{
	static const char *const names[] = {
	    "a.onion", "b.onion", "c.onion", "d.onion", "e.onion"};
	static const enum dns_type types[COUNT(names)] = {
	    DNS_TXT, DNS_A, DNS_MX, DNS_TXT, DNS_A};
	struct dnsd *d = dnsd_start();
	uint64_t garbage = counter_get(COUNTER_DNS_GARBAGE);
	struct dns_user b;

	dnsd_teach(d, "*", "nxdomain");
	dns_check_begin(&b, loop, d);
	ok(dns_user_query(&b, types, names, COUNT(names)), "questions for .onion end");
	for (size_t i = 0; i < COUNT(names); i++)
		same_num(b.told[i].reply.status, DNS_ABSENT, names[i]);
	dns_user_end(&b);
	same_num(dnsd_asked(d, "localhost"), 0, "no probe is sent");
	same_num(
	    (long long)(counter_get(COUNTER_DNS_GARBAGE) - garbage), 0, "it is no garbage");
	dnsd_stop(d);
}

static void
test_all(struct loop *loop, struct dnsd *d)
{
	test_rows(loop, d);
	test_large(loop, d);
	test_many(loop, d);
	test_unsent(loop);
}

int
main(void)
{
	return dns_check_run(test_all);
}
