/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_lint.c - what is warned of, and where; and that what is in order is not.
 */
#include "config.h"

#include "lint.h"

#include <stdlib.h>

#include "fakes/conf_user.h"
#include "tap.h"

#define ANSWER(score) \
	" answer \"127.0.0.2\" { category = \"spam-source\" score = " score " } }\n"
#define LIST(label, words, score) \
	"list \"" label "\" { zone = \"" label ".example\" " words ANSWER(score)
#define POLICY(words) "policy \"default\" {\n" words " }\n"

static const struct conf_row rows[] = {
    {"doubled coverage",
	LIST("whole", "contains = { \"half\" }", "5") LIST("half", "", "5")
	    POLICY("lists = { \"whole\",\n\"half\" }"),
	"5: warning: list \"half\" is part of \"whole\""},
    {"doubled coverage, the part first",
	LIST("whole", "contains = { \"half\" }", "5") LIST("half", "", "5")
	    POLICY("lists = { \"half\",\n\"whole\" }"),
	"4: warning: list \"half\" is part of \"whole\""},
    {"doubled by a third",
	LIST("whole", "contains = { \"half\" }", "5") LIST("half", "contains = { \"q\" }", "5")
	    LIST("q", "", "5") POLICY("lists = { \"whole\", \"q\" }"),
	"5: warning: list \"q\" is part of \"whole\""},
    {"two parts of one that is not named",
	LIST("whole", "contains = { \"a\", \"b\" }", "5") LIST("a", "", "5") LIST("b", "", "5")
	    POLICY("lists = { \"a\", \"b\" }"),
	""},

    {"a range that refuses", LIST("r", "scope = \"range\"", "5") POLICY("lists = { \"r\" }"),
	"3: warning: list \"r\" holds whole networks"},
    {"a provider by weight",
	LIST("p", "scope = \"provider\"", "2") POLICY("lists = { \"p*3\" }"),
	"3: warning: list \"p\" holds whole networks"},
    {"a provider that drops",
	LIST("p", "scope = \"provider\"", "5") POLICY("lists = { \"p\" } refuse = 0 drop = 5"),
	"3: warning: list \"p\" holds whole networks"},
    {"a range that defers",
	LIST("r", "scope = \"range\"", "4") LIST("s", "", "5")
	    POLICY("lists = { \"r\", \"s\" } defer = 4"),
	""},
    {"a range that cannot alone",
	LIST("r", "scope = \"range\"", "5") LIST("s", "", "5")
	    POLICY("lists = { \"r\", \"s\" } agree = 2"),
	""},
    {"reports that refuse", LIST("r", "entries = \"reports\"", "5") POLICY("lists = { \"r\" }"),
	"3: warning: list \"r\" holds what anybody reports"},
    {"traps that refuse", LIST("r", "entries = \"traps\"", "5") POLICY("lists = { \"r\" }"),
	""},
    {"reports in shadow",
	LIST("r", "entries = \"reports\" mode = \"shadow\"", "5") LIST("s", "", "5")
	    POLICY("lists = { \"r\", \"s\" }"),
	""},

    {"an heir that refuses where its parent does not",
	LIST("r", "scope = \"range\"", "5") LIST("s", "contains = { \"r\" }", "5") POLICY(
	    "lists = { \"s\",\n\"r\" } refuse = 0 tag = 1") "policy \"b.example\" { inherit = \"default\" refuse = 5 }\n",
	"5: warning: list \"r\" is part of \"s\"\n"
	"5: warning: list \"r\" holds whole networks, and in policy \"b.example\" it refuses"},

    {"agree",
	LIST("a", "", "5") LIST("b", "", "5") POLICY("lists = { \"a\", \"b\" } agree = 2"), ""},
    {"agree: too many",
	LIST("a", "", "5") LIST("b", "", "5") POLICY("lists = { \"a\", \"b\" }\nagree = 3"),
	"5: warning: agree: 3 cannot agree where 2"},
    {"agree: parts of one",
	LIST("a", "contains = { \"b\" }", "5") LIST("b", "", "5")
	    POLICY("lists = { \"a\", \"b\" } agree = 2"),
	"4: warning: agree: 2 cannot agree where 1\n4: warning: list \"b\" is part"},
    {"agree: names of one list",
	LIST("n", "kind = \"domain\"", "5") POLICY("lists = { \"n\" } agree = 2"),
	"3: warning: agree: 2 cannot agree where 1"},
    {"agree: with SPF", LIST("a", "", "5") POLICY("lists = { \"a\" } agree = 2 spf_fail = 3"),
	""},
    {"agree: an allow list does not count",
	LIST(
	    "a", "", "5") "list \"w\" { zone = \"w.example\" kind = \"allow\"\n"
			  "answer \"127.0.0.2\" { category = \"allow\" score = -1 } }\n" POLICY(
			      "lists = { \"a\", \"w\" } agree = 2"),
	"5: warning: agree: 2 cannot agree where 1"},

    {"never reached", LIST("a", "", "2") POLICY("lists = { \"a*2\" }\nrefuse = 5"),
	"4: warning: refuse: 5 is never reached: all lists together come to 4"},
    {"reached by SPF", LIST("a", "", "2") POLICY("lists = { \"a*2\" } spf_softfail = 1"), ""},
    {"never reached by parts",
	LIST("a", "contains = { \"b\" }", "3") LIST("b", "", "3")
	    POLICY("lists = { \"a\", \"b\" }"),
	"3: warning: refuse: 5 is never\n4: warning: list \"b\""},
    {"a list in shadow",
	LIST("a", "mode = \"shadow\"", "5") LIST("b", "", "1")
	    POLICY("lists = { \"a\", \"b\" } defer = 1"),
	"3: warning: refuse: 5 is never reached"},
    {"one threshold of several",
	LIST("a", "", "5") POLICY("lists = { \"a\" } tag = 1\ndrop = 9"),
	"4: warning: drop: 9 is never reached"},

    {"127.0.0.1 in a range",
	"list \"a\" { zone = \"a.example\"\n"
	"answer \"127.0.0.0/24\" { category = \"local\" score = 5 } }\n" POLICY(
	    "lists = { \"a\" }"),
	"1: warning: list \"a\": a range of answers holds 127.0.0.1"},
    {"127.0.0.1 by itself",
	"list \"a\" { zone = \"a.example\"\n"
	"answer \"127.0.0.1\" { category = \"local\" score = 5 } }\n" POLICY(
	    "lists = { \"a\" }"),
	""},
    {"registration",
	LIST("a", "needs = \"registration\"", "5")
	    POLICY("lists = { \"a\" }") "policy \"b.example\" { lists = { \"a\" } }\n",
	"3: warning: list \"a\" answers only those who have registered"},
    {"registration done", "list \"reg\" { needs = \"\" }\n" POLICY("lists = { \"reg\" }"), ""},

    {"elsewhere",
	"list \"a\" {\nzone = \"bl.spamlist.org\"" ANSWER("5") POLICY("lists = { \"a\" }"),
	"2: warning: zone: the list that is known is at \"bl.spamlist.net\""},
    {"elsewhere, by key",
	"list \"a\" {\nzone = \"abc.dq.keylist.org\"" ANSWER("5") POLICY("lists = { \"a\" }"),
	"2: warning: zone: the list that is known is at"},
    {"another list of a known owner",
	"list \"a\" {\nzone = \"new.spamlist.net\"" ANSWER("5") POLICY("lists = { \"a\" }"),
	""},
    {"the zone that is known",
	"list \"a\" {\nzone = \"bl.spamlist.net\"" ANSWER("5") POLICY("lists = { \"a\" }"), ""},
    {"an owner elsewhere",
	"list \"a\" {\nzone = \"other.spamlist.org\"" ANSWER("5") POLICY("lists = { \"a\" }"),
	"2: warning: zone: the list that is known is at \"bl.spamlist.net\""},

    {"a public resolver",
	"dns { servers = { \"127.0.0.1\",\n\"8.8.8.8\" } }\n" POLICY("lists = { \"picky\" }"),
	"2: warning: servers: list \"picky\" refuses the questions of the public resolver"},
    {"a public resolver by port and IPv6",
	"dns { servers = { \"1.1.1.1:53\",\n\"[2620:FE::FE]:53\", \"2001:4860:4860:0::8888\" } }\n" POLICY(
	    "lists = { \"picky\" }"),
	"1: warning: servers:\n2: warning: servers:\n2: warning: servers:"},
    {"a list with servers of its own",
	"list \"picky\" { servers = { \"127.0.0.1\" } }\n"
	"dns { servers = { \"8.8.8.8\" } }\n" POLICY("lists = { \"picky\" }"),
	""},
    {"a list that does not mind",
	LIST("a", "", "5") "dns { servers = { \"9.9.9.9\" } }\n" POLICY("lists = { \"a\" }"),
	""},
};

static const char REGISTRY[] =
    "list \"net\" { zone = \"bl.spamlist.net\" }\n"
    "list \"keylist\" { zone = \"%{key}.dq.keylist.net\" }\n"
    "list \"reg\" { zone = \"reg.example\" needs = \"registration\"" ANSWER(
	"5") "list \"picky\" { zone = \"picky.example\" public_resolvers = false" ANSWER("5");

/* What resolv.conf(5) may look like. */
static const struct {
	const char *label;
	const char *text;
	unsigned line; /* of the warning; 0: none */
} systems[] = {
    {"system: own", "nameserver 127.0.0.1\n", 0},
    {"system: public", "search example\nnameserver 127.0.0.1\nnameserver 8.8.4.4\n", 3},
    {"system: blanks", "nameserver\t 1.0.0.1  # quick\n", 1},
    {"system: a comment", "# nameserver 8.8.8.8\n;nameserver 8.8.8.8\n", 0},
    {"system: IPv6", "nameserver 2606:4700:4700::1111", 1},
    {"system: a zone of an interface", "nameserver fe80::1%eth0\n", 0},
    {"system: no value", "nameserver\nnameserver \n", 0},
    {"system: empty", "", 0},
};

static void
test_systems(struct roster *roster)
{
	const struct word none = {0};

	for (size_t i = 0; i < sizeof(systems) / sizeof(systems[0]); i++) {
		char got[512] = "", want[512] = "";
		FILE *stream = fmemopen(got, sizeof(got), "w");
		struct report *report = report_new(stream);

		conf_user_write("resolv.conf", systems[i].text, 0644);
		lint_resolvers(roster, &none, conf_user_path("resolv.conf"), report);
		report_free(report);
		fclose(stream);
		if (systems[i].line > 0)
			snprintf(want, sizeof(want), "%s:%u: warning: servers: list \"picky\"",
			    conf_user_path("resolv.conf"), systems[i].line);
		if (!ok(strncmp(got, want, strlen(want)) == 0 &&
			    (got[0] == '\0') == (want[0] == '\0'),
			"%s", systems[i].label))
			printf("# %s\n", got);
	}
}

int
main(void)
{
	char got[1024];
	struct conf *conf;

	conf_user_begin();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ok(conf_user_try(&rows[i], REGISTRY), "%s", rows[i].label);
	conf = conf_user_load(
	    "dns { servers = { \"127.0.0.1\" } }\n" POLICY("lists = { \"picky\" }"), REGISTRY,
	    got, sizeof(got));
	if (ok(conf != NULL, "system: a list that minds"))
		test_systems(conf->roster);
	conf_unref(&conf);
	conf_user_end();
	return done();
}
