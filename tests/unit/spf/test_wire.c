/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_spfwire.c - messages there and back; those that may not be written, and
 * packets that are cut, too long, or have any byte of them changed.
 */
#include "config.h"

#include "spf/wire.h"

#include <stdlib.h>

#include "tap.h"

#define X16 "xxxxxxxxxxxxxxxx"
#define X63 X16 X16 X16 "xxxxxxxxxxxxxxx"
#define X255 X63 X63 X63 X63 "xxx"
#define X511 X255 X255 "x"
#define X767 X511 X255 "x"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static unsigned char packet[SPFWIRE_MAX];

static const struct ipaddr v4 = {.bits = 32, .byte = {198, 51, 100, 7}};

static struct spf_message
a_check(const char *helo, const char *sender, const char *receiver)
{
	return (struct spf_message){
	    .verb = SPF_CHECK, .number = 0xfffffffe, .as.check = {v4, helo, sender, receiver}};
}

static const struct {
	const char *label, *helo, *sender, *receiver;
	bool good;
} checks[] = {
    {"a check", "mail.example", "bob@example", "mx.example", true},
    {"null sender, no HELO", "", "", "m", true},
    {"quoted, with blanks and 8-bit", "a b\xff", "\"a @b\"@example", "mx", true},
    {"longest HELO", X255, "@", "mx", true},
    {"a HELO too long", X255 "x", "@", "mx", false},
    {"longest sender", "h", X767 "@", "mx", true},
    {"a sender too long", "h", X767 "@x", "mx", false},
    {"longest receiver", "h", "", X255, true},
    {"a receiver too long", "h", "", X255 "x", false},
    {"no receiver", "h", "", "", false},
    {"a receiver with a blank", "h", "", "m x", false},
    {"an 8-bit receiver", "h", "", "m\x80", false},
    {"a sender without @", "h", "bob", "mx", false},
    {"CR and LF in a HELO", "h\r\n", "", "mx", false},
    {"DEL in a HELO", "h\x7f", "", "mx", false},
    {"ESC in a sender", "h", "\x1b@x", "mx", false},
};

static void
test_checks(void)
{
	for (size_t i = 0; i < COUNT(checks); i++) {
		struct spf_message m =
		    a_check(checks[i].helo, checks[i].sender, checks[i].receiver);
		struct spf_message back;
		size_t len = spfwire_write(packet, &m);

		same_num(len > 0, checks[i].good, checks[i].label);
		if (len == 0 ||
		    !ok(spfwire_read(&back, packet, len), "%s: read", checks[i].label))
			continue;
		ok(back.verb == SPF_CHECK && back.number == 0xfffffffe &&
			ipaddr_compare(&back.as.check.client, &v4) == 0,
		    "%s: the address", checks[i].label);
		same_str(back.as.check.helo, checks[i].helo, checks[i].label);
		same_str(back.as.check.sender, checks[i].sender, checks[i].label);
		same_str(back.as.check.receiver, checks[i].receiver, checks[i].label);
	}
}

static void
test_clients(void)
{
	struct spf_message m = a_check("h", "", "mx"), back;
	size_t len;

	(void)ipaddr_parse(&m.as.check.client, "2001:db8::7");
	len = spfwire_write(packet, &m);
	ok(len > 0 && spfwire_read(&back, packet, len) &&
		ipaddr_compare(&back.as.check.client, &m.as.check.client) == 0,
	    "an IPv6 address");
	m.as.check.client.bits = 0;
	same_num(spfwire_write(packet, &m), 0, "no address");
	m.as.check.client.bits = 255;
	same_num(spfwire_write(packet, &m), 0, "an odd address");
}

static const struct {
	const char *label, *name;
	bool good;
} names[] = {
    {"a name", "example.net", true},
    {"what a macro made", "%{$;\\\".()@..", true},
    {"longest name", X255, true},
    {"a name too long", X255 "x", false},
    {"no name", "", false},
    {"a blank", "a b", true},
    {"a newline", "a\n", false},
    {"8-bit", "\xc3\xa4", false},
};

static void
test_asks(void)
{
	for (size_t i = 0; i < COUNT(names); i++) {
		struct spf_message m = {.verb = SPF_ASK, .number = 1}, back;
		size_t len;

		m.as.ask = (struct spf_ask){DNS_TXT, names[i].name};
		len = spfwire_write(packet, &m);
		same_num(len > 0, names[i].good, names[i].label);
		if (len > 0)
			ok(spfwire_read(&back, packet, len) && back.verb == SPF_ASK &&
				back.as.ask.type == DNS_TXT &&
				strcmp(back.as.ask.name, names[i].name) == 0,
			    "%s: read", names[i].label);
	}
}

#define RECORD(text)                                                           \
	{                                                                      \
		.len = sizeof(text) - 1, .data = (const unsigned char *)(text) \
	}

static const struct {
	const char *label;
	enum dns_type type;
	enum dns_status status;
	size_t n;
	struct dns_record record;
	bool good;
} answers[] = {
    {"absent", DNS_TXT, DNS_ABSENT, 0, {0}, true},
    {"failed", DNS_MX, DNS_FAILED, 0, {0}, true},
    {"no answer", DNS_A, DNS_TIMEOUT, 0, {0}, true},
    {"found, and nothing of use", DNS_TXT, DNS_FOUND, 0, {0}, true},
    {"absent, and records", DNS_A, DNS_ABSENT, 1, RECORD("\1\2\3\4"), false},
    {"A", DNS_A, DNS_FOUND, DNS_RECORDS_MAX, RECORD("\0\0\0\0"), true},
    {"more records than there may be", DNS_A, DNS_FOUND, DNS_RECORDS_MAX + 1,
	RECORD("\1\2\3\4"), false},
    {"A of three bytes", DNS_A, DNS_FOUND, 1, RECORD("\1\2\3"), false},
    {"AAAA", DNS_AAAA, DNS_FOUND, 2, RECORD(X16), true},
    {"AAAA of 17 bytes", DNS_AAAA, DNS_FOUND, 1, RECORD(X16 "x"), false},
    {"MX", DNS_MX, DNS_FOUND, 64, {65535, 255, (const unsigned char *)X255}, true},
    {"MX too long", DNS_MX, DNS_FOUND, 1, RECORD(X255 "x"), false},
    {"MX of the root", DNS_MX, DNS_FOUND, 1, RECORD(""), true},
    {"MX with a blank", DNS_MX, DNS_FOUND, 1, RECORD("a b"), false},
    {"PTR", DNS_PTR, DNS_FOUND, 3, RECORD("mail.example"), true},
    {"PTR with a NUL", DNS_PTR, DNS_FOUND, 1, RECORD("a\0b"), false},
    {"PTR with a preference", DNS_PTR, DNS_FOUND, 1, {1, 1, (const unsigned char *)"a"}, false},
    {"TXT", DNS_TXT, DNS_FOUND, 60, RECORD(X511 "\x01\x7f\xff\r\n"), true},
    {"TXT of nothing", DNS_TXT, DNS_FOUND, DNS_RECORDS_MAX, RECORD(""), true},
    {"TXT with a NUL", DNS_TXT, DNS_FOUND, 1, RECORD("v=spf1\0"), false},
};

static struct spf_message
an_answer(size_t i)
{
	struct spf_message m = {.verb = SPF_ANSWER, .number = 7};

	m.as.answer.type = answers[i].type;
	m.as.answer.status = answers[i].status;
	m.as.answer.ttl = 0xfffffffd;
	m.as.answer.records.n = answers[i].n;
	for (size_t k = 0; k < answers[i].n && k < DNS_RECORDS_MAX; k++)
		m.as.answer.records.record[k] = answers[i].record;
	return m;
}

static bool
same_records(const struct spf_answer *a, const struct spf_answer *b)
{
	for (size_t i = 0; i < a->records.n; i++) {
		const struct dns_record *x = &a->records.record[i], *y = &b->records.record[i];

		if (x->preference != y->preference || x->len != y->len ||
		    memcmp(x->data, y->data, x->len) != 0)
			return false;
		if (a->type > DNS_AAAA && x->data[x->len] != '\0')
			return false;
	}
	return a->type == b->type && a->status == b->status && a->ttl == b->ttl &&
	    a->records.n == b->records.n;
}

static void
test_answers(void)
{
	for (size_t i = 0; i < COUNT(answers); i++) {
		struct spf_message m = an_answer(i), back;
		size_t len = spfwire_write(packet, &m);

		same_num(len > 0, answers[i].good, answers[i].label);
		if (len > 0)
			ok(spfwire_read(&back, packet, len) && back.verb == SPF_ANSWER &&
				same_records(&back.as.answer, &m.as.answer),
			    "%s: read", answers[i].label);
	}
}

/* More than a packet holds is not written, and not written past. */
static void
test_too_much(void)
{
	unsigned char *text = malloc(DNS_RECORDS_BYTES);
	struct spf_message m = {.verb = SPF_ANSWER};
	struct dns_record r = {.data = text, .len = DNS_RECORDS_BYTES};

	memset(text, 'x', DNS_RECORDS_BYTES);
	m.as.answer = (struct spf_answer){.type = DNS_TXT, .status = DNS_FOUND};
	m.as.answer.records.record[0] = m.as.answer.records.record[1] = r;
	m.as.answer.records.n = 1;
	ok(spfwire_write(packet, &m) > DNS_RECORDS_BYTES, "as much as an answer holds");
	m.as.answer.records.n = 2;
	same_num(spfwire_write(packet, &m), 0, "more than a packet holds");
	free(text);
}

static const struct {
	const char *label, *reason;
	enum spf_result result;
	bool good;
} outcomes[] = {
    {"a result", "", SPF_PASS, true},
    {"with a reason", "Too many lookups!", SPF_PERMERROR, true},
    {"no result", "", SPF_UNCHECKED, false},
    {"longest reason", X63, SPF_NONE, true},
    {"a reason too long", X63 "x", SPF_NONE, false},
    {"a reason with a newline", "a\nb", SPF_NONE, false},
    {"a reason of 8 bits", "\xe4", SPF_NONE, false},
};

static void
test_outcomes(void)
{
	for (size_t i = 0; i < COUNT(outcomes); i++) {
		struct spf_message m = {.verb = SPF_RESULT}, back;
		size_t len;

		m.as.outcome = (struct spf_outcome){outcomes[i].result, outcomes[i].reason};
		len = spfwire_write(packet, &m);
		same_num(len > 0, outcomes[i].good, outcomes[i].label);
		if (len > 0)
			ok(spfwire_read(&back, packet, len) && back.verb == SPF_RESULT &&
				back.as.outcome.result == outcomes[i].result &&
				strcmp(back.as.outcome.reason, outcomes[i].reason) == 0,
			    "%s: read", outcomes[i].label);
	}
}

/* --- Packets that nobody has written --- */

/* Read from a block that ends where the packet does; what is read can be written. */
static bool
reads(const unsigned char *bytes, size_t len)
{
	static unsigned char again[SPFWIRE_MAX];
	unsigned char *copy = malloc(len + 1);
	struct spf_message m;
	bool good;

	memcpy(copy + 1, bytes, len);
	good = spfwire_read(&m, copy + 1, len);
	if (good && (spfwire_write(again, &m) != len || memcmp(again, bytes, len) != 0))
		ok(false, "what was read is written otherwise");
	free(copy);
	return good;
}

/* Cut anywhere, with a byte more, and with every byte changed to some. */
static void
test_mangled(const struct spf_message *m, const char *label)
{
	static const unsigned char values[] = {0, 1, 0x20, 0x7f, 0x80, 0xff};
	size_t len = spfwire_write(packet, m);
	unsigned cuts = 0, changes = 0;

	ok(reads(packet, len), "%s: whole", label);
	for (size_t i = 0; i < len; i++)
		cuts += reads(packet, i);
	same_num(cuts, 0, label);
	packet[len] = '\0';
	ok(!reads(packet, len + 1), "%s: with a byte more", label);
	for (size_t i = 0; i < len; i++) {
		unsigned char before = packet[i];

		for (size_t k = 0; k < COUNT(values); k++) {
			packet[i] = values[k];
			changes += reads(packet, len);
		}
		packet[i] = before;
	}
	ok(changes < len * COUNT(values), "%s: with bytes changed (%u are read)", label,
	    changes);
}

static const struct {
	const char *label, *bytes;
	size_t len;
} nonsense[] = {
    {"nothing", "", 0},
    {"no verb", "\4\0\0\0\1", 5},
    {"a verb alone", "\0", 1},
    {"a type of none", "\1\0\0\0\1\5\0\1a\0", 10},
    {"a status of none", "\2\0\0\0\1\0\4\0\0\0\0\0", 12},
    {"255 records", "\2\0\0\0\1\0\0\0\0\0\0\xff", 12},
    {"a text longer than the packet",
	"\1\0\0\0\1\4\xff\xff"
	"a\0",
	10},
    {"a text that ends early", "\1\0\0\0\1\4\0\3a\0b\0", 12},
    {"a text that does not end", "\1\0\0\0\1\4\0\1ab", 10},
    {"a result of none", "\3\0\0\0\1\11\0\0\0", 9},
    {"no result", "\3\0\0\0\1\0\0\0\0", 9},
    {"an address of 33 bits", "\0\0\0\0\1\41\1\2\3\4\0\0\0\0\0\0\0\1r\0", 20},
};

static void
test_nonsense(void)
{
	static unsigned char big[SPFWIRE_MAX + 1];

	for (size_t i = 0; i < COUNT(nonsense); i++)
		ok(!reads((const unsigned char *)nonsense[i].bytes, nonsense[i].len), "%s",
		    nonsense[i].label);
	ok(!reads(big, sizeof(big)), "a packet too long");
	ok(reads((const unsigned char *)"\1\0\0\0\1\4\0\1a\0", 10), "and one that is good");
}

int
main(void)
{
	struct spf_message check = a_check("mail.example", "bob@example", "mx"), m;

	test_checks();
	test_clients();
	test_asks();
	test_answers();
	test_too_much();
	test_outcomes();
	test_nonsense();
	test_mangled(&check, "a check");
	m = an_answer(14);
	test_mangled(&m, "PTR records");
	m = an_answer(8);
	test_mangled(&m, "AAAA records");
	m = (struct spf_message){.verb = SPF_RESULT, .as.outcome = {SPF_FAIL, "why"}};
	test_mangled(&m, "a result");
	m = (struct spf_message){.verb = SPF_VERBS};
	same_num(spfwire_write(packet, &m), 0, "no verb is not written");
	return done();
}
