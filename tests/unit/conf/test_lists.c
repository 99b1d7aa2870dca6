/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_lists.c - which lists can be used, what is said of the others, and what
 * they are made into.
 */
#include "config.h"

#include "conf/lists.h"

#include "fakes/conf_user.h"
#include "tap.h"

#define DEFAULT CONF_DEFAULT
#define OURS CONF_OURS
#define USE_OURS CONF_USE_OURS
#define USE_KNOWN "policy \"default\" { lists = { \"known\" } }\n"
#define USE_KEYED "policy \"default\" { lists = { \"keyed\" } refuse = 4 }\n"
#define USE_NAMES "policy \"default\" { lists = { \"names\" } }\n"
#define ANSWER "answer \"127.0.0.2\" { category = \"local\" score = 5 } }\n"
#define Z63 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk"

static const struct conf_row rows[] = {
    {"own list", OURS USE_OURS, ""},
    {"list is not there", "policy \"default\" {\nlists = {\n\"nowhere\" } }\n",
	"3: lists: there is no list \"nowhere\""},
    {"list is dead", "policy \"default\" { lists = {\n \"gone\" } }\n",
	"2: lists: \"gone\" is dead: closed in 2020"},
    {"list is said to live",
	"list \"gone\" { dead = \"\" answer \"127.0.0.2\" { category = \"local\" score = 1 } }\n"
	"policy \"default\" { lists = { \"gone\" } refuse = 1 }\n",
	""},
    {"zone of a dead list",
	"list \"mine\" {\nzone = \"eu.GONE.example.\"\n"
	"answer \"127.0.0.2\" { category = \"local\" score = 1 } }\n"
	"policy \"default\" { lists = { \"mine\" } }\n",
	"2: zone: this list is dead: closed in 2020"},
    {"no zone",
	"\nlist \"ours\" {\nanswer \"127.0.0.2\" { category = \"local\" score = 5 } }\n" USE_OURS,
	"2: list \"ours\" has no zone"},
    {"no answer", "list \"ours\" { zone = \"ours.example\" }\n" USE_OURS,
	"1: list \"ours\" has no answer"},
    {"neither", "list \"ours\" { }\n" USE_OURS,
	"1: list \"ours\" has no answer\n1: list \"ours\" has no zone"},
    {"no zone, but nobody asks", "list \"ours\" { }\n" DEFAULT, ""},
    {"a known list is given another kind",
	"list \"wide\" {\nkind = \"domain\" }\npolicy \"default\" { lists = { \"wide\" } }\n",
	"2: kind: this is known as a list of addresses"},
    {"a known list of domains is given another kind",
	"list \"registered\" {\nkind = \"address\" }\n"
	"policy \"default\" { lists = { \"registered\" } }\n",
	"2: kind: this is known as a list of domains"},
    {"zone is no name", "list \"ours\" {\nzone = \"ours example\" }\n" DEFAULT,
	"2: zone: must be a name in DNS"},
    {"zone with an empty label", "list \"ours\" { zone = \"a..b\" }\n" DEFAULT,
	"1: zone: its labels"},
    {"zone with a long label", "list \"ours\" { zone = \"" Z63 "x.example\" }\n" DEFAULT,
	"1: zone: its labels"},
    {"zone too long for nibbles",
	"list \"ours\" { zone = \"" Z63 "." Z63 "." Z63 ".example\" }\n" DEFAULT, "1: zone: "},
    {"one zone, two labels",
	"list \"ours\" {\nzone = \"KNOWN.example.\"\n"
	"answer \"127.0.0.2\" { category = \"local\" score = 1 } }\n"
	"policy \"default\" { lists = { \"known\", \"ours\" } }\n",
	"2: lists \"known\" and \"ours\" have the same zone"},
    {"a label", "list \"o:urs\" { zone = \"ours.example\" }\n" DEFAULT, "1: list: the name of"},
    {"two lists of a label", OURS OURS DEFAULT, "2: found duplicate title 'ours'"},
    {"boolean", "list \"ours\" { ipv6 = \"maybe\" }\n" DEFAULT, "1: ipv6: must be true"},
    {"removal", "list \"ours\" { removal = \"ours.example\" }\n" DEFAULT,
	"1: removal: must begin with http:// or https://: \"ours.example\""},
    {"removal with a blank", "list \"ours\" { removal = \"http://x/ %{ip}\" }\n" DEFAULT,
	"1: removal: must not have a blank in it: \"http://x/ %{ip}\""},
    {"removal with a placeholder",
	"list \"ours\" { removal = \"http://x/%{colour}\" }\n" DEFAULT, "1: removal: "},
    {"text of 8 bits", "list \"ours\" { text = \"gr\303\274n\" }\n" DEFAULT, "1: text: "},
    {"needs", "list \"ours\" { needs = \"money\" }\n" DEFAULT, "1: needs: must be"},

    {"pattern", "list \"ours\" {\nanswer \"128.0.0.2\" { } }\n" DEFAULT, "2: answer: "},
    {"pattern of errors", "list \"ours\" { answer \"127.255.255.0/24\" { } }\n" DEFAULT,
	"1: answer: "},
    {"pattern twice",
	"list \"ours\" { answer \"127.0.0.2\" { }\nanswer \"127.0.0.2\" { } }\n" DEFAULT,
	"2: found duplicate title"},
    {"category", "list \"ours\" { answer \"127.0.0.2\" {\ncategory = \"evil\" } }\n" DEFAULT,
	"2: category: is none of"},
    {"score", "list \"ours\" { answer \"127.0.0.2\" {\n\nscore = 1001 } }\n" DEFAULT,
	"3: score: must be a number from -1000 to 1000"},
    {"score below", "list \"ours\" { answer \"127.0.0.2\" { score = -1001 } }\n" DEFAULT,
	"1: score: must be"},
    {"score is no number", "list \"ours\" { answer \"127.0.0.2\" { score = 5x } }\n" DEFAULT,
	"1: score: must be"},
    {"neither category nor score",
	"list \"ours\" { zone = \"ours.example\"\nanswer \"127.0.0.2\"\n{ } }\n" USE_OURS,
	"3: this answer has no category\n3: this answer has no score"},

    {"no key", USE_KEYED, "1: list \"keyed\" needs a key"},
    {"key", "list \"keyed\" { key_file = \"~/key\" }\n" USE_KEYED, ""},
    {"own zone without a key", "list \"keyed\" { zone = \"k.example\" }\n" USE_KEYED, ""},
    {"needs a key, all of one file",
	"list \"ours\" { zone = \"a.example\" needs = \"key\" "
	"answer \"127.0.0.2\" { category = \"local\" score = 5 } }\n" USE_OURS,
	"2: list \"ours\" needs a key"},
    {"key without a place", "list \"known\" {\nkey_file = \"~/key\" }\n" USE_KNOWN,
	"2: key_file: the zone has no %{key}"},
    {"key is not there", "list \"keyed\" {\nkey_file = \"~/none\" }\n" USE_KEYED,
	"2: key_file: ~/none: No such file"},
    {"key that others read", "list \"keyed\" { key_file = \"~/open\" }\n" USE_KEYED,
	"1: key_file: ~/open: everybody may read it"},
    {"key that others write", "list \"keyed\" { key_file = \"~/wild\" }\n" USE_KEYED,
	"1: key_file: ~/wild: everybody may write to it"},
    {"key of two lines", "list \"keyed\" { key_file = \"~/twolines\" }\n" USE_KEYED,
	"1: key_file: ~/twolines: holds more than one line"},
    {"key of nothing", "list \"keyed\" { key_file = \"~/empty\" }\n" USE_KEYED,
	"1: key_file: ~/empty: holds nothing"},
    {"key that its group writes", "list \"keyed\" { key_file = \"~/shared\" }\n" USE_KEYED,
	"1: key_file: ~/shared: its group may write to it: its mode must be 0600 or 0640"},
    {"key with dots", "list \"keyed\" { key_file = \"~/dots\" }\n" USE_KEYED,
	"1: key_file: a key is letters"},
    {"key that is too long", "list \"keyed\" { key_file = \"~/longkey\" }\n" USE_KEYED,
	"1: key_file: ~/longkey: its line is too long"},
    {"key that is a folder", "list \"keyed\" { key_file = \"~\" }\n" USE_KEYED,
	"1: key_file: ~: not a regular file"},

    {"kind", "list \"ours\" { kind = \"url\" }\n" DEFAULT, "1: kind: must be \"address\""},
    {"a list of names",
	"list \"names\" { zone = \"n.example\" kind = \"domain\" registered = true\n"
	"test_listed = \"test.example\" test_clear = \"clear.example\" " ANSWER USE_NAMES,
	""},
    {"asks: an address",
	"list \"ours\" { kind = \"domain\" asks = {\n\"address\" } }\n" DEFAULT,
	"2: asks: must be \"helo\", \"name\" or \"sender\""},
    {"asks: of nothing",
	"list \"names\" { zone = \"n.example\" kind = \"domain\"\nasks = { } " ANSWER USE_NAMES,
	"1: asks: of what is missing"},
    {"asks: of an address list",
	"list \"ours\" { zone = \"n.example\"\nasks = { \"helo\" } " ANSWER USE_OURS,
	"2: asks: is not for a list of addresses"},
    {"registered: of an address list",
	"list \"ours\" { zone = \"n.example\"\nregistered = yes " ANSWER USE_OURS,
	"2: registered: is not for a list of addresses"},
    {"test_listed: of an address list",
	"list \"ours\" { zone = \"n.example\"\ntest_listed = \"a.example\" " ANSWER USE_OURS,
	"2: test_listed: is not for a list of addresses"},
    {"test_clear that is no name", "list \"ours\" { test_clear = \"a b\" }\n" DEFAULT,
	"1: test_clear: must be a name"},
    {"ipv6: of names",
	"list \"names\" { zone = \"n.example\" kind = \"domain\"\nipv6 = true " ANSWER
	    USE_NAMES,
	"2: ipv6: is not for a list of domains"},
    {"an address list that is known as one of names",
	"list \"mine\" {\nzone = \"Domains.Example.\" " ANSWER
	"policy \"default\" { lists = { \"mine\" } }\n",
	"2: zone: this is known as a list of domains"},
    {"the same by key",
	"list \"mine\" {\nzone = \"abc123.kdomains.example\" " ANSWER
	"policy \"default\" { lists = { \"mine\" } }\n",
	"2: zone: this is known as a list of domains"},
    {"names asked of an address list",
	"list \"mine\" { kind = \"domain\"\nzone = \"wide.example\" " ANSWER
	"policy \"default\" { lists = { \"mine\" } }\n",
	"2: zone: this is known as a list of addresses"},
    {"an allow list",
	"list \"ours\" { zone = \"w.example\" kind = \"allow\"\n"
	"answer \"127.0.0.2\" { category = \"allow\" score = -2 }\n"
	"answer \"127.0.0.3\" { category = \"allow\" score = 0 } }\n"
	"policy \"default\" { lists = { \"ours\" } refuse = 0 }\n",
	""},
    {"an allow list that speaks against",
	"list \"ours\" { zone = \"w.example\" kind = \"allow\"\n"
	"answer \"127.0.0.2\" { category = \"allow\"\nscore = 1 } }\n" USE_OURS,
	"3: score: a list of kind \"allow\" only speaks for clients"},
    {"scope", "list \"ours\" { scope = \"planet\" }\n" DEFAULT, "1: scope: must be"},
    {"entries", "list \"ours\" { entries = \"hearsay\" }\n" DEFAULT, "1: entries: must be"},
    {"free", "list \"ours\" { free = -1 }\n" DEFAULT, "1: free: must be a number from 0"},
    {"lookup", "list \"ours\" { lookup = \"ours.example\" }\n" DEFAULT,
	"1: lookup: must begin with http"},
    {"public_resolvers", "list \"ours\" { public_resolvers = 2 }\n" DEFAULT,
	"1: public_resolvers: must be true"},
    {"mode of a list", "list \"ours\" { mode = \"quiet\" }\n" DEFAULT, "1: mode: must be"},
    {"contains: no list",
	"list \"ours\" { zone = \"n.example\" contains = { \"known\",\n\"nowhere\" } " ANSWER
	    USE_OURS,
	"2: contains: there is no list \"nowhere\""},
    {"contains: a label", "list \"ours\" { contains = { \"a b\" } }\n" DEFAULT,
	"1: contains: the name of"},
};

static const struct conf_file files[] = {
    {"key", "sekrit-KEY_1\n", 0640},
    {"open", "sekrit\n", 0644},
    {"wild", "sekrit\n", 0602},
    {"twolines", "one\ntwo\n", 0600},
    {"empty", "", 0600},
    {"dots", "a.b\n", 0600},
    {"shared", "sekrit\n", 0660},
    {"longkey", Z63 "l\n", 0600},
};

static const char NAMES[] =
    "list \"names\" { zone = \"n.example\" kind = \"domain\" asks = { \"sender\", \"helo\" }\n"
    "	registered = true test_listed = \"test.example\" scope = \"provider\"\n"
    "	entries = \"research\" free = 300000 public_resolvers = false mode = \"shadow\"\n"
    "	lookup = \"https://n.example/\" " ANSWER
    "list \"three\" { zone = \"t.example\" kind = \"domain\" " ANSWER
    "list \"plain\" { zone = \"p.example\" removal = \"https://p.example/off\"\n"
    "	lookup = \"https://p.example/\" " ANSWER
    "policy \"default\" { lists = { \"names\", \"plain*2\", \"three\" } }\n"
    "policy \"b.example\" { lists = { \"three\" } }\n"
    "dns { servers = { \"127.0.0.1\" } }\n";

static void
test_names(const struct conf *conf)
{
	static const enum role want[] = {
	    ROLE_HELO, ROLE_SENDER, ROLE_ADDRESS, ROLE_HELO, ROLE_NAME, ROLE_SENDER};
	const struct listing *names = conf->roster->list[0], *plain = conf->roster->list[2],
			     *three = conf->roster->list[3];
	const struct policy *policy = policies_find(conf->policies, "");

	for (unsigned i = 0; i < 6; i++)
		same_num(conf->roster->list[i]->role, want[i], "names: role");
	ok(names->kind == KIND_DOMAIN && names->registered, "names: kind");
	ok(!names->ipv4 && !names->ipv6, "names: never asked about an address");
	same_str(names->test_listed, "test.example", "names: test_listed");
	ok(names->test_clear == NULL, "names: no own test_clear");
	ok(names->scope == SCOPE_PROVIDER && names->origin == ORIGIN_RESEARCH, "names: scope");
	ok(names->free_queries == 300000 && !names->public_resolvers, "names: terms");
	ok(names->shadow && !plain->shadow, "names: mode");
	same_str(names->removal, "https://n.example/", "names: a lookup where nobody removes");
	same_str(plain->removal, "https://p.example/off", "names: else the removal");
	ok(names->id == conf->roster->list[1]->id && names->id != three->id,
	    "names: the listings of a label share an id");
	same_num(policy->nvotes, 6, "names: a vote for each");
	same_num((long long)policies_find(conf->policies, "b.example")->lists, 0x38,
	    "names: and in another policy the same");
	ok(policy->vote[0].group == 0 && policy->vote[1].group == 0 &&
		policy->vote[2].group == 2 && policy->vote[5].group == 3,
	    "names: a list weighs once");
	same_num((long long)roster_of(conf->roster, ROLE_SENDER), 0x22, "names: of senders");
}

/* 64 listings are room for 21 lists of three names each, and one more address. */
static void
test_room(unsigned n, bool good)
{
	static char text[16384], got[4096];
	size_t len = 0;
	struct conf *conf;

	for (unsigned i = 0; i < n; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "list \"l%u\" { zone = \"l%u.example\" kind = \"domain\" " ANSWER, i, i);
	len += (size_t)snprintf(
	    text + len, sizeof(text) - len, "%s", "policy \"default\" { lists = {");
	for (unsigned i = 0; i < n; i++)
		len += (size_t)snprintf(
		    text + len, sizeof(text) - len, "%s\"l%u\"", i > 0 ? "," : "", i);
	snprintf(text + len, sizeof(text) - len, "} }\n");
	conf = conf_user_load(text, CONF_REGISTRY, got, sizeof(got));
	ok((conf != NULL) == good, "room: %u lists of names", n);
	ok(good || strstr(got, "more than 64 lists") != NULL, "room: what it is told");
	conf_unref(&conf);
}

int
main(void)
{
	char got[4096];
	struct conf *conf;

	conf_user_begin();
	conf_user_write_all(files, sizeof(files) / sizeof(files[0]));
	CONF_USER_ROWS(rows, CONF_REGISTRY);
	conf = conf_user_load(NAMES, CONF_REGISTRY, got, sizeof(got));
	same_str(got, "", "names: nothing to say");
	if (ok(conf != NULL && conf->roster->n == 6, "names: six listings of three lists"))
		test_names(conf);
	conf_unref(&conf);
	test_room(21, true);
	test_room(22, false);
	conf_user_end();
	return done();
}
