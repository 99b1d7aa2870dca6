/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_spfmacro.c - macros whose number says nothing, those whose number does,
 * and what only looks like one.
 */
#include "config.h"

#include "spf/macro.h"

#include "tap.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
	const char *label, *record, *want; /* NULL: as it is */
} rows[] = {
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
test_rows(void)
{
	struct spf_values values = {
	    .sender = "strong-bad@email.example.com",
	    .helo = "mx",
	    .domain = "email.example.com",
	};

	(void)ipaddr_parse(&values.client, "192.0.2.3");
	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[100];
		struct strbuf sb;

		strbuf_init(&sb, text, sizeof(text));
		spfmacro_mend(&sb, rows[i].record, &values);
		same_str(
		    text, rows[i].want != NULL ? rows[i].want : rows[i].record, rows[i].label);
	}
}

static void
test_ipv6(void)
{
	struct spf_values values = {.sender = "x", .helo = "", .domain = ""};
	char text[100];
	struct strbuf sb;

	(void)ipaddr_parse(&values.client, "2001:db8::1");
	strbuf_init(&sb, text, sizeof(text));
	spfmacro_mend(&sb, "%{i32}%{i31}%{v1-}%{o1}%{l1}%{h1}%{d1}", &values);
	same_str(text, "%{i}%{i31}%{v-}%{o}%{l}%{h}%{d}", "IPv6, and values that are empty");
}

/* What is parted by a comma or a slash cannot be said to libspf2. */
static void
test_foreign(void)
{
	struct spf_values values = {
	    .sender = "/g=a/s=b@o.example", .helo = "a,b", .domain = "x.example"};
	char text[100];
	struct strbuf sb;

	(void)ipaddr_parse(&values.client, "192.0.2.3");
	strbuf_init(&sb, text, sizeof(text));
	spfmacro_mend(&sb, "%{l/}%{s2/}%{h,}%{l,}%{l9=}%{o,}%{h/-}", &values);
	same_str(text, "%{l/}%{s2/}%{h,}%{l}%{l=}%{o}%{h-}", "delimiters that occur");
}

int
main(void)
{
	test_foreign();
	test_rows();
	test_ipv6();
	return done();
}
