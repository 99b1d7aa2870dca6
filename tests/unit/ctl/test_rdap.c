/* SPDX-License-Identifier: BSD-2-Clause */
/* test_rdap.c - IANA's file, and the shapes in which registries answer. */
#include "config.h"

#include "ctl/rdap.h"

#include "base/strbuf.h"
#include "tap.h"

#define BOOTSTRAP                                                                        \
	"{\"version\": \"1.0\", \"services\": ["                                         \
	"[[\"41.0.0.0/8\", \"102.0.0.0/8\"], [\"https://afrinic.example/rdap/\", "       \
	"\"http://afrinic.example/rdap/\"]],"                                            \
	"[[\"102.128.0.0/9\"], [\"http://other.example/\", \"https://inner.example\"]]," \
	"[[\"193.0.0.0/8\"], [\"http://plain.example/\"]],"                              \
	"[[\"194.0.0.0/8\", 5, null], [\"ftp://x/\", 7]],"                               \
	"[[\"195.0.0.0/8\"], [\"https://bad example/\"]],"                               \
	"[[\"2001:4200::/23\"], [\"https://six.example/\"]], 5, [], [[]], {}]}"

static const struct {
	const char *address, *want; /* NULL: nobody */
} urls[] = {
    {"41.1.2.3", "https://afrinic.example/rdap/ip/41.1.2.3"},
    {"102.1.2.3", "https://afrinic.example/rdap/ip/102.1.2.3"},
    {"102.200.2.3", "https://inner.example/ip/102.200.2.3"},
    {"193.1.2.3", "http://plain.example/ip/193.1.2.3"},
    {"194.1.2.3", NULL},
    {"195.1.2.3", NULL},
    {"8.8.8.8", NULL},
    {"2001:4200::1", "https://six.example/ip/2001:4200::1"},
    {"2001:db8::1", NULL},
};

static void
test_urls(void)
{
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		char url[RDAP_URL_SIZE];
		struct ipaddr address;

		if (ok(ipaddr_parse(&address, urls[i].address), "%s", urls[i].address))
			same_str(rdap_url(BOOTSTRAP, &address, url) ? url : NULL, urls[i].want,
			    urls[i].address);
	}
}

#define EMAIL(pref, address) "[\"email\", {" pref "}, \"text\", \"" address "\"]"
#define CARD(emails)                                                          \
	"\"vcardArray\": [\"vcard\", [[\"version\", {}, \"text\", \"4.0\"], " \
	"[\"fn\", {}, \"text\", \"Jane Doe\"], " emails "]]"
#define NET "\"startAddress\": \"41.1.0.0\", \"endAddress\": \"41.1.3.255\", "

static const struct {
	const char *label, *answer;
	enum rdap_result result;
	const char *contacts, *network;
} answers[] = {
    {"at the top",
	"{" NET "\"entities\": [{\"roles\": [\"abuse\"], " CARD(
	    EMAIL("", "abuse@isp.example")) "}, {\"roles\": [\"technical\"], " CARD(EMAIL("",
	    "jane@isp.example")) "}]}",
	RDAP_READ, "abuse@isp.example", "41.1.0.0/22"},
    {"below, and again at the top",
	"{" NET "\"entities\": [{\"roles\": [\"registrant\"], " CARD(EMAIL("",
	    "x@isp.example")) ", \"entities\": [{\"roles\": [\"noc\", \"abuse\"], " CARD(EMAIL("",
	    "abuse@isp.example")) "}]}, {\"roles\": [\"abuse\"], " CARD(EMAIL("",
	    "abuse@isp.example")) "}]}",
	RDAP_READ, "abuse@isp.example", "41.1.0.0/22"},
    {"a help desk and the mailbox, which has a preference",
	"{" NET "\"entities\": [{\"roles\": [\"abuse\"], " CARD(EMAIL("",
	    "helpdesk@isp.example") ", " EMAIL("\"pref\": \"1\"", "abuse@isp.example")) "}]}",
	RDAP_READ, "abuse@isp.example|helpdesk@isp.example", "41.1.0.0/22"},
    {"a card without an address",
	"{" NET "\"entities\": [{\"roles\": [\"technical\", \"abuse\"], "
	"\"vcardArray\": [\"vcard\", [[\"fn\", {}, \"text\", \"x\"]]]}]}",
	RDAP_NO_ADDRESS, "", "41.1.0.0/22"},
    {"a hidden address",
	"{" NET
	"\"entities\": [{\"roles\": [\"abuse\"], " CARD(EMAIL("", "DATA REDACTED")) "}]}",
	RDAP_NO_ADDRESS, "", "41.1.0.0/22"},
    {"nobody",
	"{" NET
	"\"entities\": [{\"roles\": [\"technical\"], " CARD(EMAIL("", "x@isp.example")) "}]}",
	RDAP_NO_ENTITY, "", "41.1.0.0/22"},
    {"no entities", "{" NET "\"x\": 1}", RDAP_NO_ENTITY, "", "41.1.0.0/22"},
    {"no range",
	"{\"entities\": [{\"roles\": [\"abuse\"], " CARD(EMAIL("", "a@isp.example")) "}]}",
	RDAP_READ, "a@isp.example", "41.1.2.3/32"},
    {"a range that is no network",
	"{\"startAddress\": \"41.1.1.0\", \"endAddress\": \"41.1.2.255\"}", RDAP_NO_ENTITY, "",
	"41.1.2.0/24"},
    {"a range of another family", "{\"startAddress\": \"::\", \"endAddress\": \"::ffff\"}",
	RDAP_NO_ENTITY, "", "41.1.2.3/32"},
    {"a page", "<html><body>Too many requests</body></html>", RDAP_NO_JSON, "", "41.1.2.3/32"},
    {"an array", "[]", RDAP_NO_JSON, "", "41.1.2.3/32"},
    {"empty", "", RDAP_NO_JSON, "", "41.1.2.3/32"},
    {"other types",
	"{\"entities\": [5, null, {\"roles\": \"abuse\"}, {\"roles\": [\"abuse\"], "
	"\"vcardArray\": [[5], [5, [\"email\"], [\"email\", 1, 2, 3], {}]]}, "
	"{\"roles\": [7, \"ABUSE\"], \"vcardArray\": {}}], \"startAddress\": 7}",
	RDAP_NO_ADDRESS, "", "41.1.2.3/32"},
};

static void
test_answers(void)
{
	const struct ipaddr address = {32, {41, 1, 2, 3}};

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		static struct contactlist list;
		char all[256], network[IPADDR_STRLEN + 8], text[IPADDR_STRLEN];
		struct network net;
		struct strbuf sb;

		list = (struct contactlist){0};
		same_num(rdap_read(answers[i].answer, &address, 7, &list, &net),
		    answers[i].result, answers[i].label);
		contactlist_sort(&list);
		strbuf_init(&sb, all, sizeof(all));
		for (size_t n = 0; n < list.n; n++)
			strbuf_addf(&sb, "%s%s", n > 0 ? "|" : "", list.contact[n].address);
		same_str(all, answers[i].contacts, answers[i].label);
		(void)snprintf(
		    network, sizeof(network), "%s/%u", ipaddr_format(&net.addr, text), net.len);
		same_str(network, answers[i].network, answers[i].label);
		if (list.n > 0)
			same_str(list.contact[0].scope, answers[i].network, "its scope");
	}
}

/* Entities within entities have an end. */
static void
test_depth(void)
{
	static struct contactlist list;
	static char deep[65536];
	const struct ipaddr address = {32, {41, 1, 2, 3}};
	struct network net;
	struct strbuf sb;

	strbuf_init(&sb, deep, sizeof(deep));
	strbuf_add(&sb, "{\"entities\": [");
	for (int i = 0; i < 500; i++)
		strbuf_add(&sb, "{\"roles\": [\"x\"], \"entities\": [");
	strbuf_add(&sb, "{\"roles\": [\"abuse\"]}");
	for (int i = 0; i < 500; i++)
		strbuf_add(&sb, "]}");
	strbuf_add(&sb, "]}");
	same_num(rdap_read(deep, &address, 7, &list, &net), RDAP_NO_ENTITY, "too deep");
}

int
main(void)
{
	char url[RDAP_URL_SIZE];
	const struct ipaddr address = {32, {41, 1, 2, 3}};

	test_urls();
	test_answers();
	test_depth();
	ok(!rdap_url("", &address, url) && !rdap_url("[]", &address, url) &&
		!rdap_url("{\"services\": 7}", &address, url),
	    "a file that is none");
	return done();
}
