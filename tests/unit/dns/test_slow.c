/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_dns_slow.c - lists that take their time: an answer counts whichever of the packets
 * that asked it is to, and a list that is known to be slow is asked once.
 */
#include "config.h"

#include "dns/dns.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "fakes/dns_check.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define LEARNED 4 /* questions that teach how long a list takes */
#define MANY 400
#define ASKED 6 /* and that are counted, after those */

/* The answer to the first packet, when others have been sent since; all at once. */
static const struct {
	const char *name, *words;
	unsigned asked; /* at least */
} late[] = {
    {"half.example", "once delay=500 127.0.0.2", 2},
    {"more.example", "once delay=1500 127.0.0.2", 3},
    {"three.example", "once delay=3200 127.0.0.2", 4},
    {"gone.example", "once delay=1500 nxdomain soa=60/30", 3},
    {"refused.example", "once delay=1500 refused", 3},
    {"tcp.example", "delay=900 tc 127.0.0.2", 3},
};

static void
test_late(struct loop *loop, struct dnsd *d)
{
	const char *names[COUNT(late)];
	struct dns_user u;

	for (size_t i = 0; i < COUNT(late); i++) {
		names[i] = late[i].name;
		ok(dnsd_teach(d, late[i].name, late[i].words), "%s: taught", late[i].name);
	}
	dns_check_begin(&u, loop, d);
	ok(dns_user_ask(&u, names, COUNT(names)), "all questions end");
	for (size_t i = 0; i < COUNT(late); i++) {
		ok(u.told[i].reply.rcode != DNS_NO_RCODE, "%s: heard", late[i].name);
		ok(dnsd_asked(d, late[i].name) >= late[i].asked, "%s: asked %u times",
		    late[i].name, dnsd_asked(d, late[i].name));
	}
	dns_user_end(&u);
}

/* Names of one zone in turn; how often they were asked for in all. */
static unsigned
ask_zone(struct dns_user *u, struct dnsd *d, const char *zone, unsigned n)
{
	static unsigned number;
	char name[64];
	unsigned asked = 0;

	u->zone = zone;
	for (unsigned i = 0; i < n; i++) {
		int64_t before = clock_ms();

		snprintf(name, sizeof(name), "%u.%s", ++number, zone);
		same_num(dns_user_ask_one(u, name).status, DNS_FOUND, name);
		printf("# told after %lld ms, asked %u times\n",
		    (long long)(clock_ms() - before), dnsd_asked(d, name));
		asked += dnsd_asked(d, name);
	}
	return asked;
}

/* After a few questions each is asked once, or nearly so on a busy machine. */
static void
test_slow_lists(struct loop *loop, struct dnsd *d)
{
	static const struct {
		const char *zone, *rule, *words;
	} lists[] = {
	    {"s250.example", "*.s250.example", "delay=250 127.0.0.2"},
	    {"s600.example", "*.s600.example", "delay=600 127.0.0.2"},
	    {"s1200.example", "*.s1200.example", "delay=1200 127.0.0.2"},
	};

	for (size_t i = 0; i < COUNT(lists); i++) {
		struct dns_user u;
		unsigned asked;

		dnsd_teach(d, lists[i].rule, lists[i].words);
		dns_check_begin(&u, loop, d);
		(void)ask_zone(&u, d, lists[i].zone, LEARNED);
		asked = ask_zone(&u, d, lists[i].zone, ASKED);
		ok(asked <= ASKED + 2, "%s: %u packets for %d questions", lists[i].zone, asked,
		    ASKED);
		dns_user_end(&u);
	}
}

/* What is lost is asked for again, by a list that is known to be fast, or slow. */
static void
test_loss(struct loop *loop, struct dnsd *d)
{
	struct dns_user u;

	dnsd_teach(d, "*.loss.example", "127.0.0.2");
	dns_check_begin(&u, loop, d);
	(void)ask_zone(&u, d, "loss.example", LEARNED);
	dnsd_teach(d, "lost.loss.example", "silent=1 127.0.0.2");
	dnsd_teach(d, "lost4.loss.example", "silent=4 127.0.0.2");
	same_num(
	    dns_user_ask_one(&u, "lost.loss.example").status, DNS_FOUND, "one packet is lost");
	same_num(dns_user_ask_one(&u, "lost4.loss.example").status, DNS_FOUND, "four are lost");
	/* Or more, where the answer to the fifth is not taken from the socket in time. */
	ok(dnsd_asked(d, "lost4.loss.example") >= 5, "five are sent");
	dns_user_end(&u);
}

/* The next server is not asked for what the first is only slow to say. */
static void
test_two_servers(struct loop *loop)
{
	struct dnsd *d[] = {dnsd_start(), dnsd_start()};
	char *servers[] = {strdup(dnsd_address(d[0])), strdup(dnsd_address(d[1])), NULL};
	unsigned before;
	struct dns_user u;

	dnsd_teach(d[0], "*.slow.example", "delay=700 127.0.0.1");
	dnsd_teach(d[1], "*.slow.example", "delay=9000 127.0.0.2");
	ok(dns_user_begin(&u, loop, servers), "a resolver is made");
	(void)ask_zone(&u, d[0], "slow.example", LEARNED);
	before = dnsd_asked(d[1], NULL);
	(void)ask_zone(&u, d[0], "slow.example", ASKED);
	ok(dnsd_asked(d[1], NULL) <= before + 1, "the other server is left alone: %u packets",
	    dnsd_asked(d[1], NULL) - before);
	dns_user_end(&u);
	for (unsigned i = 0; i < 2; i++) {
		dnsd_stop(d[i]);
		free(servers[i]);
	}
}

/* Many at once that nobody answers are each sent again, and come to their end. */
static void
test_many_silent(struct loop *loop, struct dnsd *d)
{
	static char name[MANY][32];
	const char *names[MANY];
	struct dns_user u;
	unsigned told = 0, copies = 0, lost = 0;

	dnsd_teach(d, "*.quiet.example", "silent");
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(name[i], sizeof(name[i]), "%u.quiet.example", i);
		names[i] = name[i];
	}
	dns_check_begin(&u, loop, d);
	ok(dns_user_ask(&u, names, MANY), "many silent: all end");
	for (unsigned i = 0; i < MANY; i++) {
		unsigned asked = dnsd_asked(d, names[i]);

		told += u.told[i].times == 1 && u.told[i].reply.status == DNS_TIMEOUT;
		copies += asked;
		lost += asked < 4;
	}
	same_num(told, MANY, "many silent: each is told once that there is no answer");
	ok(copies <= 5 * MANY, "many silent: %u packets for %d questions", copies, MANY);
	same_num(lost, 0, "many silent: each is sent again and again");
	dns_user_end(&u);
}

static void
test_all(struct loop *loop, struct dnsd *d)
{
	test_late(loop, d);
	test_slow_lists(loop, d);
	test_loss(loop, d);
	test_two_servers(loop);
	test_many_silent(loop, d);
}

int
main(void)
{
	return dns_check_run(test_all);
}
