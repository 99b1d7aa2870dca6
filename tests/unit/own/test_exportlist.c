/* SPDX-License-Identifier: BSD-2-Clause */
/* test_exportlist.c - what is cut out of an export, and what its guards say. */
#include "config.h"

#include "own/exportlist.h"

#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "tap.h"

#define TEXT_MAX 1000
#define WHY_MAX 300

static void
add(struct export_list *list, const char *network, unsigned reasons, int64_t until)
{
	struct export_entry e = {.since = 5, .until = until, .reasons = reasons};
	char why[WHY_MAX];

	ok(prefix_parse(&e.net, network, why, sizeof(why)), "%s is a network", network);
	exportlist_add(list, &e);
}

/* Each of some networks, with blanks between them. */
static void
add_all(struct export_list *list, const char *networks)
{
	char copy[TEXT_MAX], *rest = copy;

	(void)strbuf_copy(copy, sizeof(copy), networks);
	for (char *word; (word = strsep(&rest, " ")) != NULL;)
		if (*word != '\0')
			add(list, word, 1, 0);
}

static const char *
text_of(const struct export_list *list, char out[TEXT_MAX])
{
	struct strbuf sb;
	char text[IPADDR_STRLEN];

	strbuf_init(&sb, out, TEXT_MAX);
	for (size_t i = 0; i < list->n; i++)
		strbuf_addf(&sb, "%s%s/%u", i > 0 ? " " : "",
		    ipaddr_format(&list->entry[i].net.addr, text), list->entry[i].net.len);
	return out;
}

static void
test_order(void)
{
	static const struct {
		const char *label, *networks, *want;
	} rows[] = {
	    {"nothing", "", ""},
	    {"sorted, IPv4 first", "2a00::/64 9.9.9.9 5.0.0.1",
		"5.0.0.1/32 9.9.9.9/32 2a00::/64"},
	    {"equal ones once", "5.0.0.1 5.0.0.1 5.0.0.1", "5.0.0.1/32"},
	    {"what is within another is gone", "5.0.0.7 5.0.0.0/24 5.0.0.128/25 5.0.1.0",
		"5.0.0.0/24 5.0.1.0/32"},
	    {"neighbours are not joined", "5.0.0.0/25 5.0.0.128/25", "5.0.0.0/25 5.0.0.128/25"},
	};
	char text[TEXT_MAX];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct export_list list = {0};

		add_all(&list, rows[i].networks);
		exportlist_sort(&list);
		same_str(text_of(&list, text), rows[i].want, rows[i].label);
		exportlist_clear(&list);
	}
}

static void
test_equal(void)
{
	struct export_list list = {0};

	add(&list, "5.0.0.1", 1U << LOCAL_TRAP, 70);
	add(&list, "5.0.0.1", 1U << LOCAL_PROBE, 90);
	exportlist_sort(&list);
	same_num((long long)list.n, 1, "one entry");
	same_num(list.entry[0].reasons, 1U << LOCAL_TRAP | 1U << LOCAL_PROBE, "both reasons");
	same_num(list.entry[0].until, 90, "the later end");
	exportlist_clear(&list);
}

static void
keep_all(struct prefix_set *set, const char *networks)
{
	struct export_list list = {0};

	add_all(&list, networks);
	for (size_t i = 0; i < list.n; i++)
		(void)prefix_add(set, &list.entry[i].net, NULL);
	exportlist_clear(&list);
}

static void
test_subtract(void)
{
	static const struct {
		const char *label, *networks, *keep, *want;
		size_t hurt;
	} rows[] = {
	    {"nothing to keep", "5.0.0.1", "", "5.0.0.1/32", 0},
	    {"the same", "5.0.0.1 5.0.0.2", "5.0.0.1", "5.0.0.2/32", 1},
	    {"within what is kept", "5.0.0.1 2a00::/64", "5.0.0.0/8 2a00::/16", "", 2},
	    {"an address in the middle", "5.0.0.0/29", "5.0.0.3",
		"5.0.0.0/31 5.0.0.2/32 5.0.0.4/30", 1},
	    {"the first and the last", "5.0.0.0/29", "5.0.0.0 5.0.0.7",
		"5.0.0.1/32 5.0.0.2/31 5.0.0.4/31 5.0.0.6/32", 1},
	    {"a half", "5.0.0.0/24", "5.0.0.128/25", "5.0.0.0/25", 1},
	    {"one in another", "5.0.0.0/30", "5.0.0.0/31 5.0.0.1", "5.0.0.2/31", 1},
	    {"a network of IPv6", "2a00::/48", "2a00:0:0:8000::/49", "2a00::/49", 1},
	};
	char text[TEXT_MAX];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct export_list list = {0};
		struct prefix_set *keep = prefix_new();

		add_all(&list, rows[i].networks);
		keep_all(keep, rows[i].keep);
		ok(prefix_seal(keep), "%s: sealed", rows[i].label);
		exportlist_sort(&list);
		same_num((long long)exportlist_subtract(&list, keep), (long long)rows[i].hurt,
		    rows[i].label);
		same_str(text_of(&list, text), rows[i].want, rows[i].label);
		exportlist_clear(&list);
		prefix_free(keep);
	}
}

static void
test_special(void)
{
	static const char *const never[] = {"0.1.2.3", "10.1.2.3", "100.64.0.1", "127.0.0.1",
	    "169.254.1.1", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1",
	    "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.19.255.255", "198.51.100.1",
	    "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::1", "64:ff9b::1",
	    "fe80::1", "fd00::1", "ff02::1", "2001::1", "2001:db8::1", "2002:102:304::1",
	    "4000::1"};
	static const char *const may[] = {"1.1.1.1", "11.0.0.1", "172.32.0.1",
	    "223.255.255.255", "2600::1", "2a00::1", "2003::1"};
	struct prefix_set *set = prefix_new();
	struct prefix_match match;
	struct ipaddr address;

	ok(exportlist_special(set) && prefix_seal(set), "the networks of special use");
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		ok(ipaddr_parse(&address, never[i]) && prefix_find(set, &address, &match),
		    "%s is never exported", never[i]);
	for (size_t i = 0; i < sizeof(may) / sizeof(may[0]); i++)
		ok(ipaddr_parse(&address, may[i]) && !prefix_find(set, &address, &match),
		    "%s may be", may[i]);
	prefix_free(set);
}

static void
test_width(void)
{
	static const struct {
		const char *label, *networks;
		struct export_limits limits;
		bool good;
	} rows[] = {
	    {"addresses", "5.0.0.1 2a00::/64", {32, 64, 9}, true},
	    {"a /31", "5.0.0.0/31", {32, 64, 9}, false},
	    {"a /24 where it may be", "5.0.0.0/24", {24, 48, 9}, true},
	    {"a /23 where a /24 may be", "5.0.0.0/23", {24, 48, 9}, false},
	    {"a /63", "2a00::/63", {32, 64, 9}, false},
	    {"a /48 where it may be", "2a00::/48", {24, 48, 9}, true},
	    {"the world", "0.0.0.0/0", {0, 0, 9}, false},
	    {"too many addresses", "5.0.0.0/12 6.0.0.0", {12, 64, 9}, false},
	    {"as many as may be", "5.0.0.0/12", {12, 64, 9}, true},
	};
	char why[WHY_MAX];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct export_list list = {0};

		add_all(&list, rows[i].networks);
		why[0] = '\0';
		same_num(exportlist_guard_width(&list, &rows[i].limits, why, sizeof(why)),
		    rows[i].good, rows[i].label);
		ok((why[0] == '\0') == rows[i].good, "%s: it says why not", rows[i].label);
		exportlist_clear(&list);
	}
}

static void
test_count(void)
{
	struct export_limits limits = {32, 64, 2};
	struct export_list list = {0};
	char why[WHY_MAX];

	add_all(&list, "5.0.0.1 5.0.0.2");
	ok(exportlist_guard_count(&list, &limits, why, sizeof(why)), "as many as may be");
	add_all(&list, "5.0.0.3");
	ok(!exportlist_guard_count(&list, &limits, why, sizeof(why)), "one more");
	list.n = EXPORTLIST_MAX;
	exportlist_add(&list, &list.entry[0]);
	ok(list.failed, "more than any list may have");
	list.n = 1;
	ok(!exportlist_guard_count(&list, &limits, why, sizeof(why)), "is no list any more");
	exportlist_clear(&list);
}

/* The signs of a change, in their order. */
static void
note(void *arg, char sign, const struct export_entry *e)
{
	struct strbuf *sb = arg;
	char text[IPADDR_STRLEN];

	strbuf_addf(sb, "%c%s ", sign, ipaddr_format(&e->net.addr, text));
}

static void
test_change(void)
{
	static const struct {
		const char *label;
		struct export_change change;
		bool good;
	} rows[] = {
	    {"nothing", {1000, 0, 0}, true},
	    {"20 of few come", {3, 20, 0}, true},
	    {"21 of few come", {3, 21, 0}, false},
	    {"20 of 20 go", {20, 0, 20}, true},
	    {"all of 21 go", {21, 0, 21}, false},
	    {"a fifth comes and goes", {1000, 200, 200}, true},
	    {"more than a fifth comes", {1000, 201, 0}, false},
	    {"more than a fifth goes", {1000, 0, 201}, false},
	    {"a hundred times as many", {100, 9900, 0}, false},
	};
	struct export_list before = {0}, now = {0};
	struct export_change change;
	char why[WHY_MAX], text[TEXT_MAX];
	struct strbuf sb;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		same_num(exportlist_guard_change(&rows[i].change, why, sizeof(why)),
		    rows[i].good, rows[i].label);
	add_all(&before, "5.0.0.1 5.0.0.2 5.0.0.4 2a00::/64");
	add_all(&now, "5.0.0.2 5.0.0.3 5.0.0.4/31 2a00::/64");
	strbuf_init(&sb, text, sizeof(text));
	change = exportlist_compare(&before, &now, note, &sb);
	same_num((long long)change.before, 4, "so many were there");
	same_num((long long)change.added, 2, "two come");
	same_num((long long)change.gone, 2, "two go: another length is another network");
	same_str(text, "-5.0.0.1 +5.0.0.3 +5.0.0.4 -5.0.0.4 ", "and these are they");
	exportlist_clear(&before);
	exportlist_clear(&now);
}

static void
test_names(void)
{
	for (unsigned r = 0; r < EXPORT_REASONS; r++)
		same_num(export_reason_parse(export_reason_name(r)), r, export_reason_name(r));
	same_num(export_reason_parse("spam"), EXPORT_REASONS, "no reason");
	same_num(EXPORT_OCTET(LOCAL_PROBE), 3, "the first code");
	same_num(EXPORT_OCTET(EXPORT_DENIED), 9, "the last code");
}

int
main(void)
{
	test_order();
	test_equal();
	test_subtract();
	test_special();
	test_width();
	test_count();
	test_change();
	test_names();
	return done();
}
