/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_mailbox.c - what clients type after MAIL FROM: and RCPT TO:, and worse.
 */
#include "config.h"

#include "base/mailbox.h"

#include <stdlib.h>

#include "tap.h"

static const struct {
	const char *label, *path;
	bool good;
	const char *local, *domain;
} rows[] = {
    /* What is not a path. */
    {"no path", NULL, false, "", ""},
    {"empty", "", false, "", ""},
    {"blanks", "  ", false, "", ""},
    {"opening bracket", "<", false, "", ""},
    {"closing bracket", ">", false, "", ""},
    {"no closing bracket", "<bob@a.example", false, "", ""},
    {"no opening bracket", "bob@a.example>", false, "", ""},
    {"two brackets", "<<bob@a.example>>", false, "", ""},
    {"text behind", "<bob@a.example> SIZE=1", false, "", ""},
    {"two mailboxes", "<bob@a.example><eve@b.example>", false, "", ""},
    {"name in front", "Bob <bob@a.example>", false, "", ""},
    {"no closing quote", "<\"bob@a.example>", false, "", ""},
    {"quote escaped away", "<\"bob\\\"@a.example>", false, "", ""},
    {"backslash at the end", "<bob\\>", false, "", ""},
    {"backslash at the end of no brackets", "bob\\", false, "", ""},
    {"no local part", "<@>", false, "", ""},
    {"route and no mailbox", "<@relay.example:>", false, "", ""},
    {"route to nothing but a route", "<@a.example:@b.example:>", false, "", ""},
    {"two routes", "<@a.example:@b.example:c@d.example>", false, "", ""},
    {"no domain", "<bob@>", false, "", ""},
    {"no domain but a dot", "<bob@.>", false, "", ""},
    {"two at signs", "<bob@a.example@b.example>", false, "", ""},
    {"empty quotes alone", "<\"\">", false, "", ""},
    {"blank in the local part", "<bob smith@a.example>", false, "", ""},
    {"blank after an escaped backslash", "<bob\\\\ smith@a.example>", false, "", ""},
    {"blank in the domain", "<bob@a. example>", false, "", ""},
    {"newline in the local part", "<\"bob\n\"@a.example>", false, "", ""},
    {"escaped newline", "<bob\\\n@a.example>", false, "", ""},
    {"delete", "<bob\x7f@a.example>", false, "", ""},
    {"control in the domain", "<bob@a\x01.example>", false, "", ""},
    {"control in the route", "<@a\x01:bob@a.example>", false, "", ""},
    {"8-bit domain that is not UTF-8", "<bob@b\xfc.example>", false, "", ""},
    {"8-bit domain and a dot in front", "<bob@.\xc3\xbc.example>", false, "", ""},
    {"8-bit domain and a blank", "<bob@\xc3\xbc .example>", false, "", ""},
    {"percent in the domain", "<bob@%s.example>", false, "", ""},
    {"quoted domain", "<bob@\"a.example\">", false, "", ""},
    {"escaped domain", "<bob@a\\.example>", false, "", ""},
    {"dot in front of the domain", "<bob@.a.example>", false, "", ""},
    {"two dots in the domain", "<bob@a..example>", false, "", ""},
    {"two dots behind the domain", "<bob@a.example..>", false, "", ""},
    {"literal without its end", "<bob@[192.0.2.1>", false, "", ""},
    {"literal and more", "<bob@[192.0.2.1]a>", false, "", ""},
    {"empty literal", "<bob@[]>", false, "", ""},
    {"literal in a literal", "<bob@[[192.0.2.1]]>", false, "", ""},
    /* The null path. */
    {"null", "<>", true, "", ""},
    {"null and blanks", " <> ", true, "", ""},
    {"null of blanks", "< >", true, "", ""},
    /* Mailboxes. */
    {"plain", "<bob@a.example>", true, "bob", "a.example"},
    {"no brackets", "bob@a.example", true, "bob", "a.example"},
    {"blanks around", "\t <bob@a.example> \t", true, "bob", "a.example"},
    {"blanks within", "< bob@a.example >", true, "bob", "a.example"},
    {"blanks and no brackets", " bob@a.example ", true, "bob", "a.example"},
    {"capitals", "<Bob.Smith@A.EXAMPLE>", true, "bob.smith", "a.example"},
    {"last dot", "<bob@a.example.>", true, "bob", "a.example"},
    {"no domain at all", "<Postmaster>", true, "postmaster", ""},
    {"no domain, no brackets", "postmaster", true, "postmaster", ""},
    {"no domain, in quotes", "<\"postmaster\">", true, "postmaster", ""},
    {"quotes without need", "<\"Postmaster\"@a.example>", true, "postmaster", "a.example"},
    {"half in quotes", "<post\"master\"@a.example>", true, "postmaster", "a.example"},
    {"escaped letters", "<\\p\\ostmaster@a.example>", true, "postmaster", "a.example"},
    {"quoted blank", "<\"a b\"@a.example>", true, "a b", "a.example"},
    {"escaped blank", "<a\\ b@a.example>", true, "a b", "a.example"},
    {"quoted at sign", "<\"a@b\"@a.example>", true, "a@b", "a.example"},
    {"escaped at sign", "<a\\@b@a.example>", true, "a@b", "a.example"},
    {"quoted bracket", "<\"a>b<\"@a.example>", true, "a>b<", "a.example"},
    {"quoted quote", "<\"a\\\"b\"@a.example>", true, "a\"b", "a.example"},
    {"quoted backslash", "<\"a\\\\\"@a.example>", true, "a\\", "a.example"},
    {"empty quotes", "<\"\"@a.example>", true, "", "a.example"},
    {"no local part, but a domain", "<@a.example>", true, "", "a.example"},
    {"no brackets, nor local part", "@A.Example.", true, "", "a.example"},
    {"a literal alone", "<@[IPv6:2001:db8::1]>", true, "", "[ipv6:2001:db8::1]"},
    {"route to no local part", "<@r.example:@a.example>", true, "", "a.example"},
    {"quotes in front of a bracket", "\"a b\"@a.example", true, "a b", "a.example"},
    {"tag", "<bob+tag=x%y!z@a.example>", true, "bob+tag=x%y!z", "a.example"},
    {"8-bit local part", "<M\xc3\x9cller@a.example>", true, "m\xc3\x9cller", "a.example"},
    {"route", "<@relay.example:bob@a.example>", true, "bob", "a.example"},
    {"long route", "<@r.example,@s.example:bob@a.example>", true, "bob", "a.example"},
    {"route over a literal", "<@[IPv6:2001:db8::1]:bob@a.example>", true, "bob", "a.example"},
    {"route to empty quotes", "<@r.example:\"\"@a.example>", true, "", "a.example"},
    {"route to no domain", "<@r.example:postmaster>", true, "postmaster", ""},
    {"literal", "<bob@[192.0.2.1]>", true, "bob", "[192.0.2.1]"},
    {"v6 literal", "<bob@[IPv6:2001:DB8::1]>", true, "bob", "[ipv6:2001:db8::1]"},
    {"underscore and hyphen", "<bob@_a-b.example>", true, "bob", "_a-b.example"},
    {"one label", "<bob@localhost>", true, "bob", "localhost"},
    {"8-bit domain", "<bob@\xc3\xbc.Example.>", true, "bob", "xn--tda.example"},
    {"8-bit domain and local part", "<\xc3\xbc@\xc3\x9c.example>", true, "\xc3\xbc",
	"xn--tda.example"},
};

static void
test_rows(void)
{
	struct mailbox mailbox;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&mailbox, 'x', sizeof(mailbox));
		same_num(mailbox_parse(&mailbox, rows[i].path), rows[i].good, rows[i].label);
		same_str(mailbox.local, rows[i].local, rows[i].label);
		same_str(mailbox.domain, rows[i].domain, rows[i].label);
	}
}

/* What may be read in another way. */
static void
test_dubious(void)
{
	static const struct {
		const char *path;
		bool dubious;
	} paths[] = {
	    {"<bob@a.example>", false},
	    {"<bob+tag=x/y@a.example>", false},
	    {"<\"a%b\"@a.example>", false},
	    {"<a\\%b@a.example>", false},
	    {"<@r.example:bob@a.example>", false},
	    {"<>", false},
	    {"<a%b@a.example>", true},
	    {"<a.example!bob>", true},
	    {"<bob(x)@a.example>", true},
	    {"<(x)bob@a.example>", true},
	    {"<(x)>", true},
	    {"<g:bob@a.example>", true},
	    {"<a,b@a.example>", true},
	    {"<\"a\"%b@a.example>", true},
	    {"<bob(x)@a..example>", false},
	};
	struct mailbox mailbox;

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		(void)mailbox_parse(&mailbox, paths[i].path);
		same_num(mailbox.dubious, paths[i].dubious, paths[i].path);
	}
}

static const struct {
	const char *label;
	int local, domain;
	bool good;
} lengths[] = {
    {"longest local part", MAILBOX_LOCAL_MAX, 9, true},
    {"local part one too long", MAILBOX_LOCAL_MAX + 1, 9, true},
    {"longest domain", 3, MAILBOX_DOMAIN_MAX, true},
    {"domain one too long", 3, MAILBOX_DOMAIN_MAX + 1, false},
    {"both longest", MAILBOX_LOCAL_MAX, MAILBOX_DOMAIN_MAX, true},
    {"64 KB of local part", 65536, 9, true},
    {"64 KB of domain", 3, 65536, false},
};

static int
kept(int local)
{
	return local < MAILBOX_LOCAL_MAX ? local : MAILBOX_LOCAL_MAX;
}

static void
test_lengths(void)
{
	static char many[65537], path[2 * sizeof(many)];
	struct mailbox mailbox;
	size_t i;

	memset(many, 'a', sizeof(many) - 1);
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		bool good = lengths[i].good;

		/* The last dot does not count. */
		snprintf(path, sizeof(path), "<%.*s@%.*s.>", lengths[i].local, many,
		    lengths[i].domain, many);
		same_num(mailbox_parse(&mailbox, path), good, lengths[i].label);
		same_num((long long)strlen(mailbox.local), good ? kept(lengths[i].local) : 0,
		    lengths[i].label);
		same_num((long long)strlen(mailbox.domain), good ? lengths[i].domain : 0,
		    lengths[i].label);
	}
}

/* Whatever signs are put together, nothing but clean parts come out. */
static void
test_anything(void)
{
	static const char signs[] = "<>@:\"\\[].,a \t\x80\x01";
	char path[13];
	struct mailbox mailbox;
	unsigned seed = 20260101, n, i;
	bool good = true;

	for (n = 0; n < 200000; n++) {
		for (i = 0; i < sizeof(path) - 1; i++) {
			seed = seed * 1103515245U + 12345U;
			path[i] = signs[(seed >> 16) % sizeof(signs)];
		}
		path[i] = '\0';
		if (!mailbox_parse(&mailbox, path))
			good &= mailbox.local[0] == '\0' && mailbox.domain[0] == '\0';
		good &= strpbrk(mailbox.local, "\x01\t") == NULL;
		good &= strspn(mailbox.domain, "a.[]:") == strlen(mailbox.domain);
	}
	ok(good, "200000 random paths");
}

int
main(void)
{
	test_rows();
	test_dubious();
	test_lengths();
	test_anything();
	return done();
}
