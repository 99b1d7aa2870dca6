/* SPDX-License-Identifier: BSD-2-Clause */
/* test_spfanswer.c - what of an answer of DNS gets to the process that evaluates. */
#include "config.h"

#include "spf/answer.h"

#include <stdlib.h>

#include "tap.h"

#define RECORDS_MAX 4

static struct ipaddr client;

static const struct {
	const char *label;
	enum dns_type type;
	enum dns_status status;
	const char *record[RECORDS_MAX];
	bool cut;
	bool over;
	enum dns_status want;
	const char *told[RECORDS_MAX];
} rows[] = {
    {"no policy", DNS_TXT, DNS_FOUND, {"hello", "v=spf10 -all"}, false, false, DNS_ABSENT, {0}},
    {"one", DNS_TXT, DNS_FOUND, {"hello", "v=spf1 ip4:203.0.113.1 -all", "v=other"}, false,
	false, DNS_FOUND, {"v=spf1 -all"}},
    {"two", DNS_TXT, DNS_FOUND, {"v=spf1 -all", "x", "v=spf1 +all"}, false, false, DNS_FOUND,
	{"v=spf1 -all", "v=spf1 +all"}},
    {"three", DNS_TXT, DNS_FOUND, {"v=spf1 -all", "v=spf1 a", "v=spf1 +all"}, false, false,
	DNS_FOUND, {"v=spf1 -all", "v=spf1 a"}},
    {"a bad one", DNS_TXT, DNS_FOUND, {"v=spf1 ip4:x -all"}, false, true, DNS_FOUND, {0}},
    {"a bad one of two", DNS_TXT, DNS_FOUND, {"v=spf1 -all", "v=spf1 ip4:x"}, false, true,
	DNS_FOUND, {0}},
    {"none among many", DNS_TXT, DNS_FOUND, {"hello"}, true, false, DNS_FAILED, {0}},
    {"one among many", DNS_TXT, DNS_FOUND, {"v=spf1 -all"}, true, false, DNS_FAILED, {0}},
    {"two among many", DNS_TXT, DNS_FOUND, {"v=spf1 -all", "x", "v=spf1 +all"}, true, false,
	DNS_FOUND, {"v=spf1 -all", "v=spf1 +all"}},
    {"some names of many", DNS_MX, DNS_FOUND, {"a.example"}, true, false, DNS_FAILED, {0}},
    {"some reverse names of many", DNS_PTR, DNS_FOUND, {"a.example"}, true, false, DNS_FOUND,
	{"a.example"}},
    {"no reverse name of many", DNS_PTR, DNS_FOUND, {""}, true, false, DNS_FAILED, {0}},
    {"the nearest of many", DNS_AAAA, DNS_FOUND, {"0123456789abcdef"}, true, false, DNS_FOUND,
	{"0123456789abcdef"}},
    {"nothing there", DNS_TXT, DNS_ABSENT, {0}, false, false, DNS_ABSENT, {0}},
    {"nobody answers", DNS_TXT, DNS_TIMEOUT, {0}, false, false, DNS_TIMEOUT, {0}},
    {"names", DNS_MX, DNS_FOUND, {"a.example", "b.example"}, false, false, DNS_FOUND,
	{"a.example", "b.example"}},
    {"null MX", DNS_MX, DNS_FOUND, {""}, false, false, DNS_ABSENT, {0}},
    {"odd names", DNS_MX, DNS_FOUND, {"a..b", "b.example", "c d"}, false, false, DNS_FOUND,
	{"b.example"}},
    {"a reverse name", DNS_PTR, DNS_FOUND, {"a.example"}, false, false, DNS_FOUND,
	{"a.example"}},
    {"no reverse name to be had", DNS_PTR, DNS_FAILED, {0}, false, false, DNS_ABSENT, {0}},
    {"an address", DNS_AAAA, DNS_FOUND, {"0123456789abcdef"}, false, false, DNS_FOUND,
	{"0123456789abcdef"}},
};

static struct spf_room room;

static void
test_row(size_t i)
{
	struct dns_records records = {.cut = rows[i].cut};
	struct dns_reply reply = {.status = rows[i].status, .ttl = 7, .records = &records};
	const char *label = rows[i].label;
	struct spf_ask ask = {.type = rows[i].type, .name = "example"};
	struct spf_budget budget;
	struct spf_answer answer;
	size_t n = 0;

	for (; records.n < RECORDS_MAX && rows[i].record[records.n] != NULL; records.n++) {
		const char *text = rows[i].record[records.n];

		records.record[records.n] = (struct dns_record){
		    .len = (uint16_t)strlen(text), .data = (const unsigned char *)text};
	}
	spfbudget_init(&budget);
	spfbudget_ask(&budget, &ask);
	ok(spfanswer_make(&answer, &room, rows[i].type, &reply, &client, &budget) ==
		!rows[i].over,
	    "%s: goes on or not", label);
	if (rows[i].over)
		return;
	same_num(answer.status, rows[i].want, label);
	while (n < RECORDS_MAX && rows[i].told[n] != NULL)
		n++;
	same_num((long long)answer.records.n, (long long)n, label);
	for (size_t k = 0; k < n && k < answer.records.n; k++)
		same_str((const char *)answer.records.record[k].data, rows[i].told[k], label);
}

/* Addresses are in the order of the network; three answers without one are too many. */
static void
test_addresses(void)
{
	const struct dns_reply reply = {
	    .status = DNS_FOUND, .n = 2, .address = {0xc6336407, 0xcb007101}};
	const struct dns_reply absent = {.status = DNS_ABSENT};
	struct spf_budget budget;
	struct spf_answer a;

	spfbudget_init(&budget);
	ok(spfanswer_make(&a, &room, DNS_A, &reply, &client, &budget), "addresses");
	same_num((long long)a.records.n, 2, "both");
	ok(a.records.record[0].len == 4 &&
		memcmp(a.records.record[0].data, "\xc6\x33\x64\x07", 4) == 0 &&
		memcmp(a.records.record[1].data, "\xcb\x00\x71\x01", 4) == 0,
	    "as the network has them");
	ok(spfanswer_make(&a, &room, DNS_A, &absent, &client, &budget) &&
		spfanswer_make(&a, &room, DNS_A, &absent, &client, &budget),
	    "two without");
	ok(!spfanswer_make(&a, &room, DNS_A, &absent, &client, &budget), "three without");
}

int
main(void)
{
	ipaddr_parse(&client, "198.51.100.7");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		test_row(i);
	test_addresses();
	return done();
}
