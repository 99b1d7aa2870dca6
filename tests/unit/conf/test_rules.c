/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_rules.c - policies: what they may say, what they inherit, whose domains
 * they have, and which of their lists count once.
 */
#include "config.h"

#include "conf/rules.h"

#include <stdlib.h>
#include <time.h>

#include "fakes/conf_user.h"
#include "tap.h"

#define DEFAULT CONF_DEFAULT
#define MANY 100000

static const struct conf_row rows[] = {
    {"weight", "policy \"default\" { lists = { \"known*2\" } }\n", ""},
    {"weight of 0", "policy \"default\" { lists = { \"known*0\" } }\n", "1: lists: must be"},
    {"weight too large", "policy \"default\" { lists = { \"known*101\" } }\n", "1: lists: "},
    {"weight of nothing", "policy \"default\" { lists = { \"known*\" } }\n", "1: lists: "},
    {"named twice", "policy \"default\" { lists = { \"known\",\n\"known*2\" } }\n",
	"2: lists: \"known\" is named twice"},
    {"two policies of a name", DEFAULT "policy \"default\" { }\n",
	"2: found duplicate title 'default'"},
    {"but for case", DEFAULT "policy \"a.example\" { }\npolicy \"A.example.\" { }\n",
	"3: \"A.example\" has the policy \"a.example\" already, by line 2"},
    {"name of a policy", DEFAULT "policy \"a b\" { }\n", "2: policy: must be a name"},
    {"name of nothing", DEFAULT "policy \"\" { }\n", "2: policy: its labels"},
    {"subdomains", DEFAULT "policy \".example.com\" { }\n", ""},
    {"refuse", "policy \"default\" { refuse = -1 }\n", "1: refuse: must be a number"},
    {"refuse nothing", "policy \"default\" { lists = { \"known\" } refuse = 0 }\n", ""},
    {"doubt", "policy \"default\" { doubt = \"pass\" }\n", ""},
    {"doubt: a word", "policy \"default\" {\ndoubt = \"never\" }\n",
	"2: doubt: must be \"defer\", \"pass\" or \"refuse\""},
    {"doubt of nothing", "policy \"default\" { doubt = \"\" }\n", "1: doubt: must be"},
    {"defer that never happens", "policy \"default\" {\ndefer = 5 }\n",
	"2: warning: defer: never happens"},
    {"exempt", "policy \"default\" { exempt = { \"postmaster\",\n\"<>\" } }\n",
	"2: exempt: must be like"},
    {"a wide list alone", "policy \"default\" { lists = {\n\"wide*3\" } }\n",
	"2: warning: list \"wide\" holds whole networks"},
    {"a wide list", "policy \"default\" { lists = { \"wide\" } refuse = 3 tag = 1 }\n",
	"1: warning: refuse: 3 is never reached"},

    {"all thresholds",
	"policy \"default\" { lists = { \"known*3\" }\n"
	"tag = 1 defer = 2 quarantine = 4 refuse = 6 drop = 12 }\n",
	""},
    {"tag", "policy \"default\" { tag = -1 }\n", "1: tag: must be a number"},
    {"quarantine", "policy \"default\" { quarantine = x }\n", "1: quarantine: must be"},
    {"drop", "policy \"default\" { drop = 100001 }\n", "1: drop: must be a number"},
    {"drop_code", "policy \"default\" { drop = 9 drop_code = 421 }\n", ""},
    {"drop_code of another kind", "policy \"default\" { drop_code = \"550\" }\n",
	"1: drop_code: must be \"421\" or \"521\""},
    {"refuse_code", "policy \"default\" { refuse_code = 554 }\n", ""},
    {"refuse_code of another kind", "policy \"default\" { refuse_code = 450 }\n",
	"1: refuse_code: must be \"550\" or \"554\""},
    {"drop_at", "policy \"default\" { drop = 9 drop_at = \"connect\" }\n", ""},
    {"drop_at: a word", "policy \"default\" { drop_at = \"helo\" }\n", "1: drop_at: must be"},
    {"drop_at: nothing is dropped", "policy \"default\" {\ndrop_at = \"connect\" }\n",
	"2: warning: drop_at: nothing is dropped"},
    {"drop_at: of another policy",
	DEFAULT "policy \"a.example\" { drop = 9\ndrop_at = \"connect\" }\n",
	"3: drop_at: at connect no recipient is known"},
    {"agree", "policy \"default\" { agree = 0 }\n", "1: agree: must be a number from 1 to 64"},
    {"results", "policy \"default\" { results = maybe }\n", "1: results: must be true"},
    {"spf",
	"policy \"default\" { spf_fail = \"refuse\" spf_softfail = 3\n"
	"spf_permerror = \"defer\" spf_temperror = \"ignore\" refuse = 3 }\n",
	""},
    {"spf: no score", "policy \"default\" { spf_fail = 0 }\n",
	"1: spf_fail: must be \"refuse\""},
    {"spf: too high", "policy \"default\" { spf_softfail = 1001 }\n",
	"1: spf_softfail: must be"},
    {"spf: a word", "policy \"default\" { spf_temperror = \"tag\" }\n",
	"1: spf_temperror: must be"},
    {"spf: below 0", "policy \"default\" { spf_permerror = -1 }\n",
	"1: spf_permerror: must be"},

    {"tag too late", "policy \"default\" {\ntag = 5 }\n",
	"2: warning: tag: never happens, as 5 is refused"},
    {"refuse after drop", "policy \"default\" { drop = 3 }\n",
	"1: warning: refuse: never happens, as 3 is dropped"},
    {"quarantine after refuse", "policy \"default\" { quarantine = 7 }\n",
	"1: warning: quarantine: never happens, as 5 is refused"},
    {"tag after defer", "policy \"default\" { defer = 2 tag = 3 }\n",
	"1: warning: tag: never happens, as 2 is deferred"},

    {"inherit", "policy \"a.example\" { inherit = \"default\" }\n" DEFAULT, ""},
    {"inherit from nobody", DEFAULT "policy \"a.example\" {\ninherit = \"b.example\" }\n",
	"3: inherit: there is no policy \"b.example\""},
    {"inherit from itself", "policy \"default\" { inherit = \"default\" }\n",
	"1: inherit: goes round in a circle"},
    {"inherit in a circle",
	DEFAULT "policy \"a\" { inherit = \"b\" }\npolicy \"b\" { inherit = \"c\" }\n"
		"policy \"c\" { inherit = \"a\" }\n",
	"2: inherit: goes round in a circle\n3: inherit: goes\n4: inherit: goes"},
    {"inherit from a circle",
	DEFAULT "policy \"x.example\" { inherit = \"a\" }\npolicy \"a\" { inherit = \"a\" }\n",
	"2: inherit: leads into a circle\n3: inherit: goes round"},
    {"inherit a mistake",
	DEFAULT
	"policy \"x.example\" { inherit = \"y\" }\npolicy \"y\" { lists = { \"nowhere\" } }\n",
	"3: lists: there is no list"},
    {"inherit the warning of another",
	"policy \"default\" { defer = 5 }\npolicy \"x.example\" { inherit = \"default\" }\n",
	"1: warning: defer: never happens"},

    {"a policy for nobody", DEFAULT "policy \"gold\" {\ninherit = \"default\" }\n",
	"2: warning: policy \"gold\" is for a domain of that name alone"},
    {"a policy to inherit from",
	DEFAULT "policy \"base\" { }\npolicy \"a.example\" { inherit = \"base\" }\n", ""},
    {"a policy for the own machine", DEFAULT "policy \"localhost\" { }\n", ""},
    {"a policy for a whole top level", DEFAULT "policy \".example\" { }\n", ""},

    {"added, and named above",
	"policy \"default\" { lists = { \"known*2\" } }\n"
	"policy \"a.example\" { inherit = \"default\"\nlists += { \"known\" } }\n",
	"3: lists: \"known\" is named twice"},
    {"added to a mistake",
	"policy \"default\" { lists = { \"nowhere\" } }\n"
	"policy \"a.example\" { inherit = \"default\" lists += { \"gone\" } }\n",
	"1: lists: there is no list \"nowhere\"\n2: lists: \"gone\" is dead"},
    {"added in a circle",
	DEFAULT "policy \"a\" { inherit = \"b\" lists += { \"known*2\" } }\n"
		"policy \"b\" { inherit = \"a\" lists += { \"wide*3\" } }\n",
	"2: inherit: goes round in a circle\n3: inherit: goes round in a circle"},
    {"set twice", "policy \"default\" { lists = { \"known*2\" }\nlists = { \"wide\" } }\n",
	"2: lists is set twice, first in line 1"},
    {"exempt twice", "policy \"default\" { exempt = { \"a\" }\nexempt = { \"b\" } }\n",
	"2: exempt is set twice, first in line 1"},
    {"set, then added to",
	"policy \"default\" { lists = { \"known*2\" } lists += { \"wide\" } tag = 2 }\n", ""},

    {"domains", DEFAULT "policy \"gold\" { domains = \"~/gold\" }\n", ""},
    {"domains: not there", DEFAULT "policy \"gold\" {\ndomains = \"~/none\" }\n",
	"3: domains: ~/none: No such file"},
    {"domains: everybody writes", DEFAULT "policy \"gold\" { domains = \"~/wild\" }\n",
	"2: domains: ~/wild: everybody may write"},
    {"domains: none", DEFAULT "policy \"gold\" { domains = \"~/empty\" }\n",
	"2: warning: domains: ~/empty holds none"},
    {"domains: wrong lines", DEFAULT "policy \"gold\" { domains = \"~/bad\" }\n",
	"bad:3: must be a name in DNS\nbad:4: must be a name in DNS"},
    {"domains: of two policies",
	DEFAULT "policy \"gold\" { domains = \"~/gold\" }\n"
		"policy \"silver\" { domains = \"~/silver\" }\n",
	"silver:1: \"A.Gold.example\" has the policy \"gold\" already, by line 2 of ~/gold"},
    {"domains: of a file and a title",
	DEFAULT "policy \"gold\" { domains = \"~/gold\" }\n"
		"policy \"a.gold.example\" { }\n",
	"3: \"a.gold.example\" has the policy \"gold\" already, by line 2 of ~/gold"},
    {"domains: a file twice",
	DEFAULT "policy \"gold\" { domains = \"~/gold\" }\n"
		"policy \"silver\" { domains = \"~/gold\" }\n",
	"gold:2: \"a.gold.example\" has\ngold:5: \".b.gold.example\" has"},
    {"domains: a title that is no domain of its own",
	DEFAULT "policy \"gold.example\" { domains = \"~/gold\" }\n"
		"policy \"x\" { domains = \"~/one\" }\n",
	""},
};

static const struct conf_file files[] = {
    {"gold", "# gold\na.gold.example\n\n  # more\n .b.gold.example.\t# all of b\n", 0644},
    {"silver", "A.Gold.example", 0644},
    {"one", "one.example\r\n", 0644},
    {"wild", "w.example\n", 0666},
    {"empty", "# nobody\n\n", 0644},
    {"bad", "a.example\n\nb example\nc_d!\n", 0644},
};

static const char HEIRS[] =
    "policy \"strict.example\" { inherit = \"base\" refuse = 3 agree = 2 }\n"
    "policy \"default\" { lists = { \"known*2\" } }\n"
    "policy \"base\" { inherit = \"default\" tag = 1 spf_fail = \"refuse\" text = \"base\"\n"
    "	exempt = { \"help\" } results = true spf_softfail = 2 drop_at = \"rcpt\" }\n"
    "policy \"gold\" { inherit = \"strict.example\" domains = \"~/gold\" mode = \"shadow\"\n"
    "	lists = { } quarantine = 2 agree = 1 spf_temperror = \"defer\" }\n";

/* What += adds to, and what becomes of the defaults. */
static const char ADDED[] =
    "policy \"c.example\" { inherit = \"b.example\" lists += { \"wide\" }\n"
    "	exempt += { \"c\" } }\n"
    "policy \"default\" { lists = { \"known*2\" } }\n"
    "policy \"b.example\" { inherit = \"a.example\" exempt += { \"b\" } }\n"
    "policy \"a.example\" { inherit = \"default\" lists += { \"more*3\" }\n"
    "	exempt += { \"a\", \"a2\" } }\n"
    "policy \"d.example\" { exempt += { \"d\" } lists += { \"more\" } refuse = 2 }\n"
    "policy \"e.example\" { inherit = \"a.example\" exempt = { } lists += { } }\n"
    "list \"more\" { zone = \"more.example\" contains += { \"wide\" }\n"
    "	answer \"127.0.0.2\" { category = \"local\" score = 2 } }\n"
    "list \"known\" { servers += { \"127.0.0.2\" } contains += { \"gone\" } }\n"
    "allow { networks += { \"198.51.100.0/24\" } }\n";

static void
same_exempt(const struct conf *conf, const char *domain, const char *want)
{
	const struct policy *policy = policies_find(conf->policies, domain);
	char got[200] = "";
	size_t len = 0;

	for (size_t i = 0; i < policy->nexempt; i++)
		len += (size_t)snprintf(got + len, sizeof(got) - len, "%s ", policy->exempt[i]);
	same_str(got, want, domain);
}

static void
test_added(void)
{
	static const char registry[] =
	    "list \"known\" { zone = \"known.example\"\n"
	    "servers = { \"127.0.0.1\" } contains = { \"wide\" }\n"
	    "answer \"127.0.0.2\" { category = \"local\" score = 3 } }\n"
	    "list \"wide\" { zone = \"wide.example\"\n"
	    "answer \"127.0.0.2\" { category = \"local\" score = 1 } }\n"
	    "list \"gone\" { zone = \"gone.example\" }\n";
	char got[4096];
	struct conf *conf = conf_user_load(ADDED, registry, got, sizeof(got));
	const struct policy *policy;

	printf("# %s\n", got);
	if (!ok(conf != NULL, "added: loads"))
		return;
	same_exempt(conf, "a.example", "postmaster abuse a a2 ");
	same_exempt(conf, "b.example", "postmaster abuse a a2 b ");
	same_exempt(conf, "c.example", "postmaster abuse a a2 b c ");
	same_exempt(conf, "d.example", "postmaster abuse d ");
	same_exempt(conf, "e.example", "");
	policy = policies_find(conf->policies, "c.example");
	same_num(policy->nvotes, 3, "added: lists of three policies");
	same_num(policy->vote[0].weight, 2, "added: those inherited come first");
	same_num(policy->vote[1].weight, 3, "added: and keep their weights");
	same_num(policies_find(conf->policies, "b.example")->nvotes, 2, "added: nothing here");
	same_num(policies_find(conf->policies, "d.example")->nvotes, 1, "added: to nothing");
	same_num(policies_find(conf->policies, "e.example")->nvotes, 2, "added: nothing");
	for (unsigned i = 0; i < conf->roster->n; i++) {
		const struct listing *list = conf->roster->list[i];

		if (strcmp(list->label, "known") != 0)
			continue;
		same_str(list->servers[0], "127.0.0.1", "added: a server of the registry");
		same_str(list->servers[1], "127.0.0.2", "added: and one of the file");
	}
	same_num(
	    (long long)prefix_count(conf->allow.set), 3, "added: to the networks by default");
	conf_unref(&conf);
}

/* What is said of an answer of the registry is added to, or set anew. */
static void
test_answers(void)
{
	static const char registry[] =
	    "list \"a\" { zone = \"a.example\" codes = \"sum\"\n"
	    "answer \"127.0.0.2\" { category = \"local\" score = 5 unless = { \"127.0.0.9\" } }\n"
	    "answer \"127.0.0.3\" { category = \"local\" score = 5 unless = { \"127.0.0.9\" } }\n"
	    "answer \"127.0.0.4\" { category = \"local\" score = 5 alone = yes } }\n";
	static const char text[] =
	    "list \"a\" { answer \"127.0.0.2\" { unless += { \"127.0.0.10\" } }\n"
	    "answer \"127.0.0.3\" { unless = { } }\nanswer \"127.0.0.4\" { score = 3 } }\n"
	    "policy \"default\" { lists = { \"a\" } }\n";
	char got[1024];
	struct conf *conf = conf_user_load(text, registry, got, sizeof(got));
	const struct listing *list;

	same_str(got, "", "answers: nothing to say");
	if (!ok(conf != NULL, "answers: loads"))
		return;
	list = conf->roster->list[0];
	ok(list->sum && list->worst == 13, "answers: added up, by the registry");
	same_num(list->answers[0].nunless, 2, "answers: one more");
	ok(list->answers[0].nunless == 2 && list->answers[0].unless[0].low == 0x7f000009 &&
		list->answers[0].unless[1].low == 0x7f00000a,
	    "answers: behind the other");
	same_num(list->answers[1].nunless, 0, "answers: none any more");
	ok(list->answers[2].alone && !list->answers[0].alone, "answers: alone as before");
	conf_unref(&conf);
}

static void
test_heirs(void)
{
	char got[4096];
	struct conf *conf = conf_user_load(HEIRS, CONF_REGISTRY, got, sizeof(got));
	const struct policy *strict, *gold;

	if (!ok(conf != NULL, "heirs: loads"))
		printf("# %s\n", got);
	if (conf == NULL)
		return;
	strict = policies_find(conf->policies, "strict.example");
	gold = policies_find(conf->policies, "x.b.gold.example");
	same_str(strict->name, "strict.example", "heirs: found by name");
	ok(strict->refuse == 3 && strict->tag == 1 && strict->agree == 2, "heirs: thresholds");
	ok(strict->nvotes == 1 && strict->vote[0].weight == 2, "heirs: lists of the last");
	same_num(strict->spf[SPF_FAIL].effect, SPF_REFUSE, "heirs: spf of the middle");
	ok(strict->spf[SPF_SOFTFAIL].effect == SPF_SCORE &&
		strict->spf[SPF_SOFTFAIL].score == 2,
	    "heirs: a score");
	same_num(strict->spf[SPF_PERMERROR].effect, SPF_IGNORE, "heirs: and nothing");
	same_str(strict->text, "base", "heirs: text");
	ok(strict->nexempt == 1 && strict->results && !strict->shadow, "heirs: the rest");
	same_num(strict->drop_code, 521, "heirs: drop_code");
	same_num(strict->refuse_code, 550, "heirs: refuse_code");
	same_str(gold->name, "gold", "heirs: found by a file");
	same_str(policies_find(conf->policies, "b.gold.example")->name, "default",
	    "heirs: not in the file");
	same_str(policies_find(conf->policies, "gold")->name, "default",
	    "heirs: a title is just a name");
	ok(gold->nvotes == 0 && gold->refuse == 3 && gold->shadow && gold->agree == 1,
	    "heirs: what is set here goes first");
	same_num(gold->spf[SPF_TEMPERROR].effect, SPF_DEFER, "heirs: defer by spf");
	ok(conf->marks && conf->quarantines, "heirs: what the MTA must let us do");
	same_num((long long)conf->nfiles, 1, "heirs: the file is one of those read");
	conf_unref(&conf);
}

#define LIST(label, words)                                         \
	"list \"" label "\" { zone = \"" label ".example\" " words \
	" answer \"127.0.0.2\" { category = \"local\" score = 5 } }\n"

/* a holds b, b holds c; d holds e; f is by itself; g holds a and d. */
static const char GROUPS[] = LIST("a", "contains = { \"b\" }") LIST(
    "b", "contains = { \"c\" }") LIST("c", "") LIST("d", "contains = { \"e\" }") LIST("e",
    "") LIST("f", "") LIST("g",
    "contains = { \"a\", \"d\" }") "policy \"default\" { lists = { \"b\", \"e\", \"f\", \"c\", \"d\" } }\n"
				   "policy \"x\" { lists = { \"f\", \"c\", \"a\" } }\n"
				   "policy \"y\" { lists = { \"c\", \"e\", \"f\", \"g\" } }\n"
				   "policy \"z\" { lists = { \"a\", \"d\" } }\n";

static void
test_groups(void)
{
	static const struct {
		const char *domain;
		unsigned n, want[5];
	} wanted[] = {
	    {"none", 5, {0, 1, 2, 0, 1}},
	    {"x", 3, {0, 1, 1}},
	    {"y", 4, {0, 0, 2, 0}},
	    {"z", 2, {0, 1}},
	};
	char got[4096];
	struct conf *conf = conf_user_load(GROUPS, NULL, got, sizeof(got));

	if (!ok(conf != NULL, "groups: loads"))
		printf("# %s\n", got);
	for (size_t i = 0; conf != NULL && i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		const struct policy *p = policies_find(conf->policies, wanted[i].domain);

		same_num(p->nvotes, wanted[i].n, "groups: votes");
		for (unsigned k = 0; k < wanted[i].n; k++)
			same_num(p->vote[k].group, wanted[i].want[k], "groups: group");
	}
	conf_unref(&conf);
}

static double
seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* All domains of a large file are found; a reload reads it again. */
static void
test_many(void)
{
	FILE *file = fopen(conf_user_path("many"), "w");
	const char *text = "policy \"default\" { }\npolicy \"many\" { domains = \"~/many\" }\n";
	char got[4096], name[64];
	unsigned right = 0;
	struct conf *conf;
	double start;

	if (file == NULL)
		abort();
	for (unsigned i = 0; i < MANY; i++)
		fprintf(file, "customer-%u.example\n", i);
	fclose(file);
	start = seconds();
	conf = conf_user_load(text, NULL, got, sizeof(got));
	printf("# %d domains in %.0f ms\n", MANY, (seconds() - start) * 1e3);
	if (!ok(conf != NULL, "many: loads"))
		return;
	start = seconds();
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "customer-%u.example", i);
		right += strcmp(policies_find(conf->policies, name)->name, "many") == 0;
	}
	printf("# %.0f ns each\n", (seconds() - start) * 1e9 / MANY);
	same_num(right, MANY, "many: all are found");
	conf_unref(&conf);
	conf_user_write("many", "other.example\n", 0644);
	conf = conf_user_load(text, NULL, got, sizeof(got));
	if (!ok(conf != NULL, "many: loads again"))
		return;
	same_str(policies_find(conf->policies, "customer-1.example")->name, "default",
	    "many: what has gone from the file");
	same_str(policies_find(conf->policies, "other.example")->name, "many",
	    "many: what has come");
	conf_unref(&conf);
}

int
main(void)
{
	conf_user_begin();
	conf_user_write_all(files, sizeof(files) / sizeof(files[0]));
	CONF_USER_ROWS(rows, CONF_REGISTRY);
	test_answers();
	test_heirs();
	test_added();
	test_groups();
	test_many();
	conf_user_end();
	return done();
}
