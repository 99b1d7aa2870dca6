/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_life.c - the resolver with servers that fail, go and come back, and
 * when it is freed itself: with questions open, by what it tells, and after
 * the loop.
 */
#include "config.h"

#include "dns/dns.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "dns/server.h"
#include "fakes/dns_check.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Two servers, of which the first is of little use. */
static void
test_two_servers(struct loop *loop, struct dnsd *d)
{
	static const struct {
		const char *label, *name, *words;
	} bad[] = {
	    {"the first one is silent", "f1.example", "silent"},
	    {"the first one refuses", "f2.example", "refused"},
	    {"the first one fails", "f3.example", "servfail"},
	    {"the first one talks of others", "f4.example", "badname 127.0.0.9"},
	};
	struct dnsd *first = dnsd_start();
	char *servers[] = {strdup(dnsd_address(first)), strdup(dnsd_address(d)), NULL};
	struct dns_user b;

	ok(dns_user_begin(&b, loop, servers), "a resolver is made");
	for (size_t i = 0; i < COUNT(bad); i++) {
		dnsd_teach(first, bad[i].name, bad[i].words);
		dnsd_teach(d, bad[i].name, "127.0.0.3/60");
		same_num(dns_user_ask_one(&b, bad[i].name).status, DNS_FOUND, bad[i].label);
		same_num(b.told[0].reply.address[0], 0x7f000003, bad[i].label);
	}
	dnsd_stop(first);
	dnsd_teach(d, "f5.example", "127.0.0.3/60");
	same_num(dns_user_ask_one(&b, "f5.example").status, DNS_FOUND, "the first one is gone");
	dnsd_teach(d, "f6.example", "servfail");
	same_num(dns_user_ask_one(&b, "f6.example").status, DNS_FAILED,
	    "so is the second one's sense");
	ok(dnsd_asked(d, "f6.example") <= 10, "and it is not asked for ever");
	dns_user_end(&b);
	free(servers[0]);
	free(servers[1]);
}

/* Whether nobody may listen at the address, for somebody else holds it. */
static bool
is_taken(const char *address)
{
	struct sockaddr_in sa = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_DGRAM, 0), error;

	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	sa.sin_port = htons((uint16_t)atoi(strchr(address, ':') + 1));
	error = bind(fd, (const struct sockaddr *)&sa, sizeof(sa)) == 0 ? 0 : errno;
	close(fd);
	return error == EADDRINUSE;
}

/* A server goes away and comes back. */
static void
test_outage(struct loop *loop)
{
	struct dnsd *d = dnsd_start();
	struct dns_user b;

	dns_check_begin(&b, loop, d);
	dnsd_teach(d, "x.example", "127.0.0.2");
	dnsd_leave(d);
	ok(is_taken(dnsd_address(d)), "no other server can have its port meanwhile");
	ok(dns_user_ask_one(&b, "x.example").status != DNS_FOUND, "nobody listens");
	ok(b.told[0].reply.status != DNS_ABSENT, "that is not an answer");
	ok(!b.told[0].within, "and told later");
	ok(dnsd_return(d), "the server is back");
	same_num(dns_user_ask_one(&b, "x.example").status, DNS_FOUND, "and is asked at once");
	dnsd_stop(d);
	dns_user_end(&b);
}

struct ending {
	struct dns_user user;
	unsigned failed, other, again;
	bool freeing, outside, stopping;
};

static void
ask_when_told(void *arg, const struct dns_reply *reply)
{
	struct ending *e = arg;

	e->failed += reply->status == DNS_FAILED;
	e->other += reply->status != DNS_FAILED;
	e->outside |= !e->freeing;
	if (e->again > 0) {
		e->again--;
		dns_ask(e->user.dns, "silent.example", ask_when_told, e);
	}
}

static void
ask_and_free(void *arg)
{
	struct ending *e = arg;

	for (int i = 0; i < 40; i++)
		dns_ask(e->user.dns, i == 7 ? "bad name" : "silent.example", ask_when_told, e);
	dns_refresh(e->user.dns);
	e->freeing = true;
	dns_free(e->user.dns);
	e->freeing = false;
	e->user.dns = NULL;
	event_flag_set(&e->user.event_flag);
}

static void
free_when_told(void *arg, const struct dns_reply *reply)
{
	struct ending *e = arg;
	struct dns *dns = e->user.dns;

	e->failed += reply->status == DNS_FAILED;
	e->other += reply->status != DNS_FAILED;
	if (dns == NULL)
		return;
	e->user.dns = NULL;
	dns_free(dns);
	if (!e->stopping)
		event_flag_set(&e->user.event_flag);
}

static void
ask_two_kinds(void *arg)
{
	struct ending *e = arg;

	for (int i = 0; i < 20; i++) {
		dns_ask(e->user.dns, "one.example", free_when_told, e);
		dns_ask(e->user.dns, "silent.example", free_when_told, e);
	}
}

static void
test_end(struct loop *loop, struct dnsd *d)
{
	struct ending e = {.again = 5};

	dns_check_begin(&e.user, loop, d);
	ok(dns_user_run(&e.user, ask_and_free), "freed with questions open");
	same_num(e.failed, 45, "each of them failed, and those asked meanwhile");
	same_num(e.other, 0, "none did otherwise");
	ok(!e.outside, "all within the call");

	e = (struct ending){0};
	dns_check_begin(&e.user, loop, d);
	ok(dns_user_run(&e.user, ask_two_kinds), "freed by what an answer says");
	same_num(e.failed + e.other, 40, "and all are told");
	ok(e.other >= 1 && e.failed >= 20, "the others as failed");
}

static void
test_servers(struct loop *loop)
{
	static char good[] = "[::1]:5353", bad[] = "localhost";
	char *servers[] = {good, bad, NULL};
	struct endpoint server;
	struct dns_user b;

	ok(!dns_user_begin(&b, loop, servers), "a server that cannot be read");
	same_str(b.why, "not the address of a DNS server: localhost", "is named");
	servers[1] = NULL;
	ok(dns_user_begin(&b, loop, servers), "a resolver is made");
	dns_user_end(&b);
	servers[0] = NULL;
	ok(dns_user_begin(&b, loop, servers), "a resolver is made");
	dns_user_end(&b);
	ok(dns_user_begin(&b, loop, NULL), "a resolver is made");
	dns_user_end(&b);
	ok(dnsserver_parse(&server, good) && !dnsserver_parse(&server, bad),
	    "servers are checked alike");
}

static unsigned
count_descriptors(void)
{
	unsigned n = 0;

	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static bool
descriptors_fall_to(unsigned want)
{
	const struct timespec step = {.tv_nsec = 20000000};

	for (int i = 0; i < 250 && count_descriptors() > want; i++)
		nanosleep(&step, NULL);
	return count_descriptors() == want;
}

/* Ask so many questions, a few at a time; whether all were answered. */
static bool
ask_many(struct dns_user *u, unsigned n)
{
	const char *names[20];
	bool good = true;

	for (size_t i = 0; i < COUNT(names); i++)
		names[i] = "one.example";
	for (; n > 0 && good; n -= COUNT(names)) {
		good = dns_user_ask(u, names, COUNT(names));
		for (size_t i = 0; i < COUNT(names); i++)
			good = good && u->told[i].reply.status == DNS_FOUND;
	}
	return good;
}

/* Sockets are kept while they are of use, and not for good. */
static void
test_ports(struct loop *loop)
{
	struct dnsd *d = dnsd_start();
	struct dns_user b;
	unsigned before, ports;

	dnsd_teach(d, "one.example", "127.0.0.2");
	dns_check_begin(&b, loop, d);
	before = count_descriptors();
	ok(ask_many(&b, 6000), "6000 questions");
	ports = dnsd_asked_from(d);
	ok(ports >= 16, "each port is left for another: %u in all", ports);
	ok(ports <= 200, "but not for each question: %u in all", ports);
	ok(descriptors_fall_to(before), "with nothing to ask, none is open");
	dnsd_teach(d, "one.example", "silent");
	ok(dns_user_ask_one(&b, "one.example").status == DNS_TIMEOUT, "the server is silent");
	dns_user_end(&b);
	ok(descriptors_fall_to(before), "its sockets are not kept either");
	dnsd_stop(d);
}

/* As the daemon ends: the loop first, then what hung on it. */
static void
test_stopped(struct loop *loop, struct dnsd *d)
{
	struct ending e = {.stopping = true};
	struct dns *dns;

	dns_check_begin(&e.user, loop, d);
	loop_call(loop, ask_two_kinds, &e);
	loop_stop(loop);
	dns = e.user.dns;
	e.user.dns = NULL;
	dns_free(dns);
	same_num(e.failed + e.other, 40, "what is open when the loop has stopped is told too");
}

static void
test_all(struct loop *loop, struct dnsd *d)
{
	dnsd_teach(d, "one.example", "127.0.0.2");
	dnsd_teach(d, "silent.example", "silent");
	test_two_servers(loop, d);
	test_outage(loop);
	test_end(loop, d);
	test_servers(loop);
	test_ports(loop);
	test_stopped(loop, d);
}

int
main(void)
{
	return dns_check_run(test_all);
}
