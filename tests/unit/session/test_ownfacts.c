/* SPDX-License-Identifier: BSD-2-Clause */
/* test_ownfacts.c - an entry as the answer of a list: its codes, its end, and who has none. */
#include "config.h"

#include "session/ownfacts.h"

#include "base/clock.h"
#include "own/locallist.h"
#include "tap.h"

#define NOW 1795000000

/* A list that has answers for probes and traps, and none for bounces. */
static struct answer answers[] = {
    {.codes = {LOCAL_CODE(LOCAL_PROBE), LOCAL_CODE(LOCAL_PROBE), 0}, .score = 5},
    {.codes = {LOCAL_CODE(LOCAL_TRAP), LOCAL_CODE(LOCAL_TRAP), 0}, .score = 3},
};
static const struct listing list = {.own = true, .nanswers = 2, .answers = answers};

static struct ipaddr
addr_of(const char *text)
{
	struct ipaddr addr;

	if (!ipaddr_parse(&addr, text))
		addr.bits = 0;
	return addr;
}

static struct fact
ask(const struct ownfacts *own, const char *client)
{
	const struct ipaddr addr = addr_of(client);
	struct fact fact;

	ownfacts_find(own, &list, &addr, &fact);
	return fact;
}

static void
test_answers(struct locallist *entries, const struct own_options *options)
{
	const struct ownfacts own = {entries, options}, none = {NULL, options};
	const struct ipaddr probe = addr_of("198.51.100.7"), bounces = addr_of("198.51.100.8");
	struct fact fact;

	locallist_list(entries, &probe, LOCAL_TRAP, "traps", NOW);
	locallist_list(entries, &probe, LOCAL_PROBE, "forms", NOW);
	locallist_list(entries, &probe, LOCAL_BACKSCATTER, "bounces", NOW);
	locallist_list(entries, &bounces, LOCAL_BACKSCATTER, "bounces", NOW);
	fact = ask(&own, "198.51.100.7");
	same_num(fact.state, FACT_LISTED, "listed");
	same_num(fact.source, FACT_FROM_OWN, "by own evidence");
	same_num(fact.ncodes, 2, "for what the list has answers for");
	same_num(fact.code[0], 0x7f000003, "a probe");
	same_num(fact.code[1], 0x7f000004, "and a trap");
	same_num((fact.expires - clock_ms()) / 1000, 86400, "for a day");
	same_num(
	    ask(&own, "198.51.100.8").state, FACT_CLEAR, "a code without an answer is none");
	same_num(ask(&own, "198.51.100.9").state, FACT_CLEAR, "who is not listed is clear");
	same_num(ask(&none, "198.51.100.7").state, FACT_CLEAR, "without a list all are");
	(void)locallist_remove(entries, &probe, NOW);
	same_num(
	    ask(&own, "198.51.100.7").state, FACT_CLEAR, "who was removed is clear at once");
	locallist_list(entries, &probe, LOCAL_PROBE, "forms", NOW);
	clock_advance(INT64_C(86400) * 1000);
	same_num(ask(&own, "198.51.100.7").state, FACT_LISTED, "listed again, for two days");
	clock_advance(INT64_C(86400) * 1000);
	same_num(ask(&own, "198.51.100.7").state, FACT_CLEAR, "and then no more");
}

static void
test_options(struct locallist *entries, struct own_options *options)
{
	const struct ownfacts own = {entries, options};
	const struct ipaddr client = addr_of("192.0.2.25");
	const struct network ours = {addr_of("192.0.2.0"), 24};

	locallist_list(entries, &client, LOCAL_PROBE, "forms", (uint32_t)clock_wall());
	same_num(ask(&own, "192.0.2.25").state, FACT_LISTED, "one of ours is listed");
	options->networks = prefix_new();
	ok(prefix_add(options->networks, &ours, NULL) && prefix_seal(options->networks),
	    "a network");
	same_num(ask(&own, "192.0.2.25").state, FACT_CLEAR, "not if it is excluded");
	prefix_free(options->networks);
	options->networks = NULL;
	options->enabled = false;
	same_num(ask(&own, "192.0.2.25").state, FACT_CLEAR, "nor while nothing is enabled");
}

int
main(void)
{
	struct own_options options = {.enabled = true};
	struct locallist *entries = locallist_new(64);

	clock_freeze(1000, NOW);
	test_answers(entries, &options);
	test_options(entries, &options);
	locallist_free(entries);
	return done();
}
