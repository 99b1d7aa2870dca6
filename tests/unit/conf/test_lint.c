/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_lint.c - what is warned of, and where; and that what is in order is not.
 */
#include "config.h"

#include "conf/lint.h"

#include <stdlib.h>

#include "conf/lintlist.h"
#include "fakes/conf_user.h"
#include "tap.h"

#define ANSWER CONF_ANSWER
#define LIST CONF_LIST
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
	"4: warning: refuse: 5 is never reached: list \"a\" comes to 4"},
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

    {"idle: less than a list that is enough by itself",
	LIST("a", "", "5") LIST("q", "", "4") POLICY("lists = { \"a\",\n\"q\" }"),
	"5: warning: list \"q\" changes nothing here: it comes to 4, and nothing is done below 5"},
    {"idle: not where it defers",
	LIST("a", "", "5") LIST("q", "", "4") POLICY("lists = { \"a\", \"q\" } defer = 4"), ""},
    {"idle: not with one that needs it",
	LIST("a", "", "5") LIST("q", "", "4") LIST("b", "", "1")
	    POLICY("lists = { \"a\", \"q\", \"b\" }"),
	""},
    {"idle: not with an allow list",
	LIST("a", "", "5") LIST(
	    "q", "", "4") "list \"w\" { zone = \"w.example\" kind = \"allow\"\n"
			  "answer \"127.0.0.2\" { category = \"allow\" score = -1 } }\n" POLICY(
			      "lists = { \"a\", \"q\", \"w\" }"),
	""},
    {"idle: not with SPF",
	LIST("a", "", "5") LIST("q", "", "4") POLICY("lists = { \"a\", \"q\" } spf_fail = 1"),
	""},
    {"idle: not where two must agree",
	LIST("a", "", "5") LIST("q", "", "4") POLICY("lists = { \"a\", \"q\" } agree = 2"), ""},

    {"reach: SPF alone", POLICY("spf_fail = 4"),
	"1: warning: refuse: 5 is never reached: SPF comes to 4"},
    {"reach: SPF alone, and enough", POLICY("spf_fail = 4 spf_permerror = 5"), ""},
    {"reach: SPF that refuses", POLICY("spf_fail = \"refuse\""), ""},
    {"reach: agree with SPF alone", POLICY("spf_fail = 5\nagree = 2"),
	"3: warning: agree: 2 cannot agree where 1 can speak"},
    {"reach: a list and SPF", LIST("a", "", "2") POLICY("lists = { \"a\" } spf_fail = 1"),
	"2: warning: refuse: 5 is never reached: list \"a\" and SPF together come to 3"},
    {"reach: two lists",
	LIST("a", "", "2") LIST("b", "", "1") POLICY("lists = { \"a\", \"b\" }"),
	"3: warning: refuse: 5 is never reached: lists \"a\" and \"b\" together come to 3"},
    {"reach: many lists",
	LIST("a", "", "1") LIST("b", "", "1") LIST("c", "", "1") LIST("d", "", "1")
	    POLICY("lists = { \"a\", \"b\", \"c\", \"d\" }"),
	"5: warning: refuse: 5 is never reached: lists \"a\", \"b\", \"c\" and 1 more together "
	"come to 4"},
    {"agree: mere reports are no voice",
	LIST("a", "", "5") LIST("r", "entries = \"reports\"", "5")
	    POLICY("lists = { \"a\", \"r\" }\nagree = 2"),
	"5: warning: agree: 2 cannot agree where 1 can speak"},

    {"added to what is inherited, doubled",
	LIST("whole", "contains = { \"half\", \"more\" }", "5") LIST("half", "", "5")
	    LIST("more", "", "5") POLICY(
		"lists = { \"whole\", \"half\" }") "policy \"b.example\" { inherit = \"default\"\nlists += { \"more\" } }\n",
	"5: warning: list \"half\" is part of\n7: warning: list \"more\" is part of"},
    {"added to its own part",
	LIST("whole", "contains = { \"half\" }", "5") LIST("half", "", "5") POLICY(
	    "lists = { \"half\" }") "policy \"b.example\" { inherit = \"default\"\nlists += { \"whole\" } }\n",
	"6: warning: list \"half\" is part of \"whole\""},
    {"decides where it is added",
	LIST("a", "", "5") LIST("r", "scope = \"range\"", "5") POLICY(
	    "lists = { \"r\" } agree = 1") "policy \"b.example\" { inherit = \"default\" lists += { \"a\" } }\n",
	"4: warning: list \"r\" holds whole networks, and here it refuses\n"
	"4: warning: list \"r\" holds whole networks, and in policy \"b.example\" it refuses"},

    {"drop at connect, whatever others say",
	POLICY(
	    "drop = 9\ndrop_at = \"connect\"") "policy \"a.example\" { drop = 9 }\n"
					       "policy \"b.example\" { }\npolicy \"c.example\" { mode = \"shadow\" drop = 9 }\n",
	"3: warning: drop_at: at connect, clients are kept from the recipients of policy "
	"\"b.example\" (and of 1 more) too"},
    {"drop at connect, and others drop sooner",
	POLICY("drop = 9 drop_at = \"connect\"") "policy \"a.example\" { drop = 8 }\n", ""},
    {"drop at connect, in shadow",
	POLICY("drop = 9 drop_at = \"connect\" mode = \"shadow\"") "policy \"a.example\" { }\n",
	""},
    {"drop at connect by a list that another does not have",
	LIST("a", "", "9") POLICY(
	    "lists = { \"a\" } drop = 9\ndrop_at = \"connect\"") "policy \"a.example\" { drop = 9 }\n",
	"4: warning: drop_at: at connect, clients are kept from the recipients of policy "
	"\"a.example\" too, which is milder"},

    {"a key in the zone",
	"list \"keylist\" {\nzone = \"sekrit.dq.keylist.net\"" ANSWER("5")
	    POLICY("lists = { \"keylist\" }"),
	"2: warning: zone: a key in here can be read by whoever reads this file: write "
	"\"%{key}.dq.keylist.net\", and put it into a key_file"},
    {"a key in the zone of a list of another name",
	"list \"mine\" {\nzone = \"sekrit.DQ.keylist.net.\"" ANSWER("5")
	    POLICY("lists = { \"mine\" }"),
	"2: warning: zone: a key in here"},
    {"a zone beside that of a key",
	"list \"mine\" {\nzone = \"other.keylist.net\"" ANSWER("5")
	    POLICY("lists = { \"mine\" }"),
	""},
    {"a dead list under another name",
	"list \"mine\" {\nzone = \"dnsbl.closed.org\"" ANSWER("5")
	    POLICY("lists = { \"mine\" }"),
	"2: warning: zone: the list that is known is at \"closed.net\", and is dead: 2024: emptied"},

    {"a public resolver of a list's own",
	"list \"picky\" {\nservers = { \"127.0.0.1\",\n\"9.9.9.9\" } }\n" POLICY(
	    "lists = { \"picky\" }"),
	"3: warning: servers: list \"picky\" refuses the questions of the public resolver 9.9.9.9"},
    {"several lists that mind",
	"dns { servers = { \"8.8.8.8\" } }\n" LIST("q", "public_resolvers = false", "5")
	    LIST("n", "kind = \"domain\" public_resolvers = no", "5")
		POLICY("lists = { \"q\", \"n\", \"picky\" }"),
	"1: warning: servers: lists \"q\", \"n\" and \"picky\" refuse the questions"},

    {"nobody is exempt", POLICY("refuse = 0\nexempt = { }"),
	"1: warning: exempt: postmaster is not among them"},
    {"postmaster is not exempt", POLICY("exempt = { \"abuse\",\n\"postmaster2\" }"),
	"2: warning: exempt: postmaster is not among them"},
    {"an heir's postmaster is not exempt",
	POLICY("") "policy \"b.example\" { inherit = \"default\"\nexempt = { \"abuse\" } }\n"
		   "policy \"c.example\" { inherit = \"b.example\" }\n",
	"4: warning: exempt: postmaster is not among them"},
    {"postmaster of a domain", POLICY("exempt = { \"Postmaster@a.example\" }"), ""},
    {"more are exempt", POLICY("exempt += { \"help\" }"), ""},

    {"all are allowed", "allow { networks = { \"127.0.0.1\",\n\"0.0.0.0/0\" } }\n" POLICY(""),
	"2: warning: allow: 0.0.0.0/0 is everybody"},
    {"all of IPv6, and one network besides",
	"allow { networks = { \"::/0\", \"::/8\" } }\n" POLICY(""),
	"1: warning: allow: ::/0 is everybody with an IPv6 address\n"
	"1: warning: allow: ::/8 is a very large part"},
    {"all in a file", "allow {\nfiles = { \"~/all\" } }\n" POLICY(""),
	"all:1: warning: allow: 0.0.0.0/0 is"},
    {"all are denied", "deny { networks = { \"0.0.0.0/0\",\n\"::/0\" } }\n" POLICY(""),
	"1: warning: deny: 0.0.0.0/0 is everybody: all mail is refused\n"
	"2: warning: deny: ::/0 is everybody with an IPv6 address: all of them are refused"},
    {"very many are allowed",
	"allow { networks = { \"10.0.0.0/8\", \"0.0.0.0/1\",\n\"2000::/15\" } }\n" POLICY(""),
	"1: warning: allow: 0.0.0.0/1 is a very large\n2: warning: allow: 2000::/15 is"},
    {"many", "allow { networks = { \"10.0.0.0/8\", \"2000::/16\" } }\n" POLICY(""), ""},
    {"private ones are denied",
	"deny { networks = { \"11.0.0.0/8\", \"10.9.0.0/16\",\n\"127.0.0.0/8\",\n\"fe80::/64\" } }\n" POLICY(
	    ""),
	"1: warning: deny: 10.9.0.0/16 holds private\n2: warning: deny: 127.0.0.0/8 holds\n"
	"3: warning: deny: fe80::/64 holds"},
};

static const char REGISTRY[] =
    "list \"net\" { zone = \"bl.spamlist.net\" }\n"
    "list \"closed\" { zone = \"closed.net\" dead = \"2024: emptied\" }\n"
    "list \"keylist\" { zone = \"%{key}.dq.keylist.net\" }\n"
    "list \"reg\" { zone = \"reg.example\" needs = \"registration\"" ANSWER(
	"5") "list \"picky\" { zone = \"picky.example\" public_resolvers = false" ANSWER("5");

#define LETTERS10 "abcdefghij"
#define LETTERS40 LETTERS10 LETTERS10 LETTERS10 LETTERS10
#define NOBODY POLICY("lists = { }")

/* What a refusal has no room for; 176 bytes of a text are beside the codes and Ref. */
static const struct conf_row texts[] = {
    {"text: as much as there is room for",
	"policy \"default\" { lists = { }\ntext = \"" LETTERS40 LETTERS40 LETTERS40 LETTERS40
	    LETTERS10 "123456\" }\n",
	""},
    {"text: a byte more",
	"policy \"default\" { lists = { }\ntext = \"" LETTERS40 LETTERS40 LETTERS40 LETTERS40
	    LETTERS10 "1234567\" }\n",
	"2: warning: text: its first line may have 201 bytes, and 200 are sent"},
    {"text: the second line",
	"policy \"default\" { lists = { }\ntext = \"a\\n" LETTERS40 LETTERS40 LETTERS40
	    LETTERS40 LETTERS40 "\" }\n",
	""},
    {"text: by what fills it", LIST("l", "text = \"%{name} %{domain} %{list}\"", "5") NOBODY,
	"1: warning: text: its first line may have 218 bytes"},
    {"text: of an answer",
	"list \"l\" { zone = \"l.example\" answer \"127.0.0.2\" { category = \"local\"\n"
	"score = 5\ntext = \"%{name} %{domain} %{list}\" } }\n" NOBODY,
	"3: warning: text: its first line"},
    {"text: a URL between blanks",
	"policy \"default\" { lists = { }\ntext = \"https://x/ a https://x/b\\nhttp://y/\" }\n",
	""},
    {"text: a URL with a dot",
	"policy \"default\" { lists = { } text = \"See https://x/.\" }\n",
	"1: warning: text: a URL in it does not stand between blanks"},
    {"text: a URL in brackets",
	"policy \"default\" { lists = { } text = \"a\\nSee (https://x/ b\" }\n",
	"1: warning: text: a URL in it does not stand"},
    {"url: as much as there is room for",
	LIST("l", "removal = \"https://" LETTERS40 LETTERS10 LETTERS10 "1234567%{ip}\"", "5")
	    NOBODY,
	""},
    {"url: a byte more",
	LIST("l", "removal = \"https://" LETTERS40 LETTERS10 LETTERS10 "12345678%{ip}\"", "5")
	    NOBODY,
	"1: warning: removal: it may have 91 bytes: above 90"},
    {"url: with IPv6",
	LIST("l", "ipv6 = true lookup = \"https://" LETTERS10 LETTERS10 LETTERS10 "%{ip}\"",
	    "5") NOBODY,
	"1: warning: lookup: it may have 91 bytes"},
    {"url: of deny",
	"deny { removal = \"https://" LETTERS10 LETTERS10 LETTERS10 "%{ip}\" }\n" NOBODY,
	"1: warning: removal: it may have 91 bytes"},
};

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
		lintlist_resolvers(roster, &none, conf_user_path("resolv.conf"), report);
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
	conf_user_write("all", "0.0.0.0/0 # all\n", 0644);
	CONF_USER_ROWS(rows, REGISTRY);
	CONF_USER_ROWS(texts, REGISTRY);
	conf = conf_user_load(
	    "dns { servers = { \"127.0.0.1\" } }\n" POLICY("lists = { \"picky\" }"), REGISTRY,
	    got, sizeof(got));
	if (ok(conf != NULL, "system: a list that minds"))
		test_systems(conf->roster);
	conf_unref(&conf);
	conf_user_end();
	return done();
}
