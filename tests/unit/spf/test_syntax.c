/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_spfsyntax.c - what is a term of a policy, what is a domain in it, and
 * which macros there are.
 */
#include "config.h"

#include "spf/syntax.h"

#include "tap.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define SIX3 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk"

/* Right ones: the kind, the domain, the lengths. */
static const struct {
	const char *text;
	enum spf_kind kind;
	const char *domain; /* "": there is none */
	unsigned length4, length6;
	char qualifier;
} good[] = {
    {"all", SPF_TERM_ALL, "", 32, 128, '\0'},
    {"-ALL", SPF_TERM_ALL, "", 32, 128, '-'},
    {"include:x.example", SPF_TERM_INCLUDE, "x.example", 32, 128, '\0'},
    {"?include:%{d}", SPF_TERM_INCLUDE, "%{d}", 32, 128, '?'},
    {"a", SPF_TERM_A, "", 32, 128, '\0'},
    {"a/0", SPF_TERM_A, "", 0, 128, '\0'},
    {"a//0", SPF_TERM_A, "", 32, 0, '\0'},
    {"+A/32//128", SPF_TERM_A, "", 32, 128, '+'},
    {"a:x.example", SPF_TERM_A, "x.example", 32, 128, '\0'},
    {"a:x.example./24", SPF_TERM_A, "x.example", 24, 128, '\0'},
    {"a:x.example//64", SPF_TERM_A, "x.example", 32, 64, '\0'},
    {"a:x.example/24//64", SPF_TERM_A, "x.example", 24, 64, '\0'},
    {"a:x/24.example", SPF_TERM_A, "x/24.example", 32, 128, '\0'},
    {"a:foo:bar/baz.example", SPF_TERM_A, "foo:bar/baz.example", 32, 128, '\0'},
    {"a:%{d/}/24", SPF_TERM_A, "%{d/}", 24, 128, '\0'},
    {"a:!\"#$&'()*;<>?@[]^`{|}~.example", SPF_TERM_A, "!\"#$&'()*;<>?@[]^`{|}~.example", 32,
	128, '\0'},
    {"mx", SPF_TERM_MX, "", 32, 128, '\0'},
    {"~mx:x.example/1//2", SPF_TERM_MX, "x.example", 1, 2, '~'},
    {"ptr", SPF_TERM_PTR, "", 32, 128, '\0'},
    {"ptr:x.example", SPF_TERM_PTR, "x.example", 32, 128, '\0'},
    {"exists:%{ir}.x.example", SPF_TERM_EXISTS, "%{ir}.x.example", 32, 128, '\0'},
    {"ip4:192.0.2.1", SPF_TERM_IP4, "", 32, 128, '\0'},
    {"IP4:192.0.2.0/24", SPF_TERM_IP4, "", 24, 128, '\0'},
    {"ip6:2001:db8::/0", SPF_TERM_IP6, "", 32, 0, '\0'},
    {"ip6:::", SPF_TERM_IP6, "", 32, 128, '\0'},
    {"redirect=x.example", SPF_TERM_REDIRECT, "x.example", 32, 128, '\0'},
    {"EXP=%{s}.x.example", SPF_TERM_EXP, "%{s}.x.example", 32, 128, '\0'},
    {"moo=", SPF_TERM_UNKNOWN, "", 32, 128, '\0'},
    {"a=%{c}%{T}%{r9r.}/=:", SPF_TERM_UNKNOWN, "", 32, 128, '\0'},
    {"all=x", SPF_TERM_UNKNOWN, "", 32, 128, '\0'},
    {"moo.cow-far_out=man:dog/cat", SPF_TERM_UNKNOWN, "", 32, 128, '\0'},
    /* What a domain ends in. */
    {"a:.example", SPF_TERM_A, ".example", 32, 128, '\0'},
    {"a:x..example", SPF_TERM_A, "x..example", 32, 128, '\0'},
    {"a:x.e", SPF_TERM_A, "x.e", 32, 128, '\0'},
    {"a:x.1e", SPF_TERM_A, "x.1e", 32, 128, '\0'},
    {"a:x.e1", SPF_TERM_A, "x.e1", 32, 128, '\0'},
    {"a:x.1-1", SPF_TERM_A, "x.1-1", 32, 128, '\0'},
    {"a:x.xn--p1ai.", SPF_TERM_A, "x.xn--p1ai", 32, 128, '\0'},
    {"a:_x.example", SPF_TERM_A, "_x.example", 32, 128, '\0'},
    {"a:" SIX3 SIX3 SIX3 SIX3 SIX3 ".x", SPF_TERM_A, SIX3 SIX3 SIX3 SIX3 SIX3 ".x", 32, 128,
	'\0'},
    {"a:x%%", SPF_TERM_A, "x%%", 32, 128, '\0'},
    {"a:x%_", SPF_TERM_A, "x%_", 32, 128, '\0'},
    {"a:x%-", SPF_TERM_A, "x%-", 32, 128, '\0'},
    {"a:%%{x.example", SPF_TERM_A, "%%{x.example", 32, 128, '\0'},
    {"a:%{d}%{l}", SPF_TERM_A, "%{d}%{l}", 32, 128, '\0'},
    {"a:%{d}x.example", SPF_TERM_A, "%{d}x.example", 32, 128, '\0'},
    {"a:%{S000000000000000000000127R.-+,/_=}", SPF_TERM_A,
	"%{S000000000000000000000127R.-+,/_=}", 32, 128, '\0'},
};

static const char *const bad[] = {
    /* No mechanism, no modifier. */
    "",
    "-",
    "+-all",
    "=",
    "=x",
    ":",
    "/",
    "all2",
    "al",
    "nonsense",
    "default",
    "ip44:192.0.2.1",
    "exp",
    "exp:x.example",
    "redirect",
    "redirect:x.example",
    "-redirect=x.example",
    "?moo=x",
    "1moo=x",
    "_moo=x",
    "m@o=x",
    "moo/x=y",
    "m\xc3\xb6=x",
    "a\t",
    /* What is no part of it. */
    "all:",
    "all.",
    "all/24",
    "all:x.example",
    "include",
    "include:",
    "include/24",
    "include:x.example/24",
    "exists",
    "exists:",
    "exists:x.example//24",
    "ptr:",
    "ptr/24",
    "ptr:x.example/24",
    "redirect=",
    "redirect=x.example/24",
    "exp=",
    "a:",
    "a:/24",
    "mx://64",
    /* Lengths. */
    "a/",
    "a//",
    "a///64",
    "a/24/",
    "a/24//",
    "a/24/64",
    "a//64/24",
    "a//24//24",
    "a/33",
    "a//129",
    "a/024",
    "a//00",
    "a/+1",
    "a/-1",
    "a/1.5",
    "a/99999999999999999999",
    "a/4294967296",
    "a24",
    "a:x.example/",
    "a:x.example/33",
    "a:x.example/24/24",
    "a:%{d}/24/24",
    /* Networks. */
    "ip4",
    "ip4:",
    "ip4/24",
    "ip4:192.0.2",
    "ip4:192.0.2.1/",
    "ip4:192.0.2.1/33",
    "ip4:192.0.2.1//24",
    "ip4:%{i}",
    "ip6:192.0.2.1",
    "ip6:::/129",
    "ip6:::%lo",
    /* Domains. */
    "a:x",
    "a:x.",
    "a:.",
    "a:..",
    "a:museum.",
    "a:x.123",
    "a:192.0.2.1",
    "a:x.-com",
    "a:x.com-",
    "a:x.-",
    "a:x.c_m",
    "a:x.com:8080",
    "a:x.com..",
    "a:x.com\xff",
    "a:x.\xc3\xa9",
    "a:x\x7f.com",
    "a:x y.com",
    "a:%{d}x",
    "a:%{d}.",
    "a:x.%{d}y",
    "a:x.y%%z",
    "redirect=-all",
    "exp=-all",
    /* Macros. */
    "a:%",
    "a:x%.example",
    "a:%%%.example",
    "a:%(d).example",
    "a:%{",
    "a:%{}",
    "a:%{d",
    "a:%{d2",
    "a:%{d2r.",
    "a:%{x}",
    "a:%{1}",
    "a:%{d0}",
    "a:%{d00r}",
    "a:%{dr2}",
    "a:%{d.2}",
    "a:%{d|}",
    "a:%{d-r}",
    "a:%{ d}",
    "a:%{c}",
    "a:%{R}.example",
    "exists:%{t}.example",
    "redirect=%{c}",
    "exp=%{r}.example",
    "moo=%",
    "moo=%x",
    "moo=%{z}",
    "moo=%{d0}",
};

static void
test_good(void)
{
	struct spf_term t;

	for (size_t i = 0; i < COUNT(good); i++) {
		const char *text = good[i].text;

		ok(spfsyntax_term(&t, text, strlen(text)), "%s: a term", text);
		same_num(t.kind, good[i].kind, text);
		same_num(t.domain_len, strlen(good[i].domain), text);
		ok((t.domain == NULL) == (*good[i].domain == '\0') &&
			strncmp(t.domain != NULL ? t.domain : "", good[i].domain,
			    t.domain_len) == 0,
		    "%s: its domain", text);
		same_num(t.length4, good[i].length4, text);
		same_num(t.length6, good[i].length6, text);
		same_num(t.qualifier, good[i].qualifier, text);
	}
}

static void
test_bad(void)
{
	struct spf_term t;

	for (size_t i = 0; i < COUNT(bad); i++)
		ok(!spfsyntax_term(&t, bad[i], strlen(bad[i])), "no term: row %zu", i);
	ok(!spfsyntax_term(&t, "a\0", 2), "a byte of zero");
	ok(!spfsyntax_term(&t, "moo=\0", 5), "in a modifier");
	ok(!spfsyntax_term(&t, "m\0=", 3), "in its name");
	ok(!spfsyntax_term(&t, "ip4:192.0.2.1\0", 14), "behind an address");
	ok(!spfsyntax_term(&t, "a:%\0.example", 12), "behind a percent");
	ok(!spfsyntax_term(&t, "a:%{d}", 5), "a term ends where it is said to");
}

static void
test_network(void)
{
	char text[IPADDR_STRLEN];
	struct spf_term t;

	ok(spfsyntax_term(&t, "ip4:192.0.2.7/24", 16), "IPv4");
	same_str(ipaddr_format(&t.network, text), "192.0.2.7", "its address");
	ok(spfsyntax_term(&t, "ip6:2001:DB8:0::192.0.2.7", 25), "IPv6");
	same_str(ipaddr_format(&t.network, text), "2001:db8::c000:207", "its address");
}

static void
test_macro(void)
{
	struct spf_macro m;

	ok(spfsyntax_macro(&m, "%{L12+-}x", 9), "a macro");
	ok(m.letter == 'L' && m.number == 12 && !m.reversed,
	    "its letter, its number, its order");
	ok(m.n == 2 && strncmp(m.delimiters, "+-", 2) == 0, "its delimiters");
	same_num(m.len, 8, "its length");
	ok(spfsyntax_macro(&m, "%{dR}", 5) && m.reversed, "the other order");
	ok(spfsyntax_macro(&m, "%{v}", 4) && m.number == 0 && !m.reversed && m.n == 0, "bare");
	ok(spfsyntax_macro(&m, "%{s99999999999999999999999999999}", 33), "a large number");
	same_num(m.number, SPFSYNTAX_NUMBER_MAX, "is made smaller");
	ok(spfsyntax_macro(&m, "%{c}", 4), "of explanations, too");
	ok(!spfsyntax_macro(&m, "%{v}", 3), "cut");
	ok(!spfsyntax_macro(&m, "", 0) && !spfsyntax_macro(&m, "%", 1), "shorter");
	ok(!spfsyntax_macro(&m, "x%{d}", 5), "not at the beginning");
}

/* What is written by its name is read again. */
static void
test_names(void)
{
	for (enum spf_kind kind = SPF_TERM_ALL; kind < SPF_TERM_UNKNOWN; kind++)
		ok(*spfsyntax_name(kind) != '\0', "kind %d has a name", (int)kind);
	same_str(spfsyntax_name(SPF_TERM_UNKNOWN), "", "but for what nobody knows");
	same_str(spfsyntax_name(SPF_TERM_EXISTS), "exists", "exists");
}

int
main(void)
{
	test_good();
	test_bad();
	test_network();
	test_macro();
	test_names();
	return done();
}
