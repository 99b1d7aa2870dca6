/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_servers.c - a resolver whose servers fall silent and come back: what
 * that costs its questions, what the silent ones are asked, and what the log
 * says.  What takes its time is asked first, and waited for later.
 */
#include "config.h"

#include "dns/dns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "fakes/dns_user.h"
#include "fakes/dnsd.h"
#include "loop/loop.h"
#include "tap.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define FIRST 0x7f000001
#define SECOND 0x7f000002
#define OUTAGE_MS 4000

/* A resolver with two servers, or one. */
struct pair {
	struct dnsd *first, *second;
	char *servers[3];
	struct dns_user user;
};

static void
pair_begin(struct pair *p, struct loop *loop, const char *first, const char *second)
{
	*p = (struct pair){.first = dnsd_start()};
	dnsd_teach(p->first, "*", first);
	p->servers[0] = strdup(dnsd_address(p->first));
	if (second != NULL) {
		p->second = dnsd_start();
		dnsd_teach(p->second, "*", second);
		p->servers[1] = strdup(dnsd_address(p->second));
	}
	ok(dns_user_begin(&p->user, loop, p->servers), "a resolver is made");
}

static void
pair_end(struct pair *p)
{
	dns_user_end(&p->user);
	dnsd_stop(p->first);
	if (p->second != NULL)
		dnsd_stop(p->second);
	free(p->servers[0]);
	free(p->servers[1]);
}

/* Ask for a name that was never asked for; the first address of the answer, or 0. */
static uint32_t
ask_new(struct pair *p, char name[32])
{
	static unsigned number;
	struct dns_reply reply;

	snprintf(name, 32, "n%u.example", ++number);
	reply = dns_user_ask_one(&p->user, name);
	return reply.status == DNS_FOUND ? reply.address[0] : 0;
}

static uint32_t
ask_any(struct pair *p)
{
	char name[32];

	return ask_new(p, name);
}

/* It is back: from some time within five seconds on, it answers what is asked. */
static void
check_used_again(struct pair *p, uint32_t who)
{
	int64_t begin = clock_ms(), took;
	bool used = false;

	while (!used && clock_ms() - begin < 10000) {
		used = ask_any(p) == who;
		usleep(20000);
	}
	took = clock_ms() - begin;
	ok(used && took <= 5000, "used again within five seconds: %lld ms", (long long)took);
	same_num(ask_any(p), who, "and from then on");
}

/* Its first questions wait; the others pass it by, and it is back in five seconds. */
static void
test_first_is_silent(struct loop *loop)
{
	unsigned asked = 0, found = 0, n = 0;
	char name[32];
	struct pair p;

	pair_begin(&p, loop, "silent", "127.0.0.2/60");
	for (int i = 0; i < 3; i++)
		same_num(ask_any(&p), SECOND, "silent: the next server answers");
	for (int64_t end = clock_ms() + OUTAGE_MS; clock_ms() < end; n++) {
		found += ask_new(&p, name) == SECOND;
		asked += dnsd_asked(p.first, name) > 0;
		usleep(10000);
	}
	same_num(found, n, "during an outage the other server answers all");
	/* A name that was just answered is what the silent one is probed with. */
	ok(asked <= 6, "the silent one sees none of them but in probes: %u of %u", asked, n);
	ok(dnsd_asked(p.first, NULL) <= 3 * 5 + 8, "asked %u times in all",
	    dnsd_asked(p.first, NULL));
	ok(n > OUTAGE_MS / 200, "and none of them waits for it: %u", n);

	dnsd_teach(p.first, "*", "127.0.0.1/60");
	check_used_again(&p, FIRST);
	pair_end(&p);
}

/* An error is no silence: the next server is asked, at once and for each question. */
static void
test_first_fails(struct loop *loop)
{
	static const char *const words[] = {"servfail", "refused", "formerr"};

	for (size_t i = 0; i < COUNT(words); i++) {
		unsigned asked = 0;
		char name[32];
		struct pair p;

		pair_begin(&p, loop, words[i], "127.0.0.2/60");
		for (int k = 0; k < 10; k++) {
			same_num(ask_new(&p, name), SECOND, words[i]);
			asked += dnsd_asked_anew(p.first, name);
		}
		same_num(asked, 10, "it is asked each time, and once");
		dnsd_teach(p.second, "*", words[i]);
		same_num(ask_any(&p), 0, "both of them: a failure");
		same_num(p.user.told[0].reply.status, DNS_FAILED, words[i]);
		pair_end(&p);
	}
}

/* A name it has no answer to says nothing of a server that answers others meanwhile. */
static void
test_hard_names(struct loop *loop)
{
	char name[32];
	struct pair p;

	pair_begin(&p, loop, "127.0.0.1/60", "127.0.0.2/60");
	dnsd_teach(p.first, "*.hard.example", "silent");
	for (int i = 0; i < 5; i++) {
		const char *both[] = {name, "easy.example"};

		snprintf(name, sizeof(name), "h%d.hard.example", i);
		ok(dns_user_ask(&p.user, both, 2), "a hard name and an easy one");
		same_num(p.user.told[0].reply.address[0], SECOND, name);
		same_num(p.user.told[1].reply.address[0], FIRST, name);
	}
	pair_end(&p);
}

/* Nor do names without an answer anywhere, with nothing else asked for. */
static void
check_dead_list(struct pair *p)
{
	ok(dns_user_wait(&p->user), "questions to a dead list end");
	same_num(p->user.told[0].reply.status, DNS_TIMEOUT, "without an answer");
	same_num(ask_any(p), FIRST, "the first server is used as ever");
}

/* Slow is not silent: what comes late is taken, from whoever it comes. */
static void
test_late(struct loop *loop)
{
	struct pair p;

	pair_begin(&p, loop, "delay=600 127.0.0.1/60", "silent");
	for (int i = 0; i < 4; i++)
		same_num(ask_any(&p), FIRST, "late, but there");
	pair_end(&p);
}

/* Nobody listens there: that costs nothing, and is a silence like others. */
static void
test_first_is_gone(struct loop *loop)
{
	struct pair p;

	pair_begin(&p, loop, "127.0.0.1/60", "127.0.0.2/60");
	same_num(ask_any(&p), FIRST, "the first server is there");
	dnsd_leave(p.first);
	for (int i = 0; i < 10; i++) {
		usleep(2000); /* what was heard in the same millisecond excuses a silence */
		same_num(ask_any(&p), SECOND, "gone");
	}
	ok(dnsd_return(p.first), "back");
	check_used_again(&p, FIRST);
	pair_end(&p);
}

static const char *const some[] = {"s1.example", "s2.example", "s3.example", "s4.example"};

/* What was answered before is silent now, as all of its zone; that is not the server. */
static void
test_list_dies(struct loop *loop, char **first)
{
	struct pair p;

	pair_begin(&p, loop, "silent", NULL);
	*first = strdup(p.servers[0]);
	dnsd_teach(p.first, "localhost", "refused");
	dnsd_teach(p.first, "a.dead.example", "127.0.0.1");
	same_num(dns_user_ask_one(&p.user, "a.dead.example").status, DNS_FOUND, "a list");
	dnsd_teach(p.first, "a.dead.example", "silent");
	usleep(2000); /* what was heard in the same millisecond excuses a silence */
	dns_user_start(&p.user, some, COUNT(some));
	ok(dns_user_wait(&p.user), "the list is gone");
	same_num(p.user.told[0].reply.status, DNS_TIMEOUT, "and silent");
	ok(dnsd_asked(p.first, "localhost") > 0, "the server is asked for what it has");
	ok(dnsd_asked(p.first, "a.dead.example") > 1, "and for what was answered before");
	pair_end(&p);
}

/* A server that keeps to its zone answers for that, if for nothing else. */
static void
test_only_zone(struct loop *loop, char **first)
{
	struct pair p;

	pair_begin(&p, loop, "silent", NULL);
	*first = strdup(p.servers[0]);
	dnsd_teach(p.first, "a.zone.example", "127.0.0.1");
	same_num(dns_user_ask_one(&p.user, "a.zone.example").status, DNS_FOUND, "its zone");
	usleep(2000);
	dns_user_start(&p.user, some, COUNT(some));
	ok(dns_user_wait(&p.user), "others are silent");
	same_num(p.user.told[0].reply.status, DNS_TIMEOUT, "all of them");
	pair_end(&p);
}

/* All are silent: questions end, the servers are asked all the same, and found again. */
static void
check_all_silent(struct pair *p, const char *label)
{
	ok(dns_user_wait(&p->user), "%s: questions end", label);
	for (size_t i = 0; i < COUNT(some); i++)
		same_num(p->user.told[i].reply.status, DNS_TIMEOUT, label);
	dnsd_teach(p->first, "*", "127.0.0.1/60");
	same_num(ask_any(p), FIRST, label);
	same_num(ask_any(p), FIRST, label);
}

static void
free_early(void *arg)
{
	struct dns_user *u = arg;

	dns_free(u->dns);
	u->dns = NULL;
}

/* Freed with questions at both servers, and with some that are told but for one server. */
static void
test_freed(struct loop *loop)
{
	struct pair p;

	pair_begin(&p, loop, "silent", "127.0.0.2/60");
	ok(dns_user_ask(&p.user, some, COUNT(some)), "answered by the second");
	dnsd_teach(p.second, "*", "silent");
	dns_user_start(&p.user, some, COUNT(some));
	usleep(500000);
	loop_call(loop, free_early, &p.user);
	ok(dns_user_wait(&p.user), "freed while others are open");
	for (size_t i = 0; i < COUNT(some); i++)
		same_num(p.user.told[i].reply.status, DNS_FAILED, "told");
	pair_end(&p);
}

/* How many lines say this of the server. */
static unsigned
lines(const char *log, const char *event, const char *server)
{
	char text[100];
	unsigned n = 0;

	snprintf(text, sizeof(text), "event=%s server=%s ", event, server);
	for (const char *p = log; (p = strstr(p, text)) != NULL; p++)
		n++;
	return n;
}

int
main(void)
{
	struct loop *loop = loop_new();
	struct pair both, lone, dead;
	char *log = NULL, *both_first, *lone_first, *dead_first, *dies_first, *zone_first;
	size_t size;
	FILE *stream = open_memstream(&log, &size);

	if (!ok(loop != NULL && stream != NULL && loop_start(loop), "the loop starts"))
		return done();
	log_to_stream(stream);
	pair_begin(&both, loop, "silent", "silent");
	pair_begin(&lone, loop, "silent", NULL);
	pair_begin(&dead, loop, "127.0.0.1/60", "127.0.0.2/60");
	for (size_t i = 0; i < COUNT(some); i++) {
		dnsd_teach(dead.first, some[i], "silent");
		dnsd_teach(dead.second, some[i], "silent");
	}
	dead_first = strdup(dead.servers[0]);
	both_first = strdup(both.servers[0]);
	lone_first = strdup(lone.servers[0]);
	dns_user_start(&both.user, some, COUNT(some));
	dns_user_start(&lone.user, some, COUNT(some));
	dns_user_start(&dead.user, some, COUNT(some));
	test_first_is_silent(loop);
	check_all_silent(&both, "both are silent");
	check_all_silent(&lone, "the only one is silent");
	check_dead_list(&dead);
	test_first_fails(loop);
	test_hard_names(loop);
	test_late(loop);
	test_first_is_gone(loop);
	test_freed(loop);
	test_list_dies(loop, &dies_first);
	test_only_zone(loop, &zone_first);
	pair_end(&both);
	pair_end(&lone);
	pair_end(&dead);
	loop_stop(loop);
	loop_free(loop);
	log_to_stream(stderr);
	fclose(stream);
	same_num(lines(log, "dns-down", both_first), 1, "one line says that it is silent");
	same_num(lines(log, "dns-up", both_first), 1, "one, that it is back");
	same_num(lines(log, "dns-down", lone_first), 1, "so for one alone");
	same_num(lines(log, "dns-up", lone_first), 1, "and when it is back");
	same_num(lines(log, "dns-down", dead_first), 0, "none for a dead list's servers");
	same_num(lines(log, "dns-down", dies_first), 0, "nor where its server is asked alone");
	same_num(
	    lines(log, "dns-down", zone_first), 0, "nor for one that knows its zone alone");
	free(dies_first);
	free(zone_first);
	free(dead_first);
	free(both_first);
	free(lone_first);
	free(log);
	return done();
}
