/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_dnswire.c - names that can be asked for, and packets: whole ones, cut
 * ones, and ones with every byte changed in turn.
 */
#include "config.h"

#include "dns/wire.h"

#include <netinet/in.h>
#include <arpa/nameser.h>

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

#include "fakes/dnsd_answer.h"
#include "lists/listing.h"
#include "tap.h"

#define LABEL_63 "a23456789012345678901234567890123456789012345678901234567890123"
#define LABEL_61 "b234567890123456789012345678901234567890123456789012345678901"
#define LONGEST LABEL_63 "." LABEL_63 "." LABEL_63 "." LABEL_61

static const struct {
	const char *label, *name, *want; /* NULL: it cannot be asked */
	bool any;                        /* it can, if a stranger may make it up */
} names[] = {
    {"plain", "2.0.0.127.bl.example.net", "2.0.0.127.bl.example.net", true},
    {"one letter", "a", "a", true},
    {"last dot", "bl.example.", "bl.example", true},
    {"hyphens and underscores", "_a-b.-c_.example", "_a-b.-c_.example", true},
    {"longest", LONGEST, LONGEST, true},
    {"longest with a last dot", LONGEST ".", LONGEST, true},
    {"one too long", LABEL_63 "." LABEL_63 "." LABEL_63 "." LABEL_61 "x", NULL, false},
    {"far too long", LONGEST "." LONGEST "." LONGEST, NULL, false},
    {"label of 64", "x" LABEL_63 ".example", NULL, false},
    {"last label of 64", "bl.x" LABEL_63, NULL, false},
    {"empty", "", NULL, false},
    {"the root", ".", NULL, false},
    {"two dots", "..", NULL, false},
    {"first dot", ".example", NULL, false},
    {"empty label", "a..b", NULL, false},
    {"two last dots", "a..", NULL, false},
    {"space", "a b", NULL, true},
    {"backslash", "a\\.b", NULL, false},
    {"backslash at the end", "a.b\\", NULL, false},
    {"8-bit",
	"b\xfc"
	"cher.example",
	NULL, false},
    {"newline", "a\n", NULL, false},
    {"delete", "a\x7f", NULL, false},
    {"at sign", "@", NULL, true},
    {"quote", "a\"b", NULL, true},
    {"semicolon", "a;b", NULL, true},
    {"dollar", "a$b", NULL, true},
    {"parentheses", "a(b)", NULL, true},
    {"brackets", "a[b", NULL, true},
    {"percent", "%{key}.example", NULL, true},
    {"local part", "user+tag=a.example", NULL, true},
    {"all that is printed", " !\"#$%&'()*+,/:;<=>?@[]^_`{|}~", NULL, true},
};

typedef bool copy_fn(
    char[DNSWIRE_NAME_SIZE], const char *, const unsigned char[DNSWIRE_RANDOM_SIZE]);

/* The same name, every letter in the other case. */
static void
check_case(copy_fn *copy, const char *name, const char *label)
{
	unsigned char none[DNSWIRE_RANDOM_SIZE] = {0}, all[DNSWIRE_RANDOM_SIZE];
	char out[DNSWIRE_NAME_SIZE], other[DNSWIRE_NAME_SIZE];
	bool good = true;

	memset(all, 0xff, sizeof(all));
	ok(copy(out, name, none) && copy(other, name, all), "%s, by chance", label);
	ok(strcasecmp(out, other) == 0, "%s: the same name", label);
	for (size_t j = 0; out[j] != '\0'; j++)
		good &= (isalpha((unsigned char)out[j]) != 0) == (out[j] != other[j]);
	ok(good, "%s: the letters differ, nothing else", label);
}

static void
test_names(void)
{
	unsigned char none[DNSWIRE_RANDOM_SIZE] = {0};
	char out[DNSWIRE_NAME_SIZE];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *label = names[i].label, *want = names[i].want;

		same_num(dnswire_name(out, names[i].name, none), want != NULL, label);
		if (want != NULL) {
			same_str(out, want, label);
			check_case(dnswire_name, names[i].name, label);
		}
		same_num(dnswire_any_name(out, names[i].name, none), names[i].any, label);
		if (names[i].any) {
			same_str(out, want != NULL ? want : names[i].name, label);
			check_case(dnswire_any_name, names[i].name, label);
		}
	}
}

/* A question for records of "bL.Example", with the id 0x1234. */
#define TYPE_AT 25
static unsigned char query[] = {0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 2, 'b', 'L', 7, 'E',
    'x', 'a', 'm', 'p', 'l', 'e', 0, 0, 1, 0, 1};

/* What is asked with, byte for byte. */
/* A header alone, as Unbound refuses, whatever its counts are; and what is none. */
static void
test_bare(void)
{
	static const struct {
		unsigned char head[12];
		size_t len;
		int rcode; /* -1: it is no answer */
	} heads[] = {
	    {{1, 2, 0x81, 0x05, 0, 1, 0, 0, 0, 0, 0, 1}, 12, 5},
	    {{1, 2, 0x81, 0x05}, 12, 5},
	    {{1, 2, 0x81, 0x82}, 12, 2},
	    {{1, 2, 0x01, 0x05}, 12, -1}, /* a question */
	    {{1, 2, 0x81, 0x00}, 12, -1}, /* no error */
	    {{1, 2, 0x81, 0x03}, 12, -1}, /* no such name: of which? */
	    {{1, 2, 0xa9, 0x05}, 12, -1}, /* another operation */
	    {{1, 2, 0x81, 0x05}, 11, -1},
	};

	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		enum dnswire_match match =
		    dnswire_match(DNS_A, "bl.example", heads[i].head, heads[i].len);
		struct dns_reply reply;
		bool read = match == DNSWIRE_BARE &&
		    dnswire_read(&reply, NULL, DNS_A, NULL, heads[i].head, heads[i].len);

		same_num(match, heads[i].rcode >= 0 ? DNSWIRE_BARE : DNSWIRE_OTHER, "a header");
		ok(read == (heads[i].rcode >= 0) &&
			(!read ||
			    (reply.status == DNS_FAILED && reply.rcode == heads[i].rcode)),
		    "header %zu says that it is an error", i);
	}
}

static void
test_questions(void)
{
	static const unsigned char opt[] = {0, 0, 41, 0x04, 0xd0, 0, 0, 0x80, 0, 0, 0};
	unsigned char out[DNSWIRE_QUESTION_SIZE];
	size_t len = dnswire_question(out, 0x1234, DNS_A, "bL.Example", 0);
	ok(len == sizeof(query) && memcmp(out, query, len) == 0, "a question");
	len = dnswire_question(out, 0x1234, DNS_TXT, "bL.Example", 0);
	ok(len == sizeof(query) && out[TYPE_AT] == ns_t_txt, "for another type");
	len = dnswire_question(out, 0x1234, DNS_A, "bL.Example", DNS_DNSSEC_OK);
	ok(len == sizeof(query) + sizeof(opt) && out[11] == 1 &&
		memcmp(out + sizeof(query), opt, sizeof(opt)) == 0,
	    "for signatures, too");
	len = dnswire_question(out, 0x1234, DNS_A, "bL.Example", DNS_EDNS);
	ok(len == sizeof(query) + sizeof(opt) && out[11] == 1 && out[len - 4] == 0,
	    "with EDNS alone");
	ok(dnswire_question(out, 0, DNS_A, LONGEST, DNS_DNSSEC_OK) == sizeof(out),
	    "the longest");
	len = dnswire_question(out, 0x1234, DNS_A, "bL.Example", DNS_NO_RECURSION);
	ok(len == sizeof(query) && out[2] == 0 && query[2] == 1, "without recursion");
	len = dnswire_question(out, 0x1234, DNS_A, "bL.Example", DNS_CHECKING_DISABLED);
	ok(len == sizeof(query) && out[2] == 0x01 && out[3] == 0x10, "without validation");
	ok(dnswire_match(DNS_A, "bL.Example", query, len) == DNSWIRE_EXACT &&
		dnswire_match(DNS_A, "Bl.example", query, len) == DNSWIRE_FOLDED,
	    "about itself, and in other letter case");
	ok(dnswire_match(DNS_A, "bl.examplf", query, len) == DNSWIRE_OTHER &&
		dnswire_match(DNS_TXT, "bL.Example", query, len) == DNSWIRE_OTHER,
	    "and about others");
	for (size_t i = 0; i < len; i++)
		if (dnswire_match(DNS_A, "bL.Example", query, i) != DNSWIRE_OTHER)
			ok(false, "cut after %zu bytes", i);
	test_bare();
	ok(dnswire_is_onion("a.ONION") && dnswire_is_onion("onion"), "a name of .onion");
	ok(!dnswire_is_onion("onion.example") && !dnswire_is_onion("aonion"), "and none");
}

#define MX8 " mx=1:a mx=1:a mx=1:a mx=1:a mx=1:a mx=1:a mx=1:a mx=1:a"

static const struct {
	enum dns_type type;
	const char *words; /* of dnsd.h */
	const char *name;
	bool read;
	enum dns_status status;
	uint32_t ttl;
	size_t n;
	bool cut;
} packets[] = {
    {DNS_A, "127.0.0.2/60", "bL.Example", true, DNS_FOUND, 60, 1, false},
    {DNS_A, "127.0.0.2/60*200 127.0.0.3/3", "bL.Example", true, DNS_FOUND, 3, DNS_ADDRESSES,
	true},
    {DNS_A, "cname=a.example 127.0.0.2/2147483648", "bL.Example", true, DNS_FOUND, 0, 1, false},
    {DNS_A, "soa=60/2147483648", "bL.Example", true, DNS_ABSENT, 0, 0, false},
    {DNS_A, "nxdomain soa=90/600 ns", "bL.Example", true, DNS_ABSENT, 90, 0, false},
    {DNS_A, "nxdomain ns", "bL.Example", true, DNS_ABSENT, 0, 0, false},
    {DNS_A, "ns", "bL.Example", true, DNS_FAILED, 0, 0, false},
    {DNS_A, "servfail 127.0.0.2/60", "bL.Example", true, DNS_FAILED, 0, 0, false},
    {DNS_A, "127.0.0.2/60", "bl.example", false, DNS_FAILED, 0, 0, false},
    {DNS_A, "127.0.0.2/60", "xbL.Example", false, DNS_FAILED, 0, 0, false},
    {DNS_A, "tctc 127.0.0.2/60", "bL.Example", false, DNS_FAILED, 0, 0, false},
    {DNS_A, "cut 127.0.0.2/60*5", "bL.Example", false, DNS_FAILED, 0, 0, false},
    {DNS_A, "badlength 127.0.0.2/60*5", "bL.Example", false, DNS_FAILED, 0, 0, false},
    {DNS_A, "echo", "bL.Example", false, DNS_FAILED, 0, 0, false},
    {DNS_A, "garbage", "bL.Example", false, DNS_FAILED, 0, 0, false},
    {DNS_A, "badtype 127.0.0.2/60", "bL.Example", false, DNS_FAILED, 0, 0, false},
    {DNS_A, "mx=10:mx.example soa=9/9", "bL.Example", true, DNS_ABSENT, 9, 0, false},

    {DNS_A, "cname=a.example 127.0.0.2", "bL.Example", true, DNS_FOUND, 300, 1, false},
    {DNS_A, "cname=a.example owner=A.eXample 127.0.0.2", "bL.Example", true, DNS_FOUND, 300, 1,
	false},
    {DNS_A, "owner=Bl.example 127.0.0.2", "bL.Example", true, DNS_FOUND, 300, 1, false},
    {DNS_A, "cname=a.example,b.example,c.example 127.0.0.2", "bL.Example", true, DNS_FOUND, 300,
	1, false},
    {DNS_A, "cname=a.example,b.example,c.example reversed 127.0.0.2", "bL.Example", true,
	DNS_FOUND, 300, 1, false},
    {DNS_A, "owner=a.example 127.0.0.2", "bL.Example", false, DNS_FAILED, 0, 0, false},
    {DNS_A, "cname=a.example owner=b.example 127.0.0.2", "bL.Example", false, DNS_FAILED, 0, 0,
	false},
    {DNS_A, "cname=a.example,b.example owner=a.example 127.0.0.2", "bL.Example", false,
	DNS_FAILED, 0, 0, false},
    {DNS_A, "cname=a.example owner=bl.example 127.0.0.2", "bL.Example", false, DNS_FAILED, 0, 0,
	false},
    {DNS_A, "cname=a.example,b.example,a.example 127.0.0.2", "bL.Example", false, DNS_FAILED, 0,
	0, false},
    {DNS_A, "cname=a.example,b.example soa=60/30", "bL.Example", true, DNS_ABSENT, 30, 0,
	false},
    {DNS_A, "chaos 127.0.0.2", "bL.Example", false, DNS_FAILED, 0, 0, false},
    {DNS_A, "127.0.0.2 extended=1", "bL.Example", true, DNS_FAILED, 0, 0, false},
    {DNS_A, "nxdomain soa=60/30 extended=1", "bL.Example", true, DNS_FAILED, 0, 0, false},
    {DNS_A, "", "bL.Example", true, DNS_FAILED, 0, 0, false},
    {DNS_A, "ns aa", "bL.Example", true, DNS_FAILED, 0, 0, false},
    {DNS_A, "nxdomain", "bL.Example", true, DNS_ABSENT, 0, 0, false},
    {DNS_A, "cname=a.example", "bL.Example", true, DNS_FAILED, 0, 0, false},

    {DNS_AAAA, "", "bL.Example", true, DNS_ABSENT, 0, 0, false},
    {DNS_AAAA, "ns aa", "bL.Example", true, DNS_ABSENT, 0, 0, false},
    {DNS_AAAA, "owner=a.example aaaa=::1", "bL.Example", false, DNS_FAILED, 0, 0, false},
    {DNS_AAAA, "chaos aaaa=::1", "bL.Example", false, DNS_FAILED, 0, 0, false},
    {DNS_TXT, "owner=a.example txt=a", "bL.Example", false, DNS_FAILED, 0, 0, false},
    {DNS_AAAA, "aaaa=2001:db8::1/60", "bL.Example", true, DNS_FOUND, 60, 1, false},
    {DNS_AAAA, "127.0.0.2/1 cname=a.example aaaa=2001:db8::1/60*3 aaaa=::1/5", "bL.Example",
	true, DNS_FOUND, 5, 4, false},
    {DNS_AAAA, "aaaa=2001:db8::/60*255", "bL.Example", true, DNS_FOUND, 60, DNS_RECORDS_MAX,
	false},
    {DNS_AAAA, "aaaa=2001:db8::/60*255 aaaa=::1/4294967295", "bL.Example", true, DNS_FOUND, 0,
	DNS_RECORDS_MAX, true},
    {DNS_AAAA, "127.0.0.2 soa=60/30", "bL.Example", true, DNS_ABSENT, 30, 0, false},
    {DNS_AAAA, "nxdomain aaaa=2001:db8::1", "bL.Example", true, DNS_ABSENT, 0, 0, false},
    {DNS_AAAA, "aaaa=2001:db8::1", "bl.Example", false, DNS_FAILED, 0, 0, false},
    {DNS_AAAA, "badtype aaaa=2001:db8::1", "bL.Example", false, DNS_FAILED, 0, 0, false},
    {DNS_AAAA, "badlength aaaa=2001:db8::1*2", "bL.Example", false, DNS_FAILED, 0, 0, false},
    {DNS_AAAA, "cut aaaa=2001:db8::1*2", "bL.Example", false, DNS_FAILED, 0, 0, false},
    {DNS_AAAA, "tctc aaaa=2001:db8::1", "bL.Example", false, DNS_FAILED, 0, 0, false},

    {DNS_MX, "mx=20:b.example/50 mx=10:a.example/90 ptr=c.example/1", "bL.Example", true,
	DNS_FOUND, 50, 2, false},
    {DNS_MX, "cname=a.example mx=0:.", "bL.Example", true, DNS_FOUND, 300, 1, false},
    {DNS_MX, "badlength mx=0:a.example", "bL.Example", false, DNS_FAILED, 0, 0, false},
    {DNS_MX, "ns" MX8, "bL.Example", true, DNS_FOUND, 300, 8, false},

    {DNS_PTR, "ptr=a.example/9 ptr=b.example/7", "bL.Example", true, DNS_FOUND, 7, 2, false},
    {DNS_PTR, "ptr=a\\b.example/9 ptr=b.example", "bL.Example", true, DNS_FOUND, 9, 1, false},
    {DNS_PTR, "ptr=a\\b.example/9", "bL.Example", true, DNS_FOUND, 9, 0, false},
    {DNS_PTR, "badlength ptr=a.example ", "bL.Example", false, DNS_FAILED, 0, 0, false},
    {DNS_PTR, "cname=1.0/25.example ptr=a.example", "bL.Example", true, DNS_FOUND, 300, 1,
	false},

    {DNS_TXT, "txt=v=spf1%20-all txt=b txt=", "bL.Example", true, DNS_FOUND, 300, 3, false},
    {DNS_TXT, "txt=a%00b txt=b", "bL.Example", true, DNS_FOUND, 300, 2, false},
    {DNS_TXT, "txt=a%00b", "bL.Example", true, DNS_FOUND, 300, 1, false},
    {DNS_TXT, "txt=a*4095 txt=b*4095 txt=c*4095 txt=d*4095", "bL.Example", true, DNS_FOUND, 300,
	4, false},
    {DNS_TXT, "txt=a*4095 txt=b*4095 txt=c*4095 txt=d*4095 txt=", "bL.Example", true, DNS_FOUND,
	300, 4, true},
    {DNS_TXT, "txt=a*16384", "bL.Example", true, DNS_FOUND, 300, 0, true},
    {DNS_TXT, "badlength txt=a", "bL.Example", false, DNS_FAILED, 0, 0, false},
    {DNS_TXT, "soa=5/6", "bL.Example", true, DNS_ABSENT, 5, 0, false},
};

static struct dns_preference prefer; /* of who asks */

/* Read a copy in memory of just its size, so that a step beyond it is seen. */
static bool
read_copy(struct dns_reply *reply, enum dns_type type, const char *name,
    const unsigned char *data, size_t len)
{
	static struct dns_room room;
	unsigned char *copy = malloc(len > 0 ? len : 1);
	bool read = false;

	memcpy(copy, data, len);
	memset(reply, 0xff, sizeof(*reply));
	if (dnswire_match(type, name, copy, len) == DNSWIRE_EXACT)
		read =
		    dnswire_read(reply, type != DNS_A ? &room : NULL, type, &prefer, copy, len);
	else
		*reply = (struct dns_reply){.status = DNS_FAILED};
	free(copy);
	return read;
}

static size_t
count(const struct dns_reply *reply)
{
	return reply->records != NULL ? reply->records->n : reply->n;
}

static bool
sane(bool read, enum dns_type type, const struct dns_reply *reply)
{
	if (!read)
		return reply->status == DNS_FAILED && reply->n == 0 && reply->ttl == 0 &&
		    reply->records == NULL;
	if (reply->n > DNS_ADDRESSES || reply->ttl > INT32_MAX)
		return false;
	if (type == DNS_A)
		return (reply->status == DNS_FOUND) == (reply->n > 0) && reply->records == NULL;
	return reply->n == 0 && (reply->status == DNS_FOUND) == (reply->records != NULL) &&
	    count(reply) <= DNS_RECORDS_MAX;
}

/* The packet cut at every byte, and with every byte changed in some ways. */
static bool
survive(struct dnsd_packet *p, enum dns_type type, const char *name)
{
	static const unsigned char changes[] = {0x01, 0x80, 0xff, 0xc0, 0x20};
	size_t step = p->len / 2000 + 1;
	struct dns_reply reply;
	bool good = true;

	for (size_t len = 0; len < p->len; len += step)
		good &=
		    !read_copy(&reply, type, name, p->data, len) && sane(false, type, &reply);
	for (size_t i = 0; i < p->len; i += step) {
		for (size_t j = 0; j < sizeof(changes); j++) {
			p->data[i] ^= changes[j];
			good &=
			    sane(read_copy(&reply, type, name, p->data, p->len), type, &reply);
			p->data[i] ^= changes[j];
		}
	}
	return good;
}

static void
test_packets(void)
{
	static struct dnsd_packet p;
	static struct dnsd_answer a;
	struct dns_reply reply;

	for (size_t i = 0; i < sizeof(packets) / sizeof(packets[0]); i++) {
		enum dns_type type = packets[i].type;
		const char *label = packets[i].words, *name = packets[i].name;

		ok(dnsd_answer_read(&a, label), "%s: words", label);
		query[TYPE_AT] = (unsigned char)dnswire_type(type);
		dnsd_answer_write(&p, &a, query, sizeof(query), true);
		same_num(read_copy(&reply, type, name, p.data, p.len), packets[i].read, label);
		same_num(reply.status, packets[i].status, label);
		same_num(reply.ttl, packets[i].ttl, label);
		same_num((long long)count(&reply), (long long)packets[i].n, label);
		same_num(reply.cut || (reply.records != NULL && reply.records->cut),
		    packets[i].cut, label);
		ok(survive(&p, type, name), "%s: cut and changed", label);
	}
	ok(!dnsd_answer_read(&a, "127.0.0.2 nonsense"), "words that are none");
}

/* The answer to a question for one type is none to that for another. */
static void
test_types(void)
{
	static const enum dns_type types[] = {DNS_A, DNS_AAAA, DNS_MX, DNS_PTR, DNS_TXT};
	static struct dnsd_packet p;
	static struct dnsd_answer a;
	struct dns_reply reply;

	ok(dnsd_answer_read(&a, "127.0.0.2 aaaa=::1 mx=1:a ptr=b txt=c"), "a record of each");
	for (size_t i = 0; i < 5; i++) {
		query[TYPE_AT] = (unsigned char)dnswire_type(types[i]);
		dnsd_answer_write(&p, &a, query, sizeof(query), true);
		for (size_t j = 0; j < 5; j++)
			ok(read_copy(&reply, types[j], "bL.Example", p.data, p.len) == (i == j),
			    "types %zu and %zu", i, j);
		(void)read_copy(&reply, types[i], "bL.Example", p.data, p.len);
		ok(count(&reply) == 1, "type %zu: one record", i);
	}
}

/* Of more addresses than are read, the nearest to the one that is wanted is kept. */
static const struct {
	const char *label, *words, *wanted, *want;
	enum dns_type type;
} crowds[] = {
    {"itself, the last", "203.0.113.1/60*200 198.51.100.7", "198.51.100.7", "198.51.100.7",
	DNS_A},
    {"itself, in the middle", "203.0.113.1/60*40 198.51.100.7 203.0.113.2/60*200",
	"198.51.100.7", "198.51.100.7", DNS_A},
    {"itself, the first", "198.51.100.7 203.0.113.1/60*200", "198.51.100.7", "198.51.100.7",
	DNS_A},
    {"itself, where it just fits", "203.0.113.1/60*31 198.51.100.7 198.51.100.6/60*9",
	"198.51.100.7", "198.51.100.7", DNS_A},
    {"its network", "203.0.113.1/60*99 198.51.100.200 198.51.0.7 198.51.101.7", "198.51.100.7",
	"198.51.100.200", DNS_A},
    {"the nearest of its network", "203.0.113.1/60*99 198.51.100.9 198.51.100.5 198.51.100.15",
	"198.51.100.7", "198.51.100.5", DNS_A},
    {"the highest bit", "203.0.113.1/60*99 127.255.255.255 128.0.0.0", "127.0.0.1",
	"127.255.255.255", DNS_A},
    {"for nobody", "203.0.113.1/60*200 198.51.100.7", NULL, "203.0.113.1", DNS_A},
    {"for the other family", "203.0.113.1/60*200 198.51.100.7", "2001:db8::7", "203.0.113.1",
	DNS_A},
    {"IPv6 itself", "aaaa=2001:db8:1::1/60*300 aaaa=2001:db8::7 aaaa=2001:db8::6",
	"2001:db8::7", "2001:db8::7", DNS_AAAA},
    {"its network of IPv6", "aaaa=2001:db8:1::1/60*300 aaaa=2001:db8::ff:7 aaaa=2001:db8:2::7",
	"2001:db8::7", "2001:db8::ff:7", DNS_AAAA},
    {"IPv6 for nobody", "aaaa=2001:db8:1::1/60*300 aaaa=2001:db8::7", NULL, "2001:db8:1::1",
	DNS_AAAA},
    {"IPv6 for the other family", "aaaa=2001:db8:1::1/60*300 aaaa=2001:db8::7", "198.51.100.7",
	"2001:db8:1::1", DNS_AAAA},
};

static bool
holds(const struct dns_reply *reply, const struct ipaddr *address)
{
	uint32_t value = (uint32_t)ns_get32(address->byte);

	for (size_t i = 0; i < reply->n; i++)
		if (reply->address[i] == value)
			return true;
	for (size_t i = 0; reply->records != NULL && i < reply->records->n; i++)
		if (memcmp(reply->records->record[i].data, address->byte, 16) == 0)
			return true;
	return false;
}

static void
test_crowds(void)
{
	static struct dnsd_packet p;
	static struct dnsd_answer a;
	struct ipaddr wanted, want;
	struct dns_reply reply;

	for (size_t i = 0; i < sizeof(crowds) / sizeof(crowds[0]); i++) {
		const char *label = crowds[i].label;
		enum dns_type type = crowds[i].type;

		ok(dnsd_answer_read(&a, crowds[i].words) && ipaddr_parse(&want, crowds[i].want),
		    "%s: words", label);
		prefer.near =
		    crowds[i].wanted != NULL && ipaddr_parse(&wanted, crowds[i].wanted)
		    ? &wanted
		    : NULL;
		query[TYPE_AT] = (unsigned char)dnswire_type(type);
		dnsd_answer_write(&p, &a, query, sizeof(query), true);
		ok(read_copy(&reply, type, "bL.Example", p.data, p.len), "%s: read", label);
		ok(holds(&reply, &want), "%s: is kept", label);
		same_num((long long)count(&reply),
		    type == DNS_A ? DNS_ADDRESSES : DNS_RECORDS_MAX, label);
	}
	prefer.near = NULL;
}

#define MANY_MAX 300

/*
 * Of many codes, all but one of which the list does not know: what the answer says of
 * the client, whatever the order.
 */
static const struct {
	const char *label;
	uint32_t also[2];
	enum fact_state state;
	uint32_t held;
} many[] = {
    {"none declared", {0}, FACT_ERROR, 0},
    {"a declared code", {0x7f000002}, FACT_LISTED, 0x7f000002},
    {"the highest, declared", {0x7ffffefe}, FACT_LISTED, 0x7ffffefe},
    {"and an error code", {0x7f000002, 0x7ffffffe}, FACT_ERROR, 0x7ffffffe},
    {"and an address outside", {0x7f000002, 0xc0000201}, FACT_ERROR, 0xc0000201},
};

static void
put32(struct dnsd_packet *p, uint32_t value)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		p->data[p->len++] = (unsigned char)(value >> shift);
}

/* An answer with these A records. */
static void
write_codes(struct dnsd_packet *p, const uint32_t *codes, size_t n)
{
	query[TYPE_AT] = ns_t_a;
	memcpy(p->data, query, sizeof(query));
	p->len = sizeof(query);
	p->data[2] = 0x81;
	p->data[6] = (unsigned char)(n >> 8);
	p->data[7] = (unsigned char)n;
	for (size_t i = 0; i < n; i++) {
		put32(p, 0xc00c0001);
		put32(p, 0x00010000);
		put32(p, 0x003c0004);
		put32(p, codes[i]);
	}
}

static void
shuffle(uint32_t *codes, size_t n)
{
	static uint32_t dice = 1;

	for (size_t i = n; i > 1; i--) {
		uint32_t *other, code = codes[i - 1];

		dice = dice * 1664525 + 1013904223;
		other = &codes[(dice >> 8) % i];
		codes[i - 1] = *other;
		*other = code;
	}
}

static bool
has_code(const struct dns_reply *reply, uint32_t code)
{
	for (size_t i = 0; i < reply->n; i++)
		if (reply->address[i] == code)
			return true;
	return code == 0;
}

static bool
same_codes(const struct dns_reply *a, const struct dns_reply *b)
{
	for (size_t i = 0; i < a->n; i++)
		if (!has_code(b, a->address[i]))
			return false;
	return a->n == b->n && a->cut == b->cut;
}

static void
check_many(const struct listing *list, size_t row, size_t n)
{
	static struct dnsd_packet p;
	uint32_t codes[MANY_MAX + 4], bad;
	struct dns_reply first, reply;
	struct fact fact = {.state = FACT_UNKNOWN};
	size_t all = 0;
	bool same = true, held = true, right = true;

	for (; all < n; all++)
		codes[all] = 0x7f000101 + (uint32_t)all;
	for (size_t i = 0; i < 2 && many[row].also[i] != 0; i++)
		codes[all++] = many[row].also[i];
	codes[all++] = codes[0]; /* twice, as a fool may say it */
	for (int i = 0; i < 50; i++) {
		write_codes(&p, codes, all);
		(void)read_copy(&reply, DNS_A, "bL.Example", p.data, p.len);
		if (i == 0)
			first = reply;
		same &= same_codes(&first, &reply);
		held &= has_code(&reply, many[row].held);
		(void)listing_read(list, reply.address, reply.n, &fact, &bad);
		right &= fact.state == many[row].state;
		shuffle(codes, all);
	}
	ok(first.cut && first.n == DNS_ADDRESSES, "%s: %zu are too many", many[row].label, n);
	ok(same, "%s: the same are kept of %zu in any order", many[row].label, n);
	ok(held, "%s: what decides is kept of %zu", many[row].label, n);
	ok(right, "%s: and decides", many[row].label);
}

static void
test_many(void)
{
	struct answer answers[2] = {0};
	struct listing list = {.nanswers = 2, .answers = answers};
	char why[128];

	ok(codes_parse(&answers[0].codes, "127.0.0.2", why, sizeof(why)) &&
		codes_parse(&answers[1].codes, "127.255.254.254", why, sizeof(why)),
	    "a list");
	prefer = (struct dns_preference){.worth = listing_worth, .arg = &list};
	for (size_t i = 0; i < sizeof(many) / sizeof(many[0]); i++) {
		check_many(&list, i, 40);
		check_many(&list, i, MANY_MAX);
	}
	prefer = (struct dns_preference){.worth = NULL};
}

/* The records of a name that nobody's host has are that name's. */
static void
test_odd_name(void)
{
	static const unsigned char odd[] = {0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 5, 'a',
	    ' ', 'b', '@', 'c', 1, 'd', 0, 0, 1, 0, 1};
	static struct dnsd_packet p;
	static struct dnsd_answer a;
	struct dns_reply reply;

	ok(dnsd_answer_read(&a, "127.0.0.2"), "an address");
	dnsd_answer_write(&p, &a, odd, sizeof(odd), true);
	ok(read_copy(&reply, DNS_A, "a b@c.d", p.data, p.len) && reply.status == DNS_FOUND &&
		reply.n == 1,
	    "of an odd name");
	ok(!read_copy(&reply, DNS_A, "a-b@c.d", p.data, p.len), "and of no other");
}

int
main(void)
{
	test_names();
	test_questions();
	test_packets();
	test_types();
	test_crowds();
	test_many();
	test_odd_name();
	return done();
}
