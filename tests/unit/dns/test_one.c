/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_dns_one.c - questions to one server of several, and what a reply says of
 * itself: who gave it, its code, whether an absence has a SOA, and signatures.
 */
#include "config.h"

#include "dns/dns.h"

#include <stdlib.h>

#include "fakes/dns_check.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define FIRST 0x7f000001
#define SECOND 0x7f000002

static const struct row {
	const char *name, *words;
	enum dns_status status;
	unsigned flags;
	int rcode;
	bool soa, is_signed;
} rows[] = {
    {"found.example", "127.0.0.2", DNS_FOUND, 0, DNS_NOERROR, false, false},
    {"gone.example", "nxdomain soa=60/30", DNS_ABSENT, 0, DNS_NXDOMAIN, true, false},
    {"gone-bare.example", "nxdomain", DNS_ABSENT, 0, DNS_NXDOMAIN, false, false},
    {"empty.example", "soa=60/30", DNS_ABSENT, 0, DNS_NOERROR, true, false},
    {"blank.example", "", DNS_FAILED, 0, DNS_NOERROR, false, false},
    {"servfail.example", "servfail", DNS_FAILED, 0, DNS_SERVFAIL, false, false},
    {"refused.example", "refused", DNS_FAILED, 0, DNS_REFUSED, false, false},
    {"formerr.example", "formerr", DNS_FAILED, 0, DNS_FORMERR, false, false},
    {"silent.example", "silent", DNS_TIMEOUT, 0, DNS_NO_RCODE, false, false},
    {"with space.example", NULL, DNS_FAILED, 0, DNS_NO_RCODE, false, false},
    {"a.onion", NULL, DNS_ABSENT, 0, DNS_NO_RCODE, false, false},

    {"signed.example", "127.0.0.2 signed", DNS_FOUND, DNS_DNSSEC_OK, DNS_NOERROR, false, true},
    {"signed-gone.example", "nxdomain soa=60/30 signed", DNS_ABSENT, DNS_DNSSEC_OK,
	DNS_NXDOMAIN, true, true},
    {"signed-tcp.example", "tc 127.0.0.2 signed", DNS_FOUND, DNS_DNSSEC_OK, DNS_NOERROR, false,
	true},
    {"unsigned.example", "127.0.0.2", DNS_FOUND, DNS_DNSSEC_OK, DNS_NOERROR, false, false},
    {"not-asked.example", "127.0.0.2 signed", DNS_FOUND, 0, DNS_NOERROR, false, false},
    {"no-edns.example", "formerr", DNS_FAILED, DNS_DNSSEC_OK, DNS_FORMERR, false, false},
};

static void
check_row(struct dns_user *u, struct dnsd *d, const struct row *r)
{
	struct dns_reply reply;

	if (r->words != NULL)
		ok(dnsd_teach(d, r->name, r->words), "%s: taught", r->name);
	u->flags = r->flags;
	reply = dns_user_ask_one(u, r->name);
	same_num(reply.status, r->status, r->name);
	same_num(reply.rcode, r->rcode, r->name);
	same_num(reply.soa, r->soa, r->name);
	same_num(reply.is_signed, r->is_signed, r->name);
	same_num(dnsd_asked_signed(d, r->name) > 0, r->flags == DNS_DNSSEC_OK, r->name);
}

static void
test_rows(struct loop *loop, struct dnsd *d)
{
	struct dns_user u;

	dns_check_begin(&u, loop, d);
	for (size_t i = 0; i < COUNT(rows); i++)
		check_row(&u, d, &rows[i]);
	dns_user_end(&u);
}

/* Of two servers each is asked alone, whatever the other would say, or what it says. */
static void
test_alone(struct loop *loop)
{
	static const char *const bad[] = {"servfail", "refused", "silent"};
	struct dnsd *d[] = {dnsd_start(), dnsd_start()};
	char *servers[] = {strdup(dnsd_address(d[0])), strdup(dnsd_address(d[1])), NULL};
	struct dns_reply reply;
	struct dns_user u;

	dnsd_teach(d[0], "a.example", "127.0.0.1");
	dnsd_teach(d[1], "a.example", "127.0.0.2");
	ok(dns_user_begin(&u, loop, servers), "a resolver is made");
	same_num((long long)dns_servers(u.dns), 2, "of two servers");
	for (unsigned i = 0; i < 2; i++) {
		u.server = i;
		reply = dns_user_ask_one(&u, "a.example");
		same_num(reply.address[0], i == 0 ? FIRST : SECOND, "the server that is meant");
		same_num(reply.server, i, "and it says so");
	}
	same_num(dnsd_asked_anew(d[0], "a.example"), 1, "each once");
	same_num(dnsd_asked_anew(d[1], "a.example"), 1, "each once");
	for (size_t i = 0; i < COUNT(bad); i++) {
		dnsd_teach(d[1], bad[i], bad[i]);
		reply = dns_user_ask_one(&u, bad[i]);
		ok(reply.status == DNS_FAILED || reply.status == DNS_TIMEOUT, "%s", bad[i]);
		same_num(reply.server, 1, bad[i]);
		same_num(dnsd_asked(d[0], bad[i]), 0, "nobody else is asked");
	}
	u.server = 2;
	reply = dns_user_ask_one(&u, "a.example");
	same_num(reply.address[0], FIRST, "no such server: whoever would be asked");
	u.server = DNS_ANY_SERVER;
	dnsd_teach(d[0], "b.example", "servfail");
	dnsd_teach(d[1], "b.example", "127.0.0.2");
	reply = dns_user_ask_one(&u, "b.example");
	same_num(reply.address[0], SECOND, "any server: the next one");
	same_num(reply.server, 1, "and it says so");
	dns_user_end(&u);
	for (unsigned i = 0; i < 2; i++) {
		dnsd_stop(d[i]);
		free(servers[i]);
	}
}

static void
test_all(struct loop *loop, struct dnsd *d)
{
	test_rows(loop, d);
	test_alone(loop);
}

int
main(void)
{
	return dns_check_run(test_all);
}
