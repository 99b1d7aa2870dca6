/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_spf_real.c - checks of senders by real processes, in virtual time: how often
 * DNS is asked, and what comes of it.
 */
#include "config.h"

#include "spf/spf.h"

#include <string.h>

#include "base/counter.h"
#include "fakes/fake_dns.h"
#include "fakes/spf_services.h"

#include "tap.h"

static struct spf_services w;

/* A tree of too many terms, and what else it takes a real evaluation to see. */
static void
teach_policies(void)
{
	char text[2100];
	char name[32];

	spf_services_teach("tree.example",
	    "v=spf1 include:1.b.example include:2.b.example include:3.b.example -all",
	    DNS_FOUND, 1);
	spf_services_teach("*.b.example",
	    "v=spf1 include:1.c.example include:2.c.example include:3.c.example "
	    "include:4.c.example -all",
	    DNS_FOUND, 1);
	spf_services_teach("*.c.example", "v=spf1 -all", DNS_FOUND, 1);
	strcpy(text, "v=spf1");
	for (unsigned i = 0; i < 98; i++)
		snprintf(
		    text + strlen(text), sizeof(text) - strlen(text), " ip4:203.0.113.%u", i);
	strcat(text, " ip4:198.51.100.7 -all");
	spf_services_teach("long.example", text, DNS_FOUND, 1);
	spf_services_teach("fail.example", "v=spf1 -all", DNS_FOUND, 1);
	spf_services_teach("soft.example", "v=spf1 a:nobody.example ~all", DNS_FOUND, 1);
	spf_services_teach(
	    "void.example", "v=spf1 a:n1.example a:n2.example a:n3.example ~all", DNS_FOUND, 1);
	spf_services_teach("include.example", "v=spf1 include:long.example -all", DNS_FOUND, 1);
	spf_services_teach(
	    "redirect.example", "v=spf1 redirect=fail.example ?all", DNS_FOUND, 1);
	spf_services_teach("down.example", NULL, DNS_FAILED, 1);
	spf_services_teach("odd.example", "v=spf1 exists:%{l}.odd.example -all", DNS_FOUND, 1);
	fake_dns_teach_type(DNS_A, "a+b.odd.example", NULL,
	    &(struct dns_reply){.status = DNS_FAILED, .unsent = true}, 1);
	for (unsigned i = 0; i < 12; i++) {
		snprintf(name, sizeof(name), "chain%u.example", i);
		snprintf(text, sizeof(text), "v=spf1 include:chain%u.example -all", i + 1);
		spf_services_teach(name, text, DNS_FOUND, 1);
	}
	spf_services_teach("chain12.example", "v=spf1 +all", DNS_FOUND, 1);
}

static const struct {
	const char *sender;
	enum spf_result want;
	unsigned questions;
} policies[] = {
    {"a@long.example", SPF_PASS, 1},
    {"a@fail.example", SPF_FAIL, 1},
    {"a@soft.example", SPF_SOFTFAIL, 2},
    {"a@void.example", SPF_PERMERROR, 4},
    {"a@include.example", SPF_PASS, 2},
    {"a@redirect.example", SPF_NEUTRAL, 1},
    {"a@down.example", SPF_TEMPERROR, 1},
    {"a+b@odd.example", SPF_FAIL, 2},
    {"a@nothing.example", SPF_NONE, 1},
    {"a@tree.example", SPF_PERMERROR, 11},
    {"a@chain2.example", SPF_PASS, 11},
    {"a@chain1.example", SPF_PERMERROR, 11},
};

static void
test_real(void)
{
	spf_services_open(&w, 0);
	teach_policies();
	for (size_t i = 0; i < sizeof(policies) / sizeof(policies[0]); i++) {
		uint64_t questions = counter_get(COUNTER_SPF_QUESTIONS);

		same_num(spf_services_result(&w, policies[i].sender), policies[i].want,
		    policies[i].sender);
		same_num((long long)(counter_get(COUNTER_SPF_QUESTIONS) - questions),
		    policies[i].questions, policies[i].sender);
	}
	spf_services_close(&w);
}

int
main(void)
{
	if (!spf_services_begin(&w))
		return 1;
	test_real();
	spf_services_end(&w);
	return done();
}
