/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_ownrules.c - the section "own", the list that it feeds, and what is warned of.
 */
#include "config.h"

#include "conf/ownrules.h"

#include <string.h>

#include "fakes/conf_user.h"
#include "tap.h"

#define ENFORCED "list \"local\" { mode = \"enforce\" }\n"
#define POLICY "policy \"default\" { lists = { \"local\" } }\n"
#define STORE "store { path = \"/var/lib/relayguard\" }\n"
#define ANSWERS " answer \"127.0.0.4\" { category = \"trap\" score = 5 } }\n"

static const char REGISTRY[] =
    "list \"local\" { source = \"own\" mode = \"shadow\" ipv6 = true" ANSWERS
    "list \"other\" { zone = \"other.example\"" ANSWERS;

static const struct conf_row rows[] = {
    {"nothing of it", CONF_DEFAULT, ""},
    {"the list, and where it is kept",
	STORE ENFORCED "own { removal = \"https://mx.example/off?ip=%{ip}\" }\n" POLICY, ""},
    {"in shadow it sends nobody away",
	STORE "policy \"default\" { lists = { \"local\" } "
	      "refuse = 0 }\n",
	""},
    {"nowhere to keep it", ENFORCED "own { removal = \"https://mx.example/off\" }\n" POLICY,
	"1: warning: list \"local\" is forgotten at each restart"},
    {"no way off it", STORE ENFORCED POLICY,
	"2: warning: list \"local\": who is refused by it is told no way off it"},
    {"no evidence",
	STORE ENFORCED "own { enabled = false removal = \"https://mx.example/off\" }\n" POLICY,
	"2: warning: list \"local\" has no entries"},
    {"nobody asks", "own { contact = \"abuse@mx.example\" }\n" CONF_DEFAULT,
	"1: warning: own: evidence is collected, and no policy names"},
    {"nobody asks, and nothing is collected", "own { enabled = false }\n" CONF_DEFAULT, ""},
    {"a rule that lists everybody", "own { enabled = false\nforms = 1 }\n" CONF_DEFAULT,
	"2: warning: forms: 1 lists whoever writes"},
    {"a rule that is off", "own { enabled = false forms = 0 }\n" CONF_DEFAULT, ""},
    {"one trap", "own { enabled = false\ntraps = 1 }\n" CONF_DEFAULT,
	"2: traps: must be a number from 2 to 4"},
    {"one hit", "own { enabled = false\ntrap_hits = 1 }\n" CONF_DEFAULT,
	"2: trap_hits: must be a number from 2 to 100"},
    {"shorter and shorter",
	"own { enabled = false\nlifetimes = { \"2d\", \"1d\" } }\n" CONF_DEFAULT,
	"2: warning: lifetimes: who comes again"},
    {"for a month", "own { enabled = false\nlifetimes = { \"30d\" } }\n" CONF_DEFAULT,
	"2: warning: lifetimes: an address may soon be"},
    {"for ever", "own { enabled = false\nlifetimes = { \"365d\" } }\n" CONF_DEFAULT,
	"2: lifetimes: must be a time"},
    {"too many lifetimes",
	"own { enabled = false lifetimes = { \"1d\", \"1d\", \"1d\",\n\"1d\", \"1d\" } }\n" CONF_DEFAULT,
	"2: lifetimes: there are 4 at most"},
    {"no network", "own { enabled = false networks = { \"192.0.2.1/24\" } }\n" CONF_DEFAULT,
	"1: networks:"},
    {"everybody", "own { enabled = false\nnetworks = { \"0.0.0.0/0\" } }\n" CONF_DEFAULT,
	"2: warning: networks: 0.0.0.0/0 is everybody: nobody is ever listed"},
    {"everybody of IPv6", "own { enabled = false\nnetworks = { \"::/0\" } }\n" CONF_DEFAULT,
	"2: warning: networks: ::/0 is everybody with an IPv6 address: none"},
    {"half of the world",
	"own { enabled = false networks = {\n\"128.0.0.0/1\" } }\n" CONF_DEFAULT,
	"2: warning: networks: 128.0.0.0/1 is a very large part"},
    {"much of IPv6", "own { enabled = false networks = {\n\"2a00::/12\" } }\n" CONF_DEFAULT,
	"2: warning: networks: 2a00::/12 is a very large part"},
    {"a large network",
	"own { enabled = false networks = { \"11.0.0.0/8\", \"2a00::/16\" } }\n" CONF_DEFAULT,
	""},
    {"no mailbox", "own { enabled = false contact = \"\" }\n" CONF_DEFAULT, "1: contact:"},
    {"bounces",
	STORE
	"list \"local\" {\nanswer \"127.0.0.6\" { category = \"backscatter\" score = 1 } }\n"
	"policy \"default\" { lists = { \"local\" } refuse = 0 }\n",
	"2: warning: list \"local\": 127.0.0.6 counts against all mail"},
    {"a zone of its own", STORE "list \"local\" {\nzone = \"bl.example\" }\n" POLICY,
	"3: zone: list \"local\" is of own evidence, and has none"},
    {"another list of own evidence",
	STORE "list \"mine\" { source = \"own\" mode = \"shadow\"" ANSWERS
	      "policy \"default\" { lists = { \"mine\" } refuse = 0 }\n",
	""},
    {"one of names",
	"list \"mine\" { source = \"own\" kind = \"domain\"" ANSWERS
	"policy \"default\" {\nlists = { \"mine\" } }\n",
	"1: list \"mine\" is of own evidence, which is about addresses"},
};

static void
test_values(void)
{
	char got[300];
	struct ipaddr inside, outside, teredo;
	struct conf *conf = conf_user_load(STORE ENFORCED
	    "own { removal = \"https://mx.example/off\" lifetimes = { \"1h\", "
	    "\"2h\" } networks = { \"192.0.2.0/24\" } }\n" POLICY,
	    REGISTRY, got, sizeof(got));

	if (!ok(conf != NULL, "it loads: %s", got))
		return;
	same_num(conf->roster->n, 1, "one list");
	ok(conf->roster->list[0]->own && listing_state(conf->roster->list[0]) == LIST_GOOD,
	    "which nobody needs to test");
	same_str(conf->roster->list[0]->removal, "https://mx.example/off", "its URL");
	same_num(conf->own.life[0], 3600, "the first lifetime");
	same_num(conf->own.life[LOCAL_LIVES - 1], 7200, "the last one stands for the rest");
	ok(ipaddr_parse(&inside, "192.0.2.7") && ipaddr_parse(&outside, "198.51.100.7"),
	    "two addresses");
	ok(own_options_exclude(&conf->own, &inside), "one is never listed");
	ok(!own_options_exclude(&conf->own, &outside), "the other may be");
	ok(ipaddr_parse(&teredo, "2001:0:53aa:64c:0:fbfe:2ff5:8f7e") &&
		own_options_exclude(&conf->own, &teredo),
	    "nor is a client of Teredo: all of a server's are in one /64");
	ok(ipaddr_parse(&outside, "2001:1::1") && !own_options_exclude(&conf->own, &outside) &&
		ipaddr_parse(&outside, "2002:c633:6407::1") &&
		!own_options_exclude(&conf->own, &outside),
	    "what is next to it may be, and so may 6to4, which has a /48 for each host");
	conf_unref(&conf);
}

int
main(void)
{
	conf_user_begin();
	CONF_USER_ROWS(rows, REGISTRY);
	test_values();
	conf_user_end();
	return done();
}
