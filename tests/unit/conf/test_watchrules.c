/* SPDX-License-Identifier: BSD-2-Clause */
/* test_watchrules.c - the section "watch": what may be watched, each once and in one form. */
#include "config.h"

#include "conf/watchrules.h"

#include <stdio.h>
#include <string.h>

#include "base/strbuf.h"
#include "fakes/conf_user.h"
#include "tap.h"

static const char REGISTRY[] = "list \"other\" { zone = \"other.example\" "
			       "answer \"127.0.0.2\" { category = \"phishing\" score = 5 } }";

static const struct conf_row rows[] = {
    {"nothing of it", CONF_DEFAULT, ""},
    {"an address of each family, and a name",
	"watch { addresses = { \"192.0.2.1\", \"2001:db8::1\" } names = { \"mx.example.org\" } "
	"}\n" CONF_DEFAULT,
	""},
    {"a private one", "watch {\naddresses = { \"10.0.0.1\" } }\n" CONF_DEFAULT,
	"2: addresses: is private"},
    {"a network", "watch { addresses = { \"192.0.2.0/24\" } }\n" CONF_DEFAULT,
	"1: addresses: must be an IPv4 or IPv6 address"},
    {"a name for an address", "watch { addresses = { \"mx.example.org\" } }\n" CONF_DEFAULT,
	"1: addresses: must be an IPv4 or IPv6 address"},
    {"an address for a name", "watch { names = { \"192.0.2.1\" } }\n" CONF_DEFAULT,
	"1: names: must be a name in DNS"},
    {"a bare name", "watch { names = { \"localhost\" } }\n" CONF_DEFAULT,
	"1: names: must be a name in DNS"},
    {"twice", "watch { addresses = { \"2001:db8::1\",\n\"2001:DB8:0::1\" } }\n" CONF_DEFAULT,
	"2: warning: addresses: 2001:db8::1 is there twice"},
    {"too often", "watch { every = \"9m\" }\n" CONF_DEFAULT,
	"1: every: must be a time from 10m to 24h"},
    {"too seldom", "watch { every = \"25h\" }\n" CONF_DEFAULT,
	"1: every: must be a time from 10m to 24h"},
    {"some lists", "watch { lists = \"some\" }\n" CONF_DEFAULT,
	"1: lists: must be \"used\" or \"all\""},
};

static void
test_values(void)
{
	char got[300];
	struct conf *conf =
	    conf_user_load("watch { addresses = { \"2001:DB8::1\" } names = { "
			   "\"MX.Example.org.\" } every = \"30m\" }\n" CONF_DEFAULT,
		REGISTRY, got, sizeof(got));

	if (!ok(conf != NULL, "it loads: %s", got))
		return;
	same_num(conf->watch.n, 2, "two are watched");
	same_str(conf->watch.subject[0].text, "2001:db8::1", "an address");
	same_num(conf->watch.subject[0].address.bits, 128, "as such");
	same_str(conf->watch.subject[1].text, "mx.example.org", "a name");
	same_num(conf->watch.subject[1].address.bits, 0, "which is none");
	same_num(conf->watch.every, 1800, "every half an hour");
	conf_unref(&conf);
}

/* As many as there may be, and one more. */
static void
test_bound(void)
{
	static char text[8192];
	char got[300];
	struct conf *conf;
	struct strbuf sb;

	for (int n = WATCH_SUBJECTS_MAX; n <= WATCH_SUBJECTS_MAX + 1; n++) {
		strbuf_init(&sb, text, sizeof(text));
		strbuf_add(&sb, "watch { addresses = { ");
		for (int i = 0; i < n; i++)
			strbuf_addf(&sb, "%s\"192.0.2.%d\"", i > 0 ? ", " : "", i);
		strbuf_add(&sb, " } }\n" CONF_DEFAULT);
		conf = conf_user_load(text, REGISTRY, got, sizeof(got));
		ok((conf != NULL) == (n == WATCH_SUBJECTS_MAX), "%d of them: %s", n, got);
		conf_unref(&conf);
	}
}

#define ANSWER " answer \"127.0.0.2\" { category = \"phishing\" score = 5 } }\n"

static const char KNOWN[] =
    "list \"used\" { zone = \"used.example\" contains = { \"inner\" }" ANSWER
    "list \"inner\" { zone = \"inner.example\"" ANSWER
    "list \"open\" { zone = \"open.example\"" ANSWER
    "list \"part\" { zone = \"part.example\"" ANSWER
    "list \"whole\" { zone = \"whole.example\" contains = { \"part\" }" ANSWER
    "list \"wide\" { zone = \"wide.example\" scope = \"provider\" contains = { \"open\" }" ANSWER
    "list \"names\" { zone = \"names.example\" kind = \"domain\"" ANSWER
    "list \"keyed\" { zone = \"%{key}.keyed.example\" needs = \"key\"" ANSWER
    "list \"asks\" { zone = \"asks.example\" needs = \"registration\"" ANSWER
    "list \"file\" { zone = \"file.example\" servers = { \"127.0.0.1\" }" ANSWER
    "list \"served\" { zone = \"served.example\" servers = { \"127.0.0.1\" }" ANSWER
    "list \"dead\" { zone = \"dead.example\" dead = \"2020: closed\" }\n"
    "list \"own\" { source = \"own\"" ANSWER;

/* The labels of the lists that are tested, each once; those that no policy names in brackets. */
static const char *
tested(const char *text)
{
	static char out[300];
	char got[300];
	struct conf *conf = conf_user_load(text, KNOWN, got, sizeof(got));
	struct strbuf sb;

	strbuf_init(&sb, out, sizeof(out));
	if (!ok(conf != NULL, "it loads: %s", got))
		return "";
	for (unsigned i = 0; i < conf->tested->n; i++) {
		const struct listing *list = conf->tested->list[i];

		if (!roster_repeats(conf->tested, i))
			strbuf_addf(&sb, list->seldom ? "%s(%s)" : "%s%s",
			    sb.len > 0 ? " " : "", list->label);
	}
	same_num(conf->roster->n, 1, "policies use one of them");
	same_num(
	    conf->roster->list[0]->id, conf->tested->list[0]->id, "which is the same list");
	conf_unref(&conf);
	return out;
}

static void
test_lists(void)
{
#define WATCH "watch { addresses = { \"192.0.2.1\" } "
#define MINE "list \"served\" { servers = { \"192.0.2.53\" } }\n"
#define POLICY "policy \"default\" { lists = { \"used\" } refuse = 5 }\n"
	same_str(tested(WATCH "}\n" POLICY), "used (open) (whole) (wide) (names)",
	    "all that are alive and answer everybody, without those that are part of another");
	same_str(tested(WATCH "}\n" MINE POLICY), "used (open) (whole) (wide) (names) (served)",
	    "and those that somebody serves here");
	same_str(tested(WATCH "lists = \"used\" }\n" POLICY), "used", "those that are used");
	same_str(tested(POLICY), "used", "nothing is watched");
}

int
main(void)
{
	conf_user_begin();
	CONF_USER_ROWS(rows, REGISTRY);
	test_values();
	test_lists();
	test_bound();
	conf_user_end();
	return done();
}
