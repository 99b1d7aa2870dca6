/* SPDX-License-Identifier: BSD-2-Clause */
/* test_confirmation.c - what a listing has to stand, and who is asked about it. */
#include "config.h"

#include "health/confirmation.h"

#include "base/clock.h"
#include "dns/dns.h"
#include "fakes/fake_dns.h"
#include "fakes/fake_loop.h"
#include "loop/loop.h"

#include "tap.h"

#define CLIENT "9.100.51.198.zen.example"

static char *servers[] = {
    (char[]){"192.0.2.1"}, (char[]){"192.0.2.2"}, (char[]){"192.0.2.3"}, NULL};
static char zone[] = "zen.example";

static struct listing direct = {.zone = zone, .ipv4 = true, .servers = {zone}}, /* some */
    resolved = {.zone = zone, .ipv4 = true};
static struct loop *loop;

/* What came of it. */
static struct {
	unsigned canaries, same, other;
	enum confirmation_result confirmation;
	bool compared_first;
} seen;

static void
on_confirmed(void *arg, enum confirmation_result confirmation)
{
	(void)arg;
	seen.canaries++;
	seen.confirmation = confirmation;
}

static void
on_compared(void *arg, bool same)
{
	(void)arg;
	seen.same += same;
	seen.other += !same;
	seen.compared_first = seen.canaries == 0;
}

/* The canary, which comes back at once. */
static enum selftest_result canary;

static bool
ask(void *arg, const struct selftest_plan *plan, selftest_done *end, void *selftest)
{
	struct selftest_report report = {.worst = canary};

	(void)arg;
	for (unsigned i = 0; i < plan->ncanaries; i++)
		report.canary[i] = canary;
	end(selftest, &report);
	return true;
}

static void
on_report(void *arg, const struct selftest_report *report)
{
	(void)arg;
	(void)report;
}

static void
on_held(void *arg, struct canary_block block)
{
	(void)arg;
	(void)block;
}

/*
 * What the list says now, a letter for each server, or for TXT and AAAA: l listed, n no
 * such name, e no data, f SERVFAIL, t nothing.  The listing came from the first server.
 */
static const struct {
	const char *label;
	bool direct, types;
	unsigned again;
	enum selftest_result canary;
	const char *says;
	enum confirmation_result confirmation;
	int same; /* 1: it stands; 0: taken back; -1: not compared */
	unsigned asked;
} rows[] = {
    {"direct: it stands", true, false, 1, SELFTEST_GOOD, "nll", CONFIRMED, 1, 1},
    {"direct: the next server is asked", true, false, 1, SELFTEST_GOOD, "lnl", UNCONFIRMED, 0,
	1},
    {"direct: not the one after that", true, false, 1, SELFTEST_GOOD, "lln", CONFIRMED, 1, 1},
    {"direct, twice: but then it is", true, false, 2, SELFTEST_GOOD, "lln", UNCONFIRMED, 0, 2},
    {"direct, twice: it stands", true, false, 2, SELFTEST_GOOD, "nll", CONFIRMED, 1, 2},
    {"direct: no data is taken back, too", true, false, 1, SELFTEST_GOOD, "lel", UNCONFIRMED, 0,
	1},
    {"direct: SERVFAIL says nothing", true, false, 1, SELFTEST_GOOD, "lfl", CONFIRMED, -1, 1},
    {"direct: no answer says nothing", true, false, 1, SELFTEST_GOOD, "ltl", CONFIRMED, -1, 1},
    {"direct, twice: one answer is enough", true, false, 2, SELFTEST_GOOD, "lfl", CONFIRMED, 1,
	2},
    {"direct, twice: one that takes it back, too", true, false, 2, SELFTEST_GOOD, "ltn",
	UNCONFIRMED, 0, 2},
    {"direct: types are of no use there", true, true, 1, SELFTEST_GOOD, "lnl", UNCONFIRMED, 0,
	1},
    {"not asked again", true, false, 0, SELFTEST_GOOD, "nnn", CONFIRMED, -1, 0},
    {"the list lies, and stands by it", true, false, 1, SELFTEST_LISTS_ALL, "lll", REFUTED, -1,
	1},
    {"the list lies, and takes it back", true, false, 1, SELFTEST_LISTS_ALL, "nnn", REFUTED, -1,
	1},
    {"the canary is lost", true, false, 1, SELFTEST_SILENT, "lll", UNCONFIRMED, -1, 1},

    {"resolver: without types it is not asked", false, false, 2, SELFTEST_GOOD, "nn", CONFIRMED,
	-1, 0},
    {"resolver: a TXT is there", false, true, 1, SELFTEST_GOOD, "ln", CONFIRMED, 1, 1},
    {"resolver: none of that type, but the name", false, true, 1, SELFTEST_GOOD, "en",
	CONFIRMED, 1, 1},
    {"resolver: no such name", false, true, 1, SELFTEST_GOOD, "nl", UNCONFIRMED, 0, 1},
    {"resolver, twice: no such name at last", false, true, 2, SELFTEST_GOOD, "en", UNCONFIRMED,
	0, 2},
    {"resolver, twice: it stands", false, true, 2, SELFTEST_GOOD, "el", CONFIRMED, 1, 2},
    {"resolver: SERVFAIL says nothing", false, true, 1, SELFTEST_GOOD, "fl", CONFIRMED, -1, 1},
    {"resolver: the list lies", false, true, 1, SELFTEST_LISTS_ALL, "ll", REFUTED, -1, 1},
};

static struct dns_reply
reply_of(char message)
{
	struct dns_reply reply = {.status = DNS_FOUND, .ttl = 60, .n = 1};

	reply.address[0] = 0x7f000002;
	if (message == 'n' || message == 'e')
		reply = fake_dns_reply(DNS_ABSENT);
	if (message == 'e')
		reply.rcode = DNS_NOERROR;
	if (message == 'f' || message == 't')
		reply = fake_dns_reply(message == 'f' ? DNS_FAILED : DNS_TIMEOUT);
	return reply;
}

static void
teach(bool own, const char *says)
{
	static const enum dns_type types[] = {DNS_TXT, DNS_AAAA};

	fake_dns_reset();
	for (size_t i = 0; says[i] != '\0'; i++) {
		struct dns_reply reply = reply_of(says[i]);

		if (own)
			fake_dns_teach(CLIENT, servers[i], &reply, 20);
		else
			fake_dns_teach_type(types[i], CLIENT, NULL, &reply, 20);
	}
}

static void
test_rows(const struct subject *client)
{
	static const struct canaries_owner owner = {
	    .ask = ask, .doubted = on_report, .held = on_held, .lied = on_report};
	struct dns *own = dns_new(loop, servers, NULL, 0),
		   *common = dns_new(loop, NULL, NULL, 0);
	struct canaries *canaries = canaries_new(loop, &owner);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct listing *list = rows[i].direct ? &direct : &resolved;

		memset(&seen, 0, sizeof(seen));
		canary = rows[i].canary;
		teach(rows[i].direct, rows[i].says);
		canaries_of(canaries, list, 1000);
		confirmation_start(&(struct confirmation_order){
		    .dns = rows[i].direct ? own : common,
		    .canaries = canaries,
		    .list = list,
		    .subject = client,
		    .again = rows[i].again,
		    .types = rows[i].types,
		    .done = on_confirmed,
		    .compared = on_compared,
		});
		fake_loop_pass(loop, 1000);
		same_num(seen.canaries, 1, rows[i].label);
		same_num(seen.confirmation, rows[i].confirmation, rows[i].label);
		same_num(seen.same, rows[i].same == 1, rows[i].label);
		same_num(seen.other, rows[i].same == 0, rows[i].label);
		ok(rows[i].same < 0 || seen.compared_first, "%s: compared first",
		    rows[i].label);
		same_num(fake_dns_asked(CLIENT), rows[i].asked, rows[i].label);
	}
	canaries_free(canaries);
	dns_free(own);
	dns_free(common);
}

/* All that is asked ends: the servers, or the proofs, or there were none. */
static void
test_ends(const struct subject *client)
{
	static const struct canaries_owner owner = {
	    .ask = ask, .doubted = on_report, .held = on_held, .lied = on_report};
	struct dns *dns = dns_new(loop, servers, NULL, 0);
	struct canaries *canaries = canaries_new(loop, &owner);
	struct confirmation_order order = {.dns = dns,
	    .canaries = canaries,
	    .list = &direct,
	    .subject = client,
	    .again = 2,
	    .done = on_confirmed,
	    .compared = on_compared};

	canary = SELFTEST_GOOD;
	canaries_of(canaries, &direct, 1000);
	memset(&seen, 0, sizeof(seen));
	teach(true, "lll");
	confirmation_start(&order);
	same_num(seen.canaries, 0, "ends: questions are open");
	dns_free(dns);
	ok(seen.canaries == 1 && seen.confirmation == CONFIRMED,
	    "ends: as if there were no answers");
	order.dns = NULL;
	confirmation_start(&order); /* too soon for a canary */
	same_num(seen.canaries, 1, "ends: a canary is waited for");
	canaries_free(canaries);
	ok(seen.canaries == 2 && seen.confirmation == UNCONFIRMED, "ends: of all proofs");
	same_num(seen.same + seen.other, 0, "ends: nothing was compared");
}

int
main(void)
{
	static const struct ipaddr address = {.bits = 32, .byte = {198, 51, 100, 9}};
	struct subject client = subject_address(&address);

	loop = loop_new();
	clock_freeze(1000000, 1766300000);
	test_rows(&client);
	test_ends(&client);
	fake_dns_reset();
	loop_free(loop);
	return done();
}
