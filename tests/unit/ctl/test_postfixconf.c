/* SPDX-License-Identifier: BSD-2-Clause */
/* test_postfixconf.c - items of lists, settings of services, and times, as Postfix has them. */
#include "config.h"

#include "ctl/postfixconf.h"

#include <string.h>

#include "base/strbuf.h"
#include "tap.h"

/* A list, and its items with "|" between. */
static const struct {
	const char *list, *items;
} lists[] = {
    {"", ""},
    {" , ", ""},
    {"inet:1:2", "inet:1:2"},
    {"a, b c\td", "a|b|c|d"},
    {"{ inet:1:2, default_action = accept }, unix:x",
	" inet:1:2, default_action = accept |unix:x"},
    {"inline:{ 192.0.2.1=DISABLE, x=y }, b", "inline:{ 192.0.2.1=DISABLE, x=y }|b"},
    {"{ a { b, c } d } e", " a { b, c } d |e"},
    {"{ a, b", "{ a, b"},
    {"a } b", "a|}|b"},
    {"{} b", ""},
    {"{", "{"},
};

static const struct {
	const char *text;
	int64_t seconds;
} times[] = {{"30", 30}, {"30s", 30}, {"5m", 300}, {"2H", 7200}, {"1d", 86400}, {"1w", 604800},
    {"0", 0}, {"", -1}, {"s", -1}, {"5x", -1}, {"5ss", -1}, {"-5", -1}, {"99999999999", -1}};

static void
test_items(void)
{
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		const char *at = lists[i].list;
		char item[64], all[128];
		struct strbuf sb;

		strbuf_init(&sb, all, sizeof(all));
		while (postfixconf_item(&at, item, sizeof(item)))
			strbuf_addf(&sb, "%s%s", sb.len > 0 ? "|" : "", item);
		same_str(all, lists[i].items, lists[i].list);
	}
}

static void
test_cut(void)
{
	const char *at = "{ abcdef } xyz";
	char item[4];

	ok(postfixconf_item(&at, item, sizeof(item)) && strcmp(item, " ab") == 0, "cut");
	ok(postfixconf_item(&at, item, sizeof(item)) && strcmp(item, "xyz") == 0,
	    "and the next one is whole");
}

static void
test_settings(void)
{
	static struct postfixconf p = {
	    .main = "smtpd_milters = a b\nempty =\nlong = 0123456789\nmilters = no",
	    .master = "smtp/inet/smtpd_milters = c\nsmtp/inet/empty =\n",
	};
	const struct postfix_service smtp = {.name = "smtp/inet"}, other = {.name = "x/inet"};
	char out[8];

	ok(!postfixconf_get(&p, NULL, "smtpd_milters", out, sizeof(out)), "of all");
	same_str(out, "a b", "of all");
	ok(postfixconf_get(&p, &smtp, "smtpd_milters", out, sizeof(out)), "its own");
	same_str(out, "c", "its own");
	ok(postfixconf_get(&p, &smtp, "empty", out, sizeof(out)), "its own, and empty");
	same_str(out, "", "its own, and empty");
	ok(!postfixconf_get(&p, &other, "smtpd_milters", out, sizeof(out)), "another service");
	same_str(out, "a b", "another service");
	ok(!postfixconf_get(&p, &smtp, "milters", out, sizeof(out)), "the last line");
	same_str(out, "no", "the last line");
	(void)postfixconf_get(&p, NULL, "long", out, sizeof(out));
	same_str(out, "0123456", "cut");
	(void)postfixconf_get(&p, NULL, "none", out, sizeof(out));
	same_str(out, "", "none");
}

int
main(void)
{
	test_items();
	test_cut();
	test_settings();
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		same_num(postfixconf_seconds(times[i].text), times[i].seconds, times[i].text);
	return done();
}
