/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_domain.c - what is a name that can be asked about, and which part of it
 * somebody registered.
 */
#include "config.h"

#include "base/domain.h"

#include "tap.h"

#define L63 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk"

static const struct {
	const char *label;
	const char *name;
	const char *want; /* NULL: it is none */
} names[] = {
    {"empty", "", NULL},
    {"a dot", ".", NULL},
    {"one label", "localhost", NULL},
    {"one label and a dot", "localhost.", NULL},
    {"two", "a.b", "a.b"},
    {"case and a last dot", "Mail.Example.ORG.", "mail.example.org"},
    {"two last dots", "example.org..", NULL},
    {"a dot in front", ".example.org", NULL},
    {"an empty label", "a..b", NULL},
    {"a blank", "a b.example", NULL},
    {"a newline", "a.example\n", NULL},
    {"8 bits", "gr\303\274n.example", "xn--grn-ioa.example"},
    {"8 bits that are not UTF-8", "gr\374n.example", NULL},
    {"an underscore", "_spf.example.org", "_spf.example.org"},
    {"an address", "198.51.100.7", NULL},
    {"an address and a dot", "198.51.100.7.", NULL},
    {"nearly an address", "198.51.100.7.example", "198.51.100.7.example"},
    {"an address of three numbers", "198.51.100", NULL},
    {"an address, hexadecimal", "0x7f.1", NULL},
    {"a top level of a digit", "a.1x", NULL},
    {"IDN", "a.xn--p1ai", "a.xn--p1ai"},
    {"a literal", "[198.51.100.7]", NULL},
    {"an IPv6 literal", "[IPv6:2001:db8::1]", NULL},
    {"IPv6", "2001:db8::1", NULL},
    {"longest label", L63 ".b", L63 ".b"},
    {"label too long", L63 "l.b", NULL},
    {"longest", L63 "." L63 "." L63 "." L63 "." L63, NULL},
};

static const struct {
	const char *name;
	const char *want;
} registered[] = {
    {"example.com", "example.com"},
    {"a.b.example.com", "example.com"},
    {"mail.example.co.uk", "example.co.uk"},
    {"co.uk", NULL},
    {"com", NULL},
    {"partner.example", "partner.example"},
    {"a.partner.example", "partner.example"},
};

static const struct {
	const char *name;
	bool want;
} suffixes[] = {
    {"com", true},
    {"COM.", true},
    {"co.uk", true},
    {"Co.Uk.", true},
    {"example", true},
    {"example.co.uk", false},
    {"gmail.com", false},
    {"partner.example", false},
    {"", false},
    {".", false},
    {"not a name", false},
};

static const struct {
	const char *name;
	bool want;
} registries[] = {
    {"com", true},
    {"co.uk", true},
    {"xn--p1ai", true},
    {"example.com", false},
    {"blogspot.com", false},
    {"uk.com", false},
    {"test", false},
    {"local", false},
    {"127", false},
};

int
main(void)
{
	char out[DOMAIN_NAME_SIZE], long_name[400];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		bool good = domain_normalise(names[i].name, out);

		same_num(good, names[i].want != NULL, names[i].label);
		same_str(out, good ? names[i].want : "", names[i].label);
	}
	memset(long_name, 'a', sizeof(long_name));
	for (size_t i = 1; i < 253; i += 2)
		long_name[i] = '.';
	long_name[253] = '\0';
	ok(domain_normalise(long_name, out), "253 bytes");
	memcpy(long_name + 253, "a", 2);
	ok(!domain_normalise(long_name, out), "254 bytes");
	for (size_t i = 0; i < sizeof(registered) / sizeof(registered[0]); i++)
		same_str(domain_registered(registered[i].name), registered[i].want,
		    registered[i].name);
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		same_num(
		    domain_is_suffix(suffixes[i].name), suffixes[i].want, suffixes[i].name);
	for (size_t i = 0; i < sizeof(registries) / sizeof(registries[0]); i++)
		same_num(domain_is_registry(registries[i].name), registries[i].want,
		    registries[i].name);
	return done();
}
