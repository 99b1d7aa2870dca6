/* SPDX-License-Identifier: BSD-2-Clause */
/* test_operand.c - addresses, names, times and words as administrators type them. */
#include "config.h"

#include "control/operand.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "tap.h"

static struct conf conf;
static struct listing list[3];
static struct roster roster;

static const struct {
	const char *text;
	const char *address; /* NULL: it is none */
	const char *name;    /* NULL: it is none */
} texts[] = {
    {"198.51.100.7", "198.51.100.7", NULL},
    {"2001:DB8::7", "2001:db8::7", NULL},
    {"::ffff:198.51.100.7", "198.51.100.7", NULL},
    {"2001:db8:64::c633:6407", "198.51.100.7", NULL},
    {"Mail.Example.", NULL, "mail.example"},
    {"gr\303\274n.example", NULL, "xn--grn-ioa.example"},
    {"198.51.100.7/24", NULL, NULL},
    {"198.51.100.7 ", NULL, NULL},
    {"[198.51.100.7]", NULL, NULL},
    {"a b", NULL, NULL},
    {"\033[31m.example", NULL, NULL},
    {"", NULL, NULL},
    {NULL, NULL, NULL},
};

static void
test_texts(void)
{
	char address[IPADDR_STRLEN], why[128];
	struct operand o;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const char *label = texts[i].text != NULL ? texts[i].text : "nothing";
		bool good = operand_read(&o, &conf, texts[i].text, true, why, sizeof(why));

		same_num(good, texts[i].address != NULL || texts[i].name != NULL, label);
		same_str(good && o.is_name ? o.name : NULL, texts[i].name, label);
		same_str(good && !o.is_name ? ipaddr_format(&o.address, address) : NULL,
		    texts[i].address, label);
		ok(good || strncmp(why, "address: ", 9) == 0, "%s: why", label);
		same_num(operand_read(&o, &conf, texts[i].text, false, why, sizeof(why)),
		    texts[i].address != NULL, label);
	}
}

static void
test_said(void)
{
	static const struct {
		const char *text;
		enum operand_said said;
		const char *out;
	} rows[] = {
	    {"198.51.100.7", SAID_ADDRESS, "198.51.100.7"},
	    {" [198.51.100.7]\t", SAID_ADDRESS, "198.51.100.7"},
	    {"[2001:db8::7]", SAID_ADDRESS, "2001:db8::7"},
	    {"VMJMKK0B", SAID_REFERENCE, "VMJMKK0B"},
	    {"vmjmkkob", SAID_REFERENCE, "VMJMKK0B"},
	    {"VIJLKK0B", SAID_REFERENCE, "V1J1KK0B"},
	    {" Ref VMJMKK0B ", SAID_REFERENCE, "VMJMKK0B"},
	    {"Ref: VMJMKK0B", SAID_REFERENCE, "VMJMKK0B"},
	    {"ref=VMJMKK0B", SAID_REFERENCE, "VMJMKK0B"},
	    {"[VMJMKK0B]", SAID_REFERENCE, "VMJMKK0B"},
	    {"REF00001", SAID_REFERENCE, "REF00001"},
	    {"VMJMKKUB", SAID_NEITHER, "VMJMKKUB"},
	    {"OMJMKK0B", SAID_NEITHER, "OMJMKK0B"},
	    {"mail.example", SAID_NEITHER, "mail.example"},
	    {"198.51.100.7 198.51.100.8", SAID_NEITHER, "..."},
	    {"\033[2J", SAID_NEITHER, "..."},
	    {"", SAID_NEITHER, ""},
	    {NULL, SAID_NEITHER, "..."},
	};
	char out[OPERAND_SAID_SIZE], why[192], want[192], longest[OPERAND_SAID_SIZE + 1];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *label = rows[i].text != NULL ? rows[i].text : "nothing";

		same_num(
		    operand_said(rows[i].text, out, why, sizeof(why)), rows[i].said, label);
		same_str(out, rows[i].out, label);
	}
	(void)operand_said("VMJMKKUB", out, why, sizeof(why));
	same_str(why,
	    "\"VMJMKKUB\" is neither an address nor a reference (eight of 0-9 and A-Z without "
	    "I, L, O, U)",
	    "what is wrong");
	memset(longest, 'u', OPERAND_SAID_SIZE);
	longest[OPERAND_SAID_SIZE] = '\0';
	same_num(operand_said(longest, out, why, sizeof(why)), SAID_NEITHER, "too long");
	same_str(out, "...", "which is not repeated");
	same_num(operand_said(longest + 1, out, why, sizeof(why)), SAID_NEITHER, "the longest");
	snprintf(want, sizeof(want), "\"%s\" is neither", longest + 1);
	ok(strncmp(why, want, strlen(want)) == 0 && why[strlen(why) - 1] == ')',
	    "which is, and nothing is cut: %s", why);
}

/* A list of addresses, and one of names that is asked about two of them. */
static void
test_lists(void)
{
	static const struct {
		const char *text;
		listset address, helo, sender;
	} rows[] = {
	    {"198.51.100.7", 1, 0, 0},
	    {"2001:db8::7", 0, 0, 0},
	    {"10.1.2.3", 0, 0, 0},
	    {"mail.example", 0, 2, 4},
	};
	struct operand o;
	char why[128];

	list[0].role = ROLE_ADDRESS;
	list[0].ipv4 = true;
	list[1].role = ROLE_HELO;
	list[2].role = ROLE_SENDER;
	for (unsigned i = 0; i < 3; i++)
		roster.list[roster.n++] = &list[i];
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		operand_read(&o, &conf, rows[i].text, true, why, sizeof(why));
		same_num((long long)operand_lists(&o, &roster, ROLE_ADDRESS),
		    (long long)rows[i].address, rows[i].text);
		same_num((long long)operand_lists(&o, &roster, ROLE_HELO),
		    (long long)rows[i].helo, rows[i].text);
		same_num((long long)operand_lists(&o, &roster, ROLE_SENDER),
		    (long long)rows[i].sender, rows[i].text);
	}
}

static void
test_times(void)
{
	static const struct {
		const char *request;
		long long ms; /* -1: refused */
	} rows[] = {
	    {"{}", 5},
	    {"{\"for\":\"1s\"}", 1000},
	    {"{\"for\":\"90m\"}", 5400000},
	    {"{\"for\":\"7d\"}", 604800000},
	    {"{\"for\":\"30d\"}", 2592000000},
	    {"{\"for\":\"721h\"}", -1},
	    {"{\"for\":\"999ms\"}", -1},
	    {"{\"for\":\"\"}", -1},
	    {"{\"for\":\"-1h\"}", -1},
	    {"{\"for\":\"1h \"}", -1},
	    {"{\"for\":\"99999999999999999999d\"}", -1},
	    {"{\"for\":3600}", -1},
	    {"{\"for\":null}", -1},
	};
	char why[192];
	int64_t ms;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *args = json_loads(rows[i].request, 0, NULL);
		bool good = operand_time(args, 5, &ms, why, sizeof(why));

		same_num(good ? ms : -1, rows[i].ms, rows[i].request);
		ok(good || strncmp(why, "for: must be", 12) == 0, "%s: why", rows[i].request);
		json_decref(args);
	}
}

static void
test_words(void)
{
	static const struct {
		const char *label, *words;
		bool good;
	} rows[] = {
	    {"ASCII", "ticket 4711 (\"!\")", true},
	    {"other letters", "gr\303\274n \342\202\254 \302\240", true},
	    {"an escape", "a\033[2Jb", false},
	    {"a newline", "a\nb", false},
	    {"a delete", "a\177", false},
	    {"a CSI of one character", "a\302\233b", false},
	};
	char words[OPERAND_WHY_MAX + 2], why[128];
	const char *got;
	json_t *args;

	memset(words, 'w', sizeof(words));
	words[OPERAND_WHY_MAX] = '\0';
	args = json_pack("{s:s}", "why", words);
	ok(operand_why(args, &got, why, sizeof(why)) && strcmp(got, words) == 0, "200 bytes");
	json_decref(args);
	words[OPERAND_WHY_MAX] = 'w';
	words[OPERAND_WHY_MAX + 1] = '\0';
	args = json_pack("{s:s}", "why", words);
	ok(!operand_why(args, &got, why, sizeof(why)), "one more: %s", why);
	json_decref(args);
	args = json_pack("{s:i}", "why", 1);
	ok(!operand_why(args, &got, why, sizeof(why)), "a number: %s", why);
	json_decref(args);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		args = json_pack("{s:s}", "why", rows[i].words);
		same_num(
		    operand_why(args, &got, why, sizeof(why)), rows[i].good, rows[i].label);
		json_decref(args);
	}
	args = json_object();
	ok(operand_why(args, &got, why, sizeof(why)) && got == NULL, "none");
	json_decref(args);
}

/* A text of several lines, which evidence may have. */
static void
test_lines(void)
{
	char why[128];
	const char *got;
	json_t *args = json_pack("{s:s}", "evidence", "a\tb\nc");

	ok(operand_text(args, "evidence", 5, &got, why, sizeof(why)), "lines and tabs");
	ok(!operand_text(args, "evidence", 4, &got, why, sizeof(why)), "too many: %s", why);
	ok(!operand_words(args, "evidence", 5, &got, why, sizeof(why)), "no words: %s", why);
	json_decref(args);
	args = json_pack("{s:s}", "evidence", "a\033b");
	ok(!operand_text(args, "evidence", 5, &got, why, sizeof(why)), "an escape: %s", why);
	json_decref(args);
}

#define NOW INT64_C(1795000000) /* 2026-11-18T11:06:40Z */
#define LAST (NOW + INT64_C(366) * 86400)

static void
test_dates(void)
{
	static const struct {
		const char *text; /* NULL: there is none */
		int64_t wall;     /* 0: it is refused */
	} rows[] = {
	    {"2026-11-19", 1795046400},
	    {"2026-11-18T11:06:41Z", NOW + 1},
	    {"2026-11-18T11:06:40Z", 0},
	    {"2026-11-18", 0},
	    {"2027-11-19T11:06:40Z", LAST},
	    {"2027-11-20", 0},
	    {"1969-12-31", 0},
	    {"2026-11-31x", 0},
	    {"2026-13-01", 0},
	    {"19.11.2026", 0},
	    {"tomorrow", 0},
	    {"", 0},
	    {NULL, 0},
	};
	char why[128];
	int64_t wall;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *args = json_pack("{s:s?}", "until", rows[i].text);
		bool good = operand_date(args, "until", NOW, LAST, &wall, why, sizeof(why));
		const char *label = rows[i].text != NULL ? rows[i].text : "none";

		same_num(good ? wall : 0, rows[i].wall, label);
		ok(good || strncmp(why, "until: ", 7) == 0, "%s: why", label);
		json_decref(args);
	}
}

int
main(void)
{
	char why[128];

	conf.nnat64 = nat64_parse(&conf.nat64[0], "2001:db8:64::/96", why, sizeof(why));
	test_texts();
	test_said();
	test_lists();
	test_times();
	test_words();
	test_lines();
	test_dates();
	return done();
}
