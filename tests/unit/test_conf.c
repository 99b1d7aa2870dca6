/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_conf.c - which configurations load, what the snapshot then holds, and
 * which line each mistake is said to be in.
 */
#include "config.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf.h"
#include "tap.h"

#define DEFAULT "policy \"default\" { }\n"
#define SHOUT " \"default\" { lists = { "

/* The registry of most rows. */
static const char REGISTRY[] =
    "# the lists we know\n"
    "list \"known\" {\n"
    "	zone = \"known.example\"\n"
    "	name = \"Known\"\n"
    "	removal = \"https://known.example/?ip=%{ip}\"\n"
    "	answer \"127.0.0.2\" { category = \"spam-source\"  score = 4 }\n"
    "	answer \"127.0.0.3\" { category = \"dynamic\"  score = 3  name = \"Known Dial\" }\n"
    "}\n"
    "list \"keyed\" {\n"
    "	zone = \"%{key}.keyed.example\"\n"
    "	needs = \"key\"\n"
    "	answer \"127.0.0.2\" { category = \"spam-source\"  score = 4 }\n"
    "}\n"
    "list \"wide\" {\n"
    "	zone = \"wide.example\"\n"
    "	answer \"127.0.0.2\" { category = \"policy-range\"  score = 2 }\n"
    "}\n"
    "list \"gone\" { zone = \"gone.example\"  dead = \"closed in 2020\" }\n";

#define OURS                                                            \
	"list \"ours\" { zone = \"ours.example\" answer \"127.0.0.2\" " \
	"{ category = \"local\" score = 5 } }\n"
#define USE_OURS "policy \"default\" { lists = { \"ours\" } }\n"
#define USE_KNOWN "policy \"default\" { lists = { \"known\" } }\n"
#define USE_KEYED "policy \"default\" { lists = { \"keyed\" } }\n"
#define Z63 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk"

/* ~ stands for the folder of the test's files.  Each line of want is
 * "LINE: how the text begins" of a line in the main file; "": it loads, silently. */
static const struct {
	const char *label;
	const char *text;
	const char *want;
} rows[] = {
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

    {"redis", "cache { redis = \"redis://redis.example\" }\n" DEFAULT, "1: redis: "},
    {"redis: user alone", "cache {\nuser = \"u\" }\n" DEFAULT, "2: user: is of no use"},
    {"redis: no password file",
	"cache { redis = \"redis://127.0.0.1\"\npassword_file = \"~/none\" }\n" DEFAULT,
	"2: password_file: ~/none: No such file"},
    {"redis: others read the password",
	"cache { redis = \"redis://127.0.0.1\"\npassword_file = \"~/open\" }\n" DEFAULT,
	"2: password_file: ~/open: everybody may read it"},
    {"memory", "cache { memory = \"16X\" }\n" DEFAULT, "1: memory: must be a size"},
    {"memory too small", "cache { memory = \"64K\" }\n" DEFAULT, "1: memory: must be a size"},
    {"memory too large", "cache { memory = \"17G\" }\n" DEFAULT, "1: memory: must be a size"},
    {"servers", "dns { servers = {\n\"127.0.0.1\",\n\"dns.example\" } }\n" DEFAULT,
	"3: servers: must be like"},
    {"servers: too many",
	"dns { servers = { \"::1\", \"::1\", \"::1\", \"::1\", \"::1\", \"::1\", \"::1\",\n"
	"\"::1\",\n\"::2\" } }\n" DEFAULT,
	"3: servers: 8 at most"},
    {"servers: public", "dns { servers = { \"8.8.8.8\" } }\n" DEFAULT, "1: warning: servers:"},

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

    {"own list", OURS USE_OURS, ""},
    {"list is not there", "policy \"default\" {\nlists = {\n\"nowhere\" } }\n",
	"3: lists: there is no list \"nowhere\""},
    {"list is dead", "policy \"default\" { lists = {\n \"gone\" } }\n",
	"2: lists: \"gone\" is dead: closed in 2020"},
    {"list is said to live",
	"list \"gone\" { dead = \"\" answer \"127.0.0.2\" { category = \"local\" score = 1 } }\n"
	"policy \"default\" { lists = { \"gone\" } }\n",
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
	"1: removal: must begin with http"},
    {"removal with a placeholder", "list \"ours\" { removal = \"http://x/%{name}\" }\n" DEFAULT,
	"1: removal: "},
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
    {"key with dots", "list \"keyed\" { key_file = \"~/dots\" }\n" USE_KEYED,
	"1: key_file: a key is letters"},
    {"key that is too long", "list \"keyed\" { key_file = \"~/longkey\" }\n" USE_KEYED,
	"1: key_file: ~/longkey: its line is too long"},
    {"key that is a folder", "list \"keyed\" { key_file = \"~\" }\n" USE_KEYED,
	"1: key_file: ~: not a regular file"},

    {"allow", "allow { networks = {\n\"192.0.2.0/24\",\n\"192.0.2.1/24\" } }\n" DEFAULT,
	"3: networks: "},
    {"allow: not an address", "allow { networks = { \"example\" } }\n" DEFAULT,
	"1: networks: "},
    {"allow and deny",
	"allow { files = { \"~/nets\" } }\ndeny { files = { \"~/nets\" } networks = { \"::/0\" } "
	"removal = \"https://x/%{ip}\" }\n" DEFAULT,
	""},
    {"deny: a bad line", "deny {\nfiles = { \"~/nets\", \"~/badnets\" } }\n" DEFAULT,
	"2: files: ~/badnets:2: "},
    {"deny: not there", "deny { files = { \"~/none\" } }\n" DEFAULT, "1: files: ~/none"},

    {"weight", "policy \"default\" { lists = { \"known*2\" } }\n", ""},
    {"weight of 0", "policy \"default\" { lists = { \"known*0\" } }\n", "1: lists: must be"},
    {"weight too large", "policy \"default\" { lists = { \"known*101\" } }\n", "1: lists: "},
    {"weight of nothing", "policy \"default\" { lists = { \"known*\" } }\n", "1: lists: "},
    {"named twice", "policy \"default\" { lists = { \"known\",\n\"known*2\" } }\n",
	"2: lists: \"known\" is named twice"},
    {"two policies of a name", DEFAULT "policy \"default\" { }\n",
	"2: found duplicate title 'default'"},
    {"but for case", DEFAULT "policy \"a.example\" { }\npolicy \"A.example.\" { }\n",
	"3: policy \"A.example.\" is there twice"},
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
    {"a wide list", "policy \"default\" { lists = { \"wide\" } }\n", ""},

    {"many mistakes",
	"mode = 1\ndeadline = 2\nlist \"ours\" { zone = \"-\"\nipv4 = 3 }\n"
	"policy \"default\" { refuse = x\nlists = { \"nowhere\",\n\"gone\" }\n}\n",
	"1: mode: \n2: deadline: \n4: ipv4: \n5: refuse: \n6: lists: \n7: lists: "},
};

/* What stands in the folder beside the two files of a load. */
static const struct {
	const char *name;
	const char *text;
	mode_t mode;
} files[] = {
    {"key", "sekrit-KEY_1\n", 0640},
    {"open", "sekrit\n", 0644},
    {"wild", "sekrit\n", 0602},
    {"twolines", "one\ntwo\n", 0600},
    {"empty", "", 0600},
    {"dots", "a.b\n", 0600},
    {"longkey", Z63 "l\n", 0600},
    {"nets", "198.51.100.0/24 bad\n# none\n", 0644},
    {"badnets", "198.51.100.0/24\n198.51.100.1/24\n", 0644},
};

static char folder[] = "/tmp/relayguard-conf-XXXXXX";
static char config_path[64], registry_path[64];

static void
write_file(const char *name, const char *text, mode_t mode)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if ((file = fopen(path, "w")) == NULL)
		abort();
	fputs(text, file);
	fclose(file);
	chmod(path, mode);
}

/* Copy text with ~ replaced by the folder. */
static void
unfold(char *out, size_t size, const char *text)
{
	size_t len = 0;

	for (; *text != '\0' && len + sizeof(folder) < size; text++) {
		if (*text == '~')
			len += (size_t)snprintf(out + len, size - len, "%s", folder);
		else
			out[len++] = *text;
	}
	out[len] = '\0';
}

/* Load a text; the lines it got are in out. */
static struct conf *
load(const char *text, const char *registry, char *out, size_t size)
{
	char whole[4096];
	FILE *errors = fmemopen(out, size, "w");
	struct conf *conf;

	unfold(whole, sizeof(whole), text);
	write_file("relayguard.conf", whole, 0644);
	if (registry != NULL)
		write_file("lists.conf", registry, 0644);
	out[0] = '\0';
	conf = conf_load(registry != NULL ? registry_path : NULL, config_path, errors);
	fclose(errors);
	return conf;
}

/* Whether the line got begins as the line wanted, "LINE: text", does. */
static bool
begins(const char *got, const char *want)
{
	char full[1024], unfolded[512];

	unfold(unfolded, sizeof(unfolded), want);
	if (want[0] == '0')
		snprintf(full, sizeof(full), "%s%s", config_path, unfolded + 1);
	else
		snprintf(full, sizeof(full), "%s:%s", config_path, unfolded);
	return strncmp(got, full, strlen(full)) == 0;
}

/* Compare line by line; the plan of a row. */
static bool
compare(char *got, const char *want)
{
	char copy[1024], *gotnext = got, *wantnext = copy, *g, *w;

	snprintf(copy, sizeof(copy), "%s", want);
	for (;;) {
		g = strsep(&gotnext, "\n");
		w = strsep(&wantnext, "\n");
		if (w == NULL || *w == '\0')
			return g == NULL || *g == '\0';
		if (g == NULL || !begins(g, w))
			return false;
	}
}

static void
test_rows(void)
{
	char got[4096], shown[4096];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct conf *conf = load(rows[i].text, REGISTRY, got, sizeof(got));
		bool loads =
		    rows[i].want[0] == '\0' || strstr(rows[i].want, "warning:") != NULL;

		snprintf(shown, sizeof(shown), "%s", got);
		ok((conf != NULL) == loads, "%s: %s", rows[i].label,
		    loads ? "loads" : "does not");
		if (!ok(compare(got, rows[i].want), "%s: what it is told", rows[i].label))
			printf("# got %s\n", shown);
		conf_unref(&conf);
	}
}

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
		struct conf *conf = load(DEFAULT, registries[i].registry, got, sizeof(got));
		size_t len = strlen(registry_path);

		ok(conf == NULL && strncmp(got, registry_path, len) == 0 &&
			strncmp(got + len, registries[i].want, strlen(registries[i].want)) == 0,
		    "registry: %s", registries[i].label);
		conf_unref(&conf);
	}
}

static void
test_files(void)
{
	char got[1024], path[64];
	FILE *errors;
	struct conf *conf;

	snprintf(path, sizeof(path), "%s/absent.conf", folder);
	errors = fmemopen(got, sizeof(got), "w");
	conf = conf_load(NULL, path, errors);
	fclose(errors);
	ok(conf == NULL && strstr(got, "No such file") != NULL, "a file that is not there");
	errors = fmemopen(got, sizeof(got), "w");
	conf = conf_load(path, config_path, errors);
	fclose(errors);
	ok(conf == NULL && strstr(got, "No such file") != NULL, "a registry that is not there");
	write_file("absent.conf", DEFAULT, 0666);
	errors = fmemopen(got, sizeof(got), "w");
	conf = conf_load(NULL, path, errors);
	fclose(errors);
	ok(conf == NULL && strstr(got, "everybody may write") != NULL, "a file for everybody");
	errors = fmemopen(got, sizeof(got), "w");
	conf = conf_load(NULL, folder, errors);
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

static void
test_defaults(void)
{
	char got[1024];
	struct conf *conf = load(DEFAULT, NULL, got, sizeof(got));
	const struct policy *policy;
	struct ipaddr addr;
	struct prefix_match match;

	same_str(got, "", "defaults: nothing to say");
	if (!ok(conf != NULL, "defaults: loads"))
		return;
	same_str(conf->listen, "inet:8891@127.0.0.1", "defaults: listen");
	same_str(conf->listen_postfix, "inet:127.0.0.1:8891", "defaults: Postfix's line");
	same_str(conf->listen_path, NULL, "defaults: no path");
	same_num(conf->socket_mode, 0660, "defaults: socket_mode");
	same_num(conf->deadline_ms, 4000, "defaults: deadline");
	same_num((long long)conf->memory, 16 << 20, "defaults: memory");
	ok(!conf->shadow && !conf->use_redis, "defaults: neither shadow nor redis");
	ok(conf->servers[0] == NULL, "defaults: no servers");
	ok(conf->user == NULL && conf->group == NULL && conf->pid_file == NULL,
	    "defaults: users");
	ok(conf->sandbox, "defaults: sandbox");
	ok(conf->max_sessions == 0 && conf->max_inquiries == 0, "defaults: limits");
	same_num((long long)conf->nfiles, 0, "defaults: no files");
	same_num(conf->roster->n, 0, "defaults: no list is trusted");
	policy = policies_find(conf->policies, "anything.example");
	same_num(policy->refuse, 5, "defaults: refuse");
	same_num(policy->defer, 0, "defaults: defer");
	same_num(policy->doubt, DOUBT_DEFER, "defaults: doubt");
	same_num(conf->health.interval_ms, 600000, "defaults: interval");
	same_num(conf->health.failures, 2, "defaults: failures");
	same_num(conf->health.passes, 3, "defaults: passes");
	ok(conf->health.proof, "defaults: proof");
	same_num((long long)policy->nexempt, 2, "defaults: exempt");
	same_num((long long)prefix_count(conf->allow), 2, "defaults: allow");
	same_num((long long)prefix_count(conf->deny), 0, "defaults: deny");
	ok(ipaddr_parse(&addr, "127.8.9.10") && prefix_find(conf->allow, &addr, &match),
	    "defaults: loopback is allowed");
	conf_unref(&conf);
	ok(conf == NULL, "unref clears the pointer");
}

static const char FULL[] =
    "listen = \"unix:/var/spool/postfix/relayguard/milter.sock\"\n"
    "mode = \"shadow\" deadline = 1500ms user = rg group = rg\n"
    "socket_mode = 0600 socket_group = \"postfix\" pid_file = \"/run/rg.pid\"\n"
    "sandbox = false limits { sessions = 5000 inquiries = 700 }\n"
    "cache { redis = \"redis://127.0.0.1:6380/3\" user = \"rg\" password_file = \"~/key\"\n"
    "	memory = 2M }\n"
    "dns { servers = { \"127.0.0.1\", \"[::1]:5353\" } }\n"
    "health { interval = \"90s\" failures = 3 passes = 1 proof = false }\n"
    "list \"known\" {\n"
    "	name = \"Renamed\" ipv6 = yes servers = { \"127.0.0.1:5353\" }\n"
    "	answer \"127.0.0.3\" { score = 1 }\n"
    "	answer \"127.1.0.&8\" { category = \"open-proxy\" score = -2 text = \"no\" }\n"
    "}\n"
    "list \"keyed\" { key_file = \"~/key\" test_entry = false }\n" OURS
    "allow { networks += { \"198.51.100.7\" } }\n"
    "deny { networks = { \"198.51.100.0/24\" } removal = \"https://x/%{ip}\" }\n"
    "policy \"default\" { lists = { \"known*3\", \"keyed\" } }\n"
    "policy \"Strict.example\" { lists = { \"ours\", \"known\" } refuse = 3 defer = 2\n"
    "	doubt = \"refuse\"\n"
    "	text = \"no\" exempt = { \"Abuse@Strict.example\" } }\n";

static void
test_lists(const struct roster *roster)
{
	const struct listing *known = roster->list[0], *keyed = roster->list[1];

	same_num(roster->n, 3, "full: only the lists that are named");
	same_str(known->label, "known", "full: label");
	same_str(known->name, "Renamed", "full: the file's name wins");
	same_str(known->zone, "known.example", "full: the registry's zone stays");
	same_str(known->removal, "https://known.example/?ip=%{ip}", "full: and its removal");
	ok(known->ipv4 && known->ipv6, "full: asked about both");
	same_str(known->servers[0], "127.0.0.1:5353", "full: own server");
	same_num(known->nanswers, 3, "full: answers are merged");
	same_num(known->answers[0].score, 4, "full: an answer as it was");
	same_num(known->answers[1].score, 1, "full: an answer with another score");
	same_num(known->answers[1].category, CATEGORY_DYNAMIC, "full: and its old category");
	same_str(known->answers[1].name, "Known Dial", "full: and its old name");
	same_num(known->answers[2].bits, 8, "full: an answer more");
	same_num(known->best, -2, "full: best");
	same_num(known->worst, 4, "full: worst");
	same_str(keyed->zone, "sekrit-KEY_1.keyed.example", "full: the key is in the zone");
	same_str(keyed->name, "keyed", "full: a name is the label by default");
	ok(known->test_entry && !keyed->test_entry, "full: test entries");
	ok(known->standing != NULL && keyed->standing != known->standing,
	    "full: each has a standing");
}

/* The key may be in a zone, and nowhere else. */
static void
test_secrecy(const struct conf *conf)
{
	bool leaked = false;

	for (unsigned i = 0; i < conf->roster->n; i++) {
		const struct listing *list = conf->roster->list[i];

		leaked |= strstr(list->label, "sekrit") != NULL;
		leaked |= strstr(list->name, "sekrit") != NULL;
		leaked |= list->removal != NULL && strstr(list->removal, "sekrit") != NULL;
	}
	ok(!leaked && strstr(conf->listen, "sekrit") == NULL, "full: the key is nowhere else");
}

static void
test_full(void)
{
	char got[1024];
	struct conf *conf = load(FULL, REGISTRY, got, sizeof(got));
	const struct policy *policy;
	struct mailbox abuse, other;

	same_str(got, "", "full: nothing to say");
	if (!ok(conf != NULL, "full: loads"))
		return;
	same_str(
	    conf->listen, "unix:/var/spool/postfix/relayguard/milter.sock", "full: listen");
	same_str(conf->listen_postfix, "unix:relayguard/milter.sock", "full: Postfix's line");
	same_str(
	    conf->listen_path, "/var/spool/postfix/relayguard/milter.sock", "full: the path");
	ok(conf->shadow && conf->deadline_ms == 1500, "full: mode and deadline");
	ok(!conf->sandbox, "full: sandbox");
	ok(conf->max_sessions == 5000 && conf->max_inquiries == 700, "full: limits");
	ok(conf->nfiles > 0, "full: files");
	same_num(conf->socket_mode, 0600, "full: socket_mode");
	same_str(conf->socket_group, "postfix", "full: socket_group");
	same_str(conf->pid_file, "/run/rg.pid", "full: pid_file");
	ok(conf->use_redis, "full: redis");
	same_num(conf->redis.port, 6380, "full: its port");
	same_num(conf->redis.db, 3, "full: its database");
	same_str(conf->redis.user, "rg", "full: its user");
	same_str(conf->redis.password, "sekrit-KEY_1", "full: its password");
	same_num((long long)conf->memory, 2 << 20, "full: memory");
	same_str(conf->servers[1], "[::1]:5353", "full: servers");
	ok(conf->servers[2] == NULL, "full: no more servers");
	same_num((long long)prefix_count(conf->allow), 3, "full: += adds to the default");
	same_str(conf->deny_removal, "https://x/%{ip}", "full: removal of deny");
	same_num(conf->health.interval_ms, 90000, "full: interval");
	ok(conf->health.failures == 3 && conf->health.passes == 1 && !conf->health.proof,
	    "full: the rest of health");
	test_lists(conf->roster);
	test_secrecy(conf);
	policy = policies_find(conf->policies, "strict.EXAMPLE");
	same_str(policy->name, "Strict.example", "full: the policy of a domain");
	ok(policy->shadow, "full: shadow for all is shadow for it");
	ok(policy->refuse == 3 && policy->defer == 2, "full: its thresholds");
	same_num(policy->doubt, DOUBT_REFUSE, "full: its doubt");
	same_num(policy->nvotes, 2, "full: its lists");
	same_num(policy->vote[0].list, 2, "full: the first is ours");
	same_num((long long)policy->lists, 5, "full: as bits");
	ok(mailbox_parse(&abuse, "<abuse@strict.example>") && policy_exempts(policy, &abuse),
	    "full: its exempt, whatever its case");
	ok(mailbox_parse(&other, "<postmaster@strict.example>") &&
		!policy_exempts(policy, &other),
	    "full: = replaces the default");
	policy = policies_find(conf->policies, "else.example");
	same_num(policy->vote[0].weight, 3, "full: a weight");
	conf_unref(&conf);
}

/* A list keeps its id as long as its label and zone stay; loads leave nothing
 * behind, good or bad. */
static void
test_reload(void)
{
	static const char *const bad[] = {"mode = \"", "list \"a\" { zone = 5", "colour = 1\n",
	    ("deny { files = { \"~/badnets\" } }\n" DEFAULT), "user = \"\\9\"\n", "}"};
	char got[1024];
	uint32_t first = 0, second = 0;
	atomic_uint *standing = NULL;
	unsigned wrong = 0;

	for (unsigned i = 0; i < 200; i++) {
		struct conf *conf = load(FULL, REGISTRY, got, sizeof(got));
		struct conf *none = load(bad[i % 6], REGISTRY, got, sizeof(got));

		if (conf == NULL || none != NULL) {
			wrong++;
			continue;
		}
		if (i == 0) {
			first = conf->roster->list[0]->id;
			second = conf->roster->list[1]->id;
			standing = conf->roster->list[0]->standing;
			atomic_store(standing, STANDING_DOUBTED);
		}
		wrong +=
		    conf->roster->list[0]->id != first || conf->roster->list[1]->id != second;
		wrong += conf->roster->list[0]->standing != standing;
		conf_install(conf);
	}
	same_num(wrong, 0, "reload: the same each time, after bad files too");
	same_num(atomic_load(standing), STANDING_DOUBTED, "reload: the standing stays");
	ok(first != second, "reload: each list has an id of its own");
	struct conf *moved = load(OURS USE_OURS, REGISTRY, got, sizeof(got));
	struct conf *again = load("list \"known\" { zone = \"other.example\" }\n" USE_KNOWN,
	    REGISTRY, got, sizeof(got));

	ok(moved != NULL && again != NULL && again->roster->list[0]->id != first,
	    "reload: another zone is another id");
	conf_unref(&moved);
	conf_unref(&again);
}

static void
test_references(void)
{
	char got[1024];
	struct conf *conf = load(DEFAULT, NULL, got, sizeof(got)), *held;

	conf_install(conf);
	held = conf_current();
	ok(held == conf, "the current one is what was installed");
	conf_install(load(DEFAULT, NULL, got, sizeof(got)));
	same_num(held->deadline_ms, 4000, "who holds a snapshot keeps it");
	conf_unref(&held);
	conf_install(NULL);
	ok(conf_current() == NULL, "none is current");
}

static unsigned keywords;
static bool keywords_good = true;

static void
count_keyword(const char *keyword)
{
	keywords++;
	keywords_good &= keyword[0] != '\0' && strncmp(keyword, "root", 4) != 0;
}

static void
remove_files(void)
{
	char path[64];

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, files[i].name);
		unlink(path);
	}
	snprintf(path, sizeof(path), "%s/absent.conf", folder);
	unlink(path);
	unlink(config_path);
	unlink(registry_path);
	rmdir(folder);
}

int
main(void)
{
	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(config_path, sizeof(config_path), "%s/relayguard.conf", folder);
	snprintf(registry_path, sizeof(registry_path), "%s/lists.conf", folder);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		write_file(files[i].name, files[i].text, files[i].mode);
	test_rows();
	test_registries();
	test_files();
	test_installed();
	test_defaults();
	test_full();
	test_reload();
	test_references();
	conf_keywords(count_keyword);
	ok(keywords > 40 && keywords_good, "keywords are named");
	remove_files();
	return done();
}
