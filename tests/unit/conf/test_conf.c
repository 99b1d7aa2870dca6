/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_conf.c - which configurations load, and which line each mistake is said
 * to be in.  Lists, policies and snapshots have tests of their own.
 */
#include "config.h"

#include "conf/conf.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "fakes/conf_user.h"
#include "tap.h"

#define MANY 50000 /* policies */

#define DEFAULT CONF_DEFAULT
#define L80                                        \
	"0123456789012345678901234567890123456789" \
	"0123456789012345678901234567890123456789"

static const struct conf_row rows[] = {
    {"the least", DEFAULT, ""},
    {"empty file", "", "1: there is no default policy"},
    {"only comments", "# nothing\n// here\n/* or\n there */\n",
	"1: there is no default policy"},
    {"only another policy", "policy \"a.example\" { }\n", "1: there is no default policy"},
    {"no last newline", "policy \"default\" { }", ""},
    {"CRLF", "mode = \"shadow\"\r\n" DEFAULT, ""},
    {"comments inside of braces", "policy \"default\" { lists = { # here\n } /* there */ }\n",
	""},
    {"a # in quotes", "policy \"default\" { text = \"# is no comment\" }\n", ""},
    {"slashes in a word", "cache { redis = redis://127.0.0.1 }\n" DEFAULT, ""},
    {"comments do not move lines", "# 1\n# 2\n/* 3\n4 */\nmode = \"no\"\n" DEFAULT,
	"5: mode: must be"},

    {"unknown word", DEFAULT "colour = \"blue\"\n", "2: no such option 'colour'"},
    {"unknown word in a section", "cache {\n\tcolour = 1\n}\n" DEFAULT,
	"2: no such option 'colour'"},
    {"unknown section", DEFAULT "\nrbl \"x\" { }\n", "3: no such option 'rbl'"},
    {"no equal sign", "mode \"shadow\"\n", "1: missing equal sign"},
    {"no title", "policy { }\n", "1: missing title"},
    {"no closing brace", "policy \"default\" {\n\n",
	"1: a brace opened on this line is not closed"},
    {"a brace too many", DEFAULT "}\n", "2: unexpected closing brace"},
    {"a list is not braced closed", "dns { servers = { \"127.0.0.1\" }\n" DEFAULT,
	"1: a brace opened on this line"},
    {"quote not closed", DEFAULT "mode = \"shadow\nlisten = \"x\"\n",
	"2: a quote is not closed on this line"},
    {"single quote not closed", DEFAULT "mode = 'shadow\n",
	"2: a quote is not closed on this line"},
    {"comment not closed", DEFAULT "\n/* and so\non\n", "3: this comment is not closed"},
    {"octal escape", DEFAULT "user = \"\\501\"\n", "2: no escapes are known but"},
    {"environment", DEFAULT "user = \"${HOME}\"\n", "2: write %{word}, not ${word}"},
    {"environment without quotes", DEFAULT "user = ${HOME}\n", "2: write %{word}"},
    {"set twice", DEFAULT "mode = \"shadow\"\n\nmode = \"enforce\"\n",
	"4: mode is set twice, first in line 2"},
    {"a section twice, a list in both",
	DEFAULT "allow { networks = { \"127.0.0.1\" } }\n"
		"allow { networks = { \"::1\", \"127.0.0.2\" } }\n",
	"3: networks is set twice, first in line 2"},
    {"a section twice, other words",
	DEFAULT "cache { memory = \"2M\" }\n"
		"cache { redis = \"redis://127.0.0.1\" }\n",
	""},
    {"set twice in a section", "policy \"default\" {\nrefuse = 3\nrefuse = 4 }\n",
	"3: refuse is set twice, first in line 2"},
    {"control bytes", DEFAULT "user = \"\001\"\n", "0: holds control characters"},

    {"listen: Postfix's order", "listen = \"inet:127.0.0.1:8891\"\n" DEFAULT, ""},
    {"listen: a path", "listen = \"/run/rg.sock\"\n" DEFAULT, ""},
    {"listen: milter and policy delegation",
	"listen = { \"/run/rg.sock\", \"policy:inet:127.0.0.1:1\" }\n" DEFAULT, ""},
    {"listen: the policy alone", "listen = \"policy:unix:/run/p.sock\"\n" DEFAULT, ""},
    {"listen: nothing", "listen = { }\n" DEFAULT, ""},
    {"listen: two milters", "listen = { \"/run/a\",\n\"/run/b\" }\n" DEFAULT,
	"2: listen: there is another socket for that already"},
    {"listen: two policies", "listen = { \"policy:/run/a\", \"policy:/run/b\" }\n" DEFAULT,
	"1: listen: there is another socket for that already"},
    {"listen: both in one place", "listen = { \"/run/a\",\n\"policy:/run/a\" }\n" DEFAULT,
	"2: listen: unix:/run/a is the place of something else"},
    {"listen: a policy's port", "listen = \"policy:inet:127.0.0.1\"\n" DEFAULT, "1: listen: "},
    {"listen: policy of policy", "listen = \"policy:policy:/a\"\n" DEFAULT, "1: listen: "},
    {"listen: no address", "listen = \"inet:8891\"\n" DEFAULT, "1: listen: "},
    {"listen: a name", "listen = \"inet:8891@localhost\"\n" DEFAULT, "1: listen: "},
    {"listen: port", "listen = \"inet:99999@127.0.0.1\"\n" DEFAULT, "1: listen: "},
    {"listen: relative", "listen = \"unix:rg.sock\"\n" DEFAULT, "1: listen: "},
    {"listen: newline", "listen = \"unix:/a\\nb\"\n" DEFAULT, "1: listen: must be printable"},
    {"mode", "mode = \"dry\"\n" DEFAULT, "1: mode: must be"},
    {"deadline without a unit", "deadline = 4\n" DEFAULT, "1: deadline: must be a time"},
    {"deadline too long", "deadline = \"9s\"\n" DEFAULT, "1: deadline: must be a time"},
    {"deadline too short", "deadline = \"99ms\"\n" DEFAULT, "1: deadline: must be a time"},
    {"deadline overflows", "deadline = \"99999999999999999999s\"\n" DEFAULT, "1: deadline: "},
    {"deadline at its bounds", "deadline = \"8000ms\"\n" DEFAULT, ""},
    {"socket_mode", "socket_mode = \"0999\"\n" DEFAULT, "1: socket_mode: "},
    {"socket_mode too large", "socket_mode = \"01777\"\n" DEFAULT, "1: socket_mode: "},
    {"sandbox", "sandbox = maybe\n" DEFAULT, "1: sandbox: must be true or false"},
    {"limits", "limits { sessions = -1 }\n" DEFAULT, "1: sessions: must be a number from 0"},
    {"limits that are none", "limits { inquiries = many }\n" DEFAULT,
	"1: inquiries: must be a number"},
    {"pid_file", "pid_file = \"rg.pid\"\n" DEFAULT, "1: pid_file: must be a path"},
    {"user", "user = \"a b\"\n" DEFAULT, "1: user: must be the name"},

    {"texts: not there", "texts = \"~/none\"\n" DEFAULT, "1: texts: ~/none: No such file"},
    {"texts: relative", "texts = \"texts\"\n" DEFAULT, "1: texts: must be a path"},
    {"a domain in both its forms",
	"policy \"b\xc3\xbc"
	"cher.example\" { }\npolicy \"xn--bcher-kva.example\" { }\n" DEFAULT,
	"2: \"xn--bcher-kva.example\" has the policy \"xn--bcher-kva.example\" already"},
    {"a policy's name that is not UTF-8",
	"policy \"b\xfc"
	"cher.example\" { }\n" DEFAULT,
	"1: policy: must be a name in DNS"},
    {"mta", "mta = \"exim\"\n" DEFAULT,
	"1: mta: must be \"auto\", \"postfix\" or \"sendmail\""},
    {"authserv_id", "authserv_id = \"mx.example\"\n" DEFAULT, ""},
    {"authserv_id that is none", "authserv_id = \"mx; x=y\"\n" DEFAULT,
	"1: authserv_id: must be a name"},
    {"spf", "spf { processes = 256 }\n" DEFAULT, ""},
    {"spf without processes", "spf { processes = 0 }\n" DEFAULT,
	"1: processes: must be a number from 1 to 256"},
    {"spf with too many", "spf {\nprocesses = 257 }\n" DEFAULT, "2: processes: must be"},

    {"redis", "cache { redis = \"redis://redis.example\" }\n" DEFAULT, "1: redis: "},
    {"redis: user alone", "cache {\nuser = \"u\" }\n" DEFAULT, "2: user: is of no use"},
    {"redis: no password file",
	"cache { redis = \"redis://127.0.0.1\"\npassword_file = \"~/none\" }\n" DEFAULT,
	"2: password_file: ~/none: No such file"},
    {"redis: others read the password",
	"cache { redis = \"redis://127.0.0.1\"\npassword_file = \"~/open\" }\n" DEFAULT,
	"2: password_file: ~/open: everybody may read it"},
    {"memory", "cache { memory = \"16X\" }\n" DEFAULT, "1: memory: must be a size"},
    {"a store",
	"store { path = \"/var/lib/relayguard\" keep = 7 size = \"64M\" privacy = \"no-names\" "
	"}\n" DEFAULT,
	""},
    {"store: no path", "store { path = \"here\" }\n" DEFAULT, "1: path: "},
    {"store: no days", "store { keep = 0 }\n" DEFAULT, "1: keep: "},
    {"store: too small", "store { size = \"64K\" }\n" DEFAULT, "1: size: "},
    {"store: privacy", "store { privacy = \"none\" }\n" DEFAULT,
	"1: privacy: must be \"full\" or \"no-names\""},
    {"memory too small", "cache { memory = \"64K\" }\n" DEFAULT, "1: memory: must be a size"},
    {"memory too large", "cache { memory = \"17G\" }\n" DEFAULT, "1: memory: must be a size"},
    {"servers", "dns { servers = {\n\"127.0.0.1\",\n\"dns.example\" } }\n" DEFAULT,
	"3: servers: must be like"},
    {"servers: too many",
	"dns { servers = { \"::1\", \"::1\", \"::1\", \"::1\", \"::1\", \"::1\", \"::1\",\n"
	"\"::1\",\n\"::2\" } }\n" DEFAULT,
	"3: servers: 8 at most"},
    {"servers: public, but nobody minds", "dns { servers = { \"8.8.8.8\" } }\n" DEFAULT, ""},

    {"health", "health { interval = \"0s\" failures = 1 passes = 10 proof = no }\n" DEFAULT,
	""},
    {"health: the shortest interval", "health { interval = \"10s\" }\n" DEFAULT, ""},
    {"health: the longest interval", "health { interval = 24h }\n" DEFAULT, ""},
    {"health: too short", "health {\ninterval = \"9999ms\" }\n" DEFAULT,
	"2: interval: must be a time from 10s to 24h, or 0s"},
    {"health: too long", "health { interval = \"25h\" }\n" DEFAULT, "1: interval: must be"},
    {"health: no unit", "health { interval = 0 }\n" DEFAULT, "1: interval: must be"},
    {"health: no failures", "health { failures = 0 }\n" DEFAULT,
	"1: failures: must be a number from 1 to 10"},
    {"health: too many passes", "health { passes = 11 }\n" DEFAULT,
	"1: passes: must be a number from 1 to 10"},
    {"health: proof", "health { proof = 2 }\n" DEFAULT, "1: proof: must be true"},
    {"health: has no title", "health \"x\" { }\n" DEFAULT, "1: "},
    {"test_entry", "list \"ours\" { test_entry = \"maybe\" }\n" DEFAULT,
	"1: test_entry: must be true"},

    {"allow", "allow { networks = {\n\"192.0.2.0/24\",\n\"192.0.2.1/24\" } }\n" DEFAULT,
	"3: networks: "},
    {"allow: not an address", "allow { networks = { \"example\" } }\n" DEFAULT,
	"1: networks: "},
    {"allow: a name among networks", "allow { networks = { \"partner.example\" } }\n" DEFAULT,
	"1: networks: anybody may use a name"},
    {"allow: a parent among networks",
	"allow { networks = { \".partner.example\" } }\n" DEFAULT,
	"1: networks: anybody may use a name"},
    {"allow: senders and hosts",
	"allow { senders = { \"Partner.example\", \".sub.example.org\", \"gmail.com\" }\n"
	"hosts = { \"mail.partner.example\" } }\n" DEFAULT,
	""},
    {"allow: a public suffix", "allow { senders = {\n\"co.uk\" } }\n" DEFAULT,
	"2: senders: anybody may have a name below that"},
    {"allow: all below one", "allow { hosts = { \".com\" } }\n" DEFAULT, "1: hosts: anybody"},
    {"allow: an address as a name", "allow { hosts = { \"198.51.100.7\" } }\n" DEFAULT,
	"1: hosts: must be like"},
    {"allow: a mailbox", "allow { senders = { \"a@partner.example\" } }\n" DEFAULT,
	"1: senders: must be like"},
    {"allow: a star", "allow { hosts = { \"*.partner.example\" } }\n" DEFAULT,
	"1: hosts: must be like"},
    {"allow: nothing", "allow { senders = { \"\" } }\n" DEFAULT, "1: senders: must be like"},
    {"deny has no senders", "deny { senders = { \"a.example\" } }\n" DEFAULT,
	"1: no such option"},
    {"answer: its words",
	"list \"a\" { zone = \"a.example\" codes = \"sum\"\nanswer \"127.0.0.&2&4\" { category = "
	"\"local\" score = 5 alone = yes unless = { \"127.0.0.10-11\", \"127.0.0.&1\" } } }\n"
	"policy \"default\" { lists = { \"a\" } }\n",
	""},
    {"answer: a number of several bits",
	"list \"a\" { zone = \"a.example\"\nanswer \"127.0.0.&6\" { category = \"local\" score = 5 } }\n"
	"policy \"default\" { lists = { \"a\" } }\n",
	"2: answer: \"127.0.0.&6\" has several bits in 6: write &2&4 for all"},
    {"answer: unless anything",
	"list \"a\" { zone = \"a.example\" codes = \"all\"\nanswer \"127.0.0.2\" { category = "
	"\"local\" score = 5 alone = maybe\nunless = { \"any\" } } }\npolicy \"default\" { lists = { "
	"\"a\" } }\n",
	"1: codes: must be \"highest\" or \"sum\"\n2: alone: must be \n3: unless: \"any\" is not like"},
    {"exempt: patterns",
	"policy \"default\" { exempt = { \"postmaster\", \"*@free.example\",\n\"help?\", \"abuse@*\",\n"
	"\"@free.example\", \"help@.free.example\" } }\n",
	"1: exempt: there are no patterns\n2: exempt: there are no patterns\n"
	"2: exempt: there are no patterns\n3: exempt: must be like\n3: exempt: must be like"},
    {"listen: up", "listen = \"unix:/var/spool/../m\"\n" DEFAULT,
	"1: listen: the path of a socket must not have .. in it"},
    {"all words that are not known, and what else is wrong",
	"spam = \"x\"\nmode = \"dry\" spam = { \"{\", a, \"b\" } user = \"a\"\n"
	"policy \"default\" { refuse = many spam \"{\" {\nlists = { b } }\n"
	"defer = maybe spam += 3 tag = 1 }\nspam {\n}\npolicy \"default\" { }\n",
	"1: no such option 'spam'\n2: no such option 'spam'\n2: mode: must be\n"
	"3: no such option 'spam'\n3: refuse: must be\n5: no such option 'spam'\n"
	"5: defer: must be\n6: no such option 'spam'\n8: found duplicate title 'default'"},
    {"a word that is not known, where nothing follows", "spam\nmode = \"dry\"\n" DEFAULT,
	"1: no such option 'spam'"},
    {"words that are not known, without end",
	"a=1\na=1\na=1\na=1\na=1\na=1\na=1\na=1\na=1\na=1\na=1\na=1\nmode = \"dry\"\n" DEFAULT,
	"1: no such\n2: no such\n3: no such\n4: no such\n5: no such\n6: no such\n7: no such\n"
	"8: no such\n9: no such\n10: no such\n11: no such option 'a'"},
    {"set twice, and a word that is not known",
	"mode = \"shadow\"\nmode = \"enforce\"\nspam = 1\n" DEFAULT,
	"2: mode is set twice, first in line 1\n3: no such option 'spam'"},
    {"a byte order mark", "\xef\xbb\xbfmode = \"shadow\"\n" DEFAULT,
	"1: no such option '\\u00ef\\u00bb\\u00bfmode'"},
    {"a no-break space", "mode\xc2\xa0= \"shadow\"\nmode = \"\xc2\xa0shadow\"\n" DEFAULT,
	"1: no such option 'mode\\u00c2\\u00a0'\n2: mode: must be \"enforce\" or \"shadow\": \"\\u00c2\\u00a0shadow\""},
    {"allow and deny",
	"allow { files = { \"~/nets\" } }\ndeny { files = { \"~/nets\" }\nnetworks = { \"::/0\" } "
	"removal = \"https://x/%{ip}\" }\n" DEFAULT,
	"3: warning: deny: ::/0 is everybody with an IPv6 address"},
    {"deny: all that is wrong",
	"allow { files = { \"~/badnets\", \"~/none\" } }\ndeny { files = { \"~/badnets\" } }\n" DEFAULT,
	"badnets:2: 198.51.100.1/24 has\nbadnets:2: 198.51.100.1/24 has\n1: files: ~/none"},
    {"deny: nothing", "allow {\nfiles = { \"~/nonets\" } }\n" DEFAULT,
	"2: warning: files: ~/nonets holds no network"},
    {"deny: a bad line", "deny {\nfiles = { \"~/nets\", \"~/badnets\" } }\n" DEFAULT,
	"badnets:2: 198.51.100.1/24 has bits set"},
    {"deny: not there", "deny { files = { \"~/none\" } }\n" DEFAULT, "1: files: ~/none"},

    {"a wrong value is told", "mode = \"dry\"\n" DEFAULT,
	"1: mode: must be \"enforce\" or \"shadow\": \"dry\""},
    {"a wrong title is told", DEFAULT "policy \"a b\" { }\n",
	"2: policy: must be a name in DNS: letters, digits, - and _ between dots: \"a b\""},
    {"a wrong sender is told", "allow { senders = {\n\"co.uk\" } }\n" DEFAULT,
	"2: senders: anybody may have a name below that: \"co.uk\""},
    {"a wrong category is told",
	"list \"ours\" { answer \"127.0.0.2\" { category = \"evil\" } }\n" DEFAULT,
	"1: category: is none of the categories that relayguard.conf(5) names: \"evil\""},
    {"a wrong text is told", "policy \"default\" { text = \"%{colour}\" }\n",
	"1: text: the text has a placeholder other than %{ip}, %{domain}, %{list}, %{name}, "
	"%{category}, %{ref}: \"%{colour}\""},
    {"a wrong vote is told", "policy \"default\" { lists = { \"a*0\" } }\n",
	"1: lists: must be a number from 1 to 100: \"a*0\""},
    {"a long value is cut", "listen = \"" L80 "x\"\n" DEFAULT, "1: listen: "},
    {"in the order of lines",
	"policy \"default\" { lists = { \"nowhere\" } }\nallow { networks = { \"x\" } }\n"
	"dns { servers = { \"::1\", \"::1\", \"::1\", \"::1\", \"::1\", \"::1\", \"::1\",\n"
	"\"::1\",\n\"::2\" } }\npolicy \"b.example\" { inherit = \"c\" }\n",
	"1: lists: there\n2: networks: \n5: servers: 8 at most\n6: inherit: there"},

    {"many mistakes",
	"mode = 1\ndeadline = 2\nlist \"ours\" { zone = \"-\"\nipv4 = 3 }\n"
	"policy \"default\" { refuse = x\nlists = { \"nowhere\",\n\"gone\" }\n}\n",
	"1: mode: \n2: deadline: \n4: ipv4: \n5: refuse: \n6: lists: \n7: lists: "},
};

/* What stands in the folder beside the two files of a load. */
static const struct conf_file files[] = {
    {"key", "sekrit-KEY_1\n", 0640},
    {"open", "sekrit\n", 0644},
    {"nets", "198.51.100.0/24 bad\n# none\n", 0644},
    {"nonets", "# emptied\n", 0644},
    {"badnets", "198.51.100.0/24\n198.51.100.1/24\n", 0644},
};

static const struct {
	const char *label;
	const char *registry;
	const char *want; /* after the registry's path */
} registries[] = {
    {"no sections but list", "policy \"default\" { }\n", ":1: no such option 'policy'"},
    {"no words", "\nmode = \"shadow\"\n", ":2: no such option 'mode'"},
    {"unused, but wrong", "list \"x\" {\n ipv4 = 7 }\n", ":2: ipv4: must be true"},
    {"a bad pattern", "# one\n# two\nlist \"x\" { answer \"1\" { } }\n", ":3: answer: "},
};

static void
test_registries(void)
{
	char got[1024];

	for (size_t i = 0; i < sizeof(registries) / sizeof(registries[0]); i++) {
		struct conf *conf =
		    conf_user_load(DEFAULT, registries[i].registry, got, sizeof(got));
		const char *path = conf_user_path("lists.conf");
		size_t len = strlen(path);

		ok(conf == NULL && strncmp(got, path, len) == 0 &&
			strncmp(got + len, registries[i].want, strlen(registries[i].want)) == 0,
		    "registry: %s", registries[i].label);
		conf_unref(&conf);
	}
}

static void
test_files(void)
{
	char got[1024];
	const char *path = "/nonexistent/relayguard.conf";
	FILE *errors;
	struct conf *conf;

	errors = fmemopen(got, sizeof(got), "w");
	conf = conf_load(NULL, path, errors);
	fclose(errors);
	ok(conf == NULL && strstr(got, "No such file") != NULL, "a file that is not there");
	errors = fmemopen(got, sizeof(got), "w");
	conf = conf_load(path, conf_user_path("relayguard.conf"), errors);
	fclose(errors);
	ok(conf == NULL && strstr(got, "No such file") != NULL, "a registry that is not there");
	conf_user_write("wild.conf", DEFAULT, 0666);
	errors = fmemopen(got, sizeof(got), "w");
	conf = conf_load(NULL, conf_user_path("wild.conf"), errors);
	fclose(errors);
	ok(conf == NULL && strstr(got, "everybody may write") != NULL, "a file for everybody");
	errors = fmemopen(got, sizeof(got), "w");
	conf = conf_load(NULL, conf_user_path(""), errors);
	fclose(errors);
	ok(conf == NULL && strstr(got, "not a regular file") != NULL, "a folder");
}

/* The files that are installed load as they are, and trust nobody. */
static void
test_installed(void)
{
	const char *srcdir = getenv("srcdir") != NULL ? getenv("srcdir") : ".";
	char path[512], registry[512], got[1024] = "";
	FILE *errors = fmemopen(got, sizeof(got), "w");
	struct conf *conf;

	snprintf(path, sizeof(path), "%s/etc/relayguard.conf", srcdir);
	snprintf(registry, sizeof(registry), "%s/etc/lists.conf", srcdir);
	conf = conf_load(registry, path, errors);
	fclose(errors);
	same_str(got, "", "installed: nothing to say");
	ok(conf != NULL && conf->roster->n == 0, "installed: loads, and trusts no list");
	conf_unref(&conf);
}

/* Write very many policies, each of which inherits from the last one. */
static void
write_many(const char *path, const char *more)
{
	FILE *file = fopen(path, "w");

	if (file == NULL)
		abort();
	for (unsigned i = 0; i < MANY; i++)
		fprintf(file, "policy \"d%u.example\" { inherit = \"default\" tag = 3 }\n", i);
	fprintf(file, "%spolicy \"default\" { refuse = 7 }\n", more);
	fclose(file);
}

/* So many take about a second of the processor's, and took minutes in the square of it. */
static void
test_many(void)
{
	char path[300], got[1024] = "";
	FILE *errors = fmemopen(got, sizeof(got), "w");
	clock_t begin = clock();
	const struct policy *policy;
	struct conf *conf;

	snprintf(path, sizeof(path), "%s", conf_user_path("many.conf"));
	write_many(path, "");
	conf = conf_load(NULL, path, errors);
	ok(clock() - begin < 20 * (clock_t)CLOCKS_PER_SEC, "many: the time is in proportion");
	policy = conf != NULL ? policies_find(conf->policies, "d7.example") : NULL;
	ok(policy != NULL && policy->refuse == 7 && policy->tag == 3, "many: one of them");
	conf_unref(&conf);
	write_many(path, "policy \"d7.example\" { }\n");
	conf = conf_load(NULL, path, errors);
	fclose(errors);
	ok(conf == NULL &&
		strstr(got, ":50001: found duplicate title 'd7.example', first in line 8\n") !=
		    NULL,
	    "many: one that is there twice: %s", got);
}

static unsigned keywords;
static bool keywords_good = true;

static void
count_keyword(const char *keyword)
{
	keywords++;
	keywords_good &= keyword[0] != '\0' && strncmp(keyword, "root", 4) != 0;
}

int
main(void)
{
	conf_user_begin();
	conf_user_write_all(files, sizeof(files) / sizeof(files[0]));
	CONF_USER_ROWS(rows, CONF_REGISTRY);
	test_registries();
	test_files();
	test_installed();
	test_many();
	conf_keywords(count_keyword);
	ok(keywords > 40 && keywords_good, "keywords are named");
	conf_user_end();
	return done();
}
