/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * DNS lists: patterns of answers, names to ask for, and above all what an
 * answer may never mean.
 */
#include "config.h"

#include "lists/listing.h"

#include <stdlib.h>

#include "tap.h"

#define CODE(b, c, d) (0x7f000000U | (b) << 16 | (c) << 8 | (d))
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
test_categories(void)
{
	for (unsigned i = 0; i < CATEGORY_MAX; i++) {
		enum category category = (enum category)i;
		const char *advice = category_advice(category);

		same_num(category_parse(category_name(category)), i, category_name(category));
		ok(category_words(category)[0] != '\0', "%s: words", category_name(category));
		ok(advice == NULL || advice[strlen(advice) - 1] == '.',
		    "%s: advice is a sentence", category_name(category));
	}
	same_num(category_parse(""), CATEGORY_MAX, "category: empty");
	same_num(category_parse("Dynamic"), CATEGORY_MAX, "category: capitals");
	same_num(category_parse("dynamic "), CATEGORY_MAX, "category: a space too much");
	same_num(category_parse("open"), CATEGORY_MAX, "category: the first half");
}

static const struct {
	const char *pattern;
	bool good;
	uint32_t low, high, bits;
} patterns[] = {
    {"127.0.0.2", true, CODE(0, 0, 2), CODE(0, 0, 2), 0},
    {"127.0.0.1", true, CODE(0, 0, 1), CODE(0, 0, 1), 0},
    {"127.0.0.0", true, CODE(0, 0, 0), CODE(0, 0, 0), 0},
    {"127.255.254.255", true, CODE(255, 254, 255), CODE(255, 254, 255), 0},
    {"127.0.0.4-7", true, CODE(0, 0, 4), CODE(0, 0, 7), 0},
    {"127.0.0.4-4", true, CODE(0, 0, 4), CODE(0, 0, 4), 0},
    {"127.0.0.0-255", true, CODE(0, 0, 0), CODE(0, 0, 255), 0},
    {"127.0.0.4-127.0.0.7", true, CODE(0, 0, 4), CODE(0, 0, 7), 0},
    {"127.0.0.200-127.0.1.3", true, CODE(0, 0, 200), CODE(0, 1, 3), 0},
    {"127.0.2.0/24", true, CODE(0, 2, 0), CODE(0, 2, 255), 0},
    {"127.0.2.4/32", true, CODE(0, 2, 4), CODE(0, 2, 4), 0},
    {"127.0.2.4/31", true, CODE(0, 2, 4), CODE(0, 2, 5), 0},
    {"127.0.0.0/9", true, CODE(0, 0, 0), CODE(127, 255, 255), 0},
    {"127.1.0.&8", true, CODE(1, 0, 0), CODE(1, 0, 255), 8},
    {"127.1.0.&1", true, CODE(1, 0, 0), CODE(1, 0, 255), 1},
    {"127.1.0.&128", true, CODE(1, 0, 0), CODE(1, 0, 255), 128},
    {"127.1.0.&2&8", true, CODE(1, 0, 0), CODE(1, 0, 255), 10},
    {"127.1.0.&8&2&1", true, CODE(1, 0, 0), CODE(1, 0, 255), 11},
    {"", false, 0, 0, 0},
    {" 127.0.0.2", false, 0, 0, 0},
    {"127.0.0.2 ", false, 0, 0, 0},
    {"127.0.0", false, 0, 0, 0},
    {"127.0.0.", false, 0, 0, 0},
    {"127.0.0.2.3", false, 0, 0, 0},
    {"127.0.0.02", false, 0, 0, 0},
    {"127.0.0.256", false, 0, 0, 0},
    {"127.0.0.99999999999999999999", false, 0, 0, 0},
    {"127.0.0.-2", false, 0, 0, 0},
    {"127.0.0.x", false, 0, 0, 0},
    {"127.0.0.2,3", false, 0, 0, 0},
    {"listed", false, 0, 0, 0},
    {"::ffff:127.0.0.2", false, 0, 0, 0},
    {"127.0.0.7-4", false, 0, 0, 0},
    {"127.0.0.4-", false, 0, 0, 0},
    {"127.0.0.4--7", false, 0, 0, 0},
    {"127.0.0.4-256", false, 0, 0, 0},
    {"127.0.0.4-7.", false, 0, 0, 0},
    {"127.0.0.4-127.0.7", false, 0, 0, 0},
    {"127.0.0.4-7/24", false, 0, 0, 0},
    {"127.0.2.0/", false, 0, 0, 0},
    {"127.0.2.0/33", false, 0, 0, 0},
    {"127.0.2.0/024", false, 0, 0, 0},
    {"127.0.2.1/24", false, 0, 0, 0},
    {"127.0.2.1/0", false, 0, 0, 0},
    {"127.1.0.&", false, 0, 0, 0},
    {"127.1.0.&0", false, 0, 0, 0},
    {"127.1.0.&256", false, 0, 0, 0},
    {"127.1.0.0&8", false, 0, 0, 0},
    {"127.1.0.&24", false, 0, 0, 0},
    {"127.1.0.&255", false, 0, 0, 0},
    {"127.1.0.&8&6", false, 0, 0, 0},
    {"127.1.0.&8&8", false, 0, 0, 0},
    {"127.1.0.&8&", false, 0, 0, 0},
    {"127.1.0.&8&0", false, 0, 0, 0},
    {"127.1.0.&8&256", false, 0, 0, 0},
    {"127.1.0.8&8", false, 0, 0, 0},
    {"127.1.0.&8.1", false, 0, 0, 0},
    {"127.1.&8", false, 0, 0, 0},
    {"&8", false, 0, 0, 0},
    {"126.255.255.255", false, 0, 0, 0},
    {"128.0.0.0", false, 0, 0, 0},
    {"192.0.2.1", false, 0, 0, 0},
    {"0.0.0.0", false, 0, 0, 0},
    {"126.0.0.0-127.0.0.2", false, 0, 0, 0},
    {"127.0.0.2-128.0.0.0", false, 0, 0, 0},
    {"128.1.0.&8", false, 0, 0, 0},
    {"127.255.255.0", false, 0, 0, 0},
    {"127.255.255.254", false, 0, 0, 0},
    {"127.255.255.255", false, 0, 0, 0},
    {"127.255.255.&2", false, 0, 0, 0},
    {"127.255.254.0-127.255.255.0", false, 0, 0, 0},
    {"127.0.0.0/8", false, 0, 0, 0},
    {"127.128.0.0/9", false, 0, 0, 0},
};

static void
test_patterns(void)
{
	for (size_t i = 0; i < COUNT(patterns); i++) {
		struct codes codes = {.bits = 77};
		char why[200] = "";
		bool good = codes_parse(&codes, patterns[i].pattern, why, sizeof(why));

		ok(good == patterns[i].good && (why[0] == '\0') == good, "pattern \"%s\"%s%s",
		    patterns[i].pattern, good ? "" : ": ", why);
		if (good)
			ok(codes.low == patterns[i].low && codes.high == patterns[i].high &&
				codes.bits == patterns[i].bits,
			    "pattern \"%s\": low, high, bits", patterns[i].pattern);
	}
}

/* Some mean all of them by that, others any: so nobody need guess. */
static void
test_several_bits(void)
{
	struct codes codes;
	char why[200];

	ok(!codes_parse(&codes, "127.0.0.&6", why, sizeof(why)), "several bits in a number");
	same_str(why,
	    "\"127.0.0.&6\" has several bits in 6: write &2&4 for all of them at once, or an "
	    "answer for each",
	    "several bits: what to write");
	ok(!codes_parse(&codes, "127.0.0.&255", why, sizeof(why)) &&
		strstr(why, " &1&2&4&8&16&32&64&128 ") != NULL,
	    "several bits: all");
	ok(!codes_parse(&codes, "192.0.2.&6", why, sizeof(why)) &&
		strstr(why, "127.0.0.0/8") != NULL,
	    "several bits: outside is said first");
}

static void
test_query(void)
{
	static char zone[] = "bl.example.net";
	char out[300], exact[sizeof("7.100.51.198.bl.example.net")], small[27], longest[260];
	struct listing list = {.zone = zone, .ipv4 = true};
	struct subject none = {.role = ROLE_ADDRESS}, v4 = none, v6 = none, helo;

	ok(ipaddr_parse(&v4.key, "198.51.100.7") && ipaddr_parse(&v6.key, "2001:db8::7"),
	    "addresses");
	ok(listing_query(&list, &v4, out, sizeof(out)), "query: IPv4");
	same_str(out, "7.100.51.198.bl.example.net", "query: IPv4, its name");
	ok(listing_query(&list, &v6, out, sizeof(out)), "query: IPv6");
	same_str(out,
	    "7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.bl.example.net",
	    "query: IPv6, its name");
	ok(!listing_query(&list, &none, out, sizeof(out)), "query: no address");
	ok(listing_query(&list, &v4, exact, sizeof(exact)), "query: just room enough");
	ok(!listing_query(&list, &v4, small, sizeof(small)), "query: a byte too little room");

	memset(longest, 'x', sizeof(longest));
	longest[253 - strlen("7.100.51.198.")] = '\0';
	list.zone = longest;
	ok(listing_query(&list, &v4, out, sizeof(out)), "query: 253 bytes");
	longest[strlen(longest)] = 'x';
	longest[254 - strlen("7.100.51.198.")] = '\0';
	ok(!listing_query(&list, &v4, out, sizeof(out)), "query: 254 bytes");

	ok(listing_covers(&list, &v4) && !listing_covers(&list, &v6), "covers: IPv4 alone");
	list.ipv4 = false;
	list.ipv6 = true;
	ok(!listing_covers(&list, &v4) && listing_covers(&list, &v6), "covers: IPv6 alone");
	list.ipv4 = true;
	ok(!listing_covers(&list, &none), "covers: no address");
	ok(ipaddr_parse(&v4.key, "10.0.0.1") && ipaddr_parse(&v6.key, "fe80::1"), "others");
	ok(!listing_covers(&list, &v4) && !listing_covers(&list, &v6),
	    "covers: no address that is not global");
	list.private = true;
	ok(listing_covers(&list, &v4) && listing_covers(&list, &v6),
	    "covers: such, where the list has them");
	ok(!listing_covers(&list, &none), "covers: no address even so");
	list.private = false;

	helo = subject_name(ROLE_HELO, "mail.bad.example");
	ok(!listing_covers(&list, &helo), "covers: no name, where it is asked about addresses");
	list.role = ROLE_HELO;
	list.zone = zone;
	ok(listing_covers(&list, &helo), "covers: a name in its role");
	ok(!listing_covers(&list, &v4), "covers: no address, where it is asked about names");
	ok(listing_query(&list, &helo, out, sizeof(out)), "query: a name");
	same_str(out, "mail.bad.example.bl.example.net", "query: a name, its name");
	helo = subject_name(ROLE_SENDER, "mail.bad.example");
	ok(!listing_covers(&list, &helo), "covers: no name of another role");
	helo = subject_name(ROLE_HELO, "");
	ok(!listing_covers(&list, &helo), "covers: no empty name");
}

/* All lists of a roster at once, as one by one. */
static void
test_covering(void)
{
	struct listing address = {.ipv4 = true}, private = {.ipv4 = true, .private = true};
	struct listing helo = {.role = ROLE_HELO};
	struct roster roster = {.n = 3, .list = {&address, &private, &helo}};
	const struct subject subjects[] = {
	    {.role = ROLE_ADDRESS, .key = {.bits = 32, .byte = {25, 0, 0, 1}}},
	    {.role = ROLE_ADDRESS, .key = {.bits = 32, .byte = {10, 0, 0, 1}}},
	    {.role = ROLE_ADDRESS},
	    subject_name(ROLE_HELO, "mail.bad.example"),
	    subject_name(ROLE_HELO, ""),
	    subject_name(ROLE_SENDER, "bad.example"),
	};

	for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++) {
		listset want = 0;

		for (unsigned list = 0; list < roster.n; list++)
			if (listing_covers(roster.list[list], &subjects[i]))
				want |= (listset)1 << list;
		same_num((long)roster_covering(&roster, &subjects[i]), (long)want,
		    "covering, one by one and at once");
	}
	same_num((long)roster_covering(&roster, &subjects[0]), 3, "covering: two of them");
	same_num((long)roster_covering(&roster, &subjects[1]), 2, "covering: the private one");
}

/* A list with a code, a range, a declared bitmask and a row for 127.0.0.1 too. */
static struct answer table[] = {
    {.codes = {CODE(0, 0, 2), CODE(0, 0, 2), 0}, .score = 5},
    {.codes = {CODE(0, 0, 4), CODE(0, 0, 7), 0}, .score = 4},
    {.codes = {CODE(1, 0, 0), CODE(1, 0, 255), 1}, .score = 3},
    {.codes = {CODE(1, 0, 0), CODE(1, 0, 255), 8}, .score = 6},
    {.codes = {CODE(0, 1, 0), CODE(0, 1, 255), 0}, .score = -2},
    {.codes = {CODE(0, 1, 3), CODE(0, 1, 3), 0}, .score = -8},
    {.codes = {CODE(0, 9, 0), CODE(0, 9, 255), 0}, .score = 0},
    {.codes = {CODE(0, 0, 7), CODE(0, 0, 7), 0}, .score = 4},
};

#define OUTSIDE 0xc0000201U /* 192.0.2.1 */

static const struct {
	const char *label;
	size_t n;
	uint32_t code[10];
	enum anomaly anomaly;
	uint32_t bad;
	enum fact_state state;
	unsigned ncodes;
} readings[] = {
    {"read: declared", 1, {CODE(0, 0, 2)}, ANOMALY_NONE, 0, FACT_LISTED, 1},
    {"read: end of a range", 1, {CODE(0, 0, 7)}, ANOMALY_NONE, 0, FACT_LISTED, 1},
    {"read: past the range", 1, {CODE(0, 0, 8)}, ANOMALY_UNDECLARED, CODE(0, 0, 8), FACT_ERROR,
	0},
    {"read: two declared", 2, {CODE(0, 0, 4), CODE(0, 0, 2)}, ANOMALY_NONE, 0, FACT_LISTED, 2},
    {"read: one bit", 1, {CODE(1, 0, 8)}, ANOMALY_NONE, 0, FACT_LISTED, 1},
    {"read: other bits alone", 1, {CODE(1, 0, 6)}, ANOMALY_UNDECLARED, CODE(1, 0, 6),
	FACT_ERROR, 0},
    {"read: declared and undeclared", 2, {CODE(0, 0, 99), CODE(0, 0, 2)}, ANOMALY_UNDECLARED,
	CODE(0, 0, 99), FACT_LISTED, 2},
    {"read: 127.0.0.1", 1, {CODE(0, 0, 1)}, ANOMALY_LOOPBACK, CODE(0, 0, 1), FACT_ERROR, 0},
    {"read: 127.0.0.1 and declared", 2, {CODE(0, 0, 1), CODE(0, 0, 2)}, ANOMALY_LOOPBACK,
	CODE(0, 0, 1), FACT_ERROR, 0},
    {"read: 127.0.0.1 is worse than undeclared", 2, {CODE(0, 0, 99), CODE(0, 0, 1)},
	ANOMALY_LOOPBACK, CODE(0, 0, 1), FACT_ERROR, 0},
    {"read: 127.255.255.254", 1, {CODE(255, 255, 254)}, ANOMALY_ERROR_CODE, CODE(255, 255, 254),
	FACT_ERROR, 0},
    {"read: 127.255.255.0", 1, {CODE(255, 255, 0)}, ANOMALY_ERROR_CODE, CODE(255, 255, 0),
	FACT_ERROR, 0},
    {"read: 127.255.254.255 is no error code", 1, {CODE(255, 254, 255)}, ANOMALY_UNDECLARED,
	CODE(255, 254, 255), FACT_ERROR, 0},
    {"read: declared and an error code", 2, {CODE(0, 0, 2), CODE(255, 255, 252)},
	ANOMALY_ERROR_CODE, CODE(255, 255, 252), FACT_ERROR, 0},
    {"read: outside", 1, {OUTSIDE}, ANOMALY_OUTSIDE, OUTSIDE, FACT_ERROR, 0},
    {"read: outside, just before", 1, {0x7effffff}, ANOMALY_OUTSIDE, 0x7effffff, FACT_ERROR, 0},
    {"read: outside, just behind", 1, {0x80000000}, ANOMALY_OUTSIDE, 0x80000000, FACT_ERROR, 0},
    {"read: outside, 0.0.0.0", 1, {0}, ANOMALY_OUTSIDE, 0, FACT_ERROR, 0},
    {"read: declared and outside", 2, {CODE(0, 0, 2), OUTSIDE}, ANOMALY_OUTSIDE, OUTSIDE,
	FACT_ERROR, 0},
    {"read: all that can be wrong", 4,
	{CODE(255, 255, 255), OUTSIDE, CODE(0, 0, 1), CODE(0, 0, 99)}, ANOMALY_OUTSIDE, OUTSIDE,
	FACT_ERROR, 0},
    {"read: the same twice", 2, {CODE(0, 0, 2), CODE(0, 0, 2)}, ANOMALY_NONE, 0, FACT_LISTED,
	1},
    {"read: the declared one last of ten", 10,
	{CODE(0, 0, 91), CODE(0, 0, 92), CODE(0, 0, 93), CODE(0, 0, 94), CODE(0, 0, 95),
	    CODE(0, 0, 96), CODE(0, 0, 97), CODE(0, 0, 98), CODE(0, 0, 99), CODE(0, 0, 2)},
	ANOMALY_UNDECLARED, CODE(0, 0, 91), FACT_LISTED, FACT_CODES},
};

static void
test_read(void)
{
	struct listing list = {.answers = table, .nanswers = COUNT(table)};

	for (size_t i = 0; i < COUNT(readings); i++) {
		struct fact fact = {.ncodes = 3, .code = {1, 2, 3}, .expires = 42};
		uint32_t bad = 7, met = 0;
		enum anomaly anomaly =
		    listing_read(&list, readings[i].code, readings[i].n, &fact, &bad);

		same_str(anomaly_name(anomaly), anomaly_name(readings[i].anomaly),
		    readings[i].label);
		same_num(bad, readings[i].bad, readings[i].label);
		same_num(fact.state, readings[i].state, readings[i].label);
		same_num(fact.ncodes, readings[i].ncodes, readings[i].label);
		ok((listing_answer(&list, &fact, &met) != NULL) == (fact.state == FACT_LISTED),
		    "%s: speaks only if listed", readings[i].label);
		same_num(fact.expires, 42, readings[i].label);
	}
}

static void
test_undeclared_list(void)
{
	struct listing list = {.answers = NULL, .nanswers = 0};
	uint32_t code = CODE(0, 0, 2), bad;
	struct fact fact;

	same_num(listing_read(&list, &code, 1, &fact, &bad), ANOMALY_UNDECLARED,
	    "a list without a table");
	same_num(fact.state, FACT_ERROR, "a list without a table says nothing");
	listing_seal(&list);
	ok(list.best == 0 && list.worst == 0, "a list without a table can do nothing");
}

static void
test_loopback_declared(void)
{
	struct answer white = {.codes = {CODE(0, 0, 1), CODE(0, 0, 1), 0}, .score = -5};
	struct listing list = {.answers = &white, .nanswers = 1};
	uint32_t code = CODE(0, 0, 1), bad;
	struct fact fact;

	same_num(listing_read(&list, &code, 1, &fact, &bad), ANOMALY_NONE,
	    "127.0.0.1 where the table has it");
	same_num(fact.state, FACT_LISTED, "127.0.0.1 where the table has it: listed");
	listing_seal(&list);
	ok(list.best == -5 && list.worst == 0, "an allow list: best and worst");
}

static void
test_answer(void)
{
	static const struct {
		const char *label;
		enum fact_state state;
		unsigned ncodes;
		uint32_t code[3];
		int row; /* of table; -1: none */
		uint32_t met;
	} rows[] = {
	    {"answer: clear", FACT_CLEAR, 0, {0}, -1, 0},
	    {"answer: unknown, whatever it holds", FACT_UNKNOWN, 1, {CODE(0, 0, 2)}, -1, 0},
	    {"answer: error, whatever it holds", FACT_ERROR, 1, {CODE(0, 0, 2)}, -1, 0},
	    {"answer: no code", FACT_LISTED, 0, {0}, -1, 0},
	    {"answer: exact", FACT_LISTED, 1, {CODE(0, 0, 2)}, 0, CODE(0, 0, 2)},
	    {"answer: range", FACT_LISTED, 1, {CODE(0, 0, 5)}, 1, CODE(0, 0, 5)},
	    {"answer: undeclared from the cache", FACT_LISTED, 1, {CODE(0, 0, 99)}, -1, 0},
	    {"answer: error code from the cache", FACT_LISTED, 1, {CODE(255, 255, 254)}, -1, 0},
	    {"answer: the highest", FACT_LISTED, 2, {CODE(0, 0, 4), CODE(0, 0, 2)}, 0,
		CODE(0, 0, 2)},
	    {"answer: two bits, the higher score", FACT_LISTED, 1, {CODE(1, 0, 9)}, 3,
		CODE(1, 0, 9)},
	    {"answer: one bit of many", FACT_LISTED, 1, {CODE(1, 0, 7)}, 2, CODE(1, 0, 7)},
	    {"answer: of equals the first row", FACT_LISTED, 1, {CODE(0, 0, 7)}, 1,
		CODE(0, 0, 7)},
	    {"answer: for the client, the lowest", FACT_LISTED, 1, {CODE(0, 1, 3)}, 5,
		CODE(0, 1, 3)},
	    {"answer: against goes before for", FACT_LISTED, 2, {CODE(0, 0, 4), CODE(0, 1, 3)},
		1, CODE(0, 0, 4)},
	    {"answer: nought", FACT_LISTED, 1, {CODE(0, 9, 1)}, 6, CODE(0, 9, 1)},
	    {"answer: for goes before nought", FACT_LISTED, 2, {CODE(0, 1, 0), CODE(0, 9, 1)},
		4, CODE(0, 1, 0)},
	    {"answer: undeclared besides", FACT_LISTED, 3,
		{CODE(0, 0, 2), CODE(0, 0, 99), CODE(0, 5, 5)}, 0, CODE(0, 0, 2)},
	};
	struct listing list = {.answers = table, .nanswers = COUNT(table)};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fact fact = {
		    .state = (uint8_t)rows[i].state, .ncodes = (uint8_t)rows[i].ncodes};
		const struct answer *answer;
		uint32_t met = 0;

		memcpy(fact.code, rows[i].code, sizeof(rows[i].code));
		answer = listing_answer(&list, &fact, &met);
		same_num(
		    answer != NULL ? (int)(answer - table) : -1, rows[i].row, rows[i].label);
		same_num(met, rows[i].met, rows[i].label);
	}
	listing_seal(&list);
	ok(list.best == -8 && list.worst == 6, "seal: best and worst");
}

static void
test_roster(void)
{
	struct roster *roster = roster_new(), *other, *none = NULL;
	struct listing *list = calloc(1, sizeof(*list));

	if (roster == NULL || list == NULL)
		abort();
	list->label = strdup("ours");
	list->zone = strdup("bl.example.net");
	list->servers[0] = strdup("127.0.0.1");
	list->servers[SERVERS_MAX - 1] = strdup("127.0.0.8");
	list->answers = calloc(2, sizeof(*list->answers));
	if (list->answers == NULL)
		abort();
	list->nanswers = 2;
	list->answers[1].text = strdup("text");
	roster->list[roster->n++] = list;

	ok(roster_trusting(roster) == 0, "roster: nobody speaks for a client");
	list->best = -1;
	ok(roster_trusting(roster) == 1, "roster: one may");
	list->role = ROLE_HELO;
	ok(roster_trusting(roster) == 0, "roster: not for an address");
	other = roster_ref(roster);
	roster_unref(&roster);
	ok(roster == NULL, "roster: the pointer is cleared");
	same_str(other->list[0]->label, "ours", "roster: lives by the other reference");
	roster_unref(&other);
	roster_unref(&none);
	listing_free(NULL);
	ok(other == NULL && none == NULL, "roster: gone");
}

/*
 * Rows that want more than that a record meets them.  2: for all records; 3: alone;
 * 4: but not with 10 or 11; 8: bits 1 and 4 of 127.1.0; the like for 5, which allows.
 */
static struct codes home[] = {
    {CODE(0, 0, 10), CODE(0, 0, 10), 0}, {CODE(0, 0, 11), CODE(0, 0, 11), 0}};
static struct answer picky[] = {
    {.codes = {CODE(0, 0, 2), CODE(0, 0, 2), 0}, .score = 1},
    {.codes = {CODE(0, 0, 3), CODE(0, 0, 3), 0}, .alone = true, .score = 2},
    {.codes = {CODE(0, 0, 4), CODE(0, 0, 4), 0}, .nunless = 2, .unless = home, .score = 4},
    {.codes = {CODE(1, 0, 0), CODE(1, 0, 255), 5}, .score = 8},
    {.codes = {CODE(0, 0, 5), CODE(0, 0, 5), 0}, .nunless = 1, .unless = home, .score = -3},
    {.codes = {CODE(0, 0, 20), CODE(0, 0, 29), 0}, .alone = true, .score = 7},
};

static const struct {
	const char *label;
	unsigned n;
	uint32_t code[9];
	int highest, sum;
	bool speaks, error;
} picks[] = {
    {"one row", 1, {CODE(0, 0, 2)}, 1, 1, true, false},
    {"alone, and it is", 1, {CODE(0, 0, 3)}, 2, 2, true, false},
    {"alone, and it is not", 2, {CODE(0, 0, 2), CODE(0, 0, 3)}, 1, 1, true, false},
    {"alone, beside an undeclared one", 2, {CODE(0, 0, 3), CODE(0, 0, 99)}, 0, 0, false, false},
    {"alone, all in a range", 3, {CODE(0, 0, 20), CODE(0, 0, 22), CODE(0, 0, 29)}, 7, 7, true,
	false},
    {"alone, but one in a range", 2, {CODE(0, 0, 20), CODE(0, 0, 2)}, 1, 1, true, false},
    {"unless, and not", 1, {CODE(0, 0, 4)}, 4, 4, true, false},
    {"unless, and another", 2, {CODE(0, 0, 2), CODE(0, 0, 4)}, 4, 5, true, false},
    {"unless, and the first of them", 2, {CODE(0, 0, 4), CODE(0, 0, 10)}, 0, 0, false, false},
    {"unless, and the second, and another row", 3,
	{CODE(0, 0, 2), CODE(0, 0, 4), CODE(0, 0, 11)}, 1, 1, true, false},
    {"what vetoes, and nothing else", 1, {CODE(0, 0, 10)}, 0, 0, false, false},
    {"for the client, unless", 2, {CODE(0, 0, 5), CODE(0, 0, 10)}, 0, 0, false, false},
    {"for the client", 1, {CODE(0, 0, 5)}, -3, -3, true, false},
    {"for and against", 2, {CODE(0, 0, 2), CODE(0, 0, 5)}, 1, -2, true, false},
    {"both bits", 1, {CODE(1, 0, 5)}, 8, 8, true, false},
    {"both bits and others", 1, {CODE(1, 0, 255)}, 8, 8, true, false},
    {"one bit of both", 1, {CODE(1, 0, 4)}, 0, 0, false, true},
    {"both bits in two records", 2, {CODE(1, 0, 1), CODE(1, 0, 4)}, 0, 0, false, true},
    {"two records of one row count once", 2, {CODE(1, 0, 5), CODE(1, 0, 7)}, 8, 8, true, false},
    {"so many that some may be missing", 9,
	{CODE(0, 0, 20), CODE(0, 0, 21), CODE(0, 0, 22), CODE(0, 0, 23), CODE(0, 0, 24),
	    CODE(0, 0, 25), CODE(0, 0, 26), CODE(0, 0, 27), CODE(0, 0, 2)},
	0, 0, false, false},
    {"all declared ones, and a veto among undeclared", 9,
	{CODE(0, 0, 90), CODE(0, 0, 91), CODE(0, 0, 92), CODE(0, 0, 93), CODE(0, 0, 94),
	    CODE(0, 0, 95), CODE(0, 0, 96), CODE(0, 0, 4), CODE(0, 0, 10)},
	0, 0, false, false},
};

static void
test_conditions(void)
{
	struct listing list = {.answers = picky, .nanswers = COUNT(picky)};

	for (size_t i = 0; i < COUNT(picks); i++) {
		const struct answer *answer;
		struct fact fact = {0};
		uint32_t bad, met;

		listing_read(&list, picks[i].code, picks[i].n, &fact, &bad);
		same_num(fact.state, picks[i].error ? FACT_ERROR : FACT_LISTED, picks[i].label);
		list.sum = false;
		answer = listing_answer(&list, &fact, &met);
		same_num(answer != NULL, picks[i].speaks, picks[i].label);
		if (answer == NULL)
			continue;
		same_num(listing_score(&list, &fact, answer), picks[i].highest, picks[i].label);
		list.sum = true;
		same_num(listing_score(&list, &fact, answer), picks[i].sum, picks[i].label);
	}
	list.sum = false;
	listing_seal(&list);
	ok(list.best == -3 && list.worst == 8, "conditions: best and worst");
	list.sum = true;
	listing_seal(&list);
	ok(list.best == -3 && list.worst == 22, "added up: best and worst");
	ok(listing_declares(&list, CODE(0, 0, 10)), "what vetoes is known");
	ok(!listing_declares(&list, CODE(0, 0, 12)), "and nothing else is");
}

int
main(void)
{
	test_categories();
	test_patterns();
	test_several_bits();
	test_query();
	test_covering();
	test_read();
	test_undeclared_list();
	test_loopback_declared();
	test_answer();
	test_conditions();
	test_roster();
	return done();
}
