/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_record.c - what becomes of a policy before libspf2 sees it, and which
 * ones it never sees; macros whose number says nothing, those whose number does,
 * and what only looks like one.
 */
#include "config.h"

#include "spf/record.h"

#include "tap.h"

#define V4 "198.51.100.7"
#define V6 "2001:db8::7"

static const struct {
	const char *client, *text;
	const char *want; /* NULL: nothing of SPF; "": an error */
} rows[] = {
    /* What is a policy. */
    {V4, "", NULL},
    {V4, "hello", NULL},
    {V4, "v=spf", NULL},
    {V4, "v=spf10 -all", NULL},
    {V4, "v=spf1\t-all", NULL},
    {V4, " v=spf1 -all", NULL},
    {V4, "v=spf2.0/pra -all", NULL},
    {V4, "v=spf1", "v=spf1"},
    {V4, "V=SPF1 -ALL", "v=spf1 -all"},
    {V4, "v=spf1   a    -all  ", "v=spf1 a -all"},
    {V4, "v=spf1 a\t-all", ""},
    {V4, "v=spf1 a\r\n", ""},
    {V4, "v=spf1 a:\xc3\xa9.example", ""},
    /* Addresses. */
    {V4, "v=spf1 ip4:198.51.100.7 -all", "v=spf1 +all"},
    {V4, "v=spf1 -ip4:198.51.100.7 +all", "v=spf1 -all"},
    {V4, "v=spf1 ~IP4:198.51.100.0/24 +all", "v=spf1 ~all"},
    {V4, "v=spf1 ?ip4:198.51.100.99/24 +all", "v=spf1 ?all"},
    {V4, "v=spf1 ip4:198.51.100.8 -all", "v=spf1 -all"},
    {V4, "v=spf1 ip4:198.51.100.8/31 a ip4:198.51.100.6/31 mx", "v=spf1 a +all"},
    {V4, "v=spf1 ip4:0.0.0.0/0 -all", "v=spf1 +all"},
    {V6, "v=spf1 ip4:0.0.0.0/0 -all", "v=spf1 -all"},
    {V6, "v=spf1 ip6:::/0 -all", "v=spf1 +all"},
    {V4, "v=spf1 ip6:::/0 -all", "v=spf1 -all"},
    {V6, "v=spf1 ip6:2001:db8::7 -all", "v=spf1 +all"},
    {V6, "v=spf1 ip6:2001:DB8:0:0:0:0:0:7/128 -all", "v=spf1 +all"},
    {V6, "v=spf1 ip6:2001:db8::ffff:1/64 -all", "v=spf1 +all"},
    {V6, "v=spf1 ip6:2001:db8:1::/48 -all", "v=spf1 -all"},
    {V6, "v=spf1 ip4:198.51.100.7 -all", "v=spf1 -all"},
    {V4, "v=spf1 ip6:::ffff:198.51.100.7 -all", "v=spf1 -all"},
    {V4, "v=spf1 ip4:198.51.100.7", "v=spf1 +all"},
    /* What is none is an error, whoever asks. */
    {V4, "v=spf1 ip4 -all", ""},
    {V4, "v=spf1 ip4: -all", ""},
    {V4, "v=spf1 ip4/24 -all", ""},
    {V4, "v=spf1 ip4:198.51.100 -all", ""},
    {V4, "v=spf1 ip4:198.51.100.07 -all", ""},
    {V4, "v=spf1 ip4:198.51.100.256 -all", ""},
    {V4, "v=spf1 ip4:198.51.100.7/ -all", ""},
    {V4, "v=spf1 ip4:198.51.100.7/33 -all", ""},
    {V4, "v=spf1 ip4:198.51.100.7/032 -all", ""},
    {V4, "v=spf1 ip4:198.51.100.7/+3 -all", ""},
    {V4, "v=spf1 ip4:198.51.100.7//24 -all", ""},
    {V4, "v=spf1 ip4:198.51.100.7/9999999999999 -all", ""},
    {V4, "v=spf1 ip4:mail.example -all", ""},
    {V4, "v=spf1 ip4:2001:db8::7 -all", ""},
    {V4, "v=spf1 ip4:1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16.17.18.19.20.21.22.23 -all", ""},
    {V6, "v=spf1 ip4:198.51.100 -all", ""},
    {V6, "v=spf1 ip6:198.51.100.7 -all", ""},
    {V6, "v=spf1 ip6:2001:db8::7/129 -all", ""},
    {V6, "v=spf1 ip6:2001:db8::7%eth0 -all", ""},
    {V6, "v=spf1 ip6:2001:db8:::7 -all", ""},
    {V4, "v=spf1 +all ip4:nonsense", ""},
    /* What has names of the like. */
    {V4, "v=spf1 ip4=x ip6=y -all", "v=spf1 -all"},
    {V4, "v=spf1 ip44:198.51.100.8 a", ""},
    {V4, "v=spf1 a:ip4:x.example", "v=spf1 a:ip4:x.example"},
    {V4, "v=spf1 exists:%{ir}.ip4.example ?all", "v=spf1 exists:%{ir}.ip4.example ?all"},
    /* Macros are not looked into, if they are right. */
    {V4, "v=spf1 a:%%%_%-%{d}", "v=spf1 a:%%%_%-%{d}"},
    {V4, "v=spf1 a:%{D2R,/}.x.example", "v=spf1 a:%{D2R,/}.x.example"},
    {V4, "v=spf1 a:%", ""},
    {V4, "v=spf1 a:% b", ""},
    {V4, "v=spf1 a:x%y", ""},
    {V4, "v=spf1 why=100% -all", ""},
    {V4, "v=spf1 a:%%%", ""},
    {V4, "v=spf1 a:%{d", ""},
    /* Modifiers. */
    {V4, "v=spf1 redirect=x.example a", "v=spf1 a redirect=x.example"},
    {V4, "v=spf1 exp=e.example redirect=x.example", "v=spf1 redirect=x.example"},
    {V4, "v=spf1 redirect=x.example ?all", "v=spf1 ?all"},
    {V4, "v=spf1 REDIRECT=%{D2}", "v=spf1 redirect=%{D2}"},
    {V4, "v=spf1 redirect=x.example REDIRECT=y.example", ""},
    {V4, "v=spf1 exp=x.example Exp=y.example", ""},
    {V4, "v=spf1 a=x moo.cow-far_out=%{c}/x a=y a", "v=spf1 a"},
    {V4, "v=spf1 redirect:x.example", ""},
    {V4, "v=spf1 redirect", ""},
    {V4, "v=spf1 -redirect=x.example", ""},
    {V4, "v=spf1 redirect=", ""},
    {V4, "v=spf1 +all redirect=", ""},
    {V4, "v=spf1 +all exp=x", ""},
    {V4, "v=spf1 +all moo=%", ""},
    /* Lengths of the other family are of no effect, full ones say nothing. */
    {V4, "v=spf1 a/24//64 mx/24//64", "v=spf1 a/24 mx/24"},
    {V6, "v=spf1 a/24//64 mx/24//64", "v=spf1 a//64 mx//64"},
    {V4, "v=spf1 A:x.example/32//64 mx//1", "v=spf1 a:x.example mx"},
    {V6, "v=spf1 -a:x.example/1//128 ?MX/24", "v=spf1 -a:x.example ?mx"},
    {V4, "v=spf1 a//0 mx:x.example//0", "v=spf1 a mx:x.example"},
    {V6, "v=spf1 a/0 mx:x.example/0", "v=spf1 a mx:x.example"},
    /* With or without a last dot, it is the same name. */
    {V4, "v=spf1 ptr:x.example. include:%{d}.example. redirect=x.example.",
	"v=spf1 ptr:x.example include:%{d}.example redirect=x.example"},
    {V4, "v=spf1 a:x.example/24.example", "v=spf1 a:x.example/24.example"},
    {V4, "v=spf1 a:%{d/}/24", "v=spf1 a:%{d/}/24"},
    /* Any address. */
    {V4, "v=spf1 a/0 -all", "v=spf1 a:/0.%{d} -all"},
    {V4, "v=spf1 ~a:x.example/0//64", "v=spf1 ~a:/0.x.example"},
    {V4, "v=spf1 -a:%{l}.x.example./0//0", "v=spf1 -a:/0.%{l}.x.example"},
    {V6, "v=spf1 a/24//0", "v=spf1 a:/0.%{d}"},
    {V4, "v=spf1 mx/0//0", "v=spf1 mx:/0.%{d}"},
    {V6, "v=spf1 mx:x.example/0//0", "v=spf1 mx:/0.x.example"},
    /* What is no term: test_spfsyntax.c has more. */
    {V4, "v=spf1 nonsense -all", ""},
    {V4, "v=spf1 +all nonsense", ""},
    {V4, "v=spf1 a:x", ""},
    {V4, "v=spf1 =x", ""},
    {V4, "v=spf1 +", ""},
    {V4, "v=spf1 a/33 -all", ""},
};

static void
test_rows(void)
{
	char out[SPFRECORD_MAX + 1], label[400];
	struct ipaddr client;
	enum spfrecord got;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *want = rows[i].want;

		snprintf(label, sizeof(label), "row %zu", i);
		ipaddr_parse(&client, rows[i].client);
		got = spfrecord_reduce(rows[i].text, strlen(rows[i].text), &client, out);
		same_num(got,
		    want == NULL        ? SPFRECORD_OTHER
			: *want == '\0' ? SPFRECORD_BAD
					: SPFRECORD_GOOD,
		    label);
		if (got == SPFRECORD_GOOD)
			same_str(out, want, label);
	}
}

/* head, n times what %u numbers, tail. */
static size_t
build(char *text, size_t size, const char *head, unsigned n, const char *each, const char *tail)
{
	size_t len = (size_t)snprintf(text, size, "%s", head);

	for (unsigned i = 0; i < n; i++) {
		const char *mark = strchr(each, '#');

		len += (size_t)snprintf(
		    text + len, size - len, "%.*s%u%s", (int)(mark - each), each, i, mark + 1);
	}
	return len + (size_t)snprintf(text + len, size - len, "%s", tail);
}

/* Long ones: what counts is what libspf2 would lose. */
static void
test_long(void)
{
	static const struct {
		const char *label;
		unsigned n;
		const char *each, *tail;
		enum spfrecord want;
		const char *out;
	} long_rows[] = {
	    {"99 addresses, the last matches", 99, " ip4:203.0.113.#", " ip4:198.51.100.7 -all",
		SPFRECORD_GOOD, "v=spf1 +all"},
	    {"99 addresses, none matches", 99, " ip4:203.0.113.#", " -all", SPFRECORD_GOOD,
		"v=spf1 -all"},
	    {"60 of IPv6", 60, " ip6:2001:db8:ffff::#", " ~all", SPFRECORD_GOOD, "v=spf1 ~all"},
	    {"eleven includes of long names", 11,
		" include:spf-of-a-rather-long-name-#.mail.example", "", SPFRECORD_BAD, NULL},
	    {"ten includes as they are", 10, " include:_spf#.mail.example", " -all",
		SPFRECORD_GOOD, NULL},
	    {"40 names", 40, " a:host-#.example", " -all", SPFRECORD_BAD, NULL},
	    {"40 names nobody comes to", 40, " a:host-#.example", "", SPFRECORD_BAD, NULL},
	    {"33 lengths", 33, " mx/#", "", SPFRECORD_BAD, NULL},
	    {"lengths of the other family", 100, " a:x.example//#", " +all", SPFRECORD_BAD,
		NULL},
	    {"what looks like a macro", 7,
		" a:%%{d#}%%{d00000000000000000000000000000}.x.example", " -all",
		SPFRECORD_GOOD, NULL},
	    {"more of it", 20, " a:%%{d#}%%{d00000000000000000000000000000}.x.example", " -all",
		SPFRECORD_BAD, NULL},
	    {"100 macros", 100, " a:%{d}#.x", "", SPFRECORD_BAD, NULL},
	    {"100 modifiers", 100, " x#=y", " -all", SPFRECORD_GOOD, "v=spf1 -all"},
	    {"too long", 300, " x=####", "", SPFRECORD_BAD, NULL},
	};
	char text[8192], out[SPFRECORD_MAX + 1];
	struct ipaddr client;
	size_t len;

	ipaddr_parse(&client, V4);
	for (size_t i = 0; i < sizeof(long_rows) / sizeof(long_rows[0]); i++) {
		len = build(text, sizeof(text), "v=spf1", long_rows[i].n, long_rows[i].each,
		    long_rows[i].tail);
		same_num(spfrecord_reduce(text, len, &client, out), long_rows[i].want,
		    long_rows[i].label);
		if (long_rows[i].out != NULL)
			same_str(out, long_rows[i].out, long_rows[i].label);
	}
	len = build(text, sizeof(text), "v=spf1 ip4:198.51.100.7", 40, " a:host-#.example", "");
	same_num(spfrecord_reduce(text, len, &client, out), SPFRECORD_GOOD,
	    "what is behind a match may be lost");
}

/* The longest, to the byte. */
static void
test_edge(void)
{
	char text[SPFRECORD_MAX + 2], out[SPFRECORD_MAX + 1];
	struct ipaddr client;

	ipaddr_parse(&client, V4);
	memset(text, 'x', sizeof(text));
	memcpy(text, "v=spf1 a:", 9);
	memcpy(text + SPFRECORD_MAX - 8, ".example", 8);
	same_num(
	    spfrecord_reduce(text, SPFRECORD_MAX, &client, out), SPFRECORD_GOOD, "longest");
	ok(strlen(out) == SPFRECORD_MAX && memcmp(out, text, SPFRECORD_MAX) == 0, "and whole");
	memcpy(text, "v=spf1 a/0 exists:", 18);
	same_num(spfrecord_reduce(text, SPFRECORD_MAX, &client, out), SPFRECORD_BAD,
	    "one that would be longer");
	memcpy(text, "v=spf1 x=", 9);
	same_num(spfrecord_reduce(text, SPFRECORD_MAX + 1, &client, out), SPFRECORD_BAD,
	    "one too long");
	memset(text, ' ', sizeof(text));
	memcpy(text, "hello", 5);
	same_num(spfrecord_reduce(text, sizeof(text), &client, out), SPFRECORD_OTHER,
	    "long, and none of ours");
	same_num(
	    spfrecord_reduce("v=spf1 a\0b", 10, &client, out), SPFRECORD_BAD, "a byte of zero");
	same_num(spfrecord_reduce("v=spf1 ip4:192.0.2.1\0b", 22, &client, out), SPFRECORD_BAD,
	    "and one behind an address");
}

static const struct {
	const char *label, *record, *want; /* NULL: as it is */
} macros[] = {
    {"nothing", "", NULL},
    {"no macro", "v=spf1 a mx ip4:192.0.2.1 -all", NULL},
    {"no number", "v=spf1 exists:%{d}.%{ir}.%{l-}.x", NULL},
    {"fewer than there are", "%{d2}", NULL},
    {"as many as there are", "%{d3}", "%{d}"},
    {"more", "%{d4}", "%{d}"},
    {"far more", "%{d99999999999999999999}", "%{d}"},
    {"zero is an error", "%{d0}", NULL},
    {"leading zeros", "%{d003}", "%{d}"},
    {"reversed", "%{d3r}", "%{dr}"},
    {"capitals", "%{D3R}", "%{Dr}"},
    {"local part, no dot in it", "%{l1}", "%{l}"},
    {"local part, at hyphens", "%{l2-}", "%{l-}"},
    {"local part, reversed", "%{l1r-}", NULL},
    {"all delimiters", "%{l3r.-+,/_=}", "%{lr.-+_=}"},
    {"a comma that does not occur", "%{l,}", "%{l}"},
    {"a comma and a slash", "%{d1r,/}", "%{d}"},
    {"a comma and a dot", "%{d1r,.}", "%{d1r.}"},
    {"a slash and a hyphen", "%{l1/-}", "%{l1-}"},
    {"a comma, the sender's capitals", "%{S,}", "%{S}"},
    {"a comma in the client's name", "%{p,}", NULL},
    {"a comma in the client's address", "%{ir,}", "%{i}"},
    {"R alone", "%{DR}", "%{Dr}"},
    {"R of the client's name", "%{p2R}", "%{p2r}"},
    {"sender", "%{s3}", "%{s}"},
    {"sender, at less", "%{s2}", NULL},
    {"sender's domain", "%{o2}", NULL},
    {"sender's domain, all of it", "%{o3}", "%{o}"},
    {"HELO", "%{h1}", "%{h}"},
    {"address", "%{i4r}", "%{ir}"},
    {"a part of it", "%{i3}", NULL},
    {"version", "%{v1}", "%{v}"},
    {"version, at hyphens", "%{v1-}", NULL},
    {"the client's name", "%{p2}", NULL},
    {"most of the client's name", "%{p99999999999999999999}", "%{p1000000}"},
    {"no such letter", "%{z9}", NULL},
    {"two in a row", "%{d9}%{l9}x", "%{d}%{l}x"},
    {"a percent, written", "%%{d9}", NULL},
    {"a percent and a macro", "%%%{d9}", "%%%{d}"},
    {"other escapes", "%_%-%{d9}", "%_%-%{d}"},
    {"not closed", "%{d9", NULL},
    {"not closed after r", "%{d9r", NULL},
    {"no letter", "%{9}", NULL},
    {"odd delimiter", "%{d9:}", NULL},
    {"delimiter before the number", "%{d-9}", NULL},
    {"a percent at the end", "%", NULL},
    {"a brace at the end", "%{", NULL},
};

static void
test_macros(void)
{
	struct spf_values values = {
	    .sender = "strong-bad@email.example.com",
	    .helo = "mx",
	    .domain = "email.example.com",
	};

	(void)ipaddr_parse(&values.client, "192.0.2.3");
	for (size_t i = 0; i < sizeof(macros) / sizeof(macros[0]); i++) {
		char text[100];
		struct strbuf sb;

		strbuf_init(&sb, text, sizeof(text));
		spfrecord_mend(&sb, macros[i].record, &values);
		same_str(text, macros[i].want != NULL ? macros[i].want : macros[i].record,
		    macros[i].label);
	}
}

static void
test_ipv6_macros(void)
{
	struct spf_values values = {.sender = "x", .helo = "", .domain = ""};
	char text[100];
	struct strbuf sb;

	(void)ipaddr_parse(&values.client, "2001:db8::1");
	strbuf_init(&sb, text, sizeof(text));
	spfrecord_mend(&sb, "%{i32}%{i31}%{v1-}%{o1}%{l1}%{h1}%{d1}", &values);
	same_str(text, "%{i}%{i31}%{v-}%{o}%{l}%{h}%{d}", "IPv6, and values that are empty");
}

/* What is parted by a comma or a slash cannot be said to libspf2. */
static void
test_foreign_macros(void)
{
	struct spf_values values = {
	    .sender = "/g=a/s=b@o.example", .helo = "a,b", .domain = "x.example"};
	char text[100];
	struct strbuf sb;

	(void)ipaddr_parse(&values.client, "192.0.2.3");
	strbuf_init(&sb, text, sizeof(text));
	spfrecord_mend(&sb, "%{l/}%{s2/}%{h,}%{l,}%{l9=}%{o,}%{h/-}", &values);
	same_str(text, "%{l/}%{s2/}%{h,}%{l}%{l=}%{o}%{h-}", "delimiters that occur");
}

int
main(void)
{
	test_rows();
	test_long();
	test_edge();
	test_macros();
	test_ipv6_macros();
	test_foreign_macros();
	return done();
}
