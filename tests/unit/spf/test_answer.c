/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_answer.c - what of an answer of DNS gets to the process that evaluates; which
 * question of a check is one too many, and what an answer is worth.
 */
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
	struct spf_budget budget = {0};
	struct spf_answer answer;
	size_t n = 0;

	for (; records.n < RECORDS_MAX && rows[i].record[records.n] != NULL; records.n++) {
		const char *text = rows[i].record[records.n];

		records.record[records.n] = (struct dns_record){
		    .len = (uint16_t)strlen(text), .data = (const unsigned char *)text};
	}
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
	struct spf_budget budget = {0};
	struct spf_answer a;

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

/* An answer with n names: "m0.example" and so on. */
static bool
answer(struct spf_budget *b, enum dns_type type, enum dns_status status, size_t n,
    struct spf_answer *out)
{
	static char name[DNS_RECORDS_MAX][32];
	struct dns_records records = {.n = n};
	const struct dns_reply reply = {.status = status, .records = &records};

	for (size_t i = 0; i < n; i++) {
		snprintf(name[i], sizeof(name[i]), "m%zu.example", i);
		records.record[i].data = (const unsigned char *)name[i];
		records.record[i].len = (uint16_t)strlen(name[i]);
	}
	return spfanswer_make(out, &room, type, &reply, &client, b);
}

/*
 * One letter a question: t TXT, a A and 6 AAAA of a name of its own, m MX, p
 * PTR, 0 to 9 the address of that name of the last MX or PTR.  Before it, what
 * the last one was answered: - nothing there, ! no answer, * eleven names,
 * + three (to m and p; to others that there is one).
 */
static const struct {
	const char *label, *steps;
	unsigned asked; /* steps that may be asked */
	bool over;
} checks[] = {
    {"one", "t", 1, false},
    {"ten includes", "t+t+t+t+t+t+t+t+t+t+t", 11, false},
    {"eleven includes", "t+t+t+t+t+t+t+t+t+t+t+t", 11, true},
    {"ten addresses", "t+a+a+a+a+a+a+a+a+a+6", 11, false},
    {"eleven addresses", "t+a+a+6+a+a+a+a+a+a+a+a", 11, true},
    {"of all kinds", "t+t+a+m+0+1+2+p+0+1+6+t+t+t+t+t+t", 16, true},
    {"names of an MX are free", "t+m+0+1+2+m+0+1+2+m+0+1+2+a+a+a+a+a+a+a", 20, false},
    {"but each only once", "t+m+0+0+0+0+0+0+0+0+0+0+0", 12, true},
    {"and only until the next one", "t+m+m+0+1+2+0+1+2+0+1+2+0+1+2", 14, true},
    {"names of another are none", "t+m+3+4+5+6+7+8+9+3+4+5", 11, true},
    {"thirty questions", "t+m+0+1+2+m+0+1+2+m+0+1+2+m+0+1+2+m+0+1+2+m+0+1+2+m+0+1+2+m+0", 30,
	true},
    {"two without a record", "t+a-a-a+", 4, false},
    {"three without a record", "t+a-a-a-", 4, true},
    {"three, with others between", "t+a-t+a-m+0-", 6, true},
    {"no answer is not an answer without records", "t+a!a!a!a!", 5, false},
    {"eleven names of an MX", "t+m*", 2, true},
    {"eleven names of a PTR", "t+p*9+a", 4, false},
};

static struct spf_ask
question_of(char message, unsigned number, char name[32])
{
	struct spf_ask ask = {.type = DNS_A, .name = name};

	snprintf(name, 32, "n%u.example", number);
	if (message == 't')
		ask.type = DNS_TXT;
	else if (message == '6')
		ask.type = DNS_AAAA;
	else if (message == 'm')
		ask.type = DNS_MX;
	else if (message == 'p')
		ask.type = DNS_PTR;
	else if (message >= '0' && message <= '9')
		snprintf(name, 32, "M%c.Example", message);
	return ask;
}

static bool
answer_by(struct spf_budget *b, enum dns_type type, char message)
{
	bool names = type == DNS_MX || type == DNS_PTR;
	struct spf_answer out;

	switch (message) {
	case '-':
		return answer(b, type, DNS_ABSENT, 0, &out);
	case '!':
		return answer(b, type, DNS_FAILED, 0, &out);
	case '*':
		return answer(b, type, DNS_FOUND, 11, &out);
	default:
		return answer(b, type, DNS_FOUND, names ? 3 : 0, &out);
	}
}

static void
test_checks(void)
{
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		const char *s = checks[i].steps;
		struct spf_budget b = {0};
		unsigned asked = 0;
		bool over = false;
		char name[32];

		for (; *s != '\0' && !over; s++) {
			struct spf_ask ask = question_of(*s, asked, name);

			over = spfbudget_ask(&b, &ask) != SPF_LEAVE_ASK;
			asked += !over;
			if (!over && s[1] != '\0')
				over = !answer_by(&b, ask.type, *++s);
		}
		same_num(asked, checks[i].asked, checks[i].label);
		same_num(over, checks[i].over, checks[i].label);
	}
}

/* n labels of len bytes, then tail. */
static const char *
long_name(size_t n, size_t len, const char *tail)
{
	static char name[600];
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		memset(name + at, 'x', len);
		at += len;
		name[at++] = '.';
	}
	strcpy(name + at, tail);
	return name;
}

static void
test_names(void)
{
	static const struct {
		const char *name;
		bool good;
	} names[] = {
	    {"example", true},
	    {"a.b.example", true},
	    {"a.example.", true},
	    {"a+b=c_!#.example", true},
	    {"", false},
	    {".", false},
	    {".example", false},
	    {"a..example", false},
	    {"a b.example", true},
	    {"a\x7f.example", false},
	    {"a\xc3.example", false},
	    {"a\n.example", false},
	    {"a\\.example", false},
	};
	struct spf_budget b = {0};
	struct spf_ask ask = {.type = DNS_A};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		b = (struct spf_budget){0};
		ask.name = names[i].name;
		same_num(
		    spfbudget_ask(&b, &ask) == SPF_LEAVE_ASK, names[i].good, names[i].name);
	}
	b = (struct spf_budget){0};
	ask.name = long_name(1, 63, "example");
	same_num(spfbudget_ask(&b, &ask), SPF_LEAVE_ASK, "longest label");
	ask.name = long_name(1, 64, "example");
	same_num(spfbudget_ask(&b, &ask), SPF_LEAVE_ABSENT, "a label too long");
	ask.name = long_name(5, 49, "abc");
	same_num(spfbudget_ask(&b, &ask), SPF_LEAVE_ASK, "longest name");
	ask.name = long_name(5, 49, "abcd");
	same_num(spfbudget_ask(&b, &ask), SPF_LEAVE_ABSENT, "a name too long");
	same_num(b.terms, 4, "all of them are terms");
	ask.name = "";
	for (int i = 0; i < 6; i++)
		spfbudget_ask(&b, &ask);
	same_num(spfbudget_ask(&b, &ask), SPF_LEAVE_OVER, "eleven that cannot be");
}

/* What is made of an answer. */
static void
test_answers(void)
{
	struct spf_answer out;
	struct spf_budget b = {0};
	struct spf_ask ask = {.type = DNS_TXT, .name = "example"};

	spfbudget_ask(&b, &ask);
	answer(&b, DNS_TXT, DNS_FAILED, 0, &out);
	same_num(out.status, DNS_FAILED, "a policy that cannot be had");
	ask.type = DNS_MX;
	spfbudget_ask(&b, &ask);
	answer(&b, DNS_MX, DNS_FOUND, 2, &out);
	same_num((long long)out.records.n, 2, "an MX is as it is");
	ask = (struct spf_ask){.type = DNS_A, .name = "m1.example"};
	spfbudget_ask(&b, &ask);
	answer(&b, DNS_A, DNS_TIMEOUT, 0, &out);
	same_num(out.status, DNS_TIMEOUT, "its address that cannot be had");
	ask.type = DNS_PTR;
	spfbudget_ask(&b, &ask);
	answer(&b, DNS_PTR, DNS_FAILED, 0, &out);
	same_num(out.status, DNS_ABSENT, "a PTR that cannot be had is none");
	spfbudget_ask(&b, &ask);
	answer(&b, DNS_PTR, DNS_FOUND, 40, &out);
	same_num((long long)out.records.n, SPFBUDGET_NAMES, "ten of a PTR are enough");
	ask.type = DNS_A;
	spfbudget_ask(&b, &ask);
	answer(&b, DNS_A, DNS_TIMEOUT, 0, &out);
	same_num(out.status, DNS_ABSENT, "nor is an address of its names");
	ask.name = "other.example";
	spfbudget_ask(&b, &ask);
	answer(&b, DNS_A, DNS_TIMEOUT, 0, &out);
	same_num(out.status, DNS_TIMEOUT, "but that of others");
	same_num(b.voids, 0, "none of which is an answer without records");
}

int
main(void)
{
	ipaddr_parse(&client, "198.51.100.7");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		test_row(i);
	test_addresses();
	test_checks();
	test_names();
	test_answers();
	return done();
}
