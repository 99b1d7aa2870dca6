/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_fake_dns.c - the resolver that other tests trust: what it was taught for
 * a type, a name, a zone, and what it tells and counts.
 */
#include "config.h"

#include "dns/dns.h"

#include <string.h>

#include "base/clock.h"
#include "fakes/dns_text.h"
#include "fakes/fake_dns.h"
#include "fakes/fake_loop.h"
#include "loop/loop.h"
#include "tap.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
	enum dns_type type;
	const char *name;
	enum dns_status status;
	const char *want; /* the records; NULL: none are told */
} rows[] = {
    {DNS_A, "two.example", DNS_FOUND, NULL},
    {DNS_TXT, "two.example", DNS_FOUND, "v=spf1 -all"},
    {DNS_TXT, "Two.Example", DNS_FOUND, "v=spf1 -all"},
    {DNS_MX, "two.example", DNS_ABSENT, NULL},
    {DNS_TXT, "below.two.example", DNS_FOUND, "zone"},
    {DNS_A, "below.two.example", DNS_ABSENT, NULL},
    {DNS_TXT, "a.gone.example", DNS_ABSENT, NULL},
    {DNS_TXT, "fail.example", DNS_FAILED, NULL},
    {DNS_A, "fail.example", DNS_FAILED, NULL},
    {DNS_TXT, "half.example", DNS_FAILED, NULL},
    {DNS_A, "half.example", DNS_FOUND, NULL},
    {DNS_TXT, "nobody.example", DNS_ABSENT, NULL},
    {DNS_TXT, "a\\b.example", DNS_FAILED, NULL},
    {DNS_TXT, "user+tag.example", DNS_FOUND, "odd"},
};

static const struct dns_reply address = {
    .status = DNS_FOUND, .ttl = 60, .n = 1, .address = {0x7f000002}};
static const struct dns_reply failed = {.status = DNS_FAILED};

static void
teach_text(const char *name, const char *text)
{
	static struct dns_room room; /* used again: a lesson has a copy */
	struct dns_reply reply = {.status = DNS_FOUND, .ttl = 60, .records = &room.records};

	dnsrecord_clear(&room);
	dnsrecord_keep(&room, DNS_TXT, 0, text, strlen(text));
	ok(fake_dns_teach_type(DNS_TXT, name, NULL, &reply, 5), "%s: taught", name);
}

static void
teach(void)
{
	teach_text("*.example", "whole");
	teach_text("*.two.example", "zone");
	teach_text("two.example", "v=spf1 -all");
	teach_text("user+tag.example", "odd");
	fake_dns_teach("two.example", NULL, &address, 5);
	fake_dns_teach("*.gone.example", NULL, &(struct dns_reply){.status = DNS_ABSENT}, 5);
	fake_dns_teach("nobody.example", NULL, &address, 5);
	fake_dns_teach("fail.example", NULL, &failed, 5);
	fake_dns_teach("half.example", NULL, &address, 5);
	fake_dns_teach_type(DNS_TXT, "half.example", NULL, &failed, 5);
}

struct told {
	enum dns_type type;
	unsigned times;
	struct dns_reply reply;
	char text[64];
};

static void
take(void *arg, const struct dns_reply *reply)
{
	struct told *t = arg;

	t->times++;
	t->reply = *reply;
	if (reply->records != NULL)
		dns_text(t->type, reply->records, t->text, sizeof(t->text));
}

static void
test_rows(struct loop *loop, struct dns *dns)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct told told = {.type = rows[i].type};

		dns_query(dns, rows[i].type, rows[i].name, NULL, 0, take, &told);
		same_num(told.times, 0, rows[i].name);
		fake_loop_pass(loop, 5);
		same_num(told.times, 1, rows[i].name);
		same_num(told.reply.status, rows[i].status, rows[i].name);
		same_str(
		    told.reply.records != NULL ? told.text : NULL, rows[i].want, rows[i].name);
	}
	same_num(fake_dns_asked("two.example"), 4, "asked in all types");
	same_num(fake_dns_asked_type(DNS_TXT, "two.example"), 2, "asked for texts");
	same_num(fake_dns_asked_type(DNS_PTR, "two.example"), 0, "not asked for names");
	same_num(fake_dns_asked_type(DNS_A, "*.two.example"), 1, "below it");
	same_num(fake_dns_asked("a\\b.example"), 0, "never for what cannot be asked");
}

/* Servers are known by their place, and answer for themselves alone. */
static void
test_servers(struct loop *loop)
{
	static char first[] = "192.0.2.1", second[] = "192.0.2.2";
	char *servers[] = {first, second, NULL};
	struct dns_reply one = {.status = DNS_FOUND, .n = 1, .address = {1}, .is_signed = true};
	struct dns *dns = dns_new(loop, servers, NULL, 0);
	struct told told[4] = {{.times = 0}};

	same_num((long long)dns_servers(dns), 2, "two servers");
	fake_dns_teach("s.test", second, &one, 5);
	dns_ask_server(dns, "s.test", 0, DNS_DNSSEC_OK, take, &told[0]);
	dns_ask_server(dns, "s.test", 1, DNS_DNSSEC_OK, take, &told[1]);
	dns_ask_server(dns, "s.test", 1, 0, take, &told[2]);
	dns_ask(dns, "s.test", take, &told[3]);
	fake_loop_pass(loop, 5);
	same_num(told[0].reply.status, DNS_ABSENT, "not taught for this one");
	same_num(told[0].reply.rcode, DNS_NXDOMAIN, "and absent");
	same_num(told[0].reply.server, 0, "says the first");
	same_num(told[1].reply.status, DNS_FOUND, "taught for the second");
	same_num(told[1].reply.server, 1, "and said by it");
	ok(told[1].reply.is_signed && !told[2].reply.is_signed, "signed where that was asked");
	same_num(told[3].reply.server, 1, "any server: the one that was taught");
	dns_free(dns);
}

static void
play(enum dns_type type, const char *name, struct dns_reply *reply, int64_t *after_ms)
{
	(void)type;
	(void)name;
	*after_ms = 1;
	*reply = address;
}

/* Where nothing was taught, whoever was asked answers: what a player says, too. */
static void
test_player(struct loop *loop)
{
	char *servers[] = {(char[]){"192.0.2.1"}, (char[]){"192.0.2.2"}, NULL};
	struct dns *dns = dns_new(loop, servers, NULL, 0);
	struct told told[4] = {{.times = 0}};

	fake_dns_reset();
	fake_dns_play(play);
	dns_ask(dns, "a.test", take, &told[0]);
	dns_ask_server(dns, "b.test", 0, 0, take, &told[1]);
	dns_ask_server(dns, "c.test", 1, 0, take, &told[2]);
	dns_query(dns, DNS_TXT, "d.test", NULL, 0, take, &told[3]);
	fake_loop_pass(loop, 5);
	same_num(told[0].reply.server, 0, "played: any server is the first");
	same_num(told[1].reply.server, 0, "played: the first, alone");
	same_num(told[2].reply.server, 1, "played: the second, alone");
	same_num(told[3].reply.server, 0, "played: for any type");
	dns_free(dns);
}

/* Freed, it tells what is open; a reset forgets the records, but not those on their way. */
static void
test_end(struct loop *loop, struct dns *dns)
{
	struct told told = {.type = DNS_TXT}, late = {.type = DNS_TXT};

	dns_query(dns, DNS_TXT, "two.example", NULL, 0, take, &told);
	fake_dns_reset();
	fake_loop_pass(loop, 5);
	same_str(told.text, "v=spf1 -all", "after a reset");
	dns_query(dns, DNS_TXT, "two.example", NULL, 0, take, &late);
	dns_free(dns);
	same_num(late.times, 1, "told at the end");
	same_num(late.reply.status, DNS_FAILED, "that it failed");
}

int
main(void)
{
	struct loop *loop;
	struct dns *dns;
	char why[64];

	clock_freeze(1000000, 1766300000);
	loop = loop_new();
	dns = dns_new(loop, NULL, why, sizeof(why));
	teach();
	test_rows(loop, dns);
	test_servers(loop);
	test_end(loop, dns);
	test_player(loop);
	fake_dns_reset();
	loop_free(loop);
	return done();
}
